//! Which files of a tree are searched.

use super::super::account::Trouble;
use super::beat::Beat;
use std::fs;
use std::io::Read;
use std::path::Path;

/// Folders that hold no source of the application.
const SKIPPED: [&str; 3] = [".git", "node_modules", "target"];
/// Larger files are data, not source.
const LARGEST: u64 = 16 << 20;

#[derive(Debug, Default)]
pub(super) struct Files {
    /// Relative to the tree, sorted.
    pub names: Vec<String>,
    pub unreadable: usize,
    /// Large files, binary ones with the wanted ending, and links to folders: text that was not looked into.
    pub passed_over: usize,
}

/// Lists the files below `root` and shows what was passed over. Links to folders are not followed.
pub(super) fn files(root: &Path, ending: Option<&str>, beat: &Beat) -> Result<Files, Trouble> {
    let ending = ending.map(|ending| format!(".{}", ending.trim_start_matches('.')));
    let mut files = Files::default();
    let (mut binary, mut large, mut special) = (0_usize, 0_usize, 0_usize);
    let mut folders = vec![String::new()];
    let mut passed_over = Vec::new();
    while let Some(folder) = folders.pop() {
        beat.pass()?;
        let Ok(entries) = fs::read_dir(root.join(&folder)) else {
            files.unreadable += 1;
            continue;
        };
        for entry in entries.flatten() {
            let own = entry.file_name().to_string_lossy().into_owned();
            let name = if folder.is_empty() { own.clone() } else { format!("{folder}/{own}") };
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if SKIPPED.contains(&own.as_str()) {
                    passed_over.push(name);
                } else {
                    folders.push(name);
                }
                continue;
            }
            let wanted = ending.as_ref().is_none_or(|ending| own.ends_with(ending.as_str()));
            beat.pass()?;
            let about = fs::metadata(entry.path()).ok();
            if about.as_ref().is_some_and(fs::Metadata::is_dir) {
                files.passed_over += 1;
                passed_over.push(name);
                continue;
            }
            let Some(about) = about.filter(|_| wanted) else { continue };
            if !about.is_file() {
                special += usize::from(!about.is_dir());
                continue;
            }
            if about.len() > LARGEST {
                large += 1;
                files.passed_over += 1;
                passed_over.push(name);
            } else if is_binary(&entry.path()) {
                binary += 1;
                // Where an ending is asked for, such a file is meant to be text.
                files.passed_over += usize::from(ending.is_some());
            } else {
                files.names.push(name);
            }
        }
    }
    files.names.sort();
    passed_over.sort();
    if special > 0 {
        beat.say(format!("passed over {special} pipes, sockets or devices"));
    }
    if binary > 0 || large > 0 || !passed_over.is_empty() {
        let named = if passed_over.is_empty() { String::new() } else { format!(": {}", passed_over.join(", ")) };
        beat.say(format!("passed over {binary} binary files, {large} files over 16 MiB{named}"));
    }
    Ok(files)
}

/// A file with a zero byte near its start is no text. One that cannot be read is left to the search, which counts it.
fn is_binary(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(8 << 10).read_to_end(&mut start));
    read.is_ok() && start.contains(&0)
}
