//! Mails leave by a mail server, or become files; whatever happens on the way, it is known what became of each.

use std::time::{Duration, Instant};

use payband::db::Db;
use payband::editors::EditorRole;
use payband::mail::{Mail, MailAddress, MailConfig, Mailer, Outcome};

use crate::support::{
    Behaviour, Certificate, Database, Running, Smtp, TestSite, Tls, due_issue, eventually, payband,
    serve_with_log, subscribers,
};

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

const LOGIN: (&str, &str) = ("ada@jobs", "p#w: \u{e9}");

/// The program with a reader and an issue that is due, a mail server, and authorities that it trusts.
fn program(database: &Database, smtp: &str, authority: &str) -> Running {
    let db = Db::open(&database.url.parse().unwrap()).unwrap();
    subscribers(&db, 1);
    due_issue(&db);
    let folder = database.folder.path();
    let (trusted, log) = (folder.join("trusted.pem"), folder.join("log"));
    std::fs::write(&trusted, authority).unwrap();
    let mut command = payband(&database.url, folder);
    command
        .env("SMTP_URL", smtp)
        .env("SSL_CERT_FILE", trusted)
        .env("PAYBAND_LISTEN", "127.0.0.1:0")
        .env("PAYBAND_NO_DEMO", "true");
    serve_with_log(&mut command, std::fs::File::create(log).unwrap()).0
}

#[test]
fn mails_leave_over_tls_after_a_login() {
    let certificate = Certificate::new();
    for (tls, scheme) in [(Tls::Wrapped, "smtps"), (Tls::Starts, "smtp")] {
        let smtp = Smtp::start_over_tls(tls, &certificate, LOGIN);
        let database = Database::empty();
        let url = smtp.url_with(scheme, "ada%40jobs:p%23w%3A%20%C3%A9");
        let _running = program(&database, &url, &certificate.authority);
        eventually(|| !smtp.received().is_empty());
        let mail = smtp.only_to("s1@example.org");
        assert_eq!(mail.header("Subject").as_deref(), Some("Hello"));
        let heard = smtp.heard();
        let place = |word: &str| heard.iter().position(|heard| heard == word);
        assert!(place("AUTH").unwrap() < place("MAIL").unwrap(), "{heard:?}");
        assert_eq!(
            place("STAR").is_some_and(|at| at < place("AUTH").unwrap()),
            tls == Tls::Starts,
            "{heard:?}"
        );
    }
}

#[test]
fn no_mail_goes_to_a_server_that_shows_a_strange_certificate() {
    let (strange, known) = (Certificate::new(), Certificate::new());
    for (tls, scheme) in [(Tls::Wrapped, "smtps"), (Tls::Starts, "smtp")] {
        let smtp = Smtp::start_over_tls(tls, &strange, LOGIN);
        let database = Database::empty();
        let url = smtp.url_with(scheme, "ada%40jobs:p%23w%3A%20%C3%A9");
        let _running = program(&database, &url, &known.authority);
        let log = || std::fs::read_to_string(database.folder.path().join("log")).unwrap();
        eventually(|| log().contains("cannot be used"));
        assert!(log().to_lowercase().contains("certificate"), "{}", log());
        assert!(!log().contains("p#w"), "{}", log());
        assert!(smtp.received().is_empty());
        assert!(!smtp.heard().contains(&"AUTH".to_owned()));
    }
}

#[actix_web::test]
async fn links_to_accounts_go_out_by_mail() {
    let smtp = Smtp::start();
    let site = TestSite::empty().with_smtp(&smtp);
    let admin = site.sign_in(EditorRole::Admin);
    let invitation = [
        ("email", "bob@example.org"),
        ("name", "Bob"),
        ("role", "editor"),
    ];
    let page = admin.post("/admin/accounts", &invitation).await.assert_ok();
    page.assert_shows("bob@example.org");
    let mail = smtp.only_to("bob@example.org");
    assert_eq!(
        mail.header("Subject").as_deref(),
        Some("You are invited to write for payband")
    );
    let link = mail.link("/admin/");
    let door = link.strip_prefix("https://jobs.example").unwrap();
    site.get(door)
        .await
        .assert_ok()
        .assert_shows("name=\"password\"");
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
