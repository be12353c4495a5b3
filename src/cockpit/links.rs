//! Addresses in texts, so that a terminal that can follow them is reported.

use super::dialog::Dialog;
use super::model::Model;
use super::screens::Screen;
use super::sentence::sentence;
use crate::checklist::ItemId;
use std::collections::BTreeSet;

/// The newest entries of the journal that are looked through.
const NEWEST: usize = 200;

/// The addresses in what is on the screen about the item in hand, the journal and the record in hand.
pub(crate) fn in_sight(model: &Model) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut look = |text: &str| found.extend(addresses(text).map(ToOwned::to_owned));
    let in_dialog = match &model.dialog {
        Some(Dialog::Details { item, .. }) => Some(item),
        _ => None,
    };
    for id in model.selected.iter().chain(in_dialog) {
        about(model, id, &mut look);
    }
    if model.screen == Screen::Signoffs {
        for issue in model.state.issues.iter().rev().take(NEWEST) {
            let account = &issue.account;
            look(&issue.title);
            [&account.resolution, &account.impact, &account.mitigation]
                .into_iter()
                .flatten()
                .for_each(|text| look(text));
        }
        model.state.lessons.iter().rev().take(NEWEST).for_each(|(_, text)| look(text));
        model.notes().rev().take(NEWEST).for_each(|note| look(note.text));
    }
    if model.screen == Screen::Timeline
        && let Some(record) = model.record_in_hand()
    {
        look(&sentence(&model.plan, record).text);
    }
    found
}

fn about(model: &Model, id: &ItemId, look: &mut impl FnMut(&str)) {
    if let Some(item) = model.plan.item(id) {
        look(&item.title);
        [&item.note, &item.ours].into_iter().flatten().for_each(|text| look(text));
    }
    model.notes_on(id).for_each(|note| look(note.text));
    let Some(history) = model.state.history(id) else { return };
    if let Some(waived) = &history.waived {
        look(&waived.reason);
    }
    if let Some(outcome) = model.state.latest(id).and_then(|attempt| attempt.outcome()) {
        look(&outcome.detail);
    }
}

/// The addresses in a text, without the punctuation that ends a sentence.
pub(crate) fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let starts = ["https://", "http://"].into_iter().flat_map(|scheme| text.match_indices(scheme));
    starts.filter_map(move |(at, scheme)| {
        let rest = &text[at..];
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let address = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', ']']);
        (address.len() > scheme.len()).then_some(address)
    })
}

/// Whether a letter may stand in an address; anything else might end a terminal's own sequence.
fn is_part(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '`' | '\\' | '^' | '{' | '|' | '}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        let found = |text| addresses(text).collect::<Vec<_>>();
        assert_eq!(
            found("see https://example.org/a?b=1#c, or http://host:8080."),
            ["https://example.org/a?b=1#c", "http://host:8080"]
        );
        assert_eq!(found("(https://example.org/x)"), ["https://example.org/x"]);
        assert_eq!(found("https:// alone, ftp://no"), Vec::<&str>::new());
        assert_eq!(found("https://a.org/\u{1b}]8;;evil"), ["https://a.org/"]);
    }
}
