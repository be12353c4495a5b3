//! What the program can find out by itself on staging, counted in lines of the document.
//!
//! The test answers for the person where one is needed, and production, which is not there, is waived.

use super::staging::Staging;
use gonogo::checklist::{Check, Item, PhaseId, SlotId};
use gonogo::deployment::fact::Waiver;
use gonogo::deployment::{Board, Intent, Operator};
use gonogo::ledger::{Ledger, operator};
use serde_json::Value;
use std::path::Path;

/// Of 265 lines.
const AT_LEAST: u64 = 130;
const PHASES: [&str; 10] = ["setup", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"];

#[tokio::test(flavor = "multi_thread")]
async fn the_program_measures_half_of_the_lines_on_staging() {
    let staging = Staging::make(20_000).await;
    open(&staging);
    let mut reported = Vec::new();
    for phase in PHASES {
        simulated(&staging.ledger(), phase);
        // What a person answers for may come after what is measured, and the other way round.
        loop {
            let ran = staging.gonogo(&["run", "neurohub.ledger.toml", "--phase", phase]);
            reported.push(String::from_utf8_lossy(&ran.stdout).into_owned());
            reported.push(String::from_utf8_lossy(&ran.stderr).into_owned());
            if simulated(&staging.ledger(), phase) == 0 {
                break;
            }
        }
    }
    let asked = staging.gonogo(&["status", "neurohub.ledger.toml", "--json"]);
    let status: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let (lines, items) = (&status["lines"], &status["items"]);
    println!("staging: {lines}, {items}");
    let failed: Vec<&str> = reported.iter().flat_map(|text| text.lines()).filter(|line| is_amiss(line)).collect();
    // Where the flight stands says what it waits for.
    let last: Vec<&str> = reported.iter().flat_map(|text| text.lines()).filter(|line| !line.is_empty()).collect();
    let failed =
        format!("{}\n-- the last lines\n{}", failed.join("\n"), last[last.len().saturating_sub(12)..].join("\n"));
    assert!(lines["slots"]["staging"].as_u64().unwrap() >= AT_LEAST, "{lines}\n{failed}");
    // Counted is what passes and what fails; on this staging nothing has a reason to fail.
    assert_eq!(items["failed"], 0, "{items}\n{failed}");
}

fn is_amiss(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    ["failed", "refused", "inconclusive", "unknown"].contains(&word)
}

fn open(staging: &Staging) {
    let source = gonogo::commands::open::source(Path::new("neurohub")).unwrap();
    let slots = ["staging", "production"].map(|slot| (SlotId::new(slot), slot.into()));
    gonogo::commands::open::open_checklist(&source, &staging.ledger(), &slots, None, &person()).unwrap();
}

fn person() -> Operator {
    operator::current(Some("tester"))
}

/// Ticks and fills what only a person can, and waives what production would have to be there for. Gives how much was
/// recorded.
fn simulated(ledger: &Path, phase: &str) -> usize {
    let by = person();
    let mut ledger = Ledger::open(ledger).unwrap();
    ledger.sit(&by).unwrap();
    let plan = ledger.plan().clone();
    let phase = plan.checklist().phase(&PhaseId::new(phase)).unwrap();
    let board = Board::new(&plan, ledger.state());
    let open = phase.items().filter(|item| !board.status(&item.id).is_complete());
    let mut recorded = 0;
    for item in open {
        let intent = answer(item);
        // What comes after something else is refused for now.
        recorded += usize::from(intent.is_some_and(|intent| ledger.append(&by, intent).is_ok()));
    }
    ledger.leave_seat(&by).unwrap();
    recorded
}

fn answer(item: &Item) -> Option<Intent> {
    let id = item.id.clone();
    if item.slot == Some(SlotId::new("production")) {
        let reason = "there is no production here".to_owned();
        return Some(Intent::WaiveItem { item: id, how: Waiver::Overridden, reason, until: None });
    }
    if id.as_str().ends_with("/processor") {
        let reason = "a service of one Python process fills one processor".to_owned();
        return Some(Intent::WaiveItem { item: id, how: Waiver::Overridden, reason, until: None });
    }
    match &item.check {
        Check::Manual => Some(Intent::CheckItem { item: id, note: None }),
        Check::Value(_) => Some(Intent::FillValue { item: id, value: "1".into() }),
        _ => None,
    }
}
