//! Guesses: which column holds which field, and which canonical value a raw one means. Only proposals, which an editor sees
//! and changes; so a guess that is missing is better than a wrong one.

mod words;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::inspect::{Column, Findings};
use super::profile::{Field, Period};
use super::row::{day, decimal};
use crate::market::{Country, English, OfferStatus, PayBasis, Seniority};
use crate::slug::Slug;
use words::{
    COUNTRIES, CURRENCIES, ENGLISH, HEADERS, PERIODS, ROLES, SENIORITIES, STATUSES, TECHNOLOGIES,
};

/// Names that the site knows, by which roles and technologies are recognised.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Slugs and names of roles.
    pub roles: Vec<(Slug, String)>,
    /// Slugs and names of technologies.
    pub technologies: Vec<(Slug, String)>,
}

/// How sure a guess must be, from 0 to 1, before it is made.
const SURE_ENOUGH: f64 = 0.5;

/// Likeness, from 0 to 1, from which one name stands for another.
const ALIKE: f64 = 0.92;

/// The headers from which each field is probably read, the likeliest first; roles may be spread over two.
#[must_use]
pub fn columns(findings: &Findings, known: &Known) -> BTreeMap<Field, Vec<String>> {
    let mut scored: Vec<(f64, Field, usize)> = Vec::new();
    for (place, (header, column)) in findings.headers.iter().zip(&findings.columns).enumerate() {
        let is_first = findings.headers.iter().position(|other| other == header) == Some(place);
        if header.is_empty() || !is_first {
            continue;
        }
        for &(field, exact, parts) in HEADERS {
            let score = score(field, header, column, exact, parts, known);
            if score >= SURE_ENOUGH {
                scored.push((score, field, place));
            }
        }
    }
    scored.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    let mut columns = BTreeMap::<Field, Vec<String>>::new();
    let mut taken = Vec::new();
    for (_, field, place) in scored {
        let most = if field == Field::Role { 2 } else { 1 };
        let so_far = columns.get(&field).map_or(0, Vec::len);
        if taken.contains(&place) || so_far >= most {
            continue;
        }
        if let Some(header) = findings.headers.get(place) {
            taken.push(place);
            columns.entry(field).or_default().push(header.clone());
        }
    }
    columns
}

fn score(
    field: Field,
    header: &str,
    column: &Column,
    exact: &[&str],
    parts: &[&str],
    known: &Known,
) -> f64 {
    let header = header.to_lowercase();
    let name = if header == field.name() {
        1.0
    } else if exact.contains(&header.as_str()) {
        0.9
    } else if parts.iter().any(|part| header.contains(part)) {
        0.6
    } else {
        0.0
    };
    if column.filled == 0 {
        // Nothing speaks against it.
        return if name >= 0.9 { SURE_ENOUGH } else { 0.0 };
    }
    let content = content(field, column, known);
    let both = 0.6 * name + 0.4 * content;
    match field {
        // Keys look like anything.
        Field::Candidate | Field::Offer if name >= 0.9 => name,
        // Numbers alone say nothing: a name is needed as well.
        Field::Salary | Field::ExperienceYears if name > 0.0 && content > 0.5 => both,
        Field::OfferedOn if content > 0.6 => 0.4 * name + 0.6 * content,
        Field::Candidate
        | Field::Offer
        | Field::Salary
        | Field::ExperienceYears
        | Field::OfferedOn => 0.0,
        Field::Role if name == 0.0 => 0.7 * content,
        Field::Role | Field::Technologies => both,
        _ if content > 0.3 => 0.4 * name + 0.6 * content,
        _ if name >= 0.9 => SURE_ENOUGH,
        _ => 0.0,
    }
}

/// Which part of a column's cells can be values of a field, from 0 to 1.
fn content(field: Field, column: &Column, known: &Known) -> f64 {
    match field {
        Field::Candidate | Field::Offer => 0.0,
        Field::Salary => share(column.samples.iter(), |cell| {
            decimal(cell).is_some_and(|amount| amount >= 100.into() && amount < 10_000_000.into())
        }),
        Field::ExperienceYears => share(column.samples.iter(), |cell| {
            decimal(cell).is_some_and(|years| years >= 0.into() && years <= 60.into())
        }),
        Field::OfferedOn => {
            let guess = date_format(&column.samples);
            guess.map_or(0.0, |guess| guess.fits)
        }
        field => {
            let values = if field == Field::Technologies && !column.parts.is_empty() {
                &column.parts
            } else {
                &column.values
            };
            let (mut known_rows, mut rows) = (0, column.others);
            for (raw, count) in values {
                rows += count;
                if value(field, raw, known).is_some() {
                    known_rows += count;
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
            let share = known_rows as f64 / rows.max(1) as f64;
            share
        }
    }
}

fn share<'a>(cells: impl Iterator<Item = &'a String>, fits: impl Fn(&str) -> bool) -> f64 {
    let (mut fitting, mut all) = (0.0, 0.0);
    for cell in cells {
        all += 1.0;
        if fits(cell) {
            fitting += 1.0;
        }
    }
    if all > 0.0 { fitting / all } else { 0.0 }
}

/// A format of dates.
#[derive(Clone, Debug, PartialEq)]
pub struct DateGuess {
    /// As in `strftime`.
    pub format: &'static str,
    /// Which part of the cells it fits, from 0 to 1.
    pub fits: f64,
    /// Another order of day and month, which fits as well.
    pub or: Option<&'static str>,
}

/// Formats of dates, the likeliest first.
pub const DATE_FORMATS: &[&str] = &[
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%Y-%m",
    "%m/%Y",
    "%m.%Y",
    "%Y",
];

/// The format that fits most of the cells, where any does.
#[must_use]
pub fn date_format(cells: &[String]) -> Option<DateGuess> {
    let fits = |format: &str| {
        let items: Vec<_> = chrono::format::StrftimeItems::new(format).collect();
        share(cells.iter(), |cell| {
            let earliest = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default();
            let latest = NaiveDate::from_ymd_opt(2100, 1, 1).unwrap_or_default();
            day(cell, &items).is_some_and(|day| day >= earliest && day < latest)
        })
    };
    let mut best: Option<(f64, &'static str)> = None;
    for format in DATE_FORMATS {
        let share = fits(format);
        if share > best.map_or(0.0, |(share, _)| share) {
            best = Some((share, format));
        }
    }
    let (share, format) = best?;
    let swapped = format
        .replace("%d", "%?")
        .replace("%m", "%d")
        .replace("%?", "%m");
    let swapped = DATE_FORMATS
        .iter()
        .find(|other| **other == swapped && swapped != format);
    Some(DateGuess {
        format,
        fits: share,
        or: swapped.copied().filter(|other| fits(other) >= share),
    })
}

/// The canonical value that a raw one means.
#[must_use]
pub fn value(field: Field, raw: &str, known: &Known) -> Option<String> {
    let text = raw.trim().to_lowercase();
    let word = |words: &[(&str, &[&str])]| {
        let found = words.iter().find(|(_, raw)| raw.contains(&text.as_str()));
        found.map(|(word, _)| (*word).to_owned())
    };
    match field {
        Field::Seniority => canonical::<Seniority>(&text).or_else(|| word(SENIORITIES)),
        Field::English => canonical::<English>(&text)
            .or_else(|| word(ENGLISH))
            .or_else(|| english_level(&text)),
        Field::Status => canonical::<OfferStatus>(&text).or_else(|| word(STATUSES)),
        Field::Period => canonical::<Period>(&text).or_else(|| word(PERIODS)),
        Field::Currency => currency(&text),
        Field::Country => country(raw.trim()),
        Field::Role => role(&text, known),
        Field::Technologies => named(&text, &known.technologies).or_else(|| word(TECHNOLOGIES)),
        _ => None,
    }
}

fn canonical<T: std::str::FromStr>(text: &str) -> Option<String> {
    text.parse::<T>().ok().map(|_| text.to_owned())
}

/// A level that stands within more words: `B2 (Upper-Intermediate)`.
fn english_level(text: &str) -> Option<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let levels: Vec<English> = words.filter_map(|word| word.parse().ok()).collect();
    match levels.as_slice() {
        [one] if *one != English::None => Some(one.to_string()),
        _ => None,
    }
}

fn currency(text: &str) -> Option<String> {
    let known = CURRENCIES.iter().find(|(_, raw)| raw.contains(&text));
    if let Some((code, _)) = known {
        return Some((*code).to_owned());
    }
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    is_code.then(|| text.to_uppercase())
}

fn country(raw: &str) -> Option<String> {
    let upper = raw.to_uppercase();
    if let Ok(country) = upper.parse::<Country>() {
        return Some(country.as_str().to_owned());
    }
    if let Some(country) = rust_iso3166::from_alpha3(&upper) {
        return Some(country.alpha2.to_owned());
    }
    let text = raw.to_lowercase();
    if let Some((code, _)) = COUNTRIES
        .iter()
        .find(|(_, raw)| raw.contains(&text.as_str()))
    {
        return Some((*code).to_owned());
    }
    let found = rust_iso3166::ALL.iter().find(|country| {
        let is_called = country.name.to_lowercase() == text;
        let label = country.alpha2.parse::<Country>().ok().map(Country::label);
        is_called || label.is_some_and(|label| label.to_lowercase() == text)
    });
    found.map(|country| country.alpha2.to_owned())
}

fn role(text: &str, known: &Known) -> Option<String> {
    named(text, &known.roles).or_else(|| {
        let found = ROLES
            .iter()
            .find(|(_, parts)| parts.iter().any(|part| text.contains(part)));
        found.map(|(slug, _)| (*slug).to_owned())
    })
}

/// The name that a text is, or is very much like.
fn named(text: &str, known: &[(Slug, String)]) -> Option<String> {
    let slug = Slug::from_text(text)?;
    if known.iter().any(|(known, _)| *known == slug) {
        return Some(slug.to_string());
    }
    let likeness = |name: &str| strsim::normalized_damerau_levenshtein(text, &name.to_lowercase());
    let mut alike: Vec<(f64, &Slug)> = known
        .iter()
        .map(|(slug, name)| (likeness(name), slug))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    alike.first().map(|(_, slug)| slug.to_string())
}

/// The period that a header of amounts tells of.
#[must_use]
pub fn period_of_header(header: &str) -> Option<Period> {
    let header = header.to_lowercase();
    let tells = |words: &[&str]| words.iter().any(|word| header.contains(word));
    if tells(&["month", "місяц", "месяц"]) {
        Some(Period::Month)
    } else if tells(&["year", "annual", "рік", "год"]) {
        Some(Period::Year)
    } else {
        None
    }
}

/// The currency that a header of amounts tells of.
#[must_use]
pub fn currency_of_header(header: &str) -> Option<String> {
    let header = header.to_lowercase();
    let words = header.split(|letter: char| letter.is_whitespace() || ",()_/".contains(letter));
    let mut named = words.filter_map(|word| {
        let known = CURRENCIES.iter().find(|(_, raw)| raw.contains(&word));
        known.map(|(code, _)| (*code).to_owned())
    });
    let sign = |sign: char| header.contains(sign);
    named.next_back().or_else(|| match () {
        () if sign('$') => Some("USD".to_owned()),
        () if sign('€') => Some("EUR".to_owned()),
        () if sign('£') => Some("GBP".to_owned()),
        () if sign('₴') => Some("UAH".to_owned()),
        () => None,
    })
}

/// Whether a header of amounts tells of pay before or after taxes.
#[must_use]
pub fn pay_of_header(header: &str) -> Option<PayBasis> {
    let header = header.to_lowercase();
    let has_word = |word: &str| {
        let mut words = header.split(|letter: char| !letter.is_alphanumeric());
        words.any(|own| own == word)
    };
    let tells = |parts: &[&str]| parts.iter().any(|part| header.contains(part));
    if has_word("net")
        || tells(&[
            "after tax",
            "чист",
            "на руки",
            "після сплати",
            "после уплаты",
        ])
    {
        Some(PayBasis::Net)
    } else if has_word("gross")
        || tells(&["before tax", "до сплати", "до вычета", "до оподаткування"])
    {
        Some(PayBasis::Gross)
    } else {
        None
    }
}

/// Whether a first row looks like a row of data rather than like a header.
#[must_use]
pub fn is_headerless(findings: &Findings) -> bool {
    let headers = &findings.headers;
    let is_data = |cell: &String| {
        decimal(cell).is_some() || date_format(std::slice::from_ref(cell)).is_some()
    };
    !headers.is_empty() && headers.iter().any(is_data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let pair = |slug: &str, name: &str| (slug.parse().unwrap(), name.to_owned());
        Known {
            roles: vec![
                pair("back-end-web", "Back-End Web"),
                pair("platypus-care", "Platypus Care"),
            ],
            technologies: vec![pair("django", "Django"), pair("cpp", "C++")],
        }
    }

    fn meant(field: Field, raw: &str) -> Option<String> {
        value(field, raw, &known())
    }

    #[test]
    fn values_are_recognised_in_three_languages() {
        for (field, raw, expected) in [
            (Field::Seniority, "Senior", "senior"),
            (Field::Seniority, "SE", "senior"),
            (Field::Seniority, "Intern/Trainee", "junior"),
            (Field::Seniority, "Tech Lead", "expert"),
            (Field::English, "Upper-Intermediate", "b2"),
            (Field::English, "B2 (Upper-Intermediate)", "b2"),
            (Field::English, "Не знаю взагалі", "none"),
            (Field::Country, "ua", "UA"),
            (Field::Country, "UKR", "UA"),
            (Field::Country, "Ukraine", "UA"),
            (Field::Country, "Україна", "UA"),
            (Field::Country, "United States", "US"),
            (Field::Country, "Poland", "PL"),
            (Field::Status, "Accepted", "accepted"),
            (Field::Currency, "€", "EUR"),
            (Field::Currency, "chf", "CHF"),
            (Field::Period, "Per year", "year"),
            (Field::Role, "Back-End Web", "back-end-web"),
            (Field::Role, "Back-end розробка", "back-end-web"),
            (Field::Role, "Platypus care", "platypus-care"),
            (Field::Role, "Platypuss Care", "platypus-care"),
            (Field::Role, "General QA", "manual-qa"),
            (Field::Technologies, "C++", "cpp"),
            (Field::Technologies, "C# / .NET", "dotnet"),
        ] {
            assert_eq!(meant(field, raw).as_deref(), Some(expected), "{raw}");
        }
        for (field, raw) in [
            (Field::Seniority, "Kanzler"),
            (Field::English, "A1 or B1"),
            (Field::Country, "Atlantis"),
            (Field::Role, "Baker"),
            (Field::Technologies, "Brainfuck"),
            (Field::Salary, "5000"),
        ] {
            assert_eq!(meant(field, raw), None, "{raw}");
        }
    }

    #[test]
    fn dates_are_told_and_doubts_are_said() {
        let guess = |cells: &[&str]| {
            let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
            date_format(&cells)
        };
        let sure = |cells: &[&str]| guess(cells).map(|guess| (guess.format, guess.or));
        assert_eq!(
            sure(&["2024-11-22 11:03:12"]),
            Some(("%Y-%m-%d %H:%M:%S", None))
        );
        assert_eq!(sure(&["2024", "2020"]), Some(("%Y", None)));
        assert_eq!(sure(&["31.12.2023"]), Some(("%d.%m.%Y", None)));
        assert_eq!(
            sure(&["01/02/2024", "13/02/2024"]),
            Some(("%d/%m/%Y", None))
        );
        assert_eq!(
            sure(&["01/02/2024", "02/13/2024"]),
            Some(("%m/%d/%Y", None))
        );
        assert_eq!(sure(&["01/02/2024"]), Some(("%d/%m/%Y", Some("%m/%d/%Y"))));
        assert_eq!(sure(&["yesterday"]), None);
        assert_eq!(sure(&[]), None);
        let half = guess(&["2024-01-01", "soon"]).unwrap();
        assert!((half.fits - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn headers_tell_currency_and_period() {
        assert_eq!(period_of_header("Зарплата за місяць"), Some(Period::Month));
        assert_eq!(period_of_header("Annual pay"), Some(Period::Year));
        assert_eq!(period_of_header("pay"), None);
        assert_eq!(currency_of_header("salary_in_usd").as_deref(), Some("USD"));
        assert_eq!(currency_of_header("Зарплата у $$$").as_deref(), Some("USD"));
        assert_eq!(currency_of_header("Pay, EUR").as_deref(), Some("EUR"));
        assert_eq!(currency_of_header("Pay"), None);
        assert_eq!(
            pay_of_header("лише ставка ЧИСТИМИ - після сплати податків"),
            Some(PayBasis::Net)
        );
        assert_eq!(pay_of_header("Net pay"), Some(PayBasis::Net));
        assert_eq!(pay_of_header("salary (gross)"), Some(PayBasis::Gross));
        assert_eq!(pay_of_header("internet allowance"), None);
    }

    fn table(text: &str) -> Findings {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        super::super::inspect::inspect(file.path()).unwrap()
    }

    #[test]
    fn columns_are_guessed_by_name_and_content() {
        let found = table(
            "Посада;Зарплата, $;Дата;Рівень;Країна;Коментар\n\
             Back-end розробник;4500;01.12.2024;Senior;Україна;ok\n\
             DevOps;5500;24.12.2024;Middle;Poland;\n",
        );
        let columns = columns(&found, &known());
        let first = |field: Field| columns.get(&field).map(|headers| headers[0].as_str());
        assert_eq!(first(Field::Role), Some("Посада"));
        assert_eq!(first(Field::Salary), Some("Зарплата, $"));
        assert_eq!(first(Field::OfferedOn), Some("Дата"));
        assert_eq!(first(Field::Seniority), Some("Рівень"));
        assert_eq!(first(Field::Country), Some("Країна"));
        assert_eq!(columns.len(), 5);
    }

    #[test]
    fn the_canonical_form_is_recognised_whole() {
        let header = Field::ALL
            .iter()
            .map(|field| field.name())
            .collect::<Vec<_>>();
        let found = table(&format!(
            "{}\nc1,back-end-web,django,senior,3.5,UA,b2,4500,USD,month,2024-05-01,open,o1\n",
            header.join(",")
        ));
        let columns = columns(&found, &known());
        for field in Field::ALL {
            assert_eq!(columns[field], [field.name()], "{columns:?}");
        }
        assert!(!is_headerless(&found));
        assert!(is_headerless(&table(
            "devops,4500,2024-01-01\ndevops,1,2024-01-02\n"
        )));
    }
}
