//! The log's page: `/admin/log`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::log::{self, Entry, Filter, KINDS};
use super::{Editor, accounts};
use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::ids::EditorId;
use crate::web::forms::FieldErrors;
use crate::web::{Meta, Site, assets, html_with, page, query_escaped, times};

/// Entries of a page.
const LISTED: usize = 50;

/// The highest page; whoever wants older entries narrows the log.
const LAST_PAGE: usize = 10_000;

/// The routes, relative to `/admin`.
pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/log").route(page().to(show)));
}

/// What the filter holds.
#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    who: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "editors/log.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    asked: &'a Asked,
    errors: FieldErrors,
    /// Keys and names.
    people: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    entries: Vec<Entry>,
    newer: Option<String>,
    older: Option<String>,
}

impl Show<'_> {
    fn is_narrowed(&self) -> bool {
        let asked = [
            &self.asked.who,
            &self.asked.what,
            &self.asked.from,
            &self.asked.until,
        ];
        asked.iter().any(|asked| !asked.is_empty())
    }
}

/// `/admin/log`
async fn show(
    editor: Editor,
    request: HttpRequest,
    asked: web::Query<Asked>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let mut errors = FieldErrors::default();
    let filter = Filter {
        who: asked.who.parse().ok().map(EditorId),
        kind: KINDS
            .iter()
            .map(|(kind, _)| *kind)
            .find(|kind| *kind == asked.what),
        from: day(&asked.from, "from", &mut errors),
        until: day(&asked.until, "until", &mut errors),
        for_editor: Some(editor.id).filter(|_| !editor.is_admin()),
        changes_only: false,
    };
    let number = asked.page.parse().unwrap_or(1).clamp(1, LAST_PAGE);
    let after = i64::try_from((number - 1) * LISTED).unwrap_or(0);
    let (mut entries, accounts) = db
        .read_newest(move |conn| {
            let one_more = i64::try_from(LISTED + 1).unwrap_or(i64::MAX);
            Ok::<_, DbError>((
                log::newest(conn, &filter, after, one_more)?,
                accounts::all(conn)?,
            ))
        })
        .await?;
    let has_older = entries.len() > LISTED && number < LAST_PAGE;
    entries.truncate(LISTED);
    let everybody = [(String::new(), "Everybody".to_owned())].into_iter();
    let people = accounts
        .into_iter()
        .map(|account| (account.editor.id.0.to_string(), account.editor.name));
    let everything = [(String::new(), "Everything".to_owned())].into_iter();
    let kinds = KINDS
        .iter()
        .map(|(kind, label)| ((*kind).to_owned(), (*label).to_owned()));
    let status = errors.status();
    let show = Show {
        site: &site,
        meta: Meta::new("Log", "", "/admin/log").hidden(),
        frame: Frame::of(&editor, &request, Section::Log),
        newer: (number > 1).then(|| address(&asked, number - 1)),
        older: has_older.then(|| address(&asked, number + 1)),
        asked: &asked,
        errors,
        people: everybody.chain(people).collect(),
        kinds: everything.chain(kinds).collect(),
        entries,
    };
    html_with(status, &show)
}

/// A day as browsers write it: `2026-11-27`.
fn day(text: &str, field: &'static str, errors: &mut FieldErrors) -> Option<NaiveDate> {
    let text = text.trim();
    let day = text.parse().ok();
    if day.is_none() && !text.is_empty() {
        errors.add(field, "Write the day as 2026-11-27.");
    }
    day
}

/// The address of another page of the same.
fn address(asked: &Asked, number: usize) -> String {
    let fields = [
        ("who", &asked.who),
        ("what", &asked.what),
        ("from", &asked.from),
        ("until", &asked.until),
    ];
    let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
    let fields = fields.map(|(name, value)| format!("{name}={}&", query_escaped(value)));
    format!("/admin/log?{}page={number}", fields.collect::<String>())
}
