use super::*;
use crate::deployment::attempt::AttemptNumber;

fn spool(folder: &std::path::Path) -> (AttemptFiles, Spool) {
    let files = AttemptFiles::new(folder, AttemptNumber(7));
    std::fs::create_dir_all(folder.join("attempts")).unwrap();
    let secrets = Arc::new(Secrets::gather([("DB_PASSWORD", &b"swordfish"[..])], &[]));
    let spool = Spool::create(&files, secrets).unwrap();
    (files, spool)
}

#[test]
fn the_log_is_harmless_masked_summed_and_timed() {
    let folder = tempfile::tempdir().unwrap();
    let (files, spool) = spool(folder.path());
    spool.output(b"pass sword");
    spool.output(b"fish\x1b]0;x\x07 done.");
    spool.line("said swordfish \u{1b}[2J");
    spool.output(b"end\xe2\x9c");
    let (output, trouble) = spool.finish();
    let log = std::fs::read(files.log()).unwrap();
    assert_eq!(String::from_utf8_lossy(&log), "pass **** done.\nsaid **** \nend\u{fffd}");
    assert_eq!(trouble, None);
    assert_eq!(output.bytes, log.len() as u64);
    assert_eq!(output.sha256, Digest::of(&log));
    assert_eq!(output.file, "attempts/0007.log");
    let times = std::fs::read_to_string(files.times()).unwrap();
    let sum: u64 = times.lines().map(|line| line.split_once(' ').unwrap().1.parse::<u64>().unwrap()).sum();
    assert_eq!(sum, output.bytes);
}

#[test]
fn what_a_command_ended_with_stands_before_what_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let (files, spool) = spool(folder.path());
    spool.output(b"r1_base");
    spool.output_ends();
    spool.line("fingerprints before");
    spool.output(b"password=s");
    spool.output_ends();
    spool.output(b"wordfish r2");
    spool.finish();
    let log = std::fs::read_to_string(files.log()).unwrap();
    assert_eq!(log, "r1_base\nfingerprints before\npassword=****wordfish r2");
}

#[test]
fn of_very_long_output_the_beginning_and_the_end_are_kept_and_the_gap_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let files = AttemptFiles::new(folder.path(), AttemptNumber(7));
    std::fs::create_dir_all(folder.path().join("attempts")).unwrap();
    let secrets = Arc::new(Secrets::gather([("DB_PASSWORD", b"swordfish".as_slice())], &[]));
    let spool = Spool::create_within(&files, secrets, Bounds { head: 20, tail: 30 }).unwrap();
    for number in 0..1_000 {
        spool.output(format!("line {number}\n").as_bytes());
    }
    spool.line("the end is near");
    spool.output(b"swordfish\n");
    let (output, trouble) = spool.finish();
    let log = String::from_utf8(std::fs::read(files.log()).unwrap()).unwrap();
    assert_eq!(trouble, None);
    assert!(log.starts_with("line 0\nline 1\nline 2\n"), "{log}");
    assert!(log.contains("[more than 0 MB of output: from here on only the last 0 MB are kept"), "{log}");
    assert!(log.contains("the end is near\n[8845 bytes of output are left out here]\n"), "{log}");
    assert!(log.ends_with("ne 997\nline 998\nline 999\n****\n") && !log.contains("line 500"), "{log}");
    assert_eq!((output.bytes, output.sha256), (log.len() as u64, Digest::of(log.as_bytes())));
    assert_eq!(std::fs::read_dir(folder.path().join("attempts")).unwrap().count(), 2, "log and times");
}

#[test]
fn progress_is_written_at_once_and_then_at_most_ten_times_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let (files, spool) = spool(folder.path());
    let read = || serde_json::from_slice::<Progress>(&std::fs::read(files.progress()).unwrap()).unwrap();
    let mut progress = Progress { stage: "a".into(), total: Some(10_000), unit: "rows".into(), ..Progress::default() };
    spool.progress(&progress);
    assert_eq!(read().done, 0);
    let began = Instant::now();
    let mut writes = 0;
    let mut seen = 0;
    while began.elapsed() < Duration::from_millis(350) {
        progress.done += 1;
        spool.progress(&progress);
        let now = read().done;
        writes += u32::from(now != seen);
        seen = now;
    }
    assert!((1..=4).contains(&writes), "{writes} writes in {:?}", began.elapsed());
    spool.progress(&Progress { stage: "b".into(), ..progress.clone() });
    spool.finish();
    assert_eq!(read().stage, "b");
    assert_eq!(read().finished.len(), 1);
    assert_eq!(read().finished[0].done, progress.done);
}
