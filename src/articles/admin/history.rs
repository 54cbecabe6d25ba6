//! `/admin/articles/{id}/revisions`: every save of an article; comparing two of them; bringing one back.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::QueryResult;

use super::edit::{Around, Difference, label, no_such_article};
use crate::admin::{Frame, Section};
use crate::articles::diff::{self, Change};
use crate::articles::revisions::{self, Revision, RevisionLine};
use crate::articles::{Manuscript, saving, writing};
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::ArticleId;
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html, parameter, parameters};

#[derive(Template)]
#[template(path = "articles/admin/history.html")]
struct History<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    article: Manuscript,
    lines: Vec<RevisionLine>,
    compared: Option<Compared>,
}

/// Two revisions side by side.
struct Compared {
    from: RevisionLine,
    to: RevisionLine,
    differences: Vec<Difference>,
}

impl History<'_> {
    fn is_from(&self, line: &RevisionLine) -> bool {
        let newest_but_one = self.lines.get(1).or_else(|| self.lines.first());
        let from = self.compared.as_ref().map(|compared| compared.from.number);
        from.or_else(|| newest_but_one.map(|line| line.number)) == Some(line.number)
    }

    fn is_to(&self, line: &RevisionLine) -> bool {
        let to = self.compared.as_ref().map(|compared| compared.to.number);
        to.unwrap_or(self.article.revision) == line.number
    }
}

/// `GET /admin/articles/{id}/revisions`; with `?from=2&to=5` it compares the two.
pub(super) async fn show(
    editor: Editor,
    path: web::Path<i64>,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (id, by) = (ArticleId(*path), editor.id);
    let asked = parameters(request.query_string());
    let number = |name: &str| parameter(&asked, name).parse::<i64>().ok();
    let wanted = number("from").zip(number("to"));
    let (article, lines, compared) = db
        .read_newest(move |conn| {
            let article = writing::find(conn, id)?.ok_or_else(no_such_article)?;
            let compared = match wanted {
                Some((from, to)) => {
                    let around = Around::load(conn, by, Some(id))?;
                    compare(conn, &around, id, (from, to))?
                }
                None => None,
            };
            Ok::<_, AppError>((article, revisions::of(conn, id)?, compared))
        })
        .await?;
    if wanted.is_some() && compared.is_none() {
        return Err(AppError::not_found("There is no such revision."));
    }
    let title = format!("History of \u{201c}{}\u{201d}", article.content.title);
    html(&History {
        site: &site,
        meta: Meta::new(title, "", format!("{}/revisions", article.admin_path())).hidden(),
        frame: Frame::of(&editor, &request, Section::Articles),
        article,
        lines,
        compared,
    })
}

fn compare(
    conn: &mut Conn,
    around: &Around,
    article: ArticleId,
    (from, to): (i64, i64),
) -> QueryResult<Option<Compared>> {
    let from = revisions::find(conn, article, from)?;
    let Some((from, to)) = from.zip(revisions::find(conn, article, to)?) else {
        return Ok(None);
    };
    Ok(Some(Compared {
        differences: differences(around, &from, &to),
        from: from.line,
        to: to.line,
    }))
}

fn differences(around: &Around, from: &Revision, to: &Revision) -> Vec<Difference> {
    let typed = |revision: &Revision| {
        around.typed(&revision.content, revision.line.publication.published_at)
    };
    let (from, to) = (typed(from), typed(to));
    let both = from.fields().into_iter().zip(to.fields());
    both.filter(|((_, from), (_, to))| from != to)
        .map(|((name, from), (_, to))| Difference {
            label: label(name),
            pieces: diff::words(from, to),
        })
        .collect()
}

/// `POST /admin/articles/{id}/revisions/{number}/restoration`
pub(super) async fn restore(
    editor: Editor,
    path: web::Path<(i64, i64)>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (id, number) = path.into_inner();
    let id = ArticleId(id);
    let (before, restored) = db
        .write(move |conn| {
            let before = writing::find(conn, id)?;
            Ok::<_, AppError>((before, saving::restore(conn, &editor, id, number)?))
        })
        .await?;
    let before = before.ok_or_else(no_such_article)?;
    let gone = || AppError::not_found("There is no such revision.");
    match restored.ok_or_else(gone)? {
        Ok(after) if after == before => {
            let notice = Notice::done(format!("The article says what revision {number} says."));
            Ok(see_other(&after.admin_path(), &notice))
        }
        Ok(after) => {
            let notice = Notice::done(format!(
                "Revision {number} is back, as revision {}.",
                after.revision
            ))
            .with_undo(
                "Undo",
                format!(
                    "{}/revisions/{}/restoration",
                    after.admin_path(),
                    before.revision
                ),
            );
            Ok(see_other(&after.admin_path(), &notice))
        }
        Err(why) => Ok(see_other(
            &format!("{}/revisions", before.admin_path()),
            &Notice::problem(format!("Revision {number} cannot come back. {why}")),
        )),
    }
}
