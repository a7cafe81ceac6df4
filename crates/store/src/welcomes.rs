//! Ways in that are handed out: invitations, cards, tablets, further devices, staff codes.

use kith_domain::ids::{CircleId, MembershipId, PersonId, WelcomeId};
use kith_domain::{Timestamp, WelcomeKind};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::{at, at_option, small, word};
use crate::entity::welcome;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// One way in for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// Its id.
    pub id: WelcomeId,
    /// What it is for.
    pub kind: WelcomeKind,
    /// The circle; none for staff.
    pub circle: Option<CircleId>,
    /// The place in the circle it opens.
    pub membership: Option<MembershipId>,
    /// For whom.
    pub person: PersonId,
    /// SHA-256 of the token in its link.
    pub link_hash: Option<Vec<u8>>,
    /// Keyed hash of the short code that a person can type in place of the token.
    pub short_mac: Option<Vec<u8>>,
    /// Keyed hash of its two words; none once they were stopped.
    pub words_mac: Option<Vec<u8>>,
    /// Tries left for the words.
    pub tries_left: u32,
    /// Whether its mail may say the inviter's first name.
    pub names_inviter: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// After this nothing of it works.
    pub expires_at: Timestamp,
    /// When the person said yes or no by its link.
    pub answered_at: Option<Timestamp>,
    /// When its words enrolled a device: words work once.
    pub words_used_at: Option<Timestamp>,
    /// Taken back, or replaced.
    pub ended_at: Option<Timestamp>,
}

impl Welcome {
    /// Whether its link still does something.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }

    /// Whether its words may still enrol a device.
    pub fn words_are_live(&self, now: Timestamp) -> bool {
        self.is_live(now)
            && self.words_used_at.is_none()
            && self.tries_left > 0
            && self.words_mac.is_some()
    }
}

fn from_row(row: welcome::Model) -> Result<Welcome, StoreError> {
    Ok(Welcome {
        id: WelcomeId::from_uuid(row.id),
        kind: word(&row.kind, "welcome", row.id)?,
        circle: row.circle_id.map(CircleId::from_uuid),
        membership: row.membership_id.map(MembershipId::from_uuid),
        person: PersonId::from_uuid(row.person_id),
        link_hash: row.link_hash,
        short_mac: row.short_mac,
        words_mac: row.words_mac,
        tries_left: small(row.tries_left, "welcome", row.id)?,
        names_inviter: row.names_inviter,
        created_at: at(row.created_at),
        expires_at: at(row.expires_at),
        answered_at: at_option(row.answered_at),
        words_used_at: at_option(row.words_used_at),
        ended_at: at_option(row.ended_at),
    })
}

impl Reader {
    /// The welcome of a link.
    pub async fn welcome_by_link(&self, link_hash: &[u8]) -> Result<Option<Welcome>, StoreError> {
        welcome::Entity::find()
            .filter(welcome::Column::OrganisationId.eq(self.organisation))
            .filter(welcome::Column::LinkHash.eq(link_hash.to_vec()))
            .one(&self.txn)
            .await?
            .map(from_row)
            .transpose()
    }

    /// The welcome of a short code.
    pub async fn welcome_by_short(&self, short_mac: &[u8]) -> Result<Option<Welcome>, StoreError> {
        welcome::Entity::find()
            .filter(welcome::Column::OrganisationId.eq(self.organisation))
            .filter(welcome::Column::ShortMac.eq(short_mac.to_vec()))
            .one(&self.txn)
            .await?
            .map(from_row)
            .transpose()
    }

    /// A welcome by id.
    pub async fn welcome(&self, id: WelcomeId) -> Result<Option<Welcome>, StoreError> {
        welcome::Entity::find_by_id((self.organisation, id.as_uuid()))
            .one(&self.txn)
            .await?
            .map(from_row)
            .transpose()
    }

    /// Welcomes of a membership that have not ended, newest first.
    pub async fn welcomes_of(
        &self,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<Vec<Welcome>, StoreError> {
        let is_membership = welcome::Column::MembershipId.eq(membership.as_uuid());
        self.open_welcomes(is_membership, now).await
    }

    /// Welcomes of a circle that have not ended, newest first.
    pub async fn circle_welcomes(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<Vec<Welcome>, StoreError> {
        self.open_welcomes(welcome::Column::CircleId.eq(circle.as_uuid()), now).await
    }

    /// Welcomes for one person that have not ended, newest first.
    pub async fn welcomes_for(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Vec<Welcome>, StoreError> {
        self.open_welcomes(welcome::Column::PersonId.eq(person.as_uuid()), now).await
    }

    async fn open_welcomes(
        &self,
        which: sea_orm::sea_query::SimpleExpr,
        now: Timestamp,
    ) -> Result<Vec<Welcome>, StoreError> {
        welcome::Entity::find()
            .filter(welcome::Column::OrganisationId.eq(self.organisation))
            .filter(which)
            .filter(welcome::Column::EndedAt.is_null())
            .filter(welcome::Column::ExpiresAt.gt(now.as_second()))
            .order_by_desc(welcome::Column::CreatedAt)
            .order_by_asc(welcome::Column::Id)
            .limit(200)
            .all(&self.txn)
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }
}

impl UnitOfWork {
    /// Hands out a way in.
    pub async fn add_welcome(&self, welcome: &Welcome) -> Result<(), StoreError> {
        welcome::Entity::insert(welcome::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(welcome.id.as_uuid()),
            kind: Set(welcome.kind.as_str().to_owned()),
            circle_id: Set(welcome.circle.map(CircleId::as_uuid)),
            membership_id: Set(welcome.membership.map(MembershipId::as_uuid)),
            person_id: Set(welcome.person.as_uuid()),
            link_hash: Set(welcome.link_hash.clone()),
            short_mac: Set(welcome.short_mac.clone()),
            words_mac: Set(welcome.words_mac.clone()),
            tries_left: Set(i32::try_from(welcome.tries_left).unwrap_or(i32::MAX)),
            names_inviter: Set(welcome.names_inviter),
            created_at: Set(welcome.created_at.as_second()),
            expires_at: Set(welcome.expires_at.as_second()),
            answered_at: Set(welcome.answered_at.map(Timestamp::as_second)),
            words_used_at: Set(welcome.words_used_at.map(Timestamp::as_second)),
            ended_at: Set(None),
        })
        .exec_without_returning(&self.txn)
        .await?;
        Ok(())
    }

    /// Takes one try before the words are compared. `false` when nothing of it works any more.
    pub async fn take_words_try(&self, id: WelcomeId, now: Timestamp) -> Result<bool, StoreError> {
        self.change_welcome(
            "UPDATE welcome SET tries_left = tries_left - 1 WHERE organisation_id = $1 AND id = $2 \
             AND tries_left > 0 AND words_used_at IS NULL AND ended_at IS NULL AND expires_at > $3",
            id,
            now,
        )
        .await
    }

    /// Uses the words up. `false` when somebody was faster, or the words were stopped. Takes no look
    /// at the tries: the fifth may be right.
    pub async fn use_words(&self, id: WelcomeId, now: Timestamp) -> Result<bool, StoreError> {
        self.change_welcome(
            "UPDATE welcome SET words_used_at = $3 WHERE organisation_id = $1 AND id = $2 \
             AND words_used_at IS NULL AND words_mac IS NOT NULL AND ended_at IS NULL \
             AND expires_at > $3",
            id,
            now,
        )
        .await
    }

    /// The person answered by the link.
    pub async fn answer_welcome(&self, id: WelcomeId, now: Timestamp) -> Result<bool, StoreError> {
        self.change_welcome(
            "UPDATE welcome SET answered_at = $3 WHERE organisation_id = $1 AND id = $2 \
             AND answered_at IS NULL AND ended_at IS NULL AND expires_at > $3",
            id,
            now,
        )
        .await
    }

    /// Takes one back.
    pub async fn end_welcome(&self, id: WelcomeId, now: Timestamp) -> Result<bool, StoreError> {
        self.change_welcome(
            "UPDATE welcome SET ended_at = $3 WHERE organisation_id = $1 AND id = $2 \
             AND ended_at IS NULL",
            id,
            now,
        )
        .await
    }

    /// Takes back everything handed out for a membership.
    pub async fn end_welcomes_of(
        &self,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE welcome SET ended_at = $3 WHERE organisation_id = $1 AND membership_id = $2 \
             AND ended_at IS NULL",
            vec![self.organisation.into(), membership.as_uuid().into(), now.as_second().into()],
        )
        .await
    }

    /// Words that wait in a circle fit no more, not even where they were just compared; cards, which
    /// only staff see, and links stay.
    pub async fn stop_words(&self, circle: CircleId, now: Timestamp) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE welcome SET tries_left = 0, words_mac = NULL WHERE organisation_id = $1 \
             AND circle_id = $2 AND kind <> 'card' AND words_used_at IS NULL AND ended_at IS NULL AND expires_at > $3",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await
    }

    async fn change_welcome(
        &self,
        sql: &str,
        id: WelcomeId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = vec![self.organisation.into(), id.as_uuid().into(), now.as_second().into()];
        Ok(raw::execute(&self.txn, sql, values).await? == 1)
    }
}
