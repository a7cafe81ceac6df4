//! What nobody has taken is told in one mail, and nothing of it is lost by that.

use kith_domain::{Clock as _, IfNobody, MailKind};
use kith_mail::{DeliveryError, Reason};
use kith_tests::world::link_parts;
use kith_tests::{Sink, both};
use tokio_util::sync::CancellationToken;

use crate::gaps::{COORDINATOR, House, NOBODY};

const ELEVEN: &str = "ruth@mail.example: Nobody yet for Tuesday 24 November at 11am";

both! {
    async fn the_carer_reads_of_a_day_in_one_mail(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.another(11, IfNobody::TellMe).await;
        house.another(9, IfNobody::Fine).await;
        let world = &house.world;
        world.now_is("2026-11-23T18:00:00Z");
        world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let sent = sink.accepted();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].header("Subject"), "Please look at Tuesday 24 November");
        let mail = sent[0].read();
        let said = "Nobody yet for Tuesday 24 November at 11am, and one more\n\n\
                    Nobody has taken these tasks so far. You could ring somebody.\n\n  \
                    Tuesday 24 November, 11am to noon: A visit\n  \
                    Tuesday 24 November, 2pm to 3pm: A visit. Somebody has to come.\n  \
                    Heron circle\n";
        assert!(mail.text.contains(said), "{}", mail.text);
        let (mail, token) = link_parts(&sent[0].link());
        let page = world.app.slot_by_link(&world.stranger().await, mail, &token).await.unwrap();
        assert_eq!(page.also.len(), 1, "and behind the link");
        assert!(house.sent("2026-11-23T18:30:00Z").await.is_empty(), "once");
    }

    async fn a_quiet_circle_hears_of_the_day_in_one_mail(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        house.another(11, IfNobody::TellMe).await;
        house.world.plant("UPDATE circle SET quiet_mail = TRUE").await;
        let sent = house.sent("2026-11-23T18:00:00Z").await;
        assert_eq!(sent, ["ruth@mail.example: Please look at Tuesday 24 November"]);
    }

    async fn what_is_taken_before_it_leaves_is_not_said_and_is_told_when_it_is_given_back(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        let eleven = house.another(11, IfNobody::TellMe).await;
        let world = &house.world;
        world.now_is("2026-11-23T18:00:00Z");
        world.app.plan_reminders().await.unwrap();
        let claim = world.promise(&eleven, &house.ann).await;
        let told = |sent: Vec<String>| -> Vec<String> {
            sent.into_iter().filter(|line| line.starts_with("ruth")).collect()
        };
        assert_eq!(told(house.sent("2026-11-23T18:00:00Z").await), [NOBODY]);
        house.give_back(&claim).await;
        assert_eq!(told(house.sent("2026-11-23T18:30:00Z").await), [ELEVEN]);
    }

    async fn what_it_said_too_is_told_when_its_own_slot_is_taken(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        let eleven = house.another(11, IfNobody::TellMe).await;
        let world = &house.world;
        world.now_is("2026-11-23T18:00:00Z");
        world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        assert!(sink.handed()[0].read().text.contains("11am, and one more"));
        world.promise(&eleven, &house.ann).await;
        house.sent("2026-11-23T18:05:00Z").await;
        let sent = house.sent("2026-11-23T18:10:00Z").await;
        let all = world.mails().await;
        let said = |ended: &str| {
            let of = all.iter().filter(|mail| mail.kind == MailKind::NobodyYet.as_str());
            of.filter(|mail| mail.ended() == ended).count()
        };
        assert_eq!((said("cancelled: slot_covered"), said("sent: -")), (1, 1), "{sent:?} {all:?}");
    }

    async fn when_it_comes_too_late_each_is_seen_to_be_missing(database) {
        let house = House::new(database, IfNobody::TellMe).await;
        house.another(11, IfNobody::TellMe).await;
        let world = &house.world;
        world.now_is("2026-11-23T18:00:00Z");
        let since = world.clock.now();
        world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        house.sent("2026-11-24T13:50:00Z").await;
        house.sent("2026-11-24T13:51:00Z").await;
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        let seen = snapshot.unsent_mail(house.circle, since, 9).await.unwrap();
        assert_eq!(seen.len(), 2, "{seen:?}");
        snapshot.end();
    }

    async fn of_what_is_given_back_after_a_coordinators_mail_they_are_told(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        let eleven = house.another(11, IfNobody::Must).await;
        let world = &house.world;
        house.sent("2026-11-23T18:00:00Z").await;
        let claim = world.promise(&eleven, &house.ann).await;
        let told = |sent: Vec<String>| -> Vec<String> {
            sent.into_iter().filter(|line| line.starts_with("amira")).collect()
        };
        assert_eq!(told(house.sent("2026-11-23T19:00:00Z").await), [COORDINATOR]);
        house.give_back(&claim).await;
        house.sent("2026-11-23T19:05:00Z").await;
        assert_eq!(told(house.sent("2026-11-24T08:00:00Z").await), [COORDINATOR]);
    }

    async fn a_second_mail_to_a_coordinator_comes_within_the_hour_rather_than_too_late(database) {
        let house = House::new(database, IfNobody::Must).await;
        house.coordinator().await;
        house.sent("2026-11-23T18:00:00Z").await;
        let told = |sent: Vec<String>| -> Vec<String> {
            sent.into_iter().filter(|line| line.starts_with("amira")).collect()
        };
        assert_eq!(told(house.sent("2026-11-24T08:00:00Z").await), [COORDINATOR]);
        house.another(9, IfNobody::Must).await;
        for now in ["2026-11-24T08:05:00Z", "2026-11-24T08:20:00Z"] {
            assert!(told(house.sent(now).await).is_empty(), "after the carer");
        }
        assert_eq!(told(house.sent("2026-11-24T08:32:00Z").await), [COORDINATOR]);
    }
}
