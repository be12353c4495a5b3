//! Lines that ask for one of several answers: `Decision: ☐ GO ☐ NO-GO`.

use super::{blanks, boxes};
use std::ops::Range;

/// The most characters of an answer; a longer one is a task.
const LONGEST: usize = 40;
/// The most answers of one line.
const MOST: usize = 16;
/// Answers that people give, by their beginnings; a line of them asks and tells nothing to do.
const ANSWERS: &str = "go|no-go|no go|nogo|yes|no|y|n|n/a|na|pass|passed|fail|failed|ok|not ok|true|false|approve|approved|\
    reject|rejected|defer|deferred|hold|abort|proceed|rollback|roll back|partial|success|failure|\
    complete|incomplete|ja|nein|oui|non|sí|si|sim|não|да|нет|tak|nie|evet|hayır|freigegeben|abgelehnt|\
    bestanden|aprobado|rechazado|はい|いいえ|承認|却下|是|否|通过|不通过|예|아니오|conditional";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Empty when the line says nothing.
    pub label: String,
    pub options: Vec<String>,
    /// The answer that is marked already.
    pub marked: Option<String>,
    /// The first box on the line, in bytes.
    pub range: Range<usize>,
}

/// The choice that a line asks for: two boxes or more, one behind a label with a colon, or answers in brackets.
#[must_use]
pub fn find(line: &str) -> Option<Choice> {
    of_boxes(line, &found(line)).or_else(|| written_out(line))
}

/// The choice of a line that GitHub renders as a task: its own box and others, or boxes behind its own text.
#[must_use]
pub fn in_task(line: &str, own: Range<usize>) -> Option<Choice> {
    let all = found(line);
    let others: Vec<Found> = all.iter().filter(|found| found.range.start >= own.end).cloned().collect();
    if others.len() > 1
        || others.first().is_some_and(|first| line[..first.range.start].trim_end().ends_with([':', '：', '?', '？']))
    {
        return of_boxes(line, &others);
    }
    // `- [ ] yes [ ] no`: the first answer is the task's own text.
    let choice = of_boxes(line, &all)?;
    choice.options.iter().all(|option| is_answer(option)).then_some(choice)
}

/// Whether a text is an answer and nothing to do.
#[must_use]
pub fn is_answer(text: &str) -> bool {
    let text = text.to_lowercase();
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    let first = text.split(['(', ':', '–', '—', ',']).next().unwrap_or_default().trim();
    ANSWERS.split('|').any(|answer| answer == first)
}

/// The answers to a blank whose label is the question itself: `Go / No-Go: ____`.
#[must_use]
pub fn asked_by(label: &str) -> Vec<String> {
    let plain: String = label.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let decision = ["gonogo", "gonogodecision", "finalgonogo", "finaldecisiongonogo"].contains(&plain.as_str());
    if decision { vec!["GO".to_owned(), "NO-GO".to_owned()] } else { Vec::new() }
}

/// Whether a choice is the decision to go or not.
#[must_use]
pub fn decides(options: &[String]) -> bool {
    let plain = |option: &String| option.to_lowercase().replace([' ', '-', '_'], "");
    let has = |word: &str| options.iter().map(plain).any(|option| option.starts_with(word));
    has("nogo") && options.iter().map(plain).any(|option| option == "go" || option.starts_with("go("))
}

#[derive(Debug, Clone)]
struct Found {
    range: Range<usize>,
    checked: bool,
}

/// Every box on a line, and round ones where there are several.
fn found(line: &str) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    let mut from = 0;
    while let Some(next) = boxes::anywhere(&line[from..]) {
        all.push(Found { range: from + next.start..from + next.end, checked: next.checked });
        from += next.end;
        if all.len() > MOST {
            return Vec::new();
        }
    }
    if !all.is_empty() {
        return all;
    }
    let mut round: Vec<Found> = Vec::new();
    for (at, c) in line.char_indices() {
        let rest = &line[at..];
        let (length, checked) = match c {
            '○' | '◯' | '⚪' | '⭘' => (c.len_utf8(), false),
            '●' | '◉' | '🔘' => (c.len_utf8(), true),
            '(' if rest.starts_with("( )") || rest.starts_with("()") => (rest.find(')').unwrap_or(0) + 1, false),
            '(' if ["(x)", "(X)", "(*)", "(o)", "(•)"].iter().any(|mark| rest.starts_with(mark)) => {
                (rest.find(')').unwrap_or(0) + 1, true)
            }
            _ => continue,
        };
        let apart = line[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '`' | '_'));
        if apart {
            round.push(Found { range: at..at + length, checked });
        }
    }
    if (2..=MOST).contains(&round.len()) { round } else { Vec::new() }
}

fn of_boxes(line: &str, all: &[Found]) -> Option<Choice> {
    let first = all.first()?;
    let range = first.range.clone();
    let lead = &line[..range.start];
    let start = blanks::text_start(lead).min(lead.len());
    let lead = &lead[start..];
    let trails = line[all.last()?.range.end..].trim_matches([' ', '*', '_', '|', '.', ')']).is_empty();
    let asks = lead.trim_end_matches([' ', '*', '_']).ends_with([':', '：', '?', '？']);
    let mut options: Vec<String> = Vec::new();
    let label;
    if trails && !asks && !lead.trim().is_empty() {
        // `Verified: Yes ☐ No ☐`: each answer stands before its box.
        let (before, own) = lead.rsplit_once([':', '：', '?', '？']).unwrap_or(("", lead));
        label = blanks::title(before);
        options.push(tidy(own));
        options.extend(all.windows(2).map(|pair| tidy(&line[pair[0].range.end..pair[1].range.start])));
        if !options.iter().all(|option| is_answer(option)) {
            return None;
        }
    } else {
        label = blanks::title(lead);
        let ends = all.iter().skip(1).map(|next| next.range.start).chain([line.len()]);
        options.extend(all.iter().zip(ends).map(|(own, end)| tidy(&line[own.range.end..end])));
    }
    let marked = all.iter().position(|found| found.checked).and_then(|at| options.get(at).cloned());
    let short = options.iter().all(|option| !option.is_empty() && option.chars().count() <= LONGEST);
    let several = options.len() > 1 || (asks && !label.is_empty());
    (short && several).then_some(Choice { label, options, marked, range })
}

/// `Final call: GO / NO-GO (circle one)`, `Verified: [YES] [NO]`, `Approved: [yes/no]`.
fn written_out(line: &str) -> Option<Choice> {
    let start = blanks::text_start(line);
    let text = &line[start..];
    let at = text.find([':', '：', '?', '？'])?;
    let c = text[at..].chars().next()?;
    let rest = &text[at + c.len_utf8()..];
    let (answers, _) = rest.split_once(" (").unwrap_or((rest, ""));
    let circled = ["circle one", "choose one", "select one", "pick one", "delete as"]
        .iter()
        .any(|w| rest.to_lowercase().contains(w));
    let bracketed =
        answers.trim_matches([' ', '*']).starts_with('[') && answers.trim_end_matches([' ', '*']).ends_with(']');
    if !circled && !bracketed {
        return None;
    }
    let parts = answers.split(['/', '|', '[', ']']).map(tidy).filter(|option| !option.is_empty());
    let options: Vec<String> = parts.collect();
    // `N/A` is one answer.
    let fits = (2..=MOST).contains(&options.len()) && options.iter().all(|option| is_answer(option));
    let label = blanks::title(&text[..at]);
    let from = start + at + c.len_utf8() + (answers.len() - answers.trim_start().len());
    (fits && !label.is_empty()).then(|| Choice {
        label,
        options,
        marked: None,
        range: from..start + at + c.len_utf8() + answers.trim_end().len(),
    })
}

fn tidy(text: &str) -> String {
    let text = blanks::title(text);
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | ';' | '|' | '*' | '，' | '、')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_tasks() {
        let read = |line: &str| find(line).map(|choice| (choice.label, choice.options));
        let choice = |label: &str, options: &[&str]| {
            Some((label.to_owned(), options.iter().map(|option| (*option).to_owned()).collect::<Vec<_>>()))
        };
        for (line, label, options) in [
            ("**Verdict:** ☐ GO ☐ NO-GO", "Verdict", &["GO", "NO-GO"][..]),
            ("Kind: [ ] major / [x] minor", "Kind", &["major", "minor"]),
            ("☐ yes ☐ no", "", &["yes", "no"]),
            ("- Told: ☐ YES", "Told", &["YES"]),
            ("1. Load test passed ☐ Yes ☐ No ☐ N/A", "Load test passed", &["Yes", "No", "N/A"]),
            ("Verified: Yes ☐ No ☐", "Verified", &["Yes", "No"]),
            ("Backup good? Yes [ ] No [ ]", "Backup good", &["Yes", "No"]),
            ("Result: ○ Pass ○ Fail", "Result", &["Pass", "Fail"]),
            ("* Roll back: ( ) yes (x) no", "Roll back", &["yes", "no"]),
            ("判定：□ 通过 □ 不通过", "判定", &["通过", "不通过"]),
            ("Final call: GO / NO-GO (circle one)", "Final call", &["GO", "NO-GO"]),
            ("**Final call:** [GO] [NO-GO]", "Final call", &["GO", "NO-GO"]),
            ("Approved: [yes/no]", "Approved", &["yes", "no"]),
        ] {
            assert_eq!(read(line), choice(label, options), "{line}");
        }
        for line in [
            "☐ Take the backup",
            "Use `[ ]` here",
            "no box",
            "one ☐ in a sentence",
            "f() and g()",
            "See: [the runbook]",
            "Ratio: 1/2 (choose one)",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
        assert_eq!(find("Kind: [ ] major [x] minor").and_then(|choice| choice.marked), Some("minor".into()));
    }

    #[test]
    fn a_task_with_boxes_in_it_is_a_choice() {
        let read = |line: &str| in_task(line, 2..5).map(|choice| (choice.label, choice.options.join(" ")));
        assert_eq!(read("- [ ] Call: ☐ Go ☐ No-Go"), Some(("Call".into(), "Go No-Go".into())));
        assert_eq!(read("- [ ] Approved? [ ] yes [ ] no"), Some(("Approved?".into(), "yes no".into())));
        assert_eq!(read("- [ ] yes [ ] no"), Some((String::new(), "yes no".into())));
        assert_eq!(read("- [ ] Take backup [ ] verify it"), None);
        assert_eq!(read("- [ ] Take backup"), None);
    }

    #[test]
    fn the_decision_is_known() {
        let decides = |options: &[&str]| decides(&options.iter().map(|o| (*o).to_owned()).collect::<Vec<_>>());
        assert!(decides(&["GO", "NO-GO", "DEFER"]) && decides(&["no go", "Go"]));
        assert!(!decides(&["yes", "no"]) && !decides(&["Go on", "Google"]));
    }
}
