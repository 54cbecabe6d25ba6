//! A mail server in the test's own process, which speaks SMTP and does what a test wants of it.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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

struct Inner {
    received: Mutex<Vec<Received>>,
    script: Mutex<Box<Script>>,
    heard: Mutex<Vec<String>>,
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
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            inner: Arc::new(Inner {
                received: Mutex::default(),
                script: Mutex::new(Box::new(|_| Behaviour::Take)),
                heard: Mutex::default(),
            }),
        };
        let inner = server.inner.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, inner) = (stream.unwrap(), inner.clone());
                std::thread::spawn(move || converse(&stream, &inner));
            }
        });
        server
    }

    /// Its address as a setting.
    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
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

/// One connection.
fn converse(stream: &TcpStream, inner: &Inner) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let say = |line: &str| {
        let mut out = stream;
        out.write_all(format!("{line}\r\n").as_bytes()).is_ok()
    };
    let (mut from, mut to) = (String::new(), String::new());
    let mut behaviour = Behaviour::Take;
    if !say("220 test ESMTP") {
        return;
    }
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).is_err() || line.is_empty() {
            return;
        }
        let word: String = line.chars().take(4).collect::<String>().to_uppercase();
        inner.heard.lock().unwrap().push(word.clone());
        let goes_on = match word.as_str() {
            "EHLO" => say("250-test\r\n250-8BITMIME\r\n250 SIZE 10000000"),
            "MAIL" => {
                from = between(&line);
                say("250 2.1.0 Ok")
            }
            "RCPT" => {
                to = between(&line);
                behaviour = (inner.script.lock().unwrap())(&to);
                match &behaviour {
                    Behaviour::Say(answer) => say(answer),
                    Behaviour::DieEarly => break,
                    _ => say("250 2.1.5 Ok"),
                }
            }
            "DATA" => {
                if !say("354 Go ahead") {
                    return;
                }
                let mut message = String::new();
                loop {
                    let mut line = String::new();
                    if lines.read_line(&mut line).is_err() || line.is_empty() {
                        return;
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                if let Behaviour::SayToMessage(answer) = &behaviour {
                    say(answer)
                } else {
                    inner.received.lock().unwrap().push(Received {
                        from: from.clone(),
                        to: to.clone(),
                        message,
                    });
                    match &behaviour {
                        Behaviour::DieLate => break,
                        Behaviour::Slow(pause) => std::thread::sleep(*pause),
                        _ => {}
                    }
                    say("250 2.0.0 Queued")
                }
            }
            "RSET" | "NOOP" => say("250 2.0.0 Ok"),
            "QUIT" => {
                say("221 2.0.0 Bye");
                return;
            }
            _ => say("502 5.5.1 What?"),
        };
        if !goes_on {
            return;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn between(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap();
    rest.rsplit_once('>').unwrap().0.to_owned()
}
