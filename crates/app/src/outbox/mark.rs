//! The transaction that marks a mail as being sent: everything is read again, and decided.

use std::sync::atomic::Ordering;

use kith_domain::ids::{MailId, OrganisationId};
use kith_domain::{MailKind, MailReason, MailState, Timestamp};
use kith_store::{StoreError, UnitOfWork};

use crate::App;
use crate::outbox::Delivery;
use crate::outbox::address::mint_for_address;
use crate::outbox::check::{self, Not};
use crate::outbox::code::mint;
use crate::outbox::compose::Marked;
use crate::outbox::deliver::warn_unless;

/// What the marking transaction decided.
pub(super) enum Mark {
    /// Marked and committed: it may be handed over.
    Sending(Box<Marked>),
    Ended(MailReason),
    Waits,
    /// Another worker holds it, or it is final.
    NotOurs,
}

impl App {
    /// One unit of work, committed with what other hands write at the same moment: read again,
    /// decide, and mark; and note that the one `before` was sent. What is acknowledged to somebody
    /// before it is seen here.
    pub(super) async fn mark(
        &self,
        delivery: &Delivery,
        organisation: OrganisationId,
        id: MailId,
        before: Option<MailId>,
    ) -> Result<Mark, StoreError> {
        self.store
            .transact_together(organisation, async |unit| {
                let mark = self.mark_in(unit, delivery, id).await?;
                if let Some(before) = before {
                    let noted = unit.mail_sent(before, delivery.worker, self.now()).await?;
                    warn_unless(noted);
                }
                Ok(mark)
            })
            .await
    }

    async fn mark_in(
        &self,
        unit: &UnitOfWork,
        delivery: &Delivery,
        id: MailId,
    ) -> Result<Mark, StoreError> {
        let now = self.now();
        let Some((mail, around)) = unit.hold_mail(id).await? else {
            return Ok(Mark::NotOurs);
        };
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
        let ready = match check::ready(unit, &mail, around, now).await {
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
            (MailKind::AddressCode, _) => {
                let Some(code) = mint_for_address(unit, &self.vault, &mail, now).await? else {
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
}

#[expect(clippy::unnecessary_wraps, reason = "the answer of a transaction")]
fn ended(noted: bool, reason: MailReason) -> Result<Mark, StoreError> {
    Ok(if noted { Mark::Ended(reason) } else { Mark::NotOurs })
}
