//! Names in memory: every role, technology, source and article, as of one change of the site. Pages need them all the time,
//! and they change seldom.

use std::sync::{Arc, PoisonError, RwLock};

use diesel::prelude::*;
use foldhash::HashMap;

use crate::articles::{self, Article, FullArticle};
use crate::db::Conn;
use crate::ids::{RoleId, TechnologyId};
use crate::market::{self, Role, Source, Technology};
use crate::slug::Slug;
use crate::versions::{self, Dates, Moment, Topic};

/// All names, as a change of the site left them.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The number of the newest change that it knows of.
    version: i64,
    roles: HashMap<String, Role>,
    technologies: HashMap<TechnologyId, Arc<Technology>>,
    technology_ids: HashMap<String, TechnologyId>,
    /// Slugs that roles and technologies had before, with those that they have now.
    former_roles: HashMap<String, Slug>,
    former_technologies: HashMap<String, TechnologyId>,
    sources: Vec<Source>,
    /// In the order in which those of one role or technology stand on its page.
    articles: Arc<[Arc<FullArticle>]>,
    /// The number of the change that articles are as of.
    articles_version: i64,
    dates: Dates,
}

impl Catalogue {
    /// The names that a transaction sees; articles are those of another catalogue where they have not changed since.
    fn load(conn: &mut Conn, version: i64, former: &Self) -> QueryResult<Self> {
        let technologies: HashMap<_, _> = market::queries::technologies(conn)?
            .into_iter()
            .map(|technology| (technology.id, Arc::new(technology)))
            .collect();
        let roles = market::queries::roles(conn)?;
        let slugs: HashMap<RoleId, Slug> = roles
            .iter()
            .map(|role| (role.id, role.slug.clone()))
            .collect();
        let articles_version = versions::of(conn, Topic::Articles)?;
        let articles = if articles_version > 0 && articles_version == former.articles_version {
            Arc::clone(&former.articles)
        } else {
            let articles = articles::queries::in_order(conn)?.into_iter();
            articles.map(Arc::new).collect()
        };
        Ok(Self {
            version,
            former_roles: market::queries::former_role_slugs(conn)?
                .into_iter()
                .filter_map(|(former, role)| Some((former.to_string(), slugs.get(&role)?.clone())))
                .collect(),
            former_technologies: market::queries::former_technology_slugs(conn)?
                .into_iter()
                .map(|(former, technology)| (former.to_string(), technology))
                .collect(),
            roles: roles
                .into_iter()
                .map(|role| (role.slug.to_string(), role))
                .collect(),
            technology_ids: technologies
                .values()
                .map(|technology| (technology.slug.to_string(), technology.id))
                .collect(),
            technologies,
            sources: market::queries::sources(conn)?,
            articles,
            articles_version,
            dates: Dates::load(conn, &former.dates)?,
        })
    }

    /// The number of the newest change that it knows of.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// These topics as of that change, with what is known of when pages changed.
    #[must_use]
    pub fn moment(&self, topics: impl Into<Box<[Topic]>>) -> Moment {
        self.dates.moment(self.version, topics)
    }

    /// The role of that slug.
    #[must_use]
    pub fn role(&self, slug: &str) -> Option<&Role> {
        self.roles.get(slug)
    }

    /// All roles, in no order.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    /// The slugs of all roles, in no order.
    pub fn role_slugs(&self) -> impl Iterator<Item = &str> {
        self.roles.keys().map(String::as_str)
    }

    /// The slugs of all technologies, in no order.
    pub fn technology_slugs(&self) -> impl Iterator<Item = &str> {
        self.technology_ids.keys().map(String::as_str)
    }

    /// The technology of that slug.
    #[must_use]
    pub fn technology_by_slug(&self, slug: &str) -> Option<&Arc<Technology>> {
        self.technology(*self.technology_ids.get(slug)?)
    }

    /// The role that a slug leads to: one that has it, or had it before.
    #[must_use]
    pub fn role_by_any_slug(&self, slug: &str) -> Option<&Role> {
        let former = || self.role(self.former_roles.get(slug)?.as_str());
        self.role(slug).or_else(former)
    }

    /// The technology that a slug leads to: one that has it, or had it before.
    #[must_use]
    pub fn technology_by_any_slug(&self, slug: &str) -> Option<&Arc<Technology>> {
        let former = || self.technology(*self.former_technologies.get(slug)?);
        self.technology_by_slug(slug).or_else(former)
    }

    /// The technology of that key.
    #[must_use]
    pub fn technology(&self, id: TechnologyId) -> Option<&Arc<Technology>> {
        self.technologies.get(&id)
    }

    /// Every source, by name.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The articles of a role alone, in their order.
    #[must_use]
    pub fn articles_of_role(&self, role: RoleId) -> Vec<Arc<FullArticle>> {
        self.articles_where(|article| {
            article.role_id == Some(role) && article.technology_id.is_none()
        })
    }

    /// The articles of a technology in their order: of it in every role, and where one is given, of it in that role.
    #[must_use]
    pub fn articles_of_technology(
        &self,
        technology: TechnologyId,
        role: Option<RoleId>,
    ) -> Vec<Arc<FullArticle>> {
        self.articles_where(|article| {
            article.technology_id == Some(technology)
                && (article.role_id.is_none() || article.role_id == role)
        })
    }

    fn articles_where(&self, condition: impl Fn(&Article) -> bool) -> Vec<Arc<FullArticle>> {
        let found = self.articles.iter().filter(|full| condition(&full.article));
        found.map(Arc::clone).collect()
    }
}

/// The newest catalogue that this process has; shared by all workers.
#[derive(Debug, Default)]
pub struct Catalogues(RwLock<Arc<Catalogue>>);

impl Catalogues {
    /// The newest one, which may know less than the database by now: its [`Catalogue::version`] tells.
    #[must_use]
    pub fn latest(&self) -> Arc<Catalogue> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The one of a transaction: what it sees, no more and no less.
    ///
    /// # Errors
    /// When the database fails.
    pub fn of(&self, conn: &mut Conn) -> QueryResult<Arc<Catalogue>> {
        let version = versions::newest(conn)?;
        let latest = self.latest();
        // Without a first change nothing tells an empty site from one that was never noted down.
        if latest.version == version && version > 0 {
            return Ok(latest);
        }
        let loaded = Arc::new(Catalogue::load(conn, version, &latest)?);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // A replica that lags behind does not take away what is newer.
        if kept.version <= version {
            *kept = Arc::clone(&loaded);
        }
        Ok(loaded)
    }
}
