//! One hospice with one circle, and somebody signed in as each of its people.

use std::sync::{Arc, Mutex};

use kith_app::{Receipt, Visit};
use kith_domain::ids::CircleId;
use kith_domain::{Clock as _, GrantBasis, MemberRole, Preset};
use kith_tests::world::{Browser, Member};
use kith_tests::{TestDatabase, World, locked};

use crate::chance::Chance;

/// Somebody with a browser that is trusted and fresh.
#[derive(Clone, Debug)]
pub(crate) struct Somebody {
    pub(crate) member: Member,
    browser: Browser,
}

/// The hospice.
pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) circle: CircleId,
    pub(crate) carer: Somebody,
    /// Who is in the circle now.
    pub(crate) friends: Mutex<Vec<Somebody>>,
    joined: Mutex<u32>,
}

impl Town {
    pub(crate) async fn new(database: &TestDatabase, now: &str, ids: Arc<Chance>) -> Self {
        let world = World::with_ids(database, now, Arc::<Chance>::clone(&ids)).await;
        let circle = world.circle("Heron").await;
        let member = world.member(circle, MemberRole::Carer, "ruth").await;
        let everything = Preset::PrivatePage.with_entry(true);
        let now = world.clock.now();
        world
            .write(async |unit| {
                unit.put_grants(&member.place, everything, GrantBasis::OwnConsent, None, now).await
            })
            .await;
        let carer = signed_in(&world, member).await;
        let (friends, joined) = (Mutex::default(), Mutex::new(0));
        Self { world, circle, carer, friends, joined }
    }

    /// Somebody new says yes.
    pub(crate) async fn friend_joins(&self) -> String {
        let number = {
            let mut joined = locked(&self.joined);
            *joined += 1;
            *joined
        };
        let name = format!("friend{number}");
        let member = self.world.member(self.circle, MemberRole::Friend, &name).await;
        let friend = signed_in(&self.world, member).await;
        locked(&self.friends).push(friend);
        name
    }

    /// A request of somebody's browser.
    pub(crate) async fn visit(&self, by: &Somebody) -> Visit {
        self.world.visit(&by.browser).await
    }

    /// The number of a form that was not sent before.
    pub(crate) fn receipt(&self) -> Receipt {
        self.world.receipt()
    }
}

async fn signed_in(world: &World, member: Member) -> Somebody {
    let browser = world.signs_in(&member).await;
    Somebody { member, browser }
}
