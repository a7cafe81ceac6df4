//! The week, by day and part of the day.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use kith_domain::fairness::few_carry;
use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Category, DayPart, Timestamp, Zone};
use kith_policy::{Disclose, Permit};

use crate::App;
use crate::about::{About, Names};
use crate::failure::Failure;
use crate::visit::Visit;
use crate::week::{SlotView, Stretch};

/// How many weeks back and ahead the week page goes.
const WEEKS: i64 = 13;

/// The week by day and part of the day.
#[derive(Clone, Debug)]
pub struct RotaWeek {
    /// The circle and the reader.
    pub about: About,
    /// First day of the week.
    pub monday: Date,
    /// Today in the circle's zone.
    pub today: Date,
    /// Monday of the week before, unless that is too long ago.
    pub before: Option<Date>,
    /// Monday of the week after, unless that is too far ahead.
    pub after: Option<Date>,
    /// Seven days.
    pub days: Vec<RotaDay>,
    /// One or two people carry most of it; for the patient and carers.
    pub carrying: Option<Carrying>,
}

/// One person who carries most of a week, or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrying {
    /// Their first names, one or two.
    pub names: Vec<String>,
    /// It is one, and the reader.
    pub is_you: bool,
    /// How many tasks they have.
    pub theirs: usize,
    /// Of how many.
    pub of: usize,
}

/// One day.
#[derive(Clone, Debug)]
pub struct RotaDay {
    /// The date.
    pub date: Date,
    /// Before noon, in order.
    pub morning: Vec<SlotView>,
    /// From noon until 5pm.
    pub afternoon: Vec<SlotView>,
    /// From 5pm.
    pub evening: Vec<SlotView>,
}

/// Monday of the week in which `day` is.
pub(crate) fn monday_of(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().since(Weekday::Monday)).days())
}

/// First second of `from` until the first second of the day after seven days.
pub(crate) fn week_bounds(zone: &Zone, monday: Date) -> (Timestamp, Timestamp) {
    (zone.start_of_day(monday), zone.start_of_day(monday.saturating_add(7.days())))
}

impl App {
    /// The week of `monday`, or of any day in it; this week when none is given.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for weeks more than 13 weeks away, and for whoever may not see the
    /// rota.
    pub async fn rota_week(
        &self,
        visit: &Visit,
        circle: CircleId,
        monday: Option<Date>,
    ) -> Result<RotaWeek, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let zone = inside.circle.zone.clone();
        let today = zone.date(visit.now());
        let this_week = monday_of(today);
        let monday = monday.map_or(this_week, monday_of);
        let (first, last) =
            (this_week.saturating_sub(WEEKS.weeks()), this_week.saturating_add(WEEKS.weeks()));
        // Clamped before it is refused, so that a week that is not kept costs what others cost.
        let shown = monday.clamp(first, last);
        let (from, to) = week_bounds(&zone, shown);
        let (about, stretch) = Stretch::read(&snapshot, circle, from, to).await?;
        snapshot.end();

        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        if shown != monday {
            return Err(Failure::NotHere);
        }
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let slots = stretch.show(&inside, &key, &names).await?;
        let days = (0..7).map(|n| rota_day(monday.saturating_add(i64::from(n).days()), &slots));
        let reader = inside.place.as_ref().map(|place| place.membership);
        let carrying = if about.in_charge { carrying(&names, &slots, reader) } else { None };
        Ok(RotaWeek {
            carrying,
            about,
            monday,
            today,
            before: Some(monday.saturating_sub(1.week())).filter(|week| *week >= first),
            after: Some(monday.saturating_add(1.week())).filter(|week| *week <= last),
            days: days.collect(),
        })
    }
}

fn carrying(names: &Names, slots: &[SlotView], reader: Option<MembershipId>) -> Option<Carrying> {
    let promises = slots.iter().flat_map(|slot| &slot.who).map(|taker| taker.membership);
    let found = few_carry(promises)?;
    let is_you = reader.is_some_and(|reader| found.who == [reader]);
    let names = found.who.iter().map(|who| names.of(*who)).collect::<Option<_>>()?;
    Some(Carrying { names, is_you, theirs: found.theirs, of: found.of })
}

fn rota_day(date: Date, slots: &[SlotView]) -> RotaDay {
    let of = |part: DayPart| {
        let here = |slot: &&SlotView| slot.local_start.date() == date && slot.part == part;
        slots.iter().filter(here).cloned().collect()
    };
    RotaDay {
        date,
        morning: of(DayPart::Morning),
        afternoon: of(DayPart::Afternoon),
        evening: of(DayPart::Evening),
    }
}
