//! Times in words, for those who work with the site. All are UTC.

use std::borrow::Borrow;

use chrono::{NaiveDateTime, TimeDelta};

/// How long ago something was, or in how long it will be: `just now`, `12 minutes ago`, `in 3 hours`; beyond a week the day,
/// such as `5 November 2026`.
#[must_use]
pub fn relative(then: impl Borrow<NaiveDateTime>, now: impl Borrow<NaiveDateTime>) -> String {
    let (then, now) = (*then.borrow(), *now.borrow());
    let distance = now - then;
    let is_past = distance >= TimeDelta::zero();
    let length = distance.abs();
    let words = if length < TimeDelta::minutes(1) {
        return "just now".to_owned();
    } else if length < TimeDelta::hours(1) {
        several(length.num_minutes(), "minute")
    } else if length < TimeDelta::days(1) {
        several(length.num_hours(), "hour")
    } else if length < TimeDelta::days(8) {
        several(length.num_days(), "day")
    } else {
        return then.format("%-d %B %Y").to_string();
    };
    if is_past {
        format!("{words} ago")
    } else {
        format!("in {words}")
    }
}

/// The minute, such as `2026-11-05 14:07`.
#[must_use]
pub fn minute(time: impl Borrow<NaiveDateTime>) -> String {
    time.borrow().format("%Y-%m-%d %H:%M").to_string()
}

/// The second as machines read it, such as `2026-11-05T14:07:09Z`, for the `datetime` of a `<time>`.
#[must_use]
pub fn machine(time: &NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn several(count: i64, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_words() {
        let now: NaiveDateTime = "2026-11-27T12:00:00".parse().unwrap();
        let words = |then: &str| relative(then.parse::<NaiveDateTime>().unwrap(), now);
        assert_eq!(words("2026-11-27T11:59:30"), "just now");
        assert_eq!(words("2026-11-27T11:58:59"), "1 minute ago");
        assert_eq!(words("2026-11-27T09:00:00"), "3 hours ago");
        assert_eq!(words("2026-11-25T09:00:00"), "2 days ago");
        assert_eq!(words("2026-11-05T09:00:00"), "5 November 2026");
        assert_eq!(words("2026-11-27T12:12:00"), "in 12 minutes");
        assert_eq!(minute(now), "2026-11-27 12:00");
        assert_eq!(machine(&now), "2026-11-27T12:00:00Z");
    }
}
