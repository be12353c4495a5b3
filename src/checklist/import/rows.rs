//! Rows of tables: their cells, what their columns say, choices and lines to sign in them.

use super::boxes;
use super::choices::Choice;
use super::scan::shown;
use super::walk::fold;

/// Headers of columns to sign in, by words in them.
const SIGNED: &str = "signature|sign-off|signoff|signed|sign off|unterschrift|firma|assinatura|подпис|署名|签字|서명";

/// The role that signs in a row: its first cell, where the cells to sign in are still open.
pub fn signed(row: &str, header: &[String]) -> Option<String> {
    let at = header.iter().position(|cell| {
        let cell = cell.to_lowercase();
        SIGNED.split('|').any(|word| cell.contains(word))
    })?;
    let open = |cell: &str| {
        let cell = cell.trim();
        let place = cell.starts_with('[') && cell.ends_with(']');
        cell.is_empty() || place || cell.chars().all(|c| matches!(c, '_' | '.' | '-' | '\\' | ' ' | '…' | '＿' | '/'))
    };
    let cells: Vec<&str> = cells(row).collect();
    let role = plain(cells.first()?);
    let ruled = role.chars().all(|c| matches!(c, '-' | ':' | ' '));
    let unsigned = cells.get(at).is_none_or(|cell| open(cell));
    (at > 0 && !ruled && unsigned).then_some(role)
}

/// The choice of a row with several boxes: answers stand beside them, or in the header above them.
pub fn choice(row: &str, header: &[String]) -> Option<Choice> {
    let first = boxes::anywhere(row)?;
    let range = first.start..first.end;
    let mut options: Vec<String> = Vec::new();
    let mut marked = None;
    let mut title: Vec<String> = Vec::new();
    for (at, cell) in cells(row).enumerate() {
        let mut rest = cell;
        let mut boxed = false;
        while let Some(found) = boxes::anywhere(rest) {
            boxed = true;
            let after = &rest[found.end..];
            let next = boxes::anywhere(after).map_or(after.len(), |next| next.start);
            let own = plain(&after[..next]);
            let own = own.trim_matches([' ', '/', ',', ';', '|']).to_owned();
            let option = if own.is_empty() { header.get(at).cloned().unwrap_or_default() } else { own };
            if found.checked {
                marked = Some(option.clone());
            }
            options.push(option);
            rest = after;
        }
        if !boxed && title.is_empty() {
            title.extend(Some(plain(cell)).filter(|cell| !cell.is_empty()));
        }
    }
    let named = options.iter().all(|option| !option.is_empty() && option.chars().count() <= 40);
    let answers = options.iter().all(|option| super::choices::is_answer(option));
    // Two boxes below other words are two things to do: planned and done.
    (options.len() > 1 && named && answers).then(|| Choice { label: title.concat(), options, marked, range })
}

/// Columns that say something of a task, by their first words, and what a note calls them.
const COLUMNS: [(&[&str], &str); 4] = [
    (&["owner", "responsible", "assignee", "who", "verantwortlich", "responsable", "担当", "负责人"], "Owner"),
    (&["time", "start", "when", "duration", "zeit", "dauer", "hora", "heure", "时间", "時間"], "Time"),
    (&["status", "state", "done", "erledigt", "estado", "statut", "状态"], "Status"),
    (&["comment", "remark", "bemerkung", "notes"], "Comment"),
];

pub fn column(name: &str) -> Option<&'static str> {
    let name = name.trim_matches('*').trim().to_lowercase();
    COLUMNS.iter().find(|(words, _)| words.iter().any(|word| name.starts_with(word))).map(|(_, word)| *word)
}

/// Whether a column only counts its rows.
pub fn only_counts(name: &str) -> bool {
    let name = name.trim_matches(['*', ' ', '.']).to_lowercase();
    matches!(name.as_str(), "#" | "no" | "nr" | "№" | "n°" | "序号" | "番号")
}

/// Columns that say what is to be done.
const ACTIONS: &str = "step|action|task|activity|what|procedure|instruction|operation|command|schritt|aufgabe|aktion|\
    tätigkeit|étape|tâche|paso|acción|tarea|passo|ação|шаг|действие|задача|手順|作業|步骤";

/// Whether a row tells what to do and when or by whom.
pub fn is_timeline(row: &str, header: &[String]) -> bool {
    let acts = |name: &String| {
        let name = name.trim_matches(['*', ' ']).to_lowercase();
        ACTIONS.split('|').any(|word| name.starts_with(word))
    };
    let placed = |name: &String| matches!(column(name), Some("Owner" | "Time"));
    let Some(at) = header.iter().position(acts).filter(|_| header.iter().any(placed)) else { return false };
    let named = cells(row).nth(at).is_some_and(|cell| cell.chars().any(char::is_alphanumeric));
    named && !cells(row).all(|cell| cell.trim().chars().all(|c| matches!(c, '-' | ':')))
}

/// Whether the state that a row names is that of something done.
pub fn state_of(row: &str, header: &[String]) -> Option<bool> {
    let at = header.iter().position(|cell| column(cell) == Some("Status"))?;
    let row: Vec<String> = cells(row).map(plain).collect();
    let named = row.iter().any(|cell| cell.chars().any(char::is_alphanumeric));
    let state = row.get(at)?.to_lowercase();
    if state.is_empty() && header.len() > 2 && named {
        return Some(false);
    }
    let begins = |words: &[&str]| words.iter().any(|word| state.starts_with(word));
    let done = begins(&["done", "complete", "yes", "ok", "✅", "✔", "erledigt", "hecho", "完了", "已完成"]);
    let open =
        begins(&["open", "pending", "todo", "to do", "not started", "in progress", "no", "⬜", "⏳", "🔲", "offen"]);
    (named && (done || open)).then_some(done)
}

pub fn cells(row: &str) -> impl Iterator<Item = &str> {
    row.trim().trim_matches('|').split('|')
}

/// A cell's words without its box and its tags.
pub fn plain(cell: &str) -> String {
    let mut text = String::new();
    let mut tag = false;
    for c in cell.chars() {
        match c {
            '<' => tag = true,
            '>' if tag => {
                tag = false;
                text.push(' ');
            }
            c if !tag => text.push(c),
            _ => {}
        }
    }
    let mut rest = text.as_str();
    let mut words = String::new();
    while let Some(boxed) = boxes::anywhere(rest) {
        words.push_str(&rest[..boxed.start]);
        words.push(' ');
        rest = &rest[boxed.end..];
    }
    words.push_str(rest);
    let text = shown(&words);
    let text = text.trim_start_matches(['-', '_', ' ']).trim_end_matches(['_', ' ']);
    text.to_owned()
}

pub fn is_header(row: &str, header: &[String]) -> bool {
    let words = |text: &str| fold(&text.replace(['*', '`'], ""));
    let mut row = cells(row).map(words);
    !header.is_empty() && header.iter().all(|cell| row.next().is_some_and(|own| own == words(cell)))
}

/// `first cell: column`.
pub fn row_label(row: &str, at: usize, header: &[String]) -> String {
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
