//! The filters of a salary page: what its query string means, and the one canonical form of it.

use std::fmt;

use serde::Serialize;

use crate::market::{Country, English, ExperienceBand, PayBasis, Seniority};

/// Conditions on the candidates of a page, the pay basis and the year. `None` is no condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Filters {
    /// Only candidates of this seniority.
    pub seniority: Option<Seniority>,
    /// Only candidates from this country.
    pub country: Option<Country>,
    /// Only candidates with this level of English.
    pub english: Option<English>,
    /// Only candidates with so much experience.
    pub experience: Option<ExperienceBand>,
    /// This pay basis instead of the one with the most offers.
    pub pay: Option<PayBasis>,
    /// This calendar year instead of the latest twelve months.
    pub year: Option<i32>,
}

/// A parameter has a value that its filter does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownValue {
    /// The parameter's name.
    pub name: &'static str,
    /// Its value, as it was given.
    pub value: String,
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "There is no {} \u{201c}{}\u{201d}.",
            self.name, self.value
        )
    }
}

impl Filters {
    /// What the parameters of a query string ask for. The first of repeated parameters counts, an empty one is no
    /// condition, and parameters that are no filter are passed over.
    ///
    /// # Errors
    /// [`UnknownValue`] where a filter does not know its value.
    pub fn from_parameters(parameters: &[(String, String)]) -> Result<Self, UnknownValue> {
        let parameters = Parameters(parameters);
        Ok(Self {
            seniority: parameters.read("seniority", |value| value.to_lowercase().parse().ok())?,
            country: parameters.read("country", |value| value.to_uppercase().parse().ok())?,
            english: parameters.read("english", |value| value.to_lowercase().parse().ok())?,
            // A plus sign that was not escaped arrives as a space: `10+`.
            experience: parameters.read("experience", |value| {
                value
                    .parse()
                    .or_else(|_| value.replace(' ', "+").parse())
                    .ok()
            })?,
            pay: parameters.read("pay", |value| value.to_lowercase().parse().ok())?,
            year: parameters.read("year", |value| {
                let digits = value.bytes().all(|byte| byte.is_ascii_digit());
                value.parse().ok().filter(|_| digits && value.len() == 4)
            })?,
        })
    }

    /// The conditions as parameters, in their order: name and value.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, String)> {
        let parameters = [
            ("seniority", self.seniority.map(|value| value.to_string())),
            ("country", self.country.map(|value| value.to_string())),
            ("english", self.english.map(|value| value.to_string())),
            ("experience", self.experience.map(|value| value.to_string())),
            ("pay", self.pay.map(|value| value.to_string())),
            ("year", self.year.map(|value| format!("{value:04}"))),
        ];
        let parameters = parameters.into_iter();
        parameters.filter_map(|(name, value)| value.map(|value| (name, value)))
    }

    /// The canonical query string: the parameters in their order, without a question mark; empty without filters.
    #[must_use]
    pub fn query_string(&self) -> String {
        let given = self.parameters();
        let given = given.map(|(name, value)| format!("{name}={}", value.replace('+', "%2B")));
        given.collect::<Vec<_>>().join("&")
    }

    /// A path with these filters.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        let query = self.query_string();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        }
    }

    /// The conditions on candidates as a reader sees them: `Senior`, `Ukraine`.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let words = [
            self.seniority.map(|value| value.label().to_owned()),
            self.country.map(|value| value.label().to_owned()),
            self.english
                .map(|value| format!("English {}", value.label())),
            self.experience.map(|value| value.label().to_owned()),
        ];
        words.into_iter().flatten().collect()
    }

    /// Number of conditions.
    #[must_use]
    pub fn count(&self) -> usize {
        let given = [
            self.seniority.is_some(),
            self.country.is_some(),
            self.english.is_some(),
            self.experience.is_some(),
            self.pay.is_some(),
            self.year.is_some(),
        ];
        given.into_iter().filter(|given| *given).count()
    }

    /// Whether there is no condition at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The parameters of a query string in their order.
struct Parameters<'a>(&'a [(String, String)]);

impl Parameters<'_> {
    fn read<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, UnknownValue> {
        let given = self.0.iter().find(|(given, _)| given == name);
        match given.map(|(_, value)| value.as_str()) {
            None | Some("") => Ok(None),
            Some(value) => parse(value).map(Some).ok_or_else(|| UnknownValue {
                name,
                value: value.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(parameters: &[(&str, &str)]) -> Result<Filters, UnknownValue> {
        let owned: Vec<(String, String)> = parameters
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Filters::from_parameters(&owned)
    }

    #[test]
    fn every_order_has_one_canonical_form() {
        let given = filters(&[
            ("year", "2023"),
            ("experience", "10 "),
            ("country", "ua"),
            ("seniority", "senior"),
            ("seniority", "junior"),
            ("english", ""),
            ("utm_source", "mail"),
        ]);
        assert_eq!(
            given.unwrap().address("/salaries/front-end"),
            "/salaries/front-end?seniority=senior&country=UA&experience=10%2B&year=2023"
        );
        assert_eq!(filters(&[]).unwrap().address("/salaries"), "/salaries");
        assert!(filters(&[("pay", "")]).unwrap().is_empty());
    }

    #[test]
    fn an_unknown_value_is_named() {
        for (name, value) in [
            ("seniority", "boss"),
            ("country", "XX"),
            ("english", "d1"),
            ("experience", "2-4"),
            ("pay", "cash"),
            ("year", "20x4"),
            ("year", "+202"),
            ("year", "24"),
        ] {
            let error = filters(&[(name, value)]).unwrap_err();
            assert_eq!(error.name, name);
            assert_eq!(error.value, value);
        }
    }
}
