//! `gonogo lint`: everything that is wrong with a checklist, in one go; and where each value of an item comes from.

use super::{Failure, open};
use crate::attempts::redact::Secrets;
use crate::checklist::ItemId;
use crate::checklist::lint::{self, Linted};
use crate::checklist::problem::{Problem, Severity, harmless};
use crate::cli::reading::{Lint, LintFormat};
use crate::config::variables;
use serde_json::{Value, json};
use std::io::Write;

/// Prints every problem with its place. Exit status 1 if there is any.
pub(crate) fn lint(asked: &Lint, out: &mut dyn Write) -> Result<u8, Failure> {
    let base = open::Source { name: asked.checklist.display().to_string(), ..open::source(&asked.checklist)? };
    let over = open::overlay_sources(&asked.over.with)?;
    let evaluate = if asked.strict { lint::lint_strictly } else { lint::lint_with };
    let linted = evaluate(open::files(&base, &over));
    if asked.print && linted.checklist.is_some() {
        write!(out, "{}", linted.text.as_ref().unwrap_or(&base.text))?;
        return Ok(0);
    }
    match asked.format {
        LintFormat::Text => {}
        LintFormat::Json => {
            writeln!(out, "{}", json(&linted))?;
            return Ok(u8::from(!linted.problems.is_empty()));
        }
        LintFormat::Github => {
            linted.problems.iter().try_for_each(|problem| writeln!(out, "{}", annotation(problem)))?;
            return Ok(u8::from(!linted.problems.is_empty()));
        }
    }
    let secrets = Secrets::default();
    for problem in &linted.problems {
        writeln!(out, "{}\n", secrets.mask(&problem.to_string()))?;
    }
    warn_of_short_secrets(&linted, out)?;
    let environments = linted.checklist.iter().flat_map(|list| &list.environments);
    if let Some(lacks) = variables::login_lacks(environments) {
        writeln!(out, "note: {lacks}\n")?;
    }
    if let Some(item) = &asked.explain {
        return explain(&base, &over, &linted, item, out);
    }
    let names: Vec<&str> = std::iter::once(&base).chain(&over).map(|source| source.name.as_str()).collect();
    let names = names.join(" with ");
    let Linted { problems, .. } = linted;
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let warnings = problems.len() - errors;
    if problems.is_empty() {
        writeln!(out, "{names}: no problems")?;
        return Ok(0);
    }
    writeln!(out, "{names}: {}, {}", counted(errors, "error"), counted(warnings, "warning"))?;
    Ok(1)
}

/// Format 1: fields are added, never changed or taken away.
fn json(linted: &Linted) -> Value {
    let problem = |problem: &Problem| {
        json!({
            "severity": problem.severity.word(),
            "file": problem.file,
            "line": problem.place.line,
            "column": problem.place.column,
            "message": problem.message,
            "suggestion": problem.suggestion,
        })
    };
    let problems: Vec<Value> = linted.problems.iter().map(problem).collect();
    json!({ "format": 1, "usable": linted.checklist.is_some(), "problems": problems })
}

/// A command that a GitHub workflow reads from the log and shows beside the line.
fn annotation(problem: &Problem) -> String {
    let data = |text: &str| harmless(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let (file, place) = (property(&problem.file), problem.place);
    let suggestion = problem.suggestion.as_deref().map(|text| format!("; {text}")).unwrap_or_default();
    let message = data(&format!("{}{suggestion}", problem.message));
    format!("::{} file={file},line={},col={}::{message}", problem.severity.word(), place.line, place.column)
}

/// A listed secret that is set here will be set so where this deployment runs; too short a value is better known before.
fn warn_of_short_secrets(linted: &Linted, out: &mut dyn Write) -> Result<(), Failure> {
    let environments = linted.checklist.iter().flat_map(|list| list.environments.values());
    let names: Vec<String> = environments.flat_map(|environment| environment.secrets.clone()).collect();
    let inherited = variables::inherited();
    let set = inherited.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    let set = set.filter(|(name, _)| names.iter().any(|known| known == name));
    if let Some(warning) = Secrets::gather(set, &names).warning() {
        writeln!(out, "note: {warning}\n")?;
    }
    Ok(())
}

/// One line a value: the key, the value, and where it comes from.
fn explain(
    base: &open::Source,
    over: &[open::Source],
    linted: &Linted,
    item: &str,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let path = match &linted.checklist {
        Some(checklist) => super::find::item(checklist, item)?,
        None => ItemId::new(item),
    };
    let Some(values) = lint::explain(open::files(base, over), path.as_str()) else {
        return Err(Failure::usage(format!("there is no item `{item}`; mend the errors above, then ask again")));
    };
    writeln!(out, "{path}")?;
    let width = values.iter().map(|value| value.key.chars().count()).max().unwrap_or_default();
    for value in values {
        let lines: Vec<&str> = value.value.lines().collect();
        writeln!(out, "  {:<width$}  {}", harmless(&value.key), harmless(lines.first().unwrap_or(&"")))?;
        for line in lines.iter().skip(1) {
            writeln!(out, "  {:<width$}  {}", "", harmless(line))?;
        }
        writeln!(out, "  {:<width$}    from {}", "", harmless(&value.origin))?;
    }
    let fine = linted.problems.iter().all(|problem| problem.severity != Severity::Error);
    Ok(u8::from(!fine))
}

fn counted(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}
