//! Kinds of task, and when they are, as mails say them in English.

use jiff::civil::DateTime;
use kith_domain::TaskKind;
use kith_domain::english::{day, time, times, times_of, weekday};

pub(crate) const fn kind(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Shopping => "Shopping",
        TaskKind::Visit => "A visit",
        TaskKind::Meal => "A meal",
        TaskKind::Lift => "A lift somewhere",
        TaskKind::Evening => "Sit in the evening",
        TaskKind::DogWalk => "Walk the dog",
        TaskKind::Call => "A call or a hello",
        TaskKind::Outing => "Go out together",
        TaskKind::Newspaper => "The newspaper",
        TaskKind::Internet => "Help with the internet",
        TaskKind::BoxDelivery => "A back home box",
        TaskKind::Arranged => "Arranged already",
        TaskKind::Other => "Something else",
    }
}

/// "Tuesday 24 November at 2pm". With the date: whoever has something on each Tuesday would take the
/// weekday alone for the next one.
pub(super) fn day_and_time(at: DateTime) -> String {
    format!("{} at {}", day(at.date()), time(at.time()))
}

/// "2pm to 3.30pm", or "any time in the morning (8am to noon)"; the day as well where it ends on
/// another.
pub(super) fn time_range(kind: TaskKind, starts: DateTime, ends: DateTime) -> String {
    if starts.date() == ends.date() {
        times_of(kind, starts.time(), ends.time())
    } else {
        let day = weekday(ends.date().weekday());
        format!("{} on {day}", times(starts.time(), ends.time()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{TaskKind, time_range};

    #[test]
    fn a_night_says_on_which_day_it_ends() {
        let day = date(2026, 11, 24);
        let night =
            time_range(TaskKind::Visit, day.at(22, 0, 0, 0), date(2026, 11, 25).at(7, 0, 0, 0));
        assert_eq!(night, "10pm to 7am on Wednesday");
        let hour =
            |from, to| time_range(TaskKind::Shopping, day.at(from, 0, 0, 0), day.at(to, 0, 0, 0));
        assert_eq!(hour(14, 15), "2pm to 3pm");
        assert_eq!(hour(8, 12), "any time in the morning (8am to noon)");
    }
}
