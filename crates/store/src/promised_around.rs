//! What else somebody has promised around the time of a slot.

use kith_domain::Timestamp;
use kith_domain::ids::PersonId;
use sea_orm::FromQueryResult;

use crate::convert::at;
use crate::error::StoreError;
use crate::raw;
use crate::rota::Slot;
use crate::unit::Reader;

/// Minutes that lie between two promises in different circles when there is time to travel.
const TRAVEL_MINUTES: i64 = 30;

/// Another promise of a person, around the time of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromisedAround {
    /// When its slot starts.
    pub starts: Timestamp,
    /// When its slot ends.
    pub ends: Timestamp,
    /// At the same time. Else it is in another circle, less than half an hour before or after.
    pub overlaps: bool,
}

impl Reader {
    /// What else a person has promised, in whatever circle, at the time of `slot`; or, elsewhere, so
    /// close to it that there is little time to get there. What is at the same time goes first.
    pub async fn promised_around(
        &self,
        person: PersonId,
        slot: &Slot,
    ) -> Result<Option<PromisedAround>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Row {
            starts_at: i64,
            ends_at: i64,
        }
        let rows: Vec<Row> = raw::all(
            &self.txn,
            "SELECT s.starts_at, s.ends_at FROM claim c JOIN slot s \
               ON s.organisation_id = c.organisation_id AND s.id = c.slot_id \
             WHERE c.organisation_id = $1 AND c.person_id = $2 AND s.id <> $3 \
               AND c.state IN ('claimed', 'cover_wanted') AND s.state = 'open' \
               AND ((s.starts_at < $5 AND s.ends_at > $4) \
                 OR (s.circle_id <> $6 AND s.starts_at < $8 AND s.ends_at > $7)) \
             ORDER BY s.starts_at, s.id LIMIT 50",
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                slot.id.as_uuid().into(),
                slot.starts.as_second().into(),
                slot.ends.as_second().into(),
                slot.circle.as_uuid().into(),
                slot.starts.plus_minutes(-TRAVEL_MINUTES).as_second().into(),
                slot.ends.plus_minutes(TRAVEL_MINUTES).as_second().into(),
            ],
        )
        .await?;
        let around = |row: &Row| {
            let (starts, ends) = (at(row.starts_at), at(row.ends_at));
            let overlaps = starts < slot.ends && ends > slot.starts;
            PromisedAround { starts, ends, overlaps }
        };
        let found: Vec<PromisedAround> = rows.iter().map(around).collect();
        Ok(found.iter().find(|around| around.overlaps).or(found.first()).copied())
    }
}
