//! Links that carers send by their own phone.

use kith_domain::Timestamp;
use kith_domain::ids::{CircleId, MembershipId, ShareLinkId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at, at_option, small};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// A link by which friends ask to join one circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareLink {
    /// Its id.
    pub id: ShareLinkId,
    /// The circle.
    pub circle: CircleId,
    /// Who made it.
    pub made_by: MembershipId,
    /// How many more may ask by it.
    pub asks_left: u32,
    /// After this nobody asks by it.
    pub expires_at: Timestamp,
    /// Taken back, or replaced.
    pub ended_at: Option<Timestamp>,
}

impl ShareLink {
    /// Whether one more may ask by it.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at && self.asks_left > 0
    }
}

#[derive(Debug, FromQueryResult)]
struct LinkRow {
    id: Uuid,
    circle_id: Uuid,
    made_by_id: Uuid,
    asks_left: i32,
    expires_at: i64,
    ended_at: Option<i64>,
}

impl LinkRow {
    fn link(self) -> Result<ShareLink, StoreError> {
        Ok(ShareLink {
            id: ShareLinkId::from_uuid(self.id),
            circle: CircleId::from_uuid(self.circle_id),
            made_by: MembershipId::from_uuid(self.made_by_id),
            asks_left: small(self.asks_left, "share_link", self.id)?,
            expires_at: at(self.expires_at),
            ended_at: at_option(self.ended_at),
        })
    }
}

const LINK: &str = "SELECT id, circle_id, made_by_id, asks_left, expires_at, ended_at \
     FROM share_link WHERE organisation_id = $1";

impl Reader {
    /// The share link of a token, ended ones too.
    pub async fn share_link(&self, token_hash: &[u8]) -> Result<Option<ShareLink>, StoreError> {
        let values = vec![self.organisation.into(), token_hash.to_vec().into()];
        let row: Option<LinkRow> =
            raw::one(&self.txn, &format!("{LINK} AND token_hash = $2"), values).await?;
        row.map(LinkRow::link).transpose()
    }

    /// The share link of a circle that was not taken back, run out or not.
    pub async fn share_link_of(&self, circle: CircleId) -> Result<Option<ShareLink>, StoreError> {
        let values = vec![self.organisation.into(), circle.as_uuid().into()];
        let sql = format!("{LINK} AND circle_id = $2 AND ended_at IS NULL");
        let row: Option<LinkRow> = raw::one(&self.txn, &sql, values).await?;
        row.map(LinkRow::link).transpose()
    }
}

impl UnitOfWork {
    /// Makes the circle's share link; an earlier one ends.
    pub async fn add_share_link(
        &self,
        link: &ShareLink,
        token_hash: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.end_share_link(link.circle, now).await?;
        raw::execute(
            &self.txn,
            "INSERT INTO share_link (organisation_id, id, circle_id, made_by_id, token_hash, \
               asks_left, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            vec![
                self.organisation.into(),
                link.id.as_uuid().into(),
                link.circle.as_uuid().into(),
                link.made_by.as_uuid().into(),
                token_hash.to_vec().into(),
                i32::try_from(link.asks_left).unwrap_or(i32::MAX).into(),
                now.as_second().into(),
                link.expires_at.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Takes the circle's share link back. Those who asked by it wait on; what nobody answered in
    /// time is wiped.
    pub async fn end_share_link(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE share_link SET ended_at = $3 WHERE organisation_id = $1 AND circle_id = $2 \
             AND ended_at IS NULL",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        self.forget_unanswered(now).await?;
        Ok(changed > 0)
    }

    /// Takes one asking of a link before somebody asks by it. `false` when it does nothing any more.
    pub async fn take_share_link_ask(
        &self,
        id: ShareLinkId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE share_link SET asks_left = asks_left - 1 WHERE organisation_id = $1 \
             AND id = $2 AND asks_left > 0 AND ended_at IS NULL AND expires_at > $3",
            vec![self.organisation.into(), id.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(changed == 1)
    }
}
