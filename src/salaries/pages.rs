//! The salary pages: `/salaries`, `/salaries/{role}`, `/salaries/{role}/{technology}`, and the same as data.

use std::cell::Cell;
use std::sync::Arc;

use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::chart::{Histogram, MonthLine};
use super::data::{ReportJson, SummaryJson, csv};
use super::filter::{Filters, UnknownValue};
use super::queries::{Answer, KeptReady};
use super::report::{Report, Subject, Summary, published_technologies, summaries};
use super::sharing::{card, description, search_title, structured};
use super::view::{
    Headline, LISTED_TECHNOLOGIES, Level, Select, TechnologyRow, levels, selects, technology_rows,
};
use crate::articles::live_figures::{Audience, Lookup};
use crate::articles::{FullArticle, Kind, Reading};
use crate::catalogue::{Catalogue, Catalogues};
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::live::{self, Fingerprint, Sight};
use crate::market::{self, PayBasis, Technology};
use crate::money::HalfUsd;
use crate::newsletter::SignUpBox;
use crate::seo::feeds;
use crate::seo::structured::Graph;
use crate::share;
use crate::slug::Slug;
use crate::versions::{Moment, Topic};
use crate::web::canonical::moved_permanently;
use crate::web::headers::{Frames, with_frames};
use crate::web::{
    JsonLd, Link, Meta, Site, assets, dated, html, kept, kept_by_query, parameters, query_escaped,
};

/// The salary pages' routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(kept("/salaries", list))
        .service(kept("/salaries.json", list_json))
        .service(kept_by_query("/salaries/{role}", role))
        .service(kept_by_query("/salaries/{role}/{technology}", technology))
        .service(kept_by_query("/embed/salaries/{role}", embedded_role))
        .service(kept_by_query(
            "/embed/salaries/{role}/{technology}",
            embedded_technology,
        ));
}

#[derive(Template)]
#[template(path = "salaries/list.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    crumbs: Vec<Link>,
    roles: &'a [Summary],
    technologies: Vec<Technology>,
}

/// `/salaries`
async fn list(
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let found = db.read(move |conn| listed(conn, &catalogues, min_candidates));
    list_page(&site, found.await?)
}

fn listed(
    conn: &mut Conn,
    catalogues: &Catalogues,
    min_candidates: u64,
) -> Result<(Vec<Summary>, Vec<Technology>, Moment), AppError> {
    let (roles, moment) = all_roles(conn, catalogues, min_candidates)?;
    Ok((roles, published_technologies(conn, min_candidates)?, moment))
}

fn list_page(
    site: &Site,
    (roles, technologies, moment): (Vec<Summary>, Vec<Technology>, Moment),
) -> Result<HttpResponse, AppError> {
    let mut list = List {
        site,
        meta: Meta::new(
            "Salaries of developers by role",
            "What developers ask for and how many offers they get, role by role: medians of salary expectations in US \
             dollars a month, computed from real offers.",
            "/salaries",
        ),
        crumbs: vec![Link::new("Salaries", "/salaries")],
        roles: &roles,
        technologies,
    };
    dated::page(&mut list, |list| &mut list.meta, moment)
}

/// `/salaries.json`
async fn list_json(
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let (roles, moment) = db
        .read(move |conn| all_roles(conn, &catalogues, min_candidates))
        .await?;
    let json: Vec<SummaryJson<'_>> = roles.iter().map(SummaryJson::from).collect();
    Ok(dated::file(HttpResponse::Ok().json(json), moment))
}

fn all_roles(
    conn: &mut Conn,
    catalogues: &Catalogues,
    min_candidates: u64,
) -> Result<(Vec<Summary>, Moment), AppError> {
    Ok((
        summaries(conn, None, min_candidates)?,
        catalogues.of(conn)?.moment([Topic::Figures]),
    ))
}

/// `/salaries/{role}`
async fn role(path: web::Path<String>, asked: Asked) -> Result<HttpResponse, AppError> {
    let (role, form) = Form::split(&path);
    answer(asked, role, None, form).await
}

/// `/salaries/{role}/{technology}`
async fn technology(
    path: web::Path<(String, String)>,
    asked: Asked,
) -> Result<HttpResponse, AppError> {
    let (role, technology) = path.into_inner();
    let (technology, form) = Form::split(&technology);
    answer(asked, &role, Some(technology), form).await
}

/// `/embed/salaries/{role}`
async fn embedded_role(role: web::Path<String>, asked: Asked) -> Result<HttpResponse, AppError> {
    answer(asked, &role, None, Form::Embed).await
}

/// `/embed/salaries/{role}/{technology}`
async fn embedded_technology(
    path: web::Path<(String, String)>,
    asked: Asked,
) -> Result<HttpResponse, AppError> {
    let (role, technology) = path.into_inner();
    answer(asked, &role, Some(&technology), Form::Embed).await
}

/// What every request for a selection brings along.
type Asked = (
    HttpRequest,
    web::Data<Site>,
    web::Data<Db>,
    web::Data<Catalogues>,
);

/// The forms in which a selection is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Page,
    Embed,
    Json,
    Csv,
    Svg,
    Png,
}

impl Form {
    /// A path's last segment without its extension, and the form that the extension names.
    fn split(segment: &str) -> (&str, Self) {
        match segment.rsplit_once('.') {
            Some((stem, "json")) => (stem, Self::Json),
            Some((stem, "csv")) => (stem, Self::Csv),
            Some((stem, "svg")) => (stem, Self::Svg),
            Some((stem, "png")) => (stem, Self::Png),
            _ => (segment, Self::Page),
        }
    }

    /// The articles that are served with a subject in this form, and links to those that stand on the role's page.
    fn articles(
        self,
        catalogue: &Catalogue,
        subject: &Subject,
    ) -> (Vec<Arc<FullArticle>>, Vec<Link>) {
        match self {
            Self::Page => attached(catalogue, subject),
            _ => Default::default(),
        }
    }

    /// The path of a subject in this form.
    fn path(self, subject: &Subject) -> String {
        let path = subject.path();
        match self {
            Self::Page => path,
            Self::Embed => format!("/embed{path}"),
            Self::Json => format!("{path}.json"),
            Self::Csv => format!("{path}.csv"),
            Self::Svg => format!("{path}.svg"),
            Self::Png => format!("{path}.png"),
        }
    }
}

/// What stands at an address: a selection, or the address where it is to be found.
enum Found {
    Selection(Box<Selection>),
    Moved(String),
}

/// A selection with what stands beside it.
struct Selection {
    report: Report,
    /// Where it is served as a page.
    articles: Vec<Reading>,
    /// The articles that stand on the role's page.
    more: Vec<Link>,
    moment: Moment,
}

impl Selection {
    /// A selection with its articles and the figures in them.
    fn load(
        conn: &mut Conn,
        catalogue: &Catalogue,
        report: Report,
        min_candidates: u64,
        form: Form,
    ) -> Result<Self, AppError> {
        let (articles, more) = form.articles(catalogue, &report.subject);
        let mut figures = Lookup::new(catalogue, min_candidates).beside(Some(&report));
        let articles = articles.into_iter();
        let articles = articles.map(|full| figures.reading(conn, full, Audience::Visitors));
        let articles = articles.collect::<Result<_, _>>()?;
        let mut topics = report.topics();
        topics.extend(figures.topics());
        Ok(Self {
            articles,
            more,
            moment: catalogue.moment(topics),
            report,
        })
    }
}

async fn answer(
    asked: Asked,
    role: &str,
    technology: Option<&str>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (request, site, db, catalogues) = &asked;
    let (query, tag) = match form {
        Form::Png => share::split_tag(request.query_string()),
        _ => (request.query_string(), None),
    };
    let question = Question::of(query, role, technology)?;
    let found = if let Some(selection) = ready(site, db, catalogues, &question, form).await? {
        Found::Selection(selection)
    } else {
        let (catalogues, min_candidates) = (catalogues.clone(), site.min_candidates);
        db.read(move |conn| question.find(conn, &catalogues, min_candidates, form))
            .await?
    };
    let Selection {
        report,
        articles,
        more,
        moment,
    } = match found {
        Found::Moved(address) => return Ok(moved_permanently(&address)),
        Found::Selection(selection) => *selection,
    };
    let is_listed = report.filters.is_empty() && report.figures.is_some();
    let mut response = match form {
        Form::Page => page(site, Show::new(site, &report, &articles, more), moment)?,
        Form::Embed => dated::file(embedded(site, &report)?, moment),
        Form::Json => {
            let json = HttpResponse::Ok().json(ReportJson::from(&report));
            dated::file(json, moment)
        }
        Form::Csv => dated::file(csv_file(&report), moment),
        Form::Svg => dated::file(svg_file(&report)?, moment),
        Form::Png => {
            let address = report.address_of("png");
            let drawn = (site.clone(), report);
            let image = share::file(drawn, |(site, report)| card(site, report), &address, tag);
            dated::file(image.await?, moment)
        }
    };
    if !is_listed {
        let hidden = HeaderValue::from_static("noindex");
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-robots-tag"), hidden);
    }
    Ok(response)
}

/// The page at a canonical address without filters, made at once.
///
/// # Errors
/// As for visitors.
pub fn made(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
    role: &str,
    technology: Option<&str>,
) -> Result<HttpResponse, AppError> {
    let question = Question::of("", role, technology)?;
    match question.find(conn, catalogues, site.min_candidates, Form::Page)? {
        Found::Moved(address) => Ok(moved_permanently(&address)),
        Found::Selection(found) => {
            let show = Show::new(site, &found.report, &found.articles, found.more);
            page(site, show, found.moment)
        }
    }
}

/// `/salaries`, made at once.
///
/// # Errors
/// As for visitors.
pub fn made_list(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
) -> Result<HttpResponse, AppError> {
    list_page(site, listed(conn, catalogues, site.min_candidates)?)
}

/// What a request asks for.
struct Question {
    role: String,
    technology: Option<String>,
    /// A technology by its name, as old addresses ask for it.
    skill: Option<String>,
    filters: Filters,
    query: String,
}

impl Question {
    fn of(query: &str, role: &str, technology: Option<&str>) -> Result<Self, UnknownValue> {
        let parameters = parameters(query);
        Ok(Self {
            role: role.to_owned(),
            technology: technology.map(ToOwned::to_owned),
            filters: Filters::from_parameters(&parameters)?,
            skill: parameters
                .into_iter()
                .find(|(name, value)| name == "skill" && !value.is_empty())
                .map(|(_, value)| value),
            query: query.to_owned(),
        })
    }

    /// What stands at the address, whatever it takes to find it.
    fn find(
        &self,
        conn: &mut Conn,
        catalogues: &Catalogues,
        min_candidates: u64,
        form: Form,
    ) -> Result<Found, AppError> {
        let catalogue = catalogues.of(conn)?;
        let wanted = match &self.skill {
            Some(skill) => Some(skill_slug(conn, skill)?),
            None => self.technology.clone(),
        };
        let subject = Subject::find(conn, &catalogue, &self.role, wanted.as_deref())?;
        let is_at_home = subject.is_at(&self.role, self.technology.as_deref());
        let report = Report::load(conn, &catalogue, subject, &self.filters, min_candidates)?;
        if !is_at_home || !self.is_canonical(&report.filters) {
            let path = form.path(&report.subject);
            return Ok(Found::Moved(report.filters.address(&path)));
        }
        let selection = Selection::load(conn, &catalogue, report, min_candidates, form)?;
        Ok(Found::Selection(Box::new(selection)))
    }

    /// Whether it is asked at the canonical address of a selection with these filters.
    fn is_canonical(&self, filters: &Filters) -> bool {
        self.skill.is_none() && filters.query_string() == self.query
    }
}

/// The selection, where a single statement finds it and the names in memory are those of that moment; `None` otherwise, and
/// where figures stand in its articles.
async fn ready(
    site: &Site,
    db: &Db,
    catalogues: &Catalogues,
    question: &Question,
    form: Form,
) -> Result<Option<Box<Selection>>, AppError> {
    let catalogue = catalogues.latest();
    let subject = Subject::named(&catalogue, &question.role, question.technology.as_deref());
    let Some(subject) = subject.filter(|_| question.is_canonical(&question.filters)) else {
        return Ok(None);
    };
    let (articles, more) = form.articles(&catalogue, &subject);
    let articles: Option<Vec<_>> = articles.into_iter().map(Reading::plain).collect();
    let Some(articles) = articles else {
        return Ok(None);
    };
    let role = subject.role.id;
    let technology = subject.technology.as_ref().map(|known| known.id);
    let filters = question.filters;
    let kept = db
        .ask(move |conn| KeptReady::load(conn, role, technology, &filters))
        .await?;
    if kept.version() != catalogue.version() || kept.version() == 0 {
        return Ok(None);
    }
    Ok(match kept.answer(&filters) {
        Answer::Found(found) => {
            let report = Report::of(&catalogue, subject, *found, site.min_candidates);
            Some(Box::new(Selection {
                articles,
                more,
                moment: catalogue.moment(report.topics()),
                report,
            }))
        }
        _ => None,
    })
}

/// What an open salary page shows of its figures, by the page's address.
///
/// # Errors
/// [`AppError::NotFound`] where no salary page has that address.
pub fn sight(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
    address: &str,
) -> Result<Sight, AppError> {
    let nothing = || AppError::not_found("There is no salary page at this address.");
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let subject = path.strip_prefix("/salaries/").ok_or_else(nothing)?;
    let (role, technology) = match subject.split_once('/') {
        None => (subject, None),
        Some((role, technology)) => (role, Some(technology)),
    };
    let question = Question::of(query, role, technology)?;
    // The figures alone, without the articles around them.
    match question.find(conn, catalogues, site.min_candidates, Form::Embed)? {
        Found::Selection(found) if found.report.address() == address => {
            let show = Show::new(site, &found.report, &[], Vec::new());
            Ok(Sight {
                fingerprint: show.fingerprint()?,
                shown: found.moment.into_shown(),
            })
        }
        Found::Selection(_) | Found::Moved(_) => Err(nothing()),
    }
}

impl From<UnknownValue> for AppError {
    fn from(error: UnknownValue) -> Self {
        Self::not_found(error.to_string())
    }
}

/// The slug of the technology that `?skill=` names by its name or slug in any case; what it says, where none fits.
fn skill_slug(conn: &mut Conn, skill: &str) -> Result<String, AppError> {
    let wanted = skill.trim().to_lowercase();
    let known = market::queries::technologies(conn)?
        .into_iter()
        .find(|known| known.name.to_lowercase() == wanted || known.slug.as_str() == wanted);
    Ok(known.map_or_else(
        || Slug::from_text(&wanted).map_or_else(|| skill.to_owned(), |slug| slug.to_string()),
        |known| known.slug.to_string(),
    ))
}

/// The articles that stand on a page, and links to those that stand on the role's.
fn attached(catalogue: &Catalogue, subject: &Subject) -> (Vec<Arc<FullArticle>>, Vec<Link>) {
    let role = subject.role.id;
    let of_role = catalogue.articles_of_role(role);
    let Some(technology) = &subject.technology else {
        return (of_role, Vec::new());
    };
    let more = of_role
        .iter()
        .map(|full| Link::new(&full.article.title, full.article.path()));
    let of_technology = catalogue.articles_of_technology(technology.id, Some(role));
    (of_technology, more.collect())
}

#[derive(Template)]
#[template(path = "salaries/embed.html")]
struct Embed<'a> {
    site: &'a Site,
    meta: Meta,
    title: String,
    address: String,
    pay: PayBasis,
    selection: String,
    figures: Option<Headline>,
}

/// The chart alone, for a frame on any other site.
fn embedded(site: &Site, report: &Report) -> Result<HttpResponse, AppError> {
    let title = report.title();
    let page = html(&Embed {
        site,
        meta: Meta::new(&title, description(report), report.subject.path()).hidden(),
        title,
        address: report.address(),
        pay: report.pay,
        figures: report
            .figures
            .as_ref()
            .map(|figures| Headline::new(figures, report)),
        selection: report.in_words(),
    })?;
    Ok(with_frames(page, Frames::InAny))
}

fn csv_file(report: &Report) -> HttpResponse {
    let address = report.address();
    let words = address.split(|letter: char| !letter.is_ascii_alphanumeric());
    let name = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ))
        .body(csv(report))
}

#[derive(Template)]
#[template(path = "salaries/chart.svg", escape = "html")]
struct ChartFile {
    title: String,
    caption: String,
    chart: Option<(Histogram, HalfUsd)>,
}

fn svg_file(report: &Report) -> Result<HttpResponse, AppError> {
    let selection = report.in_words();
    let figures = report.figures.as_ref();
    let chart = ChartFile {
        title: report.title(),
        caption: format!(
            "Offers by the candidate's salary expectation, USD a month, {} pay, {selection}",
            report.pay
        ),
        chart: figures.map(|figures| {
            let chart = Histogram::of(figures, &selection);
            (chart, figures.percentiles.median)
        }),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/svg+xml"))
        // The file carries its own colours.
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'",
        ))
        .body(chart.render()?))
}

#[derive(Template)]
#[template(path = "salaries/show.html", blocks = ["figures"])]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    crumbs: Vec<Link>,
    report: &'a Report,
    heading: String,
    title: String,
    window: String,
    /// The filters on candidates in words.
    selection: String,
    share: Vec<Link>,
    compare: String,
    figures: Option<Headline>,
    filters: Vec<Select>,
    filtered: bool,
    other_pay: Option<(PayBasis, String)>,
    levels: Vec<Level>,
    months: Option<MonthLine>,
    technologies: Vec<TechnologyRow<'a>>,
    /// Names of the technologies without figures.
    unpublished: Vec<&'a str>,
    articles: Vec<Embedded<'a>>,
    more: Vec<Link>,
    sign_up: SignUpBox,
    /// Names and addresses of the feeds of what it is about.
    feeds: Vec<(&'a str, String)>,
    /// The address of the stream that tells of changes.
    live: Option<String>,
    /// The block of figures, where it is written already.
    written: Option<String>,
}

thread_local! {
    /// Room for the block of figures, kept from page to page: as large as it is, it would go back to the system each time.
    static FIGURES: Cell<String> = const { Cell::new(String::new()) };
}

/// A salary page that is told of changes, where the site does so.
fn page(site: &Site, mut show: Show<'_>, moment: Moment) -> Result<HttpResponse, AppError> {
    if site.live_readers == 0 {
        return dated::page(&mut show, |show| &mut show.meta, moment);
    }
    let mut figures = FIGURES.take();
    figures.clear();
    show.as_figures().render_into(&mut figures)?;
    let seen = Fingerprint::of(&figures);
    show.live = Some(live::address(&show.report.address(), seen));
    show.written = Some(figures);
    let page = dated::page(&mut show, |show| &mut show.meta, moment);
    FIGURES.set(show.written.unwrap_or_default());
    page
}

/// An article on a salary page.
struct Embedded<'a> {
    reading: &'a Reading,
    /// Whether the levels' figures belong beside it.
    with_levels: bool,
}

impl<'a> Show<'a> {
    fn new(site: &'a Site, report: &'a Report, articles: &'a [Reading], more: Vec<Link>) -> Self {
        let title = report.title();
        let canonical = report.subject.path();
        let meta = Meta::new(search_title(report), description(report), canonical.clone());
        let is_filtered = !report.filters.is_empty();
        let is_listed = !is_filtered && report.figures.is_some();
        let levels = levels(&report.by_seniority);
        let (technologies, unpublished) = technology_rows(report);
        Self {
            site,
            meta: Meta {
                image: card(site, report).map(|card| card.image(&report.address_of("png"))),
                shared_at: is_filtered.then(|| report.address()),
                ..if is_listed { meta } else { meta.hidden() }
            },
            crumbs: crumbs(&report.subject),
            heading: report.subject.heading(),
            compare: format!(
                "/compare?a={}",
                query_escaped(canonical.trim_start_matches("/salaries/"))
            ),
            share: share::links(&format!("{}{}", site.url, report.address()), &title),
            figures: report
                .figures
                .as_ref()
                .map(|figures| Headline::new(figures, report)),
            filters: selects(report),
            filtered: is_filtered,
            other_pay: other_pay(report),
            months: MonthLine::of(&report.by_month),
            articles: articles
                .iter()
                .map(|reading| Embedded {
                    reading,
                    with_levels: reading.article().kind == Kind::Seniority
                        && levels.iter().any(|level| level.part.spread.is_some()),
                })
                .collect(),
            feeds: feeds_of(&report.subject),
            report,
            title,
            window: report.window_in_words(),
            selection: report.filters.in_words().join(", "),
            levels,
            technologies,
            unpublished,
            more,
            sign_up: sign_up(&report.subject),
            live: None,
            written: None,
        }
    }

    /// What it says to search engines.
    fn structured(&self) -> JsonLd<Graph<'_>> {
        structured(
            self.site,
            &self.meta,
            &self.crumbs,
            self.report,
            &self.heading,
        )
    }

    /// The hash of what the page shows of its figures.
    fn fingerprint(&self) -> Result<Fingerprint, AppError> {
        Ok(Fingerprint::of(&self.as_figures().render()?))
    }
}

/// Names and addresses of the feeds of what a page is about.
fn feeds_of(subject: &Subject) -> Vec<(&str, String)> {
    let technology = subject.technology.as_deref();
    let technology = technology.map(|known| (known.name.as_str(), feeds::of_technology(known)));
    let role = (subject.role.name.as_str(), feeds::of_role(&subject.role));
    technology.into_iter().chain([role]).collect()
}

/// The box in which readers sign up for this subject.
fn sign_up(subject: &Subject) -> SignUpBox {
    let (role, technology) = (&subject.role, subject.technology.as_ref());
    SignUpBox {
        role: role.slug.to_string(),
        technology: technology.map_or_else(String::new, |it| it.slug.to_string()),
        name: match technology {
            Some(technology) => format!("{} with {}", role.name, technology.name),
            None => role.name.clone(),
        },
        page: subject.path(),
    }
}

fn crumbs(subject: &Subject) -> Vec<Link> {
    let mut crumbs = vec![
        Link::new("Salaries", "/salaries"),
        Link::new(
            &subject.role.name,
            format!("/salaries/{}", subject.role.slug),
        ),
    ];
    if let Some(technology) = &subject.technology {
        crumbs.push(Link::new(&technology.name, subject.path()));
    }
    crumbs
}

/// The other pay basis, where it has offers, and the address of its figures.
fn other_pay(report: &Report) -> Option<(PayBasis, String)> {
    let other = PayBasis::ALL
        .iter()
        .copied()
        .find(|pay| *pay != report.pay)?;
    let exists = report.filters.pay.is_some() || report.choices.pay.contains(&other);
    let filters = Filters {
        // Asked for by name, the default would only redirect.
        pay: report.filters.pay.is_none().then_some(other),
        ..report.filters
    };
    exists.then(|| (other, filters.address(&report.subject.path())))
}
