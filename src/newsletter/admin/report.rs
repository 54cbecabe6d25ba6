//! Sending an issue, and what came of it: `/admin/issues/{id}/sending`, progress, pause, cancelling, the report.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, Utc};
use serde::Serialize;

use super::issues::find;
use super::mail_notice;
use crate::admin::{Frame, Section};
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::editors::log::{self, Thing};
use crate::error::AppError;
use crate::ids::IssueId;
use crate::money::Grouped;
use crate::newsletter::Postman;
use crate::newsletter::issues::sending::{self, Odd, Tally};
use crate::newsletter::issues::{Issue, State, rendering};
use crate::newsletter::letters::State as LetterState;
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html, html_with, page, parameter, times};

pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/issues/{id}/sending")
                .route(page().to(ask))
                .route(web::post().to(send)),
        )
        .service(web::resource("/issues/{id}/progress.json").route(page().to(progress)))
        .service(web::resource("/issues/{id}/step/{step}").route(web::post().to(step)));
}

#[derive(Template)]
#[template(path = "newsletter/admin/sending.html")]
struct Ask<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    mail_notice: Option<String>,
    issue: &'a Issue,
    readers: i64,
    /// Placeholders without a figure, and why.
    problems: Vec<String>,
    scheduled_at: String,
    errors: FieldErrors,
}

/// `GET /admin/issues/{id}/sending`: asks once, with all that is to be known.
async fn ask(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let frame = Frame::of(&editor, &request, Section::Issues);
    let data = (site, db, postman, catalogues);
    asked(frame, IssueId(*id), data, None, FieldErrors::default()).await
}

/// What handlers of sending need.
type Data = (
    web::Data<Site>,
    web::Data<Db>,
    web::Data<Postman>,
    web::Data<Catalogues>,
);

async fn asked(
    frame: Frame,
    id: IssueId,
    (site, db, postman, catalogues): Data,
    typed: Option<String>,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let of_site = site.clone();
    let (issue, readers, problems) = db
        .read_newest(move |conn| {
            let issue = find(conn, id)?;
            let catalogue = catalogues.of(conn)?;
            let shown = rendering::shown(conn, &catalogue, &of_site, &issue)?;
            let readers = sending::audience_size(conn, issue.audience)?;
            Ok::<_, AppError>((issue, readers, shown.problems))
        })
        .await?;
    if !issue.state.is_open() {
        return Ok(see_other(
            &issue.admin_path(),
            &Notice::problem("This issue is being sent already."),
        ));
    }
    let scheduled = issue
        .scheduled_at
        .map(|at| at.format("%Y-%m-%dT%H:%M").to_string());
    let status = errors.status();
    let problems = problems.iter();
    let ask = Ask {
        site: &site,
        meta: Meta::new(
            format!("Send \u{201c}{}\u{201d}", issue.title),
            "",
            issue.admin_path(),
        )
        .hidden(),
        frame,
        mail_notice: mail_notice(&postman),
        readers,
        problems: problems
            .map(|(source, problem)| format!("{{{{ {source} }}}}: {problem}"))
            .collect(),
        scheduled_at: typed.or(scheduled).unwrap_or_default(),
        errors,
        issue: &issue,
    };
    html_with(status, &ask)
}

/// `POST /admin/issues/{id}/sending`: now, or at a time.
async fn send(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    sent: web::Form<Vec<(String, String)>>,
    data: Data,
) -> Result<HttpResponse, AppError> {
    let id = IssueId(*id);
    let typed = parameter(&sent, "scheduled_at");
    let result = if parameter(&sent, "when") == "later" {
        schedule(&data.1, &editor, id, &typed).await
    } else {
        begin(&editor, id, &data).await
    };
    match result {
        Ok(notice) => {
            data.2.ring();
            Ok(see_other(&format!("/admin/issues/{}", id.0), &notice))
        }
        Err(error) => {
            let errors = error.into_errors()?;
            let frame = Frame::of(&editor, &request, Section::Issues);
            asked(frame, id, data, Some(typed), errors).await
        }
    }
}

async fn schedule(db: &Db, editor: &Editor, id: IssueId, typed: &str) -> Result<Notice, FormError> {
    let now = Utc::now().naive_utc();
    let at = NaiveDateTime::parse_from_str(typed, "%Y-%m-%dT%H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(typed, "%Y-%m-%dT%H:%M:%S"));
    let problem = |sentence: &str| {
        let mut errors = FieldErrors::default();
        errors.add("scheduled_at", sentence);
        FormError::from(errors)
    };
    let at = at.map_err(|_| problem("Write a date and a time, such as 2027-01-31 09:00."))?;
    if at <= now {
        return Err(problem(
            "This time is over. Choose one to come, or send it now.",
        ));
    }
    let by = editor.id;
    db.write(move |conn| {
        let issue = find(conn, id)?;
        if !sending::schedule(conn, id, at)? {
            return Err(FieldErrors::whole("This issue is being sent already.").into());
        }
        log::note(conn, Some(by), "scheduled", Thing::Issue(id), &issue.title)?;
        Ok(Notice::done(format!(
            "The issue is sent on {} UTC.",
            times::minute(at)
        )))
    })
    .await
}

async fn begin(
    editor: &Editor,
    id: IssueId,
    (site, db, _, catalogues): &Data,
) -> Result<Notice, FormError> {
    let (by, site, catalogues) = (editor.id, site.clone(), catalogues.clone());
    db.write(move |conn| {
        let issue = find(conn, id)?;
        let catalogue = catalogues.of(conn)?;
        let begun = sending::begin(conn, &catalogue, &site, id, Utc::now().naive_utc())?;
        let Some(letters) = begun else {
            return Err(FieldErrors::whole("This issue is being sent already.").into());
        };
        log::note(conn, Some(by), "sent", Thing::Issue(id), &issue.title)?;
        let letters = i64::try_from(letters).unwrap_or(i64::MAX);
        Ok(Notice::done(format!(
            "The issue is on its way to {} subscribers.",
            Grouped(letters)
        )))
    })
    .await
}

#[derive(Template)]
#[template(path = "newsletter/admin/report.html")]
struct Report<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    mail_notice: Option<String>,
    issue: &'a Issue,
    tally: Tally,
    odd: Vec<Odd>,
}

impl Report<'_> {
    /// Whether its page is to be looked at again.
    fn moves(&self) -> bool {
        self.issue.state == State::Sending
    }

    fn status(&self) -> String {
        status(&self.tally)
    }

    fn unclear(&self) -> i64 {
        self.tally.of(LetterState::Unclear)
    }

    /// The states that letters have, with how many.
    fn states(&self) -> Vec<(&'static str, Grouped)> {
        let states = LetterState::ALL.iter();
        states
            .map(|state| (state.label(), self.tally.of(*state)))
            .filter(|(_, count)| *count > 0)
            .map(|(label, count)| (label, Grouped(count)))
            .collect()
    }
}

fn status(tally: &Tally) -> String {
    format!(
        "{} of {} mails",
        Grouped(tally.done()),
        Grouped(tally.all())
    )
}

/// What came of an issue.
pub(super) async fn page_of(
    frame: Frame,
    site: &Site,
    db: &Db,
    postman: &Postman,
    id: IssueId,
) -> Result<HttpResponse, AppError> {
    let (issue, tally, odd) = db
        .read_newest(move |conn| {
            Ok::<_, AppError>((
                find(conn, id)?,
                sending::tally(conn, id)?,
                sending::odd(conn, id)?,
            ))
        })
        .await?;
    html(&Report {
        site,
        meta: Meta::new(&issue.title, "", issue.admin_path()).hidden(),
        frame,
        mail_notice: mail_notice(postman),
        issue: &issue,
        tally,
        odd,
    })
}

/// How far it is, for a script.
#[derive(Serialize)]
struct Progress {
    state: &'static str,
    percent: i64,
    status: String,
}

/// `GET /admin/issues/{id}/progress.json`
async fn progress(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = IssueId(*id);
    let (issue, tally) = db
        .read_newest(move |conn| Ok::<_, AppError>((find(conn, id)?, sending::tally(conn, id)?)))
        .await?;
    Ok(HttpResponse::Ok().json(Progress {
        state: issue.state.as_str(),
        percent: tally.percent(),
        status: status(&tally),
    }))
}

/// `POST /admin/issues/{id}/step/{step}`: pause, resume, cancel, unschedule, again.
async fn step(
    editor: Editor,
    path: web::Path<(i64, String)>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, step) = path.into_inner();
    let id = IssueId(id);
    let by = editor.id;
    let notice = db.write(move |conn| take(conn, id, &step, by)).await?;
    postman.ring();
    Ok(see_other(&format!("/admin/issues/{}", id.0), &notice))
}

fn take(
    conn: &mut Conn,
    id: IssueId,
    step: &str,
    by: crate::ids::EditorId,
) -> Result<Notice, AppError> {
    let issue = find(conn, id)?;
    let now = Utc::now().naive_utc();
    let (is_taken, did, done) = match step {
        "pause" => (
            sending::pause(conn, id)?,
            "paused",
            "Paused. The rest of the mails waits until you go on.",
        ),
        "resume" => (sending::resume(conn, id)?, "resumed", "It goes on."),
        "cancel" => (
            sending::cancel(conn, id, now)?,
            "cancelled",
            "Cancelled. What had not left is not sent.",
        ),
        "unschedule" => (
            sending::unschedule(conn, id)?,
            "unscheduled",
            "The issue is a draft again.",
        ),
        "again" => (
            sending::send_unclear_again(conn, id, now)? > 0,
            "sent_again",
            "What may not have arrived is sent once more.",
        ),
        _ => return Err(AppError::not_found("There is no page at this address.")),
    };
    if !is_taken {
        return Ok(Notice::problem(
            "That could not be done: the issue is not in that state any more.",
        ));
    }
    log::note(conn, Some(by), did, Thing::Issue(id), &issue.title)?;
    Ok(Notice::done(done))
}
