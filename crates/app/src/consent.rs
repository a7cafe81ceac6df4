//! Saying yes or no to another time for what one promised, and what whoever asked may do about it.

use jiff::civil::DateTime;
use kith_domain::Category;
use kith_domain::ids::{CircleId, MailId, ProposedMoveId, SlotId};
use kith_policy::{Amend, Answer, Permit};
use kith_store::{Claim, ProposedMove};

use crate::App;
use crate::about::Names;
use crate::answering::Answering;
use crate::failure::Failure;
use crate::gate::Inside;
use crate::proposed_move::{self, MoveOutcome};
use crate::rota::slot_of;
use crate::visit::{Receipt, Visit};

/// Another time for a slot that somebody promised, as one reader sees it: the patient and carers, and
/// whoever is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instead {
    /// Which question.
    pub id: ProposedMoveId,
    /// Wall-clock start and end that it would have.
    pub would_be: (DateTime, DateTime),
    /// Wall-clock time at which it lapses.
    pub lapses: DateTime,
    /// It has lapsed: there was no answer in time.
    pub lapsed: bool,
    /// First names of those who have not answered; for the patient and carers.
    pub waiting: Vec<Option<String>>,
    /// Of those who said yes.
    pub yes: Vec<Option<String>>,
    /// Of those who said no.
    pub no: Vec<Option<String>>,
    /// The reader is asked.
    pub asks_you: bool,
    /// What the reader answered.
    pub you_said: Option<bool>,
    /// The reader may take it back, or move it without those who said no.
    pub may_settle: bool,
}

/// What somebody who may change the rota does about a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettleMove {
    /// It is not asked any more, and stays as it was.
    Withdraw,
    /// Whoever said no is thanked and freed of it, and it moves.
    FreeAndMove,
}

/// What a reader sees of the open question about a slot.
pub(crate) fn instead(
    inside: &Inside<'_>,
    names: &Names,
    claims: &[&Claim],
    open: &ProposedMove,
) -> Option<Instead> {
    let me = inside.session.person;
    let live = || claims.iter().filter(|claim| claim.state.is_live() && claim.person != open.by);
    let own = live().find(|claim| claim.person == me);
    let in_charge = inside.is_in_charge();
    if own.is_none() && !in_charge {
        return None;
    }
    let zone = &inside.circle.zone;
    let lapsed = !open.may_be_answered(inside.now());
    let who = |said: Option<bool>| -> Vec<Option<String>> {
        let said = live().filter(|claim| open.answers.get(&claim.id).copied() == said);
        said.filter(|_| in_charge).map(|claim| names.of(claim.membership)).collect()
    };
    Some(Instead {
        id: open.id,
        would_be: (zone.local(open.starts), zone.local(open.ends)),
        lapses: zone.local(open.lapses_at),
        lapsed,
        waiting: who(None),
        yes: who(Some(true)),
        no: who(Some(false)),
        asks_you: own.is_some() && !lapsed && inside.may::<Answer>(Category::Slot),
        you_said: own.and_then(|claim| open.answers.get(&claim.id).copied()),
        may_settle: inside.may::<Amend>(Category::Rota),
    })
}

pub(crate) fn word(outcome: MoveOutcome) -> &'static str {
    match outcome {
        MoveOutcome::Moved => "moved",
        MoveOutcome::Waits => "waits",
        MoveOutcome::Stays => "stays",
        MoveOutcome::Over => "over",
    }
}

pub(crate) fn outcome(word: &str) -> MoveOutcome {
    match word {
        "moved" => MoveOutcome::Moved,
        "waits" => MoveOutcome::Waits,
        "stays" => MoveOutcome::Stays,
        _ => MoveOutcome::Over,
    }
}

impl App {
    /// Yes or no to another time for one's own slot.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot is not the reader's.
    pub async fn answer_move(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        (question, yes): (ProposedMoveId, bool),
        receipt: Receipt,
    ) -> Result<MoveOutcome, Failure> {
        let (answer, done) = self.answering(visit, circle, slot, receipt, "answer-move").await?;
        if let Some(done) = done {
            return Ok(outcome(&done));
        }
        let Answering { permit, inside, rows } = answer;
        let claim = rows.claim.as_ref().ok_or(Failure::NotHere)?.id;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                let circle = &inside.circle;
                let came = proposed_move::answer(unit, circle, claim, question, yes, now).await?;
                unit.keep_receipt(receipt.0, "answer-move", word(came), now).await?;
                Ok(came)
            })
            .await
    }

    /// The same from the link in a mail, for one of the questions that it asks or for all of them.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] as for every use of such a link.
    pub async fn answer_move_by_link(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
        (question, yes): (Option<ProposedMoveId>, bool),
        receipt: Receipt,
    ) -> Result<MoveOutcome, Failure> {
        let behind = self.behind(visit, mail, token, Some((receipt, "move-by-link"))).await?;
        let permit: Permit<'_, Answer> = behind.permit().await?;
        if let Some(done) = behind.done.as_deref() {
            return Ok(outcome(done));
        }
        let now = visit.now();
        let asked = behind.asks_about().filter(|(open, _)| question.is_none_or(|id| open.id == id));
        let asked: Vec<_> = asked.map(|(open, claim)| (open.id, claim.id)).collect();
        self.store
            .change(&permit, async |unit| {
                let mut came = MoveOutcome::Over;
                for (id, claim) in asked {
                    let one =
                        proposed_move::answer(unit, &behind.circle, claim, id, yes, now).await?;
                    // Of several answers what matters most: something waits, or is over.
                    came = match (came, one) {
                        (MoveOutcome::Waits, _) => MoveOutcome::Waits,
                        (_, MoveOutcome::Over) => came,
                        (_, one) => one,
                    };
                }
                unit.keep_receipt(receipt.0, "move-by-link", word(came), now).await?;
                Ok(came)
            })
            .await
    }

    /// Takes a question back, or frees those who said no and moves the slot. Answers what came of it.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not change the rota; [`Failure::Changed`] when the
    /// question is not open any more, or nobody said no.
    pub async fn settle_move(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        (question, how): (ProposedMoveId, SettleMove),
        receipt: Receipt,
    ) -> Result<MoveOutcome, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "settle-move").await?;
        let found = slot_of(&snapshot, circle, slot).await?;
        let open = snapshot.open_move_of(slot).await?.filter(|open| open.id == question);
        snapshot.end();
        let permit: Permit<'_, Amend> = inside.permit(Category::Rota).await?;
        if let Some(done) = done {
            return Ok(outcome(&done));
        }
        let rows = found.ok_or(Failure::NotHere)?;
        let open = open.ok_or(Failure::Changed)?;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                let circle = &inside.circle;
                let came = match how {
                    SettleMove::Withdraw => {
                        unit.hold_slot(slot).await?;
                        let to = kith_domain::ProposedMoveState::Withdrawn;
                        if !unit.settle_proposed_move(open.id, to, now).await? {
                            return Err(Failure::Changed);
                        }
                        proposed_move::tell_that_it_stays(unit, circle, &open, now).await?;
                        MoveOutcome::Stays
                    }
                    SettleMove::FreeAndMove => {
                        if !proposed_move::free_and_move(unit, circle, &rows, open.id, now).await? {
                            return Err(Failure::Changed);
                        }
                        MoveOutcome::Moved
                    }
                };
                unit.keep_receipt(receipt.0, "settle-move", word(came), now).await?;
                Ok(came)
            })
            .await
    }
}
