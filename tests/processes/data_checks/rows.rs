use super::bench::{Bench, Heard, SCHEMA, measured, movable, outcome};
use gonogo::attempts::checks::rows;
use gonogo::checklist::check::{Depth, Rows};
use gonogo::checklist::target::Bound;
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{Moment, Outcome};

const BEFORE: &str = "p/s/upgrade";

async fn carry_out(bench: &Bench, tables: &[&str], against: Option<&str>, depth: Depth) -> Outcome {
    let tables = tables.iter().map(ToString::to_string).collect();
    let check = Rows { tables, against: against.map(Into::into), depth };
    movable(rows::carry_out(&bench.assignment(), &check, &Heard::default())).await
}

/// A bench whose past holds an upgrade with proofs taken before it.
async fn after_upgrade(depth: Depth, rewrites: &[&str]) -> Bench {
    let mut bench = Bench::new(SCHEMA).await;
    let mut taken = Box::pin(carry_out(&bench, &[], None, depth)).await;
    assert_eq!(taken.verdict, Verdict::Pass);
    taken.tables.iter_mut().for_each(|table| table.when = Moment::Before);
    bench.migration(BEFORE, rewrites);
    bench.past(BEFORE, taken);
    bench
}

#[tokio::test]
async fn rows_are_counted_measured_and_kept() {
    let mut bench = Bench::new(SCHEMA).await;
    bench.target("rows", Bound::AtLeast(3_041.0), "rows");
    let console = Heard::default();
    let check = Rows { tables: vec![], against: None, depth: Depth::Fingerprints };
    let outcome = rows::carry_out(&bench.assignment(), &check, &console).await;
    let expected = "3040 rows in 2 tables; rows 3040 rows, target ≥ 3041 rows";
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Fail, expected));
    assert_eq!(measured(&outcome, "rows lots"), Some(40.0));
    assert_eq!(measured(&outcome, "rows serials"), Some(3_000.0));
    let kept: Vec<_> =
        outcome.tables.iter().map(|t| (t.table.as_str(), t.when, t.rows, t.fingerprint.is_some())).collect();
    assert_eq!(kept, [("lots", Moment::Now, 40, true), ("serials", Moment::Now, 3_000, true)]);
    let stages = console.stages.lock().unwrap().clone();
    let last = stages.last().unwrap();
    assert_eq!((last.stage.as_str(), last.done, last.total), ("rows now", 3_040, Some(3_040)));
    assert!(stages.iter().any(|progress| (1..3_040).contains(&progress.done)), "it is reported on the way");

    let missing = carry_out(&bench, &["lots", "nowhere"], None, Depth::Counts).await;
    assert!(missing.detail.contains("there is no table nowhere"), "{}", missing.detail);
    assert_eq!(missing.verdict, Verdict::Fail);
}

#[tokio::test]
async fn unchanged_data_passes_whatever_happened_around_it() {
    let bench = after_upgrade(Depth::Fingerprints, &[]).await;
    bench.change("ALTER TABLE serials ADD COLUMN wip_id INTEGER; UPDATE serials SET wip_id = 1; CREATE TABLE new (a); VACUUM").await;
    let outcome = carry_out(&bench, &[], Some(BEFORE), Depth::Fingerprints).await;
    let expected = "3040 rows in 2 tables, counts and contents as before";
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Pass, expected));
}

#[tokio::test]
async fn lost_rows_and_changed_contents_are_named() {
    for (defect, depth, detail) in [
        ("DELETE FROM serials WHERE id = 7", Depth::Counts, "serials: 3000 rows before, 2999 now (1 fewer)"),
        ("INSERT INTO lots VALUES (41, 'x', 1)", Depth::Counts, "lots: 40 rows before, 41 now (1 more)"),
        ("DROP TABLE serials", Depth::Counts, "there is no table serials"),
        (
            "UPDATE serials SET lot_id = CASE id WHEN 1 THEN 3 ELSE 2 END WHERE id IN (1, 2)",
            Depth::Fingerprints,
            "serials: 3000 rows as before, but their contents differ",
        ),
        ("ALTER TABLE lots DROP COLUMN weight", Depth::Fingerprints, "lots no longer has weight"),
    ] {
        let bench = after_upgrade(Depth::Fingerprints, &[]).await;
        bench.change(defect).await;
        let outcome = carry_out(&bench, &[], Some(BEFORE), depth).await;
        assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Fail, detail), "{defect}");
    }
}

#[tokio::test]
async fn a_migration_may_rewrite_what_it_says_but_lose_nothing() {
    let bench = after_upgrade(Depth::Fingerprints, &["serials"]).await;
    bench.change("UPDATE serials SET measurements = '{}'").await;
    let rewritten = carry_out(&bench, &[], Some(BEFORE), Depth::Fingerprints).await;
    assert_eq!(rewritten.verdict, Verdict::Pass, "{}", rewritten.detail);
    bench.change("DELETE FROM serials WHERE id = 1").await;
    let lost = carry_out(&bench, &[], Some(BEFORE), Depth::Fingerprints).await;
    assert_eq!(lost.verdict, Verdict::Fail, "{}", lost.detail);
}

#[tokio::test]
async fn nothing_to_hold_against_is_inconclusive() {
    let mut bench = after_upgrade(Depth::Counts, &[]).await;
    for (tables, against, depth, part) in [
        (&[][..], "p/s/never", Depth::Counts, "has not passed yet"),
        (&["nowhere"], BEFORE, Depth::Counts, "kept no row counts of nowhere"),
        (&[], BEFORE, Depth::Fingerprints, "only counted then"),
    ] {
        let outcome = carry_out(&bench, tables, Some(against), depth).await;
        assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}", outcome.detail);
        assert!(outcome.detail.contains(part), "{}", outcome.detail);
    }
    bench.past_in("p/s/staging", outcome(Verdict::Pass), "rehearsal-staging");
    let elsewhere = carry_out(&bench, &[], Some("p/s/staging"), Depth::Counts).await;
    assert_eq!(elsewhere.verdict, Verdict::Inconclusive);
    assert!(elsewhere.detail.contains("carried out in rehearsal-staging"), "{}", elsewhere.detail);
}
