//! The report as one page. Everything is escaped by the template; the page asks for nothing from elsewhere and runs nothing.

use super::Report;
use super::chart::{Across, Band, lay};
use super::words::{Time, Tone};
use crate::harmless;
use askama::Template;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    r: &'a Report,
    line: Option<Line>,
    live: Option<Live<'a>>,
}

/// A page that is served and brings itself up to date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Live<'a> {
    pub version: u64,
    /// Why what is shown is not what there is now.
    pub trouble: Option<&'a str>,
}

/// The window on one line, lane by lane.
struct Line {
    from: Time,
    to: Time,
    lanes: Vec<Lane>,
}

struct Lane {
    title: &'static str,
    bars: Vec<Across>,
}

pub(super) fn render(report: &Report, live: Option<Live<'_>>) -> Result<String, askama::Error> {
    let page = Page { r: report, line: line(report), live }.render()?;
    Ok(harmless::text(&page).into_owned())
}

fn line(report: &Report) -> Option<Line> {
    let window = &report.window;
    let (from, to) = window.extent()?;
    let (from, to) = (Time(from), Time(to));
    let bar = |from: Time, to: Time, label: String, tone: Tone| Band { from, to, label, tone };
    let planned = window.steps.iter().filter_map(|step| {
        let at = step.planned?;
        Some(bar(at, at, format!("{} {}: {}", step.offset, at.clock(), step.title), Tone::Plain))
    });
    let end = window.end.map(|at| bar(at, at, format!("window ends {}", at.clock()), Tone::Doubtful));
    let actual = window.steps.iter().filter_map(|step| {
        let begun = step.begun?;
        let completed = step.completed.unwrap_or(begun);
        let late = step.late_ms.map(|late| format!(", {late} late")).unwrap_or_default();
        let tone = match step.status.as_str() {
            "failed" | "unknown" => Tone::Bad,
            _ if step.late_ms.is_some() => Tone::Doubtful,
            _ => Tone::Good,
        };
        Some(bar(begun, completed, format!("{}: {} to {}{late}", step.title, begun.clock(), completed.clock()), tone))
    });
    let down = window.downtime.iter().flat_map(|downtime| &downtime.spells).map(|spell| {
        let until = spell.to.map_or_else(|| "still down".to_owned(), |to| to.clock());
        bar(spell.from, spell.to.unwrap_or(report.as_of), format!("down {} to {until}", spell.from.clock()), Tone::Bad)
    });
    let held = window.holds.iter().map(|hold| {
        let until = hold.resumed.as_ref().map_or(report.as_of, |said| said.at);
        bar(hold.held.at, until, format!("HOLD {}: {}", hold.length_ms, hold.reason), Tone::Doubtful)
    });
    let lane = |title, bands: Vec<Band>| Lane { title, bars: bands.iter().map(|band| lay(from, to, band)).collect() };
    let mut lanes = vec![
        lane("planned", planned.chain(end).collect()),
        lane("actual", actual.collect()),
        lane("downtime", down.collect()),
        lane("hold", held.collect()),
    ];
    lanes.retain(|lane| !lane.bars.is_empty());
    Some(Line { from, to, lanes })
}
