//! Sends letters, one after the other, on a thread of its own, while no other instance does.
//!
//! A letter is claimed, sent, and noted; noting one claims the next in the same transaction. Whatever ends the program, a
//! letter that was claimed is not sent again by itself: see [`letters`].

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, Utc};

use super::issues::{queries as issues, sending};
use super::letters::{self, Kind, Letter, State};
use super::mails::{self, Links, Words};
use super::moves;
use super::tokens::Keys;
use super::{Reason, Settings, State as Standing, signing_up, subscribers};
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db, DbError};
use crate::editors::tokens::Token;
use crate::error::AppError;
use crate::mail::{ListHeaders, Mail, Mailer, Message, Outcome, Sender};
use crate::versions;
use crate::web::Site;

/// The right to send, of which there is one for all instances.
const WORK: &str = "mail";

/// The right to look for what moved.
const LOOKING: &str = "moves";

/// How often it looks for letters that nobody rang for.
const ROUND: Duration = Duration::from_secs(15);

/// How often it looks whether anything moved that somebody who came meanwhile wants to hear of.
const LOOK: Duration = Duration::from_hours(1);

/// How often a change is tried for which the database has no time, each time for some seconds.
const TRIES: u32 = 120;

/// How long the program waits at its end for the letter that is on its way.
const LAST_LETTER: Duration = Duration::from_secs(65);

/// The list that all letters are of, below the site's host.
const LIST: &str = "newsletter";

/// Sends the site's mails. Clones share it.
#[derive(Clone)]
pub struct Postman(Arc<Office>);

struct Office {
    site: Site,
    db: Db,
    mailer: Mailer,
    keys: Keys,
    settings: Settings,
    live: Mutex<Live>,
    bell: Condvar,
}

/// What stands in memory.
#[derive(Default)]
struct Live {
    /// Whether somebody rang.
    is_rung: bool,
    /// Whether the program ends.
    is_ending: bool,
    /// Whether a letter is on its way.
    is_out: bool,
    /// Why nothing can be sent, and since when, UTC.
    trouble: Option<(NaiveDateTime, String)>,
}

/// What has to be written down of a letter before the next one.
type Ended = Option<(Letter, Outcome)>;

impl Postman {
    /// The postman of a site.
    ///
    /// # Errors
    /// When the database fails.
    pub fn open(site: &Site, db: &Db, mailer: Mailer, settings: Settings) -> Result<Self, DbError> {
        let keys = db.read_newest_blocking(|conn| Keys::load(conn).map_err(DbError::from))?;
        Ok(Self(Arc::new(Office {
            site: site.clone(),
            db: db.clone(),
            mailer,
            keys,
            settings,
            live: Mutex::default(),
            bell: Condvar::new(),
        })))
    }

    /// What links are signed with.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// What mails leave by.
    #[must_use]
    pub fn mailer(&self) -> &Mailer {
        &self.0.mailer
    }

    /// What a mail provider proves itself with when it tells of bounces; none where none may.
    #[must_use]
    pub fn bounce_secret(&self) -> Option<&str> {
        self.0.settings.bounce_secret.as_deref()
    }

    /// Why nothing can be sent at the moment, and since when, UTC, as far as this instance knows.
    #[must_use]
    pub fn trouble(&self) -> Option<(NaiveDateTime, String)> {
        self.live().trouble.clone()
    }

    /// Starts the rounds, for as long as what is answered is kept.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(&self) -> std::io::Result<Rounds> {
        let postman = self.clone();
        std::thread::Builder::new()
            .name("postman".to_owned())
            .spawn(move || postman.go_round())?;
        Ok(Rounds(self.clone()))
    }

    /// There is something to send.
    pub fn ring(&self) {
        self.live().is_rung = true;
        self.0.bell.notify_all();
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn go_round(&self) {
        let mut looked: Option<(i64, Instant)> = None;
        loop {
            if let Err(error) = self.look_where_due(&mut looked) {
                log::warn!("what moved: {error}; it is tried again later");
            }
            if let Err(error) = self.send_due_blocking() {
                log::warn!("mails: {error}; it is tried again later");
            }
            let live = self.live();
            let waited = self
                .0
                .bell
                .wait_timeout_while(live, ROUND, |live| !live.is_rung && !live.is_ending);
            let mut live = waited.unwrap_or_else(PoisonError::into_inner).0;
            if live.is_ending {
                return;
            }
            live.is_rung = false;
        }
    }

    /// Looks for what moved, where anything changed since, or after a while.
    fn look_where_due(&self, looked: &mut Option<(i64, Instant)>) -> Result<(), DbError> {
        let newest = |conn: &mut Conn| versions::newest(conn).map_err(DbError::from);
        let version = self.0.db.read_newest_blocking(newest)?;
        let is_done = |(then, at): &(i64, Instant)| *then == version && at.elapsed() < LOOK;
        if looked.as_ref().is_some_and(is_done) {
            return Ok(());
        }
        self.look_for_moves_blocking()?;
        *looked = Some((version, Instant::now()));
        Ok(())
    }

    /// Looks whether what subscribers want to hear of has moved, and writes notices. Blocks.
    ///
    /// # Errors
    /// When the database fails.
    pub fn look_for_moves_blocking(&self) -> Result<(), DbError> {
        let is_wanted = |conn: &mut Conn| moves::is_wanted(conn).map_err(DbError::from);
        if !self.0.db.read_newest_blocking(is_wanted)? {
            return Ok(());
        }
        self.0.db.alone(LOOKING, || {
            let looked = self.0.db.write_blocking(|conn| {
                let catalogue = Catalogues::default().of(conn)?;
                let percent = self.0.settings.move_percent;
                moves::look(conn, &catalogue, &self.0.site, percent, now())
            });
            match looked {
                Ok(notices) => {
                    if notices > 0 {
                        log::info!("something moved: {notices} subscribers are told");
                    }
                    Ok(())
                }
                Err(AppError::Database(error)) => Err(error),
                Err(error) => {
                    log::error!("what moved cannot be told: {error}");
                    Ok(())
                }
            }
        })
    }

    /// Sends every letter whose turn has come. Blocks.
    ///
    /// # Errors
    /// When the database fails.
    pub fn send_due_blocking(&self) -> Result<(), DbError> {
        self.begin_due()?;
        let is_due = |conn: &mut Conn| letters::is_anything_due(conn, now()).map_err(DbError::from);
        if !self.0.db.read_newest_blocking(is_due)? {
            return Ok(());
        }
        self.0.db.alone(WORK, || self.send_alone())
    }

    /// Begins the issues whose time has come.
    fn begin_due(&self) -> Result<(), DbError> {
        let due = |conn: &mut Conn| sending::due(conn, now()).map_err(DbError::from);
        for id in self.0.db.read_newest_blocking(due)? {
            let begun = self.0.db.write_blocking(|conn| {
                let catalogue = Catalogues::default().of(conn)?;
                sending::begin(conn, &catalogue, &self.0.site, id, now())
            });
            match begun {
                Ok(Some(letters)) => log::info!("an issue is sent as scheduled: {letters} mails"),
                Ok(None) => {}
                Err(AppError::Database(error)) => return Err(error),
                Err(error) => log::error!("a scheduled issue cannot be sent: {error}"),
            }
        }
        Ok(())
    }

    /// Sends an issue to one who tries it out. Blocks, for a minute at the longest.
    ///
    /// # Errors
    /// One sentence, where it was not taken.
    pub(super) fn send_test_blocking(&self, to: &str, words: &Words) -> Result<(), String> {
        let to = to
            .parse()
            .map_err(|_| format!("no mail can be sent to {to}"))?;
        let random = Token::random().map_err(|error| error.to_string())?;
        self.0.mailer.send_now(&Mail {
            to: &to,
            id: format!("test-{}", random.hex()),
            subject: &words.subject,
            text: &words.text,
            html: &words.html,
            list: None,
        })
    }

    /// Whoever has the right to send knows that nobody else does.
    fn send_alone(&self) -> Result<(), DbError> {
        let left = self.patiently(|conn| Ok(letters::clear_up(conn, now())?))?;
        if left > 0 {
            log::warn!(
                "{left} mails were on their way when payband ended; they are not sent again"
            );
        }
        let mut sender = self.0.mailer.open();
        let pause = Duration::from_secs(1) / self.0.mailer.per_second();
        let mut ended: Ended = None;
        loop {
            let goes_on = !self.live().is_ending && !is_down(ended.as_ref());
            let claimed = self.patiently(|conn| {
                if let Some((letter, outcome)) = &ended {
                    note(conn, letter, outcome)?;
                }
                if !goes_on {
                    return Ok(None);
                }
                let Some(letter) = letters::claim(conn, now())? else {
                    sending::finish_done(conn, now())?;
                    return Ok(None);
                };
                let message = self.write(conn, &letter);
                Ok(Some((letter, message)))
            });
            self.live().is_out = false;
            let Some((letter, message)) = claimed? else {
                return Ok(());
            };
            self.live().is_out = true;
            let started = Instant::now();
            let outcome = self.send(&mut sender, message);
            std::thread::sleep(pause.saturating_sub(started.elapsed()));
            ended = Some((letter, outcome));
        }
    }

    fn send(&self, sender: &mut Sender, message: Result<Message, AppError>) -> Outcome {
        let outcome = match message {
            Ok(message) => sender.send(&message),
            Err(error) => Outcome::Refused {
                reply: format!("it could not be written: {error}"),
                is_dead: false,
            },
        };
        let mut live = self.live();
        match &outcome {
            Outcome::Down(cause) => {
                if live.trouble.is_none() {
                    log::warn!("mails cannot be sent: {cause}; it is tried again and again");
                }
                let since = live.trouble.take().map_or_else(now, |(since, _)| since);
                live.trouble = Some((since, cause.clone()));
            }
            _ => live.trouble = None,
        }
        outcome
    }

    /// Writes a letter, with what the database says at this moment.
    fn write(&self, conn: &mut Conn, letter: &Letter) -> Result<Message, AppError> {
        let office = &*self.0;
        let address = letter.to.address();
        let address =
            address.ok_or_else(|| AppError::Failed("the address cannot be read".to_owned()))?;
        let links = Links::of(&office.keys, &office.site, &letter.to, letter.issue);
        let words = self.words(conn, letter, &links)?;
        let mail = Mail {
            to: &address,
            id: format!("letter-{}", letter.id.0),
            subject: &words.subject,
            text: &words.text,
            html: &words.html,
            list: Some(ListHeaders {
                leave: links.leave,
                name: LIST,
            }),
        };
        office.mailer.message(&mail).map_err(AppError::Failed)
    }

    fn words(&self, conn: &mut Conn, letter: &Letter, links: &Links) -> Result<Words, AppError> {
        let site = &self.0.site;
        match letter.kind {
            Kind::Confirmation => self.confirmation(conn, letter, links),
            Kind::Issue => {
                let id = letter.issue.ok_or_else(gone)?;
                let issue = issues::find(conn, id)?.ok_or_else(gone)?;
                let (html, text) = issues::mail_of(conn, id)?;
                mails::issue(site, &issue, &html, &text, links)
            }
            Kind::Notice => {
                let content = letter.content.as_deref().ok_or_else(gone)?;
                let moves: Vec<moves::Move> = serde_json::from_str(content).map_err(|_| gone())?;
                mails::notice(site, &moves, links)
            }
        }
    }

    fn confirmation(
        &self,
        conn: &mut Conn,
        letter: &Letter,
        links: &Links,
    ) -> Result<Words, AppError> {
        let office = &*self.0;
        let id = letter.sign_up.ok_or_else(gone)?;
        let sign_up = signing_up::find(conn, id)?.ok_or_else(gone)?;
        let named = sign_up.interest.named(conn)?.map(|named| named.name);
        let wish = mails::wish_in_words(sign_up.wants_issues, named.as_deref());
        let is_subscribed = letter.to.state == Standing::Confirmed;
        mails::confirmation(&office.keys, &office.site, id, &wish, is_subscribed, links)
    }

    /// Changes the database, as soon as it has time: somebody may be importing.
    fn patiently<T>(&self, work: impl Fn(&mut Conn) -> Result<T, DbError>) -> Result<T, DbError> {
        let mut tries = 0;
        loop {
            match self.0.db.write_blocking(&work) {
                Err(error) if error.is_busy() && tries < TRIES => tries += 1,
                worked => return worked,
            }
        }
    }
}

/// The rounds of a postman. They end when this is dropped, after the letter that is on its way.
pub struct Rounds(Postman);

impl Drop for Rounds {
    fn drop(&mut self) {
        self.0.live().is_ending = true;
        self.0.0.bell.notify_all();
        let until = Instant::now() + LAST_LETTER;
        while self.0.live().is_out && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A letter of which nothing is known any more.
fn gone() -> AppError {
    AppError::Failed("nothing is known of it any more".to_owned())
}

fn is_down(ended: Option<&(Letter, Outcome)>) -> bool {
    matches!(ended, Some((_, Outcome::Down(_))))
}

/// Writes down what became of a letter, and what that says of the address.
fn note(conn: &mut Conn, letter: &Letter, outcome: &Outcome) -> Result<(), DbError> {
    let now = now();
    match outcome {
        Outcome::Sent(reply) => letters::end(conn, letter.id, State::Sent, reply, now)?,
        Outcome::Unclear(cause) => letters::end(conn, letter.id, State::Unclear, cause, now)?,
        Outcome::Later(reply) => letters::put_off(conn, letter, reply, now)?,
        Outcome::Down(_) => letters::take_back(conn, letter.id)?,
        Outcome::Refused { reply, is_dead } => {
            letters::end(conn, letter.id, State::Refused, reply, now)?;
            if let Some(address) = letter.to.address().filter(|_| *is_dead) {
                subscribers::suppress(conn, &address, Reason::Bounced, reply, now)?;
            }
        }
    }
    Ok(())
}

fn now() -> NaiveDateTime {
    Utc::now().naive_utc()
}
