//! `gonogo run` and `gonogo preflight`.

use super::{Drill, On, Overlays, Rehearse};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub on: On,
    /// Items to carry out: paths or ends of them, numbers, or parts of titles; without any, everything that can go on by
    /// itself
    pub items: Vec<String>,
    /// Only items of this phase
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,
    /// Take the captain's seat over from somebody who is gone, for this reason
    #[arg(long, value_name = "REASON")]
    pub take_over: Option<String>,
    /// Stay, and measure sensed items again on their intervals until none is left or Ctrl-C; exit status 1 when one that
    /// was lost has not come back
    #[arg(long)]
    pub sense: bool,
    /// The environment's name, for items that change a protected one
    #[arg(long, value_name = "ENV")]
    pub confirm: Option<String>,
    /// Print each record as a line of JSON, as `status --json --follow` does, and no text
    #[arg(long)]
    pub json: bool,
    /// Write the steps of this run as `JUnit` too
    #[arg(long, value_name = "FILE.xml")]
    pub junit: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Preflight {
    /// A checklist, a ledger, or the name of a checklist that ships
    pub checklist: PathBuf,
    #[command(flatten)]
    pub over: Overlays,
    /// The environment whose migrator and database are looked at
    #[arg(long, value_name = "ENV")]
    pub env: String,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
    /// The revision to begin after, `base` for the first; where the database stands unless given
    #[arg(long, value_name = "REV")]
    pub from: Option<String>,
    /// The revision to end with; `head` unless given
    #[arg(long, value_name = "REV")]
    pub to: Option<String>,
    /// How long one question to the database may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub limit: u64,
    /// Exit with 0 although some part could not be evaluated
    #[arg(long)]
    pub allow_inconclusive: bool,
    /// Run revisions that cannot be printed on an empty scratch copy; shows before what is running where
    #[arg(long)]
    pub try_on_scratch: bool,
}

/// What can be rehearsed by itself, without the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Only {
    /// Run to the migration of production, declare it failed and roll back; exit status 0 when the old state is verified
    Rollback,
    /// Sabotage each measured step once it has passed and see it fail; exit status 1 when one still passes
    Prove,
}

impl Rehearse {
    /// The same with what was asked for by its name as the flags that said so before.
    #[must_use]
    pub fn resolved(mut self) -> Self {
        match self.only {
            Some(Only::Rollback) => self.drill = Some(Drill::Rollback),
            Some(Only::Prove) => self.prove = true,
            None => {}
        }
        self
    }
}
