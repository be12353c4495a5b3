//! The command line of the deployment window: clock, poll, roles, gates, endings.

use super::On;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("answer").args(["go", "no_go", "abstain"]).requires("station")))]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Poll {
    #[command(flatten)]
    pub on: On,
    #[command(subcommand)]
    pub verb: Option<PollVerb>,
    /// Print JSON (format 1)
    #[arg(long, global = true)]
    pub json: bool,
    #[arg(hide = true)]
    pub station: Option<String>,
    #[arg(long, hide = true)]
    pub go: bool,
    #[arg(long, hide = true)]
    pub no_go: bool,
    #[arg(long, hide = true)]
    pub abstain: bool,
    #[arg(long, hide = true, conflicts_with_all = ["station", "go", "no_go", "abstain"])]
    pub open: bool,
    #[arg(long = "note", alias = "reason", value_name = "TEXT", hide = true)]
    pub reason: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum PollVerb {
    /// Show who answered what; as without a subcommand
    Show,
    /// Begin a round, as the captain; revokes a decision
    Open {
        /// Why; optional
        #[arg(long = "note", alias = "reason", value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Answer for a role: go, no-go or abstain
    Answer {
        /// The role that answers
        role: String,
        #[arg(value_enum)]
        answer: PollAnswer,
        /// Why; needed with no-go
        #[arg(long = "note", alias = "reason", value_name = "TEXT", required_if_eq("answer", "no-go"))]
        reason: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PollAnswer {
    /// Ready
    Go,
    /// Holds the clock
    NoGo,
    /// Neither: the round continues without it
    Abstain,
}

impl Poll {
    /// The same with its subcommand as the flags that said so before.
    #[must_use]
    pub fn resolved(mut self) -> Self {
        match self.verb.take() {
            None | Some(PollVerb::Show) => {}
            Some(PollVerb::Open { reason }) => (self.open, self.reason) = (true, reason),
            Some(PollVerb::Answer { role, answer, reason }) => {
                (self.station, self.reason) = (Some(role), reason);
                match answer {
                    PollAnswer::Go => self.go = true,
                    PollAnswer::NoGo => self.no_go = true,
                    PollAnswer::Abstain => self.abstain = true,
                }
            }
        }
        self
    }
}

#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
#[command(group(ArgGroup::new("decision").args(["go", "no_go", "reopen"]).required(true)))]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Decide {
    #[command(flatten)]
    pub on: On,
    #[command(subcommand)]
    pub verb: Option<DecideVerb>,
    #[arg(long, hide = true)]
    pub go: bool,
    #[arg(long, requires = "reason", hide = true)]
    pub no_go: bool,
    #[arg(long, requires = "reason", hide = true)]
    pub reopen: bool,
    #[arg(long = "note", alias = "reason", value_name = "TEXT", hide = true)]
    pub reason: Option<String>,
    /// Decide although no poll was opened
    #[arg(long, global = true)]
    pub without_poll: bool,
    #[command(flatten)]
    pub confirmed: Confirmed,
}

#[derive(Debug, Subcommand)]
pub enum DecideVerb {
    /// Record GO: all criteria due now and all poll roles say so
    Go {
        /// Why; optional
        #[arg(long = "note", alias = "reason", value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Record NO-GO
    NoGo {
        /// Why
        #[arg(long = "note", alias = "reason", value_name = "TEXT")]
        reason: String,
    },
    /// Reopen the decision that was recorded
    Reopen {
        /// What has changed
        #[arg(long = "note", alias = "reason", value_name = "TEXT")]
        reason: String,
    },
}

impl Decide {
    /// The same with its subcommand as the flags that said so before.
    #[must_use]
    pub fn resolved(mut self) -> Self {
        match self.verb.take() {
            None => {}
            Some(DecideVerb::Go { reason }) => (self.go, self.reason) = (true, reason),
            Some(DecideVerb::NoGo { reason }) => (self.no_go, self.reason) = (true, Some(reason)),
            Some(DecideVerb::Reopen { reason }) => (self.reopen, self.reason) = (true, Some(reason)),
        }
        self
    }
}

#[derive(Debug, Args)]
pub struct Hold {
    #[command(flatten)]
    pub on: On,
    /// Why the clock is held
    #[arg(long = "note", alias = "reason", value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub struct Resume {
    #[command(flatten)]
    pub on: On,
    /// Why the clock may continue
    #[arg(long = "note", alias = "reason", value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Args)]
pub struct Abort {
    #[command(flatten)]
    pub on: On,
    /// Why it ends
    #[arg(long = "note", alias = "reason", value_name = "TEXT")]
    pub reason: String,
    /// It was carried out and did not work, rather than was not approved
    #[arg(long)]
    pub failed: bool,
    #[command(flatten)]
    pub confirmed: Confirmed,
}

#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
pub struct Rollback {
    #[command(flatten)]
    pub on: On,
    #[command(subcommand)]
    pub verb: Option<RollbackVerb>,
    #[arg(long = "note", alias = "reason", value_name = "TEXT", required_unless_present = "end", hide = true)]
    pub reason: Option<String>,
    #[arg(long, hide = true)]
    pub failed: bool,
    #[arg(long, hide = true)]
    pub end: bool,
    #[command(flatten)]
    pub confirmed: Confirmed,
}

#[derive(Debug, Subcommand)]
pub enum RollbackVerb {
    /// Start the rollback; it cannot be cancelled
    Start {
        /// Why
        #[arg(long = "note", alias = "reason", value_name = "TEXT")]
        reason: String,
        /// The deployment was carried out and did not work, rather than was not approved
        #[arg(long)]
        failed: bool,
    },
    /// Record that it is complete, and what is not verified
    Finish {
        /// Why something is left unverified
        #[arg(long = "note", alias = "reason", value_name = "TEXT")]
        reason: Option<String>,
    },
}

impl Rollback {
    /// The same with its subcommand as the flags that said so before.
    #[must_use]
    pub fn resolved(mut self) -> Self {
        match self.verb.take() {
            None => {}
            Some(RollbackVerb::Start { reason, failed }) => (self.reason, self.failed) = (Some(reason), failed),
            Some(RollbackVerb::Finish { reason }) => (self.end, self.reason) = (true, reason),
        }
        self
    }
}

#[derive(Debug, Args)]
pub struct Window {
    #[command(flatten)]
    pub on: On,
    #[command(subcommand)]
    pub verb: Option<WindowVerb>,
    /// Print JSON (format 1)
    #[arg(long, global = true)]
    pub json: bool,
    #[arg(long, value_name = "TIME", hide = true)]
    pub zero: Option<String>,
    #[arg(long, value_name = "TIME", requires = "zero", hide = true)]
    pub end: Option<String>,
    #[arg(long, value_name = "OFFSET", num_args = 0..=1, default_missing_value = "", allow_hyphen_values = true, hide = true)]
    pub start: Option<String>,
    #[arg(long, value_name = "N", default_value_t = 1, requires = "start", hide = true)]
    pub pace: u32,
    #[arg(long, value_name = "LEDGER", hide = true)]
    pub estimates: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum WindowVerb {
    /// Show clock and window; as without a subcommand
    Show,
    /// Plan T-0 and the end of the window
    Plan {
        /// When T-0 is: 02:00, 'tomorrow 02:00', +30m, 2026-11-22T02:00Z (UTC)
        #[arg(long, value_name = "TIME")]
        zero: String,
        /// When the window closes, written alike, +2h counted from T-0; T-0 and the checklist's duration unless given
        #[arg(long, value_name = "TIME")]
        end: Option<String>,
    },
    /// Start the clock
    Start {
        /// Where it starts, such as T-10m; where the planned T-0 puts it unless given
        #[arg(value_name = "OFFSET", allow_hyphen_values = true)]
        offset: Option<String>,
        /// How many times as fast a rehearsal's clock counts
        #[arg(long, value_name = "N", default_value_t = 1)]
        pace: u32,
    },
    /// Expect steps to take as long as in another ledger
    Estimates {
        /// The ledger that was measured, a rehearsal's
        from: PathBuf,
    },
}

impl Window {
    /// The same with its subcommand as the flags that said so before.
    #[must_use]
    pub fn resolved(mut self) -> Self {
        match self.verb.take() {
            None | Some(WindowVerb::Show) => {}
            Some(WindowVerb::Plan { zero, end }) => (self.zero, self.end) = (Some(zero), end),
            Some(WindowVerb::Start { offset, pace }) => {
                (self.start, self.pace) = (Some(offset.unwrap_or_default()), pace);
            }
            Some(WindowVerb::Estimates { from }) => self.estimates = Some(from),
        }
        self
    }
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").args(["to", "release"]).requires("role")))]
pub struct Role {
    #[command(flatten)]
    pub on: On,
    #[command(subcommand)]
    pub verb: Option<RoleVerb>,
    /// Print JSON (format 1)
    #[arg(long, global = true)]
    pub json: bool,
    #[arg(hide = true, requires = "change")]
    pub role: Option<String>,
    #[arg(long, value_name = "NAME", hide = true)]
    pub to: Option<String>,
    #[arg(long, value_name = "REASON", hide = true)]
    pub release: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum RoleVerb {
    /// Show who has which role; as without a subcommand
    List,
    /// Assign a role to a person
    Assign {
        /// The role, or GROUP/ROLE where several groups have it
        role: String,
        /// Who takes it: a name as they state it, or their user
        person: String,
    },
    /// Release a role
    Release {
        /// The role, or GROUP/ROLE where several groups have it
        role: String,
        /// Why
        #[arg(long = "note", alias = "reason", value_name = "TEXT")]
        reason: String,
    },
}

impl Role {
    /// The same with its subcommand as the flags that said so before.
    #[must_use]
    pub fn resolved(mut self) -> Self {
        match self.verb.take() {
            None | Some(RoleVerb::List) => {}
            Some(RoleVerb::Assign { role, person }) => (self.role, self.to) = (Some(role), Some(person)),
            Some(RoleVerb::Release { role, reason }) => (self.role, self.release) = (Some(role), Some(reason)),
        }
        self
    }
}

#[derive(Debug, Args)]
pub struct Close {
    #[command(flatten)]
    pub on: On,
    /// What is to be remembered of it
    #[arg(long, alias = "reason", value_name = "TEXT")]
    pub note: Option<String>,
    #[command(flatten)]
    pub confirmed: Confirmed,
}

/// The name that is typed before something that cannot be taken back.
#[derive(Debug, Args)]
pub struct Confirmed {
    /// Name of the protected environment; asked for on a terminal unless given
    #[arg(long, value_name = "ENV", global = true)]
    pub confirm: Option<String>,
}
