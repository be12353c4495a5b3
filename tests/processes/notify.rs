//! Whoever is to hear of it is reported: webhooks and a command, and who could not be reported is in the ledger.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

const CHECKLIST: &str = r#"
format = 1
id = "small"
title = "A small <deployment>"
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
id = "first"
title = "The first line"
"#;

fn gonogo(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.current_dir(folder).args(arguments).envs(variables.iter().copied());
    let output = command.env("NO_PROXY", "*").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    said
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), CHECKLIST).unwrap();
    gonogo(folder.path(), &["open", "--no-screen", "small.toml"], &[]);
    gonogo(folder.path(), &["window", "small.ledger.toml", "--start", "T-10m"], &[]);
    folder
}

/// Takes one request with its body, and answers with the status.
fn take(listener: &TcpListener, status: &str) -> String {
    let (mut stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    String::from_utf8(body).unwrap()
}

#[test]
fn a_hold_is_posted_and_tried_again_until_it_is_taken() {
    let folder = folder();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/secret-path", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || [take(&listener, "503 Busy"), take(&listener, "200 OK")]);
    let command = "printf '%s' \"$GONOGO_EVENT\" > event; cat > body";
    let variables = [("GONOGO_NOTIFY_URLS", url.as_str()), ("GONOGO_NOTIFY_COMMAND", command)];
    let said = gonogo(folder.path(), &["hold", "small.ledger.toml", "--reason", "replication lags"], &variables);
    assert!(!said.contains("could not be reported"), "{said}");
    let [refused, taken] = server.join().unwrap();
    assert_eq!(refused, taken, "the same again");
    let body: Value = serde_json::from_str(&taken).unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(text.starts_with("A small &lt;deployment&gt;: HOLD by "), "{text}");
    assert!(text.ends_with(": replication lags"), "{text}");
    assert_eq!(body["metadata"]["event_payload"]["event"], "clock-held");
    assert_eq!(std::fs::read_to_string(folder.path().join("event")).unwrap(), "clock-held");
    assert_eq!(std::fs::read_to_string(folder.path().join("body")).unwrap(), taken);
}

#[test]
fn who_cannot_be_reported_is_recorded_and_holds_nothing_up() {
    let folder = folder();
    // A port that nobody listens on any more.
    let url = format!("http://{}/secret-path", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let variables = [("GONOGO_NOTIFY_URLS", url.as_str()), ("GONOGO_NOTIFY_COMMAND", "exit 3")];
    let said = gonogo(folder.path(), &["hold", "small.ledger.toml", "--reason", "wait"], &variables);
    assert!(said.contains("127.0.0.1 could not be notified"), "{said}");
    assert!(said.contains("command could not be notified: it ended with exit status: 3"), "{said}");
    let ledger = std::fs::read_to_string(folder.path().join("small.ledger.toml")).unwrap();
    assert_eq!(ledger.matches("kind = \"notification-failed\"").count(), 2);
    assert!(ledger.contains("event = \"clock-held\""), "{ledger}");
    assert!(!ledger.contains("secret-path") && !said.contains("secret-path"));
    gonogo(folder.path(), &["verify", "small.ledger.toml"], &[]);
}

/// A checklist whose one step shows people, and a sign-off.
/// More than a pipe holds.
const LONG: usize = 100_000;

#[test]
fn a_command_that_does_not_read_its_input_holds_nothing_up() {
    let folder = folder();
    let reason = "r".repeat(LONG);
    let hold = |command: &str, mark: &str| {
        let variables = [("GONOGO_NOTIFY_COMMAND", command)];
        let said = gonogo(folder.path(), &["hold", "small.ledger.toml", "--reason", &reason], &variables);
        gonogo(folder.path(), &["resume", "small.ledger.toml"], &[]);
        assert!(said.contains(mark), "{said}");
        said
    };
    // It outlives the limit, and so does what it started.
    hold(
        "echo $$ >pid; sleep 600 & echo $! >child; exec sleep 600",
        "command could not be notified: it lasted more than 5 s",
    );
    for name in ["pid", "child"] {
        let pid = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "{name}: {stat}");
    }
    // Done without reading, while somebody else keeps the pipe.
    let said = hold("sleep 30 <&0 >/dev/null & exit 0", "");
    assert!(!said.contains("could not be reported"), "{said}");
}

fn telling() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let check = "check = { kind = \"notify\", text = \"down tomorrow from 02:00\" }\n";
    let signoff = "[[signoff]]\nid = \"crew\"\ntitle = \"Crew\"\nphases = [\"one\"]\n[[signoff.role]]\nid = \"qa\"\ntitle = \"QA\"\n";
    std::fs::write(folder.path().join("small.toml"), format!("{CHECKLIST}{check}{signoff}")).unwrap();
    gonogo(folder.path(), &["open", "--no-screen", "small.toml"], &[]);
    folder
}

fn run(folder: &Path, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.current_dir(folder).args(["run", "small.ledger.toml", "one/look/first"]).envs(variables.iter().copied());
    let output = command.env("NO_PROXY", "*").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}

#[test]
fn a_step_that_reports_people_passes_when_they_took_it() {
    let folder = telling();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/secret-path", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || take(&listener, "200 OK"));
    let (status, said) = run(folder.path(), &[("GONOGO_NOTIFY_URLS", url.as_str())]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("1 target took the notice"), "{said}");
    let body: Value = serde_json::from_str(&server.join().unwrap()).unwrap();
    assert_eq!(body["text"], "A small &lt;deployment&gt;: down tomorrow from 02:00");
    assert_eq!(body["metadata"]["event_payload"]["item"], "one/look/first");
}

#[test]
fn a_step_that_reaches_nobody_fails_with_what_went_wrong() {
    let folder = telling();
    let (status, said) = run(folder.path(), &[("GONOGO_NOTIFY_COMMAND", "exit 3")]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("command could not be notified: it ended with exit status: 3"), "{said}");
    let (status, said) = run(folder.path(), &[("GONOGO_NOTIFY_URLS", ""), ("GONOGO_NOTIFY_COMMAND", "")]);
    assert_eq!(status, Some(6), "{said}");
    assert!(said.contains("nobody is notified: neither GONOGO_NOTIFY_URLS nor GONOGO_NOTIFY_COMMAND is set"), "{said}");
}

#[test]
fn a_sign_off_and_a_failed_step_are_reported() {
    let folder = telling();
    let variables = [("GONOGO_NOTIFY_COMMAND", "printf '%s\\n' \"$GONOGO_TEXT\" >> reported")];
    let sign = ["sign", "small.ledger.toml", "qa", "--no-go", "--note", "the report is missing", "--as", "Kim"];
    gonogo(folder.path(), &sign, &variables);
    let reported = std::fs::read_to_string(folder.path().join("reported")).unwrap();
    assert_eq!(reported, "A small <deployment>: Kim signs QA, Crew: NO-GO\n");
    let command = "test \"$GONOGO_EVENT\" != notice && printf '%s\\n' \"$GONOGO_TEXT\" >> reported";
    let (status, said) = run(folder.path(), &[("GONOGO_NOTIFY_COMMAND", command)]);
    assert_eq!(status, Some(1), "{said}");
    let reported = std::fs::read_to_string(folder.path().join("reported")).unwrap();
    assert!(reported.lines().last().unwrap().contains("The first line failed: "), "{reported}");
}
