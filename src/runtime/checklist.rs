//! Watches the checklist file that a ledger follows, so that an edit is announced while the deployment is open.

use super::worker;
use crate::checklist::reader;
use crate::cockpit::Msg;
use crate::cockpit::offer::Offer;
use crate::input;
use crate::ledger::watch::Watcher;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;

/// Reads the file now and whenever it changes. One that is not there, or cannot be watched, is never announced.
pub(super) fn start(path: PathBuf, sender: &UnboundedSender<Msg>) {
    let Ok((watcher, mut wakes)) = Watcher::new(&path) else { return };
    let reported = sender.clone();
    worker::start("checklist", sender, move || {
        let _watcher = watcher;
        let mut last = None;
        loop {
            let bytes = input::read(&path, input::DOCUMENT).ok();
            // An editor that writes a file anew leaves it empty for a moment.
            if bytes != last && bytes.as_ref().is_none_or(|bytes| !bytes.is_empty()) {
                let offer = bytes.as_ref().map(|bytes| Box::new(offer(&path, bytes)));
                last = bytes;
                if reported.send(Msg::Offered(offer)).is_err() {
                    return;
                }
            }
            if wakes.blocking_recv().is_none() {
                return;
            }
        }
    });
}

fn offer(path: &Path, bytes: &[u8]) -> Offer {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Offer::Broken { file, problems: vec!["it is not UTF-8".to_owned()] };
    };
    match reader::read(&file, text) {
        Ok(checklist) => Offer::Readable { file, text: text.into(), checklist: Arc::new(checklist) },
        Err(problems) => Offer::Broken { file, problems: problems.iter().map(ToString::to_string).collect() },
    }
}
