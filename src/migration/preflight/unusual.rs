//! Statements that PostgreSQL has and the parser does not: read by their words.

use super::act::{Act, Mentioned, Mode};
use super::name::Name;
use regex::Regex;
use std::sync::LazyLock;

const NAME: &str = r#"((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)"#;

struct Form {
    pattern: Option<Regex>,
    make: fn(&regex::Captures<'_>) -> Option<Vec<Act>>,
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let form = |pattern: &str, make| {
        let pattern = format!("(?is)^{}$", pattern.replace("NAME", NAME).replace(' ', r"\s+"));
        Form { pattern: Regex::new(&pattern).ok(), make }
    };
    vec![
        form(r"drop index concurrently( if exists)? NAME(?:\s+(?:cascade|restrict))?", |found| {
            let (name, if_present) = (name(found.get(2)?.as_str()), found.get(1).is_some());
            Some(vec![Act::DropIndex { name, if_present, concurrently: true }])
        }),
        form(r"reindex(?:\s*\([^)]*\))? (?:index|table) concurrently NAME", |found| {
            let table = Some(name(found.get(1)?.as_str()));
            let lock = Some(Mode::ShareUpdateExclusive);
            Some(vec![Act::OutsideOnly { what: "REINDEX CONCURRENTLY", table, lock, rewrites: false }])
        }),
        form(r"reindex(?:\s*\([^)]*\))? (?:index|table) NAME", |found| {
            let relation = name(found.get(1)?.as_str());
            Some(vec![Act::Rebuild { what: "REINDEX", relation, lock: Mode::Share }])
        }),
        form(r"cluster(?: verbose)? NAME(?: using NAME)?", |found| {
            let relation = name(found.get(1)?.as_str());
            Some(vec![Act::Rebuild { what: "CLUSTER", relation, lock: Mode::AccessExclusive }])
        }),
        form(r"refresh materialized view( concurrently)? NAME(?: with(?: no)? data)?", |found| {
            let relation = name(found.get(2)?.as_str());
            let lock = if found.get(1).is_some() { Mode::Exclusive } else { Mode::AccessExclusive };
            Some(vec![Act::Rebuild { what: "REFRESH MATERIALIZED VIEW", relation, lock }])
        }),
        form(r"vacuum(?: full|\s*\(\s*full[^)]*\))(?: \w+)*? NAME", |found| {
            let table = Some(name(found.get(1)?.as_str()));
            let lock = Some(Mode::AccessExclusive);
            Some(vec![Act::OutsideOnly { what: "VACUUM FULL", table, lock, rewrites: true }])
        }),
        form(r"vacuum\b.*", |_| Some(vec![outside("VACUUM")])),
        form(r"(?:create|drop) database .*", |_| Some(vec![outside("CREATE or DROP DATABASE")])),
        form(r"alter system .*", |_| Some(vec![outside("ALTER SYSTEM")])),
        form(r"alter table(?: if exists)?(?: only)? NAME attach partition .*", |found| {
            let mut acts = alter(found, "ATTACH PARTITION", Mode::ShareUpdateExclusive)?;
            acts.push(open("whether all rows belong into the partition is not asked"));
            Some(acts)
        }),
        form(r"alter table(?: if exists)?(?: only)? NAME detach partition .*", |found| {
            alter(found, "DETACH PARTITION", Mode::AccessExclusive)
        }),
        form(r"alter table(?: if exists)?(?: only)? NAME set schema .*", |found| {
            let mut acts = alter(found, "SET SCHEMA", Mode::AccessExclusive)?;
            acts.push(open("whether the schema is there and has no table of this name is not asked"));
            Some(acts)
        }),
        form(r"alter table(?: if exists)?(?: only)? NAME set tablespace .*", |found| {
            let table = name(found.get(1)?.as_str());
            let (what, lock) = ("SET TABLESPACE".to_owned(), Mode::AccessExclusive);
            let open = open("whether the tablespace is there is not asked");
            Some(vec![Act::AlterTable { table, what, lock, rewrites: true }, open])
        }),
        form(r"alter table(?: only)? NAME alter(?: column)? NAME set statistics .*", |found| {
            alter(found, "SET STATISTICS", Mode::ShareUpdateExclusive)
        }),
        form(r"(?:alter sequence|alter default privileges|reassign owned|security label) .*", |found| {
            let words: Vec<&str> = found.get(0)?.as_str().split_whitespace().take(2).collect();
            Some(vec![open(&format!("what {} names or sets is not looked at", words.join(" ").to_uppercase()))])
        }),
        form(r"(?:analyze|analyse)(?: verbose)? NAME", |found| {
            let relations = vec![name(found.get(1)?.as_str())];
            Some(vec![Act::Mentions(Mentioned { what: "ANALYZE", relations, ..Mentioned::default() })])
        }),
        form(r"(?:analyze|analyse) .*", |_| Some(vec![open("what ANALYZE names is not looked at")])),
        form(r"notify .*", |_| Some(vec![Act::Harmless { what: "NOTIFY" }])),
        form(r"(?:analyze|analyse)", |_| Some(vec![Act::Harmless { what: "ANALYZE" }])),
    ]
});

/// The acts of a statement that has one of these forms.
pub(super) fn read(text: &str) -> Option<Vec<Act>> {
    FORMS.iter().find_map(|form| {
        let found = form.pattern.as_ref()?.captures(text.trim())?;
        (form.make)(&found)
    })
}

fn open(what: &str) -> Act {
    Act::LeftOpen { what: what.to_owned() }
}

fn outside(what: &'static str) -> Act {
    Act::OutsideOnly { what, table: None, lock: None, rewrites: false }
}

fn alter(found: &regex::Captures<'_>, what: &str, lock: Mode) -> Option<Vec<Act>> {
    let table = name(found.get(1)?.as_str());
    Some(vec![Act::AlterTable { table, what: what.to_owned(), lock, rewrites: false }])
}

/// A name as written, folded.
fn name(text: &str) -> Name {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('"') {
            let end = inside.find('"').unwrap_or(inside.len());
            parts.push(inside[..end].to_owned());
            rest = inside.get(end + 1..).unwrap_or_default().trim_start_matches('.');
        } else {
            let (part, after) = rest.split_once('.').unwrap_or((rest, ""));
            parts.push(part.to_lowercase());
            rest = after;
        }
    }
    let name = parts.pop().unwrap_or_default();
    Name { schema: parts.pop(), name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn every_pattern_is_one() {
        assert!(FORMS.iter().all(|form| form.pattern.is_some()));
    }

    #[rstest]
    #[case("DROP INDEX CONCURRENTLY IF EXISTS App.\"Idx\"", "app", "Idx")]
    #[case("drop  index concurrently idx", "", "idx")]
    fn concurrent_drops_are_read(#[case] sql: &str, #[case] schema: &str, #[case] index: &str) {
        let acts = read(sql).unwrap();
        let [Act::DropIndex { name, concurrently: true, .. }] = acts.as_slice() else { panic!("{acts:?}") };
        assert_eq!((name.schema.as_deref().unwrap_or_default(), name.name.as_str()), (schema, index));
    }

    #[rstest]
    #[case("VACUUM", "VACUUM")]
    #[case("VACUUM (ANALYZE) t", "VACUUM")]
    #[case("VACUUM FULL t", "VACUUM FULL")]
    #[case("REINDEX TABLE CONCURRENTLY t", "REINDEX CONCURRENTLY")]
    #[case("CREATE DATABASE x", "CREATE or DROP DATABASE")]
    fn what_no_transaction_may_hold_is_known(#[case] sql: &str, #[case] expected: &str) {
        let acts = read(sql).unwrap();
        assert!(matches!(acts.as_slice(), [Act::OutsideOnly { what, .. }] if *what == expected), "{acts:?}");
    }

    #[rstest]
    #[case("SELECT 1")]
    #[case("ALTER TABLE t ADD COLUMN a INT")]
    #[case("DROP INDEX i")]
    #[case("vacuumed")]
    fn the_rest_is_the_parsers(#[case] sql: &str) {
        assert_eq!(read(sql), None);
    }
}
