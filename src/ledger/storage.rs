//! Files and folders of a ledger: who may use them, and that they are on the disk.

use super::error::LedgerError;
use super::operator;
use crate::input;
use rustix::io::Errno;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::Path;

/// Who besides the owner may use a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Nobody: files 0600, folders 0700.
    Owner,
    /// The members of a group on this host: files 0660, folders 2770, so that what is made inside belongs to it too.
    Group(u32),
}

impl Sharing {
    /// The sharing for a group given by name or number.
    ///
    /// # Errors
    /// When the host has no such group.
    pub(crate) fn with_group(group: Option<&str>) -> Result<Self, LedgerError> {
        let Some(group) = group else { return Ok(Self::Owner) };
        let number = group.parse().ok().or_else(|| operator::group_number(group));
        number.map(Self::Group).ok_or_else(|| LedgerError::NoSuchGroup(group.to_owned()))
    }

    /// How a folder that exists is shared.
    #[must_use]
    pub(crate) fn of_folder(folder: &Path) -> Self {
        match fs::metadata(folder) {
            Ok(metadata) if metadata.mode() & 0o020 != 0 => Self::Group(metadata.gid()),
            _ => Self::Owner,
        }
    }

    /// Makes a file that must not exist yet, open for reading and appending.
    pub(crate) fn create_file(self, path: &Path) -> io::Result<File> {
        let file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(path)?;
        self.share(path, 0o660)?;
        Ok(file)
    }

    /// Opens a file for appending, and makes it first when it is not there.
    pub(crate) fn open_or_create(self, path: &Path) -> io::Result<File> {
        // It is there every time but the first.
        let open = || input::regular(OpenOptions::new().append(true), path);
        match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match self.create_file(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open(),
                made => made,
            },
            opened => opened,
        }
    }

    /// Makes a folder, or leaves the one that is there as it is.
    pub(crate) fn create_folder(self, path: &Path) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => self.share(path, 0o2770),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn share(self, path: &Path, mode: u32) -> io::Result<()> {
        if let Self::Group(group) = self {
            chown(path, None, Some(group))?;
            fs::set_permissions(path, Permissions::from_mode(mode))?;
        }
        Ok(())
    }
}

/// Opens a lock file, making it when it is not there, and waits until it is ours. It is let go when the file is dropped.
pub(crate) fn lock(sharing: Sharing, path: &Path) -> io::Result<File> {
    let file = sharing.open_or_create(path)?;
    loop {
        match file.lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            locked => return locked.map(|()| file),
        }
    }
}

/// Makes the names in a folder last.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Shows a file from one that was put in its place under the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { device: metadata.dev(), inode: metadata.ino() })
    }
}

/// Puts the reason into words when a path cannot be written.
pub(crate) fn write_error(doing: &'static str, path: &Path, source: io::Error) -> LedgerError {
    let denied = matches!(Errno::from_io_error(&source), Some(Errno::ACCESS | Errno::PERM | Errno::ROFS));
    if !denied {
        return LedgerError::Io { doing, path: path.to_owned(), source };
    }
    let existing = path.ancestors().find_map(|path| fs::metadata(path).ok());
    let owner = existing.map_or_else(|| "somebody else".to_owned(), |metadata| operator::user_name(metadata.uid()));
    LedgerError::NotWritable { path: path.to_owned(), user: operator::current_user(), owner, source }
}

/// Refuses folders where locks and syncing mean less than they say.
///
/// # Errors
/// [`LedgerError::Network`] with the file system's name.
pub(crate) fn refuse_network(folder: &Path) -> Result<(), LedgerError> {
    match network::kind_of(folder) {
        Some(kind) => Err(LedgerError::Network { path: folder.to_owned(), kind }),
        None => Ok(()),
    }
}

#[cfg(target_os = "linux")]
mod network {
    use rustix::fs::{major, minor, stat, statfs};
    use std::fs;
    use std::path::Path;

    const FUSE: u32 = 0x6573_5546;

    /// The network file system a folder lies on, if it does.
    pub(super) fn kind_of(folder: &Path) -> Option<&'static str> {
        let magic = magic_of(folder)?;
        if magic != FUSE {
            return by_magic(magic);
        }
        let device = stat(folder).ok()?.st_dev;
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        by_mount(&mounts, &format!("{}:{}", major(device), minor(device)))
    }

    /// The type is a signed or an unsigned number of 32 or 64 bits, after the machine; the magic is its low 32 bits.
    fn magic_of(folder: &Path) -> Option<u32> {
        u32::try_from(i128::from(statfs(folder).ok()?.f_type) & 0xffff_ffff).ok()
    }

    pub(super) fn by_magic(magic: u32) -> Option<&'static str> {
        Some(match magic {
            0x6969 => "NFS",
            0x517b | 0xff53_4d42 => "CIFS",
            0xfe53_4d42 => "SMB2",
            0x5346_414f => "AFS",
            0x00c3_6400 => "Ceph",
            0x0bd0_0bd0 => "Lustre",
            _ => return None,
        })
    }

    /// FUSE carries local and remote file systems alike; the mount table knows which.
    pub(super) fn by_mount(mounts: &str, device: &str) -> Option<&'static str> {
        const REMOTE: [&str; 8] = ["sshfs", "s3fs", "rclone", "glusterfs", "davfs", "curlftpfs", "gcsfuse", "ceph"];
        let line = mounts.lines().find(|line| line.split(' ').nth(2) == Some(device))?;
        let (_, about) = line.split_once(" - ")?;
        let kind = about.split(' ').next()?.strip_prefix("fuse.")?;
        REMOTE.into_iter().find(|remote| kind.starts_with(remote))
    }
}

#[cfg(not(target_os = "linux"))]
mod network {
    use std::path::Path;

    /// Only Linux is asked; elsewhere the folder is taken for local.
    pub fn kind_of(_folder: &Path) -> Option<&'static str> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_magic_and_local_ones_pass() {
        assert_eq!(network::by_magic(0x6969), Some("NFS"));
        assert_eq!(network::by_magic(0xfe53_4d42), Some("SMB2"));
        assert_eq!(network::by_magic(0xef53), None, "ext4 is local");
        assert_eq!(network::by_magic(0x0102_1997), None, "9p is how virtual machines share local folders");
        let folder = tempfile::tempdir().unwrap();
        refuse_network(folder.path()).unwrap();
    }

    #[test]
    fn a_fuse_mount_is_remote_only_when_its_type_says_so() {
        let mounts = "36 25 0:31 / /mnt/a rw - fuse.sshfs host:/ rw\n37 25 0:32 / /mnt/b rw - fuseblk /dev/sdb1 rw\n";
        assert_eq!(network::by_mount(mounts, "0:31"), Some("sshfs"));
        assert_eq!(network::by_mount(mounts, "0:32"), None);
        assert_eq!(network::by_mount(mounts, "0:33"), None);
    }

    #[test]
    fn files_and_folders_are_the_owners_alone_unless_a_group_is_named() {
        let place = tempfile::tempdir().unwrap();
        let (own, shared) = (place.path().join("own"), place.path().join("shared"));
        Sharing::Owner.create_folder(&own).unwrap();
        Sharing::Owner.create_file(&own.join("file")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        assert_eq!((mode(&own), mode(&own.join("file"))), (0o700, 0o600));
        let group = rustix::process::getgid().as_raw();
        let sharing = Sharing::with_group(Some(&group.to_string())).unwrap();
        sharing.create_folder(&shared).unwrap();
        sharing.create_file(&shared.join("file")).unwrap();
        assert_eq!((mode(&shared), mode(&shared.join("file"))), (0o2770, 0o660));
        assert_eq!(Sharing::of_folder(&shared), Sharing::Group(group));
        assert_eq!(Sharing::of_folder(&own), Sharing::Owner);
        assert!(matches!(Sharing::with_group(Some("no such group")), Err(LedgerError::NoSuchGroup(_))));
    }
}
