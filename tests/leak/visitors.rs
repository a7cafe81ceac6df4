//! Who asks: every standing, with every tier that it can come with.

use kith_domain::Preset;
use kith_domain::ids::EnrolmentId;
use kith_domain::{CategorySet, MemberRole};

/// The people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Patient,
    Carer,
    /// A carer from whom the patient has taken everything back.
    CarerNothing,
    /// "Just the rota".
    FriendRota,
    /// "The rota, and how she is".
    FriendNews,
    /// "Also the private page".
    FriendPrivate,
    /// And how to get in.
    FriendEntry,
    /// Was named, and everything was withdrawn again.
    FriendNothing,
    /// Nothing granted; promised a slot whose window is open.
    FriendWindow,
    /// The same, from the hospice's volunteers.
    Volunteer,
    Invited,
    Left,
    /// The carer of another circle of the same hospice.
    Elsewhere,
    Coordinator,
    Administrator,
    /// Known to the hospice, in no circle.
    Stranger,
    /// Reads the same mailbox as `FriendRota`.
    Housemate,
    /// Somebody of another hospice, at that hospice's address.
    OtherHospice,
    /// The same, with the cookies brought to this hospice's address.
    OtherHospiceHere,
    /// Not signed in. Holds every link that was mailed, so this is the tier `link` as well.
    Nobody,
}

impl Who {
    /// Everybody who is a person of the first hospice.
    pub(crate) const HERE: [Self; 17] = [
        Self::Patient,
        Self::Carer,
        Self::CarerNothing,
        Self::FriendRota,
        Self::FriendNews,
        Self::FriendPrivate,
        Self::FriendEntry,
        Self::FriendNothing,
        Self::FriendWindow,
        Self::Volunteer,
        Self::Invited,
        Self::Left,
        Self::Elsewhere,
        Self::Coordinator,
        Self::Administrator,
        Self::Stranger,
        Self::Housemate,
    ];

    /// Role in the circle, for whoever has or had a place in it.
    pub(crate) const fn role(self) -> Option<MemberRole> {
        Some(match self {
            Self::Patient => MemberRole::Patient,
            Self::Carer | Self::CarerNothing => MemberRole::Carer,
            Self::FriendRota
            | Self::FriendNews
            | Self::FriendPrivate
            | Self::FriendEntry
            | Self::FriendNothing
            | Self::FriendWindow
            | Self::Invited
            | Self::Left => MemberRole::Friend,
            Self::Volunteer => MemberRole::Volunteer,
            _ => return None,
        })
    }

    /// What the patient granted.
    pub(crate) fn granted(self) -> CategorySet {
        match self {
            Self::Carer | Self::FriendEntry => Preset::PrivatePage.with_entry(true),
            // What was granted before leaving, and what opens with the answer, opens nothing.
            Self::FriendPrivate | Self::Left => Preset::PrivatePage.categories(),
            Self::FriendNews | Self::Invited => Preset::HowSheIs.categories(),
            Self::FriendRota => Preset::JustRota.categories(),
            _ => CategorySet::EMPTY,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Carer => "carer",
            Self::CarerNothing => "carer-nothing",
            Self::FriendRota => "friend-rota",
            Self::FriendNews => "friend-news",
            Self::FriendPrivate => "friend-private",
            Self::FriendEntry => "friend-entry",
            Self::FriendNothing => "friend-nothing",
            Self::FriendWindow => "friend-window",
            Self::Volunteer => "volunteer-window",
            Self::Invited => "invited",
            Self::Left => "left",
            Self::Elsewhere => "other-circle",
            Self::Coordinator => "coordinator",
            Self::Administrator => "administrator",
            Self::Stranger => "stranger",
            Self::Housemate => "housemate",
            Self::OtherHospice => "other-hospice",
            Self::OtherHospiceHere => "other-hospice-here",
            Self::Nobody => "nobody",
        }
    }

    /// The tiers that this person is tried with.
    pub(crate) const fn tiers(self) -> &'static [Sure] {
        use Sure as S;
        match self {
            Self::FriendRota => &[S::Device, S::SignedIn, S::Trusted, S::Fresh],
            Self::Stranger | Self::Elsewhere | Self::OtherHospice => &[S::SignedIn, S::Fresh],
            Self::Housemate | Self::OtherHospiceHere => &[S::Fresh],
            Self::Nobody => &[S::Link],
            _ => &[S::SignedIn, S::Trusted, S::Fresh],
        }
    }
}

/// How sure the browser is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sure {
    /// Nothing but what a mail holds.
    Link,
    /// A device that was trusted, on which nobody is signed in.
    Device,
    SignedIn,
    Trusted,
    Fresh,
}

impl Sure {
    const fn word(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Device => "device",
            Self::SignedIn => "signed-in",
            Self::Trusted => "trusted",
            Self::Fresh => "fresh",
        }
    }
}

/// One browser.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) who: Who,
    pub(crate) sure: Sure,
    /// Host name that the browser asks.
    pub(crate) host: &'static str,
    /// The `Cookie` header.
    pub(crate) cookies: String,
    /// The device's enrolment, if it is trusted.
    pub(crate) enrolment: Option<EnrolmentId>,
}

impl Visitor {
    /// `friend-rota/trusted`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.who.word(), self.sure.word())
    }

    /// Whether this browser asks as itself: it has a session that lives.
    pub(crate) const fn is_signed_in(&self) -> bool {
        matches!(self.sure, Sure::SignedIn | Sure::Trusted | Sure::Fresh)
    }

    pub(crate) const fn standing(&self) -> &'static str {
        self.who.word()
    }
}
