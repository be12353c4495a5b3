//! The JSON schema of a checklist file, for editors that complete and check TOML while it is written.
//!
//! The types below this room describe the spelling in the file, which is shorter than the meaning in
//! [`model`](super::model): `changes = true`, `below = 30`, one line or a list of lines. Nothing is read through them;
//! [`reader`](super::reader) says much more about what is wrong, and a test holds the two together key by key.

#![expect(
    dead_code,
    reason = "the types describe; schemars reads their declarations and nothing makes a value of them"
)]

pub(crate) mod auth;
pub(crate) mod checks;
pub(crate) mod document;
pub(crate) mod evaluated;
pub(crate) mod phases;
pub(crate) mod words;

use document::Checklist;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::{Value, json};

/// The schema as it is in `assets/checklist.schema.json`: JSON, draft 7, which every editor knows.
pub fn text() -> String {
    let settings = SchemaSettings::draft07();
    let mut schema = settings.into_generator().into_root_schema_for::<Checklist>();
    Plain.transform(&mut schema);
    OrFact.transform(&mut schema);
    format!("{:#}\n", schema.as_value())
}

/// Lets a fact stand where a number, a flag, a list or a text of some form is expected.
struct OrFact;

impl Transform for OrFact {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        let takes_one = match object.get("type").and_then(Value::as_str) {
            Some("number" | "integer" | "boolean" | "array") => !object.contains_key("const") && !is_parts(object),
            Some("string") => object.get("pattern").is_some_and(|pattern| pattern != ID),
            _ => false,
        };
        if !takes_one {
            return;
        }
        let description = object.remove("description");
        let plain = std::mem::take(object);
        let fact = json!({ "type": "string", "pattern": r"\$\{facts\.[A-Za-z0-9_-]+(:sql|:title|:count)?\}" });
        object.extend(description.map(|description| ("description".to_owned(), description)));
        object.insert("anyOf".to_owned(), json!([plain, fact]));
    }
}

/// The form of ids, which hold no facts.
const ID: &str = r"^[a-z0-9._-]+$";

/// Whether a list holds tables, which no fact is.
fn is_parts(list: &serde_json::Map<String, Value>) -> bool {
    let items = list.get("items");
    items.is_some_and(|items| items.get("$ref").is_some_and(|name| !TEXTS.contains(&name.as_str().unwrap_or_default())))
}

/// Definitions of single values that stand in lists.
const TEXTS: [&str; 3] = ["#/definitions/Reference", "#/definitions/ItemPath", "#/definitions/ExitStatus"];

/// Takes out what TOML cannot say, null, and what only Rust means: the names of its number types, the breaks of its lines.
struct Plain;

impl Transform for Plain {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        schema.remove("format");
        let Some(object) = schema.as_object_mut() else { return };
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::String(description)) = object.get_mut("description") {
            *description = description.replace('\n', " ");
        }
        let Some(Value::Array(mut choices)) = object.remove("anyOf") else { return };
        let before = choices.len();
        choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
        match choices.as_slice() {
            [Value::Object(only)] if object.is_empty() => object.clone_from(only),
            // In a list of its own a description may stand beside the reference.
            [_] if before > 1 => drop(object.insert("allOf".to_owned(), Value::Array(choices))),
            _ => drop(object.insert("anyOf".to_owned(), Value::Array(choices))),
        }
    }
}
