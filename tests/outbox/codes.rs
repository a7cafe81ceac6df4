//! Sign-in codes are made at hand-over and made again on every retry.

use std::sync::Arc;

use kith_app::{CodeAccepted, Delivery};
use kith_domain::ids::SignInId;
use kith_domain::{Clock as _, Ids as _, MailKind, MemberRole};
use kith_mail::{DeliveryError, Reason};
use kith_tests::sink::HandedOver;
use kith_tests::{Sink, World, both};
use kith_vault::{RandomIds, token_hash};
use sea_orm::FromQueryResult;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The six digits of a mail.
pub(crate) fn code(mail: &HandedOver) -> String {
    let text = mail.read().text;
    let line = text.lines().find(|line| {
        let digits: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        digits.len() == 6 && digits.chars().all(|c| c.is_ascii_digit())
    });
    line.unwrap().chars().filter(char::is_ascii_digit).collect()
}

/// The one asking for a code.
async fn asking(world: &World, browser: &str) -> kith_store::SignIn {
    let snapshot = world.store.snapshot(world.organisation).await.unwrap();
    snapshot.sign_in_of(&token_hash(browser)).await.unwrap().unwrap()
}

both! {
    async fn a_code_is_made_again_on_every_retry(database) {
        let world = World::at(database, "2026-11-23T23:00:00Z").await;
        let circle = world.circle("Heron").await;
        world.member(circle, MemberRole::Friend, "ann").await;
        let visit = world.stranger().await;
        let browser = world.app.ask_code(&visit, " Ann@Mail.example ", false).await.unwrap();
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        let delivery = world.delivery(&sink);
        let stop = CancellationToken::new();
        assert_eq!(asking(&world, browser.as_str()).await.code_mac, None, "not made yet");
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        world.clock.advance(120);
        assert_eq!(world.app.deliver_due(&delivery, &stop).await.unwrap().sent, 1);
        let handed = sink.handed();
        let (lost, sent) = (code(&handed[0]), code(&handed[1]));
        assert_eq!(handed[1].to, "ann@mail.example");
        assert_eq!(handed[1].header("Subject"), "Your code for Kith");
        assert_ne!(handed[0].header("Message-ID"), handed[1].header("Message-ID"));
        assert_ne!(handed[0].link(), handed[1].link());
        let asking = asking(&world, browser.as_str()).await;
        let stored = asking.code_mac.unwrap();
        let id = asking.id.as_uuid();
        assert!(world.vault.mac_matches("code", id, &sent, &stored));
        assert!(lost == sent || !world.vault.mac_matches("code", id, &lost, &stored));
        assert_eq!(asking.minted_at, Some(world.clock.now()));
    }

    async fn an_address_that_nobody_has_gets_nothing_and_says_nothing(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let visit = world.stranger().await;
        world.app.ask_code(&visit, "nobody@mail.example", false).await.unwrap();
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        assert_eq!(sink.handed(), []);
        let mail = world.only_mail(MailKind::SignInCode).await;
        assert_eq!(mail.ended(), "cancelled: nobody_there");
    }

    async fn one_mail_goes_to_a_mailbox_that_two_people_share(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        world.person(Some("family@mail.example")).await;
        world.person(Some("Family@mail.example")).await;
        let visit = world.stranger().await;
        world.app.ask_code(&visit, "family@mail.example", false).await.unwrap();
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        assert_eq!(sink.accepted().len(), 1);
    }

    async fn an_asking_that_was_replaced_gets_no_code(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        world.person(Some("ann@mail.example")).await;
        let visit = world.stranger().await;
        let browser = world.app.ask_code(&visit, "ann@mail.example", false).await.unwrap();
        let asked = asking(&world, browser.as_str()).await;
        let (now, again) = (world.clock.now(), SignInId::new(&RandomIds));
        world.write(async |unit| {
            unit.add_sign_in(again, &asked.browser_hash, &asked.email_index, 5, false, now).await
        }).await;
        let delivery = world.delivery(&Sink::open());
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        assert_eq!(world.only_mail(MailKind::SignInCode).await.ended(), "cancelled: superseded");
    }

    async fn no_code_is_in_the_database(database) {
        #[derive(FromQueryResult)]
        struct Frozen { frozen: Option<String> }
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        world.person(Some("ann@mail.example")).await;
        let visit = world.stranger().await;
        world.app.ask_code(&visit, "ann@mail.example", false).await.unwrap();
        let sink = Sink::open();
        sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let beside = database.connect().await;
        let sql = "SELECT frozen FROM outbox";
        let statement = sea_orm::Statement::from_string(beside.get_database_backend(), sql);
        let row = Frozen::find_by_statement(statement).one(&beside).await.unwrap().unwrap();
        assert_eq!(row.frozen.as_deref(), Some(r#"{"mail":"sign_in_code"}"#));
        assert!(code(&sink.handed()[0]).len() == 6);
    }

    async fn a_mail_that_another_worker_holds_by_now_makes_no_code(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.ask(&slot, &friend).await;
        world.clock.advance(1);
        let visit = world.stranger().await;
        let browser = world.app.ask_code(&visit, "ann@mail.example", false).await.unwrap();
        // One connection, which the first mail keeps for longer than the lease of the second.
        let sink = Sink::closed();
        let delivery = Delivery { connections: 1, ..world.delivery(&sink) };
        let app = Arc::clone(&world.app);
        let slow = TaskTracker::new().spawn(async move {
            app.deliver_due(&delivery, &CancellationToken::new()).await
        });
        sink.wait_until_held(1).await;
        world.clock.advance(46);
        let (other, now) = (RandomIds.next(), world.clock.now());
        world.store.take_back_mail(now, false).await.unwrap();
        let theirs = world.store.claim_due_mail(other, now, now.plus_seconds(45), 9).await.unwrap();
        assert_eq!(theirs.len(), 2);
        sink.let_in(9);
        assert_eq!(slow.await.unwrap().unwrap().left, 1);
        let asking = asking(&world, browser.as_str()).await;
        assert_eq!(asking.code_mac, None, "the other worker's code would be void");
    }

    async fn that_others_use_the_computer_is_known_by_the_link_too(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        world.member(circle, MemberRole::Friend, "ann").await;
        let visit = world.stranger().await;
        let browser = world.app.ask_code(&visit, "ann@mail.example", true).await.unwrap();
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let link = sink.accepted()[0].link();
        let (_, token) = link.rsplit_once('/').unwrap();
        let asking = Some(browser.as_str());
        let accepted = world.app.use_sign_in_link(&visit, asking, token).await.unwrap();
        let CodeAccepted::In(cookies) = accepted else { panic!("{accepted:?}") };
        assert!(cookies.shared_computer);
    }

    async fn nobody_is_asked_about_who_left(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        // One who was merged or said no long ago, and one who is in a circle.
        world.person(Some("ann@mail.example")).await;
        let circle = world.circle("Heron").await;
        world.member(circle, MemberRole::Friend, "ann").await;
        world.person(Some("ann@mail.example")).await;
        let visit = world.stranger().await;
        let browser = world.app.ask_code(&visit, "ann@mail.example", false).await.unwrap();
        let sink = Sink::open();
        let delivery = world.delivery(&sink);
        world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let typed = code(&sink.handed()[0]);
        let checked = world.app.check_code(&visit, browser.as_str(), &typed, false).await.unwrap();
        assert!(matches!(checked, CodeAccepted::In(_)), "{checked:?}");
    }
}
