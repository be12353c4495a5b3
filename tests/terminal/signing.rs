//! Signing with an SSH key, on the screen and with `gonogo sign`: the evidence to its end first.

use crate::common::small;
use crate::common::terminal::{GONOGO, Terminal};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const ITEMS: &str = r#"[[phase.section.item]]
id = "first"
title = "The first line"
[[phase.section.item]]
id = "second"
title = "The second line"
[[signoff]]
id = "all"
title = "All of it"
phases = ["one"]
signed = "required"
[[signoff.role]]
id = "lead"
title = "Lead"
"#;

fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&said));
    String::from_utf8(said).unwrap()
}

/// A deployment carried out, with a key without a passphrase and one with.
fn carried_out() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let checklist =
        small::checklist(ITEMS).replacen("title = \"A small", "allowed_signers = \"allowed\"\ntitle = \"A small", 1);
    fs::write(at.join("small.toml"), checklist).unwrap();
    let mut allowed = String::new();
    for (name, passphrase) in [("open", ""), ("locked", "open sesame")] {
        run(at, "ssh-keygen", &["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", name]);
        allowed.push_str("lead@small ");
        allowed.push_str(&fs::read_to_string(at.join(format!("{name}.pub"))).unwrap());
    }
    fs::write(at.join("allowed"), allowed).unwrap();
    fs::create_dir_all(at.join(".config/gonogo")).unwrap();
    fs::write(at.join(".config/gonogo/config.toml"), "[signing]\nkey = \"~/open\"\n").unwrap();
    run(at, GONOGO, &["open", "small.toml", "--no-screen"]);
    run(at, GONOGO, &["tick", "small.ledger.toml", "first"]);
    run(at, GONOGO, &["tick", "small.ledger.toml", "second"]);
    folder
}

fn start(folder: &Path, rows: u16, arguments: &[&str]) -> Terminal {
    let home = folder.to_str().unwrap();
    let config = format!("{home}/.config");
    let variables = [("HOME", home), ("XDG_CONFIG_HOME", config.as_str()), ("DISPLAY", ""), ("SSH_AUTH_SOCK", "")];
    Terminal::start_with(folder, 100, rows, arguments, &variables)
}

fn signed(folder: &Path) -> String {
    let said = run(folder, GONOGO, &["verify", "small.ledger.toml"]);
    assert!(said.contains("1 signed, 0 attested"), "{said}");
    said
}

/// Reads the evidence page by page, and goes on to the form.
pub(crate) fn read_to_the_end(terminal: &mut Terminal) {
    terminal.until("the evidence", 5, |screen| screen.contains("⏎ next page") || screen.contains("⏎ signs"));
    while !terminal.text().contains("⏎ signs") {
        let before = terminal.text();
        terminal.keys("\x1b[6~");
        terminal.until("the next page", 5, |screen| screen != before);
    }
    terminal.keys("\r");
    terminal.until_text("Sign off", 5);
}

#[test]
fn the_form_signs_with_a_key_once_the_evidence_was_read_to_its_end() {
    let folder = carried_out();
    let at = folder.path();
    let mut terminal = start(at, 18, &["open", "small.ledger.toml"]);
    terminal.until_text("The first line", 15);
    terminal.keys("5s");
    terminal.until("a part of the evidence", 5, |screen| {
        screen.contains("Evidence: Lead") && screen.contains("⏎ next page")
    });
    read_to_the_end(&mut terminal);
    // A passphrase is never asked for over the screen: it says where to go, and nothing is recorded.
    let own = at.join("open").display().to_string();
    terminal.until_text(&own, 5);
    terminal.keys("Kim Lee\r\r\r");
    terminal.keys(&"\x7f".repeat(own.len()));
    terminal.keys("locked\r");
    terminal.until_text("the key asks for a passphrase", 15);
    let before = fs::read_to_string(at.join("small.ledger.toml")).unwrap();
    assert!(!before.contains("kind = \"signed\""), "{before}");
    terminal.keys(&"\x7f".repeat("locked".len()));
    terminal.keys("open\r");
    terminal.until("the signature to stand", 15, |screen| !screen.contains("Sign off") && screen.contains("Kim Lee"));
    signed(at);
}

#[test]
fn sign_on_a_terminal_shows_the_evidence_and_then_takes_the_word() {
    let folder = carried_out();
    let at = folder.path();
    let mut terminal = start(at, 20, &["sign", "small.ledger.toml", "lead", "--key", "open"]);
    terminal.until_text("Enter: more", 15);
    // Leaving before the end signs nothing.
    terminal.keys("q\r");
    terminal.until_text("the evidence was not shown to its end", 5);
    let mut terminal = start(at, 20, &["sign", "small.ledger.toml", "lead", "--key", "open"]);
    terminal.until_text("Enter: more", 15);
    terminal.keys("\r");
    terminal.until_text("Type sign to sign GO for All of it as Lead", 15);
    terminal.keys("sign\r");
    terminal.until_text("Enter signs it", 15);
    terminal.keys("\r");
    terminal.until_text("with ssh-ed25519 SHA256:", 15);
    signed(at);
}
