//! Columns: added, dropped, renamed, retyped, and made to hold no NULL.

use super::super::act::{Formula, Mode, NewColumn};
use super::super::finding::Severity;
use super::super::name::{Name, quoted};
use super::super::question::Broken;
use super::super::types::{Cost, Type, casts_by_itself, cost, pattern};
use super::super::world::Key;
use super::{Evaluate, WorkKind, unsafe_function};

const IN_BATCHES: &str =
    "add the column without a default that differs by row, fill it in batches, then set the default";

impl Evaluate<'_> {
    pub(super) fn add_column(&mut self, table: &Name, column: &NewColumn, if_absent: bool) {
        let Some(key) = self.table(table) else { return };
        let name = &column.name;
        let known = self.world.get(&key).and_then(|relation| relation.column(name)).cloned();
        if let Some(known) = known {
            if if_absent {
                let text = format!("{}.{name} is there already and stays as it is; nobody compares it", key.1);
                let finding = self.finding(Severity::Note, Some(&key.1), text);
                self.out.findings.push(finding);
            } else {
                let safer = "find out how it came there; the database may be ahead of its version table";
                let rests = known.touched.or(self.world.named(&key));
                self.fails(Some(&key.1), rests, format!("{} has a column {name} already", key.1), safer);
            }
            return;
        }
        self.needs_type(&column.type_name);
        self.adding_locks(&key, column);
        if column.not_null && column.default.is_none() && !column.numbered {
            self.ask_for_rows(&key, Broken::RowsWithoutValue { column: name.clone() });
        }
        self.ask_for_values(&key, column);
        let line = self.line();
        let unsafe_default =
            column.default.as_ref().is_some_and(|value| unsafe_function(self.world.catalog, value).is_some());
        if unsafe_default || column.generated {
            // What the rows will hold is not computed; that they hold something is all there is to know.
            let simulated = Formula { text: format!("NULL::{}", column.type_name), ..Formula::default() };
            let default = NewColumn { default: Some(simulated), ..column.clone() };
            self.world.add_column(&key, &default, line);
            if let Some(relation) = self.world.get_mut(&key) {
                relation.overwrite(line, |name| name == column.name);
            }
        } else {
            self.world.add_column(&key, column, line);
        }
    }

    /// Whether the value of a new column can be had: of the default once, of one that is computed for every row.
    fn ask_for_values(&mut self, key: &Key, column: &NewColumn) {
        let Some(value) = &column.default else { return };
        // The next number of a sequence can be had, and asking for it would take it.
        if value.functions.iter().any(|name| name == "nextval") {
            return;
        }
        if !self.is_safe(&key.1, value) || value.has_subquery() {
            return;
        }
        let what = format!("{}.{}", key.1, column.name);
        let sql = if column.generated {
            let Some((with, source)) = self.reading(key, &[value]) else { return };
            format!("{with}SELECT count(CAST(({}) AS {})) FROM {source}", value.text, column.type_name)
        } else {
            format!("SELECT count(CAST(({}) AS {}))", value.text, column.type_name)
        };
        let rests = self.rests(key, &[value]);
        self.ask(key, &rests, Broken::Computed { what }, sql, None);
    }

    /// Whether rows are there at all.
    pub(super) fn ask_for_rows(&mut self, key: &Key, broken: Broken) {
        if let Some((_, source)) = self.reading(key, &[]) {
            let sql = format!("SELECT count(*) FROM {source}");
            self.ask(key, &[(key.clone(), Vec::new())], broken, sql, None);
        }
    }

    fn adding_locks(&mut self, key: &Key, column: &NewColumn) {
        let calls = column.default.iter().flat_map(|value| &value.functions);
        let volatile = calls
            .into_iter()
            .find(|name| self.world.catalog.volatile_functions.contains(name.as_str()) && name.as_str() != "now");
        let (kind, why) = if column.generated {
            (WorkKind::Rewrite, " and computes it for every row".to_owned())
        } else if column.numbered {
            (WorkKind::Rewrite, " and numbers every row".to_owned())
        } else if let Some(function) = volatile {
            (WorkKind::Rewrite, format!(" with {function}(), which differs by row"))
        } else {
            (WorkKind::Instant, String::new())
        };
        let safer = (kind == WorkKind::Rewrite).then_some(IN_BATCHES);
        self.work(key, Mode::AccessExclusive, kind, format!("adds column {}{why}", column.name), safer);
    }

    pub(super) fn drop_column(&mut self, table: &Name, column: &str, if_present: bool, cascade: bool) {
        let Some(key) = self.table(table) else { return };
        let known = self.world.get(&key).is_some_and(|relation| relation.column(column).is_some());
        if !known {
            if !if_present {
                self.has_column(&key, column);
            }
            return;
        }
        if cascade {
            self.drop_dependents(&key, Some(column));
        } else {
            self.refuse_views(&key, column, "dropped");
        }
        self.work(&key, Mode::AccessExclusive, WorkKind::Instant, format!("drops column {column}"), None);
        self.loses_column(&key, column);
        let line = self.line();
        let gone: Vec<Key> = self
            .world
            .indexes_of(&key)
            .filter(|(_, index)| index.columns.iter().flatten().any(|own| own == column))
            .map(|(index, _)| index.clone())
            .collect();
        for index in gone {
            self.world.remove(&index, line);
        }
        self.world.drop_column(&key, column, line);
    }

    /// A view that shows a column keeps it as it is.
    fn refuse_views(&mut self, key: &Key, column: &str, how: &str) {
        let origin = self.world.get(key).and_then(|relation| relation.origin.clone());
        let Some(origin) = origin else { return };
        let uses = self.world.catalog.views.iter().filter(|view| {
            (&view.schema, &view.table) == (&origin.0, &origin.1) && view.column.as_deref() == Some(column)
        });
        let standing: Vec<String> = uses
            .map(|view| view.view.clone())
            .filter(|view| self.world.relations().any(|(other, _)| other.1 == *view))
            .collect();
        if let Some(view) = standing.first() {
            let text = format!("{}.{column} cannot be {how}: view {view} shows it", key.1);
            let rests = self.world.named(key);
            self.fails(Some(&key.1), rests, text, "drop the view first and make it again afterwards");
        }
    }

    pub(super) fn rename_column(&mut self, table: &Name, column: &str, to: &str) {
        let Some(key) = self.table(table) else { return };
        if !self.has_column(&key, column) {
            return;
        }
        let taken = self.world.get(&key).and_then(|relation| relation.column(to)).map(|known| known.touched);
        if let Some(touched) = taken {
            let rests = touched.or(self.world.named(&key));
            self.fails(Some(&key.1), rests, format!("{} has a column {to} already", key.1), "");
            return;
        }
        let safer =
            "programs of the old release ask for the old name: add the new column, write both, then drop the old";
        let words = format!("renames column {column} to {to}");
        self.work(&key, Mode::AccessExclusive, WorkKind::Instant, words, Some(safer));
        let line = self.line();
        self.world.rename_column(&key, column, to, line);
    }

    pub(super) fn alter_column(&mut self, table: &Name, column: &str, what: &str) {
        let Some(key) = self.table(table) else { return };
        if !self.has_column(&key, column) {
            return;
        }
        let nullable = self.world.get(&key).and_then(|relation| relation.column(column)).is_some_and(|c| !c.not_null);
        if what.starts_with("ADD GENERATED") && nullable {
            let rests = self.world.named(&key);
            self.fails(
                Some(&key.1),
                rests,
                format!("{column} must be NOT NULL before it is numbered"),
                "SET NOT NULL first",
            );
        }
        self.work(&key, Mode::AccessExclusive, WorkKind::Instant, format!("{what} on {column}"), None);
        if let Some(relation) = self.world.get_mut(&key) {
            for known in relation.columns.iter_mut().filter(|known| known.name == column) {
                if what.starts_with("DROP NOT NULL") {
                    known.not_null = false;
                } else if what.starts_with("SET DEFAULT") {
                    known.has_default = true;
                }
            }
        }
    }

    pub(super) fn set_not_null(&mut self, table: &Name, column: &str) {
        let Some(key) = self.table(table) else { return };
        if !self.has_column(&key, column) {
            return;
        }
        self.require_value(&key, column, "SET NOT NULL");
    }

    /// A column that may hold no NULL from now on.
    pub(super) fn require_value(&mut self, key: &Key, column: &str, what: &str) {
        let Some(relation) = self.world.get(key) else { return };
        if relation.column(column).is_some_and(|known| known.not_null) {
            return;
        }
        let said = relation.constraints.iter().any(|rule| rule.says_not_null.as_deref() == Some(column));
        if let Some((_, source)) = self.reading(key, &[]) {
            let own = quoted(column);
            let sql = format!("SELECT count(*) FROM {source} WHERE {}.{own} IS NULL", quoted(&key.1));
            let rests = [(key.clone(), vec![column.to_owned()])];
            self.ask(key, &rests, Broken::Nulls { column: column.to_owned() }, sql, None);
        }
        let (kind, safer) = if said {
            (WorkKind::Instant, None)
        } else {
            let safer = "ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID, VALIDATE it in a transaction of its own, \
                         then SET NOT NULL, which then looks at no row";
            (WorkKind::Scan, Some(safer))
        };
        self.work(key, Mode::AccessExclusive, kind, format!("{what} on {column}"), safer);
        if let Some(relation) = self.world.get_mut(key) {
            for known in relation.columns.iter_mut().filter(|known| known.name == column) {
                known.not_null = true;
            }
        }
    }

    pub(super) fn alter_type(&mut self, table: &Name, column: &str, to: &str, using: Option<&Formula>) {
        let Some(key) = self.table(table) else { return };
        if !self.has_column(&key, column) {
            return;
        }
        let Some(known) = self.world.get(&key).and_then(|relation| relation.column(column)).cloned() else { return };
        let (mut from, new) = (Type::read(&known.type_name), Type::read(to));
        if from == new && self.world.changed_types.contains_key(&new.base) {
            // The same name for another type.
            from.base.push_str(" as it was");
        }
        self.refuse_views(&key, column, "retyped");
        let by_itself = casts_by_itself(self.world.catalog, &from, &new);
        if using.is_none() && !by_itself && !self.world.catalog.casts.is_empty() {
            let text =
                format!("{column} cannot be turned from {} into {to} without being reported how", known.type_name);
            let safer = format!("postgresql_using='{column}::{}'", to.to_lowercase());
            let rests = known.touched.or(self.world.named(&key));
            self.fails(Some(&key.1), rests, text, &safer);
        } else {
            self.ask_to_cast(&key, column, &new, to, using);
        }
        if known.has_default && !by_itself {
            let text = format!("the default of {column} may not become {to}; the server does not put USING to it");
            let mut finding = self.finding(Severity::MayFail, Some(&key.1), text);
            finding.safer = Some("drop the default first and set it anew afterwards".to_owned());
            self.out.findings.push(finding);
        }
        self.retyping_locks(&key, column, &from, &new, using);
        self.loses_digits(&key, column, &from, &new, using);
        let line = self.line();
        let safe = using.filter(|using| unsafe_function(self.world.catalog, using).is_none());
        if using.is_some() == safe.is_some() {
            self.world.retype(&key, column, to, using, line);
        } else if let Some(relation) = self.world.get_mut(&key) {
            relation.touch_all(line);
        }
    }

    /// Tries the cast on every row, in a query that reads.
    fn ask_to_cast(&mut self, key: &Key, column: &str, new: &Type, to: &str, using: Option<&Formula>) {
        let own = super::super::formula::bare(column);
        let formula = using.unwrap_or(&own);
        if !self.is_safe(&key.1, formula) {
            return;
        }
        let Some((with, source)) = self.reading(key, &[formula]) else { return };
        let rests = self.rests(key, &[formula]);
        let text = &formula.text;
        if let Some(limit) = new.limit() {
            // A cast that is written out cuts off silently; the one of ALTER TABLE refuses.
            let sql = format!(
                "{with}SELECT count(*) FROM {source} WHERE rtrim(substr(({text})::text, {}), ' ') <> ''",
                limit + 1
            );
            let broken = Broken::TooLong { column: column.to_owned(), limit };
            self.ask(key, &rests, broken, sql, None);
        } else {
            let sql = format!("{with}SELECT count(CAST(({text}) AS {to})) FROM {source}");
            let own = quoted(column);
            let count = pattern(new).map(|pattern| {
                let pattern = super::super::name::literal(pattern);
                format!("SELECT count(*) FROM {source} WHERE {own}::text !~ {pattern}")
            });
            let count = count.filter(|_| formula.columns.iter().all(|used| used == column));
            self.ask(key, &rests, Broken::Cast { column: column.to_owned(), to: to.to_owned() }, sql, count);
        }
    }

    fn retyping_locks(&mut self, key: &Key, column: &str, from: &Type, to: &Type, using: Option<&Formula>) {
        // `USING column::type` says no more than the change itself does.
        let plain = |text: &str| text.replace(['(', ')', '"', ' '], "").to_lowercase();
        let converted = using.is_some_and(|using| {
            let text = plain(&using.text);
            using.bare.as_deref() != Some(column) && !text.starts_with(&format!("{column}::"))
        });
        let zone = self.world.catalog.server.time_zone.clone();
        let utc = ["UTC", "Etc/UTC", "Etc/UCT", "UCT", "GMT", "Etc/GMT", "Zulu", "Universal"].contains(&zone.as_str());
        let (kind, note) = match cost(from, to, converted) {
            Cost::None => (WorkKind::Instant, String::new()),
            Cost::NoneUnderUtc if utc => (WorkKind::Instant, format!(" (no rewrite, as the time zone is {zone})")),
            Cost::NoneUnderUtc => (WorkKind::Rewrite, format!(" (the time zone is {zone}; under UTC it would not)")),
            Cost::Rewrite => (WorkKind::Rewrite, String::new()),
        };
        let words = match kind {
            WorkKind::Rewrite => format!("rewrites the table and its indexes to retype {column}{note}"),
            _ => format!("retypes {column} without touching the rows{note}"),
        };
        let safer = "add a column of the new type, fill it in batches, swap the names";
        self.work(key, Mode::AccessExclusive, kind, words, (kind == WorkKind::Rewrite).then_some(safer));
    }
}
