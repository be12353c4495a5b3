//! What a migration did to the tables, by their proofs before and after.

use crate::checklist::migrator::Book;
use crate::deployment::attempt::TableProof;

/// Whether tables may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vanishing {
    /// Going up, a table that is gone took its rows with it.
    Wrong,
    /// Going down undoes tables that came with a revision.
    Expected,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many tables were held against themselves.
    pub compared: usize,
    /// What must not have happened, one sentence without its stop for each table.
    pub wrong: Vec<String>,
    /// Contents that cannot be compared.
    pub unclear: Vec<String>,
}

/// Row counts must be the same everywhere, contents everywhere but in `rewrites`.
#[must_use]
pub fn compare(before: &[TableProof], after: &[TableProof], rewrites: &[String], vanishing: Vanishing) -> Comparison {
    let mut comparison = Comparison::default();
    for old in before.iter().filter(|proof| !Book::is_one(&proof.table)) {
        let table = &old.table;
        let Some(new) = after.iter().find(|proof| proof.table == *table) else {
            if vanishing == Vanishing::Wrong {
                comparison.wrong.push(format!("{table} is gone with its {} rows", old.rows));
            }
            continue;
        };
        comparison.compared += 1;
        if old.rows != new.rows {
            comparison.wrong.push(format!("{table} had {} rows and has {}", old.rows, new.rows));
            continue;
        }
        if rewrites.contains(table) {
            continue;
        }
        match (&old.fingerprint, &new.fingerprint) {
            (Some(a), Some(b)) if a == b => {}
            (Some(_), Some(_)) if old.columns == new.columns => {
                comparison.wrong.push(format!("the contents of {table} changed"));
            }
            _ => comparison.unclear.push(format!("the contents of {table} cannot be compared, its columns changed")),
        }
    }
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::attempt::Moment;

    fn proof(table: &str, rows: i64, fingerprint: &str, columns: &str) -> TableProof {
        TableProof {
            table: table.into(),
            when: Moment::Before,
            rows,
            fingerprint: Some(fingerprint.into()),
            columns: Some(columns.into()),
        }
    }

    #[test]
    fn rows_contents_and_columns_are_told_apart() {
        let before = [
            proof("same", 1, "a", "x"),
            proof("fewer", 2, "a", "x"),
            proof("touched", 3, "a", "x"),
            proof("rewritten", 3, "a", "x"),
            proof("wider", 3, "a", "x"),
            proof("gone", 4, "a", "x"),
            proof("alembic_version", 1, "a", "x"),
        ];
        let after = [
            proof("same", 1, "a", "x"),
            proof("fewer", 1, "b", "x"),
            proof("touched", 3, "b", "x"),
            proof("rewritten", 3, "b", "x,y"),
            proof("wider", 3, "b", "x,y"),
            proof("new", 0, "b", "x"),
            proof("alembic_version", 2, "b", "x"),
        ];
        let found = compare(&before, &after, &["rewritten".into()], Vanishing::Wrong);
        assert_eq!(
            found.wrong,
            ["fewer had 2 rows and has 1", "the contents of touched changed", "gone is gone with its 4 rows"]
        );
        assert_eq!(found.unclear, ["the contents of wider cannot be compared, its columns changed"]);
        assert_eq!(found.compared, 5);
        assert_eq!(compare(&before, &after, &[], Vanishing::Expected).wrong.len(), 2);
    }
}
