//! What the form of a task may say, and what is said when it may not.

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
    rule: "",
    zone: None,
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
    disclosure: Disclosure { address: true, help: false, entry: false },
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
    assert_eq!(monthly("weekday"), said(date(2026, 11, 24), "every fourth Tuesday of the month"));
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
