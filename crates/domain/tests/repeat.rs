//! Repetition: the examples of RFC 5545, every rule that is refused, and what always holds.
#![expect(
    clippy::expect_used,
    reason = "strategies are built from values that are known to be good"
)]

use jiff::civil::{Date, Weekday, date, time};
use jiff::{Span, ToSpan as _};
use kith_domain::repeat::{
    DayOfMonth, Ends, Every, MonthDay, Nth, Pattern, Repeat, RruleError, RruleStart, Times, WEEK,
    Weekdays,
};
use kith_domain::{LocalTimes, Zone};
use proptest::prelude::*;

/// The examples of RFC 5545 section 3.8.5.3 begin at 9am in New York.
fn days(start: Date, rule: &str, count: usize) -> Vec<String> {
    let zone = Zone::parse("America/New_York").expect("a known zone");
    let repeat = Repeat::from_rrule(rule, &RruleStart::at(start, time(9, 0, 0, 0), &zone));
    let repeat = repeat.expect(rule);
    repeat.days(start).take(count).map(|day| day.to_string()).collect()
}

fn refused(rule: &str) -> RruleError {
    let start = RruleStart::of(date(1997, 9, 2));
    Repeat::from_rrule(rule, &start).expect_err(rule)
}

#[test]
fn examples_of_the_standard() {
    let september = date(1997, 9, 2);
    assert_eq!(days(september, "RRULE:FREQ=DAILY;COUNT=10", 99).len(), 10);
    let until_christmas = days(september, "RRULE:FREQ=DAILY;UNTIL=19971224T000000Z", 999);
    assert_eq!(until_christmas.len(), 113);
    assert_eq!(until_christmas.last().map(String::as_str), Some("1997-12-23"));
    assert_eq!(
        days(september, "FREQ=DAILY;INTERVAL=10;COUNT=5", 99),
        ["1997-09-02", "1997-09-12", "1997-09-22", "1997-10-02", "1997-10-12"]
    );
    let weekly = days(september, "FREQ=WEEKLY;UNTIL=19971224T000000Z", 99);
    assert_eq!((weekly.len(), weekly.last().map(String::as_str)), (17, Some("1997-12-23")));
    assert_eq!(
        days(september, "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", 99).len(),
        10
    );
    assert_eq!(
        days(date(1997, 9, 1), "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;BYDAY=MO,WE,FR", 6),
        ["1997-09-01", "1997-09-03", "1997-09-05", "1997-09-15", "1997-09-17", "1997-09-19"]
    );
    assert_eq!(
        days(date(1997, 9, 5), "FREQ=MONTHLY;COUNT=10;BYDAY=1FR", 4),
        ["1997-09-05", "1997-10-03", "1997-11-07", "1997-12-05"]
    );
    assert_eq!(
        days(date(1997, 9, 5), "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", 99).len(),
        4
    );
    assert_eq!(
        days(date(1997, 9, 10), "FREQ=YEARLY;COUNT=3;BYMONTH=9", 9),
        ["1997-09-10", "1998-09-10", "1999-09-10"]
    );
    assert_eq!(
        days(date(1997, 8, 5), "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", 9),
        ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]
    );
    assert_eq!(
        days(date(1997, 9, 2), "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU;BYSETPOS=-1", 3),
        ["1997-09-30", "1997-11-25", "1998-01-27"]
    );
    // The standard's own example of an invalid date: it is ignored and not counted.
    assert_eq!(
        days(date(2007, 1, 30), "FREQ=MONTHLY;BYMONTHDAY=30;COUNT=4", 9),
        ["2007-01-30", "2007-03-30", "2007-04-30", "2007-05-30"]
    );
}

#[test]
fn short_months_are_left_out_but_for_the_last_day() {
    assert_eq!(
        days(date(2026, 1, 31), "FREQ=MONTHLY", 4),
        ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]
    );
    assert_eq!(
        days(date(2027, 11, 30), "FREQ=MONTHLY;BYMONTHDAY=-1", 4),
        ["2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29"]
    );
    assert_eq!(
        days(date(2024, 2, 29), "FREQ=YEARLY", 3),
        ["2024-02-29", "2028-02-29", "2032-02-29"]
    );
    assert_eq!(
        days(date(2026, 12, 1), "FREQ=MONTHLY;BYDAY=5TU", 3),
        ["2026-12-29", "2027-03-30", "2027-06-29"]
    );
    assert!(days(date(2026, 2, 1), "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", 1).is_empty());
}

#[test]
fn the_instant_that_ends_a_rule_is_included_to_the_second() {
    let rule = |until: &str| days(date(1997, 9, 2), &format!("FREQ=DAILY;UNTIL={until}"), 9).len();
    // 9am in New York is 13:00 UTC in summer.
    assert_eq!(rule("19970904T130000Z"), 3);
    assert_eq!(rule("19970904T125959Z"), 2);
    assert_eq!(rule("19970905T030000Z"), 3, "still the evening of the 4th in New York");
    assert_eq!(rule("19970904"), 3);
}

#[test]
fn every_rule_that_is_refused_says_why() {
    use RruleError as E;
    let cases = [
        ("", E::Shape),
        ("weekly", E::Shape),
        ("FREQ=", E::Shape),
        ("INTERVAL=2", E::NoFrequency),
        ("FREQ=FORTNIGHTLY", E::Value("FREQ")),
        ("FREQ=SECONDLY", E::WithinTheDay),
        ("FREQ=MINUTELY;INTERVAL=90", E::WithinTheDay),
        ("FREQ=HOURLY", E::WithinTheDay),
        ("FREQ=DAILY;BYHOUR=9", E::TimeOfDay("BYHOUR")),
        ("FREQ=DAILY;BYMINUTE=0,20,40", E::TimeOfDay("BYMINUTE")),
        ("FREQ=DAILY;BYSECOND=0", E::TimeOfDay("BYSECOND")),
        ("FREQ=YEARLY;BYYEARDAY=1,100,200", E::Part("BYYEARDAY")),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", E::Part("BYWEEKNO")),
        ("FREQ=YEARLY;BYDAY=20MO", E::Together("YEARLY", "BYDAY")),
        ("FREQ=YEARLY;BYMONTH=6,7", E::Several("BYMONTH")),
        ("FREQ=YEARLY;BYMONTH=6", E::Part("BYMONTH other than that of the start")),
        ("FREQ=YEARLY;INTERVAL=9", E::TooMuch("INTERVAL", 8)),
        ("FREQ=MONTHLY;BYMONTH=9", E::Part("BYMONTH")),
        ("FREQ=DAILY;BYMONTH=1", E::Together("DAILY", "BYMONTH")),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", E::Together("DAILY above one day", "BYDAY")),
        ("FREQ=WEEKLY;BYMONTHDAY=1", E::Value("BYMONTHDAY")),
        ("FREQ=WEEKLY;BYDAY=2TU", E::Value("BYDAY")),
        ("FREQ=WEEKLY;BYDAY=XX", E::Value("BYDAY")),
        ("FREQ=WEEKLY;BYDAY=MO,", E::Value("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", E::Together("BYMONTHDAY", "BYDAY")),
        ("FREQ=MONTHLY;BYMONTHDAY=2,15", E::Several("BYMONTHDAY")),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", E::FromTheEnd),
        ("FREQ=MONTHLY;BYMONTHDAY=32", E::Value("BYMONTHDAY")),
        ("FREQ=MONTHLY;BYMONTHDAY=0", E::Value("BYMONTHDAY")),
        ("FREQ=MONTHLY;BYDAY=-2MO", E::FromTheEnd),
        ("FREQ=MONTHLY;BYDAY=6MO", E::Value("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=0MO", E::Value("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=1SU,-1SU", E::Several("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", E::SetPosition),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=-2", E::SetPosition),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=1", E::SetPosition),
        ("FREQ=MONTHLY;BYSETPOS=1", E::SetPosition),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1", E::Together("WEEKLY", "BYSETPOS")),
        ("FREQ=DAILY;COUNT=2;UNTIL=19971224", E::TwoEnds),
        ("FREQ=DAILY;COUNT=0", E::Value("COUNT")),
        ("FREQ=DAILY;COUNT=1000", E::TooMuch("COUNT", 999)),
        ("FREQ=DAILY;INTERVAL=0", E::Value("INTERVAL")),
        ("FREQ=DAILY;INTERVAL=-1", E::Value("INTERVAL")),
        ("FREQ=DAILY;INTERVAL=100", E::TooMuch("INTERVAL", 99)),
        ("FREQ=DAILY;FREQ=WEEKLY", E::Twice("FREQ")),
        ("FREQ=DAILY;RSCALE=CHINESE", E::UnknownPart),
        ("FREQ=DAILY;UNTIL=tomorrow", E::Until),
        ("FREQ=DAILY;UNTIL=19971324", E::Until),
        ("FREQ=DAILY;UNTIL=19971224T090000", E::Until),
        ("FREQ=DAILY;UNTIL=19971224T090000Z", E::Until),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", E::WeekStart),
        ("FREQ=WEEKLY;WKST=8", E::Value("WKST")),
    ];
    for (rule, why) in cases {
        assert_eq!(refused(rule), why, "{rule}");
        assert!(!why.to_string().is_empty());
    }
    assert_eq!(refused(&"X".repeat(501)), RruleError::TooLong);
}

fn a_day() -> impl Strategy<Value = Date> {
    (0..12_000_i64).prop_map(|days| date(2011, 12, 1).saturating_add(Span::new().days(days)))
}

fn weekdays() -> impl Strategy<Value = Weekdays> {
    prop::sample::subsequence(WEEK.to_vec(), 1..=7)
        .prop_map(|days| Weekdays::of(days).expect("at least one"))
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let every = || (1..=Every::MOST).prop_map(|every| Every::new(every).expect("within bounds"));
    let few = || (1..=4_u8).prop_map(|every| Every::new(every).expect("within bounds"));
    let every = move || prop_oneof![3 => few(), 1 => every()];
    let month_day = prop_oneof![
        6 => (1..=31_i8).prop_map(|day| MonthDay::On(DayOfMonth::new(day).expect("a day"))),
        1 => Just(MonthDay::Last),
    ];
    prop_oneof![
        every().prop_map(|every| Pattern::Daily { every }),
        (every(), weekdays()).prop_map(|(every, on)| Pattern::Weekly { every, on }),
        (every(), month_day).prop_map(|(every, on)| Pattern::MonthlyByDate { every, on }),
        (every(), prop::sample::select(&Nth::ALL[..]), prop::sample::select(&WEEK[..])).prop_map(
            |(every, which, weekday)| Pattern::MonthlyByWeekday { every, which, weekday }
        ),
    ]
}

fn repeat() -> impl Strategy<Value = Repeat> {
    let ends = prop_oneof![
        Just(Ends::Never),
        a_day().prop_map(Ends::On),
        (1..=Times::MOST).prop_map(|times| Ends::After(Times::new(times).expect("a number"))),
    ];
    prop_oneof![
        1 => Just(Repeat::Once),
        9 => (pattern(), ends).prop_map(|(pattern, ends)| Repeat::Again { pattern, ends }),
    ]
}

/// Whether a day is of a pattern, said without counting forward: the other way round.
fn fits(pattern: Pattern, first: Date, day: Date) -> bool {
    let every = i64::from(pattern.every().get());
    let monday =
        |day: Date| day.saturating_sub(i64::from(day.weekday().since(Weekday::Monday)).days());
    let apart = |from: Date, to: Date| i64::from(from.until(to).expect("days").get_days());
    let months = i64::from(day.year() - first.year()) * 12 + i64::from(day.month())
        - i64::from(first.month());
    if day < first {
        return false;
    }
    match pattern {
        Pattern::Daily { .. } => apart(first, day) % every == 0,
        Pattern::Weekly { on, .. } => {
            on.contains(day.weekday()) && apart(monday(first), monday(day)) / 7 % every == 0
        }
        Pattern::MonthlyByDate { on: MonthDay::Last, .. } => {
            months % every == 0 && day.tomorrow().expect("a day").day() == 1
        }
        Pattern::MonthlyByDate { on: MonthDay::On(of_month), .. } => {
            months % every == 0 && day.day() == of_month.get()
        }
        Pattern::MonthlyByWeekday { which, weekday, .. } => {
            let is_last = day.saturating_add(7.days()).month() != day.month();
            let number = (day.day() - 1) / 7 + 1;
            months % every == 0
                && day.weekday() == weekday
                && (which.number() == number || (which == Nth::Last && is_last))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_days_are_those_that_fit(
        pattern in pattern(),
        first in a_day(),
        ahead in 0..4_000_i64,
        length in 0..120_i64,
    ) {
        let from = first.saturating_add(ahead.days());
        let to = from.saturating_add(length.days());
        let repeat = Repeat::Again { pattern, ends: Ends::Never };
        let given: Vec<Date> = repeat.days_between(first, from, to).collect();
        let expected: Vec<Date> = (0..=length)
            .map(|day| from.saturating_add(day.days()))
            .filter(|day| fits(pattern, first, *day))
            .collect();
        prop_assert_eq!(given, expected);
    }

    #[test]
    fn an_end_cuts_and_a_window_shows_a_part(
        repeat in repeat(),
        first in a_day(),
        from in a_day(),
        length in 0..400_i64,
    ) {
        let to = from.saturating_add(length.days());
        let whole: Vec<Date> = repeat.days(first).take(1_000).collect();
        let part: Vec<Date> = repeat.days_between(first, from, to).collect();
        prop_assert!(whole.is_sorted_by(|a, b| a < b));
        prop_assert!(whole.iter().all(|day| *day >= first));
        let within = |day: &Date| from <= *day && *day <= to;
        if whole.len() < 1_000 || whole.last().is_some_and(|last| *last > to) {
            let expected: Vec<Date> = whole.iter().copied().filter(within).collect();
            prop_assert_eq!(&part, &expected);
        }
        match repeat.ends() {
            Ends::On(last) => prop_assert!(whole.iter().all(|day| *day <= last)),
            Ends::After(times) => prop_assert!(whole.len() <= usize::from(times.get())),
            Ends::Never => {}
        }
        match repeat.last_day(first) {
            Some(last) => prop_assert!(whole.iter().all(|day| *day <= last)),
            None => prop_assert!(repeat.is_again()),
        }
    }

    #[test]
    fn what_is_stored_is_read_again(repeat in repeat(), first in a_day()) {
        let text = repeat.to_text();
        prop_assert_eq!(Repeat::from_text(&text, first), Ok(repeat), "{}", text);
        prop_assert!(!repeat.to_string().is_empty());
    }

    #[test]
    fn a_first_day_that_was_looked_for_is_the_first_day(pattern in pattern(), date in a_day()) {
        if let Some(first) = pattern.first_from(date) {
            prop_assert!(first >= date);
            let repeat = Repeat::Again { pattern, ends: Ends::Never };
            prop_assert_eq!(repeat.days(first).next(), Some(first));
        }
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,60}", first in a_day()) {
        let _ = Repeat::from_rrule(&text, &RruleStart::of(first));
    }

    #[test]
    fn reading_what_looks_like_a_rule_never_panics(
        text in "(RRULE:)?FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL|COUNT|UNTIL|BYDAY|BYMONTHDAY|BYSETPOS|WKST|BYMONTH)=[-+0-9A-Z,TZ]{0,9}){0,4}",
        first in a_day(),
    ) {
        if let Ok(repeat) = Repeat::from_rrule(&text, &RruleStart::of(first)) {
            let stored = repeat.to_text();
            prop_assert_eq!(Repeat::from_text(&stored, first), Ok(repeat));
        }
    }

    #[test]
    fn the_wall_clock_is_kept_over_years(repeat in repeat(), first in a_day(), hour in 4..23_i8) {
        let zone = Zone::parse("Europe/London").expect("a known zone");
        let at = time(hour, 0, 0, 0);
        let times = LocalTimes::new(first, at, 30).expect("good times");
        for day in repeat.days(first).take(60) {
            let (starts, _) = times.on(day).instants(&zone);
            prop_assert_eq!(zone.local(starts), day.to_datetime(at));
        }
    }
}
