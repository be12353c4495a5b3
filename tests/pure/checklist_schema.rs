//! The schema for editors is the one the program prints, fits every checklist that ships, and knows the same keys, words
//! and needs as the reader, table by table.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub(crate) mod fits;
mod levels;

use fits::fits;
use gonogo::checklist::lint::lint;
use gonogo::checklist::schema;
use gonogo::commands::open::SHIPPED;
use levels::LEVELS;
use serde_json::Value;
use std::collections::BTreeSet;

const WHOLE: &str = include_str!("../fixtures/checklists/whole.toml");
const FILE: &str = include_str!("../../assets/checklist.schema.json");

fn schema() -> Value {
    serde_json::from_str(&schema::text()).unwrap()
}

fn value(text: &str) -> Value {
    serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()
}

#[test]
fn the_file_is_what_the_program_prints() {
    let same = FILE == schema::text();
    assert!(same, "the types say otherwise by now; run `cargo run -- schema > assets/checklist.schema.json`");
}

#[test]
fn every_checklist_that_ships_fits_and_names_it() {
    let schema = schema();
    for (name, text) in SHIPPED {
        fits(&schema, &schema, &value(text)).unwrap_or_else(|why| panic!("{name}: {why}"));
        let first = text.lines().next().unwrap();
        assert_eq!(first, "#:schema ../assets/checklist.schema.json", "{name} does not name its schema");
    }
    fits(&schema, &schema, &value(WHOLE)).unwrap();
}

#[test]
fn what_the_reader_refuses_does_not_fit() {
    let schema = schema();
    for (right, wrong) in [
        ("offset = \"T-10m\"", "ofset = \"T-10m\""),
        ("offset = \"T-10m\"", "offset = \"10m\""),
        ("downtime = \"5m\"", "downtime = \"5 parsecs\""),
        ("downtime = \"5m\"", "downtime = 5"),
        ("order = \"steps\"", "order = \"step\""),
        ("stage = \"make\"", "stage = \"made\""),
        ("kind = \"value\", ", "kind = \"valeu\", "),
        ("at_most = 10,", "at_most = 10, below = 11,"),
        ("at_most = 10,", ""),
        ("seed_line = 1\n", "seed_line = 0\n"),
        ("seed_line = 1\n", "seed_line = true\n"),
        ("run = \"pytest\"", "run = \"pytest\", use = \"stop\""),
        ("header = \"x-query-count\"", "head = \"x-query-count\""),
        ("title = \"Staging\"\n", ""),
        ("format = 1", "format = 2"),
    ] {
        assert!(WHOLE.contains(right), "the fixture has no {right} any more");
        let wrong = WHOLE.replacen(right, wrong, 1);
        assert!(fits(&schema, &schema, &value(&wrong)).is_err(), "{right} may not be {wrong:.60}");
        assert!(lint("c.toml", &wrong).0.is_none(), "the reader takes what the schema refuses");
    }
}

#[test]
fn every_table_of_the_schema_is_held_against_the_reader() {
    let schema = schema();
    let mut all = BTreeSet::from([(String::new(), None)]);
    for (name, definition) in schema["definitions"].as_object().unwrap() {
        if definition.get("properties").is_some() {
            all.insert((name.clone(), None));
        }
        for variant in definition.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
            if let Some(kind) = variant["properties"]["kind"]["const"].as_str() {
                all.insert((name.clone(), Some(kind.to_owned())));
            }
        }
    }
    let held: BTreeSet<_> = LEVELS.iter().map(|l| (l.name.to_owned(), l.kind.map(str::to_owned))).collect();
    assert_eq!(all, held);
}

#[test]
fn the_reader_knows_the_same_keys() {
    let schema = schema();
    for level in &LEVELS {
        let properties = level.properties(&schema);
        // All keys of the schema, each with a value that is of no use, so that only unknown ones are unknown.
        let keys = properties.iter().map(|(key, _)| format!("{key} = 1979-05-27"));
        let unknown: Vec<String> = level
            .problems(keys)
            .into_iter()
            .map(|(message, _)| message)
            .filter(|m| m.contains("is no key of"))
            .collect();
        assert!(unknown.is_empty(), "{level:?}: the reader does not know them: {unknown:?}");
        // As many as the reader reports, so that none is left out.
        let problems = level.problems(["zzzz = 1".to_owned()]);
        let reported = problems.iter().find(|(message, _)| message.starts_with("`zzzz` is no key of"));
        let (_, reported) = reported.unwrap_or_else(|| panic!("{level:?}: {problems:?}"));
        let kind = usize::from(level.kind.is_some());
        assert_eq!(counted(reported), properties.len() + kind, "{level:?}: {reported}");
    }
}

/// How many words a suggestion lists: those in back quotes, and how many more.
fn counted(suggestion: &str) -> usize {
    let more = suggestion.split(" and ").nth(1).and_then(|rest| rest.strip_suffix(" more"));
    suggestion.matches('`').count() / 2 + more.map_or(0, |more| more.parse::<usize>().unwrap())
}

#[test]
fn the_reader_knows_the_same_words() {
    let schema = schema();
    let mut held = 0;
    for level in &LEVELS {
        for (key, property) in level.properties(&schema) {
            let Some(words) = levels::words(&schema, &property) else { continue };
            let problems = level.problems([format!("{key} = \"zzzz\"")]);
            let start = format!("`zzzz` is no `{key}` of");
            let reported = problems.iter().find(|(message, _)| message.starts_with(&start));
            let (_, reported) = reported.unwrap_or_else(|| panic!("{level:?} {key}: {problems:?}"));
            let known: BTreeSet<&str> = reported.split('`').skip(1).step_by(2).collect();
            assert_eq!(known, words.iter().map(String::as_str).collect(), "{level:?} {key}");
            held += 1;
        }
    }
    assert!(held >= 18, "only {held} lists of words were found");
}

#[test]
fn what_the_schema_requires_the_reader_misses() {
    let schema = schema();
    for level in &LEVELS {
        let problems = level.problems(["zzzz = 1".to_owned()]);
        for key in level.required(&schema) {
            let (quoted, plain) = (format!("has no `{key}`"), format!("has no {key}"));
            let missed = problems.iter().any(|(message, _)| message.contains(&quoted) || message.contains(&plain));
            assert!(missed, "{level:?}: the reader does without {key}: {problems:?}");
        }
    }
}
