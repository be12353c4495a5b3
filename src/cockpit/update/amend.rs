//! Adopting the checklist file that was edited meanwhile.

use super::flying::{REASON, SOME_REASON, says_no};
use super::forms;
use crate::cockpit::dialog::{Dialog, Purpose};
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::offer::Offer;
use crate::deployment::Intent;

/// Lines of the difference that the form shows.
const SHOWN: usize = 10;

/// Shows what differs, and asks why it is adopted.
pub(super) fn open(model: &mut Model) {
    let Some(offered) = &model.offered else {
        model.say(Tone::Plain, "the checklist file was not edited since it was adopted");
        return;
    };
    let mut intro = offered.difference.lines(&model.state);
    let asked = match &offered.offer {
        Offer::Broken { file, problems } => {
            let title = format!("{file} has errors");
            let lines = problems.iter().flat_map(|problem| problem.lines().map(ToOwned::to_owned)).collect();
            model.dialog = Some(Dialog::Notice { title, lines });
            return;
        }
        Offer::Readable { .. } => model.amendment(SOME_REASON.to_owned()),
    };
    let Some(asked) = asked else { return };
    let file = asked.file.clone();
    if says_no(model, Intent::AmendChecklist(asked)) {
        return;
    }
    if intro.len() > SHOWN {
        let more = intro.len() + 1 - SHOWN;
        intro.truncate(SHOWN - 1);
        intro.push(format!("and {more} more lines: gonogo amend LEDGER {file} --note WHY --dry-run"));
    }
    intro.push("Sign-offs given so far go stale. The checklist followed so far is kept.".to_owned());
    let form = Form::new(format!("Adopt {file}"), "adopt it", vec![Field::lines(REASON, "", "why it was edited")]);
    forms::open(model, Purpose::Amend, form.with_intro(intro));
}

/// The intent of the filled form; the file may have become readable, or what is followed, meanwhile.
pub(super) fn intent(model: &Model, reason: String) -> Result<Intent, (usize, String)> {
    let gone = "the file was edited again meanwhile; press esc and look at it anew";
    model.amendment(reason).map(Intent::AmendChecklist).ok_or((0, gone.to_owned()))
}
