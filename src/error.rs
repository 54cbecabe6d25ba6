//! What can go wrong while a page is made, and the status each gets. The page that shows it is `web::error_pages`'.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};

use crate::db::DbError;
use crate::web::Link;

/// An error of a request.
#[derive(Debug)]
pub enum AppError {
    /// There is nothing at the address: 404.
    NotFound {
        /// What was looked for, as a sentence for the visitor.
        what: String,
        /// Pages that the visitor may have meant, the likeliest first.
        near: Vec<Link>,
    },
    /// What was sent cannot be understood: 400. A sentence for the visitor.
    Invalid(String),
    /// Nobody is signed in: 401.
    SignedOut,
    /// Whoever is signed in may not do this: 403. A sentence for the visitor.
    Forbidden(String),
    /// Something changed meanwhile, so that this cannot be done any more: 409. A sentence for the visitor.
    Conflict(String),
    /// There was something at the address, and it was taken back: 410. A sentence for the visitor.
    Gone(String),
    /// More was sent than is read: 413. A sentence for the visitor.
    TooLarge(String),
    /// Something of the site's own failed, such as the disk: 500. The cause is for the log.
    Failed(String),
    /// The database did not answer: 503 when it is busy, else 500.
    Database(DbError),
    /// A page could not be written: 500.
    Template(askama::Error),
    /// Nobody more can be told of changes: 503.
    TooManyReaders,
}

impl AppError {
    /// What the visitor reads of it, where there is more to say than its status does.
    #[must_use]
    pub fn for_visitor(&self) -> Option<&str> {
        match self {
            Self::NotFound { what, .. } => Some(what),
            Self::Invalid(sentence)
            | Self::Forbidden(sentence)
            | Self::Conflict(sentence)
            | Self::Gone(sentence)
            | Self::TooLarge(sentence) => Some(sentence),
            Self::SignedOut => Some("Please sign in first."),
            Self::Failed(_) | Self::Database(_) | Self::Template(_) | Self::TooManyReaders => None,
        }
    }

    /// Nothing is at the address, and nothing near it is known.
    #[must_use]
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound {
            what: what.into(),
            near: Vec::new(),
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { what, .. } => f.write_str(what),
            Self::Invalid(sentence)
            | Self::Forbidden(sentence)
            | Self::Conflict(sentence)
            | Self::Gone(sentence)
            | Self::TooLarge(sentence) => f.write_str(sentence),
            Self::SignedOut => f.write_str("nobody is signed in"),
            Self::Failed(cause) => f.write_str(cause),
            Self::Database(error) => write!(f, "{error}"),
            Self::TooManyReaders => {
                f.write_str("there are as many open pages as PAYBAND_LIVE_READERS allows")
            }
            Self::Template(error) => write!(f, "a template could not be written: {error}"),
        }
    }
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<diesel::result::Error> for AppError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<getrandom::Error> for AppError {
    fn from(error: getrandom::Error) -> Self {
        Self::Failed(format!("the system gave no random bytes: {error}"))
    }
}

impl From<askama::Error> for AppError {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Gone(_) => StatusCode::GONE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Database(error) if error.is_busy() => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooManyReaders => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) | Self::Database(_) | Self::Template(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        if matches!(self, Self::TooManyReaders) {
            let seconds = HeaderValue::from_static("60");
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}
