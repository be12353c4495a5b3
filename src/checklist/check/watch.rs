//! A metric watched for a length of time: the verdict is made from its samples when the time is over.

use super::kind::{Completion, Hollow, Kind, Measure, Measures, Sabotage, Title};
use crate::checklist::evidence::Reference;
use crate::checklist::ids::PaneId;
use crate::checklist::offset::Span;
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::marks::Wanted;
use crate::checklist::target::Target;
use serde::Serialize;

/// The measures that are in the unit of the metric.
pub(crate) const NUMBERS: [&str; 5] = ["median", "p95", "max", "min", "mean"];

/// The measures of a watch that have a unit of their own. `within` is the share of samples that meet the target of the
/// metric; `availability` the share of the time in which the source responded; `growth` by how much the trend rises over
/// the period, in percent of its median; `coverage` the share of the period that has samples.
pub(crate) const SHARES: [(&str, &str); 5] =
    [("within", "%"), ("availability", "%"), ("growth", "%"), ("coverage", "%"), ("samples", "samples")];

/// The store keeps eight days; a period longer than this would lose its beginning before it is over.
pub(crate) const LONGEST: std::time::Duration = std::time::Duration::from_hours(7 * 24 + 12);

/// Passes when the item's targets hold over the whole period. Written
/// `check = { kind = "watch", pane = "lots-latency", over = "24h", from = "p10/code/start" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Watch {
    pub pane: PaneId,
    pub over: Span,
    /// The period begins when this is complete; at T-0 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Reference>,
}

impl Watch {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let Written { table, holder, marks, detail, targets } = written;
        table.call("a watch check");
        let pane = table.required_text("pane");
        *detail = pane.as_ref().map(|pane| pane.at);
        table.require("over", "\"24h\"");
        let over = table.time("over");
        if let Some(over) = &over
            && (over.value.duration().is_zero() || over.value.duration() > LONGEST)
        {
            let message = format!("`over` is {}: samples are kept for eight days", over.value);
            table.report().error(over.at, message, "write a time up to 7d12h, such as `over = \"24h\"`");
        }
        let from = table.text("from");
        let from = from.filter(|from| !matches!(from.value.trim(), "T-0" | "T+0" | "T−0"));
        if let Some(from) = &from {
            marks.mention(holder, "from", Wanted::Reference, &from.value, from.at);
        }
        if targets.is_empty() {
            let message = "a watch without targets holds whatever the samples are";
            let suggestion =
                "add for example `targets = [{ measure = \"p95\", below = 200, unit = \"ms\" }]` to the item";
            table.report().error(table.at(), message, suggestion);
        }
        let from = from.map(|from| Reference::parse(from.value.trim()));
        Some(Self { pane: PaneId::new(pane?.value), over: over?.value, from })
    }
}

impl Kind for Watch {
    fn completion(&self) -> Completion {
        Completion::Run
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        let numbers = NUMBERS.map(Measure::unitless);
        numbers.into_iter().chain(SHARES.map(|(name, unit)| Measure::of(name, unit))).collect()
    }

    fn describe(&self, title: Title<'_>) -> Vec<String> {
        let from = match &self.from {
            None => "T-0".to_owned(),
            Some(Reference::Item(item)) => format!("\"{}\"", title(item)),
            Some(other) => other.to_string(),
        };
        let watched = format!("watches metric {} for {} from {from}", self.pane, self.over);
        vec![
            watched,
            "evaluated by itself when the time is over, failing at once when it can no longer hold".to_owned(),
        ]
    }

    fn hollow(&self, targets: &[Target]) -> Option<Hollow> {
        let only = |names: &[&str]| targets.iter().all(|target| names.contains(&target.measure.as_str()));
        only(&["coverage", "samples"]).then_some(Hollow {
            why: "any samples pass, whatever they say",
            remedy: "add a target on what the samples say, such as `p95` or `max`",
        })
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        vec![Sabotage::WorseSamples(self.pane.to_string()), Sabotage::NoSamples]
    }

    fn looks_at_a_moment(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::target::Bound;

    #[test]
    fn a_watch_of_its_coverage_alone_is_hollow() {
        let watch = Watch { pane: PaneId::new("lots"), over: Span::from_millis(1_000), from: None };
        let target = |measure: &str| Target { measure: measure.into(), bound: Bound::AtLeast(1.0), unit: "%".into() };
        assert!(watch.hollow(&[target("coverage")]).is_some());
        assert!(watch.hollow(&[target("coverage"), target("availability")]).is_none());
    }
}
