//! Rows of tables: their cells, what their columns say, choices and lines to sign in them.

use super::account::Part;
use super::choices::Choice;
use super::marking;
use super::scan::shown;
use super::walk::fold;
use super::{boxes, inline};
use std::ops::Range;

/// Headers of columns to sign in, by words in them.
const SIGNED: &str = "signature|sign-off|signoff|signed|sign off|unterschrift|firma|assinatura|подпис|署名|签字|서명";

/// Headers of columns that a name, a date or a decision goes into.
const NAMED: &str = "name|approver|approved by|who|signatory|verantwortlich|nombre|nom|имя|氏名|姓名";
const DATED: &str = "date|datum|fecha|data|дата|日付|日期|날짜";
const DECIDED: &str = "decision|go/no-go|go / no-go|verdict|approved|approval|vote|entscheidung|freigabe|decisión|décision|решение|判定|决定";

/// What goes into a column of a row to sign.
fn part(name: &str) -> Option<Part> {
    let name = name.to_lowercase();
    let has = |words: &str| words.split('|').any(|word| name.contains(word));
    if has(SIGNED) {
        Some(Part::Signature)
    } else if has(DATED) {
        Some(Part::Date)
    } else if has(DECIDED) {
        Some(Part::Decision)
    } else if has(NAMED) {
        Some(Part::Name)
    } else {
        None
    }
}

/// Whether a cell is there to be written in.
fn is_open(cell: &str) -> bool {
    let cell = cell.trim();
    let place = cell.starts_with('[') && cell.ends_with(']');
    cell.is_empty() || place || cell.chars().all(|c| matches!(c, '_' | '.' | '-' | '\\' | ' ' | '…' | '＿' | '/'))
}

/// The role that signs in a row: its first cell, where the cells to sign in are still open. Below a heading of approvals
/// a column for a date or a decision is one to sign in.
pub(super) fn signed(row: &str, header: &[String], approvals: bool) -> Option<String> {
    let has = |wanted: Part| header.iter().skip(1).position(|cell| part(cell) == Some(wanted)).map(|at| at + 1);
    let other = || has(Part::Decision).filter(|_| approvals || has(Part::Date).is_some());
    let at = has(Part::Signature).or_else(other).or_else(|| has(Part::Date).filter(|_| approvals))?;
    let cells: Vec<&str> = cells(row).collect();
    let role = plain(cells.first()?);
    let ruled = role.chars().all(|c| matches!(c, '-' | ':' | ' '));
    let unsigned = cells.get(at).is_none_or(|cell| is_open(cell));
    (!ruled && unsigned).then_some(role)
}

/// The open cells of a row to sign, with what goes into each.
pub(super) fn parts(row: &str, header: &[String]) -> Vec<(Range<usize>, Part)> {
    let named = ranges(row).into_iter().zip(header).skip(1);
    named
        .filter(|(range, _)| is_open(&row[range.clone()]))
        .filter_map(|(range, name)| Some((range, part(name)?)))
        .collect()
}

/// The cells of a row that ask for a value and are empty, with their labels.
pub(super) fn asked(row: &str, header: &[String]) -> Vec<(Range<usize>, String)> {
    let asks = |name: &str| {
        let name = name.trim_matches(['*', ' ']).to_lowercase();
        VALUES.split('|').any(|word| name.starts_with(word))
    };
    let ranges = ranges(row);
    let named = ranges.first().is_some_and(|first| plain(&row[first.clone()]).chars().any(char::is_alphanumeric));
    if !named {
        return Vec::new();
    }
    let empty = ranges
        .into_iter()
        .zip(header)
        .skip(1)
        .filter(|(range, name)| row[range.clone()].trim().is_empty() && asks(name));
    empty.map(|(range, _)| (range.clone(), row_label(row, range.start, header))).collect()
}

/// What the other cells of a row say, for the note of a value in it.
pub(super) fn beside(row: &str, at: usize, header: &[String]) -> Vec<String> {
    let named = ranges(row).into_iter().zip(header).skip(1).filter(|(range, _)| !range.contains(&at));
    let reported = named
        .map(|(range, name)| (plain(&row[range]), name))
        .filter(|(cell, _)| cell.chars().any(char::is_alphanumeric));
    reported.map(|(cell, name)| if name.is_empty() { cell } else { format!("{name}: {cell}") }).collect()
}

/// What the cells of a row to sign say beside the role.
pub(super) fn reported(row: &str, header: &[String]) -> Vec<String> {
    let filled = ranges(row).into_iter().zip(header).skip(1).filter(|(range, _)| !is_open(&row[range.clone()]));
    let named = filled.map(|(range, name)| (inline::read(&row[range]), name));
    named
        .filter(|((cell, _), _)| cell.chars().any(char::is_alphanumeric))
        .flat_map(|((cell, links), name)| {
            let cell = if name.is_empty() { cell } else { format!("{name}: {cell}") };
            std::iter::once(cell).chain(links.into_iter().map(|link| format!("Link: {link}")))
        })
        .collect()
}

/// Headers of columns that a person fills in with what was seen.
const VALUES: &str = "actual|before|after|result|value|measured|observed|reading|count|outcome|finding|ok?|ok|ist|ergebnis|vorher|nachher|wert|\
    avant|après|résultat|antes|después|resultado|valor|до|после|результат|実測|結果|实际|结果";

/// The choice of a row with several boxes: answers stand beside them, or in the header above them.
pub(super) fn choice(row: &str, header: &[String]) -> Option<Choice> {
    let first = boxes::anywhere(row)?;
    let range = first.start..first.end;
    let mut options: Vec<String> = Vec::new();
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut marked = None;
    let mut title: Vec<String> = Vec::new();
    for (at, cell) in ranges(row).into_iter().enumerate() {
        let mut from = cell.start;
        let mut boxed = false;
        while let Some(found) = boxes::anywhere(&row[from..cell.end]) {
            boxed = true;
            let after = &row[from + found.end..cell.end];
            let next = boxes::anywhere(after).map_or(after.len(), |next| next.start);
            let own = plain(&after[..next]);
            let own = own.trim_matches([' ', '/', ',', ';', '|']).to_owned();
            let option = if own.is_empty() { header.get(at).cloned().unwrap_or_default() } else { own };
            if found.checked {
                marked = Some(option.clone());
            }
            options.push(option);
            places.push(from + found.start..from + found.end);
            from += found.end;
        }
        if !boxed && title.is_empty() {
            title.extend(Some(plain(&row[cell])).filter(|cell| !cell.is_empty()));
        }
    }
    let named = options.iter().all(|option| !option.is_empty() && option.chars().count() <= 40);
    let answers = options.iter().all(|option| super::choices::is_answer(option));
    let end = places.last().map_or(range.end, |last| last.end);
    // Two boxes below other words are two things to do: planned and done.
    let good = options.len() > 1 && named && answers;
    good.then(|| Choice { label: title.concat(), options, marked, range, boxes: places, end })
}

/// Columns that say something of a task, by their first words, and what a note calls them.
const COLUMNS: [(&[&str], &str); 4] = [
    (&["owner", "responsible", "assignee", "who", "verantwortlich", "responsable", "担当", "负责人"], "Owner"),
    (&["time", "start", "when", "duration", "zeit", "dauer", "hora", "heure", "时间", "時間"], "Time"),
    (&["status", "state", "done", "erledigt", "estado", "statut", "状态"], "Status"),
    (&["comment", "remark", "bemerkung", "notes"], "Comment"),
];

pub(super) fn column(name: &str) -> Option<&'static str> {
    let name = name.trim_matches('*').trim().to_lowercase();
    if name.starts_with("time zone") || name.starts_with("timezone") {
        return None;
    }
    COLUMNS.iter().find(|(words, _)| words.iter().any(|word| name.starts_with(word))).map(|(_, word)| *word)
}

/// Whether a column only counts its rows.
pub(super) fn only_counts(name: &str) -> bool {
    let name = name.trim_matches(['*', ' ', '.']).to_lowercase();
    matches!(name.as_str(), "#" | "no" | "nr" | "№" | "n°" | "序号" | "番号")
}

/// Columns that say what is to be done.
const ACTIONS: &str = "step|action|task|activity|what|procedure|instruction|operation|command|schritt|aufgabe|aktion|\
    tätigkeit|étape|tâche|paso|acción|tarea|passo|ação|шаг|действие|задача|手順|作業|步骤";

/// Whether a column says what is to be done.
pub(super) fn acts(name: &str) -> bool {
    let name = name.trim_matches(['*', ' ']).to_lowercase();
    ACTIONS.split('|').any(|word| name.starts_with(word))
}

/// Whether a row shows what to do and when or by whom.
pub(super) fn is_timeline(row: &str, header: &[String]) -> bool {
    let placed = |name: &String| matches!(column(name), Some("Owner" | "Time"));
    let Some(at) = header.iter().position(|name| acts(name)).filter(|_| header.iter().any(placed)) else {
        return false;
    };
    let named = cells(row).nth(at).is_some_and(|cell| cell.chars().any(char::is_alphanumeric));
    named && !cells(row).all(|cell| cell.trim().chars().all(|c| matches!(c, '-' | ':')))
}

/// Words of states by their beginnings: of what is done, and of what is not.
const DONE: [&str; 11] = ["done", "complete", "yes", "ok", "finished", "✅", "✔", "☑", "erledigt", "hecho", "完了"];
const UNDONE: [&str; 31] = [
    "open",
    "pending",
    "todo",
    "to do",
    "not ",
    "in progress",
    "ongoing",
    "no",
    "n/a",
    "failed",
    "fail",
    "blocked",
    "skipped",
    "waiting",
    "offen",
    "未",
    "⬜",
    "⏳",
    "⌛",
    "🔲",
    "❌",
    "✗",
    "✘",
    "⏭",
    "🟡",
    "🟠",
    "🔴",
    "🚫",
    "⛔",
    "⚠",
    "🔄",
];

/// Whether the state that a row names is that of something done, and the cell it is in.
pub(super) fn state_of(row: &str, header: &[String]) -> Option<(bool, Range<usize>)> {
    let at = header.iter().position(|cell| column(cell) == Some("Status"))?;
    let ranges = ranges(row);
    let named = ranges.iter().any(|cell| plain(&row[cell.clone()]).chars().any(char::is_alphanumeric));
    let cell = ranges.get(at)?.clone();
    let state = plain(&row[cell.clone()]).to_lowercase();
    if state.is_empty() && header.len() > 2 && named {
        return Some((false, cell));
    }
    let begins = |words: &[&str]| words.iter().any(|word| state.starts_with(word));
    let done = begins(&DONE) || state.starts_with("已完成");
    let open = begins(&UNDONE);
    (named && (done || open)).then_some((done && !open, cell))
}

/// What a cell of a state says once the row is done.
pub(super) fn done(cell: &str) -> String {
    let text = cell.trim();
    let Some(first) = text.chars().next() else { return " Done ".to_owned() };
    let pad = |done: &str| {
        let start = cell.len() - cell.trim_start().len();
        format!("{}{done}{}", &cell[..start], &cell[start + text.len()..])
    };
    let lower = text.to_lowercase();
    if DONE.iter().any(|word| lower.starts_with(word)) && !lower.starts_with("no") {
        return cell.to_owned();
    }
    if first.is_alphanumeric() {
        return pad(if matches!(lower.as_str(), "no" | "n") { "Yes" } else { "Done" });
    }
    let ticked = marking::ticked(&first.to_string());
    let sign = if ticked == first.to_string() { "✅".to_owned() } else { ticked };
    let words = text[first.len_utf8()..].trim_start_matches('\u{fe0f}').trim();
    pad(&if words.is_empty() { sign } else { format!("{sign} Done") })
}

/// Where the cells of a row stand, without the bars around them.
pub(super) fn ranges(row: &str) -> Vec<Range<usize>> {
    let end = row.trim_end().len();
    let begin = row.len() - row.trim_start_matches([' ', '\t', '>']).len();
    let begin = begin + usize::from(row[begin..].starts_with('|'));
    let mut cells = Vec::new();
    let mut from = begin;
    let mut escaped = false;
    for (at, c) in row[..end].char_indices().filter(|(at, _)| *at >= begin) {
        if c == '|' && !escaped {
            cells.push(from..at);
            from = at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    if from < end || cells.is_empty() {
        cells.push(from.min(end)..end);
    }
    cells
}

pub(super) fn cells(row: &str) -> impl Iterator<Item = &str> {
    ranges(row).into_iter().map(|range| &row[range])
}

/// A cell's words without its box and its markup.
pub(super) fn plain(cell: &str) -> String {
    let mut rest = cell;
    let mut words = String::new();
    while let Some(boxed) = boxes::anywhere(rest) {
        words.push_str(&rest[..boxed.start]);
        words.push(' ');
        rest = &rest[boxed.end..];
    }
    words.push_str(rest);
    let text = shown(&words);
    text.trim_start_matches(['-', '_', ' ']).trim_end_matches(['_', ' ']).to_owned()
}

pub(super) fn is_header(row: &str, header: &[String]) -> bool {
    let words = |text: &str| shown(&fold(&text.replace(['*', '`'], "")));
    let mut row = cells(row).map(words);
    !header.is_empty() && header.iter().all(|cell| row.next().is_some_and(|own| own == words(cell)))
}

/// `first cell: column`.
pub(super) fn row_label(row: &str, at: usize, header: &[String]) -> String {
    let before = row[..at].trim_start().trim_start_matches('|');
    let column = before.matches('|').count();
    let first = plain(cells(row).next().unwrap_or_default());
    let column = header.get(column).map(String::as_str).unwrap_or_default();
    match (first.is_empty(), column.is_empty()) {
        (false, false) => format!("{first}: {column}"),
        (false, true) => first,
        _ => column.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_between_bars() {
        assert_eq!(cells("| a | b \\| c |  |").collect::<Vec<_>>(), [" a ", " b \\| c ", "  "]);
        assert_eq!(cells("a | b").collect::<Vec<_>>(), ["a ", " b"]);
        assert_eq!(cells("> | a |").collect::<Vec<_>>(), [" a "]);
        assert_eq!(cells("").count(), 1);
    }

    #[test]
    fn a_state_is_written_in_its_own_manner() {
        for (cell, wanted) in [
            (" 🔲 To do ", " ✅ Done "),
            (" ⬜ ", " ✅ "),
            ("   ", " Done "),
            (" Pending ", " Done "),
            (" No ", " Yes "),
            (" ❌ ", " ✅ "),
            (" ⏳ In progress ", " ✅ Done "),
            (" ✅ Done ", " ✅ Done "),
        ] {
            assert_eq!(done(cell), wanted, "{cell}");
        }
    }
}
