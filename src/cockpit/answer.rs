//! What the cockpit says to what was done.

use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub tone: Tone,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Bad,
}

impl Answer {
    /// How long it stays where it hides the next thing to do: long enough to be read twice.
    pub fn reading_time(&self) -> Duration {
        let letters = u64::try_from(self.text.chars().count()).unwrap_or(u64::MAX);
        let least = if self.tone == Tone::Bad { 6_000 } else { 3_000 };
        Duration::from_millis(letters.saturating_mul(60).saturating_add(least).min(20_000))
    }
}
