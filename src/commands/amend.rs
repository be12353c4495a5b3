//! `gonogo amend`: a corrected checklist in the place of the one an open ledger follows; and the word at opening that the
//! file has changed.

use super::{Failure, acting, open, seat};
use crate::checklist::problem::harmless;
use crate::checklist::{Checklist, reader};
use crate::cli::Amend;
use crate::deployment::amendment::{Amended, Difference};
use crate::deployment::intent::Amendment;
use crate::deployment::{Fact, Intent, Plan};
use crate::ledger::Ledger;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Takes a checklist over, and says what is open again by it.
pub(crate) fn amend(asked: &Amend, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let (source, _) = open::source_with(&asked.checklist, &asked.over.with)?;
    let checklist = Arc::new(open::checklist(&source)?);
    if asked.dry_run {
        let ledger = Ledger::open(&asked.on.ledger)?;
        let difference = difference(&ledger, &checklist);
        writeln!(out, "{} would be adopted: {}", harmless(&source.name), harmless(&difference.words()))?;
        for line in difference.lines(ledger.state()) {
            writeln!(out, "{}", harmless(&line))?;
        }
        return Ok(0);
    }
    seat::drive(&asked.on.ledger, &by, |ledger| {
        let (file, text) = (source.name.clone(), Arc::from(source.text.as_str()));
        let reported = difference(ledger, &checklist).lines(ledger.state());
        let amendment = Amendment { checklist, file, text, reason: asked.reason.clone() };
        let records = ledger.append(&by, Intent::AmendChecklist(amendment))?;
        for line in reported {
            writeln!(out, "{}", harmless(&line))?;
        }
        for record in &records {
            if let Fact::ChecklistAmended(amended) = &record.fact {
                tell(amended, out)?;
            }
        }
        Ok(0)
    })
}

fn tell(amended: &Amended, out: &mut dyn Write) -> Result<(), Failure> {
    let Amended { checklist, before, digest, snapshot, .. } = amended;
    let (checklist, before, digest) = (harmless(checklist), before.short(), digest.short());
    writeln!(out, "Adopted {checklist} as {snapshot} ({before} → {digest}). Sign-offs given before are stale.")?;
    Ok(())
}

/// What to say when the file that was named is not what its ledger follows; nothing when it is.
pub(crate) fn announce(source: &open::Source, file: &Path, ledger: &Ledger) -> Option<String> {
    let (path, file) = (ledger.path().display(), file.display());
    let state = ledger.state();
    let followed = state.amendments.last().map(|(_, amended)| &amended.checklist);
    let followed = followed.or(state.opened.as_ref().map(|(_, opened)| &opened.checklist))?;
    if *followed != source.name {
        return Some(format!(
            "{path} follows {}, not {}; it stays with that",
            harmless(followed),
            harmless(&source.name)
        ));
    }
    let Ok(checklist) = reader::read(&source.name, &source.text) else {
        return Some(format!(
            "{file} was changed since {path} was opened from it, and has errors: gonogo lint {file}\n\
             The ledger goes on with the checklist it follows."
        ));
    };
    let checklist = Arc::new(checklist);
    let new = Plan::new(Arc::clone(&checklist), ledger.plan().bindings().clone());
    if new.digest() == ledger.plan().digest() {
        return None;
    }
    let difference = difference(ledger, &checklist);
    let lines = difference.lines(state);
    let lines = lines.iter().fold(String::new(), |reported, line| reported + "\n  " + &harmless(line));
    Some(format!(
        "{file} was changed since {path} took it over ({} → {}): {}{lines}\n\
         The ledger goes on with the checklist it follows. To take the changed one over: gonogo amend {path} {file} --note \"…\"",
        ledger.plan().digest().short(),
        new.digest().short(),
        harmless(&difference.words())
    ))
}

fn difference(ledger: &Ledger, checklist: &Arc<Checklist>) -> Difference {
    let new = Plan::new(Arc::clone(checklist), ledger.plan().bindings().clone());
    Difference::between(ledger.plan(), &new)
}
