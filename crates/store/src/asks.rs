//! Who is asked for a slot, and what they said.

use kith_domain::ids::{CircleId, DeviceId, MembershipId, PersonId, SlotId, TaskId};
use kith_domain::sign_in::ENROLMENT_IDLE_DAYS;
use kith_domain::{ClaimState, SlotState, Timestamp};
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, sea_query::OnConflict};
use uuid::Uuid;

use crate::claims::Claim;
use crate::convert::at;
use crate::entity::ask;
use crate::error::StoreError;
use crate::raw;
use crate::rota::{SLOT_COLUMNS, Slot, SlotRow};
use crate::unit::{Reader, UnitOfWork};

/// Whether somebody was asked for a slot, and what they said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who was asked.
    pub membership: MembershipId,
    /// The slot.
    pub slot: SlotId,
    /// When; those of a later ring are asked only then.
    pub at: Timestamp,
    /// How far the mail has come that asks them; of a week's slots only where nobody has promised yet.
    pub mail: AskMail,
    /// `no` stops the asking; a yes is a claim.
    pub said_no: bool,
}

/// How far a mail has come that asks somebody; of several the one that came furthest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskMail {
    /// There is none.
    None,
    /// It leaves then.
    Leaves(Timestamp),
    /// It could not be handed over yet, and is tried again.
    Tried,
    /// It has left.
    Left,
}

/// Seconds after which a mail that should have left is one that we are still trying to send.
const LEAVES_WITHIN: i64 = 120;

impl Asked {
    /// Whether they have heard of it by mail, or hear of it now, where the relay takes mails.
    pub fn has_reached(&self, now: Timestamp, relay_down: bool) -> bool {
        match self.mail {
            AskMail::Left => true,
            AskMail::Leaves(at) => at <= now && now < at.plus_seconds(LEAVES_WITHIN) && !relay_down,
            AskMail::Tried | AskMail::None => false,
        }
    }

    /// Whether the mail should have left by now, and has not.
    pub fn is_tried(&self, now: Timestamp, relay_down: bool) -> bool {
        match self.mail {
            AskMail::Tried => true,
            AskMail::Leaves(at) => at <= now && !self.has_reached(now, relay_down),
            AskMail::Left | AskMail::None => false,
        }
    }

    /// When they are asked by mail, if that is still to come.
    pub fn later(&self, now: Timestamp) -> Option<Timestamp> {
        match self.mail {
            AskMail::Leaves(at) if at > now => Some(at),
            _ => None,
        }
    }
}

/// How far a member `m` is asked for the slot of an ask `a` by mail: by one of its own, or by the one
/// that says it too. The least number is what came furthest.
const MAILED: &str = "(SELECT MIN(CASE \
    WHEN e.state IN ('sending', 'sent') THEN 0 \
    WHEN e.state = 'retry' OR (e.state IN ('planned', 'claimed') \
      AND (e.attempts > 0 OR e.reason = 'relay_down')) THEN 1 \
    WHEN e.state IN ('planned', 'claimed') THEN e.next_at END) \
  FROM outbox o JOIN outbox e ON e.organisation_id = o.organisation_id \
    AND e.id = COALESCE(o.taken_in_by, o.id) \
  WHERE o.organisation_id = a.organisation_id AND o.slot_id = a.slot_id \
    AND o.kind = 'somebody_needed' AND o.person_id = m.person_id)";

#[derive(Debug, FromQueryResult)]
struct AskRow {
    membership_id: Uuid,
    slot_id: Uuid,
    asked_at: i64,
    answer: Option<String>,
    mailed: Option<i64>,
}

impl AskRow {
    fn asked(self) -> Asked {
        Asked {
            membership: MembershipId::from_uuid(self.membership_id),
            slot: SlotId::from_uuid(self.slot_id),
            at: at(self.asked_at),
            mail: match self.mailed {
                None => AskMail::None,
                Some(0) => AskMail::Left,
                Some(1) => AskMail::Tried,
                Some(leaves) => AskMail::Leaves(at(leaves)),
            },
            said_no: self.answer.as_deref() == Some("no"),
        }
    }
}

impl Reader {
    /// Slots of a person's circles that start after `now` and before `until` and need somebody or
    /// somebody else, and whenever they are, those that somebody asks them by name to take; that are not
    /// the person's own and were not refused by them; in order, at most `limit`, of which those asked by
    /// name are never left out for others. Only circles that ask.
    ///
    /// When nobody is there is told on a device that is trusted in the circle; on any other only
    /// the slots that the person was asked for.
    pub async fn help_needed(
        &self,
        person: PersonId,
        device: DeviceId,
        (now, until): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<Slot>, StoreError> {
        let rows: Vec<SlotRow> = raw::all(
            &self.txn,
            // From the person's few circles to their slots: never over the whole organisation.
            &format!(
                "SELECT {SLOT_COLUMNS} FROM membership m \
                 JOIN circle ci ON ci.organisation_id = m.organisation_id AND ci.id = m.circle_id \
                 JOIN slot s ON s.organisation_id = m.organisation_id \
                   AND s.circle_id = m.circle_id AND s.starts_at > $3 \
                 JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
                 WHERE m.organisation_id = $1 AND m.person_id = $2 AND m.state = 'active' \
                   AND m.role <> 'patient' AND ci.state = 'active' \
                   AND s.state = 'open' AND ((s.starts_at < $7 AND (s.taken < s.places \
                     OR EXISTS (SELECT 1 FROM claim o \
                     WHERE o.organisation_id = $1 AND o.slot_id = s.id \
                     AND o.state = 'cover_wanted'))) OR EXISTS (SELECT 1 FROM swap w \
                     WHERE w.organisation_id = $1 AND w.slot_id = s.id AND w.to_id = m.id \
                     AND w.state = 'offered')) \
                   AND EXISTS (SELECT 1 FROM disclosure_grant g WHERE g.organisation_id = $1 \
                     AND g.membership_id = m.id AND g.category = 'rota' AND g.withdrawn_at IS NULL \
                     AND g.from_at <= $3 AND (g.until_at IS NULL OR g.until_at > $3)) \
                   AND (EXISTS (SELECT 1 FROM enrolment e WHERE e.organisation_id = $1 \
                       AND e.person_id = $2 AND e.device_id = $5 AND e.circle_id = m.circle_id \
                       AND e.ended_at IS NULL AND e.last_used_at > $6) \
                     OR EXISTS (SELECT 1 FROM ask a WHERE a.organisation_id = $1 \
                       AND a.slot_id = s.id AND a.membership_id = m.id AND a.asked_at <= $3)) \
                   AND NOT EXISTS (SELECT 1 FROM ask a WHERE a.organisation_id = $1 \
                     AND a.slot_id = s.id AND a.membership_id = m.id AND a.answer = 'no') \
                   AND NOT EXISTS (SELECT 1 FROM absence x WHERE x.organisation_id = $1 \
                     AND x.person_id = $2 AND x.from_at <= s.starts_at \
                     AND x.until_at > s.starts_at) \
                   AND NOT EXISTS (SELECT 1 FROM absence_here y WHERE y.organisation_id = $1 \
                     AND y.membership_id = m.id AND y.from_at <= s.starts_at \
                     AND y.until_at > s.starts_at) \
                   AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.organisation_id = $1 \
                     AND c.slot_id = s.id AND c.membership_id = m.id \
                     AND c.state IN ('claimed', 'cover_wanted')) \
                 ORDER BY CASE WHEN EXISTS (SELECT 1 FROM swap n WHERE n.organisation_id = $1 \
                   AND n.slot_id = s.id AND n.to_id = m.id AND n.state = 'offered') THEN 0 ELSE 1 END, \
                   s.starts_at, s.id LIMIT $4 + 0"
            ),
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                now.as_second().into(),
                i64::from(limit).into(),
                device.as_uuid().into(),
                now.plus_days(-ENROLMENT_IDLE_DAYS).as_second().into(),
                until.as_second().into(),
            ],
        )
        .await?;
        let mut slots: Vec<Slot> = rows.into_iter().map(SlotRow::slot).collect::<Result<_, _>>()?;
        slots.sort_by_key(|slot| (slot.starts, slot.id.as_uuid()));
        Ok(slots)
    }

    /// The promise for which cover is wanted, while nobody has taken over; of several the one that
    /// asked last.
    pub async fn cover_wanted_for(&self, slot: SlotId) -> Result<Option<Claim>, StoreError> {
        let claims = self.claims_of(slot).await?;
        let wanted = claims.into_iter().filter(|claim| claim.state == ClaimState::CoverWanted);
        Ok(wanted.max_by_key(|claim| claim.changed_at))
    }

    /// Whether a slot has a place left, or whoever promised it wants cover and nobody has taken over.
    pub async fn lacks_somebody(&self, slot: &Slot) -> Result<bool, StoreError> {
        Ok(slot.needs_somebody()
            || (slot.state == SlotState::Open && self.cover_wanted_for(slot.id).await?.is_some()))
    }

    /// Whether anybody was ever asked for a slot of this task.
    pub async fn was_asked_for_task(&self, task: TaskId) -> Result<bool, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            asks: i64,
        }
        let row: Option<Row> = raw::one(
            &self.txn,
            "SELECT COUNT(*) AS asks FROM (SELECT 1 FROM slot s JOIN ask a \
               ON a.organisation_id = s.organisation_id AND a.slot_id = s.id \
             WHERE s.organisation_id = $1 AND s.task_id = $2 LIMIT 1) AS asked",
            vec![self.organisation.into(), task.as_uuid().into()],
        )
        .await?;
        Ok(row.is_some_and(|row| row.asks > 0))
    }

    /// Who was asked for a slot.
    pub async fn asked_for(&self, slot: SlotId) -> Result<Vec<Asked>, StoreError> {
        let rows: Vec<AskRow> = raw::all(
            &self.txn,
            &format!(
                "SELECT a.membership_id, a.slot_id, a.asked_at, a.answer, {MAILED} AS mailed \
                 FROM ask a JOIN membership m ON m.organisation_id = a.organisation_id \
                   AND m.id = a.membership_id \
                 WHERE a.organisation_id = $1 AND a.slot_id = $2 \
                 ORDER BY a.asked_at, a.membership_id LIMIT 500"
            ),
            vec![self.organisation.into(), slot.as_uuid().into()],
        )
        .await?;
        Ok(rows.into_iter().map(AskRow::asked).collect())
    }

    /// Who was asked for the slots of a circle that start in `[from, to)` and stand.
    pub async fn asked_between(
        &self,
        circle: CircleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Asked>, StoreError> {
        let rows: Vec<AskRow> = raw::all(
            &self.txn,
            &format!(
                "SELECT a.membership_id, a.slot_id, a.asked_at, a.answer, \
                   CASE WHEN s.taken = 0 THEN {MAILED} END AS mailed FROM slot s JOIN ask a \
                   ON a.organisation_id = s.organisation_id AND a.slot_id = s.id \
                 JOIN membership m ON m.organisation_id = a.organisation_id \
                   AND m.id = a.membership_id \
                 WHERE s.organisation_id = $1 AND s.circle_id = $2 AND s.starts_at >= $3 \
                   AND s.starts_at < $4 AND s.state = 'open' \
                 ORDER BY a.asked_at, a.membership_id LIMIT 5000"
            ),
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                from.as_second().into(),
                to.as_second().into(),
            ],
        )
        .await?;
        Ok(rows.into_iter().map(AskRow::asked).collect())
    }
}

impl UnitOfWork {
    /// Remembers that a member was asked for a slot. `false` when they were before.
    pub async fn add_ask(
        &self,
        slot: &Slot,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let added = ask::Entity::insert(ask::ActiveModel {
            organisation_id: Set(self.organisation),
            slot_id: Set(slot.id.as_uuid()),
            membership_id: Set(membership.as_uuid()),
            circle_id: Set(slot.circle.as_uuid()),
            asked_at: Set(now.as_second()),
            answer: Set(None),
            answered_at: Set(None),
        })
        .on_conflict(
            OnConflict::columns([
                ask::Column::OrganisationId,
                ask::Column::SlotId,
                ask::Column::MembershipId,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(&self.txn)
        .await?;
        Ok(added == 1)
    }

    /// Asks at `now` whoever was to be asked later: by this mail, and on their list. `false` when
    /// nothing was waiting.
    pub async fn ask_sooner(
        &self,
        slot: SlotId,
        membership: MembershipId,
        dedupe: &str,
        now: Timestamp,
        due_at: Timestamp,
    ) -> Result<bool, StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE ask SET asked_at = $4 WHERE organisation_id = $1 AND slot_id = $2 \
             AND membership_id = $3 AND asked_at > $4",
            vec![
                self.organisation.into(),
                slot.as_uuid().into(),
                membership.as_uuid().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        let sooner = raw::execute(
            &self.txn,
            "UPDATE outbox SET due_at = $3, next_at = $3, reason = NULL, changed_at = $4 \
             WHERE organisation_id = $1 AND dedupe = $2 AND state = 'planned' AND attempts = 0 \
             AND next_at > $3",
            vec![
                self.organisation.into(),
                dedupe.into(),
                due_at.as_second().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        Ok(sooner == 1)
    }

    /// A mail that nobody has begun to send says this beside its subject.
    pub async fn put_mail_detail(&self, dedupe: &str, detail: &str) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE outbox SET detail = $3 WHERE organisation_id = $1 AND dedupe = $2 \
             AND state IN ('planned', 'claimed') AND first_attempt_at IS NULL",
            vec![self.organisation.into(), dedupe.into(), detail.into()],
        )
        .await
        .map(|_| ())
    }

    /// A mail that nobody has begun to send waits until `next_at`; `reason` is a short word for people
    /// who look after the service.
    pub async fn put_mail_off(
        &self,
        dedupe: &str,
        reason: &str,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE outbox SET reason = $3, next_at = $4, changed_at = $5 \
             WHERE organisation_id = $1 AND dedupe = $2 AND state = 'planned' AND attempts = 0 \
             AND next_at < $4",
            vec![
                self.organisation.into(),
                dedupe.into(),
                reason.into(),
                next_at.as_second().into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// "No, sorry": stops the asking for this slot.
    pub async fn answer_no(
        &self,
        slot: SlotId,
        membership: MembershipId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE ask SET answer = 'no', answered_at = $4 WHERE organisation_id = $1 \
             AND slot_id = $2 AND membership_id = $3",
            vec![
                self.organisation.into(),
                slot.as_uuid().into(),
                membership.as_uuid().into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }
}
