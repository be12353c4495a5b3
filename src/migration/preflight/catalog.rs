//! What the database holds at the moment of asking, as far as a migration may run into it.
//!
//! Each part is read by one query that takes no lock on any table, so that it is answered while somebody holds one:
//! the queries of [`PARTS`] read `pg_class` and its like and leave out the functions that open a table.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The parts of a catalog: a name, and the query that gives it as one JSON text.
pub(crate) const PARTS: [(&str, &str); 9] = [
    ("server", include_str!("catalog/server.sql")),
    ("relations", include_str!("catalog/relations.sql")),
    ("columns", include_str!("catalog/columns.sql")),
    ("constraints", include_str!("catalog/constraints.sql")),
    ("indexes", include_str!("catalog/indexes.sql")),
    ("objects", include_str!("catalog/objects.sql")),
    ("rights", include_str!("catalog/rights.sql")),
    ("views", include_str!("catalog/views.sql")),
    ("moment", include_str!("catalog/moment.sql")),
];

/// A snapshot of the database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalog {
    pub server: Server,
    pub relations: Vec<Relation>,
    pub types: BTreeSet<(String, String)>,
    pub schemas: BTreeSet<String>,
    pub extensions: BTreeSet<String>,
    pub available_extensions: BTreeSet<String>,
    /// Functions that may give something else for every row.
    pub volatile_functions: BTreeSet<String>,
    /// Pairs of types that the server turns into each other without being reported how, on assignment.
    pub casts: BTreeSet<(String, String)>,
    /// Functions that are not the server's own, and those of them that may look at tables.
    pub own_functions: BTreeSet<String>,
    pub looking_functions: BTreeSet<String>,
    /// Every role, and those that the one that asks may act as.
    pub roles: BTreeSet<String>,
    pub own_roles: BTreeSet<String>,
    /// Values of enums: schema, type, value.
    pub enum_labels: BTreeSet<(String, String, String)>,
    /// Functions, types and sequences that something other than a column rests on: `function`, `type`, `sequence`, and the name.
    pub used: BTreeSet<(String, String)>,
    pub rights: Rights,
    pub views: Vec<ViewUse>,
    pub moment: super::moment::Moment,
}

/// What the role that asks may not do.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Rights {
    /// Schemas it may make nothing in.
    pub closed_schemas: BTreeSet<String>,
    /// It may make no schema.
    pub refuses_schemas: bool,
    /// Extensions that only a superuser makes, which it is not.
    pub guarded_extensions: BTreeSet<String>,
    /// Types that no column of it may have.
    pub guarded_types: BTreeSet<String>,
    /// Types and functions that belong to others.
    pub foreign_types: BTreeSet<String>,
    pub foreign_functions: BTreeSet<String>,
    /// Functions that it may not call in any form.
    pub closed_functions: BTreeSet<String>,
    /// Settings that only a superuser changes, which it is not.
    pub guarded_settings: BTreeSet<String>,
    /// Schema, table, and the right it lacks there.
    pub lacking: BTreeSet<(String, String, String)>,
    /// Names of types and functions of which some are its own and some are not.
    #[serde(default)]
    pub mixed: BTreeSet<String>,
    /// Why the migrator may connect as another role than the one that asks; found beside the catalog.
    #[serde(skip)]
    pub other_role: Option<String>,
}

/// The server and the session's settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Server {
    /// `150018` for 15.18.
    pub version: u32,
    pub version_text: String,
    pub database: String,
    /// The role that asks.
    pub role: String,
    pub block_size: i64,
    pub in_recovery: bool,
    /// Schemas that unqualified names are looked up in, in their order.
    pub search_path: Vec<String>,
    /// Milliseconds; 0 is no limit. Of the database and its roles, not of the session that asks.
    pub lock_timeout: i64,
    pub time_zone: String,
    pub read_only: bool,
    /// Whether the role sees what other sessions do.
    pub sees_others: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Relation {
    pub schema: String,
    pub name: String,
    /// `r` table, `p` partitioned, `v` view, `m` materialised view, `i` index, `I` partitioned index, `S` sequence,
    /// `f` foreign table.
    pub kind: String,
    /// The server's own estimate; -1 when it has none.
    pub rows: f64,
    /// Table, indexes and long values together, by the server's last look.
    pub bytes: i64,
    /// It has triggers or rules.
    pub triggers: bool,
    /// What its triggers or rules run may change other tables.
    pub reaches: bool,
    /// Its partitions and what it is one of; the same for tables that inherit.
    pub kin: Vec<(String, String)>,
    /// Who owns it, when the role that asks may not act as that one.
    pub foreign_owner: Option<String>,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    /// Of an index: its table's name in the same schema.
    pub index: Option<Index>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Column {
    pub name: String,
    pub type_name: String,
    pub not_null: bool,
    pub has_default: bool,
    pub generated: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Constraint {
    pub name: String,
    /// `c` check, `f` foreign key, `p` primary key, `u` unique, `x` exclusion.
    pub kind: String,
    pub columns: Vec<String>,
    pub validated: bool,
    pub references_schema: Option<String>,
    pub references: Option<String>,
    pub referred: Vec<String>,
    /// A foreign key that changes rows when what they refer to is changed or deleted.
    #[serde(default)]
    pub acts: bool,
    /// A column that a validated check says is never NULL.
    pub says_not_null: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of pg_index")]
pub(crate) struct Index {
    pub table: String,
    /// Its columns in their order; an expression has no name here.
    pub columns: Vec<Option<String>>,
    pub unique: bool,
    pub primary: bool,
    pub valid: bool,
    pub partial: bool,
    pub method: String,
}

/// A view that rests on a column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct ViewUse {
    pub view: String,
    pub schema: String,
    pub table: String,
    pub column: Option<String>,
}

impl Catalog {
    /// Puts a catalog together from the JSON of its parts, by name.
    ///
    /// # Errors
    /// Naming the part that does not read.
    pub(crate) fn from_parts(parts: &BTreeMap<&str, String>) -> Result<Self, PartError> {
        let relations: Vec<RelationRow> = part(parts, "relations")?;
        let columns: Vec<Owned<Column>> = part(parts, "columns")?;
        let constraints: Vec<Owned<Constraint>> = part(parts, "constraints")?;
        let indexes: Vec<Owned<Index>> = part(parts, "indexes")?;
        let objects: Objects = part(parts, "objects")?;
        let mut by_oid = BTreeMap::new();
        for row in relations {
            let RelationRow { oid, schema, name, kind, rows, bytes, triggers, reaches, kin, foreign_owner } = row;
            let relation = Relation {
                schema,
                name,
                kind,
                rows,
                bytes,
                triggers,
                reaches,
                kin,
                foreign_owner,
                ..Relation::default()
            };
            by_oid.insert(oid, relation);
        }
        for column in columns {
            if let Some(relation) = by_oid.get_mut(&column.oid) {
                relation.columns.push(column.rest);
            }
        }
        for constraint in constraints {
            if let Some(relation) = by_oid.get_mut(&constraint.oid) {
                relation.constraints.push(constraint.rest);
            }
        }
        for index in indexes {
            if let Some(relation) = by_oid.get_mut(&index.oid) {
                relation.index = Some(index.rest);
            }
        }
        Ok(Self {
            server: part(parts, "server")?,
            relations: by_oid.into_values().collect(),
            types: objects.types.into_iter().collect(),
            schemas: objects.schemas.into_iter().collect(),
            extensions: objects.extensions.into_iter().collect(),
            available_extensions: objects.available_extensions.into_iter().collect(),
            casts: objects.casts.into_iter().collect(),
            volatile_functions: objects.volatile_functions.into_iter().collect(),
            own_functions: objects.own_functions.into_iter().collect(),
            looking_functions: objects.looking_functions.into_iter().collect(),
            roles: objects.roles.into_iter().collect(),
            own_roles: objects.own_roles.into_iter().collect(),
            enum_labels: objects.enum_labels.into_iter().collect(),
            used: objects.used.into_iter().collect(),
            rights: part(parts, "rights")?,
            views: part(parts, "views")?,
            moment: part(parts, "moment")?,
        })
    }

    /// A relation by its full name.
    pub(crate) fn relation(&self, schema: &str, name: &str) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.schema == schema && relation.name == name)
    }
}

#[derive(Deserialize)]
struct RelationRow {
    oid: i64,
    schema: String,
    name: String,
    kind: String,
    rows: f64,
    bytes: i64,
    triggers: bool,
    reaches: bool,
    kin: Vec<(String, String)>,
    foreign_owner: Option<String>,
}

/// A row that belongs to a relation.
#[derive(Deserialize)]
struct Owned<T> {
    oid: i64,
    #[serde(flatten)]
    rest: T,
}

#[derive(Deserialize)]
struct Objects {
    types: Vec<(String, String)>,
    schemas: Vec<String>,
    extensions: Vec<String>,
    available_extensions: Vec<String>,
    casts: Vec<(String, String)>,
    volatile_functions: Vec<String>,
    own_functions: Vec<String>,
    looking_functions: Vec<String>,
    roles: Vec<String>,
    own_roles: Vec<String>,
    enum_labels: Vec<(String, String, String)>,
    used: Vec<(String, String)>,
}

/// Why a catalog cannot be put together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartError {
    #[error("the catalog's part `{0}` was not read")]
    Absent(&'static str),
    #[error("the catalog's part `{part}` does not read: {why}")]
    Unreadable { part: &'static str, why: serde_json::Error },
}

fn part<T: serde::de::DeserializeOwned>(parts: &BTreeMap<&str, String>, part: &'static str) -> Result<T, PartError> {
    let text = parts.get(part).ok_or(PartError::Absent(part))?;
    serde_json::from_str(text).map_err(|why| PartError::Unreadable { part, why })
}
