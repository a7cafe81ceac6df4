//! Some of the weekdays of a pattern: "only the Tuesdays" of what comes on Tuesdays and Thursdays.

use jiff::civil::{Date, Weekday};

use super::{Ends, Every, Pattern, Repeat, Weekdays};

impl Repeat {
    /// The weekdays on which it comes, where it comes by the week or every day.
    pub const fn weekdays(self) -> Option<Weekdays> {
        match self.pattern() {
            Some(Pattern::Weekly { on, .. }) => Some(on),
            Some(Pattern::Daily { every }) if every.get() == 1 => Some(Weekdays::ALL),
            _ => None,
        }
    }

    /// How it comes on these of its weekdays, when it begins on `first`. A number of times is of all
    /// of them: of some it is said by its last day.
    #[must_use]
    pub fn only_on(self, first: Date, on: Weekdays) -> Self {
        let (Some(days), Some(pattern)) = (self.weekdays(), self.pattern()) else { return self };
        let Some(on) = days.and(on).filter(|on| *on != days) else { return self };
        let every = match pattern {
            Pattern::Weekly { every, .. } => every,
            _ => Every::ONE,
        };
        let ends = match self.ends() {
            Ends::After(_) => self.last_day(first).map_or(Ends::Never, Ends::On),
            ends => ends,
        };
        Self::Again { pattern: Pattern::Weekly { every, on }, ends }
    }
}

impl Weekdays {
    /// What becomes of these weekdays of a pattern that was on `before` and is on `after`: the same
    /// where it has them still; the new one in the place of what was taken away, where that is one each.
    /// `None` when nobody can say.
    pub fn moved(self, before: Self, after: Self) -> Option<Self> {
        if self.without(after).is_none() {
            return Some(self);
        }
        let days = |days: Option<Self>| -> Vec<Weekday> {
            days.into_iter().flat_map(Self::iter).collect()
        };
        let (gone, new) = (days(before.without(after)), days(after.without(before)));
        // Of two that went nobody knows which one came for which.
        let ([gone], [new]) = (gone.as_slice(), new.as_slice()) else { return None };
        Self::of(self.iter().map(|day| if day == *gone { *new } else { day }))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::repeat::Times;

    fn days(days: &[Weekday]) -> Weekdays {
        Weekdays::of(days.iter().copied()).expect("some")
    }

    #[test]
    fn some_weekdays_of_a_pattern_are_a_pattern() {
        use Weekday::{Thursday, Tuesday};
        let both = Pattern::Weekly { every: Every::ONE, on: days(&[Tuesday, Thursday]) };
        let first = date(2026, 11, 24);
        let comes = Repeat::Again { pattern: both, ends: Ends::After(Times::new(4).expect("4")) };
        let tuesdays = comes.only_on(first, days(&[Tuesday]));
        let on: Vec<_> = tuesdays.days(first).collect();
        assert_eq!(on, [date(2026, 11, 24), date(2026, 12, 1)]);
        assert_eq!(comes.only_on(first, Weekdays::ALL), comes, "all of them");
        let daily =
            Repeat::Again { pattern: Pattern::Daily { every: Every::ONE }, ends: Ends::Never };
        assert_eq!(daily.weekdays(), Some(Weekdays::ALL));
        assert_eq!(daily.only_on(first, days(&[Tuesday])).to_text(), "FREQ=WEEKLY;BYDAY=TU");
        assert_eq!(Repeat::Once.weekdays(), None);
    }

    #[test]
    fn weekdays_follow_those_that_took_their_place() {
        use Weekday::{Friday, Thursday, Tuesday, Wednesday};
        let (was, tuesday, thursday) =
            (days(&[Tuesday, Thursday]), days(&[Tuesday]), days(&[Thursday]));
        assert_eq!(tuesday.moved(was, days(&[Tuesday, Friday])), Some(tuesday));
        assert_eq!(thursday.moved(was, days(&[Tuesday, Friday])), Some(days(&[Friday])));
        assert_eq!(tuesday.moved(was, days(&[Wednesday, Friday])), None, "both went");
        assert_eq!(tuesday.moved(was, Weekdays::ALL), Some(tuesday));
        assert_eq!(tuesday.moved(was, days(&[Wednesday])), None, "of two one is left");
        assert_eq!(tuesday.moved(was, thursday), None);
    }
}
