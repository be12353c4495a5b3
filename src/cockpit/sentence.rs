//! What a record shows, as a sentence for the timeline.

use crate::checklist::offset::Span;
use crate::checklist::{GroupId, ItemId, PaneId, RoleId};
use crate::deployment::alerts::notice;
use crate::deployment::attempt::{End, Outcome};
use crate::deployment::fact::{
    AlertRaised, Anchored, Approval, Ending, IssueAccount, MISSING_HEAD, RolledBack, SignersRecorded,
};
use crate::deployment::poll::Answer;
use crate::deployment::roles::title_of;
use crate::deployment::{Fact, Plan, Record, Verdict, clock, numbers};
use std::fmt::Write as _;

/// A sentence without its subject, which is the record's author, and how it bears on the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub text: String,
    pub bearing: Bearing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearing {
    Plain,
    /// Something began.
    Begins,
    Good,
    Bad,
    /// Nobody can tell, or a person passed over something.
    Doubtful,
}

/// Shows one record; items are named by their titles.
pub(crate) fn sentence(plan: &Plan, record: &Record) -> Sentence {
    let title = |item: &ItemId| plan.item(item).map_or_else(|| item.to_string(), |item| item.in_sentence().to_owned());
    let pane_title = |pane: &PaneId| notice::title(plan, pane);
    let (bearing, text) = match &record.fact {
        Fact::LedgerOpened(opened) => {
            let environments: Vec<&str> =
                opened.environments.values().map(crate::checklist::EnvironmentName::as_str).collect();
            (
                Bearing::Plain,
                format!("opened {} from {} for {}", opened.title, opened.checklist, environments.join(", ")),
            )
        }
        Fact::ChecklistAmended(amended) => {
            let mut text = format!("adopted {}: {}", amended.checklist, amended.reason);
            match amended.changed.len() {
                0 => {}
                1 => text.push_str("; 1 step is open again"),
                more => drop(write!(text, "; {more} steps are open again")),
            }
            let eased =
                !amended.loosened.is_empty() || !amended.relaxed.is_empty() || !amended.after_failure.is_empty();
            for loosened in &amended.loosened {
                let _ = write!(text, "; LOOSENED AFTER A FAILURE: {loosened}");
            }
            for relaxed in &amended.relaxed {
                let _ = write!(text, "; RELAXED: {relaxed}");
            }
            let marked = |item: &ItemId| amended.loosened.iter().any(|mark| mark.starts_with(item.as_str()));
            for target in amended.targets.iter().filter(|target| !marked(&target.item)) {
                let _ = write!(text, "; {}: {target}", title(&target.item));
            }
            (if eased { Bearing::Doubtful } else { Bearing::Plain }, text)
        }
        Fact::EnvironmentReached { environment, identity } => {
            (Bearing::Plain, format!("reached {environment}: {identity}"))
        }
        Fact::ItemChecked { item, note } => (Bearing::Good, with(format!("ticked {}", title(item)), note.as_deref())),
        Fact::ItemUnchecked { item, reason } => {
            (Bearing::Doubtful, format!("undid the tick of {}: {reason}", title(item)))
        }
        Fact::ItemWaived { item, how, reason, until } => {
            let until = until.map(|at| format!(" until {}", at.format("%Y-%m-%d %H:%M"))).unwrap_or_default();
            (Bearing::Doubtful, format!("marked {} {}{until}: {reason}", title(item), how.word()))
        }
        Fact::WaiverWithdrawn { item, reason } => {
            (Bearing::Plain, format!("withdrew the waiver of {}: {reason}", title(item)))
        }
        Fact::ValueFilled { item, value, unit } => {
            let unit = unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
            (Bearing::Good, format!("entered {}: {value}{unit}", title(item)))
        }
        Fact::ItemEvaluated { item, verdict, detail, .. } => {
            (bearing(*verdict), with(format!("{}: {}", title(item), verdict.word()), Some(detail)))
        }
        Fact::CommandArmed { item, command, .. } => {
            let first = command.lines().next().unwrap_or_default();
            let more = command.lines().count().saturating_sub(1);
            let more = if more == 0 { String::new() } else { format!(" and {more} more lines") };
            (Bearing::Doubtful, format!("enabled the command of {}: {first}{more}", title(item)))
        }
        Fact::CommandDisarmed { item, reason } => {
            (Bearing::Plain, format!("disabled the command of {}: {reason}", title(item)))
        }
        Fact::AttemptStarted { environment, item, attempt, .. } => {
            (Bearing::Begins, format!("started {} in {environment} as attempt {attempt}", title(item)))
        }
        Fact::AttemptFinished { item, attempt, outcome, .. } => finished(&title(item), &attempt.to_string(), outcome),
        Fact::AttemptLost { item, attempt, reason } => {
            (Bearing::Bad, format!("lost attempt {attempt} of {}: {reason}", title(item)))
        }
        Fact::AttemptResolved { item, attempt, reason } => {
            (Bearing::Plain, format!("resolved attempt {attempt} of {}: {reason}", title(item)))
        }
        Fact::CancelRequested { item, attempt, reason } => {
            (Bearing::Doubtful, format!("asked attempt {attempt} of {} to stop: {reason}", title(item)))
        }
        Fact::BlockerCancelled { environment, pid, application, user, how, reason } => {
            let what = match how {
                Ending::Statement => "cancelled the statement of",
                Ending::Session => "ended the session of",
            };
            let who = if application.is_empty() { user } else { application };
            (Bearing::Doubtful, format!("{what} {who} (pid {pid}) in {environment}: {reason}"))
        }
        Fact::MigrationPreflighted(found) => {
            let bearing = match found.verdict {
                Verdict::Pass => Bearing::Plain,
                Verdict::Inconclusive => Bearing::Doubtful,
                Verdict::Fail => Bearing::Bad,
            };
            let no_return = found.no_return.as_ref().map(|why| format!("; no rollback {why}")).unwrap_or_default();
            (bearing, format!("preflight of {}: {}{no_return}", found.environment, found.detail))
        }
        Fact::NoteAdded { item, text } => {
            let about = item.as_ref().map(|item| format!(" on {}", title(item))).unwrap_or_default();
            (Bearing::Plain, format!("noted{about}: {text}"))
        }
        Fact::IssueOpened { issue, title, account } => {
            (Bearing::Doubtful, with(format!("recorded issue {issue}: {title}"), resolution(account)))
        }
        Fact::IssueUpdated { issue, account } => {
            (Bearing::Plain, with(format!("updated issue {issue}"), resolution(account)))
        }
        Fact::LessonAdded { text } => (Bearing::Plain, format!("recorded a lesson: {text}")),
        Fact::Signed(signed) => {
            let group = plan.checklist().signoff(&signed.group);
            let role = group.and_then(|group| group.roles.iter().find(|role| role.id == signed.role));
            let role = role.map_or_else(|| signed.role.to_string(), |role| role.title.clone());
            let group = group.map_or_else(|| signed.group.to_string(), |group| group.title.clone());
            let word = signed.decision.word().to_uppercase();
            let key = signed.signature.as_ref().map(|signature| format!(" ({})", signature.fingerprint));
            let replaces = signed.replaces.map(|record| format!(", replacing the signature of record {record}"));
            let text = format!(
                "signed {word} for {group} as {role}: {}{}{}",
                signed.name,
                key.unwrap_or_default(),
                replaces.unwrap_or_default()
            );
            (approval(signed.decision), with(text, signed.comment.as_deref()))
        }
        Fact::SignoffWithdrawn { group, role, reason } => {
            let role = title_of(plan, &(group.clone(), role.clone()));
            (Bearing::Doubtful, format!("withdrew the sign-off of {role}: {reason}"))
        }
        Fact::SignersRecorded(recorded) => {
            let SignersRecorded { source, digest, reason, .. } = &**recorded;
            let text = format!("recorded the allowed signers of {source}, {}", digest.short());
            (Bearing::Plain, with(text, reason.as_deref()))
        }
        Fact::Anchored(anchored) => {
            let Anchored { head, timestamp, .. } = &**anchored;
            let stamped = timestamp.as_ref().map(|stamp| format!(", stamped by {}", stamp.authority));
            (Bearing::Plain, format!("anchored record {head}{}", stamped.unwrap_or_default()))
        }
        Fact::Decided(decided) => {
            let text = format!("decided {}", decided.decision.word().to_uppercase());
            (approval(decided.decision), with(text, Some(&decided.reason)))
        }
        Fact::LedgerRepaired { kept, .. } if kept == MISSING_HEAD => {
            (Bearing::Bad, "the head file was missing: records may have been cut off before this one".to_owned())
        }
        Fact::LedgerRepaired { kept, bytes } => {
            (Bearing::Doubtful, format!("cut {bytes} bytes of a torn record off and kept them in {kept}"))
        }
        Fact::SeatTaken { seat, .. } => (Bearing::Plain, format!("took the {}'s seat", seat.word())),
        Fact::SeatHandedOver { to, word, .. } => (Bearing::Plain, format!("handed the captain's seat to {to}: {word}")),
        Fact::SeatTakenOver { from, reason, .. } => {
            (Bearing::Doubtful, format!("took the captain's seat over from {from}: {reason}"))
        }
        Fact::SeatLeft { seat, .. } => (Bearing::Plain, format!("released the {}'s seat", seat.word())),
        Fact::SeatFoundEmpty { .. } => (Bearing::Doubtful, "found the captain gone".to_owned()),
        Fact::WindowPlanned { zero, end } => {
            let (zero, end) = (zero.format("%Y-%m-%d %H:%M"), end.format("%Y-%m-%d %H:%M"));
            (Bearing::Plain, format!("planned T-0 at {zero} UTC, the window's end at {end} UTC"))
        }
        Fact::ClockStarted { from, pace: 1 } => {
            (Bearing::Begins, format!("started the clock at {}", clock::text(from.millis())))
        }
        Fact::ClockStarted { from, pace } => {
            let from = clock::text(from.millis());
            (Bearing::Begins, format!("started the clock at {from}, {pace} times as fast"))
        }
        Fact::ClockPaced { pace } => {
            (Bearing::Plain, format!("set the rehearsal's clock to {pace} T-seconds a second"))
        }
        Fact::ItemsDue { items, overdue } => {
            let titles: Vec<String> = items.iter().take(3).map(title).collect();
            let more = items.len().saturating_sub(titles.len());
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            let bearing = if *overdue > 0 { Bearing::Doubtful } else { Bearing::Plain };
            (bearing, format!("reminded: {} due, {overdue} overdue: {}{more}", items.len(), titles.join("; ")))
        }
        Fact::HandoverRecorded { to, note, .. } => {
            let to = to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
            (Bearing::Plain, with(format!("recorded a handover{to}"), note.as_deref()))
        }
        Fact::ClockHeld { reason } => (Bearing::Bad, format!("held the clock: {reason}")),
        Fact::ClockResumed { reason } => (Bearing::Begins, with("resumed the clock".to_owned(), reason.as_deref())),
        Fact::EstimatesAdopted(estimates) => {
            (Bearing::Plain, format!("imported {} durations from {}", estimates.durations.len(), estimates.source))
        }
        Fact::RoleAssigned { group, role, person } => {
            (Bearing::Plain, format!("made {person} {}", role_title(plan, group, role)))
        }
        Fact::RoleReleased { group, role, reason } => {
            (Bearing::Doubtful, format!("left {} to nobody: {reason}", role_title(plan, group, role)))
        }
        Fact::OverrideRequested(asked) => {
            let text = format!("asked to override the gate of {}: {}", phase(plan, &asked.phase), asked.reason);
            (Bearing::Doubtful, text)
        }
        Fact::OverrideConfirmed { phase: id, word, .. } => {
            (Bearing::Doubtful, format!("agreed to override the gate of {}: {word}", phase(plan, id)))
        }
        Fact::PollOpened { stations, reason } => {
            (Bearing::Begins, with(format!("opened the poll, {} roles", stations.len()), reason.as_deref()))
        }
        Fact::PollAnswered { station, answer, reason } => {
            let bearing = match answer {
                Answer::Go => Bearing::Good,
                Answer::NoGo => Bearing::Bad,
                Answer::Abstain => Bearing::Doubtful,
            };
            (bearing, with(format!("{station}: {}", answer.word().to_uppercase()), reason.as_deref()))
        }
        Fact::DecisionReopened { reason } => (Bearing::Doubtful, format!("took the decision back: {reason}")),
        Fact::ItemRegressed { item, reason, .. } => {
            (Bearing::Bad, format!("{} does not hold any more: {reason}", title(item)))
        }
        Fact::ItemRecovered { item, detail } => {
            (Bearing::Good, with(format!("{} holds again", title(item)), Some(detail)))
        }
        Fact::Acknowledged { record, note } => (Bearing::Plain, with(format!("has seen {record}"), note.as_deref())),
        Fact::Aborted { reason } => (Bearing::Bad, format!("aborted: {reason}")),
        Fact::Failed { reason } => (Bearing::Bad, format!("declared it failed: {reason}")),
        Fact::RollbackBegun { reason } => (Bearing::Bad, format!("started the rollback: {reason}")),
        Fact::RolledBack(rolled_back) => {
            let RolledBack { took_ms, unverified, note } = &**rolled_back;
            let took = Span::from_millis(took_ms / 1_000 * 1_000);
            let (bearing, how) = match unverified.len() {
                0 => (Bearing::Good, "the old state is verified".to_owned()),
                more => (Bearing::Doubtful, format!("{more} things are not verified")),
            };
            (bearing, with(format!("finished the rollback after {took}: {how}"), note.as_deref()))
        }
        Fact::Closed { note } => (Bearing::Plain, with("closed the deployment".to_owned(), note.as_deref())),
        Fact::AlertRaised(raised) => {
            let AlertRaised { alert, pane, seen, .. } = &**raised;
            let bearing = if seen.expected.is_some() { Bearing::Doubtful } else { Bearing::Bad };
            let text = format!("raised alert {alert}: {}, {}", pane_title(pane), notice::state(seen));
            (bearing, with(text, seen.expected.as_deref()))
        }
        Fact::AlertChanged { alert, pane, seen } => {
            (Bearing::Bad, format!("changed alert {alert}: {} is now {}", pane_title(pane), notice::state(seen)))
        }
        Fact::AlertAcknowledged { alert, pane, note } => {
            let text = format!("acknowledged alert {alert}: {}", pane_title(pane));
            (Bearing::Plain, with(text, note.as_deref()))
        }
        Fact::AlertCleared { alert, pane, sentence, .. } => {
            (Bearing::Good, format!("cleared alert {alert}: {}, {sentence}", pane_title(pane)))
        }
        Fact::AlertSilenced { pane, until, reason } => {
            let what = pane.as_ref().map_or_else(|| "all metrics".to_owned(), pane_title);
            (Bearing::Doubtful, format!("silenced {what} until {} UTC: {reason}", numbers::date_time(*until)))
        }
        Fact::SilenceEnded { pane } => {
            let what = pane.as_ref().map_or_else(|| "all metrics".to_owned(), pane_title);
            (Bearing::Plain, format!("ended the silence of {what}"))
        }
        Fact::NotificationFailed { event, target, reason } => {
            (Bearing::Doubtful, format!("could not tell {target} of {event}: {reason}"))
        }
    };
    Sentence { text, bearing }
}

fn finished(title: &str, attempt: &str, outcome: &Outcome) -> (Bearing, String) {
    let how = match outcome.end {
        End::Completed => outcome.verdict.word(),
        End::Cancelled => "cancelled",
        End::TimedOut => "timed out",
        End::NotStarted => "could not start",
    };
    let (seconds, millis) = (outcome.took_ms / 1_000, outcome.took_ms % 1_000);
    let took = if seconds == 0 { format!("{millis} ms") } else { format!("{seconds}.{} s", millis / 100) };
    let text = format!("{title}: {how} in {took} (attempt {attempt})");
    (bearing(outcome.verdict), with(text, Some(&outcome.detail)))
}

fn with(text: String, more: Option<&str>) -> String {
    match more.map(str::trim).filter(|more| !more.is_empty()) {
        Some(more) => format!("{text}, {more}"),
        None => text,
    }
}

fn resolution(account: &IssueAccount) -> Option<&str> {
    account.resolution.as_deref()
}

fn bearing(verdict: Verdict) -> Bearing {
    match verdict {
        Verdict::Pass => Bearing::Good,
        Verdict::Inconclusive => Bearing::Doubtful,
        Verdict::Fail => Bearing::Bad,
    }
}

fn approval(approval: Approval) -> Bearing {
    match approval {
        Approval::Go => Bearing::Good,
        Approval::NoGo => Bearing::Bad,
    }
}

fn role_title(plan: &Plan, group: &GroupId, role: &RoleId) -> String {
    title_of(plan, &(group.clone(), role.clone()))
}

fn phase(plan: &Plan, id: &crate::checklist::PhaseId) -> String {
    plan.checklist().phase(id).map_or_else(|| id.to_string(), |phase| phase.title.clone())
}
