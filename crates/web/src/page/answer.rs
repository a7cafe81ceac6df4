//! What one says about one's own slot: I can't make it, it is done, how it went.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::Choice;
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// "I can't make it."
#[derive(Clone, Debug, Template)]
#[template(path = "pages/cannot.html")]
pub(crate) struct CannotPage {
    pub(crate) layout: Layout,
    /// The slot's own page.
    pub(crate) keep: String,
    /// "Shopping".
    pub(crate) what: String,
    /// "Thursday 26 November, 2pm to 3.30pm".
    pub(crate) when: String,
    /// Offers it to the others; it stays the reader's until another says yes.
    pub(crate) cover: Post,
    /// Gives it back at once. `None` from an unknown browser, where nothing is final.
    pub(crate) give_back: Option<Post>,
    /// Asks somebody by name; with whom, and for what in return.
    pub(crate) swap: Option<(Post, Vec<Choice>, FieldView)>,
    /// "Alan gets no e-mail from us: please ring Alan.": who cannot be asked so.
    pub(crate) to_ring: Option<String>,
    /// Less than two hours before: the number to ring as well.
    pub(crate) ring: Option<String>,
    /// The same: the number that somebody there answers, for those who may see it.
    pub(crate) ring_first: Option<String>,
}

/// Right after taking a slot.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/taken.html")]
pub(crate) struct TakenPage {
    pub(crate) layout: Layout,
    /// First name of the reader, where it is known.
    pub(crate) reader: Option<String>,
    /// "Shopping for Heron circle".
    pub(crate) what: String,
    /// "Thursday 26 November".
    pub(crate) day: String,
    /// "2pm to 3.30pm".
    pub(crate) times: String,
    /// "We remind you on Wednesday at 6pm and on Thursday at noon."
    pub(crate) reminders: String,
    /// When the address opens: "Wednesday 25 November at 2pm".
    pub(crate) address_opens: Option<String>,
    pub(crate) calendar: Option<String>,
    /// Takes it back, for ten minutes.
    pub(crate) undo: Option<Post>,
    /// Where one goes on.
    pub(crate) next: String,
}

/// After a visit: "How did it go?"
#[derive(Clone, Debug, Template)]
#[template(path = "pages/went.html")]
pub(crate) struct WentPage {
    pub(crate) layout: Layout,
    pub(crate) reader: String,
    /// "A visit, Tuesday 24 November".
    pub(crate) what: String,
    /// Where one goes on.
    pub(crate) fine: String,
    /// A few kind words for the circle; for those who may write them.
    pub(crate) kind_words: Option<String>,
    /// A word for whoever comes next, while that may be left.
    pub(crate) leave_word: Option<Post>,
    /// A private note to the coordinators.
    pub(crate) worried: String,
}

impl CannotPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of(self.swap.iter().map(|(_, _, field)| ("to", field)))
    }
}

impl Page for CannotPage {
    const NAME: &'static str = "cannot";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::volunteer(Place::MyRota),
            keep: "/c/heron-7f3a/rota/41".to_owned(),
            what: "Shopping".to_owned(),
            when: "Thursday 26 November, 2pm to 3.30pm".to_owned(),
            cover: sample::post("/c/heron-7f3a/rota/41/cover"),
            give_back: Some(sample::post("/c/heron-7f3a/rota/41/drop")),
            swap: Some((
                sample::post("/c/heron-7f3a/rota/41/swap"),
                vec![
                    Choice::plain("1", "Joan takes it"),
                    Choice::plain("1:2", "Joan takes it, and I do Joan’s A visit on Thursday"),
                ],
                FieldView::default(),
            )),
            to_ring: Some("Alan gets no e-mail from us: please ring Alan.".to_owned()),
            ring: None,
            ring_first: None,
        };
        let mut wrong = page.clone();
        if let Some((_, _, field)) = &mut wrong.swap {
            *field = FieldView::wrong("", "Choose whom we shall ask");
        }
        let nearest = Self {
            ring: Some("01632 960 123".to_owned()),
            ring_first: Some("01632 960 044".to_owned()),
            ..page.clone()
        };
        let soon = Self {
            layout: sample::nobody(),
            give_back: None,
            swap: None,
            to_ring: None,
            ring: Some("01632 960 123".to_owned()),
            ..page.clone()
        };
        vec![("", page), ("error", wrong), ("soon", nearest), ("from-a-mail-soon", soon)]
    }
}

impl Page for TakenPage {
    const NAME: &'static str = "taken";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::volunteer(Place::MyRota),
            reader: Some("Tom".to_owned()),
            what: "Shopping for Heron circle".to_owned(),
            day: "Thursday 26 November".to_owned(),
            times: "2pm to 3.30pm".to_owned(),
            reminders: "We remind you on Wednesday at 6pm, and on Thursday at noon.".to_owned(),
            address_opens: Some("Wednesday 25 November at 2pm".to_owned()),
            calendar: Some("/me/calendar/41.ics".to_owned()),
            undo: Some(sample::post("/c/heron-7f3a/rota/41/undo")),
            next: "/me".to_owned(),
        };
        let link = Self {
            layout: sample::nobody(),
            reader: None,
            address_opens: None,
            next: "/".to_owned(),
            ..page.clone()
        };
        vec![("", page), ("from-a-mail", link)]
    }
}

impl Page for WentPage {
    const NAME: &'static str = "went";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::volunteer(Place::MyRota),
            reader: "Tom".to_owned(),
            what: "A visit, Tuesday 24 November".to_owned(),
            fine: "/me?said=answered".to_owned(),
            kind_words: Some("/c/heron-7f3a/news".to_owned()),
            leave_word: Some(sample::post("/c/heron-7f3a/rota/41/hand-over")),
            worried: "/c/heron-7f3a/worried".to_owned(),
        };
        let later = Self { leave_word: None, ..page.clone() };
        vec![("", page), ("later", later)]
    }
}
