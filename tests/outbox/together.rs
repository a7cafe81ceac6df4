//! Mails that are marked in one commit on SQLite: one that cannot be marked keeps no other back, and
//! none is handed over that is not marked.

use std::collections::BTreeSet;

use kith_domain::MemberRole;
use kith_tests::{Sink, TestDatabase, World};
use tokio_util::sync::CancellationToken;

/// A morning on which a dozen friends are asked for a slot; and which of their mails is the sixth.
async fn asked(database: &TestDatabase) -> (World, String) {
    let world = World::at(database, "2026-11-23T09:00:00Z").await;
    let circle = world.circle("Heron").await;
    let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
    for number in 0..12 {
        let friend = world.member(circle, MemberRole::Friend, &format!("friend{number}")).await;
        world.ask(&slot, &friend).await;
    }
    let sixth = world.mails().await[5].id.simple().to_string();
    (world, sixth)
}

/// Does this when a mail is marked as being sent.
async fn when_marked(world: &World, mail: &str, what: &str) {
    world
        .plant(&format!(
            "CREATE TRIGGER planted AFTER UPDATE OF state ON outbox \
             WHEN NEW.state = 'sending' AND NEW.id = X'{mail}' BEGIN {what}; END"
        ))
        .await;
}

/// Each of those that were handed over was marked, each once, and their rows say so.
async fn agree(world: &World, sink: &Sink, handed: usize) {
    let to: BTreeSet<_> = sink.handed().into_iter().map(|mail| mail.to).collect();
    assert_eq!((sink.handed().len(), to.len()), (handed, handed));
    let mails = world.mails().await;
    let sent: Vec<_> = mails.iter().filter(|mail| mail.ended() == "sent: -").collect();
    assert_eq!(sent.len(), handed);
    assert!(sent.iter().all(|mail| mail.attempts == 1), "{sent:?}");
    assert!(mails.iter().all(|mail| mail.state == "sent" || mail.attempts == 0), "{mails:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ends_the_shared_transaction_waits_and_the_others_leave() {
    let database = TestDatabase::sqlite().await;
    let (world, sixth) = asked(&database).await;
    // As a full disk does.
    when_marked(&world, &sixth, "SELECT RAISE(ROLLBACK, 'planted')").await;
    let sink = Sink::open();
    let (delivery, stop) = (world.delivery(&sink), CancellationToken::new());
    let report = world.app.deliver_due(&delivery, &stop).await.unwrap();
    assert_eq!((report.sent, report.waiting, report.left), (11, 1, 0), "{report:?}");
    agree(&world, &sink, 11).await;
    let mails = world.mails().await;
    let waits = mails.iter().find(|mail| mail.state != "sent").unwrap();
    assert_eq!(waits.ended(), "planned: database");
    world.plant("DROP TRIGGER planted").await;
    world.clock.advance(360);
    assert_eq!(world.app.deliver_due(&delivery, &stop).await.unwrap().sent, 1);
    agree(&world, &sink, 12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_shared_commit_fails_none_of_its_mails_leaves_unmarked() {
    let database = TestDatabase::sqlite().await;
    let (world, sixth) = asked(&database).await;
    world.plant("CREATE TABLE planted_parent (id INTEGER PRIMARY KEY)").await;
    world
        .plant(
            "CREATE TABLE planted_child (parent INTEGER REFERENCES planted_parent (id) \
             DEFERRABLE INITIALLY DEFERRED)",
        )
        .await;
    when_marked(&world, &sixth, "INSERT INTO planted_child VALUES (1)").await;
    let sink = Sink::open();
    let (delivery, stop) = (world.delivery(&sink), CancellationToken::new());
    let report = world.app.deliver_due(&delivery, &stop).await.unwrap();
    assert_eq!(report.sent + report.left, 12, "{report:?}");
    assert!((1..=4).contains(&report.left), "at most one a connection: {report:?}");
    agree(&world, &sink, report.sent.try_into().unwrap()).await;
    world.plant("DROP TRIGGER planted").await;
    // What was told that it failed is still held, until the lease ends.
    world.clock.advance(60);
    assert_eq!(world.app.deliver_due(&delivery, &stop).await.unwrap().sent, report.left);
    agree(&world, &sink, 12).await;
}
