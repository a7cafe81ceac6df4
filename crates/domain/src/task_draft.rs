//! A task as it was typed, checked field by field.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time};

use crate::local_times::{LocalTimes, LocalTimesError};
use crate::repeat::{Repeat, RepeatInput, RruleError, parse_form};
use crate::task::{Disclosure, IfNobody, Places, TaskKind, Within};
use crate::text::{Note, TextError};
use crate::words::words;

/// What the form sent, as text. Empty means that nothing was typed.
#[derive(Clone, Copy, Default)]
pub struct TaskInput<'a> {
    /// A word of [`TaskKind`].
    pub kind: &'a str,
    /// First day, `2026-11-24`; a repeating task begins on its next day that fits.
    pub date: &'a str,
    /// A word of [`Within`]; empty where `start` says the time.
    pub within: &'a str,
    /// Wall-clock start, `14:00`; not looked at when `within` says when.
    pub start: &'a str,
    /// Wall-clock end, `15:30`; empty for the usual length of this kind.
    pub end: &'a str,
    /// Whether and how it comes again.
    pub repeat: RepeatInput<'a>,
    /// How many people, `1` to `9`; empty for one.
    pub places: &'a str,
    /// Free text; may be empty.
    pub note: &'a str,
    /// What it discloses to whoever takes it.
    pub disclosure: Disclosure,
    /// A word of [`IfNobody`]; empty for [`IfNobody::TellMe`].
    pub if_nobody: &'a str,
}

impl core::fmt::Debug for TaskInput<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TaskInput")
    }
}

/// A task that may be put on the rota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDraft {
    /// What kind of help.
    pub kind: TaskKind,
    /// Its first occurrence.
    pub first: LocalTimes,
    /// Whether it comes again.
    pub repeat: Repeat,
    /// How many people it needs.
    pub places: Places,
    /// What it discloses; nothing when it needs nobody.
    pub disclosure: Disclosure,
    /// What follows when nobody takes it.
    pub if_nobody: IfNobody,
    /// Free text, sealed when stored.
    pub note: Option<Note>,
}

words! {
    /// A field of the form, so that the page can say where to look.
    pub enum TaskField {
        /// Kind of task.
        Kind = "kind",
        /// First day.
        Date = "date",
        /// Any time of the day, or the time of the clock.
        Within = "within",
        /// Start.
        Start = "start",
        /// End.
        End = "end",
        /// Whether it comes again.
        Repeat = "repeat",
        /// Every how many days, weeks or months.
        Every = "every",
        /// On which day of the month.
        OfMonth = "of_month",
        /// Last day.
        Until = "until",
        /// How many times.
        Times = "times",
        /// A rule of RFC 5545.
        Rule = "rule",
        /// First day that is left out.
        OutFrom = "out_from",
        /// Last day that is left out.
        OutTo = "out_to",
        /// How many people.
        Places = "places",
        /// Free text.
        Note = "note",
        /// What follows when nobody takes it.
        IfNobody = "if_nobody",
    }
}

/// What is wrong with one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskProblem {
    /// No kind was chosen, or one that does not exist.
    #[error("no kind of task was chosen")]
    Kind,
    /// No day was given, or it is no date.
    #[error("the first day is missing or not a date")]
    Date,
    /// The first day is before today.
    #[error("the first day has passed")]
    DatePast,
    /// The first day is more than [`TaskDraft::LATEST_DAYS`] days ahead.
    #[error("the first day is more than a year ahead")]
    DateTooFar,
    /// Neither a part of the day nor that the clock says when.
    #[error("not one of the parts of the day")]
    Within,
    /// No start was given, or it is no time.
    #[error("the start is missing or not a time")]
    Start,
    /// The end is no time.
    #[error("the end is not a time")]
    End,
    /// Start and end do not go together.
    #[error("the times do not fit: {0}")]
    Length(LocalTimesError),
    /// Not one of the ways to come again.
    #[error("not one of the ways to come again")]
    Repeat,
    /// Not a number from 1 to 99.
    #[error("every how many days, weeks or months is 1 to 99")]
    Every,
    /// Not one of the days of a month.
    #[error("not one of the days of a month")]
    OfMonth,
    /// The last day is no date.
    #[error("the last day is not a date")]
    Until,
    /// The last day is before the first.
    #[error("the last day is before the first")]
    UntilBeforeDate,
    /// Not a number from 1 to 999.
    #[error("how many times is 1 to 999")]
    Times,
    /// A last day and a number of times.
    #[error("both a last day and a number of times")]
    TwoEnds,
    /// The rule is none, or none that a task can have.
    #[error("the rule is not accepted: {0}")]
    Rule(RruleError),
    /// The first day that is left out is no date.
    #[error("the first day to leave out is missing or not a date")]
    OutFrom,
    /// The last day that is left out is no date, before the first, or more than a year later.
    #[error("the last day to leave out is not a date within a year of the first")]
    OutTo,
    /// Not a number from 1 to 9.
    #[error("places are 1 to 9")]
    Places,
    /// The note cannot be stored.
    #[error("the note cannot be stored: {0}")]
    Note(TextError),
    /// Not one of the answers.
    #[error("not one of the answers to what follows when nobody takes it")]
    IfNobody,
}

impl TaskProblem {
    /// The field to look at.
    pub const fn field(self) -> TaskField {
        match self {
            Self::Kind => TaskField::Kind,
            Self::Date | Self::DatePast | Self::DateTooFar => TaskField::Date,
            Self::Start => TaskField::Start,
            Self::End | Self::Length(_) => TaskField::End,
            Self::Within => TaskField::Within,
            Self::Repeat => TaskField::Repeat,
            Self::Every => TaskField::Every,
            Self::OfMonth => TaskField::OfMonth,
            Self::Until | Self::UntilBeforeDate => TaskField::Until,
            Self::Times | Self::TwoEnds => TaskField::Times,
            Self::Rule(_) => TaskField::Rule,
            Self::OutFrom => TaskField::OutFrom,
            Self::OutTo => TaskField::OutTo,
            Self::Places => TaskField::Places,
            Self::Note(_) => TaskField::Note,
            Self::IfNobody => TaskField::IfNobody,
        }
    }
}

impl TaskDraft {
    /// How many days ahead a task may begin: a year.
    pub const LATEST_DAYS: i32 = 366;

    /// Checks every field. `today` is the calendar day in the circle's time zone. All problems
    /// come back at once, in the order of the form.
    pub fn parse(input: &TaskInput<'_>, today: Date) -> Result<Self, Vec<TaskProblem>> {
        let mut problems = Vec::new();
        let kind = input.kind.parse::<TaskKind>().map_err(|_| TaskProblem::Kind);
        let kind = kind.map_err(|why| problems.push(why)).ok();
        let date = first_day(input.date, today).map_err(|why| problems.push(why)).ok();
        let span = span(input, kind, &mut problems);
        let repeat = parse_form(&input.repeat, (date, span.map(|(start, _)| start)), &mut problems);
        let first = match (repeat, span) {
            (Some((_, day)), Some((start, minutes))) => LocalTimes::new(day, start, minutes)
                .map_err(|why| problems.push(TaskProblem::Length(why)))
                .ok(),
            _ => None,
        };
        let mut keep = |problem| problems.push(problem);
        let places = kind.and_then(|kind| places(input.places, kind).map_err(&mut keep).ok());
        let note = typed(input.note)
            .map(Note::parse)
            .transpose()
            .map_err(|why| keep(TaskProblem::Note(why)))
            .ok();
        let if_nobody = typed(input.if_nobody)
            .map_or(Ok(IfNobody::TellMe), str::parse)
            .map_err(|_| keep(TaskProblem::IfNobody))
            .ok();

        match (kind, first, repeat, places, note, if_nobody) {
            (
                Some(kind),
                Some(first),
                Some((repeat, _)),
                Some(places),
                Some(note),
                Some(if_nobody),
            ) => {
                let needed = kind.needs_somebody();
                Ok(Self {
                    kind,
                    first,
                    repeat,
                    places,
                    disclosure: if needed { input.disclosure } else { Disclosure::NONE },
                    if_nobody: if needed { if_nobody } else { IfNobody::Fine },
                    note,
                })
            }
            _ => Err(problems),
        }
    }
}

pub(crate) fn typed(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// `2026-11-24` and nothing longer: jiff would also read a date with a time.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// `14:00`, or `14:00:00` as some browsers send it; the seconds are dropped.
fn parse_time(text: &str) -> Option<Time> {
    let text = text.trim();
    let (hours_and_minutes, _) = text.split_at_checked(5)?;
    let shape = |c: char| c.is_ascii_digit() || c == ':';
    if !matches!(text.len(), 5 | 8) || !text.chars().all(shape) {
        return None;
    }
    hours_and_minutes.parse().ok()
}

fn first_day(text: &str, today: Date) -> Result<Date, TaskProblem> {
    let date = parse_date(text).ok_or(TaskProblem::Date)?;
    if date < today {
        Err(TaskProblem::DatePast)
    } else if date > today.saturating_add(TaskDraft::LATEST_DAYS.days()) {
        Err(TaskProblem::DateTooFar)
    } else {
        Ok(date)
    }
}

/// Start and length in minutes. What is wrong with them is said once the kind is known, for it has
/// a usual length.
fn span(
    input: &TaskInput<'_>,
    kind: Option<TaskKind>,
    problems: &mut Vec<TaskProblem>,
) -> Option<(Time, u16)> {
    match typed(input.within).map(str::parse::<Within>) {
        Some(Ok(within)) => return Some(within.span()),
        Some(Err(_)) => {
            problems.push(TaskProblem::Within);
            return None;
        }
        None => {}
    }
    let start = parse_time(input.start).ok_or(TaskProblem::Start);
    let end = typed(input.end).map(|end| parse_time(end).ok_or(TaskProblem::End)).transpose();
    match (kind, start, end) {
        (Some(kind), Ok(start), Ok(None)) => Some((start, kind.default_minutes())),
        (Some(_), Ok(start), Ok(Some(end))) => LocalTimes::minutes_from_to(start, end)
            .map_err(|why| problems.push(TaskProblem::Length(why)))
            .map(|minutes| (start, minutes))
            .ok(),
        (_, start, end) => {
            problems.extend(start.err());
            problems.extend(end.err());
            None
        }
    }
}

fn places(text: &str, kind: TaskKind) -> Result<Places, TaskProblem> {
    if !kind.needs_somebody() {
        return Ok(Places::NOBODY);
    }
    let Some(text) = typed(text) else { return Ok(Places::ONE) };
    let places = text.parse().map_err(|_| TaskProblem::Places)?;
    Places::new(places, kind).map_err(|_| TaskProblem::Places)
}

#[cfg(test)]
mod tests;
