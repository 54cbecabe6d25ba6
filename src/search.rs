//! The search page: roles, technologies and articles whose names match.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::articles;
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::market;
use crate::web::{Link, Meta, Site, assets, html, nearest, page, parameter, parameters};

/// Matches of one kind that the page shows.
const LISTED: usize = 30;

/// The search page's route.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/search").route(page().to(show)));
}

#[derive(Template)]
#[template(path = "search/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    query: &'a str,
    groups: Vec<Group>,
    /// Names that are alike, where nothing matches.
    near: Vec<Link>,
}

/// Matches of one kind.
struct Group {
    name: &'static str,
    links: Vec<Link>,
}

/// `/search?q=`
async fn show(
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let wanted = parameter(&parameters(request.query_string()), "q");
    let query: String = wanted.chars().take(100).collect();
    let all = if query.is_empty() {
        Vec::new()
    } else {
        db.read(|conn| Ok::<_, AppError>(everything(conn)?)).await?
    };
    let words = searched_words(&query);
    let mut groups = Vec::new();
    let mut others = Vec::new();
    for (name, entries) in all {
        let mut found = Vec::new();
        for (link, searched) in entries {
            match rank(&link.text, &searched, &words) {
                Some(rank) => found.push((rank, link)),
                None => others.push(link),
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        let links: Vec<Link> = found
            .into_iter()
            .map(|(_, link)| link)
            .take(LISTED)
            .collect();
        if !links.is_empty() {
            groups.push(Group { name, links });
        }
    }
    let near = if groups.is_empty() {
        nearest(&query, others)
    } else {
        Vec::new()
    };
    html(&Show {
        site: &site,
        meta: Meta::new(
            "Search",
            "Find roles, technologies and articles.",
            "/search",
        )
        .hidden(),
        query: &query,
        groups,
        near,
    })
}

/// The words that are searched for: those of the query without the ones that every job seeker adds, unless there are no
/// others.
fn searched_words(query: &str) -> Vec<String> {
    const COMMON: [&str; 10] = [
        "developer",
        "developers",
        "engineer",
        "engineers",
        "job",
        "jobs",
        "pay",
        "salaries",
        "salary",
        "with",
    ];
    let all: Vec<String> = query
        .to_lowercase()
        .split_whitespace()
        .map(ToOwned::to_owned)
        .collect();
    let telling: Vec<String> = all
        .iter()
        .filter(|word| !COMMON.contains(&word.as_str()))
        .cloned()
        .collect();
    if telling.is_empty() { all } else { telling }
}

/// How near an entry comes to the words: 0 for the very name, 1 for a name that begins so, 2 for the others. `None` where
/// a word is missing.
fn rank(name: &str, searched: &str, words: &[String]) -> Option<u8> {
    let (name, searched) = (name.to_lowercase(), searched.to_lowercase());
    // Also as one word: `frontend` is in `front-end`.
    let joined = searched.replace(['-', ' '], "");
    if !words
        .iter()
        .all(|word| searched.contains(word) || joined.contains(word))
    {
        return None;
    }
    let wanted = words.join(" ");
    Some(match name.strip_prefix(&wanted) {
        Some("") => 0,
        Some(_) => 1,
        None => 2,
    })
}

/// Links with the text that is searched, by kind.
type Entries = Vec<(&'static str, Vec<(Link, String)>)>;

fn everything(conn: &mut Conn) -> diesel::QueryResult<Entries> {
    let roles = market::queries::roles(conn)?.into_iter().map(|role| {
        let searched = format!("{} {} {}", role.name, role.job_title, role.slug);
        (
            Link::new(role.name, format!("/salaries/{}", role.slug)),
            searched,
        )
    });
    let technologies = market::queries::technologies(conn)?
        .into_iter()
        .map(|technology| {
            let searched = format!("{} {}", technology.name, technology.slug);
            let href = format!("/technologies/{}", technology.slug);
            (Link::new(technology.name, href), searched)
        });
    let articles = articles::queries::newest(conn, 1000)?
        .into_iter()
        .map(|article| {
            let searched = format!("{} {}", article.title, article.summary);
            (
                Link::new(article.title, format!("/articles/{}", article.slug)),
                searched,
            )
        });
    Ok(vec![
        ("Roles", roles.collect()),
        ("Technologies", technologies.collect()),
        ("Articles", articles.collect()),
    ])
}
