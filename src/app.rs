//! The site map: every feature's routes and the layers around them; the same for the server and for tests.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, Error, HttpResponse, web};

use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::images::Media;
use crate::import::jobs::Jobs;
use crate::live::Hub;
use crate::newsletter::Postman;
use crate::versions::Versions;
use crate::web::cache::{Cache, Hits};
use crate::web::requests::RequestLines;
use crate::web::{Site, assets, canonical, error_pages, forms, headers, same_origin};
use crate::{
    admin, articles, compare, editors, health, home, images, import, live, market, methodology,
    newsletter, openapi, salaries, search, seo, share, technologies,
};

/// What takes a POST from anywhere.
const OPEN_TO_ALL: same_origin::OpenToAll =
    same_origin::OpenToAll(&[newsletter::pages::OPEN_TO_ALL]);

/// What handlers share. Clones share the same.
#[derive(Clone)]
pub struct Parts {
    /// What the site knows of itself.
    pub site: web::Data<Site>,
    /// The database.
    pub db: web::Data<Db>,
    /// Names.
    pub catalogues: web::Data<Catalogues>,
    /// Finished pages.
    pub cache: web::Data<Cache>,
    /// The files of images.
    pub media: web::Data<Media>,
    /// Imports in the background.
    pub jobs: web::Data<Jobs>,
    /// Who sends mails.
    pub postman: web::Data<Postman>,
    /// Who reads which page; `None` where live pages are turned off.
    pub live: Option<web::Data<Hub>>,
}

impl Parts {
    /// The parts of a site on that database, with those files and its imports, and a page cache of so many bytes.
    #[must_use]
    pub fn new(
        site: Site,
        db: Db,
        media: Media,
        jobs: Jobs,
        postman: Postman,
        cache_bytes: u64,
    ) -> Self {
        let defaults = headers::defaults(site.is_https());
        let catalogues = web::Data::new(Catalogues::default());
        let cache = Cache::new(cache_bytes, &db, defaults);
        let live = (site.live_readers > 0).then(|| {
            let versions = cache.versions().map(Arc::clone);
            let versions = versions.unwrap_or_else(|| Arc::new(Versions::follow(&db)));
            let names = catalogues.clone();
            let look = Arc::new(move |conn: &mut Conn, site: &Site, address: &str| {
                salaries::pages::sight(conn, &names, site, address)
            });
            web::Data::from(Hub::open(site.clone(), db.clone(), versions, look))
        });
        Self {
            live,
            cache: web::Data::new(cache),
            site: web::Data::new(site),
            db: web::Data::new(db),
            media: web::Data::new(media),
            jobs: web::Data::new(jobs),
            postman: web::Data::new(postman),
            catalogues,
        }
    }
}

/// The whole site.
pub fn build(
    parts: Parts,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let is_https = parts.site.is_https();
    App::new()
        .app_data(parts.site)
        .app_data(parts.db)
        .app_data(parts.catalogues)
        .app_data(parts.media)
        .app_data(parts.jobs)
        .app_data(web::Data::new(parts.postman.mailer().clone()))
        .app_data(parts.postman)
        .app_data(web::Data::new(OPEN_TO_ALL))
        .app_data(parts.cache.clone())
        .configure(routes)
        .configure(|config| {
            if let Some(hub) = parts.live {
                config.app_data(hub).configure(live::pages::routes);
            }
        })
        .default_service(web::to(nothing_here))
        // From the innermost layer to the outermost.
        .wrap(from_fn(same_origin::only))
        .wrap(from_fn(error_pages::pages))
        .wrap(from_fn(canonical::paths))
        .wrap(headers::security(is_https))
        .wrap(Hits(parts.cache))
        .wrap(RequestLines)
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(home::routes)
        .configure(salaries::pages::routes)
        .configure(articles::pages::routes)
        .configure(articles::admin::routes)
        .configure(images::pages::routes)
        .configure(technologies::routes)
        .configure(compare::routes)
        .configure(search::routes)
        .configure(methodology::routes)
        .configure(newsletter::routes)
        .configure(openapi::routes)
        .configure(seo::routes)
        .configure(share::routes)
        .configure(assets::routes)
        .configure(health::routes)
        .configure(forms::inputs)
        .configure(admin_routes);
}

/// Everything below `/admin`: nobody keeps it, no search engine lists it, and but for the doors it is for editors alone.
fn admin_routes(config: &mut web::ServiceConfig) {
    let private = DefaultHeaders::new()
        .add((CACHE_CONTROL, "no-store"))
        .add(("X-Robots-Tag", "noindex"));
    let behind_the_door = web::scope("")
        .wrap(from_fn(editors::signed_in_only))
        .configure(admin::admin_routes)
        .configure(articles::live_figures::admin_routes)
        .configure(editors::admin_routes)
        .configure(images::admin_routes)
        .configure(market::admin_routes)
        .configure(articles::admin::admin_routes)
        .configure(import::admin_routes)
        .configure(newsletter::admin_routes)
        .default_service(web::to(nothing_here));
    config.service(
        web::scope("/admin")
            .wrap(private)
            .configure(editors::open_routes)
            .service(behind_the_door),
    );
}

async fn nothing_here() -> Result<HttpResponse, AppError> {
    Err(AppError::not_found("There is no page at this address."))
}
