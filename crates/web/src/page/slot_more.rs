//! What a slot's page offers beside taking it: swaps, waiting, other dates, taking back.

use super::sample;
use super::view::Choice;
use crate::form_view::{FieldView, FormErrors, Post};

/// Each part is there only where it is of use.
#[derive(Clone, Debug, Default)]
pub(crate) struct More {
    /// Somebody asks the reader by name to take it.
    pub(crate) offered: Option<Offered>,
    /// "You have asked Joan.", and the form that takes it back.
    pub(crate) offering: Option<(String, Post)>,
    /// "You have promised something else from 2pm to 3pm that day."
    pub(crate) clash: Option<String>,
    /// Takes it again that was given back a moment ago.
    pub(crate) take_back: Option<Post>,
    /// Goes on the waiting list.
    pub(crate) wait: Option<Post>,
    /// "You wait for a place. We ask you before the others.", and the form that leaves the list.
    pub(crate) waiting: Option<(String, Post)>,
    /// A place is free, and the reader waited for it.
    pub(crate) free: bool,
    /// "Three more dates need someone", and where they are.
    pub(crate) dates: Option<(String, String)>,
    /// When more people are asked; for the patient and carers.
    pub(crate) next_ring: Option<String>,
    /// The number to ring from the door.
    pub(crate) phone: Option<String>,
    /// "I'm running late."
    pub(crate) late: Option<Post>,
    /// "Tom said at 2.40pm: running late, and on the way."
    pub(crate) late_said: Vec<String>,
    /// Undoes the swap by which the reader got it a moment ago.
    pub(crate) swap_back: Option<Post>,
    /// What whoever was there last wants to say, and "From Tom, yesterday at 3pm".
    pub(crate) hand_over: Option<(String, String)>,
    /// Leaves a word for whoever comes next.
    pub(crate) leave_word: Option<(Post, FieldView)>,
    /// What is liked, and what must be left out.
    pub(crate) food: Option<String>,
    /// Where number and food are written down.
    pub(crate) write_door: Option<String>,
    /// Takes it for somebody without e-mail.
    pub(crate) take_for: Option<TakeFor>,
    /// "Joan rang? Say it for Joan", and where.
    pub(crate) speak_for: Vec<(String, String)>,
    /// "Fernhill Hospice noted at 10am today: nobody can come."
    pub(crate) hospice: Option<String>,
    /// Where it is said whether somebody came.
    pub(crate) how: Option<String>,
    /// "I'm worried."
    pub(crate) worried: Option<String>,
    /// How it was; for whoever had promised it.
    pub(crate) after: Option<After>,
}

/// Taking it for somebody without e-mail.
#[derive(Clone, Debug)]
pub(crate) struct TakeFor {
    pub(crate) post: Post,
    pub(crate) people: Vec<Choice>,
    pub(crate) whom: FieldView,
    /// Where it comes again.
    pub(crate) each: Option<ForEach>,
}

/// Taking the later ones for them too.
#[derive(Clone, Debug)]
pub(crate) struct ForEach {
    /// "And every Tuesday from then on".
    pub(crate) words: String,
    pub(crate) ticked: bool,
    /// Two letters, name, and whether it is ticked, of the weekdays of which only some may be taken.
    pub(crate) on: Vec<(&'static str, &'static str, bool)>,
    pub(crate) on_error: FieldView,
    /// The last day, if there is one.
    pub(crate) until: FieldView,
}

impl TakeFor {
    fn sample() -> Self {
        Self {
            post: sample::post("/c/heron-7f3a/rota/41/for"),
            people: vec![Choice::plain("1", "Alan")],
            whom: FieldView::default(),
            each: Some(ForEach {
                words: "And every Tuesday and Thursday from then on".to_owned(),
                ticked: false,
                on: vec![("TU", "Tuesday", true), ("TH", "Thursday", true)],
                on_error: FieldView::default(),
                until: FieldView::default(),
            }),
        }
    }

    /// What is wrong with it.
    fn errors(&self) -> impl Iterator<Item = (&'static str, &FieldView)> {
        let each = self.each.iter();
        let each = each.flat_map(|each| [("on-1", &each.on_error), ("all_until", &each.until)]);
        std::iter::once(("member", &self.whom)).chain(each)
    }
}

/// How it was, as whoever promised it says it.
#[derive(Clone, Debug)]
pub(crate) struct After {
    /// "It was done. Thank you.", once it is said.
    pub(crate) known: Option<&'static str>,
    /// "I have done this."
    pub(crate) done: Option<Post>,
    /// A kind word that goes with it; for those who may write one.
    pub(crate) kind: Option<FieldView>,
    /// A word for whoever comes next, in the same form: a second one would lose what is typed here.
    pub(crate) hand_over: Option<FieldView>,
    /// Who reads that: "Margaret".
    pub(crate) readers: String,
    /// "It did not happen."
    pub(crate) not_done: Option<Post>,
    /// It has ended.
    pub(crate) over: bool,
}

impl After {
    /// For whoever promised it a while ago.
    fn sample() -> Self {
        Self {
            known: None,
            done: Some(sample::post("/c/heron-7f3a/rota/41/done")),
            kind: Some(FieldView::default()),
            hand_over: Some(FieldView::default()),
            readers: "Margaret".to_owned(),
            not_done: Some(sample::post("/c/heron-7f3a/rota/41/not-done")),
            over: true,
        }
    }
}

impl More {
    /// What is wrong with what was typed into its forms.
    pub(super) fn errors(&self) -> FormErrors {
        let beside = self.after.iter().filter_map(|after| after.hand_over.as_ref());
        let left = self.leave_word.iter().map(|(_, field)| field).chain(beside);
        let left = left.map(|field| ("hand_over", field));
        let whom = self.take_for.iter().flat_map(TakeFor::errors);
        let kind = self.after.iter().filter_map(|after| after.kind.as_ref());
        FormErrors::of(kind.map(|field| ("kind_word", field)).chain(left).chain(whom))
    }
}

/// A swap that waits for the reader's answer.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    /// "Tom asks whether you could take this. In return Tom would do your visit on Thursday."
    pub(crate) sentence: String,
    pub(crate) yes: Post,
    pub(crate) no: Post,
}

/// Everything at once, as no page has it.
pub(super) fn everything() -> More {
    let post = |word: &str| sample::post(&format!("/c/heron-7f3a/rota/41/{word}"));
    More {
        offered: Some(Offered {
            sentence: "Tom asks whether you could take this. In return Tom would do your A visit \
                       on Thursday 26 November at 2pm."
                .to_owned(),
            yes: post("swap/answer"),
            no: post("swap/answer"),
        }),
        clash: Some("You have promised something else from 2pm to 3pm that day.".to_owned()),
        dates: Some((
            "Three more dates need someone".to_owned(),
            "/c/heron-7f3a/rota/41/dates".to_owned(),
        )),
        ..More::default()
    }
}

/// With something wrong in both forms.
pub(super) fn wrong() -> More {
    let post = |word: &str| sample::post(&format!("/c/heron-7f3a/rota/41/{word}"));
    let chosen = FieldView::wrong("2", "Choose somebody from the list");
    let too_long = "Please shorten this: it may have 4000 letters, and has 4100";
    More {
        leave_word: Some((post("hand-over"), FieldView::wrong("She slept well.", too_long))),
        take_for: Some(TakeFor { whom: chosen, ..TakeFor::sample() }),
        ..More::default()
    }
}

/// For somebody who waits.
pub(super) fn waiting() -> More {
    let post = |word: &str| sample::post(&format!("/c/heron-7f3a/rota/41/{word}"));
    More {
        offering: Some(("You have asked Joan to take this.".to_owned(), post("swap/answer"))),
        waiting: Some((
            "You wait for a place. We ask you before the others.".to_owned(),
            post("wait"),
        )),
        wait: Some(post("wait")),
        take_back: Some(post("take")),
        next_ring: Some("The others are asked on Wednesday 25 November at 2pm.".to_owned()),
        free: true,
        phone: Some("01632 960 044".to_owned()),
        late: Some(post("late")),
        late_said: vec!["You said at 2.40pm that you’re running late.".to_owned()],
        swap_back: Some(post("undo")),
        hand_over: Some((
            "She had lunch late. The back door sticks.".to_owned(),
            "From Joan, yesterday at 3pm".to_owned(),
        )),
        leave_word: Some((post("hand-over"), FieldView::default())),
        food: Some("No nuts. Likes fish pie.".to_owned()),
        take_for: Some(TakeFor::sample()),
        write_door: Some("/c/heron-7f3a/door".to_owned()),
        speak_for: vec![(
            "Alan rang? Say it for Alan".to_owned(),
            "/c/heron-7f3a/rota/41/for/9".to_owned(),
        )],
        hospice: Some("Fernhill Hospice noted at 10.05am today: somebody is coming.".to_owned()),
        how: Some("/c/heron-7f3a/rota/41/how".to_owned()),
        worried: Some("/c/heron-7f3a/worried".to_owned()),
        ..More::default()
    }
}

/// After it, for whoever had promised it: before anything is said, and after.
pub(super) fn after(known: Option<&'static str>) -> More {
    let unsaid = known.is_none();
    let done = After::sample().done.filter(|_| unsaid);
    let hand_over = After::sample().hand_over.filter(|_| unsaid);
    let beside = waiting();
    More {
        after: Some(After { known, done, hand_over, ..After::sample() }),
        leave_word: beside.leave_word.clone().filter(|_| !unsaid),
        ..beside
    }
}
