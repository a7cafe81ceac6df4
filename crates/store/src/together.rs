//! Several units of work in one commit, on SQLite: it has one writer, each commit waits for the disk,
//! and that wait is longer than the work of a mail worker's hand. PostgreSQL groups commits itself.
//!
//! # How
//!
//! Whoever writes waits for the *turn*, works inside a savepoint of its own, and waits for the turn
//! again, behind those who came meanwhile. They have then worked in the same transaction, and the
//! first to have the turn again commits for all of them. No clock is involved: alone, one commits at
//! once.
//!
//! # Why it is safe
//!
//! - **Nobody is answered before the `COMMIT` returned.** Each waits for the [`Fate`] of the
//!   transaction, which says `Ok` only after that. So a mail's mark is on the disk before a byte of
//!   it is sent.
//! - **What is read is what is committed.** The transaction began with `BEGIN IMMEDIATE`, and nobody
//!   else writes until it ends. A unit sees the changes of those that worked before it, and stands or
//!   falls with them: as if each had been a transaction of its own, one after the other. What was
//!   acknowledged to anybody before a unit began is seen by it.
//! - **A unit that fails fails alone.** Its savepoint is rolled back; its caller has its error, once
//!   the rest is committed that it may have rested on.
//! - **When the transaction goes down before its `COMMIT`** (SQLite ends a transaction by itself
//!   when the disk is full; or somebody was dropped at work), nothing of it stands, and those who
//!   were in it and did nothing wrong do their work again, alone, as [`Store::transact`] does.
//! - **When the `COMMIT` fails, all are told so**, and do nothing again by themselves. Of a `COMMIT`
//!   whose end nobody heard, as of a connection that broke, all are told [`StoreError::Busy`]: it may
//!   stand or not, and their callers look.
//! - **Whoever is dropped leaves nothing locked.** At work, it rolls the transaction back. While
//!   waiting, the next in the queue goes on with what it left; if there is none, it is rolled back
//!   ([`Waiting`]).

use std::sync::{Arc, Mutex as Guarded, MutexGuard as Guard, PoisonError};
use std::time::Duration;

use kith_domain::ids::OrganisationId;
use sea_orm::{DatabaseTransaction, TransactionOptions, TransactionTrait as _};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use crate::error::StoreError;
use crate::unit::{Store, UnitOfWork};

/// The longest that anybody waits to begin, as for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a transaction, for those who worked in it. `None` until its `COMMIT` is tried.
#[derive(Default)]
struct Fate(Guarded<Option<Result<(), StoreError>>>);

impl Fate {
    fn known(&self) -> Guard<'_, Option<Result<(), StoreError>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transaction that others may still join.
struct Open {
    txn: DatabaseTransaction,
    fate: Arc<Fate>,
}

impl Open {
    /// Commits for everybody who worked in it.
    async fn commit(self) -> Result<(), StoreError> {
        let Self { txn, fate } = self;
        // For the others, if this is dropped before the answer comes.
        *fate.known() = Some(Err(StoreError::Busy));
        let ended = txn.commit().await.map_err(|error| match StoreError::from(error) {
            // Said of a row, and so of one of those who are told.
            StoreError::Conflict | StoreError::NotFound | StoreError::Inconsistent { .. } => {
                StoreError::Busy
            }
            error => error,
        });
        *fate.known() = Some(ended.clone());
        ended
    }
}

/// The turn, and what the one who had it before left open.
#[derive(Default)]
pub(crate) struct Together(Mutex<Option<Open>>);

/// Waits for the turn. Dropped while nobody else has the turn or waits for it, it rolls back what is
/// open: nobody else would, and the only writer would stay taken.
struct Waiting<'t>(&'t Together);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Ok(mut open) = self.0.0.try_lock() {
            drop(open.take());
        }
    }
}

impl Together {
    /// The turn, in the order in which it was asked for.
    async fn turn(&self) -> MutexGuard<'_, Option<Open>> {
        let waiting = Waiting(self);
        let turn = self.0.lock().await;
        std::mem::forget(waiting);
        turn
    }
}

/// How a unit of work ended.
enum Ended<T> {
    /// With the transaction that it was part of.
    With(T),
    /// That transaction was rolled back before its `COMMIT`: as if nothing had been done.
    Undone,
}

impl Store {
    /// Like [`Store::transact`], in one commit with others who write at the same moment where that is
    /// quicker. `work` may run twice; the first time leaves nothing behind then.
    ///
    /// # Errors
    ///
    /// Those of `work`. [`StoreError::Busy`] besides when the database does not answer, or nobody
    /// heard whether it committed.
    pub async fn transact_together<T, E: From<StoreError>>(
        &self,
        organisation: OrganisationId,
        work: impl AsyncFnOnce(&UnitOfWork) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        if self.is_embedded() {
            match self.work_together(organisation, work.clone()).await? {
                Ended::With(out) => return out,
                Ended::Undone => {}
            }
        }
        self.transact(organisation, work).await
    }

    async fn work_together<T, E: From<StoreError>>(
        &self,
        organisation: OrganisationId,
        work: impl AsyncFnOnce(&UnitOfWork) -> Result<T, E>,
    ) -> Result<Ended<Result<T, E>>, StoreError> {
        let together = &*self.together;
        let mut turn = timeout(PATIENCE, together.turn()).await.map_err(|_| StoreError::Busy)?;
        // In this variable and not behind the turn: whoever is dropped at work drops it.
        let open = match turn.take() {
            Some(open) => open,
            None => Open { txn: self.begin_writing().await?, fate: Arc::default() },
        };
        let fate = Arc::clone(&open.fate);
        let savepoint = open.txn.begin_with_options(TransactionOptions::default()).await;
        let Ok(savepoint) = savepoint else { return Ok(Ended::Undone) };
        let unit = self.unit(organisation, savepoint);
        let out = work(&unit).await;
        let ends = unit.ended.something() && out.is_ok();
        let kept = match &out {
            Ok(_) => unit.commit().await,
            Err(_) => unit.roll_back().await,
        };
        match (kept, &out) {
            (Ok(()), _) => {}
            // The savepoint is gone, and the transaction with it. Whoever brought that about has
            // an error already.
            (Err(_), Ok(_)) => return Ok(Ended::Undone),
            (Err(_), Err(_)) => return Ok(Ended::With(out)),
        }
        *turn = Some(open);
        drop(turn);

        let mut turn = together.turn().await;
        let known = fate.known().clone();
        let ended = match known {
            Some(ended) => ended,
            None => match turn.take_if(|open| Arc::ptr_eq(&open.fate, &fate)) {
                Some(open) => open.commit().await,
                None => return Ok(Ended::Undone),
            },
        };
        drop(turn);
        if ends && ended.is_ok() {
            self.note_endings().await;
        }
        ended.map(|()| Ended::With(out))
    }
}
