//! The publish check: what a reader or a search engine would stumble over in an article. Errors keep it from being published,
//! warnings do not.
//!
//! [`scan`] takes a text apart; [`amounts`] recognises salaries typed by hand and compares them; [`addresses`] knows which
//! links lead somewhere; [`check`] puts it together. These are pure: what they need of the site stands in [`Lookups`], which
//! [`lookups`] reads.

pub mod addresses;
pub mod amounts;
pub mod lookups;
pub mod scan;
mod whole_site;

use std::collections::HashSet;

use addresses::Answer;
use amounts::Mention;
pub use lookups::{Drifted, Lookups, drifted, run};
use scan::{Scan, Seen};
pub use whole_site::{Checked, check_all};

use super::live_figures::{MOST, Placeholder, Problem};
use crate::ids::ArticleId;
use crate::slug::Slug;

/// Characters of a title that search engines show, about.
pub const TITLE_LENGTH: usize = 60;

/// Characters of a description that search engines show, about.
pub const DESCRIPTION_LENGTH: usize = 155;

/// Findings of one severity that are listed; the rest is counted.
const LISTED: usize = 100;

/// An article as it is about to be saved.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// Its key, where it was saved before.
    pub id: Option<ArticleId>,
    /// Its name in addresses, where it has a valid one.
    pub slug: Option<&'a Slug>,
    /// Heading.
    pub title: &'a str,
    /// One or two sentences under the title.
    pub summary: &'a str,
    /// The title for search engines; empty where the heading serves them too.
    pub seo_title: &'a str,
    /// Description for search engines.
    pub description: &'a str,
    /// Markdown.
    pub body: &'a str,
    /// Slug of the role it is attached to.
    pub role: Option<&'a Slug>,
    /// Slug of the technology it is attached to.
    pub technology: Option<&'a Slug>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Keeps the article from being published.
    Error,
    /// Is worth a look.
    Warning,
}

/// Something to stumble over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The field of the article's form.
    pub field: &'static str,
    /// The line of the text, from 1.
    pub line: Option<usize>,
    /// What it is, in a sentence or two.
    pub text: String,
}

impl Finding {
    /// Whether it keeps the article from being published.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Whether anything keeps the article from being published.
#[must_use]
pub fn is_blocked(findings: &[Finding]) -> bool {
    findings.iter().any(Finding::is_error)
}

/// What there is to stumble over: errors first, each in the order of the form and of the text.
#[must_use]
pub fn check(article: &Draft<'_>, site: &Lookups) -> Vec<Finding> {
    judge(article, &Scan::of(article.body), site)
}

/// The same of a text that is taken apart already.
fn judge(article: &Draft<'_>, scan: &Scan, site: &Lookups) -> Vec<Finding> {
    let mut findings = Findings::default();
    heads(&mut findings, article, site);
    headings(&mut findings, scan);
    for seen in &scan.seen {
        text_seen(&mut findings, seen);
    }
    images(&mut findings, scan);
    links(&mut findings, scan, article, site);
    figures(&mut findings, scan, site);
    typed(&mut findings, &scan.mentions, site);
    findings.listed()
}

/// Findings as they come.
#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    errors: usize,
    warnings: usize,
}

impl Findings {
    fn error(&mut self, field: &'static str, line: Option<usize>, text: impl Into<String>) {
        self.errors += 1;
        if self.errors <= LISTED {
            self.add(Severity::Error, field, line, text.into());
        }
    }

    fn warning(&mut self, field: &'static str, line: Option<usize>, text: impl Into<String>) {
        self.warnings += 1;
        if self.warnings <= LISTED {
            self.add(Severity::Warning, field, line, text.into());
        }
    }

    fn add(&mut self, severity: Severity, field: &'static str, line: Option<usize>, text: String) {
        self.list.push(Finding {
            severity,
            field,
            line,
            text,
        });
    }

    fn listed(mut self) -> Vec<Finding> {
        const FIELDS: [&str; 4] = ["title", "summary", "seo_title", "description"];
        for (severity, count) in [
            (Severity::Error, self.errors),
            (Severity::Warning, self.warnings),
        ] {
            if count > LISTED {
                let text = format!("And {} more of this kind.", count - LISTED);
                self.add(severity, "body", Some(usize::MAX), text);
            }
        }
        self.list.sort_by_key(|finding| {
            let field = FIELDS.iter().position(|field| *field == finding.field);
            (
                finding.severity,
                field.unwrap_or(FIELDS.len()),
                finding.line,
            )
        });
        for finding in &mut self.list {
            finding.line = finding.line.filter(|line| *line < usize::MAX);
        }
        self.list
    }
}

/// What stands above the text and in search results.
fn heads(findings: &mut Findings, article: &Draft<'_>, site: &Lookups) {
    let title = article.title.trim();
    let (searched, field) = match article.seo_title.trim() {
        "" => (title, "title"),
        searched => (searched, "seo_title"),
    };
    if title.is_empty() {
        findings.error("title", None, "The title is missing.");
    }
    let length = searched.chars().count();
    if length > TITLE_LENGTH {
        findings.warning(
            field,
            None,
            format!(
                "The title has {length} characters: search engines show about {TITLE_LENGTH} and cut off the rest."
            ),
        );
    }
    if let Some(other) = site.same_title(title) {
        findings.warning("title", None, format!("{other} has the same title."));
    }
    if let Some((year, window)) = site.newest_year.and_then(|newest| {
        let year = years(title).max()?;
        (year < newest).then_some((year, newest))
    }) {
        findings.warning(
            "title",
            None,
            format!("The title names {year}, and the data is of {window}."),
        );
    }
    let description = article.description.trim();
    let length = description.chars().count();
    if description.is_empty() {
        findings.error(
            "description",
            None,
            "The description is missing: search engines show it under the title.",
        );
    } else if length > DESCRIPTION_LENGTH {
        findings.warning(
            "description",
            None,
            format!(
                "The description has {length} characters: search engines show about {DESCRIPTION_LENGTH} and cut off the \
                 rest."
            ),
        );
    }
    if let Some(other) = site.same_description(description) {
        findings.warning(
            "description",
            None,
            format!("{other} has the same description."),
        );
    }
    for (field, text) in [
        ("title", article.title),
        ("summary", article.summary),
        ("seo_title", article.seo_title),
        ("description", article.description),
    ] {
        if text.contains("{{") {
            findings.error(
                field,
                None,
                "A live figure stands here, and only the text of the article can show one.",
            );
        }
    }
}

/// The years of this century that a text names.
fn years(text: &str) -> impl Iterator<Item = i32> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let years = words.filter(|word| word.len() == 4);
    years.filter_map(|word| word.parse().ok().filter(|year| (2000..2100).contains(year)))
}

fn headings(findings: &mut Findings, scan: &Scan) {
    // The title is the only heading of the first level.
    let mut above = 1;
    for heading in &scan.headings {
        let line = Some(heading.line);
        if heading.level == 1 {
            findings.warning(
                "body",
                line,
                "A heading of the first level is the title\u{2019}s alone: write ## instead of #.",
            );
        }
        let level = heading.level.max(2);
        if level > above + 1 {
            findings.warning(
                "body",
                line,
                format!(
                    "A heading of level {level} follows one of level {above}: a level is skipped."
                ),
            );
        }
        above = level;
        if heading.is_empty {
            findings.warning("body", line, "The heading is empty.");
        }
    }
}

fn text_seen(findings: &mut Findings, seen: &Seen) {
    let (line, text) = match seen {
        Seen::EmptyParagraph(line) => (line, "The paragraph is empty."),
        Seen::CodeWithoutLanguage(line) => (
            line,
            "The code names no language: write it after the opening ```, such as ```python.",
        ),
        Seen::IndentedCode(line) => (
            line,
            "Lines that begin with four spaces are code. Put it between lines of ``` and name its language, or take the \
             spaces away.",
        ),
    };
    findings.warning("body", Some(*line), text);
}

fn images(findings: &mut Findings, scan: &Scan) {
    for image in &scan.images {
        let line = Some(image.line);
        if image.description.trim().is_empty() {
            findings.error(
                "body",
                line,
                format!(
                    "The image {} has no alternative text: say between the square brackets what it shows.",
                    quoted(&image.address)
                ),
            );
        } else if image.description.contains("{{") {
            findings.error(
                "body",
                line,
                "A live figure cannot stand in the alternative text of an image.",
            );
        }
    }
}

fn links(findings: &mut Findings, scan: &Scan, article: &Draft<'_>, site: &Lookups) {
    for link in &scan.links {
        let line = Some(link.line);
        let address = quoted(&link.address);
        if link.is_empty {
            findings.warning("body", line, format!("The link to {address} has no text."));
        }
        match site
            .addresses
            .answer(&link.address, article.slug, &scan.anchors)
        {
            Answer::Fine => {}
            Answer::Moved(to) => findings.warning(
                "body",
                line,
                format!("{address} leads on to {}: link there.", quoted(&to)),
            ),
            Answer::Dead(why) => {
                findings.error(
                    "body",
                    line,
                    format!("The link to {address} is dead: {why}"),
                );
            }
        }
    }
    for image in &scan.images {
        if let Answer::Dead(why) =
            site.addresses
                .answer(&image.address, article.slug, &scan.anchors)
        {
            let address = quoted(&image.address);
            let text = format!("The image {address} is not there: {why}");
            findings.error("body", Some(image.line), text);
        }
    }
}

fn figures(findings: &mut Findings, scan: &Scan, site: &Lookups) {
    for figure in &scan.figures {
        let problem = match Placeholder::parse(&figure.source) {
            Err(unclear) => Some(Problem::Unclear(unclear)),
            Ok(placeholder) if placeholder.kind.stands_alone() && !figure.alone => {
                Some(Problem::NotAlone(placeholder.kind))
            }
            Ok(placeholder) => site.problems.get(&placeholder).cloned(),
        };
        if let Some(problem) = problem {
            let text = format!("{{{{ {} }}}}: {problem}", figure.source);
            findings.error("body", Some(figure.line), text);
        }
    }
    for line in &scan.open_braces {
        findings.error(
            "body",
            Some(*line),
            "Two braces begin a live figure, and it does not end: write }} after it. Where braces are meant, write them as \
             `code`.",
        );
    }
    for line in &scan.braces_in_html {
        findings.error(
            "body",
            Some(*line),
            "A live figure stands in a block of HTML, where it is not filled: write the block as Markdown.",
        );
    }
    if scan.figures.len() >= MOST {
        findings.error(
            "body",
            None,
            format!("There are more than {MOST} live figures; the rest is not filled."),
        );
    }
}

fn typed(findings: &mut Findings, mentions: &[Mention], site: &Lookups) {
    for mention in mentions {
        for text in site.differences(mention) {
            findings.warning("body", Some(mention.line), text);
        }
    }
}

/// An address as a sentence quotes it, cut where it is long.
fn quoted(address: &str) -> String {
    let mut short: String = address.chars().take(80).collect();
    if short.len() < address.len() {
        short.push('\u{2026}');
    }
    format!("\u{201c}{short}\u{201d}")
}

/// The placeholders of a text that say clearly what they ask for, each once.
fn placeholders(scan: &Scan) -> Vec<Placeholder> {
    let mut met = HashSet::new();
    let clear = scan
        .figures
        .iter()
        .filter_map(|figure| Placeholder::parse(&figure.source).ok());
    clear
        .filter(|placeholder| met.insert(placeholder.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;

    use super::addresses::Addresses;
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";
    /// The address of an image.
    const IMAGE: &str = "/images/0123456789abcdef0123456789abcdef-600x400.png";

    fn site() -> Lookups {
        let set =
            |all: &[&str]| -> HashSet<String> { all.iter().map(ToString::to_string).collect() };
        Lookups {
            titles: HashMap::from([("what django is".to_owned(), "/articles/django".to_owned())]),
            descriptions: HashMap::from([("about".to_owned(), "/articles/django".to_owned())]),
            newest_year: Some(2024),
            addresses: Addresses {
                site: "https://jobs.example".to_owned(),
                roles: set(&["devops"]),
                technologies: set(&["django"]),
                pairs: set(&["devops/django"]),
                articles: HashMap::from([("django".to_owned(), true), ("draft".to_owned(), false)]),
                moved: HashMap::from([("/articles/old".to_owned(), "/articles/django".to_owned())]),
                former_roles: HashMap::from([("ops".to_owned(), "devops".to_owned())]),
                former_technologies: HashMap::from([("jango".to_owned(), "django".to_owned())]),
                images: set(&[KEY]),
            },
            ..Lookups::default()
        }
    }

    fn draft(body: &str) -> Draft<'_> {
        Draft {
            id: None,
            slug: None,
            title: "A title",
            summary: "A summary.",
            seo_title: "",
            description: "A description.",
            body,
            role: None,
            technology: None,
        }
    }

    /// What is found, as `error title: text`, or with a line, `warning 3: text`.
    fn found(article: &Draft<'_>) -> Vec<String> {
        let findings = check(article, &site()).into_iter();
        findings
            .map(|finding| {
                let severity = if finding.is_error() {
                    "error"
                } else {
                    "warning"
                };
                match finding.line {
                    Some(line) => format!("{severity} {line}: {}", finding.text),
                    None => format!("{severity} {}: {}", finding.field, finding.text),
                }
            })
            .collect()
    }

    #[track_caller]
    fn assert_found(article: &Draft<'_>, expected: &[&str]) {
        let found = found(article);
        assert_eq!(
            found.len(),
            expected.len(),
            "{:?}: {found:#?}",
            article.body
        );
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} | {expected}");
        }
    }

    #[test]
    fn a_good_article_has_nothing_to_stumble_over() {
        let body = &"Text with [links](/salaries/devops/django?seniority=senior), [another](https://jobs.example/articles/django) \
                    and [a third](#part-two).\n\n## Part one\n\n### Deeper\n\n## Part two\n\n```python\nx = {{}}\n```\n\n\
                    ![A chart of pay](IMAGE)\n\n| a |\n| - |\n|  |\n".replace("IMAGE", IMAGE);
        assert_found(&draft(body), &[]);
    }

    #[test]
    fn title_and_description_are_there_short_and_unlike_others() {
        let empty = Draft {
            title: " ",
            description: "",
            ..draft("x")
        };
        assert_found(
            &empty,
            &[
                "error title: The title is missing",
                "error description: The description is missing",
            ],
        );
        let long = "x".repeat(156);
        let long = Draft {
            title: &long,
            description: &long,
            ..draft("x")
        };
        assert_found(
            &long,
            &[
                "warning title: The title has 156 characters",
                "warning description: The description has 156",
            ],
        );
        let same = Draft {
            title: "What  Django is",
            description: "About",
            ..draft("x")
        };
        assert_found(
            &same,
            &[
                "warning title: The article /articles/django has the same title",
                "has the same description",
            ],
        );
        let emoji = Draft {
            title: "\u{1f600}",
            seo_title: "{{ median devops }}",
            ..draft("x")
        };
        assert_found(&emoji, &["error seo_title: A live figure stands here"]);
    }

    #[test]
    fn a_year_in_the_title_is_as_new_as_the_data() {
        for (title, expected) in [
            (
                "Salaries in 2022",
                &["names 2022, and the data is of 2024"][..],
            ),
            ("Salaries 2022 to 2024", &[]),
            ("Salaries in 2025", &[]),
            ("Since 1995: C++20, 20240", &[]),
        ] {
            assert_found(
                &Draft {
                    title,
                    ..draft("x")
                },
                expected,
            );
        }
    }

    #[test]
    fn headings_keep_their_order() {
        assert_found(
            &draft("# One\n\n### Three\n\n## Two\n\n#### Four\n\n##\n"),
            &[
                "warning 1: A heading of the first level",
                "warning 7: A heading of level 4 follows one of level 2",
                "warning 9: The heading is empty",
            ],
        );
        assert_found(
            &draft("### Three"),
            &["warning 1: A heading of level 3 follows one of level 1"],
        );
        assert_found(&draft("## {{ median x }}"), &[]);
    }

    #[test]
    fn empty_things_are_seen() {
        assert_found(
            &draft(
                &"a\n\n&nbsp;\n\n[](/salaries) [ ![](IMAGE) ](/articles)\n\n<p> </p>\n"
                    .replace("IMAGE", IMAGE),
            ),
            &[
                "-600x400.png\u{201d} has no alternative text",
                "warning 3: The paragraph is empty",
                "warning 5: The link to \u{201c}/salaries\u{201d} has no text",
                "warning 7: The paragraph is empty",
            ],
        );
    }

    #[test]
    fn code_names_its_language() {
        assert_found(
            &draft("```\na\n```\n\n~~~ rust\nb\n~~~\n\n    c\n"),
            &[
                "warning 1: The code names no language",
                "warning 9: Lines that begin with four spaces",
            ],
        );
    }

    #[test]
    fn dead_links_are_errors_and_redirects_warnings() {
        for (link, expected) in [
            ("/salaries/devops.json", None),
            ("/salaries/devops", None),
            ("https://elsewhere.example/salaries/x", None),
            ("//elsewhere.example", None),
            ("mailto:a@b.example", None),
            ("/technologies/django", None),
            ("/embed/salaries/devops", None),
            ("https://jobs.example", None),
            ("/compare?a=devops&b=x", None),
            (
                "/salaries/sales",
                Some(
                    "error 1: The link to \u{201c}/salaries/sales\u{201d} is dead: there is no role",
                ),
            ),
            ("/salaries/devops/rust", Some("error 1")),
            ("https://jobs.example/salaries/devops/rust", Some("error 1")),
            (
                "/salaries/devops?seniority=boss",
                Some("There is no seniority \u{201c}boss\u{201d}"),
            ),
            (
                "/salaries/devops?country=UA&seniority=senior",
                Some("leads on to \u{201c}/salaries/devops?seniority=senior&country=UA"),
            ),
            (
                "/Salaries/DevOps/",
                Some(
                    "warning 1: \u{201c}/Salaries/DevOps/\u{201d} leads on to \u{201c}/salaries/devops\u{201d}",
                ),
            ),
            (
                "/articles/old#x",
                Some("leads on to \u{201c}/articles/django#x\u{201d}"),
            ),
            (
                "/salaries/ops/jango.csv?seniority=senior#x",
                Some("leads on to \u{201c}/salaries/devops/django.csv?seniority=senior#x\u{201d}"),
            ),
            (
                "/embed/salaries/ops",
                Some("leads on to \u{201c}/embed/salaries/devops\u{201d}"),
            ),
            (
                "/technologies/jango",
                Some("leads on to \u{201c}/technologies/django\u{201d}"),
            ),
            ("/images/0123456789abcdef0123456789abcdef-480w.png", None),
            (
                "/images/0123456789abcdef0123456789abcde0-480w.png",
                Some("there is no such image"),
            ),
            ("/images/x", Some("there is no such image")),
            ("/articles/gone", Some("error 1")),
            ("/articles/draft", Some("is not published")),
            ("/technologies/cobol", Some("error 1")),
            ("/nowhere", Some("error 1")),
            ("/admin/articles", Some("only editors")),
            ("articles", Some("does not begin with a slash")),
            ("javascript:alert(1)", Some("may begin with http:")),
            ("#gone", Some("no heading")),
            ("", Some("it says not where to")),
        ] {
            let body = format!("[link](<{link}>)");
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_found(&draft(&body), &expected);
        }
        assert_found(
            &draft("<a href=\"/nowhere\">x</a> <img src='/images/x' alt=y>"),
            &["The link to \u{201c}/nowhere\u{201d} is dead", "The image"],
        );
    }

    #[test]
    fn placeholders_say_what_they_ask_for() {
        let site = Lookups {
            problems: HashMap::from([(
                Placeholder::parse("median devops").unwrap(),
                Problem::TooFew(5),
            )]),
            ..site()
        };
        let body = "{{ median devops }} {{ medain devops }}\n\n{{ offers devops }} {{ chart devops }}\n\n{{ open\n\n\
                    <div>{{ p10 devops }}</div>\n\n![{{ x }}](https://a.example/b.png)\n";
        let findings = check(&draft(body), &site);
        assert!(is_blocked(&findings));
        let found: Vec<(Option<usize>, &str)> = findings
            .iter()
            .map(|finding| (finding.line, finding.text.as_str()))
            .collect();
        let expected = [
            (
                Some(1),
                "{{ median devops }}: There are fewer than 5 candidates",
            ),
            (Some(1), "{{ medain devops }}: There is no figure"),
            (
                Some(3),
                "{{ chart devops }}: \u{201c}chart\u{201d} needs a paragraph of its own",
            ),
            (Some(5), "Two braces begin"),
            (Some(7), "A live figure stands in a block of HTML"),
            (
                Some(9),
                "A live figure cannot stand in the alternative text",
            ),
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for ((line, text), (expected_line, expected)) in found.into_iter().zip(expected) {
            assert_eq!(line, expected_line, "{text}");
            assert!(text.starts_with(expected), "{text}");
        }
    }

    #[test]
    fn of_many_findings_some_are_listed_and_the_rest_is_counted() {
        let body = "[](/nowhere)\n\n".repeat(500);
        let found = found(&draft(&body));
        assert_eq!(found.len(), 2 * LISTED + 2);
        assert_eq!(found[LISTED], "error body: And 400 more of this kind.");
    }

    #[test]
    fn five_megabytes_are_checked_quickly() {
        for part in [
            "# a\n\n",
            "[a](#b) ",
            "> ",
            "{{ median x }} ",
            "{{",
            "the salary is $7,707 and $7,708 in 2024. ",
            "\u{5e9}\u{5db}\u{5e8} $5,000 median \u{200f}",
            "<img src=x ",
            "a\n\n    b\n\n",
        ] {
            // Debug builds take ten times as long.
            let body = part.repeat((5 << 20) / 10 / part.len());
            let begun = std::time::Instant::now();
            let _ = check(&draft(&body), &site());
            assert!(
                begun.elapsed().as_secs() < 20,
                "{part:?}: {:?}",
                begun.elapsed()
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_checked_without_harm(
            title in any::<String>(),
            body in any::<String>(),
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "# ", "## ", "\n", "\n\n", "- ", "> ", "```", "`", "*", "[", "](", ")", "![", "/salaries/devops", "#", "<img ",
                    "alt=", "\"", "<a href=", "<p></p>", "{{", "}}", "median devops", "|a|b|\n|-|-|\n", "    ", "$7,707",
                    " salary ", "\u{5e9}\u{5db}\u{5e8}", "\u{202e}", "&nbsp;", "<!--", "\\", "\u{0}", "%", "?seniority=",
                ]),
                0..40,
            ),
        ) {
            for body in [body, parts.concat()] {
                let article = Draft { title: &title, summary: &body, ..draft(&body) };
                let lines = body.lines().count().max(1) + 1;
                for finding in check(&article, &site()) {
                    prop_assert!(finding.line.is_none_or(|line| 0 < line && line <= lines), "{finding:?} of {lines}");
                }
            }
        }
    }
}
