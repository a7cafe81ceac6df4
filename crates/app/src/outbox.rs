//! The outbox's way out: what is due is checked again, marked, composed, handed over, and ends in
//! a state that a person can see.
//!
//! A mail is a row that says what it is about and never what it says. In one write transaction the
//! worker reads everything again that the mail depends on, decides ([`check`]), freezes the words
//! ([`frozen`]) and marks it as being sent. Only then, outside the transaction, permits are asked
//! for, the address is opened, the bytes are made ([`compose`]) and handed over ([`deliver`]).

use std::sync::Arc;

use kith_domain::EmailAddress;
use kith_mail::Transport;
use uuid::Uuid;

pub(crate) mod address;
mod bounces;
pub(crate) mod check;
mod code;
pub(crate) mod compose;
pub(crate) mod current;
mod deliver;
mod digest;
pub(crate) mod frozen;
mod hand_over;
pub(crate) mod links;
mod mark;
mod no_word;
mod nobody_yet;
mod pause;
mod refused;
pub(crate) mod relay_state;
mod stop;
pub(crate) mod taken_in;
mod uncovered;

pub use relay_state::RelayPause;
pub use stop::StopPage;

/// How this process delivers mail.
#[derive(Clone)]
pub struct Delivery {
    /// Who takes the mails.
    pub transport: Arc<dyn Transport>,
    /// This process, in leases and heartbeats: a fresh id at each start.
    pub worker: Uuid,
    /// The service's own address.
    pub from: EmailAddress,
    /// A mailbox that somebody reads, if not that one.
    pub reply_to: Option<EmailAddress>,
    /// Mails handed over at once, 1 to 64.
    pub connections: usize,
    /// Mails taken at once, 1 to 50.
    pub batch: u32,
    /// Seconds after which another process takes over the mails of one that died, 2 to 59; renewed
    /// while a mail is being handed over.
    pub lease_seconds: u32,
    /// Deliver only while this process's clock goes with the database's: leases of several
    /// processes are times of one clock. Nothing to compare for an embedded database.
    pub compare_clocks: bool,
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery")
            .field("worker", &self.worker)
            .field("connections", &self.connections)
            .field("batch", &self.batch)
            .field("lease_seconds", &self.lease_seconds)
            .finish_non_exhaustive()
    }
}

/// What came of one look at the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Mails that were taken.
    pub taken: u32,
    /// Accepted by the relay.
    pub sent: u32,
    /// Ended unsent, for a reason that is in the row.
    pub ended: u32,
    /// Wait for another time.
    pub waiting: u32,
    /// Somebody else's by now, or the database did not answer: the lease says who goes on.
    pub left: u32,
    /// Nothing was taken, because the relay does not work.
    pub paused: bool,
    /// As many were taken as may be at once: there may be more.
    pub more: bool,
}

impl DeliveryReport {
    fn add(&mut self, other: Self) {
        self.taken += other.taken;
        self.sent += other.sent;
        self.ended += other.ended;
        self.waiting += other.waiting;
        self.left += other.left;
    }
}
