//! The line that counts: T-clock, window, abort-by and downtime in fields that never move; progress and ledger at the right.
//!
//! ```text
//!  T+00:00:12          window 29:48 left  abort by T+15:00, 14:48 left  down 00:14 of 05:00     12/262 done   #214 ✔
//!  T-00:02:00 HOLD     window 30:00 long  abort-by 12:00 left                                   12/262 done   #214 ✔
//! ```

use crate::cockpit::Model;
use crate::cockpit::action::Action;
use crate::cockpit::helm::{Grain, WindowLeft};
use crate::cockpit::model::Access;
use crate::cockpit::seat::Sitting;
use crate::cockpit::window::span;
use crate::deployment::clock::{self, Going, Reading};
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

/// From a width on, the columns of each field: clock, window, abort-by, downtime, time of day. 0 leaves a field out.
const FIELDS: [(u16, [u16; 5]); 4] =
    [(150, [20, 18, 30, 20, 34]), (100, [18, 17, 28, 19, 0]), (76, [18, 12, 19, 16, 0]), (0, [18, 0, 19, 16, 0])];

pub fn draw(canvas: &mut Canvas<'_>, line: Rect, model: &Model) {
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
    let short = Line::of(Tone::Dim, format!("{}/{} done   ", total.done, total.applicable()));
    let forms = [progress(model).with(Tone::Text, "   "), short, Line::blank()];
    let ledger = ledger(canvas.glyphs, model);
    for mut form in forms {
        form.runs.extend(ledger.runs.clone());
        if width(&form, canvas.glyphs) <= usize::from(left.width) {
            canvas.line_right(left, &form);
            return;
        }
    }
}

/// How far it is: what is done, of what applies; what failed.
fn progress(model: &Model) -> Line {
    let total = &model.summary.total;
    let line = Line::of(Tone::Dim, total.words());
    if total.failed > 0 { line.with(Tone::Bad, format!(" · {} failed", total.failed)) } else { line }
}

/// The latest record, and that it is on disk.
fn ledger(glyphs: &Glyphs, model: &Model) -> Line {
    let line = match model.access {
        // A replay says at its foot what it is.
        Access::Flies | Access::Replays => Line::blank(),
        Access::Watches => Line::of(Tone::Warning, "read-only  "),
    };
    let head = model.state.head.as_ref().map_or_else(|| "#0".to_owned(), |(seq, _)| seq.to_string());
    if model.trouble.is_some() {
        return line.with(Tone::Bad, format!("{head} {} trouble", glyphs.failed));
    }
    line.with(Tone::Dim, head).with(Tone::Good, format!(" {}", glyphs.done))
}

fn width(line: &Line, glyphs: &Glyphs) -> usize {
    line.runs.iter().map(|(_, text)| text::width(&glyphs.spell(text.into()))).sum()
}

/// Every field in its forms, the fullest first; the last one is what it may shrink to.
fn pieces(model: &Model, glyphs: &Glyphs) -> [Vec<Line>; 5] {
    let helm = &model.helm;
    let grain = model.grain();
    // A rehearsal's clock may run faster than time: what is planned is counted as T counts, a downtime as it is felt.
    let pace = model.state.clock.pace();
    [
        helm.reading
            .map_or_else(|| vec![Line::of(Tone::Dim, "T-0 not planned")], |reading| vec![reads(model, reading)]),
        helm.window.map(|left| window(left, pace, grain)).unwrap_or_default(),
        helm.abort_by.as_ref().map(|by| abort_by(by, helm.abort_by_t, pace, grain, glyphs)).unwrap_or_default(),
        helm.downtime.as_ref().map(|down| downtime(down, pace)).unwrap_or_default(),
        time_of_day(model, grain),
    ]
}

/// The clock, with the word for everything but counting.
fn reads(model: &Model, reading: Reading) -> Line {
    let reads = read(reading.t, model.grain());
    let pace = model.state.clock.count.as_ref().map_or(1, |count| count.pace);
    let pace = if pace > 1 { format!(" ×{pace}") } else { String::new() };
    match reading.going {
        Going::Planned => Line::of(Tone::Text, reads).with(Tone::Dim, " planned"),
        Going::Counting => Line::of(Tone::Title, reads).with(Tone::Dim, pace),
        Going::Held => Line::of(Tone::Warning, format!("{reads} HOLD")),
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
    let dim = |text: String| Line::of(Tone::Text, text);
    match left {
        WindowLeft::Whole(length) => {
            let length = length_of(paced(length, pace), grain);
            vec![dim(format!("window {length} long")), dim(format!("window {length}")), Line::blank()]
        }
        WindowLeft::Left(left) => {
            let left = length_of(paced(left, pace), grain);
            vec![dim(format!("window {left} left")), dim(format!("window {left}")), Line::blank()]
        }
        WindowLeft::Over(over) => {
            let over = length_of(paced(over, pace), grain);
            let whole = Line::of(Tone::Bad, format!("window OVER since {over}"));
            vec![whole, Line::of(Tone::Bad, format!("window OVER {over}")), Line::of(Tone::Bad, "window OVER")]
        }
    }
}

fn abort_by(by: &AbortBy, t: Option<i64>, pace: u32, grain: Grain, glyphs: &Glyphs) -> Vec<Line> {
    let left = length_of(paced(by.left.abs(), pace), grain);
    let at = t.map_or_else(|| "abort-by".to_owned(), |t| format!("abort by {},", shortly(t, grain)));
    match by.level {
        Level::Green => {
            let forms = [format!("{at} {left} left"), format!("abort-by {left} left"), format!("abort-by {left}")];
            forms.map(|text| Line::of(Tone::Text, text)).into()
        }
        Level::Amber => {
            let forms = [
                format!("! {at} {left} left, AMBER"),
                format!("! abort-by {left} left, AMBER"),
                format!("! abort {left} AMBER"),
            ];
            forms.map(|text| Line::of(Tone::Warning, text)).into()
        }
        Level::Red => {
            let failed = glyphs.failed;
            let forms = [
                format!("{failed} abort-by PASSED {left} ago"),
                format!("{failed} abort-by PASSED {left} ago"),
                format!("{failed} abort PASSED {left}"),
            ];
            forms.map(|text| Line::of(Tone::Bad, text)).into()
        }
    }
}

fn downtime(down: &Downtime, pace: u32) -> Vec<Line> {
    let clock = |ms: u64| numbers::clock(Duration::from_millis(ms));
    let (tone, word) = match down.level {
        Level::Green if down.is_away() => (Tone::Running, ""),
        Level::Green => (Tone::Dim, ""),
        Level::Amber => (Tone::Warning, " AMBER"),
        Level::Red => (Tone::Bad, " OVER"),
    };
    let verb = match (down.is_away(), pace) {
        (true, 1) => "down",
        (false, 1) => "was down",
        (true, _) => "down (real)",
        (false, _) => "was down (real)",
    };
    let (whole, short) = match down.budget_ms {
        Some(budget) => {
            let (ms, budget) = (clock(down.ms), clock(budget));
            (format!("{verb} {ms} of {budget}{word}"), format!("{verb} {ms}/{budget}{word}"))
        }
        None => (format!("{verb} {}", clock(down.ms)), format!("{verb} {}", clock(down.ms))),
    };
    // What is over and was within its budget is told elsewhere too.
    let least = if down.is_away() || down.level == Level::Red { Line::of(tone, short.clone()) } else { Line::blank() };
    vec![Line::of(tone, whole), Line::of(tone, short), least]
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
#[must_use]
pub fn captain(model: &Model) -> Vec<Line> {
    let key = model.keymap.hint(Action::Seat);
    let named = |name: &str| text::cut(&text::clean(name), NAME, "…").into_owned();
    let (tone, whole, short) = match model.sitting() {
        Sitting::Never => return Vec::new(),
        Sitting::You => (Tone::Good, "captain you".to_owned(), "you".to_owned()),
        Sitting::Other { is_you: true, gone: None, .. } => {
            (Tone::Warning, "captain you, elsewhere".to_owned(), "captain you, elsewhere".to_owned())
        }
        Sitting::Other { name, gone: None, .. } => {
            let name = named(&name);
            (Tone::Warning, format!("captain {name}"), name)
        }
        Sitting::Other { name, .. } => {
            let name = named(&name);
            (Tone::Bad, format!("captain {name}, GONE"), format!("{name} GONE"))
        }
        Sitting::OnItsWay { yours: true, .. } => {
            (Tone::Warning, format!("seat empty, {key} takes it"), "seat empty".to_owned())
        }
        Sitting::OnItsWay { to, .. } => {
            let whole = format!("seat on its way to {}", named(&to));
            (Tone::Warning, whole, "seat on its way".to_owned())
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

/// The hold in force, across the screen: who, why, since when.
pub fn band(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let Some(hold) = model.hold() else { return area };
    let style = canvas.palette.banner;
    let room = usize::from(area.width).saturating_sub(2).max(1);
    let since = (model.now - hold.held.at).max(TimeDelta::zero());
    let (at, by) = (clock::text(hold.at_t), &hold.held.by);
    let key = model.keymap.hint(Action::Hold);
    let goes_on = if model.drives() { format!("   {key} lets it go on") } else { String::new() };
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
