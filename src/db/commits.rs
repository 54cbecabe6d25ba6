//! Learning of commits: of this process and of others.

use std::sync::Arc;

use super::listener::Listener;
use super::place::Place;
use super::wal_index::WalIndex;
use super::{Conn, Db, DbError};

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
        match &*self.place {
            Place::Postgres(_) => {
                Commits::Told(Listener::start(Arc::clone(&self.place), channel, told))
            }
            Place::Sqlite(path) => match WalIndex::open(path) {
                Ok(index) => Commits::Seen(index),
                Err(error) => {
                    log::warn!("commits cannot be noticed: {error}");
                    Commits::Missed
                }
            },
        }
    }
}
