//! What an amendment makes easier, whatever is restored afterwards, and decisions that do not stand any more.

use super::kit::{Kit, LEDGER, SIGNED};
use std::fs;

const FILE: &str = "go.intoto.json";

const CRITERION: &str = r#"[[phase]]
id = "three"
title = "Three"
slot = "here"
[[phase.section]]
id = "end"
title = "End"
[[phase.section.item]]
id = "well"
title = "All is well"
due = "decision"
"#;

/// Both roles, two people by their keys.
fn two() -> String {
    let two = SIGNED.replace("signed = \"required\"", "signed = \"required\"\nat_least = 2");
    two.replace("[[signoff.role]]\n", "[[signoff.role]]\nsame_user = \"allowed\"\n") + CRITERION
}

fn amend(kit: &Kit, from: &str, to: &str) {
    let text = fs::read_to_string(kit.at("small.toml")).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    fs::write(kit.at("loose.toml"), text.replacen(from, to, 1)).unwrap();
    kit.fine(&["amend", LEDGER, "loose.toml", "--note", "in a hurry"]);
}

fn restore(kit: &Kit) {
    kit.fine(&["amend", LEDGER, "small.toml", "--note", "as it was"]);
    for role in ["qa", "dba"] {
        kit.fine(&["sign", LEDGER, role, "--key", role]);
    }
}

fn decide(kit: &Kit) {
    kit.fine(&["tick", LEDGER, "two/go/press"]);
    kit.fine(&["tick", LEDGER, "three/end/well"]);
    kit.fine(&["decide", LEDGER, "go", "--without-poll"]);
}

/// The word and status of the decision that an attestation states, without its ledger.
fn alone(kit: &Kit) -> (i32, String) {
    kit.gonogo(&["verify", "--attestation", FILE, "--allowed-signers", "allowed_signers", "--require-go"])
}

#[test]
fn a_quorum_that_was_relaxed_for_the_work_and_restored_is_not_met() {
    let kit = Kit::carried_out(&two());
    amend(&kit, "at_least = 2", "at_least = 1");
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    decide(&kit);
    let said = kit.expect("policy", &[], 16, "not met");
    assert!(said.contains("Two was worked on in record") && said.contains("DBA has not signed Crew"), "{said}");
    assert!(said.contains("(relaxed since amendment #"), "{said}");
    restore(&kit);
    let said = kit.expect("policy", &[], 16, "not met");
    assert!(said.contains("(relaxed between amendments #") && said.contains(" and #"), "{said}");
    // The decision and the report carry it, and an attestation of it is no GO.
    let decided = &kit.records()[kit.place("decided")];
    assert!(decided.contains("relaxed = [") && decided.contains("Crew needs 1 people instead of 2"), "{decided}");
    assert!(kit.fine(&["report", LEDGER]).contains("Crew needs 1 people instead of 2"));
    kit.fine(&["report", LEDGER, "-o", FILE, "--key", "qa"]);
    let (status, said) = alone(&kit);
    assert!(status == 16 && said.starts_with("not met: decision;"), "{status} {said}");
    kit.expect("decision", &["--attestation", FILE, "--require-go"], 16, "not met");
}

#[test]
fn signatures_that_were_taken_under_a_relaxed_rule_only_are_not_met() {
    for (from, to, signed, why) in [
        ("signed = \"required\"\n", "", ["--unsigned", ""], "QA Lead's sign-off for Crew has to be signed with a key"),
        (
            "id = \"qa\"\n",
            "id = \"qa\"\nprincipal = \"dba@small\"\n",
            ["--key", "dba"],
            "QA Lead signs as qa@small, and this is signed as dba@small",
        ),
    ] {
        let kit = Kit::carried_out(&(SIGNED.to_owned() + CRITERION));
        amend(&kit, from, to);
        let words: Vec<&str> = signed.into_iter().filter(|word| !word.is_empty()).collect();
        kit.fine(&[&["sign", LEDGER, "qa"], &words[..]].concat());
        kit.fine(&["sign", LEDGER, "dba", "--key", "dba"]);
        decide(&kit);
        restore(&kit);
        let said = kit.expect("policy", &[], 16, "not met");
        assert!(said.contains(why) && said.contains("(relaxed between amendments #"), "{said}");
        assert!(said.contains("signed Crew in record") && said.contains("Two was worked on in record"), "{said}");
    }
}

#[test]
fn a_rule_that_was_made_stricter_or_was_met_all_the_same_is_met() {
    let kit = Kit::carried_out(&two());
    amend(&kit, "at_least = 2", "at_least = 1");
    for role in ["qa", "dba"] {
        kit.fine(&["sign", LEDGER, role, "--key", role]);
    }
    decide(&kit);
    kit.expect("policy", &[], 0, "met");
    let kit = Kit::carried_out(&two().replace("at_least = 2", "at_least = 1"));
    amend(&kit, "at_least = 1", "at_least = 2");
    for role in ["qa", "dba"] {
        kit.fine(&["sign", LEDGER, role, "--key", role]);
    }
    decide(&kit);
    kit.expect("policy", &[], 0, "met");
    kit.expect("decisions", &[], 0, "intact");
}

fn gone() -> Kit {
    let kit = Kit::carried_out(&two());
    for role in ["qa", "dba"] {
        kit.fine(&["sign", LEDGER, role, "--key", role]);
    }
    decide(&kit);
    kit
}

#[test]
fn an_attestation_of_a_go_that_the_ledger_took_back_is_overtaken() {
    let kit = gone();
    kit.fine(&["report", LEDGER, "-o", FILE, "--key", "qa"]);
    let asked = ["--attestation", FILE, "--require-go"];
    kit.expect("decision", &asked, 0, "go");
    kit.fine(&["decide", LEDGER, "reopen", "--reason", "saw a slow query"]);
    let said = kit.expect("decision", &asked, 16, "overtaken");
    assert!(said.contains("since record #") && said.contains("the decision was reopened: saw a slow query"), "{said}");
    // Another GO is another decision.
    kit.fine(&["decide", LEDGER, "go", "--without-poll"]);
    kit.expect("decision", &asked, 16, "overtaken");
    let kit = gone();
    kit.fine(&["report", LEDGER, "-o", FILE, "--key", "qa"]);
    kit.fine(&["abort", LEDGER, "--reason", "the disk is full"]);
    let said = kit.expect("decision", &asked, 16, "overtaken");
    assert!(said.contains("it was aborted: the disk is full"), "{said}");
    // What it speaks of is still what the ledger said then.
    kit.expect("attestation", &["--attestation", FILE], 0, "holds");
}

#[test]
fn a_decision_that_is_not_what_the_ledger_says_of_it_is_altered() {
    let kit = gone();
    kit.expect("decisions", &[], 0, "intact");
    let (good, place) = (kit.records(), kit.place("decided"));
    let change = |from: &str, to: &str| {
        let mut records = good.clone();
        assert!(records[place].contains(from), "{from} in {}", records[place]);
        records[place] = records[place].replacen(from, to, 1);
        kit.rebuild(&records);
        kit.expect("decisions", &[], 11, "altered")
    };
    let said = change("verdict = \"go\"", "verdict = \"no-go\"");
    assert!(said.contains("is a GO, and states no-go for three/end/well"), "{said}");
    let checklist = good[place].lines().find(|line| line.starts_with("checklist = ")).unwrap();
    change(checklist, &format!("checklist = \"{}\"", "0".repeat(64)));
    // Moved before the work.
    let mut early = good.clone();
    let decided = early.remove(place);
    early.insert(kit.place("signed"), decided);
    kit.rebuild(&early);
    let said = kit.expect("decisions", &[], 11, "altered");
    assert!(said.contains("which is not in this ledger before it"), "{said}");
}
