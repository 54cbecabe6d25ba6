//! What a server's address and the environment say about TLS, in the words of libpq.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::db::url::Parameters;

/// How connections to a server are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::db) enum Policy {
    /// By libpq alone, which has a service file to look into.
    Unknown,
    /// By libpq alone, without TLS.
    Plain,
    /// Through a tunnel.
    Tls(Tls),
}

/// TLS to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::db) struct Tls {
    /// The name that the certificate has to be valid for.
    pub(super) name: String,
    /// Where to connect: a host name or an IP address.
    pub(super) host: String,
    pub(in crate::db) port: u16,
    pub(super) mode: Mode,
    /// `sslrootcert`: who is trusted to sign the server's certificate.
    pub(super) roots: Option<Roots>,
    /// `sslcert` and `sslkey`: what payband shows of itself.
    pub(super) client: Option<(PathBuf, PathBuf)>,
}

/// `sslmode`, as far as TLS is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// What is checked of a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Nothing,
    Signature,
    SignatureAndName,
}

/// Who is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// Whom the system trusts.
    System,
    /// The certificates of a PEM file.
    File(PathBuf),
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        })
    }
}

/// What only a libpq with TLS of its own honours: parameter, environment variable, and the values that are met anyway.
const BEYOND_US: [(&str, &str, &[&str]); 8] = [
    ("sslcrl", "PGSSLCRL", &[]),
    ("sslcrldir", "PGSSLCRLDIR", &[]),
    ("sslnegotiation", "PGSSLNEGOTIATION", &["postgres"]),
    ("sslcertmode", "PGSSLCERTMODE", &["allow"]),
    ("sslsni", "PGSSLSNI", &["1"]),
    (
        "channel_binding",
        "PGCHANNELBINDING",
        &["disable", "prefer"],
    ),
    (
        "ssl_min_protocol_version",
        "PGSSLMINPROTOCOLVERSION",
        &["TLSv1", "TLSv1.1", "TLSv1.2"],
    ),
    (
        "ssl_max_protocol_version",
        "PGSSLMAXPROTOCOLVERSION",
        &["TLSv1.3"],
    ),
];

impl Policy {
    /// The policy for a server.
    ///
    /// # Errors
    /// A sentence, when the parameters contradict each other or ask for what the tunnel cannot do.
    pub(in crate::db) fn of(parameters: &Parameters<'_>) -> Result<Self, String> {
        let roots =
            parameters
                .get("sslrootcert", "PGSSLROOTCERT")
                .map(|text| match text.as_str() {
                    "system" => Roots::System,
                    path => Roots::File(path.into()),
                });
        let given = mode(parameters)?;
        let mode = match (given, &roots) {
            (Some(Asked::NoTls), _) => return Ok(Self::Plain),
            (Some(Asked::Tls(Mode::VerifyFull)) | None, Some(Roots::System)) => Mode::VerifyFull,
            (Some(Asked::Tls(mode)), Some(Roots::System)) => {
                return Err(format!(
                    "sslrootcert=system needs sslmode=verify-full, not {mode}"
                ));
            }
            (Some(Asked::Tls(mode)), _) => mode,
            (None, _) => Mode::Prefer,
        };
        let host = parameters.get("host", "PGHOST");
        let address = parameters.get("hostaddr", "PGHOSTADDR");
        let Some(address) = address.or_else(|| host.clone()) else {
            let service = parameters.get("service", "PGSERVICE");
            return Ok(service.map_or(Self::Plain, |_| Self::Unknown));
        };
        let name = host.unwrap_or_else(|| address.clone());
        let is_unasked = given.is_none() && mode == Mode::Prefer;
        if name.starts_with(['/', '@']) || is_unasked && is_this_machine(&name) {
            return Ok(Self::Plain);
        }
        if name.contains(',') || address.contains(',') {
            return if mode.is_obligatory() {
                Err(format!(
                    "sslmode={mode} works with one host, and the address names several"
                ))
            } else {
                Ok(Self::Plain)
            };
        }
        refuse_what_is_beyond_us(parameters)?;
        Ok(Self::Tls(Tls {
            name,
            host: address,
            port: port(parameters)?,
            mode,
            roots: roots.or_else(|| {
                let file = parameters.usual_file(".postgresql/root.crt");
                file.filter(|file| file.exists()).map(Roots::File)
            }),
            client: client_files(parameters),
        }))
    }
}

/// What `sslmode` asks for.
#[derive(Clone, Copy)]
enum Asked {
    NoTls,
    Tls(Mode),
}

fn mode(parameters: &Parameters<'_>) -> Result<Option<Asked>, String> {
    let Some(text) = parameters.get("sslmode", "PGSSLMODE") else {
        return Ok(None);
    };
    Ok(Some(match text.as_str() {
        "disable" => Asked::NoTls,
        "allow" => Asked::Tls(Mode::Allow),
        "prefer" => Asked::Tls(Mode::Prefer),
        "require" => Asked::Tls(Mode::Require),
        "verify-ca" => Asked::Tls(Mode::VerifyCa),
        "verify-full" => Asked::Tls(Mode::VerifyFull),
        other => {
            return Err(format!(
                "sslmode is \u{201c}{other}\u{201d}, but disable, allow, prefer, require, verify-ca or verify-full is needed"
            ));
        }
    }))
}

fn port(parameters: &Parameters<'_>) -> Result<u16, String> {
    match parameters.get("port", "PGPORT") {
        None => Ok(5432),
        Some(text) => text.parse().map_err(|_| {
            format!("the port is \u{201c}{text}\u{201d}, but a number from 1 to 65535 is needed")
        }),
    }
}

/// A client's certificate and its key, where there is one.
fn client_files(parameters: &Parameters<'_>) -> Option<(PathBuf, PathBuf)> {
    let certificate = match parameters.get("sslcert", "PGSSLCERT") {
        Some(file) => file.into(),
        None => parameters
            .usual_file(".postgresql/postgresql.crt")
            .filter(|file| file.exists())?,
    };
    let key = match parameters.get("sslkey", "PGSSLKEY") {
        Some(file) => file.into(),
        None => parameters.usual_file(".postgresql/postgresql.key")?,
    };
    Some((certificate, key))
}

impl Tls {
    /// The server's name, as its certificate and a password file have it.
    pub(in crate::db) fn name(&self) -> &str {
        &self.name
    }

    /// What is checked: as libpq does, `require` checks the signature where it is known who may sign.
    pub(super) fn check(&self) -> Check {
        match self.mode {
            Mode::VerifyFull => Check::SignatureAndName,
            Mode::VerifyCa => Check::Signature,
            Mode::Require if self.roots.is_some() => Check::Signature,
            Mode::Require | Mode::Prefer | Mode::Allow => Check::Nothing,
        }
    }
}

impl Mode {
    /// Whether a server without TLS is refused.
    pub(super) fn is_obligatory(self) -> bool {
        !matches!(self, Self::Allow | Self::Prefer)
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn refuse_what_is_beyond_us(parameters: &Parameters<'_>) -> Result<(), String> {
    for (parameter, variable, met) in BEYOND_US {
        if let Some(value) = parameters.get(parameter, variable)
            && !met.contains(&value.as_str())
        {
            return Err(format!(
                "payband speaks TLS without libpq and cannot honour {parameter}={value}"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::DatabaseUrl;

    /// The policy for an address, with environment variables.
    fn policy(url: &str, variables: &[(&str, &str)]) -> Result<Policy, String> {
        let DatabaseUrl::Postgres(url) = url.parse()? else {
            panic!("{url}");
        };
        Policy::of(&url.completed_by(&|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        }))
    }

    fn tls(url: &str, variables: &[(&str, &str)]) -> Tls {
        match policy(url, variables) {
            Ok(Policy::Tls(tls)) => tls,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn a_distant_server_is_asked_for_tls_and_a_near_one_is_not() {
        assert_eq!(tls("postgres://db.example/jobs", &[]).mode, Mode::Prefer);
        for near in [
            "postgres://",
            "postgres:///jobs",
            "postgres://localhost/jobs",
            "postgres://127.0.0.1:5433/jobs",
            "postgres://[::1]/jobs",
            "postgres:///jobs?host=/run/postgresql&sslmode=require",
            "postgres://db.example/jobs?sslmode=disable",
        ] {
            assert_eq!(policy(near, &[]), Ok(Policy::Plain), "{near}");
        }
        assert_eq!(
            tls("postgres://localhost/jobs?sslmode=prefer", &[]).mode,
            Mode::Prefer
        );
        assert_eq!(
            tls("postgres://localhost/jobs?sslrootcert=system", &[]).mode,
            Mode::VerifyFull
        );
    }

    #[test]
    fn the_environment_completes_the_address() {
        let variables = [
            ("PGHOST", "db.example"),
            ("PGPORT", "6432"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", "system"),
        ];
        let found = tls("postgres:///jobs", &variables);
        assert_eq!((found.name.as_str(), found.port), ("db.example", 6432));
        assert_eq!(found.roots, Some(Roots::System));
        let found = tls(
            "postgres://other.example:1/jobs?sslmode=verify-ca&sslrootcert=ca.crt",
            &variables,
        );
        assert_eq!((found.name.as_str(), found.port), ("other.example", 1));
        assert_eq!(found.roots, Some(Roots::File("ca.crt".into())));
        assert_eq!(
            policy("postgres:///jobs", &[("PGSERVICE", "jobs")]),
            Ok(Policy::Unknown)
        );
    }

    #[test]
    fn what_is_checked_grows_with_the_mode() {
        let check = |options: &str| tls(&format!("postgres://h/db?{options}"), &[]).check();
        assert_eq!(check("sslmode=prefer&sslrootcert=ca.crt"), Check::Nothing);
        assert_eq!(check("sslmode=require"), Check::Nothing);
        assert_eq!(
            check("sslmode=require&sslrootcert=ca.crt"),
            Check::Signature
        );
        assert_eq!(check("sslmode=verify-ca"), Check::Signature);
        assert_eq!(check("sslmode=verify-full"), Check::SignatureAndName);
    }

    #[test]
    fn an_address_and_a_name_may_differ() {
        let found = tls("postgres://db.example/jobs?hostaddr=192.0.2.1", &[]);
        assert_eq!((&*found.name, &*found.host), ("db.example", "192.0.2.1"));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let refused = |url: &str| url.parse::<DatabaseUrl>().unwrap_err();
        assert!(refused("postgres://h/db?sslmode=full").contains("\u{201c}full\u{201d}"));
        assert!(refused("postgres://a,b/db?sslmode=require").contains("several"));
        assert!(refused("postgres://h/db?sslcrl=x.crl").contains("sslcrl=x.crl"));
        assert!(refused("postgres://h/db?channel_binding=require").contains("channel_binding"));
        assert!(
            "postgres://h/db?channel_binding=prefer"
                .parse::<DatabaseUrl>()
                .is_ok()
        );
        assert!(refused("postgres://h:port/db").contains("\u{201c}port\u{201d}"));
        assert!(
            refused("postgres://h/db?sslmode=require&sslrootcert=system").contains("verify-full")
        );
        assert_eq!(policy("postgres://a,b/db", &[]), Ok(Policy::Plain));
    }
}
