//! Signing with the real `ssh-keygen`, in both directions, with every kind of key.

use super::kit::{Kit, LEDGER, SIGNED};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command};

/// Signs as QA with `key`, and has plain `ssh-keygen` check what was signed.
fn sign_and_check(kit: &Kit, key: &str, variables: &[(&str, &std::path::Path)]) {
    let (status, said) =
        kit.gonogo_with(&["sign", LEDGER, "qa", "--key", key, "--note", "größer\nals `x`\\"], variables);
    assert_eq!(status, 0, "{key}: {said}");
    assert!(said.contains("principal: qa@small") && said.contains("comment: größer"), "shown before: {said}");
    kit.expect("signatures", &[], 0, "intact");
    checks_with_keygen(kit);
}

fn checks_with_keygen(kit: &Kit) {
    let folder = tempfile::tempdir_in(kit.folder.path()).unwrap();
    kit.fine(&["verify", LEDGER, "--extract", folder.path().to_str().unwrap()]);
    let checked = Command::new("sh").arg(folder.path().join("check.sh")).output().unwrap();
    // What lies in a folder already is somebody's own.
    fs::write(folder.path().join("allowed_signers"), "mine").unwrap();
    let (status, refused) = kit.gonogo(&["verify", LEDGER, "--extract", folder.path().to_str().unwrap()]);
    assert!(status != 0 && refused.contains("it is not empty; name a new folder"), "{status} {refused}");
    assert_eq!(fs::read(folder.path().join("allowed_signers")).unwrap(), b"mine");
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{said} {}", String::from_utf8_lossy(&checked.stderr));
    assert!(said.contains("Good \"gonogo@v1\" signature for qa@small"), "{said}");
}

#[test]
fn keys_of_every_kind_sign() {
    let kit = Kit::new(SIGNED);
    let kinds: [(&str, &[&str]); 5] = [
        ("e", &["-t", "ed25519"]),
        ("p256", &["-t", "ecdsa", "-b", "256"]),
        ("p384", &["-t", "ecdsa", "-b", "384"]),
        ("p521", &["-t", "ecdsa", "-b", "521"]),
        ("rsa", &["-t", "rsa", "-b", "2048"]),
    ];
    for (name, kind) in &kinds {
        kit.key(name, kind);
    }
    let lines: Vec<(&str, &str)> = kinds.iter().map(|(name, _)| ("qa@small", *name)).collect();
    kit.allow(&lines);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    for (name, _) in kinds {
        sign_and_check(&kit, name, &[]);
    }
    // A key that nobody listed is refused before anything is recorded.
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--key", "stranger"]);
    assert!(status == 4 && said.contains("not listed for this principal"), "{status} {said}");
    let (status, said) = kit.gonogo(&["sign", LEDGER, "dba", "--key", "e"]);
    assert!(status == 4 && said.contains("no line of the allowed signers names"), "{status} {said}");
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--key", "nowhere"]);
    assert!(status == 1 && said.contains("nowhere is not there"), "{status} {said}");
}

#[test]
fn a_certificate_signs_for_the_principals_it_names() {
    let kit = Kit::new(SIGNED);
    kit.key("ca", &["-t", "ed25519"]);
    kit.allow(&[("*@small cert-authority", "ca")]);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    for (validity, principal, allowed) in [
        ("always:forever", "qa@small", None),
        ("-1h:+1h", "qa@small,dba@small", None),
        ("-2h:-1h", "qa@small", Some("it had expired")),
        ("+1h:+2h", "qa@small", Some("it was not valid yet")),
        ("always:forever", "dba@small", Some("it does not name qa@small")),
    ] {
        kit.keygen(&["-s", "ca", "-I", "grace", "-n", principal, "-V", validity, "qa.pub"]);
        match allowed {
            None => sign_and_check(&kit, "qa-cert.pub", &[]),
            Some(why) => {
                let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--key", "qa-cert.pub"]);
                assert!(status == 4 && said.contains(why), "{why}: {status} {said}");
            }
        }
    }
    // The same key without its certificate is nobody's, and another authority is none.
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--key", "dba"]);
    assert!(status == 4 && said.contains("not listed"), "{status} {said}");
    kit.keygen(&["-s", "stranger", "-I", "grace", "-n", "qa@small", "qa.pub"]);
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--key", "qa-cert.pub"]);
    assert!(status == 4 && said.contains("not listed"), "{status} {said}");
}

/// An agent of our own, ended when dropped.
struct Agent(Child, PathBuf);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Agent {
    fn start(kit: &Kit) -> Self {
        let socket = kit.at("agent");
        let mut agent = Command::new("ssh-agent");
        agent.arg("-D").arg("-a").arg(&socket).stdout(std::process::Stdio::null());
        let agent = Self(agent.spawn().unwrap(), socket);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while !agent.1.exists() {
            assert!(std::time::Instant::now() < deadline, "the agent never came");
            std::thread::yield_now();
        }
        agent
    }

    fn add(&self, kit: &Kit, key: &str) {
        let add = Command::new("ssh-add").arg(kit.at(key)).env("SSH_AUTH_SOCK", &self.1).output().unwrap();
        assert!(add.status.success(), "{}", String::from_utf8_lossy(&add.stderr));
    }
}

#[test]
fn the_agent_signs_with_the_key_that_may() {
    let kit = Kit::new(SIGNED);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    let agent = Agent::start(&kit);
    let socket = agent.1.clone();
    agent.add(&kit, "stranger");
    let (status, said) = kit.gonogo_with(&["sign", LEDGER, "qa", "--key", "agent"], &[("SSH_AUTH_SOCK", &socket)]);
    assert!(status == 1 && said.contains("holds 1 keys, and none may sign as qa@small"), "{status} {said}");
    agent.add(&kit, "qa");
    fs::remove_file(kit.at("qa")).unwrap();
    sign_and_check(&kit, "agent", &[("SSH_AUTH_SOCK", &socket)]);
    // By its public half, and as git names it.
    sign_and_check(&kit, "qa.pub", &[("SSH_AUTH_SOCK", &socket)]);
    let literal = format!("key::{}", fs::read_to_string(kit.at("qa.pub")).unwrap().trim());
    sign_and_check(&kit, &literal, &[("SSH_AUTH_SOCK", &socket)]);
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--key", "agent"]);
    assert!(status == 1 && said.contains("the agent cannot be asked"), "{status} {said}");
}

#[test]
fn a_passphrase_is_asked_for_by_keygen() {
    let kit = Kit::new(SIGNED);
    kit.keygen(&["-t", "ed25519", "-N", "open sesame", "-f", "locked"]);
    kit.allow(&[("qa@small", "locked")]);
    kit.fine(&["open", "small.toml", "--no-screen"]);
    let ask = kit.at("ask");
    let asks = |words: &str| {
        fs::write(&ask, format!("#!/bin/sh\necho '{words}'\n")).unwrap();
        fs::set_permissions(&ask, fs::Permissions::from_mode(0o700)).unwrap();
    };
    let force = PathBuf::from("force");
    let variables = [("SSH_ASKPASS", ask.as_path()), ("SSH_ASKPASS_REQUIRE", force.as_path())];
    asks("open barley");
    let (status, said) = kit.gonogo_with(&["sign", LEDGER, "qa", "--key", "locked"], &variables);
    assert!(status == 1 && said.contains("not signed, and nothing was recorded"), "{status} {said}");
    assert!(!said.contains("barley"), "{said}");
    asks("open sesame");
    sign_and_check(&kit, "locked", &variables);
}

#[test]
fn what_keygen_signed_elsewhere_is_recorded() {
    let kit = Kit::carried_out(SIGNED);
    let text = kit.fine(&["sign", LEDGER, "qa", "--print", "--note", "seen"]);
    fs::write(kit.at("s"), &text).unwrap();
    kit.keygen(&["-Y", "sign", "-n", "gonogo@v1", "-f", "qa", "s"]);
    let bring = ["sign", LEDGER, "qa", "--statement", "s", "--signature", "s.sig"];
    kit.fine(&bring);
    kit.expect("signatures", &[], 0, "intact");
    checks_with_keygen(&kit);
    // Not in another role, not for another purpose, and not once something has changed.
    let (status, said) = kit.gonogo(&["sign", LEDGER, "dba", "--statement", "s", "--signature", "s.sig"]);
    assert!(status == 4 && said.contains("is for crew/qa"), "{status} {said}");
    fs::remove_file(kit.at("s.sig")).unwrap();
    kit.keygen(&["-Y", "sign", "-n", "git", "-f", "qa", "s"]);
    let (status, said) = kit.gonogo(&bring);
    assert!(status == 4 && said.contains("it was made for `git`"), "{status} {said}");
    fs::write(kit.at("s"), text.replace("comment: seen", "comment: all seen")).unwrap();
    fs::remove_file(kit.at("s.sig")).unwrap();
    kit.keygen(&["-Y", "sign", "-n", "gonogo@v1", "-f", "qa", "s"]);
    fs::write(kit.at("s"), &text).unwrap();
    let (status, said) = kit.gonogo(&bring);
    assert!(status == 4 && said.contains("the signature does not hold"), "{status} {said}");
    kit.fine(&["run", LEDGER, "one/look/count"]);
    fs::remove_file(kit.at("s.sig")).unwrap();
    kit.keygen(&["-Y", "sign", "-n", "gonogo@v1", "-f", "qa", "s"]);
    let (status, said) = kit.gonogo(&bring);
    assert!(status == 4 && said.contains("(the evidence)"), "{status} {said}");
}

#[test]
fn ones_own_key_is_taken_from_the_configuration_or_from_git() {
    let kit = Kit::new(&SIGNED.replace("signed = \"required\"\n", ""));
    kit.fine(&["open", "small.toml", "--no-screen"]);
    let said = kit.fine(&["sign", LEDGER, "qa"]);
    assert!(said.contains("signed Crew as QA Lead: GO") && !said.contains("SHA256:"), "{said}");
    fs::write(kit.at(".gitconfig"), "[gpg]\nformat = ssh\n[user]\nsigningkey = ~/dba.pub\n").unwrap();
    let said = kit.fine(&["sign", LEDGER, "dba"]);
    assert!(said.contains("with ssh-ed25519 SHA256:"), "{said}");
    fs::create_dir_all(kit.at(".config/gonogo")).unwrap();
    fs::write(kit.at(".config/gonogo/config.toml"), "[signing]\nkey = \"~/qa\"\n").unwrap();
    let said = kit.fine(&["sign", LEDGER, "qa"]);
    assert!(said.contains("with ssh-ed25519 SHA256:"), "{said}");
    // A name without a key does not take the place of a signature.
    let (status, said) = kit.gonogo(&["sign", LEDGER, "qa", "--unsigned"]);
    assert!(status == 4 && said.contains("a sign-off without a key does not replace that"), "{status} {said}");
    kit.fine(&["sign", LEDGER, "qa", "--withdraw", "to attest it"]);
    let said = kit.fine(&["sign", LEDGER, "qa", "--unsigned"]);
    assert!(!said.contains("SHA256:"), "{said}");
    let said = kit.fine(&["status", LEDGER]);
    assert!(said.contains("attested, not signed") && said.contains("signed by SHA256:"), "{said}");
    let said = kit.expect("signatures", &[], 0, "intact");
    assert!(said.contains("2 signed, 2 attested, not signed"), "{said}");
}
