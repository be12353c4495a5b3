//! The swap of a SQLite file: a copy beside it in the same folder, then two renamings.

use super::super::account::Trouble;
use super::copy::{self, Throwaway};
use super::swap::{dated_name, same_revision};
use super::verify::same;
use super::{Desk, Kept, named};
use crate::database::{Address, Database, Interrupt, Purpose};
use crate::deployment::attempt::{Left, LeftOn, LeftWhy};
use crate::deployment::measurement::Verdict;
use crate::deployment::numbers;
use chrono::Utc;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::time::Instant;

const WHAT: &str = "the restored copy";
/// The access mode among the flags of an open file; 0 is reading only.
const ACCESS_MODE: u32 = 0o3;

impl Desk<'_> {
    pub(super) async fn swap_file(&mut self, kept: &Kept, live: &Path) -> Result<(), Trouble> {
        let began = Instant::now();
        self.stages.begin("restore", "bytes", Some(kept.output.bytes));
        nobody_writes(live)?;
        let fresh = beside(live, &format!(".swap-{}", self.assignment.attempt));
        // Of an earlier supervisor that was killed in mid-restore.
        drop(Throwaway::new(&fresh));
        let mut file = copy::create_new(&fresh)?;
        let unfinished = Throwaway::new(&fresh);
        let (bytes, sha256) = self.read_file(&kept.path, "restore", Some(&mut file)).await?;
        let about = fs::metadata(live).map_err(|error| copy::trouble(live, &error))?;
        // Only root gives files away; whoever else restores is their owner already or cannot be.
        let _ = chown(&fresh, Some(about.uid()), Some(about.gid()));
        let rights = file.set_permissions(about.permissions());
        rights.map_err(|error| Trouble::Open(format!("the copy's rights could not be set: {error}")))?;
        drop(file);
        copy::sync(&fresh)?;
        same(kept, bytes, &sha256)?;
        let opened = Database::open(&Address::Sqlite(fresh.clone()), Purpose::Own, self.interrupt).await;
        let mut database = opened.map_err(|error| named(WHAT, error.into()))?;
        self.read_whole(&mut database, WHAT).await?;
        let tables = self.hold_against(&mut database, kept, WHAT).await;
        let revision = self.revision(&mut database).await;
        database.close().await;
        let tables = tables?;
        same_revision(kept, revision.as_deref())?;
        self.go_on()?;

        self.stages.begin("swap", "", None);
        settle(live).await?;
        nobody_writes(live)?;
        let before = exchange(live, &fresh)?;
        unfinished.keep();
        copy::sync(live)?;
        let took = began.elapsed().as_secs_f64();
        self.account.measure("restore", took, "s");
        self.account.revision = revision;
        let total: i64 = tables.iter().map(|table| table.rows).sum();
        self.account.tables.extend(tables);
        let (name, before) = (live.display(), before.display().to_string());
        self.account.left.push(Left { name: before.clone(), on: LeftOn::File, oid: None, why: LeftWhy::KeptAside });
        let said = format!("{name} is the restored database, the one before is kept as {before}");
        self.console.line(&said);
        self.account
            .find(Verdict::Pass, format!("restored in {}, {total} rows as recorded; {said}", numbers::seconds(took)));
        Ok(())
    }
}

/// Brings everything into the file itself, which only works while nobody else is at it.
async fn settle(live: &Path) -> Result<(), Trouble> {
    let busy = |error: &dyn std::fmt::Display| {
        Trouble::NotStarted(format!("{} is in use ({error}); stop the service first", live.display()))
    };
    let opened = Database::open(&Address::Sqlite(live.to_owned()), Purpose::Change, &Interrupt::new()).await;
    let mut database = opened?;
    let completed = match database.rows("PRAGMA wal_checkpoint(TRUNCATE)", 1).await {
        Ok(_) => database.try_and_undo("PRAGMA user_version").await.map(drop),
        Err(error) => Err(error),
    };
    database.close().await;
    completed.map_err(|error| busy(&error))?;
    let left = ["-wal", "-journal"].map(|ending| beside(live, ending));
    match left.iter().find(|path| fs::metadata(path).is_ok_and(|about| about.len() > 0)) {
        Some(left) => Err(busy(&format!("{} is still there", left.display()))),
        None => Ok(()),
    }
}

/// Renames the file in use to a name with the time, and the copy to its name.
fn exchange(live: &Path, fresh: &Path) -> Result<PathBuf, Trouble> {
    let stem = live.file_stem().unwrap_or_default().to_string_lossy();
    let mut name = OsString::from(dated_name(&stem, Utc::now()));
    if let Some(ending) = live.extension() {
        name.push(".");
        name.push(ending);
    }
    let before = live.with_file_name(name);
    if before.exists() {
        return Err(Trouble::NotStarted(format!("{} is there already; try again in a second", before.display())));
    }
    // A second name first, so that there is no moment without a database in its place.
    fs::hard_link(live, &before).map_err(|error| kept_not(live, &error))?;
    for ending in ["-wal", "-shm", "-journal"] {
        // Empty by now; beside another file they would be taken for its own.
        let _ = fs::remove_file(beside(live, ending));
    }
    fs::rename(fresh, live).map_err(|error| {
        let _ = fs::remove_file(&before);
        kept_not(live, &error)
    })?;
    Ok(before)
}

fn kept_not(live: &Path, error: &std::io::Error) -> Trouble {
    Trouble::Open(format!("{} could not be renamed, everything is as it was: {error}", live.display()))
}

/// What writes to a file that is renamed away goes on writing there, where nobody looks.
fn nobody_writes(live: &Path) -> Result<(), Trouble> {
    match writers(live).as_slice() {
        [] => Ok(()),
        some => Err(Trouble::NotStarted(format!(
            "{} is open for writing in {}; stop the service first",
            live.display(),
            some.join(", ")
        ))),
    }
}

/// Other processes that have a file open for writing, as far as the system shows.
fn writers(live: &Path) -> Vec<String> {
    let Ok(wanted) = fs::metadata(live) else { return Vec::new() };
    let own = std::process::id();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    let writing = numbers.filter(|number| *number != own && is_writing(*number, (wanted.dev(), wanted.ino())));
    writing.map(|number| format!("process {number} ({})", program(number))).collect()
}

fn is_writing(process: u32, wanted: (u64, u64)) -> bool {
    let open = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    open.filter(|entry| fs::metadata(entry.path()).is_ok_and(|about| (about.dev(), about.ino()) == wanted)).any(
        |entry| {
            let number = entry.file_name().to_string_lossy().into_owned();
            let reported = fs::read_to_string(format!("/proc/{process}/fdinfo/{number}")).unwrap_or_default();
            let flags = reported.lines().find_map(|line| line.strip_prefix("flags:"));
            flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok()).is_some_and(|f| f & ACCESS_MODE != 0)
        },
    )
}

fn program(process: u32) -> String {
    let words = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let words: Vec<_> = words.split(|byte| *byte == 0).map(String::from_utf8_lossy).take(4).collect();
    let name = words.first().and_then(|word| word.rsplit('/').next()).unwrap_or_default().to_owned();
    words.into_iter().skip(1).fold(name, |all, word| format!("{all} {word}")).trim().to_owned()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
