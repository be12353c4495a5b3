//! Where a person's own themes and keys are.

use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::path::PathBuf;

/// `$XDG_CONFIG_HOME/gonogo`, or `~/.config/gonogo`; nothing for somebody without a home.
pub(crate) fn folder() -> Option<PathBuf> {
    Xdg::new().ok().map(|base| base.config_dir().join("gonogo"))
}
