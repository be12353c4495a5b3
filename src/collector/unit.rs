//! `gonogo collect --unit`: the collector as a service of the person's own systemd.

use std::fmt::Write as _;
use std::path::Path;

/// A user unit that runs the collector of a ledger. `program` and `ledger` are paths from the root on.
pub(crate) fn text(program: &Path, ledger: &Path) -> String {
    let folder = ledger.parent().unwrap_or(Path::new("/"));
    let name = ledger.file_name().unwrap_or_default().to_string_lossy();
    let mut text = String::new();
    let _ = writeln!(text, "# Save as ~/.config/systemd/user/gonogo-collect.service, then:");
    let _ = writeln!(text, "#   systemctl --user daemon-reload && systemctl --user enable --now gonogo-collect");
    let _ = writeln!(text, "#   loginctl enable-linger     (keeps it running after logout)");
    let _ = writeln!(
        text,
        "# Variables of the environments (URLs, tokens) go into the file named below, one NAME=value a line, mode 600."
    );
    let _ = writeln!(text, "[Unit]\nDescription=gonogo metrics collector for {}", escaped(&name));
    let _ = writeln!(text, "StartLimitIntervalSec=0\n\n[Service]\nType=exec");
    let _ = writeln!(text, "WorkingDirectory={}", escaped(&folder.to_string_lossy()));
    let _ = writeln!(text, "EnvironmentFile=-%h/.config/gonogo/collect.env");
    let _ = writeln!(text, "ExecStart={} collect --wait {}", quoted(program), quoted(ledger));
    let _ = writeln!(text, "Restart=on-failure\nRestartSec=2\nRestartPreventExitStatus=2 3 4");
    let _ = writeln!(text, "Nice=5\nNoNewPrivileges=yes\n\n[Install]\nWantedBy=default.target");
    text
}

/// Percent signs are systemd's own.
fn escaped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect::<String>().replace('%', "%%")
}

fn quoted(path: &Path) -> String {
    let text = escaped(&path.to_string_lossy()).replace('\\', "\\\\").replace('"', "\\\"").replace('$', "$$");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_names_program_and_ledger_whatever_stands_in_them() {
        let text = text(Path::new("/opt/a b/gonogo"), Path::new("/srv/100% \"x\"/n.ledger.toml"));
        assert!(text.contains("ExecStart=\"/opt/a b/gonogo\" collect --wait \"/srv/100%% \\\"x\\\"/n.ledger.toml\"\n"));
        assert!(text.contains("WorkingDirectory=/srv/100%% \"x\"\n"), "{text}");
        assert!(text.contains("Restart=on-failure"));
    }
}
