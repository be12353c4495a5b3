//! A pass counts where what it claims could have been otherwise.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::deployment::{Deployment, outcome, passed};
use gonogo::checklist::ItemId;
use gonogo::checklist::lint::{lint, lint_strictly};
use gonogo::deployment::{Verdict, precondition};

const PLAN: &str = r#"
format = 1
id = "gone"
title = "Gone"
[[slot]]
id = "db"
title = "Database"
[environments.one]
slot = "db"
database = "sqlite:one.db"
url = "http://127.0.0.1:1"
[environments.one.migrator]
kind = "alembic"
command = "alembic"
[[phase]]
id = "p"
title = "P"
slot = "db"
[[phase.section]]
id = "a"
title = "A"
[[phase.section.item]]
id = "not-yet"
title = "Not yet"
check = { kind = "schema", table = "orders", columns = [{ name = "wip_id", absent = true }, { name = "id" }] }
[[phase.section.item]]
id = "up"
title = "Up"
check = { kind = "migration", direction = "upgrade" }
[[phase.section.item]]
id = "there"
title = "There"
check = { kind = "schema", table = "orders", columns = [{ name = "WIP_ID" }] }
[[phase.section.item]]
id = "gone"
title = "Gone"
check = { kind = "schema", table = "orders", columns = [{ name = "wip_id", absent = true }] }
[[phase.section.item]]
id = "named"
title = "Named"
check = { kind = "schema", table = "orders", columns = [{ name = "wip_id", absent = true }], present_before = "p/a/up" }
[[phase.section.item]]
id = "typo"
title = "Typo"
check = { kind = "schema", table = "orders", columns = [{ name = "wpi_id", absent = true }] }
[[phase.section.item]]
id = "rule"
title = "Rule"
check = { kind = "http", method = "POST", path = "/orders", body = "{}", status = 422 }
[[phase.section.item]]
id = "named-rule"
title = "Named rule"
check = { kind = "http", method = "POST", path = "/orders", body = "{}", status = 422, contains = "quantity" }
"#;

fn holds(deployment: &Deployment, item: &str) -> Result<(), String> {
    let item = deployment.plan.item(&ItemId::new(item)).unwrap();
    precondition::holds(&deployment.plan, &deployment.state, item, &"one".into()).map_err(|why| why.to_string())
}

#[test]
fn what_is_absent_counts_only_where_it_was_there() {
    let mut deployment = Deployment::open(PLAN, &[("db", "one")]);
    assert_eq!(holds(&deployment, "p/a/not-yet"), Ok(()), "where a deployment starts from");
    let typo = holds(&deployment, "p/a/typo").unwrap_err();
    assert!(
        typo.starts_with("the column wpi_id of orders is absent, but nothing in this ledger found it in one"),
        "{typo}"
    );

    deployment.attempt("p/a/up", passed());
    assert!(holds(&deployment, "p/a/gone").is_err(), "nobody saw it after the migration");
    assert_eq!(holds(&deployment, "p/a/named"), Ok(()), "the plan names what made it");
    deployment.attempt("p/a/there", outcome(Verdict::Fail, "not found"));
    assert!(holds(&deployment, "p/a/gone").is_err(), "a check that failed found nothing");
    deployment.attempt("p/a/there", passed());
    assert_eq!(holds(&deployment, "p/a/gone"), Ok(()));
}

#[test]
fn an_item_that_is_said_to_have_made_it_must_have_run() {
    let mut deployment = Deployment::open(PLAN, &[("db", "one")]);
    let why = holds(&deployment, "p/a/named").unwrap_err();
    assert_eq!(why, "the column wip_id of orders is absent, and \"Up\", which would have made it, did not run in one");
    deployment.attempt("p/a/up", outcome(Verdict::Fail, "broke off"));
    assert!(holds(&deployment, "p/a/named").is_err(), "a migration that failed may have made nothing");
}

#[test]
fn a_refusal_counts_when_it_names_its_rule() {
    let deployment = Deployment::open(PLAN, &[("db", "one")]);
    let why = holds(&deployment, "p/a/rule").unwrap_err();
    assert_eq!(why, "any 422 would pass, whatever was refused; name the field or the rule with `contains`");
    assert_eq!(holds(&deployment, "p/a/named-rule"), Ok(()));
}

#[test]
fn strict_lint_names_each_check_that_passes_on_an_empty_target() {
    let item = |id: &str, check: &str| {
        format!("[[phase.section.item]]\nid = \"{id}\"\ntitle = \"{id}\"\ncheck = {{ {check} }}\n")
    };
    let base = PLAN.split("[[phase.section.item]]").next().unwrap();
    let hollow = [
        ("empty", r#"kind = "sql", query = "SELECT id FROM a WHERE b IS NULL", expect = "empty""#),
        ("zero", r#"kind = "sql", query = "SELECT count(*) FROM a WHERE b IS NULL", equals = "0""#),
        ("file", r#"kind = "file", path = "app", lacks = "utcnow""#),
        ("any", r#"kind = "http", path = "/health""#),
        ("refusal", r#"kind = "http", path = "/orders", method = "POST", status = 403"#),
        ("silent", r#"kind = "command", run = "ruff check", lacks = "error""#),
    ];
    let sound = [
        ("among", r#"kind = "sql", query = "SELECT id FROM a", expect = "empty", among = "SELECT count(*) FROM a""#),
        ("some", r#"kind = "sql", query = "SELECT count(*) FROM a", equals = "7""#),
        ("holds", r#"kind = "file", path = "app", lacks = "utcnow", contains = "timezone""#),
        ("tells", r#"kind = "http", path = "/health", contains = "healthy""#),
        ("says", r#"kind = "command", run = "ruff check", lacks = "error", contains = "All checks passed""#),
    ];
    let text: String =
        [base.to_owned()].into_iter().chain(hollow.iter().chain(&sound).map(|(id, check)| item(id, check))).collect();
    assert_eq!(lint("c.toml", &text).1, [], "without --strict they are as they were");
    let linted = lint_strictly([("c.toml", text.as_str())]);
    let (checklist, problems) = (linted.checklist, linted.problems);
    assert!(checklist.is_some(), "warnings only");
    let lines: Vec<&str> = text.lines().collect();
    let reported: Vec<&str> = problems
        .iter()
        .map(|problem| {
            let at = usize::try_from(problem.place.line).unwrap();
            assert!(problem.suggestion.as_ref().is_some_and(|remedy| remedy.contains('`')), "{problem}");
            lines[at - 3].trim_start_matches("id = \"").trim_end_matches('"')
        })
        .collect();
    assert_eq!(reported, hollow.map(|(id, _)| id));
}

const KEYS: &str = r#"
[[phase.section.item]]
id = "keys-there"
title = "Keys there"
check = { kind = "schema", table = "orders", tables = ["depots"], foreign_keys = [{ column = "depot_id", references = "depots" }], indexes = [{ name = "ux_orders", unique = true }], constraints = [{ name = "uq_code" }] }
[[phase.section.item]]
id = "key-gone"
title = "Key gone"
check = { kind = "schema", table = "orders", foreign_keys = [{ column = "depot_id", references = "Depots", absent = true }] }
[[phase.section.item]]
id = "other-key-gone"
title = "Other key gone"
check = { kind = "schema", table = "orders", foreign_keys = [{ column = "depot_id", references = "routes", absent = true }] }
[[phase.section.item]]
id = "table-gone"
title = "Table gone"
check = { kind = "schema", absent_tables = ["depots"] }
[[phase.section.item]]
id = "other-table-gone"
title = "Other table gone"
check = { kind = "schema", absent_tables = ["depot"], present_before = "p/a/up" }
[[phase.section.item]]
id = "unique-gone"
title = "Unique keys gone"
check = { kind = "schema", table = "orders", indexes = [{ name = "ux_orders", absent = true }], constraints = [{ name = "uq_code", absent = true }] }
"#;

#[test]
fn tables_and_keys_of_every_kind_go_by_the_same_rule() {
    let mut deployment = Deployment::open(&format!("{PLAN}{KEYS}"), &[("db", "one")]);
    deployment.attempt("p/a/up", passed());
    let items = ["key-gone", "table-gone", "unique-gone"];
    for item in items {
        assert!(holds(&deployment, &format!("p/a/{item}")).is_err(), "{item}: nobody saw it");
    }
    deployment.attempt("p/a/keys-there", passed());
    for item in items {
        assert_eq!(holds(&deployment, &format!("p/a/{item}")), Ok(()), "{item}");
    }
    let other = holds(&deployment, "p/a/other-key-gone").unwrap_err();
    assert!(other.starts_with("the foreign key depot_id to routes of orders is absent, but nothing"), "{other}");
    assert_eq!(holds(&deployment, "p/a/other-table-gone"), Ok(()), "the plan names what made it");
}

#[test]
fn what_is_to_have_passed_lately_has_not_passed_in_the_future() {
    let plan = r#"
[[phase]]
id = "q"
title = "Q"
slot = "db"
gate = [{ item = "p/a/up", within = "24h" }]
[[phase.section]]
id = "b"
title = "B"
[[phase.section.item]]
id = "last"
title = "Last"
"#;
    let mut deployment = Deployment::open(&format!("{PLAN}{plan}"), &[("db", "one")]);
    deployment.attempt("p/a/up", passed());
    let passed_at = deployment.now;
    let lacks = |age: chrono::TimeDelta| {
        let mut board = gonogo::deployment::Board::at(&deployment.plan, &deployment.state, passed_at + age);
        let phase = deployment.plan.checklist().phases.iter().find(|phase| phase.id.as_str() == "q").unwrap();
        gonogo::deployment::gate::missing(&deployment.plan, &deployment.state, &mut board, phase)
    };
    assert_eq!(lacks(chrono::TimeDelta::hours(23)), Vec::<String>::new());
    assert_eq!(lacks(chrono::TimeDelta::seconds(-30)), Vec::<String>::new(), "clocks of two hosts");
    assert!(
        lacks(chrono::TimeDelta::hours(25))[0].contains("counts for 1d"),
        "{:?}",
        lacks(chrono::TimeDelta::hours(25))
    );
    for future in [chrono::TimeDelta::minutes(-2), chrono::TimeDelta::days(-400)] {
        assert!(lacks(future)[0].contains("which is still to come"), "{:?}", lacks(future));
    }
}
