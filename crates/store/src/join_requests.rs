//! Who asks to join by a link that a carer sent.

use kith_domain::ids::{
    CircleId, JoinRequestId, MembershipId, OrganisationId, ShareLinkId, WelcomeId,
};
use kith_domain::{JoinState, Owner, Timestamp};
use kith_vault::{Field, Place, Sealed};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at, small, word};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, Store, UnitOfWork};

/// Somebody who asks, as a row to add. The seals are bound to its id.
#[derive(Debug)]
pub struct NewJoinRequest {
    /// Its id.
    pub id: JoinRequestId,
    /// The link that they opened.
    pub link: ShareLinkId,
    /// The circle.
    pub circle: CircleId,
    /// The number of the form that was sent: sent again, it replaces what it made before.
    pub form: Uuid,
    /// SHA-256 of the browser's secret.
    pub browser_hash: [u8; 32],
    /// First name, as typed.
    pub name: Sealed,
    /// Mail address, if they gave one; sealed for the organisation.
    pub email: Option<Sealed>,
    /// Keyed index of that address.
    pub email_index: Option<Vec<u8>>,
    /// "Somebody else reads my e-mail too."
    pub shares_mailbox: bool,
    /// "Somebody else uses this device too."
    pub shared_computer: bool,
    /// Waiting, or unheard.
    pub state: JoinState,
    /// Until when an answer is waited for.
    pub expires_at: Timestamp,
}

/// Somebody who asked to join.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    /// Its id.
    pub id: JoinRequestId,
    /// The circle.
    pub circle: CircleId,
    /// First name; wiped once it is answered.
    pub name: Option<Sealed>,
    /// Mail address; wiped once it is answered.
    pub email: Option<Sealed>,
    /// Keyed index of that address.
    pub email_index: Option<Vec<u8>>,
    /// "Somebody else reads my e-mail too."
    pub shares_mailbox: bool,
    /// "Somebody else uses this device too."
    pub shared_computer: bool,
    /// The number of the form that was sent.
    pub form: Uuid,
    /// What became of it.
    pub state: JoinState,
    /// When they asked.
    pub asked_at: Timestamp,
    /// Until when an answer is waited for.
    pub expires_at: Timestamp,
    /// The way in that the yes made.
    pub welcome: Option<WelcomeId>,
}

impl JoinRequest {
    /// Whether a carer can still answer it.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.state == JoinState::Waiting && now < self.expires_at
    }
}

#[derive(Debug, FromQueryResult)]
struct RequestRow {
    id: Uuid,
    circle_id: Uuid,
    name: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    email_index: Option<Vec<u8>>,
    key_version: i32,
    email_key_version: Option<i32>,
    shares_mailbox: bool,
    shared_computer: bool,
    form_id: Uuid,
    state: String,
    asked_at: i64,
    expires_at: i64,
    welcome_id: Option<Uuid>,
}

impl RequestRow {
    fn request(self, reader: &Reader) -> Result<JoinRequest, StoreError> {
        let circle = CircleId::from_uuid(self.circle_id);
        let version = |version: i32| small(version, "join_request", self.id);
        let (of_name, of_email) =
            (version(self.key_version)?, version(self.email_key_version.unwrap_or_default())?);
        let sealed = |owner: Owner, field: Field, version: u32, bytes: Vec<u8>| {
            Sealed::from_parts(Place { owner, field, row: self.id }, version, bytes)
        };
        let (circles, organisations) =
            (Owner::Circle(circle), Owner::Organisation(reader.organisation()));
        Ok(JoinRequest {
            id: JoinRequestId::from_uuid(self.id),
            circle,
            name: self.name.map(|bytes| sealed(circles, Field::JoinName, of_name, bytes)),
            email: self.email.map(|bytes| sealed(organisations, Field::JoinEmail, of_email, bytes)),
            email_index: self.email_index,
            shares_mailbox: self.shares_mailbox,
            shared_computer: self.shared_computer,
            form: self.form_id,
            state: word(&self.state, "join_request", self.id)?,
            asked_at: at(self.asked_at),
            expires_at: at(self.expires_at),
            welcome: self.welcome_id.map(WelcomeId::from_uuid),
        })
    }
}

const REQUEST: &str = "SELECT id, circle_id, name, email, email_index, key_version, \
     email_key_version, shares_mailbox, shared_computer, form_id, state, asked_at, expires_at, welcome_id \
     FROM join_request WHERE organisation_id = $1";

impl Store {
    /// Organisations that still hold the names of people whom nobody answered in time; at most
    /// `limit`.
    pub async fn organisations_with_unanswered(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OrganisationId>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            organisation_id: Uuid,
        }
        let rows: Vec<Row> = raw::all(
            &self.connections.read,
            "SELECT DISTINCT organisation_id FROM join_request \
             WHERE state IN ('waiting', 'unheard') AND expires_at <= $1 LIMIT $2 + 0",
            vec![now.as_second().into(), i64::from(limit).into()],
        )
        .await?;
        Ok(rows.into_iter().map(|row| OrganisationId::from_uuid(row.organisation_id)).collect())
    }
}

impl Reader {
    /// Those who wait for an answer from a circle, oldest first; at most `limit`.
    pub async fn join_requests(
        &self,
        circle: CircleId,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<JoinRequest>, StoreError> {
        let rows: Vec<RequestRow> = raw::all(
            &self.txn,
            &format!(
                "{REQUEST} AND circle_id = $2 AND state = 'waiting' AND expires_at > $3 \
                 ORDER BY asked_at, id LIMIT $4 + 0"
            ),
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                now.as_second().into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        rows.into_iter().map(|row| row.request(self)).collect()
    }

    /// One asking.
    pub async fn join_request(&self, id: JoinRequestId) -> Result<Option<JoinRequest>, StoreError> {
        let values = vec![self.organisation.into(), id.as_uuid().into()];
        let row: Option<RequestRow> =
            raw::one(&self.txn, &format!("{REQUEST} AND id = $2"), values).await?;
        row.map(|row| row.request(self)).transpose()
    }

    /// Whether a place is that of somebody who asked to join, and so typed the address, if any.
    pub async fn asked_to_join(&self, place: MembershipId) -> Result<bool, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            many: i64,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT COUNT(*) AS many FROM join_request j JOIN welcome w \
               ON w.organisation_id = j.organisation_id AND w.id = j.welcome_id \
             WHERE j.organisation_id = $1 AND w.membership_id = $2",
            vec![self.organisation.into(), place.as_uuid().into()],
        )
        .await?;
        Ok(row.is_some_and(|row| row.many > 0))
    }

    /// What a browser asked for last by a link, of what counts: the same form may have been sent
    /// twice.
    pub async fn join_request_of(
        &self,
        link: ShareLinkId,
        browser_hash: &[u8],
    ) -> Result<Option<JoinRequest>, StoreError> {
        let row: Option<RequestRow> = raw::one(
            &self.txn,
            &format!(
                "{REQUEST} AND link_id = $2 AND browser_hash = $3 AND state <> 'replaced' \
                 ORDER BY CASE WHEN state IN ('waiting', 'unheard') THEN 0 ELSE 1 END, \
                   asked_at DESC, id DESC LIMIT 1"
            ),
            vec![self.organisation.into(), link.as_uuid().into(), browser_hash.to_vec().into()],
        )
        .await?;
        row.map(|row| row.request(self)).transpose()
    }
}

fn key_version(sealed: &Sealed) -> i32 {
    i32::try_from(sealed.key_version()).unwrap_or(i32::MAX)
}

impl UnitOfWork {
    /// Puts another address, or none, in place of the one that somebody typed who waits. `false` when
    /// somebody answered before.
    pub async fn correct_join_address(
        &self,
        id: JoinRequestId,
        email: Option<&Sealed>,
        email_index: Option<&[u8]>,
        state: JoinState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE join_request SET email = $3, email_index = $4, email_key_version = $5, \
               state = $6 WHERE organisation_id = $1 AND id = $2 \
             AND state IN ('waiting', 'unheard') AND expires_at > $7",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                email.map(|sealed| sealed.bytes().to_vec()).into(),
                email_index.map(<[u8]>::to_vec).into(),
                email.map(key_version).into(),
                state.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Wipes the names and addresses of those whom nobody answered in time, in every circle of the
    /// organisation. They may ask again. Says how many there were.
    pub async fn forget_unanswered(&self, now: Timestamp) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE join_request SET state = 'ran_out', name = NULL, email = NULL, \
               email_index = NULL WHERE organisation_id = $1 \
             AND state IN ('waiting', 'unheard') AND expires_at <= $2",
            vec![self.organisation.into(), now.as_second().into()],
        )
        .await
    }

    /// Somebody asks. What the same form made before counts no more, and what nobody answered in
    /// time is wiped.
    pub async fn add_join_request(
        &self,
        new: NewJoinRequest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE join_request SET state = 'replaced', name = NULL, email = NULL, \
               email_index = NULL WHERE organisation_id = $1 AND link_id = $2 AND form_id = $3 \
             AND state IN ('waiting', 'unheard')",
            vec![self.organisation.into(), new.link.as_uuid().into(), new.form.into()],
        )
        .await?;
        self.forget_unanswered(now).await?;
        let email_version = new.email.as_ref().map(key_version);
        let version = key_version(&new.name);
        raw::execute(
            &self.txn,
            "INSERT INTO join_request (organisation_id, id, circle_id, link_id, form_id, \
               browser_hash, name, email, email_index, key_version, shares_mailbox, \
               shared_computer, state, asked_at, expires_at, email_key_version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            vec![
                self.organisation.into(),
                new.id.as_uuid().into(),
                new.circle.as_uuid().into(),
                new.link.as_uuid().into(),
                new.form.into(),
                new.browser_hash.to_vec().into(),
                new.name.into_bytes().into(),
                new.email.map(Sealed::into_bytes).into(),
                new.email_index.into(),
                version.into(),
                new.shares_mailbox.into(),
                new.shared_computer.into(),
                new.state.as_str().into(),
                now.as_second().into(),
                new.expires_at.as_second().into(),
                email_version.into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Yes: the browser that asked may come in by `welcome`. `false` when somebody answered before, or
    /// the address is another by now than that of `email_index`.
    pub async fn admit_join_request(
        &self,
        id: JoinRequestId,
        email_index: Option<&[u8]>,
        welcome: WelcomeId,
        by: MembershipId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE join_request SET state = 'admitted', answered_at = $3, answered_by_id = $4, \
               welcome_id = $5, name = NULL, email = NULL, email_index = NULL \
             WHERE organisation_id = $1 AND id = $2 AND state = 'waiting' AND expires_at > $3 \
               AND (email_index = $6 OR ($7 AND email_index IS NULL))",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                now.as_second().into(),
                by.as_uuid().into(),
                welcome.as_uuid().into(),
                email_index.unwrap_or_default().to_vec().into(),
                email_index.is_none().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// No. `false` when somebody answered before.
    pub async fn decline_join_request(
        &self,
        id: JoinRequestId,
        by: MembershipId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE join_request SET state = 'declined', answered_at = $3, answered_by_id = $4, \
               name = NULL, email = NULL, email_index = NULL \
             WHERE organisation_id = $1 AND id = $2 AND state = 'waiting'",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                now.as_second().into(),
                by.as_uuid().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// No to everybody who waits in a circle.
    pub async fn decline_join_requests(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE join_request SET state = 'declined', answered_at = $3, name = NULL, \
               email = NULL, email_index = NULL \
             WHERE organisation_id = $1 AND circle_id = $2 AND state IN ('waiting', 'unheard')",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await
    }
}
