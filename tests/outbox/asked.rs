//! Ann is asked by mail for Tuesday's slot: what several tests begin with.

use std::sync::Arc;

use kith_domain::MemberRole;
use kith_store::Slot;
use kith_tests::world::Member;
use kith_tests::{HandedOver, Sink, TestDatabase, World};
use tokio_util::sync::CancellationToken;

/// A circle in which Ann is asked.
pub(crate) struct Asked {
    pub(crate) world: World,
    pub(crate) ann: Member,
    pub(crate) slot: Slot,
}

impl Asked {
    pub(crate) async fn at(database: &TestDatabase, now: &str) -> Self {
        let world = World::at(database, now).await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.ask(&slot, &ann).await;
        Self { world, ann, slot }
    }

    /// One look at the outbox with a relay that answers as it was told.
    pub(crate) async fn look(&self, sink: &Arc<Sink>) {
        let delivery = self.world.delivery(sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
    }

    /// The mail that asks her, once it was taken.
    pub(crate) async fn mailed(&self) -> HandedOver {
        let sink = Sink::open();
        self.look(&sink).await;
        sink.accepted().remove(0)
    }
}
