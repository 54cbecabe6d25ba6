//! Two selections on one axis: `/compare?a={role}/{technology}&b=…`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::catalogue::{Catalogue, Catalogues};
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::market::{self, Role};
use crate::salaries::{Filters, Headline, Histogram, Report, Subject, margins};
use crate::versions::Topic;
use crate::web::{
    Link, Meta, Site, assets, dated, html, kept_by_query, parameter, parameters, query_escaped,
};

/// The comparison's route.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(kept_by_query("/compare", show));
}

#[derive(Template)]
#[template(path = "compare/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    crumbs: Vec<Link>,
    fields: [Field; 2],
    roles: Vec<Role>,
    sides: Vec<Side>,
    /// Whether one side's pay is gross and the other's net.
    pay_differs: bool,
}

/// One of the two selections as it was asked for.
struct Field {
    name: &'static str,
    label: &'static str,
    typed: String,
    problem: Option<Problem>,
}

/// Why a selection cannot be shown.
struct Problem {
    what: String,
    near: Vec<Link>,
}

/// One of the two selections.
struct Side {
    link: Link,
    window: String,
    pay: &'static str,
    figures: Headline,
    chart: Histogram,
}

/// `/compare`
async fn show(
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let given = parameters(request.query_string());
    let (a, b) = (parameter(&given, "a"), parameter(&given, "b"));
    let min_candidates = site.min_candidates;
    let (typed_a, typed_b) = (a.clone(), b.clone());
    let (roles, found_a, found_b, moment) = db
        .read(move |conn| {
            let catalogue = catalogues.of(conn)?;
            Ok::<_, AppError>((
                market::queries::roles(conn)?,
                find(conn, &catalogue, &typed_a, min_candidates)?,
                find(conn, &catalogue, &typed_b, min_candidates)?,
                catalogue.moment([Topic::Figures]),
            ))
        })
        .await?;
    let (report_a, problem_a) = split(found_a);
    let (report_b, problem_b) = split(found_b);
    let has_problem = problem_a.is_some() || problem_b.is_some();
    let reports: Vec<Report> = report_a.into_iter().chain(report_b).collect();
    let is_canonical = request.query_string() == canonical_query(&reports);
    let mut response = html(&Show {
        site: &site,
        meta: Meta::new(
            "Compare two salaries",
            "Two roles or technologies side by side: medians, percentiles and histograms of salary expectations on one axis.",
            "/compare",
        )
        .hidden(),
        crumbs: vec![Link::new("Salaries", "/salaries"), Link::new("Compare", "/compare")],
        fields: [
            Field {
                name: "a",
                label: "One role or role/technology",
                typed: a,
                problem: problem_a,
            },
            Field {
                name: "b",
                label: "Another",
                typed: b,
                problem: problem_b,
            },
        ],
        roles,
        pay_differs: matches!(reports.as_slice(), [a, b] if a.pay != b.pay),
        sides: sides(&reports),
    })?;
    if has_problem {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    Ok(if is_canonical {
        dated::file(response, moment)
    } else {
        response
    })
}

/// The query string that asks for just these selections. Of all that ask for them it is the one whose page is kept.
fn canonical_query(reports: &[Report]) -> String {
    let sides = ["a", "b"].iter().zip(reports).map(|(name, report)| {
        let path = report.subject.path();
        format!(
            "{name}={}",
            query_escaped(path.trim_start_matches("/salaries/"))
        )
    });
    sides.collect::<Vec<_>>().join("&")
}

/// What one field asks for: nothing, a selection with figures, or why there is none.
enum Found {
    Nothing,
    Selection(Box<Report>),
    Problem(Problem),
}

fn split(found: Found) -> (Option<Report>, Option<Problem>) {
    match found {
        Found::Nothing => (None, None),
        Found::Selection(report) => (Some(*report), None),
        Found::Problem(problem) => (None, Some(problem)),
    }
}

fn find(
    conn: &mut Conn,
    catalogue: &Catalogue,
    typed: &str,
    min_candidates: u64,
) -> Result<Found, AppError> {
    if typed.is_empty() {
        return Ok(Found::Nothing);
    }
    let typed = typed.to_lowercase();
    let (role, technology) = match typed.split_once('/') {
        Some((role, technology)) => (role, Some(technology)),
        None => (typed.as_str(), None),
    };
    let filters = Filters::default();
    let report = Subject::find(conn, catalogue, role, technology)
        .and_then(|subject| Report::load(conn, catalogue, subject, &filters, min_candidates));
    match report {
        Ok(report) if report.figures.is_some() => Ok(Found::Selection(Box::new(report))),
        Ok(report) => Ok(Found::Problem(Problem {
            what: format!("{} has no published figures.", report.subject.heading()),
            near: Vec::new(),
        })),
        Err(AppError::NotFound { what, near }) => Ok(Found::Problem(Problem { what, near })),
        Err(error) => Err(error),
    }
}

fn sides(reports: &[Report]) -> Vec<Side> {
    let figures: Vec<_> = reports
        .iter()
        .filter_map(|report| report.figures.as_ref())
        .collect();
    let sides = reports.iter().zip(&figures).zip(margins(&figures));
    let sides = sides.map(|((report, figures), margins)| Side {
        link: Link::new(report.subject.heading(), report.subject.path()),
        pay: report.pay.as_str(),
        figures: Headline::new(figures, report),
        chart: Histogram::with_margins(figures, &report.in_words(), margins),
        window: report.window_in_words(),
    });
    sides.collect()
}
