//! A text of one line without its markup, and where its links lead.

use super::walk::fold;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Macros of wikis that only dress a text up.
const MACROS: [&str; 10] =
    ["status", "color", "colour", "panel", "info", "note", "warning", "tip", "noformat", "anchor"];

/// What a line of Markdown says, as it is read, and the addresses in it that the text does not spell out.
pub(super) fn read(raw: &str) -> (String, Vec<String>) {
    let (raw, mut links) = without_macros(raw);
    if !raw.contains(['*', '_', '`', '[', '<', '&', '\\', '~', '!']) {
        return (fold(&raw), links);
    }
    // What stands first keeps numbers and signs from being read as lists and headings.
    let guarded = format!("x {raw}");
    let mut text = String::with_capacity(raw.len());
    for event in Parser::new_ext(&guarded, Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::InlineHtml(tag) | Event::Html(tag) => of_tag(&tag, &mut text, &mut links),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::Start(Tag::Strikethrough) | Event::End(TagEnd::Strikethrough) => text.push_str("~~"),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.trim().to_owned());
            }
            _ => {}
        }
    }
    let text = fold(text.strip_prefix("x").unwrap_or(&text));
    links.retain(|link| !link.is_empty() && !text.contains(link.as_str()));
    (text, links)
}

/// Names of HTML's tags; another word between angle brackets is one to fill in.
const TAGS: &str = "a|abbr|address|article|aside|b|bdi|bdo|big|blockquote|body|br|button|caption|center|cite|code|col|colgroup|dd|del|details|\
    dfn|div|dl|dt|em|fieldset|figcaption|figure|font|footer|form|h1|h2|h3|h4|h5|h6|head|header|hr|html|i|iframe|img|input|ins|kbd|\
    label|legend|li|link|main|mark|meta|nav|ol|optgroup|option|p|path|picture|pre|q|rect|s|samp|script|section|select|small|source|\
    span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|time|tr|tt|u|ul|var|video|wbr";

/// Whether a tag is one of HTML, or of a wiki: `<br/>`, `<ac:link>`.
pub(super) fn is_tag(tag: &str) -> bool {
    let inside = tag.trim_start_matches(['<', '/', '!', '?']);
    let name: String = inside.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-')).collect();
    name.is_empty() || name.contains(':') || TAGS.split('|').any(|known| known == name.to_ascii_lowercase())
}

/// What a tag says: an address, a picture's text, a strike; or a word to fill in, which is none.
fn of_tag(tag: &str, text: &mut String, links: &mut Vec<String>) {
    let lower = tag.to_ascii_lowercase();
    let name =
        lower.trim_start_matches(['<', '/']).split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let attribute = |key: &str| {
        let at = lower.find(&format!("{key}=")).map(|at| at + key.len() + 1)?;
        let value = tag.get(at..)?.trim_end_matches(['>', '/', ' ']);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next(),
            None => value.split([' ', '>']).next(),
        };
        value.map(str::to_owned).filter(|value| !value.is_empty())
    };
    match name {
        "del" | "s" | "strike" => text.push_str("~~"),
        "a" => links.extend(attribute("href")),
        "img" => {
            links.extend(attribute("src"));
            text.push_str(&attribute("alt").unwrap_or_default());
        }
        _ if is_tag(tag) => text.push(' '),
        _ => text.push_str(tag),
    }
}

/// What is left of a text that is struck out as a whole.
pub(super) fn struck(text: &str) -> Option<String> {
    let inside = text.trim().strip_prefix("~~")?.strip_suffix("~~")?.trim();
    (!inside.is_empty() && !inside.contains("~~")).then(|| inside.to_owned())
}

/// `{status:colour=Green|title=DONE}` is its title, and `[text|https://…]` is a link.
pub(super) fn without_macros(raw: &str) -> (String, Vec<String>) {
    let mut links = Vec::new();
    if !raw.contains('{') && !raw.contains('|') {
        return (raw.to_owned(), links);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['{', '[']) {
        text.push_str(&rest[..at]);
        let inside = &rest[at + 1..];
        let close = if rest[at..].starts_with('{') { '}' } else { ']' };
        let Some(end) = inside.find(close).filter(|end| *end < 400) else {
            text.push_str(&rest[at..=at]);
            rest = inside;
            continue;
        };
        let (body, after) = (&inside[..end], &inside[end + 1..]);
        let name = body.split([':', '|']).next().unwrap_or_default().trim();
        if close == '}' && MACROS.contains(&name.to_ascii_lowercase().as_str()) {
            let title = body.split([':', '|']).find_map(|part| part.trim().strip_prefix("title="));
            text.push_str(title.unwrap_or_default());
        } else if let Some((words, link)) = body.split_once('|').filter(|(_, l)| close == ']' && l.starts_with("http"))
        {
            text.push_str(words);
            links.push(link.trim().to_owned());
        } else {
            text.push_str(&rest[at..=at]);
            rest = inside;
            continue;
        }
        rest = after;
    }
    text.push_str(rest);
    (text, links)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_struck_out_is_known() {
        assert_eq!(struck("~~Drop it~~").as_deref(), Some("Drop it"));
        for text in ["~~Do not~~ restart", "Drop it", "~~a~~ and ~~b~~", "~~~~"] {
            assert_eq!(struck(text), None, "{text}");
        }
    }

    #[test]
    fn markup_is_no_part_of_what_is_read() {
        for (raw, text, links) in [
            ("**Step 4:** take `a_b` &amp; look<br/>twice", "Step 4: take a_b & look twice", &[][..]),
            ("1. [MB-4](https://j.example/MB-4)", "1. MB-4", &["https://j.example/MB-4"]),
            ("see <https://j.example/a>", "see https://j.example/a", &[]),
            ("{status:colour=Green|title=DONE} Archive", "DONE Archive", &[]),
            ("{color:red}Stop{color} it", "Stop it", &[]),
            ("[8.4|https://j.example/v]", "8.4", &["https://j.example/v"]),
            ("~~old~~ \\_\\_\\_ a | b {x}", "~~old~~ ___ a | b {x}", &[]),
            ("ssh <user>@<host>, <5 per minute", "ssh <user>@<host>, <5 per minute", &[]),
            ("<a href=\"https://j.example\">plan</a>", "plan", &["https://j.example"]),
            ("<img src='a.png' alt='the map'>", "the map", &["a.png"]),
            ("<del>10</del> 20", "~~10~~ 20", &[]),
            ("# no heading", "# no heading", &[]),
        ] {
            assert_eq!(read(raw), (text.to_owned(), links.iter().map(|link| (*link).to_owned()).collect()), "{raw}");
        }
    }
}
