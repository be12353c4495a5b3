//! Fingerprints that the server takes itself, over whole tables, with as many workers as it grants.
//!
//! Every row is hashed as a record; that hash is hashed once more and summed. The second hash is what matters: the first
//! one is linear in its columns, so that values swapped between two rows would keep a plain sum. A sum does not care for
//! order and counts a row as often as it is there.
//!
//! Equal means equal to the server: `1.0` and `1.00`, `integer` and `bigint`, `varchar` and `text`, a `timestamp` and
//! the `timestamptz` of the same instant in UTC. `json` is compared as the `jsonb` it says; types without a hash of their
//! own by their text, and so are those whose equality is wider than what is stored (`interval`, `citext`).

use super::catalog::{Found, number, text, truth};
use super::{Postgres, quoted};
use crate::database::error::DatabaseError;
use crate::database::ranges::{self, Detail, Range, Split};
use crate::database::value::Rows;

/// Names the method; its fingerprints are comparable on servers of one major version.
const METHOD: &str = "pg1";
/// Where JSON was compared as text, because the server could not read all of it as `jsonb`.
const METHOD_TEXT: &str = "pg1t";

/// How a column enters the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Itself,
    Text,
    Json,
}

impl Postgres {
    /// Row count and fingerprint of a table over these columns.
    pub(in crate::database) async fn fingerprint(
        &mut self,
        table: &str,
        columns: &[String],
        at: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(i64, String), DatabaseError> {
        self.see_every_row().await?;
        let found = self.known(table).await?;
        let sql =
            |parts: &[String]| format!("SELECT count(*), coalesce({}, 0)::text FROM {}", mixed(parts), found.source());
        let (asked, method) = self.hashed(&found, columns, &sql).await?;
        let row = asked.rows.first().map(Vec::as_slice).unwrap_or_default();
        let rows = number(row, 0);
        at(u64::try_from(rows).unwrap_or_default());
        Ok((rows, format!("{method}:{}", text(row, 1))))
    }

    /// Runs a statement over columns as they enter the record, JSON as `jsonb` if the server can read all of it so.
    async fn hashed(
        &mut self,
        table: &Found,
        columns: &[String],
        sql: &(dyn Fn(&[String]) -> String + Send + Sync),
    ) -> Result<(Rows, &'static str), DatabaseError> {
        let forms = self.forms(table.oid).await?;
        let parts = |json: Form| -> Vec<String> {
            let parts = columns.iter().map(|name| {
                let form = forms.iter().find(|(column, _)| column == name).map_or(Form::Itself, |(_, form)| *form);
                match if form == Form::Json { json } else { form } {
                    Form::Itself => quoted(name),
                    Form::Text => format!("{}::text", quoted(name)),
                    Form::Json => format!("{}::jsonb", quoted(name)),
                }
            });
            parts.collect()
        };
        let has_json = forms.iter().any(|(name, form)| *form == Form::Json && columns.contains(name));
        if has_json {
            // Inside a snapshot a failed statement would take the whole transaction with it.
            self.execute("SAVEPOINT fingerprint").await.ok();
        }
        match self.rows(&sql(&parts(Form::Json)), usize::MAX).await {
            Err(DatabaseError::Statement(_) | DatabaseError::Values(_)) if has_json => {
                self.execute("ROLLBACK TO SAVEPOINT fingerprint").await.ok();
                Ok((self.rows(&sql(&parts(Form::Text)), usize::MAX).await?, METHOD_TEXT))
            }
            other => Ok((other?, METHOD)),
        }
    }

    /// By the one column of the primary key, where that is a whole number.
    pub(in crate::database) async fn split(&mut self, table: &str) -> Result<Option<Split>, DatabaseError> {
        let found = self.known(table).await?;
        let sql = format!(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
             WHERE i.indisprimary AND i.indnkeyatts = 1 AND i.indrelid = {} \
             AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)",
            found.oid
        );
        let key = self.scalar_text(&sql).await?;
        if key.is_empty() {
            return Ok(None);
        }
        let ends = format!("SELECT min({0})::bigint, max({0})::bigint FROM {1}", quoted(&key), found.source());
        let ends = self.rows(&ends, 1).await?;
        let row = ends.rows.first().map(Vec::as_slice).unwrap_or_default();
        Ok(Some(Split::over(key, number(row, 0), number(row, 1))))
    }

    pub(in crate::database) async fn in_ranges(
        &mut self,
        table: &str,
        columns: &[String],
        split: &Split,
        detail: Detail,
    ) -> Result<(i64, String, Vec<Range>), DatabaseError> {
        let found = self.known(table).await?;
        let key = quoted(&split.key);
        let sql = |parts: &[String]| {
            // A column's own hash is bound to its row, so that values that changed places show there too.
            let each = parts.iter().filter(|_| detail == Detail::Columns).map(|part| {
                format!(", sum(hashint8extended(hash_record_extended(ROW({key}::int8, {part}), 0), 0))::text")
            });
            // A width is a power of two: what is left of a key below it is cut off, also of one below zero.
            format!(
                "SELECT {key}::int8 & {}, count(*), {}::text{} FROM {} GROUP BY 1 ORDER BY 1",
                -split.width,
                mixed(parts),
                each.collect::<String>(),
                found.source(),
            )
        };
        let (asked, method) = self.hashed(&found, columns, &sql).await?;
        let ranges: Vec<Range> = asked
            .rows
            .iter()
            .map(|row| Range {
                from: number(row, 0),
                rows: number(row, 1),
                fingerprint: text(row, 2),
                columns: (3..row.len()).map(|index| text(row, index)).collect(),
            })
            .collect();
        let rows = ranges.iter().map(|range| range.rows).sum();
        Ok((rows, ranges::total(method, &ranges)?, ranges))
    }

    /// How every column of a table enters the record. Domains are followed to the type below them.
    async fn forms(&mut self, table: i64) -> Result<Vec<(String, Form)>, DatabaseError> {
        let sql = format!(
            "WITH RECURSIVE below AS ( \
                 SELECT a.attname, a.attnum, t.oid, t.typtype, t.typbasetype, t.typcategory, t.typelem, t.typname \
                 FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
                 WHERE a.attrelid = {table} AND a.attnum > 0 AND NOT a.attisdropped \
                 UNION ALL \
                 SELECT b.attname, b.attnum, t.oid, t.typtype, t.typbasetype, t.typcategory, t.typelem, t.typname \
                 FROM below b JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd'), \
             hashed AS ( \
                 SELECT c.opcintype AS type FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'hash' \
                 JOIN pg_amproc p ON p.amprocfamily = c.opcfamily AND p.amproclefttype = c.opcintype AND p.amprocnum = 2 \
                 WHERE c.opcdefault UNION SELECT 'varchar'::regtype), \
             exact AS (SELECT h.type FROM hashed h JOIN pg_type t ON t.oid = h.type \
                       WHERE t.typname NOT IN ('interval', 'citext', 'anyarray', 'record', 'anyenum', 'anyrange', 'anymultirange')) \
             SELECT b.attname, b.typname = 'json', \
                 b.oid IN (SELECT type FROM exact) OR b.typtype = 'e' OR (b.typcategory = 'A' AND EXISTS ( \
                     SELECT 1 FROM pg_type e WHERE e.oid = b.typelem AND (e.oid IN (SELECT type FROM exact) OR e.typtype = 'e'))) \
             FROM below b WHERE b.typtype <> 'd' ORDER BY b.attnum"
        );
        let listed = self.rows(&sql, usize::MAX).await?;
        let forms = listed.rows.iter().map(|row| {
            let form = match (truth(row, 1), truth(row, 2)) {
                (true, _) => Form::Json,
                (false, true) => Form::Itself,
                (false, false) => Form::Text,
            };
            (text(row, 0), form)
        });
        Ok(forms.collect())
    }
}

/// The sum of rows hashed twice.
fn mixed(parts: &[String]) -> String {
    format!("sum(hashtextextended(hash_record_extended(ROW({}), 0)::text, 0))", parts.join(", "))
}
