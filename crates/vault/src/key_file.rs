//! The key-encryption key and the file it comes from.
//!
//! One line: `kith-key-1 ID KEY`, where KEY is 256 random bits in hexadecimal and ID is eight
//! hexadecimal digits that follow from it, so that a damaged or half-copied file is noticed
//! before anything is sealed with it.

use core::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::keys::{Key, expand};
use crate::random;

const FORMAT: &str = "kith-key-1";
/// `FORMAT`, a space, eight digits, a space, 64 digits, a line feed.
const LENGTH: usize = FORMAT.len() + 1 + 8 + 1 + 64 + 1;

/// Why a key file could not be used. The words say what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// [`KeyFile::create`] never overwrites.
    #[error(
        "a key file is already there; keep it, since without it nothing sealed with it opens again"
    )]
    Exists,
    /// The file is not there.
    #[error("there is no key file; create one with `kith keys new`, or restore it from its backup")]
    Missing,
    /// Links can be pointed elsewhere by whoever may write to their folder.
    #[error("the key file is a symbolic link; name the file itself")]
    Link,
    /// A folder, pipe or device.
    #[error("the key file is not a regular file")]
    NotAFile,
    /// Others on this machine could read the key.
    #[error("others can read the key file (mode {mode:03o}); run `chmod 600` on it")]
    Readable {
        /// Permission bits that were found.
        mode: u32,
    },
    /// Others on this machine could replace the file.
    #[error(
        "others can write to the key file's folder (mode {mode:03o}); choose a folder that only the service's account can write to"
    )]
    OpenFolder {
        /// Permission bits that were found.
        mode: u32,
    },
    /// Not the one line that this program writes.
    #[error(
        "the key file does not hold one line of the form `kith-key-1 ID KEY`; restore it from its backup"
    )]
    Malformed,
    /// The id does not follow from the key.
    #[error(
        "the key file is damaged: its id does not belong to its key; restore it from its backup"
    )]
    Damaged,
    /// The operating system refused.
    #[error("the key file could not be used")]
    Io(#[source] std::io::Error),
}

/// The key-encryption key, wiped when dropped.
pub struct KeyFile {
    id: u32,
    key: Key,
}

impl KeyFile {
    /// Writes a new random key to `path`, readable by its owner only, and returns it.
    pub fn create(path: &Path) -> Result<Self, KeyFileError> {
        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let mode = std::fs::metadata(folder).map_err(KeyFileError::Io)?.mode() & 0o777;
        if mode & 0o022 != 0 {
            return Err(KeyFileError::OpenFolder { mode });
        }
        let mut key = Key::default();
        random::fill(&mut *key);
        let file = Self { id: id_of(&key), key };
        let mut out =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(
                |error| match error.kind() {
                    std::io::ErrorKind::AlreadyExists => KeyFileError::Exists,
                    _ => KeyFileError::Io(error),
                },
            )?;
        out.write_all(file.line().as_bytes()).map_err(KeyFileError::Io)?;
        out.sync_all().map_err(KeyFileError::Io)?;
        // The name is in the folder, which has to reach the disk too.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(KeyFileError::Io)?;
        Ok(file)
    }

    /// Reads the key from `path`, if nobody else can.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let io = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => KeyFileError::Missing,
            _ => KeyFileError::Io(error),
        };
        let named = std::fs::symlink_metadata(path).map_err(io)?;
        if named.file_type().is_symlink() {
            return Err(KeyFileError::Link);
        }
        if !named.is_file() {
            return Err(KeyFileError::NotAFile);
        }
        let file = File::open(path).map_err(io)?;
        let opened = file.metadata().map_err(KeyFileError::Io)?;
        // The name may have been pointed elsewhere between looking and opening.
        if (named.dev(), named.ino()) != (opened.dev(), opened.ino()) {
            return Err(KeyFileError::Link);
        }
        let mode = opened.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Readable { mode });
        }
        let mut text = Zeroizing::new(Vec::with_capacity(LENGTH + 1));
        file.take(LENGTH as u64 + 1).read_to_end(&mut text).map_err(KeyFileError::Io)?;
        Self::parse(&text)
    }

    /// Eight hexadecimal digits that name this key in wrapped data keys and in messages to
    /// operators.
    pub const fn id(&self) -> u32 {
        self.id
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    fn parse(text: &[u8]) -> Result<Self, KeyFileError> {
        // A text editor may have removed or kept the last line feed.
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let mut words = text.split(|byte| *byte == b' ');
        let (Some(format), Some(id), Some(digits), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(KeyFileError::Malformed);
        };
        if format != FORMAT.as_bytes() {
            return Err(KeyFileError::Malformed);
        }
        let mut key = Key::default();
        let mut named = [0_u8; 4];
        from_hex(digits, &mut *key).ok_or(KeyFileError::Malformed)?;
        from_hex(id, &mut named).ok_or(KeyFileError::Malformed)?;
        let id = u32::from_be_bytes(named);
        if id != id_of(&key) {
            return Err(KeyFileError::Damaged);
        }
        Ok(Self { id, key })
    }

    fn line(&self) -> Zeroizing<String> {
        // Enough room from the start, so that no copy is left behind by growing.
        let mut line = Zeroizing::new(String::with_capacity(LENGTH));
        line.push_str(FORMAT);
        line.push(' ');
        to_hex(&self.id.to_be_bytes(), &mut line);
        line.push(' ');
        to_hex(&*self.key, &mut line);
        line.push('\n');
        line
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFile({:08x})", self.id)
    }
}

fn id_of(key: &Key) -> u32 {
    let [a, b, c, d, ..] = *expand(key, "id:v1", &[]);
    u32::from_be_bytes([a, b, c, d])
}

fn to_hex(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        for half in [byte >> 4, byte & 0x0f] {
            text.extend(char::from_digit(u32::from(half), 16));
        }
    }
}

/// `None` unless `digits` are exactly the lower-case hexadecimal digits of `bytes.len()` bytes.
fn from_hex(digits: &[u8], bytes: &mut [u8]) -> Option<()> {
    if digits.len() != bytes.len() * 2 {
        return None;
    }
    let half = |digit: &u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = half(high)? << 4 | half(low)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::Path;

    use super::{KeyFile, KeyFileError};

    fn mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_new_key_reads_back_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.key");
        let made = KeyFile::create(&path).unwrap();
        let read = KeyFile::read(&path).unwrap();
        assert_eq!((made.id, &*made.key), (read.id, &*read.key));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(KeyFile::create(&path), Err(KeyFileError::Exists)));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        let other = KeyFile::create(&folder.path().join("other.key")).unwrap();
        assert_ne!(*other.key, *made.key);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.key");
        KeyFile::create(&path).unwrap();
        for bits in [0o640, 0o604, 0o610, 0o602, 0o644, 0o777] {
            mode(&path, bits);
            let error = KeyFile::read(&path).unwrap_err();
            assert!(matches!(error, KeyFileError::Readable { mode } if mode == bits));
            assert!(error.to_string().contains("chmod 600"));
        }
        mode(&path, 0o400);
        KeyFile::read(&path).unwrap();
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for bits in [0o770, 0o707, 0o777] {
            mode(folder.path(), bits);
            let refused = KeyFile::create(&folder.path().join("kith.key"));
            assert!(matches!(refused, Err(KeyFileError::OpenFolder { mode }) if mode == bits));
        }
        mode(folder.path(), 0o700);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn links_folders_and_nothing_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.key");
        assert!(matches!(KeyFile::read(&path), Err(KeyFileError::Missing)));
        KeyFile::create(&path).unwrap();
        let link = folder.path().join("link.key");
        symlink(&path, &link).unwrap();
        assert!(matches!(KeyFile::read(&link), Err(KeyFileError::Link)));
        // Nor does creating follow a link that leads nowhere yet.
        let dangling = folder.path().join("dangling.key");
        symlink(folder.path().join("elsewhere"), &dangling).unwrap();
        assert!(matches!(KeyFile::create(&dangling), Err(KeyFileError::Exists)));
        assert!(matches!(KeyFile::read(folder.path()), Err(KeyFileError::NotAFile)));
    }

    #[test]
    fn other_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.key");
        KeyFile::create(&path).unwrap();
        let line = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, line.trim_end()).unwrap();
        KeyFile::read(&path).unwrap();

        let mut changed = line.clone().into_bytes();
        let last = changed.len() - 2;
        changed[last] = if changed[last] == b'0' { b'1' } else { b'0' };
        std::fs::write(&path, &changed).unwrap();
        assert!(matches!(KeyFile::read(&path), Err(KeyFileError::Damaged)));

        for text in [
            String::new(),
            line.replacen("key-1", "key-2", 1),
            line[..line.len() - 3].to_owned(),
            format!("{line}more\n"),
            format!("{} \n", line.trim_end()),
            line.replacen(' ', "\n", 1),
            "x".repeat(100_000),
        ] {
            std::fs::write(&path, &text).unwrap();
            assert!(matches!(KeyFile::read(&path), Err(KeyFileError::Malformed)));
        }
    }

    #[test]
    fn debug_shows_the_id_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::create(&folder.path().join("kith.key")).unwrap();
        assert_eq!(format!("{file:?}"), format!("KeyFile({:08x})", file.id()));
    }
}
