//! Reminders across every clock change of London until 2037.
#![expect(
    clippy::expect_used,
    reason = "strategies are built from values that are known to be good"
)]

use jiff::civil::date;
use kith_domain::outbox::MailKind;
use kith_domain::reminder::{
    ReminderChoice, ReminderKind, due_at, in_sending_hours, may_send_now, next_sending_time, plan,
    send_from, useful_until,
};
use kith_domain::{Timestamp, Zone};
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
    (prop::bool::ANY, prop::bool::ANY)
        .prop_map(|(day_before, two_hours)| ReminderChoice { day_before, two_hours })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn reminders_come_in_sending_hours_and_in_time(starts in minute(), choice in choice()) {
        let zone = london();
        let planned = plan(choice, starts, &zone);
        let wanted = usize::from(choice.day_before) + usize::from(choice.two_hours);
        prop_assert!(planned.len() <= wanted && planned.is_empty() == (wanted == 0));
        for pair in planned.windows(2) {
            prop_assert!(pair[0].1 < pair[1].1);
        }
        for (kind, due) in planned {
            prop_assert!(choice.wants(kind));
            prop_assert!(in_sending_hours(due, &zone), "{due} for {starts}");
            prop_assert!(due < useful_until(starts));
            prop_assert!(due >= starts.plus_hours(-31), "{due} for {starts}");
        }
    }

    #[test]
    fn the_day_before_is_always_six_in_the_evening(starts in minute()) {
        let zone = london();
        let due = due_at(ReminderKind::DayBefore, starts, &zone).expect("a day before");
        let local = zone.local(due);
        prop_assert_eq!((local.hour(), local.minute()), (18, 0));
        prop_assert_eq!(local.date().tomorrow().expect("in range"), zone.date(starts));
    }

    #[test]
    fn two_hours_is_two_hours_or_the_evening_before_the_night(starts in minute()) {
        let zone = london();
        let due = due_at(ReminderKind::TwoHours, starts, &zone).expect("two hours before");
        if due != starts.plus_hours(-2) {
            prop_assert!(!in_sending_hours(starts.plus_hours(-2), &zone));
            prop_assert_eq!(zone.local(due).hour(), 18);
            prop_assert!(due < starts.plus_hours(-2));
        }
    }

    #[test]
    fn the_next_sending_time_is_the_first(at in minute()) {
        let zone = london();
        let next = next_sending_time(at, &zone);
        prop_assert!(next >= at && next <= at.plus_hours(13));
        prop_assert!(in_sending_hours(next, &zone));
        prop_assert!(next == at || !in_sending_hours(next.plus_seconds(-1), &zone));
    }

    #[test]
    fn what_waits_may_be_sent_when_its_wait_ends(
        kind in prop::sample::select(MailKind::ALL),
        at in minute(),
        ahead in prop::option::of(0..5_000_i64),
    ) {
        let zone = london();
        let starts = ahead.map(|minutes| at.plus_minutes(minutes));
        let from = send_from(kind, at, &zone, starts);
        prop_assert!(from >= at);
        prop_assert!(may_send_now(kind, from, &zone, starts));
        prop_assert_eq!(from == at, may_send_now(kind, at, &zone, starts));
    }
}
