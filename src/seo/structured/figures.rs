//! What a salary page says: its figures as a data set, and what an occupation earns.

use std::borrow::Cow;

use serde::Serialize;

use super::{Moment, Organization, Url};
use crate::market::Source;
use crate::money::HalfUsd;
use crate::salaries::figures::Percentiles;

/// <https://schema.org/Dataset>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct Dataset<'a> {
    /// What the figures are of.
    pub name: &'a str,
    /// What they say.
    pub description: &'a str,
    /// Their page.
    pub url: Url<'a>,
    /// Under which terms the offers behind them are used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub license: Vec<Licence<'a>>,
    /// Who computed them.
    pub creator: Organization<'a>,
    /// Where the offers came from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub is_based_on: Vec<CreativeWork<'a>>,
    /// The months that they cover.
    pub temporal_coverage: String,
    /// When they last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<Moment>,
    /// Whether they cost nothing.
    pub is_accessible_for_free: bool,
    /// How they are made.
    pub measurement_technique: Url<'a>,
    /// The figures.
    pub variable_measured: Vec<PropertyValue>,
    /// The same as files.
    pub distribution: [DataDownload<'a>; 2],
}

/// <https://schema.org/CreativeWork>
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
pub struct CreativeWork<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Url<'a>>,
}

impl<'a> CreativeWork<'a> {
    /// Where offers came from.
    #[must_use]
    pub fn of(source: &'a Source) -> Self {
        Self {
            name: &source.name,
            url: source.url.as_deref().map(Url::absolute),
        }
    }
}

/// The terms under which something is used.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Licence<'a> {
    /// Where they can be read.
    At(Cow<'a, str>),
    /// What they are, in words.
    Named(CreativeWork<'a>),
}

impl<'a> Licence<'a> {
    /// Those of a source, where it says any.
    #[must_use]
    pub fn of(source: &'a Source) -> Option<Self> {
        let terms = source.licence.as_deref()?;
        if terms.starts_with("https://") || terms.starts_with("http://") {
            return Some(Self::At(terms.into()));
        }
        Some(match creative_commons(terms) {
            Some(address) => Self::At(address.into()),
            None => Self::Named(CreativeWork {
                name: terms,
                url: None,
            }),
        })
    }
}

/// The address of a licence of Creative Commons that goes by its SPDX name: `CC-BY-4.0`, `CC0-1.0`.
fn creative_commons(terms: &str) -> Option<String> {
    let base = "https://creativecommons.org";
    if terms == "CC0-1.0" {
        return Some(format!("{base}/publicdomain/zero/1.0/"));
    }
    let (parts, version) = terms.strip_prefix("CC-")?.rsplit_once('-')?;
    let is_known = parts
        .split('-')
        .all(|part| ["BY", "SA", "NC", "ND"].contains(&part))
        && ["1.0", "2.0", "2.5", "3.0", "4.0"].contains(&version);
    is_known.then(|| format!("{base}/licenses/{}/{version}/", parts.to_lowercase()))
}

/// <https://schema.org/PropertyValue>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct PropertyValue {
    /// Its name.
    pub name: &'static str,
    /// The figure.
    pub value: Value,
    /// What it counts.
    pub unit_text: &'static str,
}

/// A figure.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// An amount.
    Usd(HalfUsd),
    /// A number.
    Count(u64),
}

/// <https://schema.org/DataDownload>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct DataDownload<'a> {
    /// The sort of file.
    pub encoding_format: &'static str,
    /// Where it is.
    pub content_url: Url<'a>,
}

/// <https://schema.org/Occupation>
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct Occupation<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skills: Option<&'a str>,
    /// Where it is done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub occupation_location: Vec<Country>,
    /// What is asked for it.
    pub estimated_salary: [MonetaryAmountDistribution; 1],
    /// Its page.
    pub main_entity_of_page: Url<'a>,
}

/// <https://schema.org/Country>
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
pub struct Country {
    /// Its name.
    pub name: &'static str,
}

/// <https://schema.org/MonetaryAmountDistribution>
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
pub struct MonetaryAmountDistribution {
    name: &'static str,
    currency: &'static str,
    duration: &'static str,
    percentile10: HalfUsd,
    percentile25: HalfUsd,
    median: HalfUsd,
    percentile75: HalfUsd,
    percentile90: HalfUsd,
}

impl MonetaryAmountDistribution {
    /// Pay in US dollars a month.
    #[must_use]
    pub const fn of(percentiles: &Percentiles) -> Self {
        Self {
            name: "base",
            currency: "USD",
            duration: "P1M",
            percentile10: percentiles.p10,
            percentile25: percentiles.p25,
            median: percentiles.median,
            percentile75: percentiles.p75,
            percentile90: percentiles.p90,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_addresses_where_they_have_one() {
        let commons = |terms| creative_commons(terms);
        assert_eq!(
            commons("CC-BY-SA-4.0").as_deref(),
            Some("https://creativecommons.org/licenses/by-sa/4.0/")
        );
        assert_eq!(
            commons("CC0-1.0").as_deref(),
            Some("https://creativecommons.org/publicdomain/zero/1.0/")
        );
        assert_eq!(commons("CC-PAY-4.0"), None);
        assert_eq!(commons("Free use with a link"), None);
    }
}
