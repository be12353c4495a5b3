//! What should not be in a SQLite database, as statements that find it, and what its planner makes of an index.

use super::Planned;
use super::catalog::{ConstraintKind, Index, IndexPart};
use super::consistency::{Place, Possible, Probe, SPANS};
use super::error::DatabaseError;
use super::sqlite::{Sqlite, literal, quoted};
use super::value::Value;
use crate::checklist::check::{Columns, Consistency, Look};

impl Sqlite {
    /// None where SQLite has nothing of the kind.
    pub(super) async fn probes(
        &mut self,
        look: Look,
        tables: &[String],
        more: &Consistency,
    ) -> Result<Option<Vec<Probe>>, DatabaseError> {
        let mut probes = Vec::new();
        match look {
            Look::Orphans => {
                for table in tables {
                    for (at, key) in self.foreign_keys(table).await?.iter().enumerate() {
                        let name = format!("{table}.{} → {}", key.columns.join("+"), key.references);
                        let from = format!(
                            "FROM pragma_foreign_key_check({}) WHERE fkid = {}",
                            literal(table),
                            self.key_id(table, at).await?
                        );
                        probes.push(one(
                            name,
                            format!("SELECT count(*) {from}"),
                            format!("SELECT 'rowid ' || rowid {from}"),
                        ));
                    }
                }
            }
            Look::Timestamps => {
                for table in tables {
                    let columns: Vec<_> =
                        self.columns(table).await?.into_iter().filter(|column| is_time(&column.declared)).collect();
                    let has = |name: &str| columns.iter().any(|column| column.name == name);
                    for column in &columns {
                        let day = day(&column.name);
                        let possible = Possible::of(&column.name);
                        // What is no time at all has no day, and is compared with none.
                        let first =
                            if possible.long_ago { "julianday('0001-01-01')" } else { "julianday('2000-01-01')" };
                        let last = if possible.ahead { "julianday('9999-12-31')" } else { "julianday('now') + 1" };
                        let wrong = format!(
                            "{} IS NOT NULL AND ({day} BETWEEN {first} AND {last}) IS NOT TRUE",
                            quoted(&column.name)
                        );
                        probes
                            .push(self.of_rows(table, format!("{table}.{}", column.name), &wrong, &column.name).await?);
                    }
                    for (start, end) in SPANS.into_iter().filter(|(start, end)| has(start) && has(end)) {
                        let wrong = format!("{} < {}", day(end), day(start));
                        probes.push(self.of_rows(table, format!("{table}.{end} before {start}"), &wrong, end).await?);
                    }
                }
            }
            Look::Types => {
                for table in tables {
                    for column in self.columns(table).await? {
                        let Some(classes) = classes(&column.declared) else { continue };
                        let wrong = format!("typeof({}) NOT IN ({classes}, 'null')", quoted(&column.name));
                        probes
                            .push(self.of_rows(table, format!("{table}.{}", column.name), &wrong, &column.name).await?);
                    }
                }
            }
            Look::Nulls => {
                for table in tables {
                    for column in self.columns(table).await?.into_iter().filter(|column| !column.nullable) {
                        probes.push(self.null(table, &column.name).await?);
                    }
                }
                for Columns { table, columns } in &more.required {
                    for column in columns {
                        probes.push(self.null(table, column).await?);
                    }
                }
            }
            Look::Uniqueness => {
                for table in tables {
                    for index in self.indexes(table).await?.into_iter().filter(|index| index.unique) {
                        probes.extend(repeats(table, &index));
                    }
                }
                probes.extend(more.unique.iter().map(|of| repeated(&of.table, "", &of.columns, None)));
            }
            Look::Sequences => {
                if self.count("sqlite_sequence").await.is_err() {
                    return Ok(Some(probes));
                }
                for table in tables {
                    let from = format!(
                        "FROM sqlite_sequence, (SELECT max(rowid) AS highest FROM {}) WHERE name = {} AND highest > seq",
                        quoted(table),
                        literal(table)
                    );
                    probes.push(one(
                        table.clone(),
                        format!("SELECT count(*) {from}"),
                        format!("SELECT 'stands at ' || seq || ', the highest is ' || highest {from}"),
                    ));
                }
            }
            Look::Indexes => {
                let from = "FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
                probes.push(one(
                    "integrity".to_owned(),
                    format!("SELECT count(*) {from}"),
                    format!("SELECT integrity_check {from}"),
                ));
            }
            Look::Constraints => {
                for table in tables {
                    let key = if self.is_without_rowid(table).await? { "'a row'" } else { "'rowid ' || rowid" };
                    let constraints = self.constraints(table).await?;
                    for check in constraints.iter().filter(|one| one.kind == ConstraintKind::Check) {
                        let name = check.name.as_deref().unwrap_or(&check.definition);
                        // What stands behind the keyword is the condition in its parentheses.
                        let condition = check.definition.get("CHECK".len()..).unwrap_or("(true)");
                        let from = format!("FROM {} WHERE NOT {condition}", quoted(table));
                        probes.push(one(
                            format!("{name} on {table}"),
                            format!("SELECT count(*) {from}"),
                            format!("SELECT {key} {from}"),
                        ));
                    }
                }
            }
            Look::NaiveTimestamps
            | Look::PlainJson
            | Look::NarrowKeys
            | Look::UnindexedKeys
            | Look::UnindexedJsonb
            | Look::DuplicateIndexes
            | Look::UnlinkedColumns => return Ok(None),
        }
        Ok(Some(probes))
    }

    /// The number by which the check of foreign keys knows the key; it counts them in its own order.
    async fn key_id(&mut self, table: &str, at: usize) -> Result<i64, DatabaseError> {
        let sql = format!("SELECT DISTINCT id FROM pragma_foreign_key_list({}) ORDER BY id", literal(table));
        let found = self.rows(&sql, usize::MAX).await?;
        Ok(match found.rows.get(at).and_then(|row| row.first()) {
            Some(Value::Integer(id)) => *id,
            _ => -1,
        })
    }

    async fn null(&mut self, table: &str, column: &str) -> Result<Probe, DatabaseError> {
        self.of_rows(table, format!("{table}.{column}"), &format!("{} IS NULL", quoted(column)), column).await
    }

    /// Rows that hold something wrong in a column.
    async fn of_rows(&mut self, table: &str, name: String, wrong: &str, column: &str) -> Result<Probe, DatabaseError> {
        let key = if self.is_without_rowid(table).await? { "'a row: '" } else { "'rowid ' || rowid || ': '" };
        let from = format!("FROM {} WHERE {wrong}", quoted(table));
        let value = format!("coalesce({}, 'null')", quoted(column));
        Ok(one(name, format!("SELECT count(*) {from}"), format!("SELECT {key} || {value} {from}")))
    }

    pub(super) async fn plan_use(&mut self, sql: &str, index: &str) -> Result<Planned, DatabaseError> {
        let found = self.rows(&format!("EXPLAIN QUERY PLAN {sql}"), usize::MAX).await?;
        let steps: Vec<String> = found.rows.iter().filter_map(|row| row.last()).map(ToString::to_string).collect();
        let used = steps.iter().filter_map(|step| {
            let (_, rest) = step.split_once(" INDEX ")?;
            rest.split_whitespace().next().map(str::to_owned)
        });
        let used: Vec<String> = used.collect();
        if used.iter().any(|name| name.eq_ignore_ascii_case(index)) {
            return Ok(Planned::Chosen);
        }
        Ok(Planned::Otherwise(used))
    }
}

fn one(name: String, counts: String, samples: String) -> Probe {
    Probe { counts, places: vec![Place { name, samples }] }
}

fn is_time(declared: &str) -> bool {
    let declared = declared.to_ascii_uppercase();
    ["TIMESTAMP", "DATE"].iter().any(|word| declared.starts_with(word))
}

/// The day number of a time kept as text or as seconds since 1970.
fn day(column: &str) -> String {
    let column = quoted(column);
    format!("CASE typeof({column}) WHEN 'integer' THEN julianday({column}, 'unixepoch') ELSE julianday({column}) END")
}

/// The storage classes that values of a declared type end up in; none where any may.
fn classes(declared: &str) -> Option<&'static str> {
    let declared = declared.to_ascii_uppercase();
    let has = |word: &str| declared.contains(word);
    if has("INT") {
        return Some("'integer'");
    }
    if has("CHAR") || has("CLOB") || has("TEXT") {
        return Some("'text'");
    }
    (has("REAL") || has("FLOA") || has("DOUB")).then_some("'real', 'integer'")
}

/// Nothing where an expression is part of the index.
fn repeats(table: &str, index: &Index) -> Option<Probe> {
    let columns: Option<Vec<String>> = index
        .parts
        .iter()
        .map(|part| match part {
            IndexPart::Column(name) => Some(name.clone()),
            IndexPart::Expression(_) => None,
        })
        .collect();
    Some(repeated(table, &format!(" by {}", index.name), &columns?, index.predicate.as_deref()))
}

fn repeated(table: &str, by: &str, columns: &[String], predicate: Option<&str>) -> Probe {
    let list = columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ");
    let mut conditions: Vec<_> = predicate.map(|text| format!("({text})")).into_iter().collect();
    conditions.extend(columns.iter().map(|column| format!("{} IS NOT NULL", quoted(column))));
    // Without its indexes, so that a damaged one cannot hide anything.
    let grouped = format!(
        "FROM {} NOT INDEXED WHERE {} GROUP BY {list} HAVING count(*) > 1",
        quoted(table),
        conditions.join(" AND ")
    );
    let values = columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(" || '/' || ");
    one(
        format!("{table} ({}){by}", columns.join(", ")),
        format!("SELECT count(*) FROM (SELECT 1 {grouped})"),
        format!("SELECT {values} || ' × ' || count(*) {grouped}"),
    )
}
