//! Mails that were refused for good: for what is wrong with one address, or because the relay refuses
//! everybody.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use kith_domain::Timestamp;
use kith_domain::ids::{MailId, OrganisationId};
use kith_store::StoreError;

use crate::App;
use crate::outbox::Delivery;
use crate::outbox::check::Recipient;
use crate::outbox::compose::Written;
use crate::outbox::deliver::Outcome;
use crate::outbox::hand_over::Note;
use crate::outbox::relay_state::{Means, Refusal};

impl Refusal {
    pub(super) fn of(organisation: OrganisationId, mail: MailId, written: &Written) -> Self {
        let mut hasher = DefaultHasher::new();
        written.to.canonical().hash(&mut hasher);
        let beyond_ascii = !written.to.as_str().is_ascii();
        Self { organisation, mail, recipient: hasher.finish(), beyond_ascii }
    }
}

impl App {
    /// Ends a mail that was refused, unless the relay refuses everybody: then it waits, and those
    /// that ended so before wait with it. Where the relay refused the address itself, `address`
    /// brings it, and it is marked in the transaction that ends the mail.
    pub(super) async fn refused(
        &self,
        delivery: &Delivery,
        refusal: Refusal,
        code: u16,
        address: Option<&Recipient>,
    ) -> Result<Outcome, StoreError> {
        let Refusal { organisation, mail, .. } = refusal;
        match self.relay.refused(self.now(), refusal, code) {
            Means::Gone => {
                let marked = address.is_some();
                tracing::warn!(%mail, code, marked, "the server refused a mail for good");
                let note = Note::Refused(address);
                let ended = self.note(delivery, organisation, mail, note).await?;
                // Another connection may have found out meanwhile, before this one had ended.
                if let Some(pause) = self.relay.doubts(mail) {
                    self.doubt(refusal, pause.until).await?;
                    return Ok(Outcome::Waits);
                }
                Ok(if ended { Outcome::Ended } else { Outcome::Left })
            }
            Means::RelayDown { until, doubted } => {
                let waits = self.put_off(delivery, organisation, mail, "relay_down", until).await?;
                for doubted in doubted {
                    self.doubt(doubted, until).await?;
                }
                Ok(waits)
            }
        }
    }

    async fn doubt(&self, refusal: Refusal, until: Timestamp) -> Result<bool, StoreError> {
        let (now, mail) = (self.now(), refusal.mail);
        self.store
            .transact(refusal.organisation, async |unit| {
                unit.refusal_was_the_relays(mail, until, now).await
            })
            .await
    }
}
