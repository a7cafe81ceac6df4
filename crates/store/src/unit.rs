//! Reading in one snapshot and writing in one transaction.

use std::ops::Deref;
use std::sync::Arc;

use kith_domain::ids::OrganisationId;
use kith_domain::{Clock, Ids, Timestamp};
use kith_migrations::{Migrator, MigratorTrait};
use kith_policy::{Changes, Permit};
use sea_orm::{
    AccessMode, ConnectionTrait as _, DatabaseBackend, DatabaseTransaction, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

use crate::database::{Connections, DatabaseSettings};
use crate::decisions::Recorder;
use crate::endings::{Ended, Endings};
use crate::endings_file::EndingsFile;
use crate::error::StoreError;
use crate::hosts::Hosts;
use crate::together::Together;

/// The database of one Kith.
#[derive(Clone)]
pub struct Store {
    pub(crate) connections: Connections,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) clock: Arc<dyn Clock>,
    recorder: Recorder,
    pub(crate) together: Arc<Together>,
    pub(crate) endings: Option<Arc<Endings>>,
    pub(crate) hosts: Arc<Hosts>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Connects and starts the recorder of decisions. Does not migrate.
    pub async fn open(
        settings: &DatabaseSettings,
        ids: Arc<dyn Ids>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let connections = Connections::open(settings).await?;
        let recorder = Recorder::start(connections.write.clone());
        let endings =
            settings.endings.clone().map(EndingsFile::new).map(Endings::new).map(Arc::new);
        let (together, hosts) = (Arc::default(), Arc::default());
        Ok(Self { connections, ids, clock, recorder, together, endings, hosts })
    }

    /// Brings the schema up to date. Safe to call again.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Migrator::up(&self.connections.write, None).await?;
        let transaction = self.begin_writing().await?;
        kith_migrations::believe(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Migrations that this binary knows and the database does not have yet.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(Migrator::get_pending_migrations_read_only(&self.connections.read).await?.len())
    }

    /// The decision log for the policy engine.
    pub fn decision_log(&self) -> Recorder {
        self.recorder.clone()
    }

    /// Whether this is the embedded database, whose data directory belongs to one process.
    pub fn is_embedded(&self) -> bool {
        self.connections.is_sqlite()
    }

    /// One view of the organisation's rows that does not change while it is read.
    pub async fn snapshot(&self, organisation: OrganisationId) -> Result<Snapshot, StoreError> {
        let options = if self.connections.is_sqlite() {
            // A deferred transaction is a snapshot in WAL mode.
            TransactionOptions::default()
        } else {
            TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..Default::default()
            }
        };
        let txn = self.connections.read.begin_with_options(options).await?;
        Ok(Snapshot(Reader { txn, organisation: organisation.as_uuid() }))
    }

    /// Runs `work` in one write transaction of the organisation and commits it; an `Err` rolls
    /// everything back.
    ///
    /// Never authorise inside: the decision is written on its own connection, and SQLite has one
    /// writer.
    pub async fn transact<T, E: From<StoreError>>(
        &self,
        organisation: OrganisationId,
        work: impl AsyncFnOnce(&UnitOfWork) -> Result<T, E>,
    ) -> Result<T, E> {
        let unit = self.unit(organisation, self.begin_writing().await?);
        let done = work(&unit).await;
        self.end(unit, done).await
    }

    /// Commits what was done, or rolls it back.
    pub(crate) async fn end<T, E: From<StoreError>>(
        &self,
        unit: UnitOfWork,
        done: Result<T, E>,
    ) -> Result<T, E> {
        match done {
            Ok(out) => {
                let ended = unit.ended.something();
                unit.commit().await?;
                if ended {
                    self.note_endings().await;
                }
                Ok(out)
            }
            Err(error) => {
                // A failed rollback means that the connection is gone, which rolls back as well.
                drop(unit.roll_back().await);
                Err(error)
            }
        }
    }

    /// A write transaction. On SQLite it is the only one from here on: what is read in it was not
    /// changed by anybody else when it is committed.
    pub(crate) async fn begin_writing(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.connections.write.begin_with_options(options).await?)
    }

    pub(crate) fn unit(
        &self,
        organisation: OrganisationId,
        txn: DatabaseTransaction,
    ) -> UnitOfWork {
        let reader = Reader { txn, organisation: organisation.as_uuid() };
        UnitOfWork {
            reader,
            ids: Arc::clone(&self.ids),
            began: self.clock.now(),
            ended: Ended::kept(self.endings.is_some()),
        }
    }

    /// A change that a permit allows: the facts of the permit are read again as the first
    /// statement, and the decision is recorded in the same transaction as the change.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when the facts are no longer those the permit was decided on.
    pub async fn change<A: Changes, T, E: From<StoreError>>(
        &self,
        permit: &Permit<'_, A>,
        work: impl AsyncFnOnce(&UnitOfWork) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact(permit.organisation(), async |unit| {
            unit.facts_still_hold(permit.facts(), self.clock.now()).await?;
            let out = work(unit).await?;
            unit.append_decision(permit.record()).await?;
            Ok(out)
        })
        .await
    }
}

/// Reads of one organisation, inside a snapshot or a write transaction.
pub struct Reader {
    pub(crate) txn: DatabaseTransaction,
    pub(crate) organisation: Uuid,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("organisation", &self.organisation).finish_non_exhaustive()
    }
}

impl Reader {
    /// The organisation whose rows are read.
    pub fn organisation(&self) -> OrganisationId {
        OrganisationId::from_uuid(self.organisation)
    }

    /// The organisation and some ids, as the values of a statement: `$1`, and `$2` and on.
    pub(crate) fn and_all(&self, ids: impl Iterator<Item = Uuid>) -> Vec<sea_orm::Value> {
        std::iter::once(self.organisation).chain(ids).map(Into::into).collect()
    }
}

/// A consistent view for reading. Ends when dropped; [`Snapshot::end`] says so sooner.
#[derive(Debug)]
pub struct Snapshot(Reader);

impl Snapshot {
    /// Gives the connection back before anything slow is done with what was read. Nobody waits for it:
    /// there is nothing to keep, and the pool hands a connection out only once it has ended.
    pub fn end(self) {
        drop(self);
    }
}

impl Deref for Snapshot {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.0
    }
}

/// A write transaction. Writes exist only here, so that an un-transacted write does not compile.
pub struct UnitOfWork {
    pub(crate) reader: Reader,
    pub(crate) ids: Arc<dyn Ids>,
    /// When it began.
    pub(crate) began: Timestamp,
    /// What the file of endings is to hear of.
    pub(crate) ended: Ended,
}

impl std::fmt::Debug for UnitOfWork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnitOfWork").field("reader", &self.reader).finish_non_exhaustive()
    }
}

impl UnitOfWork {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.reader.txn.commit().await?)
    }

    pub(crate) async fn roll_back(self) -> Result<(), StoreError> {
        Ok(self.reader.txn.rollback().await?)
    }

    /// Whether nobody else can write while this transaction lasts, so that there is nothing to lock:
    /// SQLite has one writer.
    pub(crate) fn is_alone(&self) -> bool {
        self.txn.get_database_backend() == DatabaseBackend::Sqlite
    }

    /// Records the decision of a further permit that the same change rests on, over something of
    /// another owner. Its facts are read again too.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when they are no longer those that it was decided on.
    pub async fn also_over<A: Changes>(&self, further: &Permit<'_, A>) -> Result<(), StoreError> {
        self.facts_still_hold(further.facts(), self.began).await?;
        self.append_decision(further.record()).await
    }

    /// Records the decision of a further permit that the same change rests on. Its facts are those
    /// of the permit that the change was opened with.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] for a permit that was decided on other facts.
    pub async fn also<A: Changes>(
        &self,
        first: &Permit<'_, impl Changes>,
        further: &Permit<'_, A>,
    ) -> Result<(), StoreError> {
        if first.facts() != further.facts() {
            return Err(StoreError::Conflict);
        }
        self.append_decision(further.record()).await
    }
}

impl Deref for UnitOfWork {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}
