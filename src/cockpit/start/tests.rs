use super::*;

fn entry(group: Group, place: &str) -> Entry {
    let choice = match group {
        Group::Rehearsal => Choice::Rehearsal,
        Group::Shipped | Group::Unopened => Choice::Checklist(place.into()),
        Group::Waiting | Group::Here | Group::Recent => Choice::Ledger(place.into()),
    };
    let (title, place) = (place.to_owned(), place.to_owned());
    Entry { group, title, place, standing: Standing::Reading, does: String::new(), choice }
}

fn start() -> Start {
    let entries = vec![
        entry(Group::Rehearsal, "rehearse"),
        entry(Group::Here, "a"),
        entry(Group::Here, "b"),
        entry(Group::Shipped, "neurohub"),
    ];
    Start::new(Path::new("/srv"), entries, Keymap::default())
}

fn press(start: &mut Start, key: Key) -> Option<StartEffect> {
    update(start, StartMsg::Key(key))
}

#[test]
fn groups_come_in_their_order_with_headings_that_are_no_resting_place() {
    let mut start = start();
    assert_eq!(start.rows().len(), 7);
    assert_eq!(start.rows()[0], StartRow::Heading(Group::Here));
    assert_eq!(start.row_in_hand(), 1);
    press(&mut start, Key::plain(Code::Down));
    press(&mut start, Key::char('j'));
    assert_eq!((start.row_in_hand(), start.in_hand().unwrap().place.as_str()), (4, "rehearse"));
    press(&mut start, Key::plain(Code::Tab));
    assert_eq!(start.in_hand().unwrap().group, Group::Shipped);
    press(&mut start, Key::plain(Code::Tab));
    assert_eq!(start.cursor.at, 0);
}

#[test]
fn numbers_and_enter_open_and_q_leaves() {
    let mut start = start();
    assert_eq!(press(&mut start, Key::char('2')), Some(StartEffect::Open(Choice::Ledger("b".into()))));
    press(&mut start, Key::plain(Code::Down));
    assert_eq!(press(&mut start, Key::plain(Code::Enter)), Some(StartEffect::Open(Choice::Rehearsal)));
    for wrong in ['0', '9', 'w'] {
        assert_eq!(press(&mut start, Key::char(wrong)), None);
        assert!(start.answer.is_some(), "{wrong} was passed over in silence");
    }
    assert_eq!(press(&mut start, Key::plain(Code::Esc)), None, "esc leaves no program");
    assert!(start.answer.as_ref().is_some_and(|answer| answer.text == "q quits"));
    press(&mut start, Key::char('?'));
    assert!(start.answer.as_ref().is_some_and(|answer| answer.text.contains("⏎ opens the selected line")));
    assert_eq!(press(&mut start, Key::char('q')), Some(StartEffect::Leave));
    assert_eq!(press(&mut start, Key::ctrl('c')), Some(StartEffect::Leave));
}

#[test]
fn with_nothing_here_it_says_what_to_do() {
    let start = Start::new(Path::new("/srv"), vec![entry(Group::Shipped, "neurohub")], Keymap::default());
    assert_eq!(start.rows()[..2], [StartRow::Nothing, StartRow::Heading(Group::Shipped)]);
}

#[test]
fn in_an_empty_folder_the_rehearsal_is_selected() {
    let entries =
        vec![entry(Group::Shipped, "neurohub"), entry(Group::Recent, "old"), entry(Group::Rehearsal, "rehearse")];
    let mut start = Start::new(Path::new("/srv"), entries, Keymap::default());
    assert_eq!(start.in_hand().unwrap().group, Group::Rehearsal);
    assert_eq!(press(&mut start, Key::plain(Code::Enter)), Some(StartEffect::Open(Choice::Rehearsal)));
    let groups: Vec<Group> = start.entries.iter().map(|entry| entry.group).collect();
    assert_eq!(groups, [Group::Recent, Group::Rehearsal, Group::Shipped]);
}

fn flown(outcome: &str, failed: usize, overdue: usize) -> Standing {
    Standing::Flown {
        outcome: outcome.into(),
        completed: 3,
        total: 4,
        failed,
        running: 0,
        overdue,
        words: "3/4 done; criteria: 1 go".into(),
        age: "2 h".into(),
    }
}

#[test]
fn what_waits_comes_first_then_recent_then_the_rehearsal() {
    let mut entries = vec![
        entry(Group::Shipped, "neurohub"),
        entry(Group::Rehearsal, "rehearse"),
        entry(Group::Recent, "over"),
        entry(Group::Recent, "elsewhere"),
        entry(Group::Here, "here"),
        entry(Group::Here, "failed"),
    ];
    for (at, standing) in [(2, flown("go", 0, 0)), (3, flown("go", 0, 2)), (4, flown("open", 0, 0))] {
        entries[at].standing = standing;
    }
    let mut start = Start::new(Path::new("/srv"), entries, Keymap::default());
    assert_eq!(start.in_hand().unwrap().place, "here", "what this folder holds is selected");
    let places = |start: &Start| start.entries.iter().map(|entry| entry.place.clone()).collect::<Vec<_>>();
    assert_eq!(places(&start), ["elsewhere", "here", "failed", "over", "rehearse", "neurohub"]);
    assert_eq!(start.rows()[0], StartRow::Heading(Group::Waiting));
    // Read later: it goes to its place, and until a key is pressed the selection follows what is most urgent here.
    let failed = StartMsg::Looked { ledger: "failed".into(), title: None, standing: flown("open", 1, 0) };
    update(&mut start, failed);
    assert_eq!(places(&start), ["elsewhere", "failed", "here", "over", "rehearse", "neurohub"]);
    assert_eq!(start.in_hand().unwrap().place, "failed");
    press(&mut start, Key::char('j'));
    let over = StartMsg::Looked { ledger: "failed".into(), title: None, standing: flown("closed", 0, 0) };
    update(&mut start, over);
    assert_eq!(start.in_hand().unwrap().place, "here", "a cursor that somebody moved stays with its entry");
}

#[test]
fn a_heading_is_never_selected() {
    let entries = vec![entry(Group::Recent, "old"), entry(Group::Rehearsal, "rehearse"), entry(Group::Shipped, "a")];
    let mut start = Start::new(Path::new("/srv"), entries, Keymap::default());
    for outcome in ["go", "open"] {
        let msg = StartMsg::Looked { ledger: "old".into(), title: None, standing: flown(outcome, 0, 0) };
        update(&mut start, msg);
        assert!(matches!(start.rows()[start.row_in_hand()], StartRow::Entry(_)), "{outcome}");
        assert_eq!(start.in_hand().unwrap().group, Group::Rehearsal, "{outcome}");
    }
}

#[test]
fn what_a_ledger_reports_comes_later() {
    let mut start = start();
    let standing = Standing::Flown {
        outcome: "go".into(),
        completed: 3,
        total: 4,
        failed: 0,
        running: 0,
        overdue: 0,
        words: String::new(),
        age: String::new(),
    };
    let msg = StartMsg::Looked { ledger: "b".into(), title: Some("B".into()), standing: standing.clone() };
    update(&mut start, msg);
    assert_eq!((start.entries[1].title.as_str(), &start.entries[1].standing), ("B", &standing));
    assert_eq!(start.entries[0].standing, Standing::Reading);
}
