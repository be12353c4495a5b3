//! What is shown beside the records: output, progress and samples as far as they had come.

use super::{Mark, Replay};
use crate::cockpit::output::OutputView;
use crate::cockpit::pane_view::PaneView;
use crate::deployment::attempt::{Attempt, AttemptNumber};
use chrono::{DateTime, Utc};

/// Further ahead than this an output is read from near its end, as a cockpit reads it.
const LAG: u64 = 1024 * 1024;
/// Samples of a pane that are shown at most: what its charts hold one by one.
const RECENT: usize = 20_000;
/// How much is read then.
const TAIL: u64 = 256 * 1024;

impl Replay {
    /// Brings what is not in the records to the moment in hand: output, progress, samples, the time line.
    pub(super) fn show(&mut self) {
        self.show_outputs();
        self.show_samples();
        self.mark_strip();
        self.model.settle();
    }

    fn show_outputs(&mut self) {
        let model = &self.model;
        let attempts = model.state.attempts.len();
        let mut shown: Vec<Attempt> =
            [model.shown_attempt(), model.migration_attempt()].into_iter().flatten().cloned().collect();
        shown.dedup_by_key(|attempt| attempt.number);
        let known = |number: &AttemptNumber| usize::try_from(number.0).is_ok_and(|number| number <= attempts);
        self.model.outputs.retain(|number, _| known(number));
        self.model.progress.retain(|number, _| known(number));
        for attempt in shown {
            self.show_output(&attempt);
        }
    }

    fn show_output(&mut self, attempt: &Attempt) {
        let number = attempt.number;
        let now = self.model.now;
        let length = self.evidence.length(number);
        let until = if attempt.is_running() {
            let elapsed = elapsed_ms(attempt.started, now);
            let marks = self.marks_of(number);
            let come = marks.partition_point(|mark| mark.elapsed_ms <= elapsed);
            come.checked_sub(1).and_then(|last| marks.get(last)).map_or(0, |mark| mark.bytes).min(length)
        } else {
            length
        };
        let view = self.model.outputs.entry(number).or_default();
        if view.next > until {
            *view = OutputView::default();
        }
        if view.next < until {
            let from = if until - view.next > LAG { until - TAIL } else { view.next };
            let mut bytes = self.evidence.output(number, from, until);
            let mut from = from;
            if from > view.next {
                // A tail begins with a line.
                let line = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                bytes.drain(..line);
                from += line as u64;
            }
            view.feed(from, &bytes);
        }
        match self.evidence.progress(&self.model.plan, attempt, until) {
            Some(progress) => drop(self.model.progress.insert(number, progress)),
            None => drop(self.model.progress.remove(&number)),
        }
    }

    pub(super) fn marks_of(&mut self, number: AttemptNumber) -> &[Mark] {
        let evidence = &mut self.evidence;
        self.marks.entry(number).or_insert_with(|| evidence.marks(number))
    }

    fn show_samples(&mut self) {
        let now = self.model.now;
        self.sampled.resize(self.model.panes.len(), 0);
        for (view, shown) in self.model.panes.iter_mut().zip(&mut self.sampled) {
            let samples = self.evidence.samples(&view.environment, &view.pane.id);
            let until = samples.partition_point(|sample| sample.at <= now);
            let from = if until < *shown || until - *shown > RECENT {
                *view = PaneView::new(view.pane.clone(), view.environment.clone());
                until.saturating_sub(RECENT)
            } else {
                *shown
            };
            for sample in samples.get(from..until).unwrap_or_default() {
                view.push(sample.at, sample.value.clone());
            }
            *shown = until;
        }
    }
}

/// Since an attempt began, as far as time goes by the records.
pub(super) fn elapsed_ms(started: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
    u64::try_from((now - started).num_milliseconds()).unwrap_or(0)
}
