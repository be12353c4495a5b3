//! A file or a tree of files searched, line by line as `grep` does it.

mod beat;
mod coverage;
mod lines;
pub(crate) mod remembered;
mod search;
mod times;
mod tree;

use super::account::{Account, Trouble};
use super::{place, rows, unless_stopped};
use crate::attempts::{Assignment, Console};
use crate::checklist::Environment;
use crate::checklist::check::{File, Pattern, Zone};
use crate::config::variables::expand;
use crate::database::Interrupt;
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;
use crate::grown::Print;
use beat::Beat;
use chrono::{DateTime, TimeDelta, Utc};
use regex::bytes::Regex;
use search::{Found, Search, Since, Times};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// How far the time that a file was written at may lag behind.
const SLACK: TimeDelta = TimeDelta::seconds(2);
/// A last line this near to the time its file was written at is of the zone that was assumed: others are a quarter of an
/// hour away at least.
const SAME_ZONE: TimeDelta = TimeDelta::minutes(7);
/// Places named in the verdict.
const PLACES: usize = 3;
/// Files whose counts are reported in the output.
const FILES: usize = 20;
/// A larger single file is not read: it would take longer than anybody waits.
const LARGEST: u64 = 4 << 30;

/// Looks for the file and searches it. Measures `matches` (of `lacks` where given, else of `contains`) and, for a single
/// file, `bytes` (of the part read).
pub async fn carry_out(assignment: &Assignment, file: &File, console: &dyn Console) -> Outcome {
    let mut account = Account::open();
    let interrupt = Interrupt::new();
    let work = look(assignment, file, console, &interrupt, &mut account);
    let worked = unless_stopped(assignment, &interrupt, work).await;
    account.conclude(&assignment.item.targets, worked)
}

async fn look(
    assignment: &Assignment,
    file: &File,
    console: &dyn Console,
    interrupt: &Interrupt,
    account: &mut Account,
) -> Result<(), Trouble> {
    let unset = || Trouble::NotStarted(format!("a variable of `{}` is not set", file.path));
    let written = expand(&file.path, &assignment.variables).ok_or_else(unset)?;
    let path = whole_path(assignment, &written)?;
    let began = file.since.as_ref().map(|item| place::began(assignment, item)).transpose()?;
    let title = file.since.as_ref().map(|item| rows::title(assignment, item)).unwrap_or_default();
    let since = began.map(|at| Since { at, field: file.time_field.clone(), now: Utc::now(), zone: file.assumed_zone });
    let search = Search::new(patterns(&file.contains)?, patterns(&file.lacks)?, since);
    console.line(&format!("looking at {}", path.display()));
    let what = path.display().to_string();
    let ending = file.ending.clone();
    let attempt = file.since.as_ref().and_then(|item| assignment.state.latest(item)).map(|attempt| attempt.number);
    let evidence = assignment.evidence.clone();
    let since = began.map(|at| (at, title));
    let looked = beat::run(console, interrupt, beat::STALL, &what, move |beat| {
        let print = attempt.and_then(|attempt| remembered::of(&evidence, attempt, &path));
        Looked::at(&path, ending.as_deref(), since.as_ref(), print.as_ref().map(Option::as_ref), search, beat)
    });
    let looked = looked.await?;
    for (verdict, sentence) in looked.found {
        account.find(verdict, sentence);
    }
    if looked.single {
        account.measure("bytes", looked.search.bytes as f64, "bytes");
    }
    evaluate(file, &looked.search, looked.covered, console, account);
    if !looked.search.unsure.is_empty() && looked.search.lacks.iter().all(|lacked| lacked.matches == 0) {
        let places = looked.search.unsure.join(", ");
        let why = format!(
            "{places} may have been written since then: the line has no time that can be read, or one without a zone; name that \
             with `assumed_zone`"
        );
        account.find(Verdict::Inconclusive, why);
    }
    if let Some(reported) = words_of_times(&looked.search.times, file.assumed_zone) {
        account.find(Verdict::Pass, reported);
    }
    Ok(())
}

/// What the thread that reads brings back.
struct Looked {
    search: Search,
    single: bool,
    /// Whether all that was written in the time asked about is still there.
    covered: bool,
    found: Vec<(Verdict, String)>,
}

impl Looked {
    #[expect(clippy::option_option, reason = "a file that was not there is known; one that nobody looked at is not")]
    fn at(
        path: &Path,
        ending: Option<&str>,
        since: Option<&(DateTime<Utc>, String)>,
        print: Option<Option<&Print>>,
        mut search: Search,
        beat: &Beat,
    ) -> Result<Self, Trouble> {
        let shown = path.display();
        let about = match std::fs::metadata(path) {
            Ok(about) => about,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Trouble::Wrong(format!("{shown} is not there")));
            }
            Err(error) => return Err(Trouble::Open(format!("{shown} cannot be looked at: {error}"))),
        };
        beat.pass()?;
        let mut found = Vec::new();
        if about.is_dir() {
            if since.is_some() {
                return Err(Trouble::NotStarted("`since` needs a single file, and this is a folder".to_owned()));
            }
            let files = tree::files(path, ending, beat)?;
            for name in &files.names {
                // Files vanish while a tree is searched; what cannot be read is reported at the end.
                search.file(&path.join(name), name, beat)?;
            }
            let unreadable = search.unreadable + files.unreadable;
            let searched = files.names.len() - search.unreadable;
            beat.say(format!("{searched} files searched"));
            if searched == 0 && !search.asks_nothing() {
                found.push((Verdict::Inconclusive, format!("nothing to search below {shown}")));
            }
            if files.passed_over > 0
                && !search.lacks.is_empty()
                && search.lacks.iter().all(|lacked| lacked.matches == 0)
            {
                let why =
                    format!("{} files or folders were passed over, and what they hold is not known", files.passed_over);
                found.push((Verdict::Inconclusive, why));
            }
            if unreadable > 0 {
                found.push((Verdict::Inconclusive, format!("{unreadable} files or folders could not be read")));
            }
            if searched > 0 && search.bytes == 0 && search.contains.is_empty() && !search.lacks.is_empty() {
                found.push((Verdict::Inconclusive, format!("all files below {shown} are empty, so nothing shows")));
            }
            return Ok(Self { search, single: false, covered: true, found });
        }
        if !about.is_file() {
            let what = kind_of(about.file_type());
            return Err(Trouble::Wrong(format!("{shown} is {what} and not a regular file; it is not read")));
        }
        if is_utf16(path) {
            return Err(Trouble::Open(format!("{shown} is UTF-16, which is not searched; convert it to UTF-8")));
        }
        if about.len() > LARGEST {
            let why = format!("{shown} is larger than {} GiB and is not searched", LARGEST >> 30);
            return Err(Trouble::Open(why));
        }
        let changed: Option<DateTime<Utc>> = about.modified().ok().map(DateTime::from);
        let mut coverage = coverage::Coverage::default();
        if let Some((since, _)) = since {
            coverage = coverage::search_rotated(path, *since, print.flatten(), &mut search, beat)?;
        }
        // One that was not there then is new from its beginning on.
        let old = if print == Some(None) { Some(0) } else { coverage::old(print.flatten(), path) };
        // What was not written to since then has nothing added to it.
        // File systems keep times by ticks of a clock that lags behind, some by whole seconds.
        if since.is_some_and(|(since, _)| changed.is_some_and(|changed| changed < *since - SLACK)) {
            beat.say("not written to since then".to_owned());
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            search.single(path, &name, old, beat)?;
            // A last line as old as the file by UTC shows that UTC is what the log writes.
            let is_utc = search.last.zip(changed).is_some_and(|(last, changed)| (changed - last).abs() < SAME_ZONE);
            if !is_utc {
                let unsure = std::mem::take(&mut search.unsure_of_zone);
                search.unsure.extend(unsure);
                if let Some((_, title)) = since.filter(|_| !search.guessed.is_empty()) {
                    let places = search.guessed.join(", ");
                    let why = format!(
                        "{places} may have been written before {title} began: the times name no zone, and UTC is not shown; \
                         name the zone with `assumed_zone`"
                    );
                    found.push((Verdict::Inconclusive, why));
                }
            }
            if search.unreadable > 0 {
                return Err(Trouble::Open(format!("{shown} cannot be read")));
            }
        }
        if since.is_some() && old.is_none() && search.times.bytes_before > 0 && search.times.read == 0 {
            let why = "no line has a time that can be read, so what was added since then cannot be distinguished";
            return Err(Trouble::Open(format!("{shown}: {why}; name the field of JSON lines with `time_field`")));
        }
        let gap = match since {
            Some((since, title)) => coverage
                .gap(&search, changed, *since, title, old.is_some_and(|old| old > 0))
                .or_else(|| coverage::written_over(path, print??, &search, *since, title)),
            None => None,
        };
        if search.bytes == 0 && search.contains.is_empty() && !search.lacks.is_empty() {
            let why = match since {
                Some((_, title)) => format!("nothing was written to {shown} since {title} began, so nothing shows"),
                None => format!("{shown} is empty, so nothing shows"),
            };
            found.push((Verdict::Inconclusive, why));
        }
        let covered = gap.is_none();
        if search.lacks.iter().all(|lacked| lacked.matches == 0) {
            found.extend(gap.map(|why| (Verdict::Inconclusive, why)));
        }
        Ok(Self { search, single: true, covered, found })
    }
}

/// Whether a file begins with the mark of UTF-16.
fn is_utf16(path: &Path) -> bool {
    let mut start = [0; 2];
    let read = std::fs::File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut start));
    read.is_ok_and(|count| count == 2) && matches!(start, [0xff, 0xfe] | [0xfe, 0xff])
}

fn kind_of(kind: std::fs::FileType) -> &'static str {
    if kind.is_fifo() {
        "a named pipe (FIFO)"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "something special"
    }
}

/// What had to be assumed of the lines' times, and how many had none.
fn words_of_times(times: &Times, given: Option<Zone>) -> Option<String> {
    let without = match times.without {
        0 => None,
        1 => Some("1 line without a time counted with the one before it".to_owned()),
        many => Some(format!("{many} lines without a time counted with the one before them")),
    };
    let zone = times.zone_assumed.then(|| "its times name no zone: UTC assumed".to_owned());
    let zone = zone.or(given.filter(|_| times.zone_given).map(|zone| format!("times read as {zone}")));
    let year = times.year_assumed.then(|| "its times name no year: the latest possible assumed".to_owned());
    let parts: Vec<_> = [without, zone, year].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn evaluate(file: &File, search: &Search, covered: bool, console: &dyn Console, account: &mut Account) {
    for found in search.contains.iter().chain(&search.lacks) {
        found.shown.iter().for_each(|line| console.line(line));
        if found.files.len() > 1 {
            console.line(&format!("`{}` in {} files:", found.written, found.files.len()));
            let mut files: Vec<_> = found.files.iter().collect();
            files.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            for (name, count) in files.iter().take(FILES) {
                console.line(&format!("  {count} {name}"));
            }
        }
    }
    let counted = if search.lacks.is_empty() { &search.contains } else { &search.lacks };
    if !counted.is_empty() {
        let matches: u64 = counted.iter().map(|found| found.matches).sum();
        account.measure("matches", matches as f64, "matches");
    }
    let since = if file.since.is_some() { " since then" } else { "" };
    for found in &search.contains {
        let pattern = &found.written;
        if found.matches > 0 {
            account.find(Verdict::Pass, format!("`{pattern}` found at {}", places(found)));
        } else if covered {
            account.find(Verdict::Fail, format!("`{pattern}` not found{since}"));
        } else {
            account.find(Verdict::Inconclusive, format!("`{pattern}` not found in what is still there"));
        }
    }
    for found in &search.lacks {
        let pattern = &found.written;
        if found.matches > 0 {
            let times = if found.matches == 1 { "once".to_owned() } else { format!("{} times", found.matches) };
            account.find(Verdict::Fail, format!("`{pattern}` found {times}: {}", places(found)));
        } else {
            account.find(Verdict::Pass, format!("`{pattern}` found nowhere{since}"));
        }
    }
    if search.asks_nothing() {
        account.find(Verdict::Pass, "is there");
    }
}

fn places(found: &Found) -> String {
    let named = found.places.join(", ");
    let more = found.lines - found.places.len();
    if more > 0 { format!("{named} and {more} more lines") } else { named }
}

/// `$log` and `$folder` stand for what the environment names; everything else counts from its folder.
fn whole_path(assignment: &Assignment, written: &str) -> Result<PathBuf, Trouble> {
    let lacking = || Trouble::NotStarted(format!("the environment {} has no `log`", assignment.environment_name));
    path_in(&assignment.home, &assignment.environment, written).ok_or_else(lacking)
}

/// The same in an environment; nothing where it has no `log`.
fn path_in(home: &Path, environment: &Environment, written: &str) -> Option<PathBuf> {
    let folder = home.join(environment.folder.as_deref().unwrap_or_default());
    if let Some(rest) = written.strip_prefix("$folder") {
        return Some(folder.join(rest.trim_start_matches('/')));
    }
    Some(folder.join(if written == "$log" { environment.log.as_deref()? } else { written }))
}

fn patterns(written: &[Pattern]) -> Result<Vec<Found>, Trouble> {
    let compile = |pattern: &Pattern| {
        let wrong = |error| Trouble::NotStarted(format!("`{pattern}` is no regular expression: {error}"));
        Regex::new(&pattern.regex()).map(|regex| Found::of(regex, pattern.to_string())).map_err(wrong)
    };
    written.iter().map(compile).collect()
}
