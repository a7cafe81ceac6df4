//! A change reads the facts of its permit again: what was withdrawn in between is not done.

use std::sync::Arc;

use kith_domain::{Category, CategorySet, CircleState, GrantBasis, MembershipState};
use kith_policy::testkit::{MemoryLog, engine};
use kith_policy::{Amend, Contribute, DecisionLog as _, Facts, PolicyEngine, RequestScope};
use kith_store::{Membership, Session, StoreError};
use kith_tests::{TestDatabase, both};
use kith_vault::RandomIds;

use crate::decisions;
use crate::world::World;

struct Scene {
    world: World,
    engine: PolicyEngine,
    scope: RequestScope,
    member: Membership,
    session: Session,
}

/// A friend on a trusted device who may read and write news.
async fn scene(database: &TestDatabase) -> Scene {
    let world = World::new(database).await;
    let member = world.friend(world.circle().await).await;
    let session = world.trusted(&member).await;
    let scope = RequestScope::new(world.now(), Arc::new(RandomIds));
    let engine = engine(MemoryLog::new()).await.unwrap();
    let scene = Scene { world, engine, scope, member, session };
    scene.grant(&[Category::News]).await;
    scene
}

impl Scene {
    async fn grant(&self, categories: &[Category]) {
        let (set, now) = (CategorySet::of(categories), self.world.now());
        self.world
            .write(async |unit| {
                unit.put_grants(&self.member, set, GrantBasis::OwnConsent, None, now).await
            })
            .await;
    }

    async fn facts(&self) -> Facts {
        let (snapshot, circle) = (self.world.read().await, self.member.circle);
        let now = self.world.now();
        let access = snapshot.circle_access(Some(&self.session), circle, now, false).await;
        access.unwrap().unwrap().facts
    }

    /// Adds news on these facts, as a change.
    async fn add_news(&self, facts: &Facts) -> Result<(), StoreError> {
        let news = Category::News;
        let permit = self.engine.authorize::<Contribute>(&self.scope, facts, news).await.unwrap();
        let (form, now) = (crate::world::random(), self.world.now());
        self.world
            .store
            .change(&permit, async |unit| unit.keep_receipt(form, "news", "added", now).await)
            .await
    }

    async fn changes_recorded(&self) -> usize {
        let (snapshot, epoch) = (self.world.read().await, kith_domain::Timestamp::from_second(0));
        snapshot.looks(self.member.circle, None, epoch, None, 100).await.unwrap().len()
    }
}

both! {
    async fn what_still_holds_is_done_and_recorded_together(database) {
        let scene = scene(database).await;
        let facts = scene.facts().await;
        assert_eq!(scene.add_news(&facts).await, Ok(()));
        assert_eq!(scene.changes_recorded().await, 1);
        // More grants, another category: not these facts any more.
        scene.grant(&[Category::News, Category::Rota]).await;
        assert_eq!(scene.add_news(&facts).await, Err(StoreError::Conflict));
        assert_eq!(scene.add_news(&scene.facts().await).await, Ok(()));
        assert_eq!(scene.changes_recorded().await, 2);
    }

    async fn a_failed_change_records_nothing(database) {
        let scene = scene(database).await;
        let facts = scene.facts().await;
        let news = Category::News;
        let permit = scene.engine.authorize::<Contribute>(&scene.scope, &facts, news).await.unwrap();
        let failed: Result<(), StoreError> =
            scene.world.store.change(&permit, async |_| Err(StoreError::NotFound)).await;
        assert_eq!(failed, Err(StoreError::NotFound));
        assert_eq!(scene.changes_recorded().await, 0);
    }

    async fn a_grant_withdrawn_in_between_conflicts(database) {
        let scene = scene(database).await;
        let facts = scene.facts().await;
        scene.grant(&[]).await;
        assert_eq!(scene.add_news(&facts).await, Err(StoreError::Conflict));
        assert_eq!(scene.changes_recorded().await, 0);
    }

    async fn a_membership_ended_in_between_conflicts(database) {
        let scene = scene(database).await;
        let facts = scene.facts().await;
        let (id, now) = (scene.member.id, scene.world.now());
        scene.world.write(async |unit| {
            unit.put_membership_state(id, MembershipState::Active, MembershipState::Left, now).await
        }).await;
        assert_eq!(scene.add_news(&facts).await, Err(StoreError::Conflict));
    }

    async fn a_session_ended_in_between_conflicts(database) {
        let scene = scene(database).await;
        let facts = scene.facts().await;
        let (session, now) = (scene.session.id, scene.world.now());
        assert_eq!(scene.world.write(async |unit| unit.end_session(session, now).await).await, 1);
        assert_eq!(scene.add_news(&facts).await, Err(StoreError::Conflict));
    }

    async fn an_enrolment_ended_in_between_conflicts(database) {
        let scene = scene(database).await;
        let facts = scene.facts().await;
        let (person, now) = (scene.member.person, scene.world.now());
        scene.world.write(async |unit| unit.end_enrolments(person, None, None, now).await).await;
        assert_eq!(scene.add_news(&facts).await, Err(StoreError::Conflict));
    }

    async fn a_circle_frozen_in_between_conflicts(database) {
        let scene = scene(database).await;
        let facts = scene.facts().await;
        let (circle, now) = (scene.member.circle, scene.world.now());
        scene.world.write(async |unit| {
            unit.put_circle_state(circle, CircleState::Active, CircleState::Frozen, now).await
        }).await;
        assert_eq!(scene.add_news(&facts).await, Err(StoreError::Conflict));
    }

    async fn an_everyday_look_or_more_freshness_in_between_does_not_matter(database) {
        let scene = scene(database).await;
        let facts = scene.facts().await;
        let later = Some(scene.world.now().plus_minutes(15));
        let (session, now) = (scene.session.id, scene.world.now());
        scene.world.write(async |unit| unit.renew_session(session, &[1; 32], later, now).await).await;
        let mark = "UPDATE membership SET everyday_look_on = '2026-03-02'";
        let connection = database.connect().await;
        sea_orm::ConnectionTrait::execute_unprepared(&connection, mark).await.unwrap();
        assert_eq!(scene.add_news(&facts).await, Ok(()));
    }

    async fn staff_who_left_in_between_change_nothing(database) {
        let world = World::new(database).await;
        let (person, now) = (world.person().await, world.now());
        world.write(async |unit| unit.add_staff(person, "coordinator", now).await).await;
        let session = world.session(person).await;
        world.write(async |unit| {
            unit.add_enrolment(session.device, person, None, "staff", now).await
        }).await;
        let facts = world.read().await.organisation_access(&session, now, true).await.unwrap().facts;
        let engine = engine(MemoryLog::new()).await.unwrap();
        let scope = RequestScope::new(now, Arc::new(RandomIds));
        let oversight = Category::Oversight;
        let permit = engine.authorize::<Amend>(&scope, &facts, oversight).await.unwrap();
        let nothing = async || world.store.change(&permit, async |_| Ok::<_, StoreError>(())).await;
        assert_eq!(nothing().await, Ok(()));
        let connection = database.connect().await;
        let end = "UPDATE staff SET ended_at = 1";
        sea_orm::ConnectionTrait::execute_unprepared(&connection, end).await.unwrap();
        assert_eq!(nothing().await, Err(StoreError::Conflict));
    }

    async fn an_everyday_look_and_a_change_do_not_wait_for_each_other(database) {
        let scene = scene(database).await;
        let log = scene.world.store.decision_log();
        for day in 1..=15 {
            let mut look = decisions::record(&scene.world, &scene.member, Category::Rota);
            look.at = scene.world.now().plus_days(day);
            let facts = scene.facts().await;
            let (changed, looked) = tokio::join!(scene.add_news(&facts), log.record(look));
            assert_eq!((changed, looked), (Ok(()), Ok(())));
        }
        assert_eq!(scene.changes_recorded().await, 30);
    }

    async fn a_removal_waits_for_a_change_that_read_the_membership(database) {
        let scene = scene(database).await;
        let facts = scene.facts().await;
        let news = Category::News;
        let permit = scene.engine.authorize::<Contribute>(&scene.scope, &facts, news).await.unwrap();
        let (store, organisation) = (scene.world.store.clone(), scene.world.organisation);
        let (member, now) = (scene.member.id, scene.world.now());
        let mut removal = tokio::task::JoinSet::new();
        let (form, order) = (crate::world::random(), Arc::new(std::sync::Mutex::new(Vec::new())));
        let seen = Arc::clone(&order);
        scene.world.store.change(&permit, async |unit| {
            removal.spawn(async move {
                let (active, left) = (MembershipState::Active, MembershipState::Left);
                store.transact(organisation, async |unit| {
                    unit.put_membership_state(member, active, left, now).await
                }).await.unwrap();
                seen.lock().unwrap().push("removed");
            });
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            unit.keep_receipt(form, "news", "added", now).await?;
            order.lock().unwrap().push("changed");
            Ok::<_, StoreError>(())
        }).await.unwrap();
        removal.join_all().await;
        assert_eq!(*order.lock().unwrap(), ["changed", "removed"]);
    }
}
