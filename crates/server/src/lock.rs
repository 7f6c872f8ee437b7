//! One server for a data folder: `server.lock` holds its process id, and is locked for as long as it lives.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The folder is ours until this is dropped. The system lets go of it when the process dies, however it dies.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

/// Why the folder cannot be ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another server has it.
    #[error(
        "the data folder {folder} is in use by another server (process {pid}). Stop that one, or choose another folder with --data"
    )]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// What the file says; `unknown` if it says nothing.
        pid: String,
    },
    /// It cannot be made or written to.
    #[error(
        "cannot write to the data folder {folder}: {reason}. Choose another with --data, or let this user write there"
    )]
    NotWritable {
        /// The folder.
        folder: PathBuf,
        /// Why. No `source`: the message says it already, and whoever prints the chain would say it twice.
        reason: std::io::Error,
    },
}

impl FolderLock {
    /// Makes the folder if it is not there, and takes it.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let not_writable = |reason| LockError::NotWritable {
            folder: folder.to_owned(),
            reason,
        };
        make(folder).map_err(not_writable)?;
        // Not truncated before it is ours: it holds the other's process id.
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join("server.lock"))
            .map_err(not_writable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let read = file.read_to_string(&mut pid);
                let known = read.is_ok() && !pid.trim().is_empty();
                return Err(LockError::InUse {
                    folder: folder.to_owned(),
                    pid: if known {
                        pid.trim().to_owned()
                    } else {
                        "unknown".to_owned()
                    },
                });
            }
            Err(TryLockError::Error(reason)) => return Err(not_writable(reason)),
        }
        file.set_len(0).map_err(not_writable)?;
        file.rewind().map_err(not_writable)?;
        writeln!(file, "{}", std::process::id()).map_err(not_writable)?;
        Ok(Self { _file: file })
    }
}

/// Makes the folder for this user alone: it holds what was captured. One that is there keeps its permissions.
fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_servers_until_that_one_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::take(folder.path()).unwrap();
        let second = FolderLock::take(folder.path()).unwrap_err().to_string();
        let expected = format!("(process {})", std::process::id());
        assert!(
            second.contains("in use by another server") && second.contains(&expected),
            "{second}"
        );
        drop(first);
        assert!(FolderLock::take(folder.path()).is_ok());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = FolderLock::take(&file.join("data")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot write to the data folder"),
            "{error}"
        );
    }
}
