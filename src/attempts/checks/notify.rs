//! A notice sent: who is notified of the deployment is reported this too.

use super::account::{Account, Trouble};
use super::unless_stopped;
use crate::attempts::notify::{COMMAND, Targets, URLS};
use crate::attempts::{Assignment, Console};
use crate::checklist::EnvironmentKind;
use crate::checklist::check::Notify;
use crate::database::Interrupt;
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;
use crate::deployment::notice::{Notice, body_of_step};
use chrono::Utc;

/// Shows everybody, and fails with whom it could not tell.
pub(crate) async fn carry_out(assignment: &Assignment, notify: &Notify, console: &dyn Console) -> Outcome {
    let mut account = Account::open();
    let interrupt = Interrupt::new();
    let work = tell(assignment, notify, console, &mut account);
    let worked = unless_stopped(assignment, &interrupt, work).await;
    account.conclude(&assignment.item.targets, worked)
}

async fn tell(
    assignment: &Assignment,
    notify: &Notify,
    console: &dyn Console,
    account: &mut Account,
) -> Result<(), Trouble> {
    let kind = assignment.environment.kind;
    let targets = Targets::of_kind(kind, &assignment.home).map_err(|error| Trouble::NotStarted(error.to_string()))?;
    if targets.count() == 0 {
        let place = match kind {
            EnvironmentKind::Real => "export one of them and start again",
            EnvironmentKind::Rehearsal => "set one of them under [variables] in rehearsal.toml",
        };
        return Err(Trouble::NotStarted(format!("nobody is notified: neither {URLS} nor {COMMAND} is set; {place}")));
    }
    let rehearsal = if kind == EnvironmentKind::Rehearsal { "[rehearsal] " } else { "" };
    let text = format!("{rehearsal}{}: {}", assignment.plan.checklist().title, notify.text);
    console.line(&text);
    let notice = Notice { event: "notice", text };
    let body = body_of_step(&notice, &assignment.item.id, Utc::now()).to_string();
    let unsent = targets.deliver(&notice, &body).await;
    for one in &unsent {
        let sentence = format!("{} could not be notified: {}", one.target, one.reason);
        console.line(&sentence);
        account.find(Verdict::Fail, sentence);
    }
    if unsent.is_empty() {
        let count = targets.count();
        let who = if count == 1 { "1 target".to_owned() } else { format!("{count} targets") };
        account.find(Verdict::Pass, format!("{who} took the notice"));
    }
    Ok(())
}
