//! When a task happens: wall-clock times, and the instants they come to.
//!
//! Ten o'clock stays ten o'clock when the clocks change: days are counted in the calendar, and
//! only the result is turned into instants.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};

use crate::repeat::Repeat;
use crate::task::DayPart;
use crate::time::{Timestamp, Zone};

/// How many days ahead slots are generated: 12 weeks.
pub const HORIZON_DAYS: i32 = 84;

/// Wall-clock times of one occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalTimes {
    date: Date,
    start: Time,
    minutes: u16,
}

/// Times that a task cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalTimesError {
    /// The end is not after the start.
    #[error("the end is before the start")]
    EndBeforeStart,
    /// Shorter than [`LocalTimes::SHORTEST`].
    #[error("shorter than 15 minutes")]
    TooShort,
    /// Longer than [`LocalTimes::LONGEST`].
    #[error("longer than a day")]
    TooLong,
}

impl LocalTimes {
    /// Fewest minutes a task may last.
    pub const SHORTEST: u16 = 15;
    /// Most minutes a task may last: a day.
    pub const LONGEST: u16 = 1_440;

    /// From `start` on `date`, for `minutes` (15 to 1,440), past midnight where it comes to that.
    /// Seconds of `start` are dropped.
    pub fn new(date: Date, start: Time, minutes: u16) -> Result<Self, LocalTimesError> {
        if minutes < Self::SHORTEST {
            return Err(LocalTimesError::TooShort);
        }
        if minutes > Self::LONGEST {
            return Err(LocalTimesError::TooLong);
        }
        let start = jiff::civil::time(start.hour(), start.minute(), 0, 0);
        Ok(Self { date, start, minutes })
    }

    /// From `start` to `end`. An end that is earlier than the start is the next morning when the
    /// start is in the evening and the end no later than noon; else it is a mistake.
    pub fn from_to(date: Date, start: Time, end: Time) -> Result<Self, LocalTimesError> {
        Self::new(date, start, Self::minutes_from_to(start, end)?)
    }

    /// Minutes from `start` to `end`, as [`Self::from_to`] reads them.
    pub(crate) fn minutes_from_to(start: Time, end: Time) -> Result<u16, LocalTimesError> {
        let minute_of_day = |time: Time| {
            u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
        };
        let (from, to) = (minute_of_day(start), minute_of_day(end));
        let overnight = DayPart::of(start) == DayPart::Evening && to <= 12 * 60;
        match to.checked_sub(from) {
            Some(minutes) if minutes > 0 => Ok(minutes),
            None if overnight => Ok(to + 1_440 - from),
            _ => Err(LocalTimesError::EndBeforeStart),
        }
    }

    /// The same times on another day.
    #[must_use]
    pub const fn on(self, date: Date) -> Self {
        Self { date, ..self }
    }

    /// The day on which it starts.
    pub const fn date(self) -> Date {
        self.date
    }

    /// Wall-clock time at which it starts.
    pub const fn start(self) -> Time {
        self.start
    }

    /// How long it lasts by the clock on the wall, in minutes.
    pub const fn minutes(self) -> u16 {
        self.minutes
    }

    /// Day and wall-clock time at which it ends.
    pub fn end(self) -> DateTime {
        self.date.to_datetime(self.start).saturating_add(i64::from(self.minutes).minutes())
    }

    /// The part of the day in which it starts.
    pub fn part(self) -> DayPart {
        DayPart::of(self.start)
    }

    /// When it starts and ends. The end is always later than the start.
    ///
    /// Both keep their wall-clock time. A start that the clocks skip moves forward by the length
    /// of the gap and keeps its length (`Zone::instant` says which instant is taken when a time
    /// comes twice).
    pub fn instants(self, zone: &Zone) -> (Timestamp, Timestamp) {
        let wanted = self.date.to_datetime(self.start);
        let starts = zone.instant(wanted);
        let ends = if zone.local(starts) == wanted {
            zone.instant(self.end())
        } else {
            starts.plus_minutes(i64::from(self.minutes))
        };
        (starts, ends)
    }
}

/// The days from `from` to `to`, both included, on which a task falls that starts on `first`.
///
/// At most [`HORIZON_DAYS`] after `from` are looked at, so that the answer is never longer than
/// 85 days.
pub fn occurrences(first: LocalTimes, repeat: Repeat, from: Date, to: Date) -> Vec<Date> {
    let horizon = from.saturating_add(HORIZON_DAYS.days());
    repeat.days_between(first.date, from, to.min(horizon)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;
    use crate::repeat::Ends;

    fn london() -> Zone {
        Zone::parse("Europe/London").expect("the database knows London")
    }

    fn utc(times: LocalTimes) -> (String, String) {
        let (starts, ends) = times.instants(&london());
        (starts.to_string(), ends.to_string())
    }

    fn times(day: Date, start: (i8, i8), minutes: u16) -> LocalTimes {
        LocalTimes::new(day, time(start.0, start.1, 0, 0), minutes).expect("good times")
    }

    fn pair(starts: &str, ends: &str) -> (String, String) {
        (starts.to_owned(), ends.to_owned())
    }

    #[test]
    fn ten_o_clock_stays_ten_o_clock() {
        let saturday = times(date(2026, 3, 28), (10, 0), 60);
        assert_eq!(utc(saturday), pair("2026-03-28T10:00:00Z", "2026-03-28T11:00:00Z"));
        let sunday = saturday.on(date(2026, 3, 29));
        assert_eq!(utc(sunday), pair("2026-03-29T09:00:00Z", "2026-03-29T10:00:00Z"));
        let october = saturday.on(date(2026, 10, 25));
        assert_eq!(utc(october), pair("2026-10-25T10:00:00Z", "2026-10-25T11:00:00Z"));
    }

    #[test]
    fn a_skipped_start_moves_by_the_gap_and_keeps_its_length() {
        let skipped = times(date(2026, 3, 29), (1, 50), 15);
        assert_eq!(utc(skipped), pair("2026-03-29T01:50:00Z", "2026-03-29T02:05:00Z"));
    }

    #[test]
    fn a_time_that_comes_twice_is_its_first_coming() {
        let twice = times(date(2026, 10, 25), (1, 30), 15);
        assert_eq!(utc(twice), pair("2026-10-25T00:30:00Z", "2026-10-25T00:45:00Z"));
    }

    #[test]
    fn a_night_ends_by_the_clock_on_the_wall() {
        let night = times(date(2026, 3, 28), (22, 0), 9 * 60);
        assert_eq!(night.end(), date(2026, 3, 29).at(7, 0, 0, 0));
        assert_eq!(utc(night), pair("2026-03-28T22:00:00Z", "2026-03-29T06:00:00Z"));
        assert_eq!(
            utc(night.on(date(2026, 10, 24))),
            pair("2026-10-24T21:00:00Z", "2026-10-25T07:00:00Z")
        );
    }

    #[test]
    fn lengths_are_bounded() {
        let day = date(2026, 11, 24);
        let of = |minutes| LocalTimes::new(day, time(9, 0, 0, 0), minutes).map(LocalTimes::minutes);
        assert_eq!(of(14), Err(LocalTimesError::TooShort));
        assert_eq!(of(15), Ok(15));
        assert_eq!(of(1_440), Ok(1_440));
        assert_eq!(of(1_441), Err(LocalTimesError::TooLong));
    }

    #[test]
    fn an_end_before_the_start_is_the_next_morning_only_for_an_evening() {
        let from_to = |start, end| {
            LocalTimes::from_to(date(2026, 11, 24), time(start, 0, 0, 0), time(end, 0, 0, 0))
                .map(LocalTimes::minutes)
        };
        assert_eq!(from_to(14, 15), Ok(60));
        assert_eq!(from_to(22, 7), Ok(9 * 60));
        assert_eq!(from_to(18, 0), Ok(6 * 60));
        assert_eq!(from_to(14, 13), Err(LocalTimesError::EndBeforeStart));
        assert_eq!(from_to(14, 14), Err(LocalTimesError::EndBeforeStart));
        assert_eq!(from_to(19, 18), Err(LocalTimesError::EndBeforeStart));
    }

    #[test]
    fn weeks_are_counted_in_the_calendar() {
        let first = times(date(2026, 10, 15), (10, 0), 60);
        let weekly = Repeat::weekly_on(first.date(), Ends::On(date(2026, 11, 5)));
        let days = occurrences(first, weekly, date(2026, 10, 16), date(2026, 12, 31));
        assert_eq!(days, [date(2026, 10, 22), date(2026, 10, 29), date(2026, 11, 5)]);
        let once = |from, to| occurrences(first, Repeat::Once, from, to);
        assert_eq!(once(date(2026, 10, 15), date(2026, 10, 15)), [date(2026, 10, 15)]);
        assert!(once(date(2026, 10, 16), date(2026, 12, 31)).is_empty());
        assert!(once(date(2026, 10, 1), date(2026, 10, 14)).is_empty());
    }

    #[test]
    fn the_answer_is_bounded() {
        let first = times(date(2020, 1, 1), (10, 0), 60);
        let forever = Repeat::weekly_on(first.date(), Ends::Never);
        let days = occurrences(first, forever, date(2026, 11, 25), Date::MAX);
        assert_eq!(days.len(), 13);
        assert_eq!(days.first(), Some(&date(2026, 11, 25)));
        assert!(occurrences(first, forever, Date::MAX, Date::MAX).len() <= 1);
        assert!(occurrences(first, forever, date(2026, 11, 25), date(2026, 11, 1)).is_empty());
    }
}
