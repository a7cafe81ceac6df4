//! News of the patient, and kind words of the friends.

use askama::Template;

use super::home::NoteRow;
use super::layout::{Layout, Place};
use super::view::Patient;
use super::{Page, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// News and kind words, for those who may see them.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/news.html")]
pub(crate) struct NewsPage {
    pub(crate) layout: Layout,
    pub(crate) patient: Patient,
    pub(crate) home: String,
    /// Who reads what is written here: "Ruth, Sam, Joan, Priya and Mo".
    pub(crate) readers: String,
    pub(crate) news: Vec<NoteRow>,
    pub(crate) kind_words: Vec<NoteRow>,
    /// What was written before these.
    pub(crate) older: Option<String>,
    /// Writes news; for the patient and carers.
    pub(crate) tell: Option<Post>,
    /// Writes kind words.
    pub(crate) say: Option<Post>,
    pub(crate) tell_words: FieldView,
    pub(crate) say_words: FieldView,
}

impl NewsPage {
    fn errors(&self) -> FormErrors {
        FormErrors::of([("news", &self.tell_words), ("kind", &self.say_words)])
    }
}

impl Page for NewsPage {
    const NAME: &'static str = "news";

    fn samples() -> Vec<(&'static str, Self)> {
        let note = |words: &str, by: &str| NoteRow {
            words: words.to_owned(),
            by: by.to_owned(),
            erase: Some(sample::post("/c/heron-7f3a/news/7/erase")),
        };
        let filled = Self {
            layout: sample::carer(Place::Home),
            patient: sample::margaret(),
            home: "/c/heron-7f3a/".to_owned(),
            readers: "Margaret, Sam, Joan, Priya and Mo".to_owned(),
            news: vec![note("A good night. She would love a visitor.", "Ruth, yesterday")],
            kind_words: vec![note("Lovely hour. She beat me at the crossword.", "Joan, Saturday")],
            older: Some("/c/heron-7f3a/news?before=1763800000".to_owned()),
            tell: Some(sample::post("/c/heron-7f3a/news")),
            say: None,
            tell_words: FieldView::default(),
            say_words: FieldView::default(),
        };
        let friend = Self {
            layout: sample::friend(Place::Home),
            tell: None,
            say: Some(sample::post("/c/heron-7f3a/kind-words")),
            ..filled.clone()
        };
        let empty =
            Self { news: Vec::new(), kind_words: Vec::new(), older: None, ..filled.clone() };
        let wrong = Self {
            tell_words: FieldView::wrong(
                "She slept, and then…",
                "That is 30 words too long. A line is enough",
            ),
            ..filled.clone()
        };
        vec![("", filled), ("friend", friend), ("empty", empty), ("error", wrong)]
    }
}
