//! A backup restored beside the file in use and swapped in by renaming.

use super::bench::{Bench, Heard, SCHEMA, measured, movable, outcome, try_writer};
use gonogo::attempts::checks::backup::{self, CommandEnd, CommandRunner};
use gonogo::checklist::check::{Backup, BackupStage};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::Outcome;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const MADE: &str = "p/s/make";

struct NoCommand;

impl CommandRunner for NoCommand {
    fn run<'a>(
        &'a self,
        command: &'a str,
        _: &'a [(&'static str, String)],
    ) -> futures_util::future::BoxFuture<'a, Result<CommandEnd, String>> {
        panic!("no command is to be run: {command}")
    }
}

async fn carry_out(bench: &Bench, stage: BackupStage) -> Outcome {
    let check = Backup { stage, of: Some(MADE.into()) };
    movable(backup::carry_out(&bench.assignment(), &check, &Heard::default(), &NoCommand)).await
}

/// A bench with a backup that was made and verified, and rows lost since.
async fn bench() -> Bench {
    let mut bench = Bench::new(SCHEMA).await;
    let made = carry_out(&bench, BackupStage::Make).await;
    assert_eq!(made.verdict, Verdict::Pass, "{}", made.detail);
    bench.backup(MADE, BackupStage::Make, None);
    bench.backup("p/s/verify", BackupStage::Verify, Some(MADE));
    bench.past(MADE, made);
    bench.past("p/s/verify", outcome(Verdict::Pass));
    bench.change("DELETE FROM serials WHERE id > 100").await;
    bench
}

async fn serials(path: &std::path::Path) -> i64 {
    let mut connection = try_writer(path).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM serials").fetch_one(&mut connection).await.unwrap()
}

fn kept(bench: &Bench) -> Vec<PathBuf> {
    let all = std::fs::read_dir(bench.path(".")).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.to_string_lossy().contains("neurohub_before_") || path.to_string_lossy().contains(".swap-"))
        .collect()
}

#[tokio::test]
async fn the_copy_takes_the_files_place_and_the_one_before_is_kept() {
    for journal in ["DELETE", "WAL"] {
        let bench = bench().await;
        bench.change(&format!("PRAGMA journal_mode = {journal}")).await;
        let outcome = carry_out(&bench, BackupStage::Swap).await;
        assert_eq!(outcome.verdict, Verdict::Pass, "{journal}: {}", outcome.detail);
        assert!(measured(&outcome, "restore").is_some());
        assert_eq!(serials(&bench.path("neurohub.db")).await, 3_000);
        let kept = kept(&bench);
        assert!(kept.len() == 1 && kept[0].extension().is_some_and(|ending| ending == "db"), "{kept:?}");
        assert_eq!(serials(&kept[0]).await, 100);
    }
}

#[tokio::test]
async fn a_file_that_somebody_writes_to_stays_where_it_is() {
    let bench = bench().await;
    // Another process with the file open for writing, as a service has it.
    let mut service = Command::new("sh")
        .args(["-c", "exec 3<>neurohub.db; echo open; read -r _"])
        .current_dir(bench.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 5];
    std::io::Read::read_exact(service.stdout.as_mut().unwrap(), &mut said).unwrap();
    let outcome = carry_out(&bench, BackupStage::Swap).await;
    drop(service.stdin.take());
    service.wait().unwrap();
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}", outcome.detail);
    assert!(
        outcome.detail.contains("is open for writing in process") && outcome.detail.contains("(sh -c"),
        "{}",
        outcome.detail
    );
    assert_eq!((serials(&bench.path("neurohub.db")).await, kept(&bench)), (100, Vec::new()));
}

#[tokio::test]
async fn a_backup_nobody_read_back_is_no_ground() {
    let mut bench = bench().await;
    bench.items.retain(|item| item.id.as_str() != "p/s/verify");
    let outcome = carry_out(&bench, BackupStage::Swap).await;
    assert!(
        outcome.verdict == Verdict::Inconclusive && outcome.detail.contains("never read back"),
        "{}",
        outcome.detail
    );
    assert_eq!(kept(&bench), Vec::<PathBuf>::new());
}
