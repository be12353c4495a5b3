//! All that a replay can ask of the world.

use crate::cockpit::effect::{Capture, Effect, Order};

/// Something only the terminal does. What would record, start or end anything has no place here, so that none of it can
/// ever leave a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// Give the terminal back until the shell brings the program to the front again.
    Suspend,
    CaptureMouse(Capture),
    /// Hand a text to the terminal's clipboard.
    Copy(String),
    Quit,
}

impl Sight {
    /// The part of an effect that a replay may have; nothing of one that acts, or that calls a person for what is long
    /// past.
    #[must_use]
    pub fn of(effect: Effect) -> Option<Self> {
        match effect {
            Effect::Terminal(Order::Suspend) => Some(Self::Suspend),
            Effect::Terminal(Order::CaptureMouse(capture)) => Some(Self::CaptureMouse(capture)),
            Effect::Terminal(Order::Copy(text)) => Some(Self::Copy(text)),
            Effect::Terminal(Order::Quit) => Some(Self::Quit),
            Effect::AppendRecord { .. }
            | Effect::StartAttempt { .. }
            | Effect::EndBlocker { .. }
            | Effect::ReadEvidence { .. }
            | Effect::SignWithKey { .. }
            // The replay reads output as it was then by itself.
            | Effect::ReadOutput { .. }
            | Effect::ReadBuckets { .. }
            | Effect::ReadWatches(_)
            | Effect::FirstRunRead
            | Effect::Terminal(Order::Edit(_) | Order::Alert(_) | Order::ShowProgress(_)) => None,
        }
    }
}
