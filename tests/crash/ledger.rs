//! What a relay accepted, in an append-only file that is on the disk before the relay says so.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use kith_mail::read::read;
use kith_tests::world::link_parts;
use uuid::Uuid;

/// One copy of a mail, as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    /// The run of the program that sent it.
    pub(crate) run: u32,
    /// Milliseconds since the relay opened.
    pub(crate) at: u64,
    /// Its recipient.
    pub(crate) to: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

impl Copy {
    /// The row that it was made from: the mail id in its link.
    pub(crate) fn mail(&self) -> Uuid {
        let mail = read(&self.bytes).expect("a mail of ours");
        link_parts(mail.link().expect("a link").as_str()).0.as_uuid()
    }

    /// Its Message-ID.
    pub(crate) fn message_id(&self) -> String {
        let mail = read(&self.bytes).expect("a mail of ours");
        mail.header("Message-ID").expect("every mail has one").to_owned()
    }
}

/// The file.
#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    file: File,
}

impl Ledger {
    pub(crate) fn create(path: PathBuf) -> Self {
        let file = OpenOptions::new().append(true).create_new(true).open(&path).unwrap();
        Self { path, file }
    }

    /// Returns when the copy is on the disk.
    pub(crate) fn append(&mut self, copy: &Copy) {
        let Copy { run, at, to, bytes } = copy;
        let mut record = format!("{run} {at} {to} {}\n", bytes.len()).into_bytes();
        record.extend_from_slice(bytes);
        self.file.write_all(&record).unwrap();
        self.file.sync_data().unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Every copy of a ledger, in the order of arrival.
pub(crate) fn copies(path: &Path) -> Vec<Copy> {
    let all = std::fs::read(path).unwrap();
    let mut rest = all.as_slice();
    let mut copies = Vec::new();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let head = std::str::from_utf8(&rest[..end]).unwrap();
        let [run, at, to, length] = head.split(' ').collect::<Vec<_>>()[..] else {
            panic!("a line of the ledger has four words: {head}");
        };
        let (bytes, after) = rest[end + 1..].split_at(length.parse().unwrap());
        copies.push(Copy {
            run: run.parse().unwrap(),
            at: at.parse().unwrap(),
            to: to.to_owned(),
            bytes: bytes.to_vec(),
        });
        rest = after;
    }
    copies
}
