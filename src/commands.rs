//! One file a subcommand: each composes the edges without the screen, or opens the screen.

pub(crate) mod alerts;
pub(crate) mod amend;
pub(crate) mod anchor;
pub(crate) mod clean;
pub(crate) mod cockpit;
pub(crate) mod collect;
mod confirm;
pub(crate) mod diff;
pub(crate) mod doctor;
mod export;
pub(crate) mod failure;
mod find;
pub(crate) mod fingerprint;
pub(crate) mod fly;
mod folder;
pub(crate) mod handover;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod items;
pub(crate) mod lint;
pub(crate) mod load;
pub(crate) mod logs;
pub(crate) mod metrics;
pub mod open;
pub(crate) mod poll;
pub(crate) mod preflight;
mod recorded;
pub(crate) mod rehearse;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod review;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod seat;
pub(crate) mod sign;
pub(crate) mod signers;
pub(crate) mod start;
pub mod status;
pub(crate) mod tell;
pub mod verify;
pub(crate) mod window;

pub use failure::Failure;

use crate::attempts::SuperviseArguments;
use crate::attempts::open_databases::OpenDatabases;
use crate::cli::{Cli, Command, Look, Named, On, Open, Overlays, Recording, grouped};
use crate::cockpit::model::Access;
use crate::config::variables;
use crate::deployment::{Board, Intent, Operator, criteria, numbers};
use crate::harmless::one_line;
use crate::ledger::{Ledger, operator};
use crate::{printed, program};
use chrono::Utc;
use clap::CommandFactory;
use recorded::{Printed, Recorded};
use status::Form;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The exit status of a damaged ledger.
const DAMAGED: u8 = 3;
/// The exit status of a NO-GO, and of what is inconclusive while nothing failed.
const NO_GO: u8 = 6;

/// Who acts: the system's user, and the name stated.
fn acting(by: &Named) -> Operator {
    operator::current(by.name.as_deref())
}

/// The ledger that is meant where none is named: `GONOGO_LEDGER`, or the only one in this folder.
pub fn default_ledger() -> Option<OsString> {
    if let Some(named) = std::env::var_os("GONOGO_LEDGER").filter(|named| !named.is_empty()) {
        return Some(named);
    }
    match open::ledgers(Path::new(".")).as_slice() {
        [only] => Some(only.strip_prefix(".").unwrap_or(only).as_os_str().to_owned()),
        _ => None,
    }
}

/// What to choose from where a ledger is needed, none is named and the folder has several: each with how far it is and how
/// old, and how to choose. Nothing elsewhere.
pub fn several_ledgers() -> Option<String> {
    let ledgers = open::ledgers(Path::new("."));
    let named = std::env::var_os("GONOGO_LEDGER").is_some_and(|named| !named.is_empty());
    if ledgers.len() < 2 || named {
        return None;
    }
    let mut text = format!("this folder has {} ledgers; which one is meant?", ledgers.len());
    for line in listed(&ledgers) {
        text = format!("{text}\n  {line}");
    }
    Some(format!("{text}\nhint: name it after the command, or `export GONOGO_LEDGER=FILE`"))
}

/// A line for each ledger: its name, its state, how far it is, and how long ago it was written to.
fn listed(ledgers: &[PathBuf]) -> Vec<String> {
    let name = |path: &PathBuf| path.strip_prefix(".").unwrap_or(path).display().to_string();
    let wide = ledgers.iter().map(|path| name(path).chars().count()).max().unwrap_or(0);
    let line = |path: &PathBuf| {
        let state = match Ledger::open(path) {
            Err(error) => format!("cannot be read: {error}"),
            Ok(ledger) => {
                let (plan, state, now) = (ledger.plan(), ledger.state(), Utc::now());
                let tally = Board::at(plan, state, now).tally(plan.checklist().items());
                let age = state.last_at.map(|at| format!(", {} ago", numbers::age(now, at))).unwrap_or_default();
                let title = one_line(&plan.checklist().title);
                format!("{}, {}{age}  {title}", criteria::outcome(state), tally.words())
            }
        };
        format!("{:wide$}  {state}", name(path))
    };
    ledgers.iter().map(line).collect()
}

/// The command line as it was typed, for the log.
fn words() -> String {
    std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Carries a command line out and gives the exit status.
pub fn carry_out(cli: Cli) -> Result<u8, Failure> {
    tracing::info!(pid = std::process::id(), version = env!("CARGO_PKG_VERSION"), "began: {}", words());
    if let Some(Command::Supervise(asked)) = cli.command {
        return supervise(&asked);
    }
    // Two workers are enough for what is carried out beside the loop, also on a bastion with many processors.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut out = Printed::new();
    let before = cli.command.as_ref().and_then(Recorded::of);
    let status = runtime.block_on(async {
        program::outlive_size_limits();
        dispatch(cli, &mut out).await
    });
    // A worker that still waits for something must not keep the person waiting.
    runtime.shutdown_background();
    let _ = out.flush();
    match out.trouble() {
        None => status,
        Some(trouble) => Err(recorded::failure(&trouble, before.as_ref(), status)),
    }
}

async fn dispatch(cli: Cli, out: &mut dyn Write) -> Result<u8, Failure> {
    let look = cli.look;
    if let Some((path, wanted)) = cli.command.as_ref().and_then(named) {
        folder::refuse(path, wanted)?;
    }
    match cli.command {
        None => here(&look, out).await,
        Some(Command::Rehearse(asked)) => Box::pin(rehearse::rehearse(asked, look, out)).await,
        Some(Command::Open(asked)) => Box::pin(self::open(asked, &look, out)).await,
        Some(Command::Watch { ledger }) => {
            let by = operator::current(None);
            cockpit::fly(Ledger::open(&ledger)?, by, Access::Watches, &look).await.map(|()| 0)
        }
        Some(Command::Replay(asked)) => Box::pin(replay::replay(&asked, &look, out)).await,
        Some(Command::Lint(asked)) => lint::lint(&asked, out),
        Some(Command::Schema { of }) => schema::schema(of, out),
        Some(Command::Import(asked)) => import::import(&asked, out),
        Some(Command::Run(asked)) => {
            let since = tell::Since::now(&asked.on.ledger, &acting(&asked.on.by));
            let done = Box::pin(run::run(asked, out)).await;
            since.tell(out).await?;
            done
        }
        Some(Command::Status(asked)) => status::asked(&asked, out).await,
        Some(Command::Logs(asked)) => logs::logs(&asked, out).await,
        Some(Command::Doctor(asked)) => Box::pin(doctor::doctor(&asked, out)).await,
        Some(Command::Init(asked)) => init::init(asked, out),
        Some(Command::Report(asked)) => report::report(&asked, out).await,
        Some(Command::Review(asked)) => report::review(&asked, out),
        Some(Command::Export(asked)) => export::export(&asked, out),
        Some(Command::Preflight(asked)) => preflight::preflight(&asked, out).await,
        Some(Command::Load(asked)) => load::load(&asked, look.ascii, out).await,
        Some(Command::Fingerprint(asked)) => fingerprint::fingerprint(&asked, out).await,
        Some(Command::Record(recording)) => self::record(recording, out).await,
        Some(Command::Handover(asked)) => Box::pin(handover::handover(&asked, out)).await,
        Some(Command::Collect(asked)) => Box::pin(collect::collect(&asked.resolved(), out)).await,
        Some(Command::Alerts(asked)) => alerts::alerts(&asked, out),
        Some(Command::Metrics(asked)) => metrics::metrics(&asked, out).await,
        Some(Command::Verify(asked)) => Ok(verify::verify_asked(&asked, out, &mut printed::err())?),
        Some(Command::Anchor(asked)) => Box::pin(anchor::anchor(&asked, out)).await,
        Some(Command::Diff(asked)) => diff::diff(&asked, out),
        Some(Command::Clean(asked)) => Box::pin(clean::clean(asked, out)).await,
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut grouped::command(), "gonogo", &mut text);
            out.write_all(&text)?;
            Ok(0)
        }
        Some(Command::Man) => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            out.write_all(&text)?;
            Ok(0)
        }
        Some(Command::Supervise(asked)) => supervise(&asked),
        Some(Command::Rehearsal(command)) => Ok(crate::rehearsal::command::run(command).await?),
    }
}

/// Carries out a command that records one thing; whoever is to hear of it is notified.
async fn record(recording: Recording, out: &mut dyn Write) -> Result<u8, Failure> {
    let On { ledger, by } = recording.on().clone();
    let act = |out: &mut dyn Write| match recording {
        Recording::Tick(asked) => items::tick(asked, out),
        Recording::Waive(asked) => items::waive(asked, out),
        Recording::Fill(asked) => items::fill(asked, out),
        Recording::Note(asked) => items::note(&asked, out),
        Recording::Sign(asked) => sign::sign(asked, out),
        Recording::Signers(asked) => signers::signers(&asked, out),
        Recording::Amend(asked) => amend::amend(&asked, out),
        Recording::Window(asked) => window::window(asked, out),
        Recording::Poll(asked) => poll::poll(asked, out),
        Recording::Decide(asked) => poll::decide(asked, out),
        Recording::Hold(asked) => window::hold(asked, out),
        Recording::Resume(asked) => window::resume(asked, out),
        Recording::Role(asked) => window::role(asked, out),
        Recording::Override(asked) => window::override_gate(asked, out),
        Recording::Ack(asked) => alerts::ack(asked, out),
        Recording::Silence(asked) => alerts::silence(asked, out),
        Recording::Abort(asked) => window::abort(asked, out),
        Recording::Rollback(asked) => window::rollback(asked, out),
        Recording::Close(asked) => window::close(asked, out),
    };
    tell::telling(&ledger, &acting(&by), out, act).await
}

/// The file that a command is about, and what it should be.
fn named(command: &Command) -> Option<(&Path, &'static str)> {
    Some(match command {
        Command::Open(asked) => (&asked.file, "a checklist or a ledger"),
        Command::Lint(asked) => (&asked.checklist, "a checklist"),
        Command::Import(asked) => (&asked.file, "a Markdown file"),
        Command::Watch { ledger } => (ledger, "a ledger"),
        Command::Verify(asked) => (asked.ledger.as_deref()?, "a ledger"),
        Command::Anchor(asked) => (&asked.on.ledger, "a ledger"),
        Command::Diff(asked) => (&asked.ledger, "a ledger"),
        Command::Status(asked) => (&asked.ledger, "a ledger"),
        Command::Logs(asked) => (&asked.ledger, "a ledger"),
        Command::Replay(asked) => (&asked.ledger, "a ledger"),
        Command::Report(asked) => (&asked.ledger, "a ledger"),
        Command::Review(asked) => (&asked.ledger, "a ledger"),
        Command::Export(asked) => (&asked.ledger, "a ledger"),
        Command::Run(asked) => (&asked.on.ledger, "a ledger"),
        Command::Clean(asked) => (&asked.on.ledger, "a ledger"),
        Command::Handover(asked) => (&asked.on.ledger, "a ledger"),
        Command::Collect(asked) => (&asked.ledger, "a ledger"),
        Command::Alerts(asked) => (&asked.ledger, "a ledger"),
        Command::Metrics(asked) => (&asked.ledger, "a ledger"),
        Command::Record(recording) => (&recording.on().ledger, "a ledger"),
        _ => return None,
    })
}

/// The supervisor brings its own runtime: it makes a session of its own before any thread starts.
fn supervise(asked: &SuperviseArguments) -> Result<u8, Failure> {
    let user = operator::current_user();
    if asked.user != user {
        let text =
            format!("not started: --user is {}, and this process belongs to {user}; start it as yourself", asked.user);
        return Err(Failure::refused(text));
    }
    let mut ledger = Ledger::open(&asked.ledger)?;
    ledger.act_for(asked.session());
    Ok(crate::attempts::supervisor::run(Box::new(ledger), asked, Arc::new(OpenDatabases)))
}

async fn open(asked: Open, look: &Look, out: &mut dyn Write) -> Result<u8, Failure> {
    let screen = !asked.no_screen && !printed::is_kept();
    if screen {
        cockpit::needs_screen()?;
    }
    let by = acting(&asked.by);
    let environments = open::asked(&asked.environments)?;
    // Named on this very command line it may lie elsewhere than its ledger.
    let named = Some(asked.file.clone()).filter(|file| !open::is_ledger(file) && asked.over.with.is_empty());
    let ledger = if open::is_ledger(&asked.file) {
        if !environments.is_empty() {
            let text = "a ledger keeps the environments it was opened with; give --env with a checklist";
            return Err(Failure::usage(text));
        }
        refuse_overlays(&asked.over)?;
        open::open_ledger(&asked.file, &by)?
    } else {
        let (source, account) = open::source_with(&asked.file, &asked.over.with)?;
        let path = asked.ledger.unwrap_or_else(|| open::ledger_path(&source));
        let known = path.exists();
        if let Some(account) = account.filter(|_| !path.exists()) {
            let left_out = import::write_short(&account, out)?;
            if screen && left_out {
                // Nothing is recorded yet: what is missing on the screen must not surprise anybody in the window.
                wait_for_enter("Enter opens it without them, Ctrl-C leaves. ", out)?;
            }
        }
        // Before the ledger is made: one that lacks its signers would be the wrong one.
        let signers =
            if known { None } else { signers::named(&source, &asked.file, asked.allowed_signers.as_deref())? };
        let mut ledger = open::open_checklist(&source, &path, &environments, asked.group, &by)?;
        if let Some(signers) = signers {
            ledger.append(&by, Intent::RecordSigners(signers))?;
        }
        if let Some(reported) = known.then(|| amend::announce(&source, &asked.file, &ledger)).flatten() {
            writeln!(out, "{reported}")?;
            if screen {
                wait_for_enter("Enter opens the ledger with the checklist it follows, Ctrl-C leaves. ", out)?;
            }
        }
        ledger
    };
    let bound = ledger.plan().bindings().values().filter_map(|name| Some((name, ledger.plan().environment(name)?)));
    if let Some(lacks) = variables::login_lacks(bound) {
        writeln!(out, "note: {lacks}")?;
    }
    if screen {
        if ledger.plan().is_rehearsal() && crate::rehearsal::Sandbox::open(ledger.layout().home()).is_ok() {
            return rehearse::open_again(ledger, by, look, out).await;
        }
        let followed = cockpit::followed(&ledger);
        let same = |file: &PathBuf| {
            file.file_name().is_some_and(|name| Some(name.to_string_lossy().as_ref()) == followed.as_deref())
        };
        return match named.filter(same) {
            Some(file) => cockpit::fly_from(ledger, Some(file), by, Access::Flies, look).await.map(|()| 0),
            None => cockpit::fly(ledger, by, Access::Flies, look).await.map(|()| 0),
        };
    }
    writeln!(out, "{} is open", ledger.path().display())?;
    Ok(status::status(&ledger, Form::Text, out)?)
}

fn wait_for_enter(asked: &str, out: &mut dyn Write) -> Result<(), Failure> {
    write!(out, "{asked}")?;
    out.flush()?;
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

/// A ledger follows the checklist that it was opened with, overlays and all.
fn refuse_overlays(over: &Overlays) -> Result<(), Failure> {
    if over.with.is_empty() {
        return Ok(());
    }
    Err(Failure::usage("a ledger keeps the checklist it was opened with; give --with together with a checklist"))
}

/// Without a command: the deployment in this folder, else the start screen.
async fn here(look: &Look, out: &mut dyn Write) -> Result<u8, Failure> {
    let mut ledgers = open::ledgers(Path::new("."));
    let path = match (ledgers.pop(), ledgers.as_slice()) {
        (Some(only), []) => only,
        _ if printed::is_terminal() => return Box::pin(start::start(look, out)).await,
        (last, others) => {
            if last.is_none() {
                writeln!(out, "No deployment is open in this folder.\n")?;
            } else {
                writeln!(out, "This folder holds several deployments; name the one to open:\n")?;
            }
            let all: Vec<PathBuf> = others.iter().chain(&last).cloned().collect();
            for line in listed(&all) {
                writeln!(out, "  gonogo open {line}")?;
            }
            writeln!(out, "  gonogo rehearse           fly the built-in rehearsal")?;
            writeln!(out, "  gonogo open CHECKLIST     open a checklist and fly it")?;
            writeln!(out, "  gonogo --help             everything else")?;
            return Ok(2);
        }
    };
    let asked = Open {
        file: path,
        over: Overlays::default(),
        environments: Vec::new(),
        ledger: None,
        allowed_signers: None,
        group: None,
        no_screen: !printed::is_terminal(),
        by: Named::default(),
    };
    Box::pin(self::open(asked, look, out)).await
}
