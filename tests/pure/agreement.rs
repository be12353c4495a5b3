//! One fact has one answer: what the screen shows is what `status` says and the report counts, whatever happened before.

use crate::deployment_replay::{fly, intent};
use crate::flight::{captain, plan};
use chrono::TimeDelta;
use gonogo::cockpit::Screen;
use gonogo::cockpit::model::{Access, Model};
use gonogo::deployment::Board;
use gonogo::deployment::account::counts::Counts;
use gonogo::deployment::account::{Account, LedgerState};
use gonogo::report::{Report, Source};
use gonogo::screen::{Glyphs, Theme, draw};
use proptest::collection::vec;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

fn drawn(model: &Model) -> String {
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
    terminal.draw(|frame| _ = draw(frame, model, &Theme::dark(), &Glyphs::unicode())).unwrap();
    let buffer = terminal.backend().buffer().clone();
    buffer
        .content
        .chunks(200)
        .map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>() + "\n")
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_screen_and_status_agree(intents in vec((intent(), 0_i64..100_000), 0..40)) {
        let plan = plan();
        let (state, records) = fly(&plan, intents);
        let now = records.iter().map(|record| record.at).max().unwrap() + TimeDelta::seconds(1);
        let mut model = Model::new(Arc::new(plan), records.iter().cloned(), captain(), Access::Watches, now);
        model.settle();
        let ledger = LedgerState { records: records.len(), head: None, intact: true };
        let status = serde_json::to_value(Account::at(&model.plan, &state, ledger, now)).unwrap();

        let total = model.summary.total;
        prop_assert_eq!(
            &status["items"],
            &json!({
                "total": total.total, "done": total.done, "failed": total.failed, "waived": total.waived,
                "not_applicable": total.inapplicable, "open": total.open + total.running, "measured": total.measured,
            })
        );
        let phases = model.summary.phases.iter().map(|phase| {
            let who: Vec<&str> = phase.needs.iter().map(|need| need.who.as_str()).collect();
            json!({
                "id": phase.id, "done": phase.tally.completed(), "total": phase.tally.applicable(),
                "gate": { "open": phase.missing.is_empty(), "missing": phase.missing, "who": who },
            })
        });
        let mut listed = status["phases"].clone();
        for phase in listed.as_array_mut().unwrap() {
            let fields = phase.as_object_mut().unwrap();
            let (state, title) = (fields.remove("state").unwrap(), fields.remove("title").unwrap());
            prop_assert!(title.is_string());
            let (done, total, open) = (&fields["done"], &fields["total"], &fields["gate"]["open"]);
            match state.as_str().unwrap() {
                "done" => prop_assert_eq!(done, total),
                "waiting" => prop_assert_eq!(open, &json!(false)),
                "open" | "running" | "failed" => {}
                other => prop_assert!(false, "{other} is no state of a phase"),
            }
        }
        prop_assert_eq!(listed, phases.collect::<Value>());
        let outlook = model.summary.outlook.as_ref().unwrap();
        prop_assert_eq!(&status["criteria"]["call"], &json!(outlook.call.word()));
        let reasons: Vec<Value> = outlook
            .reasons
            .iter()
            .map(|reason| json!({ "item": reason.item, "text": reason.text, "pending": reason.pending }))
            .collect();
        prop_assert_eq!(&status["criteria"]["reasons"], &json!(reasons));
        let stale = status["signoffs"].as_array().unwrap().iter().map(|line| line["stale"] == json!(true));
        let shown = model.summary.standings.iter().map(|standing| *standing == gonogo::deployment::signoff::Standing::Stale);
        prop_assert_eq!(stale.collect::<Vec<_>>(), shown.collect::<Vec<_>>());
        let running = status["attempts"].as_array().unwrap().iter().filter(|line| line["state"] == json!("running"));
        prop_assert!(total.running <= running.count());

        if state.closed.is_none() {
            let report = Report::of(&Source {
                plan: &model.plan,
                state: &state,
                records: &records.iter().cloned().map(Arc::new).collect::<Vec<_>>(),
                ledger: "t.ledger.toml".to_owned(),
                now,
                outputs: BTreeMap::new(),
                samples: BTreeMap::new(),
                probed: BTreeMap::new(),
                troubles: Vec::new(),
            });
            let mut counted = serde_json::to_value(&report.items).unwrap();
            counted.as_object_mut().unwrap().remove("words");
            prop_assert_eq!(&counted, &status["items"], "the report counts otherwise");
            let reported = report.phases.iter().map(|phase| json!([phase.tally, phase.missing]));
            let said = status["phases"].as_array().unwrap().iter().map(|phase| {
                let applies = phase["total"] != json!(0);
                let tally = if applies { format!("{}/{}", phase["done"], phase["total"]) } else { "n/a".to_owned() };
                json!([tally, phase["gate"]["missing"]])
            });
            prop_assert_eq!(reported.collect::<Value>(), said.collect::<Value>());
        }

        let text = drawn(&model);
        let (completed, applicable) = (total.completed(), total.applicable());
        prop_assert!(text.contains(&format!("{completed}/{applicable} done")), "{text}");
        // One count of criteria and of the poll: on the overview, on go/no-go, in the document, at home.
        let counts = model.summary.counts;
        prop_assert_eq!(&status["criteria"]["counts"], &serde_json::to_value(counts).unwrap());
        prop_assert_eq!(&status["criteria"]["total"], &json!(counts.due()));
        if counts.due() > 0 {
            prop_assert!(text.contains(&counts.words()), "{}\n{text}", counts.words());
        }
        let home = Counts::of(&model.plan, &state, &Board::at(&model.plan, &state, now));
        prop_assert_eq!((home.items, home.criteria, home.poll), (total, counts, model.summary.poll));
        model.screen = Screen::Decision;
        let decision = drawn(&model);
        prop_assert!(decision.contains(&counts.words()), "{}\n{decision}", counts.words());
        prop_assert!(decision.contains(&format!("1 Criteria {}/{}", counts.met(), counts.due())), "{decision}");
        let round = model.summary.poll;
        let asks = status["poll"]["stations"].as_array().map(|stations| {
            (stations.len(), stations.iter().filter(|station| !station["answer"].is_null()).count())
        });
        if let Some(asked) = asks {
            prop_assert_eq!(asked, (round.roles, round.answered));
            prop_assert!(decision.contains(&format!("2 Poll {}/{}", round.answered, round.roles)), "{decision}");
        }
        let title = status["phases"][0]["title"].as_str().unwrap();
        prop_assert!(text.contains(title), "{text}");
    }
}
