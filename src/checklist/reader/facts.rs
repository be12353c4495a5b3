//! Facts: what a checklist expects, written once in `[facts]` and used as `${facts.NAME}` in any string.
//!
//! An environment may have its own value for a fact, in `[environments.X.facts]`; it is used in that environment's table
//! and in everything of the slot that it fills. A string that is a fact and nothing else takes the value with its type.
//! `${facts.NAME:sql}` is a value or list as SQL writes it, `:title` begins with a capital, `:count` is a list's length.

use super::report::{FactUse, Report};
use super::suggest::did_you_mean;
use super::value::{self, Value, type_of};
use crate::checklist::problem::Severity;
use crate::checklist::span::Span;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use toml::de::{DeArray, DeTable, DeValue};

const START: &str = "${facts.";

/// The facts of one table, by name.
type Named<'t> = BTreeMap<String, Value<'t>>;

#[derive(Debug, Default)]
pub(crate) struct Facts<'t> {
    own: Named<'t>,
    /// Of the environments that have any.
    environments: BTreeMap<String, Of<'t>>,
    used: RefCell<BTreeSet<String>>,
}

#[derive(Debug)]
struct Of<'t> {
    slot: String,
    facts: Named<'t>,
}

/// The facts active at a place: an environment's before the checklist's own.
#[derive(Clone, Copy)]
struct Scope<'a, 't> {
    own: &'a Named<'t>,
    environment: Option<&'a Named<'t>>,
}

impl<'a, 't> Scope<'a, 't> {
    fn get(self, name: &str) -> Option<&'a Value<'t>> {
        self.environment.and_then(|facts| facts.get(name)).or_else(|| self.own.get(name))
    }
}

/// One `${facts.NAME}` or `${facts.NAME:FORM}` in a text.
struct Reference<'x> {
    before: &'x str,
    name: &'x str,
    form: Option<&'x str>,
    /// As written.
    whole: &'x str,
    after: &'x str,
}

impl<'t> Facts<'t> {
    /// Reads the facts of a document and notes what is wrong with them.
    pub(crate) fn read(report: &Report<'_>, document: &DeTable<'t>) -> Self {
        let own = document.get("facts").map(|facts| named(report, facts)).unwrap_or_default();
        let mut environments = BTreeMap::new();
        let tables = document.get("environments").and_then(|all| all.get_ref().as_table());
        for (name, table) in tables.into_iter().flatten() {
            let Some(table) = table.get_ref().as_table() else { continue };
            let Some(facts) = table.get("facts") else { continue };
            let facts = named(report, facts);
            for (fact, value) in facts.iter().filter(|(fact, _)| !own.contains_key(*fact)) {
                let message = format!("the checklist has no fact `{fact}`");
                let suggestion = did_you_mean(fact, own.keys().map(String::as_str), "its facts are");
                report.error(value.span().into(), message, format!("{suggestion}; a new one belongs into `[facts]`"));
            }
            let slot = table.get("slot").and_then(|slot| slot.get_ref().as_str()).unwrap_or_default().to_owned();
            environments.insert(name.get_ref().to_string(), Of { slot, facts });
        }
        Self { own, environments, used: RefCell::default() }
    }

    /// The environments that have facts of their own.
    pub(crate) fn environments(&self) -> impl Iterator<Item = &str> {
        self.environments.keys().map(String::as_str)
    }

    /// Puts values in the place of facts, all through the document. `filling` is the environment taken to fill its slot;
    /// without one only the checklist's own facts count there.
    pub(crate) fn expand(&self, report: &Report<'_>, document: &mut DeTable<'t>, filling: Option<&str>) {
        let own = Scope { own: &self.own, environment: None };
        let filled = filling.and_then(|name| self.environments.get(name));
        let scope_of = |slot: &str| match filled {
            Some(of) if of.slot == slot => Scope { environment: Some(&of.facts), ..own },
            _ => own,
        };
        for (key, value) in document.iter_mut() {
            match key.get_ref().as_ref() {
                "facts" => {}
                "environments" => self.expand_environments(report, value, own),
                "phase" | "pane" => self.expand_parts(report, value, "", &scope_of),
                _ => self.expand_value(report, value, own),
            }
        }
    }

    /// Notes the facts that nothing uses. One of an overlay is an error, for it was meant to change something.
    pub(crate) fn note_unused(&self, report: &Report<'_>) {
        let used = self.used.borrow();
        for (name, value) in self.own.iter().filter(|(name, _)| !used.contains(*name)) {
            let at: Span = value.span().into();
            let others = self.own.keys().map(String::as_str).filter(|other| used.contains(*other));
            let suggestion = did_you_mean(name, others.collect::<Vec<_>>(), "the facts in use are");
            let message = format!("nothing uses the fact `{name}`");
            match severity(report, at) {
                Severity::Error => report.error(at, message, suggestion),
                Severity::Warning => report.warning(at, message, format!("remove it, or write `${{facts.{name}}}`")),
            }
        }
    }

    fn expand_environments(&self, report: &Report<'_>, all: &mut Value<'t>, own: Scope<'_, 't>) {
        let DeValue::Table(all) = all.get_mut() else { return };
        for (name, environment) in all.iter_mut() {
            let facts = self.environments.get(name.get_ref().as_ref()).map(|of| &of.facts);
            let scope = Scope { environment: facts, ..own };
            let DeValue::Table(table) = environment.get_mut() else { continue };
            for (key, value) in table.iter_mut() {
                match key.get_ref().as_ref() {
                    "facts" => {}
                    "slot" => refuse(report, "slot", value),
                    _ => self.expand_value(report, value, scope),
                }
            }
        }
    }

    /// Phases, sections, items and panes: each has the facts of the slot active.
    fn expand_parts<'a>(
        &'a self,
        report: &Report<'_>,
        parts: &mut Value<'t>,
        slot: &str,
        scope_of: &impl Fn(&str) -> Scope<'a, 't>,
    ) {
        let DeValue::Array(parts) = parts.get_mut() else { return };
        for part in parts.iter_mut() {
            let DeValue::Table(table) = part.get_mut() else { continue };
            let own = table.get("slot").and_then(|slot| slot.get_ref().as_str());
            let slot = own.unwrap_or(slot).to_owned();
            for (key, value) in table.iter_mut() {
                match key.get_ref().as_ref() {
                    key @ ("id" | "slot") => refuse(report, key, value),
                    "section" | "item" => self.expand_parts(report, value, &slot, scope_of),
                    _ => self.expand_value(report, value, scope_of(&slot)),
                }
            }
        }
    }

    fn expand_value(&self, report: &Report<'_>, value: &mut Value<'t>, scope: Scope<'_, 't>) {
        let at: Span = value.span().into();
        match value.get_mut() {
            DeValue::String(text) if text.contains(START) => {
                let text = std::mem::take(text);
                let expanded = self.expand_text(report, &text, at, scope, &mut Vec::new());
                *value.get_mut() = expanded.unwrap_or(DeValue::String(text));
            }
            DeValue::Array(array) => {
                let (mut expanded, mut spliced) = (Vec::new(), Vec::new());
                for mut element in std::mem::replace(array, DeArray::new()) {
                    let was_text = element.get_ref().is_str();
                    self.expand_value(report, &mut element, scope);
                    match element.get_mut() {
                        // A fact that is a list stands for its elements.
                        DeValue::Array(list) if was_text => {
                            expanded.extend(std::mem::replace(list, DeArray::new()));
                            spliced.extend(report.facts_at(element.span().into()).map(|from| from.facts));
                        }
                        _ => expanded.push(element),
                    }
                }
                *array = expanded.into_iter().collect();
                let facts: Vec<(String, Span)> = spliced.into_iter().flatten().collect();
                if !facts.is_empty() {
                    report.comes_from(at, FactUse { facts, whole: false });
                }
            }
            DeValue::Table(table) => {
                for (_, value) in table.iter_mut() {
                    self.expand_value(report, value, scope);
                }
            }
            _ => {}
        }
    }

    /// The value of a text with facts in it. None when something is wrong with it; that is noted then.
    fn expand_text(
        &self,
        report: &Report<'_>,
        text: &str,
        at: Span,
        scope: Scope<'_, 't>,
        within: &mut Vec<String>,
    ) -> Option<DeValue<'t>> {
        let mut facts = Vec::new();
        let mut out = String::new();
        let mut rest = text;
        while let Some(found) = next(report, rest, at).ok()? {
            let value = self.resolve(report, &found, at, scope, within)?;
            facts.push((found.name.to_owned(), Span::from(value.span())));
            if found.form.is_none() && found.whole.len() == text.len() {
                report.comes_from(at, FactUse { facts, whole: true });
                return Some(value.into_inner());
            }
            out.push_str(found.before);
            match written(value.get_ref(), found.form) {
                Ok(written) => out.push_str(&written),
                Err(suggestion) => {
                    let message = format!("the fact `{}` is {}, not text", found.name, type_of(&value));
                    report.error(place_in(report, at, found.whole), message, suggestion);
                    return None;
                }
            }
            rest = found.after;
        }
        out.push_str(rest);
        report.comes_from(at, FactUse { facts, whole: false });
        Some(DeValue::String(Cow::Owned(out)))
    }

    /// The value of a fact, with those that it is made of in their places.
    fn resolve(
        &self,
        report: &Report<'_>,
        found: &Reference<'_>,
        at: Span,
        scope: Scope<'_, 't>,
        within: &mut Vec<String>,
    ) -> Option<Value<'t>> {
        let name = found.name;
        let Some(value) = scope.get(name) else {
            let known: BTreeSet<&str> = scope.own.keys().map(String::as_str).collect();
            let message = format!("`{}` names the fact `{name}`, which is not there", found.whole);
            report.error(
                place_in(report, at, found.whole),
                message,
                did_you_mean(name, known.iter().copied(), "the facts are"),
            );
            return None;
        };
        self.used.borrow_mut().insert(name.to_owned());
        if within.iter().any(|outer| outer == name) {
            let message = format!("the fact `{name}` is made of itself");
            report.error(at, message, "write one of them out");
            return None;
        }
        within.push(name.to_owned());
        let mut value = value.clone();
        let own_at: Span = value.span().into();
        let whole = match value.get_mut() {
            DeValue::String(text) if text.contains(START) => {
                self.expand_text(report, &text.clone(), own_at, scope, within).map(|made| *value.get_mut() = made)
            }
            DeValue::Array(_) => {
                self.expand_value(report, &mut value, scope);
                Some(())
            }
            _ => Some(()),
        };
        within.pop();
        whole.map(|()| value)
    }
}

/// A fact that is written wrongly; that is noted.
struct Malformed;

/// The next fact in a text.
fn next<'x>(report: &Report<'_>, text: &'x str, at: Span) -> Result<Option<Reference<'x>>, Malformed> {
    let Some(start) = text.find(START) else { return Ok(None) };
    let inside = &text[start + START.len()..];
    let end = inside.find('}').filter(|end| !inside[..*end].contains(['\n', '$', ' ']));
    let Some(end) = end else {
        report.error(place_in(report, at, START), "`${facts.` is not closed", "write `${facts.NAME}`");
        return Err(Malformed);
    };
    let (name, form) = match inside[..end].split_once(':') {
        Some((name, form)) => (name, Some(form)),
        None => (&inside[..end], None),
    };
    let whole = &text[start..=start + START.len() + end];
    Ok(Some(Reference { before: &text[..start], name, form, whole, after: &inside[end + 1..] }))
}

/// A value as part of a text, or what to do instead.
fn written(value: &DeValue<'_>, form: Option<&str>) -> Result<String, String> {
    match form {
        None => scalar(value).ok_or_else(|| {
            "a list stands alone, as \"${facts.NAME}\", or in SQL as `${facts.NAME:sql}`: 'a', 'b'".to_owned()
        }),
        Some("title") => {
            let text = scalar(value).ok_or("a list has no title; write the fact without `:title`")?;
            let mut chars = text.chars();
            Ok(chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default())
        }
        Some("count") => {
            let list = value.as_array().ok_or("only a list has a count; write the fact without `:count`")?;
            Ok(list.len().to_string())
        }
        Some("sql") => {
            let quoted = |value: &DeValue<'_>| match value {
                DeValue::String(text) => Some(format!("'{}'", text.replace('\'', "''"))),
                other => scalar(other),
            };
            let list = value.as_array().map(|list| list.iter().filter_map(|value| quoted(value.get_ref())).collect());
            let parts: Vec<String> = list.unwrap_or_else(|| quoted(value).into_iter().collect());
            Ok(parts.join(", "))
        }
        Some(form) => Err(format!("there is no form `{form}`; write `:sql`, `:title`, `:count` or nothing")),
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            let decimal = i128::from_str_radix(number.as_str(), number.radix()).ok();
            Some(decimal.map_or_else(|| number.to_string(), |number| number.to_string()))
        }
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// Text where a checklist asks for some and a fact gave a number or a flag.
pub(crate) fn as_text(report: &Report<'_>, value: &Value<'_>) -> Option<String> {
    report.facts_at(value.span().into()).filter(|from| from.whole)?;
    scalar(value.get_ref())
}

/// Where a part of the text at `at` stands, as far as it is written there as it is.
fn place_in(report: &Report<'_>, at: Span, part: &str) -> Span {
    let found = report.text().get(at.start..at.end).and_then(|written| written.find(part));
    found.map_or(at, |found| Span { start: at.start + found, end: at.start + found + part.len() })
}

fn refuse(report: &Report<'_>, key: &str, value: &Value<'_>) {
    if value.get_ref().as_str().is_some_and(|text| text.contains(START)) {
        report.error(value.span().into(), format!("`{key}` may hold no fact"), "write it out");
    }
}

/// The facts of a table: strings, numbers, flags, and lists of them.
fn named<'t>(report: &Report<'_>, facts: &Value<'t>) -> Named<'t> {
    let Some(table) = facts.get_ref().as_table() else {
        value::expected(report, "facts", "a table", facts, "{ … }");
        return Named::new();
    };
    let mut named = Named::new();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
            let suggestion = "write letters, digits, `-` and `_`";
            report.error(key.span().into(), format!("`{name}` is no name of a fact"), suggestion);
            continue;
        }
        let plain = |value: &Value<'_>| scalar(value.get_ref()).is_some();
        let list = value.get_ref().as_array();
        if plain(value) || list.is_some_and(|list| list.iter().all(plain)) {
            named.insert(name.to_owned(), value.clone());
        } else {
            let message = format!("the fact `{name}` is {}", type_of(value));
            report.error(value.span().into(), message, "write a string, a number, true, false, or a list of them");
        }
    }
    named
}

fn severity(report: &Report<'_>, at: Span) -> Severity {
    if report.place_of(at).part == 0 { Severity::Warning } else { Severity::Error }
}
