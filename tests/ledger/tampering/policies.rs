//! What a checklist may ask of its sign-offs, and sign-offs that stand no more.

use super::kit::{Kit, LEDGER, SIGNED};

#[test]
fn a_group_that_takes_signatures_opens_no_gate_without_them() {
    let kit = Kit::carried_out(SIGNED);
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa"]);
    assert!(status == 4 && said.contains("takes signed sign-offs only"), "{status} {said}");
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    let (status, said) = kit.gonogo(&["tick", LEDGER, "two/go/press"]);
    assert!(status == 4 && said.contains("DBA has not signed Crew"), "{status} {said}");
    kit.fine(&["sign", LEDGER, "dba", "--key", "dba"]);
    kit.fine(&["tick", LEDGER, "two/go/press"]);
    kit.expect("policy", &[], 0, "met");
}

#[test]
fn a_quorum_counts_people_and_is_vetoed_by_a_no_go() {
    let three = format!("{SIGNED}[[signoff.role]]\nid = \"ops\"\ntitle = \"Ops\"\n")
        .replace("signed = \"required\"", "signed = \"required\"\nat_least = 2")
        .replace("[[signoff.role]]\n", "[[signoff.role]]\nsame_user = \"allowed\"\n");
    let kit = Kit::new(&three);
    kit.allow(&[("qa@small,ops@small", "qa"), ("dba@small", "dba")]);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    kit.fine(&["sign", LEDGER, "ops", "--key", "qa"]);
    let (status, said) = kit.gonogo(&["tick", LEDGER, "two/go/press"]);
    assert!(status == 4 && said.contains("DBA has not signed"), "one key is one person: {status} {said}");
    kit.fine(&["sign", LEDGER, "dba", "--key", "dba", "--no-go", "--note", "too slow"]);
    let (status, said) = kit.gonogo(&["tick", LEDGER, "two/go/press"]);
    assert!(status == 4 && said.contains("DBA said NO-GO"), "{status} {said}");
    kit.fine(&["sign", LEDGER, "dba", "--key", "dba"]);
    kit.fine(&["sign", LEDGER, "ops", "--withdraw", "wrong key"]);
    kit.fine(&["tick", LEDGER, "two/go/press"]);
    kit.expect("policy", &[], 0, "met");
}

#[test]
fn two_roles_that_must_differ_take_two_keys() {
    let apart = format!("{SIGNED}differs_from = [\"qa\"]\nsame_user = \"allowed\"\n");
    let kit = Kit::new(&apart);
    kit.allow(&[("*@small", "qa"), ("dba@small", "dba")]);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    let (status, said) = kit.gonogo(&["sign", LEDGER, "dba", "--key", "qa"]);
    assert!(status == 4 && said.contains("signed with the same key"), "{status} {said}");
    kit.fine(&["sign", LEDGER, "dba", "--key", "dba"]);
    // Two keys are two people for the screen as for the gate and for `verify`.
    kit.expect("policy", &[], 0, "met");
    let said = kit.fine(&["status", LEDGER]);
    assert!(!said.contains("must be two people") && !said.contains("without two keys"), "{said}");
}

#[test]
fn nobody_approves_their_own_work_where_the_checklist_says_so() {
    let others = SIGNED.replace("signed = \"required\"", "own_work = \"refused\"");
    let kit = Kit::new(&others);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    kit.fine(&["sign", LEDGER, "qa", "--unsigned"]);
    kit.fine(&["tick", LEDGER, "one/look/eyes"]);
    let (status, said) = kit.gonogo(&["sign", LEDGER, "dba", "--unsigned"]);
    assert!(status == 4 && said.contains("`Eyes` is your own work"), "{status} {said}");
    // Who signed first and worked then is reported too; that it went stale is worse.
    let (_, word, said) = kit.verify("policy", &[]);
    assert_eq!(word, "not met", "{said}");
}

#[test]
fn a_signature_goes_stale_by_what_happens_after_it_and_diff_reports_what() {
    let kit = Kit::carried_out(SIGNED);
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    assert!(kit.fine(&["diff", LEDGER, "--since", "crew/qa"]).contains("nothing that it was given for has changed"));
    // The same command once more, with the same outcome: it is not what was signed for.
    kit.fine(&["run", LEDGER, "one/look/count"]);
    let said = kit.expect("staleness", &[], 15, "stale");
    assert!(said.contains("gonogo diff LEDGER --since"), "{said}");
    let (status, said) = kit.gonogo(&["diff", LEDGER, "--since", "crew/qa"]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("Count (one/look/count): done, now done") && said.contains("Count"), "{said}");
    assert!(!said.contains("Eyes"), "{said}");
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    kit.expect("staleness", &[], 0, "current");
    let (status, said) = kit.gonogo(&["diff", LEDGER, "--since", "1"]);
    assert!(status == 2 && said.contains("is no sign-off"), "{status} {said}");
}

#[test]
fn a_withdrawn_signoff_counts_no_more_and_stays_in_the_ledger() {
    let kit = Kit::carried_out(SIGNED);
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--withdraw", "x"]);
    assert!(status == 4 && said.contains("there is no sign-off of QA Lead, Crew to withdraw"), "{status} {said}");
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    kit.fine(&["sign", LEDGER, "qa", "--withdraw", "saw a slow query"]);
    assert!(kit.fine(&["status", LEDGER]).contains("withdrawn"));
    let (status, said) = kit.gonogo(&["tick", LEDGER, "two/go/press"]);
    assert!(status == 4 && said.contains("was withdrawn"), "{status} {said}");
    assert_eq!(kit.gonogo(&["sign", LEDGER, "qa", "--withdraw", "again"]).0, 4);
    kit.expect("signatures", &[], 0, "intact");
    kit.fine(&["sign", LEDGER, "qa", "--key", "qa"]);
    kit.fine(&["sign", LEDGER, "dba", "--key", "dba"]);
    kit.fine(&["tick", LEDGER, "two/go/press"]);
}
