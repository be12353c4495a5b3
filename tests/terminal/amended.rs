//! A checklist edited while its cockpit is open: announced, shown, adopted with a reason, and kept.

use crate::common::small;
use crate::common::terminal::Terminal;

const SOON: u64 = 60;

const MEASURED: &str = r#"[[phase.section.item]]
id = "count"
title = "Count"
check = { kind = "command", run = "echo 7 rows", numbers = [{ measure = "rows", pattern = '(\d+) rows', unit = "rows" }] }
targets = [{ measure = "rows", at_most = 5, unit = "rows" }]
"#;

#[test]
fn an_edit_on_disk_is_announced_and_adopted_by_a_key() {
    let folder = small::folder(MEASURED);
    let at = folder.path();
    let mut terminal = Terminal::start(at, 120, 36, &["open", "small.toml", "--as", "Ada"]);
    terminal.until_text("Count", SOON);
    terminal.keys("\r");
    terminal.until("the failure", SOON, |screen| screen.contains("FAIL") || screen.contains("✗"));
    small::put(at, &MEASURED.replace("at_most = 5", "at_most = 9"));
    terminal.until_text("small.toml was edited: 1 step changed, 1 target loosened; not adopted yet", SOON);
    terminal.keys("C");
    terminal.until("the difference", SOON, |screen| {
        screen.contains("LOOSENED AFTER A FAILURE") && screen.contains("≤ 5 rows → ≤ 9 rows")
    });
    terminal.keys("nine tables by now\r");
    terminal.until("the end of the news", SOON, |screen| !screen.contains("was edited") && !screen.contains("Adopt"));
    let ledger = std::fs::read_to_string(at.join("small.ledger.toml")).unwrap();
    assert!(ledger.contains("kind = \"checklist-amended\"") && ledger.contains("reason = \"nine tables by now\""));
    let kept = std::fs::read_dir(at.join("small.ledger.d")).unwrap();
    let kept: Vec<String> = kept.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert!(kept.iter().any(|name| name == "checklist.toml"), "{kept:?}");
    assert!(kept.iter().any(|name| name.starts_with("checklist-2-")), "{kept:?}");
    // Measured anew it passes, and the mark stays.
    terminal.keys("\r");
    terminal.until_text("✔", SOON);
    terminal.keys("4");
    terminal.until_text("! loosened", SOON);
    terminal.keys("q");
    assert_eq!(terminal.wait(SOON), 0);
}
