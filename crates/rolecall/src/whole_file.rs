//! Files that are written whole or not at all.

use std::fs::OpenOptions;
use std::io::{Result, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner: it may hold e-mail addresses.
    Owner,
    /// Whoever reads the files that the operator makes otherwise: it is there to be handed on.
    AsUsual,
}

/// Writes a file at once: whoever reads it meanwhile sees the old one or the new one. What a link leads to is
/// replaced, not the link; a device or a pipe is written to, and stays what it is.
pub(crate) fn write(path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
    if is_special(path) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let path = real(path);
    let mut file = beside(&path, readers)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// Fails as writing the file would, as far as can be told without writing it.
pub(crate) fn try_out(path: &Path) -> Result<()> {
    match is_special(path) {
        true => OpenOptions::new().write(true).open(path).map(drop),
        false => beside(&real(path), Readers::Owner).map(drop),
    }
}

/// A new file that becomes the one at `path` when it is persisted; dropped before, it is gone.
pub(crate) fn beside(path: &Path, readers: Readers) -> Result<NamedTempFile> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    // Otherwise a name that nobody gave is told to be missing.
    directory.metadata()?;
    let mut file = Builder::new();
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(match readers {
        Readers::Owner => 0o600,
        // What the operator's umask leaves of it.
        Readers::AsUsual => 0o666,
    }));
    file.tempfile_in(directory)
}

fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file())
}

/// Where a link leads; a path that leads nowhere yet stays as it is.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_and_a_link_goes_on_leading_to_it() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        write(&link, b"new", Readers::AsUsual).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing is left lying about");
    }

    #[test]
    fn only_the_owner_reads_what_is_for_the_owner() {
        let directory = tempfile::tempdir().unwrap();
        let mode = |readers| {
            let path = directory.path().join("file");
            write(&path, b"", readers).unwrap();
            path.metadata().unwrap().permissions().mode() & 0o044
        };
        assert_eq!(mode(Readers::Owner), 0);
        // The umask of whoever tests may take rights away, never from one and not from the other.
        let usual = directory.path().join("usual");
        fs::write(&usual, "").unwrap();
        assert_eq!(mode(Readers::AsUsual), usual.metadata().unwrap().permissions().mode() & 0o044);
    }

    #[test]
    fn a_pipe_is_written_to_and_stays_one() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let read = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).unwrap()
        });
        write(&pipe, b"report", Readers::AsUsual).unwrap();
        assert_eq!(read.join().unwrap(), "report");
        assert!(pipe.metadata().unwrap().file_type().is_fifo());
    }

    #[test]
    fn what_cannot_be_written_is_told_before_and_when_it_is_tried() {
        let directory = tempfile::tempdir().unwrap();
        for path in [directory.path().to_owned(), directory.path().join("missing/file")] {
            assert!(try_out(&path).is_err(), "{path:?}");
            assert!(write(&path, b"", Readers::AsUsual).is_err(), "{path:?}");
        }
        assert!(try_out(&directory.path().join("file")).is_ok());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
