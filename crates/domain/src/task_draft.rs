//! A task as it was typed, checked field by field.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time};

use crate::local_times::{LocalTimes, LocalTimesError};
use crate::repeat::{Repeat, RepeatInput, parse_form};
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
        let repeat = parse_form(&input.repeat, date, &mut problems);
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
mod tests {
    use jiff::civil::{Weekday, date};

    use super::*;
    use crate::repeat::{Ends, Every, Weekdays};

    const TODAY: Date = date(2026, 11, 22);

    const WEEKLY: RepeatInput<'static> = RepeatInput {
        comes: "weekly",
        every: "",
        on: None,
        of_month: "",
        until: "2027-01-31",
        times: "",
    };

    const SHOPPING: TaskInput<'static> = TaskInput {
        kind: "shopping",
        date: "2026-11-24",
        start: "14:00",
        end: "15:30",
        within: "",
        repeat: WEEKLY,
        places: "2",
        note: "Milk",
        disclosure: Disclosure { address: true, entry: false },
        if_nobody: "must",
    };

    const fn again(repeat: RepeatInput<'static>) -> TaskInput<'static> {
        TaskInput { repeat, ..SHOPPING }
    }

    fn problems(input: &TaskInput<'_>) -> Vec<TaskProblem> {
        TaskDraft::parse(input, TODAY).expect_err("should have problems")
    }

    #[test]
    fn a_good_task_is_read() {
        let draft = TaskDraft::parse(&SHOPPING, TODAY).expect("a good task");
        assert_eq!(draft.kind, TaskKind::Shopping);
        assert_eq!(draft.first.end(), date(2026, 11, 24).at(15, 30, 0, 0));
        let weekly = Repeat::weekly_on(date(2026, 11, 24), Ends::On(date(2027, 1, 31)));
        assert_eq!(draft.repeat, weekly);
        assert_eq!(draft.places.get(), 2);
        assert_eq!(draft.if_nobody, IfNobody::Must);
        assert!(draft.disclosure.address);
        assert_eq!(draft.note.as_ref().map(Note::as_str), Some("Milk"));
    }

    #[test]
    fn what_is_left_out_has_its_usual_value() {
        let repeat = RepeatInput { until: "", ..WEEKLY };
        let input = TaskInput { end: "", repeat, places: "", note: " ", if_nobody: "", ..SHOPPING };
        let draft = TaskDraft::parse(&input, TODAY).expect("a good task");
        assert_eq!(draft.first.minutes(), 90);
        assert_eq!(draft.repeat, Repeat::weekly_on(date(2026, 11, 24), Ends::Never));
        assert_eq!((draft.places, draft.if_nobody), (Places::ONE, IfNobody::TellMe));
        assert_eq!(draft.note, None);
        let once = TaskInput { repeat: RepeatInput::default(), ..SHOPPING };
        assert_eq!(TaskDraft::parse(&once, TODAY).map(|d| d.repeat), Ok(Repeat::Once));
    }

    #[test]
    fn a_repeating_task_begins_on_its_next_day_that_fits() {
        let first = |repeat: RepeatInput<'static>| {
            TaskDraft::parse(&again(RepeatInput { until: "", ..repeat }), TODAY)
                .map(|draft| (draft.first.date(), draft.repeat.to_string()))
        };
        let said = |day: Date, words: &str| Ok((day, words.to_owned()));
        let on = Weekdays::of([Weekday::Monday, Weekday::Thursday]);
        assert_eq!(
            first(RepeatInput { on, every: "2", ..WEEKLY }),
            said(date(2026, 11, 26), "every second week on Monday and Thursday")
        );
        let monthly = |of_month| first(RepeatInput { comes: "monthly", of_month, ..WEEKLY });
        assert_eq!(monthly(""), said(date(2026, 11, 24), "on the 24th of every month"));
        assert_eq!(
            monthly("weekday"),
            said(date(2026, 11, 24), "every fourth Tuesday of the month")
        );
        assert_eq!(
            monthly("last_weekday"),
            said(date(2026, 11, 24), "every last Tuesday of the month")
        );
        assert_eq!(monthly("last_day"), said(date(2026, 11, 30), "on the last day of every month"));
        let daily = RepeatInput { comes: "daily", every: "3", times: "5", ..WEEKLY };
        assert_eq!(first(daily), said(date(2026, 11, 24), "every third day, 5 times"));
    }

    #[test]
    fn what_a_form_is_filled_with_says_the_same_again() {
        for (comes, of_month) in [
            ("once", ""),
            ("daily", ""),
            ("weekly", ""),
            ("monthly", "date"),
            ("monthly", "weekday"),
            ("monthly", "last_weekday"),
            ("monthly", "last_day"),
        ] {
            let input = again(RepeatInput { comes, of_month, until: "", ..WEEKLY });
            let repeat = TaskDraft::parse(&input, TODAY).expect("a good task").repeat;
            let (comes_again, every, _, of_month_again) = repeat.as_typed();
            assert_eq!((comes_again.as_str(), every), (comes, Every::ONE));
            assert!(of_month.is_empty() || of_month_again.as_str() == of_month);
        }
    }

    #[test]
    fn any_time_of_the_morning_is_the_whole_morning() {
        let input = TaskInput { within: "morning", start: "", end: "", ..SHOPPING };
        let draft = TaskDraft::parse(&input, TODAY).expect("a good task");
        assert_eq!(draft.first.start(), jiff::civil::time(8, 0, 0, 0));
        assert_eq!(draft.first.end(), date(2026, 11, 24).at(12, 0, 0, 0));
    }

    #[test]
    fn what_is_arranged_needs_nobody_and_discloses_nothing() {
        let input = TaskInput { kind: "arranged", ..SHOPPING };
        let draft = TaskDraft::parse(&input, TODAY).expect("a good task");
        assert_eq!(draft.places, Places::NOBODY);
        assert_eq!(draft.disclosure, Disclosure::NONE);
        assert_eq!(draft.if_nobody, IfNobody::Fine);
    }

    #[test]
    fn every_field_says_what_is_wrong() {
        use TaskProblem as P;
        let cases = [
            (TaskInput { kind: "", ..SHOPPING }, P::Kind),
            (TaskInput { date: "tomorrow", ..SHOPPING }, P::Date),
            (TaskInput { date: "2026-11-24T10:00", ..SHOPPING }, P::Date),
            (TaskInput { date: "2026-11-21", ..SHOPPING }, P::DatePast),
            (TaskInput { date: "2028-01-01", ..SHOPPING }, P::DateTooFar),
            (TaskInput { start: "", ..SHOPPING }, P::Start),
            (TaskInput { start: "25:00", ..SHOPPING }, P::Start),
            (TaskInput { end: "half past", ..SHOPPING }, P::End),
            (TaskInput { end: "13:00", ..SHOPPING }, P::Length(LocalTimesError::EndBeforeStart)),
            (TaskInput { end: "14:10", ..SHOPPING }, P::Length(LocalTimesError::TooShort)),
            (TaskInput { within: "night", ..SHOPPING }, P::Within),
            (again(RepeatInput { comes: "hourly", ..WEEKLY }), P::Repeat),
            (again(RepeatInput { every: "0", ..WEEKLY }), P::Every),
            (again(RepeatInput { comes: "monthly", of_month: "ides", ..WEEKLY }), P::OfMonth),
            (again(RepeatInput { until: "never", ..WEEKLY }), P::Until),
            (again(RepeatInput { until: "2026-11-23", ..WEEKLY }), P::UntilBeforeDate),
            (again(RepeatInput { times: "4", ..WEEKLY }), P::TwoEnds),
            (again(RepeatInput { until: "", times: "1000", ..WEEKLY }), P::Times),
            (TaskInput { places: "0", ..SHOPPING }, P::Places),
            (TaskInput { places: "10", ..SHOPPING }, P::Places),
            (TaskInput { places: "two", ..SHOPPING }, P::Places),
            (TaskInput { note: "a\u{0}", ..SHOPPING }, P::Note(TextError::NotAllowed)),
            (TaskInput { if_nobody: "panic", ..SHOPPING }, P::IfNobody),
        ];
        for (input, problem) in cases {
            assert_eq!(problems(&input), [problem], "{problem}");
        }
        assert_eq!(
            TaskDraft::parse(&TaskInput { date: "2026-11-22", ..SHOPPING }, TODAY)
                .map(|d| d.first.date()),
            Ok(TODAY)
        );
    }

    #[test]
    fn an_empty_form_names_every_required_field() {
        let fields: Vec<_> =
            problems(&TaskInput::default()).into_iter().map(TaskProblem::field).collect();
        assert_eq!(fields, [TaskField::Kind, TaskField::Date, TaskField::Start]);
    }

    #[test]
    fn seconds_of_a_start_are_dropped() {
        let input = TaskInput { start: "14:00:59", ..SHOPPING };
        let draft = TaskDraft::parse(&input, TODAY).expect("a good task");
        assert_eq!(draft.first.start(), jiff::civil::time(14, 0, 0, 0));
    }
}
