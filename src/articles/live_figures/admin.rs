//! Finding a figure to place in a text: `/admin/live-figures`, a page for people and JSON for the editor's script.

use std::collections::BTreeMap;

use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;

use super::fill::Lookup;
use super::placeholder::{FigureKind, Placeholder, Selection};
use super::values::inline;
use crate::admin::{Frame, Section};
use crate::catalogue::{Catalogue, Catalogues};
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::{RoleId, TechnologyId};
use crate::market::{self, Role, Technology};
use crate::salaries::{Filters, Report, queries};
use crate::web::{Meta, Site, assets, html, page, parameter, parameters};

/// Selections that are listed.
const LISTED: usize = 20;

/// The route, relative to `/admin`.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    config.route("/live-figures", page().to(find));
}

/// A selection whose figures can be placed.
#[derive(Debug, Serialize)]
struct Offered {
    /// As a placeholder names it.
    selection: String,
    /// In words.
    name: String,
    /// Its salary page.
    address: String,
    /// The months of its figures.
    months: String,
    pay: &'static str,
    figures: Vec<OfferedFigure>,
}

/// A figure of it.
#[derive(Debug, Serialize)]
struct OfferedFigure {
    kind: FigureKind,
    label: &'static str,
    /// Whether it takes a paragraph of its own.
    alone: bool,
    /// What it says now; empty for charts and tables.
    text: String,
    /// What to write.
    placeholder: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    query: &'a str,
    selections: Vec<Offered>,
}

#[derive(Template)]
#[template(path = "articles/admin/live_figures.html")]
struct Find<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    query: &'a str,
    selections: Vec<Offered>,
    /// Why what was typed is no selection, where it looks like one.
    problem: Option<String>,
}

/// `/admin/live-figures?q=`
async fn find(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let typed = parameter(&parameters(request.query_string()), "q");
    let query: String = typed.chars().take(200).collect();
    let (wanted, min_candidates) = (query.clone(), site.min_candidates);
    let (selections, problem) = db
        .read_newest(move |conn| {
            let catalogue = catalogues.of(conn)?;
            offered(conn, &catalogue, min_candidates, &wanted)
        })
        .await?;
    if !is_for_people(request.headers()) {
        return Ok(HttpResponse::Ok().json(Answer {
            query: &query,
            selections,
        }));
    }
    html(&Find {
        site: &site,
        meta: Meta::new("Live figures", "", "/admin/live-figures").hidden(),
        frame: Frame::of(&editor, &request, Section::Articles),
        query: &query,
        selections,
        problem,
    })
}

/// Whether a browser asks for a page, and not a script for data.
fn is_for_people(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accepted.is_some_and(|accept| accept.contains("text/html"))
}

/// The selections that fit what was typed: the one that it names, and those in whose names all its words are. Where it names
/// one that has no figures, also why.
fn offered(
    conn: &mut Conn,
    catalogue: &Catalogue,
    min_candidates: u64,
    query: &str,
) -> Result<(Vec<Offered>, Option<String>), AppError> {
    let mut figures = Lookup::new(catalogue, min_candidates);
    let named = Placeholder::parse(&format!("{} {query}", FigureKind::Median));
    let named = named.ok().map(|placeholder| placeholder.selection);
    let mut wanted: Vec<Selection> = named.clone().into_iter().collect();
    wanted.extend(matching(conn, min_candidates, query)?);
    let mut offered: Vec<Offered> = Vec::new();
    let mut problem = None;
    for selection in wanted {
        let found = figures.report(conn, &selection)?;
        let is_named = named.as_ref() == Some(&selection);
        match &*found {
            Ok(report) => match inline(FigureKind::Median, report, min_candidates) {
                Ok(_) => {
                    let offer = Offered::new(&selection, report, min_candidates);
                    if !offered
                        .iter()
                        .any(|other| other.selection == offer.selection)
                    {
                        offered.push(offer);
                    }
                }
                Err(why) if is_named => problem = Some(why.to_string()),
                Err(_) => {}
            },
            Err(why) if is_named => problem = Some(why.to_string()),
            Err(_) => {}
        }
    }
    // What was typed may be the beginning of a name.
    let problem = problem.filter(|_| offered.is_empty());
    Ok((offered, problem))
}

/// The published selections in whose names all the words are; without any words, the roles.
fn matching(conn: &mut Conn, min_candidates: u64, query: &str) -> Result<Vec<Selection>, AppError> {
    let words: Vec<String> = query
        .to_lowercase()
        .split(|letter: char| letter.is_whitespace() || letter == '/')
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    let roles: BTreeMap<RoleId, Role> = market::queries::roles(conn)?
        .into_iter()
        .map(|role| (role.id, role))
        .collect();
    let technologies: BTreeMap<TechnologyId, Technology> = market::queries::technologies(conn)?
        .into_iter()
        .map(|technology| (technology.id, technology))
        .collect();
    let mut found = Vec::new();
    for (role, technology) in queries::published(conn, min_candidates)? {
        let Some(role) = roles.get(&role) else {
            continue;
        };
        let technology = match technology {
            None => None,
            Some(technology) => match technologies.get(&technology) {
                None => continue,
                known => known,
            },
        };
        if let Some(rank) = rank(role, technology, &words) {
            let name = technology.map_or("", |technology| technology.name.as_str());
            found.push(((rank, role.name.as_str(), name), role, technology));
        }
    }
    found.sort_by_key(|(order, ..)| *order);
    let selections = found.into_iter().take(LISTED);
    Ok(selections
        .map(|(_, role, technology)| Selection {
            role: role.slug.clone(),
            technology: technology.map(|technology| technology.slug.clone()),
            filters: Filters::default(),
        })
        .collect())
}

/// How well a selection fits the words, the better the lower; `None` where a word is in no name, or the technology's name has
/// none of them.
fn rank(role: &Role, technology: Option<&Technology>, words: &[String]) -> Option<usize> {
    let of_role = format!("{} {} {}", role.name, role.job_title, role.slug).to_lowercase();
    let of_technology = technology.map_or_else(String::new, |technology| {
        format!("{} {}", technology.name, technology.slug).to_lowercase()
    });
    let is_in = |text: &str, word: &String| text.contains(word.as_str());
    let fits = words
        .iter()
        .all(|word| is_in(&of_role, word) || is_in(&of_technology, word));
    let is_asked_for = technology.is_none() || words.iter().any(|word| is_in(&of_technology, word));
    let whole_names = words
        .iter()
        .filter(|word| {
            let mut names = of_role.split(' ').chain(of_technology.split(' '));
            !names.any(|name| name == word.as_str())
        })
        .count();
    (fits && is_asked_for).then_some(whole_names)
}

impl Offered {
    fn new(selection: &Selection, report: &Report, min_candidates: u64) -> Self {
        let mut name = report.subject.heading();
        let filters = report.filters.in_words();
        if !filters.is_empty() {
            name = format!("{name} ({})", filters.join(", "));
        }
        let figures = FigureKind::ALL.iter().filter_map(|kind| {
            let shown = inline(*kind, report, min_candidates);
            let text = match shown {
                Ok(shown) => shown.text,
                Err(_) if kind.stands_alone() => String::new(),
                Err(_) => return None,
            };
            let placeholder = Placeholder {
                kind: *kind,
                selection: selection.clone(),
            };
            Some(OfferedFigure {
                kind: *kind,
                label: kind.label(),
                alone: kind.stands_alone(),
                text,
                placeholder: placeholder.to_string(),
            })
        });
        Self {
            selection: selection.to_string(),
            name,
            address: report.address(),
            months: report.window_in_words(),
            pay: report.pay.as_str(),
            figures: figures.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FigureKind;

    #[test]
    fn the_help_names_every_figure() {
        let help = include_str!("../../../templates/articles/admin/live_figures_help.html");
        for kind in FigureKind::ALL {
            assert!(help.contains(&format!("<code>{kind}</code>")), "{kind}");
        }
    }
}
