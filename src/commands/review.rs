//! What stands before a signature: the evidence, shown to its end.

use super::{Failure, report};
use crate::checklist::model::SignoffGroup;
use crate::deployment::attempt::AttemptNumber;
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
    let open = |number| report::output(ledger, AttemptNumber(number));
    show(&text, what, rows, &mut io::stdin().lock(), out, &open)?;
    ledger.follow()?;
    if evidence::now(ledger.plan(), ledger.state(), group) == shown {
        return Ok(());
    }
    Err(Failure::refused("not signed: the evidence changed while it was read; nothing was recorded, run it again"))
}

/// Pages of so many rows, `Enter` for the next, the number of an attempt for its output, and at the end the word.
fn show(
    text: &str,
    what: &str,
    rows: usize,
    typed: &mut dyn BufRead,
    out: &mut dyn Write,
    open: &dyn Fn(u32) -> String,
) -> Result<(), Failure> {
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
            let prompt =
                format!("-- {at} of {} lines; Enter: more, NUMBER: that attempt's output, q: leave -- ", lines.len());
            let read = ask(&prompt, &mut answer, typed, out, open)?;
            if read == 0 || answer.trim().eq_ignore_ascii_case("q") {
                return Err(Failure::refused(
                    "not signed: the evidence was not shown to its end; nothing was recorded",
                ));
            }
        }
    }
    ask(&format!("\nType sign to {what}: "), &mut answer, typed, out, open)?;
    if answer.trim() == "sign" {
        return Ok(());
    }
    Err(Failure::refused("not signed: `sign` was not typed; nothing was recorded"))
}

/// Reads an answer, and how many bytes it had. As long as it is the number of an attempt, what that wrote is shown.
fn ask(
    prompt: &str,
    answer: &mut String,
    typed: &mut dyn BufRead,
    out: &mut dyn Write,
    open: &dyn Fn(u32) -> String,
) -> io::Result<usize> {
    loop {
        write!(out, "{prompt}")?;
        out.flush()?;
        answer.clear();
        let read = typed.read_line(answer)?;
        let Ok(number) = answer.trim().parse() else { return Ok(read) };
        write!(out, "\n{}\n", open(number))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(typed: &str) -> (bool, String) {
        let text = (1..=10).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n");
        let mut out = Vec::new();
        let open = |number| format!("output of {number}");
        let done = show(&text, "sign GO", 5, &mut typed.as_bytes(), &mut out, &open);
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
        // An attempt that is looked at is no page further.
        let (signed, said) = shown("7\n\n0012\n\n3\nsign\n");
        assert!(signed && said.contains("output of 7") && said.contains("output of 12"), "{said}");
        assert!(!shown("7\n\nsign\n").0);
    }
}
