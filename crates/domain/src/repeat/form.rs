//! A repetition as it was typed into the form of a task.

use jiff::civil::{Date, Time};

use super::{
    DayOfMonth, Ends, Every, MonthDay, Nth, Pattern, Repeat, RruleError, RruleStart, Times,
    Weekdays,
};
use crate::task_draft::{TaskProblem, parse_date, typed};
use crate::time::Zone;
use crate::words::words;

words! {
    /// How a task comes again.
    pub enum Comes {
        /// Not again.
        Once = "once",
        /// Every day, or every few days.
        Daily = "daily",
        /// On some days of the week.
        Weekly = "weekly",
        /// By the month.
        Monthly = "monthly",
    }
}

words! {
    /// On which day of the month; what is left open follows from the first day.
    pub enum OfMonth {
        /// On the same date: the 12th.
        Date = "date",
        /// On the same weekday: the second Tuesday.
        Weekday = "weekday",
        /// On the last of these weekdays: the last Friday.
        LastWeekday = "last_weekday",
        /// On the last day of the month.
        LastDay = "last_day",
    }
}

/// What the form sent about a repetition. Empty means that nothing was typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct RepeatInput<'a> {
    /// A word of [`Comes`]; empty for once.
    pub comes: &'a str,
    /// Every how many days, weeks or months, `1` to `99`; empty for each.
    pub every: &'a str,
    /// On which days of the week; none for that of the first day.
    pub on: Option<Weekdays>,
    /// A word of [`OfMonth`]; empty for the same date.
    pub of_month: &'a str,
    /// The last day, `2027-01-31`; may be empty.
    pub until: &'a str,
    /// How many times, `1` to `999`; may be empty.
    pub times: &'a str,
    /// A rule of RFC 5545; may be empty. It says all of it, and the rest is not looked at.
    pub rule: &'a str,
    /// Where an instant in the rule is read; a rule with one is refused where nobody says.
    pub zone: Option<&'a Zone>,
}

impl Repeat {
    /// What to fill a form with: the words and numbers of [`RepeatInput`], without its end.
    pub fn as_typed(self) -> (Comes, Every, Option<Weekdays>, OfMonth) {
        let of = OfMonth::Date;
        match self.pattern() {
            None => (Comes::Once, Every::ONE, None, of),
            Some(Pattern::Daily { every }) => (Comes::Daily, every, None, of),
            Some(Pattern::Weekly { every, on }) => (Comes::Weekly, every, Some(on), of),
            Some(Pattern::MonthlyByDate { every, on }) => {
                let of = if on == MonthDay::Last { OfMonth::LastDay } else { of };
                (Comes::Monthly, every, None, of)
            }
            Some(Pattern::MonthlyByWeekday { every, which, .. }) => {
                let last = which == Nth::Last;
                let of = if last { OfMonth::LastWeekday } else { OfMonth::Weekday };
                (Comes::Monthly, every, None, of)
            }
        }
    }
}

/// The repetition, and its first day: the next one on or after `date` that the pattern has. Where
/// no day is known the rest is looked at all the same, so that every problem is said at once.
pub(crate) fn parse(
    input: &RepeatInput<'_>,
    (date, start): (Option<Date>, Option<Time>),
    problems: &mut Vec<TaskProblem>,
) -> Option<(Repeat, Date)> {
    if let Some(rule) = typed(input.rule) {
        return by_rule(rule, (date?, start), input.zone)
            .map_err(|why| problems.push(TaskProblem::Rule(why)))
            .ok();
    }
    let known = problems.len();
    let comes = typed(input.comes).map_or(Ok(Comes::Once), str::parse);
    let Ok(comes) = comes else {
        problems.push(TaskProblem::Repeat);
        return None;
    };
    if comes == Comes::Once {
        return date.map(|date| (Repeat::Once, date));
    }
    let every =
        typed(input.every).map_or(Some(Every::ONE), |text| text.parse().ok().and_then(Every::new));
    if every.is_none() {
        problems.push(TaskProblem::Every);
    }
    let of_month = typed(input.of_month).map_or(Ok(OfMonth::Date), str::parse);
    if comes == Comes::Monthly && of_month.is_err() {
        problems.push(TaskProblem::OfMonth);
    }
    let until = typed(input.until).map(parse_date);
    if until == Some(None) {
        problems.push(TaskProblem::Until);
    }
    let times = typed(input.times).map(|text| text.parse().ok().and_then(Times::new));
    match (until, times) {
        (_, Some(None)) => problems.push(TaskProblem::Times),
        (Some(_), Some(_)) => problems.push(TaskProblem::TwoEnds),
        _ => {}
    }
    if problems.len() > known {
        return None;
    }
    let (date, every, of_month) = (date?, every?, of_month.ok()?);
    let pattern = match comes {
        Comes::Once => return Some((Repeat::Once, date)),
        Comes::Daily => Pattern::Daily { every },
        Comes::Weekly => {
            let on = input.on.unwrap_or(Weekdays::only(date.weekday()));
            Pattern::Weekly { every, on }
        }
        Comes::Monthly => monthly(every, of_month, date),
    };
    let first = pattern.first_from(date).unwrap_or(date);
    let ends = match (until.flatten(), times.flatten()) {
        (Some(until), _) if until < first => {
            problems.push(TaskProblem::UntilBeforeDate);
            return None;
        }
        (Some(until), _) => Ends::On(until),
        (None, Some(times)) => Ends::After(times),
        (None, None) => Ends::Never,
    };
    Some((Repeat::Again { pattern, ends }, first))
}

/// What a rule says, and the first day that it has on or after `date`, which is its start.
fn by_rule(
    rule: &str,
    (date, start): (Date, Option<Time>),
    zone: Option<&Zone>,
) -> Result<(Repeat, Date), RruleError> {
    let from = match (start, zone) {
        (Some(start), Some(zone)) => RruleStart::at(date, start, zone),
        _ => RruleStart::of(date),
    };
    let repeat = Repeat::from_rrule(rule, &from)?;
    // Counted from the start, so that every second week is the same week there and here.
    let first = repeat.days(date).next().ok_or(RruleError::NoDay)?;
    Ok((repeat, first))
}

fn monthly(every: Every, of_month: OfMonth, date: Date) -> Pattern {
    let weekday = date.weekday();
    match of_month {
        OfMonth::Date => Pattern::MonthlyByDate { every, on: MonthDay::On(DayOfMonth::of(date)) },
        OfMonth::LastDay => Pattern::MonthlyByDate { every, on: MonthDay::Last },
        OfMonth::Weekday => Pattern::MonthlyByWeekday { every, which: Nth::of(date), weekday },
        OfMonth::LastWeekday => Pattern::MonthlyByWeekday { every, which: Nth::Last, weekday },
    }
}
