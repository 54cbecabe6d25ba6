//! A mail server in the test's own process, which speaks SMTP and does what a test wants of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A message that the server took.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: String,
    /// As it came, without the dots that SMTP adds.
    pub(crate) message: String,
}

impl Received {
    /// A header's value, unfolded.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.message.split_once("\r\n\r\n").unwrap();
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let start = format!("{}:", name.to_lowercase());
        let line = head
            .split("\r\n")
            .find(|line| line.to_lowercase().starts_with(&start));
        line.map(|line| line[start.len()..].trim().to_owned())
    }

    /// Everything after the headers, with quoted-printable read back.
    pub(crate) fn text(&self) -> String {
        let (_, body) = self.message.split_once("\r\n\r\n").unwrap();
        let joined = body.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = joined.as_bytes();
        while let Some((&byte, after)) = rest.split_first() {
            let code = after
                .get(..2)
                .and_then(|digits| std::str::from_utf8(digits).ok());
            let code = code.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            match code {
                Some(code) if byte == b'=' => {
                    bytes.push(code);
                    rest = &after[2..];
                }
                _ => {
                    bytes.push(byte);
                    rest = after;
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The first link that contains a text.
    pub(crate) fn link(&self, part: &str) -> String {
        let text = self.text();
        let place = text
            .find(part)
            .unwrap_or_else(|| panic!("no {part}: {text}"));
        let start = text[..place].rfind("http").unwrap();
        let rest = &text[start..];
        let end = rest.find(|letter: char| letter.is_whitespace() || "<>\"".contains(letter));
        rest[..end.unwrap_or(rest.len())].to_owned()
    }
}

/// What the server does with a recipient.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// It takes the message.
    Take,
    /// It answers the recipient with that line.
    Say(&'static str),
    /// It answers the message with that line.
    SayToMessage(&'static str),
    /// It takes its time before it answers the message.
    Slow(Duration),
    /// It breaks the connection off when it hears of the recipient.
    DieEarly,
    /// It takes the message, and breaks the connection off instead of saying so.
    DieLate,
}

type Script = dyn Fn(&str) -> Behaviour + Send + Sync;

/// When the server speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// From the first byte.
    Wrapped,
    /// When it is asked to.
    Starts,
}

/// A server's certificate, for `localhost`.
pub(crate) struct Certificate {
    /// The authority that signed it, as a file for `SSL_CERT_FILE`.
    pub(crate) authority: String,
    config: Arc<ServerConfig>,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap());
        let authority = authority.unwrap();
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let own = own.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], key)
            .unwrap();
        Self {
            authority: authority.pem(),
            config: Arc::new(config),
        }
    }
}

struct Inner {
    received: Mutex<Vec<Received>>,
    script: Mutex<Box<Script>>,
    heard: Mutex<Vec<String>>,
    tls: Option<(Tls, Arc<ServerConfig>)>,
    /// Who has to log in first.
    login: Option<(&'static str, &'static str)>,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Smtp {
    port: u16,
    inner: Arc<Inner>,
}

impl Smtp {
    /// One that takes everything.
    pub(crate) fn start() -> Self {
        Self::start_with(None, None)
    }

    /// One that takes everything over TLS, from somebody who logged in.
    pub(crate) fn start_over_tls(
        tls: Tls,
        certificate: &Certificate,
        login: (&'static str, &'static str),
    ) -> Self {
        Self::start_with(Some((tls, certificate.config.clone())), Some(login))
    }

    fn start_with(
        tls: Option<(Tls, Arc<ServerConfig>)>,
        login: Option<(&'static str, &'static str)>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            inner: Arc::new(Inner {
                received: Mutex::default(),
                script: Mutex::new(Box::new(|_| Behaviour::Take)),
                heard: Mutex::default(),
                tls,
                login,
            }),
        };
        let inner = server.inner.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, inner) = (stream.unwrap(), inner.clone());
                std::thread::spawn(move || {
                    let wire: Box<dyn Wire> = match &inner.tls {
                        Some((Tls::Wrapped, config)) => encrypted(Box::new(stream), config),
                        _ => Box::new(stream),
                    };
                    converse(wire, &inner);
                });
            }
        });
        server
    }

    /// Its address as a setting.
    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The same by the name in its certificate, with a login.
    pub(crate) fn url_with(&self, scheme: &str, login: &str) -> String {
        format!("{scheme}://{login}@localhost:{}", self.port)
    }

    /// Does from now on what the script says for a recipient.
    pub(crate) fn behave(&self, script: impl Fn(&str) -> Behaviour + Send + Sync + 'static) {
        *self.inner.script.lock().unwrap() = Box::new(script);
    }

    /// What it took, in order.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    /// The one message that it took for somebody.
    #[track_caller]
    pub(crate) fn only_to(&self, to: &str) -> Received {
        let mut all = self.received();
        all.retain(|message| message.to == to);
        assert_eq!(all.len(), 1, "{to}: {:?}", self.received());
        all.remove(0)
    }

    /// The first words of all commands.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.inner.heard.lock().unwrap().clone()
    }
}

/// What a conversation goes over.
trait Wire: Read + Write {}

impl<T: Read + Write> Wire for T {}

fn encrypted(wire: Box<dyn Wire>, config: &Arc<ServerConfig>) -> Box<dyn Wire> {
    let connection = ServerConnection::new(config.clone()).unwrap();
    Box::new(StreamOwned::new(connection, wire))
}

/// One connection, which is broken off at the end.
fn converse(wire: Box<dyn Wire>, inner: &Inner) {
    let mut wire = BufReader::new(wire);
    let say = |wire: &mut BufReader<Box<dyn Wire>>, line: &str| {
        let out = wire.get_mut();
        out.write_all(format!("{line}\r\n").as_bytes()).is_ok() && out.flush().is_ok()
    };
    let (mut from, mut to) = (String::new(), String::new());
    let mut behaviour = Behaviour::Take;
    let mut starts = inner.tls.as_ref().filter(|(tls, _)| *tls == Tls::Starts);
    let mut is_in = inner.login.is_none();
    if !say(&mut wire, "220 test ESMTP") {
        return;
    }
    loop {
        let mut line = String::new();
        if wire.read_line(&mut line).is_err() || line.is_empty() {
            return;
        }
        let word: String = line.chars().take(4).collect::<String>().to_uppercase();
        inner.heard.lock().unwrap().push(word.clone());
        let goes_on = match word.as_str() {
            "EHLO" => {
                let mut offers = "250-test\r\n250-8BITMIME\r\n".to_owned();
                if starts.is_some() {
                    offers.push_str("250-STARTTLS\r\n");
                } else if inner.login.is_some() {
                    offers.push_str("250-AUTH PLAIN\r\n");
                }
                say(&mut wire, &format!("{offers}250 SIZE 10000000"))
            }
            "STAR" => {
                let Some((_, config)) = starts.take() else {
                    return;
                };
                if !say(&mut wire, "220 2.0.0 Ready") {
                    return;
                }
                wire = BufReader::new(encrypted(wire.into_inner(), config));
                true
            }
            "AUTH" => {
                let said = line.trim_end().strip_prefix("AUTH PLAIN ").unwrap();
                let said = BASE64_STANDARD.decode(said).unwrap();
                let login = inner.login.unwrap();
                is_in =
                    starts.is_none() && said == format!("\0{}\0{}", login.0, login.1).as_bytes();
                let answer = if is_in {
                    "235 2.7.0 Hello"
                } else {
                    "535 5.7.8 Who are you?"
                };
                say(&mut wire, answer)
            }
            "MAIL" | "RCPT" | "DATA" if !is_in => say(&mut wire, "530 5.7.0 Log in first"),
            "MAIL" => {
                from = between(&line);
                say(&mut wire, "250 2.1.0 Ok")
            }
            "RCPT" => {
                to = between(&line);
                behaviour = (inner.script.lock().unwrap())(&to);
                match &behaviour {
                    Behaviour::Say(answer) => say(&mut wire, answer),
                    Behaviour::DieEarly => return,
                    _ => say(&mut wire, "250 2.1.5 Ok"),
                }
            }
            "DATA" => {
                if !say(&mut wire, "354 Go ahead") {
                    return;
                }
                let mut message = String::new();
                loop {
                    let mut line = String::new();
                    if wire.read_line(&mut line).is_err() || line.is_empty() {
                        return;
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                if let Behaviour::SayToMessage(answer) = &behaviour {
                    say(&mut wire, answer)
                } else {
                    inner.received.lock().unwrap().push(Received {
                        from: from.clone(),
                        to: to.clone(),
                        message,
                    });
                    match &behaviour {
                        Behaviour::DieLate => return,
                        Behaviour::Slow(pause) => std::thread::sleep(*pause),
                        _ => {}
                    }
                    say(&mut wire, "250 2.0.0 Queued")
                }
            }
            "RSET" | "NOOP" => say(&mut wire, "250 2.0.0 Ok"),
            "QUIT" => {
                say(&mut wire, "221 2.0.0 Bye");
                return;
            }
            _ => say(&mut wire, "502 5.5.1 What?"),
        };
        if !goes_on {
            return;
        }
    }
}

fn between(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap();
    rest.rsplit_once('>').unwrap().0.to_owned()
}
