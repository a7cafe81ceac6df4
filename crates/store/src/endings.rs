//! What must never come back once it has ended: who was taken out, what was taken back, what was
//! erased. It is written down outside the database, in a file of ids, so that an old copy of the
//! database does not undo it.
//!
//! The row of an ending is written in the transaction that ends, by the store's own methods, so
//! that no use case can forget it. When COMMIT has returned, and before anybody is told, the rows
//! that are there are added to the file and are then deleted. A process that dies in between leaves
//! its rows behind, and the next look of any process writes them: nothing has to be found out by
//! comparing, which could not be done for what was destroyed. A line may be in the file twice; an
//! ending that happens again changes nothing.
//!
//! Written before COMMIT, a line could tell of something that never happened, and a circle could be
//! erased by a restore that nobody erased.
//!
//! Of what can be closed and opened again, both are written, and the later counts.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use kith_domain::ids::OrganisationId;
use kith_domain::{EndingKind, Timestamp};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::convert::{at, word};
use crate::endings_file::EndingsFile;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Store, UnitOfWork};

/// Rows that are written at a time.
const AT_ONCE: i64 = 200;

/// One thing that ended. Ids and words of short lists only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub organisation: OrganisationId,
    /// What kind of thing.
    pub what: EndingKind,
    /// Which.
    pub id: Uuid,
    /// What is said with it, by its kind.
    pub more: Option<String>,
}

impl Ending {
    pub(crate) fn makes_sense(&self) -> bool {
        self.what.goes_with(self.more.as_deref())
    }
}

/// An address that may not be named, as it is said with [`EndingKind::Naming`].
pub(crate) fn index_text(index: &[u8]) -> String {
    index.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The other way round. `None` for what is no such text.
pub fn index_bytes(text: &str) -> Option<Vec<u8>> {
    let nibble = |letter: char| letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let nibbles: Vec<u8> = text.chars().map(nibble).collect::<Option<_>>()?;
    let (pairs, rest) = nibbles.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| (high << 4) | low).collect())
}

/// The file of a store, and whose turn it is to write to it.
#[derive(Debug)]
pub(crate) struct Endings {
    pub(crate) file: EndingsFile,
    turn: tokio::sync::Mutex<()>,
}

impl Endings {
    pub(crate) fn new(file: EndingsFile) -> Self {
        Self { file, turn: tokio::sync::Mutex::new(()) }
    }
}

/// Whether a unit of work ended something that the file is to hear of.
#[derive(Debug)]
pub(crate) enum Ended {
    /// There is no file.
    Unkept,
    /// There is one.
    Kept(AtomicBool),
}

impl Ended {
    pub(crate) const fn kept(kept: bool) -> Self {
        if kept { Self::Kept(AtomicBool::new(false)) } else { Self::Unkept }
    }

    pub(crate) fn something(&self) -> bool {
        matches!(self, Self::Kept(something) if something.load(Ordering::Relaxed))
    }
}

#[derive(Debug, FromQueryResult)]
struct Row {
    organisation_id: Uuid,
    id: Uuid,
    what: String,
    subject_id: Uuid,
    more: Option<String>,
    at: i64,
}

impl UnitOfWork {
    /// Writes down that something ended, for the file of endings.
    pub(crate) async fn has_ended(
        &self,
        what: EndingKind,
        id: Uuid,
        more: Option<&str>,
    ) -> Result<(), StoreError> {
        let Ended::Kept(something) = &self.ended else { return Ok(()) };
        something.store(true, Ordering::Relaxed);
        raw::execute(
            &self.txn,
            "INSERT INTO ending (organisation_id, id, what, subject_id, more, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            vec![
                self.organisation.into(),
                self.ids.next().into(),
                what.as_str().into(),
                id.into(),
                more.map(str::to_owned).into(),
                self.began.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Says how something ended that this transaction has ended.
    pub(crate) async fn ended_as(
        &self,
        what: EndingKind,
        id: Uuid,
        how: &str,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE ending SET more = $4 WHERE organisation_id = $1 AND what = $2 \
             AND subject_id = $3",
            vec![self.organisation.into(), what.as_str().into(), id.into(), how.into()],
        )
        .await
        .map(|_| ())
    }

    /// Runs a statement that ends rows and says `RETURNING id`, and writes each of them down. Says
    /// how many there were.
    pub(crate) async fn end_rows(
        &self,
        what: EndingKind,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Key {
            id: Uuid,
        }
        let ended: Vec<Key> = raw::all(&self.txn, sql, values).await?;
        for key in &ended {
            self.has_ended(what, key.id, None).await?;
        }
        Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
    }
}

impl Store {
    /// Adds to the file what ended and is not in it yet, of this process or of one that died. Says
    /// how many lines that were.
    ///
    /// # Errors
    ///
    /// [`StoreError::EndingsFile`] when the file cannot be written; the next call tries again.
    pub async fn write_endings(&self) -> Result<usize, StoreError> {
        let Some(endings) = &self.endings else { return Ok(0) };
        let _turn = endings.turn.lock().await;
        let mut written = 0;
        loop {
            let (keys, lines) = self.unwritten(AT_ONCE).await?;
            if keys.is_empty() {
                return Ok(written);
            }
            endings.file.append(lines, Vec::new()).await?;
            raw::execute(
                &self.connections.write,
                &format!("DELETE FROM ending WHERE id IN ({})", raw::marks(1, keys.len())),
                keys.iter().map(|key| (*key).into()).collect(),
            )
            .await?;
            written += keys.len();
        }
    }

    /// What ended and is not in the file yet.
    pub async fn unwritten_endings(&self) -> Result<Vec<Ending>, StoreError> {
        Ok(self.unwritten(i64::MAX).await?.1)
    }

    async fn unwritten(&self, at_most: i64) -> Result<(Vec<Uuid>, Vec<Ending>), StoreError> {
        let rows: Vec<Row> = raw::all(
            &self.connections.read,
            "SELECT organisation_id, id, what, subject_id, more, at FROM ending \
             ORDER BY at, id LIMIT $1 + 0",
            vec![at_most.into()],
        )
        .await?;
        let keys = rows.iter().map(|row| row.id).collect();
        let endings = rows.into_iter().map(|row| {
            Ok(Ending {
                at: at(row.at),
                organisation: OrganisationId::from_uuid(row.organisation_id),
                what: word(&row.what, "ending", row.id)?,
                id: row.subject_id,
                more: row.more,
            })
        });
        Ok((keys, endings.collect::<Result<_, StoreError>>()?))
    }

    /// After a commit that ended something. It is committed whatever comes of this, so whoever did
    /// it hears that it is done; whoever looks after the service hears of the rest.
    pub(crate) async fn note_endings(&self) {
        if let Err(error) = self.write_endings().await {
            tracing::error!(%error, "what ended is not in the file of endings; every tick tries again");
        }
    }

    /// When the oldest ending happened that is not in the file yet.
    pub async fn oldest_unwritten_ending(&self) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Oldest {
            at: Option<i64>,
        }
        let row: Option<Oldest> =
            raw::one(&self.connections.read, "SELECT MIN(at) AS at FROM ending", Vec::new())
                .await?;
        Ok(row.and_then(|row| row.at).map(at))
    }
}
