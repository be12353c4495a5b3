//! Notes, issues and lessons.

use super::{Context, known, text};
use crate::checklist::ItemId;
use crate::deployment::due;
use crate::deployment::fact::{Fact, IssueAccount};
use crate::deployment::plan::Plan;
use crate::deployment::refusal::Refusal;
use crate::deployment::state::State;
use crate::deployment::status::Board;

pub(super) fn note(plan: &Plan, item: Option<ItemId>, words: &str) -> Result<Vec<Fact>, Refusal> {
    if let Some(item) = &item {
        known(plan, item)?;
    }
    Ok(vec![Fact::NoteAdded { item, text: text(words)? }])
}

pub(super) fn open_issue(state: &State, title: &str, account: IssueAccount) -> Result<Vec<Fact>, Refusal> {
    let issue = u32::try_from(state.issues.len()).unwrap_or(u32::MAX).saturating_add(1);
    Ok(vec![Fact::IssueOpened { issue, title: text(title)?, account: tidy(account).into() }])
}

pub(super) fn update_issue(state: &State, issue: u32, account: IssueAccount) -> Result<Vec<Fact>, Refusal> {
    let known = (1..=state.issues.len()).contains(&usize::try_from(issue).unwrap_or(usize::MAX));
    if !known {
        return Err(Refusal::NoSuchIssue(issue));
    }
    let account = tidy(account);
    if account == IssueAccount::default() {
        return Err(Refusal::TextMissing);
    }
    Ok(vec![Fact::IssueUpdated { issue, account: account.into() }])
}

pub(super) fn lesson(words: &str) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![Fact::LessonAdded { text: text(words)? }])
}

/// Whoever reminds, nobody is reminded twice a day.
pub(super) fn remind(plan: &Plan, state: &State, context: &Context) -> Vec<Fact> {
    let board = Board::at(plan, state, context.at);
    let due = due::to_remind_of(plan, state, &board, context.at);
    if due.is_empty() {
        return Vec::new();
    }
    let overdue = due.iter().filter(|one| one.is_overdue(context.at)).count();
    let items = due.iter().map(|one| one.item.id.clone()).collect();
    vec![Fact::ItemsDue { items, overdue: u32::try_from(overdue).unwrap_or(u32::MAX) }]
}

pub(super) fn hand_over(to: Option<String>, note: Option<String>, words: &str) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![Fact::HandoverRecorded { to: super::tidy(to), note: super::tidy(note), text: text(words)? }])
}

fn tidy(account: IssueAccount) -> IssueAccount {
    let tidy = |field: Option<String>| field.map(|f| f.trim().to_owned()).filter(|f| !f.is_empty());
    IssueAccount {
        resolution: tidy(account.resolution),
        impact: tidy(account.impact),
        mitigation: tidy(account.mitigation),
    }
}
