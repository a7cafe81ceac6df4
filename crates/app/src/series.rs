//! What becomes of the slots of a task when its days and times change.
//!
//! A slot stays the slot it was: each is given the day of the new pattern that it is made for, so
//! that a promise, and who was asked, go with it. Nothing here is written.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kith_domain::ids::{PersonId, SlotId};
use kith_domain::{LocalTimes, ProposedMoveState, Repeat, SlotState, Timestamp, Zone};
use kith_store::{Claim, Reader, Slot, StoreError, Task, UnitOfWork};

use crate::proposed_move::{Asked, propose, tell_that_it_stays};
use crate::rota_change::{Told, cancel, move_slot};
use crate::standing_promise::{Concerned, after_change};
use crate::task::dated_slots;

/// How many days apart a day of the old pattern and one of the new may be, for the one to be taken
/// as moved to the other and not as taken off.
const MOVED_DAYS: i32 = 6;

/// What becomes of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// It is when it was, and is made for this day of the new pattern.
    Stays(Option<Date>),
    /// It is made for this day, and at another time.
    Moves(Date, Timestamp, Timestamp),
    /// The new pattern has no day for it.
    Off,
}

/// A slot, its live promises, and what becomes of it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) slot: Slot,
    pub(crate) claims: Vec<Claim>,
    pub(crate) to: To,
}

impl Step {
    /// Promises of others than `by` that the change would touch.
    pub(crate) fn touched(&self, by: PersonId) -> impl Iterator<Item = &Claim> {
        let touched = !matches!(self.to, To::Stays(_));
        self.claims.iter().filter(move |claim| touched && claim.person != by)
    }
}

/// The slots of a task that have not begun and are made for `from` or later, with who promised
/// them. Each stays where it is, and is held: nobody promises it before the change is made.
pub(crate) async fn upcoming(
    unit: &UnitOfWork,
    task: &Task,
    from: Date,
    now: Timestamp,
) -> Result<Vec<Step>, StoreError> {
    let mut steps = Vec::new();
    for slot in unit.slots_of_task(task.id, now).await? {
        if slot.made_for < from || slot.starts <= now {
            continue;
        }
        steps.extend(held(unit, slot.id).await?);
    }
    Ok(steps)
}

/// One slot in the same way; none when it does not stand any more.
pub(crate) async fn held(unit: &UnitOfWork, slot: SlotId) -> Result<Option<Step>, StoreError> {
    let slot = unit.hold_slot(slot).await?.filter(|slot| slot.state == SlotState::Open);
    let Some(slot) = slot else { return Ok(None) };
    let claims = live_claims(unit, &slot).await?;
    Ok(Some(Step { slot, claims, to: To::Stays(None) }))
}

/// The live promises of a slot.
pub(crate) async fn live_claims(reader: &Reader, slot: &Slot) -> Result<Vec<Claim>, StoreError> {
    if slot.taken == 0 {
        return Ok(Vec::new());
    }
    let mut claims = reader.claims_of(slot.id).await?;
    claims.retain(|claim| claim.state.is_live());
    Ok(claims)
}

/// Says of each of `steps` what becomes of it when `task` begins anew on `first` as `repeat`.
pub(crate) fn plan(
    steps: &mut [Step],
    task: &Task,
    first: LocalTimes,
    repeat: Repeat,
    zone: &Zone,
    now: Timestamp,
) {
    let from = first.date();
    let furthest = steps.iter().map(|step| step.slot.made_for).max().unwrap_or(from);
    let furthest = furthest.saturating_add(jiff::Span::new().days(MOVED_DAYS));
    let mut free: BTreeSet<Date> = repeat
        .days_between(from, from, furthest)
        .filter(|day| !task.left_out.contains(*day) && first.on(*day).instants(zone).0 > now)
        .collect();
    steps.sort_by_key(|step| step.slot.made_for);
    // What had been moved out of the days that are left out stands, for the day that it was made for.
    let stands = |day: Date| {
        task.left_out.contains(day) && repeat.days_between(from, day, day).next().is_some()
    };
    let mut days: Vec<Option<Date>> = steps
        .iter()
        .map(|step| step.slot.made_for)
        .map(|day| free.take(&day).or_else(|| stands(day).then_some(day)))
        .collect();
    for (step, day) in steps.iter().zip(&mut days) {
        if day.is_none() {
            *day = nearest(&free, step.slot.made_for);
            if let Some(day) = day {
                free.remove(day);
            }
        }
    }
    for (step, day) in steps.iter_mut().zip(days) {
        let Some(day) = day else {
            step.to = To::Off;
            continue;
        };
        let before = task.first.on(step.slot.made_for).instants(zone);
        let (starts, ends) = first.on(day).instants(zone);
        let is = (step.slot.starts, step.slot.ends);
        // One that somebody moved by itself stays there unless its day or time is another now, and
        // never goes back to a day that is left out.
        let moved_out = is != before && task.left_out.contains(day);
        step.to = if before == (starts, ends) || is == (starts, ends) || moved_out {
            To::Stays(Some(day))
        } else {
            To::Moves(day, starts, ends)
        };
    }
}

/// The nearest day within [`MOVED_DAYS`]; of two the earlier.
fn nearest(free: &BTreeSet<Date>, day: Date) -> Option<Date> {
    let apart = |other: Date| day.until(other).map_or(i32::MAX, |span| span.get_days()).abs();
    let near = free.iter().copied().filter(|other| apart(*other) <= MOVED_DAYS);
    near.min_by_key(|other| apart(*other))
}

/// Does it: the steps, and the slots that the new pattern has besides. `anew` is the task as it was
/// and with its new days and times, or none when only these slots change.
///
/// What others promised stays where it is, and they are asked whether it may move. What is taken off
/// cannot wait for them: nobody is to turn up for nothing, and they are told that there is no need
/// to go. `true` when somebody is asked.
pub(crate) async fn apply(
    unit: &UnitOfWork,
    told: &Told<'_>,
    anew: Option<(&Task, &Task)>,
    steps: &[Step],
) -> Result<bool, StoreError> {
    let mut asked = Asked::default();
    let mut back = BTreeSet::new();
    for step in steps {
        let Step { slot, claims, to } = step;
        if let (To::Stays(Some(day)) | To::Moves(day, ..), Some((_, task))) = (to, anew) {
            unit.keep_slot(task, slot.id, *day).await?;
        }
        match to {
            To::Stays(day) => {
                if let Some(anew) = anew
                    && withdraw(unit, told, anew, slot, *day).await?
                {
                    back.extend(claims.iter().map(|claim| claim.person));
                }
            }
            To::Moves(_, starts, ends) if step.touched(told.by).next().is_some() => {
                propose(unit, told, slot, claims, (*starts, *ends), &mut asked).await?;
            }
            To::Moves(_, starts, ends) => move_slot(unit, told, slot, *starts, *ends).await?,
            To::Off => cancel(unit, told, slot).await?,
        }
    }
    let (asks, persons) = (!asked.is_empty(), asked.persons());
    asked.tell(unit, told.circle, told.now).await?;
    let Some((before, task)) = anew else { return Ok(asks) };
    let zone = &told.circle.zone;
    let (mut slots, rolled_to) = dated_slots(task, zone, zone.date(told.now));
    slots.retain(|(_, starts, _)| *starts > told.now);
    unit.add_slots(task, &slots, rolled_to).await?;
    // Whose every date is where the task is now again, as if nobody had asked.
    back.retain(|person| {
        let theirs = |step: &&Step| step.claims.iter().any(|claim| claim.person == *person);
        steps.iter().filter(theirs).all(|step| is_as_made(task, step, zone))
    });
    let whom = Concerned { by: told.by, asked: &persons, back: &back };
    after_change(unit, told.circle, (before, task), whom, told.now).await?;
    Ok(asks)
}

/// Whether a slot is when its task now has it.
fn is_as_made(task: &Task, step: &Step, zone: &Zone) -> bool {
    let To::Stays(Some(day)) = step.to else { return false };
    task.first.on(day).instants(zone) == (step.slot.starts, step.slot.ends)
}

/// Another time that was asked about for a slot that stays: it is not asked about any more when the
/// task has yet another one, or none, for that slot now. `true` when it was.
async fn withdraw(
    unit: &UnitOfWork,
    told: &Told<'_>,
    (before, task): (&Task, &Task),
    slot: &Slot,
    day: Option<Date>,
) -> Result<bool, StoreError> {
    let zone = &told.circle.zone;
    let had = before.first.on(slot.made_for).instants(zone);
    let has = day.map(|day| task.first.on(day).instants(zone));
    // A question about this date alone is touched by no change of something else.
    if has == Some(had) {
        return Ok(false);
    }
    let Some(open) = unit.open_move_of(slot.id).await? else { return Ok(false) };
    if has == Some((open.starts, open.ends)) {
        return Ok(false);
    }
    if !unit.settle_proposed_move(open.id, ProposedMoveState::Withdrawn, told.now).await? {
        return Ok(false);
    }
    tell_that_it_stays(unit, told.circle, &open, told.now).await?;
    Ok(true)
}
