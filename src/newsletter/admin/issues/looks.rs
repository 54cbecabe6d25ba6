//! How an issue looks: its page in the frame beside the form, its mail, and a test of that.

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpResponse, web};

use crate::articles::live_figures::Audience;
use crate::catalogue::Catalogues;
use crate::db::Db;
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::IssueId;
use crate::newsletter::Postman;
use crate::newsletter::issues::form::{LONGEST_BODY, Typed};
use crate::newsletter::issues::{Issue, rendering};
use crate::newsletter::mails::{self, Links};
use crate::newsletter::pages::IssuePage;
use crate::slug::Slug;
use crate::web::headers::{Frames, with_frames};
use crate::web::notices::{Notice, see_other};
use crate::web::{Site, html};

fn framed(site: &Site, title: &str, summary: &str, text: &str) -> Result<HttpResponse, AppError> {
    let page = html(&IssuePage::framed(site, title, summary, text))?;
    Ok(with_frames(page, Frames::InOwn))
}

const NO_TITLE: &str = "No title yet";

/// `GET /admin/issues/preview`: the frame beside the form of a new issue.
pub(super) async fn nothing(_: Editor, site: web::Data<Site>) -> Result<HttpResponse, AppError> {
    framed(&site, NO_TITLE, "", "")
}

/// `POST /admin/issues/preview`: what is typed, as its page would show it.
pub(super) async fn typed(
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
    let title = match typed.title.trim() {
        "" => NO_TITLE,
        title => title,
    };
    framed(&site, title, &typed.summary, &shown.page_html)
}

/// An issue as it was last saved, with its text.
async fn read(
    id: i64,
    site: &web::Data<Site>,
    db: &Db,
    catalogues: web::Data<Catalogues>,
) -> Result<(Issue, rendering::Shown), AppError> {
    let (id, site) = (IssueId(id), site.clone());
    db.read_newest(move |conn| {
        let issue = super::find(conn, id)?;
        let catalogue = catalogues.of(conn)?;
        let shown = rendering::shown(conn, &catalogue, &site, &issue)?;
        Ok((issue, shown))
    })
    .await
}

/// `GET /admin/issues/{id}/preview`
pub(super) async fn saved(
    _: Editor,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (issue, shown) = read(*id, &site, &db, catalogues).await?;
    framed(&site, &issue.title, &issue.summary, &shown.page_html)
}

/// An issue as it was last saved, with its mail.
async fn mail(
    id: i64,
    site: &web::Data<Site>,
    db: &Db,
    postman: &Postman,
    catalogues: web::Data<Catalogues>,
) -> Result<(Issue, mails::Words), AppError> {
    let (issue, shown) = read(id, site, db, catalogues).await?;
    let links = Links::of_nobody(postman.keys(), site);
    let words = mails::issue(site, &issue, &shown.mail_html, &shown.mail_text, &links)?;
    Ok((issue, words))
}

/// `GET /admin/issues/{id}/mail.html`: the mail, as a mail program shows it.
pub(super) async fn mail_html(
    _: Editor,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (_, words) = mail(*id, &site, &db, &postman, catalogues).await?;
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

/// `GET /admin/issues/{id}/mail.txt`: the mail's text.
pub(super) async fn mail_text(
    _: Editor,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (_, words) = mail(*id, &site, &db, &postman, catalogues).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(words.text))
}

/// `POST /admin/issues/{id}/test`: sends it to whoever asks.
pub(super) async fn test(
    editor: Editor,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (issue, words) = mail(*id, &site, &db, &postman, catalogues).await?;
    let (sender, to) = (postman.clone(), editor.email.clone());
    let sent = web::block(move || sender.send_test_blocking(&to, &words)).await;
    let notice = match sent.unwrap_or_else(|_| Err("the site is ending".to_owned())) {
        Ok(()) => Notice::done(format!("A test is on its way to {}.", editor.email)),
        Err(cause) => Notice::problem(format!("The test did not leave: {cause}.")),
    };
    Ok(see_other(&issue.admin_path(), &notice))
}
