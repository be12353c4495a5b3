//! `gonogo import`: a Markdown checklist taken over, with an account of what was found.

mod json;
mod words;

use super::{Failure, open};
use crate::checklist::import::{self, Account, Guesses, Templates};
use crate::checklist::{Checklist, lint};
use crate::cli::Import;
use crate::input;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// Shows what is in a document and, when asked, writes the checklist it amounts to.
pub(crate) fn import(asked: &Import, out: &mut dyn Write) -> Result<u8, Failure> {
    let templates = if asked.templates { Templates::Opened } else { Templates::Closed };
    let guesses = if asked.guesses { Guesses::Taken } else { Guesses::Apart };
    let mut account = read(&asked.file, templates)?;
    if account.live.is_empty() && account.guessed.is_empty() {
        let file = asked.file.display();
        return Err(Failure::usage(format!(
            "{file} has no line that could be an item of a checklist; give a Markdown file with tasks (`- [ ] …`) or steps"
        )));
    }
    choose(&mut account, &asked.guess)?;
    if asked.json {
        json::write(&account, out)?;
    } else {
        words::write(&account, guesses, out)?;
    }
    if let Some(path) = &asked.output {
        let (text, checklist) = checklist(&account, guesses)?;
        write_new(path, text.as_bytes(), asked.force)?;
        if !asked.json {
            words::write_next(&account, &checklist, out)?;
            writeln!(out, "\nWrote {0}. Look it over, then: gonogo open {0}", path.display())?;
        }
    }
    Ok(0)
}

/// Whether a file is Markdown by its name.
pub(crate) fn is_markdown(file: &Path) -> bool {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| matches!(ending.as_str(), "md" | "markdown" | "mdown" | "mkd"))
}

/// A Markdown file as the checklist it amounts to, ready to be opened.
pub(crate) fn source(file: &Path) -> Result<(open::Source, Account), Failure> {
    let account = read(file, Templates::Closed)?;
    let (text, _) = checklist(&account, Guesses::Apart)?;
    Ok((open::Source { name: account.file.clone(), text }, account))
}

/// The account in a few lines, for those who open a document at once. True when lines that may be steps are left out.
pub(crate) fn write_short(account: &Account, out: &mut dyn Write) -> io::Result<bool> {
    words::write_short(account, out)
}

fn read(file: &Path, templates: Templates) -> Result<Account, Failure> {
    let bytes = input::read(file, input::DOCUMENT).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::usage(format!("{} is not there; give a Markdown file", file.display())),
        _ => Failure::usage(format!("{} cannot be read: {error}", file.display())),
    })?;
    let name = file.file_name().map_or_else(|| file.to_string_lossy(), |name| name.to_string_lossy());
    import::read(&name, &bytes, templates).map_err(|error| Failure::usage(error.to_string()))
}

/// Chooses guesses by their lines: `12`, `15-20`.
fn choose(account: &mut Account, asked: &[String]) -> Result<(), Failure> {
    for lines in asked {
        let (from, to) = lines.split_once('-').unwrap_or((lines, lines));
        let (Ok(from), Ok(to)) = (from.trim().parse::<u32>(), to.trim().parse::<u32>()) else {
            return Err(Failure::usage(format!(
                "--guess {lines}: not a line or a range of lines, such as 12 or 15-20"
            )));
        };
        if !account.choose(from..=to) {
            let message =
                format!("--guess {lines}: no guessed item stands there; the account names the lines of guesses");
            return Err(Failure::usage(message));
        }
    }
    Ok(())
}

/// The checklist, which must be fit to fly: what the importer writes is held to what it asks of others.
fn checklist(account: &Account, guesses: Guesses) -> Result<(String, Checklist), Failure> {
    let text = import::checklist(account, guesses).map_err(|error| Failure::not_fine(error.to_string()))?;
    let (checklist, problems) = lint::lint(&account.file, &text);
    if let Some(checklist) = checklist.filter(|_| problems.is_empty()) {
        return Ok((text, checklist));
    }
    let problems: Vec<String> = problems.iter().take(5).map(ToString::to_string).collect();
    let file = &account.file;
    Err(Failure::not_fine(format!(
        "{file} cannot be taken over whole; mend these places in the Markdown, or report them as a fault of gonogo:\n{}",
        problems.join("\n\n")
    )))
}

pub(super) fn write_new(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    if force {
        options.write(true).create(true).truncate(true)
    } else {
        options.write(true).create_new(true)
    };
    let written = options.open(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            Failure::refused(format!("{} is there already; give --force to replace it", path.display()))
        } else {
            Failure::usage(format!("{} cannot be written: {error}", path.display()))
        }
    })
}
