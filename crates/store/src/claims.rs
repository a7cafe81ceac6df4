//! Promises to do a slot.

use kith_domain::ids::{CircleId, ClaimId, MembershipId, PersonId, SlotId};
use kith_domain::{ClaimEnd, ClaimState, EndingKind, Timestamp};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, QuerySelect};
use uuid::Uuid;

use crate::convert::{at, small, word};
use crate::entity::{claim, slot};
use crate::error::StoreError;
use crate::raw;
use crate::rota::{SLOT, Slot, SlotRow};
use crate::unit::{Reader, UnitOfWork};

/// One person's promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// The circle.
    pub circle: CircleId,
    /// The slot.
    pub slot: SlotId,
    /// The place in the circle.
    pub membership: MembershipId,
    /// Who.
    pub person: PersonId,
    /// State.
    pub state: ClaimState,
    /// Taking again after dropping is a new generation, with reminders of its own.
    pub generation: u32,
    /// When it was promised.
    pub claimed_at: Timestamp,
    /// When its state last changed.
    pub changed_at: Timestamp,
    /// The revision of the slot for which the person has said "I'll be there".
    pub confirmed_for: Option<u32>,
    /// When the person last said "I'm running late".
    pub late_at: Option<Timestamp>,
    /// How it ended, where it was dropped and somebody said how.
    pub ended_as: Option<ClaimEnd>,
}

impl Claim {
    /// Whether the person has said "I'll be there" since the slot was last moved.
    pub fn is_confirmed(&self, slot: &Slot) -> bool {
        self.state == ClaimState::Claimed && self.confirmed_for == Some(slot.revision)
    }
}

#[derive(Debug, FromQueryResult)]
pub(crate) struct ClaimRow {
    id: Uuid,
    circle_id: Uuid,
    slot_id: Uuid,
    membership_id: Uuid,
    person_id: Uuid,
    state: String,
    generation: i32,
    claimed_at: i64,
    confirmed_revision: Option<i32>,
    changed_at: i64,
    late_at: Option<i64>,
    ended_as: Option<String>,
}

impl ClaimRow {
    pub(crate) fn claim(self) -> Result<Claim, StoreError> {
        Ok(Claim {
            id: ClaimId::from_uuid(self.id),
            circle: CircleId::from_uuid(self.circle_id),
            slot: SlotId::from_uuid(self.slot_id),
            membership: MembershipId::from_uuid(self.membership_id),
            person: PersonId::from_uuid(self.person_id),
            state: word(&self.state, "claim", self.id)?,
            generation: small(self.generation, "claim", self.id)?,
            claimed_at: at(self.claimed_at),
            changed_at: at(self.changed_at),
            late_at: self.late_at.map(at),
            ended_as: self.ended_as.map(|end| word(&end, "claim", self.id)).transpose()?,
            confirmed_for: self
                .confirmed_revision
                .map(|revision| small(revision, "claim", self.id))
                .transpose()?,
        })
    }
}

/// What a [`ClaimRow`] holds, of a claim `c`.
pub(crate) const CLAIM_COLUMNS: &str = "c.id, c.circle_id, c.slot_id, c.membership_id, c.person_id, \
     c.state, c.generation, c.claimed_at, c.changed_at, c.confirmed_revision, c.late_at, c.ended_as";

/// The statement that reads claims `which`.
fn claims_where(which: &str) -> String {
    format!("SELECT {CLAIM_COLUMNS} FROM claim c WHERE c.organisation_id = $1 {which}")
}

impl Reader {
    /// One claim.
    pub async fn claim(&self, id: ClaimId) -> Result<Option<Claim>, StoreError> {
        self.one_claim("AND c.id = $2", vec![self.organisation.into(), id.as_uuid().into()]).await
    }

    /// Those of these claims that exist, in no order.
    pub async fn claims(&self, ids: &[ClaimId]) -> Result<Vec<Claim>, StoreError> {
        let sql = claims_where(&format!("AND c.id IN ({})", raw::marks(2, ids.len())));
        let values = self.and_all(ids.iter().map(|id| id.as_uuid()));
        let rows: Vec<ClaimRow> = raw::all(&self.txn, &sql, values).await?;
        rows.into_iter().map(ClaimRow::claim).collect()
    }

    /// The live claim of a member for a slot.
    pub async fn live_claim(
        &self,
        slot: SlotId,
        membership: MembershipId,
    ) -> Result<Option<Claim>, StoreError> {
        self.one_claim(
            "AND c.slot_id = $2 AND c.membership_id = $3 AND c.state IN ('claimed', 'cover_wanted')",
            vec![self.organisation.into(), slot.as_uuid().into(), membership.as_uuid().into()],
        )
        .await
    }

    /// The newest claim of a member for a slot, whatever became of it.
    pub async fn newest_claim(
        &self,
        slot: SlotId,
        membership: MembershipId,
    ) -> Result<Option<Claim>, StoreError> {
        self.one_claim(
            "AND c.slot_id = $2 AND c.membership_id = $3 ORDER BY c.generation DESC LIMIT 1",
            vec![self.organisation.into(), slot.as_uuid().into(), membership.as_uuid().into()],
        )
        .await
    }

    async fn one_claim(
        &self,
        which: &str,
        values: Vec<sea_orm::Value>,
    ) -> Result<Option<Claim>, StoreError> {
        let row: Option<ClaimRow> = raw::one(&self.txn, &claims_where(which), values).await?;
        row.map(ClaimRow::claim).transpose()
    }

    /// Claims for the slots of a circle that start in `[from, to)`: live ones and done ones.
    pub async fn claims_between(
        &self,
        circle: CircleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Claim>, StoreError> {
        let rows: Vec<ClaimRow> = raw::all(
            &self.txn,
            &format!(
                "SELECT {CLAIM_COLUMNS} FROM slot s JOIN claim c \
                   ON c.organisation_id = s.organisation_id AND c.slot_id = s.id \
                 WHERE s.organisation_id = $1 AND s.circle_id = $2 AND s.starts_at >= $3 \
                   AND s.starts_at < $4 AND c.state <> 'dropped' \
                 ORDER BY c.claimed_at, c.id LIMIT 2000"
            ),
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                from.as_second().into(),
                to.as_second().into(),
            ],
        )
        .await?;
        rows.into_iter().map(ClaimRow::claim).collect()
    }

    /// Claims for one slot, in the order they were made.
    pub async fn claims_of(&self, slot: SlotId) -> Result<Vec<Claim>, StoreError> {
        let rows: Vec<ClaimRow> = raw::all(
            &self.txn,
            &claims_where("AND c.slot_id = $2 ORDER BY c.claimed_at, c.id LIMIT 200"),
            vec![self.organisation.into(), slot.as_uuid().into()],
        )
        .await?;
        rows.into_iter().map(ClaimRow::claim).collect()
    }

    /// A person's live claims whose slot ends after `from`, in order, with their slots; at most
    /// `limit`.
    pub async fn own_claims(
        &self,
        person: PersonId,
        from: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Claim, Slot)>, StoreError> {
        self.live_claims("person_id", person.as_uuid(), from, limit).await
    }

    /// The same of one place in a circle, whoever has it now.
    pub async fn claims_of_place(
        &self,
        membership: MembershipId,
        from: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Claim, Slot)>, StoreError> {
        self.live_claims("membership_id", membership.as_uuid(), from, limit).await
    }

    /// The same of a circle, whoever promised.
    pub async fn claims_of_circle(
        &self,
        circle: CircleId,
        from: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Claim, Slot)>, StoreError> {
        self.live_claims("circle_id", circle.as_uuid(), from, limit).await
    }

    async fn live_claims(
        &self,
        column: &'static str,
        id: Uuid,
        from: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Claim, Slot)>, StoreError> {
        let rows: Vec<ClaimRow> = raw::all(
            &self.txn,
            &format!(
                "SELECT {CLAIM_COLUMNS} FROM claim c JOIN slot s \
                   ON s.organisation_id = c.organisation_id AND s.id = c.slot_id \
                 WHERE c.organisation_id = $1 AND c.{column} = $2 \
                   AND c.state IN ('claimed', 'cover_wanted') AND s.state = 'open' \
                   AND s.ends_at > $3 ORDER BY s.starts_at, s.id LIMIT $4 + 0"
            ),
            vec![
                self.organisation.into(),
                id.into(),
                from.as_second().into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        let slots: Vec<SlotRow> = raw::all(
            &self.txn,
            &format!(
                "{SLOT} AND s.id IN (SELECT c.slot_id FROM claim c WHERE c.organisation_id = $1 \
                 AND c.{column} = $2 AND c.state IN ('claimed', 'cover_wanted')) \
                 AND s.state = 'open' AND s.ends_at > $3 ORDER BY s.starts_at, s.id LIMIT $4 + 0"
            ),
            vec![
                self.organisation.into(),
                id.into(),
                from.as_second().into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        let slots: Result<Vec<Slot>, _> = slots.into_iter().map(SlotRow::slot).collect();
        let slots = slots?;
        rows.into_iter()
            .map(ClaimRow::claim)
            .filter_map(|claim| match claim {
                Ok(claim) => slots
                    .iter()
                    .find(|slot| slot.id == claim.slot)
                    .map(|slot| Ok((claim, slot.clone()))),
                Err(error) => Some(Err(error)),
            })
            .collect()
    }
}

pub(crate) fn claim_row(
    organisation: Uuid,
    new: &Claim,
    plan_at: Option<Timestamp>,
) -> claim::ActiveModel {
    let revision = |revision| i32::try_from(revision).unwrap_or(i32::MAX);
    claim::ActiveModel {
        organisation_id: Set(organisation),
        id: Set(new.id.as_uuid()),
        circle_id: Set(new.circle.as_uuid()),
        slot_id: Set(new.slot.as_uuid()),
        membership_id: Set(new.membership.as_uuid()),
        person_id: Set(new.person.as_uuid()),
        state: Set(new.state.as_str().to_owned()),
        generation: Set(i32::try_from(new.generation).unwrap_or(i32::MAX)),
        claimed_at: Set(new.claimed_at.as_second()),
        changed_at: Set(new.changed_at.as_second()),
        plan_at: Set(plan_at.map(Timestamp::as_second)),
        confirmed_revision: Set(new.confirmed_for.map(revision)),
        late_at: Set(new.late_at.map(Timestamp::as_second)),
        ended_as: Set(new.ended_as.map(|end| end.as_str().to_owned())),
    }
}

impl UnitOfWork {
    /// Takes one place of an open slot. `None` when all are taken, however many try at once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when this member holds a live claim for it already.
    pub async fn take_place(
        &self,
        slot: &Slot,
        membership: MembershipId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        let won = raw::execute(
            &self.txn,
            "UPDATE slot SET taken = taken + 1 WHERE organisation_id = $1 AND id = $2 \
             AND state = 'open' AND taken < places",
            vec![self.organisation.into(), slot.id.as_uuid().into()],
        )
        .await?;
        if won == 0 {
            return Ok(None);
        }
        let generation =
            self.newest_claim(slot.id, membership).await?.map_or(0, |claim| claim.generation + 1);
        let new = Claim {
            id: ClaimId::new(&*self.ids),
            circle: slot.circle,
            slot: slot.id,
            membership,
            person,
            state: ClaimState::Claimed,
            generation,
            claimed_at: now,
            confirmed_for: None,
            late_at: None,
            ended_as: None,
            changed_at: now,
        };
        // At once: whoever promised may want to read it.
        claim::Entity::insert(claim_row(self.organisation, &new, Some(now)))
            .exec_without_returning(&self.txn)
            .await?;
        Ok(Some(new))
    }

    /// The person has said "I'll be there" for the slot as it stands. `false` when the claim is over,
    /// or cover is asked for, or the slot was moved meanwhile.
    pub async fn confirm_claim(&self, claim: &Claim, slot: &Slot) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE claim SET confirmed_revision = $3 WHERE organisation_id = $1 AND id = $2 \
             AND state = 'claimed' AND EXISTS (SELECT 1 FROM slot s WHERE s.organisation_id = $1 \
               AND s.id = $4 AND s.state = 'open' AND s.revision = $3)",
            vec![
                self.organisation.into(),
                claim.id.as_uuid().into(),
                i32::try_from(slot.revision).unwrap_or(i32::MAX).into(),
                slot.id.as_uuid().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// The person has said "I'm running late".
    pub async fn claim_is_late(&self, claim: ClaimId, now: Timestamp) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE claim SET late_at = $3 WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), claim.as_uuid().into(), now.as_second().into()],
        )
        .await
        .map(|_| ())
    }

    /// How a claim ended that was dropped, for the history of its slot; in the transaction that dropped
    /// it.
    pub async fn claim_ended_as(&self, claim: ClaimId, end: ClaimEnd) -> Result<(), StoreError> {
        self.ended_as(EndingKind::Claim, claim.as_uuid(), end.as_str()).await?;
        raw::execute(
            &self.txn,
            "UPDATE claim SET ended_as = $3 WHERE organisation_id = $1 AND id = $2 \
             AND state = 'dropped'",
            vec![self.organisation.into(), claim.as_uuid().into(), end.as_str().into()],
        )
        .await
        .map(|_| ())
    }

    /// Moves a claim on; a dropped one gives its place back. Where cover is wanted or the place is
    /// free, it is looked at again who is to be told of the slot. `false` when the claim is no longer
    /// in the state the caller saw.
    pub async fn put_claim_state(
        &self,
        claim: &Claim,
        to: ClaimState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if matches!(to, ClaimState::Dropped | ClaimState::CoverWanted) {
            // The slot before the claim, as everybody does who changes both.
            slot::Entity::find_by_id((self.organisation, claim.slot.as_uuid()))
                .lock(LockType::NoKeyUpdate)
                .one(&self.txn)
                .await?;
        }
        let changed = raw::execute(
            &self.txn,
            "UPDATE claim SET state = $4, changed_at = $5 WHERE organisation_id = $1 AND id = $2 \
             AND state = $3",
            vec![
                self.organisation.into(),
                claim.id.as_uuid().into(),
                claim.state.as_str().into(),
                to.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        if changed == 1 && to == ClaimState::Dropped {
            raw::execute(
                &self.txn,
                // More places than the task asks for were there only for those who had promised.
                "UPDATE slot SET taken = taken - 1, tell_at = $3, \
                   places = CASE WHEN places > COALESCE(own_places, (SELECT t.places FROM task t \
                     WHERE t.organisation_id = slot.organisation_id AND t.id = slot.task_id)) \
                     THEN places - 1 ELSE places END \
                 WHERE organisation_id = $1 AND id = $2 AND taken > 0",
                vec![self.organisation.into(), claim.slot.as_uuid().into(), now.as_second().into()],
            )
            .await?;
            // Until whoever ends it says how.
            let how = ClaimEnd::GivenBack.as_str();
            self.has_ended(EndingKind::Claim, claim.id.as_uuid(), Some(how)).await?;
        }
        if changed == 1 && to == ClaimState::CoverWanted {
            self.look_at_gap(claim.slot, Some(now)).await?;
        }
        Ok(changed == 1)
    }
}
