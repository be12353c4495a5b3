//! What was measured of one pane over up to seven days, in bounded memory: every point of the last minutes, then a bucket
//! a minute for a day, then one for ten minutes. A gap stays a gap in all of them.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

pub const MINUTE: i64 = 60_000;
pub const TEN_MINUTES: i64 = 10 * MINUTE;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
pub const WEEK: i64 = 7 * DAY;

/// How long points are kept one by one, and how many at most.
pub const RAW: i64 = 15 * MINUTE;
const RAW_AT_MOST: usize = 4_096;

/// Why nothing is known of a time in which nobody looked.
pub const NOT_SAMPLED: &str = "not sampled";

/// What was measured in a length of time. A gap in it is kept beside its numbers and enters none of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Milliseconds since 1970.
    pub start_ms: i64,
    pub width_ms: i64,
    /// Numbers in it; without one `min`, `max` and `sum` mean nothing.
    pub count: u64,
    pub min: f64,
    pub max: f64,
    pub sum: f64,
    /// Nearest rank; of stored ones within the error of their histogram.
    pub median: Option<f64>,
    pub p95: Option<f64>,
    /// Why a number is missing, if one is. Without numbers and without a gap nothing was due.
    pub gap: Option<String>,
}

/// One moment: a finite number, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub at_ms: i64,
    pub value: Result<f64, Arc<str>>,
}

/// A point or a bucket, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Piece<'a> {
    Point(&'a Point),
    Bucket(&'a Bucket),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    every_ms: i64,
    tens: VecDeque<Bucket>,
    minutes: VecDeque<Bucket>,
    points: VecDeque<Point>,
    /// The last point that went into a bucket.
    summed_ms: Option<i64>,
}

impl Bucket {
    pub fn end_ms(&self) -> i64 {
        self.start_ms.saturating_add(self.width_ms)
    }

    pub fn average(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    fn empty(start_ms: i64, width_ms: i64) -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { start_ms, width_ms, count: 0, min, max, sum: 0.0, median: None, p95: None, gap: None }
    }

    /// What these points come to. Two of them further apart than `patience_ms` have a gap between them.
    #[must_use]
    pub fn of<'a>(
        start_ms: i64,
        width_ms: i64,
        points: impl IntoIterator<Item = &'a Point>,
        before_ms: Option<i64>,
        patience_ms: i64,
    ) -> Self {
        let mut bucket = Self::empty(start_ms, width_ms);
        let mut numbers = Vec::new();
        let mut before = before_ms;
        for point in points {
            if before.is_some_and(|before| point.at_ms.saturating_sub(before) > patience_ms) {
                bucket.gap.get_or_insert_with(|| NOT_SAMPLED.to_owned());
            }
            before = Some(point.at_ms);
            match &point.value {
                Ok(value) => numbers.push(*value),
                Err(why) => _ = bucket.gap.get_or_insert_with(|| why.to_string()),
            }
        }
        numbers.sort_unstable_by(f64::total_cmp);
        bucket.count = numbers.len() as u64;
        bucket.sum = numbers.iter().sum();
        if let (Some(least), Some(most)) = (numbers.first(), numbers.last()) {
            (bucket.min, bucket.max) = (*least, *most);
            bucket.median = Some(f64::midpoint(numbers[(numbers.len() - 1) / 2], numbers[numbers.len() / 2]));
            bucket.p95 = Some(numbers[(numbers.len() * 95).div_ceil(100) - 1]);
        }
        bucket
    }

    /// Its numbers as if they lay evenly between those that are known: so many as stand for its distribution.
    pub fn spread(&self) -> Vec<f64> {
        if self.count == 0 {
            return Vec::new();
        }
        let mean = self.sum / self.count as f64;
        let median = self.median.unwrap_or(mean).clamp(self.min, self.max);
        let p95 = self.p95.unwrap_or(f64::midpoint(median, self.max)).clamp(median, self.max);
        let known = [(0.0, self.min), (0.5, median), (0.95, p95), (1.0, self.max)];
        let parts = PARTS.min(usize::try_from(self.count).unwrap_or(PARTS));
        (0..parts).map(|part| between(&known, (part as f64 + 0.5) / parts as f64)).collect()
    }

    /// Ends sooner, with its share of the numbers: what lies behind is counted elsewhere.
    fn shorten(&mut self, width_ms: i64) {
        if width_ms >= self.width_ms {
            return;
        }
        let average = self.average();
        let share = width_ms.max(0) as f64 / self.width_ms as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of what it was")]
        let count = (self.count as f64 * share).round() as u64;
        (self.width_ms, self.count) = (width_ms, count);
        self.sum = average.unwrap_or_default() * count as f64;
    }

    /// Takes another one in. Quantiles of two cannot be distinguished from their quantiles.
    fn take(&mut self, other: &Bucket) {
        if other.count > 0 {
            (self.median, self.p95) = if self.count == 0 { (other.median, other.p95) } else { (None, None) };
            self.count += other.count;
            self.min = self.min.min(other.min);
            self.max = self.max.max(other.max);
            self.sum += other.sum;
        }
        if self.gap.is_none() {
            self.gap.clone_from(&other.gap);
        }
    }
}

/// Parts that a bucket is taken apart into at most.
pub const PARTS: usize = 10;

fn between(known: &[(f64, f64)], share: f64) -> f64 {
    let pair = known.windows(2).find(|pair| share <= pair[1].0);
    pair.map_or(0.0, |pair| {
        let (from, to) = (pair[0], pair[1]);
        from.1 + (to.1 - from.1) * (share - from.0) / (to.0 - from.0)
    })
}

/// How long the next point may take to come before there is a gap.
fn patience(every_ms: i64) -> i64 {
    every_ms.saturating_mul(5).saturating_div(2).max(1_500)
}

impl<'a> Piece<'a> {
    pub fn start_ms(&self) -> i64 {
        match self {
            Piece::Point(point) => point.at_ms,
            Piece::Bucket(bucket) => bucket.start_ms,
        }
    }

    /// For a point the moment itself.
    pub fn end_ms(&self) -> i64 {
        match self {
            Piece::Point(point) => point.at_ms,
            Piece::Bucket(bucket) => bucket.end_ms(),
        }
    }

    pub fn average(&self) -> Option<f64> {
        match self {
            Piece::Point(point) => point.value.as_ref().ok().copied(),
            Piece::Bucket(bucket) => bucket.average(),
        }
    }

    pub fn count(&self) -> u64 {
        match self {
            Piece::Point(point) => u64::from(point.value.is_ok()),
            Piece::Bucket(bucket) => bucket.count,
        }
    }

    /// The least and the greatest number in it.
    pub fn extent(&self) -> Option<(f64, f64)> {
        match self {
            Piece::Point(point) => point.value.as_ref().ok().map(|value| (*value, *value)),
            Piece::Bucket(bucket) => (bucket.count > 0).then_some((bucket.min, bucket.max)),
        }
    }

    pub fn gap(&self) -> Option<&'a str> {
        match self {
            Piece::Point(point) => point.value.as_ref().err().map(AsRef::as_ref),
            Piece::Bucket(bucket) => bucket.gap.as_deref(),
        }
    }
}

impl Series {
    /// Of a pane that is sampled once in `every_ms`.
    #[must_use]
    pub fn new(every_ms: i64) -> Self {
        Self { every_ms: every_ms.max(1), ..Self::default() }
    }

    pub fn every_ms(&self) -> i64 {
        self.every_ms
    }

    /// How long the next point may take to come before there is a gap.
    pub fn patience(&self) -> i64 {
        patience(self.every_ms)
    }

    pub fn is_empty(&self) -> bool {
        self.from_ms().is_none()
    }

    /// Since when anything is known.
    pub fn from_ms(&self) -> Option<i64> {
        self.tens.front().map(|bucket| bucket.start_ms).or(self.finely_from_ms())
    }

    /// Since when it is known by the minute or better.
    pub fn finely_from_ms(&self) -> Option<i64> {
        let minutes = self.minutes.front().map(|bucket| bucket.start_ms);
        minutes.or(self.points.front().map(|point| point.at_ms))
    }

    /// Adds a point; one of the same moment takes the place of the one before.
    pub fn push(&mut self, at_ms: i64, value: Result<f64, String>) {
        let value = value.map_err(|why| self.reason(&why));
        if self.minutes.back().is_some_and(|last| at_ms < last.end_ms()) {
            let point = Bucket::of(at_ms, 0, [&Point { at_ms, value }], None, i64::MAX);
            let among = self.minutes.iter_mut().find(|minute| (minute.start_ms..minute.end_ms()).contains(&at_ms));
            if let Some(minute) = among {
                minute.take(&point);
            }
            return;
        }
        let at = self.points.partition_point(|point| point.at_ms < at_ms);
        match self.points.get_mut(at).filter(|point| point.at_ms == at_ms) {
            Some(point) => point.value = value,
            None => self.points.insert(at, Point { at_ms, value }),
        }
        self.compact();
    }

    /// The same reason again takes no room again.
    fn reason(&self, why: &str) -> Arc<str> {
        let last = self.points.back().and_then(|point| point.value.as_ref().err());
        last.filter(|last| last.as_ref() == why).cloned().unwrap_or_else(|| why.into())
    }

    /// Makes buckets of what is older than points, and minutes, are kept.
    fn compact(&mut self) {
        let Some(newest) = self.points.back().map(|point| point.at_ms) else { return };
        while let Some(first) = self.points.front() {
            let minute = first.at_ms.div_euclid(MINUTE).saturating_mul(MINUTE);
            let end = minute.saturating_add(MINUTE);
            let last = self.points.back().is_none_or(|last| last.at_ms < end);
            if last || (end > newest.saturating_sub(RAW) && self.points.len() <= RAW_AT_MOST) {
                break;
            }
            let count = self.points.partition_point(|point| point.at_ms < end);
            let points = self.points.drain(..count).collect::<Vec<_>>();
            let bucket = Bucket::of(minute, MINUTE, &points, self.summed_ms, patience(self.every_ms));
            self.summed_ms = points.last().map(|point| point.at_ms);
            match self.minutes.back_mut().filter(|last| last.start_ms == minute) {
                Some(same) => {
                    same.take(&bucket);
                    same.width_ms = MINUTE;
                }
                None => self.minutes.push_back(bucket),
            }
        }
        while let Some(first) = self.minutes.front() {
            let ten = first.start_ms.div_euclid(TEN_MINUTES).saturating_mul(TEN_MINUTES);
            let end = ten.saturating_add(TEN_MINUTES);
            if end > newest.saturating_sub(DAY + HOUR) {
                break;
            }
            let mut bucket = Bucket::empty(ten, TEN_MINUTES);
            let mut covered = ten;
            while let Some(minute) = self.minutes.pop_front_if(|minute| minute.start_ms < end) {
                if minute.start_ms.saturating_sub(covered) > patience(self.every_ms) {
                    bucket.gap.get_or_insert_with(|| NOT_SAMPLED.to_owned());
                }
                covered = minute.end_ms();
                bucket.take(&minute);
            }
            self.tens.push_back(bucket);
        }
        while self.tens.pop_front_if(|ten| ten.end_ms() < newest.saturating_sub(WEEK + HOUR)).is_some() {}
    }

    /// Puts buckets in front of what is held; what is held already stays as it is.
    pub fn fill(&mut self, mut older: Vec<Bucket>) {
        older.retain(|bucket| bucket.width_ms > 0);
        older.sort_by_key(|bucket| bucket.start_ms);
        let fine = older.iter().all(|bucket| bucket.width_ms < TEN_MINUTES);
        let before = if fine { self.finely_from_ms() } else { self.from_ms() }.unwrap_or(i64::MAX);
        older.retain(|bucket| bucket.start_ms < before);
        // A bucket that reaches into what is held ends where that begins.
        for bucket in &mut older {
            bucket.shorten(before.saturating_sub(bucket.start_ms));
        }
        let Some(first) = older.first().map(|bucket| bucket.start_ms) else { return };
        if fine {
            self.tens.retain(|ten| ten.start_ms < first);
            if let Some(last) = self.tens.back_mut() {
                last.shorten(first.saturating_sub(last.start_ms));
            }
        }
        let tier = if fine { &mut self.minutes } else { &mut self.tens };
        for bucket in older.into_iter().rev() {
            tier.push_front(bucket);
        }
        self.compact();
    }

    /// What is known of a length of time, oldest first.
    pub fn pieces(&self, span: Range<i64>) -> impl Iterator<Item = Piece<'_>> {
        let (from, to) = (span.start, span.end);
        let within = |buckets: &VecDeque<Bucket>| {
            let first = buckets.partition_point(|bucket| bucket.end_ms() <= from);
            first..buckets.partition_point(|bucket| bucket.start_ms < to).max(first)
        };
        let first = self.points.partition_point(|point| point.at_ms < from);
        let points = first..self.points.partition_point(|point| point.at_ms < to).max(first);
        let tens = self.tens.range(within(&self.tens)).map(Piece::Bucket);
        let minutes = self.minutes.range(within(&self.minutes)).map(Piece::Bucket);
        tens.chain(minutes).chain(self.points.range(points).map(Piece::Point))
    }

    /// The average of a length of time; none without numbers.
    pub fn average(&self, span: Range<i64>) -> Option<f64> {
        let (mut count, mut sum) = (0, 0.0);
        for piece in self.pieces(span) {
            count += piece.count();
            sum += match piece {
                Piece::Point(point) => *point.value.as_ref().unwrap_or(&0.0),
                Piece::Bucket(bucket) => bucket.sum,
            };
        }
        (count > 0).then(|| sum / count as f64)
    }

    /// How many points and buckets are held.
    pub fn held(&self) -> usize {
        self.tens.len() + self.minutes.len() + self.points.len()
    }
}

#[cfg(test)]
mod tests;
