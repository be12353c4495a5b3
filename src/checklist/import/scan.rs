//! Looks at every line once more for what the Markdown parser has no word for: boxes that GitHub does not render, and
//! blanks to fill in.

use super::account::{Account, Blank, BoxState, Guess, Guessed, Kind, Language, Reason, Skipped};
use super::blanks;
use super::boxes::{self, Boxed, Form, Marker};
use super::choices;
use super::kinds;
use super::regions::{RegionKind, Regions};
use super::rows::{self, cells, column, is_header, plain, row_label, state_of};
use super::source::Source;
use super::walk::fold;
use super::{answers, numbered, steps};

/// What a line is looked at with.
pub struct Scan<'a> {
    pub source: &'a Source,
    pub regions: &'a Regions,
    /// The header cells of each table.
    pub tables: &'a [Vec<String>],
}

/// Where on the way through the document the scan stands.
#[derive(Default)]
pub struct Place {
    pub heading: Option<usize>,
    next_heading: usize,
    next_live: usize,
    /// The task items around this line, outermost first.
    pub around: Vec<usize>,
}

impl Place {
    pub fn below(heading: Option<usize>) -> Self {
        Self { heading, ..Self::default() }
    }

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
        self.look(account);
        self.join_answers(account);
        answers::tell(account);
    }

    fn look(&self, account: &mut Account) {
        let mut reader = self.regions.reader();
        let mut place = Place::default();
        for (line, start, text) in self.source.lines() {
            let indent = text.len() - text.trim_start_matches([' ', '\t', '>']).len();
            let mut region = reader.at(start + indent.min(text.len().saturating_sub(1)));
            place.move_to(account, line, start);
            let live = place.around.last().copied().filter(|index| account.live[*index].line == line);
            match live {
                None if text.len() > 1 => self.look_for_box(account, &place, (line, start), text, &mut region),
                None => {}
                Some(live) => self.look_for_answers(account, live, (line, start), text),
            }
            if blanks::has_any(text) || self.is_free_line(account, text, region) {
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
            Some(RegionKind::Table(index)) => self.look_in_row(account, place, (line, start), text, *index),
            None if is_hidden(text) => {
                let inside = text.trim_end().trim_end_matches([')', '"', '\'']);
                let found = boxes::anywhere(inside).filter(|boxed| boxed.form == Form::Proper);
                account.skipped.extend(found.map(|b| skip(Reason::Comment, b)));
            }
            None => {
                if let Some(choice) = choices::find(text) {
                    let blank = self.asked(account, place, (line, start), choice);
                    account.values.push(blank);
                } else if let Some(span) = open_answer(text) {
                    let label = blanks::title(&text[label_start(text)..span.start]);
                    let owner = place.around.last().copied();
                    let span = self.source.span(start + span.start, start + span.end);
                    account.values.push(Blank { owner, ..Blank::new(line, label, span, place.heading) });
                } else if let Some(checked) = html_checkbox(text) {
                    guess(account, place, line, &plain(text), "a checkbox in HTML", checked);
                } else {
                    look_in_text(account, place, line, text);
                }
            }
        }
    }

    /// A row of a table: a box in one of its cells, or a line to sign.
    fn look_in_row(&self, account: &mut Account, place: &Place, (line, start): (u32, usize), text: &str, table: usize) {
        let header = &self.tables[table];
        if let Some(choice) = rows::choice(text, header).filter(|_| !is_header(text, header)) {
            let blank = self.asked(account, place, (line, start), choice);
            account.values.push(blank);
            return;
        }
        if let Some(boxed) = boxes::anywhere(text).filter(|_| !is_header(text, header)) {
            guess_row(account, place, line, text, header, ("a box in a table", boxed.checked));
            return;
        }
        if let Some(done) = state_of(text, header).filter(|_| !is_header(text, header)) {
            guess_row(account, place, line, text, header, ("a row with a state in a table", done));
            return;
        }
        if rows::is_timeline(text, header) && !is_header(text, header) {
            guess_row(account, place, line, text, header, ("a row of a timetable", false));
            return;
        }
        if let Some(role) = rows::signed(text, header).filter(|_| !is_header(text, header)) {
            let why = "a row to sign in a table";
            account.guessed.push(Guess::new(line, role, why, Guessed::SignOff, place.heading));
        }
    }

    /// A line of a form in a fence that only names what to write: `Notes:`.
    fn is_free_line(&self, account: &Account, text: &str, region: Option<RegionKind>) -> bool {
        let Some(RegionKind::Fence(code)) = region else { return false };
        let Some(block) = account.code.get(code).filter(|block| block.language == Language::Other) else {
            return false;
        };
        let label = text.trim_end();
        let short = label.len() > 1 && label.len() <= 80 && !label.contains(['{', '}', '"', '=', '<']);
        label.ends_with([':', '：']) && short && block.text.len() < 10_000 && block.text.lines().any(blanks::has_any)
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
            Some(RegionKind::Table(table)) if rows::signed(text, &self.tables[table]).is_some() => return,
            Some(RegionKind::Table(table)) => &self.tables[table],
            Some(RegionKind::Heading) | None => &[],
        };
        // What it asks for was read as a choice already.
        if account.values.last().is_some_and(|blank| blank.line == line) {
            return;
        }
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
        if !blanks::has_any(text) {
            let end = start + text.trim_end().len();
            let span = self.source.span(end.saturating_sub(1), end);
            let label = blanks::title(text);
            account.values.push(Blank { owner, ..Blank::new(line, label, span, place.heading) });
            return;
        }
        for blank in blanks::find(text) {
            let label = if header.is_empty() { blank.label } else { row_label(text, blank.range.start, header) };
            let label = if label.is_empty() { fallback(account, place) } else { label };
            let span = self.source.span(start + blank.range.start, start + blank.range.end);
            let choices = choices::asked_by(&label);
            let note = choices::decides(&choices).then(|| answers::DECISION.to_owned());
            account.values.push(Blank {
                unit: blank.unit,
                choices,
                note,
                owner,
                ..Blank::new(line, label, span, place.heading)
            });
        }
    }
}

/// The box behind a label with nothing else: `Name: [ ]`.
fn open_answer(text: &str) -> Option<std::ops::Range<usize>> {
    let boxed = boxes::anywhere(text).filter(|boxed| !boxed.checked && boxed.text.trim().is_empty())?;
    let named = text[..boxed.start].trim_end_matches([' ', '*', '_']).ends_with([':', '：']);
    named.then_some(boxed.start..boxed.end)
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
pub fn fallback(account: &Account, place: &Place) -> String {
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
    let Some(boxed) = boxes::leading(text) else {
        let heading = account.headings.binary_search_by_key(&line, |heading| heading.line).is_ok();
        let taken = heading || !place.around.is_empty() || steps::reads(account, place.heading);
        let step = numbered::step(text).filter(|_| !taken);
        if let Some((title, why, state)) = step {
            guess(account, place, line, &title, why, state == BoxState::Checked);
        }
        return;
    };
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
        let name = header.get(at).map(String::as_str).unwrap_or_default();
        match column(name) {
            Some(word) => notes.push(format!("{word}: {cell}")),
            None if rows::only_counts(name) => {}
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
pub fn shown(text: &str) -> String {
    let text = text.trim().trim_end_matches("-->").trim_end();
    fold(&text.replace("**", "").replace('`', ""))
}

fn label_start(line: &str) -> usize {
    let mut rest = line.trim_start_matches([' ', '\t', '>', '|']);
    while let Some((_, after)) = boxes::strip_marker(rest) {
        rest = after.trim_start();
    }
    line.len() - rest.len()
}
