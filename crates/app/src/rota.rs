//! The week, and one slot of it.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use kith_domain::claim::{Window, window};
use kith_domain::fairness::two_carry;
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::{Category, ClaimState, DayPart, Repeat, SlotState, Tier, Timestamp, Zone};
use kith_policy::{Amend, Disclose, Permit};
use kith_store::{Asked, Claim, Content, ProposedMove, Slot, Snapshot, StandingPromise, Task};
use kith_vault::Field;

use crate::App;
use crate::about::{About, Names, SealedAbout};
use crate::every_time::{EveryTime, every_time, without_mail};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::promise::GIVE_BACK_HOURS;
use crate::visit::Visit;
use crate::week::{Around, SlotView, Stretch, slot_view};

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
    /// Two people carry most of it; for the patient and carers.
    pub carrying: Option<Carrying>,
}

/// Two people who carry most of a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrying {
    /// Their first names.
    pub names: [String; 2],
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

/// One slot in full, as far as this reader may see it.
#[expect(clippy::struct_excessive_bools, reason = "each says whether the page has one button")]
#[derive(Clone, Debug)]
pub struct SlotPage {
    /// The circle and the reader.
    pub about: About,
    /// The slot.
    pub slot: SlotView,
    /// How the task comes again; [`Repeat::Once`] when it does not.
    pub repeat: Repeat,
    /// Who does the task each time, as far as the reader may know.
    pub every_time: Vec<EveryTime>,
    /// Who wrote the note.
    pub note_by: Option<String>,
    /// The address.
    pub address: Opening,
    /// How to get in; it opens on a page of its own, after the own number.
    pub entry: Opening,
    /// Who promised it and what became of that, oldest first; for the patient and carers only.
    pub history: Vec<HistoryLine>,
    /// First names of those who were not asked by e-mail, as they had been asked for something else
    /// that day; for the patient and carers only.
    pub not_asked: Vec<String>,
    /// The reader was asked and has not answered.
    pub may_say_no: bool,
    /// The task may be changed by the reader.
    pub may_change: bool,
    /// The reader's own promise may be given back at once: there is time to find somebody, and it
    /// is sure who says it. Else one asks for cover.
    pub may_give_back: bool,
    /// It starts in less than two hours: whoever cannot make it rings as well.
    pub ring_too: bool,
    /// The reader's own slot has begun: it may be said to be done.
    pub may_finish: bool,
}

/// When something that a task discloses may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Not told for this task, or not to this reader, or not any more.
    No,
    /// Whoever takes it sees it from then on.
    AfterTaking(Timestamp),
    /// The reader has taken it: it opens then.
    From(Timestamp),
    /// It may be opened now, and is recorded; until then, or for as long as it is granted.
    Now(Option<Timestamp>),
}

/// One promise of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// First name.
    pub name: Option<String>,
    /// What became of the promise. Never why.
    pub state: ClaimState,
    /// When it was made.
    pub at: Timestamp,
}

/// The address, for one slot.
#[derive(Clone, Debug)]
pub struct AddressForSlot {
    /// The circle and the reader.
    pub about: About,
    /// The slot.
    pub slot: SlotId,
    /// The address; none when nobody wrote it down yet.
    pub address: Option<String>,
    /// When it closes again; none when the reader has it for good.
    pub until: Option<Timestamp>,
}

/// Monday of the week in which `day` is.
pub(crate) fn monday_of(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().since(Weekday::Monday)).days())
}

/// First second of `from` until the first second of the day after seven days.
pub(crate) fn week_bounds(zone: &Zone, monday: Date) -> (Timestamp, Timestamp) {
    (zone.start_of_day(monday), zone.start_of_day(monday.saturating_add(7.days())))
}

/// The rows of one slot, before anything sealed is opened.
struct SlotRows {
    slot: Slot,
    task: Option<Task>,
    claims: Vec<Claim>,
    asked: Vec<Asked>,
    note: Option<Content>,
    comes_back: Vec<MembershipId>,
    not_asked: Vec<MembershipId>,
    open: Option<ProposedMove>,
    standing: Vec<StandingPromise>,
    without_mail: Vec<MembershipId>,
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
        let about = SealedAbout::read(&snapshot, circle).await?;
        let stretch = Stretch::read(&snapshot, circle, from, to).await?;
        snapshot.end().await?;

        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        if shown != monday {
            return Err(Failure::NotHere);
        }
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let slots = stretch.show(&inside, &key, &names).await?;
        let days = (0..7).map(|n| rota_day(monday.saturating_add(i64::from(n).days()), &slots));
        let carrying = if about.in_charge { carrying(&names, &slots) } else { None };
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

    /// One slot: what, when, who, and when what it discloses opens.
    ///
    /// Somebody who may not see the rota sees a slot of their own, or one they were asked for.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no such slot for this reader.
    pub async fn slot_page(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<SlotPage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let rows = slot_rows(&snapshot, slot).await?.filter(|rows| rows.slot.circle == circle);
        snapshot.end().await?;

        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        let rows = rows.ok_or(Failure::NotHere)?;
        if !inside.may::<Disclose>(Category::Rota) && !concerns(&inside, &rows) {
            let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        }
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let note = match inside.permit_if_any::<Disclose>(Category::Task).await? {
            Some(permit) => inside.open(&permit, &key, rows.note.as_ref())?,
            None => None,
        };
        Ok(show_slot(&inside, about, &names, &rows, note))
    }

    /// The address, in the open window of the reader's own slot or with a grant. Recorded.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no such slot, and when neither a window nor a grant is
    /// there.
    pub async fn address_for_slot(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<AddressForSlot, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let rows = slot_rows(&snapshot, slot).await?.filter(|rows| rows.slot.circle == circle);
        let address = snapshot.content(circle, Field::Address, circle.as_uuid()).await?;
        snapshot.end().await?;

        let rows = rows.ok_or(Failure::NotHere)?;
        let granted = is_granted(&inside, Category::Address);
        let own = rows.claims.iter().any(|c| c.state.is_live() && is_mine(&inside, c));
        if !(granted || (own && rows.slot.disclosure.address)) && inside.place.is_some() {
            // Another slot's window may be open: it is opened from that slot.
            let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
            return Err(Failure::NotHere);
        }
        let permit = inside.permit::<Disclose>(Category::Address).await?;
        let key = inside.key()?;
        let address = inside.open(&permit, &key, address.as_ref())?;
        let (about, _) = about.open(&inside, &key).await?;
        let until = (!granted).then(|| window(rows.slot.starts, rows.slot.ends).closes);
        Ok(AddressForSlot { about, slot, address, until })
    }
}

fn carrying(names: &Names, slots: &[SlotView]) -> Option<Carrying> {
    let promises = slots.iter().flat_map(|slot| &slot.who).map(|taker| taker.membership);
    let found = two_carry(promises)?;
    let [one, other] = found.who;
    let names = [names.of(one)?, names.of(other)?];
    Some(Carrying { names, theirs: found.theirs, of: found.of })
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

/// One slot of this circle.
pub(crate) async fn slot_of(
    snapshot: &Snapshot,
    circle: CircleId,
    slot: SlotId,
) -> Result<Option<Slot>, Failure> {
    Ok(snapshot.slot(slot).await?.filter(|slot| slot.circle == circle))
}

async fn slot_rows(snapshot: &Snapshot, slot: SlotId) -> Result<Option<SlotRows>, Failure> {
    let Some(slot) = snapshot.slot(slot).await? else { return Ok(None) };
    let task = snapshot.task(slot.task).await?;
    let claims = snapshot.claims_of(slot.id).await?;
    let asked = snapshot.asked_for(slot.id).await?;
    let note = snapshot.content(slot.circle, Field::TaskNote, slot.task.as_uuid()).await?;
    let comes_back = snapshot.members_whose_mail_comes_back(slot.circle).await?;
    let not_asked = snapshot.not_asked_that_day(slot.id).await?;
    let open = snapshot.open_move_of(slot.id).await?;
    let standing = snapshot.standing_promises_for(slot.task).await?;
    Ok(Some(SlotRows {
        without_mail: without_mail(snapshot, &standing).await?,
        slot,
        task,
        claims,
        asked,
        note,
        comes_back,
        not_asked,
        open,
        standing,
    }))
}

fn is_mine(inside: &Inside<'_>, claim: &Claim) -> bool {
    inside.place.as_ref().is_some_and(|place| place.membership == claim.membership)
}

fn is_granted(inside: &Inside<'_>, category: Category) -> bool {
    inside.is_patient() || inside.facts.grants.contains(category)
}

/// Whether the reader promised it or was asked for it.
fn concerns(inside: &Inside<'_>, rows: &SlotRows) -> bool {
    rows.claims.iter().any(|claim| is_mine(inside, claim))
        || rows.asked.iter().any(|asked| Some(asked.membership) == inside.facts.membership)
}

fn show_slot(
    inside: &Inside<'_>,
    about: About,
    names: &Names,
    rows: &SlotRows,
    note: Option<String>,
) -> SlotPage {
    let claims: Vec<&Claim> = rows.claims.iter().collect();
    let asked: Vec<&Asked> = rows.asked.iter().collect();
    let around = Around {
        claims: &claims,
        comes_back: &rows.comes_back,
        asked: &asked,
        open: rows.open.as_ref(),
    };
    let slot = slot_view(inside, names, &rows.slot, &around, note);
    let now = inside.now();
    let mine = slot.own.is_some_and(ClaimState::is_live);
    let opening = |category, disclosed| opening(inside, &slot, category, disclosed);
    let may_say_no = slot.own.is_none()
        && rows.slot.state == SlotState::Open
        && rows
            .asked
            .iter()
            .any(|asked| Some(asked.membership) == inside.facts.membership && !asked.said_no);
    let history = |claim: &Claim| HistoryLine {
        name: names.of(claim.membership),
        state: claim.state,
        at: claim.claimed_at,
    };
    SlotPage {
        address: opening(Category::Address, rows.slot.disclosure.address),
        entry: opening(Category::Entry, rows.slot.disclosure.entry),
        every_time: every_time(
            inside,
            names,
            rows.task.as_ref(),
            (&rows.standing, &rows.without_mail),
        ),
        repeat: rows.task.as_ref().map_or(Repeat::Once, |task| task.repeat),
        note_by: rows
            .note
            .as_ref()
            .filter(|_| slot.note.is_some())
            .and_then(|note| note.author)
            .and_then(|author| names.of(author)),
        history: if inside.is_in_charge() {
            rows.claims.iter().map(history).collect()
        } else {
            Vec::new()
        },
        not_asked: if inside.is_in_charge() {
            rows.not_asked.iter().filter_map(|member| names.of(*member)).collect()
        } else {
            Vec::new()
        },
        may_say_no,
        may_change: slot.state == SlotState::Open && inside.may::<Amend>(Category::Rota),
        may_give_back: mine
            && inside.facts.tier >= Tier::Trusted
            && slot.starts > now.plus_hours(GIVE_BACK_HOURS),
        ring_too: mine && slot.starts <= now.plus_hours(2) && slot.ends > now,
        may_finish: mine && slot.starts <= now,
        slot,
        about,
    }
}

fn opening(inside: &Inside<'_>, slot: &SlotView, category: Category, disclosed: bool) -> Opening {
    let now = inside.now();
    if inside.place.is_none() || slot.state == SlotState::Cancelled {
        return Opening::No;
    }
    if is_granted(inside, category) && inside.would::<Disclose>(category) {
        return Opening::Now(None);
    }
    if !disclosed || inside.withheld.contains(category) {
        return Opening::No;
    }
    let Window { opens, closes } = window(slot.starts, slot.ends);
    match slot.own {
        Some(state) if state.is_live() && now < opens => Opening::From(opens),
        Some(state) if state.is_live() && now < closes => Opening::Now(Some(closes)),
        None if slot.may_take => Opening::AfterTaking(opens.max(now)),
        _ => Opening::No,
    }
}
