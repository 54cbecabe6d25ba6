//! Fills the texts of articles with figures, in the transaction that makes the page.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;

use super::placeholder::{FigureKind, Placeholder, Selection};
use super::values::{Inline, Problem, inline};
use crate::articles::markdown::{Heading, Piece, Rendered};
use crate::articles::{Article, FullArticle};
use crate::catalogue::Catalogue;
use crate::db::Conn;
use crate::error::AppError;
use crate::market::PayBasis;
use crate::money::HalfUsd;
use crate::salaries::chart::MonthLine;
use crate::salaries::queries::{self, Missing};
use crate::salaries::{Histogram, Level, Report, Subject, levels};
use crate::slug::Slug;
use crate::versions::Topic;
use crate::web::Link;

/// Who reads a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Reads that there are not enough offers, where there is no figure.
    Visitors,
    /// Reads why.
    Editors,
}

/// An article as a page shows it: its text with the figures of that moment.
#[derive(Clone, Debug)]
pub struct Reading {
    full: Arc<FullArticle>,
    /// Where figures stand in it.
    filled: Option<Filled>,
}

impl Reading {
    /// An article without figures; `None` where it has any.
    #[must_use]
    pub fn plain(full: Arc<FullArticle>) -> Option<Self> {
        (!full.text.has_figures()).then_some(Self { full, filled: None })
    }

    /// The article.
    #[must_use]
    pub fn article(&self) -> &Article {
        &self.full.article
    }

    /// Its text.
    #[must_use]
    pub fn html(&self) -> &str {
        match (&self.filled, self.full.text.pieces.first()) {
            (Some(filled), _) => &filled.html,
            (None, Some(Piece::Html(html))) => html.as_str(),
            (None, _) => "",
        }
    }

    /// Its headings of the highest level, in order.
    #[must_use]
    pub fn contents(&self) -> &[Heading] {
        let filled = self.filled.as_ref();
        filled.map_or(&self.full.text.contents, |filled| &filled.contents)
    }

    /// Whether charts stand in it.
    #[must_use]
    pub fn has_charts(&self) -> bool {
        self.filled.as_ref().is_some_and(|filled| filled.has_charts)
    }
}

/// A text with its figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub html: String,
    /// Its headings of the highest level, in order.
    pub contents: Vec<Heading>,
    /// Whether charts stand in it.
    pub has_charts: bool,
    /// The placeholders without a figure, as they are written, and why.
    pub problems: Vec<(String, Problem)>,
}

/// Finds figures, each selection once.
pub struct Lookup<'a> {
    catalogue: &'a Catalogue,
    min_candidates: u64,
    /// What the page shows anyway.
    page: Option<&'a Report>,
    found: HashMap<Selection, Arc<Result<Report, Problem>>>,
    topics: Vec<Topic>,
}

impl<'a> Lookup<'a> {
    /// Nothing found yet.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue, min_candidates: u64) -> Self {
        Self {
            catalogue,
            min_candidates,
            page: None,
            found: HashMap::new(),
            topics: Vec::new(),
        }
    }

    /// The same, beside what the page shows anyway, so that it is not read again.
    #[must_use]
    pub fn beside(self, page: Option<&'a Report>) -> Self {
        Self { page, ..self }
    }

    /// What a page shows with what was found.
    #[must_use]
    pub fn topics(self) -> Vec<Topic> {
        self.topics
    }

    /// The fewest candidates of whom figures are published.
    #[must_use]
    pub const fn min_candidates(&self) -> u64 {
        self.min_candidates
    }

    /// Why a placeholder shows no figure; `None` where it shows one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn problem(
        &mut self,
        conn: &mut Conn,
        placeholder: &Placeholder,
    ) -> diesel::QueryResult<Option<Problem>> {
        let found = self.report(conn, &placeholder.selection)?;
        let report = match &*found {
            Ok(report) => report,
            Err(problem) => return Ok(Some(problem.clone())),
        };
        let kind = placeholder.kind;
        let figure = if kind.stands_alone() {
            // Any figure says whether there are figures.
            FigureKind::Median
        } else {
            kind
        };
        let too_few = Some(Problem::TooFewParts(kind)).filter(|_| !is_drawable(kind, report));
        Ok(inline(figure, report, self.min_candidates)
            .err()
            .or(too_few))
    }

    /// An article with the figures of this moment.
    ///
    /// # Errors
    /// When the database fails, or a template.
    pub fn reading(
        &mut self,
        conn: &mut Conn,
        full: Arc<FullArticle>,
        audience: Audience,
    ) -> Result<Reading, AppError> {
        let filled = if full.text.has_figures() {
            let slug = &full.article.slug;
            Some(self.fill(conn, &full.text, slug, audience)?)
        } else {
            None
        };
        Ok(Reading { full, filled })
    }

    /// The figures of a selection, or why there are none.
    ///
    /// # Errors
    /// When the database fails.
    pub fn report(
        &mut self,
        conn: &mut Conn,
        selection: &Selection,
    ) -> diesel::QueryResult<Arc<Result<Report, Problem>>> {
        if let Some(found) = self.found.get(selection) {
            return Ok(Arc::clone(found));
        }
        let found = Arc::new(self.find(conn, selection)?);
        self.found.insert(selection.clone(), Arc::clone(&found));
        Ok(found)
    }

    fn find(
        &mut self,
        conn: &mut Conn,
        selection: &Selection,
    ) -> diesel::QueryResult<Result<Report, Problem>> {
        let subject = match self.subject(selection) {
            Ok(subject) => subject,
            Err(problem) => {
                // Whenever there is such a role or technology, lists of them change.
                self.shows(Topic::Figures);
                return Ok(Err(problem));
            }
        };
        self.shows(Topic::Role(subject.role.id));
        let technology = subject.technology.as_ref();
        if let Some(technology) = technology {
            self.shows(Topic::Technology(technology.id));
        }
        let page = self
            .page
            .filter(|page| page.subject == subject && page.filters == selection.filters);
        if let Some(page) = page {
            return Ok(Ok(page.clone()));
        }
        let found = queries::find(
            conn,
            subject.role.id,
            technology.map(|technology| technology.id),
            &selection.filters,
        )?;
        Ok(match found {
            Ok(found) => Ok(Report::of(
                self.catalogue,
                subject,
                found,
                self.min_candidates,
            )),
            Err(Missing::Technology) => Err(Problem::NobodyKnows(
                subject.role.name.clone(),
                technology.map_or_else(String::new, |technology| technology.name.clone()),
            )),
            Err(Missing::Year(year)) => Err(Problem::NoYear(year)),
        })
    }

    /// The role and technology of a selection, by the names of this moment.
    fn subject(&self, selection: &Selection) -> Result<Subject, Problem> {
        let (role, technology) = (selection.role.as_str(), selection.technology.as_ref());
        if self.catalogue.role_by_any_slug(role).is_none() {
            let near = most_like(role, self.catalogue.role_slugs());
            return Err(Problem::NoRole(role.to_owned(), near));
        }
        let technology = technology.map(Slug::as_str);
        Subject::by_any_slugs(self.catalogue, role, technology).ok_or_else(|| {
            let technology = technology.unwrap_or_default();
            let near = most_like(technology, self.catalogue.technology_slugs());
            Problem::NoTechnology(technology.to_owned(), near)
        })
    }

    fn shows(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
        }
    }

    /// A text with its figures. The slug makes the identifiers of its charts those of no other text.
    ///
    /// # Errors
    /// When the database fails, or a template.
    pub fn fill(
        &mut self,
        conn: &mut Conn,
        text: &Rendered,
        slug: &Slug,
        audience: Audience,
    ) -> Result<Filled, AppError> {
        let mut filling = Filling {
            slug,
            audience,
            charts: 0,
            groups: Vec::new(),
            problems: Vec::new(),
        };
        let mut html = String::new();
        for piece in &text.pieces {
            match piece {
                Piece::Html(finished) => html.push_str(finished.as_str()),
                Piece::Figure(spot) => {
                    let shown = self.shown(conn, &spot.source, spot.alone)?;
                    filling.write(&mut html, &spot.source, spot.alone, &shown)?;
                }
            }
        }
        if !filling.groups.is_empty() {
            let groups = &filling.groups;
            Note { groups }.render_into(&mut html)?;
        }
        let contents = text.contents.iter();
        let contents = contents.map(|heading| self.heading(conn, heading));
        Ok(Filled {
            html,
            contents: contents.collect::<Result<_, AppError>>()?,
            has_charts: filling.charts > 0,
            problems: filling.problems,
        })
    }

    /// A heading in a list of contents.
    fn heading(&mut self, conn: &mut Conn, heading: &Heading) -> Result<Heading, AppError> {
        let mut text = String::new();
        let mut from = 0;
        for (place, spot) in &heading.figures {
            text.push_str(heading.text.get(from..*place).unwrap_or_default());
            from = *place;
            match self.shown(conn, &spot.source, false)? {
                Shown::Inline(_, inline) => text.push_str(&inline.text),
                Shown::Alone(..) | Shown::Nothing(_) => text.push_str(UNPUBLISHED),
            }
        }
        text.push_str(heading.text.get(from..).unwrap_or_default());
        Ok(Heading {
            anchor: heading.anchor.clone(),
            text,
            figures: Vec::new(),
        })
    }

    /// What a placeholder shows.
    fn shown(&mut self, conn: &mut Conn, source: &str, alone: bool) -> Result<Shown, AppError> {
        let placeholder = match Placeholder::parse(source) {
            Ok(placeholder) => placeholder,
            Err(unclear) => return Ok(Shown::Nothing(Problem::Unclear(unclear))),
        };
        let kind = placeholder.kind;
        if kind.stands_alone() && !alone {
            return Ok(Shown::Nothing(Problem::NotAlone(kind)));
        }
        let found = self.report(conn, &placeholder.selection)?;
        Ok(match &*found {
            Err(problem) => Shown::Nothing(problem.clone()),
            // Any figure says whether there are figures.
            Ok(report) if kind.stands_alone() => {
                match inline(FigureKind::Median, report, self.min_candidates) {
                    Ok(_) => Shown::Alone(kind, Arc::clone(&found)),
                    Err(problem) => Shown::Nothing(problem),
                }
            }
            Ok(report) => match inline(kind, report, self.min_candidates) {
                Ok(inline) => Shown::Inline(Arc::clone(&found), inline),
                Err(problem) => Shown::Nothing(problem),
            },
        })
    }
}

/// Whether a report has enough parts for a table or a line.
fn is_drawable(kind: FigureKind, report: &Report) -> bool {
    match kind {
        FigureKind::SeniorityTable => report.by_seniority.iter().any(|part| part.spread.is_some()),
        FigureKind::MonthLine => MonthLine::of(&report.by_month).is_some(),
        _ => true,
    }
}

/// The slug most like another, where one is.
fn most_like<'a>(wanted: &str, slugs: impl Iterator<Item = &'a str>) -> Option<String> {
    let scored = slugs.map(|slug| (strsim::jaro_winkler(wanted, slug), slug));
    let best = scored.max_by(|(a, x), (b, y)| a.total_cmp(b).then(y.cmp(x)))?;
    (best.0 > 0.8).then(|| best.1.to_owned())
}

/// What a visitor reads where there is no figure.
const UNPUBLISHED: &str = "not enough offers to publish";

/// What a placeholder shows.
enum Shown {
    /// A figure in a sentence.
    Inline(Arc<Result<Report, Problem>>, Inline),
    /// A chart or a table of a report.
    Alone(FigureKind, Arc<Result<Report, Problem>>),
    /// Nothing, and why.
    Nothing(Problem),
}

#[derive(Template)]
#[template(path = "articles/figures/inline.html")]
struct InText<'a> {
    figure: &'a Inline,
}

#[derive(Template)]
#[template(path = "articles/figures/missing.html")]
struct MissingFigure<'a> {
    source: &'a str,
    alone: bool,
    unpublished: &'static str,
    /// Why, for editors.
    problem: Option<&'a Problem>,
}

#[derive(Template)]
#[template(path = "articles/figures/chart.html")]
struct HistogramFigure<'a> {
    report: &'a Report,
    title: String,
    median: HalfUsd,
    chart: Histogram,
    chart_id: String,
}

#[derive(Template)]
#[template(path = "articles/figures/levels.html")]
struct SeniorityTable<'a> {
    report: &'a Report,
    levels: Vec<Level>,
    levels_name: String,
}

#[derive(Template)]
#[template(path = "articles/figures/months.html")]
struct MonthLineFigure<'a> {
    report: &'a Report,
    line: MonthLine,
    months_id: String,
    window: String,
}

/// What the figures of a text are of, after it.
#[derive(Template)]
#[template(path = "articles/figures/note.html")]
struct Note<'a> {
    groups: &'a [Group],
}

/// The selections of the same months and pay basis whose figures stand in a text.
struct Group {
    months: String,
    pay: PayBasis,
    selections: Vec<Link>,
}

/// A text that is being filled.
struct Filling<'a> {
    slug: &'a Slug,
    audience: Audience,
    charts: usize,
    groups: Vec<Group>,
    problems: Vec<(String, Problem)>,
}

impl Filling<'_> {
    /// Writes what a placeholder shows.
    fn write(
        &mut self,
        html: &mut String,
        source: &str,
        alone: bool,
        shown: &Shown,
    ) -> Result<(), AppError> {
        match shown {
            Shown::Inline(found, figure) => {
                self.names(found);
                InText { figure }.render_into(html)?;
            }
            Shown::Alone(kind, found) => {
                if let Ok(report) = &**found {
                    match self.drawn(*kind, report)? {
                        Some(drawn) => {
                            self.names(found);
                            html.push_str(&drawn);
                        }
                        None => self.misses(html, source, alone, &Problem::TooFewParts(*kind))?,
                    }
                }
            }
            Shown::Nothing(problem) => self.misses(html, source, alone, problem)?,
        }
        Ok(())
    }

    /// Writes that there is no figure.
    fn misses(
        &mut self,
        html: &mut String,
        source: &str,
        alone: bool,
        problem: &Problem,
    ) -> Result<(), AppError> {
        let missing = MissingFigure {
            source,
            alone,
            unpublished: UNPUBLISHED,
            problem: Some(problem).filter(|_| self.audience == Audience::Editors),
        };
        missing.render_into(html)?;
        self.problems.push((source.to_owned(), problem.clone()));
        Ok(())
    }

    /// Notes down of what a figure is.
    fn names(&mut self, found: &Result<Report, Problem>) {
        let Ok(report) = found else { return };
        let months = report.window_in_words();
        let filters = report.filters.in_words().join(", ");
        let mut name = report.subject.heading();
        if !filters.is_empty() {
            name = format!("{name} ({filters})");
        }
        let link = Link::new(name, report.address());
        let same = |group: &&mut Group| group.months == months && group.pay == report.pay;
        match self.groups.iter_mut().find(same) {
            Some(group) if group.selections.contains(&link) => {}
            Some(group) => group.selections.push(link),
            None => self.groups.push(Group {
                months,
                pay: report.pay,
                selections: vec![link],
            }),
        }
    }

    /// A chart or a table; `None` where too few parts of it are published.
    fn drawn(&mut self, kind: FigureKind, report: &Report) -> Result<Option<String>, AppError> {
        let Some(figures) = &report.figures else {
            return Ok(None);
        };
        let written = match kind {
            FigureKind::SeniorityTable => {
                if !is_drawable(kind, report) {
                    return Ok(None);
                }
                SeniorityTable {
                    report,
                    levels: levels(&report.by_seniority),
                    levels_name: format!("Salaries by seniority: {}", report.subject.heading()),
                }
                .render()?
            }
            FigureKind::MonthLine => {
                let Some(line) = MonthLine::of(&report.by_month) else {
                    return Ok(None);
                };
                MonthLineFigure {
                    report,
                    line,
                    months_id: self.next_id(),
                    window: report.window_in_words(),
                }
                .render()?
            }
            _ => HistogramFigure {
                report,
                title: report.title(),
                median: figures.percentiles.median,
                chart: Histogram::of(figures, &report.in_words()),
                chart_id: self.next_id(),
            }
            .render()?,
        };
        Ok(Some(written))
    }

    /// An identifier for a chart that no other has on the page: no slug holds two hyphens in a row.
    fn next_id(&mut self) -> String {
        self.charts += 1;
        format!("{}--{}", self.slug, self.charts)
    }
}
