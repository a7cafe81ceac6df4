//! What comes again, after a restore: a time that was off is a day that is left out, and can be put
//! back; a task that had ended makes no new dates.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use kith_domain::ids::{CircleId, TaskId};
use kith_domain::{
    Clock as _, Disclosure, EndingKind, Ends, IfNobody, MemberRole, Places, Repeat, SlotState,
    TaskDraft, TaskKind, Timestamp,
};
use kith_store::{Ending, Slot, Task, read_endings};
use kith_tests::clock::local_times;
use kith_tests::{TestDatabase, World, both};
use uuid::Uuid;

/// The copy: shopping comes every Wednesday from 4 March, for twelve weeks so far.
struct Weekly {
    world: World,
    circle: CircleId,
    task: TaskId,
    slots: Vec<Slot>,
}

impl Weekly {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-03-02T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let (kind, first) = (TaskKind::Shopping, local_times("2026-03-04", "10:00"));
        let draft = TaskDraft {
            kind,
            first,
            repeat: Repeat::weekly_on(first.date(), Ends::Never),
            places: Places::new(1, kind).unwrap(),
            disclosure: Disclosure::NONE,
            if_nobody: IfNobody::TellMe,
            note: None,
        };
        let task = world.task(circle, &draft).await;
        while world.app.roll_slots().await.unwrap() > 0 {}
        let mut weekly = Self { world, circle, task, slots: Vec::new() };
        weekly.slots = weekly.standing().await;
        weekly
    }

    async fn standing(&self) -> Vec<Slot> {
        let read = self.world.store.snapshot(self.world.organisation).await.unwrap();
        read.slots_of_task(self.task, Timestamp::from_second(0)).await.unwrap()
    }

    async fn days(&self) -> Vec<Date> {
        self.standing().await.iter().map(|slot| slot.date).collect()
    }

    async fn task(&self) -> Task {
        let read = self.world.store.snapshot(self.world.organisation).await.unwrap();
        read.task(self.task).await.unwrap().unwrap()
    }

    async fn left_out(&self) -> Vec<Date> {
        self.task().await.left_out.iter().map(|(from, _)| from).collect()
    }

    fn ended(&self, what: EndingKind, id: Uuid, more: Option<&str>) -> Ending {
        let (at, organisation) = (self.world.clock.now(), self.world.organisation);
        Ending { at, organisation, what, id, more: more.map(str::to_owned) }
    }

    fn is_off(&self, slot: &Slot) -> Ending {
        self.ended(EndingKind::Slot, slot.id.as_uuid(), None)
    }

    fn goes_on(&self, word: &str) -> Ending {
        self.ended(EndingKind::Task, self.task.as_uuid(), Some(word))
    }

    /// What ended since the copy ends again.
    async fn restored(&self, endings: &[Ending]) -> u32 {
        let now = self.world.clock.now();
        kith_app::after_restore(&self.world.store, endings, now).await.unwrap().ended_again
    }

    async fn weeks_go_by(&self, weeks: u32) {
        for _ in 0..weeks {
            self.world.clock.advance(7 * 86_400);
            while self.world.app.roll_slots().await.unwrap() > 0 {}
        }
    }

    /// The words about this task in the file of endings.
    fn words(&self, database: &TestDatabase) -> Vec<String> {
        let endings = read_endings(database.settings().endings.as_ref().unwrap()).unwrap().endings;
        let of_task = |one: &Ending| one.what == EndingKind::Task && one.id == self.task.as_uuid();
        endings.into_iter().filter(of_task).filter_map(|one| one.more).collect()
    }
}

both! {
    async fn a_time_that_was_off_can_be_put_back(database) {
        let weekly = Weekly::new(database).await;
        // Before the copy was made, one had been moved.
        let moved = weekly.slots[1].clone();
        let then = moved.starts.plus_days(2);
        weekly.world.write(async |unit| {
            unit.move_slot(&moved, date(2026, 3, 13), then, then.plus_hours(1)).await
        }).await;
        let off = [&weekly.slots[1], &weekly.slots[3]].map(|slot| weekly.is_off(slot));
        assert_eq!(weekly.restored(&off).await, 2);
        assert_eq!(weekly.left_out().await, [date(2026, 3, 11), date(2026, 3, 25)]);
        assert_eq!(weekly.restored(&off).await, 0);
        weekly.weeks_go_by(1).await;
        let days = weekly.days().await;
        assert!(!days.contains(&date(2026, 3, 13)) && !days.contains(&date(2026, 3, 25)));
        let ruth = weekly.world.member(weekly.circle, MemberRole::Carer, "ruth").await;
        let ruth = weekly.world.signs_in(&ruth).await;
        let visit = weekly.world.visit(&ruth).await;
        let (app, form) = (&weekly.world.app, weekly.world.receipt());
        let (slot, days) = (weekly.slots[2].id, ("2026-03-11", "2026-03-25"));
        let back = app.put_back(&visit, weekly.circle, slot, days, form).await.unwrap();
        assert_eq!(back.first, date(2026, 3, 11));
        assert!(weekly.left_out().await.is_empty());
        let expected = [4, 11, 18, 25].map(|day| date(2026, 3, day));
        assert_eq!(weekly.days().await[..4], expected);
        let ids: BTreeSet<_> = weekly.standing().await.into_iter().map(|slot| slot.id).collect();
        assert!(!ids.contains(&moved.id), "what was off stays off");
    }

    async fn a_time_that_had_come_back_before_the_copy_is_not_left_out(database) {
        let weekly = Weekly::new(database).await;
        let (was, task) = (weekly.slots[2].clone(), weekly.task().await);
        weekly.world.write(async |unit| {
            unit.cancel_slot(was.id).await?;
            unit.set_aside(&task, was.made_for).await?;
            unit.add_slots(&task, &[(was.made_for, was.starts, was.ends)], was.made_for).await
        }).await;
        assert_eq!(weekly.restored(&[weekly.is_off(&was)]).await, 0);
        assert!(weekly.left_out().await.is_empty());
        assert_eq!(weekly.days().await.len(), weekly.slots.len());
    }

    async fn a_task_that_had_ended_makes_no_new_dates(database) {
        let weekly = Weekly::new(database).await;
        // In whatever order they are written.
        let mut ended = vec![weekly.goes_on("off")];
        ended.extend(weekly.slots[3..].iter().map(|slot| weekly.is_off(slot)));
        let times = u32::try_from(ended.len()).unwrap();
        assert_eq!(weekly.restored(&ended).await, times);
        assert_eq!(weekly.task().await.last_day(), Some(date(2026, 3, 18)));
        assert!(weekly.left_out().await.is_empty(), "what is after its end is not left out");
        assert_eq!(weekly.restored(&ended).await, 0);
        weekly.weeks_go_by(20).await;
        assert_eq!(weekly.days().await, [4, 11, 18].map(|day| date(2026, 3, day)));
    }

    async fn a_task_of_which_nothing_is_to_come_is_over(database) {
        let weekly = Weekly::new(database).await;
        weekly.world.clock.advance(3 * 86_400);
        let mut ended: Vec<_> = weekly.slots[1..].iter().map(|slot| weekly.is_off(slot)).collect();
        ended.push(weekly.goes_on("off"));
        weekly.restored(&ended).await;
        assert!(weekly.task().await.ended);
        weekly.weeks_go_by(20).await;
        assert_eq!(weekly.days().await, [date(2026, 3, 4)]);
        assert_eq!(weekly.restored(&ended).await, 0);
    }

    async fn a_task_that_was_taken_up_again_goes_on(database) {
        let weekly = Weekly::new(database).await;
        let ended = weekly.goes_on("off");
        weekly.world.clock.advance(3_600);
        let mut all = vec![weekly.goes_on("on"), ended];
        all.extend(weekly.slots[3..].iter().map(|slot| weekly.is_off(slot)));
        weekly.restored(&all).await;
        let task = weekly.task().await;
        assert_eq!((task.last_day(), task.ended), (None, false));
        assert_eq!(weekly.left_out().await.len(), weekly.slots.len() - 3);
        weekly.weeks_go_by(6).await;
        assert_eq!(weekly.days().await.last(), Some(&date(2026, 7, 1)));
    }

    async fn what_ends_and_goes_on_is_in_the_file(database) {
        let weekly = Weekly::new(database).await;
        let first = weekly.task().await.first;
        let repeat = |ends| Repeat::weekly_on(date(2026, 3, 4), ends);
        let days = async |ends| {
            let was = weekly.task().await;
            weekly.world.write(async |unit| unit.put_task_days(&was, first, repeat(ends)).await).await;
        };
        let reach = async |to| {
            let was = weekly.task().await;
            weekly.world.write(async |unit| unit.add_slots(&was, &[], to).await).await;
        };
        // Other days of what has no end are no ending.
        days(Ends::Never).await;
        assert!(!database.settings().endings.as_ref().unwrap().exists());
        reach(date(2026, 5, 25)).await;
        let was = weekly.task().await;
        weekly.world.write(async |unit| unit.end_task(&was, Some(date(2026, 3, 18))).await).await;
        assert_eq!(weekly.words(database), ["off"]);
        days(Ends::Never).await;
        assert_eq!(weekly.words(database), ["off", "on"]);
        // Until a day that the rota has reached, and until one that it has not.
        reach(date(2026, 5, 25)).await;
        days(Ends::On(date(2026, 4, 1))).await;
        assert_eq!(weekly.words(database), ["off", "on", "off"]);
        reach(date(2026, 5, 25)).await;
        days(Ends::On(date(2026, 12, 24))).await;
        assert_eq!(weekly.words(database), ["off", "on", "off", "on"]);
        let was = weekly.task().await;
        weekly.world.write(async |unit| unit.end_task(&was, None).await).await;
        assert_eq!(weekly.words(database).len(), 5);
        assert_eq!(weekly.standing().await[0].state, SlotState::Open);
    }
}
