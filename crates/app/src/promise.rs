//! Promising to do a slot, asking for cover, and being released: the rules that every way of
//! saying it shares.
//!
//! Each runs in the write transaction of whoever calls, after the permit.

use kith_domain::asking::UNDO_MINUTES;
use kith_domain::claim::{Room, room, transition};
use kith_domain::ids::{MembershipId, PersonId, SlotId};
use kith_domain::{
    ClaimEnd, ClaimEvent, ClaimState, MailKind, MailReason, MemberRole, MembershipState, SlotState,
    Timestamp, reminder,
};
use kith_store::{
    Circle, Claim, MailSubject, Membership, NewMail, Reader, Slot, StoreError, Swap, UnitOfWork,
};

use crate::asking::ask_in_turn;
use crate::covered::{tell_of_cover, tell_that_covered};
use crate::{proposed_move, swapping, told};

/// Hours before a slot from which it is too late to give it back: until somebody else is found,
/// whoever promised stays responsible.
pub(crate) const GIVE_BACK_HOURS: i64 = 24;

/// What came of taking a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is this person's now; or again, after cover had been asked for.
    Yes(Claim),
    /// This person has it already.
    AlreadyYours(Claim),
    /// Somebody was faster.
    Full,
    /// It was cancelled, or is over.
    Gone,
}

/// What came of "I can't make it".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Released {
    /// Given back; the circle is asked.
    GivenBack,
    /// It is soon: cover is asked for, the carer is told, and the person stays responsible until
    /// somebody else takes it.
    UntilCovered,
    /// There was nothing to give back any more.
    Over,
}

/// Who says something of a promise: whoever made it, or somebody in charge who was told by them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speaker {
    pub(crate) person: PersonId,
    pub(crate) membership: MembershipId,
}

impl Speaker {
    /// Whoever made it.
    pub(crate) const fn of(claim: &Claim) -> Self {
        Self { person: claim.person, membership: claim.membership }
    }
}

/// Takes a place of a slot. When all are promised and somebody asked for cover, whoever asked first
/// is released in the same transaction, and told.
pub(crate) async fn take(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    membership: MembershipId,
    person: PersonId,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    // The caller's slot may be older than this transaction.
    let slot = unit.slot(slot.id).await?.filter(|slot| slot.circle == circle.id);
    let Some(slot) = slot else { return Ok(Taken::Gone) };
    if slot.state != SlotState::Open || slot.ends <= now {
        return Ok(Taken::Gone);
    }
    if let Some(claim) = unit.live_claim(slot.id, membership).await? {
        return Ok(if keep(unit, circle, &slot, &claim, now).await? {
            Taken::Yes(Claim { state: ClaimState::Claimed, ..claim })
        } else {
            Taken::AlreadyYours(claim)
        });
    }
    if let Some(claim) = unit.take_place(&slot, membership, person, now).await? {
        unit.stop_waiting(slot.id, membership).await?;
        proposed_move::ask_newcomer(unit, circle, &slot, &claim, now).await?;
        return Ok(Taken::Yes(claim));
    }
    if let Some(swap) = offered_to(unit, slot.id, membership).await? {
        return Ok(match swapping::settle(unit, circle, &swap, now).await? {
            Some(claim) => Taken::Yes(claim),
            None => Taken::Full,
        });
    }
    let claims = unit.claims_of(slot.id).await?;
    let states: Vec<ClaimState> = claims.iter().map(|claim| claim.state).collect();
    let places = u8::try_from(slot.places).unwrap_or(u8::MAX);
    let Some(Room::CoverFor(position)) = room(places, &states) else { return Ok(Taken::Full) };
    let Some(covered) = claims.get(position) else { return Ok(Taken::Full) };
    if !end(unit, covered, ClaimEvent::CoverFound, Some(ClaimEnd::Covered), now).await? {
        return Ok(Taken::Full);
    }
    let Some(claim) = unit.take_place(&slot, membership, person, now).await? else {
        return Ok(Taken::Full);
    };
    unit.stop_waiting(slot.id, membership).await?;
    tell_of_cover(unit, circle, &slot, covered, now).await?;
    let about = told::About { circle, slot: &slot, now };
    tell_that_covered(unit, &about, covered, person).await?;
    proposed_move::ask_newcomer(unit, circle, &slot, &claim, now).await?;
    Ok(Taken::Yes(claim))
}

/// The swap in which somebody asks this member by name to take the slot, with nothing in return:
/// taking it is the answer.
pub(crate) async fn offered_to(
    reader: &Reader,
    slot: SlotId,
    membership: MembershipId,
) -> Result<Option<Swap>, StoreError> {
    let open = reader.open_swaps_of(slot).await?;
    Ok(open.into_iter().find(|swap| swap.to == membership && swap.in_return.is_none()))
}

/// "No, sorry": this member is not asked for the slot again, and a swap that was offered to them is
/// over.
pub(crate) async fn say_no(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    membership: MembershipId,
    now: Timestamp,
) -> Result<(), StoreError> {
    unit.add_ask(slot, membership, now).await?;
    unit.answer_no(slot.id, membership, now).await?;
    unit.stop_waiting(slot.id, membership).await?;
    for swap in unit.open_swaps_of(slot.id).await? {
        if swap.to == membership {
            swapping::decline(unit, circle, &swap, now).await?;
        }
    }
    Ok(())
}

/// "I can make it after all": whoever was told that cover is wanted hears that it is settled.
/// `false` when no cover was asked for.
pub(crate) async fn keep(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    claim: &Claim,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if claim.state != ClaimState::CoverWanted {
        return Ok(false);
    }
    if !unit.put_claim_state(claim, ClaimState::Claimed, now).await? {
        return Ok(false);
    }
    tell_that_covered(unit, &told::About { circle, slot, now }, claim, claim.person).await?;
    Ok(true)
}

/// The person cannot make it and asks for cover: stays responsible, the carers are told, and the
/// circle is asked again; but not whoever says so. `false` when the promise is over.
pub(crate) async fn want_cover(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    claim: &Claim,
    speaker: Speaker,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Ok(wanted) = transition(claim.state, ClaimEvent::AskForCover) else { return Ok(false) };
    if claim.state == wanted {
        return Ok(true);
    }
    if !unit.put_claim_state(claim, wanted, now).await? {
        return Err(StoreError::Conflict);
    }
    let members = unit.members(circle.id).await?;
    let told = in_charge(&members);
    let knows = |person: PersonId| person == claim.person || person == speaker.person;
    for person in told.iter().copied().filter(|person| !knows(*person)) {
        let mail = NewMail {
            kind: MailKind::CoverWanted,
            // Asking, keeping it after all and asking again is told again.
            dedupe: format!("cover_wanted:{}:{person}:{}", claim.id, now.as_second()),
            subject: MailSubject {
                person: Some(person),
                circle: Some(circle.id),
                slot: Some(slot.id),
                claim: Some(claim.id),
                ..MailSubject::default()
            },
            detail: "{}".to_owned(),
            due_at: reminder::send_from(
                MailKind::CoverWanted,
                now,
                &circle.zone,
                Some(slot.starts),
            ),
            useful_until: slot.ends,
        };
        unit.add_mail(&mail, now).await?;
    }
    // Whoever is told that cover is wanted need not be asked for help as well.
    let told: Vec<MembershipId> = members
        .iter()
        .filter(|member| told.contains(&member.person))
        .map(|member| member.id)
        .collect();
    ask_again(unit, circle, slot, claim, &told, now).await?;
    Ok(true)
}

/// "I can't make it": more than a day ahead the slot is given back and the circle asked; later the
/// person stays responsible until somebody else takes it.
pub(crate) async fn cannot_make_it(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    claim: &Claim,
    speaker: Speaker,
    now: Timestamp,
) -> Result<Released, StoreError> {
    if slot.starts <= now.plus_hours(GIVE_BACK_HOURS) {
        return Ok(if want_cover(unit, circle, slot, claim, speaker, now).await? {
            Released::UntilCovered
        } else {
            Released::Over
        });
    }
    if !drop_promise(unit, claim, ClaimEnd::GivenBack, now).await? {
        return Ok(Released::Over);
    }
    ask_again(unit, circle, slot, claim, &[speaker.membership], now).await?;
    Ok(Released::GivenBack)
}

/// Whoever promised it leaves the circle: the place is free, and everybody is asked again.
pub(crate) async fn leave_open(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    claim: &Claim,
    now: Timestamp,
) -> Result<(), StoreError> {
    if drop_promise(unit, claim, ClaimEnd::Left, now).await? {
        ask_again(unit, circle, slot, claim, &[], now).await?;
    }
    Ok(())
}

/// Ends a promise: the carer decided so, the slot was cancelled, or the person left. The place is
/// free again and nothing more is mailed about it. `false` when it was over already.
pub(crate) async fn drop_promise(
    unit: &UnitOfWork,
    claim: &Claim,
    how: ClaimEnd,
    now: Timestamp,
) -> Result<bool, StoreError> {
    end(unit, claim, ClaimEvent::Drop, Some(how), now).await
}

/// Moves a promise on by `event`: it is over, and nothing more is mailed about it. `false` when it was
/// over already.
pub(crate) async fn end(
    unit: &UnitOfWork,
    claim: &Claim,
    event: ClaimEvent,
    how: Option<ClaimEnd>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Ok(to) = transition(claim.state, event) else { return Ok(false) };
    if !unit.put_claim_state(claim, to, now).await? {
        return Ok(false);
    }
    if let Some(how) = how {
        unit.claim_ended_as(claim.id, how).await?;
    }
    unit.planned(claim.id).await?;
    unit.end_swaps(claim.slot, claim.membership, now).await?;
    unit.cancel_mail_about_claim(claim.id, MailReason::ClaimDropped, now).await?;
    if event == ClaimEvent::Drop {
        // Whoever takes it over is asked in turn; see `proposed_move::ask_newcomer`.
        proposed_move::after_drop(unit, claim, now).await?;
    }
    Ok(true)
}

/// Asks the others in turn, but whoever cannot make it. Where there is time, nobody is asked while
/// it can still be taken back. The round is the number of promises there have been,
/// so that one promise given back is one asking, whatever the number of forms.
async fn ask_again(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    claim: &Claim,
    told: &[MembershipId],
    now: Timestamp,
) -> Result<(), StoreError> {
    // Where everybody else had said yes to another time, it has moved there meanwhile.
    let Some(slot) = &unit.slot(slot.id).await? else { return Ok(()) };
    let round = u32::try_from(unit.claims_of(slot.id).await?.len()).unwrap_or(u32::MAX);
    // Who was asked in the evening and has not heard of it yet is asked once in the morning.
    unit.cancel_askings_before(slot.id, round, now).await?;
    let but: Vec<MembershipId> = told.iter().copied().chain([claim.membership]).collect();
    let there_is_time = slot.starts > now.plus_hours(GIVE_BACK_HOURS);
    let from = if there_is_time { now.plus_minutes(UNDO_MINUTES) } else { now };
    ask_in_turn(unit, circle, slot, &but, (now, from), round).await
}

/// Who decides about the circle now: the carers, or the patient where there is none.
pub(crate) fn in_charge(members: &[Membership]) -> Vec<PersonId> {
    let with = |role: MemberRole| -> Vec<PersonId> {
        members
            .iter()
            .filter(|member| member.state == MembershipState::Active && member.role == role)
            .map(|member| member.person)
            .collect()
    };
    let carers = with(MemberRole::Carer);
    if carers.is_empty() { with(MemberRole::Patient) } else { carers }
}
