//! A reader: somebody at a browser, in front of the site.

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use super::browser::{Browser, key};
use super::site::Site;

/// How long a page may take to do what was asked.
const PATIENCE: Duration = Duration::from_secs(40);

/// Somebody at a browser, in front of a site that is there for them alone.
pub(crate) struct Reader {
    /// The browser.
    pub(crate) browser: Browser,
    /// The site.
    pub(crate) site: Site,
}

impl Reader {
    /// A reader; `None` where there is no browser.
    pub(crate) fn arrives() -> Option<Self> {
        Self::with(true)
    }

    /// A reader whose browser runs no scripts; `None` where there is no browser.
    pub(crate) fn arrives_without_javascript() -> Option<Self> {
        Self::with(false)
    }

    fn with(javascript: bool) -> Option<Self> {
        Some(Self {
            browser: Browser::open(javascript)?,
            site: Site::start(),
        })
    }

    /// Opens a page of the site.
    pub(crate) fn opens(&self, path: &str) {
        self.browser.go(&format!("{}{path}", self.site.origin));
    }

    /// Goes on as an editor of that name, whose account is made for it; answers the session's token.
    pub(crate) fn signs_in_as(&self, name: &str) -> String {
        let token = self.site.session_of(name);
        self.opens("/");
        self.goes_on_with(&token);
        token
    }

    /// Goes on with the session of a token.
    pub(crate) fn goes_on_with(&self, token: &str) {
        self.browser.set_cookie("payband", token);
    }

    /// Clicks on the first element that the CSS selector names.
    pub(crate) fn clicks(&self, selector: &str) {
        self.browser.click(&self.browser.find(selector));
    }

    /// Presses a key.
    pub(crate) fn presses(&self, key: char) {
        self.browser.press(key);
    }

    /// Presses Tab until the first element that the CSS selector names has the focus.
    pub(crate) fn tabs_to(&self, selector: &str) {
        let focused = format!("document.activeElement === document.querySelector({selector:?})");
        for _ in 0..100 {
            self.presses(key::TAB);
            if self.finds(&focused) {
                return;
            }
        }
        panic!("Tab does not reach {selector}");
    }

    /// Types, key by key, into what has the focus.
    pub(crate) fn types(&self, text: &str) {
        for key in text.chars() {
            self.presses(key);
        }
    }

    /// The text that can be seen of the first element that the CSS selector names.
    pub(crate) fn sees(&self, selector: &str) -> String {
        self.browser.find(selector).text()
    }

    /// What the JavaScript expression is in the page.
    pub(crate) fn finds<T: DeserializeOwned>(&self, expression: &str) -> T {
        let value = self.browser.run(&format!("return {expression}"));
        serde_json::from_value(value).unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Waits until the JavaScript expression is true in the page.
    pub(crate) fn waits_until(&self, expression: &str) {
        let start = Instant::now();
        while !self.finds::<bool>(expression) {
            assert!(start.elapsed() < PATIENCE, "never true: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the page's path and query are these.
    pub(crate) fn gets_to(&self, path: &str) {
        let wanted = format!("{}{path}", self.site.origin);
        let start = Instant::now();
        while self.browser.address() != wanted {
            assert!(
                start.elapsed() < PATIENCE,
                "at {} instead of {wanted}",
                self.browser.address()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
