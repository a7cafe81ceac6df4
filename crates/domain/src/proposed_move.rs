//! Another time for a slot that somebody promised: a question, until everybody who promised says yes.

use crate::time::Timestamp;
use crate::words::words;

words! {
    /// State of a proposed move.
    pub enum ProposedMoveState {
        /// Those who promised are asked, or have not all said yes. The slot stays where it is.
        Open = "open",
        /// Everybody said yes, and the slot has moved.
        Moved = "moved",
        /// Whoever asked does not ask any more.
        Withdrawn = "withdrawn",
        /// There is nothing to ask any more: the promise is over, or the slot, or the circle rests.
        Ended = "ended",
    }
}

/// Hours before the first of the two starts at which a question lapses that was asked in good time.
const LAPSES_HOURS_BEFORE: i64 = 24;

/// When a question that is asked at `now` lapses: a day before the earlier of the two starts, so
/// that everybody knows where they stand; halfway there when it is nearer than two days.
pub fn lapses_at(now: Timestamp, starts: Timestamp, proposed: Timestamp) -> Timestamp {
    let first = starts.min(proposed);
    let left = first.seconds_since(now).max(0);
    first.plus_seconds(-(LAPSES_HOURS_BEFORE * 3_600).min(left / 2))
}

#[cfg(test)]
mod tests {
    use super::lapses_at;
    use crate::time::Timestamp;

    #[test]
    fn a_question_lapses_between_the_asking_and_the_first_start() {
        let at = Timestamp::from_second;
        let hour = 3_600;
        for left in [1, 2, 59, hour, 25 * hour, 48 * hour, 49 * hour, 2_000 * hour] {
            for (starts, proposed) in [(left, left * 2), (left * 3, left)] {
                let lapses = lapses_at(at(0), at(starts), at(proposed));
                assert!(at(0) < lapses && lapses <= at(left), "{left}");
            }
        }
        assert_eq!(lapses_at(at(0), at(72 * hour), at(100 * hour)), at(48 * hour));
        assert_eq!(lapses_at(at(0), at(72 * hour), at(10 * hour)), at(5 * hour));
        // What has begun already can no longer be asked about.
        assert_eq!(lapses_at(at(9), at(5), at(90)), at(5));
    }
}
