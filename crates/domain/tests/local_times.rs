//! Wall-clock times over many zones and days.
#![expect(
    clippy::expect_used,
    reason = "strategies are built from values that are known to be good"
)]

use jiff::civil::{Date, date, time};
use kith_domain::task::DayPart;
use kith_domain::{Ends, LocalTimes, Repeat, Zone, occurrences};
use proptest::prelude::*;

const ZONES: &[&str] = &[
    "Europe/London",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/Santiago",
    "UTC",
];

fn zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(ZONES).prop_map(|name| Zone::parse(name).expect("a known zone"))
}

fn day() -> impl Strategy<Value = Date> {
    (0..26_i64 * 365).prop_map(|days| {
        date(2011, 12, 1).checked_add(jiff::Span::new().days(days)).expect("within range")
    })
}

fn times() -> impl Strategy<Value = LocalTimes> {
    (day(), 0..24_i8, 0..60_i8, 15..=1_440_u16).prop_map(|(day, hour, minute, minutes)| {
        LocalTimes::new(day, time(hour, minute, 0, 0), minutes).expect("good times")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_wall_clock_is_kept_but_in_gaps(zone in zone(), times in times()) {
        let (starts, ends) = times.instants(&zone);
        prop_assert!(starts < ends);
        let wanted = times.date().to_datetime(times.start());
        let shown = zone.local(starts);
        if shown == wanted {
            let end = zone.local(ends);
            prop_assert!(end >= times.end(), "{end} is before {}", times.end());
        } else {
            // Only a gap moves a start, and only forward: no instant shows the wanted time.
            prop_assert!(shown > wanted);
            let before = zone.local(starts.plus_seconds(-zone_jump(&zone, starts)));
            prop_assert!(before < wanted, "{wanted} exists in {zone}");
        }
    }

    #[test]
    fn weekly_days_are_seven_apart_and_within(
        times in times(),
        from in day(),
        length in 0..200_i64,
        until in prop::option::of(day()),
    ) {
        let to = from.checked_add(jiff::Span::new().days(length)).expect("within range");
        let ends = until.map_or(Ends::Never, Ends::On);
        let days = occurrences(times, Repeat::weekly_on(times.date(), ends), from, to);
        prop_assert!(days.len() <= 13);
        for day in &days {
            prop_assert!(*day >= from && *day <= to && *day >= times.date());
            prop_assert!(until.is_none_or(|until| *day <= until));
            prop_assert_eq!(day.weekday(), times.date().weekday());
        }
        for pair in days.windows(2) {
            prop_assert_eq!(pair[0].until(pair[1]).expect("days").get_days(), 7);
        }
        // Nothing is left out: every such weekday within the bounds is there.
        let mut expected = 0;
        for offset in 0..=length.min(84) {
            let day = from.checked_add(jiff::Span::new().days(offset)).expect("within range");
            if day >= times.date()
                && day.weekday() == times.date().weekday()
                && until.is_none_or(|until| day <= until)
            {
                expected += 1;
            }
        }
        prop_assert_eq!(days.len(), expected);
    }

    #[test]
    fn the_part_of_the_day_is_that_of_the_start(times in times()) {
        let expected = match times.start().hour() {
            0..=11 => DayPart::Morning,
            12..=16 => DayPart::Afternoon,
            _ => DayPart::Evening,
        };
        prop_assert_eq!(times.part(), expected);
    }
}

/// Seconds to step back from an instant to be before the gap that moved it there: more than the
/// time since the gap, less than a day and a half.
fn zone_jump(zone: &Zone, at: kith_domain::Timestamp) -> i64 {
    let offset = zone.offset_minutes(at);
    (0..36 * 60)
        .find(|minutes| zone.offset_minutes(at.plus_minutes(-minutes)) != offset)
        .map_or(0, |minutes| minutes * 60)
}
