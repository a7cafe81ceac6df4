//! Ids: one type per thing, all random (UUID version 4), because a time-ordered id would say when
//! somebody became a patient.

use uuid::Uuid;

/// Source of new ids. The binary passes randomness, tests may pass a seeded source.
pub trait Ids: Send + Sync + 'static {
    /// A fresh random UUID, version 4.
    fn next(&self) -> Uuid;
}

macro_rules! id {
    ($( $(#[$meta:meta])* $name:ident ),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id from `ids`.
            pub fn new(ids: &(impl Ids + ?Sized)) -> Self {
                Self(ids.next())
            }

            /// Wraps an id that came from the database or from a path.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+ };
}

id! {
    /// A hospice or community hub.
    OrganisationId,
    /// Somebody known to one organisation.
    PersonId,
    /// One patient and the people named around them.
    CircleId,
    /// One person's place in one circle.
    MembershipId,
    /// The patient's decision that one member may see one category.
    GrantId,
    /// What is asked, once or repeating.
    TaskId,
    /// One dated occurrence of a task.
    SlotId,
    /// One person's promise to do one slot.
    ClaimId,
    /// A worry that was told to the organisation.
    ConcernId,
    /// A swap that was offered to somebody by name.
    SwapId,
    /// Another time for a promised slot, which those who promised are asked about.
    ProposedMoveId,
    /// A time for which somebody is away.
    AbsenceId,
    /// A promise to do a task each time that it comes.
    StandingPromiseId,
    /// One version of one sealed text.
    ContentId,
    /// A browser that holds a device secret.
    DeviceId,
    /// One device trusted for one person in one circle or organisation.
    EnrolmentId,
    /// One signed-in visit of one person on one device.
    SessionId,
    /// One way in that was handed out: invitation, card, tablet, further device.
    WelcomeId,
    /// A link that a carer sends by her own phone, by which friends ask to join.
    ShareLinkId,
    /// One asking to join a circle.
    JoinRequestId,
    /// One asking for a sign-in code.
    SignInId,
    /// One asking to be written to at another address.
    AddressChangeId,
    /// One mail in the outbox.
    MailId,
    /// One person's calendar under a secret address.
    FeedId,
    /// One recorded decision of the policy.
    DecisionId,
}
