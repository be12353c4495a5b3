//! Row counts now against those taken before an earlier item.

use super::kind::{Kind, Measure, Measures, Need, Sabotage, Title};
use crate::checklist::ids::ItemId;
use crate::checklist::reader::checks::Written;
use schemars::JsonSchema;
use serde::Serialize;

/// Exact counts now, held against those recorded before the latest passed attempt of `against`; without it they are
/// counted and kept. Measures `rows TABLE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Empty: every table of the application.
    pub tables: Vec<String>,
    pub against: Option<ItemId>,
    /// Whether the contents are held against each other too, by fingerprint over the columns that existed before.
    pub depth: Depth,
}

/// `counts` unless given; `fingerprints` compares contents too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    #[default]
    Counts,
    Fingerprints,
}

impl Rows {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        written.table.call("a rows check");
        let tables = written.table.texts("tables").into_iter().map(|text| text.value).collect();
        let against = written.item("against");
        let depths = [("counts", Depth::Counts), ("fingerprints", Depth::Fingerprints)];
        let depth = written.table.word("depth", &depths);
        Some(Self { tables, against, depth: depth.map(|depth| depth.value).unwrap_or_default() })
    }
}

impl Kind for Rows {
    fn needs(&self) -> Vec<Need<'_>> {
        vec![Need::Database]
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        self.tables.iter().map(|table| Measure::unitless(&format!("rows {table}"))).collect()
    }

    /// Counting every table leaves the names of the tables open.
    fn may_measure(&self, name: &str) -> bool {
        self.tables.is_empty() && name.starts_with("rows ")
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        let less = Sabotage::OneRowLess(self.tables.clone());
        self.against.is_some().then_some(less).into_iter().chain([Sabotage::NoRows(self.tables.clone())]).collect()
    }

    fn describe(&self, title: Title<'_>) -> Vec<String> {
        let tables = if self.tables.is_empty() { "every table".to_owned() } else { self.tables.join(", ") };
        let depth = match self.depth {
            Depth::Counts => "",
            Depth::Fingerprints => ", contents too",
        };
        vec![match &self.against {
            Some(item) => format!("rows of {tables} are as many as before \"{}\"{depth}", title(item)),
            None => format!("rows of {tables} are counted and kept{depth}"),
        }]
    }

    fn compares_with(&self) -> Option<&ItemId> {
        self.against.as_ref()
    }
}
