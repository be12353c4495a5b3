use super::*;
use proptest::prelude::*;
use std::fs;

fn secrets() -> Arc<Secrets> {
    Arc::new(Secrets::gather([("TOKEN", &b"s3cr3t-t0ken-value"[..])], &[]))
}

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("app.log")
    }

    fn write(&self, text: &str) {
        fs::OpenOptions::new().create(true).append(true).open(self.path()).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn tail(&self) -> Tail {
        Tail::new(self.path(), None)
    }

    fn log(&self) -> Log {
        let file = self.folder.path().join("log-errors.json");
        let kept = fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Kept>(&text).ok()).unwrap_or_default();
        Log {
            tail: Tail::new(self.path(), kept.place.clone()),
            errors: Regex::new(ERRORS).unwrap(),
            counts: Counts::NewErrors,
            secrets: secrets(),
            kept,
            file,
            events: Events::default(),
            window_ms: MINUTE_MS,
        }
    }
}

fn lines(tail: &mut Tail) -> Vec<String> {
    tail.read().unwrap().lines
}

#[test]
fn lines_are_read_once_over_rename_truncation_and_copy_truncate() {
    let bench = Bench::new();
    bench.write("one\ntwo\nthr");
    let mut tail = bench.tail();
    assert_eq!(lines(&mut tail), ["one", "two"]);
    bench.write("ee\nfour\n");
    assert_eq!(lines(&mut tail), ["three", "four"]);
    assert!(lines(&mut tail).is_empty());
    // Renamed with an end that was not read yet.
    bench.write("five\n");
    fs::rename(bench.path(), bench.folder.path().join("app.log.1")).unwrap();
    bench.write("six\n");
    assert_eq!(lines(&mut tail), ["five", "six"]);
    // Truncated in place, and written shorter.
    fs::write(bench.path(), "a\n").unwrap();
    assert_eq!(lines(&mut tail), ["a"]);
    bench.write("b\n");
    // Copied and truncated, and written longer than it was before anybody looks.
    fs::write(bench.path(), "another line that is longer\nand one more\n").unwrap();
    assert_eq!(lines(&mut tail), ["another line that is longer", "and one more"]);
}

/// A log of lines that are all alike ends as it did before, and is another one.
#[test]
fn a_log_written_over_in_place_with_the_same_end_is_read_from_its_beginning() {
    let bench = Bench::new();
    let old = "INFO tick\n".repeat(1_000);
    bench.write(&old);
    let mut tail = bench.tail();
    assert_eq!(lines(&mut tail).len(), 1_000);
    let new = format!("{}ERROR one\n{}", "INFO tick\n".repeat(100), "INFO tick\n".repeat(900));
    fs::write(bench.path(), &new).unwrap();
    let read = lines(&mut tail);
    assert_eq!(read.len(), 1_001);
    assert_eq!(read.iter().filter(|line| *line == "ERROR one").count(), 1);
    // Places that an older program kept are of one part less.
    let place = serde_json::to_value(tail.read().unwrap().place).unwrap();
    let mut older = place.clone();
    older.as_object_mut().unwrap().remove("print");
    let older: Place = serde_json::from_value(older).unwrap();
    bench.write("more\n");
    assert_eq!(lines(&mut Tail::new(bench.path(), Some(older))), ["more"]);
}

#[test]
fn what_was_written_while_nobody_looked_is_read_from_the_kept_place() {
    let bench = Bench::new();
    bench.write("one\n");
    let place = bench.tail().read().unwrap().place;
    bench.write("two\n");
    fs::rename(bench.path(), bench.folder.path().join("app.log.1")).unwrap();
    bench.write("three\n");
    let read = Tail::new(bench.path(), Some(place.clone())).read().unwrap();
    assert_eq!((read.lines, read.lost), (vec!["two".to_owned(), "three".to_owned()], None));
    fs::remove_file(bench.folder.path().join("app.log.1")).unwrap();
    let read = Tail::new(bench.path(), Some(place)).read().unwrap();
    assert_eq!(read.lines, ["three"]);
    assert!(read.lost.unwrap().starts_with("the log was rotated"));
}

const TRACEBACK: &str = "2026-11-27 02:00:07,123 ERROR app: request 4711 failed\n\
    Traceback (most recent call last):\n  File \"/srv/app/lots.py\", line 40, in get\n    raise KeyError(lot)\n\
    KeyError: 'LOT-0042'\n";

#[test]
fn only_errors_of_a_shape_that_was_not_there_before_are_new() {
    let bench = Bench::new();
    bench.write("2026-11-27 01:00:00 ERROR pool: connection 7 of 20 timed out after 30.5 s\nINFO all well\n");
    let mut log = bench.log();
    assert_eq!(log.read(0), Ok(0.0));
    bench.write("2026-11-27 02:00:00 ERROR pool: connection 19 of 20 timed out after 31 s\n");
    assert_eq!(log.read(0), Ok(0.0), "the same as before, with other numbers");
    bench.write(TRACEBACK);
    bench.write("INFO token s3cr3t-t0ken-value\nERROR login: bad token s3cr3t-t0ken-value\n");
    assert_eq!(log.read(0), Ok(2.0));
    bench.write(&TRACEBACK.replace("4711", "5").replace("LOT-0042", "LOT-0001").replace("02:00:07", "03:10:00"));
    bench.write("INFO well again\n");
    assert_eq!(log.read(0), Ok(2.0), "a traceback is one event, whatever its values");
    let new: Vec<&Shape> = log.kept.shapes.iter().filter(|shape| !shape.known).collect();
    assert_eq!((new[0].count, new[1].count), (2, 1));
    assert!(new[0].text.contains("KeyError: <text>") && new[0].sample.contains("KeyError: 'LOT-0042'"), "{new:?}");
    assert!(!new[1].sample.contains("s3cr3t"), "{}", new[1].sample);
    // Another collector goes on where this one was.
    bench.write("CRITICAL disk: full\n");
    assert_eq!(bench.log().read(0), Ok(3.0));
}

#[test]
fn lines_a_minute_are_those_of_the_last_minute() {
    let bench = Bench::new();
    bench.write("ERROR long ago\n");
    let lines_of = || Log { counts: Counts::Lines, ..bench.log() };
    let mut log = lines_of();
    assert!(log.read(0).is_err(), "what was there before came at an unknown time");
    // One line every five seconds, looked at every two.
    let mut rates = Vec::new();
    for second in (2..=130).step_by(2) {
        if second % 10 == 2 || second % 10 == 8 {
            bench.write("ERROR again\n");
        }
        rates.push(log.read(second * 1_000).unwrap());
    }
    assert_eq!(rates[..4], [1.0, 1.0, 1.0, 2.0]);
    assert_eq!(rates[30..], vec![12.0; 35]);
    // Another collector goes on with what is known of the last minute.
    let mut log = lines_of();
    assert_eq!(log.read(131_000), Ok(12.0));
    assert_eq!(log.read(190_000), Ok(0.0));
    bench.write("ERROR once\n");
    let after: Vec<f64> = (0..40).map(|turn| log.read(192_000 + turn * 2_000).unwrap()).collect();
    assert_eq!(after, [vec![1.0; 30], vec![0.0; 10]].concat(), "a single line is one a minute");
    // Two minutes without a collector, and twelve lines: six a minute.
    bench.write(&"ERROR meanwhile\n".repeat(12));
    assert_eq!(lines_of().read(192_000 + 120_000), Ok(6.0));
    // Over the interval of the pane, where that is longer.
    let mut rare = Log { window_ms: 5 * MINUTE_MS, ..lines_of() };
    rare.read(400_000).unwrap();
    bench.write("ERROR rarely\n");
    assert_eq!(rare.read(700_000), Ok(0.2));
}

proptest! {
    #[test]
    fn any_lines_are_events_or_none(parts in proptest::collection::vec("(ERROR|Traceback |  at |Caused by:| |\\PC{0,9})?[\\PC]{0,20}", 0..30)) {
        let begins = Regex::new(ERRORS).unwrap();
        let mut events = Events::default();
        for chunk in parts.chunks(4) {
            for event in events.of(chunk, &begins) {
                let shape = shape::of(&event);
                prop_assert!(shape.chars().count() <= 400 && !shape.contains(char::is_control));
            }
        }
    }
}
