//! What the publish check has to know of the site.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;

use super::addresses::Addresses;
use super::amounts::{Mention, Sheet, has_currency, names};
use super::scan::Scan;
use super::{Draft, Finding, Findings, judge, placeholders, typed};
use crate::articles::live_figures::{Lookup, Placeholder, Problem, Selection};
use crate::articles::queries::is_public;
use crate::catalogue::Catalogue;
use crate::db::Conn;
use crate::ids::{ArticleId, RoleId, TechnologyId};
use crate::images::ImageKey;
use crate::market;
use crate::salaries::{Filters, most_offered_role, queries};
use crate::schema::{article_redirects, articles, images};
use crate::slug::Slug;
use crate::web::Site;

/// Selections of one text whose figures are looked up for its salaries.
const MOST_SELECTIONS: usize = 60;

/// What the check has to know of the site.
#[derive(Debug, Default)]
pub struct Lookups {
    /// Titles of other articles, as they are compared, with the articles' addresses.
    pub titles: HashMap<String, String>,
    /// Descriptions of other articles, likewise.
    pub descriptions: HashMap<String, String>,
    /// The year of the newest data.
    pub newest_year: Option<i32>,
    /// The site's addresses.
    pub addresses: Addresses,
    /// The text's placeholders that show no figure, and why.
    pub problems: HashMap<Placeholder, Problem>,
    /// What salaries are compared with.
    pub salaries: Salaries,
}

/// What salaries are compared with.
#[derive(Debug, Default)]
pub struct Salaries {
    /// The article's own role and technology.
    pub own: Option<Selection>,
    /// Roles by their names.
    pub roles: Vec<(String, Slug)>,
    /// Technologies by their names.
    pub technologies: Vec<(String, Slug)>,
    /// The figures of the selections that are published.
    pub sheets: HashMap<Selection, Sheet>,
}

impl Salaries {
    /// The selections that a sentence may speak of, the likeliest first.
    fn of(&self, mention: &Mention) -> Vec<Selection> {
        let mut found: Vec<Selection> = Vec::new();
        let mut add = |selection: Selection| {
            if !found.contains(&selection) {
                found.push(selection);
            }
        };
        let lower = mention.sentence.to_ascii_lowercase();
        let named = |all: &[(String, Slug)]| -> Vec<Slug> {
            let named = all
                .iter()
                .filter(|(name, _)| names(&mention.sentence, &lower, name));
            named.map(|(_, slug)| slug.clone()).collect()
        };
        let own_role = self.own.as_ref().map(|own| own.role.clone());
        let roles = named(&self.roles);
        for technology in named(&self.technologies) {
            for role in roles.iter().chain(&own_role) {
                add(Selection {
                    role: role.clone(),
                    technology: Some(technology.clone()),
                    filters: Filters::default(),
                });
            }
        }
        for role in roles {
            add(Selection {
                role,
                technology: None,
                filters: Filters::default(),
            });
        }
        mention.selections.iter().cloned().for_each(&mut add);
        self.own.iter().cloned().for_each(&mut add);
        found
    }
}

impl Lookups {
    /// The article with the same title, as a sentence begins with it.
    pub(super) fn same_title(&self, title: &str) -> Option<String> {
        let other = self.titles.get(&compared(title))?;
        Some(format!("The article {other}"))
    }

    /// The article with the same description, likewise.
    pub(super) fn same_description(&self, description: &str) -> Option<String> {
        let other = self.descriptions.get(&compared(description))?;
        Some(format!("The article {other}"))
    }

    /// Where the salaries of a sentence differ from the data.
    pub(super) fn differences(&self, mention: &Mention) -> Vec<String> {
        let salaries = &self.salaries;
        let selections = salaries.of(mention);
        let sheets: Vec<&Sheet> = selections
            .iter()
            .filter_map(|selection| salaries.sheets.get(selection))
            .collect();
        mention.differences(&sheets)
    }

    /// What the check of an article has to know.
    ///
    /// # Errors
    /// When the database fails.
    pub fn load(
        conn: &mut Conn,
        catalogue: &Catalogue,
        site: &Site,
        article: &Draft<'_>,
    ) -> QueryResult<Self> {
        let scan = Scan::of(article.body);
        Self::for_scan(conn, catalogue, site, article, &scan)
    }

    fn for_scan(
        conn: &mut Conn,
        catalogue: &Catalogue,
        site: &Site,
        article: &Draft<'_>,
        scan: &Scan,
    ) -> QueryResult<Self> {
        let mut lookups = Self {
            newest_year: newest_year(conn)?,
            ..Self::default()
        };
        lookups.read_articles(conn, article)?;
        lookups.read_addresses(conn, site)?;
        let mut figures = Lookup::new(catalogue, site.min_candidates);
        for placeholder in placeholders(scan) {
            if let Some(problem) = figures.problem(conn, &placeholder)? {
                lookups.problems.insert(placeholder, problem);
            }
        }
        lookups.salaries = Salaries::load(conn, catalogue, &mut figures, article, &scan.mentions)?;
        Ok(lookups)
    }

    /// The other articles.
    fn read_articles(&mut self, conn: &mut Conn, article: &Draft<'_>) -> QueryResult<()> {
        type Row = (ArticleId, Slug, String, String, bool);
        let all: Vec<Row> = articles::table
            .order(articles::id)
            .select((
                articles::id,
                articles::slug,
                articles::title,
                articles::description,
                is_public(),
            ))
            .load(conn)?;
        for (former, now) in former_slugs(conn)? {
            let moved = &mut self.addresses.moved;
            moved.insert(format!("/articles/{former}"), format!("/articles/{now}"));
        }
        for (id, slug, title, description, is_public) in all {
            self.addresses.articles.insert(slug.to_string(), is_public);
            if !is_public || article.id == Some(id) {
                continue;
            }
            let address = format!("/articles/{slug}");
            for (texts, text) in [
                (&mut self.titles, title),
                (&mut self.descriptions, description),
            ] {
                let text = compared(&text);
                if !text.is_empty() {
                    texts.entry(text).or_insert_with(|| address.clone());
                }
            }
        }
        Ok(())
    }

    fn read_addresses(&mut self, conn: &mut Conn, site: &Site) -> QueryResult<()> {
        let roles: BTreeMap<RoleId, Slug> = market::queries::roles(conn)?
            .into_iter()
            .map(|role| (role.id, role.slug))
            .collect();
        let technologies: BTreeMap<TechnologyId, Slug> = market::queries::technologies(conn)?
            .into_iter()
            .map(|technology| (technology.id, technology.slug))
            .collect();
        let pairs = queries::known(conn)?.into_iter();
        let pairs = pairs.filter_map(|(role, technology)| {
            Some(format!(
                "{}/{}",
                roles.get(&role)?,
                technologies.get(&technology)?
            ))
        });
        let former_roles = market::queries::former_role_slugs(conn)?.into_iter();
        let former_roles = former_roles
            .filter_map(|(former, id)| Some((former.to_string(), roles.get(&id)?.to_string())));
        self.addresses.former_roles = former_roles.collect();
        let former = market::queries::former_technology_slugs(conn)?.into_iter();
        let former = former.filter_map(|(former, id)| {
            Some((former.to_string(), technologies.get(&id)?.to_string()))
        });
        self.addresses.former_technologies = former.collect();
        let keys: Vec<ImageKey> = images::table
            .filter(images::removed_at.is_null())
            .select(images::key)
            .load(conn)?;
        self.addresses.images = keys.iter().map(|key| key.as_str().to_owned()).collect();
        self.addresses.site.clone_from(&site.url);
        self.addresses.pairs = pairs.collect();
        self.addresses.roles = roles.values().map(ToString::to_string).collect();
        self.addresses.technologies = technologies.values().map(ToString::to_string).collect();
        Ok(())
    }
}

impl Salaries {
    /// What the salaries of those sentences are compared with; nothing is read where there are none.
    fn load(
        conn: &mut Conn,
        catalogue: &Catalogue,
        figures: &mut Lookup<'_>,
        article: &Draft<'_>,
        mentions: &[Mention],
    ) -> QueryResult<Self> {
        let mut salaries = Self::default();
        if mentions.is_empty() {
            return Ok(salaries);
        }
        salaries.own = own(conn, catalogue, figures.min_candidates(), article)?;
        salaries.roles = market::queries::roles(conn)?
            .into_iter()
            .map(|role| (role.name, role.slug))
            .collect();
        salaries.technologies = market::queries::technologies(conn)?
            .into_iter()
            .map(|technology| (technology.name, technology.slug))
            .collect();
        let mut wanted: Vec<Selection> = Vec::new();
        let mut met = HashSet::new();
        for mention in mentions {
            let named = salaries.of(mention).into_iter();
            wanted.extend(named.filter(|selection| met.insert(selection.clone())));
            if wanted.len() >= MOST_SELECTIONS {
                break;
            }
        }
        for selection in wanted.into_iter().take(MOST_SELECTIONS) {
            let found = figures.report(conn, &selection)?;
            let sheet = found
                .as_ref()
                .as_ref()
                .ok()
                .and_then(|report| Sheet::of(&selection, report));
            if let Some(sheet) = sheet {
                salaries.sheets.insert(selection, sheet);
            }
        }
        Ok(salaries)
    }
}

/// The selection that an article belongs to: of a technology alone, in the role with the most offers for it.
fn own(
    conn: &mut Conn,
    catalogue: &Catalogue,
    min_candidates: u64,
    article: &Draft<'_>,
) -> QueryResult<Option<Selection>> {
    let role = match (article.role, article.technology) {
        (Some(role), _) => Some(role.clone()),
        (None, Some(technology)) => {
            let known = catalogue.technology_by_slug(technology.as_str());
            match known {
                Some(known) => {
                    most_offered_role(conn, known.id, min_candidates)?.map(|role| role.slug)
                }
                None => None,
            }
        }
        (None, None) => None,
    };
    Ok(role.map(|role| Selection {
        role,
        technology: article.technology.cloned(),
        filters: Filters::default(),
    }))
}

/// The year of the newest counted offer.
fn newest_year(conn: &mut Conn) -> QueryResult<Option<i32>> {
    let findings = queries::unfiltered(conn, None)?;
    let windows = findings.values().filter_map(|findings| findings.window);
    Ok(windows.map(crate::salaries::window::Window::year).max())
}

/// Slugs that articles had, with those that they have, of articles that visitors see.
fn former_slugs(conn: &mut Conn) -> QueryResult<Vec<(Slug, Slug)>> {
    article_redirects::table
        .inner_join(articles::table)
        .filter(is_public())
        .select((article_redirects::slug, articles::slug))
        .load(conn)
}

/// A text as it is compared with others.
fn compared(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Checks an article as it is about to be saved: reads what there is to know, and judges.
///
/// # Errors
/// When the database fails.
pub fn run(
    conn: &mut Conn,
    catalogue: &Catalogue,
    site: &Site,
    article: &Draft<'_>,
) -> QueryResult<Vec<Finding>> {
    let scan = Scan::of(article.body);
    let lookups = Lookups::for_scan(conn, catalogue, site, article, &scan)?;
    Ok(judge(article, &scan, &lookups))
}

/// An article whose typed salaries are no longer what the data says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drifted {
    /// Its key.
    pub id: ArticleId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Heading.
    pub title: String,
    /// What differs.
    pub findings: Vec<Finding>,
}

/// Key, slug, title and Markdown of an article, and where it is attached.
type PublishedText = (
    ArticleId,
    Slug,
    String,
    String,
    Option<RoleId>,
    Option<TechnologyId>,
);

/// The published articles whose typed salaries differ from the data.
///
/// # Errors
/// When the database fails.
pub fn drifted(conn: &mut Conn, catalogue: &Catalogue, site: &Site) -> QueryResult<Vec<Drifted>> {
    let roles: BTreeMap<RoleId, Slug> = market::queries::roles(conn)?
        .into_iter()
        .map(|role| (role.id, role.slug))
        .collect();
    let rows: Vec<PublishedText> = articles::table
        .filter(is_public())
        .order((articles::title, articles::id))
        .select((
            articles::id,
            articles::slug,
            articles::title,
            articles::body,
            articles::role_id,
            articles::technology_id,
        ))
        .load(conn)?;
    let mut figures = Lookup::new(catalogue, site.min_candidates);
    let mut drifted = Vec::new();
    for (id, slug, title, body, role, technology) in rows {
        // Most texts name no amount, and need not be taken apart.
        if !has_currency(&body) {
            continue;
        }
        let technology = technology.and_then(|id| catalogue.technology(id));
        let draft = Draft {
            id: Some(id),
            slug: Some(&slug),
            title: &title,
            summary: "",
            seo_title: "",
            description: "",
            body: &body,
            role: role.and_then(|id| roles.get(&id)),
            technology: technology.map(|technology| &technology.slug),
        };
        let scan = Scan::of(&body);
        let lookups = Lookups {
            salaries: Salaries::load(conn, catalogue, &mut figures, &draft, &scan.mentions)?,
            ..Lookups::default()
        };
        let mut findings = Findings::default();
        typed(&mut findings, &scan.mentions, &lookups);
        let findings = findings.listed();
        if !findings.is_empty() {
            drifted.push(Drifted {
                id,
                slug,
                title,
                findings,
            });
        }
    }
    Ok(drifted)
}
