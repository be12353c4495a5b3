//! Signatures that are asked for while nobody's key is allowed.

use crate::checklist::model::Signatures;
use crate::checklist::reader::marks::{Draft, Name};
use crate::checklist::reader::report::Report;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    if draft.checklist.allowed_signers.is_some() {
        return;
    }
    for group in draft.checklist.signoffs.iter().filter(|group| group.signed == Signatures::Required) {
        let named = |name: &&Name| name.kind == "sign-off group" && name.id == group.id.as_str();
        let Some(name) = draft.marks.names.iter().find(named) else { continue };
        let message = format!("`{}` asks for signatures, and no allowed_signers file says whose", group.id);
        report.warning(
            name.at,
            message,
            "write allowed_signers = \"FILE\" at the top, or open it with --allowed-signers FILE",
        );
    }
}
