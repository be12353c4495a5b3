//! The stations in order, with what they answered.

use crate::cockpit::{Action, Model};
use crate::deployment::poll::{Answer, Poll, Station, stations};
use crate::screen::glyphs::Glyphs;
use crate::screen::line::{Block, Line};
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::text;

/// Columns of a sign with its word, and of a station's title at most.
const WORD: usize = 10;
const TITLE: usize = 20;

pub(super) fn block(glyphs: &Glyphs, model: &Model, columns: usize) -> Block {
    let mut block = Block::new(columns);
    let known = stations(&model.plan);
    if known.is_empty() {
        return block;
    }
    let current = model.state.poll();
    let Some(poll) = current.or(model.state.polls.last()) else {
        let key = glyphs.spell(model.keymap.hint(Action::Poll).into()).into_owned();
        if model.state.decision().is_some() {
            block.push(Line::of(Tone::Heading, "Poll  ").with(Tone::Dim, "none was taken"));
            return block;
        }
        let titles: Vec<&str> = known.iter().map(|station| station.title.as_str()).collect();
        let text = format!("not open; {key} opens it for {}", titles.join(", "));
        block.behind(&Line::of(Tone::Heading, "Poll  "), 2, Tone::Dim, &text);
        return block;
    };
    let note = match (current, poll.next()) {
        (None, _) => "as it was decided on".to_owned(),
        (Some(_), None) => "complete".to_owned(),
        (Some(_), Some(_)) => {
            let round = model.summary.poll;
            format!("{} of {} answered", round.answered, round.roles)
        }
    };
    block.push(Line::of(Tone::Heading, "Poll  ").with(Tone::Dim, note));
    let wide = known.iter().map(|station| text::width(&station.title)).max().unwrap_or(0).min(TITLE);
    for station in &poll.stations {
        let title = known.iter().find(|other| other.id == *station);
        row(&mut block, glyphs, model, poll, station, title, wide);
    }
    if let Some(hold) = model.state.clock.hold().filter(|_| current.is_some_and(|poll| poll.no_gos().next().is_some()))
    {
        let text = format!("the clock is held: {}", hold.reason);
        block.behind(&Line::of(Tone::Warning, format!("{} ", glyphs.closed)), 2, Tone::Warning, &text);
    }
    block
}

fn row(
    block: &mut Block,
    glyphs: &Glyphs,
    model: &Model,
    poll: &Poll,
    id: &str,
    station: Option<&Station>,
    wide: usize,
) {
    let held = station.and_then(|station| model.state.roles.get(&(station.group.clone(), station.role.clone())));
    let person = held.map(|held| held.person.as_str()).unwrap_or_default();
    let title = station.map_or(id, |station| station.title.as_str());
    let (glyph, word, tone, reported) = match poll.answer(id) {
        Some(answered) => {
            let (glyph, tone) = match answered.answer {
                Answer::Go => (glyphs.done, Tone::Good),
                Answer::NoGo => (glyphs.failed, Tone::Bad),
                Answer::Abstain => (glyphs.waived, Tone::Dim),
            };
            let at = numbers::time(answered.stamp.at);
            let reason = answered.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            (glyph, answered.answer.word(), tone, format!("{} {at}{reason}", answered.stamp.by))
        }
        None if poll.next() == Some(id) => (glyphs.running, "asked", Tone::Running, person.to_owned()),
        None => (glyphs.open, "waits", Tone::Dim, person.to_owned()),
    };
    let title = text::cut(title, wide, glyphs.ellipsis);
    let pad = " ".repeat(wide.saturating_sub(text::width(&title)) + 2);
    let first =
        Line::of(tone, format!("{:<WORD$}", format!("{glyph} {word}"))).with(Tone::Text, format!("{title}{pad}"));
    block.behind(&first, 2, if tone == Tone::Bad { Tone::Text } else { Tone::Dim }, &reported);
}
