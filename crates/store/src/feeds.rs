//! Calendars of people, read by their calendar programs under a secret address.

use kith_domain::Timestamp;
use kith_domain::ids::{FeedId, PersonId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::convert::at;
use crate::entity::feed;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// A calendar that somebody reads under a secret address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// Whose promises it shows.
    pub person: PersonId,
    /// When it was made.
    pub created_at: Timestamp,
}

fn from_row(row: &feed::Model) -> Feed {
    Feed {
        id: FeedId::from_uuid(row.id),
        person: PersonId::from_uuid(row.person_id),
        created_at: at(row.created_at),
    }
}

impl Reader {
    /// The live feed of a secret's hash.
    pub async fn feed(&self, secret_hash: &[u8]) -> Result<Option<Feed>, StoreError> {
        Ok(feed::Entity::find()
            .filter(feed::Column::OrganisationId.eq(self.organisation))
            .filter(feed::Column::SecretHash.eq(secret_hash.to_vec()))
            .filter(feed::Column::EndedAt.is_null())
            .one(&self.txn)
            .await?
            .map(|row| from_row(&row)))
    }

    /// The live feed of a person, if there is one.
    pub async fn feed_of(&self, person: PersonId) -> Result<Option<Feed>, StoreError> {
        Ok(feed::Entity::find()
            .filter(feed::Column::OrganisationId.eq(self.organisation))
            .filter(feed::Column::PersonId.eq(person.as_uuid()))
            .filter(feed::Column::EndedAt.is_null())
            .one(&self.txn)
            .await?
            .map(|row| from_row(&row)))
    }
}

impl UnitOfWork {
    /// Adds a feed; the one that the person had before ends.
    pub async fn add_feed(
        &self,
        new: FeedId,
        person: PersonId,
        secret_hash: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.end_feed(person, now).await?;
        feed::Entity::insert(feed::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(new.as_uuid()),
            person_id: Set(person.as_uuid()),
            secret_hash: Set(secret_hash.to_vec()),
            created_at: Set(now.as_second()),
            ended_at: Set(None),
        })
        .exec_without_returning(&self.txn)
        .await?;
        Ok(())
    }

    /// Ends the feed of a person: its address is dead with this transaction.
    pub async fn end_feed(&self, person: PersonId, now: Timestamp) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE feed SET ended_at = $3 WHERE organisation_id = $1 AND person_id = $2 \
             AND ended_at IS NULL",
            vec![self.organisation.into(), person.as_uuid().into(), now.as_second().into()],
        )
        .await
        .map(|_| ())
    }
}
