//! Looks at every line once more for what the Markdown parser has no word for: boxes that GitHub does not render, and
//! blanks to fill in.
//!
//! Longer than 400 lines because one look at a line decides which of the readers around it is asked.

use super::account::{Account, Answer, Blank, BoxState, Fill, Guess, Guessed, Kind, Language, Reason, Skipped, Tick};
use super::boxes::{self, Boxed, Form, Marker};
use super::choices::{self, Choice};
use super::regions::{RegionKind, Regions};
use super::source::Source;
use super::{answers, blanks, inline, kinds, legend, marking, numbered, proposals, roles, rows, steps};
use std::ops::Range;

/// What a line is looked at with.
pub(super) struct Scan<'a> {
    pub source: &'a Source,
    pub regions: &'a Regions,
    /// The header cells of each table.
    pub tables: &'a [Vec<String>],
    /// Whether `(x)` is a round box that is ticked, and not a red cross as Jira has it.
    pub round: bool,
}

/// Where on the way through the document the scan stands.
#[derive(Default)]
pub(super) struct Place {
    pub heading: Option<usize>,
    next_heading: usize,
    next_live: usize,
    /// The task items around this line, outermost first.
    pub around: Vec<usize>,
}

impl Place {
    pub(super) fn below(heading: Option<usize>) -> Self {
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

/// A line of the source.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    pub number: u32,
    /// Where it starts in the text.
    pub start: usize,
    pub text: &'t str,
}

impl Scan<'_> {
    /// Adds guesses, skipped lines and blanks to an account whose task items have their kinds.
    pub(super) fn run(&self, account: &mut Account) {
        let read = self.look_in_html(account);
        self.look(account, &read);
        account.guessed.sort_by_key(|guess| guess.line);
        self.join_answers(account);
        answers::tell(account);
    }

    /// A range of a line as a place of the file.
    pub(super) fn span(&self, line: Line<'_>, range: &Range<usize>) -> crate::checklist::span::Span {
        self.source.span(line.start + range.start, line.start + range.end)
    }

    /// A box on a line, and how it is written once it is ticked.
    pub(super) fn tick(&self, line: Line<'_>, range: &Range<usize>) -> Tick {
        let was = line.text[range.clone()].to_owned();
        Tick { span: self.span(line, range), text: marking::ticked(&was), was }
    }

    /// The boxes of a choice, one an answer.
    pub(super) fn fill(&self, line: Line<'_>, choice: &Choice) -> Fill {
        let answer = |range: &Range<usize>| {
            let raw = &line.text[range.clone()];
            Answer { span: self.span(line, range), ticked: marking::ticked(raw), open: marking::open(raw) }
        };
        if choice.boxes.is_empty() { Fill::InPlace } else { Fill::Boxes(choice.boxes.iter().map(answer).collect()) }
    }

    /// `read` are the lines that were read as HTML already.
    fn look(&self, account: &mut Account, read: &[u32]) {
        let mut reader = self.regions.reader();
        let mut place = Place::default();
        // The last line that was a step of plain text, which the next line may go on with.
        let mut step: Option<u32> = None;
        for (number, start, text) in self.source.lines() {
            let line = Line { number, start, text };
            let indent = text.len() - text.trim_start_matches([' ', '\t', '>']).len();
            let mut region = reader.at(start + indent.min(text.len().saturating_sub(1)));
            place.move_to(account, number, start);
            let task = place.around.last().copied().filter(|index| account.live[*index].line == number);
            let explains = task.is_none() && explains_signs(account, &place, text);
            if explains || read.binary_search(&number).is_ok() {
                step = None;
                continue;
            }
            if region.is_none() && task.is_none() && self.look_for_open_lines(account, &place, line) {
                continue;
            }
            let known = (account.guessed.len(), account.values.len());
            let from = match task {
                None if text.len() > 1 => self.look_for_box(account, &place, line, &mut region),
                None => 0,
                Some(task) => self.look_for_answers(account, task, line),
            };
            if blanks::has_any(&text[from..]) || is_free_line(account, text, region) {
                self.look_for_blanks(account, &place, line, region, from);
            }
            let plain = region.is_none() && task.is_none();
            if plain {
                join(account, number, known);
            }
            let grown = account.guessed.len() + account.values.len() > known.0 + known.1;
            let listed = boxes::strip_marker(text.trim_start_matches([' ', '\t', '>'])).is_some();
            let goes_on = plain && !grown && !text.trim().is_empty() && place.around.is_empty() && !listed;
            step = match step {
                _ if grown && plain && !listed => Some(number),
                Some(first) if goes_on && go_on(account, first, number, text) => Some(first),
                _ => None,
            };
        }
    }

    /// Lines that are nothing but a blank belong to the label on the line above them: `Conditions:` over `..........`.
    fn look_for_open_lines(&self, account: &mut Account, place: &Place, line: Line<'_>) -> bool {
        let bare = line.text.trim();
        let drawn = bare.chars().count() >= 3 && bare.chars().all(|c| matches!(c, '.' | '_' | '…' | '＿' | '\\' | ' '));
        if !drawn || !place.around.is_empty() {
            return false;
        }
        let above = line.number - 1;
        let goes_on = account.answers.contains(&above) || account.values.last().is_some_and(|last| last.line == above);
        let is_blank =
            self.source.line_at(above).is_some_and(|(_, text)| text.trim().chars().all(|c| !c.is_alphanumeric()));
        if goes_on && is_blank {
            account.answers.push(line.number);
            return true;
        }
        let Some((_, label)) = self.source.line_at(above).filter(|(_, text)| text.trim_end().ends_with([':', '：']))
        else {
            return false;
        };
        let headed = account.headings.binary_search_by_key(&above, |heading| heading.line).is_ok();
        let known = account.values.last().is_some_and(|last| last.line == above);
        let taken = known || account.guessed.last().is_some_and(|last| last.line == above);
        if taken || boxes::leading(label).is_some() {
            return false;
        }
        let start = line.text.len() - line.text.trim_start().len();
        let span = self.span(line, &(start..start + bare.len()));
        let title = shown(&blanks::title(&label[label_start(label)..]));
        account.values.push(Blank::new(line.number, title, span, place.heading));
        account.answers.extend((!headed).then_some(above));
        true
    }

    /// Looks for a box or a choice, and says from where on the line blanks are still to be looked for.
    fn look_for_box(
        &self,
        account: &mut Account,
        place: &Place,
        line: Line<'_>,
        region: &mut Option<RegionKind>,
    ) -> usize {
        let text = line.text;
        // A comment may begin in the middle of a line of HTML.
        let commented = text.contains('<')
            && text.contains("<!--")
            && !matches!(region, Some(RegionKind::Fence(_) | RegionKind::IndentedCode(_)));
        if commented && boxes::leading(text).is_none() {
            *region = Some(RegionKind::Comment);
        }
        let skip = |why: Reason, boxed: Boxed<'_>| Skipped { line: line.number, text: shown(boxed.text), why };
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
            Some(RegionKind::Html) => self.look_for_html_box(account, place, line),
            Some(RegionKind::FrontMatter) => {
                account.skipped.extend(boxes::leading(text).map(|b| skip(Reason::FrontMatter, b)));
            }
            Some(RegionKind::Rule) => {}
            Some(RegionKind::Heading) => {
                if let Some(boxed) = boxes::anywhere(text) {
                    let title = format!("{}{}", text[..boxed.start].trim_start_matches(['#', ' ']), boxed.text.trim());
                    let tick = self.tick(line, &(boxed.start..boxed.end));
                    guess(account, place, line.number, &title, ("a box in a heading", boxed.checked), Some(tick));
                }
            }
            Some(RegionKind::Table(index)) => {
                let header = &self.tables[*index];
                if !rows::is_header(text, header) {
                    return self.look_in_row(account, place, line, header, false);
                }
            }
            None if is_hidden(text) => {
                let inside = text.trim_end().trim_end_matches([')', '"', '\'']);
                let found = boxes::anywhere(inside).filter(|boxed| boxed.form == Form::Proper);
                account.skipped.extend(found.map(|b| skip(Reason::Comment, b)));
            }
            None => {
                if self.look_for_several(account, place, line) {
                    return text.len();
                }
                if let Some(choice) = choices::find(text) {
                    let end = choice.end;
                    let blank = self.asked(account, place, line, choice);
                    account.values.push(blank);
                    return end;
                } else if let Some(span) = open_answer(text) {
                    let label = blanks::title(&text[label_start(text)..span.start]);
                    let approvals =
                        account.path(place.heading).next().is_some_and(|heading| roles::approves(&heading.text));
                    if approvals && roles::is_role(&label) {
                        let why = "a line to sign that has no box";
                        account.guessed.push(Guess::new(line.number, label, why, Guessed::SignOff, place.heading));
                        return text.len();
                    }
                    let owner = place.around.last().copied();
                    let at = self.span(line, &span);
                    account.values.push(Blank { owner, ..Blank::new(line.number, label, at, place.heading) });
                    return span.end;
                } else if html_checkbox(text).is_some() {
                    self.look_for_html_box(account, place, line);
                } else {
                    self.look_in_text(account, place, line);
                }
            }
        }
        0
    }

    /// Boxes on one line that are things to do each: `☐ Stop the app ☐ Dump the database`.
    fn look_for_several(&self, account: &mut Account, place: &Place, line: Line<'_>) -> bool {
        let Some(several) = choices::several(line.text) else { return false };
        for (range, checked, text) in several {
            let tick = self.tick(line, &range);
            guess(account, place, line.number, &text, ("one of several boxes on a line", checked), Some(tick));
        }
        true
    }

    /// A box on a line of HTML.
    pub(super) fn look_for_html_box(&self, account: &mut Account, place: &Place, line: Line<'_>) {
        if let Some((range, checked)) = html_checkbox(line.text) {
            let tick = self.tick(line, &range);
            let title = rows::plain(line.text);
            guess(account, place, line.number, &title, ("a checkbox in HTML", checked), Some(tick));
        } else if let Some(boxed) = boxes::anywhere(line.text) {
            let own = boxed.text.split("<br").next().unwrap_or_default();
            let title = rows::plain(own);
            if title.is_empty() {
                account.skipped.push(Skipped { line: line.number, text: shown(line.text), why: Reason::Html });
                return;
            }
            let tick = self.tick(line, &(boxed.start..boxed.end));
            guess(account, place, line.number, &title, ("a box in HTML", boxed.checked), Some(tick));
        }
    }

    fn look_for_blanks(
        &self,
        account: &mut Account,
        place: &Place,
        line: Line<'_>,
        region: Option<RegionKind>,
        from: usize,
    ) {
        let (number, text) = (line.number, line.text);
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
        // A row to sign was read as one already.
        if !header.is_empty() && account.guessed.last().is_some_and(|last| last.line == number && !is_item(last)) {
            return;
        }
        let owner = place.around.last().copied();
        let form = |index: &usize| matches!(account.live[*index].kind, Kind::Issue | Kind::Lesson);
        let signed = owner.is_some_and(|index| account.live[index].kind == Kind::SignOff);
        if signed || place.around.iter().any(form) {
            return;
        }
        let fenced = matches!(region, Some(RegionKind::Fence(_)));
        if owner.is_none() && from == 0 && !fenced && self.look_for_signature(account, place, line) {
            return;
        }
        if !blanks::has_any(&text[from..]) {
            let end = text.trim_end().len();
            let span = self.span(line, &(end.saturating_sub(1)..end));
            let label = blanks::title(text);
            let fill = Fill::Behind;
            account.values.push(Blank { owner, fill, ..Blank::new(number, label, span, place.heading) });
            return;
        }
        let first = account.values.len();
        for blank in blanks::find(&text[from..]) {
            let range = from + blank.range.start..from + blank.range.end;
            let label = if header.is_empty() { blank.label } else { rows::row_label(text, range.start, header) };
            let label = if label.is_empty() { fallback(account, place) } else { shown(&label) };
            let choices = choices::asked_by(&label);
            let mut note: Vec<String> = rows::beside(text, range.start, header);
            note.extend(choices::decides(&choices).then(|| answers::DECISION.to_owned()));
            let (span, note) = (self.span(line, &range), (!note.is_empty()).then(|| note.join("\n")));
            let asked = Blank::new(number, label, span, place.heading);
            account.values.push(Blank { unit: blank.unit, choices, note, owner, ..asked });
        }
        let behind = blanks::behind(text).filter(|_| header.is_empty() && owner.is_none());
        if let (Some(behind), Some(last)) = (behind, account.values[first..].last_mut()) {
            last.add_note(&shown(&behind));
        }
    }

    /// A line to sign without a box; of one that only holds places the role stands on the line before it.
    fn look_for_signature(&self, account: &mut Account, place: &Place, line: Line<'_>) -> bool {
        let why = "a line to sign that has no box";
        let text = &line.text[label_start(line.text)..];
        let approvals = account.path(place.heading).next().is_some_and(|heading| roles::approves(&heading.text));
        let opening = blanks::title(text);
        let by_role = approvals && blanks::has_any(text) && roles::is_role(&opening);
        if kinds::is_signed(line.text) || by_role {
            let text = shown(&opening);
            account.guessed.push(Guess::new(line.number, text, why, Guessed::SignOff, place.heading));
            return true;
        }
        if !blanks::is_only_fields(text) {
            return false;
        }
        let above =
            (1..line.number).rev().filter_map(|number| self.source.line_at(number).map(|(_, text)| (number, text)));
        let above = above.take(3).find(|(_, text)| !text.trim().is_empty());
        let named = above.map(|(number, text)| (number, shown(text.trim_matches(['#', ' ', '>']))));
        let short =
            named.filter(|(_, text)| (1..=5).contains(&text.split_whitespace().count()) && !roles::is_field(text));
        let Some((number, role)) = short else { return false };
        let role = role.trim_end_matches([':', '：', ' ']).to_owned();
        let mut guess = Guess::new(line.number, role, why, Guessed::SignOff, place.heading);
        let heading = account.headings.binary_search_by_key(&number, |heading| heading.line).is_ok();
        guess.more.extend((!heading).then_some(number));
        account.guessed.push(guess);
        true
    }

    fn look_in_text(&self, account: &mut Account, place: &Place, line: Line<'_>) {
        let text = line.text;
        // AsciiDoc numbers its steps by a dot.
        if let Some(step) = text.strip_prefix(". ").filter(|step| step.starts_with(char::is_alphanumeric)) {
            guess(account, place, line.number, step, (numbered::WITHOUT_BOX, false), None);
            return;
        }
        let Some(boxed) = boxes::leading(text) else {
            let heading = account.headings.binary_search_by_key(&line.number, |heading| heading.line).is_ok();
            let taken = heading || !place.around.is_empty() || steps::reads(account, place.heading);
            let step = numbered::step(text, self.round).filter(|_| !taken);
            if let Some(step) = step {
                let was = |range: &Range<usize>| text[range.clone()].to_owned();
                let tick =
                    step.mark.map(|(at, ticked)| Tick { span: self.span(line, &at), was: was(&at), text: ticked });
                let checked = step.state == BoxState::Checked;
                guess(account, place, line.number, &step.title, (step.why, checked), tick);
            }
            return;
        };
        if boxed.text.trim().is_empty() {
            return;
        }
        let tick = Some(self.tick(line, &(boxed.start..boxed.end)));
        let why = match (boxed.marker, boxed.form) {
            (_, Form::Mark(mark)) => {
                guess(account, place, line.number, boxed.text, (mark.why(), false), tick);
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
        guess(account, place, line.number, boxed.text, (why, boxed.checked), tick);
    }
}

/// One line is one item: a step that asks for a value is that value, with its box.
fn join(account: &mut Account, line: u32, (guesses, values): (usize, usize)) {
    let own = account.values.len() > values && account.values[values].owner.is_none();
    if !own || account.guessed.len() != guesses + 1 || !account.guessed.last().is_some_and(is_item) {
        return;
    }
    let Some(guess) = account.guessed.pop().filter(|guess| guess.line == line) else { return };
    let value = &mut account.values[values];
    value.tick = guess.tick;
    for note in guess.waiver.map(|waiver| format!("Proposed waiver, {waiver}.")).iter().chain(&guess.notes) {
        value.add_note(note);
    }
}

/// Adds a line to the step or value that began above it, and says whether it did.
fn go_on(account: &mut Account, first: u32, line: u32, text: &str) -> bool {
    let (text, links) = inline::read(text.trim_start_matches(['>', ' ', '\t']));
    let notes = std::iter::once(text).chain(links.into_iter().map(|link| format!("Link: {link}")));
    if let Some(guess) = account.guessed.iter_mut().rev().find(|guess| guess.line == first) {
        guess.notes.extend(notes);
        guess.more.push(line);
        true
    } else if let Some(value) = account.values.iter_mut().rev().find(|value| value.line == first) {
        notes.for_each(|note| value.add_note(&note));
        account.answers.push(line);
        true
    } else {
        false
    }
}

/// Whether a line shows what signs mean: by itself, or below a heading that says so.
fn explains_signs(account: &Account, place: &Place, text: &str) -> bool {
    let named = || account.path(place.heading).next().is_some_and(|heading| legend::names_one(&heading.text));
    legend::is_legend(text) && !text.trim_start().starts_with('|') || named()
}

fn is_item(guess: &Guess) -> bool {
    matches!(guess.what, Guessed::Item(_))
}

/// A line of a form in a fence that only names what to write: `Notes:`.
fn is_free_line(account: &Account, text: &str, region: Option<RegionKind>) -> bool {
    let Some(RegionKind::Fence(code)) = region else { return false };
    let Some(block) = account.code.get(code).filter(|block| block.language == Language::Other) else {
        return false;
    };
    let label = text.trim_end();
    let short = label.len() > 1 && label.len() <= 80 && !label.contains(['{', '}', '"', '=', '<']);
    label.ends_with([':', '：']) && short && block.text.len() < 10_000 && block.text.lines().any(blanks::has_any)
}

/// The box behind a label with nothing else: `Name: [ ]`.
fn open_answer(text: &str) -> Option<std::ops::Range<usize>> {
    let boxed = boxes::anywhere(text).filter(|boxed| !boxed.checked && boxed.text.trim().is_empty())?;
    let named = text[..boxed.start].trim_end_matches([' ', '*', '_']).ends_with([':', '：']);
    named.then_some(boxed.start..boxed.end)
}

/// The checkbox of HTML on a line, and whether it is ticked.
fn html_checkbox(text: &str) -> Option<(Range<usize>, bool)> {
    let start = text.find("<input")?;
    let end = text[start..].find('>').map_or(text.len(), |end| start + end + 1);
    let tag = &text[start..end];
    let named = !rows::plain(text).is_empty();
    (tag.contains("checkbox") && named).then(|| (start..end, marking::is_checked_tag(tag)))
}

/// `[//]: # (…)`, a comment written as a definition of a link.
fn is_hidden(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("[//]:") || text.starts_with("[comment]:")
}

/// What a blank without a word of its own is called.
pub(super) fn fallback(account: &Account, place: &Place) -> String {
    let owner = place.around.last().map(|index| blanks::title(&account.live[*index].text));
    let heading = || account.path(place.heading).map(|heading| heading.text.clone()).find(|text| !text.is_empty());
    owner.filter(|text| !text.is_empty()).or_else(heading).unwrap_or_else(|| "value".to_owned())
}

/// Adds a guessed item: its title, why it is one, whether it is ticked, and where its box stands.
pub(super) fn guess(
    account: &mut Account,
    place: &Place,
    line: u32,
    text: &str,
    (why, checked): (&'static str, bool),
    tick: Option<Tick>,
) {
    let state = if checked { BoxState::Checked } else { BoxState::Open };
    let raw = tidied(text);
    let (read, links) = inline::read(raw);
    let struck = inline::struck(&read);
    let waiver = struck.is_some().then_some("skipped: struck out in the source");
    let mut guess = Guess::new(line, struck.unwrap_or(read), why, Guessed::Item(state), place.heading);
    if waiver.is_none() {
        guess.proposals = proposals::of_text(line, raw);
    }
    guess.waiver = waiver;
    guess.notes.extend(links.into_iter().map(|link| format!("Link: {link}")));
    guess.tick = tick;
    account.guessed.push(guess);
}

/// A line's text without its markup.
pub(super) fn shown(text: &str) -> String {
    inline::read(tidied(text)).0
}

fn tidied(text: &str) -> &str {
    text.trim().trim_end_matches("-->").trim_end()
}

fn label_start(line: &str) -> usize {
    let mut rest = line.trim_start_matches([' ', '\t', '>', '|']);
    while let Some((_, after)) = boxes::strip_marker(rest) {
        rest = after.trim_start();
    }
    line.len() - rest.len()
}
