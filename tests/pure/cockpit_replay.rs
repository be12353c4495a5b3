//! A replay shows what a cockpit showed: at every record the fold of those before it, whatever was looked at in between,
//! and nothing that acts ever comes out of it.

use crate::deployment_replay::{fly, intent};
use crate::flight::plan;
use chrono::{DateTime, TimeDelta, Utc};
use gonogo::checklist::{EnvironmentName, PaneId};
use gonogo::cockpit::key::Code;
use gonogo::cockpit::model::Access;
use gonogo::cockpit::replay::evidence::NoEvidence;
use gonogo::cockpit::replay::{Evidence, History, Mark, Replay, ReplayMsg, Sampled, Sight};
use gonogo::cockpit::{Dialog, Key, Model, Msg, update};
use gonogo::deployment::attempt::{Attempt, AttemptNumber};
use gonogo::deployment::progress::Progress;
use gonogo::deployment::{Board, Fact, Operator, Plan, Record, Seq, State};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;

fn history(records: &[Record]) -> History {
    let records = records.iter().cloned().map(Arc::new).collect();
    History::new(records, vec![(Seq(1), Arc::new(plan()))]).unwrap()
}

/// A cockpit that was open all the time, at the moment when so many records had been made.
fn live(records: &[Record], count: usize) -> Model {
    let by = Operator { user: String::new(), says: "replay".into(), host: String::new(), simulated: None };
    let mut model = Model::new(Arc::new(plan()), records[..1].to_vec(), by, Access::Watches, records[0].at);
    for record in &records[1..count] {
        update(&mut model, Msg::Recorded(vec![Arc::new(record.clone())]));
    }
    model.settle();
    model
}

/// What of a cockpit is worked out from records.
fn reported(model: &Model) -> String {
    let Model { state, board, summary, helm, now, records, plan, .. } = model;
    let items: Vec<_> = plan.order().iter().map(|item| (item, board.status(item))).collect();
    format!("{now}\n{}\n{items:#?}\n{state:#?}\n{summary:#?}\n{helm:#?}", records.len())
}

fn any_key() -> impl Strategy<Value = Key> {
    let letters: Vec<char> = (' '..='~').collect();
    let codes = [Code::Enter, Code::Esc, Code::Tab, Code::Left, Code::Right, Code::Up, Code::Down, Code::End];
    prop_oneof![
        3 => proptest::sample::select(letters).prop_map(Key::char),
        2 => proptest::sample::select(codes.to_vec()).prop_map(Key::plain),
        1 => proptest::sample::select("auxroc".chars().collect::<Vec<_>>()).prop_map(Key::led),
    ]
}

/// Times that only go on, as clocks that nobody sets do.
fn steadily(intents: Vec<(gonogo::deployment::Intent, i64)>) -> Vec<(gonogo::deployment::Intent, i64)> {
    let mut at = 0;
    let step = |(intent, seconds): (_, i64)| {
        at += seconds;
        (intent, at)
    };
    intents.into_iter().map(step).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Over every prefix: forwards record by record, and by leaps from anywhere to anywhere.
    #[test]
    fn at_every_record_it_shows_what_the_live_cockpit_showed(
        intents in vec((intent(), 0_i64..400), 0..30),
        leaps in vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let (state, records) = fly(&plan(), steadily(intents));
        let mut replay = Replay::new(history(&records), Box::new(NoEvidence));
        let forwards = 1..=records.len();
        let leaps = leaps.iter().map(|leap| leap.index(records.len()) + 1);
        for count in forwards.chain(leaps).chain([records.len()]) {
            replay.stand_at(count);
            let prefix = State::replay(&records[..count]);
            prop_assert_eq!(&replay.model().state, &prefix);
            let at = replay.model().now;
            prop_assert_eq!(at, records[count - 1].at);
            prop_assert_eq!(&replay.model().board, &Board::at(&replay.model().plan, &prefix, at));
            prop_assert_eq!(reported(replay.model()), reported(&live(&records, count)));
        }
        prop_assert_eq!(&replay.model().state, &state);
    }

    /// By time it stands where the records before that time lead, also when a clock was set back meanwhile.
    #[test]
    fn at_every_time_it_shows_the_records_before(
        intents in vec((intent(), any::<i16>().prop_map(i64::from)), 0..30),
        times in vec(-10_000_i64..500_000, 1..12),
    ) {
        let (_, records) = fly(&plan(), intents);
        let mut replay = Replay::new(history(&records), Box::new(NoEvidence));
        let mut before: Option<(DateTime<Utc>, usize)> = None;
        for seconds in times {
            replay.place_in_time(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds));
            let (now, count) = (replay.model().now, replay.model().records.len());
            prop_assert_eq!(&replay.model().state, &State::replay(&records[..count]));
            prop_assert!(records[..count].iter().all(|record| record.at <= now));
            if let Some((then, fewer)) = before {
                prop_assert!(then.cmp(&now) != count.cmp(&fewer) || then == now, "time and records go the same way");
            }
            before = Some((now, count));
        }
    }

    /// Whatever is pressed, and while it plays: nothing leaves it but what only the terminal does, no form opens, and what
    /// it shows stays what the ledger held.
    #[test]
    fn nothing_that_acts_leaves_it(
        intents in vec((intent(), 0_i64..400), 0..20),
        keys in vec(prop_oneof![5 => any_key().prop_map(ReplayMsg::Key),
                                1 => (0_i64..5_000).prop_map(|ms| ReplayMsg::Passed(TimeDelta::milliseconds(ms))),
                                1 => "[a-z]{0,9}".prop_map(ReplayMsg::Paste)], 0..60),
    ) {
        let (_, records) = fly(&plan(), steadily(intents));
        let mut replay = Replay::new(history(&records), Box::new(NoEvidence));
        for msg in keys {
            for sight in replay.update(msg) {
                // There is no other kind: one that acts would not compile here.
                match sight {
                    Sight::Suspend | Sight::CaptureMouse(_) | Sight::Copy(_) | Sight::Quit => {}
                }
            }
            let model = replay.model();
            let acts = matches!(model.dialog, Some(Dialog::Form { .. } | Dialog::Command { .. } | Dialog::Autopilot { .. }));
            prop_assert!(!acts, "something that acts was opened: {:?}", model.dialog);
            prop_assert!(!model.autopilot.is_on());
            let count = model.records.len();
            prop_assert_eq!(&model.state, &State::replay(&records[..count]));
        }
    }
}

/// One attempt of `before/look/tests`, that wrote three lines: after 1 s, 5 s and 20 s.
struct Kept;

const LOG: &[u8] = b"one\ntwo\nthree\n";

impl Evidence for Kept {
    fn marks(&mut self, _: AttemptNumber) -> Vec<Mark> {
        [(1_000, 4), (5_000, 8), (20_000, 14)].map(|(elapsed_ms, bytes)| Mark { elapsed_ms, bytes }).to_vec()
    }

    fn length(&mut self, _: AttemptNumber) -> u64 {
        LOG.len() as u64
    }

    fn output(&mut self, _: AttemptNumber, from: u64, until: u64) -> Vec<u8> {
        LOG[usize::try_from(from).unwrap()..usize::try_from(until).unwrap()].to_vec()
    }

    fn progress(&mut self, _: &Plan, _: &Attempt, _: u64) -> Option<Progress> {
        None
    }

    fn samples(&self, _: &EnvironmentName, _: &PaneId) -> &[Sampled] {
        static SAMPLES: std::sync::LazyLock<Vec<Sampled>> = std::sync::LazyLock::new(|| {
            let sample = |seconds: i64| Sampled {
                at: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
                value: if seconds == 104 { Err("no answer".into()) } else { Ok(seconds as f64) },
            };
            (100..130).step_by(2).map(sample).collect()
        });
        &SAMPLES
    }
}

/// Opened at 0 s, the attempt from 100 s to 125 s, a note at 1,000 s.
fn attempt() -> Replay {
    let (_, mut records) = fly(&plan(), Vec::new());
    let first = records[0].clone();
    let facts = [
        (
            100,
            Fact::AttemptStarted {
                environment: "rehearsal-production".into(),
                item: "before/look/tests".into(),
                attempt: AttemptNumber(1),
                check: "command".into(),
                command: None,
            },
        ),
        (
            125,
            Fact::AttemptFinished {
                environment: "rehearsal-production".into(),
                item: "before/look/tests".into(),
                attempt: AttemptNumber(1),
                outcome: crate::common::deployment::outcome(gonogo::deployment::Verdict::Pass, "ok").into(),
            },
        ),
        (1_000, Fact::NoteAdded { item: None, text: "later".into() }),
    ];
    for (seconds, fact) in facts {
        let seq = Seq(records.len() as u64 + 1);
        let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        records.push(Record { seq, at, fact, ..first.clone() });
    }
    Replay::new(history(&records), Box::new(Kept))
}

fn output(replay: &Replay) -> String {
    let Some(view) = replay.model().outputs.get(&AttemptNumber(1)) else { return String::new() };
    let line = |line: &Vec<(_, String)>| line.iter().map(|(_, text)| text.as_str()).collect::<String>();
    view.lines().map(line).collect::<Vec<_>>().join(",")
}

#[test]
fn output_and_panes_stand_as_they_were() {
    let mut replay = attempt();
    let at = |replay: &mut Replay, seconds: i64| {
        replay.place_in_time(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds));
        let pane = &replay.model().panes[0];
        (output(replay), pane.last_at.map_or(0, |at| at.timestamp()), pane.gap.clone())
    };
    assert_eq!(at(&mut replay, 99), (String::new(), 0, None));
    assert_eq!(at(&mut replay, 100), (String::new(), 100, None));
    assert_eq!(at(&mut replay, 104), ("one".into(), 104, Some("no answer".into())));
    assert_eq!(at(&mut replay, 110), ("one,two".into(), 110, None));
    assert_eq!(at(&mut replay, 124), ("one,two,three".into(), 124, None));
    assert_eq!(at(&mut replay, 1_000).0, "one,two,three");
    // Back again: what had not come yet is gone.
    assert_eq!(at(&mut replay, 106), ("one,two".into(), 106, None));
    assert_eq!(at(&mut replay, 101), ("one".into(), 100, None));
    assert_eq!(at(&mut replay, 50), (String::new(), 0, None));
    assert!(replay.model().outputs.is_empty(), "an attempt that had not begun has no output");
}

#[test]
fn playing_goes_by_the_records_times_and_skips_what_is_quiet() {
    let mut replay = attempt();
    let seconds = |replay: &Replay| replay.model().now.timestamp();
    replay.update(ReplayMsg::Passed(TimeDelta::seconds(9)));
    assert_eq!(seconds(&replay), 0, "paused, time stands still");
    replay.play(2);
    replay.update(ReplayMsg::Passed(TimeDelta::milliseconds(50)));
    assert_eq!((seconds(&replay), replay.model().replay.as_ref().unwrap().at), (99, 1), "a second before it happens");
    assert_eq!(replay.model().replay.as_ref().unwrap().skipped.map(|skip| skip.num_seconds()), Some(98));
    replay.update(ReplayMsg::Passed(TimeDelta::milliseconds(500)));
    assert_eq!((seconds(&replay), replay.model().replay.as_ref().unwrap().at), (100, 2));
    // The next line of output comes in a second: nothing to skip. Then 15 s of silence.
    replay.update(ReplayMsg::Passed(TimeDelta::milliseconds(2_500)));
    assert_eq!((seconds(&replay), output(&replay)), (105, "one,two".into()));
    replay.update(ReplayMsg::Passed(TimeDelta::milliseconds(500)));
    assert_eq!(seconds(&replay), 119);
    for _ in 0..100 {
        replay.update(ReplayMsg::Passed(TimeDelta::milliseconds(500)));
    }
    assert_eq!((seconds(&replay), replay.is_playing()), (1_000, false), "it stops at the last record");
    replay.update(ReplayMsg::Key(Key::char(' ')));
    assert_eq!((seconds(&replay), replay.is_playing()), (0, true), "and begins anew from there");
}

#[test]
fn keys_go_by_record_event_and_minute() {
    let mut replay = attempt();
    let mut press = |key: Key| {
        replay.update(ReplayMsg::Key(key));
        (replay.model().records.len(), replay.model().now.timestamp())
    };
    assert_eq!(press(Key::plain(Code::Right)), (2, 100));
    assert_eq!(press(Key::plain(Code::Right)), (3, 125));
    assert_eq!(press(Key::plain(Code::Left)), (2, 100));
    assert_eq!(press(Key::char(')')), (3, 160));
    assert_eq!(press(Key::char('(')), (2, 100));
    assert_eq!(press(Key::char('(')), (1, 40));
    assert_eq!(press(Key::char('(')), (1, 0));
    assert_eq!(press(Key::char('>')), (4, 1_000), "a passing step that changes nothing is no event");
    assert_eq!(press(Key::char('<')), (1, 0));
    assert_eq!(press(Key::char('$')), (4, 1_000));
    assert_eq!(press(Key::char('^')), (1, 0));
    // On the timeline Enter goes back to the record in hand.
    press(Key::char('$'));
    press(Key::char('6'));
    press(Key::plain(Code::Up));
    assert_eq!(press(Key::plain(Code::Enter)), (3, 125));
    let answer = |replay: &Replay| replay.model().answer.as_ref().unwrap().text.clone();
    replay.update(ReplayMsg::Key(Key::char('0')));
    replay.update(ReplayMsg::Key(Key::char('w')));
    assert_eq!(answer(&replay), "Replay is read-only; open the ledger with `gonogo open` to act on it");
}

#[test]
fn an_amended_checklist_is_followed_from_its_record_on() {
    let (_, mut records) = fly(&plan(), Vec::new());
    let before = Arc::new(plan());
    let mut checklist = gonogo::checklist::Checklist::clone(before.checklist());
    checklist.title = "Another".into();
    checklist.panes.clear();
    let after = Arc::new(Plan::new(Arc::new(checklist), before.bindings().clone()));
    for seconds in [10, 20] {
        let seq = Seq(records.len() as u64 + 1);
        let fact = Fact::NoteAdded { item: None, text: "x".into() };
        records.push(Record {
            seq,
            at: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
            fact,
            ..records[0].clone()
        });
    }
    let records = records.into_iter().map(Arc::new).collect();
    let history = History::new(records, vec![(Seq(1), before), (Seq(3), after)]).unwrap();
    let mut replay = Replay::new(history, Box::new(NoEvidence));
    let mut title = |count: usize| {
        replay.stand_at(count);
        (replay.model().plan.checklist().title.clone(), replay.model().panes.len())
    };
    assert_eq!(title(2), ("Test flight".into(), 1));
    assert_eq!(title(3), ("Another".into(), 0));
    assert_eq!(title(1), ("Test flight".into(), 1));
    assert!(History::new(Vec::new(), Vec::new()).is_none());
}
