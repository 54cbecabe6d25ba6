//! The second page of a mapping: what the values of the columns mean.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::job::{PATIENCE, start_dry_run};
use super::super::{counted, find_job, grouped, job_of, known, same};
use super::{Sent, errors_of, not_mappable, still_there, words};
use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::editors::Editor;
use crate::error::AppError;
use crate::import::inspect::Findings;
use crate::import::jobs::{Job, Jobs, State, queries};
use crate::import::mapping::{MAPPED_VALUES, Mapping};
use crate::import::profile::{Field, Period};
use crate::market::{self, Country, English, OfferStatus, Seniority, Source};
use crate::web::forms::{FieldErrors, FormError};
use crate::web::{Meta, Site, assets, html_with, parameter};

/// A field whose values are mapped.
struct ValueTable {
    field: Field,
    label: &'static str,
    is_as_is: bool,
    /// What it means to take values as they are, and to map them.
    as_is_text: &'static str,
    listed_text: &'static str,
    /// Raw values, in how many rows, and what is typed for each.
    rows: Vec<(String, u64, String)>,
    /// Rows with values that are not listed.
    others: u64,
    /// What can be chosen; empty where anything can be typed.
    options: Vec<(String, String)>,
}

impl ValueTable {
    /// Whether a typed value can be chosen.
    fn knows(&self, typed: &str) -> bool {
        self.options.iter().any(|(value, _)| value == typed)
    }
}

#[derive(Template)]
#[template(path = "import/values.html")]
struct Values<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    errors: FieldErrors,
    job: &'a Job,
    tables: Vec<ValueTable>,
    roles: Vec<(String, String)>,
    technologies: Vec<(String, String)>,
}

/// `GET /admin/imports/jobs/{id}/values`
pub(super) async fn show(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    if let Some(elsewhere) = not_mappable(&job) {
        return Ok(elsewhere);
    }
    let mapping = job.mapping().unwrap_or_default();
    let frame = Frame::of(&editor, &request, Section::Imports);
    page(frame, &site, &db, &job, mapping, FieldErrors::default()).await
}

async fn page(
    frame: Frame,
    site: &Site,
    db: &Db,
    job: &Job,
    mut mapping: Mapping,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let findings = job.findings();
    let known = db.read_newest(known).await?;
    mapping.guess_values(&findings, &known);
    let tables = mapping
        .mapped_fields()
        .into_iter()
        .map(|field| table(field, &mapping, &findings))
        .filter(|table| !table.rows.is_empty())
        .collect();
    let pairs = |names: Vec<(crate::slug::Slug, String)>| -> Vec<(String, String)> {
        let names = names.into_iter();
        names.map(|(slug, name)| (slug.to_string(), name)).collect()
    };
    html_with(
        errors.status(),
        &Values {
            site,
            meta: Meta::new(
                format!("Values of {}", job.file_name),
                "",
                format!("/admin/imports/jobs/{}/values", job.id.0),
            )
            .hidden(),
            frame,
            errors,
            job,
            tables,
            roles: pairs(known.roles),
            technologies: pairs(known.technologies),
        },
    )
}

fn table(field: Field, mapping: &Mapping, findings: &Findings) -> ValueTable {
    let raw = mapping.raw_values(field, findings);
    let typed = mapping.values.get(&field);
    let unlisted = raw.iter().skip(MAPPED_VALUES).map(|(_, count)| *count);
    let headers = mapping.columns.get(&field).into_iter().flatten();
    let uncounted = headers
        .filter_map(|header| findings.column(header))
        .map(|column| column.others);
    let (as_is_text, listed_text) = match field {
        Field::Role => (
            "Take the names as they are; roles that are not known yet are created",
            "Give each its role; rows with an empty one are skipped",
        ),
        Field::Technologies => (
            "Take the names as they are; technologies that are not known yet are created",
            "Give each its technology; empty ones are left out",
        ),
        _ => (
            "Take them as they are; rows with any other are rejected",
            "Give each its meaning; empty ones count as not given",
        ),
    };
    ValueTable {
        field,
        label: words(field).0,
        is_as_is: mapping.as_is.contains(&field),
        as_is_text,
        listed_text,
        others: unlisted.chain(uncounted).sum(),
        options: options(field),
        rows: raw
            .into_iter()
            .take(MAPPED_VALUES)
            .map(|(raw, count)| {
                let meant = typed.and_then(|typed| typed.get(&raw));
                let meant = meant.cloned().unwrap_or_default();
                (raw, count, meant)
            })
            .collect(),
    }
}

/// The canonical values of a field that has a closed list of them.
fn options(field: Field) -> Vec<(String, String)> {
    let none = || (String::new(), "Not given".to_owned());
    let words: Vec<(&str, &str)> = match field {
        Field::Seniority => Seniority::ALL
            .iter()
            .map(|it| (it.as_str(), it.label()))
            .collect(),
        Field::English => English::ALL
            .iter()
            .map(|it| (it.as_str(), it.label()))
            .collect(),
        Field::Status => OfferStatus::ALL
            .iter()
            .map(|it| (it.as_str(), it.label()))
            .collect(),
        Field::Period => vec![
            (Period::Month.as_str(), "A month"),
            (Period::Year.as_str(), "A year"),
        ],
        Field::Country => {
            let mut countries: Vec<(&str, &str)> = rust_iso3166::ALL
                .iter()
                .filter_map(|country| country.alpha2.parse::<Country>().ok())
                .map(|country| (country.as_str(), country.label()))
                .collect();
            countries.sort_by_key(|(_, label)| *label);
            countries
        }
        _ => return Vec::new(),
    };
    let words = words
        .into_iter()
        .map(|(word, label)| (word.to_owned(), label.to_owned()));
    std::iter::once(none()).chain(words).collect()
}

/// `POST /admin/imports/jobs/{id}/values`
pub(super) async fn keep(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    sent: Sent,
    site: web::Data<Site>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    if let Some(elsewhere) = not_mappable(&job) {
        return Ok(elsewhere);
    }
    let mapping = typed(job.mapping().unwrap_or_default(), &sent);
    match check_and_keep(&db, &job, mapping.clone()).await {
        Ok(()) => start_dry_run(&db, &jobs, job.id, PATIENCE).await,
        Err(error) => {
            let errors = error.into_errors()?;
            let frame = Frame::of(&editor, &request, Section::Imports);
            page(frame, &site, &db, &job, mapping, errors).await
        }
    }
}

/// The mapping with what the form of values sent: for each field how its values are taken, and pairs of a raw value and what
/// is typed for it.
fn typed(mut mapping: Mapping, sent: &[(String, String)]) -> Mapping {
    for field in mapping.mapped_fields() {
        let name = field.name();
        match parameter(sent, &format!("mode.{name}")).as_str() {
            "as_is" => {
                mapping.as_is.insert(field);
            }
            "listed" => {
                mapping.as_is.remove(&field);
            }
            _ => continue,
        }
        let (raw_name, value_name) = (format!("raw.{name}"), format!("value.{name}"));
        let mut table = BTreeMap::new();
        let mut raw = None;
        for (name, value) in sent {
            if *name == raw_name {
                raw = Some(value.clone());
            } else if *name == value_name
                && let Some(raw) = raw.take()
            {
                table.insert(raw, value.trim().to_owned());
            }
        }
        mapping.values.insert(field, table);
    }
    mapping
}

async fn check_and_keep(db: &Db, job: &Job, mapping: Mapping) -> Result<(), FormError> {
    let findings = job.findings();
    let id = job.id;
    let sources: Vec<Source> = db
        .read_newest(|conn| market::queries::sources(conn).map_err(DbError::from))
        .await?;
    if let Err(problems) = mapping.check(&findings, &sources) {
        errors_of(problems).check()?;
    }
    let kept = db
        .write(move |conn| {
            // A job that was removed meanwhile is said to be so.
            job_of(conn, id)?;
            Ok::<_, AppError>(queries::keep_mapping(conn, id, &mapping, State::Mapped)?)
        })
        .await?;
    Ok(still_there(kept)?)
}
