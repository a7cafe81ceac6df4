//! Copies of an embedded database: made while others read and write, and looked into before one is
//! believed.

use std::path::Path;

use kith_domain::ids::OrganisationId;
use kith_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, FromQueryResult};
use uuid::Uuid;

use crate::error::StoreError;
use crate::raw;
use crate::unit::Store;

/// What a copy is found to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyContents {
    /// The last change of the schema that it has.
    pub schema: String,
    /// The organisations that are in it, in the order of their ids.
    pub organisations: Vec<OrganisationId>,
}

/// Why a copy is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CopyProblem {
    /// No database, or one that cannot be read.
    #[error("it is not a database that can be read ({0})")]
    Unreadable(#[from] StoreError),
    /// SQLite says that it is damaged.
    #[error("it is damaged")]
    Damaged,
    /// Rows refer to rows that are not there.
    #[error("rows in it refer to rows of {0} that are not there")]
    Dangling(String),
    /// It is no database of ours.
    #[error("it is not a database of kith")]
    NotOurs,
    /// A newer kith made it.
    #[error(
        "this kith does not know its schema ({0}); use the version that made it, or a newer one"
    )]
    UnknownSchema(String),
}

impl Store {
    /// Writes a copy of everything as it is at one moment to `path`, which must be empty or not be
    /// there. Others go on reading and writing. Embedded databases only.
    ///
    /// # Errors
    ///
    /// When the copy cannot be written, and for PostgreSQL.
    pub async fn copy_into(&self, path: &Path) -> Result<(), StoreError> {
        if !self.is_embedded() {
            return Err(StoreError::Backend { code: "not embedded".to_owned() });
        }
        let to = path.to_string_lossy().into_owned();
        raw::execute(&self.connections.read, "VACUUM INTO $1", vec![to.into()]).await.map(|_| ())
    }

    /// Closes every connection, so that what was written is in the one file.
    ///
    /// # Errors
    ///
    /// When what was written cannot be moved there.
    pub async fn close(self) -> Result<(), StoreError> {
        self.decision_log().flush().await;
        let embedded = self.is_embedded();
        self.connections.read.close().await?;
        if embedded {
            let row: Option<Checkpoint> =
                raw::one(&self.connections.write, "PRAGMA wal_checkpoint(TRUNCATE)", Vec::new())
                    .await?;
            if row.is_none_or(|row| row.busy != 0) {
                return Err(StoreError::Busy);
            }
        }
        Ok(self.connections.write.close().await?)
    }
}

#[derive(Debug, FromQueryResult)]
struct Checkpoint {
    busy: i32,
}

#[derive(Debug, FromQueryResult)]
struct Sound {
    integrity_check: String,
}

#[derive(Debug, FromQueryResult)]
struct Dangling {
    parent: String,
}

#[derive(Debug, FromQueryResult)]
struct Word {
    word: String,
}

#[derive(Debug, FromQueryResult)]
struct Key {
    id: Uuid,
}

/// Looks into the copy at `path` and changes nothing.
///
/// # Errors
///
/// Says why it is not to be believed.
pub async fn look_into_copy(path: &Path) -> Result<CopyContents, CopyProblem> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=ro", path.display()));
    options.max_connections(1).sqlx_logging(false).record_stmt_in_spans(false);
    let connection = Database::connect(options).await.map_err(StoreError::from)?;
    let found = look(&connection).await;
    connection.close().await.map_err(StoreError::from)?;
    found
}

async fn look(copy: &DatabaseConnection) -> Result<CopyContents, CopyProblem> {
    let sound: Vec<Sound> = raw::all(copy, "PRAGMA integrity_check(1)", Vec::new()).await?;
    if sound.len() != 1 || sound.iter().any(|row| row.integrity_check != "ok") {
        return Err(CopyProblem::Damaged);
    }
    let dangling: Vec<Dangling> = raw::all(copy, "PRAGMA foreign_key_check", Vec::new()).await?;
    if let Some(row) = dangling.first() {
        return Err(CopyProblem::Dangling(row.parent.clone()));
    }
    let applied: Result<Vec<Word>, StoreError> =
        raw::all(copy, "SELECT version AS word FROM seaql_migrations ORDER BY version", Vec::new())
            .await;
    let applied = applied.map_err(|_| CopyProblem::NotOurs)?;
    let known: Vec<String> =
        Migrator::migrations().iter().map(|change| change.name().to_owned()).collect();
    if let Some(unknown) = applied.iter().find(|change| !known.contains(&change.word)) {
        return Err(CopyProblem::UnknownSchema(unknown.word.clone()));
    }
    let last = applied.last().ok_or(CopyProblem::NotOurs)?;
    let organisations: Vec<Key> =
        raw::all(copy, "SELECT id FROM organisation ORDER BY id", Vec::new()).await?;
    Ok(CopyContents {
        schema: last.word.clone(),
        organisations: organisations
            .into_iter()
            .map(|key| OrganisationId::from_uuid(key.id))
            .collect(),
    })
}
