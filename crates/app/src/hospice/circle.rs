//! One circle as the coordinator sees it, and freezing it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, CircleState, IfNobody, MailReason, TaskKind, reminder};
use kith_policy::{Amend, Disclose, Govern, List, Outcome};
use kith_store::Slot;
use kith_vault::Field;

use super::{Cover, Noted, card, lost_devices};
use crate::gate::Inside;
use crate::visit::Visit;
use crate::{App, Failure};

/// One circle.
#[derive(Clone, Debug)]
pub struct HospiceCircle {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// Part of town; may be empty.
    pub area: String,
    /// Its state.
    pub state: CircleState,
    /// Counts and the lead carer's phone; none while the circle is frozen or restricted.
    pub detail: Option<CircleDetail>,
    /// What may be done about its card.
    pub card: CardOffer,
    /// What may be done about freezing it.
    pub freezing: Freezing,
    /// The patient has a device that may be ended, so that a carer shows her another.
    pub may_end_devices: bool,
}

/// What may be done about a circle's card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardOffer {
    /// Nothing.
    None,
    /// A new one may be made.
    New,
    /// One that was handed out still works: it may be shown again, or replaced.
    AgainOrNew,
}

/// What may be done about freezing a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freezing {
    /// Nothing.
    None,
    /// It may be frozen.
    Freeze,
    /// It is frozen and may be opened again.
    Unfreeze,
}

/// What the coordinator works from. Opening it is recorded.
#[derive(Clone, Debug)]
pub struct CircleDetail {
    /// Members who said yes, the patient included.
    pub people: u32,
    /// This week and the three after it.
    pub weeks: Vec<WeekCover>,
    /// What is planned from now on and in the next seven days, in order; at most 500.
    pub slots: Vec<PlannedTask>,
    /// When the patient or a carer was last seen, in the organisation's zone.
    pub carer_seen: Option<Date>,
    /// Whom to ring.
    pub contact: Option<LeadContact>,
}

/// Cover of one week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekCover {
    /// Its Monday.
    pub monday: Date,
    /// Monday to Sunday.
    pub days: Vec<Cover>,
}

/// A task without words or names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedTask {
    /// The slot.
    pub slot: SlotId,
    /// What is asked.
    pub kind: TaskKind,
    /// Wall-clock time at which it starts.
    pub starts: jiff::civil::DateTime,
    /// Wall-clock time at which it ends.
    pub ends: jiff::civil::DateTime,
    /// Whether somebody does it.
    pub cover: PlannedCover,
    /// What a coordinator was told of it.
    pub noted: Option<Noted>,
    /// Somebody has to come, and it is not settled who: what one is told on the telephone may be noted.
    pub may_note: bool,
}

/// Whether somebody does a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedCover {
    /// It has everybody it needs.
    Covered,
    /// Somebody has to come, and whoever promised it does not answer.
    NoWord,
    /// Whoever promised it wants cover, and nobody has taken over.
    CoverWanted,
    /// It has a place left.
    Gap,
}

/// Whom to ring, as given to the organisation.
#[derive(Clone, PartialEq, Eq)]
pub struct LeadContact {
    /// First name of the lead carer; none when the patient runs the circle, whose name is not the
    /// staff's to know.
    pub name: Option<String>,
    /// Phone number as it was typed.
    pub phone: String,
    /// E-mails to the lead carer come back.
    pub mail_comes_back: bool,
}

impl std::fmt::Debug for LeadContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LeadContact(..)")
    }
}

impl App {
    /// One circle: counts, cover over four weeks, what is planned, and whom to ring.
    pub async fn hospice_circle(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<HospiceCircle, Failure> {
        let (snapshot, inside) = self.enter_as_staff(visit, circle).await?;
        let zone = &visit.organisation.zone;
        let today = zone.date(visit.now());
        let this_monday =
            today.saturating_sub(i64::from(today.weekday().to_monday_zero_offset()).days());
        let day = |days: i64| this_monday.saturating_add(days.days());
        let (from, to) = (zone.start_of_day(this_monday), zone.start_of_day(day(28)));
        let overseen = snapshot.overseen_circle(circle).await?.ok_or(Failure::NotHere)?;
        let cover = snapshot.cover_by_day(from, to, Some(circle)).await?;
        let week_end = zone.start_of_day(today.saturating_add(7.days()));
        let slots = snapshot.slots_between(circle, visit.now(), week_end).await?;
        let cover_wanted = snapshot.cover_wanted_between(circle, visit.now(), week_end).await?;
        let told_before = visit.now().plus_hours(-reminder::RING_AFTER_HOURS);
        let silent = snapshot.silent_promises(visit.now(), week_end, told_before).await?;
        let noted = snapshot.hospice_words_between(visit.now(), week_end).await?;
        let name = snapshot.content(circle, Field::OversightName, circle.as_uuid()).await?;
        let phone = snapshot.content(circle, Field::OversightPhone, circle.as_uuid()).await?;
        let waiting = card::waiting_card(&snapshot, circle, visit.now()).await?;
        let members = snapshot.members(circle).await?;
        let comes_back = snapshot.circles_whose_lead_mail_comes_back().await?.contains(&circle);
        let lost = lost_devices::with_lost_device(&snapshot, &members, visit.now()).await?;
        snapshot.end();

        let _listed = inside.permit::<List>(Category::Oversight).await?;
        let detail = match inside.permit_if_any::<Disclose>(Category::Oversight).await? {
            None => None,
            Some(permit) => {
                let key = inside.key()?;
                let name = inside.open(&permit, &key, name.as_ref())?;
                let phone = inside.open(&permit, &key, phone.as_ref())?;
                let on = |date: Date| Cover::of(cover.iter().filter(|day| day.date == date));
                let week = |week: i64| WeekCover {
                    monday: day(week * 7),
                    days: (0..7).map(|offset| on(day(week * 7 + offset))).collect(),
                };
                let may_write = inside.may::<Amend>(Category::Oversight)
                    && inside.circle.state.asks_and_reminds();
                let planned = |slot: &Slot| {
                    let said = noted.iter().find(|note| note.slot == slot.id);
                    let cover = match slot.id {
                        _ if slot.needs_somebody() => PlannedCover::Gap,
                        id if cover_wanted.contains(&id) => PlannedCover::CoverWanted,
                        id if silent.iter().any(|silent| silent.slot == id) => PlannedCover::NoWord,
                        _ => PlannedCover::Covered,
                    };
                    let open = said.is_some() || cover != PlannedCover::Covered;
                    PlannedTask {
                        slot: slot.id,
                        kind: slot.kind,
                        starts: zone.local(slot.starts),
                        ends: zone.local(slot.ends),
                        cover,
                        noted: said.map(|note| Noted::of(&note.said, inside.session.person)),
                        may_note: may_write && open && slot.if_nobody == IfNobody::Must,
                    }
                };
                let asked = slots.iter().filter(|slot| slot.kind.needs_somebody());
                Some(CircleDetail {
                    people: overseen.members,
                    weeks: (0..4).map(week).collect(),
                    slots: asked.map(planned).collect(),
                    carer_seen: overseen.carer_seen_at.map(|at| zone.date(at)),
                    contact: phone.map(|phone| LeadContact {
                        name,
                        phone,
                        mail_comes_back: comes_back,
                    }),
                })
            }
        };
        let governs = self.could_govern(&inside);
        let state = overseen.state;
        Ok(HospiceCircle {
            circle,
            nature_name: overseen.nature_name,
            area: overseen.area,
            state,
            detail,
            card: match (governs && card::may_give_card(state), waiting) {
                (false, _) => CardOffer::None,
                (true, None) => CardOffer::New,
                (true, Some(_)) => CardOffer::AgainOrNew,
            },
            may_end_devices: governs && card::may_give_card(state) && lost.is_some(),
            freezing: match state {
                _ if !governs => Freezing::None,
                CircleState::Frozen => Freezing::Unfreeze,
                _ if state.may_become(CircleState::Frozen) => Freezing::Freeze,
                _ => Freezing::None,
            },
        })
    }

    /// Freezes a circle: from now on only the patient reads, nothing is asked and nothing is sent.
    pub async fn freeze(&self, visit: &Visit, circle: CircleId) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter_as_staff(visit, circle).await?;
        snapshot.end();
        let state = inside.circle.state;
        let permit = inside.permit::<Govern>(Category::Oversight).await?;
        if state == CircleState::Frozen {
            return Ok(());
        }
        if !state.may_become(CircleState::Frozen) {
            return Err(Failure::NotHere);
        }
        let now = inside.now();
        self.store
            .change(&permit, async |unit| {
                if !unit.put_circle_state(circle, state, CircleState::Frozen, now).await? {
                    return Err(Failure::Changed);
                }
                crate::handed_out::stop_words(unit, circle, now).await?;
                unit.cancel_mail_of_circle(circle, MailReason::CircleNotActive, now).await?;
                Ok(())
            })
            .await
    }

    /// Opens a frozen circle again. One that was being set up goes on there; any other is paused,
    /// so that nothing is asked before the patient or a carer says so.
    pub async fn unfreeze(&self, visit: &Visit, circle: CircleId) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter_as_staff(visit, circle).await?;
        let before = snapshot.state_before_freeze(circle).await?;
        snapshot.end();
        let permit = inside.permit::<Govern>(Category::Oversight).await?;
        if inside.circle.state != CircleState::Frozen {
            return Err(Failure::Changed);
        }
        let to = match before {
            Some(CircleState::Forming) => CircleState::Forming,
            Some(CircleState::Ending) => CircleState::Ending,
            _ => CircleState::Paused,
        };
        let now = inside.now();
        self.store
            .change(&permit, async |unit| {
                if unit.put_circle_state(circle, CircleState::Frozen, to, now).await? {
                    Ok(())
                } else {
                    Err(Failure::Changed)
                }
            })
            .await
    }

    /// Whether governing would be allowed, now or after giving the own number: for showing buttons.
    fn could_govern(&self, inside: &Inside<'_>) -> bool {
        self.engine.decide::<Govern>(&inside.facts, Category::Oversight).outcome != Outcome::Denied
    }
}
