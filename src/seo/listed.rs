//! The pages that search engines may list.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::articles;
use crate::db::Conn;
use crate::newsletter::issues::queries as issues;
use crate::salaries;

/// The pages that there always are.
const FIXED: [&str; 4] = ["/", "/salaries", "/articles", "/methodology"];

/// The paths of all pages that search engines may list: the fixed ones, every published selection and technology, every
/// article, and every issue of the newsletter that has left. Each stands there once.
///
/// # Errors
/// When the database fails.
pub fn paths(conn: &mut Conn, min_candidates: u64) -> QueryResult<Vec<String>> {
    let fixed = FIXED.map(ToOwned::to_owned).into_iter();
    let salaries = salaries::published_addresses(conn, min_candidates)?;
    let articles = articles::queries::addresses(conn)?;
    let mut seen = BTreeSet::new();
    let issues = issues::published(conn)?.into_iter();
    let all = fixed.chain(salaries).chain(articles);
    let all = all.chain(issues.map(|issue| issue.path()));
    Ok(all.filter(|path| seen.insert(path.clone())).collect())
}
