//! Sealed texts as versions.

use kith_domain::Owner;
use kith_domain::ids::{CircleId, MembershipId};
use kith_tests::both;
use kith_vault::{Field, Place, Sealed};
use uuid::Uuid;

use crate::world::{World, random};

fn sealed(circle: CircleId, field: Field, byte: u8) -> Sealed {
    let place = Place { owner: Owner::Circle(circle), field, row: random() };
    Sealed::from_parts(place, 1, vec![byte; 40])
}

async fn put(world: &World, text: Sealed, subject: Uuid, author: Option<MembershipId>) -> Sealed {
    let Owner::Circle(circle) = text.place().owner else { unreachable!("texts are of circles") };
    let (kept, now) = (text.clone(), world.now());
    world.write(async |unit| unit.put_content(circle, subject, author, text, now).await).await;
    kept
}

both! {
    async fn the_newest_version_is_read_and_the_old_ones_stay(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let circle = member.circle;
        let subject = circle.as_uuid();
        put(&world, sealed(circle, Field::Address, 1), subject, None).await;
        let newest = put(&world, sealed(circle, Field::Address, 2), subject, Some(member.id)).await;
        let read = world.read().await.content(circle, Field::Address, subject).await;
        let read = read.unwrap().unwrap();
        assert_eq!((read.sealed, read.author, read.at), (newest, Some(member.id), world.now()));
        let erase = async |field| {
            world.write(async |unit| unit.erase_content(circle, field, subject).await).await
        };
        assert_eq!(erase(Field::Help).await, 0);
        assert_eq!(erase(Field::Address).await, 2);
        let gone = world.read().await.content(circle, Field::Address, subject).await.unwrap();
        assert!(gone.is_none());
    }

    async fn one_field_of_many_subjects_comes_newest_first_and_in_pages(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let subjects: Vec<Uuid> = (0..5).map(|_| random()).collect();
        for (byte, subject) in (0_u8..).zip(&subjects) {
            put(&world, sealed(circle, Field::News, 100), *subject, None).await;
            world.clock.advance(1);
            put(&world, sealed(circle, Field::News, byte), *subject, None).await;
            world.clock.advance(1);
        }
        put(&world, sealed(circle, Field::KindWord, 9), random(), None).await;
        put(&world, sealed(world.circle().await, Field::News, 9), random(), None).await;
        let snapshot = world.read().await;
        let read = |contents: Vec<kith_store::Content>| {
            contents.iter().map(|content| content.subject).collect::<Vec<_>>()
        };
        let first = snapshot.contents(circle, Field::News, 3).await.unwrap();
        let last = first.last().unwrap().at;
        assert_eq!(first[0].sealed.bytes(), vec![4; 40]);
        assert_eq!(read(first), [subjects[4], subjects[3], subjects[2]]);
        let second = snapshot.contents_before(circle, Field::News, Some(last), 3).await.unwrap();
        assert_eq!(read(second), [subjects[1], subjects[0]]);
    }

    async fn notes_of_the_week_are_of_tasks_that_happen_in_it(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let (soon, later) = (world.task(circle).await, world.task(circle).await);
        let now = world.now();
        world.slot(&soon, now.plus_days(1), now.plus_days(1).plus_hours(1)).await;
        world.slot(&later, now.plus_days(9), now.plus_days(9).plus_hours(1)).await;
        for task in [&soon, &later] {
            put(&world, sealed(circle, Field::TaskNote, 1), task.id.as_uuid(), None).await;
        }
        let notes = world.read().await.task_notes_between(circle, now, now.plus_days(7)).await;
        let notes = notes.unwrap();
        assert_eq!(notes.iter().map(|note| note.subject).collect::<Vec<_>>(), [soon.id.as_uuid()]);
    }

    async fn writers_at_once_leave_one_row_for_each_version(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let mut writers = tokio::task::JoinSet::new();
        for byte in 0..10 {
            let (store, organisation, now) =
                (world.store.clone(), world.organisation, world.now());
            writers.spawn(async move {
                store.transact(organisation, async |unit| {
                    let text = sealed(circle, Field::Help, byte);
                    unit.put_content(circle, circle.as_uuid(), None, text, now).await
                }).await
            });
        }
        let outcomes = writers.join_all().await;
        let written = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        // Who comes second at the same version is told, and nothing of it stays.
        assert!(written >= 1);
        let rest = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
        assert!(rest.into_iter().all(|error| *error == kith_store::StoreError::Conflict));
        let erased = world
            .write(async |unit| unit.erase_content(circle, Field::Help, circle.as_uuid()).await)
            .await;
        assert_eq!(erased, u64::try_from(written).unwrap());
    }
}
