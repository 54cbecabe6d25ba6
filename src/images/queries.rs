//! Questions about images.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Image;
use super::names::{ImageKey, Original};
use crate::db::Conn;
use crate::editors::working_copies::{self, Work};
use crate::ids::{ArticleId, EditorId, ImageId, IssueId};
use crate::schema::{articles, images, issues};

/// What is kept of an image beside its files.
#[derive(Clone, Debug)]
pub struct NewImage {
    /// The name of the uploaded file.
    pub file_name: String,
    /// What it shows.
    pub alt: String,
    /// Its widest version.
    pub original: Original,
    /// Bytes of the widest version.
    pub bytes: usize,
    /// Who uploaded it.
    pub editor: Option<EditorId>,
    /// When, UTC.
    pub uploaded_at: NaiveDateTime,
}

/// When that image was uploaded, UTC, and whether it is in the bin; `None` where there is none.
///
/// # Errors
/// When the database fails, as every query here.
pub fn standing(conn: &mut Conn, key: &ImageKey) -> QueryResult<Option<(NaiveDateTime, bool)>> {
    images::table
        .filter(images::key.eq(key))
        .select((images::uploaded_at, images::removed_at.is_not_null()))
        .first(conn)
        .optional()
}

/// The image of that key in the database.
///
/// # Errors
/// When the database fails.
pub fn by_id(conn: &mut Conn, id: ImageId) -> QueryResult<Option<Image>> {
    images::table
        .find(id)
        .select(Image::as_select())
        .first(conn)
        .optional()
}

/// The image that was made of the file of that key.
///
/// # Errors
/// When the database fails.
pub fn by_key(conn: &mut Conn, key: &ImageKey) -> QueryResult<Option<Image>> {
    images::table
        .filter(images::key.eq(key))
        .select(Image::as_select())
        .first(conn)
        .optional()
}

/// The newest images that are not in the bin, the newest first.
///
/// # Errors
/// When the database fails.
pub fn recent(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Image>> {
    images::table
        .filter(images::removed_at.is_null())
        .order((images::uploaded_at.desc(), images::id.desc()))
        .limit(limit)
        .select(Image::as_select())
        .load(conn)
}

/// Images that are not in the bin and whose text or file name has every word that was asked for, the newest first: how many
/// there are, and those after the first `skip`, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn found(
    conn: &mut Conn,
    wanted: &str,
    skip: usize,
    limit: usize,
) -> QueryResult<(usize, Vec<Image>)> {
    // Letters are compared here, as the databases do not agree on what the same letter is.
    let texts: Vec<(ImageId, String, String)> = images::table
        .filter(images::removed_at.is_null())
        .order((images::uploaded_at.desc(), images::id.desc()))
        .select((images::id, images::alt, images::file_name))
        .load(conn)?;
    let wanted = wanted.to_lowercase();
    let has_all = |(_, alt, file_name): &(ImageId, String, String)| {
        let text = format!("{alt} {file_name}").to_lowercase();
        wanted.split_whitespace().all(|word| text.contains(word))
    };
    let ids: Vec<ImageId> = texts
        .into_iter()
        .filter(has_all)
        .map(|(id, ..)| id)
        .collect();
    let page: Vec<ImageId> = ids.iter().copied().skip(skip).take(limit).collect();
    let images = images::table
        .filter(images::id.eq_any(page))
        .order((images::uploaded_at.desc(), images::id.desc()))
        .select(Image::as_select())
        .load(conn)?;
    Ok((ids.len(), images))
}

/// Adds an image.
///
/// # Errors
/// When the database fails; also when the file's key is known.
pub fn create(conn: &mut Conn, new: &NewImage) -> QueryResult<ImageId> {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    diesel::insert_into(images::table)
        .values((
            images::key.eq(&new.original.key),
            images::file_name.eq(&new.file_name),
            images::alt.eq(&new.alt),
            images::width.eq(number(new.original.width)),
            images::height.eq(number(new.original.height)),
            images::bytes.eq(i32::try_from(new.bytes).unwrap_or(i32::MAX)),
            images::format.eq(new.original.format),
            images::editor_id.eq(new.editor),
            images::uploaded_at.eq(new.uploaded_at),
        ))
        .returning(images::id)
        .get_result(conn)
}

/// Says anew what an image shows.
///
/// # Errors
/// When the database fails.
pub fn describe(conn: &mut Conn, id: ImageId, alt: &str) -> QueryResult<()> {
    diesel::update(images::table.find(id))
        .set(images::alt.eq(alt))
        .execute(conn)?;
    Ok(())
}

/// Puts an image into the bin, or takes it out.
///
/// # Errors
/// When the database fails.
pub fn set_removed(conn: &mut Conn, id: ImageId, at: Option<NaiveDateTime>) -> QueryResult<()> {
    diesel::update(images::table.find(id))
        .set(images::removed_at.eq(at))
        .execute(conn)?;
    Ok(())
}

/// Images in the bin, the latest first.
///
/// # Errors
/// When the database fails.
pub fn removed(conn: &mut Conn) -> QueryResult<Vec<Image>> {
    images::table
        .filter(images::removed_at.is_not_null())
        .order((images::removed_at.desc(), images::id.desc()))
        .select(Image::as_select())
        .load(conn)
}

/// Images that were put into the bin before then.
///
/// # Errors
/// When the database fails.
pub fn removed_before(conn: &mut Conn, then: NaiveDateTime) -> QueryResult<Vec<Image>> {
    images::table
        .filter(images::removed_at.lt(then))
        .select(Image::as_select())
        .load(conn)
}

/// Forgets an image of the bin. One that was taken out meanwhile stays.
///
/// # Errors
/// When the database fails.
pub fn forget(conn: &mut Conn, id: ImageId, removed_before: NaiveDateTime) -> QueryResult<bool> {
    let image = images::table
        .find(id)
        .filter(images::removed_at.lt(removed_before));
    Ok(diesel::delete(image).execute(conn)? > 0)
}

/// A text that shows an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its heading.
    pub title: String,
    /// Where it is written, in the admin.
    pub href: String,
}

/// The texts that name an image, or have it as their cover: articles and issues in any state, and what editors have not saved
/// yet.
///
/// # Errors
/// When the database fails.
pub fn uses(conn: &mut Conn, image: &Image) -> QueryResult<Vec<Use>> {
    let named = format!("%/images/{}-%", image.key);
    let articles: Vec<(ArticleId, String)> = articles::table
        .filter(articles::body.like(&named))
        .or_filter(articles::cover_image_id.eq(image.id))
        .order(articles::title)
        .select((articles::id, articles::title))
        .load(conn)?;
    let issues: Vec<(IssueId, String)> = issues::table
        .filter(issues::body.like(&named))
        .order(issues::title)
        .select((issues::id, issues::title))
        .load(conn)?;
    let articles = articles
        .into_iter()
        .map(|(id, title)| (Work::Article(Some(id)), title));
    let issues = issues
        .into_iter()
        .map(|(id, title)| (Work::Issue(Some(id)), title));
    let mut works: Vec<(Work, String)> = articles.chain(issues).collect();
    for unsaved in working_copies::naming(conn, &named)? {
        if works.iter().all(|(known, _)| *known != unsaved) {
            works.push((unsaved, "a text that is not saved yet".to_owned()));
        }
    }
    let works = works.into_iter();
    Ok(works
        .map(|(work, title)| Use {
            title,
            href: work.form(),
        })
        .collect())
}
