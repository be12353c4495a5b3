//! Report, review, export and the events, as people and scripts ask for them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::program::gonogo;
use crate::common::small;
use assert_cmd::cargo::cargo_bin;
use gonogo::metrics::prometheus;
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;
use tempfile::TempDir;

const ITEMS: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
[[phase.section.item]]
id = "run"
title = "Run <it>"
check = { kind = "command", run = "printf 'hello <b>\\033[31mred\\033[0m\\n'" }
[[signoff]]
id = "crew"
title = "Crew"
phases = ["one"]
[[signoff.role]]
id = "qa"
title = "QA"
"#;

fn fine(folder: &Path, arguments: &[&str]) -> String {
    let (status, said) = gonogo(folder, arguments);
    assert_eq!(status, 0, "{arguments:?}: {said}");
    said
}

fn folder() -> TempDir {
    let folder = small::folder(ITEMS);
    fine(folder.path(), &["open", "--no-screen", "small.toml"]);
    fine(folder.path(), &["tick", "first", "--note", "seen"]);
    fine(folder.path(), &["run", "small.ledger.toml", "one/look/run"]);
    fine(folder.path(), &["sign", "qa", "--name", "Kim"]);
    folder
}

#[test]
fn a_report_is_written_in_the_form_its_ending_reports_and_never_over_the_ledger() {
    let folder = folder();
    let place = folder.path();
    let page = |name: &str| {
        fine(place, &["report", "-o", name]);
        fs::read_to_string(place.join(name)).unwrap()
    };
    let html = page("r.html");
    assert!(html.starts_with("<!doctype html>") && html.contains("hello &#60;b&#62;red"), "{html}");
    assert!(page("r.md").contains("hello <b>red"), "in a fenced block it stands as it was");
    let json: Value = serde_json::from_str(&page("r.json")).unwrap();
    assert_eq!(json["attempts"][0]["output"]["excerpt"]["text"], "hello <b>red\n");
    assert_eq!(json["signoffs"][0]["name"], "Kim");
    assert!(fine(place, &["report"]).starts_with("# A small deployment\n"));
    let (status, said) = gonogo(place, &["report", "-o", "r.html"]);
    assert_eq!(status, 4, "{said}");
    fine(place, &["report", "-o", "r.html", "--force"]);
    let (status, said) = gonogo(place, &["report", "-o", "r.pdf"]);
    assert!(status == 2 && said.contains(".html, .md or .json"), "{said}");
    let before = fs::read(place.join("small.ledger.toml")).unwrap();
    for own in ["small.ledger.toml", "small.ledger.d/head", "./small.ledger.d/attempts/new.html"] {
        let (status, said) = gonogo(place, &["report", "small.ledger.toml", "-o", own, "--format", "html", "--force"]);
        assert!(status == 2 && said.contains("belongs to the ledger"), "{own}: {said}");
    }
    assert_eq!(fs::read(place.join("small.ledger.toml")).unwrap(), before, "a report records nothing");
    let review = fine(place, &["review", "small.ledger.toml", "qa"]);
    assert!(review.contains("Phases covered\n  2/2 One, done\n"), "{review}");
    assert_eq!(gonogo(place, &["review", "small.ledger.toml", "nobody"]).0, 2);
}

#[test]
fn numbers_for_prometheus_are_read_by_a_strict_reader() {
    let folder = folder();
    let text = fine(folder.path(), &["status", "--openmetrics"]);
    let read = prometheus::parse(text.as_bytes()).unwrap();
    let number = |name: &str, label: (&str, &str)| {
        let is = |sample: &&prometheus::Sample| {
            sample.name == name && sample.labels.contains(&(label.0.to_owned(), label.1.to_owned()))
        };
        read.samples.iter().find(is).unwrap_or_else(|| panic!("{name} in {text}")).value
    };
    assert!((number("gonogo_steps", ("state", "done")) - 2.0).abs() < 1e-9);
    assert!((number("gonogo_outcome", ("outcome", "open")) - 1.0).abs() < 1e-9);
    assert!(number("gonogo_ledger_records", ("ledger", "small.ledger.toml")) >= 5.0, "{text}");
    assert!(read.families.iter().all(|family| family.help.is_some() && family.kind.is_some()));
}

#[test]
fn events_come_as_they_are_recorded_and_resume_where_they_were_left() {
    let folder = folder();
    let place = folder.path();
    let mut child = Command::new(cargo_bin("gonogo"))
        .current_dir(place)
        .args(["status", "small.ledger.toml", "--json", "--follow", "--since", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, lines) = channel();
    let stdout = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(serde_json::from_str::<Value>(&line).unwrap());
        }
    });
    let next = || lines.recv_timeout(Duration::from_mins(1)).unwrap();
    let mut known = Vec::new();
    while known.last().is_none_or(|last| last != "signed") {
        known.push(next()["kind"].as_str().unwrap().to_owned());
    }
    known.retain(|kind| !kind.starts_with("seat-"));
    assert_eq!(known, ["item-checked", "attempt-started", "attempt-finished", "signed"]);
    fine(place, &["note", "small.ledger.toml", "a word"]);
    let event = std::iter::repeat_with(next).find(|event| event["kind"] == "note-added").unwrap();
    assert_eq!(event["fact"]["text"], "a word");
    child.kill().unwrap();
    child.wait().unwrap();
    // It follows a chain that holds, and ends where it does not any more; put right, it is resumed.
    let ledger = place.join("small.ledger.toml");
    let whole = fs::read_to_string(&ledger).unwrap();
    for damaged in [whole.replacen("a word", "a sword", 1), whole[..whole.len() / 2].to_owned()] {
        let mut child = Command::new(cargo_bin("gonogo"))
            .current_dir(place)
            .args(["status", "small.ledger.toml", "--json", "--follow"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let last = lines.find(|line| line.contains("\"note-added\"")).unwrap();
        let last: Value = serde_json::from_str(&last).unwrap();
        fs::write(&ledger, &damaged).unwrap();
        assert_eq!(
            lines.filter(|line| !line.contains("\"kind\":\"seat-")).count(),
            0,
            "nothing comes from a chain that is broken"
        );
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(ended.status.code() == Some(3) && said.contains("stopped after record #"), "{said}");
        assert!(said.contains("is damaged") && said.contains("resume with --since "), "{said}");
        assert!(last["seq"].as_u64().unwrap() > 1);
        fs::write(&ledger, &whole).unwrap();
    }
    let (status, said) = gonogo(place, &["status", "small.ledger.toml", "--json", "--follow", "--since", "99"]);
    assert!(status == 2 && said.contains("nothing follows record 99"), "{said}");
    // Whoever reads no more ends it, although nothing is recorded.
    let mut child = Command::new(cargo_bin("gonogo"))
        .current_dir(place)
        .args(["status", "small.ledger.toml", "--json", "--follow"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().is_ok());
}

#[test]
fn an_imported_document_comes_back_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let document = "# Deploy\r\n\r\n## Before\r\n\r\n- [ ] Look *twice*\r\n- [ ] Rows: ____ rows\r\n- [ ] Later\r\n\r\n\
        ## Sign-off\r\n\r\n- [ ] QA Lead: ________ Date: ________\r\n\r\nThe end\r\n";
    fs::write(place.join("deploy.md"), document).unwrap();
    fine(place, &["open", "--no-screen", "deploy.md"]);
    let nothing = fine(place, &["export", "-o", "none.md"]);
    assert!(nothing.contains("0 of 0 entries"), "{nothing}");
    assert_eq!(fs::read_to_string(place.join("none.md")).unwrap(), document);
    fine(place, &["tick", "look-twice"]);
    fine(place, &["fill", "rows-rows", "1200"]);
    fine(place, &["sign", "qa-lead", "--name", "Kim <b>"]);
    fine(place, &["export", "-o", "done.md"]);
    let done = fs::read_to_string(place.join("done.md")).unwrap();
    let date = chrono::Utc::now().date_naive();
    let expected = document
        .replace("[ ] Look", "[x] Look")
        .replace("[ ] Rows: ____", "[x] Rows: 1200")
        .replace("[ ] QA Lead: ________ Date: ________", &format!("[x] QA Lead: Kim \\<b> Date: {date}"));
    assert_eq!(done, expected);
    // A document that holds all of it already comes back as it is.
    let said = fine(place, &["export", "--source", "done.md", "-o", "again.md"]);
    assert!(said.contains("done.md holds all of it already: nothing to enter"), "{said}");
    assert_eq!(fs::read_to_string(place.join("again.md")).unwrap(), expected);
    // A document that was rewritten meanwhile is not ticked on the wrong lines.
    fs::write(place.join("deploy.md"), document.replace("Look *twice*", "Look once")).unwrap();
    let (status, said) = gonogo(place, &["export", "-o", "other.md"]);
    assert!(status == 1 && said.contains("says something else there: line 5"), "{said}");
    assert!(fs::read_to_string(place.join("other.md")).unwrap().contains("[ ] Look once"));
}

#[test]
fn a_document_without_places_is_said_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    fs::write(place.join("plain.md"), "# Deploy\n\n1. Stop the service\n2. Start the service\n").unwrap();
    fine(place, &["import", "plain.md", "-o", "plain.toml", "--guesses"]);
    fine(place, &["open", "--no-screen", "plain.toml"]);
    fine(place, &["tick", "stop-the-service"]);
    let (status, said) = gonogo(place, &["export", "-o", "done.md"]);
    assert!(status == 1 && said.contains("plain.md has no box, blank or cell to enter anything in"), "{said}");
    assert!(!place.join("done.md").exists());
}

#[test]
fn a_line_with_a_password_is_ticked_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let document = "# Deploy\n\n- [ ] Reach it with postgresql://harbour:oyster@db/harbour\n";
    fs::write(place.join("reach.md"), document).unwrap();
    fine(place, &["open", "--no-screen", "reach.md"]);
    let status = fine(place, &["report", "--format", "json"]);
    assert!(status.contains("***") && !status.contains("oyster"), "{status}");
    let item = status.split("\"item\": \"").nth(1).unwrap().split('"').next().unwrap();
    fine(place, &["tick", item]);
    fine(place, &["export", "-o", "done.md"]);
    assert_eq!(fs::read_to_string(place.join("done.md")).unwrap(), document.replace("[ ]", "[x]"));
}
