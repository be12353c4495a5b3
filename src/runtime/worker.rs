//! Threads that work for the cockpit. A panic of one becomes a message on the screen.

use crate::cockpit::Msg;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::mpsc::UnboundedSender;

/// Starts a named worker thread.
pub(super) fn start(name: &'static str, sender: &UnboundedSender<Msg>, work: impl FnOnce() + Send + 'static) {
    let to = sender.clone();
    let body = move || {
        tracing::debug!(worker = name, "began");
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            let why = words(panic.as_ref());
            tracing::error!(worker = name, "failed: {why}");
            let _ = to.send(Msg::WorkerFailed { worker: name, why });
        }
        tracing::debug!(worker = name, "ended");
    };
    let started = std::thread::Builder::new().name(format!("gonogo-{name}")).spawn(body);
    if let Err(error) = started {
        let why = format!("it could not be started: {error}");
        let _ = sender.send(Msg::WorkerFailed { worker: name, why });
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_message() {
        let (sender, mut inbox) = tokio::sync::mpsc::unbounded_channel();
        start("test", &sender, || panic!("out of luck"));
        match inbox.blocking_recv() {
            Some(Msg::WorkerFailed { worker: "test", why }) => assert_eq!(why, "out of luck"),
            other => panic!("unexpected {other:?}"),
        }
    }
}
