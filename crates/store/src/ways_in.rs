//! Devices, enrolments and own numbers.

use kith_domain::ids::{CircleId, DeviceId, EnrolmentId, OrganisationId, PersonId};
use kith_domain::sign_in::ENROLMENT_IDLE_DAYS;
use kith_domain::{EndingKind, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::convert::at;
use crate::entity::{device, enrolment, own_number};
use crate::error::StoreError;
use crate::raw;
use crate::sessions::Session;
use crate::unit::{Reader, UnitOfWork};

/// One device that is trusted for one person in one circle, or for staff in the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Its id.
    pub id: EnrolmentId,
    /// The device.
    pub device: DeviceId,
    /// The person it trusts.
    pub person: PersonId,
    /// The circle; none for staff towards the organisation.
    pub circle: Option<CircleId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Timestamp,
    /// Organisation.
    pub organisation: OrganisationId,
    /// Session that is looking, to mark "this device".
    pub current: bool,
}

impl Enrolment {
    /// Whether `session` runs on this device.
    #[must_use]
    pub fn seen_from(mut self, session: &Session) -> Self {
        self.current = session.device == self.device;
        self
    }
}

/// Somebody's own number on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNumber {
    /// Argon2id, in PHC string format.
    pub phc: String,
    /// Wrong tries since the last right one.
    pub wrong_tries: u32,
}

impl Reader {
    /// The device of a cookie's hash.
    pub async fn device(&self, token_hash: &[u8]) -> Result<Option<DeviceId>, StoreError> {
        Ok(device::Entity::find()
            .filter(device::Column::OrganisationId.eq(self.organisation))
            .filter(device::Column::TokenHash.eq(token_hash.to_vec()))
            .one(&self.txn)
            .await?
            .map(|row| DeviceId::from_uuid(row.id)))
    }

    /// Whether somebody else than `person` uses a device too: somebody said so, or it is trusted for
    /// somebody else.
    pub async fn is_shared(
        &self,
        device: DeviceId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = (self.organisation, device.as_uuid());
        let said = device::Entity::find_by_id(key).one(&self.txn).await?;
        let others = self.device_enrolments(device, now).await?;
        Ok(said.is_some_and(|row| row.shared) || others.iter().any(|other| other.person != person))
    }

    /// Whether `device` is trusted for `person` in `circle` (for staff: in the organisation).
    pub async fn is_enrolled(
        &self,
        device: DeviceId,
        person: PersonId,
        circle: Option<CircleId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self
            .enrolments_where(enrolment::Column::DeviceId.eq(device.as_uuid()), now)
            .await?
            .iter()
            .any(|enrolment| enrolment.person == person && enrolment.circle == circle))
    }

    /// Whether a device was ever trusted for `person` in `circle`, ended ones too.
    pub async fn was_enrolled(
        &self,
        person: PersonId,
        circle: Option<CircleId>,
    ) -> Result<bool, StoreError> {
        Ok(enrolment::Entity::find()
            .filter(enrolment::Column::OrganisationId.eq(self.organisation))
            .filter(enrolment::Column::PersonId.eq(person.as_uuid()))
            .filter(match circle {
                Some(circle) => enrolment::Column::CircleId.eq(circle.as_uuid()),
                None => enrolment::Column::CircleId.is_null(),
            })
            .one(&self.txn)
            .await?
            .is_some())
    }

    /// Live enrolments of a person, newest first.
    pub async fn enrolments(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Vec<Enrolment>, StoreError> {
        self.enrolments_where(enrolment::Column::PersonId.eq(person.as_uuid()), now).await
    }

    /// Live enrolments in a circle, newest first.
    pub async fn circle_enrolments(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<Vec<Enrolment>, StoreError> {
        self.enrolments_where(enrolment::Column::CircleId.eq(circle.as_uuid()), now).await
    }

    /// Live enrolments on a device: the people who use it.
    pub async fn device_enrolments(
        &self,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<Vec<Enrolment>, StoreError> {
        self.enrolments_where(enrolment::Column::DeviceId.eq(device.as_uuid()), now).await
    }

    async fn enrolments_where(
        &self,
        which: sea_orm::sea_query::SimpleExpr,
        now: Timestamp,
    ) -> Result<Vec<Enrolment>, StoreError> {
        let idle_since = now.plus_days(-ENROLMENT_IDLE_DAYS).as_second();
        let rows = enrolment::Entity::find()
            .filter(enrolment::Column::OrganisationId.eq(self.organisation))
            .filter(which)
            .filter(enrolment::Column::EndedAt.is_null())
            .filter(enrolment::Column::LastUsedAt.gt(idle_since))
            .order_by_desc(enrolment::Column::CreatedAt)
            .order_by_asc(enrolment::Column::Id)
            .limit(200)
            .all(&self.txn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Enrolment {
                id: EnrolmentId::from_uuid(row.id),
                organisation: self.organisation(),
                device: DeviceId::from_uuid(row.device_id),
                person: PersonId::from_uuid(row.person_id),
                circle: row.circle_id.map(CircleId::from_uuid),
                created_at: at(row.created_at),
                last_used_at: at(row.last_used_at),
                current: false,
            })
            .collect())
    }

    /// A person's own number on a device.
    pub async fn own_number(
        &self,
        device: DeviceId,
        person: PersonId,
    ) -> Result<Option<StoredNumber>, StoreError> {
        let key = (self.organisation, device.as_uuid(), person.as_uuid());
        let row = own_number::Entity::find_by_id(key).one(&self.txn).await?;
        row.map(|row| {
            let wrong_tries = crate::convert::small(row.wrong_tries, "own_number", row.person_id)?;
            Ok(StoredNumber { phc: row.phc, wrong_tries })
        })
        .transpose()
    }
}

pub(crate) fn device_row(
    organisation: Uuid,
    id: DeviceId,
    token_hash: &[u8],
    now: Timestamp,
) -> device::ActiveModel {
    device::ActiveModel {
        organisation_id: Set(organisation),
        id: Set(id.as_uuid()),
        token_hash: Set(token_hash.to_vec()),
        shared: Set(false),
        created_at: Set(now.as_second()),
        last_used_at: Set(now.as_second()),
    }
}

/// Its own key is the caller's to add.
pub(crate) fn enrolment_row(
    device: DeviceId,
    person: PersonId,
    circle: Option<CircleId>,
    way: &str,
    now: Timestamp,
) -> enrolment::ActiveModel {
    enrolment::ActiveModel {
        device_id: Set(device.as_uuid()),
        person_id: Set(person.as_uuid()),
        circle_id: Set(circle.map(CircleId::as_uuid)),
        way: Set(way.to_owned()),
        created_at: Set(now.as_second()),
        last_used_at: Set(now.as_second()),
        ended_at: Set(None),
        ..Default::default()
    }
}

impl UnitOfWork {
    /// Remembers a browser by the hash of its secret.
    pub async fn add_device(
        &self,
        id: DeviceId,
        token_hash: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        device::Entity::insert(device_row(self.organisation, id, token_hash, now))
            .exec_without_returning(&self.txn)
            .await?;
        Ok(())
    }

    /// Remembers that several people use a device.
    pub async fn share_device(&self, id: DeviceId) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE device SET shared = TRUE WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), id.as_uuid().into()],
        )
        .await
        .map(|_| ())
    }

    /// Only one person uses a session's device after all: the session lasts as on any device of
    /// one's own. Their earlier sessions there end for good, as one that ran out on a shared device
    /// would otherwise live again.
    pub async fn unshare_device(&self, own: &Session, now: Timestamp) -> Result<(), StoreError> {
        let device = own.device.as_uuid();
        raw::execute(
            &self.txn,
            "UPDATE device SET shared = FALSE WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), device.into()],
        )
        .await?;
        raw::execute(
            &self.txn,
            "UPDATE session SET ended_at = $5 WHERE organisation_id = $1 AND device_id = $2 \
             AND person_id = $3 AND id <> $4 AND ended_at IS NULL",
            vec![
                self.organisation.into(),
                device.into(),
                own.person.as_uuid().into(),
                own.id.as_uuid().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        raw::execute(
            &self.txn,
            "UPDATE session SET shared_computer = FALSE WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), own.id.as_uuid().into()],
        )
        .await
        .map(|_| ())
    }

    /// Trusts a device for one person in one circle (for staff: in the organisation). An earlier
    /// trust of the same ends, so that there is one to stop.
    pub async fn add_enrolment(
        &self,
        device: DeviceId,
        person: PersonId,
        circle: Option<CircleId>,
        way: &str,
        now: Timestamp,
    ) -> Result<EnrolmentId, StoreError> {
        self.end_same(device, person, circle, now).await?;
        let id = EnrolmentId::new(&*self.ids);
        let row = enrolment::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(id.as_uuid()),
            ..enrolment_row(device, person, circle, way, now)
        };
        enrolment::Entity::insert(row).exec_without_returning(&self.txn).await?;
        Ok(id)
    }

    /// Ends one enrolment, any other of the same person, device and circle, and the sessions of its
    /// person on its device.
    pub async fn end_enrolment(&self, id: EnrolmentId, now: Timestamp) -> Result<bool, StoreError> {
        let row =
            enrolment::Entity::find_by_id((self.organisation, id.as_uuid())).one(&self.txn).await?;
        let Some(row) = row else { return Ok(false) };
        let (device, person) =
            (DeviceId::from_uuid(row.device_id), PersonId::from_uuid(row.person_id));
        let circle = row.circle_id.map(CircleId::from_uuid);
        let ended = self.end_same(device, person, circle, now).await?;
        self.end_sessions(person, Some(device), now).await?;
        self.end_feed_without_device(person, now).await?;
        Ok(ended > 0)
    }

    /// The address of somebody's calendar is told on their devices alone, and dead with the last.
    async fn end_feed_without_device(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.enrolments(person, now).await?.is_empty() {
            self.end_feed(person, now).await?;
        }
        Ok(())
    }

    async fn end_same(
        &self,
        device: DeviceId,
        person: PersonId,
        circle: Option<CircleId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.end_rows(
            EndingKind::Device,
            "UPDATE enrolment SET ended_at = $3 WHERE organisation_id = $1 AND person_id = $2 \
             AND device_id = $4 AND ended_at IS NULL \
             AND (circle_id = $5 OR ($6 AND circle_id IS NULL)) RETURNING id",
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                now.as_second().into(),
                device.as_uuid().into(),
                circle.map_or(Uuid::nil(), CircleId::as_uuid).into(),
                circle.is_none().into(),
            ],
        )
        .await
    }

    /// Ends the enrolments of a person: in one circle, or on one device, or both.
    pub async fn end_enrolments(
        &self,
        person: PersonId,
        circle: Option<CircleId>,
        device: Option<DeviceId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let ended = self
            .end_rows(
                EndingKind::Device,
                "UPDATE enrolment SET ended_at = $3 WHERE organisation_id = $1 AND person_id = $2 \
             AND ended_at IS NULL AND ($4 OR circle_id = $5) AND ($6 OR device_id = $7) \
             RETURNING id",
                vec![
                    self.organisation.into(),
                    person.as_uuid().into(),
                    now.as_second().into(),
                    circle.is_none().into(),
                    circle.map_or(Uuid::nil(), CircleId::as_uuid).into(),
                    device.is_none().into(),
                    device.map_or(Uuid::nil(), DeviceId::as_uuid).into(),
                ],
            )
            .await?;
        self.end_feed_without_device(person, now).await?;
        Ok(ended)
    }

    /// Sets or replaces a person's own number on a device.
    pub async fn put_own_number(
        &self,
        device: DeviceId,
        person: PersonId,
        phc: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = (self.organisation, device.as_uuid(), person.as_uuid());
        own_number::Entity::delete_by_id(key).exec(&self.txn).await?;
        own_number::Entity::insert(own_number::ActiveModel {
            organisation_id: Set(self.organisation),
            device_id: Set(device.as_uuid()),
            person_id: Set(person.as_uuid()),
            phc: Set(phc.to_owned()),
            wrong_tries: Set(0),
            created_at: Set(now.as_second()),
        })
        .exec_without_returning(&self.txn)
        .await?;
        Ok(())
    }

    /// Takes one try of `limit` from an own number before it is compared, so that parallel guesses
    /// cannot outrun the count. `false` when none was left.
    pub async fn take_number_try(
        &self,
        device: DeviceId,
        person: PersonId,
        limit: u32,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE own_number SET wrong_tries = wrong_tries + 1 WHERE organisation_id = $1 \
             AND device_id = $2 AND person_id = $3 AND wrong_tries < $4",
            vec![
                self.organisation.into(),
                device.as_uuid().into(),
                person.as_uuid().into(),
                i32::try_from(limit).unwrap_or(i32::MAX).into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// A right number gives all tries back.
    pub async fn reset_number_tries(
        &self,
        device: DeviceId,
        person: PersonId,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE own_number SET wrong_tries = 0 WHERE organisation_id = $1 \
             AND device_id = $2 AND person_id = $3",
            vec![self.organisation.into(), device.as_uuid().into(), person.as_uuid().into()],
        )
        .await
        .map(|_| ())
    }
}
