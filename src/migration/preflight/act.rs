//! What a statement does, free of how it is written.

use super::name::Name;

/// One effect of a statement; an `ALTER TABLE` may have several.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Act {
    Begin,
    Commit,
    Rollback,
    /// `SET name = value`, both in lower case; `local` ends with its transaction.
    Set {
        name: String,
        value: String,
        local: bool,
    },
    CreateTable(NewTable),
    /// A view, materialised view or sequence.
    CreateRelation {
        name: Name,
        kind: RelationKind,
        if_absent: bool,
        replace: bool,
    },
    DropRelation {
        name: Name,
        kind: RelationKind,
        if_present: bool,
        cascade: bool,
    },
    RenameTable {
        table: Name,
        to: String,
    },
    AddColumn {
        table: Name,
        column: NewColumn,
        if_absent: bool,
    },
    DropColumn {
        table: Name,
        column: String,
        if_present: bool,
        cascade: bool,
    },
    RenameColumn {
        table: Name,
        column: String,
        to: String,
    },
    AlterType {
        table: Name,
        column: String,
        to: String,
        using: Option<Formula>,
    },
    SetNotNull {
        table: Name,
        column: String,
    },
    /// A change of a column that looks at no row: its default, `DROP NOT NULL`.
    AlterColumn {
        table: Name,
        column: String,
        what: String,
    },
    AddConstraint {
        table: Name,
        constraint: NewConstraint,
    },
    ValidateConstraint {
        table: Name,
        name: String,
    },
    DropConstraint {
        table: Name,
        name: String,
        if_present: bool,
    },
    RenameConstraint {
        table: Name,
        name: String,
        to: String,
    },
    CreateIndex(NewIndex),
    DropIndex {
        name: Name,
        if_present: bool,
        concurrently: bool,
    },
    RenameIndex {
        name: Name,
        to: String,
    },
    /// Another `ALTER TABLE` that changes the catalog only.
    AlterTable {
        table: Name,
        what: String,
        lock: Mode,
        rewrites: bool,
    },
    Insert {
        table: Name,
        columns: Vec<String>,
    },
    Update(Change),
    Delete {
        table: Name,
        alias: Option<String>,
        using: Option<String>,
        condition: Option<Formula>,
    },
    Truncate {
        tables: Vec<Name>,
        cascade: bool,
    },
    LockTable {
        tables: Vec<Name>,
        mode: Mode,
    },
    /// One comes, which may do anything; or one is changed or goes.
    Trigger {
        table: Name,
        comes: bool,
    },
    CreateType {
        name: Name,
    },
    DropType {
        name: Name,
        if_present: bool,
    },
    AddEnumValue {
        name: Name,
        value: String,
        if_absent: bool,
    },
    RenameType {
        name: Name,
        to: String,
    },
    RenameEnumValue {
        name: Name,
        value: String,
        to: String,
    },
    CreateSchema {
        name: String,
        if_absent: bool,
    },
    /// Made or replaced; what it does is not read.
    CreateFunction {
        schema: Option<String>,
        name: String,
    },
    /// A trigger calls it.
    CallsFunction {
        name: String,
    },
    OwnerTo {
        role: String,
    },
    DropFunction {
        name: String,
        if_present: bool,
    },
    CreateExtension {
        name: String,
        if_absent: bool,
    },
    /// Cannot run inside a transaction: `VACUUM`, `REINDEX CONCURRENTLY`, `CREATE DATABASE` …
    OutsideOnly {
        what: &'static str,
        table: Option<Name>,
        lock: Option<Mode>,
        rewrites: bool,
    },
    /// Rewrites a table or rebuilds its indexes: `CLUSTER`, `REINDEX`, `REFRESH MATERIALIZED VIEW`.
    Rebuild {
        what: &'static str,
        relation: Name,
        lock: Mode,
    },
    /// A query; what its functions do is theirs, and `changes` when one of its parts writes.
    Query {
        functions: Vec<String>,
        changes: bool,
        tables: Vec<Name>,
    },
    /// Changes nothing that is evaluated here, and fails when what it names is not there: a comment, a grant.
    Mentions(Mentioned),
    /// A change that may be refused for a reason that is not asked.
    LeftOpen {
        what: String,
    },
    /// Changes nothing that is evaluated here and names nothing.
    Harmless {
        what: &'static str,
    },
    /// Read, but what it does is not evaluated.
    NotEvaluated {
        what: String,
    },
}

/// What a statement names and must find.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mentioned {
    pub what: &'static str,
    pub relations: Vec<Name>,
    pub columns: Vec<(Name, String)>,
    pub schemas: Vec<String>,
    pub roles: Vec<String>,
    /// What of it is not looked for.
    pub not_followed: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelationKind {
    Table,
    View,
    MaterializedView,
    Sequence,
}

impl RelationKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::MaterializedView => "materialised view",
            Self::Sequence => "sequence",
        }
    }
}

/// The lock modes of a table, from the weakest that matters to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

impl Mode {
    /// The server's own name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RowExclusive => "RowExclusiveLock",
            Self::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            Self::Share => "ShareLock",
            Self::ShareRowExclusive => "ShareRowExclusiveLock",
            Self::Exclusive => "ExclusiveLock",
            Self::AccessExclusive => "AccessExclusiveLock",
        }
    }

    /// Whether ordinary writers wait for it.
    pub(crate) fn stops_writers(self) -> bool {
        self >= Self::Share
    }

    /// Who is waiting for it, in words.
    pub(crate) fn who_waits(self) -> &'static str {
        match self {
            Self::AccessExclusive => "nobody reads or writes it meanwhile",
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => "writers wait, readers go on",
            Self::RowExclusive | Self::ShareUpdateExclusive => "readers and writers go on",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a clause of its own in the statement")]
pub(crate) struct NewTable {
    pub name: Name,
    pub if_absent: bool,
    pub temporary: bool,
    pub columns: Vec<NewColumn>,
    pub constraints: Vec<NewConstraint>,
    /// `CREATE TABLE … AS`: its rows come from a query.
    pub filled: bool,
    /// Columns that are not written down here: `LIKE`, `INHERITS`, `PARTITION OF`.
    pub columns_from_elsewhere: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewColumn {
    pub name: String,
    /// As written; `serial` and its kin have become what they stand for.
    pub type_name: String,
    pub not_null: bool,
    pub default: Option<Formula>,
    /// Numbered by the server: `serial`, `GENERATED … AS IDENTITY`.
    pub numbered: bool,
    /// Computed by the server and stored.
    pub generated: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewConstraint {
    pub name: Option<String>,
    pub not_valid: bool,
    pub rule: Rule,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    Check(Formula),
    Unique {
        columns: Vec<String>,
        nulls_equal: bool,
    },
    PrimaryKey {
        columns: Vec<String>,
    },
    ForeignKey {
        columns: Vec<String>,
        references: Name,
        referred: Vec<String>,
        full: bool,
        /// Changing or deleting what it refers to changes rows.
        acts: bool,
    },
    /// `UNIQUE USING INDEX` and its kin: the index does the work.
    UsingIndex {
        index: String,
    },
    Exclusion,
}

#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a clause of its own in the statement")]
pub(crate) struct NewIndex {
    pub name: Option<Name>,
    pub table: Name,
    pub unique: bool,
    pub concurrently: bool,
    pub if_absent: bool,
    pub nulls_equal: bool,
    /// In lower case: `btree`, `gin` …
    pub method: String,
    pub parts: Vec<Formula>,
    pub predicate: Option<Formula>,
}

/// An `UPDATE`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub table: Name,
    pub alias: Option<String>,
    pub sets: Vec<(String, Formula)>,
    /// What stands after `FROM`, one by one, as written.
    pub from: Vec<String>,
    pub from_tables: Vec<Name>,
    pub condition: Option<Formula>,
    /// A form whose outcome cannot be distinguished from its parts: a tuple assigned at once.
    pub opaque: bool,
}

/// An expression, and what it rests on.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Formula {
    pub text: String,
    /// Names that may be columns, without their table.
    pub columns: Vec<String>,
    /// Tables of its subqueries.
    pub tables: Vec<Name>,
    /// Functions it calls, in lower case and without their schema.
    pub functions: Vec<String>,
    /// It is one column and nothing else.
    pub bare: Option<String>,
    /// What of it may fill a server's memory, so that it is not tried.
    pub heavy: Option<String>,
    /// How many times as long as what it is given its value may become.
    pub growth: usize,
}

impl Formula {
    pub(crate) fn has_subquery(&self) -> bool {
        !self.tables.is_empty()
    }
}
