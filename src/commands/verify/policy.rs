//! Whether the sign-offs are those that the checklist asks for, however the ledger came to be.

use super::gates::Gates;
use crate::checklist::model::{OwnWork, Signatures, SignoffGroup};
use crate::deployment::signoff::{self, Proof, Standing, policy};
use crate::deployment::{Board, Fact, Plan, State, roles};
use crate::ledger::Ledger;
use crate::ledger::snapshot::plan_of;
use std::sync::Arc;

/// In how many points the sign-offs of the first `count` records are not what the checklists asked for.
pub(crate) fn unmet_at(ledger: &Ledger, count: usize) -> usize {
    let (mut gates, mut state) = (Gates::default(), State::default());
    let mut plan: Option<Arc<Plan>> = None;
    let records = ledger.records().iter().take(count);
    for record in records.clone() {
        match &record.fact {
            Fact::LedgerOpened(opened) => plan = plan_of(ledger, &opened.snapshot, &opened.digest),
            Fact::ChecklistAmended(amended) => plan = plan_of(ledger, &amended.snapshot, &amended.digest),
            _ => {}
        }
        if let Some(plan) = &plan {
            gates.look(plan, &state, record);
        }
        state.apply(record);
    }
    let Some((plan, last)) = plan.zip(records.last()) else { return 0 };
    let mut board = Board::at(&plan, &state, last.at);
    gates.passed().len() + unmet(&plan, &state, &mut board).len()
}

/// What is not met, one sentence each.
pub(super) fn unmet(plan: &Plan, state: &State, board: &mut Board) -> Vec<String> {
    let groups = plan.checklist().signoffs.iter();
    groups.flat_map(|group| of_group(plan, state, board, group)).collect()
}

/// Signatures that others by another key took the place of: no damage, and worth knowing.
pub(super) fn replaced(plan: &Plan, state: &State) -> Vec<String> {
    let groups = plan.checklist().signoffs.iter();
    let roles = groups.flat_map(|group| group.roles.iter().map(move |role| (group, role)));
    let reported = roles.flat_map(|(group, role)| {
        let all = policy::replacements(state, &group.id, &role.id).into_iter();
        let signed = all.filter(|own| own.by.1.signature.is_some());
        signed.map(|own| format!("{}, {}: {own}", role.title, group.title)).collect::<Vec<_>>()
    });
    reported.collect()
}

pub(super) fn of_group(plan: &Plan, state: &State, board: &mut Board, group: &SignoffGroup) -> Vec<String> {
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
        let attested = policy::replacements(state, &group.id, &line.role.id);
        let attested = attested.iter().filter(|own| own.by.1.signature.is_none() && own.by.0.by.simulated.is_none());
        unmet.extend(attested.map(|own| format!("{role}, {}: {own}", group.title)));
        // Of the two, the one who signed second is named.
        let before = roles::refused_same_user(plan, state, (&group.id, line.role), person)
            .filter(|(_, other)| other.seq < stamp.seq);
        if let Some((other, _)) = before {
            let user = &person.user;
            unmet.push(format!("{role}, {}, and {other} must be two people, and {user} signed both", group.title));
        }
    }
    unmet
}
