//! What gives the first line of the header a ground of its own: how it ended, a rollback, a hold, the decision.

use crate::cockpit::Model;
use crate::deployment::fact::Approval;
use crate::screen::canvas::Canvas;
use crate::screen::text;
use ratatui::style::{Modifier, Style};

/// Columns of a person's name where it is not reported whole.
const NAME: usize = 16;

/// The ground of the line, and the words on it: whole first, then shorter.
pub(super) struct State {
    pub ground: Style,
    pub forms: Vec<String>,
}

/// The state that counts most; nothing while the deployment is simply on its way.
pub(super) fn of(canvas: &Canvas<'_>, model: &Model) -> Option<State> {
    let (palette, state) = (canvas.palette, &model.state);
    let words = |word: &str, by: &str, at: &str| words(canvas.glyphs.ellipsis, word, by, at);
    let sealed = |style: Style| style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
    if let Some(rollback) = &state.rollback {
        return Some(match &rollback.over {
            None => State { ground: palette.rollback, forms: words("ROLLBACK", &rollback.begun.by.says, "") },
            Some((stamp, over)) => {
                let (word, ground) = if over.unverified.is_empty() {
                    ("ROLLED BACK", palette.rollback)
                } else {
                    ("ROLLED BACK, NOT VERIFIED", palette.banner)
                };
                State { ground, forms: words(word, &stamp.by.says, &stamp.at.format("%H:%M").to_string()) }
            }
        });
    }
    if let Some(ended) = &state.ending {
        let at = ended.stamp.at.format("%H:%M").to_string();
        let forms = words(&ended.ending.word().to_uppercase(), &ended.stamp.by.says, &at);
        return Some(State { ground: palette.banner, forms });
    }
    if let Some(hold) = model.hold() {
        let at = hold.held.at.format("%H:%M").to_string();
        return Some(State { ground: palette.banner, forms: words("HOLD", &hold.held.by.says, &at) });
    }
    let (stamp, decided) = state.decision()?;
    let (ground, word) = match decided.decision {
        Approval::Go => (sealed(palette.good), "GO"),
        Approval::NoGo => (sealed(palette.bad), "NO-GO"),
    };
    Some(State { ground, forms: words(word, &stamp.by.says, &stamp.at.format("%H:%M").to_string()) })
}

/// With the name whole, with what there is room for of it, without it, and the word alone.
fn words(ellipsis: &str, word: &str, by: &str, at: &str) -> Vec<String> {
    let at = if at.is_empty() { String::new() } else { format!(" at {at}") };
    let by = text::clean(by);
    let short = text::cut(&by, NAME, ellipsis);
    vec![format!("{word} by {by}{at}"), format!("{word} by {short}{at}"), format!("{word}{at}"), word.to_owned()]
}
