//! How an uploaded file is read: first encoding, delimiter and columns, then the values of the columns.

mod values;

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::job::{PATIENCE, start_dry_run};
use super::{apart, counted, find_job, go_to, known, same, size};
use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::ImportProfileId;
use crate::import::guess::{self, DATE_FORMATS};
use crate::import::inspect::{Findings, InspectError, Reading, inspect_as};
use crate::import::jobs::queries::SavedProfile;
use crate::import::jobs::{Job, Jobs, State, queries};
use crate::import::mapping::{Mapping, NewSource, Problems};
use crate::import::profile::{Field, Profile};
use crate::market::{self, PayBasis};
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page, parameter};

/// Columns that a field can be read from by this form, one after the other.
const COLUMNS_OF_A_FIELD: usize = 2;

/// Encodings that are offered: labels, and what they are called.
const ENCODINGS: &[(&str, &str)] = &[
    ("utf-8", "UTF-8"),
    ("windows-1251", "Windows-1251 (Cyrillic)"),
    ("koi8-u", "KOI8-U (Cyrillic)"),
    ("windows-1252", "Windows-1252 (Western)"),
    ("windows-1250", "Windows-1250 (Central European)"),
    ("utf-16le", "UTF-16LE"),
    ("utf-16be", "UTF-16BE"),
];

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/imports/jobs/{id}/mapping")
                .route(page().to(columns))
                .route(web::post().to(keep_columns)),
        )
        .service(web::resource("/imports/jobs/{id}/reading").route(web::post().to(read_again)))
        .service(web::resource("/imports/jobs/{id}/profile").route(web::post().to(use_profile)))
        .service(
            web::resource("/imports/jobs/{id}/values")
                .route(page().to(values::show))
                .route(web::post().to(values::keep)),
        );
}

/// What the forms send: names and values in their order.
type Sent = web::Form<Vec<(String, String)>>;

/// A field of the canonical form, as the form asks for it.
struct FieldRow {
    field: Field,
    label: &'static str,
    hint: &'static str,
    is_needed: bool,
    /// The chosen headers, as many as can be chosen.
    chosen: Vec<String>,
    constant: String,
}

impl FieldRow {
    fn of(field: Field, mapping: &Mapping) -> Self {
        let (label, hint) = words(field);
        let mut chosen = mapping.columns.get(&field).cloned().unwrap_or_default();
        chosen.resize(chosen.len().max(COLUMNS_OF_A_FIELD), String::new());
        Self {
            field,
            label,
            hint,
            is_needed: matches!(field, Field::Role | Field::Salary | Field::OfferedOn),
            chosen,
            constant: mapping.constants.get(&field).cloned().unwrap_or_default(),
        }
    }

    fn first(&self) -> &str {
        self.chosen.first().map_or("", String::as_str)
    }

    /// The choices after the first one, with their numbers.
    fn others(&self) -> impl Iterator<Item = (usize, &String)> {
        (1..).zip(&self.chosen).skip(1)
    }

    /// Whether something stands where it does not show at first sight.
    fn is_open(&self) -> bool {
        !self.constant.is_empty() || self.chosen.iter().skip(1).any(|header| !header.is_empty())
    }
}

/// What a field is called, and what it is.
const fn words(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::Candidate => (
            "Candidate key",
            "The source\u{2019}s own key of a person. Without one, each row is a person of its own.",
        ),
        Field::Role => (
            "Role",
            "The specialization, such as Back-End Web. Rows without one are skipped.",
        ),
        Field::Technologies => ("Technologies", "Names, with semicolons between several."),
        Field::Seniority => ("Seniority", "Junior, middle, senior or expert."),
        Field::ExperienceYears => ("Experience", "A number of years."),
        Field::Country => (
            "Country",
            "Two letters of ISO 3166-1, or a name to be mapped.",
        ),
        Field::English => ("English", "None, or A1 to C2."),
        Field::Salary => ("Salary", "What the candidate asks for: a plain number."),
        Field::Currency => (
            "Currency",
            "Three letters such as EUR, where rows differ. Otherwise see below.",
        ),
        Field::Period => (
            "Pay period",
            "Month or year, where rows differ. Otherwise see below.",
        ),
        Field::OfferedOn => (
            "Day of the offer",
            "A row without one is a candidate without an offer.",
        ),
        Field::Status => (
            "Status",
            "Open, accepted or rejected. Only open offers count; without a column all are open.",
        ),
        Field::Offer => (
            "Offer key",
            "The source\u{2019}s own key of an offer: a known one is updated.",
        ),
    }
}

#[derive(Template)]
#[template(path = "import/mapping.html")]
struct Columns<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    errors: FieldErrors,
    job: &'a Job,
    findings: &'a Findings,
    mapping: &'a Mapping,
    rows: Vec<FieldRow>,
    sources: Vec<(String, String)>,
    profiles: Vec<SavedProfile>,
    encodings: Vec<(String, String)>,
    /// What is said about dates.
    date_hint: String,
    is_headerless: bool,
}

impl Columns<'_> {
    /// The headers that can be chosen, each with a cell below it.
    fn headers(&self) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        for (place, header) in self.findings.headers.iter().enumerate() {
            let is_first = self
                .findings
                .headers
                .iter()
                .position(|other| other == header)
                == Some(place);
            if header.is_empty() || !is_first {
                continue;
            }
            let column = self.findings.columns.get(place);
            let sample = column.and_then(|column| column.samples.first());
            let text = match sample {
                Some(sample) => {
                    format!("{} \u{2013} e.g. {}", short(header, 60), short(sample, 30))
                }
                None => format!("{} \u{2013} empty", short(header, 60)),
            };
            headers.push((header.clone(), text));
        }
        headers
    }
}

fn delimiters() -> [(&'static str, &'static str); 4] {
    [
        (",", "comma"),
        (";", "semicolon"),
        ("\t", "tab"),
        ("|", "vertical bar"),
    ]
}

fn pays() -> Vec<(String, String)> {
    let pays = PayBasis::ALL.iter().map(|pay| (pay.as_str(), pay.label()));
    owned(std::iter::once(("", "Choose")).chain(pays))
}

fn periods() -> Vec<(String, String)> {
    owned([("month", "a month"), ("year", "a year")].into_iter())
}

fn owned<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    pairs
        .map(|(value, text)| (value.to_owned(), text.to_owned()))
        .collect()
}

/// At most so many characters of a text.
fn short(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}\u{2026}", text.get(..end).unwrap_or_default()),
    }
}

/// `GET /admin/imports/jobs/{id}/mapping`
async fn columns(
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
    show_columns(frame, &site, &db, &job, &mapping, FieldErrors::default()).await
}

/// Where a job is shown that cannot be mapped any more, or never could.
fn not_mappable(job: &Job) -> Option<HttpResponse> {
    let is_over = job.state.is_moving() || job.state == State::Done;
    let is_file = job.mapping().is_some();
    (is_over || !is_file).then(|| go_to(&format!("/admin/imports/jobs/{}", job.id.0)))
}

async fn show_columns(
    frame: Frame,
    site: &Site,
    db: &Db,
    job: &Job,
    mapping: &Mapping,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let findings = job.findings();
    let (sources, profiles) = db
        .read_newest(|conn| {
            Ok::<_, AppError>((market::queries::sources(conn)?, queries::profiles(conn)?))
        })
        .await?;
    let fits = |saved: &SavedProfile| {
        let profile: Option<Profile> = saved.profile.parse().ok();
        profile.is_some_and(|profile| {
            let mut wanted = profile.columns.values().flatten();
            wanted.all(|header| findings.headers.contains(header))
        })
    };
    let mut encodings: Vec<(String, String)> = ENCODINGS
        .iter()
        .map(|(label, name)| ((*label).to_owned(), (*name).to_owned()))
        .collect();
    if !encodings
        .iter()
        .any(|(label, _)| *label == findings.encoding)
    {
        encodings.push((findings.encoding.clone(), findings.encoding.clone()));
    }
    let sources = std::iter::once((String::new(), "A new source".to_owned()))
        .chain(sources.into_iter().map(|source| {
            let text = format!("{} ({})", source.name, source.pay);
            (source.slug.to_string(), text)
        }))
        .collect();
    html_with(
        errors.status(),
        &Columns {
            site,
            meta: Meta::new(
                format!("Columns of {}", job.file_name),
                "",
                format!("/admin/imports/jobs/{}/mapping", job.id.0),
            )
            .hidden(),
            frame,
            errors,
            rows: Field::ALL
                .iter()
                .map(|field| FieldRow::of(*field, mapping))
                .collect(),
            date_hint: date_hint(&findings, mapping),
            is_headerless: guess::is_headerless(&findings),
            profiles: profiles.into_iter().filter(fits).collect(),
            encodings,
            sources,
            job,
            findings: &findings,
            mapping,
        },
    )
}

/// What is known of the dates in the chosen column.
fn date_hint(findings: &Findings, mapping: &Mapping) -> String {
    let header = mapping
        .columns
        .get(&Field::OfferedOn)
        .and_then(|headers| headers.first());
    let samples = header
        .and_then(|header| findings.column(header))
        .map_or(&[][..], |column| column.samples.as_slice());
    match guess::date_format(samples) {
        Some(guess) => match guess.or {
            Some(or) => format!(
                "Day and month could stand either way round: {} and {or} both fit. Look at the dates and choose.",
                guess.format
            ),
            None => format!("The dates of the chosen column fit {}.", guess.format),
        },
        None => "Codes as in strftime: %Y year, %m month, %d day.".to_owned(),
    }
}

/// `POST /admin/imports/jobs/{id}/mapping`
async fn keep_columns(
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
    let mapping = typed_columns(&job.mapping().unwrap_or_default(), &sent);
    let kept = check_and_keep_columns(&db, &job, mapping.clone()).await;
    match kept {
        Ok(true) => Ok(go_to(&format!("/admin/imports/jobs/{id}/values"))),
        Ok(false) => start_dry_run(&db, &jobs, job.id, PATIENCE).await,
        Err(error) => {
            let errors = error.into_errors()?;
            let frame = Frame::of(&editor, &request, Section::Imports);
            show_columns(frame, &site, &db, &job, &mapping, errors).await
        }
    }
}

/// The mapping with what the form of columns sent.
fn typed_columns(former: &Mapping, sent: &[(String, String)]) -> Mapping {
    let text = |name: &str| parameter(sent, name);
    let mut columns = BTreeMap::new();
    let mut constants = BTreeMap::new();
    for &field in Field::ALL {
        let prefix = format!("column.{}.", field.name());
        let headers: Vec<String> = sent
            .iter()
            .filter(|(name, header)| name.starts_with(&prefix) && !header.is_empty())
            .map(|(_, header)| header.clone())
            .collect();
        if !headers.is_empty() {
            columns.insert(field, headers);
        }
        let constant = text(&format!("constant.{}", field.name()));
        if !constant.is_empty() {
            constants.insert(field, constant);
        }
    }
    // What was typed for values holds only as long as their columns are the same.
    let is_same = |field: &Field| former.columns.get(field) == columns.get(field);
    let values = former.values.iter().filter(|(field, _)| is_same(field));
    let as_is = former.as_is.iter().filter(|field| is_same(field));
    Mapping {
        encoding: former.encoding.clone(),
        delimiter: former.delimiter.clone(),
        values: values
            .map(|(field, table)| (*field, table.clone()))
            .collect(),
        as_is: as_is.copied().collect(),
        columns,
        constants,
        source: text("source"),
        new_source: NewSource {
            name: text("source_name"),
            slug: text("source_slug"),
            url: text("source_url"),
            licence: text("source_licence"),
            pay: text("source_pay"),
        },
        currency: text("default_currency"),
        period: text("default_period"),
        rates: text("rates"),
        date_format: text("date_format"),
        replace: text("replace") == "yes",
    }
}

/// Keeps the columns, where nothing is wrong with them, and answers whether there are values to be mapped.
async fn check_and_keep_columns(
    db: &Db,
    job: &Job,
    mut mapping: Mapping,
) -> Result<bool, FormError> {
    let findings = job.findings();
    let id = job.id;
    let (sources, known) = db
        .read_newest(|conn| Ok::<_, DbError>((market::queries::sources(conn)?, known(conn)?)))
        .await?;
    // The values come on the next page.
    let columns_alone = Mapping {
        values: BTreeMap::new(),
        as_is: BTreeSet::new(),
        ..mapping.clone()
    };
    if let Err(problems) = columns_alone.check(&findings, &sources) {
        errors_of(problems).check()?;
    }
    mapping.guess_values(&findings, &known);
    let has_values = !mapping.mapped_fields().is_empty();
    let state = if has_values {
        State::Uploaded
    } else {
        State::Mapped
    };
    let kept = db
        .write(move |conn| queries::keep_mapping(conn, id, &mapping, state).map_err(DbError::from))
        .await?;
    still_there(kept)?;
    Ok(has_values)
}

fn errors_of(problems: Problems) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (field, sentence) in problems {
        errors.add(field, sentence);
    }
    errors
}

fn still_there(kept: bool) -> Result<(), AppError> {
    if kept {
        return Ok(());
    }
    Err(AppError::Conflict(
        "This file is being imported already, or somebody removed it. Nothing of the mapping was changed.".to_owned(),
    ))
}

/// `POST /admin/imports/jobs/{id}/reading`: the file with another encoding or delimiter.
async fn read_again(
    _: Editor,
    id: web::Path<i64>,
    sent: Sent,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    if let Some(elsewhere) = not_mappable(&job) {
        return Ok(elsewhere);
    }
    let encoding = parameter(&sent, "encoding");
    // A tab is white space, which a plain parameter loses.
    let delimiter = sent.iter().find(|(name, _)| name == "delimiter");
    let delimiter = delimiter.map_or("", |(_, value)| value.as_str()).to_owned();
    let mapping_page = format!("/admin/imports/jobs/{id}/mapping");
    let (jobs, db) = (jobs.get_ref().clone(), db.get_ref().clone());
    let read = apart(move || inspect_again(&jobs, &db, &job, &encoding, &delimiter)).await?;
    Ok(match read {
        Ok(()) => see_other(&mapping_page, &Notice::done("The file was read anew.")),
        Err(sentence) => see_other(&mapping_page, &Notice::problem(sentence)),
    })
}

/// Reads a job's file in another way, and keeps what it holds with a new guess. Answers a sentence where that cannot be.
fn inspect_again(
    jobs: &Jobs,
    db: &Db,
    job: &Job,
    encoding: &str,
    delimiter: &str,
) -> Result<Result<(), String>, AppError> {
    let findings = match findings_as(jobs, job, encoding, delimiter)? {
        Ok(findings) => findings,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let known = db.read_newest_blocking(known)?;
    let former = job.mapping().unwrap_or_default();
    let mapping = Mapping {
        source: former.source,
        new_source: former.new_source,
        rates: former.rates,
        replace: former.replace,
        ..Mapping::guess(&findings, &known, &job.file_name)
    };
    db.write_blocking(|conn| {
        queries::read_again(conn, job.id, &findings, &mapping).map_err(DbError::from)
    })?;
    Ok(Ok(()))
}

/// What a job's file holds that is read in that way.
fn findings_as(
    jobs: &Jobs,
    job: &Job,
    encoding: &str,
    delimiter: &str,
) -> Result<Result<Findings, String>, AppError> {
    let encoding = encoding_rs::Encoding::for_label(encoding.as_bytes());
    let (Some(encoding), [delimiter]) = (encoding, delimiter.as_bytes()) else {
        return Ok(Err(
            "Choose an encoding and a delimiter from the lists.".to_owned()
        ));
    };
    let Some(path) = jobs.file_blocking(job)? else {
        return Ok(Err(
            "The uploaded file is not here any more. Upload it again.".to_owned(),
        ));
    };
    let reading = Reading {
        encoding,
        is_certain: false,
        delimiter: *delimiter,
    };
    match inspect_as(&path, reading) {
        Ok(findings) => Ok(Ok(findings)),
        Err(InspectError::NoTable(sentence)) => Ok(Err(sentence)),
        Err(InspectError::File(cause)) => Err(AppError::Failed(cause.to_string())),
    }
}

/// `POST /admin/imports/jobs/{id}/profile`: the mapping of a saved profile.
async fn use_profile(
    _: Editor,
    id: web::Path<i64>,
    sent: Sent,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    if let Some(elsewhere) = not_mappable(&job) {
        return Ok(elsewhere);
    }
    let wanted = parameter(&sent, "profile").parse().unwrap_or(0);
    let mapping_page = format!("/admin/imports/jobs/{id}/mapping");
    let applied = {
        let (jobs, db) = (jobs.get_ref().clone(), db.get_ref().clone());
        let job = job.clone();
        apart(move || apply_profile(&jobs, &db, &job, ImportProfileId(wanted))).await?
    };
    match applied {
        Ok(()) => start_dry_run(&db, &jobs, job.id, PATIENCE).await,
        Err(sentence) => Ok(see_other(&mapping_page, &Notice::problem(sentence))),
    }
}

fn apply_profile(
    jobs: &Jobs,
    db: &Db,
    job: &Job,
    wanted: ImportProfileId,
) -> Result<Result<(), String>, AppError> {
    let (saved, sources) = db.read_newest_blocking(|conn| {
        let sources = market::queries::sources(conn)?;
        Ok::<_, DbError>((queries::profile(conn, wanted)?, sources))
    })?;
    let Some(saved) = saved else {
        return Ok(Err("That profile was removed meanwhile.".to_owned()));
    };
    let profile: Profile = match saved.profile.parse() {
        Ok(profile) => profile,
        Err(error) => return Ok(Err(format!("That profile cannot be used: {error}."))),
    };
    let mapping = Mapping::of_profile(&profile, &sources);
    let mut findings = job.findings();
    let is_read_so = findings.encoding == mapping.encoding
        && findings.delimiter.to_string() == mapping.delimiter;
    if !is_read_so {
        findings = match findings_as(jobs, job, &mapping.encoding, &mapping.delimiter)? {
            Ok(findings) => findings,
            Err(sentence) => return Ok(Err(sentence)),
        };
    }
    let problems = mapping.check(&findings, &sources).err().unwrap_or_default();
    let kept = db.write_blocking(|conn| {
        if !is_read_so {
            queries::read_again(conn, job.id, &findings, &mapping)?;
        }
        let state = if problems.is_empty() {
            State::Mapped
        } else {
            State::Uploaded
        };
        queries::keep_mapping(conn, job.id, &mapping, state).map_err(DbError::from)
    })?;
    still_there(kept)?;
    match problems.into_iter().next() {
        None => Ok(Ok(())),
        Some((_, sentence)) => Ok(Err(format!(
            "The mapping of \u{201c}{}\u{201d} is filled in, but it does not fit: {sentence}",
            saved.name
        ))),
    }
}
