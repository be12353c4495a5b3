//! The captain's seat as this session sees it: who sits there, what can be done about it, what is refused and why.

use super::action::Action;
use super::model::{Access, Model};
use crate::deployment::Operator;
use crate::deployment::seat::{Captain, GONE_LONG_ENOUGH, same_person};
use chrono::{DateTime, TimeDelta, Utc};

/// Who sits in the captain's seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sitting {
    /// Nobody ever sat there, so it binds nobody.
    Never,
    You,
    Other {
        name: String,
        /// The same person in another session of theirs.
        is_you: bool,
        /// When somebody saw that its session is gone.
        gone: Option<DateTime<Utc>>,
    },
    OnItsWay {
        from: String,
        to: String,
        word: String,
        since: DateTime<Utc>,
        /// Whether it is this person who may take it: it was handed to them, or they handed it over.
        yours: bool,
    },
    /// It was given back.
    Empty,
}

/// Something that can be done about the seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    Take,
    HandOver,
    /// At once, or after so many seconds.
    TakeOver {
        wait_s: i64,
    },
    Leave,
}

impl Offer {
    pub fn word(self) -> &'static str {
        match self {
            Offer::Take => "take the seat",
            Offer::HandOver => "hand it over",
            Offer::TakeOver { .. } => "take it over",
            Offer::Leave => "leave the seat",
        }
    }

    /// What it means.
    pub fn sentence(self) -> String {
        match self {
            Offer::Take => "you drive: run, tick, waive, decide".to_owned(),
            Offer::HandOver => "to somebody by name, with a word".to_owned(),
            Offer::TakeOver { wait_s: 0 } => "with a reason".to_owned(),
            Offer::TakeOver { wait_s } => format!("with a reason, in {wait_s} s"),
            Offer::Leave => "nobody drives until somebody takes it".to_owned(),
        }
    }
}

impl Model {
    pub fn sitting(&self) -> Sitting {
        match &self.state.seats.captain {
            Captain::Never => Sitting::Never,
            Captain::Held(holder) if holder.session == self.session && self.access == Access::Flies => Sitting::You,
            Captain::Held(holder) => Sitting::Other {
                name: name(&holder.stamp.by),
                is_you: holder.is_person(&self.operator),
                gone: holder.gone,
            },
            Captain::Handed(handed) => Sitting::OnItsWay {
                from: name(&handed.from.by),
                to: handed.to.clone(),
                word: handed.word.clone(),
                since: handed.from.at,
                yours: handed.is_for(&self.operator) || same_person(&handed.from.by, &self.operator),
            },
            Captain::Left(_) => Sitting::Empty,
        }
    }

    /// Whether this session may drive.
    pub fn drives(&self) -> bool {
        self.access == Access::Flies && self.state.seats.drives(&self.session)
    }

    /// Whether this person may stop things: the captain does so from any session.
    pub fn may_stop(&self) -> bool {
        let is_captain = self.state.seats.holder().is_some_and(|holder| holder.is_person(&self.operator));
        self.drives() || (self.access == Access::Flies && is_captain)
    }

    /// What can be done about the seat now, the likeliest first.
    pub fn offers(&self) -> Vec<Offer> {
        if self.access != Access::Flies {
            return Vec::new();
        }
        match self.sitting() {
            Sitting::You => vec![Offer::HandOver, Offer::Leave],
            Sitting::Other { gone: None, .. } => Vec::new(),
            Sitting::Never
            | Sitting::Empty
            | Sitting::Other { is_you: true, .. }
            | Sitting::OnItsWay { yours: true, .. } => vec![Offer::Take],
            Sitting::Other { gone: Some(since), .. } | Sitting::OnItsWay { since, .. } => {
                vec![Offer::TakeOver { wait_s: wait_s(since, self.now) }]
            }
        }
    }

    /// Why a key that drives is refused in this session, and the key that shows the way.
    pub fn not_driving(&self) -> String {
        let key = self.keymap.hint(Action::Seat);
        match self.sitting() {
            Sitting::Other { is_you: true, gone: None, .. } => {
                format!("you sit in the captain's seat in another session; {key} shows the seat")
            }
            Sitting::Other { name, gone: None, .. } => {
                format!("the captain's seat is {name}'s; {key} shows the seat and how to come to it")
            }
            Sitting::Other { name, .. } => format!("the captain's seat is {name}'s, who is gone; {key} takes it over"),
            Sitting::OnItsWay { from, yours: true, .. } => {
                format!("{from} has handed over the captain's seat; {key} takes it")
            }
            Sitting::OnItsWay { from, to, .. } => {
                format!("{from} has handed the captain's seat to {to}, who has not taken it yet; {key} shows it")
            }
            Sitting::Never | Sitting::Empty | Sitting::You => {
                format!("nobody sits in the captain's seat; {key} takes it")
            }
        }
    }
}

/// The stated name; the role's for a simulated answer.
fn name(by: &Operator) -> String {
    by.says.clone()
}

/// Seconds until somebody gone since then may be followed.
fn wait_s(gone: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let left = (GONE_LONG_ENOUGH - (now - gone)).max(TimeDelta::zero());
    left.num_milliseconds().saturating_add(999) / 1_000
}
