//! An issue's form: `/admin/issues/new` and `/admin/issues/{id}`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::admin::{Frame, Section};
use crate::articles::live_figures::FigureKind;
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::editors::working_copies::{self, Work, WorkingCopy};
use crate::error::AppError;
use crate::ids::{EditorId, IssueId, WorkingCopyId};
use crate::market::{Role, Seniority, Technology, queries as market};
use crate::newsletter::Postman;
use crate::newsletter::admin::mail_notice;
use crate::newsletter::issues::Issue;
use crate::newsletter::issues::form::Typed;
use crate::web::forms::{FieldErrors, options};
use crate::web::headers::{Frames, with_frames};
use crate::web::{Meta, Site, assets, html_with, parameter, parameters, times};

/// What the form holds.
#[derive(Default)]
pub(super) struct Form {
    pub(super) typed: Typed,
    pub(super) errors: FieldErrors,
    /// The revision that the typing began with; 0 for a new issue.
    pub(super) base: i64,
    /// Where a new issue's text is kept while it is typed.
    pub(super) copy: Option<WorkingCopyId>,
    /// Whether the form holds what is not saved.
    pub(super) is_unsaved: bool,
}

/// What stands around the form.
pub(super) struct Around {
    /// The issue as it is saved; none for a new one.
    pub(super) issue: Option<Issue>,
    roles: Vec<Role>,
    technologies: Vec<Technology>,
    /// Texts that the editor has not saved: of the issue, or of new ones.
    pub(super) unsaved: Vec<WorkingCopy>,
    /// Names of others who are writing.
    others: Vec<String>,
}

impl Around {
    pub(super) fn load(
        conn: &mut Conn,
        editor: EditorId,
        id: Option<IssueId>,
    ) -> Result<Self, AppError> {
        let work = Work::Issue(id);
        Ok(Self {
            issue: match id {
                Some(id) => Some(super::find(conn, id)?),
                None => None,
            },
            roles: market::roles(conn)?,
            technologies: market::technologies(conn)?,
            unsaved: working_copies::of(conn, editor, work)?,
            others: working_copies::others_at(conn, editor, work)?,
        })
    }

    /// What the issue says, as one types it.
    pub(super) fn typed(&self, issue: &Issue) -> Typed {
        let role = self.roles.iter();
        let role = role
            .into_iter()
            .find(|role| Some(role.id) == issue.audience.role);
        let technology = self.technologies.iter();
        let technology = technology
            .into_iter()
            .find(|it| Some(it.id) == issue.audience.technology);
        Typed {
            title: issue.title.clone(),
            summary: issue.summary.clone(),
            slug: issue.slug.to_string(),
            body: issue.body.clone(),
            role: role.map_or_else(String::new, |role| role.slug.to_string()),
            technology: technology.map_or_else(String::new, |it| it.slug.to_string()),
        }
    }
}

#[derive(Template)]
#[template(path = "newsletter/admin/issue.html")]
struct Edit<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    mail_notice: Option<String>,
    form: &'a Form,
    typed: &'a Typed,
    errors: &'a FieldErrors,
    issue: Option<&'a Issue>,
    /// The revision that is saved; 0 for a new issue.
    revision: i64,
    unsaved: &'a [WorkingCopy],
    others: &'a [String],
    roles: Vec<(String, String)>,
    technologies: Vec<(String, String)>,
    action: String,
}

/// The page of a form.
pub(super) fn page(
    site: &Site,
    frame: Frame,
    postman: &Postman,
    form: &Form,
    around: &Around,
) -> Result<HttpResponse, AppError> {
    let issue = around.issue.as_ref();
    let action = issue.map_or_else(|| "/admin/issues".to_owned(), Issue::admin_path);
    let title = issue.map_or("New issue", |issue| issue.title.as_str());
    let (roles, technologies) = (around.roles.iter(), around.technologies.iter());
    let edit = Edit {
        site,
        meta: Meta::new(title, "", action.clone()).hidden(),
        frame,
        mail_notice: mail_notice(postman),
        form,
        typed: &form.typed,
        errors: &form.errors,
        issue,
        revision: issue.map_or(0, |issue| issue.revision),
        unsaved: &around.unsaved,
        others: &around.others,
        roles: options(
            "No role",
            roles.map(|role| (role.slug.to_string(), role.name.clone())),
        ),
        technologies: options(
            "No technology",
            technologies.map(|it| (it.slug.to_string(), it.name.clone())),
        ),
        action,
    };
    // The preview stands in a frame.
    Ok(with_frames(
        html_with(form.errors.status(), &edit)?,
        Frames::ShowsOwn,
    ))
}

/// `GET /admin/issues/new`; with `?copy=7` it goes on with an unsaved text.
pub(super) async fn new(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let asked = parameters(request.query_string());
    let copy = parameter(&asked, "copy").parse().ok().map(WorkingCopyId);
    let id = editor.id;
    let mut around = db
        .read_newest(move |conn| Around::load(conn, id, None))
        .await?;
    let form = match working_copies::take(&mut around.unsaved, |text| Some(text.id) == copy) {
        Some(used) => Form {
            typed: used.typed(),
            copy: Some(used.id),
            is_unsaved: true,
            ..Form::default()
        },
        None => Form::default(),
    };
    let frame = Frame::of(&editor, &request, Section::Issues);
    page(&site, frame, &postman, &form, &around)
}

/// `GET /admin/issues/{id}`: its form, or what came of it. With `?copy=used` the form goes on with the unsaved text.
pub(super) async fn show(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, by) = (IssueId(*id), editor.id);
    let mut around = db
        .read_newest(move |conn| Around::load(conn, by, Some(id)))
        .await?;
    let frame = Frame::of(&editor, &request, Section::Issues);
    let Some(issue) = around.issue.clone().filter(|issue| issue.state.is_open()) else {
        return super::super::report::page_of(frame, &site, &db, &postman, id).await;
    };
    let uses_copy = parameter(&parameters(request.query_string()), "copy") == "used";
    let form = match working_copies::take(&mut around.unsaved, |_| uses_copy) {
        Some(used) => Form {
            typed: used.typed(),
            base: used.base,
            is_unsaved: true,
            ..Form::default()
        },
        None => Form {
            typed: around.typed(&issue),
            base: issue.revision,
            ..Form::default()
        },
    };
    page(&site, frame, &postman, &form, &around)
}
