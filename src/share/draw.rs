//! From what stands on a share image to its pixels.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use askama::Template;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::Tree;

use super::card::{Card, Figured};
use super::text::{Block, OPTIONS, Setting, set};
use crate::error::AppError;
use crate::market::PayBasis;
use crate::money::Offers;
use crate::salaries::{Histogram, Window};
use crate::web::ShareImage;

/// Where the first line stands, with the site's name.
const HEAD: u16 = 84;
/// Where the chart ends.
const BOTTOM: i64 = 552;
/// Pixels for a line from edge to edge.
const FULL: f32 = 1072.0;
/// Pixels for a line beside the chart.
const BESIDE: f32 = 490.0;

const SITE: Setting = Setting {
    bold: true,
    width: 560.0,
    sizes: &[(30, 1), (24, 1)],
};
const KICKER: Setting = Setting {
    bold: false,
    width: 440.0,
    sizes: &[(28, 1), (22, 1)],
};
const ABOVE_LARGE_FIGURES: Setting = Setting {
    bold: true,
    width: FULL,
    sizes: &[(76, 1), (64, 2), (56, 2), (48, 3)],
};
const ABOVE_SMALL_FIGURES: Setting = Setting {
    sizes: &[(72, 2), (60, 3), (52, 3), (46, 4)],
    ..ABOVE_LARGE_FIGURES
};
const ALONE: Setting = Setting {
    sizes: &[(84, 3), (72, 4), (60, 5), (52, 6)],
    ..ABOVE_LARGE_FIGURES
};
const NOTE: Setting = Setting {
    bold: false,
    width: BESIDE,
    sizes: &[(28, 1), (24, 2)],
};
const AMOUNT: Setting = Setting {
    bold: true,
    width: BESIDE,
    sizes: &[(124, 1), (100, 1), (80, 1), (60, 1)],
};
const SMALL_AMOUNT: Setting = Setting {
    sizes: &[(88, 1), (72, 1), (60, 1)],
    ..AMOUNT
};

#[derive(Template)]
#[template(path = "share/card.svg", escape = "html")]
struct Drawing {
    site: Option<Placed>,
    kicker: Option<Placed>,
    title: Vec<Placed>,
    note: Vec<Placed>,
    picture: Option<Picture>,
}

/// A line of text.
struct Placed {
    text: String,
    /// Where its letters stand, pixels from the top.
    foot: u16,
    /// Pixels.
    size: u16,
}

/// Figures and their chart.
struct Picture {
    chart: Histogram,
    /// Where the chart begins, pixels from the top.
    top: i64,
    /// The height of the chart against that on a page.
    scale: f32,
    amount: Option<Placed>,
    /// Whether the page is about the figures.
    lead: bool,
    offers: Offers,
    window: Window,
    pay: PayBasis,
}

impl Card<'_> {
    /// The picture as a PNG. Takes some hundredths of a second.
    ///
    /// # Errors
    /// [`AppError::Failed`] where it cannot be drawn.
    pub(super) fn png(&self) -> Result<Vec<u8>, AppError> {
        let failed = |cause: String| AppError::Failed(format!("a share image: {cause}"));
        let svg = self.drawing().render()?;
        let tree = Tree::from_str(&svg, &OPTIONS).map_err(|error| failed(error.to_string()))?;
        let mut pixels = Pixmap::new(ShareImage::WIDTH, ShareImage::HEIGHT)
            .ok_or_else(|| failed("no memory".to_owned()))?;
        resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
        encoded(&pixels).map_err(|error| failed(error.to_string()))
    }

    fn drawing(&self) -> Drawing {
        let (setting, note_foot) = match &self.figured {
            Some(figured) if figured.lead => (ABOVE_LARGE_FIGURES, 322),
            Some(_) => (ABOVE_SMALL_FIGURES, 404),
            None => (ALONE, 576),
        };
        let title = set(&self.title, || self.spelled(), setting);
        let first = match (title.lines.len(), &self.figured) {
            (_, None) => 330 - height(&title) / 2 + title.size * 8 / 10,
            (1, _) => 190,
            _ => 102 + title.size,
        };
        let lines = title.lines.len();
        let note = set(&self.note, String::new, NOTE);
        let note_head = note_foot - height(&note).saturating_sub(leading(note.size));
        Drawing {
            site: placed(set(self.site, || self.host().to_owned(), SITE), HEAD).next(),
            kicker: placed(set(&self.kicker, String::new, KICKER), HEAD).next(),
            title: placed(title, first).collect(),
            note: placed(note, note_head).collect(),
            picture: self.figured.as_ref().map(|it| Picture::of(it, lines)),
        }
    }

    fn host(&self) -> &str {
        let (_, host) = self.site_url.split_once("//").unwrap_or_default();
        host
    }
}

impl Picture {
    /// The figures below a title of so many lines.
    fn of(figured: &Figured<'_>, lines: usize) -> Self {
        let chart = Histogram::of(figured.figures, "");
        let (height, setting, foot) = match (figured.lead, lines) {
            (true, _) => (chart.height, AMOUNT, 486),
            (false, ..3) => (228, SMALL_AMOUNT, 490),
            (false, _) => (180, SMALL_AMOUNT, 490),
        };
        let median = figured.figures.percentiles.median.to_string();
        Self {
            top: BOTTOM - height,
            scale: ratio(height, chart.height),
            amount: placed(set(&median, String::new, setting), foot).next(),
            lead: figured.lead,
            offers: figured.figures.counted(),
            window: figured.window,
            pay: figured.pay,
            chart,
        }
    }
}

/// The picture as a PNG. Few colours are numbered, which takes half the bytes.
fn encoded(pixels: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut numbers: HashMap<u32, u8> = HashMap::new();
    let mut palette = Vec::new();
    let mut numbered = Vec::with_capacity(pixels.pixels().len());
    // Most pixels have the colour of the one before.
    let mut former = None;
    for pixel in pixels.pixels() {
        if let Some((known, number)) = former
            && known == *pixel
        {
            numbered.push(number);
            continue;
        }
        let colour = [pixel.red(), pixel.green(), pixel.blue()];
        let [red, green, blue] = colour.map(u32::from);
        let next = u8::try_from(numbers.len());
        let number = match numbers.entry(red << 16 | green << 8 | blue) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let Ok(next) = next else {
                    return pixels.encode_png();
                };
                palette.extend(colour);
                *new.insert(next)
            }
        };
        former = Some((*pixel, number));
        numbered.push(number);
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&numbered)?;
    writer.finish()?;
    Ok(file)
}

fn ratio(part: i64, whole: i64) -> f32 {
    let [part, whole] = [part, whole].map(|pixels| u16::try_from(pixels).unwrap_or(u16::MAX));
    f32::from(part) / f32::from(whole)
}

/// From one line to the next, pixels.
fn leading(size: u16) -> u16 {
    size + size * 16 / 100
}

fn height(block: &Block) -> u16 {
    let lines = u16::try_from(block.lines.len()).unwrap_or(u16::MAX);
    leading(block.size).saturating_mul(lines)
}

/// The lines below each other, the first of them there.
fn placed(block: Block, first: u16) -> impl Iterator<Item = Placed> {
    let Block { size, lines } = block;
    let feet = (first..).step_by(leading(size).max(1).into());
    lines
        .into_iter()
        .zip(feet)
        .map(move |(text, foot)| Placed { text, foot, size })
}
