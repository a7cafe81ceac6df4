//! Who would like a place of a slot that is full.

use kith_domain::Timestamp;
use kith_domain::ids::{MembershipId, SlotId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::error::StoreError;
use crate::raw;
use crate::rota::Slot;
use crate::unit::{Reader, UnitOfWork};

impl Reader {
    /// Who waits for a place of a slot, who came first, first.
    pub async fn waiting_for(&self, slot: SlotId) -> Result<Vec<MembershipId>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            membership_id: Uuid,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT membership_id FROM waiting WHERE organisation_id = $1 AND slot_id = $2 \
             ORDER BY since, membership_id LIMIT 100",
            vec![self.organisation.into(), slot.as_uuid().into()],
        )
        .await?;
        Ok(rows.into_iter().map(|row| MembershipId::from_uuid(row.membership_id)).collect())
    }
}

impl UnitOfWork {
    /// Puts a member on the waiting list of a slot. Twice is once.
    pub async fn wait_for(
        &self,
        slot: &Slot,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "INSERT INTO waiting (organisation_id, slot_id, membership_id, circle_id, since) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            vec![
                self.organisation.into(),
                slot.id.as_uuid().into(),
                membership.as_uuid().into(),
                slot.circle.as_uuid().into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Takes a member off the waiting list of a slot.
    pub async fn stop_waiting(
        &self,
        slot: SlotId,
        membership: MembershipId,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "DELETE FROM waiting WHERE organisation_id = $1 AND slot_id = $2 \
             AND membership_id = $3",
            vec![self.organisation.into(), slot.as_uuid().into(), membership.as_uuid().into()],
        )
        .await
        .map(|_| ())
    }
}
