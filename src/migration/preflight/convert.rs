//! From the parser's tree to what a statement does.

use super::act::{Act, Mode, NewTable, RelationKind};
use super::alter;
use super::constraint::{column, index, table_constraint};
use super::formula::{formula, query_functions, tables_in};
use super::mentions;
use super::name::{Name, folded};
use sqlparser::ast::{self, ObjectName, ObjectType, Statement};

type Converted<T> = Result<T, String>;

/// What a statement does.
///
/// # Errors
/// Why it cannot be reported.
pub(super) fn acts(statement: &Statement) -> Converted<Vec<Act>> {
    Ok(match statement {
        Statement::StartTransaction { .. } => vec![Act::Begin],
        Statement::Commit { .. } => vec![Act::Commit],
        Statement::Rollback { savepoint: None, .. } => vec![Act::Rollback],
        Statement::Rollback { .. } | Statement::Savepoint { .. } | Statement::ReleaseSavepoint { .. } => {
            vec![Act::Harmless { what: "SAVEPOINT" }]
        }
        Statement::Set(set) => vec![setting(set)],
        Statement::CreateTable(table) => create_table(table)?,
        Statement::CreateView(view) => {
            let kind = if view.materialized { RelationKind::MaterializedView } else { RelationKind::View };
            let name = name(&view.name)?;
            let reads = Act::Query { functions: Vec::new(), changes: false, tables: tables_in(&view.query) };
            vec![reads, Act::CreateRelation { name, kind, if_absent: view.if_not_exists, replace: view.or_replace }]
        }
        Statement::CreateSequence { name: sequence, if_not_exists, .. } => vec![Act::CreateRelation {
            name: name(sequence)?,
            kind: RelationKind::Sequence,
            if_absent: *if_not_exists,
            replace: false,
        }],
        Statement::AlterTable(alter) => {
            let table = name(&alter.name)?;
            let mut acts = Vec::new();
            for operation in &alter.operations {
                acts.extend(alter::acts(&table, operation)?);
            }
            acts
        }
        Statement::AlterIndex { name: index, operation: ast::AlterIndexOperation::RenameIndex { index_name } } => {
            vec![Act::RenameIndex { name: name(index)?, to: name(index_name)?.name }]
        }
        Statement::CreateIndex(create) => vec![Act::CreateIndex(index(create)?)],
        Statement::Drop { object_type, if_exists, names, cascade, .. } => {
            drops(*object_type, *if_exists, names, *cascade)?
        }
        Statement::Insert(insert) => match &insert.table {
            ast::TableObject::TableName(table) => {
                let columns: Vec<String> =
                    insert.columns.iter().map(|column| Ok(name(column)?.name)).collect::<Converted<_>>()?;
                let mut acts = vec![Act::Insert { table: name(table)?, columns }];
                if let Some(source) = &insert.source {
                    let tables = tables_in(source.as_ref());
                    acts.insert(0, Act::Query { functions: Vec::new(), changes: false, tables });
                }
                acts
            }
            other => return Err(format!("INSERT into {other} is not understood")),
        },
        Statement::Update(update) => vec![alter::update(update)?],
        Statement::Delete(delete) => alter::delete(delete)?,
        Statement::Truncate(truncate) => {
            let tables = truncate.table_names.iter().map(|target| name(&target.name)).collect::<Converted<_>>()?;
            let cascade = matches!(truncate.cascade, Some(ast::CascadeOption::Cascade));
            vec![Act::Truncate { tables, cascade }]
        }
        Statement::Copy { source: ast::CopySource::Table { table_name, columns }, to: false, .. } => {
            vec![Act::Insert { table: name(table_name)?, columns: columns.iter().map(folded).collect() }]
        }
        Statement::Copy { .. } => vec![Act::Harmless { what: "COPY TO" }],
        Statement::Lock(lock) => {
            let tables = lock.tables.iter().map(|target| name(&target.name)).collect::<Converted<_>>()?;
            vec![Act::LockTable { tables, mode: lock.lock_mode.as_ref().map_or(Mode::AccessExclusive, mode) }]
        }
        Statement::CreateTrigger(trigger) => {
            let called = trigger.exec_body.as_ref().map(|body| name(&body.func_desc.name)).transpose()?;
            let mut acts = vec![Act::Trigger { table: name(&trigger.table_name)?, comes: true }];
            acts.extend(called.map(|called| Act::CallsFunction { name: called.name }));
            acts
        }
        Statement::DropTrigger(trigger) => match &trigger.table_name {
            Some(table) => vec![Act::Trigger { table: name(table)?, comes: false }],
            None => return Err("DROP TRIGGER names no table".to_owned()),
        },
        Statement::CreateType { name: made, .. } => vec![Act::CreateType { name: name(made)? }],
        Statement::CreateDomain(domain) => vec![Act::CreateType { name: name(&domain.name)? }],
        Statement::DropDomain(domain) => {
            vec![Act::DropType { name: name(&domain.name)?, if_present: domain.if_exists }]
        }
        Statement::AlterType(alter) => {
            let name = name(&alter.name)?;
            vec![match &alter.operation {
                ast::AlterTypeOperation::AddValue(add) => {
                    Act::AddEnumValue { name, value: add.value.value.clone(), if_absent: add.if_not_exists }
                }
                ast::AlterTypeOperation::Rename(to) => Act::RenameType { name, to: folded(&to.new_name) },
                ast::AlterTypeOperation::RenameValue(rename) => {
                    Act::RenameEnumValue { name, value: rename.from.value.clone(), to: rename.to.value.clone() }
                }
            }]
        }
        Statement::CreateSchema { schema_name, if_not_exists, .. } => {
            let name = match schema_name {
                ast::SchemaName::Simple(schema) | ast::SchemaName::NamedAuthorization(schema, _) => name(schema)?.name,
                ast::SchemaName::UnnamedAuthorization(role) => folded(role),
            };
            vec![Act::CreateSchema { name, if_absent: *if_not_exists }]
        }
        Statement::CreateExtension(extension) => {
            vec![Act::CreateExtension { name: folded(&extension.name), if_absent: extension.if_not_exists }]
        }
        Statement::Query(query) => {
            let (functions, changes) = query_functions(query);
            let mut acts = vec![Act::Query { functions, changes, tables: tables_in(query.as_ref()) }];
            acts.extend(into(query)?.map(Act::CreateTable));
            acts
        }
        Statement::Comment { object_type, object_name, .. } => vec![mentions::comment(*object_type, object_name)?],
        Statement::Grant(grant) => vec![mentions::grant("GRANT", grant.objects.as_ref(), &grant.grantees)?],
        Statement::Revoke(revoke) => vec![mentions::grant("REVOKE", revoke.objects.as_ref(), &revoke.grantees)?],
        Statement::CreateFunction(function) => {
            let Name { schema, name } = name(&function.name)?;
            vec![Act::CreateFunction { schema, name }]
        }
        Statement::DropFunction(drop) if drop.drop_behavior != Some(ast::DropBehavior::Cascade) => {
            let one = |function: &ast::FunctionDesc| {
                Ok(Act::DropFunction { name: name(&function.name)?.name, if_present: drop.if_exists })
            };
            drop.func_desc.iter().map(one).collect::<Converted<_>>()?
        }
        Statement::Analyze(analyze) => {
            let relations = analyze.table_name.iter().map(name).collect::<Converted<_>>()?;
            vec![Act::Mentions(super::act::Mentioned { what: "ANALYZE", relations, ..Default::default() })]
        }
        Statement::Explain { analyze: false, .. } => vec![Act::Harmless { what: "EXPLAIN" }],
        Statement::ShowVariable { .. } => vec![Act::Harmless { what: "SHOW" }],
        other => vec![Act::NotEvaluated { what: first_words(&other.to_string()) }],
    })
}

fn create_table(table: &ast::CreateTable) -> Converted<Vec<Act>> {
    let made = name(&table.name)?;
    let (mut columns, mut constraints) = (Vec::new(), Vec::new());
    for definition in &table.columns {
        let (made, own) = column(definition)?;
        columns.push(made);
        constraints.extend(own);
    }
    for constraint in &table.constraints {
        constraints.extend(table_constraint(constraint, false)?);
    }
    Ok(vec![Act::CreateTable(NewTable {
        name: made,
        if_absent: table.if_not_exists,
        temporary: table.temporary,
        columns,
        constraints,
        filled: table.query.is_some(),
        columns_from_elsewhere: table.query.is_some()
            || table.like.is_some()
            || table.inherits.is_some()
            || table.partition_of.is_some(),
    })])
}

/// The table that `SELECT … INTO` makes.
fn into(query: &ast::Query) -> Converted<Option<NewTable>> {
    let ast::SetExpr::Select(select) = query.body.as_ref() else { return Ok(None) };
    let Some(into) = &select.into else { return Ok(None) };
    let target = into.targets.first().and_then(|target| match target {
        ast::Expr::Identifier(ident) => Some(Name::new(None, &folded(ident))),
        ast::Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [schema, table] => Some(Name::new(Some(&folded(schema)), &folded(table))),
            _ => None,
        },
        _ => None,
    });
    let name = target.ok_or_else(|| format!("{into} is no plain name"))?;
    Ok(Some(NewTable {
        name,
        if_absent: false,
        temporary: into.temporary,
        columns: Vec::new(),
        constraints: Vec::new(),
        filled: true,
        columns_from_elsewhere: true,
    }))
}

fn drops(kind: ObjectType, if_present: bool, names: &[ObjectName], cascade: bool) -> Converted<Vec<Act>> {
    let relation = |kind| {
        let one = |object| Ok(Act::DropRelation { name: name(object)?, kind, if_present, cascade });
        names.iter().map(one).collect::<Converted<Vec<_>>>()
    };
    match kind {
        ObjectType::Table => relation(RelationKind::Table),
        ObjectType::View => relation(RelationKind::View),
        ObjectType::MaterializedView => relation(RelationKind::MaterializedView),
        ObjectType::Sequence => relation(RelationKind::Sequence),
        ObjectType::Index => {
            let one = |object| Ok(Act::DropIndex { name: name(object)?, if_present, concurrently: false });
            names.iter().map(one).collect()
        }
        ObjectType::Type if cascade => Ok(vec![Act::NotEvaluated { what: "DROP TYPE … CASCADE".to_owned() }]),
        ObjectType::Type => names.iter().map(|object| Ok(Act::DropType { name: name(object)?, if_present })).collect(),
        other => Ok(vec![Act::NotEvaluated { what: format!("DROP {other}") }]),
    }
}

fn setting(set: &ast::Set) -> Act {
    match set {
        ast::Set::SingleAssignment { scope, variable, values, .. } => {
            let local = matches!(scope, Some(ast::ContextModifier::Local));
            let value = values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Act::Set { name: variable.to_string().to_lowercase(), value: value.to_lowercase(), local }
        }
        _ => Act::Harmless { what: "SET" },
    }
}

fn mode(mode: &ast::LockTableMode) -> Mode {
    match mode {
        ast::LockTableMode::AccessShare | ast::LockTableMode::RowShare | ast::LockTableMode::RowExclusive => {
            Mode::RowExclusive
        }
        ast::LockTableMode::ShareUpdateExclusive => Mode::ShareUpdateExclusive,
        ast::LockTableMode::Share => Mode::Share,
        ast::LockTableMode::ShareRowExclusive => Mode::ShareRowExclusive,
        ast::LockTableMode::Exclusive => Mode::Exclusive,
        ast::LockTableMode::AccessExclusive => Mode::AccessExclusive,
    }
}

/// A plain name.
///
/// # Errors
/// When it is computed or has too many parts.
pub(super) fn name(object: &ObjectName) -> Converted<Name> {
    Name::of(object).ok_or_else(|| format!("{object} is no plain name"))
}

fn first_words(text: &str) -> String {
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// The formula of an expression, for the siblings of this file.
pub(super) fn expression(expression: &ast::Expr) -> super::act::Formula {
    formula(expression)
}
