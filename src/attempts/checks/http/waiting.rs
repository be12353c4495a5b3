//! Trying again until the service is as it should be: answering, or silent.

use super::{Finding, Visit, seconds};
use crate::checklist::offset::Span;
use crate::deployment::{Measurement, Verdict};
use crate::metrics::probe::{Answer, Failure, FailureKind, LIMIT, Request};
use std::time::{Duration, Instant};

/// Between one try and the next.
const PAUSE: Duration = Duration::from_millis(200);

/// A try that the time left would not allow still gets this long.
const LEAST: Duration = Duration::from_millis(100);

impl Visit<'_> {
    /// Tries until an answer is as expected. Gives how long that took and the answer, or the failed finding.
    pub(super) async fn until_as_expected(&self) -> Result<(Measurement, Answer), Finding> {
        let mut last = String::new();
        let (waited, answer) = self
            .tries("waiting for an answer", |answer| match self.expected.check(&answer) {
                Ok(()) => answer.ok(),
                Err(why) => {
                    last.clone_from(&why);
                    self.console.line(&format!("  not yet: {why}"));
                    None
                }
            })
            .await;
        let waited = Measurement::new("waited", seconds(waited), "s");
        answer.map(|answer| (waited.clone(), answer)).ok_or_else(|| Finding {
            verdict: Verdict::Fail,
            detail: format!("not as expected for {} s: {last}", waited.value),
            measured: vec![waited],
        })
    }

    /// Passes when nothing listens any more.
    pub(super) async fn until_silent(&self) -> Finding {
        let mut last = None;
        let (waited, _) = self
            .tries("waiting for silence", |answer| {
                let (verdict, why) = silence(&answer);
                let done = (verdict == Verdict::Pass).then_some(());
                last = Some((verdict, why));
                done
            })
            .await;
        let (verdict, detail) = last.unwrap_or((Verdict::Inconclusive, "not tried".to_owned()));
        let waited = self.http.within.map(|_| Measurement::new("waited", seconds(waited), "s"));
        Finding { verdict, detail, measured: waited.into_iter().collect() }
    }

    /// Sends the request until `settle` takes an answer or the time of `within` is over; once when there is none.
    async fn tries<T>(
        &self,
        stage: &str,
        mut settle: impl FnMut(Result<Answer, Failure>) -> Option<T>,
    ) -> (Duration, Option<T>) {
        let began = Instant::now();
        let time = self.http.within.map_or(Duration::ZERO, Span::duration);
        let mut tries = 0;
        loop {
            tries += 1;
            self.progress(stage, began, tries, None, "tries", "");
            let left = time.saturating_sub(began.elapsed());
            let limit = if self.http.within.is_some() { left.clamp(LEAST, LIMIT) } else { LIMIT };
            let request = Request { limit, ..self.request.clone() };
            let completed = settle(self.session.send(&self.probe, request).await);
            let waited = began.elapsed();
            if completed.is_some() || waited + PAUSE >= time {
                return (waited, completed);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Only a refused connection proves that nothing listens.
fn silence(answer: &Result<Answer, Failure>) -> (Verdict, String) {
    match answer {
        Ok(answer) => (Verdict::Fail, format!("still answers, with {}", answer.status)),
        Err(failure) => match failure.kind {
            FailureKind::Refused => (Verdict::Pass, "nothing listens: connection refused".to_owned()),
            FailureKind::Broken | FailureKind::TooLong => {
                (Verdict::Fail, format!("something still listens: {}", failure.reason))
            }
            FailureKind::TimedOut | FailureKind::Unreachable | FailureKind::NoLogin => {
                (Verdict::Inconclusive, format!("cannot tell whether anything listens: {}", failure.reason))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_is_silence() {
        let verdict = |kind| silence(&Err(Failure::new(kind, "why"))).0;
        assert_eq!(verdict(FailureKind::Refused), Verdict::Pass);
        assert_eq!(verdict(FailureKind::TimedOut), Verdict::Inconclusive);
        assert_eq!(verdict(FailureKind::Unreachable), Verdict::Inconclusive);
        assert_eq!(verdict(FailureKind::Broken), Verdict::Fail);
    }
}
