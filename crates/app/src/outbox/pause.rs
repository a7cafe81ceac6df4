//! To whoever has promised something in a circle that is paused, or goes on: what it is, as it stands
//! when it is sent.

use kith_domain::{MailKind, MailReason};

use crate::outbox::check::Not;
use crate::outbox::current::{Current, Words, about};
use crate::outbox::frozen::{Frozen, times};

/// Promises that are looked at.
const MOST: u32 = 200;
/// Promises that are said one by one.
const SAID: usize = 10;

impl Current<'_> {
    /// Whether the circle is paused, or goes on, was read with it: each mail leaves in one state only.
    pub(crate) async fn pause(&self) -> Result<Words, Not> {
        let mut promises = self.unit.claims_of_place(self.place.id, self.now, MOST).await?;
        promises.retain(|(claim, slot)| claim.person == self.person.id && slot.starts > self.now);
        let (Some((_, first)), Some((_, last))) = (promises.first(), promises.last()) else {
            return Err(MailReason::ClaimDropped.into());
        };
        let zone = &self.circle.zone;
        let slots = promises.iter().take(SAID).map(|(_, slot)| times(slot, zone)).collect();
        let more = promises.len().saturating_sub(SAID);
        let frozen = match self.mail.kind {
            MailKind::Paused => Frozen::Paused { slots, more },
            _ => Frozen::GoesOn { slots, more },
        };
        Ok(about(first, frozen, last.ends))
    }
}
