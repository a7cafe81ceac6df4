//! Rows and small parts that several pages share.

use crate::form_view::Post;
use crate::picture::Icon;
use crate::words;

/// The person whose circle it is, as the reader would speak of her.
#[derive(Clone, Debug)]
pub(crate) struct Patient {
    /// The first name she likes.
    pub(crate) name: String,
    /// The reader is the patient: pages say "you".
    pub(crate) is_reader: bool,
}

impl Patient {
    /// "Margaret", or "you".
    pub(crate) fn named(&self) -> &str {
        if self.is_reader { "you" } else { &self.name }
    }

    /// "Margaret’s", or "your".
    pub(crate) fn possessive(&self) -> String {
        if self.is_reader { "your".to_owned() } else { words::possessive(&self.name) }
    }

    /// "Margaret’s", or "Your", to begin a sentence.
    pub(crate) fn possessive_first(&self) -> String {
        words::capital(&self.possessive())
    }

    /// "Margaret is", or "you are".
    pub(crate) fn is(&self) -> String {
        if self.is_reader { "you are".to_owned() } else { format!("{} is", self.name) }
    }

    /// What the writer tells: "how Margaret is", or "how I am".
    pub(crate) fn how(&self) -> String {
        if self.is_reader { "how I am".to_owned() } else { format!("how {} is", self.name) }
    }
}

/// One answer to a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// What the form sends.
    pub(crate) value: String,
    pub(crate) label: String,
    /// A sentence below the answer, or nothing.
    pub(crate) hint: String,
    pub(crate) icon: Option<Icon>,
    /// What somebody will see (true) and will not see (false) with this answer.
    pub(crate) sees: Vec<(bool, String)>,
}

impl Choice {
    /// An answer that needs no explanation.
    pub(crate) fn plain(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }

    /// An answer with a sentence below it.
    pub(crate) fn explained(
        value: impl Into<String>,
        label: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { hint: hint.into(), ..Self::plain(value, label) }
    }

    /// An answer with a picture before it.
    pub(crate) fn drawn(value: impl Into<String>, label: impl Into<String>, icon: Icon) -> Self {
        Self { icon: Some(icon), ..Self::plain(value, label) }
    }

    pub(crate) fn says_more(&self) -> bool {
        !self.hint.is_empty() || !self.sees.is_empty()
    }
}

/// One slot in a list.
#[derive(Clone, Debug)]
pub(crate) struct SlotRow {
    pub(crate) icon: Icon,
    /// "Visit and a cup of tea".
    pub(crate) what: String,
    /// "2pm to 3pm", or "Thursday 26 November, 2pm".
    pub(crate) when: String,
    /// Address of the slot's own page.
    pub(crate) href: String,
    pub(crate) state: SlotState,
}

/// Who does it.
#[derive(Clone, Debug)]
pub(crate) enum SlotState {
    /// Somebody has promised: first names, "You" among them. `mine` when the reader has.
    Covered { who: String, mine: bool },
    /// Promised, but the person asked for somebody else to take over.
    CoverWanted {
        who: String,
        /// Those who promised it too and come; may be empty.
        with: String,
        /// The reader may take over.
        may_take: bool,
    },
    /// Nobody yet.
    Needed {
        /// "Still looking. Two have not answered." Empty when nobody was asked.
        asked: String,
        /// Takes it at once, where that is allowed from here.
        take: Option<Post>,
        /// Asks the circle, for those who may and when nobody was asked yet.
        ask: Option<Post>,
    },
    /// Arranged already: needs nobody.
    Arranged,
    /// Done: by whom.
    Done { who: String },
    /// It has passed, and nobody had promised it.
    Passed,
    /// Will not happen.
    Cancelled,
}

impl SlotState {
    /// Drawn with the dashed edge.
    pub(crate) const fn is_gap(&self) -> bool {
        matches!(self, Self::Needed { .. } | Self::CoverWanted { .. })
    }
}

/// One opening of something sealed.
#[derive(Clone, Debug)]
pub(crate) struct LookRow {
    /// "Joan", or "You".
    pub(crate) who: String,
    /// "saw the key safe number".
    pub(crate) did: String,
    /// "Today, 7.50am".
    pub(crate) when: String,
}

/// A letter for the avatar.
pub(crate) fn initial(name: &str) -> String {
    name.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default()
}

/// The picture of a kind of task, by the word that forms send and rows store.
pub(crate) fn kind_icon(kind: &str) -> Icon {
    match kind {
        "shopping" => Icon::Basket,
        "visit" => Icon::Cup,
        "meal" => Icon::Meal,
        "lift" => Icon::Car,
        "evening" => Icon::Moon,
        "dog_walk" => Icon::Dog,
        "call" => Icon::Phone,
        "outing" => Icon::Trees,
        "newspaper" => Icon::News,
        "internet" => Icon::Device,
        "box_delivery" => Icon::Box,
        "arranged" => Icon::Arranged,
        _ => Icon::Other,
    }
}
