//! Rows of tables, Markdown's and HTML's: a choice, a box, a state, a time, a line to sign, or cells to fill in.

use super::account::{Account, Blank, Fill, Guess, Guessed, Tick};
use super::rows::{self, column, plain};
use super::scan::{Line, Place, Scan, guess};
use super::{boxes, inline, proposals, roles};
use crate::checklist::span::Span;
use std::ops::Range;

impl Scan<'_> {
    /// Looks at a row, and says from where on its line blanks are still to be looked for.
    pub(super) fn look_in_row(
        &self,
        account: &mut Account,
        place: &Place,
        line: Line<'_>,
        header: &[String],
        html: bool,
    ) -> usize {
        let text = line.text;
        if let Some(choice) = rows::choice(text, header) {
            let end = choice.end;
            let mut blank = self.asked(account, place, line, choice);
            let reported =
                rows::beside(text, end, header).into_iter().filter(|reported| !reported.trim_end().ends_with(':'));
            reported.for_each(|reported| blank.add_note(&reported));
            account.values.push(blank);
            self.ask_in_cells(account, place, line, header, html);
            return 0;
        }
        if self.look_for_boxes(account, place, line, header, html) {
            return 0;
        }
        if let Some(boxed) = boxes::anywhere(text) {
            let (range, checked) = (boxed.start..boxed.end, boxed.checked);
            // A box in a column of states goes by what the column says.
            let (tick, done) = match rows::state_of(text, header).filter(|(_, cell)| cell.contains(&range.start)) {
                Some((done, cell)) => (self.state(line, &cell, html), done || checked),
                None => (Some(self.tick(line, &range)), checked),
            };
            let why = if html { "a box in a table of HTML" } else { "a box in a table" };
            guess_row(account, place, line, header, (why, done), tick);
            return 0;
        }
        if let Some((done, cell)) = rows::state_of(text, header) {
            let tick = self.state(line, &cell, html);
            guess_row(account, place, line, header, ("a row with a state in a table", done), tick);
            return 0;
        }
        if rows::is_timeline(text, header) {
            guess_row(account, place, line, header, ("a row of a timetable", false), None);
            return 0;
        }
        let approvals = account.path(place.heading).next().is_some_and(|heading| roles::approves(&heading.text));
        if let Some(role) = rows::signed(text, header, approvals) {
            let mut guess = Guess::new(line.number, role, "a row to sign in a table", Guessed::SignOff, place.heading);
            let parts = rows::parts(text, header).into_iter();
            guess.parts = parts.filter_map(|(range, part)| Some((self.open_cell(line, &range, html)?, part))).collect();
            guess.notes = rows::reported(text, header);
            account.guessed.push(guess);
            return text.len();
        }
        self.ask_in_cells(account, place, line, header, html);
        0
    }

    /// Empty cells below a header that asks for a value.
    fn ask_in_cells(&self, account: &mut Account, place: &Place, line: Line<'_>, header: &[String], html: bool) {
        for (range, label) in rows::asked(line.text, header) {
            let Some(span) = self.open_cell(line, &range, html) else { continue };
            let mut blank = Blank::new(line.number, label, span, place.heading);
            blank.fill = Fill::Cell;
            for reported in rows::beside(line.text, range.start, header) {
                blank.add_note(&reported);
            }
            account.values.push(blank);
        }
    }

    /// Several boxes in a row are an item each: what stands behind the box names it, or its column.
    fn look_for_boxes(
        &self,
        account: &mut Account,
        place: &Place,
        line: Line<'_>,
        header: &[String],
        html: bool,
    ) -> bool {
        let text = line.text;
        let mut found: Vec<(Range<usize>, bool, String)> = Vec::new();
        for (at, cell) in rows::ranges(text).into_iter().enumerate() {
            let mut from = cell.start;
            while let Some(boxed) = boxes::anywhere(&text[from..cell.end]) {
                let after = &text[from + boxed.end..cell.end];
                let next = boxes::anywhere(after).map_or(after.len(), |next| next.start);
                let own = plain(&after[..next]);
                let column = header.get(at).map(String::as_str).unwrap_or_default();
                let name = if own.chars().any(char::is_alphanumeric) { own } else { column.to_owned() };
                found.push((from + boxed.start..from + boxed.end, boxed.checked, name));
                from += boxed.end;
            }
        }
        if found.len() < 2 || !found.iter().all(|(.., name)| name.chars().any(char::is_alphanumeric)) {
            return false;
        }
        let why = if html { "a box in a table of HTML" } else { "a box in a table" };
        for (range, checked, name) in found {
            let tick = self.tick(line, &range);
            guess_row(account, place, line, header, (why, checked), Some(tick));
            if let Some(last) = account.guessed.last_mut() {
                let inside = last.text.contains(name.as_str());
                last.text = if inside && !header.contains(&name) { name } else { format!("{} ({name})", last.text) };
            }
        }
        true
    }
}

impl Scan<'_> {
    /// The cell of a state, and what it says once the row is done.
    fn state(&self, line: Line<'_>, cell: &Range<usize>, html: bool) -> Option<Tick> {
        let raw = &line.text[cell.clone()];
        let inside = raw.trim();
        if inside.is_empty() {
            let was = raw.to_owned();
            return self.open_cell(line, cell, html).map(|span| Tick { span, text: rows::done(&was), was });
        }
        let start = cell.start + (raw.len() - raw.trim_start().len());
        let span = self.span(line, &(start..start + inside.len()));
        Some(Tick { span, text: rows::done(inside), was: inside.to_owned() })
    }

    /// Where to write in an open cell. In HTML its tags stand in the same range.
    fn open_cell(&self, line: Line<'_>, cell: &Range<usize>, html: bool) -> Option<Span> {
        if !html {
            return Some(self.span(line, cell));
        }
        let raw = self.source.text().get(line.start + cell.start..line.start + cell.end)?;
        let inside = raw.find('>')? + 1;
        let end = raw[inside..].find('<').map_or(raw.len(), |end| inside + end);
        raw[inside..end].trim().is_empty().then(|| self.span(line, &(cell.start + inside..cell.start + end)))
    }
}

/// A row of a table as an item; what its owner, time and state columns say becomes its note.
fn guess_row(
    account: &mut Account,
    place: &Place,
    line: Line<'_>,
    header: &[String],
    what: (&'static str, bool),
    tick: Option<Tick>,
) {
    let mut title: Vec<String> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let mut proposed = Vec::new();
    let ruled = header.iter().any(|name| rows::acts(name));
    for (at, cell) in rows::cells(line.text).enumerate() {
        let words = plain(cell);
        proposed.extend(proposals::of_text(line.number, cell));
        notes.extend(inline::read(cell).1.into_iter().map(|link| format!("Link: {link}")));
        if words.is_empty() {
            continue;
        }
        let name = header.get(at).map(String::as_str).unwrap_or_default();
        match column(name) {
            Some(word) => notes.push(format!("{word}: {words}")),
            None if rows::only_counts(name) => {}
            // What is to be done is the title, and the other columns stand beside it.
            None if ruled && !name.is_empty() && !rows::acts(name) => notes.push(format!("{name}: {words}")),
            None => title.push(words),
        }
    }
    if title.is_empty() {
        title = std::mem::take(&mut notes);
    }
    guess(account, place, line.number, "", what, tick);
    if let Some(last) = account.guessed.last_mut() {
        last.text = title.join(" · ");
        last.notes = notes;
        last.proposals = proposed;
    }
}
