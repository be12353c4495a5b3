//! By how much two sets of samples differ, and how sure that is.
//!
//! The method is the bootstrap, made cheap: the median of a resample is one of the samples, and which one is the only thing
//! that chance decides. Its rank is drawn (a beta distribution), so that a draw costs the same for 20 samples and for 2,000.
//! Samples of a service follow each other in waves and are worth fewer independent ones; ranks are drawn for as many as
//! they are worth. The draws are seeded: the same samples give the same interval.

use super::verdict::Change;
use crate::checklist::pane::Statistic;

/// Samples that are kept of a set, evenly spaced over its time.
const MOST: usize = 400;

/// Resamples drawn for an interval.
const DRAWS: usize = 800;

/// How sure an interval is, in percent. A metric is looked at thousands of times a day: 95 would raise alarms by chance.
pub const SURE: u32 = 99;

/// A set without enough of them says nothing.
pub const LEAST: usize = 20;

/// A set of samples, or one number that somebody else made of some.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    sorted: Vec<f64>,
    /// How many samples there were.
    count: u64,
    /// How many independent samples they are worth, for the median and for the 95th percentile.
    worth: [f64; 2],
}

/// What one set differs from another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    pub before: f64,
    pub after: f64,
    /// The interval of the difference, in the unit of the samples.
    pub low: f64,
    pub high: f64,
    /// In percent of what was before; none where that is zero.
    pub change: Option<Change>,
}

impl Statistic {
    pub fn quantile(self) -> f64 {
        match self {
            Statistic::Median => 0.5,
            Statistic::P95 => 0.95,
        }
    }

    fn at(self) -> usize {
        match self {
            Statistic::Median => 0,
            Statistic::P95 => 1,
        }
    }
}

impl Sample {
    /// Of numbers in the order in which they were taken; those that are not finite are left out.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let count = finite.len() as u64;
        let step = finite.len().div_ceil(MOST).max(1);
        let mut sorted: Vec<f64> = finite.into_iter().step_by(step).collect();
        let taken = sorted.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut sample = Self { sorted, count, worth: [0.0; 2] };
        for statistic in [Statistic::Median, Statistic::P95] {
            sample.worth[statistic.at()] = worth(&taken, sample.at(statistic));
        }
        sample
    }

    /// Of independent numbers, the least first, that somebody else kept.
    #[must_use]
    pub fn sorted(values: &[f64]) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let count = sorted.len();
        Self { sorted, count: count as u64, worth: [count as f64; 2] }
    }

    /// One number whose samples are not known.
    #[must_use]
    pub fn single(value: f64) -> Self {
        Self { sorted: vec![value], count: 1, worth: [f64::INFINITY; 2] }
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn is_single(&self) -> bool {
        self.worth[0].is_infinite()
    }

    /// The statistic of the set; zero of an empty one.
    pub fn at(&self, statistic: Statistic) -> f64 {
        self.quantile(statistic.quantile())
    }

    /// Between the samples on either side of the rank.
    pub fn quantile(&self, share: f64) -> f64 {
        let Some(last) = self.sorted.len().checked_sub(1) else { return 0.0 };
        let place = (share * self.sorted.len() as f64 - 0.5).clamp(0.0, last as f64);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the list")]
        let below = place.floor() as usize;
        let (low, high) = (self.sorted[below], self.sorted[(below + 1).min(last)]);
        low + (high - low) * (place - below as f64)
    }

    /// The 99 % interval of the statistic of this set alone.
    pub fn interval(&self, statistic: Statistic) -> (f64, f64) {
        let mut dice = Chance::seeded();
        middle((0..DRAWS).map(|_| self.draw(statistic, &mut dice)).collect())
    }

    /// The statistic of a resample.
    fn draw(&self, statistic: Statistic, dice: &mut Chance) -> f64 {
        let (share, worth) = (statistic.quantile(), self.worth[statistic.at()]);
        if !worth.is_finite() {
            return self.at(statistic);
        }
        self.quantile(dice.beta(worth * share + 0.5, worth * (1.0 - share) + 0.5))
    }
}

/// What `after` differs from `before`; none where either is empty.
pub fn difference(before: &Sample, after: &Sample, statistic: Statistic) -> Option<Difference> {
    if before.sorted.is_empty() || after.sorted.is_empty() {
        return None;
    }
    let mut dice = Chance::seeded();
    let (base, now) = (before.at(statistic), after.at(statistic));
    let mut plain = Vec::with_capacity(DRAWS);
    let mut percent = Vec::with_capacity(DRAWS);
    for _ in 0..DRAWS {
        let (from, to) = (before.draw(statistic, &mut dice), after.draw(statistic, &mut dice));
        plain.push(to - from);
        percent.push(if from == 0.0 { f64::NAN } else { (to - from) / from.abs() * 100.0 });
    }
    let (low, high) = middle(plain);
    let change = percent.iter().all(|share| share.is_finite()) && base != 0.0;
    let change = change.then(|| {
        let (low, high) = middle(percent);
        Change { percent: (now - base) / base.abs() * 100.0, low, high }
    });
    Some(Difference { before: base, after: now, low, high, change })
}

/// The ends between which [`SURE`] percent lie.
fn middle(mut draws: Vec<f64>) -> (f64, f64) {
    draws.sort_unstable_by(f64::total_cmp);
    let tail = draws.len() * (100 - SURE as usize) / 200;
    let last = draws.len().saturating_sub(1);
    (draws[tail.min(last)], draws[last.saturating_sub(tail)])
}

/// How many independent samples a set is worth when it is asked where the number `at` lies among them: what lies above it
/// follows each other the less, the more it is worth.
fn worth(taken: &[f64], at: f64) -> f64 {
    let count = taken.len();
    let above: Vec<f64> = taken.iter().map(|value| f64::from(u8::from(*value > at))).collect();
    count as f64 / inertia(&above)
}

/// How many samples in a row say as much as one: 1 where each is independent of the one before.
pub(super) fn inertia(values: &[f64]) -> f64 {
    let count = values.len();
    let mean = values.iter().sum::<f64>() / count.max(1) as f64;
    let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    if count < 8 || spread <= 0.0 {
        return 1.0;
    }
    let alike = |lag: usize| {
        let pairs = values.iter().zip(&values[lag..]);
        pairs.map(|(one, other)| (one - mean) * (other - mean)).sum::<f64>() / spread
    };
    // What is below this is seen in sets without any order too.
    let noise = 2.0 / (count as f64).sqrt();
    let sum: f64 = (1..=count / 4).map(alike).take_while(|alike| *alike > noise).sum();
    let first = alike(1).clamp(0.0, 0.95);
    let as_if_geometric = if first > noise { (1.0 + first) / (1.0 - first) } else { 1.0 };
    (1.0 + 2.0 * sum).max(as_if_geometric)
}

/// Seeded numbers as if by chance: `SplitMix64`.
struct Chance(u64);

impl Chance {
    fn seeded() -> Self {
        Self(0x676f_6e6f_676f)
    }

    /// Between 0 and 1, neither of them.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.share().ln()).sqrt() * (std::f64::consts::TAU * self.share()).cos()
    }

    /// Marsaglia and Tsang, for shapes from 0.5 on.
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.share().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.share().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (one, other) = (self.gamma(a), self.gamma(b));
        one / (one + other)
    }
}

#[cfg(test)]
mod tests;
