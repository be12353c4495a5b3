//! What the store keeps of the panes, read for charts that reach further back than this cockpit was sent.

use crate::attempts::checks::watch;
use crate::checklist::{EnvironmentName, PaneId};
use crate::cockpit::Msg;
use crate::cockpit::effect::WatchAsked;
use crate::cockpit::pane_view::series::Bucket;
use crate::cockpit::watches::Watched;
use crate::metrics::Store;
use std::ops::Range;
use std::path::Path;
use tokio::sync::mpsc::{self, UnboundedSender};

/// Reads what is kept, one question after the other.
pub(super) struct History {
    questions: UnboundedSender<Question>,
}

enum Question {
    Buckets(Asked),
    Watches(Vec<WatchAsked>),
}

struct Asked {
    pane: PaneId,
    environment: EnvironmentName,
    span_ms: Range<i64>,
    width_ms: i64,
}

impl History {
    pub(super) fn start(evidence: &Path, sender: &UnboundedSender<Msg>) -> Self {
        let (evidence, sender) = (evidence.to_owned(), sender.clone());
        let (questions, mut inbox) = mpsc::unbounded_channel::<Question>();
        tokio::spawn(async move {
            let mut store = None;
            while let Some(question) = inbox.recv().await {
                // What cannot be read is not known: the chart begins where it did.
                let answer = match question {
                    Question::Buckets(span) => {
                        let buckets = answer(&mut store, &evidence, &span).await;
                        buckets.map(|buckets| Msg::Buckets { pane: span.pane, buckets })
                    }
                    Question::Watches(asked) => watched(&mut store, &evidence, asked).await.map(Msg::Watches),
                };
                if answer.is_some_and(|answer| sender.send(answer).is_err()) {
                    return;
                }
            }
        });
        Self { questions }
    }

    /// Asks for a pane's buckets of about this width; they come as a message.
    pub(super) fn read(&self, pane: PaneId, environment: EnvironmentName, span_ms: Range<i64>, width_ms: i64) {
        let _ = self.questions.send(Question::Buckets(Asked { pane, environment, span_ms, width_ms }));
    }

    /// Asks what watches come to; it comes as a message.
    pub(super) fn watches(&self, asked: Vec<WatchAsked>) {
        let _ = self.questions.send(Question::Watches(asked));
    }
}

async fn watched(store: &mut Option<Store>, evidence: &Path, asked: Vec<WatchAsked>) -> Option<Vec<Watched>> {
    if store.is_none() {
        *store = Store::look(evidence).await.ok()?;
    }
    let mut watched = Vec::new();
    for WatchAsked { item, pane, environment, period, targets, unit, wanted, now } in asked {
        let of = watch::Of { environment: &environment, pane: &pane, unit: &unit, wanted, targets: &targets };
        let reading = watch::look_at(store.as_ref()?, &of, &period, now).await.ok()?;
        let (share, coverage) = (period.share(now), reading.coverage);
        watched.push(Watched { item, share, coverage, sentence: reading.detail });
    }
    Some(watched)
}

async fn answer(store: &mut Option<Store>, evidence: &Path, question: &Asked) -> Option<Vec<Bucket>> {
    if store.is_none() {
        *store = Store::look(evidence).await.ok()?;
    }
    let Asked { pane, environment, span_ms, width_ms } = question;
    let columns = span_ms.end.saturating_sub(span_ms.start) / (*width_ms).max(1) + 2;
    let columns = usize::try_from(columns).ok()?;
    let found = store.as_ref()?.buckets(environment, pane, span_ms.clone(), columns).await.ok()?;
    // Where nothing was due there is nothing to show.
    Some(found.into_iter().filter(|bucket| bucket.count > 0 || bucket.gap.is_some()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Gap, Sample};
    use chrono::DateTime;
    use std::time::Instant;

    const HOUR_MS: i64 = 3_600_000;

    #[tokio::test]
    async fn a_day_comes_back_by_the_minute_with_its_gap() {
        let folder = tempfile::tempdir().unwrap();
        let evidence = folder.path().to_owned();
        let question =
            |span_ms| Asked { pane: "lots".into(), environment: "production".into(), span_ms, width_ms: 60_000 };
        let mut reading = None;
        assert!(answer(&mut reading, &evidence, &question(0..24 * HOUR_MS)).await.is_none(), "nothing is kept yet");
        let store = Store::open(&evidence).await.unwrap();
        let sample = |at_ms: i64| Sample {
            pane: "lots".into(),
            environment: "production".into(),
            at: Instant::now(),
            time: DateTime::from_timestamp_millis(at_ms).unwrap(),
            value: if at_ms == 5 * HOUR_MS { Err(Gap::new("down")) } else { Ok(7.0) },
        };
        let samples: Vec<Sample> = (0..24 * 360).map(|turn| sample(turn * 10_000)).collect();
        store.append(&samples).await.unwrap();
        let buckets = answer(&mut reading, &evidence, &question(0..24 * HOUR_MS)).await.unwrap();
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 24 * 360 - 1);
        assert!(buckets.iter().all(|bucket| bucket.width_ms <= 60_000), "wider than asked for");
        let gap = buckets.iter().find(|bucket| bucket.gap.as_deref() == Some("down")).unwrap();
        assert!((gap.start_ms..gap.end_ms()).contains(&(5 * HOUR_MS)));
        let mut series = crate::cockpit::pane_view::series::Series::new(10_000);
        series.push(24 * HOUR_MS + 1_000, Ok(7.0));
        series.fill(buckets);
        assert_eq!(series.pieces(0..25 * HOUR_MS).map(|piece| piece.count()).sum::<u64>(), 24 * 360);
    }
}
