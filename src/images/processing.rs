//! From an uploaded file to the files that are kept: decoded within limits, turned upright, stripped of everything but its
//! pixels, and encoded anew in several widths.

use std::fmt;
use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngDecoder, PngEncoder};
use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{
    AnimationDecoder, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageResult, Limits,
    RgbaImage, imageops,
};
use sha2::{Digest, Sha256};

use super::names::{FileName, Format, ImageKey, Original};

/// Most bytes of an uploaded file.
pub const MOST_BYTES: usize = 20_000_000;

/// Most pixels of an uploaded image.
const MOST_PIXELS: u64 = 40_000_000;

/// Most pixels of a side of an uploaded image.
const LONGEST_SIDE: u32 = 12_000;

/// Pixels of the widest version that is kept.
const WIDEST: u32 = 2_400;

/// Most bytes that a decoder may take: the largest image with four channels of sixteen bits, and some room.
const MOST_MEMORY: u64 = 8 * MOST_PIXELS + (64 << 20);

/// Most bytes that colour profiles and the like may take in a PNG.
const MOST_EXTRAS: u64 = 16 << 20;

/// Of 100, as encoders of JPEG count.
const JPEG_QUALITY: u8 = 82;

/// Why a file is not taken. Each writes itself as a sentence or two for the person who chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There are no bytes.
    Empty,
    /// There are too many bytes.
    TooManyBytes,
    /// There are too many pixels.
    TooManyPixels {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// It would take too much memory to unpack.
    Bomb,
    /// A drawing that may carry scripts.
    Svg,
    /// An image of a sort that is not taken.
    Foreign(
        /// What it is, with its article.
        &'static str,
    ),
    /// No image at all.
    NotAnImage,
    /// An image that cannot be read to its end.
    Broken,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The file is empty. Choose another one."),
            Self::TooManyBytes => write!(
                f,
                "The file is larger than {} MB. Save it smaller, or as JPEG, and choose it again.",
                MOST_BYTES / 1_000_000
            ),
            Self::TooManyPixels { width, height } => write!(
                f,
                "The image is {width} \u{d7} {height} pixels. At most {LONGEST_SIDE} on each side and {} million in all \
                 are taken: make it smaller first.",
                MOST_PIXELS / 1_000_000
            ),
            Self::Bomb => f.write_str(
                "The file would take far more memory than an image of its size needs. It is not taken.",
            ),
            Self::Svg => f.write_str(
                "This is an SVG file, which can carry scripts, and so it is not taken. Export it as PNG.",
            ),
            Self::Foreign(what) => write!(
                f,
                "This is {what}, which not every browser shows. Save it as JPEG, PNG or WebP."
            ),
            Self::NotAnImage => f.write_str(
                "This file is not an image, whatever its name says. JPEG, PNG, WebP and GIF files are taken.",
            ),
            Self::Broken => f.write_str(
                "The image is damaged or cut short, and cannot be read to its end. Save or download it once more.",
            ),
        }
    }
}

impl From<ImageError> for Refusal {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::Bomb,
            _ => Self::Broken,
        }
    }
}

/// An uploaded image, ready to be kept.
#[derive(Debug)]
pub struct Prepared {
    /// Its widest version.
    pub original: Original,
    /// Every file that is to be kept, the widest version's last.
    pub files: Vec<(FileName, Vec<u8>)>,
    /// Whether it moved, and only its first frame is left.
    pub was_animated: bool,
}

impl Prepared {
    /// Bytes of the widest version.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.files.last().map_or(0, |(_, bytes)| bytes.len())
    }
}

/// The key of an uploaded file.
#[must_use]
pub fn key_of(upload: &[u8]) -> ImageKey {
    ImageKey::of_hash(&Sha256::digest(upload))
}

/// Makes the files that are kept of an uploaded one. What it is, its content says, and never its name.
///
/// # Errors
/// [`Refusal`].
pub fn prepare(upload: &[u8]) -> Result<Prepared, Refusal> {
    if upload.len() > MOST_BYTES {
        return Err(Refusal::TooManyBytes);
    }
    let (image, was_animated) = decoded(upload)?;
    let widest = at_most(plain(image), WIDEST);
    let (format, bytes) = smallest(&widest)?;
    let original = Original {
        key: key_of(upload),
        width: widest.width(),
        height: widest.height(),
        format,
    };
    let mut files = Vec::new();
    for width in original.narrower() {
        let narrower = encoded(&resized(&widest, width, original.height_at(width)), format)?;
        // Flat colours blend where they are made smaller, and can then take more bytes than before.
        let fewer = if narrower.len() < bytes.len() {
            narrower
        } else {
            bytes.clone()
        };
        files.push((original.file_at(width), fewer));
    }
    files.push((original.file(), bytes));
    Ok(Prepared {
        original,
        files,
        was_animated,
    })
}

/// The upright image, and whether it moved.
fn decoded(upload: &[u8]) -> Result<(DynamicImage, bool), Refusal> {
    let (mut decoder, is_animated) = decoder(upload)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width > LONGEST_SIDE || height > LONGEST_SIDE || pixels > MOST_PIXELS {
        return Err(Refusal::TooManyPixels { width, height });
    }
    let mut limits = limits(MOST_MEMORY);
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok((image, is_animated))
}

fn limits(memory: u64) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(memory);
    limits
}

/// What reads the file, and whether it moves.
fn decoder(upload: &[u8]) -> Result<(Box<dyn ImageDecoder + '_>, bool), Refusal> {
    let file = || Cursor::new(upload);
    match image::guess_format(upload) {
        Ok(ImageFormat::Jpeg) if !ends_as_jpeg(upload) => Err(Refusal::Broken),
        Ok(ImageFormat::Jpeg) => Ok((Box::new(JpegDecoder::new(file())?), false)),
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(file(), limits(MOST_EXTRAS))?;
            let is_animated = decoder.is_apng()?;
            Ok((Box::new(decoder), is_animated))
        }
        Ok(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(file())?;
            let is_animated = decoder.has_animation();
            Ok((Box::new(decoder), is_animated))
        }
        Ok(ImageFormat::Gif) => Ok((Box::new(GifDecoder::new(file())?), has_frames(upload))),
        _ => Err(what_else(upload)),
    }
}

/// Whether a GIF has more than one frame.
fn has_frames(upload: &[u8]) -> bool {
    let Ok(mut decoder) = GifDecoder::new(Cursor::new(upload)) else {
        return false;
    };
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    pixels <= MOST_PIXELS
        && decoder.set_limits(limits(MOST_MEMORY)).is_ok()
        && decoder.into_frames().take(2).count() > 1
}

/// Why a file that no decoder is for is not taken.
fn what_else(upload: &[u8]) -> Refusal {
    if upload.is_empty() {
        return Refusal::Empty;
    }
    let start = upload.get(..1024).unwrap_or(upload);
    let contains = |text: &[u8]| start.windows(text.len()).any(|window| window == text);
    let brand = upload.get(4..12).unwrap_or_default();
    match brand {
        b"ftypavif" | b"ftypavis" => return Refusal::Foreign("an AVIF image"),
        b"ftypheic" | b"ftypheix" | b"ftypmif1" | b"ftyphevc" => {
            return Refusal::Foreign("a HEIC photograph");
        }
        _ => {}
    }
    match image::guess_format(upload) {
        Ok(ImageFormat::Tiff) => Refusal::Foreign("a TIFF image"),
        Ok(ImageFormat::Bmp) => Refusal::Foreign("a BMP image"),
        Ok(ImageFormat::Ico) => Refusal::Foreign("an icon"),
        _ if contains(b"<svg") => Refusal::Svg,
        _ if start.starts_with(b"%PDF") => Refusal::Foreign("a PDF document"),
        _ => Refusal::NotAnImage,
    }
}

/// Whether a JPEG comes to its end. Decoders fill up with grey what is missing.
fn ends_as_jpeg(upload: &[u8]) -> bool {
    const END: u8 = 0xd9;
    // The first two bytes are the start of the image. From there on from marker to marker: over segments by their length,
    // and through the data of scans, where the first byte of a marker is followed by zero if it is none.
    let mut rest = upload.get(2..).unwrap_or_default();
    while let Some(at) = memchr::memchr(0xff, rest) {
        let length = match rest.get(at + 1..) {
            Some([END, ..]) => return true,
            Some([0xff, ..]) => 0,
            Some([0x00 | 0x01 | 0xd0..=0xd8, ..]) => 1,
            Some([_, high, low, ..]) => 1 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => return false,
        };
        rest = rest.get(at + 1 + length..).unwrap_or_default();
    }
    false
}

/// With eight bits a channel, and without transparency that nothing makes use of.
fn plain(image: DynamicImage) -> DynamicImage {
    let color = image.color();
    if color.has_alpha() {
        let image = image.into_rgba8();
        if image.pixels().any(|pixel| pixel.0[3] < u8::MAX) {
            return image.into();
        }
        return DynamicImage::from(image).into_rgb8().into();
    }
    if color.has_color() {
        image.into_rgb8().into()
    } else {
        image.into_luma8().into()
    }
}

/// The image, made smaller where it is wider.
fn at_most(image: DynamicImage, width: u32) -> DynamicImage {
    if image.width() <= width {
        return image;
    }
    let height = u64::from(image.height()) * u64::from(width) / u64::from(image.width());
    resized(
        &image,
        width,
        u32::try_from(height).unwrap_or(u32::MAX).max(1),
    )
}

/// The image in another size. What is transparent does not bleed into what is not.
fn resized(image: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    const FILTER: FilterType = FilterType::Lanczos3;
    match image {
        DynamicImage::ImageRgba8(image) => {
            let mut image = image.clone();
            multiply(&mut image);
            let mut image = imageops::resize(&image, width, height, FILTER);
            divide(&mut image);
            image.into()
        }
        // By averages first where there is much to do: that is several times faster, and looks alike.
        image if image.width() > 3 * width => image
            .thumbnail_exact(2 * width, 2 * height)
            .resize_exact(width, height, FILTER),
        image => image.resize_exact(width, height, FILTER),
    }
}

/// Multiplies colours by their opacity.
fn multiply(image: &mut RgbaImage) {
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let times = |channel: u8| {
            let product = (u16::from(channel) * u16::from(alpha) + 127) / 255;
            u8::try_from(product).unwrap_or(u8::MAX)
        };
        pixel.0 = [times(red), times(green), times(blue), alpha];
    }
}

/// Divides colours by their opacity.
fn divide(image: &mut RgbaImage) {
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let by = |channel: u8| {
            let alpha = u16::from(alpha.max(1));
            let quotient = (u16::from(channel) * 255 + alpha / 2) / alpha;
            u8::try_from(quotient).unwrap_or(u8::MAX)
        };
        pixel.0 = [by(red), by(green), by(blue), alpha];
    }
}

/// The image in the format that suits it: without loss where it is transparent, or where that takes hardly more bytes, as
/// with drawings and screenshots; as JPEG else.
fn smallest(image: &DynamicImage) -> ImageResult<(Format, Vec<u8>)> {
    let webp = encoded(image, Format::WebP)?;
    let jpeg = if image.color().has_alpha() {
        None
    } else {
        Some(encoded(image, Format::Jpeg)?)
    };
    if let Some(jpeg) = &jpeg
        && webp.len() > 4 * jpeg.len()
    {
        return Ok((Format::Jpeg, jpeg.clone()));
    }
    let png = encoded(image, Format::Png)?;
    let lossless = if png.len() < webp.len() {
        (Format::Png, png)
    } else {
        (Format::WebP, webp)
    };
    Ok(match jpeg {
        Some(jpeg) if jpeg.len() * 3 / 2 < lossless.1.len() => (Format::Jpeg, jpeg),
        _ => lossless,
    })
}

fn encoded(image: &DynamicImage, format: Format) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        Format::Jpeg => {
            image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
        }
        Format::Png => image.write_with_encoder(PngEncoder::new_with_quality(
            &mut bytes,
            CompressionType::Best,
            PngFilter::Adaptive,
        ))?,
        Format::WebP => image.write_with_encoder(WebPEncoder::new_lossless(&mut bytes))?,
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Instant;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use image::codecs::gif::GifEncoder;
    use image::{Delay, Frame, Rgb, RgbImage, Rgba};

    use super::*;

    /// A picture with as many colours as a photograph.
    fn photo(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, y| {
            let mixed = x.wrapping_mul(374_761_393) ^ y.wrapping_mul(668_265_263);
            let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(1_274_126_177);
            let grain = u8::try_from((mixed >> 16) % 24).unwrap();
            let shade = |part: u32, all: u32| u8::try_from(part * 200 / all).unwrap() + grain;
            Rgb([
                shade(x, width),
                shade(y, height),
                shade(x + y, width + height),
            ])
        })
        .into()
    }

    /// A picture of flat colours with sharp edges.
    fn drawing(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, y| match (x / 40 + y / 40) % 3 {
            0 => Rgb([255, 255, 255]),
            1 => Rgb([10, 93, 79]),
            _ => Rgb([178, 106, 0]),
        })
        .into()
    }

    fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn open(bytes: &[u8]) -> DynamicImage {
        image::load_from_memory(bytes).unwrap()
    }

    fn chunk(kind: &str, data: &[u8]) -> Vec<u8> {
        let mut checked = kind.as_bytes().to_vec();
        checked.extend_from_slice(data);
        let mut crc = flate2::Crc::new();
        crc.update(&checked);
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], &checked, &crc.sum().to_be_bytes()].concat()
    }

    /// A PNG that claims a size, with other chunks before its data.
    fn png(width: u32, height: u32, extra: &[u8], data: &[u8]) -> Vec<u8> {
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        header.extend_from_slice(&[8, 2, 0, 0, 0]);
        [
            &b"\x89PNG\r\n\x1a\n"[..],
            &chunk("IHDR", &header),
            extra,
            &chunk("IDAT", data),
            &chunk("IEND", &[]),
        ]
        .concat()
    }

    fn zeros(megabytes: usize) -> Vec<u8> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        let megabyte = vec![0; 1 << 20];
        for _ in 0..megabytes {
            zlib.write_all(&megabyte).unwrap();
        }
        zlib.finish().unwrap()
    }

    #[test]
    fn a_photograph_becomes_jpegs_in_several_widths() {
        let upload = file(&photo(1200, 600), ImageFormat::Png);
        let prepared = prepare(&upload).unwrap();
        assert_eq!(prepared.original.format, Format::Jpeg);
        assert!(!prepared.was_animated);
        let sizes: Vec<(u32, u32)> = prepared
            .files
            .iter()
            .map(|(_, bytes)| open(bytes))
            .map(|image| (image.width(), image.height()))
            .collect();
        assert_eq!(sizes, [(480, 240), (960, 480), (1200, 600)]);
        let names: Vec<FileName> = prepared
            .files
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        assert_eq!(names, prepared.original.files());
        assert_eq!(prepared.original.key, key_of(&upload));
    }

    #[test]
    fn a_wide_image_is_capped() {
        let prepared = prepare(&file(&drawing(3000, 1000), ImageFormat::Png)).unwrap();
        let (width, height) = (prepared.original.width, prepared.original.height);
        assert_eq!((width, height), (2400, 800));
        assert_eq!(prepared.files.len(), 4);
    }

    #[test]
    fn a_drawing_keeps_its_sharp_edges() {
        let image = drawing(900, 700);
        let prepared = prepare(&file(&image, ImageFormat::Png)).unwrap();
        assert_ne!(prepared.original.format, Format::Jpeg);
        let kept = open(&prepared.files.last().unwrap().1);
        assert_eq!(kept.into_rgb8(), image.into_rgb8());
    }

    #[test]
    fn what_is_transparent_stays_so_and_does_not_bleed() {
        // Bright green hides where nothing is to be seen.
        let image = RgbaImage::from_fn(1000, 500, |x, _| match x {
            0..500 => Rgba([0, 255, 0, 0]),
            _ => Rgba([200, 0, 0, 255]),
        });
        let prepared = prepare(&file(&image.into(), ImageFormat::Png)).unwrap();
        assert_ne!(prepared.original.format, Format::Jpeg);
        for (name, bytes) in &prepared.files[..2] {
            let narrow = open(bytes).into_rgba8();
            assert_eq!(narrow.get_pixel(5, 5).0[3], 0, "{name}");
            let green = |pixel: &Rgba<u8>| pixel.0[3] > 20 && pixel.0[1] > 20;
            assert!(!narrow.pixels().any(green), "{name}");
        }
    }

    #[test]
    fn transparency_that_nothing_uses_is_left_out() {
        let opaque = DynamicImage::from(photo(700, 300).into_rgba8());
        let prepared = prepare(&file(&opaque, ImageFormat::Png)).unwrap();
        assert_eq!(prepared.original.format, Format::Jpeg);
    }

    #[test]
    fn a_grey_photograph_is_a_jpeg() {
        let grey = DynamicImage::from(photo(700, 500).blur(1.5).into_luma8());
        let prepared = prepare(&file(&grey, ImageFormat::Png)).unwrap();
        assert_eq!(prepared.original.format, Format::Jpeg);
        assert!(!open(&prepared.files[0].1).color().has_color());
    }

    #[test]
    fn a_photograph_is_turned_upright_and_loses_what_it_tells_beside_its_pixels() {
        let plain = file(&photo(600, 200), ImageFormat::Jpeg);
        // An EXIF segment with a secret, which says that the top is at the right.
        let mut exif =
            b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend_from_slice(b"50.4501 N, 30.5234 E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let turned = [&plain[..2], b"\xff\xe1", &length, &exif, &plain[2..]].concat();
        let prepared = prepare(&turned).unwrap();
        assert_eq!(
            (prepared.original.width, prepared.original.height),
            (200, 600)
        );
        for (name, bytes) in &prepared.files {
            let has = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!has(b"Exif") && !has(b"50.4501"), "{name}");
        }
    }

    #[test]
    fn of_what_moves_the_first_frame_stays() {
        let mut gif = Vec::new();
        {
            let mut encoder = GifEncoder::new(&mut gif);
            for color in [[200, 0, 0, 255], [0, 0, 200, 255]] {
                let frame = RgbaImage::from_pixel(60, 40, Rgba(color));
                let delay = Delay::from_numer_denom_ms(100, 1);
                encoder
                    .encode_frame(Frame::from_parts(frame, 0, 0, delay))
                    .unwrap();
            }
        }
        let prepared = prepare(&gif).unwrap();
        assert!(prepared.was_animated);
        let kept = open(&prepared.files[0].1).into_rgb8();
        assert!(
            kept.get_pixel(30, 20).0[0] > 150,
            "{:?}",
            kept.get_pixel(30, 20)
        );
        let still = prepare(&file(&drawing(60, 40), ImageFormat::Gif)).unwrap();
        assert!(!still.was_animated);
    }

    #[test]
    fn what_is_no_image_is_refused_with_a_reason() {
        let refusal = |upload: &[u8]| prepare(upload).unwrap_err();
        assert_eq!(refusal(b""), Refusal::Empty);
        assert_eq!(refusal(b"hello"), Refusal::NotAnImage);
        assert_eq!(
            refusal(b"<!doctype html><script>alert(1)</script>"),
            Refusal::NotAnImage
        );
        for svg in [
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "\u{feff}<?xml version='1.0'?>\n<!-- a -->\n<svg/>",
        ] {
            assert_eq!(refusal(svg.as_bytes()), Refusal::Svg);
        }
        assert_eq!(
            refusal(b"BM\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            Refusal::Foreign("a BMP image")
        );
        assert_eq!(
            refusal(b"\0\0\0\x20ftypheic\0\0\0\0mif1"),
            Refusal::Foreign("a HEIC photograph")
        );
        assert_eq!(refusal(b"%PDF-1.7"), Refusal::Foreign("a PDF document"));
        assert_eq!(refusal(&vec![0; MOST_BYTES + 1]), Refusal::TooManyBytes);
    }

    #[test]
    fn a_file_that_is_cut_short_is_refused() {
        let image = photo(300, 200);
        for format in [
            ImageFormat::Jpeg,
            ImageFormat::Png,
            ImageFormat::WebP,
            ImageFormat::Gif,
        ] {
            let whole = file(&image, format);
            prepare(&whole).unwrap();
            for length in [
                12,
                40,
                whole.len() / 3,
                whole.len() * 9 / 10,
                whole.len() - 40,
            ] {
                let refused = prepare(&whole[..length]);
                assert_eq!(refused.unwrap_err(), Refusal::Broken, "{format:?} {length}");
            }
        }
    }

    #[test]
    fn an_image_that_claims_to_be_huge_is_refused_before_it_is_unpacked() {
        let size = |width, height| Refusal::TooManyPixels { width, height };
        let data = zeros(1);
        assert_eq!(
            prepare(&png(30_000, 30_000, &[], &data)).unwrap_err(),
            size(30_000, 30_000)
        );
        assert_eq!(
            prepare(&png(12_001, 1, &[], &data)).unwrap_err(),
            size(12_001, 1)
        );
        assert_eq!(
            prepare(&png(8_000, 5_001, &[], &data)).unwrap_err(),
            size(8_000, 5_001)
        );
        let mut gif = file(&drawing(60, 40), ImageFormat::Gif);
        gif[6..10].copy_from_slice(&[0xff; 4]);
        assert_eq!(prepare(&gif).unwrap_err(), size(65_535, 65_535));
    }

    #[test]
    fn a_file_that_unpacks_to_far_more_than_it_claims_costs_little() {
        // A gigabyte of zeros behind an image of a hundred pixels, in a colour profile, and in a text.
        let bomb = zeros(1024);
        assert!(bomb.len() < MOST_BYTES);
        let profile = chunk("iCCP", &[b"profile\0\0", &bomb[..]].concat());
        let text = chunk("zTXt", &[b"Comment\0\0", &bomb[..]].concat());
        for upload in [
            png(10, 10, &[], &bomb),
            png(10, 10, &profile, &zeros(1)),
            png(10, 10, &text, &zeros(1)),
        ] {
            let started = Instant::now();
            match prepare(&upload) {
                Ok(prepared) => assert_eq!(prepared.original.width, 10),
                Err(refusal) => assert!(matches!(refusal, Refusal::Bomb | Refusal::Broken)),
            }
            assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
        }
    }
}
