//! Where each value of an item comes from: a line of the checklist or of an overlay, a fact, an environment's fact.

use super::facts::Facts;
use super::overlay::{self, is_part};
use super::report::Report;
use super::value::Value;
use super::written;
use crate::checklist::span::Span;
use std::fmt::Write as _;
use toml::de::{DeTable, DeValue};

/// One value of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// `check.tables[0]`.
    pub key: String,
    /// As it would be written in TOML.
    pub value: String,
    /// `neurohub.toml:412`, with the facts in it: `…, fact records_table from my-team.toml:3`.
    pub origin: String,
}

/// None when there is no such item.
pub(crate) fn explain(report: &Report<'_>, document: &DeTable<'_>, path: &str) -> Option<Vec<Explained>> {
    let facts = Facts::read(report, document);
    let mut plain = document.clone();
    facts.expand(report, &mut plain, None);
    let (item, slot) = find(&plain, path)?;
    let mut explained = values(report, item);
    if let Some((slot, holder)) = slot.filter(|_| item.get("slot").is_none()) {
        let origin = format!("{}, inherited from {holder}", report.place_of(slot.span().into()));
        explained.push(Explained { key: "slot".to_owned(), value: written::inline(slot), origin });
    }
    for name in facts.environments() {
        let report = Report::new(report.sources());
        let mut with = document.clone();
        facts.expand(&report, &mut with, Some(name));
        let Some((item, _)) = find(&with, path) else { continue };
        let differing = values(&report, item).into_iter().filter(|value| !explained.contains(value));
        let differing: Vec<Explained> =
            differing.map(|value| Explained { key: format!("{} in {name}", value.key), ..value }).collect();
        explained.extend(differing);
    }
    Some(explained)
}

/// A slot's value, and the part that names it.
type Inherited<'d, 't> = (&'d Value<'t>, String);

/// An item's table, and the slot it has from its surroundings.
fn find<'d, 't>(document: &'d DeTable<'t>, path: &str) -> Option<(&'d DeTable<'t>, Option<Inherited<'d, 't>>)> {
    let mut slot = None;
    let mut table = document;
    let mut walked = String::new();
    for (key, id) in overlay::steps(path) {
        if let Some(own) = table.get("slot").filter(|own| own.get_ref().is_str()) {
            slot = Some((own, walked.clone()));
        }
        let parts = table.get(key)?.get_ref().as_array()?;
        let part = parts.iter().find(|part| overlay::id(part) == Some(id))?;
        table = part.get_ref().as_table()?;
        walked = if walked.is_empty() { id.to_owned() } else { format!("{walked}/{id}") };
    }
    Some((table, slot))
}

fn values(report: &Report<'_>, item: &DeTable<'_>) -> Vec<Explained> {
    let mut explained = Vec::new();
    let mut entries: Vec<_> = item.iter().filter(|(key, _)| !is_part(key.get_ref())).collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        gather(report, key.get_ref(), value, &mut explained);
    }
    explained
}

fn gather(report: &Report<'_>, key: &str, value: &Value<'_>, explained: &mut Vec<Explained>) {
    let at: Span = value.span().into();
    let whole_fact = report.facts_at(at).is_some();
    match value.get_ref() {
        DeValue::Table(table) => {
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_by_key(|(key, _)| key.span().start);
            for (inner, value) in entries {
                gather(report, &format!("{key}.{}", inner.get_ref()), value, explained);
            }
        }
        DeValue::Array(array) if !whole_fact && array.iter().any(|part| part.get_ref().is_table()) => {
            for (number, part) in array.iter().enumerate() {
                gather(report, &format!("{key}[{number}]"), part, explained);
            }
        }
        _ => {
            explained.push(Explained {
                key: key.to_owned(),
                value: written::inline(value),
                origin: origin(report, at),
            });
        }
    }
}

fn origin(report: &Report<'_>, at: Span) -> String {
    let mut origin = report.place_of(at).to_string();
    // A fact may be made of others; each is reported once.
    let mut wanted: Vec<(String, Span)> = report.facts_at(at).map(|from| from.facts).unwrap_or_default();
    let mut reported: Vec<String> = Vec::new();
    while let Some((name, set)) = wanted.pop() {
        if reported.contains(&name) {
            continue;
        }
        let _ = write!(origin, ", fact {name} from {}", report.place_of(set));
        wanted.extend(report.facts_at(set).map(|from| from.facts).unwrap_or_default());
        reported.push(name);
    }
    origin
}
