//! The facts that decide what a person may see: nothing in here is an id.

use crate::ids::{CircleId, OrganisationId};
use crate::words::words;

/// A stored or written word that is none of the words an enum knows. Always a refusal, never a
/// default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the words of {expected}")]
pub struct UnknownWord {
    /// Name of the enum whose word was expected.
    pub expected: &'static str,
}

words! {
    /// What a person is towards one owner (circle or organisation) at this moment.
    pub enum Standing {
        /// The person whose circle it is.
        Patient = "patient",
        /// Speaks for the patient; sees only what the patient granted, like everyone else.
        Carer = "carer",
        /// A compassionate friend whom the patient or carer named.
        Friend = "friend",
        /// Somebody from the hospice's volunteers who was accepted into the circle.
        Volunteer = "volunteer",
        /// Asked, has not answered.
        Invited = "invited",
        /// Was in the circle once.
        Left = "left",
        /// Packs or drives a back home box.
        Helper = "helper",
        /// Oversees circles for the organisation; reads nothing confidential.
        Coordinator = "coordinator",
        /// Manages the organisation's staff; reads nothing confidential.
        Administrator = "administrator",
        /// Towards one's own details.
        Oneself = "oneself",
        /// The program itself.
        Job = "job",
        /// Everybody else.
        Stranger = "stranger",
    }
}

words! {
    /// A kind of information. See [`Category::is_confidential`].
    pub enum Category {
        /// The patient's first name.
        Identity = "identity",
        /// The week with first names: it says when somebody is alone.
        Rota = "rota",
        /// Free text of a task.
        Task = "task",
        /// Where the patient lives.
        Address = "address",
        /// How she is, and kind words.
        News = "news",
        /// Who to call.
        Help = "help",
        /// Care and comfort, what matters.
        Care = "care",
        /// Key safe, alarm: how to get in.
        Entry = "entry",
        /// One slot of one's own or that one was asked for: nature name, kind, time.
        Slot = "slot",
        /// Who is in the circle, and its settings.
        People = "people",
        /// Who looked at what, and when.
        Looks = "looks",
        /// Who asked for somebody's help, and who asks to be let in.
        Introduction = "introduction",
        /// A person's own details.
        Contact = "contact",
        /// What coordinators work from: kind, time, covered or not; counts; the lead carer's phone.
        Oversight = "oversight",
        /// Where a back home box goes, and whom to ask for.
        Delivery = "delivery",
        /// Swaps in a box for diet and allergy.
        Packing = "packing",
        /// A worry that somebody told the organisation in confidence. No circle sees it.
        Concern = "concern",
    }
}

impl Category {
    /// Owned by the patient, and shown only to those named for it.
    pub const fn is_confidential(self) -> bool {
        matches!(
            self,
            Self::Identity
                | Self::Rota
                | Self::Task
                | Self::Address
                | Self::News
                | Self::Help
                | Self::Care
                | Self::Entry
        )
    }

    /// Opened on nearly every page of a circle, so that only the first opening of a person's day
    /// is recorded.
    pub const fn is_everyday(self) -> bool {
        matches!(self, Self::Identity | Self::Rota | Self::Task | Self::Help)
    }

    /// Opened seldom enough, and telling enough, that each opening is recorded.
    pub const fn is_recorded_each_time(self) -> bool {
        matches!(
            self,
            Self::Address
                | Self::News
                | Self::Care
                | Self::Entry
                | Self::Delivery
                | Self::Oversight
                | Self::Concern
        )
    }
}

words! {
    /// What is done with a category.
    pub enum Action {
        /// Show it to the requester.
        Disclose = "disclose",
        /// Replace it.
        Amend = "amend",
        /// Add to it without reading the rest.
        Contribute = "contribute",
        /// Take a copy out of the service.
        Export = "export",
        /// Destroy it.
        Erase = "erase",
        /// Promise to do a slot.
        Take = "take",
        /// Answer for one's own slot: cover wanted, done, no.
        Answer = "answer",
        /// Say something for a member whom no e-mail reaches.
        ActFor = "act_for",
        /// Ask people for help with a slot.
        Ask = "ask",
        /// See that entries exist, without their content.
        List = "list",
        /// Name a person, or change what a person may see.
        Name = "name",
        /// Take a person out.
        Remove = "remove",
        /// Read everybody's looks.
        Review = "review",
        /// Change settings and state.
        Govern = "govern",
    }
}

words! {
    /// Why a person may see.
    pub enum Basis {
        /// No reason.
        None = "none",
        /// A live grant.
        Grant = "grant",
        /// An open window of one's own slot.
        Window = "window",
        /// A live grant and an open window.
        Both = "both",
    }
}

impl Basis {
    /// Combines the two facts.
    pub const fn new(granted: bool, window_open: bool) -> Self {
        match (granted, window_open) {
            (false, false) => Self::None,
            (true, false) => Self::Grant,
            (false, true) => Self::Window,
            (true, true) => Self::Both,
        }
    }
}

words! {
    /// How sure we are that it is this person. Ordered: a later tier includes the earlier ones.
    pub enum Tier {
        /// Not a person's session: jobs, and visitors without any link.
        None = "none",
        /// A single-purpose link from a mail.
        Link = "link",
        /// Signed in by a code sent by mail.
        SignedIn = "signed_in",
        /// On a device enrolled for this person in this circle (or organisation).
        Trusted = "trusted",
        /// Trusted, and own number given lately.
        Fresh = "fresh",
    }
}

words! {
    /// State of the circle that owns the information.
    pub enum CircleState {
        /// Being set up.
        Forming = "forming",
        /// Asks and reminds; the only state that does.
        Active = "active",
        /// Nothing new is asked or taken.
        Paused = "paused",
        /// Safeguarding: only the patient reads.
        Frozen = "frozen",
        /// Storage only (UK GDPR article 18).
        Restricted = "restricted",
        /// Quiet; words not chosen yet.
        Ending = "ending",
        /// Kind words only.
        Remembering = "remembering",
        /// The data key is destroyed.
        Erased = "erased",
        /// The owner is an organisation, not a circle.
        NoCircle = "no_circle",
    }
}

/// Whose information it is, and so whose data key seals it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// One patient's circle.
    Circle(CircleId),
    /// The hospice or hub.
    Organisation(OrganisationId),
}

impl Owner {
    /// The random id alone, for associated data and lookups.
    pub const fn as_uuid(self) -> uuid::Uuid {
        match self {
            Self::Circle(id) => id.as_uuid(),
            Self::Organisation(id) => id.as_uuid(),
        }
    }
}

use Action as A;
use Category as C;

/// The pairs of category and action that exist. Any other pair is a refusal before a rule is
/// asked.
pub const EXISTING_PAIRS: &[(Category, Action)] = &[
    (C::Identity, A::Disclose),
    (C::Identity, A::Amend),
    (C::Rota, A::Disclose),
    (C::Rota, A::Amend),
    (C::Rota, A::Export),
    (C::Task, A::Disclose),
    (C::Task, A::Amend),
    (C::Task, A::Contribute),
    (C::Address, A::Disclose),
    (C::Address, A::Amend),
    (C::News, A::Disclose),
    (C::News, A::Amend),
    (C::News, A::Contribute),
    (C::News, A::Export),
    (C::Help, A::Disclose),
    (C::Help, A::Amend),
    (C::Care, A::Disclose),
    (C::Care, A::Amend),
    (C::Care, A::Export),
    (C::Care, A::Erase),
    (C::Entry, A::Disclose),
    (C::Entry, A::Amend),
    (C::Entry, A::Erase),
    (C::Slot, A::Disclose),
    (C::Slot, A::Take),
    (C::Slot, A::Answer),
    (C::Slot, A::ActFor),
    (C::Slot, A::Ask),
    (C::People, A::List),
    (C::People, A::Disclose),
    (C::People, A::Amend),
    (C::People, A::Contribute),
    (C::People, A::Name),
    (C::People, A::Remove),
    (C::People, A::ActFor),
    (C::People, A::Govern),
    (C::People, A::Export),
    (C::People, A::Erase),
    (C::Looks, A::Disclose),
    (C::Looks, A::Review),
    (C::Introduction, A::Disclose),
    (C::Introduction, A::Amend),
    (C::Contact, A::Disclose),
    (C::Contact, A::Amend),
    (C::Contact, A::Govern),
    (C::Contact, A::Export),
    (C::Contact, A::Erase),
    (C::Oversight, A::List),
    (C::Oversight, A::Disclose),
    (C::Oversight, A::Amend),
    (C::Oversight, A::Govern),
    (C::Delivery, A::Disclose),
    (C::Delivery, A::Amend),
    (C::Packing, A::Disclose),
    (C::Packing, A::Amend),
    (C::Concern, A::Contribute),
    (C::Concern, A::List),
    (C::Concern, A::Disclose),
    (C::Concern, A::Amend),
];
