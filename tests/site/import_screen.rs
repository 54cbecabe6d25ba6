//! The import screen: from an uploaded file to figures, and back.

use std::time::{Duration, Instant};

use actix_web::http::Method;
use diesel::prelude::*;
use payband::db::DbError;
use payband::editors::EditorRole;
use payband::ids::ImportJobId;
use payband::import::jobs::{Jobs, State, Task, queries};
use payband::import::{self, Profile};
use payband::schema::{events, import_jobs, imports};
use serde_json::json;

use crate::support::{Page, Signed, TestSite, on_postgres, shared};

const LIST: &str = "/admin/imports";

/// A table of another form: five developers and a baker.
const SURVEY: &str = "Посада;Зарплата, EUR;Дата;Рівень;Мова\n\
    Back-end розробка;4000;31.12.2023;Senior;Django\n\
    Back-end розробка;4000;30.12.2023;Senior;Django\n\
    Back-end розробка;4000;29.12.2023;Tech Lead;Django\n\
    Back-end розробка;багато;28.12.2023;Senior;Django\n\
    Back-end розробка;4000;28.12.2023;Шеф;Django\n\
    Back-end розробка;4000;27.12.2023;Senior;Django\n\
    Пекар;4000;26.12.2023;Senior;Django\n";

/// Six candidates with an offer each, in the canonical form.
fn six() -> String {
    (1..=6).fold(
        "candidate,role,technologies,seniority,salary,offered_on,status,offer\n".to_owned(),
        |rows, n| {
            format!(
                "{rows}c{n},devops,linux,senior,{},2024-05-0{n},open,o{n}\n",
                1000 * n
            )
        },
    )
}

/// Uploads a file, and answers what came back.
async fn upload(editor: &Signed<'_>, name: &str, content: impl AsRef<[u8]>) -> Page {
    let mut body = format!(
        "--limit\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content.as_ref());
    body.extend_from_slice(b"\r\n--limit--\r\n");
    let form = ("content-type", "multipart/form-data; boundary=limit");
    editor.page(Method::POST, LIST, &[form], body).await
}

/// Where an answer leads.
#[track_caller]
fn leads_to(page: &Page) -> String {
    assert_eq!(page.status, 303, "{}: {}", page.address, page.body);
    page.header("location").unwrap().to_owned()
}

/// Uploads a file that is taken, and answers the address of its job.
async fn uploaded(editor: &Signed<'_>, name: &str, content: impl AsRef<[u8]>) -> String {
    let to = leads_to(&upload(editor, name, content).await);
    to.strip_suffix("/mapping").unwrap().to_owned()
}

/// The names and values of a page's forms, as a browser would send them back.
fn fields(page: &Page) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        let (value, _) = rest.split_once('"')?;
        Some(
            value
                .replace("&#34;", "\"")
                .replace("&#39;", "'")
                .replace("&#60;", "<")
                .replace("&#62;", ">")
                .replace("&#38;", "&"),
        )
    };
    let mut fields = Vec::new();
    for part in page.body.split('<').skip(1) {
        let tag = part.split('>').next().unwrap();
        let Some(name) = attribute(tag, "name") else {
            continue;
        };
        if tag.starts_with("input") {
            let is_choice = tag.contains("type=\"radio\"");
            if !is_choice || tag.contains(" checked") {
                fields.push((name, attribute(tag, "value").unwrap_or_default()));
            }
        } else if tag.starts_with("textarea") {
            let text = part.split_once('>').unwrap().1;
            fields.push((name, text.trim_start_matches('\n').to_owned()));
        } else if tag.starts_with("select") {
            let (_, rest) = page.body.split_once(&format!("<{part}")).unwrap();
            let options = rest.split("</select>").next().unwrap();
            let chosen = options
                .split("<option")
                .find(|option| option.contains(" selected"));
            let first = options.split("<option").nth(1);
            let value = chosen
                .or(first)
                .and_then(|option| attribute(option, "value"));
            fields.push((name, value.unwrap_or_default()));
        }
    }
    fields
}

/// Sends a form as it stands, but for some values.
async fn send(
    editor: &Signed<'_>,
    address: &str,
    shown: &[(String, String)],
    changes: &[(&str, &str)],
) -> Page {
    let mut sent: Vec<(&str, &str)> = shown
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name))
        .collect();
    sent.extend_from_slice(changes);
    editor.post(address, &sent).await
}

/// Waits until a job has come to an end, and answers its state.
async fn settled(editor: &Signed<'_>, job: &str) -> String {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let progress = editor
            .get(&format!("{job}/progress.json"))
            .await
            .assert_ok()
            .json();
        if progress["is_moving"] == json!(false) {
            return progress["state"].as_str().unwrap().to_owned();
        }
        assert!(Instant::now() < until, "{progress}");
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Lets pages see what a thread wrote.
fn refresh(site: &TestSite) {
    if let Some(versions) = site.parts.cache.versions() {
        versions.refresh().unwrap();
    }
}

/// Maps a canonical file, imports it, and answers the address of the import.
async fn import_canonical(editor: &Signed<'_>, name: &str, csv: &str) -> String {
    let job = uploaded(editor, name, csv).await;
    let mapping = format!("{job}/mapping");
    let form = fields(&editor.get(&mapping).await.assert_ok());
    let values = leads_to(&send(editor, &mapping, &form, &[("source_pay", "gross")]).await);
    let form = fields(&editor.get(&values).await.assert_ok());
    leads_to(&send(editor, &values, &form, &[]).await);
    assert_eq!(settled(editor, &job).await, "mapped");
    editor.post(&format!("{job}/import"), &[]).await;
    assert_eq!(settled(editor, &job).await, "done");
    leads_to(&editor.get(&job).await)
}

#[actix_web::test]
async fn a_file_becomes_figures_and_is_taken_back() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(SURVEY);
    let job = uploaded(&editor, "опитування 2023.csv", &bytes).await;
    // What was found, and what is guessed.
    let mapping = format!("{job}/mapping");
    let page = editor.get(&mapping).await.assert_ok();
    let page = page
        .assert_shows("опитування 2023.csv")
        .assert_shows("7 rows")
        .assert_shows("<option value=\"windows-1251\" selected>")
        .assert_shows("<option value=\";\" selected>semicolon")
        .assert_shows("<td>Пекар</td>");
    let form = fields(&page);
    let value = |name: &str| {
        let found = form.iter().find(|(own, _)| own == name);
        found
            .unwrap_or_else(|| panic!("{name}: {form:?}"))
            .1
            .clone()
    };
    assert_eq!(value("column.role.1"), "Посада");
    assert_eq!(value("column.salary.1"), "Зарплата, EUR");
    assert_eq!(value("column.offered_on.1"), "Дата");
    assert_eq!(value("column.seniority.1"), "Рівень");
    assert_eq!(value("date_format"), "%d.%m.%Y");
    assert_eq!(value("default_currency"), "EUR");
    assert_eq!(value("default_period"), "month");
    // A rate and whether the amounts are gross or net cannot be guessed: each is asked for at its field, and the rest stays.
    let typed = [
        ("source_name", "Опитування"),
        ("source_slug", "survey-2023"),
        ("column.technologies.1", "Мова"),
        ("constant.country", "ua"),
        ("rates", ""),
    ];
    let refused = send(&editor, &mapping, &form, &typed)
        .await
        .assert_status(422);
    let refused = refused
        .assert_shows("href=\"#source_pay\"")
        .assert_shows("id=\"source_pay-problem\"")
        .assert_shows("value=\"survey-2023\"")
        .assert_shows("name=\"constant.country\" value=\"ua\"");
    let form = fields(&refused);
    let refused = send(&editor, &mapping, &form, &[("source_pay", "net")])
        .await
        .assert_status(422)
        .assert_shows("one EUR is in US dollars");
    let form = fields(&refused);
    let values = leads_to(&send(&editor, &mapping, &form, &[("rates", "EUR 1.25")]).await);
    // Values with guesses.
    let page = editor.get(&values).await.assert_ok();
    let form = fields(&page);
    let meant = |raw: &str| {
        let place = form.iter().position(|(_, value)| value == raw).unwrap();
        form[place + 1].1.clone()
    };
    assert_eq!(meant("Back-end розробка"), "back-end-web");
    assert_eq!(meant("Пекар"), "");
    assert_eq!(meant("Tech Lead"), "expert");
    assert_eq!(meant("Шеф"), "");
    leads_to(&send(&editor, &values, &form, &[]).await);
    assert_eq!(settled(&editor, &job).await, "mapped");
    // The dry run wrote nothing.
    let page = editor.get(&job).await.assert_ok();
    page.assert_shows("What would happen")
        .assert_shows("5 candidates would be added")
        .assert_shows("not a number; write it as 4500")
        .assert_shows("no known role")
        .assert_shows("slug = &#34;survey-2023&#34;");
    site.get("/salaries/back-end-web").await.assert_not_found();
    let rejected = editor.get(&format!("{job}/rejected.csv")).await.assert_ok();
    assert!(
        rejected.body.contains("5,\"Зарплата, EUR\"") || rejected.body.contains("5;Зарплата, EUR"),
        "{}",
        rejected.body
    );
    // The import.
    editor.post(&format!("{job}/import"), &[]).await;
    assert_eq!(settled(&editor, &job).await, "done");
    refresh(&site);
    let figures = site
        .get("/salaries/back-end-web/django.json?country=UA")
        .await
        .assert_ok()
        .json();
    assert_eq!(
        json!([figures["offers"], figures["median"]]),
        json!([5, 5000])
    );
    assert_eq!(figures["sources"][0]["name"], json!("Опитування"));
    assert_eq!(figures["sources"][0]["pay"], json!("net"));
    // The history.
    let import = leads_to(&editor.get(&job).await);
    editor
        .get(LIST)
        .await
        .assert_ok()
        .assert_shows("опитування 2023.csv")
        .assert_shows(&editor.editor().name);
    editor
        .get(&format!("{import}/rejected.csv"))
        .await
        .assert_ok()
        .assert_shows("багато");
    editor
        .get(&format!("{import}/profile.toml"))
        .await
        .assert_ok()
        .assert_shows("slug = \"survey-2023\"");
    // Back.
    editor
        .post(&format!("{import}/undo"), &[])
        .await
        .assert_status(303);
    let undone = Instant::now() + Duration::from_secs(30);
    while !editor
        .get(&import)
        .await
        .assert_ok()
        .body
        .contains("It was undone on")
    {
        assert!(Instant::now() < undone);
    }
    refresh(&site);
    site.get("/salaries/back-end-web").await.assert_not_found();
    assert_eq!(site.verified().differences, Vec::<String>::new());
    // Who did so is in the log.
    let did: Vec<(String, Option<i64>)> = site
        .db
        .read_newest_blocking(|conn| {
            events::table
                .filter(events::thing.eq("import"))
                .order(events::id)
                .select((events::did, events::editor_id))
                .load(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    let who = Some(editor.editor().id.0);
    assert_eq!(
        did,
        [("imported".to_owned(), who), ("undid".to_owned(), who)]
    );
    // The same bytes are taken again.
    let again = uploaded(&editor, "again.csv", &bytes).await;
    editor.get(&format!("{again}/mapping")).await.assert_ok();
}

#[actix_web::test]
async fn what_is_no_table_is_refused_with_a_sentence() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    for (content, sentence) in [
        (&b"a,b\n1,2\n3,\x004\n"[..], "line 3, column 3: a NUL"),
        (b"PK\x03\x04....", "an Excel workbook"),
        (b"", "The file is empty."),
        (b"\n", "The file is empty."),
        (&[0; 3000], "a NUL"),
    ] {
        upload(&editor, "x.csv", content)
            .await
            .assert_status(422)
            .assert_shows(sentence)
            .assert_shows("aria-invalid=\"true\"");
    }
    upload(&editor, "", "")
        .await
        .assert_status(422)
        .assert_shows("Choose a file.");
    let large = "role,salary,offered_on\n".to_owned() + &"devops,1,2024-01-01\n".repeat(230_000);
    upload(&editor, "large.csv", large)
        .await
        .assert_status(413)
        .assert_shows("larger than 4 MB");
    // A form that breaks off, and one that is no upload.
    let form = ("content-type", "multipart/form-data; boundary=limit");
    let broken = b"--limit\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\nrole,sal".to_vec();
    let page = editor.page(Method::POST, LIST, &[form], broken).await;
    assert!(page.status.is_client_error(), "{}", page.status);
    let page = editor.post(LIST, &[("file", "x")]).await;
    assert!(page.status.is_client_error(), "{}", page.status);
    // Nothing of it is left behind.
    let left: Vec<_> = std::fs::read_dir(site.folder().join("imports"))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[actix_web::test]
async fn a_broken_quote_can_be_read_in_another_way_or_says_where_it_is() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let job = uploaded(
        &editor,
        "x.csv",
        "role,salary,offered_on\ndevops,\"1,2024-01-01\n",
    )
    .await;
    let mapping = format!("{job}/mapping");
    editor
        .get(&mapping)
        .await
        .assert_ok()
        .assert_shows("line 2, column 8: the quote that opens here is never closed");
    let reading = [("encoding", "windows-1251"), ("delimiter", "\t")];
    let to = leads_to(&editor.post(&format!("{job}/reading"), &reading).await);
    editor
        .get(&to)
        .await
        .assert_ok()
        .assert_shows("<option value=\"windows-1251\" selected>");
    for nonsense in [
        [("encoding", "klingon"), ("delimiter", ",")],
        [("encoding", "utf-8"), ("delimiter", "")],
    ] {
        let to = leads_to(&editor.post(&format!("{job}/reading"), &nonsense).await);
        editor
            .get(&to)
            .await
            .assert_ok()
            .assert_shows("from the lists");
    }
    // A form without anything is a form with problems, not an error of the site.
    editor.post(&mapping, &[]).await.assert_status(422);
    editor
        .post(&format!("{job}/removal"), &[])
        .await
        .assert_status(303);
    editor.get(&job).await.assert_not_found();
    editor.post(&mapping, &[]).await.assert_not_found();
}

#[actix_web::test]
async fn wrong_meanings_stand_beside_their_field() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let csv = "role,salary,offered_on,country\nWeb дев,5000,2024-01-01,Atlantis\n";
    let job = uploaded(&editor, "x.csv", csv).await;
    let mapping = format!("{job}/mapping");
    let form = fields(&editor.get(&mapping).await.assert_ok());
    let values = leads_to(&send(&editor, &mapping, &form, &[("source_pay", "net")]).await);
    let form = fields(&editor.get(&values).await.assert_ok());
    let changed: Vec<(String, String)> = form
        .iter()
        .map(|(name, value)| {
            let value = match name.as_str() {
                "mode.role" | "mode.country" => "listed",
                "value.role" => "веб",
                "value.country" => "Narnia",
                _ => value,
            };
            (name.clone(), value.to_owned())
        })
        .collect();
    let page = send(&editor, &values, &changed, &[])
        .await
        .assert_status(422);
    page.assert_shows("href=\"#role\"")
        .assert_shows("write the role in Latin letters")
        .assert_shows("value=\"веб\"")
        .assert_shows("is not a country")
        .assert_shows("<option value=\"Narnia\" selected>");
}

#[actix_web::test]
async fn a_mapping_is_kept_under_a_name_and_proposed_again() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let import = import_canonical(&editor, "first.csv", &six()).await;
    editor.get(&import).await.assert_ok();
    let job = uploaded(&editor, "second.csv", six().replace("2024", "2023")).await;
    let mapping = format!("{job}/mapping");
    let page = editor.get(&mapping).await.assert_ok();
    page.assert_does_not_show("Saved profiles that fit");
    let form = fields(&editor.get(&mapping).await);
    let values = leads_to(
        &send(
            &editor,
            &mapping,
            &form,
            &[("source", "first"), ("replace", "yes")],
        )
        .await,
    );
    let form = fields(&editor.get(&values).await.assert_ok());
    leads_to(&send(&editor, &values, &form, &[]).await);
    settled(&editor, &job).await;
    let save = format!("{job}/saved-profile");
    leads_to(&editor.post(&save, &[("name", " \u{1f600} ")]).await);
    editor
        .get(&job)
        .await
        .assert_ok()
        .assert_shows("Write a name for the profile");
    leads_to(&editor.post(&save, &[("name", " Monthly   table ")]).await);
    editor
        .get(&job)
        .await
        .assert_ok()
        .assert_shows("is saved as \u{201c}Monthly table\u{201d}")
        .assert_shows("in place of all its rows");
    // The next file with these columns.
    let next = uploaded(&editor, "third.csv", six().replace("2024", "2022")).await;
    let page = editor.get(&format!("{next}/mapping")).await.assert_ok();
    let page = page
        .assert_shows("Saved profiles that fit")
        .assert_shows("Monthly table");
    let id = fields(&page)
        .into_iter()
        .find(|(name, _)| name == "profile")
        .unwrap()
        .1;
    let to = leads_to(
        &editor
            .post(&format!("{next}/profile"), &[("profile", &id)])
            .await,
    );
    assert_eq!(to, next);
    assert_eq!(settled(&editor, &next).await, "mapped");
    editor
        .get(&next)
        .await
        .assert_ok()
        .assert_shows("<strong>first</strong>");
    let to = leads_to(
        &editor
            .post(&format!("{next}/profile"), &[("profile", "999")])
            .await,
    );
    editor
        .get(&to)
        .await
        .assert_ok()
        .assert_shows("was removed meanwhile");
    // Renaming, removing, and taking that back.
    let profile = format!("/admin/imports/profiles/{id}");
    leads_to(&editor.post(&save, &[("name", "Other")]).await);
    editor
        .post(&profile, &[("name", "Other")])
        .await
        .assert_status(422)
        .assert_shows("There is a profile \u{201c}Other\u{201d} already.");
    leads_to(&editor.post(&profile, &[("name", "Each month")]).await);
    let list = "/admin/imports/profiles";
    editor
        .get(list)
        .await
        .assert_ok()
        .assert_shows("value=\"Each month\"");
    editor
        .get(&format!("{profile}/profile.toml"))
        .await
        .assert_ok()
        .assert_shows("[columns]");
    leads_to(&editor.post(&format!("{profile}/removal"), &[]).await);
    let page = editor.get(list).await.assert_ok();
    page.assert_does_not_show("value=\"Each month\"")
        .assert_shows(&format!("{profile}/restoration"));
    leads_to(&editor.post(&format!("{profile}/restoration"), &[]).await);
    editor
        .get(list)
        .await
        .assert_ok()
        .assert_shows("value=\"Each month\"");
}

#[actix_web::test]
async fn the_same_file_is_refused_with_a_way_out() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let first = import_canonical(&editor, "survey.csv", &six()).await;
    let job = uploaded(&editor, "survey.csv", six()).await;
    let mapping = format!("{job}/mapping");
    let form = fields(&editor.get(&mapping).await.assert_ok());
    // The name is taken, which is said at its field.
    send(&editor, &mapping, &form, &[("source_pay", "gross")])
        .await
        .assert_status(422)
        .assert_shows("There is a source \u{201c}survey\u{201d} already");
    let values = leads_to(&send(&editor, &mapping, &form, &[("source", "survey")]).await);
    let form = fields(&editor.get(&values).await.assert_ok());
    leads_to(&send(&editor, &values, &form, &[]).await);
    assert_eq!(settled(&editor, &job).await, "failed");
    editor
        .get(&job)
        .await
        .assert_ok()
        .assert_shows("The same file was imported into this source on")
        .assert_does_not_show("--replace");
    // An import that something stands on is not undone.
    editor
        .post(&format!("{first}/undo"), &[])
        .await
        .assert_status(303);
    let until = Instant::now() + Duration::from_secs(30);
    while !editor.get(&first).await.body.contains("It was undone on") {
        assert!(Instant::now() < until);
    }
    leads_to(&editor.post(&format!("{job}/import"), &[]).await);
    assert_eq!(settled(&editor, &job).await, "done");
}

#[actix_web::test]
async fn a_job_that_waits_is_shown_after_a_reload_and_can_be_cancelled() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let job = uploaded(&editor, "survey.csv", six()).await;
    let mapping = format!("{job}/mapping");
    let form = fields(&editor.get(&mapping).await.assert_ok());
    let values = leads_to(&send(&editor, &mapping, &form, &[("source_pay", "gross")]).await);
    let form = fields(&editor.get(&values).await.assert_ok());
    leads_to(&send(&editor, &values, &form, &[]).await);
    assert_eq!(settled(&editor, &job).await, "mapped");
    // Another instance is at work.
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let (tell, told) = std::sync::mpsc::channel();
    let db = site.db.clone();
    let other = std::thread::spawn(move || {
        db.alone("imports", || {
            tell.send(()).unwrap();
            held.recv().unwrap_err();
            Ok::<_, DbError>(())
        })
    });
    told.recv().unwrap();
    assert_eq!(
        leads_to(&editor.post(&format!("{job}/import"), &[]).await),
        job
    );
    for _ in 0..2 {
        editor
            .get(&job)
            .await
            .assert_ok()
            .assert_shows("Waiting for its turn")
            .assert_shows("<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>")
            .assert_shows("data-progress=");
    }
    // What is under way is not changed under its feet.
    assert_eq!(leads_to(&editor.get(&mapping).await), job);
    editor
        .post(&format!("{job}/removal"), &[])
        .await
        .assert_status(409);
    assert_eq!(
        leads_to(&editor.post(&format!("{job}/cancellation"), &[]).await),
        job
    );
    editor
        .get(&job)
        .await
        .assert_ok()
        .assert_shows("Nothing of it was written");
    drop(hold);
    other.join().unwrap().unwrap();
    assert_eq!(settled(&editor, &job).await, "cancelled");
    refresh(&site);
    site.get("/salaries/devops").await.assert_not_found();
    // It can be started again.
    editor.post(&format!("{job}/import"), &[]).await;
    assert_eq!(settled(&editor, &job).await, "done");
    refresh(&site);
    site.get("/salaries/devops").await.assert_ok();
}

#[actix_web::test]
async fn an_import_whose_payband_died_says_so_and_can_be_started_again() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let job = uploaded(&editor, "survey.csv", six()).await;
    let mapping = format!("{job}/mapping");
    let form = fields(&editor.get(&mapping).await.assert_ok());
    let values = leads_to(&send(&editor, &mapping, &form, &[("source_pay", "gross")]).await);
    let form = fields(&editor.get(&values).await.assert_ok());
    leads_to(&send(&editor, &values, &form, &[]).await);
    assert_eq!(settled(&editor, &job).await, "mapped");
    site.db
        .write_blocking(|conn| {
            diesel::update(import_jobs::table)
                .set((
                    import_jobs::state.eq(State::Running),
                    import_jobs::task.eq(Task::Import),
                ))
                .execute(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    // The next one that starts looks after it.
    let next = Jobs::open(site.db.clone(), site.folder(), 1 << 20);
    next.wake();
    assert_eq!(settled(&editor, &job).await, "failed");
    editor
        .get(&job)
        .await
        .assert_ok()
        .assert_shows("payband ended in the middle of the import. Nothing of it was written");
    editor.post(&format!("{job}/import"), &[]).await;
    assert_eq!(settled(&editor, &job).await, "done");
}

#[actix_web::test]
async fn several_instances_do_each_job_once() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let mut ids = Vec::new();
    for n in 0..4 {
        let name = format!("survey-{n}.csv");
        let job = uploaded(&editor, &name, six().replace("2024", &format!("202{n}"))).await;
        let mapping = format!("{job}/mapping");
        let form = fields(&editor.get(&mapping).await.assert_ok());
        let values = leads_to(&send(&editor, &mapping, &form, &[("source_pay", "gross")]).await);
        let form = fields(&editor.get(&values).await.assert_ok());
        leads_to(&send(&editor, &values, &form, &[]).await);
        assert_eq!(settled(&editor, &job).await, "mapped");
        ids.push(ImportJobId(
            job.rsplit('/').next().unwrap().parse().unwrap(),
        ));
    }
    site.db
        .write_blocking(|conn| {
            for id in &ids {
                queries::start(conn, *id, Task::Import)?;
            }
            Ok::<_, DbError>(())
        })
        .unwrap();
    // On PostgreSQL the file is brought to whoever lacks it; embedded, all work in the same folder.
    let folders: Vec<_> = (0..3)
        .map(|n| site.folder().join(format!("instance-{n}")))
        .collect();
    let instances: Vec<Jobs> = folders
        .iter()
        .map(|folder| {
            let folder = if on_postgres() {
                folder.as_path()
            } else {
                site.folder()
            };
            Jobs::open(site.db.clone(), folder, 1 << 20)
        })
        .collect();
    for instance in &instances {
        instance.wake();
    }
    for id in &ids {
        let job = format!("/admin/imports/jobs/{}", id.0);
        assert_eq!(settled(&editor, &job).await, "done");
    }
    let count: i64 = site
        .db
        .read_newest_blocking(|conn| {
            imports::table
                .count()
                .get_result(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    assert_eq!(count, 4);
}

#[actix_web::test]
async fn the_command_writes_into_the_same_history() {
    let site = TestSite::with_rows(&six());
    let editor = site.sign_in(EditorRole::Editor);
    let page = editor.get(LIST).await.assert_ok();
    page.assert_shows("survey.csv").assert_shows("command");
    let import = "/admin/imports/1";
    editor
        .get(import)
        .await
        .assert_ok()
        .assert_shows("by the command")
        .assert_shows("6 candidates added");
    // Nothing is kept of what it rejected: that lies where the command ran.
    editor
        .get(&format!("{import}/rejected.csv"))
        .await
        .assert_not_found();
    editor
        .get(&format!("{import}/profile.toml"))
        .await
        .assert_not_found();
    for address in [
        "/admin/imports/99",
        "/admin/imports/x",
        "/admin/imports/jobs/99",
    ] {
        editor.get(address).await.assert_not_found();
    }
    editor
        .post("/admin/imports/99/undo", &[])
        .await
        .assert_not_found();
    // Two imports, of which the first is stood upon.
    site.import(&six().replace("open", "accepted"));
    editor
        .get(import)
        .await
        .assert_ok()
        .assert_shows("undo that one first");
    leads_to(&editor.post(&format!("{import}/undo"), &[]).await);
    editor
        .get(import)
        .await
        .assert_ok()
        .assert_shows("undo that one first");
}

#[actix_web::test]
async fn a_real_survey_mapped_by_hand_has_the_figures_of_its_profile() {
    let (Some(file), Some(profile)) = (
        shared("data/dou-2024-12.csv"),
        shared("data/dou-2024-12.toml"),
    ) else {
        return;
    };
    let by_profile = TestSite::empty();
    let profile: Profile = import::read_profile(&profile).unwrap();
    by_profile
        .try_import(std::fs::read(&file).unwrap(), profile.clone(), |_| {})
        .unwrap();
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let job = uploaded(&editor, "dou-2024-12.csv", std::fs::read(&file).unwrap()).await;
    let mapping = format!("{job}/mapping");
    let form = fields(&editor.get(&mapping).await.assert_ok());
    let columns: Vec<(String, String)> = profile
        .columns
        .iter()
        .flat_map(|(field, headers)| {
            let name = field.name();
            (1..)
                .zip(headers)
                .map(move |(n, header)| (format!("column.{name}.{n}"), header.clone()))
        })
        .collect();
    // Guesses for other fields are taken back.
    let mut typed: Vec<(&str, &str)> = form
        .iter()
        .filter(|(name, _)| name.starts_with("column."))
        .map(|(name, _)| (name.as_str(), ""))
        .filter(|(name, _)| columns.iter().all(|(own, _)| own != name))
        .collect();
    typed.extend(
        columns
            .iter()
            .map(|(name, header)| (name.as_str(), header.as_str())),
    );
    typed.extend([
        ("source_name", "DOU salary survey, December 2024"),
        ("source_slug", "dou-2024-12"),
        (
            "source_url",
            "https://dou.ua/lenta/articles/salary-report-devs-winter-2025/",
        ),
        ("source_licence", "Free use with a live link to DOU"),
        ("source_pay", "net"),
        ("constant.country", "UA"),
        ("default_currency", "USD"),
        ("default_period", "month"),
        ("date_format", "%Y-%m-%d %H:%M:%S"),
    ]);
    let values = leads_to(&send(&editor, &mapping, &form, &typed).await);
    // Each value as the profile has it.
    let form = fields(&editor.get(&values).await.assert_ok());
    let mut raw = String::new();
    let meant: Vec<(String, String)> = form
        .iter()
        .map(|(name, value)| {
            let (what, field) = name.split_once('.').unwrap_or((name, ""));
            let tables = &profile.values;
            let table = tables.iter().find(|(own, _)| own.name() == field);
            match what {
                "raw" => raw.clone_from(value),
                "mode" => return (name.clone(), "listed".to_owned()),
                "value" => {
                    let meant = table.and_then(|(_, table)| table.get(&raw)).cloned();
                    return (name.clone(), meant.unwrap_or_default());
                }
                _ => {}
            }
            (name.clone(), value.clone())
        })
        .collect();
    leads_to(&send(&editor, &values, &meant, &[]).await);
    assert_eq!(settled(&editor, &job).await, "mapped");
    editor.post(&format!("{job}/import"), &[]).await;
    assert_eq!(settled(&editor, &job).await, "done");
    refresh(&site);
    for address in [
        "/salaries.json",
        "/salaries/back-end-web.json",
        "/salaries/back-end-web/java.json?seniority=senior",
    ] {
        let expected = by_profile.get(address).await.assert_ok().json();
        assert_eq!(
            site.get(address).await.assert_ok().json(),
            expected,
            "{address}"
        );
    }
    let import = leads_to(&editor.get(&job).await);
    leads_to(&editor.post(&format!("{import}/undo"), &[]).await);
    let until = Instant::now() + Duration::from_mins(1);
    while !editor.get(&import).await.body.contains("It was undone on") {
        assert!(Instant::now() < until);
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    refresh(&site);
    site.get("/salaries/back-end-web").await.assert_not_found();
    assert_eq!(site.verified().differences, Vec::<String>::new());
}
