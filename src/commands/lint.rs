//! `gonogo lint`: everything that is wrong with a checklist, in one go.

use super::{Failure, open};
use crate::attempts::redact::Secrets;
use crate::checklist::lint;
use crate::checklist::problem::Severity;
use crate::config::variables;
use std::io::Write;
use std::path::Path;

/// Prints every problem with its place. Exit status 1 if there is any.
pub fn lint(file: &Path, out: &mut dyn Write) -> Result<u8, Failure> {
    let source = open::source(file)?;
    let (checklist, problems) = lint::lint(&file.to_string_lossy(), &source.text);
    for problem in &problems {
        writeln!(out, "{problem}\n")?;
    }
    let listed: Vec<String> =
        checklist.iter().flat_map(|list| list.environments.values()).flat_map(|one| one.secrets.clone()).collect();
    // Set here, it will be set so where this deployment runs; too short a value is better known before.
    let inherited = variables::inherited();
    let set = inherited.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    if let Some(warning) =
        Secrets::gather(set.filter(|(name, _)| listed.iter().any(|one| one == name)), &listed).warning()
    {
        writeln!(out, "note: {warning}\n")?;
    }
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let warnings = problems.len() - errors;
    if problems.is_empty() {
        writeln!(out, "{}: no problems", file.display())?;
        return Ok(0);
    }
    writeln!(out, "{}: {}, {}", file.display(), counted(errors, "error"), counted(warnings, "warning"))?;
    Ok(1)
}

fn counted(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}
