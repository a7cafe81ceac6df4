//! When the planner looks at a promise, and looks again.

use kith_domain::Timestamp;
use kith_domain::ids::{CircleId, ClaimId, PersonId, TaskId};
use kith_domain::reminder::EARLIEST_HOURS_BEFORE;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::claims::Claim;
use crate::entity::claim;
use crate::error::StoreError;
use crate::raw;
use crate::unit::UnitOfWork;

/// When the planner first looks at a claim: no reminder is due earlier than this before a slot.
pub(crate) fn plan_at(starts: Timestamp, now: Timestamp) -> Timestamp {
    starts.plus_hours(-EARLIEST_HOURS_BEFORE).max(now)
}

impl UnitOfWork {
    /// Has the planner look again at a claim, because its slot moved or the person's choice changed.
    pub async fn plan_again(
        &self,
        claim: &Claim,
        starts: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put_plan_at(claim.id, Some(plan_at(starts, now))).await
    }

    /// Keeps others from changing these claims until this transaction ends, and waits for those who
    /// are changing them.
    pub async fn hold_claims(&self, ids: &[ClaimId]) -> Result<(), StoreError> {
        if self.is_alone() {
            return Ok(());
        }
        claim::Entity::find()
            .filter(claim::Column::OrganisationId.eq(self.organisation))
            .filter(claim::Column::Id.is_in(ids.iter().map(|id| id.as_uuid())))
            // In the same order as another process, so that the two do not wait for each other.
            .order_by_asc(claim::Column::Id)
            // Mails may refer to them meanwhile.
            .lock(LockType::NoKeyUpdate)
            .all(&self.txn)
            .await
            .map(|_| ())
            .map_err(StoreError::from)
    }

    /// When the planner was to look at a claim. `None` when it has dealt with it.
    pub async fn planned_for(&self, claim: ClaimId) -> Result<Option<Timestamp>, StoreError> {
        let found = claim::Entity::find_by_id((self.organisation, claim.as_uuid()));
        let row = found.one(&self.txn).await?;
        Ok(row.and_then(|row| row.plan_at).map(Timestamp::from_second))
    }

    /// The planner has dealt with a claim.
    pub async fn planned(&self, claim: ClaimId) -> Result<(), StoreError> {
        self.put_plan_at(claim, None).await
    }

    /// The planner has dealt with these claims.
    pub async fn all_planned(&self, claims: &[ClaimId]) -> Result<(), StoreError> {
        if claims.is_empty() {
            return Ok(());
        }
        raw::execute(
            &self.txn,
            &format!(
                "UPDATE claim SET plan_at = NULL WHERE organisation_id = $1 AND id IN ({})",
                raw::marks(2, claims.len())
            ),
            self.and_all(claims.iter().map(|id| id.as_uuid())),
        )
        .await
        .map(|_| ())
    }

    /// Has the planner look again at every promise of a circle: it asks and reminds again.
    pub async fn plan_circle_again(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.plan_all_again("circle_id = $3", circle.as_uuid(), now).await
    }

    /// Has the planner look again at every promise of a task: what is to be told of it changed.
    pub async fn plan_task_again(&self, task: TaskId, now: Timestamp) -> Result<u64, StoreError> {
        let whose = "slot_id IN (SELECT o.id FROM slot o WHERE o.organisation_id = $1 \
                     AND o.task_id = $3)";
        self.plan_all_again(whose, task.as_uuid(), now).await
    }

    /// Has the planner look again at every promise of a person, whose choice or address changed.
    pub async fn plan_person_again(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.plan_all_again("person_id = $3", person.as_uuid(), now).await
    }

    async fn plan_all_again(
        &self,
        whose: &str,
        id: Uuid,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            &format!(
                "UPDATE claim SET plan_at = $2 WHERE organisation_id = $1 AND {whose} \
                 AND state IN ('claimed', 'cover_wanted') AND slot_id IN (SELECT s.id FROM slot s \
                   WHERE s.organisation_id = $1 AND s.state = 'open' AND s.starts_at > $2)"
            ),
            vec![self.organisation.into(), now.as_second().into(), id.into()],
        )
        .await
    }

    async fn put_plan_at(&self, id: ClaimId, at: Option<Timestamp>) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE claim SET plan_at = $3 WHERE organisation_id = $1 AND id = $2",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                at.map(Timestamp::as_second).into(),
            ],
        )
        .await
        .map(|_| ())
    }
}
