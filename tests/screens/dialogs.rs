//! Forms, the help and the palette under the keys.

use super::completed;
use super::fixture::scenes::{keys, scene};
use super::picture::{letters, paint, whole};
use gonogo::cockpit::dialog::Purpose;
use gonogo::cockpit::form::{Field, Form};
use gonogo::cockpit::key::Code;
use gonogo::cockpit::{Dialog, Key, Model, Msg, update};
use gonogo::config::theme::Theme;
use gonogo::screen::{Glyphs, draw};
use ratatui::Terminal;
use ratatui::backend::{Backend, TestBackend};

#[test]
fn the_cursor_stands_behind_what_was_typed() {
    let model = scene("dialog-form");
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| _ = draw(frame, &model, &Theme::dark(), &Glyphs::unicode())).unwrap();
    let cursor = terminal.backend_mut().get_cursor_position().unwrap();
    let lines = letters(terminal.backend().buffer());
    let line = &lines[usize::from(cursor.y)];
    let before: String = line.chars().take(usize::from(cursor.x)).collect();
    assert!(before.ends_with("rehearsal-pro"), "{before}|{line}");
}

#[test]
fn a_long_text_scrolls_in_its_field() {
    let mut model = scene("dialog-form");
    for c in "이름이 아주 길어서 한 줄에 다 들어가지 않는 환경의 이름을 여기에 적어 본다 그리고 끝".chars()
    {
        update(&mut model, Msg::Key(Key::char(c)));
    }
    let (buffer, _) = paint(&model, &Theme::dark(), &Glyphs::unicode(), 60, 20);
    let shown = whole(&buffer);
    assert!(shown.contains("그리고 끝") && !shown.contains("rehearsal-pro이"), "{shown}");
}

#[test]
fn the_help_filters_and_runs_what_is_chosen() {
    let shown = |model: &Model| whole(&paint(model, &Theme::dark(), &Glyphs::unicode(), 80, 24).0);
    let mut model = scene("dialog-help");
    assert!(shown(&model).contains("this screen"), "{}", shown(&model));
    model = keys(model, &[Key::plain(Code::End), Key::plain(Code::Up)]);
    model = keys(model, &"timeline".chars().map(Key::char).collect::<Vec<_>>());
    assert!(shown(&model).contains("6         Timeline"), "{}", shown(&model));
    model = keys(model, &[Key::plain(Code::Enter)]);
    assert!(model.dialog.is_none());
    assert_eq!(model.screen, gonogo::cockpit::Screen::Timeline);
    // What cannot be done now says why.
    let model = keys(scene("cockpit-fresh"), &[Key::char(':'), Key::char('c'), Key::char('a'), Key::char('n')]);
    assert!(shown(&model).contains("nothing is running"), "{}", shown(&model));
}

#[test]
fn a_form_says_what_enter_does_and_goes_to_the_field_that_is_missing() {
    let shown = |model: &Model| whole(&paint(model, &Theme::dark(), &Glyphs::unicode(), 80, 24).0);
    let mut model = keys(scene("cockpit-fresh"), &[Key::char('w')]);
    assert!(shown(&model).contains("⏎ next field"), "{}", shown(&model));
    model = keys(model, &[Key::plain(Code::Enter)]);
    assert!(shown(&model).contains("⏎ record"), "{}", shown(&model));
    model = keys(model, &[Key::plain(Code::Enter)]);
    let Some(Dialog::Form { ticket: Some(ticket), .. }) = model.dialog else { panic!("nothing was handed over") };
    update(&mut model, Msg::Refused(ticket, "a reason is needed".to_owned().into()));
    let Some(Dialog::Form { form, .. }) = &model.dialog else { panic!("the form went away") };
    assert_eq!((form.focus, form.fields[form.focus].label.as_ref()), (1, "reason"));
}

#[test]
fn a_form_keeps_its_field_in_sight_and_says_how_much_is_below() {
    let fields = (0..30).map(|at| Field::text(format!("field {at}"), "", "")).collect();
    let intro: Vec<String> = (0..40).map(|at| format!("sentence {at}")).collect();
    let form = Form::new("Long", "record", fields).with_intro(intro);
    let mut model = scene("cockpit-fresh");
    model.dialog = Some(Dialog::Form { form: Box::new(form), purpose: Purpose::Note("p/s/i".into()), ticket: None });
    for (columns, lines) in [(80, 24), (60, 16), (120, 36), (200, 60)] {
        let text = completed(&mut model, columns, lines);
        assert!(text.contains("field 0 ") && text.contains("more"), "{columns}x{lines}\n{text}");
        assert!(text.contains("sentence 0") && text.contains("more lines"), "{columns}x{lines}\n{text}");
        assert!(text.contains("next field"), "{columns}x{lines}\n{text}");
    }
    // The text scrolls, and ends with its last line.
    for _ in 0..40 {
        update(&mut model, Msg::Key(Key::plain(Code::PageDown)));
        completed(&mut model, 80, 24);
    }
    let text = completed(&mut model, 80, 24);
    assert!(text.contains("sentence 39") && !text.contains("more lines"), "{text}");
    for _ in 0..20 {
        update(&mut model, Msg::Key(Key::plain(Code::Down)));
    }
    let text = completed(&mut model, 80, 24);
    assert!(text.contains("› field 20") && text.contains("↑ ") && text.contains("↓ "), "{text}");
}

#[test]
fn the_palette_carries_out_what_was_chosen() {
    let open = || keys(scene("cockpit-fresh"), &[Key::char(':')]);
    let typed = |text: &str| {
        let model = keys(open(), &text.chars().map(Key::char).collect::<Vec<_>>());
        keys(model, &[Key::plain(Code::Enter)])
    };
    let model = typed("timeline");
    assert!(model.dialog.is_none());
    assert_eq!(model.screen, gonogo::cockpit::Screen::Timeline);
    assert!(matches!(typed("waive").dialog, Some(Dialog::Form { .. })));
    // With nothing found the text stays, to be mended.
    assert!(matches!(typed("qqqq").dialog, Some(Dialog::Palette(_))));
    let mut model = keys(open(), &"quit!".chars().map(Key::char).collect::<Vec<_>>());
    assert_eq!(update(&mut model, Msg::Key(Key::plain(Code::Enter))), [gonogo::cockpit::Order::Quit.into()]);
}
