//! "Every Tuesday until Christmas": each slot of a task gets the promise of whoever said so, as the
//! weeks come on the rota.
//!
//! It is for the days and times that were promised. When they change, whoever promised is asked, and
//! the new ones are theirs only when they said yes to every date that was asked about. Whoever stands
//! in for one date has promised that date alone. Each of these runs in a write transaction.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kith_domain::ids::PersonId;
use kith_domain::repeat::Weekdays;
use kith_domain::{Category, HORIZON_DAYS, MembershipState, Timestamp, Told};
use kith_store::{Circle, Claim, Slot, StandingPromise, StoreError, Task, UnitOfWork};

use crate::comes_back;
use crate::proposed_move::ask_newcomer;
use crate::told::{About, tell_of_standing};

/// Gives the slots that were not looked at yet to those who promised the task each time.
pub(crate) async fn give_all(
    unit: &UnitOfWork,
    circle: &Circle,
    task: &Task,
    now: Timestamp,
) -> Result<(), StoreError> {
    for standing in unit.standing_promises_for(task.id).await? {
        if standing.series == task.series {
            give(unit, circle, task, (&standing, None), now).await?;
        } else if !is_asked(unit, task, standing.person, now).await? {
            end(unit, circle, &standing, now).await?;
        }
    }
    Ok(())
}

/// The same for every task of a circle that asks and reminds again: weeks that came meanwhile, and
/// dates that came back.
pub(crate) async fn catch_up(
    unit: &UnitOfWork,
    circle: &Circle,
    now: Timestamp,
) -> Result<(), StoreError> {
    let standing = unit.standing_promises_in(circle.id).await?;
    let tasks: BTreeSet<_> = standing.iter().map(|standing| standing.task).collect();
    for task in tasks {
        if let Some(task) = unit.task(task).await? {
            give_all(unit, circle, &task, now).await?;
            let back = unit.put_back_of(task.id, now).await?;
            comes_back::give(unit, circle, (&task, &back), None, now).await?;
        }
    }
    Ok(())
}

/// Gives one person the slots that were not looked at yet: never over the places that there are, not
/// while they are away, and not while the circle rests, when they are left for later. What had been
/// taken off the rota and comes after all is not theirs unasked or untold; `by` knows of it.
async fn give(
    unit: &UnitOfWork,
    circle: &Circle,
    task: &Task,
    (standing, by): (&StandingPromise, Option<PersonId>),
    now: Timestamp,
) -> Result<(), StoreError> {
    if !circle.state.asks_and_reminds() {
        return Ok(());
    }
    let Some(standing) = held(unit, standing, now).await? else { return Ok(()) };
    let mut reached = standing.given_to;
    for slot in unit.slots_of_task(task.id, now).await? {
        if !standing.wants(slot.made_for) {
            continue;
        }
        reached = reached.max(Some(slot.made_for));
        if slot.starts > now && may_have(unit, &standing, &slot, now).await? {
            comes_back::give_date(unit, circle, (&standing, &slot), by, now).await?;
        }
    }
    match reached {
        Some(day) => unit.put_given_to(standing.id, day).await,
        None => Ok(()),
    }
}

/// The promise, held until this transaction ends, of somebody who is in the circle and sees the rota.
pub(crate) async fn held(
    unit: &UnitOfWork,
    standing: &StandingPromise,
    now: Timestamp,
) -> Result<Option<StandingPromise>, StoreError> {
    // Whoever leaves the circle ends it first: either that is seen here, or this is seen there.
    let Some(standing) = unit.hold_standing_promise(standing).await? else { return Ok(None) };
    let place = unit.membership(standing.membership).await?.ok_or(StoreError::NotFound)?;
    let sees = unit.granted_to(&place, now).await?.contains(Category::Rota);
    Ok((place.state == MembershipState::Active && sees).then_some(standing))
}

/// The slot is theirs, where a place is left.
pub(crate) async fn take(
    unit: &UnitOfWork,
    circle: &Circle,
    standing: &StandingPromise,
    slot: &Slot,
    now: Timestamp,
) -> Result<Option<Claim>, StoreError> {
    let (id, person) = (standing.membership, standing.person);
    let claim = unit.take_place(slot, id, person, now).await?;
    if let Some(claim) = &claim {
        unit.stop_waiting(slot.id, id).await?;
        ask_newcomer(unit, circle, slot, claim, now).await?;
    }
    Ok(claim)
}

/// Not what falls into an absence, and not a date that was given back or refused by itself.
pub(crate) async fn may_have(
    unit: &UnitOfWork,
    standing: &StandingPromise,
    slot: &Slot,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let away = unit.times_away(standing.membership, now).await?;
    if away.iter().any(|absence| absence.contains(slot.starts)) {
        return Ok(false);
    }
    let before = unit.newest_claim(slot.id, standing.membership).await?;
    let asked = unit.asked_for(slot.id).await?;
    let said_no =
        asked.iter().any(|asked| asked.membership == standing.membership && asked.said_no);
    Ok(before.is_none() && !said_no)
}

/// Whom a change of a task concerns.
#[derive(Clone, Copy)]
pub(crate) struct Concerned<'a> {
    /// Who made it.
    pub(crate) by: PersonId,
    /// Who is asked about dates.
    pub(crate) asked: &'a BTreeSet<PersonId>,
    /// Who had been asked, and has the times that were promised again.
    pub(crate) back: &'a BTreeSet<PersonId>,
}

/// The days or times of a task have changed. Those who are asked about dates wait for their answers;
/// for whoever made the change, and where the times are the same, or those that were promised again,
/// it goes on; for others it ends.
pub(crate) async fn after_change(
    unit: &UnitOfWork,
    circle: &Circle,
    (before, anew): (&Task, &Task),
    whom: Concerned<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Of those weekdays alone that somebody promised.
    let clock = |task: &Task, on: Option<Weekdays>| {
        let (first, repeat) = (task.first, task.repeat);
        let repeat = on.map_or(repeat, |on| repeat.only_on(first.date(), on));
        (first.start(), first.minutes(), repeat.pattern())
    };
    for standing in unit.standing_promises_for(anew.id).await? {
        let was = standing.on;
        let Some(standing) = on_weekdays_of(before, anew, &standing) else {
            end(unit, circle, &standing, now).await?;
            continue;
        };
        if standing.on != was {
            unit.put_standing_weekdays(standing.id, standing.on).await?;
        }
        let same = clock(before, was) == clock(anew, standing.on);
        let oftener = comes_oftener((before, was), (anew, standing.on));
        let back = whom.back.contains(&standing.person) && !oftener;
        let goes_on =
            standing.person == whom.by || back || (same && standing.series == before.series);
        if goes_on {
            unit.put_standing_series(standing.id, anew.series).await?;
            let standing = StandingPromise { series: anew.series, ..standing };
            give(unit, circle, anew, (&standing, Some(whom.by)), now).await?;
            continue;
        }
        let person = standing.person;
        let waits = whom.asked.contains(&person) || is_asked(unit, anew, person, now).await?;
        if !waits || oftener {
            end(unit, circle, &standing, now).await?;
        }
    }
    Ok(())
}

/// A slot of the task has moved with everybody's consent: whoever has said yes to all that was asked
/// promises the new times from now on.
pub(crate) async fn follow(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    now: Timestamp,
) -> Result<(), StoreError> {
    let task = unit.task(slot.task).await?.ok_or(StoreError::NotFound)?;
    for standing in unit.standing_promises_for(task.id).await? {
        let promised = unit.live_claim(slot.id, standing.membership).await?.is_some();
        if standing.series != task.series
            && promised
            && !waits_for(unit, &task, &standing, now).await?
        {
            unit.put_standing_series(standing.id, task.series).await?;
            let standing = StandingPromise { series: task.series, ..standing };
            give(unit, circle, &task, (&standing, None), now).await?;
        }
    }
    Ok(())
}

/// Whether somebody may still answer a question about the new times.
async fn is_asked(
    unit: &UnitOfWork,
    task: &Task,
    person: PersonId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    for open in unit.open_moves_to(person).await? {
        let slot = unit.slot(open.slot).await?;
        if open.may_be_answered(now) && slot.is_some_and(|slot| slot.task == task.id) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether somebody said no to one of the new times, or has not answered where that is still possible.
async fn waits_for(
    unit: &UnitOfWork,
    task: &Task,
    standing: &StandingPromise,
    now: Timestamp,
) -> Result<bool, StoreError> {
    for open in unit.open_moves_to(standing.person).await? {
        let slot = unit.slot(open.slot).await?;
        let Some(slot) = slot.filter(|slot| slot.task == task.id && slot.starts > now) else {
            continue;
        };
        let Some(claim) = unit.live_claim(slot.id, standing.membership).await? else { continue };
        let waits = match open.answers.get(&claim.id) {
            Some(yes) => !yes,
            None => open.may_be_answered(now),
        };
        if waits {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether more is asked than was promised: then nobody is taken to have promised it.
fn comes_oftener(before: (&Task, Option<Weekdays>), anew: (&Task, Option<Weekdays>)) -> bool {
    use jiff::ToSpan as _;
    let times = |(task, on): (&Task, Option<Weekdays>)| {
        let (first, pattern) = (task.first.date(), task.repeat.ending(kith_domain::Ends::Never));
        let to: Date = first.saturating_add(HORIZON_DAYS.days());
        let theirs = |day: &Date| on.is_none_or(|on| on.contains(day.weekday()));
        pattern.days_between(first, first, to).filter(theirs).count()
    };
    times(anew) > times(before)
}

/// The same promise on the weekdays of the new pattern; `None` when it is for some of the old one, and
/// nobody can say which those would be.
fn on_weekdays_of(
    before: &Task,
    anew: &Task,
    standing: &StandingPromise,
) -> Option<StandingPromise> {
    let on = match standing.on {
        None => None,
        Some(on) => Some(on.moved(before.repeat.weekdays()?, anew.repeat.weekdays()?)?),
    };
    Some(StandingPromise { on, ..standing.clone() })
}

/// Ends it, and says so: what is on the rota stays.
async fn end(
    unit: &UnitOfWork,
    circle: &Circle,
    standing: &StandingPromise,
    now: Timestamp,
) -> Result<(), StoreError> {
    unit.end_standing_promise(standing.id, now).await?;
    let next = unit.slots_of_task(standing.task, now).await?;
    let Some(slot) = next.first() else { return Ok(()) };
    let about = About { circle, slot, now };
    tell_of_standing(unit, &about, standing.person, Told::StandingEnded, standing.id)
        .await
        .map(|_| ())
}
