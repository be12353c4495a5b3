//! The chain of revisions a database moves along.

use crate::checklist::environment::Revision;

/// Whether two spellings mean the same revision: `0003` and `0003_add_wip_unique_index`.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    let extends = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('_'));
    a == b || (!a.is_empty() && !b.is_empty() && (extends(a, b) || extends(b, a)))
}

/// The place of a revision in the chain, from 0.
#[must_use]
pub fn place(chain: &[Revision], revision: &str) -> Option<usize> {
    chain.iter().position(|known| same(&known.id, revision))
}

/// Where the database stands, from what the migrator's `current` printed: `Some(None)` at the base, `None` when the
/// output does not tell. Alembic's own log lines around the answer are passed over.
#[must_use]
pub fn read_current(output: &str, chain: &[Revision]) -> Option<Option<String>> {
    let mut found = None;
    let mut strange = false;
    for line in output.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let word = line.split_whitespace().next().unwrap_or_default();
        let rest = line[word.len()..].trim();
        let marked = rest.starts_with('(') && rest.ends_with(')');
        if marked || (rest.is_empty() && place(chain, word).is_some()) {
            found = Some(word.to_owned());
        } else if rest.is_empty() {
            strange = true;
        }
    }
    match found {
        Some(revision) => Some(Some(revision)),
        None if strange => None,
        None => Some(None),
    }
}

/// Where a run should end: `head`, `base`, a step such as `-1`, or a revision; `None` is the base.
///
/// # Errors
/// A sentence when the chain does not tell.
pub fn destination(chain: &[Revision], now: Option<&str>, to: &str) -> Result<Option<String>, String> {
    let id = |index: usize| chain.get(index).map(|revision| revision.id.clone());
    match to {
        "base" => Ok(None),
        "head" | "heads" => {
            let head = chain.len().checked_sub(1).and_then(id);
            head.map(Some).ok_or_else(|| "the environment names no revisions, so nobody can tell the head".to_owned())
        }
        step if step.starts_with(['+', '-']) => {
            let refuse = || format!("`{step}` leads out of the chain of {} revisions", chain.len());
            let step: i64 = step.parse().map_err(|_| refuse())?;
            let height = match now {
                None => 0,
                Some(revision) => {
                    let place =
                        place(chain, revision).ok_or_else(|| format!("revision {revision} is not in the chain"))?;
                    i64::try_from(place).unwrap_or(i64::MAX).saturating_add(1)
                }
            };
            let height = usize::try_from(height.saturating_add(step)).map_err(|_| refuse())?;
            match height.checked_sub(1) {
                None => Ok(None),
                Some(index) => id(index).map(Some).ok_or_else(refuse),
            }
        }
        revision => Ok(Some(revision.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<Revision> {
        ["0001", "0002", "0003"].map(|id| Revision { id: id.into(), title: String::new() }).into()
    }

    #[test]
    fn current_is_found_among_log_lines() {
        let read = |text: &str| read_current(text, &chain());
        assert_eq!(read("0003_add_wip_unique_index (head)\r\n"), Some(Some("0003_add_wip_unique_index".into())));
        assert_eq!(read("0001_initial_schema\n"), Some(Some("0001_initial_schema".into())));
        assert_eq!(read("INFO  [alembic] Context impl X.\nINFO  Will assume y.\n0002\n"), Some(Some("0002".into())));
        assert_eq!(read("INFO  [alembic] Context impl X.\n"), Some(None));
        assert_eq!(read("nonsense\n"), None);
    }

    #[test]
    fn destinations_follow_the_chain() {
        let to = |now, to| destination(&chain(), now, to);
        assert_eq!(to(None, "head"), Ok(Some("0003".into())));
        assert_eq!(to(Some("0003_x"), "-1"), Ok(Some("0002".into())));
        assert_eq!(to(Some("0001"), "-1"), Ok(None));
        assert_eq!(to(None, "+2"), Ok(Some("0002".into())));
        assert!(to(None, "-1").is_err());
        assert!(to(Some("0003"), "+1").is_err());
        assert!(to(Some("other"), "+1").is_err());
        assert!(same("0003", "0003_a") && !same("0003", "00031") && !same("", "0003"));
    }
}
