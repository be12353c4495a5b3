//! The window without the screen: clock, estimates, roles, overridden gates, endings.

use super::confirm::confirm;
use super::{Failure, acting, open, seat};
use crate::checklist::model::{SignoffGroup, SignoffRole};
use crate::checklist::offset::Offset;
use crate::checklist::{GroupId, PhaseId, RoleId};
use crate::cli::gates::Override;
use crate::cli::window::{Abort, Close, Confirmed, Hold, Resume, Role, Rollback, Window};
use crate::cockpit::when;
use crate::deployment::account::flight::Flight;
use crate::deployment::fact::EstimatesAdopted;
use crate::deployment::rollback::Ending;
use crate::deployment::{Intent, Operator, Plan, Refusal, clock, timing};
use crate::ledger::Ledger;
use chrono::Utc;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::Path;

pub(crate) fn hold(asked: Hold, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let ledger = stop(&asked.on.ledger, &by, &Intent::HoldClock { reason: asked.reason })?;
    tell_clock(&ledger, out)
}

pub(crate) fn resume(asked: Resume, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    seat::drive(&asked.on.ledger, &by, |ledger| {
        ledger.append(&by, Intent::ResumeClock { reason: asked.reason })?;
        tell_clock(ledger, out)
    })
}

pub(crate) fn abort(asked: Abort, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let ending = ending(asked.failed);
    let decided = open::open_ledger(&asked.on.ledger, &by)?.state().decision().is_some();
    let what = if decided { "abort a deployment that is already decided" } else { "abort the deployment" };
    confirm_ending(&asked.on.ledger, what, &asked.confirmed, out)?;
    let ledger = stop(&asked.on.ledger, &by, &Intent::Abort { ending, reason: asked.reason })?;
    writeln!(out, "the deployment is {}", ending.word())?;
    let running = ledger.state().running().count();
    if running > 0 {
        let attempts = if running == 1 { "attempt was" } else { "attempts were" };
        writeln!(out, "{running} {attempts} asked to stop; `gonogo status` shows when")?;
    }
    let path = ledger.path().display();
    if crate::deployment::rollback::has_changed(ledger.plan(), ledger.state()) {
        writeln!(out, "production was changed; `gonogo rollback {path} start --note TEXT` starts a rollback")?;
    } else {
        writeln!(out, "nothing protected was changed, so there is nothing to undo")?;
    }
    Ok(0)
}

pub(crate) fn rollback(asked: Rollback, out: &mut dyn Write) -> Result<u8, Failure> {
    let asked = asked.resolved();
    let by = acting(&asked.on.by);
    if !asked.end {
        confirm_ending(&asked.on.ledger, "roll back; this cannot be cancelled", &asked.confirmed, out)?;
    }
    let intent = if asked.end {
        Intent::EndRollback { note: asked.reason }
    } else {
        Intent::BeginRollback { ending: ending(asked.failed), reason: asked.reason.unwrap_or_default() }
    };
    seat::drive(&asked.on.ledger, &by, |ledger| {
        ledger.append(&by, intent)?;
        let Some(rollback) = &ledger.state().rollback else { return Ok(0) };
        let Some((_, over)) = &rollback.over else {
            let path = ledger.path().display();
            writeln!(out, "rollback started; `gonogo run {path}` continues it")?;
            return Ok(0);
        };
        let seconds = over.took_ms / 1_000;
        if over.unverified.is_empty() {
            writeln!(out, "rolled back in {seconds} s; the old state is verified")?;
            return Ok(0);
        }
        writeln!(out, "rolled back in {seconds} s; not verified:")?;
        for open in &over.unverified {
            writeln!(out, "  {open}")?;
        }
        Ok(1)
    })
}

pub(crate) fn close(asked: Close, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    confirm_ending(&asked.on.ledger, "close the deployment for good", &asked.confirmed, out)?;
    seat::drive(&asked.on.ledger, &by, |ledger| {
        ledger.append(&by, Intent::Close { note: asked.note })?;
        writeln!(out, "the deployment is closed")?;
        Ok(0)
    })
}

pub(crate) fn window(asked: Window, out: &mut dyn Write) -> Result<u8, Failure> {
    let asked = asked.resolved();
    let by = acting(&asked.on.by);
    let usage = |option: &str, why: when::NotAMoment| Failure::usage(format!("--{option}: {why}"));
    let zero = asked.zero.as_deref().map(|text| when::parse(text, Utc::now())).transpose();
    let zero = zero.map_err(|why| usage("zero", why))?;
    let end = asked.end.as_deref().zip(zero).map(|(text, zero)| when::parse(text, zero)).transpose();
    let end = end.map_err(|why| usage("end", why))?;
    let from = match asked.start.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(text) => Some(Offset::parse(text).map_err(|why| Failure::usage(why.to_string()))?),
    };
    let estimates = asked.estimates.as_deref().map(estimates).transpose()?;
    seat::drive(&asked.on.ledger, &by, |ledger| {
        if let Some(zero) = zero {
            ledger.append(&by, Intent::PlanWindow { zero, end })?;
        }
        if let Some(estimates) = estimates {
            ledger.append(&by, Intent::AdoptEstimates(estimates))?;
        }
        if asked.start.is_some() {
            ledger.append(&by, Intent::StartClock { from, pace: asked.pace })?;
        }
        if asked.json {
            let flight = Flight::of(ledger.plan(), ledger.state(), Utc::now());
            let (clock, window, concerns) = (flight.clock, flight.window, flight.concerns);
            let document = json!({ "format": 1, "clock": clock, "window": window, "concerns": concerns });
            writeln!(out, "{document:#}")?;
            return Ok(0);
        }
        for concern in crate::deployment::roles::concerns(ledger.plan(), ledger.state()) {
            writeln!(out, "mind: {concern}")?;
        }
        tell_clock(ledger, out)
    })
}

/// What a flown ledger measured, to be expected elsewhere.
fn estimates(path: &Path) -> Result<EstimatesAdopted, Failure> {
    let ledger = Ledger::open(path)?;
    let (plan, state) = (ledger.plan(), ledger.state());
    let environments: Vec<&str> = plan.bindings().values().map(crate::checklist::EnvironmentName::as_str).collect();
    let rolled_back = state.rollback.as_ref().and_then(|rollback| rollback.over.as_ref());
    Ok(EstimatesAdopted {
        source: format!("{}, {}", plan.checklist().title, environments.join(" and ")),
        durations: timing::durations(state),
        rollback_ms: rolled_back.map(|(_, over)| over.took_ms),
    })
}

pub(crate) fn role(asked: Role, out: &mut dyn Write) -> Result<u8, Failure> {
    let asked = asked.resolved();
    let Some(role) = &asked.role else { return show_roles(&Ledger::open(&asked.on.ledger)?, asked.json, out) };
    let by = acting(&asked.on.by);
    seat::drive(&asked.on.ledger, &by, |ledger| {
        let (group, role) = find_role(ledger.plan(), role)?;
        let intent = match (&asked.to, &asked.release) {
            (Some(person), _) => Intent::AssignRole { group, role, person: person.clone() },
            (None, reason) => Intent::ReleaseRole { group, role, reason: reason.clone().unwrap_or_default() },
        };
        ledger.append(&by, intent)?;
        show_roles(ledger, asked.json, out)
    })
}

/// Who has which role, and what is wrong with that.
fn show_roles(ledger: &Ledger, json: bool, out: &mut dyn Write) -> Result<u8, Failure> {
    let roles = &ledger.state().roles;
    let concerns = crate::deployment::roles::concerns(ledger.plan(), ledger.state());
    if json {
        let roles: Vec<_> = roles
            .iter()
            .map(|((group, role), held)| json!({ "group": group, "role": role, "person": held.person }))
            .collect();
        let concerns: Vec<String> = concerns.iter().map(ToString::to_string).collect();
        writeln!(out, "{:#}", json!({ "format": 1, "roles": roles, "concerns": concerns }))?;
        return Ok(0);
    }
    if roles.is_empty() {
        writeln!(out, "no role is assigned")?;
    }
    for (key, held) in roles {
        writeln!(out, "{}: {}", crate::deployment::roles::title_of(ledger.plan(), key), held.person)?;
    }
    for concern in concerns {
        writeln!(out, "mind: {concern}")?;
    }
    Ok(0)
}

/// The roles that a text names: `ROLE`, or `GROUP/ROLE`.
pub(crate) fn roles_named<'a>(plan: &'a Plan, text: &str) -> Vec<(&'a SignoffGroup, &'a SignoffRole)> {
    let (group, role) = text.split_once('/').map_or((None, text), |(group, role)| (Some(group), role));
    let groups = plan.checklist().signoffs.iter().filter(|g| group.is_none_or(|wanted| g.id.as_str() == wanted));
    groups.flat_map(|g| g.roles.iter().filter(|r| r.id.as_str() == role).map(move |r| (g, r))).collect()
}

/// The role of that name, if only one group has it or the group is named too.
pub(crate) fn find_role(plan: &Plan, text: &str) -> Result<(GroupId, RoleId), Failure> {
    match roles_named(plan, text).as_slice() {
        [(group, role)] => Ok((group.id.clone(), role.id.clone())),
        _ => Err(Refusal::NoSuchRole(text.to_owned()).into()),
    }
}

/// The request is the captain's; agreeing takes no seat.
pub(crate) fn override_gate(asked: Override, out: &mut dyn Write) -> Result<u8, Failure> {
    let asked = asked.resolved();
    let by = acting(&asked.on.by);
    let phase = PhaseId::new(asked.phase.unwrap_or_default());
    if let Some(word) = asked.confirm {
        let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
        ledger.append(&by, Intent::ConfirmOverride { phase: phase.clone(), word })?;
        writeln!(out, "the gate of {phase} is open, agreed by {by}; both names are in the ledger")?;
        return Ok(0);
    }
    if !asked.yes && std::io::stdin().is_terminal() {
        confirm(&format!("ask for an override of its gate: {phase}"), phase.as_str(), None, out)?;
    }
    let reason = asked.reason.unwrap_or_default();
    seat::drive(&asked.on.ledger, &by, |ledger| {
        ledger.append(&by, Intent::RequestOverride { phase: phase.clone(), reason })?;
        let path = ledger.path().display();
        writeln!(out, "a second person agrees with: gonogo override {path} agree {phase} WORD --name NAME")?;
        Ok(0)
    })
}

/// Has the protected environment's name typed, as the screen does; a deployment without one is not asked about.
pub(super) fn confirm_ending(path: &Path, what: &str, asked: &Confirmed, out: &mut dyn Write) -> Result<(), Failure> {
    let ledger = Ledger::open(path)?;
    let Some(name) = ledger.plan().protected() else { return Ok(()) };
    confirm(what, name.as_str(), asked.confirm.as_deref(), out)
}

fn ending(failed: bool) -> Ending {
    if failed { Ending::Failed } else { Ending::Aborted }
}

fn stop(path: &Path, by: &Operator, intent: &Intent) -> Result<Ledger, Failure> {
    let mut ledger = open::open_ledger(path, by)?;
    seat::stop(&mut ledger, by, intent)?;
    Ok(ledger)
}

fn tell_clock(ledger: &Ledger, out: &mut dyn Write) -> Result<u8, Failure> {
    match ledger.state().clock.read(Utc::now()) {
        Some(reading) => writeln!(out, "{} ({})", clock::text(reading.t), reading.going.word())?,
        None => writeln!(out, "no T-0 is planned")?,
    }
    Ok(0)
}
