//! Columns, constraints and indexes as statements define them.

use super::act::{Formula, NewColumn, NewConstraint, NewIndex, Rule};
use super::convert::{expression, name};
use super::name::{Name, folded};
use sqlparser::ast::{self, ColumnOption, Ident, TableConstraint};

type Converted<T> = Result<T, String>;

/// A column, and the constraints written beside it.
pub(super) fn column(definition: &ast::ColumnDef) -> Converted<(NewColumn, Vec<NewConstraint>)> {
    let own = folded(&definition.name);
    let written = definition.data_type.to_string();
    let (type_name, serial) = match written.to_lowercase().as_str() {
        "serial" | "serial4" => ("integer".to_owned(), true),
        "bigserial" | "serial8" => ("bigint".to_owned(), true),
        "smallserial" | "serial2" => ("smallint".to_owned(), true),
        _ => (written, false),
    };
    let mut made =
        NewColumn { name: own.clone(), type_name, not_null: serial, default: None, numbered: serial, generated: false };
    let mut rules = Vec::new();
    for option in &definition.options {
        let named = option.name.as_ref().map(folded);
        let mut rule = |rule, inner: Option<&Ident>| {
            rules.push(NewConstraint { name: inner.map(folded).or_else(|| named.clone()), not_valid: false, rule });
        };
        match &option.option {
            ColumnOption::NotNull => made.not_null = true,
            ColumnOption::Default(value) => made.default = Some(expression(value)),
            ColumnOption::Generated { generation_expr: Some(value), .. } => {
                made.generated = true;
                made.default = Some(expression(value));
            }
            ColumnOption::Identity(_) | ColumnOption::Generated { .. } => {
                (made.numbered, made.not_null) = (true, true);
            }
            ColumnOption::PrimaryKey(key) => {
                made.not_null = true;
                rule(Rule::PrimaryKey { columns: vec![own.clone()] }, key.name.as_ref());
            }
            ColumnOption::Unique(unique) => rule(
                Rule::Unique { columns: vec![own.clone()], nulls_equal: nulls_equal(unique.nulls_distinct) },
                unique.name.as_ref(),
            ),
            ColumnOption::Check(check) => rule(Rule::Check(expression(&check.expr)), check.name.as_ref()),
            ColumnOption::ForeignKey(key) => {
                rule(foreign_key(key, std::slice::from_ref(&definition.name))?, key.name.as_ref());
            }
            _ => {}
        }
    }
    Ok((made, rules))
}

/// A constraint as a table has it.
pub(super) fn table_constraint(constraint: &TableConstraint, not_valid: bool) -> Converted<Option<NewConstraint>> {
    let (name, rule) = match constraint {
        TableConstraint::Unique(unique) => {
            let columns = columns(&unique.columns)?;
            let nulls_equal = nulls_equal(unique.nulls_distinct);
            (&unique.name, Rule::Unique { columns, nulls_equal })
        }
        TableConstraint::PrimaryKey(key) => (&key.name, Rule::PrimaryKey { columns: columns(&key.columns)? }),
        TableConstraint::ForeignKey(key) => (&key.name, foreign_key(key, &key.columns)?),
        TableConstraint::Check(check) => (&check.name, Rule::Check(expression(&check.expr))),
        TableConstraint::PrimaryKeyUsingIndex(using) | TableConstraint::UniqueUsingIndex(using) => {
            (&using.name, Rule::UsingIndex { index: folded(&using.index_name) })
        }
        TableConstraint::Exclude(exclude) => (&exclude.name, Rule::Exclusion),
        TableConstraint::Index(_) | TableConstraint::FulltextOrSpatial(_) => {
            return Err(format!("PostgreSQL has no constraint like {constraint}"));
        }
    };
    Ok(Some(NewConstraint { name: name.as_ref().map(folded), not_valid, rule }))
}

pub(super) fn index(create: &ast::CreateIndex) -> Converted<NewIndex> {
    let parts = create.columns.iter().map(|part| expression(&part.column.expr)).collect();
    Ok(NewIndex {
        name: create.name.as_ref().map(name).transpose()?,
        table: name(&create.table_name)?,
        unique: create.unique,
        concurrently: create.concurrently,
        if_absent: create.if_not_exists,
        nulls_equal: create.nulls_distinct == Some(false),
        method: create.using.as_ref().map_or_else(|| "btree".to_owned(), |using| using.to_string().to_lowercase()),
        parts,
        predicate: create.predicate.as_ref().map(expression),
    })
}

fn foreign_key(key: &ast::ForeignKeyConstraint, own: &[Ident]) -> Converted<Rule> {
    let acts = |action: &Option<ast::ReferentialAction>| {
        action.is_some_and(|action| {
            !matches!(action, ast::ReferentialAction::NoAction | ast::ReferentialAction::Restrict)
        })
    };
    Ok(Rule::ForeignKey {
        acts: acts(&key.on_delete) || acts(&key.on_update),
        columns: own.iter().map(folded).collect(),
        references: referenced(&key.foreign_table)?,
        referred: key.referred_columns.iter().map(folded).collect(),
        full: matches!(key.match_kind, Some(ast::ConstraintReferenceMatchKind::Full)),
    })
}

fn referenced(table: &ast::ObjectName) -> Converted<Name> {
    name(table)
}

fn columns(columns: &[ast::IndexColumn]) -> Converted<Vec<String>> {
    let one = |column: &ast::IndexColumn| {
        let Formula { bare, text, .. } = expression(&column.column.expr);
        bare.ok_or_else(|| format!("{text} is no column"))
    };
    columns.iter().map(one).collect()
}

fn nulls_equal(option: ast::NullsDistinctOption) -> bool {
    option == ast::NullsDistinctOption::NotDistinct
}
