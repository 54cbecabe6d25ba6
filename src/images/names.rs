//! What images are called: their keys, their files and their addresses. An address tells the size, so that pages can name
//! the narrower versions without asking the database.

use std::fmt;
use std::str::FromStr;

use crate::db::stored;
use crate::market::words::vocabulary;

/// The widths of the narrower versions, in pixels; each is there where the image is wider.
pub const WIDTHS: [u32; 3] = [480, 960, 1600];

/// Where images are.
const FOLDER: &str = "/images/";

/// Bytes of a hash that make a key.
const KEY_BYTES: usize = 16;

vocabulary! {
    /// How an image is encoded; the word is the end of its files' names.
    Format, "an image format" {
        /// For photographs.
        Jpeg = "jpg", "JPEG";
        /// For drawings, screenshots and whatever is transparent.
        Png = "png", "PNG";
        /// The same, without loss, where that takes fewer bytes.
        WebP = "webp", "WebP";
    }
}

impl Format {
    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

/// The text is the name of no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownName;

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of an image")
    }
}

impl std::error::Error for UnknownName {}

/// What tells images apart: the beginning of the SHA-256 of the file that was uploaded, as 32 lower-case hexadecimal digits.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct ImageKey(String);

impl ImageKey {
    /// The key of a file with that SHA-256.
    #[must_use]
    pub fn of_hash(hash: &[u8]) -> Self {
        Self(hex::encode(hash.get(..KEY_BYTES).unwrap_or(hash)))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ImageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ImageKey {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 2 * KEY_BYTES && text.bytes().all(is_digit) {
            return Ok(Self(text.to_owned()));
        }
        Err(UnknownName)
    }
}

stored! {
    ImageKey as Text,
    write: |key| key.0.as_str() => str,
    read: |text: String| text.parse()?,
}

/// The widest version of an image that is kept: what its address says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Which image.
    pub key: ImageKey,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// How it is encoded, as its narrower versions are.
    pub format: Format,
}

impl Original {
    /// The widths of its narrower versions, the narrowest first.
    pub fn narrower(&self) -> impl Iterator<Item = u32> {
        let full = self.width;
        WIDTHS.into_iter().filter(move |width| *width < full)
    }

    /// The height of the version of that width, in pixels.
    #[must_use]
    pub fn height_at(&self, width: u32) -> u32 {
        let (full_width, height) = (u64::from(self.width.max(1)), u64::from(self.height));
        let scaled = (height * u64::from(width) + full_width / 2) / full_width;
        u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
    }

    /// The name of its file.
    #[must_use]
    pub fn file(&self) -> FileName {
        let Self {
            key,
            width,
            height,
            format,
        } = self;
        FileName(format!("{key}-{width}x{height}.{format}"))
    }

    /// The name of the file of a narrower version.
    #[must_use]
    pub fn file_at(&self, width: u32) -> FileName {
        FileName(format!("{}-{width}w.{}", self.key, self.format))
    }

    /// The names of all its files.
    #[must_use]
    pub fn files(&self) -> Vec<FileName> {
        let narrower = self.narrower().map(|width| self.file_at(width));
        narrower.chain([self.file()]).collect()
    }

    /// As pages show it.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let narrower = self
            .narrower()
            .map(|width| format!("{} {width}w, ", self.file_at(width).address()));
        let narrower: String = narrower.collect();
        let src = self.file().address();
        Picture {
            srcset: match narrower.as_str() {
                "" => String::new(),
                narrower => format!("{narrower}{src} {}w", self.width),
            },
            width: self.width,
            height: self.height,
            src,
        }
    }

    /// The address of the narrowest version.
    #[must_use]
    pub fn thumbnail(&self) -> String {
        let narrowest = self.narrower().next();
        let file = narrowest.map_or_else(|| self.file(), |width| self.file_at(width));
        file.address()
    }
}

impl FromStr for Original {
    type Err = UnknownName;

    fn from_str(file: &str) -> Result<Self, UnknownName> {
        let (key, rest) = file.split_once('-').ok_or(UnknownName)?;
        let (size, format) = rest.split_once('.').ok_or(UnknownName)?;
        let (width, height) = size.split_once('x').ok_or(UnknownName)?;
        let pixels = |text: &str| text.parse().ok().filter(|pixels| *pixels > 0);
        let original = Self {
            key: key.parse()?,
            width: pixels(width).ok_or(UnknownName)?,
            height: pixels(height).ok_or(UnknownName)?,
            format: format.parse().map_err(|_| UnknownName)?,
        };
        // Numbers have one form.
        if original.file().0 == file {
            return Ok(original);
        }
        Err(UnknownName)
    }
}

/// The name of a file of an image, which is also the end of its address: `<key>-<width>x<height>.jpg` for the widest version,
/// `<key>-480w.jpg` for a narrower one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where browsers find it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{FOLDER}{}", self.0)
    }

    /// Which image it is of.
    ///
    /// # Errors
    /// None: the name begins with the key.
    pub fn key(&self) -> Result<ImageKey, UnknownName> {
        self.0.get(..2 * KEY_BYTES).unwrap_or_default().parse()
    }

    /// How it is encoded.
    #[must_use]
    pub fn format(&self) -> Format {
        let end = self.0.rsplit('.').next();
        let format = end.and_then(|end| end.parse().ok());
        format.unwrap_or(Format::Jpeg)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FileName {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        if let Ok(original) = text.parse::<Original>() {
            return Ok(original.file());
        }
        let (key, rest) = text.split_once('-').ok_or(UnknownName)?;
        let (width, format) = rest.split_once("w.").ok_or(UnknownName)?;
        let is_known = WIDTHS.iter().any(|known| known.to_string() == width);
        key.parse::<ImageKey>()?;
        format.parse::<Format>().map_err(|_| UnknownName)?;
        if is_known {
            return Ok(Self(text.to_owned()));
        }
        Err(UnknownName)
    }
}

/// What a page needs to show an image at whatever width the reader has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The address of the widest version.
    pub src: String,
    /// All versions with their widths, as the attribute of that name; empty where there is only one.
    pub srcset: String,
    /// Pixels of the widest version.
    pub width: u32,
    /// Pixels of the widest version.
    pub height: u32,
}

/// What an address says of an image of this site; `None` for every other address.
#[must_use]
pub fn picture_of(address: &str) -> Option<Picture> {
    let original: Original = address.strip_prefix(FOLDER)?.parse().ok()?;
    Some(original.picture())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn original(width: u32, height: u32) -> Original {
        Original {
            key: KEY.parse().unwrap(),
            width,
            height,
            format: Format::Jpeg,
        }
    }

    #[test]
    fn an_address_tells_all_versions() {
        let address = format!("/images/{KEY}-2400x1350.jpg");
        let picture = picture_of(&address).unwrap();
        assert_eq!((picture.width, picture.height), (2400, 1350));
        assert_eq!(picture.src, address);
        assert_eq!(
            picture.srcset,
            format!(
                "/images/{KEY}-480w.jpg 480w, /images/{KEY}-960w.jpg 960w, /images/{KEY}-1600w.jpg 1600w, {address} 2400w"
            )
        );
        let narrow = picture_of(&format!("/images/{KEY}-480x99.png")).unwrap();
        assert_eq!(narrow.srcset, "");
    }

    #[test]
    fn names_have_one_form_and_nothing_else_is_one() {
        for name in ["2400x1350.jpg", "480w.webp", "960w.png", "1x1.png"] {
            let name = format!("{KEY}-{name}");
            assert_eq!(name.parse::<FileName>().unwrap().as_str(), name);
        }
        for end in [
            "0x5.jpg",
            "05x5.jpg",
            "+5x5.jpg",
            "5x.jpg",
            "5x5.gif",
            "481w.jpg",
            "480w.svg",
            "480w",
            "5x5.jpg.png",
            "99999999999x5.jpg",
            "../x.jpg",
            "",
        ] {
            assert!(format!("{KEY}-{end}").parse::<FileName>().is_err(), "{end}");
        }
        for key in [
            "",
            "0123",
            &KEY.to_uppercase(),
            "../../etc/passwd0123456789abcdef",
        ] {
            assert!(
                format!("{key}-480w.jpg").parse::<FileName>().is_err(),
                "{key}"
            );
        }
        assert_eq!(picture_of("https://elsewhere.example/a.jpg"), None);
        assert_eq!(picture_of(&format!("/images/{KEY}-480w.jpg")), None);
    }

    #[test]
    fn files_are_of_their_image() {
        let image = original(1000, 10);
        let files: Vec<String> = image.files().iter().map(ToString::to_string).collect();
        assert_eq!(
            files,
            [
                format!("{KEY}-480w.jpg"),
                format!("{KEY}-960w.jpg"),
                format!("{KEY}-1000x10.jpg")
            ]
        );
        for file in image.files() {
            assert_eq!(file.key().unwrap(), image.key);
            assert_eq!(file.format(), Format::Jpeg);
            assert_eq!(file.as_str().parse(), Ok(file));
        }
        assert_eq!(image.height_at(480), 5);
        assert_eq!(original(12_000, 1).height_at(480), 1);
        assert_eq!(image.thumbnail(), format!("/images/{KEY}-480w.jpg"));
        assert_eq!(
            original(20, 10).thumbnail(),
            format!("/images/{KEY}-20x10.jpg")
        );
    }
}
