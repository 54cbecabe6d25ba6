//! Mails leave by a mail server, or become files; whatever happens on the way, it is known what became of each.

use std::time::{Duration, Instant};

use payband::mail::{Mail, MailAddress, MailConfig, Mailer, Outcome};

use crate::support::{Behaviour, Smtp};

fn mailer(smtp: Option<&Smtp>, folder: &std::path::Path) -> Mailer {
    let config = MailConfig {
        smtp: smtp.map(|smtp| smtp.url().parse().unwrap()),
        from: None,
        bounces_to: Some("bounces@jobs.example".parse().unwrap()),
        per_second: 1_000,
    };
    Mailer::new(&config, "Jobs & M\u{fc}he", "https://jobs.example", folder).unwrap()
}

fn send(mailer: &Mailer, all_to: &[&str]) -> Vec<Outcome> {
    let mut sender = mailer.open();
    let sent = all_to.iter().enumerate().map(|(number, to)| {
        let to: MailAddress = to.parse().unwrap();
        let message = mailer.message(&Mail {
            to: &to,
            id: format!("test-{number}"),
            subject: "Gr\u{fc}\u{df}e",
            text: "Hello.\n.\nA dot stood alone.",
            html: "<p>Hello.</p>",
            list: None,
        });
        sender.send(&message.unwrap())
    });
    sent.collect()
}

#[test]
fn a_mail_server_takes_messages_over_one_connection() {
    let smtp = Smtp::start();
    let mailer = mailer(Some(&smtp), std::path::Path::new("."));
    let outcomes = send(&mailer, &["ada@example.org", "bob@b\u{fc}cher.example"]);
    assert!(
        outcomes.iter().all(|it| matches!(it, Outcome::Sent(_))),
        "{outcomes:?}"
    );
    let received = smtp.only_to("bob@xn--bcher-kva.example");
    assert_eq!(received.from, "bounces@jobs.example");
    assert_eq!(
        received.header("Message-ID").unwrap(),
        "<test-1@jobs.example>"
    );
    assert!(
        received
            .header("From")
            .unwrap()
            .contains("<newsletter@jobs.example>")
    );
    assert!(received.header("Subject").unwrap().starts_with("=?utf-8?"));
    assert!(
        received.text().contains("\n.\r\nA dot stood alone."),
        "{}",
        received.text()
    );
    let greetings = smtp.heard().iter().filter(|word| *word == "EHLO").count();
    assert_eq!(greetings, 1);
}

#[test]
fn it_is_known_what_became_of_each_message() {
    let smtp = Smtp::start();
    smtp.behave(|to| match to {
        "later@example.org" => Behaviour::Say("450 4.2.1 greylisted"),
        "gone@example.org" => Behaviour::Say("550 5.1.1 no such user"),
        "spam@example.org" => Behaviour::SayToMessage("554 5.7.1 looks like spam"),
        "policy@example.org" => Behaviour::Say("550 5.7.1 not from you"),
        "slow@example.org" => Behaviour::Slow(Duration::from_millis(300)),
        "early@example.org" => Behaviour::DieEarly,
        "late@example.org" => Behaviour::DieLate,
        _ => Behaviour::Take,
    });
    let mailer = mailer(Some(&smtp), std::path::Path::new("."));
    let outcomes = send(
        &mailer,
        &[
            "later@example.org",
            "gone@example.org",
            "spam@example.org",
            "policy@example.org",
            "slow@example.org",
            "early@example.org",
            "late@example.org",
            "last@example.org",
        ],
    );
    let dead = |outcome: &Outcome| match outcome {
        Outcome::Refused { is_dead, .. } => *is_dead,
        other => panic!("{other:?}"),
    };
    assert!(matches!(&outcomes[0], Outcome::Later(reply) if reply.contains("greylisted")));
    assert!(dead(&outcomes[1]));
    assert!(!dead(&outcomes[2]));
    assert!(!dead(&outcomes[3]));
    assert!(matches!(outcomes[4], Outcome::Sent(_)));
    assert!(matches!(outcomes[5], Outcome::Down(_)), "{:?}", outcomes[5]);
    assert!(
        matches!(outcomes[6], Outcome::Unclear(_)),
        "{:?}",
        outcomes[6]
    );
    assert!(matches!(outcomes[7], Outcome::Sent(_)));
    let to: Vec<String> = smtp
        .received()
        .into_iter()
        .map(|message| message.to)
        .collect();
    assert_eq!(
        to,
        ["slow@example.org", "late@example.org", "last@example.org"]
    );
}

#[test]
fn a_server_that_is_not_there_is_noticed_at_once() {
    // Bound and dropped: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let config = MailConfig {
        smtp: Some(format!("smtp://127.0.0.1:{port}").parse().unwrap()),
        from: None,
        bounces_to: None,
        per_second: 10,
    };
    let folder = std::path::Path::new(".");
    let mailer = Mailer::new(&config, "Jobs", "http://127.0.0.1:8080", folder).unwrap();
    let started = Instant::now();
    let outcomes = send(&mailer, &["ada@example.org"]);
    assert!(matches!(outcomes[0], Outcome::Down(_)));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_password_is_not_sent_without_tls() {
    let smtp = Smtp::start();
    let url = smtp.url().replace("smtp://", "smtp://ada:secret@");
    let config = MailConfig {
        smtp: Some(url.parse().unwrap()),
        from: None,
        bounces_to: None,
        per_second: 10,
    };
    let folder = std::path::Path::new(".");
    let mailer = Mailer::new(&config, "Jobs", "https://jobs.example", folder).unwrap();
    let outcomes = send(&mailer, &["ada@example.org"]);
    assert!(matches!(&outcomes[0], Outcome::Down(cause) if !cause.contains("secret")));
    assert!(!smtp.heard().contains(&"AUTH".to_owned()));
}

#[test]
fn without_a_server_mails_become_files() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = mailer(None, folder.path());
    let outcomes = send(&mailer, &["ada@example.org", "bob@example.org"]);
    assert!(
        outcomes.iter().all(|it| matches!(it, Outcome::Sent(_))),
        "{outcomes:?}"
    );
    let files = std::fs::read_dir(mailer.folder().unwrap()).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|file| file.extension().unwrap() == "eml"));
    let first = std::fs::read_to_string(&files[0]).unwrap();
    assert!(first.contains("To: ada@example.org"), "{first}");
}
