//! Values as a database hands them out.

use std::fmt;

/// One value of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl Value {
    /// The value as a number, if it is one or is written as one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            Value::Real(number) => Some(*number),
            Value::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            Value::Null | Value::Blob(_) => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.pad("null"),
            Value::Integer(number) => f.pad(&number.to_string()),
            // As SQLite shows it, a whole one with its point.
            Value::Real(number) => f.pad(&format!("{number:?}")),
            Value::Text(text) => f.pad(text),
            Value::Blob(bytes) => f.pad(&format!("{} bytes", bytes.len())),
        }
    }
}

/// What a query gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Empty when there was no row.
    pub columns: Vec<String>,
    /// The first rows.
    pub rows: Vec<Vec<Value>>,
    /// How many there were in all.
    pub count: u64,
    /// How many rows the statement changed, where the database says so with the rows.
    pub changed: u64,
}

impl Rows {
    /// One kept row as people read it: `id 7, lot_id null`.
    pub fn sample(&self, index: usize) -> String {
        let Some(row) = self.rows.get(index) else { return String::new() };
        let parts =
            self.columns.iter().zip(row).map(|(name, value)| format!("{name} {}", shortened(&value.to_string())));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// The first 60 characters on one line; a sample shall not fill the screen.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}
