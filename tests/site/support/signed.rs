//! Somebody at a browser, with its cookies, who may be signed in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::http::Method;
use chrono::Utc;
use payband::db::DbError;
use payband::editors::tokens::Token;
use payband::editors::{Editor, EditorRole, accounts, sessions};
use payband::web::query_escaped;

use super::{Answer, Page, TestSite};

/// A password that everybody in a test may have.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody at a browser.
pub(crate) struct Signed<'a> {
    site: &'a TestSite,
    /// Who is signed in, where it began so.
    editor: Option<Editor>,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl TestSite {
    /// Somebody who is not signed in.
    pub(crate) fn visitor(&self) -> Signed<'_> {
        Signed {
            site: self,
            editor: None,
            cookies: RefCell::default(),
        }
    }

    /// Somebody with an account of their own, who is signed in already.
    pub(crate) fn sign_in(&self, role: EditorRole) -> Signed<'_> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let email = format!("{role}-{count}@jobs.example").parse().unwrap();
        let name = format!("{} {count}", role.label());
        let token = Token::random().unwrap();
        let editor = self.db.write_blocking(|conn| {
            let now = Utc::now().naive_utc();
            let id = accounts::create(conn, &email, &name, role, None, now)?;
            sessions::begin(conn, id, &token, "A test", now)?;
            Ok::<_, DbError>(accounts::by_email(conn, &email)?.unwrap())
        });
        let signed = Signed {
            editor: Some(editor.unwrap()),
            ..self.visitor()
        };
        let mut cookies = signed.cookies.borrow_mut();
        cookies.insert("__Host-payband".to_owned(), token.hex());
        drop(cookies);
        signed
    }
}

impl Signed<'_> {
    /// Who it is.
    pub(crate) fn editor(&self) -> &Editor {
        self.editor.as_ref().unwrap()
    }

    /// Opens a page.
    pub(crate) async fn get(&self, address: &str) -> Page {
        self.page(Method::GET, address, &[], Vec::new()).await
    }

    /// Sends a form.
    pub(crate) async fn post(&self, address: &str, fields: &[(&str, &str)]) -> Page {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let body = form_of(fields).into_bytes();
        self.page(Method::POST, address, &[form], body).await
    }

    /// Sends anything, and reads a page.
    pub(crate) async fn page(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Page {
        let answer = self.send(method, address, headers, body).await;
        Page {
            address: address.to_owned(),
            status: answer.status,
            headers: answer.headers,
            body: String::from_utf8(answer.body).unwrap(),
        }
    }

    /// Sends anything.
    pub(crate) async fn send(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let cookies = self.cookie_header();
        let mut all = vec![("sec-fetch-site", "same-origin"), ("cookie", &cookies)];
        all.retain(|(name, value)| !value.is_empty() && headers.iter().all(|(own, _)| own != name));
        all.extend_from_slice(headers);
        let changes = method != Method::GET;
        let answer = self.site.send_body(method, address, &all, body).await;
        self.keep_cookies(&answer);
        if changes && let Some(versions) = self.site.parts.cache.versions() {
            // A server tells of changes a moment later than it makes them.
            versions.refresh().unwrap();
        }
        answer
    }

    /// A cookie's value.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.borrow();
        let pairs = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&self, answer: &Answer) {
        let mut cookies = self.cookies.borrow_mut();
        for (name, value) in &answer.headers {
            if name != "set-cookie" {
                continue;
            }
            let (pair, attributes) = value.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// Fields as a form sends them.
pub(crate) fn form_of(fields: &[(&str, &str)]) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", query_escaped(name), query_escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}
