//! A small deployment in one slot and one phase, for tests that need any.

use std::path::Path;
use tempfile::TempDir;

const HEAD: &str = r#"format = 1
id = "small"
title = "A small deployment"
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
"#;

/// The checklist with these lines, which begin with the items of phase "One", section "Look".
#[must_use]
pub(crate) fn checklist(lines: &str) -> String {
    format!("{HEAD}{lines}")
}

/// A folder with that checklist as `small.toml`.
#[must_use]
pub(crate) fn folder(lines: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), lines);
    folder
}

/// Puts that checklist into a folder that is there.
pub(crate) fn put(folder: &Path, lines: &str) {
    std::fs::write(folder.join("small.toml"), checklist(lines)).unwrap();
}
