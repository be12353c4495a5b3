//! What a task item most likely is, evaluated by its words and the headings above it.

use super::account::{Kind, Language};
use super::{blanks, roles};

const DATES: [&str; 12] =
    ["on", "date", "datum", "fecha", "data", "дата", "日付", "日期", "날짜", "التاريخ", "signed", "signature"];
/// Labels of lines to sign.
const SIGNED: &str = "signed|signature|sign-off|signoff|approved by|authorized by|authorised by|unterschrift|freigegeben von|genehmigt von|\
    firma|firmado|aprobado por|assinatura|signé|approuvé par|подпис|утвержд|署名|承認者|签字|签名|批准人|서명";
const SIGN_OFFS: [&str; 13] = [
    "sign-off",
    "signoff",
    "sign off",
    "signature",
    "approval",
    "approver",
    "freigabe",
    "unterschrift",
    "подпис",
    "承認",
    "승인",
    "签字",
    "aprobaci",
];
const ISSUES: [&str; 6] = ["issue", "problem", "incident", "defect", "bug", "blocker"];
const LESSONS: [&str; 6] = ["lesson", "learned", "learnt", "retrospective", "takeaway", "went well"];

/// Evaluates a task item by its text and the headings above it, innermost first.
pub(super) fn of<'h>(text: &str, headings: &(impl Iterator<Item = &'h str> + Clone)) -> Kind {
    let under = |words: &[&str]| headings.clone().any(|heading| has(heading, words));
    if !blanks::has_any(text) {
        // A role with a colon and the line left open, or nothing but a role below a heading of approvals.
        let open = text.ends_with([':', '：']) && under(&SIGN_OFFS);
        let role = headings.clone().next().is_some_and(roles::approves) && roles::is_role(text);
        return if open || role { Kind::SignOff } else { Kind::Item };
    }
    if is_signed(text) || (under(&SIGN_OFFS) && !blanks::is_only(text)) {
        return Kind::SignOff;
    }
    let opening = blanks::title(text);
    if blanks::is_only(text) {
        return if under(&LESSONS) {
            Kind::Lesson
        } else if under(&ISSUES) {
            Kind::Issue
        } else {
            Kind::Value
        };
    }
    if starts(&opening, &ISSUES) {
        Kind::Issue
    } else if starts(&opening, &LESSONS) {
        Kind::Lesson
    } else {
        Kind::Value
    }
}

/// `QA Lead: ____ Date: ____`: a name to write and the day it was written.
pub(super) fn is_signed(text: &str) -> bool {
    let blanks = blanks::find(text);
    // A line that is called a signature asks for nothing else.
    let named = blanks.first().map(|blank| blank.label.to_lowercase()).unwrap_or_default();
    if SIGNED.split('|').any(|word| named.starts_with(word)) || (!named.is_empty() && blanks::has_fields(text)) {
        return true;
    }
    if !blanks::has_several(text) {
        return false;
    }
    blanks.first().is_some_and(|blank| !blank.label.is_empty() && blank.unit.is_none() && !is_date(&blank.label))
        && blanks[1..].iter().any(|blank| is_date(&blank.label))
}

fn is_date(label: &str) -> bool {
    let label = label.to_lowercase();
    let last = label.rsplit(": ").next().unwrap_or_default();
    DATES
        .iter()
        .any(|date| last == *date || last.starts_with(&format!("{date} ")) || last.ends_with(&format!(" {date}")))
}

fn has(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// Whether the first word is one of a few and hardly another follows: `Issue`, `Issues found`.
fn starts(text: &str, words: &[&str]) -> bool {
    let mut found = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let first = found.next().unwrap_or_default();
    let singular = first.strip_suffix(['s', 'S']).unwrap_or(first);
    words.iter().any(|word| first.eq_ignore_ascii_case(word) || singular.eq_ignore_ascii_case(word))
        && found.nth(1).is_none()
}

/// The language of a code block: as reported, else as its first words look.
pub(super) fn language(info: &str, text: &str) -> Language {
    let reported = info.split([' ', ',', '{', '\t']).next().unwrap_or_default().to_ascii_lowercase();
    match reported.as_str() {
        "sql" | "psql" | "pgsql" | "plpgsql" | "postgres" | "postgresql" | "mysql" | "sqlite" | "tsql" => Language::Sql,
        "sh" | "bash" | "shell" | "zsh" | "fish" | "console" | "terminal" | "shell-session" | "shellsession"
        | "ksh" => Language::Shell,
        "py" | "python" | "python3" | "pycon" | "ipython" => Language::Python,
        "" if super::proposals::is_session(text) => Language::Shell,
        "" => guess(text),
        _ => Language::Other,
    }
}

fn guess(text: &str) -> Language {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = lines.clone().find(|line| !line.starts_with("--")) else { return Language::Other };
    if super::proposals::is_sql(first) {
        Language::Sql
    } else if super::proposals::is_command(first) {
        Language::Shell
    } else if first.starts_with("import ") || (first.starts_with("from ") && first.contains(" import ")) {
        Language::Python
    } else {
        Language::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str, heading: &str) -> Kind {
        of(text, &std::iter::once(heading))
    }

    #[test]
    fn kinds_are_reported_by_words_and_headings() {
        assert_eq!(kind("QA Lead: ____ Date: ____", "Anything"), Kind::SignOff);
        assert_eq!(kind("QA Lead: ____", "Staging Sign-Off"), Kind::SignOff);
        assert_eq!(kind("QA Lead:", "Approvals"), Kind::SignOff);
        assert_eq!(kind("Lot time: ___ ms (baseline: ___ ms)", "Validation"), Kind::Value);
        assert_eq!(kind("Start date: ____ End date: ____", "Window"), Kind::Value);
        assert_eq!(kind("Issue: ____", "Issues Encountered"), Kind::Issue);
        assert_eq!(kind("____", "Lessons Learned"), Kind::Lesson);
        assert_eq!(kind("____", "Notes"), Kind::Value);
        assert_eq!(kind("QA Lead", "5. Approvals"), Kind::SignOff);
        assert_eq!(kind("SRE [Signature] [Date]", "Anything"), Kind::SignOff);
        for text in ["Team sign-off obtained", "QA team informed", "Ask the security team", "Lead has approved"] {
            assert_eq!(kind(text, "Sign-off"), Kind::Item, "{text}");
        }
    }

    #[test]
    fn languages_are_distinguished() {
        assert_eq!(language("sql", ""), Language::Sql);
        assert_eq!(language("bash title=\"x\"", ""), Language::Shell);
        assert_eq!(language("", "$ ls -l\n"), Language::Shell);
        assert_eq!(language("", "-- one\nSELECT 1;\n"), Language::Sql);
        assert_eq!(language("", "from a import b\n"), Language::Python);
        assert_eq!(language("json", "SELECT 1;"), Language::Other);
        assert_eq!(language("", "lots: ____\n"), Language::Other);
    }
}
