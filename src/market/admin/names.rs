//! What a role or technology is called: `/admin/roles/new`, `/admin/roles/{id}`, and the same of technologies.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::entries::{Entry, KIND, Kind, entries, entry};
use super::{conclude, in_form, readable};
use crate::admin::Frame;
use crate::db::Db;
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::{RoleId, TechnologyId};
use crate::market::changes::{self, ChangeError, RoleNames, TechnologyNames};
use crate::slug::Slug;
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(format!("/{KIND}/new")).route(page().to(new)))
        .service(
            web::resource(format!("/{KIND}/{{id}}"))
                .route(page().to(edit))
                .route(web::post().to(change)),
        );
}

/// What the form holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    job_title: String,
    slug: String,
}

/// Names that may be given.
enum Names {
    Role(RoleNames),
    Technology(TechnologyNames),
}

impl Typed {
    fn of(entry: &Entry) -> Self {
        Self {
            name: entry.name.clone(),
            job_title: entry.job_title.clone(),
            slug: entry.slug.to_string(),
        }
    }

    fn check(&self, kind: Kind) -> Result<Names, FormError> {
        let mut errors = FieldErrors::default();
        let name = readable(&mut errors, "name", &self.name, "Write a name.");
        let job_title = match (kind, self.job_title.trim(), &name) {
            (Kind::Technologies, ..) => Some(String::new()),
            (_, "", Some(name)) => Some(format!("{name} Developer")),
            (_, "", None) => None,
            (_, typed, _) => readable(&mut errors, "job_title", typed, "Write a job title."),
        };
        let slug = match self.slug.trim() {
            "" => Slug::from_text(&self.name),
            typed => typed.parse().ok(),
        };
        if slug.is_none() && !self.name.trim().is_empty() {
            errors.add(
                "slug",
                "Write a slug: lower-case letters and digits, with single hyphens between them.",
            );
        }
        errors.check()?;
        match (kind, name, job_title, slug) {
            (Kind::Roles, Some(name), Some(job_title), Some(slug)) => Ok(Names::Role(RoleNames {
                slug,
                name,
                job_title,
            })),
            (Kind::Technologies, Some(name), _, Some(slug)) => {
                Ok(Names::Technology(TechnologyNames { slug, name }))
            }
            _ => Err(FieldErrors::whole("Fill in the form.").into()),
        }
    }
}

impl Names {
    fn name(&self) -> &str {
        match self {
            Self::Role(names) => &names.name,
            Self::Technology(names) => &names.name,
        }
    }
}

#[derive(Template)]
#[template(path = "market/name.html")]
struct Edit<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    kind: Kind,
    /// `None` for a new one.
    entry: Option<&'a Entry>,
    /// What it could be merged into.
    others: Vec<(i64, String)>,
    typed: &'a Typed,
    errors: FieldErrors,
}

fn form(
    (editor, request, site): (&Editor, &HttpRequest, &Site),
    kind: Kind,
    known: Option<(&Entry, Vec<(i64, String)>)>,
    typed: &Typed,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let (entry, others) = known.map_or((None, Vec::new()), |(entry, others)| (Some(entry), others));
    let title = entry.map_or_else(|| format!("New {}", kind.one()), |entry| entry.name.clone());
    let page = Edit {
        site,
        meta: Meta::new(title, "", format!("{}/one", kind.path())).hidden(),
        frame: Frame::of(editor, request, kind.section()),
        kind,
        entry,
        others,
        typed,
        errors,
    };
    html_with(page.errors.status(), &page)
}

/// `GET /admin/roles/new`
async fn new(
    editor: Editor,
    request: HttpRequest,
    kind: web::Path<Kind>,
    site: web::Data<Site>,
) -> Result<HttpResponse, AppError> {
    let asked = (&editor, &request, &**site);
    form(
        asked,
        *kind,
        None,
        &Typed::default(),
        FieldErrors::default(),
    )
}

/// `POST /admin/roles`
pub(super) async fn create(
    editor: Editor,
    request: HttpRequest,
    kind: web::Path<Kind>,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let kind = *kind;
    match created(&editor, kind, &typed, &db).await {
        Ok((id, name)) => Ok(see_other(
            &kind.path_of(id),
            &Notice::done(format!(
                "The {} \u{201c}{name}\u{201d} is there.",
                kind.one()
            )),
        )),
        Err(error) => {
            let asked = (&editor, &request, &**site);
            form(asked, kind, None, &typed, error.into_errors()?)
        }
    }
}

async fn created(
    editor: &Editor,
    kind: Kind,
    typed: &Typed,
    db: &Db,
) -> Result<(i64, String), FormError> {
    let names = typed.check(kind)?;
    let editor = editor.clone();
    db.write(move |conn| {
        let (id, topics) = match &names {
            Names::Role(names) => {
                let (id, topics) = changes::create_role(conn, names)?;
                (id.0, topics)
            }
            Names::Technology(names) => {
                let (id, topics) = changes::create_technology(conn, names)?;
                (id.0, topics)
            }
        };
        conclude(
            conn,
            &editor,
            "created",
            (kind.thing(id), names.name()),
            &topics,
        )?;
        Ok((id, names.name().to_owned()))
    })
    .await
    .map_err(in_form)
}

/// `GET /admin/roles/{id}`
async fn edit(
    editor: Editor,
    request: HttpRequest,
    path: web::Path<(Kind, i64)>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (kind, id) = path.into_inner();
    let (entry, others) = known(&db, kind, id).await?;
    let typed = Typed::of(&entry);
    let asked = (&editor, &request, &**site);
    form(
        asked,
        kind,
        Some((&entry, others)),
        &typed,
        FieldErrors::default(),
    )
}

/// `POST /admin/roles/{id}`
async fn change(
    editor: Editor,
    request: HttpRequest,
    path: web::Path<(Kind, i64)>,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (kind, id) = path.into_inner();
    match changed(&editor, (kind, id), &typed, &db).await {
        Ok(name) => Ok(see_other(
            &kind.path_of(id),
            &Notice::done(format!(
                "The {} \u{201c}{name}\u{201d} is saved.",
                kind.one()
            )),
        )),
        Err(error) => {
            let errors = error.into_errors()?;
            let (entry, others) = known(&db, kind, id).await?;
            let asked = (&editor, &request, &**site);
            form(asked, kind, Some((&entry, others)), &typed, errors)
        }
    }
}

async fn changed(
    editor: &Editor,
    (kind, id): (Kind, i64),
    typed: &Typed,
    db: &Db,
) -> Result<String, FormError> {
    let names = typed.check(kind)?;
    let editor = editor.clone();
    db.write(move |conn| {
        let topics = match &names {
            Names::Role(names) => changes::change_role(conn, RoleId(id), names)?,
            Names::Technology(names) => changes::change_technology(conn, TechnologyId(id), names)?,
        };
        conclude(
            conn,
            &editor,
            "changed",
            (kind.thing(id), names.name()),
            &topics,
        )?;
        Ok(names.name().to_owned())
    })
    .await
    .map_err(in_form)
}

/// One of a kind, and the others by name.
async fn known(db: &Db, kind: Kind, id: i64) -> Result<(Entry, Vec<(i64, String)>), AppError> {
    let known = db.read_newest(move |conn| {
        let known = entry(conn, kind, id)?;
        let others = entries(conn, kind)?.into_iter();
        let others = others
            .filter(|other| other.id != id)
            .map(|other| (other.id, other.name));
        Ok::<_, ChangeError>((known, others.collect()))
    });
    Ok(known.await?)
}
