//! Reminders across every clock change of London until 2037.
#![expect(
    clippy::expect_used,
    reason = "strategies are built from values that are known to be good"
)]

use jiff::civil::date;
use kith_domain::outbox::MailKind;
use kith_domain::reminder::{
    EARLIEST_HOURS_BEFORE, ReminderChoice, ReminderKind, due_at, in_sending_hours, plan,
    useful_until,
};
use kith_domain::{SendingHours, Timestamp, Zone};
use proptest::prelude::*;

fn london() -> Zone {
    Zone::parse("Europe/London").expect("the database knows London")
}

/// Any minute from 2026 to 2037; half of them within two days of a clock change.
fn minute() -> impl Strategy<Value = Timestamp> {
    let any = (0..12 * 366 * 24 * 60_i64)
        .prop_map(|minutes| london().start_of_day(date(2026, 1, 1)).plus_minutes(minutes));
    let near_a_change = (2026..=2037_i16, prop::bool::ANY, -2_880..2_880_i64).prop_map(
        |(year, spring, minutes)| {
            let month_end = date(year, if spring { 3 } else { 10 }, 31);
            let back = i64::from(month_end.weekday().to_sunday_zero_offset());
            let sunday = month_end.checked_sub(jiff::Span::new().days(back)).expect("in range");
            Zone::parse("UTC").expect("UTC").instant(sunday.at(1, 0, 0, 0)).plus_minutes(minutes)
        },
    );
    prop_oneof![any, near_a_change]
}

fn choice() -> impl Strategy<Value = ReminderChoice> {
    (prop::option::of(8..=19_i8), prop::bool::ANY, prop::option::of(1..=6_i8)).prop_map(
        |(day_before, morning, hours_before)| {
            ReminderChoice::new(day_before, morning, hours_before).expect("a good choice")
        },
    )
}

fn hours() -> impl Strategy<Value = SendingHours> {
    (8..=12_i8, 16..=20_i8)
        .prop_map(|(from, until)| SendingHours::new(from, until).expect("good hours"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn reminders_come_in_the_hours_of_choice_and_in_time(
        starts in minute(),
        choice in choice(),
        hours in hours(),
    ) {
        let zone = london();
        let planned = plan(choice, hours, starts, &zone);
        let wanted = ReminderKind::ALL.iter().filter(|kind| choice.wants(**kind)).count();
        prop_assert!(planned.len() <= wanted && planned.is_empty() == (wanted == 0));
        for pair in planned.windows(2) {
            prop_assert!(pair[0].1 < pair[1].1);
        }
        for (kind, due) in planned {
            prop_assert!(choice.wants(kind));
            prop_assert!(hours.contains(due, &zone), "{due} for {starts}");
            prop_assert!(in_sending_hours(due, &zone));
            prop_assert!(due < useful_until(starts));
            prop_assert!(due >= starts.plus_hours(1 - EARLIEST_HOURS_BEFORE), "{due} for {starts}");
        }
    }

    #[test]
    fn the_day_before_is_at_the_hour_of_choice(starts in minute(), hour in 8..=19_i8) {
        let zone = london();
        let choice = ReminderChoice { day_before: Some(hour), ..ReminderChoice::NONE };
        let hours = SendingHours::ORDINARY;
        let due = due_at(ReminderKind::DayBefore, choice, hours, starts, &zone);
        let local = zone.local(due.expect("a day before"));
        prop_assert_eq!((local.hour(), local.minute()), (hour, 0));
        prop_assert_eq!(local.date().tomorrow().expect("in range"), zone.date(starts));
    }

    #[test]
    fn hours_before_are_kept_or_the_evening_before_the_night(
        starts in minute(),
        before in 1..=6_i8,
        hours in hours(),
    ) {
        let zone = london();
        let choice = ReminderChoice { hours_before: Some(before), ..ReminderChoice::NONE };
        let due = due_at(ReminderKind::HoursBefore, choice, hours, starts, &zone);
        let (due, wanted) = (due.expect("an hour"), starts.plus_hours(-i64::from(before)));
        if due != wanted {
            prop_assert!(!hours.contains(wanted, &zone));
            prop_assert_eq!(zone.local(due).hour(), 18.min(hours.until() - 1));
            prop_assert!(due < wanted);
        }
    }

    #[test]
    fn the_next_sending_time_is_the_first(at in minute(), hours in hours()) {
        let zone = london();
        let next = hours.next(at, &zone);
        prop_assert!(next >= at && next <= at.plus_hours(21));
        prop_assert!(hours.contains(next, &zone));
        prop_assert!(next == at || !hours.contains(next.plus_seconds(-1), &zone));
    }

    #[test]
    fn what_waits_may_be_sent_when_its_wait_ends(
        kind in prop::sample::select(MailKind::ALL),
        at in minute(),
        ahead in prop::option::of(0..5_000_i64),
        hours in hours(),
    ) {
        let zone = london();
        let starts = ahead.map(|minutes| at.plus_minutes(minutes));
        let from = hours.send_from(kind, at, &zone, starts);
        prop_assert!(from >= at);
        prop_assert!(hours.may_send_now(kind, from, &zone, starts));
        prop_assert_eq!(from == at, hours.may_send_now(kind, at, &zone, starts));
    }
}
