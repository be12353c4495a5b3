//! What destroys data in a protected environment, and what must stand before it may.

use super::decide::Context;
use super::fact::{Ending, Fact};
use super::live::Session;
use super::measurement::Verdict;
use super::plan::Plan;
use super::refusal::{NamedItem, Refusal};
use super::state::State;
use crate::checklist::check::kind::Destroys;
use crate::checklist::destruction::takes_data;
use crate::checklist::environment::Protection;
use crate::checklist::{Check, Environment, EnvironmentName, Item};

/// The protected environment whose data an item destroys by being carried out.
pub(crate) fn of<'a>(plan: &'a Plan, item: &Item) -> Option<(&'a EnvironmentName, &'a Environment)> {
    let (name, environment) = plan.environment_of(item)?;
    if environment.protection != Protection::Protected {
        return None;
    }
    let destroys = match item.check.kind().destroys() {
        Destroys::Never => false,
        Destroys::Always => true,
        Destroys::ByItsCommand => {
            let text = item.check.kind().command(environment);
            text.is_some_and(|text| takes_data(&text))
        }
    };
    destroys.then_some((name, environment))
}

/// The name of an environment's database: as it was found there, else as the environment writes it.
pub(crate) fn database_name(state: &State, name: &EnvironmentName, environment: &Environment) -> Option<String> {
    let plain = |text: &str| {
        let text = text.trim();
        (!text.is_empty() && !text.contains("${")).then(|| text.to_owned())
    };
    let reached = state.reached.get(name).filter(|identity| identity.starts_with("postgresql "));
    let reached = reached.and_then(|identity| {
        let (_, database) = identity.split_once('/')?;
        plain(database.split(", oid ").next()?)
    });
    reached.or_else(|| {
        let url = environment.database.as_deref()?.split('?').next()?;
        plain(url.rsplit(['/', ':']).next()?)
    })
}

/// What is in the way of an item that destroys data.
#[must_use]
pub(crate) fn obstacle(
    plan: &Plan,
    state: &State,
    context: &Context,
    item: &Item,
    typed: Option<&str>,
) -> Option<Refusal> {
    let (name, environment) = of(plan, item)?;
    let id = NamedItem::item(plan, &item.id);
    if !is_backed_up(plan, state, name) {
        return Some(Refusal::BackupMissing { item: id, environment: name.clone() });
    }
    // A simulated answer is nobody whose fingers could slip.
    if context.by.simulated.is_some() {
        return None;
    }
    let Some(database) = database_name(state, name, environment) else {
        return Some(Refusal::DatabaseUnknown { item: id, environment: name.clone() });
    };
    (typed.map(str::trim) != Some(database.as_str())).then(|| Refusal::DatabaseNameNeeded {
        item: id,
        environment: name.clone(),
        database,
    })
}

/// Whether a backup of the environment was read back or restored, and found good.
fn is_backed_up(plan: &Plan, state: &State, environment: &EnvironmentName) -> bool {
    state.attempts.iter().any(|attempt| {
        let verified = plan
            .item(&attempt.item)
            .is_some_and(|item| matches!(&item.check, Check::Backup(backup) if backup.stage.verifies()));
        let passed = attempt.outcome().is_some_and(|outcome| outcome.verdict == Verdict::Pass);
        verified && passed && attempt.environment == *environment
    })
}

/// Records that a session in the way was ended. Whoever ends it asks this first, so that it says what may be ended.
///
/// # Errors
/// For sessions of our own and of the server, and without a reason.
pub(crate) fn blocker(
    plan: &Plan,
    environment: EnvironmentName,
    session: Session,
    how: Ending,
    reason: &str,
) -> Result<Vec<Fact>, Refusal> {
    if plan.environment(&environment).is_none() {
        return Err(Refusal::NoSuchEnvironment(environment));
    }
    if let Some(why) = session.untouchable() {
        return Err(Refusal::Untouchable(why));
    }
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    let Session { pid, application, user, .. } = session;
    Ok(vec![Fact::BlockerCancelled { environment, pid, application, user, how, reason }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_destroy_are_known_from_those_that_do_not() {
        for text in [
            "alembic downgrade base",
            "dropdb neurohub",
            "psql -c 'DROP DATABASE x'",
            "dbmate --env X drop",
            "flyway -url=x clean",
            "pg_restore --dbname \"$GONOGO_DATABASE_URL\" dump",
            "pg_restore --clean --dbname other dump",
            "psql \"$GONOGO_DATABASE_URL\" < dump.sql",
        ] {
            assert!(takes_data(text), "{text}");
        }
        for text in [
            "alembic downgrade -1",
            "pg_restore --list dump",
            "pg_restore --dbname \"$GONOGO_SCRATCH\" dump; psql \"$GONOGO_DATABASE_URL\" -c 'select 1'",
            "psql \"$GONOGO_DATABASE_URL\" -Atc 'SELECT count(*) FROM lots'",
            "systemctl stop neurohub",
        ] {
            assert!(!takes_data(text), "{text}");
        }
    }

    #[test]
    fn the_databases_name_is_the_one_found_there() {
        let mut state = State::default();
        let environment = |database: &str| {
            let text = format!(
                "format = 1\nid = \"x\"\ntitle = \"x\"\n[[slot]]\nid = \"s\"\ntitle = \"s\"\n[environments.e]\nslot = \"s\"\n\
                 database = \"{database}\"\n[[phase]]\nid = \"p\"\ntitle = \"p\"\n"
            );
            let (checklist, problems) = crate::checklist::lint::lint("x.toml", &text);
            let checklist = checklist.unwrap_or_else(|| panic!("{problems:?}"));
            checklist.environments.values().next().unwrap().clone()
        };
        let name = EnvironmentName::new("e");
        let of = |state: &State, database| database_name(state, &name, &environment(database));
        assert_eq!(of(&state, "${URL}"), None);
        assert_eq!(of(&state, "sqlite:${REHEARSAL}/neurohub.db"), Some("neurohub.db".into()));
        assert_eq!(of(&state, "postgresql://u@h/hub?sslmode=require"), Some("hub".into()));
        state.reached.insert(name.clone(), "postgresql 7427391002200013824/neurohub".into());
        assert_eq!(of(&state, "${URL}"), Some("neurohub".into()));
        state.reached.insert(name.clone(), "postgresql at h:5432/neurohub, oid 16384 (hidden)".into());
        assert_eq!(of(&state, "${URL}"), Some("neurohub".into()));
    }

    const PLAN: &str = r#"
format = 1
id = "x"
title = "x"
[[slot]]
id = "s"
title = "s"
[environments.e]
slot = "s"
protection = "protected"
writes = "allowed"
database = "postgresql://u@h/hub"
scratch = "postgresql://u@h/scratch"
backups = "b"
migrator = { kind = "alembic", command = "alembic" }
commands = { restore = "put-back" }
[[phase]]
id = "p"
title = "p"
slot = "s"
[[phase.section]]
id = "s"
title = "s"
[[phase.section.item]]
id = "backup"
title = "backup"
check = { kind = "backup" }
[[phase.section.item]]
id = "down"
title = "down"
check = { kind = "migration", direction = "downgrade", to = "base" }
[[phase.section.item]]
id = "copy"
title = "copy"
check = { kind = "migration", direction = "downgrade", to = "base", on = "scratch" }
[[phase.section.item]]
id = "swap"
title = "swap"
check = { kind = "backup", stage = "swap", of = "p/s/backup" }
[[phase.section.item]]
id = "drop"
title = "drop"
check = { kind = "command", run = "dropdb hub" }
"#;

    fn backed_up(verdict: Verdict) -> State {
        use crate::deployment::attempt::{Attempt, AttemptNumber, AttemptPhase};
        let json = format!(r#"{{"took":"1.000s","end":"completed","verdict":"{}","detail":"x"}}"#, verdict.word());
        let attempt = Attempt {
            number: AttemptNumber(1),
            item: "p/s/backup".into(),
            environment: "e".into(),
            by: operator(None).into(),
            started: chrono::DateTime::UNIX_EPOCH,
            phase: AttemptPhase::Finished(serde_json::from_str(&json).unwrap()),
        };
        State { attempts: vec![attempt], ..State::default() }
    }

    fn operator(simulated: Option<&str>) -> crate::deployment::Operator {
        crate::deployment::Operator {
            user: "u".into(),
            says: "u".into(),
            host: "h".into(),
            simulated: simulated.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn destroying_takes_a_verified_backup_and_the_databases_name() {
        let (checklist, problems) = crate::checklist::lint::lint("x.toml", PLAN);
        let checklist = checklist.unwrap_or_else(|| panic!("{problems:?}"));
        let plan = Plan::new(checklist.into(), [("s".into(), "e".into())].into());
        let context = Context::new(chrono::DateTime::UNIX_EPOCH, operator(None));
        let stands = |state: &State, item: &str, typed| {
            let item = plan.item(&format!("p/s/{item}").as_str().into()).unwrap();
            obstacle(&plan, state, &context, item, typed)
        };
        for item in ["down", "drop", "swap"] {
            for unproven in [State::default(), backed_up(Verdict::Fail)] {
                let refusal = stands(&unproven, item, Some("hub"));
                assert!(matches!(refusal, Some(Refusal::BackupMissing { .. })), "{item}: {refusal:?}");
            }
            let proven = backed_up(Verdict::Pass);
            for typed in [None, Some("e"), Some("Hub")] {
                let refusal = stands(&proven, item, typed);
                assert!(matches!(refusal, Some(Refusal::DatabaseNameNeeded { .. })), "{item}: {refusal:?}");
            }
            assert_eq!(stands(&proven, item, Some(" hub ")), None);
        }
        assert_eq!(stands(&State::default(), "copy", None), None);
        assert_eq!(stands(&State::default(), "backup", None), None);
    }

    #[test]
    fn nobody_ends_a_session_without_a_reason_or_one_of_ours() {
        let (checklist, _) = crate::checklist::lint::lint("x.toml", PLAN);
        let plan = Plan::new(checklist.unwrap().into(), [("s".into(), "e".into())].into());
        let session = |application: &str| Session {
            pid: 7,
            application: application.into(),
            kind: "client backend".into(),
            ..Session::default()
        };
        let end = |application, reason| blocker(&plan, "e".into(), session(application), Ending::Session, reason);
        assert_eq!(end("report", " "), Err(Refusal::ReasonMissing));
        assert!(matches!(end("gonogo observer", "why"), Err(Refusal::Untouchable(_))));
        assert!(matches!(end("report", "why").unwrap()[..], [Fact::BlockerCancelled { pid: 7, .. }]));
    }
}
