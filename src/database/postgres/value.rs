//! Values as the server writes them out.

use crate::database::value::Value;
use data_encoding::HEXLOWER;
use sqlx::postgres::PgRow;
use sqlx::{Row, TypeInfo, ValueRef};

/// One value of a row that came by the simple protocol. Whole numbers, real numbers and bytes are themselves; all else
/// is the text that the server writes: numerics keep every digit, truth is `true` or `false`.
pub(super) fn read(row: &PgRow, index: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let info = raw.type_info().into_owned();
    let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
    // A database in another encoding is converted by the server; what is no text even so is shown as well as it can be.
    let text = String::from_utf8_lossy(bytes);
    Ok(match info.name() {
        "INT2" | "INT4" | "INT8" | "OID" => {
            text.parse().map_or_else(|_| Value::Text(text.into_owned()), Value::Integer)
        }
        "FLOAT4" | "FLOAT8" => text.parse().map_or_else(|_| Value::Text(text.into_owned()), Value::Real),
        "BOOL" => Value::Text(if text == "t" { "true" } else { "false" }.to_owned()),
        "BYTEA" => match text.strip_prefix("\\x").and_then(|digits| HEXLOWER.decode(digits.as_bytes()).ok()) {
            Some(bytes) => Value::Blob(bytes),
            None => Value::Text(text.into_owned()),
        },
        _ => Value::Text(text.into_owned()),
    })
}
