//! The colours follow what the reader's system asks for.

use serde::Deserialize;

use crate::support::Reader;

/// Red, green and blue.
type Colour = [u8; 3];

#[derive(Deserialize)]
struct Colours {
    paper: Colour,
    ink: Colour,
    bar: Colour,
    median: Colour,
}

/// The colours as they are drawn.
fn colours(reader: &Reader) -> Colours {
    reader.finds(
        "(() => {
            const colour = (property, selector) => {
                const style = getComputedStyle(document.querySelector(selector));
                return style.getPropertyValue(property).match(/[\\d.]+/g).map(Number);
            };
            const body = colour('background-color', 'body');
            // Where the body is transparent the page behind it shows through.
            const paper = body[3] === 0 ? colour('background-color', 'html') : body;
            return {
                paper: paper.slice(0, 3),
                ink: colour('color', 'body'),
                bar: colour('fill', '.column:not(.open) .bar'),
                median: colour('stroke', '[data-chart] line.median'),
            };
        })()",
    )
}

/// Contrast by WCAG 2, 1 to 21.
fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance by WCAG 2, 0 to 1.
fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[test]
fn a_reader_who_prefers_the_dark_gets_a_dark_page() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    reader.browser.set_media("prefers-color-scheme", "light");
    reader.opens("/salaries/back-end-web/django");
    let light = colours(&reader);
    reader.browser.set_media("prefers-color-scheme", "dark");
    let dark = colours(&reader);

    assert!(luminance(light.paper) > 0.8, "{:?}", light.paper);
    assert!(luminance(dark.paper) < 0.05, "{:?}", dark.paper);
    assert_ne!(light.median, dark.median);
    for Colours {
        paper,
        ink,
        bar,
        median,
    } in [light, dark]
    {
        assert!(contrast(paper, ink) >= 7.0, "ink {ink:?} on {paper:?}");
        assert!(contrast(paper, bar) >= 3.0, "bar {bar:?} on {paper:?}");
        assert!(
            contrast(paper, median) >= 3.0,
            "median {median:?} on {paper:?}"
        );
    }
}
