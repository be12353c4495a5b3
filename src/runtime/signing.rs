//! The evidence for a reviewer, read on a thread of its own.

use super::worker;
use crate::checklist::GroupId;
use crate::cockpit::Msg;
use crate::cockpit::msg::{Behind, Review, ReviewLine};
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::signoff::evidence;
use crate::identity::key;
use crate::ledger::Ledger;
use crate::report::{Report, Source, review};
use chrono::Utc;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::sync::mpsc::UnboundedSender;

/// The ledger that evidence is read from, and who is notified.
pub(super) struct Evidence(pub PathBuf, pub UnboundedSender<Msg>);

impl Evidence {
    /// Reads what a group signs for; [`Msg::Reviewed`] brings it.
    pub(super) fn read(&self, group: GroupId) {
        let (path, to) = (self.0.clone(), self.1.clone());
        worker::start("evidence", &self.1, move || {
            let read = reviewed(&path, &group).map_err(|why| format!("the evidence cannot be read: {why}"));
            let _ = to.send(Msg::Reviewed(group, Box::new(read)));
        });
    }
}

fn line(line: review::ReviewLine) -> ReviewLine {
    let opens = line.opens.map(|opens| match opens {
        review::Opens::Item(item) => Behind::Item(item.as_str().into()),
        review::Opens::Attempt(attempt) => Behind::Attempt(AttemptNumber(attempt)),
        review::Opens::Issue(issue) => Behind::Issue(issue),
    });
    ReviewLine { text: line.text, opens }
}

fn reviewed(path: &std::path::Path, group: &GroupId) -> Result<Review, String> {
    let ledger = Ledger::open(path).map_err(|error| error.to_string())?;
    let (plan, state) = (ledger.plan(), ledger.state());
    let known = plan.checklist().signoff(group).ok_or("the checklist has no such group")?;
    let phases: Vec<String> = known.phases.iter().map(ToString::to_string).collect();
    let name = ledger.path().file_name().map(|name| name.to_string_lossy().into_owned());
    let report = Report::of(&Source {
        plan,
        state,
        records: ledger.records(),
        ledger: name.unwrap_or_default(),
        now: Utc::now(),
        outputs: BTreeMap::new(),
        samples: BTreeMap::new(),
        probed: std::collections::BTreeMap::new(),
        troubles: Vec::new(),
    });
    // Whoever has a key signs where signatures are looked at.
    let keyed = !state.signers.is_empty();
    let key = keyed.then(|| key::chosen(None).map(|key| key.to_string()).unwrap_or_default());
    Ok(Review {
        lines: report.review_lines(Some(&phases)).into_iter().map(line).collect(),
        evidence: evidence::now(plan, state, known),
        key,
    })
}
