//! What takes the place of something else: a name of a signature, a checklist of another, a head of none.

use super::adversary::forge;
use super::kit::{Kit, LEDGER, SIGNED};
use std::fs;
use std::process::Command;

#[test]
fn a_name_takes_no_signatures_place_and_another_key_is_named() {
    let free = SIGNED.replace("signed = \"required\"\n", "");
    let kit = Kit::new(&free);
    kit.allow(&[("qa@small", "qa"), ("qa@small", "dba"), ("dba@small", "dba")]);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    let said = kit.expect("signers", &[], 0, "recorded");
    assert!(said.contains("3 lines, and nobody has signed yet"), "{said}");
    kit.fine(&["sign", LEDGER, "qa", "--unsigned", "--as", "Grace"]);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa", "--as", "Grace"]);
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--unsigned", "--as", "Mallory", "--yes"]);
    assert!(status == 4 && said.contains("QA Lead is signed by Grace with SHA256:"), "{status} {said}");
    // Whoever writes it into the file is found all the same, and the signature is not hidden.
    let good = kit.records();
    forge(&kit, kit.place("signed"), |record| record.replace("Grace", "Mallory"));
    let said = kit.expect("policy", &[], 16, "not met");
    assert!(said.contains("Mallory without a key, replaces Grace's signature"), "{said}");
    for command in ["report", "review"] {
        let said = kit.fine(&[command, LEDGER]);
        assert!(said.contains("replaces Grace's signature with SHA256"), "{said}");
    }
    kit.rebuild(&good);
    // Another key of the role may, and is named.
    let said = kit.fine(&["sign", LEDGER, "qa", "--key", "dba", "--as", "Kim"]);
    assert!(said.contains("It replaces Grace's signature with SHA256:"), "{said}");
    assert!(kit.records().last().unwrap().contains("replaces = "), "it is recorded");
    let said = kit.expect("policy", &[], 0, "met");
    assert!(said.contains("Kim signed with SHA256:") && said.contains("replaces Grace's signature"), "{said}");
    // The same key once more replaces nobody's.
    let said = kit.fine(&["sign", LEDGER, "qa", "--key", "dba", "--as", "Kim"]);
    assert!(!said.contains("It replaces"), "{said}");
}

#[test]
fn who_may_sign_for_what_is_said_when_signers_are_recorded() {
    let kit = Kit::carried_out(SIGNED);
    kit.key("kim", &["-t", "ed25519"]);
    fs::write(kit.at("others"), kit.signers(&[("kim@example.org", "kim"), ("dba@small", "dba")])).unwrap();
    let said = kit.fine(&["signers", LEDGER, "others", "--reason", "a new hire"]);
    for line in [
        "QA Lead, Crew signs as qa@small: nobody; add a line `qa@small ssh-ed25519",
        "DBA, Crew signs as dba@small: line 2",
        "line 1 can sign for no role of this checklist",
    ] {
        assert!(said.contains(line), "{line} is not in {said}");
    }
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--key", "kim"]);
    let own = fs::read_to_string(kit.at("kim.pub")).unwrap();
    let own: Vec<&str> = own.split(' ').take(2).collect();
    assert!(status == 4 && said.contains(&format!("add the line `qa@small {}", own.join(" "))), "{status} {said}");
    // What is printed can be recorded again.
    fs::write(kit.at("again"), kit.fine(&["signers", LEDGER])).unwrap();
    kit.fine(&["signers", LEDGER, "again"]);
    let (status, said) = kit.gonogo(&["sign", LEDGER, "dba", "--key", "dba", "--no-go"]);
    assert!(status == 2 && said.contains("--note TEXT"), "{status} {said}");
}

#[test]
fn a_gate_that_is_amended_away_is_remembered() {
    let kit = Kit::carried_out(SIGNED);
    let text = fs::read_to_string(kit.at("small.toml")).unwrap();
    let open = text.replace("gate = [\"signoff:crew\"]\n", "").replace("signed = \"required\"", "at_least = 1");
    fs::write(kit.at("open.toml"), open).unwrap();
    kit.fine(&["amend", LEDGER, "open.toml", "--note", "in a hurry"]);
    kit.fine(&["tick", LEDGER, "two/go/press"]);
    kit.fine(&["amend", LEDGER, "small.toml", "--note", "as it was"]);
    let said = kit.expect("policy", &[], 16, "not met");
    assert!(said.contains("Two was worked on in record") && said.contains("QA Lead has not signed Crew"), "{said}");
    for command in ["report", "review", "status"] {
        let said = kit.fine(&[command, LEDGER]);
        assert!(said.contains("does not wait for signoff"), "{command}: {said}");
        assert!(
            said.contains("Crew needs 1 people instead of 2") && said.contains("without a key"),
            "{command}: {said}"
        );
    }
}

#[test]
fn a_head_that_was_missing_stays_missed() {
    let kit = Kit::flown();
    let records = kit.records();
    kit.put(&records[..records.len() - 1]);
    fs::remove_file(kit.at("small.ledger.d/head")).unwrap();
    kit.expect("head", &[], 17, "no head");
    kit.fine(&["note", LEDGER, "nothing happened"]);
    let said = kit.expect("head", &[], 17, "no head");
    assert!(said.contains("was written while the head file was missing"), "{said}");
    // Once is enough.
    kit.fine(&["note", LEDGER, "and nothing more"]);
    assert_eq!(kit.records().len(), records.len() + 2);
    // A pipe in its place keeps nobody waiting.
    fs::remove_file(kit.at("small.ledger.d/head")).unwrap();
    assert!(Command::new("mkfifo").arg(kit.at("small.ledger.d/head")).status().unwrap().success());
    assert_ne!(kit.gonogo(&["verify", LEDGER]).0, 0);
}

#[test]
fn two_roles_may_share_a_user_whichever_of_them_says_so() {
    let roles = "[[signoff]]\nid = \"crew\"\ntitle = \"Crew\"\nphases = [\"one\"]\n[[signoff.role]]\nid = \"qa\"\n\
                 title = \"QA Lead\"\nsame_user = \"allowed\"\n[[signoff.role]]\nid = \"dba\"\ntitle = \"DBA\"\n\
                 differs_from = [\"qa\"]\n";
    for order in [["qa", "dba"], ["dba", "qa"]] {
        let kit = Kit::carried_out(roles);
        for role in order {
            kit.fine(&["sign", LEDGER, role, "--unsigned"]);
        }
        kit.expect("policy", &[], 0, "met");
    }
    // What was withdrawn binds nobody.
    let kit = Kit::carried_out(&roles.replace("same_user = \"allowed\"\n", ""));
    kit.fine(&["sign", LEDGER, "qa", "--unsigned"]);
    assert_eq!(kit.gonogo(&["sign", LEDGER, "dba", "--unsigned"]).0, 4);
    kit.fine(&["sign", LEDGER, "qa", "--withdraw", "the other role is mine"]);
    kit.fine(&["sign", LEDGER, "dba", "--unsigned"]);
}
