//! `gonogo tick`, `waive`, `fill` and `note`: what the cockpit's keys record, decided by the same rules.

use super::{Failure, acting, find, open, seat};
use crate::checklist::offset::Span;
use crate::checklist::problem::harmless;
use crate::cli::items::{Fill, How, Note, Tick, Waive};
use crate::deployment::fact::Waiver;
use crate::deployment::{Intent, Plan};
use chrono::{TimeDelta, Utc};
use std::io::Write;

pub(crate) fn tick(asked: Tick, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    seat::drive(&asked.on.ledger, &by, |ledger| {
        let item = find::item(ledger.plan().checklist(), &asked.item)?;
        let title = title(ledger.plan(), &item);
        ledger.append(&by, Intent::CheckItem { item, note: asked.note })?;
        writeln!(out, "ticked {title}")?;
        Ok(0)
    })
}

pub(crate) fn waive(asked: Waive, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let how = match asked.how {
        How::Skipped => Waiver::Skipped,
        How::Overridden => Waiver::Overridden,
        How::Inapplicable => Waiver::Inapplicable,
        How::Deferred => Waiver::Deferred,
    };
    let until = match (how, asked.due_in.as_deref()) {
        (Waiver::Deferred, None) => {
            return Err(Failure::usage("a deferred item is due at some time; add --due-in 24h"));
        }
        (Waiver::Deferred, Some(text)) => {
            let span = Span::parse(text).map_err(|why| Failure::usage(format!("--due-in {text}: {why}")))?;
            let span = TimeDelta::from_std(span.duration()).unwrap_or(TimeDelta::MAX);
            Some(Utc::now().checked_add_signed(span).ok_or_else(|| {
                Failure::usage(format!("--due-in {text}: too far away; write a time such as 24h or 7d"))
            })?)
        }
        (_, Some(_)) => return Err(Failure::usage("--due-in belongs to --how deferred; remove one or add the other")),
        (Waiver::Skipped | Waiver::Overridden | Waiver::Inapplicable, None) => None,
    };
    seat::drive(&asked.on.ledger, &by, |ledger| {
        let item = find::item(ledger.plan().checklist(), &asked.item)?;
        let title = title(ledger.plan(), &item);
        let intent = Intent::WaiveItem { item, how, reason: asked.reason, until };
        ledger.append(&by, intent)?;
        writeln!(out, "waived {title} as {}", how.word())?;
        Ok(0)
    })
}

pub(crate) fn fill(asked: Fill, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    seat::drive(&asked.on.ledger, &by, |ledger| {
        let item = find::item(ledger.plan().checklist(), &asked.item)?;
        let title = title(ledger.plan(), &item);
        ledger.append(&by, Intent::FillValue { item, value: asked.value })?;
        writeln!(out, "filled in {title}")?;
        Ok(0)
    })
}

/// A note needs no seat: whoever does not only watch may write one.
pub(crate) fn note(asked: &Note, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
    let (item, text) = match asked.words.as_slice() {
        [item, text] => (Some(find::item(ledger.plan().checklist(), item)?), text.clone()),
        [text] => (None, text.clone()),
        _ => return Err(Failure::usage("a note is one text; put it in quotes")),
    };
    let about = item.as_ref().map(|item| format!(" on {}", title(ledger.plan(), item)));
    ledger.append(&by, Intent::AddNote { item, text })?;
    writeln!(out, "noted{}", about.unwrap_or_default())?;
    Ok(0)
}

/// An item as a person knows it.
fn title(plan: &Plan, item: &crate::checklist::ItemId) -> String {
    plan.item(item).map_or_else(|| item.to_string(), |found| format!("{} ({item})", harmless(&found.title)))
}
