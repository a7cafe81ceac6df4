//! Dates that were taken off and come after all, for whoever does the task each time: they are theirs
//! again and they hear of it; but not what they had said no to, and not what they would not hear of.

use jiff::civil::{Date, date};
use kith_app::{CannotHow, ChangeOutcome, CircleChange, Every, PutBack, TakeOff, Touching};
use kith_store::Membership;
use kith_tests::{TestDatabase, both};

use crate::house::{Sure, just_rota, receipt};
use crate::weekly::Weekly;

impl<'d> Weekly<'d> {
    /// The same of Tom.
    async fn of_tom(database: &'d TestDatabase) -> (Self, Membership) {
        let weekly = Self::new(database).await;
        let tom = weekly.house.friend("Tom", just_rota()).await;
        weekly.each_time(&tom, Every::UntilISay).await;
        (weekly, tom)
    }

    async fn each_time(&self, who: &Membership, every: Every) {
        let visit = self.house.visit(who, Sure::Trusted).await;
        let (house, what) = (&self.house, (&[][..], every, None));
        let took = house.app.take_dates(&visit, house.circle, self.slots[0].id, what, receipt());
        assert!(took.await.unwrap().every);
    }

    /// The carer takes these days off, and has seen whose they are.
    async fn off(&self, from: &str, to: &str) {
        let house = &self.house;
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let send = async |touching| {
            let (slot, days) = (self.slots[0].id, TakeOff::days(from, to).unwrap());
            house.app.take_off_rota(&visit, house.circle, slot, days, touching, receipt()).await
        };
        if let ChangeOutcome::Asks(asks) = send(Touching::default()).await.unwrap() {
            send(Touching { promises: "change", seen: &asks.seen }).await.unwrap();
        }
    }

    async fn back(&self, from: &str, to: &str) -> PutBack {
        let house = &self.house;
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let (slot, days) = (self.slots[0].id, (from, to));
        house.app.put_back(&visit, house.circle, slot, days, receipt()).await.unwrap()
    }

    /// Days of the task on which somebody is still needed.
    async fn free(&self) -> Vec<i8> {
        let slots = self.house.slots(self.slots[0].task).await;
        slots.iter().filter(|slot| slot.needs_somebody()).map(|slot| slot.date.day()).collect()
    }

    /// The same with their months.
    async fn free_days(&self) -> Vec<Date> {
        let slots = self.house.slots(self.slots[0].task).await;
        slots.iter().filter(|slot| slot.needs_somebody()).map(|slot| slot.date).collect()
    }

    /// So many weeks go by, and as many come on the rota.
    async fn weeks_come(&self, weeks: u8) {
        for _ in 0..weeks {
            self.house.clock.advance(7 * 86_400);
            while self.house.app.roll_slots().await.unwrap() > 0 {}
        }
    }

    /// How many mails that wait tell somebody that a date comes after all.
    async fn told(&self, who: &Membership) -> usize {
        let details = self.house.details(who, "told").await;
        details.iter().filter(|detail| detail.contains("comes_after_all")).count()
    }

    async fn circle_becomes(&self, change: CircleChange) {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let (app, circle) = (&self.house.app, self.house.circle);
        app.change_circle_state(&visit, circle, change, receipt()).await.unwrap();
    }
}

both! {
    async fn it_is_theirs_again_and_they_are_told(database) {
        let (weekly, tom) = Weekly::of_tom(database).await;
        let joan = weekly.house.friend("Joan", just_rota()).await;
        weekly.off("2026-03-11", "2026-03-18").await;
        assert_eq!(weekly.house.mails(&tom).await, ["cancelled planned"; 2]);
        // He has read of one, and not yet of the other.
        weekly.off("2026-03-25", "").await;
        weekly.house.mail_was_sent(&tom, "cancelled").await;
        weekly.off("2026-04-01", "").await;
        let back = weekly.back("2026-03-11", "2026-04-01").await;
        assert_eq!(back, PutBack { first: date(2026, 3, 11), each_time: true });
        assert!(weekly.free().await.is_empty());
        assert_eq!(weekly.told(&tom).await, 4);
        let mails = weekly.house.mails(&tom).await;
        assert_eq!(mails[..4], ["cancelled cancelled", "cancelled sent", "cancelled sent",
            "cancelled sent"], "no need to go is not said after it");
        assert!(weekly.house.mails(&joan).await.is_empty());
        // The same mails follow it as any other date: they are planned as it comes near.
        weekly.house.clock.advance(7 * 86_400);
        weekly.house.app.plan_reminders().await.unwrap();
        assert!(weekly.house.mails(&tom).await.contains(&"reminder planned".to_owned()));
        // It is a date like the others: given back by itself, it stays free.
        let slots = weekly.house.slots(weekly.slots[0].task).await;
        let that = slots.iter().find(|slot| slot.date == date(2026, 3, 25)).unwrap();
        let visit = weekly.house.visit(&tom, Sure::Trusted).await;
        let (circle, how) = (weekly.house.circle, CannotHow::GiveBack);
        weekly.house.app.cannot_make_it(&visit, circle, that.id, how, receipt()).await.unwrap();
        assert_eq!(weekly.free().await, [25]);
        assert_eq!(weekly.told(&tom).await, 3, "nothing is said of what is not theirs");
    }

    async fn whoever_had_said_no_is_asked(database) {
        let (weekly, tom) = Weekly::of_tom(database).await;
        let (house, circle) = (&weekly.house, weekly.house.circle);
        let joan = house.friend("Joan", just_rota()).await;
        let visit = house.visit(&tom, Sure::Trusted).await;
        let (id, how) = (weekly.slots[2].id, CannotHow::GiveBack);
        house.app.cannot_make_it(&visit, circle, id, how, receipt()).await.unwrap();
        weekly.off("2026-03-18", "").await;
        let back = weekly.back("2026-03-18", "2026-03-18").await;
        assert_eq!(back, PutBack { first: date(2026, 3, 18), each_time: false });
        assert_eq!(weekly.free().await, [18]);
        assert_eq!(house.mails(&tom).await, ["somebody_needed planned"]);
        assert_eq!(house.mails(&joan).await, ["somebody_needed cancelled"], "nobody else is");
        // He can after all; and then it is his when it is off and on again.
        let anew = house.slots(weekly.slots[0].task).await;
        let anew = anew.iter().find(|slot| slot.date == date(2026, 3, 18)).unwrap().id;
        house.app.take_slot(&visit, circle, anew, receipt()).await.unwrap();
        weekly.off("2026-03-18", "").await;
        assert!(weekly.back("2026-03-18", "2026-03-18").await.each_time);
        assert!(weekly.free().await.is_empty());
    }

    async fn what_somebody_had_said_no_to_is_asked_of_the_circle_as_it_comes_near(database) {
        let (weekly, tom) = Weekly::of_tom(database).await;
        let (house, circle) = (&weekly.house, weekly.house.circle);
        let visit = house.visit(&tom, Sure::Trusted).await;
        let (id, how) = (weekly.slots[2].id, CannotHow::GiveBack);
        house.app.cannot_make_it(&visit, circle, id, how, receipt()).await.unwrap();
        weekly.off("2026-03-18", "").await;
        weekly.back("2026-03-18", "2026-03-18").await;
        let joan = house.friend("Joan", just_rota()).await;
        house.app.plan_reminders().await.unwrap();
        assert!(house.mails(&joan).await.is_empty(), "it is not near yet");
        house.clock.advance(9 * 86_400 + 6 * 3_600);
        house.app.plan_reminders().await.unwrap();
        assert_eq!(house.mails(&joan).await, ["somebody_needed planned"]);
        assert_eq!(weekly.free().await, [18]);
    }

    async fn cover_that_was_wanted_is_a_no(database) {
        let (weekly, tom) = Weekly::of_tom(database).await;
        let (house, circle) = (&weekly.house, weekly.house.circle);
        house.clock.advance(26 * 3_600);
        let visit = house.visit(&tom, Sure::Trusted).await;
        // Tomorrow's, which he cannot give back any more.
        let (id, how) = (weekly.slots[0].id, CannotHow::GiveBack);
        let said = house.app.cannot_make_it(&visit, circle, id, how, receipt()).await.unwrap();
        assert_eq!(said, kith_app::CannotOutcome::CoverAsked);
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let days = ("2026-03-04", "2026-03-04");
        let send = async |touching| {
            house.app.take_off_rota(&carer, circle, id, TakeOff::This, touching, receipt()).await
        };
        let ChangeOutcome::Asks(asks) = send(Touching::default()).await.unwrap() else {
            panic!("it is his until somebody else has it")
        };
        send(Touching { promises: "change", seen: &asks.seen }).await.unwrap();
        let next = weekly.slots[1].id;
        let back = house.app.put_back(&carer, circle, next, days, receipt()).await.unwrap();
        assert!(!back.each_time);
        assert_eq!(weekly.free().await, [4]);
        assert_eq!(weekly.told(&tom).await, 0);
    }

    async fn a_no_to_being_asked_counts_too(database) {
        let weekly = Weekly::new(database).await;
        let (house, circle) = (&weekly.house, weekly.house.circle);
        let tom = house.friend("Tom", just_rota()).await;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        let that = weekly.slots[1].id;
        house.app.ask_circle(&carer, circle, that, receipt()).await.unwrap();
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.no_sorry(&visit, circle, that, receipt()).await.unwrap();
        weekly.off("2026-03-11", "").await;
        weekly.each_time(&tom, Every::UntilISay).await;
        assert!(!weekly.back("2026-03-11", "2026-03-11").await.each_time);
        assert_eq!((weekly.free().await, weekly.told(&tom).await), (vec![11], 0));
        assert!(house.mails(&tom).await.contains(&"somebody_needed planned".to_owned()));
    }

    async fn whom_no_mail_reaches_is_not_taken_to_know(database) {
        let weekly = Weekly::new(database).await;
        let alan = weekly.house.friend_without_mail("Alan", just_rota()).await;
        weekly.each_time(&alan, Every::UntilISay).await;
        weekly.off("2026-03-11", "").await;
        assert!(!weekly.back("2026-03-11", "2026-03-11").await.each_time);
        assert_eq!(weekly.free().await, [11]);
    }

    async fn whoever_puts_it_back_need_not_be_told(database) {
        let weekly = Weekly::new(database).await;
        let carer = weekly.house.carer.clone();
        weekly.each_time(&carer, Every::UntilISay).await;
        weekly.off("2026-03-11", "").await;
        assert!(weekly.back("2026-03-11", "2026-03-11").await.each_time);
        assert!(weekly.free().await.is_empty());
        assert!(weekly.house.mails(&carer).await.is_empty());
    }

    async fn only_what_was_promised_and_not_while_they_are_away(database) {
        let weekly = Weekly::new(database).await;
        let tom = weekly.house.friend("Tom", just_rota()).await;
        weekly.each_time(&tom, Every::Until(date(2026, 3, 25))).await;
        weekly.off("2026-03-11", "2026-04-01").await;
        let visit = weekly.house.visit(&tom, Sure::Trusted).await;
        let away = ("2026-03-17", "2026-03-19");
        weekly.house.app.go_away(&visit, away, false, receipt()).await.unwrap();
        assert!(weekly.back("2026-03-11", "2026-04-01").await.each_time);
        let free = weekly.free().await;
        assert_eq!(free[..2], [18, 1], "{free:?}");
        assert_eq!(weekly.told(&tom).await, 2);
    }

    async fn while_the_circle_rests_it_waits(database) {
        let (weekly, tom) = Weekly::of_tom(database).await;
        weekly.off("2026-03-18", "2026-03-25").await;
        weekly.circle_becomes(CircleChange::Pause).await;
        assert!(!weekly.back("2026-03-18", "2026-03-18").await.each_time);
        assert_eq!((weekly.free().await, weekly.told(&tom).await), (vec![18], 0));
        weekly.circle_becomes(CircleChange::Resume).await;
        assert!(weekly.free().await.is_empty());
        assert_eq!(weekly.told(&tom).await, 1);
    }

    async fn what_somebody_had_said_no_to_is_not_theirs_with_the_next_week(database) {
        let weekly = Weekly::new(database).await;
        let (house, circle) = (&weekly.house, weekly.house.circle);
        let tom = house.friend("Tom", just_rota()).await;
        let carer = house.visit(&house.carer, Sure::Fresh).await;
        // The last date that the rota has.
        let last = weekly.slots.last().unwrap();
        house.app.ask_circle(&carer, circle, last.id, receipt()).await.unwrap();
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.no_sorry(&visit, circle, last.id, receipt()).await.unwrap();
        let day = last.date.to_string();
        weekly.off(&day, "").await;
        weekly.each_time(&tom, Every::UntilISay).await;
        weekly.circle_becomes(CircleChange::Pause).await;
        assert!(!weekly.back(&day, &day).await.each_time);
        weekly.circle_becomes(CircleChange::Resume).await;
        assert_eq!(weekly.free_days().await, [last.date]);
        weekly.weeks_come(2).await;
        assert_eq!(weekly.free_days().await, [last.date], "others are asked for it, and he is");
        assert!(house.mails(&tom).await.contains(&"somebody_needed planned".to_owned()));
        assert_eq!(weekly.told(&tom).await, 0);
        // He can after all, gives it back, and it stays free.
        let slots = house.slots(weekly.slots[0].task).await;
        let that = slots.iter().find(|slot| slot.date == last.date).unwrap().id;
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&visit, circle, that, receipt()).await.unwrap();
        let how = CannotHow::GiveBack;
        house.app.cannot_make_it(&visit, circle, that, how, receipt()).await.unwrap();
        weekly.weeks_come(1).await;
        assert_eq!(weekly.free_days().await, [last.date]);
    }

    async fn what_whoever_reads_no_mail_did_not_hear_of_is_not_theirs_with_the_next_week(database) {
        let weekly = Weekly::new(database).await;
        let alan = weekly.house.friend_without_mail("Alan", just_rota()).await;
        weekly.each_time(&alan, Every::UntilISay).await;
        let last = weekly.slots.last().unwrap().date;
        let next = last.saturating_add(jiff::Span::new().weeks(1));
        weekly.off(&next.to_string(), "").await;
        weekly.weeks_come(2).await;
        assert!(weekly.house.slots(weekly.slots[0].task).await.iter().all(|slot| slot.date != next));
        assert!(!weekly.back(&next.to_string(), &next.to_string()).await.each_time);
        assert_eq!(weekly.free_days().await, [next]);
        weekly.weeks_come(1).await;
        assert_eq!(weekly.free_days().await, [next], "the week after it is his");
    }
}
