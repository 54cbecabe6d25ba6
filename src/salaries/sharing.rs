//! What a salary page tells search engines and networks of itself.

use super::report::Report;
use crate::money::HalfUsd;
use crate::seo::structured::{
    BreadcrumbList, Country, CreativeWork, DataDownload, Dataset, Graph, Licence, Moment,
    MonetaryAmountDistribution, Occupation, Organization, PropertyValue, Thing, Url, Value,
};
use crate::share::{Card, Figured};
use crate::web::{JsonLd, LONGEST_DESCRIPTION, LONGEST_TITLE, Link, Meta, Site, fitting};

/// The picture beside links to it; `None` where no figures are published.
pub(super) fn card<'a>(site: &'a Site, report: &'a Report) -> Option<Card<'a>> {
    let figured = Figured::of(report, true)?;
    let subject = &report.subject;
    let kicker = format!("Salary in {}", figured.window.year());
    let card = Card::new(site, subject.path(), subject.heading(), kicker);
    let note = report.filters.in_words().join(", ");
    Some(card.with_note(note).with_figures(Some(figured)))
}

/// Its title where search engines show it, which has little room.
pub(super) fn search_title(report: &Report) -> String {
    let subject = &report.subject;
    let (Some(technology), Some(window)) = (&subject.technology, report.window) else {
        return report.title();
    };
    if !report.filters.is_empty() {
        return report.title();
    }
    let (role, technology, year) = (&subject.role.name, &technology.name, window.year());
    fitting(
        LONGEST_TITLE,
        &[
            &|| report.title(),
            &|| format!("{technology} in {role}: salary in {year}"),
            &|| format!("{technology}, {role} pay {year}"),
        ],
    )
}

/// What it says, in two sentences.
pub(super) fn description(report: &Report) -> String {
    let heading = report.subject.heading();
    let Some(figures) = &report.figures else {
        return format!("{heading}: no salary figures are published.");
    };
    let said = |what: &str| {
        format!(
            "{heading}: {what} {} a month, half between {} and {}. From {}, {}.",
            figures.percentiles.median,
            figures.percentiles.p25,
            figures.percentiles.p75,
            figures.counted(),
            report.in_words(),
        )
    };
    fitting(
        LONGEST_DESCRIPTION,
        &[&|| said("median salary expectation"), &|| said("median")],
    )
}

/// What it says to search engines: where it stands, its figures as data, and what the role earns.
pub(super) fn structured<'a>(
    site: &'a Site,
    meta: &'a Meta,
    crumbs: &'a [Link],
    report: &'a Report,
    heading: &'a str,
) -> JsonLd<Graph<'a>> {
    let mut things = vec![Thing::Breadcrumbs(BreadcrumbList::of(site, crumbs))];
    if let Some(figured) = Figured::of(report, true) {
        things.push(Thing::Dataset(dataset(site, meta, report, &figured)));
        things.push(Thing::Occupation(occupation(
            site, meta, report, heading, &figured,
        )));
    }
    JsonLd(Graph::of(things))
}

fn dataset<'a>(
    site: &'a Site,
    meta: &'a Meta,
    report: &'a Report,
    figured: &Figured<'_>,
) -> Dataset<'a> {
    let amount = |name, amount: HalfUsd| PropertyValue {
        name,
        value: Value::Usd(amount),
        unit_text: "USD a month",
    };
    let count = |name, count, unit_text| PropertyValue {
        name,
        value: Value::Count(count),
        unit_text,
    };
    let percentiles = &figured.figures.percentiles;
    let file = |encoding_format, extension| DataDownload {
        encoding_format,
        content_url: Url::on(site, report.address_of(extension)),
    };
    Dataset {
        name: &meta.title,
        description: &meta.description,
        url: Url::on(site, &meta.canonical),
        license: report.sources.iter().filter_map(Licence::of).collect(),
        creator: Organization::of(site),
        is_based_on: report.sources.iter().map(CreativeWork::of).collect(),
        temporal_coverage: format!("{}/{}", figured.window.from, figured.window.to),
        date_modified: meta.changed_at.map(Moment),
        is_accessible_for_free: true,
        measurement_technique: Url::on(site, "/methodology"),
        variable_measured: vec![
            amount("Median salary expectation", percentiles.median),
            amount("Lower quartile of salary expectations", percentiles.p25),
            amount("Upper quartile of salary expectations", percentiles.p75),
            count("Counted offers", figured.figures.offers, "offers"),
            count("Candidates", figured.figures.candidates, "candidates"),
        ],
        distribution: [file("text/csv", "csv"), file("application/json", "json")],
    }
}

fn occupation<'a>(
    site: &'a Site,
    meta: &'a Meta,
    report: &'a Report,
    heading: &'a str,
    figured: &Figured<'_>,
) -> Occupation<'a> {
    let technology = report.subject.technology.as_ref();
    let countries = report.countries.iter().map(|country| Country {
        name: country.label(),
    });
    Occupation {
        name: heading,
        skills: technology.map(|technology| technology.name.as_str()),
        occupation_location: countries.collect(),
        estimated_salary: [MonetaryAmountDistribution::of(&figured.figures.percentiles)],
        main_entity_of_page: Url::on(site, &meta.canonical),
    }
}
