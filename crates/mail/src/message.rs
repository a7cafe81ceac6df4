//! What a mail may say.

use core::fmt;

use jiff::civil::Date;
use kith_domain::{PersonName, ReminderKind, Told};

use crate::link::Link;

mod parts;

pub use parts::{
    DigestItem, Figures, Gap, Lacks, NamedAs, NatureName, NatureNameError, QuietAbout, SlotTimes,
};

/// A mail. Its fields are all that it may say; each mail holds one link.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Somebody asked for this person's help.
    Invitation {
        /// The inviter's first name, only if she says so.
        inviter: Option<PersonName>,
        /// The circle that it is about.
        circle: NatureName,
        /// To the invitation.
        link: Link,
    },
    /// A code to sign in with.
    SignInCode {
        /// Six digits.
        code: String,
        /// Does the same as typing the code.
        link: Link,
    },
    /// A code that proves that this person reads mail here.
    AddressCode {
        /// Six digits.
        code: String,
        /// To where it is typed.
        link: Link,
    },
    /// To the old address: mails go to another one now.
    AddressChanged {
        /// The organisation's own number, to ring.
        phone: String,
        /// To whom else to ring.
        link: Link,
    },
    /// What this person has just promised.
    Promised {
        /// Kind and time.
        slot: SlotTimes,
        /// The circle that it is for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// What this person has just promised in one go.
    SeveralPromised {
        /// In the order of their time; two at least.
        items: Vec<DigestItem>,
        /// To the own rota.
        link: Link,
    },
    /// One's own slot comes near.
    Reminder {
        /// Kind and time.
        slot: SlotTimes,
        /// The circle that it is for.
        circle: NatureName,
        /// How near it is.
        at: ReminderKind,
        /// Somebody has to come, and one has not said "I'll be there".
        asks: bool,
        /// To the slot.
        link: Link,
    },
    /// A slot needs somebody.
    SomebodyNeeded {
        /// Kind and time.
        slot: SlotTimes,
        /// Others that need somebody too: one asks once a day.
        more: Vec<SlotTimes>,
        /// The circle that it is for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// One's own slot was moved.
    Changed {
        /// Kind and time before.
        old: SlotTimes,
        /// Kind and time now.
        new: SlotTimes,
        /// The circle that it is for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// Whether what this person promised may be at another time. It stays until they say yes.
    MoveAsked {
        /// Kind and time as it is, and as it would be, in order; one at least.
        moves: Vec<(SlotTimes, SlotTimes)>,
        /// The circle that it is for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// One's own slot is not needed any more.
    Cancelled {
        /// Kind and time.
        slot: SlotTimes,
        /// The circle that it was for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// One's own slot must not be missed, and one has not said "I'll be there".
    PleaseConfirm {
        /// Kind and time.
        slot: SlotTimes,
        /// The circle that it is for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// To the carer: nothing was heard of whoever has this slot.
    NoWord {
        /// Kind and time.
        slot: SlotTimes,
        /// Somebody who promised it gets no e-mails: the carer can say for them that they will be there.
        for_them: bool,
        /// The circle that it is for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// To whoever is in charge: nobody has taken this yet.
    NobodyYet {
        /// In the order of their time; one at least.
        gaps: Vec<Gap>,
        /// The circle that it is for.
        circle: NatureName,
        /// To the first of them.
        link: Link,
    },
    /// Somebody else does what this person had promised and asked cover for: no need to go.
    CoverFound {
        /// Kind and time.
        slot: SlotTimes,
        /// The circle that it is for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// What this person promised for today and tomorrow.
    Digest {
        /// In the order of their time; one at least.
        items: Vec<DigestItem>,
        /// To the own rota.
        link: Link,
    },
    /// What this person promised for a week.
    WeekAhead {
        /// Its Monday.
        monday: Date,
        /// In the order of their time; one at least.
        items: Vec<DigestItem>,
        /// To the own rota.
        link: Link,
    },
    /// To a coordinator: there is something new in the private notes.
    Concern {
        /// To the notes.
        link: Link,
    },
    /// To a coordinator: what nobody has taken and must not be missed. The carers were told before.
    Uncovered {
        /// In the order of their time; one at least.
        items: Vec<DigestItem>,
        /// To the hospice's page.
        link: Link,
    },
    /// To whoever runs the service, once a day.
    Figures {
        /// How it is.
        figures: Figures,
        /// To how it is now.
        link: Link,
    },
    /// To the carer: whoever has this slot asks for somebody else.
    CoverWanted {
        /// Kind and time.
        slot: SlotTimes,
        /// The circle that it is for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// To one person, about a slot.
    Told {
        /// What there is to say.
        what: Told,
        /// Kind and time.
        slot: SlotTimes,
        /// The circle that it is for.
        circle: NatureName,
        /// To the slot.
        link: Link,
    },
    /// The circle is paused: no need to go to what this person promised in it.
    Paused {
        /// In the order of their time; one at least.
        slots: Vec<SlotTimes>,
        /// How many more there are.
        more: usize,
        /// The circle.
        circle: NatureName,
        /// To the first slot.
        link: Link,
    },
    /// The circle goes on, and what this person promised stands.
    GoesOn {
        /// In the order of their time; one at least.
        slots: Vec<SlotTimes>,
        /// How many more there are.
        more: usize,
        /// The circle.
        circle: NatureName,
        /// To the first slot.
        link: Link,
    },
    /// This person was named.
    Named {
        /// What that brought.
        how: NamedAs,
        /// The circle.
        circle: NatureName,
        /// To the circle.
        link: Link,
    },
    /// To the carer: somebody asks to join the circle.
    AsksToJoin {
        /// The circle.
        circle: NatureName,
        /// To those who ask.
        link: Link,
    },
    /// In place of any mail about a slot, for a circle that wants quiet mail: the day and no more.
    Quiet {
        /// What it is about.
        about: QuietAbout,
        /// The day, in the circle's time zone.
        day: Date,
        /// To the slot.
        link: Link,
    },
}

/// The first line that people see. There are eleven, and only a day is ever put into one: with its date,
/// for a weekday alone would be taken for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A code.
    Code,
    /// Where mails go.
    Address,
    /// An invitation.
    Invited,
    /// Something about a circle and no day: having been named, somebody who asks to join.
    Circle,
    /// Something on this day.
    Something(Date),
    /// A question about this day.
    Question(Date),
    /// A change on this day.
    Change(Date),
    /// Something on this day that needs whoever is in charge.
    PleaseLook(Date),
    /// The coming week.
    Week,
    /// Something for staff to read.
    ToRead,
    /// To whoever runs the service.
    Service,
}

impl Message {
    /// Its subject.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Invitation { .. } => Subject::Invited,
            Self::SignInCode { .. } | Self::AddressCode { .. } => Subject::Code,
            Self::AddressChanged { .. } => Subject::Address,
            Self::Named { .. } | Self::AsksToJoin { .. } => Subject::Circle,
            Self::Promised { slot, .. }
            | Self::Reminder { slot, .. }
            | Self::PleaseConfirm { slot, .. } => Subject::Something(slot.starts.date()),
            Self::NoWord { slot, .. } => Subject::PleaseLook(slot.starts.date()),
            Self::NobodyYet { gaps, .. } => Subject::PleaseLook(
                gaps.first().map_or(Date::default(), |gap| gap.slot.starts.date()),
            ),
            Self::SomebodyNeeded { slot, .. } => Subject::Question(slot.starts.date()),
            Self::Told { what: Told::SwapOffered, slot, .. } => {
                Subject::Question(slot.starts.date())
            }
            // The day that the person has in mind is the one before the change.
            Self::Changed { old: slot, .. }
            | Self::Cancelled { slot, .. }
            | Self::CoverFound { slot, .. }
            | Self::Told { slot, .. }
            | Self::CoverWanted { slot, .. } => Subject::Change(slot.starts.date()),
            Self::Paused { slots, .. } | Self::GoesOn { slots, .. } => {
                Subject::Change(slots.first().map_or(Date::default(), |slot| slot.starts.date()))
            }
            Self::MoveAsked { moves, .. } => Subject::Question(
                moves.first().map_or(Date::default(), |(old, _)| old.starts.date()),
            ),
            Self::Digest { items, .. } | Self::SeveralPromised { items, .. } => {
                Subject::Something(items.first().map_or(Date::default(), DigestItem::date))
            }
            Self::Uncovered { items, .. } => {
                Subject::PleaseLook(items.first().map_or(Date::default(), DigestItem::date))
            }
            Self::WeekAhead { .. } => Subject::Week,
            Self::Concern { .. } => Subject::ToRead,
            Self::Figures { .. } => Subject::Service,
            Self::Quiet { about, day, .. } => match about {
                QuietAbout::Something => Subject::Something(*day),
                QuietAbout::Change => Subject::Change(*day),
                QuietAbout::Question => Subject::Question(*day),
                QuietAbout::PleaseLook => Subject::PleaseLook(*day),
            },
        }
    }

    /// Its one link.
    pub const fn link(&self) -> &Link {
        match self {
            Self::Invitation { link, .. }
            | Self::SignInCode { link, .. }
            | Self::AddressCode { link, .. }
            | Self::AddressChanged { link, .. }
            | Self::Promised { link, .. }
            | Self::SeveralPromised { link, .. }
            | Self::Reminder { link, .. }
            | Self::SomebodyNeeded { link, .. }
            | Self::Changed { link, .. }
            | Self::MoveAsked { link, .. }
            | Self::Cancelled { link, .. }
            | Self::CoverFound { link, .. }
            | Self::PleaseConfirm { link, .. }
            | Self::NoWord { link, .. }
            | Self::NobodyYet { link, .. }
            | Self::Digest { link, .. }
            | Self::WeekAhead { link, .. }
            | Self::Concern { link }
            | Self::Uncovered { link, .. }
            | Self::Figures { link, .. }
            | Self::CoverWanted { link, .. }
            | Self::Told { link, .. }
            | Self::Paused { link, .. }
            | Self::GoesOn { link, .. }
            | Self::Named { link, .. }
            | Self::AsksToJoin { link, .. }
            | Self::Quiet { link, .. } => link,
        }
    }

    /// Whether it can be unsubscribed from. A code was just asked for, and is needed; where mails go
    /// must be known, and by its links whoever reads the old mailbox changes nothing; the figures are
    /// asked for in the configuration.
    pub const fn has_unsubscribe(&self) -> bool {
        !matches!(
            self,
            Self::SignInCode { .. }
                | Self::AddressCode { .. }
                | Self::AddressChanged { .. }
                | Self::Figures { .. }
        )
    }

    /// The word for it in logs and counters.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::SignInCode { .. } => "sign_in_code",
            Self::AddressCode { .. } => "address_code",
            Self::AddressChanged { .. } => "address_changed",
            Self::Promised { .. } => "promised",
            Self::SeveralPromised { .. } => "several_promised",
            Self::Reminder { .. } => "reminder",
            Self::SomebodyNeeded { .. } => "somebody_needed",
            Self::Changed { .. } => "changed",
            Self::MoveAsked { .. } => "move_asked",
            Self::Cancelled { .. } => "cancelled",
            Self::CoverFound { .. } => "cover_found",
            Self::PleaseConfirm { .. } => "please_confirm",
            Self::NoWord { .. } => "no_word",
            Self::NobodyYet { .. } => "nobody_yet",
            Self::Digest { .. } => "digest",
            Self::WeekAhead { .. } => "week_ahead",
            Self::Concern { .. } => "concern",
            Self::Uncovered { .. } => "uncovered",
            Self::Figures { .. } => "figures",
            Self::CoverWanted { .. } => "cover_wanted",
            Self::Told { .. } => "told",
            Self::Paused { .. } => "paused",
            Self::GoesOn { .. } => "goes_on",
            Self::Named { .. } => "named",
            Self::AsksToJoin { .. } => "asks_to_join",
            Self::Quiet { .. } => "quiet",
        }
    }
}

impl fmt::Debug for Message {
    /// The kind of mail alone: codes and names stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.as_str())
    }
}
