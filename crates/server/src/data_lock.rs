//! One process for one data directory.
//!
//! SQLite would let several write; but what is held by a process that died is taken back at once
//! at the next start, which is right only when no other process lives.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// Held for as long as the process works; the operating system lets go when it ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Locks the directory that the database file is in; makes it, for its owner only, when it is
    /// not there.
    pub fn take(database: &Path) -> anyhow::Result<Self> {
        let directory = directory_of(database);
        make_directory(&directory)?;
        let path = directory.join("kith.lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("{} cannot be opened", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another kith works in {}; stop it first, or give this one a database of its own",
                directory.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }
}

/// Makes an empty database file that only its owner can read, when there is none.
pub(crate) fn make_database(database: &Path) -> anyhow::Result<()> {
    make_directory(&directory_of(database))?;
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(database)
        .map(drop)
        .with_context(|| format!("{} cannot be made", database.display()))
}

fn directory_of(database: &Path) -> PathBuf {
    match database.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes a folder for its owner only, when it is not there.
pub(crate) fn make_directory(directory: &Path) -> anyhow::Result<()> {
    if fs::metadata(directory).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("the folder {} cannot be made", directory.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_second_one_is_refused_until_the_first_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("data").join("kith.db");
        let first = DataLock::take(&database).unwrap();
        let refused = DataLock::take(&database).unwrap_err();
        assert!(refused.to_string().contains("another kith works in"), "{refused}");
        drop(first);
        DataLock::take(&database).unwrap();
    }

    #[test]
    fn nobody_else_can_read_what_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("data").join("kith.db");
        make_database(&database).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&database), 0o600);
        assert_eq!(mode(database.parent().unwrap()), 0o700);
    }
}
