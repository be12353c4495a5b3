//! The lines above the first record, which no sum covers: every way in which they may be something else has one status.

use super::kit::{Kit, LEDGER};
use std::fs;

#[test]
fn a_beginning_that_is_not_ours_is_damage_and_a_newer_format_is_not_checked() {
    let kit = Kit::flown();
    let good = fs::read(kit.at(LEDGER)).unwrap();
    let head = fs::read(kit.at("small.ledger.d/head")).unwrap();
    let text = String::from_utf8(good.clone()).unwrap();
    let replaced = |to: &str| text.replacen("format = 1", to, 1).into_bytes();
    let before = |bytes: &[u8]| [bytes, &good[..]].concat();
    let newer = [replaced("format = 2"), replaced("format = 99")];
    let damaged = [
        replaced("format = 0"),
        replaced("format = \"2\""),
        replaced("format = -1"),
        replaced("formal = 1"),
        before(b"\xef\xbb\xbf"),
        before(b"garbage\n"),
        before(b"\0\0\0"),
        before(b"\xff\xfe"),
        before(b"# a comment\n"),
        before(b"\n"),
        good[1..].to_vec(),
        text.as_bytes()[text.find("[[record]]").unwrap()..].to_vec(),
    ];
    // With the head that was acknowledged, and without: what the file is does not hang on a file beside it.
    for anchored in [true, false] {
        if anchored {
            fs::write(kit.at("small.ledger.d/head"), &head).unwrap();
        } else {
            fs::remove_file(kit.at("small.ledger.d/head")).unwrap();
        }
        for bytes in &newer {
            fs::write(kit.at(LEDGER), bytes).unwrap();
            let said = kit.expect("chain", &[], 6, "not checked");
            assert!(said.contains("reads format 1; use a newer gonogo"), "{said}");
            let (status, said) = kit.gonogo(&["status", LEDGER]);
            assert!(status == 1 && said.contains("use a newer gonogo"), "{status} {said}");
        }
        for bytes in &damaged {
            fs::write(kit.at(LEDGER), bytes).unwrap();
            let said = kit.expect("chain", &[], 11, "altered");
            assert!(said.contains("record #1 at byte 0"), "{said}");
            assert_eq!(kit.gonogo(&["verify", LEDGER]).0, 11, "as text and as JSON alike");
        }
    }
    fs::write(kit.at(LEDGER), before(b"\xef\xbb\xbf")).unwrap();
    let (status, said) = kit.gonogo(&["tick", LEDGER, "two/go/press"]);
    assert!(status == 3 && said.contains("it begins with a byte order mark"), "{status} {said}");
    // What never was a ledger is a wrong name, and no damage.
    for (name, text) in [("empty", ""), ("words", "format = 1\nmore\n"), ("list", "# one\n- [ ] two\n")] {
        fs::write(kit.at(name), text).unwrap();
        assert_eq!(kit.gonogo(&["verify", name]).0, 2, "{name}");
    }
    assert_eq!(kit.gonogo(&["verify", "small.toml"]).0, 2);
}

#[test]
fn a_line_of_an_anchor_with_more_behind_it_is_refused() {
    let kit = Kit::flown();
    let line = kit.fine(&["anchor", LEDGER]);
    let line = line.trim();
    kit.expect("anchors", &["--anchor", &format!("posted by ada: `{line}`")], 0, "extended");
    for more in [" and more", " x", &format!(" {line}")] {
        let (status, said) = kit.gonogo(&["verify", LEDGER, "--anchor", &format!("{line}{more}")]);
        assert!(status == 2 && said.contains("more follows the line of gonogo anchor"), "{status} {said}");
    }
}
