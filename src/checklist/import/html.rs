//! Rows, list items and headings of HTML that is in the document as it is.

use super::account::Account;
use super::regions::RegionKind;
use super::rows;
use super::scan::{Line, Place, Scan, guess};
use super::{blanks, boxes, choices, inline, steps};
use std::ops::Range;

/// A tag, without its attributes.
pub(super) struct Tag {
    pub name: String,
    pub closes: bool,
    pub range: Range<usize>,
}

/// The tags in a text, in order; offsets are those of the text.
pub(super) fn tags(text: &str, within: Range<usize>) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = within.start;
    while let Some(start) = text[at..within.end].find('<').map(|found| at + found) {
        let inside = &text[start + 1..within.end];
        if inside.starts_with("!--") {
            at = inside.find("-->").map_or(within.end, |end| start + 1 + end + 3);
            continue;
        }
        let closes = inside.starts_with('/');
        let name: String = inside[usize::from(closes)..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let Some(end) = inside.find('>').filter(|_| !name.is_empty()) else {
            at = start + 1;
            continue;
        };
        let range = start..start + 1 + end + 1;
        at = range.end;
        tags.push(Tag { name: name.to_ascii_lowercase(), closes, range });
    }
    tags
}

/// The level of a heading's tag: `h1` to `h6`.
pub(super) fn level(name: &str) -> Option<u8> {
    let digit = name.strip_prefix('h')?.parse().ok()?;
    (name.len() == 2 && (1..=6).contains(&digit)).then_some(digit)
}

/// A part of the text with spaces in place of its tags and line ends, as long as it was: offsets keep their meaning. The
/// beginning of each cell becomes a bar.
fn bare(text: &str, range: Range<usize>, tags: &[Tag]) -> String {
    let mut bytes = text.as_bytes()[range.clone()].to_vec();
    for byte in &mut bytes {
        match byte {
            b'|' => *byte = b'/',
            b'\n' | b'\r' | b'\t' => *byte = b' ',
            _ => {}
        }
    }
    for tag in tags.iter().filter(|tag| tag.range.start >= range.start && tag.range.end <= range.end) {
        let own = tag.range.start - range.start..tag.range.end - range.start;
        let checkbox = tag.name == "input";
        let cell = matches!(tag.name.as_str(), "td" | "th") && !tag.closes;
        if !checkbox {
            bytes[own.clone()].fill(b' ');
        }
        if cell {
            bytes[own.start] = b'|';
        }
    }
    // Only whole tags and single signs were replaced, so that it is text as before.
    String::from_utf8(bytes).unwrap_or_default()
}

impl Scan<'_> {
    /// Reads rows and list items of HTML, and says which lines they stand on.
    pub(super) fn look_in_html(&self, account: &mut Account) -> Vec<u32> {
        let mut read = Vec::new();
        let text = self.source.text();
        for region in self.regions.iter().filter(|region| region.kind == RegionKind::Html) {
            let range = region.range.start..region.range.end.min(text.len());
            let tags = tags(text, range.clone());
            let mut header: Vec<String> = Vec::new();
            for (at, tag) in tags.iter().enumerate().filter(|(_, tag)| !tag.closes) {
                let ends = |names: &[&str]| {
                    let next = tags[at + 1..].iter().find(|next| names.contains(&next.name.as_str()));
                    next.map_or(range.end, |next| next.range.start)
                };
                match tag.name.as_str() {
                    "table" => header.clear(),
                    "tr" => {
                        let own = tag.range.end..ends(&["tr", "table"]);
                        let inside = |next: &&Tag| next.range.start >= own.start && next.range.end <= own.end;
                        let titles = tags.iter().filter(inside).any(|tag| tag.name == "th");
                        let data = tags.iter().filter(inside).any(|tag| tag.name == "td");
                        let row = bare(text, own.clone(), &tags);
                        if titles && !data {
                            header = rows::cells(&row).map(rows::plain).collect();
                            read.extend(self.lines_of(&own));
                        } else if self.row(account, &own, &row, &header) {
                            read.extend(self.lines_of(&own));
                        }
                    }
                    "li" => {
                        let own = tag.range.end..ends(&["li", "ul", "ol"]);
                        let mut lists = tags[..at].iter().filter(|tag| matches!(tag.name.as_str(), "ul" | "ol"));
                        let numbered = lists.next_back().is_some_and(|list| list.name == "ol" && !list.closes);
                        let item = bare(text, own.clone(), &tags);
                        if self.item(account, &own, &item, numbered) {
                            read.extend(self.lines_of(&own));
                        }
                    }
                    _ => {}
                }
            }
        }
        read.sort_unstable();
        read.dedup();
        read
    }

    fn lines_of(&self, own: &Range<usize>) -> Range<u32> {
        self.source.line(own.start)..self.source.line(own.end.saturating_sub(1)).saturating_add(1)
    }

    /// Where in the account a part of HTML stands.
    fn place(&self, account: &Account, own: &Range<usize>) -> Place {
        let line = self.source.line(own.start);
        let below = account.headings.partition_point(|heading| heading.line <= line);
        Place::below(below.checked_sub(1))
    }

    fn row(&self, account: &mut Account, own: &Range<usize>, row: &str, header: &[String]) -> bool {
        let place = self.place(account, own);
        let line = Line { number: self.source.line(own.start), start: own.start, text: row };
        let known = account.guessed.len() + account.values.len();
        self.look_in_row(account, &place, line, header, true);
        self.keep_lines(account, own, known)
    }

    fn item(&self, account: &mut Account, own: &Range<usize>, item: &str, numbered: bool) -> bool {
        let place = self.place(account, own);
        let line = Line { number: self.source.line(own.start), start: own.start, text: item };
        let known = account.guessed.len() + account.values.len();
        if let Some(choice) = choices::find(item) {
            let blank = self.asked(account, &place, line, choice);
            account.values.push(blank);
        } else if boxes::anywhere(item).is_some() || item.contains("<input") {
            self.look_for_html_box(account, &place, line);
        } else if !blanks::has_any(item) && steps::is_procedure(account, place.heading, numbered) {
            let (title, _) = inline::read(item);
            if !title.is_empty() {
                guess(account, &place, line.number, &title, ("a step in a list of HTML", false), None);
            }
        }
        self.keep_lines(account, own, known)
    }

    /// Whether something was found, whose further lines are its own too.
    fn keep_lines(&self, account: &mut Account, own: &Range<usize>, known: usize) -> bool {
        let found = account.guessed.len() + account.values.len() > known;
        let lines = self.lines_of(own).skip(1);
        match account.guessed.last_mut().filter(|last| last.line == self.source.line(own.start)) {
            Some(last) if found => last.more.extend(lines),
            _ if found => account.answers.extend(lines),
            _ => {}
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_and_taken_out() {
        let text = "<tr class=\"a\"><td>A | b</td>\n<td>☐<br/>c</td></tr>";
        let tags = tags(text, 0..text.len());
        let names: Vec<(&str, bool)> = tags.iter().map(|tag| (tag.name.as_str(), tag.closes)).collect();
        assert_eq!(names[..3], [("tr", false), ("td", false), ("td", true)]);
        let row = bare(text, 0..text.len(), &tags);
        assert_eq!(row.len(), text.len());
        assert_eq!(rows::cells(&row).map(rows::plain).collect::<Vec<_>>(), ["A / b", "c"]);
        assert_eq!((level("h2"), level("hr"), level("h7"), level("header")), (Some(2), None, None, None));
    }
}
