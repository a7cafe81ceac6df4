//! What waits until tomorrow behind what somebody was asked for today, and what does not; and that
//! nobody is said to have been asked who waits.

use kith_app::SlotView;
use kith_domain::ids::SlotId;
use kith_domain::{MemberRole, RepeatInput, TaskInput};
use kith_tests::world::Browser;
use kith_tests::{TestDatabase, both};

use crate::fewer::House;

/// Ann was asked this morning for something four weeks ahead; Ruth is the carer.
struct Asked {
    house: House,
    browser: Browser,
}

impl Asked {
    async fn new(database: &TestDatabase) -> Self {
        let house = House::new(database).await;
        let world = &house.world;
        let ruth = world.member(house.circle, MemberRole::Carer, "ruth").await;
        let browser = world.signs_in(&ruth).await;
        let far = world.slot(house.circle, "2026-12-20", "12:00", 1).await;
        world.ask(&far, &house.ann).await;
        let asked = Self { house, browser };
        assert_eq!(asked.sent("2026-11-22T09:00:00Z").await.len(), 1);
        asked
    }

    /// What leaves to Ann.
    async fn sent(&self, now: &str) -> Vec<String> {
        let sent = self.house.sent(now).await;
        let to_ann = sent.iter().filter(|mail| mail.to.starts_with("ann"));
        to_ann.map(|mail| mail.read().text.lines().nth(2).unwrap_or_default().to_owned()).collect()
    }

    async fn seen(&self, slot: SlotId) -> SlotView {
        let world = &self.house.world;
        let visit = world.visit(&self.browser).await;
        world.app.slot_page(&visit, self.house.circle, slot).await.unwrap().slot
    }

    /// Puts a task on the rota by its form, which asks for it.
    async fn puts(&self, date: &str) -> SlotId {
        let world = &self.house.world;
        let visit = world.visit(&self.browser).await;
        let input = TaskInput {
            kind: "shopping",
            date,
            start: "10:00",
            end: "11:00",
            repeat: RepeatInput::default(),
            ..TaskInput::default()
        };
        let circle = self.house.circle;
        let added =
            world.app.add_task(&visit, circle, &input, true, world.receipt()).await.unwrap();
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        let now = kith_domain::Timestamp::from_second(0);
        let slot = snapshot.slots_of_task(added.task, now).await.unwrap()[0].id;
        snapshot.end();
        slot
    }
}

both! {
    async fn what_is_near_waits_behind_nothing(database) {
        let here = Asked::new(database).await;
        here.house.world.now_is("2026-11-22T10:00:00Z");
        let slot = here.puts("2026-11-23").await;
        let seen = here.seen(slot).await;
        assert_eq!((seen.asked, seen.waiting, seen.asked_later), (1, 1, None));
        let sent = here.sent("2026-11-22T10:00:00Z").await;
        assert_eq!(sent, ["Can you help on Monday 23 November at 10am?"]);
        assert_eq!(here.seen(slot).await.waiting, 1);
    }

    async fn the_night_is_kept_whatever_is_near(database) {
        let here = Asked::new(database).await;
        here.house.world.now_is("2026-11-22T21:00:00Z");
        let slot = here.puts("2026-11-23").await;
        let seen = here.seen(slot).await;
        let at = jiff::civil::date(2026, 11, 23).at(8, 0, 0, 0);
        assert_eq!((seen.asked, seen.asked_later), (0, Some((1, at))));
        assert!(here.sent("2026-11-22T21:00:00Z").await.is_empty());
        assert_eq!(here.sent("2026-11-23T08:00:00Z").await, ["Can you help on Monday 23 November at 10am?"]);
    }

    async fn what_is_far_waits_and_it_is_said_until_when(database) {
        let here = Asked::new(database).await;
        here.house.world.now_is("2026-11-22T10:00:00Z");
        let slot = here.puts("2026-11-30").await;
        let at = jiff::civil::date(2026, 11, 23).at(8, 0, 0, 0);
        let waits = (0, 0, Some((1, at)));
        let seen = here.seen(slot).await;
        assert_eq!((seen.asked, seen.waiting, seen.asked_later), waits, "at once");
        assert!(here.sent("2026-11-22T10:00:00Z").await.is_empty());
        let seen = here.seen(slot).await;
        assert_eq!((seen.asked, seen.waiting, seen.asked_later), waits);
        assert_eq!(here.sent("2026-11-23T08:00:00Z").await, ["Can you help on Monday 30 November at 10am?"]);
        assert_eq!(here.seen(slot).await.waiting, 1);
    }

    async fn what_the_carer_asks_for_by_hand_waits_behind_nothing(database) {
        let here = Asked::new(database).await;
        let (world, circle) = (&here.house.world, here.house.circle);
        world.now_is("2026-11-22T10:00:00Z");
        let slot = here.puts("2026-11-30").await;
        assert!(here.sent("2026-11-22T10:00:00Z").await.is_empty());
        let visit = world.visit(&here.browser).await;
        world.app.ask_circle(&visit, circle, slot, world.receipt()).await.unwrap();
        let seen = here.seen(slot).await;
        assert_eq!((seen.asked, seen.waiting, seen.asked_later), (1, 1, None));
        assert_eq!(here.sent("2026-11-22T10:00:05Z").await, ["Can you help on Monday 30 November at 10am?"]);
        assert!(here.sent("2026-11-23T08:00:00Z").await.is_empty(), "and once");
    }
}
