//! What a migration did to the tables, by their proofs before and after.

use crate::checklist::migrator::Book;
use crate::deployment::attempt::TableProof;
use crate::deployment::difference::{What, differences};

/// Whether tables may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vanishing {
    /// Going up, a table that is gone took its rows with it.
    Wrong,
    /// Going down undoes tables that came with a revision.
    Expected,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// How many tables were held against themselves.
    pub compared: usize,
    /// What must not have happened, one sentence without its stop for each table.
    pub wrong: Vec<String>,
    /// Contents that cannot be compared.
    pub unclear: Vec<String>,
    /// Tables that are still there and differ.
    pub differing: Vec<String>,
}

/// Row counts must be the same everywhere, contents everywhere but in `rewrites`. The table that a migrator keeps its own
/// books in, `book`, is no part of it.
pub(crate) fn compare(
    before: &[TableProof],
    after: &[TableProof],
    rewrites: &[String],
    vanishing: Vanishing,
    book: Option<&str>,
) -> Comparison {
    let is_book = |table: &str| Book::is_one(table) || book == Some(table);
    let before: Vec<_> = before.iter().filter(|proof| !is_book(&proof.table)).cloned().collect();
    let mut comparison = Comparison { compared: before.len(), ..Comparison::default() };
    for difference in differences(&before, after, rewrites) {
        match difference.what {
            What::Gone => {
                comparison.compared -= 1;
                if vanishing == Vanishing::Wrong {
                    comparison.wrong.push(difference.to_string());
                }
            }
            What::Rows { .. } | What::Contents => {
                comparison.wrong.push(difference.to_string());
                comparison.differing.push(difference.table);
            }
            What::Incomparable => comparison.unclear.push(difference.to_string()),
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
    fn rows_contents_and_columns_are_distinguished() {
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
        let found = compare(&before, &after, &["rewritten".into()], Vanishing::Wrong, None);
        assert_eq!(
            found.wrong,
            [
                "fewer: 2 rows before, 1 now (1 fewer)",
                "touched: 3 rows as before, but their contents differ",
                "gone: 4 rows before, not there any more"
            ]
        );
        assert_eq!(found.unclear, ["wider: the fingerprints were taken in different ways and cannot be compared"]);
        assert_eq!((found.compared, found.differing), (5, vec!["fewer".to_owned(), "touched".to_owned()]));
        assert_eq!(compare(&before, &after, &[], Vanishing::Expected, None).wrong.len(), 2);
    }
}
