//! `/admin/issues`: all issues.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, Utc};

use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::editors::Editor;
use crate::editors::working_copies::{self, Work, WorkingCopy};
use crate::error::AppError;
use crate::newsletter::Postman;
use crate::newsletter::admin::mail_notice;
use crate::newsletter::issues::{Issue, State, queries};
use crate::web::{Meta, Site, assets, html, times};

/// Issues that are listed.
const LISTED: i64 = 200;

#[derive(Template)]
#[template(path = "newsletter/admin/issues.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    mail_notice: Option<String>,
    issues: Vec<Issue>,
    /// Of what the editor has unsaved text.
    unsaved: Vec<Work>,
    /// Texts of issues that were never saved.
    new_texts: Vec<WorkingCopy>,
    now: NaiveDateTime,
}

impl List<'_> {
    fn is_unsaved(&self, issue: &Issue) -> bool {
        self.unsaved.contains(&Work::Issue(Some(issue.id)))
    }
}

/// `GET /admin/issues`
pub(super) async fn show(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let id = editor.id;
    let (issues, unsaved, new_texts) = db
        .read_newest(move |conn| {
            let unsaved = working_copies::works_of(conn, id)?.into_iter();
            Ok::<_, DbError>((
                queries::newest(conn, LISTED)?,
                unsaved.map(|(_, work)| work).collect(),
                working_copies::of(conn, id, Work::Issue(None))?,
            ))
        })
        .await?;
    html(&List {
        site: &site,
        meta: Meta::new("Issues", "", "/admin/issues").hidden(),
        frame: Frame::of(&editor, &request, Section::Issues),
        mail_notice: mail_notice(&postman),
        issues,
        unsaved,
        new_texts,
        now: Utc::now().naive_utc(),
    })
}
