//! What somebody had promised, lately.

use kith_domain::Timestamp;
use kith_domain::ids::{PersonId, SlotId};

use crate::claims::{CLAIM_COLUMNS, Claim, ClaimRow};
use crate::error::StoreError;
use crate::raw;
use crate::rota::Slot;
use crate::unit::Reader;

impl Reader {
    /// A person's claims that were not dropped, whose slot ended in `(from, now]`, or which are said to
    /// be done or missed of a slot that goes on; newest first, with their slots; at most `limit`.
    pub async fn claims_lately(
        &self,
        person: PersonId,
        (from, now): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<(Claim, Slot)>, StoreError> {
        let rows: Vec<ClaimRow> = raw::all(
            &self.txn,
            &format!(
                "SELECT {CLAIM_COLUMNS} FROM claim c JOIN slot s \
                   ON s.organisation_id = c.organisation_id AND s.id = c.slot_id \
                 WHERE c.organisation_id = $1 AND c.person_id = $2 AND c.state <> 'dropped' \
                   AND s.state = 'open' AND s.ends_at > $3 AND s.starts_at <= $4 \
                   AND (s.ends_at <= $4 OR c.state IN ('done', 'missed')) \
                 ORDER BY s.ends_at DESC, s.id LIMIT $5 + 0"
            ),
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                from.as_second().into(),
                now.as_second().into(),
                i64::from(limit).into(),
            ],
        )
        .await?;
        let claims = rows.into_iter().map(ClaimRow::claim).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<SlotId> = claims.iter().map(|claim| claim.slot).collect();
        let slots = if ids.is_empty() { Vec::new() } else { self.slots(&ids).await? };
        let with_slot = |claim: Claim| {
            slots.iter().find(|slot| slot.id == claim.slot).map(|slot| (claim, slot.clone()))
        };
        Ok(claims.into_iter().filter_map(with_slot).collect())
    }
}
