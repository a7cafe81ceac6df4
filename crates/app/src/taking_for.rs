//! Taking a slot for somebody whom no e-mail reaches, and who said yes by telephone or at the door.

use kith_domain::ids::{CircleId, MembershipId, SlotId, StandingPromiseId};
use kith_domain::repeat::Weekdays;
use kith_domain::{Category, SaidFor};
use kith_policy::{ActFor, Permit, Take};
use kith_store::{Membership, Reader, Slot, StandingPromise};

use crate::App;
use crate::failure::{Failure, What};
use crate::gate::Inside;
use crate::promise::{self, Taken};
use crate::rota::slot_of;
use crate::taking::TakeOutcome;
use crate::taking_dates::{Every, some_of};
use crate::visit::{Receipt, Visit};

/// Members who may be asked for a slot and whom no e-mail reaches, for whoever is in charge.
pub(crate) async fn without_mail(
    reader: &Reader,
    inside: &Inside<'_>,
    slot: &Slot,
) -> Result<Vec<MembershipId>, Failure> {
    let me = inside.place.as_ref().map(|place| place.membership);
    let mut found = Vec::new();
    if inside.may::<ActFor>(Category::Slot) && slot.starts > inside.now() {
        for member in reader.may_be_asked(slot, inside.now()).await? {
            let myself = Some(member.membership) == me;
            if !myself && reader.unreached(member.person).await?.is_some() {
                found.push(member.membership);
            }
        }
    }
    Ok(found)
}

impl App {
    /// The promise to do the slot's task each time, as `every` and `on` say, with the later slots that
    /// are on the rota now and become the member's with it. `None` where no more than the slot is taken.
    async fn each_time(
        &self,
        reader: &Reader,
        slot: &Slot,
        member: &Membership,
        (every, on): (Every, Option<Weekdays>),
        inside: &Inside<'_>,
    ) -> Result<Option<(StandingPromise, Vec<Slot>)>, Failure> {
        let (zone, now) = (&inside.circle.zone, inside.now());
        if every == Every::No {
            return Ok(None);
        }
        let task = reader.task(slot.task).await?;
        let Some(task) = task.filter(|task| task.repeat.is_again() && !task.ended) else {
            return Ok(None);
        };
        if !every.holds(zone.date(slot.starts)) {
            return Err(Failure::field("all_until", What::Choose));
        }
        let on = match on {
            Some(on) => some_of(task.repeat, on)?,
            None => None,
        };
        let slots = reader.slots_of_task(task.id, now).await?;
        let standing = StandingPromise {
            id: StandingPromiseId::new(&*self.ids),
            circle: slot.circle,
            task: task.id,
            membership: member.id,
            person: member.person,
            series: task.series,
            on,
            from: slot.made_for,
            until: every.until(),
            // What is on the rota now is taken with it.
            given_to: slots.iter().map(|slot| slot.made_for).max(),
            made_at: now,
        };
        let away = reader.times_away(member.id, now).await?;
        let mut later = slots;
        later.retain(|other| {
            let is_away = away.iter().any(|absence| absence.contains(other.starts));
            let then = standing.is_for(other.made_for) && every.holds(zone.date(other.starts));
            other.starts > slot.starts && other.needs_somebody() && then && !is_away
        });
        Ok(Some((standing, later)))
    }

    /// Takes a place of a slot for a member whom no e-mail reaches; and, where it comes again and this
    /// one is theirs, those of the later ones that are free as well that `every` and `on` say: until a
    /// day, or until one says otherwise; on all of its weekdays, or on these. Of those, what falls into
    /// the member's absence is left out.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `member` when that is nobody whom one may take it for; for
    /// `all_until` when that day is before the slot; for `on` when it comes on none of these weekdays;
    /// [`Failure::NotHere`] for everybody but the patient and the carers.
    pub async fn take_for(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        (member, every, on): (Option<MembershipId>, Every, Option<Weekdays>),
        receipt: Receipt,
    ) -> Result<TakeOutcome, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "take-for").await?;
        let found = slot_of(&snapshot, circle, slot).await?;
        let whom = match &found {
            Some(slot) => without_mail(&snapshot, &inside, slot).await?,
            None => Vec::new(),
        };
        let member = match member {
            Some(id) if whom.contains(&id) => snapshot.membership(id).await?,
            _ => None,
        };
        let series = match (&found, &member) {
            (Some(slot), Some(member)) => {
                self.each_time(&snapshot, slot, member, (every, on), &inside).await
            }
            _ => Ok(None),
        };
        snapshot.end();
        let permit: Permit<'_, Take> = inside.permit(Category::Slot).await?;
        let for_them: Permit<'_, ActFor> = inside.permit(Category::Slot).await?;
        match done.as_deref() {
            Some("yours") => return Ok(TakeOutcome::Yours),
            Some("full") => return Ok(TakeOutcome::Full),
            Some(_) => return Ok(TakeOutcome::Gone),
            None => {}
        }
        let slot = found.ok_or(Failure::NotHere)?;
        let member = member.ok_or_else(|| Failure::field("member", What::Choose))?;
        let series = series?;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.also(&permit, &for_them).await?;
                // Another carer may take them out, correct their address, or they may say no, in this
                // moment.
                let held = unit.hold_membership(member.id).await?;
                let member = held.ok_or_else(|| Failure::field("member", What::Choose))?;
                let (id, person) = (member.id, member.person);
                if !without_mail(unit, &inside, &slot).await?.contains(&id) {
                    return Err(Failure::field("member", What::Choose));
                }
                let (outcome, word) =
                    match promise::take(unit, &inside.circle, &slot, id, person, now).await? {
                        Taken::Yes(_) | Taken::AlreadyYours(_) => (TakeOutcome::Yours, "yours"),
                        Taken::Full => (TakeOutcome::Full, "full"),
                        Taken::Gone => (TakeOutcome::Gone, "gone"),
                    };
                let by = inside.own_place()?.membership;
                if outcome == TakeOutcome::Yours {
                    let said = (SaidFor::Takes, Some(slot.id));
                    unit.add_said_for(&member, by, said, now).await?;
                }
                // Whoever was too late for this one has promised none of the others.
                let series = series.as_ref().filter(|_| outcome == TakeOutcome::Yours);
                if let Some((standing, later)) = series {
                    let each = unit.standing_promises_for(slot.task).await?;
                    if each.iter().any(|one| one.membership == id) {
                        return Err(Failure::field("on", What::EachTimeAlready));
                    }
                    let standing = StandingPromise { person, ..standing.clone() };
                    unit.add_standing_promise(&standing).await?;
                    for slot in later {
                        let taken = promise::take(unit, &inside.circle, slot, id, person, now);
                        if let Taken::Yes(_) = taken.await? {
                            let said = (SaidFor::Takes, Some(slot.id));
                            unit.add_said_for(&member, by, said, now).await?;
                        }
                    }
                }
                unit.keep_receipt(receipt.0, "take-for", word, now).await?;
                Ok(outcome)
            })
            .await
    }
}
