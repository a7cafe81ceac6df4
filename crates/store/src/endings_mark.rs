//! What a database and its file of endings both hold: a random id, made anew each hour and before
//! each copy. A copy of the database holds the one of its time, so a file that does not hold it
//! cannot know what ended since: it is another's, or older than the copy, or was begun after it.
//!
//! The file has it first, and before it everything that had ended by then. A file that does not
//! know its own database gets no further marks by itself: it has been lost, and whoever looks after
//! the service is to say so.

use kith_domain::Timestamp;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::at;
use crate::error::StoreError;
use crate::raw;
use crate::unit::Store;

/// Seconds after which it is made anew.
const RENEWED_AFTER: i64 = 60 * 60;

/// One such id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which.
    pub id: Uuid,
    /// When it was made.
    pub at: Timestamp,
}

/// When to make a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marking {
    /// When the last is an hour old.
    Hourly,
    /// Now.
    Now,
    /// Now, and also when the file does not know the database: it was lost, and begins again.
    Anew,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    at: i64,
}

impl Store {
    /// Makes a new mark, if one is due. Nothing where no file is kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::EndingsUnknown`] when the file does not know the database, and
    /// [`StoreError::EndingsFile`] when it cannot be read or written; then nothing has changed.
    pub async fn mark_endings(&self, marking: Marking) -> Result<(), StoreError> {
        let Some(endings) = &self.endings else { return Ok(()) };
        let now = self.clock.now();
        let marks = self.endings_marks().await?;
        let newest = marks.iter().map(|mark| mark.at).max();
        let fresh = newest.is_some_and(|at| (0..RENEWED_AFTER).contains(&now.seconds_since(at)));
        if marking == Marking::Hourly && fresh {
            return Ok(());
        }
        if marking != Marking::Anew
            && !marks.is_empty()
            && !endings.file.read().await?.knows(&marks)
        {
            return Err(StoreError::EndingsUnknown);
        }
        self.write_endings().await?;
        let mark = Mark { id: self.ids.next(), at: now };
        endings.file.append(Vec::new(), vec![mark]).await?;
        self.put_endings_mark(mark).await
    }

    /// The marks that the file of endings must hold: one, or none where no file was ever kept.
    /// Two, when two processes made one in the same moment.
    pub async fn endings_marks(&self) -> Result<Vec<Mark>, StoreError> {
        let rows: Vec<Row> =
            raw::all(&self.connections.read, "SELECT id, at FROM endings_mark", Vec::new()).await?;
        Ok(rows.into_iter().map(|row| Mark { id: row.id, at: at(row.at) }).collect())
    }

    /// Puts a mark in the place of those that are there. The file must hold it already.
    pub async fn put_endings_mark(&self, mark: Mark) -> Result<(), StoreError> {
        let txn = self.begin_writing().await?;
        raw::execute(&txn, "DELETE FROM endings_mark", Vec::new()).await?;
        raw::execute(
            &txn,
            "INSERT INTO endings_mark (id, at) VALUES ($1, $2)",
            vec![mark.id.into(), mark.at.as_second().into()],
        )
        .await?;
        Ok(txn.commit().await?)
    }
}
