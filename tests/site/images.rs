//! Images: their files for everybody, the library, uploads and what is refused.

use std::io::{BufRead as _, BufReader, Cursor, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use chrono::{TimeDelta, Utc};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use payband::db::DbError;
use payband::editors::EditorRole;
use payband::ids::ImageId;
use payband::images::queries::{self, NewImage};

use crate::support::{Page, Signed, TestSite, assert_fails, fetch, serve};

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
        assert_eq!(header("cache-control"), "max-age=31536000, immutable");
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

const BOUNDARY: &str = "-----a-boundary";

/// A form with a file, as browsers send it.
fn form(alt: &str, file_name: &str, file: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    let tail = format!(
        "\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"alt\"\r\n\r\n{alt}\r\n--{BOUNDARY}--\r\n"
    );
    [head.as_bytes(), file, tail.as_bytes()].concat()
}

async fn send(editor: &Signed<'_>, accept: &str, body: Vec<u8>) -> Page {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", content_type.as_str()), ("accept", accept)];
    editor
        .page(Method::POST, "/admin/images", &headers, body)
        .await
}

async fn upload(editor: &Signed<'_>, alt: &str, file_name: &str, file: &[u8]) -> Page {
    send(editor, "text/html", form(alt, file_name, file)).await
}

/// Goes where an answer sends to.
async fn follow(editor: &Signed<'_>, page: Page) -> Page {
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    editor
        .get(page.header("location").unwrap())
        .await
        .assert_ok()
}

#[actix_web::test]
async fn an_upload_is_in_the_library_and_everywhere_it_is_pasted() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    editor
        .get("/admin/images")
        .await
        .assert_ok()
        .assert_shows("There are no images yet");
    let sent = upload(
        &editor,
        " A \n green  [board] ",
        "C:\\pictures\\Board.PNG",
        &drawing(1000, 500),
    )
    .await;
    let page = follow(&editor, sent).await;
    page.assert_shows("The image is in the library.")
        .assert_shows("Board.PNG")
        .assert_shows("1000 \u{d7} 500 pixels")
        .assert_shows("![A green \\[board\\]](/images/")
        .assert_shows("Nowhere.")
        .assert_shows("srcset=");
    editor
        .get("/admin/images")
        .await
        .assert_shows("A green [board]")
        .assert_shows("1 image,");
    editor
        .get("/admin/images?q=GREEN+board.png")
        .await
        .assert_shows("A green [board]");
    editor
        .get("/admin/images?q=red&page=x")
        .await
        .assert_ok()
        .assert_shows("No image has \u{201c}red\u{201d}");
    let log = site.db.read_blocking(|conn| {
        use diesel::prelude::*;
        use payband::schema::events;
        let log = events::table.filter(events::did.eq("uploaded"));
        let names = log.select((events::thing, events::name));
        names.load::<(String, String)>(conn).map_err(DbError::from)
    });
    assert_eq!(
        log.unwrap(),
        [("image".to_owned(), "A green [board]".to_owned())]
    );
}

#[actix_web::test]
async fn the_same_file_again_is_the_same_image() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let file = drawing(100, 50);
    let first = upload(&editor, "A board", "board.png", &file).await;
    let first = first.header("location").unwrap().to_owned();
    let again = upload(&editor, "Something else", "other.png", &file).await;
    assert_eq!(again.header("location"), Some(first.as_str()));
    follow(&editor, again)
        .await
        .assert_shows("was in the library already")
        .assert_shows("\u{201c}A board\u{201d}")
        .assert_does_not_show("Something else");
    // Its files were lost: the upload brings them back.
    std::fs::remove_dir_all(site.folder().join("media")).unwrap();
    let again = upload(&editor, "A board", "board.png", &file).await;
    assert_eq!(again.header("location"), Some(first.as_str()));
    assert_eq!(
        std::fs::read_dir(site.folder().join("media"))
            .unwrap()
            .count(),
        1
    );
}

#[actix_web::test]
async fn the_editor_s_script_gets_markdown_or_a_sentence() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let json = "application/json";
    let taken = send(
        &editor,
        json,
        form("A board", "board.png", &drawing(100, 50)),
    )
    .await
    .assert_ok()
    .json();
    let address = taken["address"].as_str().unwrap();
    assert_eq!(taken["markdown"], format!("![A board]({address})"));
    assert_eq!(
        (&taken["width"], &taken["height"]),
        (&100.into(), &50.into())
    );
    assert_eq!(taken["alt"], "A board");
    let refused = send(&editor, json, form("", "board.png", b"hello")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.json()["error"]
            .as_str()
            .unwrap()
            .contains("Say what the image shows")
    );
    let refused = send(&editor, json, form("A board", "board.png", b"hello")).await;
    assert!(
        refused.json()["error"]
            .as_str()
            .unwrap()
            .contains("not an image")
    );
    let cut = form("A board", "board.png", &drawing(100, 50));
    let refused = send(&editor, json, cut[..cut.len() - 200].to_vec()).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(
        refused.json()["error"]
            .as_str()
            .unwrap()
            .contains("did not arrive in full")
    );
    let stranger = send(&site.visitor(), json, form("A", "a.png", b"x")).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

/// A PNG that claims to be of a size.
fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut png = drawing(10, 10);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..29]);
    png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    png
}

#[actix_web::test]
async fn what_cannot_be_taken_comes_back_beside_its_field() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let whole = photo(300, 200);
    let oversized = vec![b'x'; 21_000_000];
    let bomb = png_that_claims(30_000, 30_000);
    let files: [(&str, &[u8], &str); 9] = [
        ("", b"", "Choose a file."),
        ("empty.png", b"", "The file is empty."),
        ("big.jpg", &oversized, "larger than 20 MB"),
        ("cut.png", &whole[..whole.len() / 2], "damaged or cut short"),
        (
            "page.png",
            b"<html><script>alert(1)</script></html>",
            "This file is not an image",
        ),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\0\0\0", "damaged or cut short"),
        (
            "logo.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            "can carry scripts",
        ),
        ("bomb.png", &bomb, "30000 \u{d7} 30000 pixels"),
        ("\u{202e}gnp.\u{1f4a9}", b"GIF89a", "damaged or cut short"),
    ];
    for (name, file, sentence) in files {
        let page = upload(&editor, "What I <typed>", name, file).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        page.assert_shows(sentence)
            .assert_shows("What I &#60;typed&#62;</textarea>")
            .assert_shows("id=\"file-problem\"")
            .assert_shows("aria-describedby=\"file-hint file-problem\"");
    }
    for (alt, sentence) in [
        ("", "Say what the image shows."),
        ("\u{a0} \t", "Say what the image shows."),
        (&"long ".repeat(80), "at most 300 characters"),
    ] {
        let page = upload(&editor, alt, "a.png", &drawing(10, 10)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.assert_shows(sentence)
            .assert_shows("id=\"alt-problem\"");
    }
    editor
        .get("/admin/images")
        .await
        .assert_shows("There are no images yet");
    let no_form = editor.post("/admin/images", &[("alt", "x")]).await;
    assert!(no_form.status.is_client_error(), "{}", no_form.status);
}

#[actix_web::test]
async fn a_name_says_nothing_of_what_a_file_is() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let sent = upload(&editor, "\u{1f600}", "photo.exe", &drawing(100, 50)).await;
    follow(&editor, sent)
        .await
        .assert_shows("photo.exe")
        .assert_shows("\u{1f600}");
}

#[actix_web::test]
async fn of_what_moves_the_first_frame_is_kept_and_it_says_so() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let mut gif = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
    for shade in [0, 200] {
        let frame = image::RgbaImage::from_pixel(20, 20, image::Rgba([shade, 0, 0, 255]));
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let sent = upload(&editor, "Blinking", "blink.gif", &gif).await;
    follow(&editor, sent)
        .await
        .assert_shows("only its first frame is kept");
}

#[actix_web::test]
async fn the_alternative_text_can_be_changed_and_never_be_empty() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let sent = upload(&editor, "A bord", "board.png", &drawing(100, 50)).await;
    let address = sent.header("location").unwrap().to_owned();
    let saved = editor
        .post(&address, &[("alt", "A \u{5d0}\u{5d1} board")])
        .await;
    follow(&editor, saved)
        .await
        .assert_shows("A \u{5d0}\u{5d1} board</textarea>");
    let refused = editor.post(&address, &[("alt", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused
        .assert_shows("Say what the image shows.")
        .assert_shows("id=\"alt-problem\"");
    editor.get("/admin/images/999").await.assert_not_found();
    editor.get("/admin/images/x").await.assert_not_found();
    editor
        .post("/admin/images/999/removal", &[])
        .await
        .assert_not_found();
}

#[actix_web::test]
async fn an_image_is_removed_and_put_back_but_not_while_it_is_used() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let sent = upload(&editor, "A board", "board.png", &drawing(100, 50)).await;
    let page = sent.header("location").unwrap().to_owned();
    let shown = editor.get(&page).await;
    let address = shown
        .body
        .split("](")
        .nth(1)
        .unwrap()
        .split(')')
        .next()
        .unwrap()
        .to_owned();
    let removed = editor.post(&format!("{page}/removal"), &[]).await;
    follow(&editor, removed)
        .await
        .assert_shows("is removed")
        .assert_shows("Put it back")
        .assert_shows("There are no images yet");
    site.get(&address).await.assert_not_found();
    editor
        .get("/admin/images/bin")
        .await
        .assert_shows("A board");
    let restored = editor.post(&format!("{page}/restoration"), &[]).await;
    follow(&editor, restored)
        .await
        .assert_shows("back in the library");
    assert_eq!(
        site.send(Method::GET, &address, &[]).await.status,
        StatusCode::OK
    );
    site.db
        .write_blocking(|conn| {
            use diesel::prelude::*;
            use payband::schema::articles;
            diesel::update(articles::table.filter(articles::slug.eq("quick-facts-about-django")))
                .set(articles::body.eq(format!("![A board]({address})")))
                .execute(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    let refused = editor.post(&format!("{page}/removal"), &[]).await;
    follow(&editor, refused)
        .await
        .assert_shows("it is used in \u{201c}Quick facts about Django")
        .assert_shows("take it out of the text above first");
    assert_eq!(
        site.send(Method::GET, &address, &[]).await.status,
        StatusCode::OK
    );
    // What the newsletter shows is used as well.
    let issue = [
        ("title", "News"),
        ("body", &format!("![A board]({address})")),
    ];
    editor
        .post("/admin/issues", &issue)
        .await
        .assert_status(303);
    editor
        .get(&page)
        .await
        .assert_shows("<a href=\"/admin/issues/1\">News</a>");
}

#[actix_web::test]
async fn a_file_of_the_bin_that_is_uploaded_again_leaves_it() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let file = drawing(100, 50);
    let sent = upload(&editor, "A board", "board.png", &file).await;
    let page = sent.header("location").unwrap().to_owned();
    editor.post(&format!("{page}/removal"), &[]).await;
    let again = upload(&editor, "A better text", "board.png", &file).await;
    follow(&editor, again)
        .await
        .assert_shows("was in the bin, and is back")
        .assert_shows("A better text</textarea>");
}

#[actix_web::test]
async fn an_image_that_was_long_in_the_bin_is_deleted_with_its_files() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let (old, _) = keep(&site, drawing(100, 50), "Old").await;
    let (recent, _) = keep(&site, drawing(90, 50), "Recent").await;
    site.db
        .write_blocking(|conn| {
            let now = Utc::now().naive_utc();
            queries::set_removed(conn, old, Some(now - TimeDelta::days(31)))?;
            queries::set_removed(conn, recent, Some(now - TimeDelta::days(29)))?;
            Ok::<_, DbError>(())
        })
        .unwrap();
    upload(&editor, "New", "new.png", &drawing(80, 50)).await;
    // Nobody waits for it, and the test neither until it has nothing else to do.
    for _ in 0..200 {
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        let is_there = site
            .db
            .read_blocking(|conn| Ok::<_, DbError>(queries::by_id(conn, old)?.is_some()));
        if !is_there.unwrap() {
            break;
        }
    }
    editor
        .get("/admin/images/bin")
        .await
        .assert_shows("Recent")
        .assert_does_not_show("Old");
    assert_eq!(
        std::fs::read_dir(site.folder().join("media"))
            .unwrap()
            .count(),
        2
    );
}

#[actix_web::test]
async fn a_large_library_has_pages() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    site.db
        .write_blocking(|conn| {
            for number in 0..60_u8 {
                let file = format!("{}-600x400.jpg", hex::encode([number; 16]));
                let new = NewImage {
                    file_name: format!("{number}.jpg"),
                    alt: format!("Number {number}."),
                    original: file.parse().unwrap(),
                    bytes: 1000,
                    editor: None,
                    uploaded_at: Utc::now().naive_utc() + TimeDelta::seconds(number.into()),
                };
                queries::create(conn, &new)?;
            }
            Ok::<_, DbError>(())
        })
        .unwrap();
    let first = editor.get("/admin/images").await.assert_ok();
    first
        .assert_shows("60 images")
        .assert_shows_in_order(&["Number 59.", "Number 58.", "Number 12."])
        .assert_does_not_show("Number 11.")
        .assert_shows("href=\"/admin/images?page=2\"");
    editor
        .get("/admin/images?page=2")
        .await
        .assert_shows_in_order(&["Number 11.", "Number 0."])
        .assert_shows("Page 2 of 2");
    editor
        .get("/admin/images?q=number&page=99999999999")
        .await
        .assert_ok()
        .assert_shows("Number 0.")
        .assert_shows("Page 2 of 2")
        .assert_shows("href=\"/admin/images?q=number\"");
}

#[actix_web::test]
async fn lists_show_the_covers_of_articles_until_they_are_removed() {
    use diesel::prelude::*;
    use payband::schema::articles;
    let site = TestSite::demo();
    let (id, address) = keep(&site, photo(600, 300), "A hill at dawn").await;
    let django = articles::slug.eq("quick-facts-about-django");
    site.db
        .write_blocking(|conn| {
            diesel::update(articles::table.filter(django))
                .set(articles::cover_image_id.eq(id))
                .execute(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    let cover = format!("<img class=\"cover\" src=\"{address}\" srcset=\"/images/");
    site.get("/articles")
        .await
        .assert_shows(&cover)
        .assert_shows("alt=\"A hill at dawn\"");
    let editor = site.sign_in(EditorRole::Editor);
    let page = format!("/admin/images/{}", id.0);
    editor
        .get(&page)
        .await
        .assert_shows("Quick facts about Django");
    let refused = editor.post(&format!("{page}/removal"), &[]).await;
    follow(&editor, refused)
        .await
        .assert_shows("is not removed");
}

/// A service with a bucket that holds one file, for one request on each connection.
fn bucket(path: String, file: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let lines = BufReader::new(&client).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let wanted = head.first().and_then(|line| line.split(' ').nth(1));
            let (status, content) = match wanted {
                Some(wanted) if wanted == path => ("200 OK", &file[..]),
                _ => ("404 Not Found", &[][..]),
            };
            let length = content.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nETag: \"1\"\r\nConnection: close\r\n\
                 Last-Modified: Fri, 27 Nov 2026 12:00:00 GMT\r\n\r\n"
            );
            let _ = client.write_all(&[head.as_bytes(), content].concat());
        }
    });
    address
}

/// The program on the site's database, with images in a bucket.
fn program(site: &TestSite, service: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payband"));
    command
        .args(["serve", "--no-demo", "--listen", "127.0.0.1:0"])
        .env("DATABASE_URL", &site.database.url)
        .env("PAYBAND_DATA_DIR", site.folder())
        .env("PAYBAND_MEDIA_URL", "s3://jobs/site")
        .env("AWS_ENDPOINT_URL", service)
        .env("AWS_ACCESS_KEY_ID", "me")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "here")
        .stderr(std::process::Stdio::null());
    command
}

#[test]
fn the_program_serves_images_from_a_bucket() {
    let site = TestSite::empty();
    let name = "0123456789abcdef0123456789abcdef-30x20.png";
    let service = bucket(format!("/jobs/site/{name}"), b"an image".to_vec());
    let (_running, address) = serve(&mut program(&site, &format!("http://{service}")));
    let found = fetch(&address, &format!("/images/{name}"));
    assert!(found.starts_with("HTTP/1.1 200"), "{found}");
    assert!(found.ends_with("\r\n\r\nan image"), "{found}");
    let missing = fetch(&address, &format!("/images/{}", name.replace("30x", "31x")));
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
}

#[test]
fn a_bucket_whose_service_cannot_be_named_stops_the_start() {
    let site = TestSite::empty();
    let output = program(&site, "s3.example.org")
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert_fails(&output, 2, "AWS_ENDPOINT_URL is");
}
