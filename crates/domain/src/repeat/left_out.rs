//! Days on which a repeating task does not come: holidays, a stay in hospital.

use core::fmt;
use core::str::FromStr;

use jiff::civil::Date;

/// Stretches of days that are left out, in order and apart from each other.
///
/// Like RFC 5545's exceptions they are taken from the days of a pattern after those were counted:
/// a task that comes ten times and is left out twice comes eight times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LeftOut(Vec<(Date, Date)>);

/// Days that cannot be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeftOutError {
    /// The last day is before the first.
    #[error("the last day is before the first")]
    Backwards,
    /// More than [`LeftOut::MOST`] stretches.
    #[error("too many days are left out apart from each other")]
    TooMany,
    /// Not a stored list of days.
    #[error("not a list of days that are left out")]
    Text,
}

impl LeftOut {
    /// The most stretches of days, apart from each other.
    pub const MOST: usize = 100;

    /// Nothing is left out.
    pub const fn nothing() -> Self {
        Self(Vec::new())
    }

    /// Whether nothing is left out.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `day` is left out.
    pub fn contains(&self, day: Date) -> bool {
        self.0.iter().any(|(from, to)| *from <= day && day <= *to)
    }

    /// First and last day of each stretch, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Date, Date)> {
        self.0.iter().copied()
    }

    /// Leaves these days out too, both included.
    pub fn add(&mut self, from: Date, to: Date) -> Result<(), LeftOutError> {
        if to < from {
            return Err(LeftOutError::Backwards);
        }
        let next_to = |(start, end): &(Date, Date)| {
            let before = start.yesterday().unwrap_or(*start);
            let after = end.tomorrow().unwrap_or(*end);
            before <= to && from <= after
        };
        let touched = self.0.iter().copied().filter(next_to);
        let whole =
            touched.fold((from, to), |(from, to), (start, end)| (from.min(start), to.max(end)));
        let mut kept: Vec<_> = self.0.iter().copied().filter(|days| !next_to(days)).collect();
        if kept.len() == Self::MOST {
            return Err(LeftOutError::TooMany);
        }
        kept.push(whole);
        kept.sort_unstable();
        self.0 = kept;
        Ok(())
    }
}

impl LeftOut {
    /// These days come after all, both included.
    pub fn remove(&mut self, from: Date, to: Date) -> Result<(), LeftOutError> {
        let mut kept = Vec::new();
        for (start, end) in self.0.iter().copied() {
            if end < from || to < start {
                kept.push((start, end));
                continue;
            }
            if let Ok(before) = from.yesterday()
                && start <= before
            {
                kept.push((start, before));
            }
            if let Ok(after) = to.tomorrow()
                && after <= end
            {
                kept.push((after, end));
            }
        }
        if kept.len() > Self::MOST {
            return Err(LeftOutError::TooMany);
        }
        self.0 = kept;
        Ok(())
    }
}

impl LeftOut {
    /// Forgets the stretches that are over on `today`, but for those in which one of `needed` falls: what
    /// is over takes no room from what is to come.
    pub fn forget_past(&mut self, today: Date, needed: &[Date]) {
        self.0
            .retain(|(from, to)| *to >= today || needed.iter().any(|day| from <= day && day <= to));
    }
}

impl fmt::Display for LeftOut {
    /// As it is stored: `2026-12-20/2027-01-03 2027-04-02/2027-04-02`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (from, to)) in self.0.iter().enumerate() {
            let space = if position == 0 { "" } else { " " };
            write!(f, "{space}{from}/{to}")?;
        }
        Ok(())
    }
}

impl FromStr for LeftOut {
    type Err = LeftOutError;

    fn from_str(text: &str) -> Result<Self, LeftOutError> {
        let mut days = Self::nothing();
        for stretch in text.split_ascii_whitespace() {
            let (from, to) = stretch.split_once('/').ok_or(LeftOutError::Text)?;
            let day = |text: &str| text.parse::<Date>().map_err(|_| LeftOutError::Text);
            days.add(day(from)?, day(to)?)?;
        }
        Ok(days)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn stretches_that_touch_become_one() {
        let mut out = LeftOut::nothing();
        for (from, to) in [(20, 22), (26, 27), (23, 25), (30, 30)] {
            out.add(date(2026, 12, from), date(2026, 12, to)).expect("a good stretch");
        }
        assert_eq!(out.to_string(), "2026-12-20/2026-12-27 2026-12-30/2026-12-30");
        assert_eq!(out.to_string().parse(), Ok(out.clone()));
        assert!(out.contains(date(2026, 12, 20)) && out.contains(date(2026, 12, 27)));
        assert!(!out.contains(date(2026, 12, 19)) && !out.contains(date(2026, 12, 28)));
        assert_eq!(out.add(date(2026, 12, 2), date(2026, 12, 1)), Err(LeftOutError::Backwards));
        assert_eq!("".parse(), Ok(LeftOut::nothing()));
        assert_eq!("2026-12-20".parse::<LeftOut>(), Err(LeftOutError::Text));
    }

    #[test]
    fn days_come_after_all() {
        let mut out: LeftOut = "2026-12-20/2026-12-27 2026-12-30/2026-12-30".parse().expect("days");
        out.remove(date(2026, 12, 30), date(2026, 12, 30)).expect("below the bound");
        assert_eq!(out.to_string(), "2026-12-20/2026-12-27");
        out.remove(date(2026, 12, 22), date(2026, 12, 24)).expect("below the bound");
        assert_eq!(out.to_string(), "2026-12-20/2026-12-21 2026-12-25/2026-12-27");
        out.remove(date(2026, 12, 1), date(2026, 12, 31)).expect("below the bound");
        assert!(out.is_empty());
    }

    #[test]
    fn what_is_over_is_forgotten_unless_it_is_needed() {
        let text = "2026-12-01/2026-12-01 2026-12-05/2026-12-07 2026-12-10/2026-12-12";
        let mut out: LeftOut = text.parse().expect("days");
        out.forget_past(date(2026, 12, 1), &[]);
        assert_eq!(out.to_string(), text);
        out.forget_past(date(2026, 12, 12), &[date(2026, 12, 6)]);
        assert_eq!(out.to_string(), "2026-12-05/2026-12-07 2026-12-10/2026-12-12");
        out.forget_past(date(2026, 12, 13), &[]);
        assert!(out.is_empty());
    }

    #[test]
    fn there_is_a_bound() {
        let mut out = LeftOut::nothing();
        let mut day = date(2026, 1, 1);
        for _ in 0..LeftOut::MOST {
            out.add(day, day).expect("below the bound");
            day = day.saturating_add(jiff::Span::new().days(2));
        }
        assert_eq!(out.add(day, day), Err(LeftOutError::TooMany));
        assert_eq!(out.add(date(2026, 1, 1), day), Ok(()), "it swallows the others");
        assert_eq!(out.iter().count(), 1);
    }
}
