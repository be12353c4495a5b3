//! Abort, the rollback, and closing.

use super::flying::{ENDINGS, HOW, REASON, SOME_REASON, name_field, protected, says_no, unverified};
use super::{forms, moves};
use crate::checklist::model::Due;
use crate::cockpit::dialog::{Dialog, Purpose};
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::{Model, Panel, Tone};
use crate::cockpit::screens::Screen;
use crate::deployment::criteria::left_open;
use crate::deployment::fact::RolledBack;
use crate::deployment::rollback::{self, Ending};
use crate::deployment::{Intent, ItemStatus};

/// Lines of a list that a form shows.
const REPORTED: usize = 4;

const ABORTED: &str = "aborted: not approved. It ends here and may be tried again as it is.";
const FAILED: &str = "failed: it was carried out and did not work. It has to be understood first.";

pub(super) fn abort(model: &mut Model) {
    if says_no(model, Intent::Abort { ending: Ending::Aborted, reason: SOME_REASON.to_owned() }) {
        return;
    }
    let mut intro = vec![model.plan.checklist().title.clone(), ABORTED.to_owned(), FAILED.to_owned()];
    let running = model.state.running().count();
    intro.extend(match running {
        0 => None,
        1 => Some("The attempt that runs is asked to stop.".to_owned()),
        more => Some(format!("The {more} attempts that run are asked to stop.")),
    });
    intro.push(undo(model));
    // A failure is what most people come here with once something was changed.
    let at = usize::from(rollback::has_changed(&model.plan, &model.state));
    let mut fields = vec![Field::choice(HOW, &ENDINGS, at), Field::lines(REASON, "", "why")];
    fields.extend(name_field(model));
    forms::open(model, Purpose::Abort, Form::new("Abort deployment", "abort deployment", fields).with_intro(intro));
}

/// What ending it leaves to undo, and which key does that.
fn undo(model: &Model) -> String {
    let key = model.keymap.hint(crate::cockpit::Action::Rollback);
    match (rollback::has_changed(&model.plan, &model.state), protected(model)) {
        (false, _) => "Nothing protected was changed, so there is nothing to undo.".to_owned(),
        (true, Some(name)) => format!("{name} was changed; {key} rolls back afterwards."),
        (true, None) => format!("Something was changed; {key} rolls back afterwards."),
    }
}

/// Begins the rollback, ends it, or shows what it left, whatever is next.
pub(super) fn rollback(model: &mut Model) {
    match &model.state.rollback {
        None => begin(model),
        Some(rollback) if rollback.over.is_none() => end(model),
        Some(_) => afterwards(model),
    }
}

fn begin(model: &mut Model) {
    if says_no(model, Intent::BeginRollback { ending: Ending::Failed, reason: SOME_REASON.to_owned() }) {
        return;
    }
    let steps: usize = rollback::phases(&model.plan).map(|phase| phase.items().count()).sum();
    let mut intro = vec![match steps {
        1 => "1 step leads back to the old state.".to_owned(),
        _ => format!("{steps} steps lead back to the old state."),
    }];
    if let Some((ms, basis)) = rollback::estimate(&model.plan, &model.state) {
        let took = crate::checklist::offset::Span::from_millis(ms / 1_000 * 1_000);
        intro.push(format!("It is expected to take {took}, {}.", basis.word()));
    }
    let points = rollback::points_of_no_return(&model.plan, &model.state);
    intro.extend(points.iter().take(REPORTED).map(|(item, lost)| format!("• {}: {lost}", item.in_sentence())));
    intro.push("Until it ends only its steps are carried out. It cannot be cancelled.".to_owned());
    let mut fields = Vec::new();
    if model.state.ending.is_none() {
        fields.push(Field::choice(HOW, &ENDINGS, 1));
    }
    fields.push(Field::lines(REASON, "", "why it goes back"));
    fields.extend(name_field(model));
    forms::open(model, Purpose::BeginRollback, Form::new("Roll back", "start rollback", fields).with_intro(intro));
}

fn end(model: &mut Model) {
    if says_no(model, Intent::EndRollback { note: Some(SOME_REASON.to_owned()) }) {
        return;
    }
    let open = unverified(model);
    let mut intro = Vec::new();
    let hint = if open.is_empty() {
        intro.push("Every rollback step is verified: the old state is restored.".to_owned());
        "optional"
    } else {
        intro.push(format!("{} of the rollback not verified:", things(open.len())));
        intro.extend(open.iter().take(REPORTED).map(|line| format!("• {line}")));
        intro.extend((open.len() > REPORTED).then(|| format!("• and {} more", open.len() - REPORTED)));
        intro.push("It ends as not verified, and the ledger says so.".to_owned());
        "why it is left so"
    };
    let form = Form::new("Finish rollback", "finish rollback", vec![Field::lines("note", "", hint)]);
    forms::open(model, Purpose::EndRollback, form.with_intro(intro));
}

fn things(count: usize) -> String {
    if count == 1 { "1 step is".to_owned() } else { format!("{count} steps are") }
}

/// What the rollback came to, and what to do about data written since.
pub(super) fn afterwards(model: &mut Model) {
    let Some((_, over)) = model.state.rollback.as_ref().and_then(|rollback| rollback.over.clone()) else { return };
    let RolledBack { took_ms, unverified, note } = over;
    let took = crate::checklist::offset::Span::from_millis(took_ms / 1_000 * 1_000);
    let mut lines = Vec::new();
    if unverified.is_empty() {
        lines.push(format!("Rolled back in {took}. The old state is verified."));
    } else {
        lines.push(format!("Rolled back in {took}. Not verified:"));
        lines.extend(unverified.iter().map(|line| format!("• {line}")));
    }
    lines.extend(note.map(|note| format!("Note: {note}")));
    lines.extend(rollback::written_since(&model.plan, &model.state));
    model.dialog = Some(Dialog::Notice { title: "Rolled back".to_owned(), lines });
}

pub(super) fn close(model: &mut Model) {
    if says_no(model, Intent::Close { note: Some(SOME_REASON.to_owned()) }) {
        return;
    }
    let outcome = crate::deployment::criteria::outcome(&model.state);
    let mut intro = vec![format!("The deployment is {outcome}. Closed, only notes, issues and lessons can be added.")];
    let due = model.plan.checklist().items().filter(|item| {
        let later = item.due.is_some_and(|due| due != Due::Decision);
        later && *model.board.status(&item.id) == ItemStatus::Open
    });
    let due = due.count();
    if due > 0 && outcome == "go" {
        intro.push(format!("{due} criteria due after the decision are open and cannot be completed afterwards."));
    }
    if model.state.rollback.is_none()
        && model.state.ending.is_some()
        && rollback::has_changed(&model.plan, &model.state)
    {
        intro.push("A protected environment was changed and not rolled back; closed, it cannot be.".to_owned());
    }
    let open = left_open(&model.plan, &model.state, &mut model.board.clone());
    intro.extend(open.iter().take(REPORTED).map(|line| format!("• {line}")));
    intro.extend((open.len() > REPORTED).then(|| format!("• and {} more", open.len() - REPORTED)));
    let note = if open.is_empty() {
        Field::lines("note", "", "optional")
    } else {
        intro.push("It could not be completed afterwards.".to_owned());
        Field::lines(REASON, "", "why it is closed all the same")
    };
    let fields = std::iter::once(note).chain(name_field(model)).collect();
    let form = Form::new("Close the deployment", "close deployment", fields);
    forms::open(model, Purpose::Close, form.with_intro(intro));
}

/// The rollback has begun: its first step comes in hand.
pub(super) fn turn_back(model: &mut Model) {
    let back: Vec<_> =
        rollback::phases(&model.plan).flat_map(|phase| phase.items().map(|item| item.id.clone())).collect();
    let first = back.iter().find(|id| !model.board.status(id).is_complete()).or(back.first()).cloned();
    if let Some(first) = first {
        if !matches!(model.screen, Screen::Cockpit | Screen::Checklist) {
            moves::show(model, Screen::Cockpit);
        }
        model.panel = Panel::Items;
        model.select(&first);
    }
    model.say(Tone::Bad, "ROLLBACK: only rollback steps run now");
}
