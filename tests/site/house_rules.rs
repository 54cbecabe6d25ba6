//! Rules that the code and the database keep everywhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use actix_web::http::Method;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use payband::db::{Conn, DbError};

use crate::support::{TestSite, on_postgres};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Everything that migrations make, by name.
fn objects(conn: &mut Conn) -> BTreeSet<String> {
    let names: Vec<Name> = match conn {
        Conn::Sqlite(conn) => diesel::sql_query(
            "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        )
        .load(conn)
        .unwrap(),
        Conn::Postgres(conn) => diesel::sql_query(
            "WITH site AS (SELECT oid FROM pg_namespace WHERE nspname = 'public'), \
                  ours AS (SELECT oid, relname FROM pg_class WHERE relnamespace IN (TABLE site) AND relname NOT LIKE '\\_\\_%') \
             SELECT relname::text AS name FROM ours \
             UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace IN (TABLE site) AND proname NOT LIKE 'diesel%' \
             UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal",
        )
        .load(conn)
        .unwrap(),
    };
    names.into_iter().map(|row| row.name).collect()
}

#[test]
fn both_databases_have_the_same_migrations_and_each_has_a_way_back() {
    let (sqlite, postgres) = (
        root().join("migrations/sqlite"),
        root().join("migrations/postgres"),
    );
    assert_eq!(names(&sqlite), names(&postgres));
    for folder in [&sqlite, &postgres] {
        for name in names(folder) {
            let files = names(&folder.join(&name));
            assert_eq!(
                files,
                BTreeSet::from(["up.sql".to_owned(), "down.sql".to_owned()]),
                "{name}"
            );
        }
    }
}

#[test]
fn down_undoes_up() {
    let site = TestSite::empty();
    let kind = if on_postgres() { "postgres" } else { "sqlite" };
    let folder = root().join("migrations").join(kind);
    site.db
        .write_blocking(|conn| {
            let full = objects(conn);
            assert!(full.contains("offers"));
            let run = |conn: &mut Conn, name: &str, direction: &str| {
                let sql = fs::read_to_string(folder.join(name).join(direction)).unwrap();
                conn.batch_execute(&sql).unwrap();
            };
            let migrations = names(&folder);
            let mut states = Vec::new();
            for name in migrations.iter().rev() {
                states.push(objects(conn));
                run(conn, name, "down.sql");
            }
            assert_eq!(objects(conn), BTreeSet::new());
            for name in &migrations {
                run(conn, name, "up.sql");
                assert_eq!(objects(conn), states.pop().unwrap(), "{name}");
            }
            assert_eq!(objects(conn), full);
            Ok::<_, DbError>(())
        })
        .unwrap();
}

#[test]
fn every_foreign_key_has_an_index() {
    let site = TestSite::empty();
    site.db
        .read_blocking(|conn| {
            let missing: Vec<Name> = match conn {
                Conn::Sqlite(conn) => diesel::sql_query(
                    "SELECT t.name || '.' || f.\"from\" AS name FROM sqlite_master t, pragma_foreign_key_list(t.name) f \
                     WHERE t.type = 'table' AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) i, \
                     pragma_index_info(i.name) c WHERE c.seqno = 0 AND c.name = f.\"from\")",
                )
                .load(conn)
                .unwrap(),
                Conn::Postgres(conn) => diesel::sql_query(
                    "SELECT conrelid::regclass::text || '.' || conkey[1] AS name FROM pg_constraint c \
                     WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND NOT EXISTS \
                     (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])",
                )
                .load(conn)
                .unwrap(),
            };
            // A technology's candidates are found through the index that begins with the technology.
            assert_eq!(missing.into_iter().map(|row| row.name).collect::<Vec<_>>(), Vec::<String>::new());
            Ok::<_, DbError>(())
        })
        .unwrap();
}

/// Reads all columns of each table through the schema.
macro_rules! assert_readable {
    ($conn:ident, $($table:ident),+) => {
        $(
            let all = payband::schema::$table::table.select(payband::schema::$table::all_columns);
            all.limit(3).execute($conn).unwrap();
        )+
        const TABLES: &[&str] = &[$(stringify!($table)),+];
        let count = format!(
            "SELECT {} AS count",
            TABLES.iter().map(|table| format!("(SELECT count(*) FROM {table})")).collect::<Vec<_>>().join(" + ")
        );
        let rows: Count = match $conn {
            Conn::Sqlite(conn) => diesel::sql_query(&count).get_result(conn).unwrap(),
            Conn::Postgres(conn) => diesel::sql_query(&count).get_result(conn).unwrap(),
        };
        assert!(rows.count > 0);
    };
}

#[test]
fn the_schema_reads_every_table() {
    let site = TestSite::demo();
    site.db
        .read_blocking(|conn| {
            assert_readable!(
                conn,
                sources,
                roles,
                technologies,
                imports,
                candidates,
                offers,
                facts,
                reports,
                role_sources,
                trends,
                articles,
                renditions,
                revisions,
                working_copies,
                article_redirects,
                preview_links,
                versions,
                page_changes,
                announcements,
                images,
                editors,
                sessions,
                one_time_links,
                sign_in_failures,
                events,
                role_redirects,
                technology_redirects,
                removed_offers,
                secrets,
                subscribers,
                interests,
                sign_ups,
                sign_up_attempts,
                suppressions,
                letters,
                issues
            );
            Ok::<_, DbError>(())
        })
        .unwrap();
}

#[test]
fn the_database_itself_refuses_what_must_not_be() {
    let site = TestSite::demo();
    for statement in [
        "UPDATE offers SET monthly_usd = 0",
        "UPDATE offers SET monthly_usd = 1000000",
        "UPDATE offers SET status = 'lost'",
        "UPDATE offers SET candidate_id = -1",
        "UPDATE offers SET offered_on = '1989-12-31'",
        "UPDATE candidates SET seniority = 'boss'",
        "UPDATE candidates SET experience_years = -1",
        "UPDATE candidates SET country = 'UKR'",
        "UPDATE sources SET pay = 'cash'",
        "UPDATE roles SET slug = 'same'",
        "DELETE FROM roles",
        "UPDATE articles SET state = 'lost'",
        "UPDATE articles SET state = 'draft'",
        "UPDATE articles SET published_at = NULL",
        "UPDATE articles SET revision = 0",
        "UPDATE revisions SET name = ''",
    ] {
        let refused = site
            .db
            .write_blocking(|conn| conn.batch_execute(statement).map_err(DbError::from));
        assert!(refused.is_err(), "{statement}");
    }
}

/// Paths of the admin's own pages, as they are written where features declare them, with what handlers name.
fn admin_resources() -> Vec<String> {
    let mut paths = Vec::new();
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for (place, _) in text.match_indices("fn admin_routes(") {
            let body = text[place..].split("\n}").next().unwrap();
            let resources = body.split("web::resource(").skip(1);
            for resource in resources {
                let path = resource.trim_start().strip_prefix('"').unwrap();
                paths.push(path.split('"').next().unwrap().to_owned());
            }
        }
    }
    paths
}

#[actix_web::test]
async fn every_admin_route_sends_a_stranger_to_sign_in() {
    let site = TestSite::empty();
    let paths = admin_resources();
    assert!(paths.len() > 1, "{paths:?}");
    for path in paths {
        let mut address = "/admin".to_owned();
        for (place, part) in path.split(['{', '}']).enumerate() {
            // A path's changing parts stand between braces.
            address.push_str(if place % 2 == 0 { part } else { "1" });
        }
        let page = site.get(&address).await.assert_status(303);
        let to = page.header("location").unwrap();
        assert!(to.starts_with("/admin/sign-in?to="), "{address}: {to}");
        let json = [("accept", "application/json")];
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let answer = site.send(method, &address, &json).await;
            assert_eq!(answer.status, 401, "{address}");
        }
    }
}

#[test]
fn handlers_of_the_admin_name_the_editor() {
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for (place, _) in text.match_indices("fn admin_routes(") {
            let body = text[place..].split("\n}").next().unwrap();
            for handler in body.split(".to(").skip(1) {
                let handler = handler.split(')').next().unwrap();
                let Some((_, rest)) = text.split_once(&format!("async fn {handler}(")) else {
                    continue;
                };
                let arguments = rest.split("->").next().unwrap();
                let names = ["Editor", "Admin", "SignedIn"];
                assert!(
                    names.iter().any(|name| arguments.contains(name)),
                    "{handler} in {} names no editor",
                    file.display()
                );
            }
        }
    }
}

/// Every Rust file below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn the_arithmetic_knows_neither_http_nor_sql() {
    for name in [
        "salaries/figures.rs",
        "salaries/filter.rs",
        "salaries/counter.rs",
        "salaries/derive.rs",
        "salaries/facts.rs",
        "salaries/role_facts.rs",
        "salaries/selection.rs",
        "salaries/window.rs",
        "salaries/chart.rs",
        "articles/live_figures/placeholder.rs",
        "articles/live_figures/markers.rs",
        "articles/publish_check/mod.rs",
        "articles/publish_check/scan.rs",
        "articles/publish_check/amounts/mod.rs",
        "articles/publish_check/amounts/reading.rs",
        "articles/publish_check/addresses.rs",
        "articles/markdown.rs",
        "articles/publication.rs",
        "images/names.rs",
        "images/processing.rs",
        "demo/market.rs",
        "import/profile.rs",
        "import/row.rs",
        "import/decode.rs",
        "mail/address.rs",
        "mail/message.rs",
    ] {
        let text = fs::read_to_string(root().join("src").join(name)).unwrap();
        for foreign in ["actix", "diesel"] {
            let imported = text
                .lines()
                .any(|line| line.starts_with("use ") && line.contains(foreign));
            assert!(!imported, "{name} imports {foreign}");
        }
    }
}

#[test]
fn only_the_database_s_own_module_takes_connections() {
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        if !file.starts_with(root().join("src/db")) {
            assert!(!text.contains("establish("), "{}", file.display());
        }
    }
}

#[test]
fn every_setting_is_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut settings = BTreeSet::from(["RUST_LOG".to_owned()]);
    for name in ["config.rs", "cli.rs"] {
        let text = fs::read_to_string(root().join("src").join(name)).unwrap();
        for rest in text.split("env = \"").skip(1) {
            settings.insert(rest.split('"').next().unwrap().to_owned());
        }
    }
    assert!(settings.len() > 10, "{settings:?}");
    for setting in settings {
        assert!(
            readme.contains(&format!("`{setting}`")),
            "{setting} is not in the README"
        );
    }
}
