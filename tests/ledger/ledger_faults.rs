//! Faults put into a ledger for real: torn, altered, cut, forged, replaced.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here ends the run and is seen")]

use crate::flight;

use chrono::{TimeDelta, TimeZone as _, Utc};
use flight::{Flight, captain, plan, reopen};
use gonogo::checklist::Digest;
use gonogo::deployment::fact::IssueAccount;
use gonogo::deployment::{Intent, Plan, Refusal, Seq};
use gonogo::ledger::verify::{Finding, examine};
use gonogo::ledger::{AppendError, Layout, Ledger, LedgerError};
use std::fs;
use std::sync::{Arc, Barrier};

fn note(text: &str) -> Intent {
    Intent::AddNote { item: None, text: text.into() }
}

fn notes(ledger: &Ledger) -> Vec<&str> {
    gonogo::deployment::state::notes(ledger.state(), ledger.records()).map(|note| note.text).collect()
}

/// Where each record begins in the ledger's bytes, with the end of the last one.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.match_indices("\n[[record]]\n").map(|(at, _)| at).chain([bytes.len()]).collect()
}

fn seal(body: &str) -> String {
    format!("\n{body}sum = \"{}\"\n", Digest::of(body.as_bytes()))
}

#[test]
fn a_record_torn_at_any_byte_is_never_read_and_is_kept_aside() {
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), note("acknowledged")).unwrap();
    let layout = Layout::new(flight.path());
    let (before, head) = (fs::read(flight.path()).unwrap(), fs::read(layout.head()).unwrap());
    ledger.append(&captain(), note("[[record]]\nsum = \"torn\" 🛫")).unwrap();
    let after = fs::read(flight.path()).unwrap();
    drop(ledger);
    for cut in before.len() + 1..after.len() {
        // Killed in the middle of the write: nobody was notified of the record, so the anchor has not moved either.
        fs::write(flight.path(), &after[..cut]).unwrap();
        fs::write(layout.head(), &head).unwrap();
        let torn = &after[before.len()..cut];
        let finding = examine(&flight.path()).unwrap().finding;
        let (offset, bytes) = (before.len() as u64, torn.len() as u64);
        assert_eq!(finding, Finding::Torn { seq: Seq(3), offset, bytes }, "cut at {cut}");
        assert_eq!(finding.exit_status(), 10);

        let mut ledger = flight.reopen().unwrap();
        assert_eq!(notes(&ledger), ["acknowledged"], "cut at {cut}");
        assert!(ledger.follow().unwrap().is_empty(), "a torn tail is not there yet");
        assert_eq!(fs::read(flight.path()).unwrap(), &after[..cut], "reading repairs nothing");

        ledger.append(&captain(), note("next")).unwrap();
        let (_, kept, length) = ledger.state().repairs.last().unwrap().clone();
        assert_eq!(length, bytes);
        assert_eq!(fs::read(ledger.evidence().join(&kept)).unwrap(), torn, "cut at {cut}");
        let reopened = flight.reopen().unwrap();
        assert_eq!(reopened.records(), ledger.records());
        assert_eq!(notes(&reopened), ["acknowledged", "next"]);
        assert_eq!(examine(&flight.path()).unwrap().finding, Finding::Intact);
    }
}

#[test]
fn an_acknowledged_record_that_is_cut_is_missed_and_never_papered_over() {
    let (flight, mut ledger) = Flight::open();
    for text in ["one", "two", "three"] {
        ledger.append(&captain(), note(text)).unwrap();
    }
    let whole = fs::read(flight.path()).unwrap();
    let ends = boundaries(&whole);
    for cut in [ends[2], ends[3], ends[3] + 40, whole.len() - 1] {
        fs::write(flight.path(), &whole[..cut]).unwrap();
        let finding = examine(&flight.path()).unwrap().finding;
        let Finding::Truncated { anchored, found, .. } = finding else { panic!("{finding:?} at {cut}") };
        assert_eq!(anchored, Seq(4));
        assert_eq!(found, Seq(if cut == ends[2] { 2 } else { 3 }));
        assert_eq!(finding.exit_status(), 12);
        let opened = flight.reopen().unwrap_err();
        assert!(matches!(opened, LedgerError::Truncated { .. }), "{opened}");
        assert_eq!(opened.exit_status(), 3);
        // Whoever has it open already notices too, and writes nothing over it.
        let refused = ledger.append(&captain(), note("four")).unwrap_err();
        assert!(matches!(refused, AppendError::Ledger(LedgerError::Truncated { .. })), "{refused}");
        assert_eq!(fs::read(flight.path()).unwrap(), &whole[..cut]);
    }
}

#[test]
fn a_ledger_cut_back_to_its_header_or_less_is_truncated() {
    let (flight, _ledger) = Flight::open();
    let whole = fs::read(flight.path()).unwrap();
    for cut in [0, 30, boundaries(&whole)[0] - 3, boundaries(&whole)[0]] {
        fs::write(flight.path(), &whole[..cut]).unwrap();
        let finding = examine(&flight.path()).unwrap().finding;
        assert!(matches!(finding, Finding::Truncated { found: Seq(0), anchored: Seq(1), .. }), "{finding:?} at {cut}");
        let error = flight.reopen().unwrap_err();
        assert!(matches!(error, LedgerError::Truncated { .. }), "{error} at {cut}");
    }
}

#[test]
fn any_byte_changed_in_a_record_is_found_with_its_place() {
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), note("to be altered")).unwrap();
    ledger.append(&captain(), note("after it")).unwrap();
    let whole = fs::read(flight.path()).unwrap();
    let ends = boundaries(&whole);
    for at in ends[1]..ends[2] {
        let mut altered = whole.clone();
        altered[at] ^= 0x02;
        fs::write(flight.path(), &altered).unwrap();
        let finding = examine(&flight.path()).unwrap().finding;
        let Finding::Altered { seq, offset, .. } = finding else { panic!("{finding:?} with byte {at} changed") };
        assert_eq!((seq, offset), (Seq(2), ends[1] as u64), "byte {at}");
        let error = flight.reopen().unwrap_err();
        assert!(matches!(&error, LedgerError::Altered { seq: Seq(2), offset, .. } if *offset == ends[1] as u64));
        assert_eq!(error.exit_status(), 3);
        assert_eq!(fs::read(flight.path()).unwrap(), altered, "nothing is rewritten");
    }
}

#[test]
fn records_removed_moved_doubled_or_forged_are_found_where_they_are() {
    let (flight, mut ledger) = Flight::open();
    for text in ["two", "three", "four"] {
        ledger.append(&captain(), note(text)).unwrap();
    }
    let whole = fs::read_to_string(flight.path()).unwrap();
    let ends = boundaries(whole.as_bytes());
    let part = |index: usize| &whole[ends[index]..ends[index + 1]];
    let top = &whole[..ends[1]];
    let forged = part(1).replace("\"two\"", "\"forged\"");
    let body = &forged[1..forged.rfind("sum = ").unwrap()];
    let by_hand = "\n[[record]]\nseq = 5\nkind = \"note-added\"\ntext = \"by hand\"\n".to_owned();
    let cases = [
        ("removed", [top, part(2), part(3)].concat(), 2, ends[1]),
        ("moved", [top, part(2), part(1), part(3)].concat(), 2, ends[1]),
        ("doubled", [top, part(1), part(1), part(2), part(3)].concat(), 3, ends[2]),
        ("summed anew", [top, &seal(body), part(2), part(3)].concat(), 3, ends[2] + 3),
        ("a comment by hand", [&whole, "# all fine\n"].concat(), 5, whole.len()),
        ("a record by hand", [whole.clone(), format!("{by_hand}sum = \"0\"\n")].concat(), 5, whole.len()),
        ("a summed record by hand", [whole.clone(), seal(&by_hand[1..])].concat(), 5, whole.len()),
        ("its sum line taken away", [top, &part(1)[..part(1).rfind("sum").unwrap()], part(2)].concat(), 2, ends[1]),
    ];
    for (what, text, seq, offset) in cases {
        fs::write(flight.path(), &text).unwrap();
        let finding = examine(&flight.path()).unwrap().finding;
        let Finding::Altered { seq: found, offset: at, .. } = &finding else { panic!("{what}: {finding:?}") };
        assert_eq!((found.0, *at), (seq, offset as u64), "{what}: {finding:?}");
        assert_eq!(finding.exit_status(), 11);
        let error = flight.reopen().unwrap_err();
        assert!(error.to_string().contains(&format!("record #{seq} at byte {offset}")), "{what}: {error}");
        assert_eq!(error.exit_status(), 3, "{what}");
        if offset >= ends[3] {
            let refused = ledger.append(&captain(), note("five")).unwrap_err();
            assert!(matches!(refused, AppendError::Ledger(LedgerError::Altered { .. })), "{what}: {refused}");
        }
        assert_eq!(fs::read_to_string(flight.path()).unwrap(), text, "{what}: nothing is rewritten");
    }
}

#[test]
fn a_last_record_rewritten_with_a_right_chain_is_not_the_acknowledged_one() {
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), note("no-go")).unwrap();
    let whole = fs::read_to_string(flight.path()).unwrap();
    let ends = boundaries(whole.as_bytes());
    let forged = whole[ends[1]..].replace("no-go", "go");
    let body = &forged[1..forged.rfind("sum = ").unwrap()];
    fs::write(flight.path(), [&whole[..ends[1]], &seal(body)].concat()).unwrap();
    let finding = examine(&flight.path()).unwrap().finding;
    assert!(matches!(finding, Finding::Altered { seq: Seq(2), .. }), "{finding:?}");
    assert!(matches!(flight.reopen(), Err(LedgerError::Altered { seq: Seq(2), .. })));
}

#[test]
fn a_note_may_hold_every_trick_of_the_syntax() {
    let tricks =
        "[[record]]\nseq = 9\nsum = \"0\"\n\"\"\"\n'''\\u0000\\\u{0}\u{85}\u{2028}\u{202e}\r\n# {a = 1} 🛫 \u{feff}end";
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), note(tricks)).unwrap();
    ledger.append(&captain(), Intent::OpenIssue { title: tricks.into(), account: IssueAccount::default() }).unwrap();
    let reopened = flight.reopen().unwrap();
    assert_eq!(notes(&reopened), [tricks]);
    assert_eq!(reopened.state().issues[0].title, tricks);
    assert_eq!(examine(&flight.path()).unwrap().finding, Finding::Intact);
    let document: toml::Table = fs::read_to_string(flight.path()).unwrap().parse().unwrap();
    let records = document["record"].as_array().unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(records[1]["text"].as_str(), Some(tricks));
    assert!(records.iter().all(|record| record["at"].is_datetime() && record["by"].is_table()));
}

#[test]
fn a_clock_that_runs_backwards_disturbs_nothing() {
    let (flight, ledger) = Flight::open();
    let start = Utc.with_ymd_and_hms(2026, 11, 22, 14, 0, 0).unwrap();
    let ticks = std::sync::atomic::AtomicI32::new(0);
    let clock = Arc::new(move || {
        let ticks = ticks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        start - TimeDelta::hours(i64::from(ticks))
    });
    let mut ledger = ledger.with_clock(clock);
    for text in ["one", "two", "three"] {
        ledger.append(&captain(), note(text)).unwrap();
    }
    let times: Vec<_> = ledger.records()[1..].iter().map(|record| record.at).collect();
    assert!(times.is_sorted_by(|a, b| a > b), "the test's clock runs backwards: {times:?}");
    let reopened = flight.reopen().unwrap();
    assert_eq!(notes(&reopened), ["one", "two", "three"]);
    assert_eq!(reopened.state(), ledger.state());
    assert_eq!(examine(&flight.path()).unwrap().finding, Finding::Intact);
}

#[test]
fn of_two_who_want_the_same_exactly_one_wins() {
    let wanted = [
        Intent::StartAttempt { item: "before/look/tests".into(), confirmation: None },
        Intent::CheckItem { item: "before/look/eyes".into(), note: None },
    ];
    for intent in wanted {
        for _ in 0..10 {
            let (flight, _ledger) = Flight::open();
            let (path, start) = (flight.path(), Barrier::new(2));
            let race = || {
                let mut ledger = reopen(&path).unwrap();
                start.wait();
                ledger.append(&captain(), intent.clone())
            };
            let results = std::thread::scope(|scope| {
                let racers = [scope.spawn(race), scope.spawn(race)];
                racers.map(|racer| racer.join().unwrap())
            });
            let won = results.iter().filter(|result| result.is_ok()).count();
            assert_eq!(won, 1, "{results:?}");
            let lost = results.into_iter().find_map(Result::err).unwrap();
            let expected = matches!(lost, AppendError::Refused(Refusal::Running { .. } | Refusal::Completion { .. }));
            assert!(expected, "the loser is reported why: {lost}");
            assert_eq!(flight.reopen().unwrap().records().len(), 2);
        }
    }
}

#[test]
fn a_copy_put_in_place_is_followed_and_another_history_is_not() {
    let (flight, mut ledger) = Flight::open();
    let mut other = flight.reopen().unwrap();
    ledger.append(&captain(), note("one")).unwrap();
    let replace = |text: &str| {
        let copy = flight.path().with_extension("copy");
        fs::write(&copy, text).unwrap();
        fs::rename(&copy, flight.path()).unwrap();
    };
    let whole = fs::read_to_string(flight.path()).unwrap();
    replace(&whole);
    assert_eq!(other.follow().unwrap().len(), 1);
    ledger.append(&captain(), note("two")).unwrap();
    assert_eq!(other.follow().unwrap().len(), 1, "the file that is there now is followed");

    let (elsewhere, mut stranger) = Flight::open();
    for text in ["a", "b", "c"] {
        stranger.append(&captain(), note(text)).unwrap();
    }
    replace(&fs::read_to_string(elsewhere.path()).unwrap());
    let error = other.follow().unwrap_err();
    assert!(matches!(error, LedgerError::Altered { seq: Seq(1 | 2), .. }), "{error}");
    assert_eq!(notes(&other), ["one", "two"], "what was read before stands");
}

#[test]
fn a_snapshot_that_means_something_else_is_not_followed() {
    let (flight, _ledger) = Flight::open();
    let error = Ledger::open_with(flight.path(), |_, opened| {
        let mut checklist = plan().checklist().as_ref().clone();
        checklist.phases[1].gate.clear();
        Ok::<_, String>(Plan::new(Arc::new(checklist), opened.environments.clone()))
    });
    let error = error.unwrap_err();
    assert!(matches!(error, LedgerError::SnapshotAltered { .. }), "{error}");
    assert_eq!(error.exit_status(), 3);
    fs::remove_file(Layout::new(flight.path()).snapshot("checklist.toml")).unwrap();
    assert!(matches!(flight.reopen(), Err(LedgerError::Snapshot { .. })));
}

#[test]
fn line_ends_that_git_rewrote_are_distinguished_from_a_forgery() {
    use gonogo::ledger::verify::returns_hint;
    let (flight, mut ledger) = Flight::open();
    ledger.append(&captain(), note("one")).unwrap();
    drop(ledger);
    let text = fs::read_to_string(flight.path()).unwrap();
    assert!(returns_hint(&flight.path()).is_none(), "there are none to take out");
    fs::write(flight.path(), text.replace('\n', "\r\n")).unwrap();
    assert!(examine(&flight.path()).is_err() || examine(&flight.path()).unwrap().finding != Finding::Intact);
    let opened = gonogo::commands::Failure::from(flight.reopen().map(|_| ()).unwrap_err());
    assert!(opened.to_string().contains("\nhint: its sums hold once the carriage returns are taken out"), "{opened}");
    let mut said = (Vec::new(), Vec::new());
    let status = gonogo::commands::verify::verify(&flight.path(), &mut said.0, &mut said.1).unwrap();
    let said = [said.0, said.1].concat();
    assert!(status != 0 && String::from_utf8(said).unwrap().contains("carriage returns"));
    fs::write(flight.path(), text.replace('\n', "\r\n").replacen("one", "two", 1)).unwrap();
    assert!(returns_hint(&flight.path()).is_none(), "altered is altered");
}
