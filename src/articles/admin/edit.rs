//! The article's form: `/admin/articles/new` and `/admin/articles/{id}`, and the page that it is when it comes back.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;
use serde::Serialize;

use super::save::checking;
use crate::admin::{Frame, Section};
use crate::articles::diff::{self, Change, Piece};
use crate::articles::form::Typed;
use crate::articles::live_figures::FigureKind;
use crate::articles::publication::Wish;
use crate::articles::publish_check::{Finding, is_blocked};
use crate::articles::saving::{self, Conflict};
use crate::articles::{Content, Kind, Manuscript, State, slugs, writing};
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::editors::working_copies::{self, Work, WorkingCopy};
use crate::error::AppError;
use crate::ids::{ArticleId, EditorId, RoleId, TechnologyId, WorkingCopyId};
use crate::images::{Image, Picker, queries as images};
use crate::market::{Role, Seniority, Technology, queries as market};
use crate::slug::Slug;
use crate::web::forms::{FieldErrors, options};
use crate::web::headers::{Frames, with_frames};
use crate::web::{Meta, Site, assets, html_with, parameter, parameters};

/// Pictures that can be chosen as a cover, the newest.
const LISTED_IMAGES: i64 = 300;

/// What the form on a page holds.
#[derive(Default)]
pub(super) struct Form {
    /// The article as it is saved; none for a new one.
    pub(super) article: Option<Manuscript>,
    pub(super) typed: Typed,
    pub(super) errors: FieldErrors,
    /// What a reader or a search engine would stumble over.
    pub(super) findings: Vec<Finding>,
    /// The revision that the typing began with; 0 for a new article.
    pub(super) base: i64,
    /// Where a new article's text is kept while it is typed.
    pub(super) copy: Option<WorkingCopyId>,
    /// What the next revision is to be called.
    pub(super) name: String,
    /// Two editors wrote at the same time.
    pub(super) clash: Option<Clash>,
    /// Whether the form holds what is not saved.
    pub(super) is_unsaved: bool,
}

impl Form {
    /// What the publish check found, in a few words.
    fn checked(&self) -> String {
        let errors = self
            .findings
            .iter()
            .filter(|finding| finding.is_error())
            .count();
        let warnings = self.findings.len() - errors;
        let counted = |number: usize, one: &str| match number {
            1 => format!("1 {one}"),
            number => format!("{number} {one}s"),
        };
        match (errors, warnings) {
            (0, warnings) => counted(warnings, "warning"),
            (errors, 0) => counted(errors, "error"),
            (errors, warnings) => {
                format!(
                    "{}, {}",
                    counted(errors, "error"),
                    counted(warnings, "warning")
                )
            }
        }
    }

    /// The revision that is saved; 0 for a new article.
    fn revision(&self) -> i64 {
        self.article.as_ref().map_or(0, |article| article.revision)
    }

    /// Whether something keeps the article from being published.
    fn is_blocked(&self) -> bool {
        is_blocked(&self.findings)
    }
}

/// What two editors wrote at the same time.
pub(super) struct Clash {
    pub(super) their_name: String,
    pub(super) saved_at: NaiveDateTime,
    /// What this editor wanted to save.
    pub(super) mine: Typed,
    /// What the press of the button asked for.
    pub(super) wish: Wish,
    /// What differs, by field.
    pub(super) differences: Vec<Difference>,
    /// Places in the text at which neither can be taken without looking.
    pub(super) clashes: usize,
    /// Where what this editor wanted to save is kept.
    pub(super) copy: Option<WorkingCopyId>,
}

/// What differs in a field.
pub(super) struct Difference {
    pub(super) label: &'static str,
    pub(super) pieces: Vec<Piece>,
}

/// What stands around the form.
pub(super) struct Around {
    roles: Vec<Role>,
    technologies: Vec<Technology>,
    /// Pictures of the library.
    images: Vec<Image>,
    /// Texts that the editor has not saved: of the article, or of new ones.
    unsaved: Vec<WorkingCopy>,
    /// Names of others who are writing.
    others: Vec<String>,
}

impl Around {
    /// What stands around the form of an article, or of a new one.
    pub(super) fn load(
        conn: &mut Conn,
        editor: EditorId,
        article: Option<ArticleId>,
    ) -> diesel::QueryResult<Self> {
        Ok(Self {
            roles: market::roles(conn)?,
            technologies: market::technologies(conn)?,
            images: images::recent(conn, LISTED_IMAGES)?,
            unsaved: working_copies::of(conn, editor, Work::Article(article))?,
            others: working_copies::others_at(conn, editor, Work::Article(article))?,
        })
    }

    /// Takes out the unsaved text that the form already holds.
    pub(super) fn without(mut self, copy: Option<WorkingCopyId>) -> Self {
        working_copies::take(&mut self.unsaved, |text| Some(text.id) == copy);
        self
    }

    /// What a content says, as one types it.
    pub(super) fn typed(&self, content: &Content, published_at: Option<NaiveDateTime>) -> Typed {
        let cover_image = content.cover_image_id.map(|id| id.0.to_string());
        Typed {
            title: content.title.clone(),
            slug: content.slug.to_string(),
            seo_title: content.seo_title.clone(),
            kind: content.kind.to_string(),
            role: self.role(content.role_id),
            technology: self.technology(content.technology_id),
            position: content.position.to_string(),
            author: content.author.clone(),
            summary: content.summary.clone(),
            description: content.description.clone(),
            body: content.body.clone(),
            cover_image: cover_image.unwrap_or_default(),
            published_at: published_at
                .map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M").to_string()),
        }
    }

    fn role(&self, id: Option<RoleId>) -> String {
        let role = self.roles.iter().find(|role| Some(role.id) == id);
        role.map_or_else(String::new, |role| role.slug.to_string())
    }

    fn technology(&self, id: Option<TechnologyId>) -> String {
        let technologies = self.technologies.iter();
        let technology = technologies.into_iter().find(|it| Some(it.id) == id);
        technology.map_or_else(String::new, |technology| technology.slug.to_string())
    }

    fn role_options(&self) -> Vec<(String, String)> {
        let roles = self.roles.iter();
        options(
            "No role",
            roles.map(|role| (role.slug.to_string(), role.name.clone())),
        )
    }

    fn technology_options(&self) -> Vec<(String, String)> {
        let technologies = self.technologies.iter();
        options(
            "No technology",
            technologies.map(|it| (it.slug.to_string(), it.name.clone())),
        )
    }
}

#[derive(Template)]
#[template(path = "articles/admin/edit.html")]
struct Edit<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    form: &'a Form,
    around: &'a Around,
    errors: &'a FieldErrors,
    typed: &'a Typed,
    kinds: Vec<(String, String)>,
    roles: Vec<(String, String)>,
    technologies: Vec<(String, String)>,
    /// The picture above it.
    cover: Picker<'a>,
    state: State,
    /// Where the form is sent.
    action: String,
}

/// The page of a form.
pub(super) fn page(
    site: &Site,
    request: &HttpRequest,
    editor: &Editor,
    form: &Form,
    around: &Around,
) -> Result<HttpResponse, AppError> {
    let article = form.article.as_ref();
    let title = article.map_or("New article", |article| article.content.title.as_str());
    let action = article.map_or_else(|| "/admin/articles".to_owned(), Manuscript::admin_path);
    let status = match form.clash {
        Some(_) => actix_web::http::StatusCode::CONFLICT,
        None => form.errors.status(),
    };
    let edit = Edit {
        site,
        meta: Meta::new(title, "", action.clone()).hidden(),
        frame: Frame::of(editor, request, Section::Articles),
        form,
        around,
        errors: &form.errors,
        typed: &form.typed,
        kinds: Kind::ALL
            .iter()
            .map(|kind| (kind.to_string(), kind.label().to_owned()))
            .collect(),
        roles: around.role_options(),
        technologies: around.technology_options(),
        cover: Picker {
            images: &around.images,
            chosen: &form.typed.cover_image,
        },
        state: article.map_or(State::Draft, |article| article.publication.state),
        action,
    };
    // The preview stands in a frame.
    Ok(with_frames(html_with(status, &edit)?, Frames::ShowsOwn))
}

/// `GET /admin/articles/new`; with `?copy=7` it goes on with an unsaved text.
pub(super) async fn new(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let asked = parameters(request.query_string());
    let copy = parameter(&asked, "copy").parse().ok().map(WorkingCopyId);
    let id = editor.id;
    let mut around = db
        .read_newest(move |conn| Ok::<_, AppError>(Around::load(conn, id, None)?))
        .await?;
    let form = match working_copies::take(&mut around.unsaved, |text| Some(text.id) == copy) {
        Some(copy) => Form {
            typed: copy.typed(),
            copy: Some(copy.id),
            is_unsaved: true,
            ..Form::default()
        },
        None => Form {
            typed: Typed {
                author: editor.name.clone(),
                kind: parameter(&asked, "kind"),
                role: parameter(&asked, "role"),
                technology: parameter(&asked, "technology"),
                position: "1".to_owned(),
                ..Typed::default()
            },
            ..Form::default()
        },
    };
    page(&site, &request, &editor, &form, &around)
}

/// `GET /admin/articles/{id}`; with `?copy=used` it goes on with the unsaved text.
pub(super) async fn show(
    editor: Editor,
    path: web::Path<i64>,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (id, editor_id, checked) = (ArticleId(*path), editor.id, site.clone());
    let (article, findings, mut around) = db
        .read_newest(move |conn| {
            let article = writing::find(conn, id)?.ok_or_else(no_such_article)?;
            let check = checking(&checked, &catalogues);
            let findings = saving::found(conn, Some(id), &article.content, &check)?;
            Ok::<_, AppError>((article, findings, Around::load(conn, editor_id, Some(id))?))
        })
        .await?;
    let uses_copy = parameter(&parameters(request.query_string()), "copy") == "used";
    let form = match working_copies::take(&mut around.unsaved, |_| uses_copy) {
        Some(copy) => Form {
            typed: copy.typed(),
            base: copy.base,
            is_unsaved: true,
            article: Some(article),
            ..Form::default()
        },
        None => Form {
            typed: around.typed(&article.content, article.publication.published_at),
            base: article.revision,
            article: Some(article),
            findings,
            ..Form::default()
        },
    };
    page(&site, &request, &editor, &form, &around)
}

/// The form after a conflict: what both wrote, put together as far as that goes, on top of what the other one saved.
pub(super) fn after_conflict(
    article: Manuscript,
    around: &Around,
    mine: Typed,
    wish: Wish,
    conflict: &Conflict,
) -> Form {
    let theirs = around.typed(&conflict.theirs.content, article.publication.published_at);
    let base = conflict.base.as_ref();
    let base = base
        .map(|base| around.typed(base, None))
        .unwrap_or_default();
    let my_content = around.typed(&conflict.mine, None);
    let their_name = conflict.theirs.line.editor.clone();
    let their_name = their_name.unwrap_or_else(|| "somebody else".to_owned());
    let body = diff::merged(&base.body, &my_content.body, &theirs.body, &their_name);
    let mut differences = Vec::new();
    let mut fields = Vec::new();
    let all = my_content.fields().into_iter().zip(theirs.fields());
    for (((name, mine), (_, theirs)), (_, base)) in all.zip(base.fields()) {
        if name == "published_at" {
            continue;
        }
        if mine != theirs {
            differences.push(Difference {
                label: label(name),
                pieces: diff::words(theirs, mine),
            });
        }
        // Where only the other one changed a field, theirs is taken.
        let taken = if mine == base { theirs } else { mine };
        fields.push((name.to_owned(), taken.to_owned()));
    }
    let typed = Typed {
        body: body.text,
        published_at: mine.published_at.clone(),
        ..Typed::of(&fields)
    };
    Form {
        base: article.revision,
        article: Some(article),
        typed,
        is_unsaved: true,
        clash: Some(Clash {
            their_name,
            saved_at: conflict.theirs.line.saved_at,
            mine,
            wish,
            differences,
            clashes: body.clashes,
            copy: around.unsaved.first().map(|copy| copy.id),
        }),
        ..Form::default()
    }
}

/// What a field is called.
pub(super) fn label(field: &str) -> &'static str {
    match field {
        "title" => "Title",
        "slug" => "Address",
        "seo_title" => "Title for search engines",
        "kind" => "Kind",
        "role" => "Role",
        "technology" => "Technology",
        "position" => "Order",
        "author" => "Author",
        "summary" => "Summary",
        "description" => "Description for search engines",
        "cover_image" => "Cover picture",
        "published_at" => "Date of publication",
        _ => "Text",
    }
}

/// What the page says where an article is not there.
pub(super) fn no_such_article() -> AppError {
    AppError::not_found("There is no such article. Perhaps it was removed for good.")
}

/// An address for an article, and what is wrong with it.
#[derive(Serialize)]
struct SlugAnswer {
    slug: String,
    problem: Option<String>,
}

/// `GET /admin/articles/slug?title=&slug=&article=`: the address that an article would have.
pub(super) async fn slug(
    _: Editor,
    request: HttpRequest,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let asked = parameters(request.query_string());
    let article = parameter(&asked, "article").parse().ok().map(ArticleId);
    let typed = parameter(&asked, "slug");
    let slug = if typed.is_empty() {
        Slug::from_text(&parameter(&asked, "title"))
    } else {
        typed.parse::<Slug>().ok()
    };
    let Some(slug) = slug else {
        return Ok(HttpResponse::Ok().json(SlugAnswer {
            slug: Slug::from_text(&typed).map_or_else(String::new, |near| near.to_string()),
            problem: Some(
                "An address has small Latin letters, digits and single hyphens between them."
                    .to_owned(),
            ),
        }));
    };
    let asked = slug.clone();
    let problem = db
        .read_newest(move |conn| Ok::<_, AppError>(slugs::why_taken(conn, &asked, article)?))
        .await?;
    Ok(HttpResponse::Ok().json(SlugAnswer {
        slug: slug.to_string(),
        problem,
    }))
}
