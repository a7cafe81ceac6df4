//! Tasks: putting one on the rota, and asking the circle.

use jiff::civil::{Date, DateTime};
use kith_domain::ids::{CircleId, MembershipId, SlotId, TaskId};
use kith_domain::repeat::Times;
use kith_domain::{
    Category, Disclosure, HORIZON_DAYS, IfNobody, LeftOut, LocalTimes, MailKind, Places, Repeat,
    RepeatInput, TaskDraft, TaskInput, TaskKind, TaskProblem, Timestamp, Zone, occurrences,
    reminder,
};
use kith_policy::{Amend, Ask, Disclose, Permit};
use kith_store::{Circle, Claim, StoreError, Task, UnitOfWork};
use kith_vault::Field;

use crate::App;
use crate::about::{About, SealedAbout};
use crate::asking::{Asking, ask_for};
use crate::at_the_door::{DoorKnown, Sealeds};
use crate::consent::{Instead, instead};
use crate::every_time::{EveryTime, every_time};
use crate::failure::{Failure, Problem, What};
use crate::gate::Inside;
use crate::outbox::taken_in::ASKED_LATELY;
use crate::own_date::{is_said, terms_of};
use crate::task_change::ChangeRows;
use crate::visit::{Receipt, Visit};

/// Days ahead within which every slot of a new task is asked for at once.
const ASK_DAYS: i64 = 7;

/// What the form for a task is filled with.
#[expect(clippy::struct_excessive_bools, reason = "each says whether the form has one part")]
#[derive(Clone, Debug)]
pub struct TaskForm {
    /// The circle and the reader.
    pub about: About,
    /// Today in the circle's zone: no task begins earlier.
    pub today: Date,
    /// The task that is changed; none for a new one.
    pub changing: Option<Changing>,
    /// The reader may write a note.
    pub may_note: bool,
    /// The reader may let a task tell the address.
    pub may_tell_address: bool,
    /// The reader may let a task tell who to call.
    pub may_tell_help: bool,
    /// The reader may let a task tell how to get in, once it is sure who asks.
    pub may_tell_entry: bool,
    /// The circle may be asked now.
    pub may_ask: bool,
    /// What is asked now is sent then, because it is night.
    pub sent_at: Option<Timestamp>,
    /// What is written down for whoever comes; for those who may write it.
    pub door: Option<DoorKnown>,
}

/// A task that is on the rota already, by one of its slots.
#[derive(Clone, Debug)]
pub struct Changing {
    /// The slot.
    pub slot: SlotId,
    /// The task.
    pub task: TaskId,
    /// What.
    pub kind: TaskKind,
    /// Whether it comes again.
    pub repeat: Repeat,
    /// How many people it needs.
    pub places: Places,
    /// This one has a note or terms of its own.
    pub own: bool,
    /// How many times it still comes, this one included, where that is counted.
    pub times_left: Option<Times>,
    /// Days on which it does not come, from today on.
    pub left_out: Vec<(Date, Date)>,
    /// What it discloses to whoever takes it.
    pub disclosure: Disclosure,
    /// What follows when nobody takes it.
    pub if_nobody: IfNobody,
    /// Wall-clock start of the slot.
    pub local_start: DateTime,
    /// Wall-clock end of the slot.
    pub local_end: DateTime,
    /// The note, for those who may read it.
    pub note: Option<String>,
    /// First names of others who promised this slot, as far as the reader may see them.
    pub promised: Vec<Option<String>>,
    /// Another time that they are asked about.
    pub instead: Option<Instead>,
    /// Who does the task each time.
    pub every_time: Vec<EveryTime>,
}

/// A task that is on the rota now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskAdded {
    /// Its id.
    pub task: TaskId,
    /// Its first day: the week to show.
    pub date: Date,
    /// It comes again.
    pub again: bool,
}

impl TaskAdded {
    const fn of(task: TaskId, first: LocalTimes, repeat: Repeat) -> Self {
        Self { task, date: first.date(), again: repeat.is_again() }
    }
}

/// Dates and instants of the slots that a task has from `from` on, twelve weeks ahead, and the day
/// up to which that is.
pub(crate) fn dated_slots(
    task: &Task,
    zone: &Zone,
    from: Date,
) -> (Vec<(Date, Timestamp, Timestamp)>, Date) {
    use jiff::ToSpan as _;
    // What begins later than the horizon is on the rota from the day it is asked.
    let to = from.max(task.first.date()).saturating_add(HORIZON_DAYS.days());
    // What was rolled already is left as somebody has changed it since.
    let after = task.rolled_to.and_then(|day| day.tomorrow().ok());
    let from = from.max(task.first.date()).max(after.unwrap_or(Date::MIN));
    let slots = occurrences(task.first, task.repeat, from, to)
        .into_iter()
        .filter(|day| !task.left_out.contains(*day))
        .map(|day| {
            let (starts, ends) = task.first.on(day).instants(zone);
            (day, starts, ends)
        })
        .collect();
    (slots, to)
}

/// What came of asking the circle by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircleAsked {
    /// How many are asked by it, now or an hour after they were.
    pub people: u32,
    /// The day and wall-clock time at which a mail asked for it before, where nobody is asked now for
    /// that.
    pub before: Option<DateTime>,
}

impl App {
    /// The form for a new task, or for the task of `slot`.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot does not stand, and for whoever may not change the rota.
    pub async fn task_form(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: Option<SlotId>,
    ) -> Result<TaskForm, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let rows = match slot {
            Some(slot) => Some(ChangeRows::read(&snapshot, circle, slot).await?),
            None => None,
        };
        let door = Sealeds::read(&snapshot, circle).await?;
        snapshot.end();

        let _: Permit<'_, Amend> = inside.permit(Category::Rota).await?;
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let today = inside.circle.zone.date(visit.now());
        let changing = match rows {
            None => None,
            Some(rows) => {
                let rows = rows.ok_or(Failure::NotHere)?;
                let note = match inside.permit_if_any::<Disclose>(Category::Task).await? {
                    Some(permit) => {
                        inside.open(&permit, &key, rows.note.as_ref())?.filter(|note| is_said(note))
                    }
                    None => None,
                };
                let zone = &inside.circle.zone;
                let claims: Vec<&Claim> = rows.claims.iter().collect();
                let open = rows.open.as_ref();
                Some(Changing {
                    every_time: every_time(
                        &inside,
                        &names,
                        Some(&rows.task),
                        (&rows.standing, &[]),
                    ),
                    instead: open.and_then(|open| instead(&inside, &names, &claims, open)),
                    slot: rows.slot.id,
                    local_start: zone.local(rows.slot.starts),
                    local_end: zone.local(rows.slot.ends),
                    promised: rows.others(&inside).map(|c| names.of(c.membership)).collect(),
                    note,
                    times_left: rows.times_left(),
                    left_out: rows.task.left_out.iter().filter(|(_, to)| *to >= today).collect(),
                    task: rows.task.id,
                    kind: rows.task.kind,
                    repeat: rows.task.repeat,
                    places: terms_of(&rows.slot, &rows.task).places,
                    own: rows.slot.own_places.is_some()
                        || rows.slot.own_if_nobody.is_some()
                        || rows
                            .note
                            .as_ref()
                            .is_some_and(|note| note.subject == rows.slot.id.as_uuid()),
                    disclosure: rows.task.disclosure,
                    if_nobody: rows.slot.if_nobody,
                })
            }
        };
        let now = visit.now();
        let sends = reminder::send_from(MailKind::SomebodyNeeded, now, &inside.circle.zone, None);
        Ok(TaskForm {
            about,
            today,
            changing,
            may_note: inside.may::<Amend>(Category::Task),
            may_tell_address: inside.may::<Amend>(Category::Address),
            may_tell_help: inside.may::<Amend>(Category::Help),
            may_tell_entry: inside.would::<Amend>(Category::Entry),
            may_ask: inside.may::<Ask>(Category::Slot),
            sent_at: Some(sends).filter(|sends| *sends > now),
            door: door.known(&inside),
        })
    }

    /// Puts a task on the rota with its slots of the next twelve weeks. With `ask_now` the circle
    /// is asked for the first of them and for each within seven days.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] with everything that is wrong; [`Failure::StepUp`] when the task tells
    /// how to get in and it is not sure who asks.
    pub async fn add_task(
        &self,
        visit: &Visit,
        circle: CircleId,
        input: &TaskInput<'_>,
        ask_now: bool,
        receipt: Receipt,
    ) -> Result<TaskAdded, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let before = match snapshot.receipt(receipt.0, "add-task").await? {
            Some(outcome) => match outcome.parse::<TaskId>() {
                Ok(id) => snapshot.task(id).await?,
                Err(_) => None,
            },
            None => None,
        };
        snapshot.end();
        let permit = inside.permit::<Amend>(Category::Rota).await?;
        if let Some(task) = before {
            return Ok(TaskAdded::of(task.id, task.first, task.repeat));
        }
        let now = visit.now();
        let today = inside.circle.zone.date(now);
        let repeat = RepeatInput { zone: Some(&inside.circle.zone), ..input.repeat };
        let input = TaskInput { repeat, ..*input };
        let draft = TaskDraft::parse(&input, today).map_err(invalid)?;
        let telling = self.may_tell(&inside, Disclosure::NONE, draft.disclosure).await?;
        let note_permit = match &draft.note {
            Some(_) => Some(inside.permit::<Amend>(Category::Task).await?),
            None => None,
        };
        let note = match (&note_permit, &draft.note) {
            (Some(permit), Some(note)) => {
                Some(inside.seal(permit, &inside.key()?, Field::TaskNote, note.as_str())?)
            }
            _ => None,
        };
        let ask = if ask_now { inside.permit_if_any::<Ask>(Category::Slot).await? } else { None };
        let author = inside.own_place()?.membership;
        let id = TaskId::new(&*self.ids);
        let task = Task {
            id,
            circle,
            kind: draft.kind,
            places: draft.places,
            first: draft.first,
            repeat: draft.repeat,
            left_out: LeftOut::nothing(),
            series: 0,
            disclosure: draft.disclosure,
            if_nobody: draft.if_nobody,
            ended: false,
            rolled_to: None,
            created_by: Some(author),
        };
        let (slots, rolled_to) = dated_slots(&task, &inside.circle.zone, today);
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "add-task", &id.to_string(), now).await?;
                unit.add_task(id, circle, &draft, Some(author), now).await?;
                let added = unit.add_slots(&task, &slots, rolled_to).await?;
                if let (Some(sealed), Some(note_permit)) = (note, &note_permit) {
                    unit.put_content(circle, id.as_uuid(), Some(author), sealed, now).await?;
                    unit.also(&permit, note_permit).await?;
                }
                for further in &telling {
                    unit.also(&permit, further).await?;
                }
                if let Some(ask) = &ask {
                    unit.also(&permit, ask).await?;
                    ask_for_the_next(unit, &inside.circle, author, &added, now).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        Ok(TaskAdded::of(id, draft.first, draft.repeat))
    }

    /// Asks the circle for a slot: everybody who was not asked for it yet since somebody last gave
    /// it back; whoever was asked within the hour, an hour after that. Returns how many those are, and
    /// when they were asked before.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot does not stand, and for whoever may not ask.
    pub async fn ask_circle(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        receipt: Receipt,
    ) -> Result<CircleAsked, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "ask-circle").await?;
        let rows = ChangeRows::read(&snapshot, circle, slot).await?;
        snapshot.end();
        let permit = inside.permit::<Ask>(Category::Slot).await?;
        if let Some(asked) = done {
            return Ok(CircleAsked { people: asked.parse().unwrap_or(0), before: None });
        }
        let rows = rows.ok_or(Failure::NotHere)?;
        let now = visit.now();
        // Whoever asks needs not be asked.
        let but = [inside.own_place()?.membership];
        let round = u32::try_from(rows.claims.len()).unwrap_or(u32::MAX);
        self.store
            .change(&permit, async |unit| {
                let (circle, round) = (&inside.circle, (Asking::ByHand, round));
                let last = unit.last_asked(rows.slot.id, now).await?;
                // What cannot leave has asked nobody.
                let last = last.filter(|_| !inside.mail_is_down());
                let people = ask_for(unit, circle, &rows.slot, &but, now, round).await?;
                unit.keep_receipt(receipt.0, "ask-circle", &people.to_string(), now).await?;
                let waits = unit.asking_waits(rows.slot.id, ASKED_LATELY).await?;
                let before = last.filter(|_| people == 0 || waits);
                Ok(CircleAsked { people, before: before.map(|at| circle.zone.local(at)) })
            })
            .await
    }

    /// The permits for what a task is newly to tell whoever takes it: a person lets others see
    /// only what that person may write down.
    pub(crate) async fn may_tell<'v>(
        &self,
        inside: &Inside<'v>,
        before: Disclosure,
        after: Disclosure,
    ) -> Result<Vec<Permit<'v, Amend>>, Failure> {
        let mut permits = Vec::new();
        if after.address && !before.address {
            permits.push(inside.permit::<Amend>(Category::Address).await?);
        }
        if after.help && !before.help {
            permits.push(inside.permit::<Amend>(Category::Help).await?);
        }
        if after.entry && !before.entry {
            permits.push(inside.permit::<Amend>(Category::Entry).await?);
        }
        Ok(permits)
    }
}

/// Asks for the first of these slots that is still to come, and for each within seven days.
pub(crate) async fn ask_for_the_next(
    unit: &UnitOfWork,
    circle: &Circle,
    asker: MembershipId,
    added: &[SlotId],
    now: Timestamp,
) -> Result<(), StoreError> {
    let soon = now.plus_days(ASK_DAYS);
    let mut first = true;
    for id in added {
        let Some(slot) = unit.slot(*id).await? else { continue };
        if slot.starts <= now {
            continue;
        }
        if !first && slot.starts > soon {
            break;
        }
        first = false;
        ask_for(unit, circle, &slot, &[asker], now, (Asking::Usual, 0)).await?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` passes")]
pub(crate) fn invalid(problems: Vec<TaskProblem>) -> Failure {
    let problem = |problem: &TaskProblem| Problem {
        field: problem.field().as_str(),
        what: What::Task(*problem),
    };
    Failure::Invalid(problems.iter().map(problem).collect())
}
