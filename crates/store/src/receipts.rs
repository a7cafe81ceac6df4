//! Sending a form twice is once; and limits that hold across processes.

use kith_domain::Timestamp;
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, sea_query::OnConflict};
use uuid::Uuid;

use crate::entity::{rate, receipt};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

impl Reader {
    /// What came of a form that was sent before: where the browser was sent then.
    pub async fn receipt(&self, form: Uuid, route: &str) -> Result<Option<String>, StoreError> {
        Ok(receipt::Entity::find_by_id((self.organisation, form))
            .one(&self.txn)
            .await?
            .filter(|row| row.route == route)
            .map(|row| row.outcome))
    }

    /// Whether [`UnitOfWork::take_token`] would get a token now. Takes none.
    pub async fn has_token(
        &self,
        bucket: &str,
        capacity: u32,
        seconds_a_token: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = (self.organisation, bucket.to_owned());
        let Some(row) = rate::Entity::find_by_id(key).one(&self.txn).await? else {
            return Ok(capacity > 0);
        };
        let gained = (now.as_second() - row.updated_at).max(0).saturating_mul(1_000);
        let level = row.level_milli.saturating_add(gained / i64::from(seconds_a_token.max(1)));
        Ok(level.min(i64::from(capacity) * 1_000) >= 1_000)
    }
}

impl UnitOfWork {
    /// Remembers what came of a form, in the transaction of what it did.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when the same form is already being dealt with: everything of this
    /// transaction is rolled back, and the first one's receipt says what came of it.
    pub async fn keep_receipt(
        &self,
        form: Uuid,
        route: &str,
        outcome: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let kept = receipt::Entity::insert(receipt::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(form),
            route: Set(route.to_owned()),
            outcome: Set(outcome.to_owned()),
            created_at: Set(now.as_second()),
        })
        .on_conflict(
            OnConflict::columns([receipt::Column::OrganisationId, receipt::Column::Id])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&self.txn)
        .await?;
        if kept == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Takes one token from a bucket that holds `capacity` and gains one every
    /// `seconds_a_token`. `false` when it is empty.
    ///
    /// One statement, so that replicas and parallel requests share the bucket exactly.
    pub async fn take_token(
        &self,
        bucket: &str,
        capacity: u32,
        seconds_a_token: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Level {
            level_milli: i64,
        }
        rate::Entity::insert(rate::ActiveModel {
            organisation_id: Set(self.organisation),
            bucket: Set(bucket.to_owned()),
            level_milli: Set(i64::from(capacity) * 1_000),
            updated_at: Set(now.as_second()),
        })
        .on_conflict(
            OnConflict::columns([rate::Column::OrganisationId, rate::Column::Bucket])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&self.txn)
        .await?;
        let capacity = i64::from(capacity) * 1_000;
        let period = i64::from(seconds_a_token.max(1));
        // The level now, never above the capacity; a clock that went back adds nothing.
        let filled = "(CASE WHEN level_milli + (CASE WHEN $3 > updated_at THEN $3 - updated_at ELSE \
             0 END) * 1000 / $5 > $4 THEN $4 ELSE level_milli + (CASE WHEN $3 > updated_at THEN $3 \
             - updated_at ELSE 0 END) * 1000 / $5 END)";
        let level: Option<Level> = raw::one(
            &self.txn,
            &format!(
                "UPDATE rate SET level_milli = {filled} - 1000, \
                   updated_at = CASE WHEN $3 > updated_at THEN $3 ELSE updated_at END \
                 WHERE organisation_id = $1 AND bucket = $2 AND {filled} >= 1000 \
                 RETURNING level_milli"
            ),
            vec![
                self.organisation.into(),
                bucket.into(),
                now.as_second().into(),
                capacity.into(),
                period.into(),
            ],
        )
        .await?;
        Ok(level.is_some_and(|level| level.level_milli >= 0))
    }
}
