//! Markdown to sanitised HTML, with a table of contents, anchors, highlighted code, and room for live figures.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use ammonia::Builder;
use comrak::adapters::{HeadingAdapter, HeadingMeta, SyntaxHighlighterAdapter};
use comrak::nodes::{NodeValue, Sourcepos};
use comrak::options::{Options, Plugins};
use comrak::{Arena, Node};
use serde::{Deserialize, Serialize};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use super::live_figures::{Cut, HeadingText, Markers, Spot};
use crate::images::picture_of;
use crate::market::words::vocabulary;
use crate::slug::Slug;

/// HTML that is safe to write as it is: it went through the sanitiser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A rendered text, with room for the figures that editors placed in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text, in pieces where figures stand in it.
    pub pieces: Vec<Piece>,
    /// Its headings of the highest level, in order.
    pub contents: Vec<Heading>,
}

/// A piece of a rendered text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that is finished.
    Html(SafeHtml),
    /// A place that is filled when a page is made.
    Figure(Spot),
}

/// A heading and the anchor it answers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// The `id`, without `#`.
    pub anchor: String,
    /// The text.
    pub text: String,
    /// The figures that belong into the text, by their place in it, in bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<(usize, Spot)>,
}

/// What stands around figures in a text that is kept. It stands in no HTML: the renderer takes it out.
const FRAME: char = '\u{1e}';

impl Rendered {
    /// Whether figures stand in it.
    #[must_use]
    pub fn has_figures(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Figure(_)))
    }

    /// The text in the one piece in which it is kept.
    #[must_use]
    pub(super) fn to_kept(&self) -> String {
        let mut kept = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Html(html) => kept.push_str(&html.0),
                Piece::Figure(spot) => {
                    kept.push(FRAME);
                    kept.push(if spot.alone { '=' } else { '-' });
                    kept.push_str(&spot.source);
                    kept.push(FRAME);
                }
            }
        }
        kept
    }

    /// A text that went through the sanitiser before it was kept.
    #[must_use]
    pub(super) fn from_kept(html: String, contents: Vec<Heading>) -> Self {
        let pieces = if html.contains(FRAME) {
            let framed = html.split(FRAME).zip([false, true].into_iter().cycle());
            framed
                .filter(|(text, _)| !text.is_empty())
                .map(|(text, is_figure)| match text.split_at_checked(1) {
                    Some((mark, source)) if is_figure => Piece::Figure(Spot {
                        source: source.to_owned(),
                        alone: mark == "=",
                    }),
                    _ => Piece::Html(SafeHtml(text.to_owned())),
                })
                .collect()
        } else {
            vec![Piece::Html(SafeHtml(html))]
        };
        Self { pieces, contents }
    }
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
pub const FORMAT: i32 = 5;

/// Renders the Markdown of the article of that slug.
#[must_use]
pub fn render(markdown: &str, place: Place, slug: &Slug) -> Rendered {
    let (deeper, anchor_prefix) = match place {
        Place::OwnPage => (0, String::new()),
        Place::Embedded => (1, format!("{slug}--")),
    };
    let arena = Arena::new();
    let root = parsed(&arena, markdown);
    if place == Place::Embedded {
        prefix_anchors(root, &anchor_prefix);
    }
    let markers = Markers::set(&arena, root, markdown);
    let headings = Headings {
        deeper,
        anchor_prefix: &anchor_prefix,
        texts: markers
            .as_ref()
            .map(|markers| Mutex::new(markers.headings().to_vec().into_iter())),
        seen: Mutex::default(),
    };
    let mut plugins = Plugins::default();
    plugins.render.heading_adapter = Some(&headings);
    plugins.render.codefence_syntax_highlighter = Some(&Highlighter);
    let mut html = String::with_capacity(markdown.len());
    // A String takes every write.
    let _ = comrak::format_html_with_plugins(root, &options(), &mut html, &plugins);
    let clean = aligned(&SANITISER.clean(&html).to_string());
    let clean = sized(&scrollable(&clean)).replace(FRAME, " ");
    let seen = headings
        .seen
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let highest = seen.list.iter().map(|(level, _)| *level).min();
    Rendered {
        pieces: pieces(clean, markers.as_ref()),
        contents: seen
            .list
            .into_iter()
            .filter(|(level, _)| Some(*level) == highest)
            .map(|(_, heading)| heading)
            .collect(),
    }
}

/// Cells that Markdown aligns, with classes: HTML knows the attribute no more.
fn aligned(html: &str) -> String {
    let mut html = html.to_owned();
    for cell in ["td", "th"] {
        for side in ["center", "right"] {
            let (from, to) = (
                format!("<{cell} align=\"{side}\">"),
                format!("<{cell} class=\"to-{side}\">"),
            );
            html = html.replace(&from, &to);
        }
        html = html.replace(&format!("<{cell} align=\"left\">"), &format!("<{cell}>"));
    }
    html
}

/// Lets the links of a text to its own headings lead to their anchors among others.
fn prefix_anchors(root: Node<'_>, prefix: &str) {
    for node in root.descendants() {
        if let NodeValue::Link(link) = &mut node.data_mut().value
            && let Some(anchor) = link.url.strip_prefix('#')
            && !anchor.is_empty()
        {
            link.url = format!("#{prefix}{anchor}");
        }
    }
}

/// The text's tree.
pub(super) fn parsed<'a>(arena: &'a Arena<'a>, markdown: &str) -> Node<'a> {
    comrak::parse_document(arena, markdown, &options())
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.parse.smart = true;
    // Raw HTML passes here; the sanitiser decides what of it stays.
    options.render.r#unsafe = true;
    options
}

/// Finished HTML, cut where figures belong.
fn pieces(clean: String, markers: Option<&Markers>) -> Vec<Piece> {
    let Some(markers) = markers else {
        return vec![Piece::Html(SafeHtml(clean))];
    };
    let cut = markers.cut(&clean).into_iter();
    cut.map(|part| match part {
        Cut::Html(html) => Piece::Html(SafeHtml(html.to_owned())),
        Cut::Spot(spot) => Piece::Figure(spot),
    })
    .collect()
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

/// The width at which a text shows its images, as the `sizes` of an image say it.
const IMAGE_SIZES: &str = "(min-width: 43rem) 40rem, 100vw";

/// Gives the site's own images their size, so that nothing moves when they arrive, and their narrower versions. What an author
/// says of the size stays. In sanitised HTML a tag is a tag, and a quotation mark ends a value.
fn sized(html: &str) -> String {
    let mut parts = html.split("<img ");
    let mut sized = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let tag = part.split('>').next().unwrap_or_default();
        let attributes = attributes(tag);
        let picture = attributes
            .get("src")
            .and_then(|address| picture_of(address));
        sized.push_str("<img ");
        if let Some(picture) = picture {
            let mut add = |name: &str, value: &str| {
                if !attributes.contains_key(name) {
                    sized.extend([name, "=\"", value, "\" "]);
                }
            };
            if !picture.srcset.is_empty() {
                add("srcset", &picture.srcset);
                add("sizes", IMAGE_SIZES);
            }
            if !attributes.contains_key("width") && !attributes.contains_key("height") {
                add("width", &picture.width.to_string());
                add("height", &picture.height.to_string());
            }
            add("loading", "lazy");
            add("decoding", "async");
        }
        sized.push_str(part);
    }
    sized
}

/// The attributes of a tag by their names, their values as they are written.
fn attributes(tag: &str) -> HashMap<&str, &str> {
    let mut attributes = HashMap::new();
    let mut rest = tag;
    while let Some((name, behind)) = rest.split_once("=\"")
        && let Some((value, behind)) = behind.split_once('"')
    {
        attributes.insert(name.trim(), value);
        rest = behind;
    }
    attributes
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
    attributes.insert("data", HashSet::from(["value"]));
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
    /// What the headings say but for figures, in order, where there are any figures in the text.
    texts: Option<Mutex<std::vec::IntoIter<HeadingText>>>,
    seen: Mutex<Seen>,
}

/// The headings of a text so far.
#[derive(Default)]
struct Seen {
    list: Vec<(u8, Heading)>,
    anchors: Anchors,
}

/// The anchors of a text's headings.
#[derive(Default)]
pub(super) struct Anchors {
    taken: HashSet<String>,
    /// The number to try next after an anchor that is taken.
    numbers: HashMap<String, usize>,
}

impl Anchors {
    /// The anchor of the next heading, which no earlier one has.
    pub(super) fn next(&mut self, prefix: &str, text: &str) -> String {
        let mut plain = String::new();
        for letter in text.to_lowercase().chars() {
            if letter.is_alphanumeric() {
                plain.push(letter);
            } else if !plain.ends_with('-') && !plain.is_empty() {
                plain.push('-');
            }
        }
        let plain = format!("{prefix}{}", plain.trim_end_matches('-'));
        let mut anchor = plain.clone();
        let number = self.numbers.entry(plain.clone()).or_insert(2);
        while anchor.is_empty() || !self.taken.insert(anchor.clone()) {
            anchor = format!("{plain}-{number}");
            *number += 1;
        }
        anchor
    }
}

impl Headings<'_> {
    fn level(&self, heading: &HeadingMeta) -> u8 {
        // The page's own title is the only heading of the first level.
        (heading.level.max(2) + self.deeper).min(6)
    }

    /// What a heading says, and where figures belong into it.
    fn text(&self, heading: &HeadingMeta) -> HeadingText {
        let texts = self.texts.as_ref();
        let noted = texts.and_then(|texts| {
            let mut texts = texts.lock().unwrap_or_else(PoisonError::into_inner);
            texts.next()
        });
        noted.unwrap_or_else(|| HeadingText {
            text: heading.content.clone(),
            spots: Vec::new(),
        })
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
        let said = self.text(heading);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let anchor = seen.anchors.next(self.anchor_prefix, &said.text);
        write!(output, "<h{level} id=\"{anchor}\">")?;
        seen.list.push((
            level,
            Heading {
                anchor,
                text: said.text,
                figures: said.spots,
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
        rendered(markdown, Place::OwnPage).to_kept()
    }

    #[test]
    fn headings_have_unique_anchors_and_make_the_contents() {
        let text = "## One & two\n\ntext\n\n### Deeper\n\n## One & two\n\n# Shouted\n";
        let rendered = rendered(text, Place::OwnPage);
        let html = rendered.to_kept();
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
        let html = rendered("## Flask\n\n[there](#flask)", Place::Embedded).to_kept();
        assert!(html.contains("<h3 id=\"alternatives--flask\">"), "{html}");
        assert!(
            html.contains("<a href=\"#alternatives--flask\">there</a>"),
            "{html}"
        );
    }

    #[test]
    fn another_rendering_has_another_format() {
        let text = "## A *b*\n\n- [c](/d) [g](#h) `e`\n\n| f | g |\n| - | -: |\n| 1 | \"2\" |\n\n```python\ndef h(i): return \"j\"\n```\n\n![i](/images/0123456789abcdef0123456789abcdef-600x400.png)\n\n## K {{ median l }}\n\n{{ chart m/n }}\n";
        let both = Place::ALL.iter().map(|place| rendered(text, *place));
        let rendered: String = both.map(|rendered| rendered.to_kept()).collect();
        let hash = xxhash_rust::xxh3::xxh3_64(rendered.as_bytes());
        assert_eq!(
            (FORMAT, hash),
            (5, 11_603_773_580_803_869_923),
            "{rendered}"
        );
    }

    #[test]
    fn own_images_have_a_size_and_narrower_versions() {
        let key = "0123456789abcdef0123456789abcdef";
        let address = format!("/images/{key}-1000x500.jpg");
        let image = html(&format!(
            "![A \"graph\" of <b>](src= {address})\n\n![src=]({address} \"Title\")\n"
        ));
        assert_eq!(image.matches(" srcset=").count(), 1, "{image}");
        for part in [
            &format!(
                "srcset=\"/images/{key}-480w.jpg 480w, /images/{key}-960w.jpg 960w, {address} 1000w\""
            ),
            "sizes=\"",
            "width=\"1000\" height=\"500\"",
            "loading=\"lazy\" decoding=\"async\"",
            &format!("src=\"{address}\""),
            "alt=\"src=\"",
            "title=\"Title\"",
        ] {
            assert!(image.contains(part), "{part}: {image}");
        }
        let small = html(&format!(
            "<img width=\"10\" alt=\"a\" src=\"/images/{key}-200x100.png\" onerror=\"x()\">\n"
        ));
        assert!(
            small.contains("width=\"10\"") && !small.contains("200\""),
            "{small}"
        );
        assert!(
            !small.contains("srcset") && !small.contains("onerror"),
            "{small}"
        );
    }

    #[test]
    fn other_images_have_neither() {
        let image = html(
            "![a](https://elsewhere.example/images/0123456789abcdef0123456789abcdef-1000x500.jpg)\n\n\
             <img src=\"/a.png\" srcset=\"//x 2x\" loading=\"eager\" title=\"<img src='/images/x'>\">\n",
        );
        for gone in ["srcset", "loading", "decoding", "sizes"] {
            assert!(!image.contains(gone), "{image}");
        }
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
    fn cells_are_aligned_by_classes() {
        let html = html("| a | b | c |\n| :- | -: | :-: |\n| 1 | 2 | align=\"right\" |\n");
        assert!(html.contains("<th class=\"to-right\">b</th>"), "{html}");
        assert!(html.contains("<td>1</td>"), "{html}");
        assert!(html.contains("<td class=\"to-center\">align="), "{html}");
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
