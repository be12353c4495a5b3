//! Moments of the start screen.

use gonogo::cockpit::Keymap;
use gonogo::cockpit::model::Tone;
use gonogo::cockpit::start::{Choice, Entry, Group, Standing, Start};
use std::path::Path;

pub(crate) const STARTS: [&str; 3] = ["start", "start-nothing-here", "start-refused"];

fn entry(group: Group, title: &str, place: &str, standing: Standing) -> Entry {
    let choice = match group {
        Group::Waiting | Group::Here | Group::Recent => Choice::Ledger(place.into()),
        Group::Unopened | Group::Shipped => Choice::Checklist(place.into()),
        Group::Rehearsal => Choice::Rehearsal,
    };
    let does = match group {
        Group::Waiting | Group::Here | Group::Recent => "Resume this deployment.".to_owned(),
        Group::Unopened | Group::Shipped => {
            format!("Create {place}.ledger.toml here and open it. Nothing runs until you start it.")
        }
        Group::Rehearsal => "Build two databases and a service in a folder here, and open their deployment.".to_owned(),
    };
    Entry { group, title: title.to_owned(), place: place.to_owned(), standing, does, choice }
}

fn flown(outcome: &str, completed: usize, failed: usize, running: usize) -> Standing {
    Standing::Flown {
        outcome: outcome.to_owned(),
        completed,
        total: 265,
        failed,
        running,
        overdue: 0,
        words: format!("{completed}/265 done; criteria: 0 go · 0 no-go · 14 pending · 7 due later"),
        age: "3 h".to_owned(),
    }
}

fn built_in() -> Vec<Entry> {
    vec![
        entry(Group::Shipped, "F2X NeuroHub refactoring", "neurohub", Standing::None),
        entry(Group::Shipped, "PostgreSQL major upgrade", "postgres-major-upgrade", Standing::None),
        entry(Group::Shipped, "Service release", "service-release", Standing::None),
        entry(Group::Rehearsal, "Rehearse a full deployment (local sandbox)", "neurohub-rehearsal/", Standing::None),
    ]
}

pub(crate) fn start(name: &str) -> Start {
    let mut entries = built_in();
    if name != "start-nothing-here" {
        let broken =
            Standing::Unusable("the ledger is damaged at record 7, byte 2,114: its sum does not fit".to_owned());
        entries.extend([
            entry(Group::Here, "F2X NeuroHub refactoring", "neurohub.ledger.toml", flown("open", 34, 2, 0)),
            entry(
                Group::Here,
                "뉴로허브 데이터베이스 마이그레이션과 그 이후의 모든 일",
                "뉴로허브.ledger.toml",
                flown("open", 0, 0, 1),
            ),
            entry(
                Group::Recent,
                "Service release",
                "/srv/deploy/2026/november/release-14/service-release.ledger.toml",
                flown("go", 265, 0, 0),
            ),
            entry(Group::Recent, "إصدار الخدمة", "/srv/a.ledger.toml", flown("no-go", 12, 1, 0)),
            entry(Group::Recent, "b", "/srv/b.ledger.toml", broken),
            entry(Group::Recent, "c", "/srv/c.ledger.toml", Standing::Reading),
        ]);
    }
    let mut start = Start::new(Path::new("/srv/deploy"), entries, Keymap::default());
    start.themes = vec!["dark".to_owned(), "light".to_owned()];
    if name == "start-refused" {
        start.return_to(4);
        start.say(Tone::Bad, "say which environment fills production with --env production=NAME; blue, green do");
    }
    start
}
