//! `/admin/subscribers`: search, states, topics, growth.

use std::borrow::Borrow;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, Utc};
use serde::Deserialize;

use super::mail_notice;
use crate::admin::{Frame, Section};
use crate::db::Db;
use crate::editors::Editor;
use crate::error::AppError;
use crate::market::queries as market;
use crate::money::Grouped;
use crate::newsletter::interests::{self, Interest};
use crate::newsletter::roll::{self, Filter, MonthOfGrowth};
use crate::newsletter::subscribers::Subscriber;
use crate::newsletter::{Postman, State};
use crate::web::{Meta, Site, assets, html, page, query_escaped, times};

/// Subscribers of a page.
const LISTED: i64 = 50;

/// Months of growth that are shown.
const MONTHS: u32 = 12;

pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/subscribers").route(page().to(list)));
}

/// What is searched for, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    state: String,
    role: String,
    technology: String,
    page: String,
}

impl Asked {
    /// The same as a filter; unknown words narrow nothing.
    pub(super) fn filter(&self, conn: &mut crate::db::Conn) -> diesel::QueryResult<Filter> {
        Ok(Filter {
            part: self.q.trim().chars().take(254).collect(),
            state: self.state.parse().ok(),
            interest: Interest::by_slugs(conn, &self.role, &self.technology)?,
        })
    }

    /// As a query string, without the page.
    fn query(&self) -> String {
        format!(
            "q={}&state={}&role={}&technology={}",
            query_escaped(self.q.trim()),
            query_escaped(&self.state),
            query_escaped(&self.role),
            query_escaped(&self.technology)
        )
    }

    fn is_narrowed(&self) -> bool {
        let fields = [&self.q, &self.state, &self.role, &self.technology];
        fields.iter().any(|field| !field.trim().is_empty())
    }
}

/// A subscriber with what they want to hear of.
struct Row {
    who: Subscriber,
    wants: String,
}

#[derive(Template)]
#[template(path = "newsletter/admin/list.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    mail_notice: Option<String>,
    asked: &'a Asked,
    view: View,
    number: i64,
    last: i64,
    now: NaiveDateTime,
}

/// What the page shows.
struct View {
    rows: Vec<Row>,
    found: i64,
    counts: Vec<(State, i64)>,
    growth: Vec<MonthOfGrowth>,
    roles: Vec<(String, String)>,
    technologies: Vec<(String, String)>,
}

impl View {
    fn load(conn: &mut crate::db::Conn, asked: &Asked, number: i64) -> Result<Self, AppError> {
        let filter = asked.filter(conn)?;
        let mut rows = Vec::new();
        for who in roll::newest(conn, &filter, (number - 1) * LISTED, LISTED)? {
            let mut wants = Vec::new();
            if who.wants_issues {
                wants.push("Issues".to_owned());
            }
            let named = interests::of(conn, who.id)?.into_iter();
            wants.extend(named.map(|named| named.name));
            rows.push(Row {
                who,
                wants: wants.join(", "),
            });
        }
        let options = |none: &str, all: Vec<(String, String)>| {
            let mut options = vec![(String::new(), none.to_owned())];
            options.extend(all);
            options
        };
        let roles = market::roles(conn)?.into_iter();
        let technologies = market::technologies(conn)?.into_iter();
        Ok(Self {
            rows,
            found: roll::count(conn, &filter)?,
            counts: roll::counts(conn)?,
            growth: roll::growth(conn, Utc::now().naive_utc(), MONTHS)?,
            roles: options(
                "Any role",
                roles.map(|it| (it.slug.to_string(), it.name)).collect(),
            ),
            technologies: options(
                "Any technology",
                technologies
                    .map(|it| (it.slug.to_string(), it.name))
                    .collect(),
            ),
        })
    }
}

impl List<'_> {
    fn state_options(&self) -> Vec<(&'static str, String)> {
        let mut options = vec![("", "Any state".to_owned())];
        let counts = self.view.counts.iter();
        options.extend(counts.map(|(state, count)| {
            (
                state.as_str(),
                format!("{} ({})", state.label(), Grouped(*count)),
            )
        }));
        options
    }

    fn is_state(&self, value: impl AsRef<str>) -> bool {
        self.asked.state == value.as_ref()
    }

    fn page_address(&self, number: impl Borrow<i64>) -> String {
        format!(
            "/admin/subscribers?{}&page={}",
            self.asked.query(),
            number.borrow()
        )
    }

    /// How many get mails.
    fn confirmed(&self) -> Grouped {
        let counts = self.view.counts.iter();
        let confirmed = counts.filter(|(state, _)| *state == State::Confirmed);
        Grouped(confirmed.map(|(_, count)| *count).sum())
    }

    /// Whether nobody ever came.
    fn is_bare(&self) -> bool {
        self.view.counts.iter().all(|(_, count)| *count == 0)
    }
}

/// `GET /admin/subscribers?q=&state=&role=&technology=&page=`
async fn list(
    editor: Editor,
    request: HttpRequest,
    asked: web::Query<Asked>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let number = asked.page.parse().unwrap_or(1).clamp(1, 1_000_000);
    let typed = asked.clone();
    let view = db
        .read_newest(move |conn| View::load(conn, &typed, number))
        .await?;
    html(&List {
        site: &site,
        meta: Meta::new("Subscribers", "", "/admin/subscribers").hidden(),
        frame: Frame::of(&editor, &request, Section::Subscribers),
        mail_notice: mail_notice(&postman),
        asked: &asked,
        last: ((view.found + LISTED - 1) / LISTED).max(1),
        view,
        number,
        now: Utc::now().naive_utc(),
    })
}
