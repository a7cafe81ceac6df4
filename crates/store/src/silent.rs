//! Promises that must not be missed, and of which nothing was heard.

use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{TaskKind, Timestamp, Zone, reminder};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at, word};
use crate::error::StoreError;
use crate::hospice_words::WORD_STANDS;
use crate::raw;
use crate::unit::Reader;

/// A promise of which nothing was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SilentPromise {
    /// The circle.
    pub circle: CircleId,
    /// The slot.
    pub slot: SlotId,
    /// What is to be done.
    pub kind: TaskKind,
    /// When it starts.
    pub starts: Timestamp,
}

impl Reader {
    /// Promises of active circles that must not be missed, start in `[from, to)`, and of which
    /// nothing was heard although a carer was to be told so before `told_before`, in the order of
    /// their time. Whether there was a carer to tell, and whether a mail reached her, makes no
    /// difference; but one that reached her later leaves her as long. What the hospice has noted is
    /// an answer.
    pub async fn silent_promises(
        &self,
        from: Timestamp,
        to: Timestamp,
        told_before: Timestamp,
    ) -> Result<Vec<SilentPromise>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            circle_id: Uuid,
            id: Uuid,
            kind: String,
            zone: String,
            starts_at: i64,
            claimed_at: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            &format!(
                "SELECT s.circle_id, s.id, t.kind, c.zone, s.starts_at, cl.claimed_at FROM slot s \
             JOIN circle c ON c.organisation_id = s.organisation_id AND c.id = s.circle_id \
             JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
             JOIN claim cl ON cl.organisation_id = s.organisation_id AND cl.slot_id = s.id \
             WHERE s.organisation_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3 \
               AND s.state = 'open' AND c.state = 'active' AND COALESCE(s.own_if_nobody, t.if_nobody) = 'must' \
               AND cl.state = 'claimed' AND COALESCE(cl.confirmed_revision, -1) <> s.revision \
               AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.organisation_id = s.organisation_id \
                 AND o.slot_id = s.id AND o.kind = 'no_word' \
                 AND o.state = 'sent' AND o.changed_at > $4) \
               AND NOT EXISTS (SELECT 1 FROM hospice_word w WHERE {WORD_STANDS}) \
             ORDER BY s.starts_at, s.id, cl.id"
            ),
            vec![
                self.organisation.into(),
                from.as_second().into(),
                to.as_second().into(),
                told_before.as_second().into(),
            ],
        )
        .await?;
        let mut silent = Vec::new();
        for row in rows {
            let nonsense = || StoreError::Inconsistent { table: "circle", id: row.circle_id };
            let zone = Zone::parse(&row.zone).map_err(|_| nonsense())?;
            let Some(steps) = reminder::silence(at(row.starts_at), &zone) else { continue };
            // Whoever promised after that has said so just then.
            if steps.tell <= told_before && steps.tell >= at(row.claimed_at) {
                silent.push(SilentPromise {
                    circle: CircleId::from_uuid(row.circle_id),
                    slot: SlotId::from_uuid(row.id),
                    kind: word(&row.kind, "task", row.id)?,
                    starts: at(row.starts_at),
                });
            }
        }
        Ok(silent)
    }
}
