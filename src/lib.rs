//! payband: a self-hosted, server-rendered job-market website in one binary.
//!
//! # The map
//!
//! A feature is a folder, or a file while it is small. Inside a folder the layers are files: the domain (no HTTP, no
//! SQL), `queries` (SQL only) and `pages` (HTTP only). A feature's face is what its module re-exports. What features
//! share is in [`db`] and [`web`], and nothing there knows a feature.
//!
//! | where | what |
//! | --- | --- |
//! | [`cli`], [`config`] | the commands, their flags and settings |
//! | [`app`] | the site map: all routes and the layers around them, for the server and for tests |
//! | [`catalogue`] | names in memory: roles, technologies, sources, articles |
//! | [`market`] | the facts: roles, technologies, sources, and the vocabularies of candidates and offers; finding and changing them by hand |
//! | [`mod@import`] | from a CSV file and its profile to candidates and offers, in one transaction; its history, undoing, and the import screen with its jobs in the background |
//! | [`salaries`] | from offers to figures, charts, pages and data |
//! | [`articles`] | Markdown, its rendering, and the articles' pages |
//! | [`editors`] | accounts, sessions, sign-in, the guard of the admin, and the log of who did what |
//! | [`admin`] | the admin's frame and first page |
//! | [`images`] | what editors upload, encoded anew, kept in a folder or a bucket, and served |
//! | [`home`], [`search`], [`technologies`], [`compare`], [`methodology`] | pages of one view each |
//! | [`share`] | the pictures that stand beside a link, and links that hand a page on |
//! | [`seo`], [`health`], [`openapi`] | what search engines, operators and other programs read |
//! | [`export`], [`copy`] | everything that people put in, as files; everything there is, in another database |
//! | [`live`] | who has which page open, and is told when what it shows changes |
//! | [`newsletter`] | who gets it, how they come and go, and the mails that leave |
//! | [`mail`] | messages, and the conversation with a mail server |
//! | [`clock`] | what happens by itself while the site is served |
//! | [`demo`] | a generated market and the built-in articles |
//! | [`db`] | the one door to `SQLite` and `PostgreSQL`; migrations, TLS, replicas, turns of several instances |
//! | [`versions`] | when what pages show last changed, in the database and in memory |
//! | [`web`] | page and meta data, links, near matches, assets, error pages, canonical paths, security headers |
//! | [`web::cache`] | finished pages, compressed, kept until what they show changes |
//! | [`error`] | what can go wrong while a page is made, and its status |
//! | [`ids`], [`money`], [`slug`], [`schema`] | values and tables that all share; `written` says how values write themselves |
//! | [`verified`] | what `payband verify` says |
//!
//! # A write
//!
//! ```text
//! import, demo -> import::writer    rows looked up and written batch by batch, in one transaction
//!   -> salaries::upkeep             packs the facts of new candidates, and again those of blocks that changed
//!   -> salaries::derive             what pages show of the roles concerned (pure)
//! by hand -> market::changes        the rows, salaries::upkeep, the log, and what makes pages anew
//! article -> articles::writing      a revision of each save, a redirect from a former slug
//!   -> articles::renditions         its text as pages show it, by articles::markdown (pure)
//! ```
//!
//! # A request
//!
//! ```text
//! browser -> app: request lines > page cache > security headers > canonical path > error pages > same origin
//!   -> /admin: editors::signed_in_only; the handler names the Editor
//!   -> web::cache           one makes the page that others wait for, and it is kept
//!   -> salaries::pages      typed input, or 404 with near matches; never a raw string
//!   -> Db::ask              one statement for a salary page that is kept ready, with names from catalogue;
//!      Db::read             one read transaction for all else; both on a thread of their own
//!   -> salaries::report     findings from salaries::queries: kept ready, or from packed facts by ::selection (pure)
//!   -> a private template struct -> templates/salaries/show.html; numbers write themselves (`written`)
//! any `?`: AppError -> error page, and one log line where it is the site's fault
//! ```

pub mod admin;
pub mod app;
pub mod articles;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod compare;
pub mod config;
pub mod copy;
pub mod db;
pub mod demo;
pub mod editors;
pub mod error;
pub mod export;
pub mod health;
pub mod home;
pub mod ids;
pub mod images;
pub mod import;
pub mod live;
pub mod mail;
pub mod market;
pub mod methodology;
pub mod money;
pub mod newsletter;
pub mod openapi;
pub mod salaries;
pub mod schema;
pub mod search;
pub mod seo;
pub mod share;
pub mod slug;
pub mod technologies;
pub mod verified;
pub mod versions;
pub mod web;
mod written;
