//! Every signature once more: whether it holds, whether it was made for the record it is in, and whether its signer
//! was allowed at the time.

use super::decisions;
use super::gates::Gates;
use crate::deployment::decide::signoffs::{differs, superseded};
use crate::deployment::fact::{Signature, Signed};
use crate::deployment::signoff::AHEAD;
use crate::deployment::signoff::evidence::{self, Worded};
use crate::deployment::signoff::statement::Statement;
use crate::deployment::{Board, Fact, Plan, Record, State};
use crate::identity::signature::Bad;
use crate::identity::{AllowedSigners, Revoked, Signer, check};
use crate::ledger::Ledger;
use crate::ledger::snapshot::plan_of;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// What came of looking at all of them.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub signed: usize,
    pub attested: usize,
    pub bad: Vec<String>,
    pub not_allowed: Vec<String>,
    /// Those of which nobody can tell.
    pub unknown: Vec<String>,
    /// Phases that were worked on without the sign-offs that they wait for.
    pub passed: Vec<String>,
    pub decided: usize,
    /// Decisions that do not say what the ledger says of them.
    pub misstated: Vec<String>,
}

/// Looks at the signatures of a ledger. `given` takes the place of the allowed signers recorded in it; no signature of a
/// revoked key counts, whenever it was made.
pub(super) fn look(ledger: &Ledger, given: Option<&AllowedSigners>, revoked: &Revoked) -> Looked {
    let mut walk = Walk {
        ledger,
        given,
        revoked,
        state: State::default(),
        plan: None,
        latest: None,
        recorded: None,
        worded: Worded::default(),
    };
    let mut looked = Looked::default();
    let mut gates = Gates::default();
    let mut checked = all_checked(ledger).into_iter();
    for record in ledger.records() {
        walk.latest = walk.latest.max(Some(record.at));
        match &record.fact {
            Fact::LedgerOpened(opened) => walk.plan = plan_of(ledger, &opened.snapshot, &opened.digest),
            Fact::ChecklistAmended(amended) => walk.plan = plan_of(ledger, &amended.snapshot, &amended.digest),
            Fact::SignersRecorded(signers) => walk.recorded = Some(AllowedSigners::read(&signers.allowed_signers)),
            Fact::Signed(signed) => match &signed.signature {
                None => looked.attested += 1,
                Some(signature) => {
                    looked.signed += 1;
                    let made = checked.next().unwrap_or_else(|| checked_one(signature));
                    walk.one((record, signed, signature), made, &mut looked);
                }
            },
            Fact::Decided(decided) => {
                looked.decided += 1;
                let wrong = walk.plan.as_ref().and_then(|plan| decisions::wrong(ledger, plan, record, decided));
                looked.misstated.extend(wrong);
            }
            _ => {}
        }
        if let Some(plan) = &walk.plan {
            gates.look(plan, &walk.state, record);
        }
        walk.state.apply(record);
    }
    looked.passed = gates.passed();
    looked
}

/// Whether each signature holds for its text, on as many threads as there are processors.
fn all_checked(ledger: &Ledger) -> Vec<Result<Signer, Bad>> {
    let all: Vec<&Signature> = super::signed(ledger).map(|(_, signature)| signature).collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let check = |part: &[&Signature]| -> Vec<_> { part.iter().map(|signature| checked_one(signature)).collect() };
    std::thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(threads).max(1));
        let parts: Vec<_> = parts.map(|part| (part, scope.spawn(move || check(part)))).collect();
        // A thread that did not come to its end leaves its part to be checked here.
        parts.into_iter().flat_map(|(part, thread)| thread.join().unwrap_or_else(|_| check(part))).collect()
    })
}

fn checked_one(signature: &Signature) -> Result<Signer, Bad> {
    check(&signature.armored, signature.statement.as_bytes())
}

/// The state as it was before each record.
struct Walk<'a> {
    ledger: &'a Ledger,
    given: Option<&'a AllowedSigners>,
    revoked: &'a Revoked,
    state: State,
    plan: Option<Arc<Plan>>,
    /// The latest time seen so far: a clock that was set back makes nobody younger.
    latest: Option<DateTime<Utc>>,
    recorded: Option<AllowedSigners>,
    worded: Worded,
}

impl Walk<'_> {
    fn one(
        &mut self,
        (record, signed, signature): (&Record, &Signed, &Signature),
        made: Result<Signer, Bad>,
        looked: &mut Looked,
    ) {
        let what = format!("{} of {}/{} in record {}", signed.name, signed.group, signed.role, record.seq);
        let own = match made {
            Ok(own) => own,
            Err(why) => return looked.bad.push(format!("{what}: {why}")),
        };
        if own.fingerprint() != signature.fingerprint {
            return looked.bad.push(format!(
                "{what}: it was made with {}, not with {}",
                own.fingerprint(),
                signature.fingerprint
            ));
        }
        let stated = match Statement::read(&signature.statement) {
            Ok(stated) => stated,
            Err(why) => return looked.bad.push(format!("{what}: what was signed is no statement: {why}")),
        };
        match self.foreign(record, signed, signature, &stated) {
            Ok(None) => {}
            Ok(Some(why)) => return looked.bad.push(format!("{what}: it was made for something else: {why}")),
            Err(why) => return looked.unknown.push(format!("{what}: {why}")),
        }
        let Some(allowed) = self.given.or(self.recorded.as_ref()) else {
            return looked.not_allowed.push(format!("{what}: no allowed signers are recorded"));
        };
        match self.revoked.names(&own) {
            Ok(false) => {}
            Ok(true) => return looked.not_allowed.push(format!("{what}: {} is revoked", own.fingerprint())),
            Err(why) => return looked.unknown.push(format!("{what}: {why}")),
        }
        // At the time stated, and at the time of the record.
        for at in [stated.time, self.latest.unwrap_or(record.at)] {
            if let Err(why) = allowed.permit(&own, &signature.principal, at) {
                let fingerprint = own.fingerprint();
                return looked.not_allowed.push(format!("{what}: {fingerprint} as {}: {why}", signature.principal));
            }
        }
    }

    /// What of the record is not what was signed; an error where nobody can tell.
    fn foreign(
        &mut self,
        record: &Record,
        signed: &Signed,
        signature: &Signature,
        stated: &Statement,
    ) -> Result<Option<String>, String> {
        let own = (&signed.group, &signed.role, &signed.name, signed.decision, &signed.comment)
            == (&stated.group, &stated.role, &stated.name, stated.decision, &stated.comment)
            && (&signed.checklist, &signed.evidence) == (&stated.checklist, &stated.evidence)
            && (signed.date, &signature.principal) == (stated.time.date_naive(), &stated.principal);
        if !own {
            return Ok(Some("the record says something else than what was signed".to_owned()));
        }
        let at = usize::try_from(stated.head.seq.0).ok().and_then(|seq| seq.checked_sub(1));
        let seen = at.and_then(|at| self.ledger.records().get(at)).filter(|seen| seen.seq < record.seq);
        if seen.is_none_or(|seen| seen.sum != stated.head.sum) {
            return Ok(Some(format!("record {}, which the signer saw last, is not in this ledger", stated.head.seq)));
        }
        if let Some(seq) = superseded(stated, &self.state) {
            return Ok(Some(format!(
                "the role signed or withdrew in record {seq}, after what the signer saw: it is a copy of an earlier sign-off"
            )));
        }
        if stated.time > record.at + AHEAD {
            return Ok(Some("it was signed later than it was recorded".to_owned()));
        }
        let plan = self.plan.as_ref().ok_or("the checklist that it was given for cannot be read")?;
        let known = plan.checklist().signoff(&stated.group);
        let known = known.and_then(|g| Some((g, g.roles.iter().find(|role| role.id == stated.role)?)));
        let Some(role) = known else { return Ok(Some("the checklist has no such role".to_owned())) };
        let plan = plan.active(&self.state);
        let board = Board::at(&plan, &self.state, record.at);
        let mut board = evidence::board(&plan, &self.state, &board, signed.evidence_form);
        let now = Statement::of_with(&plan, &self.state, &mut board, role, stated.said(), &mut self.worded);
        let now = now.ok_or("the ledger holds no record before it")?;
        Ok(differs(stated, &now, &self.state).map(|what| format!("{what} was not as it was signed")))
    }
}
