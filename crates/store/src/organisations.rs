//! Organisations, their staff, and data keys.

use kith_domain::ids::{OrganisationId, PersonId};
use kith_domain::{EndingKind, Owner, Standing, Timestamp, Zone};
use kith_vault::WrappedKey;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::access::word_zone;
use crate::entity::{data_key, decision_head, organisation, staff};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, Store, UnitOfWork};
use uuid::Uuid;

/// A hospice or hub.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// "Fernhill Hospice".
    pub name: String,
    /// Host name it is known by; a sole organisation needs none.
    pub host: Option<String>,
    /// Its advice line, shown on every page.
    pub phone: String,
    /// Zone of its wall clock; circles start with it.
    pub zone: Zone,
    /// Whether mails may say its name.
    pub named_in_mail: bool,
}

fn from_row(row: organisation::Model) -> Result<Organisation, StoreError> {
    Ok(Organisation {
        id: OrganisationId::from_uuid(row.id),
        zone: word_zone(&row.zone, row.id)?,
        name: row.name,
        host: row.host,
        phone: row.phone,
        named_in_mail: row.named_in_mail,
    })
}

async fn organisations(
    connection: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<Organisation>, StoreError> {
    organisation::Entity::find()
        .order_by_asc(organisation::Column::CreatedAt)
        .order_by_asc(organisation::Column::Id)
        .limit(limit)
        .all(connection)
        .await?
        .into_iter()
        .map(from_row)
        .collect()
}

impl Store {
    /// The organisation known by `host`; when there is only one, it is that one for every host. What
    /// is changed about it is seen within a second.
    pub async fn organisation_for(&self, host: &str) -> Result<Option<Organisation>, StoreError> {
        let host = host.to_lowercase();
        if let Some(known) = self.hosts.known(&host) {
            return Ok(Some(known));
        }
        let row: Option<organisation::Model> = raw::one(
            &self.connections.read,
            "SELECT o.* FROM organisation o WHERE o.host = $1 OR (o.host IS NULL \
               AND (SELECT COUNT(*) FROM (SELECT id FROM organisation LIMIT 2) AS few) = 1)",
            vec![host.clone().into()],
        )
        .await?;
        let found = row.map(from_row).transpose()?;
        if let Some(found) = &found {
            self.hosts.learn(host, found);
        }
        Ok(found)
    }

    /// An organisation by id.
    pub async fn organisation(&self, id: OrganisationId) -> Result<Organisation, StoreError> {
        let row =
            organisation::Entity::find_by_id(id.as_uuid()).one(&self.connections.read).await?;
        from_row(row.ok_or(StoreError::NotFound)?)
    }

    /// The oldest organisations, at most 100: for the command line.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, StoreError> {
        organisations(&self.connections.read, 100).await
    }
}

pub(crate) fn data_key_row(
    organisation: Uuid,
    key: &WrappedKey,
    now: Timestamp,
) -> data_key::ActiveModel {
    data_key::ActiveModel {
        organisation_id: Set(organisation),
        owner_id: Set(key.owner.as_uuid()),
        version: Set(i32::try_from(key.version).unwrap_or(i32::MAX)),
        wrapped: Set(key.bytes.clone()),
        created_at: Set(now.as_second()),
    }
}

impl Reader {
    /// Whether a person is on the organisation's staff now.
    pub async fn is_staff(&self, person: PersonId) -> Result<bool, StoreError> {
        Ok(staff::Entity::find_by_id((self.organisation, person.as_uuid()))
            .one(&self.txn)
            .await?
            .is_some_and(|row| row.ended_at.is_none()))
    }

    /// The organisation that this reads.
    pub async fn own_organisation(&self) -> Result<Organisation, StoreError> {
        let row = organisation::Entity::find_by_id(self.organisation).one(&self.txn).await?;
        from_row(row.ok_or(StoreError::NotFound)?)
    }

    /// The organisation's coordinators, at most 100.
    pub async fn coordinators(&self) -> Result<Vec<PersonId>, StoreError> {
        let rows = staff::Entity::find()
            .filter(staff::Column::OrganisationId.eq(self.organisation))
            .filter(staff::Column::Role.eq(Standing::Coordinator.as_str()))
            .filter(staff::Column::EndedAt.is_null())
            .order_by_asc(staff::Column::PersonId)
            .limit(100)
            .all(&self.txn)
            .await?;
        Ok(rows.into_iter().map(|row| PersonId::from_uuid(row.person_id)).collect())
    }
}

impl UnitOfWork {
    /// Adds the organisation of this unit of work, with its data key.
    pub async fn add_organisation(
        &self,
        new: &Organisation,
        key: &WrappedKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        organisation::Entity::insert(organisation::ActiveModel {
            id: Set(self.organisation),
            name: Set(new.name.clone()),
            host: Set(new.host.as_ref().map(|host| host.to_lowercase())),
            phone: Set(new.phone.clone()),
            zone: Set(new.zone.name().to_owned()),
            named_in_mail: Set(new.named_in_mail),
            created_at: Set(now.as_second()),
        })
        .exec_without_returning(&self.txn)
        .await?;
        decision_head::Entity::insert(decision_head::ActiveModel {
            organisation_id: Set(self.organisation),
            sequence: Set(0),
        })
        .exec_without_returning(&self.txn)
        .await?;
        self.add_data_key(key, now).await
    }

    /// Makes this organisation known by a host name, as it must be when there are several.
    pub async fn put_host(&self, host: &str) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE organisation SET host = $2 WHERE id = $1",
            vec![self.organisation.into(), host.to_lowercase().into()],
        )
        .await
        .map(|_| ())
    }

    /// Stores a new data key of an owner.
    pub async fn add_data_key(&self, key: &WrappedKey, now: Timestamp) -> Result<(), StoreError> {
        data_key::Entity::insert(data_key_row(self.organisation, key, now))
            .exec_without_returning(&self.txn)
            .await?;
        Ok(())
    }

    /// Destroys an owner's data keys: everything sealed with them is gone.
    pub async fn destroy_data_keys(&self, owner: Owner) -> Result<u64, StoreError> {
        self.has_ended(EndingKind::Keys, owner.as_uuid(), None).await?;
        // Addresses of those who ask to join are sealed for the organisation.
        raw::execute(
            &self.txn,
            "UPDATE join_request SET email = NULL, email_index = NULL \
             WHERE organisation_id = $1 AND circle_id = $2",
            vec![self.organisation.into(), owner.as_uuid().into()],
        )
        .await?;
        raw::execute(
            &self.txn,
            "DELETE FROM data_key WHERE organisation_id = $1 AND owner_id = $2",
            vec![self.organisation.into(), owner.as_uuid().into()],
        )
        .await
    }

    /// Makes a person the organisation's staff.
    pub async fn add_staff(
        &self,
        person: PersonId,
        role: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        staff::Entity::insert(staff::ActiveModel {
            organisation_id: Set(self.organisation),
            person_id: Set(person.as_uuid()),
            role: Set(role.to_owned()),
            added_at: Set(now.as_second()),
            ended_at: Set(None),
        })
        .exec_without_returning(&self.txn)
        .await?;
        Ok(())
    }
}
