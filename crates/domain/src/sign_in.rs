//! How long codes, invitations, enrolments and sessions last, and how many tries they allow.

use crate::time::Timestamp;
use crate::words::words;

/// Digits of a code sent by mail.
pub const CODE_DIGITS: usize = 6;
/// Minutes for which a code counts, from when it was minted.
pub const CODE_LIFE_MINUTES: i64 = 10;
/// Wrong codes after which the asking is over.
pub const CODE_TRIES: u8 = 5;
/// Days for which an invitation and its welcome words count.
pub const INVITATION_LIFE_DAYS: i64 = 14;
/// Minutes for which the form that somebody came in by lets in again, in place of the first time.
pub const COME_IN_AGAIN_MINUTES: i64 = 10;
/// Wrong welcome words after which they are over.
pub const WELCOME_WORDS_TRIES: u8 = 5;
/// Wrong own numbers after which the enrolment is over.
pub const OWN_NUMBER_TRIES: u8 = 5;
/// Days without use after which an enrolment ends.
pub const ENROLMENT_IDLE_DAYS: i64 = 365;
/// Minutes for which an own number counts as given lately.
pub const FRESH_MINUTES: i64 = 15;
/// Minutes for which somebody who sets up a circle stays fresh, at most.
pub const SET_UP_FRESH_MINUTES: i64 = 120;
/// Minutes for which a staff device code counts.
pub const STAFF_DEVICE_CODE_MINUTES: i64 = 30;

words! {
    /// What a session runs on; it decides how long it lasts.
    pub enum SessionKind {
        /// The person's own device.
        OwnDevice = "own_device",
        /// A computer that others use.
        SharedComputer = "shared_computer",
        /// A coordinator or administrator.
        Staff = "staff",
    }
}

impl SessionKind {
    /// Seconds without use after which it ends.
    pub const fn idle_seconds(self) -> i64 {
        match self {
            Self::OwnDevice => 14 * 86_400,
            Self::SharedComputer => 30 * 60,
            Self::Staff => 15 * 60,
        }
    }

    /// Seconds after its beginning at which it ends, used or not.
    pub const fn absolute_seconds(self) -> i64 {
        match self {
            Self::OwnDevice => 90 * 86_400,
            Self::SharedComputer => 30 * 60,
            Self::Staff => 8 * 3_600,
        }
    }
}

/// What is known about the life of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimes {
    /// When the person signed in.
    pub started: Timestamp,
    /// When it was last used.
    pub last_seen: Timestamp,
    /// When somebody ended it.
    pub ended: Option<Timestamp>,
}

/// Whether a session counts at `now`. One that was ended never does, whatever the clock says.
pub fn session_is_live(kind: SessionKind, times: SessionTimes, now: Timestamp) -> bool {
    times.ended.is_none()
        && now.seconds_since(times.started) < kind.absolute_seconds()
        && now.seconds_since(times.last_seen) < kind.idle_seconds()
}

/// Whether a code that was minted at `minted` and tried wrongly `tries` times still counts.
pub fn code_is_live(minted: Timestamp, tries: u8, now: Timestamp) -> bool {
    tries < CODE_TRIES && now < minted.plus_minutes(CODE_LIFE_MINUTES)
}

/// Whether an invitation (or card, or further device) made at `made` still counts.
pub fn invitation_is_live(made: Timestamp, tries: u8, now: Timestamp) -> bool {
    tries < WELCOME_WORDS_TRIES && now < made.plus_days(INVITATION_LIFE_DAYS)
}

/// Until when somebody is fresh who gave the own number at `now`: 15 minutes, or until the end of
/// the slot of one's own whose window is open.
pub fn fresh_until(now: Timestamp, open_window_end: Option<Timestamp>) -> Timestamp {
    let soon = now.plus_minutes(FRESH_MINUTES);
    open_window_end.map_or(soon, |end| end.max(soon))
}

/// Until when somebody stays fresh who began to set up a circle at `began`, unless it is finished
/// earlier.
pub const fn set_up_fresh_until(began: Timestamp) -> Timestamp {
    began.plus_minutes(SET_UP_FRESH_MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_second(1_800_000_000);

    fn times() -> SessionTimes {
        SessionTimes { started: START, last_seen: START, ended: None }
    }

    #[test]
    fn sessions_end_when_idle_to_the_second() {
        for kind in SessionKind::ALL {
            let limit = kind.idle_seconds();
            assert!(session_is_live(*kind, times(), START.plus_seconds(limit - 1)), "{kind}");
            assert!(!session_is_live(*kind, times(), START.plus_seconds(limit)), "{kind}");
        }
    }

    #[test]
    fn sessions_end_however_much_they_are_used() {
        for kind in SessionKind::ALL {
            let limit = kind.absolute_seconds();
            let used = |at: Timestamp| SessionTimes { last_seen: at, ..times() };
            let (before, after) = (START.plus_seconds(limit - 1), START.plus_seconds(limit));
            assert!(session_is_live(*kind, used(before), before), "{kind}");
            assert!(!session_is_live(*kind, used(after), after), "{kind}");
        }
        let ended = SessionTimes { ended: Some(START.plus_days(1)), ..times() };
        assert!(!session_is_live(SessionKind::OwnDevice, ended, START));
    }

    #[test]
    fn limits_are_those_that_were_agreed() {
        let days = |kind: SessionKind| (kind.idle_seconds(), kind.absolute_seconds());
        assert_eq!(days(SessionKind::OwnDevice), (1_209_600, 7_776_000));
        assert_eq!(days(SessionKind::SharedComputer), (1_800, 1_800));
        assert_eq!(days(SessionKind::Staff), (900, 28_800));
    }

    #[test]
    fn codes_and_invitations_run_out() {
        assert!(code_is_live(START, 4, START.plus_seconds(599)));
        assert!(!code_is_live(START, 4, START.plus_seconds(600)));
        assert!(!code_is_live(START, 5, START));
        assert!(invitation_is_live(START, 4, START.plus_seconds(14 * 86_400 - 1)));
        assert!(!invitation_is_live(START, 0, START.plus_days(14)));
        assert!(!invitation_is_live(START, 5, START));
    }

    #[test]
    fn fresh_lasts_a_quarter_of_an_hour_or_as_long_as_the_slot() {
        let quarter = START.plus_minutes(15);
        assert_eq!(fresh_until(START, None), quarter);
        assert_eq!(fresh_until(START, Some(START.plus_minutes(5))), quarter);
        assert_eq!(fresh_until(START, Some(START.plus_hours(3))), START.plus_hours(3));
        assert_eq!(set_up_fresh_until(START), START.plus_hours(2));
    }
}
