//! The file of endings: one line each, added to and never changed.
//!
//! ```text
//! 1795363200 0b9f… membership 5c1d…
//! 1795363260 0b9f… circle_state 77aa… frozen
//! ```
//!
//! Seconds since 1970 in UTC, the organisation, what ended, its id, and a word more where it needs
//! one. There is nothing in it about anybody but ids, which mean nothing without the database.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use kith_domain::Timestamp;
use kith_domain::ids::OrganisationId;

use crate::endings::Ending;
use crate::error::StoreError;

/// Where endings are written down.
#[derive(Clone, Debug)]
pub(crate) struct EndingsFile(PathBuf);

/// What a file of endings says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndingsRead {
    /// What ended, in the order in which it was written.
    pub endings: Vec<Ending>,
    /// Lines that make no sense, such as one that was being written when the power went.
    pub unreadable: usize,
}

impl EndingsFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Adds lines, and returns when the disk has them.
    pub(crate) async fn append(&self, endings: Vec<Ending>) -> Result<(), StoreError> {
        let path = self.0.clone();
        tokio::task::spawn_blocking(move || append(&path, &endings))
            .await
            .map_err(|_| StoreError::EndingsFile(io::ErrorKind::Other))?
            .map_err(|error| StoreError::EndingsFile(error.kind()))
    }
}

fn append(path: &Path, endings: &[Ending]) -> io::Result<()> {
    let is_new = !path.exists();
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let mut text = String::new();
    if !ends_a_line(&mut file)? {
        // What was cut off stays a line of its own.
        text.push('\n');
    }
    for ending in endings {
        text.push_str(&line(ending));
        text.push('\n');
    }
    // One write, so that the lines of two processes do not mix.
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    if is_new && let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Adds endings to a file, as when another file is taken over.
///
/// # Errors
///
/// When the file cannot be written.
pub fn add_endings(path: &Path, endings: &[Ending]) -> io::Result<()> {
    append(path, endings)
}

fn ends_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == [b'\n'])
}

fn line(ending: &Ending) -> String {
    let Ending { at, organisation, what, id, more } = ending;
    let start = format!("{} {organisation} {what} {id}", at.as_second());
    more.as_ref().map_or_else(|| start.clone(), |more| format!("{start} {more}"))
}

fn parse(line: &str) -> Option<Ending> {
    let mut words = line.split(' ');
    let ending = Ending {
        at: Timestamp::from_second(words.next()?.parse().ok()?),
        organisation: OrganisationId::from_uuid(words.next()?.parse().ok()?),
        what: words.next()?.parse().ok()?,
        id: words.next()?.parse().ok()?,
        more: words.next().map(str::to_owned),
    };
    words.next().is_none().then_some(ending)
}

/// Reads a file of endings.
///
/// # Errors
///
/// When the file is not there or cannot be read.
pub fn read_endings(path: &Path) -> io::Result<EndingsRead> {
    let mut read = EndingsRead::default();
    for line in BufReader::new(File::open(path)?).split(b'\n') {
        let line = line?;
        if line.is_empty() {
            continue;
        }
        match std::str::from_utf8(&line).ok().and_then(parse) {
            Some(ending) => read.endings.push(ending),
            None => read.unreadable += 1,
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use kith_domain::EndingKind;
    use uuid::Uuid;

    use super::*;

    fn ending(second: i64, what: EndingKind, more: Option<&str>) -> Ending {
        Ending {
            at: Timestamp::from_second(second),
            organisation: OrganisationId::from_uuid(Uuid::from_u128(7)),
            what,
            id: Uuid::from_u128(u128::from(second.unsigned_abs())),
            more: more.map(str::to_owned),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.endings");
        let first = ending(1, EndingKind::Membership, None);
        let second = ending(2, EndingKind::CircleState, Some("frozen"));
        append(&path, std::slice::from_ref(&first)).unwrap();
        append(&path, std::slice::from_ref(&second)).unwrap();
        let read = read_endings(&path).unwrap();
        assert_eq!(read, EndingsRead { endings: vec![first, second], unreadable: 0 });
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.endings");
        let (first, second) =
            (ending(1, EndingKind::Grant, None), ending(2, EndingKind::Keys, None));
        append(&path, std::slice::from_ref(&first)).unwrap();
        for cut in 1..30 {
            let whole = std::fs::read(&path).unwrap();
            let half = line(&first);
            let torn = half.get(..cut).unwrap();
            std::fs::write(&path, [&whole, torn.as_bytes()].concat()).unwrap();
            append(&path, std::slice::from_ref(&second)).unwrap();
            let read = read_endings(&path).unwrap();
            assert_eq!(read.endings, [first.clone(), second.clone()], "cut after {cut}");
            assert_eq!(read.unreadable, 1);
            std::fs::write(&path, whole).unwrap();
        }
    }

    #[test]
    fn what_is_no_ending_is_left_out() {
        for wrong in ["", "1", "x 7 grant 7", "kith", "1 a grant b", "1 2 3 4 5 6"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        let whole = line(&ending(1, EndingKind::CircleState, Some("paused")));
        assert!(parse(&whole).is_some());
        assert_eq!(parse(&format!("{whole} more")), None);
    }
}
