//! A clock that stands still until the test moves it, and times as tests write them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::{Date, Time};
use kith_domain::{Clock, LocalTimes, Timestamp, Zone};

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

/// Wall-clock times of an hour's task.
///
/// # Panics
/// When the texts are no date and time.
pub fn local_times(date: &str, start: &str) -> LocalTimes {
    let date: Date = date.parse().expect("a date");
    let start: Time = format!("{start}:00").parse().expect("a time");
    LocalTimes::new(date, start, 60).expect("times of an hour")
}

/// The zone of every circle here.
///
/// # Panics
/// Never; the zone is in the binary.
pub fn london() -> Zone {
    Zone::parse("Europe/London").expect("the database knows London")
}

/// An instant by the clock on the wall in London, `2026-11-24T14:00`.
///
/// # Panics
/// When `text` is no such text.
pub fn wall(text: &str) -> Timestamp {
    london().instant(text.parse().expect("a date and time"))
}
