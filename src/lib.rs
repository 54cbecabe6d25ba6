//! payband.

pub mod db;
pub mod ids;
pub mod import;
pub mod market;
pub mod money;
pub mod salaries;
pub mod schema;
pub mod slug;
