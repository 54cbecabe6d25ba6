//! What the tests share: a reader, who sits at a browser in front of the site.

mod browser;
mod http;
mod process;
mod reader;
mod site;

pub(crate) use browser::key;
pub(crate) use reader::Reader;
