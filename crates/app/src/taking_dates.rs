//! Taking several dates of one task at once, or all of them until a day.
//!
//! Each date is a promise of its own, so that giving one back leaves the others, and whoever stands
//! in for one date is bound to that date alone.

use jiff::civil::{Date, DateTime};
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, TaskKind};
use kith_policy::{Disclose, Permit, Take};
use kith_store::Slot;

use crate::App;
use crate::about::{About, SealedAbout};
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
    /// The last day that the rota reaches; there is nothing to promise after it yet.
    pub reaches: Option<Date>,
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
        if let Some(rows) = &rows {
            let me = inside.place.as_ref().map(|place| place.membership);
            for slot in snapshot.slots_of_task(rows.slot.task, now).await? {
                let own = match me {
                    Some(me) => snapshot.live_claim(slot.id, me).await?,
                    None => None,
                };
                let person = inside.session.person;
                let clash =
                    snapshot.promised_between(person, slot.id, slot.starts, slot.ends).await?;
                dates.push((slot, own.is_some(), clash.is_some()));
            }
        }
        snapshot.end().await?;
        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        let rows = rows.filter(|rows| rows.may_help(&inside)).ok_or(Failure::NotHere)?;
        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        let (about, _) = about.open(&inside, &inside.key()?).await?;
        let zone = &inside.circle.zone;
        Ok(DatesForm {
            about,
            kind: rows.slot.kind,
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

    /// Takes these dates of a slot's task, or all that are free until `until`. What somebody else
    /// took first is left out and counted.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `dates` when nothing was chosen.
    pub async fn take_dates(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        (chosen, until): (&[SlotId], Option<Date>),
        receipt: Receipt,
    ) -> Result<Several, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let now = visit.now();
        let done = snapshot.receipt(receipt.0, "take-dates").await?;
        let rows = OwnSlot::read(&snapshot, &inside, slot).await?;
        let slots = match &rows {
            Some(rows) => snapshot.slots_of_task(rows.slot.task, now).await?,
            None => Vec::new(),
        };
        snapshot.end().await?;
        let permit = inside.permit::<Take>(Category::Slot).await?;
        if let Some(done) = done {
            let yours = done.parse().unwrap_or(0);
            return Ok(Several { yours, gone: 0 });
        }
        let place = inside.own_place()?.membership;
        rows.filter(|rows| rows.may_help(&inside)).ok_or(Failure::NotHere)?;
        let zone = &inside.circle.zone;
        let wanted = |slot: &&Slot| {
            let in_time = until.is_some_and(|until| zone.date(slot.starts) <= until);
            chosen.contains(&slot.id) || (in_time && slot.needs_somebody())
        };
        let wanted: Vec<&Slot> = slots.iter().filter(wanted).take(MOST_DATES).collect();
        if wanted.is_empty() {
            return Err(Failure::field("dates", What::Choose));
        }
        let person = inside.session.person;
        self.store
            .change(&permit, async |unit| {
                let mut several = Several::default();
                for slot in wanted {
                    match promise::take(unit, &inside.circle, slot, place, person, now).await? {
                        Taken::Yes(_) | Taken::AlreadyYours(_) => several.yours += 1,
                        Taken::Full | Taken::Gone => several.gone += 1,
                    }
                }
                let word = several.yours.to_string();
                unit.keep_receipt(receipt.0, "take-dates", &word, now).await?;
                Ok(several)
            })
            .await
    }
}
