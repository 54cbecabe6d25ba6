//! Issues: what editors write to subscribers.
//!
//! | file | what |
//! | --- | --- |
//! | `form` | what was typed, and what is meant by it |
//! | `queries` | issues in the database |
//! | `sending` | how sending begins, pauses, goes on and ends, and what came of it |
//! | `rendering` | the text as its page and as mails show it, with the figures of that moment |

pub mod form;
pub mod queries;
pub mod rendering;
pub mod sending;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::interests::Interest;
use crate::ids::{EditorId, IssueId};
use crate::market::words::vocabulary;
use crate::schema::issues;
use crate::slug::Slug;

vocabulary! {
    /// How far an issue is.
    State, "a state of an issue" {
        /// Only editors see it.
        Draft = "draft", "Draft";
        /// It is sent by itself when its time has come.
        Scheduled = "scheduled", "Scheduled";
        /// Its mails leave.
        Sending = "sending", "Sending";
        /// Its mails wait for an editor.
        Paused = "paused", "Paused";
        /// The rest of its mails is not sent.
        Cancelled = "cancelled", "Cancelled";
        /// All its mails have left.
        Sent = "sent", "Sent";
    }
}

impl State {
    /// Whether its text can be changed: nobody has got it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Scheduled)
    }
}

/// An issue.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = issues)]
pub struct Issue {
    /// Key.
    pub id: IssueId,
    /// Name in the address of its page.
    pub slug: Slug,
    /// Heading, and the subject of its mails.
    pub title: String,
    /// One or two sentences under the title.
    pub summary: String,
    /// Markdown.
    pub body: String,
    /// How far it is.
    pub state: State,
    /// Counts its saves, from 1.
    pub revision: i64,
    /// Only for those who want to hear of it; for all who want every issue where it names nothing.
    #[diesel(select_expression = (issues::role_id, issues::technology_id))]
    pub audience: Interest,
    /// Who saved it last.
    pub editor_id: Option<EditorId>,
    /// When it is to be sent, UTC.
    pub scheduled_at: Option<NaiveDateTime>,
    /// When sending began, UTC.
    pub started_at: Option<NaiveDateTime>,
    /// When sending ended, UTC.
    pub finished_at: Option<NaiveDateTime>,
    /// When it was saved last, UTC.
    pub updated_at: NaiveDateTime,
}

/// The address of the page of the issue of that slug.
fn path(slug: &Slug) -> String {
    format!("/newsletter/issues/{slug}")
}

impl Issue {
    /// The address of its page.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.slug)
    }

    /// The address of its page in the admin.
    #[must_use]
    pub fn admin_path(&self) -> String {
        format!("/admin/issues/{}", self.id.0)
    }
}
