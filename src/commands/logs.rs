//! `gonogo logs`: the output of an item's attempt, as it was kept.

use super::{Failure, find};
use crate::attempts::files::AttemptFiles;
use crate::attempts::follow::SpoolReader;
use crate::attempts::sanitize;
use crate::cli::reading::Logs;
use crate::deployment::attempt::Attempt;
use crate::ledger::Ledger;
use serde_json::json;
use std::io::Write;
use std::time::Duration;

const PIECE: usize = 64 * 1024;
/// How often a running attempt's output is looked at.
const EVERY: Duration = Duration::from_millis(200);

pub(crate) async fn logs(asked: &Logs, out: &mut dyn Write) -> Result<u8, Failure> {
    let ledger = Ledger::open(&asked.ledger)?;
    let item = find::item(ledger.plan().checklist(), &asked.item)?;
    let mut attempts = ledger.state().attempts.iter().filter(|attempt| attempt.item == item);
    let found = match asked.attempt {
        None => attempts.next_back(),
        Some(wanted) => attempts.find(|attempt| attempt.number.0 == wanted),
    };
    let Some(attempt) = found else {
        let numbers: Vec<String> = ledger
            .state()
            .attempts
            .iter()
            .filter(|attempt| attempt.item == item)
            .map(|attempt| attempt.number.to_string())
            .collect();
        return Err(Failure::usage(match (asked.attempt, numbers.as_slice()) {
            (_, []) => format!("{item} has no attempt yet; `gonogo run` or Enter on the screen begins one"),
            (Some(wanted), _) => format!("{item} has no attempt {wanted}; it has {}", numbers.join(", ")),
            (None, _) => format!("{item} has no attempt"),
        }));
    };
    let files = AttemptFiles::new(ledger.layout().evidence(), attempt.number);
    if let Some(output) = attempt.outcome().and_then(|outcome| outcome.output.as_ref())
        && let Some(why) = super::verify::files::wrong(&files.log(), output)
    {
        let message = format!("the output of attempt {}, {}, {why}", attempt.number, files.log().display());
        return Err(Failure { status: super::DAMAGED, message });
    }
    if asked.json {
        return json(&files, attempt, out);
    }
    let mut reader = SpoolReader::from_offset(&files, 0);
    let mut held = Vec::new();
    let mut goes_on = asked.follow && attempt.is_running();
    loop {
        // The outcome is written after the last output: what is read below is all of it then.
        goes_on = goes_on && !files.outcome().exists();
        loop {
            let bytes = reader.read_new(PIECE)?;
            if bytes.is_empty() {
                break;
            }
            held.extend(bytes);
            let whole = held.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            out.write_all(text(&held[..whole]).as_bytes())?;
            held.drain(..whole);
        }
        out.flush()?;
        if !goes_on {
            out.write_all(text(&held).as_bytes())?;
            return Ok(0);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// The attempt with its output as one document of format 1.
fn json(files: &AttemptFiles, attempt: &Attempt, out: &mut dyn Write) -> Result<u8, Failure> {
    let mut reader = SpoolReader::from_offset(files, 0);
    let mut output = Vec::new();
    loop {
        let bytes = reader.read_new(PIECE)?;
        if bytes.is_empty() {
            break;
        }
        output.extend(bytes);
    }
    let outcome = attempt.outcome();
    let document = json!({
        "format": 1,
        "item": attempt.item,
        "attempt": attempt.number.0,
        "environment": attempt.environment,
        "started": attempt.started,
        "running": attempt.is_running(),
        "verdict": outcome.map(|outcome| outcome.verdict),
        "exit": outcome.and_then(|outcome| outcome.exit),
        "took_ms": outcome.map(|outcome| outcome.took_ms),
        "output": text(&output),
    });
    writeln!(out, "{document:#}")?;
    Ok(0)
}

/// Output as text for pipes and pagers: without colours, and each redrawn line on a line of its own.
pub(super) fn text(bytes: &[u8]) -> String {
    sanitize::plain(bytes).replace("\r\n", "\n").replace('\r', "\n").replace('\u{8}', "")
}
