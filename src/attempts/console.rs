//! Where an attempt says what it does. The supervisor spools it; tests collect it.

use crate::deployment::live::Live;
use crate::deployment::progress::Progress;
use std::time::Instant;

/// Takes the output of an attempt. Implementations mask secrets and make escape sequences harmless.
pub trait Console: Send + Sync {
    /// One line of the program's own account, without its line end.
    fn line(&self, text: &str);

    /// Bytes of a command's output as they came from its terminal.
    fn output(&self, bytes: &[u8]);

    /// A command's output is at its end: nothing that comes later belongs to what came last.
    fn output_ends(&self) {}

    /// How far the attempt has come; called as often as the check likes, written at most ten times a second.
    fn progress(&self, progress: &Progress);

    /// Since when a command has said nothing, once that is worth telling; `None` when it speaks again.
    fn silent(&self, _since: Option<Instant>) {}

    /// What the database server shows meanwhile, beside the progress; `None` when nobody watches it any more.
    fn live(&self, _live: Option<&Live>) {}
}
