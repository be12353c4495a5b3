use super::*;

fn entry(group: Group, place: &str) -> Entry {
    let choice = match group {
        Group::Rehearsal => Choice::Rehearsal,
        Group::Shipped | Group::Unopened => Choice::Checklist(place.into()),
        Group::Here | Group::Recent => Choice::Ledger(place.into()),
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
    assert_eq!(start.rows()[..2], [StartRow::Heading(Group::Here), StartRow::Nothing]);
}

#[test]
fn in_an_empty_folder_the_rehearsal_is_selected() {
    let entries =
        vec![entry(Group::Shipped, "neurohub"), entry(Group::Recent, "old"), entry(Group::Rehearsal, "rehearse")];
    let mut start = Start::new(Path::new("/srv"), entries, Keymap::default());
    assert_eq!(start.in_hand().unwrap().group, Group::Rehearsal);
    assert_eq!(press(&mut start, Key::plain(Code::Enter)), Some(StartEffect::Open(Choice::Rehearsal)));
    let groups: Vec<Group> = start.entries.iter().map(|entry| entry.group).collect();
    assert_eq!(groups, [Group::Rehearsal, Group::Recent, Group::Shipped]);
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
        age: String::new(),
    };
    let msg = StartMsg::Looked { ledger: "b".into(), title: Some("B".into()), standing: standing.clone() };
    update(&mut start, msg);
    assert_eq!((start.entries[1].title.as_str(), &start.entries[1].standing), ("B", &standing));
    assert_eq!(start.entries[0].standing, Standing::Reading);
}
