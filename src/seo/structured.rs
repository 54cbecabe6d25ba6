//! Structured data: what search engines read of a page, in the vocabulary of <https://schema.org>. Each type here is one of
//! its types, with the properties that the site knows.

mod figures;

use std::borrow::Cow;

use chrono::NaiveDateTime;
use serde::{Serialize, Serializer};

pub use figures::{
    Country, CreativeWork, DataDownload, Dataset, Licence, MonetaryAmountDistribution, Occupation,
    PropertyValue, Value,
};

use crate::slug::Slug;
use crate::web::{Link, Site, assets};

/// Letters of a headline that search engines show at most.
const HEADLINE: usize = 110;

/// All that a page says.
#[derive(Debug, Serialize)]
pub struct Graph<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@graph")]
    things: Vec<Thing<'a>>,
}

impl<'a> Graph<'a> {
    /// A page that says this.
    #[must_use]
    pub const fn of(things: Vec<Thing<'a>>) -> Self {
        Self {
            context: "https://schema.org",
            things,
        }
    }

    /// A page that only says where it stands.
    #[must_use]
    pub fn of_crumbs(site: &'a Site, crumbs: &'a [Link]) -> Self {
        Self::of(vec![Thing::Breadcrumbs(BreadcrumbList::of(site, crumbs))])
    }

    /// The home page: the site, and who runs it.
    #[must_use]
    pub fn of_site(site: &'a Site) -> Self {
        Self::of(vec![
            Thing::WebSite(WebSite::of(site)),
            Thing::Organization(Organization::of(site)),
        ])
    }
}

/// What a page can say.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Thing<'a> {
    /// The whole site.
    WebSite(WebSite<'a>),
    /// Who runs it.
    Organization(Organization<'a>),
    /// Where the page stands.
    Breadcrumbs(BreadcrumbList<'a>),
    /// An article.
    Article(Article<'a>),
    /// The figures of a salary page.
    Dataset(Dataset<'a>),
    /// What its role earns.
    Occupation(Occupation<'a>),
    /// Questions, and the answers on the page.
    Faq(FaqPage<'a>),
}

/// An absolute address.
#[derive(Clone, Debug)]
pub struct Url<'a> {
    site: &'a str,
    path: Cow<'a, str>,
}

impl<'a> Url<'a> {
    /// The address of a path on this site.
    #[must_use]
    pub fn on(site: &'a Site, path: impl Into<Cow<'a, str>>) -> Self {
        Self {
            site: &site.url,
            path: path.into(),
        }
    }

    /// An address that is absolute already.
    #[must_use]
    pub const fn absolute(url: &'a str) -> Self {
        Self {
            site: url,
            path: Cow::Borrowed(""),
        }
    }
}

impl Serialize for Url<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}{}", self.site, self.path))
    }
}

/// A moment, UTC.
#[derive(Clone, Copy, Debug)]
pub struct Moment(
    /// UTC.
    pub NaiveDateTime,
);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// <https://schema.org/WebSite>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct WebSite<'a> {
    #[serde(rename = "@id")]
    id: Url<'a>,
    name: &'a str,
    url: Url<'a>,
    in_language: &'static str,
    publisher: Reference<'a>,
    potential_action: SearchAction<'a>,
}

impl<'a> WebSite<'a> {
    fn of(site: &'a Site) -> Self {
        Self {
            id: Url::on(site, "/#website"),
            name: &site.name,
            url: Url::on(site, "/"),
            in_language: "en",
            publisher: Reference {
                id: organization_id(site),
            },
            potential_action: SearchAction {
                target: EntryPoint {
                    url_template: Url::on(site, "/search?q={search_term_string}"),
                },
            },
        }
    }
}

fn logo(site: &Site) -> Url<'_> {
    Url::on(site, assets::address("icon.svg"))
}

fn organization_id(site: &Site) -> Url<'_> {
    Url::on(site, "/#organization")
}

/// Something that is described elsewhere.
#[derive(Debug, Serialize)]
struct Reference<'a> {
    #[serde(rename = "@id")]
    id: Url<'a>,
}

/// <https://schema.org/SearchAction>
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
struct SearchAction<'a> {
    target: EntryPoint<'a>,
}

/// <https://schema.org/EntryPoint>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
struct EntryPoint<'a> {
    url_template: Url<'a>,
}

/// <https://schema.org/Organization>
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
pub struct Organization<'a> {
    #[serde(rename = "@id")]
    id: Url<'a>,
    name: &'a str,
    url: Url<'a>,
    logo: Url<'a>,
}

impl<'a> Organization<'a> {
    /// Who runs the site.
    #[must_use]
    pub fn of(site: &'a Site) -> Self {
        Self {
            id: organization_id(site),
            name: &site.name,
            url: Url::on(site, "/"),
            logo: logo(site),
        }
    }
}

/// <https://schema.org/BreadcrumbList>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct BreadcrumbList<'a> {
    item_list_element: Vec<ListItem<'a>>,
}

/// <https://schema.org/ListItem>
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
struct ListItem<'a> {
    position: usize,
    name: &'a str,
    item: Url<'a>,
}

impl<'a> BreadcrumbList<'a> {
    /// The way to a page from the home page.
    #[must_use]
    pub fn of(site: &'a Site, crumbs: &'a [Link]) -> Self {
        let home = std::iter::once(("Home", "/"));
        let crumbs = crumbs
            .iter()
            .map(|crumb| (crumb.text.as_str(), crumb.href.as_str()));
        let items = home.chain(crumbs).zip(1..);
        let items = items.map(|((name, path), position)| ListItem {
            position,
            name,
            item: Url::on(site, path),
        });
        Self {
            item_list_element: items.collect(),
        }
    }
}

/// <https://schema.org/Article>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct Article<'a> {
    /// Its title.
    pub headline: Headline<'a>,
    /// What it says, in short.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'a str,
    /// Pictures that stand for it.
    pub image: Vec<Url<'a>>,
    /// When it was published.
    pub date_published: Moment,
    /// When what a reader sees last changed.
    pub date_modified: Moment,
    /// Who wrote it.
    pub author: Author<'a>,
    /// Who runs the site.
    pub publisher: Organization<'a>,
    /// Its page.
    pub main_entity_of_page: Url<'a>,
    /// What sort of article it is.
    pub article_section: &'static str,
    /// Its language.
    pub in_language: &'static str,
}

/// A title, no longer than search engines show it.
#[derive(Debug)]
pub struct Headline<'a>(
    /// The whole title.
    pub &'a str,
);

impl Serialize for Headline<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.chars().count() <= HEADLINE {
            return serializer.serialize_str(self.0);
        }
        let last = self.0.char_indices().nth(HEADLINE - 1);
        let kept = last.and_then(|(end, _)| self.0.get(..end));
        let kept = kept.unwrap_or_default();
        let words = kept.rsplit_once(' ').map_or(kept, |(words, _)| words);
        let words = words.trim_end_matches([',', ' ', ':']);
        serializer.collect_str(&format_args!("{words}\u{2026}"))
    }
}

/// Who wrote an article.
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
pub enum Author<'a> {
    /// Somebody.
    Person {
        /// The same for all articles of that name.
        #[serde(rename = "@id")]
        id: Url<'a>,
        /// The name.
        name: &'a str,
    },
    /// The site's editors together.
    Organization {
        /// Their name.
        name: &'a str,
        /// Where they write.
        url: Url<'a>,
        /// The site's.
        logo: Url<'a>,
    },
}

impl<'a> Author<'a> {
    /// Who goes by that name: the editors together where it has the site's name in it, or is none at all.
    #[must_use]
    pub fn of(site: &'a Site, name: &'a str) -> Self {
        let is_team = name.to_lowercase().contains(&site.name.to_lowercase());
        match Slug::from_text(name).filter(|_| !is_team) {
            Some(slug) => Self::Person {
                id: Url::on(site, format!("/articles#by-{slug}")),
                name,
            },
            None => Self::Organization {
                name: if name.is_empty() { &site.name } else { name },
                url: Url::on(site, "/articles"),
                logo: logo(site),
            },
        }
    }
}

/// <https://schema.org/FAQPage>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename = "FAQPage", rename_all = "camelCase")]
pub struct FaqPage<'a> {
    /// The questions.
    pub main_entity: Vec<Question<'a>>,
}

/// <https://schema.org/Question>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct Question<'a> {
    name: &'a str,
    accepted_answer: Answer,
}

/// <https://schema.org/Answer>
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
struct Answer {
    text: String,
}

impl<'a> Question<'a> {
    /// A question with its answer, HTML.
    #[must_use]
    pub const fn new(name: &'a str, answer: String) -> Self {
        Self {
            name,
            accepted_answer: Answer { text: answer },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: impl Serialize) -> String {
        serde_json::to_string(&value).unwrap()
    }

    #[test]
    fn a_headline_ends_with_a_whole_word() {
        assert_eq!(json(Headline("Short")), "\"Short\"");
        let long = "many words, ".repeat(20);
        let said: String = serde_json::from_str(&json(Headline(&long))).unwrap();
        assert!(said.ends_with("words\u{2026}"), "{said}");
        assert!(said.chars().count() <= HEADLINE, "{said}");
        let unbroken = json(Headline(&"\u{e9}".repeat(300)));
        assert_eq!(unbroken.chars().count(), HEADLINE + 2);
    }
}
