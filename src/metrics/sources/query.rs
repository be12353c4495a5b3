//! What the panes ask of a database.

use crate::checklist::check;
use std::pin::Pin;

/// An answer that is on its way. Dropping it must end the work on the server too.
pub type Answering<'a, T = f64> = Pin<Box<dyn Future<Output = Result<T, QueryFailure>> + Send + 'a>>;

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
    /// The first row of a query; what is no number is `None`.
    fn row<'a>(&'a self, query: &'a check::Query) -> Answering<'a, Vec<Option<f64>>>;

    /// The size of the database in bytes.
    fn size(&self) -> Answering<'_>;

    /// The first column of the first row.
    fn number<'a>(&'a self, query: &'a check::Query) -> Answering<'a> {
        Box::pin(async move {
            let first = self.row(query).await?.into_iter().next().flatten();
            first.ok_or_else(|| QueryFailure::NoNumber("the query gave no number".to_owned()))
        })
    }
}
