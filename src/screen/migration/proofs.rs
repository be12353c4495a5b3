//! What every table held before and after.

use crate::checklist::Check;
use crate::cockpit::Model;
use crate::deployment::attempt::{Attempt, Moment, TableProof};
use crate::screen::canvas::Canvas;
use crate::screen::line::{Block, Line};
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::text;

/// The tables of an attempt, one line each.
pub(super) fn block(canvas: &Canvas<'_>, model: &Model, attempt: &Attempt, columns: u16) -> Block {
    let mut block = Block::new(usize::from(columns));
    let Some(outcome) = attempt.outcome() else {
        block.heading("Tables");
        block.push(Line::of(Tone::Dim, "Row counts verified after the run"));
        return block;
    };
    if outcome.tables.is_empty() {
        return block;
    }
    let rewrites: &[String] = match model.plan.item(&attempt.item).map(|item| &item.check) {
        Some(Check::Migration(migration)) => &migration.rewrites,
        _ => &[],
    };
    block.heading("Tables, before and after");
    let mut names: Vec<&str> = Vec::new();
    for proof in &outcome.tables {
        if !names.contains(&proof.table.as_str()) {
            names.push(&proof.table);
        }
    }
    let find = |name: &str, moments: [Moment; 2]| {
        outcome.tables.iter().find(|proof| proof.table == name && moments.contains(&proof.when))
    };
    // What differs comes first: it is what people look for.
    let mut lines: Vec<(Equality, Line)> = names
        .into_iter()
        .map(|name| {
            let before = find(name, [Moment::Before, Moment::Before]);
            let after = find(name, [Moment::After, Moment::Restored]).or(find(name, [Moment::Now, Moment::Now]));
            let equality = compare(before, after, rewrites.iter().any(|table| table == name));
            (equality, line(canvas, name, before, after, equality))
        })
        .collect();
    lines.sort_by_key(|(equality, _)| *equality);
    block.lines.extend(lines.into_iter().map(|(_, line)| line));
    block
}

/// How a table compares with what it was, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Equality {
    Different,
    OneSided,
    Rewritten,
    SameCount,
    Equal,
}

fn compare(before: Option<&TableProof>, after: Option<&TableProof>, may_change: bool) -> Equality {
    let (Some(before), Some(after)) = (before, after) else { return Equality::OneSided };
    if before.rows != after.rows {
        return Equality::Different;
    }
    match (&before.fingerprint, &after.fingerprint) {
        (Some(a), Some(b)) if a == b => Equality::Equal,
        (Some(_), Some(_)) if may_change => Equality::Rewritten,
        (Some(_), Some(_)) => Equality::Different,
        _ => Equality::SameCount,
    }
}

fn line(
    canvas: &Canvas<'_>,
    name: &str,
    before: Option<&TableProof>,
    after: Option<&TableProof>,
    equality: Equality,
) -> Line {
    let (glyph, tone, word) = match equality {
        Equality::Different => (canvas.glyphs.failed, Tone::Bad, "different"),
        Equality::OneSided if after.is_none() => (canvas.glyphs.unknown, Tone::Dim, "not counted afterwards"),
        Equality::OneSided => (canvas.glyphs.unknown, Tone::Warning, "new"),
        Equality::Rewritten => (canvas.glyphs.done, Tone::Good, "rewritten, rows same"),
        Equality::SameCount => (canvas.glyphs.done, Tone::Good, "row count same"),
        Equality::Equal => (canvas.glyphs.done, Tone::Good, "identical"),
    };
    let count =
        |proof: Option<&TableProof>| proof.map_or_else(|| "-".to_owned(), |p| numbers::grouped(&p.rows.to_string()));
    let (before, after) = (count(before), count(after));
    let rows = if before == after || after == "-" { before } else { format!("{before} -> {after}") };
    let name = text::clean(name);
    let name = text::cut(&name, 22, canvas.glyphs.ellipsis);
    let pad = " ".repeat(22usize.saturating_sub(text::width(&name)));
    Line::of(tone, format!("{glyph} "))
        .with(Tone::Text, format!("{name}{pad} {rows:>10}"))
        .with(tone, format!("  {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(rows: i64, fingerprint: Option<&str>) -> TableProof {
        TableProof {
            table: "lots".into(),
            when: Moment::Now,
            rows,
            fingerprint: fingerprint.map(ToOwned::to_owned),
            columns: None,
        }
    }

    #[test]
    fn equal_means_rows_and_contents() {
        let of = |a: TableProof, b: TableProof, may| compare(Some(&a), Some(&b), may);
        assert_eq!(of(proof(3, Some("a")), proof(3, Some("a")), false), Equality::Equal);
        assert_eq!(of(proof(3, Some("a")), proof(3, Some("b")), false), Equality::Different);
        assert_eq!(of(proof(3, Some("a")), proof(3, Some("b")), true), Equality::Rewritten);
        assert_eq!(of(proof(3, Some("a")), proof(4, Some("a")), true), Equality::Different);
        assert_eq!(of(proof(3, None), proof(3, Some("a")), false), Equality::SameCount);
        assert_eq!(compare(Some(&proof(3, None)), None, false), Equality::OneSided);
    }
}
