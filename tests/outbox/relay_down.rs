//! A relay that takes nothing costs no mail, and somebody hears of it.

use std::sync::Arc;

use kith_app::Delivery;
use kith_domain::{Clock as _, MailKind, MemberRole};
use kith_mail::{DeliveryError, Reason};
use kith_tests::mail_rows::MailRow;
use kith_tests::{Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

/// A hospice whose mails go to a relay.
struct House {
    world: World,
    sink: Arc<Sink>,
    delivery: Delivery,
}

impl House {
    /// A morning on which `friends` are asked for a slot of the next day.
    async fn asked(database: &TestDatabase, friends: usize) -> Self {
        let world = World::at(database, "2026-11-23T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        for number in 0..friends {
            let friend = world.member(circle, MemberRole::Friend, &format!("friend{number}")).await;
            world.ask(&slot, &friend).await;
        }
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        Self { world, sink, delivery }
    }

    /// Looks at the outbox until nothing is due.
    async fn look(&self) {
        let stop = CancellationToken::new();
        self.world.app.deliver_due(&self.delivery, &stop).await.unwrap();
    }

    /// What is not well after another tick.
    async fn troubles(&self) -> Vec<&'static str> {
        self.world.app.heartbeat(self.delivery.worker).await.unwrap();
        self.world.app.health().await.troubles()
    }

    async fn ended(&self) -> Vec<String> {
        self.world.mails().await.iter().map(MailRow::ended).collect()
    }
}

both! {
    async fn a_relay_that_refuses_every_recipient_fails_no_mail(database) {
        let house = House::asked(database, 12).await;
        let refused = DeliveryError::Refused { code: 554, address: false };
        house.sink.answer([refused; 9]);
        house.look().await;
        let begun = house.sink.handed().len();
        assert!((3..=6).contains(&begun), "three find out, and those under way: {begun}");
        let ended = house.ended().await;
        let failed = ended.iter().filter(|ended| ended.starts_with("failed")).count();
        assert_eq!(failed, 0, "{ended:?}");
        assert_eq!(house.world.app.relay_pause().unwrap().reason, "code 554");
        for _ in begun..9 {
            let until = house.world.app.relay_pause().unwrap().until;
            house.world.clock.set(until);
            house.look().await;
            assert!(house.ended().await.iter().all(|ended| !ended.starts_with("failed")));
        }
        let until = house.world.app.relay_pause().unwrap().until;
        house.world.clock.set(until);
        house.look().await;
        assert_eq!(house.world.app.relay_pause(), None, "one was taken");
        house.world.clock.advance(120);
        house.look().await;
        assert_eq!(house.ended().await, ["sent: -"; 12]);
        assert_eq!(house.sink.accepted().len(), 12);
    }

    async fn recipients_who_are_gone_fail_between_others_who_are_there(database) {
        let house = House::asked(database, 1).await;
        house.look().await;
        let circle = house.world.circle("Wren").await;
        let slot = house.world.slot(circle, "2026-11-24", "16:00", 1).await;
        for number in 0..4 {
            let friend =
                house.world.member(circle, MemberRole::Friend, &format!("gone{number}")).await;
            house.world.ask(&slot, &friend).await;
            house.sink.answer([DeliveryError::Refused { code: 550, address: true }]);
            house.look().await;
            let there =
                house.world.member(circle, MemberRole::Friend, &format!("there{number}")).await;
            house.world.ask(&slot, &there).await;
            house.look().await;
        }
        assert_eq!(house.world.app.relay_pause(), None);
        let ended = house.ended().await;
        let count = |what: &str| ended.iter().filter(|ended| *ended == what).count();
        assert_eq!((count("failed: refused_by_server"), count("sent: -")), (4, 5), "{ended:?}");
    }

    async fn a_relay_that_is_out_of_reach_is_noticed(database) {
        let house = House::asked(database, 1).await;
        assert_eq!(house.troubles().await, Vec::<&str>::new());
        house.sink.answer([DeliveryError::Retry(Reason::Connect); 9]);
        for _ in 0..6 {
            house.look().await;
            house.world.clock.advance(60);
        }
        let mail = house.world.only_mail(MailKind::SomebodyNeeded).await;
        assert!(mail.attempts > 1 && mail.next_at > house.world.clock.now().as_second());
        assert_eq!(house.troubles().await, ["mail"], "each attempt puts it off, and yet");
    }

    async fn one_mailbox_that_is_full_is_no_trouble_of_the_service(database) {
        let house = House::asked(database, 2).await;
        house.sink.answer([DeliveryError::Retry(Reason::Code(452)); 40]);
        for _ in 0..6 {
            house.look().await;
            house.world.clock.advance(60);
        }
        assert_eq!(house.troubles().await, Vec::<&str>::new());
        let house = House::asked(database, 3).await;
        house.sink.answer([DeliveryError::Retry(Reason::Code(452)); 40]);
        for _ in 0..6 {
            house.look().await;
            house.world.clock.advance(60);
        }
        assert_eq!(house.troubles().await, ["mail"], "a relay that puts everybody off is");
    }

    async fn a_relay_that_lets_nobody_in_is_noticed(database) {
        let house = House::asked(database, 1).await;
        house.sink.answer([DeliveryError::RelayDown(Reason::Code(535)); 9]);
        house.look().await;
        assert_eq!(house.troubles().await, Vec::<&str>::new());
        for _ in 0..5 {
            house.world.clock.advance(60);
            house.look().await;
        }
        assert_eq!(house.troubles().await, ["mail", "relay"]);
    }

    async fn what_the_database_refuses_each_time_holds_up_no_other_mail(database) {
        let house = House::asked(database, 3).await;
        let world = &house.world;
        world.clock.advance(1);
        let visit = world.stranger().await;
        world.app.ask_code(&visit, "friend0@mail.example", false).await.unwrap();
        // Asking somebody reads what they may see.
        world.plant("ALTER TABLE disclosure_grant RENAME TO away").await;
        let delivery = Delivery { batch: 3, ..house.delivery.clone() };
        for _ in 0..2 {
            world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        }
        assert_eq!(house.sink.accepted().len(), 1, "the code");
        world.plant("ALTER TABLE away RENAME TO disclosure_grant").await;
        world.clock.advance(75);
        house.look().await;
        assert_eq!(house.ended().await, ["sent: -"; 4]);
    }

    async fn leases_are_times_of_one_clock(database) {
        let house = House::asked(database, 0).await;
        let world = &house.world;
        world.person(Some("ann@mail.example")).await;
        let ours = world.clock.now();
        let delivery = Delivery { compare_clocks: true, ..house.delivery.clone() };
        for (seconds, goes) in [(-60, false), (60, false), (0, true)] {
            // Asked anew: the other clock goes on while this test works.
            let real = world.store.database_now().await.unwrap();
            assert_eq!(real.is_some(), database.is_postgres(), "an embedded one has our clock");
            world.clock.set(real.unwrap_or(ours).plus_seconds(seconds));
            let visit = world.stranger().await;
            world.app.ask_code(&visit, "ann@mail.example", false).await.unwrap();
            let stop = CancellationToken::new();
            let report = world.app.deliver_due(&delivery, &stop).await.unwrap();
            let goes = goes || !database.is_postgres();
            assert_eq!((report.sent > 0, report.paused), (goes, !goes), "{seconds} seconds");
            assert_eq!(house.troubles().await.contains(&"clock"), !goes);
        }
    }
}
