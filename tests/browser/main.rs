//! The real site in real Chromium: what only a browser can tell.
//!
//! Each test starts the program on a copy of the demo, and a browser of its own through chromedriver. Without Chromium
//! the tests say that they are skipped; with `PAYBAND_TEST_BROWSER=required` they fail instead.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failed step fails the test"
)]

mod support;

mod admin;
mod chart;
mod colours;
mod filters;
mod importing;
mod keyboard;
mod live;
mod newsletter;
mod pages;
mod search;
mod without_javascript;
mod writing;
