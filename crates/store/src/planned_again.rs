//! Mails that ended unsent, and are planned again because what ended them has changed.

use kith_domain::Timestamp;
use kith_domain::ids::{CircleId, SlotId};

use crate::error::StoreError;
use crate::raw;
use crate::unit::UnitOfWork;

impl UnitOfWork {
    /// Plans a mail again that was cancelled because its circle did not remind, because its person
    /// did not want it or was not in the circle, or because somebody had taken the slot: that has
    /// changed. `false` when there is none.
    pub async fn plan_mail_again(&self, dedupe: &str, now: Timestamp) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'planned', reason = NULL, next_at = due_at, \
               changed_at = $3 WHERE organisation_id = $1 AND dedupe = $2 \
               AND state = 'cancelled' \
               AND reason IN ('circle_not_active', 'consent_withdrawn', 'membership_ended', \
                 'slot_covered')",
            vec![self.organisation.into(), dedupe.into(), now.as_second().into()],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Plans mails of a circle again that were cancelled because it was paused, and are still of
    /// use: invitations, who asks to join, who may see more, cover that is wanted, what nobody has
    /// taken, and who is asked for it. Whether each is still true is read when it leaves. Reminders the
    /// planner plans.
    pub async fn plan_mail_of_circle_again(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'planned', reason = NULL, next_at = due_at, \
               changed_at = $3 WHERE organisation_id = $1 AND circle_id = $2 \
               AND state = 'cancelled' AND reason = 'circle_not_active' AND useful_until > $3 \
               AND kind IN ('invitation', 'asks_to_join', 'named', 'cover_wanted', 'nobody_yet', \
                 'somebody_needed')",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await
    }

    /// Plans a reminder again at `due_at`: because its person changed the hour, or because its
    /// circle did not remind, or its person did not want it, and that has changed. `false` when
    /// there is none, and when it was tried already.
    pub async fn plan_reminder_again(
        &self,
        dedupe: &str,
        due_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'planned', reason = NULL, due_at = $3, next_at = $3, \
               changed_at = $4 WHERE organisation_id = $1 AND dedupe = $2 \
               AND ((state = 'cancelled' AND reason IN ('circle_not_active', 'consent_withdrawn')) \
                 OR (state = 'planned' AND attempts = 0 AND due_at <> $3))",
            vec![
                self.organisation.into(),
                dedupe.into(),
                due_at.as_second().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Plans the askings about one slot again that ended since `since` because somebody had taken
    /// it: it was taken back.
    pub async fn plan_askings_again(
        &self,
        slot: SlotId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE outbox SET state = 'planned', reason = NULL, next_at = due_at, \
               changed_at = $4 WHERE organisation_id = $1 AND slot_id = $2 \
               AND kind = 'somebody_needed' AND state = 'cancelled' AND reason = 'slot_covered' \
               AND changed_at >= $3 AND useful_until > $4",
            vec![
                self.organisation.into(),
                slot.as_uuid().into(),
                since.as_second().into(),
                now.as_second().into(),
            ],
        )
        .await
    }
}
