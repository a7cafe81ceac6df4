//! The clock that everything goes by.

use std::sync::atomic::{AtomicI64, Ordering};

use kith_domain::{Clock, Timestamp};

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's clock; everybody else takes a Clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::from_jiff(jiff::Timestamp::now())
    }
}

/// The system's clock and an offset that only grows: the demonstration's time.
#[derive(Debug)]
pub struct ShiftedClock {
    offset: AtomicI64,
}

impl ShiftedClock {
    /// A clock that shows `at` now.
    #[must_use]
    pub fn starting(at: Timestamp) -> Self {
        Self { offset: AtomicI64::new(at.seconds_since(SystemClock.now())) }
    }

    /// Moves the clock to `at`. An instant that is over changes nothing: time never goes back.
    pub fn move_to(&self, at: Timestamp) {
        self.offset.fetch_max(at.seconds_since(SystemClock.now()), Ordering::Relaxed);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_seconds(self.offset.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shifted_clock_moves_forward_and_never_back() {
        let begun = SystemClock.now().plus_days(-30);
        let clock = ShiftedClock::starting(begun);
        assert!(clock.now() >= begun && clock.now() < begun.plus_days(1), "it begins in the past");
        let tomorrow = begun.plus_days(1);
        clock.move_to(tomorrow);
        assert!(clock.now() >= tomorrow);
        clock.move_to(begun);
        assert!(clock.now() >= tomorrow, "it went back");
    }
}
