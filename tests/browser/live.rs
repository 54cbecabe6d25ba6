//! An open page keeps up with its figures, and leaves its reader in peace.

use crate::support::{Reader, key};

const PAGE: &str = "/salaries/back-end-web/django";

/// What the page says when its figures have changed.
const NOTICE: &str = ".live-notice.is-shown";

/// Offers for candidates whom nobody else knows, as a canonical CSV.
fn offers(role: &str, count: u32) -> String {
    let row = |n: u32| format!("live-{role}-{n},{role},django,9{n:03},2024-12-01,live-{role}-{n}");
    let head = "candidate,role,technologies,salary,offered_on,offer".to_owned();
    let lines: Vec<String> = std::iter::once(head).chain((0..count).map(row)).collect();
    lines.join("\n")
}

/// Waits until the page shows so many offers, and says so.
fn waits_for(reader: &Reader, total: u32) {
    reader.waits_until(&format!(
        "document.querySelector('.heroes dd').textContent.startsWith('{total} ')"
    ));
    reader.waits_until(&format!("!!document.querySelector({NOTICE:?})"));
}

/// Lets every page note the streams that it opens, and what it hears on them.
const NOTES: &str = "
    window.streams = [];
    window.heard = 0;
    window.EventSource = class extends EventSource {
        constructor(...address) {
            super(...address);
            window.streams.push(this);
            this.addEventListener('figures', () => window.heard += 1);
        }
    };";

/// A reader at that page, which is connected.
fn at(page: &str) -> Option<Reader> {
    let reader = Reader::arrives()?;
    opens(&reader, page);
    Some(reader)
}

fn opens(reader: &Reader, page: &str) {
    reader.browser.run_before_scripts(NOTES);
    reader.opens(page);
    has_streams(reader, 1);
}

/// Waits until the page has so many open streams.
fn has_streams(reader: &Reader, count: usize) {
    let open = "streams.filter((stream) => stream.readyState !== EventSource.CLOSED)";
    let connected = "every((stream) => stream.readyState === EventSource.OPEN)";
    reader.waits_until(&format!("{open}.length === {count} && {open}.{connected}"));
}

#[test]
fn figures_change_in_place_and_the_page_says_so() {
    let Some(reader) = at(PAGE) else {
        return;
    };
    assert!(reader.sees(".heroes").starts_with("Total\n571"));
    reader.browser.run("window.isTheSame = true");
    reader.site.imports("more", &offers("back-end-web", 9));
    waits_for(&reader, 580);
    assert!(reader.sees(NOTICE).starts_with("Figures updated at "));
    assert!(reader.finds::<bool>("window.isTheSame"));

    // Everything else has changed as well, and is what a reload shows.
    let figures =
        "[...document.querySelectorAll('[data-live]')].map((part) => part.textContent.trim())";
    let (changed, title): (Vec<String>, String) =
        reader.finds(&format!("[{figures}, document.title]"));
    reader.opens(PAGE);
    assert_eq!(
        (changed, title),
        reader.finds(&format!("[{figures}, document.title]"))
    );
}

#[test]
fn the_changed_chart_tells_its_columns() {
    let Some(reader) = at(PAGE) else {
        return;
    };
    reader.tabs_to("[data-chart] .plot");
    reader.presses(key::HOME);
    let before = reader.sees("[data-chart] .tip");
    // Offers at a salary that nobody asked for until now make the chart longer at that end.
    reader
        .site
        .imports("more", &offers("back-end-web", 9).replace(",90", ",5"));
    waits_for(&reader, 580);
    let after = reader.sees("[data-chart] .tip");
    assert!(after.contains("offers") && after != before, "{after}");
    let is_focused: bool =
        reader.finds("document.activeElement === document.querySelector('[data-chart] .plot')");
    assert!(is_focused);
    reader.presses(key::END);
    assert!(reader.sees("[data-chart] .tip").contains("offer"));
    assert_ne!(reader.sees("[data-chart] .tip"), after);
}

#[test]
fn what_the_reader_looks_at_stays_where_it_is() {
    let Some(reader) = at(PAGE) else {
        return;
    };
    reader.clicks("#table summary");
    // Half way down the articles, below everything that changes.
    reader.browser.run(
        "window.paragraph = [...document.querySelectorAll('.articles .prose p')][8];
         paragraph.scrollIntoView({block: 'center', behavior: 'instant'});",
    );
    let place = "Math.round(paragraph.getBoundingClientRect().top)";
    let height = "document.querySelector('#figures').offsetHeight";
    let (before, high): (i32, i32) = reader.finds(&format!("[{place}, {height}]"));
    // New bands are new rows of the unfolded table.
    reader
        .site
        .imports("more", &offers("back-end-web", 90).replace(",90", ",190"));
    waits_for(&reader, 661);
    let (after, now_high): (i32, i32) = reader.finds(&format!("[{place}, {height}]"));
    assert_ne!(now_high, high, "the figures take as much room as before");
    // Scrolling goes by whole pixels.
    assert!(after.abs_diff(before) <= 1, "{before} px is {after} px now");
    assert!(reader.finds::<bool>("document.querySelector('#table').open"));
    assert!(reader.finds::<bool>("scrollY > 1000"));
}

#[test]
fn a_marked_text_and_a_form_in_use_are_left_alone() {
    let Some(reader) = at(PAGE) else {
        return;
    };
    reader.tabs_to("#filter-seniority");
    reader.types("Sen");
    reader
        .browser
        .run("getSelection().selectAllChildren(document.querySelector('.finding'))");
    reader.site.imports("more", &offers("back-end-web", 9));
    reader.waits_until("heard > 0");
    // Longer than the page takes to fetch itself when nothing holds it.
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(reader.sees(".heroes").starts_with("Total\n571"));
    let marked: String = reader.finds("getSelection().toString()");
    assert!(marked.contains("571"), "{marked}");

    reader.browser.run("getSelection().removeAllRanges()");
    waits_for(&reader, 580);
    let chosen: String = reader.finds("document.querySelector('#filter-seniority').value");
    assert_eq!(chosen, "senior");
}

#[test]
fn nothing_is_said_when_only_others_change() {
    let Some(reader) = at(PAGE) else {
        return;
    };
    let requests = "performance.getEntriesByType('resource')
        .filter((entry) => entry.initiatorType === 'fetch').length";
    reader.site.imports("others", &offers("devops", 9));
    reader.site.imports("more", &offers("back-end-web", 9));
    waits_for(&reader, 580);
    assert_eq!(
        reader.finds::<(u32, u32)>(&format!("[{requests}, heard]")),
        (1, 1)
    );
}

#[test]
fn a_page_in_the_background_is_not_connected_and_catches_up_later() {
    let Some(reader) = at(PAGE) else {
        return;
    };
    let hide = |hidden: bool| {
        reader.browser.run(&format!(
            "Object.defineProperty(document, 'hidden', {{configurable: true, value: {hidden}}});
             document.dispatchEvent(new Event('visibilitychange'))"
        ));
    };
    hide(true);
    has_streams(&reader, 0);
    reader.site.imports("more", &offers("back-end-web", 9));
    hide(false);
    waits_for(&reader, 580);
    has_streams(&reader, 1);
}

#[test]
fn a_selection_that_vanishes_is_named() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    reader
        .site
        .imports("more", &offers("back-end-web", 9).replace("django", "zig"));
    opens(&reader, "/salaries/back-end-web/zig");
    reader.site.imports("more", &offers("back-end-web", 9));
    reader.waits_until(&format!("!!document.querySelector({NOTICE:?})"));
    assert!(reader.sees(NOTICE).contains("Load it again"));
    assert!(reader.sees(".heroes").starts_with("Total\n9"));
}
