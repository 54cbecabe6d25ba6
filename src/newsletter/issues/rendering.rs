//! An issue's text: as its page shows it, and as mails do, which know neither charts nor the site's style sheets.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::Issue;
use crate::articles::live_figures::{Audience, Lookup, Problem};
use crate::articles::markdown::{Place, render};
use crate::catalogue::Catalogue;
use crate::db::Conn;
use crate::error::AppError;
use crate::slug::Slug;
use crate::web::Site;

/// Letters of a line in mails without HTML.
const LINE: usize = 76;

/// A text, as pages and mails show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// On its page.
    pub page_html: String,
    /// In mails.
    pub mail_html: String,
    /// In mails without HTML.
    pub mail_text: String,
    /// Placeholders without a figure, and why.
    pub problems: Vec<(String, Problem)>,
}

/// Renders the text of an issue, with the figures of this moment.
///
/// # Errors
/// When the database fails, or a template.
pub fn shown(
    conn: &mut Conn,
    catalogue: &Catalogue,
    site: &Site,
    issue: &Issue,
) -> Result<Shown, AppError> {
    typed(
        conn,
        catalogue,
        site,
        &issue.body,
        &issue.slug,
        Audience::Visitors,
    )
}

/// The same of a text that is not saved.
///
/// # Errors
/// When the database fails, or a template.
pub fn typed(
    conn: &mut Conn,
    catalogue: &Catalogue,
    site: &Site,
    body: &str,
    slug: &Slug,
    audience: Audience,
) -> Result<Shown, AppError> {
    let rendered = render(body, Place::OwnPage, slug);
    let mut lookup = Lookup::new(catalogue, site.min_candidates);
    let filled = lookup.fill(conn, &rendered, slug, audience)?;
    let mail_html = for_mail(&filled.html, &site.url);
    let mail_text = html2text::from_read(mail_html.as_bytes(), LINE).map_err(|error| {
        AppError::Failed(format!("an issue cannot be written as text: {error}"))
    })?;
    Ok(Shown {
        page_html: filled.html,
        mail_html,
        mail_text,
        problems: filled.problems,
    })
}

/// What of a page a mail shows: text, tables and pictures, with whole addresses. A chart is left to its caption, which links
/// to it.
fn for_mail(html: &str, site_url: &str) -> String {
    static TAGS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        HashSet::from([
            "a",
            "b",
            "blockquote",
            "br",
            "code",
            "del",
            "div",
            "em",
            "figcaption",
            "figure",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "i",
            "img",
            "li",
            "ol",
            "p",
            "pre",
            "s",
            "span",
            "strong",
            "sub",
            "sup",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ])
    });
    let base = reqwest::Url::parse(site_url).map(UrlRelative::RewriteWithBase);
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.clone())
        .clean_content_tags(HashSet::from(["svg", "script", "style", "output"]))
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("img", ["src", "alt", "width", "height"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("td", ["colspan"])
        .add_tag_attributes("th", ["colspan", "scope"])
        .add_allowed_classes("td", ["to-center", "to-right"])
        .add_allowed_classes("th", ["to-center", "to-right"])
        .link_rel(None)
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(base.unwrap_or(UrlRelative::Deny));
    builder.clean(html).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_has_no_charts_and_whole_addresses() {
        let html = for_mail(
            "<h2 id=\"a\">A</h2><p class=\"x\"><a href=\"/salaries/devops\">S</a> <data value=\"1\" title=\"t\">$1</data></p>\
             <figure class=\"chart\"><svg><text>12</text></svg><output>x</output><figcaption>C</figcaption></figure>\
             <img src=\"/images/a.png\" srcset=\"x 1w\" alt=\"P\">",
            "https://jobs.example",
        );
        assert_eq!(
            html,
            "<h2>A</h2><p><a href=\"https://jobs.example/salaries/devops\">S</a> $1</p>\
             <figure><figcaption>C</figcaption></figure>\
             <img src=\"https://jobs.example/images/a.png\" alt=\"P\">"
        );
    }
}
