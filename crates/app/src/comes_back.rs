//! Dates that were taken off the rota and come after all, for whoever does the task each time: theirs
//! as any date that is newly made, and they are told, for they had heard that there is no need to go.
//!
//! Each of these runs in a write transaction.

use kith_domain::ids::{PersonId, SlotId};
use kith_domain::{ClaimEnd, SlotState, Timestamp, Told};
use kith_store::{Circle, Claim, Slot, StandingPromise, StoreError, Task, UnitOfWork};

use crate::asking::ask_one;
use crate::standing_promise::{held, may_have, take};
use crate::told::{About, tell_of_claim};

/// Gives these slots of a task to those who promised it each time; `by` puts them back, and need not
/// be told. While the circle rests they are left for later. Says how many promises that makes.
///
/// Whoever had said that they cannot come on such a date is asked. Whom no mail reaches would not hear
/// of it, so for them it is not.
pub(crate) async fn give(
    unit: &UnitOfWork,
    circle: &Circle,
    (task, slots): (&Task, &[SlotId]),
    by: Option<PersonId>,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let mut given = 0;
    if slots.is_empty() || !circle.state.asks_and_reminds() {
        return Ok(given);
    }
    for standing in unit.standing_promises_for(task.id).await? {
        // Who is asked about other times has promised these ones no more.
        if standing.series != task.series {
            continue;
        }
        let Some(standing) = held(unit, &standing, now).await? else { continue };
        let knows = by == Some(standing.person);
        let hears = knows || unit.unreached(standing.person).await?.is_none();
        for slot in slots {
            let Some(slot) = unit.slot(*slot).await? else { continue };
            let comes = slot.state == SlotState::Open && slot.starts > now;
            if !comes
                || !standing.covers(slot.made_for)
                || !may_have(unit, &standing, &slot, now).await?
            {
                continue;
            }
            let had = had_before(unit, &standing, &slot).await?;
            let whose = (&standing, &slot);
            given += u32::from(one(unit, circle, whose, had, (knows, hears), now).await?);
        }
        looked_at(unit, &standing, slots, now).await?;
    }
    Ok(given)
}

/// What was not given now, as nobody would hear of it, is not given with the weeks to come. A week
/// before these dates that waits for the circle to go on is left for then.
async fn looked_at(
    unit: &UnitOfWork,
    standing: &StandingPromise,
    slots: &[SlotId],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut open = unit.slots_of_task(standing.task, now).await?;
    open.retain(|slot| standing.wants(slot.made_for));
    open.sort_by_key(|slot| slot.made_for);
    let these = open.iter().take_while(|slot| slots.contains(&slot.id));
    match these.last() {
        Some(last) => unit.put_given_to(standing.id, last.made_for).await,
        None => Ok(()),
    }
}

/// The same of one date that has come within twelve weeks, or that the task has in its new days and
/// times. Where it is no date that comes after all, it is theirs like any other.
pub(crate) async fn give_date(
    unit: &UnitOfWork,
    circle: &Circle,
    (standing, slot): (&StandingPromise, &Slot),
    by: Option<PersonId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let had = had_before(unit, standing, slot).await?;
    if had == Had::Nothing {
        return take(unit, circle, standing, slot, now).await.map(|_| ());
    }
    let knows = by == Some(standing.person);
    let hears = knows || unit.unreached(standing.person).await?.is_none();
    one(unit, circle, (standing, slot), had, (knows, hears), now).await.map(|_| ())
}

/// Gives one date, or asks for it. `true` when it is theirs.
async fn one(
    unit: &UnitOfWork,
    circle: &Circle,
    (standing, slot): (&StandingPromise, &Slot),
    had: Had,
    (knows, hears): (bool, bool),
    now: Timestamp,
) -> Result<bool, StoreError> {
    if had == Had::SaidNo {
        ask_one(unit, circle, slot, standing.membership, now).await?;
    } else if hears && let Some(claim) = take(unit, circle, standing, slot, now).await? {
        if !knows {
            tell(unit, &About { circle, slot, now }, &claim).await?;
        }
        return Ok(true);
    }
    Ok(false)
}

/// What a member had with a date before it was taken off the rota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Had {
    /// Nothing, or it was never taken off.
    Nothing,
    /// It was theirs, and they heard that there is no need to go.
    Promised,
    /// They had said that they cannot come.
    SaidNo,
}

async fn had_before(
    unit: &UnitOfWork,
    standing: &StandingPromise,
    slot: &Slot,
) -> Result<Had, StoreError> {
    let (mut newest, mut said_no) = (None::<Claim>, false);
    for off in unit.taken_off(slot.task, slot.made_for).await? {
        let claim = unit.newest_claim(off, standing.membership).await?;
        // Of two of one moment the later.
        newest = newest.into_iter().chain(claim).max_by_key(|claim| claim.claimed_at);
        let asked = unit.asked_for(off).await?;
        said_no |= asked.iter().any(|one| one.membership == standing.membership && one.said_no);
    }
    let Some(claim) = newest else {
        return Ok(if said_no { Had::SaidNo } else { Had::Nothing });
    };
    let cannot = claim.ended_as != Some(ClaimEnd::TakenOff) || unit.wanted_cover(claim.id).await?;
    Ok(if cannot { Had::SaidNo } else { Had::Promised })
}

/// It is theirs again: what has not left yet, that there is no need to go, would come too late.
async fn tell(unit: &UnitOfWork, about: &About<'_>, claim: &Claim) -> Result<(), StoreError> {
    let slot = about.slot;
    for off in unit.taken_off(slot.task, slot.made_for).await? {
        unit.cancel_mail_that_it_is_off(off, claim.person, about.now).await?;
    }
    tell_of_claim(unit, about, claim.person, Told::ComesAfterAll, claim.id).await.map(|_| ())
}
