//! Whether each phase that waits for sign-offs was worked on, and the GO decided, only while they stood: as strictly as
//! any checklist that was followed asked for them.

use super::policy::of_group;
use crate::checklist::evidence::Reference;
use crate::checklist::model::{Signatures, SignoffGroup};
use crate::checklist::{GroupId, Phase, PhaseId};
use crate::deployment::about::About;
use crate::deployment::amendment::relaxed_group;
use crate::deployment::fact::{Approval, Signed};
use crate::deployment::signoff::statement::principal;
use crate::deployment::{Board, Fact, Plan, Record, Seq, State, flight, signoff};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Looks at each piece of work on the state before it.
#[derive(Debug, Default)]
pub(super) struct Gates {
    /// What was done without its sign-offs, one sentence each.
    passed: Vec<Passed>,
    /// How often something was recorded of the items of each phase.
    touched: BTreeMap<PhaseId, usize>,
    /// Each sign-off that a phase waits for or once waited for, with the last checklist that said so.
    asked: BTreeMap<(PhaseId, GroupId), Arc<Plan>>,
    /// What each gate was last looked at with: as long as it is the same, so is the answer.
    looked: BTreeMap<PhaseId, Bearing>,
    groups: BTreeMap<GroupId, Asked>,
}

#[derive(Debug)]
struct Passed {
    why: String,
    /// The rule that was relaxed then: the group, and which time.
    relaxed: Option<(GroupId, usize)>,
}

/// What a group asked for, from one checklist to the next.
#[derive(Debug, Default)]
struct Asked {
    /// Each way in which it was asked for, with the principals spelled out.
    versions: Vec<SignoffGroup>,
    /// Those of them that asked for more than the checklist that is followed.
    stricter: Vec<SignoffGroup>,
    /// From which amendment to which less was asked for.
    relaxed: Vec<(Seq, Option<Seq>)>,
}

/// What a gate's sign-offs depend on: the sign-offs themselves, the checklist, and the phases signed for.
type Bearing = [usize; 5];

impl Gates {
    /// A record, with the plan that is followed from it on and the state before it.
    pub(super) fn look(&mut self, plan: &Arc<Plan>, state: &State, record: &Record) {
        match &record.fact {
            Fact::LedgerOpened(_) | Fact::ChecklistAmended(_) => return self.follow(plan, record.seq),
            Fact::Decided(decided) if decided.decision == Approval::Go => {
                for phase in flight::phases_to_decision(plan) {
                    self.work(state, phase, record, "GO was decided");
                }
                return;
            }
            Fact::Signed(signed) => return self.signed(plan, record, signed),
            _ => {}
        }
        let Some(item) = About::of(&record.fact).item else { return };
        let Some(phase) = plan.phase_of(item) else { return };
        // A value that is corrected was there before.
        let works = match &record.fact {
            Fact::ItemChecked { .. } | Fact::AttemptStarted { .. } => true,
            Fact::ValueFilled { .. } => state.history(item).is_none_or(|history| history.value.is_none()),
            _ => false,
        };
        if works {
            self.work(state, phase, record, &format!("{} was worked on", phase.title));
        }
        *self.touched.entry(phase.id.clone()).or_default() += 1;
    }

    /// The checklist that is followed from that record on. A sign-off that a phase waited for once is asked for as it was
    /// asked for then, also when an amendment takes it out of the gate or asks for less.
    fn follow(&mut self, plan: &Arc<Plan>, from: Seq) {
        for phase in &plan.checklist().phases {
            for requirement in &phase.gate {
                if let Reference::Signoff(group) = requirement
                    && plan.checklist().signoff(group).is_some()
                {
                    self.asked.insert((phase.id.clone(), group.clone()), Arc::clone(plan));
                }
            }
        }
        for group in &plan.checklist().signoffs {
            let mut own = group.clone();
            for role in &mut own.roles {
                role.principal = Some(principal(plan, role));
            }
            self.groups.entry(group.id.clone()).or_default().follow(own, from);
        }
    }

    /// Everything that was found, with the amendments between which less was asked for.
    pub(super) fn passed(self) -> Vec<String> {
        let Self { passed, groups, .. } = self;
        let between = |(group, index): &(GroupId, usize)| groups.get(group)?.relaxed.get(*index).copied();
        let worded = passed.iter().map(|found| match found.relaxed.as_ref().and_then(between) {
            None => found.why.clone(),
            Some((from, None)) => format!("{} (relaxed since amendment {from})", found.why),
            Some((from, Some(until))) => format!("{} (relaxed between amendments {from} and {until})", found.why),
        });
        worded.collect()
    }

    /// A sign-off that was given while less was asked for, and would not have been taken before.
    fn signed(&mut self, plan: &Plan, record: &Record, signed: &Signed) {
        let Some(asked) = self.groups.get(&signed.group) else { return };
        let why = asked.stricter.iter().find_map(|group| not_taken(group, signed, record.by.simulated.is_some()));
        if let Some(why) = why {
            let title = plan.checklist().signoff(&signed.group).map_or(signed.group.as_str(), |group| &group.title);
            let why = format!("{} signed {title} in record {} although {why}", signed.name, record.seq);
            self.passed.push(Passed { why, relaxed: asked.last(&signed.group) });
        }
    }

    fn work(&mut self, state: &State, phase: &Phase, record: &Record, what: &str) {
        let asked = self.asked.iter().filter(|((id, group), _)| {
            *id == phase.id && !state.is_overridden(phase, &Reference::Signoff(group.clone()))
        });
        let asked: Vec<_> = asked.map(|((_, group), plan)| (group.clone(), Arc::clone(plan))).collect();
        if asked.is_empty() {
            return;
        }
        let groups = asked.iter().filter_map(|(group, plan)| plan.checklist().signoff(group));
        let covered = groups.flat_map(|group| &group.phases);
        let touched = covered.filter_map(|phase| self.touched.get(phase)).sum();
        let bearing: Bearing =
            [state.signed.len(), state.withdrawn.len(), state.amendments.len(), state.overrides.len(), touched];
        if self.looked.get(&phase.id) == Some(&bearing) {
            return;
        }
        let lacks = asked.iter().find_map(|(group, plan)| {
            let plan = plan.active(state);
            let mut board = Board::at(&plan, state, record.at);
            if let Some(lacks) = signoff::lacking(&plan, state, &mut board, group).into_iter().next() {
                return Some((lacks, None));
            }
            let asked = self.groups.get(group)?;
            let now = plan.checklist().signoff(group)?;
            let lacks =
                asked.stricter.iter().find_map(|before| unmet_before(&plan, state, &mut board, (before, now)))?;
            Some((lacks, asked.last(group)))
        });
        if let Some((lacks, relaxed)) = lacks {
            let why = format!("{what} in record {} although {lacks}", record.seq);
            self.passed.push(Passed { why, relaxed });
        }
        self.looked.insert(phase.id.clone(), bearing);
    }
}

impl Asked {
    fn follow(&mut self, mut now: SignoffGroup, from: Seq) {
        self.stricter =
            self.versions.iter().filter(|before| !relaxed_group(before, &now).is_empty()).cloned().collect();
        let open = self.relaxed.last_mut().filter(|(_, until)| until.is_none());
        match (open, self.stricter.is_empty()) {
            (Some(open), true) => open.1 = Some(from),
            (None, false) => self.relaxed.push((from, None)),
            (Some(_), false) | (None, true) => {}
        }
        // A principal is not stricter than another: the first one of each role is what it is compared with.
        for role in &mut now.roles {
            let first = self.versions.iter().flat_map(|before| &before.roles).find(|first| first.id == role.id);
            role.principal = first.map_or_else(|| role.principal.clone(), |first| first.principal.clone());
        }
        if !self.versions.contains(&now) {
            self.versions.push(now);
        }
    }

    /// The time that less is asked for now.
    fn last(&self, group: &GroupId) -> Option<(GroupId, usize)> {
        Some((group.clone(), self.relaxed.len().checked_sub(1)?))
    }
}

/// What of a group as it was asked for before does not hold; nothing where all of it does.
fn unmet_before(
    plan: &Plan,
    state: &State,
    board: &mut Board,
    (before, now): (&SignoffGroup, &SignoffGroup),
) -> Option<String> {
    let mut uncovered = before.phases.iter().filter(|phase| !now.phases.contains(phase));
    if let Some(phase) = uncovered.find_map(|phase| plan.checklist().phase(phase)) {
        return Some(format!("{} covered {} before and does not", before.title, phase.title));
    }
    let own = SignoffGroup { phases: now.phases.clone(), ..before.clone() };
    if let Some(lacks) = signoff::lacking_in(plan, state, board, &own).into_iter().next() {
        return Some(lacks);
    }
    let lines = signoff::group_lines(plan, state, board, &own);
    let signed = lines.iter().filter(|line| line.standing == signoff::Standing::Go).filter_map(|line| line.signed);
    let mut other = signed.filter_map(|(stamp, signed)| not_taken(&own, signed, stamp.by.simulated.is_some()));
    other.next().or_else(|| of_group(plan, state, board, &own).into_iter().next())
}

/// Why a sign-off would not have been taken by a group as it was asked for before.
fn not_taken(before: &SignoffGroup, signed: &Signed, simulated: bool) -> Option<String> {
    let role = before.roles.iter().find(|role| role.id == signed.role)?;
    let title = &role.title;
    match (&signed.signature, &role.principal) {
        (None, _) if before.signed == Signatures::Required && !simulated => {
            Some(format!("{title}'s sign-off for {} has to be signed with a key", before.title))
        }
        (Some(signature), Some(principal)) if signature.principal != *principal => {
            Some(format!("{title} signs as {principal}, and this is signed as {}", signature.principal))
        }
        _ => None,
    }
}
