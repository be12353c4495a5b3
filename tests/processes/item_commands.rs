//! `tick`, `waive`, `fill` and `note` on the command line, and `--with` where a checklist is named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::program::gonogo;
use crate::common::small;
use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const SMALL: &str = r#"[[phase.section.item]]
id = "first"
title = "Read the guide"
[[phase.section.item]]
id = "second"
title = "Read it again"
after = ["one/look/first"]
[[phase.section.item]]
id = "size"
title = "Size"
check = { kind = "value", label = "how big", unit = "MB", form = "number" }
[[phase.section.item]]
id = "run"
title = "Run it"
check = { kind = "command", run = "true" }
[[phase.section]]
id = "more"
title = "More"
[[phase.section.item]]
id = "size"
title = "Size of more"
"#;

fn opened() -> TempDir {
    let folder = small::folder(SMALL);
    assert_eq!(gonogo(folder.path(), &["open", "--no-screen", "small.toml"]).0, 0);
    folder
}

fn ledger(folder: &Path) -> String {
    fs::read_to_string(folder.join("small.ledger.toml")).unwrap()
}

#[test]
fn items_are_ticked_filled_in_waived_and_noted_by_name() {
    let folder = opened();
    let at = folder.path();
    let ask = |arguments: &[&str]| gonogo(at, arguments);
    let (status, said) = ask(&["tick", "small.ledger.toml", "first", "--note", "with care", "--as", "Ada"]);
    assert_eq!((status, said.as_str()), (0, "ticked Read the guide (one/look/first)\n"));
    let (status, said) = ask(&["fill", "small.ledger.toml", "look/size", "-3.5"]);
    assert_eq!((status, said.as_str()), (0, "filled in Size (one/look/size)\n"));
    let (status, said) =
        ask(&["waive", "small.ledger.toml", "one/look/run", "--reason", "no host", "--how", "overridden"]);
    assert_eq!((status, said.as_str()), (0, "waived Run it (one/look/run) as overridden\n"));
    let (status, said) = ask(&["note", "small.ledger.toml", "second", "looked at twice"]);
    assert_eq!((status, said.as_str()), (0, "noted on Read it again (one/look/second)\n"));
    assert_eq!(ask(&["note", "small.ledger.toml", "all is calm"]), (0, "noted\n".to_owned()));
    let ledger = ledger(at);
    for line in [
        "kind = \"item-checked\"",
        "says = \"Ada\"",
        "note = \"with care\"",
        "value = \"-3.5\"",
        "how = \"overridden\"",
        "reason = \"no host\"",
        "text = \"looked at twice\"",
        "text = \"all is calm\"",
        "kind = \"seat-left\"",
    ] {
        assert!(ledger.contains(line), "{line} is not in\n{ledger}");
    }
}

#[test]
fn a_refusal_has_its_exit_status_and_names_what_was_meant() {
    let folder = opened();
    let at = folder.path();
    for (arguments, status, wanted) in [
        (&["tick", "small.ledger.toml", "frist"][..], 2, "no item `frist`; the most alike are one/look/first"),
        (&["tick", "small.ledger.toml", "size"], 2, "`size` names 2 items; write one of one/look/size, one/more/size"),
        (&["tick", "small.ledger.toml", "run"], 4, "waive it with a reason"),
        (&["tick", "small.ledger.toml", "second"], 4, "first"),
        (&["fill", "small.ledger.toml", "look/size", "big"], 2, "number"),
        (&["waive", "small.ledger.toml", "first", "--reason", " "], 2, "reason"),
        (&["waive", "small.ledger.toml", "first", "--reason", "x", "--how", "deferred"], 2, "--due-in"),
        (
            &[
                "waive",
                "small.ledger.toml",
                "first",
                "--reason",
                "x",
                "--how",
                "deferred",
                "--due-in",
                "99999999999999d",
            ],
            2,
            "--due-in",
        ),
        (&["note", "small.ledger.toml", " "], 2, "text"),
        (&["tick", "nope.ledger.toml", "first"], 2, "nope.ledger.toml"),
    ] {
        let before = fs::read(at.join("small.ledger.toml")).unwrap();
        let (found, said) = gonogo(at, arguments);
        assert!(
            found == status && said.to_lowercase().contains(&wanted.to_lowercase()),
            "{arguments:?}: {found} {said}"
        );
        let items = |text: &[u8]| String::from_utf8_lossy(text).matches("kind = \"item-").count();
        assert_eq!(items(&before), items(&fs::read(at.join("small.ledger.toml")).unwrap()));
    }
}

#[test]
fn an_opened_ledger_needs_its_overlay_no_more() {
    let folder = small::folder(SMALL);
    let at = folder.path();
    let overlay =
        "[change.\"one/look/first\"]\ntitle = \"Read the other guide\"\n[waive]\n\"one/more\" = \"there is no more\"\n";
    fs::write(at.join("team.toml"), overlay).unwrap();
    let (status, said) = gonogo(at, &["open", "--no-screen", "small.toml", "--with", "team.toml"]);
    assert_eq!(status, 0, "{said}");
    fs::remove_file(at.join("team.toml")).unwrap();
    fs::remove_file(at.join("small.toml")).unwrap();
    let (status, said) = gonogo(at, &["status", "small.ledger.toml", "--json"]);
    assert_eq!(status, 0, "{said}");
    assert!(ledger(at).contains("checklist = \"small.toml + team.toml\""));
    assert_eq!(gonogo(at, &["verify", "small.ledger.toml"]).0, 0);
    assert_eq!(gonogo(at, &["tick", "small.ledger.toml", "first"]).1, "ticked Read the other guide (one/look/first)\n");
    let (status, said) = gonogo(at, &["tick", "small.ledger.toml", "one/more/size"]);
    assert!(status == 4 && said.contains("there is no more"), "{status} {said}");
}

#[test]
fn lint_reports_overlays_and_explains_items() {
    let folder = small::folder(SMALL);
    let at = folder.path();
    fs::write(at.join("team.toml"), "[change.\"one/look/frist\"]\ntitle = \"x\"\n").unwrap();
    let (status, said) = gonogo(at, &["lint", "small.toml", "--with", "team.toml"]);
    assert!(status == 1 && said.contains("team.toml:1:9: error: the checklist has no `one/look/frist`"), "{said}");
    assert!(
        gonogo(at, &["open", "--no-screen", "small.toml", "--with", "team.toml"])
            .1
            .contains("did you mean `one/look/first`?")
    );
    assert!(!at.join("small.ledger.toml").exists());
    fs::write(at.join("team.toml"), "[change.\"one/look/first\"]\ntitle = \"x\"\n").unwrap();
    let (status, said) = gonogo(at, &["lint", "small.toml", "--with", "team.toml", "--explain", "first"]);
    assert!(status == 0 && said.contains("from team.toml:2") && said.contains("inherited from one"), "{said}");
    let (status, said) = gonogo(at, &["lint", "small.toml", "--with", "none.toml"]);
    assert!(status == 2 && said.contains("overlay not found: none.toml"), "{said}");
}

const MEASURED: &str = r#"[[phase.section.item]]
id = "read"
title = "Read it"
[[phase.section.item]]
id = "count"
title = "Count"
check = { kind = "command", run = "echo 7 rows", numbers = [{ measure = "rows", pattern = '(\d+) rows', unit = "rows" }] }
targets = [{ measure = "rows", at_most = 5, unit = "rows" }]
"#;

#[test]
fn a_changed_file_is_announced_and_taken_over_with_a_reason() {
    let folder = small::folder(MEASURED);
    let at = folder.path();
    let ask = |arguments: &[&str]| gonogo(at, arguments);
    assert_eq!(ask(&["open", "--no-screen", "small.toml"]).0, 0);
    assert!(!ask(&["open", "--no-screen", "small.toml"]).1.contains("changed"));
    assert_eq!(ask(&["tick", "small.ledger.toml", "read"]).0, 0);
    assert_eq!(ask(&["run", "small.ledger.toml", "one/look/count"]).0, 1);
    small::put(at, &MEASURED.replace("at_most = 5", "at_most = 9"));
    let (_, said) = ask(&["open", "--no-screen", "small.toml"]);
    for part in ["small.toml was changed since", "1 step changed, 1 target loosened", "gonogo amend"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let before = ledger(at);
    let (status, said) = ask(&["amend", "small.ledger.toml", "small.toml", "--reason", "x", "--dry-run"]);
    assert!(
        status == 0 && said.contains("target loosened (rows: ≤ 5 rows → ≤ 9 rows)") && ledger(at) == before,
        "{said}"
    );
    assert_eq!(ask(&["amend", "small.ledger.toml", "small.toml", "--reason", " "]).0, 2);
    let (status, said) =
        ask(&["amend", "small.ledger.toml", "small.toml", "--note", "nine tables by now", "--as", "Ada"]);
    assert_eq!(status, 0, "{said}");
    for part in [
        "~ Count (one/look/count): open again",
        "! LOOSENED AFTER A FAILURE: one/look/count: rows: ≤ 5 rows → ≤ 9 rows, after attempt 0001 failed",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert!(
        ledger(at).contains("kind = \"checklist-amended\"") && ledger(at).contains("reason = \"nine tables by now\"")
    );
    assert_eq!(ask(&["amend", "small.ledger.toml", "small.toml", "--reason", "x"]).0, 4);
    // Without the file: the ledger follows its own snapshot, then and later.
    fs::remove_file(at.join("small.toml")).unwrap();
    assert_eq!(ask(&["run", "small.ledger.toml", "one/look/count"]).0, 0);
    let (_, said) = ask(&["status", "small.ledger.toml"]);
    assert!(said.contains("2 of 2") || said.contains("2/2"), "{said}");
    // It passes now, and the mark stays.
    assert!(
        said.contains("! LOOSENED AFTER A FAILURE: one/look/count") && said.contains("nine tables by now"),
        "{said}"
    );
    let (_, json) = ask(&["status", "small.ledger.toml", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let amended = &json["amendments"][0];
    assert!(amended["loosened"][0].as_str().unwrap().contains("≤ 5 rows → ≤ 9 rows"), "{amended}");
    assert_eq!(amended["targets"][0]["ease"], "loosened");
    assert!(amended["by"].as_str().unwrap().starts_with("Ada"), "{amended}");
    assert_eq!(ask(&["verify", "small.ledger.toml"]).0, 0);
    // Both snapshots are proof.
    let first = at.join("small.ledger.d/checklist.toml");
    let text = fs::read_to_string(&first).unwrap();
    fs::write(&first, text.replace("at_most = 5", "at_most = 6")).unwrap();
    let (status, said) = ask(&["verify", "small.ledger.toml"]);
    assert!(status == 11 && said.contains("checklist.toml"), "{said}");
    fs::write(&first, text).unwrap();
    let second = amended["digest"].as_str().unwrap().get(..8).unwrap();
    fs::write(at.join(format!("small.ledger.d/checklist-2-{second}.toml")), "format = 1\n").unwrap();
    assert_eq!(ask(&["verify", "small.ledger.toml"]).0, 11);
    assert_eq!(ask(&["run", "small.ledger.toml"]).0, 3);
}

#[test]
fn no_secret_gets_into_the_ledger_by_what_people_write() {
    let folder = small::folder(SMALL);
    let ask = |arguments: &[&str]| {
        let mut command = Command::new(cargo_bin("gonogo"));
        command.current_dir(folder.path()).args(arguments).env("API_TOKEN", "tok-5f2e91c0");
        command.output().unwrap()
    };
    assert!(ask(&["open", "--no-screen", "small.toml"]).status.success());
    let words = "the token is tok-5f2e91c0, the address postgresql://u:hunter2pw@db/shop";
    let noted = ask(&["note", "small.ledger.toml", words]);
    assert!(noted.status.success(), "{}", String::from_utf8_lossy(&noted.stderr));
    let held = ask(&["hold", "small.ledger.toml", "--reason", words]);
    let ledger = fs::read_to_string(folder.path().join("small.ledger.toml")).unwrap();
    assert!(!ledger.contains("5f2e91c0") && !ledger.contains("hunter2pw"), "{held:?}\n{ledger}");
    assert!(ledger.contains("the token is ****, the address postgresql://u:****@db/shop"), "{ledger}");
    assert!(ask(&["verify", "small.ledger.toml"]).status.success());
}
