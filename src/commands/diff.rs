//! `gonogo diff`: what changed since a sign-off, so that its signer knows what to look at before signing again.

use super::Failure;
use super::window::find_role;
use crate::checklist::ItemId;
use crate::cli::proof;
use crate::cockpit::sentence::sentence;
use crate::deployment::fact::Signed;
use crate::deployment::signoff::evidence;
use crate::deployment::{Board, Fact, Plan, Record, State};
use crate::ledger::Ledger;
use crate::ledger::snapshot::plan_of;
use serde_json::json;
use std::io::Write;
use std::sync::Arc;

/// 0 when nothing changed, 1 when something did.
pub(crate) fn diff(asked: &proof::Diff, out: &mut dyn Write) -> Result<u8, Failure> {
    let ledger = Ledger::open(&asked.ledger)?;
    let (record, signed) = signoff(&ledger, &asked.since)?;
    let before: &[Arc<Record>] = &ledger.records()[..ledger.records().len() - ledger.records_after(record.seq).len()];
    let then = State::replay(before);
    let old = plan_then(&ledger, &then).ok_or_else(|| {
        Failure::not_fine("the checklist that was signed for cannot be read; `gonogo verify` shows more")
    })?;
    if asked.json {
        return json(&ledger, (record, signed), &changed(&ledger, &old, &then, record, signed), out);
    }
    let (who, at) = (&signed.name, record.at.format("%Y-%m-%d %H:%M UTC"));
    writeln!(out, "Since {who} signed {}/{} in record {} at {at}:", signed.group, signed.role, record.seq)?;
    let amended = signed.checklist != *ledger.plan().digest();
    if amended {
        let (before, now) = (signed.checklist.short(), ledger.plan().digest().short());
        writeln!(out, "\nthe checklist was amended ({before} → {now})")?;
    }
    let changed = changed(&ledger, &old, &then, record, signed);
    for (item, was, is) in &changed {
        let title = ledger.plan().item(item).map_or(item.as_str(), |item| item.title.as_str());
        writeln!(out, "\n{title} ({item}): {was}, now {is}")?;
        for record in ledger.records_after(record.seq).iter().filter(|record| is_about(record, item)) {
            let reported = sentence(ledger.plan(), record);
            writeln!(out, "  {} {} {}: {}", record.seq, record.at.format("%H:%M:%S"), record.by, reported.text)?;
        }
    }
    if changed.is_empty() && !amended {
        writeln!(out, "nothing that it was given for has changed")?;
        return Ok(0);
    }
    Ok(1)
}

/// The same for programs: format 1.
fn json(
    ledger: &Ledger,
    (record, signed): (&Record, &Signed),
    changed: &[(ItemId, String, String)],
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let amended = signed.checklist != *ledger.plan().digest();
    let items: Vec<_> = changed
        .iter()
        .map(|(item, was, is)| {
            let since = ledger.records_after(record.seq).iter().filter(|record| is_about(record, item));
            let records: Vec<u64> = since.map(|record| record.seq.0).collect();
            json!({ "item": item, "was": was, "is": is, "records": records })
        })
        .collect();
    let document = json!({
        "format": 1, "group": signed.group, "role": signed.role, "name": signed.name, "record": record.seq.0,
        "signed": record.at, "amended": amended, "changed": items,
    });
    writeln!(out, "{document:#}")?;
    Ok(u8::from(amended || !changed.is_empty()))
}

/// The sign-off by its record, or the last one of a role.
fn signoff<'a>(ledger: &'a Ledger, since: &str) -> Result<(&'a Record, &'a Signed), Failure> {
    let all = ledger.records().iter().filter_map(|record| match &record.fact {
        Fact::Signed(signed) => Some((record.as_ref(), &**signed)),
        _ => None,
    });
    let mut all = all.rev();
    let found = if let Ok(seq) = since.trim_start_matches('#').parse::<u64>() {
        all.find(|(record, _)| record.seq.0 == seq)
    } else {
        let (group, role) = find_role(ledger.plan(), since)?;
        all.find(|(_, signed)| signed.group == group && signed.role == role)
    };
    found.ok_or_else(|| {
        Failure::usage(format!("{since} is no sign-off in this ledger; give the number of its record, or GROUP/ROLE"))
    })
}

fn plan_then(ledger: &Ledger, then: &State) -> Option<Arc<Plan>> {
    if let Some((_, amended)) = then.amendments.last() {
        return plan_of(ledger, &amended.snapshot, &amended.digest);
    }
    let (_, opened) = then.opened.as_ref()?;
    plan_of(ledger, &opened.snapshot, &opened.digest)
}

/// The items behind the sign-off whose evidence is another now, with how they stood then and stand now.
fn changed(
    ledger: &Ledger,
    old: &Plan,
    then: &State,
    record: &Record,
    signed: &Signed,
) -> Vec<(ItemId, String, String)> {
    let (old, new) = (old.active(then), ledger.plan().active(ledger.state()));
    let mut boards = (Board::at(&old, then, record.at), Board::new(&new, ledger.state()));
    let group = new.checklist().signoff(&signed.group);
    let phases = group.into_iter().flat_map(|group| &group.phases);
    let items = phases.filter_map(|phase| new.checklist().phase(phase)).flat_map(crate::checklist::Phase::items);
    let mut changed = Vec::new();
    for item in items {
        let is = evidence::line(&new, ledger.state(), &mut boards.1, item);
        let was = old.item(&item.id).map(|item| evidence::line(&old, then, &mut boards.0, item));
        if was.as_ref() != Some(&is) {
            let word = |line: &serde_json::Value| line["status"].as_str().unwrap_or_default().to_owned();
            changed.push((item.id.clone(), was.as_ref().map_or_else(|| "not there".to_owned(), word), word(&is)));
        }
    }
    changed
}

/// Whether a record speaks of an item.
fn is_about(record: &Record, about: &ItemId) -> bool {
    let fact = serde_json::to_value(&record.fact).unwrap_or_default();
    fact["item"].as_str() == Some(about.as_str())
}
