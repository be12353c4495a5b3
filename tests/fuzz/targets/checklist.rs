//! Any bytes taken for a checklist give one or problems with their places, and one that is read can be followed.
#![no_main]

use gonogo::checklist::lint;
use gonogo::deployment::{Board, Plan, State, flight};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::sync::Arc;

fuzz_target!(|bytes: &[u8]| {
    let (checklist, problems) = lint::lint_bytes("checklist.toml", bytes);
    for problem in &problems {
        assert!(!problem.to_string().is_empty());
    }
    let Some(checklist) = checklist else { return };
    let slots = checklist.slots.iter();
    let bindings: BTreeMap<_, _> = slots
        .filter_map(|slot| {
            let fits = checklist.environments.iter().find(|(_, environment)| environment.slot == slot.id);
            fits.map(|(name, _)| (slot.id.clone(), name.clone()))
        })
        .collect();
    let plan = Plan::new(Arc::new(checklist), bindings);
    let state = State::default();
    let mut board = Board::new(&plan, &state);
    let _ = flight::next(&plan, &state, &mut board, flight::Crew::People);
});
