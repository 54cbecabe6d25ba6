//! Salary pages.

pub mod figures;
pub mod filter;
pub mod queries;
pub mod selection;
pub mod window;
