//! `--at`: a moment of a deployment as people name it.

use crate::cockpit::replay::History;
use chrono::{DateTime, Days, NaiveTime, SecondsFormat, Utc};

/// Reads a time (RFC 3339), or a time of day in UTC: the first such one from the opening on.
///
/// # Errors
/// A sentence that says what is understood, and which moments there are.
pub fn moment(text: &str, history: &History) -> Result<DateTime<Utc>, String> {
    let (first, last) = (history.moment(1), history.end());
    let span = || {
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("the ledger goes from {} to {}", text(first), text(last))
    };
    let at = if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        time.to_utc()
    } else {
        let time = ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
        let time = time
            .ok_or_else(|| format!("--at {text} is no time; write 02:41, 02:41:07 (UTC) or {first:?}; {}", span()))?;
        let today = first.date_naive().and_time(time).and_utc();
        // A minute counts as a whole: 02:41 is there when the ledger was opened at 02:41:07.
        let over = today + chrono::TimeDelta::minutes(1) <= first;
        if over { today.checked_add_days(Days::new(1)).unwrap_or(today) } else { today }
    };
    if at > last || at + chrono::TimeDelta::minutes(1) <= first {
        return Err(format!("nothing stood at {text}; {}", span()));
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::reader;
    use crate::deployment::{Fact, Operator, Plan, Record, Seq};
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn history() -> History {
        let toml = "format = 1\nid = \"t\"\ntitle = \"T\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\n[[phase.section]]\nid = \"a\"\n\
                    title = \"A\"\n[[phase.section.item]]\nid = \"one\"\ntitle = \"One\"\n";
        let plan = Arc::new(Plan::new(Arc::new(reader::read("t.toml", toml).unwrap()), BTreeMap::new()));
        let record = |seq, at: &str| {
            let by = Operator { user: "ada".into(), says: "ada".into(), host: "h".into(), stand_in: None };
            let sum = plan.digest().clone();
            let fact = Fact::NoteAdded { item: None, text: "x".into() };
            let at = DateTime::parse_from_rfc3339(at).unwrap().to_utc();
            Arc::new(Record { seq: Seq(seq), at, by, fact, prev: sum.clone(), sum })
        };
        let records = vec![record(1, "2026-11-22T22:00:07Z"), record(2, "2026-11-23T02:00:00Z")];
        History::new(records, vec![(Seq(1), plan)]).unwrap()
    }

    #[test]
    fn a_time_of_day_is_the_first_one_after_the_opening() {
        let history = history();
        let read = |text: &str| moment(text, &history).map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        assert_eq!(read("23:15").unwrap(), "2026-11-22T23:15:00Z");
        assert_eq!(read("01:30:05").unwrap(), "2026-11-23T01:30:05Z");
        assert_eq!(read("22:00").unwrap(), "2026-11-22T22:00:00Z");
        assert_eq!(read("2026-11-23T01:00:00+09:00").unwrap_err().contains("nothing stood at"), true);
        assert_eq!(read("2026-11-23T08:00:00+09:00").unwrap(), "2026-11-22T23:00:00Z");
        assert!(read("03:00").unwrap_err().contains("from 2026-11-22T22:00:07Z to 2026-11-23T02:00:00Z"));
        assert!(read("soon").unwrap_err().starts_with("--at soon is no time; write 02:41"));
    }
}
