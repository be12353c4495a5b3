//! What the collector saw and the ledger does not say yet.

use super::*;
use gonogo::deployment::alerts::watch::Watch;
use gonogo::deployment::metrics::{PaneVerdict, Transition};
use proptest::collection::vec;
use proptest::prelude::*;

fn change(pane: &str, from: PaneVerdict, to: PaneVerdict, since: DateTime<Utc>) -> Transition {
    Transition {
        pane: pane.into(),
        environment: "production".into(),
        from,
        to,
        at: since,
        since,
        value: Some(412.0),
        unit: "ms".into(),
        target: Some("< 200 ms".into()),
        sentence: "as seen".into(),
    }
}

#[test]
fn no_data_is_recorded_once_and_cleared_by_any_number() {
    let mut night = Night::new();
    let mut watch = Watch::default();
    watch.take(&change("lots", PaneVerdict::Ok, PaneVerdict::NoData, night.now), true);
    watch.take(&change("size", PaneVerdict::Inconclusive, PaneVerdict::NoData, night.now), false);
    let due = watch.due(&night.plan, &night.state, night.now);
    let [Intent::RaiseAlert { pane, seen }] = &due[..] else { panic!("{due:?}") };
    assert_eq!((pane.as_str(), seen.verdict, seen.value), ("lots", Trouble::NoData, None));
    night.ask_as("collector", "c", due[0].clone()).unwrap();
    assert_eq!(watch.due(&night.plan, &night.state, night.now), [], "what is recorded is not recorded again");
    // Well again, or of a metric without a target only there again.
    for to in [PaneVerdict::Ok, PaneVerdict::Inconclusive] {
        let mut watch = watch.clone();
        watch.take(&change("lots", PaneVerdict::NoData, to, night.now), true);
        let due = watch.due(&night.plan, &night.state, night.now);
        assert!(matches!(&due[0], Intent::ClearAlert { pane, .. } if pane.as_str() == "lots"), "{due:?}");
    }
}

const ERRORS: &str = "\n[[pane]]\nid = \"errors\"\ntitle = \"New errors\"\nslot = \"production\"\nunit = \"errors\"\n\
    source = { kind = \"log\", number = \"new-errors\", path = \"app.log\" }\ntarget = { at_most = 0 }\n";

#[test]
fn a_further_kind_of_error_asks_again_after_an_acknowledgement() {
    let mut night = Night::with(&format!("{CHECKLIST}{ERRORS}"));
    let mut watch = Watch::default();
    let mut look = |night: &mut Night, from, count: f64| {
        let seen = Transition { value: Some(count), ..change("errors", from, PaneVerdict::OverTarget, night.now) };
        watch.take(&seen, true);
        let due = watch.due(&night.plan, &night.state, night.now);
        due.iter().cloned().for_each(|intent| drop(night.ask_as("collector", "c", intent)));
        assert_eq!(watch.due(&night.plan, &night.state, night.now), [], "recorded once");
        due.len()
    };
    assert_eq!(look(&mut night, PaneVerdict::Ok, 1.0), 1);
    night.pass(60);
    night.ask(Intent::AcknowledgeAlert { alert: AlertNumber(1), note: None }).unwrap();
    assert_eq!(look(&mut night, PaneVerdict::OverTarget, 1.0), 0, "the same kinds are no news");
    assert_eq!(night.standing(1), Standing::Acknowledged);
    assert_eq!(look(&mut night, PaneVerdict::OverTarget, 3.0), 1);
    assert_eq!((night.standing(1), night.kinds()), (Standing::Open, vec!["raised", "acknowledged", "changed"]));
    assert_eq!(night.state.alerts.alert(AlertNumber(1)).unwrap().seen.value, Some(3.0));
}

#[test]
fn a_target_that_was_loosened_shows_in_what_clears_an_alert() {
    let mut night = Night::new();
    let mut watch = Watch::default();
    // As if its target had been taken away since.
    night.raise("size", Trouble::OverTarget);
    watch.take(&change("size", PaneVerdict::OverTarget, PaneVerdict::Ok, night.now), true);
    let due = watch.due(&night.plan, &night.state, night.now);
    let [Intent::ClearAlert { sentence, .. }] = &due[..] else { panic!("{due:?}") };
    assert_eq!(sentence, "as seen; the target was < 200 ms when it was raised");
}

/// The release that goes is slow and has not every metric: that is why another one comes.
#[test]
fn what_was_never_well_is_no_news_before_the_change_has_arrived() {
    let mut night = Night::new();
    let mut watch = Watch::default();
    watch.take(&change("lots", PaneVerdict::Inconclusive, PaneVerdict::OverTarget, night.now), true);
    watch.take(&change("size", PaneVerdict::Inconclusive, PaneVerdict::NoData, night.now), false);
    night.pass(3_600);
    assert_eq!(watch.due(&night.plan, &night.state, night.now), []);
    night.run("go/run/stop", 4, Verdict::Pass);
    night.run("go/run/start", 4, Verdict::Pass);
    night.run("go/run/health", 1, Verdict::Pass);
    night.pass(299);
    assert_eq!(watch.due(&night.plan, &night.state, night.now), [], "it has five minutes to show better");
    night.pass(1);
    assert_eq!(watch.due(&night.plan, &night.state, night.now).len(), 2);
    watch.take(&change("lots", PaneVerdict::OverTarget, PaneVerdict::Ok, night.now), true);
    let due = watch.due(&night.plan, &night.state, night.now);
    assert!(matches!(&due[..], [Intent::RaiseAlert { pane, .. }] if pane.as_str() == "size"), "{due:?}");
}

#[test]
fn without_a_step_that_stops_the_service_the_clock_reports() {
    let mut night = Night::new();
    let mut watch = Watch::default();
    watch.take(&change("lots", PaneVerdict::Inconclusive, PaneVerdict::OverTarget, night.now), true);
    night.ask(Intent::TakeSeat { seat: Seat::Captain }).unwrap();
    night.ask(Intent::StartClock { from: Some(gonogo::checklist::offset::Offset::from_millis(0)), pace: 1 }).unwrap();
    night.pass(599);
    assert_eq!(watch.due(&night.plan, &night.state, night.now), []);
    night.pass(1);
    assert_eq!(watch.due(&night.plan, &night.state, night.now).len(), 1);
}

#[test]
fn who_forgets_to_start_the_service_is_called() {
    let mut night = Night::new();
    night.run("go/run/stop", 4, Verdict::Pass);
    night.pass(60);
    night.raise("lots", Trouble::NoData);
    // Five minutes are promised, one more is given.
    let watch = Watch::default();
    night.pass(290);
    assert_eq!(watch.due(&night.plan, &night.state, night.now), []);
    night.pass(10);
    let due = watch.due(&night.plan, &night.state, night.now);
    assert_eq!(due.len(), 1, "{due:?}");
    night.ask_as("collector", "c", due[0].clone()).unwrap();
    assert_eq!(night.standing(1), Standing::Open, "somebody forgot to start it");
    assert_eq!(watch.due(&night.plan, &night.state, night.now), []);
}

#[derive(Debug, Clone)]
enum Look {
    Seen(usize, PaneVerdict),
    Ack(u32),
    Silence(usize, i64),
    Pass(i64),
    Stop,
    Restart,
}

fn look() -> impl Strategy<Value = Look> {
    use PaneVerdict::{Inconclusive, NoData, Ok as Good, OverTarget, WorseThanBaseline};
    let verdict = prop_oneof![4 => Just(Good), 3 => Just(OverTarget), 2 => Just(NoData), 1 => Just(WorseThanBaseline), 1 => Just(Inconclusive)];
    prop_oneof![
        8 => (0..2_usize, verdict).prop_map(|(pane, verdict)| Look::Seen(pane, verdict)),
        2 => (1..6_u32).prop_map(Look::Ack),
        1 => (0..3_usize, 1..900_i64).prop_map(|(pane, seconds)| Look::Silence(pane, seconds)),
        4 => (1..400_i64).prop_map(Look::Pass),
        1 => Just(Look::Stop),
        1 => Just(Look::Restart),
    ]
}

proptest! {
    #[test]
    fn alerts_alternate_and_are_never_two_whatever_is_seen(looks in vec(look(), 0..120)) {
        let panes = ["lots", "size"];
        let mut night = Night::new();
        let mut watch = Watch::default();
        let mut stood = [PaneVerdict::Ok; 2];
        for look in looks {
            match look {
                Look::Seen(at, verdict) => {
                    if verdict != stood[at] {
                        watch.take(&change(panes[at], stood[at], verdict, night.now), true);
                        stood[at] = verdict;
                    }
                }
                Look::Ack(number) => drop(night.ask(Intent::AcknowledgeAlert { alert: AlertNumber(number), note: None })),
                Look::Silence(at, seconds) => {
                    let pane = panes.get(at).map(|pane| PaneId::new(*pane));
                    let until = night.now + TimeDelta::seconds(seconds);
                    night.ask(Intent::SilenceAlerts { pane, until, reason: "x".into() }).unwrap();
                }
                Look::Pass(seconds) => night.pass(seconds),
                Look::Stop => night.run("go/run/stop", 1, Verdict::Pass),
                // A collector that begins anew knows nothing but the ledger.
                Look::Restart => watch = Watch::default(),
            }
            for _ in 0..2 {
                for intent in watch.due(&night.plan, &night.state, night.now) {
                    night.ask_as("collector", "c", intent).unwrap();
                }
            }
            prop_assert!(watch.due(&night.plan, &night.state, night.now).is_empty(), "what is due is recorded at once");
        }
        // Of each metric: raised, then changes and acknowledgements, then cleared, and nothing in between.
        for pane in panes {
            let mut open = None;
            for record in &night.records {
                match &record.fact {
                    Fact::AlertRaised(raised) if raised.pane.as_str() == pane => {
                        prop_assert_eq!(open.replace(raised.alert), None, "a second one is open");
                    }
                    Fact::AlertChanged { alert, pane: of, .. } | Fact::AlertAcknowledged { alert, pane: of, .. }
                        if of.as_str() == pane => prop_assert_eq!(open, Some(*alert)),
                    Fact::AlertCleared { alert, pane: of, .. } if of.as_str() == pane => {
                        prop_assert_eq!(open.take(), Some(*alert));
                    }
                    _ => {}
                }
            }
        }
        prop_assert_eq!(&State::replay(&night.records), &night.state);
    }
}
