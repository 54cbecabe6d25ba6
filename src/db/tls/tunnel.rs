//! The tunnel between libpq, which speaks plainly, and a server that is spoken to inside TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::certificates;
use super::door::{Address, Door, Near};
use super::policy::Tls;
use crate::db::server::keep_alive;

/// The request to speak TLS: its length, and a number that is no version of the protocol.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Kinds of messages of the server.
const AUTHENTICATION: u8 = b'R';
const ERROR: u8 = b'E';

/// How the server's question for a password begins, when it can be answered in one of several ways.
const BY_SASL: [u8; 4] = [0, 0, 0, 10];
const WITH_CHANNEL_BINDING: &[u8] = b"SCRAM-SHA-256-PLUS\0";

/// The longest message to be expected before a connection is let in, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// How long the server may take until TLS is spoken: less than libpq waits, so that the reason is heard.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long connections that are being closed may take to say so.
const FAREWELL: Duration = Duration::from_secs(1);

/// A tunnel, open as long as this lives.
#[derive(Debug)]
pub(in crate::db) struct Tunnel {
    address: Address,
    /// Dropped with the tunnel, which ends its thread.
    _open: oneshot::Sender<()>,
}

impl Tunnel {
    /// Opens a tunnel to a server. Nothing is sent before libpq connects.
    ///
    /// # Errors
    /// A sentence, when a certificate cannot be used or there is no place for the private socket.
    pub(in crate::db) fn open(tls: Tls) -> Result<Self, String> {
        if cfg!(not(unix)) && tls.client.is_some() {
            // A port of this machine is open to its other users, who must not pass for payband.
            return Err("sslcert needs a system with Unix sockets".to_owned());
        }
        let config = certificates::client_config(&tls)?;
        let name = ServerName::try_from(tls.name.clone())
            .map_err(|_| format!("{} is no name that a certificate could be for", tls.name))?;
        let port = tls.port;
        let far = Far {
            tls,
            name,
            connector: TlsConnector::from(Arc::new(config)),
        };
        let no_door = |error: io::Error| format!("cannot make a private socket for TLS: {error}");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(no_door)?;
        let (address, door) = {
            let _within = runtime.enter();
            Address::open(port).map_err(no_door)?
        };
        let (open, closed) = oneshot::channel();
        std::thread::Builder::new()
            .name("payband-tls".to_owned())
            .spawn(move || runtime.block_on(serve(door, Arc::new(far), closed)))
            .map_err(no_door)?;
        Ok(Self {
            address,
            _open: open,
        })
    }

    /// Where libpq finds the tunnel.
    pub(in crate::db) fn address(&self) -> &Address {
        &self.address
    }
}

/// Carries every connection until the tunnel is closed.
async fn serve(door: Door, far: Arc<Far>, mut closed: oneshot::Receiver<()>) {
    let mut carried = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut closed => break,
            Some(_) = carried.join_next() => {}
            accepted = door.accept() => match accepted {
                Ok((near, _)) => {
                    let far = far.clone();
                    carried.spawn(async move { far.carry(near).await });
                }
                Err(error) => {
                    log::warn!("the tunnel to {} cannot take a connection: {error}", far.tls.host);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    // What a closing connection still says has to get through. Those that stay open are cut.
    let _ = timeout(FAREWELL, async {
        while carried.join_next().await.is_some() {}
    })
    .await;
}

/// The server's end.
struct Far {
    tls: Tls,
    name: ServerName<'static>,
    connector: TlsConnector,
}

impl Far {
    /// Carries one connection of libpq's, which speaks first.
    async fn carry(&self, mut near: Near) {
        let Ok(greeting) = startup_message(&mut near).await else {
            return;
        };
        let carried = match timeout(PATIENCE, self.connect()).await {
            Ok(Ok(Channel::Tls(far))) => self.introduce(&greeting, &mut near, *far).await,
            Ok(Ok(Channel::Plain(far))) => self.introduce(&greeting, &mut near, far).await,
            Ok(Err(reason)) => Err(reason),
            Err(_) => Err(format!(
                "{} did not answer within {} seconds",
                self.tls.host,
                PATIENCE.as_secs()
            )),
        };
        if let Err(reason) = carried {
            // libpq may be gone by now.
            let _ = near.write_all(&error_message(&reason)).await;
        }
    }

    /// Connects, and asks for TLS.
    async fn connect(&self) -> Result<Channel, String> {
        let Tls {
            host, port, mode, ..
        } = &self.tls;
        let mut stream = TcpStream::connect((host.as_str(), *port))
            .await
            .map_err(|error| format!("cannot connect to {host}, port {port}: {error}"))?;
        let broken = |error: io::Error| format!("the connection to {host} broke off: {error}");
        stream.set_nodelay(true).map_err(broken)?;
        keep_alive(&SockRef::from(&stream)).map_err(broken)?;
        stream.write_all(&SSL_REQUEST).await.map_err(broken)?;
        // One byte and no more: what follows has to be inside TLS.
        match stream.read_u8().await.map_err(broken)? {
            b'S' => self
                .connector
                .connect(self.name.clone(), stream)
                .await
                .map(|stream| Channel::Tls(Box::new(stream)))
                .map_err(|error| certificates::reason(&error, &self.tls)),
            b'N' if mode.is_obligatory() => {
                Err(format!("the server does not offer TLS (sslmode={mode})"))
            }
            b'N' => Ok(Channel::Plain(stream)),
            _ => Err("the server does not understand the request for TLS".to_owned()),
        }
    }

    /// Passes libpq's greeting on and, once the server has answered it, everything else. Until then an error can still
    /// be told to libpq: TLS 1.3 lets the server refuse a client's certificate that late.
    async fn introduce(
        &self,
        greeting: &[u8],
        near: &mut Near,
        mut far: impl AsyncRead + AsyncWrite + Unpin,
    ) -> Result<(), String> {
        let answered = async {
            far.write_all(greeting).await?;
            far.flush().await?;
            first_answer(&mut far).await
        };
        let answer = answered
            .await
            .map_err(|error| certificates::reason(&error, &self.tls))?;
        // From here on either end may go at any time, and the other one notices.
        if near.write_all(&answer).await.is_ok() {
            let _ = copy_bidirectional(near, &mut far).await;
        }
        Ok(())
    }
}

/// A connection to the server.
enum Channel {
    Tls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
    Plain(TcpStream),
}

/// The first message of a client, which names the version of the protocol or asks to cancel a statement. Its first four
/// bytes are its length.
async fn startup_message(near: &mut Near) -> io::Result<Vec<u8>> {
    let length = near.read_u32().await?;
    let body = body(near, length).await?;
    Ok([&length.to_be_bytes(), &*body].concat())
}

/// What the server says first, up to its question who is there. Nothing where it only closes the connection, as after
/// the request to cancel a statement.
async fn first_answer(far: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut said = Vec::new();
    loop {
        let kind = match far.read_u8().await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(said),
            kind => kind?,
        };
        let length = far.read_u32().await?;
        let body = body(far, length).await?;
        said.extend(message(kind, &without_channel_binding(kind, body)));
        if kind == AUTHENTICATION || kind == ERROR {
            return Ok(said);
        }
    }
}

/// What follows a message's length, which counts itself.
async fn body(from: &mut (impl AsyncRead + Unpin), length: u32) -> io::Result<Vec<u8>> {
    let length = usize::try_from(length)
        .ok()
        .and_then(|length| length.checked_sub(4));
    let length = length
        .filter(|length| *length <= LONGEST_MESSAGE)
        .ok_or(io::ErrorKind::InvalidData)?;
    let mut body = vec![0; length];
    from.read_exact(&mut body).await?;
    Ok(body)
}

/// The server's list of ways to prove a password, without the one that binds the proof to TLS: libpq knows of no TLS
/// and takes that offer for an attack. The same proof without the binding stays on the list.
fn without_channel_binding(kind: u8, body: Vec<u8>) -> Vec<u8> {
    match body.strip_prefix(&BY_SASL) {
        Some(ways) if kind == AUTHENTICATION => {
            let kept = ways
                .split_inclusive(|byte| *byte == 0)
                .filter(|way| *way != WITH_CHANNEL_BINDING);
            BY_SASL.iter().chain(kept.flatten()).copied().collect()
        }
        _ => body,
    }
}

/// An error in the server's own words, so that libpq reports it: fields that each end with a zero.
fn error_message(reason: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C08001\0M{reason}\0\0");
    message(ERROR, fields.as_bytes())
}

/// A message of the server: its kind, its length and its body.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&[kind], &length.to_be_bytes()[..], body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_to_bind_a_password_to_tls_is_taken_from_the_list() {
        let offer = |ways: &[u8]| [&BY_SASL, ways].concat();
        let both = offer(b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0");
        let one = offer(b"SCRAM-SHA-256\0\0");
        assert_eq!(without_channel_binding(AUTHENTICATION, both.clone()), one);
        assert_eq!(without_channel_binding(AUTHENTICATION, one.clone()), one);
        assert_eq!(without_channel_binding(b'v', both.clone()), both);
        let granted = vec![0, 0, 0, 0];
        assert_eq!(
            without_channel_binding(AUTHENTICATION, granted.clone()),
            granted
        );
    }
}
