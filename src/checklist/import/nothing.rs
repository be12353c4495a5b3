//! The words for a document without task items.

use super::account::{Account, Guessed, Reason};
use super::{ImportError, numbered};
use std::fmt::Write as _;

/// The error of a document without task items: what there is instead, and how it is taken over.
pub(super) fn nothing(account: &Account) -> ImportError {
    let templates = account.templates().count();
    let items = || account.guessed.iter().filter(|guess| matches!(guess.what, Guessed::Item(_)));
    let steps = items().filter(|guess| [numbered::WITHOUT_BOX, numbered::NO_LIST].contains(&guess.why)).count();
    let guessed = items().count() - steps;
    let hidden = account.left_out(Reason::Comment) + account.left_out(Reason::Html);
    let mut hint = String::new();
    if templates > 0 {
        let blocks = if templates == 1 { "a fenced block holds" } else { "fenced blocks hold" };
        let _ = write!(hint, "; {blocks} tasks: take them over with --templates");
    }
    let lines = |other: &str| {
        let one = guessed == 1;
        format!("{guessed}{other} {} like tasks or steps", if one { "line looks" } else { "lines look" })
    };
    let numbered = format!("found {steps} numbered step{}", if steps == 1 { "" } else { "s" });
    match (steps, guessed) {
        (0, 0) => {}
        (0, _) => {
            let _ = write!(hint, "; {}: take them over with --guesses", lines(""));
        }
        (_, 0) => {
            let _ = write!(hint, "; {numbered}: take them over with --guesses");
        }
        (..) => {
            let _ = write!(hint, "; {numbered}, and {}: take them over with --guesses", lines(" other"));
        }
    }
    if hidden > 0 {
        let _ = write!(hint, "; found {hidden} in comments or HTML, which are switched off");
    }
    ImportError::Nothing { file: account.file.clone(), hint }
}
