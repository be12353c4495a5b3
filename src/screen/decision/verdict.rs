//! What was decided with what it binds, what was decided before, and what the verdict rests on.

use crate::cockpit::Model;
use crate::deployment::Fact;
use crate::deployment::amendment;
use crate::deployment::fact::{Approval, Decided};
use crate::deployment::state::Stamp;
use crate::screen::glyphs::Glyphs;
use crate::screen::line::{Block, Line};
use crate::screen::numbers;
use crate::screen::palette::Tone;

/// Decisions that no longer stand, of which so many are reported.
const EARLIER: usize = 2;

pub(super) fn block(glyphs: &Glyphs, model: &Model, columns: usize) -> Block {
    let mut block = Block::new(columns);
    let stands = model.state.decision();
    if let Some((stamp, decided)) = stands {
        decision(&mut block, glyphs, stamp, decided);
    }
    let before = model.state.decisions.len() - usize::from(stands.is_some());
    for (stamp, decided) in model.state.decisions[..before].iter().rev().take(EARLIER) {
        earlier(&mut block, model, stamp, decided);
    }
    if !model.state.decisions.is_empty() {
        block.space();
    }
    for mark in amendment::loosened(&model.state) {
        block.behind(&Line::of(Tone::Warning, "! loosened  "), 3, Tone::Text, mark);
    }
    let Some(outlook) = &model.summary.outlook else { return block };
    let against = model.state.poll().map(|poll| poll.against(&model.plan)).unwrap_or_default();
    if outlook.coverage.total > 0 {
        block.at_most(2, Tone::Dim, &outlook.coverage.to_string());
    }
    for no in against {
        block.behind(&Line::of(Tone::Dim, format!("  {} ", glyphs.bullet)), 2, Tone::Text, &no);
    }
    block
}

fn decision(block: &mut Block, glyphs: &Glyphs, stamp: &Stamp, decided: &Decided) {
    let (glyph, tone) = match decided.decision {
        Approval::Go => (glyphs.done, Tone::Good),
        Approval::NoGo => (glyphs.failed, Tone::Bad),
    };
    let words = format!("{glyph} decided {}", decided.decision.word().to_uppercase());
    let by = format!("   by {}, {} UTC", stamp.by, numbers::date_time(stamp.at));
    block.push(Line::of(tone, words).with(Tone::Dim, by));
    if !decided.reason.is_empty() {
        block.behind(&Line::of(Tone::Text, "  "), 2, Tone::Text, &decided.reason);
    }
    block.behind(&Line::of(Tone::Dim, "  binds "), 2, Tone::Dim, &bound(decided));
}

/// What the decision binds: checklist, criteria, answers and the record it was taken on.
fn bound(decided: &Decided) -> String {
    let mut bound = vec![format!("checklist {}", decided.checklist.short())];
    let many = |count: usize, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {more}"),
    };
    if !decided.criteria.is_empty() {
        bound.push(many(decided.criteria.len(), "criterion", "criteria"));
    }
    if !decided.answers.is_empty() {
        bound.push(many(decided.answers.len(), "answer", "answers"));
    }
    bound.extend(decided.head.as_ref().map(|head| format!("ledger {} {}", head.seq, head.sum.short())));
    bound.join(", ")
}

/// A decision that was taken back.
fn earlier(block: &mut Block, model: &Model, stamp: &Stamp, decided: &Decided) {
    let after = |seq| seq > stamp.seq;
    let first = model.records.partition_point(|record| !after(record.seq));
    let back = model.records[first..].iter().find_map(|record| match &record.fact {
        Fact::DecisionReopened { reason } => Some((record, reason.clone())),
        Fact::PollOpened { reason, .. } => Some((record, reason.clone().unwrap_or_else(|| "a new poll".to_owned()))),
        _ => None,
    });
    let word = decided.decision.word().to_uppercase();
    let text = match back {
        Some((record, why)) => format!(
            "{word} of {} by {}, reopened {} by {}: {why}",
            numbers::time(stamp.at),
            stamp.by,
            numbers::time(record.at),
            record.by
        ),
        None => format!("{word} of {} by {} no longer counts", numbers::time(stamp.at), stamp.by),
    };
    block.behind(&Line::of(Tone::Warning, "reopened  "), 2, Tone::Text, &text);
}
