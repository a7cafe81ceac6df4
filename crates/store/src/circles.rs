//! A circle and the people in it, as the program itself reads them: nothing of it is sealed.

use kith_domain::ids::{CircleId, MembershipId, PersonId};
use kith_domain::{AskRing, CircleState, EndingKind, Timestamp, Zone};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::access::{Circle, word_zone};
use crate::convert::{at, word};
use crate::entity::{circle, membership};
use crate::error::StoreError;
use crate::people::{Membership, membership_from};
use crate::raw;
use crate::rota::Slot;
use crate::unit::{Reader, UnitOfWork};

/// A member who may be asked for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MayBeAsked {
    /// The place in the circle.
    pub membership: MembershipId,
    /// Who.
    pub person: PersonId,
    /// Whether the person reads mails of ours, and wants to be asked by them.
    pub by_mail: bool,
    /// The ring in which they are asked when somebody cannot make it.
    pub ring: AskRing,
}

/// A circle to add.
#[derive(Clone, Debug)]
pub struct NewCircle<'a> {
    /// Its id.
    pub id: CircleId,
    /// Free nature name.
    pub nature_name: &'a str,
    /// First state.
    pub state: CircleState,
    /// Zone of its wall clock.
    pub zone: &'a Zone,
    /// Part of town; may be empty.
    pub area: &'a str,
}

pub(crate) fn circle_from(row: circle::Model) -> Result<Circle, StoreError> {
    Ok(Circle {
        id: CircleId::from_uuid(row.id),
        state: word(&row.state, "circle", row.id)?,
        since: at(row.state_changed_at),
        zone: word_zone(&row.zone, row.id)?,
        nature_name: row.nature_name,
        area: row.area,
        quiet_mail: row.quiet_mail,
    })
}

impl Reader {
    /// One circle.
    pub async fn circle(&self, id: CircleId) -> Result<Option<Circle>, StoreError> {
        let row =
            circle::Entity::find_by_id((self.organisation, id.as_uuid())).one(&self.txn).await?;
        row.map(circle_from).transpose()
    }

    /// Those of these circles that exist, in no order.
    pub async fn circles(&self, ids: &[CircleId]) -> Result<Vec<Circle>, StoreError> {
        circle::Entity::find()
            .filter(circle::Column::OrganisationId.eq(self.organisation))
            .filter(circle::Column::Id.is_in(ids.iter().map(|id| id.as_uuid())))
            .all(&self.txn)
            .await?
            .into_iter()
            .map(circle_from)
            .collect()
    }

    /// A person's place in a circle, whatever became of it.
    pub async fn place_of(
        &self,
        circle: CircleId,
        person: PersonId,
    ) -> Result<Option<Membership>, StoreError> {
        membership::Entity::find()
            .filter(membership::Column::OrganisationId.eq(self.organisation))
            .filter(membership::Column::CircleId.eq(circle.as_uuid()))
            .filter(membership::Column::PersonId.eq(person.as_uuid()))
            .one(&self.txn)
            .await?
            .map(|row| membership_from(&row))
            .transpose()
    }

    /// Who may be asked for a slot: active members with a live grant for the rota, but the patient,
    /// who holds no promise for it, is not away then and has not said no. In the order they were named; at most 500.
    pub async fn may_be_asked(
        &self,
        slot: &Slot,
        now: Timestamp,
    ) -> Result<Vec<MayBeAsked>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
            person_id: Uuid,
            by_mail: i64,
            waits: i64,
            inner_grants: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT m.id, m.person_id, (SELECT COUNT(*) FROM person p \
               WHERE p.organisation_id = m.organisation_id AND p.id = m.person_id \
               AND p.email IS NOT NULL AND NOT p.email_unproved AND p.mail_asks \
               AND NOT p.mail_stopped) AS by_mail, \
               (SELECT COUNT(*) FROM waiting w WHERE w.organisation_id = m.organisation_id \
                 AND w.slot_id = $3 AND w.membership_id = m.id) AS waits, \
               (SELECT COUNT(*) FROM disclosure_grant i \
                 WHERE i.organisation_id = m.organisation_id AND i.membership_id = m.id \
                 AND i.category IN ('care', 'entry') AND i.withdrawn_at IS NULL \
                 AND i.from_at <= $4 AND (i.until_at IS NULL OR i.until_at > $4)) AS inner_grants \
             FROM membership m WHERE m.organisation_id = $1 AND m.circle_id = $2 \
               AND m.state = 'active' AND m.role <> 'patient' \
               AND EXISTS (SELECT 1 FROM disclosure_grant g \
                 WHERE g.organisation_id = m.organisation_id AND g.membership_id = m.id \
                 AND g.category = 'rota' AND g.withdrawn_at IS NULL AND g.from_at <= $4 \
                 AND (g.until_at IS NULL OR g.until_at > $4)) \
               AND NOT EXISTS (SELECT 1 FROM ask a WHERE a.organisation_id = m.organisation_id \
                 AND a.slot_id = $3 AND a.membership_id = m.id AND a.answer = 'no') \
               AND NOT EXISTS (SELECT 1 FROM absence x WHERE x.organisation_id = m.organisation_id \
                 AND x.person_id = m.person_id AND x.from_at <= $5 AND x.until_at > $5) \
               AND NOT EXISTS (SELECT 1 FROM absence_here y \
                 WHERE y.organisation_id = m.organisation_id AND y.membership_id = m.id \
                 AND y.from_at <= $5 AND y.until_at > $5) \
               AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.organisation_id = m.organisation_id \
                 AND c.slot_id = $3 AND c.membership_id = m.id \
                 AND c.state IN ('claimed', 'cover_wanted')) \
             ORDER BY m.named_at, m.id LIMIT 500",
            vec![
                self.organisation.into(),
                slot.circle.as_uuid().into(),
                slot.id.as_uuid().into(),
                now.as_second().into(),
                slot.starts.as_second().into(),
            ],
        )
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| MayBeAsked {
                membership: MembershipId::from_uuid(row.id),
                person: PersonId::from_uuid(row.person_id),
                by_mail: row.by_mail > 0,
                ring: match (row.waits, row.inner_grants) {
                    (1.., _) => AskRing::Waiting,
                    (_, 1..) => AskRing::Inner,
                    _ => AskRing::Circle,
                },
            })
            .collect())
    }

    /// Nature names in use.
    pub async fn nature_names(&self) -> Result<Vec<String>, StoreError> {
        Ok(circle::Entity::find()
            .select_only()
            .column(circle::Column::NatureName)
            .filter(circle::Column::OrganisationId.eq(self.organisation))
            .into_tuple()
            .all(&self.txn)
            .await?)
    }
}

pub(crate) fn circle_row(
    organisation: Uuid,
    new: &NewCircle<'_>,
    now: Timestamp,
) -> circle::ActiveModel {
    circle::ActiveModel {
        organisation_id: Set(organisation),
        id: Set(new.id.as_uuid()),
        nature_name: Set(new.nature_name.to_owned()),
        state: Set(new.state.as_str().to_owned()),
        zone: Set(new.zone.name().to_owned()),
        area: Set(new.area.to_owned()),
        quiet_mail: Set(false),
        carer_seen_at: Set(None),
        created_at: Set(now.as_second()),
        state_changed_at: Set(now.as_second()),
    }
}

impl UnitOfWork {
    /// Adds a circle.
    pub async fn add_circle(&self, new: &NewCircle<'_>, now: Timestamp) -> Result<(), StoreError> {
        circle::Entity::insert(circle_row(self.organisation, new, now))
            .exec_without_returning(&self.txn)
            .await?;
        Ok(())
    }

    /// A circle whose state, or whose list of people, this transaction rests on: whoever else holds
    /// it waits until this transaction ends. On SQLite nobody else writes then anyway.
    pub async fn hold_circle(&self, id: CircleId) -> Result<Option<Circle>, StoreError> {
        circle::Entity::find_by_id((self.organisation, id.as_uuid()))
            .lock(LockType::NoKeyUpdate)
            .one(&self.txn)
            .await?;
        self.circle(id).await
    }

    /// Moves a circle from one state to another. `false` when it is no longer in `from`.
    pub async fn put_circle_state(
        &self,
        circle: CircleId,
        from: CircleState,
        to: CircleState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE circle SET state = $4, state_changed_at = $5 WHERE organisation_id = $1 \
             AND id = $2 AND state = $3",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                from.as_str().into(),
                to.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        if changed != 1 {
            return Ok(false);
        }
        if !to.asks_and_reminds() {
            self.end_proposed_moves(circle, now).await?;
        }
        self.has_ended(EndingKind::CircleState, circle.as_uuid(), Some(to.as_str())).await?;
        Ok(true)
    }

    /// Whether the circle's mails leave out time and kind. `false` when it was so already, or there
    /// is no such circle.
    pub async fn put_quiet_mail(&self, circle: CircleId, quiet: bool) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE circle SET quiet_mail = $3 WHERE organisation_id = $1 AND id = $2 \
             AND quiet_mail <> $3",
            vec![self.organisation.into(), circle.as_uuid().into(), quiet.into()],
        )
        .await?;
        if changed == 1 {
            let word = EndingKind::switch(quiet);
            self.has_ended(EndingKind::Quiet, circle.as_uuid(), Some(word)).await?;
        }
        Ok(changed == 1)
    }
}
