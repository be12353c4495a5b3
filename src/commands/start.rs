//! `gonogo` alone on a terminal: what there is to open here, and opening it.

use super::open::{self, SHIPPED, Source};
use super::{Failure, cockpit, rehearse};
use crate::cli::{Look, Named, Open, Rehearse};
use crate::cockpit::model::Tone;
use crate::cockpit::start::{Choice, Entry, Group, Standing, Start, StartMsg};
use crate::config::recent;
use crate::deployment::account::counts::Counts;
use crate::deployment::{Board, criteria, due, numbers};
use crate::input;
use crate::ledger::Ledger;
use crate::runtime;
use chrono::Utc;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Recent ledgers shown at most.
const RECENT: usize = 8;
/// Bytes of a file that tell whether it is a checklist.
const HEAD: u64 = 64 * 1024;
/// Tasks from which on Markdown counts as a checklist: a note with a box or two is none.
const TASKS: usize = 3;
/// What an empty rehearsal would be built with.
const ROWS: u64 = 120_000;

/// Shows the start screen and opens what is chosen; ends with what was opened. What cannot be opened is said there.
pub(crate) async fn start(look: &Look, out: &mut dyn Write) -> Result<u8, Failure> {
    cockpit::needs_screen()?;
    let mut look = look.clone();
    let folder = std::path::absolute(".")?;
    let mut said: Option<String> = None;
    let mut at = None;
    loop {
        let appearance = cockpit::appearance(&look)?;
        let mut start = Start::new(&folder, entries(Path::new(".")), appearance.keymap);
        start.themes = appearance.themes.iter().map(|theme| theme.name.clone()).collect();
        start.theme = appearance.theme;
        if let Some(at) = at {
            start.return_to(at);
        }
        if let Some(said) = said.take() {
            start.say(Tone::Bad, said);
        }
        let ledgers = ledgers(&start.entries);
        let reader: runtime::start::Look = Box::new(move |tell| ledgers.iter().for_each(|path| tell(looked(path))));
        let chosen = runtime::start::choose(&mut start, &appearance.themes, &appearance.glyphs, reader).await;
        let chosen = chosen.map_err(|error| Failure::not_fine(format!("the terminal failed: {error}")))?;
        if start.theme != appearance.theme {
            look.theme = start.themes.get(start.theme).cloned();
        }
        at = Some(start.cursor.at);
        let Some(choice) = chosen else { return Ok(0) };
        match Box::pin(open_choice(choice, &look, out)).await {
            // What went wrong before anything flew is said where another choice can be made.
            Err(failure) if failure.status > 1 => said = Some(failure.message),
            ended => return ended,
        }
    }
}

async fn open_choice(choice: Choice, look: &Look, out: &mut dyn Write) -> Result<u8, Failure> {
    match choice {
        Choice::Ledger(file) | Choice::Checklist(file) => {
            let over = crate::cli::Overlays::default();
            let asked = Open {
                allowed_signers: None,
                file,
                over,
                environments: Vec::new(),
                ledger: None,
                group: None,
                no_screen: false,
                by: Named::default(),
            };
            Box::pin(super::open(asked, look, out)).await
        }
        Choice::Rehearsal => {
            let asked = Rehearse {
                over: crate::cli::Overlays::default(),
                dir: None,
                headless: false,
                fault: Vec::new(),
                pace: None,
                days: None,
                only: None,
                drill: None,
                prove: false,
                json: false,
                rows: ROWS,
                by: Named::default(),
            };
            Box::pin(rehearse::rehearse(asked, look.clone(), out)).await
        }
    }
}

/// Everything there is to open from a folder.
fn entries(folder: &Path) -> Vec<Entry> {
    let here = open::ledgers(folder);
    let rehearsal = folder.join(rehearse::FOLDER).join(rehearse::LEDGER);
    let mut entries: Vec<Entry> = here.iter().map(|path| deployment(Group::Here, path)).collect();
    let known: Vec<PathBuf> = here.iter().chain([&rehearsal]).filter_map(|path| path.canonicalize().ok()).collect();
    let recent = recent::file().map(|file| recent::read(&file)).unwrap_or_default();
    let elsewhere = recent.iter().filter(|path| path.canonicalize().is_ok_and(|path| !known.contains(&path)));
    entries.extend(elsewhere.take(RECENT).map(|path| deployment(Group::Recent, path)));
    entries.extend(checklists(folder, &here));
    entries.extend(SHIPPED.iter().map(|(name, text)| shipped(folder, name, text)));
    entries.push(rehearsal_entry(&rehearsal));
    entries
}

fn deployment(group: Group, path: &Path) -> Entry {
    let place = path.strip_prefix(".").unwrap_or(path).to_string_lossy().into_owned();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Entry {
        group,
        title: name.trim_end_matches(".ledger.toml").to_owned(),
        place,
        standing: Standing::Reading,
        does: "Resume this deployment.".to_owned(),
        choice: Choice::Ledger(path.to_owned()),
    }
}

/// Files in the folder that look like checklists and have no ledger yet.
fn checklists(folder: &Path, ledgers: &[PathBuf]) -> Vec<Entry> {
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let is_checklist = |path: &PathBuf| match path.extension().and_then(|ending| ending.to_str()) {
        Some("toml") => {
            !open::is_ledger(path) && head(path).lines().any(|line| line.trim_start().starts_with("[[phase"))
        }
        Some("md" | "markdown") => head(path).lines().filter(|line| is_task(line)).count() >= TASKS,
        _ => false,
    };
    let mut found: Vec<PathBuf> = files.filter(is_checklist).collect();
    found.sort();
    found.retain(|path| !ledgers.contains(&path.with_extension("ledger.toml")));
    let entry = |path: PathBuf| {
        let place = path.strip_prefix(".").unwrap_or(&path).to_string_lossy().into_owned();
        let text = String::from_utf8(input::read(&path, input::DOCUMENT).unwrap_or_default()).unwrap_or_default();
        let does = makes(&path.with_extension("ledger.toml"));
        let title = title(&text).or_else(|| heading(&text)).unwrap_or_else(|| place.clone());
        Entry { group: Group::Unopened, title, place, standing: Standing::None, does, choice: Choice::Checklist(path) }
    };
    found.into_iter().map(entry).collect()
}

/// The beginning of a file; nothing of one that cannot be read, or is none.
fn head(path: &Path) -> String {
    let mut head = Vec::new();
    if !path.is_file() {
        return String::new();
    }
    let read = crate::input::open(path, u64::MAX).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.map(|_| String::from_utf8_lossy(&head).into_owned()).unwrap_or_default()
}

/// Looked at loosely: the importer shows what is in it, and opening it asks the importer.
fn is_task(line: &str) -> bool {
    let line = line.trim_start();
    let text = line.strip_prefix(['-', '*', '+']).map(str::trim_start);
    text.is_some_and(|text| text.starts_with("[ ]") || text.starts_with("[x]") || text.starts_with("[X]"))
}

/// The first heading of Markdown.
fn heading(text: &str) -> Option<String> {
    let line = text.trim_start_matches('\u{feff}').lines().find(|line| line.starts_with('#'))?;
    let title = line.trim_start_matches('#').trim();
    (!title.is_empty()).then(|| title.to_owned())
}

/// What the checklist calls itself; read loosely, because opening it shows what is wrong with it.
fn title(text: &str) -> Option<String> {
    let table: toml::Table = text.parse().ok()?;
    table.get("title")?.as_str().map(ToOwned::to_owned)
}

fn shipped(folder: &Path, name: &str, text: &str) -> Entry {
    let source = Source { name: format!("{name}.toml"), text: String::new() };
    let ledger = folder.join(open::ledger_path(&source));
    let does = if ledger.exists() {
        format!("Resume {}, opened from it.", ledger.strip_prefix(".").unwrap_or(&ledger).display())
    } else {
        makes(&ledger)
    };
    Entry {
        group: Group::Shipped,
        title: title(text).unwrap_or_else(|| name.to_owned()),
        place: name.to_owned(),
        standing: Standing::None,
        does,
        choice: Choice::Checklist(PathBuf::from(name)),
    }
}

fn makes(ledger: &Path) -> String {
    let ledger = ledger.strip_prefix(".").unwrap_or(ledger).display();
    format!("Create {ledger} here and open it. Nothing runs until you start it.")
}

fn rehearsal_entry(ledger: &Path) -> Entry {
    let built = ledger.is_file();
    Entry {
        group: Group::Rehearsal,
        title: "Rehearse a full deployment (local sandbox)".to_owned(),
        place: format!("{}/", rehearse::FOLDER),
        standing: if built { Standing::Reading } else { Standing::None },
        does: if built {
            "Resume the rehearsal; its services are started again.".to_owned()
        } else {
            "Creates neurohub-rehearsal/ here with two databases and a service, and opens their deployment. Then A runs all of it with simulated answers in about a minute; q leaves. Nothing else on this machine is touched.".to_owned()
        },
        choice: if built { Choice::Ledger(ledger.to_owned()) } else { Choice::Rehearsal },
    }
}

fn ledgers(entries: &[Entry]) -> Vec<PathBuf> {
    let ledger = |entry: &Entry| match &entry.choice {
        Choice::Ledger(path) => Some(path.clone()),
        Choice::Checklist(_) | Choice::Rehearsal => None,
    };
    entries.iter().filter_map(ledger).collect()
}

/// How far a deployment has come.
fn looked(path: &Path) -> StartMsg {
    let (title, standing) = match Ledger::open(path) {
        Ok(ledger) => {
            // As of now, as the cockpit and `status` count it.
            let (plan, state, now) = (ledger.plan(), ledger.state(), Utc::now());
            let board = Board::at(plan, state, now);
            let counts = Counts::of(plan, state, &board);
            let due = due::due(plan, state, &board, now);
            let tally = counts.items;
            let title = state.opened.as_ref().map(|(_, opened)| opened.title.clone());
            let standing = Standing::Flown {
                outcome: criteria::outcome(state).to_owned(),
                completed: tally.completed(),
                total: tally.applicable(),
                failed: tally.failed,
                running: tally.running,
                overdue: due.iter().filter(|one| one.is_overdue(now)).count(),
                words: format!("{}; criteria: {}", tally.words(), counts.criteria.words()),
                age: state.last_at.map(|at| numbers::age(now, at)).unwrap_or_default(),
            };
            (title, standing)
        }
        Err(error) => (None, Standing::Unusable(error.to_string())),
    };
    StartMsg::Looked { ledger: path.to_owned(), title, standing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checklists_of_both_kinds_are_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("plan.toml", "format = 1\ntitle = \"Plan\"\n[[phase]]\nid = \"p\"\n");
        write("settings.toml", "title = \"no checklist\"\n");
        write("release.md", "\u{feff}# Release 4\r\n\r\n* [ ] one\r\n  - [x] two\r\n+ [X] three\r\n");
        write("notes.md", "# Notes\n\n- [ ] a box\n- [ ] another\n");
        write("broken.md", "\u{0}\u{1}");
        std::fs::create_dir(folder.path().join("folder.md")).unwrap();
        let found = checklists(folder.path(), &[]);
        let found: Vec<(&str, &str)> =
            found.iter().map(|entry| (entry.title.as_str(), entry.place.rsplit('/').next().unwrap())).collect();
        assert_eq!(found, [("Plan", "plan.toml"), ("Release 4", "release.md")]);
    }
}
