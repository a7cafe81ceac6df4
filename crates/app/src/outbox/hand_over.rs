//! Handing a mail over while its lease is kept, and writing down what came of it.

use std::time::Duration;

use kith_domain::ids::{MailId, OrganisationId};
use kith_domain::{MailReason, Timestamp};
use kith_mail::{Accepted, DeliveryError, Reason};
use kith_store::StoreError;
use tokio::time::{Instant, sleep, timeout};

use crate::App;
use crate::outbox::Delivery;
use crate::outbox::check::Recipient;
use crate::outbox::compose::Written;

/// The longest that one attempt may take, whatever the transport says: longer than a relay may be
/// waited for.
const WHOLE_ATTEMPT: Duration = Duration::from_mins(13);
/// Times that writing down what came of a mail is tried.
const INSIST: u32 = 4;
/// Between two of them.
const BREATH: Duration = Duration::from_millis(250);

/// What came of handing over.
pub(crate) enum Handed {
    /// The transport said.
    Answered(Result<Accepted, DeliveryError>),
    /// The lease could not be kept, so that another worker may hold the mail: the attempt was cut
    /// off, and nothing may be written about it.
    Lost,
}

/// What is written down about a mail.
#[derive(Clone, Copy)]
pub(crate) enum Note<'a> {
    /// The relay took it.
    Sent,
    /// It ends unsent.
    Ends(MailReason),
    /// The server refused it for good; where it refused the address, that is marked.
    Refused(Option<&'a Recipient>),
    /// It is tried again.
    Waits { reason: &'a str, until: Timestamp },
}

impl App {
    pub(crate) async fn hand_over(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        id: MailId,
        written: &Written,
    ) -> Handed {
        let lease = Duration::from_secs(u64::from(delivery.lease_seconds));
        let attempt =
            timeout(WHOLE_ATTEMPT, delivery.transport.deliver(&written.to, &written.bytes));
        tokio::pin!(attempt);
        // Since when the lease is ours, by a clock that nobody can set.
        let mut ours = Instant::now();
        loop {
            tokio::select! {
                answer = &mut attempt => {
                    let answer = answer.unwrap_or(Err(DeliveryError::Retry(Reason::TimedOut)));
                    return Handed::Answered(answer);
                }
                () = sleep(lease / 3) => {
                    let asked = Instant::now();
                    match self.renew(delivery, organisation, id).await {
                        Ok(true) => ours = asked,
                        Ok(false) => return Handed::Lost,
                        Err(_) if ours.elapsed() >= lease => return Handed::Lost,
                        Err(_) => {}
                    }
                }
            }
        }
    }

    async fn renew(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        id: MailId,
    ) -> Result<bool, StoreError> {
        let until = self.now().plus_seconds(i64::from(delivery.lease_seconds));
        self.store
            .transact(organisation, async |unit| unit.renew_lease(id, delivery.worker, until).await)
            .await
    }

    /// Writes down what came of a mail, more than once when the database is busy: what was sent
    /// and not written down is sent again. `false` when the mail is no longer this worker's.
    pub(crate) async fn note(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        id: MailId,
        note: Note<'_>,
    ) -> Result<bool, StoreError> {
        let worker = delivery.worker;
        let mut tried = 0;
        loop {
            tried += 1;
            let now = self.now();
            let noted = self
                .store
                .transact_together(organisation, async |unit| match note {
                    Note::Sent => unit.mail_sent(id, worker, now).await,
                    Note::Ends(reason) => unit.mail_ends(id, worker, reason, now).await,
                    Note::Refused(address) => {
                        let reason = MailReason::RefusedByServer;
                        let ended = unit.mail_ends(id, worker, reason, now).await?;
                        if let (true, Some(Recipient::Person(person, address))) = (ended, address) {
                            unit.address_refused(*person, address.bytes(), now).await?;
                        }
                        Ok(ended)
                    }
                    Note::Waits { reason, until } => {
                        unit.mail_waits(id, worker, reason, until, now).await
                    }
                })
                .await;
            match noted {
                Err(StoreError::Busy) if tried < INSIST => sleep(BREATH).await,
                noted => return noted,
            }
        }
    }
}
