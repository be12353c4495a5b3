//! Where the database stands, from what a migrator's own command printed.

use super::chain;
use crate::checklist::environment::{Migrator, MigratorKind};

/// `Some(None)` at the base, `None` when the output does not tell.
#[must_use]
pub fn read(migrator: &Migrator, output: &str) -> Option<Option<String>> {
    let lines = || output.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = |line: &str| line.split_whitespace().next().map(ToOwned::to_owned);
    if migrator.current.is_some() {
        return Some(lines().next_back().and_then(first));
    }
    match migrator.kind {
        MigratorKind::Sqlx if migrator.is_sqlx_program() => {
            let mut known = false;
            let mut found = None;
            for line in lines() {
                let Some((revision, state)) = line.split_once('/') else { continue };
                known = known || state.starts_with("pending") || state.starts_with("installed");
                if state.starts_with("installed") {
                    found = Some(revision.to_owned());
                }
            }
            (known || lines().next().is_none()).then_some(found)
        }
        MigratorKind::Dbmate => {
            let applied = lines().filter_map(|line| line.strip_prefix("[X]")).filter_map(first).next_back();
            let known =
                lines().any(|line| line.starts_with("[X]") || line.starts_with("[ ]") || line.starts_with("Applied:"));
            let number = |name: String| name.split(['_', '.']).next().unwrap_or_default().to_owned();
            known.then(|| applied.map(number))
        }
        MigratorKind::Flyway => {
            let told = lines().find_map(|line| line.strip_prefix("Schema version:").map(str::trim));
            told.map(|version| Some(version.to_owned()).filter(|version| !version.starts_with('<')))
        }
        MigratorKind::Alembic | MigratorKind::Sqlx | MigratorKind::Command => {
            chain::read_current(output, &migrator.revisions)
        }
    }
}

/// The heads that Alembic names when its chain has more than one, from its output.
#[must_use]
pub fn heads(output: &str) -> Vec<String> {
    let marked = |line: &str| {
        let (revision, rest) = line.trim().split_once(char::is_whitespace)?;
        rest.contains("(head)").then(|| revision.to_owned())
    };
    output.lines().filter_map(marked).collect()
}

/// The chain that `history` tells, from the first revision to the head; `None` when its lines do not tell one.
#[must_use]
pub fn history(output: &str) -> Option<Vec<String>> {
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in output.lines() {
        let Some((from, rest)) = line.split_once("->") else { continue };
        let from = from.split_whitespace().last().unwrap_or_default();
        let to = rest.trim_start().split([',', ' ']).next().unwrap_or_default();
        if to.is_empty() || from.is_empty() {
            return None;
        }
        steps.push((from.to_owned(), to.to_owned()));
    }
    let mut at = "<base>".to_owned();
    let mut chain = Vec::new();
    while let Some(step) = steps.iter().position(|(from, _)| *from == at) {
        at = steps.swap_remove(step).1;
        chain.push(at.clone());
    }
    (steps.is_empty() && !chain.is_empty()).then_some(chain)
}

/// How the chain on disk differs from the one the checklist expects; `None` when it does not.
#[must_use]
pub fn difference(expected: &[crate::checklist::environment::Revision], found: &[String]) -> Option<String> {
    let same = expected.len() == found.len() && expected.iter().zip(found).all(|(a, b)| chain::same(&a.id, b));
    if same {
        return None;
    }
    let lacking = expected.iter().filter(|known| !found.iter().any(|f| chain::same(&known.id, f)));
    let lacking: Vec<&str> = lacking.map(|revision| revision.id.as_str()).collect();
    let new = found.iter().filter(|f| !expected.iter().any(|known| chain::same(&known.id, f)));
    let new: Vec<&str> = new.map(String::as_str).collect();
    let mut parts = Vec::new();
    if !new.is_empty() {
        parts.push(format!("the migrator has {}, which the checklist does not expect", new.join(", ")));
    }
    if !lacking.is_empty() {
        parts.push(format!("the migrator lacks {}", lacking.join(", ")));
    }
    if parts.is_empty() {
        parts.push("the migrator has the revisions in another order than the checklist".to_owned());
    }
    Some(parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::environment::Revision;

    #[test]
    fn each_migrator_tells_where_the_database_stands_in_its_own_way() {
        let at = |kind, command: &str, output: &str| read(&Migrator::new(kind, command, Vec::new()), output);
        let sqlx = |output| at(MigratorKind::Sqlx, "sqlx migrate", output);
        assert_eq!(sqlx("20260101/installed lots\n20260201/pending wip\n"), Some(Some("20260101".into())));
        assert_eq!(sqlx("20260101/pending lots\n"), Some(None));
        assert_eq!(sqlx("error: no database\n"), None);
        let dbmate = |output| at(MigratorKind::Dbmate, "dbmate", output);
        assert_eq!(
            dbmate("[X] 20260101_lots.sql\n[ ] 20260201_wip.sql\n\nApplied: 1\nPending: 1\n"),
            Some(Some("20260101".into()))
        );
        assert_eq!(dbmate("Applied: 0\nPending: 0\n"), Some(None));
        assert_eq!(dbmate("Error: dial tcp"), None);
        let flyway = |output| at(MigratorKind::Flyway, "flyway", output);
        assert_eq!(flyway("Schema version: 1.2\n+---+\n"), Some(Some("1.2".into())));
        assert_eq!(flyway("Schema version: << Empty Schema >>\n"), Some(None));
        assert_eq!(flyway("ERROR: Unable to connect"), None);
    }

    #[test]
    fn a_command_of_its_own_tells_in_its_last_line() {
        let mut migrator = Migrator::new(MigratorKind::Command, "make migrate", Vec::new());
        migrator.current = Some("make revision".into());
        assert_eq!(read(&migrator, "make[1]: entering\n42 (lots)\n"), Some(Some("42".into())));
        assert_eq!(read(&migrator, "\n"), Some(None));
    }

    #[test]
    fn heads_and_history_are_read() {
        assert_eq!(heads("a1 (head)\nb2 (effective head)\nc3 (feature) (head)\n"), ["a1", "c3"]);
        let told = "0002 -> 0003 (head), third\n0001 -> 0002, second\n<base> -> 0001, first\n";
        assert_eq!(history(told).unwrap(), ["0001", "0002", "0003"]);
        assert_eq!(history("a, b -> c (mergepoint), m"), None);
        assert_eq!(history("nothing"), None);
    }

    #[test]
    fn a_chain_that_differs_is_told_in_words() {
        let chain = ["0001", "0002"].map(|id| Revision { id: id.into(), title: String::new() });
        let found = |ids: &[&str]| difference(&chain, &ids.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(found(&["0001_x", "0002_y"]), None);
        assert_eq!(found(&["0001"]).unwrap(), "the migrator lacks 0002");
        assert_eq!(
            found(&["0001", "0003"]).unwrap(),
            "the migrator has 0003, which the checklist does not expect; the migrator lacks 0002"
        );
        assert!(found(&["0002", "0001"]).unwrap().contains("another order"));
    }
}
