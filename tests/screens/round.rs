//! Criteria, poll, decision: what the screen says is next is what its key does.

use crate::fixture::scenes::{met, scene};
use crate::picture::{paint, whole};
use gonogo::cockpit::dialog::Purpose;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::round::{Stage, stage};
use gonogo::cockpit::{Dialog, Effect, Key, Model, Msg, advice, update};
use gonogo::config::theme::Theme;
use gonogo::deployment::fact::Approval;
use gonogo::deployment::poll::{self, Answer};
use gonogo::deployment::{Fact, Intent};
use gonogo::screen::Glyphs;

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let effects = update(model, Msg::Key(key));
    model.settle();
    effects
}

fn drawn(model: &Model, columns: u16, lines: u16) -> String {
    whole(&paint(model, &Theme::dark(), &Glyphs::unicode(), columns, lines).0)
}

fn purpose(model: &Model) -> Option<&Purpose> {
    match &model.dialog {
        Some(Dialog::Form { purpose, .. }) => Some(purpose),
        _ => None,
    }
}

/// Whether a key opened the form that belongs to a stage.
fn opens(stage: &Stage, purpose: Option<&Purpose>) -> bool {
    match stage {
        Stage::OpenPoll => matches!(purpose, Some(Purpose::OpenPoll)),
        Stage::Answer(station) => matches!(purpose, Some(Purpose::AnswerPoll(asked)) if *asked == station.id),
        Stage::Criteria(_) | Stage::Objection(_) | Stage::Decide | Stage::Waits(_) => {
            matches!(purpose, Some(Purpose::Decide))
        }
        Stage::Decided => matches!(purpose, Some(Purpose::ReopenDecision)),
    }
}

/// On the go/no-go screen with every criterion met, and so much of the poll.
fn polled(answers: Option<usize>) -> Model {
    let mut flight = met();
    let stations: Vec<String> = poll::stations(&flight.plan).into_iter().map(|station| station.id).collect();
    if let Some(answers) = answers {
        flight.wait(5).fact(Fact::PollOpened { stations: stations.clone(), reason: None });
        for station in stations.into_iter().take(answers) {
            flight.wait(5).fact(Fact::PollAnswered { station, answer: Answer::Go, reason: None });
        }
    }
    let mut model = flight.model();
    press(&mut model, Key::char('4'));
    model
}

#[test]
fn the_key_that_the_line_names_does_what_the_line_says() {
    for (answers, key) in [(None, 'p'), (Some(0), 'p'), (Some(1), 'p'), (Some(9), 'D')] {
        let model = polled(answers);
        let now = stage(&model);
        match (answers, &now) {
            (None, Stage::OpenPoll) | (Some(0 | 1), Stage::Answer(_)) | (Some(9), Stage::Decide) => {}
            other => panic!("{other:?}"),
        }
        let says = advice::sentence(&model, 200);
        let band = drawn(&model, 120, 36);
        assert!(says.contains(&format!("{key} ")), "{says}");
        assert!(band.contains(&says), "the band says what the line says: {says}\n{band}");
        assert_eq!(says.contains("then decide"), now != Stage::Decide, "{says}");
        for key in [Key::plain(Code::Enter), Key::char(key)] {
            let mut model = polled(answers);
            press(&mut model, key);
            assert!(opens(&now, purpose(&model)), "{answers:?}: {now:?}, {key}: {:?}", purpose(&model));
        }
    }
    for name in ["poll-none", "poll-open", "poll-no-go", "poll-complete", "decision-go"] {
        let mut model = scene(name);
        let now = stage(&model);
        press(&mut model, Key::plain(Code::Enter));
        assert!(opens(&now, purpose(&model)), "{name}: {now:?}: {:?}", purpose(&model));
    }
}

#[test]
fn the_decision_has_no_default() {
    let mut model = polled(Some(9));
    press(&mut model, Key::char('D'));
    let text = drawn(&model, 80, 24);
    assert!(text.contains("choose go or no-go"), "{text}");
    // Enter alone records nothing, however often.
    for _ in 0..6 {
        assert_eq!(press(&mut model, Key::plain(Code::Enter)), Vec::new());
    }
    let Some(Dialog::Form { form, .. }) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(form.focus, 0, "the field to choose in is the one in hand");
    press(&mut model, Key::char('g'));
    let mut effects = Vec::new();
    for _ in 0..4 {
        effects.extend(press(&mut model, Key::plain(Code::Enter)));
    }
    let typed = effects.iter().find_map(|effect| match effect {
        Effect::AppendRecord { intent: Intent::Decide { decision, .. }, .. } => Some(*decision),
        _ => None,
    });
    let asks_name = matches!(&model.dialog, Some(Dialog::Form { form, .. }) if form.error.is_some());
    assert!(typed == Some(Approval::Go) || (typed.is_none() && asks_name), "{typed:?}");
}

#[test]
fn the_smallest_screen_shows_progress_and_the_verdict() {
    for name in ["cockpit-fresh", "cockpit-failed", "clock-held", "clock-running"] {
        let model = scene(name);
        let text = drawn(&model, 80, 24);
        let total = model.summary.total;
        let (completed, applicable) = (total.completed(), total.applicable());
        assert!(text.contains(&format!("{completed}/{applicable} done")), "{name}\n{text}");
        assert!(text.contains("GO/NO-GO") && text.contains("pending"), "{name}\n{text}");
    }
}

#[test]
fn a_window_that_is_not_planned_is_one_phrase() {
    let text = drawn(&scene("cockpit-fresh"), 120, 36);
    let line = text.lines().nth(1).unwrap();
    assert!(line.contains("window not planned"), "{line}");
    for word in ["WINDOW", "ABORT BY", "back ~", "T-0 not planned"] {
        assert!(!line.contains(word), "{word}: {line}");
    }
}
