//! Expressions, and what they rest on.

use super::act::Formula;
use super::name::{Name, folded};
use super::weight;
use sqlparser::ast::{self, Expr, SetExpr, Visit, Visitor};
use std::ops::ControlFlow;

/// The formula of an expression.
pub(super) fn formula(expression: &Expr) -> Formula {
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
        growth: weight::growth(expression, seen.columns.len(), &seen.functions),
        heavy: seen.heavy,
        columns: seen.columns,
        tables: seen.tables,
        functions: seen.functions,
        bare,
    }
}

/// The functions that a query calls, and whether it changes data on the side.
pub(super) fn query_functions(query: &ast::Query) -> (Vec<String>, bool) {
    let mut seen = Seen::default();
    let _ = query.visit(&mut seen);
    (seen.functions, seen.changes)
}

/// The tables that anything names.
pub(super) fn tables_in<V: Visit>(tree: &V) -> Vec<Name> {
    let mut seen = Seen::default();
    let _ = tree.visit(&mut seen);
    seen.tables
}

/// A condition on rows that are joined with others: what those call and cost is the condition's too.
pub(super) fn joined_on<V: Visit>(condition: Option<Formula>, joined: &V) -> Option<Formula> {
    let mut seen = Seen::default();
    let _ = joined.visit(&mut seen);
    if condition.is_none() && seen.functions.is_empty() && seen.heavy.is_none() {
        return None;
    }
    let mut condition = condition.unwrap_or_else(|| Formula { text: "true".to_owned(), ..Formula::default() });
    condition.functions.extend(seen.functions);
    condition.heavy = condition.heavy.or(seen.heavy);
    Some(condition)
}

/// A column and nothing else, for a name that is known to be one.
pub(super) fn bare(column: &str) -> Formula {
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
    heavy: Option<String>,
}

impl Visitor for Seen {
    type Break = ();

    /// A function in `FROM` is called without being an expression.
    fn pre_visit_table_factor(&mut self, factor: &ast::TableFactor) -> ControlFlow<()> {
        let (called, arguments) = match factor {
            ast::TableFactor::Table { name, args: Some(arguments), .. } => (name, &arguments.args),
            ast::TableFactor::Function { name, args, .. } => (name, args),
            _ => return ControlFlow::Continue(()),
        };
        if let Some(called) = Name::of(called) {
            if let Some(heavy) = weight::heavy_call(&called.name, arguments) {
                self.heavy.get_or_insert(heavy);
            }
            self.functions.push(called.name);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ast::ObjectName) -> ControlFlow<()> {
        self.tables.extend(Name::of(relation));
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        if query.with.as_ref().is_some_and(|with| with.recursive) {
            self.heavy.get_or_insert_with(|| "WITH RECURSIVE".to_owned());
        }
        self.changes |=
            matches!(*query.body, SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        if let Some(heavy) = weight::heavy(expression) {
            self.heavy.get_or_insert(heavy);
        }
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
