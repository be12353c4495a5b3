//! A file or a tree searched.

mod pattern;
mod zone;

pub use pattern::Pattern;
pub use zone::Zone;

use super::kind::{Hollow, Kind, Measure, Measures, Need, Sabotage, Title};
use crate::checklist::ids::ItemId;
use crate::checklist::reader::checks::Written;
use crate::checklist::target::Target;
use serde::Serialize;

/// A path below the environment's folder (or absolute). Measures `matches`, and `bytes` for a single file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    pub path: String,
    /// Each must match somewhere.
    #[serde(serialize_with = "pattern::serialize")]
    pub contains: Vec<Pattern>,
    /// None may match anywhere; the first places they do are named.
    #[serde(serialize_with = "pattern::serialize")]
    pub lacks: Vec<Pattern>,
    /// Only files with this ending are searched when `path` is a folder (`py`).
    pub ending: Option<String>,
    /// Which part of the file is read: all of it, or what was added since the named item's attempt began.
    pub since: Option<ItemId>,
    /// Where JSON lines keep their time: a name, or a JSON pointer. With `since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_field: Option<String>,
    /// The zone of times that name none. With `since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed_zone: Option<Zone>,
}

impl File {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("a file check");
        let path = table.required_text("path");
        let contains = Pattern::read(table, "contains");
        let lacks = Pattern::read(table, "lacks");
        let time_field = table.text("time_field").map(|field| field.value);
        let assumed_zone = table.text("assumed_zone").and_then(|text| {
            let zone = Zone::parse(&text.value);
            if zone.is_none() {
                let message = format!("`{}` is no zone", text.value);
                table.report().error(text.at, message, "write an offset such as `+09:00`, `UTC`, or `local`");
            }
            zone
        });
        let ending = table.text("ending").map(|text| text.value);
        let since = written.item("since");
        Some(Self { path: path?.value, contains, lacks, ending, since, time_field, assumed_zone })
    }
}

impl Kind for File {
    fn needs(&self) -> Vec<Need<'_>> {
        let log = self.path.starts_with("$log").then_some(Need::Log);
        [Need::Path(&self.path), Need::Folder].into_iter().chain(log).collect()
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        ["matches", "bytes"].map(Measure::unitless).to_vec()
    }

    fn hollow(&self, targets: &[Target]) -> Option<Hollow> {
        (self.contains.is_empty() && targets.iter().all(|target| target.bound.holds(0.0))).then_some(Hollow {
            why: "a file that says nothing passes: nothing must be found in it",
            remedy: "say what it must hold too: `contains = \"…\"`",
        })
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        vec![Sabotage::NoFile]
    }

    fn spoil(&mut self) {
        "taken-away-by-sabotage".clone_into(&mut self.path);
    }

    fn describe(&self, title: Title<'_>) -> Vec<String> {
        let ending = self.ending.as_ref().map(|ending| format!(", files ending in .{ending}")).unwrap_or_default();
        let mut parts = vec![format!("{} exists{ending}", self.path)];
        parts.extend(self.contains.iter().map(|pattern| format!("{pattern} is found in it")));
        parts.extend(self.lacks.iter().map(|pattern| format!("{pattern} is found nowhere in it")));
        parts.extend(self.since.as_ref().map(|item| format!("only what came since \"{}\"", title(item))));
        parts.extend(self.assumed_zone.map(|zone| format!("times without a zone are read as {zone}")));
        parts
    }
}
