//! Where a database is, from what a migrator's own command printed.

use super::lineage::Lineage;
use crate::checklist::environment::{Migrator, MigratorKind, Revision};
use crate::deployment::standing::{self, Standing};

/// What the answer shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reported {
    pub standing: Standing,
    /// The migrator's revisions, of those that tell both at once; else empty.
    pub lineage: Lineage,
    /// What the migrator itself will refuse to go on with.
    pub refused: Vec<String>,
}

impl Reported {
    fn at(standing: Standing) -> Self {
        Self { standing, ..Self::default() }
    }

    /// Of files in their order, each with whether it is applied.
    fn of_files(files: &[(String, bool)]) -> Self {
        let lineage = Lineage::straight(files.iter().map(|(id, _)| id.as_str()));
        let standing = lineage.standing_of(|place| files.get(place).is_some_and(|(_, applied)| *applied));
        Self { standing, lineage, refused: Vec::new() }
    }
}

/// Reads the answer of a migrator whose revisions are `known`, as far as they are. `None` when it does not tell.
pub(crate) fn read(migrator: &Migrator, known: &Lineage, output: &str) -> Option<Reported> {
    let lines: Vec<&str> = output.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let read = match migrator.kind {
        MigratorKind::Sqlx if migrator.is_sqlx_program() => sqlx(&lines),
        MigratorKind::Dbmate => dbmate(&lines),
        MigratorKind::Flyway => flyway(&lines),
        MigratorKind::Alembic | MigratorKind::Sqlx => alembic(&lines, known).map(Reported::at),
        MigratorKind::Command => None,
    };
    // A command of its own may tell in another way: the first word of its last line.
    let own =
        || migrator.current.is_some().then(|| Reported::at(Standing::at(lines.last().and_then(|line| first(line)))));
    read.or_else(own)
}

fn first(line: &str) -> Option<String> {
    line.split_whitespace().next().map(ToOwned::to_owned)
}

/// A revision a line, marked at a head: `a1`, `b2 (head)`, `c3 (label) (effective head) (mergepoint)`; or `Rev: b2 (head)`
/// with more below. Log lines around are passed over.
fn alembic(lines: &[&str], known: &Lineage) -> Option<Standing> {
    let verbose: Vec<String> =
        lines.iter().filter_map(|line| line.strip_prefix("Rev: ")).filter_map(|line| Some(marked(line)?.0)).collect();
    if !verbose.is_empty() {
        return Some(Standing::at(verbose));
    }
    let reported: Vec<(String, bool)> = lines.iter().filter_map(|line| marked(line)).collect();
    let counts = |(id, marks): &(String, bool)| *marks || known.has(id) || (known.is_empty() && is_plain(id));
    let (found, strange): (Vec<_>, Vec<_>) = reported.into_iter().partition(counts);
    (strange.is_empty() || !found.is_empty()).then(|| Standing::at(found.into_iter().map(|(id, _)| id)))
}

fn is_plain(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// A line of one word and marks in parentheses, and whether it has any.
fn marked(line: &str) -> Option<(String, bool)> {
    let (id, marks) = line.split_once(char::is_whitespace).map_or((line, ""), |(id, rest)| (id, rest.trim()));
    let mut rest = marks;
    while !rest.is_empty() {
        rest = rest.strip_prefix('(')?.split_once(')')?.1.trim_start();
    }
    Some((id.to_owned(), !marks.is_empty()))
}

/// `VERSION/installed TITLE`, `VERSION/pending TITLE`, in the order of their versions.
fn sqlx(lines: &[&str]) -> Option<Reported> {
    let mut files = Vec::new();
    let mut refused = Vec::new();
    for line in lines {
        let Some((version, state)) = line.split_once('/') else { continue };
        let installed = state.starts_with("installed");
        if !installed && !state.starts_with("pending") {
            continue;
        }
        if state.starts_with("installed (different checksum)") {
            refused.push(changed(version));
        }
        files.push((version.to_owned(), installed));
    }
    (!files.is_empty() || lines.is_empty()).then(|| Reported { refused, ..Reported::of_files(&files) })
}

/// `[X] VERSION_TITLE.sql`, `[ ] …`, in the order of their names.
fn dbmate(lines: &[&str]) -> Option<Reported> {
    let mut files = Vec::new();
    let mut known = false;
    for line in lines {
        known = known || line.starts_with("Applied:");
        for (mark, applied) in [("[X]", true), ("[ ]", false)] {
            if let Some(name) = line.strip_prefix(mark).and_then(first) {
                let number = name.split(['_', '.']).next().unwrap_or_default();
                files.push((number.to_owned(), applied));
            }
        }
    }
    (known || !files.is_empty()).then(|| Reported::of_files(&files))
}

/// A table with the columns `Category`, `Version`, `State`; else the line `Schema version: …`.
fn flyway(lines: &[&str]) -> Option<Reported> {
    let mut columns: Option<(usize, Option<usize>, usize)> = None;
    let mut files: Vec<(String, bool)> = Vec::new();
    let mut refused = Vec::new();
    for line in lines {
        let Some(line) = line.strip_prefix('|') else { continue };
        let cells: Vec<&str> = line.trim_end_matches('|').split('|').map(str::trim).collect();
        let Some((version, kind, state)) = columns else {
            let place = |name: &str| cells.iter().position(|cell| *cell == name);
            columns = place("Version").zip(place("State")).map(|(version, state)| (version, place("Type"), state));
            continue;
        };
        let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
        // Repeatable ones have no version; what undoes is no revision of its own.
        if cell(version).is_empty() || kind.is_some_and(|kind| cell(kind).starts_with("UNDO")) {
            continue;
        }
        let id = cell(version).to_owned();
        let applied = match cell(state) {
            "Success" | "Baseline" | "Out of Order" | "Future" => true,
            "Missing" => {
                refused.push(format!("{id} is applied, and its file is missing"));
                true
            }
            "Failed" | "Missing (Failed)" | "Failed (Missing)" | "Failed (Future)" | "Future (Failed)" => {
                refused.push(format!("{id} failed before and was not repaired"));
                false
            }
            "Ignored" => {
                refused.push(format!("{id} is below the latest applied version, and outOfOrder is not set"));
                false
            }
            "Pending" | "Above Target" | "Undone" | "Available" => false,
            // Below a baseline, or superseded: no part of what is to come.
            _ => continue,
        };
        match files.iter_mut().find(|(known, _)| *known == id) {
            Some(known) => known.1 = applied,
            None => files.push((id, applied)),
        }
    }
    // Those out of order stand where they were installed.
    files.sort_by_key(|(id, _)| {
        id.split(['.', '_']).map(|part| part.parse::<u64>().unwrap_or_default()).collect::<Vec<_>>()
    });
    let version = lines.iter().find_map(|line| line.strip_prefix("Schema version:").map(str::trim));
    if !files.is_empty() {
        return Some(Reported { refused, ..Reported::of_files(&files) });
    }
    version.map(|version| Reported::at(Standing::at((!version.starts_with('<')).then_some(version))))
}

/// What a migrator says of a file that is not the one it applied.
pub(crate) fn changed(revision: &str) -> String {
    format!("{revision} was changed after it was applied: its checksum differs from the stored one")
}

/// The heads that Alembic's `heads` names, effective ones too.
pub(crate) fn heads(output: &str) -> Vec<String> {
    let verbose = output.lines().filter_map(|line| line.strip_prefix("Rev: "));
    let lines: Vec<&str> = verbose.collect();
    let lines = if lines.is_empty() { output.lines().collect() } else { lines };
    let is_head = |line: &&str| line.contains("(head)") || line.contains("(effective head)");
    lines.into_iter().map(str::trim).filter(is_head).filter_map(|line| Some(marked(line)?.0)).collect()
}

/// How the revisions of the migrator differ from those the checklist lists; `None` when they do not.
pub(crate) fn difference(expected: &[Revision], found: &Lineage) -> Option<String> {
    let ids: Vec<&str> = found.ids().collect();
    let lacking: Vec<&str> = expected.iter().map(|known| known.id.as_str()).filter(|id| !found.has(id)).collect();
    let new: Vec<&str> = ids.iter().copied().filter(|id| standing::place(expected, id).is_none()).collect();
    let mut parts = Vec::new();
    if !new.is_empty() {
        parts.push(format!("the migrator has {}, which the checklist does not expect", new.join(", ")));
    }
    if !lacking.is_empty() {
        parts.push(format!("the migrator lacks {}", lacking.join(", ")));
    }
    let in_order = || expected.iter().zip(&ids).all(|(known, id)| standing::same(&known.id, id));
    // Branches have no order of their own.
    if parts.is_empty() && found.is_straight() && !in_order() {
        parts.push("the migrator has the revisions in another order than the checklist".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests;
