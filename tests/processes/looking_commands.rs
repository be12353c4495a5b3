//! `logs`, `doctor`, `init` and `status --watch`: commands that only look, and the one that begins a checklist.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::program::said;
use crate::common::small;
use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const SMALL: &str = r#"[[phase.section.item]]
id = "says"
title = "Say it"
check = { kind = "command", run = "echo said once; echo and twice" }
[[phase.section.item]]
id = "never"
title = "Never run"
check = { kind = "command", run = "true" }
[[phase.section.item]]
id = "read"
title = "Read the guide"
"#;

fn gonogo(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(cargo_bin("gonogo"));
    said(command.current_dir(folder).args(arguments).env_remove("DOCTOR_DB").env("TERM", "xterm"))
}

#[test]
fn logs_print_what_an_attempt_said() {
    let folder = small::folder(SMALL);
    let at = folder.path();
    assert_eq!(gonogo(at, &["open", "--no-screen", "small.toml"]).0, 0);
    assert_eq!(gonogo(at, &["run", "small.ledger.toml", "says"]).0, 0);
    assert_eq!(gonogo(at, &["run", "small.ledger.toml", "says"]).0, 0);
    // The ledger of the folder is meant where none is named.
    let said = gonogo(at, &["logs", "says"]);
    assert_eq!(said, (0, "said once\nand twice\n".to_owned()));
    assert_eq!(gonogo(at, &["logs", "says", "--attempt", "1", "--follow"]), said);
    let (status, why) = gonogo(at, &["logs", "says", "--attempt", "7"]);
    assert_eq!((status, why.lines().next()), (2, Some("error: one/look/says has no attempt 7; it has 0001, 0002")));
    let (status, why) = gonogo(at, &["logs", "never"]);
    assert!(status == 2 && why.contains("has no attempt yet"), "{why}");
}

#[test]
fn the_doctor_looks_behind_what_is_put_before_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (command, state, part) in [
        ("env X=1 no-such-migrator", "failed", "`no-such-migrator` is not found"),
        ("X=1 no-such-migrator", "failed", "`no-such-migrator` is not found"),
        ("nice -n 5 timeout 5 no-such-migrator", "failed", "`no-such-migrator` is not found"),
        ("sh -c 'no-such-migrator up'", "failed", "`no-such-migrator` is not found"),
        ("cd . && X=1 no-such-migrator", "failed", "`no-such-migrator` is not found"),
        ("no-such-wrapper -u app true", "failed", "`no-such-wrapper` is not found"),
        ("env X=1 nice sh -c 'cd . && exec ls'", "ok", "/ls"),
        ("$MIGRATOR up", "not measured", "shows only when it runs"),
    ] {
        let environment = format!(
            "slot = \"here\"\n[environments.here.migrator]\nkind = \"command\"\ncommand = \"{command}\"\n[[phase]]"
        );
        fs::write(at.join("small.toml"), small::checklist(SMALL).replace("slot = \"here\"\n[[phase]]", &environment))
            .unwrap();
        let (_, said) = gonogo(at, &["doctor", "small.toml"]);
        let line = said.lines().find(|line| line.contains("  migrator ")).unwrap_or_default();
        assert!(line.trim().starts_with(state) && line.contains(part), "{command}: {said}");
    }
}

#[test]
fn a_file_that_is_no_checklist_is_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\nid = 1\n-----END OPENSSH PRIVATE KEY-----\n";
    fs::write(at.join("id_ed25519"), key).unwrap();
    fs::write(at.join("notes.txt"), "hunter2 is what opens it\nnothing = \"else\n").unwrap();
    for file in ["id_ed25519", "notes.txt"] {
        for command in ["open", "lint", "import"] {
            let (status, said) = gonogo(at, &[command, file]);
            assert_eq!(status, 2, "{command} {file}: {said}");
            assert!(!said.contains("b3Blbn") && !said.contains("hunter2"), "{command} {file}: {said}");
        }
        let (_, said) = gonogo(at, &["open", "--no-screen", file]);
        assert!(said.contains("is not a checklist"), "{file}: {said}");
    }
    let secret = format!("{}\ndatabase_password = \"Gr8-Wurzel\"\n", small::checklist(SMALL));
    fs::write(at.join("typo.toml"), secret).unwrap();
    let (_, said) = gonogo(at, &["lint", "typo.toml"]);
    assert!(!said.contains("Gr8-Wurzel"), "{said}");
}

#[test]
fn the_doctor_names_what_is_missing_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = small::checklist(SMALL).replace(
        "slot = \"here\"\n[[phase]]",
        "slot = \"here\"\ndatabase = \"${DOCTOR_DB}\"\nfolder = \"app\"\n\
         [environments.here.migrator]\nkind = \"command\"\ncommand = \"no-such-migrator --up\"\n[[phase]]",
    );
    let pane = "[[pane]]\nid = \"up\"\ntitle = \"Up\"\nslot = \"here\"\n\
                source = { kind = \"promql\", server = \"${DOCTOR_PROMETHEUS}\", query = \"up\" }\nunit = \"targets\"\n";
    let text = format!("{text}\n{pane}");
    fs::write(at.join("small.toml"), text).unwrap();
    let (status, said) = gonogo(at, &["doctor", "small.toml"]);
    assert_eq!(status, 1, "{said}");
    for line in [
        "  failed        variables  not set: DOCTOR_DB, DOCTOR_PROMETHEUS; export them\n",
        "  not measured  prometheus DOCTOR_PROMETHEUS not set\n",
        "  not measured  database   DOCTOR_DB not set\n",
        "  failed        migrator   `no-such-migrator` is not found on PATH, or in the folder\n",
        "  failed        folder     app does not exist\n",
    ] {
        assert!(said.contains(line), "{line}{said}");
    }
    // An empty file stands for a database that nobody filled.
    fs::create_dir(at.join("app")).unwrap();
    fs::write(at.join("app.db"), "").unwrap();
    let mut asked = Command::new(cargo_bin("gonogo"));
    asked.current_dir(at).args(["doctor", "small.toml", "--json"]).env("DOCTOR_DB", "sqlite:app.db");
    asked.env("DOCTOR_PROMETHEUS", "http://127.0.0.1:1");
    let said: serde_json::Value = serde_json::from_slice(&asked.output().unwrap().stdout).unwrap();
    let found = |about: &str| {
        let looks = said["looks"].as_array().unwrap().iter().filter(|look| look["about"] == about);
        looks.map(|look| look["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((found("variables"), found("database")), (vec!["ok".into()], vec!["ok".into()]), "{said:#}");
    let mut files: Vec<_> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["app", "app.db", "small.toml"], "nothing is left behind");
    assert_eq!(fs::read(at.join("app.db")).unwrap(), b"");
}

#[test]
fn init_writes_a_checklist_that_opens_and_never_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let asked = ["init", "--title", "Orders 2.0", "--migrator", "alembic upgrade head", "--health", "/health"];
    let (status, said) = gonogo(at, &asked);
    assert!(status == 0 && said.contains("orders-2-0.toml is written"), "{said}");
    assert_eq!(gonogo(at, &["lint", "orders-2-0.toml"]).0, 0);
    assert_eq!(gonogo(at, &["open", "--no-screen", "orders-2-0.toml"]).0, 0);
    let (status, why) = gonogo(at, &asked);
    assert!(status == 4 && why.contains("exists and is not overwritten"), "{why}");
}

#[test]
fn a_watched_status_is_reported_again_when_something_is_recorded() {
    let folder = small::folder(SMALL);
    let at = folder.path();
    assert_eq!(gonogo(at, &["open", "--no-screen", "small.toml"]).0, 0);
    let mut watching = Command::new(cargo_bin("gonogo"));
    watching.current_dir(at).args(["status", "--watch"]).stdout(Stdio::piped());
    let mut watching = watching.spawn().unwrap();
    let stdout = watching.stdout.take().unwrap();
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    let until = |part: &str| while !lines.recv_timeout(Duration::from_secs(30)).unwrap().contains(part) {};
    until("0/3 done");
    assert_eq!(gonogo(at, &["tick", "read"]).0, 0);
    until("1/3 done");
    watching.kill().unwrap();
    watching.wait().unwrap();
}
