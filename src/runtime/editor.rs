//! The person's own editor on a text, in a file that only they can read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::process::Command;

/// A text longer than this many bytes is no note.
const LONGEST: usize = 64 * 1024;

/// Lets `$VISUAL`, else `$EDITOR`, work on a text until it ends. The terminal has been given back before.
///
/// # Errors
/// A sentence when there is no editor, it failed, or what it left cannot be used.
pub(super) async fn edit(text: &str) -> Result<String, String> {
    let editor = ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let Some(editor) = editor else {
        return Err("no editor is set; `export EDITOR=vi` before gonogo starts, or write here".to_owned());
    };
    let file = TextFile::create(text).map_err(|error| format!("no file could be made for the editor: {error}"))?;
    // Through the shell, because people set it to more than a program: `code --wait`.
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(&file.path);
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let status = command.status().await.map_err(|error| format!("the editor could not be started: {error}"))?;
    match status.code() {
        Some(0) => file.read(),
        Some(127) => Err(format!("the editor `{editor}` was not found; set VISUAL or EDITOR to one that is there")),
        Some(code) => Err(format!("the editor `{editor}` ended with status {code}; the text is as it was")),
        None => Err(format!("the editor `{editor}` was killed; the text is as it was")),
    }
}

/// A file that goes when it is dropped.
struct TextFile {
    path: PathBuf,
}

impl TextFile {
    fn create(text: &str) -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Where there is a folder of the session's own it is better than one that everybody shares.
        let folder = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_dir());
        let folder = folder.unwrap_or_else(std::env::temp_dir);
        let path = folder.join(format!("gonogo-{}-{number}.md", std::process::id()));
        // Never a file that somebody else has put there.
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let file = Self { path };
        out.write_all(text.as_bytes())?;
        if !text.is_empty() {
            out.write_all(b"\n")?;
        }
        Ok(file)
    }

    fn read(&self) -> Result<String, String> {
        let bytes = read_at_most(&self.path).map_err(|error| format!("what was written cannot be read: {error}"))?;
        if bytes.len() > LONGEST {
            return Err(format!("what was written is longer than {} KiB; shorten it", LONGEST / 1024));
        }
        String::from_utf8(bytes).map_err(|_| "what was written is not UTF-8; the text is as it was".to_owned())
    }
}

fn read_at_most(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(crate::input::open(path, u64::MAX)?, LONGEST as u64 + 1), &mut bytes)?;
    Ok(bytes)
}

impl Drop for TextFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_file_is_for_its_owner_alone_and_goes() {
        let file = TextFile::create("one\ntwo").unwrap();
        let path = file.path.clone();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(file.read().unwrap(), "one\ntwo\n");
        fs::write(&path, "x".repeat(LONGEST + 1)).unwrap();
        assert!(file.read().unwrap_err().contains("longer than 64 KiB"));
        fs::write(&path, b"\xff").unwrap();
        assert!(file.read().unwrap_err().contains("UTF-8"));
        drop(file);
        assert!(!path.exists());
    }
}
