//! A mapping: what an editor typed about how a file is to be read, and the profile that it becomes.
//!
//! It holds text, right or wrong, so that nothing typed is lost; [`Mapping::check`] makes a [`Profile`] of it, by the same
//! rules as a profile's file.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use encoding_rs::Encoding;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::guess::{self, Known};
use super::inspect::{DELIMITERS, Findings};
use super::profile::{Field, Period, Profile, SourceProfile};
use super::row::{day, decimal};
use crate::market::{Country, English, OfferStatus, PayBasis, Seniority, Source};
use crate::slug::Slug;

/// The fields whose values are mapped one by one.
pub const MAPPED: &[Field] = &[
    Field::Role,
    Field::Technologies,
    Field::Seniority,
    Field::English,
    Field::Country,
    Field::Status,
    Field::Currency,
    Field::Period,
];

/// Values of a field that can be mapped; rarer ones count as those that are left out.
pub const MAPPED_VALUES: usize = 200;

/// US dollars from which an amount is probably a year's.
const PROBABLY_YEARLY: i64 = 15_000;

/// What an editor typed about a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Label of the file's encoding.
    pub encoding: String,
    /// The character between the fields of a row.
    pub delimiter: String,
    /// Headers for each field; the first that gives a value wins.
    pub columns: BTreeMap<Field, Vec<String>>,
    /// Values of fields that no column gives.
    pub constants: BTreeMap<Field, String>,
    /// Slug of the source that the rows go into; empty for a new one.
    pub source: String,
    /// The new source.
    pub new_source: NewSource,
    /// Currency of amounts whose row names none.
    pub currency: String,
    /// `month` or `year`, of amounts whose row names none.
    pub period: String,
    /// A currency and its US dollars on each line.
    pub rates: String,
    /// As in `strftime`.
    pub date_format: String,
    /// Whether the source's rows make way for those of the file.
    pub replace: bool,
    /// For some fields, the canonical value of each raw one; empty for those that are left out.
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
    /// Fields whose values are taken as they are.
    pub as_is: BTreeSet<Field>,
}

/// A source that is created with the import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSource {
    /// Readable name.
    pub name: String,
    /// Name in addresses; empty for one made of the name.
    pub slug: String,
    /// Where a reader finds the original.
    pub url: String,
    /// Under which terms the rows are used.
    pub licence: String,
    /// `gross` or `net`.
    pub pay: String,
}

/// What is wrong with a mapping: the field of the form, and a sentence.
pub type Problems = Vec<(&'static str, String)>;

impl Mapping {
    /// A first proposal for a file.
    #[must_use]
    pub fn guess(findings: &Findings, known: &Known, file_name: &str) -> Self {
        let columns = guess::columns(findings, known);
        let samples = |field: Field| {
            let header = columns.get(&field).and_then(|headers| headers.first());
            let column = header.and_then(|header| findings.column(header));
            column.map_or(&[][..], |column| column.samples.as_slice())
        };
        let salary_header = columns
            .get(&Field::Salary)
            .and_then(|headers| headers.first())
            .map_or("", String::as_str);
        let period = guess::period_of_header(salary_header)
            .unwrap_or_else(|| probable_period(samples(Field::Salary)));
        let date_format = guess::date_format(samples(Field::OfferedOn));
        let name = name_of_file(file_name);
        let mut mapping = Self {
            encoding: findings.encoding.clone(),
            delimiter: findings.delimiter.to_string(),
            source: String::new(),
            new_source: NewSource {
                slug: Slug::from_text(&name).map_or_else(String::new, |slug| slug.to_string()),
                name,
                pay: guess::pay_of_header(salary_header)
                    .map_or_else(String::new, |pay| pay.to_string()),
                ..NewSource::default()
            },
            currency: guess::currency_of_header(salary_header).unwrap_or_else(|| "USD".to_owned()),
            period: period.as_str().to_owned(),
            date_format: date_format
                .map_or("%Y-%m-%d", |guess| guess.format)
                .to_owned(),
            columns,
            ..Self::default()
        };
        mapping.guess_values(findings, known);
        mapping
    }

    /// Proposes the meaning of values that nothing is typed for yet.
    pub fn guess_values(&mut self, findings: &Findings, known: &Known) {
        for &field in MAPPED {
            let raw = self.raw_values(field, findings);
            if raw.is_empty() || self.as_is.contains(&field) {
                continue;
            }
            let is_new = !self.values.contains_key(&field);
            if is_new && takes_as_is(field, &raw, known) {
                self.as_is.insert(field);
                continue;
            }
            let typed = self.values.entry(field).or_default();
            for (raw, _) in raw {
                let meant = guess::value(field, &raw, known).unwrap_or_default();
                typed.entry(raw).or_insert(meant);
            }
        }
    }

    /// The mapping that a profile describes.
    #[must_use]
    pub fn of_profile(profile: &Profile, sources: &[Source]) -> Self {
        let source = profile.source.as_ref();
        let is_known = |slug: &Slug| sources.iter().any(|source| source.slug == *slug);
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let rates = profile.rates.iter();
        Self {
            encoding: profile.encoding.name().to_lowercase(),
            delimiter: char::from(profile.delimiter).to_string(),
            columns: profile.columns.clone(),
            constants: profile.constants.clone(),
            source: source
                .filter(|source| is_known(&source.slug))
                .map_or_else(String::new, |source| source.slug.to_string()),
            new_source: source.map_or_else(NewSource::default, |source| NewSource {
                name: source.name.clone(),
                slug: source.slug.to_string(),
                url: text(source.url.as_ref()),
                licence: text(source.licence.as_ref()),
                pay: source.pay.map_or_else(String::new, |pay| pay.to_string()),
            }),
            currency: profile.currency.clone(),
            period: profile.period.as_str().to_owned(),
            rates: rates.fold(String::new(), |rates, (currency, rate)| {
                format!("{rates}{currency} {rate}\n")
            }),
            date_format: profile.date_format.clone(),
            replace: false,
            values: profile.values.clone(),
            as_is: MAPPED
                .iter()
                .copied()
                .filter(|field| {
                    profile.columns.contains_key(field) && !profile.values.contains_key(field)
                })
                .collect(),
        }
    }

    /// The different values of a field's columns with their rows, the most frequent first.
    #[must_use]
    pub fn raw_values(&self, field: Field, findings: &Findings) -> Vec<(String, u64)> {
        let mut counts = BTreeMap::<&str, u64>::new();
        for header in self.columns.get(&field).into_iter().flatten() {
            let Some(column) = findings.column(header) else {
                continue;
            };
            let has_parts = field == Field::Technologies && !column.parts.is_empty();
            let values = if has_parts {
                &column.parts
            } else {
                &column.values
            };
            for (value, count) in values {
                *counts.entry(value).or_default() += count;
            }
        }
        let mut values: Vec<(String, u64)> = counts
            .into_iter()
            .map(|(value, count)| (value.to_owned(), count))
            .collect();
        values.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
        values
    }

    /// The fields whose values can be mapped, of this mapping's columns.
    #[must_use]
    pub fn mapped_fields(&self) -> Vec<Field> {
        let has_column = |field: &Field| {
            let headers = self.columns.get(field);
            headers.is_some_and(|headers| !headers.is_empty())
        };
        MAPPED.iter().copied().filter(has_column).collect()
    }

    /// The profile that is meant.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(&self, findings: &Findings, sources: &[Source]) -> Result<Profile, Problems> {
        let mut problems = Problems::new();
        let source = self.check_source(sources, &mut problems);
        let date_format = self.check_date_format(findings, &mut problems);
        let profile = Profile {
            source,
            encoding: Encoding::for_label(self.encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8),
            delimiter: self.check_delimiter(&mut problems),
            columns: self.check_columns(findings, &mut problems),
            constants: self.check_constants(&date_format, &mut problems),
            currency: self.check_currency(&mut problems),
            period: self.period.parse().unwrap_or_default(),
            rates: self.check_rates(&mut problems),
            date_format,
            values: self.check_values(&mut problems),
        };
        let has_rate = profile.currency == "USD" || profile.rates.contains_key(&profile.currency);
        if !has_rate && problems.is_empty() {
            problems.push((
                "rates",
                format!(
                    "Write what one {} is in US dollars, such as \u{201c}{} 1.08\u{201d}; without it every row is rejected.",
                    profile.currency, profile.currency
                ),
            ));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        // The same rules as for a profile's file, to the letter.
        let toml = profile.to_toml().unwrap_or_default();
        toml.parse()
            .map_err(|error| vec![("mapping", format!("The mapping cannot be used: {error}."))])
    }

    fn check_source(&self, sources: &[Source], problems: &mut Problems) -> Option<SourceProfile> {
        if !self.source.is_empty() {
            let known = sources
                .iter()
                .find(|source| source.slug.as_str() == self.source);
            if known.is_none() {
                problems.push(("source", "There is no such source any more.".to_owned()));
            }
            return known.map(|source| SourceProfile {
                slug: source.slug.clone(),
                name: source.name.clone(),
                url: source.url.clone(),
                licence: source.licence.clone(),
                pay: Some(source.pay),
            });
        }
        let new = &self.new_source;
        let name = new.name.trim();
        if name.is_empty() {
            problems.push(("source_name", "Write a name for the new source.".to_owned()));
        }
        let slug = match new.slug.trim() {
            "" => Slug::from_text(name).ok_or_else(|| {
                "Write a name in addresses for the new source, in Latin letters.".to_owned()
            }),
            typed => Slug::from_str(typed)
                .map_err(|error| format!("\u{201c}{typed}\u{201d} cannot be used: {error}.")),
        };
        let slug = match slug {
            Ok(slug) if sources.iter().any(|source| source.slug == slug) => {
                problems.push((
                    "source_slug",
                    format!(
                        "There is a source \u{201c}{slug}\u{201d} already; choose it above, or give the new one another name."
                    ),
                ));
                None
            }
            Ok(slug) => Some(slug),
            Err(_) if name.is_empty() && new.slug.trim().is_empty() => None,
            Err(sentence) => {
                problems.push(("source_slug", sentence));
                None
            }
        };
        let url = new.url.trim();
        if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
            problems.push((
                "source_url",
                "A link begins with https:// or http://.".to_owned(),
            ));
        }
        let pay: Option<PayBasis> = new.pay.parse().ok();
        if pay.is_none() {
            problems.push((
                "source_pay",
                "Say whether the amounts are gross or net; the two are never mixed.".to_owned(),
            ));
        }
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Some(SourceProfile {
            slug: slug?,
            name: name.to_owned(),
            url: filled(url),
            licence: filled(&new.licence),
            pay,
        })
    }

    fn check_delimiter(&self, problems: &mut Problems) -> u8 {
        match self.delimiter.as_bytes() {
            [one] if DELIMITERS.contains(one) => *one,
            _ => {
                problems.push(("delimiter", "Choose what separates the fields.".to_owned()));
                b','
            }
        }
    }

    fn check_columns(
        &self,
        findings: &Findings,
        problems: &mut Problems,
    ) -> BTreeMap<Field, Vec<String>> {
        let mut columns = BTreeMap::new();
        for (&field, headers) in &self.columns {
            let mut wanted = Vec::new();
            for header in headers.iter().filter(|header| !header.is_empty()) {
                if !findings.headers.contains(header) {
                    problems.push((
                        field.name(),
                        format!("There is no column \u{201c}{header}\u{201d} in this file."),
                    ));
                }
                if !wanted.contains(header) {
                    wanted.push(header.clone());
                }
            }
            if !wanted.is_empty() {
                columns.insert(field, wanted);
            }
        }
        for (field, what) in [
            (Field::Role, "the role"),
            (Field::Salary, "the salary"),
            (Field::OfferedOn, "the day of the offer"),
        ] {
            if !columns.contains_key(&field) && self.constant(field).is_empty() {
                problems.push((
                    field.name(),
                    format!("Choose the column of {what}, or write one value for all rows."),
                ));
            }
        }
        columns
    }

    fn constant(&self, field: Field) -> &str {
        self.constants.get(&field).map_or("", |text| text.trim())
    }

    fn check_constants(
        &self,
        date_format: &str,
        problems: &mut Problems,
    ) -> BTreeMap<Field, String> {
        let mut constants = BTreeMap::new();
        for &field in self.constants.keys() {
            let typed = self.constant(field);
            if typed.is_empty() {
                continue;
            }
            match canonical(field, typed) {
                Ok(value) => {
                    constants.insert(field, value);
                }
                Err(sentence) => problems.push((field.name(), sentence)),
            }
        }
        if let Some(text) = constants.get(&Field::OfferedOn) {
            let items: Vec<_> = chrono::format::StrftimeItems::new(date_format).collect();
            if day(text, &items).is_none() {
                problems.push((
                    Field::OfferedOn.name(),
                    format!("\u{201c}{text}\u{201d} is no date of the form {date_format}."),
                ));
            }
        }
        constants
    }

    fn check_currency(&self, problems: &mut Problems) -> String {
        match canonical(Field::Currency, self.currency.trim()) {
            Ok(currency) => currency,
            Err(sentence) => {
                problems.push(("default_currency", sentence));
                String::new()
            }
        }
    }

    fn check_rates(&self, problems: &mut Problems) -> BTreeMap<String, Decimal> {
        let mut rates = BTreeMap::new();
        for line in self.rates.lines().map(str::trim) {
            if line.is_empty() {
                continue;
            }
            let mut words = line.split(|letter: char| letter.is_whitespace() || letter == '=');
            let currency = words.next().unwrap_or_default();
            let rate = words.rfind(|word| !word.is_empty()).and_then(decimal);
            let rate = rate.filter(|rate| rate.is_sign_positive() && !rate.is_zero());
            match (canonical(Field::Currency, currency), rate) {
                (Ok(currency), Some(rate)) if currency != "USD" || rate == Decimal::ONE => {
                    rates.insert(currency, rate);
                }
                _ => problems.push((
                    "rates",
                    format!(
                        "\u{201c}{line}\u{201d} is no rate; write a currency and its US dollars on each line, such as \
                         \u{201c}EUR 1.08\u{201d}."
                    ),
                )),
            }
        }
        rates
    }

    fn check_date_format(&self, findings: &Findings, problems: &mut Problems) -> String {
        let format = self.date_format.trim();
        let items: Vec<_> = chrono::format::StrftimeItems::new(format).collect();
        let is_broken = items
            .iter()
            .any(|item| matches!(item, chrono::format::Item::Error));
        if format.is_empty() || is_broken {
            problems.push((
                "date_format",
                format!(
                    "\u{201c}{format}\u{201d} is no form of dates; use codes such as %Y-%m-%d or %d.%m.%Y."
                ),
            ));
            return "%Y-%m-%d".to_owned();
        }
        let headers = self.columns.get(&Field::OfferedOn).into_iter().flatten();
        let samples: Vec<&String> = headers
            .filter_map(|header| findings.column(header))
            .flat_map(|column| &column.samples)
            .collect();
        if let Some(first) = samples.first()
            && samples.iter().all(|cell| day(cell, &items).is_none())
        {
            problems.push((
                "date_format",
                format!("No date of the file has this form; the first is \u{201c}{first}\u{201d}."),
            ));
        }
        format.to_owned()
    }

    fn check_values(&self, problems: &mut Problems) -> BTreeMap<Field, BTreeMap<String, String>> {
        let mut tables = BTreeMap::new();
        for field in self.mapped_fields() {
            let Some(typed) = self
                .values
                .get(&field)
                .filter(|_| !self.as_is.contains(&field))
            else {
                continue;
            };
            let mut table = BTreeMap::new();
            for (raw, meant) in typed {
                let meant = meant.trim();
                if meant.is_empty() {
                    continue;
                }
                match canonical(field, meant) {
                    Ok(value) => {
                        table.insert(raw.clone(), value);
                    }
                    Err(sentence) => {
                        problems.push((field.name(), format!("\u{201c}{raw}\u{201d}: {sentence}")));
                    }
                }
            }
            if table.is_empty() && field == Field::Role {
                problems.push((
                    field.name(),
                    "Give at least one value a role, or every row is skipped.".to_owned(),
                ));
            }
            tables.insert(field, table);
        }
        tables
    }
}

/// What was typed for a field as the canonical form writes it.
///
/// # Errors
/// A sentence that says what would be right.
fn canonical(field: Field, typed: &str) -> Result<String, String> {
    fn word<T: FromStr<Err: std::fmt::Display> + std::fmt::Display>(
        typed: &str,
    ) -> Result<String, String> {
        typed
            .parse::<T>()
            .map(|word| word.to_string())
            .map_err(|error| format!("\u{201c}{typed}\u{201d} is {error}."))
    }
    let lower = typed.to_lowercase();
    match field {
        Field::Seniority => word::<Seniority>(&lower),
        Field::English => word::<English>(&lower),
        Field::Status => word::<OfferStatus>(&lower),
        Field::Country => word::<Country>(&typed.to_uppercase()),
        Field::Period => match lower.parse::<Period>() {
            Ok(period) => Ok(period.as_str().to_owned()),
            Err(()) => Err(format!(
                "\u{201c}{typed}\u{201d} is not a period: expected month, year."
            )),
        },
        Field::Currency => {
            let code = typed.to_uppercase();
            let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
            if is_code {
                Ok(code)
            } else {
                Err(format!(
                    "\u{201c}{typed}\u{201d} is no currency; write its three letters, such as USD."
                ))
            }
        }
        Field::Role => match Slug::from_text(typed) {
            Some(_) => Ok(typed.to_owned()),
            None => Err(format!(
                "No address can be made of \u{201c}{typed}\u{201d}; write the role in Latin letters."
            )),
        },
        Field::Technologies => {
            let mut parts = typed.split(';').map(str::trim);
            match parts.find(|part| !part.is_empty() && Slug::from_text(part).is_none()) {
                None => Ok(typed.to_owned()),
                Some(part) => Err(format!(
                    "No address can be made of \u{201c}{part}\u{201d}; write the technology in Latin letters."
                )),
            }
        }
        Field::Salary => match decimal(typed) {
            Some(_) => Ok(typed.to_owned()),
            None => Err(format!(
                "\u{201c}{typed}\u{201d} is no amount; write it as 4500 or 4500.50."
            )),
        },
        Field::ExperienceYears => match decimal(typed) {
            Some(years) if years >= Decimal::ZERO && years <= Decimal::ONE_HUNDRED => {
                Ok(typed.to_owned())
            }
            _ => Err(format!(
                "\u{201c}{typed}\u{201d} is no number of years from 0 to 100."
            )),
        },
        Field::Candidate | Field::Offer | Field::OfferedOn => Ok(typed.to_owned()),
    }
}

/// Whether a field's values are best taken as they are: technologies with any name, all else where each is canonical.
fn takes_as_is(field: Field, raw: &[(String, u64)], known: &Known) -> bool {
    match field {
        Field::Technologies => raw
            .iter()
            .take(MAPPED_VALUES)
            .all(|(raw, _)| Slug::from_text(raw).is_some()),
        Field::Role => {
            let is_known = |raw: &str| known.roles.iter().any(|(slug, _)| slug.as_str() == raw);
            raw.iter()
                .all(|(raw, _)| is_known(raw) || raw.parse::<Slug>().is_ok())
        }
        // The importer takes them in capitals and small letters.
        Field::Currency => raw.iter().all(|(raw, _)| canonical(field, raw).is_ok()),
        field => raw
            .iter()
            .all(|(raw, _)| canonical(field, raw).is_ok_and(|value| value == *raw)),
    }
}

/// Whether amounts are a month's or a year's, by their size.
fn probable_period(samples: &[String]) -> Period {
    let mut amounts: Vec<Decimal> = samples.iter().filter_map(|cell| decimal(cell)).collect();
    amounts.sort();
    match amounts.get(amounts.len() / 2) {
        Some(median) if *median > PROBABLY_YEARLY.into() => Period::Year,
        _ => Period::Month,
    }
}

/// A readable name made of a file's: `survey_2024.csv` becomes `Survey 2024`.
fn name_of_file(file_name: &str) -> String {
    let stem = file_name
        .rsplit_once('.')
        .map_or(file_name, |(stem, _)| stem);
    let spaced = stem.replace(['_', '-'], " ");
    let spaced = spaced.trim();
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn table(text: &str) -> Findings {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        super::super::inspect::inspect(file.path()).unwrap()
    }

    const TEXT: &str = "Job;Pay (EUR a year);Day;Level;Skills\n\
        Backend Engineer;60000;31/12/2023;Sr;Django; \n\
        Baker;60000;30/12/2023;Boss;Dough\n";

    fn guessed() -> (Mapping, Findings) {
        let findings = table(&TEXT.replace("Django; ", "\"Django; Python\""));
        let mut mapping = Mapping::guess(&findings, &Known::default(), "our_survey.csv");
        mapping.columns.insert(Field::Role, vec!["Job".to_owned()]);
        mapping
            .columns
            .insert(Field::OfferedOn, vec!["Day".to_owned()]);
        mapping.new_source.pay = "net".to_owned();
        mapping.rates = "eur = 1.1\n".to_owned();
        mapping.guess_values(&findings, &Known::default());
        (mapping, findings)
    }

    #[test]
    fn a_guess_becomes_a_profile() {
        let (mut mapping, findings) = guessed();
        mapping.date_format = "%d/%m/%Y".to_owned();
        let profile = mapping.check(&findings, &[]).unwrap();
        let source = profile.source.unwrap();
        assert_eq!(
            (source.slug.as_str(), source.name.as_str()),
            ("our-survey", "Our survey")
        );
        assert_eq!(profile.currency, "EUR");
        assert_eq!(profile.period, Period::Year);
        assert_eq!(profile.delimiter, b';');
        assert_eq!(
            profile.values[&Field::Role],
            BTreeMap::from([("Backend Engineer".to_owned(), "back-end-web".to_owned())])
        );
        assert_eq!(
            profile.values[&Field::Seniority],
            BTreeMap::from([("Sr".to_owned(), "senior".to_owned())])
        );
        assert!(!profile.values.contains_key(&Field::Technologies));
    }

    #[test]
    fn a_profile_becomes_the_mapping_that_it_came_from() {
        let (mut mapping, findings) = guessed();
        mapping.date_format = "%d/%m/%Y".to_owned();
        mapping.constants.insert(Field::Country, "ua".to_owned());
        let profile = mapping.check(&findings, &[]).unwrap();
        let again = Mapping::of_profile(&profile, &[]);
        let same = again.check(&findings, &[]).unwrap();
        assert_eq!(format!("{profile:?}"), format!("{same:?}"));
    }

    #[test]
    fn each_problem_stands_at_its_field() {
        let (mut mapping, findings) = guessed();
        mapping.date_format = "%m-%d".to_owned();
        mapping.columns.remove(&Field::Salary);
        mapping
            .columns
            .insert(Field::English, vec!["Gone".to_owned()]);
        mapping
            .constants
            .insert(Field::Country, "Ukraine".to_owned());
        mapping.currency = "euro".to_owned();
        mapping.rates = "EUR one".to_owned();
        mapping.new_source = NewSource {
            name: "Опитування".to_owned(),
            url: "javascript:x".to_owned(),
            ..NewSource::default()
        };
        let roles = mapping.values.get_mut(&Field::Role).unwrap();
        roles.insert("Baker".to_owned(), "пекар".to_owned());
        let problems = mapping.check(&findings, &[]).unwrap_err();
        let at: BTreeSet<&str> = problems.iter().map(|(field, _)| *field).collect();
        assert_eq!(
            at,
            BTreeSet::from([
                "country",
                "date_format",
                "default_currency",
                "english",
                "rates",
                "role",
                "salary",
                "source_pay",
                "source_slug",
                "source_url"
            ])
        );
        for (_, sentence) in problems {
            assert!(sentence.ends_with('.'), "{sentence}");
        }
    }

    #[test]
    fn a_missing_rate_is_asked_for() {
        let (mut mapping, findings) = guessed();
        mapping.date_format = "%d/%m/%Y".to_owned();
        mapping.rates = String::new();
        let problems = mapping.check(&findings, &[]).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].1.contains("one EUR"), "{problems:?}");
    }
}
