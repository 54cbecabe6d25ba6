//! The admin's first page: `/admin`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, Utc};

use super::{Frame, Section};
use crate::articles::overview::{self, BareRole, Unpublished};
use crate::articles::publish_check::{self, Drifted};
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::editors::log::{self, Entry, Filter};
use crate::error::AppError;
use crate::import::history::{self, PastImport};
use crate::money::Grouped;
use crate::web::{Meta, Site, assets, html, page, times};

pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("").route(page().to(show)));
}

/// Of each list, the page shows so many.
const LISTED: i64 = 8;

#[derive(Template)]
#[template(path = "admin/dashboard.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    lists: Lists,
    now: NaiveDateTime,
}

/// What there is to do, and what was done.
struct Lists {
    drafts: Vec<Unpublished>,
    scheduled: Vec<Unpublished>,
    drifted: Vec<Drifted>,
    bare_roles: Vec<BareRole>,
    imports: Vec<PastImport>,
    changes: Vec<Entry>,
}

impl Lists {
    fn load(
        conn: &mut Conn,
        editor: &Editor,
        catalogues: &Catalogues,
        site: &Site,
    ) -> Result<Self, AppError> {
        let catalogue = catalogues.of(conn)?;
        let changes = Filter {
            for_editor: Some(editor.id).filter(|_| !editor.is_admin()),
            changes_only: true,
            ..Filter::default()
        };
        Ok(Self {
            drafts: overview::drafts(conn, LISTED)?,
            scheduled: overview::scheduled(conn, LISTED)?,
            drifted: publish_check::drifted(conn, &catalogue, site)?,
            bare_roles: overview::bare_roles(conn, LISTED + 1)?,
            imports: history::newest(conn, 0, LISTED)?,
            changes: log::newest(conn, &changes, 0, LISTED)?,
        })
    }
}

/// `/admin`
async fn show(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (who, of_site) = (editor.clone(), site.clone());
    let lists = db
        .read_newest(move |conn| Lists::load(conn, &who, &catalogues, &of_site))
        .await?;
    html(&Show {
        site: &site,
        meta: Meta::new("Dashboard", "", "/admin").hidden(),
        frame: Frame::of(&editor, &request, Section::Dashboard),
        lists,
        now: Utc::now().naive_utc(),
    })
}
