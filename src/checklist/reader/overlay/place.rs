//! The parts of a checklist by their paths, as an overlay addresses them.

use crate::checklist::reader::suggest::{listed, nearest};
use crate::checklist::reader::value::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a path names.
pub(super) enum Target<'p> {
    /// A phase, section or item.
    Path(Vec<&'p str>),
    /// A part of another list: its key, and the ids.
    Of(&'static str, Vec<&'p str>),
}

/// One step of the way: the list it is in, and the id there.
pub(super) type Step<'p> = (&'static str, &'p str);

impl<'p> Target<'p> {
    pub(super) fn parse(path: &'p str) -> Self {
        for key in ["signoff", "pane", "slot"] {
            if let Some(id) = path.strip_prefix(key).and_then(|rest| rest.strip_prefix(':')) {
                return Target::Of(key, id.split('/').collect());
            }
        }
        Target::Path(path.split('/').collect())
    }

    pub(super) fn steps(&self) -> Vec<Step<'p>> {
        match self {
            Target::Path(ids) => {
                let keys = ["phase", "section"].into_iter().chain(std::iter::repeat("item"));
                keys.zip(ids.iter().copied()).collect()
            }
            Target::Of(key, ids) => {
                std::iter::once(*key).chain(std::iter::repeat("role")).zip(ids.iter().copied()).collect()
            }
        }
    }
}

/// The id of a part, if it has one.
pub(crate) fn id<'v>(part: &'v Value<'_>) -> Option<&'v str> {
    part.get_ref().get("id")?.get_ref().as_str()
}

pub(super) fn index(parts: &[Value<'_>], wanted: &str) -> Option<usize> {
    parts.iter().position(|part| id(part) == Some(wanted))
}

pub(super) fn find<'d, 't>(table: &'d mut DeTable<'t>, steps: &[Step<'_>]) -> Option<&'d mut DeTable<'t>> {
    let Some(((key, wanted), rest)) = steps.split_first() else { return Some(table) };
    let DeValue::Array(parts) = table.get_mut(*key)?.get_mut() else { return None };
    let index = index(parts, wanted)?;
    let DeValue::Table(found) = parts.get_mut(index)?.get_mut() else { return None };
    find(found, rest)
}

/// Every path there is.
pub(super) fn all(document: &DeTable<'_>) -> Vec<String> {
    let mut paths = Vec::new();
    gather(document, "", &["phase"], &mut paths);
    for key in ["pane", "signoff", "slot"] {
        let mut ids = Vec::new();
        gather(document, "", &[key], &mut ids);
        paths.extend(ids.into_iter().map(|id| format!("{key}:{id}")));
    }
    paths
}

fn gather(table: &DeTable<'_>, prefix: &str, keys: &[&str], paths: &mut Vec<String>) {
    for key in keys {
        let parts = table.get(*key).map(Spanned::get_ref).and_then(|parts| parts.as_array());
        for part in parts.into_iter().flatten() {
            let Some(id) = id(part) else { continue };
            let path = if prefix.is_empty() { id.to_owned() } else { format!("{prefix}/{id}") };
            paths.push(path.clone());
            if let Some(inner) = part.get_ref().as_table() {
                gather(inner, &path, &["section", "item", "role"], paths);
            }
        }
    }
}

/// What may have been meant: the most alike, or one that ends the same way.
pub(super) fn near(path: &str, known: &[String]) -> String {
    let names = || known.iter().map(String::as_str);
    let leaf = path.rsplit(['/', ':']).next().unwrap_or(path);
    let deep = |name: &&str| name.matches('/').count() == path.matches('/').count();
    let ends_alike = |name: &&str| name.rsplit(['/', ':']).next() == Some(leaf);
    let best = nearest(path, names().filter(deep)).or_else(|| names().find(ends_alike));
    match best.or_else(|| nearest(path, names())) {
        Some(best) => format!("did you mean `{best}`?"),
        None => format!("there are: {}", listed(names().filter(deep))),
    }
}
