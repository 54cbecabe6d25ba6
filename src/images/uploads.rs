//! Uploads: what a form brings, and how it becomes an image of the library.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::web::{self, Bytes, BytesMut};
use chrono::{SubsecRound as _, Utc};
use diesel::result::{DatabaseErrorKind, Error};
use futures_util::TryStreamExt as _;

use super::processing::{MOST_BYTES, Refusal, key_of};
use super::queries::{self, NewImage};
use super::{Image, ImageKey, Media};
use crate::db::{Conn, Db, DbError};
use crate::editors::Editor;
use crate::editors::log::{self, Thing};
use crate::error::AppError;
use crate::web::forms::{FieldErrors, FormError};

/// Characters of an alternative text at most: more is a caption.
pub(super) const LONGEST_ALT: usize = 300;

/// Characters of a file's name that are kept.
const LONGEST_NAME: usize = 120;

/// Bytes that are read of a form at most, so that what was typed beside a file that is too large can come back. Whoever sends
/// more is told so on a page of its own.
const MOST_READ: usize = 10 * MOST_BYTES;

/// Bytes that are kept of a field that is typed.
const MOST_TYPED: usize = 64 << 10;

/// What the form brought.
#[derive(Debug, Default)]
pub(super) struct Upload {
    /// What the image shows, as it was typed.
    pub(super) alt: String,
    file_name: String,
    file: Bytes,
    is_too_large: bool,
}

/// An upload that was taken.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) image: Image,
    /// What was typed of it, which an image that was known before need not say.
    pub(super) alt: String,
    /// What there is to say beside that it was taken.
    pub(super) remark: Remark,
}

/// What there is to say of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// Nothing.
    None,
    /// It moved.
    FirstFrame,
    /// The same file was there already.
    Known,
    /// The same file was in the bin, and was taken out.
    Restored,
}

impl Upload {
    /// Reads a form as it arrives.
    ///
    /// # Errors
    /// [`AppError::Invalid`] where it breaks off, [`AppError::TooLarge`] where it does not end.
    pub(super) async fn read(mut form: Multipart) -> Result<Self, AppError> {
        let mut upload = Self::default();
        let mut left = MOST_READ;
        while let Some(mut field) = form.try_next().await.map_err(|error| unreadable(&error))? {
            match field.name() {
                Some("alt") => {
                    let (bytes, _) = read_field(&mut field, MOST_TYPED, &mut left).await?;
                    upload.alt = String::from_utf8_lossy(&bytes).into_owned();
                }
                Some("file") => {
                    let disposition = field.content_disposition();
                    let name = disposition.and_then(|it| it.get_filename());
                    upload.file_name = base_name(name.unwrap_or_default());
                    (upload.file, upload.is_too_large) =
                        read_field(&mut field, MOST_BYTES, &mut left).await?;
                }
                _ => drop(read_field(&mut field, 0, &mut left).await?),
            }
        }
        Ok(upload)
    }

    /// Makes it an image of the library, and keeps its files. A file that is there already is not kept twice.
    ///
    /// # Errors
    /// [`FormError`] with what is wrong, or with what failed.
    pub(super) async fn take(
        self,
        editor: &Editor,
        db: &Db,
        media: &Media,
    ) -> Result<Taken, FormError> {
        let mut errors = FieldErrors::default();
        let alt = checked_alt(&mut errors, &self.alt);
        if self.is_too_large {
            errors.add("file", Refusal::TooManyBytes.to_string());
        } else if self.file.is_empty() && self.file_name.is_empty() {
            errors.add("file", "Choose a file.");
        }
        errors.check()?;
        let file = self.file.clone();
        let key = web::block(move || key_of(&file))
            .await
            .map_err(|_| DbError::Cancelled)?;
        if let Some(image) = find(db, &key).await?
            && media.has(image.original().file()).await?
        {
            return known(image, alt, editor, db).await;
        }
        let prepared = media
            .prepare(self.file)
            .await
            .map_err(|refusal| in_form(&refusal))?;
        let new = NewImage {
            file_name: self.file_name,
            alt: alt.clone(),
            original: prepared.original.clone(),
            bytes: prepared.bytes(),
            editor: Some(editor.id),
            uploaded_at: Utc::now().naive_utc().trunc_subsecs(0),
        };
        let was_animated = prepared.was_animated;
        media.keep(prepared).await?;
        let created = db.write(move |conn| create(conn, &new)).await;
        match created {
            Ok(image) => Ok(Taken {
                image,
                alt,
                remark: if was_animated {
                    Remark::FirstFrame
                } else {
                    Remark::None
                },
            }),
            // Somebody sent the same file at the same time, or its files were lost and are here again.
            Err(DbError::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))) => {
                let image = find(db, &key).await?;
                let image = image.ok_or(DbError::Query(Error::NotFound))?;
                known(image, alt, editor, db).await
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// A field's bytes, and whether there are more than `most`; then none are kept.
async fn read_field(
    field: &mut Field,
    most: usize,
    left: &mut usize,
) -> Result<(Bytes, bool), AppError> {
    let mut bytes = BytesMut::new();
    let mut is_too_large = false;
    while let Some(chunk) = field.try_next().await.map_err(|error| unreadable(&error))? {
        *left = left
            .checked_sub(chunk.len())
            .ok_or_else(|| AppError::TooLarge(Refusal::TooManyBytes.to_string()))?;
        is_too_large |= bytes.len() + chunk.len() > most;
        if is_too_large {
            bytes = BytesMut::new();
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok((bytes.freeze(), is_too_large))
}

fn unreadable(_: &MultipartError) -> AppError {
    AppError::Invalid(
        "The upload did not arrive in full. Go back in your browser, and send it once more."
            .to_owned(),
    )
}

/// The name of a file without its folders, as some browsers send them, and without what is no text.
fn base_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.chars().filter(|letter| !letter.is_control());
    name.take(LONGEST_NAME).collect()
}

/// An alternative text in one line; empty where something is wrong with it.
pub(super) fn checked_alt(errors: &mut FieldErrors, typed: &str) -> String {
    let words: Vec<&str> = typed
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let alt = words.join(" ");
    if alt.is_empty() {
        errors.add("alt", "Say what the image shows.");
    } else if alt.chars().count() > LONGEST_ALT {
        errors.add(
            "alt",
            format!("Say it in at most {LONGEST_ALT} characters; more belongs into the text."),
        );
    }
    alt
}

fn in_form(refusal: &Refusal) -> FormError {
    let mut errors = FieldErrors::default();
    errors.add("file", refusal.to_string());
    errors.into()
}

async fn find(db: &Db, key: &ImageKey) -> Result<Option<Image>, DbError> {
    let key = key.clone();
    db.read_newest(move |conn| Ok(queries::by_key(conn, &key)?))
        .await
}

fn create(conn: &mut Conn, new: &NewImage) -> Result<Image, DbError> {
    let id = queries::create(conn, new)?;
    log::note(conn, new.editor, "uploaded", Thing::Image(id.0), &new.alt)?;
    let image = queries::by_id(conn, id)?;
    image.ok_or(DbError::Query(Error::NotFound))
}

/// The image that a file has become before, taken out of the bin where it is there.
async fn known(image: Image, alt: String, editor: &Editor, db: &Db) -> Result<Taken, FormError> {
    if image.removed_at.is_none() {
        return Ok(Taken {
            image,
            alt,
            remark: Remark::Known,
        });
    }
    let (id, editor, new_alt) = (image.id, editor.id, alt.clone());
    db.write(move |conn| {
        queries::set_removed(conn, id, None)?;
        queries::describe(conn, id, &new_alt)?;
        log::note(conn, Some(editor), "restored", Thing::Image(id.0), &new_alt)?;
        Ok::<_, DbError>(())
    })
    .await?;
    Ok(Taken {
        image: Image {
            removed_at: None,
            alt: alt.clone(),
            ..image
        },
        alt,
        remark: Remark::Restored,
    })
}
