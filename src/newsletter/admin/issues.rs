//! `/admin/issues`: writing an issue, and looking at it as its readers will.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, Utc};

use super::mail_notice;
use crate::admin::{Frame, Section};
use crate::articles::live_figures::{Audience, FigureKind};
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db, DbError};
use crate::editors::Editor;
use crate::editors::log::{self, Thing};
use crate::error::AppError;
use crate::ids::IssueId;
use crate::market::{Seniority, queries as market};
use crate::newsletter::Postman;
use crate::newsletter::interests::Interest;
use crate::newsletter::issues::queries::{self, Content};
use crate::newsletter::issues::{Issue, State, rendering};
use crate::newsletter::mails::{self, Links};
use crate::newsletter::pages::{IssuePage, SignUpBox};
use crate::slug::Slug;
use crate::web::forms::{FORM_BYTES, FieldErrors, FormError, of_bytes};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, headers, html, html_with, page, parameter, times};

/// Issues that are listed.
const LISTED: i64 = 200;

/// Letters of a subject: more are cut off by mail programs.
const LONGEST_TITLE: usize = 150;

/// Bytes of a text.
const LONGEST_BODY: usize = 1 << 20;

pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/issues")
                .app_data(of_bytes(FORM_BYTES))
                .route(page().to(list))
                .route(web::post().to(create)),
        )
        .service(web::resource("/issues/new").route(page().to(new)))
        .service(
            web::resource("/issues/preview")
                .app_data(of_bytes(FORM_BYTES))
                .route(page().to(nothing))
                .route(web::post().to(preview_typed)),
        )
        .service(
            web::resource("/issues/{id}")
                .app_data(of_bytes(FORM_BYTES))
                .route(page().to(show))
                .route(web::post().to(save)),
        )
        .service(web::resource("/issues/{id}/preview").route(page().to(preview)))
        .service(web::resource("/issues/{id}/mail.html").route(page().to(mail_html)))
        .service(web::resource("/issues/{id}/mail.txt").route(page().to(mail_text)))
        .service(web::resource("/issues/{id}/test").route(web::post().to(test)))
        .service(web::resource("/issues/{id}/removal").route(web::post().to(remove)));
}

#[derive(Template)]
#[template(path = "newsletter/admin/issues.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    mail_notice: Option<String>,
    issues: Vec<Issue>,
    now: NaiveDateTime,
}

/// `GET /admin/issues`
async fn list(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let issues = db
        .read_newest(|conn| Ok::<_, DbError>(queries::newest(conn, LISTED)?))
        .await?;
    html(&List {
        site: &site,
        meta: Meta::new("Issues", "", "/admin/issues").hidden(),
        frame: Frame::of(&editor, &request, Section::Issues),
        mail_notice: mail_notice(&postman),
        issues,
        now: Utc::now().naive_utc(),
    })
}

/// What the form holds.
#[derive(Clone, Debug, Default)]
struct Typed {
    title: String,
    summary: String,
    slug: String,
    body: String,
    role: String,
    technology: String,
    revision: i64,
}

impl Typed {
    fn of(sent: &[(String, String)]) -> Self {
        Self {
            title: parameter(sent, "title"),
            summary: parameter(sent, "summary"),
            slug: parameter(sent, "slug"),
            body: sent
                .iter()
                .find(|(name, _)| name == "body")
                .map_or_else(String::new, |(_, body)| body.replace("\r\n", "\n")),
            role: parameter(sent, "role"),
            technology: parameter(sent, "technology"),
            revision: parameter(sent, "revision").parse().unwrap_or(0),
        }
    }

    /// What is meant.
    fn check(&self, conn: &mut Conn, id: Option<IssueId>) -> Result<Content, FormError> {
        let mut errors = FieldErrors::default();
        let title = self.title.as_str();
        if title.is_empty() {
            errors.add("title", "Write a title: it is the subject of the mails.");
        } else if title.chars().any(char::is_control) {
            errors.add(
                "title",
                "A title is one line, without line breaks or other control characters.",
            );
        } else if title.chars().count() > LONGEST_TITLE {
            errors.add(
                "title",
                format!("A title has at most {LONGEST_TITLE} letters."),
            );
        }
        if self.body.trim().is_empty() {
            errors.add("body", "Write a text.");
        } else if self.body.len() > LONGEST_BODY {
            errors.add("body", "The text is longer than a megabyte.");
        }
        let slug = match self.slug.as_str() {
            "" => Slug::from_text(title).or_else(|| Slug::from_text("issue")),
            typed => typed.parse().ok(),
        };
        match &slug {
            None => errors.add(
                "slug",
                "An address has small Latin letters, digits and single hyphens between them.",
            ),
            Some(slug) if queries::is_taken(conn, slug, id)? => {
                errors.add(
                    "slug",
                    format!("Another issue has the address {slug}. Write another one."),
                );
            }
            Some(_) => {}
        }
        let audience = Interest::by_slugs(conn, &self.role, &self.technology)?;
        errors.check()?;
        let Some(slug) = slug else {
            return Err(FieldErrors::default().into());
        };
        Ok(Content {
            slug,
            title: self.title.clone(),
            summary: self.summary.clone(),
            body: self.body.clone(),
            audience,
        })
    }
}

/// What stands around the form.
struct Around {
    issue: Option<Issue>,
    roles: Vec<(String, String)>,
    technologies: Vec<(String, String)>,
    /// Slugs of the issue's audience.
    audience: (String, String),
}

impl Around {
    fn load(conn: &mut Conn, id: Option<IssueId>) -> Result<Self, AppError> {
        let issue = match id {
            Some(id) => Some(find(conn, id)?),
            None => None,
        };
        let (roles, technologies) = (market::roles(conn)?, market::technologies(conn)?);
        let audience = issue
            .as_ref()
            .map_or_else(Interest::default, |issue| issue.audience);
        let role = roles.iter().find(|role| Some(role.id) == audience.role);
        let technology = technologies
            .iter()
            .find(|it| Some(it.id) == audience.technology);
        let none = |text: &str| std::iter::once((String::new(), text.to_owned()));
        Ok(Self {
            audience: (
                role.map_or_else(String::new, |role| role.slug.to_string()),
                technology.map_or_else(String::new, |it| it.slug.to_string()),
            ),
            roles: none("No role")
                .chain(
                    roles
                        .into_iter()
                        .map(|role| (role.slug.to_string(), role.name)),
                )
                .collect(),
            technologies: none("No technology")
                .chain(
                    technologies
                        .into_iter()
                        .map(|it| (it.slug.to_string(), it.name)),
                )
                .collect(),
            issue,
        })
    }
}

#[derive(Template)]
#[template(path = "newsletter/admin/issue.html")]
struct Edit<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    mail_notice: Option<String>,
    typed: &'a Typed,
    errors: &'a FieldErrors,
    issue: Option<&'a Issue>,
    roles: &'a [(String, String)],
    technologies: &'a [(String, String)],
    action: String,
}

impl Edit<'_> {
    /// What the picker of figures begins with.
    fn is_role(&self, slug: &str) -> bool {
        self.typed.role == slug
    }

    fn is_technology(&self, slug: &str) -> bool {
        self.typed.technology == slug
    }
}

fn form(
    frame: Frame,
    site: &Site,
    postman: &Postman,
    around: &Around,
    typed: &Typed,
    errors: &FieldErrors,
) -> Result<HttpResponse, AppError> {
    let issue = around.issue.as_ref();
    let action = issue.map_or_else(|| "/admin/issues".to_owned(), Issue::admin_path);
    let title = issue.map_or("New issue", |issue| issue.title.as_str());
    let edit = Edit {
        site,
        meta: Meta::new(title, "", action.clone()).hidden(),
        frame,
        mail_notice: mail_notice(postman),
        typed,
        errors,
        issue,
        roles: &around.roles,
        technologies: &around.technologies,
        action,
    };
    let mut response = html_with(errors.status(), &edit)?;
    // The preview stands in a frame.
    let policy = format!("{}; frame-src 'self'", headers::POLICY);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// The issue of that key.
pub(super) fn find(conn: &mut Conn, id: IssueId) -> Result<Issue, AppError> {
    queries::find(conn, id)?
        .ok_or_else(|| AppError::not_found("There is no such issue. Perhaps it was removed."))
}

/// `GET /admin/issues/new`
async fn new(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let around = db.read_newest(|conn| Around::load(conn, None)).await?;
    let frame = Frame::of(&editor, &request, Section::Issues);
    form(
        frame,
        &site,
        &postman,
        &around,
        &Typed::default(),
        &FieldErrors::default(),
    )
}

/// `GET /admin/issues/{id}`: its form, or what came of it.
async fn show(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let id = IssueId(*id);
    let around = db
        .read_newest(move |conn| Around::load(conn, Some(id)))
        .await?;
    let frame = Frame::of(&editor, &request, Section::Issues);
    match &around.issue {
        Some(issue) if issue.state.is_open() => {
            let typed = Typed {
                title: issue.title.clone(),
                summary: issue.summary.clone(),
                slug: issue.slug.to_string(),
                body: issue.body.clone(),
                role: around.audience.0.clone(),
                technology: around.audience.1.clone(),
                revision: issue.revision,
            };
            form(
                frame,
                &site,
                &postman,
                &around,
                &typed,
                &FieldErrors::default(),
            )
        }
        _ => super::report::page_of(frame, &site, &db, &postman, id).await,
    }
}

/// `POST /admin/issues`
async fn create(
    editor: Editor,
    request: HttpRequest,
    sent: web::Form<Vec<(String, String)>>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::of(&sent);
    let (of_form, by) = (typed.clone(), editor.id);
    let created = db.write(move |conn| {
        let content = of_form.check(conn, None)?;
        let id = queries::create(conn, &content, by, Utc::now().naive_utc())?;
        log::note(conn, Some(by), "created", Thing::Issue(id), &content.title)?;
        Ok::<_, FormError>(id)
    });
    match created.await {
        Ok(id) => {
            let address = format!("/admin/issues/{}", id.0);
            Ok(see_other(&address, &Notice::done("The draft is saved.")))
        }
        Err(error) => {
            let errors = error.into_errors()?;
            let around = db.read_newest(|conn| Around::load(conn, None)).await?;
            let frame = Frame::of(&editor, &request, Section::Issues);
            form(frame, &site, &postman, &around, &typed, &errors)
        }
    }
}

/// `POST /admin/issues/{id}`
async fn save(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    sent: web::Form<Vec<(String, String)>>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let id = IssueId(*id);
    let typed = Typed::of(&sent);
    let (of_form, by) = (typed.clone(), editor.id);
    let saved = db.write(move |conn| {
        find(conn, id)?;
        let content = of_form.check(conn, Some(id))?;
        let now = Utc::now().naive_utc();
        if !queries::save(conn, id, of_form.revision, &content, now)? {
            return Err(FieldErrors::whole(
                "Somebody else saved this issue meanwhile, or it is being sent. Open it in another window to see what it \
                 says now; what you typed is still here.",
            )
            .with_status(actix_web::http::StatusCode::CONFLICT)
            .into());
        }
        log::note(conn, Some(by), "saved", Thing::Issue(id), &content.title)?;
        Ok::<_, FormError>(())
    });
    match saved.await {
        Ok(()) => {
            let address = format!("/admin/issues/{}", id.0);
            Ok(see_other(&address, &Notice::done("The issue is saved.")))
        }
        Err(error) => {
            let errors = error.into_errors()?;
            let around = db
                .read_newest(move |conn| Around::load(conn, Some(id)))
                .await?;
            let frame = Frame::of(&editor, &request, Section::Issues);
            form(frame, &site, &postman, &around, &typed, &errors)
        }
    }
}

/// `POST /admin/issues/{id}/removal`
async fn remove(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = IssueId(*id);
    let title = db
        .write(move |conn| {
            let issue = find(conn, id)?;
            if !queries::remove(conn, id)? {
                return Err(AppError::Conflict(
                    "This issue has left already, so that it cannot be removed any more."
                        .to_owned(),
                ));
            }
            log::note(
                conn,
                Some(editor.id),
                "removed",
                Thing::Issue(id),
                &issue.title,
            )?;
            Ok(issue.title)
        })
        .await?;
    let notice = Notice::done(format!("\u{201c}{title}\u{201d} is removed."));
    Ok(see_other("/admin/issues", &notice))
}

fn framed(site: &Site, title: &str, summary: &str, text: &str) -> Result<HttpResponse, AppError> {
    let mut page = html(&IssuePage {
        site,
        meta: Meta::new(title, "", "/newsletter").hidden(),
        crumbs: Vec::new(),
        title,
        summary,
        sent_at: None,
        text,
        sign_up: SignUpBox::default(),
    })?;
    let policy = headers::POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(page)
}

/// `GET /admin/issues/preview`: the frame beside the form of a new issue.
async fn nothing(_: Editor, site: web::Data<Site>) -> Result<HttpResponse, AppError> {
    framed(&site, "No title yet", "", "")
}

/// `POST /admin/issues/preview`: what is typed, as its page would show it.
async fn preview_typed(
    _: Editor,
    sent: web::Form<Vec<(String, String)>>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::of(&sent);
    let (body, of_site) = (typed.body.clone(), site.clone());
    if body.len() > LONGEST_BODY {
        return Err(AppError::TooLarge(
            "The text is longer than a megabyte.".to_owned(),
        ));
    }
    let shown = db
        .read_newest(move |conn| {
            let catalogue = catalogues.of(conn)?;
            let slug = Slug::from_static("preview");
            rendering::typed(conn, &catalogue, &of_site, &body, &slug, Audience::Editors)
        })
        .await?;
    let title = if typed.title.is_empty() {
        "No title yet"
    } else {
        &typed.title
    };
    framed(&site, title, &typed.summary, &shown.page_html)
}

/// An issue as it was last saved, or sent, with its text.
async fn saved(
    id: i64,
    site: &web::Data<Site>,
    db: &Db,
    catalogues: web::Data<Catalogues>,
) -> Result<(Issue, rendering::Shown), AppError> {
    let (id, site) = (IssueId(id), site.clone());
    db.read_newest(move |conn| {
        let issue = find(conn, id)?;
        let catalogue = catalogues.of(conn)?;
        let shown = rendering::shown(conn, &catalogue, &site, &issue)?;
        Ok((issue, shown))
    })
    .await
}

/// `GET /admin/issues/{id}/preview`
async fn preview(
    _: Editor,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (issue, shown) = saved(*id, &site, &db, catalogues).await?;
    framed(&site, &issue.title, &issue.summary, &shown.page_html)
}

/// `GET /admin/issues/{id}/mail.html`: the mail, as a mail program shows it.
async fn mail_html(
    _: Editor,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (issue, shown) = saved(*id, &site, &db, catalogues).await?;
    let links = Links::of_nobody(postman.keys(), &site);
    let words = mails::issue(&site, &issue, &shown.mail_html, &shown.mail_text, &links)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        // A mail carries its own style.
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
        ))
        .body(words.html))
}

/// `GET /admin/issues/{id}/mail.txt`
async fn mail_text(
    _: Editor,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (issue, shown) = saved(*id, &site, &db, catalogues).await?;
    let links = Links::of_nobody(postman.keys(), &site);
    let words = mails::issue(&site, &issue, &shown.mail_html, &shown.mail_text, &links)?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(words.text))
}

/// `POST /admin/issues/{id}/test`: sends it to whoever asks.
async fn test(
    editor: Editor,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (issue, shown) = saved(*id, &site, &db, catalogues).await?;
    let links = Links::of_nobody(postman.keys(), &site);
    let words = mails::issue(&site, &issue, &shown.mail_html, &shown.mail_text, &links)?;
    let (sender, to) = (postman.clone(), editor.email.clone());
    let sent = web::block(move || sender.send_test_blocking(&to, &words)).await;
    let notice = match sent.unwrap_or_else(|_| Err("the site is ending".to_owned())) {
        Ok(()) => Notice::done(format!("A test is on its way to {}.", editor.email)),
        Err(cause) => Notice::problem(format!("The test did not leave: {cause}.")),
    };
    Ok(see_other(&issue.admin_path(), &notice))
}
