//! Facts and overlays: what is written once is used everywhere, an environment and a small file change it, and every fault
//! is shown where it was made.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use gonogo::checklist::check::Check;
use gonogo::checklist::digest::of_checklist;
use gonogo::checklist::lint::{Linted, explain, lint_with};
use gonogo::checklist::{Checklist, Item, ItemId};
use gonogo::deployment::Plan;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

const BASE: &str = include_str!("../fixtures/overlays/shop.toml");
const NEUROHUB: &str = include_str!("../../checklists/neurohub.toml");
const PARCELHUB: &str = include_str!("../../checklists/overlays/parcelhub.toml");

fn laid(overlay: &str) -> Linted {
    lint_with([("shop.toml", BASE), ("team.toml", overlay)])
}

fn fine(linted: Linted) -> Checklist {
    linted.checklist.unwrap_or_else(|| panic!("{:#?}", linted.problems))
}

/// Every problem as `FILE:LINE:COLUMN: MESSAGE = SUGGESTION`.
fn problems(overlay: &str) -> Vec<String> {
    let reported = laid(overlay).problems.into_iter().map(|p| {
        let at = format!("{}:{}:{}", p.file, p.place.line, p.place.column);
        format!("{at}: {} = {}", p.message, p.suggestion.unwrap_or_default())
    });
    reported.collect()
}

fn item<'a>(checklist: &'a Checklist, id: &str) -> &'a Item {
    checklist.item(&ItemId::new(id)).unwrap()
}

fn plan(checklist: Checklist, environment: &str) -> Plan {
    Plan::new(Arc::new(checklist), BTreeMap::from([("db".into(), environment.into())]))
}

fn tables(item: &Item) -> &[String] {
    match &item.check {
        Check::Schema(schema) => &schema.tables,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fact_keeps_its_type_and_stands_in_texts() {
    let checklist = fine(lint_with([("shop.toml", BASE)]));
    assert_eq!(checklist.title, "Shop, 2 tables");
    let tables_item = item(&checklist, "p/a/tables");
    assert_eq!(tables(tables_item), ["users", "orders", "lines"], "a list among others stands for its elements");
    assert_eq!(tables_item.note.as_deref(), Some("Orders: 'orders', 'lines'"));
    let count = item(&checklist, "p/a/count");
    assert!(serde_json::to_string(&count.targets[0]).unwrap().contains("30.0"), "{:?}", count.targets);
    let Check::Sql(sql) = &count.check else { panic!() };
    assert!(serde_json::to_string(sql).unwrap().contains("SELECT count(*) FROM orders"), "a fact made of a fact");
    let Check::Sql(sql) = &item(&checklist, "p/a/equal").check else { panic!() };
    assert!(serde_json::to_string(sql).unwrap().contains(r#""30""#), "a number where a text is expected is that text");
    assert_eq!(checklist.environments[&"one".into()].database.as_deref(), Some("sqlite:${SHOP_HOME}/one.db"));
}

#[test]
fn an_environments_facts_are_those_of_its_slot_once_it_is_chosen() {
    let read = || fine(lint_with([("shop.toml", BASE)]));
    let (one, two) = (plan(read(), "one"), plan(read(), "two"));
    assert_eq!(tables(one.item(&"p/a/tables".into()).unwrap()), ["users", "orders", "lines"]);
    assert_eq!(tables(two.item(&"p/a/tables".into()).unwrap()), ["users", "orders"]);
    assert_eq!(two.item(&"p/a/tables".into()).unwrap().note.as_deref(), Some("Orders: 'orders'"));
    assert_eq!(two.environment(&"two".into()).unwrap().database.as_deref(), Some("sqlite:${STORE_HOME}/two.db"));
    // What has no slot has the checklist's own facts, whatever is chosen.
    assert_eq!(two.item(&"p/b/reported".into()).unwrap().title, "Reported 2 tables");
    assert_eq!(one.digest(), two.digest(), "the digest is of what was written, for every choice");
}

#[test]
fn an_overlay_changes_adds_and_waives() {
    let checklist = fine(laid(
        r#"
        title = "Team"
        [facts]
        main = "bookings"
        [change."p/a/count"]
        title = "Bookings"
        check.unit = "bookings"
        targets = [{ measure = "rows", at_least = 7, unit = "bookings" }]
        without = ["note"]
        [change."p/a/equal"]
        check = { kind = "manual" }
        [[change."p/a".item]]
        id = "new"
        title = "New"
        before = "count"
        [environments.three]
        slot = "db"
        database = "sqlite:three.db"
        [change."pane:size"]
        title = "disk"
        [waive]
        "p/b" = "nobody is notified here"
        "#,
    ));
    assert_eq!(checklist.title, "Team");
    let ids: Vec<&str> = checklist.items().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["p/a/tables", "p/a/new", "p/a/count", "p/a/equal", "p/b/reported"]);
    let count = item(&checklist, "p/a/count");
    assert_eq!((count.title.as_str(), count.note.as_deref()), ("Bookings", None));
    let Check::Sql(sql) = &count.check else { panic!() };
    let sql = serde_json::to_string(sql).unwrap();
    assert!(sql.contains("FROM bookings") && sql.contains(r#""unit":"bookings""#), "{sql}");
    assert!(
        matches!(item(&checklist, "p/a/equal").check, Check::Manual),
        "another kind keeps no key of the one before"
    );
    assert!(checklist.environments.contains_key(&"three".into()));
    assert_eq!(checklist.panes[0].title, "disk");
    let plan = plan(checklist, "one");
    let reported = plan.item(&"p/b/reported".into()).unwrap();
    assert_eq!(plan.inapplicable(reported).as_deref(), Some("nobody is notified here"));
}

#[test]
fn what_is_laid_over_is_a_checklist_of_its_own_that_means_the_same() {
    for overlay in ["[facts]\nmain = \"bookings\"\n", "[waive]\n\"no people\" = [\"p/b/reported\"]\n"] {
        let linted = laid(overlay);
        let text = linted.text.clone().unwrap();
        let again = fine(lint_with([("snapshot.toml", text.as_str())]));
        assert_eq!(of_checklist(&fine(linted)), of_checklist(&again), "{text}");
    }
    let linted = lint_with([("neurohub.toml", NEUROHUB), ("parcelhub.toml", PARCELHUB)]);
    let text = linted.text.clone().unwrap();
    assert_eq!(of_checklist(&fine(linted)), of_checklist(&fine(lint_with([("s.toml", text.as_str())]))));
}

#[test]
fn a_fault_is_shown_in_the_file_that_made_it() {
    for (overlay, wanted) in [
        ("[facts]\nmian = 1\n", "team.toml:2:8: nothing uses the fact `mian` = did you mean `main`?"),
        (
            "[facts]\nlimit = \"many\"\n",
            "team.toml:2:9: `below`: expected a number, found a string; the fact `limit` is used at shop.toml:47",
        ),
        (
            "[change.\"p/a/cuont\"]\ntitle = \"x\"\n",
            "team.toml:1:9: the checklist has no `p/a/cuont` = did you mean `p/a/count`?",
        ),
        ("[waive]\n\"p/c\" = \"no\"\n", "team.toml:2:1: the checklist has no `p/c` = did you mean `p/"),
        ("[waive]\n\"p/b\" = \" \"\n", "team.toml:2:9: `p/b` is empty"),
        ("[chnage]\n", "team.toml:1:2: `chnage` is no key of an overlay = did you mean `change`?"),
        (
            "[environments.tow]\nurl = \"http://x\"\n",
            "team.toml:1:15: the checklist has no environment `tow` = did you mean `two`?",
        ),
        (
            "[change.\"p/a/count\"]\ntitel = \"x\"\n",
            "team.toml:2:1: `titel` is no key of an item = did you mean `title`?",
        ),
        (
            "[change.\"p/a/count\"]\nwithout = [\"nte\"]\n",
            "team.toml:2:12: there is no `nte` to take away = did you mean `note`?",
        ),
        (
            "[change.\"p/a/count\"]\nnote = \"${facts.mian}\"\n",
            "team.toml:2:9: `${facts.mian}` names the fact `mian`, which is not there = did you mean `main`?",
        ),
        ("[facts]\nmain = \"${facts.main}x\"\n", "team.toml:2:8: the fact `main` is made of itself"),
        ("[facts]\nmain = { a = 1 }\n", "team.toml:2:8: the fact `main` is a table"),
        ("[change.\"p/a/count\"]\nid = \"x\"\n", "team.toml:2:1: an `id` cannot be changed"),
        (
            "[[change.\"p/a\".item]]\nid = \"n\"\ntitle = \"N\"\nbefore = \"cuont\"\n",
            "team.toml:4:10: there is no item `cuont` to stand before",
        ),
        (
            "[environments.one.facts]\nmian = 1\n",
            "team.toml:2:8: the checklist has no fact `mian` = did you mean `main`?",
        ),
        ("title = \n", "team.toml:1:9: this is no TOML"),
    ] {
        let reported = problems(overlay);
        assert!(reported.iter().any(|problem| problem.starts_with(wanted)), "{overlay}\n{wanted}\n{reported:#?}");
        assert!(laid(overlay).checklist.is_none(), "{overlay}");
    }
}

#[test]
fn every_environments_variant_is_linted() {
    let reported = problems("[environments.two.facts]\nlimit = \"many\"\n");
    let wanted = "team.toml:2:9: with the facts of two: `below`: expected a number, found a string";
    assert!(reported.iter().any(|problem| problem.starts_with(wanted)), "{reported:#?}");
}

#[test]
fn a_password_in_a_fact_or_an_overlay_is_refused_and_not_shown() {
    for overlay in [
        "[environments.one]\ndatabase = \"postgresql://me:hunter2@db/shop\"\n",
        "[facts]\nmain = \"hunter2\"\n[environments.one]\ndatabase = \"postgresql://me:${facts.main}@db/shop\"\n",
    ] {
        let linted = laid(overlay);
        assert!(linted.checklist.is_none(), "{overlay}");
        assert!(linted.problems.iter().any(|problem| problem.message.contains("a password is written out")));
        let shown: String = linted.problems.iter().map(ToString::to_string).collect();
        assert!(overlay.starts_with("[facts]") || !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn each_value_reports_where_it_comes_from() {
    let files =
        [("shop.toml", BASE), ("team.toml", "[facts]\nmain = \"bookings\"\n[change.\"p/a/count\"]\ntitle = \"B\"\n")];
    let reported = explain(files, "p/a/count").unwrap();
    let of = |key: &str| {
        let found = reported.iter().find(|value| value.key == key).unwrap_or_else(|| panic!("{key}: {reported:#?}"));
        (found.value.as_str(), found.origin.as_str())
    };
    assert_eq!(of("title"), ("\"B\"", "team.toml:4"));
    assert_eq!(of("check.unit"), ("\"rows\"", "shop.toml:46"));
    assert_eq!(of("targets[0].below"), ("30", "shop.toml:47, fact limit from shop.toml:7"));
    assert_eq!(of("targets[0].below in two"), ("5", "shop.toml:47, fact limit from shop.toml:24"));
    let (query, origin) = of("check.query");
    assert!(query.contains("FROM bookings"));
    assert_eq!(origin, "shop.toml:46, fact counted from shop.toml:10, fact main from team.toml:2");
    assert_eq!(of("slot"), ("\"db\"", "shop.toml:34, inherited from p/a"));
    assert!(explain(files, "p/a/nope").is_none());
}

/// A word of NeuroHub in what another application would run or read. Dialects and slots that it does not use are left out.
fn left_over(value: &Value) -> Option<String> {
    const WORDS: [&str; 14] = [
        "lot_id",
        "lots",
        "serial",
        "wip",
        "process_data",
        "process-data",
        "inspection",
        "equipment",
        "initial_schema",
        "x-query",
        "audit_log",
        "defects",
        "data_level",
        "NEUROHUB",
    ];
    match value {
        Value::String(text) => WORDS.iter().any(|word| text.contains(word)).then(|| text.clone()),
        Value::Array(list) => list.iter().find_map(left_over),
        Value::Object(table) => {
            table.iter().filter(|(key, _)| *key != "sqlite").find_map(|(_, value)| left_over(value))
        }
        _ => None,
    }
}

#[test]
fn the_example_in_the_readme_lints() {
    let readme = include_str!("../../checklists/README.md");
    let example = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let linted = lint_with([("neurohub.toml", NEUROHUB), ("readme.toml", example)]);
    assert!(linted.problems.is_empty(), "{:#?}", linted.problems);
    let checklist = fine(linted);
    assert_eq!(item(&checklist, "p10/window/notice").latest, None);
    let ids: Vec<&str> =
        checklist.items().map(|item| item.id.as_str()).filter(|id| id.starts_with("p10/window/")).collect();
    let at = |id: &str| ids.iter().position(|other| *other == id).unwrap();
    assert_eq!(at("p10/window/freight") + 1, at("p10/window/support"));
}

#[test]
fn another_application_takes_thirty_lines() {
    assert!(PARCELHUB.lines().count() <= 30);
    let checklist = fine(lint_with([("neurohub.toml", NEUROHUB), ("parcelhub.toml", PARCELHUB)]));
    let mut all = String::new();
    for item in checklist.items().filter(|item| item.inapplicable.is_none()) {
        let check = serde_json::to_value(&item.check).unwrap();
        if !matches!(item.check, Check::Evidence(_) | Check::Backup(_)) {
            let mut check = check.clone();
            // Ids of items and metrics, which nothing runs.
            for id in ["against", "pane"] {
                check.as_object_mut().map(|check| check.remove(id));
            }
            assert_eq!(left_over(&check), None, "{}", item.id);
        }
        assert_eq!(left_over(&Value::String(item.title.clone())), None, "{}", item.id);
        all.push_str(&check.to_string());
        all.push_str(&item.title);
    }
    for (name, environment) in checklist.environments.iter().filter(|(name, _)| !name.as_str().starts_with("rehearsal"))
    {
        let reported = serde_json::to_value(environment).unwrap();
        assert_eq!(left_over(&reported), None, "{name}");
        all.push_str(&reported.to_string());
    }
    let overlay: toml::Table = PARCELHUB.parse().unwrap();
    for (name, value) in overlay["facts"].as_table().unwrap() {
        let values: Vec<&toml::Value> = value.as_array().map_or(vec![value], |list| list.iter().collect());
        for value in values {
            let text = value.as_str().unwrap();
            let quoted = serde_json::to_string(text).unwrap();
            assert!(all.contains(quoted.trim_matches('"')), "nothing uses {text} of the fact {name}");
        }
    }
}
