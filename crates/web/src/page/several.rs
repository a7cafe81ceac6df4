//! Naming several friends in one go, and the words of everybody who has not used theirs.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::Choice;
use super::{Page, presets, sample};
use crate::form_view::{FieldView, FormErrors, Post};
use crate::picture::Icon;

/// Who they are, and one answer for what all of them may see.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/several.html")]
pub(crate) struct SeveralPage {
    pub(crate) layout: Layout,
    pub(crate) back: String,
    pub(crate) post: Post,
    pub(crate) rows: Vec<FriendRow>,
    /// From [`presets::choices`], without item by item.
    pub(crate) choices: Vec<Choice>,
    pub(crate) see: FieldView,
    /// *And how to get in.*
    pub(crate) entry: bool,
    /// "Ruth has asked for your help" may stand in the invitations.
    pub(crate) say_who: bool,
}

/// One of them; may stay empty.
#[derive(Clone, Debug)]
pub(crate) struct FriendRow {
    /// "Friend 2".
    pub(crate) legend: String,
    pub(crate) name_id: &'static str,
    pub(crate) email_id: &'static str,
    pub(crate) phone_id: &'static str,
    pub(crate) name: FieldView,
    pub(crate) email: FieldView,
    pub(crate) phone: FieldView,
}

impl FriendRow {
    /// "Grace: ", or "Friend 2: " while nobody is named there.
    fn of_whom(&self) -> String {
        let name = self.name.value.trim();
        format!("{}: ", if name.is_empty() { self.legend.as_str() } else { name })
    }
}

impl SeveralPage {
    fn errors(&self) -> FormErrors {
        let rows = self.rows.iter().flat_map(|row| {
            [(row.name_id, &row.name), (row.email_id, &row.email), (row.phone_id, &row.phone)]
                .map(|(id, field)| (id, row.of_whom(), field))
        });
        FormErrors::naming(rows.chain([("see", String::new(), &self.see)]))
    }
}

/// Everybody's words that wait to be said.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/all_words.html")]
pub(crate) struct AllWordsPage {
    pub(crate) layout: Layout,
    pub(crate) people: String,
    pub(crate) all: Vec<WordsRow>,
}

/// One person's words.
#[derive(Clone, Debug)]
pub(crate) struct WordsRow {
    pub(crate) name: String,
    /// "blue teapot".
    pub(crate) words: String,
    /// "4 December".
    pub(crate) until: String,
    /// The page about these words alone.
    pub(crate) href: String,
}

impl Page for SeveralPage {
    const NAME: &'static str = "several";

    fn samples() -> Vec<(&'static str, Self)> {
        let row = |number: usize, name_id, email_id, phone_id| FriendRow {
            legend: format!("Friend {number}"),
            name_id,
            email_id,
            phone_id,
            name: FieldView::default(),
            email: FieldView::default(),
            phone: FieldView::default(),
        };
        let mut choices = presets::choices(&sample::margaret());
        choices.retain(|choice| choice.value != "pick");
        let empty = Self {
            layout: sample::carer(Place::People),
            back: "/c/heron-7f3a/people".to_owned(),
            post: sample::post("/c/heron-7f3a/people/several"),
            rows: vec![
                row(1, "name", "email", "phone"),
                row(2, "name_2", "email_2", "phone_2"),
                row(3, "name_3", "email_3", "phone_3"),
            ],
            choices,
            see: FieldView::default(),
            entry: false,
            say_who: true,
        };
        let mut wrong = empty.clone();
        for row in &mut wrong.rows {
            row.email = FieldView::wrong("at home", "Enter an e-mail address, like g@example.com");
        }
        wrong.see = FieldView::wrong("", "Choose what they may see");
        vec![("", empty), ("error", wrong)]
    }
}

impl Page for AllWordsPage {
    const NAME: &'static str = "all-words";

    fn samples() -> Vec<(&'static str, Self)> {
        let row = |name: &str, words: &str| WordsRow {
            name: name.to_owned(),
            words: words.to_owned(),
            until: "4 December".to_owned(),
            href: "/c/heron-7f3a/people/7/words".to_owned(),
        };
        let filled = Self {
            layout: sample::carer(Place::People),
            people: "/c/heron-7f3a/people".to_owned(),
            all: vec![row("Grace", "blue teapot"), row("Alan", "green kettle")],
        };
        let empty = Self { all: Vec::new(), ..filled.clone() };
        vec![("", filled), ("none", empty)]
    }
}
