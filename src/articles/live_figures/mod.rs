//! Live figures in prose: an editor writes `{{ median back-end-web/django }}`, a visitor reads what the offers say now.
//!
//! [`Placeholder`] reads what stands between the braces; [`Markers`] takes the places through the renderer; the kept text has
//! room there ([`Piece::Figure`](super::markdown::Piece)). When a page is made, [`Lookup`] finds each selection once, in
//! the page's own transaction, and knows which topics the page shows with them. Texts without placeholders cost nothing.
//! Of these, `placeholder` and `markers` know neither HTTP nor SQL.

mod admin;
mod fill;
mod markers;
mod placeholder;
mod values;

pub use admin::admin_routes;
pub use fill::{Audience, Filled, Lookup, Reading};
pub use markers::{Cut, HeadingText, MOST, Markers, Spot};
pub use placeholder::{FigureKind, Placeholder, Selection, Unclear, between_braces, places};
pub use values::{Inline, Problem, inline};
