//! A database's catalog held against an expectation. Every mismatch is named, not only the first.

use super::account::{Account, Trouble};
use super::{place, unless_stopped};
use crate::attempts::{Assignment, Console};
use crate::checklist::check::{self, Nullability, PlanUse, Presence, Schema, Uniqueness};
use crate::database::definition::{folded, mentions};
use crate::database::types::same_type;
use crate::database::{Column, Constraint, Database, ForeignKey, Index, IndexPart, Interrupt, Planned, Purpose};
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;

/// Reads the catalog and compares. Measures `mismatches`, and `indexes` where a table is named.
pub async fn carry_out(assignment: &Assignment, schema: &Schema, console: &dyn Console) -> Outcome {
    let mut account = Account::open();
    let interrupt = Interrupt::new();
    let work = look(assignment, schema, console, &interrupt, &mut account);
    let worked = unless_stopped(assignment, &interrupt, work).await;
    account.conclude(&assignment.item.targets, worked)
}

async fn look(
    assignment: &Assignment,
    schema: &Schema,
    console: &dyn Console,
    interrupt: &Interrupt,
    account: &mut Account,
) -> Result<(), Trouble> {
    let mut database = place::connect(assignment, Purpose::Read, interrupt).await?;
    // One moment for all that is read, so that a running migration is seen before or after, never between.
    database.enter_snapshot().await?;
    let mut findings = Findings { console, held: 0, wrong: Vec::new() };
    if !schema.tables.is_empty() || !schema.absent_tables.is_empty() {
        let present = database.tables().await?;
        findings.tables(&schema.tables, Presence::Present, &present);
        findings.tables(&schema.absent_tables, Presence::Absent, &present);
    }
    if let Some(table) = &schema.table {
        compare(&mut database, table, schema, &mut findings, account).await?;
    }
    database.leave_snapshot().await?;
    database.close().await;

    let Findings { held, wrong, .. } = findings;
    account.measure("mismatches", wrong.len() as f64, "mismatches");
    match (held, wrong.is_empty()) {
        (0, true) => account.find(Verdict::Inconclusive, "the check names nothing to look for"),
        (_, true) => account.find(Verdict::Pass, format!("{held} of {held} as expected")),
        (_, false) => wrong.into_iter().for_each(|sentence| account.find(Verdict::Fail, sentence)),
    }
    Ok(())
}

async fn compare(
    database: &mut Database,
    table: &str,
    schema: &Schema,
    findings: &mut Findings<'_>,
    account: &mut Account,
) -> Result<(), Trouble> {
    let columns = database.columns(table).await?;
    if columns.is_empty() {
        findings.evaluate(&format!("table {table}"), &["not found".to_owned()]);
        return Ok(());
    }
    let nothing_else = schema.columns.is_empty()
        && schema.indexes.is_empty()
        && schema.constraints.is_empty()
        && schema.foreign_keys.is_empty()
        && schema.at_least_indexes.is_none();
    if nothing_else {
        findings.evaluate(&format!("table {table}"), &[]);
    }
    for wanted in &schema.columns {
        findings.column(table, wanted, &columns);
    }
    let indexes = database.indexes(table).await?;
    account.measure("indexes", indexes.len() as f64, "indexes");
    for wanted in &schema.indexes {
        findings.index(wanted, &indexes);
        if let Some(served) = &wanted.serves
            && indexes.iter().any(|index| index.name.eq_ignore_ascii_case(&wanted.name))
        {
            findings.plan(wanted, served, database.plan_use(served, &wanted.name).await?);
        }
    }
    if let Some(least) = schema.at_least_indexes {
        for index in &indexes {
            findings.console.line(&format!("  {}", described(index)));
        }
        let enough = indexes.len() >= usize::try_from(least).unwrap_or(usize::MAX);
        let wrong = if enough { vec![] } else { vec![format!("expected at least {least}")] };
        findings.evaluate(&format!("{} indexes on {table}", indexes.len()), &wrong);
    }
    let constraints = database.constraints(table).await?;
    for wanted in &schema.constraints {
        findings.constraint(wanted, &constraints);
    }
    let keys = database.foreign_keys(table).await?;
    for wanted in &schema.foreign_keys {
        findings.foreign_key(table, wanted, &keys);
    }
    Ok(())
}

struct Findings<'a> {
    console: &'a dyn Console,
    held: usize,
    wrong: Vec<String>,
}

impl Findings<'_> {
    fn evaluate(&mut self, what: &str, wrong: &[String]) {
        if wrong.is_empty() {
            self.held += 1;
            self.console.line(&format!("ok    {what}"));
        } else {
            let sentence = format!("{what}: {}", wrong.join(", "));
            self.console.line(&format!("wrong {sentence}"));
            self.wrong.push(sentence);
        }
    }

    fn tables(&mut self, wanted: &[String], presence: Presence, present: &[String]) {
        for table in wanted {
            let what = format!("table {table}");
            let found = present.iter().find(|name| name.eq_ignore_ascii_case(table));
            if self.presence(&what, presence, found).is_some() {
                self.evaluate(&what, &[]);
            }
        }
    }

    fn column(&mut self, table: &str, wanted: &check::Column, present: &[Column]) {
        let what = format!("column {table}.{}", wanted.name);
        let found = present.iter().find(|column| column.name.eq_ignore_ascii_case(&wanted.name));
        let Some(found) = self.presence(&what, wanted.presence, found) else { return };
        let mut wrong = Vec::new();
        if !wanted.types.is_empty() && !wanted.types.iter().any(|expected| same_type(&found.declared, expected)) {
            wrong.push(format!("type {}, expected {}", or_none(&found.declared), wanted.types.join(" or ")));
        }
        match wanted.nullable {
            Some(Nullability::Nullable) if !found.nullable => wrong.push("is NOT NULL, expected nullable".to_owned()),
            Some(Nullability::Required) if found.nullable => wrong.push("is nullable, expected NOT NULL".to_owned()),
            _ => {}
        }
        if let Some(expected) = &wanted.default {
            let default = found.default.as_deref().unwrap_or_default();
            if !same_default(default).contains(&same_default(expected)) {
                wrong.push(format!("default {}, expected {expected}", or_none(default)));
            }
        }
        let null = if found.nullable { "" } else { " NOT NULL" };
        let default = found.default.as_ref().map(|text| format!(" DEFAULT {text}")).unwrap_or_default();
        let what = if wrong.is_empty() { format!("{what} {}{null}{default}", found.declared) } else { what };
        self.evaluate(&what, &wrong);
    }

    fn index(&mut self, wanted: &check::Index, present: &[Index]) {
        let what = format!("index {}", wanted.name);
        let found = present.iter().find(|index| index.name.eq_ignore_ascii_case(&wanted.name));
        if found.is_none() && wanted.presence == Presence::Present {
            return self.evaluate(&what, &[format!("not found{}", equivalents(wanted, present))]);
        }
        let Some(found) = self.presence(&what, wanted.presence, found) else { return };
        let mut wrong = Vec::new();
        if !wanted.columns.is_empty() && !covers(found, &wanted.columns) {
            wrong.push(format!("is on ({}), expected ({})", found.over(), wanted.columns.join(", ")));
        }
        if wanted.uniqueness == Uniqueness::Unique && !found.unique {
            wrong.push("is not unique".to_owned());
        }
        if !found.valid {
            wrong.push("is invalid: its build failed, so that no query uses it; drop it and build it again".to_owned());
        }
        if let Some(expected) = wanted.predicate.as_ref().filter(|_| !has_predicate(wanted, found)) {
            let condition =
                found.predicate.as_ref().map_or("covers all rows".to_owned(), |text| format!("is where {text}"));
            wrong.push(format!("{condition}, expected where {expected}"));
        }
        let mut aside = String::new();
        match (&wanted.method, &found.method) {
            (Some(expected), Some(method)) if !method.eq_ignore_ascii_case(expected) => {
                wrong.push(format!("uses {method}, expected {expected}"));
            }
            (Some(expected), None) => {
                aside = format!(" (access method {expected} not applicable here: this database has none)");
            }
            _ => {}
        }
        let what = if wrong.is_empty() { format!("{}{aside}", described(found)) } else { what };
        self.evaluate(&what, &wrong);
    }

    /// Whether the planner takes an index that is there.
    fn plan(&mut self, wanted: &check::Index, served: &str, planned: Planned) {
        let what = format!("index {} for {served}", wanted.name);
        match planned {
            Planned::Chosen => self.evaluate(&format!("{what}: chosen"), &[]),
            Planned::Usable { rows } if wanted.plan == PlanUse::Usable => {
                let why = format!("usable, not chosen: a table of about {rows} rows is read whole for less");
                self.evaluate(&format!("{what}: {why}"), &[]);
            }
            Planned::Usable { rows } => {
                let wrong = format!("could be used, but on about {rows} rows the planner reads the table whole");
                self.evaluate(&what, &[wrong]);
            }
            Planned::Otherwise(others) if others.is_empty() => {
                self.evaluate(&what, &["cannot answer it; no index does".to_owned()]);
            }
            Planned::Otherwise(others) => {
                self.evaluate(&what, &[format!("is not used; the planner takes {}", others.join(", "))]);
            }
        }
    }

    fn constraint(&mut self, wanted: &check::Constraint, present: &[Constraint]) {
        let what = format!("constraint {}", wanted.name);
        let named = |constraint: &&Constraint| {
            constraint.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&wanted.name))
        };
        let found = present.iter().find(named);
        if found.is_none() && wanted.presence == Presence::Present {
            let contains = |constraint: &&Constraint| {
                let expected = wanted.contains.as_ref();
                expected.is_some_and(|text| says(&constraint.definition, text))
            };
            let same: Vec<_> = present.iter().filter(contains).filter_map(|other| other.name.as_deref()).collect();
            let aside =
                if same.is_empty() { String::new() } else { format!("; with that definition: {}", same.join(", ")) };
            return self.evaluate(&what, &[format!("not found{aside}")]);
        }
        let Some(found) = self.presence(&what, wanted.presence, found) else { return };
        let mut wrong = Vec::new();
        if let Some(expected) = &wanted.contains
            && !says(&found.definition, expected)
        {
            wrong.push(format!("is {}, expected it to contain {expected}", found.definition));
        }
        let what = if wrong.is_empty() { format!("{what} {}", found.definition) } else { what };
        self.evaluate(&what, &wrong);
    }

    fn foreign_key(&mut self, table: &str, wanted: &check::ForeignKey, present: &[ForeignKey]) {
        let what = format!("foreign key {table}.{} to {}", wanted.column, wanted.references);
        let on_column =
            present.iter().filter(|key| key.columns.iter().any(|name| name.eq_ignore_ascii_case(&wanted.column)));
        let on_column: Vec<_> = on_column.collect();
        let found = on_column.iter().find(|key| key.references.eq_ignore_ascii_case(&wanted.references));
        if wanted.presence == Presence::Absent {
            self.presence(&what, wanted.presence, found);
            return;
        }
        let Some(found) = found else {
            let elsewhere: Vec<_> = on_column.iter().map(|key| key.references.as_str()).collect();
            let wrong = if elsewhere.is_empty() {
                "not found".to_owned()
            } else {
                format!("references {} instead", elsewhere.join(", "))
            };
            return self.evaluate(&what, &[wrong]);
        };
        let mut wrong = Vec::new();
        for (event, expected, action) in
            [("delete", &wanted.on_delete, &found.on_delete), ("update", &wanted.on_update, &found.on_update)]
        {
            if let Some(expected) = expected.as_ref().filter(|expected| folded(expected) != folded(action)) {
                wrong.push(format!("on {event} {action}, expected {expected}"));
            }
        }
        let what = if wrong.is_empty() {
            format!("{what} on delete {} on update {}", found.on_delete, found.on_update)
        } else {
            what
        };
        self.evaluate(&what, &wrong);
    }

    /// Evaluates whether a thing is there; gives it when there is more to look at.
    fn presence<'f, T>(&mut self, what: &str, wanted: Presence, found: Option<&'f T>) -> Option<&'f T> {
        match (wanted, found) {
            (Presence::Present, None) => self.evaluate(what, &["not found".to_owned()]),
            (Presence::Absent, None) => self.evaluate(&format!("{what} is absent"), &[]),
            (Presence::Absent, Some(_)) => self.evaluate(what, &["is there, expected to be absent".to_owned()]),
            (Presence::Present, Some(_)) => return found,
        }
        None
    }
}

/// Whether an index is over just these columns, in this order. A part that is an expression stands for a column that it
/// mentions: where there are no inverted indexes, one over an expression takes their place.
fn covers(index: &Index, columns: &[String]) -> bool {
    index.parts.len() == columns.len()
        && index.parts.iter().zip(columns).all(|(part, column)| match part {
            IndexPart::Column(name) => name.eq_ignore_ascii_case(column),
            IndexPart::Expression(text) => mentions(text, column),
        })
}

/// Indexes that do the same under another name, as words behind "not found".
fn equivalents(wanted: &check::Index, present: &[Index]) -> String {
    let same = present.iter().filter(|index| {
        !wanted.columns.is_empty()
            && covers(index, &wanted.columns)
            && has_predicate(wanted, index)
            && (wanted.uniqueness == Uniqueness::Either || index.unique)
    });
    let names: Vec<_> = same
        .map(
            |index| if index.valid { format!("index {}", index.name) } else { format!("invalid index {}", index.name) },
        )
        .collect();
    let what = if wanted.predicate.is_some() { "columns and predicate" } else { "columns" };
    if names.is_empty() { String::new() } else { format!("; same {what}: {}", names.join(", ")) }
}

fn has_predicate(wanted: &check::Index, index: &Index) -> bool {
    let Some(expected) = &wanted.predicate else { return true };
    // Parentheses are the database's own way of writing it down.
    let plain = |text: &str| folded(text).replace(['(', ')'], "").split_whitespace().collect::<Vec<_>>().join(" ");
    index.predicate.as_ref().is_some_and(|text| plain(text).contains(&plain(expected)))
}

/// Whether a definition holds this text, white space and case apart. What is in the brackets of an array is looked at
/// too, though other databases quote names with them.
fn says(definition: &str, expected: &str) -> bool {
    let opened = definition.replace('[', "(").replace(']', ")");
    folded(definition).contains(&folded(expected)) || folded(&opened).contains(&folded(expected))
}

/// Now, by whatever name.
fn same_default(text: &str) -> String {
    let text = text.to_lowercase();
    text.replace("transaction_timestamp()", "current_timestamp").replace("now()", "current_timestamp")
}

fn described(index: &Index) -> String {
    let unique = if index.unique { " unique" } else { "" };
    let method = index.method.as_ref().map(|method| format!(" using {method}")).unwrap_or_default();
    let condition = index.predicate.as_ref().map(|text| format!(" where {text}")).unwrap_or_default();
    format!("index {}{unique}{method} ({}){condition}", index.name, index.over())
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}
