//! Kinds of task, days and times as people say them in English.

use jiff::civil::{Date, DateTime, Weekday};
use kith_domain::TaskKind;

pub(crate) const fn kind(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Shopping => "Shopping",
        TaskKind::Visit => "A visit",
        TaskKind::Meal => "A meal",
        TaskKind::Lift => "A lift",
        TaskKind::Evening => "An evening together",
        TaskKind::DogWalk => "Walking the dog",
        TaskKind::Call => "A call or a hello",
        TaskKind::Outing => "Going out together",
        TaskKind::Newspaper => "The newspaper",
        TaskKind::Internet => "Help with the internet",
        TaskKind::BoxDelivery => "A back home box",
        TaskKind::Arranged => "Arranged already",
        TaskKind::Other => "Something else",
    }
}

pub(super) const fn weekday(day: Weekday) -> &'static str {
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

pub(super) const fn month(number: i8) -> &'static str {
    match number {
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

/// "Tuesday 24 November".
pub(super) fn date(day: Date) -> String {
    format!("{} {} {}", weekday(day.weekday()), day.day(), month(day.month()))
}

/// "Tuesday at 2pm".
pub(super) fn day_and_time(at: DateTime) -> String {
    format!("{} at {}", weekday(at.date().weekday()), time(at))
}

/// "2pm to 3.30pm"; the day as well where it ends on another.
pub(super) fn time_range(starts: DateTime, ends: DateTime) -> String {
    if starts.date() == ends.date() {
        format!("{} to {}", time(starts), time(ends))
    } else {
        format!("{} to {} on {}", time(starts), time(ends), weekday(ends.date().weekday()))
    }
}

/// "2pm", "3.30pm", "noon", "midnight".
pub(super) fn time(at: DateTime) -> String {
    let (hour, minute) = (at.hour(), at.minute());
    match (hour, minute) {
        (0, 0) => return "midnight".to_owned(),
        (12, 0) => return "noon".to_owned(),
        _ => {}
    }
    let half = if hour < 12 { "am" } else { "pm" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    if minute == 0 { format!("{hour}{half}") } else { format!("{hour}.{minute:02}{half}") }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{time, time_range};

    #[test]
    fn times_read_as_people_say_them() {
        let day = date(2026, 11, 24);
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
            assert_eq!(time(day.at(hour, minute, 0, 0)), said);
        }
        let night = time_range(day.at(22, 0, 0, 0), date(2026, 11, 25).at(7, 0, 0, 0));
        assert_eq!(night, "10pm to 7am on Wednesday");
        assert_eq!(time_range(day.at(14, 0, 0, 0), day.at(15, 30, 0, 0)), "2pm to 3.30pm");
    }
}
