//! Whether the service does its work, for whoever watches it.

use std::sync::atomic::Ordering;

use kith_domain::Timestamp;
use kith_store::Organisation;

use crate::{App, Failure};

/// Seconds without a tick after which something is wrong (R9).
const SILENT_AFTER: i64 = 180;
/// Seconds after which a mail that is due should have been tried.
const LATE_AFTER: i64 = 300;

/// Seconds by which the clocks of a process and of its database may differ: much less than a lease.
pub(crate) const CLOCKS_APART: i64 = 10;

/// Seconds after which something that ended should be in the file of endings.
const UNWRITTEN_AFTER: i64 = 60;

/// Seconds after which the file of endings should have been seen to be that of the database, which
/// is looked at each hour.
const UNKNOWN_AFTER: i64 = 2 * 60 * 60;

/// How the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// The database answers.
    pub database: bool,
    /// The database has every change that this program needs.
    pub migrated: bool,
    /// Seconds since any process last looked at what is due.
    pub last_tick: Option<i64>,
    /// Seconds since the oldest mail became due that is due and was not tried since, or that the
    /// relay keeps waiting however often it was tried.
    pub oldest_mail: Option<i64>,
    /// Seconds since this process found that the relay takes no mail of ours.
    pub relay_down: Option<i64>,
    /// Seconds between this process's clock and the database's, when last compared.
    pub clocks_apart: i64,
    /// A copy was put in place, and nobody has said yet that mails may leave.
    pub held: bool,
    /// Seconds since something ended that is not in the file of endings.
    pub unwritten_ending: Option<i64>,
    /// Seconds since the file of endings was last seen to be the one of this database.
    pub endings_known: Option<i64>,
}

impl Health {
    /// Whether everything does its work.
    pub fn is_ready(&self) -> bool {
        self.troubles().is_empty()
    }

    /// What is not well, in words of a short list; empty when everything is.
    pub fn troubles(&self) -> Vec<&'static str> {
        let silent = self.last_tick.is_none_or(|seconds| seconds >= SILENT_AFTER);
        let late = self.oldest_mail.is_some_and(|seconds| seconds >= LATE_AFTER);
        let refused = self.relay_down.is_some_and(|seconds| seconds >= LATE_AFTER);
        let apart = self.clocks_apart > CLOCKS_APART;
        let unwritten = self.unwritten_ending.is_some_and(|seconds| seconds >= UNWRITTEN_AFTER);
        let unknown = self.endings_known.is_some_and(|seconds| seconds >= UNKNOWN_AFTER);
        [
            (!self.database, "database"),
            (!self.migrated, "migrations"),
            (silent, "ticks"),
            (late, "mail"),
            (refused, "relay"),
            (apart, "clock"),
            (self.held, "held"),
            (unwritten || unknown, "endings"),
        ]
        .into_iter()
        .filter_map(|(wrong, word)| wrong.then_some(word))
        .collect()
    }
}

impl App {
    /// Looks at the database, the ticks and the outbox. Never fails: what cannot be seen is not
    /// well.
    pub async fn health(&self) -> Health {
        let now = self.now();
        let ago = |at: Timestamp| now.seconds_since(at).max(0);
        let pending = self.store.pending_migrations().await;
        let tick = self.store.last_heartbeat().await;
        let due = self.store.next_due().await;
        let waiting = self.store.oldest_mail_kept_waiting().await;
        let restored = self.store.restoration().await;
        let ending = self.store.oldest_unwritten_ending().await;
        let marks = self.store.endings_marks().await.unwrap_or_default();
        Health {
            database: pending.is_ok() && tick.is_ok() && due.is_ok() && waiting.is_ok(),
            migrated: pending == Ok(0),
            last_tick: tick.ok().flatten().map(ago),
            oldest_mail: [due.ok().flatten(), waiting.ok().flatten()]
                .into_iter()
                .flatten()
                .filter(|at| *at <= now)
                .min()
                .map(ago),
            relay_down: self.relay_pause().map(|pause| ago(pause.since)),
            clocks_apart: self.clocks_apart.load(Ordering::Relaxed),
            held: restored.is_ok_and(|last| last.is_some_and(|last| last.resumed_at.is_none())),
            unwritten_ending: ending.ok().flatten().map(ago),
            endings_known: marks.iter().map(|mark| mark.at).max().map(ago),
        }
    }

    /// Compares this process's clock with the database's, and says whether they go together.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn clocks_agree(&self) -> Result<bool, Failure> {
        let apart = match self.store.database_now().await? {
            Some(theirs) => self.now().seconds_since(theirs).abs(),
            None => 0,
        };
        let before = self.clocks_apart.swap(apart, Ordering::Relaxed);
        if apart > CLOCKS_APART && before <= CLOCKS_APART {
            tracing::error!(seconds = apart, "the database's clock is another: no mail is sent");
        }
        Ok(apart <= CLOCKS_APART)
    }

    /// Waits until every decision that was made is written down: before the process ends.
    pub async fn finish(&self) {
        self.store.decision_log().flush().await;
    }

    /// The next instant at which a mail is to be tried, a reminder to be planned or a gap to be looked
    /// at, if any.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, Failure> {
        let (due, gap) = (self.store.next_due().await?, self.store.next_gap().await?);
        Ok(due.into_iter().chain(gap).min())
    }

    /// The organisations, oldest first, at most 100: for the operator.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, Failure> {
        Ok(self.store.organisations().await?)
    }

    /// Whether the key file is the one that the organisations' data keys were wrapped with.
    pub async fn check_keys(&self) -> Result<(), Failure> {
        crate::restore::check_keys(&self.store, &self.vault).await
    }
}

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn silence_and_lateness_are_seen() {
        let well = Health {
            database: true,
            migrated: true,
            last_tick: Some(5),
            oldest_mail: Some(2),
            relay_down: None,
            clocks_apart: 10,
            held: false,
            unwritten_ending: Some(59),
            endings_known: Some(7_199),
        };
        assert!(well.is_ready());
        assert!(Health { oldest_mail: None, ..well }.is_ready());
        assert!(Health { relay_down: Some(299), ..well }.is_ready());
        for ill in [
            Health { database: false, ..well },
            Health { migrated: false, ..well },
            Health { last_tick: None, ..well },
            Health { last_tick: Some(180), ..well },
            Health { oldest_mail: Some(300), ..well },
            Health { relay_down: Some(300), ..well },
            Health { clocks_apart: 11, ..well },
            Health { held: true, ..well },
            Health { unwritten_ending: Some(60), ..well },
            Health { endings_known: Some(7_200), ..well },
        ] {
            assert!(!ill.is_ready(), "{ill:?}");
            assert_eq!(ill.troubles().len(), 1, "{ill:?}");
        }
    }
}
