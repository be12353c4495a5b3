//! What became of each item of a flight without a screen, for the end of it: failures in one block, and `JUnit`.

use super::Headless;
use crate::attempts::files::AttemptFiles;
use crate::attempts::follow::SpoolReader;
use crate::checklist::ItemId;
use crate::commands::logs;
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::numbers;
use crate::harmless::one_line;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io::{self, Write};
use std::time::Duration;

/// How much of an output is looked through for its last lines, and how many of them are shown.
const TAIL: u64 = 16 * 1024;
const LINES: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Passed,
    /// Waived, or not applicable.
    Skipped,
    Failed,
    Inconclusive,
    /// Nobody knows what its attempt did.
    Lost,
    /// Not carried out.
    Refused,
}

impl Kind {
    fn is_bad(self) -> bool {
        match self {
            Kind::Passed | Kind::Skipped => false,
            Kind::Failed | Kind::Inconclusive | Kind::Lost | Kind::Refused => true,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Kind::Passed => "pass",
            Kind::Skipped => "skipped",
            Kind::Failed => "failed",
            Kind::Inconclusive => "inconclusive",
            Kind::Lost => "lost",
            Kind::Refused => "refused",
        }
    }
}

/// One item, once it was carried out or refused.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub item: ItemId,
    pub kind: Kind,
    pub detail: String,
    pub attempt: Option<AttemptNumber>,
    pub took_ms: Option<u64>,
}

impl Headless<'_> {
    /// Every item that did not pass, with why, the end of its output, and where all of it is. Nothing where all passed.
    pub(crate) fn tell_failures(&mut self) -> io::Result<()> {
        let bad: Vec<&Done> = self.done.iter().filter(|done| done.kind.is_bad()).collect();
        if bad.is_empty() {
            return Ok(());
        }
        let ledger = self.ledger.path().display();
        writeln!(self.out, "\nNot passed: {} of {}", bad.len(), self.done.len())?;
        for done in bad {
            writeln!(self.out, "\n  {}  {}", done.kind.word(), self.title(&done.item))?;
            if !done.detail.is_empty() {
                writeln!(self.out, "    {}", one_line(&done.detail))?;
            }
            let Some(number) = done.attempt else { continue };
            let took = done.took_ms.map(|ms| format!(", {}", numbers::took(ms))).unwrap_or_default();
            let last = self.last_lines(number);
            let end = if last.is_empty() { "no output" } else { "the end of its output:" };
            writeln!(self.out, "    attempt {number}{took}; {end}")?;
            for line in last {
                writeln!(self.out, "    | {line}")?;
            }
            writeln!(self.out, "    all of it: gonogo logs {ledger} {}", done.item)?;
        }
        Ok(())
    }

    fn last_lines(&self, number: AttemptNumber) -> Vec<String> {
        let files = AttemptFiles::new(self.ledger.evidence(), number);
        let most = usize::try_from(TAIL).unwrap_or_default();
        let read = SpoolReader::from_tail(&files, TAIL).and_then(|mut reader| reader.read_new(most));
        let text = logs::text(&read.unwrap_or_default());
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        lines[lines.len().saturating_sub(LINES)..].iter().map(|line| (*line).to_owned()).collect()
    }

    /// Writes the flight as `JUnit`: a suite a phase, a case an item. Lost and refused items are errors; inconclusive ones too,
    /// because what was not measured is no pass.
    pub(crate) fn write_junit(&self, out: &mut dyn Write) -> io::Result<()> {
        let plan = self.ledger.plan();
        let mut report = Report::new(plan.checklist().title.as_str());
        for phase in &plan.checklist().phases {
            let mut suite = TestSuite::new(phase.title.as_str());
            for done in self.done.iter().filter(|done| done.item.phase() == phase.id) {
                suite.add_test_case(self.case(done));
            }
            if !suite.test_cases.is_empty() {
                report.add_test_suite(suite);
            }
        }
        report.serialize(out).map_err(io::Error::other)
    }

    fn case(&self, done: &Done) -> TestCase {
        let mut status = match done.kind {
            Kind::Passed => TestCaseStatus::success(),
            Kind::Skipped => TestCaseStatus::skipped(),
            Kind::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
            Kind::Inconclusive | Kind::Lost | Kind::Refused => TestCaseStatus::non_success(NonSuccessKind::Error),
        };
        if done.kind.is_bad() {
            status.set_type(done.kind.word());
            status.set_message(done.detail.as_str());
        }
        let mut case = TestCase::new(self.title(&done.item), status);
        case.set_classname(done.item.as_str());
        if let Some(ms) = done.took_ms {
            case.set_time(Duration::from_millis(ms));
        }
        if let Some(number) = done.attempt {
            case.set_system_out(self.last_lines(number).join("\n"));
        }
        case
    }
}
