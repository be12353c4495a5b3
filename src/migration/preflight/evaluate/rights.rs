//! Rights beyond ownership that the role the environment connects as lacks: to make things in a schema, to refer to a table, to
//! change its rows, to make an extension.
//!
//! The migrator may connect as another role, so that all of it is said and left open, as ownership is.

use super::super::act::Mode;
use super::super::finding::Severity;
use super::super::name::Name;
use super::super::world::Key;
use super::Evaluate;

impl Evaluate<'_> {
    /// Something is made in a schema.
    pub(super) fn needs_create(&mut self, schema: &str) {
        if self.world.catalog.rights.closed_schemas.contains(schema) {
            let grant = format!("GRANT CREATE ON SCHEMA {schema} TO");
            self.lacks((String::new(), schema.to_owned()), None, &format!("schema {schema}"), "CREATE", &grant);
        }
    }

    /// Rows of a table change, another refers to it, or it gets a trigger.
    pub(super) fn needs_right(&mut self, key: &Key, right: &'static str) {
        let Some(origin) = self.world.get(key).and_then(|relation| relation.origin.clone()) else { return };
        let lacking = (origin.0.clone(), origin.1.clone(), right.to_owned());
        if self.world.catalog.rights.lacking.contains(&lacking) {
            let grant = format!("GRANT {right} ON {} TO", origin.1);
            let reported = (format!("{} {right}", origin.0), origin.1.clone());
            self.lacks(reported, Some(&key.1), &format!("table {}", origin.1), right, &grant);
        }
    }

    pub(super) fn needs_schemas(&mut self) {
        if self.world.catalog.rights.refuses_schemas {
            let database = self.world.catalog.server.database.clone();
            let grant = format!("GRANT CREATE ON DATABASE {database} TO");
            self.lacks((String::new(), String::new()), None, &format!("database {database}"), "CREATE", &grant);
        }
    }

    pub(super) fn needs_extension(&mut self, name: &str) {
        if self.world.catalog.rights.guarded_extensions.contains(name) {
            let text = format!(
                "extension {name} is made by a superuser only, and the role that the environment connects as is none: as that \
                 role this fails with \"permission denied to create extension\""
            );
            let mut finding = self.finding(Severity::Inconclusive, None, text);
            finding.safer = Some(format!("have a superuser run CREATE EXTENSION {name} before"));
            self.out.findings.push(finding);
        }
    }

    /// A column of this type is made.
    pub(super) fn needs_type(&mut self, type_name: &str) {
        let bare = type_name.trim_end_matches("[]").trim_matches('"').rsplit('.').next().unwrap_or_default().to_owned();
        if self.world.catalog.rights.guarded_types.contains(&bare) {
            let grant = format!("GRANT USAGE ON TYPE {bare} TO");
            self.lacks(("type".to_owned(), bare.clone()), None, &format!("type {bare}"), "USAGE", &grant);
        }
    }

    /// A type is changed or dropped.
    pub(super) fn needs_own_type(&mut self, name: &Name) {
        let made = self.world.changed_types.contains_key(&name.name.to_lowercase());
        if self.world.catalog.rights.foreign_types.contains(&name.name) && !made {
            self.belongs_to_others("type", &name.name);
        }
    }

    /// A function is replaced or dropped.
    pub(super) fn needs_own_function(&mut self, name: &str) {
        let made = self.world.changed_functions.contains_key(&name.to_lowercase());
        if self.world.catalog.rights.foreign_functions.contains(name) && !made {
            self.belongs_to_others("function", name);
        }
    }

    /// A query reads tables, locks their rows, and calls functions.
    pub(super) fn needs_reading(&mut self, tables: &[Name], functions: &[String]) {
        let text = self.statements[self.at].text.to_lowercase();
        let locks = [" for update", " for no key update", " for share", " for key share"];
        let locks = locks.iter().any(|words| text.contains(words));
        for table in tables {
            let key = self.world.key(table);
            self.needs_right(&key, "SELECT");
            if locks {
                self.needs_right(&key, "UPDATE");
            }
        }
        for function in functions {
            if self.world.catalog.rights.closed_functions.contains(function) {
                let grant = format!("GRANT EXECUTE ON FUNCTION {function} TO");
                let reported = ("function".to_owned(), function.clone());
                self.lacks(reported, None, &format!("function {function}"), "EXECUTE", &grant);
            }
        }
    }

    pub(super) fn needs_setting(&mut self, name: &str) {
        if self.world.catalog.rights.guarded_settings.contains(name) {
            let grant = format!("GRANT SET ON PARAMETER {name} TO");
            self.lacks(("setting".to_owned(), name.to_owned()), None, &format!("setting {name}"), "SET", &grant);
        }
    }

    /// A table is locked outright: whoever may change its rows may do that.
    pub(super) fn needs_lock(&mut self, key: &Key, mode: Mode) {
        let origin = self.world.get(key).and_then(|relation| relation.origin.clone());
        let lacks = |right: &str| {
            let origin = origin.clone().unwrap_or_default();
            self.world.catalog.rights.lacking.contains(&(origin.0, origin.1, right.to_owned()))
        };
        if mode == Mode::RowExclusive && !lacks("INSERT") {
            return;
        }
        if ["UPDATE", "DELETE", "TRUNCATE"].iter().all(|right| lacks(right)) {
            self.needs_right(key, "UPDATE");
        }
    }

    fn belongs_to_others(&mut self, kind: &str, name: &str) {
        if !self.known_owners.insert((kind.to_owned(), format!("own {name}"))) {
            return;
        }
        let text = format!(
            "{kind} {name} belongs to another role than the environment connects as: as that role this fails with \"must be \
             owner\""
        );
        let mut finding = self.finding(Severity::Inconclusive, None, text);
        finding.safer = Some("run the migrator as its owner".to_owned());
        self.out.findings.push(finding);
    }

    fn lacks(&mut self, reported: Key, table: Option<&str>, what: &str, right: &str, grant: &str) {
        if !self.known_owners.insert(reported) {
            return;
        }
        let text = format!(
            "the role that the environment connects as has no right to {right} on {what}: as that role this fails with \
             \"permission denied\""
        );
        let mut finding = self.finding(Severity::Inconclusive, table, text);
        finding.safer = Some(format!("{grant} the migrator's role, or run the migrator as another"));
        self.out.findings.push(finding);
    }
}
