//! The time line at the foot of a replay, ready to be drawn.

use crate::cockpit::sentence::Bearing;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;

#[derive(Debug, Clone)]
pub struct Strip {
    pub playing: bool,
    /// How many times as fast as it was.
    pub speed: u32,
    /// Records made by now.
    pub at: usize,
    /// How each record bears on the deployment, where it is an event.
    pub events: Arc<[Option<Bearing>]>,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
    /// A quiet stretch that was skipped a moment ago.
    pub skipped: Option<TimeDelta>,
}

impl Strip {
    /// The mark of each of so many columns: the gravest event among the records that a column stands for.
    pub fn columns(&self, columns: usize) -> Vec<Option<Bearing>> {
        let mut marks = vec![None; columns];
        for (at, bearing) in self.events.iter().enumerate() {
            if let (Some(bearing), Some(mark)) = (bearing, marks.get_mut(self.column(at + 1, columns))) {
                let graver = mark.is_none_or(|mark| gravity(*bearing) > gravity(mark));
                *mark = if graver { Some(*bearing) } else { *mark };
            }
        }
        marks
    }

    /// The column of a record, counted from 1.
    pub fn column(&self, count: usize, columns: usize) -> usize {
        let (last, steps) = (columns.saturating_sub(1), self.events.len().saturating_sub(1).max(1));
        (count.saturating_sub(1) * last / steps).min(last)
    }
}

fn gravity(bearing: Bearing) -> u8 {
    match bearing {
        Bearing::Plain => 0,
        Bearing::Begins => 1,
        Bearing::Good => 2,
        Bearing::Doubtful => 3,
        Bearing::Bad => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(events: &[Option<Bearing>]) -> Strip {
        let time = DateTime::UNIX_EPOCH;
        Strip { playing: false, speed: 1, at: 1, events: events.into(), first: time, last: time, skipped: None }
    }

    #[test]
    fn a_column_shows_the_gravest_of_its_records() {
        let strip = strip(&[Some(Bearing::Good), Some(Bearing::Bad), Some(Bearing::Begins), None]);
        assert_eq!(strip.columns(2), [Some(Bearing::Bad), None]);
        assert_eq!(strip.columns(4), [Some(Bearing::Good), Some(Bearing::Bad), Some(Bearing::Begins), None]);
        assert_eq!((strip.column(1, 10), strip.column(4, 10), strip.column(9, 10)), (0, 9, 9));
        assert_eq!(strip.columns(0), []);
    }
}
