//! `gonogo lint`: everything that is wrong with a checklist, in one go.

use super::{Failure, open};
use crate::checklist::lint;
use crate::checklist::problem::Severity;
use std::io::Write;
use std::path::Path;

/// Prints every problem with its place. Exit status 1 if there is any.
pub fn lint(file: &Path, strict: bool, out: &mut dyn Write) -> Result<u8, Failure> {
    let source = open::source(file)?;
    let judge = if strict { lint::lint_strictly } else { lint::lint };
    let (_, problems) = judge(&file.to_string_lossy(), &source.text);
    for problem in &problems {
        writeln!(out, "{problem}\n")?;
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
