//! Reads checklists that people already have: Markdown as GitHub renders it.
//!
//! ```text
//! bytes ── source ──> text ── walk (parser events) ──> task items, headings, code
//!                        └─── scan (line by line)  ──> guesses, what was left out, blanks
//!                        steps ── owners: what became of every line
//!                                   account ── plan ──> phases, sections, items ── write ──> checklist (TOML)
//! ```
//!
//! What GitHub renders as a task item is certain; everything else is a guess and kept apart. Nothing found in a document
//! becomes runnable: commands are proposals, and every item is ticked or filled in by a person until one arms its command.

pub mod account;
mod answers;
mod blanks;
mod boxes;
mod choices;
mod commands;
mod error;
mod field;
pub mod filled;
mod front_matter;
mod html;
mod inline;
mod kinds;
mod leads;
mod legend;
mod marking;
mod notes;
mod nothing;
mod numbered;
mod offsets;
mod owners;
mod plan;
mod proposals;
mod regions;
mod roles;
mod rows;
mod scan;
mod sentences;
mod slug;
mod source;
mod steps;
mod tables;
mod walk;
mod words;
mod write;

pub use account::Account;
pub use error::ImportError;

use super::destruction::Tongue;
use account::{CodeBlock, Guess, Guessed, Rank};
use regions::{Region, RegionKind};
use scan::Scan;
use source::Source;
use walk::Facts;

/// Whether guessed items become items of the checklist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Guesses {
    #[default]
    Apart,
    Taken,
}

/// Whether tasks in fenced blocks are read as if the fences were not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Templates {
    #[default]
    Closed,
    Opened,
}

/// Reads a document. `file` is its name, for people.
///
/// # Errors
/// When the bytes are UTF-16. Any other bytes give an account, be it an empty one.
pub fn read(file: &str, bytes: &[u8], templates: Templates) -> Result<Account, ImportError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ImportError::Utf16 { file: file.to_owned() });
    }
    let source = Source::new(bytes);
    let account = read_source(file, &source);
    if templates == Templates::Opened
        && let Some(opened) = without_template_fences(&source, &account)
    {
        return Ok(read_source(file, &opened));
    }
    Ok(account)
}

/// Writes the checklist (TOML) that an account amounts to. It lints clean and reads back as the same items.
///
/// # Errors
/// When the account has nothing to tick, fill in or sign.
pub fn checklist(account: &Account, guesses: Guesses) -> Result<String, ImportError> {
    Ok(write::write(account, &plan::Plan::of(account, guesses)?))
}

fn read_source(file: &str, source: &Source) -> Account {
    let matter = front_matter::find(source.text());
    let Facts { live, headings, mut regions, code, spans, named, comments, steps, tables } =
        walk::walk(source, matter.as_ref().map_or(0, |matter| matter.end));
    regions.extend(matter.map(|range| Region { range, kind: RegionKind::FrontMatter }));
    let mut account = Account { file: file.to_owned(), live, headings, ..Account::default() };
    for index in 0..account.live.len() {
        let live = &account.live[index];
        let (title, links, struck) = title(source, live);
        let kind = kinds::of(&title, &account.path(live.heading).map(|heading| heading.text.as_str()));
        let placeholders = proposals::placeholders(&title);
        let live = &mut account.live[index];
        (live.title, live.kind, live.placeholders) = (title, kind, placeholders);
        live.links.extend(links);
        live.notes.extend(struck.then(|| "Proposed waiver, skipped: struck out in the source.".to_owned()));
    }
    for span in spans {
        let proposal = proposals::of_span_in(source, span.start, &span.text);
        let live = &mut account.live[span.owner];
        live.proposals.extend(proposal.map(|mut proposal| {
            // What a plan holds is recognised by the words around the command: `terraform apply` of a destroy plan.
            if proposal.destructive.is_none() && proposals::applies_destruction(&live.text) {
                proposal.destructive = Some("destroys infrastructure");
            }
            proposal
        }));
    }
    let mut loose = Vec::new();
    for code in code {
        let line = source.line(code.range.start);
        let language = kinds::language(&code.info, &code.text);
        if code.owner.is_none() {
            let (block, end) = (account.code.len(), code.range.end);
            loose.push(steps::Loose { block, step: code.step, heading: code.heading, end });
        }
        let tongue = Tongue::of_fence(&code.info, &code.text);
        let forbidden = commands::is_prohibited_below(source.text(), code.range.start);
        let block = CodeBlock { line, language, tongue, forbidden, owner: code.owner, text: code.text };
        if let Some(owner) = code.owner {
            account.live[owner].proposals.extend(proposals::of_block(&block));
        }
        account.code.push(block);
    }
    Scan { source, regions: &regions, tables: &tables, round: has_round_boxes(source) }.run(&mut account);
    // What is pasted elsewhere is no step here.
    let templates: Vec<u32> = account.templates().map(|block| block.line).collect();
    loose.retain(|loose| templates.binary_search(&account.code[loose.block].line).is_err());
    let taken = steps::guess(source, &mut account, &steps, &loose);
    words::keep(source, &mut account);
    tell_guessed_headings(&mut account);
    let switched_off = |line: u32, lines: u32| {
        let from = account.skipped.partition_point(|skipped| skipped.line < line);
        account.skipped.get(from).is_some_and(|skipped| skipped.line < line + lines.max(1))
    };
    let explains = |comment: &account::Comment| {
        let lines = u32::try_from(comment.text.lines().count()).unwrap_or(u32::MAX / 2);
        !switched_off(comment.line, lines.saturating_add(1))
    };
    account.comments = comments.into_iter().filter(explains).collect();
    account.destroying = commands::destroying(source, &account, &regions, &named);
    owners::tell(source, &mut account, &regions, &steps, &taken);
    for line in source.replaced_lines().into_iter().take(20) {
        let warning = format!("{file}:{line}: bytes that are no UTF-8 are shown as \u{fffd}; save the file as UTF-8");
        account.warnings.push(warning);
    }
    account
}

/// What a task item is called, links that Markdown does not know of, and whether all of it is struck out.
fn title(source: &Source, live: &account::Live) -> (String, Vec<String>, bool) {
    let raw = source.line_at(live.line).map_or("", |(_, text)| text);
    let behind = boxes::anywhere(raw).map_or("", |boxed| boxed.text);
    if !blanks::has_any(&live.text) && blanks::has_any(behind) {
        return (walk::fold(behind), Vec::new(), false);
    }
    if (behind.contains('<') || behind.contains("~~")) && !behind.contains("][") {
        let (read, links) = inline::read(behind);
        let links = links.into_iter().filter(|link| !live.links.contains(link)).collect();
        if let Some(inside) = inline::struck(&read) {
            return (inside, links, true);
        }
        // Words to fill in and strikes are seen, unless the item goes on below.
        let title = if read.chars().count() >= live.text.chars().count() { read } else { live.text.clone() };
        return (title, links, false);
    }
    let (title, links) = inline::without_macros(&live.text);
    (title.trim().to_owned(), links, false)
}

/// Whether the document ticks round boxes, `( )` and `(x)`, and not as Jira has it: `(/)` and `(x)`.
fn has_round_boxes(source: &Source) -> bool {
    let begins = |mark: &str| {
        source.lines().any(|(_, _, text)| text.trim_start_matches([' ', '\t', '>', '-', '*', '+']).starts_with(mark))
    };
    begins("( ) ") && !begins("(/) ")
}

fn tell_guessed_headings(account: &mut Account) {
    let guessed = account.headings.iter().filter_map(|heading| {
        let why = match (heading.guessed, heading.rank) {
            (Some(why), _) => why,
            (None, Rank::Real(_)) => return None,
            (None, Rank::Summary) => "the summary of a part that folds away, used as a heading",
            (None, Rank::Bold) => "a paragraph in bold, used as a heading",
            (None, Rank::LeadIn) => "a paragraph that ends with a colon, used as a heading",
        };
        let (line, text) = (heading.line, heading.text.clone());
        Some(Guess::new(line, text, why, Guessed::Heading, heading.parent))
    });
    account.guessed.extend(guessed);
    account.guessed.sort_by_key(|guess| guess.line);
}

/// The same document with the fences around tasks blanked out, so that what they hold is read in its place.
fn without_template_fences(source: &Source, account: &Account) -> Option<Source> {
    let templates: Vec<u32> = account.templates().map(|block| block.line).collect();
    let mut bytes = source.text().as_bytes().to_vec();
    let mut open: Option<(char, usize)> = None;
    for (line, start, text) in source.lines() {
        let bare = text.trim_start_matches([' ', '\t', '>']);
        let mark = bare.chars().next().filter(|c| matches!(c, '`' | '~'));
        let count = mark.map_or(0, |mark| bare.chars().take_while(|c| *c == mark).count());
        let fence = match open {
            None if templates.binary_search(&line).is_ok() => {
                open = mark.map(|mark| (mark, count));
                true
            }
            Some((mark, least)) if bare.starts_with(mark) && count >= least => {
                open = None;
                bare.trim_end().chars().all(|c| c == mark)
            }
            _ => false,
        };
        if fence {
            let from = start + (text.len() - bare.len());
            bytes[from..start + text.len()].fill(b' ');
        }
    }
    let text = String::from_utf8(bytes).ok().filter(|_| !templates.is_empty())?;
    Some(source.with_text(text))
}
