//! Every clock change of London from 2026 to 2037, and three of each of twenty zones with other
//! rules: what is asked for each minute of the three hours before and after, daily and weekly.
//!
//! The oracle never asks what instant a wall-clock time is. It goes through the minutes of UTC one
//! by one, notes what the clock on the wall shows in each, and looks the answer up.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the zones are known, and the oracle knows every minute that is asked about"
)]

use std::collections::{BTreeSet, HashMap};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};
use kith_domain::reminder::{ReminderChoice, ReminderKind, plan, silence, useful_until};
use kith_domain::repeat::{Every, Pattern};
use kith_domain::{Ends, LocalTimes, Repeat, SendingHours, Timestamp, Zone, occurrences};

/// Zones whose clocks change by other rules than London's: by half an hour and by two hours, at
/// midnight, backwards in summer, in the south, twice around Ramadan, across the date.
const OTHERS: [&str; 20] = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/Miquelon",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Atlantic/Azores",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Europe/Chisinau",
    "Europe/Dublin",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
];

/// Minutes before and after a change at which something is asked for.
const AROUND: i64 = 3 * 60;
/// Days before and after a change that the oracle knows.
const KNOWN_DAYS: i64 = 9;
const DAY: i64 = 24 * 60;
/// Minutes that a task lasts here.
const LASTS: u16 = 45;

#[test]
fn every_change_of_london_until_2037_keeps_the_clock_on_the_wall() {
    let changes = changes("Europe/London", 2026, 2038);
    assert_eq!(changes.len(), 24, "two a year");
    let cases: u64 = changes.iter().map(|change| check("Europe/London", *change)).sum();
    println!("Europe/London: {} changes, {cases} slots and reminders", changes.len());
    assert!(cases > 150_000, "{cases}");
}

#[test]
fn three_changes_of_each_of_twenty_other_zones_keep_the_clock_on_the_wall() {
    let (mut cases, mut lengths) = (0, BTreeSet::new());
    for name in OTHERS {
        let changes = changes(name, 2026, 2029);
        assert!(changes.len() >= 3, "{name} has {} changes", changes.len());
        for change in changes.into_iter().take(3) {
            lengths.insert(change.after - change.before);
            cases += check(name, change);
        }
    }
    println!("{} zones: {cases} slots and reminders, changes of {lengths:?} minutes", OTHERS.len());
    assert!(cases > 300_000, "{cases}");
    assert_eq!(lengths, BTreeSet::from([-120, -60, -30, 30, 60, 120]));
}

/// The minute of UTC at which the offset changes, and the offsets before and after, in minutes.
#[derive(Clone, Copy, Debug)]
struct Change {
    at: i64,
    before: i64,
    after: i64,
}

fn offset(zone: &TimeZone, minute: i64) -> i64 {
    let at = jiff::Timestamp::from_second(minute * 60).expect("within the calendar");
    let seconds = i64::from(zone.to_offset(at).seconds());
    assert_eq!(seconds % 60, 0, "offsets are whole minutes today");
    seconds / 60
}

fn changes(name: &str, from: i16, until: i16) -> Vec<Change> {
    let zone = TimeZone::get(name).expect(name);
    let first_minute = |year| minute_of(Date::constant(year, 1, 1).at(0, 0, 0, 0));
    let mut changes = Vec::new();
    let mut hour = first_minute(from);
    while hour < first_minute(until) {
        let (before, later) = (offset(&zone, hour), offset(&zone, hour + 60));
        if before != later {
            let at = (hour..=hour + 60).find(|minute| offset(&zone, *minute) == later);
            changes.push(Change { at: at.expect("in this hour"), before, after: later });
        }
        hour += 60;
    }
    changes
}

/// Minutes from 1970 to a wall-clock time, as if the wall were in Greenwich without summer.
fn minute_of(wall: DateTime) -> i64 {
    let since = wall.duration_since(Date::constant(1970, 1, 1).at(0, 0, 0, 0));
    since.as_secs() / 60
}

fn wall_of(minute: i64) -> DateTime {
    let epoch = Date::constant(1970, 1, 1).at(0, 0, 0, 0);
    epoch.checked_add(SignedDuration::from_mins(minute)).expect("within the calendar")
}

/// What the clock on the wall shows around one change.
struct Wall {
    /// The first minute of UTC in which it shows each time.
    first: HashMap<i64, i64>,
    /// The last.
    last: HashMap<i64, i64>,
    shows: HashMap<i64, i64>,
}

impl Wall {
    fn around(zone: &TimeZone, change: Change) -> Self {
        let (mut first, mut last, mut shows) = (HashMap::new(), HashMap::new(), HashMap::new());
        for minute in change.at - KNOWN_DAYS * DAY..change.at + KNOWN_DAYS * DAY {
            let wall = minute + offset(zone, minute);
            first.entry(wall).or_insert(minute);
            last.insert(wall, minute);
            shows.insert(minute, wall);
        }
        Self { first, last, shows }
    }

    fn shows(&self, minute: i64) -> i64 {
        self.shows[&minute]
    }

    /// The instant of a wall-clock time: its first coming; where the clock skips it, as long after
    /// the gap as it is after the gap's beginning (RFC 5545 section 3.3.5).
    fn instant(&self, wall: i64) -> i64 {
        if let Some(minute) = self.first.get(&wall) {
            return *minute;
        }
        let mut into = 1;
        while !self.last.contains_key(&(wall - into)) {
            into += 1;
        }
        let (gap, minute) = (self.last[&(wall - into)] + 1, self.last[&(wall - into)] + into);
        let length = self.shows(gap) - (wall - into) - 1;
        assert!(gap <= minute && minute < gap + length, "within the length of the gap after it");
        minute
    }

    /// An hour of the day of a wall-clock time, or of so many days later.
    fn hour_of_day(&self, wall: i64, days: i64, hour: i8) -> i64 {
        self.instant(wall.div_euclid(DAY) * DAY + days * DAY + i64::from(hour) * 60)
    }
}

fn utc(at: Timestamp) -> i64 {
    assert_eq!(at.as_second() % 60, 0, "whole minutes");
    at.as_second() / 60
}

/// Asks for every minute around one change. Says how many slots and reminders were compared.
fn check(name: &str, change: Change) -> u64 {
    let (zone, wall) = (Zone::parse(name).expect(name), TimeZone::get(name).expect(name));
    let wall = Wall::around(&wall, change);
    // Both what the wall showed before the change and what it shows after, so that the whole of a
    // gap and both comings of what comes twice are met.
    let from = change.at + change.before.min(change.after) - AROUND;
    let until = change.at + change.before.max(change.after) + AROUND;
    let mut compared = 0;
    for asked in from..=until {
        let on = wall_of(asked);
        let every_day =
            Repeat::Again { pattern: Pattern::Daily { every: Every::ONE }, ends: Ends::Never };
        let every_week = Repeat::weekly_on(on.date(), Ends::Never);
        for (repeat, step, times) in [(every_day, 1, 2), (every_week, 7, 1)] {
            let first = on.date().checked_sub((step * times).days()).expect("a day before");
            let last = on.date().checked_add((step * times).days()).expect("a day after");
            let first = LocalTimes::new(first, on.time(), LASTS).expect("good times");
            let days = occurrences(first, repeat, first.date(), last);
            assert_eq!(days.len(), usize::try_from(2 * times + 1).expect("few"), "{name} {on}");
            let mut starts_once = BTreeSet::new();
            for day in days {
                let (starts, ends) = first.on(day).instants(&zone);
                let wanted = minute_of(day.to_datetime(on.time()));
                let expected = wall.instant(wanted);
                assert_eq!(utc(starts), expected, "{name}: {day} {}", on.time());
                let exists = wall.first.contains_key(&wanted);
                let lasts = i64::from(LASTS);
                let expected_end =
                    if exists { wall.instant(wanted + lasts) } else { expected + lasts };
                assert_eq!(utc(ends), expected_end, "{name}: end of {day} {}", on.time());
                assert!(starts_once.insert(starts), "{name}: {day} {} comes once", on.time());
                compared += 1 + reminders(name, &zone, &wall, starts);
            }
        }
    }
    compared
}

/// Compares the reminders of a slot, and what is done when nobody says a word.
fn reminders(name: &str, zone: &Zone, wall: &Wall, starts: Timestamp) -> u64 {
    let start = utc(starts);
    let day = wall.shows(start);
    let (from, until) = (8, 20);
    let hours = SendingHours::new(from, until).expect("good hours");
    let by_day = |minute: i64| {
        let hour = wall.shows(minute).rem_euclid(DAY) / 60;
        (i64::from(from)..i64::from(until)).contains(&hour)
    };
    let evening_before = |minute: i64| {
        let shown = wall.shows(minute);
        let back = i64::from(shown.rem_euclid(DAY) / 60 < i64::from(from));
        wall.hour_of_day(shown, -back, 18)
    };
    let choice = ReminderChoice::new(Some(18), true, Some(2)).expect("a good choice");
    let morning = wall.hour_of_day(day, 0, from);
    let morning = if morning + 60 <= start { morning } else { wall.hour_of_day(day, -1, 18) };
    let hours_before = if by_day(start - 120) { start - 120 } else { evening_before(start - 120) };
    let expected = BTreeSet::from([wall.hour_of_day(day, -1, 18), morning, hours_before]);
    let planned = plan(choice, hours, starts, zone);
    let due: Vec<i64> = planned.iter().map(|(_, due)| utc(*due)).collect();
    assert_eq!(due, expected.into_iter().collect::<Vec<_>>(), "{name}: reminders of {starts}");
    assert!(planned.iter().all(|(_, due)| *due < useful_until(starts)), "{name}: {starts}");
    assert!(planned.iter().any(|(kind, _)| *kind == ReminderKind::DayBefore) || due.len() < 3);
    let steps = silence(starts, zone).expect("a day before");
    let (ask, tell) = (start - 360, start - 180);
    if by_day(ask) {
        assert_eq!(utc(steps.ask), ask, "{name}: asking before {starts}");
    }
    if by_day(tell) {
        assert_eq!(utc(steps.tell), tell, "{name}: telling before {starts}");
    }
    assert!(by_day(utc(steps.ask)) && by_day(utc(steps.tell)), "{name}: silence at {starts}");
    assert!(steps.ask <= steps.tell && steps.tell < starts, "{name}: silence at {starts}");
    2 + u64::try_from(due.len()).expect("few")
}
