//! Files of a ledger that are no files: named pipes, folders, devices. Every command that needs one says so and ends; none
//! waits for it.

use crate::common::small;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const ITEMS: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
[[phase.section.item]]
id = "said"
title = "Said"
check = { kind = "command", run = "echo twelve" }
"#;

/// Long enough for a machine under load, and never for what waits for ever.
const ENDS: Duration = Duration::from_secs(30);

/// Exit status and what was said; a command that does not end fails the test.
fn gonogo(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.args(arguments).current_dir(folder).env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let process = rustix::process::Pid::from_child(&child);
    let (sender, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = ended.recv_timeout(ENDS) else {
        rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
        panic!("{arguments:?} waits");
    };
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

fn carried_out() -> TempDir {
    let folder = small::folder(ITEMS);
    for arguments in [&["open", "--no-screen", "small.toml"][..], &["run", "small.ledger.toml", "said"]] {
        assert_eq!(gonogo(folder.path(), arguments).0, 0);
    }
    folder
}

#[derive(Debug, Clone, Copy)]
enum Odd {
    Pipe,
    Folder,
    Zero,
    Null,
}

const ODD: [(Odd, &str); 4] =
    [(Odd::Pipe, "a named pipe"), (Odd::Folder, "irectory"), (Odd::Zero, "a device"), (Odd::Null, "a device")];

/// Puts it in the place of a file, and gives that file back when it is dropped.
struct Instead {
    path: std::path::PathBuf,
    kept: Option<Vec<u8>>,
}

impl Instead {
    fn of(path: &Path, odd: Odd) -> Self {
        let kept = fs::read(path).ok();
        let _ = fs::remove_file(path);
        match odd {
            Odd::Pipe => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
            Odd::Folder => fs::create_dir(path).unwrap(),
            Odd::Zero => std::os::unix::fs::symlink("/dev/zero", path).unwrap(),
            Odd::Null => std::os::unix::fs::symlink("/dev/null", path).unwrap(),
        }
        Self { path: path.to_owned(), kept }
    }
}

impl Drop for Instead {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_dir(&self.path);
        if let Some(kept) = &self.kept {
            fs::write(&self.path, kept).unwrap();
        }
    }
}

const L: &str = "small.ledger.toml";
const WRITE: [&[&str]; 4] = [
    &["tick", L, "first"],
    &["note", L, "said"],
    &["run", L, "said"],
    &["decide", L, "--no-go", "--reason", "no", "--without-poll"],
];
const READ: [&[&str]; 6] = [
    &["status", L],
    &["review", L],
    &["report", L],
    &["anchor", L],
    &["status", L, "--json", "--follow"],
    &["logs", L, "said"],
];

#[test]
fn what_is_no_file_in_the_place_of_one_is_refused_with_a_sentence() {
    let folder = carried_out();
    let at = |name: &str| folder.path().join(name);
    for (odd, word) in ODD {
        for (file, commands) in [
            (L, [&WRITE[..], &READ[..], &[&["verify", L]]].concat()),
            ("small.ledger.d/lock", WRITE.to_vec()),
            ("small.ledger.d/head", [&WRITE[..], &READ[..]].concat()),
            ("small.ledger.d/seat.lock", vec![WRITE[0], WRITE[2]]),
            ("small.ledger.d/checklist.toml", [&WRITE[..1], &READ[..1]].concat()),
        ] {
            let _instead = Instead::of(&at(file), odd);
            for arguments in commands {
                let (status, said) = gonogo(folder.path(), arguments);
                assert!(status != 0, "{file} as {odd:?}, {arguments:?}: {said}");
                // A folder in a ledger's place may hold the one that is meant, so its sentence is another.
                let named = said.contains(word) || (matches!(odd, Odd::Folder) && said.contains(" is a folder; name"));
                assert!(named, "{file} as {odd:?}, {arguments:?}: {said}");
            }
        }
    }
    // Nothing was recorded meanwhile, and all is well again.
    assert_eq!(gonogo(folder.path(), &["verify", L]).0, 0);
}

#[test]
fn verify_names_what_it_cannot_look_at() {
    let folder = carried_out();
    let at = |name: &str| folder.path().join(name);
    for (odd, word) in ODD {
        for (file, status, row) in [
            ("small.ledger.d/head", 6, "head        unreadable"),
            ("small.ledger.d/attempts/0001.log", 11, "evidence    altered"),
            ("small.ledger.d/checklist.toml", 11, "snapshots   altered"),
        ] {
            let _instead = Instead::of(&at(file), odd);
            let (found, said) = gonogo(folder.path(), &["verify", L]);
            assert!(found == status && said.contains(row) && said.contains(word), "{file} as {odd:?}: {found} {said}");
        }
        // What looks only, and needs none of these files, is not kept from it.
        for file in ["collect.lock", "metrics.db", "attempts/0001.lock", "attempts/0001.outcome", "attempts/0001.times"]
        {
            let _instead = Instead::of(&at(&format!("small.ledger.d/{file}")), odd);
            for arguments in [&["status", L][..], &["review", L], &["verify", L], &["report", L]] {
                let (status, said) = gonogo(folder.path(), arguments);
                assert!(status == 0, "{file} as {odd:?}, {arguments:?}: {said}");
            }
        }
    }
}

#[test]
fn what_a_person_names_is_no_pipe_either() {
    let folder = carried_out();
    let _pipe = Instead::of(&folder.path().join("pipe"), Odd::Pipe);
    for arguments in [
        &["verify", L, "--allowed-signers", "pipe"][..],
        &["verify", L, "--attestation", "pipe"],
        &["verify", L, "--revoked", "pipe"],
        &["signers", L, "pipe"],
        &["amend", L, "pipe", "--reason", "x"],
        &["sign", L, "x", "--statement", "pipe", "--signature", "pipe"],
        &["report", L, "-o", "go.intoto.json", "--key", "pipe"],
        &["export", L, "--source", "pipe", "-o", "out.md"],
        &["fingerprint", "--compare", "pipe", "pipe"],
        &["open", "pipe"],
        &["verify", "pipe"],
    ] {
        let (status, said) = gonogo(folder.path(), arguments);
        assert!(status != 0 && !said.is_empty(), "{arguments:?}: {said}");
    }
}
