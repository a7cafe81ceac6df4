//! Secrets: one line in a file that only its owner can read.

use std::fmt;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The most bytes that a password may have.
const LONGEST: u64 = 1024;

/// A password. Shows nothing of itself when printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The password itself, for the library that signs in with it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    /// Reads the one line of a file.
    pub(super) fn read(path: &Path) -> Result<Self, SecretError> {
        let file = std::fs::File::open(path)?;
        // Asked of the open file, so that nobody can exchange it in between.
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(SecretError::NotAFile);
        }
        let mode = metadata.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Readable { mode });
        }
        let mut text = String::new();
        file.take(LONGEST + 1).read_to_string(&mut text)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() || line.chars().any(char::is_control) || text.len() as u64 > LONGEST {
            return Err(SecretError::Malformed);
        }
        Ok(Self(line.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// Why a file with a secret cannot be used. The words say what to do.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The operating system refused.
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// A folder, pipe or device.
    #[error("it is not a file")]
    NotAFile,
    /// Others on this machine could read it.
    #[error("others can read it (mode {mode:03o}); run `chmod 600` on it")]
    Readable {
        /// Permission bits that were found.
        mode: u32,
    },
    /// Empty, too long, or more than one line.
    #[error("it must hold one line of text, at most {LONGEST} bytes long")]
    Malformed,
}
