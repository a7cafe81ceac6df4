//! What somebody promised to do each time: who sees it, and how it ends.

use jiff::civil::Date;
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::{Category, Ends, Repeat, SaidFor, TaskKind, Tier};
use kith_policy::{ActFor, Answer, Disclose, Permit};
use kith_store::{Claim, Reader, Slot, Snapshot, StandingPromise, Task, UnitOfWork};

use crate::App;
use crate::about::{About, Names, SealedAbout};
use crate::acting_for::may_be_spoken_for;
use crate::failure::{Failure, What};
use crate::gate::Inside;
use crate::promise;
use crate::rota::slot_of;
use crate::visit::{Receipt, Visit};

/// Promises that are handed back at most.
const MOST: u32 = 500;

/// Somebody who does a task each time, as one reader sees it: the patient and carers, and whoever it
/// is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EveryTime {
    /// First name.
    pub name: Option<String>,
    /// It is the reader.
    pub is_you: bool,
    /// How the task comes, until the last day that was promised.
    pub repeat: Repeat,
    /// The task comes at other times now, and the person was asked whether those suit them.
    pub is_asked: bool,
    /// The reader may end it for this member, whom no e-mail reaches.
    pub may_end: Option<MembershipId>,
}

/// The form that ends it.
#[derive(Clone, Debug)]
pub struct StopEvery {
    /// The circle and the reader.
    pub about: About,
    /// First name of the member for whom it is ended; the reader's own when none.
    pub name: Option<String>,
    /// What.
    pub kind: TaskKind,
    /// How the task comes, until the last day that was promised.
    pub repeat: Repeat,
    /// Today in the circle's zone.
    pub today: Date,
    /// Days on which it is promised, in order.
    pub dates: Vec<Date>,
}

/// Those who promised the task of a slot each time, as far as this reader may know.
pub(crate) fn every_time(
    inside: &Inside<'_>,
    names: &Names,
    task: Option<&Task>,
    (standing, may_be_ended): (&[StandingPromise], &[MembershipId]),
) -> Vec<EveryTime> {
    let Some(task) = task.filter(|task| !task.ended) else { return Vec::new() };
    let me: Option<MembershipId> = inside.place.as_ref().map(|place| place.membership);
    let today = inside.circle.zone.date(inside.now());
    standing
        .iter()
        .filter(|standing| inside.is_in_charge() || Some(standing.membership) == me)
        .filter(|standing| standing.until.is_none_or(|until| today <= until))
        .map(|standing| EveryTime {
            name: names.of(standing.membership),
            is_you: Some(standing.membership) == me,
            repeat: until(task, standing),
            is_asked: standing.series != task.series,
            may_end: Some(standing.membership).filter(|place| may_be_ended.contains(place)),
        })
        .collect()
}

/// Those of them for whom the reader may say that they do it no more.
pub(crate) async fn may_be_ended(
    reader: &Reader,
    inside: &Inside<'_>,
    standing: &[StandingPromise],
) -> Result<Vec<MembershipId>, Failure> {
    let me = inside.place.as_ref().map(|place| place.membership);
    let mut found = Vec::new();
    if !inside.may::<ActFor>(Category::Slot) {
        return Ok(found);
    }
    for standing in standing {
        if let Some(member) = reader.membership(standing.membership).await?
            && may_be_spoken_for(reader, &member, me).await?
        {
            found.push(member.id);
        }
    }
    Ok(found)
}

/// How the task comes for whoever promised it: on the weekdays, and until the last day, that were said.
pub(crate) fn until(task: &Task, standing: &StandingPromise) -> Repeat {
    let first = task.first.date();
    let repeat = standing.on.map_or(task.repeat, |on| task.repeat.only_on(first, on));
    match (standing.until, repeat.ends()) {
        (Some(until), Ends::On(last)) => repeat.ending(Ends::On(until.min(last))),
        (Some(until), _) => repeat.ending(Ends::On(until)),
        (None, _) => repeat,
    }
}

/// What one member promised of one task each time, with the dates that are theirs.
struct Own {
    slot: Slot,
    task: Task,
    standing: StandingPromise,
    claims: Vec<(Claim, Slot)>,
}

impl App {
    /// The form that ends what the reader promised to do each time; or what the member `whose` did,
    /// whom no e-mail reaches, by whoever is in charge.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when no such thing of this slot's task was promised, and to whoever may not
    /// speak for the member.
    pub async fn stop_every_form(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        whose: Option<MembershipId>,
    ) -> Result<StopEvery, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let own = own(&snapshot, &inside, (circle, slot), whose).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        if whose.is_some() {
            let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
            // Nothing is said yet: the decision is recorded with what is.
            drop(inside.permit::<ActFor>(Category::Slot).await?);
        }
        let own = own.ok_or(Failure::NotHere)?;
        let (about, names) = about.open(&inside, &inside.key()?).await?;
        let zone = &inside.circle.zone;
        Ok(StopEvery {
            about,
            name: whose.and_then(|whose| names.of(whose)),
            kind: own.slot.kind,
            repeat: until(&own.task, &own.standing),
            today: zone.date(visit.now()),
            dates: own.claims.iter().map(|(_, slot)| zone.date(slot.starts)).collect(),
        })
    }

    /// Ends what the reader, or `whose` as in [`App::stop_every_form`], promised to do each time:
    /// nothing after the day `last` becomes theirs.
    /// With `hand_back` others are asked to do what is theirs already after that day. Answers how
    /// many dates that were.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `last`; [`Failure::StepUp`] where it is not sure who says
    /// so, as nothing is final then.
    pub async fn stop_every(
        &self,
        visit: &Visit,
        circle: CircleId,
        (slot, whose): (SlotId, Option<MembershipId>),
        (last, hand_back): (&str, bool),
        receipt: Receipt,
    ) -> Result<usize, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "stop-every").await?;
        let own = own(&snapshot, &inside, (circle, slot), whose).await?;
        snapshot.end();
        let now = visit.now();
        let Some(member) = whose else {
            let permit: Permit<'_, Answer> = inside.permit(Category::Slot).await?;
            if let Some(done) = done {
                return Ok(done.parse().unwrap_or(0));
            }
            let own = own.ok_or(Failure::NotHere)?;
            if inside.facts.tier < Tier::Trusted {
                return Err(Failure::StepUp { circle: Some(circle), tier: Tier::Trusted });
            }
            let last = last_day(&inside, last)?;
            return self
                .store
                .change(&permit, async |unit| {
                    let back = end_after(unit, &inside, &own, (last, hand_back)).await?.len();
                    unit.keep_receipt(receipt.0, "stop-every", &back.to_string(), now).await?;
                    Ok(back)
                })
                .await;
        };
        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        let permit: Permit<'_, ActFor> = inside.permit(Category::Slot).await?;
        if let Some(done) = done {
            return Ok(done.parse().unwrap_or(0));
        }
        let own = own.ok_or(Failure::NotHere)?;
        let last = last_day(&inside, last)?;
        let by = inside.own_place()?.membership;
        self.store
            .change(&permit, async |unit| {
                // They may say otherwise themselves, leave, or give an address, in this moment.
                let member = unit.hold_membership(member).await?.ok_or(Failure::Changed)?;
                if !may_be_spoken_for(unit, &member, Some(by)).await? {
                    return Err(Failure::Changed);
                }
                let back = end_after(unit, &inside, &own, (last, hand_back)).await?;
                let stops = (SaidFor::Stops, Some(own.slot.id));
                unit.add_said_for(&member, by, stops, now).await?;
                for slot in &back {
                    unit.add_said_for(&member, by, (SaidFor::Cannot, Some(*slot)), now).await?;
                }
                let back = back.len();
                unit.keep_receipt(receipt.0, "stop-every", &back.to_string(), now).await?;
                Ok(back)
            })
            .await
    }
}

/// The last day that was typed: yesterday at the earliest.
fn last_day(inside: &Inside<'_>, typed: &str) -> Result<Date, Failure> {
    let yesterday = inside.circle.zone.date(inside.now()).saturating_sub(jiff::ToSpan::days(1));
    let last = typed.trim().parse().ok().filter(|last| *last >= yesterday);
    last.ok_or_else(|| Failure::field("last", What::Choose))
}

/// Nothing after the day `last` becomes theirs; what is theirs already is handed back, if so said.
/// Answers which those were.
async fn end_after(
    unit: &UnitOfWork,
    inside: &Inside<'_>,
    own: &Own,
    (last, hand_back): (Date, bool),
) -> Result<Vec<SlotId>, Failure> {
    let (circle, speaker, now) = (&inside.circle, inside.speaker()?, inside.now());
    let Some(standing) = unit.hold_standing_promise(&own.standing).await? else {
        return Err(Failure::Changed);
    };
    if last < circle.zone.date(now) {
        unit.end_standing_promise(standing.id, now).await?;
    } else {
        let until = standing.until.map_or(last, |until| until.min(last));
        unit.put_standing_until(standing.id, until).await?;
    }
    let mut back = Vec::new();
    if !hand_back {
        return Ok(back);
    }
    for (claim, slot) in unit.claims_of_place(standing.membership, now, MOST).await? {
        let of_it = slot.task == own.task.id && standing.is_for(slot.made_for);
        if of_it && circle.zone.date(slot.starts) > last {
            promise::cannot_make_it(unit, circle, &slot, &claim, speaker, now).await?;
            back.push(slot.id);
        }
    }
    Ok(back)
}

async fn own(
    snapshot: &Snapshot,
    inside: &Inside<'_>,
    (circle, slot): (CircleId, SlotId),
    whose: Option<MembershipId>,
) -> Result<Option<Own>, Failure> {
    let Some(slot) = slot_of(snapshot, circle, slot).await? else { return Ok(None) };
    let me = inside.place.as_ref().map(|place| place.membership);
    let standing = snapshot.standing_promises_for(slot.task).await?;
    let whose = match whose {
        None => me,
        Some(whose) => {
            let may = may_be_ended(snapshot, inside, &standing).await?;
            Some(whose).filter(|whose| may.contains(whose))
        }
    };
    let standing = standing.into_iter().find(|standing| Some(standing.membership) == whose);
    let (Some(standing), Some(task)) = (standing, snapshot.task(slot.task).await?) else {
        return Ok(None);
    };
    let mut claims = snapshot.claims_of_place(standing.membership, inside.now(), MOST).await?;
    claims.retain(|(_, slot)| slot.task == task.id && standing.is_for(slot.made_for));
    Ok(Some(Own { slot, task, standing, claims }))
}
