//! The database searched for what should not be in it.

use super::kind::{Kind, Measure, Measures, Need, Sabotage, Title};
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::table::{TableReader, words_of};
use schemars::JsonSchema;
use serde::Serialize;

/// Looks through the environment's database for what should not be in it. Every kind of finding gives how many there are
/// and the keys of some; any is a failure. Measures each word of `look_for` (in `findings`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consistency {
    pub look_for: Vec<Look>,
    /// Empty: every table of the application.
    pub tables: Vec<String>,
    /// Columns that must hold no null although the schema lets them.
    pub required: Vec<Columns>,
    /// Columns that must not repeat together although no index of the schema says so.
    pub unique: Vec<Columns>,
}

/// Columns of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Columns {
    pub table: String,
    pub columns: Vec<String>,
}

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Look {
    /// Rows whose foreign key points at no row.
    Orphans,
    /// Points in time before 2000, more than a day ahead, or infinite. A column whose name speaks of what is to come
    /// (`due_at`, `expires_at`) may lie ahead, one of what was long ago (`born`) before 2000.
    Timestamps,
    /// Values stored as another type than declared; foreign keys of another type than what they point at.
    Types,
    /// Nulls in columns that are declared or `required` to hold none.
    Nulls,
    /// Rows that repeat what a unique index, valid or not, or `unique` forbids.
    Uniqueness,
    /// Sequences behind their column, or close to its end.
    Sequences,
    /// Indexes that queries may not use, because their build failed.
    Indexes,
    /// Constraints that are there but were never held against the rows.
    Constraints,
    /// Columns that hold times without a zone.
    NaiveTimestamps,
    /// Columns of `json`, which has no equality and no index, in place of `jsonb`.
    PlainJson,
    /// Primary keys of four bytes.
    NarrowKeys,
    /// Foreign keys that no index serves.
    UnindexedKeys,
    /// `jsonb` that no GIN index serves.
    UnindexedJsonb,
    /// Indexes that another one makes needless.
    DuplicateIndexes,
    /// Columns named `…_id` without a foreign key.
    UnlinkedColumns,
}

impl Look {
    /// Looked for when a check names nothing: what is wrong in the data or keeps the database from guarding it. The
    /// others are a matter of taste or plan.
    pub const USUAL: [Look; 8] = [
        Look::Orphans,
        Look::Timestamps,
        Look::Types,
        Look::Nulls,
        Look::Uniqueness,
        Look::Sequences,
        Look::Indexes,
        Look::Constraints,
    ];

    /// Whether it looks through rows, and not only at the catalog.
    pub fn is_of_rows(self) -> bool {
        use Look::{Nulls, Orphans, Sequences, Timestamps, Types, Uniqueness};
        matches!(self, Orphans | Timestamps | Types | Nulls | Uniqueness | Sequences)
    }

    /// As in the file, and as the measure is called.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl Consistency {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("a consistency check");
        let look_for: Vec<Look> =
            table.words("look_for", &words_of::<Look>()).into_iter().map(|look| look.value).collect();
        let tables = table.texts("tables").into_iter().map(|text| text.value).collect();
        let mut of = |key| table.tables(key, "a table's columns").into_iter().filter_map(read_columns).collect();
        let (required, unique) = (of("required"), of("unique"));
        let look_for = if table.has("look_for") { look_for } else { Look::USUAL.to_vec() };
        Some(Self { look_for, tables, required, unique })
    }
}

fn read_columns(mut table: TableReader<'_>) -> Option<Columns> {
    let name = table.required_text("table");
    table.require("columns", "[\"…\"]");
    let columns = table.texts("columns").into_iter().map(|text| text.value).collect();
    table.finish();
    Some(Columns { table: name?.value, columns })
}

impl Kind for Consistency {
    fn needs(&self) -> Vec<Need<'_>> {
        vec![Need::Database]
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        self.look_for.iter().map(|look| Measure::of(look.word(), "findings")).collect()
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        vec![Sabotage::NoRows(self.tables.clone()), Sabotage::EmptyDatabase]
    }

    fn describe(&self, _: Title<'_>) -> Vec<String> {
        let words: Vec<_> = self.look_for.iter().map(|look| look.word()).collect();
        let tables = if self.tables.is_empty() { "every table".to_owned() } else { self.tables.join(", ") };
        let mut parts = vec![format!("{tables} searched for {}", words.join(", "))];
        parts.extend(self.required.iter().map(|of| format!("no null in {} ({})", of.table, of.columns.join(", "))));
        parts.extend(self.unique.iter().map(|of| format!("no repeat in {} ({})", of.table, of.columns.join(", "))));
        parts
    }
}
