//! How a box is ticked in its own manner: `[ ]` becomes `[x]`, `☐` becomes `☑`, `( )` becomes `(x)`.

/// Signs that stand open, and what is in their place when it is done.
const OPEN: [(&str, &str); 26] = [
    ("☐", "☑"),
    ("□", "☑"),
    ("▢", "☑"),
    ("❏", "☑"),
    ("⬜", "✅"),
    ("◻", "✅"),
    ("◽", "✅"),
    ("🔲", "✅"),
    ("🔳", "✅"),
    ("❌", "✅"),
    ("✗", "✔"),
    ("✘", "✔"),
    ("○", "●"),
    ("◯", "●"),
    ("⭘", "●"),
    ("⚪", "🔘"),
    ("( )", "(x)"),
    ("()", "(x)"),
    (":white_large_square:", ":white_check_mark:"),
    (":white_medium_square:", ":white_check_mark:"),
    (":white_square_button:", ":white_check_mark:"),
    (":black_square_button:", ":white_check_mark:"),
    (":black_large_square:", ":white_check_mark:"),
    (":white_small_square:", ":white_check_mark:"),
    (":hourglass:", ":white_check_mark:"),
    (":x:", ":white_check_mark:"),
];
/// Signs that are ticked, and what is in their place when it is not done.
const TICKED: [(&str, &str); 14] = [
    ("☑", "☐"),
    ("☒", "☐"),
    ("🗹", "☐"),
    ("🗷", "☐"),
    ("✅", "⬜"),
    ("●", "○"),
    ("◉", "○"),
    ("🔘", "⚪"),
    ("(x)", "( )"),
    ("(X)", "( )"),
    ("(*)", "( )"),
    ("(o)", "( )"),
    ("(•)", "( )"),
    (":white_check_mark:", ":white_large_square:"),
];
/// Keywords of tasks that are not done.
const KEYWORDS: [&str; 6] = ["TODO", "DOING", "NEXT", "WAITING", "IN-PROGRESS", "STARTED"];

/// A box as it is written ticked. One that is ticked already stays as it is.
pub(super) fn ticked(raw: &str) -> String {
    if let Some(inside) = within(raw) {
        let mark = inside.trim();
        return if mark.eq_ignore_ascii_case("x") || is_check(mark) { raw.to_owned() } else { bracketed(raw, "x") };
    }
    if raw.starts_with('<') {
        let end = raw.trim_end_matches(['>', '/', ' ']);
        return if is_checked_tag(raw) { raw.to_owned() } else { format!("{end} checked{}", &raw[end.len()..]) };
    }
    let word = raw.trim_end_matches(':');
    if KEYWORDS.contains(&word) {
        return format!("DONE{}", &raw[word.len()..]);
    }
    other(raw, &OPEN)
}

/// A box as it is written when it is not ticked. One that is open already stays as it is.
pub(super) fn open(raw: &str) -> String {
    if let Some(inside) = within(raw) {
        let mark = inside.trim();
        return if mark.eq_ignore_ascii_case("x") || is_check(mark) { bracketed(raw, " ") } else { raw.to_owned() };
    }
    if raw.starts_with('<') {
        return raw
            .replacen(" checked=\"checked\"", "", 1)
            .replacen(" checked=\"\"", "", 1)
            .replacen(" checked", "", 1);
    }
    other(raw, &TICKED)
}

fn other(raw: &str, table: &[(&str, &str)]) -> String {
    // An emoji or text variation selector goes with its sign.
    let bare = raw.trim_end_matches(['\u{fe0e}', '\u{fe0f}']);
    let found = table.iter().find(|(from, _)| *from == bare);
    found.map_or_else(|| raw.to_owned(), |(_, to)| (*to).to_owned())
}

/// What stands between the brackets of a box, escaped ones too.
fn within(raw: &str) -> Option<&str> {
    let escaped = raw.strip_prefix("\\[").and_then(|raw| raw.strip_suffix("\\]"));
    escaped.or_else(|| raw.strip_prefix('[').and_then(|raw| raw.strip_suffix(']')))
}

fn bracketed(raw: &str, mark: &str) -> String {
    if raw.starts_with('\\') { format!("\\[{mark}\\]") } else { format!("[{mark}]") }
}

fn is_check(mark: &str) -> bool {
    matches!(mark, "✓" | "✔" | "✅" | "☑" | "✔️")
}

/// Whether a checkbox of HTML is ticked.
pub(super) fn is_checked_tag(tag: &str) -> bool {
    tag.replace("checkbox", "").contains("checked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_ticked_in_its_own_manner_and_back() {
        for (from, to) in [
            ("[ ]", "[x]"),
            ("\\[ \\]", "\\[x\\]"),
            ("☐", "☑"),
            ("⬜", "✅"),
            ("( )", "(x)"),
            ("○", "●"),
            (":white_large_square:", ":white_check_mark:"),
            ("<input type=\"checkbox\">", "<input type=\"checkbox\" checked>"),
            ("<input type=\"checkbox\" />", "<input type=\"checkbox\" checked />"),
        ] {
            assert_eq!((ticked(from).as_str(), open(to).as_str()), (to, from), "{from}");
            assert_eq!((ticked(to).as_str(), open(from).as_str()), (to, from), "{from}");
        }
        for (from, to) in [("[]", "[x]"), ("[/]", "[x]"), ("TODO:", "DONE:"), ("⬜\u{fe0f}", "✅"), ("❌", "✅")] {
            assert_eq!(ticked(from), to, "{from}");
        }
        for raw in ["[X]", "[✓]", "☑", "DONE"] {
            assert_eq!(ticked(raw), raw, "{raw}");
        }
    }
}
