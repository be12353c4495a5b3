//! The house keeps its shape: pure rooms stay pure, and dependencies point one way.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and files that decide, and must give the same answer for the same arguments.
const PURE: [&str; 8] = [
    "src/checklist",
    "src/deployment",
    "src/cockpit",
    "src/metrics/series",
    "src/load/pace",
    "src/load/tally",
    "src/load/report",
    "src/report",
];

/// What a pure room must not name: terminals, databases, runtimes, files, the network, clocks.
const IMPURE: [&str; 17] = [
    "ratatui::",
    "crossterm::",
    "sqlx::",
    "tokio::",
    "reqwest::",
    "axum::",
    "notify::Watcher",
    "notify::recommended_watcher",
    "portable_pty",
    "rustix::",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "Utc::now",
    "Instant::now",
    "SystemTime",
];

/// Which rooms a room may name.
const MAY_NAME: [(&str, &[&str]); 17] = [
    ("checklist", &[]),
    ("deployment", &["checklist"]),
    ("cockpit", &["checklist", "deployment"]),
    ("screen", &["checklist", "deployment", "cockpit", "config"]),
    ("terminal", &["cockpit"]),
    ("config", &["checklist"]),
    ("identity", &["config"]),
    ("ledger", &["checklist", "deployment"]),
    ("attempts", &["checklist", "deployment", "config", "ledger", "migration", "metrics", "database", "load"]),
    ("database", &["checklist", "deployment", "attempts"]),
    ("migration", &["checklist", "deployment"]),
    ("metrics", &["checklist", "deployment"]),
    ("load", &["checklist", "deployment"]),
    ("collector", &["checklist", "deployment", "config", "ledger", "attempts", "metrics", "database"]),
    ("rehearsal", &[]),
    ("report", &["checklist", "deployment", "metrics"]),
    ("cli", &["attempts", "checklist", "rehearsal"]),
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The code of a file without its comments and without its unit tests, which may do as they like.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The room a file belongs to: the first step of its path below `src`, without the ending.
fn room(path: &Path) -> String {
    let inside = path.strip_prefix(source()).unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn pure_rooms_name_nothing_impure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    let mut breaches = Vec::new();
    for pure in PURE {
        let (folder, file) = (root.join(pure), root.join(format!("{pure}.rs")));
        let mut files = if folder.is_dir() { rust_files(&folder) } else { Vec::new() };
        files.extend(file.is_file().then_some(file));
        for path in files {
            seen += 1;
            let code = code(&path);
            for word in IMPURE {
                if code.contains(word) {
                    breaches.push(format!("{} names {word}", path.display()));
                }
            }
        }
    }
    assert!(seen > 40, "only {seen} files were looked at: has a room moved?");
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn dependencies_point_one_way() {
    let mut breaches = Vec::new();
    for path in rust_files(&source()) {
        let room = room(&path);
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == room) else { continue };
        let code = code(&path);
        for (other, _) in MAY_NAME.iter().chain(&[("runtime", &[][..]), ("commands", &[][..])]) {
            if *other != room && !allowed.contains(other) && code.contains(&format!("crate::{other}::")) {
                breaches.push(format!("{} ({room}) names {other}", path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn terminal_libraries_stay_in_their_rooms() {
    let mut breaches = Vec::new();
    for path in rust_files(&source()) {
        let room = room(&path);
        let code = code(&path);
        if code.contains("ratatui") && !["screen", "terminal"].contains(&room.as_str()) {
            breaches.push(format!("{} names ratatui", path.display()));
        }
        if code.contains("crossterm") && !["terminal", "runtime"].contains(&room.as_str()) {
            breaches.push(format!("{} names crossterm", path.display()));
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn files_stay_small_or_say_why() {
    let mut long = Vec::new();
    for path in rust_files(&source()) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        let says_why = text.lines().take(12).any(|line| line.contains("Longer than"));
        if lines > 400 && !says_why {
            long.push(format!("{} has {lines} lines", path.display()));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_is_left_undone() {
    let mut found = Vec::new();
    for path in rust_files(&source()) {
        let text = fs::read_to_string(&path).unwrap();
        for word in ["todo!(", "unimplemented!(", "allow(dead_code", "unsafe {"] {
            if text.contains(word) {
                found.push(format!("{} has {word}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
