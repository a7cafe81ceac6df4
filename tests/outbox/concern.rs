//! A coordinator is mailed that there is something to read, by day, as long as there is.

use kith_domain::ids::{ConcernId, PersonId};
use kith_domain::{Clock as _, MailKind, Owner};
use kith_store::{MailSubject, NewConcern, NewMail};
use kith_tests::{HandedOver, Sink, TestDatabase, World, both};
use kith_vault::{Field, Place, RandomIds, Sealed};
use tokio_util::sync::CancellationToken;

/// Somebody told the hospice of a worry at eleven at night.
struct Told {
    world: World,
    amira: PersonId,
    concern: ConcernId,
}

impl Told {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-22T23:00:00Z").await;
        let circle = world.circle("Heron").await;
        let amira = world.person(Some("amira@hospice.example")).await;
        let concern = ConcernId::new(&RandomIds);
        let (owner, now) = (Owner::Organisation(world.organisation), world.clock.now());
        let place = Place { owner, field: Field::ConcernNote, row: concern.as_uuid() };
        // Nobody opens it here.
        let note = Sealed::from_parts(place, 1, vec![1, 2, 3]);
        let new = NewConcern { id: concern, circle, person: amira, note, callback: None };
        let mail = NewMail {
            kind: MailKind::Concern,
            dedupe: "concern".to_owned(),
            subject: MailSubject { person: Some(amira), ..MailSubject::default() },
            detail: "{}".to_owned(),
            due_at: now,
            useful_until: now.plus_days(7),
        };
        world
            .write(async |unit| {
                unit.add_staff(amira, "coordinator", now).await?;
                unit.add_concern(new, now).await?;
                unit.add_mail(&mail, now).await
            })
            .await;
        Self { world, amira, concern }
    }

    async fn sent(&self, now: &str) -> Vec<HandedOver> {
        self.world.now_is(now);
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        sink.accepted()
    }

    async fn ended(&self) -> String {
        self.world.only_mail(MailKind::Concern).await.ended()
    }
}

both! {
    async fn it_waits_for_the_morning_and_says_nothing_of_the_circle(database) {
        let told = Told::new(database).await;
        assert_eq!(told.sent("2026-11-22T23:00:00Z").await, []);
        assert_eq!(told.ended().await, "planned: night");
        let sent = told.sent("2026-11-23T08:00:00Z").await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].to, "amira@hospice.example");
        let mail = sent[0].read();
        assert!(sent[0].link().ends_with("/h/concerns"));
        for part in [&mail.text, &mail.html] {
            assert!(part.contains("There is something new in the private notes"), "{part}");
            for words in ["Heron", "11pm", "Sunday", "worr"] {
                assert!(!part.contains(words), "{words} in {part}");
            }
        }
    }

    async fn what_was_dealt_with_by_then_is_not_told(database) {
        let told = Told::new(database).await;
        let (now, amira) = (told.world.clock.now(), told.amira);
        told.world.write(async |unit| unit.settle_concern(told.concern, amira, now).await).await;
        assert_eq!(told.sent("2026-11-23T08:00:00Z").await, []);
        assert_eq!(told.ended().await, "cancelled: answered");
    }

    async fn whoever_is_no_coordinator_any_more_is_not_told(database) {
        let told = Told::new(database).await;
        told.world.plant("UPDATE staff SET ended_at = 1").await;
        assert_eq!(told.sent("2026-11-23T08:00:00Z").await, []);
        assert_eq!(told.ended().await, "cancelled: membership_ended");
    }
}
