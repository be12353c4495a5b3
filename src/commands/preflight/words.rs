//! A preflight's report for people.

use crate::migration::preflight::report::{Report, Verdict};
use crate::migration::preflight::words::{counted, rows, seconds};
use crate::migration::preflight::{Finding, Severity};
use std::io::{self, Write};

/// Longer queries are left to `--json`.
const LONGEST_BASIS: usize = 200;

/// Writes the report, worst first.
///
/// # Errors
/// Only when `out` cannot be written.
pub(super) fn tell(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", heading(report))?;
    for severity in Severity::ALL {
        let found: Vec<&Finding> = report.findings.iter().filter(|finding| finding.severity == severity).collect();
        if found.is_empty() {
            continue;
        }
        writeln!(out, "\n{}", severity.heading().to_uppercase())?;
        for finding in found {
            tell_one(finding, out)?;
        }
    }
    if !report.holds.is_empty() {
        writeln!(out, "\nHOW LONG TABLES STAY LOCKED (estimated)")?;
        for hold in &report.holds {
            let time = seconds(hold.seconds);
            let lines = if hold.line == hold.until {
                format!("line {}", hold.line)
            } else {
                format!("lines {}-{}", hold.line, hold.until)
            };
            writeln!(out, "  {}  {}  {time}  {lines}  {}", hold.table, hold.mode, hold.waits)?;
        }
        if let Some(speed) = &report.speed {
            writeln!(out, "  {}", speed.basis)?;
        }
    }
    if let Some(revision) = &report.point_of_no_return {
        writeln!(out, "\nPoint of no return: {revision}")?;
    }
    writeln!(out, "\n{}", verdict(report))
}

fn heading(report: &Report) -> String {
    let database = report.database.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    let from = report.from.as_deref().unwrap_or("base");
    let read = &report.read;
    if read.revisions.is_empty() {
        return format!("{}{database} stands at {from}: no revision is left to run", report.environment);
    }
    format!(
        "{}{database} stands at {from}; to run: {}. {} read, {} asked",
        report.environment,
        read.revisions.join(", "),
        counted(read.statements, "statement"),
        counted(read.questions, "question")
    )
}

fn tell_one(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let mut place: Vec<String> = Vec::new();
    place.extend(finding.revision.clone());
    place.extend(finding.line.map(|line| format!("line {line}")));
    place.extend(finding.table.clone());
    place.extend(finding.rows.map(rows));
    if !place.is_empty() {
        writeln!(out, "  {}", place.join(" · "))?;
    }
    writeln!(out, "    {}", finding.what)?;
    if let Some(statement) = &finding.statement {
        writeln!(out, "    | {statement}")?;
    }
    if let Some(safer) = &finding.safer {
        writeln!(out, "    safer: {safer}")?;
    }
    if let Some(basis) = finding.basis.as_deref().filter(|basis| basis.len() <= LONGEST_BASIS) {
        writeln!(out, "    known by: {basis}")?;
    }
    Ok(())
}

fn verdict(report: &Report) -> String {
    let number = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let reported: Vec<String> = Severity::ALL
        .into_iter()
        .filter(|severity| number(*severity) > 0)
        .map(|severity| format!("{} {}", number(severity), severity.heading()))
        .collect();
    let word = match report.verdict {
        Verdict::WillFail => "This migration will fail here.",
        Verdict::Inconclusive => "Inconclusive: a part of this migration was not evaluated.",
        Verdict::MayFail => "This migration may fail here.",
        Verdict::Clear => "Nothing found that fails.",
    };
    if reported.is_empty() { word.to_owned() } else { format!("{word} {}", reported.join(", ")) }
}
