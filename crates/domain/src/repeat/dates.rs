//! The days of a pattern, one after the other.

use jiff::Span;
use jiff::civil::{Date, Weekday};

use super::{Ends, MonthDay, Pattern, Repeat};

/// The days on which a task falls, in order.
///
/// Ends with the pattern, with what was asked for, or with the calendar (the year 9999). Looking
/// far ahead is cheap: only where a task comes a number of times are the days before counted, and
/// those are at most 999.
#[derive(Clone, Debug)]
pub struct Days {
    first: Date,
    /// Nothing before it is given, though it is counted.
    from: Date,
    last: Date,
    pattern: Option<Pattern>,
    /// How many are left, where that is bounded.
    left: Option<u16>,
    /// Which period comes next: days, weeks or months since the first, by the pattern's number.
    period: i64,
    /// What is left of the period before.
    pending: Pending,
}

/// Days of one period: those of the seven from `base` whose bit is set.
#[derive(Clone, Copy, Debug)]
struct Pending {
    base: Date,
    bits: u8,
}

impl Pending {
    fn take(&mut self) -> Option<Date> {
        while self.bits != 0 {
            let offset = self.bits.trailing_zeros();
            self.bits &= self.bits - 1;
            if let Some(day) = plus_days(self.base, i64::from(offset)) {
                return Some(day);
            }
        }
        None
    }
}

impl Repeat {
    /// The days on which a task falls that begins on `first`.
    ///
    /// A `first` that is not of the pattern is no such day: it only says from when, and from which
    /// week or month, it is counted.
    pub fn days(self, first: Date) -> Days {
        self.days_between(first, first, Date::MAX)
    }

    /// Those of [`Self::days`] from `from` to `to`, both included.
    pub fn days_between(self, first: Date, from: Date, to: Date) -> Days {
        let (pattern, last, left) = match self {
            Self::Once => (None, Date::MAX, Some(1)),
            Self::Again { pattern, ends } => match ends {
                Ends::Never => (Some(pattern), Date::MAX, None),
                Ends::On(last) => (Some(pattern), last, None),
                Ends::After(times) => (Some(pattern), Date::MAX, Some(times.get())),
            },
        };
        let counted = left.is_some();
        let period = match pattern {
            Some(pattern) if !counted => periods_before(pattern, first, from),
            _ => 0,
        };
        let pending = Pending { base: first, bits: 0 };
        Days { first, from, last: last.min(to), pattern, left, period, pending }
    }

    /// The last day on which it may fall; `None` when nobody has said one.
    pub fn last_day(self, first: Date) -> Option<Date> {
        match self.ends() {
            Ends::On(last) => Some(last),
            Ends::After(_) => Some(self.days(first).last().unwrap_or(first)),
            Ends::Never if self.is_again() => None,
            Ends::Never => Some(first),
        }
    }
}

impl Iterator for Days {
    type Item = Date;

    fn next(&mut self) -> Option<Date> {
        loop {
            if self.left == Some(0) {
                return None;
            }
            let day = match self.pending.take() {
                Some(day) => day,
                None if self.open_next_period() => continue,
                None => return self.end(),
            };
            if day < self.first {
                continue;
            }
            if day > self.last {
                return self.end();
            }
            self.left = self.left.map(|left| left - 1);
            if day >= self.from {
                return Some(day);
            }
        }
    }
}

impl std::iter::FusedIterator for Days {}

impl Days {
    fn end(&mut self) -> Option<Date> {
        self.left = Some(0);
        None
    }

    /// `false` when there is none that begins by the last day.
    fn open_next_period(&mut self) -> bool {
        let Some(pattern) = self.pattern else {
            self.pending = Pending { base: self.first, bits: u8::from(self.period == 0) };
            self.period += 1;
            return self.period == 1;
        };
        let units = self.period.saturating_mul(i64::from(pattern.every().get()));
        self.period += 1;
        let opened = match pattern {
            Pattern::Daily { .. } => {
                plus_days(self.first, units).map(|base| Pending { base, bits: 1 })
            }
            Pattern::Weekly { on, .. } => plus_days(monday(self.first), units.saturating_mul(7))
                .map(|base| Pending { base, bits: on.bits() }),
            Pattern::MonthlyByDate { on, .. } => month(self.first, units).map(|base| {
                let day = match on {
                    MonthDay::Last => Some(base.last_of_month()),
                    MonthDay::On(day) => base.with().day(day.get()).build().ok(),
                };
                of_month(base, day)
            }),
            Pattern::MonthlyByWeekday { which, weekday, .. } => {
                month(self.first, units).map(|base| {
                    of_month(base, base.nth_weekday_of_month(which.number(), weekday).ok())
                })
            }
        };
        let Some(opened) = opened.filter(|opened| opened.base <= self.last) else {
            return false;
        };
        self.pending = opened;
        true
    }
}

/// The one day of a month, or none of a month that lacks it.
fn of_month(first: Date, day: Option<Date>) -> Pending {
    Pending { base: day.unwrap_or(first), bits: u8::from(day.is_some()) }
}

fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn monday(date: Date) -> Date {
    let back = i64::from(date.weekday().since(Weekday::Monday));
    plus_days(date, -back).unwrap_or(Date::MIN)
}

/// Months since the year 0.
fn month_number(date: Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// The first of the month that many months after that of `date`.
fn month(date: Date, months: i64) -> Option<Date> {
    let number = month_number(date).checked_add(months)?;
    let year = i16::try_from(number.div_euclid(12)).ok()?;
    let month = i8::try_from(number.rem_euclid(12)).ok()? + 1;
    Date::new(year, month, 1).ok()
}

/// How many periods are over by `from`.
fn periods_before(pattern: Pattern, first: Date, from: Date) -> i64 {
    let days = |earlier: Date, later: Date| {
        earlier.until(later).map_or(0, |span| i64::from(span.get_days()))
    };
    let units = match pattern {
        Pattern::Daily { .. } => days(first, from),
        Pattern::Weekly { .. } => days(monday(first), from).div_euclid(7),
        Pattern::MonthlyByDate { .. } | Pattern::MonthlyByWeekday { .. } => {
            month_number(from) - month_number(first)
        }
    };
    units.max(0) / i64::from(pattern.every().get())
}
