//! Which database server is worth looking at.

use super::model::Model;
use crate::checklist::EnvironmentName;
use crate::deployment::live::Live;

impl Model {
    /// The server worth looking at: the one a migration runs on as its supervisor sees it, else one where somebody holds or
    /// waits for a table or that is not seen, else the one of the environment in hand.
    pub fn server(&self) -> Option<(&EnvironmentName, &Live)> {
        let running = self.migration_attempt().filter(|attempt| attempt.is_running());
        let reported = running.and_then(|attempt| {
            let live = self.progress.get(&attempt.number)?.live.as_deref()?;
            Some((&attempt.environment, live))
        });
        let in_hand = || self.servers.get_key_value(self.environment_in_hand()?);
        reported.or_else(|| self.servers.iter().find(|(_, live)| !live.is_calm())).or_else(in_hand)
    }
}
