//! What `status` and `verify` say of a ledger, for people and for scripts.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here ends the run and is seen")]

use crate::flight;

use flight::{Flight, captain, plan};
use gonogo::checklist::{Digest, ItemId};
use gonogo::commands::status::{Form, status};
use gonogo::commands::verify::verify_with_plan;
use gonogo::deployment::attempt::{AttemptNumber, End, Outcome, Output};
use gonogo::deployment::fact::Approval;
use gonogo::deployment::{Fact, Intent, Measurement, Verdict};
use gonogo::ledger::{Layout, Ledger};
use serde_json::{Value, json};
use std::fs;

fn outcome(verdict: Verdict, measured: Vec<Measurement>) -> Outcome {
    Outcome {
        exit: Some(0),
        signal: None,
        took_ms: 1_500,
        end: End::Completed,
        verdict,
        detail: "as measured".into(),
        measured,
        tables: Vec::new(),
        output: None,
        made: None,
        revision: None,
        left: Vec::new(),
        attested: None,
    }
}

fn start(ledger: &mut Ledger, item: &str) -> AttemptNumber {
    let confirmation = Some("rehearsal-production".to_owned());
    let made = ledger.append(&captain(), Intent::StartAttempt { item: item.into(), confirmation }).unwrap();
    let Fact::AttemptStarted { attempt, .. } = made[0].fact else { panic!("{made:?}") };
    attempt
}

fn run(ledger: &mut Ledger, item: &str, outcome: Outcome) {
    let attempt = start(ledger, item);
    ledger.append(&captain(), Intent::FinishAttempt { attempt, outcome }).unwrap();
}

fn latency(value: f64) -> Vec<Measurement> {
    vec![Measurement::new("latency-p95", value, "ms")]
}

fn sign(ledger: &mut Ledger) {
    let sign = Intent::Sign {
        group: "crew".into(),
        role: "qa".into(),
        name: "Grace".into(),
        decision: Approval::Go,
        comment: None,
    };
    ledger.append(&captain(), sign).unwrap();
}

fn settle_before(ledger: &mut Ledger) {
    ledger.append(&captain(), Intent::CheckItem { item: "before/look/eyes".into(), note: None }).unwrap();
    ledger.append(&captain(), Intent::FillValue { item: "before/look/size".into(), value: "12".into() }).unwrap();
    run(ledger, "before/look/tests", outcome(Verdict::Pass, Vec::new()));
    ledger.append(&captain(), Intent::EvaluateItem { item: "before/look/sound".into() }).unwrap();
    run(ledger, "before/look/lots", outcome(Verdict::Pass, latency(2_500.0)));
}

fn json_of(ledger: &Ledger) -> Value {
    let mut out = Vec::new();
    assert_eq!(status(ledger, Form::Json, &mut out).unwrap(), 0);
    serde_json::from_slice(&out).unwrap()
}

fn words_of(ledger: &Ledger) -> String {
    let mut out = Vec::new();
    assert_eq!(status(ledger, Form::Text, &mut out).unwrap(), 0);
    String::from_utf8(out).unwrap()
}

fn verify(flight: &Flight) -> (u8, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = verify_with_plan(&flight.path(), &mut out, &mut err, |_, _| Ok::<_, String>(plan())).unwrap();
    (exit, String::from_utf8(out).unwrap() + &String::from_utf8(err).unwrap())
}

#[test]
fn a_fresh_ledger_has_the_whole_shape() {
    let (_flight, ledger) = Flight::open();
    let head = ledger.records()[0].sum.to_string();
    let missing = json!(["`Item before/look/eyes` is not done yet", "QA Lead has not signed Crew"]);
    let expected = json!({
        "format": 1,
        "title": "Test flight",
        "environments": { "production": "rehearsal-production" },
        "outcome": "open",
        "criteria": {
            "call": "inconclusive", "total": 1, "measured": 0, "by_people": 0, "waived": 0, "inapplicable": 0, "no_data": 1,
            "attested_databases": 0, "attested": [],
            "reasons": [{
                "item": "upgrade/run/lots", "text": "Item upgrade/run/lots is inconclusive: no verdict yet", "pending": true,
            }],
        },
        "amendments": [],
        "items": { "total": 7, "done": 0, "failed": 0, "waived": 0, "not_applicable": 0, "open": 7, "measured": 0 },
        "lines": { "total": 0, "measured": 0, "slots": {} },
        "phases": [
            { "id": "before", "title": "before", "state": "open", "done": 0, "total": 5,
              "gate": { "open": true, "missing": [], "who": [] } },
            { "id": "upgrade", "title": "upgrade", "state": "waiting", "done": 0, "total": 2,
              "gate": { "open": false, "missing": missing, "who": ["the captain, by hand", "whoever is QA Lead"] } },
        ],
        "attempts": [],
        "signoffs": [
            { "group": "crew", "role": "qa", "name": null, "user": null, "decision": null, "signed": null, "stale": false,
              "withdrawn": false, "principal": null, "fingerprint": null },
        ],
        "metrics": [
            { "name": "lots", "environment": "rehearsal-production", "value": null, "unit": "ms", "baseline": null,
              "target": 200.0, "verdict": "inconclusive" },
        ],
        "alerts": { "asking": 0, "open": [], "silences": [] },
        "due": [],
        "watches": [],
        "availability": [],
        "outdated": [],
        "migration": { "current": null, "expected": "0003", "state": "unknown" },
        "preflights": {},
        "seat": { "captain": null, "handed_to": null, "crew": [] },
        "clock": null,
        "holds": [],
        "window": { "current": null, "late": [], "finish": null, "abort_by": null, "downtime": null },
        "poll": null,
        "roles": [],
        "concerns": [],
        "rollback": null,
        "ledger": { "records": 1, "head": head, "intact": true },
    });
    assert_eq!(json_of(&ledger), expected);
}

#[test]
fn a_flight_is_reported_as_it_goes() {
    let (_flight, mut ledger) = Flight::open();
    settle_before(&mut ledger);
    let reported = json_of(&ledger);
    assert_eq!(
        reported["items"],
        json!({ "total": 7, "done": 5, "failed": 0, "waived": 0, "not_applicable": 0, "open": 2, "measured": 3 })
    );
    assert_eq!(reported["phases"][0]["state"], "done");
    assert_eq!(
        reported["attempts"][0],
        json!({ "item": "before/look/tests", "environment": "rehearsal-production", "attempt": 1,
                "state": "finished", "exit": 0, "took_ms": 1500, "verdict": "pass" })
    );
    assert_eq!(reported["metrics"][0]["baseline"], 2_500.0);
    sign(&mut ledger);
    let reported = json_of(&ledger);
    assert_eq!(reported["signoffs"][0]["decision"], "go");
    assert_eq!(reported["signoffs"][0]["name"], "Grace");
    assert!(reported["signoffs"][0]["signed"].is_string());
    assert_eq!(reported["phases"][1]["gate"]["open"], true);

    let attempt = start(&mut ledger, "upgrade/run/migrate");
    let reported = json_of(&ledger);
    assert_eq!(reported["migration"]["state"], "running");
    assert_eq!(reported["attempts"][2]["state"], "running");
    assert_eq!(reported["phases"][1]["state"], "running");
    assert!(words_of(&ledger).contains("attempt 0003 in rehearsal-production"), "{}", words_of(&ledger));
    let done = Outcome { revision: Some("0003_add_wip_unique_index".into()), ..outcome(Verdict::Pass, Vec::new()) };
    ledger.append(&captain(), Intent::FinishAttempt { attempt, outcome: done }).unwrap();
    run(&mut ledger, "upgrade/run/lots", outcome(Verdict::Pass, latency(182.0)));
    let reported = json_of(&ledger);
    assert_eq!(
        reported["migration"],
        json!({ "current": "0003_add_wip_unique_index", "expected": "0003_add_wip_unique_index", "state": "at-head" })
    );
    assert_eq!(
        reported["metrics"][0],
        json!({ "name": "lots", "environment": "rehearsal-production", "value": 182.0, "unit": "ms",
                "baseline": 2500.0, "target": 200.0, "verdict": "pass" })
    );
    assert!(words_of(&ledger).contains("Outlook: GO"), "{}", words_of(&ledger));
    ledger.append(&captain(), Intent::Decide { decision: Approval::Go, reason: "all fine".into() }).unwrap();
    assert_eq!(json_of(&ledger)["outcome"], "go");
    assert!(words_of(&ledger).contains("Decided: GO by Ada"), "{}", words_of(&ledger));
}

#[test]
fn what_failed_is_named_with_its_reason_and_hostile_text_is_tamed() {
    let (_flight, mut ledger) = Flight::open();
    settle_before(&mut ledger);
    sign(&mut ledger);
    let failed = Outcome {
        detail: "NOT NULL failed\u{1b}[2J".into(),
        exit: Some(1),
        revision: Some("0001".into()),
        ..outcome(Verdict::Fail, Vec::new())
    };
    run(&mut ledger, "upgrade/run/migrate", failed);
    let reported = json_of(&ledger);
    assert_eq!(reported["migration"], json!({ "current": "0001", "expected": "0003", "state": "failed" }));
    assert_eq!(reported["items"]["failed"], 1);
    assert_eq!(reported["phases"][1]["state"], "failed");
    let words = words_of(&ledger);
    assert!(words.contains("✘ Item upgrade/run/migrate (upgrade/run/migrate) failed: NOT NULL failed"), "{words}");
    assert!(words.contains("Outlook: NO-GO"), "{words}");
    assert!(!words.contains('\u{1b}'), "{words:?}");
    run(&mut ledger, "upgrade/run/lots", outcome(Verdict::Fail, latency(700.0)));
    assert_eq!(json_of(&ledger)["metrics"][0]["verdict"], "fail");
}

#[test]
fn a_tail_that_is_no_record_is_not_intact() {
    let (flight, _ledger) = Flight::open();
    let whole = fs::read_to_string(flight.path()).unwrap();
    fs::write(flight.path(), whole + "\n[[record]]\nseq = 2\n").unwrap();
    let ledger = flight.reopen().unwrap();
    assert_eq!(json_of(&ledger)["ledger"]["intact"], false);
    assert!(words_of(&ledger).contains("no whole record"));
    let (exit, said) = verify(&flight);
    assert_eq!(exit, 10, "{said}");
    assert!(said.starts_with("torn: record #2 at byte"), "{said}");
}

#[test]
fn verify_has_a_word_and_an_exit_status_for_each_finding() {
    let (flight, mut ledger) = Flight::open();
    settle_before(&mut ledger);
    let (exit, said) = verify(&flight);
    assert_eq!(exit, 0, "{said}");
    let head = &ledger.records().last().unwrap().sum;
    let records = ledger.records().len();
    assert!(said.starts_with(&format!("intact: {records} records, head #{records} {head}\n")), "{said}");

    let whole = fs::read_to_string(flight.path()).unwrap();
    fs::write(flight.path(), whole.replace("\"12\"", "\"13\"")).unwrap();
    let (exit, said) = verify(&flight);
    assert!(exit == 11 && said.starts_with("altered: record #3 at byte"), "{exit} {said}");

    let last = whole.rfind("\n[[record]]").unwrap();
    fs::write(flight.path(), &whole[..last]).unwrap();
    let (exit, said) = verify(&flight);
    assert!(exit == 12 && said.starts_with("truncated: "), "{exit} {said}");
    assert!(said.contains("was acknowledged"), "{said}");

    fs::write(flight.path(), &whole).unwrap();
    fs::remove_file(Layout::new(flight.path()).head()).unwrap();
    let (exit, said) = verify(&flight);
    assert!(exit == 17 && said.contains("no head") && said.contains("no anchored head"), "{exit} {said}");

    fs::remove_file(flight.path()).unwrap();
    let (exit, said) = verify(&flight);
    assert!(exit == 2 && said.contains("there is no ledger at"), "{exit} {said}");
}

#[test]
fn a_signature_for_something_else_is_stale() {
    let (flight, mut ledger) = Flight::open();
    settle_before(&mut ledger);
    sign(&mut ledger);
    assert_eq!(verify(&flight).0, 0);
    run(&mut ledger, "before/look/tests", outcome(Verdict::Fail, Vec::new()));
    let (exit, said) = verify(&flight);
    assert_eq!(exit, 15, "{said}");
    assert!(said.contains("stale: QA Lead (Grace) signed Crew in record"), "{said}");
    let reported = json_of(&ledger);
    assert_eq!((&reported["signoffs"][0]["stale"], &reported["signoffs"][0]["decision"]), (&json!(true), &json!("go")));
}

#[test]
fn an_output_that_changed_is_altered_evidence() {
    let (flight, mut ledger) = Flight::open();
    let item: ItemId = "before/look/tests".into();
    let attempt = start(&mut ledger, item.as_str());
    let log = ledger.evidence().join("attempts/0001.log");
    fs::write(&log, "12 passed\n").unwrap();
    let output = Output { file: "attempts/0001.log".into(), bytes: 10, sha256: Digest::of(b"12 passed\n") };
    let done = Outcome { output: Some(output), ..outcome(Verdict::Pass, Vec::new()) };
    ledger.append(&captain(), Intent::FinishAttempt { attempt, outcome: done }).unwrap();
    assert_eq!(verify(&flight), (0, verify(&flight).1));
    for (spoiled, why) in [("13 passed\n", "is not what was recorded"), ("12", "is shorter than what was recorded")] {
        fs::write(&log, spoiled).unwrap();
        let (exit, said) = verify(&flight);
        assert!(exit == 11 && said.contains(why) && said.contains("attempt 0001"), "{exit} {said}");
    }
    fs::remove_file(&log).unwrap();
    let (exit, said) = verify(&flight);
    assert!(exit == 11 && said.contains("cannot be read"), "{exit} {said}");
}
