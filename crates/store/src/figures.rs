//! How the service is, in figures over all organisations: for whoever runs it.

use kith_domain::Timestamp;
use sea_orm::FromQueryResult;

use crate::convert::at_option;
use crate::error::StoreError;
use crate::raw;
use crate::unit::Reader;

/// Counts of mails and addresses. The mail that tells them is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceFigures {
    /// Mails that the relay took since the given instant.
    pub sent: u32,
    /// Mails that are still to leave.
    pub waiting: u32,
    /// Those of them that could not leave when they were due.
    pub put_off: u32,
    /// Mails that ended since the given instant, and which nobody has got though they were wanted.
    pub given_up: u32,
    /// Addresses at which nothing arrives.
    pub unreached: u32,
    /// Since when the oldest mail is due that could have left by now.
    pub oldest_due: Option<Timestamp>,
    /// When any process last looked at what is due.
    pub last_tick: Option<Timestamp>,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    sent: i64,
    waiting: i64,
    put_off: i64,
    given_up: i64,
    unreached: i64,
    oldest_due: Option<i64>,
    last_tick: Option<i64>,
}

impl Reader {
    /// The figures as they are at `now`, and of what ended since `since`. Of all organisations.
    pub async fn service_figures(
        &self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<ServiceFigures, StoreError> {
        let row: Option<Row> = raw::one(
            &self.txn,
            // What waits for the morning, another day or an hour was not put off by a fault.
            "SELECT COUNT(CASE WHEN state = 'sent' THEN 1 END) AS sent, \
               COUNT(CASE WHEN state IN ('planned', 'claimed', 'sending', 'retry') THEN 1 END) \
                 AS waiting, \
               COUNT(CASE WHEN state = 'retry' OR (state = 'planned' AND reason IS NOT NULL \
                 AND reason NOT IN ('night', 'one_a_day', 'asked_lately', 'looking', \
                 'one_an_hour')) THEN 1 END) AS put_off, \
               COUNT(CASE WHEN state IN ('failed', 'expired') THEN 1 END) AS given_up, \
               MIN(CASE WHEN state = 'retry' OR (state IN ('planned', 'claimed', 'sending') \
                 AND next_at <= $2) THEN due_at END) AS oldest_due, \
               (SELECT COUNT(*) FROM (SELECT DISTINCT organisation_id, email_index FROM person \
                 WHERE mail_bounced_at IS NOT NULL) AS marked) AS unreached, \
               (SELECT MAX(seen_at) FROM worker) AS last_tick \
             FROM outbox WHERE kind <> 'figures' AND (changed_at >= $1 \
               OR state IN ('planned', 'claimed', 'sending', 'retry'))",
            vec![since.as_second().into(), now.as_second().into()],
        )
        .await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(ServiceFigures {
            sent: count(row.sent),
            waiting: count(row.waiting),
            put_off: count(row.put_off),
            given_up: count(row.given_up),
            unreached: count(row.unreached),
            oldest_due: at_option(row.oldest_due),
            last_tick: at_option(row.last_tick),
        })
    }
}
