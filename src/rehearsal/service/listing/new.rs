//! The new release: joins for what a record has one of, one more query for what it has many of. Never more than three,
//! however many records there are.

use super::{LAST_PROCESS, Listing, Loading, Page};
use crate::rehearsal::service::queries::{Queries, Record};
use serde_json::Value;
use std::collections::HashMap;

pub(super) async fn read(listing: Listing, page: Page, queries: &mut Queries) -> Result<Vec<Record>, sqlx::Error> {
    let limit = [page.limit.into()];
    let mut records = queries.rows(list(listing, page.loading), &limit).await?;
    if let (Loading::Standard | Loading::Full, Some(sql)) = (page.loading, results(listing)) {
        attach_results(&mut records, queries.rows(sql, &[page.limit.into(), LAST_PROCESS.into()]).await?);
    }
    if let (Loading::Full, Some((name, sql))) = (page.loading, children(listing)) {
        attach_children(&mut records, name, queries.rows(sql, &limit).await?);
    }
    Ok(records)
}

/// The records themselves, with what each has one of.
fn list(listing: Listing, loading: Loading) -> &'static str {
    match (listing, loading) {
        (Listing::Lots, Loading::Minimal) => "SELECT * FROM lots ORDER BY id DESC LIMIT ?",
        (Listing::Lots, _) => {
            "SELECT lots.*, model_name AS product_model, line_code FROM lots \
             JOIN product_models ON product_models.id = product_model_id \
             JOIN production_lines ON production_lines.id = production_line_id ORDER BY lots.id DESC LIMIT ?"
        }
        (Listing::Serials, Loading::Minimal) => "SELECT * FROM serials ORDER BY id DESC LIMIT ?",
        (Listing::Serials, _) => {
            "SELECT serials.*, lot_number FROM serials LEFT JOIN lots ON lots.id = lot_id ORDER BY serials.id DESC LIMIT ?"
        }
        (Listing::ProcessData, Loading::Minimal) => {
            "SELECT id, lot_id, serial_id, wip_id, process_id, data_level, result, started_at, completed_at \
             FROM process_data ORDER BY id DESC LIMIT ?"
        }
        (Listing::ProcessData, Loading::Standard) => {
            "SELECT process_data.*, process_name, equipment_code FROM process_data \
             JOIN processes ON processes.id = process_data.process_id \
             LEFT JOIN equipment ON equipment.id = equipment_id ORDER BY process_data.id DESC LIMIT ?"
        }
        (Listing::ProcessData, Loading::Full) => {
            "SELECT process_data.*, process_name, equipment_code, lot_number, serial_number, wip_code, full_name AS operator \
             FROM process_data JOIN processes ON processes.id = process_data.process_id \
             LEFT JOIN equipment ON equipment.id = equipment_id LEFT JOIN lots ON lots.id = process_data.lot_id \
             LEFT JOIN serials ON serials.id = process_data.serial_id LEFT JOIN wip_items ON wip_items.id = wip_id \
             LEFT JOIN users ON users.id = operator_id ORDER BY process_data.id DESC LIMIT ?"
        }
        (Listing::Equipment, Loading::Minimal) => "SELECT * FROM equipment ORDER BY id DESC LIMIT ?",
        (Listing::Equipment, _) => {
            "SELECT equipment.*, line_code, \
             (SELECT count(*) FROM alerts WHERE alerts.equipment_id = equipment.id AND alerts.status = 'OPEN') AS open_alerts \
             FROM equipment JOIN production_lines ON production_lines.id = production_line_id ORDER BY equipment.id DESC LIMIT ?"
        }
    }
}

/// How often each result is in the process data of the listed records, for lots in that of the last process:
/// `owner`, `result`, `times`. The first parameter is the limit, the second the last process.
fn results(listing: Listing) -> Option<&'static str> {
    match listing {
        Listing::Lots => Some(
            "SELECT serials.lot_id AS owner, result, count(*) AS times FROM serials \
             JOIN process_data ON process_data.serial_id = serials.id AND process_data.process_id = ?2 \
             WHERE serials.lot_id IN (SELECT id FROM lots ORDER BY id DESC LIMIT ?1) GROUP BY serials.lot_id, result",
        ),
        Listing::Serials => Some(
            "SELECT serial_id AS owner, result, count(*) AS times FROM process_data \
             WHERE serial_id IN (SELECT id FROM serials ORDER BY id DESC LIMIT ?1) AND process_id <= ?2 \
             GROUP BY serial_id, result",
        ),
        Listing::ProcessData | Listing::Equipment => None,
    }
}

/// What full loading adds: its name, and all of it for the listed records, each with its `owner`.
fn children(listing: Listing) -> Option<(&'static str, &'static str)> {
    match listing {
        Listing::Lots => Some((
            "serials",
            "SELECT lot_id AS owner, serial_number, unit_number, status FROM serials \
             WHERE lot_id IN (SELECT id FROM lots ORDER BY id DESC LIMIT ?) ORDER BY id",
        )),
        Listing::Serials => Some((
            "process_data",
            "SELECT serial_id AS owner, process_id, data_level, result, measurements, defects FROM process_data \
             WHERE serial_id IN (SELECT id FROM serials ORDER BY id DESC LIMIT ?) ORDER BY process_data.id",
        )),
        Listing::Equipment => Some((
            "alerts",
            "SELECT equipment_id AS owner, severity, status, message FROM alerts \
             WHERE equipment_id IN (SELECT id FROM equipment ORDER BY id DESC LIMIT ?) ORDER BY id",
        )),
        Listing::ProcessData => None,
    }
}

fn attach_results(records: &mut [Record], rows: Vec<Record>) {
    let mut by_owner: HashMap<i64, Record> = HashMap::new();
    for mut row in rows {
        if let (Some(owner), Some(Value::String(result)), Some(times)) =
            (owner(&row), row.remove("result"), row.remove("times"))
        {
            by_owner.entry(owner).or_default().insert(result, times);
        }
    }
    for record in records {
        let found = id(record).and_then(|id| by_owner.remove(&id)).unwrap_or_default();
        record.insert("results".to_owned(), Value::Object(found));
    }
}

fn attach_children(records: &mut [Record], name: &str, rows: Vec<Record>) {
    let mut by_owner: HashMap<i64, Vec<Value>> = HashMap::new();
    for mut row in rows {
        if let Some(owner) = owner(&row) {
            row.remove("owner");
            by_owner.entry(owner).or_default().push(Value::Object(row));
        }
    }
    for record in records {
        let found = id(record).and_then(|id| by_owner.remove(&id)).unwrap_or_default();
        record.insert(name.to_owned(), Value::Array(found));
    }
}

fn owner(row: &Record) -> Option<i64> {
    row.get("owner").and_then(Value::as_i64)
}

fn id(record: &Record) -> Option<i64> {
    record.get("id").and_then(Value::as_i64)
}
