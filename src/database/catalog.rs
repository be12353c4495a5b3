//! How a table is laid out, as its database shows it.

/// A column as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// As written: `TIMESTAMP WITH TIME ZONE`. Empty when nothing was declared.
    pub declared: String,
    pub nullable: bool,
    /// The default's text.
    pub default: Option<String>,
    /// Computed by the database from other columns.
    pub generated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub parts: Vec<IndexPart>,
    pub unique: bool,
    /// The condition of a partial index.
    pub predicate: Option<String>,
    /// Access method (`gin`); `None` where the database knows none.
    pub method: Option<String>,
    /// Whether queries may use it; a build that failed leaves one that they may not.
    pub valid: bool,
}

/// What an index is over, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexPart {
    Column(String),
    Expression(String),
}

impl std::fmt::Display for IndexPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IndexPart::Column(text) | IndexPart::Expression(text) => f.pad(text),
        }
    }
}

impl Index {
    /// The parts, comma-separated.
    pub fn over(&self) -> String {
        self.parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    Check,
    Unique,
    PrimaryKey,
    ForeignKey,
    NotNull,
}

impl ConstraintKind {
    pub fn word(self) -> &'static str {
        match self {
            ConstraintKind::Check => "check",
            ConstraintKind::Unique => "unique",
            ConstraintKind::PrimaryKey => "primary key",
            ConstraintKind::ForeignKey => "foreign key",
            ConstraintKind::NotNull => "not null",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// Absent when it was given none.
    pub name: Option<String>,
    pub kind: ConstraintKind,
    /// As written, from its first keyword on.
    pub definition: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    pub columns: Vec<String>,
    pub references: String,
    /// Empty when the referenced primary key is meant.
    pub referenced: Vec<String>,
    /// In lower case: `restrict`, `cascade`, `no action`, `set null`, `set default`.
    pub on_delete: String,
    pub on_update: String,
}

impl ForeignKey {
    /// Puts the keys together from their pairs of columns, as catalogs list them: one after the other, each with the
    /// number of its key.
    #[must_use]
    pub(super) fn gather(pairs: impl Iterator<Item = (i64, ForeignKey)>) -> Vec<ForeignKey> {
        let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
        for (number, pair) in pairs {
            match keys.last_mut() {
                Some((last, key)) if *last == number => {
                    key.columns.extend(pair.columns);
                    key.referenced.extend(pair.referenced);
                }
                _ => keys.push((number, pair)),
            }
        }
        keys.into_iter().map(|(_, key)| key).collect()
    }
}
