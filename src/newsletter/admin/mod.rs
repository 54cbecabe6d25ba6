//! The newsletter in the admin: issues, subscribers, files of them, and addresses that get no mail.

mod files;
mod issues;
mod list;
mod one;
mod report;
mod suppressed;

use actix_web::web;

use super::Postman;
use crate::web::times;

/// The routes, relative to `/admin`.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .configure(list::admin_routes)
        .configure(files::admin_routes)
        .configure(suppressed::admin_routes)
        .configure(one::admin_routes)
        .configure(issues::admin_routes)
        .configure(report::admin_routes);
}

/// What is to be said of mail on every page: where it goes while no server is set, and why none leaves.
fn mail_notice(postman: &Postman) -> Option<String> {
    if let Some((since, cause)) = postman.trouble() {
        let since = times::minute(since);
        return Some(format!(
            "No mail has left since {since} UTC: {cause}. It is tried again and again, and nothing is lost."
        ));
    }
    let folder = postman.mailer().folder()?;
    Some(format!(
        "SMTP_URL is not set: mails are not sent, but written as .eml files into {}.",
        folder.display()
    ))
}
