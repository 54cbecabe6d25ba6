//! Style sheets, scripts and icons: part of the binary, at addresses that change with their content, cached for a year.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use actix_web::{HttpResponse, web};
use sha2::{Digest, Sha256};

use super::cache::keep;
use crate::error::AppError;
use crate::versions::Shown;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

const ASSETS: [Asset; 15] = [
    Asset {
        name: "site.css",
        content_type: CSS,
        content: include_str!("../../static/css/site.css"),
    },
    Asset {
        name: "admin.css",
        content_type: CSS,
        content: include_str!("../../static/css/admin.css"),
    },
    Asset {
        name: "chart.js",
        content_type: JS,
        content: include_str!("../../static/js/chart.js"),
    },
    Asset {
        name: "newsletter.js",
        content_type: JS,
        content: include_str!("../../static/js/newsletter.js"),
    },
    Asset {
        name: "share.js",
        content_type: JS,
        content: include_str!("../../static/js/share.js"),
    },
    Asset {
        name: "live.js",
        content_type: JS,
        content: include_str!("../../static/js/live.js"),
    },
    Asset {
        name: "editor.js",
        content_type: JS,
        content: include_str!("../../static/js/editor.js"),
    },
    Asset {
        name: "toolbar.js",
        content_type: JS,
        content: include_str!("../../static/js/toolbar.js"),
    },
    Asset {
        name: "autosave.js",
        content_type: JS,
        content: include_str!("../../static/js/autosave.js"),
    },
    Asset {
        name: "preview.js",
        content_type: JS,
        content: include_str!("../../static/js/preview.js"),
    },
    Asset {
        name: "paste.js",
        content_type: JS,
        content: include_str!("../../static/js/paste.js"),
    },
    Asset {
        name: "copy.js",
        content_type: JS,
        content: include_str!("../../static/js/copy.js"),
    },
    Asset {
        name: "editor.css",
        content_type: CSS,
        content: include_str!("../../static/css/editor.css"),
    },
    Asset {
        name: "imports.js",
        content_type: JS,
        content: include_str!("../../static/js/imports.js"),
    },
    Asset {
        name: "icon.svg",
        content_type: "image/svg+xml",
        content: include_str!("../../static/icons/icon.svg"),
    },
];

/// Name without its hash, and the address.
static ADDRESSES: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    let address = |asset: &Asset| {
        let hash = hex::encode(Sha256::digest(asset.content));
        let hash = hash.get(..12).unwrap_or_default();
        let (stem, extension) = asset.name.split_once('.').unwrap_or((asset.name, ""));
        (asset.name, format!("/assets/{stem}-{hash}.{extension}"))
    };
    ASSETS.iter().map(address).collect()
});

/// The address of an asset; empty for one that does not exist.
#[must_use]
pub fn address(name: &str) -> &'static str {
    ADDRESSES.get(name).map_or("", String::as_str)
}

/// `/assets/{name}`
pub(super) async fn show(path: web::Path<String>) -> Result<HttpResponse, AppError> {
    let wanted = format!("/assets/{path}");
    let asset = ASSETS
        .iter()
        .find(|asset| address(asset.name) == wanted)
        .ok_or_else(|| AppError::not_found("There is no such file."))?;
    let file = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, "max-age=31536000, immutable"))
        .body(asset.content);
    Ok(keep(file, Shown::nothing()))
}

/// `/favicon.ico`: what browsers ask for beside a file that names no icon.
async fn icon() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((LOCATION, address("icon.svg")))
        .insert_header((CACHE_CONTROL, "max-age=86400"))
        .finish()
}

/// The assets' routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(super::kept("/assets/{name}", show))
        .route("/favicon.ico", super::page().to(icon));
}
