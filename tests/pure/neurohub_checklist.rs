//! The shipped `neurohub.toml`: it carries every line of its source, it lints clean, and the table in
//! `checklists/README.md` says how much of it the program measures.

use gonogo::checklist::evidence::{EvidenceOf, Reference};
use gonogo::checklist::{Check, Checklist, EnvironmentName, Item, ItemId, SlotId};
use gonogo::checklist::{lint, reader};
use gonogo::deployment::Plan;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const TEXT: &str = include_str!("../../checklists/neurohub.toml");
const README: &str = include_str!("../../checklists/README.md");

/// The lines of the source that hold a check box: 265 in all.
const BOXES: &str = "\
    12-17 20-24 27-31 38-43 46-51 63-68 75-80 83-87 90-95 106-110 117-119 121-123 125-128 130-132 135 142-147 \
    150 155-161 163 175-179 182 192-194 197-199 201 208 221 244-245 252 257-261 264 272 284-286 289 295-299 \
    306-309 312-316 319-322 325-329 336-342 345-348 351-354 361 367 377 386-387 390 399 405-406 413 419-420 \
    430-433 440-446 449-453 458-462 465-469 472-475 478-485 488 496-499 501-503 506-511 533-539 542-546 549-553 \
    556-559 566-570 573-577 580-584 591-593 596-598 601-603 610 616-618";

/// Blanks of the source that stand outside its check boxes: the baseline table and the expected counts.
const BLANKS: &str = "55-59 99-102";

/// The parts of the source, by the last line of each, as the table names them.
const PARTS: [(&str, u32); 15] = [
    ("Environment setup", 34),
    ("1 Pre-migration validation", 71),
    ("2 Migration testing", 113),
    ("3 Schema validation", 171),
    ("4 Application code", 248),
    ("5 Performance", 302),
    ("6 Tests", 332),
    ("7 Documentation", 357),
    ("8 Security", 409),
    ("9 Rollback plan", 436),
    ("10 Production deployment", 529),
    ("Success criteria", 562),
    ("7-day review", 587),
    ("Sign-off", 606),
    ("Notes and issues", 623),
];

/// Reads `12-17 20`, each number a line.
fn lines(ranges: &str) -> impl Iterator<Item = u32> {
    ranges.split_whitespace().flat_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        number(first)..=number(last)
    })
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn checklist() -> Checklist {
    reader::read("checklists/neurohub.toml", TEXT).unwrap_or_else(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", problems.join("\n\n"))
    })
}

fn plan(prefix: &str) -> Plan {
    let slot = |slot: &str| (SlotId::from(slot), EnvironmentName::new(format!("{prefix}{slot}")));
    Plan::new(Arc::new(checklist()), BTreeMap::from([slot("staging"), slot("production")]))
}

/// The lines of the source that have an item, a sign-off or a form, each with its items.
fn carried(checklist: &Checklist) -> BTreeMap<u32, Vec<&Item>> {
    let mut lines: BTreeMap<u32, Vec<&Item>> = BTreeMap::new();
    for item in checklist.items() {
        for line in &item.seed_lines {
            lines.entry(*line).or_default().push(item);
        }
    }
    let roles = checklist.signoffs.iter().flat_map(|group| &group.roles).flat_map(|role| &role.seed_lines);
    for line in roles.chain(&checklist.journal.issues).chain(&checklist.journal.lessons) {
        lines.entry(*line).or_default();
    }
    lines
}

/// How the lines of one part are carried out, in the order of the table's columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    lines: u32,
    measured: u32,
    commands: u32,
    attested: u32,
    inapplicable: u32,
    rehearsed: u32,
}

impl Tally {
    fn add(&mut self, items: &[&Item], rehearsal: &Plan) {
        let applies = |item: &Item| rehearsal.inapplicable(item).is_none();
        let measured = items.iter().any(|item| item.check.is_measured());
        self.lines += 1;
        self.measured += u32::from(measured);
        self.commands += u32::from(items.iter().any(|item| matches!(item.check, Check::Command(_))));
        self.attested += u32::from(!measured);
        self.inapplicable += u32::from(!items.is_empty() && !items.iter().any(|item| applies(item)));
        self.rehearsed += u32::from(items.iter().any(|item| item.check.is_measured() && applies(item)));
    }

    fn row(self, name: &str) -> String {
        let Self { lines, measured, commands, attested, inapplicable, rehearsed } = self;
        format!("| {name} | {lines} | {measured} | {commands} | {attested} | {inapplicable} | {rehearsed} |")
    }
}

/// The tally of every part, and at the end of all of them.
fn tallies(rehearsal: &Plan) -> Vec<(&'static str, Tally)> {
    let carried = carried(rehearsal.checklist());
    let mut tallies: Vec<(&str, Tally)> = PARTS.iter().map(|(name, _)| (*name, Tally::default())).collect();
    let mut all = Tally::default();
    for line in lines(BOXES) {
        let items = carried.get(&line).map(Vec::as_slice).unwrap_or_default();
        let Some(part) = PARTS.iter().position(|(_, last)| line <= *last) else { panic!("line {line} is in no part") };
        tallies[part].1.add(items, rehearsal);
        all.add(items, rehearsal);
    }
    tallies.push(("**All**", all));
    tallies
}

#[test]
fn it_lints_without_a_single_problem() {
    let (read, problems) = lint::lint("checklists/neurohub.toml", TEXT);
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
    assert!(read.is_some());
}

#[test]
fn it_carries_every_line_of_its_source_and_no_other() {
    let boxes: BTreeSet<u32> = lines(BOXES).collect();
    assert_eq!(boxes.len(), 265);
    let expected: BTreeSet<u32> = lines(BLANKS).chain(boxes).collect();
    let checklist = checklist();
    let carried: BTreeSet<u32> = carried(&checklist).into_keys().collect();
    let missing: Vec<_> = expected.difference(&carried).collect();
    let unknown: Vec<_> = carried.difference(&expected).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing {missing:?}, unknown {unknown:?}");
    for item in checklist.items() {
        assert_ne!(item.seed_lines.is_empty(), item.ours.is_none(), "{} must say where it comes from", item.id);
    }
}

#[test]
fn the_table_in_the_readme_is_true() {
    for (name, tally) in tallies(&plan("rehearsal-")) {
        let row = tally.row(name);
        assert!(README.lines().any(|line| line == row), "checklists/README.md lacks the row\n{row}");
    }
}

#[test]
fn the_rehearsal_measures_most_of_it_and_says_why_it_leaves_the_rest() {
    let rehearsal = plan("rehearsal-");
    let (_, all) = tallies(&rehearsal).pop().unwrap();
    assert!(all.rehearsed >= 110, "{all:?}");
    let real = plan("");
    for item in real.checklist().items() {
        let why = real.inapplicable(item).unwrap_or_default();
        let kept_out = item.slot.as_ref().is_some_and(|slot| slot.as_str() == "production") && why.contains("rows");
        assert!(why.is_empty() || kept_out, "{} is inapplicable on a real deployment: {why}", item.id);
    }
}

/// Whether what an evidence item is drawn from has anything in it that somebody else than a person says.
fn rests_on_something(plan: &Plan, item: &Item) -> bool {
    if plan.inapplicable(item).is_some() {
        return false;
    }
    let Check::Evidence(evidence) = &item.check else { return item.check.is_measured() };
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
fn no_verdict_rests_on_nothing() {
    for prefix in ["", "rehearsal-"] {
        let plan = plan(prefix);
        for item in plan.checklist().items() {
            let evaluated = matches!(item.check, Check::Evidence(_)) && plan.inapplicable(item).is_none();
            assert!(!evaluated || rests_on_something(&plan, item), "{prefix}: {} rests on nothing", item.id);
        }
    }
}

#[test]
fn nothing_due_at_the_decision_waits_for_what_comes_after_it() {
    let plan = plan("rehearsal-");
    let after = ["watch", "review"];
    for item in plan.checklist().items().filter(|item| item.due.is_some_and(|due| due.word() == "decision")) {
        let Check::Evidence(evidence) = &item.check else { panic!("{} is not drawn from the ledger", item.id) };
        let EvidenceOf::These(these) = &evidence.of else { panic!("{} has children", item.id) };
        let read = evidence.reading.iter().map(|reading| reading.item.phase());
        let phases: Vec<_> =
            these.iter().flat_map(|reference| plan.referenced(reference)).map(|item| item.id.phase()).collect();
        for phase in read.chain(phases) {
            assert!(!after.contains(&phase.as_str()), "{} waits for {phase}", item.id);
        }
    }
}
