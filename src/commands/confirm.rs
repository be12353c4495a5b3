//! A name typed before something that cannot be taken back: given with an option, or asked for on a terminal.

use super::Failure;
use std::io::{self, IsTerminal, Write};

/// Goes on when `given`, or what a person types, is `wanted`; `what` says what it is for: `abort production`.
///
/// # Errors
/// Refuses when it is another name, or when nobody can be asked.
pub(super) fn confirm(what: &str, wanted: &str, given: Option<&str>, out: &mut dyn Write) -> Result<(), Failure> {
    let typed = match given {
        Some(given) => given.to_owned(),
        None if io::stdin().is_terminal() => {
            write!(out, "Type {wanted} to {what}: ")?;
            out.flush()?;
            let mut typed = String::new();
            io::stdin().read_line(&mut typed)?;
            typed
        }
        None => {
            let text = format!("not confirmed: to {what}, add --confirm {wanted}");
            return Err(Failure::refused(text));
        }
    };
    if typed.trim() == wanted {
        return Ok(());
    }
    Err(Failure::refused(format!("not confirmed: `{}` is not {wanted}; nothing was recorded", typed.trim())))
}
