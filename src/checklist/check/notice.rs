//! A notice sent to those who are notified of the deployment.

use super::kind::{Kind, Title};
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::document::report_empty;
use serde::Serialize;

/// Passes when everybody who is notified of the deployment took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notify {
    /// What they are notified; the checklist's title is in front of it.
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
        vec![format!("shows those who are notified of the deployment: {}", self.text)]
    }

    fn looks_at_a_moment(&self) -> bool {
        false
    }
}
