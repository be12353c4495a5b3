//! A backup put back by the environment's own command.

use super::bench::{Bench, Heard, SCHEMA, measured, movable, outcome};
use futures_util::future::BoxFuture;
use gonogo::attempts::checks::backup::{self, CommandEnd, CommandRunner};
use gonogo::checklist::check::{Backup, BackupStage};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::Outcome;
use std::path::PathBuf;

const MADE: &str = "p/s/make";

/// Answers for the terminal: copies the backup to a file, or does nothing.
struct Copies {
    to: Option<PathBuf>,
    exit: i32,
}

impl CommandRunner for Copies {
    fn run<'a>(
        &'a self,
        command: &'a str,
        exports: &'a [(&'static str, String)],
    ) -> BoxFuture<'a, Result<CommandEnd, String>> {
        Box::pin(async move {
            assert_eq!((command, exports[0].0), ("put it back", "GONOGO_BACKUP_FILE"));
            if let Some(to) = &self.to {
                std::fs::copy(&exports[0].1, to).unwrap();
            }
            Ok(CommandEnd { exit: Some(self.exit), signal: None })
        })
    }
}

async fn carry_out(bench: &Bench, stage: BackupStage, runner: &Copies) -> Outcome {
    let check = Backup { stage, of: Some(MADE.into()) };
    movable(backup::carry_out(&bench.assignment(), &check, &Heard::default(), runner)).await
}

/// A bench with a verified backup of a database that was changed since.
async fn changed() -> Bench {
    let mut bench = Bench::new(SCHEMA).await;
    let made = carry_out(&bench, BackupStage::Make, &Copies { to: None, exit: 0 }).await;
    assert_eq!(made.verdict, Verdict::Pass, "{}", made.detail);
    bench.backup(MADE, BackupStage::Make, None);
    bench.backup("p/s/verify", BackupStage::Verify, Some(MADE));
    bench.past(MADE, made);
    bench.past("p/s/verify", outcome(Verdict::Pass));
    bench.environment.commands.insert("restore".into(), "put it back".into());
    bench.change("DELETE FROM serials WHERE id > 10; ALTER TABLE lots ADD COLUMN note TEXT").await;
    bench
}

#[tokio::test]
async fn what_the_command_put_back_is_held_against_the_backup() {
    let bench = changed().await;
    let to = Some(bench.path("neurohub.db"));
    let back = carry_out(&bench, BackupStage::Swap, &Copies { to, exit: 0 }).await;
    assert_eq!((back.verdict, back.exit), (Verdict::Pass, Some(0)), "{}", back.detail);
    assert!(back.detail.contains("3040 rows as recorded"), "{}", back.detail);
    assert!(measured(&back, "restore").is_some());
}

#[tokio::test]
async fn a_command_that_fails_or_leaves_something_else_fails_the_check() {
    let bench = changed().await;
    let failed = carry_out(&bench, BackupStage::Swap, &Copies { to: None, exit: 3 }).await;
    assert_eq!(failed.verdict, Verdict::Fail);
    assert!(failed.detail.contains("the restore command ended with exit status 3"), "{}", failed.detail);
    // A status of 0 is no proof.
    let idle = carry_out(&bench, BackupStage::Swap, &Copies { to: None, exit: 0 }).await;
    assert_eq!(idle.verdict, Verdict::Fail, "{}", idle.detail);
    assert!(idle.detail.contains("serials"), "{}", idle.detail);
}
