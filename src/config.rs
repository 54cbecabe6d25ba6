//! The settings of a running payband, from flags and environment variables.

use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::db::DatabaseUrl;
use crate::images::MediaUrl;
use crate::mail::MailConfig;
use crate::newsletter;
use crate::seo::indexnow::{self, IndexNow, Key};
use crate::web::visitors::Proxies;

/// The settings as they are given. A flag wins over its environment variable.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Database: a file path, or postgres://…
    #[arg(
        long,
        env = "DATABASE_URL",
        global = true,
        hide_env_values = true,
        default_value = "data/payband.db"
    )]
    pub database_url: String,

    /// Replica to read pages from: postgres://…
    #[arg(long, env = "DATABASE_READ_URL", global = true, hide_env_values = true)]
    pub database_read_url: Option<String>,

    /// Address and port to listen on
    #[arg(
        long,
        env = "PAYBAND_LISTEN",
        global = true,
        default_value = "127.0.0.1:8080"
    )]
    pub listen: String,

    /// Base of all absolute links [default: http:// and the listening address]
    #[arg(long, env = "PAYBAND_SITE_URL", global = true)]
    pub site_url: Option<String>,

    /// Name of the site
    #[arg(
        long,
        env = "PAYBAND_SITE_NAME",
        global = true,
        default_value = "payband"
    )]
    pub site_name: String,

    /// Folder for everything that is not in the database
    #[arg(long, env = "PAYBAND_DATA_DIR", global = true, default_value = "data")]
    pub data_dir: PathBuf,

    /// Where the files of images are: s3://… [default: the folder media in the data folder]
    #[arg(long, env = "PAYBAND_MEDIA_URL", global = true)]
    pub media_url: Option<String>,
    /// Megabytes of an uploaded CSV file at most
    #[arg(long, env = "PAYBAND_UPLOAD_MB", global = true, default_value = "512")]
    pub upload_mb: String,

    /// Fewest candidates of whom figures are published
    #[arg(
        long,
        env = "PAYBAND_MIN_CANDIDATES",
        global = true,
        default_value = "5"
    )]
    pub min_candidates: String,

    /// Megabytes of finished pages that are kept in memory; 0 keeps none
    #[arg(long, env = "PAYBAND_CACHE_MB", global = true, default_value = "24")]
    pub cache_mb: String,

    /// Most open pages that are told of changes at a time; 0 turns live pages off
    #[arg(
        long,
        env = "PAYBAND_LIVE_READERS",
        global = true,
        default_value = "12000"
    )]
    pub live_readers: String,

    /// Threads that answer requests [default: one for every core]
    #[arg(long, env = "PAYBAND_WORKERS", global = true)]
    pub workers: Option<String>,

    /// Key by which search engines are told of changed pages (IndexNow): 8 to 128 letters, digits and hyphens
    #[arg(long, env = "PAYBAND_INDEXNOW_KEY", global = true)]
    pub indexnow_key: Option<String>,

    /// Where changed pages are submitted
    #[arg(
        long,
        env = "PAYBAND_INDEXNOW_URL",
        global = true,
        default_value = indexnow::DEFAULT_URL
    )]
    pub indexnow_url: String,

    /// Proxies in front of the site: addresses and networks, with commas between them
    #[arg(
        long,
        env = "PAYBAND_TRUSTED_PROXIES",
        global = true,
        default_value = ""
    )]
    pub trusted_proxies: String,

    #[command(flatten)]
    #[expect(
        missing_docs,
        reason = "clap would take them for the text above the help"
    )]
    pub mail: MailSettings,
}

/// The settings of mail as they are given.
#[derive(Args, Clone, Debug)]
pub struct MailSettings {
    /// Mail server: `smtp://user:password@host:587` or smtps://… [default: mails become files in the data folder]
    #[arg(long, env = "SMTP_URL", global = true, hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// Who mails are from (default: the site's name, at its host)
    #[arg(long, env = "PAYBAND_MAIL_FROM", global = true)]
    pub mail_from: Option<String>,

    /// Where servers report mails that could not be delivered [default: the address that mails are from]
    #[arg(long, env = "PAYBAND_BOUNCE_ADDRESS", global = true)]
    pub bounce_address: Option<String>,

    /// Most mails in a second
    #[arg(
        long,
        env = "PAYBAND_MAIL_PER_SECOND",
        global = true,
        default_value = "10"
    )]
    pub mail_per_second: String,

    /// What a mail provider proves itself with when it tells of bounces [default: none may]
    #[arg(
        long,
        env = "PAYBAND_BOUNCE_SECRET",
        global = true,
        hide_env_values = true
    )]
    pub bounce_secret: Option<String>,

    /// Percent by which offers have to change before subscribers are told
    #[arg(
        long,
        env = "PAYBAND_MOVE_PERCENT",
        global = true,
        default_value = "25"
    )]
    pub move_percent: String,
}

/// The settings as they are meant.
#[derive(Clone, Debug)]
pub struct Config {
    /// `DATABASE_URL`: where the database is.
    pub database: DatabaseUrl,
    /// `DATABASE_READ_URL`: where pages are read from, if not there.
    pub replica: Option<DatabaseUrl>,
    /// `PAYBAND_LISTEN`: where to listen.
    pub listen: SocketAddr,
    /// `PAYBAND_SITE_URL`: base of all absolute links, without a slash at its end.
    pub site_url: Option<String>,
    /// `PAYBAND_SITE_NAME`: what the site calls itself.
    pub site_name: String,
    /// `PAYBAND_DATA_DIR`: folder for everything that is not in the database.
    pub data_dir: PathBuf,
    /// `PAYBAND_MEDIA_URL`: where the files of images are.
    pub media: MediaUrl,
    /// `PAYBAND_UPLOAD_MB`: bytes of an uploaded CSV file at most.
    pub upload_bytes: u64,
    /// `PAYBAND_MIN_CANDIDATES`: fewest candidates of whom figures are published.
    pub min_candidates: u64,
    /// `PAYBAND_CACHE_MB`: how much memory finished pages may take; none where it is 0.
    pub cache_bytes: u64,
    /// `PAYBAND_LIVE_READERS`: most open pages that are told of changes at a time; none where it is 0.
    pub live_readers: usize,
    /// `PAYBAND_WORKERS`: threads that answer requests; `None` is one for every core.
    pub workers: Option<usize>,
    /// `PAYBAND_INDEXNOW_KEY`, `PAYBAND_INDEXNOW_URL`: how search engines are told of changed pages; not at all without a key.
    pub indexnow: Option<IndexNow>,
    /// `PAYBAND_TRUSTED_PROXIES`: whose word is taken for where a visitor comes from.
    pub trusted_proxies: Proxies,
    /// `SMTP_URL` and what else there is to say of mail.
    pub mail: MailConfig,
    /// `PAYBAND_BOUNCE_SECRET` and what else there is to say of the newsletter.
    pub newsletter: newsletter::Settings,
}

impl Settings {
    /// Checks every setting.
    ///
    /// # Errors
    /// One sentence that names the setting that is wrong.
    pub fn check(self) -> Result<Config, String> {
        let database = self
            .database_url
            .parse()
            .map_err(|error| format!("DATABASE_URL cannot be used: {error}"))?;
        Ok(Config {
            replica: self
                .database_read_url
                .filter(|url| !url.is_empty())
                .map(|url| replica(&url, &database))
                .transpose()?,
            database,
            listen: self.listen.parse().map_err(|_| {
                format!(
                    "PAYBAND_LISTEN is \u{201c}{}\u{201d}, but an address and a port are needed, such as 127.0.0.1:8080",
                    self.listen
                )
            })?,
            site_url: self.site_url.filter(|url| !url.is_empty()).as_deref().map(site_url).transpose()?,
            site_name: match self.site_name.trim() {
                "" => return Err("PAYBAND_SITE_NAME is empty, but the site needs a name".to_owned()),
                name => name.to_owned(),
            },
            media: match self.media_url.filter(|url| !url.is_empty()) {
                Some(url) => url.parse()?,
                None => MediaUrl::Folder(self.data_dir.join("media")),
            },
            data_dir: self.data_dir,
            upload_bytes: number::<u64>("PAYBAND_UPLOAD_MB", &self.upload_mb, 1..=1_000_000)? << 20,
            min_candidates: number("PAYBAND_MIN_CANDIDATES", &self.min_candidates, 1..=1_000_000)?,
            cache_bytes: number::<u64>("PAYBAND_CACHE_MB", &self.cache_mb, 0..=1_000_000)? << 20,
            live_readers: number("PAYBAND_LIVE_READERS", &self.live_readers, 0..=1_000_000)?,
            workers: self
                .workers
                .filter(|workers| !workers.is_empty())
                .map(|workers| number("PAYBAND_WORKERS", &workers, 1..=1024))
                .transpose()?,
            indexnow: indexnow(self.indexnow_key, self.indexnow_url)?,
            trusted_proxies: self
                .trusted_proxies
                .parse()
                .map_err(|error| format!("PAYBAND_TRUSTED_PROXIES cannot be used: {error}"))?,
            newsletter: self.mail.newsletter()?,
            mail: self.mail.check()?,
        })
    }
}

impl MailSettings {
    fn newsletter(&self) -> Result<newsletter::Settings, String> {
        let secret = self.bounce_secret.clone();
        let secret = secret.filter(|secret| !secret.is_empty());
        if secret.as_ref().is_some_and(|secret| secret.len() < 16) {
            return Err(
                "PAYBAND_BOUNCE_SECRET is too short: at least 16 letters are needed".to_owned(),
            );
        }
        Ok(newsletter::Settings {
            bounce_secret: secret,
            move_percent: number("PAYBAND_MOVE_PERCENT", &self.move_percent, 1..=1_000)?,
        })
    }

    fn check(self) -> Result<MailConfig, String> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let unusable = |name: &str, text: &str| {
            format!(
                "{name} is \u{201c}{text}\u{201d}, but an e-mail address is needed, such as news@jobs.example.org"
            )
        };
        Ok(MailConfig {
            smtp: given(self.smtp_url).map(|url| url.parse()).transpose()?,
            from: given(self.mail_from)
                .map(|text| {
                    text.parse()
                        .map_err(|_| unusable("PAYBAND_MAIL_FROM", &text))
                })
                .transpose()?,
            bounces_to: given(self.bounce_address)
                .map(|text| {
                    text.parse()
                        .map_err(|_| unusable("PAYBAND_BOUNCE_ADDRESS", &text))
                })
                .transpose()?,
            per_second: number("PAYBAND_MAIL_PER_SECOND", &self.mail_per_second, 1..=1_000)?,
        })
    }
}

/// A whole number in a range.
fn number<T: FromStr + PartialOrd + fmt::Display>(
    name: &str,
    text: &str,
    range: RangeInclusive<T>,
) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        format!(
            "{name} is \u{201c}{text}\u{201d}, but a whole number from {} to {} is needed",
            range.start(),
            range.end()
        )
    })
}

fn replica(text: &str, database: &DatabaseUrl) -> Result<DatabaseUrl, String> {
    let replica = text
        .parse()
        .map_err(|error| format!("DATABASE_READ_URL cannot be used: {error}"))?;
    match (database, &replica) {
        (DatabaseUrl::Postgres(_), DatabaseUrl::Postgres(_)) => Ok(replica),
        (DatabaseUrl::Sqlite(_), _) => Err(
            "DATABASE_READ_URL is for PostgreSQL, but DATABASE_URL is a file, which has no replicas".to_owned(),
        ),
        (DatabaseUrl::Postgres(_), DatabaseUrl::Sqlite(_)) => Err(
            "DATABASE_READ_URL is a file, but a replica of the DATABASE_URL is needed: postgres://…".to_owned(),
        ),
    }
}

fn indexnow(key: Option<String>, url: String) -> Result<Option<IndexNow>, String> {
    let Some(key) = key.filter(|key| !key.is_empty()) else {
        return Ok(None);
    };
    let key = Key::new(&key).ok_or_else(|| {
        "PAYBAND_INDEXNOW_KEY is no key: 8 to 128 letters, digits and hyphens are needed".to_owned()
    })?;
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(format!(
            "PAYBAND_INDEXNOW_URL is \u{201c}{url}\u{201d}, but the address of a service is needed, such as {}",
            indexnow::DEFAULT_URL
        ));
    }
    Ok(Some(IndexNow { key, url }))
}

fn site_url(text: &str) -> Result<String, String> {
    let host = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    match host.map(|host| host.trim_end_matches('/')) {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', ' ', '"', '<', '>']) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(format!(
            "PAYBAND_SITE_URL is \u{201c}{text}\u{201d}, but http:// or https:// and a host are needed, such as \
             https://jobs.example.org"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            database_url: "data/payband.db".into(),
            database_read_url: None,
            listen: "127.0.0.1:8080".into(),
            site_url: None,
            site_name: "payband".into(),
            data_dir: "data".into(),
            media_url: None,
            upload_mb: "512".into(),
            min_candidates: "5".into(),
            cache_mb: "24".into(),
            live_readers: "12000".into(),
            workers: None,
            indexnow_key: None,
            indexnow_url: indexnow::DEFAULT_URL.into(),
            trusted_proxies: String::new(),
            mail: MailSettings {
                smtp_url: None,
                mail_from: None,
                bounce_address: None,
                mail_per_second: "10".into(),
                bounce_secret: None,
                move_percent: "25".into(),
            },
        }
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let wrong = |change: fn(&mut Settings)| {
            let mut settings = settings();
            change(&mut settings);
            settings.check().unwrap_err()
        };
        assert!(wrong(|it| it.listen = "8080".into()).starts_with("PAYBAND_LISTEN"));
        assert!(
            wrong(|it| it.site_url = Some("example.org".into())).starts_with("PAYBAND_SITE_URL")
        );
        assert!(
            wrong(|it| it.site_url = Some("http://a/b".into())).starts_with("PAYBAND_SITE_URL")
        );
        assert!(wrong(|it| it.min_candidates = "0".into()).starts_with("PAYBAND_MIN_CANDIDATES"));
        assert!(wrong(|it| it.cache_mb = "some".into()).starts_with("PAYBAND_CACHE_MB"));
        assert!(wrong(|it| it.live_readers = "-1".into()).starts_with("PAYBAND_LIVE_READERS"));
        assert!(wrong(|it| it.workers = Some("0".into())).starts_with("PAYBAND_WORKERS"));
        assert!(
            wrong(|it| it.trusted_proxies = "nginx".into()).starts_with("PAYBAND_TRUSTED_PROXIES")
        );
        assert!(
            wrong(|it| it.indexnow_key = Some("short".into())).starts_with("PAYBAND_INDEXNOW_KEY")
        );
        assert!(wrong(|it| it.upload_mb = "0".into()).starts_with("PAYBAND_UPLOAD_MB"));
        assert!(wrong(|it| it.site_name = " ".into()).starts_with("PAYBAND_SITE_NAME"));
        assert!(
            wrong(|it| it.media_url = Some("ftp://a/b".into())).starts_with("PAYBAND_MEDIA_URL")
        );
        assert!(wrong(|it| it.database_url = "mysql://x".into()).starts_with("DATABASE_URL"));
        assert!(wrong(|it| it.mail.smtp_url = Some("relay".into())).starts_with("SMTP_URL"));
        assert!(
            wrong(|it| it.mail.mail_from = Some("nobody".into())).starts_with("PAYBAND_MAIL_FROM")
        );
        assert!(
            wrong(|it| it.mail.bounce_address = Some("a b".into()))
                .starts_with("PAYBAND_BOUNCE_ADDRESS")
        );
        assert!(
            wrong(|it| it.mail.mail_per_second = "0".into()).starts_with("PAYBAND_MAIL_PER_SECOND")
        );
    }

    #[test]
    fn a_replica_is_postgres_as_its_primary_is() {
        let replica = |primary: &str, replica: &str| {
            let mut settings = settings();
            settings.database_url = primary.to_owned();
            settings.database_read_url = Some(replica.to_owned());
            settings.check().map(|config| config.replica.is_some())
        };
        assert_eq!(replica("postgres://a/jobs", "postgres://b/jobs"), Ok(true));
        assert_eq!(replica("postgres://a/jobs", ""), Ok(false));
        for (primary, wrong) in [
            ("data/payband.db", "postgres://b/jobs"),
            ("postgres://a/jobs", "data/payband.db"),
            ("postgres://a/jobs", "mysql://b/jobs"),
        ] {
            assert!(
                replica(primary, wrong)
                    .unwrap_err()
                    .starts_with("DATABASE_READ_URL")
            );
        }
    }

    #[test]
    fn the_site_url_has_no_slash_at_its_end() {
        let mut settings = settings();
        settings.site_url = Some("https://jobs.example.org/".into());
        let config = settings.check().unwrap();
        assert_eq!(config.site_url.as_deref(), Some("https://jobs.example.org"));
    }
}
