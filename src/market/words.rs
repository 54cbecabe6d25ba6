//! The closed vocabularies of the market: every value that a column, a filter or an import may name.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use foldhash::HashMap;

use crate::db::stored;
use crate::written::written;

/// The text is none of a vocabulary's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    /// The vocabulary's name with its article.
    pub vocabulary: &'static str,
    /// Its words.
    pub expected: String,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not {}: expected {}", self.vocabulary, self.expected)
    }
}

impl std::error::Error for UnknownWord {}

/// Declares a vocabulary: an enum whose words are text in the database, in addresses and in files,
/// each with a label for readers. The order of the words is the order in lists.
macro_rules! vocabulary {
    (
        $(#[$doc:meta])*
        $name:ident, $called:literal {
            $($(#[$word_doc:meta])* $variant:ident = $word:literal, $label:literal;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name {
            $($(#[$word_doc])* $variant,)+
        }

        impl $name {
            /// Every word, in the order of lists.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the database, in addresses and in files.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The word as a reader sees it.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::market::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::market::words::UnknownWord {
                        vocabulary: $called,
                        expected: [$($word),+].join(", "),
                    }),
                }
            }
        }

        $crate::written::written! {
            $name: |word, out| out.write_str(word.as_str());
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }

        $crate::db::stored! {
            $name as Text,
            write: |word| word.as_str() => str,
            read: |text: String| text.parse()?,
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// How far a candidate has come in a role.
    Seniority, "a seniority" {
        /// Learns the trade.
        Junior = "junior", "Junior";
        /// Works alone on known ground.
        Middle = "middle", "Middle";
        /// Designs, and leads others' work.
        Senior = "senior", "Senior";
        /// Sets the direction: staff, lead, principal.
        Expert = "expert", "Expert";
    }
}

vocabulary! {
    /// Command of English by the levels of the Common European Framework.
    English, "a level of English" {
        /// No English at all.
        None = "none", "None";
        /// Beginner.
        A1 = "a1", "A1 beginner";
        /// Elementary.
        A2 = "a2", "A2 elementary";
        /// Intermediate.
        B1 = "b1", "B1 intermediate";
        /// Upper intermediate.
        B2 = "b2", "B2 upper intermediate";
        /// Advanced.
        C1 = "c1", "C1 advanced";
        /// Proficient.
        C2 = "c2", "C2 proficient";
    }
}

vocabulary! {
    /// What became of an offer. Only open offers are counted.
    OfferStatus, "a status" {
        /// Not answered yet; the one status that counts.
        Open = "open", "Open";
        /// The candidate took it.
        Accepted = "accepted", "Accepted";
        /// The candidate declined it.
        Rejected = "rejected", "Rejected";
    }
}

vocabulary! {
    /// Whether a source's pay is before or after the candidate's taxes. The two are never mixed.
    PayBasis, "a pay basis" {
        /// Before taxes.
        Gross = "gross", "Gross";
        /// After taxes.
        Net = "net", "Net";
    }
}

vocabulary! {
    /// Experience in the role, in half-open bands of years: 3 years are in `3-5`.
    ExperienceBand, "a band of experience" {
        /// Less than one year.
        UnderOne = "0-1", "Under 1 year";
        /// One year or more, less than three.
        OneToThree = "1-3", "1\u{2013}3 years";
        /// Three years or more, less than five.
        ThreeToFive = "3-5", "3\u{2013}5 years";
        /// Five years or more, less than ten.
        FiveToTen = "5-10", "5\u{2013}10 years";
        /// Ten years or more.
        TenAndMore = "10+", "10 years and more";
    }
}

impl ExperienceBand {
    /// The band that holds so many years.
    #[must_use]
    pub fn of(years: f64) -> Self {
        match years {
            years if years < 1.0 => Self::UnderOne,
            years if years < 3.0 => Self::OneToThree,
            years if years < 5.0 => Self::ThreeToFive,
            years if years < 10.0 => Self::FiveToTen,
            _ => Self::TenAndMore,
        }
    }
}

/// A country by its ISO 3166-1 alpha-2 code, such as `UA`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Country(&'static str);

impl Country {
    /// Every country of the standard, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        let all = rust_iso3166::ALL.iter();
        all.map(|country| Self(country.alpha2))
    }

    /// The two capital letters of the code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The country's name as a list of countries prints it, such as `United States`.
    #[must_use]
    pub fn label(self) -> &'static str {
        COUNTRIES.get(self.0).map_or(self.0, |(_, name)| name)
    }
}

/// The countries of the standard by their codes, with their names: pages of salaries look up dozens.
static COUNTRIES: LazyLock<HashMap<&'static str, (Country, &'static str)>> = LazyLock::new(|| {
    let all = rust_iso3166::ALL.iter().map(|country| {
        let mut short = SHORT_NAMES.iter();
        let short = short.find(|(code, _)| *code == country.alpha2);
        let in_full = country.name;
        let name = match short {
            Some((_, name)) => name,
            None => in_full.split_once(" (").map_or(in_full, |(name, _)| name),
        };
        (country.alpha2, (Country(country.alpha2), name))
    });
    all.collect()
});

/// Names that are shorter in every list than in the standard.
const SHORT_NAMES: &[(&str, &str)] = &[
    ("BN", "Brunei"),
    ("CD", "DR Congo"),
    ("CZ", "Czechia"),
    ("GB", "United Kingdom"),
    ("HK", "Hong Kong"),
    ("KP", "North Korea"),
    ("KR", "South Korea"),
    ("LA", "Laos"),
    ("MD", "Moldova"),
    ("NL", "Netherlands"),
    ("PS", "Palestine"),
    ("RU", "Russia"),
    ("SY", "Syria"),
    ("TR", "T\u{fc}rkiye"),
    ("TW", "Taiwan"),
    ("TZ", "Tanzania"),
    ("US", "United States"),
    ("VN", "Vietnam"),
];

impl FromStr for Country {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = COUNTRIES.get(text).map(|(country, _)| *country);
        known.ok_or_else(|| UnknownWord {
            vocabulary: "a country",
            expected: "two capital letters of ISO 3166-1, such as UA".to_owned(),
        })
    }
}

written! {
    Country: |country, out| out.write_str(country.0);
}

impl serde::Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Country {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = Cow::<'de, str>::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

stored! {
    Country as Text,
    write: |country| country.0 => str,
    read: |code: String| code.parse()?,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reads_back_as_itself() {
        for word in English::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        for word in ExperienceBand::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        let error = "boss".parse::<Seniority>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "not a seniority: expected junior, middle, senior, expert"
        );
    }

    #[test]
    fn experience_bands_are_half_open() {
        let band = |years| ExperienceBand::of(years).as_str();
        assert_eq!(band(0.0), "0-1");
        assert_eq!(band(0.99), "0-1");
        assert_eq!(band(1.0), "1-3");
        assert_eq!(band(3.0), "3-5");
        assert_eq!(band(5.0), "5-10");
        assert_eq!(band(9.9), "5-10");
        assert_eq!(band(10.0), "10+");
        assert_eq!(band(40.0), "10+");
    }

    #[test]
    fn countries_are_those_of_the_standard() {
        assert_eq!("UA".parse::<Country>().unwrap().label(), "Ukraine");
        assert_eq!("US".parse::<Country>().unwrap().label(), "United States");
        assert_eq!("BO".parse::<Country>().unwrap().label(), "Bolivia");
        assert!("XX".parse::<Country>().is_err());
        assert!("ua".parse::<Country>().is_err());
    }
}
