//! Attestations: in-toto in a DSSE envelope, with the real `ssh-keygen` in both directions, and what is wrong with one.

use super::kit::{Kit, LEDGER};
use data_encoding::BASE64;
use gonogo::checklist::Digest;
use gonogo::cli::proof::Verify;
use gonogo::commands::verify::verify_asked;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

const FILE: &str = "go.intoto.json";

fn attested() -> Kit {
    let kit = Kit::flown();
    let said = kit.fine(&["report", LEDGER, "-o", FILE, "--key", "qa"]);
    assert!(said.contains("signed by SHA256:") && said.contains("as qa@small"), "{said}");
    kit
}

fn envelope(kit: &Kit) -> Value {
    serde_json::from_slice(&fs::read(kit.at(FILE)).unwrap()).unwrap()
}

fn payload(envelope: &Value) -> Vec<u8> {
    BASE64.decode(envelope["payload"].as_str().unwrap().as_bytes()).unwrap()
}

/// The envelope of a payload, signed by plain `ssh-keygen`.
fn sign(kit: &Kit, payload: &[u8], key: &str) {
    let head = format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len());
    fs::write(kit.at("pae"), [head.as_bytes(), payload].concat()).unwrap();
    let _ = fs::remove_file(kit.at("pae.sig"));
    kit.keygen(&["-Y", "sign", "-n", "gonogo@v1", "-f", key, "pae"]);
    let armored = fs::read_to_string(kit.at("pae.sig")).unwrap();
    let sig: String = armored.lines().filter(|line| !line.starts_with("-----")).collect();
    let envelope = json!({ "payload": BASE64.encode(payload), "payloadType": "application/vnd.in-toto+json",
                           "signatures": [{ "sig": sig }] });
    fs::write(kit.at(FILE), envelope.to_string()).unwrap();
}

fn expect(kit: &Kit, status: i64, word: &str) -> String {
    kit.expect("attestation", &["--attestation", FILE], status, word)
}

#[test]
fn it_states_what_the_ledger_says() {
    let kit = attested();
    let envelope = envelope(&kit);
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    let stated: Value = serde_json::from_slice(&payload(&envelope)).unwrap();
    assert_eq!(stated["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(stated["predicateType"], "https://gonogo.dev/attestation/deployment/v1");
    let sum = |name: &str| Digest::of(&fs::read(kit.at(name)).unwrap()).to_string();
    let subject = json!([{ "name": LEDGER, "digest": { "sha256": sum(LEDGER) } },
                         { "name": "checklist.toml", "digest": { "sha256": sum("small.ledger.d/checklist.toml") } }]);
    assert_eq!(stated["subject"], subject);
    let predicate = &stated["predicate"];
    assert_eq!((&predicate["outcome"], &predicate["decision"]), (&json!("open"), &Value::Null));
    assert_eq!(predicate["signoffs"][0]["principal"], "qa@small");
    assert_eq!(predicate["signoffs"][0]["fingerprint"], envelope["signatures"][0]["keyid"]);
    let said = expect(&kit, 0, "holds");
    assert!(said.contains("as qa@small"), "{said}");
    // The ledger goes on, and what was stated of it still holds.
    kit.fine(&["note", LEDGER, "later"]);
    expect(&kit, 0, "holds");
    // A file that is there is kept.
    let (status, said) = kit.gonogo(&["report", LEDGER, "-o", FILE, "--key", "qa"]);
    assert!(status == 4 && said.contains("is there already"), "{status} {said}");
}

#[test]
fn plain_keygen_checks_it_as_the_documentation_says() {
    let kit = attested();
    let documented = include_str!("../../../docs/signatures.md");
    let commands = documented.split("```").find(|part| part.contains("DSSEv1 28")).unwrap();
    let commands = commands.replace("dba@example.org", "qa@small").replace("go.intoto.json", FILE);
    let run = || Command::new("sh").args(["-ec", &commands]).current_dir(kit.folder.path()).output().unwrap();
    let checked = run();
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{said} {}", String::from_utf8_lossy(&checked.stderr));
    assert!(said.contains("Good \"gonogo@v1\" signature for qa@small"), "{said}");
    let mut changed = envelope(&kit);
    let stated = String::from_utf8(payload(&changed)).unwrap().replace("\"outcome\":\"open\"", "\"outcome\":\"go\"");
    changed["payload"] = BASE64.encode(stated.as_bytes()).into();
    fs::write(kit.at(FILE), changed.to_string()).unwrap();
    assert!(!run().status.success());
}

#[test]
fn what_plain_keygen_signed_is_checked() {
    let kit = attested();
    let good = payload(&envelope(&kit));
    sign(&kit, &good, "dba");
    let said = expect(&kit, 0, "holds");
    assert!(said.contains("as dba@small"), "{said}");
    sign(&kit, &good, "stranger");
    expect(&kit, 14, "not allowed");
    // Whoever may sign may not state what the ledger does not say.
    let text = String::from_utf8(good.clone()).unwrap();
    for (from, to, what) in [
        ("\"outcome\":\"open\"", "\"outcome\":\"go\"", "`outcome`"),
        ("\"failedAttempts\":0", "\"failedAttempts\":1", "`exceptions`"),
        ("\"format\":1", "\"format\":1,\"more\":1", "`more`"),
        ("\"sha256\":\"", "\"sha256\":\"0", "`subject`"),
        ("\"name\":\"small.ledger.toml\"", "\"name\":\"other.ledger.toml\"", "`subject.name` other.ledger.toml"),
        ("\"name\":\"checklist.toml\"", "\"name\":\"x.toml\"", "`subject.name` x.toml"),
        ("\"files\":[\"small.ledger.toml\"", "\"files\":[\"x\"", "`subject.name` small.ledger.toml"),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        sign(&kit, text.replacen(from, to, 1).as_bytes(), "qa");
        let said = expect(&kit, 11, "altered");
        assert!(said.contains(what), "{said}");
    }
    sign(&kit, text.replacen("/deployment/v1", "/deployment/v2", 1).as_bytes(), "qa");
    expect(&kit, 11, "altered");
    // Also where the name was changed everywhere: the ledger knows its own.
    sign(&kit, text.replace("small.ledger.toml", "other.ledger.toml").as_bytes(), "qa");
    let said = expect(&kit, 11, "altered");
    assert!(said.contains("`subject.name` is other.ledger.toml, and the file is called small.ledger.toml"), "{said}");
    // Attestations from before names were listed still hold.
    sign(&kit, text.replacen(",\"files\":[\"small.ledger.toml\",\"checklist.toml\"]", "", 1).as_bytes(), "qa");
    expect(&kit, 0, "holds");
    // One that speaks of records that are not there.
    let records = kit.records().len();
    sign(&kit, text.replacen(&format!("\"records\":{records}"), "\"records\":999", 1).as_bytes(), "qa");
    expect(&kit, 12, "truncated");
    // Another ledger of the same checklist.
    let other = Kit::flown();
    fs::copy(kit.at("allowed_signers"), other.at("allowed_signers")).unwrap();
    sign(&kit, &good, "qa");
    fs::copy(kit.at(FILE), other.at(FILE)).unwrap();
    let said = expect(&other, 11, "altered");
    assert!(said.contains("another ledger"), "{said}");
}

#[test]
fn a_key_that_may_sign_for_nobody_attests_nothing() {
    let kit = Kit::flown();
    let (status, said) = kit.gonogo(&["report", LEDGER, "--format", "in-toto", "-o", FILE, "--key", "stranger"]);
    assert!(status == 4 && said.contains("qa@small, dba@small, attest@small"), "{status} {said}");
    assert!(!kit.at(FILE).exists());
    let (status, said) = kit.gonogo(&["report", LEDGER, "--format", "html", "--key", "qa"]);
    assert!(status == 2 && said.contains("in-toto"), "{status} {said}");
    fs::write(kit.at(FILE), "{}").unwrap();
    let (status, said) = kit.gonogo(&["verify", LEDGER, "--attestation", FILE]);
    assert!(status == 2 && said.contains("cannot be read"), "{status} {said}");
}

#[test]
fn a_length_in_a_key_that_keygen_does_not_take_is_not_taken_here_either() {
    let kit = attested();
    let mut changed = envelope(&kit);
    let sig = changed["signatures"][0]["sig"].as_str().unwrap();
    let mut bytes = BASE64.decode(sig.as_bytes()).unwrap();
    // The length of an Ed25519 key, behind the names.
    assert_eq!(bytes[29..33], [0, 0, 0, 32]);
    bytes[31] = 16;
    changed["signatures"][0]["sig"] = BASE64.encode(&bytes).into();
    fs::write(kit.at(FILE), changed.to_string()).unwrap();
    expect(&kit, 13, "bad signature");
}

/// What is said of the attestation where its ledger is not at hand: exit status, the word of that row, and all of it.
fn alone(kit: &Kit, row: &str, more: &[&str]) -> (i64, String, String) {
    let (status, said) = kit.gonogo(&[&["verify", "--attestation", FILE, "--json"], more].concat());
    let table: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(table["status"], status, "{said}");
    let rows = table["rows"].as_array().unwrap();
    let found = rows.iter().find(|found| found["what"] == row).unwrap_or_else(|| panic!("no {row} in {said}"));
    (status.into(), found["word"].as_str().unwrap().to_owned(), said)
}

#[test]
fn without_its_ledger_it_proves_who_states_it() {
    let kit = attested();
    fs::copy(kit.at("allowed_signers"), kit.at("trusted")).unwrap();
    for gone in [LEDGER, "allowed_signers"] {
        fs::remove_file(kit.at(gone)).unwrap();
    }
    fs::remove_dir_all(kit.at("small.ledger.d")).unwrap();
    let trusted = ["--allowed-signers", "trusted"];
    // Nobody to trust was named, so nobody can tell.
    assert_eq!(alone(&kit, "signers", &[]).1, "not checked");
    assert_eq!(alone(&kit, "attestation", &[]).0, 6);
    let (status, word, said) = alone(&kit, "signers", &trusted);
    assert_eq!((status, word.as_str()), (0, "allowed"), "{said}");
    assert!(said.contains("A small deployment (small): outcome open") && said.contains("as qa@small"), "{said}");
    let (status, said) = kit.gonogo(&[&["verify", "--attestation", FILE], &trusted[..]].concat());
    assert!(status == 0 && said.lines().any(|line| line.starts_with("ledger      not given")), "{status} {said}");
    // What it states is no GO.
    let (status, word, said) = alone(&kit, "decision", &["--allowed-signers", "trusted", "--require-go"]);
    assert_eq!((status, word.as_str()), (16, "none"), "{said}");
    // Of those who may, only one counts.
    for (principal, status) in [("qa@small", 0), ("dba@small", 14), ("nobody@small", 14)] {
        let own = ["--allowed-signers", "trusted", "--principal", principal];
        assert_eq!(alone(&kit, "signers", &own).0, status, "{principal}");
    }
    // A key of another deployment, one that has expired, and one that is revoked.
    for (lines, why) in [
        ([("qa@other", "qa")], "may sign as none of"),
        ([("qa@small valid-before=\"20200101Z\"", "qa")], "allowed the key until 2020-01-01"),
        ([("qa@small", "stranger")], "not listed"),
    ] {
        fs::write(kit.at("others"), kit.signers(&lines)).unwrap();
        let (status, word, said) = alone(&kit, "signers", &["--allowed-signers", "others"]);
        assert!((status, word.as_str()) == (14, "not allowed") && said.contains(why), "{why}: {said}");
    }
    let (status, _, said) = alone(&kit, "signers", &["--allowed-signers", "trusted", "--revoked", "qa.pub"]);
    assert!(status == 14 && said.contains("is revoked"), "{said}");
    // What needs a ledger asks for one.
    let (status, said) = kit.gonogo(&["verify", "--attestation", FILE, "--anchor", "x"]);
    assert!(status == 2 && said.contains("<LEDGER>"), "{status} {said}");
    assert_eq!(kit.gonogo(&["verify"]).0, 2);
}

#[test]
fn without_its_ledger_what_was_changed_is_found() {
    let kit = attested();
    let good = envelope(&kit);
    let text = String::from_utf8(payload(&good)).unwrap();
    let mut changed = good.clone();
    changed["payload"] = BASE64.encode(text.replace("\"outcome\":\"open\"", "\"outcome\":\"go\"").as_bytes()).into();
    let mut other = good.clone();
    other["payloadType"] = "application/vnd.in-toto.json".into();
    let mut nobody = good.clone();
    nobody["signatures"] = json!([]);
    let mut both = good.clone();
    both["signatures"] = json!([good["signatures"][0], { "sig": "AAAA" }]);
    for bad in [changed, other, nobody, both] {
        fs::write(kit.at(FILE), bad.to_string()).unwrap();
        let (status, word, said) = alone(&kit, "attestation", &["--allowed-signers", "allowed_signers"]);
        assert_eq!((status, word.as_str()), (13, "bad signature"), "{said}");
    }
    for (from, to) in [("/deployment/v1", "/deployment/v2"), ("in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1")] {
        sign(&kit, text.replacen(from, to, 1).as_bytes(), "qa");
        assert_eq!(alone(&kit, "attestation", &["--allowed-signers", "allowed_signers"]).0, 11);
    }
    for (from, to) in
        [("\"name\":\"small.ledger.toml\"", "\"name\":\"x\""), ("\"name\":\"checklist.toml\"", "\"name\":\"x\"")]
    {
        sign(&kit, text.replacen(from, to, 1).as_bytes(), "qa");
        let (status, word, said) = alone(&kit, "attestation", &["--allowed-signers", "allowed_signers"]);
        assert!((status, word.as_str()) == (11, "altered") && said.contains("`subject.name` x"), "{said}");
    }
    // A GO of a rehearsal, and one that was overtaken by what came later, are none.
    let decided = "\"decision\":{\"decision\":\"go\",\"by\":\"ada\",\"at\":\"2026-11-27T02:00:00.000Z\",\"record\":9,\"coverage\":null}";
    let go = text.replacen("\"decision\":null", decided, 1).replacen("\"outcome\":\"open\"", "\"outcome\":\"go\"", 1);
    for (stated, word, expected) in [
        (go.clone(), "go", 0),
        (go.replacen("\"rehearsal\":false", "\"rehearsal\":true", 1), "rehearsal", 16),
        (go.replacen("\"outcome\":\"go\"", "\"outcome\":\"rolled-back\"", 1), "overtaken", 16),
        (go.replacen("\"decision\":\"go\"", "\"decision\":\"no-go\"", 1), "no-go", 16),
    ] {
        sign(&kit, stated.as_bytes(), "qa");
        let own = ["--allowed-signers", "allowed_signers", "--require-go"];
        let (status, found, said) = alone(&kit, "decision", &own);
        assert_eq!((status, found.as_str()), (expected, word), "{said}");
    }
}

#[test]
fn a_key_that_stands_twice_and_a_time_to_come_are_refused() {
    let kit = attested();
    let text = String::from_utf8(payload(&envelope(&kit))).unwrap();
    let own = ["--allowed-signers", "allowed_signers"];
    let twice = text.replacen("\"outcome\":\"open\"", "\"outcome\":\"no-go\",\"outcome\":\"open\"", 1);
    sign(&kit, twice.as_bytes(), "qa");
    let said = expect(&kit, 11, "altered");
    assert!(said.contains("the key `outcome` stands twice"), "{said}");
    assert_eq!(alone(&kit, "attestation", &own).1, "altered");
    let stated: Value = serde_json::from_str(&text).unwrap();
    let at = stated["predicate"]["ledger"]["at"].as_str().unwrap();
    let ahead = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    sign(&kit, text.replace(at, &ahead).as_bytes(), "qa");
    let (status, word, said) = alone(&kit, "attestation", &own);
    assert!((status, word.as_str()) == (14, "not allowed") && said.contains("which is still to come"), "{said}");
    // Nothing is said of a ledger that nobody looked at.
    sign(&kit, text.as_bytes(), "qa");
    let (_, _, said) = alone(&kit, "attestation", &own);
    let table: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&table["word"], table.get("ledger")), (&json!("signed"), None), "{said}");
}

static KIT: LazyLock<Kit> = LazyLock::new(attested);

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]
    #[test]
    fn any_changed_letter_of_it_is_found(signature in any::<bool>(), at in any::<prop::sample::Index>(), to in 0_usize..64) {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut changed = envelope(&KIT);
        let field = if signature { &mut changed["signatures"][0]["sig"] } else { &mut changed["payload"] };
        let mut text = field.as_str().unwrap().as_bytes().to_vec();
        let at = at.index(text.len());
        text[at] = if text[at] == alphabet[to] { alphabet[(to + 1) % 64] } else { alphabet[to] };
        *field = String::from_utf8(text).unwrap().into();
        let path = KIT.at("changed.json");
        fs::write(&path, changed.to_string()).unwrap();
        let asked = Verify { ledger: Some(KIT.at(LEDGER)), attestation: Some(path), ..Verify::default() };
        let status = verify_asked(&asked, &mut Vec::new(), &mut Vec::new()).unwrap();
        prop_assert!(status != 0, "letter {}", at);
    }
}
