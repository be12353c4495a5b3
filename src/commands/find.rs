//! Items as people name them on the command line: by the whole path, or by its last steps where those are unique.

use super::Failure;
use crate::checklist::{Checklist, ItemId};
use strsim::normalized_damerau_levenshtein;

/// The item that `wanted` names.
///
/// # Errors
/// When there is none, with the most alike; when there are several, with their paths.
pub(super) fn item(checklist: &Checklist, wanted: &str) -> Result<ItemId, Failure> {
    let ids = || checklist.items().map(|item| &item.id);
    if let Some(id) = ids().find(|id| id.as_str() == wanted) {
        return Ok(id.clone());
    }
    let tail = format!("/{wanted}");
    let ending: Vec<&ItemId> = ids().filter(|id| id.as_str().ends_with(&tail)).collect();
    if let [only] = ending.as_slice() {
        return Ok((*only).clone());
    }
    if ending.is_empty() {
        let mut alike: Vec<(f64, &str)> = ids().map(|id| (likeness(wanted, id.as_str()), id.as_str())).collect();
        alike.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.cmp(y)));
        let alike: Vec<&str> = alike.into_iter().take(3).map(|(_, id)| id).collect();
        return Err(Failure::usage(format!("no item `{wanted}`; the most alike are {}", alike.join(", "))));
    }
    let paths: Vec<&str> = ending.iter().take(8).map(|id| id.as_str()).collect();
    Err(Failure::usage(format!("`{wanted}` names {} items; write one of {}", ending.len(), paths.join(", "))))
}

/// Compared with the whole path, and with as many last steps of it as `wanted` has.
fn likeness(wanted: &str, id: &str) -> f64 {
    let steps = wanted.split('/').count();
    let tail: Vec<&str> = id.rsplitn(steps + 1, '/').take(steps).collect();
    let tail = tail.into_iter().rev().collect::<Vec<_>>().join("/");
    let wanted: String = wanted.chars().take(200).collect();
    normalized_damerau_levenshtein(&wanted, id).max(normalized_damerau_levenshtein(&wanted, &tail))
}
