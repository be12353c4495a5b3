//! Which tests failed, read from the output of a test run. Pure.
//!
//! Known are pytest, unittest, cargo test and nextest, go test, jest, vitest, Gradle, Maven, the XML of `JUnit` and TAP.

use regex::Regex;
use std::sync::LazyLock;

/// So many are kept by name.
const KEPT: usize = 3;
/// Longer names are cut.
const LONGEST: usize = 120;
/// No line that names a test is longer.
const LONGEST_LINE: usize = 2_000;

/// Takes output as it comes, and keeps the names of the first tests that failed.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    line: String,
    /// The rest of a line that is too long is passed over.
    over: bool,
    names: Vec<String>,
    /// The test case of the XML of `JUnit` that is open.
    case: Option<String>,
}

static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // pytest: its summary, its verbose lines, a file that could not be collected.
        r"^(?:FAILED|ERROR) (\S+::.+?)(?: - .*)?$",
        r"^(\S+::\S+(?: \S+)*?) (?:FAILED|ERROR)(?:\s+\[ *\d+%\])?$",
        r"^ERROR (\S+\.py)(?: - .*)?$",
        // unittest.
        r"^(?:FAIL|ERROR): (\S+ \(.+\))$",
        // cargo test, nextest.
        r"^test (\S.*?) \.\.\. FAILED$",
        r"^\s*FAIL \[ *[\d.]+s\] (?:\( *\d+/\d+\) )?(.+)$",
        // go test, a package that could not be built.
        r"^\s*--- FAIL: (\S+)",
        r"^FAIL\s+(\S+) \[(?:build|setup) failed\]$",
        // vitest and jest.
        r"^\s*FAIL\s+(\S+\.(?:test|spec)\.\w+(?: > .+)?)(?: \([\d.]+ m?s\))?$",
        r"^\s*● (.+ › .+)$",
        // Gradle, Maven.
        r"^(\S+ > .+) FAILED$",
        r"^\[ERROR\]\s+(\S+[.:]\S+?)(?::\d+)?(?: .*<<< (?:FAILURE|ERROR)!.*|:\d+ .*)$",
        // TAP.
        r"^\s*not ok \d+(?: -)? (.+)$",
    ]
    .iter()
    .filter_map(|shape| Regex::new(shape).ok())
    .collect()
});
static CASE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<testcase\b([^>]*)>?").ok());
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"\bname="([^"]*)""#).ok());
static CLASS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"\bclassname="([^"]*)""#).ok());

impl Failures {
    /// Takes text without escape sequences, cut anywhere.
    pub(crate) fn feed(&mut self, text: &str) {
        for part in text.split_inclusive(['\n', '\r']) {
            let line = part.trim_end_matches(['\n', '\r']);
            if !self.over && self.line.len() + line.len() <= LONGEST_LINE {
                self.line.push_str(line);
            } else {
                self.over = true;
            }
            if line.len() < part.len() {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !std::mem::take(&mut self.over) {
            self.look(line.trim_end());
        }
    }

    fn look(&mut self, line: &str) {
        // Every shape has one of these in it; most lines have none.
        let may =
            ["FAIL", "ERROR", "●", "not ok", "<testcase", "<failure", "<error"].iter().any(|word| line.contains(word));
        if !may {
            return;
        }
        if let Some(case) = CASE.as_ref().and_then(|case| case.captures(line)).and_then(|found| found.get(1)) {
            let part =
                |regex: &Option<Regex>| Some(regex.as_ref()?.captures(case.as_str())?.get(1)?.as_str().to_owned());
            let class = part(&CLASS).map(|class| format!("{class}.")).unwrap_or_default();
            self.case = part(&NAME).map(|name| format!("{class}{name}"));
        }
        if line.contains("<failure") || line.contains("<error") {
            if let Some(case) = self.case.take() {
                self.keep(&case);
            }
            return;
        }
        let name = SHAPES.iter().find_map(|shape| Some(shape.captures(line)?.get(1)?.as_str().to_owned()));
        if let Some(name) = name.filter(|name| !waived(name)) {
            self.keep(&name);
        }
    }

    fn keep(&mut self, name: &str) {
        let name = name.trim();
        let name = if name.chars().count() <= LONGEST {
            name.to_owned()
        } else {
            name.chars().take(LONGEST - 1).chain(['…']).collect()
        };
        // Runners name a failed test as it fails and again in their summary.
        if !name.is_empty() && self.names.len() < 10_000 && !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// The first ones, in words; `None` when no failed test was named.
    pub(crate) fn reported(mut self) -> Option<String> {
        self.end_line();
        let more = self.names.len().saturating_sub(KEPT);
        let named = self.names.get(..KEPT.min(self.names.len())).filter(|names| !names.is_empty())?.join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Some(format!("failed: {named}{more}"))
    }
}

/// TAP's tests that may fail.
fn waived(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.contains("# TODO") || name.contains("# SKIP")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(output: &str) -> String {
        let mut failures = Failures::default();
        // Cut in the middle of lines, as output comes.
        for part in output.as_bytes().chunks(7) {
            failures.feed(&String::from_utf8_lossy(part));
        }
        failures.reported().unwrap_or_default()
    }

    #[test]
    fn the_runners_people_use_are_read() {
        for (output, expected) in [
            (
                "tests/test_a.py::test_one FAILED   [ 50%]\r\ntests/test_a.py::test_two PASSED [100%]\r\n\
                 FAILED tests/test_a.py::test_one - AssertionError: 1 != 2\r\nERROR tests/test_b.py - ImportError\r\n\
                 1 failed, 1 passed in 0.1s",
                "failed: tests/test_a.py::test_one, tests/test_b.py",
            ),
            ("FAIL: test_a (t.test_x.X.test_a)\nFAILED (failures=1)", "failed: test_a (t.test_x.X.test_a)"),
            ("test a::b ... ok\ntest a::c ... FAILED\ntest result: FAILED. 1 passed; 1 failed", "failed: a::c"),
            ("        FAIL [   0.010s] my-crate a::c\n", "failed: my-crate a::c"),
            (
                "--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/sub (0.00s)\nFAIL\nFAIL\tx/y\t0.1s",
                "failed: TestA, TestA/sub",
            ),
            ("FAIL\tx/y [build failed]", "failed: x/y"),
            (" FAIL  src/a.test.ts > sums > adds\n", "failed: src/a.test.ts > sums > adds"),
            ("FAIL src/a.test.js\n  sums\n  x adds\n  sums > adds\n", "failed: src/a.test.js"),
            ("AppTest > starts() FAILED\n", "failed: AppTest > starts()"),
            ("[ERROR] com.x.AppTest.starts -- Time elapsed: 0.1 s <<< FAILURE!\n", "failed: com.x.AppTest.starts"),
            ("1..3\nok 1 - a\nnot ok 2 - b\nnot ok 3 - c # TODO later\n", "failed: b"),
            (
                "<testcase classname=\"t.X\" name=\"a\" time=\"0\"/>\n<testcase classname=\"t.X\" name=\"b\">\n<failure message=\"no\">",
                "failed: t.X.b",
            ),
            ("not ok 1 a\nnot ok 2 b\nnot ok 3 c\nnot ok 4 d\nnot ok 5 e\n", "failed: a, b, c and 2 more"),
            ("ERROR something is wrong\nFAILED\nall went well", ""),
        ] {
            assert_eq!(reported(output), expected, "{output}");
        }
    }

    #[test]
    fn endless_lines_are_passed_over() {
        let mut failures = Failures::default();
        for _ in 0..10_000 {
            failures.feed("FAILED a::b ");
            assert!(failures.line.len() <= LONGEST_LINE);
        }
        failures.feed("\nFAILED a.py::c\n");
        assert_eq!(failures.reported().as_deref(), Some("failed: a.py::c"));
    }
}
