//! Other times for promised slots, and what those who promised say to them.

use std::collections::BTreeMap;

use kith_domain::ids::{CircleId, ClaimId, OrganisationId, PersonId, ProposedMoveId, SlotId};
use kith_domain::{ProposedMoveState, Timestamp};
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, FromQueryResult, QuerySelect, Value};
use uuid::Uuid;

use crate::convert::{at, word};
use crate::entity::slot;
use crate::error::StoreError;
use crate::raw;
use crate::rota::Slot;
use crate::unit::{Reader, Store, UnitOfWork};

/// "Can it be Thursday instead?"
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedMove {
    /// Its id.
    pub id: ProposedMoveId,
    /// The circle.
    pub circle: CircleId,
    /// The slot, which is still at its old time.
    pub slot: SlotId,
    /// Who asked: that person's own promise needs no answer.
    pub by: PersonId,
    /// When the slot would start.
    pub starts: Timestamp,
    /// When it would end.
    pub ends: Timestamp,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// From then on no answer moves it any more.
    pub lapses_at: Timestamp,
    /// State.
    pub state: ProposedMoveState,
    /// What the promises say to it; whoever has not answered is not in it.
    pub answers: BTreeMap<ClaimId, bool>,
}

impl ProposedMove {
    /// Whether it may still be answered.
    pub fn may_be_answered(&self, now: Timestamp) -> bool {
        self.state == ProposedMoveState::Open && now < self.lapses_at
    }
}

#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    circle_id: Uuid,
    slot_id: Uuid,
    asked_by: Uuid,
    starts_at: i64,
    ends_at: i64,
    asked_at: i64,
    lapses_at: i64,
    state: String,
    claim_id: Option<Uuid>,
    yes: Option<bool>,
}

const MOVE: &str = "SELECT q.id, q.circle_id, q.slot_id, q.asked_by, q.starts_at, q.ends_at, \
     q.asked_at, q.lapses_at, q.state, a.claim_id, a.yes FROM proposed_move q \
     LEFT JOIN proposed_move_answer a ON a.organisation_id = q.organisation_id \
       AND a.proposed_move_id = q.id";

impl Reader {
    /// One proposed move, whatever became of it.
    pub async fn proposed_move(
        &self,
        id: ProposedMoveId,
    ) -> Result<Option<ProposedMove>, StoreError> {
        let which = "WHERE q.organisation_id = $1 AND q.id = $2";
        Ok(self.moves_where(which, [id.as_uuid().into()]).await?.into_iter().next())
    }

    /// The open question about a slot.
    pub async fn open_move_of(&self, slot: SlotId) -> Result<Option<ProposedMove>, StoreError> {
        let which = "WHERE q.organisation_id = $1 AND q.slot_id = $2 AND q.state = 'open'";
        Ok(self.moves_where(which, [slot.as_uuid().into()]).await?.into_iter().next())
    }

    /// The open questions about slots of a circle that start in `[from, to)`.
    pub async fn open_moves_between(
        &self,
        circle: CircleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ProposedMove>, StoreError> {
        self.moves_where(
            "JOIN slot s ON s.organisation_id = q.organisation_id AND s.id = q.slot_id \
             WHERE q.organisation_id = $1 AND q.circle_id = $2 AND q.state = 'open' \
             AND s.starts_at >= $3 AND s.starts_at < $4",
            [circle.as_uuid().into(), from.as_second().into(), to.as_second().into()],
        )
        .await
    }

    /// The open questions about slots that a person has promised, in whatever circle.
    pub async fn open_moves_to(&self, person: PersonId) -> Result<Vec<ProposedMove>, StoreError> {
        self.moves_where(
            "WHERE q.organisation_id = $1 AND q.state = 'open' AND q.slot_id IN ( \
               SELECT c.slot_id FROM claim c WHERE c.organisation_id = $1 AND c.person_id = $2 \
               AND c.state IN ('claimed', 'cover_wanted'))",
            [person.as_uuid().into()],
        )
        .await
    }

    async fn moves_where<const N: usize>(
        &self,
        which: &str,
        values: [Value; N],
    ) -> Result<Vec<ProposedMove>, StoreError> {
        let values = std::iter::once(Value::from(self.organisation)).chain(values).collect();
        let sql = format!("{MOVE} {which} ORDER BY q.asked_at, q.id LIMIT 1000");
        let rows: Vec<Row> = raw::all(&self.txn, &sql, values).await?;
        let mut moves: Vec<ProposedMove> = Vec::new();
        for row in rows {
            let answer = row.claim_id.map(ClaimId::from_uuid).zip(row.yes);
            if moves.last().is_none_or(|last| last.id.as_uuid() != row.id) {
                moves.push(ProposedMove {
                    id: ProposedMoveId::from_uuid(row.id),
                    circle: CircleId::from_uuid(row.circle_id),
                    slot: SlotId::from_uuid(row.slot_id),
                    by: PersonId::from_uuid(row.asked_by),
                    starts: at(row.starts_at),
                    ends: at(row.ends_at),
                    asked_at: at(row.asked_at),
                    lapses_at: at(row.lapses_at),
                    state: word(&row.state, "proposed_move", row.id)?,
                    answers: BTreeMap::new(),
                });
            }
            if let (Some((claim, yes)), Some(last)) = (answer, moves.last_mut()) {
                last.answers.insert(claim, yes);
            }
        }
        Ok(moves)
    }
}

impl Store {
    /// Open questions whose time is over and of which nobody was told so, with their slots; at most
    /// `limit`.
    pub async fn lapsed_moves(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OrganisationId, SlotId, ProposedMoveId)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Lapsed {
            organisation_id: Uuid,
            slot_id: Uuid,
            id: Uuid,
        }
        let rows: Vec<Lapsed> = raw::all(
            &self.connections.read,
            "SELECT organisation_id, slot_id, id FROM proposed_move WHERE state = 'open' \
             AND lapse_told_at IS NULL AND lapses_at <= $1 ORDER BY lapses_at, id LIMIT $2 + 0",
            vec![now.as_second().into(), i64::from(limit).into()],
        )
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let organisation = OrganisationId::from_uuid(row.organisation_id);
                (organisation, SlotId::from_uuid(row.slot_id), ProposedMoveId::from_uuid(row.id))
            })
            .collect())
    }
}

impl UnitOfWork {
    /// Whether a mail about this question was sent to a person, or may have been.
    pub async fn was_asked_by_mail(
        &self,
        id: ProposedMoveId,
        person: PersonId,
    ) -> Result<bool, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct Asked {
            asked: i64,
        }
        let row: Option<Asked> = raw::one(
            &self.txn,
            "SELECT COUNT(*) AS asked FROM outbox WHERE organisation_id = $1 AND person_id = $2 \
             AND kind = 'move_asked' AND state IN ('sending', 'sent', 'retry') \
             AND detail LIKE $3",
            vec![
                self.organisation.into(),
                person.as_uuid().into(),
                format!("%{}%", id.as_uuid()).into(),
            ],
        )
        .await?;
        Ok(row.is_some_and(|row| row.asked > 0))
    }

    /// Those who were asked know that the time is over.
    pub async fn lapse_is_told(
        &self,
        id: ProposedMoveId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE proposed_move SET lapse_told_at = $3 WHERE organisation_id = $1 AND id = $2",
            vec![self.organisation.into(), id.as_uuid().into(), now.as_second().into()],
        )
        .await
        .map(|_| ())
    }

    /// Keeps others from taking, moving or giving back a slot until this transaction ends, and waits
    /// for those who are at it: then as it is. On SQLite this transaction is the only writer.
    pub async fn hold_slot(&self, id: SlotId) -> Result<Option<Slot>, StoreError> {
        slot::Entity::find_by_id((self.organisation, id.as_uuid()))
            .lock(LockType::NoKeyUpdate)
            .one(&self.txn)
            .await?;
        self.slot(id).await
    }

    /// Asks about another time for a slot. What was asked about it before is not asked any more.
    pub async fn add_proposed_move(
        &self,
        slot: &Slot,
        by: PersonId,
        (starts, ends): (Timestamp, Timestamp),
        lapses_at: Timestamp,
        now: Timestamp,
    ) -> Result<ProposedMove, StoreError> {
        if let Some(before) = self.open_move_of(slot.id).await? {
            self.settle_proposed_move(before.id, ProposedMoveState::Withdrawn, now).await?;
        }
        let new = ProposedMove {
            id: ProposedMoveId::new(&*self.ids),
            circle: slot.circle,
            slot: slot.id,
            by,
            starts,
            ends,
            asked_at: now,
            lapses_at,
            state: ProposedMoveState::Open,
            answers: BTreeMap::new(),
        };
        raw::execute(
            &self.txn,
            "INSERT INTO proposed_move (organisation_id, id, circle_id, slot_id, asked_by, \
               starts_at, ends_at, asked_at, lapses_at, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            vec![
                self.organisation.into(),
                new.id.as_uuid().into(),
                new.circle.as_uuid().into(),
                new.slot.as_uuid().into(),
                by.as_uuid().into(),
                starts.as_second().into(),
                ends.as_second().into(),
                now.as_second().into(),
                lapses_at.as_second().into(),
                new.state.as_str().into(),
            ],
        )
        .await?;
        Ok(new)
    }

    /// What one promise says to a proposed move; what it said before is forgotten.
    pub async fn answer_proposed_move(
        &self,
        id: ProposedMoveId,
        claim: ClaimId,
        yes: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "INSERT INTO proposed_move_answer \
               (organisation_id, proposed_move_id, claim_id, yes, answered_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (organisation_id, proposed_move_id, claim_id) \
             DO UPDATE SET yes = $4, answered_at = $5",
            vec![
                self.organisation.into(),
                id.as_uuid().into(),
                claim.as_uuid().into(),
                yes.into(),
                now.as_second().into(),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Settles a proposed move. `false` when it was settled before, whoever was faster.
    pub async fn settle_proposed_move(
        &self,
        id: ProposedMoveId,
        to: ProposedMoveState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE proposed_move SET state = $3, settled_at = $4 WHERE organisation_id = $1 \
             AND id = $2 AND state = 'open'",
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

    /// Nobody is asked any more about slots of a circle that does not ask.
    pub(crate) async fn end_proposed_moves(
        &self,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        raw::execute(
            &self.txn,
            "UPDATE proposed_move SET state = 'ended', settled_at = $3 \
             WHERE organisation_id = $1 AND circle_id = $2 AND state = 'open'",
            vec![self.organisation.into(), circle.as_uuid().into(), now.as_second().into()],
        )
        .await
        .map(|_| ())
    }
}
