//! The first, second and fourth step of setting up a circle. (The third is naming a friend.)

use askama::Template;

use super::layout::Layout;
use super::view::{Choice, Patient, kind_icon};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;
use crate::words;

/// Step 1: the person. Nothing medical is asked.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/set_up_person.html")]
pub(crate) struct SetUpPersonPage {
    pub(crate) layout: Layout,
    pub(crate) post: Post,
    /// First name she likes.
    pub(crate) name: FieldView,
    /// A word of the domain's basis of grants, or `myself`, or `unknown`.
    /// Not asked of the patient herself.
    pub(crate) basis: Option<FieldView>,
    /// Somebody whose address must never be invited or let in; may be empty.
    pub(crate) not_this_person: FieldView,
    /// No time and no kind in mails.
    pub(crate) quiet_mail: bool,
}

/// Step 2: whoever sets it up.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/set_up_you.html")]
pub(crate) struct SetUpYouPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) post: Post,
    pub(crate) patient: Patient,
    pub(crate) name: FieldView,
    /// "daughter"; not asked of the patient herself.
    pub(crate) relation: Option<FieldView>,
    pub(crate) email: FieldView,
    /// For the hospice.
    pub(crate) phone: FieldView,
}

/// Step 4: what would help this week.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/first_week.html")]
pub(crate) struct FirstWeekPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) post: Post,
    pub(crate) needs: Vec<Need>,
    /// Days to choose from: a date each.
    pub(crate) days: Vec<Choice>,
    /// It is night: asked tomorrow at 8am.
    pub(crate) sent_tomorrow: bool,
}

/// One card to tick. Fields are named by kind: `need-shopping`, `day-shopping`, `part-shopping`.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    /// A word of the domain's kinds of task.
    pub(crate) kind: &'static str,
    pub(crate) ticked: bool,
    /// The chosen value of the days, and what to do when none was chosen.
    pub(crate) day: FieldView,
    /// `morning`, `afternoon` or `evening`.
    pub(crate) part: FieldView,
}

impl SetUpPersonPage {
    fn errors(&self) -> FormErrors {
        let basis = self.basis.as_ref().map(|basis| ("basis", basis));
        let fields = [("name", &self.name)].into_iter().chain(basis);
        FormErrors::of(fields.chain([("not_this_person", &self.not_this_person)]))
    }

    fn name_label(&self) -> &'static str {
        if self.basis.is_some() { "The first name they like" } else { "The first name you like" }
    }

    fn bases() -> Vec<Choice> {
        vec![
            Choice::plain("own_consent", "Yes, and agrees"),
            Choice::plain("myself", "It is me"),
            Choice::explained(
                "attorney",
                "Cannot say, and I am the attorney for health and welfare",
                "The hospice may ask to see the paper.",
            ),
            Choice::explained(
                "best_interests",
                "Cannot say, and we decided together what is best",
                "The family and the people who look after her or him.",
            ),
            Choice::explained(
                "unknown",
                "Does not know yet",
                "Please talk about it first. We keep what you typed.",
            ),
        ]
    }
}

impl SetUpYouPage {
    fn errors(&self) -> FormErrors {
        let relation = self.relation.as_ref().map(|relation| ("relation", relation));
        let fields = [("your_name", &self.name)].into_iter().chain(relation);
        FormErrors::of(fields.chain([("email", &self.email), ("phone", &self.phone)]))
    }

    fn email_hint(&self) -> &'static str {
        if self.patient.is_reader { "Leave it empty if you do not use e-mail." } else { "" }
    }

    fn relation_label(&self) -> String {
        format!("Who you are to {}", self.patient.name)
    }
}

impl FirstWeekPage {
    /// The six cards, none ticked.
    pub(crate) fn none() -> Vec<Need> {
        const KINDS: [&str; 6] = ["shopping", "visit", "meal", "dog_walk", "lift", "evening"];
        KINDS
            .map(|kind| Need {
                kind,
                ticked: false,
                day: FieldView::default(),
                part: FieldView::filled("afternoon"),
            })
            .into()
    }

    /// The error of a card leads to its box: the day may be hidden until that is ticked.
    fn wrong(&self) -> Vec<(String, &str)> {
        let wrong = self.needs.iter().filter(|need| need.day.error.is_some());
        wrong.map(|need| (format!("need-{}", need.kind), need.day.sentence())).collect()
    }
}

impl Need {
    fn label(&self) -> &'static str {
        words::task_kind(self.kind)
    }

    fn icon(&self) -> Icon {
        kind_icon(self.kind)
    }

    fn parts() -> [(&'static str, &'static str); 3] {
        [("morning", "Morning"), ("afternoon", "Afternoon"), ("evening", "Evening")]
    }
}

impl Page for SetUpPersonPage {
    const NAME: &'static str = "set-up-person";

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            layout: sample::nobody(),
            post: sample::post("/set-up/person"),
            name: FieldView::default(),
            basis: Some(FieldView::default()),
            not_this_person: FieldView::default(),
            quiet_mail: false,
        };
        let wrong = Self {
            name: FieldView::wrong("", "Tell us the name they like"),
            basis: Some(FieldView::wrong("", "Choose whether they know")),
            ..empty.clone()
        };
        let patient = Self { basis: None, ..empty.clone() };
        vec![("", empty), ("error", wrong), ("patient", patient)]
    }
}

impl Page for SetUpYouPage {
    const NAME: &'static str = "set-up-you";

    fn samples() -> Vec<(&'static str, Self)> {
        let filled = Self {
            layout: sample::nobody(),
            back: "/set-up/person".to_owned(),
            post: sample::post("/set-up/you"),
            patient: sample::margaret(),
            name: FieldView::filled("Ruth"),
            relation: Some(FieldView::filled("daughter")),
            email: FieldView::filled("ruth@example.com"),
            phone: FieldView::default(),
        };
        let wrong = Self {
            email: FieldView::wrong("", "Enter an e-mail address, like ruth@example.com"),
            phone: FieldView::wrong("12", "Enter a phone number, like 01632 960 123"),
            ..filled.clone()
        };
        let patient = Self { patient: sample::herself(), relation: None, ..filled.clone() };
        vec![("", filled), ("error", wrong), ("patient", patient)]
    }
}

impl Page for FirstWeekPage {
    const NAME: &'static str = "first-week";

    fn samples() -> Vec<(&'static str, Self)> {
        let days = [
            ("2026-11-24", "Tomorrow"),
            ("2026-11-25", "Wednesday"),
            ("2026-11-26", "Thursday"),
            ("every", "Every day"),
        ];
        let ticked = |need: Need| Need {
            ticked: matches!(need.kind, "shopping" | "visit"),
            day: FieldView::filled("2026-11-26"),
            ..need
        };
        let filled = Self {
            layout: sample::plain("Ruth"),
            back: "/set-up/friends".to_owned(),
            post: sample::post("/set-up/week"),
            needs: Self::none().into_iter().map(ticked).collect(),
            days: days.map(|(value, label)| Choice::plain(value, label)).into(),
            sent_tomorrow: true,
        };
        let missing = |need: Need| Need {
            ticked: need.kind == "shopping",
            day: if need.kind == "shopping" {
                FieldView::wrong("", "Choose a day for Shopping")
            } else {
                FieldView::default()
            },
            ..need
        };
        let wrong = Self {
            needs: Self::none().into_iter().map(missing).collect(),
            sent_tomorrow: false,
            ..filled.clone()
        };
        vec![("", filled), ("error", wrong)]
    }
}
