//! Long histories to measure with.

#[path = "../../tests/screens/fixture.rs"]
#[expect(dead_code, reason = "the tests of the screens need more of it than a measurement does")]
pub(crate) mod fixture;

use fixture::flight::Flight;
use gonogo::checklist::{Check, Checklist, EnvironmentKind, ItemId, reader};
use gonogo::commands::open::NEUROHUB;
use gonogo::deployment::Verdict;

/// The NeuroHub checklist with its rehearsal's environments alone.
pub(crate) fn checklist() -> Checklist {
    let mut checklist = reader::read("neurohub.toml", NEUROHUB.1).unwrap();
    checklist.environments.retain(|_, environment| environment.kind == EnvironmentKind::Rehearsal);
    checklist
}

/// A flight of at least `records` records: every item in turn, again and again, attempted where it can be, else ticked.
pub(crate) fn flight(checklist: Checklist, records: usize) -> Flight {
    let mut flight = Flight::of(checklist);
    let items: Vec<(ItemId, bool)> = flight
        .plan
        .checklist()
        .items()
        .filter(|item| flight.plan.inapplicable(item).is_none() && !matches!(item.check, Check::Evidence(_)))
        .map(|item| (item.id.clone(), item.check.is_attempted()))
        .collect();
    for (item, attempted) in items.iter().cycle() {
        if flight.records.len() >= records {
            break;
        }
        if *attempted {
            flight.run(item.as_str(), 1_000, Verdict::Pass, "as expected", &[("duration", 1.0, "s")]);
        } else {
            flight.tick(item.as_str());
        }
    }
    flight
}
