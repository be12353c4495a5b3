//! The command line: what can be asked, and nothing of how it is done.

pub(crate) mod alerting;
pub(crate) mod collecting;
pub(crate) mod gates;
pub mod grouped;
pub(crate) mod items;
pub(crate) mod load;
pub mod proof;
pub(crate) mod reading;
pub(crate) mod replay;
pub(crate) mod reported;
pub(crate) mod running;
pub(crate) mod window;

use crate::attempts::arguments::SuperviseArguments;
use crate::printed::Color;
use crate::rehearsal::Fault;
use crate::rehearsal::command::RehearsalCommand;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Runs a deployment from one terminal screen: checklist, live migration, metrics, go/no-go and sign-offs, recorded in one
/// append-only, hash-chained ledger.
#[derive(Debug, Parser)]
#[command(name = "gonogo", version, about, long_about = None, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub look: Look,
}

const AFTER_HELP: &str = "\
Without a command gonogo opens the deployment in this folder, or shows what there is to open.
LEDGER may be left out where GONOGO_LEDGER is set or the folder has one ledger.

Exit status: 0 success; 1 failed; 2 usage; 3 damaged ledger; 4 refused; 5 environment not reached;
6 NO-GO or inconclusive; 7 done, but output not written; 10-17 verify";

/// What the screen looks like.
#[derive(Debug, Clone, Args)]
pub struct Look {
    /// Theme: dark, light, high-contrast, colour-blind, mono, one of your own, or a file; `NO_COLOR` picks mono
    #[arg(long, global = true, value_name = "NAME|FILE", help_heading = "Display")]
    pub theme: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long, global = true, help_heading = "Display")]
    pub ascii: bool,
    /// When to print colours; `NO_COLOR` and `CLICOLOR_FORCE` are followed
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t, help_heading = "Display")]
    pub color: Color,
}

/// A ledger, and who acts on it.
#[derive(Debug, Clone, Args)]
pub struct On {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    #[command(flatten)]
    pub by: Named,
}

/// Who acts, as they state it.
#[derive(Debug, Clone, Default, Args)]
pub struct Named {
    /// Name to record in the ledger, beside your user
    #[arg(long = "name", alias = "as", value_name = "NAME", global = true)]
    pub name: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the built-in rehearsal (local sandbox)
    #[command(after_help = "Exit status: 0 GO, or the drill passed; 1 failed; 6 NO-GO or inconclusive")]
    Rehearse(Rehearse),
    /// Open a checklist or a ledger on the screen
    Open(Open),
    /// Open a ledger read-only
    Watch { ledger: PathBuf },
    /// Show the cockpit as it stood at any moment
    Replay(replay::Replay),
    /// Run checks without the screen, one line per step
    #[command(
        after_help = "Exit status: 0 GO, or all items named passed; 1 an item failed; 4 refused; 6 NO-GO or inconclusive"
    )]
    Run(running::Run),
    /// Show deployment status
    Status(reported::Status),
    /// Print the output of an item's attempt
    Logs(reading::Logs),
    /// Check variables, access, versions and rights beforehand
    #[command(after_help = "Exit status: 0 nothing failed; 1 something did")]
    Doctor(reading::Doctor),
    /// Write a first checklist from three questions
    Init(reading::Init),
    /// Write a report: Markdown, HTML or JSON
    Report(reported::Report),
    /// Show the evidence for a sign-off
    Review(reported::Review),
    /// Fill in the Markdown document of an import
    Export(reported::Export),
    /// Check a checklist for errors
    #[command(after_help = "Exit status: 0 usable; 1 errors were found")]
    Lint(reading::Lint),
    /// Convert a Markdown checklist and report what was found
    Import(Import),
    /// Print a JSON schema: of checklists, reports or events
    Schema {
        #[arg(value_name = "DOCUMENT", default_value = "checklist")]
        of: reported::Document,
    },
    /// Predict migration failures, locks, durations (read-only)
    Preflight(running::Preflight),
    /// Fingerprint tables, or compare with saved fingerprints
    Fingerprint(Fingerprint),
    /// Load test an address: latency percentiles, errors, limits
    Load(load::Load),
    #[command(flatten)]
    Record(Recording),
    /// List alerts and silences
    #[command(after_help = "Exit status: 0 nothing asks for anybody; 1 an alert does")]
    Alerts(alerting::Alerts),
    /// Write what the next person must know, and record it
    Handover(items::Handover),
    /// Collect metrics in the background, without the screen
    Collect(collecting::Collect),
    /// Print collected metrics (table, CSV, JSON, `OpenMetrics`)
    Metrics(collecting::Metrics),
    /// Verify the ledger's hash chain, evidence and signatures
    Verify(proof::Verify),
    /// Print the ledger's head as one line, to post elsewhere
    Anchor(proof::Anchor),
    /// Show what changed since a sign-off
    #[command(after_help = "Exit status: 0 nothing changed; 1 something did")]
    Diff(proof::Diff),
    /// Drop scratch databases and kept copies; asks first
    Clean(Clean),
    /// Print shell completions
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Man,
    /// Carry out one attempt in a session of its own
    #[command(hide = true)]
    Supervise(SuperviseArguments),
    /// The simulated application's own programs
    #[command(name = "__rehearsal", alias = "rehearsal", hide = true, subcommand)]
    Rehearsal(RehearsalCommand),
}

/// The commands that record one thing in a ledger.
#[derive(Debug, Subcommand)]
pub enum Recording {
    /// Tick a manual step
    Tick(items::Tick),
    /// Waive a step, with a reason
    Waive(items::Waive),
    /// Enter a step's value
    Fill(items::Fill),
    /// Add a note to a step or the deployment
    Note(items::Note),
    /// Record a sign-off, or list the roles
    Sign(proof::Sign),
    /// Show who may sign, or record another `allowed_signers` file
    #[command(after_help = "Exit status: 0 recorded; 1 none is recorded")]
    Signers(proof::Signers),
    /// Adopt a corrected checklist, with a reason
    Amend(Amend),
    /// Plan the window, start the clock, import estimates
    Window(window::Window),
    /// Open, answer or show the go/no-go poll
    #[command(after_help = "Exit status: 0 nobody says NO-GO; 4 refused; 6 a role does")]
    Poll(window::Poll),
    /// Record or reopen the go/no-go decision
    #[command(after_help = "Exit status: 0 GO is recorded; 4 refused; 6 NO-GO is recorded")]
    Decide(window::Decide),
    /// Hold the clock
    Hold(window::Hold),
    /// Resume the clock
    Resume(window::Resume),
    /// Assign or release a role
    Role(window::Role),
    /// Override a closed gate (two-person rule)
    Override(gates::Override),
    /// Acknowledge an alert
    Ack(alerting::Ack),
    /// Silence a metric's alerts for a time, with a reason
    Silence(alerting::Silence),
    /// Abort the deployment and stop running steps
    Abort(window::Abort),
    /// Start or finish a rollback
    #[command(after_help = "Exit status: 0 started, or the old state is verified; 1 not all is verified; 4 refused")]
    Rollback(window::Rollback),
    /// Close a decided, aborted or rolled-back deployment
    Close(window::Close),
}

impl Recording {
    pub fn on(&self) -> &On {
        match self {
            Self::Tick(asked) => &asked.on,
            Self::Waive(asked) => &asked.on,
            Self::Fill(asked) => &asked.on,
            Self::Note(asked) => &asked.on,
            Self::Sign(asked) => &asked.on,
            Self::Signers(asked) => &asked.on,
            Self::Amend(asked) => &asked.on,
            Self::Window(asked) => &asked.on,
            Self::Poll(asked) => &asked.on,
            Self::Decide(asked) => &asked.on,
            Self::Hold(asked) => &asked.on,
            Self::Resume(asked) => &asked.on,
            Self::Role(asked) => &asked.on,
            Self::Override(asked) => &asked.on,
            Self::Ack(asked) => &asked.on,
            Self::Silence(asked) => &asked.on,
            Self::Abort(asked) => &asked.on,
            Self::Rollback(asked) => &asked.on,
            Self::Close(asked) => &asked.on,
        }
    }
}

#[derive(Debug, Args)]
pub struct Rehearse {
    /// Folder of the rehearsal; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Run by itself, one line per step; also when standard output is no terminal
    #[arg(long)]
    pub headless: bool,
    /// What to rehearse instead of the whole deployment
    #[arg(value_name = "DRILL")]
    pub only: Option<running::Only>,
    /// Build a fault in; may be given several times. `no-go` and `hold` happen by the clock: without --pace it runs 20 times
    /// as fast
    #[arg(long, value_name = "NAME", value_parser = faults())]
    pub fault: Vec<String>,
    /// Fly the window by the clock, from T-10 on, so many times as fast as time passes: 1 to 20. Simulated people fly up to
    /// T-10 at once; from there on each step waits for its offset
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub pace: Option<u32>,
    /// Fly on after the decision: the first 24 hours pass in TIME, and so do the rest of the 7 days; 2m unless given.
    /// The clock runs as much faster, samples are taken as usual
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "2m", value_parser = day)]
    pub days: Option<Duration>,
    #[arg(long, value_name = "DRILL", hide = true)]
    pub drill: Option<Drill>,
    #[arg(long, hide = true)]
    pub prove: bool,
    /// Print each record as a line of JSON, as `status --json --follow` does, without the screen
    #[arg(long)]
    pub json: bool,
    /// Rows of process data in production
    #[arg(long, value_name = "N", default_value_t = 120_000, value_parser = clap::value_parser!(u64).range(120_000..=50_000_000))]
    pub rows: u64,
    #[command(flatten)]
    pub over: Overlays,
    #[command(flatten)]
    pub by: Named,
}

/// How long a day of a rehearsal takes.
fn day(text: &str) -> Result<Duration, String> {
    let day = crate::checklist::offset::Span::parse(text).map_err(|why| why.to_string())?.duration();
    let fits = (Duration::from_secs(20)..=Duration::from_hours(1)).contains(&day);
    if fits { Ok(day) } else { Err("a day takes from 20s to 1h".to_owned()) }
}

/// The faults by name, with what each leads to; `list` prints them too.
fn faults() -> PossibleValuesParser {
    let known = Fault::ALL.iter().map(|fault| PossibleValue::new(fault.name()).help(fault.description()));
    known.chain([PossibleValue::new("list").hide(true)]).collect::<Vec<_>>().into()
}

/// What a rehearsal is flown for besides the deployment itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Drill {
    Rollback,
}

#[derive(Debug, Args)]
pub struct Open {
    /// A checklist (.toml, or .md as GitHub renders it), a ledger (.ledger.toml), or the name of one that ships:
    /// neurohub, postgres-major-upgrade, service-release
    pub file: PathBuf,
    #[command(flatten)]
    pub over: Overlays,
    /// Which environment fills a slot
    #[arg(long = "env", value_name = "SLOT=ENV")]
    pub environments: Vec<String>,
    /// Where the ledger is; `<stem>.ledger.toml` in this folder unless given
    #[arg(long, value_name = "LEDGER")]
    pub ledger: Option<PathBuf>,
    /// `allowed_signers` of OpenSSH: whose keys may sign; in the place of the file that the checklist names
    #[arg(long, value_name = "FILE")]
    pub allowed_signers: Option<PathBuf>,
    /// A group on this host whose members may read and write the ledger too
    #[arg(long, value_name = "G")]
    pub group: Option<String>,
    /// Make the ledger and show its status, without the screen
    #[arg(long)]
    pub no_screen: bool,
    #[command(flatten)]
    pub by: Named,
}

#[derive(Debug, Args)]
pub struct Amend {
    #[command(flatten)]
    pub on: On,
    /// The checklist to follow from here on
    pub checklist: PathBuf,
    #[command(flatten)]
    pub over: Overlays,
    /// Why it is adopted
    #[arg(long = "note", alias = "reason", value_name = "WHY")]
    pub reason: String,
    /// Show what it would change, and record nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Small files laid over a checklist.
#[derive(Debug, Clone, Default, Args)]
pub struct Overlays {
    /// Lay an overlay over the checklist: it changes, adds and waives items and sets facts. May be given several times
    #[arg(long, value_name = "FILE.toml")]
    pub with: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Import {
    /// A Markdown file with task lists
    pub file: PathBuf,
    /// Write the checklist it amounts to
    #[arg(short, long, value_name = "FILE.toml")]
    pub output: Option<PathBuf>,
    /// Replace the file that is there
    #[arg(long, requires = "output")]
    pub force: bool,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
    /// Take over what only looks like an item too, each marked as a guess
    #[arg(long)]
    pub guesses: bool,
    /// Take over the guesses of these lines only: 12,15-20
    #[arg(long, value_name = "LINES", value_delimiter = ',', conflicts_with = "guesses")]
    pub guess: Vec<String>,
    /// Take over tasks in fenced blocks, which are there to be pasted elsewhere
    #[arg(long)]
    pub templates: bool,
}

#[derive(Debug, Args)]
pub struct Fingerprint {
    /// A checklist, or the name of one that ships; only its environments matter
    pub checklist: PathBuf,
    #[command(flatten)]
    pub over: Overlays,
    /// The environment whose database is read
    #[arg(long = "env", value_name = "ENV")]
    pub environment: String,
    /// Only these tables, comma-separated
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub tables: Vec<String>,
    /// Write them to a file
    #[arg(short, long, value_name = "FILE.toml", conflicts_with = "against")]
    pub output: Option<PathBuf>,
    /// Compare with those in a file
    #[arg(long, value_name = "FILE.toml")]
    pub against: Option<PathBuf>,
    /// Print JSON (format 1)
    #[arg(long, conflicts_with = "against")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Clean {
    #[command(flatten)]
    pub on: On,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// The ledger's name, typed as confirmation
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
}
