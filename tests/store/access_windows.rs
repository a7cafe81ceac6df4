//! The windows that promised slots open, to the second.

use kith_domain::{Category, CategorySet, ClaimState, Disclosure, MembershipState, Timestamp};
use kith_store::{Claim, Membership, Session, Slot};
use kith_tests::{TestDatabase, both};

use crate::world::World;

struct Promise {
    world: World,
    member: Membership,
    session: Session,
    slot: Slot,
    claim: Claim,
}

/// A friend who promised a slot far from now, of a task that discloses this.
async fn promise(database: &TestDatabase, disclosure: Disclosure) -> Promise {
    let world = World::new(database).await;
    let member = world.friend(world.circle().await).await;
    let session = world.trusted(&member).await;
    let task = world.task_like(member.circle, disclosure, 1).await;
    let starts = world.now().plus_days(3);
    let slot = world.slot(&task, starts, starts.plus_hours(1)).await;
    let now = world.now();
    let claim = world
        .write(async |unit| unit.take_place(&slot, member.id, member.person, now).await)
        .await
        .unwrap();
    Promise { world, member, session, slot, claim }
}

impl Promise {
    async fn windows_at(&self, now: Timestamp) -> (CategorySet, Option<Timestamp>) {
        let snapshot = self.world.read().await;
        let circle = self.member.circle;
        let access = snapshot.circle_access(Some(&self.session), circle, now, false).await;
        let access = access.unwrap().unwrap();
        (access.facts.windows, access.window_until)
    }

    fn during(&self) -> Timestamp {
        self.slot.starts.plus_minutes(30)
    }
}

const ADDRESS: Disclosure = Disclosure { address: true, help: false, entry: false };
const BOTH: Disclosure = Disclosure { address: true, help: false, entry: true };

both! {
    async fn a_window_opens_a_day_before_and_closes_two_hours_after(database) {
        let promise = promise(database, ADDRESS).await;
        let (opens, closes) = (promise.slot.starts.plus_hours(-24), promise.slot.ends.plus_hours(2));
        let open = CategorySet::of(&[Category::Identity, Category::Task, Category::Address]);
        assert_eq!(promise.windows_at(opens.plus_seconds(-1)).await, (CategorySet::EMPTY, None));
        assert_eq!(promise.windows_at(opens).await, (open, Some(promise.slot.ends)));
        assert_eq!(promise.windows_at(closes.plus_seconds(-1)).await.0, open);
        assert_eq!(promise.windows_at(closes).await, (CategorySet::EMPTY, None));
    }

    async fn a_window_opens_what_the_task_says_and_nothing_else(database) {
        let both = promise(database, BOTH).await;
        let open = both.windows_at(both.during()).await.0;
        assert!(open.contains(Category::Address) && open.contains(Category::Entry));
        assert!(!open.contains(Category::Rota) && !open.contains(Category::Care));
    }

    async fn a_task_may_tell_who_to_call_and_nothing_else(database) {
        let help = promise(database, Disclosure { help: true, ..Disclosure::NONE }).await;
        let open = CategorySet::of(&[Category::Identity, Category::Task, Category::Help]);
        assert_eq!(help.windows_at(help.during()).await.0, open);
    }

    async fn a_task_that_discloses_nothing_opens_nothing(database) {
        let nothing = promise(database, Disclosure::NONE).await;
        assert!(nothing.windows_at(nothing.during()).await.0.is_empty());
    }

    async fn only_a_live_promise_opens_a_window(database) {
        let promise = promise(database, BOTH).await;
        let (world, now) = (&promise.world, promise.world.now());
        let cover = ClaimState::CoverWanted;
        assert!(world.write(async |unit| unit.put_claim_state(&promise.claim, cover, now).await).await);
        // Still responsible, so still open.
        assert!(!promise.windows_at(promise.during()).await.0.is_empty());
        let wanted = Claim { state: cover, ..promise.claim.clone() };
        let dropped = ClaimState::Dropped;
        assert!(world.write(async |unit| unit.put_claim_state(&wanted, dropped, now).await).await);
        assert!(promise.windows_at(promise.during()).await.0.is_empty());
    }

    async fn a_cancelled_slot_opens_nothing(database) {
        let promise = promise(database, BOTH).await;
        let slot = promise.slot.id;
        assert!(promise.world.write(async |unit| unit.cancel_slot(slot).await).await);
        assert!(promise.windows_at(promise.during()).await.0.is_empty());
    }

    async fn somebody_who_left_has_no_window(database) {
        let promise = promise(database, BOTH).await;
        let (member, now) = (promise.member.id, promise.world.now());
        promise.world.write(async |unit| {
            unit.put_membership_state(member, MembershipState::Active, MembershipState::Left, now).await
        }).await;
        assert!(promise.windows_at(promise.during()).await.0.is_empty());
    }

    async fn the_promise_of_another_opens_nothing(database) {
        let promise = promise(database, BOTH).await;
        let other = promise.world.friend(promise.member.circle).await;
        let session = promise.world.trusted(&other).await;
        let other = Promise { session, ..promise };
        assert!(other.windows_at(other.during()).await.0.is_empty());
    }
}
