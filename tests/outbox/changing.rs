//! Details of one person that are changed twice at once, and the order in which people were named.

use std::sync::Arc;

use kith_domain::MemberRole;
use kith_tests::{World, both};
use tokio_util::task::TaskTracker;

both! {
    async fn two_changes_of_ones_details_at_once_lose_neither(database) {
        let world = World::at(database, "2026-11-23T09:00:00Z").await;
        let person = world.person(Some("ann@mail.example")).await;
        let store = database.open(Arc::clone(&world.clock)).await;
        let organisation = world.organisation;
        let other = world.write(async |unit| {
            let mut here = unit.person_to_change(person).await?;
            let other = TaskTracker::new().spawn(async move {
                store.transact(organisation, async |unit| {
                    let mut there = unit.person_to_change(person).await?;
                    there.mail.asked = false;
                    unit.put_person(&there).await
                }).await
            });
            if database.is_postgres() {
                world.wait_until_somebody_waits().await;
            }
            here.shares_mailbox = true;
            unit.put_person(&here).await?;
            Ok(other)
        }).await;
        other.await.unwrap().unwrap();
        let changed = world.write(async |unit| unit.person(person).await).await;
        assert!(changed.shares_mailbox && !changed.mail.asked);
    }

    async fn who_is_named_in_the_same_second_stands_in_that_order(database) {
        let world = World::at(database, "2026-11-23T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let mut named = Vec::new();
        for name in ["ann", "ben", "cat", "dan", "eve", "fay"] {
            named.push(world.member(circle, MemberRole::Friend, name).await.place.id);
        }
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        let members = snapshot.members(circle).await.unwrap();
        assert_eq!(members.iter().map(|member| member.id).collect::<Vec<_>>(), named);
        snapshot.end();
    }
}
