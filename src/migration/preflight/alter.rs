//! What `ALTER TABLE`, `UPDATE` and `DELETE` do.

use super::act::{Act, Change, Mode};
use super::constraint::{column, table_constraint};
use super::convert::{expression, name};
use super::formula::{joined_on, tables_in};
use super::mentions::refused_option;
use super::name::{Name, folded};
use sqlparser::ast::{self, AlterColumnOperation, AlterTableOperation, DropBehavior, TableFactor};

type Converted<T> = Result<T, String>;

/// What one operation of an `ALTER TABLE` does.
pub(super) fn acts(table: &Name, operation: &AlterTableOperation) -> Converted<Vec<Act>> {
    let table = table.clone();
    let cascades = |behavior: &Option<DropBehavior>| matches!(behavior, Some(DropBehavior::Cascade));
    Ok(vec![match operation {
        AlterTableOperation::AddColumn { if_not_exists, column_def, .. } => {
            let (column, rules) = column(column_def)?;
            let mut acts = vec![Act::AddColumn { table: table.clone(), column, if_absent: *if_not_exists }];
            acts.extend(rules.into_iter().map(|constraint| Act::AddConstraint { table: table.clone(), constraint }));
            return Ok(acts);
        }
        AlterTableOperation::AddConstraint { constraint, not_valid } => {
            let Some(constraint) = table_constraint(constraint, *not_valid)? else { return Ok(Vec::new()) };
            Act::AddConstraint { table, constraint }
        }
        AlterTableOperation::DropColumn { column_names, if_exists, drop_behavior, .. } => {
            let one = |column| Act::DropColumn {
                table: table.clone(),
                column: folded(column),
                if_present: *if_exists,
                cascade: cascades(drop_behavior),
            };
            return Ok(column_names.iter().map(one).collect());
        }
        AlterTableOperation::DropConstraint { if_exists, name, .. } => {
            Act::DropConstraint { table, name: folded(name), if_present: *if_exists }
        }
        AlterTableOperation::RenameColumn { old_column_name, new_column_name } => {
            Act::RenameColumn { table, column: folded(old_column_name), to: folded(new_column_name) }
        }
        AlterTableOperation::RenameTable {
            table_name: ast::RenameTableNameKind::To(to) | ast::RenameTableNameKind::As(to),
        } => Act::RenameTable { table, to: name(to)?.name },
        AlterTableOperation::RenameConstraint { old_name, new_name } => {
            Act::RenameConstraint { table, name: folded(old_name), to: folded(new_name) }
        }
        AlterTableOperation::ValidateConstraint { name } => Act::ValidateConstraint { table, name: folded(name) },
        AlterTableOperation::AlterColumn { column_name, op } => column_change(table, folded(column_name), op),
        AlterTableOperation::SetLogged | AlterTableOperation::SetUnlogged => {
            Act::AlterTable { table, what: operation.to_string(), lock: Mode::AccessExclusive, rewrites: true }
        }
        AlterTableOperation::SetOptionsParens { options } => {
            let what = operation.to_string();
            let act = Act::AlterTable { table, what, lock: Mode::ShareUpdateExclusive, rewrites: false };
            let open = refused_option(options).map(|option| Act::LeftOpen {
                what: format!("whether the server takes the option {option} is not asked"),
            });
            return Ok([Some(act), open].into_iter().flatten().collect());
        }
        AlterTableOperation::OwnerTo { new_owner } => {
            let act =
                Act::AlterTable { table, what: operation.to_string(), lock: Mode::AccessExclusive, rewrites: false };
            let owner = match new_owner {
                ast::Owner::Ident(role) => Some(Act::OwnerTo { role: folded(role) }),
                ast::Owner::CurrentRole | ast::Owner::CurrentUser | ast::Owner::SessionUser => None,
            };
            return Ok([Some(act), owner].into_iter().flatten().collect());
        }
        AlterTableOperation::DisableTrigger { .. }
        | AlterTableOperation::EnableTrigger { .. }
        | AlterTableOperation::EnableAlwaysTrigger { .. }
        | AlterTableOperation::EnableReplicaTrigger { .. } => Act::Trigger { table, comes: false },
        AlterTableOperation::ReplicaIdentity { .. } | AlterTableOperation::EnableRule { .. } => {
            let act =
                Act::AlterTable { table, what: operation.to_string(), lock: Mode::AccessExclusive, rewrites: false };
            let what = format!("whether what `{operation}` names is there is not asked");
            return Ok(vec![act, Act::LeftOpen { what }]);
        }
        AlterTableOperation::EnableRowLevelSecurity
        | AlterTableOperation::DisableRowLevelSecurity
        | AlterTableOperation::ForceRowLevelSecurity
        | AlterTableOperation::NoForceRowLevelSecurity
        | AlterTableOperation::DisableRule { .. } => {
            Act::AlterTable { table, what: operation.to_string(), lock: Mode::AccessExclusive, rewrites: false }
        }
        other => return Err(format!("ALTER TABLE … {other} is none of PostgreSQL's")),
    }])
}

fn column_change(table: Name, column: String, operation: &AlterColumnOperation) -> Act {
    match operation {
        AlterColumnOperation::SetNotNull => Act::SetNotNull { table, column },
        AlterColumnOperation::SetDataType { data_type, using, .. } => {
            Act::AlterType { table, column, to: data_type.to_string(), using: using.as_ref().map(expression) }
        }
        other => Act::AlterColumn { table, column, what: other.to_string() },
    }
}

pub(super) fn update(update: &ast::Update) -> Converted<Act> {
    let (table, alias) = target(&update.table)?;
    let (mut sets, mut opaque) = (Vec::new(), false);
    for assignment in &update.assignments {
        match &assignment.target {
            ast::AssignmentTarget::ColumnName(column) => {
                sets.push((name(column)?.name, expression(&assignment.value)));
            }
            ast::AssignmentTarget::Tuple(columns) => {
                opaque = true;
                for column in columns {
                    sets.push((name(column)?.name, expression(&assignment.value)));
                }
            }
        }
    }
    let from = update.from.as_ref().map(|from| match from {
        ast::UpdateTableFromKind::BeforeSet(tables) | ast::UpdateTableFromKind::AfterSet(tables) => tables,
    });
    let from_tables = from.map(tables_in).unwrap_or_default();
    let condition = update.selection.as_ref().map(expression);
    let condition = from.map_or(condition.clone(), |from| joined_on(condition, from));
    let from = from.into_iter().flatten().map(joined).collect();
    Ok(Act::Update(Change { table, alias, sets, from, from_tables, condition, opaque }))
}

pub(super) fn delete(delete: &ast::Delete) -> Converted<Vec<Act>> {
    let (ast::FromTable::WithFromKeyword(from) | ast::FromTable::WithoutKeyword(from)) = &delete.from;
    let [one] = from.as_slice() else { return Err("DELETE names more than one table".to_owned()) };
    let (table, alias) = target(one)?;
    let using = delete.using.as_ref().map(|tables| listed(tables));
    let mut condition = delete.selection.as_ref().map(expression);
    if let Some(using) = &delete.using {
        condition = joined_on(condition, using);
    }
    if let (Some(condition), Some(using)) = (&mut condition, &delete.using) {
        condition.tables.extend(tables_in(using));
    }
    Ok(vec![Act::Delete { table, alias, using, condition }])
}

fn target(table: &ast::TableWithJoins) -> Converted<(Name, Option<String>)> {
    match &table.relation {
        TableFactor::Table { name: table, alias, .. } => {
            Ok((name(table)?, alias.as_ref().map(|alias| folded(&alias.name))))
        }
        other => Err(format!("{other} is no table")),
    }
}

/// One entry of a `FROM`; several tables joined stand in parentheses, so that they can be joined on.
fn joined(table: &ast::TableWithJoins) -> String {
    if table.joins.is_empty() { table.to_string() } else { format!("({table})") }
}

fn listed(tables: &[ast::TableWithJoins]) -> String {
    tables.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
