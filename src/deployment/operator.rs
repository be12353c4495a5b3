//! Who did it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The person behind a record: the operating system's user, the name they state, and the host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Operator {
    pub user: String,
    pub says: String,
    pub host: String,
    /// Set when a simulated answer answers for a role instead of a person.
    #[serde(alias = "stand-in", default, skip_serializing_if = "Option::is_none")]
    pub simulated: Option<String>,
}

impl Operator {
    /// The same session answering as a simulated answer for `role`.
    #[must_use]
    pub fn simulating(&self, role: &str) -> Self {
        Self { says: format!("simulated {role}"), simulated: Some(role.to_owned()), ..self.clone() }
    }
}

/// The stated name, with the operating system's user where that is another: a name proves nothing.
impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.simulated.is_some() || self.says.eq_ignore_ascii_case(&self.user) {
            return f.pad(&self.says);
        }
        f.pad(&format!("{} ({})", self.says, self.user))
    }
}
