//! The service stopped for longer than the window promises.

use crate::checklist::check::{Check, CommandSource};
use crate::checklist::ids::SlotId;
use crate::checklist::model::{Item, Phase, Risk};
use crate::checklist::offset::{Offset, Span as Duration};
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::Report;
use crate::checklist::span::Span;

/// A step that takes the service away or gives it back.
struct Switch<'c> {
    item: &'c Item,
    slot: Option<&'c SlotId>,
    offset: Offset,
    at: Span,
}

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let Some(downtime) = draft.checklist.window.downtime else { return };
    let mut marks = draft.marks.items.iter();
    for phase in &draft.checklist.phases {
        let (mut stops, mut starts) = (Vec::new(), Vec::new());
        for (item, marks) in phase.items().zip(&mut marks) {
            let Some((offset, at)) = offset_of(phase, item).zip(marks.offset) else { continue };
            let switch = Switch { item, slot: item.slot.as_ref(), offset, at };
            if is_start(item) {
                starts.push(switch);
            } else if is_stop(item, offset) {
                stops.push(switch);
            }
        }
        for stop in &stops {
            let after = starts.iter().filter(|start| start.slot == stop.slot && start.offset >= stop.offset);
            if let Some(start) = after.min_by_key(|start| start.offset) {
                evaluate(stop, start, downtime, report);
            }
        }
    }
}

/// The offset active: the item's own or its section's.
fn offset_of(phase: &Phase, item: &Item) -> Option<Offset> {
    let id = item.id.section();
    // Where an item nested in another has none of its own, that of the item around it holds.
    let mut id_of = item.id.clone();
    let mut own = item.offset;
    while own.is_none() {
        let Some(parent) = id_of.parent() else { break };
        own = phase.items().find(|item| item.id == parent).and_then(|item| item.offset);
        id_of = parent;
    }
    own.or_else(|| phase.sections.iter().find(|section| section.id == id)?.offset)
}

fn is_start(item: &Item) -> bool {
    match &item.check {
        Check::Command(command) => match &command.source {
            CommandSource::Use(name) => name == "start",
            CommandSource::Run(text) => has_word(text, &["start", "restart"]),
        },
        _ => false,
    }
}

/// The environment's `stop`, or a step before T-0 that changes things and says it stops something.
fn is_stop(item: &Item, offset: Offset) -> bool {
    let risky = item.risk == Risk::Changes && offset.millis() < 0;
    match &item.check {
        Check::Command(command) => match &command.source {
            CommandSource::Use(name) => name == "stop",
            CommandSource::Run(text) => risky && has_word(text, &["stop"]),
        },
        Check::Manual => risky && has_word(&item.title.to_lowercase(), &["stop"]),
        _ => false,
    }
}

fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| words.contains(&word))
}

fn evaluate(stop: &Switch<'_>, start: &Switch<'_>, downtime: Duration, report: &Report<'_>) {
    let away = start.offset.millis().saturating_sub(stop.offset.millis());
    let budget = i64::try_from(downtime.duration().as_millis()).unwrap_or(i64::MAX);
    if away <= budget {
        return;
    }
    let span = |millis: i64| Duration::from_millis(millis.unsigned_abs());
    let message = format!(
        "`{}` takes the service away at {} and `{}` gives it back at {}: {} without it, {} more than the downtime of {downtime}",
        stop.item.id,
        stop.offset,
        start.item.id,
        start.offset,
        span(away),
        span(away - budget),
    );
    let latest = Offset::from_millis(start.offset.millis().saturating_sub(budget));
    report.warning(stop.at, message, format!("stop it at {latest} or later, or start it sooner"));
}
