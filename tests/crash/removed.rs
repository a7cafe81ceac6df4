//! A thousand times somebody is taken out while mails to them are on their way out: once that is
//! acknowledged, none begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use kith_app::Delivery;
use kith_domain::ids::{MailId, PersonId};
use kith_domain::{
    CategorySet, Clock as _, GrantBasis, MailReason, MailState, MemberRole, MembershipState,
};
use kith_mail::{Relay as Transport, RelayConfig, Security};
use kith_tests::world::Member;
use kith_tests::{Sink, World, both};
use kith_vault::random_index;
use sea_orm::{DatabaseConnection, FromQueryResult, Statement};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::relay::{Pace, Relay};

/// Batches of mails.
const BATCHES: usize = 50;
/// People in each, every one of whom is taken out while it is sent.
const PEOPLE: usize = 20;

/// What a removal found when it was about to be acknowledged.
struct Removal {
    person: usize,
    /// Their mail was marked as being sent before: it may still arrive.
    was_leaving: bool,
}

/// Somebody, and the mail to them.
#[derive(Clone)]
struct Asked {
    member: Member,
    mail: MailId,
}

both! {
    async fn no_mail_begins_after_a_removal_is_acknowledged(database) {
        let world = Arc::new(World::at(database, "2026-11-23T09:00:00Z").await);
        let beside = database.connect().await;
        let circle = world.circle("Heron").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        let relay = Arc::new(Relay::open(Pace { before: 0..=3, after: 0..=2 }).await);
        let delivery = over_smtp(&world, relay.port());
        let (mut leaving, mut stayed) = (0, 0);
        for batch in 0..BATCHES {
            let mut people = Vec::new();
            for number in 0..PEOPLE {
                let name = format!("friend{batch}x{number}");
                let member = world.member(circle, MemberRole::Friend, &name).await;
                world.ask(&slot, &member).await;
                let mail = mail_to(&beside, member.place.person).await;
                people.push(Asked { member, mail });
            }
            let removals = race(&world, &relay, &delivery, &people).await;
            let offered = relay.offered();
            let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
            for copy in relay.copies() {
                *arrived.entry(copy.to).or_default() += 1;
            }
            assert_eq!(removals.len(), PEOPLE);
            for Removal { person, was_leaving } in removals {
                let address = &people[person].member.address;
                let arrived = arrived.get(address).copied().unwrap_or_default();
                assert_eq!(arrived, usize::from(was_leaving), "{address}");
                let offers = offered.iter().filter(|to| *to == address).count();
                assert_eq!(offers, usize::from(was_leaving), "{address} was offered to the relay");
                if was_leaving { leaving += 1 } else { stayed += 1 }
            }
        }
        let mails = world.mails().await;
        assert_eq!(mails.len(), BATCHES * PEOPLE);
        for mail in &mails {
            let ended = mail.ended();
            assert!(ended == "sent: -" || ended == "cancelled: membership_ended", "{ended}");
        }
        let sent = mails.iter().filter(|mail| mail.state == "sent").count();
        assert_eq!((sent, mails.len() - sent), (leaving, stayed));
        println!("{leaving} were on their way when their person was taken out, {stayed} were not");
        // Otherwise nothing raced.
        assert!(leaving > 0 && stayed > 0, "{leaving} and {stayed}");
    }
}

/// The relay of this test as the program would use it.
fn over_smtp(world: &World, port: u16) -> Delivery {
    let delivery = world.delivery(&Sink::open());
    let config = RelayConfig {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::PlainLoopback,
        hello: "localhost".to_owned(),
        sender: delivery.from.clone(),
        login: None,
        authority: None,
        connections: delivery.connections,
    };
    Delivery { transport: Arc::new(Transport::new(config).expect("a relay")), ..delivery }
}

async fn mail_to(beside: &DatabaseConnection, person: PersonId) -> MailId {
    #[derive(FromQueryResult)]
    struct Key {
        id: Uuid,
    }
    let sql = "SELECT id FROM outbox WHERE person_id = $1";
    let backend = beside.get_database_backend();
    let person = person.as_uuid().into();
    let found = Key::find_by_statement(Statement::from_sql_and_values(backend, sql, [person]));
    MailId::from_uuid(found.one(beside).await.unwrap().expect("there is a mail to them").id)
}

/// Delivers what is due while every member is taken out, each after a number of mails.
async fn race(
    world: &Arc<World>,
    relay: &Arc<Relay>,
    delivery: &Delivery,
    people: &[Asked],
) -> Vec<Removal> {
    let tasks = TaskTracker::new();
    let over = CancellationToken::new();
    let begun = relay.traffic().begun;
    let removals: Vec<_> = (0..people.len())
        .map(|person| {
            let (world, relay, over) = (Arc::clone(world), Arc::clone(relay), over.clone());
            let asked = people[person].clone();
            let after = begun + random_index(people.len());
            tasks.spawn(async move {
                tokio::select! {
                    () = relay.until(|traffic| traffic.begun >= after) => {}
                    () = over.cancelled() => {}
                }
                let was_leaving = take_out(&world, &asked, person % 2 == 0).await;
                Removal { person, was_leaving }
            })
        })
        .collect();
    let stop = CancellationToken::new();
    while world.app.deliver_due(delivery, &stop).await.expect("the database answers").taken > 0 {}
    over.cancel();
    let mut done = Vec::new();
    for removal in removals {
        done.push(removal.await.expect("the removal is acknowledged"));
    }
    // Nothing that is found later leaves either.
    world.app.deliver_due(delivery, &stop).await.expect("the database answers");
    done
}

/// Ends a membership. `cancels` what waits for its person as the use case does; otherwise it is for
/// the worker to find out. Says whether their mail was leaving already.
async fn take_out(world: &World, asked: &Asked, cancels: bool) -> bool {
    let (now, place) = (world.clock.now(), &asked.member.place);
    world
        .write(async |unit| {
            let (from, to) = (MembershipState::Active, MembershipState::Left);
            assert!(unit.put_membership_state(place.id, from, to, now).await?);
            unit.put_grants(place, CategorySet::EMPTY, GrantBasis::OwnConsent, None, now).await?;
            if cancels {
                let reason = MailReason::MembershipEnded;
                unit.cancel_mail_for(place.person, place.circle, reason, now).await?;
            }
            let mail = unit.mail(asked.mail).await?.expect("mails are kept");
            Ok(matches!(mail.state, MailState::Sending | MailState::Sent))
        })
        .await
}
