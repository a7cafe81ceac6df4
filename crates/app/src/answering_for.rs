//! Saying for a member whom no e-mail reaches whether another time suits them: they were rung.

use kith_domain::ids::{CircleId, MembershipId, ProposedMoveId, SlotId};
use kith_domain::{Category, SaidFor};
use kith_policy::{ActFor, Disclose, Permit};
use kith_store::{Claim, Membership, ProposedMove, Reader};

use crate::App;
use crate::acting_for::may_be_spoken_for;
use crate::consent::{outcome, word};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::proposed_move::{self, MoveOutcome};
use crate::rota::slot_of;
use crate::visit::{Receipt, Visit};

/// Word under which the form is remembered.
const ANSWER: &str = "answer-for";

/// Those who are asked about another time, have not answered, and for whom the reader may: somebody
/// rings them.
async fn not_answered(
    reader: &Reader,
    inside: &Inside<'_>,
    claims: &[Claim],
    open: &ProposedMove,
) -> Result<Vec<(Claim, Membership)>, Failure> {
    let me = inside.place.as_ref().map(|place| place.membership);
    let mut found = Vec::new();
    if !inside.may::<ActFor>(Category::Slot) || !open.may_be_answered(inside.now()) {
        return Ok(found);
    }
    for claim in claims {
        let asked = claim.state.is_live() && claim.person != open.by;
        if asked
            && !open.answers.contains_key(&claim.id)
            && let Some(member) = reader.membership(claim.membership).await?
            && may_be_spoken_for(reader, &member, me).await?
        {
            found.push((claim.clone(), member));
        }
    }
    Ok(found)
}

/// The same, for the page that says whom to ring.
pub(crate) async fn to_ring(
    reader: &Reader,
    inside: &Inside<'_>,
    claims: &[Claim],
    open: &ProposedMove,
) -> Result<Vec<MembershipId>, Failure> {
    let found = not_answered(reader, inside, claims, open).await?;
    Ok(found.into_iter().map(|(_, member)| member.id).collect())
}

/// The promise of one of them, where the question is still open.
async fn asked(
    reader: &Reader,
    inside: &Inside<'_>,
    (slot, question, member): (SlotId, ProposedMoveId, MembershipId),
) -> Result<Option<(Claim, Membership)>, Failure> {
    let Some(slot) = slot_of(reader, inside.circle.id, slot).await? else { return Ok(None) };
    let open = reader.open_move_of(slot.id).await?.filter(|open| open.id == question);
    let Some(open) = open else { return Ok(None) };
    let claims = reader.claims_of(slot.id).await?;
    let found = not_answered(reader, inside, &claims, &open).await?;
    Ok(found.into_iter().find(|(_, asked)| asked.id == member))
}

impl App {
    /// Says for a member whether another time suits them, as if they had said it; and it is remembered
    /// who did.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but the patient and the carers who see the rota, and for a
    /// member who is not asked, or who reads our e-mails; [`Failure::Changed`] when they have answered
    /// in this moment.
    pub async fn answer_move_for(
        &self,
        visit: &Visit,
        circle: CircleId,
        (slot, member): (SlotId, MembershipId),
        (question, yes): (ProposedMoveId, bool),
        receipt: Receipt,
    ) -> Result<MoveOutcome, Failure> {
        let of_them = (slot, question, member);
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, ANSWER).await?;
        let found = asked(&snapshot, &inside, of_them).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        let permit: Permit<'_, ActFor> = inside.permit(Category::Slot).await?;
        if let Some(done) = done {
            return Ok(outcome(&done));
        }
        found.ok_or(Failure::NotHere)?;
        let (by, now) = (inside.own_place()?.membership, visit.now());
        self.store
            .change(&permit, async |unit| {
                // They may answer themselves, leave, or give an address, in this moment.
                unit.hold_membership(member).await?;
                unit.hold_slot(slot).await?;
                let found = asked(unit, &inside, of_them).await?;
                let (claim, member) = found.ok_or(Failure::Changed)?;
                let circle = &inside.circle;
                let came =
                    proposed_move::answer(unit, circle, claim.id, question, yes, now).await?;
                if came != MoveOutcome::Over {
                    let said = if yes { SaidFor::Suits } else { SaidFor::SuitsNot };
                    unit.add_said_for(&member, by, (said, Some(slot)), now).await?;
                }
                unit.keep_receipt(receipt.0, ANSWER, word(came), now).await?;
                Ok(came)
            })
            .await
    }
}
