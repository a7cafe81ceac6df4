//! A person's promise to do one slot: its states, and the window in which it opens things.

use crate::time::Timestamp;
use crate::words::words;

words! {
    /// State of a claim.
    pub enum ClaimState {
        /// Promised.
        Claimed = "claimed",
        /// Promised, and somebody else is looked for. Still responsible.
        CoverWanted = "cover_wanted",
        /// Was done.
        Done = "done",
        /// Was given back, taken over or ended with the slot or the membership.
        Dropped = "dropped",
        /// The slot passed and it was not done.
        Missed = "missed",
    }
}

words! {
    /// What happens to a claim.
    pub enum ClaimEvent {
        /// The person cannot make it and asks for cover; stays responsible.
        AskForCover = "ask_for_cover",
        /// The person can make it after all.
        Keep = "keep",
        /// Somebody else said yes.
        CoverFound = "cover_found",
        /// The person swapped it with somebody by name; both said yes.
        Swap = "swap",
        /// The person gives it back; or the slot was cancelled, or the membership ended.
        Drop = "drop",
        /// It was done.
        Finish = "finish",
        /// Nobody came.
        Miss = "miss",
    }
}

words! {
    /// How a promise ended that was not kept to: what the history of a slot says of it.
    pub enum ClaimEnd {
        /// The person gave it back.
        GivenBack = "given_back",
        /// The person took the yes back at once.
        Undone = "undone",
        /// Somebody else took over.
        Covered = "covered",
        /// The person swapped it with somebody by name.
        Swapped = "swapped",
        /// The slot was taken off the rota.
        TakenOff = "taken_off",
        /// The slot was moved to a time that did not suit the person.
        Freed = "freed",
        /// The person left the circle.
        Left = "left",
    }
}

/// The event makes no sense in this state: the claim is over, or no cover was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a claim that is {state} cannot {event}")]
pub struct ClaimError {
    /// The state the claim is in.
    pub state: ClaimState,
    /// What was tried.
    pub event: ClaimEvent,
}

impl ClaimState {
    /// Whether the person is responsible for the slot: this claim holds one of its places, opens
    /// its window and is reminded of.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Claimed | Self::CoverWanted)
    }
}

/// The state after `event`.
///
/// Asking for cover twice, or keeping what one never offered, changes nothing and is no error, so
/// that a form sent twice is harmless. A claim that was given back stays as it is; done and missed
/// can be corrected into each other, for people make mistakes.
pub const fn transition(state: ClaimState, event: ClaimEvent) -> Result<ClaimState, ClaimError> {
    use ClaimEvent as E;
    use ClaimState as S;
    match (state, event) {
        (S::Claimed | S::CoverWanted, E::AskForCover) => Ok(S::CoverWanted),
        (S::Claimed | S::CoverWanted, E::Keep) => Ok(S::Claimed),
        (S::CoverWanted, E::CoverFound) | (S::Claimed | S::CoverWanted, E::Drop | E::Swap) => {
            Ok(S::Dropped)
        }
        (S::Claimed | S::CoverWanted | S::Missed, E::Finish) => Ok(S::Done),
        // What was said of a slot that is over can be corrected, either way.
        (S::Claimed | S::CoverWanted | S::Done, E::Miss) => Ok(S::Missed),
        (S::Claimed, E::CoverFound) | (S::Done | S::Dropped | S::Missed, _) => {
            Err(ClaimError { state, event })
        }
    }
}

/// Where there is room for one more claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// A place that nobody holds.
    Place,
    /// The place of the claim at this position, whose person asked for cover.
    CoverFor(usize),
}

/// Where a newcomer fits among `claims` on a slot with `places` places; `None` when everything is
/// promised. A place that nobody holds goes first, so that as many come as were asked for.
pub fn room(places: u8, claims: &[ClaimState]) -> Option<Room> {
    let live = claims.iter().filter(|state| state.is_live()).count();
    if live < usize::from(places) {
        return Some(Room::Place);
    }
    claims.iter().position(|state| *state == ClaimState::CoverWanted).map(Room::CoverFor)
}

/// When what a task discloses is open to the person who promised to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First second in which it is open.
    pub opens: Timestamp,
    /// First second in which it is closed again.
    pub closes: Timestamp,
}

/// Hours before the start of a slot at which its window opens.
pub const WINDOW_HOURS_BEFORE: i64 = 24;
/// Hours after the end of a slot at which its window closes.
pub const WINDOW_HOURS_AFTER: i64 = 2;

/// The window of a slot.
pub const fn window(starts: Timestamp, ends: Timestamp) -> Window {
    Window {
        opens: starts.plus_hours(-WINDOW_HOURS_BEFORE),
        closes: ends.plus_hours(WINDOW_HOURS_AFTER),
    }
}

impl Window {
    /// Whether it is open at `at`.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.opens <= at && at < self.closes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_for_cover_leaves_the_person_responsible() {
        let asked = transition(ClaimState::Claimed, ClaimEvent::AskForCover);
        assert_eq!(asked, Ok(ClaimState::CoverWanted));
        assert!(ClaimState::CoverWanted.is_live());
        assert_eq!(transition(ClaimState::CoverWanted, ClaimEvent::Keep), Ok(ClaimState::Claimed));
        assert_eq!(
            transition(ClaimState::CoverWanted, ClaimEvent::CoverFound),
            Ok(ClaimState::Dropped)
        );
    }

    #[test]
    fn nobody_takes_over_what_was_not_offered() {
        let error = transition(ClaimState::Claimed, ClaimEvent::CoverFound);
        assert_eq!(
            error.map_err(|e| e.to_string()),
            Err("a claim that is claimed cannot cover_found".to_owned())
        );
    }

    #[test]
    fn room_is_a_free_place_then_a_place_to_cover() {
        use ClaimState as S;
        assert_eq!(room(1, &[]), Some(Room::Place));
        assert_eq!(room(0, &[]), None);
        assert_eq!(room(1, &[S::Claimed]), None);
        assert_eq!(room(1, &[S::Dropped, S::CoverWanted]), Some(Room::CoverFor(1)));
        assert_eq!(room(2, &[S::CoverWanted]), Some(Room::Place));
    }

    #[test]
    fn the_window_is_open_from_a_day_before_until_two_hours_after() {
        let starts = Timestamp::from_second(1_000_000);
        let ends = starts.plus_minutes(90);
        let window = window(starts, ends);
        assert!(!window.contains(starts.plus_seconds(-86_401)));
        assert!(window.contains(starts.plus_seconds(-86_400)));
        assert!(window.contains(ends.plus_seconds(7_199)));
        assert!(!window.contains(ends.plus_seconds(7_200)));
    }
}
