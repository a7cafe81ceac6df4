//! Persons, and their places in circles.

use kith_domain::ids::{CircleId, MembershipId, OrganisationId, PersonId};
use kith_domain::{EndingKind, MailChoice, MemberRole, MembershipState, Owner, Timestamp};
use kith_vault::{Field, Place, Sealed};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::convert::{at, at_option, small, word};
use crate::endings::index_text;
use crate::entity::{membership, not_this_person, person};
use crate::error::StoreError;
use crate::mail_choice;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// Somebody known to the organisation; the details are sealed.
#[derive(Clone, Debug)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// First name.
    pub name: Sealed,
    /// Mail address, if the person has one.
    pub email: Option<Sealed>,
    /// Keyed index of the address.
    pub email_index: Option<Vec<u8>>,
    /// Phone, if given.
    pub phone: Option<Sealed>,
    /// Which mails the person wants, and when.
    pub mail: MailChoice,
    /// Says that somebody else reads this mailbox or uses this device.
    pub shares_mailbox: bool,
}

/// One person's place in one circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Its id.
    pub id: MembershipId,
    /// The circle.
    pub circle: CircleId,
    /// Who.
    pub person: PersonId,
    /// Role.
    pub role: MemberRole,
    /// State.
    pub state: MembershipState,
    /// Whether this is the lead carer.
    pub lead: bool,
    /// Who named them; none for those the coordinator started with.
    pub named_by: Option<MembershipId>,
    /// When they were named.
    pub named_at: Timestamp,
    /// When they said yes.
    pub accepted_at: Option<Timestamp>,
    /// When they left.
    pub left_at: Option<Timestamp>,
}

pub(crate) fn membership_from(row: &membership::Model) -> Result<Membership, StoreError> {
    Ok(Membership {
        id: MembershipId::from_uuid(row.id),
        circle: CircleId::from_uuid(row.circle_id),
        person: PersonId::from_uuid(row.person_id),
        role: word(&row.role, "membership", row.id)?,
        state: word(&row.state, "membership", row.id)?,
        lead: row.lead,
        named_by: row.named_by.map(MembershipId::from_uuid),
        named_at: at(row.named_at),
        accepted_at: at_option(row.accepted_at),
        left_at: at_option(row.left_at),
    })
}

pub(crate) fn person_from(
    row: person::Model,
    organisation: OrganisationId,
) -> Result<Person, StoreError> {
    let version = small(row.key_version, "person", row.id)?;
    let mail = mail_choice::from_row(&row)?;
    let sealed = |field: Field, bytes: Vec<u8>| {
        let place = Place { owner: Owner::Organisation(organisation), field, row: row.id };
        Sealed::from_parts(place, version, bytes)
    };
    Ok(Person {
        id: PersonId::from_uuid(row.id),
        name: sealed(Field::PersonName, row.name),
        email: row.email.map(|bytes| sealed(Field::PersonEmail, bytes)),
        email_index: row.email_index,
        phone: row.phone.map(|bytes| sealed(Field::PersonPhone, bytes)),
        mail,
        shares_mailbox: row.shares_mailbox,
    })
}

impl Reader {
    /// One person.
    pub async fn person(&self, id: PersonId) -> Result<Person, StoreError> {
        let row = person::Entity::find_by_id((self.organisation, id.as_uuid()))
            .one(&self.txn)
            .await?
            .ok_or(StoreError::NotFound)?;
        person_from(row, self.organisation())
    }

    /// Those of these persons who exist, in no order.
    pub async fn persons(&self, ids: &[PersonId]) -> Result<Vec<Person>, StoreError> {
        person::Entity::find()
            .filter(person::Column::OrganisationId.eq(self.organisation))
            .filter(person::Column::Id.is_in(ids.iter().map(|id| id.as_uuid())))
            .all(&self.txn)
            .await?
            .into_iter()
            .map(|row| person_from(row, self.organisation()))
            .collect()
    }

    /// Everybody who reads mail at an address, oldest first, at most 20: families share mailboxes.
    pub async fn persons_at(&self, email_index: &[u8]) -> Result<Vec<Person>, StoreError> {
        person::Entity::find()
            .filter(person::Column::OrganisationId.eq(self.organisation))
            .filter(person::Column::EmailIndex.eq(email_index.to_vec()))
            .order_by_asc(person::Column::CreatedAt)
            .order_by_asc(person::Column::Id)
            .limit(20)
            .all(&self.txn)
            .await?
            .into_iter()
            .map(|row| person_from(row, self.organisation()))
            .collect()
    }

    /// The members of a circle in the order they were named, those who left too; at most 500.
    pub async fn members(&self, circle: CircleId) -> Result<Vec<Membership>, StoreError> {
        membership::Entity::find()
            .filter(membership::Column::OrganisationId.eq(self.organisation))
            .filter(membership::Column::CircleId.eq(circle.as_uuid()))
            .order_by_asc(membership::Column::NamedAt)
            .order_by_asc(membership::Column::NamedNth)
            .order_by_asc(membership::Column::Id)
            .limit(500)
            .all(&self.txn)
            .await?
            .into_iter()
            .map(|row| membership_from(&row))
            .collect()
    }

    /// One membership.
    pub async fn membership(&self, id: MembershipId) -> Result<Option<Membership>, StoreError> {
        membership::Entity::find_by_id((self.organisation, id.as_uuid()))
            .one(&self.txn)
            .await?
            .map(|row| membership_from(&row))
            .transpose()
    }

    /// The live places of a person, at most 100.
    pub async fn memberships_of(&self, person: PersonId) -> Result<Vec<Membership>, StoreError> {
        membership::Entity::find()
            .filter(membership::Column::OrganisationId.eq(self.organisation))
            .filter(membership::Column::PersonId.eq(person.as_uuid()))
            .filter(membership::Column::State.eq(MembershipState::Active.as_str()))
            .order_by_asc(membership::Column::NamedAt)
            .order_by_asc(membership::Column::Id)
            .limit(100)
            .all(&self.txn)
            .await?
            .into_iter()
            .map(|row| membership_from(&row))
            .collect()
    }

    /// Whether an address is on the circle's "not this person" list.
    pub async fn is_refused(
        &self,
        circle: CircleId,
        email_index: &[u8],
    ) -> Result<bool, StoreError> {
        Ok(not_this_person::Entity::find()
            .filter(not_this_person::Column::OrganisationId.eq(self.organisation))
            .filter(not_this_person::Column::CircleId.eq(circle.as_uuid()))
            .filter(not_this_person::Column::EmailIndex.eq(email_index.to_vec()))
            .one(&self.txn)
            .await?
            .is_some())
    }
}

pub(crate) fn person_row(organisation: Uuid, new: &Person, now: Timestamp) -> person::ActiveModel {
    let key_version = i32::try_from(new.name.key_version()).unwrap_or(i32::MAX);
    person::ActiveModel {
        organisation_id: Set(organisation),
        id: Set(new.id.as_uuid()),
        name: Set(new.name.bytes().to_vec()),
        email: Set(new.email.as_ref().map(|sealed| sealed.bytes().to_vec())),
        email_index: Set(new.email_index.clone()),
        phone: Set(new.phone.as_ref().map(|sealed| sealed.bytes().to_vec())),
        key_version: Set(key_version),
        email_unproved: Set(false),
        shares_mailbox: Set(new.shares_mailbox),
        created_at: Set(now.as_second()),
        ..mail_choice::to_row(new.mail)
    }
}

/// `nth` orders those who are named in the same second.
pub(crate) fn membership_row(
    organisation: Uuid,
    new: &Membership,
    nth: usize,
) -> membership::ActiveModel {
    membership::ActiveModel {
        organisation_id: Set(organisation),
        id: Set(new.id.as_uuid()),
        circle_id: Set(new.circle.as_uuid()),
        person_id: Set(new.person.as_uuid()),
        role: Set(new.role.as_str().to_owned()),
        state: Set(new.state.as_str().to_owned()),
        lead: Set(new.lead),
        named_by: Set(new.named_by.map(MembershipId::as_uuid)),
        named_at: Set(new.named_at.as_second()),
        accepted_at: Set(new.accepted_at.map(Timestamp::as_second)),
        left_at: Set(new.left_at.map(Timestamp::as_second)),
        named_nth: Set(i32::try_from(nth).unwrap_or(i32::MAX)),
        everyday_look_on: Set(None),
    }
}

impl UnitOfWork {
    /// Adds a person. The seals must be bound to the person's id.
    pub async fn add_person(&self, new: &Person, now: Timestamp) -> Result<(), StoreError> {
        person::Entity::insert(person_row(self.organisation, new, now))
            .exec_without_returning(&self.txn)
            .await?;
        Ok(())
    }

    /// Replaces a person's details.
    pub async fn put_person(&self, changed: &Person) -> Result<(), StoreError> {
        let key = (self.organisation, changed.id.as_uuid());
        let row = person::Entity::find_by_id(key).one(&self.txn).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let another = row.email_index != changed.email_index;
        let mut row: person::ActiveModel = row.into();
        if another {
            // Nothing is known against the new address.
            (row.mail_bounced_at, row.mail_bounced_by) = (Set(None), Set(None));
            row.email_unproved = Set(false);
        }
        row.name = Set(changed.name.bytes().to_vec());
        row.email = Set(changed.email.as_ref().map(|sealed| sealed.bytes().to_vec()));
        row.email_index = Set(changed.email_index.clone());
        row.phone = Set(changed.phone.as_ref().map(|sealed| sealed.bytes().to_vec()));
        row.shares_mailbox = Set(changed.shares_mailbox);
        person::Entity::update(row).exec(&self.txn).await?;
        self.put_mail_choice(changed.id, changed.mail).await
    }

    /// A person whose details this transaction changes: nobody else changes them until it ends.
    pub async fn person_to_change(&self, id: PersonId) -> Result<Person, StoreError> {
        person::Entity::find_by_id((self.organisation, id.as_uuid()))
            .lock(LockType::NoKeyUpdate)
            .one(&self.txn)
            .await?;
        self.person(id).await
    }

    /// A place that this transaction rests on: nobody else changes it until it ends. Held before the
    /// circle's row, as every change of a member does.
    pub async fn hold_membership(
        &self,
        id: MembershipId,
    ) -> Result<Option<Membership>, StoreError> {
        membership::Entity::find_by_id((self.organisation, id.as_uuid()))
            .lock(LockType::NoKeyUpdate)
            .one(&self.txn)
            .await?;
        self.membership(id).await
    }

    /// Nothing but codes is sent to a person any more. Touches nothing else, as other details may
    /// be changed in this moment.
    pub async fn stop_mail(&self, id: PersonId) -> Result<(), StoreError> {
        if !self.put_mail_stopped(id, true).await? {
            // It was so already, or there is nobody.
            self.person(id).await?;
        }
        Ok(())
    }

    /// Adds a place in a circle.
    pub async fn add_membership(&self, new: &Membership) -> Result<(), StoreError> {
        let nth = self.members(new.circle).await?.len();
        membership::Entity::insert(membership_row(self.organisation, new, nth))
            .exec_without_returning(&self.txn)
            .await?;
        Ok(())
    }

    /// Gives a member another role: whoever was given the card turns out to be the patient.
    pub async fn put_membership_role(
        &self,
        id: MembershipId,
        role: MemberRole,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE membership SET role = $3, lead = FALSE WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), id.as_uuid().into(), role.as_str().into()],
        )
        .await
        .map(|_| ())
    }

    /// Moves a membership on. `false` when it is no longer in `from`, and for one that was left:
    /// whoever comes back gets another, so that an old copy of the database cannot bring it back.
    pub async fn put_membership_state(
        &self,
        id: MembershipId,
        from: MembershipState,
        to: MembershipState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE membership SET state = $4, \
               accepted_at = CASE WHEN $4 = 'active' THEN $5 ELSE accepted_at END, \
               left_at = CASE WHEN $4 = 'left' THEN $5 ELSE left_at END \
             WHERE organisation_id = $1 AND id = $2 AND state = $3 AND state <> 'left'",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                from.as_str().into(),
                to.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        if changed == 1 && to == MembershipState::Left {
            self.has_ended(EndingKind::Membership, id.as_uuid(), None).await?;
        }
        Ok(changed == 1)
    }

    /// Lets a membership belong to another person, with what was promised there and when they are
    /// away: somebody who was invited turns out to be known already, or has another address.
    pub async fn move_membership(
        &self,
        id: MembershipId,
        person: PersonId,
    ) -> Result<(), StoreError> {
        for (table, key) in [
            ("membership", "id"),
            ("claim", "membership_id"),
            ("standing_promise", "membership_id"),
            ("absence_here", "membership_id"),
        ] {
            raw::execute(
                &self.txn,
                &format!(
                    "UPDATE {table} SET person_id = $3 WHERE organisation_id = $1 AND {key} = $2"
                ),
                vec![self.organisation.into(), id.as_uuid().into(), person.as_uuid().into()],
            )
            .await?;
        }
        Ok(())
    }

    /// Puts a person's address, if there is one, on the circle's "not this person" list.
    pub async fn refuse_person(
        &self,
        circle: CircleId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(index) = self.person(person).await?.email_index else { return Ok(()) };
        self.refuse_address(circle, &index, now).await
    }

    /// Puts an address on the circle's "not this person" list.
    pub async fn refuse_address(
        &self,
        circle: CircleId,
        email_index: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.is_refused(circle, email_index).await? {
            return Ok(());
        }
        not_this_person::Entity::insert(not_this_person::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(self.ids.next()),
            circle_id: Set(circle.as_uuid()),
            email_index: Set(email_index.to_vec()),
            created_at: Set(now.as_second()),
        })
        .exec_without_returning(&self.txn)
        .await?;
        let index = index_text(email_index);
        self.has_ended(EndingKind::Naming, circle.as_uuid(), Some(&index)).await
    }
}
