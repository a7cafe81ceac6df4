//! Asking to be written to at another address: it counts once a code that was sent there is typed in
//! the browser that asked.

use kith_domain::ids::{AddressChangeId, DeviceId, PersonId, SessionId};
use kith_domain::{Owner, Timestamp};
use kith_vault::{Field, Place, Sealed};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at_option, small};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, Store, UnitOfWork};

/// One asking that waits for its code. The address is sealed as the person's own is.
#[derive(Clone, Debug)]
pub struct AddressChange {
    /// Its id.
    pub id: AddressChangeId,
    /// Whose address it is to be.
    pub person: PersonId,
    /// The browser that asked.
    pub device: DeviceId,
    /// The new address.
    pub email: Sealed,
    /// Its keyed index.
    pub email_index: Vec<u8>,
    /// Keyed hash of the code, once minted.
    pub code_mac: Option<Vec<u8>>,
    /// When the code was minted.
    pub minted_at: Option<Timestamp>,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    person_id: Uuid,
    device_id: Uuid,
    email: Option<Vec<u8>>,
    email_index: Option<Vec<u8>>,
    old_email: Option<Vec<u8>>,
    key_version: i32,
    code_mac: Option<Vec<u8>>,
    minted_at: Option<i64>,
}

const CHANGE: &str = "SELECT id, person_id, device_id, email, email_index, old_email, key_version, \
     code_mac, minted_at FROM address_change WHERE organisation_id = $1";

impl Row {
    fn sealed(&self, reader: &Reader, bytes: Vec<u8>) -> Result<Sealed, StoreError> {
        let version = small(self.key_version, "address_change", self.id)?;
        let owner = Owner::Organisation(reader.organisation());
        let place = Place { owner, field: Field::PersonEmail, row: self.person_id };
        Ok(Sealed::from_parts(place, version, bytes))
    }

    /// `None` for one that was used: its address is the person's by now.
    fn open(self, reader: &Reader) -> Result<Option<AddressChange>, StoreError> {
        let (Some(email), Some(email_index)) = (self.email.clone(), self.email_index.clone())
        else {
            return Ok(None);
        };
        Ok(Some(AddressChange {
            id: AddressChangeId::from_uuid(self.id),
            person: PersonId::from_uuid(self.person_id),
            device: DeviceId::from_uuid(self.device_id),
            email: self.sealed(reader, email)?,
            email_index,
            code_mac: self.code_mac,
            minted_at: at_option(self.minted_at),
        }))
    }
}

impl Store {
    /// Wipes every asking made before `before`, in all organisations: what was not used by then never
    /// will be, and the old address has been told.
    pub async fn forget_address_changes(&self, before: Timestamp) -> Result<u64, StoreError> {
        let values = || vec![before.as_second().into()];
        // Looked for first, so that a tick without any writes nothing.
        let old: Option<Row> = raw::one(
            &self.connections.read,
            "SELECT id, person_id, device_id, email, email_index, old_email, key_version, code_mac, \
               minted_at FROM address_change WHERE asked_at < $1 LIMIT 1",
            values(),
        )
        .await?;
        if old.is_none() {
            return Ok(0);
        }
        let sql = "DELETE FROM address_change WHERE asked_at < $1";
        raw::execute(&self.connections.write, sql, values()).await
    }
}

impl Reader {
    /// One asking that waits for its code.
    pub async fn address_change(
        &self,
        id: AddressChangeId,
    ) -> Result<Option<AddressChange>, StoreError> {
        self.address_row(id).await?.map_or(Ok(None), |row| row.open(self))
    }

    /// The address that an asking replaced, with its person. `None` until it has.
    pub async fn address_before(
        &self,
        id: AddressChangeId,
    ) -> Result<Option<(PersonId, Sealed)>, StoreError> {
        let Some(row) = self.address_row(id).await? else { return Ok(None) };
        let Some(old) = row.old_email.clone() else { return Ok(None) };
        Ok(Some((PersonId::from_uuid(row.person_id), row.sealed(self, old)?)))
    }

    /// What a person asked for in this browser since `since`, and has typed no right code for.
    pub async fn open_address_change(
        &self,
        person: PersonId,
        device: DeviceId,
        since: Timestamp,
    ) -> Result<Option<AddressChange>, StoreError> {
        let row: Option<Row> = raw::one(
            &self.txn,
            &format!(
                "{CHANGE} AND person_id = $2 AND device_id = $3 AND asked_at >= $4 \
                 AND used_at IS NULL ORDER BY asked_at DESC LIMIT 1"
            ),
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                device.as_uuid().into(),
                since.as_second().into(),
            ],
        )
        .await?;
        row.map_or(Ok(None), |row| row.open(self))
    }

    async fn address_row(&self, id: AddressChangeId) -> Result<Option<Row>, StoreError> {
        let values = vec![self.organisation.into(), id.as_uuid().into()];
        raw::one(&self.txn, &format!("{CHANGE} AND id = $2"), values).await
    }
}

impl UnitOfWork {
    /// Asks for another address; what the person asked for before, wherever, is gone.
    pub async fn add_address_change(
        &self,
        new: &AddressChange,
        tries: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "DELETE FROM address_change WHERE organisation_id = $1 AND person_id = $2 \
             AND used_at IS NULL",
            vec![self.organisation.into(), new.person.as_uuid().into()],
        )
        .await?;
        let version = i32::try_from(new.email.key_version()).unwrap_or(i32::MAX);
        raw::execute(
            &self.txn,
            "INSERT INTO address_change (organisation_id, id, person_id, device_id, email, \
               email_index, key_version, tries_left, asked_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            vec![
                self.organisation.into(),
                new.id.as_uuid().into(),
                new.person.as_uuid().into(),
                new.device.as_uuid().into(),
                new.email.bytes().to_vec().into(),
                new.email_index.clone().into(),
                version.into(),
                i32::try_from(tries).unwrap_or(i32::MAX).into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Stores a fresh code at hand-over; an earlier one of the same asking is void. `false` when the
    /// asking is over.
    pub async fn mint_address_code(
        &self,
        id: AddressChangeId,
        code_mac: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE address_change SET code_mac = $3, minted_at = $4 WHERE organisation_id = $1 \
             AND id = $2 AND used_at IS NULL",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                code_mac.to_vec().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Takes one try before the code is compared. `false` when none is left or it is over.
    pub async fn take_address_try(&self, id: AddressChangeId) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE address_change SET tries_left = tries_left - 1 WHERE organisation_id = $1 \
             AND id = $2 AND tries_left > 0 AND used_at IS NULL",
            vec![self.organisation.into(), id.as_uuid().into()],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Uses it up, and keeps the address that it replaces, to tell it so. `false` when somebody was
    /// faster.
    pub async fn use_address_change(
        &self,
        id: AddressChangeId,
        old: Option<&Sealed>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE address_change SET used_at = $3, old_email = $4, email = NULL, \
               email_index = NULL, code_mac = NULL \
             WHERE organisation_id = $1 AND id = $2 AND used_at IS NULL",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                now.as_second().into(),
                old.map(|sealed| sealed.bytes().to_vec()).into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Ends every session of a person but one.
    pub async fn end_other_sessions(
        &self,
        person: PersonId,
        but: SessionId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE session SET ended_at = $4 WHERE organisation_id = $1 AND person_id = $2 \
             AND id <> $3 AND ended_at IS NULL",
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                but.as_uuid().into(),
                now.as_second().into(),
            ],
        )
        .await
    }
}
