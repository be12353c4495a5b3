//! The `command` check: a shell command and what its exit status and output must be.

use super::assignment::Assignment;
use super::command_line::CommandLine;
use super::console::Console;
use super::outcome::{company, completed, ended_early, ending, evaluate_targets, not_started, seconds};
use super::pty::{self, Ended};
use super::scan::{Found, Scan};
use crate::checklist::check::{Command, CommandSource};
use crate::deployment::attempt::{End, Outcome};
use crate::deployment::measurement::{Measurement, Verdict};
use crate::deployment::numbers;
use std::time::Duration;

/// Runs the command and evaluates it.
pub(crate) async fn carry_out(
    assignment: &Assignment,
    check: &Command,
    console: &dyn Console,
    grace: Duration,
) -> Outcome {
    let text = match &check.source {
        CommandSource::Run(text) => text,
        CommandSource::Use(name) => {
            let Some(text) = assignment.environment.commands.get(name) else {
                let environment = &assignment.environment_name;
                return not_started(format!("{environment} has no command `{name}`; add it to the environment"));
            };
            text
        }
    };
    let mut scan = match Scan::new(check) {
        Ok(scan) => scan,
        Err(sentence) => return not_started(sentence),
    };
    let command = CommandLine::new(assignment, text);
    match pty::run(&command, assignment.stopped(), grace, console, &mut |bytes| scan.feed(bytes)).await {
        Ok(ended) => {
            let outcome = evaluate(assignment, check, &ended, scan.finish());
            Outcome { detail: outcome.detail + &company(&ended), ..outcome }
        }
        Err(sentence) => not_started(sentence),
    }
}

fn evaluate(assignment: &Assignment, check: &Command, ended: &Ended, found: Found) -> Outcome {
    let mut measured = vec![Measurement::new("duration", seconds(ended.took), "s")];
    measured.extend(found.numbers);
    let how = ending(ended);
    let status =
        Outcome { exit: ended.exit, signal: ended.signal, measured, ..completed(Verdict::Pass, "", Vec::new()) };
    if ended.end != End::Completed {
        let silent = ended.silent >= pty::SILENT || (ended.silent.as_secs() > 0 && ended.silent * 2 >= ended.took);
        let how = match (silent, found.last_line) {
            (false, _) => how,
            (true, None) => format!("{how}; silent for {} s, without any output", ended.silent.as_secs()),
            (true, Some(line)) => format!("{how}; silent for {} s, last line: {line}", ended.silent.as_secs()),
        };
        let early = ended_early(ended.end, how);
        return Outcome { end: early.end, verdict: early.verdict, detail: early.detail, ..status };
    }
    let expected = ended.exit.is_some_and(|exit| check.exit.contains(&exit));
    let mut wrong = found.wrong;
    if !expected {
        let wanted: Vec<String> = check.exit.iter().map(ToString::to_string).collect();
        wrong.insert(0, format!("{how} instead of {}", wanted.join(" or ")));
    }
    if !wrong.is_empty() {
        wrong.extend(found.failed);
        if let Some(line) = found.last_line {
            wrong.push(format!("its last line: {line}"));
        }
        return Outcome { verdict: Verdict::Fail, detail: wrong.join("; "), ..status };
    }
    let mut outcome =
        Outcome { detail: format!("{how} after {}", numbers::seconds(ended.took.as_secs_f64())), ..status };
    evaluate_targets(&mut outcome, &assignment.item.targets);
    if outcome.verdict != Verdict::Pass
        && let Some(line) = found.last_line
    {
        outcome.detail = format!("{}; its last line: {line}", outcome.detail);
    }
    outcome
}
