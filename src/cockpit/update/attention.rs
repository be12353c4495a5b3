//! When a person who looks elsewhere is called, and what the terminal is notified of progress.

use crate::cockpit::effect::{Effect, Order};
use crate::cockpit::model::Model;
use crate::deployment::alerts::fact::AlertFact;
use crate::deployment::fact::AlertRaised;
use crate::deployment::notice::notice;
use crate::deployment::seat::same_person;
use crate::deployment::{Fact, Record};

/// A call for the records from this place on, if one of them is worth it, and what is to be shown of progress.
pub(super) fn of(model: &mut Model, from: usize) -> Vec<Effect> {
    let fresh = model.records.get(from..).unwrap_or_default();
    let called = fresh.iter().rev().filter(|record| is_news(model, record) && !is_quiet(model, record));
    let text = called.filter_map(|record| notice(&model.plan, record)).map(|notice| notice.text).next();
    text.map(|text| Order::Alert(text).into()).into_iter().chain(progress(model)).collect()
}

/// What the person at the keys did themselves is no news to them; what came of it is.
fn is_news(model: &Model, record: &Record) -> bool {
    let came_of_it = matches!(
        record.fact,
        Fact::AttemptFinished { .. }
            | Fact::AttemptLost { .. }
            | Fact::ItemRegressed { .. }
            | Fact::ItemRecovered { .. }
            | Fact::AlertRaised(_)
            | Fact::AlertChanged { .. }
            | Fact::AlertCleared { .. }
    );
    came_of_it || !same_person(&record.by, &model.operator)
}

/// An alert that is expected or silenced calls nobody.
fn is_quiet(model: &Model, record: &Record) -> bool {
    let silenced = |pane| model.state.alerts.silence(pane, model.now).is_some();
    match AlertFact::of(&record.fact) {
        Some(AlertFact::Raised(AlertRaised { pane, seen, .. }) | AlertFact::Changed { pane, seen, .. }) => {
            seen.expected.is_some() || silenced(pane)
        }
        Some(AlertFact::Cleared { alert, pane, .. }) => {
            let expected = model.state.alerts.alert(alert).is_some_and(|alert| alert.seen.expected.is_some());
            expected || silenced(pane)
        }
        Some(AlertFact::Acknowledged { .. } | AlertFact::Silenced { .. } | AlertFact::SilenceEnded { .. }) | None => {
            false
        }
    }
}

/// The percentage to show, when it is another one than the terminal was reported last.
pub(super) fn progress(model: &mut Model) -> Option<Effect> {
    let running = model.state.running().filter_map(|attempt| model.progress.get(&attempt.number));
    let share = running.filter_map(|progress| Some((progress.done, progress.total.filter(|total| *total > 0)?))).last();
    let percent = share.and_then(|(done, total)| u8::try_from(done.min(total).saturating_mul(100) / total).ok());
    if percent == model.shown_progress {
        return None;
    }
    model.shown_progress = percent;
    Some(Order::ShowProgress(percent).into())
}
