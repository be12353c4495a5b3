//! Notes, issues and lessons.

use super::{known, text};
use crate::checklist::ItemId;
use crate::deployment::fact::{Fact, IssueAccount};
use crate::deployment::plan::Plan;
use crate::deployment::refusal::Refusal;
use crate::deployment::state::State;

pub fn note(plan: &Plan, item: Option<ItemId>, words: &str) -> Result<Vec<Fact>, Refusal> {
    if let Some(item) = &item {
        known(plan, item)?;
    }
    Ok(vec![Fact::NoteAdded { item, text: text(words)? }])
}

pub fn open_issue(state: &State, title: &str, account: IssueAccount) -> Result<Vec<Fact>, Refusal> {
    let issue = u32::try_from(state.issues.len()).unwrap_or(u32::MAX).saturating_add(1);
    Ok(vec![Fact::IssueOpened { issue, title: text(title)?, account: tidy(account) }])
}

pub fn update_issue(state: &State, issue: u32, account: IssueAccount) -> Result<Vec<Fact>, Refusal> {
    let known = (1..=state.issues.len()).contains(&usize::try_from(issue).unwrap_or(usize::MAX));
    if !known {
        return Err(Refusal::NoSuchIssue(issue));
    }
    let account = tidy(account);
    if account == IssueAccount::default() {
        return Err(Refusal::TextMissing);
    }
    Ok(vec![Fact::IssueUpdated { issue, account }])
}

pub fn lesson(words: &str) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![Fact::LessonAdded { text: text(words)? }])
}

fn tidy(account: IssueAccount) -> IssueAccount {
    let tidy = |field: Option<String>| field.map(|f| f.trim().to_owned()).filter(|f| !f.is_empty());
    IssueAccount {
        resolution: tidy(account.resolution),
        impact: tidy(account.impact),
        mitigation: tidy(account.mitigation),
    }
}
