//! Notices: one sentence on the page after a form was taken, such as “The article is published.” It travels in a cookie that
//! is taken away once it was shown.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::LOCATION;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

const COOKIE: &str = "payband-notice";

/// Characters of a notice at most, so that it fits into a cookie.
const LONGEST: usize = 600;

/// A sentence for whoever sent a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// Whether it tells of something that did not work.
    pub is_problem: bool,
    /// How to take back what was done: what the button says, and the address that it posts to.
    pub undo: Option<(String, String)>,
}

impl Notice {
    /// Something was done.
    #[must_use]
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_problem: false,
            undo: None,
        }
    }

    /// Something could not be done.
    #[must_use]
    pub fn problem(text: impl Into<String>) -> Self {
        Self {
            is_problem: true,
            ..Self::done(text)
        }
    }

    /// The same with a button that takes it back, by a POST to an address of the admin.
    #[must_use]
    pub fn with_undo(self, label: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            undo: Some((label.into(), address.into())),
            ..self
        }
    }

    /// The notice that a request brings. Whoever reads it shows it: the answer takes it away.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let notice = Self::from_cookie(request.cookie(COOKIE)?.value());
        request.extensions_mut().insert(Shown);
        notice
    }

    fn from_cookie(value: &str) -> Option<Self> {
        let json = hex::decode(value).ok()?;
        let notice: Self = serde_json::from_slice(&json).ok()?;
        let undo = notice
            .undo
            .filter(|(_, address)| address.starts_with("/admin/"));
        Some(Self { undo, ..notice })
    }

    fn to_cookie(&self) -> Cookie<'static> {
        let text = self.text.chars().take(LONGEST).collect();
        let short = Self {
            text,
            ..self.clone()
        };
        let json = serde_json::to_vec(&short).unwrap_or_default();
        cookie(hex::encode(json), Duration::minutes(1))
    }
}

/// The request's notice is on the page.
struct Shown;

/// Answers a form: go there, and read this.
#[must_use]
pub fn see_other(to: &str, notice: &Notice) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, to))
        .cookie(notice.to_cookie())
        .finish()
}

/// Takes away a notice that the page shows.
pub fn clear_shown<B>(response: &mut ServiceResponse<B>) {
    let was_shown = response.request().extensions().contains::<Shown>();
    if was_shown {
        // Only a cookie that cannot be written is refused, and this one can.
        let _ = response
            .response_mut()
            .add_cookie(&cookie(String::new(), Duration::ZERO));
    }
}

fn cookie(value: String, age: Duration) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path("/admin")
        .max_age(age)
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_reads_back_as_itself() {
        let notice = Notice::done("\u{201c}Django; 100 %\u{201d} is in the bin.")
            .with_undo("Take it back", "/admin/articles/7/restoration");
        assert_eq!(
            Notice::from_cookie(notice.to_cookie().value()),
            Some(notice)
        );
    }

    #[test]
    fn a_notice_posts_to_the_admin_alone() {
        let notice = Notice::done("Done.").with_undo("Undo", "https://evil.example/");
        let read = Notice::from_cookie(notice.to_cookie().value()).unwrap();
        assert_eq!(read.undo, None);
        assert_eq!(Notice::from_cookie("rubbish"), None);
    }

    #[test]
    fn a_long_notice_fits_into_a_cookie() {
        let notice = Notice::problem("\u{20ac}".repeat(5000));
        assert!(notice.to_cookie().to_string().len() < 4096);
    }
}
