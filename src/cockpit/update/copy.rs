//! Copying what is in hand to the terminal's clipboard.

use crate::cockpit::effect::{Effect, Order};
use crate::cockpit::model::{Model, Panel, Tone};
use crate::cockpit::screens::Screen;

/// More than this many bytes terminals do not take.
const MOST: usize = 48 * 1024;
/// Letters of what was copied that are repeated in the answer.
const REPORTED: usize = 48;

/// Copies what the cursor is on: a record's sum, a line of output, an item's command, else its title.
pub(super) fn in_hand(model: &mut Model) -> Vec<Effect> {
    let found = match model.screen {
        Screen::Timeline => {
            let record = model.record_in_hand();
            record.map(|record| (format!("the checksum of record {}", record.seq), record.sum.to_string()))
        }
        Screen::Cockpit if model.panel == Panel::Output => last_line(model),
        Screen::Migration => last_line(model).or_else(|| item(model)),
        Screen::Cockpit | Screen::Checklist => item(model),
        Screen::Panes | Screen::Decision | Screen::Signoffs | Screen::Alerts => None,
    };
    if let Some((what, text)) = found {
        return hand_over(model, &what, text);
    }
    model.say(Tone::Plain, "Nothing to copy here");
    Vec::new()
}

pub(super) fn ledger(model: &mut Model) -> Vec<Effect> {
    let path = model.ledger.clone();
    hand_over(model, "the ledger's path", path)
}

/// The last line of the output that is in sight.
fn last_line(model: &Model) -> Option<(String, String)> {
    let view = model.outputs.get(&model.output_attempt()?)?;
    let shown = model.windows.shown;
    let mut lines = (shown.first..shown.end.min(view.end())).rev().filter_map(|number| view.line(number));
    let text =
        |line: &crate::cockpit::output::OutputLine| line.iter().map(|(_, text)| text.as_str()).collect::<String>();
    let line = lines.find(|line| !line.is_empty()).map(text)?;
    Some(("the last line in sight".to_owned(), line.trim().to_owned()))
}

fn item(model: &Model) -> Option<(String, String)> {
    let item = model.selected_item()?;
    let command = model.plan.environment_of(item).and_then(|(_, environment)| item.check.kind().command(environment));
    Some(match command {
        Some(command) => ("the command".to_owned(), command),
        None => ("the title".to_owned(), item.title.clone()),
    })
}

fn hand_over(model: &mut Model, what: &str, text: String) -> Vec<Effect> {
    if text.is_empty() || text.len() > MOST {
        let why = if text.is_empty() { "it is empty" } else { "it is too long for a terminal's clipboard" };
        model.say(Tone::Bad, format!("{what} was not copied: {why}"));
        return Vec::new();
    }
    let mut reported: String = text.chars().take(REPORTED).collect();
    if reported.len() < text.len() {
        reported.push('…');
    }
    // Terminals do not say whether they took it.
    model.say(Tone::Plain, format!("Copied {what}: {reported}"));
    vec![Order::Copy(text).into()]
}
