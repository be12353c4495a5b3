//! What SQLite's catalog shows about a table.

use super::bookkeeping;
use super::catalog::{Column, Constraint, ForeignKey, Index, IndexPart};
use super::definition;
use super::error::DatabaseError;
use super::sqlite::{Sqlite, literal};
use super::value::Value;

impl Sqlite {
    pub(super) async fn tables(&mut self) -> Result<Vec<String>, DatabaseError> {
        let kept = bookkeeping(literal);
        let sql = format!(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT IN ({kept}) ORDER BY name"
        );
        let found = self.rows(&sql, usize::MAX).await?;
        Ok(found.rows.into_iter().filter_map(|row| row.into_iter().next()).map(|name| name.to_string()).collect())
    }

    pub(super) async fn columns(&mut self, table: &str) -> Result<Vec<Column>, DatabaseError> {
        let without_rowid = self.is_without_rowid(table).await?;
        let table = literal(table);
        let sql = format!(
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden, count(*) FILTER (WHERE pk > 0) OVER () \
             FROM pragma_table_xinfo({table}) WHERE hidden <> 1 ORDER BY cid"
        );
        let found = self.rows(&sql, usize::MAX).await?;
        let columns = found.rows.iter().map(|row| {
            let declared = text(row, 1);
            let in_key = number(row, 4) > 0;
            // Only these keys cannot be null by themselves; SQLite lets null into any other primary key.
            let key_forbids =
                in_key && (without_rowid || (number(row, 6) == 1 && declared.eq_ignore_ascii_case("integer")));
            Column {
                name: text(row, 0),
                nullable: number(row, 2) == 0 && !key_forbids,
                default: row.get(3).filter(|value| **value != Value::Null).map(ToString::to_string),
                generated: number(row, 5) > 1,
                declared,
            }
        });
        Ok(columns.collect())
    }

    pub(super) async fn is_without_rowid(&mut self, table: &str) -> Result<bool, DatabaseError> {
        let sql = format!(
            "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = {} COLLATE NOCASE",
            literal(table)
        );
        Ok(self.rows(&sql, 1).await?.rows == [[Value::Integer(1)]])
    }

    pub(super) async fn indexes(&mut self, table: &str) -> Result<Vec<Index>, DatabaseError> {
        let sql = format!(
            "SELECT l.name, l.\"unique\", s.sql FROM pragma_index_list({}) AS l \
             LEFT JOIN sqlite_schema AS s ON s.type = 'index' AND s.name = l.name ORDER BY l.name",
            literal(table)
        );
        let listed = self.rows(&sql, usize::MAX).await?;
        let mut indexes = Vec::new();
        for row in &listed.rows {
            let name = text(row, 0);
            let create = text(row, 2);
            let (written, predicate) = definition::index(&create);
            let sql = format!("SELECT seqno, name FROM pragma_index_info({}) ORDER BY seqno", literal(&name));
            let over = self.rows(&sql, usize::MAX).await?;
            let parts = over.rows.iter().map(|part| {
                if let Some(Value::Text(column)) = part.get(1) {
                    return IndexPart::Column(column.clone());
                }
                let at = usize::try_from(number(part, 0)).unwrap_or_default();
                IndexPart::Expression(written.get(at).cloned().unwrap_or_else(|| "rowid".to_owned()))
            });
            let parts = parts.collect();
            indexes.push(Index { name, parts, unique: number(row, 1) == 1, predicate, method: None, valid: true });
        }
        Ok(indexes)
    }

    pub(super) async fn constraints(&mut self, table: &str) -> Result<Vec<Constraint>, DatabaseError> {
        let sql =
            format!("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = {} COLLATE NOCASE", literal(table));
        let found = self.rows(&sql, 1).await?;
        Ok(found.rows.first().map(|row| definition::constraints(&text(row, 0))).unwrap_or_default())
    }

    pub(super) async fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, DatabaseError> {
        let sql = format!(
            "SELECT id, \"table\", \"from\", \"to\", on_delete, on_update FROM pragma_foreign_key_list({}) ORDER BY id, seq",
            literal(table)
        );
        let found = self.rows(&sql, usize::MAX).await?;
        let pairs = found.rows.iter().map(|row| {
            let key = ForeignKey {
                columns: vec![text(row, 2)],
                references: text(row, 1),
                referenced: row.get(3).filter(|to| **to != Value::Null).map(ToString::to_string).into_iter().collect(),
                on_delete: text(row, 4).to_lowercase(),
                on_update: text(row, 5).to_lowercase(),
            };
            (number(row, 0), key)
        });
        Ok(ForeignKey::gather(pairs))
    }
}

fn text(row: &[Value], index: usize) -> String {
    row.get(index).filter(|value| **value != Value::Null).map(ToString::to_string).unwrap_or_default()
}

fn number(row: &[Value], index: usize) -> i64 {
    match row.get(index) {
        Some(Value::Integer(number)) => *number,
        _ => 0,
    }
}
