//! What became of every line: each that is not blank has exactly one owner, and those left out are named.

use super::account::{Account, Guessed, Kind, Owner, Reason, Skipped};
use super::regions::{RegionKind, Regions};
use super::source::Source;
use super::steps::Taken;
use super::walk::Step;
use crate::checklist::span::Span;
use std::collections::HashMap;

/// Fills in `lines` and `left` of an account that holds everything else.
pub(super) fn tell(source: &Source, account: &mut Account, regions: &Regions, steps: &[Step], taken: &Taken) {
    let known = known(account);
    let comments: Vec<(u32, u32)> = account.comments.iter().map(|comment| (comment.line, comment.last)).collect();
    let blocks = account.code.iter().map(super::proposals::runs);
    let runs: Vec<bool> = blocks.collect();
    let mut reader = regions.reader();
    let mut tasks = Ranges::of(account.live.iter().filter(|live| live.depth == 1).map(|live| live.extent));
    let mut lists = Ranges::of(steps.iter().map(|step| Span { start: step.range.start, end: step.range.end }));
    let mut reported = Vec::new();
    let mut left = Vec::new();
    for (line, start, text) in source.lines() {
        let indent = text.len() - text.trim_start_matches([' ', '\t', '>']).len();
        let at = start + indent.min(text.len().saturating_sub(1));
        let (region, task, list) = (reader.at(at), tasks.at(at), lists.at(at));
        if text.trim().is_empty() {
            continue;
        }
        let owner = known.get(&line).copied().unwrap_or_else(|| match region {
            Some(RegionKind::Heading) => Owner::Heading,
            Some(RegionKind::Rule) => Owner::Skipped(Reason::Rule),
            Some(RegionKind::Html) if super::scan::shown(text).chars().all(|c| !c.is_alphanumeric()) => {
                Owner::Skipped(Reason::Markup)
            }
            Some(RegionKind::Html) => Owner::Skipped(Reason::Html),
            Some(RegionKind::FrontMatter) => Owner::Skipped(Reason::FrontMatter),
            Some(RegionKind::Table(_)) if is_ruler(text) => Owner::Skipped(Reason::Rule),
            Some(RegionKind::Table(_)) => Owner::Skipped(Reason::Table),
            Some(RegionKind::Comment) => {
                let next = comments.partition_point(|(first, _)| *first <= line);
                let kept = next.checked_sub(1).is_some_and(|index| comments[index].1 >= line);
                if kept { Owner::Note } else { Owner::Skipped(Reason::Comment) }
            }
            Some(RegionKind::Fence(code) | RegionKind::IndentedCode(code)) => code_owner(account, &runs, taken, code),
            None if task.is_some() => Owner::Note,
            None => match list {
                Some(step) if taken.steps[step].is_some() => taken.steps[step].unwrap_or(Owner::Guess),
                // What stands around tasks is reported in their notes.
                Some(step) if steps[step].groups && line == source.line(steps[step].range.start) => Owner::Note,
                Some(_) => Owner::Skipped(Reason::List),
                None => Owner::Skipped(Reason::Text),
            },
        });
        if let Owner::Skipped(why) = owner
            && !known.contains_key(&line)
        {
            left.push(Skipped { line, text: text.trim().to_owned(), why });
        }
        reported.push((line, owner));
    }
    (account.lines, account.left) = (reported, left);
}

/// Lines whose owner is in the account already. What is taken over counts more than what is only guessed.
fn known(account: &Account) -> HashMap<u32, Owner> {
    let mut known: HashMap<u32, Owner> = HashMap::new();
    known.extend(account.headings.iter().map(|heading| (heading.line, Owner::Heading)));
    known.extend(account.skipped.iter().map(|skipped| (skipped.line, Owner::Skipped(skipped.why))));
    known.extend(account.guessed.iter().filter_map(|guess| match guess.what {
        Guessed::Item(_) => Some((guess.line, Owner::Guess)),
        Guessed::SignOff => Some((guess.line, Owner::SignOff)),
        Guessed::Heading => None,
    }));
    // Further lines of a step are lines of a guess, those of a role are lines to sign.
    for guess in &account.guessed {
        let owner = if guess.what == Guessed::SignOff { Owner::SignOff } else { Owner::Guess };
        guess.more.iter().for_each(|line| {
            known.entry(*line).or_insert(owner);
        });
    }
    known.extend(
        account
            .values
            .iter()
            .map(|blank| blank.line)
            .chain(account.answers.iter().copied())
            .map(|line| (line, Owner::Value)),
    );
    known.extend(account.live.iter().map(|live| {
        let owner = match live.kind {
            Kind::Item => Owner::Item,
            Kind::SignOff => Owner::SignOff,
            Kind::Value => Owner::Value,
            Kind::Issue | Kind::Lesson => Owner::Journal,
        };
        (live.line, owner)
    }));
    known
}

/// The line of a table that parts its header from its rows.
fn is_ruler(text: &str) -> bool {
    text.contains('-') && text.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t' | '>'))
}

fn code_owner(account: &Account, runs: &[bool], taken: &Taken, code: usize) -> Owner {
    let Some(block) = account.code.get(code) else { return Owner::Skipped(Reason::Code) };
    match block.owner {
        Some(_) if runs.get(code).copied().unwrap_or_default() => Owner::Proposal,
        Some(_) => Owner::Note,
        None => taken.code.get(&code).copied().unwrap_or(Owner::Skipped(Reason::Code)),
    }
}

/// Ranges that lie one behind the other, asked at offsets that only grow.
struct Ranges {
    ranges: Vec<Span>,
    next: usize,
}

impl Ranges {
    fn of(ranges: impl Iterator<Item = Span>) -> Self {
        Self { ranges: ranges.collect(), next: 0 }
    }

    fn at(&mut self, offset: usize) -> Option<usize> {
        while self.ranges.get(self.next).is_some_and(|range| range.end <= offset) {
            self.next += 1;
        }
        self.ranges.get(self.next).filter(|range| range.start <= offset).map(|_| self.next)
    }
}
