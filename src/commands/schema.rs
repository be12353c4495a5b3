//! `gonogo schema`: what a checklist file may hold, for editors.

use super::Failure;
use crate::checklist::schema;
use std::io::Write;

/// Prints the JSON schema of checklist files.
pub fn schema(out: &mut dyn Write) -> Result<u8, Failure> {
    out.write_all(schema::text().as_bytes())?;
    Ok(0)
}
