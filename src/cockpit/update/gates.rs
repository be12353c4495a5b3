//! Opening a closed gate all the same: one person asks, a second one agrees.

use super::flying::{REASON, SOME_REASON, name_field, refused, says_no};
use super::forms;
use crate::checklist::PhaseId;
use crate::cockpit::dialog::Purpose;
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::{Model, Tone};
use crate::deployment::Intent;
use crate::deployment::overrides::Override;

/// Lines of what a gate lacks that a form shows.
const REPORTED: usize = 4;

/// Asks for the gate of the phase in hand, or agrees to a request that waits for a second person.
pub(super) fn override_gate(model: &mut Model) {
    let Some(here) = model.phase() else {
        model.say(Tone::Plain, "this checklist has no phases");
        return;
    };
    if let Some(asked) = model.state.override_requested(&here).cloned() {
        if may_confirm(model, &here) {
            confirm(model, &asked);
        } else {
            let phase = model.phase_title(&here);
            let text = format!(
                "the gate of {phase} waits for a second person: they agree on their own cockpit, or by gonogo override \
                 LEDGER {here} --confirm WORD"
            );
            model.say(Tone::Plain, text);
        }
        return;
    }
    let open = model.summary.phases.get(model.phase_cursor.at).is_some_and(|phase| phase.missing.is_empty());
    let elsewhere = model.pending_overrides().map(|asked| asked.phase.clone()).find(|phase| may_confirm(model, phase));
    if open && let Some(asked) = elsewhere.and_then(|phase| model.state.override_requested(&phase).cloned()) {
        confirm(model, &asked);
        return;
    }
    request(model, here);
}

/// Whether the person at the keys may be the second one.
fn may_confirm(model: &Model, phase: &PhaseId) -> bool {
    refused(model, Intent::ConfirmOverride { phase: phase.clone(), word: SOME_REASON.to_owned() }).is_none()
}

fn request(model: &mut Model, phase: PhaseId) {
    if says_no(model, Intent::RequestOverride { phase: phase.clone(), reason: SOME_REASON.to_owned() }) {
        return;
    }
    let mut intro = vec![model.phase_title(&phase)];
    if let Some(summary) = model.summary.phases.iter().find(|summary| summary.id == phase) {
        let reported = summary.needs.iter().take(REPORTED);
        intro.extend(reported.map(|need| format!("• {}: {}", need.missing, need.who)));
        let more = summary.needs.len().saturating_sub(REPORTED);
        intro.extend((more > 0).then(|| format!("• and {more} more")));
    }
    intro.push("The gate opens for exactly this once a second person has agreed. Both names are recorded.".to_owned());
    let reason = Field::lines(REASON, "", "why it may open all the same");
    let fields = std::iter::once(reason).chain(name_field(model)).collect();
    forms::open(
        model,
        Purpose::RequestOverride(phase),
        Form::new("Override gate", "ask for it", fields).with_intro(intro),
    );
}

fn confirm(model: &mut Model, asked: &Override) {
    let mut intro = vec![model.phase_title(&asked.phase)];
    intro.push(format!("{} asks to open it: {}", asked.requested.by, asked.reason));
    intro.extend(asked.missing.iter().take(REPORTED).map(|missing| format!("• without: {missing}")));
    intro.push(format!("You agree as {}. Your name is recorded beside theirs.", model.operator));
    let fields = vec![Field::lines("word", "", "what you agree to")];
    forms::open(
        model,
        Purpose::ConfirmOverride(asked.phase.clone()),
        Form::new("Agree to override a gate", "agree", fields).with_intro(intro),
    );
}
