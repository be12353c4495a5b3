//! What the shipped checklist asks of NeuroHub's database works on a PostgreSQL that went through the whole chain.

use super::bench::{self, Bench};
use super::postgres::cluster;
use super::{at, carry_out, check};
use chrono::Utc;
use gonogo::checklist::check::Sql;
use gonogo::checklist::{Check, Digest, Item, reader};
use gonogo::deployment::fact::LedgerOpened;
use gonogo::deployment::state::Stamp;
use gonogo::deployment::{Operator, Seq, Verdict};
use std::collections::BTreeMap;

const NEUROHUB: &str = include_str!("../../../checklists/neurohub.toml");

/// What the items before would have had the new release write.
const AS_THE_SERVICE_WOULD: &str = "
INSERT INTO process_data (lot_id, serial_id, process_id, equipment_id, operator_id, data_level, result, measurements, started_at, notes)
SELECT 1, 1, 1, 1, 1, 'SERIAL', 'PASS', '{}', started, notes
FROM (VALUES ($$'; DROP TABLE lots; --$$, timestamptz '2025-01-15 08:00:00+00'), ('gonogo time zone', '2025-01-15 17:00:00+09'),
             ('gonogo leap day', to_timestamp(1709200799))) AS posted (notes, started);
INSERT INTO audit_log (user_id, client_ip, action, entity, entity_id)
SELECT 1, '10.0.0.1', 'CREATE', 'process_data', id FROM process_data WHERE notes IS NOT NULL;
";

fn collect<'a>(items: &'a [Item], all: &mut Vec<&'a Item>) {
    for item in items {
        all.push(item);
        collect(&item.items, all);
    }
}

fn opened(bench: &mut Bench) {
    let by = Operator { user: "u".into(), says: "u".into(), host: "h".into(), simulated: None };
    let opened = LedgerOpened {
        title: "NeuroHub".into(),
        checklist: "neurohub.toml".into(),
        digest: Digest::of(b""),
        snapshot: "checklist.toml".into(),
        snapshot_sha256: None,
        environments: BTreeMap::new(),
        kinds: BTreeMap::new(),
    };
    bench.state.opened = Some((Stamp { seq: Seq(1), at: Utc::now(), by: by.into() }, opened));
}

#[tokio::test]
async fn every_question_to_the_database_is_understood() {
    let checklist = reader::read("neurohub.toml", NEUROHUB).unwrap();
    let mut items = Vec::new();
    for section in checklist.phases.iter().flat_map(|phase| &phase.sections) {
        collect(&section.items, &mut items);
    }
    let base = cluster().neurohub("0003_add_wip_unique_index", 4_000).await;
    let mut bench = at(&base.url).await;
    // Rows count from when the deployment was opened, or from a step before.
    opened(&mut bench);
    for item in &items {
        if let Check::Sql(Sql { since: Some(step), .. }) = &item.check {
            bench.past(step.as_str(), bench::outcome(Verdict::Pass));
        }
    }
    base.run(AS_THE_SERVICE_WOULD).await;
    let (mut asked, mut passed, mut failed) = (0, 0, Vec::new());
    for item in items {
        let answers = match &item.check {
            Check::Sql(_) | Check::Schema(_) | Check::Consistency(_) => true,
            Check::Rows(rows) => rows.against.is_none(),
            _ => false,
        };
        if !answers {
            continue;
        }
        asked += 1;
        let (outcome, _) = carry_out(&bench, &item.check).await;
        match outcome.verdict {
            Verdict::Pass => passed += 1,
            _ => failed.push(format!("{}: {}", item.id, outcome.detail)),
        }
    }
    // True only a step down the chain.
    failed.retain(|line| !line.contains("expected to be absent"));
    assert!(asked > 50, "only {asked} questions");
    assert!(failed.is_empty(), "{passed} of {asked} passed:\n{}", failed.join("\n"));
}

#[tokio::test]
async fn the_rules_of_the_keys_hold_and_hostile_text_stays_text() {
    let base = cluster().neurohub("0003_add_wip_unique_index", 2_000).await;
    let bench = at(&base.url).await;
    let before = base.text("SELECT count(*)::text FROM lots").await;
    for text in [
        "expect = \"refused\", query = \"DELETE FROM lots WHERE id IN (SELECT lot_id FROM serials)\"",
        "expect = \"refused\", query = \"INSERT INTO serials (serial_number, lot_id, unit_number, status) VALUES ('x', 999999, 1, 'PASSED')\"",
        "expect = \"refused\", query = \"UPDATE process_data SET result = 'MAYBE' WHERE id = 1\"",
        "expect = \"refused\", query = \"UPDATE process_data SET lot_id = NULL WHERE id = 1\"",
        // The audit context is a setting of the session: what is bound to it is kept as it is.
        "equals = \"'; DROP TABLE lots; --\", query = \"SELECT set_config('app.current_user_id', '''; DROP TABLE lots; --', false)\"",
        "expect = \"rows\", query = \"SELECT 1 WHERE current_setting('app.client_ip', true) IS NULL\"",
    ] {
        let (outcome, said) = carry_out(&bench, &check(&format!("kind = \"sql\", {text}"))).await;
        assert_eq!(outcome.verdict, Verdict::Pass, "{text}: {}\n{said}", outcome.detail);
    }
    // A key that changes is passed on to its children; nothing of it stays.
    let moved = "kind = \"sql\", expect = \"refused\", query = \"UPDATE lots SET id = 777777 WHERE id = 1\"";
    let (outcome, _) = carry_out(&bench, &check(moved)).await;
    assert!(outcome.detail.contains("accepted"), "ON UPDATE CASCADE lets it: {}", outcome.detail);
    assert_eq!(base.text("SELECT count(*)::text FROM lots WHERE id <> 777777").await, before);
}
