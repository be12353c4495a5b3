//! Why there was no answer.

use std::error::Error;
use std::io;
use std::time::Duration;

/// Why a request had no answer, in words that name no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    pub kind: FailureKind,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Nothing listens there.
    Refused,
    /// No whole answer within the limit; whether something listens is not known.
    TimedOut,
    /// No connection for another reason: name not found, network unreachable, certificate refused.
    Unreachable,
    /// Something listens, but what it sent was no whole answer.
    Broken,
    /// It answers, with more than is read.
    TooLong,
    /// There is no token to send the request with.
    NoLogin,
}

impl Failure {
    #[must_use]
    pub fn new(kind: FailureKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }

    pub(super) fn of(error: &reqwest::Error, limit: Duration) -> Self {
        if io_error(error).is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused) {
            return Self::new(FailureKind::Refused, "connection refused");
        }
        if error.is_timeout() {
            let reason = if error.is_connect() {
                "no connection in time".to_owned()
            } else {
                format!("no answer within {} s", limit.as_millis() as f64 / 1_000.0)
            };
            return Self::new(FailureKind::TimedOut, reason);
        }
        let kind = if error.is_connect() { FailureKind::Unreachable } else { FailureKind::Broken };
        let what = match kind {
            FailureKind::Unreachable => "no connection",
            _ => "no whole answer",
        };
        let cause = innermost(error);
        if let Some(why) = cause.strip_prefix("invalid peer certificate: ") {
            let why = format!("certificate refused ({why}); name the file of the CA that signed it as `ca`");
            return Self::new(FailureKind::Unreachable, why);
        }
        Self::new(kind, format!("{what}: {cause}"))
    }
}

/// The cause at the bottom of an error. The layers above it may name the address.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn io_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some(io);
        }
        cause = error.source();
    }
    None
}
