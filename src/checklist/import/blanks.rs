//! Blanks to fill in on one line: `time: ___ ms, queries: ___`.

use super::boxes;
use super::walk::fold;
use std::ops::Range;

/// A run of underscores that asks for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineBlank {
    /// Where it stands on the line, in bytes.
    pub range: Range<usize>,
    /// Empty when the line says nothing.
    pub label: String,
    pub unit: Option<String>,
}

/// Units that may follow a blank, as they are kept.
const UNITS: [&str; 46] = [
    "ms",
    "s",
    "sec",
    "secs",
    "second",
    "seconds",
    "min",
    "mins",
    "minute",
    "minutes",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "day",
    "days",
    "%",
    "b",
    "kb",
    "mb",
    "gb",
    "tb",
    "kib",
    "mib",
    "gib",
    "bytes",
    "rows",
    "records",
    "queries",
    "errors",
    "requests",
    "connections",
    "users",
    "rps",
    "qps",
    "tps",
    "req/s",
    "requests/s",
    "mb/s",
    "px",
    "items",
    "files",
    "tests",
    "tables",
    "indexes",
];

/// Words that join one blank to the one before it and name nothing.
const JOINING: [&str; 10] = ["of", "out of", "from", "to", "von", "bis", "de", "sur", "and", "x"];

/// Words in brackets that stand for a signature, and those for what stands beside one.
const SIGNATURES: &str =
    "signature|unterschrift|firma|signatur|assinatura|подпись|署名|签名|서명|sign here|sign|initials|signed";
const BESIDE: &str = "date|datum|fecha|data|дата|日付|日期|날짜|time|date/time|date & time|yyyy-mm-dd|name|full name|print name|nombre|nom|nome|имя|氏名";

/// The most blanks of one line that are distinguished.
const MOST: usize = 64;

/// The most characters of a label.
const LONGEST: usize = 160;

/// Every blank on a line, in order.
pub(super) fn find(line: &str) -> Vec<LineBlank> {
    let mut blanks: Vec<LineBlank> = Vec::new();
    let mut lead: Option<String> = None;
    for range in runs(line).into_iter().take(MOST) {
        let from = blanks.last().map_or_else(|| text_start(line), |before| before.range.end).min(range.start);
        let mut before = &line[from..range.start];
        if let Some(unit) = blanks.last().and_then(|before| before.unit.as_deref()) {
            let trimmed = before.trim_start();
            // The unit of the blank before is no part of this one's label.
            before = trimmed.get(unit.len()..).unwrap_or(trimmed);
        }
        // What is in brackets that close again belongs to the label.
        let opens = before.matches('(').count() > before.matches(')').count();
        if !opens {
            if before.contains('(') {
                lead = None;
            }
        } else if blanks.is_empty() {
            lead = before.split_once('(').map(|(lead, _)| tidy(lead)).filter(|lead| !lead.is_empty());
        } else if before.contains('(') && lead.is_none() {
            lead = blanks.first().map(|first| first.label.clone()).filter(|label| !label.is_empty());
        }
        // The words before the first blank belong together; later blanks are parted by commas.
        let parted = |c: char| (c == '(' && opens) || c == '|' || (matches!(c, ',' | ';') && !blanks.is_empty());
        let own = tidy(before.rsplit(parted).next().unwrap_or_default());
        // `[Signature] [Date]`: what is in its place names it.
        let own = if own.is_empty() && !blanks.is_empty() { field(&line[range.clone()]).unwrap_or(own) } else { own };
        let unit = unit(&line[range.end..]);
        let label = match (&lead, blanks.first_mut()) {
            (Some(lead), _) if !own.is_empty() && *lead != own => format!("{lead}: {own}"),
            (Some(lead), _) if own.is_empty() => lead.clone(),
            (_, Some(first)) if own.is_empty() => first.label.clone(),
            // `____ of ____ GB`: both are of one kind.
            (_, Some(first)) if JOINING.contains(&own.to_lowercase().as_str()) => {
                first.unit = first.unit.take().or_else(|| unit.clone());
                format!("{}: {own}", first.label)
            }
            _ => own,
        };
        let unit = unit.or_else(|| bracketed_unit(&label));
        blanks.push(LineBlank { range, label, unit });
    }
    blanks
}

/// Whether a text has a blank at all.
pub(super) fn has_any(text: &str) -> bool {
    text.contains(['_', '＿', '.', '…', '．', '[']) && !runs(text).is_empty()
}

/// Whether a text has more than one blank.
pub(super) fn has_several(text: &str) -> bool {
    runs(text).len() > 1
}

/// Whether a text is nothing but blanks.
pub(super) fn is_only(text: &str) -> bool {
    has_any(text) && text.chars().all(|c| matches!(c, '_' | '\\' | '＿' | '.' | '…') || c.is_whitespace())
}

/// What stands behind the last blank and its unit: `(at least 900)`.
pub(super) fn behind(line: &str) -> Option<String> {
    let last = runs(line).pop()?;
    let mut tail = line[last.end..].trim_start_matches([' ', '\t', '*']);
    tail = unit(tail).and_then(|unit| tail.get(unit.len()..)).unwrap_or(tail).trim();
    tail = tail.trim_start_matches(['.', ',', ';', ')', ' ', '|', '*']).trim_end_matches(['|', ' ', '*']);
    let inside =
        tail.strip_prefix('(').and_then(|tail| tail.strip_suffix(')')).filter(|tail| !tail.contains(['(', ')']));
    let tail = inside.unwrap_or(tail).trim();
    tail.chars().any(char::is_alphanumeric).then(|| fold(tail))
}

/// Whether a line has a place for a signature in brackets.
pub(super) fn has_fields(line: &str) -> bool {
    !fields(line).is_empty()
}

/// Whether a line holds nothing but places for a signature and what stands beside one.
pub(super) fn is_only_fields(line: &str) -> bool {
    let fields = fields(line);
    let mut rest = line.to_owned();
    for range in fields.iter().rev() {
        rest.replace_range(range.clone(), "");
    }
    !fields.is_empty() && rest.chars().all(|c| !c.is_alphanumeric())
}

/// The word of a place in brackets.
fn field(place: &str) -> Option<String> {
    let inside = place.strip_prefix('[')?.strip_suffix(']')?;
    inside.chars().any(char::is_alphabetic).then(|| fold(inside))
}

/// `[Signature] [Date]`: places in brackets on a line that is to be signed.
fn fields(line: &str) -> Vec<Range<usize>> {
    let among = |list: &str, word: &str| list.split('|').any(|known| known == word);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut signed = false;
    for (start, _) in line.match_indices('[') {
        let Some(length) = line[start..].find(']').filter(|length| *length < 60) else { continue };
        let after = &line[start + length + 1..];
        let word = line[start + 1..start + length].trim().to_lowercase();
        let word = word.trim_start_matches("your ").trim_end_matches(" here");
        let leads = after.starts_with(['(', '[']);
        if !leads && (among(SIGNATURES, word) || among(BESIDE, word)) {
            signed |= among(SIGNATURES, word);
            found.push(start..start + length + 1);
        }
    }
    if signed { found } else { Vec::new() }
}

/// The text before its first blank, as a title.
pub(super) fn title(text: &str) -> String {
    runs(text).first().map_or_else(|| tidy(text), |first| tidy(&text[..first.start]))
}

/// Runs of three underscores or more, escaped ones too, that no word stands against.
fn runs(line: &str) -> Vec<Range<usize>> {
    let mut all = drawn(line);
    let fields = if line.contains('[') { fields(line) } else { Vec::new() };
    if !fields.is_empty() {
        all.retain(|run| fields.iter().all(|field| run.end <= field.start || run.start >= field.end));
        all.extend(fields);
        all.sort_by_key(|run| run.start);
    }
    all
}

/// Runs that are drawn, by whatever sign.
fn drawn(line: &str) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let mut runs = other_runs(line);
    if !runs.is_empty() && !line.contains("___") && !line.contains("\\_\\_") {
        return runs;
    }
    runs.clear();
    let mut at = 0;
    while let Some(start) = bytes[at..].iter().position(|byte| *byte == b'_').map(|found| at + found) {
        let from = if start > at && bytes[start - 1] == b'\\' { start - 1 } else { start };
        let (mut end, mut count) = (from, 0);
        loop {
            match bytes.get(end) {
                Some(b'_') => (end, count) = (end + 1, count + 1),
                Some(b'\\') if bytes.get(end + 1) == Some(&b'_') => (end, count) = (end + 2, count + 1),
                _ => break,
            }
        }
        let word = |c: char| c.is_alphanumeric() || c == '$';
        let before = line[..from].chars().next_back();
        let free = !before.is_some_and(char::is_alphanumeric) && !line[end..].chars().next().is_some_and(word);
        // `___ms` and `___s` still ask for a number.
        let measured = || unit(&line[end..]).is_some() && !line[..from].chars().next_back().is_some_and(word);
        let joined = runs.last().is_some_and(|before: &Range<usize>| is_joint(&line[before.end..from]));
        if joined && count >= 1 && !line[end..].starts_with(word) {
            // `___. __, ____` and `____-__-__` are one date.
            if let Some(before) = runs.last_mut() {
                before.end = end;
            }
        } else if (count >= 3 || (count == 2 && begins_pair(&line[end..]))) && (free || measured()) {
            runs.push(from..end);
        }
        at = end.max(start + 1);
    }
    runs
}

/// `__:__`: a time or a date of which each field is short.
fn begins_pair(after: &str) -> bool {
    let Some(rest) = after.strip_prefix([':', '-', '.', '/']) else { return false };
    let bare: String = rest.chars().take(8).filter(|c| *c != '\\').collect();
    let count = bare.bytes().take_while(|byte| *byte == b'_').count();
    (2..=4).contains(&count) && !bare[count..].starts_with(|c: char| c.is_alphanumeric())
}

/// Blanks that are drawn otherwise: `＿＿＿`, `........`, `[      ]`.
fn other_runs(line: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let rest = &line[at..];
        let length = match c {
            '＿' | '…' | '．' | '.' => rest.len() - rest.trim_start_matches(c).len(),
            '[' => match rest.char_indices().take(80).find(|(_, c)| *c == ']').map(|(end, _)| end) {
                Some(end) if end > 2 && rest[1..end].chars().all(|c| matches!(c, ' ' | '_')) => end + 1,
                _ => 1,
            },
            c => c.len_utf8(),
        };
        let count = rest[..length].chars().count();
        let drawn = match c {
            '＿' | '…' | '．' => count >= 2,
            '.' | '[' => count >= 5,
            _ => false,
        };
        // Dots that lead to a page number are none, and neither are those that only trail off.
        let before = line[..at].trim_end_matches([' ', '*', '_']);
        let dotted = matches!(c, '.' | '…' | '．');
        let asked = !dotted || before.ends_with([':', '：', '=']);
        if drawn && asked && !line[at + length..].trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            runs.push(at..at + length);
        }
        at += length;
    }
    runs
}

/// `Size (GB)`: the unit stands behind the label.
fn bracketed_unit(label: &str) -> Option<String> {
    let inside = label.trim_end().strip_suffix(')').and_then(|label| label.rsplit_once('('))?.1;
    UNITS.contains(&inside.trim().to_ascii_lowercase().as_str()).then(|| inside.trim().to_owned())
}

/// Whether the text between two runs is only what parts the fields of a date.
fn is_joint(between: &str) -> bool {
    (1..=3).contains(&between.len())
        && between.chars().all(|c| matches!(c, '.' | ',' | '/' | '-' | ':' | ' '))
        && between.trim() != ""
}

/// Where the words of a line begin, behind quotes, list markers and boxes.
pub(super) fn text_start(line: &str) -> usize {
    if let Some(boxed) = boxes::leading(line) {
        return boxed.end;
    }
    let mut rest = line.trim_start_matches([' ', '\t', '>', '|']);
    while let Some((_, after)) = boxes::strip_marker(rest) {
        rest = after.trim_start();
    }
    line.len() - rest.len()
}

/// A label without markup and what joins it to its blank; of a very long one the end, which stands nearest.
fn tidy(text: &str) -> String {
    let cut = if text.len() > LONGEST { text.char_indices().rev().nth(LONGEST) } else { None };
    let text = cut.map_or(text, |(at, _)| &text[at..]);
    let markup = |c: char| matches!(c, '*' | '`' | '\\');
    let joint = |c: char| c.is_whitespace() || matches!(c, '|' | '-' | '–' | '—' | '=' | '#' | '$');
    let plain = text.trim_matches(|c| joint(c) || markup(c));
    let balanced = plain.matches(')').count() <= plain.matches('(').count();
    let plain = if balanced { plain } else { plain.trim_matches(|c| joint(c) || markup(c) || c == ')') };
    // `[Name]` before its blank is its name.
    let named =
        plain.strip_prefix('[').and_then(|plain| plain.strip_suffix(']')).filter(|name| !name.contains(['[', ']']));
    let plain = named.unwrap_or(plain);
    let plain =
        plain.trim_end_matches([':', '：', '=', '*', '`', '[', ' ', '€', '£', '<', '~']).trim_matches(['_', ' ']);
    if plain.contains(markup) { fold(&plain.replace(markup, "")) } else { fold(plain) }
}

fn unit(after: &str) -> Option<String> {
    let after = after.trim_start_matches([' ', '\t', '*']);
    let end = after.find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '/' | '%'))).unwrap_or(after.len());
    let word = if after.starts_with('%') { "%" } else { &after[..end] };
    UNITS.contains(&word.to_ascii_lowercase().as_str()).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<(String, Option<String>)> {
        find(line).into_iter().map(|blank| (blank.label, blank.unit)).collect()
    }

    fn labelled(label: &str, unit: Option<&str>) -> (String, Option<String>) {
        (label.to_owned(), unit.map(str::to_owned))
    }

    #[test]
    fn blanks_have_labels_and_units() {
        assert_eq!(
            read("- GET /api/v1/lots (time: ___ ms, queries: ___)"),
            [labelled("GET /api/v1/lots: time", Some("ms")), labelled("GET /api/v1/lots: queries", None)]
        );
        assert_eq!(
            read("  - [ ] Lot time: ___ ms (baseline: ___ ms)"),
            [labelled("Lot time", Some("ms")), labelled("Lot time: baseline", Some("ms"))]
        );
        assert_eq!(read("lots:            _____ (should match)"), [labelled("lots", None)]);
        assert_eq!(read("**Actual:** \\_\\_\\_\\_"), [labelled("Actual", None)]);
        assert_eq!(read("Start: ____, End: ____"), [labelled("Start", None), labelled("End", None)]);
        assert_eq!(read("Target: ___. __, ____"), [labelled("Target", None)]);
        assert_eq!(read("Date: ____-__-__ Time: ____"), [labelled("Date", None), labelled("Time", None)]);
        assert_eq!(read("CPU: ____%"), [labelled("CPU", Some("%"))]);
        assert_eq!(read("Start: __:__ End: __:__"), [labelled("Start", None), labelled("End", None)]);
        assert_eq!(read("Cost: $____"), [labelled("Cost", None)]);
        assert_eq!(read("On: __/__/____"), [labelled("On", None)]);
        assert_eq!(read("Disk ____ of ____ GB"), [labelled("Disk", Some("GB")), labelled("Disk: of", Some("GB"))]);
        assert_eq!(read("**QA:** [Signature] [Date]"), [labelled("QA", None), labelled("Date", None)]);
        assert_eq!(behind("Free (GB): ____ (needs at least 900)").as_deref(), Some("needs at least 900"));
        assert_eq!(behind("Lag: ........ ms must be below 500").as_deref(), Some("must be below 500"));
        assert_eq!(behind("Lag: ____ ms"), None);
        assert!(is_only_fields("[Signature] [Date]") && !is_only_fields("QA: [Signature]") && !is_only_fields(""));
    }

    #[test]
    fn names_and_markup_are_no_blanks() {
        for line in
            ["snake___case", "___bold and italic___", "__init__", "a __ b", "$___x", "", "__a__:__b__", "Tell [Name]"]
        {
            assert_eq!(find(line), [], "{line}");
        }
        assert!(is_only("____") && !is_only("a ____") && !is_only(""));
        assert_eq!(title("QA Lead: ____ Date: ____"), "QA Lead");
    }
}
