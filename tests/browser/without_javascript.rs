//! Nothing on the site needs JavaScript.

use crate::support::Reader;

#[test]
fn the_salary_page_tells_everything_without_javascript() {
    let Some(reader) = Reader::arrives_without_javascript() else {
        return;
    };
    reader.opens("/salaries/back-end-web/django");
    let enhanced: bool =
        reader.finds("document.querySelector('[data-chart] .plot').hasAttribute('tabindex')");
    assert!(!enhanced, "scripts run all the same");
    let headline = reader.sees(".heroes").replace('\n', " ");
    for figure in ["571 offers", "$7,707", "1.0"] {
        assert!(headline.contains(figure), "no {figure} in {headline}");
    }
    let titles: Vec<String> = reader.finds(
        "[...document.querySelectorAll('[data-chart] .column')].map((column) => column.querySelector('title').textContent)",
    );
    let rows: Vec<String> = reader.finds(
        "[...document.querySelector('#table table').tBodies[0].rows]
            .map((row) => [...row.cells].map((cell) => cell.textContent))
            .map(([range, , offers, share]) => `${range}: ${offers} ${offers === '1' ? 'offer' : 'offers'}, ${share}`)",
    );
    assert_eq!(titles, rows);
    assert!(rows.len() > 10);

    reader.clicks("#table summary");
    assert!(
        reader
            .sees("#table table caption")
            .starts_with("571 offers")
    );

    reader.tabs_to("#filter-seniority");
    reader.types("Sen");
    reader.clicks(".filters button");
    reader.gets_to("/salaries/back-end-web/django?seniority=senior");
    assert_ne!(reader.sees(".heroes").replace('\n', " "), headline);
}
