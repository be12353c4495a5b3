//! Every table that a checklist may hold: its part of the schema, and where the reader meets it.

use super::fits::referred;
use gonogo::checklist::lint::lint;
use serde_json::Value;

/// One table, by the name of its definition (none for the outermost), its kind if it has kinds, and a document in which
/// `@` stands for its keys.
#[derive(Debug)]
pub(crate) struct Level {
    pub name: &'static str,
    pub kind: Option<&'static str>,
    pub place: &'static str,
}

const fn table(name: &'static str, place: &'static str) -> Level {
    Level { name, kind: None, place }
}

const fn check(kind: &'static str) -> Level {
    Level { name: "Check", kind: Some(kind), place: "phase = [{ section = [{ item = [{ check = { @ } }] }] }]" }
}

const fn source(kind: &'static str) -> Level {
    Level { name: "Source", kind: Some(kind), place: "pane = [{ source = { @ } }]" }
}

const fn auth(kind: &'static str) -> Level {
    Level { name: "Auth", kind: Some(kind), place: "environments.x.auth = { @ }" }
}

pub(crate) const LEVELS: [Level; 64] = [
    table("", "@"),
    table("Window", "window = { @ }"),
    table("Journal", "journal = { @ }"),
    table("Slot", "slot = [{ @ }]"),
    table("Environment", "environments.x = { @ }"),
    auth("header"),
    auth("basic"),
    auth("command"),
    auth("login"),
    table("Migrator", "environments.x.migrator = { @ }"),
    table("Patterns", "environments.x.migrator.patterns = { @ }"),
    table("Revision", "environments.x.migrator.revisions = [{ @ }]"),
    table("Phase", "phase = [{ @ }]"),
    table("Freshness", "phase = [{ gate = [{ @ }] }]"),
    table("Section", "phase = [{ section = [{ @ }] }]"),
    table("Item", "phase = [{ section = [{ item = [{ @ }] }] }]"),
    table("Sense", "phase = [{ section = [{ item = [{ sense = { @ } }] }] }]"),
    table("Target", "phase = [{ section = [{ item = [{ targets = [{ @ }] }] }] }]"),
    table("Proposal", "phase = [{ section = [{ item = [{ proposal = [{ @ }] }] }] }]"),
    table("Number", "phase = [{ section = [{ item = [{ check = { kind = \"command\", numbers = [{ @ }] } }] }] }]"),
    table("Queries", "pane = [{ source = { kind = \"sql\", query = { @ } } }]"),
    table("QueryCount", "phase = [{ section = [{ item = [{ check = { kind = \"http\", queries = { @ } } }] }] }]"),
    table("JsonWant", "phase = [{ section = [{ item = [{ check = { kind = \"http\", json = [{ @ }] } }] }] }]"),
    table(
        "HeaderWant",
        "phase = [{ section = [{ item = [{ check = { kind = \"http\", response_headers = [{ @ }] } }] }] }]",
    ),
    table("Word", "phase = [{ section = [{ item = [{ check = { kind = \"file\", lacks = [{ @ }] } }] }] }]"),
    table("Column", "phase = [{ section = [{ item = [{ check = { kind = \"schema\", columns = [{ @ }] } }] }] }]"),
    table("Index", "phase = [{ section = [{ item = [{ check = { kind = \"schema\", indexes = [{ @ }] } }] }] }]"),
    table(
        "Constraint",
        "phase = [{ section = [{ item = [{ check = { kind = \"schema\", constraints = [{ @ }] } }] }] }]",
    ),
    table(
        "ForeignKey",
        "phase = [{ section = [{ item = [{ check = { kind = \"schema\", foreign_keys = [{ @ }] } }] }] }]",
    ),
    table("Columns", "phase = [{ section = [{ item = [{ check = { kind = \"consistency\", unique = [{ @ }] } }] }] }]"),
    table("Pane", "pane = [{ @ }]"),
    table("PaneTarget", "pane = [{ target = { @ } }]"),
    table("Baseline", "pane = [{ baseline = { @ } }]"),
    table("SignoffGroup", "signoff = [{ @ }]"),
    table("Role", "signoff = [{ role = [{ @ }] }]"),
    check("manual"),
    check("value"),
    check("command"),
    check("sql"),
    check("http"),
    check("load"),
    check("tcp"),
    check("schema"),
    check("consistency"),
    check("rows"),
    check("file"),
    check("backup"),
    check("migration"),
    check("notify"),
    check("watch"),
    check("evidence"),
    source("latency"),
    source("header"),
    source("prometheus"),
    source("sql"),
    source("database-size"),
    source("http"),
    source("promql"),
    source("postgres"),
    source("command"),
    source("log"),
    source("host"),
    source("availability"),
    table("Item", "phase = [{ section = [{ item = [{ item = [{ @ }] }] }] }]"),
];

impl Level {
    /// The message and the suggestion of every problem the reader finds when the table holds these keys.
    pub(crate) fn problems(&self, keys: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
        let kind = self.kind.map(|kind| format!("kind = \"{kind}\""));
        let keys: Vec<String> = kind.into_iter().chain(keys).collect();
        let keys = keys.join(if self.name.is_empty() { "\n" } else { ", " });
        let (_, problems) = lint("c.toml", &self.place.replace('@', &keys));
        problems.into_iter().map(|problem| (problem.message, problem.suggestion.unwrap_or_default())).collect()
    }

    fn definition<'a>(&self, schema: &'a Value) -> &'a Value {
        let definition =
            if self.name.is_empty() { schema } else { referred(schema, &format!("#/definitions/{}", self.name)) };
        let Some(kind) = self.kind else { return definition };
        let mut variants = definition["oneOf"].as_array().unwrap().iter();
        variants.find(|variant| variant["properties"]["kind"]["const"] == kind).unwrap()
    }

    /// The keys but for the kind that is already known.
    pub(crate) fn properties(&self, schema: &Value) -> Vec<(String, Value)> {
        let properties = self.definition(schema)["properties"].as_object().unwrap().iter();
        let properties = properties.filter(|(key, _)| self.kind.is_none() || *key != "kind");
        properties.map(|(key, property)| (key.clone(), property.clone())).collect()
    }

    pub(crate) fn required(&self, schema: &Value) -> Vec<String> {
        let required = self.definition(schema).get("required").and_then(Value::as_array).into_iter().flatten();
        let required = required.map(|key| key.as_str().unwrap().to_owned());
        required.filter(|key| self.kind.is_none() || *key != "kind").collect()
    }
}

/// The words that a property may be, if it is one of a few.
pub(crate) fn words(schema: &Value, property: &Value) -> Option<Vec<String>> {
    let inner = property.get("allOf").and_then(|all| all.get(0)).unwrap_or(property);
    let inner = match inner.get("$ref").and_then(Value::as_str) {
        Some(reference) => referred(schema, reference),
        None => inner,
    };
    // Words that are described stand one by one.
    let described = inner.get("oneOf").and_then(Value::as_array);
    let listed = described.map_or(std::slice::from_ref(inner), Vec::as_slice).iter().map(|words| {
        let words = words
            .get("const")
            .map_or_else(|| words.get("enum")?.as_array().cloned(), |word| Some(vec![word.clone()]))?;
        words.iter().map(|word| word.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    Some(listed.collect::<Option<Vec<_>>>()?.concat())
}
