//! All charts at once: which time they show, in which order they stand, which one is open, and where its cursor is.
//! Everything that is drawn is made ready here, before the frame.

use super::PaneView;
use super::chart::{Chart, Lens, Marks};
use super::series::{DAY, HOUR, MINUTE, Piece, TEN_MINUTES, WEEK};
use crate::checklist::PaneId;
use crate::checklist::pane::Source;
use crate::cockpit::effect::Effect;
use crate::cockpit::model::Model;
use crate::cockpit::screens::Screen;
use crate::deployment::alerts::{Standing as Alerted, Trouble};
use crate::deployment::events::{self, Event};
use crate::deployment::metrics::PaneVerdict;
use crate::deployment::metrics::reference::zero_ms;
use chrono::{DateTime, Utc};
use std::ops::Range;

/// Columns of dots until the screen has said how many there are.
const COLUMNS: usize = 120;

/// Charts that fit on the largest screen.
const PAGE: usize = 16;

/// How much time the charts show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zoom {
    /// As long as anything was measured, an hour at most.
    #[default]
    Fit,
    FiveMinutes,
    Hour,
    SixHours,
    Day,
    Week,
}

impl Zoom {
    pub const ALL: [Zoom; 6] = [Zoom::Fit, Zoom::FiveMinutes, Zoom::Hour, Zoom::SixHours, Zoom::Day, Zoom::Week];

    /// Its length; of [`Zoom::Fit`] the longest.
    pub fn longest_ms(self) -> i64 {
        match self {
            Zoom::FiveMinutes => 5 * MINUTE,
            Zoom::Fit | Zoom::Hour => HOUR,
            Zoom::SixHours => 6 * HOUR,
            Zoom::Day => DAY,
            Zoom::Week => WEEK,
        }
    }
}

/// What stands under the cursor of an open chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Readout {
    pub at_ms: i64,
    /// Least and greatest number there, and of how many.
    pub numbers: Option<(f64, f64, u64)>,
    pub gap: Option<String>,
    pub event: Option<Event>,
}

#[derive(Debug, Clone, Default)]
pub struct Charts {
    pub zoom: Zoom,
    /// The pane that has the whole screen.
    pub opened: Option<PaneId>,
    /// Where the cursor of the open pane stands; none is the newest.
    pub cursor_ms: Option<i64>,
    /// Places in the model's list of panes, the worst first.
    pub order: Vec<usize>,
    /// One a pane, in the model's order.
    pub ready: Vec<Chart>,
    pub events: Vec<Event>,
    pub readout: Option<Readout>,
    pub span: Range<i64>,
}

/// How an alert moves a chart forward, the first the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Alarm {
    Asks(Trouble),
    Known,
    None,
}

/// Lengths that a chart which shows everything may have.
const FITS: [i64; 7] = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR];

impl Model {
    /// The pane that has the whole screen.
    pub fn opened_pane(&self) -> Option<(usize, &PaneView)> {
        let id = self.charts.opened.as_ref().filter(|_| self.screen == Screen::Panes)?;
        self.panes.iter().enumerate().find(|(_, view)| view.pane.id == *id)
    }

    /// The pane in hand: the open one, or that of the cursor.
    pub fn pane_in_hand(&self) -> Option<&PaneView> {
        if let Some((_, opened)) = self.opened_pane() {
            return Some(opened);
        }
        self.panes.get(*self.charts.order.get(self.cursor(Screen::Panes).at)?)
    }

    /// Whether the charts were made ready for another width than they were drawn in.
    pub fn charts_are_coarse(&self) -> bool {
        let shows = matches!(self.screen, Screen::Panes | Screen::Cockpit) && !self.panes.is_empty();
        let drawn = self.charts.ready.iter().any(|chart| chart.lens.columns == self.wanted_columns());
        shows && self.windows.chart > 0 && !drawn
    }

    fn wanted_columns(&self) -> usize {
        match usize::from(self.windows.chart) {
            0 => COLUMNS,
            cells => 2 * cells,
        }
    }

    /// Works the events out anew; records may have brought some.
    pub(in crate::cockpit) fn mark_events(&mut self) {
        let found = events::of(&self.plan, &self.records);
        if self.charts.events != found {
            self.charts.events = found;
            self.panes.iter_mut().for_each(|view| view.changed = true);
        }
    }

    /// Makes the charts ready that are in sight.
    pub(in crate::cockpit) fn settle_charts(&mut self) {
        if self.panes.is_empty() || !matches!(self.screen, Screen::Panes | Screen::Cockpit) {
            return;
        }
        let (plan, state, now) = (&self.plan, &self.state, self.now);
        self.panes.iter_mut().for_each(|view| view.look(plan, state, now));
        self.order_panes();
        let columns = self.wanted_columns();
        let lens = Lens { span: self.charts_span(columns), columns };
        self.charts.span = lens.span.clone();
        self.charts.ready.resize_with(self.panes.len(), Chart::default);
        let opened = self.opened_pane().map(|(at, _)| at);
        let now = self.charts_now();
        for at in self.panes_in_sight() {
            if self.charts.ready[at].lens == lens && !self.panes[at].changed {
                continue;
            }
            let view = &self.panes[at];
            let marks = Marks {
                target: view.pane.bound().map(crate::checklist::target::Bound::number),
                baseline: view.baseline(),
                zero_ms: zero_ms(&self.plan, &self.state, &view.environment, self.now),
            };
            let mut chart = Chart::new(&view.series, lens.clone(), now, marks);
            if matches!(view.pane.source, Source::Availability { .. }) {
                chart.scale = chart.scale.up_to(100.0);
            }
            self.charts.ready[at] = chart;
            self.panes[at].changed = false;
        }
        self.charts.readout = opened.and_then(|at| readout(&self.charts, &self.panes[at], &lens));
    }

    /// The panes whose charts may be drawn next: the open one, or a page around the cursor.
    fn panes_in_sight(&self) -> Vec<usize> {
        if let Some((at, _)) = self.opened_pane() {
            return vec![at];
        }
        if self.screen != Screen::Panes {
            return self.charts.order.clone();
        }
        let page = self.windows.list.max(PAGE);
        let first = (self.cursor(Screen::Panes).at + 1).saturating_sub(page);
        self.charts.order.iter().copied().skip(first).take(2 * page).collect()
    }

    /// Now, or a little later where a pane is ahead of our clock.
    fn charts_now(&self) -> i64 {
        let newest = self.panes.iter().filter_map(|view| view.last_at).map(|at| at.timestamp_millis()).max();
        let now = self.now.timestamp_millis();
        newest.filter(|newest| (now..now + MINUTE).contains(newest)).unwrap_or(now)
    }

    /// How much time shows everything that was measured, up to an hour.
    pub(in crate::cockpit) fn fit_ms(&self) -> i64 {
        // What was filled in from the store may begin with a time in which nothing was measured.
        let measured = |view: &PaneView| {
            view.series.pieces(i64::MIN..i64::MAX).find(|piece| piece.count() > 0).map(|piece| piece.start_ms())
        };
        let first = self.panes.iter().filter_map(measured).min();
        let known = first.map_or(0, |first| self.charts_now().saturating_sub(first));
        FITS.into_iter().find(|length| *length >= known).unwrap_or(HOUR)
    }

    /// The time in sight. It moves on by whole columns, so that what was drawn stays as it was.
    fn charts_span(&self, columns: usize) -> Range<i64> {
        let now = self.charts_now();
        let length = match self.charts.zoom {
            Zoom::Fit => self.fit_ms(),
            zoom => zoom.longest_ms(),
        };
        let column = (length / i64::try_from(columns.max(1)).unwrap_or(i64::MAX)).max(1);
        let length = column.saturating_mul(i64::try_from(columns.max(1)).unwrap_or(1));
        let mut end = (now / column + 1) * column;
        // A cursor out of sight takes the window with it.
        if let Some(cursor) = self.charts.cursor_ms.filter(|_| self.opened_pane().is_some())
            && cursor < end - length
        {
            end = ((cursor + length / 2) / column + 1) * column;
        }
        end - length..end
    }

    fn order_panes(&mut self) {
        let in_hand = self.charts.order.get(self.cursor(Screen::Panes).at).copied();
        let rank = |at: &usize| {
            let view = &self.panes[*at];
            let far = if view.seen().verdict == PaneVerdict::OverTarget { -view.doublings() } else { 0 };
            // What asks for somebody comes to the front, then other open alerts.
            let alert = self.alert_of(&view.pane.id).map_or(Alarm::None, |(standing, alert)| match standing {
                Alerted::Open => Alarm::Asks(alert.seen.verdict),
                Alerted::Acknowledged | Alerted::Silenced => Alarm::Known,
                Alerted::Expected | Alerted::Cleared => Alarm::None,
            });
            (alert, view.rank(), far, *at)
        };
        let mut order: Vec<usize> = (0..self.panes.len()).collect();
        order.sort_by_key(rank);
        if order == self.charts.order {
            return;
        }
        // The cursor stays on its pane, once a person has put it anywhere.
        if let (Some(cursor), Some(in_hand)) = (self.cursors.get_mut(&Screen::Panes), in_hand)
            && cursor.at > 0
        {
            cursor.at = order.iter().position(|at| *at == in_hand).unwrap_or(cursor.at);
        }
        self.charts.order = order;
    }

    /// What is to be read so that the time in sight is known as far back as anybody has measured it.
    pub(in crate::cockpit) fn ask_for_buckets(&mut self) -> Vec<Effect> {
        if self.screen != Screen::Panes {
            return Vec::new();
        }
        let now = self.now.timestamp_millis();
        let longest = self.charts.zoom.longest_ms();
        let from = (now - longest).min(self.charts.cursor_ms.unwrap_or(i64::MAX).saturating_sub(longest / 2));
        let width_ms = if longest > DAY { TEN_MINUTES } else { MINUTE };
        let opened = self.opened_pane().map(|(at, _)| at);
        let mut effects = Vec::new();
        for (at, view) in self.panes.iter_mut().enumerate() {
            if opened.is_some_and(|opened| opened != at) {
                continue;
            }
            let held = if width_ms > MINUTE { view.series.from_ms() } else { view.series.finely_from_ms() };
            let until_ms = held.unwrap_or(now);
            let asked = view.asked.is_some_and(|(width, since)| width <= width_ms && since <= from);
            if asked || until_ms <= from {
                continue;
            }
            view.asked = Some((width_ms, from));
            let (pane, environment) = (view.pane.id.clone(), view.environment.clone());
            effects.push(Effect::ReadBuckets { pane, environment, span_ms: from..until_ms, width_ms });
        }
        effects
    }

    /// The events that a pane is marked with.
    pub fn events_of<'a>(&'a self, view: &'a PaneView) -> impl DoubleEndedIterator<Item = &'a Event> {
        self.charts.events.iter().filter(|event| event.concerns(&view.environment, &view.pane.id))
    }
}

fn readout(charts: &Charts, view: &PaneView, lens: &Lens) -> Option<Readout> {
    let at_ms = charts.cursor_ms?;
    // A cell is two columns wide.
    let cell = 2 * lens.width_ms();
    let start = lens.span.start + (at_ms - lens.span.start).div_euclid(cell) * cell;
    let pieces: Vec<Piece<'_>> = view.series.pieces(start..start + cell).collect();
    let mut numbers: Option<(f64, f64, u64)> = None;
    for piece in &pieces {
        let Some((low, high)) = piece.extent() else { continue };
        let (least, most, count) = numbers.unwrap_or((low, high, 0));
        numbers = Some((least.min(low), most.max(high), count + piece.count()));
    }
    let gap = pieces.iter().find_map(Piece::gap).map(ToOwned::to_owned);
    let near = charts.events.iter().filter(|event| event.concerns(&view.environment, &view.pane.id));
    let event = near.filter(|event| (start..start + cell).contains(&event.at_ms));
    // The one that was stepped to, else the first.
    let event = event.min_by_key(|event| (event.at_ms != at_ms, event.at_ms)).cloned();
    Some(Readout { at_ms, numbers, gap, event })
}

/// A moment of a chart as a time.
pub fn time(at_ms: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(at_ms)
}
