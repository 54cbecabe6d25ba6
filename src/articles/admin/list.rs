//! `/admin/articles`: all articles but those in the bin.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::admin::{Frame, Section};
use crate::articles::manuscripts::{self, Line, Narrowed, Order};
use crate::articles::{Kind, State};
use crate::db::Db;
use crate::editors::Editor;
use crate::editors::working_copies::{self, Work, WorkingCopy};
use crate::error::AppError;
use crate::web::{Meta, Site, assets, html, parameter, parameters, query_escaped};

/// Articles of one page.
const LISTED: usize = 50;

#[derive(Template)]
#[template(path = "articles/admin/list.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    narrowed: &'a Narrowed,
    lines: &'a [Line],
    /// All that fit, on this page and others.
    found: usize,
    /// All but those in the bin.
    all: usize,
    /// Roles that articles are attached to: slug and name.
    roles: Vec<(String, String)>,
    /// Articles of which the editor has unsaved text.
    unsaved: Vec<Work>,
    /// Texts of articles that were never saved.
    new_texts: Vec<WorkingCopy>,
    former_page: Option<String>,
    next_page: Option<String>,
    from: usize,
}

impl List<'_> {
    fn is_state(&self, word: &str) -> bool {
        self.narrowed.state.map(State::as_str) == Some(word)
    }

    fn is_unsaved(&self, line: &Line) -> bool {
        self.unsaved.contains(&Work::Article(Some(line.id)))
    }

    fn is_kind(&self, word: &str) -> bool {
        self.narrowed.kind.map(Kind::as_str) == Some(word)
    }
}

/// `GET /admin/articles`
pub(super) async fn show(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let asked = parameters(request.query_string());
    let narrowed = narrowed(&asked);
    let id = editor.id;
    let (lines, unsaved, new_texts) = db
        .read_newest(move |conn| {
            Ok::<_, AppError>((
                manuscripts::lines(conn, false)?,
                working_copies::works_of(conn, id)?,
                working_copies::of(conn, id, Work::Article(None))?,
            ))
        })
        .await?;
    let all = lines.len();
    let roles = roles(&lines);
    let lines = narrowed.of(lines);
    let page: usize = parameter(&asked, "page").parse().unwrap_or(1);
    let from = page
        .saturating_sub(1)
        .saturating_mul(LISTED)
        .min(lines.len());
    let to = lines.len().min(from + LISTED);
    html(&List {
        site: &site,
        meta: Meta::new("Articles", "", "/admin/articles").hidden(),
        frame: Frame::of(&editor, &request, Section::Articles),
        former_page: (from > 0).then(|| address(&narrowed, page - 1)),
        next_page: (to < lines.len()).then(|| address(&narrowed, page + 1)),
        lines: lines.get(from..to).unwrap_or_default(),
        found: lines.len(),
        narrowed: &narrowed,
        all,
        roles,
        unsaved: unsaved.into_iter().map(|(_, work)| work).collect(),
        new_texts,
        from,
    })
}

/// What the query string asks for; what it does not know is not asked for.
fn narrowed(asked: &[(String, String)]) -> Narrowed {
    Narrowed {
        words: parameter(asked, "q").chars().take(100).collect(),
        state: parameter(asked, "state").parse().ok(),
        kind: parameter(asked, "kind").parse().ok(),
        role: Some(parameter(asked, "role")).filter(|role| !role.is_empty()),
        order: parameter(asked, "order").parse().unwrap_or(Order::Changed),
    }
}

fn address(narrowed: &Narrowed, page: usize) -> String {
    let mut address = format!("/admin/articles?page={page}&order={}", narrowed.order);
    let words = Some(query_escaped(&narrowed.words)).filter(|words| !words.is_empty());
    for (name, value) in [
        ("q", words),
        ("state", narrowed.state.map(|state| state.to_string())),
        ("kind", narrowed.kind.map(|kind| kind.to_string())),
        ("role", narrowed.role.as_deref().map(query_escaped)),
    ] {
        if let Some(value) = value {
            address.extend(["&", name, "=", &value]);
        }
    }
    address
}

fn roles(lines: &[Line]) -> Vec<(String, String)> {
    let mut roles: Vec<(String, String)> = lines
        .iter()
        .filter_map(|line| line.role.as_ref())
        .map(|(slug, name)| (slug.to_string(), name.clone()))
        .collect();
    roles.sort_by(|(_, a), (_, b)| a.cmp(b));
    roles.dedup();
    roles
}
