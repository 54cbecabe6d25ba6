//! The salary pages: from offers to figures, charts and data.
//!
//! [`facts`] packs what figures ask of candidates, and [`role_facts`] joins what is packed of a role; [`selection`] picks window,
//! pay basis and candidates out of them; [`figures`] is the arithmetic; [`mod@derive`] says what is kept ready, and has it counted
//! by `counter`; [`upkeep`] keeps it in step with the rows; [`queries`] finds it; [`report`] puts together what a page shows,
//! [`chart`] the geometry, [`view`] its words, `sharing` what it tells search engines and networks. Of these, `chart`,
//! `counter`, `derive`, `facts`, `figures`, `filter`, `role_facts`, `selection` and `window` know neither HTTP nor SQL.

pub mod chart;
mod counter;
pub mod data;
pub mod derive;
pub mod facts;
pub mod figures;
pub mod filter;
pub mod pages;
pub mod queries;
pub mod report;
pub mod role_facts;
pub mod selection;
mod sharing;
pub mod upkeep;
pub mod verify;
pub mod view;
pub mod window;

pub use chart::{Histogram, margins};
pub use facts::{Candidate, Offer, Profile};
pub use figures::Figures;
pub use filter::Filters;
pub use report::{
    Report, Subject, Summary, Trend, most_offered_role, published_addresses, summaries, trending,
};
pub use upkeep::{
    Block, NO_TECHNOLOGY, Packed, Upkeep, blocks_of_role, blocks_of_source, derive_all, is_missing,
};
pub use verify::verify;
pub use view::{Headline, Level, levels};
pub use window::{Month, Window};
