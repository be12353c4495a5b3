//! Looks for text and numbers in the output of a command without keeping it.

use super::failures::Failures;
use super::redact::cut;
use super::sanitize::{Piece, Sanitizer};
use crate::checklist::check::Command;
use crate::deployment::Measurement;
use regex::Regex;

/// Output is searched in windows of this size …
const WINDOW: usize = 1024 * 1024;
/// … that overlap by this much, so that a match over lines is found as long as it is shorter.
const OVERLAP: usize = 64 * 1024;
const LONGEST_LINE: usize = 300;

/// What a command's output is searched for. Escapes are removed first, and every line end is one newline.
#[derive(Debug)]
pub(crate) struct Scan {
    sanitizer: Sanitizer,
    failures: Failures,
    window: String,
    after_return: bool,
    contains: Option<Wanted>,
    lacks: Option<Wanted>,
    pattern: Option<(Regex, bool)>,
    numbers: Vec<(Regex, Measurement, bool)>,
}

#[derive(Debug)]
struct Wanted {
    text: String,
    found: bool,
}

impl Scan {
    /// # Errors
    /// A sentence when a pattern is no regular expression.
    pub(in crate::attempts) fn new(check: &Command) -> Result<Self, String> {
        let compile = |pattern: &str| {
            Regex::new(pattern)
                .map_err(|_| format!("`{pattern}` is no regular expression; correct it in the checklist"))
        };
        let wanted = |text: &Option<String>| text.clone().map(|text| Wanted { text, found: false });
        let numbers = check.numbers.iter().map(|number| {
            let measurement = Measurement::new(&number.measure, f64::NAN, &number.unit);
            compile(&number.pattern).map(|regex| (regex, measurement, false))
        });
        Ok(Self {
            sanitizer: Sanitizer::default(),
            failures: Failures::default(),
            window: String::new(),
            after_return: false,
            contains: wanted(&check.contains),
            lacks: wanted(&check.lacks),
            pattern: check.pattern.as_deref().map(compile).transpose()?.map(|regex| (regex, false)),
            numbers: numbers.collect::<Result<_, _>>()?,
        })
    }

    /// Takes output as it came.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let Self { sanitizer, failures, window, after_return, .. } = self;
        sanitizer.feed(bytes, &mut |piece| {
            if let Piece::Text(text) = piece {
                failures.feed(text);
                push_lines(window, after_return, text);
            }
        });
        if self.window.len() > WINDOW {
            // Whole lines only, so that no number is read before its last digit has come; a line longer than a window
            // is searched as it is.
            let half = self.window.len() / 2;
            let end = self.window.rfind('\n').filter(|end| *end > half).map_or(self.window.len(), |end| end + 1);
            let rest = self.window.split_off(end);
            self.search();
            let mut keep = self.window.len().saturating_sub(OVERLAP);
            while !self.window.is_char_boundary(keep) {
                keep += 1;
            }
            let line = self.window[keep..].find('\n').map(|line| keep + line + 1);
            keep = line.filter(|line| *line < self.window.len()).unwrap_or(keep);
            self.window.drain(..keep);
            self.window.push_str(&rest);
        }
    }

    /// Ends the search.
    pub(crate) fn finish(mut self) -> Found {
        let Self { sanitizer, window, after_return, .. } = &mut self;
        sanitizer.end(&mut |piece| {
            if let Piece::Text(text) = piece {
                push_lines(window, after_return, text);
            }
        });
        self.search();
        let mut lines = self.window.lines().rev().map(str::trim).filter(|line| !line.is_empty());
        let very_last = lines.clone().next();
        // What failed is said before the advice: `git` and this program end with hints.
        let line = lines.find(|line| !line.starts_with("hint:")).or(very_last);
        let last_line = line.map(|line| cut(line, LONGEST_LINE));
        let mut wrong = Vec::new();
        if let Some(Wanted { text, found: false }) = &self.contains {
            wrong.push(format!("the output does not contain `{text}`"));
        }
        if let Some(Wanted { text, found: true }) = &self.lacks {
            wrong.push(format!("the output contains `{text}`"));
        }
        if let Some((regex, false)) = &self.pattern {
            wrong.push(format!("nothing in the output matches `{regex}`"));
        }
        let numbers = self.numbers.into_iter().filter(|(_, _, found)| *found).map(|(_, number, _)| number);
        Found { wrong, numbers: numbers.collect(), failed: self.failures.reported(), last_line }
    }

    fn search(&mut self) {
        let window = &self.window;
        for wanted in self.contains.iter_mut().chain(&mut self.lacks) {
            wanted.found |= window.contains(&wanted.text);
        }
        if let Some((regex, found)) = &mut self.pattern {
            *found = *found || regex.is_match(window);
        }
        for (regex, measurement, found) in &mut self.numbers {
            let texts = regex.captures_iter(window).filter_map(|captures| captures.get(1).or_else(|| captures.get(0)));
            let number = |text: regex::Match<'_>| text.as_str().replace([',', '_'], "").parse::<f64>().ok();
            if let Some(value) = texts.filter_map(number).filter(|value| value.is_finite()).last() {
                measurement.value = value;
                *found = true;
            }
        }
    }
}

/// What the search came to.
#[derive(Debug)]
pub(crate) struct Found {
    /// What is not as the check wants it, each a sentence without its stop.
    pub wrong: Vec<String>,
    pub numbers: Vec<Measurement>,
    /// Which tests failed, where the output names any; it may hold secrets.
    pub failed: Option<String>,
    /// The last line that says something; it may still hold secrets.
    pub last_line: Option<String>,
}

fn push_lines(window: &mut String, after_return: &mut bool, text: &str) {
    for part in text.split_inclusive(['\r', '\n']) {
        let (line, end) = match part.char_indices().next_back() {
            Some((at, end @ ('\r' | '\n'))) => (&part[..at], Some(end)),
            _ => (part, None),
        };
        if !line.is_empty() {
            window.extend(line.chars().filter(|c| *c != '\u{8}'));
            *after_return = false;
        }
        match end {
            Some('\n') if std::mem::take(after_return) => {}
            Some(end) => {
                window.push('\n');
                *after_return = end == '\r';
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::check::{CommandSource, Number};

    fn check() -> Command {
        Command {
            source: CommandSource::Run(String::new()),
            exit: vec![0],
            contains: Some("needle".into()),
            lacks: Some("ERROR".into()),
            pattern: Some(r"(?m)^rows: \d+$".into()),
            numbers: vec![Number {
                measure: "tests".into(),
                pattern: r"(\d[\d,]*) passed".into(),
                unit: "tests".into(),
            }],
        }
    }

    #[test]
    fn escapes_and_line_ends_do_not_hide_what_is_looked_for() {
        let mut scan = Scan::new(&check()).unwrap();
        for chunk in
            [&b"nee\x1b[31mdle\r"[..], b"\nrows: 12\r\n1 passed\r1,2", b"34 passed\r\nlast \x1b[0mline\r\n\r\n"]
        {
            scan.feed(chunk);
        }
        let found = scan.finish();
        assert!(found.wrong.is_empty(), "{:?}", found.wrong);
        assert_eq!(found.numbers, [Measurement::new("tests", 1234.0, "tests")]);
        assert_eq!(found.last_line.as_deref(), Some("last line"));
    }

    #[test]
    fn advice_is_not_the_last_word() {
        let last = |text: &str| {
            let mut scan = Scan::new(&check()).unwrap();
            scan.feed(text.as_bytes());
            scan.finish().last_line
        };
        assert_eq!(
            last("error: it did not start\nhint: look at the log\n").as_deref(),
            Some("error: it did not start")
        );
        assert_eq!(last("hint: look at the log\n").as_deref(), Some("hint: look at the log"));
    }

    #[test]
    fn everything_missing_is_named() {
        let mut scan = Scan::new(&check()).unwrap();
        scan.feed(b"ERROR\n");
        let found = scan.finish();
        assert_eq!(found.wrong.len(), 3);
        assert!(found.numbers.is_empty());
        let broken = Command { pattern: Some("(".into()), ..check() };
        assert!(Scan::new(&broken).is_err());
    }

    #[test]
    fn large_output_is_searched_in_flat_memory() {
        let mut scan = Scan::new(&check()).unwrap();
        let line = b"a line of ordinary output that fills the window\r\n".repeat(1000);
        scan.feed(b"needle\r\nrows: 5\r\n");
        for round in 0..200 {
            scan.feed(&line);
            if round == 100 {
                scan.feed(b"7 passed\r\n");
            }
            assert!(scan.window.len() < 2 * WINDOW);
        }
        for _ in 0..4000 {
            scan.feed(&[b'x'; 4096]);
            assert!(scan.window.len() < 2 * WINDOW);
        }
        let found = scan.finish();
        assert!(found.wrong.is_empty(), "{:?}", found.wrong);
        assert_eq!(found.numbers, [Measurement::new("tests", 7.0, "tests")]);
    }
}
