//! Days and times as people say them in British English: pages, mails and patterns say them alike.

use jiff::civil::{Date, Time, Weekday};

use crate::task::{TaskKind, Within};

/// "Monday".
#[must_use]
pub const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// "November".
#[must_use]
pub fn month(date: Date) -> &'static str {
    match date.month() {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

/// "24 November".
#[must_use]
pub fn day_month(date: Date) -> String {
    format!("{} {}", date.day(), month(date))
}

/// "Tuesday 24 November".
#[must_use]
pub fn day(date: Date) -> String {
    format!("{} {}", weekday(date.weekday()), day_month(date))
}

/// "2pm", "3.30pm", "noon", "midnight".
#[must_use]
pub fn time(time: Time) -> String {
    let (hour, half) = match time.hour() {
        0 => (12, "am"),
        hour @ 1..=11 => (hour, "am"),
        12 => (12, "pm"),
        hour => (hour - 12, "pm"),
    };
    match (time.hour(), time.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (_, 0) => format!("{hour}{half}"),
        (_, minute) => format!("{hour}.{minute:02}{half}"),
    }
}

/// "2pm to 3.30pm".
#[must_use]
pub fn times(from: Time, to: Time) -> String {
    format!("{} to {}", time(from), time(to))
}

/// The stretch of the day within which it does not matter when, if these times are one. Sitting with
/// somebody in the evening is for the whole of it.
#[must_use]
pub fn within(kind: TaskKind, from: Time, to: Time) -> Option<Within> {
    let minutes = u16::try_from(to.duration_since(from).as_mins()).ok()?;
    Within::of(from, minutes).filter(|_| kind != TaskKind::Evening)
}

/// "2pm to 3.30pm", or "any time in the morning (8am to noon)".
#[must_use]
pub fn times_of(kind: TaskKind, from: Time, to: Time) -> String {
    let times = times(from, to);
    match within(kind, from, to) {
        None => times,
        Some(Within::Morning) => format!("any time in the morning ({times})"),
        Some(Within::Afternoon) => format!("any time in the afternoon ({times})"),
        Some(Within::Evening) => format!("any time in the evening ({times})"),
        Some(Within::Day) => format!("any time that day ({times})"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time as at};

    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        for (hour, minute, said) in [
            (0, 0, "midnight"),
            (0, 30, "12.30am"),
            (9, 5, "9.05am"),
            (11, 59, "11.59am"),
            (12, 0, "noon"),
            (12, 15, "12.15pm"),
            (14, 0, "2pm"),
            (15, 30, "3.30pm"),
            (23, 0, "11pm"),
        ] {
            assert_eq!(time(at(hour, minute, 0, 0)), said);
        }
        assert_eq!(times(at(14, 0, 0, 0), at(15, 30, 0, 0)), "2pm to 3.30pm");
        for (kind, from, to, said) in [
            (TaskKind::Shopping, 8, 12, "any time in the morning (8am to noon)"),
            (TaskKind::DogWalk, 12, 17, "any time in the afternoon (noon to 5pm)"),
            (TaskKind::Call, 17, 21, "any time in the evening (5pm to 9pm)"),
            (TaskKind::Meal, 8, 20, "any time that day (8am to 8pm)"),
            (TaskKind::Evening, 17, 21, "5pm to 9pm"),
            (TaskKind::Visit, 9, 12, "9am to noon"),
            (TaskKind::Visit, 22, 7, "10pm to 7am"),
        ] {
            assert_eq!(times_of(kind, at(from, 0, 0, 0), at(to, 0, 0, 0)), said);
        }
    }

    #[test]
    fn days_are_said_with_their_weekday() {
        assert_eq!(day(date(2026, 11, 24)), "Tuesday 24 November");
        assert_eq!(day_month(date(2027, 3, 28)), "28 March");
    }
}
