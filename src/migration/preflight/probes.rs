//! Questions about sizes and speed, which estimates rest on.

use super::catalog::{Catalog, Relation};
use super::evaluate::Evaluation;
use super::name::{literal, quoted};
use super::question::{Purpose, Question};
use super::world::Key;

/// A sample reads about this much at most.
const SAMPLE: i64 = 200_000_000;

/// Asks how large the tables that the chain touches are, and how fast the server reads.
pub(crate) fn add(evaluation: &mut Evaluation, catalog: &Catalog) {
    let sizes: Vec<Question> = evaluation.tables.iter().filter_map(|table| size(catalog, table)).collect();
    evaluation.questions.extend(sizes);
    evaluation.questions.extend(rate(evaluation, catalog));
}

fn size(catalog: &Catalog, table: &Key) -> Option<Question> {
    let relation = catalog.relation(&table.0, &table.1)?;
    if !matches!(relation.kind.as_str(), "r" | "p" | "m") {
        return None;
    }
    let name = format!("{}.{}", quoted(&table.0), quoted(&table.1));
    let sql = format!("SELECT count(*), pg_total_relation_size({}::regclass) FROM {name}", literal(&name));
    Some(Question { sql, purpose: Purpose::Size { table: table.clone() }, count: None })
}

/// A bounded read of the largest table the chain touches, else of the largest there is.
fn rate(evaluation: &Evaluation, catalog: &Catalog) -> Option<Question> {
    let plain = || catalog.relations.iter().filter(|relation| relation.kind == "r" && !relation.columns.is_empty());
    let larger = |a: &&Relation, b: &&Relation| a.bytes.cmp(&b.bytes).then(a.rows.total_cmp(&b.rows));
    let touched = plain()
        .filter(|relation| evaluation.tables.contains(&(relation.schema.clone(), relation.name.clone())))
        .max_by(larger);
    let largest = touched.or_else(|| plain().max_by(larger))?;
    let share = if largest.bytes > SAMPLE { 100.0 * SAMPLE as f64 / largest.bytes as f64 } else { 100.0 };
    let last = quoted(&largest.columns.last()?.name);
    // One process reads a sample, as one process does the work of a migration; the last column makes it look into the
    // row. A sum keeps the planner from leaving that out.
    let sql = format!(
        "SELECT count(*), count({last}) FROM {}.{} TABLESAMPLE SYSTEM ({share})",
        quoted(&largest.schema),
        quoted(&largest.name)
    );
    let table = (largest.schema.clone(), largest.name.clone());
    Some(Question { sql, purpose: Purpose::Rate { table }, count: None })
}
