//! What keeps any chain from passing here, whatever its statements are: asked of the catalog once.

use super::server::Server;
use crate::checklist::environment::MigratorKind;
use crate::database::DatabaseError;
use crate::migration::preflight::{Finding, Severity};

/// Alembic makes its own column as long as this.
const ALEMBICS: usize = 32;
/// The lengths of columns of that name; empty for one without a limit.
const LENGTHS: &str = "SELECT DISTINCT coalesce(character_maximum_length::text, '') FROM information_schema.columns \
                       WHERE column_name = 'version_num'";
/// Those that no extension brought.
const TRIGGERS: &str = "SELECT evtname::text FROM pg_event_trigger t WHERE evtenabled IN ('O', 'A') AND NOT EXISTS \
                        (SELECT FROM pg_depend d WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = t.oid \
                        AND d.deptype = 'e') ORDER BY 1";
/// What every session of this role in this database begins with: the setting nearest to both counts.
const READ_ONLY: &str = "SELECT setting FROM (SELECT setting FROM pg_db_role_setting, unnest(setconfig) AS setting \
                         WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) \
                         AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user)) \
                         AND setting ILIKE 'default_transaction_read_only=%' \
                         ORDER BY setrole <> 0 DESC, setdatabase <> 0 DESC LIMIT 1) AS nearest \
                         WHERE split_part(setting, '=', 2)::boolean";

/// What is in the way of `revisions`, as the catalog shows it.
///
/// # Errors
/// When the catalog cannot be asked.
pub(super) async fn look(
    server: &mut Server,
    kind: MigratorKind,
    revisions: &[String],
) -> Result<Vec<Finding>, DatabaseError> {
    let mut findings = Vec::new();
    if revisions.is_empty() {
        return Ok(findings);
    }
    if kind == MigratorKind::Alembic && revisions.iter().any(|revision| revision.len() > ALEMBICS) {
        findings.extend(too_long(revisions, &server.column(LENGTHS).await?));
    }
    for setting in server.column(READ_ONLY).await? {
        let what = format!("sessions of this role here begin read-only ({setting}): every statement that writes fails");
        findings.push(Finding::new(Severity::WillFail, what));
    }
    let triggers = server.column(TRIGGERS).await?;
    if !triggers.is_empty() {
        let what = format!(
            "event triggers run with every definition that is changed, and may refuse it; what they do was not read: {}",
            triggers.join(", ")
        );
        findings.push(Finding::new(Severity::Inconclusive, what));
    }
    Ok(findings)
}

/// The revisions whose names do not fit into the version table's column: Alembic finds out at the end of the work.
fn too_long(revisions: &[String], lengths: &[String]) -> Vec<Finding> {
    let limits: Vec<Option<usize>> = lengths.iter().map(|length| length.parse().ok()).collect();
    // Which of several tables is the migrator's is not known here.
    let (length, severity) = match limits.as_slice() {
        [] => (ALEMBICS, Severity::WillFail),
        [Some(length)] => (*length, Severity::WillFail),
        several => match several.iter().flatten().min() {
            Some(shortest) => (*shortest, Severity::Inconclusive),
            None => return Vec::new(),
        },
    };
    let long = revisions.iter().filter(|revision| revision.chars().count() > length);
    long.map(|revision| {
        let what = format!(
            "the revision's name has {} characters, and the version table takes {length}: `value too long` once its work is \
             done",
            revision.chars().count()
        );
        Finding {
            revision: Some(revision.clone()),
            safer: Some("give the revision a shorter id".to_owned()),
            ..Finding::new(severity, what)
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_the_version_table_does_not_take_are_found() {
        let revisions = ["r1".to_owned(), "r3_make_every_packet_code_unique_again".to_owned()];
        let certain = Some(Severity::WillFail);
        for (found, severity) in [
            (&[][..], certain),
            (&["32"], certain),
            (&["64"], None),
            (&[""], None),
            (&["32", ""], Some(Severity::Inconclusive)),
        ] {
            let found: Vec<String> = found.iter().map(|length| (*length).to_owned()).collect();
            let findings = too_long(&revisions, &found);
            assert_eq!(findings.first().map(|finding| finding.severity), severity, "{found:?}");
            assert!(findings.iter().all(|finding| finding.revision.as_deref() == Some(revisions[1].as_str())));
        }
    }
}
