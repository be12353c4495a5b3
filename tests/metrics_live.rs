//! Checks, panes and their store against a real service in this process.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by panicking")]

#[path = "metrics_live/http.rs"]
mod http;
#[path = "metrics_live/sampler.rs"]
mod sampler;
#[path = "metrics_live/service.rs"]
mod service;
#[path = "metrics_live/store.rs"]
mod store;
