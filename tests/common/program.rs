//! Running the program to its end.

use assert_cmd::cargo::cargo_bin;
use std::path::Path;
use std::process::Command;

/// Its exit status in a folder, and what it said on standard output and standard error.
pub(crate) fn gonogo(folder: &Path, arguments: &[&str]) -> (i32, String) {
    said(Command::new(cargo_bin("gonogo")).current_dir(folder).args(arguments))
}

/// The same of a command that is made ready already.
pub(crate) fn said(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
}
