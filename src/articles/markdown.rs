//! Markdown to sanitised HTML, with a table of contents, anchors and highlighted code.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use ammonia::Builder;
use comrak::adapters::{HeadingAdapter, HeadingMeta, SyntaxHighlighterAdapter};
use comrak::nodes::Sourcepos;
use comrak::options::{Options, Plugins};
use serde::{Deserialize, Serialize};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::market::words::vocabulary;
use crate::slug::Slug;

/// HTML that is safe to write as it is: it went through the sanitiser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// HTML that went through the sanitiser before it was kept.
    pub(super) const fn kept(html: String) -> Self {
        Self(html)
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A rendered text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub html: SafeHtml,
    /// Its headings of the highest level, in order.
    pub contents: Vec<Heading>,
}

/// A heading and the anchor it answers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// The `id`, without `#`.
    pub anchor: String,
    /// The text.
    pub text: String,
}

vocabulary! {
    /// Where a text stands on its page.
    Place, "a place of a text" {
        /// Its title is the page's first heading; its own headings begin at the second level.
        OwnPage = "own_page", "on its own page";
        /// Its title is a heading of the second level among others; its own begin at the third, and its anchors carry its
        /// slug, so that no two texts share one.
        Embedded = "embedded", "among others";
    }
}

/// The way in which [`render`] renders. Another number makes every text be rendered anew when the program starts: it belongs
/// to every change of what comes out.
pub const FORMAT: i32 = 1;

/// Renders the Markdown of the article of that slug.
#[must_use]
pub fn render(markdown: &str, place: Place, slug: &Slug) -> Rendered {
    let (deeper, anchor_prefix) = match place {
        Place::OwnPage => (0, String::new()),
        Place::Embedded => (1, format!("{slug}--")),
    };
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.parse.smart = true;
    // Raw HTML passes here; the sanitiser decides what of it stays.
    options.render.r#unsafe = true;
    let headings = Headings {
        deeper,
        anchor_prefix: &anchor_prefix,
        seen: Mutex::default(),
    };
    let mut plugins = Plugins::default();
    plugins.render.heading_adapter = Some(&headings);
    plugins.render.codefence_syntax_highlighter = Some(&Highlighter);
    let html = comrak::markdown_to_html_with_plugins(markdown, &options, &plugins);
    let clean = SANITISER.clean(&html).to_string();
    let seen = headings
        .seen
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let highest = seen.iter().map(|(level, _)| *level).min();
    Rendered {
        html: SafeHtml(scrollable(&clean)),
        contents: seen
            .into_iter()
            .filter(|(level, _)| Some(*level) == highest)
            .map(|(_, heading)| heading)
            .collect(),
    }
}

/// Puts each table into a box that scrolls sideways, and lets the keyboard scroll it and long lines of code. In sanitised
/// HTML a tag is a tag: text has its angle brackets escaped.
fn scrollable(html: &str) -> String {
    html.replace(
        "<table>",
        "<div class=\"table-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>",
    )
    .replace("</table>", "</table></div>")
    .replace(
        "<pre class=\"code\">",
        "<pre class=\"code\" tabindex=\"0\">",
    )
}

/// The tags and attributes that may stay.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    let headings = ["h2", "h3", "h4", "h5", "h6"];
    let mut attributes = builder.clone_tag_attributes();
    for heading in headings {
        attributes.insert(heading, HashSet::from(["id"]));
    }
    attributes.insert("input", HashSet::from(["type", "checked", "disabled"]));
    let classes = HashMap::from([
        ("span", HashSet::from(["c", "f", "k", "n", "s", "t"])),
        ("pre", HashSet::from(["code"])),
    ]);
    builder
        .add_tags(["input"])
        .tag_attributes(attributes)
        .tag_attribute_values(HashMap::from([(
            "input",
            HashMap::from([("type", HashSet::from(["checkbox"]))]),
        )]))
        .allowed_classes(classes)
        .link_rel(None)
        .url_schemes(HashSet::from(["http", "https", "mailto"]));
    builder
});

/// Writes headings with anchors, and notes them down.
struct Headings<'a> {
    deeper: u8,
    anchor_prefix: &'a str,
    seen: Mutex<Vec<(u8, Heading)>>,
}

impl Headings<'_> {
    fn level(&self, heading: &HeadingMeta) -> u8 {
        // The page's own title is the only heading of the first level.
        (heading.level.max(2) + self.deeper).min(6)
    }

    /// An anchor that no earlier heading of the text has.
    fn anchor(&self, text: &str, seen: &[(u8, Heading)]) -> String {
        let mut plain = String::new();
        for letter in text.to_lowercase().chars() {
            if letter.is_alphanumeric() {
                plain.push(letter);
            } else if !plain.ends_with('-') && !plain.is_empty() {
                plain.push('-');
            }
        }
        let plain = format!("{}{}", self.anchor_prefix, plain.trim_end_matches('-'));
        let taken = |anchor: &str| seen.iter().any(|(_, heading)| heading.anchor == anchor);
        if !plain.is_empty() && !taken(&plain) {
            return plain;
        }
        // Of so many numbers one is free: there are fewer headings before this one.
        let numbered = (2..seen.len() + 3).map(|number| format!("{plain}-{number}"));
        numbered
            .into_iter()
            .find(|anchor| !taken(anchor))
            .unwrap_or(plain)
    }
}

impl HeadingAdapter for Headings<'_> {
    fn enter(
        &self,
        output: &mut dyn fmt::Write,
        heading: &HeadingMeta,
        _: Option<Sourcepos>,
    ) -> fmt::Result {
        let level = self.level(heading);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let anchor = self.anchor(&heading.content, &seen);
        write!(output, "<h{level} id=\"{anchor}\">")?;
        seen.push((
            level,
            Heading {
                anchor,
                text: heading.content.clone(),
            },
        ));
        Ok(())
    }

    fn exit(&self, output: &mut dyn fmt::Write, heading: &HeadingMeta) -> fmt::Result {
        writeln!(output, "</h{}>", self.level(heading))
    }
}

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// Scopes of the grammars and the class that shows them; the first that fits counts.
static CLASSES: LazyLock<Vec<(Scope, &'static str)>> = LazyLock::new(|| {
    let classes = [
        ("comment", "c"),
        ("string", "s"),
        ("constant.numeric", "n"),
        ("constant.language", "k"),
        ("constant", "n"),
        ("keyword.operator", ""),
        ("keyword", "k"),
        ("storage", "k"),
        ("entity.name.function", "f"),
        ("support.function", "f"),
        ("variable.function", "f"),
        ("entity.name", "t"),
        ("support.class", "t"),
        ("support.type", "t"),
    ];
    classes
        .into_iter()
        .filter_map(|(scope, class)| Some((Scope::new(scope).ok()?, class)))
        .collect()
});

/// Marks the parts of program text with classes.
struct Highlighter;

impl Highlighter {
    /// The text as HTML; `None` where no grammar knows the language.
    fn highlight(language: &str, code: &str) -> Option<String> {
        let syntax = SYNTAXES.find_syntax_by_token(language)?;
        let mut state = ParseState::new(syntax);
        let mut scopes = ScopeStack::new();
        let mut html = String::new();
        for line in code.split_inclusive('\n') {
            let mut from = 0;
            for (to, change) in state.parse_line(line, &SYNTAXES).ok()? {
                push_token(&mut html, line.get(from..to)?, &scopes);
                scopes.apply(&change).ok()?;
                from = to;
            }
            push_token(&mut html, line.get(from..)?, &scopes);
        }
        Some(html)
    }
}

fn push_token(html: &mut String, text: &str, scopes: &ScopeStack) {
    let escaped = escaped_html(text);
    match class_of(scopes) {
        Some(class) if !text.trim().is_empty() => {
            html.push_str("<span class=\"");
            html.push_str(class);
            html.push_str("\">");
            html.push_str(&escaped);
            html.push_str("</span>");
        }
        _ => html.push_str(&escaped),
    }
}

/// The class of the innermost scope that has one.
fn class_of(scopes: &ScopeStack) -> Option<&'static str> {
    scopes
        .as_slice()
        .iter()
        .rev()
        .find_map(|scope| {
            let known = CLASSES
                .iter()
                .find(|(prefix, _)| prefix.is_prefix_of(*scope));
            known.map(|(_, class)| *class)
        })
        .filter(|class| !class.is_empty())
}

fn escaped_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // A String takes every write.
    let _ = comrak::html::escape(&mut escaped, text);
    escaped
}

impl SyntaxHighlighterAdapter for Highlighter {
    fn write_highlighted(
        &self,
        output: &mut dyn fmt::Write,
        lang: Option<&str>,
        code: &str,
    ) -> fmt::Result {
        let language = lang
            .unwrap_or_default()
            .split_whitespace()
            .next()
            .unwrap_or_default();
        match Self::highlight(language, code) {
            Some(html) => output.write_str(&html),
            None => output.write_str(&escaped_html(code)),
        }
    }

    fn write_pre_tag(
        &self,
        output: &mut dyn fmt::Write,
        _: HashMap<&'static str, Cow<'_, str>>,
    ) -> fmt::Result {
        output.write_str("<pre class=\"code\">")
    }

    fn write_code_tag(
        &self,
        output: &mut dyn fmt::Write,
        _: HashMap<&'static str, Cow<'_, str>>,
    ) -> fmt::Result {
        output.write_str("<code>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(markdown: &str, place: Place) -> Rendered {
        render(markdown, place, &Slug::from_static("alternatives"))
    }

    fn html(markdown: &str) -> String {
        rendered(markdown, Place::OwnPage).html.to_string()
    }

    #[test]
    fn headings_have_unique_anchors_and_make_the_contents() {
        let text = "## One & two\n\ntext\n\n### Deeper\n\n## One & two\n\n# Shouted\n";
        let rendered = rendered(text, Place::OwnPage);
        let html = rendered.html.to_string();
        assert!(
            html.contains("<h2 id=\"one-two\">One &amp; two</h2>"),
            "{html}"
        );
        assert!(html.contains("<h3 id=\"deeper\">"), "{html}");
        assert!(html.contains("<h2 id=\"one-two-2\">"), "{html}");
        assert!(html.contains("<h2 id=\"shouted\">"), "{html}");
        let contents: Vec<&str> = rendered
            .contents
            .iter()
            .map(|it| it.anchor.as_str())
            .collect();
        assert_eq!(contents, ["one-two", "one-two-2", "shouted"]);
    }

    #[test]
    fn an_embedded_text_sinks_a_level_and_carries_its_name() {
        let html = rendered("## Flask\n", Place::Embedded).html.to_string();
        assert!(html.contains("<h3 id=\"alternatives--flask\">"), "{html}");
    }

    #[test]
    fn another_rendering_has_another_format() {
        let text = "## A *b*\n\n- [c](/d) `e`\n\n| f | g |\n| - | - |\n| 1 | \"2\" |\n\n```python\ndef h(i): return \"j\"\n```\n";
        let both = Place::ALL.iter().map(|place| rendered(text, *place));
        let rendered: String = both.map(|rendered| rendered.html.to_string()).collect();
        let hash = xxhash_rust::xxh3::xxh3_64(rendered.as_bytes());
        assert_eq!((FORMAT, hash), (1, 4_178_830_579_423_342_940), "{rendered}");
    }

    #[test]
    fn scripts_handlers_and_foreign_styles_are_removed() {
        let html = html(
            "<script>alert(1)</script>\n\n<p onclick=\"x()\" style=\"color:red\" class=\"c\">a</p>\n\n\
             [link](javascript:alert(1)) <span class=\"evil k\">b</span> <iframe src=\"//x\"></iframe>\n",
        );
        for gone in [
            "script",
            "onclick",
            "style",
            "javascript",
            "evil",
            "iframe",
            "alert",
        ] {
            assert!(!html.contains(gone), "{gone}: {html}");
        }
        assert!(html.contains("<span class=\"k\">b</span>"), "{html}");
    }

    #[test]
    fn tables_scroll_in_a_box_of_their_own() {
        let html = html("| a | b |\n| - | - |\n| 1 | `<table>` |\n");
        assert_eq!(html.matches("table-scroll").count(), 1, "{html}");
        assert!(html.contains("&lt;table&gt;"), "{html}");
    }

    #[test]
    fn code_is_highlighted_with_classes() {
        let html = html("```python\n# why\ndef f(x):\n    return \"<b>\" + 1\n```\n");
        assert!(
            html.contains("<pre class=\"code\" tabindex=\"0\"><code>"),
            "{html}"
        );
        assert!(html.contains("<span class=\"k\">def</span>"), "{html}");
        assert!(html.contains("<span class=\"f\">f</span>"), "{html}");
        assert!(html.contains("<span class=\"n\">1</span>"), "{html}");
        assert!(
            html.contains("&lt;b&gt;") && !html.contains("<b>"),
            "{html}"
        );
    }

    #[test]
    fn code_of_no_known_language_is_plain() {
        let html = html("```klingon\na < b\n```\n\n```\nc\n```\n");
        assert!(
            html.contains("<pre class=\"code\" tabindex=\"0\"><code>a &lt; b\n</code></pre>"),
            "{html}"
        );
    }
}
