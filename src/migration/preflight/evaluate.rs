//! Holding the statements of a chain against the catalog, one after the other.
//!
//! What the catalog alone can tell becomes a finding at once; what rests on rows becomes a question; what takes time
//! under a lock becomes a piece of work, whose length is reported when the sizes and the server's speed are known.

mod asking;
mod beyond;
mod columns;
mod constraints;
mod foreign_keys;
mod indexes;
mod loss;
mod names;
mod relations;
mod rights;
mod rows;
#[cfg(test)]
mod tests;
mod unheld;

use super::act::{Act, Mode, RelationKind};
use super::catalog::Catalog;
use super::finding::{Finding, Severity};
use super::name::Name;
use super::question::Question;
use super::statement::{Reading, Statement, is_bookkeeping};
use super::world::{Key, World};
use asking::unsafe_function;
use std::collections::{BTreeMap, BTreeSet};

/// What came of reading a chain against a catalog.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evaluation {
    pub findings: Vec<Finding>,
    pub questions: Vec<Question>,
    pub works: Vec<Work>,
    /// Tables of the database that the chain touches.
    pub tables: BTreeSet<Key>,
}

/// A lock that a statement takes on a table that is there now, and what it does under it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Work {
    pub statement: usize,
    pub table: Key,
    pub mode: Mode,
    pub kind: WorkKind,
    /// What is done, for people: `builds index idx_lots`.
    pub words: String,
    pub safer: Option<String>,
    /// The indexes of the table when its turn comes.
    pub indexes: Indexes,
}

/// How many indexes a table has: those that sort, and those that take values apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Indexes {
    pub sorted: usize,
    pub inverted: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkKind {
    /// The catalog only.
    Instant,
    /// Every row is looked at.
    Scan,
    /// Every row is looked up in another table.
    Lookup,
    /// Every row is written anew, with its indexes.
    Rewrite,
    BuildIndex {
        parts: usize,
        gin: bool,
    },
    /// Rows are changed one by one.
    Change,
}

/// Evaluates a chain. Pure: the same statements and catalog give the same evaluation.
pub(crate) fn evaluate(statements: &[Statement], catalog: &Catalog) -> Evaluation {
    let mut evaluate = Evaluate {
        statements,
        at: 0,
        world: World::new(catalog),
        out: Evaluation::default(),
        lock_timeout: catalog.server.lock_timeout > 0,
        unlimited: false,
        new_enum_values: BTreeMap::new(),
        local_path: None,
        known_owners: BTreeSet::new(),
        other_rights: catalog.rights.other_role.clone(),
    };
    for (at, statement) in statements.iter().enumerate() {
        evaluate.at = at;
        evaluate.statement(statement);
    }
    evaluate.finish();
    evaluate.out
}

struct Evaluate<'a> {
    statements: &'a [Statement],
    at: usize,
    world: World<'a>,
    out: Evaluation,
    lock_timeout: bool,
    /// Some lock that others wait for is asked for without a limit.
    unlimited: bool,
    /// Values added to enums, with the transaction they were added in.
    new_enum_values: BTreeMap<String, Option<usize>>,
    /// Where names were looked up before `SET LOCAL`, and the transaction that it ends with.
    local_path: Option<(Option<usize>, Vec<String>)>,
    /// Tables of which it was said that they belong to somebody else.
    known_owners: BTreeSet<Key>,
    /// Why the statement in hand may run with other rights than those that were read.
    other_rights: Option<String>,
}

impl Evaluate<'_> {
    fn statement(&mut self, statement: &Statement) {
        if is_bookkeeping(&statement.text) {
            return;
        }
        self.end_local_path(statement.transaction);
        match &statement.reading {
            Reading::Unread(why) => {
                self.world.blur(&statement.text, statement.line);
                let mut finding =
                    self.finding(Severity::Inconclusive, None, format!("this statement was not understood: {why}"));
                finding.safer = Some("read it yourself; what it does is not evaluated".to_owned());
                self.out.findings.push(finding);
            }
            Reading::Missing(what) => {
                let revision = statement.revision.as_deref().unwrap_or("a revision");
                self.world.unknown.get_or_insert_with(|| format!("revision {revision} could not be read"));
                self.out.findings.push(Finding {
                    revision: statement.revision.clone(),
                    safer: Some(
                        "keep schema and data apart and write the data step as SQL, or try the revision on a scratch copy"
                            .to_owned(),
                    ),
                    ..Finding::new(Severity::Inconclusive, what.clone())
                });
            }
            Reading::Refused(what) => {
                let revision = statement.revision.as_deref().unwrap_or("a revision");
                self.world.unknown.get_or_insert_with(|| format!("revision {revision} could not be read"));
                let refused = Finding::new(Severity::WillFail, what.clone());
                self.out.findings.push(Finding { revision: statement.revision.clone(), ..refused });
            }
            Reading::Read(acts) => {
                self.used_enum_values(&statement.text);
                for act in acts {
                    self.act(act);
                }
            }
        }
        self.follow_rights(statement);
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Begin | Act::Commit | Act::Rollback | Act::Harmless { .. } => {}
            Act::Set { name, value, local } => self.set(name, value, *local),
            Act::CreateTable(table) => {
                if table.filled {
                    self.filled_unheld();
                }
                self.create_table(table);
            }
            Act::CreateRelation { name, kind, if_absent, replace } => {
                if *kind == RelationKind::MaterializedView {
                    self.filled_unheld();
                }
                self.create_relation(name, *kind, *if_absent, *replace);
            }
            Act::DropRelation { name, kind, if_present, cascade } => {
                self.drop_relation(name, *kind, *if_present, *cascade);
            }
            Act::RenameTable { table, to } => self.rename_table(table, to),
            Act::AddColumn { table, column, if_absent } => self.add_column(table, column, *if_absent),
            Act::DropColumn { table, column, if_present, cascade } => {
                self.drop_column(table, column, *if_present, *cascade);
            }
            Act::RenameColumn { table, column, to } => self.rename_column(table, column, to),
            Act::AlterType { table, column, to, using } => self.alter_type(table, column, to, using.as_ref()),
            Act::SetNotNull { table, column } => self.set_not_null(table, column),
            Act::AlterColumn { table, column, what } => self.alter_column(table, column, what),
            Act::AddConstraint { table, constraint } => self.add_constraint(table, constraint),
            Act::ValidateConstraint { table, name } => self.validate_constraint(table, name),
            Act::DropConstraint { table, name, if_present } => self.drop_constraint(table, name, *if_present),
            Act::RenameConstraint { table, name, to } => self.rename_constraint(table, name, to),
            Act::CreateIndex(index) => self.create_index(index),
            Act::DropIndex { name, if_present, concurrently } => self.drop_index(name, *if_present, *concurrently),
            Act::RenameIndex { name, to } => self.rename_index(name, to),
            Act::AlterTable { table, what, lock, rewrites } => self.alter_table(table, what, *lock, *rewrites),
            Act::Insert { table, columns } => self.insert(table, columns),
            Act::Update(change) => self.update(change),
            Act::Delete { table, alias, using, condition } => {
                self.delete(table, alias.as_deref(), using.as_deref(), condition.as_ref());
            }
            Act::Truncate { tables, cascade } => self.truncate(tables, *cascade),
            Act::LockTable { tables, mode } => self.lock_tables(tables, *mode),
            Act::Trigger { table, comes } => self.trigger(table, *comes),
            Act::CreateType { name } => self.create_type(name),
            Act::DropType { name, if_present } => self.drop_type(name, *if_present),
            Act::AddEnumValue { name, value, if_absent } => self.add_enum_value(name, value, *if_absent),
            Act::RenameType { name, to } => self.rename_type(name, to),
            Act::RenameEnumValue { name, value, to } => self.rename_enum_value(name, value, to),
            Act::CreateSchema { name, if_absent } => self.create_schema(name, *if_absent),
            Act::CreateFunction { schema, name } => self.create_function(schema.as_deref(), name),
            Act::DropFunction { name, if_present } => self.drop_function(name, *if_present),
            Act::CreateExtension { name, if_absent } => self.create_extension(name, *if_absent),
            Act::OutsideOnly { what, table, lock, rewrites } => {
                self.outside_only(what, table.as_ref(), *lock, *rewrites);
            }
            Act::Rebuild { what, relation, lock } => self.rebuild(what, relation, *lock),
            Act::Query { functions, changes, tables } => {
                self.read_by_query(tables);
                self.needs_reading(tables, functions);
                self.query(functions, *changes);
            }
            Act::Mentions(mentioned) => self.mentions(mentioned),
            Act::LeftOpen { what } => self.left_open(what.clone()),
            Act::OwnerTo { role } => self.owner_becomes(role),
            Act::CallsFunction { name } => self.calls_function(name),
            Act::NotEvaluated { what } => self.not_evaluated(what),
        }
    }

    fn set(&mut self, name: &str, value: &str, local: bool) {
        self.needs_setting(name);
        if name == "lock_timeout" {
            self.lock_timeout = !["0", "'0'", "default", "'0s'", "'0ms'"].contains(&value);
        } else if name == "search_path" {
            self.look_up_in(value, local);
        }
    }

    fn finish(&mut self) {
        if self.unlimited {
            let mut finding = Finding::new(
                Severity::WillLock,
                "no lock_timeout is set: a lock that has to wait makes everybody who comes later wait behind it, for as \
                 long as it takes",
            );
            finding.safer =
                Some("PGOPTIONS='-c lock_timeout=3s' for the migrator, and run it again when it gives up".to_owned());
            finding.basis = Some("neither the chain nor the database's or role's settings set one".to_owned());
            self.out.findings.push(finding);
        }
    }

    // What all evaluations use.

    fn line(&self) -> usize {
        self.statements[self.at].line
    }

    fn in_transaction(&self) -> bool {
        self.statements[self.at].transaction.is_some()
    }

    /// A finding at the statement in hand.
    fn finding(&self, severity: Severity, table: Option<&str>, what: String) -> Finding {
        at_statement(&self.statements[self.at], severity, table, what)
    }

    /// Says that the statement fails because of how the schema stands; `rests` is the line of the statement of the
    /// chain that the schema's state rests on.
    fn fails(&mut self, table: Option<&str>, rests: Option<usize>, what: String, safer: &str) {
        let (severity, because) = self.certainty(rests);
        let what = match because {
            Some(because) => format!("{what}; not certain: {because}"),
            None => what,
        };
        let mut finding = self.finding(severity, table, what);
        finding.safer = (!safer.is_empty()).then(|| safer.to_owned());
        finding.basis = Some("read from the database's catalog".to_owned());
        self.out.findings.push(finding);
    }

    /// How certain a claim is that rests on what the statement of this line left.
    fn certainty(&self, rests: Option<usize>) -> (Severity, Option<String>) {
        match (&self.world.unknown, rests) {
            (Some(why), _) => (Severity::MayFail, Some(why.clone())),
            (None, Some(line)) if line == self.line() => {
                (Severity::MayFail, Some("the same statement changes it too".to_owned()))
            }
            (None, Some(line)) => (Severity::MayFail, Some(format!("line {line} changes it before"))),
            (None, None) => (Severity::WillFail, None),
        }
    }

    /// The table that a statement works on. Says so when there is none.
    fn table(&mut self, name: &Name) -> Option<Key> {
        let key = self.world.key(name);
        match self.world.get(&key) {
            Some(relation) if relation.is_table() || matches!(relation.kind.as_str(), "v" | "m") => Some(key),
            Some(_) => {
                self.fails(Some(&key.1), self.world.named(&key), format!("{name} is no table"), "");
                None
            }
            None => {
                let text = format!("there is no table {name}");
                self.fails(Some(&key.1), self.world.named(&key), text, "");
                None
            }
        }
    }

    /// Whether a table has a column. Says so when it has not.
    fn has_column(&mut self, key: &Key, column: &str) -> bool {
        let Some(relation) = self.world.get(key) else { return false };
        if relation.column(column).is_some() || SYSTEM_COLUMNS.contains(&column) {
            return true;
        }
        // Columns that come from elsewhere are not known here.
        if relation.columns.is_empty() && relation.rows_touched.is_some() {
            return true;
        }
        let rests = self.world.named(key).or_else(|| self.world.gone(key, column));
        self.fails(Some(&key.1), rests, format!("{} has no column {column}", key.1), "");
        false
    }

    /// Records the lock and the work of the statement in hand, when the table is there now.
    fn work(&mut self, key: &Key, mode: Mode, kind: WorkKind, words: String, safer: Option<&str>) {
        let Some(origin) = self.world.get(key).and_then(|relation| relation.origin.clone()) else { return };
        self.out.tables.insert(origin.clone());
        let by_owner = matches!(mode, Mode::AccessExclusive | Mode::Share | Mode::ShareUpdateExclusive)
            && !["empties ", "locks ", "takes a foreign key"].iter().any(|words_of| words.starts_with(words_of));
        if by_owner {
            self.needs_owner(key);
        }
        if mode == Mode::AccessExclusive {
            self.kin_change(key);
        }
        self.unlimited |= mode.stops_writers() && !self.lock_timeout;
        let safer = safer.map(ToOwned::to_owned);
        let all = self.world.indexes_of(key).count();
        let inverted = self.world.indexes_of(key).filter(|(_, index)| is_inverted(&index.method)).count();
        let indexes = Indexes { sorted: all - inverted, inverted };
        self.out.works.push(Work { statement: self.at, table: origin, mode, kind, words, safer, indexes });
    }

    /// One that no transaction may hold.
    fn refuse_inside(&mut self, what: &str, table: Option<&str>) {
        if self.in_transaction() {
            let mut finding = self.finding(
                Severity::WillFail,
                table,
                format!("{what} cannot run inside a transaction, and this one is inside"),
            );
            finding.safer = Some("with op.get_context().autocommit_block(): … (sqlx: `-- no-transaction`)".to_owned());
            finding.basis = Some("the transactions of the chain as printed".to_owned());
            self.out.findings.push(finding);
        }
    }
}

/// Whether an index of this kind takes values apart rather than sorting them.
fn is_inverted(method: &str) -> bool {
    matches!(method, "gin" | "gist" | "spgist")
}

/// Columns that every table has.
const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"];

/// A finding that points at a statement.
pub(super) fn at_statement(statement: &Statement, severity: Severity, table: Option<&str>, what: String) -> Finding {
    Finding {
        revision: statement.revision.clone(),
        line: Some(statement.line),
        statement: Some(statement.short()),
        table: table.map(ToOwned::to_owned),
        ..Finding::new(severity, what)
    }
}
