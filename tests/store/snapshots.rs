//! One view that does not change while it is read.

use kith_domain::{CircleState, MembershipState};
use kith_store::StoreError;
use kith_tests::both;

use crate::world::World;

both! {
    async fn what_is_written_after_the_first_read_is_not_seen(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let (circle, now) = (member.circle, world.now());
        let snapshot = world.read().await;
        let before = snapshot.circle(circle).await.unwrap().unwrap();
        assert_eq!(before.state, CircleState::Active);
        world.write(async |unit| {
            unit.put_circle_state(circle, CircleState::Active, CircleState::Frozen, now).await?;
            unit.put_membership_state(member.id, MembershipState::Active, MembershipState::Left, now).await
        }).await;
        let newcomer = world.friend(circle).await;
        assert_eq!(snapshot.circle(circle).await.unwrap().unwrap().state, CircleState::Active);
        // A table that was not read before the write is of the same moment.
        let members = snapshot.members(circle).await.unwrap();
        assert_eq!(members, [member]);
        snapshot.end();
        let fresh = world.read().await;
        assert_eq!(fresh.circle(circle).await.unwrap().unwrap().state, CircleState::Frozen);
        assert_eq!(fresh.membership(newcomer.id).await.unwrap(), Some(newcomer));
    }

    async fn a_snapshot_does_not_hold_up_a_writer(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let mut snapshots = Vec::new();
        for _ in 0..4 {
            let snapshot = world.read().await;
            snapshot.circle(circle).await.unwrap();
            snapshots.push(snapshot);
        }
        for _ in 0..5 {
            world.person().await;
        }
    }

    async fn an_error_rolls_everything_back(database) {
        let world = World::new(database).await;
        let (circle, now) = (world.circle().await, world.now());
        let failed: Result<(), StoreError> = world.try_write(async |unit| {
            unit.put_circle_state(circle, CircleState::Active, CircleState::Frozen, now).await?;
            Err(StoreError::NotFound)
        }).await;
        assert_eq!(failed, Err(StoreError::NotFound));
        let read = world.read().await.circle(circle).await.unwrap().unwrap();
        assert_eq!(read.state, CircleState::Active);
    }

    async fn a_transaction_reads_what_it_wrote(database) {
        let world = World::new(database).await;
        let (circle, now) = (world.circle().await, world.now());
        let state = world.write(async |unit| {
            unit.put_circle_state(circle, CircleState::Active, CircleState::Paused, now).await?;
            Ok(unit.circle(circle).await?.map(|circle| circle.state))
        }).await;
        assert_eq!(state, Some(CircleState::Paused));
    }
}
