//! What is kept beside an item: what stands in it, and the commands it names, which nothing runs.

use super::account::{Account, Language, Proposal};
use std::fmt::Write as _;

/// The note of a task item, if there is anything to note.
#[must_use]
pub fn of(account: &Account, index: usize) -> Option<String> {
    let live = &account.live[index];
    let mut parts: Vec<String> = Vec::new();
    if !live.groups.is_empty() {
        parts.push(format!("Part of: {}", live.groups.join(" › ")));
    }
    parts.extend(live.notes.iter().cloned());
    parts.extend(live.proposals.iter().map(proposal));
    // Programs and forms are no commands, but they explain the item.
    let from = account.code.partition_point(|block| block.line < live.line);
    let own = account.code[from..].iter().take_while(|block| block.owner.is_some_and(|owner| owner >= index));
    for block in own.filter(|block| block.owner == Some(index)) {
        if matches!(block.language, Language::Python | Language::Other) && !block.text.trim().is_empty() {
            let word = if block.language == Language::Python { "Python:\n" } else { "" };
            parts.push(format!("{word}{}", block.text.trim_end()));
        }
    }
    if !live.placeholders.is_empty() {
        parts.push(format!("Fill in first: {}", live.placeholders.join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join("\n"))
}

fn proposal(proposal: &Proposal) -> String {
    let language = match proposal.language {
        Language::Sql => "SQL",
        _ => "Command",
    };
    let separator = if proposal.text.contains('\n') { '\n' } else { ' ' };
    let mut note = format!("{language}, to be run by hand:{separator}{}", proposal.text);
    if let Some(why) = proposal.destructive {
        let _ = write!(note, "\nDestructive: it {why}.");
    }
    if !proposal.placeholders.is_empty() {
        let _ = write!(note, "\nFill in first: {}", proposal.placeholders.join(", "));
    }
    note
}
