//! Another time for a slot that somebody promised: asked, answered, settled.
//!
//! The slot stays where it is, with its reminders, until everybody who promised it says yes. Each of
//! these runs in the write transaction of whoever calls, with the slot held, and reads again there
//! whose promises stand.

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::ids::{ClaimId, MembershipId, PersonId, ProposedMoveId};
use kith_domain::proposed_move::lapses_at;
use kith_domain::{
    Category, ClaimEnd, MailKind, MemberRole, MembershipState, ProposedMoveState, SlotState,
    Timestamp, Told, Unreached, reminder,
};
use kith_store::{Circle, Claim, MailSubject, NewMail, ProposedMove, Slot, StoreError, UnitOfWork};

use crate::outbox::frozen::Detail;
use crate::promise::{drop_promise, in_charge};
use crate::rota_change::{self, move_slot};
use crate::series::live_claims;
use crate::standing_promise;
use crate::told::{About, tell_of_move};
use crate::{App, Failure};

/// Questions whose time is over that one look deals with at most.
const AT_ONCE: u32 = 200;
/// Promises of one member that are looked at.
const MOST_PROMISED: u32 = 500;

/// What came of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveOutcome {
    /// Everybody said yes: it has moved.
    Moved,
    /// A yes is kept; somebody else has not said so yet.
    Waits,
    /// It stays as it was.
    Stays,
    /// There was nothing to answer any more: it was taken back, or it is too late.
    Over,
}

/// Who was asked for other times of which slots, until one mail says it to each of them.
#[derive(Default)]
pub(crate) struct Asked(BTreeMap<PersonId, Vec<(ProposedMove, Slot)>>);

/// Asks those who promised `slot` whether it may be at another time.
pub(crate) async fn propose(
    unit: &UnitOfWork,
    told: &rota_change::Told<'_>,
    slot: &Slot,
    claims: &[Claim],
    times: (Timestamp, Timestamp),
    asked: &mut Asked,
) -> Result<(), StoreError> {
    let lapses = lapses_at(told.now, slot.starts, times.0);
    let new = unit.add_proposed_move(slot, told.by, times, lapses, told.now).await?;
    for claim in claims.iter().filter(|claim| claim.person != told.by) {
        asked.0.entry(claim.person).or_default().push((new.clone(), slot.clone()));
    }
    Ok(())
}

impl Asked {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who is asked.
    pub(crate) fn persons(&self) -> BTreeSet<PersonId> {
        self.0.keys().copied().collect()
    }

    /// Plans one mail to each person, whatever the number of dates.
    pub(crate) async fn tell(
        self,
        unit: &UnitOfWork,
        circle: &Circle,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (person, mut moves) in self.0 {
            moves.sort_by_key(|(proposed, slot)| slot.starts.min(proposed.starts));
            let Some((first, slot)) = moves.first() else { continue };
            if matches!(unit.unreached(person).await?, Some(why) if why != Unreached::ComesBack) {
                // Whoever asked says it, and writes down the answer. What comes back is tried, as it
                // may arrive again by then.
                continue;
            }
            let near = Some(slot.starts.min(first.starts));
            let mail = NewMail {
                kind: MailKind::MoveAsked,
                dedupe: format!("move_asked:{}:{person}", first.id),
                // Of several slots: about no one promise, which may end without the others.
                subject: MailSubject {
                    person: Some(person),
                    circle: Some(circle.id),
                    slot: Some(slot.id),
                    ..MailSubject::default()
                },
                detail: Detail {
                    moves: moves.iter().map(|(proposed, _)| proposed.id.as_uuid()).collect(),
                    ..Detail::default()
                }
                .to_json(),
                due_at: reminder::send_from(MailKind::MoveAsked, now, &circle.zone, near),
                useful_until: moves
                    .iter()
                    .map(|(proposed, _)| proposed.lapses_at)
                    .max()
                    .unwrap_or(now),
            };
            unit.add_mail(&mail, now).await?;
        }
        Ok(())
    }
}

/// Somebody has promised a slot while others are asked about another time: so is the newcomer.
pub(crate) async fn ask_newcomer(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    claim: &Claim,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(open) = unit.open_move_of(slot.id).await? else { return Ok(()) };
    if open.may_be_answered(now) && claim.person != open.by {
        let mut asked = Asked::default();
        asked.0.insert(claim.person, vec![(open, slot.clone())]);
        asked.tell(unit, circle, now).await?;
    }
    Ok(())
}

/// A place in the circle is another person's now, whose address nobody has written to: what was asked
/// at the one before, and not answered, is asked there. The slots are to be held by then
/// ([`hold_promised`]), so that nobody asks about one of them meanwhile.
pub(crate) async fn ask_at_new_address(
    unit: &UnitOfWork,
    circle: &Circle,
    place: MembershipId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut asked = Asked::default();
    for (claim, slot) in unit.claims_of_place(place, now, MOST_PROMISED).await? {
        let open = unit.open_move_of(slot.id).await?;
        let open = open.filter(|open| open.may_be_answered(now) && open.by != claim.person);
        if let Some(open) = open.filter(|open| !open.answers.contains_key(&claim.id)) {
            asked.0.entry(claim.person).or_default().push((open, slot));
        }
    }
    asked.tell(unit, circle, now).await
}

/// Holds what a member has promised: whoever is just asking about another time is done by then, and
/// whoever comes later sees whose it is.
pub(crate) async fn hold_promised(
    unit: &UnitOfWork,
    place: MembershipId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (_, slot) in unit.claims_of_place(place, now, MOST_PROMISED).await? {
        unit.hold_slot(slot.id).await?;
    }
    Ok(())
}

/// A promise has ended: the others' answers may be enough now, or nobody is left to ask.
pub(crate) async fn after_drop(
    unit: &UnitOfWork,
    claim: &Claim,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(open) = unit.open_move_of(claim.slot).await? else { return Ok(()) };
    let circle = unit.circle(claim.circle).await?.ok_or(StoreError::NotFound)?;
    settle(unit, &circle, &open, now).await.map(|_| ())
}

/// Yes or no to a proposed move. The question is named, so that a yes is to no other time.
pub(crate) async fn answer(
    unit: &UnitOfWork,
    circle: &Circle,
    claim: ClaimId,
    question: ProposedMoveId,
    yes: bool,
    now: Timestamp,
) -> Result<MoveOutcome, StoreError> {
    let Some(claim) = unit.claim(claim).await? else { return Ok(MoveOutcome::Over) };
    unit.hold_slot(claim.slot).await?;
    let claim = unit.claim(claim.id).await?.filter(|claim| claim.state.is_live());
    let Some(claim) = claim else { return Ok(MoveOutcome::Over) };
    let open = unit.open_move_of(claim.slot).await?;
    let open = open.filter(|open| open.id == question && open.may_be_answered(now));
    let Some(mut open) = open else { return Ok(MoveOutcome::Over) };
    unit.answer_proposed_move(open.id, claim.id, yes, now).await?;
    open.answers.insert(claim.id, yes);
    if !yes {
        tell_asker(unit, circle, &open, Told::MoveDeclined, &claim.id.to_string(), now).await?;
        return Ok(MoveOutcome::Stays);
    }
    settle(unit, circle, &open, now).await
}

/// Moves the slot when everybody who promised it said yes, and ends a question that is about
/// nothing any more.
async fn settle(
    unit: &UnitOfWork,
    circle: &Circle,
    open: &ProposedMove,
    now: Timestamp,
) -> Result<MoveOutcome, StoreError> {
    let slot = unit.slot(open.slot).await?.ok_or(StoreError::NotFound)?;
    let mut asked = live_claims(unit, &slot).await?;
    asked.retain(|claim| claim.person != open.by);
    if asked.is_empty() || !may_move(unit, circle, &slot, open, now).await? {
        unit.settle_proposed_move(open.id, ProposedMoveState::Ended, now).await?;
        return Ok(MoveOutcome::Over);
    }
    let all_yes = asked.iter().all(|claim| open.answers.get(&claim.id) == Some(&true));
    if !all_yes || !open.may_be_answered(now) {
        return Ok(MoveOutcome::Waits);
    }
    if !unit.settle_proposed_move(open.id, ProposedMoveState::Moved, now).await? {
        return Ok(MoveOutcome::Over);
    }
    move_it(unit, circle, &slot, open, now).await?;
    tell_asker(unit, circle, open, Told::MoveAgreed, "", now).await?;
    standing_promise::follow(unit, circle, &slot, now).await?;
    Ok(MoveOutcome::Moved)
}

/// Nobody is asked about another time any more. Those who were asked by mail are told that it stays;
/// once it has lapsed, not whoever said no, and may hear yet that it moves without them.
pub(crate) async fn tell_that_it_stays(
    unit: &UnitOfWork,
    circle: &Circle,
    open: &ProposedMove,
    now: Timestamp,
) -> Result<(), StoreError> {
    let slot = unit.slot(open.slot).await?.ok_or(StoreError::NotFound)?;
    if slot.state != SlotState::Open || slot.starts <= now || !circle.state.asks_and_reminds() {
        return Ok(());
    }
    let lapsed = now >= open.lapses_at;
    let about = About { circle, slot: &slot, now };
    for claim in live_claims(unit, &slot).await? {
        let said_no = open.answers.get(&claim.id) == Some(&false);
        if claim.person == open.by || (lapsed && said_no) {
            continue;
        }
        if unit.was_asked_by_mail(open.id, claim.person).await? {
            tell_of_move(unit, &about, claim.person, Told::MoveStays, open, "").await?;
        }
    }
    Ok(())
}

impl App {
    /// Tells those who were asked about another time, and by when, that the time is over. Any number
    /// of processes may do so at once: nobody is told twice.
    ///
    /// # Errors
    ///
    /// When the database does not answer. The next look finds the same questions.
    pub(crate) async fn tell_of_lapses(&self) -> Result<(), Failure> {
        let now = self.now();
        for (organisation, slot, question) in self.store.lapsed_moves(now, AT_ONCE).await? {
            self.store
                .transact(organisation, async |unit| {
                    unit.hold_slot(slot).await?;
                    let open = unit.open_move_of(slot).await?;
                    if let Some(open) = open.filter(|open| open.id == question) {
                        let circle = unit.circle(open.circle).await?;
                        let circle = circle.ok_or(StoreError::NotFound)?;
                        tell_that_it_stays(unit, &circle, &open, now).await?;
                    }
                    unit.lapse_is_told(question, now).await
                })
                .await?;
        }
        Ok(())
    }
}

/// Ends the promises of those who said no, with thanks, and moves the slot when everybody else who
/// promised it said yes. `false` when nobody said no, or it is too late to wait for the others.
pub(crate) async fn free_and_move(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    question: ProposedMoveId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(slot) = unit.hold_slot(slot.id).await? else { return Ok(false) };
    let open = unit.open_move_of(slot.id).await?.filter(|open| open.id == question);
    let Some(open) = open else { return Ok(false) };
    if slot.starts <= now || !may_move(unit, circle, &slot, &open, now).await? {
        return Ok(false);
    }
    let mut asked = live_claims(unit, &slot).await?;
    asked.retain(|claim| claim.person != open.by);
    let agreed = asked.iter().all(|claim| open.answers.contains_key(&claim.id));
    let mut freed = asked;
    freed.retain(|claim| open.answers.get(&claim.id) == Some(&false));
    if freed.is_empty() || !(agreed || open.may_be_answered(now)) {
        return Ok(false);
    }
    if agreed && !unit.settle_proposed_move(open.id, ProposedMoveState::Moved, now).await? {
        return Ok(false);
    }
    for claim in &freed {
        drop_promise(unit, claim, ClaimEnd::Freed, now).await?;
        thank(unit, circle, &slot, claim, now).await?;
    }
    if agreed {
        move_it(unit, circle, &slot, &open, now).await?;
        standing_promise::follow(unit, circle, &slot, now).await?;
    }
    Ok(true)
}

/// Whether the slot may go where it was proposed: it stands, that is still to come, the circle asks,
/// and whoever asked could still ask it.
async fn may_move(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    open: &ProposedMove,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if slot.state != SlotState::Open || open.starts <= now || !circle.state.asks_and_reminds() {
        return Ok(false);
    }
    let place = unit.place_of(circle.id, open.by).await?;
    let Some(place) = place.filter(|place| place.state == MembershipState::Active) else {
        return Ok(false);
    };
    match place.role {
        MemberRole::Patient => Ok(true),
        MemberRole::Carer => {
            // What was taken back from a carer is told at no other time.
            let granted = unit.granted_to(&place, now).await?;
            Ok((!slot.disclosure.address || granted.contains(Category::Address))
                && (!slot.disclosure.help || granted.contains(Category::Help))
                && (!slot.disclosure.entry || granted.contains(Category::Entry)))
        }
        MemberRole::Friend | MemberRole::Volunteer => Ok(false),
    }
}

async fn move_it(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    open: &ProposedMove,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Those who said yes get the new times for their calendars; whoever asked is told of the yes.
    let told = rota_change::Told { circle, by: open.by, now };
    move_slot(unit, &told, slot, open.starts, open.ends).await
}

/// Tells whoever asked; whoever is in charge now, if that person is not any more.
async fn tell_asker(
    unit: &UnitOfWork,
    circle: &Circle,
    open: &ProposedMove,
    what: Told,
    occasion: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let slot = unit.slot(open.slot).await?.ok_or(StoreError::NotFound)?;
    let mut persons = in_charge(&unit.members(circle.id).await?);
    if persons.contains(&open.by) {
        persons = vec![open.by];
    }
    let about = About { circle, slot: &slot, now };
    for person in persons {
        tell_of_move(unit, &about, person, what, open, occasion).await?;
    }
    Ok(())
}

/// "Thank you, there is no need to go."
async fn thank(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    claim: &Claim,
    now: Timestamp,
) -> Result<(), StoreError> {
    let detail = Detail {
        told: Some(Told::Freed.as_str().to_owned()),
        ..Detail::for_change(slot.starts, slot.ends)
    };
    let mail = NewMail {
        kind: MailKind::Told,
        dedupe: format!("told:{}:{}", Told::Freed, claim.id),
        subject: MailSubject {
            person: Some(claim.person),
            circle: Some(circle.id),
            slot: Some(slot.id),
            ..MailSubject::default()
        },
        detail: detail.to_json(),
        due_at: reminder::send_from(MailKind::Told, now, &circle.zone, Some(slot.starts)),
        useful_until: slot.ends,
    };
    unit.add_mail(&mail, now).await.map(|_| ())
}
