//! The account for people: found, guessed, skipped and why, already checked.

use crate::checklist::Checklist;
use crate::checklist::import::Guesses;
use crate::checklist::import::account::{Account, Guess, Guessed, Kind, Proposal, Reason};
use crate::checklist::lint::secrets;
use crate::checklist::model::Due;
use crate::checklist::problem::harmless;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

/// How many lines of one sort are shown.
const SHOWN: usize = 20;
/// The most characters of a document's text on one line.
const WIDEST: usize = 84;
/// The most characters of a command, so that what it does still stands behind it.
const COMMAND: usize = 48;

const REASONS: [Reason; 9] = [
    Reason::Template,
    Reason::Indented,
    Reason::Comment,
    Reason::Html,
    Reason::FrontMatter,
    Reason::Table,
    Reason::Code,
    Reason::List,
    Reason::Text,
];

/// Everything, with examples.
pub(super) fn write(account: &Account, guesses: Guesses, out: &mut dyn Write) -> io::Result<()> {
    let out = &mut BufWriter::new(out);
    writeln!(out, "{}", harmless(&account.file))?;
    writeln!(out, "\nFound")?;
    for line in found(account) {
        writeln!(out, "  {line}")?;
    }
    let blanks = account.values.iter().map(|blank| {
        let unit = blank.unit.as_deref().map(|unit| format!("({unit})")).unwrap_or_default();
        // `Free (GB)` says it itself.
        let label = blank.label.strip_suffix(unit.as_str()).unwrap_or(&blank.label).trim_end();
        (blank.line, if unit.is_empty() { blank.label.clone() } else { format!("{label} {unit}") })
    });
    examples(out, "values to fill in", &blanks.collect::<Vec<_>>())?;
    let signed = account.guessed.iter().filter(|guess| guess.what == Guessed::SignOff);
    let signed: Vec<(u32, String)> = signed.map(|guess| (guess.line, guess.text.clone())).collect();
    examples(out, "lines to sign without a box, taken over as sign-offs", &signed)?;
    let values = account.values.iter().flat_map(|blank| &blank.proposals);
    let apart = account.guessed.iter().flat_map(|guess| &guess.proposals).chain(values);
    let proposals = account.live.iter().flat_map(|live| &live.proposals).chain(apart);
    let mut proposals: Vec<&Proposal> = proposals.collect();
    proposals.sort_by_key(|proposal| proposal.line);
    let destructive =
        account.destroying.iter().map(|one| (one.line, format!("{} · {}", cut(&one.text, COMMAND), one.what)));
    // Each of them is named.
    listed(out, "destructive commands", &destructive.collect::<Vec<_>>(), usize::MAX)?;
    let open = proposals.iter().filter(|proposal| !proposal.placeholders.is_empty());
    let mut open: Vec<(u32, String)> = open.map(|p| (p.line, p.placeholders.join(", "))).collect();
    let items = account.live.iter().filter(|live| !live.placeholders.is_empty());
    open.extend(items.map(|live| (live.line, live.placeholders.join(", "))));
    open.sort();
    open.dedup();
    examples(out, "placeholders to fill in first", &open)?;
    write_guesses(account, guesses, out)?;
    write_skipped(account, out)?;
    let bare = account.bare_headings();
    let bare: Vec<(u32, String)> = bare.iter().map(|heading| (heading.line, heading.text.clone())).collect();
    examples(out, "headings without items", &bare)?;
    let beside = account.beside_signoffs();
    examples(out, "text beside or below lines to sign, kept as comments in the checklist", &beside)?;
    let shown_done = match account.checked_guesses() {
        0 => String::new(),
        count => format!(", and {}", counted(count, "guess shown as done", "guesses shown as done")),
    };
    writeln!(out, "\nAlready ticked\n  {}{shown_done}", counted(account.checked(), "box", "boxes"))?;
    for warning in &account.warnings {
        writeln!(out, "\nwarning: {}", harmless(warning))?;
    }
    out.flush()
}

/// A few lines; true when lines that may be steps are left out.
pub(super) fn write_short(account: &Account, out: &mut dyn Write) -> io::Result<bool> {
    writeln!(out, "{}: {}", harmless(&account.file), found(account).join("; "))?;
    let guessed = account.guessed.iter().filter(|guess| matches!(guess.what, Guessed::Item(_))).count();
    let mut aside = Vec::new();
    if guessed > 0 {
        aside.push(format!("{} that may be steps not taken over", counted(guessed, "line", "lines")));
    }
    if !account.skipped.is_empty() {
        aside.push(format!("{} left out", counted(account.skipped.len(), "box", "boxes")));
    }
    if account.checked() > 0 {
        aside.push(format!("{} ticked there already", counted(account.checked(), "box", "boxes")));
    }
    if !aside.is_empty() {
        writeln!(out, "{}; `gonogo import` shows all of it", aside.join(", "))?;
    }
    for warning in account.warnings.iter().take(1) {
        writeln!(out, "warning: {}", harmless(warning))?;
    }
    Ok(guessed > 0 || !account.skipped.is_empty())
}

fn found(account: &Account) -> Vec<String> {
    let mut lines = vec![counted(account.live.len(), "task item", "task items")];
    let kinds = [
        (Kind::SignOff, "sign-off", "sign-offs"),
        (Kind::Value, "item with a value to fill in", "items with values to fill in"),
        (Kind::Issue, "entry for issues", "entries for issues"),
        (Kind::Lesson, "entry for lessons", "entries for lessons"),
    ];
    let parts: Vec<String> = kinds
        .iter()
        .map(|(kind, one, many)| (account.count(*kind), one, many))
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| counted(count, one, many))
        .collect();
    if !parts.is_empty() {
        lines[0] = format!("{}, among them {}", lines[0], parts.join(", "));
    }
    if !account.values.is_empty() {
        lines.push(counted(account.values.len(), "value to fill in", "values to fill in"));
    }
    let mut languages: BTreeMap<&str, usize> = BTreeMap::new();
    for block in &account.code {
        *languages.entry(block.language.word()).or_default() += 1;
    }
    if !languages.is_empty() {
        let owned = account.code.iter().filter(|block| block.owner.is_some()).count();
        let reported: Vec<String> = languages.iter().map(|(language, count)| format!("{count} {language}")).collect();
        let blocks = counted(account.code.len(), "code block", "code blocks");
        lines.push(format!("{blocks} ({}), {owned} of them under an item", reported.join(", ")));
    }
    let commands: usize = account.live.iter().map(|live| live.proposals.len()).sum();
    if commands > 0 {
        lines.push(format!(
            "{}: nothing runs before a person arms it",
            counted(commands, "proposed command", "proposed commands")
        ));
    }
    lines
}

fn write_guesses(account: &Account, guesses: Guesses, out: &mut dyn Write) -> io::Result<()> {
    let is_item = |guess: &&Guess| matches!(guess.what, Guessed::Item(_));
    let taken = |guess: &&Guess| guesses == Guesses::Taken || guess.chosen;
    let items = || account.guessed.iter().filter(is_item);
    let (over, apart): (Vec<&Guess>, Vec<&Guess>) = items().partition(taken);
    let headings = account.guessed.iter().filter(|guess| guess.what == Guessed::Heading).collect();
    let parts = [
        ("Guessed: items are taken over", over),
        ("Guessed: items are kept apart, and taken over with --guesses, or some with --guess LINES", apart),
        ("Guessed headings", headings),
    ];
    for (title, guesses) in parts.into_iter().filter(|(_, guesses)| !guesses.is_empty()) {
        let mut sorts: BTreeMap<&str, Vec<(u32, String)>> = BTreeMap::new();
        for guess in guesses {
            sorts.entry(guess.why).or_default().push((guess.line, guess.text.clone()));
        }
        writeln!(out, "\n{title}")?;
        for (why, lines) in sorts {
            examples(out, why, &lines)?;
        }
    }
    Ok(())
}

/// What is left to do before the checklist is of use: what decides on GO, and what leads back.
pub(super) fn write_next(account: &Account, checklist: &Checklist, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nNext")?;
    let criteria = checklist.items().filter(|item| item.due == Some(Due::Decision)).count();
    if criteria == 0 {
        writeln!(
            out,
            "  nothing decides on GO yet: add `due = \"decision\"` to the items that have to be done before it"
        )?;
    } else {
        let items = counted(criteria, "item decides", "items decide");
        writeln!(
            out,
            "  {items} on GO (`due = \"decision\"`): add it to others that have to be done before, or remove it"
        )?;
    }
    let back: Vec<&str> =
        checklist.phases.iter().filter(|phase| !phase.way.is_forward()).map(|phase| phase.title.as_str()).collect();
    for title in &back {
        writeln!(out, "  `{}` is carried out in a rollback only (`rollback = true`)", shown(title))?;
    }
    for heading in account.rollbacks().filter(|heading| !back.contains(&heading.text.as_str())) {
        let text = shown(&heading.text);
        writeln!(
            out,
            "  line {}: `{text}` is no rollback phase: it holds no items, or stands inside another",
            heading.line
        )?;
        writeln!(out, "    what is for a rollback only belongs into a `[[phase]]` with `rollback = true`")?;
    }
    Ok(())
}

fn write_skipped(account: &Account, out: &mut dyn Write) -> io::Result<()> {
    let left = || account.skipped.iter().chain(&account.left);
    if left().any(|skipped| skipped.why != Reason::Rule) {
        writeln!(out, "\nSkipped")?;
    }
    for reason in REASONS {
        let lines = left().filter(|skipped| skipped.why == reason);
        let mut lines: Vec<(u32, String)> = lines.map(|skipped| (skipped.line, skipped.text.clone())).collect();
        lines.sort_by_key(|(line, _)| *line);
        examples(out, reason.sentence(), &lines)?;
    }
    Ok(())
}

/// One sort of lines, the first few of them shown.
fn examples(out: &mut dyn Write, what: &str, lines: &[(u32, String)]) -> io::Result<()> {
    listed(out, what, lines, SHOWN)
}

fn listed(out: &mut dyn Write, what: &str, lines: &[(u32, String)], most: usize) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {}: {what}", lines.len())?;
    for (line, text) in lines.iter().take(most) {
        writeln!(out, "    line {line}: {}", shown(text))?;
    }
    if lines.len() > most {
        writeln!(out, "    and {} more; --json shows all", lines.len() - most)?;
    }
    Ok(())
}

/// A document's text as it may be shown: short, tame, and without passwords.
fn shown(text: &str) -> String {
    cut(text, WIDEST)
}

fn cut(text: &str, widest: usize) -> String {
    let text = harmless(&secrets::mask(text));
    match text.char_indices().nth(widest) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
