//! `--at`: a moment of a deployment as people name it.

use crate::checklist::offset::Offset;
use crate::cockpit::replay::History;
use crate::deployment::State;
use crate::deployment::clock::Going;
use chrono::{DateTime, Days, NaiveTime, SecondsFormat, TimeDelta, Utc};

/// Reads a time (RFC 3339), a time of day in UTC (the first such one from the opening on), or what the T-clock read
/// (`T-10m`, the last time it did).
///
/// # Errors
/// A sentence that says what is understood, and which moments there are.
pub(super) fn moment(text: &str, history: &History) -> Result<DateTime<Utc>, String> {
    let (first, last) = (history.moment(1), history.end());
    let span = || {
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("the ledger goes from {} to {}", text(first), text(last))
    };
    if let Ok(offset) = Offset::parse(text) {
        return on_clock(offset.millis(), history).ok_or_else(|| format!("the T-clock never read {text}; {}", span()));
    }
    let at = if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        time.to_utc()
    } else {
        let time = ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
        let time = time.ok_or_else(|| {
            format!("--at {text} is no time; write 02:41, 02:41:07 (UTC), T-10m or 2026-11-22T02:41:07Z; {}", span())
        })?;
        let today = first.date_naive().and_time(time).and_utc();
        // A minute counts as a whole: 02:41 is there when the ledger was opened at 02:41:07.
        let over = today + TimeDelta::minutes(1) <= first;
        if over { today.checked_add_days(Days::new(1)).unwrap_or(today) } else { today }
    };
    if at > last || at + TimeDelta::minutes(1) <= first {
        return Err(format!("there is nothing at {text}; {}", span()));
    }
    Ok(at)
}

/// When the T-clock read so many milliseconds, counted on from each record to the next.
fn on_clock(t: i64, history: &History) -> Option<DateTime<Utc>> {
    let mut state = State::default();
    let mut found = None;
    for (at, record) in history.records().iter().enumerate() {
        state.apply(record);
        let (from, until) = (history.moment(at + 1), history.moment((at + 2).min(history.len())));
        let held = state.clock.read(from).is_none_or(|reading| reading.going == Going::Held);
        let then = state.clock.wall(t, from).filter(|then| !held && (from..=until).contains(then));
        found = then.or(found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::reader;
    use crate::deployment::{Fact, Operator, Plan, Record, Seq};
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn history(facts: Vec<(&str, Fact)>) -> History {
        let toml = "format = 1\nid = \"t\"\ntitle = \"T\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n[[phase.section]]\nid = \"a\"\n\
                    title = \"A\"\n[[phase.section.item]]\nid = \"one\"\ntitle = \"One\"\n";
        let plan = Arc::new(Plan::new(Arc::new(reader::read("t.toml", toml).unwrap()), BTreeMap::new()));
        let records = facts.into_iter().zip(1_u64..).map(|((time, fact), seq)| {
            let by = Operator { user: "ada".into(), says: "ada".into(), host: "h".into(), simulated: None };
            let sum = plan.digest().clone();
            Arc::new(Record { seq: Seq(seq), at: at(time), by: by.into(), fact, sum })
        });
        History::new(records.collect(), vec![(Seq(1), Arc::clone(&plan))]).unwrap()
    }

    fn note() -> Fact {
        Fact::NoteAdded { item: None, text: "x".into() }
    }

    #[test]
    fn a_time_of_day_is_the_first_one_after_the_opening() {
        let history = history(vec![("2026-11-22T22:00:07Z", note()), ("2026-11-23T02:00:00Z", note())]);
        let read = |text: &str| moment(text, &history).map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        assert_eq!(read("23:15").unwrap(), "2026-11-22T23:15:00Z");
        assert_eq!(read("01:30:05").unwrap(), "2026-11-23T01:30:05Z");
        assert_eq!(read("22:00").unwrap(), "2026-11-22T22:00:00Z");
        assert_eq!(read("2026-11-23T08:00:00+09:00").unwrap(), "2026-11-22T23:00:00Z");
        assert!(read("2026-11-23T01:00:00+09:00").unwrap_err().contains("there is nothing at"));
        assert!(read("03:00").unwrap_err().contains("from 2026-11-22T22:00:07Z to 2026-11-23T02:00:00Z"));
        assert!(read("soon").unwrap_err().starts_with("--at soon is no time; write 02:41"));
        assert!(read("T-10m").unwrap_err().starts_with("the T-clock never read T-10m"));
    }

    #[test]
    fn a_reading_of_the_clock_is_found_between_holds() {
        let history = history(vec![
            ("2026-11-22T22:00:00Z", Fact::ClockStarted { from: Offset::parse("T-10m").unwrap(), pace: 1 }),
            ("2026-11-22T22:05:00Z", Fact::ClockHeld { reason: "x".into() }),
            ("2026-11-22T22:30:00Z", Fact::ClockResumed { reason: None }),
            ("2026-11-22T22:50:00Z", note()),
        ]);
        assert_eq!(moment("T-8m", &history), Ok(at("2026-11-22T22:02:00Z")));
        assert_eq!(moment("T+10m", &history), Ok(at("2026-11-22T22:45:00Z")));
        assert!(moment("T+1h", &history).is_err());
    }
}
