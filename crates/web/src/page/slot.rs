//! One slot: take it, or see what one promised.

use askama::Template;

use super::instead::InsteadPart;
use super::layout::Layout;
use super::slot_more::More;
use super::view::Patient;
use crate::form_view::{FormErrors, Post};
use crate::picture::Icon;

mod samples;

/// One slot in full. Which parts are there is for the handler to say: a link from a mail brings the
/// kind, the time and the nature name, and nothing else.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/slot.html")]
pub(crate) struct SlotPage {
    pub(crate) layout: Layout,
    /// Where "Back" leads, for somebody who came from a page of ours.
    pub(crate) back: Option<String>,
    /// `None` where the patient's name must not appear.
    pub(crate) patient: Option<Patient>,
    /// "Heron".
    pub(crate) circle: String,
    pub(crate) icon: Icon,
    /// "Shopping", or what the carer called it.
    pub(crate) what: String,
    /// "Thursday 26 November".
    pub(crate) day: String,
    /// "2pm to 3.30pm".
    pub(crate) times: String,
    /// "About an hour and a half."
    pub(crate) lasts: Option<String>,
    /// "every Tuesday, until 24 December 2026", for what comes again.
    pub(crate) comes: Option<String>,
    /// "Tom does this every Tuesday, until 24 December 2026.", and where one's own ends.
    pub(crate) each_time: Vec<(String, Option<String>)>,
    /// What follows when nobody takes it; for those who may change the task.
    pub(crate) if_nobody: Option<&'static str>,
    /// The reader has promised it, and the circle is paused: no need to go.
    pub(crate) paused: bool,
    pub(crate) state: SlotDoing,
    pub(crate) note: Option<NoteFrom>,
    pub(crate) address: Opening,
    /// When it says who to call: "Wednesday 25 November at 2pm".
    pub(crate) help_opens: Option<String>,
    pub(crate) entry: Opening,
    /// Who promised it before, and what became of it; for the patient and carers.
    pub(crate) history: Vec<String>,
    /// Change the task; for those who may.
    pub(crate) change: Option<String>,
    /// It was taken off: puts it back, and what that means for those who had promised it.
    pub(crate) put_back: Option<(Post, String)>,
    /// Who to call; for those who may see it.
    pub(crate) who_to_call: Option<String>,
    /// What else a mail asked for: words and where it is.
    pub(crate) also: Vec<(String, String)>,
    /// Other times that are asked for.
    pub(crate) instead: Vec<InsteadPart>,
    /// Says yes to all of them.
    pub(crate) yes_to_all: Option<Post>,
    /// Swaps, waiting, other dates.
    pub(crate) more: More,
    /// "Open your task", and where it is, for whoever came by a mail.
    pub(crate) own_page: Option<(&'static str, String)>,
}

/// Free text of the task.
#[derive(Clone, Debug)]
pub(crate) struct NoteFrom {
    pub(crate) words: String,
    /// "Ruth".
    pub(crate) by: String,
}

/// What the slot's page offers.
#[derive(Clone, Debug)]
pub(crate) enum SlotDoing {
    /// Nobody does it yet.
    Needed {
        /// Takes it. `None` for those who may only look.
        take: Option<Post>,
        /// Asks the circle; for those who may.
        ask: Option<Post>,
        /// "Still looking. Two have not answered."
        asked: String,
        /// "Sent tomorrow at 8am", when something was asked at night.
        sent_tomorrow: bool,
        /// What the circle will see: "“Tom”", or "your first name".
        shown_as: String,
        /// Where "Not this time" leads.
        no: String,
        /// "Not this time" from somebody who was asked: is not asked for it again.
        sorry: Option<Post>,
        /// That was said.
        said_no: bool,
    },
    /// The reader has promised it.
    Mine {
        /// "Tomorrow", or "In two weeks".
        soon: String,
        /// A file for calendars; it says "Busy" and the time.
        calendar: Option<String>,
        /// "I can't make it."
        cannot: Option<String>,
        /// Who comes along: "Arthur". Empty where the reader comes alone.
        with: String,
        /// It has ended.
        over: bool,
        /// The reader asked for cover, and is still responsible.
        cover_wanted: bool,
        /// "I can make it after all", once cover is asked for.
        keep: Option<Post>,
        /// "I’ll be there", until it is said.
        there: Option<Post>,
        /// It was said.
        sure: bool,
    },
    /// Somebody else does it.
    Covered { who: String },
    /// Arranged already.
    Arranged,
    /// It was done.
    Done { who: String },
    /// It has passed, and nobody had promised it.
    Passed,
    /// It will not happen.
    Cancelled,
}

/// The address, or how to get in.
#[derive(Clone, Debug)]
pub(crate) enum Opening {
    /// Not told for this task, or not to this reader.
    No,
    /// Told to whoever takes it.
    AfterTaking {
        /// "Wednesday 25 November at 2pm".
        from: String,
    },
    /// The reader has taken it: it opens by itself.
    From {
        /// "Wednesday 25 November at 2pm".
        when: String,
    },
    /// May be seen now, after a button, and the look is recorded.
    Reveal(Post),
    /// Open.
    Shown {
        words: String,
        /// "4pm tomorrow".
        until: String,
    },
}

impl SlotPage {
    fn errors(&self) -> FormErrors {
        self.more.errors()
    }

    fn heading(&self) -> &str {
        match &self.state {
            SlotDoing::Needed { said_no: true, .. } => "You said: not this time",
            SlotDoing::Needed { take: Some(_), .. } => "Could you do this?",
            SlotDoing::Needed { .. } => "Needs someone",
            SlotDoing::Mine { over: true, .. } => "How was it?",
            SlotDoing::Mine { .. } => "You are doing this",
            SlotDoing::Covered { .. } => "Somebody is doing this",
            SlotDoing::Arranged => "Arranged already",
            SlotDoing::Done { .. } => "Done",
            SlotDoing::Passed => "This has passed",
            SlotDoing::Cancelled => "This was cancelled",
        }
    }

    fn whose(&self) -> String {
        match &self.patient {
            Some(patient) => patient.possessive(),
            None => "the".to_owned(),
        }
    }
}
