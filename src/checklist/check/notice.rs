//! A notice sent to those who are told of the deployment.

use super::kind::{Kind, Title};
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::document::report_empty;
use serde::Serialize;

/// Passes when everybody who is told of the deployment took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notify {
    /// What they are told; the checklist's title stands in front of it.
    pub text: String,
}

impl Notify {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("a notify check");
        let text = table.required_text("text")?;
        report_empty(table.report(), &text, "text");
        written.detail = Some(text.at);
        Some(Self { text: text.value })
    }
}

impl Kind for Notify {
    fn describe(&self, _: Title<'_>) -> Vec<String> {
        vec![format!("tells those who are told of the deployment: {}", self.text)]
    }
}
