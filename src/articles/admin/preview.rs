//! Looking at an article before visitors do: in the frame beside its form, and by a link that can be shared.

use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::edit::no_such_article;
use super::save::Fields;
use crate::admin::{Frame, Section};
use crate::articles::form::{LONGEST_BODY, Typed};
use crate::articles::live_figures::Audience;
use crate::articles::markdown::render;
use crate::articles::pages::View;
use crate::articles::{
    Article, Content, FullArticle, Kind, Manuscript, Place, Publication, preview_links, writing,
};
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::editors::tokens::Token;
use crate::error::AppError;
use crate::ids::ArticleId;
use crate::market::queries as market;
use crate::slug::Slug;
use crate::web::headers::{Frames, with_frames};
use crate::web::{Meta, Site, assets, html, page};

/// The route for those who have a link.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/preview/{token}", page().to(linked));
}

/// `POST /admin/articles/preview`: a form's article as visitors would see it.
pub(super) async fn typed(
    _: Editor,
    fields: Fields,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::of(&fields);
    if typed.body.len() > LONGEST_BODY {
        return Err(AppError::TooLarge(
            "The text is longer than a megabyte: so long a text has no preview and cannot be saved."
                .to_owned(),
        ));
    }
    let min_candidates = site.min_candidates;
    let view = db
        .read_newest(move |conn| {
            let content = as_far_as_understood(conn, &typed)?;
            let published_at = typed.check().ok().and_then(|checked| checked.published_at);
            let publication = Publication {
                published_at,
                ..Publication::DRAFT
            };
            let article = full(ArticleId(0), content, publication);
            view(conn, &catalogues, article, min_candidates)
        })
        .await?;
    framed(&site, &view)
}

/// `GET /admin/articles/{id}/preview`: an article as it was last saved.
pub(super) async fn saved(
    _: Editor,
    path: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (id, min_candidates) = (ArticleId(*path), site.min_candidates);
    let view = db
        .read_newest(move |conn| {
            let found = writing::find(conn, id)?.ok_or_else(no_such_article)?;
            let article = full(id, found.content, found.publication);
            view(conn, &catalogues, article, min_candidates)
        })
        .await?;
    framed(&site, &view)
}

#[derive(Template)]
#[template(path = "articles/admin/nothing.html")]
struct Nothing<'a> {
    site: &'a Site,
    meta: Meta,
}

/// `GET /admin/articles/preview`: the frame beside the form of a new article.
pub(super) async fn nothing(_: Editor, site: web::Data<Site>) -> Result<HttpResponse, AppError> {
    let page = html(&Nothing {
        site: &site,
        meta: Meta::new("Preview", "", "/admin/articles/preview").hidden(),
    })?;
    Ok(with_frames(page, Frames::InOwn))
}

fn view(
    conn: &mut Conn,
    catalogues: &Catalogues,
    article: FullArticle,
    min_candidates: u64,
) -> Result<View, AppError> {
    let catalogue = catalogues.of(conn)?;
    View::load(conn, &catalogue, article, min_candidates, Audience::Editors)
}

fn framed(site: &Site, view: &View) -> Result<HttpResponse, AppError> {
    let page = view.page(site, view.meta(site).hidden())?;
    Ok(with_frames(page, Frames::InOwn))
}

/// What a form says, where it is only half written: what is missing or wrong is replaced by what comes nearest.
fn as_far_as_understood(conn: &mut Conn, typed: &Typed) -> Result<Content, AppError> {
    let role = match typed.role.parse::<Slug>() {
        Ok(slug) => market::role_by_slug(conn, &slug)?,
        Err(_) => None,
    };
    let technology = match typed.technology.parse::<Slug>() {
        Ok(slug) => market::technology_by_slug(conn, &slug)?,
        Err(_) => None,
    };
    let title = match typed.title.trim() {
        "" => "No title yet",
        title => title,
    };
    let slug = typed.slug.trim().parse().ok();
    let slug = slug.or_else(|| Slug::from_text(title));
    Ok(Content {
        slug: slug.unwrap_or_else(|| Slug::from_static("preview")),
        title: title.to_owned(),
        seo_title: typed.seo_title.clone(),
        kind: typed.kind.parse().unwrap_or(Kind::Guide),
        role_id: role.map(|role| role.id),
        technology_id: technology.map(|technology| technology.id),
        position: 1,
        author: typed.author.clone(),
        summary: typed.summary.clone(),
        description: typed.description.clone(),
        body: typed.body.clone(),
        cover_image_id: typed.cover_image.parse().ok().map(crate::ids::ImageId),
    })
}

/// A manuscript as if it were published.
fn full(id: ArticleId, content: Content, publication: Publication) -> FullArticle {
    let published_at = publication.published_at.unwrap_or_else(writing::now);
    let text = render(&content.body, Place::OwnPage, &content.slug);
    let article = Article {
        id,
        slug: content.slug,
        title: content.title,
        seo_title: content.seo_title,
        kind: content.kind,
        role_id: content.role_id,
        technology_id: content.technology_id,
        position: content.position,
        author: content.author,
        summary: content.summary,
        description: content.description,
        cover_image_id: content.cover_image_id,
        published_at,
        updated_at: published_at,
    };
    FullArticle { article, text }
}

#[derive(Template)]
#[template(path = "articles/admin/link.html")]
struct Link<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    article: Manuscript,
    address: String,
    expires_at: chrono::NaiveDateTime,
}

/// `POST /admin/articles/{id}/preview-link`: makes a link, which is shown this once.
pub(super) async fn link(
    editor: Editor,
    path: web::Path<i64>,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (id, by, token) = (ArticleId(*path), editor.id, Token::random()?);
    let address = format!("{}/preview/{}", site.url, token.hex());
    let (article, expires_at) = db
        .write(move |conn| {
            let found = writing::find(conn, id)?.filter(|found| found.removed_at.is_none());
            let found = found.ok_or_else(no_such_article)?;
            let expires_at = preview_links::make(conn, &token, id, by, writing::now())?;
            Ok::<_, AppError>((found, expires_at))
        })
        .await?;
    html(&Link {
        site: &site,
        meta: Meta::new("Preview link", "", article.admin_path()).hidden(),
        frame: Frame::of(&editor, &request, Section::Articles),
        article,
        address,
        expires_at,
    })
}

/// `GET /preview/{token}`
async fn linked(
    path: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let expired = || AppError::not_found("This preview link has expired, or was never made.");
    let token: Token = path.parse().map_err(|_| expired())?;
    let min_candidates = site.min_candidates;
    let view = db
        .read_newest(move |conn| {
            let found = preview_links::find(conn, &token, writing::now())?.ok_or_else(expired)?;
            let article = full(found.id, found.content, found.publication);
            let catalogue = catalogues.of(conn)?;
            View::load(
                conn,
                &catalogue,
                article,
                min_candidates,
                Audience::Visitors,
            )
        })
        .await?;
    let mut page = view.page(&site, view.meta(&site).hidden())?;
    keep_private(page.headers_mut());
    Ok(page)
}

/// Nobody keeps the page, lists it, or tells other sites its address.
fn keep_private(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    );
}
