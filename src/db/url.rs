//! Where a database is: a file path, or the address of a server as `PostgreSQL`'s own client takes it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use super::tls::Policy;

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of the embedded database.
    Sqlite(PathBuf),
    /// `postgres://…`.
    Postgres(PostgresUrl),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", rest)) => PostgresUrl::parse(rest).map(Self::Postgres),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some((scheme, _)) => Err(format!(
                "'{scheme}://' is no database that payband speaks; give a file path or postgres://…"
            )),
            None if text.is_empty() => Err("it is empty; give a file path or postgres://…".into()),
            None => Ok(Self::Sqlite(text.into())),
        }
    }
}

/// The address as messages may show it: a password is left out.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => write!(f, "{url}"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The address of a server, taken apart as libpq does: `postgres://[user[:password]@][host][:port][/database][?name=value&…]`,
/// where several hosts may stand with commas between them.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    /// Host, port and database as they are written.
    shown: String,
    /// libpq's names and values, secrets included. Of two with one name the later counts.
    parameters: Vec<(String, String)>,
}

impl PostgresUrl {
    /// Reads what follows `postgres://`.
    fn parse(rest: &str) -> Result<Self, String> {
        let (login, place) = match rest.find(['@', '/']) {
            Some(at) if rest[at..].starts_with('@') => (&rest[..at], &rest[at + 1..]),
            _ => ("", rest),
        };
        let (shown, options) = place.split_once('?').unwrap_or((place, ""));
        if shown.contains('@') {
            return Err(
                "a '@' or a '/' in a user name or a password is written as %40 or %2F".to_owned(),
            );
        }
        let (hosts, database) = shown.split_once('/').unwrap_or((shown, ""));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (hosts, ports) = hosts_and_ports(hosts)?;
        let mut url = Self {
            shown: shown.to_owned(),
            parameters: Vec::new(),
        };
        for (name, value) in [
            ("user", user),
            ("password", password),
            ("host", &hosts),
            ("port", &ports),
            ("dbname", database),
        ] {
            url.add(name, value)?;
        }
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                // As the drivers of other languages write it.
                Some(("ssl", "true")) => url.add("sslmode", "require")?,
                Some((name, value)) => url.add(name, value)?,
                None => return Err(format!("the parameter {option} has no value")),
            }
        }
        Policy::of(&url.completed_by(&|_| None))?;
        Ok(url)
    }

    fn add(&mut self, name: &str, encoded: &str) -> Result<(), String> {
        let decoded = |text| {
            percent_decode_str(text)
                .decode_utf8()
                .ok()
                .filter(|text| !text.contains('\0'))
        };
        let (Some(name), Some(value)) = (decoded(name), decoded(encoded)) else {
            return Err(format!("the value of {name} is not text"));
        };
        if !value.is_empty() {
            self.parameters
                .push((name.into_owned(), value.into_owned()));
        }
        Ok(())
    }

    /// A parameter's value, where it has one.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .parameters
            .iter()
            .rev()
            .find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The parameters, completed by environment variables.
    pub(super) fn completed_by<'a>(&'a self, environment: Environment<'a>) -> Parameters<'a> {
        Parameters {
            url: self,
            environment,
        }
    }

    /// All parameters as libpq reads them, and then others, which win.
    pub(super) fn conninfo<'a>(
        &'a self,
        changes: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> String {
        let own = self.parameters.iter();
        own.map(|(name, value)| (name.as_str(), value.as_str()))
            .chain(changes)
            .map(|(name, value)| {
                let value = value.replace('\\', "\\\\").replace('\'', "\\'");
                format!("{name}='{value}'")
            })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A lookup of environment variables.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The parameters of a server. What its address leaves out the environment may say, as for libpq.
pub(super) struct Parameters<'a> {
    pub(super) url: &'a PostgresUrl,
    environment: Environment<'a>,
}

impl Parameters<'_> {
    /// A parameter's value, of the address or of an environment variable.
    pub(super) fn get(&self, parameter: &str, variable: &str) -> Option<String> {
        let given = self.url.get(parameter).map(ToOwned::to_owned);
        given.or_else(|| (self.environment)(variable))
    }

    /// A file below the user's own folder, where libpq looks when nothing is said.
    pub(super) fn usual_file(&self, path: &str) -> Option<PathBuf> {
        Some(PathBuf::from((self.environment)("HOME")?).join(path))
    }
}

/// The address as messages may show it.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}", self.shown)
    }
}

/// `a:1,[::1]:2,c` as `a,::1,c` and `1,2,`.
fn hosts_and_ports(text: &str) -> Result<(String, String), String> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for place in text.split(',') {
        let (host, port) = match place.strip_prefix('[') {
            Some(address) => match address.split_once(']') {
                Some((host, "")) => (host, ""),
                Some((host, rest)) if rest.starts_with(':') => (host, &rest[1..]),
                _ => return Err("an IPv6 address is written as [::1] or [::1]:5432".to_owned()),
            },
            None => place.split_once(':').unwrap_or((place, "")),
        };
        hosts.push(host);
        ports.push(port);
    }
    let ports = if ports.iter().all(|port| port.is_empty()) {
        String::new()
    } else {
        ports.join(",")
    };
    Ok((hosts.join(","), ports))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres(text: &str) -> PostgresUrl {
        match text.parse() {
            Ok(DatabaseUrl::Postgres(url)) => url,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_address_is_a_file_path_or_postgres() {
        let kind = |text: &str| text.parse::<DatabaseUrl>();
        assert_eq!(
            kind("data/payband.db"),
            Ok(DatabaseUrl::Sqlite("data/payband.db".into()))
        );
        assert!(matches!(
            kind("postgres://h/db"),
            Ok(DatabaseUrl::Postgres(_))
        ));
        assert!(kind("mysql://h/db").unwrap_err().contains("mysql"));
        assert!(kind("").is_err());
    }

    #[test]
    fn an_address_hides_its_password() {
        let url: DatabaseUrl =
            "postgres://me:secret@db.example:5432/jobs?sslmode=require&options=a@b"
                .parse()
                .unwrap();
        assert_eq!(url.to_string(), "postgres://db.example:5432/jobs");
        assert!(!format!("{url:?}").contains("secret"));
    }

    #[test]
    fn a_password_that_would_be_taken_for_a_host_is_refused_and_not_shown() {
        for text in [
            "postgres://me:se/cret@db.example/jobs",
            "postgres://me:se@cret@db.example/jobs",
        ] {
            let error = text.parse::<DatabaseUrl>().unwrap_err();
            assert!(error.contains("%40"), "{error}");
            assert!(!error.contains("cret"), "{error}");
        }
    }

    #[test]
    fn all_parts_of_an_address_become_parameters() {
        let url = postgres(
            "postgresql://m%40e:it%27s%5C@db.example:6432/jobs?application_name=a%20b&ssl=true",
        );
        assert_eq!(
            url.conninfo([("host", "/tmp/x")]),
            r"user='m@e' password='it\'s\\' host='db.example' port='6432' dbname='jobs' application_name='a b' sslmode='require' host='/tmp/x'"
        );
        assert_eq!(url.get("sslmode"), Some("require"));
        assert_eq!(url.get("sslrootcert"), None);
    }

    #[test]
    fn parts_may_be_missing_and_hosts_several() {
        assert_eq!(postgres("postgres://").conninfo([]), "");
        let socket = postgres("postgres:///jobs?host=/run/postgresql");
        assert_eq!(socket.conninfo([]), "dbname='jobs' host='/run/postgresql'");
        let several = postgres("postgres://a:1,[::1]:2,c/jobs");
        assert_eq!(several.get("host"), Some("a,::1,c"));
        assert_eq!(several.get("port"), Some("1,2,"));
        assert_eq!(postgres("postgres://a,b/jobs").get("port"), None);
        assert!("postgres://[::1/jobs".parse::<DatabaseUrl>().is_err());
        assert!("postgres://h/jobs?sslmode".parse::<DatabaseUrl>().is_err());
        assert!("postgres://h/%00".parse::<DatabaseUrl>().is_err());
    }
}
