//! A file of keys: what a person lays over the keymap.
//!
//! ```toml
//! [keys]
//! "ctrl-r" = "run"            # an action's name, as the palette shows it
//! "x" = "none"                # this key does nothing
//! ```

use super::Keymap;
use crate::checklist::Problem;
use crate::cockpit::action::Action;
use crate::cockpit::key::Key;
use std::collections::BTreeMap;
use std::ops::Range;
use toml_edit::{Document, Item};

/// What a key is given that shall do nothing.
const NOTHING: &str = "none";

/// Actions that nobody can do without: there must be a way to ask, to stop and to leave.
const KEPT: [Action; 3] = [Action::Back, Action::Cancel, Action::Quit];

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

pub(super) fn read(file: &str, text: &str) -> Result<Keymap, Vec<Problem>> {
    let mut reader = Reader { file, text, problems: Vec::new() };
    let mut keymap = Keymap::default();
    match Document::parse(text) {
        Ok(document) => reader.keys(document.as_table(), &mut keymap),
        Err(error) => reader.problem(error.span(), error.message(), None),
    }
    if reader.problems.is_empty() {
        return Ok(keymap);
    }
    reader.problems.sort_by_key(|problem| problem.place);
    Err(reader.problems)
}

impl Reader<'_> {
    fn keys(&mut self, table: &toml_edit::Table, keymap: &mut Keymap) {
        for (key, item) in table {
            let span = table.key(key).and_then(toml_edit::Key::span);
            if key != "keys" {
                self.problem(span, &format!("a file of keys has no `{key}`"), Some("use [keys]".to_owned()));
                continue;
            }
            let Some(keys) = item.as_table_like() else {
                self.problem(span, "`keys` is a table", None);
                continue;
            };
            let mut given: BTreeMap<Key, String> = BTreeMap::new();
            for (name, item) in keys.iter() {
                let span = keys.key(name).and_then(toml_edit::Key::span);
                let key = match Key::parse(name) {
                    Ok(key) => key,
                    Err(why) => {
                        self.problem(span, &why, None);
                        continue;
                    }
                };
                if let Some(first) = given.insert(key, name.to_owned()) {
                    self.problem(span, &format!("`{name}` and `{first}` are the same key"), None);
                    continue;
                }
                if item.as_str() == Some(NOTHING) {
                    keymap.bind(key, None);
                } else if let Some(action) = self.action(item) {
                    keymap.bind(key, Some(action));
                }
            }
            if self.problems.is_empty() {
                for action in KEPT.into_iter().filter(|action| keymap.keys(*action).next().is_none()) {
                    let hint = format!("give `{}` a key", action.name());
                    self.problem(span.clone(), &format!("no key is left for `{}`", action.name()), Some(hint));
                }
            }
        }
    }

    fn action(&mut self, item: &Item) -> Option<Action> {
        let Some(name) = item.as_str() else {
            self.problem(item.span(), "an action is a text such as \"run\"", None);
            return None;
        };
        let found = Action::named(name);
        if found.is_none() {
            let names = Action::ALL.iter().map(|action| action.name());
            let near = names.min_by_key(|known| strsim::damerau_levenshtein(name, known)).unwrap_or_default();
            let hint = format!("use an action such as {near}; the palette names them all");
            self.problem(item.span(), &format!("there is no action `{name}`"), Some(hint));
        }
        found
    }

    fn problem(&mut self, span: Option<Range<usize>>, message: &str, suggestion: Option<String>) {
        self.problems.push(Problem::at(self.file, self.text, span, message, suggestion));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(text: &str) -> Vec<String> {
        read("keys.toml", text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_key_given_anew_is_the_one_shown_and_the_old_one_stays() {
        let keymap = read("keys.toml", "[keys]\n\"ctrl-r\" = \"run\"\n").unwrap();
        assert_eq!(keymap.action(Key::ctrl('r')), Some(Action::Go));
        assert_eq!(keymap.hint(Action::Go), "^R");
        assert_eq!(keymap.keys(Action::Go).count(), 2);
    }

    #[test]
    fn a_key_is_taken_from_what_it_did_before() {
        let keymap = read("keys.toml", "[keys]\ne = \"next-match\"\nx = \"none\"\n").unwrap();
        assert_eq!(keymap.action(Key::char('e')), Some(Action::NextMatch));
        assert_eq!(keymap.keys(Action::Note).count(), 0);
        assert_eq!(keymap.action(Key::char('x')), None);
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let reported = reported(
            "[keys]\ng = \"rum\"\nreturn = \"run\"\n\"ctrl-A\" = \"up\"\n\"ctrl-a\" = \"down\"\nk = 3\n[colours]\n",
        );
        assert_eq!(reported.len(), 5, "{reported:?}");
        assert!(reported[0].starts_with("keys.toml:2:5: error: there is no action `rum`"), "{}", reported[0]);
        assert!(reported[0].contains("such as run"), "{}", reported[0]);
        assert!(reported[1].starts_with("keys.toml:3:1: error: `return` is no key"), "{}", reported[1]);
        assert!(
            reported[2].starts_with("keys.toml:5:1: error: `ctrl-a` and `ctrl-A` are the same key"),
            "{}",
            reported[2]
        );
        assert!(reported[3].starts_with("keys.toml:6:5: error: an action is a text"), "{}", reported[3]);
        assert!(reported[4].starts_with("keys.toml:7:2: error: a file of keys has no `colours`"), "{}", reported[4]);
    }

    #[test]
    fn the_way_out_is_kept() {
        let reported = reported("[keys]\nq = \"none\"\n\"ctrl-c\" = \"none\"\n");
        assert!(reported[0].contains("no key is left for `quit`"), "{}", reported[0]);
        assert!(reported[0].starts_with("keys.toml:1:2"), "{}", reported[0]);
    }

    #[test]
    fn a_file_that_is_no_toml_is_reported_with_its_place() {
        assert!(reported("[keys]\nq = = 1\n")[0].starts_with("keys.toml:2:"));
    }
}
