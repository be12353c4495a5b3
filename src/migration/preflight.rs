//! Will this migration hurt, here, on this data?
//!
//! A chain's SQL is read statement by statement and held against a snapshot of the catalog; what rests on rows is asked
//! of the rows. Everything here decides and does nothing: the text comes in, the questions go out, and whoever holds a
//! connection asks them (`gonogo preflight` does).
//!
//! ```text
//! SQL ── read ──> [Statement] ──┐
//!                               ├─ judge ──> findings, questions, works ──┐
//! PARTS ── ask ──> Catalog ─────┘                                         ├─ settle ──> findings, holds
//!                                             questions ── ask ──> answers┘
//! ```
//!
//! *Will fail* is said only of what a query has shown on the data as it is, and only where no earlier statement of the
//! chain touches it. Where one does, the question is asked of what that statement will leave (see [`world`]), and the
//! finding is *may fail*. What cannot be judged is *inconclusive* and says so; nothing is passed over.

pub mod act;
mod alter;
pub mod back;
pub mod catalog;
mod constraint;
mod convert;
pub mod estimate;
pub mod finding;
mod formula;
pub mod holds;
pub mod judge;
mod mentions;
pub mod moment;
pub mod name;
pub mod probes;
pub mod question;
pub mod report;
pub mod script;
pub mod settle;
pub mod statement;
pub mod types;
mod unusual;
mod weight;
pub mod words;
pub mod world;

pub use catalog::Catalog;
pub use finding::{Finding, Severity};
pub use judge::{Judgement, judge};
pub use question::{Answer, Purpose, Question, Reply};
pub use report::Report;
pub use settle::settle;
pub use statement::{Statement, Wrapping, read, read_from};
