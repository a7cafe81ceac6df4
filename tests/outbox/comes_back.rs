//! The mail about a date that was off the rota and comes after all: to whoever does it each time, while
//! it is theirs.

use kith_domain::{ClaimState, Clock as _, MailKind, MemberRole};
use kith_store::{Claim, MailSubject, NewMail};
use kith_tests::{Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

/// Ann is to be told of one.
struct Told {
    world: World,
    claim: Claim,
}

impl Told {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-26", "14:00", 1).await;
        let claim = world.promise(&slot, &ann).await;
        let now = world.clock.now();
        let mail = NewMail {
            kind: MailKind::Told,
            dedupe: "told".to_owned(),
            subject: MailSubject {
                person: Some(ann.place.person),
                circle: Some(circle),
                slot: Some(slot.id),
                claim: Some(claim.id),
                ..MailSubject::default()
            },
            detail: r#"{"told":"comes_after_all"}"#.to_owned(),
            due_at: now,
            useful_until: slot.ends,
        };
        world.write(async |unit| unit.add_mail(&mail, now).await).await;
        Self { world, claim }
    }

    /// Its words, if it is sent, and how it ended.
    async fn sent(&self) -> (Option<String>, String) {
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let said = sink
            .accepted()
            .first()
            .map(|mail| mail.read().text.split_whitespace().collect::<Vec<_>>().join(" "));
        (said, self.world.only_mail(MailKind::Told).await.ended())
    }
}

both! {
    async fn it_says_which_and_what_to_do(database) {
        let (said, ended) = Told::new(database).await.sent().await;
        assert_eq!(ended, "sent: -");
        let said = said.unwrap();
        for words in ["It is on after all on Thursday", "it is yours again", "If you can't make it"] {
            assert!(said.contains(words), "{said}");
        }
    }

    async fn it_is_not_said_of_what_is_theirs_no_more(database) {
        let told = Told::new(database).await;
        let (world, now) = (&told.world, told.world.clock.now());
        world.write(async |unit| {
            unit.put_claim_state(&told.claim, ClaimState::Dropped, now).await
        }).await;
        assert_eq!(told.sent().await, (None, "cancelled: claim_dropped".to_owned()));
    }
}
