//! The account for scripts, format 1.

use crate::checklist::import::Account;
use crate::checklist::import::account::{BoxState, Owner, Skipped};
use crate::checklist::lint::secrets;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

#[derive(Serialize)]
struct Document<'a> {
    format: u8,
    live: Vec<Live<'a>>,
    values: Vec<Value<'a>>,
    guessed: Vec<Apart<'a>>,
    skipped: Vec<Apart<'a>>,
    /// Lines that are not blank, by what became of them.
    lines: BTreeMap<&'static str, usize>,
    counts: Counts,
    code: Vec<Code>,
    /// Every command that destroys something.
    destructive: Vec<Destructive<'a>>,
}

#[derive(Serialize)]
struct Counts {
    taken: BTreeMap<&'static str, usize>,
    guessed: BTreeMap<&'static str, usize>,
    skipped: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct Live<'a> {
    line: u32,
    depth: usize,
    checked: bool,
    text: &'a str,
    headings: Vec<&'a str>,
    r#as: &'static str,
}

#[derive(Serialize)]
struct Value<'a> {
    line: u32,
    label: &'a str,
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    choices: &'a [String],
}

#[derive(Serialize)]
struct Destructive<'a> {
    line: u32,
    command: std::borrow::Cow<'a, str>,
    what: &'static str,
}

#[derive(Serialize)]
struct Apart<'a> {
    line: u32,
    text: &'a str,
    why: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed_waiver: Option<&'static str>,
}

#[derive(Serialize)]
struct Code {
    line: u32,
    language: &'static str,
    owner_line: Option<u32>,
}

pub(super) fn write(account: &Account, out: &mut dyn Write) -> io::Result<()> {
    let live = account.live.iter().map(|live| Live {
        line: live.line,
        depth: live.depth,
        checked: live.state == BoxState::Checked,
        text: &live.text,
        headings: account.headings_of(live.heading),
        r#as: live.kind.word(),
    });
    let values = account.values.iter().map(|blank| Value {
        line: blank.line,
        label: &blank.label,
        unit: blank.unit.as_deref(),
        choices: &blank.choices,
    });
    let destructive = account.destroying.iter().map(|one| Destructive {
        line: one.line,
        command: secrets::mask(&one.text).into(),
        what: one.what,
    });
    let guessed = account.guessed.iter().map(|guess| Apart {
        line: guess.line,
        text: &guess.text,
        why: guess.why,
        proposed_waiver: guess.waiver,
    });
    let mut left: Vec<&Skipped> = account.skipped.iter().chain(&account.left).collect();
    left.sort_by_key(|skipped| skipped.line);
    let bare = account.bare_headings();
    let bare = bare.iter().map(|heading| (heading.line, heading.text.as_str(), "a heading without items"));
    let left = left.iter().map(|skipped| (skipped.line, skipped.text.as_str(), skipped.why.sentence()));
    let mut skipped: Vec<_> = left.chain(bare).collect();
    skipped.sort_by_key(|(line, ..)| *line);
    let skipped = skipped.into_iter().map(|(line, text, why)| Apart { line, text, why, proposed_waiver: None });
    let code = account.code.iter().map(|block| Code {
        line: block.line,
        language: block.language.word(),
        owner_line: block.owner.map(|owner| account.live[owner].line),
    });
    let document = Document {
        format: 1,
        live: live.collect(),
        values: values.collect(),
        guessed: guessed.collect(),
        skipped: skipped.collect(),
        lines: lines(account),
        counts: counts(account),
        code: code.collect(),
        destructive: destructive.collect(),
    };
    let mut out = BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn lines(account: &Account) -> BTreeMap<&'static str, usize> {
    let mut lines = BTreeMap::new();
    for (_, owner) in &account.lines {
        *lines.entry(owner.word()).or_default() += 1;
    }
    lines
}

fn counts(account: &Account) -> Counts {
    let mut counts = Counts { taken: BTreeMap::new(), guessed: BTreeMap::new(), skipped: BTreeMap::new() };
    for guess in &account.guessed {
        *counts.guessed.entry(guess.why).or_default() += 1;
    }
    for (_, owner) in &account.lines {
        match owner {
            Owner::Guess => {}
            Owner::Skipped(why) => *counts.skipped.entry(why.sentence()).or_default() += 1,
            Owner::Item
            | Owner::SignOff
            | Owner::Value
            | Owner::Journal
            | Owner::Note
            | Owner::Proposal
            | Owner::Heading => *counts.taken.entry(owner.word()).or_default() += 1,
        }
    }
    counts
}
