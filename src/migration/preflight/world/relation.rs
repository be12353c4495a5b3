//! A relation as it will stand, and what of it no question sees.

use super::Key;
use crate::migration::preflight::catalog::{self, Constraint, Index};

/// A relation as it will stand.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    pub kind: String,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    pub index: Option<Index>,
    /// It has triggers or rules, which may change its rows too.
    pub triggers: bool,
    /// Those may change other tables.
    pub reaches: bool,
    /// The relation in the database now that it comes from.
    pub origin: Option<Key>,
    /// Line of the statement that put rows in, took rows away, or may have.
    pub rows_touched: Option<usize>,
    /// What the rows will be; `None` while they are as they are.
    pub layer: Option<String>,
    /// How many layers lie over each other.
    pub depth: usize,
    /// How many times a question about its rows reads tables of the database.
    pub reads: usize,
    /// How many times as long as now its longest value may become.
    pub growth: usize,
    /// What the rows will be is not worked out any more.
    pub lost: bool,
    /// Line of the statement that put rows in, or changed them, in a way that no question sees.
    pub unseen: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub name: String,
    pub type_name: String,
    pub not_null: bool,
    pub has_default: bool,
    /// Line of the statement that made, renamed, retyped or filled it.
    pub touched: Option<usize>,
    /// The chain made it.
    pub made: bool,
    /// Line of the statement that filled it with what no question sees.
    pub unseen: Option<usize>,
}

impl Relation {
    /// As the catalog has it.
    #[must_use]
    pub(crate) fn of(relation: &catalog::Relation) -> Self {
        let column = |column: &catalog::Column| Column {
            name: column.name.clone(),
            type_name: column.type_name.clone(),
            not_null: column.not_null,
            has_default: column.has_default || column.generated,
            touched: None,
            made: false,
            unseen: None,
        };
        Self {
            columns: relation.columns.iter().map(column).collect(),
            constraints: relation.constraints.clone(),
            index: relation.index.clone(),
            triggers: relation.triggers,
            reaches: relation.reaches,
            origin: Some((relation.schema.clone(), relation.name.clone())),
            ..Self::made(&relation.kind)
        }
    }

    /// One that the chain makes.
    #[must_use]
    pub(crate) fn made(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            columns: Vec::new(),
            constraints: Vec::new(),
            index: None,
            triggers: false,
            reaches: false,
            origin: None,
            rows_touched: None,
            layer: None,
            depth: 0,
            reads: 1,
            growth: 1,
            lost: false,
            unseen: None,
        }
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub(crate) fn is_table(&self) -> bool {
        matches!(self.kind.as_str(), "r" | "p" | "f")
    }

    /// Rows come in that no question sees.
    pub(crate) fn fill(&mut self, line: usize) {
        self.rows_touched = Some(line);
        self.unseen = Some(line);
    }

    /// Everything in it may be something else now.
    pub(crate) fn touch_all(&mut self, line: usize) {
        self.fill(line);
        self.overwrite(line, |_| true);
    }

    /// Some columns may hold something else now, which no question sees.
    pub(crate) fn overwrite(&mut self, line: usize, columns: impl Fn(&str) -> bool) {
        for column in self.columns.iter_mut().filter(|column| columns(&column.name)) {
            column.touched = Some(line);
            column.unseen = Some(line);
        }
    }

    /// Whether some of what it will hold is seen by no question.
    pub(crate) fn is_dim(&self) -> bool {
        self.unseen.is_some() || self.columns.iter().any(|column| column.unseen.is_some())
    }

    /// Whether it will hold something else than now.
    pub(crate) fn is_changed(&self) -> bool {
        self.lost
            || self.layer.is_some()
            || self.rows_touched.is_some()
            || self.columns.iter().any(|column| column.touched.is_some())
    }

    /// Line of the first statement whose effect on these columns, or with `rows` on which rows there are, no question sees.
    pub(crate) fn unseen(&self, columns: &[String], rows: bool) -> Option<usize> {
        let own =
            self.columns.iter().filter(|column| columns.contains(&column.name)).filter_map(|column| column.unseen);
        own.chain(self.unseen.filter(|_| rows)).min()
    }

    /// The earliest reason in the chain why these columns' values are not what they are now.
    pub(crate) fn touched(&self, columns: &[String]) -> Option<usize> {
        let own =
            self.columns.iter().filter(|column| columns.contains(&column.name)).filter_map(|column| column.touched);
        own.chain(self.rows_touched).min()
    }
}
