//! Words that fit: how wide they are in the fonts that images are drawn with, and where lines break.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use askama::Template;
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Node, Options, Tree};

/// The size at which words are measured, pixels.
const MEASURED: f32 = 100.0;
/// A word of more letters may be broken.
const LONGEST: usize = 22;

/// How images are drawn: with Noto Sans, and with `DejaVu` Sans where that lacks a letter. Of several fonts that have one, the
/// first is taken.
pub(super) static OPTIONS: LazyLock<Options<'static>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    let faces = [
        notosans::BOLD_TTF,
        notosans::REGULAR_TTF,
        dejavu::sans::bold(),
        dejavu::sans::regular(),
    ];
    for face in faces {
        fonts.load_font_source(Source::Binary(Arc::new(face)));
    }
    Options {
        font_family: "Noto Sans".to_owned(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    }
});

/// How words may be set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    /// Whether in bold.
    pub(super) bold: bool,
    /// Pixels that a line may take.
    pub(super) width: f32,
    /// Sizes in pixels, the largest first, each with the most lines at that size.
    pub(super) sizes: &'static [(u16, usize)],
}

/// Words in lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Size, pixels.
    pub(super) size: u16,
    /// The lines.
    pub(super) lines: Vec<String>,
}

/// Sets a text at the first size at which it fits; at the last one, what is too much is left out. Letters that no font has are
/// left out as well; where they are most of the text, another one takes its place.
pub(super) fn set(text: &str, otherwise: impl FnOnce() -> String, setting: Setting) -> Block {
    let mut words = Words::measure(text, setting.bold);
    if !words.missing.is_empty() {
        let left = without(text, &words.missing);
        let letters = |text: &str| text.chars().filter(|it| it.is_alphanumeric()).count();
        let is_readable = letters(&left) * 2 > letters(text);
        let text = if is_readable { left } else { otherwise() };
        words = Words::measure(&text, setting.bold);
    }
    words.set(setting)
}

fn without(text: &str, missing: &HashSet<String>) -> String {
    missing
        .iter()
        .fold(text.to_owned(), |left, letter| left.replace(letter, ""))
}

#[derive(Template)]
#[template(path = "share/words.svg", escape = "html")]
struct Measured<'a> {
    bold: bool,
    size: f32,
    texts: &'a [&'a str],
}

/// A word, or a part of a long one.
#[derive(Clone, Debug)]
struct Word {
    text: String,
    /// Pixels at the measured size.
    width: f32,
    /// Whether it is another part of the word before it.
    goes_on: bool,
}

/// A text with the widths of its words.
struct Words {
    list: Vec<Word>,
    space: f32,
    dots: f32,
    /// Letters that no font has.
    missing: HashSet<String>,
}

impl Words {
    fn measure(text: &str, bold: bool) -> Self {
        // XML has no control characters.
        let clean = text.replace(|letter: char| letter.is_control(), " ");
        let words: Vec<(String, bool)> = clean.split_whitespace().flat_map(parts).collect();
        let mut texts = vec!["n\u{a0}n", "nn", "…"];
        texts.extend(words.iter().map(|(word, _)| word.as_str()));
        let svg = Measured {
            bold,
            size: MEASURED,
            texts: &texts,
        };
        let tree = svg.render().ok();
        let tree = tree.and_then(|svg| Tree::from_str(&svg, &OPTIONS).ok());
        let mut widths = HashMap::new();
        let mut missing = HashSet::new();
        let children = tree.as_ref().map(|tree| tree.root().children());
        for node in children.unwrap_or_default() {
            let Node::Text(text) = node else { continue };
            widths.insert(text.id().to_owned(), text.bounding_box().width());
            let glyphs = text.layouted().iter();
            let glyphs = glyphs.flat_map(|span| &span.positioned_glyphs);
            let unknown = glyphs.filter(|glyph| glyph.id.0 == 0);
            missing.extend(unknown.map(|glyph| glyph.text.clone()));
        }
        let mut id = String::new();
        let mut width = |place: usize| {
            id.clear();
            let _ = write!(id, "t{place}");
            widths.get(&id).copied().unwrap_or_default()
        };
        let (space, dots) = (width(0) - width(1), width(2));
        let words = words.into_iter().zip(3..);
        let words = words.map(|((text, goes_on), place)| Word {
            text,
            width: width(place),
            goes_on,
        });
        Self {
            list: words.collect(),
            space,
            dots,
            missing,
        }
    }

    fn set(&self, setting: Setting) -> Block {
        let limit = |size: u16| setting.width * MEASURED / f32::from(size);
        for &(size, most) in setting.sizes {
            let lines = self.broken(limit(size));
            let fits = lines.iter().all(|line| self.width_of(line) <= limit(size));
            if fits && lines.len() <= most {
                let lines = self.balanced(limit(size), lines.len());
                return Block { size, lines };
            }
        }
        let Some(&(size, most)) = setting.sizes.last() else {
            return Block::default();
        };
        let lines = self.broken(limit(size));
        let kept = lines.iter().take(most).enumerate();
        let lines = kept.map(|(place, line)| {
            if place + 1 < most || lines.len() <= most {
                return joined(line);
            }
            let mut line = *line;
            while self.width_of(line) + self.dots > limit(size)
                && let Some((_, before)) = line.split_last()
            {
                line = before;
            }
            joined(line) + "…"
        });
        Block {
            size,
            lines: lines.collect(),
        }
    }

    /// As many words in each line as it can hold.
    fn broken(&self, limit: f32) -> Vec<&[Word]> {
        let mut lines = Vec::new();
        let (mut start, mut width) = (0, 0.0);
        for (place, word) in self.list.iter().enumerate() {
            let space = if word.goes_on { 0.0 } else { self.space };
            if place > start && width + space + word.width > limit {
                lines.extend(self.list.get(start..place));
                (start, width) = (place, word.width);
            } else if place == start {
                width = word.width;
            } else {
                width += space + word.width;
            }
        }
        lines.extend(self.list.get(start..).filter(|rest| !rest.is_empty()));
        lines
    }

    /// The same number of lines, none much shorter than the others.
    fn balanced(&self, limit: f32, count: usize) -> Vec<String> {
        let narrower = (1_u8..20).map(|step| limit * (1.0 - 0.04 * f32::from(step)));
        let narrower = narrower.map(|limit| (limit, self.broken(limit)));
        let narrower = narrower.take_while(|(limit, lines)| {
            lines.len() == count && lines.iter().all(|line| self.width_of(line) <= *limit)
        });
        let lines = narrower.last().map(|(_, lines)| lines);
        let lines = lines.unwrap_or_else(|| self.broken(limit));
        lines.into_iter().map(joined).collect()
    }

    fn width_of(&self, line: &[Word]) -> f32 {
        let words = line.iter().zip(0..).map(|(word, place): (_, u32)| {
            let has_space = place > 0 && !word.goes_on;
            word.width + if has_space { self.space } else { 0.0 }
        });
        words.sum()
    }
}

fn joined(line: &[Word]) -> String {
    let mut text = String::new();
    for word in line {
        if !text.is_empty() && !word.goes_on {
            text.push(' ');
        }
        text.push_str(&word.text);
    }
    text
}

/// A word in parts that are not too long for a line, and whether each goes on where another ended.
fn parts(word: &str) -> Vec<(String, bool)> {
    let letters: Vec<char> = word.chars().collect();
    let parts = letters.chunks(LONGEST).zip(0..);
    parts
        .map(|(part, place)| (part.iter().collect(), place > 0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLE: Setting = Setting {
        bold: true,
        width: 1072.0,
        sizes: &[(76, 1), (64, 2), (48, 3)],
    };

    fn set(text: &str) -> Block {
        super::set(text, || "by its address".to_owned(), TITLE)
    }

    #[test]
    fn a_short_title_is_large_and_a_long_one_has_lines_of_like_length() {
        assert_eq!(set("DevOps").size, 76);
        assert_eq!(
            set("Back-End Web Developer with Django"),
            Block {
                size: 64,
                lines: vec![
                    "Back-End Web".to_owned(),
                    "Developer with Django".to_owned()
                ],
            }
        );
    }

    #[test]
    fn what_is_too_long_ends_in_dots_and_long_words_are_broken() {
        let endless = set(&"everlasting ".repeat(40));
        assert_eq!((endless.size, endless.lines.len()), (48, 3));
        assert!(endless.lines[2].ends_with("everlasting…"), "{endless:?}");
        let unbroken = set(&"w".repeat(500));
        assert_eq!(unbroken.lines.len(), 3);
        assert!(unbroken.lines[2].ends_with('…'));
    }

    #[test]
    fn letters_that_no_font_has_are_left_out_and_a_title_of_nothing_else_replaced() {
        assert_eq!(set("Розробник серверів").lines.len(), 1);
        assert_eq!(set("مطور الويب").lines, ["مطور الويب"]);
        assert_eq!(set("Go\u{1f9ab} \u{1f9ab} now").lines, ["Go now"]);
        assert_eq!(set("バックエンド開発").lines, ["by its address"]);
        assert_eq!(set("\u{1}\u{2}").lines, [""; 0]);
    }
}
