//! Reads a theme file, and says in one go everything that is wrong with it.

use super::paint::nearest;
use super::{Colour, Emphasis, OutputColours, Paint, Role, Theme};
use crate::checklist::Problem;
use std::ops::Range;
use toml_edit::{Document, Item, Value};

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

pub(super) fn read(file: &str, text: &str) -> Result<Theme, Vec<Problem>> {
    let mut reader = Reader { file, text, problems: Vec::new() };
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            reader.problem(error.span(), error.message(), None);
            return Err(reader.problems);
        }
    };
    let theme = reader.theme(document.as_table());
    if reader.problems.is_empty() {
        return Ok(theme);
    }
    reader.problems.sort_by_key(|problem| problem.place);
    Err(reader.problems)
}

impl Reader<'_> {
    fn theme(&mut self, table: &toml_edit::Table) -> Theme {
        let mut theme = Theme::default();
        let mut roles = None;
        // The themes inside the program have no base, so that reading one never needs another.
        let mut base = if Theme::NAMES.contains(&self.file) { None } else { Some("dark".to_owned()) };
        for (key, item) in table {
            let span = item.span();
            match (key, item.as_str()) {
                ("name", Some(name)) => name.clone_into(&mut theme.name),
                ("base", Some(name)) if Theme::NAMES.contains(&name) => base = Some(name.to_owned()),
                ("base", _) => {
                    self.problem(span, &format!("`base` is one of {}", Theme::NAMES.join(", ")), None);
                }
                ("output", Some("colours")) => theme.output = OutputColours::Kept,
                ("output", Some("plain")) => theme.output = OutputColours::Dropped,
                ("output", _) => self.problem(span, "`output` is colours or plain", None),
                ("name", None) => self.problem(span, "`name` is a text", None),
                ("roles", _) => match item.as_table_like() {
                    Some(table) => roles = Some(table),
                    None => self.problem(span, "`roles` is a table", None),
                },
                _ => {
                    let hint = format!("use a key{}", nearest(key, ["name", "base", "output", "roles"]));
                    let span = table.key(key).and_then(toml_edit::Key::span);
                    self.problem(span, &format!("a theme has no `{key}`"), Some(hint));
                }
            }
        }
        if let Some(base) = base.and_then(|name| Theme::named(&name)) {
            theme.roles = base.roles;
        }
        let Some(roles) = roles else { return theme };
        for (key, item) in roles.iter() {
            let Some(role) = Role::ALL.into_iter().find(|role| role.word() == key) else {
                let hint = format!("use a role{}", nearest(key, Role::ALL.map(Role::word)));
                let span = roles.key(key).and_then(toml_edit::Key::span);
                self.problem(span, &format!("there is no role `{key}`"), Some(hint));
                continue;
            };
            let mut paint = self.paint(item);
            if role == Role::Background && item.as_table_like().is_none() {
                // One colour alone is the ground's own, not that of letters on it.
                paint.background = paint.foreground.take();
            }
            theme.roles.insert(role, paint);
        }
        theme
    }

    fn paint(&mut self, item: &Item) -> Paint {
        let mut paint = Paint::default();
        let Some(table) = item.as_table_like() else {
            paint.foreground = self.colour(item);
            return paint;
        };
        for (key, item) in table.iter() {
            match key {
                "foreground" => paint.foreground = self.colour(item),
                "background" => paint.background = self.colour(item),
                "emphasis" => paint.emphasis = self.emphasis(item),
                _ => {
                    let hint = format!("use a key{}", nearest(key, ["foreground", "background", "emphasis"]));
                    let span = table.key(key).and_then(toml_edit::Key::span);
                    self.problem(span, &format!("a role has no `{key}`"), Some(hint));
                }
            }
        }
        paint
    }

    fn colour(&mut self, item: &Item) -> Option<Colour> {
        let text = item.as_str().map(ToOwned::to_owned).or_else(|| item.as_integer().map(|n| n.to_string()));
        let read = match text {
            Some(text) => Colour::parse(&text),
            None => Err("a colour is a text or a number from 0 to 255".to_owned()),
        };
        read.unwrap_or_else(|why| {
            self.problem(item.span(), &why, None);
            None
        })
    }

    fn emphasis(&mut self, item: &Item) -> Vec<Emphasis> {
        let Some(list) = item.as_array() else {
            self.problem(item.span(), "`emphasis` is a list such as [\"bold\"]", None);
            return Vec::new();
        };
        let mut read = Vec::new();
        for value in list {
            match Emphasis::parse(value.as_str().unwrap_or_default()) {
                Ok(emphasis) => read.push(emphasis),
                Err(why) => self.problem(Value::span(value), &why, None),
            }
        }
        read
    }

    fn problem(&mut self, span: Option<Range<usize>>, message: &str, suggestion: Option<String>) {
        self.problems.push(Problem::at(self.file, self.text, span, message, suggestion));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let text =
            "name = \"x\"\n[roles]\ngood = \"gren\"\nbat = \"red\"\ntext = { emphasis = [\"bold\", \"loud\"] }\n";
        let problems = read("mine.toml", text).unwrap_err();
        let reported: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 3, "{reported:?}");
        assert!(reported[0].starts_with("mine.toml:3:8: error: `gren` is no colour"), "{}", reported[0]);
        assert!(reported[1].starts_with("mine.toml:4:1: error: there is no role `bat`"), "{}", reported[1]);
        assert!(reported[1].contains("such as bad"), "{}", reported[1]);
        assert!(reported[2].starts_with("mine.toml:5:30: error: `loud` is no emphasis"), "{}", reported[2]);
    }

    #[test]
    fn a_text_that_is_no_toml_is_reported_with_its_place() {
        let problems = read("mine.toml", "name = \"x\"\nroles = = 1\n").unwrap_err();
        assert_eq!(problems[0].place.line, 2, "{}", problems[0]);
    }

    #[test]
    fn colours_may_be_numbers() {
        let theme = read("mine.toml", "[roles]\nbar = 75\n").unwrap();
        assert_eq!(theme.paint(Role::Bar).foreground, Some(Colour::Indexed(75)));
        assert!(read("mine.toml", "[roles]\nbar = 300\n").is_err());
    }
}
