//! Swaps that one member offers another by name.

use kith_domain::ids::{CircleId, MembershipId, PersonId, SlotId, SwapId};
use kith_domain::{SwapState, Timestamp};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::convert::{at, word};
use crate::error::StoreError;
use crate::raw;
use crate::unit::{Reader, UnitOfWork};

/// "Could you take my Tuesday? I would do your Thursday."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// Its id.
    pub id: SwapId,
    /// The circle.
    pub circle: CircleId,
    /// The slot that is offered.
    pub slot: SlotId,
    /// Whose it is.
    pub from: MembershipId,
    /// Who is asked.
    pub to: MembershipId,
    /// The slot that is taken in return, if any.
    pub in_return: Option<SlotId>,
    /// State.
    pub state: SwapState,
    /// When it was offered.
    pub offered_at: Timestamp,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    circle_id: Uuid,
    slot_id: Uuid,
    from_id: Uuid,
    to_id: Uuid,
    return_slot_id: Option<Uuid>,
    state: String,
    offered_at: i64,
}

impl Row {
    fn swap(self) -> Result<Swap, StoreError> {
        Ok(Swap {
            id: SwapId::from_uuid(self.id),
            circle: CircleId::from_uuid(self.circle_id),
            slot: SlotId::from_uuid(self.slot_id),
            from: MembershipId::from_uuid(self.from_id),
            to: MembershipId::from_uuid(self.to_id),
            in_return: self.return_slot_id.map(SlotId::from_uuid),
            state: word(&self.state, "swap", self.id)?,
            offered_at: at(self.offered_at),
        })
    }
}

const SWAP: &str = "SELECT w.id, w.circle_id, w.slot_id, w.from_id, w.to_id, w.return_slot_id, \
     w.state, w.offered_at FROM swap w WHERE w.organisation_id = $1";

impl Reader {
    /// One swap.
    pub async fn swap(&self, id: SwapId) -> Result<Option<Swap>, StoreError> {
        let found = self.swaps_where("AND w.id = $2", [id.as_uuid().into()]).await?;
        Ok(found.into_iter().next())
    }

    /// Swaps of a slot that wait for an answer, oldest first.
    pub async fn open_swaps_of(&self, slot: SlotId) -> Result<Vec<Swap>, StoreError> {
        self.swaps_where("AND w.slot_id = $2 AND w.state = 'offered'", [slot.as_uuid().into()])
            .await
    }

    /// Swaps that a person is asked for in any circle and has not answered, oldest first.
    pub async fn open_swaps_to(&self, person: PersonId) -> Result<Vec<Swap>, StoreError> {
        self.swaps_where(
            "AND w.state = 'offered' AND w.to_id IN (SELECT m.id FROM membership m \
               WHERE m.organisation_id = $1 AND m.person_id = $2 AND m.state = 'active')",
            [person.as_uuid().into()],
        )
        .await
    }

    /// The swap by which a member got a slot at that moment, if nobody has undone it.
    pub async fn swap_behind(
        &self,
        slot: SlotId,
        member: MembershipId,
        at: Timestamp,
    ) -> Result<Option<Swap>, StoreError> {
        let sql = format!(
            "{SWAP} AND w.state = 'accepted' AND w.answered_at = $4 AND ((w.slot_id = $2 \
             AND w.to_id = $3) OR (w.return_slot_id = $2 AND w.from_id = $3)) LIMIT 1"
        );
        let values = vec![
            self.organisation.into(),
            slot.as_uuid().into(),
            member.as_uuid().into(),
            at.as_second().into(),
        ];
        let row: Option<Row> = raw::one(&self.txn, &sql, values).await?;
        row.map(Row::swap).transpose()
    }

    async fn swaps_where(&self, which: &str, values: [Value; 1]) -> Result<Vec<Swap>, StoreError> {
        let values = std::iter::once(Value::from(self.organisation)).chain(values).collect();
        let sql = format!("{SWAP} {which} ORDER BY w.offered_at, w.id LIMIT 50");
        let rows: Vec<Row> = raw::all(&self.txn, &sql, values).await?;
        rows.into_iter().map(Row::swap).collect()
    }
}

impl UnitOfWork {
    /// Keeps the offer of a swap.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when the same slot is offered to somebody already.
    pub async fn add_swap(&self, new: &Swap) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "INSERT INTO swap (organisation_id, id, circle_id, slot_id, from_id, to_id, \
               return_slot_id, state, offered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            vec![
                self.organisation.into(),
                new.id.as_uuid().into(),
                new.circle.as_uuid().into(),
                new.slot.as_uuid().into(),
                new.from.as_uuid().into(),
                new.to.as_uuid().into(),
                new.in_return.map(SlotId::as_uuid).into(),
                new.state.as_str().into(),
                new.offered_at.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Undoes a swap that was settled. `false` when somebody did before.
    pub async fn undo_swap(&self, id: SwapId) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE swap SET state = 'ended' WHERE organisation_id = $1 AND id = $2 \
             AND state = 'accepted'",
            vec![self.organisation.into(), id.as_uuid().into()],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Answers a swap, or takes it back. `false` when it was answered before.
    pub async fn put_swap_state(
        &self,
        id: SwapId,
        to: SwapState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE swap SET state = $3, answered_at = $4 WHERE organisation_id = $1 AND id = $2 \
             AND state = 'offered'",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                to.as_str().into(),
                now.as_second().into(),
            ],
        )
        .await?;
        Ok(changed == 1)
    }

    /// Ends what was offered of a slot by a member: the promise is over.
    pub async fn end_swaps(
        &self,
        slot: SlotId,
        from: MembershipId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE swap SET state = 'ended', answered_at = $4 WHERE organisation_id = $1 \
             AND state = 'offered' AND ((slot_id = $2 AND from_id = $3) \
               OR (return_slot_id = $2 AND to_id = $3))",
            vec![
                self.organisation.into(),
                slot.as_uuid().into(),
                from.as_uuid().into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }
}
