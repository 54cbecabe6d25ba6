//! Reads amounts of US dollars out of a sentence: `$4,500`, `4-5k USD a month`, `90 000 dollars`. Pure.

use std::ops::Range;

use super::{ABOUT, Amount, Period, whole_words};

/// A number as it is written.
#[derive(Clone, Copy, Debug)]
struct Number {
    /// In cents, were it dollars.
    cents: i64,
    unit: i64,
    has_thousands: bool,
    end: usize,
}

/// The amounts of a sentence.
pub(super) fn amounts(sentence: &str) -> Vec<Amount> {
    let mut amounts = Vec::new();
    let mut from = 0;
    while let Some(start) = next_number(sentence, from) {
        let Some(first) = number(sentence, start) else {
            from = digits_end(sentence, start);
            continue;
        };
        let (amount, end) = amount(sentence, start, first);
        amounts.extend(amount);
        from = end.max(start + 1);
    }
    for place in 0..amounts.len() {
        let until = amounts
            .get(place + 1)
            .map_or(sentence.len(), |next: &Amount| next.place.start);
        if let Some(amount) = amounts.get_mut(place) {
            amount.period = period(sentence, amount.place.end, until);
        }
    }
    amounts
}

/// Where the next number begins that is no part of a word.
fn next_number(text: &str, from: usize) -> Option<usize> {
    let mut start = from;
    loop {
        let rest = text.get(start..)?;
        let place = start + rest.find(|letter: char| letter.is_ascii_digit())?;
        let before = text.get(..place)?.chars().last();
        let is_part = before.is_some_and(|letter| {
            letter.is_alphanumeric() && !ends_with_currency_word(text.get(..place).unwrap_or(""))
                || letter == '.'
        });
        if !is_part {
            return Some(place);
        }
        start = digits_end(text, place);
    }
}

fn digits_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    start + digits.max(1)
}

fn is_thin_space(letter: char) -> bool {
    matches!(letter, '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// Reads the number that begins at a place.
fn number(text: &str, start: usize) -> Option<Number> {
    let end = digits_end(text, start);
    let mut digits = text.get(start..end)?.to_owned();
    let mut end = end;
    if digits.len() <= 3 {
        while let Some(group) = group_after(text, end) {
            digits.push_str(text.get(group.clone())?);
            end = group.end;
        }
    }
    let mut decimals = 0;
    let rest = text.get(end..)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=4).contains(&length) {
            digits.push_str(fraction.get(..length)?);
            decimals = u32::try_from(length).ok()?;
            end += 1 + length;
        }
    }
    if digits.len() > 9 {
        return None;
    }
    let rest = text.get(end..)?;
    let is_word_end = |text: &str| !text.chars().next().is_some_and(char::is_alphanumeric);
    let mut has_thousands = false;
    if let Some(after) = rest.strip_prefix(['k', 'K'])
        && is_word_end(after)
    {
        has_thousands = true;
        end += 1;
    } else if let Some(after) = rest.strip_prefix(" thousand")
        && is_word_end(after)
    {
        has_thousands = true;
        end += " thousand".len();
    } else if rest
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("million")
        || !is_word_end(rest) && !starts_with_currency_word(rest)
    {
        return None;
    }
    if decimals == 3 && !has_thousands {
        // A point between groups of digits: 7.707.
        decimals = 0;
    }
    let mantissa: i64 = digits.parse().ok()?;
    let scale = if has_thousands { 100_000 } else { 100 };
    let shift = 10_i64.checked_pow(decimals)?;
    let cents = mantissa.checked_mul(scale)? / shift;
    let mut unit = scale / shift;
    if decimals == 0 {
        let mut rest = mantissa;
        while rest > 0 && rest % 10 == 0 {
            rest /= 10;
            unit *= 10;
        }
    }
    Some(Number {
        cents,
        unit,
        has_thousands,
        end,
    })
}

/// Three more digits after a separator.
fn group_after(text: &str, end: usize) -> Option<Range<usize>> {
    let separator = text.get(end..)?.chars().next()?;
    if separator != ',' && separator != '\'' && !is_thin_space(separator) {
        return None;
    }
    let start = end + separator.len_utf8();
    let rest = text.get(start..)?.bytes();
    (rest.take_while(u8::is_ascii_digit).count() == 3).then_some(start..start + 3)
}

/// The amount that begins with a number, where a currency stands beside it, and where to go on.
fn amount(text: &str, start: usize, first: Number) -> (Option<Amount>, usize) {
    let before = text.get(..start).unwrap_or_default();
    let Currency {
        start,
        has: mut is_usd,
    } = currency_before(before);
    let mut end = first.end;
    if let Some(length) = currency_after(text.get(end..).unwrap_or_default()) {
        is_usd = true;
        end += length;
    }
    let (mut low, mut unit) = (first.cents, first.unit);
    let mut high = None;
    if let Some((second, after, also_usd)) = second_of_range(text, start, end) {
        if second.has_thousands && !first.has_thousands && low < 100_000 {
            low *= 1000;
            unit *= 1000;
        }
        high = Some(second.cents).filter(|high| *high > low);
        unit = unit.min(second.unit);
        if high.is_some() {
            end = after;
            is_usd |= also_usd;
        }
    }
    if !is_usd || low == 0 {
        return (None, end);
    }
    let written = text.get(start..end).unwrap_or_default().trim().to_owned();
    let words = text.get(..start).unwrap_or_default();
    let last = words.split_whitespace().next_back().unwrap_or_default();
    let amount = Amount {
        written,
        place: start..end,
        low,
        high,
        unit,
        is_about: ABOUT.contains(&last.to_ascii_lowercase().as_str()),
        period: Period::Unknown,
    };
    (Some(amount), end)
}

struct Currency {
    start: usize,
    has: bool,
}

/// The currency at the end of a text, and where it begins.
fn currency_before(before: &str) -> Currency {
    let trimmed = before.trim_end_matches([' ', '\u{a0}', '~']);
    for sign in ["US$", "US $", "USD", "usd", "$"] {
        if let Some(rest) = trimmed.strip_suffix(sign)
            && !rest.chars().last().is_some_and(char::is_alphabetic)
        {
            return Currency {
                start: rest.len(),
                has: true,
            };
        }
    }
    Currency {
        start: before.len(),
        has: false,
    }
}

fn ends_with_currency_word(text: &str) -> bool {
    text.ends_with("USD") || text.ends_with("usd")
}

fn starts_with_currency_word(text: &str) -> bool {
    text.starts_with("USD") || text.starts_with("usd")
}

/// How long the currency is with which a text begins.
fn currency_after(after: &str) -> Option<usize> {
    let rest = after.trim_start_matches([' ', '\u{a0}']);
    let skipped = after.len() - rest.len();
    let signs = ["US dollars", "dollars", "USD", "usd", "US$", "$"];
    let sign = signs.iter().find(|sign| rest.starts_with(**sign))?;
    let follows = rest.get(sign.len()..)?.chars().next();
    // Before a number it belongs to that.
    let is_free = !follows.is_some_and(char::is_alphanumeric);
    is_free.then_some(skipped + sign.len())
}

/// The second number of a range, where it ends, and whether a currency stands beside it.
fn second_of_range(text: &str, start: usize, end: usize) -> Option<(Number, usize, bool)> {
    let rest = text.get(end..)?;
    let mut after = rest.trim_start_matches([' ', '\u{a0}']);
    let is_between = || {
        let before = text.get(..start).unwrap_or_default().trim_end();
        before.to_ascii_lowercase().ends_with("between")
    };
    if let Some(dashed) = after.strip_prefix(['-', '\u{2013}', '\u{2014}', '\u{2212}', '\u{2011}'])
    {
        after = dashed;
    } else if let Some(to) = after.strip_prefix("to ") {
        after = to;
    } else if let Some(and) = after.strip_prefix("and ").filter(|_| is_between()) {
        after = and;
    } else {
        return None;
    }
    let mut has_currency = false;
    after = after.trim_start_matches([' ', '\u{a0}']);
    for sign in ["US$", "USD", "usd", "$"] {
        if let Some(rest) = after.strip_prefix(sign) {
            after = rest.trim_start_matches([' ', '\u{a0}']);
            has_currency = true;
            break;
        }
    }
    if !after.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let second = number(text, text.len() - after.len())?;
    match currency_after(text.get(second.end..)?) {
        Some(length) => Some((second, second.end + length, true)),
        None => Some((second, second.end, has_currency)),
    }
}

/// What an amount that ends at a place is for; the next one begins at `until`.
fn period(sentence: &str, end: usize, until: usize) -> Period {
    let after = sentence.get(end..until).unwrap_or_default();
    let mut rest = after.trim_start_matches([' ', '/', '\u{a0}', ',', '(', ')', '+']);
    for article in ["a ", "an ", "per ", "each ", "every "] {
        rest = rest.strip_prefix(article).unwrap_or(rest);
    }
    let word: String = rest
        .chars()
        .take_while(|letter| letter.is_alphabetic() || *letter == '.')
        .take(12)
        .collect();
    match word.to_lowercase().trim_end_matches('.') {
        "month" | "monthly" | "mo" | "months" => return Period::Month,
        "year" | "yearly" | "yr" | "annum" | "annually" | "annual" | "p.a" => return Period::Year,
        "hour" | "hourly" | "hr" | "day" | "daily" | "week" | "weekly" => return Period::Other,
        _ => {}
    }
    let lower = sentence.to_ascii_lowercase();
    let says = |words: &[&str]| {
        words
            .iter()
            .any(|word| whole_words(&lower, word).next().is_some())
    };
    let yearly = says(&[
        "a year", "per year", "yearly", "annual", "annually", "annum",
    ]);
    let monthly = says(&["a month", "per month", "monthly"]);
    let other = says(&[
        "hourly", "an hour", "per hour", "a day", "a week", "daily", "weekly",
    ]);
    match (yearly, monthly, other) {
        (true, false, false) => Period::Year,
        (false, true, false) => Period::Month,
        (false, false, true) => Period::Other,
        _ => Period::Unknown,
    }
}
