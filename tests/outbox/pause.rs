//! A circle that is paused and goes on: whoever has promised something hears of both once, and what
//! was to be told meanwhile is told afterwards.

use kith_app::CircleChange;
use kith_domain::{Clock as _, IfNobody, MailChoice, MailKind, MemberRole, ReminderChoice};
use kith_tests::world::{Browser, Member, link_parts};
use kith_tests::{HandedOver, TestDatabase, both, without_tokens};

use crate::fewer::House;
use crate::gaps::{self, COORDINATOR};

/// Ruth, the carer, pauses the circle and lets it go on.
struct Pausing {
    house: House,
    ruth: Member,
    browser: Browser,
}

impl Pausing {
    async fn new(database: &TestDatabase) -> Self {
        let house = House::new(database).await;
        let ruth = house.world.member(house.circle, MemberRole::Carer, "ruth").await;
        let browser = house.world.signs_in(&ruth).await;
        Self { house, ruth, browser }
    }

    async fn becomes(&self, now: &str, change: CircleChange) {
        let world = &self.house.world;
        world.now_is(now);
        let visit = world.visit(&self.browser).await;
        let circle = self.house.circle;
        world.app.change_circle_state(&visit, circle, change, world.receipt()).await.unwrap();
    }

    async fn promise(&self, date: &str, start: &str, member: &Member) {
        let world = &self.house.world;
        let slot = world.slot(self.house.circle, date, start, 1).await;
        world.promise(&slot, member).await;
    }

    /// To whom, and the heading.
    async fn told(&self, now: &str) -> Vec<String> {
        self.house.sent(now).await.iter().map(line).collect()
    }
}

fn line(mail: &HandedOver) -> String {
    let who = mail.to.split('@').next().unwrap_or_default();
    format!("{who}: {}", mail.read().text.lines().nth(2).unwrap_or_default())
}

const NO_NEED: &str = "ann: No need to come for now";
const GOES_ON: &str = "ann: The circle goes on";

/// The circle is paused while Ann's mails of the day leave, which tell of another circle, and goes on
/// after the last of them.
async fn reminded_by_itself(database: &TestDatabase, reminders: ReminderChoice) {
    let here = Pausing::new(database).await;
    let world = &here.house.world;
    let choice = MailChoice { daily: Some(8), reminders, confirmed: false, ..MailChoice::ORDINARY };
    here.house.choose(choice).await;
    let owl = world.circle("Owl").await;
    let mut also = here.house.ann.clone();
    also.place = world.join(owl, also.place.person).await;
    here.promise("2026-11-24", "14:00", &here.house.ann).await;
    let slot = world.slot(owl, "2026-11-24", "16:00", 1).await;
    world.promise(&slot, &also).await;
    here.becomes("2026-11-23T07:00:00Z", CircleChange::Pause).await;
    here.house.sent("2026-11-23T08:00:00Z").await;
    let digest = here.house.sent("2026-11-24T08:00:00Z").await;
    assert_eq!(digest.len(), 1);
    let text = without_tokens(&digest[0].read().text);
    assert!(text.contains("4pm") && !text.contains("2pm"), "{text}");
    here.becomes("2026-11-24T09:00:00Z", CircleChange::Resume).await;
    assert_eq!(here.told("2026-11-24T09:00:00Z").await, [GOES_ON], "which says it");
    assert_eq!(
        here.told("2026-11-24T12:00:00Z").await,
        ["ann: Your task on Tuesday 24 November at 2pm"]
    );
    assert!(here.told("2026-11-24T14:00:00Z").await.is_empty(), "of the other the day's mail told");
}

both! {
    async fn whoever_promised_hears_once_of_the_pause_and_once_of_its_end(database) {
        let here = Pausing::new(database).await;
        let world = &here.house.world;
        for (date, start) in [("2026-11-25", "14:00"), ("2026-11-24", "10:00"), ("2027-01-12", "09:00")] {
            here.promise(date, start, &here.house.ann).await;
        }
        here.promise("2026-11-26", "10:00", &here.ruth).await;
        world.member(here.house.circle, MemberRole::Friend, "ben").await;
        world.app.plan_reminders().await.unwrap();
        here.becomes("2026-11-22T10:00:00Z", CircleChange::Pause).await;
        let sent = here.house.sent("2026-11-22T10:00:00Z").await;
        assert_eq!(sent.iter().map(line).collect::<Vec<_>>(), [NO_NEED], "not Ruth, who did it");
        assert_eq!(sent[0].header("Subject"), "A change on Tuesday 24 November");
        let text = sent[0].read().text;
        let said = "  Tuesday 24 November, 10am to 11am: Shopping\n  \
                    Wednesday 25 November, 2pm to 3pm: Shopping\n  \
                    Tuesday 12 January, 9am to 10am: Shopping\n  Heron circle\n";
        assert!(text.contains(said), "{text}");
        let (mail, token) = link_parts(&sent[0].link());
        let page = world.app.slot_by_link(&world.stranger().await, mail, &token).await.unwrap();
        assert!(page.paused);
        assert!(here.told("2026-11-24T08:00:00Z").await.is_empty(), "nor reminded");
        here.becomes("2026-11-24T12:00:00Z", CircleChange::Resume).await;
        let sent = here.house.sent("2026-11-24T12:00:00Z").await;
        assert_eq!(sent.iter().map(line).collect::<Vec<_>>(), [GOES_ON]);
        let text = sent[0].read().text;
        assert!(text.contains("Wednesday 25") && !text.contains("Tuesday 24"), "{text}");
        assert!(here.told("2026-11-24T12:10:00Z").await.is_empty());
        assert_eq!(here.told("2026-11-24T18:00:00Z").await, ["ann: Your task on Wednesday 25 November at 2pm"]);
    }

    async fn the_night_is_kept_unless_somebody_would_come_for_nothing(database) {
        let here = Pausing::new(database).await;
        let world = &here.house.world;
        let ben = world.member(here.house.circle, MemberRole::Friend, "ben").await;
        here.promise("2026-11-26", "14:00", &here.house.ann).await;
        here.promise("2026-11-23", "09:00", &ben).await;
        here.becomes("2026-11-22T21:00:00Z", CircleChange::Pause).await;
        assert_eq!(here.told("2026-11-22T21:00:00Z").await, ["ben: No need to come for now"]);
        // Ann has not heard of it, and hears nothing of its end.
        here.becomes("2026-11-22T22:00:00Z", CircleChange::Resume).await;
        assert_eq!(here.told("2026-11-22T22:00:00Z").await, ["ben: The circle goes on"]);
        let told = here.told("2026-11-23T08:00:00Z").await;
        assert!(!told.iter().any(|line| line.starts_with("ann")), "{told:?}");
        // Another pause is another.
        here.becomes("2026-11-23T08:10:00Z", CircleChange::Pause).await;
        let mut told = here.told("2026-11-23T08:10:00Z").await;
        told.sort();
        assert_eq!(told, [NO_NEED, "ben: No need to come for now"]);
    }

    async fn whoever_gave_everything_back_hears_nothing_more(database) {
        let here = Pausing::new(database).await;
        let world = &here.house.world;
        let slot = world.slot(here.house.circle, "2026-11-24", "14:00", 1).await;
        let claim = world.promise(&slot, &here.house.ann).await;
        here.becomes("2026-11-22T10:00:00Z", CircleChange::Pause).await;
        assert_eq!(here.told("2026-11-22T10:00:00Z").await, [NO_NEED]);
        let now = world.clock.now();
        world.write(async |unit| {
            unit.put_claim_state(&claim, kith_domain::ClaimState::Dropped, now).await
        }).await;
        here.becomes("2026-11-22T11:00:00Z", CircleChange::Resume).await;
        assert!(here.told("2026-11-22T11:00:00Z").await.is_empty());
    }

    async fn a_quiet_circle_says_that_something_has_changed(database) {
        let here = Pausing::new(database).await;
        here.promise("2026-11-24", "14:00", &here.house.ann).await;
        let circle = here.house.circle;
        here.house.world.write(async |unit| unit.put_quiet_mail(circle, true).await).await;
        here.becomes("2026-11-22T10:00:00Z", CircleChange::Pause).await;
        let told = here.told("2026-11-22T10:00:00Z").await;
        assert_eq!(told, ["ann: Something has changed on Tuesday 24 November"]);
    }

    async fn one_mail_says_that_it_goes_on_and_what_is_promised(database) {
        let here = Pausing::new(database).await;
        here.promise("2026-11-24", "14:00", &here.house.ann).await;
        here.becomes("2026-11-23T10:00:00Z", CircleChange::Pause).await;
        assert_eq!(here.told("2026-11-23T10:00:00Z").await, [NO_NEED]);
        // The reminder of the evening falls into the pause.
        here.becomes("2026-11-23T19:00:00Z", CircleChange::Resume).await;
        assert_eq!(here.told("2026-11-23T19:00:00Z").await, [GOES_ON]);
        let reminder = ["ann: Your task on Tuesday 24 November at 2pm"];
        assert_eq!(here.told("2026-11-24T12:00:00Z").await, reminder);
        // Whoever had not heard of the pause is not told of its end, and is reminded.
        here.promise("2026-11-26", "14:00", &here.house.ann).await;
        here.becomes("2026-11-25T17:59:00Z", CircleChange::Pause).await;
        here.becomes("2026-11-25T18:01:00Z", CircleChange::Resume).await;
        assert_eq!(here.told("2026-11-25T18:01:00Z").await, ["ann: Your task on Thursday 26 November at 2pm"]);
    }

    async fn whoever_was_to_be_asked_is_asked_when_it_goes_on(database) {
        let here = Pausing::new(database).await;
        let (world, circle) = (&here.house.world, here.house.circle);
        let slot = world.slot(circle, "2026-11-26", "14:00", 1).await;
        let taken = world.slot(circle, "2026-11-27", "14:00", 1).await;
        for slot in [&slot, &taken] {
            world.ask(slot, &here.house.ann).await;
        }
        let asked = async || {
            let visit = world.visit(&here.browser).await;
            let view = world.app.slot_page(&visit, circle, slot.id).await.unwrap().slot;
            (view.asked, view.waiting)
        };
        here.becomes("2026-11-22T09:00:30Z", CircleChange::Pause).await;
        assert!(here.told("2026-11-22T09:01:00Z").await.is_empty());
        assert_eq!(asked().await, (0, 0), "nobody was asked");
        world.promise(&taken, &here.ruth).await;
        here.becomes("2026-11-22T10:00:00Z", CircleChange::Resume).await;
        let sent = here.house.sent("2026-11-22T10:00:00Z").await;
        let sent: Vec<_> = sent.iter().filter(|mail| mail.to.starts_with("ann")).collect();
        assert_eq!(sent.len(), 1);
        assert_eq!(line(sent[0]), "ann: Can you help on Thursday 26 November at 2pm?");
        assert!(!sent[0].read().text.contains("Friday"), "that is taken");
        assert_eq!(asked().await, (1, 1));
    }

    async fn what_the_mail_of_the_day_did_not_say_in_a_pause_is_reminded_of_by_itself(database) {
        Box::pin(reminded_by_itself(database, ReminderChoice::ORDINARY)).await;
    }

    async fn whoever_chose_the_mail_of_the_day_alone_is_reminded_of_it_in_the_ordinary_way(database) {
        Box::pin(reminded_by_itself(database, ReminderChoice::NONE)).await;
    }

    async fn a_mail_of_the_day_that_is_still_to_come_says_it(database) {
        let here = Pausing::new(database).await;
        here.house.choose(MailChoice { daily: Some(8), confirmed: false, ..MailChoice::ORDINARY }).await;
        here.promise("2026-11-24", "14:00", &here.house.ann).await;
        here.promise("2026-11-23", "14:00", &here.house.ann).await;
        assert_eq!(here.told("2026-11-23T08:00:00Z").await, ["ann: Your tasks today and tomorrow"]);
        here.becomes("2026-11-23T10:00:00Z", CircleChange::Pause).await;
        here.told("2026-11-23T10:00:00Z").await;
        here.becomes("2026-11-23T16:00:00Z", CircleChange::Resume).await;
        assert_eq!(here.told("2026-11-23T16:00:00Z").await, [GOES_ON]);
        assert_eq!(here.told("2026-11-24T08:00:00Z").await, ["ann: Your tasks today and tomorrow"]);
        let reminders = here.house.world.mails().await;
        assert!(reminders.iter().all(|mail| mail.kind != MailKind::Reminder.as_str()));
    }

    async fn of_two_reminders_that_fell_into_a_pause_the_last_is_enough(database) {
        let here = Pausing::new(database).await;
        here.promise("2026-11-23", "14:00", &here.house.ann).await;
        here.house.world.app.plan_reminders().await.unwrap();
        here.becomes("2026-11-22T10:00:00Z", CircleChange::Pause).await;
        // No mail has told her of it, nor tells her that it goes on.
        here.becomes("2026-11-23T12:30:00Z", CircleChange::Resume).await;
        let told = here.told("2026-11-23T12:30:00Z").await;
        assert_eq!(told, ["ann: Your task on Monday 23 November at 2pm"]);
    }

    async fn coordinators_hear_after_a_pause_of_what_nobody_has_taken(database) {
        let house = gaps::House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        let eleven = house.another(11, IfNobody::Must).await;
        let world = &house.world;
        let carer = world.member(house.circle, MemberRole::Carer, "rose").await;
        let browser = world.signs_in(&carer).await;
        let becomes = async |now: &str, change| {
            world.now_is(now);
            let visit = world.visit(&browser).await;
            let receipt = world.receipt();
            world.app.change_circle_state(&visit, house.circle, change, receipt).await.unwrap();
        };
        house.sent("2026-11-23T18:00:00Z").await;
        becomes("2026-11-23T18:30:00Z", CircleChange::Pause).await;
        assert!(house.sent("2026-11-23T19:00:00Z").await.is_empty());
        becomes("2026-11-24T08:30:00Z", CircleChange::Resume).await;
        world.promise(&eleven, &house.ann).await;
        let told = async |now: &str| {
            let sent = house.sent(now).await;
            sent.into_iter().filter(|line| line.starts_with("amira")).collect::<Vec<_>>()
        };
        assert!(told("2026-11-24T08:31:00Z").await.is_empty(), "the carers have an hour");
        assert_eq!(told("2026-11-24T09:31:00Z").await, [COORDINATOR]);
        assert!(told("2026-11-24T12:00:00Z").await.is_empty(), "once");
    }
}
