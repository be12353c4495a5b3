//! The processes of this machine, and which of them a command started: also those that went on without it, in sessions
//! of their own. Read from /proc; where there is none, nothing is known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is shown of a command line.
const LONGEST: usize = 80;

/// Whether processes whose parents ended become children of this one.
static ADOPTS: AtomicBool = AtomicBool::new(false);

/// A process, as it was a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub pid: i32,
    pub parent: i32,
    pub group: i32,
    pub session: i32,
    /// In clock ticks since the machine started; with `pid`, it shows a process from a later one.
    pub started: u64,
    pub state: char,
    /// Its words, or its name when it has none; without control characters.
    pub command: String,
}

impl Process {
    /// Ended, and only waiting for its parent to notice.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    /// `python3 svc.py (pid 4711)`
    pub(crate) fn named(&self) -> String {
        format!("{} (pid {})", self.command, self.pid)
    }
}

/// Makes this process the parent of what its commands leave behind, so that it can be found.
pub(crate) fn adopt() {
    #[cfg(target_os = "linux")]
    if rustix::process::set_child_subreaper(Some(rustix::process::getpid())).is_ok() {
        ADOPTS.store(true, Ordering::Relaxed);
    }
}

/// Every process there is.
pub(crate) fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| one(entry.file_name().to_str()?.parse().ok()?)).collect()
}

fn one(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    read(pid, &stat, &words)
}

/// `4711 (name) S 1 4711 4711 …`: the name may hold blanks and brackets.
fn read(pid: i32, stat: &str, words: &[u8]) -> Option<Process> {
    let (head, tail) = stat.rsplit_once(')')?;
    let mut fields = tail.split_whitespace();
    let state = fields.next()?.chars().next()?;
    let mut number = || fields.next()?.parse::<i32>().ok();
    let (parent, group, session) = (number()?, number()?, number()?);
    let started = tail.split_whitespace().nth(19)?.parse().ok()?;
    let words = String::from_utf8_lossy(words).replace('\0', " ");
    let name = head.split_once('(').map_or("", |(_, name)| name);
    let text = if words.trim().is_empty() { name } else { words.trim() };
    let command = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    Some(Process { pid, parent, group, session, started, state, command })
}

/// What one command started, reported from what was there before it.
#[derive(Debug)]
pub(crate) struct Family {
    /// It leads the session of the command's terminal.
    leader: i32,
    /// Children that this process had before, and that are none of the command's.
    before: BTreeSet<i32>,
}

impl Family {
    /// Of a command that was just started. `before` are this process's children from before that.
    #[must_use]
    pub(crate) fn of(leader: i32, before: BTreeSet<i32>) -> Self {
        Self { leader, before }
    }

    /// Everything of it that lives, without the leader.
    pub(crate) fn living(&self) -> Vec<Process> {
        let me = i32::try_from(std::process::id()).unwrap_or_default();
        let mut all = all();
        for process in &all {
            let adopted = process.parent == me && process.pid != self.leader && !self.before.contains(&process.pid);
            if process.is_over() && adopted && ADOPTS.load(Ordering::Relaxed) {
                reap(process.pid);
            }
        }
        all.retain(|process| !process.is_over());
        self.among(me, ADOPTS.load(Ordering::Relaxed), all)
    }

    fn among(&self, me: i32, adopts: bool, all: Vec<Process>) -> Vec<Process> {
        let parents: BTreeMap<i32, i32> = all.iter().map(|process| (process.pid, process.parent)).collect();
        let ours = |process: &Process| {
            if process.session == self.leader {
                return true;
            }
            let mut at = process.pid;
            // As long as the longest line of ancestors can be.
            for _ in 0..=parents.len() {
                let Some(parent) = parents.get(&at).copied() else { return false };
                if parent == self.leader {
                    return true;
                }
                if parent == me {
                    return adopts && !self.before.contains(&at);
                }
                at = parent;
            }
            false
        };
        let ours: Vec<bool> = all.iter().map(|process| process.pid != self.leader && ours(process)).collect();
        all.into_iter().zip(ours).filter_map(|(process, ours)| ours.then_some(process)).collect()
    }
}

/// Names those of these processes that none of the others started.
pub(crate) fn named(living: &[Process]) -> Vec<String> {
    let top = |process: &&Process| !living.iter().any(|other| other.pid == process.parent);
    living.iter().filter(top).map(Process::named).collect()
}

/// What the processes below this one have open, as entries of `/proc/PID/fd`.
///
/// Until a process runs its own program it is a copy of the one that started it and holds whatever that one holds:
/// it has no command line of its own yet, and counts for nothing.
pub(crate) fn held() -> Vec<PathBuf> {
    let words = |pid: &dyn Display| fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let own = words(&"self");
    // Looked at first: what is inherited is closed before the command line changes.
    let has_begun = |pid: &i32| {
        let its = words(pid);
        !its.is_empty() && its != own
    };
    let begun = below().into_iter().map(|process| process.pid).filter(has_begun);
    let entries = begun.flat_map(|pid| fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten());
    entries.map(|entry| entry.path()).collect()
}

/// Every process below this one, however deep.
fn below() -> Vec<Process> {
    let me = i32::try_from(std::process::id()).unwrap_or_default();
    let all = all();
    let parents: BTreeMap<i32, i32> = all.iter().map(|process| (process.pid, process.parent)).collect();
    let is_below = |process: &Process| {
        let mut at = process.pid;
        // As long as the longest line of ancestors can be.
        (0..=parents.len()).any(|_| {
            at = parents.get(&at).copied().unwrap_or_default();
            at == me
        })
    };
    all.into_iter().filter(|process| process.pid != me && is_below(process)).collect()
}

/// The children of this process.
pub(crate) fn children() -> BTreeSet<i32> {
    let me = i32::try_from(std::process::id()).unwrap_or_default();
    all().into_iter().filter(|process| process.parent == me).map(|process| process.pid).collect()
}

/// Lets an adopted process that has ended go.
fn reap(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid);
    // One that somebody else let go is gone, too.
    let _ = rustix::process::waitpid(pid, rustix::process::WaitOptions::NOHANG);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, parent: i32, session: i32) -> Process {
        let command = format!("p{pid}");
        Process { pid, parent, group: session, session, started: 0, state: 'S', command }
    }

    #[test]
    fn a_line_of_proc_is_read_whatever_the_name_holds() {
        let rest = "S 7 40 30 34816 40 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987 1 1";
        let found = read(41, &format!("41 (a) b (c) {rest}"), b"python3\0svc.py\x1b\0").unwrap();
        assert_eq!((found.parent, found.group, found.session, found.started, found.state), (7, 40, 30, 987, 'S'));
        assert_eq!(found.named(), "python3 svc.py  (pid 41)");
        assert_eq!(read(41, &format!("41 (a) b) {rest}"), b"").unwrap().command, "a) b");
        assert_eq!(read(41, "41 (a", b""), None);
    }

    #[test]
    fn the_family_is_the_session_the_tree_and_what_was_adopted_since() {
        let (me, leader) = (10, 20);
        let all = vec![
            process(20, 10, 20),
            process(21, 20, 20),
            process(22, 21, 22), // in a session of its own
            process(23, 1, 20),  // its parent ended, the session is the leader's
            process(24, 10, 24), // adopted
            process(25, 24, 24),
            process(30, 10, 10), // ours from before
            process(31, 30, 31),
            process(40, 1, 40),
        ];
        let family = Family::of(leader, BTreeSet::from([30]));
        let pids = |adopts| family.among(me, adopts, all.clone()).iter().map(|p| p.pid).collect::<Vec<_>>();
        assert_eq!(pids(true), [21, 22, 23, 24, 25]);
        let reported = named(&family.among(me, true, all.clone()));
        assert_eq!(reported, ["p21 (pid 21)", "p23 (pid 23)", "p24 (pid 24)"]);
        assert_eq!(pids(false), [21, 22, 23]);
    }

    #[test]
    fn this_process_is_found_with_its_parent() {
        let me = i32::try_from(std::process::id()).unwrap();
        let found = all().into_iter().find(|process| process.pid == me);
        assert!(!cfg!(target_os = "linux") || found.is_some_and(|found| found.parent > 0 && found.started > 0));
    }
}
