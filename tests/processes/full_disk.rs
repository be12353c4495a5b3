//! A disk that is full, as an ordinary user can make one: a small file system in memory, in a name space of the test's own.

use crate::common::small;
use std::process::{Command, Output};

const ITEMS: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
[[phase.section.item]]
id = "second"
title = "The second line"
[[phase.section.item]]
id = "loud"
title = "Much output"
check = { kind = "command", run = 'head -c 9000000 /dev/zero | tr "\0" x; echo; echo the end' }
"#;

/// Runs a script in a folder on a file system of this size, with the checklist `small.toml`. `None` where the system lets
/// nobody make one.
fn on_small_disk(size: &str, script: &str) -> Option<Output> {
    let folder = small::folder(ITEMS);
    let run = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-eu", "-c", script]);
        command.current_dir(folder.path()).env("GONOGO", env!("CARGO_BIN_EXE_gonogo"));
        command.env("XDG_STATE_HOME", folder.path().join(".state")).env("USER", "captain");
        command.output().ok()
    };
    let mount = format!("mkdir -p disk && mount -t tmpfs -o size={size} none disk && cp small.toml disk && cd disk");
    if !run(&mount)?.status.success() {
        println!("no file system of its own here; not tested");
        return None;
    }
    run(&format!("{mount}\n{script}"))
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Fills the disk; a note is longer than what may be left of a block.
const FILL: &str = "fill() { cat /dev/zero > filler$1 2>/dev/null || true; }\n\
    note=$(head -c 9000 /dev/zero | tr '\\0' n)\n";

#[test]
fn a_ledger_on_a_full_disk_takes_a_last_record_and_then_says_that_nothing_is_recorded() {
    let script = format!(
        "{FILL}\
         \"$GONOGO\" open small.toml --no-screen >/dev/null\n\
         test -s small.ledger.d/reserve || echo NO RESERVE\n\
         fill 1\n\
         \"$GONOGO\" tick small.ledger.toml one/look/first --note \"$note\" >/dev/null && echo FIRST TAKEN\n\
         test -e small.ledger.d/reserve || echo RESERVE GIVEN\n\
         fill 2\n\
         \"$GONOGO\" tick small.ledger.toml one/look/second --note \"$note\" && echo SECOND TAKEN || echo \"REFUSED $?\"\n\
         ! grep -q one/look/second small.ledger.toml || echo HALF OF IT IS THERE\n\
         \"$GONOGO\" verify small.ledger.toml >/dev/null && echo WHOLE\n\
         rm filler1 filler2\n\
         \"$GONOGO\" tick small.ledger.toml one/look/second >/dev/null && echo SECOND TAKEN LATER\n\
         test -s small.ledger.d/reserve && echo RESERVE KEPT AGAIN\n"
    );
    let Some(output) = on_small_disk("4m", &script) else { return };
    let said = said(&output);
    for wanted in ["FIRST TAKEN", "RESERVE GIVEN", "REFUSED", "WHOLE", "SECOND TAKEN LATER", "RESERVE KEPT AGAIN"] {
        assert!(said.contains(wanted), "no {wanted}:\n{said}");
    }
    for other in ["NO RESERVE", "SECOND TAKEN\n", "HALF OF IT", "panicked"] {
        assert!(!said.contains(other), "{other}:\n{said}");
    }
    assert!(said.contains("No space left on device"), "{said}");
}

#[test]
fn output_that_finds_no_room_is_reported_and_the_outcome_is_recorded() {
    let script = "\"$GONOGO\" open small.toml --no-screen >/dev/null\n\
                  \"$GONOGO\" run small.ledger.toml one/look/loud || echo \"STATUS $?\"\n\
                  \"$GONOGO\" verify small.ledger.toml >/dev/null && echo WHOLE\n\
                  grep -c 'kind = \"attempt-finished\"' small.ledger.toml\n";
    let Some(output) = on_small_disk("20m", script) else { return };
    let said = said(&output);
    assert!(said.contains("the disk is almost full, and what is left is for the ledger"), "{said}");
    assert!(said.contains("WHOLE\n1\n") && !said.contains("panicked"), "{said}");
}

#[test]
fn a_limit_on_the_size_of_files_ends_nothing() {
    let folder = small::folder(ITEMS);
    // The shell's limit is in blocks of 512 bytes: two megabytes.
    let script = "\"$GONOGO\" open small.toml --no-screen >/dev/null && ulimit -f 4096 && \
                  \"$GONOGO\" run small.ledger.toml one/look/loud; echo \"STATUS $?\"; \
                  grep -c 'kind = \"attempt-finished\"' small.ledger.toml";
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder.path())
        .env("GONOGO", env!("CARGO_BIN_EXE_gonogo"))
        .env("XDG_STATE_HOME", folder.path().join(".state"))
        .output()
        .unwrap();
    let said = said(&output);
    assert!(said.contains("part of its output could not be kept: File too large"), "{said}");
    assert!(said.ends_with("\n1\n"), "the outcome is recorded: {said}");
}
