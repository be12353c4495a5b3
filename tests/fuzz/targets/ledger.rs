//! Any bytes taken for a ledger are read or refused with a sentence, and are never changed by reading.
#![no_main]

use gonogo::ledger::Ledger;
use gonogo::ledger::verify::examine;
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::sync::LazyLock;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder for ledgers");
    let evidence = folder.path().join("any.ledger.d");
    fs::create_dir(&evidence).expect("a folder for evidence");
    let checklist = "format = 1\nid = \"x\"\ntitle = \"x\"\n[[phase]]\nid = \"p\"\ntitle = \"p\"\n[[phase.section]]\nid = \"s\"\n\
                     title = \"s\"\n[[phase.section.item]]\nid = \"i\"\ntitle = \"i\"\n";
    fs::write(evidence.join("checklist.toml"), checklist).expect("a snapshot");
    folder
});

fuzz_target!(|bytes: &[u8]| {
    let path = FOLDER.path().join("any.ledger.toml");
    fs::write(&path, bytes).expect("a ledger to read");
    match examine(&path) {
        Ok(examination) => assert!(examination.finding.exit_status() < 13),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Err(error) = Ledger::open(&path) {
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(fs::read(&path).expect("the ledger is still there"), bytes);
});
