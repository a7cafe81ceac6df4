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
    /// `14:00`.
    pub(crate) start: FieldView,
    /// `15:30`, or empty.
    pub(crate) end: FieldView,
    pub(crate) weekly: bool,
    pub(crate) until: FieldView,
    pub(crate) places: FieldView,
    pub(crate) note: FieldView,
    /// "Tom, and anyone who takes this task, will read this."
    pub(crate) who_reads: String,
    /// The reader may write a note.
    pub(crate) may_note: bool,
    pub(crate) tells: Tells,
    pub(crate) if_nobody: FieldView,
    /// It is night: the circle is asked tomorrow at 8am.
    pub(crate) sent_tomorrow: bool,
}

/// What whoever takes it is told in its window.
///
/// `None` for what the reader may not let anybody see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tells {
    pub(crate) address: Option<bool>,
    pub(crate) entry: Option<bool>,
}

/// What is only asked about a task that is on the rota already.
#[derive(Clone, Debug)]
pub(crate) struct Changing {
    /// First names of those who have promised. They keep the time they promised.
    pub(crate) promised: Vec<String>,
    /// "Tell Tom": ticked, and what is to be ticked first when the time is changed.
    pub(crate) tell: FieldView,
    /// Comes every week: a last day may be said, and all that follow taken off too.
    pub(crate) weekly: bool,
    /// Takes it off the rota.
    pub(crate) remove: Post,
}

impl Changing {
    /// "Tom and Joan".
    fn names(&self) -> String {
        words::list(&self.promised)
    }
}

impl TaskFormPage {
    fn errors(&self) -> FormErrors {
        let nothing = FieldView::default();
        let tell = self.changing.as_ref().map_or(&nothing, |changing| &changing.tell);
        FormErrors::of([
            ("kind", &self.kind),
            ("date", &self.date),
            ("start", &self.start),
            ("end", &self.end),
            ("until", &self.until),
            ("places", &self.places),
            ("note", &self.note),
            ("if_nobody", &self.if_nobody),
            ("tell", tell),
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

    /// What follows when nobody takes it.
    fn if_nobody_choices() -> Vec<Choice> {
        vec![
            Choice::plain("fine", "That is fine"),
            Choice::plain("tell_me", "Tell me the day before"),
            Choice::explained("must", "It must happen", "The hospice is asked to find someone."),
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
            start: FieldView::default(),
            end: FieldView::default(),
            weekly: false,
            until: FieldView::default(),
            places: FieldView::filled("1"),
            note: FieldView::default(),
            who_reads: "Whoever takes this task will read this, and so will the circle.".to_owned(),
            may_note: true,
            tells: Tells { address: Some(true), entry: Some(false) },
            if_nobody: FieldView::filled("tell_me"),
            sent_tomorrow: true,
        };
        let changing = Self {
            changing: Some(Changing {
                promised: sample::texts(&["Tom"]),
                tell: FieldView::default(),
                weekly: true,
                remove: sample::post("/c/heron-7f3a/rota/41/off"),
            }),
            kind: FieldView::filled("visit"),
            start: FieldView::filled("14:00"),
            end: FieldView::filled("15:00"),
            weekly: true,
            until: FieldView::filled("2027-01-31"),
            note: FieldView::filled("Ring twice and wait a little. Biscuit is friendly."),
            sent_tomorrow: false,
            ..new.clone()
        };
        let untold = Self {
            changing: Some(Changing {
                promised: sample::texts(&["Tom", "Joan"]),
                tell: FieldView::wrong("", "Tick this, so that those who promised hear of it"),
                weekly: false,
                remove: sample::post("/c/heron-7f3a/rota/41/off"),
            }),
            weekly: false,
            may_note: false,
            tells: Tells { address: None, entry: None },
            ..changing.clone()
        };
        let wrong = Self {
            kind: FieldView::wrong("", "Choose what would help"),
            date: FieldView::wrong("2026-11-01", "Choose a day that is still to come"),
            start: FieldView::filled("15:00"),
            end: FieldView::wrong("14:00", "Choose an end after 3pm"),
            ..new.clone()
        };
        vec![("", new), ("change", changing), ("change-untold", untold), ("error", wrong)]
    }
}
