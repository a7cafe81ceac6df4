//! What the hospice was told on the telephone: that somebody comes to a slot, or that nobody can.

use kith_domain::ids::{CircleId, PersonId, SlotId};
use kith_domain::{HospiceWord, TaskKind, Timestamp};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at, word};
use crate::error::StoreError;
use crate::raw;
use crate::rota::Slot;
use crate::unit::{Reader, UnitOfWork};

/// One such word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HospiceSaid {
    /// What.
    pub what: HospiceWord,
    /// Which coordinator noted it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// It counts still: it is the newest, the slot is at the time of which it was said, and nobody
    /// has said yes or no to it since.
    pub counts: bool,
}

/// One that counts, of a slot that a coordinator looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HospiceNote {
    /// The circle.
    pub circle: CircleId,
    /// The slot.
    pub slot: SlotId,
    /// What is to be done.
    pub kind: TaskKind,
    /// When it starts.
    pub starts: Timestamp,
    /// What was noted of it.
    pub said: HospiceSaid,
}

/// Whether a word `w` about the slot `s` is the newest, and of the slot as it stands: nobody has said yes
/// or no since, and nobody who has it all says "I'll be there" where it was said that nobody can.
pub(crate) const WORD_STANDS: &str = "w.organisation_id = s.organisation_id AND w.slot_id = s.id \
    AND w.revision = s.revision AND NOT EXISTS (SELECT 1 FROM hospice_word n \
      WHERE n.organisation_id = w.organisation_id AND n.slot_id = w.slot_id AND n.nth > w.nth) \
    AND NOT EXISTS (SELECT 1 FROM claim x \
      WHERE x.organisation_id = s.organisation_id AND x.slot_id = s.id \
      AND (x.changed_at > w.said_at OR (w.what = 'nobody' AND s.taken >= s.places \
        AND x.state = 'claimed' AND x.confirmed_revision = s.revision)))";

impl Reader {
    /// What the hospice was told of a slot, oldest first; the newest 20.
    pub async fn hospice_words(&self, slot: SlotId) -> Result<Vec<HospiceSaid>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
            person_id: Uuid,
            what: String,
            said_at: i64,
            stands: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &format!(
                "SELECT w.id, w.person_id, w.what, w.said_at, \
                   CAST(CASE WHEN {WORD_STANDS} THEN 1 ELSE 0 END AS BIGINT) AS stands \
                 FROM hospice_word w JOIN slot s \
                   ON s.organisation_id = w.organisation_id AND s.id = w.slot_id \
                 WHERE w.organisation_id = $1 AND w.slot_id = $2 \
                 ORDER BY w.nth DESC LIMIT 20"
            ),
            vec![self.organisation.into(), slot.as_uuid().into()],
        )
        .await?;
        let said = |row: Row| {
            Ok(HospiceSaid {
                what: word(&row.what, "hospice_word", row.id)?,
                by: PersonId::from_uuid(row.person_id),
                at: at(row.said_at),
                counts: row.stands > 0,
            })
        };
        rows.into_iter().rev().map(said).collect()
    }

    /// The words that count of slots of active circles that start in `[from, to)`, in the order of
    /// their time.
    pub async fn hospice_words_between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<HospiceNote>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            id: Uuid,
            circle_id: Uuid,
            slot_id: Uuid,
            kind: String,
            starts_at: i64,
            person_id: Uuid,
            what: String,
            said_at: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &format!(
                "SELECT w.id, s.circle_id, w.slot_id, t.kind, s.starts_at, w.person_id, w.what, \
                   w.said_at FROM slot s JOIN hospice_word w \
                   ON w.organisation_id = s.organisation_id AND w.slot_id = s.id \
                 JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
                 JOIN circle c ON c.organisation_id = s.organisation_id AND c.id = s.circle_id \
                 WHERE s.organisation_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3 \
                   AND s.state = 'open' AND c.state = 'active' \
                   AND COALESCE(s.own_if_nobody, t.if_nobody) = 'must' AND {WORD_STANDS} \
                 ORDER BY s.starts_at, s.id"
            ),
            vec![self.organisation.into(), from.as_second().into(), to.as_second().into()],
        )
        .await?;
        let note = |row: Row| {
            let what = word(&row.what, "hospice_word", row.id)?;
            let by = PersonId::from_uuid(row.person_id);
            Ok(HospiceNote {
                circle: CircleId::from_uuid(row.circle_id),
                slot: SlotId::from_uuid(row.slot_id),
                kind: word(&row.kind, "task", row.slot_id)?,
                starts: at(row.starts_at),
                said: HospiceSaid { what, by, at: at(row.said_at), counts: true },
            })
        };
        rows.into_iter().map(note).collect()
    }

    /// The word that counts of a slot as it stands, if there is one.
    pub async fn hospice_word(&self, slot: SlotId) -> Result<Option<HospiceSaid>, StoreError> {
        Ok(self.hospice_words(slot).await?.pop().filter(|said| said.counts))
    }
}

impl UnitOfWork {
    /// Notes what the hospice was told of a slot as it stands; what was noted before is history. The
    /// slot is to be held, so that of two words one is the newer.
    pub async fn add_hospice_word(
        &self,
        slot: &Slot,
        by: PersonId,
        what: HospiceWord,
        now: Timestamp,
    ) -> Result<Uuid, StoreError> {
        let id = self.ids.next();
        raw::execute(
            &self.txn,
            "INSERT INTO hospice_word \
               (organisation_id, id, circle_id, slot_id, revision, person_id, what, said_at, nth) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, COALESCE(MAX(w.nth), 0) + 1 \
             FROM hospice_word w WHERE w.organisation_id = $1 AND w.slot_id = $4",
            vec![
                self.organisation.into(),
                id.into(),
                slot.circle.as_uuid().into(),
                slot.id.as_uuid().into(),
                i32::try_from(slot.revision).unwrap_or(i32::MAX).into(),
                by.as_uuid().into(),
                what.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        Ok(id)
    }
}
