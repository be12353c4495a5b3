//! What the panes ask of a database.

use crate::checklist::check;
use std::future::Future;
use std::pin::Pin;

/// An answer that is on its way. Dropping it must end the work on the server too.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<f64, QueryFailure>> + Send + 'a>>;

/// Why a database gave no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryFailure {
    /// It could not be reached; it is asked less often until it can.
    Unreachable(String),
    /// It answered, and the answer is no number.
    NoNumber(String),
}

/// Reads numbers from one environment's database: read-only, without a lock that anyone waits for, one at a time.
pub trait Query: Send + Sync {
    /// The first column of the first row.
    fn number<'a>(&'a self, query: &'a check::Query) -> Answering<'a>;

    /// The size of the database in bytes.
    fn size(&self) -> Answering<'_>;
}
