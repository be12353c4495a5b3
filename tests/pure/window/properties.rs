//! What holds of clock, seats and gates whatever is done in whatever order.

use super::flight::{Flight, outcome, person};
use gonogo::checklist::offset::Offset;
use gonogo::checklist::{ItemId, PhaseId};
use gonogo::deployment::fact::{Approval, Waiver};
use gonogo::deployment::seat::{Captain, GONE_LONG_ENOUGH, Seat, SessionId, same_person};
use gonogo::deployment::{Board, Fact, Intent, ItemStatus, Record, State, Verdict, gate, projection};
use proptest::collection::vec;
use proptest::prelude::*;

const PEOPLE: [&str; 3] = ["Ada", "Ben", "Cleo"];
/// Ada has two sessions.
const SESSIONS: [(&str, &str); 4] = [("Ada", "a"), ("Ada", "a2"), ("Ben", "b"), ("Cleo", "c")];

fn hold() -> Intent {
    Intent::HoldClock { reason: "wait".into() }
}

fn resume() -> Intent {
    Intent::ResumeClock { reason: None }
}

fn t(flight: &Flight) -> i64 {
    flight.state.clock.read(flight.now).unwrap().t
}

proptest! {
    /// T moves by exactly the time that passed while it counted, whatever was held in between.
    #[test]
    fn holds_neither_lose_nor_gain_time(steps in vec((0_i64..10_000_000, any::<bool>()), 1..40), from in -1_000_000_i64..0) {
        let mut flight = Flight::open();
        let start = Intent::StartClock { from: Some(Offset::from_millis(from)), pace: 1 };
        flight.ask("Ada", "a", start).unwrap();
        let (mut counted, mut held) = (0, false);
        for (passes, toggles) in steps {
            let before = t(&flight);
            flight.now += chrono::TimeDelta::milliseconds(passes);
            if held {
                prop_assert_eq!(t(&flight), before, "a held clock stands");
            } else {
                counted += passes;
            }
            if toggles {
                let standing = t(&flight);
                flight.ask("Ada", "a", if held { resume() } else { hold() }).unwrap();
                held = !held;
                prop_assert_eq!(t(&flight), standing, "holding and resuming move nothing");
            }
            prop_assert_eq!(t(&flight), from + counted);
        }
        prop_assert_eq!(&State::replay(&flight.records), &flight.state);
    }

    /// However much time passes, the finish never comes nearer than it was, and T never runs backwards.
    #[test]
    fn projections_are_monotone_in_elapsed_time(
        done in 0_usize..5, held in any::<bool>(), running in any::<bool>(), passes in vec(0_i64..600_000, 1..20),
    ) {
        let mut flight = Flight::open();
        flight.prepare("Ada", "a");
        flight.ask("Ada", "a", Intent::StartClock { from: Some(Offset::from_millis(-600_000)), pace: 1 }).unwrap();
        let steps = ["go/before/stop", "go/move/upgrade", "go/code/start", "go/code/health"];
        if done > 0 {
            flight.ask("Ada", "a", Intent::CheckItem { item: "go/before/tell".into(), note: None }).unwrap();
        }
        for step in steps.iter().take(done.saturating_sub(1)) {
            flight.attempt("Ada", "a", step, Verdict::Pass, 30_000).unwrap();
        }
        if let Some(next) = steps.get(done.saturating_sub(1)).filter(|_| running && done > 0) {
            flight.start("Ada", "a", next).unwrap();
        }
        if held {
            flight.ask("Ada", "a", hold()).unwrap();
        }
        let project = |flight: &Flight| {
            projection::project(&flight.plan, &flight.state, &flight.board(), flight.now).unwrap()
        };
        let mut last = project(&flight);
        for passes in passes {
            flight.now += chrono::TimeDelta::milliseconds(passes);
            let now = project(&flight);
            prop_assert!(now.finish >= last.finish, "{last:?} then {now:?}");
            prop_assert!(now.finish_at >= last.finish_at, "{last:?} then {now:?}");
            last = now;
        }
    }
}

/// What a session may do about seats.
#[derive(Debug, Clone, Copy)]
enum Move {
    Take,
    TakeOver,
    HandOver(usize),
    Leave,
    ReportEmpty,
    Drive,
    Die,
    Wait(i64),
}

fn moves() -> impl Strategy<Value = Vec<(usize, Move)>> {
    let one = prop_oneof![
        4 => Just(Move::Take),
        3 => Just(Move::TakeOver),
        2 => (0..PEOPLE.len()).prop_map(Move::HandOver),
        1 => Just(Move::Leave),
        2 => Just(Move::ReportEmpty),
        4 => Just(Move::Drive),
        3 => Just(Move::Die),
        3 => (0_i64..60).prop_map(Move::Wait),
    ];
    vec((0..SESSIONS.len(), one), 1..60)
}

proptest! {
    /// Whoever has the lock has the seat, and nobody else drives; a seat is never taken from a session that lives.
    #[test]
    fn two_sessions_never_both_hold_the_seat(moves in moves()) {
        let mut flight = Flight::open();
        for (who, one) in moves {
            let (name, session) = SESSIONS[who];
            let id = SessionId::new(session);
            let (before, lock, now) = (flight.state.seats.captain.clone(), flight.lock.clone(), flight.now);
            let done = match one {
                Move::Take => flight.ask(name, session, Intent::TakeSeat { seat: Seat::Captain }),
                Move::TakeOver => flight.ask(name, session, Intent::TakeOverSeat { reason: "gone".into() }),
                Move::HandOver(to) => {
                    let (to, word) = (PEOPLE[to].to_owned(), "you have it".to_owned());
                    flight.ask(name, session, Intent::HandOverSeat { to, word })
                }
                Move::Leave => flight.ask(name, session, Intent::LeaveSeat),
                Move::ReportEmpty => flight.ask(name, session, Intent::ReportSeatEmpty),
                Move::Drive => {
                    let drove = flight.ask(name, session, Intent::AdoptEstimates(estimates()));
                    prop_assert_eq!(drove.is_ok(), flight.state.seats.drives(&id));
                    drove
                }
                Move::Die => {
                    flight.lock = flight.lock.take().filter(|holder| *holder != id);
                    Ok(0)
                }
                Move::Wait(seconds) => {
                    flight.pass(seconds);
                    Ok(0)
                }
            };
            // The lock and the record never name two.
            if let Some(lock) = &flight.lock {
                let holder = flight.state.seats.holder().map(|holder| &holder.session);
                prop_assert_eq!(holder, Some(lock), "{:?}", one);
            }
            let Captain::Held(after) = &flight.state.seats.captain else { continue };
            let changed = !matches!(&before, Captain::Held(holder) if holder.session == after.session);
            if !changed {
                continue;
            }
            prop_assert!(done.is_ok());
            prop_assert_eq!(&after.session, &id, "a session sits down only by itself");
            prop_assert_eq!(lock, None, "somebody lived in that seat");
            // Another's seat: only when they were seen gone long enough ago, or gave it up.
            if let Captain::Held(gone) = &before
                && !same_person(&gone.stamp.by, &person(name))
            {
                prop_assert!(gone.gone.is_some_and(|at| now - at >= GONE_LONG_ENOUGH), "{:?}", gone);
            }
        }
        prop_assert_eq!(&State::replay(&flight.records), &flight.state);
    }
}

fn estimates() -> gonogo::deployment::fact::EstimatesAdopted {
    gonogo::deployment::fact::EstimatesAdopted {
        source: "a rehearsal".into(),
        durations: [("go/move/upgrade".into(), 1_000)].into(),
        rollback_ms: None,
    }
}

/// Whatever may be asked that could lead into a phase.
fn intents() -> impl Strategy<Value = Vec<(usize, i64, Intent)>> {
    let items: Vec<ItemId> = Flight::open().plan.order().to_vec();
    let item = || proptest::sample::select(items.clone());
    let role = || prop_oneof![Just("qa"), Just("dba")];
    let verdict = prop_oneof![4 => Just(Verdict::Pass), 1 => Just(Verdict::Fail)];
    let intent = prop_oneof![
        8 => item().prop_map(|item| Intent::StartAttempt { item, confirmation: Some("production".into()) }),
        6 => item().prop_map(|item| Intent::CheckItem { item, note: None }),
        3 => item().prop_map(|item| Intent::EvaluateItem { item }),
        2 => item().prop_map(|item| {
            Intent::WaiveItem { item, how: Waiver::Overridden, reason: "known".into(), until: None }
        }),
        8 => (1_u32..12, verdict).prop_map(|(attempt, verdict)| Intent::FinishAttempt {
            attempt: gonogo::deployment::attempt::AttemptNumber(attempt),
            outcome: outcome(verdict, 1_000),
        }),
        6 => role().prop_map(move |role| Intent::Sign {
            group: "crew".into(),
            role: role.into(),
            name: "Q".into(),
            decision: Approval::Go,
            comment: None,
        }),
        1 => Just(Intent::RequestOverride { phase: "go".into(), reason: "in a hurry".into() }),
        1 => Just(Intent::ConfirmOverride { phase: "go".into(), word: "agreed".into() }),
        1 => Just(Intent::ReportSensed {
            item: "prepare/look/probe".into(),
            verdict: Verdict::Fail,
            detail: "503".into(),
            measured: Vec::new(),
            failures: 3,
        }),
    ];
    vec((0..PEOPLE.len(), prop_oneof![9 => 0_i64..600, 1 => 0_i64..200_000], intent), 1..120)
}

/// The item that a record carries something out of.
fn entered(record: &Record) -> Option<&ItemId> {
    match &record.fact {
        Fact::AttemptStarted { item, .. } | Fact::ItemChecked { item, .. } | Fact::ItemEvaluated { item, .. } => {
            Some(item)
        }
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    /// Nothing of the protected phase begins while its gate lacks anything that two people have not agreed to go without.
    #[test]
    fn no_path_leads_through_a_closed_gate(prepared in any::<bool>(), intents in intents()) {
        let mut flight = Flight::open();
        if prepared {
            flight.prepare("Ada", "a");
        }
        for (who, passes, intent) in intents {
            flight.pass(passes);
            let (before, known, now) = (flight.state.clone(), flight.records.len(), flight.now);
            let _ = flight.ask(PEOPLE[who], "a", intent);
            let into = flight.records[known..].iter().filter_map(entered).any(|item| item.phase().as_str() == "go");
            if !into {
                continue;
            }
            let plan = &flight.plan;
            let phase = plan.checklist().phase(&PhaseId::new("go")).unwrap();
            let mut board = Board::at(plan, &before, now);
            for requirement in &phase.gate {
                let lacks = gate::lacks(plan, &before, &mut board, requirement);
                let old = requirement.to_string() == "prepare/look/backup" && !fresh(&before, &board, now);
                let agreed = before.overrides.iter().any(|known| {
                    let two = known.confirmed.as_ref().is_some_and(|(second, _)| {
                        second.by.user != known.requested.by.user && second.by.says != known.requested.by.says
                    });
                    two && known.requirements.contains(&requirement.to_string())
                });
                prop_assert!((lacks.is_empty() && !old) || agreed, "{requirement}: {lacks:?}");
            }
        }
    }
}

/// The backup counts for a day after its attempt ended.
fn fresh(state: &State, board: &Board, now: chrono::DateTime<chrono::Utc>) -> bool {
    let id = ItemId::new("prepare/look/backup");
    let ended = state.times.get(&id).and_then(|times| times.completed).map(|moment| moment.at);
    *board.status(&id) == ItemStatus::Done && ended.is_some_and(|at| now - at <= chrono::TimeDelta::hours(24))
}
