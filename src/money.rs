//! Amounts of money. All are US dollars a month, and all are integers underneath.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::db::stored;
use crate::written::{Short, written};

/// Width of a band of the histogram, USD a month.
pub const BAND_WIDTH: i32 = 500;

/// A salary: whole US dollars a month, 1 to 999,999.
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
#[diesel(sql_type = diesel::sql_types::Integer)]
pub struct MonthlyUsd(i32);

/// The amount is not a salary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASalary;

impl fmt::Display for NotASalary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a salary is a positive amount below 1,000,000 USD a month")
    }
}

impl std::error::Error for NotASalary {}

impl MonthlyUsd {
    /// The lowest salary: one dollar.
    pub const LEAST: Self = Self(1);

    /// The salary of so many whole dollars a month.
    ///
    /// # Errors
    /// [`NotASalary`] outside 1 to 999,999.
    pub const fn new(dollars: i32) -> Result<Self, NotASalary> {
        if 0 < dollars && dollars < 1_000_000 {
            Ok(Self(dollars))
        } else {
            Err(NotASalary)
        }
    }

    /// Whole dollars a month.
    #[must_use]
    pub const fn dollars(self) -> i32 {
        self.0
    }

    /// Lower bound of the band that holds this salary, dollars a month: `floor(salary / 500) * 500`.
    #[must_use]
    pub const fn band(self) -> i32 {
        self.0 / BAND_WIDTH * BAND_WIDTH
    }
}

written! {
    MonthlyUsd: |salary, out| dollars(i64::from(salary.0)).write_to(out);
}

stored! {
    MonthlyUsd as Integer,
    write: |salary| &salary.0 => i32,
    read: |dollars: i32| Self::new(dollars)?,
}

/// A percentile of salaries, USD a month: a whole amount, or the mean of two that ends in .5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct HalfUsd {
    doubled: i64,
}

impl HalfUsd {
    /// The mean of two salaries; of a salary and itself, the salary.
    #[must_use]
    pub const fn mean(a: i32, b: i32) -> Self {
        Self {
            doubled: a as i64 + b as i64,
        }
    }

    /// Twice the amount, an integer.
    #[must_use]
    pub const fn doubled(self) -> i64 {
        self.doubled
    }

    /// Twelve times the amount, for comparison with yearly pay.
    #[must_use]
    pub const fn a_year(self) -> YearlyUsd {
        YearlyUsd(self.doubled * 6)
    }
}

written! {
    HalfUsd: |amount, out| {
        let cents = if amount.doubled % 2 == 0 { "" } else { ".50" };
        dollars(amount.doubled / 2).then(cents).write_to(out)
    };
}

impl Serialize for MonthlyUsd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.0)
    }
}

impl<'de> Deserialize<'de> for MonthlyUsd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i32::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Serialize for HalfUsd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_ratio(self.doubled, 2, serializer)
    }
}

/// Whole US dollars a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearlyUsd(i64);

written! {
    YearlyUsd: |amount, out| dollars(amount.0).write_to(out);
}

/// A mean of salaries, USD a month, rounded half up to cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct MeanUsd {
    cents: i64,
}

impl MeanUsd {
    /// `sum / count`, rounded half up to cents. `None` for a count of 0.
    #[must_use]
    pub fn of(sum: i64, count: i64) -> Option<Self> {
        let numerator = sum.checked_mul(200)?.checked_add(count)?;
        (count > 0).then(|| Self {
            cents: numerator / (2 * count),
        })
    }

    /// The mean in cents.
    #[must_use]
    pub const fn cents(self) -> i64 {
        self.cents
    }
}

written! {
    MeanUsd: |mean, out| dollars((mean.cents + 50) / 100).write_to(out);
}

impl Serialize for MeanUsd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_ratio(self.cents, 100, serializer)
    }
}

/// Writes `numerator / denominator` as a JSON number: an integer where it is one, else a decimal fraction. Formats that
/// nobody reads get the numerator alone, which is what deserializing takes.
fn serialize_ratio<S: Serializer>(
    numerator: i64,
    denominator: i32,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if !serializer.is_human_readable() {
        return serializer.serialize_i64(numerator);
    }
    if numerator % i64::from(denominator) == 0 {
        return serializer.serialize_i64(numerator / i64::from(denominator));
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "amounts stay far below 2^53, where a double holds every cent"
    )]
    let numerator = numerator as f64;
    serializer.serialize_f64(numerator / f64::from(denominator))
}

/// A whole number with commas between groups of three digits: `1,234,567`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grouped(
    /// The number.
    pub i64,
);

written! {
    Grouped: |number, out| Short::from("").then_groups(number.0).write_to(out);
}

/// Whole dollars: `$1,234`.
fn dollars(amount: i64) -> Short {
    let mut dollars = Short::from("$");
    dollars.then_groups(amount);
    dollars
}

/// A number of offers: `1 offer`, `1,234 offers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers(
    /// The number.
    pub u64,
);

impl Offers {
    /// The number alone.
    #[must_use]
    pub const fn number(self) -> Grouped {
        Grouped(self.0.cast_signed())
    }

    /// The word for that number: `offer` or `offers`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        if self.0 == 1 { "offer" } else { "offers" }
    }
}

written! {
    Offers: |offers, out| {
        let mut text = Short::from("");
        text.then_groups(offers.0.cast_signed());
        text.then(" ").then(offers.unit()).write_to(out)
    };
}

/// Thousands of dollars as short as they can be written: `5k`, `5.5k`, `0k`, `12.25k`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thousands(
    /// Whole dollars.
    pub i32,
);

written! {
    Thousands: |amount, out| {
        let dollars = u64::from(amount.0.unsigned_abs());
        let (mut fraction, mut digits) = (dollars % 1000, 3);
        while digits > 0 && fraction % 10 == 0 {
            fraction /= 10;
            digits -= 1;
        }
        let point = if digits > 0 { "." } else { "" };
        let mut text = Short::from("");
        text.then_number(dollars / 1000).then(point);
        text.then_digits(fraction, digits).then("k").write_to(out)
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_write_themselves() {
        assert_eq!(MonthlyUsd::new(7707).unwrap().to_string(), "$7,707");
        assert_eq!(MonthlyUsd::new(999_999).unwrap().to_string(), "$999,999");
        assert_eq!(HalfUsd::mean(4183, 4184).to_string(), "$4,183.50");
        assert_eq!(HalfUsd::mean(4000, 4000).to_string(), "$4,000");
        assert_eq!(Grouped(1_234_567).to_string(), "1,234,567");
        assert_eq!(Grouped(0).to_string(), "0");
        assert_eq!(Grouped(-1000).to_string(), "-1,000");
        assert_eq!(Thousands(5000).to_string(), "5k");
        assert_eq!(Thousands(5500).to_string(), "5.5k");
        assert_eq!(Thousands(0).to_string(), "0k");
        assert_eq!(Thousands(500).to_string(), "0.5k");
        assert_eq!(Thousands(12_250).to_string(), "12.25k");
        assert_eq!(Thousands(1111).to_string(), "1.111k");
        assert_eq!(Thousands(1005).to_string(), "1.005k");
        assert_eq!(HalfUsd::mean(4183, 4184).a_year().to_string(), "$50,202");
        assert_eq!(Offers(1).to_string(), "1 offer");
        assert_eq!(Offers(1234).to_string(), "1,234 offers");
    }

    proptest! {
        #[test]
        fn digits_are_grouped_by_three(number: i64) {
            let text = Grouped(number).to_string();
            prop_assert_eq!(text.replace(',', ""), number.to_string());
            let groups: Vec<&str> = text.trim_start_matches('-').split(',').collect();
            prop_assert!((1..=3).contains(&groups[0].len()));
            prop_assert!(groups[1..].iter().all(|group| group.len() == 3));
        }
    }

    #[test]
    fn amounts_are_json_numbers() {
        fn json(value: &impl Serialize) -> String {
            serde_json::to_string(value).unwrap()
        }
        assert_eq!(json(&HalfUsd::mean(7707, 7707)), "7707");
        assert_eq!(json(&HalfUsd::mean(4183, 4184)), "4183.5");
        assert_eq!(json(&MeanUsd::of(53_000, 11).unwrap()), "4818.18");
        assert_eq!(json(&MeanUsd::of(4500, 1).unwrap()), "4500");
        assert_eq!(json(&MeanUsd::of(51_495, 10).unwrap()), "5149.5");
    }

    #[test]
    fn a_salary_is_positive_and_below_a_million() {
        assert_eq!(MonthlyUsd::new(0), Err(NotASalary));
        assert_eq!(MonthlyUsd::new(-5), Err(NotASalary));
        assert_eq!(MonthlyUsd::new(1_000_000), Err(NotASalary));
        assert!(MonthlyUsd::new(1).is_ok());
    }

    #[test]
    fn a_band_is_half_open() {
        let band = |dollars| MonthlyUsd::new(dollars).unwrap().band();
        assert_eq!(band(4999), 4500);
        assert_eq!(band(5000), 5000);
        assert_eq!(band(5499), 5000);
        assert_eq!(band(499), 0);
    }

    #[test]
    fn a_mean_is_rounded_half_up_to_cents() {
        assert_eq!(MeanUsd::of(1, 200).unwrap().cents(), 1);
        assert_eq!(MeanUsd::of(1, 201).unwrap().cents(), 0);
        assert_eq!(MeanUsd::of(10, 3).unwrap().cents(), 333);
        assert_eq!(MeanUsd::of(20, 3).unwrap().cents(), 667);
        assert_eq!(MeanUsd::of(5, 0), None);
    }
}
