//! What the planner makes of an index.

use super::Postgres;
use crate::database::Planned;
use crate::database::error::DatabaseError;
use serde_json::Value as Json;

impl Postgres {
    /// Plans the statement as it is now, then once more without reading tables whole.
    pub(in crate::database) async fn plan_use(&mut self, sql: &str, index: &str) -> Result<Planned, DatabaseError> {
        let plain = self.planned(sql).await?;
        if plain.indexes.iter().any(|name| name.eq_ignore_ascii_case(index)) {
            return Ok(Planned::Chosen);
        }
        self.execute("SET enable_seqscan = off").await?;
        let forced = self.planned(sql).await;
        self.execute("RESET enable_seqscan").await?;
        let forced = forced?;
        if forced.indexes.iter().any(|name| name.eq_ignore_ascii_case(index)) {
            return Ok(Planned::Usable { rows: plain.rows });
        }
        Ok(Planned::Otherwise(if plain.indexes.is_empty() { forced.indexes } else { plain.indexes }))
    }

    async fn planned(&mut self, sql: &str) -> Result<Plan, DatabaseError> {
        let text = self.scalar_text(&format!("EXPLAIN (FORMAT JSON) {sql}")).await?;
        let json: Json = serde_json::from_str(&text)
            .map_err(|_| DatabaseError::Statement("the plan came in an unknown form".to_owned()))?;
        let mut plan = Plan::default();
        plan.read(&json);
        let mut tables = std::mem::take(&mut plan.tables);
        tables.dedup();
        for table in tables {
            let rows = format!(
                "SELECT coalesce(max(reltuples)::bigint, 0) FROM pg_class WHERE oid = to_regclass({})",
                super::literal(&super::quoted(&table))
            );
            plan.rows = plan.rows.max(self.scalar_integer(&rows).await?);
        }
        Ok(plan)
    }
}

#[derive(Debug, Default)]
struct Plan {
    indexes: Vec<String>,
    tables: Vec<String>,
    rows: i64,
}

impl Plan {
    fn read(&mut self, json: &Json) {
        match json {
            Json::Object(fields) => {
                let named = |key: &str| fields.get(key).and_then(Json::as_str).map(str::to_owned);
                self.indexes.extend(named("Index Name").filter(|name| !self.indexes.contains(name)));
                self.tables.extend(named("Relation Name"));
                fields.values().for_each(|value| self.read(value));
            }
            Json::Array(values) => values.iter().for_each(|value| self.read(value)),
            _ => {}
        }
    }
}
