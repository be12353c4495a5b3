//! What a migrator's lines look like, kind by kind, and as a checklist gives it.

use super::lines::{self, Line, Way};
use crate::checklist::environment::{Migrator, MigratorKind, Patterns};
use regex::{Captures, Regex};

/// A line that names no revision, such as Flyway's repeatable migrations.
const UNNAMED: &str = "?";

/// Reads the lines of one migrator.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Whether lines are read as Alembic and our own migrator write them where no pattern fits.
    built_in: bool,
    running: Option<Regex>,
    done: Option<Regex>,
    progress: Option<Regex>,
    error: Option<Regex>,
}

/// The patterns that come with a kind.
pub(crate) fn preset(kind: MigratorKind) -> Patterns {
    let some = |pattern: &str| Some(pattern.to_owned());
    match kind {
        MigratorKind::Dbmate => Patterns {
            running: some(r"^(?<way>Applying|Rolling back): (?<revision>\d+)_?(?<words>[^\s.]*)"),
            done: some(r"^(?:Applied|Rolled back): (?<revision>\d+)\S*(?: in (?<took>\S+))?$"),
            progress: None,
            error: some(r"^Error: (?<text>.+)$"),
        },
        MigratorKind::Flyway => Patterns {
            running: some(
                "(?<way>Migrating|Undoing migration of) schema \"[^\"]*\" (?:(?:to|from) version \
                 \"(?<revision>[^\" ]+)(?: - (?<words>[^\"]*))?\"|with repeatable migration \"(?<to>[^\"]*)\")",
            ),
            done: None,
            progress: None,
            error: some(r"^(?:ERROR: |Error: )(?<text>.+)$"),
        },
        MigratorKind::Sqlx => Patterns {
            running: None,
            done: some(r"^Applied (?:migrations/)?(?<revision>\d+)\S*.*?(?: \((?<took>[^()\s]+)\))?$"),
            progress: None,
            error: some(r"^error: (?<text>.+)$"),
        },
        MigratorKind::Alembic | MigratorKind::Command => Patterns::default(),
    }
}

impl Reader {
    /// How to read this migrator's lines: as its checklist says, else as its kind does.
    #[must_use]
    pub(crate) fn of(migrator: &Migrator) -> Self {
        let preset = preset(migrator.kind);
        let given = migrator.patterns.clone().unwrap_or_default();
        let compile = |given: Option<String>, preset: Option<String>| Regex::new(&given.or(preset)?).ok();
        Self {
            built_in: !matches!(migrator.kind, MigratorKind::Dbmate | MigratorKind::Flyway),
            running: compile(given.running, preset.running),
            done: compile(given.done, preset.done),
            progress: compile(given.progress, preset.progress),
            error: compile(given.error, preset.error),
        }
    }

    /// Reads one line of plain text. `None` when it says nothing about the run.
    pub(crate) fn read(&self, line: &str) -> Option<Line> {
        let line = line.trim();
        let found = |regex: &Option<Regex>| regex.as_ref().and_then(|regex| regex.captures(line));
        if let Some(found) = found(&self.running) {
            return Some(running(&found));
        }
        if let Some(found) = found(&self.progress)
            && let (Some(done), Some(total)) = (number(&found, "done"), number(&found, "total"))
        {
            let revision = part(&found, "revision").unwrap_or_default();
            return Some(Line::Progress { revision, done, total, words: part(&found, "words").unwrap_or_default() });
        }
        if let Some(found) = found(&self.done) {
            return Some(Line::Done {
                revision: part(&found, "revision").unwrap_or_else(|| UNNAMED.to_owned()),
                rows: number(&found, "rows"),
                locked: part(&found, "locked").and_then(|text| seconds(&text)),
                took: part(&found, "took").and_then(|text| seconds(&text)),
            });
        }
        if let Some(found) = found(&self.error) {
            let text = part(&found, "text").or_else(|| found.get(0).map(|all| all.as_str().to_owned()))?;
            return Some(Line::Error(text));
        }
        self.built_in.then(|| lines::read(line)).flatten()
    }
}

fn running(found: &Captures<'_>) -> Line {
    let back = ["down", "roll", "revert", "undo"];
    let way = part(found, "way").unwrap_or_default().to_lowercase();
    let way = if back.iter().any(|word| way.starts_with(word)) { Way::Down } else { Way::Up };
    let words = part(found, "words").unwrap_or_default().replace('_', " ");
    match part(found, "revision") {
        Some(revision) => Line::Applying { way, revision, words },
        None if found.name("from").is_some() => {
            Line::Running { way, from: part(found, "from"), to: part(found, "to"), words }
        }
        None => Line::Applying { way, revision: part(found, "to").unwrap_or_else(|| UNNAMED.to_owned()), words },
    }
}

fn part(found: &Captures<'_>, name: &str) -> Option<String> {
    found.name(name).map(|part| part.as_str().trim().to_owned()).filter(|text| !text.is_empty())
}

fn number(found: &Captures<'_>, name: &str) -> Option<u64> {
    part(found, name)?.replace([',', '_', ' '], "").parse().ok()
}

/// Reads `1.24s`, `32.5ms`, `123µs`, `1m2.5s` or a bare number of seconds.
fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += number
            * match &rest[..letters] {
                "" | "s" => 1.0,
                "ms" => 1e-3,
                "µs" | "μs" | "us" => 1e-6,
                "ns" => 1e-9,
                "m" | "min" => 60.0,
                "h" => 3_600.0,
                _ => return None,
            };
        rest = &rest[letters..];
    }
    (total.is_finite() && !text.trim().is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(kind: MigratorKind) -> Reader {
        Reader::of(&Migrator::new(kind, "x", Vec::new()))
    }

    fn applying(way: Way, revision: &str, words: &str) -> Line {
        Line::Applying { way, revision: revision.into(), words: words.into() }
    }

    #[test]
    fn dbmate_reports_beginning_end_and_time() {
        let read = |line: &str| reader(MigratorKind::Dbmate).read(line);
        assert_eq!(read("Applying: 20260301_add_wip_link.sql\r"), Some(applying(Way::Up, "20260301", "add wip link")));
        assert_eq!(
            read("Rolling back: 20260301_add_wip_link.sql"),
            Some(applying(Way::Down, "20260301", "add wip link"))
        );
        let Some(Line::Done { revision, took: Some(took), .. }) = read("Applied: 20260301_add.sql in 1.5ms") else {
            panic!("not read")
        };
        assert!(revision == "20260301" && (took - 0.0015).abs() < 1e-9);
        assert_eq!(read("Error: pq: relation \"x\" exists"), Some(Line::Error("pq: relation \"x\" exists".into())));
        assert_eq!(read("Writing: ./db/schema.sql"), None);
    }

    #[test]
    fn flyway_reports_versions_and_repeatables_and_no_cheerful_end() {
        let read = |line: &str| reader(MigratorKind::Flyway).read(line);
        assert_eq!(
            read("Migrating schema \"public\" to version \"2.1 - rooms of a ward\""),
            Some(applying(Way::Up, "2.1", "rooms of a ward"))
        );
        assert_eq!(
            read("INFO: Migrating schema \"public\" with repeatable migration \"views of a ward\""),
            Some(applying(Way::Up, "views of a ward", ""))
        );
        assert_eq!(
            read("Undoing migration of schema \"public\" from version \"2.1 - rooms\""),
            Some(applying(Way::Down, "2.1", "rooms"))
        );
        assert_eq!(read("Successfully applied 2 migrations to schema \"public\", now at version v2.1"), None);
        assert_eq!(read("ERROR: Migration of schema failed!"), Some(Line::Error("Migration of schema failed!".into())));
    }

    #[test]
    fn sqlx_itself_reports_what_is_applied() {
        let read = |line: &str| reader(MigratorKind::Sqlx).read(line);
        for line in ["Applied 20260301/migrate add wip (2.5ms)", "Applied migrations/20260301 add wip (2.5ms)"] {
            let Some(Line::Done { revision, took: Some(took), .. }) = read(line) else { panic!("{line}") };
            assert!(revision == "20260301" && (took - 0.0025).abs() < 1e-9, "{line}");
        }
        assert!(matches!(read("Applied 20260301/revert add"), Some(Line::Done { .. })));
        assert!(matches!(read("error: while executing"), Some(Line::Error(_))));
        // What our own migrator says is read too.
        assert!(matches!(read("INFO  Running upgrade 0001 -> 0002, x"), Some(Line::Running { .. })));
    }

    #[test]
    fn a_checklists_own_patterns_come_first() {
        let mut migrator = Migrator::new(MigratorKind::Command, "x", Vec::new());
        migrator.patterns = Some(Patterns {
            running: Some(r"^== (?<revision>\d+) (?<words>\w+): migrating".into()),
            done: Some(r"^== (?<revision>\d+) \w+: migrated \((?<took>[\d.]+s)\)".into()),
            progress: Some(r"(?<done>[\d,]+) of (?<total>[\d,]+) rows".into()),
            error: Some("^(?<text>.*rake aborted.*)".into()),
        });
        let reader = Reader::of(&migrator);
        assert_eq!(reader.read("== 2026 CreateLots: migrating ====="), Some(applying(Way::Up, "2026", "CreateLots")));
        let Some(Line::Done { took: Some(took), .. }) = reader.read("== 2026 CreateLots: migrated (0.0045s) ==") else {
            panic!("not read")
        };
        assert!((took - 0.0045).abs() < 1e-9);
        let Some(Line::Progress { done: 1_200, total: 3_600, .. }) = reader.read("1,200 of 3,600 rows") else {
            panic!("not read")
        };
        assert_eq!(reader.read("rake aborted!"), Some(Line::Error("rake aborted!".into())));
    }

    #[test]
    fn times_are_read_in_the_units_migrators_use() {
        let close = |text: &str, expected: f64| (seconds(text).unwrap() - expected).abs() < 1e-9;
        assert!(close("123µs", 0.000_123) && close("1m2.5s", 62.5) && close("7", 7.0) && close("32.5ms", 0.0325));
        assert_eq!((seconds(""), seconds("soon"), seconds("3 parsecs")), (None, None, None));
    }
}
