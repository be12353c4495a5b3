//! Looks at every line once more for what the Markdown parser has no word for: boxes that GitHub does not render, and
//! blanks to fill in.

use super::account::{Account, Blank, BoxState, Guess, Guessed, Kind, Language, Reason, Skipped};
use super::blanks;
use super::boxes::{self, Boxed, Form, Marker};
use super::choices;
use super::kinds;
use super::regions::{RegionKind, Regions};
use super::source::Source;
use super::walk::fold;

/// What a line is looked at with.
pub struct Scan<'a> {
    pub source: &'a Source,
    pub regions: &'a Regions,
    /// The header cells of each table.
    pub tables: &'a [Vec<String>],
}

/// Where on the way through the document the scan stands.
#[derive(Default)]
struct Place {
    heading: Option<usize>,
    next_heading: usize,
    next_live: usize,
    /// The task items around this line, outermost first.
    around: Vec<usize>,
}

impl Place {
    fn move_to(&mut self, account: &Account, line: u32, start: usize) {
        while account.headings.get(self.next_heading).is_some_and(|heading| heading.line <= line) {
            self.heading = Some(self.next_heading);
            self.next_heading += 1;
        }
        while self.around.last().is_some_and(|live| account.live[*live].extent.end <= start) {
            self.around.pop();
        }
        while account.live.get(self.next_live).is_some_and(|live| live.line <= line) {
            self.around.push(self.next_live);
            self.next_live += 1;
        }
    }
}

impl Scan<'_> {
    /// Adds guesses, skipped lines and blanks to an account whose task items have their kinds.
    pub fn run(&self, account: &mut Account) {
        let mut reader = self.regions.reader();
        let mut place = Place::default();
        for (line, start, text) in self.source.lines() {
            let indent = text.len() - text.trim_start_matches([' ', '\t', '>']).len();
            let mut region = reader.at(start + indent.min(text.len().saturating_sub(1)));
            place.move_to(account, line, start);
            let live = place.around.last().copied().filter(|index| account.live[*index].line == line);
            if live.is_none() && text.len() > 1 {
                self.look_for_box(account, &place, (line, start), text, &mut region);
            }
            if text.contains('_') && blanks::has_any(text) {
                self.look_for_blanks(account, &place, line, start, text, region);
            }
        }
    }

    fn look_for_box(
        &self,
        account: &mut Account,
        place: &Place,
        (line, start): (u32, usize),
        text: &str,
        region: &mut Option<RegionKind>,
    ) {
        // A comment may begin in the middle of a line of HTML.
        let commented = text.contains('<')
            && text.contains("<!--")
            && !matches!(region, Some(RegionKind::Fence(_) | RegionKind::IndentedCode(_)));
        if commented && boxes::leading(text).is_none() {
            *region = Some(RegionKind::Comment);
        }
        let skip = |why: Reason, boxed: Boxed<'_>| Skipped { line, text: shown(boxed.text), why };
        let rendered =
            |boxed: &Boxed<'_>| boxed.form == Form::Proper && matches!(boxed.marker, Marker::Bullet | Marker::Number);
        match region {
            Some(RegionKind::Fence(_)) => {
                account.skipped.extend(boxes::leading(text).filter(rendered).map(|b| skip(Reason::Template, b)));
            }
            Some(RegionKind::IndentedCode(_)) => {
                account.skipped.extend(boxes::leading(text).filter(rendered).map(|b| skip(Reason::Indented, b)));
            }
            Some(RegionKind::Comment) => {
                let found = boxes::anywhere(text).filter(|boxed| boxed.form == Form::Proper);
                account.skipped.extend(found.map(|b| skip(Reason::Comment, b)));
            }
            Some(RegionKind::Html) if let Some(checked) = html_checkbox(text) => {
                guess(account, place, line, &plain(text), "a checkbox in HTML", checked);
            }
            Some(RegionKind::Html) => {
                account.skipped.extend(boxes::anywhere(text).map(|b| skip(Reason::Html, b)));
            }
            Some(RegionKind::FrontMatter) => {
                account.skipped.extend(boxes::leading(text).map(|b| skip(Reason::FrontMatter, b)));
            }
            Some(RegionKind::Rule) => {}
            Some(RegionKind::Heading) => {
                if let Some(boxed) = boxes::anywhere(text) {
                    let title = format!("{}{}", text[..boxed.start].trim_start_matches(['#', ' ']), boxed.text.trim());
                    guess(account, place, line, &title, "a box in a heading", boxed.checked);
                }
            }
            Some(RegionKind::Table(index)) => self.look_in_row(account, place, line, text, *index),
            None if is_hidden(text) => {
                let found = boxes::anywhere(text).filter(|boxed| boxed.form == Form::Proper);
                account.skipped.extend(found.map(|b| skip(Reason::Comment, b)));
            }
            None => {
                if let Some(choice) = choices::find(text) {
                    let label = if choice.label.is_empty() { fallback(account, place) } else { choice.label };
                    account.values.push(Blank {
                        line,
                        label: format!("{label} ({})", choice.options.join(" / ")),
                        unit: None,
                        span: self.source.span(start + choice.range.start, start + choice.range.end),
                        heading: place.heading,
                        owner: place.around.last().copied(),
                    });
                } else if let Some(checked) = html_checkbox(text) {
                    guess(account, place, line, &plain(text), "a checkbox in HTML", checked);
                } else {
                    look_in_text(account, place, line, text);
                }
            }
        }
    }

    /// A row of a table: a box in one of its cells, or a line to sign.
    fn look_in_row(&self, account: &mut Account, place: &Place, line: u32, text: &str, table: usize) {
        let header = &self.tables[table];
        if let Some(boxed) = boxes::anywhere(text).filter(|_| !is_header(text, header)) {
            guess_row(account, place, line, text, header, ("a box in a table", boxed.checked));
            return;
        }
        if let Some(done) = state_of(text, header).filter(|_| !is_header(text, header)) {
            guess_row(account, place, line, text, header, ("a row with a state in a table", done));
            return;
        }
        let signs = header.iter().any(|cell| {
            let cell = cell.to_lowercase();
            cell.contains("signature")
                || cell.contains("sign-off")
                || cell.contains("signed")
                || cell.contains("unterschrift")
        });
        let mut row = cells(text).map(plain);
        let role = row.next().unwrap_or_default();
        let ruled = role.chars().all(|c| matches!(c, '-' | ':' | ' '));
        if signs && !ruled && !is_header(text, header) && row.all(|cell| cell.is_empty()) {
            let why = "a row to sign in a table";
            account.guessed.push(Guess::new(line, role, why, Guessed::SignOff, place.heading));
        }
    }

    fn look_for_blanks(
        &self,
        account: &mut Account,
        place: &Place,
        line: u32,
        start: usize,
        text: &str,
        region: Option<RegionKind>,
    ) {
        let header: &[String] = match region {
            Some(RegionKind::Html | RegionKind::Comment | RegionKind::FrontMatter | RegionKind::Rule) => return,
            Some(RegionKind::Fence(code) | RegionKind::IndentedCode(code)) => {
                let language = account.code.get(code).map_or(Language::Other, |block| block.language);
                if language != Language::Other {
                    return;
                }
                &[]
            }
            Some(RegionKind::Table(table)) => &self.tables[table],
            Some(RegionKind::Heading) | None => &[],
        };
        let owner = place.around.last().copied();
        let form = |index: &usize| matches!(account.live[*index].kind, Kind::Issue | Kind::Lesson);
        let signed = owner.is_some_and(|index| account.live[index].kind == Kind::SignOff);
        if signed || place.around.iter().any(form) {
            return;
        }
        if owner.is_none() && kinds::is_signed(text) && !matches!(region, Some(RegionKind::Fence(_))) {
            let why = "a line to sign that has no box";
            let text = blanks::title(&text[label_start(text)..]);
            account.guessed.push(Guess::new(line, text, why, Guessed::SignOff, place.heading));
            return;
        }
        for blank in blanks::find(text) {
            let label = if header.is_empty() { blank.label } else { row_label(text, blank.range.start, header) };
            let label = if label.is_empty() { fallback(account, place) } else { label };
            account.values.push(Blank {
                line,
                label,
                unit: blank.unit,
                span: self.source.span(start + blank.range.start, start + blank.range.end),
                heading: place.heading,
                owner,
            });
        }
    }
}

/// Whether a line holds a checkbox of HTML, and whether that is ticked.
fn html_checkbox(text: &str) -> Option<bool> {
    let tag = text.find("<input").map(|at| &text[at..])?;
    let tag = tag.split('>').next().unwrap_or(tag);
    let named = !plain(text).is_empty();
    (tag.contains("checkbox") && named).then(|| tag.replace("checkbox", "").contains("checked"))
}

/// `[//]: # (…)`, a comment written as a definition of a link.
fn is_hidden(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("[//]:") || text.starts_with("[comment]:")
}

/// What a blank without a word of its own is called.
fn fallback(account: &Account, place: &Place) -> String {
    let owner = place.around.last().map(|index| blanks::title(&account.live[*index].text));
    let heading = || account.path(place.heading).map(|heading| heading.text.clone()).find(|text| !text.is_empty());
    owner.filter(|text| !text.is_empty()).or_else(heading).unwrap_or_else(|| "value".to_owned())
}

fn look_in_text(account: &mut Account, place: &Place, line: u32, text: &str) {
    // AsciiDoc numbers its steps by a dot.
    if let Some(step) = text.strip_prefix(". ").filter(|step| step.starts_with(char::is_alphanumeric)) {
        guess(account, place, line, step, "a numbered step without a box", false);
        return;
    }
    let Some(boxed) = boxes::leading(text) else { return };
    if boxed.text.trim().is_empty() {
        return;
    }
    let why = match (boxed.marker, boxed.form) {
        (_, Form::Mark(mark)) => {
            guess(account, place, line, boxed.text, mark.why(), false);
            if let Some(last) = account.guessed.last_mut() {
                last.waiver = mark.waiver();
            }
            return;
        }
        (_, Form::Character) => "a box character instead of `[ ]`",
        (_, Form::Escaped) => "an escaped box, which is shown as text",
        (Marker::Letter, _) => "a lettered step, which is no list to Markdown",
        (_, Form::Empty) => "a box without a space in it",
        (_, Form::NoSpaceAfter) => "no white space after the box",
        (_, Form::Unusual) => "a box with something unusual in it",
        (Marker::Nothing, Form::Proper) => "a box without a list marker",
        (Marker::Glued, Form::Proper) => "no white space after the list marker",
        (Marker::Sign, Form::Proper) => "a bullet that is none to Markdown",
        (Marker::Bullet | Marker::Number, Form::Proper) => "a task that the text above it swallowed",
    };
    guess(account, place, line, boxed.text, why, boxed.checked);
}

fn guess(account: &mut Account, place: &Place, line: u32, text: &str, why: &'static str, checked: bool) {
    let state = if checked { BoxState::Checked } else { BoxState::Open };
    account.guessed.push(Guess::new(line, shown(text), why, Guessed::Item(state), place.heading));
}

/// Columns that say something of a task, by their first words, and what a note calls them.
const COLUMNS: [(&[&str], &str); 4] = [
    (&["owner", "responsible", "assignee", "who", "verantwortlich", "responsable", "担当", "负责人"], "Owner"),
    (&["time", "start", "when", "duration", "zeit", "dauer", "hora", "heure", "时间", "時間"], "Time"),
    (&["status", "state", "done", "erledigt", "estado", "statut", "状态"], "Status"),
    (&["comment", "remark", "bemerkung", "notes"], "Comment"),
];

fn column(name: &str) -> Option<&'static str> {
    let name = name.trim_matches('*').trim().to_lowercase();
    COLUMNS.iter().find(|(words, _)| words.iter().any(|word| name.starts_with(word))).map(|(_, word)| *word)
}

/// Whether the state that a row names is that of something done.
fn state_of(row: &str, header: &[String]) -> Option<bool> {
    let at = header.iter().position(|cell| column(cell) == Some("Status"))?;
    let row: Vec<String> = cells(row).map(plain).collect();
    let named = row.iter().any(|cell| cell.chars().any(char::is_alphanumeric));
    let state = row.get(at)?.to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| state.starts_with(word));
    let done = begins(&["done", "complete", "yes", "ok", "✅", "✔", "erledigt", "hecho", "完了", "已完成"]);
    let open =
        begins(&["open", "pending", "todo", "to do", "not started", "in progress", "no", "⬜", "⏳", "🔲", "offen"]);
    (named && (done || open)).then_some(done)
}

/// A row of a table as an item; what its owner, time and state columns say becomes its note.
fn guess_row(
    account: &mut Account,
    place: &Place,
    line: u32,
    row: &str,
    header: &[String],
    (why, checked): (&'static str, bool),
) {
    let mut title: Vec<String> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for (at, cell) in cells(row).map(plain).enumerate().filter(|(_, cell)| !cell.is_empty()) {
        match header.get(at).and_then(|name| column(name)).filter(|_| at > 0) {
            Some(word) => notes.push(format!("{word}: {cell}")),
            None => title.push(cell),
        }
    }
    if title.is_empty() {
        title = std::mem::take(&mut notes);
    }
    guess(account, place, line, &title.join(" · "), why, checked);
    if let Some(last) = account.guessed.last_mut() {
        last.notes = notes;
    }
}

/// A line's text without the plainest markup.
fn shown(text: &str) -> String {
    let text = text.trim().trim_end_matches("-->");
    fold(&text.replace("**", "").replace('`', ""))
}

fn cells(row: &str) -> impl Iterator<Item = &str> {
    row.trim().trim_matches('|').split('|')
}

/// A cell's words without its box and its tags.
fn plain(cell: &str) -> String {
    let mut text = String::new();
    let mut tag = false;
    for c in cell.chars() {
        match c {
            '<' => tag = true,
            '>' if tag => {
                tag = false;
                text.push(' ');
            }
            c if !tag => text.push(c),
            _ => {}
        }
    }
    let mut rest = text.as_str();
    let mut words = String::new();
    while let Some(boxed) = boxes::anywhere(rest) {
        words.push_str(&rest[..boxed.start]);
        words.push(' ');
        rest = &rest[boxed.end..];
    }
    words.push_str(rest);
    let text = shown(&words);
    let text = text.trim_start_matches(['-', '_', ' ']).trim_end_matches(['_', ' ']);
    text.to_owned()
}

fn is_header(row: &str, header: &[String]) -> bool {
    let words = |text: &str| fold(&text.replace(['*', '`'], ""));
    let mut row = cells(row).map(words);
    !header.is_empty() && header.iter().all(|cell| row.next().is_some_and(|own| own == words(cell)))
}

/// `first cell: column`.
fn row_label(row: &str, at: usize, header: &[String]) -> String {
    let before = row[..at].trim_start().trim_start_matches('|');
    let column = before.matches('|').count();
    let first = plain(cells(row).next().unwrap_or_default());
    let column = header.get(column).map(String::as_str).unwrap_or_default();
    match (first.is_empty(), column.is_empty()) {
        (false, false) => format!("{first}: {column}"),
        (false, true) => first,
        _ => column.to_owned(),
    }
}

fn label_start(line: &str) -> usize {
    let mut rest = line.trim_start_matches([' ', '\t', '>', '|']);
    while let Some((_, after)) = boxes::strip_marker(rest) {
        rest = after.trim_start();
    }
    line.len() - rest.len()
}
