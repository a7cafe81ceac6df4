//! Grants: what a member may see, from the moment it is granted until it is withdrawn.

use kith_domain::ids::{CircleId, GrantId, MembershipId};
use kith_domain::{Category, CategorySet, EndingKind, GrantBasis, Timestamp};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::convert::word;
use crate::entity::{disclosure_grant, membership};
use crate::error::StoreError;
use crate::people::Membership;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

impl Reader {
    /// What each member of a circle is granted now.
    pub async fn granted(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<Vec<(MembershipId, Category)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            membership_id: Uuid,
            category: String,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT membership_id, category FROM disclosure_grant WHERE organisation_id = $1 \
             AND circle_id = $2 AND withdrawn_at IS NULL AND from_at <= $3 \
             AND (until_at IS NULL OR until_at > $3)",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        rows.into_iter()
            .map(|row| {
                let category = word(&row.category, "disclosure_grant", row.membership_id)?;
                Ok((MembershipId::from_uuid(row.membership_id), category))
            })
            .collect()
    }

    /// What one member is granted now.
    pub async fn granted_to(
        &self,
        membership: &Membership,
        now: Timestamp,
    ) -> Result<CategorySet, StoreError> {
        Ok(self
            .granted(membership.circle, now)
            .await?
            .into_iter()
            .filter_map(|(id, category)| (id == membership.id).then_some(category))
            .collect())
    }

    /// Whether a member was ever granted anything, withdrawn or not.
    pub async fn ever_granted(&self, id: MembershipId) -> Result<bool, StoreError> {
        Ok(disclosure_grant::Entity::find()
            .filter(disclosure_grant::Column::OrganisationId.eq(self.organisation))
            .filter(disclosure_grant::Column::MembershipId.eq(id.as_uuid()))
            .one(&self.txn)
            .await?
            .is_some())
    }

    /// The basis of the newest live grant of a member.
    pub async fn grant_basis(&self, id: MembershipId) -> Result<Option<GrantBasis>, StoreError> {
        let row = disclosure_grant::Entity::find()
            .filter(disclosure_grant::Column::OrganisationId.eq(self.organisation))
            .filter(disclosure_grant::Column::MembershipId.eq(id.as_uuid()))
            .filter(disclosure_grant::Column::WithdrawnAt.is_null())
            .order_by_desc(disclosure_grant::Column::FromAt)
            .one(&self.txn)
            .await?;
        row.map(|row| word(&row.basis, "disclosure_grant", row.id)).transpose()
    }
}

/// A grant that begins now: its key and who decided are the caller's to add.
pub(crate) fn grant_row(
    membership: &Membership,
    category: Category,
    basis: GrantBasis,
    now: Timestamp,
) -> disclosure_grant::ActiveModel {
    disclosure_grant::ActiveModel {
        circle_id: Set(membership.circle.as_uuid()),
        membership_id: Set(membership.id.as_uuid()),
        category: Set(category.as_str().to_owned()),
        basis: Set(basis.as_str().to_owned()),
        from_at: Set(now.as_second()),
        until_at: Set(None),
        withdrawn_at: Set(None),
        withdrawn_by: Set(None),
        ..Default::default()
    }
}

impl UnitOfWork {
    /// Grants categories that the member does not have yet, and withdraws those not in `granted`.
    /// A grant is never edited: what changes ends and begins.
    pub async fn put_grants(
        &self,
        membership: &Membership,
        granted: CategorySet,
        basis: GrantBasis,
        decided_by: Option<MembershipId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Who is about to send a mail that rests on these grants holds the membership.
        let key = (self.organisation, membership.id.as_uuid());
        membership::Entity::find_by_id(key).lock(LockType::NoKeyUpdate).one(&self.txn).await?;
        let has = self.granted_to(membership, now).await?;
        for category in has.difference(granted).iter() {
            self.end_rows(
                EndingKind::Grant,
                "UPDATE disclosure_grant SET withdrawn_at = $4, withdrawn_by = $5 \
                 WHERE organisation_id = $1 AND membership_id = $2 AND category = $3 \
                 AND withdrawn_at IS NULL RETURNING id",
                vec![
                    self.organisation.into(),
                    membership.id.as_uuid().into(),
                    category.as_str().into(),
                    now.as_second().into(),
                    decided_by.map(MembershipId::as_uuid).into(),
                ],
            )
            .await?;
        }
        let rows = granted.difference(has).iter().map(|category| disclosure_grant::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(GrantId::new(&*self.ids).as_uuid()),
            decided_by: Set(decided_by.map(MembershipId::as_uuid)),
            ..grant_row(membership, category, basis, now)
        });
        disclosure_grant::Entity::insert_many(rows).exec_without_returning(&self.txn).await?;
        Ok(())
    }
}
