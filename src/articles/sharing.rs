//! What an article's page tells search engines and networks of itself.

use std::collections::HashMap;
use std::sync::LazyLock;

use ammonia::Builder;

use super::{Article, Reading};
use crate::images::Picture;
use crate::salaries::Report;
use crate::seo::structured::{
    self, Author, BreadcrumbList, FaqPage, Graph, Headline, Moment, Organization, Question, Thing,
    Url,
};
use crate::share::{self, Card, Figured};
use crate::web::{JsonLd, Link, Meta, Site};

/// Fewest questions that make an article one of questions and answers.
const QUESTIONS: usize = 2;

/// The picture beside links to it: its title, and the figures that it belongs to.
pub(super) fn card<'a>(
    site: &'a Site,
    article: &'a Article,
    report: Option<&'a Report>,
) -> Card<'a> {
    let card = Card::new(site, article.path(), &article.title, article.kind.label());
    let figured = report.and_then(|report| Some((report, Figured::of(report, false)?)));
    match figured {
        Some((report, figured)) => card
            .with_note(report.subject.heading())
            .with_figures(Some(figured)),
        None => card.with_note(&article.author),
    }
}

/// What it says to search engines: where it stands, what it is, and the questions that it answers.
pub(super) fn structured<'a>(
    site: &'a Site,
    meta: &'a Meta,
    crumbs: &'a [Link],
    reading: &'a Reading,
    cover: Option<&'a Picture>,
) -> JsonLd<Graph<'a>> {
    let article = reading.article();
    let published_at = meta.published_at.unwrap_or(article.published_at);
    let changed_at = meta.changed_at.unwrap_or(article.updated_at);
    let image = share::image_of(meta, site).into_owned();
    let cover = cover.map(|picture| Url::on(site, &picture.src));
    let mut things = vec![
        Thing::Breadcrumbs(BreadcrumbList::of(site, crumbs)),
        Thing::Article(structured::Article {
            headline: Headline(&article.title),
            description: &article.description,
            image: cover
                .into_iter()
                .chain([Url::on(site, image.address)])
                .collect(),
            date_published: Moment(published_at),
            date_modified: Moment(changed_at.max(published_at)),
            author: Author::of(site, &article.author),
            publisher: Organization::of(site),
            main_entity_of_page: Url::on(site, &meta.canonical),
            article_section: article.kind.label(),
            in_language: "en",
        }),
    ];
    let questions = questions(reading);
    if questions.len() >= QUESTIONS {
        things.push(Thing::Faq(FaqPage {
            main_entity: questions,
        }));
    }
    JsonLd(Graph::of(things))
}

/// The headings that are questions, each with what stands below it.
fn questions(reading: &Reading) -> Vec<Question<'_>> {
    let headings = reading.contents().iter();
    let asked = headings.filter(|heading| heading.text.trim_end().ends_with('?'));
    let answered = asked.filter_map(|heading| {
        let begin = format!(" id=\"{}\">", heading.anchor);
        let (_, below) = reading.html().split_once(&begin)?;
        let (_, below) = below.split_once("</h")?;
        let (_, below) = below.split_once('>')?;
        let answer = below.split_once("<h2 ").map_or(below, |(answer, _)| answer);
        let answer = ANSWERS.clean(answer).to_string();
        let answer = answer.trim();
        (!answer.is_empty()).then(|| Question::new(&heading.text, answer.to_owned()))
    });
    answered.collect()
}

/// What search engines read of an answer: words and their order, without links, figures and charts.
static ANSWERS: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tag_attributes(HashMap::new())
        .add_tags(["p", "ul", "ol", "li", "strong", "em", "br"])
        .add_clean_content_tags(["figure", "svg", "table", "pre", "script", "style"]);
    builder
});
