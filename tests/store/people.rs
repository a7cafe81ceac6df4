//! Persons and their places in circles.

use kith_domain::{
    Category, CircleState, MailChoice, MemberRole, MembershipState, Owner, ReminderChoice,
    SendingHours, Standing, Tier,
};
use kith_policy::testkit::{MemoryLog, engine};
use kith_policy::{Amend, Disclose, Facts, RequestScope};
use kith_store::{Person, StoreError};
use kith_tests::both;
use kith_vault::{Field, Place, RandomIds};

use crate::world::{World, random};

/// What somebody is towards the own details.
fn oneself(world: &World, person: kith_domain::ids::PersonId) -> Facts {
    let owner = Owner::Organisation(world.organisation);
    let mut facts = Facts::stranger(world.organisation, owner, CircleState::NoCircle);
    facts.standing = Standing::Oneself;
    facts.tier = Tier::Fresh;
    facts.person = Some(person);
    facts.about(person.as_uuid())
}

both! {
    #[expect(clippy::disallowed_methods, reason = "the test reads what it sealed")]
    async fn a_person_reads_back_and_opens_with_a_permit_of_the_engine(database) {
        let world = World::new(database).await;
        let engine = engine(MemoryLog::new()).await.unwrap();
        let scope = RequestScope::new(world.now(), std::sync::Arc::new(RandomIds));
        let owner = Owner::Organisation(world.organisation);
        let wrapped = world.read().await.wrapped_key(owner).await.unwrap();
        let key = world.vault.unwrap_key(&wrapped).unwrap();
        let id = kith_domain::ids::PersonId::from_uuid(random());
        let facts = oneself(&world, id);
        let writing = engine.authorize::<Amend>(&scope, &facts, Category::Contact).await.unwrap();
        let seal = |field: Field, text: &str| {
            let place = Place { owner, field, row: id.as_uuid() };
            world.vault.seal(&writing, &key, place, text).unwrap()
        };
        let index = world.vault.email_index(world.organisation, "joan@example.org").to_vec();
        let all = MailChoice {
            reminders: ReminderChoice::new(Some(9), true, Some(6)).unwrap(),
            hours: SendingHours::new(9, 17).unwrap(),
            daily: Some(11),
            asked: false,
            confirmed: false,
            week_ahead: true,
            calendar: true,
            stopped: false,
        };
        let written = Person {
            id,
            name: seal(Field::PersonName, "Joan"),
            email: Some(seal(Field::PersonEmail, "joan@example.org")),
            email_index: Some(index.clone()),
            phone: None,
            mail: all,
            shares_mailbox: true,
        };
        let now = world.now();
        world.write(async |unit| unit.add_person(&written, now).await).await;

        let read = world.read().await.person(id).await.unwrap();
        assert_eq!((&read.name, &read.email, &read.phone), (&written.name, &written.email, &None));
        assert_eq!((read.mail, read.shares_mailbox), (all, true));
        let reading = engine.authorize::<Disclose>(&scope, &facts, Category::Contact).await.unwrap();
        let opened = |sealed| world.vault.open(&reading, &key, sealed).unwrap();
        assert_eq!(opened(&read.name).expose(), "Joan");
        assert_eq!(opened(read.email.as_ref().unwrap()).expose(), "joan@example.org");

        // Another person's permit does not open it: the seal is bound to the row.
        let other = oneself(&world, world.person().await);
        let theirs = engine.authorize::<Disclose>(&scope, &other, Category::Contact).await.unwrap();
        assert!(world.vault.open(&theirs, &key, &read.name).is_err());
        assert_eq!(world.read().await.persons_at(&index).await.unwrap().len(), 1);
    }

    async fn details_are_replaced_whole(database) {
        let world = World::new(database).await;
        let id = world.person().await;
        let mut person = world.read().await.person(id).await.unwrap();
        let owner = Owner::Organisation(world.organisation);
        let place = Place { owner, field: Field::PersonPhone, row: id.as_uuid() };
        person.phone = Some(kith_vault::Sealed::from_parts(place, 1, vec![7; 40]));
        (person.email_index, person.mail.stopped) = (Some(vec![5; 16]), true);
        world.write(async |unit| unit.put_person(&person).await).await;
        let read = world.read().await.person(id).await.unwrap();
        assert_eq!((read.phone, read.email_index), (person.phone, person.email_index));
        assert_eq!(read.mail, MailChoice { stopped: true, ..person.mail });
        let missing = world.unsealed_person();
        let refused = world.try_write(async |unit| unit.put_person(&missing).await).await;
        assert_eq!(refused, Err(StoreError::NotFound));
    }

    async fn people_who_share_a_mailbox_are_several_persons_of_one_organisation(database) {
        let world = World::new(database).await;
        let neighbour = world.neighbour("oak.example").await;
        let now = world.now();
        for (in_world, second) in [(&world, 0), (&world, 1), (&neighbour, 2)] {
            let mut person = in_world.unsealed_person();
            person.email_index = Some(vec![5; 16]);
            let at = now.plus_seconds(second);
            in_world.write(async |unit| unit.add_person(&person, at).await).await;
        }
        assert_eq!(world.read().await.persons_at(&[5; 16]).await.unwrap().len(), 2);
        assert_eq!(neighbour.read().await.persons_at(&[5; 16]).await.unwrap().len(), 1);
        assert!(world.read().await.persons_at(&[6; 16]).await.unwrap().is_empty());
    }

    async fn a_place_moves_on_only_from_the_state_it_is_in(database) {
        use MembershipState::{Active, Invited, Left};
        let world = World::new(database).await;
        let circle = world.circle().await;
        let member = world.member(circle, MemberRole::Friend, Invited).await;
        world.clock.advance(60);
        let now = world.now();
        let step = async |from, to| {
            world.write(async |unit| unit.put_membership_state(member.id, from, to, now).await).await
        };
        assert!(step(Invited, Active).await);
        assert!(!step(Invited, Active).await);
        let read = world.read().await.membership(member.id).await.unwrap().unwrap();
        assert_eq!((read.state, read.accepted_at, read.left_at), (Active, Some(now), None));
        assert_eq!(world.read().await.memberships_of(member.person).await.unwrap(), [read]);
        assert!(step(Active, Left).await);
        let read = world.read().await.membership(member.id).await.unwrap().unwrap();
        assert_eq!((read.state, read.accepted_at, read.left_at), (Left, Some(now), Some(now)));
        assert!(world.read().await.memberships_of(member.person).await.unwrap().is_empty());
        assert_eq!(world.read().await.members(circle).await.unwrap(), [read]);
    }

    async fn a_person_has_one_place_in_a_circle(database) {
        let world = World::new(database).await;
        let first = world.friend(world.circle().await).await;
        let mut second = first.clone();
        second.id = kith_domain::ids::MembershipId::from_uuid(random());
        let refused = world.try_write(async |unit| unit.add_membership(&second).await).await;
        assert_eq!(refused, Err(StoreError::Conflict));
    }

    async fn a_place_moves_to_a_person_who_was_known_before(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let known = world.person().await;
        world.write(async |unit| unit.move_membership(member.id, known).await).await;
        let read = world.read().await.place_of(member.circle, known).await.unwrap().unwrap();
        assert_eq!(read.id, member.id);
        assert!(world.read().await.place_of(member.circle, member.person).await.unwrap().is_none());
    }

    async fn an_address_is_refused_once_and_for_one_circle(database) {
        let world = World::new(database).await;
        let (circle, other, now) = (world.circle().await, world.circle().await, world.now());
        for _ in 0..2 {
            world.write(async |unit| unit.refuse_address(circle, &[5; 16], now).await).await;
        }
        let snapshot = world.read().await;
        assert!(snapshot.is_refused(circle, &[5; 16]).await.unwrap());
        assert!(!snapshot.is_refused(other, &[5; 16]).await.unwrap());
        assert!(!snapshot.is_refused(circle, &[6; 16]).await.unwrap());
    }

    async fn a_circle_changes_state_only_from_the_one_it_is_in(database) {
        let world = World::new(database).await;
        let (circle, now) = (world.circle().await, world.now());
        let step = async |from, to| {
            world.write(async |unit| unit.put_circle_state(circle, from, to, now).await).await
        };
        assert!(step(CircleState::Active, CircleState::Frozen).await);
        assert!(!step(CircleState::Active, CircleState::Paused).await);
        world.write(async |unit| unit.put_quiet_mail(circle, true).await).await;
        let read = world.read().await.circle(circle).await.unwrap().unwrap();
        assert_eq!((read.state, read.quiet_mail), (CircleState::Frozen, true));
        assert_eq!(world.read().await.nature_names().await.unwrap(), [read.nature_name]);
    }

    async fn stopping_mail_changes_nothing_else(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let before = world.read().await.person(member.person).await.unwrap();
        assert!(!before.mail.stopped);
        let fewer = MailChoice { reminders: ReminderChoice::NONE, ..before.mail };
        let fewer = Person { mail: fewer, ..before.clone() };
        // Somebody else saves other details in the moment in which the mail is stopped.
        world.write(async |unit| unit.put_person(&fewer).await).await;
        world.write(async |unit| unit.stop_mail(member.person).await).await;
        let after = world.read().await.person(member.person).await.unwrap();
        assert_eq!(after.mail, MailChoice { stopped: true, ..fewer.mail });
        assert_eq!((after.name, after.email_index), (before.name, before.email_index));
        let nobody = kith_domain::ids::PersonId::from_uuid(random());
        let refused = world.store.transact(world.organisation, async |unit| {
            unit.stop_mail(nobody).await
        }).await;
        assert_eq!(refused, Err(StoreError::NotFound));
    }
}
