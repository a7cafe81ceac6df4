//! A folder in place of a relay, for the demo: every mail becomes a file that can be read back.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use kith_domain::EmailAddress;

use crate::read::{ReadMail, read};
use crate::transport::{Accepted, DeliveryError, Reason, Transport};

/// A folder of mails, numbered in the order in which they came.
#[derive(Debug)]
pub struct Capture {
    folder: PathBuf,
    next: AtomicU64,
}

/// A mail in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedMail {
    /// Its number; later mails have higher ones.
    pub number: u64,
    /// Recipient.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Date, as the header has it (RFC 5322, UTC).
    pub date: String,
    /// Text part.
    pub text: String,
    /// HTML part.
    pub html: String,
}

impl Capture {
    /// Uses `folder`, and creates it, readable by its owner only, if it is not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let last = numbers(folder)?.into_iter().max().unwrap_or_default();
        Ok(Self { folder: folder.to_owned(), next: AtomicU64::new(last.saturating_add(1)) })
    }

    /// A page of mails, newest first: at most `limit`, all older than mail `before` if one is
    /// given. Files that are no mail of ours are left out.
    pub fn list(&self, before: Option<u64>, limit: usize) -> io::Result<Vec<CapturedMail>> {
        let mut numbers = numbers(&self.folder)?;
        numbers.retain(|number| before.is_none_or(|before| *number < before));
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        Ok(numbers
            .into_iter()
            .filter_map(|number| self.get(number).ok().flatten())
            .take(limit)
            .collect())
    }

    /// One mail. `None` if there is none of this number.
    pub fn get(&self, number: u64) -> io::Result<Option<CapturedMail>> {
        match fs::read(self.path(number)) {
            Ok(bytes) => Ok(read(&bytes).map(|mail| captured(number, mail))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:010}.eml"))
    }

    /// Whole or not at all: whoever lists the folder never sees half a mail.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.folder.join(format!("{number:010}.part"));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, self.path(number))?;
        File::open(&self.folder)?.sync_all()
    }
}

#[async_trait]
impl Transport for Capture {
    async fn deliver(&self, _to: &EmailAddress, bytes: &[u8]) -> Result<Accepted, DeliveryError> {
        // A few kilobytes to a local disk, in the demo only: not worth another thread.
        self.write(bytes).map_err(|_| DeliveryError::Retry(Reason::Disk))?;
        Ok(Accepted { code: 250 })
    }
}

fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".eml"));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    Ok(numbers)
}

fn captured(number: u64, mail: ReadMail) -> CapturedMail {
    let header = |name| mail.header(name).unwrap_or_default().to_owned();
    CapturedMail {
        number,
        to: header("To"),
        subject: header("Subject"),
        date: header("Date"),
        text: mail.text,
        html: mail.html,
    }
}
