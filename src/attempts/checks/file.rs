//! A file or a tree of files searched, line by line as `grep` does it.

mod lines;
mod search;
mod tree;

use super::account::{Account, Trouble};
use super::{place, rows, unless_stopped};
use crate::attempts::{Assignment, Console};
use crate::checklist::ItemId;
use crate::checklist::check::File;
use crate::database::Interrupt;
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;
use chrono::{DateTime, Utc};
use regex::bytes::Regex;
use search::{Found, Search};
use std::path::{Path, PathBuf};

/// Places named in the verdict.
const PLACES: usize = 3;

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
    let path = whole_path(assignment, &file.path)?;
    let since = file.since.as_ref().map(|item| began(assignment, item)).transpose()?;
    let mut search = Search::new(pattern(file.contains.as_deref())?, pattern(file.lacks.as_deref())?, since);
    console.line(&format!("looking at {}", path.display()));
    let about = match std::fs::metadata(&path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Trouble::Wrong(format!("{} is not there", path.display())));
        }
        Err(error) => return Err(Trouble::Open(format!("{} cannot be looked at: {error}", path.display()))),
    };
    if about.is_dir() {
        if since.is_some() {
            return Err(Trouble::NotStarted("`since` needs a single file, and this is a folder".to_owned()));
        }
        let files = tree::files(&path, file.ending.as_deref(), console, interrupt)?;
        for name in &files.names {
            // Files vanish while a tree is searched; what cannot be read is told at the end.
            search.file(&path.join(name), name, interrupt).await?;
        }
        let unreadable = search.unreadable + files.unreadable;
        let searched = files.names.len() - search.unreadable;
        console.line(&format!("{searched} files searched"));
        if searched == 0 && !search.asks_nothing() {
            account.find(Verdict::Inconclusive, format!("nothing to search below {}", path.display()));
        }
        if unreadable > 0 {
            account.find(Verdict::Inconclusive, format!("{unreadable} files or folders could not be read"));
        }
    } else {
        let changed: Option<DateTime<Utc>> = about.modified().ok().map(DateTime::from);
        // What was not written to since then has nothing added to it.
        let untouched = since.is_some_and(|since| changed.is_some_and(|changed| changed < since));
        if untouched {
            console.line("not written to since then");
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            search.single(&path, &name, interrupt).await?;
            if search.unreadable > 0 {
                return Err(Trouble::Open(format!("{} cannot be read", path.display())));
            }
        }
        if since.is_some() && search.bytes_without_time > 0 && !search.saw_time {
            let why = "its lines do not begin with a time, so what was added since then cannot be told apart";
            return Err(Trouble::Open(format!("{}: {why}", path.display())));
        }
        account.measure("bytes", search.bytes as f64, "bytes");
    }
    judge(file, &search, console, account);
    Ok(())
}

fn judge(file: &File, search: &Search, console: &dyn Console, account: &mut Account) {
    for found in [&search.contains, &search.lacks].into_iter().flatten() {
        found.shown.iter().for_each(|line| console.line(line));
    }
    if let Some(counted) = search.lacks.as_ref().or(search.contains.as_ref()) {
        account.measure("matches", counted.matches as f64, "matches");
    }
    let since = if file.since.is_some() { " since then" } else { "" };
    if let (Some(found), Some(pattern)) = (&search.contains, &file.contains) {
        if found.matches > 0 {
            account.find(Verdict::Pass, format!("`{pattern}` found at {}", places(found)));
        } else {
            account.find(Verdict::Fail, format!("`{pattern}` not found{since}"));
        }
    }
    if let (Some(found), Some(pattern)) = (&search.lacks, &file.lacks) {
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
    let folder = place::folder(assignment);
    if let Some(rest) = written.strip_prefix("$folder") {
        return Ok(folder.join(rest.trim_start_matches('/')));
    }
    if written == "$log" {
        let lacking = || format!("the environment {} has no `log`", assignment.environment_name);
        let log = assignment.environment.log.as_deref().ok_or_else(|| Trouble::NotStarted(lacking()))?;
        return Ok(folder.join(log));
    }
    Ok(folder.join(Path::new(written)))
}

fn pattern(text: Option<&str>) -> Result<Option<Regex>, Trouble> {
    let Some(text) = text else { return Ok(None) };
    let wrong = |error| Trouble::NotStarted(format!("`{text}` is no regular expression: {error}"));
    Regex::new(text).map(Some).map_err(wrong)
}

/// When the item's latest attempt began, in the same environment.
fn began(assignment: &Assignment, item: &ItemId) -> Result<DateTime<Utc>, Trouble> {
    let title = rows::title(assignment, item);
    let Some(attempt) = assignment.state.latest(item) else {
        return Err(Trouble::Open(format!("{title} has not been carried out, so nothing came after it")));
    };
    if attempt.environment != assignment.environment_name {
        return Err(Trouble::Open(format!("{title} was carried out in {}, not here", attempt.environment)));
    }
    Ok(attempt.started)
}
