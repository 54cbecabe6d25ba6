//! The form of one offer: what was typed, read by the importer's own rules.

use csv::StringRecord;
use serde::Deserialize;

use crate::import::{Columns, Field, Period, Profile, Row};
use crate::market::changes::Person;
use crate::market::{Country, English, OfferStatus, Role, Seniority, Source, Technology};
use crate::money::MonthlyUsd;
use crate::slug::Slug;
use crate::web::forms::FieldErrors;

/// What the form holds, by the names of the canonical form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// A source's slug; empty for offers by hand.
    pub(super) source: String,
    pub(super) candidate: String,
    pub(super) role: String,
    pub(super) technologies: String,
    pub(super) seniority: String,
    pub(super) experience_years: String,
    pub(super) country: String,
    pub(super) english: String,
    pub(super) salary: String,
    pub(super) period: String,
    pub(super) offered_on: String,
    pub(super) status: String,
    pub(super) offer: String,
}

impl Typed {
    /// What a known offer says; of a candidate alone, an offer that is still to come.
    pub(super) fn of(person: &Person, role: &Slug, technologies: &[Technology]) -> Self {
        let Person { candidate, offer } = person;
        let known = candidate.technologies.technologies().iter();
        let names = known.filter_map(|id| {
            let known = technologies.iter().find(|technology| technology.id == *id);
            known.map(|technology| technology.name.clone())
        });
        let salary = offer
            .as_ref()
            .map(|offer| offer.monthly_usd)
            .or(candidate.monthly_usd);
        Self {
            role: role.to_string(),
            technologies: names.collect::<Vec<_>>().join("; "),
            seniority: text(candidate.seniority),
            experience_years: text(candidate.experience_years),
            country: text(candidate.country),
            english: text(candidate.english),
            salary: text(salary.map(MonthlyUsd::dollars)),
            offered_on: text(offer.as_ref().map(|offer| offer.offered_on)),
            status: text(offer.as_ref().map(|offer| offer.status)),
            ..Self::default()
        }
    }

    /// What it means, as a row of an import. `must_be_offer` where a candidate alone is not enough.
    pub(super) fn read(
        &self,
        known: &[Technology],
        must_be_offer: bool,
    ) -> Result<Row, FieldErrors> {
        let profile = Profile::canonical();
        let fields = Field::ALL.iter();
        let header: StringRecord = fields.clone().map(|field| field.name()).collect();
        let technologies = slugs(&self.technologies, known);
        let record: StringRecord = fields
            .map(|field| self.cell(*field, &technologies))
            .collect();
        let mut errors = FieldErrors::default();
        if must_be_offer && self.offered_on.trim().is_empty() {
            errors.add("offered_on", "Choose the day of the offer.");
        }
        let columns = Columns::find(&profile, &header).map_err(FieldErrors::whole)?;
        for problem in columns.problems(&record) {
            let field = Field::ALL
                .iter()
                .find(|field| field.name() == problem.column);
            let name = field.map_or("role", |field| field.name());
            errors.add(name, sentence(name, &problem.reason));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        columns
            .read(&record)
            .map_err(|_| FieldErrors::whole("The form could not be read."))
    }

    fn cell<'t>(&'t self, field: Field, technologies: &'t str) -> &'t str {
        match field {
            Field::Candidate => &self.candidate,
            Field::Role => &self.role,
            Field::Technologies => technologies,
            Field::Seniority => &self.seniority,
            Field::ExperienceYears => &self.experience_years,
            Field::Country => &self.country,
            Field::English => &self.english,
            Field::Salary => &self.salary,
            Field::Currency => "USD",
            Field::Period => &self.period,
            Field::OfferedOn => &self.offered_on,
            Field::Status => &self.status,
            Field::Offer => &self.offer,
        }
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A list as people write it, as one of an import: known technologies by their slugs, whatever their names are.
fn slugs(typed: &str, known: &[Technology]) -> String {
    let parts = typed.split([';', ',', '\n']).map(str::trim);
    let named = parts.filter(|part| !part.is_empty()).map(|part| {
        let lower = part.to_lowercase();
        let found = known
            .iter()
            .find(|known| known.name.to_lowercase() == lower || known.slug.as_str() == lower);
        found.map_or(part, |known| known.slug.as_str())
    });
    named.collect::<Vec<_>>().join(";")
}

/// What the importer says of a cell, as a sentence beside a field.
fn sentence(field: &str, reason: &str) -> String {
    match (field, reason) {
        ("role", "missing") => "Choose a role.".to_owned(),
        ("salary", "missing") => "Write the salary of the offer.".to_owned(),
        ("offered_on", reason) if reason.starts_with("not a date of the form") => {
            "Not a date; write it as 2024-12-31.".to_owned()
        }
        _ => {
            let mut letters = reason.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string());
            format!("{}{}.", first.unwrap_or_default(), letters.as_str())
        }
    }
}

/// What can be chosen: pairs of value and text.
pub(super) type Options = Vec<(String, String)>;

/// What the selects of the form offer.
pub(super) struct Choices {
    pub(super) sources: Options,
    pub(super) roles: Options,
    pub(super) seniorities: Options,
    pub(super) countries: Options,
    pub(super) english: Options,
    pub(super) periods: Options,
    pub(super) statuses: Options,
}

impl Choices {
    pub(super) fn new(sources: &[Source], roles: &[Role]) -> Self {
        let pair = |value: &str, text: &str| (value.to_owned(), text.to_owned());
        let unknown = || [pair("", "Not known")].into_iter();
        let others = sources
            .iter()
            .filter(|source| source.slug.as_str() != "by-hand");
        let by_hand = sources
            .iter()
            .find(|source| source.slug.as_str() == "by-hand");
        let by_hand = by_hand.map_or_else(
            || "By hand (gross pay)".to_owned(),
            |source| format!("{} ({} pay)", source.name, source.pay),
        );
        let mut countries: Vec<Country> = Country::all().collect();
        countries.sort_by_key(|country| country.label());
        Self {
            sources: [pair("", &by_hand)]
                .into_iter()
                .chain(others.map(|source| {
                    let text = format!("{} ({} pay)", source.name, source.pay);
                    pair(source.slug.as_str(), &text)
                }))
                .collect(),
            roles: [pair("", "Choose a role")]
                .into_iter()
                .chain(
                    roles
                        .iter()
                        .map(|role| pair(role.slug.as_str(), &role.name)),
                )
                .collect(),
            seniorities: unknown()
                .chain(
                    Seniority::ALL
                        .iter()
                        .map(|it| pair(it.as_str(), it.label())),
                )
                .collect(),
            countries: unknown()
                .chain(countries.iter().map(|it| pair(it.as_str(), it.label())))
                .collect(),
            english: unknown()
                .chain(English::ALL.iter().map(|it| pair(it.as_str(), it.label())))
                .collect(),
            periods: [(Period::Month, "USD a month"), (Period::Year, "USD a year")]
                .iter()
                .map(|(period, text)| pair(period.as_str(), text))
                .collect(),
            statuses: OfferStatus::ALL
                .iter()
                .map(|it| pair(it.as_str(), it.label()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TechnologyId;

    fn known() -> Vec<Technology> {
        let technology = |id, slug: &str, name: &str| Technology {
            id: TechnologyId(id),
            slug: slug.parse().unwrap(),
            name: name.to_owned(),
        };
        vec![
            technology(1, "nodejs", "Node.js"),
            technology(2, "cpp", "C++"),
        ]
    }

    fn typed() -> Typed {
        Typed {
            role: "devops".to_owned(),
            salary: "60000".to_owned(),
            period: "year".to_owned(),
            offered_on: "2024-05-01".to_owned(),
            ..Typed::default()
        }
    }

    #[test]
    fn a_form_is_a_row_of_an_import() {
        let row = typed().read(&known(), true).unwrap();
        let offer = row.offer.unwrap();
        assert_eq!(offer.salary.dollars(), 5000);
        assert_eq!(offer.status, OfferStatus::Open);
        assert_eq!(row.candidate_key, None);
    }

    #[test]
    fn technologies_are_known_by_name_or_slug() {
        assert_eq!(
            slugs("node.JS, cpp;\n Ruby on Rails ;;", &known()),
            "nodejs;cpp;Ruby on Rails"
        );
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let wrong = Typed {
            role: String::new(),
            salary: "0".to_owned(),
            offered_on: String::new(),
            experience_years: "many".to_owned(),
            ..typed()
        };
        let errors = wrong.read(&known(), true).unwrap_err();
        assert_eq!(errors.of("role"), Some("Choose a role."));
        assert_eq!(
            errors.of("offered_on"),
            Some("Choose the day of the offer.")
        );
        assert!(
            errors
                .of("salary")
                .unwrap()
                .starts_with("Not a positive amount")
        );
        assert_eq!(
            errors.of("experience_years"),
            Some("Not a number of years from 0 to 100.")
        );
    }
}
