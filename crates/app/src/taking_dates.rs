//! Taking several dates of one task at once, or every one until a day.
//!
//! Each date is a promise of its own, so that giving one back leaves the others, and whoever stands
//! in for one date is bound to that date alone. Every one of what comes again is a standing promise
//! besides, by which the later weeks become theirs as they come on the rota.

use jiff::civil::{Date, DateTime};
use kith_domain::ids::{CircleId, SlotId, StandingPromiseId};
use kith_domain::repeat::Weekdays;
use kith_domain::{Category, Repeat, TaskKind};
use kith_policy::{Disclose, Permit, Take};
use kith_store::{Slot, StandingPromise};

use crate::App;
use crate::about::{About, SealedAbout};
use crate::every_time::until;
use crate::failure::{Failure, What};
use crate::promise::{self, Taken};
use crate::taking::OwnSlot;
use crate::visit::{Receipt, Visit};

/// Dates that one form takes at most: twelve weeks of days.
const MOST_DATES: usize = 90;

/// The dates of one task that may be taken together.
#[derive(Clone, Debug)]
pub struct DatesForm {
    /// The circle and the reader.
    pub about: About,
    /// What.
    pub kind: TaskKind,
    /// Dates that still need somebody, in order.
    pub dates: Vec<DateChoice>,
    /// The last day that the rota reaches: what comes later is only in a promise of every one.
    pub reaches: Option<Date>,
    /// How it comes; every one of it may be promised when it comes again.
    pub repeat: Repeat,
    /// The weekdays of which only some may be promised, where it has several.
    pub weekdays: Option<Weekdays>,
    /// What the reader does each time now: a further promise takes its place.
    pub promised: Option<(Repeat, Option<Weekdays>)>,
}

/// How much is taken beside the dates that are ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Nothing.
    No,
    /// Every one until this day, it included.
    Until(Date),
    /// Every one until the person says otherwise.
    UntilISay,
}

impl Every {
    /// The last day, if one was said.
    pub(crate) const fn until(self) -> Option<Date> {
        match self {
            Self::Until(until) => Some(until),
            Self::No | Self::UntilISay => None,
        }
    }

    /// Whether this day is among them.
    pub(crate) fn holds(self, day: Date) -> bool {
        match self {
            Self::No => false,
            Self::Until(until) => day <= until,
            Self::UntilISay => true,
        }
    }
}

/// One date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateChoice {
    /// The slot.
    pub slot: SlotId,
    /// Wall-clock start.
    pub local_start: DateTime,
    /// Wall-clock end.
    pub local_end: DateTime,
    /// The reader has promised something else at that time.
    pub clash: bool,
}

/// What came of taking several dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Several {
    /// Dates that are the reader's now.
    pub yours: usize,
    /// Dates that somebody else took first, or that are off.
    pub gone: usize,
    /// The later ones become the reader's as they come on the rota.
    pub every: bool,
}

/// These of the weekdays on which it comes; none when they are all of them.
pub(crate) fn some_of(repeat: Repeat, on: Weekdays) -> Result<Option<Weekdays>, Failure> {
    let Some(days) = repeat.weekdays() else { return Ok(None) };
    let some = days.and(on).ok_or_else(|| Failure::field("on", What::Choose))?;
    Ok(Some(some).filter(|some| *some != days))
}

impl App {
    /// The other dates of a slot's task that still need somebody.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not help with it.
    pub async fn dates_form(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<DatesForm, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let now = visit.now();
        let about = SealedAbout::read(&snapshot, circle).await?;
        let rows = OwnSlot::read(&snapshot, &inside, slot).await?;
        let mut dates = Vec::new();
        let mut repeat = Repeat::Once;
        let mut promised = None;
        if let Some(rows) = &rows {
            let task = snapshot.task(rows.slot.task).await?;
            let me = inside.place.as_ref().map(|place| place.membership);
            if let Some(task) = task.filter(|task| !task.ended) {
                repeat = task.repeat;
                let standing = snapshot.standing_promises_for(task.id).await?;
                let own = standing.iter().find(|standing| Some(standing.membership) == me);
                promised = own.map(|own| (until(&task, own), own.on));
            }
            for slot in snapshot.slots_of_task(rows.slot.task, now).await? {
                let own = match me {
                    Some(me) => snapshot.live_claim(slot.id, me).await?,
                    None => None,
                };
                let person = inside.session.person;
                let clash = snapshot.promised_around(person, &slot).await?;
                dates.push((slot, own.is_some(), clash.is_some()));
            }
        }
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        let rows = rows.filter(|rows| rows.may_help(&inside)).ok_or(Failure::NotHere)?;
        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        let (about, _) = about.open(&inside, &inside.key()?).await?;
        let zone = &inside.circle.zone;
        Ok(DatesForm {
            about,
            kind: rows.slot.kind,
            repeat,
            weekdays: repeat.weekdays().filter(|days| days.count() > 1),
            promised,
            reaches: dates.last().map(|(slot, ..)| zone.date(slot.starts)),
            dates: dates
                .iter()
                .filter(|(slot, own, _)| slot.needs_somebody() && !own)
                .take(MOST_DATES)
                .map(|(slot, _, clash)| DateChoice {
                    slot: slot.id,
                    local_start: zone.local(slot.starts),
                    local_end: zone.local(slot.ends),
                    clash: *clash,
                })
                .collect(),
        })
    }

    /// Takes these dates of a slot's task, and every one that is free as `every` says: those on the
    /// rota now, and the later ones as they come. What somebody else took first is left out and
    /// counted; so is, of every one, what falls into the reader's absence. With `on`, every one is
    /// every one on these weekdays.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `dates` when nothing was chosen; for `all_until` when that
    /// day is over; for `on` when it comes on none of these weekdays.
    pub async fn take_dates(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        (chosen, every, on): (&[SlotId], Every, Option<Weekdays>),
        receipt: Receipt,
    ) -> Result<Several, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let now = visit.now();
        let done = snapshot.receipt(receipt.0, "take-dates").await?;
        let rows = OwnSlot::read(&snapshot, &inside, slot).await?;
        let (slots, task) = match &rows {
            Some(rows) => (
                snapshot.slots_of_task(rows.slot.task, now).await?,
                snapshot.task(rows.slot.task).await?,
            ),
            None => (Vec::new(), None),
        };
        let away = match &inside.place {
            Some(place) => snapshot.times_away(place.membership, now).await?,
            None => Vec::new(),
        };
        snapshot.end();
        let permit = inside.permit::<Take>(Category::Slot).await?;
        if let Some(done) = done {
            let (yours, every) = done.split_once('+').unwrap_or((&done, ""));
            let yours = yours.parse().unwrap_or(0);
            return Ok(Several { yours, gone: 0, every: !every.is_empty() });
        }
        let place = inside.own_place()?.membership;
        rows.filter(|rows| rows.may_help(&inside)).ok_or(Failure::NotHere)?;
        let zone = &inside.circle.zone;
        let today = zone.date(now);
        if matches!(every, Every::Until(until) if until < today) {
            return Err(Failure::field("all_until", What::Choose));
        }
        let is_away = |slot: &Slot| away.iter().any(|absence| absence.contains(slot.starts));
        let comes_again = task.filter(|task| task.repeat.is_again() && !task.ended);
        let on = match (&comes_again, on.filter(|_| every != Every::No)) {
            (Some(task), Some(on)) => some_of(task.repeat, on)?,
            _ => None,
        };
        let wanted = |slot: &&Slot| {
            let then = on.is_none_or(|on| on.contains(slot.made_for.weekday()));
            let each = then && every.holds(zone.date(slot.starts)) && !is_away(slot);
            chosen.contains(&slot.id) || (each && slot.needs_somebody())
        };
        let wanted: Vec<&Slot> = slots.iter().filter(wanted).take(MOST_DATES).collect();
        let person = inside.session.person;
        let standing = comes_again.filter(|_| every != Every::No).map(|task| StandingPromise {
            id: StandingPromiseId::new(&*self.ids),
            circle,
            task: task.id,
            membership: place,
            person,
            series: task.series,
            on,
            from: today,
            until: every.until(),
            // What is on the rota now is taken here.
            given_to: slots.iter().map(|slot| slot.made_for).max(),
            made_at: now,
        });
        if wanted.is_empty() && standing.is_none() {
            return Err(Failure::field("dates", What::Choose));
        }
        self.store
            .change(&permit, async |unit| {
                let mut several = Several::default();
                if let Some(standing) = &standing {
                    unit.add_standing_promise(standing).await?;
                    several.every = true;
                }
                for slot in wanted {
                    match promise::take(unit, &inside.circle, slot, place, person, now).await? {
                        Taken::Yes(_) | Taken::AlreadyYours(_) => several.yours += 1,
                        Taken::Full | Taken::Gone => several.gone += 1,
                    }
                }
                let every = if several.every { "+every" } else { "" };
                let word = format!("{}{every}", several.yours);
                unit.keep_receipt(receipt.0, "take-dates", &word, now).await?;
                Ok(several)
            })
            .await
    }
}
