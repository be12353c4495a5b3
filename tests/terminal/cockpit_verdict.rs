//! Poll, gates, roles, the end and the rollback on the screen, key by key, without a terminal: every key where it does
//! something and where it does not.
//!
//! Longer than 400 lines because every key's right and wrong moments stand beside each other.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::deployment::{Deployment, operator, outcome, passed};
use gonogo::cockpit::advice::Next;
use gonogo::cockpit::helm::Grain;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::model::Access;
use gonogo::cockpit::{Dialog, Effect, Key, Model, Msg, Order, Screen, update};
use gonogo::deployment::attempt::Outcome;
use gonogo::deployment::fact::Approval;
use gonogo::deployment::poll::Answer;
use gonogo::deployment::rollback::Ending;
use gonogo::deployment::{Intent, Operator, Record, Verdict};
use std::sync::LazyLock;

/// That of the scenario files, with its one check that would need a service made a command.
static PLAN: LazyLock<String> = LazyLock::new(|| include_str!("../pure/window/scenarios/checklist.toml").to_owned());
const SLOTS: [(&str, &str); 2] = [("staging", "staging"), ("production", "production")];

const ENTER: Key = Key::plain(Code::Enter);
const TAB: Key = Key::plain(Code::Tab);
const RIGHT: Key = Key::plain(Code::Right);

struct Cockpit {
    deployment: Deployment,
    model: Model,
}

impl Cockpit {
    fn open() -> Self {
        Self::of(Deployment::open(&PLAN, &SLOTS), Access::Flies)
    }

    fn of(deployment: Deployment, access: Access) -> Self {
        let (plan, records) = (deployment.plan.clone(), deployment.records.clone());
        let model = Model::new(plan, records, deployment.by.clone(), access, deployment.now);
        Self { deployment, model }
    }

    fn press(&mut self, keys: &[Key]) -> Vec<Effect> {
        keys.iter().flat_map(|key| update(&mut self.model, Msg::Key(*key))).collect()
    }

    fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let keys: Vec<Key> = keys.chars().map(Key::char).collect();
        self.press(&keys)
    }

    fn type_in(&mut self, text: &str) {
        let keys: Vec<Key> = text.chars().map(Key::char).collect();
        self.press(&keys);
    }

    /// Carries out what a form handed over, as the ledger does, and gives the answer to the cockpit.
    fn record(&mut self, effects: &[Effect]) {
        let [Effect::AppendRecord { ticket, intent, .. }] = effects else { panic!("{effects:?}") };
        match self.deployment.ask(intent.clone()) {
            Ok(records) => {
                self.hear(records);
                update(&mut self.model, Msg::Done(*ticket));
            }
            Err(refusal) => drop(update(&mut self.model, Msg::Refused(*ticket, (&refusal).into()))),
        }
    }

    fn hear(&mut self, records: Vec<Record>) -> Vec<Effect> {
        update(&mut self.model, Msg::Recorded(records.into_iter().map(Into::into).collect()))
    }

    /// Something that happens elsewhere and shows here.
    fn elsewhere(&mut self, by: &Operator, intent: Intent) -> Vec<Effect> {
        let records = self.deployment.ask_as(by, intent).unwrap();
        self.hear(records)
    }

    fn here(&mut self, intent: Intent) {
        let by = self.deployment.by.clone();
        self.elsewhere(&by, intent);
    }

    fn said(&self) -> &str {
        self.model.answer.as_ref().map_or("", |answer| &answer.text)
    }

    fn title(&self) -> &str {
        match &self.model.dialog {
            Some(Dialog::Form { form, .. }) => &form.title,
            other => panic!("no form but {other:?}, and said: {}", self.said()),
        }
    }

    fn intro(&self) -> String {
        let Some(Dialog::Form { form, .. }) = &self.model.dialog else { panic!("{}", self.said()) };
        form.intro.join("\n")
    }

    fn error(&self) -> &str {
        let Some(Dialog::Form { form, .. }) = &self.model.dialog else { return "" };
        form.error.as_deref().unwrap_or_default()
    }

    /// Pressing a key opens nothing and says so much.
    fn refuses(&mut self, key: &str, why: &str) {
        assert!(self.keys(key).is_empty());
        assert!(self.model.dialog.is_none(), "{:?}", self.model.dialog);
        assert!(self.said().contains(why), "{key} said: {}", self.said());
    }
}

fn intent(effects: &[Effect]) -> &Intent {
    let [Effect::AppendRecord { intent, .. }] = effects else { panic!("{effects:?}") };
    intent
}

fn person(name: &str) -> Operator {
    Operator { user: name.to_lowercase(), ..operator(name) }
}

fn assign(cockpit: &mut Cockpit, role: &str, person: &str) {
    cockpit.here(Intent::AssignRole { group: "crew".into(), role: role.into(), person: person.into() });
}

#[test]
fn the_poll_is_opened_and_answered_in_order_and_a_no_takes_a_reason() {
    let mut cockpit = Cockpit::open();
    cockpit.keys("p");
    assert_eq!((cockpit.title(), cockpit.model.screen), ("Open poll", Screen::Decision));
    assert!(cockpit.intro().contains("QA, DBA"), "{}", cockpit.intro());
    let effects = cockpit.press(&[ENTER]);
    assert_eq!(*intent(&effects), Intent::OpenPoll { reason: None });
    cockpit.record(&effects);
    assert!(cockpit.model.dialog.is_none());

    cockpit.keys("p");
    assert!(cockpit.intro().starts_with("QA\n"), "{}", cockpit.intro());
    let effects = cockpit.press(&[ENTER, ENTER]);
    assert_eq!(*intent(&effects), Intent::AnswerPoll { station: "qa".into(), answer: Answer::Go, reason: None });
    cockpit.record(&effects);

    cockpit.keys("p");
    assert!(cockpit.intro().starts_with("DBA\n"), "{}", cockpit.intro());
    let effects = cockpit.press(&[RIGHT, ENTER, ENTER]);
    cockpit.record(&effects);
    assert_eq!(cockpit.error(), "a reason is needed: say in a few words why");
    cockpit.type_in("the replica lags");
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    let call = &cockpit.model.summary.calls[0];
    assert_eq!(call.text, "DBA says NO-GO: the replica lags");

    // A round with a no in it is begun anew.
    cockpit.keys("p");
    assert_eq!(cockpit.title(), "Open poll");
    assert!(cockpit.intro().contains("DBA said NO-GO: the replica lags"), "{}", cockpit.intro());
}

#[test]
fn a_no_go_holds_the_clock_and_the_form_says_so_before() {
    let mut cockpit = Cockpit::open();
    cockpit.here(Intent::StartClock { from: Some(gonogo::checklist::offset::Offset::from_millis(-600_000)), pace: 1 });
    cockpit.here(Intent::OpenPoll { reason: None });
    cockpit.keys("p");
    assert!(cockpit.intro().contains("A NO-GO puts the clock on HOLD."), "{}", cockpit.intro());
    cockpit.press(&[RIGHT, ENTER]);
    cockpit.type_in("wait");
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    assert_eq!(cockpit.model.state.clock.hold().unwrap().reason, "QA says NO-GO: wait");
}

#[test]
fn a_station_is_answered_by_whom_it_was_given_to() {
    let mut cockpit = Cockpit::open();
    assign(&mut cockpit, "qa", "Kim");
    assign(&mut cockpit, "dba", "captain");
    cockpit.here(Intent::OpenPoll { reason: None });
    cockpit.refuses("p", "Poll waiting for QA, which is Kim");
    cockpit.elsewhere(&person("Kim"), Intent::AnswerPoll { station: "qa".into(), answer: Answer::Go, reason: None });
    assert_eq!(cockpit.model.summary.calls[0].text, "the poll asks you, DBA: go or no-go?");
    cockpit.keys("p");
    assert!(cockpit.intro().starts_with("DBA\n"), "{}", cockpit.intro());
    let effects = cockpit.press(&[ENTER, ENTER]);
    cockpit.record(&effects);
    // Who has answered may think again.
    cockpit.keys("p");
    assert!(cockpit.intro().contains("Answered go before"), "{}", cockpit.intro());
}

#[test]
fn deciding_binds_what_it_names_and_a_decision_is_reopened_with_a_reason() {
    let mut cockpit = Cockpit::open();
    cockpit.here(Intent::OpenPoll { reason: None });
    cockpit.keys("4");
    cockpit.keys("D");
    assert_eq!(cockpit.title(), "Go/No-Go");
    assert!(cockpit.intro().contains("QA has not answered the poll"), "{}", cockpit.intro());
    assert!(cockpit.intro().contains("The decision covers checklist"), "{}", cockpit.intro());
    // It begins at neither of the two.
    cockpit.type_in("n");
    cockpit.press(&[ENTER]);
    cockpit.type_in("not tonight");
    cockpit.press(&[ENTER]);
    // What it is recorded for is typed, as before everything else that binds others.
    cockpit.type_in("produktion");
    assert!(cockpit.press(&[ENTER]).is_empty());
    assert_eq!(cockpit.error(), "type the environment's name, production");
    cockpit.press(&[Key::ctrl('u')]);
    cockpit.type_in("production");
    let effects = cockpit.press(&[ENTER]);
    assert_eq!(*intent(&effects), Intent::Decide { decision: Approval::NoGo, reason: "not tonight".into() });
    cockpit.record(&effects);
    assert!(matches!(&cockpit.model.summary.next, Next::Run(_) | Next::Decided(_)), "{:?}", cockpit.model.summary.next);

    cockpit.keys("D");
    assert_eq!(cockpit.title(), "Reopen decision");
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    assert_eq!(cockpit.error(), "a reason is needed: say in a few words why");
    cockpit.type_in("it may go on");
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    assert!(cockpit.model.state.decision().is_none());
}

#[test]
fn a_decision_without_a_poll_says_so_and_asks() {
    let mut cockpit = Cockpit::open();
    cockpit.keys("4");
    cockpit.keys("D");
    assert!(cockpit.intro().contains("No poll was taken: QA, DBA not asked."), "{}", cockpit.intro());
    // It begins at asking them.
    cockpit.press(&[ENTER]);
    cockpit.type_in("not tonight");
    cockpit.press(&[ENTER]);
    let mut other = Cockpit::open();
    other.keys("4");
    other.keys("D");
    assert!(cockpit.press(&[ENTER, ENTER]).is_empty());
    assert_eq!(cockpit.title(), "Open poll");
    other.type_in("n");
    other.press(&[ENTER]);
    other.type_in("not tonight");
    other.press(&[ENTER, RIGHT, ENTER]);
    other.type_in("production");
    let effects = other.press(&[ENTER]);
    assert_eq!(*intent(&effects), Intent::Decide { decision: Approval::NoGo, reason: "not tonight".into() });
}

#[test]
fn a_closed_gate_is_asked_for_and_a_second_person_agrees() {
    let mut cockpit = Cockpit::open();
    cockpit.model.select(&"prepare/look/eyes".into());
    cockpit.refuses("!o", "the gate of `Prepare` (prepare) is already open");
    cockpit.model.select(&"go/before/tell".into());
    cockpit.keys("!o");
    assert_eq!(cockpit.title(), "Override gate");
    assert!(cockpit.intro().contains("QA has not signed Crew: whoever is QA"), "{}", cockpit.intro());
    cockpit.type_in("the change is small");
    cockpit.press(&[TAB]);
    cockpit.type_in("production");
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    assert!(cockpit.said().contains("a second person agrees"), "{}", cockpit.said());
    // Nobody agrees with themselves.
    cockpit.refuses("!o", "waits for a second person");
    assert_eq!(cockpit.model.summary.calls[0].action, None);

    let mut deployment = cockpit.deployment;
    deployment.by = person("Kim");
    let mut second = Cockpit::of(deployment, Access::Flies);
    let call = &second.model.summary.calls[0].text;
    assert!(call.starts_with("captain asks for a second person to open the gate of Go"), "{call}");
    second.keys("!o");
    assert_eq!(second.title(), "Agree to override a gate");
    second.type_in("agreed");
    let effects = second.press(&[ENTER]);
    let asked = intent(&effects).clone();
    second.elsewhere(&person("Kim"), asked);
    let go = second.model.summary.phases.iter().find(|phase| phase.id.as_str() == "go").unwrap();
    assert!(go.missing.is_empty(), "{:?}", go.missing);
}

#[test]
fn roles_are_listed_given_and_taken_back() {
    let mut cockpit = Cockpit::open();
    cockpit.keys("P");
    assert!(matches!(cockpit.model.dialog, Some(Dialog::Roles { .. })));
    cockpit.press(&[Key::plain(Code::Down), ENTER]);
    assert!(cockpit.intro().starts_with("DBA, Crew"), "{}", cockpit.intro());
    cockpit.type_in("Kim");
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    // The list is there again, on the same line.
    assert!(matches!(&cockpit.model.dialog, Some(Dialog::Roles { cursor }) if cursor.at == 1));
    let concern = cockpit.model.summary.concerns[0].to_string();
    assert_eq!(concern, "nobody is QA, Crew");
    assert_eq!(cockpit.model.summary.calls[0].text, concern);
    cockpit.keys("u");
    cockpit.type_in("ill");
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    assert!(cockpit.model.state.roles.is_empty());
    cockpit.press(&[Key::plain(Code::Up)]);
    cockpit.keys("u");
    assert!(cockpit.said().contains("nobody holds QA, Crew"), "{}", cockpit.said());
}

#[test]
fn one_person_in_two_roles_that_must_differ_is_reported() {
    let mut cockpit = Cockpit::open();
    assign(&mut cockpit, "qa", "Kim");
    assign(&mut cockpit, "dba", "kim");
    let reported = &cockpit.model.summary.calls[0].text;
    assert!(reported.contains("is both"), "{reported}");
}

#[test]
fn an_abort_takes_a_reason_and_the_name_of_what_is_protected() {
    let mut cockpit = Cockpit::open();
    cockpit.keys("!a");
    assert_eq!(cockpit.title(), "Abort deployment");
    for line in ["aborted: not approved", "failed: it was carried out", "Nothing protected was changed"] {
        assert!(cockpit.intro().contains(line), "{}", cockpit.intro());
    }
    cockpit.press(&[TAB]);
    cockpit.type_in("not tonight");
    cockpit.press(&[TAB]);
    cockpit.type_in("staging");
    assert!(cockpit.press(&[ENTER]).is_empty());
    assert_eq!(cockpit.error(), "type the environment's name, production");
    cockpit.press(&[Key::ctrl('u')]);
    cockpit.type_in("production");
    let effects = cockpit.press(&[ENTER]);
    assert_eq!(*intent(&effects), Intent::Abort { ending: Ending::Aborted, reason: "not tonight".into() });
    cockpit.record(&effects);
    assert_eq!(cockpit.model.summary.next, Next::Close);
    assert!(cockpit.said().contains("nothing to undo"), "{}", cockpit.said());
    cockpit.refuses("!a", "this deployment was aborted");
    cockpit.refuses("p", "this deployment was aborted");
}

/// Up to a failed upgrade of production.
fn changed() -> Cockpit {
    flown(outcome(Verdict::Fail, "exit status 1"))
}

fn flown(upgrade: Outcome) -> Cockpit {
    let mut cockpit = Cockpit::open();
    cockpit.here(Intent::RequestOverride { phase: "go".into(), reason: "drill".into() });
    cockpit.elsewhere(&person("Kim"), Intent::ConfirmOverride { phase: "go".into(), word: "drill".into() });
    cockpit.here(Intent::CheckItem { item: "go/before/tell".into(), note: None });
    for (item, outcome) in [("go/before/stop", passed()), ("go/move/upgrade", upgrade)] {
        let confirmation = Some("production".to_owned());
        cockpit.here(Intent::StartAttempt { item: item.into(), confirmation });
        let attempt = cockpit.deployment.state.attempts.last().unwrap().number;
        cockpit.here(Intent::FinishAttempt { attempt, outcome });
    }
    cockpit
}

#[test]
fn the_rollback_is_begun_carried_out_and_ended_with_what_is_not_verified() {
    let mut cockpit = changed();
    cockpit.refuses("!c", "not closed: record a decision, abort or roll back first");
    cockpit.keys("!r");
    assert_eq!(cockpit.title(), "Roll back");
    let reported = "Upgrade production: planned: what was written in the old form is gone; the step failed";
    assert!(cockpit.intro().contains(reported), "{}", cockpit.intro());
    // What went wrong is at hand as the ending; a name is typed here too.
    cockpit.press(&[TAB]);
    cockpit.type_in("back");
    cockpit.press(&[TAB]);
    cockpit.type_in("production");
    let effects = cockpit.press(&[ENTER]);
    assert_eq!(*intent(&effects), Intent::BeginRollback { ending: Ending::Failed, reason: "back".into() });
    cockpit.record(&effects);
    assert_eq!(cockpit.model.selected.as_ref().unwrap().as_str(), "back/undo/restore", "its first step is in hand");
    let back = cockpit.model.summary.back.clone().unwrap();
    assert_eq!((back.completed, back.total), (0, 2));
    assert_eq!(back.no_return.len(), 1);
    assert_eq!(cockpit.model.grain(), Grain::Seconds, "its clock is shown going on");
    cockpit.refuses("!c", "a rollback is under way");

    let confirmation = Some("production".to_owned());
    cockpit.here(Intent::StartAttempt { item: "back/undo/restore".into(), confirmation });
    let attempt = cockpit.deployment.state.attempts.last().unwrap().number;
    cockpit.refuses("!r", "of `Restore the backup` (back/undo/restore) is still at work");
    cockpit.here(Intent::FinishAttempt { attempt, outcome: passed() });

    cockpit.keys("!r");
    assert_eq!(cockpit.title(), "Finish rollback");
    assert!(cockpit.intro().contains("Everything is as before is open"), "{}", cockpit.intro());
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    assert_eq!(cockpit.error(), "a reason is needed: say in a few words why");
    cockpit.type_in("in the morning");
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    let Some(Dialog::Notice { lines, .. }) = &cockpit.model.dialog else { panic!("{:?}", cockpit.model.dialog) };
    let reported = lines.join("\n");
    for part in [
        "Not verified:",
        "Everything is as before is open",
        "What users wrote in production between",
        "have its owners enter it",
    ] {
        assert!(reported.contains(part), "{reported}");
    }
    cockpit.press(&[Key::plain(Code::Esc)]);
    assert_eq!(cockpit.model.summary.next, Next::Close);
    cockpit.keys("!r");
    assert!(matches!(cockpit.model.dialog, Some(Dialog::Notice { .. })), "and it can be read again");
}

#[test]
fn a_verified_rollback_takes_no_reason() {
    let mut cockpit = changed();
    cockpit.here(Intent::BeginRollback { ending: Ending::Failed, reason: "back".into() });
    let confirmation = Some("production".to_owned());
    cockpit.here(Intent::StartAttempt { item: "back/undo/restore".into(), confirmation });
    let attempt = cockpit.deployment.state.attempts.last().unwrap().number;
    cockpit.here(Intent::FinishAttempt { attempt, outcome: passed() });
    cockpit.here(Intent::CheckItem { item: "back/undo/same".into(), note: None });
    assert_eq!(cockpit.model.summary.next, Next::EndBack);
    cockpit.keys("!r");
    assert!(cockpit.intro().contains("the old state is restored"), "{}", cockpit.intro());
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    assert!(cockpit.model.state.rollback.as_ref().unwrap().over.as_ref().unwrap().1.unverified.is_empty());
}

#[test]
fn closing_says_what_it_leaves_and_takes_everything_but_words_away() {
    let mut cockpit = changed();
    cockpit.here(Intent::Abort { ending: Ending::Failed, reason: "broken".into() });
    assert_eq!(cockpit.model.summary.next, Next::GoBack);
    cockpit.keys("!c");
    assert_eq!(cockpit.title(), "Close the deployment");
    assert!(cockpit.intro().contains("changed and not rolled back"), "{}", cockpit.intro());
    // One key never ends it for good.
    assert!(cockpit.press(&[ENTER]).is_empty());
    assert!(cockpit.press(&[ENTER]).is_empty());
    cockpit.type_in("production");
    let effects = cockpit.press(&[ENTER]);
    assert_eq!(*intent(&effects), Intent::Close { note: None });
    cockpit.record(&effects);
    assert_eq!(cockpit.model.summary.next, Next::Closed);
    for key in ["p", "!o", "!a", "!r", "!c"] {
        cockpit.refuses(key, "this deployment is closed");
    }
    cockpit.keys("4");
    cockpit.keys("D");
    assert!(cockpit.said().contains("this deployment is closed"), "{}", cockpit.said());
}

#[test]
fn closing_a_go_that_lacks_a_signature_asks_for_a_reason_and_the_name() {
    let mut cockpit = flown(passed());
    cockpit.here(Intent::EvaluateItem { item: "evaluate/criteria/moved".into() });
    cockpit.here(Intent::Decide { decision: Approval::Go, reason: String::new() });
    cockpit.keys("!c");
    assert!(cockpit.intro().contains("QA of Crew is"), "{}", cockpit.intro());
    cockpit.press(&[TAB]);
    cockpit.type_in("production");
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    assert!(cockpit.error().starts_with("not closed: QA of Crew is unsigned"), "{}", cockpit.error());
    cockpit.type_in("QA is ill");
    cockpit.press(&[TAB]);
    let effects = cockpit.press(&[ENTER]);
    assert_eq!(*intent(&effects), Intent::Close { note: Some("QA is ill".into()) });
}

#[test]
fn what_could_not_be_reported_is_acknowledged() {
    let mut cockpit = Cockpit::open();
    cockpit.refuses("K", "Nothing to acknowledge");
    cockpit.here(Intent::ReportNotice {
        event: "clock-held".into(),
        target: "hooks.example".into(),
        reason: "no answer within 5 s".into(),
    });
    assert!(cockpit.model.summary.calls[0].text.contains("could not tell hooks.example"));
    cockpit.keys("K");
    assert!(cockpit.intro().contains("could not tell hooks.example of clock-held"), "{}", cockpit.intro());
    let effects = cockpit.press(&[ENTER]);
    cockpit.record(&effects);
    assert!(cockpit.model.summary.calls.is_empty());
}

#[test]
fn who_only_watches_is_reported_so() {
    for key in ["p", "!o", "!a", "!r", "!c", "K"] {
        let mut cockpit = Cockpit::of(Deployment::open(&PLAN, &SLOTS), Access::Watches);
        cockpit.refuses(key, "Read-only");
    }
    let mut cockpit = Cockpit::of(Deployment::open(&PLAN, &SLOTS), Access::Watches);
    cockpit.keys("P");
    assert!(matches!(cockpit.model.dialog, Some(Dialog::Roles { .. })), "roles may be looked at");
    cockpit.press(&[ENTER]);
    assert!(cockpit.said().contains("only watches"), "{}", cockpit.said());
}

#[test]
fn the_bell_rings_for_what_others_did_and_for_what_came_of_an_attempt() {
    let alert = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Terminal(Order::Alert(text)) => Some(text.clone()),
            _ => None,
        })
    };
    let mut cockpit = Cockpit::open();
    let start = Intent::StartClock { from: Some(gonogo::checklist::offset::Offset::from_millis(-600_000)), pace: 1 };
    let own = cockpit.deployment.ask(start).unwrap();
    let own = cockpit.hear(own);
    assert_eq!(alert(&own), None, "who did it knows it");
    let held = cockpit.elsewhere(&person("Kim"), Intent::HoldClock { reason: "wait".into() });
    assert_eq!(alert(&held).unwrap(), "A window to fly: HOLD by Kim: wait");
    cockpit.here(Intent::StartAttempt { item: "prepare/look/backup".into(), confirmation: None });
    let attempt = cockpit.deployment.state.attempts.last().unwrap().number;
    let outcome = outcome(Verdict::Fail, "exit status 1");
    let ended = cockpit.deployment.ask(Intent::FinishAttempt { attempt, outcome }).unwrap();
    let ended = cockpit.hear(ended);
    assert_eq!(alert(&ended).unwrap(), "A window to fly: Back it up failed: exit status 1");
}
