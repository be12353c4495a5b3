//! What counters have grown by between two scrapes.

use super::{Exposition, Selector};
use std::collections::BTreeMap;

/// Series that went away and are remembered.
const REMEMBERED: usize = 10_000;

/// The chosen series of one scrape, each by its labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    series: BTreeMap<Vec<(String, String)>, f64>,
    /// Series that are missing in this scrape, as they were last.
    gone: BTreeMap<Vec<(String, String)>, f64>,
}

/// What happened to a counter since the scrape before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Growth {
    By(f64),
    /// At least one series fell back, so its service began anew; the number counts from zero for those.
    Reset(f64),
}

impl Growth {
    pub fn amount(self) -> f64 {
        match self {
            Growth::By(amount) | Growth::Reset(amount) => amount,
        }
    }
}

impl Reading {
    /// The series chosen; `None` when there is none, or when one is not a finite number.
    #[must_use]
    pub fn take(exposition: &Exposition, selector: &Selector) -> Option<Self> {
        let mut series = BTreeMap::new();
        for sample in exposition.samples.iter().filter(|sample| selector.selects(sample)) {
            if !sample.value.is_finite() {
                return None;
            }
            let mut labels = sample.labels.clone();
            labels.sort_unstable();
            series.insert(labels, sample.value);
        }
        (!series.is_empty()).then_some(Self { series, gone: BTreeMap::new() })
    }

    /// The same with what series were last that are missing in it: one that comes back has not begun at zero.
    #[must_use]
    pub fn remembering(mut self, before: Option<&Reading>) -> Self {
        let Some(before) = before else { return self };
        // Those of the last scrape first: they are the likeliest to come back.
        let known = before.series.iter().chain(&before.gone).filter(|(labels, _)| !self.series.contains_key(*labels));
        self.gone = known.take(REMEMBERED).map(|(labels, value)| (labels.clone(), *value)).collect();
        self
    }

    fn then(&self, labels: &[(String, String)]) -> Option<f64> {
        self.series.get(labels).or_else(|| self.gone.get(labels)).copied()
    }

    /// Growth since `before`, summed over the series. A series that was not there began at zero; one that is gone adds
    /// nothing.
    pub fn since(&self, before: &Reading) -> Growth {
        let mut amount = 0.0;
        let mut fell = false;
        for (labels, now) in &self.series {
            match before.then(labels) {
                Some(then) if *now >= then => amount += now - then,
                Some(_) => {
                    fell = true;
                    amount += now;
                }
                None => amount += now,
            }
        }
        if fell { Growth::Reset(amount) } else { Growth::By(amount) }
    }

    /// How many series there are.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// What each series has grown by since `before`, by its labels.
    pub fn each_since<'a>(&'a self, before: &'a Reading) -> impl Iterator<Item = (&'a [(String, String)], f64)> {
        self.series.iter().map(|(labels, now)| {
            let then = before.then(labels).filter(|then| now >= then).unwrap_or(0.0);
            (labels.as_slice(), now - then)
        })
    }

    /// The growth of the series that grew most.
    pub fn most_since(&self, before: &Reading) -> f64 {
        self.each_since(before).map(|(_, amount)| amount).fold(0.0, f64::max)
    }
}
