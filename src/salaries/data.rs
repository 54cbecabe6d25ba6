//! A salary page as data: the shapes of its JSON and CSV, which other programs rely on to the letter.

use serde::Serialize;

use super::figures::{Figures, Proposals};
use super::filter::Filters;
use super::report::{Report, Summary};
use super::window::{Month, Window};
use crate::market::{PayBasis, Seniority};
use crate::money::{HalfUsd, MeanUsd};

/// A salary page. Amounts are US dollars a month.
#[derive(Debug, Serialize)]
pub struct ReportJson<'a> {
    role: Named<'a>,
    technology: Option<Named<'a>>,
    filters: Filters,
    window: Option<Window>,
    currency: &'static str,
    period: &'static str,
    suppressed: bool,
    offers: Option<u64>,
    candidates: Option<u64>,
    proposals: Option<Proposals>,
    median: Option<HalfUsd>,
    average: Option<MeanUsd>,
    p10: Option<HalfUsd>,
    p25: Option<HalfUsd>,
    p75: Option<HalfUsd>,
    p90: Option<HalfUsd>,
    fullest_band: Option<i32>,
    bands: Vec<BandJson>,
    by_seniority: Vec<SeniorityJson>,
    by_month: Vec<MonthJson>,
    technologies: Vec<TechnologyJson<'a>>,
    sources: Vec<SourceJson<'a>>,
}

#[derive(Debug, Serialize)]
struct Named<'a> {
    slug: &'a str,
    name: &'a str,
}

#[derive(Debug, Serialize)]
struct BandJson {
    from: Option<i32>,
    to: Option<i32>,
    label: String,
    offers: u64,
}

#[derive(Debug, Serialize)]
struct SeniorityJson {
    seniority: Seniority,
    offers: Option<u64>,
    candidates: Option<u64>,
    median: Option<HalfUsd>,
    p25: Option<HalfUsd>,
    p75: Option<HalfUsd>,
}

#[derive(Debug, Serialize)]
struct MonthJson {
    month: Month,
    offers: Option<u64>,
    median: Option<HalfUsd>,
}

#[derive(Debug, Serialize)]
struct TechnologyJson<'a> {
    slug: &'a str,
    name: &'a str,
    offers: Option<u64>,
    median: Option<HalfUsd>,
}

#[derive(Debug, Serialize)]
struct SourceJson<'a> {
    slug: &'a str,
    name: &'a str,
    url: Option<&'a str>,
    licence: Option<&'a str>,
    pay: PayBasis,
}

impl<'a> From<&'a Report> for ReportJson<'a> {
    fn from(report: &'a Report) -> Self {
        let figures = report.figures.as_ref();
        let percentiles = figures.map(|figures| figures.percentiles);
        Self {
            role: Named {
                slug: report.subject.role.slug.as_str(),
                name: &report.subject.role.name,
            },
            technology: report.subject.technology.as_ref().map(|technology| Named {
                slug: technology.slug.as_str(),
                name: &technology.name,
            }),
            filters: Filters {
                pay: Some(report.pay),
                ..report.filters
            },
            window: report.window,
            currency: "USD",
            period: "month",
            suppressed: figures.is_none(),
            offers: figures.map(|figures| figures.offers),
            candidates: figures.map(|figures| figures.candidates),
            proposals: figures.map(|figures| figures.proposals),
            median: percentiles.map(|p| p.median),
            average: figures.map(|figures| figures.average),
            p10: percentiles.map(|p| p.p10),
            p25: percentiles.map(|p| p.p25),
            p75: percentiles.map(|p| p.p75),
            p90: percentiles.map(|p| p.p90),
            fullest_band: figures.map(|figures| figures.fullest_band),
            bands: figures.map(bands).unwrap_or_default(),
            by_seniority: by_seniority(report),
            by_month: by_month(report),
            technologies: figures.map(|_| technologies(report)).unwrap_or_default(),
            sources: sources(report),
        }
    }
}

fn bands(figures: &Figures) -> Vec<BandJson> {
    let bands = figures.bands.iter().map(|band| BandJson {
        from: band.from,
        to: band.to,
        label: band.label().to_string(),
        offers: band.offers,
    });
    bands.collect()
}

fn by_seniority(report: &Report) -> Vec<SeniorityJson> {
    let parts = report.by_seniority.iter().map(|part| SeniorityJson {
        seniority: part.of,
        offers: part.spread.map(|figures| figures.offers),
        candidates: part.spread.map(|_| part.candidates),
        median: part.spread.map(|figures| figures.median),
        p25: part.spread.map(|figures| figures.p25),
        p75: part.spread.map(|figures| figures.p75),
    });
    parts.collect()
}

fn by_month(report: &Report) -> Vec<MonthJson> {
    let parts = report.by_month.iter().map(|part| MonthJson {
        month: part.of,
        offers: part.spread.map(|figures| figures.offers),
        median: part.spread.map(|figures| figures.median),
    });
    parts.collect()
}

fn technologies(report: &Report) -> Vec<TechnologyJson<'_>> {
    let technologies = report.technologies.iter().map(|known| {
        let figures = known.figures.part.spread;
        TechnologyJson {
            slug: known.technology.slug.as_str(),
            name: &known.technology.name,
            offers: figures.map(|figures| figures.offers),
            median: figures.map(|figures| figures.median),
        }
    });
    technologies.collect()
}

fn sources(report: &Report) -> Vec<SourceJson<'_>> {
    let sources = report.sources.iter().map(|source| SourceJson {
        slug: source.slug.as_str(),
        name: &source.name,
        url: source.url.as_deref(),
        licence: source.licence.as_deref(),
        pay: source.pay,
    });
    sources.collect()
}

/// A role in `/salaries.json`.
#[derive(Debug, Serialize)]
pub struct SummaryJson<'a> {
    role: Named<'a>,
    offers: Option<u64>,
    median: Option<HalfUsd>,
    proposals: Option<Proposals>,
    pay: PayBasis,
    window: Option<Window>,
}

impl<'a> From<&'a Summary> for SummaryJson<'a> {
    fn from(summary: &'a Summary) -> Self {
        let figures = summary.figures.as_ref();
        Self {
            role: Named {
                slug: summary.role.slug.as_str(),
                name: &summary.role.name,
            },
            offers: figures.map(|figures| figures.offers),
            median: figures.map(|figures| figures.percentiles.median),
            proposals: figures.map(|figures| figures.proposals),
            pay: summary.pay,
            window: summary.window,
        }
    }
}

/// The bands as drawn: `from,to,label,offers`, an open side empty.
#[must_use]
pub fn csv(report: &Report) -> String {
    let bands = report.figures.iter().flat_map(|figures| &figures.bands);
    let side =
        |dollars: Option<i32>| dollars.map_or_else(String::new, |dollars| dollars.to_string());
    bands.fold("from,to,label,offers\n".to_owned(), |csv, band| {
        let (from, to) = (side(band.from), side(band.to));
        format!("{csv}{from},{to},{},{}\n", band.label(), band.offers)
    })
}
