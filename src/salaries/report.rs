//! Everything that a salary page shows of its selection, read and computed in one go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::QueryResult;

use super::figures::Figures;
use super::filter::Filters;
use super::queries::{self, Found, Missing};
use super::selection::{Choices, Findings, Part, TechnologyPart, percent_change};
use super::window::{Month, Window};
use crate::catalogue::Catalogue;
use crate::db::Conn;
use crate::error::AppError;
use crate::ids::TechnologyId;
use crate::market::{self, Country, PayBasis, Role, Seniority, Source, Technology};
use crate::money::Offers;
use crate::versions::Topic;
use crate::web::{Link, nearest};
use crate::written::{write_all, written};

/// A role, maybe with a technology: what the path of a salary page names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The role.
    pub role: Role,
    /// The technology.
    pub technology: Option<Arc<Technology>>,
}

impl Subject {
    /// The page's path, without an extension.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.technology {
            None => format!("/salaries/{}", self.role.slug),
            Some(technology) => format!("/salaries/{}/{}", self.role.slug, technology.slug),
        }
    }

    /// Whether a path names it by the slugs that it has now.
    #[must_use]
    pub fn is_at(&self, role: &str, technology: Option<&str>) -> bool {
        let slug = self
            .technology
            .as_ref()
            .map(|technology| technology.slug.as_str());
        self.role.slug.as_str() == role && slug == technology
    }

    /// What the page is about: `Back-End Web Developer with Django`.
    #[must_use]
    pub fn heading(&self) -> String {
        match &self.technology {
            None => self.role.job_title.clone(),
            Some(technology) => format!("{} with {}", self.role.job_title, technology.name),
        }
    }

    /// What a path names by slugs that roles and technologies have; `None` where the catalogue has no such role or technology.
    #[must_use]
    pub fn named(catalogue: &Catalogue, role: &str, technology: Option<&str>) -> Option<Self> {
        let technology = match technology {
            Some(slug) => Some(Arc::clone(catalogue.technology_by_slug(slug)?)),
            None => None,
        };
        Some(Self {
            role: catalogue.role(role)?.clone(),
            technology,
        })
    }

    /// The same, also by slugs that roles and technologies had before.
    #[must_use]
    pub fn by_any_slugs(
        catalogue: &Catalogue,
        role: &str,
        technology: Option<&str>,
    ) -> Option<Self> {
        let technology = match technology {
            Some(slug) => Some(Arc::clone(catalogue.technology_by_any_slug(slug)?)),
            None => None,
        };
        Some(Self {
            role: catalogue.role_by_any_slug(role)?.clone(),
            technology,
        })
    }

    /// Finds what a path names, also by slugs that roles and technologies had before.
    ///
    /// # Errors
    /// [`AppError::NotFound`] with the nearest roles or technologies.
    pub fn find(
        conn: &mut Conn,
        catalogue: &Catalogue,
        role: &str,
        technology: Option<&str>,
    ) -> Result<Self, AppError> {
        if let Some(subject) = Self::by_any_slugs(catalogue, role, technology) {
            return Ok(subject);
        }
        if let (Some(found), Some(technology)) = (catalogue.role_by_any_slug(role), technology) {
            return Err(no_technology(conn, found, technology)?);
        }
        let roles = market::queries::roles(conn)?;
        let links = roles
            .into_iter()
            .map(|role| Link::new(role.name, format!("/salaries/{}", role.slug)));
        Err(AppError::NotFound {
            what: format!("There is no role \u{201c}{role}\u{201d}."),
            near: nearest(role, links.collect()),
        })
    }
}

/// The 404 of a technology that nobody in the role has.
fn no_technology(conn: &mut Conn, role: &Role, wanted: &str) -> QueryResult<AppError> {
    let known = queries::technologies_of_role(conn, role.id)?;
    let links = known.into_iter().map(|technology| {
        let href = format!("/salaries/{}/{}", role.slug, technology.slug);
        Link::new(format!("{} with {}", role.name, technology.name), href)
    });
    let mut near = nearest(wanted, links.collect());
    near.push(Link::new(
        format!("All of {}", role.name),
        format!("/salaries/{}", role.slug),
    ));
    Ok(AppError::NotFound {
        what: format!(
            "There are no {} offers with \u{201c}{wanted}\u{201d}.",
            role.name
        ),
        near,
    })
}

/// A technology of the role with its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TechnologyFigures {
    /// The technology.
    pub technology: Arc<Technology>,
    /// Its figures, and how they changed.
    pub figures: TechnologyPart,
}

/// What a salary page shows.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it is about.
    pub subject: Subject,
    /// The filters, those left out that ask for what the page shows anyway.
    pub filters: Filters,
    /// The months of the figures; `None` where no offer was ever counted.
    pub window: Option<Window>,
    /// The pay basis of the figures.
    pub pay: PayBasis,
    /// The calendar years with counted offers, newest first.
    pub years: Vec<i32>,
    /// The figures; `None` where they are not published.
    pub figures: Option<Figures>,
    /// Whether any offer is counted, published or not.
    pub has_counted_offers: bool,
    /// By seniority.
    pub by_seniority: Vec<Part<Seniority>>,
    /// By month.
    pub by_month: Vec<Part<Month>>,
    /// The role's technologies.
    pub technologies: Vec<TechnologyFigures>,
    /// Where the counted offers came from.
    pub sources: Vec<Source>,
    /// What the filters' values would leave.
    pub choices: Choices,
    /// The countries to choose from.
    pub countries: Vec<Country>,
}

impl Report {
    /// Finds what the selection shows, and leaves out what is not published.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where nobody in the role has the technology or the year has no offers.
    pub fn load(
        conn: &mut Conn,
        catalogue: &Catalogue,
        subject: Subject,
        filters: &Filters,
        min_candidates: u64,
    ) -> Result<Self, AppError> {
        let technology = subject.technology.as_ref();
        let found = queries::find(
            conn,
            subject.role.id,
            technology.map(|technology| technology.id),
            filters,
        )?;
        match (found, technology) {
            (Ok(found), _) => Ok(Self::of(catalogue, subject, found, min_candidates)),
            (Err(Missing::Technology), technology) => {
                let wanted = technology.map_or("", |technology| technology.slug.as_str());
                Err(no_technology(conn, &subject.role, wanted)?)
            }
            (Err(Missing::Year(year)), _) => Err(AppError::not_found(format!(
                "There are no {} offers of the year {year}.",
                subject.role.name
            ))),
        }
    }

    /// What was found, but for what is not published.
    #[must_use]
    pub fn of(catalogue: &Catalogue, subject: Subject, found: Found, min_candidates: u64) -> Self {
        let Found {
            findings,
            filters,
            extent,
        } = found;
        let has_counted_offers = findings.figures.is_some();
        let figures = published_figures(findings.figures, findings.candidates, min_candidates);
        let is_published = figures.is_some();
        let sources = catalogue.sources().iter();
        let sources =
            sources.filter(|source| is_published && findings.sources.contains(&source.id));
        Self {
            filters,
            window: findings.window,
            pay: findings.pay,
            years: extent.years,
            figures,
            has_counted_offers,
            by_seniority: parts(findings.by_seniority, is_published, min_candidates),
            by_month: parts(findings.by_month, is_published, min_candidates),
            technologies: technologies(
                catalogue,
                findings.technologies.unwrap_or_default(),
                min_candidates,
            ),
            sources: sources.cloned().collect(),
            choices: findings.choices,
            countries: extent.countries,
            subject,
        }
    }

    /// What it shows.
    #[must_use]
    pub fn topics(&self) -> Vec<Topic> {
        let listed = self.technologies.iter().map(|known| &known.technology);
        let technologies = self.subject.technology.iter().chain(listed);
        [Topic::Role(self.subject.role.id)]
            .into_iter()
            .chain(technologies.map(|technology| Topic::Technology(technology.id)))
            .collect()
    }

    /// The months of the figures, as readers see them; empty where there are none.
    #[must_use]
    pub fn window_in_words(&self) -> String {
        self.window
            .map_or_else(String::new, |window| window.to_string())
    }

    /// The filters on candidates and the months in words: `Senior, Ukraine, Jan–Dec 2024`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut words = self.filters.in_words();
        words.extend(self.window.map(|window| window.to_string()));
        words.join(", ")
    }

    /// `Back-End Web Developer with Django Salary in 2024 (Senior, Ukraine)`
    #[must_use]
    pub fn title(&self) -> String {
        let heading = self.subject.heading();
        let mut title = match self.window {
            Some(window) => format!("{heading} Salary in {}", window.year()),
            None => format!("{heading} Salary"),
        };
        let filters = self.filters.in_words();
        if !filters.is_empty() {
            title = format!("{title} ({})", filters.join(", "));
        }
        title
    }

    /// The page's canonical address, with its filters.
    #[must_use]
    pub fn address(&self) -> String {
        self.filters.address(&self.subject.path())
    }

    /// The address of the same selection in another form, such as `json`.
    #[must_use]
    pub fn address_of(&self, extension: &str) -> String {
        self.filters
            .address(&format!("{}.{extension}", self.subject.path()))
    }
}

/// The figures, where they are of enough candidates.
fn published_figures(
    figures: Option<Figures>,
    candidates: u64,
    min_candidates: u64,
) -> Option<Figures> {
    figures.filter(|_| candidates >= min_candidates)
}

/// The parts as they are published. Those of a selection whose figures are not published are not shown either.
fn parts<T>(parts: Vec<Part<T>>, is_published: bool, min_candidates: u64) -> Vec<Part<T>> {
    if !is_published {
        return Vec::new();
    }
    let published = parts.into_iter().map(|part| part.published(min_candidates));
    published.collect()
}

fn technologies(
    catalogue: &Catalogue,
    found: Vec<TechnologyPart>,
    min_candidates: u64,
) -> Vec<TechnologyFigures> {
    let published = found
        .into_iter()
        .map(|technology| technology.published(min_candidates));
    let (with_figures, mut without): (Vec<_>, Vec<_>) =
        published.partition(|technology| technology.part.spread.is_some());
    // What is not published does not show in the order either.
    without.sort_unstable_by_key(|technology| technology.part.of);
    let named = with_figures.into_iter().chain(without);
    let named = named.filter_map(|figures| {
        Some(TechnologyFigures {
            technology: Arc::clone(catalogue.technology(figures.part.of)?),
            figures,
        })
    });
    named.collect()
}

/// A role in a list: its headline figures.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The role.
    pub role: Role,
    /// The months of the figures.
    pub window: Option<Window>,
    /// The pay basis of the figures.
    pub pay: PayBasis,
    /// The figures; `None` where they are not published.
    pub figures: Option<Figures>,
}

/// The headline figures of every role, or of a technology in every role, by the roles' names. Roles without candidates
/// are left out.
///
/// # Errors
/// When the database fails.
pub fn summaries(
    conn: &mut Conn,
    technology: Option<TechnologyId>,
    min_candidates: u64,
) -> QueryResult<Vec<Summary>> {
    let mut findings = queries::unfiltered(conn, technology)?;
    let roles = market::queries::roles(conn)?.into_iter();
    let of_roles = roles.filter_map(|role| Some((findings.remove(&role.id)?, role)));
    Ok(of_roles
        .map(|(findings, role)| summary(findings, role, min_candidates))
        .collect())
}

fn summary(findings: Findings, role: Role, min_candidates: u64) -> Summary {
    Summary {
        role,
        window: findings.window,
        pay: findings.pay,
        figures: published_figures(findings.figures, findings.candidates, min_candidates),
    }
}

/// The role with the most counted offers to candidates who know a technology.
///
/// # Errors
/// When the database fails.
pub fn most_offered_role(
    conn: &mut Conn,
    technology: TechnologyId,
    min_candidates: u64,
) -> QueryResult<Option<Role>> {
    let roles = summaries(conn, Some(technology), min_candidates)?;
    let most = roles
        .into_iter()
        .max_by_key(|summary| summary.figures.as_ref().map_or(0, |figures| figures.offers));
    Ok(most.map(|summary| summary.role))
}

/// A technology in every role together, by the offers of the latest twelve months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    /// The technology.
    pub technology: Technology,
    /// Counted offers of both pay bases.
    pub offers: Offers,
    /// Change against the twelve months before; where the data reaches back so far.
    pub change: Option<Change>,
}

/// A change of the number of offers against the twelve months before, whole percent. It is written in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change(
    /// Percent.
    pub i64,
);

written! {
    Change: |change, out| match change.0 {
        ..=-2 => write_all(out, &[&change.0.unsigned_abs(), &"% fewer"]),
        -1..=1 => out.write_str("about as many"),
        2.. => write_all(out, &[&change.0, &"% more"]),
    };
}

/// The technologies with the most counted offers in the twelve months up to the newest one.
///
/// # Errors
/// When the database fails.
pub fn trending(conn: &mut Conn, limit: i64, min_candidates: u64) -> QueryResult<Vec<Trend>> {
    let mut known: BTreeMap<_, _> = market::queries::technologies(conn)?
        .into_iter()
        .map(|technology| (technology.id, technology))
        .collect();
    let trends = queries::trends(conn, limit, min_candidates)?;
    Ok(trends
        .into_iter()
        .filter_map(|trend| {
            let former = trend.former_offers.zip(trend.former_candidates);
            let former =
                former.filter(|(_, candidates)| candidates.cast_unsigned() >= min_candidates);
            let offers = trend.offers.cast_unsigned();
            Some(Trend {
                technology: known.remove(&trend.technology_id)?,
                offers: Offers(offers),
                change: former
                    .and_then(|(former, _)| percent_change(former.cast_unsigned(), offers))
                    .map(Change),
            })
        })
        .collect())
}

/// The paths of all pages whose figures are published: roles, roles with a technology, and technologies.
///
/// # Errors
/// When the database fails.
pub fn published_addresses(conn: &mut Conn, min_candidates: u64) -> QueryResult<Vec<String>> {
    let technologies: BTreeMap<_, _> = market::queries::technologies(conn)?
        .into_iter()
        .map(|technology| (technology.id, technology.slug))
        .collect();
    let roles: BTreeMap<_, _> = market::queries::roles(conn)?
        .into_iter()
        .map(|role| (role.id, role.slug))
        .collect();
    let mut paths = Vec::new();
    for (role, technology) in queries::published(conn, min_candidates)? {
        let Some(role) = roles.get(&role) else {
            continue;
        };
        match technology {
            None => paths.push(format!("/salaries/{role}")),
            Some(technology) => {
                if let Some(slug) = technologies.get(&technology) {
                    paths.push(format!("/salaries/{role}/{slug}"));
                }
            }
        }
    }
    let published = published_technologies(conn, min_candidates)?.into_iter();
    paths.extend(published.map(|technology| format!("/technologies/{}", technology.slug)));
    Ok(paths)
}

/// The technologies with figures in any role, by name.
///
/// # Errors
/// When the database fails.
pub fn published_technologies(
    conn: &mut Conn,
    min_candidates: u64,
) -> QueryResult<Vec<Technology>> {
    let published = queries::published(conn, min_candidates)?.into_iter();
    let published: BTreeSet<_> = published.filter_map(|(_, technology)| technology).collect();
    let mut technologies = market::queries::technologies(conn)?;
    technologies.retain(|technology| published.contains(&technology.id));
    technologies.sort_by_cached_key(|technology| technology.name.to_lowercase());
    Ok(technologies)
}
