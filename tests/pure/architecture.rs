//! The house keeps its shape: pure rooms stay pure, and dependencies point one way.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Rooms and files that decide, and must give the same answer for the same arguments.
const PURE: [&str; 9] = [
    "src/checklist",
    "src/deployment",
    "src/cockpit",
    "src/metrics/series",
    "src/load/pace",
    "src/load/tally",
    "src/load/report",
    "src/migration/live",
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

/// The code of a file as one line of tokens: without comments, texts and what only tests see; `use` trees written out.
#[derive(Default)]
pub(crate) struct Code {
    text: String,
    /// Modules in files of their own that only tests see.
    test_modules: Vec<String>,
}

fn code(path: &Path) -> Code {
    let text = fs::read_to_string(path).unwrap();
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut code = Code::default();
    code.read(tokens, path);
    code
}

impl Code {
    fn read(&mut self, tokens: TokenStream, path: &Path) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    // `#![…]` has a mark in between.
                    if tokens.peek().is_some_and(|next| matches!(next, TokenTree::Punct(_))) {
                        tokens.next();
                    }
                    let Some(TokenTree::Group(attribute)) = tokens.next() else { continue };
                    if attribute.stream().to_string().replace(' ', "") == "cfg(test)" {
                        self.pass_over(&mut tokens, path);
                    }
                }
                TokenTree::Ident(word) if word == "use" => {
                    let tree: Vec<_> = tokens.by_ref().take_while(|token| !is(token, ';')).collect();
                    used(&mut self.text, "", &tree);
                }
                TokenTree::Literal(_) => self.text.push('_'),
                TokenTree::Group(group) => {
                    self.text.push(' ');
                    self.read(group.stream(), path);
                    self.text.push(' ');
                }
                TokenTree::Ident(word) => {
                    if self.text.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
                        self.text.push(' ');
                    }
                    self.text.push_str(&word.to_string());
                }
                TokenTree::Punct(mark) => self.text.push(mark.as_char()),
            }
        }
    }

    /// What follows `#[cfg(test)]`: an item, up to its body or its semicolon.
    fn pass_over(&mut self, tokens: &mut impl Iterator<Item = TokenTree>, path: &Path) {
        let mut words = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
                TokenTree::Ident(word) => words.push(word.to_string()),
                token if is(&token, ';') => {
                    if let [.., module, name] = &words[..]
                        && module == "mod"
                    {
                        self.test_modules.push(name.clone());
                    }
                    return;
                }
                _ => {}
            }
        }
        panic!("{}: what follows #[cfg(test)] has no end", path.display());
    }
}

pub(crate) fn is(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

/// Writes every path of a `use` tree in full, one a line.
fn used(text: &mut String, before: &str, tree: &[TokenTree]) {
    for branch in tree.split(|token| is(token, ',')) {
        let mut path = before.to_owned();
        for token in branch {
            match token {
                TokenTree::Group(group) => used(text, &path, &Vec::from_iter(group.stream())),
                TokenTree::Ident(renamed) if renamed == "as" => break,
                token => path.push_str(&token.to_string()),
            }
        }
        // Behind a path that ends in a module stands what is taken from it.
        text.push_str(&["\n", &path, "::\n"].concat());
    }
}

/// Files that hold nothing but tests, because the module above them says so.
fn only_for_tests(files: &[(PathBuf, Code)]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (path, code) in files {
        let folder = match path.file_stem().unwrap().to_str().unwrap() {
            "mod" | "lib" | "main" => path.parent().unwrap().to_owned(),
            _ => path.with_extension(""),
        };
        found.extend(code.test_modules.iter().map(|name| folder.join(format!("{name}.rs"))));
    }
    found
}

/// The code of the house, file by file, without its tests.
pub(crate) fn house() -> &'static [(PathBuf, Code)] {
    static HOUSE: LazyLock<Vec<(PathBuf, Code)>> = LazyLock::new(|| {
        let mut files: Vec<_> = rust_files(&source()).into_iter().map(|path| (path.clone(), code(&path))).collect();
        let tests = only_for_tests(&files);
        files.retain(|(path, _)| !tests.iter().any(|test| path == test || path.starts_with(test.with_extension(""))));
        files
    });
    &HOUSE
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The room a file belongs to: the first step of its path below `src`, without the ending.
pub(crate) fn room(path: &Path) -> String {
    let inside = path.strip_prefix(source()).unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn pure_rooms_name_nothing_impure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    let mut breaches = Vec::new();
    for (path, code) in house() {
        let inside = path.strip_prefix(root).unwrap().with_extension("");
        if !PURE.iter().any(|pure| inside.starts_with(pure)) {
            continue;
        }
        seen += 1;
        for word in IMPURE {
            if code.text.contains(word) {
                breaches.push(format!("{} names {word}", path.display()));
            }
        }
    }
    assert!(seen > 40, "only {seen} files were looked at: has a room moved?");
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn dependencies_point_one_way() {
    let mut breaches = Vec::new();
    for (path, code) in house() {
        let room = room(path);
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == room) else { continue };
        for (other, _) in MAY_NAME.iter().chain(&[("runtime", &[][..]), ("commands", &[][..])]) {
            if *other != room && !allowed.contains(other) && code.text.contains(&format!("crate::{other}::")) {
                breaches.push(format!("{} ({room}) names {other}", path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn terminal_libraries_stay_in_their_rooms() {
    let mut breaches = Vec::new();
    for (path, code) in house() {
        let room = room(path);
        if code.text.contains("ratatui::") && !["screen", "terminal"].contains(&room.as_str()) {
            breaches.push(format!("{} names ratatui", path.display()));
        }
        if code.text.contains("crossterm::") && !["terminal", "runtime"].contains(&room.as_str()) {
            breaches.push(format!("{} names crossterm", path.display()));
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// Rooms that open files of people and of ledgers.
const OPENING: [&str; 7] = ["ledger", "identity", "collector", "config", "runtime", "report", "commands"];

/// Files of those rooms that open what nobody can put a pipe in the place of: `/proc`, devices, folders, their own new files;
/// and `tail`, which looks at what it opened by itself.
const BY_THEMSELVES: [&str; 7] = [
    "ledger/storage.rs",
    "identity/timestamp.rs",
    "collector/sources/log/tail.rs",
    "runtime/timepiece.rs",
    "commands/collect.rs",
    "commands/rehearse/prove.rs",
    "commands/report/serve.rs",
];

#[test]
fn files_that_people_can_replace_are_opened_in_one_place() {
    let opens = ["File::open ", "fs::read ", "fs::read_to_string "];
    let mut breaches = Vec::new();
    for (path, code) in house() {
        if !OPENING.contains(&&*room(path)) || BY_THEMSELVES.iter().any(|own| path.ends_with(own)) {
            continue;
        }
        breaches.extend(
            opens
                .iter()
                .filter(|call| code.text.contains(*call))
                .map(|call| format!("{} calls {call}", path.display())),
        );
        // What does not make a new file by itself goes through `input::regular`.
        for part in code.text.split("OpenOptions::new").skip(1) {
            let statement = part.split(';').next().unwrap_or_default();
            if statement.contains(".open ") && !statement.contains("create_new") {
                breaches.push(format!("{} opens a file by itself", path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "use crate::input:\n{}", breaches.join("\n"));
}

#[test]
fn a_report_words_times_and_numbers_as_the_screen_does() {
    // One module words both: neither formats a time or rounds a number by itself.
    // The places of a chart's points are no words.
    for path in rust_files(&source().join("report")).into_iter().filter(|path| !path.ends_with("chart.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        let own = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in [".format(\"%", ":.1}", ":.2}", ":.0}", ":.3}"] {
            assert!(!own.contains(word), "{} has {word}: use deployment::numbers", path.display());
        }
    }
    let screen = fs::read_to_string(source().join("screen.rs")).unwrap();
    assert!(screen.contains("use crate::deployment::numbers;"), "the screen has numbers of its own");
}

#[test]
fn files_stay_small_or_say_why() {
    let mut long = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in ["src", "tests", "benches"].iter().flat_map(|folder| rust_files(&root.join(folder))) {
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
