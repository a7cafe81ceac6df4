//! What coordinators work from: counts by circle and day, and what has no taker yet. No name and
//! no text of a circle is read here.

use jiff::civil::Date;
use kith_domain::ids::{CircleId, PersonId, SlotId};
use kith_domain::{CircleState, IfNobody, TaskKind, Timestamp};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::access::word_zone;
use crate::convert::{at, at_option, word};
use crate::error::StoreError;
use crate::raw;
use crate::unit::Reader;

/// A circle as the organisation's staff may list it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverseenCircle {
    /// Its id.
    pub id: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// Part of town; may be empty.
    pub area: String,
    /// Its state.
    pub state: CircleState,
    /// When the patient or a carer was last seen.
    pub carer_seen_at: Option<Timestamp>,
    /// When it was started.
    pub created_at: Timestamp,
    /// Members who said yes, the patient included.
    pub members: u32,
}

/// Tasks of one circle on one day that need somebody, covered or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCover {
    /// The circle.
    pub circle: CircleId,
    /// The day, in the circle's own zone.
    pub date: Date,
    /// Tasks for which people are asked.
    pub tasks: u32,
    /// Those of them that have a place left, or for which cover is wanted.
    pub gaps: u32,
    /// Those of the gaps where somebody has to come.
    pub must: u32,
}

/// One task that still needs somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenGap {
    /// The slot.
    pub slot: SlotId,
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// What is asked.
    pub kind: TaskKind,
    /// Somebody has to come.
    pub must: bool,
    /// Everybody who is needed has promised, and somebody of them wants cover.
    pub cover_wanted: bool,
    /// When it starts.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// How many members were asked.
    pub asked: u32,
    /// When somebody was last asked.
    pub last_asked_at: Option<Timestamp>,
    /// When somebody last gave it back.
    pub dropped_at: Option<Timestamp>,
}

#[derive(Debug, FromQueryResult)]
struct CircleRow {
    id: Uuid,
    nature_name: String,
    area: String,
    state: String,
    carer_seen_at: Option<i64>,
    created_at: i64,
    members: i64,
}

impl CircleRow {
    fn circle(self) -> Result<OverseenCircle, StoreError> {
        Ok(OverseenCircle {
            id: CircleId::from_uuid(self.id),
            state: word(&self.state, "circle", self.id)?,
            nature_name: self.nature_name,
            area: self.area,
            carer_seen_at: at_option(self.carer_seen_at),
            created_at: at(self.created_at),
            members: count(self.members),
        })
    }
}

const CIRCLE: &str = "SELECT c.id, c.nature_name, c.area, c.state, c.carer_seen_at, c.created_at, \
     (SELECT COUNT(*) FROM membership m WHERE m.organisation_id = c.organisation_id \
       AND m.circle_id = c.id AND m.state = 'active') AS members \
     FROM circle c WHERE c.organisation_id = $1";

/// Whether a slot `s` has a place left, or whoever promised it wants cover and nobody has taken over.
const IS_GAP: &str = "(s.taken < s.places OR EXISTS (SELECT 1 FROM claim w \
     WHERE w.organisation_id = s.organisation_id AND w.slot_id = s.id AND w.state = 'cover_wanted'))";

/// A count of rows; none is beyond the range.
fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Reader {
    /// Circles that are not erased, by area and nature name, those after the circle named `after`;
    /// at most `limit`.
    pub async fn overseen_circles(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<OverseenCircle>, StoreError> {
        let area = "(SELECT a.area FROM circle a WHERE a.organisation_id = $1 \
                    AND a.nature_name = $2)";
        let rows: Vec<CircleRow> = raw::all(
            &self.txn,
            &format!(
                "{CIRCLE} AND c.state <> 'erased' AND ($2 = '' OR c.area > {area} \
                 OR (c.area = {area} AND c.nature_name > $2)) \
                 ORDER BY c.area, c.nature_name LIMIT $3 + 0"
            ),
            vec![
                self.organisation.into(),
                after.unwrap_or_default().into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        rows.into_iter().map(CircleRow::circle).collect()
    }

    /// Active circles with a task for people that starts in `[from, to)`, by area and nature name;
    /// at most 500. Circles without tasks cost nothing.
    pub async fn circles_with_tasks(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<OverseenCircle>, StoreError> {
        let rows: Vec<CircleRow> = raw::all(
            &self.txn,
            &format!(
                "{CIRCLE} AND c.state = 'active' AND c.id IN (SELECT s.circle_id FROM slot s \
                 WHERE s.organisation_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3 \
                 AND s.state = 'open' AND s.places > 0) ORDER BY c.area, c.nature_name LIMIT 500"
            ),
            self.between(from, to, []),
        )
        .await?;
        rows.into_iter().map(CircleRow::circle).collect()
    }

    /// One circle as the staff may list it.
    pub async fn overseen_circle(
        &self,
        circle: CircleId,
    ) -> Result<Option<OverseenCircle>, StoreError> {
        let row: Option<CircleRow> = raw::one(
            &self.txn,
            &format!("{CIRCLE} AND c.id = $2"),
            vec![self.organisation.into(), circle.as_uuid().into()],
        )
        .await?;
        row.map(CircleRow::circle).transpose()
    }

    /// Cover of every active circle by day, for slots that start in `[from, to)`; of `only`, when
    /// given, whatever its state. What is arranged already needs nobody and is not counted.
    pub async fn cover_by_day(
        &self,
        from: Timestamp,
        to: Timestamp,
        only: Option<CircleId>,
    ) -> Result<Vec<DayCover>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            circle_id: Uuid,
            zone: String,
            starts_at: i64,
            tasks: i64,
            gaps: i64,
            must: i64,
        }
        let (which, values) = match only {
            Some(circle) => ("s.circle_id = $4", vec![Value::from(circle.as_uuid())]),
            None => ("c.state = 'active'", Vec::new()),
        };
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &format!(
                "SELECT s.circle_id, c.zone, s.starts_at, COUNT(*) AS tasks, \
                   SUM(CASE WHEN {IS_GAP} THEN 1 ELSE 0 END) AS gaps, \
                   SUM(CASE WHEN COALESCE(s.own_if_nobody, t.if_nobody) = 'must' AND {IS_GAP} \
                     THEN 1 ELSE 0 END) AS must \
                 FROM slot s \
                 JOIN circle c ON c.organisation_id = s.organisation_id AND c.id = s.circle_id \
                 JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
                 WHERE s.organisation_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3 \
                   AND s.state = 'open' AND s.places > 0 AND {which} \
                 GROUP BY s.circle_id, c.zone, s.starts_at ORDER BY s.circle_id, s.starts_at"
            ),
            self.between(from, to, values),
        )
        .await?;
        let mut days: Vec<DayCover> = Vec::new();
        for row in rows {
            let circle = CircleId::from_uuid(row.circle_id);
            // The day on which it is now: a slot that was moved keeps the date it was made for.
            let date = word_zone(&row.zone, row.circle_id)?.date(at(row.starts_at));
            let (tasks, gaps, must) = (count(row.tasks), count(row.gaps), count(row.must));
            match days.last_mut().filter(|day| (day.circle, day.date) == (circle, date)) {
                Some(day) => {
                    day.tasks = day.tasks.saturating_add(tasks);
                    day.gaps = day.gaps.saturating_add(gaps);
                    day.must = day.must.saturating_add(must);
                }
                None => days.push(DayCover { circle, date, tasks, gaps, must }),
            }
        }
        Ok(days)
    }

    /// Tasks of active circles that start in `[from, to)` and have a place left, or for which cover is
    /// wanted: those first where somebody has to come, in order; at most `limit`. Who is to be asked
    /// later than `now` is not counted.
    pub async fn open_gaps(
        &self,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OpenGap>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
            circle_id: Uuid,
            nature_name: String,
            kind: String,
            if_nobody: String,
            has_room: bool,
            starts_at: i64,
            ends_at: i64,
            asked: i64,
            last_asked_at: Option<i64>,
            dropped_at: Option<i64>,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &format!(
                "SELECT s.id, s.circle_id, c.nature_name, t.kind, \
               COALESCE(s.own_if_nobody, t.if_nobody) AS if_nobody, \
               s.taken < s.places AS has_room, s.starts_at, s.ends_at, \
               (SELECT COUNT(*) FROM ask a WHERE a.organisation_id = s.organisation_id \
                 AND a.slot_id = s.id AND a.asked_at <= $5) AS asked, \
               (SELECT MAX(a.asked_at) FROM ask a WHERE a.organisation_id = s.organisation_id \
                 AND a.slot_id = s.id AND a.asked_at <= $5) AS last_asked_at, \
               (SELECT MAX(cl.changed_at) FROM claim cl \
                 WHERE cl.organisation_id = s.organisation_id AND cl.slot_id = s.id \
                 AND cl.state = 'dropped') AS dropped_at \
             FROM slot s \
             JOIN circle c ON c.organisation_id = s.organisation_id AND c.id = s.circle_id \
             JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
             WHERE s.organisation_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3 \
               AND s.state = 'open' AND {IS_GAP} AND c.state = 'active' \
             ORDER BY CASE COALESCE(s.own_if_nobody, t.if_nobody) WHEN 'must' THEN 0 ELSE 1 END, s.starts_at, s.id LIMIT $4 + 0"
            ),
            self.between(from, to, [i64::from(limit).into(), now.as_second().into()]),
        )
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(OpenGap {
                    slot: SlotId::from_uuid(row.id),
                    circle: CircleId::from_uuid(row.circle_id),
                    nature_name: row.nature_name,
                    kind: word(&row.kind, "task", row.id)?,
                    must: word::<IfNobody>(&row.if_nobody, "task", row.id)? == IfNobody::Must,
                    cover_wanted: !row.has_room,
                    starts: at(row.starts_at),
                    ends: at(row.ends_at),
                    asked: count(row.asked),
                    last_asked_at: at_option(row.last_asked_at),
                    dropped_at: at_option(row.dropped_at),
                })
            })
            .collect()
    }

    /// Slots of a circle that start in `[from, to)` and for which cover is wanted.
    pub async fn cover_wanted_between(
        &self,
        circle: CircleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SlotId>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT DISTINCT s.id FROM slot s JOIN claim cl \
               ON cl.organisation_id = s.organisation_id AND cl.slot_id = s.id \
             WHERE s.organisation_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3 \
               AND s.circle_id = $4 AND s.state = 'open' AND cl.state = 'cover_wanted' \
             ORDER BY s.id",
            self.between(from, to, [circle.as_uuid().into()]),
        )
        .await?;
        Ok(rows.into_iter().map(|row| SlotId::from_uuid(row.id)).collect())
    }

    /// How many tasks each person of each active circle took or did, among those that start in
    /// `[from, to)`. For counting only: who they are is not the staff's to know.
    pub async fn tasks_by_person(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(CircleId, PersonId, u32)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            circle_id: Uuid,
            person_id: Uuid,
            tasks: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT cl.circle_id, cl.person_id, COUNT(*) AS tasks FROM slot s \
             JOIN circle c ON c.organisation_id = s.organisation_id AND c.id = s.circle_id \
             JOIN claim cl ON cl.organisation_id = s.organisation_id AND cl.slot_id = s.id \
             WHERE s.organisation_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3 \
               AND s.state = 'open' AND c.state = 'active' \
               AND cl.state IN ('claimed', 'cover_wanted', 'done') \
             GROUP BY cl.circle_id, cl.person_id",
            self.between(from, to, []),
        )
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let circle = CircleId::from_uuid(row.circle_id);
                (circle, PersonId::from_uuid(row.person_id), count(row.tasks))
            })
            .collect())
    }

    /// When each active circle last had company, among slots that start in `[from, to)`: somebody
    /// visited, sat with the patient, or went out with her.
    pub async fn last_company(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(CircleId, Timestamp)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            circle_id: Uuid,
            starts_at: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT s.circle_id, MAX(s.starts_at) AS starts_at FROM slot s \
             JOIN circle c ON c.organisation_id = s.organisation_id AND c.id = s.circle_id \
             JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
             WHERE s.organisation_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3 \
               AND s.state = 'open' AND s.taken > 0 AND c.state = 'active' \
               AND t.kind IN ('visit', 'evening', 'outing') GROUP BY s.circle_id",
            self.between(from, to, []),
        )
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (CircleId::from_uuid(row.circle_id), at(row.starts_at)))
            .collect())
    }

    /// How many mails ended without reaching anybody since `since`, by circle; those of no circle,
    /// as sign-in codes are, under none. Not those to somebody without an address that works, where
    /// nothing went.
    pub async fn unsent_mails(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(Option<CircleId>, u32)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            circle_id: Option<Uuid>,
            mails: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT circle_id, COUNT(*) AS mails FROM outbox WHERE organisation_id = $1 \
             AND state IN ('failed', 'expired') AND kind <> 'figures' AND changed_at >= $2 \
             AND COALESCE(reason, '') NOT IN ('no_address', 'not_proved') \
             GROUP BY circle_id",
            vec![self.organisation.into(), since.as_second().into()],
        )
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.circle_id.map(CircleId::from_uuid), count(row.mails)))
            .collect())
    }

    /// The state in which a frozen circle was before, as the decision that froze it recorded it.
    pub async fn state_before_freeze(
        &self,
        circle: CircleId,
    ) -> Result<Option<CircleState>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            state: String,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT state FROM decision WHERE organisation_id = $1 AND circle_id = $2 AND allowed \
             AND action = 'govern' AND state <> 'frozen' ORDER BY sequence DESC LIMIT 1",
            vec![self.organisation.into(), circle.as_uuid().into()],
        )
        .await?;
        row.map(|row| word(&row.state, "decision", circle.as_uuid())).transpose()
    }

    fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
        more: impl IntoIterator<Item = Value>,
    ) -> Vec<Value> {
        let first: [Value; 3] =
            [self.organisation.into(), from.as_second().into(), to.as_second().into()];
        first.into_iter().chain(more).collect()
    }
}
