//! Share images: what networks, messengers and search engines show beside a link. PNG, 1200 by 630 pixels, drawn from the
//! same chart as the page, with fonts that are part of the binary.
//!
//! [`Card`] says what stands on one, and whether two look alike; `text` finds the size at which words fit; `draw` makes the
//! picture. A page names the image by an address that ends with [`Card::tag`], so that it changes with what is drawn.

mod card;
mod draw;
mod links;
mod pages;
mod text;

pub use card::{Card, Figured};
pub use links::links;
pub use pages::{file, image_of, routes, split_tag};
