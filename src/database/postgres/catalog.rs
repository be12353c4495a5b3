//! What PostgreSQL's catalog shows about a table.
//!
//! Names, types and keys are read from the catalog's own tables, which nobody locks for long. A definition is put
//! together by the server, which opens the table for it: behind somebody's exclusive lock that ends, after the session's
//! `lock_timeout`, with [`DatabaseError::Locked`].

use super::{Postgres, literal};
use crate::database::bookkeeping;
use crate::database::catalog::{Column, Constraint, ConstraintKind, ForeignKey, Index, IndexPart};
use crate::database::error::DatabaseError;
use crate::database::value::Value;

/// A table as statements name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub oid: i64,
    /// Schema and name, quoted where they need it.
    pub qualified: String,
    /// Its rows are in its partitions.
    pub partitioned: bool,
}

impl Found {
    /// What follows FROM, without the rows of tables that inherit from it.
    pub(super) fn source(&self) -> String {
        if self.partitioned { self.qualified.clone() } else { format!("ONLY {}", self.qualified) }
    }
}

impl Postgres {
    /// Tables on the search path by their name, others with their schema before it; without partitions, which count
    /// as their parent, and without what belongs to an extension.
    pub(in crate::database) async fn tables(&mut self) -> Result<Vec<String>, DatabaseError> {
        let kept = bookkeeping(literal);
        let sql = format!(
            "SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' \
             AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND c.relname NOT IN ({kept}) \
             AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid \
                             AND d.deptype = 'e') ORDER BY 1"
        );
        let found = self.rows(&sql, usize::MAX).await?;
        Ok(found.rows.into_iter().filter_map(|row| row.into_iter().next()).map(|name| name.to_string()).collect())
    }

    /// A table by its name on the search path, or with its schema before it.
    pub(super) async fn find(&mut self, table: &str) -> Result<Option<Found>, DatabaseError> {
        let name = literal(table);
        let sql = format!(
            "SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind::text \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') \
             AND (pg_table_is_visible(c.oid) AND c.relname = {name} OR n.nspname || '.' || c.relname = {name} \
                  OR pg_table_is_visible(c.oid) AND c.relname = lower({name})) \
             ORDER BY c.relname = {name} DESC, pg_table_is_visible(c.oid) DESC LIMIT 1"
        );
        let found = self.rows(&sql, 1).await?;
        Ok(found.rows.first().map(|row| Found {
            oid: number(row, 0),
            qualified: text(row, 1),
            partitioned: text(row, 2) == "p",
        }))
    }

    pub(super) async fn known(&mut self, table: &str) -> Result<Found, DatabaseError> {
        let found = self.find(table).await?;
        found.ok_or_else(|| DatabaseError::Statement(format!("there is no table {table}")))
    }

    pub(in crate::database) async fn columns(&mut self, table: &str) -> Result<Vec<Column>, DatabaseError> {
        let Some(found) = self.find(table).await? else { return Ok(Vec::new()) };
        // The text of a default is only made where there is one.
        let sql = format!(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, \
             CASE WHEN a.atthasdef AND a.attgenerated = '' THEN (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d \
                 WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END, a.attgenerated <> '' \
             FROM pg_attribute a WHERE a.attrelid = {} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            found.oid
        );
        let listed = self.rows(&sql, usize::MAX).await?;
        let columns = listed.rows.iter().map(|row| Column {
            name: text(row, 0),
            declared: text(row, 1),
            nullable: !truth(row, 2),
            default: row.get(3).filter(|value| **value != Value::Null).map(ToString::to_string),
            generated: truth(row, 4),
        });
        Ok(columns.collect())
    }

    pub(in crate::database) async fn indexes(&mut self, table: &str) -> Result<Vec<Index>, DatabaseError> {
        let Some(found) = self.find(table).await? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT c.relname, m.amname, i.indisunique, i.indisvalid AND i.indisready AND i.indislive, \
             CASE WHEN i.indpred IS NOT NULL THEN pg_get_expr(i.indpred, i.indrelid) END, \
             a.attname, CASE WHEN a.attname IS NULL THEN pg_get_indexdef(i.indexrelid, k.place::int, true) END \
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam \
             CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place) \
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number <> 0 \
             WHERE i.indrelid = {} AND k.place <= i.indnkeyatts ORDER BY c.relname, k.place",
            found.oid
        );
        let listed = self.rows(&sql, usize::MAX).await?;
        let mut indexes: Vec<Index> = Vec::new();
        for row in &listed.rows {
            let name = text(row, 0);
            if indexes.last().is_none_or(|last| last.name != name) {
                indexes.push(Index {
                    name,
                    parts: Vec::new(),
                    unique: truth(row, 2),
                    predicate: row.get(4).filter(|value| **value != Value::Null).map(ToString::to_string),
                    method: Some(text(row, 1)),
                    valid: truth(row, 3),
                });
            }
            let part = match row.get(5) {
                Some(Value::Text(column)) => IndexPart::Column(column.clone()),
                _ => IndexPart::Expression(text(row, 6)),
            };
            if let Some(index) = indexes.last_mut() {
                index.parts.push(part);
            }
        }
        Ok(indexes)
    }

    pub(in crate::database) async fn constraints(&mut self, table: &str) -> Result<Vec<Constraint>, DatabaseError> {
        let Some(found) = self.find(table).await? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT conname, contype::text, pg_get_constraintdef(oid, true) FROM pg_constraint \
             WHERE conrelid = {} AND contype IN ('c', 'u', 'p', 'f', 'n') ORDER BY conname",
            found.oid
        );
        let listed = self.rows(&sql, usize::MAX).await?;
        let constraints = listed.rows.iter().map(|row| Constraint {
            name: Some(text(row, 0)),
            kind: match text(row, 1).as_str() {
                "u" => ConstraintKind::Unique,
                "p" => ConstraintKind::PrimaryKey,
                "f" => ConstraintKind::ForeignKey,
                "n" => ConstraintKind::NotNull,
                _ => ConstraintKind::Check,
            },
            definition: text(row, 2),
        });
        Ok(constraints.collect())
    }

    pub(in crate::database) async fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, DatabaseError> {
        let Some(found) = self.find(table).await? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT c.oid, CASE WHEN pg_table_is_visible(p.oid) THEN p.relname ELSE n.nspname || '.' || p.relname END, \
             ca.attname, pa.attname, c.confdeltype::text, c.confupdtype::text \
             FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid JOIN pg_namespace n ON n.oid = p.relnamespace \
             CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (child, parent, place) \
             JOIN pg_attribute ca ON ca.attrelid = c.conrelid AND ca.attnum = k.child \
             JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.parent \
             WHERE c.contype = 'f' AND c.conrelid = {} ORDER BY c.oid, k.place",
            found.oid
        );
        let listed = self.rows(&sql, usize::MAX).await?;
        let pairs = listed.rows.iter().map(|row| {
            let key = ForeignKey {
                columns: vec![text(row, 2)],
                references: text(row, 1),
                referenced: vec![text(row, 3)],
                on_delete: action(&text(row, 4)).to_owned(),
                on_update: action(&text(row, 5)).to_owned(),
            };
            (number(row, 0), key)
        });
        Ok(ForeignKey::gather(pairs))
    }

    /// Rows that a policy hides are not counted as gone, nor as there: the question fails instead.
    pub(super) async fn see_every_row(&mut self) -> Result<(), DatabaseError> {
        self.execute("SET row_security = off").await.map(|_| ())
    }

    pub(in crate::database) async fn count(&mut self, table: &str) -> Result<i64, DatabaseError> {
        self.see_every_row().await?;
        let source = self.known(table).await?.source();
        self.scalar_integer(&format!("SELECT count(*) FROM {source}")).await
    }
}

fn action(letter: &str) -> &'static str {
    match letter {
        "r" => "restrict",
        "c" => "cascade",
        "n" => "set null",
        "d" => "set default",
        _ => "no action",
    }
}

pub(super) fn text(row: &[Value], index: usize) -> String {
    row.get(index).filter(|value| **value != Value::Null).map(ToString::to_string).unwrap_or_default()
}

pub(super) fn number(row: &[Value], index: usize) -> i64 {
    match row.get(index) {
        Some(Value::Integer(number)) => *number,
        _ => 0,
    }
}

pub(super) fn truth(row: &[Value], index: usize) -> bool {
    matches!(row.get(index), Some(Value::Text(text)) if text == "true")
}
