//! What somebody tries who can write every file, knows the format, and holds signatures that were once given.

use super::kit::{Kit, LEDGER, SIGNED};
use std::fs;
use std::os::unix::fs::symlink;

/// Both have signed, and nothing was done yet in the phase that waits for them.
fn signed() -> Kit {
    let kit = Kit::carried_out(SIGNED);
    for role in ["qa", "dba"] {
        kit.fine(&["sign", LEDGER, role, "--key", role]);
    }
    kit
}

/// The ledger with another record at its end: a copy of the one at this place, changed.
pub(super) fn forge(kit: &Kit, place: usize, change: impl Fn(&str) -> String) {
    let mut records = kit.records();
    let copy = change(&records[place]);
    records.push(copy);
    kit.rebuild(&records);
}

fn press(kit: &Kit) {
    forge(kit, kit.place("item-checked"), |record| record.replace("one/look/eyes", "two/go/press"));
}

/// The text that the last `signed` record holds, and its signature, as files for `gonogo sign`.
fn take_out(kit: &Kit) -> [String; 2] {
    let _ = fs::remove_dir_all(kit.at("taken"));
    kit.fine(&["verify", LEDGER, "--extract", "taken"]);
    let mut names: Vec<String> = fs::read_dir(kit.at("taken"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let text = names.pop().unwrap();
    [text.clone(), format!("{text}.sig")]
}

#[test]
fn a_copy_of_an_earlier_signoff_does_not_count_again() {
    let kit = Kit::carried_out(SIGNED);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    let go = kit.place("signed");
    let [text, signature] = take_out(&kit);
    let bring = ["sign", LEDGER, "qa", "--statement", &text, "--signature", &signature];
    let refused = |kit: &Kit| {
        let (status, said) = kit.gonogo(&bring);
        assert!(status == 4 && said.contains("an earlier sign-off does not count again"), "{status} {said}");
    };
    let found = |kit: &Kit| {
        let good = kit.records();
        forge(kit, go, ToOwned::to_owned);
        let said = kit.expect("signatures", &[], 13, "bad signature");
        assert!(said.contains("a copy of an earlier sign-off"), "{said}");
        kit.rebuild(&good);
        kit.expect("signatures", &[], 0, "intact");
    };
    // Twice, after it was withdrawn, and after its signer said NO-GO.
    refused(&kit);
    found(&kit);
    kit.fine(&["sign", LEDGER, "qa", "--withdraw", "saw a slow query"]);
    refused(&kit);
    found(&kit);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa", "--no-go", "--note", "too slow"]);
    refused(&kit);
    found(&kit);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    kit.expect("signatures", &[], 0, "intact");
}

#[test]
fn work_behind_a_gate_without_its_signoffs_is_found_whatever_was_said_before_and_after() {
    for (said, why) in [
        (vec!["--withdraw", "saw a slow query"], "DBA's sign-off for Crew was withdrawn"),
        (vec!["--key", "dba", "--no-go", "--note", "too slow"], "DBA said NO-GO for Crew"),
    ] {
        let kit = signed();
        kit.fine(&[&["sign", LEDGER, "dba"], &said[..]].concat());
        press(&kit);
        let reported = kit.expect("policy", &[], 16, "not met");
        assert!(reported.contains("Two was worked on in record") && reported.contains(why), "{reported}");
        // Signed again afterwards, it still was worked on too early.
        kit.fine(&["sign", LEDGER, "dba", "--key", "dba"]);
        kit.expect("policy", &[], 16, "not met");
    }
    // What was signed for was done again, and the gate was closed by it.
    let kit = signed();
    kit.fine(&["run", LEDGER, "one/look/count"]);
    press(&kit);
    let (_, word, reported) = kit.verify("policy", &[]);
    assert!(word == "not met" && reported.contains("sign-off for Crew is stale"), "{reported}");
    // And in good order, also where it was said after the work.
    let kit = signed();
    kit.fine(&["tick", LEDGER, "two/go/press"]);
    kit.fine(&["sign", LEDGER, "dba", "--key", "dba", "--no-go", "--note", "seen later"]);
    kit.expect("policy", &[], 0, "met");
}

#[test]
fn one_person_with_two_keys_or_two_names_is_no_quorum() {
    let two = SIGNED.replace("signed = \"required\"", "signed = \"required\"\nat_least = 2");
    let kit = Kit::carried_out(&two);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa", "--as", "Grace"]);
    kit.fine(&["sign", LEDGER, "dba", "--key", "dba", "--as", "Kim"]);
    let (status, said) = kit.gonogo(&["tick", LEDGER, "two/go/press"]);
    assert!(status == 4 && said.contains("Crew needs 2 people, and 1 signed"), "{status} {said}");
    press(&kit);
    let said = kit.expect("policy", &[], 16, "not met");
    assert!(said.contains("Crew needs 2 people, and 1 signed"), "{said}");
}

#[test]
fn one_user_in_two_roles_that_must_differ_is_found() {
    let apart = SIGNED.replace("signed = \"required\"\n", "") + "differs_from = [\"qa\"]\n";
    let kit = Kit::carried_out(&apart);
    kit.fine(&["sign", LEDGER, "qa", "--unsigned", "--as", "Grace"]);
    let good = kit.records();
    let by = good[0].lines().find(|line| line.starts_with("by = ")).unwrap();
    let user = by.split("user = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let as_user = |from: &str, to: &str| {
        let place = kit.place("signed");
        let mut records = kit.records();
        let (from, to) = (format!("user = \"{from}\""), format!("user = \"{to}\""));
        records[place] = records[place].replace(&from, &to);
        kit.rebuild(&records);
    };
    // As somebody else it may be signed, and then it is put right again.
    as_user(&user, "grace");
    kit.fine(&["sign", LEDGER, "dba", "--unsigned"]);
    kit.expect("policy", &[], 0, "met");
    as_user("grace", &user);
    let said = kit.expect("policy", &[], 16, "not met");
    assert!(said.contains(&format!("must be two people, and {user} signed both")), "{said}");
}

#[test]
fn a_signature_of_another_ledger_of_the_same_checklist_is_bad() {
    let (kit, other) = (signed(), Kit::carried_out(SIGNED));
    for name in ["qa", "qa.pub", "allowed_signers"] {
        fs::copy(kit.at(name), other.at(name)).unwrap();
    }
    let place = kit.place("signed");
    let mut records = other.records();
    records.push(kit.records()[place].clone());
    other.rebuild(&records);
    let said = other.expect("signatures", &[], 13, "bad signature");
    assert!(said.contains("is not in this ledger"), "{said}");
    other.rebuild(&records[..records.len() - 1]);
    let [text, signature] = take_out(&kit);
    let bring = ["sign", LEDGER, "dba", "--statement", &text, "--signature", &signature];
    let (status, said) = other.gonogo(&bring);
    assert!(status == 4, "{status} {said}");
    // A line of the other one, and the other one's head.
    let line = other.fine(&["anchor", LEDGER]);
    let said = kit.expect("anchors", &["--anchor", &line], 11, "altered");
    assert!(said.contains("of another ledger"), "{said}");
    fs::copy(other.at("small.ledger.d/head"), kit.at("small.ledger.d/head")).unwrap();
    assert_ne!(kit.verify("chain", &[]).0, 0);
}

#[test]
fn a_signature_for_another_purpose_is_bad() {
    let kit = signed();
    let [text, signature] = take_out(&kit);
    let armored = fs::read_to_string(&signature).unwrap();
    for namespace in ["git", "file", "gonogo@v2", "gonogo@v1 "] {
        let _ = fs::remove_file(&signature);
        kit.keygen(&["-Y", "sign", "-n", namespace, "-f", "dba", &text]);
        let other = fs::read_to_string(&signature).unwrap();
        let line = |text: &str| text.trim_end().replace('\n', "\\n");
        let mut records = kit.records();
        let place = records.len() - 1;
        assert!(records[place].contains(&line(&armored)), "{}", records[place]);
        records[place] = records[place].replace(&line(&armored), &line(&other));
        let good = kit.records();
        kit.rebuild(&records);
        let said = kit.expect("signatures", &[], 13, "bad signature");
        assert!(said.contains(&format!("it was made for `{namespace}`")), "{said}");
        kit.rebuild(&good);
    }
}

#[test]
fn revoked_keys_count_no_more_whenever_they_signed() {
    let kit = signed();
    kit.key("ca", &["-t", "ed25519"]);
    kit.keygen(&["-k", "-f", "none.krl", "stranger.pub"]);
    kit.keygen(&["-k", "-f", "dba.krl", "dba.pub"]);
    fs::write(kit.at("lines"), format!("# gone\n\n{}", fs::read_to_string(kit.at("dba.pub")).unwrap())).unwrap();
    for (list, status, word) in [
        ("none.krl", 0, "allowed"),
        ("stranger.pub", 0, "allowed"),
        ("dba.krl", 14, "not allowed"),
        ("dba.pub", 14, "not allowed"),
        ("lines", 14, "not allowed"),
    ] {
        kit.expect("signers", &["--revoked", list], status, word);
    }
    for list in ["nowhere", LEDGER] {
        let (status, said) = kit.gonogo(&["verify", LEDGER, "--revoked", list]);
        assert!(status == 2 && said.contains("the revoked keys in"), "{status} {said}");
    }
}

#[test]
fn a_revoked_certificate_or_authority_counts_no_more() {
    let kit = Kit::new(SIGNED);
    kit.key("ca", &["-t", "ed25519"]);
    kit.allow(&[("*@small cert-authority", "ca")]);
    kit.keygen(&["-s", "ca", "-I", "grace", "-n", "qa@small", "-z", "7", "qa.pub"]);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa-cert.pub"]);
    fs::write(kit.at("serial"), "serial: 7\n").unwrap();
    kit.keygen(&["-k", "-f", "serial.krl", "-s", "ca.pub", "serial"]);
    fs::write(kit.at("serial"), "serial: 8\n").unwrap();
    kit.keygen(&["-k", "-f", "other.krl", "-s", "ca.pub", "serial"]);
    kit.expect("signers", &["--revoked", "other.krl"], 0, "allowed");
    for list in ["serial.krl", "ca.pub", "qa.pub"] {
        let said = kit.expect("signers", &["--revoked", list], 14, "not allowed");
        assert!(said.contains("is revoked"), "{said}");
    }
}

#[test]
fn lines_ended_for_another_system_and_bytes_behind_the_end_are_found() {
    let kit = Kit::flown();
    let (ledger, log) = (kit.at(LEDGER), kit.at("small.ledger.d/attempts/0001.log"));
    let good = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, good.replace('\n', "\r\n")).unwrap();
    kit.expect("chain", &[], 11, "altered");
    let (_, said) = kit.gonogo(&["verify", LEDGER]);
    assert!(said.contains("its sums hold once the carriage returns are taken out"), "{said}");
    for more in ["\n", " ", "# a comment\n", "\u{feff}", "\0", "[[record]]\n"] {
        fs::write(&ledger, format!("{good}{more}")).unwrap();
        let (status, word, said) = kit.verify("chain", &[]);
        assert!(matches!((status, word.as_str()), (10, "torn") | (11, "altered")), "{more:?}: {said}");
    }
    fs::write(&ledger, format!("\u{feff}{good}")).unwrap();
    assert_ne!(kit.gonogo(&["verify", LEDGER]).0, 0);
    fs::write(&ledger, &good).unwrap();
    let output = fs::read(&log).unwrap();
    fs::write(&log, [&output[..], b"\n"].concat()).unwrap();
    kit.expect("evidence", &[], 11, "altered");
    fs::write(&log, &output).unwrap();
    let head = kit.at("small.ledger.d/head");
    let kept = fs::read_to_string(&head).unwrap();
    fs::write(&head, format!("{kept}x")).unwrap();
    assert_ne!(kit.gonogo(&["verify", LEDGER]).0, 0);
    fs::write(&head, kept).unwrap();
    kit.expect("head", &[], 0, "intact");
}

#[test]
fn evidence_behind_a_link_is_named_and_compared() {
    let kit = Kit::flown();
    let log = kit.at("small.ledger.d/attempts/0001.log");
    fs::rename(&log, kit.at("elsewhere")).unwrap();
    symlink(kit.at("elsewhere"), &log).unwrap();
    let said = kit.expect("evidence", &[], 0, "intact");
    assert!(said.contains("is a symbolic link"), "{said}");
    fs::write(kit.at("elsewhere"), "eleven\n").unwrap();
    kit.expect("evidence", &[], 11, "altered");
    for target in ["/dev/zero", "/nowhere", "/"] {
        fs::remove_file(&log).unwrap();
        symlink(target, &log).unwrap();
        kit.expect("evidence", &[], 11, "altered");
    }
}

#[test]
fn a_report_quotes_no_output_that_is_not_what_was_recorded() {
    let kit = Kit::flown();
    let log = kit.at("small.ledger.d/attempts/0001.log");
    assert!(kit.fine(&["report", LEDGER]).contains("twelve"));
    let swapped = fs::read_to_string(&log).unwrap().replace("twelve", "eleven");
    fs::write(&log, swapped).unwrap();
    let said = kit.fine(&["report", LEDGER]);
    assert!(!said.contains("eleven") && said.contains("gone or altered, and not quoted"), "{said}");
    // A file of the reader's own does not get into it either.
    fs::write(kit.at("secret"), "hunter2\n").unwrap();
    fs::remove_file(&log).unwrap();
    symlink(kit.at("secret"), &log).unwrap();
    for format in ["md", "html", "json"] {
        let said = kit.fine(&["report", LEDGER, "--format", format]);
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn an_older_ledger_with_its_older_head_is_found_by_a_line_posted_since() {
    let kit = Kit::carried_out(SIGNED);
    let kept = |name: &str| fs::read(kit.at(name)).unwrap();
    let (ledger, head) = (kept(LEDGER), kept("small.ledger.d/head"));
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa", "--no-go", "--note", "too slow"]);
    let line = kit.fine(&["anchor", LEDGER]);
    // A line with a time of one's own.
    let forged = line.replacen("at=20", "at=19", 1);
    kit.expect("anchors", &["--anchor", &forged], 11, "altered");
    // The head alone, then both.
    fs::write(kit.at("small.ledger.d/head"), &head).unwrap();
    kit.expect("anchors", &["--anchor", &line], 0, "extended");
    fs::write(kit.at(LEDGER), &ledger).unwrap();
    let said = kit.expect("head", &[], 0, "intact");
    assert!(said.contains("no --anchor"), "what cannot be seen is said: {said}");
    kit.expect("anchors", &["--anchor", &line], 12, "truncated");
}

#[test]
fn every_checklist_that_was_followed_is_kept_as_it_was() {
    let kit = Kit::carried_out(SIGNED);
    let text = fs::read_to_string(kit.at("small.toml")).unwrap();
    fs::write(kit.at("small.toml"), text.replace("title = \"Press\"", "title = \"Press twice\"")).unwrap();
    kit.fine(&["amend", LEDGER, "small.toml", "--note", "twice is safer"]);
    kit.expect("snapshots", &[], 0, "intact");
    let names = fs::read_dir(kit.at("small.ledger.d")).unwrap().map(|entry| entry.unwrap().path());
    let snapshots: Vec<_> =
        names.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("checklist")).collect();
    assert_eq!(snapshots.len(), 2, "{snapshots:?}");
    for snapshot in snapshots {
        let good = fs::read(&snapshot).unwrap();
        fs::write(&snapshot, [&good[..], b"\n"].concat()).unwrap();
        kit.expect("snapshots", &[], 11, "altered");
        fs::remove_file(&snapshot).unwrap();
        kit.expect("snapshots", &[], 11, "altered");
        fs::write(&snapshot, good).unwrap();
    }
}
