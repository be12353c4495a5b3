//! The keys of the time line. They go before those of the cockpit, whose keys that act mean nothing here.

use crate::cockpit::key::{Code, Key};

/// What is asked of the time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrub {
    Play,
    RecordOn,
    RecordBack,
    EventOn,
    EventBack,
    MinuteOn,
    MinuteBack,
    Faster,
    Slower,
    Start,
    End,
    /// To the record in hand on the timeline.
    Here,
}

/// What is pressed, the keys and what each asks for, a word or two, and a sentence.
type Row = (&'static str, &'static [(Key, Scrub)], &'static str, &'static str);

/// Keys that ask for something, as hints and help show them, with a word or two and a sentence.
pub(crate) const ROWS: [Row; 6] = [
    ("space", &[(Key::char(' '), Scrub::Play)], "play", "Play or pause"),
    (
        "← →",
        &[(Key::plain(Code::Left), Scrub::RecordBack), (Key::plain(Code::Right), Scrub::RecordOn)],
        "record",
        "By one record; ⏎ on the timeline goes to the record in hand",
    ),
    (
        "< >",
        &[(Key::char('<'), Scrub::EventBack), (Key::char('>'), Scrub::EventOn)],
        "event",
        "By one event: failures, holds, decisions, changes of an environment",
    ),
    ("( )", &[(Key::char('('), Scrub::MinuteBack), (Key::char(')'), Scrub::MinuteOn)], "minute", "By one minute"),
    (
        "- +",
        &[(Key::char('-'), Scrub::Slower), (Key::char('+'), Scrub::Faster), (Key::char('='), Scrub::Faster)],
        "speed",
        "Slower or faster: 1× to 1800×",
    ),
    ("^ $", &[(Key::char('^'), Scrub::Start), (Key::char('$'), Scrub::End)], "ends", "To the first or the last record"),
];

/// What a key asks for.
pub(crate) fn scrub(key: Key) -> Option<Scrub> {
    ROWS.iter().flat_map(|(_, keys, _, _)| *keys).find(|(known, _)| *known == key).map(|(_, scrub)| *scrub)
}
