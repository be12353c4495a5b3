//! Will this migration hurt, here, on this data?
//!
//! A chain's SQL is read statement by statement and held against a snapshot of the catalog; what rests on rows is asked
//! of the rows. Everything here decides and does nothing: the text comes in, the questions go out, and whoever holds a
//! connection asks them (`gonogo preflight` does).
//!
//! ```text
//! SQL ── read ──> [Statement] ──┐
//!                               ├─ evaluate ──> findings, questions, works ──┐
//! PARTS ── ask ──> Catalog ─────┘                                         ├─ settle ──> findings, holds
//!                                             questions ── ask ──> answers┘
//! ```
//!
//! *Will fail* is said only of what a query has shown on the data as it is, and only where no earlier statement of the
//! chain touches it. Where one does, the question is asked of what that statement will leave (see [`world`]), and the
//! finding is *may fail*. What cannot be evaluated is *inconclusive* and says so; nothing is passed over.

pub(crate) mod act;
mod alter;
pub(crate) mod back;
pub(crate) mod catalog;
mod constraint;
mod convert;
pub(crate) mod estimate;
pub(crate) mod evaluate;
pub(crate) mod finding;
mod formula;
pub(crate) mod holds;
mod mentions;
pub(crate) mod moment;
pub(crate) mod name;
pub(crate) mod probes;
pub(crate) mod question;
pub(crate) mod report;
pub(crate) mod script;
pub(crate) mod settle;
pub(crate) mod statement;
pub(crate) mod types;
mod unusual;
mod weight;
pub(crate) mod words;
pub(crate) mod world;

pub(crate) use evaluate::evaluate;
pub(crate) use finding::{Finding, Severity};
pub(crate) use question::{Answer, Question, Reply};
pub(crate) use settle::settle;
pub(crate) use statement::{Statement, Wrapping, read, read_from};
