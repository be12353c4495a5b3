//! What a preflight costs the server that it asks: its memory and its time, whatever the chain says.

use super::postgres::{Base, cluster};
use super::{Stage, of};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PARTS: &str = "CREATE TABLE parts (id int PRIMARY KEY, n int, colour text);
INSERT INTO parts SELECT i, i % 500, 'c' || i FROM generate_series(1, 20000) AS i;
ANALYZE parts;";

/// The most memory, in megabytes, that a server process of this database had while `work` ran.
fn peak(base: &Base, work: impl FnOnce()) -> u64 {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(held(&base.name));
                std::thread::park_timeout(Duration::from_millis(10));
            }
            most
        });
        work();
        done.store(true, Ordering::Relaxed);
        watch.join().unwrap()
    })
}

/// `VmHWM` of the processes that serve a database: `postgres: neurohub t7 127.0.0.1(34567) SELECT`.
fn held(database: &str) -> u64 {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let of_one = |path: std::path::PathBuf| {
        let title = std::fs::read_to_string(path.join("cmdline")).ok()?;
        let serves = title.starts_with("postgres: ") && title.contains(&format!(" {database} "));
        let status = serves.then(|| std::fs::read_to_string(path.join("status")).ok()).flatten()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    processes.filter_map(|entry| of_one(entry.path())).max().unwrap_or_default() / 1024
}

fn repeated(one: impl Fn(usize) -> String, last: &str) -> String {
    let all: Vec<String> = (0..20).map(one).collect();
    format!("{};\n{last}", all.join(";\n"))
}

#[tokio::test]
async fn no_chain_drives_a_servers_memory_or_holds_it_for_long() {
    let base = cluster().database(PARTS).await;
    let chains = [
        repeated(
            |i| format!("DELETE FROM parts WHERE id IN (SELECT id FROM parts WHERE n = {i})"),
            "ALTER TABLE parts ADD UNIQUE (n)",
        ),
        repeated(
            |_| "UPDATE parts SET colour = colour || (SELECT max(colour) FROM parts p WHERE p.n = parts.n)".to_owned(),
            "ALTER TABLE parts ADD UNIQUE (colour)",
        ),
        repeated(
            |i| format!("DELETE FROM parts USING parts p WHERE p.id = parts.id + {i} AND p.n = 3"),
            "ALTER TABLE parts ADD UNIQUE (n)",
        ),
        repeated(|_| "UPDATE parts SET colour = colour || colour".to_owned(), "ALTER TABLE parts ADD UNIQUE (colour)"),
        repeated(
            |_| "UPDATE parts SET colour = replace(colour, 'c', 'cccccccc')".to_owned(),
            "ALTER TABLE parts ADD UNIQUE (colour)",
        ),
        "ALTER TABLE parts ADD CHECK (length(repeat('x', 900000000)) > n)".to_owned(),
        "UPDATE parts SET colour = repeat('x', 100000000) WHERE id < 9;\nALTER TABLE parts ADD UNIQUE (colour)"
            .to_owned(),
        "UPDATE parts SET n = s.i FROM generate_series(1, 2000000000) AS s (i);\nALTER TABLE parts ADD UNIQUE (n)"
            .to_owned(),
    ];
    for chain in chains {
        let stage = Stage::of_files(&base, &[("1_x.sql", &chain)]);
        let begun = Instant::now();
        let most = peak(&base, || {
            let (report, code) = stage.report(&["--limit", "2"]);
            let verdict = (report["verdict"].as_str(), code);
            assert_eq!(verdict, (Some("inconclusive"), 1), "{chain}: {report:#}");
            assert_eq!(of(&report, "will-fail").len(), 0, "{chain}: {report:#}");
        });
        println!("{most} MB, {:?}: {}", begun.elapsed(), chain.lines().next().unwrap_or_default());
        assert!(most < 150, "{most} MB: {chain}");
        // Six questions' worth of time, and what the migrator and the catalog take.
        assert!(begun.elapsed() < Duration::from_mins(1), "{chain}");
    }
}

/// `DELETE`s that look into their own table, one after the other, and what the server says to the key that follows.
#[tokio::test]
async fn a_subquery_sees_its_table_as_it_is_when_its_turn_comes() {
    let base = cluster()
        .database("CREATE TABLE t (id int, v int); INSERT INTO t SELECT i, 1 FROM generate_series(1, 3) AS i")
        .await;
    for (times, works) in [(1, false), (2, true)] {
        for least in [
            "DELETE FROM t WHERE id IN (SELECT min(id) FROM t)",
            "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)",
            "DELETE FROM t WHERE id = (SELECT min(o.id) FROM t AS o WHERE EXISTS (SELECT FROM t AS p WHERE p.id > o.id))",
        ] {
            let chain = format!("{};\nALTER TABLE t ADD UNIQUE (v)", vec![least; times].join(";\n"));
            assert_eq!(super::hidden::takes(&base, &chain).await, works, "{chain}");
            let (report, _) = Stage::of_files(&base, &[("1_x.sql", &chain)]).report(&[]);
            let said = of(&report, "may-fail").len();
            // A subquery that is asked of a layer has no places of rows; that is inconclusive and never wrong.
            let open = least.contains("ctid") && times > 1;
            assert_eq!(
                (said, of(&report, "inconclusive").is_empty()),
                (usize::from(!works), !open),
                "{chain}: {report:#}"
            );
        }
    }
}
