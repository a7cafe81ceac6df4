//! What waits until tomorrow behind what somebody was asked for today, and what does not; and that
//! nobody is said to have been asked who waits.

use kith_app::{CannotHow, CannotOutcome, SlotView};
use kith_domain::ids::SlotId;
use kith_domain::{MemberRole, RepeatInput, TaskInput};
use kith_mail::{DeliveryError, Reason};
use kith_store::Slot;
use kith_tests::world::{Browser, Member};
use kith_tests::{Sink, TestDatabase, both};

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

    async fn slot(&self, id: SlotId) -> Slot {
        let world = &self.house.world;
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        let slot = snapshot.slot(id).await.unwrap().unwrap();
        snapshot.end();
        slot
    }

    /// Another friend, and their browser.
    async fn ben(&self) -> (Member, Browser) {
        let ben = self.house.world.member(self.house.circle, MemberRole::Friend, "ben").await;
        let browser = self.house.world.signs_in(&ben).await;
        (ben, browser)
    }

    /// Somebody says yes, and half a minute later that they cannot come after all.
    async fn takes_and_gives_back(&self, browser: &Browser, slot: SlotId) {
        let world = &self.house.world;
        let visit = world.visit(browser).await;
        let circle = self.house.circle;
        world.app.take_slot(&visit, circle, slot, world.receipt()).await.unwrap();
        world.clock.advance(30);
        let visit = world.visit(browser).await;
        let how = CannotHow::GiveBack;
        let came =
            world.app.cannot_make_it(&visit, circle, slot, how, world.receipt()).await.unwrap();
        assert_eq!(came, CannotOutcome::GivenBack);
    }

    /// Puts a task on the rota by its form, which asks for it.
    async fn puts(&self, date: &str) -> SlotId {
        self.puts_at(date, "10:00", "11:00").await
    }

    async fn puts_at(&self, date: &str, start: &str, end: &str) -> SlotId {
        let world = &self.house.world;
        let visit = world.visit(&self.browser).await;
        let input = TaskInput {
            kind: "shopping",
            date,
            start,
            end,
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

    async fn what_is_taken_and_given_back_again_and_again_asks_once_an_hour(database) {
        let here = Asked::new(database).await;
        let world = &here.house.world;
        let (ben, bens) = here.ben().await;
        world.now_is("2026-11-22T11:00:00Z");
        let slot = here.puts("2026-11-24").await;
        let question = "Can you help on Tuesday 24 November at 10am?";
        assert_eq!(here.sent("2026-11-22T11:00:00Z").await, [question]);
        for minutes in [10, 20, 30, 40] {
            world.now_is(&format!("2026-11-22T11:{minutes}:00Z"));
            here.takes_and_gives_back(&bens, slot).await;
            let then = format!("2026-11-22T11:{}:00Z", minutes + 9);
            assert!(here.sent(&then).await.is_empty(), "{then}");
        }
        assert!(here.sent("2026-11-22T11:59:00Z").await.is_empty());
        assert_eq!(here.sent("2026-11-22T12:00:00Z").await, [question], "it is still open");
        // The next hour begins, and ends with nobody to ask as it is taken.
        world.now_is("2026-11-22T12:10:00Z");
        here.takes_and_gives_back(&bens, slot).await;
        world.promise(&here.slot(slot).await, &ben).await;
        assert!(here.sent("2026-11-22T13:05:00Z").await.is_empty());
    }

    async fn what_waits_for_its_hour_is_joined_to_another_asking(database) {
        let here = Asked::new(database).await;
        let world = &here.house.world;
        let (_, bens) = here.ben().await;
        world.now_is("2026-11-22T11:00:00Z");
        let slot = here.puts("2026-11-24").await;
        assert_eq!(here.sent("2026-11-22T11:00:00Z").await.len(), 1);
        world.now_is("2026-11-22T11:10:00Z");
        here.takes_and_gives_back(&bens, slot).await;
        world.now_is("2026-11-22T11:30:00Z");
        here.puts("2026-11-23").await;
        let sent = here.house.sent("2026-11-22T11:30:00Z").await;
        let texts: Vec<_> = sent.iter().filter(|mail| mail.to.starts_with("ann")).collect();
        assert_eq!(texts.len(), 1);
        let text = texts[0].read().text;
        assert!(text.contains("Monday 23 November at 10am"), "{text}");
        assert_eq!(text.matches("Tuesday 24 November").count(), 1, "{text}");
        assert!(here.sent("2026-11-22T12:05:00Z").await.is_empty(), "it was said");
    }

    async fn what_is_about_to_begin_does_not_wait(database) {
        let here = Asked::new(database).await;
        let world = &here.house.world;
        let (ben, _) = here.ben().await;
        world.now_is("2026-11-23T08:50:00Z");
        let slot = here.puts("2026-11-23").await;
        assert_eq!(here.sent("2026-11-23T08:50:00Z").await.len(), 1);
        let claim = world.promise(&here.slot(slot).await, &ben).await;
        world.now_is("2026-11-23T09:10:00Z");
        let now = world.app.now();
        world.write(async |unit| {
            unit.put_claim_state(&claim, kith_domain::ClaimState::CoverWanted, now).await
        }).await;
        let visit = world.visit(&here.browser).await;
        let circle = here.house.circle;
        let came = world.app.ask_circle(&visit, circle, slot, world.receipt()).await.unwrap();
        assert!(came.people > 0);
        assert_eq!(here.sent("2026-11-23T09:10:00Z").await.len(), 1, "an hour later is too late");
    }

    async fn an_hour_that_would_end_in_the_night_is_not_waited_for(database) {
        let here = Asked::new(database).await;
        let world = &here.house.world;
        let (_, bens) = here.ben().await;
        world.now_is("2026-11-22T19:10:00Z");
        let slot = here.puts_at("2026-11-23", "07:30", "08:30").await;
        let question = "Can you help on Monday 23 November at 7.30am?";
        assert_eq!(here.sent("2026-11-22T19:10:00Z").await, [question]);
        world.now_is("2026-11-22T19:20:00Z");
        let visit = world.visit(&bens).await;
        let circle = here.house.circle;
        world.app.take_slot(&visit, circle, slot, world.receipt()).await.unwrap();
        world.now_is("2026-11-22T19:30:00Z");
        let visit = world.visit(&bens).await;
        let how = CannotHow::AskForCover;
        world.app.cannot_make_it(&visit, circle, slot, how, world.receipt()).await.unwrap();
        assert_eq!(here.sent("2026-11-22T19:30:00Z").await, [question], "at 8 in the morning it is over");
    }

    async fn who_asks_by_hand_is_told_when_it_was_asked(database) {
        let here = Asked::new(database).await;
        let (world, circle) = (&here.house.world, here.house.circle);
        let (_, bens) = here.ben().await;
        world.now_is("2026-11-22T10:00:00Z");
        let slot = here.puts("2026-11-30").await;
        let presses = async |now: &str| {
            world.now_is(now);
            let visit = world.visit(&here.browser).await;
            world.app.ask_circle(&visit, circle, slot, world.receipt()).await.unwrap()
        };
        let question = "Can you help on Monday 30 November at 10am?";
        let first = presses("2026-11-22T10:05:00Z").await;
        assert_eq!((first.people, first.before), (1, None), "Ann, who would have waited");
        // Before a mail has left, and after.
        let at = |hour, minute| Some(jiff::civil::date(2026, 11, 22).at(hour, minute, 0, 0));
        let again = presses("2026-11-22T10:05:00Z").await;
        assert_eq!((again.people, again.before), (0, at(10, 5)));
        assert_eq!(here.sent("2026-11-22T10:05:00Z").await, [question]);
        let again = presses("2026-11-22T10:20:00Z").await;
        assert_eq!((again.people, again.before), (0, at(10, 5)));
        // Somebody has given it back: they are asked again, an hour after they were.
        world.now_is("2026-11-22T10:22:00Z");
        here.takes_and_gives_back(&bens, slot).await;
        let again = presses("2026-11-22T10:25:00Z").await;
        assert!(again.people > 0);
        assert_eq!(again.before, at(10, 5));
        assert!(here.sent("2026-11-22T11:04:00Z").await.is_empty());
        assert_eq!(here.sent("2026-11-22T11:05:00Z").await, [question]);
    }

    async fn nobody_is_said_to_be_asked_whose_mail_cannot_leave(database) {
        let here = Asked::new(database).await;
        let world = &here.house.world;
        world.now_is("2026-11-22T10:00:00Z");
        let slot = here.puts("2026-11-23").await;
        let counts = async || {
            let seen = here.seen(slot).await;
            (seen.asked, seen.waiting, seen.asked_tried, seen.asked_later)
        };
        let looks = async |sink: &std::sync::Arc<Sink>| here.house.deliver(sink).await;
        assert_eq!(counts().await, (1, 1, 0, None), "it leaves now");
        // No worker has looked at it.
        world.now_is("2026-11-22T10:05:00Z");
        assert_eq!(counts().await, (0, 0, 1, None));
        // It was tried, and is tried again.
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        looks(&sink).await;
        assert_eq!(counts().await, (0, 0, 1, None));
        world.now_is("2026-11-22T10:10:00Z");
        sink.answer([DeliveryError::RelayDown(Reason::TimedOut)]);
        looks(&sink).await;
        assert_eq!(counts().await, (0, 0, 1, None));
        // So is what is asked while the relay takes nothing.
        let other = here.puts("2026-11-23").await;
        let seen = here.seen(other).await;
        assert_eq!((seen.asked, seen.asked_tried), (0, 1));
        let visit = world.visit(&here.browser).await;
        let circle = here.house.circle;
        let came = world.app.ask_circle(&visit, circle, other, world.receipt()).await.unwrap();
        assert_eq!(came.before, None, "nobody was asked");
        for minute in 40..50 {
            world.now_is(&format!("2026-11-22T10:{minute}:00Z"));
            looks(&sink).await;
        }
        assert_eq!(counts().await, (1, 1, 0, None));
    }
}
