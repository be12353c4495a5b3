//! Where contents differ is found by what was kept of them.

use super::bench::{Heard, movable};
use super::postgres::cluster;
use super::{at, check};
use gonogo::attempts::checks::rows;
use gonogo::checklist::Check;
use gonogo::deployment::Verdict;

const BEFORE: &str = "p/s/before";
const SCHEMA: &str = "
CREATE TABLE parts (id bigint PRIMARY KEY, code text, notes text);
CREATE TABLE bare (word text);
INSERT INTO parts SELECT i, 'c' || i, 'n' || i FROM generate_series(-500, 9499) AS i;
INSERT INTO bare VALUES ('a');
";

#[tokio::test]
async fn a_difference_is_reported_by_its_keys_its_columns_and_some_rows() {
    let base = cluster().database(SCHEMA).await;
    let mut bench = at(&base.url).await;
    std::fs::create_dir_all(bench.path("neurohub.ledger.d/attempts")).unwrap();
    let Check::Rows(take) = check("kind = \"rows\", tables = [], depth = \"fingerprints\"") else { panic!("rows") };
    let mut hold = take.clone();
    hold.against = Some(BEFORE.into());
    let before = movable(rows::carry_out(&bench.assignment(), &take, &Heard::default())).await;
    assert_eq!(before.verdict, Verdict::Pass, "{}", before.detail);
    assert!(bench.path("neurohub.ledger.d/attempts/0001.ranges").is_file());
    bench.past(BEFORE, before);

    let same = movable(rows::carry_out(&bench.assignment(), &hold, &Heard::default())).await;
    assert_eq!(same.verdict, Verdict::Pass, "{}", same.detail);
    base.run("UPDATE parts SET notes = 'other' WHERE id = 4000; UPDATE parts SET code = 'x' WHERE id = -1; DELETE FROM parts WHERE id = 9499")
        .await;
    let console = Heard::default();
    let other = movable(rows::carry_out(&bench.assignment(), &hold, &console)).await;
    assert_eq!(other.verdict, Verdict::Fail, "{}", other.detail);
    assert!(
        other
            .detail
            .contains("parts: 10000 rows before, 9999 now (1 fewer); parts: id -256 to -1, 256 rows: code differs"),
        "{}",
        other.detail
    );
    let said = console.text();
    for part in [
        "parts: id 3840 to 4095, 256 rows: notes differs",
        "  now: id 3840, notes n3840",
        "parts: id 9472 to 9727: 28 rows before, 27 now",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
