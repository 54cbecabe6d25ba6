//! The newsletter: who gets it, how they come and go, and the mails that leave.
//!
//! ```text
//! a form on a page    pages::sign_up     typed, checked, slowed down; nothing is sent by the request itself
//!   -> signing_up     a request, and a letter with a link; what an address gets is the same whoever it belongs to
//! new figures         moves              a letter for whoever wants to hear of them, where they moved
//! an editor           issues             written, scheduled, begun: a letter for every subscriber
//! the link            pages::confirm     one button; only then is somebody a subscriber
//! any mail            pages::leave       one button, or the mail program's; pages::preferences for all else
//!   -> letters        what waits, what is on its way, what became of it
//!   -> postman        the one of all instances that sends, one letter after the other, each once
//! ```
//!
//! Links in mails are signed (`tokens`), so that none has to be kept. Who must not be written to is in `suppressions`.

mod admin;
pub mod attempts;
pub mod bounces;
pub mod interests;
pub mod issues;
pub mod letters;
mod mails;
pub mod moves;
pub mod pages;
pub mod postman;
pub mod roll;
pub mod signing_up;
pub mod subscribers;
pub mod suppressions;
pub mod tokens;
pub mod upkeep;

use crate::market::words::vocabulary;

pub use admin::admin_routes;
pub use pages::{SignUpBox, routes};
pub use postman::Postman;

/// The settings of the newsletter.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `PAYBAND_BOUNCE_SECRET`: what a mail provider proves itself with when it tells of bounces; none where none may.
    pub bounce_secret: Option<String>,
    /// `PAYBAND_MOVE_PERCENT`: by how much offers have to change before a notice tells of it.
    pub move_percent: i64,
}

/// Which wording of the form somebody agreed to. Another number belongs to every change of what the form says.
pub const FORM_VERSION: i32 = 1;

vocabulary! {
    /// How somebody stands to the newsletter.
    State, "a state of a subscriber" {
        /// They have not pressed the button that their mail leads to.
        Pending = "pending", "Not confirmed";
        /// They get mails.
        Confirmed = "confirmed", "Confirmed";
        /// They left.
        Left = "left", "Left";
        /// Nobody can be reached at their address.
        Bounced = "bounced", "Bounced";
        /// They called a mail unwanted.
        Complained = "complained", "Complained";
    }
}

vocabulary! {
    /// How somebody came to the newsletter.
    Origin, "an origin of a subscriber" {
        /// By a form of the site, which they confirmed.
        Form = "form", "Form";
        /// An editor imported the address.
        Import = "import", "Import";
    }
}

vocabulary! {
    /// Why an address gets no mail.
    Reason, "a reason" {
        /// Nobody can be reached there.
        Bounced = "bounced", "Bounced";
        /// Its owner called a mail unwanted.
        Complained = "complained", "Complained";
        /// Its owner had all data removed.
        Removed = "removed", "Data removed";
        /// An editor said so.
        ByHand = "by_hand", "By hand";
    }
}
