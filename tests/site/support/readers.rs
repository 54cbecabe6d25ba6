//! What tests of the newsletter begin with.

use diesel::connection::SimpleConnection;
use payband::db::{Db, DbError};

use super::TestSite;

impl TestSite {
    /// Lets the postman go round.
    pub(crate) async fn deliver(&self) {
        let postman = self.parts.postman.clone();
        actix_web::web::block(move || postman.send_due_blocking())
            .await
            .unwrap()
            .unwrap();
    }
}

/// So many confirmed subscribers: `s1@example.org` and so on.
pub(crate) fn subscribers(db: &Db, count: u32) {
    db.write_blocking(|conn| {
        for number in 1..=count {
            conn.batch_execute(&format!(
                "INSERT INTO subscribers (email, email_key, state, wants_issues, origin, created_at, consented_at) VALUES \
                 ('s{number}@example.org', 's{number}@example.org', 'confirmed', TRUE, 'import', '2026-01-01 00:00:00', \
                 '2026-01-01 00:00:00')"
            ))?;
        }
        Ok::<_, DbError>(())
    })
    .unwrap();
}

/// An issue whose time has come.
pub(crate) fn due_issue(db: &Db) {
    db.write_blocking(|conn| {
        conn.batch_execute(
            "INSERT INTO issues (slug, title, summary, body, state, revision, created_at, updated_at, scheduled_at) VALUES \
             ('hello', 'Hello', '', 'Text', 'scheduled', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00', \
             '2026-01-01 00:00:00')",
        )
        .map_err(DbError::from)
    })
    .unwrap();
}
