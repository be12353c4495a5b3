//! Rights beyond ownership that the role the environment connects as lacks: to make things in a schema, to refer to a table, to
//! change its rows, to make an extension.
//!
//! What the role lacks fails for certain, as long as the migrator connects as that role and the chain has changed no rights
//! before. Where either is not known, the finding is inconclusive and says why.

use super::super::act::Mode;
use super::super::finding::Severity;
use super::super::name::Name;
use super::super::statement::{Reading, Statement};
use super::super::world::Key;
use super::Evaluate;

/// How statements begin after which a role may do what it could not before.
const GIVES_RIGHTS: [&str; 15] = [
    "grant ",
    "set role",
    "set local role",
    "set session role",
    "set session authorization",
    "set local session authorization",
    "reset ",
    "discard ",
    "alter default privileges",
    "reassign owned",
    "alter role",
    "alter user",
    "alter group",
    "do ",
    "call ",
];

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
                "only a superuser creates extension {name}, and {} is none: \"permission denied to create extension\"",
                self.role()
            );
            self.without_right(None, text, format!("have a superuser run CREATE EXTENSION {name} before"));
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
            self.belongs_to_others("type", &name.name, true);
        }
    }

    /// A function is replaced or dropped.
    pub(super) fn needs_own_function(&mut self, name: &str, certain: bool) {
        let made = self.world.changed_functions.contains_key(&name.to_lowercase());
        if self.world.catalog.rights.foreign_functions.contains(name) && !made {
            self.belongs_to_others("function", name, certain);
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

    fn belongs_to_others(&mut self, kind: &str, name: &str, certain: bool) {
        if !self.known_owners.insert((kind.to_owned(), format!("own {name}"))) {
            return;
        }
        let text =
            format!("{kind} {name} belongs to another role than {}: \"must be owner of {kind} {name}\"", self.role());
        // Which of several of that name is meant is not known.
        if certain && !self.world.catalog.rights.mixed.contains(name) {
            self.without_right(None, text, "run the migrator as its owner".to_owned());
        } else {
            self.left_open(format!("{text}, if that is the one it means"));
        }
    }

    fn lacks(&mut self, reported: Key, table: Option<&str>, what: &str, right: &str, grant: &str) {
        if !self.known_owners.insert(reported) {
            return;
        }
        let text = format!("{} has no right to {right} on {what}: \"permission denied\"", self.role());
        let safer = format!("{grant} the migrator's role, or run the migrator as another");
        self.without_right(table, text, safer);
    }

    /// The role that the environment connects as, for people.
    pub(super) fn role(&self) -> String {
        match self.world.catalog.server.role.as_str() {
            "" => "the role that the environment connects as".to_owned(),
            role => format!("role {role}"),
        }
    }

    /// What comes after a statement that changes the role or its rights, or may, is not certain.
    pub(super) fn follow_rights(&mut self, statement: &Statement) {
        let text = statement.text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let unread = !matches!(statement.reading, Reading::Read(_));
        if unread || GIVES_RIGHTS.iter().any(|begins| text.starts_with(begins)) || text.contains(" owner to ") {
            let line = statement.line;
            self.other_rights.get_or_insert_with(|| format!("line {line} may change the role or its rights"));
        }
    }

    /// A statement that the role may not run.
    pub(super) fn without_right(&mut self, table: Option<&str>, what: String, safer: String) {
        let open = self.other_rights.clone().or_else(|| self.world.unknown.clone());
        let (severity, what) = match open {
            None => (Severity::WillFail, what),
            Some(why) => (Severity::Inconclusive, format!("{what}; not certain: {why}")),
        };
        let mut finding = self.finding(severity, table, what);
        finding.safer = Some(safer);
        finding.basis = Some("read from the database's catalog".to_owned());
        self.out.findings.push(finding);
    }
}
