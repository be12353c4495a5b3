//! Writing what a station reports, and who reported it.

use super::queries::{Bound, Queries, Record};
use super::submission::Submission;
use crate::rehearsal::slot::Release;
use chrono::Utc;
use serde_json::json;

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub user: Option<i64>,
    pub ip: String,
}

/// Writes the row and its audit entry in one transaction; returns the row's id.
pub(super) async fn write(
    release: Release,
    submission: &Submission,
    caller: &Caller,
    queries: &mut Queries,
) -> Result<i64, sqlx::Error> {
    queries.execute("BEGIN IMMEDIATE", &[]).await?;
    let written = write_both(release, submission, caller, queries).await;
    match written {
        Ok(id) => {
            queries.execute("COMMIT", &[]).await?;
            Ok(id)
        }
        Err(error) => {
            queries.execute("ROLLBACK", &[]).await?;
            Err(error)
        }
    }
}

async fn write_both(
    release: Release,
    submission: &Submission,
    caller: &Caller,
    queries: &mut Queries,
) -> Result<i64, sqlx::Error> {
    let id = match release {
        Release::Old => insert_old(submission, queries).await?,
        Release::New => insert_new(submission, queries).await?,
    };
    let detail = json!({ "result": submission.result, "data_level": submission.data_level }).to_string();
    queries
        .execute(
            "INSERT INTO audit_log (user_id, client_ip, action, entity, entity_id, detail) \
             VALUES (?, ?, 'CREATE', 'process_data', ?, ?)",
            &[
                Bound::Integer(caller.user.or(submission.operator_id)),
                Bound::Text(Some(caller.ip.clone())),
                id.into(),
                Bound::Text(Some(detail)),
            ],
        )
        .await?;
    Ok(id)
}

/// The old release keeps its own clock, and looks up what it links to one by one.
async fn insert_old(submission: &Submission, queries: &mut Queries) -> Result<i64, sqlx::Error> {
    let mut lot = submission.lot_id;
    if let Some(serial) = submission.serial_id {
        let row = queries.row("SELECT * FROM serials WHERE id = ?", &[serial.into()]).await?;
        lot = lot.or_else(|| number(row.as_ref(), "lot_id"));
    }
    queries.row("SELECT * FROM lots WHERE id = ?", &[Bound::Integer(lot)]).await?;
    queries.row("SELECT * FROM processes WHERE id = ?", &[submission.process_id.into()]).await?;
    let now = Utc::now().format("%Y-%m-%d %H:%M:%S").to_string();
    let mut values = vec![Bound::Integer(lot), Bound::Integer(submission.serial_id)];
    values.extend(common(submission));
    values.extend([Bound::Text(Some(now.clone())), Bound::Text(Some(now))]);
    let id = queries
        .execute(
            "INSERT INTO process_data (lot_id, serial_id, process_id, equipment_id, operator_id, data_level, result, \
             measurements, defects, started_at, completed_at, duration_seconds, notes, created_at, updated_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &values,
        )
        .await?;
    queries.row("SELECT * FROM process_data WHERE id = ?", &[id.into()]).await?;
    Ok(id)
}

/// The new release leaves the lot, the work item's serial and the clock to the database.
async fn insert_new(submission: &Submission, queries: &mut Queries) -> Result<i64, sqlx::Error> {
    let mut values = vec![
        Bound::Integer(submission.lot_id),
        Bound::Integer(submission.serial_id),
        Bound::Integer(submission.wip_id),
    ];
    values.extend(common(submission));
    queries
        .execute(
            "INSERT INTO process_data (lot_id, serial_id, wip_id, process_id, equipment_id, operator_id, data_level, result, \
             measurements, defects, started_at, completed_at, duration_seconds, notes) \
             VALUES (coalesce(?1, (SELECT lot_id FROM serials WHERE id = ?2), (SELECT lot_id FROM wip_items WHERE id = ?3)), \
             ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            &values,
        )
        .await
}

/// The values both releases bind, in the order of their columns.
fn common(submission: &Submission) -> [Bound; 11] {
    let text = |text: &str| Bound::Text(Some(text.to_owned()));
    [
        submission.process_id.into(),
        Bound::Integer(submission.equipment_id),
        Bound::Integer(submission.operator_id),
        text(submission.data_level),
        text(submission.result),
        Bound::Text(submission.measurements.clone()),
        Bound::Text(submission.defects.clone()),
        text(&submission.started_at),
        Bound::Text(submission.completed_at.clone()),
        Bound::Integer(submission.duration_seconds),
        Bound::Text(submission.notes.clone()),
    ]
}

fn number(row: Option<&Record>, column: &str) -> Option<i64> {
    row.and_then(|row| row.get(column)).and_then(serde_json::Value::as_i64)
}
