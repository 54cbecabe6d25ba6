//! The chart tells each column's figures, by keys and by mouse, as the table below it does.

use serde::Deserialize;

use crate::support::{Reader, key};

const PAGE: &str = "/salaries/back-end-web/django";

/// A row of the chart's table.
#[derive(Deserialize)]
struct Row {
    range: String,
    offers: u64,
    share: String,
}

impl Row {
    /// What the chart says of the row's column.
    fn tip(&self) -> String {
        let unit = if self.offers == 1 { "offer" } else { "offers" };
        format!("{}\n{} {unit}, {}", self.range, self.offers, self.share)
    }
}

fn rows(reader: &Reader) -> Vec<Row> {
    reader.finds(
        "[...document.querySelector('#table table').tBodies[0].rows]
            .map((row) => [...row.cells].map((cell) => cell.textContent))
            .map(([range, , offers, share]) => ({range, offers: Number(offers), share}))",
    )
}

/// What the chart says, wholly inside the window; empty where it says nothing.
fn tip(reader: &Reader) -> String {
    let said = reader.sees("[data-chart] .tip");
    if !said.is_empty() {
        let inside: bool = reader.finds(
            "((box) => box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight)
                (document.querySelector('[data-chart] .tip').getBoundingClientRect())",
        );
        assert!(inside, "a part of \u{201c}{said}\u{201d} is out of sight");
    }
    said
}

/// The columns that stand out, counted from 0.
fn marked(reader: &Reader) -> Vec<usize> {
    reader.finds(
        "[...document.querySelectorAll('[data-chart] .column')]
            .flatMap((column, index) => column.matches('.is-active') ? [index] : [])",
    )
}

#[test]
fn a_reader_walks_the_columns_by_arrow_keys_and_hears_what_the_table_says() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    reader.opens(PAGE);
    let headline = reader.sees(".heroes");
    for figure in ["571 offers", "$7,707", "1.0"] {
        assert!(
            headline.replace('\n', " ").contains(figure),
            "no {figure} in {headline}"
        );
    }
    let rows = rows(&reader);
    let last = rows.len() - 1;
    let columns: usize = reader.finds("document.querySelectorAll('[data-chart] .column').length");
    assert_eq!(columns, rows.len());
    assert!(columns > 10);

    reader.tabs_to("[data-chart] .plot");
    assert_eq!(tip(&reader), "");
    let mut offers = 0;
    for (index, row) in rows.iter().enumerate() {
        reader.presses(key::RIGHT);
        let said = tip(&reader);
        assert_eq!(said, row.tip());
        assert_eq!(marked(&reader), [index]);
        let words = said.lines().nth(1).unwrap();
        offers += words.split(' ').next().unwrap().parse::<u64>().unwrap();
    }
    assert_eq!(offers, 571);

    let ends = |index: usize| {
        assert_eq!(tip(&reader), rows.get(index).unwrap().tip());
        assert_eq!(marked(&reader), [index]);
    };
    reader.presses(key::RIGHT);
    ends(last);
    for row in rows.iter().rev().skip(1) {
        reader.presses(key::LEFT);
        assert_eq!(tip(&reader), row.tip());
    }
    reader.presses(key::LEFT);
    ends(0);
    reader.presses(key::END);
    ends(last);
    reader.presses(key::HOME);
    ends(0);

    let picture = reader.browser.picture();
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("salary-page.png");
    std::fs::write(&file, &picture).unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(
        picture.len() > 20_000,
        "{} of {} bytes shows nothing",
        file.display(),
        picture.len()
    );

    reader.presses(key::ESCAPE);
    assert_eq!(tip(&reader), "");
    assert!(marked(&reader).is_empty());

    reader.presses(key::RIGHT);
    ends(0);
    reader.presses(key::TAB);
    assert_eq!(
        tip(&reader),
        "",
        "the chart goes on after the focus has left"
    );
}

#[test]
fn the_mouse_over_a_column_shows_its_figures_and_leaving_hides_them() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    reader.opens(PAGE);
    for (index, row) in rows(&reader).iter().enumerate() {
        let column = format!("[data-chart] .column:nth-of-type({}) .hit", index + 1);
        reader.browser.point_at(&reader.browser.find(&column));
        assert_eq!(tip(&reader), row.tip());
        assert_eq!(marked(&reader), [index]);
    }
    reader.browser.point_at(&reader.browser.find("figcaption"));
    assert_eq!(tip(&reader), "");
    assert!(marked(&reader).is_empty());
}
