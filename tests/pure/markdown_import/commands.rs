//! The commands, as people and scripts call them.

use super::HARBOUR;
use assert_cmd::Command;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("harbour.md"), HARBOUR).unwrap();
    folder
}

/// Exit status, standard output and standard error.
fn gonogo(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("gonogo").unwrap().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn json_is_as_documented() {
    let folder = folder();
    let (status, out, _) = gonogo(&folder, &["import", "harbour.md", "--json"]);
    assert_eq!(status, 0);
    let account: Value = serde_json::from_str(&out).unwrap();
    let keys: Vec<&str> = account.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["code", "counts", "destructive", "format", "guessed", "lines", "live", "skipped", "values"]);
    assert_eq!(account["format"], 1);
    assert_eq!(
        account["live"][4],
        json!({ "line": 21, "depth": 1, "checked": false, "text": "Try the way back:",
            "headings": ["Harbour release", "Preparation", "Backup"], "as": "item" })
    );
    assert_eq!(account["code"][0], json!({ "line": 22, "language": "sql", "owner_line": 21 }));
    assert_eq!(account["code"][1]["owner_line"], Value::Null);
    assert_eq!(account["values"][0], json!({ "line": 30, "label": "GET /boats: time", "unit": "ms" }));
    let destructive = json!({ "line": 23, "command": "DROP TABLE boats;", "what": "drops what it names" });
    assert_eq!(account["destructive"][0], destructive);
    assert_eq!(account["guessed"][4]["why"], "a box in a heading");
    let kinds: Vec<&str> = account["live"].as_array().unwrap().iter().map(|l| l["as"].as_str().unwrap()).collect();
    assert_eq!(kinds[14..], ["sign-off", "sign-off", "issue", "lesson"]);
}

#[test]
fn the_account_for_people_is_complete_and_harmless() {
    let folder = folder();
    fs::write(folder.path().join("odd.md"), "- [ ] run `psql postgres://a:oyster@db` \u{1b}[2J\n").unwrap();
    let (status, out, _) = gonogo(&folder, &["import", "harbour.md"]);
    assert_eq!(status, 0);
    for part in [
        "18 task items, among them 2 sign-offs",
        "1: destructive commands\n    line 23: DROP TABLE boats; · drops what it names",
        "Guessed: items are kept apart, and taken over with --guesses",
        "2: in a fenced block: a template to paste, taken over with --templates",
        "Already ticked\n  2 boxes",
    ] {
        assert!(out.contains(part), "no {part:?} in\n{out}");
    }
    let (_, out, _) = gonogo(&folder, &["import", "odd.md", "-o", "odd.toml"]);
    let toml = fs::read_to_string(folder.path().join("odd.toml")).unwrap();
    for text in [out, toml] {
        assert!(!text.contains('\u{1b}') && !text.contains("oyster"), "{text}");
    }
}

#[test]
fn a_checklist_is_written_once_and_lints_clean() {
    let folder = folder();
    let (status, out, _) = gonogo(&folder, &["import", "harbour.md", "-o", "harbour.toml"]);
    assert_eq!(status, 0);
    assert!(out.ends_with("Wrote harbour.toml. Look it over, then: gonogo open harbour.toml\n"), "{out}");
    let (status, out, _) = gonogo(&folder, &["lint", "harbour.toml"]);
    assert_eq!((status, out.as_str()), (0, "harbour.toml: no problems\n"));
    fs::write(folder.path().join("harbour.toml"), "mine").unwrap();
    let (status, _, error) = gonogo(&folder, &["import", "harbour.md", "-o", "harbour.toml"]);
    assert_eq!(status, 4);
    assert_eq!(error.lines().next(), Some("error: harbour.toml is there already; give --force to replace it"));
    assert_eq!(fs::read_to_string(folder.path().join("harbour.toml")).unwrap(), "mine");
    let (status, ..) = gonogo(&folder, &["import", "harbour.md", "-o", "harbour.toml", "--force"]);
    assert_eq!(status, 0);
}

#[test]
fn markdown_opens_at_once_and_is_gone_on_with() {
    let folder = folder();
    let (status, out, error) = gonogo(&folder, &["open", "--no-screen", "harbour.md"]);
    assert_eq!(status, 0, "{error}");
    assert!(out.starts_with("harbour.md: 18 task items, among them"), "{out}");
    assert!(out.contains("harbour.ledger.toml is open"), "{out}");
    let snapshot = fs::read_to_string(folder.path().join("harbour.ledger.d/checklist.toml")).unwrap();
    assert!(snapshot.contains("source = \"harbour.md\""));
    let (status, out, _) = gonogo(&folder, &["open", "--no-screen", "harbour.md"]);
    assert_eq!(status, 0);
    assert!(out.starts_with("harbour.ledger.toml is open"), "{out}");
    let (status, out, _) = gonogo(&folder, &["status", "harbour.ledger.toml", "--json"]);
    let reported: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, &reported["title"]), (0, &json!("Harbour release")));
    // Fifteen tasks that are items, three blanks more, and none of the forms.
    assert_eq!(reported["items"]["total"], 17);
}

#[test]
fn errors_say_what_to_do() {
    let folder = folder();
    fs::write(folder.path().join("prose.md"), "Nothing here.\n").unwrap();
    let (status, _, error) = gonogo(&folder, &["import", "nowhere.md"]);
    assert_eq!((status, error.lines().next()), (2, Some("error: nowhere.md is not there; give a Markdown file")));
    let (status, _, error) = gonogo(&folder, &["open", "--no-screen", "prose.md"]);
    assert_eq!(status, 1);
    assert!(error.contains("prose.md: no task items"), "{error}");
    assert!(!folder.path().join("prose.ledger.toml").exists());
    let (status, _, error) = gonogo(&folder, &["lint", "harbour.md"]);
    assert_eq!(status, 2);
    assert!(error.contains("gonogo import harbour.md -o FILE.toml"), "{error}");
}
