//! The market in the admin: sources, roles, technologies, merging, and one offer by hand.

use diesel::prelude::*;
use payband::db::DbError;
use payband::editors::EditorRole;
use payband::import::Profile;
use payband::schema::{candidates, events, offers, role_redirects, roles, sources, technologies};
use serde_json::{Value, json};

use crate::prose;
use crate::support::{Page, Signed, TestSite};

const HEADER: &str = "candidate,role,technologies,seniority,salary,offered_on,status,offer\n";

/// Rows of so many keyed candidates with an offer each: 1000, 2000, …
fn rows(role: &str, technologies: &str, keys: std::ops::RangeInclusive<u32>) -> String {
    let row = |n| {
        let salary = 1000 * n;
        format!("c{n},{role},{technologies},senior,{salary},2024-05-01,open,{role}-{n}\n")
    };
    keys.map(row).collect::<Vec<_>>().concat()
}

fn site_with(rows: &[String]) -> TestSite {
    TestSite::with_rows(&format!("{HEADER}{}", rows.concat()))
}

/// Pages are made anew once the versions are looked at again, which a test does not wait for.
fn refresh(site: &TestSite) {
    if let Some(versions) = site.parts.cache.versions() {
        versions.refresh().unwrap();
    }
}

#[track_caller]
fn assert_verified(site: &TestSite) {
    assert_eq!(site.verified().differences, Vec::<String>::new());
}

async fn figures(site: &TestSite, path: &str) -> Value {
    refresh(site);
    let page = site.get(&format!("/salaries/{path}.json")).await;
    let page = page.assert_ok().json();
    json!([page["offers"], page["candidates"], page["median"]])
}

fn role_id(site: &TestSite, slug: &str) -> i64 {
    read(site, |conn| {
        roles::table
            .filter(roles::slug.eq(slug))
            .select(roles::id)
            .first(conn)
    })
}

fn technology_id(site: &TestSite, slug: &str) -> i64 {
    read(site, |conn| {
        let of_slug = technologies::table.filter(technologies::slug.eq(slug));
        of_slug.select(technologies::id).first(conn)
    })
}

fn source_id(site: &TestSite, slug: &str) -> i64 {
    read(site, |conn| {
        let of_slug = sources::table.filter(sources::slug.eq(slug));
        of_slug.select(sources::id).first(conn)
    })
}

fn read<T>(site: &TestSite, question: impl FnOnce(&mut payband::db::Conn) -> QueryResult<T>) -> T {
    let answer = site
        .db
        .read_newest_blocking(|conn| question(conn).map_err(DbError::from));
    answer.unwrap()
}

/// What was logged: what was done, to what, by its name.
fn log(site: &TestSite) -> Vec<(String, String, String)> {
    read(site, |conn| {
        events::table
            .filter(events::editor_id.is_not_null())
            .order(events::id)
            .select((events::did, events::thing, events::name))
            .load(conn)
    })
}

#[track_caller]
fn assert_done(page: &Page, to: &str) {
    assert_eq!(page.status, 303, "{}: {}", page.address, page.body);
    assert_eq!(page.header("location"), Some(to), "{}", page.address);
}

#[track_caller]
fn assert_wrong(page: Page, text: &str) {
    assert_eq!(page.status, 422, "{}: {}", page.address, page.body);
    let page = page
        .assert_shows("role=\"alert\"")
        .assert_shows("aria-invalid=\"true\"");
    page.assert_shows(text);
}

async fn rename_role(editor: &Signed<'_>, id: i64, slug: &str) -> Page {
    let fields = [
        ("name", "Renamed"),
        ("job_title", "Renamed Person"),
        ("slug", slug),
    ];
    editor.post(&format!("/admin/roles/{id}"), &fields).await
}

// Sources

#[actix_web::test]
async fn a_source_is_created_corrected_and_named_on_the_pages_of_its_figures() {
    let site = site_with(&[rows("devops", "linux", 1..=6)]);
    let editor = site.sign_in(EditorRole::Editor);
    let id = source_id(&site, "survey");
    let shown = site.get("/salaries/devops").await.assert_ok();
    assert!(shown.body.contains("Survey"));
    let list = editor.get("/admin/sources").await.assert_ok();
    list.assert_shows_in_order(&["Survey", ">6</td>", ">6</td>", ">May 2024<"]);
    let form = [
        ("name", "The  Great Survey"),
        ("url", "https://example.org/survey"),
        ("licence", "CC BY 4.0"),
    ];
    let page = editor.post(&format!("/admin/sources/{id}"), &form).await;
    assert_done(&page, "/admin/sources");
    refresh(&site);
    let page = site.get("/salaries/devops").await.assert_ok();
    page.assert_shows("The Great Survey")
        .assert_shows("https://example.org/survey")
        .assert_shows("CC BY 4.0");
    let form = [("name", "Other"), ("slug", ""), ("pay", "net")];
    let id = source_id(&site, "survey") + 1;
    let page = editor.post("/admin/sources", &form).await;
    assert_done(&page, &format!("/admin/sources/{id}"));
    assert_eq!(source_id(&site, "other"), id);
    assert_eq!(
        log(&site),
        [
            ("changed".into(), "source".into(), "The Great Survey".into()),
            ("created".into(), "source".into(), "Other".to_owned()),
        ]
    );
}

#[actix_web::test]
async fn what_is_wrong_with_a_source_stands_beside_its_field() {
    let site = site_with(&[rows("devops", "", 1..=1)]);
    let editor = site.sign_in(EditorRole::Editor);
    let id = source_id(&site, "survey");
    for (fields, problem) in [
        ([("name", " "), ("url", "")], "Write the source"),
        (
            [("name", "A"), ("url", "javascript:alert(1)")],
            "Write a whole address",
        ),
        (
            [("name", "A"), ("url", "example.org")],
            "Write a whole address",
        ),
    ] {
        assert_wrong(
            editor.post(&format!("/admin/sources/{id}"), &fields).await,
            problem,
        );
        assert_wrong(editor.post("/admin/sources", &fields).await, problem);
    }
    let taken = [("name", "Survey"), ("slug", "survey"), ("pay", "net")];
    let page = editor.post("/admin/sources", &taken).await;
    assert_wrong(page, "is the slug of");
    let odd = [("name", "\u{1f600}"), ("slug", "a/b"), ("pay", "cash")];
    assert_wrong(editor.post("/admin/sources", &odd).await, "Write a slug");
    let long = "x".repeat(200);
    let fields = [("name", long.as_str())];
    assert_wrong(
        editor.post("/admin/sources", &fields).await,
        "120 is the most",
    );
    editor
        .post("/admin/sources/999", &[("name", "A")])
        .await
        .assert_not_found();
    editor.get("/admin/sources/999").await.assert_not_found();
    editor.get("/admin/sources/x").await.assert_not_found();
}

#[actix_web::test]
async fn changing_a_source_s_pay_asks_once_and_moves_its_figures() {
    let site = site_with(&[rows("devops", "linux", 1..=6)]);
    let editor = site.sign_in(EditorRole::Editor);
    let id = source_id(&site, "survey");
    let pay = async || {
        refresh(&site);
        site.get("/salaries/devops.json").await.json()["sources"][0]["pay"].clone()
    };
    assert_eq!(pay().await, "gross");
    let address = format!("/admin/sources/{id}/pay");
    let page = editor.get(&address).await.assert_ok();
    page.assert_shows("6 offers to 6 candidates")
        .assert_shows("Count it as net");
    assert_done(
        &editor.post(&address, &[("pay", "net")]).await,
        "/admin/sources",
    );
    assert_eq!(pay().await, "net");
    assert_eq!(figures(&site, "devops").await, json!([6, 6, 3500]));
    assert_verified(&site);
    assert_eq!(editor.post(&address, &[("pay", "cash")]).await.status, 400);
}

#[actix_web::test]
async fn sources_are_counted_over_all_roles_with_every_offer_and_candidates_without_any() {
    let more = [
        "c7,devops,linux,senior,7000,2024-06-01,accepted,late\n".to_owned(),
        "c8,devops,linux,senior,,,,\n".to_owned(),
        rows("front-end", "react", 1..=2),
    ];
    let site = site_with(&[&[rows("devops", "linux", 1..=6)], &more[..]].concat());
    let other = |options: &mut payband::import::Options| {
        options.source = Some("other".parse().unwrap());
    };
    let of_other = format!("{HEADER}{}", rows("front-end", "react", 1..=3));
    site.try_import(of_other, Profile::canonical(), other)
        .unwrap();
    let editor = site.sign_in(EditorRole::Editor);
    let list = editor.get("/admin/sources").await.assert_ok();
    list.assert_shows_in_order(&["Other", ">3</td>", ">3</td>", ">May 2024<"])
        .assert_shows_in_order(&["Survey", ">10</td>", ">9</td>", ">Jun 2024<"]);
    let survey = source_id(&site, "survey");
    editor
        .get(&format!("/admin/sources/{survey}/removal"))
        .await
        .assert_shows("10 candidates, their 9 offers");
    assert_verified(&site);
}

#[actix_web::test]
async fn a_source_is_removed_with_everything_that_came_from_it() {
    let site = site_with(&[rows("devops", "linux", 1..=6)]);
    let other = |options: &mut payband::import::Options| {
        options.source = Some("other".parse().unwrap());
    };
    let more = format!("{HEADER}{}", rows("devops", "linux", 1..=7));
    site.try_import(more, Profile::canonical(), other).unwrap();
    assert_eq!(figures(&site, "devops").await, json!([13, 13, 4000]));
    let editor = site.sign_in(EditorRole::Editor);
    let address = format!("/admin/sources/{}/removal", source_id(&site, "survey"));
    let page = editor.get(&address).await.assert_ok();
    page.assert_shows("Remove “Survey”")
        .assert_shows("6 candidates, their 6 offers");
    assert_done(&editor.post(&address, &[]).await, "/admin/sources");
    assert_eq!(figures(&site, "devops").await, json!([7, 7, 4000]));
    assert_verified(&site);
    // The last one takes the figures with it.
    let address = format!("/admin/sources/{}/removal", source_id(&site, "other"));
    assert_done(&editor.post(&address, &[]).await, "/admin/sources");
    refresh(&site);
    assert_eq!(
        site.get("/salaries/devops.json").await.json()["suppressed"],
        json!(true)
    );
    assert_verified(&site);
    editor
        .post(&address, &[])
        .await
        .assert_not_found()
        .assert_shows("removed or merged");
    // The same file may come again.
    site.import(&format!("{HEADER}{}", rows("devops", "linux", 1..=6)));
    assert_eq!(figures(&site, "devops").await, json!([6, 6, 3500]));
}

// Names

#[actix_web::test]
async fn a_role_is_renamed_on_every_page() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    site.get("/salaries").await.assert_ok();
    site.get("/").await.assert_ok();
    let id = role_id(&site, "devops");
    let fields = [
        ("name", "Dev & Ops"),
        ("job_title", "Operator <of> Things"),
        ("slug", "devops"),
    ];
    let page = editor.post(&format!("/admin/roles/{id}"), &fields).await;
    assert_done(&page, &format!("/admin/roles/{id}"));
    refresh(&site);
    for address in ["/", "/salaries", "/salaries/devops", "/search?q=devops"] {
        let page = site.get(address).await.assert_ok();
        page.assert_shows("Dev &#38; Ops")
            .assert_does_not_show("DevOps Engineer");
    }
    site.get("/salaries/devops")
        .await
        .assert_shows("Operator &#60;of&#62; Things");
    let page = editor.get("/admin/roles?q=operator").await.assert_ok();
    page.assert_shows("Dev &#38; Ops")
        .assert_does_not_show("Back-End Web");
}

#[actix_web::test]
async fn a_technology_is_renamed_on_every_page() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let id = technology_id(&site, "django");
    for address in [
        "/technologies/django",
        "/salaries/back-end-web",
        "/salaries/back-end-web/django",
    ] {
        site.get(address).await.assert_ok().assert_shows("Django");
    }
    let fields = [("name", "Djangology"), ("slug", "django")];
    let page = editor
        .post(&format!("/admin/technologies/{id}"), &fields)
        .await;
    assert_done(&page, &format!("/admin/technologies/{id}"));
    refresh(&site);
    for address in [
        "/technologies/django",
        "/salaries/back-end-web",
        "/salaries/back-end-web/django",
    ] {
        site.get(address)
            .await
            .assert_ok()
            .assert_shows("Djangology");
    }
    let page = editor
        .get("/admin/technologies?q=djangol")
        .await
        .assert_ok();
    page.assert_shows("1 of ").assert_shows("Djangology");
}

#[actix_web::test]
async fn every_address_with_a_former_slug_leads_to_the_new_one_in_one_hop() {
    let site = site_with(&[rows("devops", "linux", 1..=6)]);
    let editor = site.sign_in(EditorRole::Editor);
    // Kept pages make way too.
    site.get("/salaries/devops/linux").await.assert_ok();
    site.get("/technologies/linux").await.assert_ok();
    let role = role_id(&site, "devops");
    rename_role(&editor, role, "platform").await;
    rename_role(&editor, role, "operations").await;
    let technology = technology_id(&site, "linux");
    let fields = [("name", "GNU/Linux"), ("slug", "gnu-linux")];
    let page = editor
        .post(&format!("/admin/technologies/{technology}"), &fields)
        .await;
    assert_eq!(page.status, 303);
    refresh(&site);
    for former in ["devops", "platform"] {
        for (address, to) in [
            (format!("/salaries/{former}"), "/salaries/operations"),
            (
                format!("/salaries/{former}.json"),
                "/salaries/operations.json",
            ),
            (
                format!("/salaries/{former}.csv"),
                "/salaries/operations.csv",
            ),
            (
                format!("/salaries/{former}.svg"),
                "/salaries/operations.svg",
            ),
            (
                format!("/embed/salaries/{former}"),
                "/embed/salaries/operations",
            ),
            (
                format!("/Salaries/{former}/Linux/?english=b1&seniority=senior"),
                "/salaries/operations/gnu-linux?seniority=senior&english=b1",
            ),
            (
                format!("/salaries/{former}/linux.json"),
                "/salaries/operations/gnu-linux.json",
            ),
            (
                format!("/salaries/{former}/gnu-linux"),
                "/salaries/operations/gnu-linux",
            ),
            (
                format!("/embed/salaries/{former}/linux"),
                "/embed/salaries/operations/gnu-linux",
            ),
            (
                format!("/salaries/{former}?skill=Linux"),
                "/salaries/operations/gnu-linux",
            ),
        ] {
            site.get(&address).await.assert_redirects_to(to);
            site.get(to).await.assert_ok();
        }
    }
    site.get("/salaries/operations/linux")
        .await
        .assert_redirects_to("/salaries/operations/gnu-linux");
    site.get("/salaries/operations?skill=linux")
        .await
        .assert_redirects_to("/salaries/operations/gnu-linux");
    site.get("/technologies/linux")
        .await
        .assert_redirects_to("/technologies/gnu-linux");
    let page = site
        .get("/compare?a=devops/linux&b=operations")
        .await
        .assert_ok();
    page.assert_shows("/salaries/operations/gnu-linux");
    let sitemap = site.get("/sitemap-1.xml").await.assert_ok();
    sitemap
        .assert_shows("/salaries/operations/gnu-linux<")
        .assert_does_not_show("/devops");
    // Nobody has it in the role: a page that says so.
    site.get("/salaries/devops/docker").await.assert_not_found();
    // An import that names them adds to what they have become.
    let report = site.import(&format!(
        "{HEADER}{}",
        rows("devops", "linux;gnu-linux", 7..=7)
    ));
    assert_eq!(report.written.new_roles, Vec::<String>::new());
    assert_eq!(report.written.new_technologies, Vec::<String>::new());
    assert_eq!(
        figures(&site, "operations/gnu-linux").await,
        json!([7, 7, 4000])
    );
    assert_verified(&site);
}

#[actix_web::test]
async fn a_slug_that_leads_elsewhere_is_refused_and_one_s_own_is_taken_back() {
    let site = site_with(&[
        rows("devops", "linux", 1..=6),
        rows("front-end", "react", 1..=6),
    ]);
    let editor = site.sign_in(EditorRole::Editor);
    let (devops, front_end) = (role_id(&site, "devops"), role_id(&site, "front-end"));
    assert_wrong(
        rename_role(&editor, front_end, "devops").await,
        "is the slug of “DevOps”",
    );
    rename_role(&editor, devops, "operations").await;
    assert_wrong(
        rename_role(&editor, front_end, "devops").await,
        "which had this slug before",
    );
    let new = [("name", "DevOps"), ("slug", "")];
    assert_wrong(
        editor.post("/admin/roles", &new).await,
        "which had this slug before",
    );
    assert_wrong(rename_role(&editor, front_end, "a/b").await, "Write a slug");
    let odd = [("name", "\u{1f468}\u{200d}\u{1f4bb}"), ("slug", "")];
    assert_wrong(
        editor.post("/admin/technologies", &odd).await,
        "Write a slug",
    );
    assert_done(
        &rename_role(&editor, devops, "devops").await,
        &format!("/admin/roles/{devops}"),
    );
    refresh(&site);
    site.get("/salaries/devops").await.assert_ok();
    site.get("/salaries/operations")
        .await
        .assert_redirects_to("/salaries/devops");
    let redirects: i64 = read(&site, |conn| role_redirects::table.count().get_result(conn));
    assert_eq!(redirects, 1);
    editor.get("/admin/roles/999").await.assert_not_found();
    rename_role(&editor, 999, "x").await.assert_not_found();
}

#[actix_web::test]
async fn roles_and_technologies_are_created_by_hand() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    editor
        .get("/admin/roles")
        .await
        .assert_ok()
        .assert_shows("There are no roles yet.");
    editor.get("/admin/roles/new").await.assert_ok();
    let page = editor
        .post("/admin/roles", &[("name", "Prompt Whispering")])
        .await;
    let id = role_id(&site, "prompt-whispering");
    assert_done(&page, &format!("/admin/roles/{id}"));
    let page = editor.get(&format!("/admin/roles/{id}")).await.assert_ok();
    page.assert_shows("is there.")
        .assert_shows("Prompt Whispering Developer");
    let page = editor
        .post("/admin/technologies", &[("name", "C++"), ("slug", "")])
        .await;
    assert_done(
        &page,
        &format!("/admin/technologies/{}", technology_id(&site, "cpp")),
    );
    // An import uses them as they are.
    let report = site.import(&format!(
        "{HEADER}{}",
        rows("prompt-whispering", "C++", 1..=6)
    ));
    assert!(report.written.new_roles.is_empty() && report.written.new_technologies.is_empty());
    site.get("/salaries/prompt-whispering/cpp")
        .await
        .assert_ok();
}

// Merging

#[actix_web::test]
async fn two_roles_become_one_with_one_candidate_for_each_person() {
    let site = site_with(&[
        rows("front-end", "react", 1..=6),
        rows("frontend-development", "css;react", 5..=9),
    ]);
    let (from, into) = (
        role_id(&site, "frontend-development"),
        role_id(&site, "front-end"),
    );
    let editor = site.sign_in(EditorRole::Editor);
    let ask = format!("/admin/roles/{from}/merger?into={into}");
    let page = editor.get(&ask).await.assert_ok();
    page.assert_shows("takes over 5 candidates")
        .assert_shows("2 of them are candidates of both roles")
        .assert_shows("cannot be undone");
    let merge = format!("/admin/roles/{from}/merger");
    let page = editor.post(&merge, &[("into", &into.to_string())]).await;
    assert_done(&page, &format!("/admin/roles/{into}"));
    assert_verified(&site);
    // 1000 to 9000, and 5000 and 6000 once more, of nine persons.
    assert_eq!(figures(&site, "front-end").await, json!([11, 9, 5000]));
    assert_eq!(figures(&site, "front-end/css").await, json!([7, 5, 6000]));
    site.get("/salaries/frontend-development/react.json")
        .await
        .assert_redirects_to("/salaries/front-end/react.json");
    let numbers: Vec<i64> = read(&site, |conn| {
        offers::table
            .inner_join(candidates::table)
            .filter(candidates::source_key.eq("c5"))
            .order(offers::number)
            .select(offers::number)
            .load(conn)
    });
    assert_eq!(numbers, [1, 2]);
    editor
        .post(&merge, &[("into", &into.to_string())])
        .await
        .assert_not_found();
    editor.get(&ask).await.assert_not_found();
    // The former slug in an import is the same person again.
    let report = site.import(&format!(
        "{HEADER}c9,frontend-development,,,9000,2024-05-02,open,again\n"
    ));
    assert!(report.written.new_roles.is_empty());
    assert_eq!(figures(&site, "front-end").await, json!([12, 9, 5500]));
    assert_verified(&site);
    let merged = (
        "merged".to_owned(),
        "role".to_owned(),
        "Frontend Development into Front-End".to_owned(),
    );
    assert_eq!(log(&site), [merged]);
}

#[actix_web::test]
async fn slugs_that_led_to_a_merged_role_lead_on_in_one_hop() {
    let site = site_with(&[
        rows("one", "linux", 1..=6),
        rows("two", "linux", 1..=6),
        rows("three", "linux", 7..=9),
    ]);
    let editor = site.sign_in(EditorRole::Editor);
    let id = |slug| role_id(&site, slug);
    let (one, two, three) = (id("one"), id("two"), id("three"));
    rename_role(&editor, one, "eins").await;
    editor
        .post(
            &format!("/admin/roles/{one}/merger"),
            &[("into", &two.to_string())],
        )
        .await;
    editor
        .post(
            &format!("/admin/roles/{two}/merger"),
            &[("into", &three.to_string())],
        )
        .await;
    refresh(&site);
    for former in ["one", "eins", "two"] {
        site.get(&format!("/salaries/{former}/linux"))
            .await
            .assert_redirects_to("/salaries/three/linux");
    }
    assert_eq!(figures(&site, "three").await, json!([15, 9, 4000]));
    assert_verified(&site);
    let itself = [("into", three.to_string())];
    let itself: Vec<(&str, &str)> = itself
        .iter()
        .map(|(name, id)| (*name, id.as_str()))
        .collect();
    let page = editor
        .post(&format!("/admin/roles/{three}/merger"), &itself)
        .await;
    assert_eq!(page.status, 409);
    let page = editor
        .get(&format!("/admin/roles/{three}/merger?into=x"))
        .await;
    assert_eq!(page.status, 400);
}

#[actix_web::test]
async fn two_technologies_become_one() {
    let site = site_with(&[
        rows("devops", "postgres", 1..=6),
        rows("devops", "postgresql;postgres;linux", 7..=9),
        rows("front-end", "postgres;react", 1..=6),
    ]);
    let (from, into) = (
        technology_id(&site, "postgres"),
        technology_id(&site, "postgresql"),
    );
    let editor = site.sign_in(EditorRole::Editor);
    let page = editor
        .get(&format!("/admin/technologies/{from}/merger?into={into}"))
        .await;
    page.assert_ok()
        .assert_shows("15 candidates with “Postgres”");
    let page = editor
        .post(
            &format!("/admin/technologies/{from}/merger"),
            &[("into", &into.to_string())],
        )
        .await;
    assert_done(&page, &format!("/admin/technologies/{into}"));
    assert_verified(&site);
    assert_eq!(
        figures(&site, "devops/postgresql").await,
        json!([9, 9, 5000])
    );
    assert_eq!(
        figures(&site, "front-end/postgresql").await,
        json!([6, 6, 3500])
    );
    let lists: Vec<String> = read(&site, |conn| {
        candidates::table
            .select(candidates::technologies)
            .order(candidates::id)
            .load(conn)
    });
    let linux = technology_id(&site, "linux");
    assert_eq!(lists[0], format!("[{into}]"));
    assert_eq!(
        lists[7],
        format!("[{},{}]", into.min(linux), into.max(linux))
    );
    site.get("/technologies/postgres")
        .await
        .assert_redirects_to("/technologies/postgresql");
    site.get("/salaries/devops/postgres")
        .await
        .assert_redirects_to("/salaries/devops/postgresql");
    let report = site.import(&format!("{HEADER}{}", rows("devops", "postgres", 10..=10)));
    assert!(report.written.new_technologies.is_empty());
    assert_eq!(
        figures(&site, "devops/postgresql").await,
        json!([10, 10, 5500])
    );
    assert_verified(&site);
}

#[actix_web::test]
async fn articles_move_with_what_they_are_attached_to() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let (django, flask) = (
        technology_id(&site, "django"),
        technology_id(&site, "flask"),
    );
    let (web, full) = (role_id(&site, "back-end-web"), role_id(&site, "full-stack"));
    site.get("/salaries/back-end-web/django")
        .await
        .assert_ok()
        .assert_shows("Quick facts about Django");
    let merge = |kind: &str, from: i64| format!("/admin/{kind}/{from}/merger");
    let page = editor
        .post(
            &merge("technologies", django),
            &[("into", &flask.to_string())],
        )
        .await;
    assert_eq!(page.status, 303);
    let page = editor
        .post(&merge("roles", web), &[("into", &full.to_string())])
        .await;
    assert_eq!(page.status, 303, "{}", page.body);
    refresh(&site);
    site.get("/salaries/back-end-web/django")
        .await
        .assert_redirects_to("/salaries/full-stack/flask");
    site.get("/salaries/full-stack/flask")
        .await
        .assert_ok()
        .assert_shows("Quick facts about Django");
    site.get("/articles/quick-facts-about-django")
        .await
        .assert_ok();
    assert_verified(&site);
}

#[actix_web::test]
async fn an_undone_import_brings_back_what_was_merged_meanwhile_as_what_it_is_now() {
    let site = site_with(&[rows("one", "old", 1..=6), rows("two", "new", 7..=12)]);
    let replaced = |options: &mut payband::import::Options| options.replace = true;
    let file = format!(
        "{HEADER}{}{}",
        rows("two", "new", 1..=6),
        rows("one", "old", 20..=20)
    );
    site.try_import(file, Profile::canonical(), replaced)
        .unwrap();
    let editor = site.sign_in(EditorRole::Editor);
    let (one, two) = (role_id(&site, "one"), role_id(&site, "two"));
    let (old, new) = (technology_id(&site, "old"), technology_id(&site, "new"));
    editor
        .post(
            &format!("/admin/roles/{one}/merger"),
            &[("into", &two.to_string())],
        )
        .await;
    editor
        .post(
            &format!("/admin/technologies/{old}/merger"),
            &[("into", &new.to_string())],
        )
        .await;
    assert_verified(&site);
    let import: payband::ids::ImportId = read(&site, |conn| {
        let imports = payband::schema::imports::table;
        imports
            .select(diesel::dsl::max(payband::schema::imports::id))
            .first::<Option<_>>(conn)
    })
    .unwrap();
    let occasion = payband::import::undo::Occasion {
        editor: None,
        progress: &mut |_, _| std::ops::ControlFlow::Continue(()),
        recorded: &mut |_, _| Ok(()),
    };
    payband::import::undo::undo(&site.db, import, occasion).unwrap();
    assert_verified(&site);
    assert_eq!(figures(&site, "two/new").await, json!([12, 12, 6500]));
}

// One offer by hand

/// What the form of an offer sends.
fn offer<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("source", ""),
        ("role", "devops"),
        ("technologies", "Linux, Docker"),
        ("seniority", "senior"),
        ("experience_years", "4.5"),
        ("country", "UA"),
        ("english", "b2"),
        ("salary", "9000"),
        ("period", "month"),
        ("offered_on", "2024-05-31"),
        ("status", "open"),
    ];
    for change in changes {
        fields.retain(|(name, _)| name != &change.0);
        fields.push(*change);
    }
    fields
}

#[actix_web::test]
async fn an_offer_by_hand_counts_on_the_next_request() {
    let site = site_with(&[rows("devops", "linux", 1..=6)]);
    assert_eq!(figures(&site, "devops/linux").await, json!([6, 6, 3500]));
    let editor = site.sign_in(EditorRole::Editor);
    editor
        .get("/admin/offers/new")
        .await
        .assert_ok()
        .assert_shows("By hand (gross pay)");
    let page = editor.post("/admin/offers", &offer(&[])).await;
    assert_done(&page, "/admin/offers/7/1");
    let page = editor.get("/admin/offers/7/1").await.assert_ok();
    page.assert_shows("The offer is added.")
        .assert_shows("New technologies: Docker.")
        .assert_shows("From By hand");
    assert_eq!(figures(&site, "devops/linux").await, json!([7, 7, 4000]));
    assert_verified(&site);
    // A year's pay; the source is there by now.
    let yearly = offer(&[
        ("salary", "12000"),
        ("period", "year"),
        ("technologies", "linux"),
    ]);
    assert_done(
        &editor.post("/admin/offers", &yearly).await,
        "/admin/offers/8/1",
    );
    assert_eq!(figures(&site, "devops/linux").await, json!([8, 8, 3500]));
    assert_verified(&site);
    assert_eq!(source_id(&site, "by-hand"), 2);
    // Correct it.
    let fields = offer(&[
        ("salary", "2000.50"),
        ("technologies", ""),
        ("seniority", ""),
    ]);
    assert_done(
        &editor.post("/admin/offers/8/1", &fields).await,
        "/admin/offers/8/1",
    );
    assert_eq!(figures(&site, "devops").await, json!([8, 8, 3500]));
    assert_eq!(figures(&site, "devops/linux").await, json!([7, 7, 4000]));
    assert_verified(&site);
    let did: Vec<String> = log(&site).into_iter().map(|(did, ..)| did).collect();
    assert_eq!(did, ["created", "created", "changed"]);
}

#[actix_web::test]
async fn what_is_wrong_with_an_offer_stands_beside_its_field() {
    let site = site_with(&[rows("devops", "linux", 1..=1)]);
    let editor = site.sign_in(EditorRole::Editor);
    for (change, problem) in [
        (("role", ""), "Choose a role."),
        (("salary", ""), "Write the salary of the offer."),
        (
            ("salary", "0"),
            "Not a positive amount below 1,000,000 USD a month.",
        ),
        (("salary", "1000000"), "Not a positive amount"),
        (
            ("salary", "4k"),
            "Not a number; write it as 4500 or 4500.50.",
        ),
        (
            ("offered_on", "1989-12-31"),
            "Not a date between 1990-01-01 and tomorrow.",
        ),
        (("offered_on", "2999-01-01"), "Not a date between"),
        (
            ("offered_on", "31.12.2024"),
            "Not a date; write it as 2024-12-31.",
        ),
        (
            ("experience_years", "101"),
            "Not a number of years from 0 to 100.",
        ),
        (("country", "XX"), "Not a country"),
        (("technologies", "кіт"), "No slug of Latin letters"),
        (("status", "lost"), "Not a status"),
        (("source", "nowhere"), "There is no such source any more."),
        (("offer", "devops-1"), ""),
    ] {
        let fields = offer(&[change]);
        if change.0 == "offer" {
            let known = offer(&[change, ("source", "survey")]);
            let page = editor.post("/admin/offers", &known).await;
            assert_wrong(page, "another offer with this key");
            continue;
        }
        let page = editor.post("/admin/offers", &fields).await;
        assert!(page.body.contains("value=\"4.5\"") || change.0 == "experience_years");
        assert_wrong(page, problem);
        if change.0 != "source" {
            assert_wrong(editor.post("/admin/offers/1/1", &fields).await, problem);
        }
    }
    let dayless = offer(&[("offered_on", "")]);
    assert_wrong(
        editor.post("/admin/offers/1/1", &dayless).await,
        "Choose the day",
    );
    editor
        .post("/admin/offers/1/2", &offer(&[]))
        .await
        .assert_not_found();
    editor.get("/admin/offers/99").await.assert_not_found();
    editor
        .get("/admin/offers/1/99999999999999999999")
        .await
        .assert_not_found();
    assert_eq!(log(&site), []);
    assert_verified(&site);
}

#[actix_web::test]
async fn an_offer_is_accepted_rejected_and_reopened() {
    let site = site_with(&[rows("devops", "linux", 1..=6)]);
    let editor = site.sign_in(EditorRole::Editor);
    let answer = async |status: &str| {
        let address = format!(
            "/admin/offers/6/1/status?status={status}&back=%2Fadmin%2Foffers%3Frole%3Ddevops"
        );
        assert_done(
            &editor.post(&address, &[]).await,
            "/admin/offers?role=devops",
        );
        assert_verified(&site);
    };
    answer("accepted").await;
    assert_eq!(figures(&site, "devops").await, json!([5, 6, 3000]));
    let page = editor.get("/admin/offers?role=devops").await.assert_ok();
    page.assert_shows("The offer is accepted")
        .assert_shows("status?status=open");
    answer("rejected").await;
    assert_eq!(figures(&site, "devops").await, json!([5, 6, 3000]));
    answer("open").await;
    assert_eq!(figures(&site, "devops").await, json!([6, 6, 3500]));
    let page = editor
        .post("/admin/offers/6/1/status?status=lost", &[])
        .await;
    assert_eq!(page.status, 400);
    let page = editor
        .post(
            "/admin/offers/6/1/status?status=open&back=https://evil.example",
            &[],
        )
        .await;
    assert_done(&page, "/admin/offers");
    editor
        .post("/admin/offers/6/2/status?status=open", &[])
        .await
        .assert_not_found();
}

#[actix_web::test]
async fn a_removed_offer_goes_with_its_candidate_and_both_come_back() {
    let site = site_with(&[rows("devops", "linux", 1..=5)]);
    let editor = site.sign_in(EditorRole::Editor);
    assert_eq!(figures(&site, "devops").await, json!([5, 5, 3000]));
    assert_done(
        &editor.post("/admin/offers/5/1/removal", &[]).await,
        "/admin/offers",
    );
    refresh(&site);
    // Too few candidates are left.
    let page = site.get("/salaries/devops.json").await.json();
    assert_eq!(
        (&page["suppressed"], &page["candidates"]),
        (&json!(true), &json!(null))
    );
    assert_verified(&site);
    editor
        .post("/admin/offers/5/1/removal", &[])
        .await
        .assert_not_found();
    let notice = editor.get("/admin/offers").await.assert_ok();
    notice.assert_shows("action=\"/admin/offers/removed/1/restoration\"");
    editor
        .get("/admin/offers/removed")
        .await
        .assert_ok()
        .assert_shows("$5,000, 1 May 2024");
    // Nobody gets the key meanwhile.
    assert_done(
        &editor.post("/admin/offers", &offer(&[])).await,
        "/admin/offers/6/1",
    );
    assert_done(
        &editor
            .post("/admin/offers/removed/1/restoration", &[])
            .await,
        "/admin/offers/5/1",
    );
    assert_eq!(figures(&site, "devops").await, json!([6, 6, 3500]));
    assert_verified(&site);
    editor
        .post("/admin/offers/removed/1/restoration", &[])
        .await
        .assert_not_found();
    // The same offer came again before it was put back.
    assert_done(
        &editor.post("/admin/offers/5/1/removal", &[]).await,
        "/admin/offers",
    );
    site.import(&format!("{HEADER}{}", rows("devops", "linux", 5..=5)));
    let page = editor
        .post("/admin/offers/removed/2/restoration", &[])
        .await;
    assert_eq!(page.status, 409);
    assert_verified(&site);
}

#[actix_web::test]
async fn a_person_without_a_key_stays_one_person_through_the_bin() {
    let site = site_with(&[rows("devops", "linux", 1..=5)]);
    let editor = site.sign_in(EditorRole::Editor);
    assert_done(
        &editor.post("/admin/offers", &offer(&[])).await,
        "/admin/offers/6/1",
    );
    let second = offer(&[("salary", "9500"), ("offered_on", "2024-05-30")]);
    assert_done(
        &editor.post("/admin/offers/6", &second).await,
        "/admin/offers/6/2",
    );
    assert_eq!(figures(&site, "devops").await, json!([7, 6, 4000]));
    for number in [1, 2] {
        let page = editor
            .post(&format!("/admin/offers/6/{number}/removal"), &[])
            .await;
        assert_done(&page, "/admin/offers");
    }
    assert_eq!(figures(&site, "devops").await, json!([5, 5, 3000]));
    // Merged meanwhile: what comes back names what there is.
    let (docker, linux) = (
        technology_id(&site, "docker"),
        technology_id(&site, "linux"),
    );
    let page = editor
        .post(
            &format!("/admin/technologies/{docker}/merger"),
            &[("into", &linux.to_string())],
        )
        .await;
    assert_eq!(page.status, 303);
    for id in [2, 1] {
        let page = editor
            .post(&format!("/admin/offers/removed/{id}/restoration"), &[])
            .await;
        assert_eq!(page.status, 303);
    }
    assert_eq!(figures(&site, "devops/linux").await, json!([7, 6, 4000]));
    assert_verified(&site);
}

#[actix_web::test]
async fn a_candidate_without_an_offer_counts_as_one() {
    let site = site_with(&[rows("devops", "linux", 1..=5)]);
    let editor = site.sign_in(EditorRole::Editor);
    let fields = offer(&[
        ("offered_on", ""),
        ("source", "survey"),
        ("candidate", "me"),
    ]);
    assert_done(
        &editor.post("/admin/offers", &fields).await,
        "/admin/offers/6",
    );
    assert_eq!(figures(&site, "devops").await, json!([5, 6, 3000]));
    let page = editor.get("/admin/offers?status=none").await.assert_ok();
    page.assert_shows("candidate me").assert_shows("No offer");
    editor
        .get("/admin/offers/6")
        .await
        .assert_ok()
        .assert_shows("value=\"9000\"");
    // The same key is the same person.
    let fields = offer(&[("source", "survey"), ("candidate", "me"), ("salary", "100")]);
    assert_done(
        &editor.post("/admin/offers", &fields).await,
        "/admin/offers/6/1",
    );
    assert_eq!(figures(&site, "devops").await, json!([6, 6, 2500]));
    // Somebody with offers is not removed as one without.
    editor
        .post("/admin/offers/6/removal", &[])
        .await
        .assert_not_found();
    assert_done(
        &editor.post("/admin/offers/6/1/removal", &[]).await,
        "/admin/offers",
    );
    assert_eq!(figures(&site, "devops").await, json!([5, 5, 3000]));
    assert_verified(&site);
}

#[actix_web::test]
async fn a_keyed_candidate_is_not_moved_onto_the_same_person() {
    let site = site_with(&[
        rows("devops", "linux", 1..=1),
        rows("front-end", "css", 1..=1),
    ]);
    let editor = site.sign_in(EditorRole::Editor);
    let page = editor
        .post("/admin/offers/1/1", &offer(&[("role", "front-end")]))
        .await;
    assert_wrong(page, "One person is one candidate");
    assert_verified(&site);
}

#[actix_web::test]
async fn offers_are_found_page_by_page() {
    let site = site_with(&[
        rows("devops", "linux;docker", 1..=60),
        rows("front-end", "css", 61..=70),
    ]);
    let editor = site.sign_in(EditorRole::Editor);
    let page = editor.get("/admin/offers").await.assert_ok();
    let page = page
        .assert_shows("$70,000")
        .assert_shows("$21,000")
        .assert_does_not_show("$20,000");
    let next = page
        .body
        .split("href=\"")
        .find(|part| part.contains("rel=\"next\""))
        .unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    let page = editor.get(&next).await.assert_ok();
    page.assert_shows("$20,000")
        .assert_shows("$1,000<")
        .assert_does_not_show("$21,000")
        .assert_does_not_show("rel=\"next\"");
    for (query, shown, hidden) in [
        ("role=front-end", "$61,000", "$60,000"),
        ("technology=docker", "$60,000", "$61,000"),
        ("technology=css&role=devops", "No offer fits", "$61,000"),
        ("key=c7", "$7,000", "$6,000"),
        ("key=devops-7", "$7,000", "$6,000"),
        ("key=c77", "No offer fits", "$7,000"),
        ("from=2024-05-02", "No offer fits", "$7,000"),
        (
            "from=2024-05-01&to=2024-05-01&source=survey&status=open",
            "$70,000",
            "No offer",
        ),
        ("status=accepted", "No offer fits", "$7,000"),
        ("from=May", "Write a day", "$7,000"),
        ("role=nobody", "no such role any more", "$7,000"),
        ("before=rubbish", "$70,000", "No offer"),
        ("before=0-0", "That was all", "$70,000"),
    ] {
        let page = editor.get(&format!("/admin/offers?{query}")).await;
        assert!(page.status.as_u16() < 500, "{query}");
        page.assert_shows(shown).assert_does_not_show(hidden);
    }
    TestSite::empty()
        .sign_in(EditorRole::Editor)
        .get("/admin/offers")
        .await
        .assert_ok()
        .assert_shows("There are no offers yet.");
}

#[actix_web::test]
async fn figures_in_prose_and_links_follow_renamed_and_merged_names() {
    let site = prose::site();
    let body = "Half ask for {{ median back-end-web/django }} or more.";
    prose::publish(&site, "money", Some("back-end-web"), body);
    let median = "<data value=\"7707\"";
    let shows = async |address: &str| {
        refresh(&site);
        site.get(address).await.assert_ok().assert_shows(median);
    };
    shows("/articles/money").await;
    let editor = site.sign_in(EditorRole::Editor);
    rename_role(&editor, role_id(&site, "back-end-web"), "web").await;
    let django = technology_id(&site, "django");
    let fields = [("name", "Django"), ("slug", "python-django")];
    editor
        .post(&format!("/admin/technologies/{django}"), &fields)
        .await;
    shows("/articles/money").await;
    shows("/salaries/web").await;
    let (web, front_end) = (role_id(&site, "web"), role_id(&site, "front-end"));
    let into = web.to_string();
    let merge = format!("/admin/roles/{front_end}/merger");
    assert_eq!(editor.post(&merge, &[("into", &into)]).await.status, 303);
    refresh(&site);
    // 4000, 5000, 5000, 6000, 6000, 7707, 8000, 9000, 10000
    let page = site.get("/articles/money").await.assert_ok();
    page.assert_shows("<data value=\"6000\"");
    assert_verified(&site);
}
