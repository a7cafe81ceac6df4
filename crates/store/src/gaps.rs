//! Slots that nobody has taken, and when to tell whoever is in charge.

use kith_domain::ids::{CircleId, OrganisationId, SlotId};
use kith_domain::{Timestamp, reminder};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::raw;
use crate::unit::UnitOfWork;

/// From when on it is looked at whether anybody has taken a slot, and whether the circle was asked.
pub(crate) fn look_at_gap(starts: Timestamp) -> Timestamp {
    starts.plus_hours(-reminder::SERIES_HOURS_BEFORE)
}

/// The same where the circle is not to be asked.
pub(crate) fn look_from_the_evening(starts: Timestamp) -> Timestamp {
    starts.plus_hours(-reminder::GAP_HOURS_BEFORE)
}

#[derive(Debug, FromQueryResult)]
struct Key {
    organisation_id: Uuid,
    id: Uuid,
}

impl Store {
    /// Slots of which it is to be looked at now whether anybody has taken them; at most `limit`.
    pub async fn gaps_to_tell(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OrganisationId, SlotId)>, StoreError> {
        let keys: Vec<Key> = raw::all(
            &self.connections.read,
            "SELECT organisation_id, id FROM slot WHERE tell_at <= $1 ORDER BY tell_at, id LIMIT $2 + 0",
            vec![now.as_second().into(), i64::from(limit).into()],
        )
        .await?;
        Ok(keys
            .into_iter()
            .map(|key| (OrganisationId::from_uuid(key.organisation_id), SlotId::from_uuid(key.id)))
            .collect())
    }

    /// The next instant at which a slot is to be looked at, if any. Of a slot that comes onto the
    /// rota late it is long over, and says nothing about whether mails are late.
    pub async fn next_gap(&self) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            tell_at: Option<i64>,
        }
        let row: Option<Row> = raw::one(
            &self.connections.read,
            "SELECT MIN(tell_at) AS tell_at FROM slot",
            Vec::new(),
        )
        .await?;
        Ok(row.and_then(|row| row.tell_at).map(Timestamp::from_second))
    }
}

impl UnitOfWork {
    /// Whether slots of a circle are still to be looked at.
    pub async fn is_looking_at_gaps(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            waiting: i64,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT COUNT(*) AS waiting FROM slot WHERE tell_at <= $3 AND organisation_id = $1 \
             AND circle_id = $2",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(row.is_some_and(|row| row.waiting > 0))
    }

    /// A circle goes on: what was looked at in vain meanwhile, and is to be looked at later, is looked
    /// at now.
    pub async fn look_at_gaps_again(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE slot SET tell_at = $3 WHERE organisation_id = $1 AND circle_id = $2 \
             AND state = 'open' AND tell_at > $3 AND starts_at > $3 AND starts_at <= $4",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                now.as_second().into(),
                now.plus_hours(reminder::GAP_HOURS_BEFORE).as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Plans what coordinators were to be told of a circle's slots again, that was cancelled because it
    /// was paused and is still of use; after whoever is in charge had some time. Whether it is still
    /// true is read when it leaves.
    pub async fn plan_uncovered_again(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'planned', reason = NULL, changed_at = $3, \
               next_at = CASE WHEN due_at > $5 THEN due_at WHEN useful_until > $6 THEN $5 \
                 ELSE $3 + (useful_until - $3) / 4 END \
             WHERE organisation_id = $1 AND kind = 'uncovered' AND state = 'cancelled' \
               AND reason = 'circle_not_active' AND useful_until > $3 \
               AND slot_id IN (SELECT s.id FROM slot s WHERE s.organisation_id = $1 \
                 AND s.circle_id = $2 AND s.state = 'open' AND s.starts_at > $3 \
                 AND s.starts_at <= $4)",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                now.as_second().into(),
                now.plus_hours(reminder::GAP_HOURS_BEFORE).as_second().into(),
                now.plus_hours(1).as_second().into(),
                now.plus_hours(4).as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// It is looked at again at `at`, or not at all unless the slot is freed or moved.
    pub async fn look_at_gap(&self, slot: SlotId, at: Option<Timestamp>) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE slot SET tell_at = $3 WHERE organisation_id = $1 AND id = $2",
            vec![
                self.organisation.into(),
                slot.as_uuid().into(),
                at.map(Timestamp::as_second).into(),
            ],
        )
        .await
        .map(|_| ())
    }
}
