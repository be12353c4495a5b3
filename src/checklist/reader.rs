//! Reads a TOML checklist.

use super::model::Checklist;
use super::problem::Problem;

/// Reads `text`; `file` is only named in problems.
///
/// # Errors
/// Every problem that keeps the checklist from being read, in the order of their places.
pub fn read(_file: &str, _text: &str) -> Result<Checklist, Vec<Problem>> {
    Err(Vec::new())
}
