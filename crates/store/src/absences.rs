//! When people are away, and are asked for nothing.

use kith_domain::Timestamp;
use kith_domain::ids::{CircleId, MembershipId, PersonId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::at;
use crate::error::StoreError;
use crate::people::Membership;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

impl Reader {
    /// From when until when a person is away, unless that is over at `now`: by the own word, or where
    /// there is none by that of whoever is in charge of a circle.
    pub async fn absence_of(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            from_at: i64,
            until_at: i64,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT from_at, until_at FROM (SELECT 0 AS nth, from_at, until_at FROM absence \
               WHERE organisation_id = $1 AND person_id = $2 AND until_at > $3 UNION ALL \
               SELECT 1 AS nth, from_at, until_at FROM absence_here \
               WHERE organisation_id = $1 AND person_id = $2 AND until_at > $3) AS away \
             ORDER BY nth, from_at LIMIT 1",
            vec![self.organisation.into(), person.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(row.map(|row| (at(row.from_at), at(row.until_at))))
    }

    /// What keeps a member from the slots of their circle that fall into it: when they are away by the
    /// own word, and by that of whoever is in charge.
    pub async fn absences_of(
        &self,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<Vec<(Timestamp, Timestamp)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            from_at: i64,
            until_at: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT x.from_at, x.until_at FROM membership m JOIN absence x \
               ON x.organisation_id = m.organisation_id AND x.person_id = m.person_id \
             WHERE m.organisation_id = $1 AND m.id = $2 AND x.until_at > $3 UNION ALL \
             SELECT y.from_at, y.until_at FROM absence_here y \
             WHERE y.organisation_id = $1 AND y.membership_id = $2 AND y.until_at > $3",
            vec![self.organisation.into(), membership.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(rows.into_iter().map(|row| (at(row.from_at), at(row.until_at))).collect())
    }

    /// From when until when a member is away by the word of whoever is in charge, unless that is
    /// over at `now`.
    pub async fn absence_here(
        &self,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            from_at: i64,
            until_at: i64,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT from_at, until_at FROM absence_here WHERE organisation_id = $1 \
             AND membership_id = $2 AND until_at > $3",
            vec![self.organisation.into(), membership.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        Ok(row.map(|row| (at(row.from_at), at(row.until_at))))
    }

    /// Members of a circle who are away at `now`, and until when.
    pub async fn away_from(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<Vec<(MembershipId, Timestamp)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
            until_at: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT m.id, x.until_at FROM membership m JOIN absence x \
               ON x.organisation_id = m.organisation_id AND x.person_id = m.person_id \
             WHERE m.organisation_id = $1 AND m.circle_id = $2 AND m.state = 'active' \
               AND x.from_at <= $3 AND x.until_at > $3 UNION ALL \
             SELECT m.id, y.until_at FROM membership m JOIN absence_here y \
               ON y.organisation_id = m.organisation_id AND y.membership_id = m.id \
             WHERE m.organisation_id = $1 AND m.circle_id = $2 AND m.state = 'active' \
               AND y.from_at <= $3 AND y.until_at > $3 LIMIT 500",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await?;
        let away = |row: Row| (MembershipId::from_uuid(row.id), at(row.until_at));
        Ok(rows.into_iter().map(away).collect())
    }
}

impl UnitOfWork {
    /// A person is away in `[from, until)`; what was said before is forgotten.
    pub async fn put_absence(
        &self,
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.end_absence(person).await?;
        raw::execute(
            &self.txn,
            "INSERT INTO absence (organisation_id, person_id, from_at, until_at) \
             VALUES ($1, $2, $3, $4)",
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                from.as_second().into(),
                until.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// A person is back: what others noted is over as well.
    pub async fn end_absence(&self, person: PersonId) -> Result<(), StoreError> {
        for table in ["absence", "absence_here"] {
            raw::execute(
                &self.txn,
                &format!("DELETE FROM {table} WHERE organisation_id = $1 AND person_id = $2"),
                vec![self.organisation.into(), person.as_uuid().into()],
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
