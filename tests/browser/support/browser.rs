//! The browser: headless Chromium, driven by the W3C `WebDriver` protocol through a chromedriver of its own.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::http;
use super::process::Process;

/// What `WebDriver` calls an element in its messages.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys that are no characters, as `WebDriver` counts them.
pub(crate) mod key {
    pub(crate) const TAB: char = '\u{E004}';
    pub(crate) const ENTER: char = '\u{E007}';
    pub(crate) const ESCAPE: char = '\u{E00C}';
    pub(crate) const END: char = '\u{E010}';
    pub(crate) const HOME: char = '\u{E011}';
    pub(crate) const LEFT: char = '\u{E012}';
    pub(crate) const RIGHT: char = '\u{E014}';
}

/// An open browser. It and its files go with the value.
pub(crate) struct Browser {
    /// Where the driver listens, `host:port`.
    driver: String,
    session: String,
    _process: Process,
    _folder: TempDir,
}

impl Browser {
    /// Opens a browser; `None`, and a line that says so, where there is none.
    ///
    /// # Panics
    /// Where there is none and `PAYBAND_TEST_BROWSER=required`.
    pub(crate) fn open(javascript: bool) -> Option<Self> {
        let programs = program(&["chromedriver"]).zip(program(&["chromium", "google-chrome"]));
        let Some((chromedriver, chromium)) = programs else {
            assert!(
                std::env::var("PAYBAND_TEST_BROWSER").as_deref() != Ok("required"),
                "PAYBAND_TEST_BROWSER=required, but chromium and chromedriver are not both installed"
            );
            let test = std::thread::current();
            // Straight to the stream: what goes through `eprintln!` is hidden while tests pass.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: {}: chromium and chromedriver are not both installed",
                test.name().unwrap_or("a test")
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let (process, rest) = Process::start(
            Command::new(chromedriver)
                .arg("--port=0")
                .env("TMPDIR", folder.path())
                .stderr(Stdio::null()),
            "ChromeDriver was started successfully on port ",
        );
        let driver = format!("127.0.0.1:{}", rest.trim_end_matches('.'));
        let mut options = json!({
            "binary": chromium,
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--window-size=1280,1000",
                format!("--user-data-dir={}", folder.path().join("profile").display()),
            ],
        });
        if !javascript {
            options["prefs"] = json!({"profile.managed_default_content_settings.javascript": 2});
        }
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let session = command(&driver, "POST", "/session", &capabilities);
        Some(Self {
            session: text(&session["sessionId"]),
            driver,
            _process: process,
            _folder: folder,
        })
    }

    /// Opens an address and waits until it is loaded.
    pub(crate) fn go(&self, address: &str) {
        self.post("url", &json!({ "url": address }));
    }

    /// The address of the page.
    pub(crate) fn address(&self) -> String {
        text(&self.get("url"))
    }

    /// Runs the body of a function in the page and gives what it returns.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({"script": script, "args": []}))
    }

    /// The first element that the CSS selector names.
    pub(crate) fn find(&self, selector: &str) -> Element<'_> {
        let found = self.post(
            "element",
            &json!({"using": "css selector", "value": selector}),
        );
        Element {
            browser: self,
            id: text(&found[ELEMENT]),
        }
    }

    /// Presses and releases a key: a character, or one of [`key`].
    pub(crate) fn press(&self, key: char) {
        self.act(&json!({"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": key},
            {"type": "keyUp", "value": key},
        ]}));
    }

    /// Moves the mouse to the middle of an element, which is scrolled to first.
    pub(crate) fn point_at(&self, element: &Element) {
        self.act(&json!({"type": "pointer", "id": "mouse", "actions": [self.way_to(element)]}));
    }

    /// Clicks with the mouse on whatever lies over the middle of an element, which is scrolled to first.
    ///
    /// `WebDriver`'s own click takes what a closed `<details>` holds for hidden, also where the style shows it.
    pub(crate) fn click(&self, element: &Element) {
        self.act(&json!({"type": "pointer", "id": "mouse", "actions": [
            self.way_to(element),
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]}));
    }

    fn way_to(&self, element: &Element) -> Value {
        let reference = json!({ELEMENT: element.id});
        let script = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})";
        self.post(
            "execute/sync",
            &json!({"script": script, "args": [&reference]}),
        );
        json!({"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": reference})
    }

    /// What the browser has written to its console since the last call.
    pub(crate) fn console(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().unwrap().iter();
        entries.map(|entry| text(&entry["message"])).collect()
    }

    /// Every cookie that the page has, those hidden from scripts included.
    pub(crate) fn cookies(&self) -> Value {
        self.get("cookie")
    }

    /// Gives the site that is open a cookie that scripts cannot read.
    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        let cookie = json!({"name": name, "value": value, "path": "/", "httpOnly": true});
        self.post("cookie", &json!({ "cookie": cookie }));
    }

    /// A picture of the page, as PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        from_base64(&text(&self.get("screenshot")))
    }

    /// Makes the page that wide, also narrower than a window can be.
    pub(crate) fn set_width(&self, pixels: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": false}),
        );
    }

    /// Gives the page that answer to a media query, such as `prefers-color-scheme`.
    pub(crate) fn set_media(&self, feature: &str, value: &str) {
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({"features": [{"name": feature, "value": value}]}),
        );
    }

    /// Runs a script at the beginning of every page that is opened from now on.
    pub(crate) fn run_before_scripts(&self, script: &str) {
        self.devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            &json!({ "source": script }),
        );
    }

    fn devtools(&self, name: &str, parameters: &Value) {
        self.post(
            "goog/cdp/execute",
            &json!({"cmd": name, "params": parameters}),
        );
    }

    fn act(&self, source: &Value) {
        self.post("actions", &json!({"actions": [source]}));
    }

    fn post(&self, what: &str, body: &Value) -> Value {
        let path = format!("/session/{}/{what}", self.session);
        command(&self.driver, "POST", &path, body)
    }

    fn get(&self, what: &str) -> Value {
        let path = format!("/session/{}/{what}", self.session);
        command(&self.driver, "GET", &path, &Value::Null)
    }
}

impl Drop for Browser {
    /// Ends the session, and Chromium with it; the driver is a process that ends with its handle.
    fn drop(&mut self) {
        let session = format!("/session/{}", self.session);
        let _ = http::request(&self.driver, "DELETE", &session, "");
    }
}

/// An element of the page that is open.
pub(crate) struct Element<'a> {
    browser: &'a Browser,
    id: String,
}

impl Element<'_> {
    /// The text that can be seen.
    pub(crate) fn text(&self) -> String {
        text(&self.browser.get(&format!("element/{}/text", self.id)))
    }
}

/// Sends one command and gives its value.
fn command(driver: &str, method: &str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let (status, answer) = http::request(driver, method, path, &body)
        .unwrap_or_else(|error| panic!("{method} {path} {body}: {error}"));
    let mut answer: Value = serde_json::from_slice(&answer).unwrap();
    assert!(
        status == 200,
        "{method} {path} {body}: {}",
        answer["value"]["message"]
    );
    answer["value"].take()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

/// The first of the programs that is installed.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/bin")])
        .collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

fn from_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for digit in text.bytes().filter(|&digit| digit != b'=') {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => panic!("{other} is not base64"),
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    bytes
}
