//! One look at the outbox: take what is due, and bring each mail to its next state.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use kith_domain::ids::{MailId, OrganisationId};
use kith_domain::outbox::{RETRY_JITTER_PERCENT, retry_after_seconds};
use kith_domain::{MailReason, Timestamp};
use kith_mail::DeliveryError;
use kith_store::{Organisation, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::outbox::compose::{Marked, Unwritten};
use crate::outbox::hand_over::{Handed, Note};
use crate::outbox::mark::Mark;
use crate::outbox::relay_state::{Gate, Refusal};
use crate::outbox::{Delivery, DeliveryReport, RelayPause};
use crate::{App, Failure};

type Held = Arc<Mutex<VecDeque<(OrganisationId, MailId)>>>;
type Organisations = BTreeMap<OrganisationId, Organisation>;

/// What came of one mail.
pub(super) enum Outcome {
    Sent,
    Ended,
    Waits,
    Left,
}

impl App {
    /// Delivers what is due: at most one batch, over as many connections as are configured. Once
    /// `stop` is cancelled, what is being handed over is finished and the rest is given back.
    ///
    /// Mails of workers whose lease ran out are taken back first.
    ///
    /// # Errors
    ///
    /// When the database does not answer. Nothing is lost by it: the rows say what is to be done.
    pub async fn deliver_due(
        self: &Arc<Self>,
        delivery: &Delivery,
        stop: &CancellationToken,
    ) -> Result<DeliveryReport, Failure> {
        let report = self.deliver_batch(delivery, stop).await;
        self.looked.notify_waiters();
        report
    }

    async fn deliver_batch(
        self: &Arc<Self>,
        delivery: &Delivery,
        stop: &CancellationToken,
    ) -> Result<DeliveryReport, Failure> {
        if delivery.compare_clocks && !self.clocks_agree().await? {
            return Ok(DeliveryReport { paused: true, ..DeliveryReport::default() });
        }
        if self.mail_is_held().await? {
            return Ok(DeliveryReport { paused: true, ..DeliveryReport::default() });
        }
        let now = self.now();
        let interrupted = self.store.take_back_mail(now, false).await?;
        if interrupted > 0 {
            tracing::warn!(interrupted, "mails of a worker that died may arrive twice");
        }
        let gate = self.relay.gate(now);
        if gate != Gate::Open {
            // Whoever counts on it hears of it today, and not when the relay works again.
            let expired = self.store.expire_mail(now).await?;
            if expired > 0 {
                tracing::warn!(expired, "mails ended unsent while the relay did not work");
            }
        }
        let limit = match gate {
            Gate::Shut => return Ok(DeliveryReport { paused: true, ..DeliveryReport::default() }),
            Gate::Trial => 1,
            Gate::Open => delivery.batch.clamp(1, 50),
        };
        let until = now.plus_seconds(i64::from(delivery.lease_seconds));
        let held = self.store.claim_due_mail(delivery.worker, now, until, limit).await?;
        let taken = u32::try_from(held.len()).unwrap_or(u32::MAX);
        let organisations = Arc::new(self.organisations_of(&held).await?);
        let at_once = delivery.connections.clamp(1, 64).min(held.len());
        let held: Held = Arc::new(Mutex::new(held.into()));
        let mut hands = JoinSet::new();
        for _ in 0..at_once {
            let (app, delivery) = (Arc::clone(self), delivery.clone());
            let (held, stop) = (Arc::clone(&held), stop.clone());
            let organisations = Arc::clone(&organisations);
            hands.spawn(
                async move { app.deliver_all(&delivery, &organisations, &held, &stop).await },
            );
        }
        let mut report =
            DeliveryReport { taken, more: taken == limit, ..DeliveryReport::default() };
        while let Some(done) = hands.join_next().await {
            if let Ok(part) = done {
                report.add(part);
            } else {
                // The lease brings its mail back.
                tracing::error!("delivering mails ended unexpectedly");
            }
        }
        report.paused = self.relay.gate(self.now()) != Gate::Open;
        Ok(report)
    }

    /// Whether a copy was put in place, and nobody has said since that mails may leave. Keeps in mind
    /// when that was.
    async fn mail_is_held(&self) -> Result<bool, StoreError> {
        let Some(last) = self.store.restoration().await? else { return Ok(false) };
        self.restored_at.store(last.restored_at.as_second(), Ordering::Relaxed);
        Ok(last.resumed_at.is_none())
    }

    /// Gives back every mail that is held, if the database is embedded: it belongs to one process,
    /// and this one has just started. Of any other the first look takes back what a lease says. Says
    /// how many were being sent when their process died, and may arrive twice.
    pub async fn take_back_at_start(&self) -> Result<u64, Failure> {
        if !self.store.is_embedded() {
            return Ok(0);
        }
        Ok(self.store.take_back_mail(self.now(), true).await?)
    }

    /// Says that this process looks at what is due: silence is noticed by its absence.
    pub async fn heartbeat(&self, worker: Uuid) -> Result<(), Failure> {
        Ok(self.store.heartbeat(worker, self.now()).await?)
    }

    /// Has the outbox looked at now and not with the next tick: somebody waits for a code.
    pub fn wake(&self) {
        self.due.notify_one();
    }

    /// Returns when there is something to look at. One waker is heard even if nobody waited yet.
    pub async fn woken(&self) {
        self.due.notified().await;
    }

    /// Returns when the next look at the outbox has ended, counted from this call and not from when it
    /// is waited for.
    pub fn outbox_looked_at(&self) -> impl Future<Output = ()> {
        self.looked.notified()
    }

    /// Whether the relay takes no mail of ours now, as far as this process knows.
    pub fn relay_pause(&self) -> Option<RelayPause> {
        self.relay.pause()
    }

    /// Those whose mails are held, once for all of these mails. One that cannot be read is left out:
    /// it holds up no other's.
    async fn organisations_of(
        &self,
        held: &[(OrganisationId, MailId)],
    ) -> Result<Organisations, StoreError> {
        let mut found = Organisations::new();
        let ids: BTreeSet<_> = held.iter().map(|(organisation, _)| *organisation).collect();
        for id in ids {
            match self.store.organisation(id).await {
                Ok(organisation) => drop(found.insert(id, organisation)),
                Err(error @ (StoreError::Inconsistent { .. } | StoreError::NotFound)) => {
                    tracing::error!(organisation = %id, %error, "its mails cannot be delivered");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn deliver_all(
        &self,
        delivery: &Delivery,
        organisations: &Organisations,
        held: &Held,
        stop: &CancellationToken,
    ) -> DeliveryReport {
        let mut report = DeliveryReport::default();
        let mut unnoted = None;
        loop {
            let next = held.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let now = self.now();
            let pause = self.relay.pause().filter(|pause| pause.until > now);
            if next.is_none() || stop.is_cancelled() || pause.is_some() {
                self.note_sent(delivery, unnoted.take()).await;
            }
            let Some((organisation, mail)) = next else { return report };
            let outcome = if stop.is_cancelled() {
                self.put_off(delivery, organisation, mail, "stopped", now).await
            } else if let Some(pause) = pause {
                self.put_off(delivery, organisation, mail, "relay_down", pause.until).await
            } else if let Some(organisation) = organisations.get(&organisation) {
                self.deliver(delivery, (organisation, mail), &mut unnoted).await
            } else {
                Err(StoreError::NotFound)
            };
            match outcome {
                Ok(Outcome::Sent) => report.sent += 1,
                Ok(Outcome::Ended) => report.ended += 1,
                Ok(Outcome::Waits) => report.waiting += 1,
                Ok(Outcome::Left) => report.left += 1,
                Err(error) => {
                    tracing::error!(%mail, %error, "a mail was not delivered");
                    report.left += 1;
                }
            }
        }
    }

    /// Brings one mail to its next state. That the one before, `unnoted`, was sent is written down in
    /// the transaction that marks this one, or on the way there; that this one was is left there.
    async fn deliver(
        &self,
        delivery: &Delivery,
        (organisation, id): (&Organisation, MailId),
        unnoted: &mut Option<(OrganisationId, MailId)>,
    ) -> Result<Outcome, StoreError> {
        if unnoted.is_some_and(|(of, _)| of != organisation.id) {
            self.note_sent(delivery, unnoted.take()).await;
        }
        let before = unnoted.take();
        let mark = self.mark(delivery, organisation.id, id, before.map(|(_, mail)| mail)).await;
        if mark.is_err() {
            self.note_sent(delivery, before).await;
        }
        let mark = match mark {
            // A row that makes no sense would stay in front of all others for ever.
            Err(error @ (StoreError::Inconsistent { .. } | StoreError::NotFound)) => {
                tracing::error!(mail = %id, %error, "a mail cannot be read");
                let reason = MailReason::CannotBeWritten;
                return self.end_mail(delivery, organisation.id, id, reason).await;
            }
            // Somebody else has it by now, and what was made for it here was rolled back.
            Err(StoreError::Conflict) => return Ok(Outcome::Left),
            // One that the database refuses each time would stay in front of all others as well.
            Err(error @ StoreError::Backend { .. }) => {
                tracing::error!(mail = %id, %error, "a mail waits for the database");
                let until = self.now().plus_seconds(retry_after_seconds(1, self.jitter()));
                return self.put_off(delivery, organisation.id, id, "database", until).await;
            }
            mark => mark?,
        };
        let marked = match mark {
            Mark::Sending(marked) => marked,
            Mark::Ended(reason) => {
                tracing::info!(mail = %id, %reason, "a mail ended unsent");
                return Ok(Outcome::Ended);
            }
            Mark::Waits => return Ok(Outcome::Waits),
            Mark::NotOurs => return Ok(Outcome::Left),
        };
        let written = match self.write(delivery, organisation, &marked).await {
            Ok(written) => written,
            Err(Unwritten::Busy) => {
                return self.try_again(delivery, organisation.id, &marked, "busy").await;
            }
            Err(Unwritten::Refused) => {
                let reason = MailReason::CircleNotActive;
                return self.end_mail(delivery, organisation.id, id, reason).await;
            }
            Err(broken @ Unwritten::Broken(_)) => {
                tracing::error!(mail = %id, error = %broken, "a mail cannot be written");
                let reason = MailReason::CannotBeWritten;
                return self.end_mail(delivery, organisation.id, id, reason).await;
            }
        };
        match self.hand_over(delivery, organisation.id, id, &written).await {
            Handed::Lost => {
                tracing::warn!(mail = %id, "the lease of a mail ran out while it was handed over");
                Ok(Outcome::Left)
            }
            Handed::Answered(Ok(accepted)) => {
                self.relay.works();
                tracing::info!(mail = %id, kind = %marked.mail.kind, code = accepted.code, "sent");
                *unnoted = Some((organisation.id, id));
                Ok(Outcome::Sent)
            }
            Handed::Answered(Err(DeliveryError::Retry(reason))) => {
                tracing::info!(mail = %id, %reason, attempts = marked.attempts, "not sent yet");
                self.try_again(delivery, organisation.id, &marked, &reason.to_string()).await
            }
            Handed::Answered(Err(DeliveryError::Refused { code, address })) => {
                let refusal = Refusal::of(organisation.id, id, &written);
                let address = address.then_some(&marked.ready.to);
                self.refused(delivery, refusal, code, address).await
            }
            Handed::Answered(Err(DeliveryError::RelayDown(reason))) => {
                let until = self.relay.down(self.now(), reason.to_string());
                self.put_off(delivery, organisation.id, id, "relay_down", until).await
            }
        }
    }

    /// Writes down by itself that a mail was sent.
    async fn note_sent(&self, delivery: &Delivery, sent: Option<(OrganisationId, MailId)>) {
        let Some((organisation, id)) = sent else { return };
        match self.note(delivery, organisation, id, Note::Sent).await {
            Ok(noted) => warn_unless(noted),
            Err(error) => tracing::error!(mail = %id, %error, "a sent mail was not noted"),
        }
    }

    async fn end_mail(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        id: MailId,
        reason: MailReason,
    ) -> Result<Outcome, StoreError> {
        let ended = self.note(delivery, organisation, id, Note::Ends(reason)).await?;
        Ok(if ended { Outcome::Ended } else { Outcome::Left })
    }

    /// Later, but not later than the mail is useful: then it ends where people see it.
    async fn try_again(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        marked: &Marked,
        reason: &str,
    ) -> Result<Outcome, StoreError> {
        let wait = retry_after_seconds(marked.attempts, self.jitter());
        let next = self.now().plus_seconds(wait).min(marked.mail.useful_until);
        self.put_off(delivery, organisation, marked.mail.id, reason, next).await
    }

    pub(super) async fn put_off(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        id: MailId,
        reason: &str,
        until: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let note = Note::Waits { reason, until };
        let waits = self.note(delivery, organisation, id, note).await?;
        Ok(if waits { Outcome::Waits } else { Outcome::Left })
    }

    /// Percent by which a wait is longer or shorter, so that many mails do not come back at once.
    /// Drawn from the source of ids, so that a test that seeds it meets the same waits again.
    fn jitter(&self) -> i8 {
        let most = u128::from(RETRY_JITTER_PERCENT.unsigned_abs());
        let drawn = self.ids.next().as_u128() % (2 * most + 1);
        i8::try_from(drawn).unwrap_or(0) - RETRY_JITTER_PERCENT
    }
}

/// A row that was taken back while its mail was handed over is sent again.
pub(super) fn warn_unless(noted: bool) {
    if !noted {
        tracing::warn!("a mail was sent, and its row was taken back meanwhile");
    }
}
