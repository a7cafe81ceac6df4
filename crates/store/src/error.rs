//! What can go wrong in the database, without the database's own words.

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use uuid::Uuid;

/// A failure of the store. Carries no value from any row: the `Debug` of a database error may hold
/// one (PostgreSQL prints the offending key), so the cause is reduced to its code here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed it first, or it exists already.
    #[error("changed by somebody else, or already there")]
    Conflict,
    /// No such row.
    #[error("no such row")]
    NotFound,
    /// The database did not answer in time; the same call may succeed later.
    #[error("the database is busy or out of reach")]
    Busy,
    /// A row exists but makes no sense.
    #[error("row {id} of {table} makes no sense")]
    Inconsistent {
        /// Table of the row.
        table: &'static str,
        /// Id of the row.
        id: Uuid,
    },
    /// What ended could not be added to the file of endings.
    #[error("the file of endings cannot be written: {0}")]
    EndingsFile(std::io::ErrorKind),
    /// The file of endings was not kept with this database.
    #[error("the file of endings does not know this database")]
    EndingsUnknown,
    /// Anything else; the code is SQLSTATE or SQLite's extended code, when there is one.
    #[error("database error {code}")]
    Backend {
        /// SQLSTATE, SQLite's extended result code, or a short kind.
        code: String,
    },
}

/// Codes of what passes: SQLite's `BUSY`, `BUSY_SNAPSHOT` and `LOCKED`; PostgreSQL's serialisation
/// failure, deadlock and shutdown.
const PASSES: &[&str] = &["5", "517", "6", "40001", "40P01", "57P01"];

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::Conflict,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::NotFound,
            _ => {}
        }
        match &error {
            DbErr::RecordNotFound(_) => Self::NotFound,
            DbErr::RecordNotUpdated | DbErr::RecordNotInserted => Self::Conflict,
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Busy,
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
                let code = cause
                    .as_database_error()
                    .and_then(|database| database.code().map(|code| code.to_string()));
                match code {
                    Some(code) if !PASSES.contains(&code.as_str()) => Self::Backend { code },
                    // No code: the connection broke before the database answered.
                    _ => Self::Busy,
                }
            }
            DbErr::Type(_) | DbErr::Json(_) => Self::Backend { code: "decode".to_owned() },
            _ => Self::Backend { code: "other".to_owned() },
        }
    }
}
