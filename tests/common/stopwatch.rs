//! What the program costs on a terminal: time to the first screen and to the answer of a key, bytes, memory, processor.

use super::terminal::Terminal;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// How long anything may take before it counts as never: a bound for a machine in trouble, not a target.
pub(crate) const AT_MOST: Duration = Duration::from_mins(1);

/// What Linux counts processor time in, towards programs, on every common machine.
const TICKS_A_SECOND: u64 = 100;

/// The answer to one key press.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    /// From the key to the end of the frame that it caused.
    pub took: Duration,
    pub bytes: usize,
}

/// Types something that changes the screen, and waits for the frame that shows it.
pub(crate) fn press(terminal: &mut Terminal, keys: &str) -> Answer {
    let start = Instant::now();
    terminal.keys(keys);
    let bytes = terminal.frame(AT_MOST).unwrap_or_else(|| panic!("no frame followed {keys:?}:\n{}", terminal.text()));
    Answer { took: start.elapsed(), bytes }
}

/// Presses keys in turn, `count` in all.
pub(crate) fn press_all(terminal: &mut Terminal, keys: &[&str], count: usize) -> Vec<Answer> {
    keys.iter().cycle().take(count).map(|key| press(terminal, key)).collect()
}

/// The value below which the share `of` (0 to 1) of all lies.
pub(crate) fn quantile<T: Ord + Copy>(values: impl Iterator<Item = T>, of: f64) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is an index")]
    let index = ((values.len() as f64 * of) as usize).min(values.len() - 1);
    values[index]
}

/// Processor time the process has used, in its own code and for it.
pub(crate) fn processor(terminal: &Terminal) -> Duration {
    let stat = std::fs::read_to_string(proc(terminal, "stat")).unwrap();
    // The name is in parentheses and may hold blanks; what is counted comes after it.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 1_000 / TICKS_A_SECOND)
}

/// Resident memory now and at its highest, in KiB.
pub(crate) fn memory(terminal: &Terminal) -> (u64, u64) {
    let status = std::fs::read_to_string(proc(terminal, "status")).unwrap();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    (field("VmRSS:"), field("VmHWM:"))
}

fn proc(terminal: &Terminal, file: &str) -> String {
    format!("/proc/{}/{file}", terminal.child.process_id().unwrap())
}

/// A Markdown checklist of so many items, fifty a heading.
pub(crate) fn long_list(items: usize) -> String {
    let mut text = String::from("# A long list\n");
    for n in 0..items {
        if n % 50 == 0 {
            write!(text, "\n## Part {}\n\n", n / 50).unwrap();
        }
        writeln!(text, "- [ ] Item {n}: look at it, and say what was seen").unwrap();
    }
    text
}

/// A checklist of two lines, the first of which is a command that prints so many bytes and then `at the end`.
pub(crate) fn flooding(bytes: usize) -> String {
    format!(
        r#"
format = 1
id = "flood"
title = "A command that says a lot"
slot = [{{ id = "here", title = "Here" }}]
environments = {{ here = {{ slot = "here" }} }}

[[phase]]
id = "one"
title = "One"
slot = "here"
[[phase.section]]
id = "look"
title = "Look"
[[phase.section.item]]
id = "flood"
title = "A flood of output"
check = {{ kind = "command", run = "yes 'a line of forty characters, so that it f' | head -c {bytes}; echo; echo at the e''nd" }}
[[phase.section.item]]
id = "second"
title = "The second line"
"#
    )
}
