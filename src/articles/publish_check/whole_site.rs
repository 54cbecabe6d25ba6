//! `payband check`: the publish check over every article that visitors see, or will see by itself.

use std::collections::BTreeMap;
use std::fmt;

use diesel::prelude::*;

use super::{Draft, Finding, Severity, run};
use crate::articles::{Content, State, content_columns};
use crate::catalogue::Catalogue;
use crate::db::Conn;
use crate::ids::{ArticleId, RoleId};
use crate::market;
use crate::schema::articles;
use crate::slug::Slug;
use crate::web::Site;

/// What was found. It writes itself: a line for each finding, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Articles that were checked.
    pub articles: usize,
    /// What there is to stumble over, with the articles' slugs.
    pub findings: Vec<(Slug, Finding)>,
}

impl Checked {
    /// Whether an article has an error, which would keep it from being published.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|(_, finding)| finding.is_error())
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (slug, finding) in &self.findings {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            write!(f, "/articles/{slug}: {severity} in {}", finding.field)?;
            if let Some(line) = finding.line {
                write!(f, ", line {line}")?;
            }
            writeln!(f, ": {}", finding.text)?;
        }
        let errors = self.findings.iter();
        let errors = errors.filter(|(_, finding)| finding.is_error()).count();
        let warnings = self.findings.len() - errors;
        write!(
            f,
            "articles checked: {}, errors: {errors}, warnings: {warnings}",
            self.articles
        )
    }
}

/// Checks every article that is published or scheduled, by slug.
///
/// # Errors
/// When the database fails.
pub fn check_all(conn: &mut Conn, catalogue: &Catalogue, site: &Site) -> QueryResult<Checked> {
    let roles: BTreeMap<RoleId, Slug> = market::queries::roles(conn)?
        .into_iter()
        .map(|role| (role.id, role.slug))
        .collect();
    let rows: Vec<(ArticleId, Content)> = articles::table
        .filter(articles::state.eq_any([State::Published, State::Scheduled]))
        .filter(articles::removed_at.is_null())
        .order(articles::slug)
        .select((articles::id, content_columns!(articles)))
        .load(conn)?;
    let mut checked = Checked {
        articles: rows.len(),
        findings: Vec::new(),
    };
    for (id, content) in rows {
        let technology = content.technology_id;
        let technology = technology.and_then(|id| catalogue.technology(id));
        let draft = Draft {
            id: Some(id),
            slug: Some(&content.slug),
            title: &content.title,
            summary: &content.summary,
            seo_title: &content.seo_title,
            description: &content.description,
            body: &content.body,
            role: content.role_id.and_then(|id| roles.get(&id)),
            technology: technology.map(|technology| &technology.slug),
        };
        let findings = run(conn, catalogue, site, &draft)?.into_iter();
        let findings = findings.map(|finding| (content.slug.clone(), finding));
        checked.findings.extend(findings);
    }
    Ok(checked)
}
