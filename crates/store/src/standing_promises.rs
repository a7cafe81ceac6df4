//! Promises to do a task each time that it comes.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kith_domain::ids::{CircleId, ClaimId, MembershipId, PersonId, StandingPromiseId, TaskId};
use kith_domain::repeat::Weekdays;
use kith_domain::{EndingKind, Timestamp};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::convert::{at, date, date_text, small};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// "Every Tuesday until Christmas." The claims on the dates that exist are rows of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingPromise {
    /// Its id.
    pub id: StandingPromiseId,
    /// The circle.
    pub circle: CircleId,
    /// The task.
    pub task: TaskId,
    /// The place in the circle.
    pub membership: MembershipId,
    /// Who.
    pub person: PersonId,
    /// The days and times of the task that were promised: no others.
    pub series: u32,
    /// The weekdays of the task that were promised; none for all of them.
    pub on: Option<Weekdays>,
    /// First day of the task's pattern that it is for.
    pub from: Date,
    /// The last, if one was said.
    pub until: Option<Date>,
    /// Days of the pattern up to which every slot was looked at.
    pub given_to: Option<Date>,
    /// When it was made.
    pub made_at: Timestamp,
}

impl StandingPromise {
    /// Whether it is for the weekday of this day.
    pub fn is_for(&self, made_for: Date) -> bool {
        self.on.is_none_or(|on| on.contains(made_for.weekday()))
    }

    /// Whether it is for the slot that was made for this day.
    pub fn covers(&self, made_for: Date) -> bool {
        self.is_for(made_for)
            && self.from <= made_for
            && self.until.is_none_or(|until| made_for <= until)
    }

    /// The same of one that was not looked at yet.
    pub fn wants(&self, made_for: Date) -> bool {
        self.covers(made_for) && self.given_to.is_none_or(|given| given < made_for)
    }
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    circle_id: Uuid,
    task_id: Uuid,
    membership_id: Uuid,
    person_id: Uuid,
    series: i32,
    weekdays: Option<String>,
    from_date: String,
    until_date: Option<String>,
    given_to: Option<String>,
    made_at: i64,
}

impl Row {
    fn standing(self) -> Result<StandingPromise, StoreError> {
        let id = self.id;
        let day = |text: &str| date(text, "standing_promise", id);
        Ok(StandingPromise {
            id: StandingPromiseId::from_uuid(id),
            circle: CircleId::from_uuid(self.circle_id),
            task: TaskId::from_uuid(self.task_id),
            membership: MembershipId::from_uuid(self.membership_id),
            person: PersonId::from_uuid(self.person_id),
            series: small(self.series, "standing_promise", id)?,
            on: self.weekdays.as_deref().map(|text| weekdays(text, id)).transpose()?,
            from: day(&self.from_date)?,
            until: self.until_date.as_deref().map(day).transpose()?,
            given_to: self.given_to.as_deref().map(day).transpose()?,
            made_at: at(self.made_at),
        })
    }
}

fn weekdays(text: &str, id: Uuid) -> Result<Weekdays, StoreError> {
    let nonsense = StoreError::Inconsistent { table: "standing_promise", id };
    Weekdays::from_text(text).ok_or(nonsense)
}

impl Reader {
    /// The standing promises for a task, in the order in which they were made.
    pub async fn standing_promises_for(
        &self,
        task: TaskId,
    ) -> Result<Vec<StandingPromise>, StoreError> {
        self.standing_where("task_id", task.as_uuid()).await
    }

    /// Those of a person, in whatever circle.
    pub async fn standing_promises_of(
        &self,
        person: PersonId,
    ) -> Result<Vec<StandingPromise>, StoreError> {
        self.standing_where("person_id", person.as_uuid()).await
    }

    /// Those of everybody in a circle.
    pub async fn standing_promises_in(
        &self,
        circle: CircleId,
    ) -> Result<Vec<StandingPromise>, StoreError> {
        self.standing_where("circle_id", circle.as_uuid()).await
    }

    /// Which of these claims were made because their member does the task each time, and not by
    /// themselves.
    pub async fn promised_each_time(
        &self,
        claims: &[ClaimId],
    ) -> Result<BTreeSet<ClaimId>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Found {
            id: Uuid,
            made_for: String,
            weekdays: Option<String>,
        }
        let sql = format!(
            "SELECT c.id, s.made_for, p.weekdays FROM claim c \
             JOIN slot s ON s.organisation_id = c.organisation_id AND s.id = c.slot_id \
             JOIN standing_promise p ON p.organisation_id = s.organisation_id \
               AND p.task_id = s.task_id AND p.membership_id = c.membership_id \
             WHERE c.organisation_id = $1 AND p.ended_at IS NULL AND p.made_at < c.claimed_at \
               AND c.id IN ({})",
            raw::marks(2, claims.len())
        );
        let values = self.and_all(claims.iter().map(|id| id.as_uuid()));
        let rows: Vec<Found> = raw::all(&self.txn, &sql, values).await?;
        let mut found = BTreeSet::new();
        for Found { id, made_for, weekdays: on } in rows {
            let day = date(&made_for, "slot", id)?.weekday();
            let on = on.as_deref().map(|text| weekdays(text, id)).transpose()?;
            if on.is_none_or(|on| on.contains(day)) {
                found.insert(ClaimId::from_uuid(id));
            }
        }
        Ok(found)
    }

    async fn standing_where(
        &self,
        column: &'static str,
        id: Uuid,
    ) -> Result<Vec<StandingPromise>, StoreError> {
        let sql = format!(
            "SELECT id, circle_id, task_id, membership_id, person_id, series, weekdays, from_date, \
               until_date, given_to, made_at FROM standing_promise \
             WHERE organisation_id = $1 AND {column} = $2 AND ended_at IS NULL \
             ORDER BY made_at, id LIMIT 200"
        );
        let values = vec![self.organisation.into(), Value::from(id)];
        let rows: Vec<Row> = raw::all(&self.txn, &sql, values).await?;
        rows.into_iter().map(Row::standing).collect()
    }
}

impl UnitOfWork {
    /// Promises a task each time that it comes, at its days and times of now. What the same member
    /// had said of it before is over.
    pub async fn add_standing_promise(&self, new: &StandingPromise) -> Result<(), StoreError> {
        self.end_rows(
            EndingKind::Standing,
            "UPDATE standing_promise SET ended_at = $4 WHERE organisation_id = $1 \
             AND task_id = $2 AND membership_id = $3 AND ended_at IS NULL RETURNING id",
            vec![
                self.organisation.into(),
                new.task.as_uuid().into(),
                new.membership.as_uuid().into(),
                new.made_at.as_second().into(),
            ],
        )
        .await?;
        raw::execute(
            &self.txn,
            "INSERT INTO standing_promise (organisation_id, id, circle_id, task_id, \
               membership_id, person_id, series, from_date, until_date, given_to, made_at, weekdays) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            vec![
                self.organisation.into(),
                new.id.as_uuid().into(),
                new.circle.as_uuid().into(),
                new.task.as_uuid().into(),
                new.membership.as_uuid().into(),
                new.person.as_uuid().into(),
                i32::try_from(new.series).unwrap_or(i32::MAX).into(),
                date_text(new.from).into(),
                new.until.map(date_text).into(),
                new.given_to.map(date_text).into(),
                new.made_at.as_second().into(),
                new.on.map(Weekdays::to_text).into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Keeps others from changing a standing promise until this transaction ends, and waits for those
    /// who are at it. `None` when it has ended.
    pub async fn hold_standing_promise(
        &self,
        standing: &StandingPromise,
    ) -> Result<Option<StandingPromise>, StoreError> {
        // A write on both databases: the row is then this transaction's alone.
        let held = self.put_standing("given_to = given_to", standing.id, Vec::new()).await?;
        if held == 0 {
            return Ok(None);
        }
        let all = self.standing_promises_for(standing.task).await?;
        Ok(all.into_iter().find(|found| found.id == standing.id))
    }

    /// Slots up to this day of the pattern were looked at.
    pub async fn put_given_to(
        &self,
        id: StandingPromiseId,
        given_to: Date,
    ) -> Result<(), StoreError> {
        let day = vec![date_text(given_to).into()];
        self.put_standing("given_to = $3", id, day).await.map(|_| ())
    }

    /// It is for this last day at most.
    pub async fn put_standing_until(
        &self,
        id: StandingPromiseId,
        until: Date,
    ) -> Result<(), StoreError> {
        let day = vec![date_text(until).into()];
        self.put_standing("until_date = $3", id, day).await.map(|_| ())
    }

    /// It is for other days and times of its task now.
    pub async fn put_standing_series(
        &self,
        id: StandingPromiseId,
        series: u32,
    ) -> Result<(), StoreError> {
        let series = vec![i32::try_from(series).unwrap_or(i32::MAX).into()];
        self.put_standing("series = $3", id, series).await.map(|_| ())
    }

    /// It is for these weekdays of its task now.
    pub async fn put_standing_weekdays(
        &self,
        id: StandingPromiseId,
        on: Option<Weekdays>,
    ) -> Result<(), StoreError> {
        let on = vec![on.map(Weekdays::to_text).into()];
        self.put_standing("weekdays = $3", id, on).await.map(|_| ())
    }

    /// Ends it: no slot gets its promise any more. Those that exist stay. `false` when it had ended
    /// or is not there.
    pub async fn end_standing_promise(
        &self,
        id: StandingPromiseId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let now = vec![now.as_second().into()];
        let changed = self.put_standing("ended_at = $3", id, now).await?;
        if changed == 1 {
            self.has_ended(EndingKind::Standing, id.as_uuid(), None).await?;
        }
        Ok(changed == 1)
    }

    async fn put_standing(
        &self,
        what: &'static str,
        id: StandingPromiseId,
        value: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let sql = format!(
            "UPDATE standing_promise SET {what} WHERE organisation_id = $1 AND id = $2 \
             AND ended_at IS NULL"
        );
        let mut values: Vec<Value> = vec![self.organisation.into(), id.as_uuid().into()];
        values.extend(value);
        raw::execute(&self.txn, &sql, values).await
    }

    /// Ends every standing promise of one place in a circle.
    pub async fn end_standing_promises(
        &self,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.end_rows(
            EndingKind::Standing,
            "UPDATE standing_promise SET ended_at = $3 WHERE organisation_id = $1 \
             AND membership_id = $2 AND ended_at IS NULL RETURNING id",
            vec![self.organisation.into(), membership.as_uuid().into(), now.as_second().into()],
        )
        .await
        .map(|_| ())
    }
}
