//! Import profiles: how a CSV file that is not in the canonical form is read.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use encoding_rs::Encoding;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::normalized;
use crate::market::{Country, English, OfferStatus, PayBasis, Seniority, names};
use crate::slug::Slug;

/// Declares the fields of the canonical form, in its order.
macro_rules! fields {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A field of the canonical form.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "each is described by the contract under its own name")]
        pub enum Field {
            $($variant),+
        }

        impl Field {
            /// Every field, in the order of the canonical form.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The field's name: the canonical column header.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }
    };
}

fields! {
    Candidate = "candidate",
    Role = "role",
    Technologies = "technologies",
    Seniority = "seniority",
    ExperienceYears = "experience_years",
    Country = "country",
    English = "english",
    Salary = "salary",
    Currency = "currency",
    Period = "period",
    OfferedOn = "offered_on",
    Status = "status",
    Offer = "offer",
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}

/// The time that an amount of pay is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// A month.
    #[default]
    Month,
    /// A year: divided by 12.
    Year,
}

impl Period {
    /// The word in profiles and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

impl FromStr for Period {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "month" => Ok(Self::Month),
            "year" => Ok(Self::Year),
            _ => Err(()),
        }
    }
}

/// The source that a file's rows belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceProfile {
    /// Name in addresses.
    pub slug: Slug,
    /// Readable name.
    pub name: String,
    /// Where a reader finds the original.
    pub url: Option<String>,
    /// Under which terms the rows are used.
    pub licence: Option<String>,
    /// Before or after taxes; `None` says nothing, and gross is assumed of a new source.
    pub pay: Option<PayBasis>,
}

impl SourceProfile {
    /// A source of which nothing but its slug is known.
    #[must_use]
    pub fn named(slug: Slug) -> Self {
        Self {
            name: names::capitalised(&slug),
            slug,
            url: None,
            licence: None,
            pay: None,
        }
    }
}

/// How to read a file.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Whose rows they are; `None` in the canonical form.
    pub source: Option<SourceProfile>,
    /// The file's encoding.
    pub encoding: &'static Encoding,
    /// The character between the fields of a row.
    pub delimiter: u8,
    /// Headers for each field, normalized; the first that gives a value wins.
    pub columns: BTreeMap<Field, Vec<String>>,
    /// Values of fields that no column gives.
    pub constants: BTreeMap<Field, String>,
    /// Currency of amounts whose row names none.
    pub currency: String,
    /// Period of amounts whose row names none.
    pub period: Period,
    /// US dollars for one unit of another currency.
    pub rates: BTreeMap<String, Decimal>,
    /// Format of dates, as in `strftime`.
    pub date_format: String,
    /// For some fields, the canonical value of each raw value, normalized; others count as absent.
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
}

impl Profile {
    /// The canonical form: UTF-8, commas, every header a field's name; only the fields that the file has.
    #[must_use]
    pub fn canonical() -> Self {
        Self {
            source: None,
            encoding: encoding_rs::UTF_8,
            delimiter: b',',
            columns: Field::ALL
                .iter()
                .map(|field| (*field, vec![field.name().to_owned()]))
                .collect(),
            constants: BTreeMap::new(),
            currency: "USD".to_owned(),
            period: Period::Month,
            rates: BTreeMap::new(),
            date_format: "%Y-%m-%d".to_owned(),
            values: BTreeMap::new(),
        }
    }
}

impl Profile {
    /// The profile as a file; `None` of the canonical form, which needs none.
    #[must_use]
    pub fn to_toml(&self) -> Option<String> {
        let source = self.source.as_ref()?;
        let by_name = |field: &Field| field.name().to_owned();
        let written = Written {
            source: WrittenSource {
                slug: source.slug.to_string(),
                name: Some(source.name.clone()),
                url: source.url.clone(),
                licence: source.licence.clone(),
                pay: source.pay.unwrap_or(PayBasis::Gross).to_string(),
            },
            file: WrittenFile {
                encoding: Some(self.encoding.name().to_lowercase()),
                delimiter: Some(char::from(self.delimiter).to_string()),
            },
            columns: self
                .columns
                .iter()
                .map(|(field, headers)| {
                    let headers = match headers.as_slice() {
                        [one] => OneOrMany::One(one.clone()),
                        many => OneOrMany::Many(many.to_vec()),
                    };
                    (by_name(field), headers)
                })
                .collect(),
            constants: self
                .constants
                .iter()
                .map(|(field, value)| (by_name(field), Scalar::Text(value.clone())))
                .collect(),
            salary: WrittenSalary {
                currency: Some(self.currency.clone()),
                period: self.period,
            },
            rates: self
                .rates
                .iter()
                .map(|(currency, rate)| (currency.clone(), Scalar::Text(rate.to_string())))
                .collect(),
            date: WrittenDate {
                format: Some(self.date_format.clone()),
            },
            values: self
                .values
                .iter()
                .map(|(field, values)| {
                    let values = values.iter();
                    let values =
                        values.map(|(raw, value)| (raw.clone(), Scalar::Text(value.clone())));
                    (by_name(field), values.collect())
                })
                .collect(),
        };
        // Text and tables always have a TOML form.
        toml::to_string(&written).ok()
    }
}

/// A profile cannot be used; one sentence, with line and column where they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError(String);

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProfileError {}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    source: WrittenSource,
    #[serde(default)]
    file: WrittenFile,
    columns: BTreeMap<String, OneOrMany>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    constants: BTreeMap<String, Scalar>,
    #[serde(default)]
    salary: WrittenSalary,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    rates: BTreeMap<String, Scalar>,
    #[serde(default)]
    date: WrittenDate,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<String, BTreeMap<String, Scalar>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSource {
    slug: String,
    name: Option<String>,
    url: Option<String>,
    licence: Option<String>,
    pay: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    encoding: Option<String>,
    delimiter: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSalary {
    currency: Option<String>,
    #[serde(default)]
    period: Period,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDate {
    format: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// A value that is text in the end, however it is written.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Integer(i64),
    Float(f64),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
        }
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let written: Written = toml::from_str(text).map_err(|error| located(text, &error))?;
        let columns: BTreeMap<Field, Vec<String>> =
            by_field("columns", written.columns, |headers| match headers {
                OneOrMany::One(header) => vec![normalized(&header).into_owned()],
                OneOrMany::Many(headers) => headers
                    .iter()
                    .map(|header| normalized(header).into_owned())
                    .collect(),
            })?;
        let constants = by_field("constants", written.constants, |value| value.to_string())?;
        if let Some((field, _)) = columns.iter().find(|(_, headers)| headers.is_empty()) {
            return Err(ProfileError(format!(
                "[columns] {} names no header",
                field.name()
            )));
        }
        check_words("constants", &constants)?;
        for needed in [Field::Role, Field::Salary, Field::OfferedOn] {
            if !columns.contains_key(&needed) && !constants.contains_key(&needed) {
                return Err(ProfileError(format!(
                    "[columns] names no header for {}, which every offer needs",
                    needed.name()
                )));
            }
        }
        Ok(Self {
            source: Some(written.source.check()?),
            encoding: encoding(written.file.encoding.as_deref())?,
            delimiter: delimiter(written.file.delimiter.as_deref())?,
            columns,
            constants,
            currency: written.salary.currency.map_or_else(
                || "USD".to_owned(),
                |currency| currency.trim().to_uppercase(),
            ),
            period: written.salary.period,
            rates: rates(&written.rates)?,
            date_format: date_format(written.date.format)?,
            values: checked_values(written.values)?,
        })
    }
}

/// Refuses a constant, or the result of a value, that its field does not know.
fn check_words(table: &str, words: &BTreeMap<Field, String>) -> Result<(), ProfileError> {
    for (field, word) in words {
        let known = match field {
            Field::Seniority => word
                .parse::<Seniority>()
                .err()
                .map(|error| error.to_string()),
            Field::English => word.parse::<English>().err().map(|error| error.to_string()),
            Field::Status => word
                .parse::<OfferStatus>()
                .err()
                .map(|error| error.to_string()),
            Field::Country => word.parse::<Country>().err().map(|error| error.to_string()),
            Field::Period => word
                .parse::<Period>()
                .err()
                .map(|()| "not a period: expected month, year".to_owned()),
            _ => None,
        };
        if let Some(problem) = known {
            return Err(ProfileError(format!(
                "[{table}] {} = \"{word}\" is {problem}",
                field.name()
            )));
        }
    }
    Ok(())
}

fn checked_values(
    written: BTreeMap<String, BTreeMap<String, Scalar>>,
) -> Result<BTreeMap<Field, BTreeMap<String, String>>, ProfileError> {
    let values: BTreeMap<Field, BTreeMap<String, String>> =
        by_field("values", written, |values| {
            let pairs = values.iter();
            pairs
                .map(|(raw, value)| (normalized(raw).into_owned(), value.to_string()))
                .collect()
        })?;
    for (field, values) in &values {
        for value in values.values() {
            check_words("values", &BTreeMap::from([(*field, value.clone())]))?;
        }
    }
    Ok(values)
}

impl WrittenSource {
    fn check(self) -> Result<SourceProfile, ProfileError> {
        let slug: Slug = self
            .slug
            .parse()
            .map_err(|error| ProfileError(format!("[source] slug \"{}\": {error}", self.slug)))?;
        let pay = self
            .pay
            .parse()
            .map_err(|error| ProfileError(format!("[source] pay \"{}\" is {error}", self.pay)))?;
        let url = self.url.filter(|url| !url.trim().is_empty());
        if let Some(url) = url
            .as_deref()
            .filter(|url| !url.starts_with("https://") && !url.starts_with("http://"))
        {
            return Err(ProfileError(format!(
                "[source] url \"{url}\" is no web address; begin it with https://"
            )));
        }
        let nameless = SourceProfile::named(slug);
        Ok(SourceProfile {
            name: self
                .name
                .filter(|name| !name.trim().is_empty())
                .unwrap_or(nameless.name),
            slug: nameless.slug,
            url,
            licence: self.licence.filter(|licence| !licence.trim().is_empty()),
            pay: Some(pay),
        })
    }
}

/// An error of the TOML reader with the line and column that it is about.
fn located(text: &str, error: &toml::de::Error) -> ProfileError {
    let message = error.message().trim().replace('\n', ", ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return ProfileError(message);
    };
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    ProfileError(format!("line {line}, column {column}: {message}"))
}

fn by_field<W, T>(
    table: &str,
    written: BTreeMap<String, W>,
    read: impl Fn(W) -> T,
) -> Result<BTreeMap<Field, T>, ProfileError> {
    let read = |(name, value): (String, W)| match Field::named(&name) {
        Some(field) => Ok((field, read(value))),
        None => Err(ProfileError(format!(
            "[{table}] has {name}, which is no field; the fields are {}",
            Field::ALL
                .iter()
                .map(|field| field.name())
                .collect::<Vec<_>>()
                .join(", ")
        ))),
    };
    written.into_iter().map(read).collect()
}

fn encoding(label: Option<&str>) -> Result<&'static Encoding, ProfileError> {
    let label = label.unwrap_or("utf-8");
    Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        ProfileError(format!(
            "[file] encoding \"{label}\" is unknown; use a label of the WHATWG Encoding Standard, such as \
             utf-8, windows-1251 or utf-16le"
        ))
    })
}

fn delimiter(written: Option<&str>) -> Result<u8, ProfileError> {
    match written.unwrap_or(",").as_bytes() {
        [one] if one.is_ascii() && !b"\"\r\n\0".contains(one) => Ok(*one),
        _ => Err(ProfileError(
            "[file] delimiter is one ASCII character such as \",\", \";\" or \"\\t\"".to_owned(),
        )),
    }
}

fn rates(written: &BTreeMap<String, Scalar>) -> Result<BTreeMap<String, Decimal>, ProfileError> {
    let read = |(currency, rate): (&String, &Scalar)| {
        rate.to_string()
            .parse::<Decimal>()
            .ok()
            .filter(|rate| rate.is_sign_positive() && !rate.is_zero())
            .filter(|rate| currency.trim().to_uppercase() != "USD" || *rate == Decimal::ONE)
            .map(|rate| (currency.trim().to_uppercase(), rate))
            .ok_or_else(|| {
                ProfileError(format!(
                    "[rates] {currency} = {rate} is no rate; give the US dollars for one {currency}, such as 1.08"
                ))
            })
    };
    written.iter().map(read).collect()
}

fn date_format(written: Option<String>) -> Result<String, ProfileError> {
    let format = written.unwrap_or_else(|| "%Y-%m-%d".to_owned());
    let mut items = chrono::format::StrftimeItems::new(&format);
    if items.any(|item| matches!(item, chrono::format::Item::Error)) {
        return Err(ProfileError(format!(
            "[date] format \"{format}\" is no date format; use codes such as %Y-%m-%d"
        )));
    }
    Ok(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        [source]
        slug = "survey"
        pay = "net"
        [columns]
        role = ["Main  role", "Other role"]
        salary = "Pay"
        offered_on = "Date"
        [rates]
        eur = 1.08
        [values.role]
        "Back  end" = "back-end-web"
    "#;

    fn refused(text: &str) -> String {
        text.parse::<Profile>().unwrap_err().to_string()
    }

    #[test]
    fn a_small_profile_has_defaults() {
        let profile: Profile = SMALL.parse().unwrap();
        let source = profile.source.unwrap();
        assert_eq!(source.name, "Survey");
        assert_eq!(source.pay, Some(PayBasis::Net));
        assert_eq!(profile.delimiter, b',');
        assert_eq!(profile.currency, "USD");
        assert_eq!(profile.period, Period::Month);
        assert_eq!(profile.columns[&Field::Role], ["Main role", "Other role"]);
        assert_eq!(profile.values[&Field::Role]["Back end"], "back-end-web");
        assert_eq!(profile.rates["EUR"], Decimal::new(108, 2));
    }

    #[test]
    fn a_profile_that_is_written_reads_back_as_itself() {
        let all = SMALL.replace(
            "[rates]",
            "[file]\nencoding = \"windows-1251\"\ndelimiter = \"\\t\"\n[constants]\ncountry = \"UA\"\n[salary]\n\
             currency = \"eur\"\nperiod = \"year\"\n[date]\nformat = \"%d.%m.%Y\"\n[rates]\nuah = \"0.0241\"",
        );
        for text in [SMALL, &all] {
            let profile: Profile = text.parse().unwrap();
            let again: Profile = profile.to_toml().unwrap().parse().unwrap();
            assert_eq!(format!("{profile:?}"), format!("{again:?}"));
        }
        assert_eq!(Profile::canonical().to_toml(), None);
    }

    #[test]
    fn a_profile_that_cannot_be_read_says_where() {
        assert_eq!(
            refused("[source]\nslug = \"a\"\npay = \n"),
            "line 3, column 7: string values must be quoted, expected literal string"
        );
        let error = refused(&SMALL.replace("offered_on = \"Date\"", "when = \"Date\""));
        assert!(
            error.starts_with("[columns] has when, which is no field"),
            "{error}"
        );
        let error = refused(&SMALL.replace("salary = \"Pay\"", ""));
        assert!(error.contains("no header for salary"), "{error}");
        assert!(refused(&SMALL.replace("net", "cash")).contains("not a pay basis"));
        assert!(refused(&SMALL.replace("1.08", "-1")).contains("no rate"));
        assert!(refused(&SMALL.replace("eur = 1.08", "usd = 2")).contains("no rate"));
        assert!(refused(&SMALL.replace("\"Pay\"", "[]")).contains("salary names no header"));
        let constant = |line: &str| refused(&format!("{SMALL}\n[constants]\n{line}"));
        assert!(constant("status = \"opn\"").contains("not a status"));
        assert!(constant("period = \"week\"").contains("not a period"));
        let boss = format!("{SMALL}\n[values.seniority]\n\"Boss\" = \"boss\"");
        assert!(refused(&boss).contains("not a seniority"));
        let script = SMALL.replace("pay =", "url = \"javascript:x\"\npay =");
        assert!(refused(&script).contains("no web address"));
        let with_file = |line: &str| refused(&format!("{SMALL}\n[file]\n{line}"));
        assert!(with_file("encoding = \"klingon\"").contains("klingon"));
        assert!(with_file("delimiter = \"ab\"").contains("one ASCII character"));
        assert!(refused(&format!("{SMALL}\n[date]\nformat = \"%Q\"")).contains("%Q"));
    }
}
