//! When people are away, and are asked for nothing.

use kith_domain::Timestamp;
use kith_domain::ids::{AbsenceId, CircleId, MembershipId, PersonId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::at;
use crate::error::StoreError;
use crate::people::Membership;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// A time for which a person is away: several may follow each other, and overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Its id.
    pub id: AbsenceId,
    /// The first second away.
    pub from: Timestamp,
    /// The first second back.
    pub until: Timestamp,
}

impl Absence {
    /// Whether the person is away at `at`.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    from_at: i64,
    until_at: i64,
}

impl Row {
    fn absence(self) -> Absence {
        Absence {
            id: AbsenceId::from_uuid(self.id),
            from: at(self.from_at),
            until: at(self.until_at),
        }
    }
}

impl Reader {
    /// What keeps a member from the slots of their circle that fall into it: when they are away by the
    /// own word, and by that of whoever is in charge.
    pub async fn times_away(
        &self,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<Vec<Absence>, StoreError> {
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT x.id, x.from_at, x.until_at FROM membership m JOIN absence x \
               ON x.organisation_id = m.organisation_id AND x.person_id = m.person_id \
             WHERE m.organisation_id = $1 AND m.id = $2 AND x.until_at > $3 UNION ALL \
             SELECT y.membership_id AS id, y.from_at, y.until_at FROM absence_here y \
             WHERE y.organisation_id = $1 AND y.membership_id = $2 AND y.until_at > $3",
            vec![self.organisation.into(), membership.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(rows.into_iter().map(Row::absence).collect())
    }

    /// From when until when a member is away by the word of whoever is in charge, unless that is
    /// over at `now`.
    pub async fn absence_here(
        &self,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<Option<Absence>, StoreError> {
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT membership_id AS id, from_at, until_at FROM absence_here WHERE organisation_id = $1 \
             AND membership_id = $2 AND until_at > $3",
            vec![self.organisation.into(), membership.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(row.map(Row::absence))
    }

    /// When a person is away, by the own word and by that of others, but for what is over at `now`, in
    /// order; at most 150.
    pub async fn absences_of(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Vec<Absence>, StoreError> {
        let rows: Vec<Row> = raw::all(
            &self.txn,
            // Of what others noted there is one for each place in a circle.
            "SELECT id, from_at, until_at FROM absence WHERE organisation_id = $1 \
               AND person_id = $2 AND until_at > $3 UNION ALL \
             SELECT membership_id AS id, from_at, until_at FROM absence_here \
             WHERE organisation_id = $1 AND person_id = $2 AND until_at > $3 \
             ORDER BY from_at, until_at, id LIMIT 150",
            vec![self.organisation.into(), person.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(rows.into_iter().map(Row::absence).collect())
    }

    /// When the members of a circle are away, from when until when, but for what is over at `now`; in
    /// order.
    pub async fn absences_in(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<Vec<(MembershipId, Timestamp, Timestamp)>, StoreError> {
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT m.id, x.from_at, x.until_at FROM membership m JOIN absence x \
               ON x.organisation_id = m.organisation_id AND x.person_id = m.person_id \
             WHERE m.organisation_id = $1 AND m.circle_id = $2 AND m.state = 'active' \
               AND x.until_at > $3 UNION ALL \
             SELECT m.id, y.from_at, y.until_at FROM membership m JOIN absence_here y \
               ON y.organisation_id = m.organisation_id AND y.membership_id = m.id \
             WHERE m.organisation_id = $1 AND m.circle_id = $2 AND m.state = 'active' \
               AND y.until_at > $3 ORDER BY from_at, until_at, id LIMIT 500",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        let away = |row: Row| (MembershipId::from_uuid(row.id), at(row.from_at), at(row.until_at));
        Ok(rows.into_iter().map(away).collect())
    }
}

impl UnitOfWork {
    /// A person is away in `[from, until)`, beside what was said before; the same twice is once.
    /// `false` when they have said `most` times already that are not over at `now`.
    pub async fn put_absence(
        &self,
        person: PersonId,
        (from, until): (Timestamp, Timestamp),
        most: usize,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // Two that are sent in one moment come one after the other.
        self.person_to_change(person).await?;
        let said: Vec<Row> = raw::all(
            &self.txn,
            "SELECT id, from_at, until_at FROM absence WHERE organisation_id = $1 \
               AND person_id = $2 AND until_at > $3",
            vec![self.organisation.into(), person.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        let same = |row: &Row| (at(row.from_at), at(row.until_at)) == (from, until);
        if said.iter().any(same) {
            return Ok(true);
        }
        if said.len() >= most {
            return Ok(false);
        }
        raw::execute(
            &self.txn,
            "INSERT INTO absence (organisation_id, id, person_id, from_at, until_at) \
             VALUES ($1, $2, $3, $4, $5)",
            vec![
                self.organisation.into(),
                AbsenceId::new(&*self.ids).as_uuid().into(),
                person.as_uuid().into(),
                from.as_second().into(),
                until.as_second().into(),
            ],
        )
        .await?;
        Ok(true)
    }

    /// A person is not away then after all; with no `absence`, is back from all that has begun at
    /// `now`, and so from what others noted.
    pub async fn end_absence(
        &self,
        person: PersonId,
        absence: Option<AbsenceId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let value: sea_orm::Value = match absence {
            Some(id) => id.as_uuid().into(),
            None => now.as_second().into(),
        };
        for (table, key) in [("absence", "id"), ("absence_here", "membership_id")] {
            let which =
                if absence.is_some() { format!("{key} = $3") } else { "from_at <= $3".into() };
            raw::execute(
                &self.txn,
                &format!(
                    "DELETE FROM {table} WHERE organisation_id = $1 AND person_id = $2 AND {which}"
                ),
                vec![self.organisation.into(), person.as_uuid().into(), value.clone()],
            )
            .await?;
        }
        Ok(())
    }

    /// A member is away in `[from, until)`, as whoever is in charge was told. It counts in this
    /// circle only: what somebody is to another one is nothing that it changes.
    pub async fn put_absence_here(
        &self,
        member: &Membership,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        self.end_absence_here(member.id).await?;
        raw::execute(
            &self.txn,
            "INSERT INTO absence_here \
               (organisation_id, membership_id, circle_id, person_id, from_at, until_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            vec![
                self.organisation.into(),
                member.id.as_uuid().into(),
                member.circle.as_uuid().into(),
                member.person.as_uuid().into(),
                from.as_second().into(),
                until.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Whoever is in charge was told that a member is back.
    pub async fn end_absence_here(&self, membership: MembershipId) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "DELETE FROM absence_here WHERE organisation_id = $1 AND membership_id = $2",
            vec![self.organisation.into(), membership.as_uuid().into()],
        )
        .await
        .map(|_| ())
    }
}
