//! The old release: one query for the records, then two more for each of them, one by one. What could be counted by the
//! database is fetched row by row and counted here. This is what makes it slow; it never waits on purpose.

use super::{LAST_PROCESS, Listing, Page, tally};
use crate::rehearsal::service::queries::{Bound, Queries, Record};
use serde_json::Value;

pub(super) async fn read(listing: Listing, page: Page, queries: &mut Queries) -> Result<Vec<Record>, sqlx::Error> {
    let list = match listing {
        Listing::Lots => "SELECT * FROM lots ORDER BY id DESC LIMIT ?",
        Listing::Serials => "SELECT * FROM serials ORDER BY id DESC LIMIT ?",
        Listing::ProcessData => "SELECT * FROM process_data ORDER BY id DESC LIMIT ?",
        Listing::Equipment => "SELECT * FROM equipment ORDER BY id DESC LIMIT ?",
    };
    let mut records = queries.rows(list, &[page.limit.into()]).await?;
    for record in &mut records {
        match listing {
            Listing::Lots => lot(record, queries).await?,
            Listing::Serials => serial(record, queries).await?,
            Listing::ProcessData => process_data(record, queries).await?,
            Listing::Equipment => equipment(record, queries).await?,
        }
    }
    Ok(records)
}

async fn lot(lot: &mut Record, queries: &mut Queries) -> Result<(), sqlx::Error> {
    let model = queries.row("SELECT * FROM product_models WHERE id = ?", &[key(lot, "product_model_id")]).await?;
    lot.insert("product_model".to_owned(), name(model, "model_name"));
    let rows = queries
        .rows("SELECT id, serial_id, process_id, result FROM process_data WHERE lot_id = ?", &[key(lot, "id")])
        .await?;
    let last = rows.iter().filter(|row| row["process_id"] == LAST_PROCESS && !row["serial_id"].is_null());
    lot.insert("results".to_owned(), tally(last));
    Ok(())
}

async fn serial(serial: &mut Record, queries: &mut Queries) -> Result<(), sqlx::Error> {
    let lot = queries.row("SELECT * FROM lots WHERE id = ?", &[key(serial, "lot_id")]).await?;
    serial.insert("lot_number".to_owned(), name(lot, "lot_number"));
    let rows = queries.rows("SELECT * FROM process_data WHERE serial_id = ?", &[key(serial, "id")]).await?;
    serial.insert("results".to_owned(), tally(rows.iter()));
    Ok(())
}

async fn process_data(row: &mut Record, queries: &mut Queries) -> Result<(), sqlx::Error> {
    let process = queries.row("SELECT * FROM processes WHERE id = ?", &[key(row, "process_id")]).await?;
    row.insert("process_name".to_owned(), name(process, "process_name"));
    let equipment = queries.row("SELECT * FROM equipment WHERE id = ?", &[key(row, "equipment_id")]).await?;
    row.insert("equipment_code".to_owned(), name(equipment, "equipment_code"));
    Ok(())
}

async fn equipment(equipment: &mut Record, queries: &mut Queries) -> Result<(), sqlx::Error> {
    let line =
        queries.row("SELECT * FROM production_lines WHERE id = ?", &[key(equipment, "production_line_id")]).await?;
    equipment.insert("line_code".to_owned(), name(line, "line_code"));
    let alerts = queries.rows("SELECT * FROM alerts WHERE equipment_id = ?", &[key(equipment, "id")]).await?;
    let open = alerts.iter().filter(|alert| alert.get("status").is_some_and(|status| status == "OPEN")).count();
    equipment.insert("open_alerts".to_owned(), open.into());
    Ok(())
}

fn key(record: &Record, column: &str) -> Bound {
    Bound::Integer(record.get(column).and_then(Value::as_i64))
}

fn name(record: Option<Record>, column: &str) -> Value {
    record.and_then(|mut record| record.remove(column)).unwrap_or(Value::Null)
}
