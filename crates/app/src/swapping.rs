//! Swapping with somebody by name: one offers, the other says yes, and only then anything moves.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use kith_domain::ids::{CircleId, MembershipId, PersonId, SlotId, SwapId};
use kith_domain::{
    Category, ClaimEnd, ClaimEvent, ClaimState, SlotState, SwapState, TaskKind, Tier, Timestamp,
    Told,
};
use kith_policy::{Disclose, List, Permit, Take};
use kith_store::{Circle, Claim, MayBeAsked, Slot, StoreError, Swap, UnitOfWork};

use crate::App;
use crate::about::{About, SealedAbout, by_name};
use crate::answering::Answering;
use crate::covered::tell_that_covered;
use crate::failure::{Failure, What};
use crate::gate::Inside;
use crate::promise;
use crate::proposed_move;
use crate::told::{self, tell_of_swap};
use crate::visit::{Receipt, Visit};

/// Days ahead from which something may be taken in return.
const RETURN_DAYS: i64 = 28;
const SWAPPED: ClaimEnd = ClaimEnd::Swapped;
/// Days back and ahead in which somebody's name stands on the rota.
const ON_ROTA_DAYS: i64 = 28;

/// Whom a slot may be swapped with.
#[derive(Clone, Debug)]
pub struct SwapChoices {
    /// The circle and the reader.
    pub about: About,
    /// The people, by name.
    pub people: Vec<SwapWith>,
    /// Some are not among them, as no e-mail reaches them: one rings them.
    pub some_to_ring: bool,
    /// Their first names, for the patient and carers: others are not told who can be reached.
    pub to_ring: Vec<String>,
}

/// Somebody to swap with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwapWith {
    /// The place in the circle.
    pub membership: MembershipId,
    /// First name.
    pub name: String,
    /// What they have promised and could give in return: slot, kind, wall-clock start.
    pub slots: Vec<(SlotId, TaskKind, DateTime)>,
}

/// The answer to a swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapAnswer {
    /// "Yes, I'll do this."
    Yes,
    /// "No, sorry."
    No,
    /// Whoever offered it takes it back.
    TakeBack,
}

/// What came of answering a swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapOutcome {
    /// Both said yes.
    Swapped,
    /// It stays as it was.
    Declined,
    /// There was nothing to swap any more.
    Over,
}

impl App {
    /// Whom the reader may ask by name to take their slot: those who may be asked for it, as far as
    /// the reader knows of them, from the list of people or from the rota.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot is not the reader's.
    pub async fn swap_choices(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<SwapChoices, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let now = visit.now();
        let about = SealedAbout::read(&snapshot, circle).await?;
        let found = snapshot.slot(slot).await?.filter(|slot| slot.circle == circle);
        let asked = match &found {
            Some(slot) => snapshot.may_be_asked(slot, now).await?,
            None => Vec::new(),
        };
        let (from, to) = (now.plus_days(-ON_ROTA_DAYS), now.plus_days(ON_ROTA_DAYS));
        let claims = snapshot.claims_between(circle, from, to).await?;
        let slots = snapshot.slots_between(circle, now, now.plus_days(RETURN_DAYS)).await?;
        let unreached = snapshot.unreached_members(circle).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let own = inside.own_place()?.membership;
        let mine = |of: SlotId| {
            claims.iter().any(|c| c.slot == of && c.membership == own && c.state.is_live())
        };
        if found.is_none() || !mine(slot) {
            return Err(Failure::NotHere);
        }
        let known = Known::to(&inside, &claims);
        let returns = |member: &MayBeAsked| {
            let live = claims.iter().filter(|claim| {
                claim.membership == member.membership && claim.state == ClaimState::Claimed
            });
            live.filter_map(|claim| slots.iter().find(|slot| slot.id == claim.slot))
                .filter(|other| other.id != slot && other.starts > now && !mine(other.id))
                .map(|other| (other.id, other.kind, inside.circle.zone.local(other.starts)))
                .collect()
        };
        let is_unreached = |id: MembershipId| unreached.iter().any(|(member, _)| *member == id);
        let (mut people, mut to_ring) = (Vec::new(), Vec::new());
        for member in asked.iter().filter(|member| known.holds(member.membership)) {
            let membership = member.membership;
            let Some(name) = names.of(membership).filter(|_| membership != own) else { continue };
            // Whom no mail reaches would never learn of it.
            if is_unreached(membership) {
                to_ring.push(name);
            } else {
                people.push(SwapWith { membership, name, slots: returns(member) });
            }
        }
        people.sort_by_key(|with| by_name(&with.name));
        to_ring.sort_by_key(|name| by_name(name));
        let some_to_ring = !to_ring.is_empty();
        to_ring.retain(|_| inside.is_in_charge());
        Ok(SwapChoices { about, people, some_to_ring, to_ring })
    }

    /// Asks somebody by name to take the reader's slot, for another of theirs or for nothing. It
    /// stays the reader's until they say yes; whoever was asked before is not asked any more.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `to` when that person cannot be asked.
    pub async fn offer_swap(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        (to, in_return): (Option<MembershipId>, Option<SlotId>),
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let choices = self.swap_choices(visit, circle, slot).await;
        let (answer, done) = self.answering(visit, circle, slot, receipt, "offer-swap").await?;
        if done.is_some() {
            return Ok(());
        }
        let choose = || Failure::field("to", What::Choose);
        let choices = choices?;
        let with = choices.people.iter().find(|with| Some(with.membership) == to);
        let with = with.ok_or_else(choose)?;
        if in_return.is_some_and(|id| !with.slots.iter().any(|(slot, ..)| *slot == id)) {
            return Err(choose());
        }
        let Answering { permit, inside, rows } = answer;
        let claim = rows.claim.as_ref().ok_or(Failure::NotHere)?;
        let now = visit.now();
        let swap = Swap {
            id: SwapId::new(&*self.ids),
            circle,
            slot,
            from: claim.membership,
            to: with.membership,
            in_return,
            state: SwapState::Offered,
            offered_at: now,
        };
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "offer-swap", "done", now).await?;
                unit.end_swaps(slot, swap.from, now).await?;
                unit.add_swap(&swap).await?;
                unit.add_ask(&rows.slot, swap.to, now).await?;
                let to = unit.membership(swap.to).await?.ok_or(StoreError::NotFound)?;
                let about = told::About { circle: &inside.circle, slot: &rows.slot, now };
                let id = swap.id.to_string();
                tell_of_swap(unit, &about, to.person, Told::SwapOffered, &id).await?;
                Ok(())
            })
            .await
    }

    /// Answers the swap of a slot that waits for the reader, or takes back the reader's own.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when no swap of this slot concerns the reader; [`Failure::StepUp`] for a
    /// yes that gives something away in return, where it is not sure who says so: from an unknown
    /// browser nothing is final.
    pub async fn answer_swap(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        answer: SwapAnswer,
        receipt: Receipt,
    ) -> Result<SwapOutcome, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "answer-swap").await?;
        let found = snapshot.slot(slot).await?.filter(|slot| slot.circle == circle);
        let open = snapshot.open_swaps_of(slot).await?;
        snapshot.end();
        // Saying yes takes the slot.
        let permit = inside.permit::<Take>(Category::Slot).await?;
        match done.as_deref() {
            Some("swapped") => return Ok(SwapOutcome::Swapped),
            Some("declined") => return Ok(SwapOutcome::Declined),
            Some(_) => return Ok(SwapOutcome::Over),
            None => {}
        }
        let own = inside.own_place()?.membership;
        let rows = found.ok_or(Failure::NotHere)?;
        let swap = open.into_iter().find(|swap| match answer {
            SwapAnswer::Yes | SwapAnswer::No => swap.to == own,
            SwapAnswer::TakeBack => swap.from == own,
        });
        let swap = swap.ok_or(Failure::NotHere)?;
        let gives_away = answer == SwapAnswer::Yes && swap.in_return.is_some();
        if gives_away && inside.facts.tier < Tier::Trusted {
            return Err(Failure::StepUp { circle: Some(circle), tier: Tier::Trusted });
        }
        let (circle, now) = (&inside.circle, visit.now());
        self.store
            .change(&permit, async |unit| {
                let (outcome, word) = match answer {
                    SwapAnswer::Yes => match settle(unit, circle, &swap, now).await? {
                        Some(_) => (SwapOutcome::Swapped, "swapped"),
                        None => (SwapOutcome::Over, "over"),
                    },
                    SwapAnswer::No => {
                        promise::say_no(unit, circle, &rows, own, now).await?;
                        (SwapOutcome::Declined, "declined")
                    }
                    SwapAnswer::TakeBack => {
                        unit.put_swap_state(swap.id, SwapState::Ended, now).await?;
                        (SwapOutcome::Declined, "declined")
                    }
                };
                unit.keep_receipt(receipt.0, "answer-swap", word, now).await?;
                Ok(outcome)
            })
            .await
    }
}

/// Members whom a reader knows of.
enum Known {
    /// From the list of people.
    Everybody,
    /// From what the rota shows.
    OnTheRota(BTreeSet<MembershipId>),
}

impl Known {
    fn to(inside: &Inside<'_>, claims: &[Claim]) -> Self {
        if inside.may::<List>(Category::People) {
            Self::Everybody
        } else {
            Self::OnTheRota(claims.iter().map(|claim| claim.membership).collect())
        }
    }

    fn holds(&self, member: MembershipId) -> bool {
        match self {
            Self::Everybody => true,
            Self::OnTheRota(members) => members.contains(&member),
        }
    }
}

/// The other says yes: both promises move in this transaction, or none does. Answers with the new
/// promise for the slot that was offered; `None` when there was nothing to swap any more.
pub(crate) async fn settle(
    unit: &UnitOfWork,
    circle: &Circle,
    swap: &Swap,
    now: Timestamp,
) -> Result<Option<Claim>, StoreError> {
    let given = standing(unit, swap.slot, swap.from, swap.to, now).await?;
    let returned = match swap.in_return {
        Some(slot) => match standing(unit, slot, swap.to, swap.from, now).await? {
            Some(found) => Some(found),
            None => return over(unit, swap, now).await,
        },
        None => None,
    };
    let Some((slot, claim)) = given else { return over(unit, swap, now).await };
    if !unit.put_swap_state(swap.id, SwapState::Accepted, now).await? {
        return Ok(None);
    }
    let to = unit.membership(swap.to).await?.ok_or(StoreError::NotFound)?;
    let taken = hand_over(unit, circle, (&slot, &claim, SWAPPED), (to.id, to.person), now).await?;
    if let Some((slot, theirs)) = returned {
        let back = (claim.membership, claim.person);
        hand_over(unit, circle, (&slot, &theirs, SWAPPED), back, now).await?;
    }
    let about = told::About { circle, slot: &slot, now };
    tell_of_swap(unit, &about, claim.person, Told::SwapDone, &swap.id.to_string()).await?;
    if claim.state == ClaimState::CoverWanted {
        tell_that_covered(unit, &about, &claim, to.person).await?;
    }
    Ok(Some(taken))
}

/// A slot that can still be handed from one member to the other.
pub(crate) async fn standing(
    unit: &UnitOfWork,
    slot: SlotId,
    from: MembershipId,
    to: MembershipId,
    now: Timestamp,
) -> Result<Option<(Slot, Claim)>, StoreError> {
    let slot = unit.slot(slot).await?.ok_or(StoreError::NotFound)?;
    let claim = unit.live_claim(slot.id, from).await?;
    let has_it = unit.live_claim(slot.id, to).await?.is_some();
    let stands = slot.state == SlotState::Open && slot.ends > now && !has_it;
    Ok(claim.filter(|_| stands).map(|claim| (slot, claim)))
}

async fn over(unit: &UnitOfWork, swap: &Swap, now: Timestamp) -> Result<Option<Claim>, StoreError> {
    unit.put_swap_state(swap.id, SwapState::Ended, now).await?;
    Ok(None)
}

/// Moves a promise from one member to the other.
pub(crate) async fn hand_over(
    unit: &UnitOfWork,
    circle: &Circle,
    (slot, claim, how): (&Slot, &Claim, ClaimEnd),
    (membership, person): (MembershipId, PersonId),
    now: Timestamp,
) -> Result<Claim, StoreError> {
    if !promise::end(unit, claim, ClaimEvent::Swap, Some(how), now).await? {
        return Err(StoreError::Conflict);
    }
    let taken = unit.take_place(slot, membership, person, now).await?;
    let taken = taken.ok_or(StoreError::Conflict)?;
    proposed_move::ask_newcomer(unit, circle, slot, &taken, now).await?;
    Ok(taken)
}

/// The other says no: it stays as it was, and whoever offered it is told.
pub(crate) async fn decline(
    unit: &UnitOfWork,
    circle: &Circle,
    swap: &Swap,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !unit.put_swap_state(swap.id, SwapState::Declined, now).await? {
        return Ok(());
    }
    let slot = unit.slot(swap.slot).await?.ok_or(StoreError::NotFound)?;
    let from = unit.membership(swap.from).await?.ok_or(StoreError::NotFound)?;
    let about = told::About { circle, slot: &slot, now };
    tell_of_swap(unit, &about, from.person, Told::SwapDeclined, &swap.id.to_string()).await?;
    Ok(())
}
