//! `gonogo run`: carries out checks without the screen.

mod sense;

use super::fly::Headless;
use super::{Failure, acting, find, open};
use crate::checklist::{ItemId, PhaseId};
use crate::cli::running::Run;
use crate::deployment::criteria::{self, Call};
use crate::deployment::fact::Approval;
use crate::deployment::flight::Crew;
use crate::deployment::{Board, Intent};
use crate::program;
use crate::rehearsal::Sandbox;
use chrono::Utc;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

pub(crate) async fn run(asked: Run, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let ledger = open::open_ledger(&asked.on.ledger, &by)?;
    let plan = ledger.plan().clone();
    let phase = asked.phase.as_deref().map(PhaseId::new);
    if let Some(phase) = &phase
        && plan.checklist().phase(phase).is_none()
    {
        let phases: Vec<&str> = plan.checklist().phases.iter().map(|phase| phase.id.as_str()).collect();
        return Err(Failure::usage(format!("the checklist has no phase `{phase}`; it has {}", phases.join(", "))));
    }
    let named = asked.items.iter().map(|wanted| find::item(plan.checklist(), wanted));
    let items: Vec<ItemId> = named.collect::<Result<_, _>>()?;
    // Before anything is done, so that a run is not carried out for a file that cannot be.
    let mut junit = match asked.junit {
        Some(path) => {
            let file = File::create(&path).map_err(|error| unwritten(&path, &error))?;
            Some((path, file))
        }
        None => None,
    };
    let seat = by.clone();
    let mut nowhere = io::sink();
    let (words, events): (&mut dyn Write, Option<&mut dyn Write>) =
        if asked.json { (&mut nowhere, Some(&mut *out)) } else { (&mut *out, None) };
    let mut headless = Headless::new(ledger, by, Crew::People, words);
    headless.events = events;
    headless.confirmation = asked.confirm;
    let mut sensed = 0;
    // Nothing that would be refused, or has nothing to do, takes a seat for that.
    let refused = headless.refusals(&items)?;
    let all_refused = !items.is_empty() && refused.len() == items.len();
    let idle = all_refused || (items.is_empty() && !headless.has_next(phase.as_ref()));
    let sits = !idle || asked.sense || asked.take_over.is_some();
    // A rehearsal's services are there while somebody flies it.
    let sandbox = if plan.is_rehearsal() { Sandbox::open(headless.ledger.layout().home()).ok() } else { None };
    let mut woken = None;
    if let Some(sandbox) = sandbox
        && sandbox.wake_services(&program::to_start()?).await?
    {
        woken = Some(sandbox);
    }
    let sat = if sits { headless.sit(asked.take_over.as_deref()) } else { Ok(()) };
    let flown = match sat {
        Ok(()) if all_refused && !sits => headless.refuse_all(refused),
        Ok(()) => {
            let mut flown = Box::pin(fly(&mut headless, &items, phase.as_ref())).await;
            if asked.sense && flown.is_ok() {
                flown = Box::pin(sense::sense(&headless.ledger, &headless.operator, &mut *headless.out)).await.map(
                    |status| {
                        sensed = status;
                    },
                );
            }
            if sits {
                flown = flown.and(headless.ledger.leave_seat(&seat).map_err(Failure::from));
            }
            flown
        }
        refused => refused,
    };
    headless.tell_failures()?;
    headless.tell_records()?;
    if let Some((path, file)) = &mut junit {
        headless.write_junit(file).map_err(|error| unwritten(path, &error))?;
    }
    // Whoever woke them puts them to rest again, also after a failure.
    if let Some(sandbox) = woken.filter(|_| headless.ledger.state().running().next().is_none()) {
        sandbox.rest_services().await?;
    }
    flown?;
    Ok(match headless.exit_status() {
        // Sensing goes on until somebody ends it, GO or not: what counts is what was lost.
        status if asked.sense && status == super::NO_GO => sensed,
        status => status.max(sensed),
    })
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    Failure::not_fine(format!("{} cannot be written: {error}", path.display()))
}

async fn fly(headless: &mut Headless<'_>, items: &[ItemId], phase: Option<&PhaseId>) -> Result<(), Failure> {
    if items.is_empty() {
        Box::pin(headless.fly(phase)).await?;
        headless.account(phase)?;
        let (plan, state) = (headless.ledger.plan(), headless.ledger.state());
        let outlook = criteria::outlook(plan, state, &Board::at(plan, state, Utc::now()));
        let running: Vec<String> = state.running().map(|attempt| attempt.item.to_string()).collect();
        let going_back = state.rollback.is_some() || state.ending.is_some();
        if !going_back {
            // What a decision recorded counts; before there is one, what it would be.
            headless.call = phase.is_none().then(|| match state.decision().map(|(_, decided)| decided.decision) {
                Some(Approval::Go) => Call::Go,
                Some(Approval::NoGo) => Call::NoGo,
                None => outlook.call,
            });
            let word = outlook.coverage.after(&outlook.call.word().to_uppercase());
            writeln!(headless.out, "\nOutlook: {word}")?;
        }
        if !running.is_empty() {
            let text = format!(
                "still running, begun by another process: {}; its outcome is not known yet, see gonogo status",
                running.join(", ")
            );
            return Err(Failure::not_fine(text));
        }
    }
    for id in items {
        if headless.is_evaluated(id) {
            headless.append(id, Intent::EvaluateItem { item: id.clone() }, None)?;
        } else {
            headless.run(id).await?;
        }
    }
    Ok(())
}
