//! Alerts of watched metrics. Every answer is given anew under the ledger's lock, so that whoever asks twice, or asks
//! again after having been killed, records nothing twice.

use super::{Context, reason, tidy};
use crate::checklist::PaneId;
use crate::checklist::pane::Pane;
use crate::deployment::alerts::watch::is_another_kind;
use crate::deployment::alerts::{AlertNumber, LONGEST_SILENCE, Trouble, downtime};
use crate::deployment::fact::{AlertRaised, Fact, Observed};
use crate::deployment::numbers;
use crate::deployment::plan::Plan;
use crate::deployment::refusal::Refusal;
use crate::deployment::state::State;
use chrono::{DateTime, Utc};

fn known<'a>(plan: &'a Plan, id: &PaneId) -> Result<&'a Pane, Refusal> {
    let panes = &plan.checklist().panes;
    panes.iter().find(|pane| pane.id == *id).ok_or_else(|| {
        let known = panes.iter().map(|pane| pane.id.to_string()).collect();
        Refusal::NoSuchPane { pane: id.to_string(), known }
    })
}

/// A metric has one open alert. Another trouble changes it, and a further kind of error; the same one is no news unless it was
/// expected and is not any more.
pub(super) fn raise(
    plan: &Plan,
    state: &State,
    context: &Context,
    id: &PaneId,
    seen: Observed,
) -> Result<Vec<Fact>, Refusal> {
    let pane = known(plan, id)?;
    let no_environment = || Refusal::NoSuchPane { pane: id.to_string(), known: Vec::new() };
    let (environment, _) = plan.environment_in(&pane.slot).ok_or_else(no_environment)?;
    let expected = match seen.verdict {
        Trouble::NoData => downtime::expected(plan, state, pane, context.at),
        Trouble::OverTarget | Trouble::WorseThanBaseline => None,
    };
    let value = seen.value.filter(|value| value.is_finite());
    let seen = Observed { value, expected, ..seen };
    Ok(match state.alerts.of(id) {
        None => {
            let (alert, pane) = (state.alerts.next(), id.clone());
            vec![Fact::AlertRaised(AlertRaised { alert, pane, environment: environment.clone(), seen }.into())]
        }
        Some(open) => {
            let same = open.seen.verdict == seen.verdict;
            let expected_no_more = open.seen.expected.is_some() && seen.expected.is_none();
            let no_news = same && !expected_no_more && !is_another_kind(pane, open, &seen);
            let changed = Fact::AlertChanged { alert: open.number, pane: id.clone(), seen: seen.into() };
            if no_news { Vec::new() } else { vec![changed] }
        }
    })
}

pub(super) fn clear(
    state: &State,
    pane: &PaneId,
    since: DateTime<Utc>,
    value: Option<f64>,
    sentence: String,
) -> Vec<Fact> {
    let Some(open) = state.alerts.of(pane) else { return Vec::new() };
    let value = value.filter(|value| value.is_finite());
    vec![Fact::AlertCleared { alert: open.number, pane: pane.clone(), since, value, sentence }]
}

/// Once is enough; whoever has something to add adds a note.
pub(super) fn acknowledge(
    plan: &Plan,
    state: &State,
    number: AlertNumber,
    note: Option<String>,
) -> Result<Vec<Fact>, Refusal> {
    let alert = state.alerts.alert(number).ok_or(Refusal::NoSuchAlert(number))?;
    if let Some(cleared) = &alert.cleared {
        let pane = known(plan, &alert.pane).map_or_else(|_| alert.pane.to_string(), |pane| pane.title.clone());
        return Err(Refusal::AlertOver { alert: number, pane, at: numbers::date_time(cleared.since) });
    }
    let note = tidy(note);
    let enough = alert.acknowledged().is_some() && note.is_none();
    let fact = Fact::AlertAcknowledged { alert: number, pane: alert.pane.clone(), note };
    Ok(if enough { Vec::new() } else { vec![fact] })
}

pub(super) fn silence(
    plan: &Plan,
    context: &Context,
    pane: Option<PaneId>,
    until: DateTime<Utc>,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    if let Some(pane) = &pane {
        known(plan, pane)?;
    }
    if until <= context.at {
        return Err(Refusal::SilencePast(numbers::date_time(until)));
    }
    if until - context.at > LONGEST_SILENCE {
        return Err(Refusal::SilenceTooLong);
    }
    Ok(vec![Fact::AlertSilenced { pane, until, reason: reason(why)? }])
}

pub(super) fn end_silence(
    plan: &Plan,
    state: &State,
    context: &Context,
    pane: Option<PaneId>,
) -> Result<Vec<Fact>, Refusal> {
    let mut active = state.alerts.silences().iter().filter(|silence| silence.is_active(context.at));
    if active.any(|silence| silence.pane == pane) {
        return Ok(vec![Fact::SilenceEnded { pane }]);
    }
    Err(Refusal::NotSilenced(match pane {
        None => "all metrics together are".to_owned(),
        Some(id) => format!("{} is", known(plan, &id)?.title),
    }))
}
