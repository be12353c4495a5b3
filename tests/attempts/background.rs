//! What a command leaves behind: it lives on as from cron, is named, and is ended where the command is.

use super::{Spec, Stage, until};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::End;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;

/// Ends when it cannot write any more, and writes more than a terminal holds unread.
const SERVICE: &str =
    "trap 'echo hung up >hup' HUP\nwhile printf '%2000s\\n' beat; do echo beat >>beats; sleep 0.02; done\n";

fn beats(folder: &Path) -> usize {
    std::fs::read_to_string(folder.join("beats")).map_or(0, |beats| beats.lines().count())
}

/// The first process number behind `(pid ` in a sentence.
fn pid(sentence: &str) -> i32 {
    sentence.split_once("(pid ").unwrap().1.split(')').next().unwrap().parse().unwrap()
}

fn is_gone(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

#[test]
fn a_service_left_in_the_background_lives_on_and_is_named() {
    for start in
        ["sh svc.sh &", "nohup sh svc.sh &", "(sh svc.sh &)", "setsid sh svc.sh & sleep 0.2", "exec sh svc.sh &"]
    {
        let mut stage = Stage::new(&Spec::of(start));
        let folder = stage.folder.path().to_owned();
        std::fs::write(folder.join("svc.sh"), SERVICE).unwrap();
        assert_eq!(stage.supervise().status().unwrap().code(), Some(0), "{start}");
        let outcome = stage.outcome();
        assert_eq!((outcome.verdict, outcome.exit), (Verdict::Pass, Some(0)), "{start}: {}", outcome.detail);
        assert!(outcome.detail.contains("; left running: "), "{start}: {}", outcome.detail);
        assert!(stage.log().contains("left running: sh svc.sh"), "{start}: {}", stage.log());
        let seen = beats(&folder);
        until("the service to go on", || beats(&folder) > seen + 40);
        assert!(!folder.join("hup").exists(), "{start}: it was hung up");
        kill_process(Pid::from_raw(pid(&outcome.detail)).unwrap(), Signal::KILL).unwrap();
    }
}

#[test]
fn a_service_that_was_detached_is_ended_and_named_when_the_command_is() {
    for start in ["setsid sh -c 'while :; do sleep 0.05; done' &", "(setsid sh -c 'while :; do sleep 0.05; done' &);"] {
        let mut stage = Stage::new(&Spec::of(&format!("{start} sleep 0.3; echo ready; sleep 60")));
        let mut child = stage.start_and_wait_for("ready");
        stage.cancel("wrong window");
        child.wait().unwrap();
        let outcome = stage.outcome();
        assert_eq!(outcome.end, End::Cancelled, "{}", outcome.detail);
        assert!(outcome.detail.contains("; ended with it: sh -c while"), "{start}: {}", outcome.detail);
        assert!(is_gone(pid(&outcome.detail)), "{start}");
        assert!(stage.log().contains("which it started apart from itself"), "{}", stage.log());
    }
}

#[test]
fn an_exit_status_above_128_is_no_signal() {
    let (_, outcome, _) = Stage::run("exit 137");
    assert_eq!((outcome.exit, outcome.signal), (Some(137), None));
    let (_, outcome, _) = Stage::run("kill -SEGV $$");
    assert_eq!((outcome.exit, outcome.signal), (None, Some(11)));
}

#[test]
fn a_command_that_was_stopped_is_not_taken_for_one_that_ended() {
    let (_, outcome, _) = Stage::run("(sleep 0.5; kill -CONT $$) & kill -STOP $$; echo went on; exit 5");
    assert_eq!(outcome.exit, Some(5), "{}", outcome.detail);
}
