//! Connections: one code path for SQLite and PostgreSQL.

use std::path::PathBuf;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::{Connection as _, Sqlite};
use sea_orm::{ConnectOptions, Database, DatabaseBackend, DatabaseConnection};

use crate::error::StoreError;

/// Where the database is and how many connections may read from it.
#[derive(Clone)]
pub struct DatabaseSettings {
    /// `sqlite://FILE?mode=rwc` or `postgres://…`. May hold a password: never logged.
    pub url: String,
    /// Connections for reading (SQLite) or in all, one in four for writing (PostgreSQL); 2 to 200.
    pub connections: u32,
    /// The file in which endings are written down; none keeps no account of them.
    pub endings: Option<PathBuf>,
}

impl std::fmt::Debug for DatabaseSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseSettings")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// A reading and a writing pool. Two on PostgreSQL as well: requests that write while they hold a
/// snapshot would otherwise wait for each other's connections once all are taken.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pub(crate) read: DatabaseConnection,
    pub(crate) write: DatabaseConnection,
}

impl Connections {
    pub(crate) async fn open(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        if settings.url.starts_with("sqlite:") {
            // The writer first: it creates the file. One writer, because SQLite has one; readers
            // on their own connections are not held up by it in WAL mode.
            let mut writer = sqlite(&settings.url, 1);
            writer.map_sqlx_sqlite_pool_opts(thrown_away_in_a_transaction);
            let write = Database::connect(writer).await?;
            let read = Database::connect(sqlite(&settings.url, settings.connections)).await?;
            Ok(Self { read, write })
        } else {
            let writers = (settings.connections / 4).max(1);
            let readers = settings.connections.saturating_sub(writers).max(1);
            let write = Database::connect(postgres(&settings.url, writers)).await?;
            let read = Database::connect(postgres(&settings.url, readers)).await?;
            Ok(Self { read, write })
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DatabaseBackend::Sqlite
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(|options| {
            options
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("secure_delete", "ON")
                .pragma("cache_size", "-8000")
                .pragma("temp_store", "memory")
        });
    options
}

/// A connection that comes back in the middle of a transaction is thrown away. SQLite ends a
/// transaction by itself when the disk is full or fails; the driver does not hear of it, goes on
/// counting the transaction as open, and would take the next one's `BEGIN` for a savepoint and its
/// `COMMIT` for the release of one: what is said to be committed would be in no file. Readers need no
/// such care, for a savepoint outside of a transaction is a snapshot too; asking each connection that
/// comes back would cost every page a turn of its thread.
fn thrown_away_in_a_transaction(pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    pool.after_release(|connection, _| {
        Box::pin(async move {
            // What was asked for before is done then, a rollback among it.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}
