use super::bench::{Bench, Heard, SCHEMA, measured, movable, outcome};
use chrono::{Duration, SecondsFormat};
use gonogo::attempts::checks::file;
use gonogo::checklist::check::{File, Pattern, Zone};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{End, Outcome};

fn check(path: &str) -> File {
    File {
        path: path.into(),
        contains: Vec::new(),
        lacks: Vec::new(),
        ending: None,
        since: None,
        time_field: None,
        assumed_zone: None,
    }
}

fn lacks(path: &str, pattern: &str) -> File {
    File { lacks: vec![Pattern::Regex(pattern.into())], ..check(path) }
}

fn contains(path: &str, pattern: &str) -> File {
    File { contains: vec![Pattern::Regex(pattern.into())], ..check(path) }
}

async fn carry_out(bench: &Bench, wanted: &File) -> (Outcome, String) {
    let console = Heard::default();
    let outcome = movable(file::carry_out(&bench.assignment(), wanted, &console)).await;
    (outcome, console.text())
}

#[tokio::test]
async fn a_tree_is_searched_and_places_are_named() {
    let bench = Bench::new(SCHEMA).await;
    bench.write("app/a.py", "import datetime\nx = datetime.utcnow()\r\ny = datetime.utcnow(), datetime.utcnow()\n");
    bench.write("app/b/c.py", "datetime.utcnow()");
    bench.write("app/b/d.py", "datetime.utcnow()");
    bench.write("app/b/e.txt", "datetime.utcnow()");
    bench.write("app/.git/f.py", "datetime.utcnow()");
    bench.write("app/node_modules/x/f.py", "datetime.utcnow()");
    bench.write("app/binary.py", b"datetime.utcnow()\0");
    let python = File { ending: Some("py".into()), ..lacks("app", r"datetime\.utcnow\(") };
    let (outcome, said) = carry_out(&bench, &python).await;
    let expected = r"`datetime\.utcnow\(` found 5 times: a.py:2, a.py:3, b/c.py:1 and 1 more lines";
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Fail, expected), "{said}");
    assert_eq!(measured(&outcome, "matches"), Some(5.0));
    assert!(said.contains("passed over 1 binary files, 0 files over 16 MiB: .git, node_modules"), "{said}");
    assert!(said.contains("a.py:2: x = datetime.utcnow()"), "{said}");

    for name in ["a.py", "b/c.py", "b/d.py"] {
        bench.write(&format!("app/{name}"), "datetime.now(UTC)\n");
    }
    let (outcome, _) = carry_out(&bench, &python).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "what the binary file holds is not known: {}", outcome.detail);
    std::fs::remove_file(bench.path("app/binary.py")).unwrap();
    let (outcome, _) = carry_out(&bench, &python).await;
    assert_eq!((outcome.verdict, measured(&outcome, "matches")), (Verdict::Pass, Some(0.0)), "{}", outcome.detail);
    let (outcome, _) = carry_out(&bench, &File { ending: Some(".rb".into()), ..python }).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "nothing searched is nothing known");
}

#[tokio::test]
async fn a_large_file_of_a_tree_is_passed_over_and_said() {
    let bench = Bench::new(SCHEMA).await;
    bench.write("app/a.py", "clean");
    bench.write("app/huge.py", "needle ".repeat(3 << 20));
    let (outcome, said) = carry_out(&bench, &lacks("app", "needle")).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}", outcome.detail);
    assert!(said.contains("1 files over 16 MiB: huge.py"), "{said}");
    let (outcome, _) = carry_out(&bench, &lacks("app/huge.py", "needle")).await;
    assert_eq!(outcome.verdict, Verdict::Fail, "a single file is searched whatever its size");
}

#[tokio::test]
async fn a_single_file_is_there_holds_and_lacks() {
    let bench = Bench::new(SCHEMA).await;
    bench.write("production.log", "INFO started\nERROR lost\n");
    for (wanted, verdict, detail) in [
        (check("$log"), Verdict::Pass, "is there"),
        (check("$folder/production.log"), Verdict::Pass, "is there"),
        (contains("production.log", "^INFO started$"), Verdict::Pass, "`^INFO started$` found at production.log:1"),
        (contains("$log", "stopped"), Verdict::Fail, "`stopped` not found"),
        (lacks("$log", "ERROR"), Verdict::Fail, "`ERROR` found once: production.log:2"),
    ] {
        let (outcome, _) = carry_out(&bench, &wanted).await;
        assert_eq!((outcome.verdict, outcome.detail.as_str()), (verdict, detail), "{wanted:?}");
        assert_eq!(measured(&outcome, "bytes"), Some(24.0));
    }
    let (missing, _) = carry_out(&bench, &lacks("nowhere.log", "ERROR")).await;
    assert_eq!(missing.verdict, Verdict::Fail);
    assert!(missing.detail.contains("nowhere.log is not there"), "{}", missing.detail);
    let (wrong, _) = carry_out(&bench, &lacks("$log", "(")).await;
    assert_eq!((wrong.verdict, wrong.end), (Verdict::Inconclusive, End::NotStarted));
}

#[tokio::test]
async fn only_what_came_since_an_item_began_counts() {
    let mut bench = Bench::new(SCHEMA).await;
    bench.past("p/s/start", outcome(Verdict::Pass));
    let began = bench.state.attempts[0].started;
    let at = |seconds: i64| (began + Duration::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let since = File { since: Some("p/s/start".into()), ..lacks("$log", "ERROR") };

    let old = format!("ERROR before all times\n{} ERROR old\n  ERROR still old\n", at(-60));
    bench.write("production.log", format!("{old}{} INFO fine\n", at(1)));
    let (clean, _) = carry_out(&bench, &since).await;
    assert_eq!(
        (clean.verdict, clean.detail.as_str()),
        (Verdict::Pass, "`ERROR` found nowhere since then; 1 line without a time counted with the one before it")
    );

    bench.write("production.log", format!("{old}{} INFO fine\n  ERROR in a stack trace\n{} ERROR new\n", at(1), at(5)));
    let (dirty, _) = carry_out(&bench, &since).await;
    let expected = "`ERROR` found 2 times: production.log:5, production.log:6; \
                    2 lines without a time counted with the one before them";
    assert_eq!((dirty.verdict, dirty.detail.as_str()), (Verdict::Fail, expected));

    bench.write("production.log", "ERROR without a time\n");
    let (unclear, _) = carry_out(&bench, &since).await;
    assert_eq!(unclear.verdict, Verdict::Inconclusive);
    assert!(unclear.detail.contains("no line has a time that can be read"), "{}", unclear.detail);

    let untouched = std::fs::File::options().write(true).open(bench.path("production.log")).unwrap();
    untouched.set_modified((began - Duration::minutes(1)).into()).unwrap();
    let (quiet, _) = carry_out(&bench, &since).await;
    assert_eq!(quiet.verdict, Verdict::Inconclusive, "{}", quiet.detail);
    assert!(quiet.detail.contains("nothing was written to"), "{}", quiet.detail);

    let never = File { since: Some("p/s/never".into()), ..since.clone() };
    assert_eq!(carry_out(&bench, &never).await.0.verdict, Verdict::Inconclusive);
    bench.past_in("p/s/staging", outcome(Verdict::Pass), "rehearsal-staging");
    let elsewhere = File { since: Some("p/s/staging".into()), ..since };
    assert_eq!(carry_out(&bench, &elsewhere).await.0.verdict, Verdict::Inconclusive);
}

#[tokio::test]
async fn a_log_that_does_not_hold_all_that_was_written_passes_nothing() {
    let mut bench = Bench::new(SCHEMA).await;
    bench.past("p/s/start", outcome(Verdict::Pass));
    let began = bench.state.attempts[0].started;
    let line = |seconds: i64, what: &str| {
        format!("{} {what}\n", (began + Duration::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Secs, true))
    };
    let since = File { since: Some("p/s/start".into()), ..lacks("$log", "ERROR") };
    let found = File { contains: vec![Pattern::Regex("ready".into())], lacks: Vec::new(), ..since.clone() };
    for (case, before, now, wanted, verdict, part) in [
        ("emptied", None, String::new(), &since, Verdict::Inconclusive, "nothing was written to"),
        ("emptied and begun anew", None, line(9, "INFO on"), &since, Verdict::Inconclusive, "the log begins at"),
        ("an error all the same", None, line(9, "ERROR"), &since, Verdict::Fail, "`ERROR` found once"),
        (
            "asked for what was lost",
            None,
            line(9, "INFO on"),
            &found,
            Verdict::Inconclusive,
            "not found in what is still there",
        ),
        (
            "rotated",
            Some(("production.log.1", line(-9, "INFO old") + &line(3, "ERROR"))),
            line(9, "INFO on"),
            &since,
            Verdict::Fail,
            "production.log.1:2",
        ),
        (
            "rotated, and fine",
            Some(("production-20261127.log", line(-9, "INFO old"))),
            line(9, "INFO on"),
            &since,
            Verdict::Pass,
            "found nowhere since then",
        ),
        (
            "rotated just now",
            Some(("production.log.1", line(-9, "INFO old") + &line(3, "INFO ready"))),
            String::new(),
            &found,
            Verdict::Pass,
            "`ready` found at production.log.1:2",
        ),
        (
            "compressed",
            Some(("production.log.1.gz", "?".into())),
            line(-9, "INFO") + &line(9, "INFO on"),
            &since,
            Verdict::Inconclusive,
            "production.log.1.gz is compressed",
        ),
        (
            "another log",
            Some(("production.logger.1", line(3, "ERROR"))),
            line(-9, "INFO") + &line(9, "INFO on"),
            &since,
            Verdict::Pass,
            "",
        ),
    ] {
        bench.write("production.log", now);
        let beside = before.map(|(name, text)| {
            bench.write(name, text);
            bench.path(name)
        });
        let (outcome, said) = carry_out(&bench, wanted).await;
        beside.map(std::fs::remove_file);
        assert_eq!(outcome.verdict, verdict, "{case}: {}\n{said}", outcome.detail);
        assert!(outcome.detail.contains(part), "{case}: {}", outcome.detail);
    }
    bench.write("production.log", "");
    let (empty, _) = carry_out(&bench, &lacks("$log", "ERROR")).await;
    assert_eq!(empty.verdict, Verdict::Inconclusive, "{}", empty.detail);
    bench.write("app/empty.py", "");
    let (empty, _) = carry_out(&bench, &lacks("app", "utcnow")).await;
    assert_eq!(empty.verdict, Verdict::Inconclusive, "{}", empty.detail);
}

#[tokio::test]
async fn a_search_ends_when_the_attempt_must() {
    let bench = Bench::new(SCHEMA).await;
    bench.write("production.log", "nothing\n".repeat(1 << 20));
    bench.stop.send_replace(Some(End::TimedOut));
    let (outcome, _) = carry_out(&bench, &lacks("$log", "(no|thing)+ ERROR")).await;
    assert_eq!((outcome.verdict, outcome.end), (Verdict::Inconclusive, End::TimedOut));
}

#[tokio::test]
async fn words_lists_and_counts_by_file() {
    let bench = Bench::new(SCHEMA).await;
    bench.write("app/a.py", "a = field(default_factory=datetime.utcnow)\nb = datetime.utcnow()\n");
    bench.write("app/b.py", "c = datetime.utcnow_aware()\nd = datetime.now()\n");
    bench.write("app/c.py", "datetime.utcnow\n");
    let word = Pattern::Word("datetime.utcnow".into());
    let lacks = File { lacks: vec![word, Pattern::Regex(r"datetime\.now\(\)".into())], ..check("app") };
    let (outcome, said) = carry_out(&bench, &lacks).await;
    let expected = "`datetime.utcnow` found 3 times: a.py:1, a.py:2, c.py:1; `datetime\\.now\\(\\)` found once: b.py:2";
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Fail, expected));
    assert_eq!(measured(&outcome, "matches"), Some(4.0));
    assert!(said.contains("`datetime.utcnow` in 2 files:\n  2 a.py\n  1 c.py"), "{said}");
    let both = File { contains: vec![Pattern::Regex("now".into()), Pattern::Regex("gone".into())], ..check("app") };
    assert_eq!(carry_out(&bench, &both).await.0.verdict, Verdict::Fail, "each must be found");
}

#[tokio::test]
async fn what_is_no_regular_file_is_refused_by_name() {
    let bench = Bench::new(SCHEMA).await;
    let pipe = bench.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (path, what) in [("pipe", "a named pipe (FIFO)"), ("/dev/zero", "a device")] {
        let (outcome, _) = carry_out(&bench, &lacks(path, "x")).await;
        // As a file that is not there.
        assert_eq!(outcome.verdict, Verdict::Fail);
        assert!(outcome.detail.contains(&format!("is {what} and not a regular file")), "{}", outcome.detail);
    }
}

#[tokio::test]
async fn log_times_without_a_zone_are_read_and_the_assumption_is_reported() {
    let mut bench = Bench::new(SCHEMA).await;
    bench.past("p/s/start", outcome(Verdict::Pass));
    let began = bench.state.attempts[0].started;
    let line = |seconds: i64, format: &str| (began + Duration::seconds(seconds)).format(format).to_string();
    let since = File { since: Some("p/s/start".into()), ..lacks("$log", "ERROR") };
    let (old, new) = (line(-60, "%Y-%m-%d %H:%M:%S,000"), line(5, "%Y-%m-%d %H:%M:%S,000"));
    bench.write("production.log", format!("{old} ERROR old\n{new} INFO fine\n"));
    let (clean, _) = carry_out(&bench, &since).await;
    let expected = "`ERROR` found nowhere since then; its times name no zone: UTC assumed";
    assert_eq!((clean.verdict, clean.detail.as_str()), (Verdict::Pass, expected));
    // Times of a zone hours away: what looks old may be new.
    let west = |seconds: i64| line(seconds - 5 * 3_600, "%Y-%m-%d %H:%M:%S,000");
    bench.write("production.log", format!("{} ERROR new\n{} INFO fine\n", west(5), west(6)));
    let (unsure, _) = carry_out(&bench, &since).await;
    assert_eq!(unsure.verdict, Verdict::Inconclusive, "{}", unsure.detail);
    // Once the check says which zone it is, nothing is left open.
    let there = File { assumed_zone: Zone::parse("-05:00"), ..since.clone() };
    let (dirty, _) = carry_out(&bench, &there).await;
    assert_eq!(dirty.verdict, Verdict::Fail, "{}", dirty.detail);
    assert!(dirty.detail.ends_with("times read as -05:00"), "{}", dirty.detail);
    bench.write("production.log", format!("{} ERROR old\n{} INFO fine\n", west(-60), west(6)));
    let (clean, _) = carry_out(&bench, &there).await;
    assert_eq!(
        (clean.verdict, clean.detail.as_str()),
        (Verdict::Pass, "`ERROR` found nowhere since then; times read as -05:00")
    );
    // A new release that writes its lines in another form.
    bench.write("production.log", format!("{old} INFO fine\nERROR: relation lost\n"));
    let (unsure, _) = carry_out(&bench, &since).await;
    assert_eq!(unsure.verdict, Verdict::Inconclusive, "{}", unsure.detail);
    for format in
        ["h - - [%d/%b/%Y:%H:%M:%S +0000] ERROR", "%b %e %H:%M:%S h app: ERROR", "%s ERROR", r#"{"ts":%s,"m":"ERROR"}"#]
    {
        bench.write("production.log", format!("{}\n{}\n", line(-60, format), line(5, format)));
        let (dirty, _) = carry_out(&bench, &since).await;
        assert_eq!(
            (dirty.verdict, measured(&dirty, "matches")),
            (Verdict::Fail, Some(1.0)),
            "{format}: {}",
            dirty.detail
        );
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_show_as_replacement_characters() {
    let bench = Bench::new(SCHEMA).await;
    bench.write("production.log", b"ERROR \xff\xfe lost\n");
    let (outcome, said) = carry_out(&bench, &lacks("$log", "ERROR")).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(said.contains("ERROR \u{fffd}\u{fffd} lost"), "{said}");
}

#[tokio::test]
async fn what_was_not_looked_into_is_not_said_to_lack_anything() {
    let bench = Bench::new(SCHEMA).await;
    bench.write("app/a.py", "clean");
    std::os::unix::fs::symlink(bench.path("elsewhere"), bench.path("app/current")).unwrap();
    bench.write("elsewhere/b.py", "needle");
    let (linked, _) = carry_out(&bench, &lacks("app", "needle")).await;
    assert_eq!(linked.verdict, Verdict::Inconclusive, "{}", linked.detail);
    let wide: Vec<u8> = "\u{feff}ERROR lost\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(bench.path("wide.log"), wide).unwrap();
    let (wide, _) = carry_out(&bench, &lacks("wide.log", "ERROR")).await;
    assert_eq!(wide.verdict, Verdict::Inconclusive, "{}", wide.detail);
}
