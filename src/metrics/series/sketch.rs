//! A histogram that can be merged: quantiles of a week without the samples of a week.

use hdrhistogram::Histogram;

/// Parts of one unit that are distinguished at all: a millionth.
const SCALE: f64 = 1e6;

/// What is above this has no place in the histogram, nor has what is below zero.
const HIGHEST: f64 = 9e12;

/// By how much a quantile may differ from the sample it stands for: this share of it, or [`LEAST_ERROR`] where that is
/// more.
pub(crate) const ERROR: f64 = 0.01;

/// In the unit of the pane.
pub(crate) const LEAST_ERROR: f64 = 2.0 / SCALE;

/// Significant decimal digits that are kept of a number.
const DIGITS: u8 = 2;

/// A histogram of the samples of a bucket.
#[derive(Debug, Clone)]
pub(crate) struct Sketch {
    histogram: Histogram<u64>,
    /// Numbers that have no place in the histogram. With one of them no quantile is reported.
    outside: u64,
}

impl Default for Sketch {
    fn default() -> Self {
        Self::new()
    }
}

impl Sketch {
    /// An empty one.
    ///
    /// # Panics
    /// Never: the number of digits is one that histograms have.
    #[must_use]
    #[expect(clippy::expect_used, reason = "two digits are always accepted")]
    pub(crate) fn new() -> Self {
        Self { histogram: Histogram::new(DIGITS).expect("a histogram of two digits"), outside: 0 }
    }

    pub(crate) fn record(&mut self, value: f64) {
        if (0.0..=HIGHEST).contains(&value) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range as just checked")]
            self.add((value * SCALE).round() as u64, 1);
        } else {
            self.outside += 1;
        }
    }

    fn add(&mut self, scaled: u64, count: u64) {
        // Zero is a value of its own; the histogram grows to what it is given.
        if self.histogram.record_n(scaled, count).is_err() {
            self.outside += count;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.histogram.clear();
        self.outside = 0;
    }

    /// The nearest-rank quantile, within [`ERROR`]; `None` without numbers, or with one that has no place here.
    pub(crate) fn quantile(&self, quantile: f64) -> Option<f64> {
        if self.histogram.is_empty() || self.outside > 0 {
            return None;
        }
        let scaled = self.histogram.value_at_quantile(quantile);
        Some(self.histogram.median_equivalent(scaled) as f64 / SCALE)
    }

    /// How many numbers lie for certain on either side of a bound: those that `holds` for the least and the greatest number
    /// that counts as the same, and those that it holds for neither. What is outside lies on neither.
    pub(crate) fn sides(&self, holds: impl Fn(f64) -> bool) -> (u64, u64) {
        let (mut good, mut bad) = (0, 0);
        for recorded in self.histogram.iter_recorded() {
            let value = recorded.value_iterated_to();
            let ends = [self.histogram.lowest_equivalent(value), self.histogram.highest_equivalent(value)];
            match ends.iter().filter(|end| holds(**end as f64 / SCALE)).count() {
                2 => good += recorded.count_at_value(),
                0 => bad += recorded.count_at_value(),
                _ => {}
            }
        }
        (good, bad)
    }

    /// As stored: what is outside, then distance to the value before and count, all as variable-length numbers.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, self.outside);
        let mut before = 0;
        for recorded in self.histogram.iter_recorded() {
            let value = self.histogram.lowest_equivalent(recorded.value_iterated_to());
            put(&mut bytes, value - before);
            put(&mut bytes, recorded.count_at_value());
            before = value;
        }
        bytes
    }

    /// Adds what [`Sketch::to_bytes`] wrote. Bytes that are damaged count as numbers without a place: no quantile is reported.
    pub(crate) fn merge(&mut self, mut bytes: &[u8]) {
        let damaged = self.merge_some(&mut bytes).is_none();
        self.outside = self.outside.saturating_add(u64::from(damaged));
    }

    /// `None` when the bytes end where something is missing.
    fn merge_some(&mut self, bytes: &mut &[u8]) -> Option<()> {
        self.outside = self.outside.saturating_add(take(bytes)?);
        let mut value = 0_u64;
        while !bytes.is_empty() {
            value = value.saturating_add(take(bytes)?);
            self.add(value, take(bytes)?);
        }
        Some(())
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f).checked_shl(u32::try_from(at * 7).ok()?)?;
        if byte & 0x80 == 0 {
            *bytes = &bytes[at + 1..];
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_has_no_place_gives_no_quantile() {
        let mut sketch = Sketch::new();
        assert_eq!(sketch.quantile(0.5), None, "nothing was recorded");
        sketch.record(4.0);
        assert!((sketch.quantile(0.5).unwrap() - 4.0).abs() <= 0.04);
        sketch.record(-1.0);
        assert_eq!(sketch.quantile(0.5), None);
        let mut other = Sketch::new();
        other.merge(&sketch.to_bytes());
        assert_eq!(other.quantile(0.5), None, "that is kept");
        other.clear();
        other.record(0.0);
        assert_eq!(other.quantile(0.95), Some(0.0));
    }

    #[test]
    fn damaged_bytes_give_no_quantile() {
        for bytes in [&[][..], &[0x80], &[0, 1], &[0, 0xff, 0xff], &[0xff; 30]] {
            let mut sketch = Sketch::new();
            sketch.record(1.0);
            sketch.merge(bytes);
            assert_eq!(sketch.quantile(0.5), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn a_quantile_of_merged_parts_is_that_of_the_whole(
            parts in proptest::collection::vec(proptest::collection::vec(0.0..1e12_f64, 0..20), 1..6),
            small in 1.0..1e12_f64,
            quantile in 0.01..1.0_f64,
        ) {
            let mut whole = Sketch::new();
            let mut numbers = Vec::new();
            for part in &parts {
                let mut sketch = Sketch::new();
                for number in part {
                    sketch.record(number / small);
                    numbers.push(number / small);
                }
                whole.merge(&sketch.to_bytes());
            }
            numbers.sort_unstable_by(f64::total_cmp);
            if numbers.is_empty() {
                prop_assert_eq!(whole.quantile(quantile), None);
            } else {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
                let rank = ((numbers.len() as f64 * quantile).ceil() as usize).clamp(1, numbers.len());
                let (is, should) = (whole.quantile(quantile).unwrap(), numbers[rank - 1]);
                prop_assert!((is - should).abs() <= (should * ERROR).max(LEAST_ERROR), "{is} {should}");
            }
        }

        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut sketch = Sketch::new();
            sketch.merge(&bytes);
            let _ = sketch.quantile(0.5);
        }
    }
}
