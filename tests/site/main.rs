//! Tests of the whole site: in process, each on a database of its own, `SQLite` or, where `PAYBAND_TEST_DATABASE` names a
//! server, `PostgreSQL`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step fails the test"
)]
#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::format_push_string,
    clippy::too_many_lines,
    reason = "test data is small, and reads best in one piece"
)]

mod support;

mod accounts;
mod admin;
mod article_forms;
mod articles;
mod caching;
mod commands;
mod connections;
mod copying;
mod crawl;
mod derived;
mod figures;
mod house_rules;
mod images;
mod import_screen;
mod imports;
mod instances;
mod issues;
mod live;
mod mail;
mod market;
mod moves;
mod newsletter;
mod pages;
mod prose;
mod publish_check;
mod references;
mod replicas;
mod salaries;
mod search_engines;
mod sharing;
mod structured;
mod tls;
mod undo;
mod writing;
