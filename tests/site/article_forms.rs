//! The article's form and what stands around it, as editors use it in the browser.

use diesel::prelude::*;
use payband::db::DbError;
use payband::editors::EditorRole;
use payband::schema::images;
use serde_json::Value;

use crate::support::{Page, Signed, TestSite, on_postgres};

/// What a form sends that is filled in well.
fn filled<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("title", "What a tester does"),
        ("slug", ""),
        ("kind", "guide"),
        ("role", "back-end-web"),
        ("technology", "django"),
        ("position", "1"),
        ("author", "Ada"),
        ("summary", "A tester tests."),
        (
            "description",
            "What testers do all day, and what they are paid for it in the end.",
        ),
        ("body", "## Every day\n\nA tester *tests*.\n"),
        ("published_at", ""),
        ("revision", "0"),
    ];
    for (name, value) in changes {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = value,
            None => fields.push((name, value)),
        }
    }
    fields
}

/// Where an answer leads.
fn led_to(page: &Page) -> String {
    assert_eq!(page.status, 303, "{}: {}", page.address, page.body);
    page.header("location").unwrap().to_owned()
}

/// Writes a draft, and answers the address of its form.
async fn draft(editor: &Signed<'_>, changes: &[(&str, &str)]) -> String {
    led_to(&editor.post("/admin/articles", &filled(changes)).await)
}

/// What a page's form would send of a field.
fn value(page: &Page, name: &str) -> String {
    let place = format!("name=\"{name}\" value=\"");
    let from = page.body.find(&place).unwrap() + place.len();
    page.body[from..].split('"').next().unwrap().to_owned()
}

const PUBLIC: &str = "/articles/what-a-tester-does";

#[actix_web::test]
async fn a_draft_is_written_published_and_seen_on_the_salary_page() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    editor.get("/admin/articles/new").await.assert_ok();
    let form = draft(&editor, &[]).await;
    let page = editor.get(&form).await.assert_ok();
    page.assert_shows("Saved as a draft.")
        .assert_shows("value=\"what-a-tester-does\"")
        .assert_shows("A tester *tests*.")
        .assert_shows("name=\"revision\" value=\"1\"");
    site.get(PUBLIC).await.assert_not_found();
    editor
        .get(&format!("{form}/preview"))
        .await
        .assert_ok()
        .assert_shows("<em>tests</em>")
        .assert_shows("noindex");
    let fields = filled(&[("revision", "1")]);
    let published = editor
        .post(&format!("{form}/publication?wish=publish"), &fields)
        .await;
    assert_eq!(led_to(&published), form);
    editor
        .get(&form)
        .await
        .assert_shows("Published: visitors see it.")
        .assert_shows(&format!("action=\"{form}/publication?wish=draft\""));
    site.get(PUBLIC)
        .await
        .assert_ok()
        .assert_shows("<em>tests</em>");
    site.get("/salaries/back-end-web/django")
        .await
        .assert_shows("<article id=\"what-a-tester-does\">");
    let withdrawn = editor
        .post(&format!("{form}/publication?wish=withdraw"), &[])
        .await;
    assert_eq!(led_to(&withdrawn), form);
    assert_eq!(site.get(PUBLIC).await.status, 410);
    site.get("/salaries/back-end-web/django")
        .await
        .assert_does_not_show("what-a-tester-does");
}

#[actix_web::test]
async fn a_published_article_is_saved_and_its_slug_changed() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let publish = "/admin/articles?wish=publish";
    let form = led_to(&editor.post(publish, &filled(&[])).await);
    site.get(PUBLIC).await.assert_ok();
    let changed = [
        ("slug", "testers"),
        ("revision", "1"),
        ("seo_title", "Testers in short"),
    ];
    led_to(&editor.post(&form, &filled(&changed)).await);
    editor
        .get(&form)
        .await
        .assert_shows("visitors see the change");
    site.get(PUBLIC)
        .await
        .assert_redirects_to("/articles/testers");
    site.get("/articles/testers")
        .await
        .assert_ok()
        .assert_shows("<title>Testers in short")
        .assert_shows("<h1>What a tester does</h1>");
    // The former address is taken.
    let other = editor
        .post(
            "/admin/articles",
            &filled(&[("slug", "what-a-tester-does")]),
        )
        .await;
    assert_eq!(other.status, 422);
    other
        .assert_shows("leads to the article \u{201c}What a tester does\u{201d}")
        .assert_shows("aria-invalid=\"true\"");
}

#[actix_web::test]
async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let long = "x".repeat(201);
    for (field, typed, said) in [
        ("title", "  ", "Give the article a title."),
        ("title", &long, "201 letters"),
        ("slug", "a/b", "Perhaps \u{201c}a-b\u{201d}?"),
        ("slug", "quick-facts-about-django", "has this address"),
        ("kind", "gossip", "Choose what sort"),
        ("role", "astronaut", "There is no role of that name."),
        ("technology", "../x", "There is no technology of that name."),
        ("position", "first", "whole number"),
        ("author", "", "Say who wrote it."),
        ("published_at", "tomorrow", "2026-12-31 09:30"),
        ("published_at", "2020-01-01T00:00", "A draft has no date"),
        ("cover_image", "-7", "no such picture"),
    ] {
        let changes = [(field, typed), ("body", "Kept \u{2603} text")];
        let page = editor.post("/admin/articles", &filled(&changes)).await;
        assert_eq!(page.status, 422, "{field} {typed}: {}", page.body);
        page.assert_shows(said)
            .assert_shows(&format!("href=\"#{field}\""))
            .assert_shows("Kept \u{2603} text");
    }
}

#[actix_web::test]
async fn odd_input_is_answered_with_words_or_a_right_result() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let huge = "x ".repeat(2_500_000);
    let page = editor
        .post("/admin/articles", &filled(&[("body", &huge)]))
        .await;
    assert_eq!(page.status, 422);
    page.assert_shows("5.0 megabytes");
    let preview = editor
        .post("/admin/articles/preview", &filled(&[("body", &huge)]))
        .await;
    assert_eq!(preview.status, 413);
    let larger = "x ".repeat(6_000_000);
    let page = editor
        .post("/admin/articles", &filled(&[("body", &larger)]))
        .await;
    assert_eq!(page.status, 413);
    page.assert_shows("what you typed");
    let emoji = editor
        .post("/admin/articles", &filled(&[("title", "\u{1f600}")]))
        .await;
    assert_eq!(emoji.status, 422);
    emoji.assert_shows("type one, such as");
    let odd = "\u{645}\u{637}\u{648}\u{631}\0 <script>alert(1)</script>";
    let changes = [
        ("title", odd),
        ("slug", "odd"),
        ("body", "a\0b <script>alert(1)</script> \u{202e}abc"),
    ];
    let publish = "/admin/articles?wish=publish";
    let form = led_to(&editor.post(publish, &filled(&changes)).await);
    for address in [&form, "/articles/odd", "/admin/articles", "/articles"] {
        editor
            .get(address)
            .await
            .assert_ok()
            .assert_does_not_show("<script>alert")
            .assert_does_not_show("href=\"javascript")
            .assert_does_not_show("\0");
    }
    for address in [
        "/admin/articles/999",
        "/admin/articles/x",
        "/admin/articles/999/revisions",
        "/admin/articles/1/revisions?from=1&to=99",
        "/admin/articles/-1/preview",
        "/preview/abc",
        "/preview/0000000000000000000000000000000000000000000000000000000000000000",
    ] {
        editor.get(address).await.assert_not_found();
    }
    for address in [
        "/admin/articles/999",
        "/admin/articles/999/removal",
        "/admin/articles/999/publication?wish=publish",
        "/admin/articles/999/working-copy",
        "/admin/articles/999/preview-link",
        "/admin/articles/1/revisions/99/restoration",
        "/admin/working-copies/99/removal",
    ] {
        editor.post(address, &filled(&[])).await.assert_not_found();
    }
    editor
        .get("/admin/articles?page=99999999999&state=odd&order=x&q=%00%ff&role=%3Cscript%3E")
        .await
        .assert_ok();
    editor
        .get("/admin/articles?page=18446744073709551615")
        .await
        .assert_ok();
}

#[actix_web::test]
async fn errors_of_the_publish_check_keep_an_article_from_being_published_and_not_from_being_saved()
{
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let dead = [("body", "See [this](/articles/nowhere-at-all).")];
    let refused = editor
        .post("/admin/articles?wish=publish", &filled(&dead))
        .await;
    assert_eq!(refused.status, 422);
    refused
        .assert_shows("It cannot be published like this.")
        .assert_shows("Publish check: 1 error")
        .assert_shows("nowhere-at-all");
    let form = draft(&editor, &dead).await;
    editor
        .get(&form)
        .await
        .assert_shows("Publish check: 1 error");
    let publication = format!("{form}/publication?wish=publish");
    assert_eq!(led_to(&editor.post(&publication, &[]).await), form);
    editor
        .get(&form)
        .await
        .assert_shows("It cannot be published");
    site.get(PUBLIC).await.assert_not_found();
    let mended = [("body", "See [this](/salaries)."), ("revision", "1")];
    led_to(&editor.post(&publication, &filled(&mended)).await);
    site.get(PUBLIC).await.assert_ok();
    // A published article does not become worse.
    let worse = [
        ("body", "See [that](/articles/nowhere)."),
        ("revision", "2"),
    ];
    assert_eq!(editor.post(&form, &filled(&worse)).await.status, 422);
}

#[actix_web::test]
async fn two_editors_who_meet_both_keep_their_text() {
    let site = TestSite::demo();
    let (ada, bob) = (
        site.sign_in(EditorRole::Editor),
        site.sign_in(EditorRole::Admin),
    );
    let base = "One.\n\nTwo.\n\nThree.\n";
    let form = draft(&ada, &[("body", base)]).await;
    let by_ada = [
        ("revision", "1"),
        ("body", "One of Ada.\n\nTwo.\n\nThree.\n"),
    ];
    led_to(&ada.post(&form, &filled(&by_ada)).await);
    let by_bob = [
        ("revision", "1"),
        ("body", "One of Bob.\n\nTwo.\n\nThree of Bob.\n"),
        ("title", "A title of Bob"),
        ("slug", "what-a-tester-does"),
    ];
    let met = bob.post(&form, &filled(&by_bob)).await;
    assert_eq!(met.status, 409);
    let name = &ada.editor().name;
    let met = met
        .assert_shows(&format!("{name} saved another version"))
        .assert_shows("<ins>Bob</ins>")
        .assert_shows("<del>Ada</del>")
        .assert_shows("Three of Bob.")
        .assert_shows(&format!("======= The version of {name}"));
    assert_eq!(value(&met, "revision"), "2");
    // The marks of a merge do not get onto the site by mistake.
    let marked = [("revision", "2"), ("body", "<<<<<<< Your version\nOne\n")];
    let refused = bob.post(&form, &filled(&marked)).await;
    assert_eq!(refused.status, 422);
    refused.assert_shows("marks of two versions");
    // What was typed is found again.
    bob.get(&form).await.assert_shows("You have unsaved text");
    // Keeping one's own.
    let mut mine = filled(&by_bob);
    mine.retain(|(name, _)| *name != "revision");
    mine.push(("revision", "2"));
    led_to(&bob.post(&form, &mine).await);
    bob.get(&form)
        .await
        .assert_shows("One of Bob.")
        .assert_does_not_show("unsaved text");
    // Both are in the history.
    ada.get(&format!("{form}/revisions?from=2&to=3"))
        .await
        .assert_ok()
        .assert_shows("<del>Ada</del><ins>Bob</ins>");
}

#[actix_web::test]
async fn publishing_is_no_conflict_with_writing() {
    let site = TestSite::demo();
    let (ada, bob) = (
        site.sign_in(EditorRole::Editor),
        site.sign_in(EditorRole::Admin),
    );
    let form = draft(&ada, &[]).await;
    led_to(
        &bob.post(&format!("{form}/publication?wish=publish"), &[])
            .await,
    );
    let changed = [("revision", "1"), ("body", "Another text.")];
    led_to(&ada.post(&form, &filled(&changed)).await);
    site.get(PUBLIC)
        .await
        .assert_ok()
        .assert_shows("Another text.");
}

#[actix_web::test]
async fn what_is_typed_is_kept_and_offered_and_never_published() {
    let site = TestSite::demo();
    let (ada, bob) = (
        site.sign_in(EditorRole::Editor),
        site.sign_in(EditorRole::Editor),
    );
    let publish = "/admin/articles?wish=publish";
    let form = led_to(&ada.post(publish, &filled(&[])).await);
    let typing = filled(&[("revision", "1"), ("body", "Half a sen")]);
    let kept = ada
        .post(&format!("{form}/working-copy"), &typing)
        .await
        .assert_ok();
    assert_eq!(kept.json()["newer"], Value::Null);
    site.get(PUBLIC).await.assert_does_not_show("Half a sen");
    // A save of somebody else is told while one types.
    led_to(
        &bob.post(&form, &filled(&[("revision", "1"), ("summary", "Of Bob")]))
            .await,
    );
    let told = ada
        .post(&format!("{form}/working-copy"), &typing)
        .await
        .json();
    assert_eq!(
        told["newer"]["editor"],
        Value::from(bob.editor().name.as_str())
    );
    bob.get(&form)
        .await
        .assert_does_not_show("You have unsaved text")
        .assert_shows("is writing at this too");
    ada.get(&form)
        .await
        .assert_shows("You have unsaved text")
        .assert_does_not_show("Half a sen");
    let used = ada.get(&format!("{form}?copy=used")).await;
    assert_eq!(value(&used, "revision"), "1");
    let used = used.assert_shows("Half a sen");
    drop(used);
    ada.get("/admin/articles")
        .await
        .assert_shows("unsaved text");
    // Discarding can be undone.
    let id = kept.json()["copy"].to_string();
    let removal = format!("/admin/working-copies/{id}/removal");
    assert_eq!(led_to(&ada.post(&removal, &[]).await), form);
    bob.post(&removal, &[]).await.assert_not_found();
    ada.get(&form)
        .await
        .assert_does_not_show("You have unsaved text")
        .assert_shows("is discarded");
    let back = ada
        .post(&format!("/admin/working-copies/{id}/restoration"), &[])
        .await;
    ada.get(&led_to(&back)).await.assert_shows("Half a sen");
}

#[actix_web::test]
async fn a_new_article_is_kept_while_it_is_typed() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let address = "/admin/articles/new/working-copy";
    let first = editor
        .post(address, &filled(&[("title", "")]))
        .await
        .assert_ok();
    let id = first.json()["copy"].to_string();
    let again = filled(&[("title", "Nearly there"), ("working_copy", &id)]);
    let second = editor.post(address, &again).await.assert_ok();
    assert_eq!(second.json()["copy"].to_string(), id);
    editor
        .get("/admin/articles")
        .await
        .assert_shows("Typed and never saved")
        .assert_shows("Nearly there");
    editor
        .get("/admin/articles/new")
        .await
        .assert_shows("You have unsaved text")
        .assert_shows("Nearly there");
    editor
        .get(&format!("/admin/articles/new?copy={id}"))
        .await
        .assert_shows(">\nNearly there</textarea>");
    let form = draft(&editor, &[("title", "Nearly there"), ("working_copy", &id)]).await;
    editor
        .get("/admin/articles/new")
        .await
        .assert_does_not_show("You have unsaved text");
    editor
        .get(&form)
        .await
        .assert_shows("value=\"nearly-there\"");
}

#[actix_web::test]
async fn a_revision_is_brought_back_as_a_new_one() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let form = draft(&editor, &[("body", "First text.")]).await;
    let second = [
        ("revision", "1"),
        ("body", "Second text."),
        ("revision_name", "After the review"),
    ];
    led_to(&editor.post(&form, &filled(&second)).await);
    editor
        .get(&format!("{form}/revisions"))
        .await
        .assert_ok()
        .assert_shows("After the review")
        .assert_shows(&editor.editor().name);
    editor
        .get(&format!("{form}/revisions?from=1&to=2"))
        .await
        .assert_shows("<del>First</del><ins>Second</ins> text.");
    let restored = editor
        .post(&format!("{form}/revisions/1/restoration"), &[])
        .await;
    assert_eq!(led_to(&restored), form);
    editor
        .get(&form)
        .await
        .assert_shows("Revision 1 is back, as revision 3.")
        .assert_shows("First text.");
    // Saving what is there already makes no revision.
    led_to(
        &editor
            .post(
                &form,
                &filled(&[("revision", "3"), ("body", "First text.")]),
            )
            .await,
    );
    editor
        .get(&form)
        .await
        .assert_shows("Nothing had changed.")
        .assert_shows("name=\"revision\" value=\"3\"");
}

#[actix_web::test]
async fn removing_goes_to_the_bin_and_is_undone() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let publish = "/admin/articles?wish=publish";
    let form = led_to(&editor.post(publish, &filled(&[])).await);
    let removed = editor.post(&format!("{form}/removal"), &filled(&[])).await;
    assert_eq!(led_to(&removed), "/admin/articles");
    editor
        .get("/admin/articles")
        .await
        .assert_shows("is in the bin.")
        .assert_shows(&format!("action=\"{form}/restoration\""));
    assert_eq!(site.get(PUBLIC).await.status, 410);
    editor
        .get("/admin/articles/bin")
        .await
        .assert_ok()
        .assert_shows("What a tester does");
    let late = [("revision", "1"), ("body", "Typed too late.")];
    let refused = editor.post(&form, &filled(&late)).await;
    assert_eq!(refused.status, 422);
    refused
        .assert_shows("was put into the bin meanwhile")
        .assert_shows("Typed too late.");
    let taken = editor.post("/admin/articles", &filled(&[])).await;
    assert_eq!(taken.status, 422);
    taken.assert_shows("which is in the bin");
    led_to(&editor.post(&format!("{form}/restoration"), &[]).await);
    site.get(PUBLIC).await.assert_ok();
}

#[actix_web::test]
async fn a_preview_link_shows_a_draft_to_anybody_and_nothing_else() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let form = draft(&editor, &[]).await;
    let page = editor
        .post(&format!("{form}/preview-link"), &[])
        .await
        .assert_ok();
    let from = page.body.find("https://jobs.example/preview/").unwrap();
    let link = page.body[from..].split('"').next().unwrap();
    let path = link.strip_prefix("https://jobs.example").unwrap();
    let seen = site.get(path).await.assert_ok();
    assert_eq!(seen.header("cache-control"), Some("no-store"));
    assert_eq!(seen.header("x-robots-tag"), Some("noindex"));
    assert_eq!(seen.header("set-cookie"), None);
    seen.assert_shows("<em>tests</em>");
    led_to(&editor.post(&format!("{form}/removal"), &[]).await);
    site.get(path).await.assert_not_found();
}

#[actix_web::test]
async fn the_preview_shows_what_is_typed_in_a_frame_of_the_site() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let half = [
        ("title", ""),
        ("slug", "/"),
        ("kind", ""),
        ("role", "none"),
        (
            "body",
            "{{ median back-end-web/django }} {{ median nowhere }}",
        ),
    ];
    let page = editor
        .post("/admin/articles/preview", &filled(&half))
        .await
        .assert_ok();
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
    page.assert_shows("No title yet")
        .assert_shows("figure-problem");
    let form = editor.get("/admin/articles/new").await;
    let policy = form.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-src 'self'"), "{policy}");
    editor.get("/admin/articles/preview").await.assert_ok();
}

#[actix_web::test]
async fn the_list_is_searched_narrowed_and_sorted() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    draft(&editor, &[("title", "Zebra crossings"), ("kind", "news")]).await;
    editor
        .get("/admin/articles")
        .await
        .assert_ok()
        .assert_shows_in_order(&["Zebra crossings", "Top 10 technologies"]);
    editor
        .get("/admin/articles?order=title")
        .await
        .assert_shows_in_order(&["Django alternatives", "Zebra crossings"]);
    editor
        .get("/admin/articles?q=zebra+ada&state=draft&kind=news&role=back-end-web")
        .await
        .assert_shows("Zebra crossings")
        .assert_does_not_show("Top 10");
    editor
        .get("/admin/articles?state=withdrawn")
        .await
        .assert_shows("None of the 7 articles");
    let answer = editor
        .get("/admin/articles/slug?title=Quick+facts+about+Django")
        .await;
    assert_eq!(answer.json()["slug"], "quick-facts-about-django");
    assert!(
        answer.json()["problem"]
            .as_str()
            .unwrap()
            .contains("has this address")
    );
}

#[actix_web::test]
async fn a_busy_database_gives_the_form_back_with_what_was_typed() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    if on_postgres() {
        // There, writers do not wait for one another.
        return;
    }
    let db = site.db.clone();
    let (held, is_held) = std::sync::mpsc::channel();
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn(move || {
        db.write_blocking(|_| {
            held.send(()).unwrap();
            is_done.recv().unwrap();
            Ok::<_, DbError>(())
        })
    });
    is_held.recv().unwrap();
    let page = editor
        .post("/admin/articles", &filled(&[("body", "Not lost.")]))
        .await;
    assert_eq!(page.status, 503);
    page.assert_shows("Not lost.").assert_shows("site is busy");
    done.send(()).unwrap();
    writer.join().unwrap().unwrap();
    draft(&editor, &[("body", "Not lost.")]).await;
}

#[actix_web::test]
async fn a_cover_stands_above_its_article() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let key = "0123456789abcdef0123456789abcdef";
    let image = site.db.write_blocking(|conn| {
        diesel::insert_into(images::table)
            .values((
                images::key.eq(key),
                images::file_name.eq("desk.jpg"),
                images::alt.eq("A desk"),
                images::width.eq(1200),
                images::height.eq(800),
                images::bytes.eq(1),
                images::format.eq("jpg"),
                images::uploaded_at.eq(chrono::Utc::now().naive_utc()),
            ))
            .returning(images::id)
            .get_result::<i64>(conn)
            .map_err(DbError::from)
    });
    let image = image.unwrap().to_string();
    editor
        .get("/admin/articles/new")
        .await
        .assert_shows(&format!(
            "<input type=\"radio\" name=\"cover_image\" value=\"{image}\">"
        ))
        .assert_shows("A desk");
    let unknown = editor
        .post("/admin/articles", &filled(&[("cover_image", "99")]))
        .await;
    assert_eq!(unknown.status, 422);
    unknown.assert_shows("no such picture");
    let publish = "/admin/articles?wish=publish";
    led_to(
        &editor
            .post(publish, &filled(&[("cover_image", &image)]))
            .await,
    );
    let address = format!("/images/{key}-1200x800.jpg");
    site.get(PUBLIC)
        .await
        .assert_ok()
        .assert_shows(&format!("<img class=\"cover\" src=\"{address}\""))
        .assert_shows("alt=\"A desk\"");
}

#[actix_web::test]
async fn a_scheduled_article_says_when() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let form = draft(&editor, &[]).await;
    let schedule = format!("{form}/publication?wish=schedule");
    let early = editor
        .post(
            &schedule,
            &filled(&[("revision", "1"), ("published_at", "2020-01-01T09:00")]),
        )
        .await;
    assert_eq!(early.status, 422);
    early.assert_shows("give a time to come");
    led_to(
        &editor
            .post(
                &schedule,
                &filled(&[("revision", "1"), ("published_at", "2099-05-01T09:30")]),
            )
            .await,
    );
    editor
        .get(&form)
        .await
        .assert_shows("It will be published on 1 May 2099 at 09:30 UTC.")
        .assert_shows("value=\"2099-05-01T09:30\"")
        .assert_shows("Publish now");
    site.get(PUBLIC).await.assert_not_found();
    led_to(
        &editor
            .post(
                &format!("{form}/publication?wish=publish_now"),
                &filled(&[("revision", "2"), ("published_at", "2099-05-01T09:30")]),
            )
            .await,
    );
    site.get(PUBLIC).await.assert_ok();
}
