//! The form above the chart narrows the figures down, and its link clears it again.

use crate::support::Reader;

const PAGE: &str = "/salaries/back-end-web/django";

fn narrows_down_and_clears(reader: &Reader, unfold: bool) {
    reader.opens(PAGE);
    let all = reader.sees(".heroes");
    if unfold {
        reader.clicks(".filters summary");
    }
    reader.tabs_to("#filter-seniority");
    reader.types("Sen");
    reader.clicks(".filters button");
    reader.gets_to("/salaries/back-end-web/django?seniority=senior");
    let seniors = reader.sees(".heroes");
    assert!(seniors.contains("offers") && seniors != all, "{seniors}");
    let chosen: String = reader.finds("document.querySelector('#filter-seniority').value");
    assert_eq!(chosen, "senior");

    reader.clicks(".filters a");
    reader.gets_to(PAGE);
    assert_eq!(reader.sees(".heroes"), all);
}

#[test]
fn a_reader_asks_for_seniors_only_and_then_for_all_again() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    narrows_down_and_clears(&reader, false);
}

#[test]
fn a_reader_at_a_phone_unfolds_the_filters_first() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    reader.browser.set_width(360);
    narrows_down_and_clears(&reader, true);
}
