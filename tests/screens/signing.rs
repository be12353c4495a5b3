//! Signing on the screen: the evidence to its end, then the form.

use super::scenes::{self, keys};
use gonogo::cockpit::dialog::Dialog;
use gonogo::cockpit::effect::Effect;
use gonogo::cockpit::key::{Code, Key};
use gonogo::cockpit::msg::{Msg, Review, ReviewLine, Windows};
use gonogo::cockpit::{Model, update};
use gonogo::deployment::signoff::evidence;

const ENTER: Key = Key::plain(Code::Enter);

/// The evidence of the role under the cursor is shown, as so many lines, of which so many are in sight.
pub(crate) fn evidence_shown(mut model: Model, lines: usize, height: usize, key: Option<&str>) -> Model {
    let effects = update(&mut model, Msg::Key(ENTER));
    let [Effect::ReadEvidence { group }] = effects.as_slice() else { panic!("{effects:?}") };
    let known = model.plan.checklist().signoff(group).unwrap();
    let review = Review {
        lines: (1..=lines)
            .map(|line| ReviewLine {
                text: format!("{}line {line}", if line % 4 == 1 { "" } else { "  " }),
                opens: None,
            })
            .collect(),
        evidence: evidence::now(&model.plan, &model.state, known),
        key: key.map(ToOwned::to_owned),
    };
    update(&mut model, Msg::Reviewed(group.clone(), Box::new(Ok(review))));
    lay_out(&mut model, lines, height);
    model
}

fn lay_out(model: &mut Model, lines: usize, height: usize) {
    let windows = Windows { dialog: height, dialog_end: lines.saturating_sub(height), ..Windows::default() };
    update(model, Msg::LaidOut(Box::new(windows)));
}

/// At the form, with everything read.
pub(crate) fn form_open(model: Model, key: Option<&str>) -> Model {
    keys(evidence_shown(model, 3, 20, key), &[ENTER])
}

fn at_signoffs() -> Model {
    keys(scenes::signed(), &[Key::char('5'), Key::plain(Code::End)])
}

fn is_form(model: &Model) -> bool {
    matches!(model.dialog, Some(Dialog::Form { .. }))
}

#[test]
fn the_form_opens_only_once_the_end_was_in_sight() {
    let mut model = evidence_shown(at_signoffs(), 50, 20, None);
    for _ in 0..2 {
        model = keys(model, &[ENTER]);
        assert!(!is_form(&model), "{:?}", model.dialog);
        lay_out(&mut model, 50, 20);
    }
    model = keys(model, &[ENTER]);
    assert!(is_form(&model), "{:?}", model.dialog);
    // What was never drawn was never read.
    let mut model = at_signoffs();
    update(&mut model, Msg::LaidOut(Box::default()));
    update(&mut model, Msg::Key(ENTER));
    let model = keys(model, &[ENTER, ENTER]);
    assert!(matches!(model.dialog, Some(Dialog::Evidence(_))), "{:?}", model.dialog);
    let model = keys(model, &[Key::plain(Code::Esc)]);
    assert!(model.dialog.is_none());
}

#[test]
fn with_a_key_it_is_signed_and_without_one_attested() {
    let open = |key| scenes::typed(form_open(at_signoffs(), key), "Park Jiwoo");
    let send = |mut model: Model| {
        let mut effects = Vec::new();
        for _ in 0..6 {
            effects.extend(update(&mut model, Msg::Key(ENTER)));
            if !effects.is_empty() {
                break;
            }
        }
        effects
    };
    let effects = send(open(None));
    assert!(
        matches!(effects.as_slice(), [Effect::AppendRecord { intent: gonogo::deployment::Intent::Sign { name, .. }, .. }] if name == "Park Jiwoo"),
        "{effects:?}"
    );
    let effects = send(open(Some("~/.ssh/id")));
    let [Effect::SignWithKey { signing, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((signing.name.as_str(), signing.key.as_str()), ("Park Jiwoo", "~/.ssh/id"));
    // Nobody's own key: the field is empty, and may stay so.
    let effects = send(open(Some("")));
    assert!(
        matches!(effects.as_slice(), [Effect::AppendRecord { intent: gonogo::deployment::Intent::Sign { .. }, .. }]),
        "{effects:?}"
    );
}

#[test]
fn evidence_that_changed_meanwhile_is_shown_anew() {
    let mut model = evidence_shown(at_signoffs(), 3, 20, None);
    if let Some(Dialog::Evidence(shown)) = &mut model.dialog {
        let review = shown.read.as_mut().unwrap();
        review.evidence = gonogo::checklist::Digest::of(b"as it was");
    }
    let effects = update(&mut model, Msg::Key(ENTER));
    assert!(matches!(effects.as_slice(), [Effect::ReadEvidence { .. }]), "{effects:?}");
    assert!(matches!(&model.dialog, Some(Dialog::Evidence(shown)) if shown.read.is_none()));
    let said = &model.answer.as_ref().unwrap().text;
    assert!(said.contains("changed while you read it"), "{said}");
}
