//! Items as people name them on the command line: by the path or its last steps, by their number in the checklist, or by a
//! part of their title, where that means one item.

use super::Failure;
use crate::checklist::{Checklist, Item, ItemId};
use crate::harmless::one_line;
use std::fmt::Write as _;
use strsim::normalized_damerau_levenshtein;

/// Candidates that are listed at most.
const LISTED: usize = 8;

/// The item that `wanted` names.
///
/// # Errors
/// When there is none, with the most alike; when there are several, with number, title and path of each.
pub(super) fn item(checklist: &Checklist, wanted: &str) -> Result<ItemId, Failure> {
    let all: Vec<&Item> = checklist.items().collect();
    if let Some(item) = all.iter().find(|item| item.id.as_str() == wanted) {
        return Ok(item.id.clone());
    }
    let tail = format!("/{wanted}");
    let plain = wanted.trim().to_lowercase();
    let titled = |item: &Item| item.title.to_lowercase();
    // The narrower meaning first: what ends so, the number, the whole title, a part of it.
    let by_end = places(&all, |_, item| item.id.as_str().ends_with(&tail));
    let by_number = places(&all, |at, _| plain.trim_start_matches('#').parse() == Ok(at + 1));
    let by_title = places(&all, |_, item| titled(item) == plain);
    let by_part = places(&all, |_, item| !plain.is_empty() && titled(item).contains(&plain));
    let meant = [by_end, by_number, by_title, by_part].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    match meant.as_slice() {
        [only] => Ok(all[*only].id.clone()),
        [] => Err(none(&all, wanted)),
        several => Err(several_of(&all, several, wanted)),
    }
}

fn places(all: &[&Item], fits: impl Fn(usize, &Item) -> bool) -> Vec<usize> {
    all.iter().enumerate().filter(|(at, item)| fits(*at, item)).map(|(at, _)| at).collect()
}

fn none(all: &[&Item], wanted: &str) -> Failure {
    let mut alike: Vec<(f64, &str)> =
        all.iter().map(|item| (likeness(wanted, item.id.as_str()), item.id.as_str())).collect();
    alike.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.cmp(y)));
    let alike: Vec<&str> = alike.into_iter().take(3).map(|(_, id)| id).collect();
    Failure::usage(format!("no item `{wanted}`; the most alike are {}", alike.join(", ")))
}

fn several_of(all: &[&Item], places: &[usize], wanted: &str) -> Failure {
    let paths: Vec<&str> = places.iter().take(LISTED).map(|at| all[*at].id.as_str()).collect();
    let (count, paths) = (places.len(), paths.join(", "));
    let mut text = format!("`{wanted}` names {count} items; write one of {paths}, or the number:");
    for at in places.iter().take(LISTED) {
        let _ = write!(text, "\n  {:>3}  {}", at + 1, one_line(&all[*at].title));
    }
    if count > LISTED {
        let _ = write!(text, "\n  and {} more", count - LISTED);
    }
    Failure::usage(text)
}

/// Compared with the whole path, and with as many last steps of it as `wanted` has.
fn likeness(wanted: &str, id: &str) -> f64 {
    let steps = wanted.split('/').count();
    let tail: Vec<&str> = id.rsplitn(steps + 1, '/').take(steps).collect();
    let tail = tail.into_iter().rev().collect::<Vec<_>>().join("/");
    let wanted: String = wanted.chars().take(200).collect();
    normalized_damerau_levenshtein(&wanted, id).max(normalized_damerau_levenshtein(&wanted, &tail))
}

#[cfg(test)]
mod tests {
    use crate::checklist::reader;

    #[test]
    fn an_item_is_named_by_path_end_number_or_title() {
        let item = |id: &str, title: &str| format!("[[phase.section.item]]\nid = \"{id}\"\ntitle = \"{title}\"\n");
        let head = "format = 1\nid = \"c\"\ntitle = \"C\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n\
                    [[phase.section]]\nid = \"s\"\ntitle = \"S\"\n";
        let text = [
            head.to_owned(),
            item("stop", "Stop the service"),
            item("start", "Start the service"),
            item("backup", "Verify backup"),
        ];
        let checklist = reader::read("c.toml", &text.concat()).unwrap();
        let named = |wanted: &str| super::item(&checklist, wanted).map(|id| id.to_string()).map_err(|why| why.message);
        for (wanted, id) in [
            ("p/s/stop", "p/s/stop"),
            ("s/start", "p/s/start"),
            ("backup", "p/s/backup"),
            ("2", "p/s/start"),
            ("#3", "p/s/backup"),
            ("verify", "p/s/backup"),
            ("STOP THE", "p/s/stop"),
        ] {
            assert_eq!(named(wanted).as_deref(), Ok(id), "{wanted}");
        }
        let several = named("the service").unwrap_err();
        assert_eq!(
            several,
            "`the service` names 2 items; write one of p/s/stop, p/s/start, or the number:\n    1  Stop the service\n    \
             2  Start the service"
        );
        for wrong in ["0", "4", "nothing alike", ""] {
            assert!(named(wrong).unwrap_err().starts_with("no item"), "{wrong}");
        }
    }
}
