//! `/admin/sources`: where offers come from.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{conclude, counted, in_form, readable, write_apart};
use crate::admin::{Frame, Section};
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::editors::log::Thing;
use crate::error::AppError;
use crate::ids::SourceId;
use crate::market::changes::{self, ChangeError, NewSource, SourceDetails};
use crate::market::queries::{self, SourceCounts};
use crate::market::{PayBasis, Source};
use crate::slug::Slug;
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html, html_with, page};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/sources")
                .route(page().to(list))
                .route(web::post().to(create)),
        )
        .service(web::resource("/sources/new").route(page().to(new)))
        .service(
            web::resource("/sources/{id}")
                .route(page().to(edit))
                .route(web::post().to(change)),
        )
        .service(
            web::resource("/sources/{id}/pay")
                .route(page().to(ask_pay))
                .route(web::post().to(change_pay)),
        )
        .service(
            web::resource("/sources/{id}/removal")
                .route(page().to(ask_removal))
                .route(web::post().to(remove)),
        );
}

#[derive(Template)]
#[template(path = "market/sources.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    sources: Vec<(Source, SourceCounts)>,
}

/// `GET /admin/sources`
async fn list(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let sources = db
        .read_newest(|conn| {
            let counts = queries::source_counts(conn)?;
            let sources = queries::sources(conn)?.into_iter();
            let counted = sources.map(|source| {
                let counts = counts.get(&source.id).copied().unwrap_or_default();
                (source, counts)
            });
            Ok::<_, AppError>(counted.collect())
        })
        .await?;
    html(&List {
        site: &site,
        meta: Meta::new("Sources", "", "/admin/sources").hidden(),
        frame: Frame::of(&editor, &request, Section::Sources),
        sources,
    })
}

/// What the form holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
    slug: String,
    url: String,
    licence: String,
    pay: String,
}

impl Typed {
    fn of(source: &Source) -> Self {
        Self {
            name: source.name.clone(),
            slug: source.slug.to_string(),
            url: source.url.clone().unwrap_or_default(),
            licence: source.licence.clone().unwrap_or_default(),
            pay: source.pay.to_string(),
        }
    }

    fn details(&self, errors: &mut FieldErrors) -> Option<SourceDetails> {
        let name = readable(
            errors,
            "name",
            &self.name,
            "Write the source\u{2019}s name.",
        );
        let url = Some(self.url.trim().to_owned()).filter(|url| !url.is_empty());
        if url.as_ref().is_some_and(|url| !is_link(url)) {
            errors.add(
                "url",
                "Write a whole address that begins with https:// or http://, or leave it empty.",
            );
        }
        let licence = match self.licence.trim() {
            "" => None,
            licence => readable(errors, "licence", licence, "Write the licence."),
        };
        Some(SourceDetails {
            name: name?,
            url,
            licence,
        })
    }

    /// The details of a source that exists.
    fn check(&self) -> Result<SourceDetails, FormError> {
        let mut errors = FieldErrors::default();
        let details = self.details(&mut errors);
        errors.check()?;
        details.ok_or_else(|| FieldErrors::whole("Fill in the form.").into())
    }

    /// A source that does not exist yet.
    fn check_new(&self) -> Result<NewSource, FormError> {
        let mut errors = FieldErrors::default();
        let details = self.details(&mut errors);
        let slug = match self.slug.trim() {
            "" => Slug::from_text(&self.name),
            typed => typed.parse().ok(),
        };
        if slug.is_none() {
            errors.add(
                "slug",
                "Write a slug: lower-case letters and digits, with single hyphens between them.",
            );
        }
        let pay = self.pay.parse().ok();
        if pay.is_none() {
            errors.add("pay", "Choose whether its pay is gross or net.");
        }
        errors.check()?;
        match (details, slug, pay) {
            (Some(details), Some(slug), Some(pay)) => Ok(NewSource { slug, details, pay }),
            _ => Err(FieldErrors::whole("Fill in the form.").into()),
        }
    }
}

/// Whether a browser can follow it.
fn is_link(url: &str) -> bool {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && url.len() <= 1_000
        && !url.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

#[derive(Template)]
#[template(path = "market/source.html")]
struct Edit<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    /// `None` for a new one.
    source: Option<&'a Source>,
    typed: &'a Typed,
    errors: FieldErrors,
}

/// What can be chosen: pairs of value and text.
fn pay_options() -> Vec<(&'static str, &'static str)> {
    let choose = ("", "Choose");
    let words = PayBasis::ALL.iter().map(|pay| (pay.as_str(), pay.label()));
    [choose].into_iter().chain(words).collect()
}

fn form(
    (editor, request, site): (&Editor, &HttpRequest, &Site),
    source: Option<&Source>,
    typed: &Typed,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let title = source.map_or("New source", |source| source.name.as_str());
    let page = Edit {
        site,
        meta: Meta::new(title, "", "/admin/sources/source").hidden(),
        frame: Frame::of(editor, request, Section::Sources),
        source,
        typed,
        errors,
    };
    html_with(page.errors.status(), &page)
}

/// `GET /admin/sources/new`
async fn new(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::default();
    form(
        (&editor, &request, &site),
        None,
        &typed,
        FieldErrors::default(),
    )
}

/// `POST /admin/sources`
async fn create(
    editor: Editor,
    request: HttpRequest,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    match created(&editor, &typed, &db).await {
        Ok((id, name)) => Ok(see_other(
            &format!("/admin/sources/{}", id.0),
            &Notice::done(format!(
                "The source \u{201c}{name}\u{201d} is there. It has no offers yet."
            )),
        )),
        Err(error) => form(
            (&editor, &request, &site),
            None,
            &typed,
            error.into_errors()?,
        ),
    }
}

async fn created(editor: &Editor, typed: &Typed, db: &Db) -> Result<(SourceId, String), FormError> {
    let new = typed.check_new()?;
    let editor = editor.clone();
    db.write(move |conn| {
        let (id, topics) = changes::create_source(conn, &new)?;
        let named = (Thing::Source(id), new.details.name.as_str());
        conclude(conn, &editor, "created", named, &topics)?;
        Ok((id, new.details.name))
    })
    .await
    .map_err(in_form)
}

/// `GET /admin/sources/{id}`
async fn edit(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let source = existing(&db, SourceId(*id)).await?;
    let typed = Typed::of(&source);
    let asked = (&editor, &request, &**site);
    form(asked, Some(&source), &typed, FieldErrors::default())
}

/// `POST /admin/sources/{id}`
async fn change(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = SourceId(*id);
    match changed(&editor, id, &typed, &db).await {
        Ok(name) => Ok(see_other(
            "/admin/sources",
            &Notice::done(format!("The source \u{201c}{name}\u{201d} is saved.")),
        )),
        Err(error) => {
            let errors = error.into_errors()?;
            let source = existing(&db, id).await?;
            form((&editor, &request, &site), Some(&source), &typed, errors)
        }
    }
}

async fn changed(
    editor: &Editor,
    id: SourceId,
    typed: &Typed,
    db: &Db,
) -> Result<String, FormError> {
    let details = typed.check()?;
    let editor = editor.clone();
    db.write(move |conn| {
        let topics = changes::change_source(conn, id, &details)?;
        let named = (Thing::Source(id), details.name.as_str());
        conclude(conn, &editor, "changed", named, &topics)?;
        Ok(details.name)
    })
    .await
    .map_err(in_form)
}

impl SourceCounts {
    /// `1,234 candidates`
    fn people(&self) -> String {
        counted(self.candidates.0, "candidate")
    }

    /// `1,234 offers`
    fn received(&self) -> String {
        counted(self.offers.0, "offer")
    }

    /// Whether deriving figures from them takes a while.
    fn are_many(&self) -> bool {
        self.offers.0 > 100_000
    }
}

#[derive(Template)]
#[template(path = "market/source_pay.html")]
struct AskPay<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    source: Source,
    counts: SourceCounts,
    pay: PayBasis,
}

/// The other pay basis.
fn other(pay: PayBasis) -> PayBasis {
    match pay {
        PayBasis::Gross => PayBasis::Net,
        PayBasis::Net => PayBasis::Gross,
    }
}

/// `GET /admin/sources/{id}/pay`
async fn ask_pay(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (source, counts) = with_counts(&db, SourceId(*id)).await?;
    html(&AskPay {
        site: &site,
        meta: Meta::new("Change the pay basis", "", "/admin/sources/pay").hidden(),
        frame: Frame::of(&editor, &request, Section::Sources),
        pay: other(source.pay),
        source,
        counts,
    })
}

/// The pay basis that a source gets: named, so that two who ask for the same do not undo one another.
#[derive(Deserialize)]
struct NewPay {
    #[serde(default)]
    pay: String,
}

/// `POST /admin/sources/{id}/pay`
async fn change_pay(
    editor: Editor,
    id: web::Path<i64>,
    typed: web::Form<NewPay>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = SourceId(*id);
    let pay: PayBasis = typed
        .pay
        .parse()
        .map_err(|error| AppError::Invalid(format!("That is {error}.")))?;
    let source = write_apart(&db, move |conn| {
        let topics = changes::change_pay(conn, id, pay)?;
        let source = found(conn, id)?;
        conclude(
            conn,
            &editor,
            "changed",
            (Thing::Source(id), &source.name),
            &topics,
        )?;
        Ok(source)
    })
    .await?;
    Ok(see_other(
        "/admin/sources",
        &Notice::done(format!(
            "The pay of \u{201c}{}\u{201d} is {pay} from now on, and every figure with it.",
            source.name
        )),
    ))
}

#[derive(Template)]
#[template(path = "market/source_removal.html")]
struct AskRemoval<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    source: Source,
    counts: SourceCounts,
}

/// `GET /admin/sources/{id}/removal`
async fn ask_removal(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (source, counts) = with_counts(&db, SourceId(*id)).await?;
    html(&AskRemoval {
        site: &site,
        meta: Meta::new(
            format!("Remove {}", source.name),
            "",
            "/admin/sources/removal",
        )
        .hidden(),
        frame: Frame::of(&editor, &request, Section::Sources),
        source,
        counts,
    })
}

/// `POST /admin/sources/{id}/removal`
async fn remove(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = SourceId(*id);
    let source = write_apart(&db, move |conn| {
        let source = found(conn, id)?;
        let topics = changes::remove_source(conn, id)?;
        conclude(
            conn,
            &editor,
            "removed",
            (Thing::Source(id), &source.name),
            &topics,
        )?;
        Ok(source)
    })
    .await?;
    Ok(see_other(
        "/admin/sources",
        &Notice::done(format!(
            "The source \u{201c}{}\u{201d} is removed with everything that came from it.",
            source.name
        )),
    ))
}

fn found(conn: &mut Conn, id: SourceId) -> Result<Source, ChangeError> {
    queries::source(conn, id)?.ok_or(ChangeError::Gone("source"))
}

async fn existing(db: &Db, id: SourceId) -> Result<Source, AppError> {
    Ok(db.read_newest(move |conn| found(conn, id)).await?)
}

async fn with_counts(db: &Db, id: SourceId) -> Result<(Source, SourceCounts), AppError> {
    let counted = db.read_newest(move |conn| {
        let source = found(conn, id)?;
        let counts: HashMap<_, _> = queries::source_counts(conn)?;
        Ok::<_, ChangeError>((source, counts.get(&id).copied().unwrap_or_default()))
    });
    Ok(counted.await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_one_that_a_browser_follows() {
        for good in ["https://dou.ua", "http://example.org/a?b=c#d"] {
            assert!(is_link(good), "{good}");
        }
        for bad in [
            "dou.ua",
            "javascript:alert(1)",
            "https://",
            "https:///a",
            "https://a b",
            "ftp://example.org",
        ] {
            assert!(!is_link(bad), "{bad}");
        }
    }
}
