//! Checks, panes and their store against a real service in this process.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by panicking")]

mod http;
mod login;
mod promql;
mod raw;
mod sampler;
pub(crate) mod service;
mod store;
