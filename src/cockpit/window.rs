//! What has to be complete before T-0, and lengths of time as people say them.

use super::model::Model;
use crate::checklist::Item;
use crate::deployment::ItemStatus;
use chrono::{DateTime, TimeDelta, Utc};

/// One sentence for each item that has a latest time, held against such a T-0: those that come too late first.
pub(crate) fn due_before(model: &Model, zero: DateTime<Utc>) -> Vec<String> {
    let mut lines: Vec<(bool, String)> = model.plan.order().iter().filter_map(|id| due(model, id, zero)).collect();
    lines.sort_by_key(|(in_time, _)| *in_time);
    lines.into_iter().map(|(_, line)| line).collect()
}

fn due(model: &Model, id: &crate::checklist::ItemId, zero: DateTime<Utc>) -> Option<(bool, String)> {
    let item: &Item = model.plan.item(id)?;
    let latest = zero.checked_add_signed(TimeDelta::try_milliseconds(item.latest?.millis())?)?;
    let by = latest.format("%Y-%m-%d %H:%M");
    let status = model.board.status(id);
    if let ItemStatus::Waived(_) | ItemStatus::Inapplicable(_) = status {
        return Some((true, format!("{}: {}", item.in_sentence(), status.word())));
    }
    let completed = model.state.times.get(id).and_then(|times| times.completed).filter(|_| status.is_complete());
    Some(match completed {
        Some(completed) if completed.at <= latest => {
            (true, format!("{}: complete in time, by {by} UTC", item.in_sentence()))
        }
        Some(completed) => {
            let late = span(completed.at - latest);
            (false, format!("! {}: complete {late} after its latest time, {by} UTC", item.in_sentence()))
        }
        None if model.now > latest => {
            let late = span(model.now - latest);
            (false, format!("! {}: was due {late} ago, by {by} UTC; plan a later T-0, or waive it", item.in_sentence()))
        }
        None => (true, format!("{}: due by {by} UTC, in {}", item.in_sentence(), span(latest - model.now))),
    })
}

/// A length of time in its two largest units: `2 d 3 h`, `1 h 05 min`, `12 min`, `40 s`.
pub(crate) fn span(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 if seconds % 60 == 0 => format!("{minutes} min"),
        60..3_600 => format!("{minutes} min {:02} s", seconds % 60),
        3_600..86_400 => format!("{hours} h {minutes:02} min"),
        _ => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_as_people_say_them() {
        let said = |seconds: i64| span(TimeDelta::seconds(seconds));
        assert_eq!(said(40), "40 s");
        assert_eq!(said(720), "12 min");
        assert_eq!(said(725), "12 min 05 s");
        assert_eq!(said(3_900), "1 h 05 min");
        assert_eq!(said(183_600), "2 d 3 h");
        assert_eq!(said(-5), "0 s");
    }
}
