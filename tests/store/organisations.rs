//! Organisations by host, and their staff and keys.

use kith_domain::{Owner, Timestamp};
use kith_store::StoreError;
use kith_tests::both;

use crate::world::World;

both! {
    async fn a_sole_organisation_without_a_host_answers_to_every_host(database) {
        let world = World::new(database).await;
        let found = world.store.organisation_for("anything.example").await.unwrap().unwrap();
        assert_eq!(found.id, world.organisation);
        assert_eq!(found.zone.name(), "Europe/London");
    }

    async fn several_organisations_are_told_apart_by_host(database) {
        let world = World::new(database).await;
        let ash = world.neighbour("Ash.example").await;
        let oak = world.neighbour("oak.example").await;
        let by_host = async |host: &str| {
            world.store.organisation_for(host).await.unwrap().map(|found| found.id)
        };
        assert_eq!(by_host("ash.EXAMPLE").await, Some(ash.organisation));
        assert_eq!(by_host("oak.example").await, Some(oak.organisation));
        assert_eq!(by_host("elm.example").await, None);
        let all = world.store.organisations().await.unwrap();
        assert_eq!(all.len(), 3);
        let name = world.store.organisation(oak.organisation).await.unwrap().name;
        assert_eq!(name, "Fernhill Hospice");
    }

    async fn a_sole_organisation_with_a_host_answers_to_that_host_only(database) {
        let world = World::new(database).await;
        let connection = database.connect().await;
        sea_orm::ConnectionTrait::execute_unprepared(
            &connection, "UPDATE organisation SET host = 'oak.example'",
        ).await.unwrap();
        assert!(world.store.organisation_for("oak.example").await.unwrap().is_some());
        assert!(world.store.organisation_for("elm.example").await.unwrap().is_none());
    }

    async fn two_organisations_cannot_share_a_host(database) {
        let world = World::new(database).await;
        world.neighbour("oak.example").await;
        let id = kith_domain::ids::OrganisationId::from_uuid(crate::world::random());
        let (_, key) = world.vault.new_owner_key(Owner::Organisation(id));
        let mut new = world.store.organisation(world.organisation).await.unwrap();
        (new.id, new.host) = (id, Some("OAK.example".to_owned()));
        let refused: Result<(), StoreError> = world
            .store
            .transact(id, async |unit| {
                unit.add_organisation(&new, &key, Timestamp::from_second(0)).await
            })
            .await;
        assert_eq!(refused, Err(StoreError::Conflict));
    }

    async fn staff_are_staff_of_their_organisation(database) {
        let world = World::new(database).await;
        let (one, other, now) = (world.person().await, world.person().await, world.now());
        world.write(async |unit| unit.add_staff(one, "coordinator", now).await).await;
        let snapshot = world.read().await;
        assert!(snapshot.is_staff(one).await.unwrap());
        assert!(!snapshot.is_staff(other).await.unwrap());
    }

    async fn the_newest_data_key_is_read_until_all_are_destroyed(database) {
        let world = World::new(database).await;
        let owner = Owner::Circle(world.circle().await);
        let first = world.read().await.wrapped_key(owner).await.unwrap();
        let second = kith_vault::WrappedKey { version: 2, bytes: vec![9; 40], ..first.clone() };
        let now = world.now();
        world.write(async |unit| unit.add_data_key(&second, now).await).await;
        assert_eq!(world.read().await.wrapped_key(owner).await.unwrap(), second);
        world.vault.unwrap_key(&first).unwrap();
        assert_eq!(world.write(async |unit| unit.destroy_data_keys(owner).await).await, 2);
        let gone = world.read().await.wrapped_key(owner).await;
        assert_eq!(gone.unwrap_err(), StoreError::NotFound);
    }
}
