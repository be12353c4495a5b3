//! A criterion does not rest on what was measured before the environment was changed again.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::deployment::{Deployment, passed};
use gonogo::deployment::criteria::{Call, outlook};
use gonogo::deployment::{Board, Intent};

const PLAN: &str = r#"
format = 1
id = "shop"
title = "Shop"
[[slot]]
id = "db"
title = "Database"
[environments.one]
slot = "db"
[environments.one.commands]
stop = "stop"
start = "start"
[[phase]]
id = "w"
title = "Window"
slot = "db"
[[phase.section]]
id = "s"
title = "Steps"
[[phase.section.item]]
id = "before"
title = "Count rows before"
check = { kind = "command", run = "count" }
[[phase.section.item]]
id = "stop"
title = "Stop the service"
changes = true
check = { kind = "command", use = "stop" }
[[phase.section.item]]
id = "start"
title = "Start the service"
changes = true
check = { kind = "command", use = "start" }
[[phase.section.item]]
id = "healthy"
title = "Service healthy"
check = { kind = "command", run = "ask" }
[[phase.section.item]]
id = "complete"
title = "Window complete"
due = "decision"
check = { kind = "evidence", of = ["w/s/before", "w/s/stop", "w/s/start", "w/s/healthy"] }
"#;

fn run(deployment: &mut Deployment, items: &[&str]) {
    for item in items {
        deployment.attempt(&format!("w/s/{item}"), passed());
    }
    deployment.ask(Intent::EvaluateItem { item: "w/s/complete".into() }).unwrap();
}

fn call(deployment: &Deployment) -> (Call, Vec<String>) {
    let board = Board::at(&deployment.plan, &deployment.state, deployment.now);
    let outlook = outlook(&deployment.plan, &deployment.state, &board);
    (outlook.call, outlook.reasons.into_iter().map(|reason| reason.text).collect())
}

#[test]
fn a_step_carried_out_again_makes_what_was_measured_after_it_say_nothing() {
    let mut deployment = Deployment::open(PLAN, &[("db", "one")]);
    run(&mut deployment, &["before", "stop", "start", "healthy"]);
    assert_eq!(call(&deployment), (Call::Go, Vec::new()));
    // The service is stopped again: nobody has asked it since.
    run(&mut deployment, &["stop"]);
    let (stopped, why) = call(&deployment);
    assert_eq!(stopped, Call::Inconclusive);
    assert!(
        why[0].contains("Service healthy")
            && why[0].contains("was measured before")
            && why[0].contains("Stop the service"),
        "{why:?}"
    );
    // Started again it still has to be asked; what was counted before the window stays what it was.
    run(&mut deployment, &["start"]);
    assert_eq!(call(&deployment).0, Call::Inconclusive);
    run(&mut deployment, &["healthy"]);
    assert_eq!(call(&deployment), (Call::Go, Vec::new()));
}
