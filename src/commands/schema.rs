//! `gonogo schema`: what a checklist file may hold, for editors, and what the JSON documents of this program hold.

use super::Failure;
use super::status::event;
use crate::checklist::schema;
use crate::cli::reported::Document;
use crate::report;
use serde_json::Value;
use std::io::{self, Write};

/// Prints a JSON schema.
pub(crate) fn schema(of: Document, out: &mut dyn Write) -> Result<u8, Failure> {
    let text = match of {
        Document::Checklist => schema::text(),
        Document::Report => pretty(&report::schema())?,
        Document::Attestation => pretty(&report::attestation::schema())?,
        Document::Event => pretty(&event::schema())?,
    };
    out.write_all(text.as_bytes())?;
    Ok(0)
}

fn pretty(schema: &Value) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(schema)? + "\n")
}
