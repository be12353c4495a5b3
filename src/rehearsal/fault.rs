//! Faults that can be built into a rehearsal, to see that the checklist finds them.

use super::error::RehearsalError;
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    NullLot,
    SlowEndpoint,
    Orphans,
    BadBackup,
    ServiceDown,
    NoGo,
    Hold,
    ErrorBurst,
    MemoryLeak,
    LatencyCreep,
    ExporterDown,
    PoolExhausted,
}

impl Fault {
    pub const ALL: [Fault; 12] = [
        Fault::NullLot,
        Fault::SlowEndpoint,
        Fault::Orphans,
        Fault::BadBackup,
        Fault::ServiceDown,
        Fault::NoGo,
        Fault::Hold,
        Fault::ErrorBurst,
        Fault::MemoryLeak,
        Fault::LatencyCreep,
        Fault::ExporterDown,
        Fault::PoolExhausted,
    ];

    /// Whether it comes only after the decision, while days pass.
    pub fn is_late(self) -> bool {
        match self {
            Fault::ErrorBurst
            | Fault::MemoryLeak
            | Fault::LatencyCreep
            | Fault::ExporterDown
            | Fault::PoolExhausted => true,
            Fault::NullLot
            | Fault::SlowEndpoint
            | Fault::Orphans
            | Fault::BadBackup
            | Fault::ServiceDown
            | Fault::NoGo
            | Fault::Hold => false,
        }
    }

    /// The name used on the command line and in `rehearsal.toml`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// One sentence: what is wrong, and what it leads to.
    pub fn description(self) -> &'static str {
        match self {
            Fault::NullLot => {
                "Some rows of process_data in production have neither a lot nor a serial, so revision 0002 fails and must leave 0001 intact."
            }
            Fault::SlowEndpoint => {
                "The new release in production waits 700 ms before it answers for lots, so its latency misses the target."
            }
            Fault::Orphans => {
                "Some serials in both databases belong to a lot that does not exist, so the check for broken foreign keys fails."
            }
            Fault::BadBackup => "The backup of production is cut short, so it cannot be read back.",
            Fault::ServiceDown => {
                "The new release in production stops right after its start with an error in its log, so nothing responds."
            }
            Fault::NoGo => {
                "The last poll role says no-go at T-10, so the clock is held until all were asked again and said go."
            }
            Fault::Hold => {
                "The captain holds the clock at T-5 for two minutes of it, so the finish is projected two minutes later."
            }
            Fault::ErrorBurst => {
                "After the decision one of five requests fails and is in the log as an error, so the watch over new errors fails."
            }
            Fault::MemoryLeak => {
                "After the decision the new release takes 4 MB more memory with every second, so the watch over memory fails."
            }
            Fault::LatencyCreep => {
                "After the decision answers for lots take 10 ms longer with every second, so the watch over their latency fails."
            }
            Fault::ExporterDown => {
                "After the decision the service shows no metrics any more, so what is watched by them is inconclusive and never passes."
            }
            Fault::PoolExhausted => {
                "After the decision all database connections of the service are taken, so the watch over the pool fails."
            }
        }
    }

    /// The fault of that name; an unknown one is an error that names the nearest.
    pub fn parse(name: &str) -> Result<Self, RehearsalError> {
        let wanted = name.trim().to_ascii_lowercase().replace('_', "-");
        Self::ALL.into_iter().find(|fault| fault.name() == wanted).ok_or_else(|| {
            let nearest = Self::ALL
                .into_iter()
                .map(|fault| (strsim::jaro_winkler(&wanted, fault.name()), fault.name()))
                .filter(|(likeness, _)| *likeness > 0.7)
                .max_by(|(one, _), (other, _)| one.total_cmp(other))
                .map(|(_, name)| name);
            RehearsalError::UnknownFault { name: name.to_owned(), nearest }
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name_and_reported_in_one_sentence() {
        for fault in Fault::ALL {
            assert_eq!(Fault::parse(fault.name()).unwrap(), fault);
            let description = fault.description();
            assert!(description.ends_with('.') && description.matches(". ").count() == 0, "{description}");
        }
    }

    #[test]
    fn a_misspelt_fault_names_the_nearest() {
        let message = Fault::parse("slow-endpont").unwrap_err().to_string();
        assert!(message.contains("did you mean `slow-endpoint`?"), "{message}");
        let message = Fault::parse("zzz").unwrap_err().to_string();
        assert!(!message.contains("did you mean"), "{message}");
    }
}
