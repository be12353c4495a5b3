//! `gonogo rehearse`: builds the Simulated NeuroHub and flies it, on the screen or by itself.

mod days;
mod drill;
pub(crate) mod prove;
pub(crate) mod script;

use super::fly::Headless;
use super::open::{self, Source};
use super::status::event;
use super::{Failure, acting, cockpit};
use crate::cli::{Drill, Look, Rehearse};
use crate::cockpit::model::Access;
use crate::deployment::criteria::{self, Call};
use crate::deployment::fact::Approval;
use crate::deployment::flight::Crew;
use crate::deployment::{Board, Intent, Operator};
use crate::ledger::{Layout, Ledger};
use crate::rehearsal::{Fault, Sandbox, Slot, traffic};
use crate::{collector, printed, program};
use prove::Prover;
use script::Script;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

pub(crate) const LEDGER: &str = "neurohub.ledger.toml";
/// The folder in which it is built unless set otherwise.
pub(crate) const FOLDER: &str = "neurohub-rehearsal";

/// How long a day takes where a fault needs days and nobody said how long.
const DAY: Duration = Duration::from_mins(2);

/// Load on the service, until it is dropped.
struct Traffic(JoinHandle<()>);

impl Drop for Traffic {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Flies the rehearsal. Exit status 0 on GO or when the screen was left in peace.
pub(crate) async fn rehearse(asked: Rehearse, look: Look, out: &mut dyn Write) -> Result<u8, Failure> {
    let asked = asked.resolved();
    if asked.json && !asked.fault.iter().any(|name| name == "list") {
        return Box::pin(reported(asked, look, &mut io::sink(), Some(out))).await;
    }
    Box::pin(reported(asked, look, out, None)).await
}

/// As [`rehearse`], with where each record goes as a line of JSON.
async fn reported(
    asked: Rehearse,
    look: Look,
    out: &mut dyn Write,
    events: Option<&mut dyn Write>,
) -> Result<u8, Failure> {
    if asked.fault.iter().any(|name| name == "list") {
        for fault in Fault::ALL {
            writeln!(out, "{:<14} {}", fault.name(), fault.description())?;
        }
        return Ok(0);
    }
    let faults = asked.fault.iter().map(|name| Fault::parse(name)).collect::<Result<Vec<_>, _>>()?;
    let headless = asked.headless || asked.prove || asked.json || asked.drill.is_some() || !printed::is_terminal();
    let by = acting(&asked.by);
    let folder = folder(asked.dir.as_deref(), headless);
    let known = folder.join(LEDGER);
    let program = program::to_start()?;
    let began = Instant::now();
    let (sandbox, ledger) = if known.exists() {
        if !faults.is_empty() {
            let text = format!(
                "{} is built already; faults are laid when a rehearsal is built, so name another --dir",
                folder.display()
            );
            return Err(Failure::refused(text));
        }
        super::refuse_overlays(&asked.over)?;
        let sandbox = Sandbox::open(&folder)?;
        writeln!(out, "going on with the rehearsal in {}", folder.display())?;
        let ledger = open::open_ledger(&known, &by)?;
        sandbox.wake_services(&program).await?;
        (sandbox, ledger)
    } else {
        let (name, text) = open::NEUROHUB;
        let source = Source { name: format!("{name}.toml"), text: text.to_owned() };
        let source = open::lay(source, &asked.over.with)?;
        let mut built = build(&folder, &source, asked.rows, &faults, &by, out).await?;
        if asked.days.is_some() || faults.iter().any(|fault| fault.is_late()) {
            built.0.time_by_model()?;
        }
        built.0.start_services(&program).await?;
        built
    };
    let days = asked.days.or_else(|| sandbox.settings.faults.iter().any(|fault| fault.is_late()).then_some(DAY));
    let script = Script::of(&sandbox.settings, asked.pace, days);
    let address = sandbox.settings.address(&sandbox.folder, Slot::Production)?;
    let traffic = script.as_ref().is_some_and(Script::has_days).then(|| Traffic(tokio::spawn(traffic::flow(address))));
    if !headless {
        let ledger = match script {
            Some(script) => {
                let ledger = Box::pin(to_the_window(ledger, &by, &script, out)).await?;
                script.hold_beside_the_screen(ledger.path(), &by);
                script.days_beside_the_screen(ledger.path(), &by);
                ledger
            }
            None => ledger,
        };
        return on_screen(&sandbox, ledger, by, &look, out).await;
    }
    let since = super::tell::Since::of(&ledger, &by);
    if traffic.is_some() {
        // What is watched after the decision is sampled from here on, as beside a cockpit.
        collector::spawn::spawn(ledger.path(), |_, _| {})?;
    }
    let evidence = ledger.layout().evidence().to_owned();
    let flown = Box::pin(headless_flight(ledger, by, script, &asked, (&mut *out, events))).await;
    since.tell(out).await?;
    if traffic.is_some() {
        super::collect::stop(&evidence).await?;
    }
    drop(traffic);
    sandbox.rest_services().await?;
    let status = flown?;
    writeln!(out, "\n{:.1} s in all; the ledger is {}", began.elapsed().as_secs_f64(), known.display())?;
    Ok(status)
}

/// A rehearsal's ledger opened by its path: its services come back as they were left.
pub(crate) async fn open_again(ledger: Ledger, by: Operator, look: &Look, out: &mut dyn Write) -> Result<u8, Failure> {
    let sandbox = Sandbox::open(ledger.layout().home())?;
    sandbox.wake_services(&program::to_start()?).await?;
    on_screen(&sandbox, ledger, by, look, out).await
}

async fn on_screen(
    sandbox: &Sandbox,
    ledger: Ledger,
    by: Operator,
    look: &Look,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let path = ledger.path().to_owned();
    let flown = cockpit::fly(ledger, by, Access::Flies, look).await;
    farewell(sandbox, &path, out).await?;
    flown.map(|()| 0)
}

/// The folder asked for, or the first free name here: a headless flight always begins anew, a person goes on.
fn folder(asked: Option<&Path>, headless: bool) -> PathBuf {
    if let Some(folder) = asked {
        return folder.to_owned();
    }
    let first = PathBuf::from(FOLDER);
    if !headless || !first.exists() {
        return first;
    }
    (2..1_000).map(|n| PathBuf::from(format!("{FOLDER}-{n}"))).find(|folder| !folder.exists()).unwrap_or(first)
}

async fn build(
    folder: &Path,
    source: &Source,
    rows: u64,
    faults: &[Fault],
    by: &Operator,
    out: &mut dyn Write,
) -> Result<(Sandbox, Ledger), Failure> {
    let began = Instant::now();
    writeln!(out, "building the rehearsal in {}", folder.display())?;
    let mut said = Vec::new();
    let sandbox = Sandbox::build(folder, rows, faults, |words| said.push(words.to_owned())).await?;
    for words in said {
        writeln!(out, "  {words}")?;
    }
    for fault in faults {
        writeln!(out, "  fault {}: {}", fault.name(), fault.description())?;
    }
    let asked = ["staging", "production"].map(|slot| (slot.into(), format!("rehearsal-{slot}").as_str().into()));
    let ledger = open::open_checklist(source, &folder.join(LEDGER), &asked, None, by)?;
    writeln!(out, "  built in {:.1} s", began.elapsed().as_secs_f64())?;
    Ok((sandbox, ledger))
}

async fn headless_flight(
    ledger: Ledger,
    by: Operator,
    script: Option<Script>,
    asked: &Rehearse,
    (out, events): (&mut dyn Write, Option<&mut dyn Write>),
) -> Result<u8, Failure> {
    let mut headless = Headless::new(ledger, by, Crew::Simulated, out);
    headless.events = events.map(|events| events as &mut dyn Write);
    if asked.prove {
        headless.prover = Some(Prover::new(headless.ledger.layout().home())?);
    }
    headless.sit(None)?;
    let days = script.as_ref().is_some_and(Script::has_days);
    let mut flown = Box::pin(fly_all(&mut headless, script, asked.drill)).await;
    if let (Ok(None), true, None) = (&flown, days, &headless.ledger.state().ending) {
        flown = Box::pin(days::fly(&mut headless)).await;
    }
    headless.tell_records()?;
    let Headless { mut ledger, operator, prover, out, events, .. } = headless;
    let so_far = ledger.records().len();
    let status = match flown {
        Ok(Some(status)) => Ok(status),
        Ok(None) => match ledger.state().ending.clone() {
            Some(ended) => {
                writeln!(out, "\n{}  {}", ended.ending.word().to_uppercase(), ended.reason)?;
                Ok(1)
            }
            None => decide(&mut ledger, &operator, out),
        },
        Err(failure) => Err(failure),
    };
    ledger.leave_seat(&operator)?;
    if let Some(events) = events {
        for record in ledger.records().iter().skip(so_far) {
            event::write(ledger.plan(), record, events)?;
        }
    }
    let proven = prover.map_or(Ok(0), |prover| prover.account(out))?;
    status.map(|status| status.max(proven))
}

/// Flies the checklist, by the clock where a script says so; gives the exit status of a drill.
async fn fly_all(
    headless: &mut Headless<'_>,
    script: Option<Script>,
    asked: Option<Drill>,
) -> Result<Option<u8>, Failure> {
    if let Some(script) = script {
        Box::pin(start_window(headless, &script)).await?;
        headless.script = Some(script);
    }
    let Some(Drill::Rollback) = asked else {
        Box::pin(headless.fly(None)).await?;
        return Ok(None);
    };
    let plan = headless.ledger.plan().clone();
    let state = headless.ledger.state();
    let migration = drill::migration(&plan);
    let carried_out = migration.as_ref().is_some_and(|item| state.latest(item).is_some());
    if state.rollback.as_ref().is_some_and(|rollback| rollback.over.is_some()) {
        return Err(Failure::refused("this rehearsal was rolled back already; name another --dir"));
    }
    if !carried_out {
        headless.fly_where(|_, _| true, |item| Some(item) == migration.as_ref()).await?;
    }
    Box::pin(drill::go_back(headless)).await.map(Some)
}

/// Flies up to the window and starts its clock, if the window can be reached.
async fn start_window(headless: &mut Headless<'_>, script: &Script) -> Result<(), Failure> {
    if headless.ledger.state().clock.count.is_some() || headless.ledger.state().ending.is_some() {
        return Ok(());
    }
    headless.fly_where(script::is_ground, |_| false).await?;
    if headless.failed() > 0 {
        return Ok(());
    }
    script.start(headless)
}

/// Simulated people fly up to T-10; from there on it is the person's at the screen.
async fn to_the_window(ledger: Ledger, by: &Operator, script: &Script, out: &mut dyn Write) -> Result<Ledger, Failure> {
    let mut headless = Headless::new(ledger, by.clone(), Crew::Simulated, out);
    headless.sit(None)?;
    let flown = Box::pin(start_window(&mut headless, script)).await;
    let Headless { mut ledger, .. } = headless;
    ledger.leave_seat(by)?;
    flown.map(|()| ledger)
}

/// Prints the go/no-go table and records the decision it calls for.
fn decide(ledger: &mut Ledger, by: &Operator, out: &mut dyn Write) -> Result<u8, Failure> {
    let plan = ledger.plan().clone();
    let mut board = Board::new(&plan, ledger.state());
    writeln!(out, "\nGo/no-go")?;
    for line in criteria::criteria(&plan, ledger.state(), &board) {
        writeln!(out, "  {:<13}{:<9}{}: {}", line.call.word(), line.due.word(), line.item.title, line.value)?;
    }
    let tally = board.tally(plan.checklist().items());
    writeln!(
        out,
        "\n  {}; {} open ({} failed); {} measured by the program",
        tally.words(),
        tally.left(),
        tally.failed,
        tally.measured
    )?;
    let go = criteria::may_go(&plan, ledger.state(), &mut board);
    let outlook = criteria::outlook(&plan, ledger.state(), &board);
    let (decision, reason) = match &go {
        Ok(()) => (Approval::Go, "every criterion due now says go".to_owned()),
        Err(reasons) => (Approval::NoGo, reasons.iter().take(3).cloned().collect::<Vec<_>>().join("; ")),
    };
    let stands = ledger.state().decision().map(|(_, decided)| decided.decision);
    if stands != Some(decision) {
        if stands.is_some() {
            let reason = "what it rests on has changed".to_owned();
            ledger.append(&by.simulating("captain"), Intent::ReopenDecision { reason })?;
        }
        ledger.append(&by.simulating("captain"), Intent::Decide { decision, reason })?;
    }
    match go {
        Ok(()) => {
            writeln!(out, "\n{}", outlook.coverage.after("GO"))?;
            Ok(0)
        }
        Err(reasons) => {
            let word = if outlook.call == Call::NoGo { "NO-GO" } else { "NO-GO (inconclusive)" };
            writeln!(out, "\n{}", outlook.coverage.after(word))?;
            for reason in reasons {
                writeln!(out, "  {reason}")?;
            }
            Ok(super::NO_GO)
        }
    }
}

/// After the screen: services stop, unless something still runs.
async fn farewell(sandbox: &Sandbox, ledger: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let running = Ledger::open(ledger)?.state().running().count();
    if running > 0 {
        writeln!(
            out,
            "{running} attempt still runs under its own supervisor; `gonogo open {}` shows it",
            ledger.display()
        )?;
        return Ok(());
    }
    // A rehearsal that nobody flies is not watched either.
    super::collect::stop(Layout::new(ledger).evidence()).await?;
    sandbox.rest_services().await?;
    writeln!(
        out,
        "the rehearsal's services are stopped; `gonogo rehearse --dir {}` continues",
        sandbox.folder.display()
    )?;
    Ok(())
}
