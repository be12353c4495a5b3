//! Names that must not be mixed up, each a type of its own.

use super::shared::Shared;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Shared);

        impl $name {
            pub fn new(text: impl Into<Shared>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

id! {
    /// An item's whole path, `phase/section/item` and one more step for every level of nesting. Stable as long as
    /// the checklist's author keeps the ids; titles may be reworded freely.
    ItemId
}
id! {
    /// A phase's id, the first step of its items' paths.
    PhaseId
}
id! {
    /// A section's path, `phase/section`.
    SectionId
}
id! {
    /// A place for an environment: `staging`, `production`.
    SlotId
}
id! {
    /// A concrete environment that fills a slot: `rehearsal-production`.
    EnvironmentName
}
id! {
    /// A group of sign-offs: `staging`.
    GroupId
}
id! {
    /// A role inside a sign-off group: `qa-lead`.
    RoleId
}
id! {
    /// A metric pane.
    PaneId
}

impl ItemId {
    /// The phase this item belongs to.
    pub fn phase(&self) -> PhaseId {
        PhaseId::new(self.0.split('/').next().unwrap_or_default())
    }

    /// The section this item belongs to.
    pub fn section(&self) -> SectionId {
        let end = self.0.match_indices('/').nth(1).map_or(self.0.len(), |(at, _)| at);
        SectionId::new(&self.0[..end])
    }

    /// The item this one is nested in, if any.
    #[must_use]
    pub fn parent(&self) -> Option<ItemId> {
        let (head, _) = self.0.rsplit_once('/')?;
        (head.matches('/').count() >= 2).then(|| ItemId::new(head))
    }

    /// The last step of the path.
    pub fn leaf(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}
