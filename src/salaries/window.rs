//! Months, and the window of twelve of them that a page's figures come from.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize, Serializer};

use crate::written::{write_all, written};

/// A calendar month. Months are ordered, and count from year 0: `year * 12 + month - 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub struct Month(i32);

impl Month {
    /// Month 1 to 12 of a year; other numbers count on into the neighbouring years.
    #[must_use]
    pub const fn new(year: i32, month: i32) -> Self {
        Self(year * 12 + month - 1)
    }

    /// The month that holds a day.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        Self(day.year() * 12 + day.month0().cast_signed())
    }

    /// Its first day; `None` in years that no calendar has.
    #[must_use]
    pub fn first_day(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year(), self.0.rem_euclid(12).cast_unsigned() + 1, 1)
    }

    /// The calendar year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// How many months later than another one it is; negative where it is earlier.
    #[must_use]
    pub const fn since(self, other: Self) -> i32 {
        self.0 - other.0
    }

    /// So many months later; earlier where negative.
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self(self.0 + months)
    }

    /// The month in words: `Jan 2024`.
    #[must_use]
    pub const fn in_words(self) -> MonthName {
        MonthName(self)
    }

    /// The month's short English name: `Jan`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0.rem_euclid(12) {
            0 => "Jan",
            1 => "Feb",
            2 => "Mar",
            3 => "Apr",
            4 => "May",
            5 => "Jun",
            6 => "Jul",
            7 => "Aug",
            8 => "Sep",
            9 => "Oct",
            10 => "Nov",
            _ => "Dec",
        }
    }
}

// As in `2024-01`.
written! {
    Month: |month, out| write!(out, "{:04}-{:02}", month.year(), month.0.rem_euclid(12) + 1);
}

/// A month in words: `Jan 2024`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthName(Month);

written! {
    MonthName: |month, out| write_all(out, &[&month.0.name(), &" ", &month.0.year()]);
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_i32(self.0);
        }
        serializer.collect_str(self)
    }
}

/// Twelve calendar months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
}

impl Window {
    /// The twelve months that end with the month of the newest counted offer.
    #[must_use]
    pub const fn ending(newest: Month) -> Self {
        Self {
            from: newest.plus(-11),
            to: newest,
        }
    }

    /// January to December.
    #[must_use]
    pub const fn calendar_year(year: i32) -> Self {
        Self {
            from: Month::new(year, 1),
            to: Month::new(year, 12),
        }
    }

    /// The twelve months before this window.
    #[must_use]
    pub const fn before(self) -> Self {
        Self::ending(self.from.plus(-1))
    }

    /// Whether a month is in it.
    #[must_use]
    pub fn contains(self, month: Month) -> bool {
        self.from <= month && month <= self.to
    }

    /// The month's place among the twelve, 0 to 11; `None` outside.
    #[must_use]
    pub fn place(self, month: Month) -> Option<usize> {
        let place = usize::try_from(month.since(self.from)).ok()?;
        (month <= self.to).then_some(place)
    }

    /// Its twelve months in order.
    pub fn months(self) -> impl Iterator<Item = Month> {
        (self.from.0..=self.to.0).map(Month)
    }

    /// The year that titles name: that of the last month.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.to.year()
    }
}

// As readers see it: `Jan–Dec 2024`, `Dec 2023–Nov 2024`.
written! {
    Window: |window, out| {
        let (from, to) = (window.from, window.to.in_words());
        if from.year() == window.to.year() {
            write_all(out, &[&from.name(), &"\u{2013}", &to])
        } else {
            write_all(out, &[&from.in_words(), &"\u{2013}", &to])
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_the_twelve_months_up_to_the_newest_offer() {
        let window = Window::ending(Month::new(2024, 11));
        assert_eq!(window.from.to_string(), "2023-12");
        assert_eq!(window.to.to_string(), "2024-11");
        assert_eq!(window.months().count(), 12);
        assert!(window.contains(Month::new(2023, 12)));
        assert!(!window.contains(Month::new(2023, 11)));
        assert!(!window.contains(Month::new(2024, 12)));
        assert_eq!(window.year(), 2024);
        assert_eq!(window.to_string(), "Dec 2023\u{2013}Nov 2024");
        assert_eq!(window.before().to_string(), "Dec 2022\u{2013}Nov 2023");
    }

    #[test]
    fn a_calendar_year_is_a_window() {
        let window = Window::calendar_year(2024);
        assert_eq!(window, Window::ending(Month::new(2024, 12)));
        assert_eq!(window.to_string(), "Jan\u{2013}Dec 2024");
    }

    #[test]
    fn a_day_is_in_its_month() {
        let day = NaiveDate::from_ymd_opt(1990, 1, 31).unwrap();
        assert_eq!(Month::of(day), Month::new(1990, 1));
        let december = Month::new(1989, 12);
        assert_eq!(december.first_day().map(Month::of), Some(december));
    }
}
