//! Whether the relay works. When it takes none of our mails, all of them wait, instead of each
//! spending its attempts on finding out.

use std::sync::{Mutex, PoisonError};

use kith_domain::Timestamp;
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

/// The state of the relay as this process knows it. Other processes find out for themselves.
#[derive(Debug, Default)]
pub(crate) struct RelayState(Mutex<Option<RelayPause>>);

impl RelayState {
    pub(crate) fn gate(&self, now: Timestamp) -> Gate {
        match self.pause() {
            None => Gate::Open,
            Some(pause) if pause.until <= now => Gate::Trial,
            Some(_) => Gate::Shut,
        }
    }

    pub(crate) fn pause(&self) -> Option<RelayPause> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A mail was accepted, or refused for its own sake: the relay works.
    pub(crate) fn works(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pause) = state.take() {
            drop(state);
            tracing::info!(failures = pause.failures, "the mail relay works again");
        }
    }

    /// The relay takes nothing. Says until when everything waits. Mails that were under way when
    /// it was found out make the pause no longer.
    pub(crate) fn down(&self, now: Timestamp, reason: String) -> Timestamp {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, failures) = match &*state {
            Some(pause) if pause.until > now => return pause.until,
            Some(pause) => (pause.since, pause.failures.saturating_add(1)),
            None => (now, 1),
        };
        let until = now.plus_seconds(retry_after_seconds(failures, 0));
        tracing::error!(%reason, failures, %until, "the mail relay takes no mail of ours: all mail waits");
        *state = Some(RelayPause { since, until, failures, reason });
        until
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, RelayState};
    use kith_domain::Timestamp;

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
