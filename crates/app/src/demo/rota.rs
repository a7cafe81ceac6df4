//! The rota of one circle: the two weeks that are over, this week, and the next.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time};
use kith_domain::ids::TaskId;
use kith_domain::{
    ClaimState, Disclosure, Ends, IfNobody, LocalTimes, Note, Places, Repeat, TaskDraft, Timestamp,
    Zone, occurrences,
};
use kith_store::{Membership, Slot, StoreError, UnitOfWork};
use kith_vault::{Field, Sealed};

use super::pen::Pen;
use super::story::{Looking, Story, Task};
use crate::Failure;

/// Days that the rota begins before today.
const BEFORE: i64 = 14;
/// Days that it goes on after today.
const AFTER: i64 = 13;

/// A task of a story, ready to be stored.
pub(super) struct Planned {
    task: &'static Task,
    id: TaskId,
    draft: TaskDraft,
    note: Option<Sealed>,
}

/// The members of a circle by first name.
pub(super) struct Cast<'c> {
    pub(super) story: &'static Story,
    pub(super) members: &'c [Membership],
    pub(super) zone: &'c Zone,
    pub(super) now: Timestamp,
}

impl Cast<'_> {
    fn member(&self, name: &str) -> Option<&Membership> {
        let position = self.story.people.iter().position(|friend| friend.name == name)?;
        self.members.get(position)
    }

    /// Whoever keeps the rota: the lead carer, or the patient.
    pub(super) fn keeper(&self) -> Option<&Membership> {
        self.members.iter().find(|member| member.lead).or(self.members.first())
    }

    fn today(&self) -> Date {
        self.zone.date(self.now)
    }
}

/// Makes drafts of the tasks and seals their notes.
pub(super) fn plan(
    app: &crate::App,
    cast: &Cast<'_>,
    pen: &Pen<'_>,
) -> Result<Vec<Planned>, Failure> {
    let until = Ends::On(cast.today().saturating_add(AFTER.days()));
    cast.story
        .week
        .iter()
        .map(|task| {
            let first = cast.today().saturating_add((i64::from(task.day) - BEFORE).days());
            let times =
                LocalTimes::new(first, Time::constant(task.at.0, task.at.1, 0, 0), task.minutes)
                    .map_err(|error| Failure::Internal(error.to_string()))?;
            let places = if task.kind.needs_somebody() { Places::ONE } else { Places::NOBODY };
            let note = Note::parse(task.note).ok();
            Ok(Planned {
                task,
                id: TaskId::new(&*app.ids),
                note: note
                    .as_ref()
                    .map(|note| pen.write(Field::TaskNote, note.as_str()))
                    .transpose()?,
                draft: TaskDraft {
                    kind: task.kind,
                    first: times,
                    repeat: Repeat::weekly_on(first, until),
                    places,
                    disclosure: Disclosure { address: task.address, help: false, entry: false },
                    if_nobody: if task.must { IfNobody::Must } else { IfNobody::TellMe },
                    note,
                },
            })
        })
        .collect()
}

/// Stores the tasks, their slots, and who took them.
pub(super) async fn store(
    unit: &UnitOfWork,
    cast: &Cast<'_>,
    planned: Vec<Planned>,
) -> Result<(), StoreError> {
    let Some(keeper) = cast.keeper() else { return Ok(()) };
    let begun = cast.now.plus_days(-BEFORE - 1);
    for Planned { task, id, draft, note } in planned {
        unit.add_task(id, keeper.circle, &draft, Some(keeper.id), begun).await?;
        if let Some(note) = note {
            unit.put_content(keeper.circle, id.as_uuid(), Some(keeper.id), note, begun).await?;
        }
        let last = cast.today().saturating_add(AFTER.days());
        let dates = occurrences(draft.first, draft.repeat, draft.first.date(), last);
        let stored = unit.task(id).await?.ok_or(StoreError::NotFound)?;
        let slots: Vec<_> = dates
            .into_iter()
            .map(|date| {
                let (starts, ends) = draft.first.on(date).instants(cast.zone);
                (date, starts, ends)
            })
            .collect();
        unit.add_slots(&stored, &slots, last).await?;
        for slot in unit.slots_of_task(id, Timestamp::from_second(0)).await? {
            fill(unit, cast, task, &slot).await?;
        }
    }
    Ok(())
}

/// A visit that was not part of a week.
pub(super) async fn visited(
    unit: &UnitOfWork,
    cast: &Cast<'_>,
    id: TaskId,
) -> Result<(), StoreError> {
    let (Some((ago, name)), Some(keeper)) = (cast.story.visited, cast.keeper()) else {
        return Ok(());
    };
    let date = cast.today().saturating_sub(ago.days());
    let Ok(first) = LocalTimes::new(date, Time::constant(14, 0, 0, 0), 60) else { return Ok(()) };
    let draft = TaskDraft {
        kind: kith_domain::TaskKind::Visit,
        first,
        repeat: Repeat::Once,
        places: Places::ONE,
        disclosure: Disclosure::NONE,
        if_nobody: IfNobody::Fine,
        note: None,
    };
    let begun = cast.now.plus_days(-ago - 2);
    unit.add_task(id, keeper.circle, &draft, Some(keeper.id), begun).await?;
    let stored = unit.task(id).await?.ok_or(StoreError::NotFound)?;
    let (starts, ends) = first.instants(cast.zone);
    unit.add_slots(&stored, &[(date, starts, ends)], date).await?;
    for slot in unit.slots_of_task(id, Timestamp::from_second(0)).await? {
        if let Some(member) = cast.member(name) {
            done(unit, member, &slot).await?;
        }
    }
    Ok(())
}

async fn fill(
    unit: &UnitOfWork,
    cast: &Cast<'_>,
    task: &Task,
    slot: &Slot,
) -> Result<(), StoreError> {
    let today = cast.today();
    let this_week = today.saturating_add(6.days());
    let (name, looking) = if slot.date < today {
        (task.before, Looking::No)
    } else if slot.date <= this_week {
        (task.by, task.looking)
    } else {
        (task.after, Looking::No)
    };
    match name.and_then(|name| cast.member(name)) {
        Some(member) if slot.date < today => done(unit, member, slot).await?,
        Some(member) => {
            let taken = cast.now.plus_days(-1);
            let claim = unit.take_place(slot, member.id, member.person, taken).await?;
            // Of what is today, people were reminded yesterday.
            if let Some(claim) = claim.filter(|_| slot.date == today) {
                unit.planned(claim.id).await?;
            }
        }
        None => {}
    }
    match looking {
        Looking::No => {}
        Looking::AskedYesterday => {
            for member in cast.members.iter().filter(|member| member.accepted_at.is_some()).skip(2)
            {
                unit.add_ask(slot, member.id, cast.now.plus_days(-1)).await?;
            }
        }
        Looking::GivenBackBy(name) => {
            if let Some(member) = cast.member(name) {
                given_back(unit, cast, member, slot).await?;
            }
        }
    }
    Ok(())
}

/// Somebody did it.
async fn done(unit: &UnitOfWork, member: &Membership, slot: &Slot) -> Result<(), StoreError> {
    let taken = slot.starts.plus_days(-2);
    if let Some(claim) = unit.take_place(slot, member.id, member.person, taken).await? {
        unit.put_claim_state(&claim, ClaimState::Done, slot.ends).await?;
        unit.planned(claim.id).await?;
    }
    Ok(())
}

/// Somebody took it and gave it back this morning.
async fn given_back(
    unit: &UnitOfWork,
    cast: &Cast<'_>,
    member: &Membership,
    slot: &Slot,
) -> Result<(), StoreError> {
    let early = cast.zone.instant(cast.today().at(7, 10, 0, 0)).min(cast.now);
    let taken = cast.now.plus_days(-2);
    if let Some(claim) = unit.take_place(slot, member.id, member.person, taken).await? {
        unit.put_claim_state(&claim, ClaimState::Dropped, early).await?;
        unit.planned(claim.id).await?;
    }
    Ok(())
}
