//! Images: their files for everybody, the library, uploads and what is refused.

use std::io::Cursor;

use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use chrono::Utc;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use payband::db::DbError;
use payband::ids::ImageId;
use payband::images::queries::{self, NewImage};

use crate::support::TestSite;

/// A picture of flat colours, as a PNG.
fn drawing(width: u32, height: u32) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| match (x / 40 + y / 40) % 2 {
        0 => Rgb([255, 255, 255]),
        _ => Rgb([10, 93, 79]),
    });
    png(image)
}

fn png(image: RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::from(image);
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A picture of as many colours as a photograph, as a PNG.
fn photo(width: u32, height: u32) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| {
        let mixed = x.wrapping_mul(374_761_393) ^ y.wrapping_mul(668_265_263);
        let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(1_274_126_177);
        let grain = u8::try_from((mixed >> 16) % 24).unwrap();
        let shade = |part: u32, all: u32| u8::try_from(part * 200 / all).unwrap() + grain;
        Rgb([
            shade(x, width),
            shade(y, height),
            shade(x + y, width + height),
        ])
    });
    png(image)
}

/// Keeps an image as if somebody had uploaded it: its key in the database and its address.
async fn keep(site: &TestSite, upload: Vec<u8>, alt: &str) -> (ImageId, String) {
    let prepared = site.parts.media.prepare(Bytes::from(upload)).await.unwrap();
    let new = NewImage {
        file_name: "drawing.png".to_owned(),
        alt: alt.to_owned(),
        original: prepared.original.clone(),
        bytes: prepared.bytes(),
        editor: None,
        uploaded_at: Utc::now().naive_utc(),
    };
    site.parts.media.keep(prepared).await.unwrap();
    let address = new.original.file().address();
    let id = site
        .db
        .write_blocking(|conn| queries::create(conn, &new).map_err(DbError::from))
        .unwrap();
    (id, address)
}

#[actix_web::test]
async fn an_image_and_its_narrower_versions_are_served_for_a_year() {
    let site = TestSite::empty();
    let (_, address) = keep(&site, photo(1000, 400), "A hill").await;
    let narrow = address.replace("-1000x400.", "-480w.");
    for (address, width) in [(&address, 1000), (&narrow, 480)] {
        let answer = site.send(Method::GET, address, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        let header = |name| answer.header(name).unwrap();
        assert_eq!(
            header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-type").starts_with("image/"));
        assert_eq!(answer.header("set-cookie"), None);
        let image = image::load_from_memory(&answer.body).unwrap();
        assert_eq!(image.width(), width);
        let again = [("if-none-match", header("etag"))];
        let unchanged = site.send(Method::GET, address, &again).await;
        assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
        assert_eq!(unchanged.header("etag"), answer.header("etag"));
        let head = site.send(Method::HEAD, address, &[]).await;
        assert_eq!(head.status, StatusCode::OK);
        assert_eq!(head.header("etag"), answer.header("etag"));
    }
}

#[actix_web::test]
async fn what_is_no_image_is_not_found() {
    let site = TestSite::empty();
    let (id, address) = keep(&site, drawing(1000, 400), "A drawing").await;
    for wrong in [
        address.replace("1000x400", "999x400"),
        address.replace("1000x400", "1600w"),
        address.replace("-1000x400.", "."),
        address.replace("/images/", "/images/x"),
        "/images/..%2f..%2fsite.db".to_owned(),
        "/images/%2e%2e".to_owned(),
        "/images/a%00b".to_owned(),
        "/images/".to_owned(),
    ] {
        site.get(&wrong).await.assert_not_found();
    }
    // In the bin it is nowhere to be seen, though its files are still there.
    site.db
        .write_blocking(|conn| {
            queries::set_removed(conn, id, Some(Utc::now().naive_utc())).map_err(DbError::from)
        })
        .unwrap();
    site.get(&address).await.assert_not_found();
}
