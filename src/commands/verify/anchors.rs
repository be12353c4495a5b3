//! Heads that were posted elsewhere, and the times in the ledger.

use super::table::{ALTERED, Row, TRUNCATED};
use crate::ledger::Ledger;
use crate::ledger::verify::posted::Posted;
use chrono::{TimeDelta, Utc};

/// Whether the ledger extends each head that was posted.
pub(super) fn look(ledger: &Ledger, anchors: &[Posted]) -> Row {
    let records = ledger.records();
    let mut found: Vec<(u8, String)> = Vec::new();
    for posted in anchors {
        let Posted { ledger: first, seq, sum, at } = posted;
        let own = usize::try_from(seq.0).ok().and_then(|seq| records.get(seq.checked_sub(1)?));
        let posted = format!("record {seq}, posted as it was at {}", at.format("%Y-%m-%d %H:%M:%S UTC"));
        match own {
            _ if records.first().is_none_or(|own| own.sum != *first) => {
                found.push((ALTERED, format!("{posted}, is of another ledger")));
            }
            None => found.push((TRUNCATED, format!("{posted}, is not there any more"))),
            Some(own) if own.sum != *sum => found.push((ALTERED, format!("{posted}, is another one now"))),
            Some(own) if own.at.timestamp_millis() != at.timestamp_millis() => {
                found.push((ALTERED, format!("{posted}, is of another time in the ledger")));
            }
            Some(_) => {}
        }
    }
    let fine = match anchors.len() {
        0 => ("none given", String::new()),
        1 => ("extended", "1 line".to_owned()),
        many => ("extended", format!("{many} lines")),
    };
    let status = found.iter().map(|(status, _)| *status).min().unwrap_or_default();
    let word = if status == TRUNCATED { "truncated" } else { "altered" };
    Row::of("anchors", fine, word, status, found.into_iter().map(|(_, why)| why).collect())
}

/// Times that run backwards, or that are still to come: the records hold, and a clock was set.
pub(super) fn tell_of_clocks(ledger: &Ledger, notes: &mut Vec<String>) {
    let slack = TimeDelta::seconds(1);
    for pair in ledger.records().windows(2) {
        let (before, record) = (&pair[0], &pair[1]);
        if record.at + slack < before.at {
            let back = (before.at - record.at).num_seconds();
            notes.push(format!(
                "record {} is dated {back} s before the one in front of it: a clock was set back",
                record.seq
            ));
        }
    }
    if let Some(last) = ledger.records().last().filter(|last| last.at > Utc::now() + TimeDelta::minutes(1)) {
        let at = last.at.format("%Y-%m-%d %H:%M:%S UTC");
        notes.push(format!("record {} is dated {at}, which is still to come", last.seq));
    }
}
