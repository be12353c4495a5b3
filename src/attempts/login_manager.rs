//! Whether the login manager will kill what a user leaves running when they log out.

use std::path::{Path, PathBuf};

/// What to tell the person at the start, when attempts would not outlive their session.
pub(crate) fn warning() -> Option<String> {
    let systemd = Path::new("/run/systemd/system").exists();
    let cgroup = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let user =
        if rustix::process::getuid().is_root() { "root".to_owned() } else { std::env::var("USER").unwrap_or_default() };
    if systemd && is_in_session(&cgroup) && kills(&configuration(), &user) { Some(SENTENCE.to_owned()) } else { None }
}

const SENTENCE: &str = "this host's login manager kills a user's processes at logout (KillUserProcesses=yes), a running \
     migration too; run `loginctl enable-linger` once and start with `systemd-run --user --scope gonogo …`";

/// Only what belongs to a login session is killed with it; a scope of the user's own manager is not.
fn is_in_session(cgroup: &str) -> bool {
    cgroup.lines().any(|line| {
        line.rsplit('/')
            .any(|part| part.strip_prefix("session-").is_some_and(|rest| rest.strip_suffix(".scope").is_some()))
    })
}

/// Reads the settings in their order; the last one stands.
fn kills(configuration: &[String], user: &str) -> bool {
    let (mut kill, mut only, mut exclude) = (false, Vec::new(), vec!["root".to_owned()]);
    for line in configuration.iter().flat_map(|text| text.lines()) {
        let Some((key, value)) = line.trim().split_once('=') else { continue };
        let names = || value.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
        match key.trim() {
            "KillUserProcesses" => kill = matches!(value.trim(), "yes" | "true" | "on" | "1"),
            "KillOnlyUsers" => only = names(),
            "KillExcludeUsers" => exclude = names(),
            _ => {}
        }
    }
    let is = |name: &String| name == user;
    kill && !exclude.iter().any(is) && (only.is_empty() || only.iter().any(is))
}

/// The texts of logind's configuration: one main file, then every drop-in by its name, a later folder's first.
fn configuration() -> Vec<String> {
    let folders = ["/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"].map(Path::new);
    let main = folders.iter().map(|folder| folder.join("logind.conf")).find(|path| path.exists());
    let mut additions: Vec<PathBuf> = Vec::new();
    for folder in folders {
        for path in std::fs::read_dir(folder.join("logind.conf.d")).into_iter().flatten().flatten().map(|e| e.path()) {
            let shadowed = additions.iter().any(|known| known.file_name() == path.file_name());
            if path.extension().is_some_and(|ending| ending == "conf") && !shadowed {
                additions.push(path);
            }
        }
    }
    additions.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    main.into_iter().chain(additions).filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_setting_and_the_exceptions_count() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert!(!kills(&texts(&["[Login]\n#KillUserProcesses=yes\n"]), "ann"));
        assert!(kills(&texts(&["[Login]\nKillUserProcesses=no\n", "KillUserProcesses = yes"]), "ann"));
        assert!(!kills(&texts(&["KillUserProcesses=yes"]), "root"));
        assert!(!kills(&texts(&["KillUserProcesses=yes\nKillExcludeUsers=root ann"]), "ann"));
        assert!(!kills(&texts(&["KillUserProcesses=yes\nKillOnlyUsers=bob"]), "ann"));
    }

    #[test]
    fn only_a_login_session_is_in_danger() {
        assert!(is_in_session("0::/user.slice/user-1000.slice/session-3.scope\n"));
        assert!(!is_in_session("0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope\n"));
    }
}
