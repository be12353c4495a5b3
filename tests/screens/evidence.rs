//! The evidence before a sign-off: what its lines open, at every size, and that the way back leads to the same place.

use crate::fixture::scenes::{self, keys};
use crate::picture::{paint, styles, whole};
use gonogo::cockpit::dialog::{Dialog, Evidence};
use gonogo::cockpit::effect::Effect;
use gonogo::cockpit::key::{Code, Key};
use gonogo::cockpit::msg::{Behind, Msg, Review, ReviewLine};
use gonogo::cockpit::{Model, update};
use gonogo::config::theme::Theme;
use gonogo::deployment::signoff::evidence;
use gonogo::screen::Glyphs;
use std::fmt::Write as _;

const ENTER: Key = Key::plain(Code::Enter);

fn at_signoffs() -> Model {
    keys(scenes::signed(), &[Key::char('5'), Key::plain(Code::End)])
}

fn is_form(model: &Model) -> bool {
    matches!(model.dialog, Some(Dialog::Form { .. }))
}

/// The evidence of the role under the cursor with lines that can be opened, drawn at this size.
fn openable(mut model: Model, columns: u16, lines: u16) -> Model {
    let effects = update(&mut model, Msg::Key(ENTER));
    let [Effect::ReadEvidence { group }] = effects.as_slice() else { panic!("{effects:?}") };
    let known = model.plan.checklist().signoff(group).unwrap();
    let attempt = model.state.attempts.last().unwrap();
    let line = |text: &str, opens| ReviewLine { text: text.to_owned(), opens };
    let mut all = vec![line("Measured against target", None)];
    all.push(line("  done: a step with a target", Some(Behind::Item(attempt.item.clone()))));
    all.extend((0..30).map(|at| line(&format!("    line {at} of what was measured"), None)));
    all.push(line("Attempts that did not pass", None));
    all.push(line("  attempt, failed: a step", Some(Behind::Attempt(attempt.number))));
    all.push(line("Open issues", None));
    all.push(line("  issue 1: two tries", Some(Behind::Issue(1))));
    let review = Review { lines: all, evidence: evidence::now(&model.plan, &model.state, known), key: None };
    update(&mut model, Msg::Reviewed(group.clone(), Box::new(Ok(review))));
    draw(&mut model, columns, lines);
    model
}

/// Drawn as the loop does: the model hears how it was laid out.
fn draw(model: &mut Model, columns: u16, lines: u16) -> String {
    let (drawn, windows) = paint(model, &Theme::dark(), &Glyphs::unicode(), columns, lines);
    update(model, Msg::LaidOut(Box::new(windows)));
    whole(&drawn)
}

fn press(model: &mut Model, key: Key, size: (u16, u16)) -> (Vec<Effect>, String) {
    let effects = update(model, Msg::Key(key));
    draw(model, size.0, size.1);
    (effects, draw(model, size.0, size.1))
}

fn shown(model: &Model) -> &Evidence {
    let Some(Dialog::Evidence(shown)) = &model.dialog else { panic!("{:?}", model.dialog) };
    shown
}

#[test]
fn enter_opens_what_a_line_of_the_evidence_tells_of_and_esc_comes_back() {
    let (down, esc) = (Key::plain(Code::Down), Key::plain(Code::Esc));
    for size in [(80, 24), (120, 36), (200, 60)] {
        let mut model = openable(at_signoffs(), size.0, size.1);
        let attempt = model.state.attempts.last().unwrap().number;
        model.outputs.clear();
        // The step: its check, what was measured and the target.
        let (_, drawn) = press(&mut model, down, size);
        assert!(drawn.contains("⏎ opens"), "{drawn}");
        let before = shown(&model).clone();
        let (_, drawn) = press(&mut model, ENTER, size);
        let title = model.title(&model.state.attempt(attempt).unwrap().item);
        assert!(drawn.contains("esc back to the evidence") && drawn.contains(&title[..12]), "{drawn}");
        press(&mut model, down, size);
        press(&mut model, esc, size);
        let after = shown(&model);
        assert_eq!((after.scroll, after.chosen, &after.opened), (before.scroll, before.chosen, &None));
        // Down to the attempt, whose output is asked for; nothing in between was passed over unseen.
        let mut last = String::new();
        for _ in 0..60 {
            if shown(&model).chosen == Some(33) {
                break;
            }
            last = press(&mut model, down, size).1;
        }
        assert_eq!(shown(&model).chosen, Some(33), "{last}");
        let before = shown(&model).clone();
        let (effects, _) = press(&mut model, ENTER, size);
        assert!(
            matches!(effects.as_slice(), [Effect::ReadOutput { attempt: asked }] if *asked == attempt),
            "{effects:?}"
        );
        update(&mut model, Msg::Output { attempt, from: 0, bytes: b"what it wrote\n".to_vec() });
        model.settle();
        draw(&mut model, size.0, size.1);
        let drawn = press(&mut model, Key::plain(Code::PageDown), size).1;
        assert!(drawn.contains("what it wrote"), "{drawn}");
        press(&mut model, esc, size);
        let after = shown(&model);
        assert_eq!((after.scroll, after.chosen, &after.opened), (before.scroll, before.chosen, &None));
        // The issue, with all of it; where it is below the last line in sight, the list moves first.
        for _ in 0..5 {
            if shown(&model).chosen != Some(35) {
                press(&mut model, down, size);
            }
        }
        assert_eq!(shown(&model).chosen, Some(35));
        let (_, drawn) = press(&mut model, ENTER, size);
        assert!(drawn.contains("40 s of the window"), "{drawn}");
        press(&mut model, esc, size);
        // Only once the end was in sight does it sign, also with a line chosen.
        assert!(shown(&model).seen);
        press(&mut model, Key::char('s'), size);
        assert!(is_form(&model), "{:?}", model.dialog);
    }
}

#[test]
fn what_was_opened_does_not_count_as_the_end_of_the_evidence() {
    let size = (80, 24);
    let mut model = openable(at_signoffs(), size.0, size.1);
    press(&mut model, Key::plain(Code::Down), size);
    press(&mut model, ENTER, size);
    for _ in 0..20 {
        press(&mut model, Key::plain(Code::PageDown), size);
    }
    press(&mut model, Key::plain(Code::Esc), size);
    assert!(!shown(&model).seen);
    press(&mut model, Key::char('s'), size);
    assert!(!is_form(&model), "{:?}", model.dialog);
    assert!(model.answer.as_ref().unwrap().text.contains("to its end first"), "{:?}", model.answer);
    press(&mut model, Key::plain(Code::Esc), size);
    assert!(model.dialog.is_none());
}

#[test]
fn what_is_opened_looks_as_it_was_accepted() {
    let mut account = String::new();
    for size in [(80, 24), (120, 36)] {
        let mut model = openable(at_signoffs(), size.0, size.1);
        let attempt = model.state.attempts.last().unwrap().number;
        update(&mut model, Msg::Output { attempt, from: 0, bytes: b"what it wrote\n".to_vec() });
        model.settle();
        press(&mut model, Key::plain(Code::Down), size);
        for key in [
            Key::plain(Code::PageDown),
            Key::plain(Code::PageDown),
            Key::plain(Code::PageDown),
            Key::plain(Code::Down),
            ENTER,
        ] {
            press(&mut model, key, size);
            if shown(&model).chosen.is_some() || shown(&model).opened.is_some() {
                let (drawn, _) = paint(&model, &Theme::dark(), &Glyphs::unicode(), size.0, size.1);
                let _ = writeln!(account, "{}x{}\n{}\n\n{}", size.0, size.1, whole(&drawn), styles(&drawn));
            }
        }
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("evidence", account);
    });
}
