//! The signs beside the words, in Unicode or in ASCII. All of them are one column wide.

use std::borrow::Cow;

/// One set of signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glyphs {
    pub done: &'static str,
    pub failed: &'static str,
    pub running: &'static str,
    pub open: &'static str,
    /// A gate that is closed.
    pub closed: &'static str,
    /// Inconclusive, or lost.
    pub unknown: &'static str,
    pub waived: &'static str,
    /// Put off until later.
    pub deferred: &'static str,
    pub inapplicable: &'static str,
    pub ellipsis: &'static str,
    pub bullet: &'static str,
    /// Between the phases that are complete.
    pub passed: &'static str,
    /// Between the steps of a path.
    pub step: &'static str,
    pub folded: &'static str,
    pub unfolded: &'static str,
    pub cursor: &'static str,
    /// Beside the selected line, so that colour is not the only mark of it.
    pub selected: &'static str,
    pub prompt: &'static str,
    /// Where a line of a text ends that is shown on one line.
    pub line_end: &'static str,
    /// Where a choice goes on, left and right.
    pub choice: [&'static str; 2],
    pub gap: &'static str,
    pub bar: &'static str,
    pub track: &'static str,
    pub thumb: &'static str,
    pub chart: ChartGlyphs,
    pub border: Border,
    ascii: bool,
}

/// The signs of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartGlyphs {
    /// What the line is made of; none for dots of braille.
    pub line: Option<char>,
    pub target: &'static str,
    /// Two columns of a dashed line.
    pub baseline: [&'static str; 2],
    /// The ends of its band.
    pub band: [&'static str; 2],
    pub event: &'static str,
    pub cursor: &'static str,
    pub axis: &'static str,
    /// The axis beside what is beyond the target, so that colour is not the only mark of it.
    pub beyond: &'static str,
    pub tick: &'static str,
    pub corner: &'static str,
    pub foot: &'static str,
    pub foot_tick: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Border {
    pub top_left: &'static str,
    pub top_right: &'static str,
    pub bottom_left: &'static str,
    pub bottom_right: &'static str,
    pub horizontal: &'static str,
    pub vertical: &'static str,
    pub left_join: &'static str,
    pub right_join: &'static str,
}

impl Glyphs {
    #[must_use]
    pub const fn unicode() -> Self {
        Self {
            done: "✔",
            failed: "✗",
            running: "▶",
            open: "○",
            closed: "⊘",
            unknown: "?",
            waived: "~",
            deferred: "»",
            inapplicable: "·",
            ellipsis: "…",
            bullet: "•",
            passed: "━",
            step: "›",
            folded: "▸",
            unfolded: "▾",
            cursor: "›",
            selected: "▌",
            prompt: "$",
            line_end: "⏎",
            choice: ["‹", "›"],
            gap: "·",
            bar: "█",
            track: "░",
            thumb: "┃",
            chart: ChartGlyphs {
                line: None,
                target: "─",
                baseline: ["╌", " "],
                band: [" ", "╌"],
                event: "┊",
                cursor: "│",
                axis: "│",
                beyond: "┃",
                tick: "┤",
                corner: "└",
                foot: "─",
                foot_tick: "┬",
            },
            border: Border {
                top_left: "╭",
                top_right: "╮",
                bottom_left: "╰",
                bottom_right: "╯",
                horizontal: "─",
                vertical: "│",
                left_join: "├",
                right_join: "┤",
            },
            ascii: false,
        }
    }

    /// For terminals and fonts that show nothing else.
    #[must_use]
    pub const fn ascii() -> Self {
        Self {
            done: "+",
            failed: "x",
            running: ">",
            open: "o",
            closed: "#",
            unknown: "?",
            waived: "~",
            deferred: "@",
            inapplicable: "-",
            ellipsis: "~",
            bullet: "*",
            passed: "=",
            step: ">",
            folded: ">",
            unfolded: "v",
            cursor: ">",
            selected: ">",
            prompt: "$",
            line_end: "/",
            choice: ["<", ">"],
            gap: ".",
            bar: "#",
            track: ".",
            thumb: "#",
            chart: ChartGlyphs {
                line: Some('*'),
                target: "=",
                baseline: ["-", " "],
                band: [" ", "-"],
                event: ":",
                cursor: "|",
                axis: "|",
                beyond: "!",
                tick: "+",
                corner: "+",
                foot: "-",
                foot_tick: "+",
            },
            border: Border {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                horizontal: "-",
                vertical: "|",
                left_join: "+",
                right_join: "+",
            },
            ascii: true,
        }
    }

    /// A text with the signs that the program itself writes spelled in this set. Titles in other scripts stay.
    pub fn spell<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if !self.ascii || text.is_ascii() {
            return text;
        }
        let mut spelled = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '⏎' => spelled.push_str("enter"),
                '←' => spelled.push_str("left"),
                '→' => spelled.push_str("->"),
                '↑' => spelled.push_str("up"),
                '↓' => spelled.push_str("down"),
                '≤' => spelled.push_str("<="),
                '≥' => spelled.push_str(">="),
                '≈' => spelled.push('~'),
                '−' | '–' => spelled.push('-'),
                '·' | '•' => spelled.push('*'),
                '…' => spelled.push_str("..."),
                '›' => spelled.push('>'),
                '‹' => spelled.push('<'),
                '×' => spelled.push('x'),
                '±' => spelled.push_str("+-"),
                other => spelled.push(other),
            }
        }
        Cow::Owned(spelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::text::width;

    #[test]
    fn every_sign_is_one_column_wide() {
        for set in [Glyphs::unicode(), Glyphs::ascii()] {
            let signs = [set.done, set.failed, set.running, set.open, set.closed, set.unknown, set.waived];
            let more = [
                set.passed,
                set.deferred,
                set.inapplicable,
                set.ellipsis,
                set.bullet,
                set.step,
                set.folded,
                set.unfolded,
            ];
            let rest =
                [set.cursor, set.prompt, set.line_end, set.gap, set.bar, set.track, set.thumb, set.border.horizontal];
            let ChartGlyphs {
                target,
                baseline,
                band,
                event,
                cursor,
                axis,
                beyond,
                tick,
                corner,
                foot,
                foot_tick,
                line: _,
            } = set.chart.clone();
            let chart = [target, event, cursor, axis, beyond, tick, corner, foot, foot_tick]
                .into_iter()
                .chain(baseline)
                .chain(band);
            for sign in signs.into_iter().chain(more).chain(rest).chain(set.choice).chain(chart) {
                assert_eq!(width(sign), 1, "{sign}");
                assert!(!set.ascii || sign.is_ascii(), "{sign}");
            }
        }
    }

    #[test]
    fn ascii_spells_what_the_program_writes() {
        assert_eq!(Glyphs::ascii().spell("⏎ run · ≤ 30 s".into()), "enter run * <= 30 s");
        assert_eq!(Glyphs::unicode().spell("⏎ run".into()), "⏎ run");
    }
}
