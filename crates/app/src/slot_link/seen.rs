//! What the page behind a mail's link shows.

use jiff::civil::DateTime;
use kith_domain::TaskKind;
use kith_domain::ids::{ProposedMoveId, SlotId};

/// How a slot stands for whoever follows the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkSlotState {
    /// Somebody is needed.
    Needed,
    /// The reader promised to do it.
    Yours,
    /// The reader promised, and asked for somebody else.
    YoursUntilCovered,
    /// Somebody asks by name to swap it for another: what is offered is on its own page.
    SwapOffered,
    /// Others have promised it.
    Covered,
    /// It was cancelled: no need to go.
    Cancelled,
    /// It is over.
    Over,
}

/// One slot behind a link.
#[expect(clippy::struct_excessive_bools, reason = "each is one button of the page, or its answer")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSlot {
    /// "Heron": what the circle is called in mails.
    pub nature_name: String,
    /// What; none where the circle wants quiet mail.
    pub kind: Option<TaskKind>,
    /// When it starts, by the wall clock of the circle.
    pub local_start: DateTime,
    /// When it ends.
    pub local_end: DateTime,
    /// How it stands.
    pub state: LinkSlotState,
    /// The circle is paused: no need to go, whoever promised it.
    pub paused: bool,
    /// May be taken from here.
    pub may_take: bool,
    /// May say "I can't make it" from here: somebody else is looked for.
    pub may_ask_for_cover: bool,
    /// May say "I'll be there" from here.
    pub may_confirm: bool,
    /// Has said so.
    pub confirmed: bool,
    /// May say "No, sorry" from here.
    pub may_say_no: bool,
    /// Has said so.
    pub has_said_no: bool,
    /// What else the same mail asked for and still needs somebody.
    pub also: Vec<AlsoNeeded>,
    /// Whether this slot, or others that the same mail asked about, may be at another time.
    pub moves: Vec<LinkMove>,
    /// The reader has promised something else at that time, or close to it. Not what or when, as
    /// nobody knows who reads this mailbox.
    pub clash: bool,
    /// This browser is signed in as the person to whom the link was mailed.
    pub signed_in: bool,
    /// The slot: for whoever is signed in besides, and finds its page in the circle.
    pub slot: SlotId,
    /// Its circle.
    pub circle: kith_domain::ids::CircleId,
}

/// Another slot that the same mail asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlsoNeeded {
    /// Path of its own page behind a link.
    pub path: String,
    /// What; none where the circle wants quiet mail.
    pub kind: Option<TaskKind>,
    /// When it starts, by the wall clock of the circle.
    pub local_start: DateTime,
    /// When it ends.
    pub local_end: DateTime,
}

/// Another time for something that the reader promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkMove {
    /// Which question.
    pub id: ProposedMoveId,
    /// When it starts and ends now, by the wall clock of the circle.
    pub is: (DateTime, DateTime),
    /// When it would.
    pub would_be: (DateTime, DateTime),
    /// What the reader answered.
    pub said: Option<bool>,
    /// May be answered from here.
    pub may_answer: bool,
}
