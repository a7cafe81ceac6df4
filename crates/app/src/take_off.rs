//! Taking things off the rota: one slot, all that follow, or the days of a holiday.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::repeat::LeftOut;
use kith_domain::{Category, TaskProblem, Timestamp};
use kith_policy::{Amend, Permit};
use kith_store::{Circle, StoreError, Task, UnitOfWork};

use crate::App;
use crate::about::SealedAbout;
use crate::failure::Failure;
use crate::gate::Inside;
use crate::rota_change::Told;
use crate::series::{Step, To, apply, held, upcoming};
use crate::task::invalid;
use crate::task_change::ChangeRows;
use crate::touched::{ChangeOutcome, Touched, Touching};
use crate::visit::{Receipt, Visit};

/// How much is taken off the rota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeOff {
    /// This slot only.
    This,
    /// This slot and all that follow.
    Following,
    /// Every slot that has not begun.
    All,
    /// What falls on these days, now and when later weeks are made. Both are included.
    Days(Date, Date),
}

impl TakeOff {
    /// The days of a holiday as they were typed, `2026-12-20` and `2027-01-03`; one day when the
    /// last is left empty.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `out_from` or `out_to`.
    pub fn days(from: &str, to: &str) -> Result<Self, Failure> {
        let day = |text: &str| text.trim().parse::<Date>().ok();
        let from = day(from).ok_or_else(|| invalid(vec![TaskProblem::OutFrom]))?;
        let to = if to.trim().is_empty() { Some(from) } else { day(to) };
        let to = to.filter(|to| from <= *to && *to <= from.saturating_add(1.year()));
        Ok(Self::Days(from, to.ok_or_else(|| invalid(vec![TaskProblem::OutTo]))?))
    }
}

impl App {
    /// Takes slots of a task off the rota. Whoever promised one is told, once the reader has seen
    /// whose promises they are.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot does not stand, and for whoever may not change the rota.
    pub async fn take_off_rota(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        which: TakeOff,
        touching: Touching<'_>,
        receipt: Receipt,
    ) -> Result<ChangeOutcome, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "take-off-rota").await?;
        let rows = ChangeRows::read(&snapshot, circle, slot).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        let permit: Permit<'_, Amend> = inside.permit(Category::Rota).await?;
        if done.is_some() {
            return Ok(ChangeOutcome::Done);
        }
        let rows = rows.ok_or(Failure::NotHere)?;
        let told = Told { circle: &inside.circle, by: inside.session.person, now: visit.now() };
        let asks = self
            .store
            .change(&permit, async |unit| {
                unit.hold_task(rows.task.id).await?;
                let mut steps = off(unit, &told, &rows, which).await?;
                if !touching.settle(&mut steps, told.by) {
                    return Ok::<_, Failure>(Settled::Asks(steps));
                }
                unit.keep_receipt(receipt.0, "take-off-rota", "done", told.now).await?;
                apply(unit, &told, None, &steps).await?;
                remember(unit, &told, &rows, which, &steps).await?;
                Ok(Settled::Done)
            })
            .await?;
        asks_or_done(&inside, (about, &rows), asks).await
    }
}

/// How a write transaction ended.
pub(crate) enum Settled {
    /// It is so now.
    Done,
    /// The same, and whoever promised is asked.
    AskedThem,
    /// Nothing was written: these are to be shown first.
    Asks(Vec<Step>),
}

/// What is asked, with names, or that it is done.
pub(crate) async fn asks_or_done(
    inside: &Inside<'_>,
    (about, rows): (SealedAbout, &ChangeRows),
    settled: Settled,
) -> Result<ChangeOutcome, Failure> {
    let steps = match settled {
        Settled::Done => return Ok(ChangeOutcome::Done),
        Settled::AskedThem => return Ok(ChangeOutcome::AskedThem),
        Settled::Asks(steps) => steps,
    };
    let key = inside.key()?;
    let (about, names) = about.open(inside, &key).await?;
    Ok(ChangeOutcome::Asks(Touched::of(inside, (about, &names), &rows.unreached, &steps)))
}

/// What is left out of a task, without what is over: there is room for so many stretches only. What was
/// moved out of one, and is still to come, is known by the day for which it was made.
pub(crate) async fn still_left_out(
    unit: &UnitOfWork,
    task: &Task,
    circle: &Circle,
    now: Timestamp,
) -> Result<LeftOut, StoreError> {
    let mut left_out = task.left_out.clone();
    let to_come = unit.slots_of_task(task.id, now).await?;
    let made_for: Vec<Date> = to_come.iter().map(|slot| slot.made_for).collect();
    left_out.forget_past(circle.zone.date(now), &made_for);
    Ok(left_out)
}

/// The slots that go.
async fn off(
    unit: &UnitOfWork,
    told: &Told<'_>,
    rows: &ChangeRows,
    which: TakeOff,
) -> Result<Vec<Step>, StoreError> {
    let mut steps = match which {
        TakeOff::This => held(unit, rows.slot.id).await?.into_iter().collect(),
        TakeOff::Following => upcoming(unit, &rows.task, rows.slot.made_for, told.now).await?,
        TakeOff::All | TakeOff::Days(..) => upcoming(unit, &rows.task, Date::MIN, told.now).await?,
    };
    if let TakeOff::Days(from, to) = which {
        steps.retain(|step| from <= step.slot.date && step.slot.date <= to);
    }
    for step in &mut steps {
        step.to = To::Off;
    }
    Ok(steps)
}

/// What the weeks that are made later are to know: of what is off now, the day of the pattern that it
/// was made for, wherever it had been moved to.
async fn remember(
    unit: &UnitOfWork,
    told: &Told<'_>,
    rows: &ChangeRows,
    which: TakeOff,
    steps: &[Step],
) -> Result<(), StoreError> {
    // As it is now, in this transaction.
    let task = unit.task(rows.task.id).await?.ok_or(StoreError::NotFound)?;
    let mut left_out = still_left_out(unit, &task, told.circle, told.now).await?;
    match which {
        TakeOff::This if !task.repeat.is_again() => return Ok(()),
        TakeOff::This => {}
        TakeOff::Days(from, to) => {
            left_out.add(from, to).map_err(|_| StoreError::Conflict)?;
        }
        TakeOff::Following | TakeOff::All => {
            let last = rows.slot.made_for.saturating_sub(1.day());
            let goes_on = which == TakeOff::Following && last >= task.first.date();
            return unit.end_task(&task, goes_on.then_some(last)).await;
        }
    }
    for step in steps.iter().filter(|step| step.to == To::Off) {
        let day = step.slot.made_for;
        left_out.add(day, day).map_err(|_| StoreError::Conflict)?;
    }
    unit.put_left_out(task.id, &left_out).await
}
