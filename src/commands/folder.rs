//! A folder named where a file is wanted.

use super::{Failure, open};
use std::path::Path;

/// At most so many files of a folder are named.
const NAMED: usize = 6;
/// A file longer than this is not looked into.
const LONGEST: u64 = 4 << 20;

/// Refuses a folder and names what could be meant in it. `wanted` is what the command takes: `a ledger`.
pub(super) fn refuse(path: &Path, wanted: &str) -> Result<(), Failure> {
    if !path.is_dir() {
        return Ok(());
    }
    let ledgers = open::ledgers(path);
    let checklists = if wanted == "a ledger" { Vec::new() } else { checklists(path) };
    let listed = |what: &str, files: &[std::path::PathBuf]| {
        let mut names: Vec<String> = files.iter().take(NAMED).map(|file| shown(file)).collect();
        if files.len() > NAMED {
            names.push(format!("{} more", files.len() - NAMED));
        }
        format!("{what} {}", names.join(", "))
    };
    let mut found = Vec::new();
    if !ledgers.is_empty() {
        found.push(listed(if ledgers.len() == 1 { "the ledger" } else { "the ledgers" }, &ledgers));
    }
    if !checklists.is_empty() {
        found.push(listed(if checklists.len() == 1 { "the checklist" } else { "the checklists" }, &checklists));
    }
    let rest = match found.as_slice() {
        [] if wanted == "a ledger" => "there is none in it, and `gonogo open CHECKLIST` makes one".to_owned(),
        [] => "there is none in it, and `gonogo open CHECKLIST` takes a TOML or Markdown file".to_owned(),
        found => format!("in it there is {}", found.join(", and ")),
    };
    Err(Failure::usage(format!("{} is a folder; name {wanted}; {rest}", path.display())))
}

fn shown(file: &Path) -> String {
    file.strip_prefix(".").unwrap_or(file).display().to_string()
}

/// The files of a folder that look like checklists, by name.
pub(super) fn checklists(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_checklist(path)).collect();
    files.sort();
    files
}

fn is_checklist(path: &Path) -> bool {
    let mark: &[&str] = match path.extension().and_then(|ending| ending.to_str()) {
        Some("toml") if !open::is_ledger(path) => &["[[phase]]"],
        _ if super::import::is_markdown(path) => &["- [ ]", "* [ ]"],
        _ => return false,
    };
    let text = crate::input::read(path, LONGEST).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    mark.iter().any(|mark| text.contains(mark))
}
