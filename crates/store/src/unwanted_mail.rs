//! Mails that stopped being wanted before they were sent.

use kith_domain::ids::{CircleId, ClaimId, MailId, PersonId, SlotId};
use kith_domain::{CircleState, MailKind, MailReason, Timestamp};
use sea_orm::{EntityTrait, Value};

use crate::entity::outbox;
use crate::error::StoreError;
use crate::raw;
use crate::unit::UnitOfWork;

/// A mail that ended unsent.
#[derive(Debug, sea_orm::FromQueryResult)]
struct Ended {
    id: uuid::Uuid,
    kind: String,
}

impl UnitOfWork {
    /// Cancels what is not being sent yet: everything for a person in a circle.
    pub async fn cancel_mail_for(
        &self,
        person: PersonId,
        circle: CircleId,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail(
            "person_id = $4 AND circle_id = $5",
            reason,
            now,
            [person.as_uuid().into(), circle.as_uuid().into()],
        )
        .await
    }

    /// Cancels what is not being sent yet: everything about one promise.
    pub async fn cancel_mail_about_claim(
        &self,
        claim: ClaimId,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail("claim_id = $4", reason, now, [claim.as_uuid().into()]).await
    }

    /// Cancels what is not being sent yet and speaks to whoever promised of when the slot is.
    /// What others are told of the promise stands, and says the new time when it leaves.
    ///
    /// Answers with the detail of the oldest mail about a change that nobody has received.
    pub async fn cancel_mail_about_times(
        &self,
        claim: ClaimId,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
        let unread = outbox::Entity::find()
            .filter(outbox::Column::OrganisationId.eq(self.organisation))
            .filter(outbox::Column::ClaimId.eq(claim.as_uuid()))
            .filter(outbox::Column::Kind.eq(MailKind::Changed.as_str()))
            .filter(outbox::Column::State.is_in(["planned", "retry", "claimed"]))
            .order_by_asc(outbox::Column::CreatedAt)
            .order_by_asc(outbox::Column::Id)
            .one(&self.txn)
            .await?;
        self.cancel_mail(
            "claim_id = $4 AND kind IN ('reminder', 'changed')",
            MailReason::Superseded,
            now,
            [claim.as_uuid().into()],
        )
        .await?;
        Ok(unread.map(|mail| mail.detail))
    }

    /// Cancels what is not being sent yet: reminders and askings about one slot.
    pub async fn cancel_mail_about_slot(
        &self,
        slot: SlotId,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail(
            "slot_id = $4 AND kind IN ('reminder', 'somebody_needed', 'cover_wanted')",
            reason,
            now,
            [slot.as_uuid().into()],
        )
        .await
    }

    /// Cancels what is not being sent yet and tells this person that a slot is off: it comes after
    /// all.
    pub async fn cancel_mail_that_it_is_off(
        &self,
        slot: SlotId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail(
            "slot_id = $4 AND person_id = $5 AND kind = 'cancelled'",
            MailReason::Superseded,
            now,
            [slot.as_uuid().into(), person.as_uuid().into()],
        )
        .await
    }

    /// Cancels askings about one slot that nobody has received and that a later `round` asks anew.
    pub async fn cancel_askings_before(
        &self,
        slot: SlotId,
        round: u32,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail(
            "slot_id = $4 AND kind = 'somebody_needed' AND dedupe NOT LIKE $5",
            MailReason::Superseded,
            now,
            [slot.as_uuid().into(), format!("%:{round}").into()],
        )
        .await
    }

    /// Cancels what is not being sent yet: everything of a circle.
    pub async fn cancel_mail_of_circle(
        &self,
        circle: CircleId,
        reason: MailReason,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.cancel_mail("circle_id = $4", reason, now, [circle.as_uuid().into()]).await
    }

    /// Cancels what is not being sent yet and may not leave while the circle is in `state`.
    pub async fn cancel_mail_that_may_not_leave(
        &self,
        circle: CircleId,
        state: CircleState,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for kind in MailKind::ALL.iter().filter(|kind| !kind.may_leave(state)) {
            self.cancel_mail(
                "circle_id = $4 AND kind = $5",
                MailReason::CircleNotActive,
                now,
                [circle.as_uuid().into(), kind.as_str().into()],
            )
            .await?;
        }
        Ok(())
    }

    /// Ends what waits and is of no use any more.
    pub(crate) async fn expire_waiting(&self, now: Timestamp) -> Result<u64, StoreError> {
        let reason = MailReason::TooLate;
        let ended: Vec<Ended> = raw::all(
            &self.txn,
            "UPDATE outbox SET state = $2, reason = $3, frozen = NULL, changed_at = $4 \
             WHERE organisation_id = $1 AND state IN ('planned', 'retry') AND useful_until <= $4 \
             RETURNING id, kind",
            vec![
                self.organisation.into(),
                reason.ends_in().as_str().into(),
                reason.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        self.let_go_of(ended, now).await
    }

    async fn cancel_mail<const N: usize>(
        &self,
        which: &str,
        reason: MailReason,
        now: Timestamp,
        values: [Value; N],
    ) -> Result<u64, StoreError> {
        let first: [Value; 3] =
            [self.organisation.into(), reason.as_str().into(), now.as_second().into()];
        let ended: Vec<Ended> = raw::all(
            &self.txn,
            &format!(
                "UPDATE outbox SET state = 'cancelled', reason = $2, frozen = NULL, \
                 lease_owner = NULL, lease_until = NULL, changed_at = $3 \
                 WHERE organisation_id = $1 AND state IN ('planned', 'retry', 'claimed') \
                 AND {which} RETURNING id, kind"
            ),
            first.into_iter().chain(values).collect(),
        )
        .await?;
        self.let_go_of(ended, now).await
    }

    /// Plans again what mails that ended unsent would have said for others. One that was never tried
    /// may hold others too: those that gave way to it. What is let go is looked at again before it
    /// leaves, and ends there if it is not wanted either.
    async fn let_go_of(&self, ended: Vec<Ended>, now: Timestamp) -> Result<u64, StoreError> {
        for mail in &ended {
            if mail.kind.parse().is_ok_and(MailKind::says_several) {
                self.let_mails_go(MailId::from_uuid(mail.id), now).await?;
            }
        }
        Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
    }
}
