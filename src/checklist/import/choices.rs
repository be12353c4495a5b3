//! Lines that ask for one of several answers: `Decision: ☐ GO ☐ NO-GO`.
//!
//! Longer than 400 lines because answers with boxes and answers written out share their rules, and the tests that tell them apart fill a quarter.

use super::{blanks, boxes, legend};
use std::ops::Range;

/// The most characters of an answer; a longer one is a task.
const LONGEST: usize = 40;
/// The most answers of one line.
const MOST: usize = 16;
/// Answers that people give, by their beginnings; a line of them asks and says nothing to do.
const ANSWERS: &str = "go|no-go|no go|nogo|yes|no|y|n|n/a|na|pass|passed|fail|failed|ok|not ok|true|false|approve|approved|\
    reject|rejected|defer|deferred|hold|abort|proceed|rollback|roll back|partial|success|failure|\
    complete|incomplete|ja|nein|oui|non|sí|si|sim|não|да|нет|tak|nie|evet|hayır|freigegeben|abgelehnt|\
    bestanden|aprobado|rechazado|はい|いいえ|承認|却下|是|否|通过|不通过|예|아니오|conditional";

/// What shows that one of several answers is to be marked.
const CIRCLED: [&str; 9] = [
    "circle one",
    "choose one",
    "select one",
    "pick one",
    "tick one",
    "check one",
    "mark one",
    "delete as",
    "strike out",
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// Empty when the line says nothing.
    pub label: String,
    pub options: Vec<String>,
    /// The answer that is marked already.
    pub marked: Option<String>,
    /// The first box on the line, or all answers where they have none, in bytes.
    pub range: Range<usize>,
    /// The box of each answer; none where they have no boxes.
    pub boxes: Vec<Range<usize>>,
    /// Where the last answer ends.
    pub end: usize,
}

impl Choice {
    /// As it is now on a line that begins some bytes earlier.
    fn behind(mut self, bytes: usize) -> Self {
        for range in self.boxes.iter_mut().chain([&mut self.range]) {
            *range = range.start + bytes..range.end + bytes;
        }
        self.end += bytes;
        self
    }
}

/// The choice that a line asks for: two boxes or more, one behind a label with a colon, or answers written out.
pub(super) fn find(line: &str) -> Option<Choice> {
    of_boxes(line, &found(line), Answers::Known).or_else(|| written_out(line))
}

/// The choice of a line that GitHub renders as a task, behind its own box or with it as the first answer's.
pub(super) fn in_task(line: &str, own: Range<usize>) -> Option<Choice> {
    let rest = line.get(own.end..)?;
    let others = found(rest);
    let asks = |first: &Found| rest[..first.range.start].trim_end().ends_with([':', '：', '?', '？']);
    let asked = match others.as_slice() {
        [] => written_out(rest),
        [first] if !asks(first) => None,
        all => of_boxes(rest, all, Answers::Any),
    };
    if let Some(choice) = asked {
        return Some(choice.behind(own.end));
    }
    // `- [ ] yes [ ] no`: the first answer is the task's own text.
    let choice = of_boxes(line, &found(line), Answers::Known)?;
    choice.options.iter().all(|option| is_answer(option)).then_some(choice)
}

/// Whether a text is an answer and nothing to do.
pub(super) fn is_answer(text: &str) -> bool {
    let text = text.to_lowercase();
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    let first = text.split(['(', ':', '–', '—', ',']).next().unwrap_or_default().trim();
    ANSWERS.split('|').any(|answer| answer == first)
}

/// The answers to a blank whose label is the question itself: `Go / No-Go: ____`.
pub(super) fn asked_by(label: &str) -> Vec<String> {
    let plain: String = label.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let decision = ["gonogo", "gonogodecision", "finalgonogo", "finaldecisiongonogo"].contains(&plain.as_str());
    if decision { vec!["GO".to_owned(), "NO-GO".to_owned()] } else { Vec::new() }
}

/// Whether a choice is the decision to go or not.
pub(super) fn decides(options: &[String]) -> bool {
    let plain = |option: &String| option.to_lowercase().replace([' ', '-', '_'], "");
    let has = |word: &str| options.iter().map(plain).any(|option| option.starts_with(word));
    has("nogo") && options.iter().map(plain).any(|option| option == "go" || option.starts_with("go("))
}

/// The boxes of a line on which each is something to do, with what that is: answers exclude one another, tasks do not.
pub(super) fn several(line: &str) -> Option<Vec<(Range<usize>, bool, String)>> {
    let all = found(line);
    let first = all.first().filter(|_| all.len() > 1)?;
    if legend::is_legend(line) || line[first.range.clone()].starts_with(['(', '○', '●', '◯', '◉', '⚪', '🔘', '⭘'])
    {
        return None;
    }
    let lead = &line[..first.range.start];
    let lead = &lead[blanks::text_start(lead).min(lead.len())..];
    let ends: Vec<usize> = all.iter().skip(1).map(|next| next.range.start).chain([line.len()]).collect();
    let texts: Vec<&str> = all.iter().zip(&ends).map(|(own, end)| &line[own.range.end..*end]).collect();
    let label = blanks::title(lead);
    let asks = lead.trim_end_matches([' ', '*', '_']).ends_with([':', '：', '?', '？']);
    let alternatives = texts[..texts.len() - 1].iter().any(|text| {
        let text = text.trim_end();
        text.ends_with(['/', '|']) || text.ends_with(" or") || text.ends_with(" oder")
    });
    let listed = {
        let lower = label.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        let done = ["done", "verified", "checked", "completed", "complete", "all", "following", "erledigt", "geprüft"];
        let plural = |word: &&str| {
            let word = word.trim_end_matches(':');
            word.ends_with('s') && word.len() > 3 && !["status", "ss", "us", "is"].iter().any(|end| word.ends_with(end))
        };
        words.iter().any(|word| done.contains(&word.trim_end_matches(':'))) || words.last().is_some_and(plural)
    };
    let answers = texts.iter().all(|text| is_answer(&tidy(text)));
    let named = texts.iter().all(|text| tidy(text).chars().any(char::is_alphanumeric));
    let bare = label.is_empty() && !asks;
    if answers || alternatives || !named || !(bare || (asks && listed)) || blanks::has_any(line) {
        return None;
    }
    // Two words beside each other are alternatives as often as not.
    let reported = |text: &&str| tidy(text).split_whitespace().count() > 1;
    if bare && !texts.iter().any(reported) {
        return None;
    }
    let title = |text: &str| if label.is_empty() { tidy(text) } else { format!("{label}: {}", tidy(text)) };
    Some(all.iter().zip(texts).map(|(own, text)| (own.range.clone(), own.checked, title(text))).collect())
}

/// Which texts are answers to a question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// Those that people are known to give.
    Known,
    /// Any of a word or two.
    Any,
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

fn of_boxes(line: &str, all: &[Found], answers: Answers) -> Option<Choice> {
    let first = all.first()?;
    let last = all.last()?;
    let range = first.range.clone();
    let lead = &line[..range.start];
    let start = blanks::text_start(lead).min(lead.len());
    let lead = &lead[start..];
    let tail = &line[last.range.end..];
    let asks = lead.trim_end_matches([' ', '*', '_']).ends_with([':', '：', '?', '？']);
    let closed = tail.trim_matches([' ', '*', '_', '|', '.', ')']).is_empty();
    let trails = closed || (all.len() > 1 && blanks::has_any(tail) && !is_answer(answer_part(tail)));
    let mut options: Vec<String> = Vec::new();
    let label;
    let mut end = last.range.end;
    if trails && !asks && !lead.trim().is_empty() {
        // `Verified: Yes ☐ No ☐`: each answer stands before its box.
        let (before, own) = lead.rsplit_once([':', '：', '?', '？']).unwrap_or_else(|| {
            // `Load test passed  Yes ☐ No ☐`: the answer is what stands last.
            let trimmed = lead.trim_end();
            let spaced = trimmed.rfind("  ").map(|at| at + 2);
            let known = || trimmed.match_indices(' ').map(|(at, _)| at + 1).find(|at| is_answer(&trimmed[*at..]));
            let cut = if is_answer(trimmed) { 0 } else { spaced.or_else(known).unwrap_or(0) };
            (&lead[..cut], &lead[cut..])
        });
        label = blanks::title(before);
        options.push(tidy(own));
        options.extend(all.windows(2).map(|pair| tidy(&line[pair[0].range.end..pair[1].range.start])));
        let few = |option: &String| option.split_whitespace().count() <= 2;
        let any = answers == Answers::Any && all.len() > 1 && options.iter().all(few);
        if !any && !options.iter().all(|option| is_answer(option)) {
            return None;
        }
    } else {
        label = blanks::title(lead);
        let known =
            all.len() > 1 && all.windows(2).all(|pair| is_answer(&tidy(&line[pair[0].range.end..pair[1].range.start])));
        let own = if known { known_part(tail) } else { answer_part(tail) };
        end += own.len();
        let ends = all.iter().skip(1).map(|next| next.range.start).chain([end]);
        options.extend(all.iter().zip(ends).map(|(own, end)| tidy(&line[own.range.end..end])));
    }
    // Signs that all look alike mark nothing.
    let alike = all.len() > 1 && all.iter().all(|found| found.checked);
    let marked = all.iter().position(|found| found.checked && !alike).and_then(|at| options.get(at).cloned());
    let short = options.iter().all(|option| !option.is_empty() && option.chars().count() <= LONGEST);
    let several = options.len() > 1 || (asks && !label.is_empty());
    let boxes = all.iter().map(|found| found.range.clone()).collect();
    (short && several && !legend::is_legend(line)).then_some(Choice { label, options, marked, range, boxes, end })
}

/// What belongs to the last answer of a line on which something else is still to be filled in: `NO-GO  Decided by: ____`.
fn answer_part(tail: &str) -> &str {
    if !blanks::has_any(tail) {
        return tail;
    }
    let begins = tail.len() - tail.trim_start().len();
    let own = tail[begins..].find("  ").or_else(|| tail[begins..].find(['\t', '(', ',', ';', '|']));
    if let Some(end) = own.filter(|end| *end > 0) {
        return &tail[..begins + end];
    }
    // As many words as still are an answer, else the first.
    let ends = tail[begins..].match_indices(' ').map(|(at, _)| begins + at);
    let ends: Vec<usize> = ends.take_while(|end| !tail[..*end].contains([':', '：'])).collect();
    let known = ends.iter().copied().filter(|end| is_answer(&tail[..*end])).max();
    known.or(ends.first().copied()).map_or(tail, |end| &tail[..end])
}

/// What belongs to the last of several known answers; another question or remark may stand behind it.
fn known_part(tail: &str) -> &str {
    let own = answer_part(tail);
    if own.len() < tail.len() || is_answer(own) {
        return own;
    }
    let begins = tail.len() - tail.trim_start().len();
    let ends = tail[begins..].match_indices(' ').map(|(at, _)| begins + at);
    let known = ends.filter(|end| is_answer(&tail[..*end])).max();
    let apart = |end: &usize| {
        let rest = tail[*end..].trim();
        rest.ends_with(['?', '？']) || rest.starts_with(['—', '–', '-', '(', '|', ';'])
    };
    known.filter(apart).map_or(tail, |end| &tail[..end])
}

/// `Final call: GO / NO-GO (circle one)`, `DRAFT / APPROVED (circle one)`, `Verified: [YES] [NO]`, `Approved: [yes/no]`.
fn written_out(line: &str) -> Option<Choice> {
    let start = blanks::text_start(line);
    let text = &line[start..];
    let lower = text.to_ascii_lowercase();
    let reported = CIRCLED.iter().filter_map(|words| lower.find(words).map(|at| (at, at + words.len()))).min();
    let choice = match reported {
        Some((at, behind)) => {
            let before = text[..at].trim_end_matches([' ', '(', '[', '*', '_', ',', '-', '–', '—']);
            if let Some(choice) = circled(before) {
                let hint = text[behind..].find([')', ']']).map_or(behind, |close| behind + close + 1);
                Some(Choice { end: hint, ..choice })
            } else {
                // `Decision (circle one): GO / NO-GO`
                let skip = text[behind..].find([':', ')', ']']).map_or(behind, |at| behind + at + 1);
                let skip =
                    skip + (text[skip..].len() - text[skip..].trim_start_matches([':', ')', ']', ' ', '*']).len());
                let after = answer_part(&text[skip..]);
                let label = blanks::title(before);
                circled(after)
                    .filter(|choice| choice.label.is_empty())
                    .map(|choice| Choice { label, ..choice.behind(skip) })
            }
        }
        None => listed(text),
    };
    choice.map(|choice| choice.behind(start))
}

/// Answers parted by a slash, with what is asked before them.
fn circled(text: &str) -> Option<Choice> {
    let from =
        text.rfind([':', '：', '?', '？']).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let answers = &text[from..];
    let parted = if answers.contains(" / ") {
        " / "
    } else if answers.contains('/') {
        "/"
    } else {
        "|"
    };
    let mut parts: Vec<&str> = answers.split(parted).collect();
    let (first, second) = (parts.first().copied()?, parts.get(1).copied()?);
    // Of what stands before the first slash only the end is an answer.
    let mut own = from;
    if from == 0 {
        let count = second.split_whitespace().count().max(1);
        let spaced = first.trim_end().rfind("  ").map(|at| at + 2);
        let words: Vec<&str> = first.split_whitespace().collect();
        let cut = words.len().checked_sub(count).and_then(|at| words.get(at)).and_then(|word| first.rfind(word));
        let known = first.match_indices(' ').map(|(at, _)| at + 1).find(|at| is_answer(&first[*at..]));
        own = if is_answer(first) { 0 } else { spaced.or(known).or(cut).unwrap_or(0) };
        parts[0] = &first[own..];
    }
    let options: Vec<String> = parts.into_iter().map(tidy).collect();
    let fits = |option: &String| {
        let words = option.split_whitespace().count();
        (1..=4).contains(&words) && option.chars().count() <= LONGEST && option.chars().any(char::is_alphabetic)
    };
    let label = blanks::title(&text[..own]);
    let from = own + (text[own..].len() - text[own..].trim_start().len());
    let end = text.trim_end().len();
    let good = (2..=MOST).contains(&options.len()) && options.iter().all(fits) && from < end;
    good.then(|| Choice { label, options, marked: None, range: from..end, boxes: Vec::new(), end })
}

/// Known answers and nothing else behind a label: in brackets, or parted by a slash.
fn listed(text: &str) -> Option<Choice> {
    let at = text.find([':', '：', '?', '？'])?;
    let c = text[at..].chars().next()?;
    let behind = at + c.len_utf8();
    let rest = &text[behind..];
    let (answers, _) = rest.split_once(" (").unwrap_or((rest, ""));
    let bare = answers.trim_matches([' ', '*', '_']);
    let bracketed = bare.starts_with('[') && bare.ends_with(']');
    let parted = if bare.contains(" / ") { " / " } else { "/" };
    let parts: Vec<&str> =
        if bracketed { bare.split(['/', '|', '[', ']']).collect() } else { bare.split(parted).collect() };
    let options: Vec<String> = parts.into_iter().map(tidy).filter(|option| !option.is_empty()).collect();
    // `N/A` is one answer.
    let fits = (2..=MOST).contains(&options.len()) && options.iter().all(|option| is_answer(option));
    let label = blanks::title(&text[..at]);
    let from = behind + rest.find(bare).unwrap_or(0);
    let end = from + bare.len();
    let range = from..end;
    (fits && !label.is_empty()).then(|| Choice { label, options, marked: None, range, boxes: Vec::new(), end })
}

fn tidy(text: &str) -> String {
    let text = blanks::title(text);
    let part = |c: char| c.is_whitespace() || matches!(c, '/' | ',' | ';' | '|' | '*' | '，' | '、');
    text.replace("&nbsp;", " ").trim_matches(part).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_distinguished_from_tasks() {
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
            ("Approved: yes / no", "Approved", &["yes", "no"]),
            ("DRAFT / APPROVED (circle one)", "", &["DRAFT", "APPROVED"]),
            ("State DRAFT / APPROVED (circle one)", "State", &["DRAFT", "APPROVED"]),
            ("Roll forward / Roll back (choose one)", "", &["Roll forward", "Roll back"]),
            ("Call (circle one): GO / NO-GO", "Call", &["GO", "NO-GO"]),
            ("T-5   GO / NO-GO (circle one)    By: ____", "T-5", &["GO", "NO-GO"]),
            ("Call: ☐ GO ☐ NO-GO  By: ____", "Call", &["GO", "NO-GO"]),
            ("Call: ☐ GO ☐ NO-GO by: ____", "Call", &["GO", "NO-GO"]),
            ("Checked: Yes ☐ No ☐ By: ____", "Checked", &["Yes", "No"]),
            ("Proceed: YES ☐  NO ☐  Initials: ____", "Proceed", &["YES", "NO"]),
            ("☐ Yes ☐ No — ticket: ____", "", &["Yes", "No"]),
            ("☐ Yes ☐ No Did it work?", "", &["Yes", "No"]),
            ("Dump checked  Pass ☐ Fail ☐  by: ____", "Dump checked", &["Pass", "Fail"]),
            ("☐ GO ☐ NO-GO ☐ GO with conditions", "", &["GO", "NO-GO", "GO with conditions"]),
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
            "✅ done &nbsp; ⬜ open &nbsp; ❌ failed",
            "Legend: ☐ open ☑ done",
            "Note: yes/no questions come last",
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
        assert_eq!(read("- [ ] Call: GO / NO-GO (circle one)"), Some(("Call".into(), "GO NO-GO".into())));
        assert_eq!(read("- [ ] Well? ( ) yes ( ) no"), Some(("Well?".into(), "yes no".into())));
        assert_eq!(read("- [ ] Blue ☐ Green ☐"), Some((String::new(), "Blue Green".into())));
        assert_eq!(read("- [ ] Take backup [ ] verify it"), None);
        assert_eq!(read("- [ ] Take backup"), None);
    }

    #[test]
    fn tasks_on_one_line_are_no_answers() {
        let read = |line: &str| several(line).map(|all| all.into_iter().map(|(.., text)| text).collect::<Vec<_>>());
        let texts = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(read("☐ Stop the app  ☐ Dump it"), texts(&["Stop the app", "Dump it"]));
        assert_eq!(read("Checks done: ☐ dumps ☐ disk"), texts(&["Checks done: dumps", "Checks done: disk"]));
        for line in [
            "☐ yes ☐ no",
            "Kind: [ ] major / [x] minor",
            "Environment: ☐ staging ☐ production",
            "☐ Blue ☐ Green",
            "☐ one",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
        assert_eq!(find("🔘 Proceed 🔘 Abort").and_then(|choice| choice.marked), None);
    }

    #[test]
    fn the_decision_is_known() {
        let decides = |options: &[&str]| decides(&options.iter().map(|o| (*o).to_owned()).collect::<Vec<_>>());
        assert!(decides(&["GO", "NO-GO", "DEFER"]) && decides(&["no go", "Go"]));
        assert!(!decides(&["yes", "no"]) && !decides(&["Go on", "Google"]));
    }
}
