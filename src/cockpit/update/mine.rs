//! What waits for the person at the keys: lines that only a person settles and that may be complete now, and sign-offs
//! of the role they stated as their name.

use super::moves;
use crate::checklist::{Item, ItemId};
use crate::cockpit::model::{Follow, Model, Tone};
use crate::cockpit::screens::Screen;
use crate::deployment::signoff::Standing;
use crate::deployment::{ItemStatus, gate};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Mine {
    Item(ItemId),
    /// The place of a sign-off among all of them.
    Signoff(usize),
}

/// Goes to the next line that waits for this person, round the end.
pub(crate) fn next(model: &mut Model) {
    let mine = mine(model);
    let order: Vec<&ItemId> = model.plan.checklist().items().map(|item| &item.id).collect();
    let place = |mine: &Mine| match mine {
        Mine::Item(id) => order.iter().position(|other| *other == id).unwrap_or(0),
        Mine::Signoff(at) => order.len() + at,
    };
    let here = if model.screen == Screen::Signoffs {
        Some(order.len() + model.cursor(Screen::Signoffs).at)
    } else {
        model.selected.clone().map(|id| place(&Mine::Item(id)))
    };
    let found = mine.iter().find(|mine| Some(place(mine)) > here).or(mine.first()).cloned();
    match found {
        Some(Mine::Item(id)) => {
            model.follow = Follow::Free;
            if !matches!(model.screen, Screen::Cockpit | Screen::Checklist) {
                moves::show(model, Screen::Cockpit);
            }
            model.select(&id);
        }
        Some(Mine::Signoff(at)) => {
            moves::show(model, Screen::Signoffs);
            model.cursors.entry(Screen::Signoffs).or_default().at = at;
        }
        None => model.say(Tone::Plain, format!("Nothing waits for you, {}", model.operator.says)),
    }
}

/// The items among them.
pub(crate) fn items(model: &Model) -> Vec<ItemId> {
    let item = |mine| if let Mine::Item(id) = mine { Some(id) } else { None };
    mine(model).into_iter().filter_map(item).collect()
}

fn mine(model: &Model) -> Vec<Mine> {
    let mut board = model.board.clone();
    let mut mine = Vec::new();
    for phase in &model.plan.checklist().phases {
        let summary = model.summary.phases.iter().find(|summary| summary.id == phase.id);
        if summary.is_none_or(|summary| !summary.missing.is_empty()) {
            continue;
        }
        let waits = |item: &&Item| !item.check.is_measured() && *model.board.status(&item.id) == ItemStatus::Open;
        for item in phase.items().filter(waits) {
            if gate::obstacle(&model.plan, &model.state, &mut board, item).is_none() {
                mine.push(Mine::Item(item.id.clone()));
            }
        }
    }
    let roles = model.plan.checklist().signoffs.iter().flat_map(|group| &group.roles);
    for ((at, role), standing) in roles.enumerate().zip(&model.summary.standings) {
        let unsigned = matches!(standing, Standing::Unsigned | Standing::Stale | Standing::Withdrawn);
        if unsigned && (same(&role.title, &model.operator.says) || same(role.id.as_str(), &model.operator.says)) {
            mine.push(Mine::Signoff(at));
        }
    }
    mine
}

/// Whether two names are the same but for case, spaces and hyphens.
fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    !letters(a).is_empty() && letters(a) == letters(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_known_however_it_is_written() {
        assert!(same("QA Lead", "qa-lead"));
        assert!(same("Prüfer", "PRÜFER"));
        assert!(!same("QA Lead", "QA"));
        assert!(!same("", " "));
    }
}
