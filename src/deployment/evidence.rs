//! Verdicts drawn from what the ledger already holds.

use super::attempt::{Attempt, AttemptNumber, End};
use super::fact::Waiver;
use super::measurement::{Measurement, Verdict, evaluate};
use super::plan::Plan;
use super::signoff;
use super::state::State;
use super::status::{Board, ItemStatus};
use crate::checklist::check::Completion;
use crate::checklist::evidence::{Compute, Evidence, EvidenceOf, Reading, Reference};
use crate::checklist::{Item, ItemId};

/// What the evidence of an item comes to now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weight {
    pub verdict: Verdict,
    pub detail: String,
    pub measured: Vec<Measurement>,
    /// The attempts it rests on, ascending.
    pub attempts: Vec<AttemptNumber>,
}

/// Weighs an evidence item. The worst of what it rests on decides; nothing to rest on is inconclusive.
pub(crate) fn weigh(plan: &Plan, state: &State, board: &mut Board, item: &Item, wanted: &Evidence) -> Weight {
    let mut weight =
        Weight { verdict: Verdict::Pass, detail: String::new(), measured: Vec::new(), attempts: Vec::new() };
    let mut parts = Vec::new();
    let references = match &wanted.of {
        EvidenceOf::Children => item.items.iter().map(|child| Reference::Item(child.id.clone())).collect(),
        EvidenceOf::These(references) => references.clone(),
    };
    if !references.is_empty() {
        let (verdict, part) = weigh_references(plan, state, board, item, &references, &mut weight.attempts);
        weight.verdict = weight.verdict.and(verdict);
        parts.push(part);
    }
    if let Some(reading) = &wanted.reading {
        let (verdict, part) = match read(plan, state, board, reading, &mut weight.attempts) {
            Ok(measured) => {
                let evaluated = evaluate(&item.targets, std::slice::from_ref(&measured));
                let part = if evaluated.1.is_empty() { measured.to_string() } else { evaluated.1 };
                weight.measured.push(measured);
                (evaluated.0, part)
            }
            Err(why) => (Verdict::Inconclusive, why),
        };
        weight.verdict = weight.verdict.and(verdict);
        // A number shows more than how many lines hold, and a narrow column shows the beginning.
        parts.insert(0, part);
    } else if references.is_empty() {
        weight.verdict = Verdict::Inconclusive;
        parts.push("nothing to rest on".to_owned());
    }
    weight.attempts.sort_unstable();
    weight.attempts.dedup();
    weight.detail = parts.join("; ");
    weight
}

fn weigh_references(
    plan: &Plan,
    state: &State,
    board: &mut Board,
    own: &Item,
    references: &[Reference],
    attempts: &mut Vec<AttemptNumber>,
) -> (Verdict, String) {
    let (mut held, mut total, mut inapplicable) = (0_usize, 0_usize, 0_usize);
    let mut failed = Vec::new();
    let mut missing = Vec::new();
    for reference in references {
        if let Reference::Signoff(group) = reference {
            total += 1;
            let lacking = signoff::lacking(plan, state, board, group);
            if lacking.is_empty() {
                held += 1;
            } else {
                missing.extend(lacking);
            }
            continue;
        }
        for item in plan.referenced(reference).into_iter().filter(|item| item.id != own.id) {
            total += 1;
            attempts.extend(behind(state, item));
            match board.resolve(plan, state, &item.id) {
                ItemStatus::Done | ItemStatus::Waived(Waiver::Overridden) => held += 1,
                ItemStatus::Inapplicable(_) | ItemStatus::Waived(Waiver::Inapplicable) => inapplicable += 1,
                ItemStatus::Failed(why) => failed.push(format!("{} failed: {why}", item.in_sentence())),
                ItemStatus::Outdated(why) => missing.push(format!("{} was {why}", item.in_sentence())),
                other => missing.push(format!("{} is {}", item.in_sentence(), other.word())),
            }
        }
    }
    if !failed.is_empty() {
        return (Verdict::Fail, few(&failed));
    }
    if !missing.is_empty() {
        return (Verdict::Inconclusive, few(&missing));
    }
    if held == 0 {
        return (Verdict::Inconclusive, "nothing of what it rests on applies here".to_owned());
    }
    let aside = if inapplicable > 0 { format!(", {inapplicable} inapplicable") } else { String::new() };
    (Verdict::Pass, format!("{held} of {} hold{aside}", total - inapplicable))
}

/// The attempts that an item's own verdict rests on.
pub(super) fn behind(state: &State, item: &Item) -> Vec<AttemptNumber> {
    let Some(history) = state.history(&item.id) else { return Vec::new() };
    if item.check.kind().completion() == Completion::Evaluated {
        return history.evaluated.iter().flat_map(|evaluated| evaluated.attempts.iter().copied()).collect();
    }
    history.attempts.last().copied().into_iter().collect()
}

/// Takes a reading from finished attempts, within one environment only.
fn read(
    plan: &Plan,
    state: &State,
    board: &Board,
    reading: &Reading,
    attempts: &mut Vec<AttemptNumber>,
) -> Result<Measurement, String> {
    let (attempt, value) = latest_value(plan, state, &reading.item, &reading.measure)?;
    attempts.push(attempt.number);
    if let Some((item, why)) = plan.item(&reading.item).zip(board.outdated(&reading.item)) {
        return Err(format!("{} was {why}", item.in_sentence()));
    }
    let Some(against) = &reading.against else { return Ok(value) };
    let (other_attempt, other) = latest_value(plan, state, &against.item, &reading.measure)?;
    attempts.push(other_attempt.number);
    if attempt.environment != other_attempt.environment {
        return Err(format!("{} and {} cannot be compared", attempt.environment, other_attempt.environment));
    }
    if value.unit != other.unit {
        return Err(format!("{} in {} cannot be compared with {}", value.name, value.unit, other.unit));
    }
    match against.compute {
        Compute::Difference => Ok(Measurement::new("difference", value.value - other.value, value.unit)),
        Compute::Reduction if other.value > 0.0 => {
            Ok(Measurement::new("reduction", (1.0 - value.value / other.value) * 100.0, "%"))
        }
        Compute::Reduction => Err(format!("the baseline of {} is {}", value.name, other.value)),
    }
}

fn latest_value<'a>(
    plan: &Plan,
    state: &'a State,
    id: &ItemId,
    measure: &str,
) -> Result<(&'a Attempt, Measurement), String> {
    let title = || plan.item(id).map_or_else(|| id.to_string(), |item| item.in_sentence().to_owned());
    let attempt = state.latest(id).ok_or_else(|| format!("{} has not been carried out", title()))?;
    let outcome = attempt.outcome().ok_or_else(|| format!("{} has no outcome yet", title()))?;
    if outcome.end != End::Completed {
        return Err(format!("{} was cut short, and {measure} of a part says nothing of the whole", title()));
    }
    let found = outcome.measured.iter().find(|m| m.name == measure);
    let value = found.ok_or_else(|| format!("{} did not measure {measure}", title()))?;
    Ok((attempt, value.clone()))
}

/// The first two, and how many more.
fn few(parts: &[String]) -> String {
    match parts {
        [a, b, rest @ ..] if !rest.is_empty() => format!("{a}; {b}; and {} more", rest.len()),
        _ => parts.join("; "),
    }
}
