//! What a reviewer looks at before signing, as plain text for a pager.

use super::Report;
use super::outcome::Issue;
use super::signoffs::{Person, Signoff};
use crate::harmless;
use std::fmt::Write as _;

impl Report {
    /// What was done in these phases, or in all of them: measured against its target, failed, passed over, signed.
    pub fn review(&self, phases: Option<&[String]>) -> String {
        self.review_lines(phases).iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{}", line.text);
            text
        })
    }

    /// The same line by line, with what may be opened from a line.
    pub fn review_lines(&self, phases: Option<&[String]>) -> Vec<ReviewLine> {
        let mut page = Page::default();
        let covers = |phase: &str| phases.is_none_or(|phases| phases.iter().any(|own| own == phase));
        page.line(0, &self.title);
        page.line(0, &self.outcome.headline);
        let rehearsal = if self.rehearsal { "; rehearsal, sign-offs simulated" } else { "" };
        page.line(0, &format!("as of {}, record {}{rehearsal}", self.as_of, self.ledger.records));
        for environment in &self.environments {
            page.line(0, &format!("{} is {}", environment.slot, environment.name));
        }

        page.heading("Phases covered");
        for phase in self.phases.iter().filter(|phase| covers(&phase.id)) {
            page.line(1, &format!("{} {}, {}", phase.tally, phase.title, phase.state));
            for missing in phase.missing.iter().filter(|_| phase.state != "done") {
                page.line(2, &format!("gate: {missing}"));
            }
        }

        page.heading("Measured against target");
        let mut any = false;
        for held in self.measured.iter().filter(|held| covers(&held.phase)) {
            any = true;
            page.opens(Opens::Item(held.item.clone()), &format!("{}: {}", held.status, held.title));
            let value = if held.value.is_empty() { "not measured" } else { &held.value };
            page.line(2, &format!("{value}; target {}", held.targets.join(", ")));
        }
        page.none_unless(any, "no step here has a target");

        if !self.alerts.is_empty() {
            page.heading("Alerts");
        }
        for period in self.alerts.periods.iter().filter(|_| !self.alerts.is_empty()) {
            page.line(1, &format!("{} after T-0: {}", period.name, period.words()));
        }
        for alert in &self.alerts.alerts {
            page.line(1, &format!("alert {}, {}: {} in {}", alert.number, alert.state, alert.title, alert.environment));
            page.line(2, &format!("{}; since {}, lasted {}", alert.words, alert.since, alert.lasted_ms));
            if let Some(said) = &alert.acknowledged {
                let note = alert.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
                page.line(2, &format!("acknowledged by {said}{note}"));
            }
        }
        for silence in &self.alerts.silences {
            page.line(1, &format!("silenced: {} until {}: {}", silence.title, silence.until, silence.reason));
        }

        page.heading("Attempts that did not pass");
        any = false;
        for failed in self.failed.iter().filter(|failed| covers(&failed.phase)) {
            any = true;
            let opens = Opens::Attempt(failed.attempt);
            page.opens(opens, &format!("attempt {}, {}: {}", failed.attempt, failed.result, failed.title));
            page.line(2, &format!("{}; {}", failed.detail, failed.started));
            page.line(2, &format!("then: {}", failed.then.join("; ")));
        }
        page.none_unless(any, "every attempt passed");

        page.heading("Waivers and overrides");
        any = false;
        for waiver in self.passed_over.waivers.iter().filter(|waiver| covers(&waiver.phase)) {
            any = true;
            page.opens(Opens::Item(waiver.item.clone()), &format!("{}: {}", waiver.how, waiver.title));
            let withdrawn = waiver.withdrawn.as_ref().map(|said| format!("; revoked by {said}")).unwrap_or_default();
            page.line(2, &format!("{}; {}{withdrawn}", waiver.reason, waiver.said));
        }
        for over in self.passed_over.overrides.iter().filter(|over| covers(&over.phase)) {
            any = true;
            page.line(1, &format!("gate of {} overridden: {}", over.title, over.reason));
            page.line(2, &format!("requested by {}", over.requested));
            let confirmed = over
                .confirmed
                .as_ref()
                .map_or_else(|| "not confirmed".to_owned(), |said| format!("confirmed by {said}"));
            page.line(2, &confirmed);
            for missing in &over.missing {
                page.line(2, &format!("missing: {missing}"));
            }
        }
        for amended in &self.passed_over.amendments {
            any = true;
            page.line(1, &format!("checklist changed to {}: {}; {}", amended.checklist, amended.reason, amended.said));
            for loosened in &amended.loosened {
                page.line(2, &format!("loosened: {loosened}"));
            }
            for item in &amended.after_failure {
                page.line(2, &format!("loosened after a failure: {item}"));
            }
        }
        for blocker in &self.passed_over.blockers {
            any = true;
            page.line(1, &format!("{} in {}: {}; {}", blocker.what, blocker.environment, blocker.reason, blocker.said));
        }
        page.none_unless(any, "none");

        page.heading("Who did what");
        for person in &self.people {
            page.line(1, &done_by(person));
        }

        page.heading("Open issues");
        any = false;
        for issue in self.issues.iter().filter(|issue| issue.resolution.is_none()) {
            any = true;
            tell_issue(&mut page, issue);
        }
        page.none_unless(any, "none");

        page.heading("Stale");
        any = false;
        for line in self.signoffs.iter().filter(|line| line.standing == "stale") {
            any = true;
            let name = line.name.as_deref().unwrap_or_default();
            page.line(
                1,
                &format!("{}: {} by {name}; checklist or evidence changed since", line.group_title, line.role_title),
            );
        }
        page.none_unless(any, "no sign-off is stale");

        page.heading("Sign-offs");
        for line in self.signoffs.iter().filter(|line| line.phases.iter().any(|phase| covers(phase))) {
            page.line(1, &signed(line));
            line.replaced.iter().for_each(|replaced| page.line(2, replaced));
            if let Some(comment) = &line.comment {
                page.line(2, comment);
            }
        }
        for trouble in &self.troubles {
            page.line(0, &format!("missing here: {trouble}"));
        }
        page.lines
    }
}

/// A line of the review, set in as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewLine {
    pub text: String,
    pub opens: Option<Opens>,
}

/// What stands behind a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// A step by its id: its check, what was measured against which target, what was passed over and why.
    Item(String),
    /// An attempt by its number, with its output.
    Attempt(u32),
    /// An issue by its number, with all that was written of it.
    Issue(usize),
}

fn done_by(person: &Person) -> String {
    let did = [
        (person.attempts, if person.attempts == 1 { "attempt" } else { "attempts" }),
        (person.ticked, "ticked or filled in"),
        (person.waived, "waived"),
        (person.signed, "signed"),
    ];
    let did: Vec<String> =
        did.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let did = if did.is_empty() { format!("{} records", person.records) } else { did.join(", ") };
    format!("{} on {}: {did}", person.who(), person.host)
}

fn tell_issue(page: &mut Page, issue: &Issue) {
    page.opens(Opens::Issue(issue.number), &format!("issue {}: {}; {}", issue.number, issue.title, issue.opened));
    for (what, reported) in [("impact", &issue.impact), ("mitigation", &issue.mitigation)] {
        if let Some(reported) = reported {
            page.line(2, &format!("{what}: {reported}"));
        }
    }
}

fn signed(line: &Signoff) -> String {
    let role = format!("{}: {}, {}", line.group_title, line.role_title, line.standing);
    match (&line.name, &line.said) {
        (Some(name), Some(said)) => {
            let how = line.how.as_ref().map(|how| format!(", {how}")).unwrap_or_default();
            format!("{role}, {name} ({}), {}{how}", said.user, said.at)
        }
        _ => role,
    }
}

fn set_in(depth: usize, text: &str) -> String {
    format!("{:1$}{2}", "", depth * 2, harmless::line(text))
}

#[derive(Default)]
struct Page {
    lines: Vec<ReviewLine>,
}

impl Page {
    fn heading(&mut self, title: &str) {
        self.push(String::new(), None);
        self.push(title.to_owned(), None);
    }

    /// One line, whatever is in it.
    fn line(&mut self, depth: usize, text: &str) {
        self.push(set_in(depth, text), None);
    }

    /// A line below its heading behind which there is more.
    fn opens(&mut self, opens: Opens, text: &str) {
        self.push(set_in(1, text), Some(opens));
    }

    fn push(&mut self, text: String, opens: Option<Opens>) {
        self.lines.push(ReviewLine { text, opens });
    }

    fn none_unless(&mut self, any: bool, none: &str) {
        if !any {
            self.line(1, none);
        }
    }
}
