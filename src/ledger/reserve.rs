//! Room for records on a disk that fills up: a file of its own that is given back when a record does not fit any more.

use super::layout::Layout;
use super::storage::Sharing;
use rustix::fs::{FallocateFlags, fallocate};
use std::fs;
use std::io;

const SIZE: u64 = 1 << 20;

/// Sets the room aside, where that was not done yet. Without it everything works as long as there is room.
pub(super) fn keep(layout: &Layout) {
    let path = layout.reserve();
    if path.exists() {
        return;
    }
    let made = Sharing::of_folder(layout.evidence()).create_file(&path);
    let kept = made.is_ok_and(|file| fallocate(&file, FallocateFlags::empty(), 0, SIZE).is_ok());
    if !kept {
        let _ = fs::remove_file(&path);
    }
}

/// Gives it back when that may help against an error; says whether to try again.
pub(super) fn release(layout: &Layout, error: &io::Error) -> bool {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    full && fs::remove_file(layout.reserve()).is_ok()
}
