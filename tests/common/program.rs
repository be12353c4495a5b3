//! Running the program to its end.

use assert_cmd::cargo::cargo_bin;
use std::path::Path;
use std::process::{Command, Output};

/// Its exit status in a folder, and what it said on standard output and standard error.
pub(crate) fn gonogo(folder: &Path, arguments: &[&str]) -> (i32, String) {
    said(Command::new(cargo_bin("gonogo")).current_dir(folder).args(arguments))
}

/// The same of a command that is made ready already.
pub(crate) fn said(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    (output.status.code().unwrap(), text(&[output.stdout, output.stderr].concat()))
}

/// All that it gave in a folder.
pub(crate) fn output(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(cargo_bin("gonogo")).current_dir(folder).args(arguments).output().unwrap()
}

/// What it printed, which is text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
