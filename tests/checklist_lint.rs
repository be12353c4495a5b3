//! Reads whole checklists and holds the problems found against what an author should be told.

use gonogo::checklist::lint::{lint, lint_bytes};

#[test]
fn probe() {
    let text = include_str!("fixtures/checklists/flawed.toml");
    let (c, problems) = lint("flawed.toml", text);
    for p in &problems {
        println!("{p}");
    }
    assert!(c.is_some());
    let _ = lint_bytes("", b"");
}
