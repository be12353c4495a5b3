//! Each kind of damage and the word for it.

use super::kit::{Kit, LEDGER};
use gonogo::deployment::{Intent, Operator};
use gonogo::ledger::{Ledger, operator};
use std::fs;
use std::sync::Arc;

fn note(text: &str) -> Intent {
    Intent::AddNote { item: None, text: text.to_owned() }
}

fn somebody() -> Operator {
    operator::current(Some("Kim"))
}

#[test]
fn a_good_ledger_is_intact_in_every_row() {
    let kit = Kit::flown();
    let (status, said) = kit.gonogo(&["verify", LEDGER]);
    assert_eq!(status, 0, "{said}");
    for line in [
        "chain       intact",
        "head        intact",
        "evidence    intact        1 file",
        "snapshots   intact        1 checklist",
        "signatures  intact        2 signed, 0 attested, not signed",
        "signers     allowed",
        "staleness   current",
        "policy      met",
        "anchors     none given",
    ] {
        assert!(said.lines().any(|found| found.starts_with(line)), "{line} is not in\n{said}");
    }
}

#[test]
fn a_record_removed_reordered_or_replaced_is_altered() {
    let kit = Kit::flown();
    let good = kit.records();
    let without: Vec<String> = good.iter().enumerate().filter(|(at, _)| *at != 3).map(|(_, r)| r.clone()).collect();
    let mut swapped = good.clone();
    swapped.swap(3, 4);
    let mut added = good.clone();
    added.insert(4, good[3].clone());
    for damaged in [without, swapped, added] {
        kit.put(&damaged);
        kit.expect("chain", &[], 11, "altered");
    }
    kit.put(&good);
    kit.expect("chain", &[], 0, "intact");
}

#[test]
fn one_record_with_a_new_sum_does_not_fit_the_next() {
    let kit = Kit::flown();
    let good = kit.records();
    let place = kit.place("item-checked");
    let altered = good[place].replacen("one/look/eyes", "one/look/count", 1);
    let mut whole = good.clone();
    // Only this one gets a sum that fits.
    whole[place] = altered;
    kit.rebuild(&whole);
    let forged = kit.records();
    let mut mixed = good;
    mixed[place].clone_from(&forged[place]);
    kit.put(&mixed);
    kit.expect("chain", &[], 11, "altered");
}

#[test]
fn a_ledger_rebuilt_whole_is_found_by_its_signatures_and_by_a_posted_head() {
    let kit = Kit::flown();
    let anchor = kit.fine(&["anchor", LEDGER]);
    let good = kit.records();
    let place = kit.place("item-checked");
    let mut forged = good.clone();
    forged[place] = forged[place].replacen("seq", "note = \"never happened\"\nseq", 1);
    kit.rebuild(&forged);
    let said = kit.expect("signatures", &[], 13, "bad signature");
    assert!(said.contains("is not in this ledger"), "{said}");
    assert!(said.contains("\"word\": \"intact\""), "the chain fits: {said}");
    kit.expect("anchors", &["--anchor", &anchor], 11, "altered");

    // Without the signatures it fits in itself, and not what the checklist asks for.
    let signed: Vec<String> = forged.iter().map(|record| unsigned(record)).collect();
    kit.rebuild(&signed);
    kit.expect("policy", &[], 16, "not met");
    kit.expect("anchors", &["--anchor", &anchor], 11, "altered");
    // And without the sign-offs the gate was never open.
    let none: Vec<String> = good.iter().filter(|record| !record.contains("kind = \"signed\"")).cloned().collect();
    kit.rebuild(&none);
    kit.expect("policy", &[], 16, "not met");
    // Cut at its end, with a head that fits.
    kit.rebuild(&good[..good.len() - 1]);
    kit.expect("anchors", &["--anchor", &anchor], 12, "truncated");
    kit.rebuild(&good);
    kit.expect("anchors", &["--anchor", &anchor], 0, "extended");
}

fn unsigned(record: &str) -> String {
    record.lines().filter(|line| !line.starts_with("signature = ")).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn evidence_swapped_or_gone_is_altered() {
    let kit = Kit::flown();
    let log = kit.at("small.ledger.d/attempts/0001.log");
    let good = fs::read(&log).unwrap();
    let swapped = String::from_utf8(good.clone()).unwrap().replace("twelve", "eleven");
    fs::write(&log, &swapped).unwrap();
    kit.expect("evidence", &[], 11, "altered");
    // Nobody is shown it as what the attempt wrote.
    let logs = || kit.gonogo(&["logs", LEDGER, "count"]);
    assert!(matches!(logs(), (3, said) if said.contains("is not what was recorded")), "{:?}", logs());
    fs::remove_file(&log).unwrap();
    kit.expect("evidence", &[], 11, "altered");
    assert!(matches!(logs(), (3, said) if said.contains("cannot be read")), "{:?}", logs());
    fs::write(&log, good).unwrap();
    kit.expect("evidence", &[], 0, "intact");
    // The comment of a snapshot is no part of its meaning, and still not what was opened.
    let snapshot = kit.at("small.ledger.d/checklist.toml");
    let text = fs::read_to_string(&snapshot).unwrap();
    fs::write(&snapshot, format!("{text}# harmless\n")).unwrap();
    kit.expect("snapshots", &[], 11, "altered");
    fs::write(&snapshot, text.replace("Count", "Counted")).unwrap();
    kit.expect("snapshots", &[], 11, "altered");
}

#[test]
fn a_signature_moved_to_another_record_is_bad() {
    let kit = Kit::flown();
    let good = kit.records();
    let signed: Vec<usize> = (0..good.len()).filter(|at| good[*at].contains("kind = \"signed\"")).collect();
    let line = |at: usize| good[at].lines().find(|line| line.starts_with("signature = ")).unwrap().to_owned();
    let mut moved = good.clone();
    moved[signed[1]] = moved[signed[1]].replace(&line(signed[1]), &line(signed[0]));
    kit.rebuild(&moved);
    let said = kit.expect("signatures", &[], 13, "bad signature");
    assert!(said.contains("the record says something else than what was signed"), "{said}");

    // What was said is changed, and the signature left.
    let mut other = good.clone();
    other[signed[1]] = other[signed[1]].replace("comment = \"looked at it\"", "comment = \"looked at all\"");
    kit.rebuild(&other);
    kit.expect("signatures", &[], 13, "bad signature");
    // In the text that was signed as well.
    other[signed[1]] = other[signed[1]].replace("looked at it", "looked at all");
    kit.rebuild(&other);
    let said = kit.expect("signatures", &[], 13, "bad signature");
    assert!(said.contains("does not fit the text"), "{said}");
}

#[test]
fn a_signer_after_expiry_not_listed_or_of_another_role_is_not_allowed() {
    let kit = Kit::flown();
    let file = "trusted";
    for (lines, why) in [
        (vec![("qa@small valid-before=\"20200101Z\"", "qa"), ("dba@small", "dba")], "allowed the key until 2020-01-01"),
        (vec![("qa@small valid-after=\"20990101Z\"", "qa"), ("dba@small", "dba")], "allows the key from 2099-01-01"),
        (vec![("qa@small", "stranger"), ("dba@small", "dba")], "not listed for this principal"),
        (vec![("dba@small", "qa"), ("dba@small", "dba")], "names this principal"),
        (vec![("qa@small namespaces=\"git\"", "qa"), ("dba@small", "dba")], "for other namespaces"),
        (vec![("qa@small cert-authority", "qa"), ("dba@small", "dba")], "not listed for this principal"),
        (vec![("*,!qa@small", "qa"), ("dba@small", "dba")], "names this principal"),
    ] {
        fs::write(kit.at(file), kit.signers(&lines)).unwrap();
        let said = kit.expect("signers", &["--allowed-signers", file], 14, "not allowed");
        assert!(said.contains(why), "{why} is not in {said}");
    }
    fs::write(kit.at(file), kit.signers(&[("*@small namespaces=\"gonogo@*\"", "qa"), ("d?a@*", "dba")])).unwrap();
    kit.expect("signers", &["--allowed-signers", file], 0, "allowed");
}

#[test]
fn swapped_allowed_signers_are_reported_and_do_not_pass_the_auditors_own() {
    let kit = Kit::carried_out(super::kit::SIGNED);
    fs::copy(kit.at("allowed_signers"), kit.at("trusted")).unwrap();
    // The file beside the checklist changes nothing; only what is recorded counts.
    kit.allow(&[("qa@small", "stranger"), ("dba@small", "dba")]);
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--key", "stranger"]);
    assert!(status == 4 && said.contains("not listed for this principal"), "{status} {said}");
    kit.fine(&["signers", LEDGER, "allowed_signers", "--reason", "a new hire"]);
    kit.fine(&["sign", LEDGER, "qa", "--key", "stranger"]);
    let said = kit.expect("signers", &[], 0, "allowed");
    assert!(said.contains("changed in record"), "{said}");
    kit.expect("signers", &["--allowed-signers", "trusted"], 14, "not allowed");

    // Put into the record itself.
    let other = kit.signers(&[("qa@small", "qa")]).trim().to_owned();
    let forged: Vec<String> = kit
        .records()
        .iter()
        .map(|record| match record.lines().find(|line| line.starts_with("allowed_signers = ")) {
            Some(line) => record.replace(line, &format!("allowed_signers = \"{other}\\n\"")),
            None => record.clone(),
        })
        .collect();
    kit.rebuild(&forged);
    let (_, word, said) = kit.verify("signers", &[]);
    assert_eq!(word, "altered", "{said}");
}

#[test]
fn a_head_that_is_gone_or_spoiled_is_reported() {
    let kit = Kit::flown();
    let head = kit.at("small.ledger.d/head");
    let good = fs::read_to_string(&head).unwrap();
    fs::remove_file(&head).unwrap();
    kit.expect("head", &[], 17, "no head");
    let other = |c: char| c.to_digit(10).and_then(|digit| char::from_digit((digit + 1) % 10, 10)).unwrap_or(c);
    fs::write(&head, good.chars().map(other).collect::<String>()).unwrap();
    kit.expect("head", &[], 6, "unreadable");
    fs::write(&head, good).unwrap();
    let records = kit.records();
    kit.put(&records[..records.len() - 1]);
    kit.expect("head", &[], 12, "missing");
}

#[test]
fn a_clock_set_back_makes_no_key_valid_again() {
    let kit = Kit::new(super::kit::SIGNED);
    let soon = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).format("%Y%m%d%H%M%SZ").to_string();
    kit.allow(&[(&format!("qa@small valid-before=\"{soon}\""), "qa"), ("dba@small", "dba")]);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    let later = || chrono::Utc::now() + chrono::TimeDelta::hours(2);
    let mut ledger = Ledger::open(kit.at(LEDGER)).unwrap().with_clock(Arc::new(later));
    ledger.append(&somebody(), note("two hours on")).unwrap();
    drop(ledger);
    // The key has expired by the ledger's own account, and the host's clock is back.
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--key", "qa"]);
    assert!(status == 4 && said.contains("allowed the key until"), "{status} {said}");
}

#[test]
fn a_signature_recorded_after_its_key_had_expired_is_not_allowed() {
    let kit = Kit::new(super::kit::SIGNED);
    let soon = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let until = soon.format("%Y%m%d%H%M%SZ").to_string();
    kit.allow(&[(&format!("qa@small valid-before=\"{until}\""), "qa"), ("dba@small", "dba")]);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    kit.expect("signers", &[], 0, "allowed");
    let mut records = kit.records();
    let last = records.len() - 1;
    let at = records[last].lines().find(|line| line.starts_with("at = ")).unwrap().to_owned();
    let later = (soon + chrono::TimeDelta::hours(1)).format("at = %Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    records[last] = records[last].replace(&at, &later);
    kit.rebuild(&records);
    kit.expect("signers", &[], 14, "not allowed");
}

#[test]
fn a_newer_record_leaves_nothing_unlooked_at() {
    let kit = Kit::flown();
    let mut records = kit.records();
    let place = kit.place("item-checked");
    let newer = records[place].replace("kind = \"item-checked\"", "kind = \"moon-landed\"");
    records.push(newer);
    kit.rebuild(&records);
    // Nobody can tell about sign-offs, and that is not fine.
    kit.expect("signatures", &[], 6, "not checked");
    fs::write(kit.at("small.ledger.d/attempts/0001.log"), "x").unwrap();
    kit.expect("evidence", &[], 11, "altered");
}

#[test]
fn the_first_line_is_the_verdict_over_every_row() {
    let kit = Kit::flown();
    let first = |more: &[&str]| {
        let (status, said) = kit.gonogo(&[&["verify", LEDGER], more].concat());
        (status, said.lines().next().unwrap().to_owned())
    };
    let line = kit.fine(&["anchor", LEDGER]);
    let sum = line.split(" sum=").nth(1).unwrap().split(' ').next().unwrap();
    let other = line.replace(sum, &"0".repeat(64));
    let (status, said) = first(&["--anchor", &line]);
    assert!(status == 0 && said.starts_with("intact: "), "{said}");
    // Of several lines each is looked at, whichever stands first.
    for lines in [format!("{line}{other}"), format!("{other}{line}")] {
        let (status, said) = first(&["--anchor", &lines]);
        assert!(status == 11 && said.starts_with("altered: anchors; "), "{said}");
    }
    let (status, said) = first(&["--anchor", &format!("{line}{line}")]);
    assert!(status == 0 && said.starts_with("intact: "), "{said}");
    let log = kit.at("small.ledger.d/attempts/0001.log");
    let good = fs::read(&log).unwrap();
    fs::write(&log, "eleven\n").unwrap();
    let (status, said) = first(&[]);
    assert!(status == 11 && said.starts_with("altered: evidence; "), "{said}");
    fs::write(&log, good).unwrap();
    fs::remove_file(kit.at("small.ledger.d/head")).unwrap();
    let (status, said) = first(&[]);
    assert!(status == 17 && said.starts_with("no head: head; "), "{said}");
}

#[test]
fn evidence_of_another_place_or_attempt_is_none() {
    let kit = Kit::flown();
    let good = kit.records();
    let place = kit.place("attempt-finished");
    for file in ["/etc/hostname", "attempts/../../small.toml", "attempts/../attempts/0001.log", "attempts/0002.log"] {
        let mut records = good.clone();
        assert!(records[place].contains("attempts/0001.log"), "{}", records[place]);
        records[place] = records[place].replace("attempts/0001.log", file);
        kit.rebuild(&records);
        let (_, word, said) = kit.verify("evidence", &[]);
        assert!(word == "altered" && said.contains("is attempts/0001.log, and the record names"), "{said}");
    }
}

#[test]
fn without_an_anchor_what_may_be_rewritten_is_named() {
    let kit = Kit::flown();
    let last = kit.records().iter().rposition(|record| record.contains("kind = \"signed\"")).unwrap() + 1;
    let said = kit.expect("anchors", &[], 0, "none given");
    assert!(said.contains(&format!("or rewritten after the last signature (#{last}), would not show")), "{said}");
}
