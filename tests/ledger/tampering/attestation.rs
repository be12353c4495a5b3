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
    ] {
        assert!(text.contains(from), "{from} in {text}");
        sign(&kit, text.replacen(from, to, 1).as_bytes(), "qa");
        let said = expect(&kit, 11, "altered");
        assert!(said.contains(what), "{said}");
    }
    sign(&kit, text.replacen("/deployment/v1", "/deployment/v2", 1).as_bytes(), "qa");
    expect(&kit, 11, "altered");
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
        let asked = Verify {
            ledger: KIT.at(LEDGER),
            json: false,
            allowed_signers: None,
            anchor: Vec::new(),
            attestation: Some(path),
            tsa_ca: None,
            extract: None,
        };
        let status = verify_asked(&asked, &mut Vec::new(), &mut Vec::new()).unwrap();
        prop_assert!(status != 0, "letter {}", at);
    }
}
