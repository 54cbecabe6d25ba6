//! TLS to a `PostgreSQL` server.
//!
//! libpq is compiled in without OpenSSL, whose build needs more than Rust and a C compiler, and so cannot speak TLS. It
//! speaks plainly to a private socket of this process instead, and a [`Tunnel`] carries each of its connections on to
//! the server, inside TLS:
//!
//! ```text
//! libpq -> <folder of our own, 0700>/.s.PGSQL.5432 -> Tunnel, a thread -> SSLRequest, rustls -> server
//! ```
//!
//! [`Policy`] is what `sslmode` and its companions ask for, [`certificates`] whom to trust and what is shown to the server.

mod certificates;
mod door;
mod policy;
mod tunnel;

pub(super) use policy::{Policy, Tls};
pub(super) use tunnel::Tunnel;
