//! Expressions, and what they rest on.

use super::act::Formula;
use super::name::{Name, folded};
use sqlparser::ast::{self, Expr, SetExpr, Visit, Visitor};
use std::ops::ControlFlow;

/// The formula of an expression.
#[must_use]
pub fn formula(expression: &Expr) -> Formula {
    let mut seen = Seen::default();
    let _ = expression.visit(&mut seen);
    let bare = match expression {
        Expr::Identifier(ident) => Some(folded(ident)),
        Expr::CompoundIdentifier(parts) => parts.last().map(folded),
        Expr::Nested(inner) => formula(inner).bare,
        _ => None,
    };
    Formula {
        text: expression.to_string(),
        columns: seen.columns,
        tables: seen.tables,
        functions: seen.functions,
        bare,
    }
}

/// The functions that a query calls, and whether it changes data on the side.
#[must_use]
pub fn query_functions(query: &ast::Query) -> (Vec<String>, bool) {
    let mut seen = Seen::default();
    let _ = query.visit(&mut seen);
    (seen.functions, seen.changes)
}

/// The tables that anything names.
#[must_use]
pub fn tables_in<V: Visit>(tree: &V) -> Vec<Name> {
    let mut seen = Seen::default();
    let _ = tree.visit(&mut seen);
    seen.tables
}

/// A column and nothing else, for a name that is known to be one.
#[must_use]
pub fn bare(column: &str) -> Formula {
    Formula {
        text: super::name::quoted(column),
        columns: vec![column.to_owned()],
        bare: Some(column.to_owned()),
        ..Formula::default()
    }
}

#[derive(Default)]
struct Seen {
    columns: Vec<String>,
    tables: Vec<Name>,
    functions: Vec<String>,
    changes: bool,
}

impl Visitor for Seen {
    type Break = ();

    fn pre_visit_relation(&mut self, relation: &ast::ObjectName) -> ControlFlow<()> {
        self.tables.extend(Name::of(relation));
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        self.changes |=
            matches!(*query.body, SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::Identifier(ident) => self.columns.push(folded(ident)),
            Expr::CompoundIdentifier(parts) => self.columns.extend(parts.last().map(folded)),
            Expr::Function(function) => {
                self.functions.extend(Name::of(&function.name).map(|name| name.name));
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
