//! The report as Markdown, as GitHub and GitLab render it. What comes from outside is text there and nothing else: no
//! HTML, no links, no pictures, no mentions.

use super::attempts::Attempt;
use super::availability::Handover;
use super::{Phase, Report};
use crate::harmless;
use askama::Template;
use askama::filters::Escaper;
use std::fmt::{self, Write};

/// Escapes what a template puts into Markdown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Markdown;

/// The invisible character that keeps `@name` and `#12` from being turned into links: it joins and breaks no line.
const JOINER: &str = "&#8288;";

impl Escaper for Markdown {
    fn write_escaped_str<W: Write>(&self, mut out: W, text: &str) -> fmt::Result {
        let mut before = None;
        let mut numbered = true;
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '&' => out.write_str("&amp;")?,
                '@' | '#' => write!(out, "\\{character}{JOINER}")?,
                '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => write!(out, "\\{character}")?,
                // A line of Markdown is one line: a new one could begin a heading or a list.
                '\n' | '\r' | '\t' => out.write_char(' ')?,
                // Addresses are not turned into links.
                ':' if rest.peek() == Some(&'/') => out.write_str("\\:")?,
                ':' if before.is_some_and(char::is_alphabetic) && rest.peek().is_some_and(|c| !c.is_whitespace()) => {
                    out.write_str("\\:")?;
                }
                '.' if before.is_some_and(|c: char| c.eq_ignore_ascii_case(&'w')) => out.write_str("\\.")?,
                '-' | '+' | '=' if before.is_none() => write!(out, "\\{character}")?,
                // A number at the beginning of a line begins a list.
                '.' | ')' if numbered && before.is_some() && rest.peek().is_none_or(|c| *c == ' ') => {
                    write!(out, "\\{character}")?;
                }
                _ if harmless::is_hidden(character) => {
                    out.write_str(&harmless::line(character.encode_utf8(&mut [0; 4])).replace('\\', "\\\\"))?;
                }
                _ => out.write_char(character)?,
            }
            numbered &= character.is_ascii_digit();
            before = Some(character);
        }
        Ok(())
    }
}

#[derive(Template)]
#[template(path = "report.md")]
struct Page<'a> {
    r: &'a Report,
}

pub(super) fn render(report: &Report) -> Result<String, askama::Error> {
    let page = Page { r: report }.render()?;
    Ok(page)
}

/// What is in a line of HTML within Markdown, where only HTML is read.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in harmless::line(text).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '@' | '#' => {
                out.push(character);
                out.push_str(JOINER);
            }
            _ => out.push(character),
        }
    }
    out
}

impl Phase {
    /// The line that shows while its steps are folded.
    pub fn summary(&self) -> String {
        html(&format!("{}: {}, {}", self.title.trim_end_matches(':'), self.state, self.tally))
    }
}

impl Attempt {
    /// The line that shows while the rest is folded.
    pub fn summary(&self) -> String {
        let took = self.took_ms.map(|took| format!(", {took}")).unwrap_or_default();
        html(&format!("{} · {}: {}{took}", self.attempt, self.title.trim_end_matches(':'), self.result))
    }

    /// Command and output as one fenced block: nothing in it ends the fence, and nothing in it is Markdown.
    pub fn fenced(&self) -> Option<String> {
        let mut text = String::new();
        if let Some(command) = &self.command {
            let _ = writeln!(text, "$ {command}");
        }
        let excerpt = self.output.as_ref().and_then(|output| output.excerpt.as_ref());
        text.push_str(excerpt.map_or("", |excerpt| excerpt.text.as_str()));
        fence(&text)
    }
}

impl Handover {
    /// As it was written.
    pub fn fenced(&self) -> Option<String> {
        fence(&self.text)
    }
}

/// A block that nothing in it ends; none of nothing.
fn fence(text: &str) -> Option<String> {
    let text = harmless::text(text.trim_end());
    if text.is_empty() {
        return None;
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    Some(format!("{fence}text\n{text}\n{fence}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};
    use rstest::rstest;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        Markdown.write_escaped_str(&mut out, text).unwrap();
        out
    }

    #[rstest]
    #[case("<script>alert(1)</script><img src=x onerror=alert(1)>")]
    #[case("[click](javascript:alert(1)) ![x](https://evil.example/pixel.png) <https://evil.example>")]
    #[case("# heading\n- list\n1. list\n> quote\n```\ncode\n```")]
    #[case("**bold** _it_ ~~gone~~ `code` $x$ | cell | &lt; &amp;")]
    #[case("- first\n+ second")]
    #[case("1. first")]
    #[case("\\[escaped](x) \\<b>")]
    #[case("=====")]
    fn what_is_put_in_is_text_and_nothing_else(#[case] text: &str) {
        let markdown = escaped(text);
        let events: Vec<Event> = Parser::new_ext(&markdown, Options::all()).collect();
        let mut reported = String::new();
        for event in &events {
            match event {
                Event::Start(Tag::Paragraph) | Event::End(_) => {}
                Event::Text(text) => reported.push_str(text),
                other => panic!("{other:?} in {markdown}"),
            }
        }
        let reported = reported.replace('\u{2060}', "");
        assert_eq!(reported.trim_end(), text.replace('\n', " ").trim_end(), "{markdown}");
    }

    #[test]
    fn names_numbers_and_addresses_are_not_turned_into_links() {
        assert_eq!(escaped("@ada #12"), "\\@&#8288;ada \\#&#8288;12");
        assert_eq!(escaped("https://a.example www.b.example"), "https\\://a.example www\\.b.example");
        assert_eq!(escaped("mailto:a@b.example"), "mailto\\:a\\@&#8288;b.example");
        assert_eq!(escaped("at 02:00:11, 99.005 %: fine"), "at 02:00:11, 99.005 %: fine");
        assert_eq!(escaped("a\u{1b}[31mb"), "a\\\\u001b\\[31mb");
    }
}
