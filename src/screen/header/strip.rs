//! The line that counts, in fields that never move: T, what is left of the window, abort-by, downtime, hold; then the
//! progress.
//!
//! ```text
//!  T+00:00:12      WINDOW LEFT 29:48  ABORT BY T+15:00 (14:48)  DOWNTIME 00:14/05:00  HOLD –       12/262 done
//!  T-00:02:00      WINDOW 30:00       ABORT BY 12:00            DOWNTIME –            HOLD 02:12   12/262 done
//! ```

use crate::cockpit::Model;
use crate::cockpit::action::Action;
use crate::cockpit::helm::{Grain, WindowLeft};
use crate::cockpit::model::Access;
use crate::cockpit::seat::Sitting;
use crate::cockpit::window::span;
use crate::deployment::clock::{self, Going, Reading};
use crate::deployment::rollback;
use crate::deployment::window::{AbortBy, Downtime, Level};
use crate::screen::area;
use crate::screen::canvas::Canvas;
use crate::screen::glyphs::Glyphs;
use crate::screen::line::Line;
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::text;
use chrono::TimeDelta;
use ratatui::layout::Rect;
use std::time::Duration;

/// A name longer than this is cut on this line.
const NAME: usize = 24;
/// Columns between two fields.
const GAP: u16 = 2;

/// From a width on, the columns of each field: T, window, abort-by, downtime, hold, time of day. 0 leaves a field out.
const FIELDS: [(u16, [u16; 6]); 4] = [
    (150, [20, 18, 30, 22, 10, 30]),
    (104, [18, 18, 25, 21, 10, 0]),
    // A hold has a line of its own across the screen, so that the progress has room here.
    (80, [16, 12, 12, 16, 0, 0]),
    (0, [18, 0, 14, 16, 0, 0]),
];

pub(super) fn draw(canvas: &mut Canvas<'_>, line: Rect, model: &Model) {
    let (_, columns) = FIELDS.iter().find(|(from, _)| line.width + 2 >= *from).copied().unwrap_or(FIELDS[3]);
    let mut left = line;
    for (forms, wide) in pieces(model, canvas.glyphs).into_iter().zip(columns).filter(|(_, wide)| *wide > 0) {
        let (place, rest) = area::left(left, wide);
        let fits = |form: &&Line| width(form, canvas.glyphs) <= usize::from(place.width);
        if let Some(form) = forms.iter().find(fits).or(forms.last()) {
            canvas.line(place, form);
        }
        left = area::left(rest, GAP).1;
    }
    let total = &model.summary.total;
    let short = Line::of(Tone::Dim, format!("{}/{} done", total.completed(), total.applicable()));
    let forms = [progress(model), short];
    if let Some(form) = forms.iter().find(|form| width(form, canvas.glyphs) <= usize::from(left.width)) {
        canvas.line_right(left, form);
    }
}

/// How far it is: what is done, of what applies; what failed.
fn progress(model: &Model) -> Line {
    let total = &model.summary.total;
    let line = Line::of(Tone::Dim, total.words());
    if total.failed > 0 { line.with(Tone::Bad, format!(" · {} failed", total.failed)) } else { line }
}

/// The latest record, and that it is on disk; first whether this cockpit can write at all.
pub(super) fn ledger(glyphs: &Glyphs, model: &Model) -> (Tone, String) {
    let head = model.state.head.as_ref().map_or_else(|| "#0".to_owned(), |(seq, _)| seq.to_string());
    if model.trouble.is_some() {
        return (Tone::Bad, format!("{head} {} trouble", glyphs.failed));
    }
    match model.access {
        // A replay says at its foot what it is.
        Access::Flies | Access::Replays => (Tone::Dim, format!("{head} {}", glyphs.done)),
        Access::Watches => (Tone::Warning, format!("read-only  {head} {}", glyphs.done)),
    }
}

fn width(line: &Line, glyphs: &Glyphs) -> usize {
    line.runs.iter().map(|(_, text)| text::width(&glyphs.spell(text.into()))).sum()
}

/// A field: its label, dimmed, and what it says.
fn field(label: &str, tone: Tone, value: impl Into<String>) -> Line {
    Line::of(Tone::Dim, format!("{label} ")).with(tone, value)
}

/// A field that says nothing keeps its place.
fn empty(label: &str) -> Vec<Line> {
    vec![field(label, Tone::Dim, "–")]
}

/// Every field in its forms, the fullest first; the last one is what it may shrink to.
fn pieces(model: &Model, glyphs: &Glyphs) -> [Vec<Line>; 6] {
    let helm = &model.helm;
    let grain = model.grain();
    let Some(reading) = helm.reading else { return unplanned(model, grain, glyphs) };
    // A rehearsal's clock may run faster than time: what is planned is counted as T counts, a downtime as it is felt.
    let pace = model.state.clock.pace();
    let abort_by = match &helm.abort_by {
        Some(by) => abort_by(by, helm.abort_by_t, pace, grain),
        None => standby(model),
    };
    [
        reads(model, reading),
        helm.window.map_or_else(|| empty("WINDOW"), |left| window(left, pace, grain)),
        abort_by,
        helm.downtime.as_ref().map_or_else(|| empty("DOWNTIME"), |down| downtime(down, pace, glyphs)),
        hold(model),
        time_of_day(model, grain),
    ]
}

/// Before a window is planned there is one thing to say; a service that is down all the same is reported.
fn unplanned(model: &Model, grain: Grain, glyphs: &Glyphs) -> [Vec<Line>; 6] {
    let nothing = || vec![Line::blank()];
    let down = model.helm.downtime.as_ref().map_or_else(nothing, |down| downtime(down, 1, glyphs));
    let words = vec![Line::of(Tone::Dim, "window not planned"), Line::of(Tone::Dim, "no window")];
    [words, nothing(), nothing(), down, nothing(), time_of_day(model, grain)]
}

/// Before there is an abort-by, and after: that a rollback is ready, and how long it is expected to take.
fn standby(model: &Model) -> Vec<Line> {
    let over = model.state.ending.is_some() || model.state.rollback.is_some() || model.state.closed.is_some();
    let ready = !over && model.state.decision().is_none() && rollback::phases(&model.plan).next().is_some();
    if !ready {
        return empty("ABORT BY");
    }
    let estimate = rollback::estimate(&model.plan, &model.state);
    let about = estimate.and_then(|(ms, _)| TimeDelta::try_milliseconds(i64::try_from(ms).ok()?)).map(span);
    let mut forms = Vec::new();
    if let Some(about) = about {
        forms.push(field("ABORT BY", Tone::Dim, format!("– rollback ~{about}")));
    }
    forms.extend(empty("ABORT BY"));
    forms
}

/// Since when the clock stands still.
fn hold(model: &Model) -> Vec<Line> {
    match model.hold() {
        Some(hold) => {
            let since = (model.now - hold.held.at).max(TimeDelta::zero());
            vec![field("HOLD", Tone::Warning, length_of(since, Grain::Seconds))]
        }
        None => empty("HOLD"),
    }
}

/// The clock, with the word for everything but counting.
fn reads(model: &Model, reading: Reading) -> Vec<Line> {
    let reads = read(reading.t, model.grain());
    let pace = model.state.clock.count.as_ref().map_or(1, |count| count.pace);
    let pace = if pace > 1 { format!(" ×{pace}") } else { String::new() };
    match reading.going {
        Going::Planned => {
            vec![Line::of(Tone::Text, reads.clone()).with(Tone::Dim, " planned"), Line::of(Tone::Text, reads)]
        }
        Going::Counting => {
            vec![Line::of(Tone::Title, reads.clone()).with(Tone::Dim, pace), Line::of(Tone::Title, reads)]
        }
        Going::Held => {
            vec![Line::of(Tone::Warning, format!("{reads} held")), Line::of(Tone::Warning, reads)]
        }
    }
}

/// T, without seconds where only minutes are shown: `T-1d 02:10:00`, `T-23h12m`.
fn read(t: i64, grain: Grain) -> String {
    if grain == Grain::Seconds {
        return clock::text(t);
    }
    let minutes = if t < 0 { t.unsigned_abs().div_ceil(60_000) } else { t.unsigned_abs() / 60_000 };
    let sign = if t < 0 { '-' } else { '+' };
    format!("T{sign}{}", crate::checklist::offset::Span::from_millis(minutes.saturating_mul(60_000)))
}

/// As [`read`], without hours where there are none: `T+15:00`.
fn shortly(t: i64, grain: Grain) -> String {
    let text = read(t, grain);
    match text.split_once("00:").filter(|_| grain == Grain::Seconds) {
        Some((sign @ ("T+" | "T-"), rest)) => format!("{sign}{rest}"),
        _ => text,
    }
}

/// A length of real time as a clock counts it that runs so many times as fast.
fn paced(length: TimeDelta, pace: u32) -> TimeDelta {
    i32::try_from(pace).ok().and_then(|pace| length.checked_mul(pace)).unwrap_or(length)
}

fn window(left: WindowLeft, pace: u32, grain: Grain) -> Vec<Line> {
    let (long, tone, length) = match left {
        WindowLeft::Whole(length) => ("WINDOW", Tone::Text, length),
        WindowLeft::Left(left) => ("WINDOW LEFT", Tone::Title, left),
        WindowLeft::Over(over) => ("WINDOW OVER", Tone::Bad, over),
    };
    let length = length_of(paced(length, pace), grain);
    let short = if tone == Tone::Bad { "OVER" } else { "WINDOW" };
    [long, short, "WIN"].map(|label| field(label, tone, length.clone())).into()
}

fn abort_by(by: &AbortBy, t: Option<i64>, pace: u32, grain: Grain) -> Vec<Line> {
    let left = length_of(paced(by.left.abs(), pace), grain);
    let at = t.map(|t| shortly(t, grain));
    // What colour says is said by a word too.
    let (labels, tone, word) = match by.level {
        Level::Green => (["ABORT BY", "ABORT"], Tone::Title, ""),
        Level::Amber => (["ABORT BY", "ABORT!"], Tone::Warning, " SOON"),
        Level::Red => (["PAST ABORT BY", "PAST"], Tone::Bad, ""),
    };
    let [long, short] = labels;
    let whole = at.filter(|_| by.level != Level::Red).map(|at| field(long, tone, format!("{at} ({left}){word}")));
    let others = [(long, word), (long, ""), (short, "")];
    let others = others.into_iter().map(|(label, word)| field(label, tone, format!("{left}{word}")));
    whole.into_iter().chain(others).collect()
}

fn downtime(down: &Downtime, pace: u32, glyphs: &Glyphs) -> Vec<Line> {
    let clock = |ms: u64| numbers::clock(Duration::from_millis(ms));
    let (tone, word) = match down.level {
        Level::Green if down.is_away() => (Tone::Running, ""),
        Level::Green => (Tone::Text, ""),
        Level::Amber => (Tone::Warning, "!"),
        Level::Red => (Tone::Bad, glyphs.failed),
    };
    // A clock that runs fast does not make people wait longer: what they feel is real time.
    let real = if pace == 1 { "" } else { " real" };
    let value = match down.budget_ms {
        Some(budget) => format!("{}/{}{word}", clock(down.ms), clock(budget)),
        None => format!("{}{word}", clock(down.ms)),
    };
    let forms = [("DOWNTIME", real), ("DOWNTIME", ""), ("DOWN", "")];
    forms.map(|(label, real)| field(label, tone, format!("{value}{real}"))).into()
}

fn time_of_day(model: &Model, grain: Grain) -> Vec<Line> {
    let form = if grain == Grain::Seconds { "%H:%M:%S" } else { "%H:%M" };
    let utc = format!("{} UTC", model.now.format(form));
    let utc = Line::of(Tone::Dim, utc);
    if model.local.local_minus_utc() == 0 {
        return vec![utc.clone(), utc, Line::blank()];
    }
    let local = model.now.with_timezone(&model.local);
    let both = utc.clone().with(Tone::Dim, format!(", {} {}", local.format(form), model.local));
    vec![both, utc, Line::blank()]
}

/// Who drives, whole and as short as it goes; nothing where nobody ever sat.
pub(super) fn captain(model: &Model) -> Vec<Line> {
    let key = model.keymap.hint(Action::Seat);
    let named = |name: &str| text::cut(&text::clean(name), NAME, "…").into_owned();
    let (tone, whole, short) = match model.sitting() {
        Sitting::Never => return Vec::new(),
        Sitting::You => (Tone::Good, "captain: you".to_owned(), "you".to_owned()),
        Sitting::Other { is_you: true, gone: None, .. } => {
            (Tone::Warning, "captain: you, elsewhere".to_owned(), "captain: you, elsewhere".to_owned())
        }
        Sitting::Other { name, gone: None, .. } => {
            let name = named(&name);
            (Tone::Warning, format!("captain: {name}"), name)
        }
        Sitting::Other { name, .. } => {
            let name = named(&name);
            (Tone::Bad, format!("captain: {name} (disconnected)"), format!("{name} gone"))
        }
        Sitting::OnItsWay { yours: true, .. } => {
            (Tone::Warning, format!("seat empty, {key} takes it"), "seat empty".to_owned())
        }
        Sitting::OnItsWay { to, .. } => {
            let whole = format!("seat offered to {}", named(&to));
            (Tone::Warning, whole, "seat offered".to_owned())
        }
        Sitting::Empty => (Tone::Warning, "seat empty".to_owned(), "seat empty".to_owned()),
    };
    vec![Line::of(tone, whole), Line::of(tone, short)]
}

/// `05:00`, `1:05:00`; where only minutes are shown `2 h 05 min`.
fn length_of(length: TimeDelta, grain: Grain) -> String {
    if grain == Grain::Minutes {
        let minutes = TimeDelta::minutes(length.num_minutes());
        return span(minutes);
    }
    numbers::clock(length.max(TimeDelta::zero()).to_std().unwrap_or_default())
}

/// The hold active, across the screen: who, why, since when.
pub(super) fn band(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let Some(hold) = model.hold() else { return area };
    let style = canvas.palette.banner;
    let room = usize::from(area.width).saturating_sub(2).max(1);
    let since = (model.now - hold.held.at).max(TimeDelta::zero());
    let (at, by) = (clock::text(hold.at_t), &hold.held.by);
    let key = model.keymap.hint(Action::Hold);
    let goes_on = if model.drives() { format!("   {key} resumes it") } else { String::new() };
    let words = format!(
        "HOLD at {at} by {by} since {} UTC, {}: {}",
        numbers::time(hold.held.at),
        length_of(since, Grain::Seconds),
        hold.reason
    );
    let mut lines = text::wrap(&words, room);
    let fits = lines.last().is_some_and(|last| text::width(last) + text::width(&goes_on) <= room);
    if let (Some(last), true) = (lines.last_mut(), fits) {
        last.push_str(&goes_on);
    }
    if lines.len() > 2 {
        let rest = lines.split_off(1).join(" ");
        lines.push(rest);
    }
    let (place, rest) = area::top(area, area::cells(lines.len()).min(area.height / 4));
    for (at, text) in lines.iter().take(usize::from(place.height)).enumerate() {
        let line = area::line(place, area::cells(at));
        canvas.fill(line, " ", style);
        canvas.text(area::inset(line, 1), text, style);
    }
    rest
}
