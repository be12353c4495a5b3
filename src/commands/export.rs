//! `gonogo export`: the Markdown document that a checklist was imported from, with what was done entered in it.

use super::{Failure, import, report};
use crate::checklist::import::Templates;
use crate::checklist::import::filled::{Entry, Filled, What, fill};
use crate::checklist::{Check, Item};
use crate::cli::reported::Export;
use crate::deployment::signoff::{self, Standing};
use crate::deployment::{Board, ItemStatus, Plan, State};
use crate::harmless;
use crate::input;
use crate::ledger::Ledger;
use chrono::Utc;
use std::io::Write;
use std::path::PathBuf;

pub(super) fn export(asked: &Export, out: &mut dyn Write) -> Result<u8, Failure> {
    let ledger = Ledger::open(&asked.ledger)?;
    let path = document(&ledger, asked)?;
    let bytes = input::read(&path, input::DOCUMENT).map_err(|error| {
        Failure::usage(format!(
            "{} cannot be read: {error}; name the document that the checklist was imported from with --source",
            path.display()
        ))
    })?;
    report::guard(&asked.output, &ledger)?;
    let entries = entries(ledger.plan(), ledger.state());
    let filled = filled(&path.to_string_lossy(), &bytes, &entries)?;
    if !entries.is_empty() && filled.entered == 0 {
        let path = path.display();
        return Err(Failure::not_fine(if filled.placeless.is_empty() {
            format!(
                "not written: {path} says on no line what the checklist says of it; name the document that it was imported from with --source"
            )
        } else {
            format!(
                "not written: {path} has no box, blank or cell to enter anything in; gonogo report shows what was done"
            )
        }));
    }
    import::write_new(&asked.output, &filled.bytes, asked.force)?;
    if filled.bytes == bytes && filled.left.is_empty() {
        writeln!(out, "{} holds all of it already: nothing to enter", path.display())?;
    }
    writeln!(out, "Wrote {}: {} of {} entries", asked.output.display(), filled.entered, entries.len())?;
    let other: Vec<u32> = filled.left.iter().filter(|line| !filled.placeless.contains(line)).copied().collect();
    tell(out, "not entered, because the document has no box, blank or cell there", &filled.placeless)?;
    tell(out, "not entered, because the document says something else there", &other)?;
    tell(out, "waived, and left unticked", &waived(ledger.plan(), ledger.state()))?;
    tell(out, "ticked in the document before, and not complete here", &filled.ticked_before)?;
    Ok(u8::from(!filled.left.is_empty()))
}

fn tell(out: &mut dyn Write, what: &str, lines: &[u32]) -> std::io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut lines = lines.to_vec();
    lines.sort_unstable();
    lines.dedup();
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    writeln!(out, "{what}: line {}", lines.join(", "))
}

/// The document that the checklist's lines are counted in.
fn document(ledger: &Ledger, asked: &Export) -> Result<PathBuf, Failure> {
    if let Some(source) = &asked.source {
        return Ok(source.clone());
    }
    let named = ledger.plan().checklist().source.as_ref();
    named.map(|name| ledger.layout().home().join(name)).ok_or_else(|| {
        Failure::usage("the checklist was not imported from a document, so there is none to fill in".to_owned())
    })
}

/// Tasks in fenced blocks were taken over or they were not: the reading in which more lines are found is the right one.
fn filled(file: &str, bytes: &[u8], entries: &[Entry]) -> Result<Filled, Failure> {
    let read = |templates| fill(file, bytes, templates, entries).map_err(|error| Failure::usage(error.to_string()));
    let closed = read(Templates::Closed)?;
    if closed.left.is_empty() {
        return Ok(closed);
    }
    let opened = read(Templates::Opened)?;
    Ok(if opened.left.len() < closed.left.len() { opened } else { closed })
}

/// What was ticked, filled in and signed, by the line of the document that it belongs to.
pub(super) fn entries(plan: &Plan, state: &State) -> Vec<Entry> {
    let plan = plan.active(state);
    let mut board = Board::at(&plan, state, Utc::now());
    let done = plan.checklist().items().filter(|item| *board.status(&item.id) == ItemStatus::Done);
    let mut entries: Vec<Entry> = done.flat_map(|item| done_on(state, item)).collect();
    for line in signoff::lines(&plan, state, &mut board) {
        let Some((_, signed)) = line.signed else { continue };
        let word = match line.standing {
            Standing::Go | Standing::Unsigned => "",
            Standing::NoGo => " (NO-GO)",
            Standing::Stale => " (stale)",
            Standing::Withdrawn => " (withdrawn)",
        };
        let what = What::Signed {
            name: format!("{}{word}", harmless::line(&signed.name)),
            date: signed.date.to_string(),
            go: line.standing == Standing::Go,
        };
        let lines = line.role.seed_lines.iter();
        entries.extend(lines.map(|at| Entry { line: *at, text: line.role.title.clone(), what: what.clone() }));
    }
    entries
}

/// Lines of steps that are waived.
fn waived(plan: &Plan, state: &State) -> Vec<u32> {
    let items = plan.checklist().items();
    let waived = items.filter(|item| state.history(&item.id).is_some_and(|history| history.waived.is_some()));
    waived.flat_map(|item| &item.seed_lines).copied().collect()
}

fn done_on(state: &State, item: &Item) -> Vec<Entry> {
    let value = state.history(&item.id).and_then(|history| history.value.as_ref());
    let what = match (&item.check, value) {
        (Check::Value(_), Some((_, value))) => What::Value(harmless::line(value).into_owned()),
        _ => What::Ticked,
    };
    let lines = item.seed_lines.iter();
    lines.map(|line| Entry { line: *line, text: item.title.clone(), what: what.clone() }).collect()
}
