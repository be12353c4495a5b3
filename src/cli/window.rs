//! The command line of the deployment window: clock, poll, roles, gates, endings.

use super::On;
use clap::{ArgGroup, Args};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("answer").args(["go", "no_go", "abstain"]).requires("station")))]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Poll {
    #[command(flatten)]
    pub on: On,
    /// Who answers; without it the poll is shown
    pub station: Option<String>,
    /// Ready
    #[arg(long)]
    pub go: bool,
    /// Holds the clock; needs --reason
    #[arg(long)]
    pub no_go: bool,
    /// Neither: the round goes on without it
    #[arg(long)]
    pub abstain: bool,
    /// Begin a round, as the captain; takes a decision back
    #[arg(long, conflicts_with_all = ["station", "go", "no_go", "abstain"])]
    pub open: bool,
    /// Why; needed with --no-go
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("decision").args(["go", "no_go", "reopen"]).required(true)))]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Decide {
    #[command(flatten)]
    pub on: On,
    /// Record GO: every criterion due now and every poll role says so
    #[arg(long)]
    pub go: bool,
    /// Record NO-GO; needs --reason
    #[arg(long, requires = "reason")]
    pub no_go: bool,
    /// Reopen the decision that was recorded; needs --reason
    #[arg(long, requires = "reason")]
    pub reopen: bool,
    /// Why; optional with --go
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Decide although no poll was opened
    #[arg(long)]
    pub without_poll: bool,
    #[command(flatten)]
    pub confirmed: Confirmed,
}

#[derive(Debug, Args)]
pub struct Hold {
    #[command(flatten)]
    pub on: On,
    /// Why it stands still
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub struct Resume {
    #[command(flatten)]
    pub on: On,
    /// Why it may go on
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Args)]
pub struct Abort {
    #[command(flatten)]
    pub on: On,
    /// Why it ends
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// It was carried out and did not work, rather than was not approved
    #[arg(long)]
    pub failed: bool,
    #[command(flatten)]
    pub confirmed: Confirmed,
}

#[derive(Debug, Args)]
pub struct Rollback {
    #[command(flatten)]
    pub on: On,
    /// Why it is begun, or with --end why something is left unverified
    #[arg(long, value_name = "TEXT", required_unless_present = "end")]
    pub reason: Option<String>,
    /// It was carried out and did not work, rather than was not approved
    #[arg(long)]
    pub failed: bool,
    /// Record that the rollback is at its end, and what is not verified
    #[arg(long)]
    pub end: bool,
    #[command(flatten)]
    pub confirmed: Confirmed,
}

#[derive(Debug, Args)]
pub struct Window {
    #[command(flatten)]
    pub on: On,
    /// When T-0 is: 2026-11-22T02:00:00Z
    #[arg(long, value_name = "TIME")]
    pub zero: Option<chrono::DateTime<chrono::Utc>>,
    /// When the window closes; T-0 and the checklist's duration unless given
    #[arg(long, value_name = "TIME", requires = "zero")]
    pub end: Option<chrono::DateTime<chrono::Utc>>,
    /// Start the clock, at an offset such as T-10m or at where the planned T-0 puts it
    #[arg(long, value_name = "OFFSET", num_args = 0..=1, default_missing_value = "", allow_hyphen_values = true)]
    pub start: Option<String>,
    /// How many times as fast a rehearsal's clock counts
    #[arg(long, value_name = "N", default_value_t = 1, requires = "start")]
    pub pace: u32,
    /// Expect steps to take as long as they took in this ledger, a rehearsal's
    #[arg(long, value_name = "LEDGER")]
    pub estimates: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").args(["to", "release"]).required(true)))]
pub struct Role {
    #[command(flatten)]
    pub on: On,
    /// The role, or GROUP/ROLE where several groups have it
    pub role: String,
    /// Who takes it: a name as they state it, or their user
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
    /// Leave it to nobody, for this reason
    #[arg(long, value_name = "REASON")]
    pub release: Option<String>,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("side").args(["reason", "confirm"]).required(true)))]
pub struct Override {
    #[command(flatten)]
    pub on: On,
    /// The phase whose gate is closed
    pub phase: String,
    /// Ask for it, as the captain
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Agree, as a second person with another user and another name
    #[arg(long, value_name = "WORD")]
    pub confirm: Option<String>,
    /// Do not ask before the request is recorded
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct Close {
    #[command(flatten)]
    pub on: On,
    /// What is to be remembered of it
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    #[command(flatten)]
    pub confirmed: Confirmed,
}

/// The name that is typed before something that cannot be taken back.
#[derive(Debug, Args)]
pub struct Confirmed {
    /// Name of the protected environment; asked for on a terminal unless given
    #[arg(long, value_name = "ENV")]
    pub confirm: Option<String>,
}
