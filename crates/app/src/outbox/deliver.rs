//! One look at the outbox: take what is due, and bring each mail to its next state.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use kith_domain::ids::{MailId, OrganisationId};
use kith_domain::outbox::{RETRY_JITTER_PERCENT, retry_after_seconds};
use kith_domain::{MailKind, MailReason, MailState, Timestamp};
use kith_mail::DeliveryError;
use kith_store::{StoreError, UnitOfWork};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::outbox::check::{self, Not};
use crate::outbox::code::mint;
use crate::outbox::compose::{Marked, Unwritten};
use crate::outbox::hand_over::{Handed, Note};
use crate::outbox::relay_state::{Gate, Refusal};
use crate::outbox::{Delivery, DeliveryReport, RelayPause};
use crate::{App, Failure};

type Held = Arc<Mutex<VecDeque<(OrganisationId, MailId)>>>;

/// What came of one mail.
pub(super) enum Outcome {
    Sent,
    Ended,
    Waits,
    Left,
}

/// What the marking transaction decided.
enum Mark {
    /// Marked and committed: it may be handed over.
    Sending(Box<Marked>),
    Ended(MailReason),
    Waits,
    /// Another worker holds it, or it is final.
    NotOurs,
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
        let at_once = delivery.connections.clamp(1, 64).min(held.len());
        let held: Held = Arc::new(Mutex::new(held.into()));
        let mut hands = JoinSet::new();
        for _ in 0..at_once {
            let (app, delivery) = (Arc::clone(self), delivery.clone());
            let (held, stop) = (Arc::clone(&held), stop.clone());
            hands.spawn(async move { app.deliver_all(&delivery, &held, &stop).await });
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

    /// Whether the relay takes no mail of ours now, as far as this process knows.
    pub fn relay_pause(&self) -> Option<RelayPause> {
        self.relay.pause()
    }

    async fn deliver_all(
        &self,
        delivery: &Delivery,
        held: &Held,
        stop: &CancellationToken,
    ) -> DeliveryReport {
        let mut report = DeliveryReport::default();
        loop {
            let next = held.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some((organisation, mail)) = next else { return report };
            let now = self.now();
            let outcome = if stop.is_cancelled() {
                self.put_off(delivery, organisation, mail, "stopped", now).await
            } else if let Some(pause) = self.relay.pause().filter(|pause| pause.until > now) {
                self.put_off(delivery, organisation, mail, "relay_down", pause.until).await
            } else {
                self.deliver(delivery, organisation, mail).await
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

    async fn deliver(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        id: MailId,
    ) -> Result<Outcome, StoreError> {
        let organisation = self.store.organisation(organisation).await?;
        let mark = match self.mark(delivery, organisation.id, id).await {
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
        let written = match self.write(delivery, &organisation, &marked).await {
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
                self.sent(delivery, organisation.id, id).await
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

    /// One unit of work, committed with what other hands write at the same moment: read again,
    /// decide, and mark. What is acknowledged to somebody before it is seen here.
    async fn mark(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        id: MailId,
    ) -> Result<Mark, StoreError> {
        self.store
            .transact_together(organisation, async |unit| {
                let now = self.now();
                let Some(mail) = unit.mail(id).await? else { return Ok(Mark::NotOurs) };
                if mail.state != MailState::Claimed {
                    return Ok(Mark::NotOurs);
                }
                let worker = delivery.worker;
                if mail.kind == MailKind::Figures && self.settings.operator_email.is_none() {
                    let reason = MailReason::ConsentWithdrawn;
                    return ended(unit.mail_ends(id, worker, reason, now).await?, reason);
                }
                if mail.due_at.as_second() <= self.restored_at.load(Ordering::Relaxed) {
                    // Planned after a restore for a time before it: it may have been sent.
                    let reason = MailReason::Restored;
                    return ended(unit.mail_ends(id, worker, reason, now).await?, reason);
                }
                let ready = match check::ready(unit, &mail, now).await {
                    Ok(ready) => ready,
                    Err(Not::Wanted(reason)) => {
                        return ended(unit.mail_ends(id, worker, reason, now).await?, reason);
                    }
                    Err(Not::Before(from, why)) => {
                        let waits = unit.mail_waits(id, worker, why, from, now).await?;
                        return Ok(if waits { Mark::Waits } else { Mark::NotOurs });
                    }
                    Err(Not::Read(error)) => return Err(error),
                };
                let code = match (mail.kind, mail.subject.sign_in) {
                    (MailKind::SignInCode, Some(asking)) => {
                        let Some(code) = mint(unit, &self.vault, asking, now).await? else {
                            let reason = MailReason::Superseded;
                            return ended(unit.mail_ends(id, worker, reason, now).await?, reason);
                        };
                        Some(code)
                    }
                    _ => None,
                };
                let first_attempt_at = match mail.first_attempt_at {
                    Some(first) if code.is_none() => first,
                    _ => now,
                };
                let attempts = mail.attempts.saturating_add(1);
                let marked = Marked { mail, ready, code, attempts, first_attempt_at };
                self.begin(unit, delivery, marked, now).await
            })
            .await
    }

    async fn begin(
        &self,
        unit: &UnitOfWork,
        delivery: &Delivery,
        marked: Marked,
        now: Timestamp,
    ) -> Result<Mark, StoreError> {
        let until = now.plus_seconds(i64::from(delivery.lease_seconds));
        let id = marked.mail.id;
        let begun = unit.begin_sending(id, delivery.worker, &marked.words(), now, until).await?;
        // Nothing of this may stand when another worker holds it: a code made here would void the one
        // that is on its way.
        if begun { Ok(Mark::Sending(Box::new(marked))) } else { Err(StoreError::Conflict) }
    }

    async fn sent(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        id: MailId,
    ) -> Result<Outcome, StoreError> {
        if !self.note(delivery, organisation, id, Note::Sent).await? {
            tracing::warn!(mail = %id, "a mail was sent, and its row was taken back meanwhile");
        }
        Ok(Outcome::Sent)
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

#[expect(clippy::unnecessary_wraps, reason = "the answer of a transaction")]
fn ended(noted: bool, reason: MailReason) -> Result<Mark, StoreError> {
    Ok(if noted { Mark::Ended(reason) } else { Mark::NotOurs })
}
