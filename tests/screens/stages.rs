//! How far the deployment has come: records up to a moment.

use super::checklist;
use super::flight::{Flight, outcome};
use gonogo::checklist::Checklist;
use gonogo::deployment::attempt::{AttemptNumber, Moment, TableProof};
use gonogo::deployment::fact::{Approval, Signed};
use gonogo::deployment::signoff::evidence;
use gonogo::deployment::{Board, Fact, State, Verdict};

/// Everything up to the production phase.
pub(crate) fn half_way_flight() -> Flight {
    half_way(checklist::checklist())
}

/// The same of another checklist that has all of these items.
pub(crate) fn half_way(checklist: Checklist) -> Flight {
    let mut flight = Flight::of(checklist);
    flight.tick("setup/read/report").tick("setup/read/guide");
    flight.run(
        "before/backup/make",
        2_310,
        Verdict::Pass,
        "a backup of 45.2 MB was made",
        &[("bytes", 45_200_000.0, "bytes")],
    );
    flight.run("before/backup/verify", 840, Verdict::Pass, "17 tables read back whole", &[]);
    flight.fact(Fact::ValueFilled {
        item: "before/backup/place".into(),
        value: "vault/neurohub, the DBAs".into(),
        unit: None,
    });
    flight.run("before/schema/tables", 35, Verdict::Pass, "17 of 17 tables, 8 indexes on lots", &[]);
    flight.run("before/schema/orphans", 120, Verdict::Pass, "value 0 rows", &[("value", 0.0, "rows")]);
    flight.run(
        "before/baseline/lots",
        75_400,
        Verdict::Pass,
        "30 of 30 requests answered 200",
        &[("latency-p95", 2_516.0, "ms"), ("queries", 201.0, "queries")],
    );
    flight
}

/// All that the gate of production asks for.
pub(crate) fn ready_flight() -> Flight {
    ready(checklist::checklist())
}

pub(crate) fn ready(checklist: Checklist) -> Flight {
    let mut flight = half_way(checklist);
    for (item, ms) in [("before/baseline/all/serials", 190.0), ("before/baseline/all/equipment", 41.0)] {
        flight.run(item, 5_200, Verdict::Pass, "30 of 30 requests answered 200", &[("latency-p95", ms, "ms")]);
    }
    flight.fact(Fact::ItemEvaluated {
        item: "before/baseline/all".into(),
        verdict: Verdict::Pass,
        detail: "2 of 2 hold".into(),
        measured: Vec::new(),
        attempts: vec![AttemptNumber(6), AttemptNumber(7)],
    });
    sign(&mut flight, "staging", "qa-lead", "Kim Minsu", Approval::Go, Some("all green"));
    sign(&mut flight, "staging", "dba", "Ana Berg", Approval::Go, None);
    flight.tick("production/window/announce");
    flight.run("production/window/stop", 640, Verdict::Pass, "exit status 0", &[]);
    flight
}

pub(crate) fn sign(
    flight: &mut Flight,
    group: &str,
    role: &str,
    name: &str,
    decision: Approval,
    comment: Option<&str>,
) {
    let state = State::replay(&flight.records);
    let mut board = Board::new(&flight.plan, &state);
    let found = flight.plan.checklist().signoff(&group.into()).unwrap();
    let evidence = evidence::digest(&flight.plan, &state, &mut board, found, evidence::FORM);
    let signed = Signed {
        group: group.into(),
        role: role.into(),
        name: name.into(),
        decision,
        comment: comment.map(ToOwned::to_owned),
        date: flight.now.date_naive(),
        checklist: flight.plan.digest().clone(),
        evidence,
        evidence_form: evidence::FORM,
        signature: None,
        replaces: None,
    };
    flight.wait(9).fact(Fact::Signed(signed.into()));
}

fn proofs(lost: i64) -> Vec<TableProof> {
    let mut proofs = Vec::new();
    for (table, rows) in
        [("lots", 1_200), ("serials", 15_000), ("wip_items", 15_000), ("process_data", 120_000), ("users", 40)]
    {
        for when in [Moment::Before, Moment::After] {
            let after = when == Moment::After;
            proofs.push(TableProof {
                table: table.into(),
                when,
                rows: if after && table == "serials" { rows - lost } else { rows },
                fingerprint: Some(if after && table == "process_data" { "b".into() } else { "a".into() }),
                columns: None,
            });
        }
    }
    proofs
}

pub(crate) fn finished_flight(verdict: Verdict) -> Flight {
    finished(ready_flight(), verdict)
}

pub(crate) fn finished(mut flight: Flight, verdict: Verdict) -> Flight {
    let failed = verdict == Verdict::Fail;
    let detail = if failed {
        "duration 41.3 s, target < 30 s; serials has 14,988 rows and had 15,000"
    } else {
        "duration 18.204 s (< 30 s); 5 tables keep their rows, 4 of them their contents"
    };
    let mut end = outcome(if failed { 41_300 } else { 18_204 }, verdict, detail);
    let measured = [
        ("duration", if failed { 41.3 } else { 18.204 }, "s"),
        ("lock", 7.9, "s"),
        ("rows-changed", 361_212.0, "rows"),
        ("size-increase", 12_582_912.0, "bytes"),
        ("revisions", 2.0, "revisions"),
    ];
    end.measured =
        measured.iter().map(|(name, value, unit)| gonogo::deployment::Measurement::new(*name, *value, *unit)).collect();
    end.tables = proofs(if failed { 12 } else { 0 });
    end.revision = Some("0003_add_wip_unique_index (head)".into());
    flight.run_to("production/window/upgrade", end);
    flight
}
