//! Subscribers from a CSV file and into one: `/admin/subscribers/import`, `/admin/subscribers.csv`.

use actix_multipart::Multipart;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use futures_util::StreamExt;

use super::list::Asked;
use crate::admin::{Frame, Section};
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::error::AppError;
use crate::mail::MailAddress;
use crate::newsletter::interests;
use crate::newsletter::roll::{self, Added, Row};
use crate::web::forms::{FORM_BYTES, FieldErrors, FormError};
use crate::web::{Meta, Site, assets, html_with, page};

/// Rejected rows that are listed.
const LISTED: usize = 100;

pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/subscribers/import")
                .route(page().to(form))
                .route(web::post().to(import)),
        )
        .service(web::resource("/subscribers.csv").route(page().to(export)));
}

#[derive(Template)]
#[template(path = "newsletter/admin/import.html")]
struct Import<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    errors: FieldErrors,
    done: Option<Done>,
}

/// What an import did.
struct Done {
    added: Added,
    /// Lines with what is wrong.
    rejected: Vec<(u64, String)>,
}

/// `GET /admin/subscribers/import`
async fn form(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
) -> Result<HttpResponse, AppError> {
    let frame = Frame::of(&editor, &request, Section::Subscribers);
    show(frame, &site, FieldErrors::default(), None)
}

fn show(
    frame: Frame,
    site: &Site,
    errors: FieldErrors,
    done: Option<Done>,
) -> Result<HttpResponse, AppError> {
    let status = errors.status();
    let import = Import {
        site,
        meta: Meta::new("Import subscribers", "", "/admin/subscribers/import").hidden(),
        frame,
        errors,
        done,
    };
    html_with(status, &import)
}

/// `POST /admin/subscribers/import`
async fn import(
    editor: Editor,
    request: HttpRequest,
    sent: Multipart,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let frame = Frame::of(&editor, &request, Section::Subscribers);
    match try_import(sent, &db).await {
        Ok(done) => show(frame, &site, FieldErrors::default(), Some(done)),
        Err(error) => show(frame, &site, error.into_errors()?, None),
    }
}

async fn try_import(sent: Multipart, db: &Db) -> Result<Done, FormError> {
    let (text, has_agreed) = received(sent).await?;
    let mut errors = FieldErrors::default();
    if !has_agreed {
        errors.add(
            "agreed",
            "Only people who agreed to it may be added. Say that they did.",
        );
    }
    let parsed = parsed(&text).map_err(|problem| errors.add("file", problem));
    errors.check()?;
    let Ok((rows, rejected)) = parsed else {
        return Err(FieldErrors::default().into());
    };
    let added = db
        .write(move |conn| Ok::<_, FormError>(roll::add_all(conn, &rows, Utc::now().naive_utc())?))
        .await?;
    Ok(Done { added, rejected })
}

/// The file, and whether it is said that the people in it agreed.
async fn received(mut sent: Multipart) -> Result<(String, bool), FormError> {
    let mut bytes = Vec::new();
    let mut has_agreed = false;
    while let Some(field) = sent.next().await {
        let unreadable =
            |_| AppError::Invalid("The file did not arrive whole. Send it again.".to_owned());
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(unreadable)?;
            match name.as_str() {
                "agreed" => has_agreed |= !chunk.is_empty(),
                "file" if bytes.len() + chunk.len() > FORM_BYTES => {
                    let mut errors = FieldErrors::default();
                    errors.add(
                        "file",
                        "The file is larger than 8 megabytes. Send it in parts.",
                    );
                    return Err(errors.into());
                }
                "file" => bytes.extend_from_slice(&chunk),
                _ => {}
            }
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        let mut errors = FieldErrors::default();
        errors.add("file", "The file is not UTF-8. Save it as CSV in UTF-8.");
        errors
    })?;
    Ok((text, has_agreed))
}

/// The rows of a file, and lines with what is wrong.
type Parsed = (Vec<Row>, Vec<(u64, String)>);

/// Reads a file.
///
/// # Errors
/// Why nothing of it can be read.
fn parsed(text: &str) -> Result<Parsed, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err("Choose a file with addresses.".to_owned());
    }
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.contains(';') && !head.contains(',') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |names: &[&str]| {
        headers
            .iter()
            .position(|header| names.contains(&header.to_lowercase().as_str()))
    };
    let email = column(&["email", "e-mail", "email address", "address"]);
    let email = email.ok_or("The first line names no column \u{201c}email\u{201d}.")?;
    let (newsletter, topics) = (column(&["newsletter"]), column(&["topics"]));
    let consented = column(&["consented_at", "confirmed_at", "optin_time", "created_at"]);
    let (mut rows, mut rejected) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                rejected.push((line, "the line cannot be read".to_owned()));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let cell =
            |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or("");
        let typed = cell(Some(email));
        if typed.is_empty() {
            continue;
        }
        match unguarded(typed).parse::<MailAddress>() {
            Ok(address) => rows.push(Row {
                address,
                wants_issues: !matches!(
                    cell(newsletter).to_lowercase().as_str(),
                    "no" | "false" | "0"
                ),
                interests: cell(topics)
                    .split(';')
                    .map(|slugs| slugs.trim().split_once('/').unwrap_or((slugs.trim(), "")))
                    .map(|(role, technology)| (role.to_owned(), technology.to_owned()))
                    .collect(),
                consented_at: time(cell(consented)),
            }),
            Err(error) => {
                let shown: String = typed.chars().take(80).collect();
                rejected.push((line, format!("\u{201c}{shown}\u{201d}: {error}")));
            }
        }
    }
    rejected.truncate(LISTED);
    Ok((rows, rejected))
}

/// A time or a day as files write them.
fn time(text: &str) -> Option<NaiveDateTime> {
    let as_time = DateTime::parse_from_rfc3339(text).map(|time| time.naive_utc());
    let plain = || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S");
    let day = || {
        text.parse::<NaiveDate>()
            .map(|day| day.and_time(NaiveTime::MIN))
    };
    as_time.or_else(|_| plain()).or_else(|_| day()).ok()
}

/// Signs with which a table's formula begins.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// Keeps an address from being taken for a formula.
fn guarded(email: &str) -> String {
    if email.starts_with(FORMULA) {
        format!("'{email}")
    } else {
        email.to_owned()
    }
}

fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(email) if email.starts_with(FORMULA) => email,
        _ => cell,
    }
}

/// `GET /admin/subscribers.csv`: those whom the same search finds.
async fn export(
    _: Editor,
    asked: web::Query<Asked>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let csv = db
        .read_newest(move |conn| {
            let filter = asked.filter(conn)?;
            let all = roll::newest(conn, &filter, 0, i64::MAX)?;
            written(conn, &all)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"subscribers.csv\"",
        ))
        .body(csv))
}

fn written(
    conn: &mut Conn,
    all: &[crate::newsletter::subscribers::Subscriber],
) -> Result<Vec<u8>, AppError> {
    let failed = |error: csv::Error| AppError::Failed(format!("the file of subscribers: {error}"));
    let time = |time: Option<NaiveDateTime>| {
        time.map_or_else(String::new, |time| {
            time.and_utc()
                .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        })
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "email",
        "state",
        "newsletter",
        "topics",
        "origin",
        "created_at",
        "consented_at",
        "form_version",
        "left_at",
    ];
    writer.write_record(header).map_err(failed)?;
    for who in all {
        let topics = interests::of(conn, who.id)?.into_iter();
        let topics: Vec<String> = topics.map(|named| named.slugs).collect();
        let newsletter = if who.wants_issues { "yes" } else { "no" };
        let version = who
            .form_version
            .map_or_else(String::new, |version| version.to_string());
        let record = [
            guarded(&who.email),
            who.state.to_string(),
            newsletter.to_owned(),
            topics.join(";"),
            who.origin.to_string(),
            time(Some(who.created_at)),
            time(who.consented_at),
            version,
            time(who.left_at),
        ];
        writer.write_record(record).map_err(failed)?;
    }
    let csv = writer.into_inner();
    csv.map_err(|error| AppError::Failed(format!("the file of subscribers: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_programs_are_read() {
        let (rows, rejected) = parsed(
            "\u{feff}Email;Confirmed_At;topics\nAda@Example.org;2024-05-01;back-end-web/django;/go\nnobody;;\n\n'=a@b.org;2024-05-01T10:00:00Z;\n",
        )
        .unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].address.key(), "ada@example.org");
        assert_eq!(
            rows[0].interests,
            [("back-end-web".to_owned(), "django".to_owned())]
        );
        assert!(rows[0].wants_issues);
        assert_eq!(rows[0].consented_at, time("2024-05-01"));
        assert_eq!(rows[1].address.key(), "=a@b.org");
        assert_eq!(rejected.len(), 1);
        assert_eq!(rejected[0].0, 3);
        assert!(parsed("name,age\n").is_err());
        assert!(parsed("").is_err());
    }
}
