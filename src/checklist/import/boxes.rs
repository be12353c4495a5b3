//! Boxes as people write them, on one line: those that GitHub renders and those it does not.

/// What stands before a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    Nothing,
    /// `-`, `*`, `+` and white space.
    Bullet,
    /// A bullet with nothing after it: `-[ ]`.
    Glued,
    /// `1.` or `1)`.
    Number,
    /// `a.` or `a)`, which is no list to Markdown.
    Letter,
    /// `•` and its like, which are no list either.
    Sign,
}

/// How a box is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `[ ]` or `[x]` and white space.
    Proper,
    /// `[x]text`.
    NoSpaceAfter,
    /// `[]`.
    Empty,
    /// `[ x ]`, `[✓]`, or another kind of space inside.
    Unusual,
    /// `\[ \]`.
    Escaped,
    /// `☐`, `☑` and their like.
    Character,
    /// `[-]`, `[/]`: a mark of state as note-taking programs write it.
    Mark(Mark),
}

/// What a mark in a box says of its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Begun,
    Important,
    Question,
    /// Any other mark.
    Open,
    Cancelled,
    Inapplicable,
    Deferred,
}

impl Mark {
    /// The mark of a box, if it is one.
    fn of(mark: &str) -> Option<Self> {
        Some(match mark {
            "/" => Mark::Begun,
            "!" => Mark::Important,
            "?" => Mark::Question,
            "-" => Mark::Cancelled,
            "~" => Mark::Inapplicable,
            ">" => Mark::Deferred,
            "<" | "*" | "+" | "." | "=" | "\"" | "…" | "✗" | "✘" => Mark::Open,
            letter => {
                let single = letter.len() == 1 && letter.bytes().all(|byte| byte.is_ascii_alphabetic());
                return single.then_some(Mark::Open);
            }
        })
    }

    /// Why a line with it is a guess.
    pub(super) fn why(self) -> &'static str {
        match self {
            Mark::Begun => "marked [/]: begun, taken as open",
            Mark::Important => "marked [!]: important, taken as open",
            Mark::Question => "marked [?]: a question, taken as open",
            Mark::Open => "a mark of its own in the box, taken as open",
            Mark::Cancelled => "marked [-]: cancelled, a waiver is proposed",
            Mark::Inapplicable => "marked [~]: not applicable, a waiver is proposed",
            Mark::Deferred => "marked [>]: deferred, a waiver is proposed",
        }
    }

    /// The waiver that the mark proposes, if it does; a person decides.
    pub(super) fn waiver(self) -> Option<&'static str> {
        match self {
            Mark::Begun | Mark::Important | Mark::Question | Mark::Open => None,
            Mark::Cancelled => Some("skipped: cancelled in the source"),
            Mark::Inapplicable => Some("inapplicable: not applicable in the source"),
            Mark::Deferred => Some("deferred: deferred in the source"),
        }
    }
}

/// A box found on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Boxed<'l> {
    pub marker: Marker,
    pub form: Form,
    pub checked: bool,
    /// Where the box starts on the line, in bytes.
    pub start: usize,
    pub end: usize,
    /// What follows the box.
    pub text: &'l str,
}

const EMPTY_SIGNS: [char; 9] = ['☐', '□', '⬜', '◻', '◽', '▢', '🔲', '🔳', '❏'];
const CHECKED_SIGNS: [char; 5] = ['☑', '☒', '🗹', '🗷', '✅'];

/// The box that a line begins with, behind block quotes and list markers.
pub(super) fn leading(line: &str) -> Option<Boxed<'_>> {
    let mut rest = line.trim_start_matches([' ', '\t', '>']);
    let mut marker = Marker::Nothing;
    while let Some((found, after)) = strip_marker(rest) {
        marker = found;
        rest = after.trim_start();
    }
    let found = parse(rest)?;
    let start = line.len() - rest.len();
    let believable = match found.form {
        Form::Proper | Form::Escaped | Form::Character => true,
        Form::Empty => marker != Marker::Nothing || found.text.starts_with(' '),
        Form::NoSpaceAfter | Form::Unusual | Form::Mark(_) => !matches!(marker, Marker::Nothing | Marker::Glued),
    };
    believable.then(|| Boxed { marker, start, end: start + found.end, ..found })
}

/// The first box anywhere on a line, as headings, table cells and comments have them.
pub(super) fn anywhere(line: &str) -> Option<Boxed<'_>> {
    line.char_indices().filter(|(_, c)| *c == '[' || is_sign(*c)).find_map(|(start, _)| {
        let apart = line[..start].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '`' | '\\'));
        let found = parse(&line[start..]).filter(|found| matches!(found.form, Form::Proper | Form::Character))?;
        // `a[ ]` is code, and so is `[ ]` between back-ticks.
        (apart && !line[start + found.end..].starts_with('`')).then(|| Boxed { start, end: start + found.end, ..found })
    })
}

fn is_sign(c: char) -> bool {
    EMPTY_SIGNS.contains(&c) || CHECKED_SIGNS.contains(&c)
}

/// One list marker and what follows it.
pub(super) fn strip_marker(text: &str) -> Option<(Marker, &str)> {
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    match first {
        '-' | '*' | '+' => {
            let spaced = rest.starts_with([' ', '\t']);
            let glued = rest.starts_with('[') || rest.starts_with('\\');
            (spaced || glued).then_some((if spaced { Marker::Bullet } else { Marker::Glued }, rest))
        }
        '•' | '◦' | '▪' | '‣' | '·' => Some((Marker::Sign, rest)),
        '0'..='9' => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let after = text[digits..].strip_prefix(['.', ')']).filter(|_| digits <= 9)?;
            after.starts_with([' ', '\t']).then_some((Marker::Number, after))
        }
        'a'..='z' | 'A'..='Z' => {
            let after = rest.strip_prefix(['.', ')'])?;
            after.starts_with([' ', '\t']).then_some((Marker::Letter, after))
        }
        _ => None,
    }
}

/// A box at the very beginning of a text.
fn parse(text: &str) -> Option<Boxed<'_>> {
    let first = text.chars().next()?;
    let boxed =
        |form, checked, end: usize| Boxed { marker: Marker::Nothing, form, checked, start: 0, end, text: &text[end..] };
    if is_sign(first) {
        let mut end = first.len_utf8();
        // An emoji or text variation selector belongs to the character.
        if text[end..].starts_with(['\u{fe0e}', '\u{fe0f}']) {
            end += '\u{fe0f}'.len_utf8();
        }
        return Some(boxed(Form::Character, CHECKED_SIGNS.contains(&first), end));
    }
    if let Some(inside) = text.strip_prefix("\\[") {
        let close = inside.char_indices().take(5).find(|(at, _)| inside[*at..].starts_with("\\]"))?.0;
        let mark = inside[..close].trim();
        return (mark.is_empty() || mark.eq_ignore_ascii_case("x"))
            .then(|| boxed(Form::Escaped, !mark.is_empty(), close + 4));
    }
    let inside = text.strip_prefix('[')?;
    let close = inside.char_indices().take(8).find(|(_, c)| *c == ']')?.0;
    let (mark, after) = (&inside[..close], &inside[close + 1..]);
    // A link, a reference or its definition.
    if after.starts_with(['(', '[', ':']) {
        return None;
    }
    let spaced = after.is_empty() || after.starts_with(char::is_whitespace);
    let checked = matches!(mark.trim(), "x" | "X" | "✓" | "✔" | "✅" | "☑" | "✔️");
    let form = match mark {
        " " | "\t" | "x" | "X" if spaced => Form::Proper,
        " " | "\t" | "x" | "X" => Form::NoSpaceAfter,
        "" => Form::Empty,
        _ if mark.trim().is_empty() || checked => Form::Unusual,
        _ => Form::Mark(Mark::of(mark.trim()).filter(|_| spaced)?),
    };
    Some(boxed(form, checked, close + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_box() {
        for (line, marker, form, checked, text) in [
            ("- [ ] a", Marker::Bullet, Form::Proper, false, " a"),
            ("  > 2) [X]\ta", Marker::Number, Form::Proper, true, "\ta"),
            ("* [] a", Marker::Bullet, Form::Empty, false, " a"),
            ("-[ ] a", Marker::Glued, Form::Proper, false, " a"),
            ("   b. [x] a", Marker::Letter, Form::Proper, true, " a"),
            ("[ ] a", Marker::Nothing, Form::Proper, false, " a"),
            ("- [x]a", Marker::Bullet, Form::NoSpaceAfter, true, "a"),
            ("- [ x ] a", Marker::Bullet, Form::Unusual, true, " a"),
            ("- [✓] a", Marker::Bullet, Form::Unusual, true, " a"),
            ("☑️ a", Marker::Nothing, Form::Character, true, " a"),
            ("• ☐ a", Marker::Sign, Form::Character, false, " a"),
            ("- \\[ \\] a", Marker::Bullet, Form::Escaped, false, " a"),
            ("- [-] a", Marker::Bullet, Form::Mark(Mark::Cancelled), false, " a"),
            ("1. [/] a", Marker::Number, Form::Mark(Mark::Begun), false, " a"),
            ("- ✅ a", Marker::Bullet, Form::Character, true, " a"),
        ] {
            let found = leading(line).unwrap_or_else(|| panic!("no box in {line:?}"));
            assert_eq!((found.marker, found.form, found.checked, found.text), (marker, form, checked, text), "{line}");
        }
    }

    #[test]
    fn links_and_code_are_no_boxes() {
        for line in
            ["- [x](url)", "[x]: url", "- [x][y]", "[FAIL] lines", "a[ ] b", "- text", "[x]y", "", "-", "- [ab] c"]
        {
            assert_eq!(leading(line), None, "{line}");
        }
        assert_eq!(anywhere("use `[ ]` here"), None);
        assert_eq!(anywhere("let a[ ] = 1"), None);
        assert_eq!(anywhere("### 1. [x] Analyse").map(|b| (b.checked, b.text)), Some((true, " Analyse")));
    }
}
