//! The way of placeholders through the renderer: each becomes a marker in the Markdown's tree, which renderer and sanitiser
//! let pass, and out of the finished HTML the text is cut at its markers. Pure.
//!
//! A marker is an element, and carries the hash of the text that it stands in: no text can hold one of its own, and inside
//! an attribute, where it would be harm, its quotes are escaped and it is no marker.

use std::borrow::Cow;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Node};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::placeholder::{FigureKind, LONGEST, between_braces, places};

/// Placeholders in one text that are looked at; the rest stays as it was written.
pub const MOST: usize = 500;

/// A place in a text where a figure belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// What stands between the braces.
    pub source: String,
    /// Whether it has the paragraph for itself.
    pub alone: bool,
}

/// A heading's text without its placeholders, and where in it they stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadingText {
    /// The text.
    pub text: String,
    /// By their place in the text, in bytes.
    pub spots: Vec<(usize, Spot)>,
}

/// What became of the placeholders of a text.
#[derive(Debug)]
pub struct Markers {
    prefix: String,
    /// With the lines that they stand in.
    spots: Vec<(Spot, usize)>,
    headings: Vec<HeadingText>,
}

/// A part of a finished text.
#[derive(Debug, PartialEq, Eq)]
pub enum Cut<'a> {
    /// HTML.
    Html(&'a str),
    /// A place for a figure.
    Spot(Spot),
}

const SUFFIX: &str = "\"></data>";

impl Markers {
    /// Puts markers in place of the placeholders of a text, but for those in code and in descriptions of images. `None`
    /// where there are none.
    pub fn set<'a>(arena: &'a Arena<'a>, root: Node<'a>, markdown: &str) -> Option<Self> {
        if !markdown.contains("{{") {
            return None;
        }
        let hash = hex::encode(Sha256::digest(markdown.as_bytes()));
        let mut markers = Self {
            prefix: format!("<data value=\"{hash}-"),
            spots: Vec::new(),
            headings: Vec::new(),
        };
        let texts: Vec<Node<'_>> = root.descendants().filter(|node| may_hold(node)).collect();
        for text in texts {
            markers.mark(arena, text);
        }
        if markers.spots.is_empty() {
            return None;
        }
        markers.headings = root
            .descendants()
            .filter(|node| matches!(node.data().value, NodeValue::Heading(_)))
            .map(|heading| markers.heading(heading))
            .collect();
        Some(markers)
    }

    /// Puts markers in place of the placeholders of a piece of text.
    fn mark<'a>(&mut self, arena: &'a Arena<'a>, node: Node<'a>) {
        // A text before may have taken it in.
        if node.parent().is_none() || self.spots.len() >= MOST || is_description(node) {
            return;
        }
        let text = whole(node);
        let found: Vec<_> = places(&text).take(MOST - self.spots.len()).collect();
        if let [only] = found.as_slice()
            && only.len() == text.trim().len()
            && let Some(paragraph) = paragraph_of(node)
            && stands_alone(&between_braces(&text, only))
        {
            let marker = self.add(between_braces(&text, only), true, node);
            paragraph.insert_before(raw(arena, marker));
            paragraph.detach();
            return;
        }
        let mut from = 0;
        for place in found {
            let before = text.get(from..place.start).unwrap_or_default();
            if !before.is_empty() {
                node.insert_before(plain(arena, before.to_owned()));
            }
            let marker = self.add(between_braces(&text, &place), false, node);
            node.insert_before(raw(arena, marker));
            from = place.end;
        }
        let rest = text.get(from..).unwrap_or_default().to_owned();
        if rest.is_empty() {
            node.detach();
        } else if let NodeValue::Text(text) = &mut node.data_mut().value {
            *text = Cow::Owned(rest);
        }
    }

    /// Notes a place down, and answers its marker.
    fn add(&mut self, source: String, alone: bool, node: Node<'_>) -> String {
        let marker = format!("{}{}{SUFFIX}", self.prefix, self.spots.len());
        let line = node.data().sourcepos.start.line;
        self.spots.push((Spot { source, alone }, line));
        marker
    }

    /// The place that a marker means, and the line it stands in.
    #[must_use]
    pub fn meant(&self, marker: &str) -> Option<(&Spot, usize)> {
        let ((spot, line), _) = self.begins(marker)?;
        Some((spot, *line))
    }

    /// The place that a marker at the beginning of a text means, and what follows it.
    fn begins<'a>(&self, text: &'a str) -> Option<(&(Spot, usize), &'a str)> {
        let (number, rest) = text.strip_prefix(&self.prefix)?.split_once(SUFFIX)?;
        Some((self.spots.get(number.parse::<usize>().ok()?)?, rest))
    }

    fn heading(&self, heading: Node<'_>) -> HeadingText {
        let mut seen = HeadingText::default();
        for node in heading.descendants() {
            match &node.data().value {
                NodeValue::Text(text) => seen.text.push_str(text),
                NodeValue::Code(code) => seen.text.push_str(&code.literal),
                NodeValue::LineBreak | NodeValue::SoftBreak => seen.text.push(' '),
                NodeValue::Raw(marker) => {
                    if let Some((spot, _)) = self.meant(marker) {
                        seen.spots.push((seen.text.len(), spot.clone()));
                    }
                }
                _ => {}
            }
        }
        seen
    }

    /// Every heading of the text, in order.
    #[must_use]
    pub fn headings(&self) -> &[HeadingText] {
        &self.headings
    }

    /// Cuts the finished HTML at its markers.
    #[must_use]
    pub fn cut<'a>(&self, html: &'a str) -> Vec<Cut<'a>> {
        let mut parts = Vec::new();
        let mut rest = html;
        while let Some(place) = rest.find(&self.prefix) {
            let (before, marked) = rest.split_at(place);
            if !before.is_empty() {
                parts.push(Cut::Html(before));
            }
            rest = if let Some(((spot, _), after)) = self.begins(marked) {
                parts.push(Cut::Spot(spot.clone()));
                after
            } else {
                // The sanitiser leaves no half markers.
                marked.get(self.prefix.len()..).unwrap_or_default()
            };
        }
        if !rest.is_empty() {
            parts.push(Cut::Html(rest));
        }
        parts
    }
}

/// Whether a node is text in which a placeholder may begin.
fn may_hold(node: Node<'_>) -> bool {
    matches!(&node.data().value, NodeValue::Text(text) if text.contains("{{"))
}

/// Whether a text describes an image, where only text can stand.
fn is_description(node: Node<'_>) -> bool {
    node.ancestors()
        .skip(1)
        .take_while(|above| !above.data().value.block())
        .any(|above| matches!(above.data().value, NodeValue::Image(_)))
}

/// A node's text. Where a line ends inside a placeholder, the text of the next line is taken in.
fn whole(node: Node<'_>) -> String {
    let text = |node: Node<'_>| match &node.data().value {
        NodeValue::Text(text) => Some(text.to_string()),
        _ => None,
    };
    let mut whole = text(node).unwrap_or_default();
    while is_open(&whole)
        && let Some(line_end) = node.next_sibling()
        && matches!(line_end.data().value, NodeValue::SoftBreak)
        && let Some(next) = line_end.next_sibling()
        && let Some(more) = text(next)
    {
        whole.push(' ');
        whole.push_str(&more);
        line_end.detach();
        next.detach();
    }
    whole
}

/// Whether a text ends inside a placeholder.
fn is_open(text: &str) -> bool {
    let begun = text.rfind("{{");
    begun.is_some_and(|begun| {
        let rest = text.get(begun + 2..).unwrap_or_default();
        rest.len() < LONGEST && !rest.contains(['{', '}'])
    })
}

/// The paragraph that a text has for itself.
fn paragraph_of(node: Node<'_>) -> Option<Node<'_>> {
    let parent = node.parent()?;
    let is_alone = node.previous_sibling().is_none() && node.next_sibling().is_none();
    let is_paragraph = matches!(parent.data().value, NodeValue::Paragraph);
    (is_alone && is_paragraph).then_some(parent)
}

/// Whether what stands between the braces asks for something that takes a paragraph of its own.
fn stands_alone(source: &str) -> bool {
    let figure = source.split(' ').next().unwrap_or_default().to_lowercase();
    figure
        .parse::<FigureKind>()
        .is_ok_and(FigureKind::stands_alone)
}

fn raw<'a>(arena: &'a Arena<'a>, html: String) -> Node<'a> {
    arena.alloc(AstNode::from(NodeValue::Raw(html)))
}

fn plain<'a>(arena: &'a Arena<'a>, text: String) -> Node<'a> {
    arena.alloc(AstNode::from(NodeValue::Text(Cow::Owned(text))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::articles::markdown::{Piece, Place, Rendered, render};
    use crate::slug::Slug;

    fn rendered(markdown: &str) -> Rendered {
        render(markdown, Place::OwnPage, &Slug::from_static("text"))
    }

    /// The text with its figures in square brackets; those that stand alone with an equals sign.
    fn shown(markdown: &str) -> String {
        let pieces = rendered(markdown).pieces.into_iter();
        let shown = pieces.map(|piece| match piece {
            Piece::Html(html) => html.to_string(),
            Piece::Figure(spot) if spot.alone => format!("[={}]", spot.source),
            Piece::Figure(spot) => format!("[{}]", spot.source),
        });
        shown.collect::<String>().replace('\n', "")
    }

    #[test]
    fn placeholders_become_places() {
        for (markdown, html) in [
            ("a {{ median x }} b", "<p>a [median x] b</p>"),
            ("{{ median x }}", "<p>[median x]</p>"),
            ("{{ chart x/y }}", "[=chart x/y]"),
            ("a {{ chart x }}", "<p>a [chart x]</p>"),
            (
                "- {{ chart x }}\n- b",
                "<ul><li>[=chart x]</li><li>b</li></ul>",
            ),
            ("*{{ p10 x }}*{{p90 x}}", "<p><em>[p10 x]</em>[p90 x]</p>"),
            ("a {{ median\nx }} b\nc", "<p>a [median x] bc</p>"),
            ("a {{ median\nb", "<p>a {{ median b</p>"),
            (
                "[{{ offers x }}](/y)",
                "<p><a href=\"/y\">[offers x]</a></p>",
            ),
            ("`{{ a }}` {{ b }}", "<p><code>{{ a }}</code> [b]</p>"),
            (
                "![{{ a }}](/b.png)",
                "<p><img src=\"/b.png\" alt=\"{{ a }}\"></p>",
            ),
            (
                "![**{{ a }}**](/b.png)",
                "<p><img src=\"/b.png\" alt=\"{{ a }}\"></p>",
            ),
        ] {
            assert_eq!(shown(markdown), html, "{markdown}");
        }
    }

    #[test]
    fn a_heading_is_known_without_its_figures() {
        let text = rendered("## A {{ median x }} b `c`\n\n## {{ p10 y }}\n\n## {{ p10 y }}\n");
        let spot = |source: &str| Spot {
            source: source.to_owned(),
            alone: false,
        };
        let seen: Vec<_> = text
            .contents
            .iter()
            .map(|heading| {
                (
                    heading.anchor.as_str(),
                    heading.text.as_str(),
                    heading.figures.as_slice(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("a-b-c", "A  b c", &[(2, spot("median x"))][..]),
                ("-2", "", &[(0, spot("p10 y"))][..]),
                ("-3", "", &[(0, spot("p10 y"))][..]),
            ]
        );
    }

    #[test]
    fn a_place_inside_an_attribute_is_none() {
        let html = shown("<div title=\"\n\n{{ median x }}\n\n\">y</div>\n\n{{ offers x }}");
        assert!(!html.contains("[median x]"), "{html}");
        assert!(html.contains("[offers x]"), "{html}");
    }

    #[test]
    fn so_many_places_and_no_more() {
        let text = rendered(&"{{ median x }} ".repeat(MOST + 3));
        let figures = text.pieces.iter();
        let figures = figures.filter(|piece| matches!(piece, Piece::Figure(_)));
        assert_eq!(figures.count(), MOST);
    }

    proptest! {
        #[test]
        fn whatever_is_kept_reads_back(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "{{", "}}", " median x ", "chart y", "\n\n", "\n", "# ", "- ", "> ", "`", "*", "<b>", "<div title=\"", "\">",
                    "|a|b|\n|-|-|\n|", "|", "![", "](/x)", "\u{1e}", "&#x1e;", "\u{5d0}\u{200f}", "\\", "a", "<!--", "-->",
                ]),
                0..40,
            ),
        ) {
            let text = rendered(&parts.concat());
            let back = Rendered::from_kept(text.to_kept(), text.contents.clone());
            let joined = |text: &Rendered| {
                let html: Vec<Piece> = text.pieces.iter().filter(|piece| **piece != empty()).cloned().collect();
                html
            };
            prop_assert_eq!(joined(&back), joined(&text));
        }
    }

    fn empty() -> Piece {
        rendered("").pieces.remove(0)
    }
}
