//! What a document says already, because it was filled in before: entering it once more changes nothing.

use super::super::account::Live;
use super::super::source::Source;
use super::super::{Templates, read};
use super::{Edit, Entry, What, apply, mark, plain, value_of};

/// Lines below the one of a role that may hold its date.
const BELOW: u32 = 3;

/// What is still to be entered of a sign-off that the document names with its date; nothing where it does not.
pub(super) fn signed(source: &Source, live: &[Live], entry: &Entry) -> Option<Vec<Edit>> {
    let What::Signed { name, date, go } = &entry.what else { return None };
    let who = name.rsplit_once(" (").map_or(name.as_str(), |(who, _)| who);
    let (_, line) = source.line_at(entry.line)?;
    let next = live.iter().map(|live| live.line).filter(|line| *line > entry.line).min().unwrap_or(u32::MAX);
    let below = (entry.line..=entry.line + BELOW).filter(|line| *line < next);
    let has = |text: &str| below.clone().any(|at| source.line_at(at).is_some_and(|(_, line)| line.contains(text)));
    let says = line.contains(&entry.text) && line.contains(&plain(who, line)) && has(date);
    let own = live.iter().filter(|live| live.line == entry.line && *go);
    says.then(|| own.map(mark).collect())
}

/// Whether a document without this value becomes this one when the value is entered.
pub(super) fn valued(file: &str, bytes: &[u8], templates: Templates, entry: &Entry) -> bool {
    let What::Value(value) = &entry.what else { return false };
    let source = Source::new(bytes);
    let Some((start, line)) = source.line_at(entry.line) else { return false };
    let text = plain(value, line);
    if text.is_empty() {
        return false;
    }
    let span = source.span(start, start + line.len());
    line.match_indices(&text).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + text.len()..]);
        let spaced = before.strip_suffix(' ');
        let open = [Some(format!("{before}____{after}")), Some(format!("{before}{after}"))];
        open.into_iter().chain([spaced.map(|before| format!("{before}{after}"))]).flatten().any(|open| {
            let mut without = bytes.to_vec();
            without.splice(span.start..span.end, open.into_bytes());
            let Ok(account) = read(file, &without, templates) else { return false };
            let edits = value_of(&account, &Source::new(&without), entry, value, &[]);
            edits.is_ok_and(|edits| apply(&without, edits) == bytes)
        })
    })
}
