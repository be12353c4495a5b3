//! Cuts text of a shell into the commands in it, well enough to tell what each of them would do.
//!
//! Knows quotes, comments, continued lines, pipes, redirections, here-documents, substitutions and variables that the
//! text sets itself. No text makes it fail: what is left open is read as plain characters.

use super::command::{Command, Input};
use super::quotes::{closing, end_of_quote, is_name, unwrapped};
use std::collections::HashMap;

/// What the next word is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Redirect {
    Input,
    Text,
    Document,
    Output,
    Append,
}

/// The most commands of one text.
const MOST: usize = 4_000;
/// The longest text that a variable stands for, so that no text grows by its own variables.
const LONGEST: usize = 4_000;
/// The most text that all variables of a text become.
const MOST_EXPANDED: usize = 400_000;

/// The most characters of a place to fill in.
const PLACE: usize = 42;

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    command: Command,
    word: Option<String>,
    redirect: Option<Redirect>,
    /// Here-documents that begin on the next line: the index of their command, and their ends.
    documents: Vec<(usize, String)>,
    variables: HashMap<String, String>,
    /// How much more text variables may become.
    budget: usize,
    /// Whether a backslash parts folders and takes nothing from what follows it.
    windows: bool,
    done: Vec<Command>,
}

/// The commands of a text, in order. One that reads a pipe stands behind the one it reads from.
pub(super) fn commands(text: &str) -> Vec<Command> {
    read(text, false)
}

/// The commands of a text of cmd or PowerShell.
pub(super) fn commands_of_windows(text: &str) -> Vec<Command> {
    read(text, true)
}

fn read(text: &str, windows: bool) -> Vec<Command> {
    let mut lexer = Lexer {
        text,
        at: 0,
        command: Command::default(),
        word: None,
        redirect: None,
        documents: Vec::new(),
        variables: HashMap::new(),
        budget: MOST_EXPANDED,
        windows,
        done: Vec::new(),
    };
    while lexer.at < text.len() && lexer.done.len() < MOST {
        lexer.step();
    }
    lexer.end_command(Input::Nothing);
    lexer.done
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn step(&mut self) {
        let Some(c) = self.rest().chars().next() else { return };
        let next = self.rest()[c.len_utf8()..].chars().next();
        match c {
            '\\' if self.windows => self.push("\\", 1),
            '\\' => self.escape(),
            '\'' => self.quoted('\'', false),
            '"' => self.quoted('"', true),
            '`' => match self.rest()[1..].find('`') {
                Some(length) => {
                    let inner = self.rest()[1..=length].to_owned();
                    self.substitute(inner, length + 2);
                }
                None => self.push("`", 1),
            },
            '$' => self.dollar(),
            '#' if self.word.is_none() => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
            '<' => self.less(),
            '>' => self.greater(),
            '&' if next == Some('>') => {
                self.at += 1;
                self.greater();
            }
            '\n' => {
                self.at += 1;
                self.end_command(Input::Nothing);
                self.read_documents();
            }
            '|' => {
                self.at += 1;
                let or = next == Some('|');
                self.at += usize::from(or || next == Some('&'));
                self.end_command(if or { Input::Nothing } else { Input::Pipe });
            }
            ';' | '&' | '(' | ')' => {
                self.at += 1;
                self.end_command(Input::Nothing);
            }
            c if c.is_whitespace() => {
                self.at += c.len_utf8();
                self.end_word();
            }
            c => {
                let length = c.len_utf8();
                let text = c.to_string();
                self.push(&text, length);
            }
        }
    }

    /// Adds to the word being read and goes on by some bytes.
    fn push(&mut self, text: &str, length: usize) {
        if self.word.is_none() && self.command.words.is_empty() {
            self.command.start = self.at;
        }
        self.word.get_or_insert_default().push_str(text);
        self.at += length;
        self.command.end = self.at;
    }

    fn escape(&mut self) {
        let after = &self.rest()[1..];
        let line_end = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
        if line_end > 0 {
            self.at += 1 + line_end;
            return;
        }
        match after.chars().next() {
            Some(c) => self.push(&c.to_string(), 1 + c.len_utf8()),
            None => self.push("\\", 1),
        }
    }

    fn quoted(&mut self, quote: char, expands: bool) {
        let inside = &self.rest()[1..];
        let Some(end) = end_of_quote(inside, quote, expands) else { return self.push(&quote.to_string(), 1) };
        let inside = inside[..end].to_owned();
        if !expands {
            return self.push(&inside, end + 2);
        }
        let mut text = String::new();
        let mut rest = inside.as_str();
        while let Some(at) = rest.find(['\\', '$', '`']) {
            text.push_str(&rest[..at]);
            let (c, after) = (&rest[at..=at], &rest[at + 1..]);
            let length = match c {
                "\\" => {
                    let next = after.chars().next();
                    // Before anything else it stays.
                    let escapes = next.is_none_or(|c| matches!(c, '$' | '`' | '"' | '\\' | '\n'));
                    text.push_str(if escapes { "" } else { "\\" });
                    text.extend(next.filter(|c| *c != '\n'));
                    next.map_or(0, char::len_utf8)
                }
                "`" => after.find('`').map_or(0, |length| {
                    self.command.inner.push(after[..length].to_owned());
                    length + 1
                }),
                _ if after.starts_with('(') => {
                    let length = closing(after);
                    self.command.inner.push(unwrapped(&after[..length]));
                    length
                }
                _ => {
                    let (value, length) = self.value(after);
                    text.push_str(&value);
                    length
                }
            };
            rest = &after[length..];
        }
        text.push_str(rest);
        self.push(&text, end + 2);
    }

    fn dollar(&mut self) {
        let after = self.rest()[1..].to_owned();
        if after.starts_with("((") {
            let length = closing(&after);
            self.push("0", 1 + length);
        } else if after.starts_with('(') {
            let length = closing(&after);
            self.substitute(unwrapped(&after[..length]), 1 + length);
        } else if after.starts_with('\'') || after.starts_with('"') {
            self.at += 1;
        } else {
            let (value, length) = self.value(&after);
            // Without quotes a value is as many words as it has.
            let mut parts = value.split_whitespace();
            let first = parts.next().unwrap_or_default().to_owned();
            self.push(&first, 1 + length);
            for part in parts {
                self.end_word();
                self.push(part, 0);
            }
        }
    }

    /// A text that the shell runs in place of a word, and all bytes that it takes up.
    fn substitute(&mut self, inner: String, length: usize) {
        self.command.inner.push(inner);
        self.push("$()", length);
    }

    /// The value of the variable that a text begins with, behind its `$`, and the bytes of its name.
    fn value(&mut self, after: &str) -> (String, usize) {
        let name = |text: &str| {
            let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
            text[..end].to_owned()
        };
        let (name, length) = match after.strip_prefix('{') {
            Some(inside) => match inside.find('}') {
                Some(end) if name(inside).len() == end => (name(inside), end + 2),
                Some(end) => return (format!("${}", &after[..end + 2]), end + 2),
                None => return ("$".to_owned(), 0),
            },
            None => (name(after), name(after).len()),
        };
        let known = self.variables.get(&name).filter(|value| value.len() <= self.budget).cloned();
        self.budget -= known.as_ref().map_or(0, String::len);
        (known.unwrap_or_else(|| format!("${}", &after[..length])), length)
    }

    fn less(&mut self) {
        let rest = self.rest();
        // `<name>` is a place to fill in.
        let end = rest[1..].char_indices().take(PLACE).find(|(_, c)| *c == '>').map(|(end, _)| end);
        let place = end.filter(|end| {
            let inside = &rest[1..=*end];
            let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | '-');
            inside.starts_with(char::is_alphabetic) && inside.chars().all(plain)
        });
        if let Some(end) = place {
            let text = rest[..end + 2].to_owned();
            return self.push(&text, end + 2);
        }
        if rest.starts_with("<(") {
            let length = closing(&rest[1..]);
            let inner = unwrapped(&rest[1..=length]);
            return self.substitute(inner, 1 + length);
        }
        let (length, redirect) = if rest.starts_with("<<<") {
            (3, Redirect::Text)
        } else if let Some(end) = rest.strip_prefix("<<") {
            (2 + usize::from(end.starts_with('-')), Redirect::Document)
        } else {
            (1, Redirect::Input)
        };
        self.end_word();
        self.at += length;
        self.redirect = Some(redirect);
    }

    fn greater(&mut self) {
        // The number of what is redirected is no word.
        if self.word.as_ref().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches(['>', '&', '|']).len();
        let redirect =
            if rest.starts_with(">>") || rest.starts_with(">&") { Redirect::Append } else { Redirect::Output };
        if self.command.words.is_empty() {
            self.command.start = self.at;
        }
        self.at += length;
        self.command.end = self.at;
        self.redirect = Some(redirect);
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        match self.redirect.take() {
            None => self.command.words.push(word),
            Some(Redirect::Input) => self.command.input = Input::File,
            Some(Redirect::Text) => self.command.input = Input::Text(word),
            Some(Redirect::Document) => self.documents.push((self.done.len(), word)),
            Some(Redirect::Output) => self.command.output = Some(word),
            Some(Redirect::Append) => {}
        }
    }

    /// Ends the command; the next one reads what is reported.
    fn end_command(&mut self, next: Input) {
        self.end_word();
        self.redirect = None;
        let command = std::mem::replace(&mut self.command, Command { input: next, ..Command::default() });
        for word in &command.words {
            match word.split_once('=') {
                Some((name, value)) if is_name(name) && value.len() <= LONGEST => {
                    self.variables.insert(name.to_owned(), value.to_owned());
                }
                _ if super::among("export|local|declare|readonly|{|!|if|then|do|else|while|until", word) => {}
                _ => break,
            }
        }
        let empty = command.words.is_empty() && command.output.is_none() && command.inner.is_empty();
        if empty && command.input == Input::Nothing {
            return;
        }
        if empty && command.input == Input::Pipe {
            // A pipe that goes on behind the line's end.
            self.command.input = Input::Pipe;
            return;
        }
        self.done.push(command);
    }

    fn read_documents(&mut self) {
        for (index, end) in std::mem::take(&mut self.documents) {
            let mut text = String::new();
            while self.at < self.text.len() {
                let line = self.rest().split_inclusive('\n').next().unwrap_or_default().to_owned();
                self.at += line.len();
                if line.trim() == end {
                    break;
                }
                text.push_str(&line);
            }
            if let Some(command) = self.done.get_mut(index) {
                command.end = self.at;
                command.input = Input::Text(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        commands(text).into_iter().map(|command| command.words).collect()
    }

    #[test]
    fn words_are_what_the_shell_would_see() {
        assert_eq!(words("a 'b c' \"d $E\" f\\ g # h\ni"), [vec!["a", "b c", "d $E", "f g"], vec!["i"]]);
        assert_eq!(words("a \\\n  b && c; d || e & f"), [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"], vec!["f"]]);
        assert_eq!(words("X='rm -rf'; $X /a \"$X\""), [vec!["X=rm -rf"], vec!["rm", "-rf", "/a", "rm -rf"]]);
        assert_eq!(words("a 2>&1 >x >>y b <env> c"), [vec!["a", "b", "<env>", "c"]]);
        assert_eq!(commands_of_windows("rd /s C:\\a b")[0].words, ["rd", "/s", "C:\\a", "b"]);
        assert_eq!(words("it's open (a"), [vec!["it's", "open"], vec!["a"]]);
    }

    #[test]
    fn what_a_command_reads_is_known() {
        let read = |text: &str| commands(text).into_iter().map(|command| command.input).collect::<Vec<_>>();
        assert_eq!(read("a | b"), [Input::Nothing, Input::Pipe]);
        assert_eq!(read("a |\n b"), [Input::Nothing, Input::Pipe]);
        assert_eq!(read("a < b"), [Input::File]);
        assert_eq!(read("a <<EOF\nx\ny\nEOF\nb"), [Input::Text("x\ny\n".into()), Input::Nothing]);
        assert_eq!(read("cat <<'E' | b\nx\nE\n"), [Input::Text("x\n".into()), Input::Pipe]);
        assert_eq!(read("a <<< 'x y'"), [Input::Text("x y".into())]);
        let inner = commands("kill $(pidof a) \"$(b \"c\")\"").remove(0).inner;
        assert_eq!(inner, ["pidof a", "b \"c\""]);
    }

    #[test]
    fn no_text_makes_it_fail() {
        for text in [
            "", "$", "${", "$(", "`", "'", "\"", "\\", "<", "<<", "<<E", ">", "a <(", "\"$(\"", "\"\\", "é|", "$((1",
            "\"$\"", "\"`\"", "$(é", "<(é", "\"$(é\"", "<é>", "`é`", "$é",
        ] {
            let _ = commands(text);
        }
    }
}
