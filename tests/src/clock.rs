//! A clock that stands still until the test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kith_domain::{Clock, Timestamp};

/// A clock for tests: says what it was last set to.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Stands at `start`.
    pub fn at(start: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(start.as_second())))
    }

    /// Stands at an instant like `2026-03-02T09:00:00Z`.
    ///
    /// # Panics
    /// When `start` is no such text.
    pub fn reading(start: &str) -> Arc<Self> {
        Self::at(instant(start))
    }

    /// Moves it, back too.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.as_second(), Ordering::SeqCst);
    }

    /// Moves it on by this many seconds.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst))
    }
}

/// The instant written `2026-03-02T09:00:00Z`.
///
/// # Panics
/// When `text` is no such text.
pub fn instant(text: &str) -> Timestamp {
    Timestamp::from_jiff(text.parse().expect("an instant is written like 2026-03-02T09:00:00Z"))
}
