//! Forms: what a person fills in before something is recorded.

use super::key::{Code, Key};
use std::borrow::Cow;
use tui_input::{Input, InputRequest};

#[derive(Debug, Clone)]
pub struct Form {
    pub title: String,
    /// A sentence or two above the fields.
    pub intro: Vec<String>,
    pub fields: Vec<Field>,
    pub focus: usize,
    /// Lines of what stands above the fields that are scrolled away.
    pub scroll: usize,
    /// Why the last submission was refused.
    pub error: Option<String>,
    pub stage: Stage,
    /// The word on the button: "record", "run", "cancel the attempt".
    pub verb: &'static str,
}

/// Whether a form is still being filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Filling,
    /// Handed to the ledger; nothing shows as done until it is on disk.
    Recording,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub label: Cow<'static, str>,
    pub kind: FieldKind,
    /// Shown dimmed while the field is empty.
    pub hint: String,
    pub length: Length,
    /// The field is there only while a choice is picked: which field, and which of its options.
    pub only: Option<(usize, usize)>,
    /// What has to be typed here, letter by letter.
    pub exact: Option<String>,
}

/// How much a text field may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Length {
    /// A name, a number, a date.
    #[default]
    Line,
    /// Lines, written in the person's editor where they ask for it.
    Lines,
}

/// How what was typed stands against what has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Nothing in particular has to be typed, or nothing was.
    None,
    OnTheWay,
    Fits,
    Differs,
}

/// The place of a choice that nobody has made yet.
const UNCHOSEN: usize = usize::MAX;

#[derive(Debug, Clone)]
pub enum FieldKind {
    Text(Input),
    /// `at` is beyond the options until one was chosen, where none is the default.
    Choice {
        options: Vec<&'static str>,
        at: usize,
    },
}

/// What a key did to a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormAnswer {
    Stays,
    Submitted,
    Dismissed,
    /// The person wants their editor for this text.
    Edit(String),
}

impl Field {
    pub fn text(label: impl Into<Cow<'static, str>>, value: &str, hint: impl Into<String>) -> Self {
        let kind = FieldKind::Text(Input::new(value.to_owned()));
        Self { label: label.into(), kind, hint: hint.into(), length: Length::Line, only: None, exact: None }
    }

    /// A text that may take more than a line.
    pub fn lines(label: &'static str, value: &str, hint: impl Into<String>) -> Self {
        Self { length: Length::Lines, ..Self::text(label, value, hint) }
    }

    /// A name that is typed to confirm something; one that nobody can know here is only asked for.
    pub fn exact(label: impl Into<Cow<'static, str>>, wanted: impl Into<String>) -> Self {
        let wanted = wanted.into();
        if wanted.is_empty() {
            return Self::text(label, "", "the database's name");
        }
        Self { exact: Some(wanted.clone()), ..Self::text(label, "", format!("type: {wanted}")) }
    }

    /// What is wrong with what was typed so far, while it is typed.
    pub fn check(&self) -> Check {
        let (Some(wanted), FieldKind::Text(input)) = (&self.exact, &self.kind) else { return Check::None };
        match input.value().trim() {
            "" => Check::None,
            typed if typed == wanted => Check::Fits,
            typed if wanted.starts_with(typed) => Check::OnTheWay,
            _ => Check::Differs,
        }
    }

    /// The same field, there only while option `option` of the choice `field` is picked.
    #[must_use]
    pub fn only(self, field: usize, option: usize) -> Self {
        Self { only: Some((field, option)), ..self }
    }

    pub fn choice(label: &'static str, options: &[&'static str], at: usize) -> Self {
        let kind = FieldKind::Choice { options: options.to_vec(), at };
        Self { label: label.into(), kind, hint: String::new(), length: Length::Line, only: None, exact: None }
    }
}

impl Field {
    /// A choice without a default: it is made, or the form is not submitted.
    pub(crate) fn open_choice(label: &'static str, options: &[&'static str]) -> Self {
        Self { hint: options.join(" or "), ..Self::choice(label, options, UNCHOSEN) }
    }
}

impl Form {
    pub fn new(title: impl Into<String>, verb: &'static str, fields: Vec<Field>) -> Self {
        Self {
            title: title.into(),
            intro: Vec::new(),
            fields,
            focus: 0,
            scroll: 0,
            error: None,
            stage: Stage::Filling,
            verb,
        }
    }

    #[must_use]
    pub fn with_intro(mut self, intro: Vec<String>) -> Self {
        self.intro = intro;
        self
    }

    /// What is in a text field; empty for a choice.
    pub fn text(&self, index: usize) -> &str {
        match self.fields.get(index).map(|field| &field.kind) {
            Some(FieldKind::Text(input)) => input.value(),
            _ => "",
        }
    }

    /// Which option of a choice is picked.
    pub fn choice(&self, index: usize) -> usize {
        match self.fields.get(index).map(|field| &field.kind) {
            Some(FieldKind::Choice { at, .. }) => *at,
            _ => 0,
        }
    }

    /// Whether a field still says nothing: an empty text, or a choice that nobody has made.
    #[must_use]
    pub fn is_empty(&self, index: usize) -> bool {
        match self.fields.get(index).map(|field| &field.kind) {
            Some(FieldKind::Text(input)) => input.value().trim().is_empty(),
            Some(FieldKind::Choice { options, at }) => *at >= options.len(),
            None => true,
        }
    }

    pub fn key(&mut self, key: Key) -> FormAnswer {
        if self.stage == Stage::Recording {
            // What was handed over cannot be called back; its answer comes in a moment.
            return if key.code == Code::Esc { FormAnswer::Dismissed } else { FormAnswer::Stays };
        }
        match key.code {
            Code::Esc => return FormAnswer::Dismissed,
            Code::Char('c') if key.ctrl => return FormAnswer::Dismissed,
            Code::Enter if self.is_last(self.focus) || key.ctrl => return FormAnswer::Submitted,
            Code::Char('o') if key.ctrl => match self.fields.get(self.focus) {
                Some(Field { kind: FieldKind::Text(input), length: Length::Lines, .. }) => {
                    return FormAnswer::Edit(input.value().to_owned());
                }
                _ => self.error = Some("this field takes one line; write it here".to_owned()),
            },
            Code::Enter | Code::Tab | Code::Down => self.move_focus(1),
            Code::BackTab | Code::Up => self.move_focus(-1),
            _ => self.edit_field(key),
        }
        FormAnswer::Stays
    }

    /// Text pasted by the terminal; line ends become spaces because every field is one line.
    pub fn paste(&mut self, text: &str) {
        if let (Stage::Filling, Some(Field { kind: FieldKind::Text(input), .. })) =
            (self.stage, self.fields.get_mut(self.focus))
        {
            insert(input, text);
        }
    }

    /// A text that comes back from the person's editor, or why it does not.
    pub(in crate::cockpit) fn edited(&mut self, text: Result<String, String>) {
        match (text, self.fields.get_mut(self.focus)) {
            (Ok(text), Some(Field { kind: FieldKind::Text(input), .. })) => {
                // Line ends of other systems become ours; what commands a terminal is none of a text.
                let text = text.replace("\r\n", "\n");
                let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
                *input = Input::new(text.trim_end().to_owned());
                self.error = None;
            }
            (Ok(_), _) => {}
            (Err(why), _) => self.error = Some(why),
        }
    }

    /// Whether a field is there, as the choices stand.
    pub fn is_there(&self, index: usize) -> bool {
        let only = self.fields.get(index).and_then(|field| field.only);
        only.is_none_or(|(field, option)| self.choice(field) == option)
    }

    /// Whether no field comes after this one.
    pub fn is_last(&self, index: usize) -> bool {
        !(index + 1..self.fields.len()).any(|later| self.is_there(later))
    }

    fn move_focus(&mut self, by: isize) {
        let len = self.fields.len().max(1);
        for _ in 0..len {
            self.focus = (self.focus + len).saturating_add_signed(by) % len;
            if self.is_there(self.focus) {
                break;
            }
        }
    }

    fn edit_field(&mut self, key: Key) {
        let Some(field) = self.fields.get_mut(self.focus) else { return };
        match &mut field.kind {
            FieldKind::Text(input) => {
                if edit(input, key) {
                    self.error = None;
                }
            }
            FieldKind::Choice { options, at } => {
                let len = options.len().max(1);
                let chosen = *at < len;
                match key.code {
                    Code::Right | Code::Char(' ' | 'l') if chosen => *at = (*at + 1) % len,
                    Code::Left | Code::Char('h') if chosen => *at = (*at + len - 1) % len,
                    Code::Right | Code::Char(' ' | 'l') => *at = 0,
                    Code::Left | Code::Char('h') => *at = len - 1,
                    Code::Char(c) => {
                        if let Some(found) = options.iter().position(|option| option.starts_with(c)) {
                            *at = found;
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Changes a line of text as a key says; false when the key says nothing to it.
pub(super) fn edit(input: &mut Input, key: Key) -> bool {
    let Some(request) = request(key) else { return false };
    input.handle(request);
    true
}

/// Puts a text in as if it were typed; control characters become spaces because the line is one.
pub(super) fn insert(input: &mut Input, text: &str) {
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        input.handle(InputRequest::InsertChar(c));
    }
}

fn request(key: Key) -> Option<InputRequest> {
    Some(match (key.code, key.ctrl, key.alt) {
        (Code::Char('a'), true, _) | (Code::Home, _, _) => InputRequest::GoToStart,
        (Code::Char('e'), true, _) | (Code::End, _, _) => InputRequest::GoToEnd,
        (Code::Char('u'), true, _) => InputRequest::DeleteLine,
        (Code::Char('w'), true, _) | (Code::Backspace, _, true) => InputRequest::DeletePrevWord,
        (Code::Char('k'), true, _) => InputRequest::DeleteTillEnd,
        (Code::Left, true, _) | (Code::Char('b'), _, true) => InputRequest::GoToPrevWord,
        (Code::Right, true, _) | (Code::Char('f'), _, true) => InputRequest::GoToNextWord,
        (Code::Char(c), false, false) => InputRequest::InsertChar(c),
        (Code::Backspace, _, _) => InputRequest::DeletePrevChar,
        (Code::Delete, _, _) => InputRequest::DeleteNextChar,
        (Code::Left, _, _) => InputRequest::GoToPrevChar,
        (Code::Right, _, _) => InputRequest::GoToNextChar,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_without_a_default_is_made_by_a_key() {
        let mut form = Form::new("Go/No-Go", "record", vec![Field::open_choice("decision", &["go", "no-go"])]);
        assert!(form.is_empty(0));
        for (key, place) in [(Code::Right, 0), (Code::Right, 1), (Code::Char('g'), 0), (Code::Left, 1)] {
            form.key(Key::plain(key));
            assert_eq!((form.is_empty(0), form.choice(0)), (false, place), "{key:?}");
        }
        let mut form = Form::new("Go/No-Go", "record", vec![Field::open_choice("decision", &["go", "no-go"])]);
        form.key(Key::plain(Code::Left));
        assert_eq!(form.choice(0), 1);
    }

    #[test]
    fn a_name_is_checked_while_it_is_typed() {
        let mut form = Form::new("Confirm", "run", vec![Field::exact("name", "production")]);
        assert_eq!(form.fields[0].check(), Check::None);
        for (typed, check) in [("prod", Check::OnTheWay), ("uction", Check::Fits), ("x", Check::Differs)] {
            form.paste(typed);
            assert_eq!(form.fields[0].check(), check, "{typed}");
        }
        assert_eq!(Field::exact("name", "").check(), Check::None);
    }
}
