//! When people are away, and are asked for nothing.

use kith_domain::Timestamp;
use kith_domain::ids::{AbsenceId, CircleId, MembershipId, PersonId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::at;
use crate::error::StoreError;
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

impl Reader {
    /// When a person is away, but for what is over at `now`, in order; at most 50.
    pub async fn absences_of(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Vec<Absence>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
            from_at: i64,
            until_at: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT id, from_at, until_at FROM absence WHERE organisation_id = $1 \
             AND person_id = $2 AND until_at > $3 ORDER BY from_at, until_at, id LIMIT 50",
            vec![self.organisation.into(), person.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        let absence = |row: Row| Absence {
            id: AbsenceId::from_uuid(row.id),
            from: at(row.from_at),
            until: at(row.until_at),
        };
        Ok(rows.into_iter().map(absence).collect())
    }

    /// When the members of a circle are away, from when until when, but for what is over at `now`; in
    /// order.
    pub async fn absences_in(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<Vec<(MembershipId, Timestamp, Timestamp)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
            from_at: i64,
            until_at: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT m.id, x.from_at, x.until_at FROM membership m JOIN absence x \
               ON x.organisation_id = m.organisation_id AND x.person_id = m.person_id \
             WHERE m.organisation_id = $1 AND m.circle_id = $2 AND m.state = 'active' \
               AND x.until_at > $3 ORDER BY x.from_at, x.until_at, x.id LIMIT 500",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        let away = |row: Row| (MembershipId::from_uuid(row.id), at(row.from_at), at(row.until_at));
        Ok(rows.into_iter().map(away).collect())
    }
}

impl UnitOfWork {
    /// A person is away in `[from, until)`, beside what was said before; the same twice is once.
    pub async fn put_absence(
        &self,
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "INSERT INTO absence (organisation_id, id, person_id, from_at, until_at) \
             SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM absence x \
               WHERE x.organisation_id = $1 AND x.person_id = $3 AND x.from_at = $4 \
               AND x.until_at = $5)",
            vec![
                self.organisation.into(),
                AbsenceId::new(&*self.ids).as_uuid().into(),
                person.as_uuid().into(),
                from.as_second().into(),
                until.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// A person is not away then after all; with no `absence`, is back from all that has begun at
    /// `now`.
    pub async fn end_absence(
        &self,
        person: PersonId,
        absence: Option<AbsenceId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (which, value) = match absence {
            Some(id) => ("id = $3", id.as_uuid().into()),
            None => ("from_at <= $3", now.as_second().into()),
        };
        raw::execute(
            &self.txn,
            &format!(
                "DELETE FROM absence WHERE organisation_id = $1 AND person_id = $2 AND {which}"
            ),
            vec![self.organisation.into(), person.as_uuid().into(), value],
        )
        .await
        .map(|_| ())
    }
}
