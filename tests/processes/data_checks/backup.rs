use super::bench::{Bench, Heard, SCHEMA, measured, movable, run, try_writer};
use futures_util::future::BoxFuture;
use gonogo::attempts::checks::backup::{self, CommandEnd, CommandRunner};
use gonogo::checklist::Digest;
use gonogo::checklist::check::{Backup, BackupStage};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{End, Moment, Outcome};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const MADE: &str = "p/s/make";

/// Answers for the terminal: writes this to the file it is reported.
struct Writes {
    what: Option<Vec<u8>>,
    end: CommandEnd,
}

const WELL: CommandEnd = CommandEnd { exit: Some(0), signal: None };

impl CommandRunner for Writes {
    fn run<'a>(
        &'a self,
        _command: &'a str,
        exports: &'a [(&'static str, String)],
    ) -> BoxFuture<'a, Result<CommandEnd, String>> {
        Box::pin(async move {
            assert_eq!(exports[0].0, "GONOGO_BACKUP_FILE");
            if let Some(what) = &self.what {
                std::fs::write(&exports[0].1, what).unwrap();
            }
            Ok(self.end)
        })
    }
}

async fn carry_out(bench: &Bench, stage: BackupStage, runner: &Writes) -> Outcome {
    let check = Backup { stage, of: Some(MADE.into()) };
    movable(backup::carry_out(&bench.assignment(), &check, &Heard::default(), runner)).await
}

async fn plain(bench: &Bench, stage: BackupStage) -> Outcome {
    carry_out(bench, stage, &Writes { what: None, end: WELL }).await
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// A bench with a backup in its past, and where the backup is.
async fn made() -> (Bench, PathBuf) {
    let mut bench = Bench::new(SCHEMA).await;
    let outcome = plain(&bench, BackupStage::Make).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    let path = bench.path(&outcome.made.as_ref().unwrap().file);
    bench.past(MADE, outcome);
    (bench, path)
}

#[tokio::test]
async fn a_backup_is_made_private_recorded_and_never_over_another() {
    let bench = Bench::new(SCHEMA).await;
    let source = std::fs::read(bench.path("neurohub.db")).unwrap();
    let mut names = Vec::new();
    for _ in 0..3 {
        let outcome = plain(&bench, BackupStage::Make).await;
        assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
        let made = outcome.made.clone().unwrap();
        let bytes = std::fs::read(bench.path(&made.file)).unwrap();
        assert_eq!((made.bytes, &made.sha256), (bytes.len() as u64, &Digest::of(&bytes)));
        assert!(made.file.starts_with("backups/rehearsal-production-2"), "{}", made.file);
        let permissions = std::fs::metadata(bench.path(&made.file)).unwrap().permissions().mode();
        assert_eq!(permissions & 0o777, 0o600);
        assert_eq!(measured(&outcome, "bytes"), Some(bytes.len() as f64));
        assert!(measured(&outcome, "duration").is_some_and(|seconds| seconds > 0.0));
        let kept: Vec<_> = outcome.tables.iter().map(|table| (table.when, table.rows)).collect();
        assert_eq!(kept, [(Moment::Now, 40), (Moment::Now, 3_000)]);
        names.push(made.file);
    }
    names.dedup();
    assert_eq!((names.len(), files(&bench.path("backups")).len()), (3, 3));
    assert_eq!(std::fs::read(bench.path("neurohub.db")).unwrap(), source);
}

#[tokio::test]
async fn a_good_backup_is_verified_and_restored() {
    let (bench, path) = made().await;
    // The source goes on; the backup is of its moment.
    bench.change("DELETE FROM serials WHERE id < 500; UPDATE lots SET weight = 0").await;
    let outcome = plain(&bench, BackupStage::Verify).await;
    assert_eq!(
        (outcome.verdict, outcome.detail.as_str()),
        (Verdict::Pass, "the backup is whole, 2 tables as recorded")
    );
    let outcome = plain(&bench, BackupStage::Restore).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    assert!(measured(&outcome, "restore").is_some_and(|seconds| seconds > 0.0));
    assert!(outcome.tables.iter().all(|table| table.when == Moment::Restored && table.fingerprint.is_some()));
    assert_eq!(files(&bench.path("scratch")), Vec::<PathBuf>::new());
    assert_eq!(files(&bench.path("backups")), [path]);
}

#[tokio::test]
async fn all_in_one_goes_through_every_stage() {
    let mut bench = Bench::new(SCHEMA).await;
    bench.change("PRAGMA journal_mode = WAL").await;
    let outcome = plain(&bench, BackupStage::Full).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    for name in ["bytes", "duration", "restore"] {
        assert!(measured(&outcome, name).is_some(), "{name}");
    }
    let moments: Vec<_> = outcome.tables.iter().map(|table| table.when).collect();
    assert_eq!(moments, [Moment::Now, Moment::Now, Moment::Restored, Moment::Restored]);
    bench.environment.scratch = Some("nowhere".into());
    let outcome = plain(&bench, BackupStage::Full).await;
    assert_eq!((outcome.verdict, outcome.end), (Verdict::Inconclusive, End::NotStarted));
    assert!(outcome.detail.contains("nowhere does not exist"), "{}", outcome.detail);
}

#[tokio::test]
async fn a_backup_cut_off_or_altered_later_is_found_by_its_bytes() {
    let (bench, path) = made().await;
    let whole = std::fs::read(&path).unwrap();
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    let cases = [
        (whole[..whole.len() - 1].to_vec(), "truncated"),
        (Vec::new(), "empty"),
        (altered, "altered: its SHA-256"),
        ([whole.as_slice(), b"x"].concat(), "altered"),
    ];
    for (bytes, part) in cases {
        std::fs::write(&path, bytes).unwrap();
        for stage in [BackupStage::Verify, BackupStage::Restore] {
            let outcome = plain(&bench, stage).await;
            assert_eq!(outcome.verdict, Verdict::Fail);
            assert!(outcome.detail.contains(part), "{}", outcome.detail);
        }
    }
    std::fs::remove_file(&path).unwrap();
    let outcome = plain(&bench, BackupStage::Verify).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.detail.contains("is not there"), "{}", outcome.detail);
    assert_eq!(files(&bench.path("scratch")), Vec::<PathBuf>::new());
}

/// Makes a backup by a command that writes these bytes, then verifies and restores it.
async fn by_command(bytes: Vec<u8>) -> (Outcome, Vec<Outcome>) {
    let mut bench = Bench::new(SCHEMA).await;
    bench.environment.commands.insert("backup".into(), "dump".into());
    let making = carry_out(&bench, BackupStage::Make, &Writes { what: Some(bytes), end: WELL }).await;
    bench.past(MADE, making.clone());
    let mut outcomes = Vec::new();
    if making.verdict == Verdict::Pass {
        for stage in [BackupStage::Verify, BackupStage::Restore] {
            outcomes.push(plain(&bench, stage).await);
        }
    }
    assert_eq!(files(&bench.path("scratch")), Vec::<PathBuf>::new());
    (making, outcomes)
}

/// The bytes of a good copy of the bench's database, changed by `sql`.
async fn copy_with(sql: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.db");
    run(&path, &format!("{SCHEMA}; {sql}")).await;
    std::fs::read(path).unwrap()
}

#[tokio::test]
async fn a_command_that_truncates_its_backup_is_found_wherever_it_cuts() {
    let whole = copy_with("").await;
    let page = 4_096;
    let cuts = [
        1,
        15,
        16,
        99,
        100,
        512,
        page - 1,
        page,
        page + 1,
        2 * page,
        5 * page + 17,
        whole.len() / 2,
        whole.len() - page,
        whole.len() - 1,
    ];
    for cut in cuts {
        let (_, outcomes) = by_command(whole[..cut].to_vec()).await;
        for outcome in outcomes {
            assert_eq!((outcome.verdict, outcome.end), (Verdict::Fail, End::Completed), "at {cut}: {}", outcome.detail);
            let named = outcome.detail.contains("damaged") || outcome.detail.contains("cannot be read");
            assert!(named, "at {cut}: {}", outcome.detail);
        }
    }
}

#[tokio::test]
async fn garbage_inside_a_backup_is_found_wherever_it_touches_data() {
    let whole = copy_with("").await;
    let (making, outcomes) = by_command(whole.clone()).await;
    assert_eq!(making.verdict, Verdict::Pass);
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Pass), "{outcomes:?}");
    let original = contents(&whole).await.unwrap();
    let mut found = 0;
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        let end = (at + 64).min(bytes.len());
        bytes[at..end].fill(0xA5);
        let intact = contents(&bytes).await.is_some_and(|contents| contents == original);
        let (_, outcomes) = by_command(bytes).await;
        for outcome in outcomes {
            // Between the rows of a page lies space that nothing reads.
            assert!(intact || outcome.verdict == Verdict::Fail, "at {at}: {}", outcome.detail);
            found += usize::from(outcome.verdict == Verdict::Fail);
        }
    }
    assert!(found > 40, "{found} of 80 found");
}

/// Every row of both tables as text, read without any of the program's own code; `None` when it cannot be read.
async fn contents(bytes: &[u8]) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.db");
    std::fs::write(&path, bytes).unwrap();
    let mut connection = try_writer(&path).await.ok()?;
    let sql = "SELECT concat_ws('|', id, lot_number, quote(weight)) FROM lots \
               UNION ALL SELECT concat_ws('|', id, lot_id, created_at, measurements) FROM serials";
    sqlx::query_scalar(sql).fetch_all(&mut connection).await.ok()
}

#[tokio::test]
async fn a_whole_backup_of_other_data_is_found_by_its_rows() {
    for (sql, part) in [
        ("DELETE FROM serials WHERE id = 3", "serials: 3000 rows before, 2999 now"),
        ("UPDATE lots SET weight = 1 WHERE id = 3", "lots: 40 rows as before, but their contents differ"),
        ("DROP TABLE serials", "there is no table serials"),
    ] {
        let (making, outcomes) = by_command(copy_with(sql).await).await;
        assert_eq!((making.verdict, making.exit), (Verdict::Pass, Some(0)), "{}", making.detail);
        for outcome in outcomes {
            assert_eq!(outcome.verdict, Verdict::Fail);
            assert!(outcome.detail.contains(part), "{}", outcome.detail);
        }
    }
}

#[tokio::test]
async fn a_command_that_fails_or_makes_nothing_fails_the_check() {
    let mut bench = Bench::new(SCHEMA).await;
    bench.environment.commands.insert("backup".into(), "dump".into());
    for (what, end, part) in [
        (None, CommandEnd { exit: Some(3), signal: None }, "exit status 3"),
        (None, CommandEnd { exit: None, signal: Some(9) }, "signal 9"),
        (None, WELL, "made no"),
        (Some(Vec::new()), WELL, "empty"),
    ] {
        let outcome = carry_out(&bench, BackupStage::Make, &Writes { what, end }).await;
        assert_eq!((outcome.verdict, outcome.exit), (Verdict::Fail, end.exit));
        assert!(outcome.detail.contains(part), "{}", outcome.detail);
    }
}

/// Writes to the source while the backup is made.
struct Meddles(PathBuf);

impl CommandRunner for Meddles {
    fn run<'a>(
        &'a self,
        _command: &'a str,
        exports: &'a [(&'static str, String)],
    ) -> BoxFuture<'a, Result<CommandEnd, String>> {
        Box::pin(async move {
            std::fs::copy(&self.0, &exports[0].1).unwrap();
            run(&self.0, "DELETE FROM serials WHERE id = 1").await;
            Ok(WELL)
        })
    }
}

#[tokio::test]
async fn a_source_written_to_meanwhile_proves_nothing() {
    let mut bench = Bench::new(SCHEMA).await;
    bench.environment.commands.insert("backup".into(), "dump".into());
    let check = Backup { stage: BackupStage::Make, of: None };
    let meddles = Meddles(bench.path("neurohub.db"));
    let outcome = backup::carry_out(&bench.assignment(), &check, &Heard::default(), &meddles).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}", outcome.detail);
    assert!(outcome.detail.contains("written to while the backup was made"), "{}", outcome.detail);
}

#[tokio::test]
async fn a_stage_without_a_backup_before_it_is_inconclusive() {
    let bench = Bench::new(SCHEMA).await;
    for stage in [BackupStage::Verify, BackupStage::Restore] {
        let outcome = plain(&bench, stage).await;
        assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}", outcome.detail);
    }
}

#[tokio::test]
async fn a_backup_that_must_end_leaves_no_half_copy() {
    let bench = Bench::new(SCHEMA).await;
    bench.stop.send_replace(Some(End::Cancelled));
    let outcome = plain(&bench, BackupStage::Full).await;
    assert_eq!((outcome.verdict, outcome.end), (Verdict::Inconclusive, End::Cancelled));
    for folder in ["backups", "scratch"] {
        assert_eq!(files(&bench.path(folder)), Vec::<PathBuf>::new(), "{folder}");
    }
}
