//! Takes a text apart: its headings, links, images, placeholders, and the sentences in which salaries are typed. Pure.

use std::collections::HashSet;

use comrak::arena_tree::NodeEdge;
use comrak::nodes::NodeValue;
use comrak::{Arena, Node};

use super::amounts::{self, Mention};
use crate::articles::live_figures::{Markers, Placeholder, Selection};
use crate::articles::markdown::{Anchors, parsed};

/// What stands in a text.
#[derive(Debug, Default)]
pub struct Scan {
    /// The headings, in order.
    pub headings: Vec<HeadingSeen>,
    /// The anchors that they answer to.
    pub anchors: HashSet<String>,
    /// The links.
    pub links: Vec<LinkSeen>,
    /// The images.
    pub images: Vec<ImageSeen>,
    /// The placeholders.
    pub figures: Vec<FigureSeen>,
    /// Lines with the beginning of a placeholder that does not end.
    pub open_braces: Vec<usize>,
    /// Lines where a placeholder stands in a block of HTML.
    pub braces_in_html: Vec<usize>,
    /// What is odd in itself.
    pub seen: Vec<Seen>,
    /// Sentences with salaries.
    pub mentions: Vec<Mention>,
}

/// A heading.
#[derive(Debug, PartialEq, Eq)]
pub struct HeadingSeen {
    /// 1 to 6.
    pub level: u8,
    /// The line it stands in.
    pub line: usize,
    /// Whether it says nothing.
    pub is_empty: bool,
}

/// A link.
#[derive(Debug, PartialEq, Eq)]
pub struct LinkSeen {
    /// Where it leads.
    pub address: String,
    /// The line it stands in.
    pub line: usize,
    /// Whether it says nothing.
    pub is_empty: bool,
}

/// An image.
#[derive(Debug, PartialEq, Eq)]
pub struct ImageSeen {
    /// Where it is.
    pub address: String,
    /// Its alternative text.
    pub description: String,
    /// The line it stands in.
    pub line: usize,
}

/// A placeholder.
#[derive(Debug, PartialEq, Eq)]
pub struct FigureSeen {
    /// What stands between the braces.
    pub source: String,
    /// Whether it has its paragraph for itself.
    pub alone: bool,
    /// The line it stands in.
    pub line: usize,
}

/// Something that is odd in itself, with its line.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// A paragraph that says nothing.
    EmptyParagraph(usize),
    /// Fenced code of no named language.
    CodeWithoutLanguage(usize),
    /// Code by its indentation.
    IndentedCode(usize),
}

/// What a figure leaves in the text around it.
const FIGURE: char = '\u{fffc}';

impl Scan {
    /// Takes a text apart.
    #[must_use]
    pub fn of(markdown: &str) -> Self {
        let arena = Arena::new();
        let root = parsed(&arena, markdown);
        let markers = Markers::set(&arena, root, markdown);
        let mut scan = Self::default();
        let mut anchors = Anchors::default();
        for node in root.descendants() {
            let line = node.data().sourcepos.start.line;
            match &node.data().value {
                NodeValue::Paragraph | NodeValue::TableCell => {
                    let block = scan.block(node, markers.as_ref(), line);
                    let is_cell = matches!(node.data().value, NodeValue::TableCell);
                    if block.is_empty && !is_cell {
                        scan.seen.push(Seen::EmptyParagraph(line));
                    }
                }
                NodeValue::Heading(heading) => {
                    let block = scan.block(node, markers.as_ref(), line);
                    scan.headings.push(HeadingSeen {
                        level: heading.level,
                        line,
                        is_empty: block.is_empty,
                    });
                    let text = block.text.replace(FIGURE, "");
                    scan.anchors.insert(anchors.next("", &text));
                }
                NodeValue::CodeBlock(code) if !code.fenced => {
                    scan.seen.push(Seen::IndentedCode(line));
                }
                NodeValue::CodeBlock(code) if code.info.trim().is_empty() => {
                    scan.seen.push(Seen::CodeWithoutLanguage(line));
                }
                NodeValue::HtmlBlock(html) => scan.html(&html.literal, line, true),
                NodeValue::HtmlInline(html) => scan.html(html, line, false),
                NodeValue::Raw(marker) => scan.figure(marker, markers.as_ref()),
                _ => {}
            }
        }
        scan
    }

    fn figure(&mut self, marker: &str, markers: Option<&Markers>) {
        if let Some((spot, line)) = markers.and_then(|markers| markers.meant(marker)) {
            self.figures.push(FigureSeen {
                source: spot.source.clone(),
                alone: spot.alone,
                line,
            });
        }
    }

    /// A paragraph, heading or cell: its links and images are noted down, and its salaries.
    fn block(&mut self, block: Node<'_>, markers: Option<&Markers>, first: usize) -> Block {
        let mut seen = Block {
            text: String::new(),
            is_empty: true,
            selections: Vec::new(),
        };
        let mut links: Vec<(usize, bool)> = Vec::new();
        let mut image: Option<ImageSeen> = None;
        for edge in block.traverse() {
            let (node, enters) = match edge {
                NodeEdge::Start(node) => (node, true),
                NodeEdge::End(node) => (node, false),
            };
            let line_of = |node: Node<'_>| node.data().sourcepos.start.line.max(first);
            match &node.data().value {
                NodeValue::Text(text) if enters => {
                    if text.contains("{{") && image.is_none() {
                        self.open_braces.push(line_of(node));
                    }
                    match &mut image {
                        Some(image) => image.description.push_str(text),
                        None => seen.push(text, &mut links),
                    }
                }
                NodeValue::Code(code) if enters => match &mut image {
                    Some(image) => image.description.push_str(&code.literal),
                    None => seen.says(&mut links),
                },
                NodeValue::SoftBreak | NodeValue::LineBreak if enters => seen.text.push(' '),
                NodeValue::Raw(marker) if enters => {
                    seen.text.push(FIGURE);
                    seen.says(&mut links);
                    let spot = markers.and_then(|markers| markers.meant(marker));
                    let placeholder =
                        spot.and_then(|(spot, _)| Placeholder::parse(&spot.source).ok());
                    seen.selections
                        .extend(placeholder.map(|placeholder| placeholder.selection));
                }
                NodeValue::Link(link) if enters => {
                    seen.selections.extend(selection_at(&link.url));
                    links.push((self.links.len(), true));
                    self.links.push(LinkSeen {
                        address: link.url.clone(),
                        line: line_of(node),
                        is_empty: true,
                    });
                }
                NodeValue::Link(_) => {
                    if let Some((place, is_empty)) = links.pop()
                        && let Some(link) = self.links.get_mut(place)
                    {
                        link.is_empty = is_empty;
                    }
                }
                NodeValue::Image(link) if enters => {
                    // An image in the alternative text of another belongs to that text.
                    image.get_or_insert_with(|| ImageSeen {
                        address: link.url.clone(),
                        description: String::new(),
                        line: line_of(node),
                    });
                    seen.says(&mut links);
                }
                NodeValue::Image(_) => self.images.extend(image.take()),
                NodeValue::HtmlInline(html)
                    if enters && html.to_lowercase().starts_with("<img") =>
                {
                    seen.says(&mut links);
                }
                _ => {}
            }
        }
        amounts::mentions(&seen.text, &seen.selections, first, &mut self.mentions);
        seen
    }

    /// A block of HTML, or a tag in a line: links, images and anchors are noted down.
    fn html(&mut self, html: &str, line: usize, is_block: bool) {
        if is_block && html.contains("{{") && html.contains("}}") {
            self.braces_in_html.push(line);
        }
        for tag in tags(html) {
            let name = tag
                .split(|letter: char| letter.is_whitespace() || letter == '/')
                .next()
                .unwrap_or_default()
                .to_lowercase();
            match name.as_str() {
                "img" => self.images.push(ImageSeen {
                    address: attribute(tag, "src").unwrap_or_default(),
                    description: attribute(tag, "alt").unwrap_or_default(),
                    line,
                }),
                "a" => {
                    if let Some(address) = attribute(tag, "href") {
                        self.links.push(LinkSeen {
                            address,
                            line,
                            is_empty: false,
                        });
                    }
                }
                "h2" | "h3" | "h4" | "h5" | "h6" => self.anchors.extend(attribute(tag, "id")),
                _ => {}
            }
        }
        let squeezed: String = html.split_whitespace().collect();
        if squeezed.to_lowercase().contains("<p></p>") {
            self.seen.push(Seen::EmptyParagraph(line));
        }
    }
}

/// A paragraph, heading or cell.
struct Block {
    text: String,
    is_empty: bool,
    /// The selections that its links and figures name.
    selections: Vec<Selection>,
}

impl Block {
    fn push(&mut self, text: &str, links: &mut [(usize, bool)]) {
        self.text.push_str(text);
        if text.chars().any(is_visible) {
            self.says(links);
        }
    }

    /// Something that a reader sees.
    fn says(&mut self, links: &mut [(usize, bool)]) {
        self.is_empty = false;
        for (_, is_empty) in links {
            *is_empty = false;
        }
    }
}

/// Whether a reader sees a character.
fn is_visible(letter: char) -> bool {
    !letter.is_whitespace()
        && !letter.is_control()
        && !matches!(
            letter,
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
        )
}

/// The selection whose salary page an address names.
fn selection_at(address: &str) -> Option<Selection> {
    let path = address.strip_prefix("/salaries/")?;
    let path = path.split(['?', '#']).next()?;
    let (role, technology) = match path.split_once('/') {
        None => (path, None),
        Some((role, technology)) => (role, Some(technology)),
    };
    Some(Selection {
        role: role.parse().ok()?,
        technology: match technology {
            Some(technology) => Some(technology.parse().ok()?),
            None => None,
        },
        filters: crate::salaries::Filters::default(),
    })
}

/// What stands in the tags of HTML, without the angle brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or_default())
}

/// The value of an attribute of a tag; empty where it has none.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    while let Some(place) = rest.find(name) {
        let before = rest.get(..place).and_then(|before| before.chars().last());
        rest = rest.get(place + name.len()..)?;
        let value = rest.trim_start();
        if !before.is_some_and(char::is_whitespace) {
            continue;
        }
        let Some(value) = value.strip_prefix('=') else {
            if value.is_empty() || rest.starts_with(char::is_whitespace) {
                return Some(String::new());
            }
            continue;
        };
        let value = value.trim_start();
        let end = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value.get(1..)?.split(quote).next(),
            _ => value.split_whitespace().next(),
        };
        return Some(end.unwrap_or_default().to_owned());
    }
    None
}
