//! What a sign-off is given for: where every item of its phases stands and all that is behind it, as one digest.

use crate::checklist::model::{Phase, SignoffGroup};
use crate::checklist::{Digest, Item, PhaseId};
use crate::deployment::attempt::{Attempt, AttemptNumber, AttemptPhase};
use crate::deployment::measurement::Verdict;
use crate::deployment::plan::Plan;
use crate::deployment::state::{Stamp, State};
use crate::deployment::status::Board;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;

/// How evidence is put into words before it is digested. Ledgers from before signatures hold the first form. The second
/// has the words of the third, but of a board that knows nothing of outdated lines.
pub const FORM: u32 = 3;

/// The board that evidence of this form is worded from.
pub(crate) fn board(plan: &Plan, state: &State, board: &Board, form: u32) -> Board {
    if form < 3 { board.with_nothing_outdated(plan, state) } else { board.clone() }
}

/// The evidence of a group in the form that a sign-off was given in. A form of a newer program equals nothing.
pub fn digest(plan: &Plan, state: &State, board: &mut Board, group: &SignoffGroup, form: u32) -> Digest {
    match form {
        1 => first_form(plan, state, &mut self::board(plan, state, board, form), group),
        2 => whole(&phases(plan, state, &mut self::board(plan, state, board, form), group)),
        FORM => whole(&phases(plan, state, board, group)),
        _ => Digest::of(b"unknown form"),
    }
}

/// Attempts that are over as they stand in evidence, by their numbers. They never change, and whoever goes through a long
/// ledger words each of them once and not once a signature.
#[derive(Debug, Default)]
pub struct Worded(HashMap<AttemptNumber, String>);

/// Each phase that a group signs for, with the digest of its evidence.
pub fn phases(plan: &Plan, state: &State, board: &mut Board, group: &SignoffGroup) -> Vec<(PhaseId, Digest)> {
    phases_with(plan, state, board, group, &mut Worded::default())
}

/// The same, with what was worded before.
pub fn phases_with(
    plan: &Plan,
    state: &State,
    board: &mut Board,
    group: &SignoffGroup,
    worded: &mut Worded,
) -> Vec<(PhaseId, Digest)> {
    let known = group.phases.iter().filter_map(|phase| plan.checklist().phase(phase));
    known.map(|phase| (phase.id.clone(), of_phase(plan, state, board, phase, worded))).collect()
}

/// The digest over those of the phases.
pub fn whole(phases: &[(PhaseId, Digest)]) -> Digest {
    let mut text = String::from("gonogo-evidence-2\n");
    for (phase, digest) in phases {
        let _ = writeln!(text, "{phase}\t{digest}");
    }
    Digest::of(text.as_bytes())
}

/// The digest of a group's evidence as it is now.
pub fn now(plan: &Plan, state: &State, group: &SignoffGroup) -> Digest {
    let plan = plan.active(state);
    whole(&phases(&plan, state, &mut Board::new(&plan, state), group))
}

/// Is in a line for its attempts. No text in a line can hold it: there each quotation mark has a backslash before it.
const ATTEMPTS: &str = "\"attempts\":0";

fn of_phase(plan: &Plan, state: &State, board: &mut Board, phase: &Phase, worded: &mut Worded) -> Digest {
    let mut text = format!("gonogo-phase-evidence-2\n{}\n", phase.id);
    for item in phase.items() {
        let line = line_with(plan, state, board, item, |_| json!(0)).to_string();
        let Some((before, after)) = line.split_once(ATTEMPTS) else {
            text.push_str(&line);
            text.push('\n');
            continue;
        };
        text.push_str(before);
        text.push_str("\"attempts\":[");
        let numbers = state.history(&item.id).map(|history| history.attempts.as_slice()).unwrap_or_default();
        for (index, known) in numbers.iter().filter_map(|number| state.attempt(*number)).enumerate() {
            if index > 0 {
                text.push(',');
            }
            if matches!(known.phase, AttemptPhase::Finished(_)) {
                text.push_str(worded.0.entry(known.number).or_insert_with(|| attempt(known).to_string()));
            } else {
                let _ = write!(text, "{}", attempt(known));
            }
        }
        text.push(']');
        text.push_str(after);
        text.push('\n');
    }
    Digest::of(text.as_bytes())
}

/// All that stands behind one item. A record that says the same once more is a change: it was not there when it was signed.
pub fn line(plan: &Plan, state: &State, board: &mut Board, item: &Item) -> Value {
    line_with(plan, state, board, item, |attempts| attempts.iter().map(|own| attempt(own)).collect())
}

fn line_with(
    plan: &Plan,
    state: &State,
    board: &mut Board,
    item: &Item,
    worded: impl FnOnce(&[&Attempt]) -> Value,
) -> Value {
    let status = board.resolve(plan, state, &item.id);
    let mut line = json!({ "item": item.id, "status": status.word() });
    let (Some(history), Some(fields)) = (state.history(&item.id), line.as_object_mut()) else { return line };
    let by = |stamp: &Stamp| json!([stamp.seq, stamp.by.user, stamp.by.says]);
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(key.to_owned(), value);
        }
    };
    put("ticked", history.checked.as_ref().map(by));
    put("value", history.value.as_ref().map(|(stamp, value)| json!([by(stamp), value])));
    let waived = history.waived.as_ref();
    put("waived", waived.map(|waived| json!([by(&waived.stamp), waived.how, waived.reason, waived.until])));
    // What evaluates itself again and finds the same has not changed.
    let evaluated = history.evaluated.as_ref();
    put("judged", evaluated.map(|evaluated| json!([evaluated.verdict, evaluated.measured, evaluated.attempts])));
    put("regressed", history.regressed.as_ref().map(|regressed| json!([by(&regressed.stamp), regressed.reason])));
    put("armed", history.armed().map(|armed| json!([by(&armed.stamp), armed.proposal, armed.command])));
    let attempts: Vec<&Attempt> = history.attempts.iter().filter_map(|number| state.attempt(*number)).collect();
    put("attempts", (!attempts.is_empty()).then(|| worded(&attempts)));
    line
}

fn attempt(attempt: &Attempt) -> Value {
    let Attempt { number, environment, by, phase, .. } = attempt;
    let ended = match phase {
        AttemptPhase::Running { .. } => json!("running"),
        AttemptPhase::Lost { why, resolution } => json!({ "lost": why, "resolved": resolution }),
        // With the digest of its output, and of the file that it made.
        AttemptPhase::Finished(outcome) => json!(outcome),
    };
    json!([number, environment, by.user, ended])
}

/// What did not go as planned in the phases of a group, one line each: attempts that did not pass, waivers, overrides.
pub fn exceptions(plan: &Plan, state: &State, group: &SignoffGroup) -> Vec<String> {
    let mut lines = Vec::new();
    for phase in group.phases.iter().filter_map(|phase| plan.checklist().phase(phase)) {
        for known in state.overrides.iter().filter(|known| known.phase == phase.id) {
            let Some((stamp, word)) = &known.confirmed else { continue };
            let (first, second) = (&known.requested.by, &stamp.by);
            let missing = known.missing.join("; ");
            lines.push(format!(
                "overridden: gate of {}, without {missing}: {}; {first}; {second}: {word}",
                phase.id, known.reason
            ));
        }
        phase.items().for_each(|item| of_item(state, item, &mut lines));
    }
    lines
}

fn of_item(state: &State, item: &Item, lines: &mut Vec<String>) {
    let Some(history) = state.history(&item.id) else { return };
    for attempt in history.attempts.iter().filter_map(|number| state.attempt(*number)) {
        let (number, id) = (attempt.number, &item.id);
        match &attempt.phase {
            AttemptPhase::Finished(outcome) if outcome.verdict == Verdict::Pass => {}
            AttemptPhase::Finished(outcome) => {
                lines.push(format!("{}: {id}, attempt {number}: {}", outcome.verdict.word(), outcome.detail));
            }
            AttemptPhase::Lost { why, .. } => lines.push(format!("unknown: {id}, attempt {number}: {why}")),
            AttemptPhase::Running { .. } => lines.push(format!("running: {id}, attempt {number}")),
        }
    }
    if let Some(waived) = &history.waived {
        let (how, reason, by) = (waived.how.word(), &waived.reason, &waived.stamp.by);
        lines.push(format!("{how}: {}: {reason}; {by}", item.id));
    }
    if let Some(evaluated) = history.evaluated.as_ref().filter(|evaluated| evaluated.verdict != Verdict::Pass) {
        lines.push(format!("{}: {}: {}", evaluated.verdict.word(), item.id, evaluated.detail));
    }
}

/// The form that ledgers hold from before signatures.
fn first_form(plan: &Plan, state: &State, board: &mut Board, group: &SignoffGroup) -> Digest {
    let mut text = String::from("gonogo-evidence-1\n");
    for item in group.phases.iter().filter_map(|phase| plan.checklist().phase(phase)).flat_map(Phase::items) {
        let status = board.resolve(plan, state, &item.id);
        let history = state.history(&item.id);
        let attempt = history.and_then(|h| h.attempts.last()).map_or(0, |number| number.0);
        let value = history.and_then(|h| h.value.as_ref()).map_or("", |(_, value)| value);
        let _ = writeln!(text, "{}\t{}\t{attempt}\t{value:?}", item.id, status.word());
    }
    Digest::of(text.as_bytes())
}
