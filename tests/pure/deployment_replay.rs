//! The state is the fold of the records and nothing else: replaying them, from memory or from the file, in one go or
//! bit by bit, gives the state that was kept while they were made.

use crate::flight;

use chrono::{DateTime, TimeDelta, Utc};
use flight::{Flight, captain, plan};
use gonogo::checklist::{Digest, ItemId};
use gonogo::deployment::attempt::{AttemptNumber, End, Outcome};
use gonogo::deployment::decide::{Context, decide};
use gonogo::deployment::fact::{Approval, IssueAccount, LedgerOpened, Waiver};
use gonogo::deployment::{Board, Fact, Intent, Measurement, Plan, Record, Seq, State, Verdict};
use gonogo::ledger::AppendError;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn item() -> impl Strategy<Value = ItemId> {
    let ids: Vec<ItemId> = plan().order().iter().cloned().chain(["no/such/item".into()]).collect();
    proptest::sample::select(ids)
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let verdict = prop_oneof![3 => Just(Verdict::Pass), 1 => Just(Verdict::Fail), 1 => Just(Verdict::Inconclusive)];
    let end = prop_oneof![3 => Just(End::Completed), 1 => Just(End::Cancelled)];
    (verdict, end, 0_u64..100_000, 0.0_f64..1_000.0).prop_map(|(verdict, end, took_ms, latency)| Outcome {
        exit: Some(0),
        signal: None,
        took_ms,
        end,
        verdict,
        detail: format!("{latency:.1} ms"),
        measured: vec![Measurement::new("latency-p95", latency, "ms")],
        tables: Vec::new(),
        output: None,
        made: None,
        revision: Some("0003".into()),
        left: Vec::new(),
        attested: None,
    })
}

pub(crate) fn intent() -> impl Strategy<Value = Intent> {
    let attempt = || (1_u32..6).prop_map(AttemptNumber);
    let words = || "[a-z \n\"]{0,12}";
    let decision = || prop_oneof![Just(Approval::Go), Just(Approval::NoGo)];
    let how = prop_oneof![Just(Waiver::Skipped), Just(Waiver::Overridden), Just(Waiver::Deferred)];
    let confirmation = prop_oneof![Just(None), Just(Some("rehearsal-production".to_owned()))];
    prop_oneof![
        4 => (item(), proptest::option::of(words())).prop_map(|(item, note)| Intent::CheckItem { item, note }),
        1 => (item(), words()).prop_map(|(item, reason)| Intent::UncheckItem { item, reason }),
        2 => (item(), how, words()).prop_map(|(item, how, reason)| {
            Intent::WaiveItem { item, how, reason, until: Some(DateTime::UNIX_EPOCH) }
        }),
        1 => (item(), words()).prop_map(|(item, reason)| Intent::WithdrawWaiver { item, reason }),
        2 => (item(), "[0-9a]{1,3}").prop_map(|(item, value)| Intent::FillValue { item, value }),
        2 => item().prop_map(|item| Intent::EvaluateItem { item }),
        6 => (item(), confirmation).prop_map(|(item, confirmation)| Intent::StartAttempt { item, confirmation }),
        6 => (attempt(), outcome()).prop_map(|(attempt, outcome)| Intent::FinishAttempt { attempt, outcome }),
        1 => (attempt(), words()).prop_map(|(attempt, reason)| Intent::LoseAttempt { attempt, reason }),
        1 => (attempt(), words()).prop_map(|(attempt, reason)| Intent::ResolveAttempt { attempt, reason }),
        1 => (attempt(), words()).prop_map(|(attempt, reason)| Intent::RequestCancel { attempt, reason }),
        1 => words().prop_map(|text| Intent::AddNote { item: None, text }),
        1 => words().prop_map(|title| Intent::OpenIssue { title, account: IssueAccount::default() }),
        1 => (1_u32..3, words()).prop_map(|(issue, impact)| Intent::UpdateIssue {
            issue,
            account: IssueAccount { impact: Some(impact), ..IssueAccount::default() },
        }),
        1 => words().prop_map(|text| Intent::AddLesson { text }),
        2 => (decision(), words()).prop_map(move |(decision, comment)| Intent::Sign {
            group: "crew".into(),
            role: "qa".into(),
            name: "Grace".into(),
            decision,
            comment: Some(comment),
        }),
        1 => (decision(), words()).prop_map(|(decision, reason)| Intent::Decide { decision, reason }),
        1 => "[ab]".prop_map(|identity| Intent::RecordIdentity {
            environment: "rehearsal-production".into(),
            identity,
        }),
    ]
}

/// Decides intents one after another, as the ledger does, with times that jump as they like.
pub(crate) fn fly(plan: &Plan, intents: Vec<(Intent, i64)>) -> (State, Vec<Record>) {
    let opened = LedgerOpened {
        title: plan.checklist().title.clone(),
        checklist: "flight.toml".into(),
        digest: plan.digest().clone(),
        snapshot: "checklist.toml".into(),
        snapshot_sha256: None,
        environments: plan.bindings().clone(),
        kinds: BTreeMap::new(),
    };
    let intents = std::iter::once((Intent::OpenLedger(opened), 0)).chain(intents);
    let (mut state, mut records) = (State::default(), Vec::new());
    for (intent, seconds) in intents {
        let context = Context::new(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds), captain());
        let decided = decide(plan, &state, &context, intent.clone());
        assert_eq!(decided, decide(plan, &state, &context, intent), "deciding twice gives the same");
        for fact in decided.unwrap_or_default() {
            let record = record(records.last(), context.at, fact);
            state.apply(&record);
            records.push(record);
        }
    }
    (state, records)
}

fn record(before: Option<&Record>, at: DateTime<Utc>, fact: Fact) -> Record {
    let seq = Seq(before.map_or(0, |record| record.seq.0) + 1);
    let sum = Digest::of(format!("{seq} {fact:?}").as_bytes());
    Record { seq, at, by: captain().into(), fact, sum }
}

proptest! {
    #[test]
    fn replaying_gives_the_state_that_was_kept(intents in vec((intent(), any::<i32>().prop_map(i64::from)), 0..40)) {
        let plan = plan();
        let (state, records) = fly(&plan, intents);
        prop_assert_eq!(&State::replay(&records), &state);
        // From any point on, the rest leads to the same state.
        let half = records.len() / 2;
        let mut resumed = State::replay(&records[..half]);
        records[half..].iter().for_each(|record| resumed.apply(record));
        prop_assert_eq!(&resumed, &state);
        prop_assert_eq!(Board::new(&plan, &resumed), Board::new(&plan, &state));
    }

    #[test]
    fn nothing_is_ordered_by_time(intents in vec((intent(), any::<i32>().prop_map(i64::from)), 0..40)) {
        let plan = plan();
        let (state, records) = fly(&plan, intents);
        let mut backwards = records.clone();
        for (index, record) in backwards.iter_mut().enumerate() {
            record.at = DateTime::UNIX_EPOCH - TimeDelta::hours(i64::try_from(index).unwrap());
        }
        let other = State::replay(&backwards);
        prop_assert_eq!(Board::new(&plan, &other), Board::new(&plan, &state));
        prop_assert_eq!(other.decisions.len(), state.decisions.len());
        prop_assert_eq!(other.head, state.head);
    }

    #[test]
    fn attempts_stand_at_their_numbers(intents in vec((intent(), Just(0)), 0..60)) {
        let (state, _) = fly(&plan(), intents);
        for (index, attempt) in state.attempts.iter().enumerate() {
            prop_assert_eq!(attempt.number.0 as usize, index + 1);
            prop_assert_eq!(state.attempt(attempt.number), Some(attempt));
        }
        // Nothing runs twice at once.
        let mut running: Vec<_> = state.running().map(|attempt| &attempt.item).collect();
        let all = running.len();
        running.sort();
        running.dedup();
        prop_assert_eq!(running.len(), all);
    }
}

proptest! {
    // Every record is synced to the disk, so fewer cases.
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_file_replays_to_the_state_that_appending_kept(intents in vec(intent(), 1..25)) {
        let (flight, mut ledger) = Flight::open();
        let mut follower = flight.reopen().unwrap();
        let mut made = 1;
        for intent in intents {
            match ledger.append(&captain(), intent) {
                Ok(records) => made += records.len(),
                Err(AppendError::Refused(_)) => {}
                Err(AppendError::Ledger(error)) => return Err(TestCaseError::fail(error.to_string())),
            }
        }
        prop_assert_eq!(ledger.records().len(), made);
        prop_assert_eq!(&State::replay(ledger.records()), ledger.state());
        let reopened = flight.reopen().unwrap();
        prop_assert_eq!(reopened.records(), ledger.records());
        prop_assert_eq!(reopened.state(), ledger.state());
        let followed = follower.follow().unwrap();
        prop_assert_eq!(followed.as_slice(), ledger.records_after(Seq(1)));
        prop_assert_eq!(follower.state(), ledger.state());
    }
}
