//! What else somebody has promised around the time of a slot, in whatever circle: its wall-clock times
//! and nothing else.

use jiff::civil::DateTime;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, Zone};
use kith_policy::{Disclose, Permit};
use kith_store::PromisedAround;

use crate::App;
use crate::failure::Failure;
use crate::visit::Visit;

/// Another promise of the reader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clash {
    /// When it starts, by the wall clock of the circle that is looked at.
    pub starts: DateTime,
    /// When it ends.
    pub ends: DateTime,
    /// At the same time. Else it is elsewhere, and there is little time to get from one to the other.
    pub overlaps: bool,
}

impl Clash {
    pub(crate) fn of(found: &PromisedAround, zone: &Zone) -> Self {
        let (starts, ends) = (zone.local(found.starts), zone.local(found.ends));
        Self { starts, ends, overlaps: found.overlaps }
    }
}

impl App {
    /// Whether the reader has promised something else around that time; for those who may see the
    /// slot.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no such slot in the reader's circle.
    pub async fn clash_with(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<Option<Clash>, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let found = snapshot.slot(slot).await?.filter(|slot| slot.circle == circle);
        let around = match &found {
            Some(slot) => snapshot.promised_around(inside.session.person, slot).await?,
            None => None,
        };
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        found.ok_or(Failure::NotHere)?;
        Ok(around.map(|around| Clash::of(&around, &inside.circle.zone)))
    }
}
