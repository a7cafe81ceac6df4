//! Changing a task: what it says, and when it is: this one, this and all that follow, or all.
//!
//! A change never moves what somebody else has promised to do: whoever makes it sees first whose
//! promise it is, and then they are asked. It never ends a promise but with the slot itself, which
//! cannot wait for an answer, as nobody is to turn up for nothing.

use jiff::civil::Date;
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::repeat::{Comes, Pattern, Times};
use kith_domain::{
    Category, Disclosure, Ends, LocalTimes, Repeat, RepeatInput, SlotState, TaskDraft, TaskInput,
    Unreached, Zone,
};
use kith_policy::Amend;
use kith_store::{
    Claim, Content, ProposedMove, Slot, Snapshot, StandingPromise, StoreError, Task, UnitOfWork,
};
use kith_vault::Field;

use crate::App;
use crate::about::SealedAbout;
use crate::asking::ask_who_waits;
use crate::failure::{Failure, What};
use crate::gate::Inside;
use crate::own_date::NewTerms;
use crate::rota_change::Told;
use crate::series::{Step, To, apply, held, plan, upcoming};
use crate::take_off::{Settled, asks_or_done};
use crate::task::invalid;
use crate::touched::{ChangeOutcome, Touching};
use crate::visit::{Receipt, Visit};

/// A change of a task, as it was typed. The times are those of one slot.
#[derive(Clone, Copy, Default)]
pub struct TaskChange<'a> {
    /// `this` or empty, `following`, or `all`: for which slots it holds. The repetition is never for
    /// this one only, and what it discloses is always the whole task's.
    pub scope: &'a str,
    /// Day of the slot, `2026-11-24`.
    pub date: &'a str,
    /// A word of `Within`; empty where `start` says the time.
    pub within: &'a str,
    /// Wall-clock start of the slot, `14:00`.
    pub start: &'a str,
    /// Wall-clock end of the slot, `15:30`; empty for the usual length.
    pub end: &'a str,
    /// Whether and how it comes again; one that names no way leaves it as it is.
    pub repeat: RepeatInput<'a>,
    /// How many people.
    pub places: &'a str,
    /// Free text; empty takes the note away.
    pub note: &'a str,
    /// What it discloses to whoever takes it.
    pub disclosure: Disclosure,
    /// A word of `IfNobody`.
    pub if_nobody: &'a str,
    /// The answer about promises that it touches.
    pub touching: Touching<'a>,
}

impl std::fmt::Debug for TaskChange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskChange")
    }
}

/// New days and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    /// None.
    Same,
    /// This one slot is then.
    One(LocalTimes),
    /// From this slot on, or from the first that has not begun.
    Series {
        all: bool,
        /// Day and times of this slot.
        typed: LocalTimes,
        /// None for the repetition as it is.
        repeat: Option<Repeat>,
    },
}

impl App {
    /// Changes what a task says, and when it is. Slots that others promised stay when they were, and
    /// those who promised are asked, once the reader has seen whose promises they are.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] with everything that is wrong; its field `scope` when another repetition
    /// was typed for one slot only.
    pub async fn change_task(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        change: &TaskChange<'_>,
        receipt: Receipt,
    ) -> Result<ChangeOutcome, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "change-task").await?;
        let rows = ChangeRows::read(&snapshot, circle, slot).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        let permit = inside.permit::<Amend>(Category::Rota).await?;
        if done.is_some() {
            return Ok(ChangeOutcome::Done);
        }
        let rows = rows.filter(|rows| rows.slot.ends > visit.now()).ok_or(Failure::NotHere)?;
        let now = visit.now();
        let today = inside.circle.zone.date(now);
        let shifted = rows.is_shifted(&inside, change);
        let draft = TaskDraft::parse(&rows.input(change, shifted, &inside.circle.zone), today)
            .map_err(invalid)?;
        let days = rows.days(&inside, change, &draft, shifted)?;
        // What comes once is all there is of it.
        let this_only = rows.task.repeat.is_again() && rows.is_for_this_only(change);
        let terms = NewTerms::of(&rows, &draft, this_only);
        let (starts, _) = draft.first.instants(&inside.circle.zone);
        if days != Days::Same && starts != rows.slot.starts && starts <= now {
            return Err(Failure::field("start", What::TimePast));
        }
        if days != Days::Same {
            may_tell_again(&inside, draft.disclosure, "start")?;
        } else if terms.more {
            may_tell_again(&inside, draft.disclosure, "places")?;
        }
        let telling = self.may_tell(&inside, rows.task.disclosure, draft.disclosure).await?;
        let note = self.new_note(&inside, &rows, &draft, this_only).await?;
        let author = inside.own_place()?.membership;
        let told = Told { circle: &inside.circle, by: inside.session.person, now };
        let asks = self
            .store
            .change(&permit, async |unit| {
                let held = unit.hold_task(rows.task.id).await?.ok_or(StoreError::NotFound)?;
                if days != Days::Same && held.series != rows.task.series {
                    return Err(Failure::Changed);
                }
                let (mut steps, anew) = steps(unit, &told, &rows, days).await?;
                if !change.touching.settle(&mut steps, told.by) {
                    return Ok::<_, Failure>(Settled::Asks(steps));
                }
                unit.keep_receipt(receipt.0, "change-task", "done", now).await?;
                terms.put(unit, &rows, &draft, now).await?;
                for further in &telling {
                    unit.also(&permit, further).await?;
                }
                if let Some(note) = note {
                    unit.also(&permit, &note.permit).await?;
                    note.put(unit, &rows, author, now).await?;
                }
                let anew = match anew {
                    Some((first, repeat)) => {
                        Some(unit.put_task_days(&rows.task, first, repeat).await?)
                    }
                    None => None,
                };
                let asks = apply(unit, &told, anew.as_ref().map(|anew| (&rows.task, anew)), &steps)
                    .await?;
                if terms.more {
                    ask_who_waits(unit, &inside.circle, rows.task.id, now).await?;
                }
                Ok(if asks { Settled::AskedThem } else { Settled::Done })
            })
            .await?;
        asks_or_done(&inside, (about, &rows), asks).await
    }
}

/// Whether the reader may say once more what the task tells: at another time, to more people, or for
/// longer. What was taken back from a carer is not won back by a task that told it before.
fn may_tell_again(
    inside: &Inside<'_>,
    told: Disclosure,
    field: &'static str,
) -> Result<(), Failure> {
    let address = !told.address || inside.would::<Amend>(Category::Address);
    let entry = !told.entry || inside.would::<Amend>(Category::Entry);
    let help = !told.help || inside.would::<Amend>(Category::Help);
    if address && help && entry { Ok(()) } else { Err(Failure::field(field, What::TellsTooMuch)) }
}

/// The rows that a change of a task rests on.
pub(crate) struct ChangeRows {
    pub(crate) slot: Slot,
    pub(crate) task: Task,
    pub(crate) claims: Vec<Claim>,
    /// What is said of this date.
    pub(crate) note: Option<Content>,
    /// What is said of the others.
    pub(crate) task_note: Option<Content>,
    pub(crate) open: Option<ProposedMove>,
    pub(crate) standing: Vec<StandingPromise>,
    pub(crate) unreached: Vec<(MembershipId, Unreached)>,
}

impl ChangeRows {
    /// None when the slot is not one of the circle, or was cancelled.
    pub(crate) async fn read(
        snapshot: &Snapshot,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<Option<Self>, StoreError> {
        let Some(slot) = snapshot.slot(slot).await? else { return Ok(None) };
        if slot.circle != circle || slot.state != SlotState::Open {
            return Ok(None);
        }
        let Some(task) = snapshot.task(slot.task).await? else { return Ok(None) };
        let claims = snapshot.claims_of(slot.id).await?;
        let note = snapshot.note_of(&slot).await?;
        let task_note = snapshot.content(circle, Field::TaskNote, task.id.as_uuid()).await?;
        let open = snapshot.open_move_of(slot.id).await?;
        let standing = snapshot.standing_promises_for(task.id).await?;
        let unreached = snapshot.unreached_members(circle).await?;
        Ok(Some(Self { slot, task, claims, note, task_note, open, standing, unreached }))
    }

    /// Promises of others that stand.
    pub(crate) fn others(&self, inside: &Inside<'_>) -> impl Iterator<Item = &Claim> {
        let me = inside.session.person;
        self.claims.iter().filter(move |claim| claim.state.is_live() && claim.person != me)
    }

    /// Whether another day than that of the slot was typed.
    fn is_shifted(&self, inside: &Inside<'_>, change: &TaskChange<'_>) -> bool {
        let day = inside.circle.zone.date(self.slot.starts);
        change.date.trim().parse::<Date>().is_ok_and(|typed| typed != day)
    }

    /// The task as it would be typed anew; its kind stays what it is.
    fn input<'a>(&self, change: &TaskChange<'a>, shifted: bool, zone: &'a Zone) -> TaskInput<'a> {
        let mut repeat = RepeatInput { zone: Some(zone), ..change.repeat };
        if self.is_for_this_only(change) {
            repeat = RepeatInput::default();
        } else if let Some(Pattern::Weekly { on, .. }) = self.task.repeat.pattern()
            && (shifted && on.count() == 1 && repeat.on == Some(on))
        {
            // Every Tuesday that becomes a Wednesday is every Wednesday.
            repeat.on = None;
        }
        TaskInput {
            kind: self.task.kind.as_str(),
            date: change.date,
            within: change.within,
            start: change.start,
            end: change.end,
            repeat,
            places: change.places,
            note: change.note,
            disclosure: change.disclosure,
            if_nobody: change.if_nobody,
        }
    }

    /// What comes once is all there is of it, unless it is to come again.
    fn is_for_this_only(&self, change: &TaskChange<'_>) -> bool {
        if self.task.repeat.is_again() {
            !matches!(change.scope, "following" | "all")
        } else {
            self.says_the_same(&change.repeat)
        }
    }

    /// How many times it still comes, this slot included, where that is counted.
    pub(crate) fn times_left(&self) -> Option<Times> {
        times_left(&self.task, self.slot.made_for)
    }

    /// Whether the repetition was left as the form showed it.
    fn says_the_same(&self, typed: &RepeatInput<'_>) -> bool {
        let repeat = self.task.repeat;
        let (comes, every, on, of_month) = repeat.as_typed();
        if !typed.rule.trim().is_empty() {
            return false;
        }
        let text = typed.comes.trim();
        if text.is_empty() {
            return true;
        }
        let every_typed = typed.every.trim();
        let same_every =
            every_typed.parse() == Ok(every.get()) || (every_typed.is_empty() && every.get() == 1);
        let until = match repeat.ends() {
            Ends::On(day) => day.to_string(),
            _ => String::new(),
        };
        let times = self.times_left().map_or_else(String::new, |times| times.get().to_string());
        text == comes.as_str()
            && match comes {
                Comes::Once => true,
                Comes::Daily => same_every,
                Comes::Weekly => same_every && typed.on == on,
                Comes::Monthly => same_every && typed.of_month == of_month.as_str(),
            }
            && (comes == Comes::Once
                || (typed.until.trim() == until && typed.times.trim() == times))
    }

    /// What becomes of days and times.
    fn days(
        &self,
        inside: &Inside<'_>,
        change: &TaskChange<'_>,
        draft: &TaskDraft,
        shifted: bool,
    ) -> Result<Days, Failure> {
        let same = self.says_the_same(&change.repeat);
        let zone = &inside.circle.zone;
        if self.is_for_this_only(change) {
            if !same {
                return Err(Failure::field("scope", What::Choose));
            }
            let then = draft.first.instants(zone) != (self.slot.starts, self.slot.ends);
            return Ok(if then { Days::One(draft.first) } else { Days::Same });
        }
        let repeat = (!same || shifted).then_some(draft.repeat).filter(|_| {
            // A repetition that nobody named cannot be typed anew.
            !(change.repeat.comes.trim().is_empty() && change.repeat.rule.trim().is_empty())
        });
        let clock = |times: LocalTimes| (times.start(), times.minutes());
        if repeat.is_none() && !shifted && clock(draft.first) == clock(self.task.first) {
            return Ok(Days::Same);
        }
        Ok(Days::Series { all: change.scope == "all", typed: draft.first, repeat })
    }
}

/// How many times a task still comes from `day` on, where that is counted.
fn times_left(task: &Task, day: Date) -> Option<Times> {
    let Ends::After(_) = task.repeat.ends() else { return None };
    let left = task.repeat.days_between(task.first.date(), day, Date::MAX).count();
    u16::try_from(left).ok().and_then(Times::new)
}

/// What becomes of the slots, and the days and times that the task has from then on.
async fn steps(
    unit: &UnitOfWork,
    told: &Told<'_>,
    rows: &ChangeRows,
    days: Days,
) -> Result<(Vec<Step>, Option<(LocalTimes, Repeat)>), StoreError> {
    let zone = &told.circle.zone;
    let (all, typed, repeat) = match days {
        Days::Same => return Ok((Vec::new(), None)),
        Days::One(times) => {
            let step = held(unit, rows.slot.id).await?.ok_or(StoreError::Conflict)?;
            let (starts, ends) = times.instants(zone);
            let to = To::Moves(step.slot.made_for, starts, ends);
            return Ok((vec![Step { to, ..step }], None));
        }
        Days::Series { all, typed, repeat } => (all, typed, repeat),
    };
    let from = if all { Date::MIN } else { rows.slot.made_for };
    let mut steps = upcoming(unit, &rows.task, from, told.now).await?;
    let anchor = steps.iter().map(|step| step.slot.made_for).min();
    let anchor = anchor.unwrap_or(rows.slot.made_for);
    let (first, repeat) = match repeat {
        None => {
            let ends = times_left(&rows.task, anchor).map(Ends::After);
            (anchor, rows.task.repeat.ending(ends.unwrap_or(rows.task.repeat.ends())))
        }
        Some(repeat) if all => {
            let shift = zone.date(rows.slot.starts).until(typed.date()).unwrap_or_default();
            let wanted = anchor.saturating_add(shift).max(zone.date(told.now));
            let first = repeat.pattern().and_then(|pattern| pattern.first_from(wanted));
            (first.unwrap_or(wanted), repeat)
        }
        Some(repeat) => (typed.date(), repeat),
    };
    let first = typed.on(first);
    plan(&mut steps, &rows.task, first, repeat, zone, told.now);
    Ok((steps, Some((first, repeat))))
}
