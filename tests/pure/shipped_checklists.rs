//! What holds of every checklist that ships: it is built in, it lints clean, it opens as it is, and its verdicts rest on
//! something whichever environments are chosen.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use gonogo::checklist::evidence::{EvidenceOf, Reference};
use gonogo::checklist::{Check, Checklist, EnvironmentName, Item, ItemId, SlotId, lint, reader};
use gonogo::commands::open::{self, SHIPPED};
use gonogo::deployment::Plan;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const README: &str = include_str!("../../checklists/README.md");

fn read(name: &str, text: &str) -> Checklist {
    reader::read(name, text).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"))
}

#[test]
fn every_one_lints_without_a_single_problem() {
    for (name, text) in SHIPPED {
        // Strictly: nothing passes because there is nothing to look at.
        let linted = lint::lint_strictly([(format!("checklists/{name}.toml").as_str(), text)]);
        let problems: Vec<String> = linted.problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n\n"));
        assert_eq!(linted.checklist.unwrap().id, name, "a checklist goes by the name it is opened by");
    }
}

#[test]
fn every_file_is_built_in_and_reported() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checklists");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let mut files: Vec<String> = files.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    files.sort();
    let mut shipped: Vec<String> = SHIPPED.iter().map(|(name, _)| format!("{name}.toml")).collect();
    shipped.sort();
    assert_eq!(files, shipped);
    for name in &shipped {
        assert!(README.contains(&format!("| `{name}` |")), "checklists/README.md does not tell of {name}");
    }
}

/// Every choice of environments that a checklist leaves.
fn choices(checklist: &Checklist) -> Vec<BTreeMap<SlotId, EnvironmentName>> {
    let mut choices = vec![BTreeMap::new()];
    for slot in &checklist.slots {
        let fitting = checklist.environments.iter().filter(|(_, environment)| environment.slot == slot.id);
        let fitting: Vec<&EnvironmentName> = fitting.map(|(name, _)| name).collect();
        choices = choices
            .iter()
            .flat_map(|chosen| {
                fitting.iter().map(|name| {
                    let mut chosen = chosen.clone();
                    chosen.insert(slot.id.clone(), (*name).clone());
                    chosen
                })
            })
            .collect();
    }
    choices
}

fn rests_on_something(plan: &Plan, item: &Item) -> bool {
    if plan.inapplicable(item).is_some() {
        return false;
    }
    let Check::Evidence(evidence) = &item.check else { return true };
    let found = |id: &ItemId| plan.item(id).is_some_and(|item| rests_on_something(plan, item));
    if let Some(reading) = &evidence.reading {
        return found(&reading.item) && reading.against.as_ref().is_none_or(|against| found(&against.item));
    }
    match &evidence.of {
        EvidenceOf::Children => item.items.iter().any(|child| rests_on_something(plan, child)),
        EvidenceOf::These(these) => these.iter().any(|reference| {
            matches!(reference, Reference::Signoff(_))
                || plan.referenced(reference).into_iter().any(|item| rests_on_something(plan, item))
        }),
    }
}

#[test]
fn a_template_opens_as_it_is_and_no_verdict_rests_on_nothing() {
    for (name, text) in SHIPPED.into_iter().skip(1) {
        let checklist = Arc::new(read(name, text));
        open::bindings(&checklist, &[]).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let choices = choices(&checklist);
        assert!(!choices.is_empty(), "{name}: no environment fits");
        for chosen in choices {
            let plan = Plan::new(checklist.clone(), chosen.clone());
            for item in checklist.items().filter(|item| plan.inapplicable(item).is_none()) {
                assert!(rests_on_something(&plan, item), "{name} on {chosen:?}: {} rests on nothing", item.id);
            }
        }
    }
}

#[test]
fn a_template_asks_before_it_goes_back() {
    for (name, text) in SHIPPED.into_iter().skip(1) {
        let checklist = read(name, text);
        let back = checklist.phase(&"back".into()).unwrap_or_else(|| panic!("{name} has no rollback"));
        let [order, steps] = back.sections.as_slice() else { panic!("{name}: an order and steps are expected") };
        assert!(order.items.iter().all(|item| !item.check.is_measured()), "{name}: no person orders the rollback");
        assert!(steps.after.contains(&Reference::Section(order.id.clone())), "{name}: the steps do not wait");
    }
}

/// Widest a title may be: two columns of a list fit beside each other at 120 columns.
const WIDEST: usize = 40;
/// A title that begins so is read without what it stands for: in the timeline, a search, a webhook.
const PRONOUNS: [&str; 12] =
    ["It", "Its", "They", "What", "Who", "Whose", "This", "That", "There", "Nothing", "Nobody", "Somebody"];

#[test]
fn titles_are_imperatives_or_noun_phrases_that_fit() {
    let mut wrong = Vec::new();
    for (name, text) in SHIPPED {
        let checklist = read(name, text);
        let sections = checklist.phases.iter().flat_map(|phase| {
            let own = (phase.id.to_string(), phase.title.clone());
            std::iter::once(own).chain(phase.sections.iter().map(|s| (s.id.to_string(), s.title.clone())))
        });
        let items = checklist.items().map(|item| (item.id.to_string(), item.title.clone()));
        let panes = checklist.panes.iter().map(|pane| (pane.id.to_string(), pane.title.clone()));
        let groups = checklist.signoffs.iter().map(|group| (group.id.to_string(), group.title.clone()));
        for (id, title) in sections.chain(items).chain(panes).chain(groups) {
            let words: Vec<&str> = title.split_whitespace().collect();
            let first = words.iter().find(|word| word.chars().any(char::is_alphabetic)).copied().unwrap_or_default();
            let clause = words.iter().skip(1).any(|word| ["is", "are", "was", "were", "has", "have"].contains(word));
            // The one clause of the vocabulary: what an entry of the trail, or the revisions, have to carry.
            let clause = clause && !title.starts_with("Audit entry has") && !title.starts_with("Revisions have");
            let clause = clause && title != "Default level is standard";
            if title.chars().count() > WIDEST || title.ends_with('.') || PRONOUNS.contains(&first) || clause {
                wrong.push(format!("{name}: {id}: {title}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
