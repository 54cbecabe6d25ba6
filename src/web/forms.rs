//! Forms: what is wrong with what was typed, and what becomes of input that cannot be read.
//!
//! A handler checks what was typed. Where something is wrong it shows the same page again, with what was typed, each problem
//! beside its field, and a list of them on top ([`FieldErrors`], `partials/forms.html`). What goes wrong while a change is
//! written comes to the same page ([`FormError`]), so that nothing that was typed is lost because a database is busy.

use actix_web::error::JsonPayloadError;
use actix_web::error::{PathError, QueryPayloadError, UrlencodedError};
use actix_web::http::StatusCode;
use actix_web::web;

use crate::error::AppError;
use crate::slug::{MAX_LENGTH, Slug};

/// Bytes of a form at most: an article of some megabytes, as forms write it.
pub const FORM_BYTES: usize = 8 << 20;

/// What is wrong with a form: a sentence for each field, by its name, which is also its `id` on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors {
    /// In the order in which they were found.
    fields: Vec<(&'static str, String)>,
    /// What is wrong with no field of its own.
    whole: Option<String>,
    /// The status of the page, where it is another than that of a form with problems.
    status: Option<StatusCode>,
}

impl FieldErrors {
    /// A problem with the form as a whole.
    #[must_use]
    pub fn whole(sentence: impl Into<String>) -> Self {
        Self {
            whole: Some(sentence.into()),
            ..Self::default()
        }
    }

    /// The same with a status of its own, such as that of somebody who has to wait.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }

    /// Adds what is wrong with a field; the first problem of a field stays.
    pub fn add(&mut self, field: &'static str, sentence: impl Into<String>) {
        if self.of(field).is_none() {
            self.fields.push((field, sentence.into()));
        }
    }

    /// Adds that a field has more letters than it may.
    pub fn too_long(&mut self, field: &'static str, text: &str, most: usize) {
        let letters = text.chars().count();
        if letters > most {
            self.add(
                field,
                format!("This has {letters} letters; {most} are the most."),
            );
        }
    }

    /// The name in addresses that was typed into the field `slug`, or one made of a title where none was; what is wrong with
    /// it is added.
    pub fn slug(&mut self, typed: &str, title: &str) -> Option<Slug> {
        let typed = typed.trim();
        if typed.is_empty() {
            let made = Slug::from_text(title);
            if made.is_none() && !title.is_empty() {
                self.add(
                    "slug",
                    "The title has no Latin letter or digit that an address could be made of: type one, such as my-text.",
                );
            }
            return made;
        }
        let parsed = typed.parse().ok();
        if parsed.is_none() {
            let near = Slug::from_text(typed).map_or_else(String::new, |near| {
                format!(" Perhaps \u{201c}{near}\u{201d}?")
            });
            self.add(
                "slug",
                format!(
                    "An address has small Latin letters, digits and single hyphens between them, {MAX_LENGTH} at most.{near}"
                ),
            );
        }
        parsed
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.fields()
            .find(|(known, _)| *known == field)
            .map(|(_, sentence)| sentence)
    }

    /// What is wrong with the form as a whole.
    #[must_use]
    pub fn of_whole(&self) -> Option<&str> {
        self.whole.as_deref()
    }

    /// The fields with what is wrong, in the order in which that was found.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let fields = self.fields.iter();
        fields.map(|(field, sentence)| (*field, sentence.as_str()))
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.whole.is_none()
    }

    /// The status of the page that shows the form again: 422, or 503 where the database was busy.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.status {
            Some(status) => status,
            None if self.is_empty() => StatusCode::OK,
            None => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Goes on where nothing is wrong.
    ///
    /// # Errors
    /// [`FormError::Fields`] with what is.
    pub fn check(self) -> Result<(), FormError> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(FormError::Fields(self))
        }
    }
}

/// Declares what was typed: a text for each field of the form, by its name.
macro_rules! typed {
    ($($(#[$doc:meta])* $field:ident,)+) => {
        /// What was typed into the form, as it was typed.
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct Typed {
            $($(#[$doc])* pub $field: String,)+
        }

        impl Typed {
            /// What the fields of a sent form say; of fields with the same name the last counts. Line ends are those of
            /// files, and signs that no text has are left out.
            #[must_use]
            pub fn of(fields: &[(String, String)]) -> Self {
                let mut typed = Self::default();
                for (name, value) in fields {
                    match name.as_str() {
                        $(stringify!($field) => typed.$field = crate::web::forms::clean(value),)+
                        _ => {}
                    }
                }
                typed
            }

            /// The fields by name.
            #[must_use]
            pub fn fields(&self) -> Vec<(&'static str, &str)> {
                vec![$((stringify!($field), self.$field.as_str()),)+]
            }
        }
    };
}

pub(crate) use typed;

/// A text without the signs that no text has, and with the line ends of files.
#[must_use]
pub fn clean(text: &str) -> String {
    let is_kept = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(is_kept).collect()
}

/// A text in one line, with single spaces between its words.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a list lets choose, by name, after the word for none of it.
#[must_use]
pub fn options(none: &str, named: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut options: Vec<_> = named.collect();
    options.sort_by_cached_key(|(_, name)| name.to_lowercase());
    options.insert(0, (String::new(), none.to_owned()));
    options
}

/// Why a form was not taken.
#[derive(Debug)]
pub enum FormError {
    /// Something typed is wrong.
    Fields(FieldErrors),
    /// The site could not do it.
    Failed(AppError),
}

impl FormError {
    /// What the form shows when it comes back. That the database is busy is said there too.
    ///
    /// # Errors
    /// What is shown on a page of its own.
    pub fn into_errors(self) -> Result<FieldErrors, AppError> {
        match self {
            Self::Fields(errors) => Ok(errors),
            Self::Failed(AppError::Database(error)) if error.is_busy() => Ok(FieldErrors::whole(
                "The site is busy writing, perhaps an import. Nothing was saved, and nothing you typed is lost: \
                 please send the form again in a moment.",
            )
            .with_status(StatusCode::SERVICE_UNAVAILABLE)),
            Self::Failed(error) => Err(error),
        }
    }
}

impl From<FieldErrors> for FormError {
    fn from(errors: FieldErrors) -> Self {
        Self::Fields(errors)
    }
}

impl<E: Into<AppError>> From<E> for FormError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// How all forms, queries, paths and JSON bodies are read, and what is said where they cannot be.
pub fn inputs(config: &mut web::ServiceConfig) {
    config
        .app_data(of_bytes(FORM_BYTES))
        .app_data(
            web::JsonConfig::default()
                .limit(FORM_BYTES)
                .error_handler(|error, _| json_problem(&error).into()),
        )
        .app_data(
            web::QueryConfig::default().error_handler(|error, _| query_problem(&error).into()),
        )
        .app_data(web::PathConfig::default().error_handler(|error, _| path_problem(&error).into()));
}

/// How forms of so many bytes at most are read.
#[must_use]
pub fn of_bytes(most: usize) -> web::FormConfig {
    web::FormConfig::default()
        .limit(most)
        .error_handler(move |error, _| form_problem(&error, most).into())
}

fn too_large(most: usize) -> AppError {
    AppError::TooLarge(format!(
        "This is more than {} megabytes, more than the site takes in one form. Go back in your browser: what you typed \
         is still there.",
        most >> 20
    ))
}

fn form_problem(error: &UrlencodedError, most: usize) -> AppError {
    match error {
        UrlencodedError::Overflow { .. } => too_large(most),
        _ => AppError::Invalid("The form could not be read.".to_owned()),
    }
}

fn json_problem(error: &JsonPayloadError) -> AppError {
    match error {
        JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => {
            too_large(FORM_BYTES)
        }
        _ => AppError::Invalid("The JSON could not be read.".to_owned()),
    }
}

fn query_problem(_: &QueryPayloadError) -> AppError {
    AppError::Invalid(
        "The address has a part after the question mark that could not be read.".to_owned(),
    )
}

fn path_problem(_: &PathError) -> AppError {
    AppError::not_found("There is no page at this address.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::DbError;

    #[test]
    fn the_first_problem_of_a_field_stays() {
        let mut errors = FieldErrors::default();
        assert_eq!(errors.status(), StatusCode::OK);
        assert!(errors.clone().check().is_ok());
        errors.add("slug", "Write a slug.");
        errors.add("slug", "The slug is taken.");
        assert_eq!(errors.of("slug"), Some("Write a slug."));
        assert_eq!(errors.of("title"), None);
        assert_eq!(errors.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(errors.check().is_err());
    }

    #[test]
    fn a_busy_database_comes_back_to_the_form() {
        let busy = FormError::from(DbError::Busy).into_errors().unwrap();
        assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(
            busy.of_whole()
                .unwrap()
                .contains("nothing you typed is lost")
        );
        assert!(FormError::from(DbError::Cancelled).into_errors().is_err());
    }
}
