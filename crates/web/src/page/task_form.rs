//! Ask for help with something, or change what was asked.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::{Choice, Patient, kind_icon};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;
use crate::words;

/// Add a task, or change one. Field names are those of the domain's task fields.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/task_form.html")]
pub(crate) struct TaskFormPage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    pub(crate) post: Post,
    pub(crate) cancel: String,
    /// `None` when something new is asked.
    pub(crate) changing: Option<Changing>,
    pub(crate) kinds: Vec<Choice>,
    pub(crate) kind: FieldView,
    /// `2026-11-24`, as browsers send dates.
    pub(crate) date: FieldView,
    /// Any time of a part of the day, or empty where `start` says the time.
    pub(crate) within: FieldView,
    /// `14:00`.
    pub(crate) start: FieldView,
    /// `15:30`, or empty.
    pub(crate) end: FieldView,
    pub(crate) again: Again,
    pub(crate) places: FieldView,
    pub(crate) note: FieldView,
    /// "Tom, and anyone who takes this task, will read this."
    pub(crate) who_reads: String,
    /// The reader may write a note.
    pub(crate) may_note: bool,
    pub(crate) tells: Tells,
    pub(crate) if_nobody: FieldView,
    /// It is night: the circle is asked tomorrow at 8am.
    /// "Food and allergies: not said yet.", and where it is written down; for those who may.
    pub(crate) door: Option<(String, String)>,
    pub(crate) sent_tomorrow: bool,
}

/// What whoever takes it is told in its window.
///
/// `None` for what the reader may not let anybody see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tells {
    pub(crate) address: Option<bool>,
    pub(crate) help: Option<bool>,
    pub(crate) entry: Option<bool>,
}

/// Whether and how it comes again.
#[derive(Clone, Debug)]
pub(crate) struct Again {
    /// Once, daily, weekly or monthly.
    pub(crate) repeat: FieldView,
    pub(crate) every: FieldView,
    /// Two letters, name, and whether it is ticked, from Monday.
    pub(crate) on: Vec<(&'static str, &'static str, bool)>,
    pub(crate) of_month: FieldView,
    /// `2027-01-31`, or empty.
    pub(crate) until: FieldView,
    pub(crate) times: FieldView,
    /// A rule of RFC 5545.
    pub(crate) rule: FieldView,
}

impl Again {
    fn repeats() -> Vec<Choice> {
        vec![
            Choice::plain("once", "No, only this once"),
            Choice::plain("daily", "Every day, or every few days"),
            Choice::plain("weekly", "On some days of the week"),
            Choice::plain("monthly", "Every month"),
        ]
    }

    fn of_months() -> Vec<Choice> {
        vec![
            Choice::plain("date", "on the same date, such as the 12th"),
            Choice::plain("weekday", "on the same day, such as the second Tuesday"),
            Choice::plain("last_weekday", "on the last such day, such as the last Friday"),
            Choice::plain("last_day", "on the last day of the month"),
        ]
    }

    /// Two letters, name, and whether `ticked` says so.
    pub(crate) fn week(ticked: impl Fn(&str) -> bool) -> Vec<(&'static str, &'static str, bool)> {
        const DAYS: [(&str, &str); 7] = [
            ("MO", "Monday"),
            ("TU", "Tuesday"),
            ("WE", "Wednesday"),
            ("TH", "Thursday"),
            ("FR", "Friday"),
            ("SA", "Saturday"),
            ("SU", "Sunday"),
        ];
        DAYS.into_iter().map(|(letters, name)| (letters, name, ticked(letters))).collect()
    }

    fn sample(repeat: &str) -> Self {
        Self {
            repeat: FieldView::filled(repeat),
            every: FieldView::filled("1"),
            on: Self::week(|day| repeat == "weekly" && matches!(day, "TU" | "TH")),
            of_month: FieldView::filled("date"),
            until: FieldView::filled(if repeat == "once" { "" } else { "2027-01-31" }),
            times: FieldView::default(),
            rule: FieldView::default(),
        }
    }
}

/// What is only asked about a task that is on the rota already.
#[derive(Clone, Debug)]
pub(crate) struct Changing {
    /// First names of those who have promised. They keep the time they promised.
    pub(crate) promised: Vec<String>,
    /// "Asked Tom whether …", while they are asked about another time.
    pub(crate) instead: Option<String>,
    /// "Tom does this every Tuesday, until 24 December 2026."
    pub(crate) each_time: Vec<String>,
    /// "every Tuesday, until 24 December 2026": there is more than this one.
    pub(crate) comes: Option<String>,
    /// For which of them the day and the time are changed.
    pub(crate) scope: FieldView,
    /// Which of them are taken off.
    pub(crate) which: FieldView,
    pub(crate) out_from: FieldView,
    pub(crate) out_to: FieldView,
    /// It has a note, a number of people or an "if nobody can" of its own.
    pub(crate) own: bool,
    /// "20 December to 3 January": days that are left out, and what puts them back.
    pub(crate) left_out: Vec<(String, Post)>,
    /// Takes it off the rota.
    pub(crate) remove: Post,
}

impl Changing {
    /// "Tom and Joan".
    fn names(&self) -> String {
        words::list(&self.promised)
    }

    fn scopes() -> Vec<Choice> {
        vec![
            Choice::plain("this", "This one only"),
            Choice::plain("following", "This one and all that follow"),
            Choice::plain("all", "All of them, from now on"),
        ]
    }

    fn whiches() -> Vec<Choice> {
        vec![
            Choice::plain("this", "Only this one"),
            Choice::plain("following", "This one and all that follow"),
            Choice::plain("days", "What falls on these days, for a holiday or a stay away"),
        ]
    }
}

impl TaskFormPage {
    fn errors(&self) -> FormErrors {
        let nothing = FieldView::default();
        let of = |part: fn(&Changing) -> &FieldView| self.changing.as_ref().map_or(&nothing, part);
        FormErrors::of([
            ("kind", &self.kind),
            ("date", &self.date),
            ("within", &self.within),
            ("start", &self.start),
            ("end", &self.end),
            ("repeat", &self.again.repeat),
            ("every", &self.again.every),
            ("of_month", &self.again.of_month),
            ("until", &self.again.until),
            ("times", &self.again.times),
            ("rule", &self.again.rule),
            ("places", &self.places),
            ("note", &self.note),
            ("if_nobody", &self.if_nobody),
            ("scope", of(|changing| &changing.scope)),
            ("out_from", of(|changing| &changing.out_from)),
            ("out_to", of(|changing| &changing.out_to)),
        ])
    }

    /// The kinds of task in the order in which people ask for them.
    pub(crate) fn all_kinds() -> Vec<Choice> {
        const KINDS: [&str; 12] = [
            "shopping",
            "visit",
            "meal",
            "lift",
            "evening",
            "dog_walk",
            "call",
            "outing",
            "newspaper",
            "internet",
            "arranged",
            "other",
        ];
        let choice = |kind| Choice::drawn(kind, words::task_kind(kind), kind_icon(kind));
        KINDS.into_iter().map(choice).collect()
    }

    /// When on the day, for who does not plan by the clock.
    fn withins() -> Vec<Choice> {
        vec![
            Choice::plain("", "At the time below"),
            Choice::plain("morning", "Any time in the morning, 8am to noon"),
            Choice::plain("afternoon", "Any time in the afternoon, noon to 5pm"),
            Choice::plain("evening", "Any time in the evening, 5pm to 9pm"),
            Choice::plain("day", "Any time that day, 8am to 8pm"),
        ]
    }

    /// What follows when nobody takes it.
    fn if_nobody_choices() -> Vec<Choice> {
        vec![
            Choice::plain("fine", "That is fine"),
            Choice::plain("tell_me", "Tell me the day before"),
            Choice::explained(
                "must",
                "Somebody must come",
                "The hospice is asked to find someone.",
            ),
        ]
    }
}

impl Page for TaskFormPage {
    const NAME: &'static str = "task-form";

    fn samples() -> Vec<(&'static str, Self)> {
        let new = Self {
            layout: sample::carer(Place::Rota),
            patient: sample::margaret(),
            post: sample::post("/c/heron-7f3a/rota/add"),
            cancel: "/c/heron-7f3a/rota".to_owned(),
            changing: None,
            kinds: Self::all_kinds(),
            kind: FieldView::default(),
            date: FieldView::filled("2026-11-24"),
            within: FieldView::default(),
            start: FieldView::default(),
            end: FieldView::default(),
            again: Again::sample("once"),
            places: FieldView::filled("1"),
            note: FieldView::default(),
            who_reads: "Whoever takes this task will read this, and so will the circle.".to_owned(),
            may_note: true,
            tells: Tells { address: Some(true), help: Some(true), entry: Some(false) },
            if_nobody: FieldView::filled("tell_me"),
            door: Some((
                "For whoever comes. Food and allergies: not said yet. A number to ring from the door: \
                 not said yet."
                    .to_owned(),
                "/c/heron-7f3a/door".to_owned(),
            )),
            sent_tomorrow: true,
        };
        let changing = Self {
            changing: Some(Changing {
                promised: sample::texts(&["Tom"]),
                each_time: sample::texts(&["Tom does this every Tuesday."]),
                instead: Some(
                    "Asked Tom whether Friday 27 November, 2pm to 3pm suits instead.".to_owned(),
                ),
                comes: Some("every Tuesday and Thursday, until 31 January 2027".to_owned()),
                scope: FieldView::filled("this"),
                which: FieldView::filled("this"),
                out_from: FieldView::default(),
                out_to: FieldView::default(),
                own: true,
                left_out: vec![
                    ("Tuesday 1 December".to_owned(), sample::post("/c/heron-7f3a/rota/41/back")),
                    (
                        "20 December to 3 January".to_owned(),
                        sample::post("/c/heron-7f3a/rota/41/back"),
                    ),
                ],
                remove: sample::post("/c/heron-7f3a/rota/41/off"),
            }),
            kind: FieldView::filled("visit"),
            start: FieldView::filled("14:00"),
            end: FieldView::filled("15:00"),
            again: Again::sample("weekly"),
            note: FieldView::filled("Ring twice and wait a little. Biscuit is friendly."),
            sent_tomorrow: false,
            ..new.clone()
        };
        let untold = Self {
            changing: Some(Changing {
                promised: sample::texts(&["Tom", "Joan"]),
                each_time: Vec::new(),
                instead: None,
                comes: Some("every Tuesday".to_owned()),
                scope: FieldView::wrong("", "Choose those that follow too"),
                which: FieldView::filled("days"),
                out_from: FieldView::filled("2026-12-20"),
                out_to: FieldView::wrong("2026-12-01", "Give the last day to leave out"),
                own: false,
                left_out: Vec::new(),
                remove: sample::post("/c/heron-7f3a/rota/41/off"),
            }),
            again: Again::sample("once"),
            may_note: false,
            tells: Tells { address: None, help: None, entry: None },
            ..changing.clone()
        };
        let wrong = Self {
            kind: FieldView::wrong("", "Choose what would help"),
            date: FieldView::wrong("2026-11-01", "Choose a day that is still to come"),
            start: FieldView::filled("15:00"),
            end: FieldView::wrong("14:00", "Choose an end after 3pm"),
            again: Again {
                times: FieldView::wrong("4", "Give a last day or a number of times, not both"),
                rule: FieldView::wrong(
                    "FREQ=DAILY;BYHOUR=9",
                    "This rule cannot be used here: BYHOUR is not accepted: a task has one time of day",
                ),
                ..Again::sample("monthly")
            },
            ..new.clone()
        };
        vec![("", new), ("change", changing), ("change-untold", untold), ("error", wrong)]
    }
}
