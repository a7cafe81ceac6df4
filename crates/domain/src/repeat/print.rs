//! The text that is kept in the database: `once`, or the rule as RFC 5545 writes it, with every part
//! spelled out and the last day as a date.

use jiff::civil::{Date, Weekday};

use super::{Ends, MonthDay, Pattern, Repeat, RruleError, RruleStart, WEEK, Weekdays};

const ONCE: &str = "once";

impl Repeat {
    /// As it is stored: `once`, or `FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20261224`.
    pub fn to_text(self) -> String {
        let Self::Again { pattern, ends } = self else { return ONCE.to_owned() };
        let mut text = match pattern {
            Pattern::Daily { .. } => "FREQ=DAILY".to_owned(),
            Pattern::Weekly { .. } => "FREQ=WEEKLY".to_owned(),
            Pattern::MonthlyByDate { .. } | Pattern::MonthlyByWeekday { .. } => {
                "FREQ=MONTHLY".to_owned()
            }
        };
        let mut part = |name: &str, value: String| {
            text.push(';');
            text.push_str(name);
            text.push('=');
            text.push_str(&value);
        };
        if pattern.every().get() > 1 {
            part("INTERVAL", pattern.every().get().to_string());
        }
        match pattern {
            Pattern::Daily { .. } => {}
            Pattern::Weekly { on, .. } => {
                part("BYDAY", on.to_text());
            }
            Pattern::MonthlyByDate { on: MonthDay::Last, .. } => {
                part("BYMONTHDAY", "-1".to_owned());
            }
            Pattern::MonthlyByDate { on: MonthDay::On(day), .. } => {
                part("BYMONTHDAY", day.get().to_string());
            }
            Pattern::MonthlyByWeekday { which, weekday, .. } => {
                part("BYDAY", format!("{}{}", which.number(), two_letters(weekday)));
            }
        }
        match ends {
            Ends::Never => {}
            Ends::On(day) => {
                part("UNTIL", format!("{:04}{:02}{:02}", day.year(), day.month(), day.day()));
            }
            Ends::After(times) => part("COUNT", times.get().to_string()),
        }
        text
    }

    /// From the stored text of a task that begins on `first`.
    ///
    /// # Errors
    ///
    /// Why the text is none that is stored.
    pub fn from_text(text: &str, first: Date) -> Result<Self, RruleError> {
        if text == ONCE { Ok(Self::Once) } else { Self::from_rrule(text, &RruleStart::of(first)) }
    }
}

impl Weekdays {
    /// As they are stored: `TU,TH`.
    pub fn to_text(self) -> String {
        self.iter().map(two_letters).collect::<Vec<_>>().join(",")
    }

    /// From the stored text; `None` when it is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let days: Option<Vec<_>> = text.split(',').map(weekday).collect();
        Self::of(days?)
    }
}

/// `MO`, as RFC 5545 writes Monday.
pub const fn two_letters(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}

/// The day that two letters of RFC 5545 stand for.
pub fn weekday(letters: &str) -> Option<Weekday> {
    WEEK.into_iter().find(|day| two_letters(*day) == letters)
}
