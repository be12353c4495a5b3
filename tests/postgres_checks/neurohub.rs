//! What the shipped checklist asks of NeuroHub's database works on a PostgreSQL that went through the whole chain.

use super::postgres::cluster;
use super::{at, carry_out};
use gonogo::checklist::{Check, Item, reader};
use gonogo::deployment::Verdict;

const NEUROHUB: &str = include_str!("../../checklists/neurohub.toml");

fn collect<'a>(items: &'a [Item], all: &mut Vec<&'a Item>) {
    for item in items {
        all.push(item);
        collect(&item.items, all);
    }
}

#[tokio::test]
async fn every_question_to_the_database_is_understood() {
    let checklist = reader::read("neurohub.toml", NEUROHUB).unwrap();
    let mut items = Vec::new();
    for section in checklist.phases.iter().flat_map(|phase| &phase.sections) {
        collect(&section.items, &mut items);
    }
    let base = cluster().neurohub("0003_add_wip_unique_index", 4_000).await;
    let bench = at(&base.url).await;
    let (mut asked, mut passed, mut failed) = (0, 0, Vec::new());
    for item in items {
        let answers = match &item.check {
            Check::Sql(_) | Check::Schema(_) | Check::Consistency(_) => true,
            Check::Rows(rows) => rows.against.is_none(),
            _ => false,
        };
        if !answers {
            continue;
        }
        asked += 1;
        let (outcome, _) = carry_out(&bench, &item.check).await;
        match outcome.verdict {
            Verdict::Pass => passed += 1,
            _ => failed.push(format!("{}: {}", item.id, outcome.detail)),
        }
    }
    // What only the service's own writes, or a step down the chain, could make true.
    failed.retain(|line| !line.contains("no row, expected at least one") && !line.contains("expected to be absent"));
    assert!(asked > 50, "only {asked} questions");
    assert!(failed.is_empty(), "{passed} of {asked} passed:\n{}", failed.join("\n"));
}
