//! A pattern in plain words: "every second Tuesday of the month, until 24 December 2026".

use core::fmt;

use super::{Ends, MonthDay, Nth, Pattern, Repeat, Weekdays};
use crate::english::{self, day_month};

impl fmt::Display for Repeat {
    /// In plain English, to stand after "It comes".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Again { pattern, ends } = self else { return f.write_str("once") };
        pattern.fmt(f)?;
        match ends {
            Ends::Never => Ok(()),
            Ends::On(day) => write!(f, ", until {} {}", day_month(*day), day.year()),
            Ends::After(times) => match times.get() {
                1 => f.write_str(", once"),
                2 => f.write_str(", twice"),
                times => write!(f, ", {times} times"),
            },
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = Counted(self.every().get());
        match *self {
            Self::Daily { .. } => write!(f, "every {every}day"),
            Self::Weekly { on: Weekdays::ALL, .. } if self.every().get() == 1 => {
                f.write_str("every day")
            }
            Self::Weekly { on, .. } if self.every().get() == 1 => write!(f, "every {}", Named(on)),
            Self::Weekly { on, .. } => write!(f, "every {every}week on {}", Named(on)),
            Self::MonthlyByDate { on: MonthDay::Last, .. } => {
                write!(f, "on the last day of every {every}month")
            }
            Self::MonthlyByDate { on: MonthDay::On(day), .. } => {
                write!(f, "on the {} of every {every}month", Ordinal(day.get().unsigned_abs()))?;
                if day.get() > 28 { f.write_str(" that has one") } else { Ok(()) }
            }
            Self::MonthlyByWeekday { which, weekday, .. } if self.every().get() == 1 => {
                write!(f, "every {} {} of the month", nth(which), english::weekday(weekday))
            }
            Self::MonthlyByWeekday { which, weekday, .. } => {
                write!(
                    f,
                    "on the {} {} of every {every}month",
                    nth(which),
                    english::weekday(weekday)
                )
            }
        }
    }
}

/// Nothing, "second ", "third ", "4th ": to stand before the unit.
struct Counted(u8);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => Ok(()),
            2 => f.write_str("second "),
            3 => f.write_str("third "),
            more => write!(f, "{} ", Ordinal(more)),
        }
    }
}

/// "1st".
struct Ordinal(u8);

impl fmt::Display for Ordinal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ending = match (self.0 % 10, self.0 % 100) {
            (_, 11..=13) => "th",
            (1, _) => "st",
            (2, _) => "nd",
            (3, _) => "rd",
            _ => "th",
        };
        write!(f, "{}{ending}", self.0)
    }
}

/// "Monday, Tuesday and Friday".
struct Named(Weekdays);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Weekdays::ALL => return f.write_str("every day"),
            Weekdays::WORKING => return f.write_str("Monday to Friday"),
            _ => {}
        }
        let count = self.0.iter().count();
        for (position, day) in self.0.iter().enumerate() {
            match position {
                0 => {}
                last if last + 1 == count => f.write_str(" and ")?,
                _ => f.write_str(", ")?,
            }
            f.write_str(english::weekday(day))?;
        }
        Ok(())
    }
}

const fn nth(which: Nth) -> &'static str {
    match which {
        Nth::First => "first",
        Nth::Second => "second",
        Nth::Third => "third",
        Nth::Fourth => "fourth",
        Nth::Fifth => "fifth",
        Nth::Last => "last",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::RruleStart;
    use super::*;

    #[test]
    fn patterns_are_said_plainly() {
        let cases = [
            ("FREQ=DAILY", "every day"),
            ("FREQ=DAILY;INTERVAL=2", "every second day"),
            ("FREQ=DAILY;INTERVAL=11;COUNT=2", "every 11th day, twice"),
            ("FREQ=WEEKLY;BYDAY=TU", "every Tuesday"),
            ("FREQ=WEEKLY;BYDAY=MO,TH,SU", "every Monday, Thursday and Sunday"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every Monday to Friday"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "every day"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every second week on Tuesday"),
            ("FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,WE", "every third week on Tuesday and Wednesday"),
            ("FREQ=MONTHLY;BYMONTHDAY=12", "on the 12th of every month"),
            ("FREQ=MONTHLY;BYMONTHDAY=31", "on the 31st of every month that has one"),
            ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=22", "on the 22nd of every second month"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "on the last day of every month"),
            ("FREQ=MONTHLY;INTERVAL=4;BYDAY=-1FR", "on the last Friday of every 4th month"),
            (
                "FREQ=MONTHLY;BYDAY=2TU;UNTIL=20261224",
                "every second Tuesday of the month, until 24 December 2026",
            ),
        ];
        let start = RruleStart::of(date(2026, 11, 24));
        for (rule, words) in cases {
            let repeat = Repeat::from_rrule(rule, &start);
            assert_eq!(repeat.map(|repeat| repeat.to_string()).as_deref(), Ok(words), "{rule}");
        }
        assert_eq!(Repeat::Once.to_string(), "once");
    }
}
