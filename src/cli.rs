//! The commands and their flags; one short function each, calling a feature.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::web::Data;
use clap::builder::FalseyValueParser;
use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use memchr::memmem;
use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_64_with_seed};

use crate::app::{self, Parts};
use crate::articles::{self, publish_check, renditions};
use crate::catalogue::Catalogues;
use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::copy;
use crate::db::{Conn, DatabaseUrl, Db, DbError};
use crate::demo;
use crate::editors::commands::{self, UserError};
use crate::editors::{EditorRole, Email};
use crate::export;
use crate::images::Media;
use crate::import::jobs::Jobs;
use crate::import::{self, Options, Profile, Progress};
use crate::live::Hub;
use crate::mail::Mailer;
use crate::newsletter::{self, Postman};
use crate::salaries;
use crate::seo::changes::Recorder;
use crate::seo::indexnow::Announcer;
use crate::slug::Slug;
use crate::verified::Verified;
use crate::versions::{self, Topic, Versions};
use crate::web::Site;

/// A job-market website: articles about developer roles beside live salary charts computed from offer data.
#[derive(Debug, Parser)]
#[command(name = "payband", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// Leave an empty database empty
    #[arg(long, env = "PAYBAND_NO_DEMO", global = true, value_parser = FalseyValueParser::new())]
    no_demo: bool,

    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the site (the default); loads the demo into an empty database
    Serve,
    /// Imports offers from a CSV file
    Import {
        /// The CSV file
        file: PathBuf,
        /// How to read a file that is not in the canonical form (TOML)
        #[arg(long, env = "PAYBAND_PROFILE")]
        profile: Option<PathBuf>,
        /// The source to import into [default: the profile's, or one named after the file]
        #[arg(long, env = "PAYBAND_SOURCE")]
        source: Option<String>,
        /// Swap the source's rows for the file's
        #[arg(long, env = "PAYBAND_REPLACE", value_parser = FalseyValueParser::new())]
        replace: bool,
        /// Read and check everything, and write nothing
        #[arg(long, env = "PAYBAND_DRY_RUN", value_parser = FalseyValueParser::new())]
        dry_run: bool,
        /// Print the report as JSON
        #[arg(long, env = "PAYBAND_JSON", value_parser = FalseyValueParser::new())]
        json: bool,
    },
    /// Writes articles as Markdown and offers as CSV into a folder
    Export {
        /// The folder; it is created where it is missing
        dir: PathBuf,
    },
    /// Recomputes every derived figure from the offers, and fails where one differs
    Verify,
    /// Checks every article as before it is published, and fails where one has an error
    Check,
    /// Copies everything into another, empty database
    Copy {
        /// The other database: a file path, or postgres://…
        #[arg(long, env = "PAYBAND_COPY_TO", hide_env_values = true)]
        to: String,
    },
    /// Adds and changes accounts of those who write the site
    #[command(subcommand)]
    User(UserCommand),
    /// Loads generated offers and the built-in articles
    Demo {
        /// About how many offers, at most a billion
        #[arg(long, env = "PAYBAND_OFFERS", default_value_t = demo::DEFAULT_OFFERS)]
        offers: u64,
        /// Another seed makes another market
        #[arg(long, env = "PAYBAND_SEED", default_value_t = demo::DEFAULT_SEED)]
        seed: u64,
    },
}

/// What happens to accounts. A password is asked for on a terminal, and read from standard input elsewhere.
#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Adds an account
    Add {
        /// The e-mail address that it signs in with
        email: String,
        /// What it may do: admin is everything, editor is all but accounts
        #[arg(long, env = "PAYBAND_USER_ROLE")]
        role: String,
        /// What others call its owner (default: the address up to the at sign)
        #[arg(long, env = "PAYBAND_USER_NAME")]
        name: Option<String>,
    },
    /// Gives an account another password, and signs it out everywhere
    Passwd {
        /// Its e-mail address
        email: String,
    },
    /// Keeps an account from being used, and signs it out everywhere
    Disable {
        /// Its e-mail address
        email: String,
    },
    /// Lists the accounts
    List,
}

/// Connections at a time, for each thread, beside those of open pages.
const OTHER_CONNECTIONS: usize = 13_000;

/// Open files that a busy site needs beside those of open pages.
const OTHER_FILES: usize = 500;

/// Why a command ended early: a sentence, and the exit code.
#[derive(Debug)]
pub struct Failure {
    /// One sentence.
    pub message: String,
    /// 1 failed, 2 wrong usage.
    pub exit_code: u8,
}

impl Failure {
    fn usage(message: String) -> Self {
        Self {
            message,
            exit_code: 2,
        }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            message: error.to_string(),
            exit_code: 1,
        }
    }
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`], with the sentence to print.
    pub fn run(self) -> Result<(), Failure> {
        start_logging()?;
        let config = self.settings.check().map_err(Failure::usage)?;
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve(&config, self.no_demo),
            Command::Import {
                file,
                profile,
                source,
                replace,
                dry_run,
                json,
            } => {
                let source = source.map(|slug| source_slug(&slug)).transpose()?;
                let profile = match profile {
                    Some(path) => import::read_profile(&path)?,
                    None => Profile::canonical(),
                };
                let options = Options {
                    file,
                    profile,
                    source,
                    replace,
                    dry_run,
                    fallback_folder: config.data_dir.clone(),
                };
                import_file(&config, &options, json)
            }
            Command::Export { dir } => export_to(&config, &dir),
            Command::Verify => verify(&config),
            Command::Check => check(&config),
            Command::Copy { to } => copy_to(&config, &to),
            Command::User(command) => user(&config, command),
            Command::Demo { offers, seed } => load_demo(&open(&config)?, offers, seed),
        }
    }
}

fn source_slug(text: &str) -> Result<Slug, Failure> {
    text.parse()
        .map_err(|error| Failure::usage(format!("--source \u{201c}{text}\u{201d}: {error}")))
}

/// Logs to standard error what `RUST_LOG` asks for; without it, what an operator wants to know.
fn start_logging() -> Result<(), Failure> {
    let filter = std::env::var("RUST_LOG").unwrap_or_default();
    let filter = if filter.is_empty() {
        // What its warnings tell of, letters that no font has, is looked after.
        "info,usvg=error"
    } else {
        filter.as_str()
    };
    env_filter::Builder::new()
        .try_parse(filter)
        .map_err(|error| Failure::usage(format!("RUST_LOG cannot be used: {error}")))?;
    // A second start in one process keeps the first logger.
    let _ = env_logger::Builder::new().parse_filters(filter).try_init();
    Ok(())
}

/// Opens the database, and derives what an older payband has not derived, or in another way.
fn open(config: &Config) -> Result<Db, Failure> {
    let db = Db::open(&config.database)?;
    let is_missing = |conn: &mut Conn| {
        Ok::<_, DbError>(salaries::is_missing(conn)? || renditions::is_missing(conn)?)
    };
    let is_missing = match db.read_newest_blocking(is_missing) {
        // Whoever has the tables is filling them, and derives on the way.
        Err(error) if error.is_busy() => false,
        answer => answer?,
    };
    if is_missing {
        log::info!("deriving figures from offers and texts from Markdown");
        // Where several instances start together, the first one does it.
        db.alone("derive", || db.write_blocking(derive_missing))?;
    }
    Ok(db)
}

fn derive_missing(conn: &mut Conn) -> Result<(), DbError> {
    let mut topics = Vec::new();
    if salaries::is_missing(conn)? {
        topics = versions::of_figures(&salaries::derive_all(conn)?);
    }
    if renditions::is_missing(conn)? {
        renditions::keep_all(conn)?;
        topics.push(Topic::Articles);
    }
    if !topics.is_empty() {
        versions::bump(conn, &topics)?;
    }
    Ok(())
}

fn serve(config: &Config, no_demo: bool) -> Result<(), Failure> {
    let media = Media::open(&config.media).map_err(Failure::usage)?;
    let db = open(config)?;
    let listener = std::net::TcpListener::bind(config.listen).map_err(|error| Failure {
        message: format!(
            "cannot listen on {} (PAYBAND_LISTEN): {error}",
            config.listen
        ),
        exit_code: 1,
    })?;
    if !no_demo && demo::is_wanted(&db)? {
        load_first_demo(&db)?;
    }
    let db = match &config.replica {
        Some(replica) => db.with_replica(replica)?,
        None => db,
    };
    let address = format!("http://{}", listener.local_addr()?);
    let site = site_at(config, &address);
    versions::note_program(&db, program(&site))?;
    let first = commands::first_administrator(&db)?;
    let url = site.url.clone();
    raise_open_files(config.live_readers);
    let mut clock_jobs = articles::clock::JOBS.to_vec();
    clock_jobs.push(newsletter::upkeep::JOB);
    let _clock = Clock::start(&db, clock_jobs)?;
    let mailer = Mailer::new(&config.mail, &site.name, &site.url, &config.data_dir)
        .map_err(Failure::usage)?;
    let postman = Postman::open(&site, &db, mailer, config.newsletter.clone())?;
    let _rounds = postman.start()?;
    let jobs = Jobs::open(db.clone(), &config.data_dir, config.upload_bytes);
    // What an earlier payband left behind is looked after.
    jobs.wake();
    let parts = Parts::new(
        site.clone(),
        db.clone(),
        media,
        jobs,
        postman,
        config.cache_bytes,
    );
    let live = parts.live.clone();
    let followed = parts.cache.versions().map(Arc::clone);
    let followed = followed.unwrap_or_else(|| Arc::new(Versions::follow(&db)));
    let _announcer = Announcer::start(&site, &db)?;
    let _recorder = Recorder::start(site, db, parts.catalogues.clone(), followed)?;
    let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let server = HttpServer::new(move || app::build(parts.clone()))
        .workers(config.workers.unwrap_or_else(cores))
        .worker_max_blocking_threads(2)
        // A reader who has gone must not be taken for one who listens.
        .h1_allow_half_closed(false)
        .max_connections(config.live_readers + OTHER_CONNECTIONS)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(10)
        .listen(listener)?;
    let first = first.map_or_else(String::new, |path| {
        format!("The first administrator is created at {url}{path}\n")
    });
    // At once, for whoever reads the first line alone may be gone for the second.
    let lines = format!("payband is at {address}\n{first}");
    io::stdout().write_all(lines.as_bytes())?;
    actix_web::rt::System::new().block_on(async {
        if let Some(hub) = live {
            actix_web::rt::spawn(end_streams(hub));
        }
        server.run().await
    })?;
    Ok(())
}

/// The site of a configuration, whose own address that is.
fn site_at(config: &Config, address: &str) -> Site {
    Site {
        name: config.site_name.clone(),
        url: config
            .site_url
            .clone()
            .unwrap_or_else(|| address.to_owned()),
        min_candidates: config.min_candidates,
        live_readers: config.live_readers,
        trusted_proxies: config.trusted_proxies.clone(),
        indexnow: config.indexnow.clone(),
    }
}

/// Hash of the program and of the settings that pages show.
fn program(site: &Site) -> u64 {
    let program = std::env::current_exe().and_then(File::open);
    let program = program.and_then(hash_of_program);
    let program = program.unwrap_or_else(|_| xxh3_64(env!("CARGO_PKG_VERSION").as_bytes()));
    let settings = format!("{}\n{}\n{}", site.name, site.url, site.min_candidates);
    xxh3_64_with_seed(settings.as_bytes(), program)
}

/// Bytes of the program that are read at a time.
const PART_OF_PROGRAM: usize = 256 * 1024;

/// How the note in a program begins by which the linker tells it from all others: lengths, kind and name, before 20 bytes.
const BUILD_ID: &[u8] = b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0";

/// Hash of the name that a linker gave a program, where it did so, or else of all of it.
fn hash_of_program(file: File) -> io::Result<u64> {
    let mut file = BufReader::with_capacity(PART_OF_PROGRAM, file);
    let start = file.fill_buf()?;
    let name = memmem::find(start, BUILD_ID).and_then(|at| start.get(at..at + 36));
    if let Some(name) = name {
        return Ok(xxh3_64(name));
    }
    let mut hash = Xxh3::new();
    io::copy(&mut file, &mut hash)?;
    Ok(hash.digest())
}

/// Loads the demo, unless another instance that started at the same time was faster.
fn load_first_demo(db: &Db) -> Result<(), Failure> {
    db.alone("demo", || {
        if demo::is_wanted(db)? {
            load_demo(db, demo::DEFAULT_OFFERS, demo::DEFAULT_SEED)?;
        }
        Ok(())
    })
}

/// Waits for the signal to stop, and ends what would never end by itself.
#[cfg(unix)]
async fn end_streams(hub: Data<Hub>) {
    use actix_web::rt::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut stop) => {
            stop.recv().await;
            hub.close();
        }
        Err(error) => log::warn!("open pages will delay the end: {error}"),
    }
}

/// Without signals, the server stops at once.
#[cfg(not(unix))]
async fn end_streams(_: Data<Hub>) {}

/// Lets so many pages be open, as far as the system does, and all else besides. Each connection is an open file.
fn raise_open_files(open_pages: usize) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            log::warn!("the limit on open files stays as it is: {error}");
        }
        let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        if u64::try_from(open_pages + OTHER_FILES).is_ok_and(|needed| needed > files) {
            log::warn!(
                "no more than {files} files can be open, too few for {open_pages} open pages; raise ulimit -n, or lower \
                 PAYBAND_LIVE_READERS"
            );
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = open_pages;
}

fn load_demo(db: &Db, offers: u64, seed: u64) -> Result<(), Failure> {
    log::info!("loading the demo: about {offers} offers");
    let bar = progress_bar(offers, "offers");
    let loaded = demo::load(db, offers, seed, &mut |rows| bar.set_position(rows));
    bar.finish_and_clear();
    loaded?;
    log::info!("the demo is loaded");
    Ok(())
}

fn import_file(config: &Config, options: &Options, json: bool) -> Result<(), Failure> {
    let db = open(config)?;
    let bar = progress_bar(0, "bytes");
    let imported = import::run(&db, options, &mut |progress: Progress| {
        bar.set_length(progress.bytes);
        bar.set_position(progress.bytes_read);
    });
    bar.finish_and_clear();
    let report = imported?;
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(())
}

fn export_to(config: &Config, folder: &Path) -> Result<(), Failure> {
    let exported = export::export(&open(config)?, folder)?;
    writeln!(
        io::stdout(),
        "{} articles, and {} rows of {} sources, are in {}",
        exported.articles,
        exported.rows,
        exported.sources,
        folder.display()
    )?;
    Ok(())
}

fn verify(config: &Config) -> Result<(), Failure> {
    let db = open(config)?;
    let bar = progress_bar(0, "blocks");
    let verified = db.read_newest_blocking(|conn| {
        let mut verified = Verified::default();
        salaries::verify(conn, &mut verified, &mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })?;
        renditions::verify(conn, &mut verified)?;
        Ok::<_, DbError>(verified)
    });
    bar.finish_and_clear();
    let verified = verified?;
    if verified.differences.is_empty() {
        writeln!(io::stdout(), "{verified}")?;
        return Ok(());
    }
    Err(Failure {
        message: verified.to_string(),
        exit_code: 1,
    })
}

fn check(config: &Config) -> Result<(), Failure> {
    let db = open(config)?;
    let site = site_at(config, &format!("http://{}", config.listen));
    let checked = db.read_newest_blocking(|conn| {
        let catalogue = Catalogues::default().of(conn)?;
        Ok::<_, DbError>(publish_check::check_all(conn, &catalogue, &site)?)
    })?;
    if !checked.has_errors() {
        writeln!(io::stdout(), "{checked}")?;
        return Ok(());
    }
    Err(Failure {
        message: checked.to_string(),
        exit_code: 1,
    })
}

fn copy_to(config: &Config, to: &str) -> Result<(), Failure> {
    let to: DatabaseUrl = to
        .parse()
        .map_err(|error| Failure::usage(format!("--to cannot be used: {error}")))?;
    if to == config.database {
        return Err(Failure::usage(
            "--to is the database that DATABASE_URL names; give another one".to_owned(),
        ));
    }
    let (here, there) = (open(config)?, Db::open(&to)?);
    let bar = progress_bar(0, "rows");
    let copied = copy::copy(&here, &there, &to.to_string(), &mut |done, all| {
        bar.set_length(all.unsigned_abs());
        bar.set_position(done.unsigned_abs());
    });
    bar.finish_and_clear();
    let mut out = io::stdout().lock();
    for (table, rows) in copied? {
        writeln!(out, "{rows:>12} {table}")?;
    }
    writeln!(out, "are in {to}, as many as in {}", config.database)?;
    Ok(())
}

fn user(config: &Config, command: UserCommand) -> Result<(), Failure> {
    let mut out = io::stdout();
    match command {
        UserCommand::Add { email, role, name } => {
            let email = email_of(&email)?;
            let role: EditorRole = role.parse().map_err(|error| {
                Failure::usage(format!("--role \u{201c}{role}\u{201d} is {error}"))
            })?;
            let db = open(config)?;
            commands::expect_account(&db, &email, false)?;
            let added = commands::add(&db, &email, role, name.as_deref(), &ask_password()?);
            added.map_err(|error| match error {
                UserError::Usage(sentence) => Failure::usage(sentence),
                error @ UserError::Refused(_) => error.into(),
            })?;
            writeln!(out, "{} can sign in", email.as_str())?;
        }
        UserCommand::Passwd { email } => {
            let email = email_of(&email)?;
            let db = open(config)?;
            commands::expect_account(&db, &email, true)?;
            commands::set_password(&db, &email, &ask_password()?)?;
            writeln!(out, "{} has a new password", email.as_str())?;
        }
        UserCommand::Disable { email } => {
            let email = email_of(&email)?;
            commands::disable(&open(config)?, &email)?;
            writeln!(out, "{} cannot sign in any more", email.as_str())?;
        }
        UserCommand::List => {
            for line in commands::list(&open(config)?)? {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(())
}

fn email_of(text: &str) -> Result<Email, Failure> {
    text.parse()
        .map_err(|error| Failure::usage(format!("\u{201c}{text}\u{201d} cannot be used: {error}")))
}

/// A new password: asked for twice on a terminal, without showing it; elsewhere the first line of standard input.
fn ask_password() -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        let password = line.strip_suffix('\n').unwrap_or(&line);
        return Ok(password.strip_suffix('\r').unwrap_or(password).to_owned());
    }
    let password = rpassword::prompt_password("New password: ")?;
    if rpassword::prompt_password("The same again: ")? != password {
        return Err(Failure {
            message: "the two passwords differ; nothing was changed".to_owned(),
            exit_code: 1,
        });
    }
    Ok(password)
}

/// A bar on a terminal; nothing elsewhere.
fn progress_bar(length: u64, unit: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template =
        format!("{{bar:40}} {{percent:>3}} %  {{human_pos}} of {{human_len}} {unit}  {{eta}} left");
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style)
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use super::*;

    #[test]
    fn a_program_is_known_by_the_linker_s_name_or_by_all_of_it() {
        let hash = |parts: &[&[u8]]| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&parts.concat()).unwrap();
            file.rewind().unwrap();
            hash_of_program(file).unwrap()
        };
        let (one, other) = ([b'1'; 20], [b'2'; 20]);
        let named = |name: &[u8]| hash(&[b"ELF", BUILD_ID, name, b"code"]);
        assert_eq!(named(&one), named(&one));
        assert_ne!(named(&one), named(&other));
        let large = vec![0; 3 * PART_OF_PROGRAM];
        assert_ne!(hash(&[&large, b"1"]), hash(&[&large, b"2"]));
        assert_ne!(hash(&[BUILD_ID, b"cut 1"]), hash(&[BUILD_ID, b"cut 2"]));
    }
}
