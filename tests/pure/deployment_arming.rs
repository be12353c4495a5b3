//! Proposed commands: nothing runs one until a person armed it, and what is running is what the ledger says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::deployment::{Deployment, operator, outcome, passed};
use gonogo::checklist::check::{Check, CommandSource};
use gonogo::checklist::lint;
use gonogo::deployment::decide::Context;
use gonogo::deployment::fact::Ending;
use gonogo::deployment::flight::{self, Crew, Step};
use gonogo::deployment::live::Session;
use gonogo::deployment::seat::{Seat, SeatLock, SessionId};
use gonogo::deployment::{
    Board, Fact, Intent, ItemStatus, Operator, Plan, Record, Refusal, Seq, State, Verdict, decide,
};
use std::borrow::Cow;
use std::collections::BTreeMap;

const PLAN: &str = r#"
format = 1
id = "harbour"
title = "Harbour"

[[slot]]
id = "here"
title = "Here"
[environments.here]
slot = "here"
[environments.guarded]
slot = "here"
protection = "protected"

[[phase]]
id = "p"
title = "P"
slot = "here"
[[phase.section]]
id = "s"
title = "S"
[[phase.section.item]]
id = "deploy"
title = "Deploy it"
[[phase.section.item.proposal]]
text = "deploy <env> --version vX.Y.Z"
[[phase.section.item.proposal]]
text = """
echo one
echo two"""
[[phase.section.item.proposal]]
language = "sql"
text = "SELECT 1;"
[[phase.section.item]]
id = "clean"
title = "Clean up"
[[phase.section.item.proposal]]
text = "<tool> old"
[[phase.section.item]]
id = "look"
title = "Look at it"
"#;

const DEPLOY: &str = "p/s/deploy";

fn open() -> Deployment {
    Deployment::open(PLAN, &[("here", "here")])
}

fn arm(item: &str, proposal: u32, values: &[(&str, &str)]) -> Intent {
    let values: BTreeMap<String, String> =
        values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Intent::ArmCommand { item: item.into(), proposal, values, destroys: None, confirmation: None }
}

fn deploy() -> Intent {
    arm(DEPLOY, 1, &[("<env>", "blue"), ("vX.Y.Z", "v1.2.3")])
}

fn start(item: &str) -> Intent {
    Intent::StartAttempt { item: item.into(), confirmation: None }
}

fn active<'a>(plan: &'a Plan, state: &State) -> Cow<'a, Plan> {
    plan.active(state)
}

fn status(deployment: &Deployment, item: &str) -> ItemStatus {
    let plan = active(&deployment.plan, &deployment.state);
    Board::new(&plan, &deployment.state).status(&item.into()).clone()
}

fn started(records: &[Record]) -> Option<&str> {
    records.iter().find_map(|record| match &record.fact {
        Fact::AttemptStarted { command, .. } => command.as_deref(),
        _ => None,
    })
}

#[test]
fn the_plan_lints_clean_and_says_what_is_wrong_with_another() {
    assert_eq!(lint::lint("plan.toml", PLAN).1, []);
    let with = |from: &str, to: &str| {
        let problems = lint::lint("plan.toml", &PLAN.replace(from, to)).1;
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let problems = with("title = \"Clean up\"", "title = \"Clean up\"\ncheck = { kind = \"command\", run = \"true\" }");
    assert!(problems.contains("`p/s/clean` has a command check and a proposal"), "{problems}");
    let problems = with("title = \"P\"\nslot = \"here\"", "title = \"P\"");
    assert!(problems.contains("`p/s/clean` has a proposal but no slot to run it in"), "{problems}");
    assert!(with("text = \"<tool> old\"", "text = \" \"").contains("`text` is empty"));
    assert!(with("language = \"sql\"", "language = \"perl\"").contains("`perl` is no `language` of a proposal"));
}

#[test]
fn nothing_runs_before_it_is_armed_and_then_what_was_armed_runs() {
    let mut deployment = open();
    let refusal = deployment.ask(start(DEPLOY)).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "`Deploy it` (p/s/deploy) proposes 3 commands and nobody has enabled any yet; review and enable it in the \
         cockpit, or run it by hand and tick the item"
    );
    assert_eq!(refusal.exit_status(), 4);
    let refusal = deployment.ask(arm(DEPLOY, 1, &[("<env>", "blue"), ("vX.Y.Z", " ")])).unwrap_err();
    assert_eq!(refusal.to_string(), "vX.Y.Z in the command of `Deploy it` (p/s/deploy) has to be filled in first");
    let digest = deployment.plan.digest().clone();
    deployment.ask(deploy()).unwrap();
    assert_eq!(status(&deployment, DEPLOY), ItemStatus::Open);
    let plan = active(&deployment.plan, &deployment.state).into_owned();
    assert_eq!(*plan.digest(), digest);
    let Check::Command(command) = &plan.item(&DEPLOY.into()).unwrap().check else { panic!("no command") };
    assert_eq!(command.source, CommandSource::Run("deploy blue --version v1.2.3".into()));
    // A tick would hide that the command never ran.
    let tick = Intent::CheckItem { item: DEPLOY.into(), note: None };
    let refusal = deployment.ask(tick).unwrap_err().to_string();
    assert!(refusal.contains("run the command that was enabled, or disable it"), "{refusal}");
    let mut board = Board::new(&plan, &deployment.state);
    let next = flight::next(&plan, &deployment.state, &mut board, Crew::People);
    assert_eq!(next, Some(Step::Run(DEPLOY.into())));
    let records = deployment.ask(start(DEPLOY)).unwrap();
    assert_eq!(started(&records), Some("deploy blue --version v1.2.3"));
    let refusal = deployment.ask(arm(DEPLOY, 2, &[])).unwrap_err();
    assert!(matches!(refusal, Refusal::Running { .. }), "{refusal}");
}

#[test]
fn commands_of_one_item_are_armed_in_turn() {
    let mut deployment = open();
    deployment.ask(deploy()).unwrap();
    deployment.attempt(DEPLOY, passed());
    assert_eq!(status(&deployment, DEPLOY), ItemStatus::Done);
    deployment.ask(arm(DEPLOY, 2, &[])).unwrap();
    assert_eq!(status(&deployment, DEPLOY), ItemStatus::Open);
    // Taken back, the item stands where its first command left it.
    let disarm = Intent::DisarmCommand { item: DEPLOY.into(), reason: "the wrong one".into() };
    deployment.ask(disarm.clone()).unwrap();
    assert_eq!(status(&deployment, DEPLOY), ItemStatus::Done);
    let refusal = deployment.ask(disarm).unwrap_err();
    assert!(refusal.to_string().contains("has run its command as attempt 0001"), "{refusal}");
    deployment.ask(arm(DEPLOY, 2, &[])).unwrap();
    let records = deployment.ask(start(DEPLOY)).unwrap();
    assert_eq!(started(&records), Some("set -e\necho one\necho two"));
    let number = deployment.state.attempts.last().unwrap().number;
    let failed = outcome(Verdict::Fail, "exit 3");
    deployment.ask(Intent::FinishAttempt { attempt: number, outcome: failed }).unwrap();
    assert_eq!(status(&deployment, DEPLOY), ItemStatus::Failed("exit 3".into()));
    // Another value for the first one: what failed no longer speaks for the item.
    deployment.ask(deploy()).unwrap();
    assert_eq!(status(&deployment, DEPLOY), ItemStatus::Open);
    let again = deployment.ask(deploy()).unwrap_err();
    assert!(matches!(again, Refusal::Completion { .. }), "{again}");
}

#[test]
fn what_cannot_be_armed_says_why() {
    let mut deployment = open();
    let mut refuse = |intent: Intent| deployment.ask(intent).unwrap_err().to_string();
    assert!(refuse(arm(DEPLOY, 3, &[])).contains("SQL is run by hand"));
    assert!(refuse(arm(DEPLOY, 4, &[])).contains("it has 3, and 4 is none of them"));
    assert!(refuse(arm(DEPLOY, 0, &[])).contains("it has 3, and 0 is none of them"));
    assert_eq!(refuse(arm("p/s/look", 1, &[])), "`Look at it` (p/s/look) proposes no command that could be enabled");
    let lines = [("<env>", "blue\nrm x"), ("vX.Y.Z", "1")];
    assert!(refuse(arm(DEPLOY, 1, &lines)).starts_with("the value for <env> goes over several lines"));
    let secret = [("<env>", "postgres://a:oyster@db"), ("vX.Y.Z", "1")];
    let refusal = refuse(arm(DEPLOY, 1, &secret));
    assert!(refusal.starts_with("a password is written out") && !refusal.contains("oyster"), "{refusal}");
    let simulated = Operator { simulated: Some("captain".into()), ..operator("captain") };
    assert!(deployment.ask_as(&simulated, deploy()).is_err());
    deployment.tick("p/s/clean");
    let ticked = deployment.ask(arm("p/s/clean", 1, &[("<tool>", "ls")])).unwrap_err();
    assert_eq!(ticked.to_string(), "`Clean up` (p/s/clean) is done already");
    let nothing = Intent::DisarmCommand { item: "p/s/clean".into(), reason: "x".into() };
    assert!(matches!(deployment.ask(nothing), Err(Refusal::NothingToTakeBack { .. })));
}

#[test]
fn what_destroys_is_typed_even_when_a_value_brings_it_in() {
    let mut deployment = open();
    let values: BTreeMap<String, String> = [("<tool>".to_owned(), "rm -rf".to_owned())].into();
    let intent = |destroys: Option<&str>| Intent::ArmCommand {
        item: "p/s/clean".into(),
        proposal: 1,
        values: values.clone(),
        destroys: destroys.map(ToOwned::to_owned),
        confirmation: None,
    };
    for wrong in [None, Some("yes")] {
        let refusal = deployment.ask(intent(wrong)).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "the command of `Clean up` (p/s/clean) removes files; type `removes files` to enable it"
        );
    }
    deployment.ask(intent(Some(" removes files "))).unwrap();
}

#[test]
fn a_protected_environment_asks_for_its_name_to_arm_and_to_run() {
    let mut deployment = Deployment::open(PLAN, &[("here", "guarded")]);
    let intent = |name: Option<&str>| Intent::ArmCommand {
        item: DEPLOY.into(),
        proposal: 2,
        values: BTreeMap::new(),
        destroys: None,
        confirmation: name.map(ToOwned::to_owned),
    };
    let refusal = deployment.ask(intent(Some("here"))).unwrap_err();
    assert_eq!(refusal.to_string(), "type the environment's name, guarded, to confirm `Deploy it` (p/s/deploy)");
    deployment.ask(intent(Some("guarded"))).unwrap();
    assert!(matches!(deployment.ask(start(DEPLOY)), Err(Refusal::ConfirmationNeeded { .. })));
    let named = Intent::StartAttempt { item: DEPLOY.into(), confirmation: Some("guarded".into()) };
    deployment.ask(named).unwrap();
}

#[test]
fn replaying_the_records_arms_the_same_commands() {
    let mut deployment = open();
    deployment.ask(deploy()).unwrap();
    deployment.attempt(DEPLOY, passed());
    deployment.ask(arm(DEPLOY, 2, &[])).unwrap();
    deployment.ask(arm("p/s/clean", 1, &[("<tool>", "ls")])).unwrap();
    deployment.ask(Intent::DisarmCommand { item: "p/s/clean".into(), reason: "later".into() }).unwrap();
    let replayed = State::replay(&deployment.records);
    assert_eq!(replayed, deployment.state);
    let plan = active(&deployment.plan, &replayed);
    assert!(matches!(plan.item(&"p/s/clean".into()).unwrap().check, Check::Manual));
    // A plan active is brought to another state as well, back to what was opened.
    let back = plan.active(&State::default()).into_owned();
    assert_eq!(back.checklist(), deployment.plan.checklist());
    assert!(matches!(active(&back, &State::default()), Cow::Borrowed(_)));
}

#[test]
fn arming_is_for_the_session_in_the_captains_seat() {
    let mut deployment = open();
    deployment.ask(deploy()).unwrap();
    let context = Context {
        session: SessionId::new("elsewhere"),
        lock: SeatLock::Ours,
        ..Context::new(deployment.now, operator("Dana"))
    };
    let taken =
        decide(&deployment.plan, &deployment.state, &context, Intent::TakeSeat { seat: Seat::Captain }).unwrap();
    let [fact] = taken.as_slice() else { panic!("{taken:?}") };
    let last = deployment.records.last().unwrap().clone();
    deployment.state.apply(&Record {
        seq: Seq(last.seq.0 + 1),
        by: context.by.clone().into(),
        fact: fact.clone(),
        ..last
    });
    for intent in [
        arm(DEPLOY, 2, &[]),
        Intent::DisarmCommand { item: DEPLOY.into(), reason: "not this one".into() },
        Intent::RecordBlockerCancelled {
            environment: "here".into(),
            session: Session::default(),
            how: Ending::Session,
            reason: "in the way".into(),
        },
    ] {
        let refusal = deployment.ask(intent).unwrap_err();
        assert!(matches!(&refusal, Refusal::NotYourSeat { holder, .. } if holder.contains("Dana")), "{refusal}");
    }
    assert!(decide(&deployment.plan, &deployment.state, &context, arm(DEPLOY, 2, &[])).is_ok());
}
