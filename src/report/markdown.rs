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
        let mut rest = text;
        let mut begins = true;
        while let Some((at, span)) = next_span(rest) {
            let (before, after) = (&rest[..at], &rest[at + span.taken..]);
            escape(&mut out, before, begins)?;
            // In a span of code nothing is a link, a mention or markup, and it reads as it was written. Two of them side by
            // side would be read as one.
            match (at, begins) {
                (0, false) => escape(&mut out, &rest[..span.taken], false)?,
                _ => write!(out, "`{}`", span.text)?,
            }
            (rest, begins) = (after, false);
        }
        escape(&mut out, rest, begins)
    }
}

/// A part of a text that goes into a span of code: one that was code already, or an address.
struct CodeSpan<'a> {
    text: &'a str,
    /// Bytes of the text that it takes the place of.
    taken: usize,
}

/// The next part that a span of code can hold, and where it begins.
fn next_span(text: &str) -> Option<(usize, CodeSpan<'_>)> {
    let code = code_span(text);
    let address = address(text);
    [code, address].into_iter().flatten().min_by_key(|(at, _)| *at)
}

/// The first `code` that is closed again, with nothing in it that a span could not hold.
fn code_span(text: &str) -> Option<(usize, CodeSpan<'_>)> {
    let ticks: Vec<usize> = text.match_indices('`').map(|(at, _)| at).collect();
    // Runs of them mean something else.
    let alone = |at: usize| !text[..at].ends_with('`') && !text[at + 1..].starts_with('`');
    let single: Vec<usize> = ticks.iter().copied().filter(|at| alone(*at)).collect();
    let pair = (single.len() == ticks.len()).then(|| single.chunks_exact(2).next()).flatten()?;
    let inside = &text[pair[0] + 1..pair[1]];
    (fits(inside) && inside.trim() == inside).then_some((pair[0], CodeSpan { text: inside, taken: inside.len() + 2 }))
}

/// The first address that some renderer would turn into a link.
fn address(text: &str) -> Option<(usize, CodeSpan<'_>)> {
    let ends = |c: char| {
        c.is_whitespace()
            || matches!(c, '<' | '>' | '"' | '\'' | '`' | '|' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';')
    };
    let mut at = 0;
    for word in text.split_inclusive(ends) {
        let address = word.trim_end_matches(|c: char| ends(c) || matches!(c, '.' | ':' | '!' | '?' | '*' | '_' | '~'));
        let scheme = address.find("://").is_some_and(|scheme| scheme > 0 && address.len() > scheme + 3);
        let lower = address.to_lowercase();
        let links = scheme || ["www.", "mailto:", "xmpp:"].iter().any(|start| lower.starts_with(start));
        if links && fits(address) {
            return Some((at, CodeSpan { text: address, taken: address.len() }));
        }
        at += word.len();
    }
    None
}

fn fits(code: &str) -> bool {
    let odd = |c: char| matches!(c, '`' | '|' | '\\') || c.is_control() || harmless::is_hidden(c);
    !code.is_empty() && !code.contains(odd)
}

/// Escapes what is text, letter by letter. `begins` says that nothing stands before it.
fn escape<W: Write>(out: &mut W, text: &str, begins: bool) -> fmt::Result {
    let mut before = (!begins).then_some('`');
    let mut numbered = begins;
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
            '.' if before.is_some_and(|c: char| c.eq_ignore_ascii_case(&'w'))
                && rest.peek().is_some_and(|c| c.is_alphanumeric()) =>
            {
                out.write_str("\\.")?;
            }
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
                Event::Text(text) | Event::Code(text) => reported.push_str(text),
                other => panic!("{other:?} in {markdown}"),
            }
        }
        let reported = reported.replace('\u{2060}', "");
        // What was a span of code stays one, and has its marks in the Markdown only.
        let text = text.replace('\n', " ").replace("`code`", "code");
        assert_eq!(reported.trim_end(), text.trim_end(), "{markdown}");
    }

    #[rstest]
    #[case("Run `pytest -q` in the `app` folder", "Run `pytest -q` in the `app` folder")]
    #[case("an `open tick", "an \\`open tick")]
    #[case("a ``run`` of ticks", "a \\`\\`run\\`\\` of ticks")]
    #[case("`a | b`", "\\`a \\| b\\`")]
    #[case("``", "\\`\\`")]
    #[case("a *`b`*", "a \\*`b`\\*")]
    fn code_in_a_title_stays_code(#[case] text: &str, #[case] markdown: &str) {
        assert_eq!(escaped(text), markdown);
    }

    #[test]
    fn names_numbers_and_addresses_are_not_turned_into_links() {
        assert_eq!(escaped("@ada #12"), "\\@&#8288;ada \\#&#8288;12");
        assert_eq!(escaped("https://a.example www.b.example"), "`https://a.example` `www.b.example`");
        assert_eq!(escaped("see (https://a.example/x_y?z=1), now."), "see (`https://a.example/x_y?z=1`), now.");
        assert_eq!(escaped("mailto:a@b.example"), "`mailto:a@b.example`");
        assert_eq!(escaped("https://a.example/`x`"), "`https://a.example/`\\`x\\`");
        assert_eq!(escaped("signoff:crew, a@b.example"), "signoff:crew, a\\@&#8288;b.example");
        assert_eq!(escaped("at 02:00:11, 99.005 %: fine"), "at 02:00:11, 99.005 %: fine");
        assert_eq!(escaped("a\u{1b}[31mb"), "a\\\\u001b\\[31mb");
    }
}
