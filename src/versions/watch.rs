//! The versions in memory, and how they stay those of the database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use actix_web::web;
use diesel::prelude::*;

use super::{CHANNEL, EVERYTHING, Shown, Topic};
use crate::db::{Commits, Conn, Db, DbError};
use crate::schema::versions;

/// The versions of the database, in memory; shared by all workers.
pub struct Versions {
    db: Db,
    commits: Commits,
    memory: Arc<Memory>,
    /// On `SQLite`, the mark of the database when it was last read.
    seen: AtomicU64,
}

/// Whether the versions in memory are those of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They are.
    Current,
    /// Something was committed since; [`Versions::catch_up`] reads it.
    Behind,
    /// There is no knowing.
    Unknown,
}

impl Versions {
    /// The versions of that database, which are followed from now on.
    #[must_use]
    pub fn follow(db: &Db) -> Self {
        let memory = Arc::new(Memory::default());
        let told = Arc::clone(&memory);
        Self {
            db: db.clone(),
            commits: db.commits(CHANNEL, move |conn| Ok(told.learn(conn)?)),
            memory,
            seen: AtomicU64::new(0),
        }
    }

    /// Whether the versions in memory are those of the database. Cheap enough to be asked at every request.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &self.commits {
            Commits::Seen(index) => match index.mark() {
                Some(mark) if mark == self.seen.load(Ordering::Acquire) => Standing::Current,
                Some(_) => Standing::Behind,
                None => Standing::Unknown,
            },
            Commits::Told(listener) if listener.is_listening() => Standing::Current,
            Commits::Told(_) | Commits::Missed => Standing::Unknown,
        }
    }

    /// Reads what was committed, where anything was. Answers whether the versions in memory are now those of the database.
    pub async fn catch_up(self: &Arc<Self>) -> bool {
        match self.standing() {
            Standing::Current => true,
            Standing::Unknown => false,
            Standing::Behind => {
                let versions = Arc::clone(self);
                // By the time that it runs, another request may have done it.
                let read = web::block(move || match versions.standing() {
                    Standing::Current => Ok(()),
                    _ => versions.refresh(),
                });
                read.await.is_ok_and(|read| read.is_ok())
            }
        }
    }

    /// Reads the versions now: for a program that has just written, and whose next answer must show it. Blocks.
    ///
    /// # Errors
    /// When the database fails.
    pub fn refresh(&self) -> Result<(), DbError> {
        let learn = |conn: &mut Conn| Ok(self.memory.learn(conn)?);
        match &self.commits {
            Commits::Seen(index) => {
                // The mark comes first: what is committed meanwhile has another one.
                let mark = index.mark();
                index.read(learn)?;
                self.seen.store(mark.unwrap_or_default(), Ordering::Release);
                Ok(())
            }
            // From where it was written, which a reader may lag behind.
            Commits::Told(_) => self.db.write_blocking(learn),
            Commits::Missed => Ok(()),
        }
    }

    /// A number that rises whenever any version was seen to change: what held in it holds until it rises.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.memory.generation.load(Ordering::Acquire)
    }

    /// Whether what is shown is still as it was; the generation of that finding. It was made or last found so in the
    /// generation `found_in`.
    #[must_use]
    pub fn check(&self, shown: &Shown, found_in: u64) -> Option<u64> {
        let known = self
            .memory
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let holds = found_in >= known.since
            && shown.topics.iter().all(|topic| {
                let changed = known.changed.get(topic);
                changed.is_none_or(|version| *version <= shown.version)
            });
        // Rises only while the lock is held for writing.
        holds.then(|| self.generation())
    }
}

#[derive(Default)]
struct Memory {
    generation: AtomicU64,
    known: RwLock<Known>,
    /// Held from the reading of the database to the end, so that nothing older comes after something newer.
    learning: Mutex<()>,
}

#[derive(Default)]
struct Known {
    newest: i64,
    changed: HashMap<Topic, i64>,
    /// The generation in which the numbers began, for they begin anew when an older database takes the place of another.
    since: u64,
}

impl Memory {
    /// Reads what changed since it last did.
    fn learn(&self, conn: &mut Conn) -> QueryResult<()> {
        let _turn = self.learning.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .newest;
        let (newest, changed) = changes_after(conn, known)?;
        if newest == known {
            return Ok(());
        }
        let begins_anew = newest < known;
        let changed = if begins_anew {
            changes_after(conn, 0)?.1
        } else {
            changed
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let generation = self.generation.fetch_add(1, Ordering::AcqRel) + 1;
        if begins_anew {
            known.changed.clear();
            known.since = generation;
        }
        known.newest = newest;
        known.changed.extend(changed);
        Ok(())
    }
}

/// The number of the newest change, and the topics that changed after the given one.
fn changes_after(conn: &mut Conn, version: i64) -> QueryResult<(i64, HashMap<Topic, i64>)> {
    let rows: Vec<(String, i64)> = versions::table
        .filter(versions::version.gt(version))
        .or_filter(versions::topic.eq(EVERYTHING))
        .select((versions::topic, versions::version))
        .load(conn)?;
    let newest = rows
        .iter()
        .find(|(topic, _)| topic == EVERYTHING)
        .map_or(0, |(_, newest)| *newest);
    let topics = rows
        .into_iter()
        .filter_map(|(topic, version)| Some((topic.parse().ok()?, version)));
    Ok((newest, topics.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::DatabaseUrl;
    use crate::ids::RoleId;
    use crate::versions::bump;

    const ROLE: Topic = Topic::Role(RoleId(1));
    const OTHER: Topic = Topic::Role(RoleId(2));

    fn databases() -> (tempfile::TempDir, Db, Db) {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("site.db"));
        let (db, other) = (Db::open(&url).unwrap(), Db::open(&url).unwrap());
        (folder, db, other)
    }

    fn write(db: &Db, topics: &[Topic]) {
        db.write_blocking(|conn| bump(conn, topics).map_err(DbError::from))
            .unwrap();
    }

    fn shown(db: &Db, topics: &[Topic]) -> Shown {
        db.read_blocking(|conn| Shown::of(conn, topics).map_err(DbError::from))
            .unwrap()
    }

    #[test]
    fn a_page_holds_until_a_topic_of_its_own_changes() {
        let (_folder, db, other) = databases();
        let versions = Versions::follow(&db);
        versions.refresh().unwrap();
        assert_eq!(versions.standing(), Standing::Current);
        let page = shown(&db, &[ROLE]);
        let made_in = versions.generation();

        write(&other, &[OTHER]);
        assert_eq!(versions.standing(), Standing::Behind);
        versions.refresh().unwrap();
        assert_eq!(versions.standing(), Standing::Current);
        assert_ne!(versions.generation(), made_in);
        let found_in = versions.check(&page, made_in).unwrap();
        assert_eq!(found_in, versions.generation());

        write(&other, &[OTHER, ROLE]);
        versions.refresh().unwrap();
        assert_eq!(versions.check(&page, found_in), None);
        assert!(versions.check(&Shown::nothing(), 0).is_some());
    }

    #[test]
    fn a_page_of_an_older_snapshot_does_not_hold() {
        let (_folder, db, other) = databases();
        let versions = Versions::follow(&db);
        let page = db
            .read_blocking(|conn| {
                let _snapshot = Shown::of(conn, [ROLE])?;
                write(&other, &[ROLE]);
                versions.refresh()?;
                Shown::of(conn, [ROLE]).map_err(DbError::from)
            })
            .unwrap();
        assert_eq!(versions.check(&page, versions.generation()), None);
        let page = shown(&db, &[ROLE]);
        assert!(versions.check(&page, versions.generation()).is_some());
    }

    #[test]
    fn a_page_that_knows_more_than_the_memory_holds() {
        let (_folder, db, other) = databases();
        let versions = Versions::follow(&db);
        let made_in = versions.generation();
        write(&other, &[ROLE]);
        let page = shown(&db, &[ROLE]);
        let found_in = versions.check(&page, made_in).unwrap();
        versions.refresh().unwrap();
        assert!(versions.check(&page, found_in).is_some());
    }

    #[test]
    fn commits_that_change_no_version_leave_the_generation() {
        let (_folder, db, other) = databases();
        write(&db, &[ROLE]);
        let versions = Versions::follow(&db);
        versions.refresh().unwrap();
        let generation = versions.generation();
        other
            .write_blocking(|conn| {
                use diesel::connection::SimpleConnection;
                conn.batch_execute("CREATE TABLE other (x)")
                    .map_err(DbError::from)
            })
            .unwrap();
        assert_eq!(versions.standing(), Standing::Behind);
        versions.refresh().unwrap();
        assert_eq!(versions.standing(), Standing::Current);
        assert_eq!(versions.generation(), generation);
    }

    #[test]
    fn an_older_database_in_the_same_place_ends_every_page() {
        let (_folder, db, _) = databases();
        for _ in 0..3 {
            write(&db, &[ROLE]);
        }
        let versions = Versions::follow(&db);
        versions.refresh().unwrap();
        let page = shown(&db, &[OTHER]);
        let made_in = versions.generation();
        db.write_blocking(|conn| {
            diesel::update(versions::table)
                .set(versions::version.eq(1))
                .execute(conn)
                .map_err(DbError::from)
        })
        .unwrap();
        versions.refresh().unwrap();
        assert_eq!(versions.check(&page, made_in), None);
    }
}
