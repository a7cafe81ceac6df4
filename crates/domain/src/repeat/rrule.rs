//! Reading RFC 5545 recurrence rules (section 3.3.10) that say what [`Repeat`] can say.
//!
//! A rule is accepted only where every occurrence would be the same day; everything else is refused
//! with the reason. `dateutil.rrule` was compared with it over many random rules.

use jiff::civil::{Date, Time, Weekday};

use super::print::weekday;
use super::{DayOfMonth, Ends, Every, MonthDay, Nth, Pattern, Repeat, Times, Weekdays};
use crate::time::{Timestamp, Zone};

/// Where a rule begins (`DTSTART`): what it leaves unsaid follows from it.
#[derive(Clone, Copy, Debug)]
pub struct RruleStart<'a> {
    date: Date,
    clock: Option<(Time, &'a Zone)>,
}

impl<'a> RruleStart<'a> {
    /// Only the day is known. A rule with an instant for its end is refused.
    pub const fn of(date: Date) -> Self {
        Self { date, clock: None }
    }

    /// The day and the wall-clock time.
    pub const fn at(date: Date, time: Time, zone: &'a Zone) -> Self {
        Self { date, clock: Some((time, zone)) }
    }
}

/// Why a rule is not one of Kith's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RruleError {
    /// Longer than any rule that could be meant.
    #[error("the rule is longer than 500 characters")]
    TooLong,
    /// Not `NAME=value` parts with semicolons between them.
    #[error(
        "a rule is NAME=value parts with semicolons between them, such as FREQ=WEEKLY;BYDAY=TU"
    )]
    Shape,
    /// A part that RFC 5545 does not have.
    #[error("it has a part that RFC 5545 does not know")]
    UnknownPart,
    /// A part is there twice.
    #[error("{0} is there twice")]
    Twice(&'static str),
    /// A part has a value that it cannot have.
    #[error("the value of {0} is none that RFC 5545 allows there")]
    Value(&'static str),
    /// There is no `FREQ`.
    #[error("FREQ is missing")]
    NoFrequency,
    /// By the second, minute or hour.
    #[error("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY: a task comes at most once a day")]
    WithinTheDay,
    /// `BYHOUR`, `BYMINUTE` or `BYSECOND`.
    #[error("{0} is not accepted: a task has one time of day, that of its start")]
    TimeOfDay(&'static str),
    /// A part that Kith has no pattern for.
    #[error("{0} is not accepted: there is no such pattern")]
    Part(&'static str),
    /// Parts that Kith has no pattern for when they come together.
    #[error("{0} with {1} is not accepted: there is no such pattern")]
    Together(&'static str, &'static str),
    /// Several days of the month.
    #[error("several values of {0} in a month are not accepted: make a task for each")]
    Several(&'static str),
    /// A day counted from the end of the month that is not the last.
    #[error("days counted from the end of the month are not accepted, but for the last")]
    FromTheEnd,
    /// `BYSETPOS` that is no more than "the second Tuesday" said otherwise.
    #[error("BYSETPOS is accepted only with MONTHLY and one day of the week, from 1 to 5 or -1")]
    SetPosition,
    /// Both `COUNT` and `UNTIL`.
    #[error("COUNT and UNTIL cannot both be there")]
    TwoEnds,
    /// More than a pattern can be.
    #[error("{0} is not accepted above {1}")]
    TooMuch(&'static str, u16),
    /// `WKST` that would make other weeks.
    #[error("WKST is accepted only as MO where it makes a difference: weeks begin on Monday")]
    WeekStart,
    /// It ends before it begins.
    #[error("it has no day on or after the first")]
    NoDay,
    /// An end that is no date, and no zone to read it in.
    #[error("UNTIL is a date, or a time in UTC that ends in Z")]
    Until,
}

/// The parts as they are written, in capitals.
#[derive(Default)]
struct Parts<'a> {
    freq: Option<&'a str>,
    interval: Option<&'a str>,
    count: Option<&'a str>,
    until: Option<&'a str>,
    by_day: Option<&'a str>,
    by_month_day: Option<&'a str>,
    by_month: Option<&'a str>,
    by_set_pos: Option<&'a str>,
    week_start: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Result<Self, RruleError> {
        let mut parts = Self::default();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or(RruleError::Shape)?;
            if value.is_empty() {
                return Err(RruleError::Shape);
            }
            let (name, slot) = match name {
                "FREQ" => ("FREQ", &mut parts.freq),
                "INTERVAL" => ("INTERVAL", &mut parts.interval),
                "COUNT" => ("COUNT", &mut parts.count),
                "UNTIL" => ("UNTIL", &mut parts.until),
                "BYDAY" => ("BYDAY", &mut parts.by_day),
                "BYMONTHDAY" => ("BYMONTHDAY", &mut parts.by_month_day),
                "BYMONTH" => ("BYMONTH", &mut parts.by_month),
                "BYSETPOS" => ("BYSETPOS", &mut parts.by_set_pos),
                "WKST" => ("WKST", &mut parts.week_start),
                "BYHOUR" => return Err(RruleError::TimeOfDay("BYHOUR")),
                "BYMINUTE" => return Err(RruleError::TimeOfDay("BYMINUTE")),
                "BYSECOND" => return Err(RruleError::TimeOfDay("BYSECOND")),
                "BYYEARDAY" => return Err(RruleError::Part("BYYEARDAY")),
                "BYWEEKNO" => return Err(RruleError::Part("BYWEEKNO")),
                _ => return Err(RruleError::UnknownPart),
            };
            if slot.replace(value).is_some() {
                return Err(RruleError::Twice(name));
            }
        }
        Ok(parts)
    }

    fn interval(&self) -> Result<u32, RruleError> {
        match self.interval.map(digits) {
            None => Ok(1),
            Some(Some(interval)) if interval > 0 => Ok(interval),
            Some(_) => Err(RruleError::Value("INTERVAL")),
        }
    }

    fn days(&self) -> Result<Vec<DayRule>, RruleError> {
        self.by_day.map_or(Ok(Vec::new()), |days| days.split(',').map(day_rule).collect())
    }

    fn ends(&self, start: &RruleStart<'_>) -> Result<Ends, RruleError> {
        match (self.count, self.until) {
            (None, None) => Ok(Ends::Never),
            (Some(_), Some(_)) => Err(RruleError::TwoEnds),
            (Some(count), None) => {
                let count = digits(count).filter(|count| *count > 0);
                let count = count.ok_or(RruleError::Value("COUNT"))?;
                let times = u16::try_from(count).ok().and_then(Times::new);
                times.map(Ends::After).ok_or(RruleError::TooMuch("COUNT", Times::MOST))
            }
            (None, Some(until)) => self::until(until, start).map(Ends::On),
        }
    }
}

/// A weekday, by itself or which one of the month.
type DayRule = (Option<i8>, Weekday);

impl Repeat {
    /// Reads a rule, with or without `RRULE:` before it.
    ///
    /// Whatever the rule leaves unsaid (the weekday of a weekly one, the date of a monthly one)
    /// follows from `start`, as RFC 5545 has it.
    ///
    /// # Errors
    ///
    /// Why it is not a rule, or none that says what Kith can say.
    pub fn from_rrule(text: &str, start: &RruleStart<'_>) -> Result<Self, RruleError> {
        if text.len() > 500 {
            return Err(RruleError::TooLong);
        }
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text).trim_end_matches(';');
        let parts = Parts::read(text)?;
        let interval = parts.interval()?;
        let pattern = match parts.freq.ok_or(RruleError::NoFrequency)? {
            "DAILY" => daily(&parts, interval)?,
            "WEEKLY" => weekly(&parts, interval, start.date)?,
            "MONTHLY" if parts.by_month.is_some() => return Err(RruleError::Part("BYMONTH")),
            "MONTHLY" => monthly(&parts, every(interval)?, start.date)?,
            "YEARLY" => yearly(&parts, interval, start.date)?,
            "SECONDLY" | "MINUTELY" | "HOURLY" => return Err(RruleError::WithinTheDay),
            _ => return Err(RruleError::Value("FREQ")),
        };
        week_start(&parts, pattern, start.date)?;
        Ok(Self::Again { pattern, ends: parts.ends(start)? })
    }
}

fn daily(parts: &Parts<'_>, interval: u32) -> Result<Pattern, RruleError> {
    none_of(
        "DAILY",
        [
            ("BYMONTH", parts.by_month),
            ("BYMONTHDAY", parts.by_month_day),
            ("BYSETPOS", parts.by_set_pos),
        ],
    )?;
    match Weekdays::of(plain_days(&parts.days()?)?) {
        None => Ok(Pattern::Daily { every: every(interval)? }),
        // Each day that is a Monday is each Monday.
        Some(on) if interval == 1 => Ok(Pattern::Weekly { every: Every::ONE, on }),
        Some(_) => Err(RruleError::Together("DAILY above one day", "BYDAY")),
    }
}

fn weekly(parts: &Parts<'_>, interval: u32, start: Date) -> Result<Pattern, RruleError> {
    if parts.by_month_day.is_some() {
        return Err(RruleError::Value("BYMONTHDAY"));
    }
    none_of("WEEKLY", [("BYMONTH", parts.by_month), ("BYSETPOS", parts.by_set_pos)])?;
    let on = Weekdays::of(plain_days(&parts.days()?)?);
    let on = on.unwrap_or(Weekdays::only(start.weekday()));
    Ok(Pattern::Weekly { every: every(interval)?, on })
}

/// Of `MONTHLY`, and of `YEARLY` once it is known that the month is that of the start.
fn monthly(parts: &Parts<'_>, every: Every, start: Date) -> Result<Pattern, RruleError> {
    let position = parts.by_set_pos.map(|text| signed(text).ok_or(RruleError::Value("BYSETPOS")));
    let position = position.transpose()?;
    let days = parts.days()?;
    match (parts.by_month_day, days.as_slice()) {
        (Some(_), [_, ..]) => Err(RruleError::Together("BYMONTHDAY", "BYDAY")),
        (Some(_) | None, []) if position.is_some() => Err(RruleError::SetPosition),
        (Some(text), []) => {
            if text.contains(',') {
                return Err(RruleError::Several("BYMONTHDAY"));
            }
            let on = match signed(text).ok_or(RruleError::Value("BYMONTHDAY"))? {
                -1 => MonthDay::Last,
                -31..-1 => return Err(RruleError::FromTheEnd),
                day => MonthDay::On(DayOfMonth::new(day).ok_or(RruleError::Value("BYMONTHDAY"))?),
            };
            Ok(Pattern::MonthlyByDate { every, on })
        }
        (None, []) => {
            let on = MonthDay::On(DayOfMonth::of(start));
            Ok(Pattern::MonthlyByDate { every, on })
        }
        (None, [(number, weekday)]) => {
            let number = match (*number, position) {
                (Some(number), None) => number,
                (None, Some(position)) => position,
                (Some(_), Some(_)) => return Err(RruleError::SetPosition),
                // Every Tuesday of every month is every Tuesday.
                (None, None) if every == Every::ONE => {
                    return Ok(Pattern::Weekly { every, on: Weekdays::only(*weekday) });
                }
                (None, None) => {
                    return Err(RruleError::Together("MONTHLY above one month", "a plain BYDAY"));
                }
            };
            let which = Nth::from_number(number).ok_or(match (number, position) {
                (_, Some(_)) => RruleError::SetPosition,
                (-5..-1, None) => RruleError::FromTheEnd,
                _ => RruleError::Value("BYDAY"),
            })?;
            Ok(Pattern::MonthlyByWeekday { every, which, weekday: *weekday })
        }
        (None, _) if position.is_some() => Err(RruleError::SetPosition),
        (None, days) if every == Every::ONE && days.iter().all(|(number, _)| number.is_none()) => {
            let on = Weekdays::of(plain_days(days)?).ok_or(RruleError::Value("BYDAY"))?;
            Ok(Pattern::Weekly { every, on })
        }
        (None, _) => Err(RruleError::Several("BYDAY")),
    }
}

/// Once a year in the month of the start, which is every twelfth month.
fn yearly(parts: &Parts<'_>, interval: u32, start: Date) -> Result<Pattern, RruleError> {
    let says_month = match parts.by_month {
        None => false,
        Some(text) => match signed(text) {
            Some(month) if month == start.month() => true,
            Some(1..=12) => return Err(RruleError::Part("BYMONTH other than that of the start")),
            _ if text.contains(',') => return Err(RruleError::Several("BYMONTH")),
            _ => return Err(RruleError::Value("BYMONTH")),
        },
    };
    if !says_month {
        none_of(
            "YEARLY",
            [
                ("BYDAY", parts.by_day),
                ("BYMONTHDAY", parts.by_month_day),
                ("BYSETPOS", parts.by_set_pos),
            ],
        )?;
    }
    let most = u16::from(Every::MOST / 12);
    let months = interval.checked_mul(12).and_then(|months| u8::try_from(months).ok());
    let every = months.and_then(Every::new).ok_or(RruleError::TooMuch("INTERVAL", most))?;
    monthly(parts, every, start)
}

/// Weeks matter only where some are left out, and not when nothing but the weekday of the start
/// is meant.
fn week_start(parts: &Parts<'_>, pattern: Pattern, start: Date) -> Result<(), RruleError> {
    let Some(text) = parts.week_start else { return Ok(()) };
    match (weekday(text).ok_or(RruleError::Value("WKST"))?, pattern) {
        (Weekday::Monday, _) => Ok(()),
        (_, Pattern::Weekly { every, on })
            if every > Every::ONE && on != Weekdays::only(start.weekday()) =>
        {
            Err(RruleError::WeekStart)
        }
        _ => Ok(()),
    }
}

fn none_of<const N: usize>(
    frequency: &'static str,
    parts: [(&'static str, Option<&str>); N],
) -> Result<(), RruleError> {
    parts
        .into_iter()
        .find(|(_, value)| value.is_some())
        .map_or(Ok(()), |(name, _)| Err(RruleError::Together(frequency, name)))
}

fn every(interval: u32) -> Result<Every, RruleError> {
    let too_much = RruleError::TooMuch("INTERVAL", u16::from(Every::MOST));
    u8::try_from(interval).ok().and_then(Every::new).ok_or(too_much)
}

/// Weekdays by themselves; a number before one belongs to a month.
fn plain_days(days: &[DayRule]) -> Result<Vec<Weekday>, RruleError> {
    let plain = |(number, day): &DayRule| match number {
        None => Ok(*day),
        Some(_) => Err(RruleError::Value("BYDAY")),
    };
    days.iter().map(plain).collect()
}

/// `TU`, `2TU`, `+2TU` or `-1FR`.
fn day_rule(text: &str) -> Result<DayRule, RruleError> {
    let wrong = RruleError::Value("BYDAY");
    let split = text.len().checked_sub(2).ok_or(wrong)?;
    let (number, letters) = text.split_at_checked(split).ok_or(wrong)?;
    let day = weekday(letters).ok_or(wrong)?;
    if number.is_empty() {
        return Ok((None, day));
    }
    let number = signed(number).filter(|number| *number != 0).ok_or(wrong)?;
    Ok((Some(number), day))
}

fn digits(text: &str) -> Option<u32> {
    let plain = text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn signed(text: &str) -> Option<i8> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = matches!(unsigned.len(), 1 | 2) && unsigned.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// The last day on which a task may fall that ends with `UNTIL`, which is included.
fn until(text: &str, start: &RruleStart<'_>) -> Result<Date, RruleError> {
    let (day, clock) = match text.split_once('T') {
        Some((day, clock)) => (day, Some(clock)),
        None => (text, None),
    };
    let number = |from: usize, to: usize, text: &str| digits(text.get(from..to)?);
    let date = || -> Option<Date> {
        let year = i16::try_from(number(0, 4, day)?).ok()?;
        let month = i8::try_from(number(4, 6, day)?).ok()?;
        let of_month = i8::try_from(number(6, 8, day)?).ok()?;
        Date::new(year, month, of_month).ok().filter(|_| day.len() == 8)
    };
    let date = date().ok_or(RruleError::Until)?;
    let (Some(clock), Some((time, zone))) = (clock, start.clock) else {
        return if clock.is_none() { Ok(date) } else { Err(RruleError::Until) };
    };
    let clock = clock.strip_suffix('Z').filter(|clock| clock.len() == 6);
    let clock = clock.ok_or(RruleError::Until)?;
    let part = |from: usize| -> Option<i8> { i8::try_from(number(from, from + 2, clock)?).ok() };
    let clock = || Time::new(part(0)?, part(2)?, part(4)?.min(59), 0).ok();
    let clock = clock().ok_or(RruleError::Until)?;
    let utc = date.to_datetime(clock).to_zoned(jiff::tz::TimeZone::UTC);
    let last = Timestamp::from_jiff(utc.map_err(|_| RruleError::Until)?.timestamp());
    let day = zone.date(last);
    if zone.instant(day.to_datetime(time)) <= last {
        Ok(day)
    } else {
        day.yesterday().map_err(|_| RruleError::Until)
    }
}
