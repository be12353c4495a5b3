//! The steps of the window on a scale of time, planned against actual.
//!
//! ```text
//!        T-1m          T-0                                    T+12m
//! plan   ┬─────────────┬──────────────────────────────────────┬
//! actual  ███           ███████████████████                  ┊
//! ```

use crate::checklist::offset::{Offset, Span};
use crate::cockpit::Model;
use crate::deployment::projection::StepTime;
use crate::screen::area;
use crate::screen::canvas::Canvas;
use crate::screen::palette::Tone;
use ratatui::layout::Rect;

/// A stretch of T, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scale {
    from: i64,
    to: i64,
    /// What the clock reads.
    now: i64,
}

impl Scale {
    /// The stretch that holds the steps of the window itself: those further away from T-0 than the window is long would leave
    /// it no room. Nothing where there is no time between them.
    #[must_use]
    pub(crate) fn of(model: &Model) -> Option<Self> {
        let now = model.helm.reading?.t;
        let window = model.plan.checklist().window.duration.map(Span::duration);
        let reach = window.and_then(|window| i64::try_from(window.as_millis()).ok()).unwrap_or(i64::MAX);
        Self::around(&model.helm.steps, reach, now)
    }

    fn around(steps: &[StepTime], reach: i64, now: i64) -> Option<Self> {
        let near = |t: &i64| t.unsigned_abs() <= reach.unsigned_abs();
        let core = steps.iter().filter(|step| near(&step.planned.millis()));
        let times = core.flat_map(|step| {
            let moments = [step.begun, step.completed].map(|moment| moment.and_then(|moment| moment.t));
            [Some(step.planned.millis()), planned_end(step), moments[0], moments[1], step.expected]
        });
        let times: Vec<i64> = times.flatten().filter(near).collect();
        let (from, to) = (*times.iter().min()?, *times.iter().max()?);
        (from < to).then_some(Self { from, to, now })
    }

    /// The cell of a moment, where it is on the scale.
    fn cell(&self, t: i64, columns: u16) -> Option<u16> {
        if columns == 0 || !(self.from..=self.to).contains(&t) {
            return None;
        }
        let at = i128::from(t - self.from) * i128::from(columns - 1) / i128::from(self.to - self.from);
        u16::try_from(at).ok()
    }

    /// The cells from one moment to another; what is beyond the scale ends at its edge.
    fn cells(&self, from: i64, to: i64, columns: u16) -> Option<(u16, u16)> {
        if to < self.from || from > self.to {
            return None;
        }
        let first = self.cell(from.max(self.from), columns)?;
        let last = self.cell(to.max(from).min(self.to), columns)?;
        Some((first, last - first + 1))
    }
}

/// When a step would be over if it began as planned.
fn planned_end(step: &StepTime) -> Option<i64> {
    let ms = i64::try_from(step.estimate?.ms).ok()?;
    step.planned.millis().checked_add(ms)
}

/// The time a step has taken so far: from when to when.
fn actual(step: &StepTime, scale: &Scale) -> Option<(i64, i64)> {
    let begun = step.begun?.t?;
    Some((begun, step.completed.and_then(|moment| moment.t).unwrap_or(scale.now).max(begun)))
}

fn tone(model: &Model, step: &StepTime) -> Tone {
    match (step.completed, model.helm.late(&step.item)) {
        (None, _) => Tone::Running,
        (Some(_), Some(_)) => Tone::Warning,
        (Some(_), None) => Tone::Good,
    }
}

fn part(strip: Rect, (first, columns): (u16, u16)) -> Rect {
    area::left(area::left(strip, first).1, columns).0
}

fn plan(canvas: &mut Canvas<'_>, strip: Rect, scale: &Scale, step: &StepTime) {
    let start = step.planned.millis();
    if let Some(place) = scale.cells(start, planned_end(step).unwrap_or(start), strip.width) {
        canvas.fill(part(strip, place), canvas.glyphs.chart.foot, canvas.palette.dim);
    }
    if let Some(at) = scale.cell(start, strip.width) {
        canvas.fill(part(strip, (at, 1)), canvas.glyphs.chart.foot_tick, canvas.palette.dim);
    }
}

fn bar(canvas: &mut Canvas<'_>, strip: Rect, model: &Model, scale: &Scale, step: &StepTime) {
    let Some(place) = actual(step, scale).and_then(|(from, to)| scale.cells(from, to, strip.width)) else { return };
    canvas.fill(part(strip, place), canvas.glyphs.bar, canvas.palette.tone(tone(model, step)));
}

fn now(canvas: &mut Canvas<'_>, strip: Rect, scale: &Scale) {
    if let Some(at) = scale.cell(scale.now, strip.width) {
        canvas.fill(part(strip, (at, 1)), canvas.glyphs.chart.event, canvas.palette.accent);
    }
}

/// One step: what was planned, and what came of it over that.
pub(crate) fn row(canvas: &mut Canvas<'_>, strip: Rect, model: &Model, scale: &Scale, step: &StepTime) {
    now(canvas, strip, scale);
    plan(canvas, strip, scale, step);
    bar(canvas, strip, model, scale, step);
}

/// Where the scale begins and ends, and T-0.
pub(crate) fn axis(canvas: &mut Canvas<'_>, strip: Rect, scale: &Scale) {
    let dim = canvas.palette.dim;
    let used = canvas.text(strip, &offset(scale.from), dim);
    let end = canvas.text_right(strip, &offset(scale.to), dim);
    let zero = scale.cell(0, strip.width).filter(|at| *at > used && at + 4 + end < strip.width);
    if let Some(at) = zero {
        canvas.text(part(strip, (at, 3)), "T-0", dim);
    }
}

/// Every step on two lines, where there is no room for one each.
pub(crate) fn summary(canvas: &mut Canvas<'_>, area: Rect, model: &Model, scale: &Scale) {
    let strip = |line: Rect| area::left(line, LABEL).1;
    let [first, second, third] = [0, 1, 2].map(|at| area::line(area, at));
    axis(canvas, strip(first), scale);
    canvas.text(second, "plan", canvas.palette.dim);
    canvas.text(third, "actual", canvas.palette.dim);
    now(canvas, strip(third), scale);
    for step in &model.helm.steps {
        plan(canvas, strip(second), scale, step);
        bar(canvas, strip(third), model, scale, step);
    }
}

/// Columns of the words before the strips.
const LABEL: u16 = 8;

/// `T-1m`, `T+12m30s`, `T-0`: as plans are written, to the second.
fn offset(t: i64) -> String {
    match t / 1_000 {
        0 => "T-0".to_owned(),
        seconds => Offset::from_millis(seconds * 1_000).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::timing::{Basis, Estimate, Moment};
    use chrono::DateTime;

    fn step(planned: i64, begun: Option<i64>, completed: Option<i64>, estimate: Option<u64>) -> StepTime {
        let moment = |t: i64| Moment { at: DateTime::from_timestamp(1_000, 0).unwrap(), t: Some(t) };
        StepTime {
            item: "p/s/i".into(),
            planned: Offset::from_millis(planned),
            due_by: None,
            begun: begun.map(moment),
            completed: completed.map(moment),
            estimate: estimate.map(|ms| Estimate { ms, basis: Basis::Rehearsal }),
            expected: None,
            late: None,
        }
    }

    #[test]
    fn the_scale_holds_the_window_and_not_the_day_before_it() {
        let steps = [
            step(-86_400_000, None, None, None),
            step(-60_000, Some(-58_000), Some(-50_000), None),
            step(0, Some(4_000), None, Some(30_000)),
        ];
        let scale = Scale::around(&steps, 1_800_000, 10_000).unwrap();
        assert_eq!(scale, Scale { from: -60_000, to: 30_000, now: 10_000 });
        assert_eq!(scale.cell(-60_000, 91), Some(0));
        assert_eq!(scale.cell(30_000, 91), Some(90));
        assert_eq!(scale.cell(-86_400_000, 91), None);
        assert_eq!(scale.cells(0, 1_000_000, 91), Some((60, 31)));
        assert_eq!(scale.cells(40_000, 50_000, 91), None);
        assert_eq!(actual(&steps[2], &scale), Some((4_000, 10_000)));
        assert_eq!(actual(&steps[0], &scale), None);
    }

    #[test]
    fn without_time_between_steps_there_is_no_scale() {
        assert_eq!(Scale::around(&[step(0, None, None, None)], 1_000, 0), None);
        assert_eq!(Scale::around(&[], 1_000, 0), None);
    }

    #[test]
    fn its_ends_are_written_as_plans_are() {
        assert_eq!([offset(-60_000), offset(0), offset(750_000)], ["T-1m", "T-0", "T+12m30s"]);
    }
}
