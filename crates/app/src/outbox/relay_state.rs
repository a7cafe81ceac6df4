//! Whether the relay works. When it takes none of our mails, all of them wait, instead of each
//! spending its attempts on finding out.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kith_domain::Timestamp;
use kith_domain::ids::{MailId, OrganisationId};
use kith_domain::outbox::retry_after_seconds;

/// The relay takes no mail of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayPause {
    /// Since when.
    pub since: Timestamp,
    /// When one mail is tried again.
    pub until: Timestamp,
    /// Times it was found not to work, in a row.
    pub failures: u32,
    /// A word or a reply code: `code 535`, `tls failed`.
    pub reason: String,
}

/// What may be taken from the outbox now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// As much as is allowed at once.
    Open,
    /// One mail, to see whether the relay works again.
    Trial,
    /// Nothing.
    Shut,
}

/// Recipients in a row whose refusal is no longer theirs but the relay's.
const DOUBTFUL: usize = 3;
/// Refusals that are remembered at most.
const REMEMBERED: usize = 50;
/// Trials are not further apart than the second one while the relay only refuses recipients: three
/// who are gone keep nobody else waiting.
const REFUSING: u32 = 2;
/// RFC 5321 section 4.2.2: the mailbox name is not allowed.
const NAME_NOT_ALLOWED: u16 = 553;

/// A mail that was refused, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) organisation: OrganisationId,
    pub(crate) mail: MailId,
    /// A hash of the address.
    pub(crate) recipient: u64,
    /// The address has letters that many relays do not know.
    pub(crate) beyond_ascii: bool,
}

/// What a refusal means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// This recipient cannot be reached.
    Gone,
    /// The relay refuses everybody: these mails and this one wait until then.
    RelayDown { until: Timestamp, doubted: Vec<Refusal> },
}

/// The state of the relay as this process knows it. Other processes find out for themselves.
#[derive(Debug, Default)]
pub(crate) struct RelayState(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    pause: Option<RelayPause>,
    /// Refusals since the relay last took a mail.
    refusals: Vec<Refusal>,
}

impl RelayState {
    pub(crate) fn gate(&self, now: Timestamp) -> Gate {
        match self.pause() {
            None => Gate::Open,
            Some(pause) if pause.until <= now => Gate::Trial,
            Some(_) => Gate::Shut,
        }
    }

    pub(crate) fn pause(&self) -> Option<RelayPause> {
        self.known().pause.clone()
    }

    /// A mail was accepted: the relay works.
    pub(crate) fn works(&self) {
        let known = std::mem::take(&mut *self.known());
        if let Some(pause) = known.pause {
            tracing::info!(failures = pause.failures, "the mail relay works again");
        }
    }

    /// The relay takes nothing. Says until when everything waits. Mails that were under way when
    /// it was found out make the pause no longer.
    pub(crate) fn down(&self, now: Timestamp, reason: String) -> Timestamp {
        self.known().down(now, reason, u32::MAX)
    }

    /// A recipient was refused. A relay that takes no mail of ours says so only then, as Postfix
    /// does with 554 "Relay access denied": one that refuses several recipients one after the other
    /// is down, until it takes a mail again. A name that it cannot write is that recipient's matter; of
    /// any other name 553 may also be said because of the sender.
    pub(crate) fn refused(&self, now: Timestamp, refusal: Refusal, code: u16) -> Means {
        if code == NAME_NOT_ALLOWED && refusal.beyond_ascii {
            return Means::Gone;
        }
        let mut known = self.known();
        if known.refusals.len() < REMEMBERED {
            known.refusals.push(refusal);
        }
        let recipients: BTreeSet<u64> =
            known.refusals.iter().map(|refusal| refusal.recipient).collect();
        if known.pause.is_none() && recipients.len() < DOUBTFUL {
            return Means::Gone;
        }
        let until = known.down(now, format!("code {code}"), REFUSING);
        Means::RelayDown { until, doubted: known.refusals.clone() }
    }

    /// The pause, when a mail that was refused is now thought to have been refused with all others.
    pub(crate) fn doubts(&self, mail: MailId) -> Option<RelayPause> {
        let known = self.known();
        let doubted = known.refusals.iter().any(|refusal| refusal.mail == mail);
        known.pause.clone().filter(|_| doubted)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// `longest` failures make the longest pause.
    fn down(&mut self, now: Timestamp, reason: String, longest: u32) -> Timestamp {
        let (since, failures) = match &self.pause {
            Some(pause) if pause.until > now => return pause.until,
            Some(pause) => (pause.since, pause.failures.saturating_add(1)),
            None => (now, 1),
        };
        let until = now.plus_seconds(retry_after_seconds(failures.min(longest), 0));
        if failures == 1 {
            tracing::error!(%reason, %until, "the mail relay takes no mail of ours: all mail waits");
        } else {
            tracing::warn!(%reason, failures, %until, "the mail relay still takes no mail of ours");
        }
        self.pause = Some(RelayPause { since, until, failures, reason });
        until
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, Means, Refusal, RelayState};
    use kith_domain::Timestamp;
    use kith_domain::ids::{MailId, OrganisationId};
    use uuid::Uuid;

    fn refusal(recipient: u8) -> Refusal {
        Refusal {
            organisation: OrganisationId::from_uuid(Uuid::nil()),
            mail: MailId::from_uuid(Uuid::from_bytes([recipient; 16])),
            recipient: recipient.into(),
            beyond_ascii: false,
        }
    }

    #[test]
    fn three_recipients_in_a_row_are_refused_by_the_relay() {
        let now = Timestamp::from_second(1_800_000_000);
        let relay = RelayState::default();
        for recipient in [1, 2, 2] {
            assert_eq!(relay.refused(now, refusal(recipient), 550), Means::Gone);
        }
        let name = Refusal { beyond_ascii: true, ..refusal(3) };
        assert_eq!(relay.refused(now, name, 553), Means::Gone, "a name alone");
        relay.works();
        for recipient in [4, 5] {
            assert_eq!(relay.refused(now, refusal(recipient), 554), Means::Gone);
        }
        let until = now.plus_minutes(1);
        let doubted = [4, 5, 6].map(refusal).to_vec();
        let means = relay.refused(now, refusal(6), 554);
        assert_eq!(means, Means::RelayDown { until, doubted });
        assert_eq!((relay.gate(now), relay.gate(until)), (Gate::Shut, Gate::Trial));
        let mut trial = until;
        for _ in 0..9 {
            let Means::RelayDown { until, .. } = relay.refused(trial, refusal(4), 554) else {
                panic!("one more does not prove that the relay works");
            };
            assert_eq!(until, trial.plus_minutes(2), "and others do not wait for long");
            trial = until;
        }
        relay.works();
        for recipient in [1, 2] {
            assert_eq!(relay.refused(trial, refusal(recipient), 553), Means::Gone);
        }
        let means = relay.refused(trial, refusal(3), 553);
        assert!(matches!(means, Means::RelayDown { .. }), "the sender is not allowed: {means:?}");
        relay.works();
        assert_eq!(relay.gate(trial), Gate::Open);
        assert_eq!(relay.refused(trial, refusal(4), 550), Means::Gone);
    }

    #[test]
    fn a_pause_grows_with_each_trial_and_ends_with_the_first_success() {
        let start = Timestamp::from_second(1_800_000_000);
        let relay = RelayState::default();
        assert_eq!(relay.gate(start), Gate::Open);
        assert_eq!(relay.down(start, "code 535".to_owned()), start.plus_minutes(1));
        // Another mail of the same batch.
        assert_eq!(relay.down(start.plus_seconds(1), "x".to_owned()), start.plus_minutes(1));
        assert_eq!(relay.gate(start.plus_seconds(59)), Gate::Shut);
        let trial = start.plus_minutes(1);
        assert_eq!(relay.gate(trial), Gate::Trial);
        assert_eq!(relay.down(trial, "code 535".to_owned()), trial.plus_minutes(2));
        let pause = relay.pause().unwrap();
        assert_eq!((pause.since, pause.failures), (start, 2));
        relay.works();
        assert_eq!((relay.gate(start), relay.pause()), (Gate::Open, None));
    }
}
