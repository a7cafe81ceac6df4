//! Few mails and no needless ways: one asking a day, one mail a day for whoever wants that, and a
//! word when somebody took over.

use kith_app::{CannotOutcome, TakeOutcome};
use kith_domain::ids::{CircleId, MailId};
use kith_domain::{
    CircleState, ClaimState, Clock as _, MailChoice, MailKind, MailReason, MemberRole,
};
use kith_mail::{DeliveryError, Reason};
use kith_store::{MailSubject, NewMail};
use kith_tests::world::{Member, link_parts};
use kith_tests::{HandedOver, Sink, TestDatabase, World, both, without_tokens};
use tokio_util::sync::CancellationToken;

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) circle: CircleId,
    pub(crate) ann: Member,
}

impl House {
    pub(crate) async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-22T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        Self { world, circle, ann }
    }

    pub(crate) async fn deliver(&self, sink: &std::sync::Arc<Sink>) {
        let delivery = self.world.delivery(sink);
        self.world.app.plan_reminders().await.unwrap();
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
    }

    /// The mails that leave at `now`.
    pub(crate) async fn sent(&self, now: &str) -> Vec<HandedOver> {
        self.world.now_is(now);
        let sink = Sink::open();
        self.deliver(&sink).await;
        sink.accepted()
    }

    pub(crate) async fn choose(&self, choice: MailChoice) {
        let ann = self.ann.place.person;
        self.world.write(async |unit| unit.put_mail_choice(ann, choice).await).await;
    }
}

both! {
    async fn several_askings_are_one_mail_with_one_link(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let mut slots = Vec::new();
        for date in ["2026-11-26", "2026-11-24", "2026-11-27"] {
            let slot = world.slot(house.circle, date, "14:00", 1).await;
            world.ask(&slot, &house.ann).await;
            slots.push(slot);
        }
        let sent = house.sent("2026-11-22T09:00:00Z").await;
        assert_eq!(sent.len(), 1);
        let text = sent[0].read().text;
        assert!(text.contains("Can you help on Tuesday 24 November at 2pm?"), "the first of them first: {text}");
        for words in ["Tuesday 24 November", "Thursday 26 November", "Friday 27 November"] {
            assert!(text.contains(words), "{words} in {text}");
        }
        let (mail, token) = link_parts(&sent[0].link());
        let visit = world.stranger().await;
        let page = world.app.slot_by_link(&visit, mail, &token).await.unwrap();
        assert_eq!(page.also.len(), 2);
        let (other, other_token) = link_parts(&page.also[0].path);
        let receipt = world.app.new_receipt();
        let taken = world.app.take_by_link(&visit, other, &other_token, receipt).await.unwrap();
        assert_eq!(taken, TakeOutcome::Yours);
        let page = world.app.slot_by_link(&visit, mail, &token).await.unwrap();
        assert_eq!(page.also.len(), 1, "what is covered is not asked for");
    }

    async fn a_slot_that_is_asked_for_twice_is_said_once(database) {
        let house = House::new(database).await;
        let world = &house.world;
        for date in ["2026-11-24", "2026-11-26"] {
            let slot = world.slot(house.circle, date, "14:00", 1).await;
            world.ask(&slot, &house.ann).await;
            // Another round of it, as when it was given back.
            let ann = house.ann.place.person;
            world.write(async |unit| {
                let first = unit.newest_mail(ann, MailKind::SomebodyNeeded).await?.unwrap();
                let again = NewMail {
                    kind: first.kind,
                    dedupe: format!("somebody_needed:{}:{}:1", slot.id, house.ann.place.id),
                    subject: MailSubject { slot: Some(slot.id), ..first.subject },
                    detail: "{}".to_owned(),
                    due_at: first.due_at,
                    useful_until: first.useful_until,
                };
                unit.add_mail(&again, world.clock.now()).await
            }).await;
        }
        let sent = house.sent("2026-11-22T09:00:00Z").await;
        assert_eq!(sent.len(), 1);
        let text = sent[0].read().text;
        assert_eq!(text.matches("Also:").count(), 1, "{text}");
        assert_eq!(text.matches("Thursday 26 November").count(), 1, "{text}");
        assert!(house.sent("2026-11-23T09:00:00Z").await.is_empty());
    }

    async fn a_quiet_circle_asks_with_the_day_alone(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let circle = house.circle;
        world.write(async |unit| unit.put_quiet_mail(circle, true).await).await;
        for date in ["2026-11-24", "2026-11-26"] {
            let slot = world.slot(circle, date, "14:00", 1).await;
            world.ask(&slot, &house.ann).await;
        }
        let sent = house.sent("2026-11-22T09:00:00Z").await;
        assert_eq!(sent.len(), 1);
        let mail = sent[0].read();
        let subject = mail.header("Subject").unwrap_or_default().to_owned();
        assert!(mail.text.contains("Tuesday 24 November"), "{}", mail.text);
        for word in ["Heron", "isit", "hopping", "2pm", "14:00"] {
            assert!(!mail.text.contains(word) && !subject.contains(word), "{word}: {}", mail.text);
        }
    }

    async fn the_same_asking_is_the_same_bytes_when_it_is_tried_again(database) {
        let house = House::new(database).await;
        for date in ["2026-11-24", "2026-11-26"] {
            let slot = house.world.slot(house.circle, date, "14:00", 1).await;
            house.world.ask(&slot, &house.ann).await;
        }
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        house.deliver(&sink).await;
        let third = house.world.slot(house.circle, "2026-11-27", "14:00", 1).await;
        house.world.ask(&third, &house.ann).await;
        house.world.now_is("2026-11-22T09:10:00Z");
        house.deliver(&sink).await;
        let handed = sink.handed();
        assert_eq!(handed.len(), 2, "the third waits until tomorrow");
        assert_eq!(handed[0].bytes, handed[1].bytes);
    }

    async fn what_an_asking_took_in_is_asked_when_its_own_slot_is_covered(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let first = world.slot(house.circle, "2026-11-24", "14:00", 1).await;
        world.ask(&first, &house.ann).await;
        let second = world.slot(house.circle, "2026-11-26", "14:00", 1).await;
        world.ask(&second, &house.ann).await;
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        house.deliver(&sink).await;
        let ben = world.member(house.circle, MemberRole::Friend, "ben").await;
        for slot in [&first, &second] {
            if sink.handed()[0].read().text.contains("Also: Thursday") == (slot.id == first.id) {
                world.promise(slot, &ben).await;
            }
        }
        world.now_is("2026-11-22T09:10:00Z");
        house.deliver(&sink).await;
        house.deliver(&sink).await;
        let handed = sink.handed();
        let asked: Vec<_> = handed.iter().filter(|mail| mail.accepted && mail.to.starts_with("ann")).collect();
        assert_eq!(asked.len(), 1, "the one that is still needed");
        assert!(!asked[0].read().text.contains("Also:"));
    }

    async fn what_an_asking_took_in_is_asked_when_its_own_slot_is_off(database) {
        let house = House::new(database).await;
        let world = &house.world;
        for date in ["2026-11-24", "2026-11-26"] {
            let slot = world.slot(house.circle, date, "14:00", 1).await;
            world.ask(&slot, &house.ann).await;
        }
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        house.deliver(&sink).await;
        let tried = world.mails().await.into_iter().find(|mail| mail.attempts == 1);
        let tried = MailId::from_uuid(tried.expect("one was tried").id);
        let now = world.clock.now();
        world.write(async |unit| {
            let slot = unit.mail(tried).await?.and_then(|mail| mail.subject.slot).unwrap();
            unit.cancel_slot(slot).await?;
            unit.cancel_mail_about_slot(slot, MailReason::SlotCancelled, now).await
        }).await;
        let asked = house.sent("2026-11-22T09:10:00Z").await;
        assert_eq!(asked.len(), 1, "the other is asked");
        let asked = asked[0].read().text;
        assert!(!asked.contains("Also:"), "{asked}");
    }

    async fn a_second_asking_waits_until_tomorrow(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let first = world.slot(house.circle, "2026-11-24", "14:00", 1).await;
        world.ask(&first, &house.ann).await;
        assert_eq!(house.sent("2026-11-22T09:00:00Z").await.len(), 1);
        let later = world.slot(house.circle, "2026-11-24", "16:00", 1).await;
        world.ask(&later, &house.ann).await;
        assert_eq!(house.sent("2026-11-22T10:00:00Z").await.len(), 0);
        let ended: Vec<_> = world.mails().await.iter().map(kith_tests::mail_rows::MailRow::ended).collect();
        assert!(ended.contains(&"planned: one_a_day".to_owned()), "{ended:?}");
        assert_eq!(house.sent("2026-11-23T08:00:00Z").await.len(), 1);
    }

    async fn whoever_wants_one_mail_a_day_gets_one(database) {
        let house = House::new(database).await;
        let world = &house.world;
        house.choose(MailChoice { daily: Some(18), confirmed: false, ..MailChoice::ORDINARY }).await;
        let owl = world.circle("Owl").await;
        let mut also = house.ann.clone();
        also.place = world.join(owl, house.ann.place.person).await;
        for (circle, member, start) in
            [(house.circle, &house.ann, "10:00"), (house.circle, &house.ann, "14:00"), (owl, &also, "16:00")]
        {
            let slot = world.slot(circle, "2026-11-24", start, 1).await;
            world.promise(&slot, member).await;
        }
        assert_eq!(house.sent("2026-11-23T17:59:59Z").await.len(), 0);
        world.write(async |unit| unit.put_quiet_mail(owl, true).await).await;
        let sent = house.sent("2026-11-23T18:00:00Z").await;
        assert_eq!(sent.len(), 1);
        let text = sent[0].read().text;
        for words in ["10am to 11am", "2pm to 3pm", "Heron circle", "Tuesday 24 November: something"] {
            assert!(text.contains(words), "{words} in {text}");
        }
        let text = without_tokens(&text);
        assert!(!text.contains("Owl") && !text.contains("4pm"), "quiet: {text}");
        assert_eq!(house.sent("2026-11-24T12:00:00Z").await.len(), 0, "no reminders beside it");
        let mails = world.mails().await;
        assert!(mails.iter().all(|mail| mail.kind == MailKind::Digest.as_str()), "{mails:?}");
    }

    async fn a_mail_of_the_day_says_what_stands_when_it_is_sent(database) {
        let house = House::new(database).await;
        let world = &house.world;
        house.choose(MailChoice { daily: Some(18), confirmed: false, ..MailChoice::ORDINARY }).await;
        let early = world.slot(house.circle, "2026-11-24", "10:00", 1).await;
        let late = world.slot(house.circle, "2026-11-24", "14:00", 1).await;
        let claim = world.promise(&early, &house.ann).await;
        world.promise(&late, &house.ann).await;
        world.now_is("2026-11-23T10:00:00Z");
        world.app.plan_reminders().await.unwrap();
        let now = world.clock.now();
        world.write(async |unit| {
            unit.put_claim_state(&claim, ClaimState::Dropped, now).await
        }).await;
        let text = house.sent("2026-11-23T18:00:00Z").await[0].read().text;
        let text = without_tokens(&text);
        assert!(text.contains("2pm") && !text.contains("10am"), "{text}");
        let circle = house.circle;
        world.write(async |unit| {
            unit.put_circle_state(circle, CircleState::Active, CircleState::Ending, now).await
        }).await;
        assert_eq!(house.sent("2026-11-24T18:00:00Z").await.len(), 0, "nothing of a circle that ended");
    }

    async fn a_mail_of_the_day_that_falls_into_a_pause_comes_when_the_circle_goes_on(database) {
        let house = House::new(database).await;
        let world = &house.world;
        house.choose(MailChoice { daily: Some(8), confirmed: false, ..MailChoice::ORDINARY }).await;
        let slot = world.slot(house.circle, "2026-11-24", "14:00", 1).await;
        world.promise(&slot, &house.ann).await;
        assert_eq!(house.sent("2026-11-23T08:00:00Z").await.len(), 1);
        let circle = house.circle;
        let put = async |at: &str, from, to| {
            world.now_is(at);
            let now = world.clock.now();
            world.write(async |unit| {
                unit.put_circle_state(circle, from, to, now).await?;
                unit.plan_circle_again(circle, now).await
            }).await;
        };
        put("2026-11-24T07:50:00Z", CircleState::Active, CircleState::Paused).await;
        assert_eq!(house.sent("2026-11-24T08:00:00Z").await.len(), 0);
        put("2026-11-24T08:10:00Z", CircleState::Paused, CircleState::Active).await;
        let sent = house.sent("2026-11-24T08:10:00Z").await;
        assert_eq!(sent.len(), 1);
        assert!(sent[0].read().text.contains("2pm"));
    }

    async fn a_mail_of_the_day_that_does_not_arrive_is_seen_in_its_circles(database) {
        let house = House::new(database).await;
        let world = &house.world;
        house.choose(MailChoice { daily: Some(8), confirmed: false, ..MailChoice::ORDINARY }).await;
        let owl = world.circle("Owl").await;
        world.join(owl, house.ann.place.person).await;
        let slot = world.slot(house.circle, "2026-11-23", "14:00", 1).await;
        world.promise(&slot, &house.ann).await;
        world.now_is("2026-11-23T08:00:00Z");
        let sink = Sink::open();
        sink.answer([DeliveryError::Refused { code: 550, address: false }]);
        house.deliver(&sink).await;
        let since = world.clock.now();
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        let seen = snapshot.unsent_mail(house.circle, since, 9).await.unwrap();
        let kinds: Vec<_> = seen.iter().map(|mail| mail.kind).collect();
        assert_eq!(kinds, [MailKind::Digest]);
        let elsewhere = snapshot.unsent_mail(owl, since, 9).await.unwrap();
        assert_eq!(elsewhere, [], "where she promised nothing, nothing is said");
        snapshot.end();
    }

    async fn whoever_is_released_is_told_that_there_is_no_need_to_go(database) {
        let house = House::new(database).await;
        let world = &house.world;
        let slot = world.slot(house.circle, "2026-11-24", "14:00", 1).await;
        world.ask(&slot, &house.ann).await;
        let (mail, token) = link_parts(&house.sent("2026-11-22T09:00:00Z").await[0].link());
        let visit = world.stranger().await;
        let receipt = || world.app.new_receipt();
        world.app.take_by_link(&visit, mail, &token, receipt()).await.unwrap();
        let said = world.app.ask_for_cover_by_link(&visit, mail, &token, receipt()).await.unwrap();
        assert_eq!(said, CannotOutcome::CoverAsked);
        let ben = world.member(house.circle, MemberRole::Friend, "ben").await;
        world.ask(&slot, &ben).await;
        let asked = house.sent("2026-11-22T10:00:00Z").await;
        let to_ben = asked.iter().find(|mail| mail.to.starts_with("ben")).unwrap();
        let (mail, token) = link_parts(&to_ben.link());
        let taken = world.app.take_by_link(&visit, mail, &token, receipt()).await.unwrap();
        assert_eq!(taken, TakeOutcome::Yours);
        let told = house.sent("2026-11-22T11:00:00Z").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].to, "ann@mail.example");
        assert_eq!(told[0].header("Subject"), "A change on Tuesday 24 November");
        let read = told[0].read();
        let text = without_tokens(&read.text);
        assert!(text.contains("no need to go") && !text.contains("ben"), "{text}");
        let part = read.calendar.unwrap();
        assert!(part.contains("METHOD:CANCEL\r\n") && part.contains("SEQUENCE:1\r\n"), "{part}");
    }
    async fn a_carer_who_was_told_that_cover_is_wanted_is_told_that_it_is_settled(database) {
        let house = House::new(database).await;
        let world = &house.world;
        world.member(house.circle, MemberRole::Carer, "ruth").await;
        let slot = world.slot(house.circle, "2026-11-23", "14:00", 1).await;
        world.ask(&slot, &house.ann).await;
        let (mail, token) = link_parts(&house.sent("2026-11-22T09:00:00Z").await[0].link());
        let visit = world.stranger().await;
        let receipt = || world.app.new_receipt();
        let ruths = |sent: Vec<HandedOver>| -> Vec<String> {
            let to_her = sent.iter().filter(|mail| mail.to.starts_with("ruth"));
            to_her.map(|mail| mail.read().text.lines().nth(2).unwrap_or_default().to_owned()).collect()
        };
        world.app.take_by_link(&visit, mail, &token, receipt()).await.unwrap();
        world.app.ask_for_cover_by_link(&visit, mail, &token, receipt()).await.unwrap();
        let told = ruths(house.sent("2026-11-22T09:30:00Z").await);
        assert_eq!(told, ["Monday 23 November at 2pm needs somebody else"]);
        // Ann can make it after all.
        world.app.take_by_link(&visit, mail, &token, receipt()).await.unwrap();
        let told = ruths(house.sent("2026-11-22T10:00:00Z").await);
        assert_eq!(told, ["Somebody will be there on Monday 23 November at 2pm"]);
        // She cannot, and Ben takes it over before anybody was told.
        world.app.ask_for_cover_by_link(&visit, mail, &token, receipt()).await.unwrap();
        let ben = world.member(house.circle, MemberRole::Friend, "ben").await;
        world.ask(&slot, &ben).await;
        let asked = house.sent("2026-11-22T11:00:00Z").await;
        let to_ben = asked.iter().find(|mail| mail.to.starts_with("ben")).unwrap();
        let (mail, token) = link_parts(&to_ben.link());
        let visit = world.stranger().await;
        world.app.take_by_link(&visit, mail, &token, receipt()).await.unwrap();
        let told = ruths(house.sent("2026-11-22T12:00:00Z").await);
        assert_eq!(told, ["Somebody will be there on Monday 23 November at 2pm"]);
    }
}
