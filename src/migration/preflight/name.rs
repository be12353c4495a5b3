//! Names of tables, columns and the like, folded the way the server folds them.

use serde::{Deserialize, Serialize};
use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};
use std::fmt;

/// A name with its schema, when one was written. Both are as the catalog holds them: unquoted ones in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Name {
    pub schema: Option<String>,
    pub name: String,
}

impl Name {
    #[must_use]
    pub(crate) fn new(schema: Option<&str>, name: &str) -> Self {
        Self { schema: schema.map(ToOwned::to_owned), name: name.to_owned() }
    }

    /// As a statement wrote it. `None` for what is no plain name.
    #[must_use]
    pub(crate) fn of(object: &ObjectName) -> Option<Self> {
        let mut parts = object.0.iter().map(ObjectNamePart::as_ident).collect::<Option<Vec<_>>>()?;
        let name = folded(parts.pop()?);
        Some(Self { schema: parts.pop().map(folded), name })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) if schema != "public" => write!(f, "{schema}.{}", self.name),
            _ => f.write_str(&self.name),
        }
    }
}

/// An identifier as the catalog holds it.
pub(crate) fn folded(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// A name as an identifier of SQL, always quoted.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Text as a literal of SQL, whatever `standard_conforming_strings` says.
pub(crate) fn literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// Names with commas between, for sentences.
pub(crate) fn listed(names: &[String]) -> String {
    names.join(", ")
}
