//! `host`: processor, memory, disk and load of a Linux host, here or behind the environment's `shell` prefix. One small
//! script reads `/proc`, so that both are asked the same.

use crate::attempts::command_line::CommandLine;
use crate::checklist::pane::{self, HostNumber};
use crate::metrics::sources::{Missing, Take, Taking};
use tokio::time::Instant;

pub(super) struct Host {
    line: CommandLine,
    number: HostNumber,
    /// The ticks that the processes had used, and when.
    before: Option<(Instant, f64)>,
}

impl Host {
    /// # Errors
    /// When it is not said of what.
    pub(super) fn new(source: &pane::Host, line: &dyn Fn(&str) -> CommandLine) -> Result<Self, String> {
        let script = script(source).ok_or("the source does not say of which process or path")?;
        Ok(Self { line: line(&script), number: source.number, before: None })
    }

    async fn read(&mut self) -> Result<f64, Missing> {
        let text = super::printed(&self.line).await?;
        let now = Instant::now();
        let read = sum(self.number, &text).map_err(Missing::Unusable)?;
        if self.number != HostNumber::Processor {
            return Ok(read);
        }
        let (then, before) = self
            .before
            .replace((now, read))
            .ok_or_else(|| Missing::Unusable("waiting for a second sample".to_owned()))?;
        let seconds = now.saturating_duration_since(then).as_secs_f64();
        if read < before || seconds <= 0.0 {
            return Err(Missing::Unusable("a process ended since the sample before".to_owned()));
        }
        // A hundred ticks a second, and percent of one processor.
        Ok((read - before) / seconds)
    }
}

impl Take for Host {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(self.read())
    }
}

/// What the script prints where there is no number of a process to read.
const NO_PID: &str = "no-pid-file";

/// What prints the lines that [`sum`] reads.
fn script(source: &pane::Host) -> Option<String> {
    let process = match (&source.pid_file, &source.process) {
        // The number may end without a line end, or with one of another system.
        (Some(file), _) => Some(format!(
            "p=; {{ read -r p || [ -n \"$p\" ]; }} 2>/dev/null < {} || {{ echo {NO_PID}; exit 0; }}; \
             p=${{p%%[!0-9]*}}; set --; [ -n \"$p\" ] && [ -d \"/proc/$p\" ] && set -- \"/proc/$p\"",
            quoted(file)
        )),
        // The kernel keeps fifteen bytes of a name.
        (None, Some(name)) => {
            let known: String = name.chars().take(15).collect();
            Some(format!(
                "set --; for d in /proc/[0-9]*; do n=; read -r n 2>/dev/null < $d/comm; \
                 [ \"$n\" = {} ] && set -- \"$@\" $d; done",
                quoted(&known)
            ))
        }
        (None, None) => None,
    };
    Some(match source.number {
        HostNumber::Processor => format!("{}; for d in \"$@\"; do cat $d/stat; done; :", process?),
        HostNumber::Memory => format!("{}; for d in \"$@\"; do grep VmRSS $d/status; done; :", process?),
        HostNumber::DiskFree | HostNumber::DiskUsed => format!("df -Pk {}", quoted(source.path.as_ref()?)),
        HostNumber::Load => "cat /proc/loadavg".to_owned(),
    })
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The number in what the script prints: ticks, bytes, or the load of the last minute.
fn sum(number: HostNumber, text: &str) -> Result<f64, String> {
    if text.trim() == NO_PID {
        return Err("the pid file is missing, empty or cannot be read".to_owned());
    }
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let field = |line: &str, at: usize| line.split_whitespace().nth(at).and_then(|word| word.parse::<f64>().ok());
    let each: Option<Vec<f64>> = match number {
        // The name in round brackets may hold blanks; times come as the 12th and 13th word behind it.
        HostNumber::Processor => lines()
            .map(|line| {
                let (_, rest) = line.rsplit_once(')')?;
                Some(field(rest, 11)? + field(rest, 12)?)
            })
            .collect(),
        HostNumber::Memory => lines().map(|line| Some(field(line, 1)? * 1_024.0)).collect(),
        HostNumber::DiskFree => lines().skip(1).map(|line| Some(field(line, 3)? * 1_024.0)).collect(),
        HostNumber::DiskUsed => lines().skip(1).map(|line| Some(field(line, 2)? * 1_024.0)).collect(),
        HostNumber::Load => lines().map(|line| field(line, 0)).collect(),
    };
    match (each.as_deref(), number) {
        (Some([]), HostNumber::Processor | HostNumber::Memory) => Err("no such process runs".to_owned()),
        (None | Some([]), _) => Err("the host's answer cannot be read".to_owned()),
        (Some(each), _) => Ok(each.iter().sum()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_prints_is_summed_over_processes() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 1 2 3\n";
        assert_eq!(sum(HostNumber::Processor, &stat.repeat(2)), Ok(400.0));
        assert_eq!(sum(HostNumber::Memory, "VmRSS:\t   1000 kB\nVmRSS:\t 24 kB\n"), Ok(1_048_576.0));
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 100 40 60 40% /\n";
        assert_eq!((sum(HostNumber::DiskFree, df), sum(HostNumber::DiskUsed, df)), (Ok(61_440.0), Ok(40_960.0)));
        assert_eq!(sum(HostNumber::Load, "0.42 0.3 0.2 1/300 9\n"), Ok(0.42));
        assert_eq!(sum(HostNumber::Memory, "").unwrap_err(), "no such process runs");
        assert!(sum(HostNumber::Load, "what").is_err());
    }

    #[test]
    fn a_pid_file_is_read_with_and_without_a_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("it's.pid");
        let of = |number| pane::Host {
            number,
            process: None,
            pid_file: Some(file.to_string_lossy().into_owned()),
            path: None,
        };
        let read = |number| {
            let script = script(&of(number)).unwrap();
            let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            sum(number, &String::from_utf8(output.stdout).unwrap())
        };
        let own = std::process::id();
        for text in [format!("{own}"), format!("{own}\n"), format!(" {own}\r\n"), format!("{own}\n/var/lib/db\n5432\n")]
        {
            std::fs::write(&file, &text).unwrap();
            assert!(read(HostNumber::Memory).unwrap() > 1e6, "{text:?}");
            assert!(read(HostNumber::Processor).is_ok(), "{text:?}");
        }
        std::fs::write(&file, "4194999").unwrap();
        for number in [HostNumber::Memory, HostNumber::Processor] {
            assert_eq!(read(number).unwrap_err(), "no such process runs");
        }
        for missing in [std::fs::write(&file, ""), std::fs::remove_file(&file)] {
            missing.unwrap();
            assert_eq!(read(HostNumber::Memory).unwrap_err(), "the pid file is missing, empty or cannot be read");
        }
    }
}
