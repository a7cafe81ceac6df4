//! A task as it was typed, checked field by field.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time};

use crate::local_times::{LocalTimes, LocalTimesError, Repeat};
use crate::task::{Disclosure, IfNobody, Places, TaskKind};
use crate::text::{Note, TextError};
use crate::words::words;

/// What the form sent, as text. Empty means that nothing was typed.
#[derive(Clone, Copy, Default)]
pub struct TaskInput<'a> {
    /// A word of [`TaskKind`].
    pub kind: &'a str,
    /// First day, `2026-11-24`.
    pub date: &'a str,
    /// Wall-clock start, `14:00`.
    pub start: &'a str,
    /// Wall-clock end, `15:30`; empty for the usual length of this kind.
    pub end: &'a str,
    /// Whether it comes every week.
    pub weekly: bool,
    /// Last day of a weekly task, `2027-01-31`; may be empty.
    pub until: &'a str,
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
        /// Start.
        Start = "start",
        /// End.
        End = "end",
        /// Last day.
        Until = "until",
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
    /// No start was given, or it is no time.
    #[error("the start is missing or not a time")]
    Start,
    /// The end is no time.
    #[error("the end is not a time")]
    End,
    /// Start and end do not go together.
    #[error("the times do not fit: {0}")]
    Times(LocalTimesError),
    /// The last day is no date.
    #[error("the last day is not a date")]
    Until,
    /// The last day is before the first.
    #[error("the last day is before the first")]
    UntilBeforeDate,
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
            Self::End | Self::Times(_) => TaskField::End,
            Self::Until | Self::UntilBeforeDate => TaskField::Until,
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
        let mut keep = |problem| problems.push(problem);

        let kind = input.kind.parse::<TaskKind>().map_err(|_| keep(TaskProblem::Kind)).ok();
        let date = first_day(input.date, today).map_err(&mut keep).ok();
        let start = parse_time(input.start).ok_or(TaskProblem::Start).map_err(&mut keep).ok();
        let end = typed(input.end)
            .map(|end| parse_time(end).ok_or(TaskProblem::End))
            .transpose()
            .map_err(&mut keep);
        let first = match (kind, date, start, end) {
            (Some(kind), Some(date), Some(start), Ok(end)) => match end {
                Some(end) => LocalTimes::from_to(date, start, end),
                None => LocalTimes::new(date, start, kind.default_minutes()),
            }
            .map_err(|why| keep(TaskProblem::Times(why)))
            .ok(),
            _ => None,
        };
        let repeat = repeat(input, date).map_err(&mut keep).ok();
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
            (Some(kind), Some(first), Some(repeat), Some(places), Some(note), Some(if_nobody)) => {
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

fn typed(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// `2026-11-24` and nothing longer: jiff would also read a date with a time.
fn parse_date(text: &str) -> Option<Date> {
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

fn repeat(input: &TaskInput<'_>, first: Option<Date>) -> Result<Repeat, TaskProblem> {
    if !input.weekly {
        return Ok(Repeat::Once);
    }
    let Some(until) = typed(input.until) else {
        return Ok(Repeat::Weekly { until: None });
    };
    let until = parse_date(until).ok_or(TaskProblem::Until)?;
    if first.is_some_and(|first| until < first) {
        return Err(TaskProblem::UntilBeforeDate);
    }
    Ok(Repeat::Weekly { until: Some(until) })
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
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 22);

    const SHOPPING: TaskInput<'static> = TaskInput {
        kind: "shopping",
        date: "2026-11-24",
        start: "14:00",
        end: "15:30",
        weekly: true,
        until: "2027-01-31",
        places: "2",
        note: "Milk",
        disclosure: Disclosure { address: true, entry: false },
        if_nobody: "must",
    };

    fn problems(input: &TaskInput<'_>) -> Vec<TaskProblem> {
        TaskDraft::parse(input, TODAY).expect_err("should have problems")
    }

    #[test]
    fn a_good_task_is_read() {
        let draft = TaskDraft::parse(&SHOPPING, TODAY).expect("a good task");
        assert_eq!(draft.kind, TaskKind::Shopping);
        assert_eq!(draft.first.end(), date(2026, 11, 24).at(15, 30, 0, 0));
        assert_eq!(draft.repeat, Repeat::Weekly { until: Some(date(2027, 1, 31)) });
        assert_eq!(draft.places.get(), 2);
        assert_eq!(draft.if_nobody, IfNobody::Must);
        assert!(draft.disclosure.address);
        assert_eq!(draft.note.as_ref().map(Note::as_str), Some("Milk"));
    }

    #[test]
    fn what_is_left_out_has_its_usual_value() {
        let input =
            TaskInput { end: "", until: "", places: "", note: " ", if_nobody: "", ..SHOPPING };
        let draft = TaskDraft::parse(&input, TODAY).expect("a good task");
        assert_eq!(draft.first.minutes(), 90);
        assert_eq!(draft.repeat, Repeat::Weekly { until: None });
        assert_eq!((draft.places, draft.if_nobody), (Places::ONE, IfNobody::TellMe));
        assert_eq!(draft.note, None);
        let once = TaskInput { weekly: false, ..SHOPPING };
        assert_eq!(TaskDraft::parse(&once, TODAY).map(|d| d.repeat), Ok(Repeat::Once));
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
            (TaskInput { end: "13:00", ..SHOPPING }, P::Times(LocalTimesError::EndBeforeStart)),
            (TaskInput { end: "14:10", ..SHOPPING }, P::Times(LocalTimesError::TooShort)),
            (TaskInput { until: "never", ..SHOPPING }, P::Until),
            (TaskInput { until: "2026-11-23", ..SHOPPING }, P::UntilBeforeDate),
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
