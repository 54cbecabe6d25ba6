//! One row of a file: what its cells mean, or why it is skipped or rejected.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::format::{Item, Parsed, StrftimeItems};
use chrono::{Days, NaiveDate, Utc};
use csv::StringRecord;
use foldhash::HashMap;
use rust_decimal::{Decimal, RoundingStrategy};

use super::normalized;
use super::profile::{Field, Period, Profile};
use crate::market::{Country, English, OfferStatus, Seniority, SourceKey, names};
use crate::money::MonthlyUsd;
use crate::slug::Slug;

/// What a row says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) candidate_key: Option<SourceKey>,
    pub(crate) role: Arc<RowName>,
    pub(crate) technologies: Arc<[Arc<RowName>]>,
    pub(crate) seniority: Option<Seniority>,
    pub(crate) experience_years: Option<f64>,
    pub(crate) country: Option<Country>,
    pub(crate) english: Option<English>,
    pub(crate) salary: Option<MonthlyUsd>,
    pub(crate) offer: Option<RowOffer>,
}

impl Row {
    /// Whether the next row is about the same candidate, by the source's own key.
    pub(super) fn continues(&self, next: &Self) -> bool {
        self.candidate_key.is_some() && self.candidate_key == next.candidate_key
    }

    /// The source's own key of the candidate, where the row before has another one.
    pub(super) fn candidate_key_after(&self, before: Option<&Self>) -> Option<&SourceKey> {
        let key = self.candidate_key.as_ref();
        key.filter(|_| !before.is_some_and(|before| before.continues(self)))
    }

    /// The source's own key of the offer.
    pub(super) fn offer_key(&self) -> Option<&SourceKey> {
        self.offer.as_ref()?.key.as_ref()
    }
}

/// The offer of a row that has one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RowOffer {
    pub(crate) key: Option<SourceKey>,
    pub(crate) salary: MonthlyUsd,
    pub(crate) offered_on: NaiveDate,
    pub(crate) status: OfferStatus,
}

/// A role or technology as a file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowName {
    pub(crate) slug: Slug,
    /// The text in the file, where it is more than the slug.
    pub(crate) text: Option<String>,
}

/// Why a row is not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has no role that the profile knows.
    Skipped,
    /// It has an error.
    Rejected {
        /// Header of the column, or the field's name where no column gives it; empty for the whole row.
        column: String,
        /// What is wrong, in the same words for every such row.
        reason: String,
        /// The cell.
        value: String,
    },
}

/// What is wrong with a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Header of the column, or the field's name where no column gives it.
    pub(crate) column: String,
    /// What is wrong, as the report of an import says it.
    pub(crate) reason: String,
}

/// The columns of a file, found by its header, with the rules of its profile.
pub(crate) struct Columns<'p> {
    profile: &'p Profile,
    /// Where each field comes from, in their order.
    origins: [Origin<'p>; Field::ALL.len()],
    width: usize,
    latest_day: NaiveDate,
    date_format: Vec<Item<'p>>,
    /// Names that rows gave, so that each is understood once.
    names: RefCell<HashMap<String, Arc<RowName>>>,
    /// The last list of technologies and what it means: rows of one candidate tend to follow one another.
    last_list: RefCell<(String, Arc<[Arc<RowName>]>)>,
}

/// Where a field comes from.
#[derive(Clone, Default)]
struct Origin<'p> {
    /// Places of its columns, with their headers.
    places: Vec<(usize, String)>,
    /// The values that it may have, by those in the file; `None` where those are what it has.
    values: Option<&'p BTreeMap<String, String>>,
    /// What it has where no column gives it.
    constant: Option<&'p str>,
}

/// A row of cells.
#[derive(Clone, Copy)]
struct Cells<'r> {
    record: &'r StringRecord,
    /// Whether all of them are normalized as they are.
    are_plain: bool,
}

impl<'r> Cells<'r> {
    fn of(record: &'r StringRecord) -> Self {
        let bytes = record.as_slice().bytes();
        Self {
            record,
            are_plain: bytes.fold(true, |plain, byte| plain & byte.is_ascii_graphic()),
        }
    }

    /// A cell, or a part of one, normalized.
    fn normalized(self, text: &str) -> Cow<'_, str> {
        if self.are_plain {
            Cow::Borrowed(text)
        } else {
            normalized(text)
        }
    }
}

/// Names that are remembered at most; a file with more has its names understood again.
const REMEMBERED: usize = 20_000;

impl<'p> Columns<'p> {
    /// Finds the profile's columns in a header row.
    ///
    /// # Errors
    /// A sentence that names the column that is missing.
    pub(crate) fn find(profile: &'p Profile, header: &StringRecord) -> Result<Self, String> {
        let headers: Vec<String> = header
            .iter()
            .map(|header| normalized(header).into_owned())
            .collect();
        let is_canonical = profile.source.is_none();
        let mut origins = <[Origin<'p>; Field::ALL.len()]>::default();
        for (field, origin) in Field::ALL.iter().zip(&mut origins) {
            origin.values = profile.values.get(field);
            origin.constant = profile.constants.get(field).map(String::as_str);
        }
        for (&field, wanted) in &profile.columns {
            let mut found = Vec::new();
            for wanted in wanted {
                let place = headers.iter().position(|header| header == wanted);
                match place {
                    Some(place) => found.push((place, wanted.clone())),
                    None if is_canonical && !NEEDED.contains(&field) => {}
                    None => {
                        return Err(format!(
                            "there is no column \u{201c}{wanted}\u{201d} (for {}); the columns are {}",
                            field.name(),
                            listed(&headers)
                        ));
                    }
                }
            }
            if let Some(origin) = origins.get_mut(field as usize) {
                origin.places = found;
            }
        }
        let today = Utc::now().date_naive();
        Ok(Self {
            profile,
            origins,
            width: headers.len(),
            latest_day: today.checked_add_days(Days::new(1)).unwrap_or(today),
            date_format: StrftimeItems::new(&profile.date_format).collect(),
            names: RefCell::default(),
            last_list: RefCell::new((String::new(), Arc::new([]))),
        })
    }

    /// The headers that no field is read from.
    pub(super) fn unused(&self, header: &StringRecord) -> Vec<String> {
        let places = || self.origins.iter().flat_map(|origin| &origin.places);
        let used = |place: usize| places().any(|(used, _)| *used == place);
        let headers = header.iter().enumerate();
        headers
            .filter(|(place, header)| !used(*place) && !header.trim().is_empty())
            .map(|(_, header)| normalized(header).into_owned())
            .collect()
    }

    /// Reads one row.
    ///
    /// # Errors
    /// The refusal of a row that is skipped or rejected.
    pub(crate) fn read(&self, record: &StringRecord) -> Result<Row, Refusal> {
        if record.len() != self.width {
            return Err(Refusal::Rejected {
                column: String::new(),
                reason: "the row has another number of fields than the header".to_owned(),
                value: format!("{} instead of {}", record.len(), self.width),
            });
        }
        let cells = Cells::of(record);
        let Some(role) = self.cell(cells, Field::Role) else {
            return Err(Refusal::Skipped);
        };
        let role = self.named(&role)?;
        let salary = self.salary(cells)?;
        let offer = match self.offered_on(cells)? {
            None => None,
            Some(offered_on) => Some(RowOffer {
                key: self.own_key(cells, Field::Offer),
                salary: salary.ok_or_else(|| self.missing(Field::Salary))?,
                offered_on,
                status: self
                    .word(cells, Field::Status)?
                    .unwrap_or(OfferStatus::Open),
            }),
        };
        Ok(Row {
            candidate_key: self.own_key(cells, Field::Candidate),
            role,
            technologies: self.technologies(cells)?,
            seniority: self.word(cells, Field::Seniority)?,
            experience_years: self.experience_years(cells)?,
            country: self.word(cells, Field::Country)?,
            english: self.word(cells, Field::English)?,
            salary,
            offer,
        })
    }

    /// Everything that is wrong with a row, where reading stops at the first: for whoever typed it.
    pub(crate) fn problems(&self, record: &StringRecord) -> Vec<Problem> {
        let cells = Cells::of(record);
        let role = match self.cell(cells, Field::Role) {
            Some(role) => self.named(&role).err(),
            None => Some(self.missing(Field::Role)),
        };
        let day = self.offered_on(cells);
        let salary = match (self.salary(cells), &day) {
            (Ok(None), Ok(Some(_))) => Some(self.missing(Field::Salary)),
            (salary, _) => salary.err(),
        };
        let refusals = [
            role,
            self.technologies(cells).err(),
            self.word::<Seniority>(cells, Field::Seniority).err(),
            self.experience_years(cells).err(),
            self.word::<Country>(cells, Field::Country).err(),
            self.word::<English>(cells, Field::English).err(),
            salary,
            day.err(),
            self.word::<OfferStatus>(cells, Field::Status).err(),
        ];
        let problems = refusals.into_iter().flatten();
        problems
            .filter_map(|refusal| match refusal {
                Refusal::Skipped => None,
                Refusal::Rejected { column, reason, .. } => Some(Problem { column, reason }),
            })
            .collect()
    }

    /// The source's own key of a candidate or an offer.
    fn own_key(&self, cells: Cells<'_>, field: Field) -> Option<SourceKey> {
        let cell = self.cell(cells, field)?;
        Some(SourceKey::from(&*cell.value))
    }

    fn origin(&self, field: Field) -> Option<&Origin<'p>> {
        self.origins.get(field as usize)
    }

    /// The value of a field: of the first column that gives one, else the profile's constant.
    fn cell<'r>(&'r self, cells: Cells<'r>, field: Field) -> Option<Cell<'r>> {
        let origin = self.origin(field)?;
        let mut given = origin.raw_cells(cells);
        let given = given.find_map(|(column, raw)| {
            let value = origin.canonical_value(raw)?;
            Some(Cell { column, value })
        });
        given.or_else(|| {
            origin.constant.map(|value| Cell {
                column: field.name(),
                value: Cow::Borrowed(value),
            })
        })
    }

    /// The role or technology that a cell names.
    fn named(&self, cell: &Cell<'_>) -> Result<Arc<RowName>, Refusal> {
        if let Some(known) = self.names.borrow().get(&*cell.value) {
            return Ok(Arc::clone(known));
        }
        let name = Arc::new(named(cell)?);
        let mut names = self.names.borrow_mut();
        if names.len() < REMEMBERED {
            names.insert(cell.value.clone().into_owned(), Arc::clone(&name));
        }
        Ok(name)
    }

    /// The names in a list with semicolons, of the parts that have a canonical value.
    fn list<'r>(
        &self,
        column: &'r str,
        parts: impl Iterator<Item = Cow<'r, str>>,
        canonical: impl Fn(Cow<'r, str>) -> Option<Cow<'r, str>>,
    ) -> Result<Vec<Arc<RowName>>, Refusal> {
        let mut names: Vec<Arc<RowName>> = Vec::with_capacity(8);
        for part in parts {
            if part.is_empty() {
                continue;
            }
            if let Some(value) = canonical(part) {
                names.push(self.named(&Cell { column, value })?);
            }
        }
        Ok(names)
    }

    fn word<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        cells: Cells<'_>,
        field: Field,
    ) -> Result<Option<T>, Refusal> {
        let cell = self.cell(cells, field);
        cell.map(|cell| {
            cell.value
                .parse()
                .map_err(|error: T::Err| cell.reject(&error.to_string()))
        })
        .transpose()
    }

    fn technologies(&self, cells: Cells<'_>) -> Result<Arc<[Arc<RowName>]>, Refusal> {
        let Some(origin) = self.origin(Field::Technologies) else {
            return Ok(Arc::new([]));
        };
        for (column, raw) in origin.raw_cells(cells) {
            if self.last_list.borrow().0 == raw {
                return Ok(Arc::clone(&self.last_list.borrow().1));
            }
            let parts = raw.split(';').map(|part| cells.normalized(part));
            let canonical = |part| origin.canonical_value(part);
            let technologies: Arc<[_]> = self.list(column, parts, canonical)?.into();
            if !technologies.is_empty() {
                let mut last = self.last_list.borrow_mut();
                last.0.clear();
                last.0.push_str(&raw);
                last.1 = Arc::clone(&technologies);
                return Ok(technologies);
            }
        }
        let parts = origin.constant.unwrap_or_default().split(';');
        let column = Field::Technologies.name();
        Ok(self.list(column, parts.map(normalized), Some)?.into())
    }

    fn experience_years(&self, cells: Cells<'_>) -> Result<Option<f64>, Refusal> {
        let Some(cell) = self.cell(cells, Field::ExperienceYears) else {
            return Ok(None);
        };
        match decimal(&cell.value).and_then(|years| f64::try_from(years).ok()) {
            Some(years) if (0.0..=100.0).contains(&years) => Ok(Some(years)),
            _ => Err(cell.reject("not a number of years from 0 to 100")),
        }
    }

    fn salary(&self, cells: Cells<'_>) -> Result<Option<MonthlyUsd>, Refusal> {
        let Some(cell) = self.cell(cells, Field::Salary) else {
            return Ok(None);
        };
        let amount = decimal(&cell.value)
            .ok_or_else(|| cell.reject("not a number; write it as 4500 or 4500.50"))?;
        let currency = self.cell(cells, Field::Currency).map_or_else(
            || Cow::Borrowed(self.profile.currency.as_str()),
            |cell| match cell.value {
                value if value.bytes().all(|byte| byte.is_ascii_uppercase()) => value,
                value => Cow::Owned(value.to_uppercase()),
            },
        );
        let rate = match self.profile.rates.get(&*currency) {
            Some(rate) => *rate,
            None if currency == "USD" => Decimal::ONE,
            None => {
                let cell = Cell {
                    column: Field::Currency.name(),
                    value: currency,
                };
                return Err(cell.reject("no rate for this currency in the profile's [rates]"));
            }
        };
        let period = match self.cell(cells, Field::Period) {
            None => self.profile.period,
            Some(period) => period
                .value
                .parse()
                .map_err(|()| period.reject("not a period: expected month, year"))?,
        };
        monthly_usd(amount, rate, period)
            .map(Some)
            .ok_or_else(|| cell.reject("not a positive amount below 1,000,000 USD a month"))
    }

    fn offered_on(&self, cells: Cells<'_>) -> Result<Option<NaiveDate>, Refusal> {
        let Some(cell) = self.cell(cells, Field::OfferedOn) else {
            return Ok(None);
        };
        let day = day(&cell.value, &self.date_format).ok_or_else(|| {
            let format = &self.profile.date_format;
            cell.reject(&format!("not a date of the form {format}"))
        })?;
        let earliest = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or(NaiveDate::MIN);
        if day < earliest || day > self.latest_day {
            return Err(cell.reject("not a date between 1990-01-01 and tomorrow"));
        }
        Ok(Some(day))
    }

    fn missing(&self, field: Field) -> Refusal {
        let column = self.origin(field).and_then(|origin| origin.places.first());
        Refusal::Rejected {
            column: column.map_or_else(|| field.name().to_owned(), |(_, header)| header.clone()),
            reason: "missing".to_owned(),
            value: String::new(),
        }
    }
}

impl Origin<'_> {
    /// The field's cells that are not empty, normalized.
    fn raw_cells<'r>(&'r self, cells: Cells<'r>) -> impl Iterator<Item = (&'r str, Cow<'r, str>)> {
        self.places.iter().filter_map(move |(place, column)| {
            let raw = cells.normalized(cells.record.get(*place)?);
            (!raw.is_empty()).then_some((column.as_str(), raw))
        })
    }

    /// The canonical value of a raw one; where the profile lists the field's values, only of those.
    fn canonical_value<'r>(&'r self, raw: Cow<'r, str>) -> Option<Cow<'r, str>> {
        match self.values {
            None => Some(raw),
            Some(values) => values.get(&*raw).map(|value| Cow::Borrowed(value.as_str())),
        }
    }
}

/// The fields without which the canonical form holds no offers.
const NEEDED: [Field; 3] = [Field::Role, Field::Salary, Field::OfferedOn];

/// A value and the column that it came from.
struct Cell<'a> {
    column: &'a str,
    value: Cow<'a, str>,
}

impl Cell<'_> {
    fn reject(&self, reason: &str) -> Refusal {
        Refusal::Rejected {
            column: self.column.to_owned(),
            reason: reason.to_owned(),
            value: self.value.clone().into_owned(),
        }
    }
}

/// At most twenty headers, for a message.
fn listed(headers: &[String]) -> String {
    let mut list = headers
        .iter()
        .take(20)
        .map(|header| header.chars().take(60).collect())
        .collect::<Vec<String>>()
        .join(", ");
    if headers.len() > 20 {
        list.push_str(", \u{2026}");
    }
    list
}

fn named(cell: &Cell<'_>) -> Result<RowName, Refusal> {
    if let Ok(slug) = cell.value.parse() {
        return Ok(RowName::of_slug(slug));
    }
    match Slug::from_text(&cell.value) {
        Some(slug) => Ok(RowName {
            slug,
            text: Some(cell.value.clone().into_owned()),
        }),
        None => Err(cell.reject("no slug of Latin letters and digits can be made of it")),
    }
}

impl RowName {
    /// A name that is nothing but its slug.
    pub(crate) fn of_slug(slug: Slug) -> Self {
        Self { slug, text: None }
    }

    /// The name of a technology that is met for the first time.
    pub(crate) fn technology_name(&self) -> String {
        match &self.text {
            Some(text) if names::technology(&self.slug) == names::capitalised(&self.slug) => {
                text.clone()
            }
            _ => names::technology(&self.slug),
        }
    }

    /// The name and job title of a role that is met for the first time.
    pub(crate) fn role_names(&self) -> (String, String) {
        let (name, job_title) = names::role(&self.slug);
        match &self.text {
            Some(text) if name == names::capitalised(&self.slug) => {
                (text.clone(), format!("{text} Developer"))
            }
            _ => (name, job_title),
        }
    }
}

/// A plain decimal number: digits, at most one point, maybe a minus sign.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    Decimal::from_str_exact(text)
        .ok()
        .filter(|_| plain && digits.starts_with(|first: char| first.is_ascii_digit()))
}

/// An amount in whole US dollars a month: converted exactly, then rounded once, half up.
fn monthly_usd(amount: Decimal, rate: Decimal, period: Period) -> Option<MonthlyUsd> {
    if amount.is_sign_negative() {
        return None;
    }
    let usd = amount.checked_mul(rate)?;
    let monthly = match period {
        Period::Month => usd,
        Period::Year => usd.checked_div(Decimal::from(12))?,
    };
    let rounded = monthly.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    MonthlyUsd::new(i32::try_from(rounded).ok()?).ok()
}

/// The day of a text; the first of a month or year that names no day.
pub(super) fn day(text: &str, format: &[Item<'_>]) -> Option<NaiveDate> {
    let mut parsed = Parsed::new();
    chrono::format::parse(&mut parsed, text, format.iter()).ok()?;
    if let Ok(day) = parsed.to_naive_date() {
        return Some(day);
    }
    if parsed.month().is_none() {
        parsed.set_month(1).ok()?;
    }
    if parsed.day().is_none() {
        parsed.set_day(1).ok()?;
    }
    parsed.to_naive_date().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str, row: &str) -> Result<Row, Refusal> {
        read_with(&Profile::canonical(), header, row)
    }

    fn read_with(profile: &Profile, header: &str, row: &str) -> Result<Row, Refusal> {
        let record = |line: &str| StringRecord::from(line.split(',').collect::<Vec<_>>());
        Columns::find(profile, &record(header))
            .unwrap()
            .read(&record(row))
    }

    fn rejected(result: Result<Row, Refusal>) -> (String, String) {
        match result {
            Err(Refusal::Rejected { column, reason, .. }) => (column, reason),
            other => panic!("not rejected: {other:?}"),
        }
    }

    const HEADER: &str =
        "role,salary,offered_on,currency,period,technologies,seniority,experience_years,status";

    #[test]
    fn a_row_is_read_by_its_header() {
        let row = read(
            HEADER,
            "back-end-web,4500.50,2024-03-09,,,django; Ruby on Rails;django,senior,3.5,accepted",
        );
        let row = row.unwrap();
        assert_eq!(row.role.slug.as_str(), "back-end-web");
        let technologies: Vec<String> = row
            .technologies
            .iter()
            .map(|name| name.technology_name())
            .collect();
        assert_eq!(technologies, ["Django", "Ruby on Rails", "Django"]);
        assert_eq!(row.seniority, Some(Seniority::Senior));
        assert_eq!(row.experience_years, Some(3.5));
        let offer = row.offer.unwrap();
        assert_eq!(offer.salary.dollars(), 4501);
        assert_eq!(offer.status, OfferStatus::Accepted);
        assert_eq!(offer.offered_on.to_string(), "2024-03-09");
    }

    #[test]
    fn a_row_without_a_date_is_a_candidate_and_without_a_role_skipped() {
        let row = read(HEADER, "devops,,,,,,,,").unwrap();
        assert_eq!(row.offer, None);
        assert_eq!(
            read(HEADER, ",4500,2024-03-09,,,,,,"),
            Err(Refusal::Skipped)
        );
    }

    #[test]
    fn errors_name_their_column() {
        let reject = |row: &str| rejected(read(HEADER, row));
        assert_eq!(
            reject("devops,,2024-01-01,,,,,,"),
            ("salary".into(), "missing".into())
        );
        assert_eq!(reject("devops,4k,2024-01-01,,,,,,").0, "salary");
        assert_eq!(reject("devops,0.4,2024-01-01,,,,,,").0, "salary");
        assert_eq!(reject("devops,-5,2024-01-01,,,,,,").0, "salary");
        assert_eq!(reject("devops,1000000,2024-01-01,,,,,,").0, "salary");
        assert!(
            reject("devops,100,2024-01-01,EUR,,,,,")
                .1
                .contains("no rate for this currency")
        );
        assert_eq!(reject("devops,100,2024-01-01,,week,,,,").0, "period");
        assert_eq!(reject("devops,100,2024-02-30,,,,,,").0, "offered_on");
        assert_eq!(reject("devops,100,1989-12-31,,,,,,").0, "offered_on");
        assert_eq!(reject("devops,100,2999-01-01,,,,,,").0, "offered_on");
        assert_eq!(reject("devops,100,2024-01-01,,,,boss,,").0, "seniority");
        assert_eq!(
            reject("devops,100,2024-01-01,,,,,101,").0,
            "experience_years"
        );
        assert_eq!(reject("devops,100,2024-01-01,,,,,,maybe").0, "status");
        assert_eq!(reject("кіт,100,2024-01-01,,,,,,").0, "role");
        assert!(reject("devops,100").1.contains("number of fields"));
    }

    #[test]
    fn all_that_is_wrong_with_a_row_is_named() {
        let problems = |row: &str| {
            let record = |line: &str| StringRecord::from(line.split(',').collect::<Vec<_>>());
            let profile = Profile::canonical();
            let columns = Columns::find(&profile, &record(HEADER)).unwrap();
            let problems = columns.problems(&record(row)).into_iter();
            problems
                .map(|problem| problem.column)
                .collect::<Vec<String>>()
        };
        assert!(problems("devops,4500,2024-03-09,,,,,,").is_empty());
        assert!(problems("devops,,,,,,,,").is_empty());
        assert_eq!(problems(",,2024-03-09,,,,,,"), ["role", "salary"]);
        assert_eq!(
            problems("x,4k,1989-01-01,,,кіт,boss,101,lost"),
            [
                "technologies",
                "seniority",
                "experience_years",
                "salary",
                "offered_on",
                "status"
            ]
        );
    }

    #[test]
    fn amounts_are_converted_exactly_and_rounded_once() {
        let profile: Profile =
            "[source]\nslug='s'\npay='net'\n[columns]\nrole='r'\nsalary='s'\noffered_on='d'\n\
             currency='c'\n[salary]\nperiod='year'\n[rates]\nEUR=1.1"
                .parse()
                .unwrap();
        let salary = |amount: &str, currency: &str| {
            let row = read_with(
                &profile,
                "r,s,d,c",
                &format!("x,{amount},2024-01-01,{currency}"),
            );
            row.unwrap().salary.unwrap().dollars()
        };
        assert_eq!(salary("60000", ""), 5000);
        assert_eq!(salary("60006", "USD"), 5001); // 5000.5
        assert_eq!(salary("60005.99", "USD"), 5000);
        assert_eq!(salary("60000", "EUR"), 5500);
        assert_eq!(salary("11999988", "USD"), 999_999);
    }

    #[test]
    fn a_year_alone_means_its_first_day() {
        let day =
            |text: &str, format: &str| day(text, &StrftimeItems::new(format).collect::<Vec<_>>());
        assert_eq!(day("2024", "%Y").unwrap().to_string(), "2024-01-01");
        assert_eq!(day("2024-05", "%Y-%m").unwrap().to_string(), "2024-05-01");
        assert_eq!(
            day("2024-11-22 9:03:12", "%Y-%m-%d %H:%M:%S")
                .unwrap()
                .to_string(),
            "2024-11-22"
        );
        assert_eq!(day("yesterday", "%Y"), None);
    }

    #[test]
    fn the_first_column_that_gives_a_value_wins() {
        let profile: Profile =
            "[source]\nslug='s'\npay='net'\n[columns]\nrole=['a', 'b']\nsalary='s'\n\
             offered_on='d'\n[values.role]\n'DevOps  Engineer'='devops'"
                .parse()
                .unwrap();
        let role =
            |a: &str, b: &str| read_with(&profile, "a,b,s,d", &format!("{a},{b},5,2024-01-01"));
        assert_eq!(
            role("unlisted", " DevOps \t Engineer")
                .unwrap()
                .role
                .slug
                .as_str(),
            "devops"
        );
        assert_eq!(role("unlisted", ""), Err(Refusal::Skipped));
    }

    #[test]
    fn constant_technologies_are_a_list_like_any_other() {
        let profile: Profile =
            "[source]\nslug='s'\npay='net'\n[columns]\nrole='r'\nsalary='s'\noffered_on='d'\n\
             [constants]\ntechnologies='Linux; linux;;Git '"
                .parse()
                .unwrap();
        let row = read_with(&profile, "r,s,d", "devops,5,2024-01-01").unwrap();
        let slugs: Vec<&str> = row.technologies.iter().map(|it| it.slug.as_str()).collect();
        assert_eq!(slugs, ["linux", "linux", "git"]);
    }

    #[test]
    fn a_missing_column_is_named() {
        let header = StringRecord::from(vec!["role", "pay"]);
        let error = Columns::find(&Profile::canonical(), &header).err().unwrap();
        assert!(
            error.contains("salary") && error.contains("role, pay"),
            "{error}"
        );
    }
}
