//! Lays an overlay over a checklist: a small file that changes, adds and waives, and sets facts.
//!
//! ```toml
//! title = "Warehouse release"
//! [facts]
//! table = "orders"
//! [change."p1/schema/tables"]       # by path; `pane:ID`, `signoff:ID` and `slot:ID` too
//! title = "All 9 tables present"
//! [[change."p1/schema".item]]       # added to the section; `before = "tables"` says where
//! id = "mine"
//! [waive]
//! p7 = "there are no documents"     # an item, or everything in a section or phase
//! "no JSON is kept" = ["p3/json", "p4/json"]
//! ```

mod place;

use super::report::Report;
use super::suggest::did_you_mean;
use super::value::{self, Value};
use crate::checklist::span::Span;
pub(super) use place::id;
use place::{Step, Target};
use std::borrow::Cow;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The keys of an overlay.
const KEYS: [&str; 15] = [
    "format",
    "id",
    "title",
    "summary",
    "source",
    "facts",
    "window",
    "journal",
    "environments",
    "slot",
    "phase",
    "pane",
    "signoff",
    "allowed_signers",
    "change",
];

/// Lists of tables that have ids, and that an overlay adds to instead of replacing them.
const PARTS: [&str; 7] = ["slot", "phase", "section", "item", "pane", "signoff", "role"];

pub(super) fn is_part(key: &str) -> bool {
    PARTS.contains(&key)
}

/// The lists and ids on the way to a phase, section or item.
pub(super) fn steps(path: &str) -> Vec<Step<'_>> {
    Target::parse(path).steps()
}

type Key<'t> = Spanned<Cow<'t, str>>;

/// A table parsed on its own, with its spans moved to where its text stands among the others.
pub(super) fn moved<'t>(table: DeTable<'t>, by: usize) -> DeTable<'t> {
    let span = |span: std::ops::Range<usize>| span.start + by..span.end + by;
    let key = |key: Key<'t>| Spanned::new(span(key.span()), key.into_inner());
    table.into_iter().map(|(name, value)| (key(name), moved_value(value, by))).collect()
}

fn moved_value(value: Value<'_>, by: usize) -> Value<'_> {
    let span = value.span();
    let inner = match value.into_inner() {
        DeValue::Array(array) => DeValue::Array(array.into_iter().map(|value| moved_value(value, by)).collect()),
        DeValue::Table(table) => DeValue::Table(moved(table, by)),
        plain => plain,
    };
    Spanned::new(span.start + by..span.end + by, inner)
}

/// Lays `overlay` over `document`. What it addresses and is not there is noted.
pub(super) fn lay<'t>(report: &Report<'_>, document: &mut DeTable<'t>, overlay: DeTable<'t>) {
    // Parts first, so that what the overlay adds may be changed and waived by it too.
    let mut rest: Vec<(Key<'t>, Value<'t>)> = overlay.into_iter().collect();
    let rank = |key: &str| match key {
        "change" => 1,
        "waive" => 2,
        _ => 0,
    };
    rest.sort_by_key(|(key, _)| rank(key.get_ref()));
    for (key, value) in rest {
        match key.get_ref().as_ref() {
            "format" => {}
            "id" | "title" | "summary" | "source" | "allowed_signers" => set(document, key, value),
            "facts" | "window" | "journal" => merge(document, key, value),
            "environments" => lay_environments(report, document, key, value),
            "slot" | "phase" | "pane" | "signoff" => add(report, document, key, value),
            "change" => each(report, &key, value, |path, value| change(report, document, &path, value)),
            "waive" => each(report, &key, value, |path, value| waive(report, document, &path, &value)),
            other => {
                let known = KEYS.into_iter().chain(["waive"]);
                let suggestion = did_you_mean(other, known, "its keys are");
                report.error(key.span().into(), format!("`{other}` is no key of an overlay"), suggestion);
            }
        }
    }
}

fn each<'t>(report: &Report<'_>, key: &Key<'t>, value: Value<'t>, mut act: impl FnMut(Key<'t>, Value<'t>)) {
    let name = key.get_ref().to_string();
    if !value.get_ref().is_table() {
        value::expected(report, &name, "a table", &value, "{ \"phase/section/item\" = … }");
        return;
    }
    if let DeValue::Table(table) = value.into_inner() {
        let mut entries: Vec<_> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (path, value) in entries {
            act(path, value);
        }
    }
}

/// Replaces a value, and its key with it, so that both are known to come from the overlay.
fn set<'t>(table: &mut DeTable<'t>, key: Key<'t>, value: Value<'t>) {
    table.remove(key.get_ref().as_ref());
    table.insert(key, value);
}

/// Tables are merged key by key, everything else is replaced.
fn merge<'t>(table: &mut DeTable<'t>, key: Key<'t>, value: Value<'t>) {
    let both =
        value.get_ref().is_table() && table.get(key.get_ref().as_ref()).is_some_and(|old| old.get_ref().is_table());
    if !both {
        set(table, key, value);
        return;
    }
    let Some(DeValue::Table(old)) = table.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut) else { return };
    // A check of another kind has other keys: nothing of the one before is kept.
    let another_kind = matches!(key.get_ref().as_ref(), "check" | "source") && value.get_ref().get("kind").is_some();
    if another_kind {
        set(table, key, value);
        return;
    }
    if let DeValue::Table(new) = value.into_inner() {
        new.into_iter().for_each(|(key, value)| merge(old, key, value));
    }
}

fn lay_environments<'t>(report: &Report<'_>, document: &mut DeTable<'t>, key: Key<'t>, value: Value<'t>) {
    let known = document.get("environments").and_then(|all| all.get_ref().as_table());
    let names: Vec<String> = known.into_iter().flatten().map(|(name, _)| name.get_ref().to_string()).collect();
    for (name, table) in value.get_ref().as_table().into_iter().flatten() {
        let is_known = names.iter().any(|known| *known == *name.get_ref());
        if !is_known && table.get_ref().get("slot").is_none() {
            let message = format!("the checklist has no environment `{}`", name.get_ref());
            let suggestion = did_you_mean(name.get_ref(), names.iter().map(String::as_str), "there are");
            report.error(name.span().into(), message, format!("{suggestion} A new one names its `slot`"));
        }
    }
    merge(document, key, value);
}

/// Adds parts to a list of them, each at the end or before the one that it names in `before`.
fn add<'t>(report: &Report<'_>, holder: &mut DeTable<'t>, key: Key<'t>, value: Value<'t>) {
    let name = key.get_ref().to_string();
    let at = value.span();
    if !value.get_ref().is_array() {
        value::expected(report, &name, "an array of tables", &value, "[{ … }]");
        return;
    }
    let DeValue::Array(new) = value.into_inner() else { return };
    if !holder.contains_key(name.as_str()) {
        holder.insert(key, Spanned::new(at, DeValue::Array(DeArray::new())));
    }
    let Some(DeValue::Array(list)) = holder.get_mut(name.as_str()).map(Spanned::get_mut) else { return };
    let mut parts: Vec<Value<'t>> = std::mem::replace(list, DeArray::new()).into_iter().collect();
    for mut part in new {
        let before = match part.get_mut() {
            DeValue::Table(table) => table.remove("before"),
            _ => None,
        };
        let index =
            before.as_ref().map(|before| (before, before.get_ref().as_str().and_then(|id| place::index(&parts, id))));
        match index {
            None => parts.push(part),
            Some((_, Some(index))) => parts.insert(index, part),
            Some((before, None)) => {
                let wanted = before.get_ref().as_str().unwrap_or_default();
                let ids: Vec<&str> = parts.iter().filter_map(place::id).collect();
                let suggestion = did_you_mean(wanted, ids, "there are");
                report.error(
                    before.span().into(),
                    format!("there is no {name} `{wanted}` to stand before"),
                    suggestion,
                );
            }
        }
    }
    *list = parts.into_iter().collect();
}

fn change<'t>(report: &Report<'_>, document: &mut DeTable<'t>, path: &Key<'t>, value: Value<'t>) {
    if !value.get_ref().is_table() {
        value::expected(report, path.get_ref(), "a table", &value, "{ title = \"…\" }");
        return;
    }
    let Some(part) = find(report, document, path) else { return };
    let DeValue::Table(changes) = value.into_inner() else { return };
    for (key, value) in changes {
        match key.get_ref().as_ref() {
            "id" => report.error(key.span().into(), "an `id` cannot be changed", "waive this one and add another"),
            "section" | "item" | "role" => add(report, part, key, value),
            "without" => remove(report, part, &value),
            _ => merge(part, key, value),
        }
    }
}

/// `without = ["targets", "check.equals"]`: keys that are taken away.
fn remove(report: &Report<'_>, part: &mut DeTable<'_>, keys: &Value<'_>) {
    let Some(list) = keys.get_ref().as_array() else {
        value::expected(report, "without", "an array of strings", keys, "[\"targets\"]");
        return;
    };
    for key in list {
        let Some(text) = value::text(report, "without", key) else { continue };
        let mut steps: Vec<&str> = text.value.split('.').collect();
        let leaf = steps.pop().unwrap_or_default();
        let mut table = Some(&mut *part);
        for step in steps {
            table = table.and_then(|table| match table.get_mut(step).map(Spanned::get_mut) {
                Some(DeValue::Table(inner)) => Some(inner),
                _ => None,
            });
        }
        let known: Vec<String> =
            table.iter().flat_map(|table| table.keys()).map(|key| key.get_ref().to_string()).collect();
        if table.and_then(|table| table.remove(leaf)).is_none() {
            let suggestion = did_you_mean(leaf, known.iter().map(String::as_str).collect::<Vec<_>>(), "there are");
            report.error(text.at, format!("there is no `{}` to take away", text.value), suggestion);
        }
    }
}

/// Makes an item, or every item of a section or phase, inapplicable for a reason.
/// A list names several paths, and the key is the reason then.
fn waive<'t>(report: &Report<'_>, document: &mut DeTable<'t>, key: &Key<'t>, value: &Value<'t>) {
    let Some(paths) = value.get_ref().as_array() else { return waive_one(report, document, key, value) };
    let reason = Spanned::new(key.span(), DeValue::String(key.get_ref().clone()));
    for path in paths {
        let Some(text) = value::text(report, key.get_ref(), path) else { continue };
        waive_one(report, document, &Spanned::new(path.span(), Cow::Owned(text.value)), &reason);
    }
}

fn waive_one<'t>(report: &Report<'_>, document: &mut DeTable<'t>, path: &Key<'t>, reason: &Value<'t>) {
    let Some(text) = value::text(report, path.get_ref(), reason) else { return };
    super::document::report_empty(report, &text, path.get_ref());
    let is_item = matches!(Target::parse(path.get_ref()), Target::Path(steps) if !steps.is_empty());
    if !is_item {
        report.error(path.span().into(), "only items can be waived", "name an item, a section or a phase");
        return;
    }
    let level = path.get_ref().matches('/').count();
    let Some(part) = find(report, document, path) else { return };
    waive_below(part, level >= 2, path.span(), reason);
}

fn waive_below<'t>(part: &mut DeTable<'t>, is_item: bool, at: std::ops::Range<usize>, reason: &Value<'t>) {
    if is_item {
        set(part, Spanned::new(at.clone(), Cow::Borrowed("inapplicable")), reason.clone());
    }
    for key in ["section", "item"] {
        let Some(DeValue::Array(below)) = part.get_mut(key).map(Spanned::get_mut) else { continue };
        for value in below.iter_mut() {
            if let DeValue::Table(table) = value.get_mut() {
                waive_below(table, key == "item", at.clone(), reason);
            }
        }
    }
}

fn find<'d, 't>(report: &Report<'_>, document: &'d mut DeTable<'t>, path: &Key<'t>) -> Option<&'d mut DeTable<'t>> {
    let target = Target::parse(path.get_ref());
    let known = place::all(document);
    let steps: Vec<Step<'_>> = target.steps();
    let found = place::find(document, &steps);
    if found.is_none() {
        let at: Span = path.span().into();
        report.error(at, format!("the checklist has no `{}`", path.get_ref()), place::near(path.get_ref(), &known));
    }
    found
}
