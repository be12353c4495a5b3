//! Who acted: the system's user counts, whatever name is stated.

use crate::common::program::said;
use crate::common::small;
use std::path::Path;
use std::process::Command;

const ROLES: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
check = { kind = "command", run = "true" }
[[signoff]]
id = "all"
title = "All of it"
phases = ["one"]
[[signoff.role]]
id = "lead"
title = "Release Lead"
[[signoff.role]]
id = "qa"
title = "QA"
differs_from = ["lead"]
"#;

fn gonogo(folder: &Path, words: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    said(command.current_dir(folder).env("XDG_STATE_HOME", folder.join(".state")).args(words))
}

fn fine(folder: &Path, words: &[&str]) -> String {
    let (status, said) = gonogo(folder, words);
    assert_eq!(status, 0, "{words:?}: {said}");
    said
}

const LEDGER: &str = "small.ledger.toml";

#[test]
fn one_user_under_two_names_does_not_fill_two_roles_that_must_differ() {
    for (added, taken) in [("", false), ("same_user = \"allowed\"\n", true)] {
        let folder = small::folder(&format!("{ROLES}{added}"));
        fine(folder.path(), &["open", "small.toml", "--no-screen"]);
        fine(folder.path(), &["run", LEDGER, "one/look/first"]);
        fine(folder.path(), &["sign", LEDGER, "lead", "--name", "Ada"]);
        let (status, said) = gonogo(folder.path(), &["sign", LEDGER, "qa", "--name", "Grace"]);
        if taken {
            assert_eq!(status, 0, "{said}");
            let reported = fine(folder.path(), &["status", LEDGER]);
            assert!(reported.contains("one user") || reported.contains("same user"), "it is marked: {reported}");
        } else {
            assert_eq!(status, 4, "{said}");
            assert!(said.contains("same_user"), "{said}");
        }
    }
}

#[test]
fn a_supervisor_takes_no_other_user_s_name() {
    let folder = small::folder(ROLES);
    fine(folder.path(), &["open", "small.toml", "--no-screen"]);
    let arguments = ["supervise", "--user=somebody-else", "--says=Ada", "--host=here", LEDGER, "one/look/first"];
    let (status, said) = gonogo(folder.path(), &arguments);
    assert_eq!(status, 4, "{said}");
    assert!(said.contains("--user is somebody-else, and this process belongs to"), "{said}");
    let ledger = std::fs::read_to_string(folder.path().join(LEDGER)).unwrap();
    assert!(!ledger.contains("somebody-else") && !ledger.contains("attempt-started"), "{ledger}");
}
