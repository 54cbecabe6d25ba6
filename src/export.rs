//! `payband export`: everything that people put into the site, as files that any program reads and `payband import`
//! takes back: articles as Markdown with front matter, offers as one canonical CSV with a profile for each source.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use serde::Serialize;

use crate::articles::queries as articles;
use crate::db::{Conn, Db, DbError};
use crate::ids::{CandidateId, RoleId, TechnologyId};
use crate::import::Field;
use crate::market::{Country, English, OfferStatus, Seniority, Skills, Source, queries as market};
use crate::money::MonthlyUsd;
use crate::schema::{candidates, offers};
use crate::slug::Slug;

/// Candidates that are read at a time.
const BATCH: i64 = 5000;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Articles.
    pub articles: usize,
    /// Sources.
    pub sources: usize,
    /// Rows of offers and of candidates without one.
    pub rows: u64,
}

/// Why an export ended early. Each writes itself as one sentence.
#[derive(Debug)]
pub enum ExportError {
    /// A file or folder could not be written.
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The database failed.
    Database(DbError),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, cause } => {
                write!(f, "{} cannot be written: {cause}", path.display())
            }
            Self::Database(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<DbError> for ExportError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<diesel::result::Error> for ExportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Writes `articles/SLUG.md`, `offers/SOURCE.csv` and `offers/SOURCE.toml` into a folder. All of it is of one moment.
///
/// # Errors
/// [`ExportError`]; what was written so far stays.
pub fn export(db: &Db, folder: &Path) -> Result<Exported, ExportError> {
    let (texts, tables) = (folder.join("articles"), folder.join("offers"));
    for folder in [&texts, &tables] {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    db.read_newest_blocking(|conn| {
        let mut exported = Exported::default();
        for file in articles::files(conn)? {
            write(&texts.join(format!("{}.md", file.slug)), &file.to_string())?;
            exported.articles += 1;
        }
        for source in market::sources(conn)? {
            write(
                &tables.join(format!("{}.toml", source.slug)),
                &profile(&source),
            )?;
            exported.rows +=
                export_offers(conn, &source, &tables.join(format!("{}.csv", source.slug)))?;
            exported.sources += 1;
        }
        Ok(exported)
    })
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ExportError {
    let path = path.to_owned();
    move |cause| ExportError::File { path, cause }
}

fn write(path: &Path, text: &str) -> Result<(), ExportError> {
    fs::write(path, text).map_err(failed(path))
}

/// The profile with which the source's CSV is imported again.
fn profile(source: &Source) -> String {
    #[derive(Serialize)]
    struct Written<'a> {
        slug: &'a str,
        name: &'a str,
        url: Option<&'a str>,
        licence: Option<&'a str>,
        pay: &'a str,
    }
    let written = Written {
        slug: source.slug.as_str(),
        name: &source.name,
        url: source.url.as_deref(),
        licence: source.licence.as_deref(),
        pay: source.pay.as_str(),
    };
    let columns = Field::ALL.iter().fold(String::new(), |columns, field| {
        let name = field.name();
        format!("{columns}{name} = \"{name}\"\n")
    });
    format!(
        "[source]\n{}\n[columns]\n{columns}",
        // Text and options always have a TOML form.
        toml::to_string(&written).unwrap_or_default()
    )
}

#[derive(Queryable)]
struct Person {
    id: CandidateId,
    key: Option<String>,
    role: RoleId,
    seniority: Option<Seniority>,
    experience_years: Option<f64>,
    country: Option<Country>,
    english: Option<English>,
    expectation: Option<MonthlyUsd>,
    skills: Skills,
}

type OfferRow = (
    CandidateId,
    MonthlyUsd,
    NaiveDate,
    OfferStatus,
    Option<String>,
);

/// Writes the source's rows, batch by batch in the order of its candidates, and counts them.
fn export_offers(conn: &mut Conn, source: &Source, path: &Path) -> Result<u64, ExportError> {
    let unwritable = |error: csv::Error| ExportError::File {
        path: path.to_owned(),
        cause: io::Error::other(error),
    };
    let mut writer = csv::Writer::from_path(path).map_err(unwritable)?;
    writer
        .write_record(Field::ALL.iter().map(|field| field.name()))
        .map_err(unwritable)?;
    let slugs: HashMap<TechnologyId, Slug> = market::technologies(conn)?
        .into_iter()
        .map(|technology| (technology.id, technology.slug))
        .collect();
    let roles: HashMap<RoleId, Slug> = market::roles(conn)?
        .into_iter()
        .map(|role| (role.id, role.slug))
        .collect();
    let mut rows = 0;
    let mut after = CandidateId(0);
    loop {
        let people = people(conn, source, after)?;
        let (Some(first), Some(last)) = (people.first(), people.last()) else {
            break;
        };
        let offers = offers_of(conn, first.id, last.id)?;
        after = last.id;
        for person in &people {
            let known = person.skills.technologies();
            let mut skills: Vec<&str> = known
                .iter()
                .filter_map(|technology| slugs.get(technology).map(Slug::as_str))
                .collect();
            skills.sort_unstable();
            let offers = of(&offers, person.id, |(id, ..)| *id);
            let role = roles.get(&person.role).map_or("", Slug::as_str);
            let row = |offer: Option<&OfferRow>| row(person, role, &skills.join(";"), offer);
            if offers.is_empty() {
                writer.write_record(row(None)).map_err(unwritable)?;
            }
            for offer in offers {
                writer.write_record(row(Some(offer))).map_err(unwritable)?;
            }
            rows += offers.len().max(1) as u64;
        }
    }
    writer.flush().map_err(failed(path))?;
    Ok(rows)
}

/// The entries of one candidate in a list that is sorted by candidates.
fn of<T>(sorted: &[T], id: CandidateId, key: impl Fn(&T) -> CandidateId) -> &[T] {
    let from = sorted.partition_point(|entry| key(entry) < id);
    let to = sorted.partition_point(|entry| key(entry) <= id);
    sorted.get(from..to).unwrap_or_default()
}

fn row(person: &Person, role: &str, technologies: &str, offer: Option<&OfferRow>) -> [String; 13] {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let salary = offer.map(|(_, salary, ..)| *salary).or(person.expectation);
    [
        text(person.key.as_deref()),
        role.to_owned(),
        technologies.to_owned(),
        text(person.seniority.map(Seniority::as_str)),
        person
            .experience_years
            .map_or_else(String::new, |years| years.to_string()),
        text(person.country.map(Country::as_str)),
        text(person.english.map(English::as_str)),
        salary.map_or_else(String::new, |salary| salary.dollars().to_string()),
        "USD".to_owned(),
        "month".to_owned(),
        offer.map_or_else(String::new, |(_, _, day, ..)| day.to_string()),
        text(offer.map(|(.., status, _)| status.as_str())),
        text(offer.and_then(|(.., key)| key.as_deref())),
    ]
}

fn people(conn: &mut Conn, source: &Source, after: CandidateId) -> QueryResult<Vec<Person>> {
    // The sign keeps SQLite on the way of the key: by the index of sources it would go through all of the source's
    // candidates for each batch.
    let is_of_source = sql::<Bool>("+candidates.source_id = ").bind::<BigInt, _>(source.id);
    candidates::table
        .filter(is_of_source)
        .filter(candidates::id.gt(after))
        .order(candidates::id)
        .limit(BATCH)
        .select((
            candidates::id,
            candidates::source_key,
            candidates::role_id,
            candidates::seniority,
            candidates::experience_years,
            candidates::country,
            candidates::english,
            candidates::monthly_usd,
            candidates::technologies,
        ))
        .load(conn)
}

fn offers_of(conn: &mut Conn, from: CandidateId, to: CandidateId) -> QueryResult<Vec<OfferRow>> {
    offers::table
        .filter(offers::candidate_id.between(from, to))
        .order((offers::candidate_id, offers::number))
        .select((
            offers::candidate_id,
            offers::monthly_usd,
            offers::offered_on,
            offers::status,
            offers::source_key,
        ))
        .load(conn)
}
