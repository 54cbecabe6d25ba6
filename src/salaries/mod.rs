//! The salary pages: from offers to figures, charts and data.
//!
//! [`queries`] reads the facts of a role; [`selection`] picks window, pay basis and candidates out of them; [`figures`] is
//! the arithmetic; [`chart`] the geometry; [`report`] puts together what a page shows, [`view`] writes it. Of these, `figures`, `filter`,
//! `selection`, `window` and `chart` know neither HTTP nor SQL.

pub mod chart;
pub mod data;
pub mod figures;
pub mod filter;
pub mod pages;
pub mod queries;
pub mod report;
pub mod selection;
pub mod view;
pub mod window;

pub use chart::{Histogram, margins};
pub use filter::Filters;
pub use queries::Scope;
pub use report::{
    Report, Subject, Summary, Trend, most_offered_role, published_addresses, summaries, trending,
};
pub use view::{Headline, Level, levels};
