//! Learning of commits: of this process and of others.

use super::listener::Listener;
use super::wal_index::WalIndex;
use super::{Conn, DatabaseUrl, Db, DbError};

/// How a program learns that something was committed, by whomever.
pub enum Commits {
    /// `SQLite`: it looks, whenever it wants to know.
    Seen(WalIndex),
    /// `PostgreSQL`: it is told, a moment later.
    Told(Listener),
    /// Not at all.
    Missed,
}

impl Db {
    /// Learns of commits from now on. On `PostgreSQL`, `told` runs on a thread of its own: once in the beginning, and
    /// again after every notification on the channel.
    #[must_use]
    pub fn commits(
        &self,
        channel: &'static str,
        told: impl FnMut(&mut Conn) -> Result<(), DbError> + Send + 'static,
    ) -> Commits {
        match &self.url {
            DatabaseUrl::Postgres(_) => {
                Commits::Told(Listener::start(self.url.clone(), channel, told))
            }
            DatabaseUrl::Sqlite(path) => match WalIndex::open(path) {
                Ok(index) => Commits::Seen(index),
                Err(error) => {
                    log::warn!("commits cannot be noticed: {error}");
                    Commits::Missed
                }
            },
        }
    }
}
