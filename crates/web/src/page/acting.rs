//! Saying something for somebody whom no e-mail reaches: about a task, that they said yes, that they are
//! away.

use askama::Template;

use super::layout::{Layout, Place};
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// What is said for somebody about a task that they have promised.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/say_for.html")]
pub(crate) struct SayForPage {
    pub(crate) layout: Layout,
    /// "Joan".
    pub(crate) name: String,
    /// "A visit, Thursday 26 November, 2pm to 3pm".
    pub(crate) what: String,
    pub(crate) cards: Vec<SayCard>,
    /// The slot's own page.
    pub(crate) back: String,
}

/// One thing that can be said.
#[derive(Clone, Debug)]
pub(crate) struct SayCard {
    /// The word that is sent.
    pub(crate) id: &'static str,
    /// "Joan will be there".
    pub(crate) heading: String,
    /// What happens by it.
    pub(crate) means: String,
    /// "Say so for Joan".
    pub(crate) button: String,
    pub(crate) post: Post,
}

/// "Joan said yes to me".
#[derive(Clone, Debug, Template)]
#[template(path = "pages/yes_for.html")]
pub(crate) struct YesForPage {
    pub(crate) layout: Layout,
    /// "Joan".
    pub(crate) name: String,
    pub(crate) post: Post,
    /// The person's own page.
    pub(crate) back: String,
}

/// When somebody is away, as they said on the telephone.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/away_for.html")]
pub(crate) struct AwayForPage {
    pub(crate) layout: Layout,
    pub(crate) name: String,
    pub(crate) post: Post,
    pub(crate) from: FieldView,
    pub(crate) until: FieldView,
    pub(crate) hand_on: bool,
    /// "from 1 to 14 December", and the form that ends it.
    pub(crate) away: Option<(String, Post)>,
    /// The person's own page.
    pub(crate) back: String,
}

impl AwayForPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("away_from", &self.from), ("away_until", &self.until)])
    }
}

impl Page for SayForPage {
    const NAME: &'static str = "say-for";

    fn samples() -> Vec<(&'static str, Self)> {
        let card = |id, heading: &str| SayCard {
            id,
            heading: heading.to_owned(),
            means: "Those in charge see it.".to_owned(),
            button: "Say so for Alan".to_owned(),
            post: sample::post("/c/heron-7f3a/rota/41/for/9"),
        };
        let page = Self {
            layout: sample::carer(Place::Rota),
            name: "Alan".to_owned(),
            what: "A visit, Thursday 26 November, 2pm to 3pm".to_owned(),
            cards: vec![
                card("there", "Alan will be there"),
                card("cover", "Alan would like somebody to take over"),
                card("cannot", "Alan can’t come"),
            ],
            back: "/c/heron-7f3a/rota/41".to_owned(),
        };
        let nothing = Self { cards: Vec::new(), ..page.clone() };
        vec![("", page), ("nothing", nothing)]
    }
}

impl Page for YesForPage {
    const NAME: &'static str = "yes-for";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::carer(Place::People),
            name: "Alan".to_owned(),
            post: sample::post("/c/heron-7f3a/people/9/yes"),
            back: "/c/heron-7f3a/people/9".to_owned(),
        };
        vec![("", page)]
    }
}

impl Page for AwayForPage {
    const NAME: &'static str = "away-for";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::carer(Place::People),
            name: "Alan".to_owned(),
            post: sample::post("/c/heron-7f3a/people/9/away"),
            from: FieldView::default(),
            until: FieldView::default(),
            hand_on: false,
            away: None,
            back: "/c/heron-7f3a/people/9".to_owned(),
        };
        let wrong = Self { from: FieldView::wrong("", "Choose one"), ..page.clone() };
        let end = sample::post("/c/heron-7f3a/people/9/away/end");
        let away = Self { away: Some(("from 1 to 14 December".to_owned(), end)), ..page.clone() };
        vec![("", page), ("error", wrong), ("now", away)]
    }
}
