//! Opening the screen on a ledger.

use super::Failure;
use crate::cli::Look;
use crate::cockpit::model::Access;
use crate::config::theme::Theme;
use crate::deployment::Operator;
use crate::ledger::Ledger;
use crate::runtime::{self, Flight};
use crate::screen::Glyphs;
use std::io::IsTerminal;

/// Flies a ledger on the screen until the person leaves.
pub async fn fly(ledger: Ledger, operator: Operator, access: Access, look: &Look) -> Result<(), Failure> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        let text = "the cockpit needs a terminal; `gonogo status` and `gonogo run` do without";
        return Err(Failure::usage(text));
    }
    let warnings = crate::attempts::login_manager::warning().into_iter().collect();
    let flight = Flight { ledger, operator, access, theme: theme(look)?, glyphs: glyphs(look), warnings };
    runtime::fly(flight).await.map_err(|error| Failure::not_fine(format!("the terminal failed: {error}")))
}

/// `NO_COLOR` (set and not empty) wins over everything but a theme asked for on this very command line.
fn theme(look: &Look) -> Result<Theme, Failure> {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match look.theme.as_deref() {
        None if no_color => Ok(Theme::mono()),
        None => Ok(Theme::dark()),
        Some(name) => Theme::open(name).map_err(|error| Failure::usage(error.to_string())),
    }
}

/// A locale without UTF-8 cannot show the narrow glyphs.
fn glyphs(look: &Look) -> Glyphs {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let utf8 = locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    if look.ascii || !utf8 { Glyphs::ascii() } else { Glyphs::unicode() }
}
