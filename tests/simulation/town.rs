//! One hospice with one circle, and somebody signed in as each of its people.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use kith_app::{Receipt, Visit};
use kith_domain::ids::{CircleId, DeviceId, SessionId};
use kith_domain::{Clock as _, GrantBasis, Ids as _, MemberRole, Preset};
use kith_store::Session;
use kith_tests::world::Member;
use kith_tests::{TestDatabase, World, locked};
use kith_vault::token_hash;

use crate::chance::Chance;

/// The host that the hospice is known by.
const HOST: &str = "kith.example";

/// Somebody with a browser that is trusted and fresh.
#[derive(Clone, Debug)]
pub(crate) struct Somebody {
    pub(crate) member: Member,
    session: String,
    device: String,
}

/// The hospice.
pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) circle: CircleId,
    pub(crate) carer: Somebody,
    /// Who is in the circle now.
    pub(crate) friends: Mutex<Vec<Somebody>>,
    ids: Arc<Chance>,
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
        let carer = signed_in(&world, &ids, member).await;
        let (friends, joined) = (Mutex::default(), Mutex::new(0));
        Self { world, circle, carer, friends, ids, joined }
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
        let friend = signed_in(&self.world, &self.ids, member).await;
        locked(&self.friends).push(friend);
        name
    }

    /// A request of somebody's browser.
    pub(crate) async fn visit(&self, by: &Somebody) -> Visit {
        let network = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (session, device) = (Some(by.session.as_str()), Some(by.device.as_str()));
        self.world.app.visit(HOST, session, device, network).await.expect("the hospice is known")
    }

    /// The number of a form that was not sent before.
    pub(crate) fn receipt(&self) -> Receipt {
        Receipt(self.ids.next())
    }
}

async fn signed_in(world: &World, ids: &Chance, member: Member) -> Somebody {
    let (device, id) = (DeviceId::new(ids), SessionId::new(ids));
    let (now, person) = (world.clock.now(), member.place.person);
    let session = Session {
        id,
        organisation: world.organisation,
        device,
        person,
        way: "code".to_owned(),
        shared_computer: false,
        staff: false,
        created_at: now,
        last_seen_at: now,
        fresh_until: Some(now.plus_days(60)),
    };
    let (of_session, of_device) = (id.to_string(), device.to_string());
    let circle = Some(member.place.circle);
    world
        .write(async |unit| {
            unit.add_device(device, &token_hash(&of_device), now).await?;
            unit.add_session(&session, &token_hash(&of_session)).await?;
            unit.add_enrolment(device, person, circle, "words", now).await
        })
        .await;
    Somebody { member, session: of_session, device: of_device }
}
