//! The file of endings: one line each, added to and never changed.
//!
//! ```text
//! 1795363140 mark 91d0…
//! 1795363200 0b9f… membership 5c1d…
//! 1795363260 0b9f… circle_state 77aa… frozen
//! ```
//!
//! Seconds since 1970 in UTC, the organisation, what ended, its id, and a word more where it needs
//! one; or a mark (see [`crate::Mark`]). There is nothing in it about anybody but ids, which mean
//! nothing without the database, and addresses that may not be named, keyed as they are there. The
//! order of the lines means nothing, so two files are joined by adding one to the other.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use kith_domain::Timestamp;
use kith_domain::ids::OrganisationId;

use crate::endings::Ending;
use crate::endings_mark::Mark;
use crate::error::StoreError;

/// Where endings are written down.
#[derive(Clone, Debug)]
pub(crate) struct EndingsFile(PathBuf);

/// What a file of endings says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndingsRead {
    /// What ended, in the order in which it was written.
    pub endings: Vec<Ending>,
    /// Marks of the database that it belongs to, in the order in which they were written.
    pub marks: Vec<Mark>,
    /// Lines that make no sense, such as one that was being written when the power went.
    pub unreadable: usize,
}

impl EndingsRead {
    /// Whether it was kept when these marks were made, of which there must be one.
    pub fn knows(&self, marks: &[Mark]) -> bool {
        !marks.is_empty()
            && marks.iter().all(|mark| self.marks.iter().any(|known| known.id == mark.id))
    }

    /// What another file says is said here too.
    pub fn join(&mut self, other: Self) {
        let Self { endings, marks, unreadable } = other;
        self.endings.extend(endings);
        self.marks.extend(marks);
        self.unreadable += unreadable;
    }
}

impl EndingsFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Adds lines, and returns when the disk has them.
    pub(crate) async fn append(
        &self,
        endings: Vec<Ending>,
        marks: Vec<Mark>,
    ) -> Result<(), StoreError> {
        self.with(move |path| append(path, &endings, &marks)).await
    }

    /// What it says; nothing when it is not there.
    pub(crate) async fn read(&self) -> Result<EndingsRead, StoreError> {
        self.with(|path| match read_endings(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(EndingsRead::default()),
            read => read,
        })
        .await
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let path = self.0.clone();
        tokio::task::spawn_blocking(move || work(&path))
            .await
            .map_err(|_| StoreError::EndingsFile(io::ErrorKind::Other))?
            .map_err(|error| StoreError::EndingsFile(error.kind()))
    }
}

fn append(path: &Path, endings: &[Ending], marks: &[Mark]) -> io::Result<()> {
    let is_new = !path.exists();
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    // Of other processes too, and on other machines: a folder without locks is refused here.
    file.lock()?;
    let mut text = String::new();
    if !ends_a_line(&mut file)? {
        // What was cut off stays a line of its own.
        text.push('\n');
    }
    for line in endings.iter().map(line).chain(marks.iter().map(mark_line)) {
        text.push_str(&line);
        text.push('\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    if is_new {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Adds to a file what another says and it does not, and `mark` if given.
///
/// # Errors
///
/// When the file cannot be read or written.
pub fn add_endings(path: &Path, said: &EndingsRead, mark: Option<Mark>) -> io::Result<()> {
    let there = match read_endings(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => EndingsRead::default(),
        read => read?,
    };
    let known: HashSet<String> =
        there.endings.iter().map(line).chain(there.marks.iter().map(mark_line)).collect();
    let mut endings = said.endings.clone();
    endings.retain(|ending| !known.contains(&line(ending)));
    let mut marks = said.marks.clone();
    marks.retain(|mark| !known.contains(&mark_line(mark)));
    marks.extend(mark);
    append(path, &endings, &marks)
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

fn mark_line(mark: &Mark) -> String {
    format!("{} {MARK} {}", mark.at.as_second(), mark.id)
}

const MARK: &str = "mark";

#[derive(Debug, PartialEq, Eq)]
enum Line {
    Ending(Ending),
    Mark(Mark),
}

/// `None` for a line that makes no sense, and for one that was cut off.
fn parse(line: &str) -> Option<Line> {
    let words: Vec<&str> = line.split(' ').collect();
    let (at, rest) = words.split_first()?;
    let at = Timestamp::from_second(at.parse().ok()?);
    match rest {
        [word, id] if *word == MARK => Some(Line::Mark(Mark { id: id.parse().ok()?, at })),
        [organisation, what, id, more @ ..] if more.len() <= 1 => {
            let ending = Ending {
                at,
                organisation: OrganisationId::from_uuid(organisation.parse().ok()?),
                what: what.parse().ok()?,
                id: id.parse().ok()?,
                more: more.first().map(|more| (*more).to_owned()),
            };
            ending.makes_sense().then_some(Line::Ending(ending))
        }
        _ => None,
    }
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
            Some(Line::Ending(ending)) => read.endings.push(ending),
            Some(Line::Mark(mark)) => read.marks.push(mark),
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

    fn mark(id: u128) -> Mark {
        Mark { id: Uuid::from_u128(id), at: Timestamp::from_second(3) }
    }

    /// One of each kind, with what is said with it.
    fn one_of_each() -> Vec<Ending> {
        let index = "0123456789abcdef".repeat(2);
        let words = [None, Some("off"), Some("frozen"), Some("taken_off"), Some(index.as_str())];
        let kinds = EndingKind::ALL.iter();
        kinds
            .map(|kind| {
                let more = words.into_iter().find(|word| kind.goes_with(*word)).unwrap();
                ending(1, *kind, more)
            })
            .collect()
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.endings");
        let all = one_of_each();
        append(&path, &all[..4], &[mark(1)]).unwrap();
        append(&path, &all[4..], &[]).unwrap();
        let read = read_endings(&path).unwrap();
        assert_eq!(read, EndingsRead { endings: all, marks: vec![mark(1)], unreadable: 0 });
        assert!(read.knows(&[mark(1)]));
        assert!(!read.knows(&[mark(1), mark(2)]) && !read.knows(&[]));
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.endings");
        let first = ending(1, EndingKind::Grant, None);
        let last = ending(2, EndingKind::Keys, None);
        let lines: Vec<String> =
            one_of_each().iter().map(line).chain([mark_line(&mark(1))]).collect();
        for half in lines {
            for cut in 1..half.len() {
                let torn = half.get(..cut).unwrap();
                std::fs::write(&path, format!("{}\n{torn}", line(&first))).unwrap();
                append(&path, std::slice::from_ref(&last), &[]).unwrap();
                let read = read_endings(&path).unwrap();
                assert_eq!(read.endings, [first.clone(), last.clone()], "{torn}");
                assert_eq!(read.unreadable, 1);
            }
        }
    }

    #[test]
    fn what_is_no_ending_is_left_out() {
        let wrong =
            ["", "1", "x 7 grant 7", "kith", "1 a grant b", "1 2 3 4 5 6", "1 mark", "1 mark 7"];
        for wrong in wrong {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        let whole = line(&ending(1, EndingKind::CircleState, Some("paused")));
        assert!(parse(&whole).is_some());
        assert_eq!(parse(&format!("{whole} more")), None);
    }

    #[test]
    fn another_file_is_taken_over_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kith.endings");
        append(&path, &[ending(1, EndingKind::Grant, None)], &[mark(1)]).unwrap();
        let mut other = read_endings(&path).unwrap();
        other.endings.push(ending(2, EndingKind::Keys, None));
        other.marks.push(mark(2));
        for _ in 0..2 {
            add_endings(&path, &other, None).unwrap();
            assert_eq!(read_endings(&path).unwrap(), other);
        }
        add_endings(&path, &EndingsRead::default(), Some(mark(3))).unwrap();
        assert!(read_endings(&path).unwrap().knows(&[mark(1), mark(2), mark(3)]));
    }
}
