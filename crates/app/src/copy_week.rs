//! "Copy this week to next week": the same things once more, seven days later.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_domain::ids::{CircleId, TaskId};
use kith_domain::{
    Category, Disclosure, LocalTimes, Note, Repeat, TaskDraft, TaskKind, Timestamp, Zone,
};
use kith_policy::{Amend, Disclose, Permit};
use kith_store::{Content, Slot, Snapshot, StoreError, Task};
use kith_vault::{Field, Sealed};
use uuid::Uuid;

use crate::App;
use crate::failure::Failure;
use crate::gate::Inside;
use crate::own_date::{Terms, is_said, terms_of};
use crate::rota_week::{monday_of, week_bounds};
use crate::task::dated_slots;
use crate::visit::{Receipt, Visit};

/// How many weeks back a week may be copied from, and how far ahead.
const WEEKS: i64 = 12;

/// A week that was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopiedWeek {
    /// Monday of the week that was filled.
    pub monday: Date,
    /// How many tasks were put on it.
    pub added: u32,
}

/// One thing of the week, to be put on the next.
struct Again {
    draft: TaskDraft,
    /// When it starts there.
    starts: Timestamp,
    note: Option<Sealed>,
}

impl App {
    /// Puts what the week of `monday` held on the week after it, each once: same times, places and
    /// notes, and nobody promised. Left out is what that week has already, by kind and start, and what
    /// comes there by itself, or would if nobody had moved it or taken it off. Nobody is asked: it
    /// would be a mail for each.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for weeks more than twelve weeks away, and for whoever may not change
    /// the rota; [`Failure::StepUp`] when something tells how to get in and it is not sure who asks.
    pub async fn copy_week(
        &self,
        visit: &Visit,
        circle: CircleId,
        monday: Date,
        receipt: Receipt,
    ) -> Result<CopiedWeek, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "copy-week").await?;
        let now = visit.now();
        let this_week = monday_of(inside.circle.zone.date(now));
        let first = this_week.saturating_sub(WEEKS.weeks());
        let last = this_week.saturating_add(WEEKS.weeks());
        let wanted = monday_of(monday);
        let monday = wanted.clamp(first, last);
        let missing = Missing::read(&snapshot, &inside, monday, now).await?;
        snapshot.end();
        let permit = inside.permit::<Amend>(Category::Rota).await?;
        if monday != wanted {
            return Err(Failure::NotHere);
        }
        let next = monday.saturating_add(1.week());
        if let Some(added) = done {
            return Ok(CopiedWeek { monday: next, added: added.parse().unwrap_or(0) });
        }
        let told = missing.told(&inside);
        let telling = self.may_tell(&inside, Disclosure::NONE, told).await?;
        let (again, note_permit) = missing.again(&inside, told).await?;
        let author = inside.own_place()?.membership;
        let added = self
            .store
            .change(&permit, async |unit| {
                // Of two who copy the same week at once the second finds what the first has put there.
                unit.hold_circle(circle).await?;
                let (next_from, next_to) = week_bounds(&inside.circle.zone, next);
                let there = unit.slots_between(circle, next_from, next_to).await?;
                let mut again = again;
                again.retain(|one| !is_there(&there, one.draft.kind, one.starts));
                let added = u32::try_from(again.len()).unwrap_or(u32::MAX);
                unit.keep_receipt(receipt.0, "copy-week", &added.to_string(), now).await?;
                for further in telling.iter().chain(&note_permit) {
                    unit.also(&permit, further).await?;
                }
                for Again { draft, note, .. } in again {
                    let id = TaskId::new(&*self.ids);
                    unit.add_task(id, circle, &draft, Some(author), now).await?;
                    let task = unit.task(id).await?.ok_or(StoreError::NotFound)?;
                    let zone = &inside.circle.zone;
                    let (slots, rolled_to) = dated_slots(&task, zone, zone.date(now));
                    unit.add_slots(&task, &slots, rolled_to).await?;
                    if let Some(note) = note {
                        unit.put_content(circle, id.as_uuid(), Some(author), note, now).await?;
                    }
                }
                Ok::<_, Failure>(added)
            })
            .await?;
        Ok(CopiedWeek { monday: next, added })
    }
}

/// What was in a week, and is not on the next.
struct Missing {
    rows: Vec<(Slot, Task)>,
    notes: Vec<Content>,
}

impl Missing {
    async fn read(
        snapshot: &Snapshot,
        inside: &Inside<'_>,
        monday: Date,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let (zone, circle) = (&inside.circle.zone, inside.circle.id);
        let (from, to) = week_bounds(zone, monday);
        let (next_from, next_to) = week_bounds(zone, monday.saturating_add(1.week()));
        let there = snapshot.slots_between(circle, next_from, next_to).await?;
        let mut rows = Vec::new();
        for slot in snapshot.slots_between(circle, from, to).await? {
            let starts = a_week_later(zone, slot.starts);
            if starts <= now || is_there(&there, slot.kind, starts) {
                continue;
            }
            let task = snapshot.task(slot.task).await?.ok_or(StoreError::NotFound)?;
            if !comes_by_itself(&task, slot.made_for.saturating_add(1.week())) {
                rows.push((slot, task));
            }
        }
        let notes = snapshot.task_notes_between(circle, from, to).await?;
        Ok(Self { rows, notes })
    }

    /// What the copies tell whoever takes them, as far as the reader may let them.
    fn told(&self, inside: &Inside<'_>) -> Disclosure {
        let any = |tells: fn(&Task) -> bool| self.rows.iter().any(|(_, task)| tells(task));
        Disclosure {
            address: any(|task| task.disclosure.address) && inside.may::<Amend>(Category::Address),
            help: any(|task| task.disclosure.help) && inside.may::<Amend>(Category::Help),
            entry: any(|task| task.disclosure.entry) && inside.would::<Amend>(Category::Entry),
        }
    }

    /// The tasks of the week after, with their notes sealed anew where the reader may read and
    /// write them.
    async fn again<'v>(
        self,
        inside: &Inside<'v>,
        told: Disclosure,
    ) -> Result<(Vec<Again>, Option<Permit<'v, Amend>>), Failure> {
        let key = inside.key()?;
        let note_on = |id: Uuid| self.notes.iter().find(|note| note.subject == id);
        let noted =
            |slot: &Slot| note_on(slot.id.as_uuid()).or_else(|| note_on(slot.task.as_uuid()));
        let any = self.rows.iter().any(|(slot, _)| noted(slot).is_some());
        let read = if any && inside.may::<Amend>(Category::Task) {
            inside.permit_if_any::<Disclose>(Category::Task).await?
        } else {
            None
        };
        let write = match read {
            Some(_) => Some(inside.permit::<Amend>(Category::Task).await?),
            None => None,
        };
        let mut again = Vec::new();
        for (slot, task) in &self.rows {
            let words = match &read {
                Some(read) => inside.open(read, &key, noted(slot))?.filter(|note| is_said(note)),
                None => None,
            };
            let note = words.and_then(|words| Note::parse(&words).ok());
            let sealed = match (&write, &note) {
                (Some(write), Some(note)) => {
                    Some(inside.seal(write, &key, Field::TaskNote, note.as_str())?)
                }
                _ => None,
            };
            let zone = &inside.circle.zone;
            let start = zone.local(slot.starts).saturating_add(1.week());
            // By the clock on the wall: a night in which the clocks change is as long as others.
            let lasts = zone.local(slot.starts).duration_until(zone.local(slot.ends));
            let minutes = u16::try_from(lasts.as_mins());
            let times = minutes
                .ok()
                .and_then(|minutes| LocalTimes::new(start.date(), start.time(), minutes).ok());
            let Some(first) = times else { continue };
            let disclosure = Disclosure {
                address: task.disclosure.address && told.address,
                help: task.disclosure.help && told.help,
                entry: task.disclosure.entry && told.entry,
            };
            let Terms { places, if_nobody } = terms_of(slot, task);
            let draft = TaskDraft {
                kind: task.kind,
                first,
                repeat: Repeat::Once,
                places,
                disclosure,
                if_nobody,
                note,
            };
            let starts = a_week_later(zone, slot.starts);
            again.push(Again { draft, starts, note: sealed });
        }
        Ok((again, write))
    }
}

/// The same time on the wall seven days later.
fn a_week_later(zone: &Zone, starts: Timestamp) -> Timestamp {
    zone.instant(zone.local(starts).saturating_add(1.week()))
}

/// Whether there is such a slot already.
fn is_there(there: &[Slot], kind: TaskKind, starts: Timestamp) -> bool {
    there.iter().any(|other| other.kind == kind && other.starts == starts)
}

/// Whether the pattern of a task that comes again has this day, whatever became of it there.
fn comes_by_itself(task: &Task, day: Date) -> bool {
    let days = || task.repeat.days_between(task.first.date(), day, day);
    task.repeat.is_again() && !task.ended && days().next().is_some()
}
