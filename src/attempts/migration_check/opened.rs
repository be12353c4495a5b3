//! Which files the processes of a migrator have open. That somebody opened a file says nothing: a service, a backup or
//! this program's own panes do so all the time.

use crate::attempts::descendants;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Whether a process that this one started has the file open, under whatever name.
pub(super) fn below(path: &Path) -> bool {
    let Ok(file) = std::fs::metadata(path) else { return false };
    descendants::held()
        .into_iter()
        .any(|held| std::fs::metadata(held).is_ok_and(|held| (held.dev(), held.ino()) == (file.dev(), file.ino())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    #[test]
    fn only_what_this_process_started_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let own = std::fs::File::create(&path).unwrap();
        // This very process is none of those it started.
        assert!(!below(&path));
        drop(own);
        let script = format!("exec 3<'{}'; echo; read line", path.display());
        let mut child =
            Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while !below(&path) {
            assert!(Instant::now() < until, "the child was not seen");
        }
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(!below(&path));
    }

    #[test]
    fn what_a_process_holds_before_it_runs_its_program_is_not_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let _own = std::fs::File::create(&path).unwrap();
        std::thread::scope(|scope| {
            let starting = scope.spawn(|| {
                for _ in 0..200 {
                    Command::new("true").status().unwrap();
                }
            });
            while !starting.is_finished() {
                assert!(!below(&path), "a process that had only been forked was taken for one that opened the file");
            }
        });
    }
}
