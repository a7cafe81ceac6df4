//! Asking for a sign-in code, bound to the browser that asked.

use kith_domain::Timestamp;
use kith_domain::ids::SignInId;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::convert::at_option;
use crate::entity::sign_in;
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// One asking for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// Keyed index of the address that was typed.
    pub email_index: Vec<u8>,
    /// Keyed hash of the code, once minted.
    pub code_mac: Option<Vec<u8>>,
    /// Hash of the browser's secret.
    pub browser_hash: Vec<u8>,
    /// "Others use this computer", as it was ticked when asking.
    pub shared_computer: bool,
    /// When the code was minted.
    pub minted_at: Option<Timestamp>,
    /// Used, or replaced by a newer one.
    pub over: bool,
}

fn from_row(row: sign_in::Model) -> SignIn {
    SignIn {
        id: SignInId::from_uuid(row.id),
        email_index: row.email_index,
        code_mac: row.code_mac,
        browser_hash: row.browser_hash,
        shared_computer: row.shared_computer,
        minted_at: at_option(row.minted_at),
        over: row.used_at.is_some() || row.ended_at.is_some(),
    }
}

impl Reader {
    /// The newest asking of a browser.
    pub async fn sign_in_of(&self, browser_hash: &[u8]) -> Result<Option<SignIn>, StoreError> {
        Ok(sign_in::Entity::find()
            .filter(sign_in::Column::OrganisationId.eq(self.organisation))
            .filter(sign_in::Column::BrowserHash.eq(browser_hash.to_vec()))
            // Two of the same second: the later one ended the earlier.
            .order_by_desc(sign_in::Column::AskedAt)
            .order_by_desc(sign_in::Column::EndedAt.is_null())
            .one(&self.txn)
            .await?
            .map(from_row))
    }

    /// The asking whose mail carried this link.
    pub async fn sign_in_by_link(&self, link_hash: &[u8]) -> Result<Option<SignIn>, StoreError> {
        Ok(sign_in::Entity::find()
            .filter(sign_in::Column::OrganisationId.eq(self.organisation))
            .filter(sign_in::Column::LinkHash.eq(link_hash.to_vec()))
            .one(&self.txn)
            .await?
            .map(from_row))
    }

    /// One asking by id, for the mail worker.
    pub async fn sign_in(&self, id: SignInId) -> Result<Option<SignIn>, StoreError> {
        Ok(sign_in::Entity::find_by_id((self.organisation, id.as_uuid()))
            .one(&self.txn)
            .await?
            .map(from_row))
    }
}

impl UnitOfWork {
    /// A browser asks for a code; earlier askings of the same browser are over.
    pub async fn add_sign_in(
        &self,
        id: SignInId,
        browser_hash: &[u8],
        email_index: &[u8],
        tries: u32,
        shared_computer: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE sign_in SET ended_at = $3 WHERE organisation_id = $1 AND browser_hash = $2 \
             AND ended_at IS NULL",
            vec![self.organisation.into(), browser_hash.to_vec().into(), now.as_second().into()],
        )
        .await?;
        sign_in::Entity::insert(sign_in::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(id.as_uuid()),
            browser_hash: Set(browser_hash.to_vec()),
            email_index: Set(email_index.to_vec()),
            code_mac: Set(None),
            link_hash: Set(None),
            tries_left: Set(i32::try_from(tries).unwrap_or(i32::MAX)),
            shared_computer: Set(shared_computer),
            asked_at: Set(now.as_second()),
            minted_at: Set(None),
            used_at: Set(None),
            ended_at: Set(None),
        })
        .exec_without_returning(&self.txn)
        .await?;
        Ok(())
    }

    /// Stores a fresh code and link at hand-over; an earlier one of the same asking is void.
    pub async fn mint_sign_in(
        &self,
        id: SignInId,
        code_mac: &[u8],
        link_hash: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE sign_in SET code_mac = $3, link_hash = $4, minted_at = $5 \
             WHERE organisation_id = $1 AND id = $2 AND used_at IS NULL AND ended_at IS NULL",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                code_mac.to_vec().into(),
                link_hash.to_vec().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Takes one try before the code is compared. `false` when none is left or it is over.
    pub async fn take_sign_in_try(&self, id: SignInId) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE sign_in SET tries_left = tries_left - 1 WHERE organisation_id = $1 \
             AND id = $2 AND tries_left > 0 AND used_at IS NULL AND ended_at IS NULL",
            vec![self.organisation.into(), id.as_uuid().into()],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Uses it up. `false` when somebody was faster: one code, one session.
    pub async fn use_sign_in(&self, id: SignInId, now: Timestamp) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE sign_in SET used_at = $3 WHERE organisation_id = $1 AND id = $2 \
             AND used_at IS NULL AND ended_at IS NULL",
            vec![self.organisation.into(), id.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(changed == 1)
    }
}
