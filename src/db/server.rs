//! A `PostgreSQL` server: how libpq is told to reach it.

use std::fmt;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use socket2::{SockRef, TcpKeepalive};

use super::password_file;
use super::tls::{Policy, Tunnel};
use super::url::{Parameters, PostgresUrl};

/// How long a server may take to let a connection in.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// A connection on which nothing happens is tried after `IDLE` and then every `PROBE`; what is sent and not acknowledged
/// within `SILENCE` means that the other machine is gone.
const IDLE: Duration = Duration::from_secs(30);
const PROBE: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(15);

/// A server, reachable as long as this lives.
pub(super) struct Server {
    url: PostgresUrl,
    /// libpq's names and values, secrets included.
    conninfo: String,
    /// Where the way there is through TLS.
    tunnel: Option<Tunnel>,
}

impl Server {
    /// Makes ready to connect to a server; does not connect yet.
    ///
    /// # Errors
    /// A sentence about a parameter that cannot be used.
    pub(super) fn new(url: &PostgresUrl) -> Result<Self, String> {
        let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let parameters = url.completed_by(&environment);
        let policy = Policy::of(&parameters)?;
        let mut changes = defaults(&parameters);
        let mut tunnel = None;
        match policy {
            Policy::Unknown => {}
            Policy::Plain => changes.extend(without_tls()),
            Policy::Tls(tls) => {
                if let Some(password) = password_file::lookup(&parameters, &tls) {
                    changes.push(("password", password));
                }
                let opened = Tunnel::open(tls)?;
                changes.extend(without_tls());
                changes.extend([
                    ("host", opened.address().host.clone()),
                    ("hostaddr", String::new()),
                    ("port", opened.address().port.clone()),
                    ("requirepeer", String::new()),
                ]);
                tunnel = Some(opened);
            }
        }
        let changes = changes.iter().map(|(name, value)| (*name, value.as_str()));
        Ok(Self {
            conninfo: url.conninfo(changes),
            url: url.clone(),
            tunnel,
        })
    }

    /// Connects.
    ///
    /// # Errors
    /// What the server, or the tunnel to it, said.
    pub(super) fn connect(&self) -> Result<PgConnection, String> {
        let mut conn =
            PgConnection::establish(&self.conninfo).map_err(|error| self.cause(&error))?;
        // What pages read is in memory or on flash, where a row is found by its key in less time than a small table is read.
        conn.batch_execute("SET TIME ZONE 'UTC'; SET random_page_cost = 1.1")
            .map_err(|error| error.to_string())?;
        Ok(conn)
    }

    /// Through a tunnel libpq only knows the private socket, which would say nothing to a reader.
    fn cause(&self, error: &diesel::ConnectionError) -> String {
        let text = error.to_string();
        let cause = match (&self.tunnel, text.split_once(" failed: ")) {
            (Some(_), Some((_, cause))) => cause.trim_start_matches("FATAL:").trim_start(),
            _ => &text,
        };
        cause.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.url)
    }
}

/// What libpq is told where the address says nothing: to notice soon that a server is gone.
fn defaults(parameters: &Parameters<'_>) -> Vec<(&'static str, String)> {
    let seconds = |duration: Duration| duration.as_secs().to_string();
    [
        ("connect_timeout", seconds(CONNECT_PATIENCE)),
        ("keepalives_idle", seconds(IDLE)),
        ("keepalives_interval", seconds(PROBE)),
        ("tcp_user_timeout", SILENCE.as_millis().to_string()),
        ("fallback_application_name", "payband".to_owned()),
    ]
    .into_iter()
    .filter(|(name, _)| match *name {
        "connect_timeout" => parameters.get(name, "PGCONNECT_TIMEOUT").is_none(),
        _ => parameters.url.get(name).is_none(),
    })
    .collect()
}

/// libpq refuses values that only it could honour with TLS of its own, even where they come from the environment.
fn without_tls() -> [(&'static str, String); 2] {
    [
        ("sslmode", "disable".to_owned()),
        ("sslrootcert", String::new()),
    ]
}

/// Lets a connection of our own notice, as libpq's do, that the server is gone.
pub(super) fn keep_alive(socket: &SockRef<'_>) -> std::io::Result<()> {
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(IDLE).with_interval(PROBE))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(SILENCE))?;
    Ok(())
}
