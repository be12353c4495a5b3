//! Following a file by its name: what was written since the last look, whatever was done to the file meanwhile.

use crate::grown::Print;
use crate::input;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes read of what was there at the first look: enough to know the errors of before.
const BEFORE: u64 = 8 << 20;

/// Bytes read at one look; what is more is read at the next ones.
const AT_ONCE: u64 = 8 << 20;

/// Bytes before the place by which it is known that the file is still the same one.
const MARK: usize = 64;

/// A line longer than this is cut.
const LONGEST_LINE: usize = 64 << 10;

/// A place in a file: which file, how far, and what stands before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    device: u64,
    inode: u64,
    offset: u64,
    /// Of what stands before the place, which may hold secrets: a salted digest. Without a salt, from an older version, the
    /// bytes themselves.
    mark: Vec<u8>,
    /// Of all before the place; places kept by older programs have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    print: Option<Print>,
    #[serde(default)]
    salt: [u64; 2],
}

pub(super) struct Read {
    /// Whole lines, without their ends.
    pub lines: Vec<String>,
    pub place: Place,
    /// Why some of it cannot be had any more.
    pub lost: Option<String>,
}

pub(super) struct Tail {
    path: PathBuf,
    place: Option<Place>,
    /// Held open, so that the end of a file that was renamed can still be read.
    file: Option<File>,
}

impl Tail {
    pub(super) fn new(path: PathBuf, place: Option<Place>) -> Self {
        Self { path, place, file: None }
    }

    /// What was written since the last look. The first look gives the end of what is there already.
    pub(super) fn read(&mut self) -> Result<Read, String> {
        let refused = |error: io::Error| format!("the log {} cannot be read: {error}", self.path.display());
        let now = open(&self.path).map_err(refused)?;
        let about = now.metadata().map_err(refused)?;
        if !about.is_file() {
            return Err(format!("the log {} is no regular file", self.path.display()));
        }
        let (device, inode) = (about.dev(), about.ino());
        let (mut bytes, mut lost) = (Vec::new(), None);
        let before = self.place.take();
        let salt = before.as_ref().map(|place| place.salt).filter(|salt| *salt != [0; 2]).unwrap_or_else(salt);
        let start = match before {
            None => about.len().saturating_sub(BEFORE),
            Some(place) if (place.device, place.inode) == (device, inode) => {
                // Truncated, or truncated and written past the place since.
                if about.len() >= place.offset && is_marked(&now, &place) { place.offset } else { 0 }
            }
            Some(place) => {
                match self.file.take().filter(|file| is_marked(file, &place)) {
                    Some(renamed) => bytes = whole(&renamed, place.offset).map_err(refused)?,
                    None => lost = renamed_away(&self.path, &place, &mut bytes),
                }
                if !bytes.is_empty() && !bytes.ends_with(b"\n") {
                    bytes.push(b'\n');
                }
                0
            }
        };
        let mut more = part(&now, start, AT_ONCE).map_err(refused)?;
        // A line that is not whole yet is read when it is, unless it is longer than any line.
        let end = more.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end = if end == 0 && more.len() > LONGEST_LINE { more.len() } else { end };
        more.truncate(end);
        let offset = start + end as u64;
        bytes.extend_from_slice(&more);
        let mark = mark(&now, offset, salt).map_err(refused)?;
        let print = Some(Print::of(&now, offset).map_err(refused)?);
        let place = Place { device, inode, offset, mark, print, salt };
        self.place = Some(place.clone());
        self.file = Some(now);
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let lines = lines.map(|line| String::from_utf8_lossy(&line[..line.len().min(LONGEST_LINE)]).into_owned());
        let lines = lines.map(|line| line.trim_end_matches('\r').to_owned()).collect();
        Ok(Read { lines, place, lost })
    }
}

/// A pipe in the file's place must not keep anybody waiting.
fn open(path: &Path) -> io::Result<File> {
    std::fs::OpenOptions::new().read(true).custom_flags(input::without_waiting()).open(path)
}

/// The file that was here, by another name in the same folder: its end is read. Otherwise why it cannot be.
fn renamed_away(path: &Path, place: &Place, bytes: &mut Vec<u8>) -> Option<String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let others = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut same = others
        .filter(|entry| entry.metadata().is_ok_and(|about| (about.dev(), about.ino()) == (place.device, place.inode)));
    let end = same.next().and_then(|entry| open(&entry.path()).ok()).filter(|file| is_marked(file, place));
    match end.and_then(|file| whole(&file, place.offset).ok()) {
        Some(end) => {
            *bytes = end;
            None
        }
        None => Some("the log was rotated while nobody read it; the end of the old one is not here".to_owned()),
    }
}

fn whole(file: &File, from: u64) -> io::Result<Vec<u8>> {
    part(file, from, AT_ONCE)
}

fn part(file: &File, from: u64, most: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len().saturating_sub(from).min(most);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    let mut read = 0;
    while read < bytes.len() {
        match file.read_at(&mut bytes[read..], from + read as u64)? {
            0 => break,
            more => read += more,
        }
    }
    bytes.truncate(read);
    Ok(bytes)
}

fn mark(file: &File, offset: u64, salt: [u64; 2]) -> io::Result<Vec<u8>> {
    let bytes = part(file, offset.saturating_sub(MARK as u64), offset.min(MARK as u64))?;
    if salt == [0; 2] {
        return Ok(bytes);
    }
    let digest = salt.iter().fold(Sha256::new(), |digest, half| digest.chain_update(half.to_le_bytes()));
    Ok(digest.chain_update(&bytes).finalize().to_vec())
}

fn salt() -> [u64; 2] {
    [0, 1].map(|half| RandomState::new().hash_one(half).max(1))
}

fn is_marked(file: &File, place: &Place) -> bool {
    let same = mark(file, place.offset, place.salt).is_ok_and(|mark| mark == place.mark);
    same && place.print.as_ref().is_none_or(|print| print.is_of(file))
}
