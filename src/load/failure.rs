//! Why a request did not come to an answer that was expected.

use std::error::Error;
use std::fmt;
use std::io;

/// Errors are counted by their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorKind {
    /// Nothing listens there.
    Refused,
    /// No connection for another reason: network unreachable, certificate refused.
    Connect,
    TimedOut,
    /// The connection ended before the answer did, or what came was no HTTP.
    Reset,
    /// An answer with a status that was not expected.
    Status(u16),
    /// The status was expected, the rest of the answer was not.
    Answer,
    /// Due, and not sent before the time was over: every connection was busy.
    NotSent,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("connection refused"),
            Self::Connect => f.write_str("connection failed"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Reset => f.write_str("connection reset"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Answer => f.write_str("unexpected answer"),
            Self::NotSent => f.write_str("not sent"),
        }
    }
}

/// One error: its kind, and a sentence without address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub kind: ErrorKind,
    pub reason: String,
}

impl Failure {
    pub fn new(kind: ErrorKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }

    pub fn connecting(error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::ConnectionRefused => return Self::new(ErrorKind::Refused, "connection refused"),
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
                ErrorKind::Reset
            }
            _ => ErrorKind::Connect,
        };
        Self::new(kind, format!("no connection: {}", innermost(error)))
    }

    pub fn broken(error: &hyper::Error) -> Self {
        Self::new(ErrorKind::Reset, format!("no complete answer: {}", innermost(error)))
    }
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
