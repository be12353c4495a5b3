//! What should not be in a PostgreSQL database, as statements that find it.
//!
//! They are put together from the catalog, one for each key, column or index. Unique and foreign keys are read in the
//! tables themselves: an index that is damaged, or one that was never finished, cannot hide anything.

use super::catalog::{Found, number, text, truth};
use super::{Postgres, literal, quoted};
use crate::checklist::check::{Columns, Consistency, Look};
use crate::database::consistency::{Place, Possible, Probe, SPANS};
use crate::database::error::DatabaseError;
use crate::database::value::Value;
use std::collections::BTreeMap;

/// Tables by their identifier in the catalog: the name that people use, and how statements name them.
type Tables = BTreeMap<i64, (String, Found)>;

impl Postgres {
    pub(in crate::database) async fn probes(
        &mut self,
        look: Look,
        names: &[String],
        more: &Consistency,
    ) -> Result<Option<Vec<Probe>>, DatabaseError> {
        let mut tables = Tables::new();
        for name in names {
            let found = self.known(name).await?;
            tables.insert(found.oid, (name.clone(), found));
        }
        let among = tables.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if among.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let probes = match look {
            Look::Orphans => self.orphans(&tables, &among).await?,
            Look::Timestamps => self.timestamps(&tables, &among).await?,
            Look::Nulls => self.nulls(&more.required).await?,
            Look::Uniqueness => self.repeats(&tables, &among, &more.unique).await?,
            Look::Sequences => self.sequences(&tables, &among).await?,
            other => structural(other, &among),
        };
        Ok(Some(probes))
    }

    /// How the rows of each table are named: by primary key, else by where they lie.
    async fn keys(&mut self, among: &str, alias: &str) -> Result<BTreeMap<i64, String>, DatabaseError> {
        let sql = format!(
            "SELECT i.indrelid, a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (n, p) \
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n \
             WHERE i.indisprimary AND i.indrelid IN ({among}) AND k.p <= i.indnkeyatts ORDER BY 1, k.p"
        );
        let mut keys: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for row in &self.rows(&sql, usize::MAX).await?.rows {
            let name = text(row, 1);
            keys.entry(number(row, 0)).or_default().push(format!(
                "{} || {alias}.{}::text",
                literal(&format!("{name} ")),
                quoted(&name)
            ));
        }
        Ok(keys.into_iter().map(|(table, parts)| (table, parts.join(" || ' ' || "))).collect())
    }

    async fn orphans(&mut self, tables: &Tables, among: &str) -> Result<Vec<Probe>, DatabaseError> {
        let keys = self.keys(among, "f").await?;
        let sql = format!(
            "SELECT c.oid, c.conrelid, c.confmatchtype::text, CASE WHEN p.relkind = 'p' THEN '' ELSE 'ONLY ' END || \
                 quote_ident(pn.nspname) || '.' || quote_ident(p.relname), p.relname, fa.attname, pa.attname, \
                 quote_ident(n.nspname) || '.' || o.oprname \
             FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace \
             CROSS JOIN LATERAL unnest(c.conkey, c.confkey, c.conpfeqop) WITH ORDINALITY AS k (child, parent, op, place) \
             JOIN pg_attribute fa ON fa.attrelid = c.conrelid AND fa.attnum = k.child \
             JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.parent \
             JOIN pg_operator o ON o.oid = k.op JOIN pg_namespace n ON n.oid = o.oprnamespace \
             WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conrelid IN ({among}) ORDER BY c.conrelid, c.oid, k.place"
        );
        let listed = self.rows(&sql, usize::MAX).await?.rows;
        let mut probes = Vec::new();
        for key in listed.chunk_by(|a, b| number(a, 0) == number(b, 0)) {
            let [first, ..] = key else { continue };
            let Some((name, child)) = tables.get(&number(first, 1)) else { continue };
            let joined: Vec<_> = key
                .iter()
                .map(|row| {
                    format!("p.{} OPERATOR({}) f.{}", quoted(&text(row, 6)), text(row, 7), quoted(&text(row, 5)))
                })
                .collect();
            let set: Vec<_> = key.iter().map(|row| format!("f.{} IS NOT NULL", quoted(&text(row, 5)))).collect();
            // A full match counts as soon as one column is set; then the others being null is an orphan, too.
            let set = set.join(if text(first, 2) == "f" { " OR " } else { " AND " });
            let from = format!(
                "FROM {} f LEFT JOIN {} p ON {} WHERE p.{} IS NULL AND ({set})",
                child.source(),
                text(first, 3),
                joined.join(" AND "),
                quoted(&text(first, 6))
            );
            let columns: Vec<_> = key.iter().map(|row| text(row, 5)).collect();
            let sample = keys.get(&child.oid).map_or("'at ' || f.ctid::text", String::as_str);
            let values: Vec<_> =
                columns.iter().map(|column| format!("coalesce(f.{}::text, 'null')", quoted(column))).collect();
            probes.push(Probe {
                counts: format!("SELECT count(*) {from}"),
                places: vec![Place {
                    name: format!("{name}.{} → {}", columns.join("+"), text(first, 4)),
                    samples: format!("SELECT {sample} || ' → ' || {} {from}", values.join(" || '/' || ")),
                }],
            });
        }
        Ok(probes)
    }

    async fn timestamps(&mut self, tables: &Tables, among: &str) -> Result<Vec<Probe>, DatabaseError> {
        let keys = self.keys(among, "f").await?;
        let sql = format!(
            "SELECT attrelid, attname FROM pg_attribute WHERE attrelid IN ({among}) AND attnum > 0 AND NOT attisdropped \
             AND atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) ORDER BY attrelid, attnum"
        );
        let listed = self.rows(&sql, usize::MAX).await?.rows;
        let mut probes = Vec::new();
        for of_table in listed.chunk_by(|a, b| number(a, 0) == number(b, 0)) {
            let Some((name, table)) = of_table.first().and_then(|row| tables.get(&number(row, 0))) else { continue };
            let sample = keys.get(&table.oid).map_or("'at ' || f.ctid::text", String::as_str);
            let columns: Vec<_> = of_table.iter().map(|row| text(row, 1)).collect();
            let mut asked = Vec::new();
            for column in &columns {
                let c = format!("f.{}", quoted(column));
                let possible = Possible::of(column);
                // A time without a zone may run up to fourteen hours ahead.
                let ahead = format!("{c} > now() + interval '1 day'");
                let long_ago = format!("{c} < timestamptz '2000-01-01 00:00:00+00'");
                let wrong = match (possible.ahead, possible.long_ago) {
                    (false, false) => format!("(NOT isfinite({c}) OR {ahead} OR {long_ago})"),
                    (false, true) => format!("(NOT isfinite({c}) OR {ahead})"),
                    (true, false) => format!("({long_ago})"),
                    (true, true) => format!("({c} = '-infinity')"),
                };
                let why = format!(
                    "CASE WHEN NOT isfinite({c}) THEN '' WHEN {ahead} THEN ', in the future' WHEN {long_ago} THEN ', before 2000' \
                     ELSE '' END"
                );
                asked.push((format!("{name}.{column}"), wrong, format!("{c}::text || {why}")));
            }
            for (start, end) in SPANS {
                if columns.iter().any(|c| c == start) && columns.iter().any(|c| c == end) {
                    let (s, e) = (format!("f.{}", quoted(start)), format!("f.{}", quoted(end)));
                    asked.push((format!("{name}.{end} before {start}"), format!("{e} < {s}"), format!("{e}::text")));
                }
            }
            let counts: Vec<_> = asked.iter().map(|(_, wrong, _)| format!("count(*) FILTER (WHERE {wrong})")).collect();
            let places = asked.iter().map(|(place, wrong, value)| Place {
                name: place.clone(),
                samples: format!("SELECT {sample} || ': ' || {value} FROM {} f WHERE {wrong}", table.source()),
            });
            probes.push(Probe {
                places: places.collect(),
                counts: format!("SELECT {} FROM {} f", counts.join(", "), table.source()),
            });
        }
        Ok(probes)
    }

    async fn nulls(&mut self, required: &[Columns]) -> Result<Vec<Probe>, DatabaseError> {
        let mut probes = Vec::new();
        for Columns { table, columns } in required {
            let found = self.known(table).await?;
            let keys = self.keys(&found.oid.to_string(), "f").await?;
            let sample = keys.get(&found.oid).map_or("'at ' || f.ctid::text", String::as_str);
            let counts: Vec<_> =
                columns.iter().map(|c| format!("count(*) FILTER (WHERE f.{} IS NULL)", quoted(c))).collect();
            let places = columns.iter().map(|column| Place {
                name: format!("{table}.{column}"),
                samples: format!("SELECT {sample} FROM {} f WHERE f.{} IS NULL", found.source(), quoted(column)),
            });
            probes.push(Probe {
                places: places.collect(),
                counts: format!("SELECT {} FROM {} f", counts.join(", "), found.source()),
            });
        }
        Ok(probes)
    }

    async fn repeats(&mut self, tables: &Tables, among: &str, more: &[Columns]) -> Result<Vec<Probe>, DatabaseError> {
        self.execute("SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off").await?;
        let nulls = if self.server_version() >= 150_000 { "i.indnullsnotdistinct" } else { "false" };
        let sql = format!(
            "SELECT i.indexrelid, i.indrelid, c.relname, a.attname, \
                 CASE WHEN i.indpred IS NOT NULL THEN pg_get_expr(i.indpred, i.indrelid) END, {nulls} \
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
             CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (n, p) \
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n \
             WHERE i.indisunique AND i.indexprs IS NULL AND i.indrelid IN ({among}) AND k.p <= i.indnkeyatts ORDER BY 2, 1, k.p"
        );
        let listed = self.rows(&sql, usize::MAX).await?.rows;
        let mut asked = Vec::new();
        for index in listed.chunk_by(|a, b| number(a, 0) == number(b, 0)) {
            let [first, ..] = index else { continue };
            let Some((name, table)) = tables.get(&number(first, 1)) else { continue };
            let columns: Vec<_> = index.iter().map(|row| text(row, 3)).collect();
            let predicate = first.get(4).filter(|value| **value != Value::Null).map(ToString::to_string);
            let place = format!("{name} ({}) by {}", columns.join(", "), text(first, 2));
            asked.push((place, table.source(), columns, predicate, truth(first, 5)));
        }
        for Columns { table, columns } in more {
            let found = self.known(table).await?;
            asked.push((format!("{table} ({})", columns.join(", ")), found.source(), columns.clone(), None, false));
        }
        let probes = asked.into_iter().map(|(name, source, columns, predicate, nulls_repeat)| {
            let list = columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ");
            let mut conditions: Vec<_> = predicate.into_iter().collect();
            if !nulls_repeat {
                conditions.extend(columns.iter().map(|column| format!("{} IS NOT NULL", quoted(column))));
            }
            let condition =
                if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
            let grouped = format!("FROM {source}{condition} GROUP BY {list} HAVING count(*) > 1");
            let values: Vec<_> =
                columns.iter().map(|column| format!("coalesce({}::text, 'null')", quoted(column))).collect();
            Probe {
                counts: format!("SELECT count(*) FROM (SELECT 1 {grouped}) AS repeated"),
                places: vec![Place {
                    name,
                    samples: format!("SELECT {} || ' × ' || count(*) {grouped}", values.join(" || '/' || ")),
                }],
            }
        });
        Ok(probes.collect())
    }

    async fn sequences(&mut self, tables: &Tables, among: &str) -> Result<Vec<Probe>, DatabaseError> {
        let sql = format!(
            "SELECT a.attrelid, a.attname, c.relname, coalesce(v.last_value, s.seqstart - 1), \
                 least(s.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE s.seqmax END), \
                 has_sequence_privilege(c.oid, 'SELECT, USAGE') \
             FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype IN ('a', 'i') \
                 AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 \
             JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
             JOIN pg_sequences v ON v.schemaname = n.nspname AND v.sequencename = c.relname \
             WHERE s.seqincrement > 0 AND a.attrelid IN ({among}) ORDER BY 1, 3"
        );
        let listed = self.rows(&sql, usize::MAX).await?.rows;
        let mut probes = Vec::new();
        for row in &listed {
            let Some((name, table)) = tables.get(&number(row, 0)) else { continue };
            let (column, sequence, last, limit) = (text(row, 1), text(row, 2), number(row, 3), number(row, 4));
            if !truth(row, 5) {
                return Err(DatabaseError::NotPermitted(format!("where {sequence} stands may not be read")));
            }
            let behind = format!(
                "FROM (SELECT max({}) AS highest FROM {}) AS m WHERE highest > {last}",
                quoted(&column),
                table.source()
            );
            // The last tenth is where somebody has to plan.
            let close = format!(
                "FROM (SELECT {last}::numeric * 10 AS ten, {limit}::numeric AS most) AS l WHERE ten >= most * 9"
            );
            probes.push(Probe {
                counts: format!("SELECT (SELECT count(*) {behind}), (SELECT count(*) {close})"),
                places: vec![
                    Place {
                        name: format!("{name}.{column} by {sequence}"),
                        samples: format!("SELECT 'stands at {last}, the highest is ' || highest {behind}"),
                    },
                    Place {
                        name: format!("{name}.{column} by {sequence}"),
                        samples: format!("SELECT 'stands at {last} of ' || most {close}"),
                    },
                ],
            });
        }
        Ok(probes)
    }
}

/// What the catalog says by itself: each row of the statement is a finding.
fn structural(look: Look, among: &str) -> Vec<Probe> {
    let column = "c.relname || '.' || a.attname";
    let columns = format!(
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0 AND NOT a.attisdropped AND c.oid IN ({among})"
    );
    let (name, select) = match look {
        Look::Types => (
            "foreign keys",
            format!(
                "SELECT fc.relname || '.' || fa.attname || ' ' || format_type(fa.atttypid, fa.atttypmod) || ' → ' || pc.relname \
                     || '.' || pa.attname || ' ' || format_type(pa.atttypid, pa.atttypmod) AS found \
                 FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS x (child, parent) \
                 JOIN pg_class fc ON fc.oid = k.conrelid JOIN pg_class pc ON pc.oid = k.confrelid \
                 JOIN pg_attribute fa ON fa.attrelid = k.conrelid AND fa.attnum = x.child \
                 JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = x.parent \
                 WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid IN ({among}) AND fa.atttypid <> pa.atttypid \
                     AND NOT (fa.atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype) \
                              AND pa.atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype))"
            ),
        ),
        Look::Indexes => (
            "builds that failed",
            format!(
                "SELECT c.relname || ' on ' || t.relname AS found FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
                 JOIN pg_class t ON t.oid = i.indrelid WHERE i.indrelid IN ({among}) \
                 AND NOT (i.indisvalid AND i.indisready AND i.indislive)"
            ),
        ),
        Look::Constraints => (
            "not validated",
            format!(
                "SELECT k.conname || ' on ' || c.relname AS found FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
                 WHERE NOT k.convalidated AND k.conrelid IN ({among})"
            ),
        ),
        Look::NaiveTimestamps => {
            ("columns", format!("SELECT {column} AS found {columns} AND a.atttypid = 'timestamp'::regtype"))
        }
        Look::PlainJson => ("columns", format!("SELECT {column} AS found {columns} AND a.atttypid = 'json'::regtype")),
        Look::NarrowKeys => (
            "primary keys",
            format!(
                "SELECT {column} AS found {columns} AND a.atttypid = 'int4'::regtype AND EXISTS (SELECT 1 FROM pg_index i \
                 WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)"
            ),
        ),
        Look::UnindexedJsonb => (
            "columns",
            format!(
                "SELECT {column} AS found {columns} AND a.atttypid = 'jsonb'::regtype AND NOT EXISTS (SELECT 1 FROM pg_index i \
                 JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am m ON m.oid = ic.relam AND m.amname = 'gin' \
                 WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey::int2[]))"
            ),
        ),
        Look::UnindexedKeys => (
            "foreign keys",
            format!(
                "SELECT c.relname || '.' || (SELECT string_agg(attname, '+') FROM pg_attribute WHERE attrelid = k.conrelid \
                     AND attnum = ANY (k.conkey)) AS found FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
                 WHERE k.contype = 'f' AND k.conrelid IN ({among}) AND NOT EXISTS (SELECT 1 FROM pg_index i \
                     WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL \
                     AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey AND i.indnkeyatts >= cardinality(k.conkey))"
            ),
        ),
        Look::DuplicateIndexes => (
            "indexes",
            format!(
                "SELECT ac.relname || ' is covered by ' || bc.relname AS found FROM pg_index a \
                 JOIN pg_index b ON b.indrelid = a.indrelid AND b.indexrelid <> a.indexrelid AND b.indisvalid \
                 JOIN pg_class ac ON ac.oid = a.indexrelid JOIN pg_class bc ON bc.oid = b.indexrelid AND bc.relam = ac.relam \
                 JOIN pg_am m ON m.oid = ac.relam AND m.amname = 'btree' \
                 WHERE a.indrelid IN ({among}) AND a.indexprs IS NULL AND b.indexprs IS NULL \
                 AND a.indpred IS NULL AND b.indpred IS NULL AND NOT a.indisunique \
                 AND (b.indkey::text || ' ') LIKE (a.indkey::text || ' %') AND (b.indclass::text || ' ') LIKE (a.indclass::text || ' %') \
                 AND (b.indoption::text || ' ') LIKE (a.indoption::text || ' %') \
                 AND (b.indnkeyatts > a.indnkeyatts OR b.indisunique OR b.indexrelid < a.indexrelid)"
            ),
        ),
        Look::UnlinkedColumns => (
            "columns",
            format!(
                "SELECT {column} AS found {columns} AND a.attname ~ '_id$' AND NOT EXISTS (SELECT 1 FROM pg_constraint k \
                 WHERE k.contype = 'f' AND k.conrelid = c.oid AND a.attnum = ANY (k.conkey))"
            ),
        ),
        // These read rows, see above.
        Look::Orphans | Look::Timestamps | Look::Nulls | Look::Uniqueness | Look::Sequences => return Vec::new(),
    };
    vec![Probe {
        counts: format!("SELECT count(*) FROM ({select}) AS all_of_them"),
        places: vec![Place {
            name: name.to_owned(),
            samples: format!("SELECT found FROM ({select}) AS listed ORDER BY 1"),
        }],
    }]
}
