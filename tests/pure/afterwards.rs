//! What was not measured, or failed afterwards, stands where the verdict does.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::deployment::{Deployment, outcome, passed};
use gonogo::deployment::account::{Account, LedgerState};
use gonogo::deployment::attempt::{Moment, Outcome, TableProof};
use gonogo::deployment::rollback::{self, Ending};
use gonogo::deployment::{Intent, Verdict, criteria};

const PLAN: &str = r#"
format = 1
id = "shop"
title = "Shop"
[[slot]]
id = "production"
title = "Production"
[environments.live]
slot = "production"
protection = "protected"
database = "sqlite:shop.db"
[environments.live.migrator]
kind = "command"
command = "make migrate"
database = "attested"
[[phase]]
id = "w"
title = "Window"
slot = "production"
[[phase.section]]
id = "s"
title = "Steps"
[[phase.section.item]]
id = "up"
title = "Migrate"
check = { kind = "migration", direction = "upgrade", to = "head" }
[[phase]]
id = "back"
title = "Back"
slot = "production"
rollback = true
[[phase.section]]
id = "s"
title = "Steps"
[[phase.section.item]]
id = "rows"
title = "Rows as before"
check = { kind = "rows", against = "w/s/up" }
"#;

fn attempt(deployment: &mut Deployment, item: &str, outcome: Outcome) {
    let start = Intent::StartAttempt { item: item.into(), confirmation: Some("live".into()) };
    deployment.ask(start).unwrap_or_else(|refusal| panic!("{item}: {refusal}"));
    let attempt = deployment.state.attempts.last().unwrap().number;
    deployment.ask(Intent::FinishAttempt { attempt, outcome }).unwrap();
}

fn proofs(tables: &[&str], when: Moment, contents: bool) -> Vec<TableProof> {
    let proof = |table: &&str| TableProof {
        table: (*table).to_owned(),
        when,
        rows: 7,
        fingerprint: contents.then(|| "pg1:7".to_owned()),
        columns: contents.then(|| "id".to_owned()),
    };
    tables.iter().map(proof).collect()
}

#[test]
fn a_database_that_somebody_vouches_for_is_counted_and_named() {
    let mut deployment = Deployment::open(PLAN, &[("production", "live")]);
    attempt(&mut deployment, "w/s/up", passed());
    let outlook = |deployment: &Deployment| criteria::outlook(&deployment.plan, &deployment.state, &deployment.board());
    assert_eq!(outlook(&deployment).coverage.after("GO"), "GO, 1 of 1 criterion measured");
    attempt(&mut deployment, "w/s/up", Outcome { attested: Some("it names no address".into()), ..passed() });
    assert_eq!(
        outlook(&deployment).coverage.after("GO"),
        "GO, 1 of 1 criterion measured, 1 database attested, not measured"
    );
    let account = Account::at(
        &deployment.plan,
        &deployment.state,
        LedgerState { records: 0, head: None, intact: true },
        deployment.now,
    );
    let json = serde_json::to_value(&account).unwrap();
    let named = &json["criteria"]["attested"][0];
    assert_eq!((named["environment"].as_str(), named["item"].as_str()), (Some("live"), Some("w/s/up")));
    assert_eq!((named["attempt"].as_u64(), named["why"].as_str()), (Some(2), Some("it names no address")));
}

#[test]
fn a_rollback_is_verified_by_contents_and_not_by_counts() {
    let tables = ["lots", "packets"];
    for (compared, expected) in [
        (proofs(&tables, Moment::Now, true), None),
        (proofs(&tables, Moment::Now, false), Some("the contents of 2 of 2 tables were not compared")),
        (proofs(&tables[..1], Moment::Now, true), Some("the contents of 1 of 2 tables were not compared")),
    ] {
        let mut deployment = Deployment::open(PLAN, &[("production", "live")]);
        let before = Outcome { tables: proofs(&tables, Moment::Before, true), ..outcome(Verdict::Pass, "up") };
        attempt(&mut deployment, "w/s/up", before);
        deployment.ask(Intent::BeginRollback { ending: Ending::Failed, reason: "broken".into() }).unwrap();
        attempt(&mut deployment, "back/s/rows", Outcome { tables: compared, ..passed() });
        let open = rollback::unverified(&deployment.plan, &deployment.state, &deployment.board());
        match expected {
            None => assert!(open.is_empty(), "{open:?}"),
            Some(words) => assert!(open.len() == 1 && open[0].contains(words), "{open:?}"),
        }
    }
}
