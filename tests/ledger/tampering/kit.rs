//! A signed ledger, and what somebody does who can write its files and knows its format.

use gonogo::checklist::Digest;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) const LEDGER: &str = "small.ledger.toml";

const CHECKLIST: &str = r#"format = 1
id = "small"
title = "A small deployment"
allowed_signers = "allowed_signers"
[[slot]]
id = "here"
title = "Here"
[environments.here]
slot = "here"
[[phase]]
id = "one"
title = "One"
slot = "here"
[[phase.section]]
id = "look"
title = "Look"
[[phase.section.item]]
id = "eyes"
title = "Eyes"
[[phase.section.item]]
id = "count"
title = "Count"
check = { kind = "command", run = "echo twelve" }
[[phase]]
id = "two"
title = "Two"
slot = "here"
gate = ["signoff:crew"]
[[phase.section]]
id = "go"
title = "Go"
[[phase.section.item]]
id = "press"
title = "Press"
"#;

pub(crate) const SIGNED: &str = r#"[[signoff]]
id = "crew"
title = "Crew"
phases = ["one"]
signed = "required"
[[signoff.role]]
id = "qa"
title = "QA Lead"
[[signoff.role]]
id = "dba"
title = "DBA"
"#;

/// A folder with keys for `qa`, `dba` and a stranger, and a checklist that wants signatures.
pub(crate) struct Kit {
    pub folder: TempDir,
}

impl Kit {
    pub(crate) fn new(signoffs: &str) -> Self {
        let kit = Self { folder: tempfile::tempdir().unwrap() };
        for name in ["qa", "dba", "stranger"] {
            kit.key(name, &["-t", "ed25519"]);
        }
        kit.allow(&[("qa@small", "qa"), ("dba@small", "dba")]);
        fs::write(kit.at("small.toml"), format!("{CHECKLIST}{signoffs}")).unwrap();
        kit
    }

    /// Phase one carried out, and signed by both.
    pub(crate) fn flown() -> Self {
        let kit = Self::carried_out(SIGNED);
        for role in ["qa", "dba"] {
            kit.fine(&["sign", LEDGER, role, "--key", role, "--note", "looked at it"]);
        }
        kit.fine(&["tick", LEDGER, "two/go/press"]);
        kit
    }

    pub(crate) fn carried_out(signoffs: &str) -> Self {
        let kit = Self::new(signoffs);
        kit.fine(&["open", "small.toml", "--no-screen"]);
        kit.fine(&["tick", LEDGER, "one/look/eyes"]);
        kit.fine(&["run", LEDGER, "one/look/count"]);
        kit
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn key(&self, name: &str, kind: &[&str]) {
        self.keygen(&[kind, &["-N", "", "-C", name, "-f", name]].concat());
    }

    pub(crate) fn keygen(&self, arguments: &[&str]) {
        let made =
            Command::new("ssh-keygen").arg("-q").args(arguments).current_dir(self.folder.path()).output().unwrap();
        assert!(made.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
    }

    /// Writes `allowed_signers`: principals with what stands before the key, and whose key.
    pub(crate) fn allow(&self, lines: &[(&str, &str)]) {
        fs::write(self.at("allowed_signers"), self.signers(lines)).unwrap();
    }

    pub(crate) fn signers(&self, lines: &[(&str, &str)]) -> String {
        let line = |(before, key): &(&str, &str)| {
            format!("{before} {}", fs::read_to_string(self.at(&format!("{key}.pub"))).unwrap())
        };
        lines.iter().map(line).collect()
    }

    pub(crate) fn gonogo(&self, arguments: &[&str]) -> (i32, String) {
        self.gonogo_with(arguments, &[])
    }

    pub(crate) fn gonogo_with(&self, arguments: &[&str], variables: &[(&str, &Path)]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
        // Nobody's own keys and settings.
        command.args(arguments).current_dir(self.folder.path()).env("HOME", self.folder.path());
        for own in ["XDG_CONFIG_HOME", "SSH_ASKPASS", "SSH_AUTH_SOCK"] {
            command.env_remove(own);
        }
        command.envs(variables.iter().copied());
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
    }

    pub(crate) fn fine(&self, arguments: &[&str]) -> String {
        let (status, said) = self.gonogo(arguments);
        assert_eq!(status, 0, "{arguments:?}: {said}");
        said
    }

    /// Exit status, the word of that row, and everything that was said.
    pub(crate) fn verify(&self, row: &str, more: &[&str]) -> (i64, String, String) {
        let (status, said) = self.gonogo(&[&["verify", LEDGER, "--json"], more].concat());
        let table: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
        assert_eq!(table["status"], status, "{said}");
        let rows = table["rows"].as_array().unwrap();
        let found = rows.iter().find(|found| found["what"] == row).unwrap_or_else(|| panic!("no {row} in {said}"));
        (status.into(), found["word"].as_str().unwrap().to_owned(), said)
    }

    pub(crate) fn expect(&self, row: &str, more: &[&str], status: i64, word: &str) -> String {
        let (found, said, whole) = self.verify(row, more);
        assert_eq!((found, said.as_str()), (status, word), "{whole}");
        whole
    }

    pub(crate) fn records(&self) -> Vec<String> {
        let text = fs::read_to_string(self.at(LEDGER)).unwrap();
        text.split("\n[[record]]\n").skip(1).map(ToOwned::to_owned).collect()
    }

    /// Writes the ledger with these records as they are.
    pub(crate) fn put(&self, records: &[String]) {
        let text = fs::read_to_string(self.at(LEDGER)).unwrap();
        let header = text.split("\n[[record]]\n").next().unwrap();
        let records: String = records.iter().flat_map(|record| ["\n[[record]]\n", record.as_str()]).collect();
        fs::write(self.at(LEDGER), format!("{header}{records}")).unwrap();
    }

    /// Writes the ledger anew as a forger would: places, links, sums and the head file all fit.
    pub(crate) fn rebuild(&self, records: &[String]) {
        let mut prev = Digest::of(b"").to_string();
        let mut rebuilt = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let mut body = String::from("[[record]]\n");
            for line in record.lines() {
                match line.split_once(" = ").map(|(key, _)| key) {
                    Some("seq") => writeln!(body, "seq = {}", index + 1).unwrap(),
                    Some("prev") => writeln!(body, "prev = \"{prev}\"").unwrap(),
                    Some("sum") | None => {}
                    Some(_) => writeln!(body, "{line}").unwrap(),
                }
            }
            prev = Digest::of(body.as_bytes()).to_string();
            let fields = body.strip_prefix("[[record]]\n").unwrap();
            rebuilt.push(format!("{fields}sum = \"{prev}\"\n"));
        }
        self.put(&rebuilt);
        let seq = rebuilt.len();
        let check = Digest::of(format!("{seq} {prev}").as_bytes());
        fs::write(self.at("small.ledger.d/head"), format!("{seq:>20} {prev} {}\n", check.short())).unwrap();
    }

    /// The place of the first record of a kind.
    pub(crate) fn place(&self, kind: &str) -> usize {
        let kind = format!("kind = \"{kind}\"");
        self.records().iter().position(|record| record.contains(&kind)).unwrap()
    }
}
