//! Whether the sign-offs are those that the checklist asks for, however the ledger came to be.

use crate::checklist::evidence::Reference;
use crate::checklist::model::{OwnWork, Phase, Signatures, SignoffGroup};
use crate::deployment::fact::Approval;
use crate::deployment::signoff::{self, Line, Proof, Standing, policy};
use crate::deployment::{Board, Plan, State, roles};

/// What is not met, one sentence each.
pub(super) fn unmet(plan: &Plan, state: &State, board: &mut Board) -> Vec<String> {
    let groups = plan.checklist().signoffs.iter();
    groups.flat_map(|group| of_group(plan, state, board, group)).collect()
}

fn of_group(plan: &Plan, state: &State, board: &mut Board, group: &SignoffGroup) -> Vec<String> {
    let lines = signoff::group_lines(plan, state, board, group);
    let mut unmet = Vec::new();
    for line in &lines {
        let Some((stamp, signed)) = line.signed.filter(|_| line.standing != Standing::Withdrawn) else { continue };
        let (role, person) = (&line.role.title, &stamp.by);
        let attested = Proof::of(signed) == Proof::Attested && person.simulated.is_none();
        if group.signed == Signatures::Required && attested {
            unmet.push(format!(
                "{role}'s sign-off for {} (record {}) has to be signed and is not",
                group.title, stamp.seq
            ));
        }
        if group.own_work == OwnWork::Refused
            && let Some(work) = policy::own_work(plan, state, group, person)
        {
            unmet.push(format!("{person} signed {} as {role} and carried out `{work}` in it", group.title));
        }
        let same = signed.signature.as_ref().and_then(|signature| {
            roles::signed_with_same_key(plan, state, (&group.id, line.role), &signature.fingerprint)
        });
        if let Some(other) = same {
            unmet.push(format!("{role}, {}, and {other} must be two people, and one key signed both", group.title));
        }
    }
    let gated = plan.checklist().phases.iter().filter(|phase| has_begun(state, phase, group));
    for phase in gated {
        unmet.extend(lacking(&lines, group).map(|lacks| format!("{} has begun, and {lacks}", phase.title)));
    }
    unmet
}

/// Whether something was done in a phase that this group had to sign before.
fn has_begun(state: &State, phase: &Phase, group: &SignoffGroup) -> bool {
    let requirement = Reference::Signoff(group.id.clone());
    let mut items = phase.items().filter_map(|item| state.history(&item.id));
    phase.gate.contains(&requirement)
        && !state.is_overridden(phase, &requirement)
        && items.any(|history| !history.attempts.is_empty() || history.checked.is_some() || history.value.is_some())
}

/// Who never said GO; what has gone stale since is reported elsewhere.
fn lacking(lines: &[Line<'_>], group: &SignoffGroup) -> Option<String> {
    let said = |line: &Line<'_>| line.signed.is_some_and(|(_, signed)| signed.decision == Approval::Go);
    let go: Vec<Line<'_>> = lines.iter().filter(|line| said(line)).cloned().collect();
    let Some(needed) = group.at_least else {
        let missing = lines.iter().find(|line| line.signed.is_none())?;
        return Some(format!("{} never signed {}", missing.role.title, group.title));
    };
    let counted: Vec<Line<'_>> = go.into_iter().map(|line| Line { standing: Standing::Go, ..line }).collect();
    let people = policy::people(&counted);
    (people < needed).then(|| format!("{} needs {needed} people, and {people} signed", group.title))
}
