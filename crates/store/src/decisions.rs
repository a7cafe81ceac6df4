//! The decision log: one recorder commits what arrives together in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use kith_domain::ids::{CircleId, MembershipId, PersonId};
use kith_domain::{Action, Basis, Category, Standing, Timestamp};
use kith_policy::{DecisionLog, DecisionRecord, RecordError};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait,
    FromQueryResult, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::access::day;
use crate::convert::{at, word};
use crate::entity::decision;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// Version of the canonical encoding that hashes will be computed over.
const ENCODING: i32 = 1;
/// Records waiting to be committed; a full queue makes openings wait and drops refusals.
const QUEUE: usize = 1_024;
/// Records in one insert.
const BATCH: usize = 256;
/// How often a batch is tried again that met a lock of somebody else.
const RETRIES: u32 = 2;

struct Entry {
    /// None asks only to be told when everything before it is committed.
    record: Option<DecisionRecord>,
    done: Option<oneshot::Sender<Result<(), StoreError>>>,
}

/// Writes decisions down. Clones share one queue.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Entry>,
    dropped: Arc<AtomicU64>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("refusals_dropped", &self.refusals_dropped()).finish()
    }
}

impl Recorder {
    pub(crate) fn start(write: DatabaseConnection) -> Self {
        let (queue, mut arriving) = mpsc::channel::<Entry>(QUEUE);
        let tasks = TaskTracker::new();
        tasks.spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while arriving.recv_many(&mut batch, BATCH).await > 0 {
                let together = insist(&write, &batch).await;
                for entry in batch.drain(..) {
                    let outcome = match &together {
                        Ok(()) | Err(StoreError::Busy) => together.clone(),
                        // One of them cannot be written; the others are no worse for it.
                        Err(_) => insist(&write, std::slice::from_ref(&entry)).await,
                    };
                    if let Err(error) = &outcome {
                        tracing::error!(%error, "a decision was not recorded");
                    }
                    if let Some(done) = entry.done {
                        // Nobody waits any more when the request was cut off.
                        drop(done.send(outcome));
                    }
                }
            }
        });
        tasks.close();
        Self { queue, dropped: Arc::default() }
    }

    /// Refusals that were not written down because the queue was full.
    pub fn refusals_dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits until everything queued so far is committed.
    pub async fn flush(&self) {
        let (done, outcome) = oneshot::channel();
        if self.queue.send(Entry { record: None, done: Some(done) }).await.is_ok() {
            // An outcome that never comes means that the recorder is gone, and with it the queue.
            drop(outcome.await);
        }
    }
}

#[async_trait]
impl DecisionLog for Recorder {
    async fn record(&self, record: DecisionRecord) -> Result<(), RecordError> {
        let (done, outcome) = oneshot::channel();
        self.queue
            .send(Entry { record: Some(record), done: Some(done) })
            .await
            .map_err(|_| RecordError)?;
        outcome.await.map_err(|_| RecordError)?.map_err(|_| RecordError)
    }

    fn note_refusal(&self, record: DecisionRecord) {
        if self.queue.try_send(Entry { record: Some(record), done: None }).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn insist(write: &DatabaseConnection, batch: &[Entry]) -> Result<(), StoreError> {
    let mut outcome = commit(write, batch).await;
    for _ in 0..RETRIES {
        if outcome == Err(StoreError::Busy) {
            outcome = commit(write, batch).await;
        }
    }
    outcome
}

async fn commit(write: &DatabaseConnection, batch: &[Entry]) -> Result<(), StoreError> {
    let mut by_organisation: BTreeMap<Uuid, Vec<&DecisionRecord>> = BTreeMap::new();
    for record in batch.iter().filter_map(|entry| entry.record.as_ref()) {
        by_organisation.entry(record.organisation.as_uuid()).or_default().push(record);
    }
    if by_organisation.is_empty() {
        return Ok(());
    }
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let txn = write.begin_with_options(options).await?;
    for (organisation, records) in by_organisation {
        append(&txn, organisation, &records).await?;
    }
    Ok(txn.commit().await?)
}

async fn append(
    txn: &DatabaseTransaction,
    organisation: Uuid,
    records: &[&DecisionRecord],
) -> Result<(), StoreError> {
    #[derive(Debug, FromQueryResult)]
    struct Head {
        sequence: i64,
    }
    // Memberships before the head of the log, as a change does that locks its own membership first:
    // in the other order the two would wait for each other.
    for record in records.iter().filter(|record| record.everyday) {
        if let Some(membership) = record.membership {
            mark_everyday(txn, organisation, membership, record.at).await?;
        }
    }
    let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
    let head: Option<Head> = raw::one(
        txn,
        "UPDATE decision_head SET sequence = sequence + $2 WHERE organisation_id = $1 \
         RETURNING sequence",
        vec![organisation.into(), count.into()],
    )
    .await?;
    let first = head.ok_or(StoreError::NotFound)?.sequence - count + 1;
    let rows = (first..).zip(records).map(|(sequence, record)| row(sequence, record));
    decision::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(())
}

async fn mark_everyday(
    txn: &impl ConnectionTrait,
    organisation: Uuid,
    membership: MembershipId,
    on: Timestamp,
) -> Result<(), StoreError> {
    raw::execute(
        txn,
        "UPDATE membership SET everyday_look_on = $3 WHERE organisation_id = $1 AND id = $2 \
         AND (everyday_look_on IS NULL OR everyday_look_on <> $3)",
        vec![organisation.into(), membership.as_uuid().into(), day(on).into()],
    )
    .await
    .map(|_| ())
}

fn row(sequence: i64, record: &DecisionRecord) -> decision::ActiveModel {
    decision::ActiveModel {
        organisation_id: Set(record.organisation.as_uuid()),
        sequence: Set(sequence),
        id: Set(record.id.as_uuid()),
        at: Set(record.at.as_second()),
        circle_id: Set(record.circle.map(CircleId::as_uuid)),
        person_id: Set(record.person.map(PersonId::as_uuid)),
        session_id: Set(record.session.map(kith_domain::ids::SessionId::as_uuid)),
        membership_id: Set(record.membership.map(MembershipId::as_uuid)),
        subject_id: Set(record.subject),
        standing: Set(record.standing.as_str().to_owned()),
        tier: Set(record.tier.as_str().to_owned()),
        state: Set(record.state.as_str().to_owned()),
        basis: Set(record.basis.as_str().to_owned()),
        category: Set(record.category.as_str().to_owned()),
        action: Set(record.action.as_str().to_owned()),
        allowed: Set(record.allowed),
        rules: Set(record.rules.clone()),
        encoding: Set(ENCODING),
        previous_hash: Set(None),
        hash: Set(None),
    }
}

impl UnitOfWork {
    /// Writes a decision down in this transaction.
    pub(crate) async fn append_decision(&self, record: DecisionRecord) -> Result<(), StoreError> {
        append(&self.txn, self.organisation, &[&record]).await
    }
}

/// The first time that a person looked at one kind of information of a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstLook {
    /// Whose.
    pub person: PersonId,
    /// At what.
    pub category: Category,
    /// Position of that look in the organisation's log.
    pub sequence: i64,
}

/// One recorded look or change, as "who has looked" shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Position in the organisation's log; pages go backwards from it.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// Whose; none for the program itself.
    pub person: Option<PersonId>,
    /// The place in the circle, if it was a member.
    pub membership: Option<MembershipId>,
    /// As what.
    pub standing: Standing,
    /// Why it was allowed.
    pub basis: Basis,
    /// At what.
    pub category: Category,
    /// Doing what.
    pub action: Action,
}

impl Reader {
    /// The first look of each person at each kind of information of a circle; at most 2,000.
    pub async fn first_looks(&self, circle: CircleId) -> Result<Vec<FirstLook>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            person_id: Uuid,
            category: String,
            sequence: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT person_id, category, MIN(sequence) AS sequence FROM decision \
             WHERE organisation_id = $1 AND circle_id = $2 AND allowed AND action = 'disclose' \
               AND person_id IS NOT NULL GROUP BY person_id, category LIMIT 2000",
            vec![self.organisation.into(), circle.as_uuid().into()],
        )
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(FirstLook {
                    person: PersonId::from_uuid(row.person_id),
                    category: word(&row.category, "decision", row.person_id)?,
                    sequence: row.sequence,
                })
            })
            .collect()
    }

    /// Allowed looks and changes of a circle before `before` (a sequence), newest first, at most
    /// `limit` of them; only those of `only` when given. Promises are on the rota and not here.
    pub async fn looks(
        &self,
        circle: CircleId,
        only: Option<PersonId>,
        since: Timestamp,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Look>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            sequence: i64,
            at: i64,
            id: Uuid,
            person_id: Option<Uuid>,
            membership_id: Option<Uuid>,
            standing: String,
            basis: String,
            category: String,
            action: String,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT sequence, at, id, person_id, membership_id, standing, basis, category, action \
             FROM decision WHERE organisation_id = $1 AND circle_id = $2 AND allowed \
               AND category <> 'slot' AND at >= $3 AND sequence < $4 AND ($5 OR person_id = $6) \
             ORDER BY sequence DESC LIMIT $7 + 0",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                since.as_second().into(),
                before.unwrap_or(i64::MAX).into(),
                only.is_none().into(),
                only.map_or(Uuid::nil(), PersonId::as_uuid).into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Look {
                    sequence: row.sequence,
                    at: at(row.at),
                    person: row.person_id.map(PersonId::from_uuid),
                    membership: row.membership_id.map(MembershipId::from_uuid),
                    standing: word(&row.standing, "decision", row.id)?,
                    basis: word(&row.basis, "decision", row.id)?,
                    category: word(&row.category, "decision", row.id)?,
                    action: word(&row.action, "decision", row.id)?,
                })
            })
            .collect()
    }
}
