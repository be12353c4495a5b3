//! What stands before a signature: the evidence, shown to its end.

use super::{Failure, report};
use crate::checklist::model::SignoffGroup;
use crate::deployment::signoff::evidence;
use crate::ledger::Ledger;
use crate::printed;
use std::io::{self, BufRead, IsTerminal as _, Write};

/// Shows what `group` signs for, page by page, and asks for a word at its end. Where there is no terminal nothing can be
/// shown, and whoever signs so has read it elsewhere.
///
/// # Errors
/// Refuses when it was left before its end, or the word is another.
pub(crate) fn before_signing(
    ledger: &mut Ledger,
    group: &SignoffGroup,
    what: &str,
    reviewed: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if reviewed || !io::stdin().is_terminal() || !printed::is_terminal() {
        return Ok(());
    }
    let phases: Vec<String> = group.phases.iter().map(ToString::to_string).collect();
    let text = report::shown(ledger, Some(&phases));
    let rows = rustix::termios::tcgetwinsize(io::stdin()).map_or(24, |size| usize::from(size.ws_row));
    let shown = evidence::now(ledger.plan(), ledger.state(), group);
    show(&text, what, rows, &mut io::stdin().lock(), out)?;
    ledger.follow()?;
    if evidence::now(ledger.plan(), ledger.state(), group) == shown {
        return Ok(());
    }
    Err(Failure::refused("not signed: the evidence changed while it was read; nothing was recorded, run it again"))
}

/// Pages of so many rows, `Enter` for the next, and at the end the word.
fn show(text: &str, what: &str, rows: usize, typed: &mut dyn BufRead, out: &mut dyn Write) -> Result<(), Failure> {
    let lines: Vec<&str> = text.lines().collect();
    let page = rows.saturating_sub(1).max(1);
    let mut at = 0;
    let mut answer = String::new();
    while at < lines.len() {
        let end = (at + page).min(lines.len());
        for line in &lines[at..end] {
            writeln!(out, "{line}")?;
        }
        at = end;
        if at < lines.len() {
            write!(out, "-- {at} of {} lines; Enter: more, q: leave -- ", lines.len())?;
            out.flush()?;
            answer.clear();
            if typed.read_line(&mut answer)? == 0 || answer.trim().eq_ignore_ascii_case("q") {
                return Err(Failure::refused(
                    "not signed: the evidence was not shown to its end; nothing was recorded",
                ));
            }
        }
    }
    write!(out, "\nType sign to {what}: ")?;
    out.flush()?;
    answer.clear();
    typed.read_line(&mut answer)?;
    if answer.trim() == "sign" {
        return Ok(());
    }
    Err(Failure::refused("not signed: `sign` was not typed; nothing was recorded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(typed: &str) -> (bool, String) {
        let text = (1..=10).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n");
        let mut out = Vec::new();
        let done = show(&text, "sign GO", 5, &mut typed.as_bytes(), &mut out);
        (done.is_ok(), String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_signature_needs_the_last_page_and_the_word() {
        let (signed, reported) = shown("\n\nsign\n");
        assert!(signed && reported.contains("line 10\n") && reported.ends_with("Type sign to sign GO: "), "{reported}");
        for refused in ["", "\n", "q\n", "\nq\nsign\n", "\n\nyes\n", "\n\n"] {
            assert!(!shown(refused).0, "{refused:?}");
        }
        assert!(!shown("q\n").1.contains("line 10"));
    }
}
