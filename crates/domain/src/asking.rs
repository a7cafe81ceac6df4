//! Who is asked first when somebody cannot make it, and how long each ring has before the next.

use crate::time::Timestamp;
use crate::words::words;

words! {
    /// Who is asked, in this order. Friends do not see the rings.
    pub enum AskRing {
        /// Those who said that they would come if a place were free. A place becomes theirs only
        /// when they say yes again.
        Waiting = "waiting",
        /// Those who may see the private page.
        Inner = "inner",
        /// Everybody else in the circle who may help.
        Circle = "circle",
        /// The hospice's trained volunteers, who are not in the circle. Nobody, as long as there is
        /// no pool of them.
        Volunteers = "volunteers",
    }
}

/// Minutes during which a promise that was given back can simply be taken again, and nobody is
/// asked yet where there is time.
pub const UNDO_MINUTES: i64 = 10;
/// Hours before a slot from which everybody is asked at once.
pub const AT_ONCE_HOURS: i64 = 4;
/// The longest that one ring has before the next is asked, in hours.
pub const LONGEST_WAIT_HOURS: i64 = 24;

/// When each of `rings` is asked, the first at `from`. Only rings that hold somebody belong in it,
/// so that an empty one costs no time.
///
/// The nearer the slot, the shorter the wait: a sixth of the time that is left, so that everybody
/// is asked in the first half of it; close to the slot there is no wait.
pub fn ladder(from: Timestamp, starts: Timestamp, rings: &[AskRing]) -> Vec<(AskRing, Timestamp)> {
    let left = starts.seconds_since(from);
    let wait =
        if left <= AT_ONCE_HOURS * 3_600 { 0 } else { (left / 6).min(LONGEST_WAIT_HOURS * 3_600) };
    let steps = (0_i64..).map(|step| from.plus_seconds(step.saturating_mul(wait)));
    rings.iter().copied().zip(steps).collect()
}

words! {
    /// What became of a swap that was offered to somebody by name.
    pub enum SwapState {
        /// Waits for an answer.
        Offered = "offered",
        /// Both said yes.
        Accepted = "accepted",
        /// The other said no.
        Declined = "declined",
        /// Taken back, or there was nothing to swap any more.
        Ended = "ended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(0).plus_hours(hours)
    }

    #[test]
    fn the_circle_is_asked_after_the_inner_circle() {
        let rings = [AskRing::Inner, AskRing::Circle, AskRing::Volunteers];
        let asked = ladder(at(0), at(48), &rings);
        let expected = [(rings[0], at(0)), (rings[1], at(8)), (rings[2], at(16))];
        assert_eq!(asked, expected);
        let far = ladder(at(0), at(24 * 30), &rings);
        assert_eq!(far[1].1, at(LONGEST_WAIT_HOURS));
    }

    #[test]
    fn close_to_the_slot_everybody_is_asked_at_once() {
        let asked = ladder(at(0), at(4), AskRing::ALL);
        assert_eq!(asked.len(), AskRing::ALL.len());
        assert!(asked.iter().all(|(_, when)| *when == at(0)));
    }

    #[test]
    fn everybody_is_asked_in_the_first_half_of_the_time_that_is_left() {
        for hours in 1..1_000 {
            for (_, when) in ladder(at(0), at(hours), AskRing::ALL) {
                assert!(when.seconds_since(at(0)) * 2 <= hours * 3_600, "{hours}");
            }
        }
    }
}
