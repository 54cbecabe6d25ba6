//! Images: what editors upload, encoded anew in several widths, and served to everybody.
//!
//! | file | what |
//! | --- | --- |
//! | `names` | keys, file names and addresses, and what an address tells of an image |
//! | [`processing`] | from an uploaded file to the files that are kept (pure) |
//! | [`storage`], [`bucket`] | where the files are: a folder, or a bucket |
//! | `media` | the files of a running site |
//! | [`queries`] | what the database knows of images |
//! | [`pages`] | the files, for everybody |
//! | `uploads`, `admin` | uploads, the library, and the bin |

mod admin;
pub mod bucket;
mod media;
mod names;
pub mod pages;
pub mod processing;
pub mod queries;
pub mod storage;
mod uploads;

use chrono::NaiveDateTime;
use diesel::prelude::*;

pub use admin::admin_routes;
pub use media::Media;
pub use names::{FileName, Format, ImageKey, Original, Picture, WIDTHS, picture_of};
pub use storage::MediaUrl;

use crate::ids::{EditorId, ImageId};
use crate::schema::images;

/// An image as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = images)]
pub struct Image {
    /// Key in the database.
    pub id: ImageId,
    /// Key in addresses.
    pub key: ImageKey,
    /// The name of the uploaded file.
    pub file_name: String,
    /// What it shows, for those who do not see it.
    pub alt: String,
    /// Pixels of the widest version.
    pub width: i32,
    /// Pixels of the widest version.
    pub height: i32,
    /// Bytes of the widest version.
    pub bytes: i32,
    /// How it is encoded.
    pub format: Format,
    /// Who uploaded it.
    pub editor_id: Option<EditorId>,
    /// UTC.
    pub uploaded_at: NaiveDateTime,
    /// Since when it is in the bin, UTC.
    pub removed_at: Option<NaiveDateTime>,
}

/// An image above an article, as lists and pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Cover {
    key: ImageKey,
    width: i32,
    height: i32,
    format: Format,
    /// What it shows.
    pub alt: String,
}

/// The columns of [`Cover`].
pub(crate) const COVER: (
    images::key,
    images::width,
    images::height,
    images::format,
    images::alt,
) = (
    images::key,
    images::width,
    images::height,
    images::format,
    images::alt,
);

impl Cover {
    /// As pages show it.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let original = Original {
            key: self.key.clone(),
            width: self.width.unsigned_abs(),
            height: self.height.unsigned_abs(),
            format: self.format,
        };
        original.picture()
    }
}

impl Image {
    /// Its widest version.
    #[must_use]
    pub fn original(&self) -> Original {
        Original {
            key: self.key.clone(),
            width: self.width.unsigned_abs(),
            height: self.height.unsigned_abs(),
            format: self.format,
        }
    }

    /// As pages show it.
    #[must_use]
    pub fn picture(&self) -> Picture {
        self.original().picture()
    }

    /// The address of its narrowest version.
    #[must_use]
    pub fn thumbnail(&self) -> String {
        self.original().thumbnail()
    }

    /// As an article's text names it.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown(&self.alt, &self.original().file().address())
    }

    /// Bytes of the widest version, in thousands.
    #[must_use]
    pub fn kilobytes(&self) -> i32 {
        (self.bytes + 999) / 1000
    }
}

/// Images to choose one from, in a form (`images/picker.html`).
#[derive(Clone, Debug)]
pub struct Picker<'a> {
    /// The images.
    pub images: &'a [Image],
    /// The key of the chosen one, as the form holds it; empty for none.
    pub chosen: &'a str,
}

impl Picker<'_> {
    /// Whether an image is the chosen one.
    #[must_use]
    pub fn is_chosen(&self, image: &Image) -> bool {
        image.id.0.to_string() == self.chosen
    }

    /// Whether the chosen one is not among them.
    #[must_use]
    pub fn has_chosen_another(&self) -> bool {
        !self.chosen.is_empty() && !self.images.iter().any(|image| self.is_chosen(image))
    }
}

/// An image as an article's text names it, with an alternative text of one line.
#[must_use]
pub fn markdown(alt: &str, address: &str) -> String {
    let is_sign =
        |letter: char| matches!(letter, '\\' | '[' | ']' | '`' | '*' | '_' | '<' | '&' | '!');
    let escaped = alt.chars().fold(String::new(), |mut escaped, letter| {
        if is_sign(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
        escaped
    });
    format!("![{escaped}]({address})")
}
