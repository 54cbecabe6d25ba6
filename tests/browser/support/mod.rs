//! What the tests share: a reader, who sits at a browser in front of the site.

use std::io::Write as _;

mod browser;
#[expect(
    dead_code,
    reason = "the tests of the site ask for more than a browser does"
)]
#[path = "../../site/support/database.rs"]
mod database;
mod http;
mod process;
mod reader;
mod site;

pub(crate) use browser::key;
pub(crate) use reader::Reader;

/// A file that the workshop shares and a user does not have. A test that needs it says so when it is not there.
pub(crate) fn shared(path: &str) -> Option<std::path::PathBuf> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(path);
    if file.exists() {
        return Some(file);
    }
    let _ = writeln!(std::io::stderr(), "SKIPPED: shared/{path} is not here");
    None
}
