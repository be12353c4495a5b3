//! Takes Markdown checklists over and holds the accounts, the checklists written and the commands against what people
//! and scripts rely on.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "whatever goes wrong here ends the run and is seen")]

mod account;
mod around;
mod checklist;
mod commands;
mod properties;
mod words;

use gonogo::checklist::Checklist;
use gonogo::checklist::import::{self, Account, Guesses, Templates};
use gonogo::checklist::lint::lint;

const HARBOUR: &str = include_str!("../fixtures/markdown/harbour.md");

fn read(text: &str) -> Account {
    import::read("harbour.md", text.as_bytes(), Templates::Closed).expect("the document is read")
}

/// The checklist written for a document; it lints clean.
fn taken(text: &str, guesses: Guesses) -> Checklist {
    let toml = import::checklist(&read(text), guesses).expect("there is something to fly");
    let (checklist, problems) = lint("harbour.toml", &toml);
    assert!(problems.is_empty(), "{}\n{toml}", problems.iter().map(ToString::to_string).collect::<String>());
    checklist.expect("the checklist reads back")
}

fn ids(checklist: &Checklist) -> Vec<String> {
    checklist.items().map(|item| item.id.to_string()).collect()
}
