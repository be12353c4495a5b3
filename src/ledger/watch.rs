//! Wakes whoever follows a file that others append to.

use notify::event::{EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc as std_mpsc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How often is looked where the operating system cannot tell.
const POLL: Duration = Duration::from_millis(250);

/// Watches one file, or everything directly inside a folder, until it is dropped. A wake says that something may have
/// changed; several changes may come as one wake, and the change that caused a wake can be read when it arrives.
#[derive(Debug)]
pub struct Watcher {
    means: Means,
}

#[derive(Debug)]
#[expect(dead_code, reason = "both are held for what their drop ends")]
enum Means {
    Notified(RecommendedWatcher),
    /// The watching thread ends when this is dropped.
    Polled(std_mpsc::Sender<()>),
}

impl Watcher {
    /// Watches `path`. A file is watched through its folder, so that one put in its place under the same name is
    /// noticed too, and a file that is not there yet is noticed when it comes.
    ///
    /// # Errors
    /// When not even looking now and then is possible.
    pub fn new(path: &Path) -> io::Result<(Self, mpsc::Receiver<()>)> {
        let (wake, woken) = mpsc::channel(1);
        let means = match notified(path, wake.clone()) {
            Ok(watcher) => Means::Notified(watcher),
            Err(_) => Means::Polled(polled(path, wake)?),
        };
        Ok((Self { means }, woken))
    }

    /// Whether the operating system cannot tell of changes here, so that they show up to 250 ms late.
    pub fn is_polling(&self) -> bool {
        matches!(self.means, Means::Polled(_))
    }
}

fn notified(path: &Path, wake: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let (folder, name) = split(path);
    let concerns = move |event: &Event| {
        let changes = match event.kind {
            // Reading would wake the reader again.
            EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
            _ => true,
        };
        let ours = |path: &PathBuf| name.as_ref().is_none_or(|name| path.file_name() == Some(name));
        // Without a path it says that events were lost.
        changes && (event.paths.is_empty() || event.paths.iter().any(ours))
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.as_ref().map_or(true, &concerns) {
            // A full channel already holds the wake.
            let _ = wake.try_send(());
        }
    })?;
    watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// The folder to watch, and the one name in it that matters unless all do.
fn split(path: &Path) -> (PathBuf, Option<OsString>) {
    if path.is_dir() {
        return (path.to_owned(), None);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    (folder.to_owned(), path.file_name().map(ToOwned::to_owned))
}

fn polled(path: &Path, wake: mpsc::Sender<()>) -> io::Result<std_mpsc::Sender<()>> {
    let (stop, stopped) = std_mpsc::channel();
    let path = path.to_owned();
    let mut seen = look(&path);
    let watching = move || {
        while stopped.recv_timeout(POLL) == Err(std_mpsc::RecvTimeoutError::Timeout) {
            let now = look(&path);
            if now != seen {
                seen = now;
                let _ = wake.try_send(());
            }
        }
    };
    std::thread::Builder::new().name("watch".to_owned()).spawn(watching)?;
    Ok(stop)
}

/// What can be seen from outside: of a file one entry, of a folder one for everything directly inside.
fn look(path: &Path) -> Vec<(OsString, u64, u64, i64, i64)> {
    let seen = |name: OsString, metadata: &Metadata| {
        (name, metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec())
    };
    if let Ok(entries) = fs::read_dir(path) {
        let entries = entries.flatten();
        let mut all: Vec<_> =
            entries.filter_map(|entry| Some(seen(entry.file_name(), &entry.metadata().ok()?))).collect();
        all.sort();
        return all;
    }
    fs::metadata(path).map(|metadata| vec![seen(OsString::new(), &metadata)]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    async fn woken(receiver: &mut mpsc::Receiver<()>, within: Duration) -> bool {
        tokio::time::timeout(within, receiver.recv()).await == Ok(Some(()))
    }

    fn append(path: &Path) {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(b"more\n").unwrap();
    }

    #[tokio::test]
    async fn appending_and_replacing_wake_and_reading_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ledger.toml");
        append(&file);
        let (watcher, mut wakes) = Watcher::new(&file).unwrap();
        assert!(!watcher.is_polling());
        append(&file);
        assert!(woken(&mut wakes, Duration::from_secs(5)).await, "an append must wake");
        // Drain the wakes of that append; then neither reading nor a neighbour's change may bring another.
        while woken(&mut wakes, Duration::from_millis(100)).await {}
        assert!(!fs::read(&file).unwrap().is_empty());
        append(&folder.path().join("other.toml"));
        assert!(!woken(&mut wakes, Duration::from_millis(150)).await, "nothing happened to the file");
        let copy = folder.path().join("copy");
        append(&copy);
        fs::rename(&copy, &file).unwrap();
        assert!(woken(&mut wakes, Duration::from_secs(5)).await, "another file under the name must wake");
        while woken(&mut wakes, Duration::from_millis(100)).await {}
        append(&file);
        assert!(woken(&mut wakes, Duration::from_secs(5)).await, "the new file is followed too");
    }

    #[tokio::test]
    async fn a_folder_wakes_for_everything_inside() {
        let folder = tempfile::tempdir().unwrap();
        let (_watcher, mut wakes) = Watcher::new(folder.path()).unwrap();
        append(&folder.path().join("0001.log"));
        assert!(woken(&mut wakes, Duration::from_secs(5)).await);
    }

    #[tokio::test]
    async fn polling_sees_what_notices_would_tell() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ledger.toml");
        let (wake, mut wakes) = mpsc::channel(1);
        let _stop = polled(&file, wake).unwrap();
        append(&file);
        assert!(woken(&mut wakes, Duration::from_secs(5)).await, "a file that comes must wake");
        append(&file);
        assert!(woken(&mut wakes, Duration::from_secs(5)).await, "growth must wake");
        let (wake, mut wakes) = mpsc::channel(1);
        let _stop = polled(folder.path(), wake).unwrap();
        append(&folder.path().join("0001.log"));
        assert!(woken(&mut wakes, Duration::from_secs(5)).await, "a file that comes into a folder must wake");
    }
}
