//! What is kept beside an item: what is in it, and the commands it names, which nothing runs.

use super::account::{Account, Blank, Guess, Kind, Language, Live, Proposal};
use crate::checklist::destruction::{self, Tongue};
use crate::checklist::lint::secrets;
use crate::checklist::proposal::{self, ProposalLanguage};
use std::fmt::Write as _;

/// The most destroying lines of one block that its note names; the account names all.
const NAMED: usize = 12;

/// The note of a task item, if there is anything to note.
pub(super) fn of(account: &Account, index: usize) -> Option<String> {
    let live = &account.live[index];
    let mut parts: Vec<String> = Vec::new();
    if !live.groups.is_empty() {
        let groups: Vec<&str> = live.groups.iter().map(|group| group.trim_end_matches([':', '：', ' '])).collect();
        parts.push(format!("Part of: {}", groups.join(" › ")));
    }
    parts.extend(live.notes.iter().cloned());
    parts.extend(live.links.iter().map(|link| format!("Link: {link}")));
    parts.extend(live.proposals.iter().map(|proposal| reported(live.kind, proposal)));
    // Programs and forms are no commands, but they explain the item.
    let from = account.code.partition_point(|block| block.line < live.line);
    let own = account.code[from..].iter().take_while(|block| block.owner.is_some_and(|owner| owner >= index));
    for block in own.filter(|block| block.owner == Some(index)) {
        let runs = super::proposals::runs(block);
        if !runs && !block.text.trim().is_empty() {
            let word = if block.language == Language::Python { "Python:\n" } else { "" };
            let text = block.text.trim_end();
            parts.push(format!("{word}{text}{}", warning(block.tongue, text)));
        }
    }
    let reported = |place: &String| live.proposals.iter().any(|proposal| proposal.placeholders.contains(place));
    if !live.placeholders.iter().all(reported) {
        parts.push(format!("Fill in first: {}", live.placeholders.join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// The commands of an item that a person may arm. One that is filled in is no item to run.
pub(super) fn proposed(live: &Live) -> Vec<proposal::Proposal> {
    if live.kind != Kind::Item {
        return Vec::new();
    }
    runnable(&live.proposals)
}

/// The note of a value that stands outside every task, if there is anything to note.
pub(super) fn of_blank(blank: &Blank) -> Option<String> {
    let parts = blank.note.iter().cloned();
    let parts: Vec<String> =
        parts.chain(blank.proposals.iter().map(|proposal| reported(Kind::Value, proposal))).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// The note of a guess, if there is anything to note.
pub(super) fn of_guess(guess: &Guess) -> Option<String> {
    let waiver = guess.waiver.map(|waiver| format!("Proposed waiver, {waiver}."));
    let parts = waiver.into_iter().chain(guess.notes.iter().cloned());
    let parts: Vec<String> =
        parts.chain(guess.proposals.iter().map(|proposal| reported(Kind::Item, proposal))).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

pub(super) fn runnable(proposals: &[Proposal]) -> Vec<proposal::Proposal> {
    let language = |proposal: &Proposal| match proposal.language {
        Language::Sql => ProposalLanguage::Sql,
        _ => ProposalLanguage::Shell,
    };
    let mut proposals: Vec<&Proposal> = proposals.iter().collect();
    proposals.sort_by_key(|proposal| proposal.line);
    let proposals = proposals.into_iter();
    let proposed = proposals.map(|proposal| proposal::Proposal {
        line: Some(proposal.line),
        language: language(proposal),
        text: without_passwords(&harmless(&proposal.text)),
    });
    proposed.filter(|proposal| !proposal.text.trim().is_empty()).collect()
}

/// With line ends of one kind, and without what would steer a terminal.
fn harmless(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

/// With a variable in place of every password: it is set where the command runs, and reaches no ledger.
fn without_passwords(text: &str) -> String {
    let mut text = text.to_owned();
    for secret in secrets::find(&text).into_iter().rev() {
        text.replace_range(secret.password, "${PASSWORD}");
    }
    // What only comes into view now is masked.
    text
}

/// Which lines of a text destroy what, each on a line of its own.
pub(super) fn warning(tongue: Tongue, text: &str) -> String {
    let mut warning = String::new();
    for one in destruction::all_in(tongue, text).into_iter().take(NAMED) {
        let _ = write!(warning, "\nDestructive: `{}` {}.", one.text, one.destroyed.words);
    }
    warning
}

fn reported(kind: Kind, proposal: &Proposal) -> String {
    let words = match (proposal.language, kind) {
        (Language::Sql, _) => "SQL, to be run by hand",
        (_, Kind::Item) => proposal::TO_BE_ARMED.trim_end_matches(':'),
        _ => "Command, to be run by hand",
    };
    let separator = if proposal.text.contains('\n') { '\n' } else { ' ' };
    let mut note = format!("{words}:{separator}{}", proposal.text);
    match (proposal.destructive, proposal.text.contains('\n')) {
        (Some(_), true) => note.push_str(&warning(Tongue::Any, &proposal.text)),
        (Some(what), false) => {
            let _ = write!(note, "\nDestructive: it {what}.");
        }
        (None, _) => {}
    }
    if !proposal.placeholders.is_empty() {
        let _ = write!(note, "\nFill in first: {}", proposal.placeholders.join(", "));
    }
    note
}
