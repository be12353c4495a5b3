//! Fingerprints that the server takes itself, over whole tables, with as many workers as it grants.
//!
//! Every row is hashed as a record; that hash is hashed once more and summed. The second hash is what matters: the first
//! one is linear in its columns, so that values swapped between two rows would keep a plain sum. A sum does not care for
//! order and counts a row as often as it is there.
//!
//! Equal means equal to the server: `1.0` and `1.00`, `integer` and `bigint`, `varchar` and `text`, a `timestamp` and
//! the `timestamptz` of the same instant in UTC. `json` is compared as the `jsonb` it says; types without a hash of their
//! own by their text, and so are those whose equality is wider than what is stored (`interval`, `citext`).

use super::catalog::{text, truth};
use super::{Postgres, quoted};
use crate::database::error::DatabaseError;

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
        let found = self.known(table).await?;
        let forms = self.forms(found.oid).await?;
        let record = |json: Form| {
            let parts = columns.iter().map(|name| {
                let form = forms.iter().find(|(column, _)| column == name).map_or(Form::Itself, |(_, form)| *form);
                match if form == Form::Json { json } else { form } {
                    Form::Itself => quoted(name),
                    Form::Text => format!("{}::text", quoted(name)),
                    Form::Json => format!("{}::jsonb", quoted(name)),
                }
            });
            parts.collect::<Vec<_>>().join(", ")
        };
        let sql = |record: &str| {
            format!(
                "SELECT count(*), coalesce(sum(hashtextextended(hash_record_extended(ROW({record}), 0)::text, 0)), 0)::text \
                 FROM {}",
                found.source()
            )
        };
        let has_json = forms.iter().any(|(name, form)| *form == Form::Json && columns.contains(name));
        if has_json {
            // Inside a snapshot a failed statement would take the whole transaction with it.
            self.execute("SAVEPOINT fingerprint").await.ok();
        }
        let (asked, method) = match self.rows(&sql(&record(Form::Json)), 1).await {
            Err(DatabaseError::Statement(_)) if has_json => {
                self.execute("ROLLBACK TO SAVEPOINT fingerprint").await.ok();
                (self.rows(&sql(&record(Form::Text)), 1).await?, METHOD_TEXT)
            }
            other => (other?, METHOD),
        };
        let row = asked.rows.first().map(Vec::as_slice).unwrap_or_default();
        let rows = super::catalog::number(row, 0);
        at(u64::try_from(rows).unwrap_or_default());
        Ok((rows, format!("{method}:{}", text(row, 1))))
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
