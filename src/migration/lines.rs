//! The lines migrators write, Alembic's and our own alike.

use regex::Regex;
use std::sync::LazyLock;

/// What one line of a migrator says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line {
    /// A revision begins. `from` or `to` is absent at the base.
    Running { way: Way, from: Option<String>, to: Option<String>, words: String },
    /// A revision begins, of a migrator that does not say from where.
    Applying { way: Way, revision: String, words: String },
    /// A count within the revision that runs.
    Progress { revision: String, done: u64, total: u64, words: String },
    /// A revision is complete. Times in seconds.
    Done { revision: String, rows: Option<u64>, locked: Option<f64>, took: Option<f64> },
    /// What went wrong, in the migrator's own words.
    Error(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

static RUNNING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"Running (upgrade|downgrade) ([0-9A-Za-z_, ]*?) ?-> ?([0-9A-Za-z_]*)[^,]*?(?:, (.*))?$").ok()
});
static PROGRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bPROGRESS (\S+) (\d+)/(\d+)(?: (.*))?$").ok());
static DONE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bDONE (\S+)((?: \w+=\S+)*)\s*$").ok());
static ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|\s)(?:ERROR|FAILED)\b:?\s*(?:\[[\w.]+\]\s*)?(.*)$|^((?:\w+\.)*\w*(?:Error|Exception): .*)$").ok()
});

/// Reads one line of plain text, whatever a logger put in front. `None` when it says nothing about the run.
pub(crate) fn read(line: &str) -> Option<Line> {
    let line = line.trim_end();
    if let Some(found) = RUNNING.as_ref()?.captures(line) {
        let part = |index: usize| found.get(index).map(|m| m.as_str().trim().to_owned()).filter(|t| !t.is_empty());
        let way = if &found[1] == "upgrade" { Way::Up } else { Way::Down };
        return Some(Line::Running { way, from: part(2), to: part(3), words: part(4).unwrap_or_default() });
    }
    if let Some(found) = PROGRESS.as_ref()?.captures(line) {
        let words = found.get(4).map(|m| m.as_str().trim().to_owned()).unwrap_or_default();
        let (done, total) = (found[2].parse().ok()?, found[3].parse().ok()?);
        return Some(Line::Progress { revision: found[1].to_owned(), done, total, words });
    }
    if let Some(found) = DONE.as_ref()?.captures(line) {
        let field = |name: &str| {
            found[2].split_whitespace().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
        };
        let seconds = |name: &str| field(name)?.trim_end_matches('s').parse().ok().filter(|s: &f64| s.is_finite());
        return Some(Line::Done {
            revision: found[1].to_owned(),
            rows: field("rows").and_then(|rows| rows.parse().ok()),
            locked: seconds("locked"),
            took: seconds("took"),
        });
    }
    let found = ERROR.as_ref()?.captures(line)?;
    let text = found.get(1).or_else(|| found.get(2))?.as_str().trim();
    (!text.is_empty()).then(|| Line::Error(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(way: Way, from: Option<&str>, to: Option<&str>, words: &str) -> Line {
        let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
        Line::Running { way, from: owned(from), to: owned(to), words: words.to_owned() }
    }

    #[test]
    fn alembic_and_our_own_lines_read_the_same() {
        let expected = running(Way::Up, Some("0001"), Some("0002"), "add wip link, constraints");
        for line in [
            "INFO  Running upgrade 0001 -> 0002, add wip link, constraints",
            "INFO  [alembic.runtime.migration] Running upgrade 0001 -> 0002, add wip link, constraints",
            "2026-11-22 14:00:07,204 INFO alembic Running upgrade 0001 -> 0002, add wip link, constraints\r",
        ] {
            assert_eq!(read(line).as_ref(), Some(&expected), "{line}");
        }
        assert_eq!(
            read("INFO  [a] Running upgrade  -> 0001, initial schema"),
            Some(running(Way::Up, None, Some("0001"), "initial schema"))
        );
        assert_eq!(
            read("Running downgrade 0001 -> , initial"),
            Some(running(Way::Down, Some("0001"), None, "initial"))
        );
        assert_eq!(
            read("Running upgrade a1, b2 -> c3 (mergepoint), merge"),
            Some(running(Way::Up, Some("a1, b2"), Some("c3"), "merge"))
        );
        assert_eq!(read("Running upgrade 0001 -> 0002"), Some(running(Way::Up, Some("0001"), Some("0002"), "")));
    }

    #[test]
    fn counts_ends_and_errors_are_read() {
        let progress = Line::Progress { revision: "0002".into(), done: 5, total: 10, words: "building idx_a".into() };
        assert_eq!(read("PROGRESS 0002 5/10 building idx_a"), Some(progress));
        let done = Line::Done { revision: "0002".into(), rows: Some(360_000), locked: Some(1.234), took: Some(1.24) };
        assert_eq!(read("DONE 0002 rows=360000 locked=1.234s took=1.240s"), Some(done));
        assert_eq!(read("ERROR NOT NULL failed"), Some(Line::Error("NOT NULL failed".into())));
        assert_eq!(read("ERROR [alembic.util.messaging] Can't locate"), Some(Line::Error("Can't locate".into())));
        assert_eq!(read("FAILED: Can't locate"), Some(Line::Error("Can't locate".into())));
        let python = "sqlalchemy.exc.IntegrityError: (psycopg.errors.NotNullViolation) null value";
        assert_eq!(read(python), Some(Line::Error(python.into())));
        assert_eq!(read("INFO  Context impl PostgresqlImpl."), None);
        assert_eq!(read("PROGRESS 0002 99999999999999999999999/1 x"), None);
    }
}
