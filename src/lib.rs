//! payband: a self-hosted, server-rendered job-market website in one binary.

pub mod app;
pub mod articles;
pub mod cli;
pub mod config;
pub mod db;
pub mod demo;
pub mod error;
pub mod health;
pub mod home;
pub mod ids;
pub mod import;
pub mod market;
pub mod methodology;
pub mod money;
pub mod salaries;
pub mod schema;
pub mod search;
pub mod seo;
pub mod slug;
pub mod technologies;
pub mod web;
