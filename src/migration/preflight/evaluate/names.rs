//! What is only named: it must be there all the same.

use super::super::act::Mentioned;
use super::super::finding::Severity;
use super::super::name::Name;
use super::Evaluate;
use super::relations::kind_word;

impl Evaluate<'_> {
    pub(super) fn mentions(&mut self, mentioned: &Mentioned) {
        for relation in &mentioned.relations {
            self.must_be_there(relation);
            if mentioned.what == "COMMENT" {
                let key = self.world.key(relation);
                self.needs_owner(&key);
            }
        }
        for (table, column) in &mentioned.columns {
            if let Some(key) = self.table(table) {
                self.needs_owner(&key);
                self.has_column(&key, column);
            }
        }
        for schema in &mentioned.schemas {
            if !self.world.schemas.contains(schema) {
                self.fails(None, self.world.mentioned(schema), format!("there is no schema {schema}"), "");
            }
        }
        for role in &mentioned.roles {
            if !self.world.catalog.roles.contains(role) {
                self.fails(None, self.world.mentioned(role), format!("there is no role {role}"), "CREATE ROLE first");
            }
        }
        if let Some(why) = &mentioned.not_followed {
            self.left_open(format!("{}: {why}", mentioned.what));
        }
    }

    /// A relation of any kind.
    fn must_be_there(&mut self, name: &Name) {
        let key = self.world.key(name);
        if self.world.get(&key).is_none() {
            self.fails(Some(&key.1), self.world.named(&key), format!("there is no {name}"), "");
        }
    }

    /// Tables that a query reads: those that the chain has renamed or dropped are not there any more.
    pub(super) fn read_by_query(&mut self, tables: &[Name]) {
        for name in tables {
            let key = self.world.key(name);
            let gone = self.world.get(&key).is_none().then(|| self.world.named(&key)).flatten();
            if gone.is_some() {
                self.fails(Some(&key.1), gone, format!("there is no {name} any more"), "");
            } else if self.world.get(&key).is_none()
                && name.schema.as_ref().is_some_and(|s| self.world.schemas.contains(s))
            {
                let is_own = |schema: &str| !schema.starts_with("pg_") && schema != "information_schema";
                if name.schema.as_deref().is_some_and(is_own) {
                    self.fails(Some(&key.1), None, format!("there is no {name}"), "");
                }
            }
        }
    }

    /// The owner of a table becomes another.
    pub(super) fn owner_becomes(&mut self, role: &str) {
        if !self.world.catalog.roles.contains(role) {
            self.fails(None, self.world.mentioned(role), format!("there is no role {role}"), "CREATE ROLE first");
        } else if !self.world.catalog.own_roles.contains(role) {
            self.left_open(format!("whether the migrator's role may act as {role} is not known"));
        }
    }

    /// A change of structure that only the owner may make.
    pub(super) fn needs_owner(&mut self, key: &super::Key) {
        let origin = self.world.get(key).and_then(|relation| relation.origin.clone());
        let Some(own) = origin.and_then(|origin| self.world.catalog.relation(&origin.0, &origin.1)) else { return };
        let Some(owner) = own.foreign_owner.clone() else { return };
        if !self.known_owners.insert(key.clone()) {
            return;
        }
        let (name, kind) = (&key.1, kind_word(&own.kind));
        let text = format!(
            "{name} belongs to {owner}, and {} is not a member of it: \"must be owner of {kind} {name}\"",
            self.role()
        );
        self.without_right(Some(&key.1), text, format!("run the migrator as {owner}, or GRANT {owner} to its role"));
    }

    /// Something still rests on what is dropped, by the catalog; what the chain has changed of that is not followed.
    pub(super) fn drops_what_is_used(&mut self, kind: &str, name: &str) {
        if self.world.catalog.used.contains(&(kind.to_owned(), name.to_owned())) {
            self.left_open(format!("something rests on the {kind} {name}; whether it is gone by then is not asked"));
        }
    }

    /// Said of what may fail and is not asked.
    pub(super) fn left_open(&mut self, what: String) {
        let finding = self.finding(Severity::Inconclusive, None, what);
        self.out.findings.push(finding);
    }
}
