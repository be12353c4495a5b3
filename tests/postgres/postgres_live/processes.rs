//! Killing one process of a test, found by what it was started with.

use rustix::process::{Pid, Signal, kill_process};
use std::path::PathBuf;

pub(crate) struct Process {
    pub words: Vec<String>,
    pub folder: Option<PathBuf>,
}

/// Kills the process that is meant, which must be there.
pub(crate) fn kill(meant: impl Fn(&Process) -> bool) {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let words = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        let process = Process { words, folder: std::fs::read_link(entry.path().join("cwd")).ok() };
        if meant(&process) {
            kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
            return;
        }
        seen.push(process.words.join(" "));
    }
    panic!("it is not among\n{}", seen.join("\n"));
}
