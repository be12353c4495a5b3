//! The report: what it shows, that nothing from outside is markup in it, and that its JSON fits its schema.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::checklist_schema::fits::fits;
use crate::common::deployment::{Deployment, measured, operator, outcome, passed};
use gonogo::commands::status::event::{self, Event};
use gonogo::deployment::attempt::{AttemptNumber, End, Outcome, Output};
use gonogo::deployment::fact::{Approval, IssueAccount, Waiver};
use gonogo::deployment::{Intent, Verdict};
use gonogo::metrics::series::{Gap, Point};
use gonogo::report::{self, Excerpt, Report, Source, attestation};
use pulldown_cmark::{Event as Markdown, Options, Parser, Tag};
use regex::Regex;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whatever somebody might write into a title, a note or an output.
const EVIL: &str = "<script>alert(1)</script><img src=https://evil.example/p.png onerror=alert(1)></details></pre> \
    [x](javascript:alert(1)) ![p](https://evil.example/p.png) **b** `c` | \\ \" ' {{ 7 }} ${SECRET} @ada #12 \u{1b}[31m";

fn checklist(title: &str) -> String {
    let title = serde_json::to_string(title).unwrap().replace("\\u001b", "");
    format!(
        r#"format = 1
id = "t"
title = {title}
[window]
downtime = "5m"
[[slot]]
id = "db"
title = "Database"
[environments.one]
slot = "db"
database = "sqlite:one.db"
url = "http://127.0.0.1:1"
[environments.one.migrator]
kind = "alembic"
command = "true"
[[phase]]
id = "p"
title = {title}
slot = "db"
[[phase.section]]
id = "a"
title = "A"
[[phase.section.item]]
id = "read"
title = {title}
[[phase.section.item]]
id = "rows"
title = "Rows"
due = "decision"
check = {{ kind = "sql", query = "SELECT 1", measure = "rows", unit = "rows" }}
targets = [{{ measure = "rows", at_most = 5, unit = "rows" }}]
[[phase.section.item]]
id = "skip"
title = "Left out"
[[phase.section.item]]
id = "move"
title = "Migrate"
offset = "T+1m"
check = {{ kind = "migration", direction = "upgrade" }}
[[signoff]]
id = "crew"
title = "Crew"
phases = ["p"]
[[signoff.role]]
id = "qa"
title = "QA"
[[pane]]
id = "lots"
title = {title}
slot = "db"
source = {{ kind = "latency", path = "/lots" }}
unit = "ms"
every = "1s"
target = {{ at_most = 200 }}
"#
    )
}

/// A deployment with something in every part of the report, each text of it `text`.
fn deployment(text: &str) -> Deployment {
    let mut deployment = Deployment::open(&checklist(text), &[("db", "one")]);
    let at = deployment.now;
    let zero = at + chrono::Duration::minutes(10);
    deployment.ask(Intent::PlanWindow { zero, end: Some(zero + chrono::Duration::hours(1)) }).unwrap();
    deployment.ask(Intent::CheckItem { item: "p/a/read".into(), note: Some(text.to_owned()) }).unwrap();
    deployment.attempt("p/a/rows", Outcome { detail: text.to_owned(), ..outcome(Verdict::Fail, text) });
    deployment.attempt("p/a/rows", measured("rows", 3.0, "rows"));
    let skip = |reason: &str| Intent::WaiveItem {
        item: "p/a/skip".into(),
        how: Waiver::Skipped,
        reason: reason.to_owned(),
        until: None,
    };
    deployment.ask(skip(text)).unwrap();
    deployment.ask(Intent::WithdrawWaiver { item: "p/a/skip".into(), reason: text.to_owned() }).unwrap();
    deployment.ask(skip(text)).unwrap();
    let output = Output { file: "attempts/0003.log".into(), bytes: 9, sha256: deployment.plan.digest().clone() };
    deployment.attempt("p/a/move", Outcome { output: Some(output), revision: Some(text.into()), ..passed() });
    let account = IssueAccount { impact: Some(text.to_owned()), ..IssueAccount::default() };
    deployment.ask(Intent::OpenIssue { title: text.to_owned(), account }).unwrap();
    deployment.ask(Intent::AddLesson { text: text.to_owned() }).unwrap();
    deployment.ask(Intent::AddNote { item: Some("p/a/read".into()), text: text.to_owned() }).unwrap();
    let signed = Intent::Sign {
        group: "crew".into(),
        role: "qa".into(),
        name: text.to_owned(),
        decision: Approval::Go,
        comment: Some(text.to_owned()),
    };
    deployment.ask_as(&operator(text), signed).unwrap();
    deployment
}

fn report(deployment: &Deployment, output: &str) -> Report {
    let records: Vec<_> = deployment.records.iter().cloned().map(Arc::new).collect();
    let start = deployment.now.timestamp_millis() - 60_000;
    let point = |second: i64| Point {
        at_ms: start + second * 1_000,
        value: if second == 7 { Err(Gap::new("down")) } else { Ok(100.0 + f64::from(u32::try_from(second).unwrap())) },
    };
    let excerpt = Excerpt { text: output.to_owned(), left_out: 12 };
    Report::of(&Source {
        plan: &deployment.plan,
        state: &deployment.state,
        records: &records,
        ledger: "t.ledger.toml".to_owned(),
        now: deployment.now,
        outputs: BTreeMap::from([(AttemptNumber(3), excerpt)]),
        samples: BTreeMap::from([(("one".into(), "lots".into()), (0..60).map(point).collect())]),
        probed: BTreeMap::new(),
        troubles: vec![output.to_owned()],
    })
}

#[test]
fn it_reports_what_failed_what_was_done_and_who_answered_for_it() {
    let mut deployment = deployment("plain words");
    let report = report(&deployment, "the output");
    assert_eq!(report.failed.len(), 1);
    let failed = &report.failed[0];
    assert_eq!((failed.attempt, failed.result.as_str(), failed.completed), (1, "fail", true));
    assert_eq!(failed.then, ["passed in attempt 2 at 2026-11-22 02:00:06 UTC"]);
    let waivers: Vec<bool> = report.passed_over.waivers.iter().map(|waiver| waiver.withdrawn.is_some()).collect();
    assert_eq!(waivers, [true, false]);
    let criterion = &report.criteria[0];
    assert_eq!(
        (criterion.verdict.as_str(), criterion.targets.as_slice()),
        ("go", ["rows ≤ 5 rows".to_owned()].as_slice())
    );
    assert_eq!(report.signoffs[0].standing, "go");
    assert_eq!(report.signoffs[0].how.as_deref(), Some("attested, not signed"));
    let metric = &report.metrics[0];
    let (before, after) = (metric.before.as_ref().unwrap(), metric.after.as_ref().unwrap());
    assert!(before.samples > 40 && after.samples > 0 && before.gaps == 1, "{before:?} {after:?}");
    assert!(before.value < after.value);
    assert_eq!(report.window.steps[0].offset, "T+1m");
    assert!(report.outcome.headline.starts_with("No decision yet"), "{}", report.outcome.headline);
    // A waiver taken back makes the signature stale, and the review says so.
    deployment.ask(Intent::WithdrawWaiver { item: "p/a/skip".into(), reason: "no".into() }).unwrap();
    let review = self::report(&deployment, "the output").review(None);
    assert!(review.contains("Crew: QA by plain words; checklist or evidence changed since"), "{review}");
    assert!(review.contains("then: passed in attempt 2 at"), "{review}");
    assert!(review.contains("issue 1: plain words"), "{review}");
    let of_nothing = self::report(&deployment, "the output").review(Some(&["other".to_owned()]));
    assert!(of_nothing.contains("every attempt passed"), "{of_nothing}");
}

#[test]
fn a_decision_names_what_had_been_made_easier_after_a_failure() {
    let mut deployment = Deployment::open(&checklist("plain words"), &[("db", "one")]);
    deployment.attempt("p/a/rows", outcome(Verdict::Fail, "7 rows"));
    let text = checklist("plain words").replace("SELECT 1", "SELECT 1 LIMIT 0");
    let checklist = Arc::new(gonogo::checklist::reader::read("t.toml", &text).unwrap());
    let (file, reason) = ("t.toml".to_owned(), "the query was wrong".to_owned());
    let amendment = gonogo::deployment::intent::Amendment {
        checklist: checklist.clone(),
        file,
        reason,
        text: Arc::from(text.as_str()),
    };
    deployment.ask(Intent::AmendChecklist(amendment)).unwrap();
    deployment.plan = Arc::new(gonogo::deployment::Plan::new(checklist, deployment.plan.bindings().clone()));
    deployment.attempt("p/a/rows", measured("rows", 3.0, "rows"));
    deployment.ask(Intent::Decide { decision: Approval::NoGo, reason: "not tonight".into() }).unwrap();
    let report = report(&deployment, "");
    let mark = "p/a/rows: check: SELECT 1 → SELECT 1 LIMIT 0 (may ask for less), after attempt 0001 failed";
    assert_eq!(report.outcome.decisions[0].loosened, [mark]);
    assert_eq!(report.passed_over.amendments[0].after_failure, ["Rows"]);
    assert!(report.html().unwrap().contains("<strong>LOOSENED AFTER A FAILURE</strong>: p/a/rows: check: "));
    assert!(report.markdown().unwrap().contains("  - **LOOSENED AFTER A FAILURE**: p/a/rows: check: "));
}

#[test]
fn a_decision_reports_what_it_rested_on_then() {
    let mut deployment = deployment("plain words");
    let decide = Intent::Decide { decision: Approval::NoGo, reason: "not tonight".into() };
    deployment.ask(decide).unwrap();
    let report = report(&deployment, "");
    assert_eq!(report.outcome.word, "no-go");
    assert_eq!(report.outcome.headline, "NO-GO, 1 of 1 criterion measured");
    assert_eq!(report.outcome.decided().unwrap().reason, "not tonight");
}

#[test]
fn what_fails_after_a_go_stands_beside_it() {
    let mut deployment = Deployment::open(&checklist("t"), &[("db", "one")]);
    deployment.attempt("p/a/rows", measured("rows", 3.0, "rows"));
    deployment.ask(Intent::Decide { decision: Approval::Go, reason: "done".into() }).unwrap();
    let go = "GO, 1 of 1 criterion measured";
    assert_eq!(report(&deployment, "").outcome.headline, go);
    deployment.attempt("p/a/rows", Outcome { detail: "7 rows".into(), ..outcome(Verdict::Fail, "t") });
    let since = report(&deployment, "").outcome;
    assert_eq!(since.headline, format!("{go}; criteria now NO-GO"));
    assert_eq!(serde_json::to_value(since.tone).unwrap(), "bad");
}

#[test]
fn a_cancelled_and_a_lost_attempt_are_reported_as_what_they_are() {
    let mut deployment = Deployment::open(&checklist("t"), &[("db", "one")]);
    deployment.attempt("p/a/rows", Outcome { end: End::Cancelled, ..outcome(Verdict::Fail, "stopped") });
    let lost = deployment.start("p/a/rows");
    deployment.ask(Intent::LoseAttempt { attempt: lost, reason: "the host went away".into() }).unwrap();
    let reported = report(&deployment, "").failed;
    let reported: Vec<(&str, &str)> =
        reported.iter().map(|failed| (failed.result.as_str(), failed.detail.as_str())).collect();
    assert_eq!(reported, [("cancelled", "stopped"), ("unknown", "the host went away")]);
}

#[test]
fn the_page_is_well_formed_runs_nothing_and_asks_for_nothing() {
    let page = report(&deployment(EVIL), EVIL).html().unwrap();
    assert!(
        page.contains("&#60;script&#62;alert(1)") || page.contains("&lt;script&gt;alert(1)"),
        "the text is reported"
    );
    let tag = Regex::new(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^>]*)>").unwrap();
    let body = Regex::new(r"(?s)<style>.*?</style>").unwrap().replace(&page, "");
    let mut open: Vec<String> = Vec::new();
    let mut names = BTreeSet::new();
    for found in tag.captures_iter(&body) {
        let (name, rest) = (found[2].to_lowercase(), &found[3]);
        names.insert(name.clone());
        match (&found[1], rest.ends_with('/') || ["meta", "br"].contains(&name.as_str())) {
            ("/", _) => assert_eq!(open.pop().as_deref(), Some(name.as_str()), "closed out of order"),
            (_, true) => {}
            _ => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    let forbidden = ["script", "img", "iframe", "object", "link", "form", "base", "a_"];
    assert!(forbidden.iter().all(|name| !names.contains(*name)), "{names:?}");
    // Outside of text there is no `<` and no handler, and every address is a place on the page.
    let bare = tag.replace_all(&body, "").replace("<!doctype html>", "");
    assert!(!bare.contains('<') && !bare.contains('>'), "something is no tag and no text");
    let attribute = Regex::new(r#"\s([a-zA-Z:-]+)="([^"]*)""#).unwrap();
    for found in tag.captures_iter(&body).map(|found| found[3].to_owned()) {
        for pair in attribute.captures_iter(&found) {
            let (name, value) = (pair[1].to_lowercase(), pair[2].to_owned());
            assert!(!name.starts_with("on") && name != "src" && name != "style", "{found}");
            assert!(name != "href" || value.starts_with('#'), "{found}");
        }
    }
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains('\u{1b}'));
    let style = Regex::new(r"(?s)<style>(.*?)</style>").unwrap();
    let style = style.captures(&page).unwrap()[1].to_owned();
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn markdown_holds_no_markup_but_its_own() {
    let text = report(&deployment(EVIL), &format!("{EVIL}\n```\n````\n# heading\n</details>")).markdown().unwrap();
    let own = Regex::new(r"^(<details><summary>[^<]*</summary>|</details>)\s*$").unwrap();
    for event in Parser::new_ext(&text, Options::all()) {
        match event {
            Markdown::Html(html) | Markdown::InlineHtml(html) => {
                assert!(html.trim().is_empty() || own.is_match(html.trim()), "{html}");
            }
            Markdown::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => panic!("a link to {dest_url}"),
            Markdown::InlineMath(_) | Markdown::DisplayMath(_) => panic!("mathematics"),
            _ => {}
        }
    }
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
    let parts = [
        "Outcome",
        "Window",
        "Migration",
        "Metrics before and after",
        "Alerts in the 24 hours and 7 days after T-0",
        "Criteria",
        "Failed attempts and what was done",
        "Waivers and overrides",
        "Issues, lessons, notes",
        "Sign-offs",
        "Every step",
        "Appendix: every attempt",
    ];
    assert_eq!(headings, parts.map(|part| format!("## {part}")));
    assert!(!text.contains('\u{1b}'));
    let dangling = Regex::new(r"(^|[^\\&/])[@#][a-z0-9]").unwrap();
    for line in text.lines().filter(|line| !line.contains("alert") && !line.starts_with('#')) {
        assert!(!dangling.is_match(line), "somebody is called or an issue linked: {line}");
    }
}

/// A schema that lets no field pass that it does not name.
fn strict(mut schema: Value) -> Value {
    fn close(schema: &mut Value) {
        match schema {
            Value::Object(table) => {
                if table.contains_key("properties") && !table.contains_key("additionalProperties") {
                    table.insert("additionalProperties".into(), json!(false));
                }
                table.values_mut().for_each(close);
            }
            Value::Array(parts) => parts.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut schema);
    schema
}

#[test]
fn the_json_fits_its_schema_and_the_schema_ships() {
    let schema = report::schema();
    let file: Value = serde_json::from_str(include_str!("../../assets/schemas/report-1.json")).unwrap();
    assert_eq!(file, schema, "run `gonogo schema report > assets/schemas/report-1.json`");
    let strict = strict(schema);
    for text in ["plain", EVIL] {
        let report = report(&deployment(text), text).json().unwrap();
        fits(&strict, &strict, &serde_json::from_str(&report).unwrap()).unwrap();
    }
    assert!(fits(&strict, &strict, &json!({ "format": 1 })).is_err());
}

#[test]
fn every_event_fits_its_schema() {
    let schema = event::schema();
    let file: Value = serde_json::from_str(include_str!("../../assets/schemas/event-1.json")).unwrap();
    assert_eq!(file, schema, "run `gonogo schema event > assets/schemas/event-1.json`");
    let strict = strict(schema);
    let deployment = deployment(EVIL);
    for record in &deployment.records {
        let event = serde_json::to_value(Event::of(&deployment.plan, record).unwrap()).unwrap();
        fits(&strict, &strict, &event).unwrap();
        assert_eq!(event["kind"], event["fact"]["kind"]);
    }
}

#[test]
fn an_attestation_fits_its_schema_and_reports_no_time_of_its_own() {
    let schema = attestation::schema();
    let file: Value = serde_json::from_str(include_str!("../../assets/schemas/attestation-1.json")).unwrap();
    assert_eq!(file, schema, "run `gonogo schema attestation > assets/schemas/attestation-1.json`");
    let strict = strict(schema);
    let mut deployment = deployment(EVIL);
    let stated = |deployment: &Deployment| {
        let records: Vec<_> = deployment.records.iter().cloned().map(Arc::new).collect();
        let source = Source {
            plan: &deployment.plan,
            state: &deployment.state,
            records: &records,
            ledger: "t.ledger.toml".to_owned(),
            now: records.last().unwrap().at,
            outputs: BTreeMap::new(),
            samples: BTreeMap::new(),
            probed: BTreeMap::new(),
            troubles: Vec::new(),
        };
        let file = attestation::File {
            sha256: "00".repeat(32),
            bytes: 7,
            checklists: attestation::followed(&source),
            unmet: 0,
        };
        serde_json::to_value(attestation::Statement::of(&source, &file).unwrap()).unwrap()
    };
    let before = stated(&deployment);
    fits(&strict, &strict, &before).unwrap();
    let predicate = &before["predicate"];
    assert_eq!((&predicate["outcome"], &predicate["decision"]), (&json!("open"), &Value::Null));
    assert_eq!(predicate["exceptions"]["failedAttempts"], 1);
    assert_eq!(predicate["exceptions"]["waivers"], 1);
    deployment.now += chrono::Duration::hours(3);
    assert_eq!(stated(&deployment), before);
}
