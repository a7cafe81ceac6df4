//! Mails as rows: their kinds, their states, when to try again, and why one was not sent.

use crate::access::CircleState;
use crate::words::words;

words! {
    /// What a mail is about.
    pub enum MailKind {
        /// Somebody asks for this person's help.
        Invitation = "invitation",
        /// A sign-in code; minted at hand-over and again on every retry.
        SignInCode = "sign_in_code",
        /// To a new address: the code that proves that its person reads mail there; minted at
        /// hand-over and again on every retry.
        AddressCode = "address_code",
        /// To the old address: mails go to another one from now on.
        AddressChanged = "address_changed",
        /// What one has just promised.
        Promised = "promised",
        /// A slot one promised to do.
        Reminder = "reminder",
        /// A slot that still needs somebody.
        SomebodyNeeded = "somebody_needed",
        /// A slot one promised to do has changed.
        Changed = "changed",
        /// Whether a slot one promised to do may be at another time. It stays until one says yes.
        MoveAsked = "move_asked",
        /// A slot one promised to do is cancelled: no need to go.
        Cancelled = "cancelled",
        /// To whoever asked for cover: somebody else does it now, no need to go.
        CoverFound = "cover_found",
        /// What one promised for today and tomorrow, in one mail a day in place of reminders.
        Digest = "digest",
        /// What one promised for the coming week, in one mail on the evening before it.
        WeekAhead = "week_ahead",
        /// A slot that must not be missed, and of which its person has not said "I'll be there".
        PleaseConfirm = "please_confirm",
        /// To the carer: nothing was heard of whoever promised such a slot.
        NoWord = "no_word",
        /// To whoever is in charge: nobody has taken this slot yet.
        NobodyYet = "nobody_yet",
        /// To the carer: somebody asked for cover or dropped out.
        CoverWanted = "cover_wanted",
        /// To one person, about a slot: what [`Told`] says.
        Told = "told",
        /// The circle is paused: no need to go, whatever one promised in it.
        Paused = "paused",
        /// The circle goes on, and what one promised stands.
        GoesOn = "goes_on",
        /// To somebody who was named for more than before.
        Named = "named",
        /// To the carer: somebody asks to join the circle.
        AsksToJoin = "asks_to_join",
        /// To a coordinator: there is something new in the private notes.
        Concern = "concern",
        /// To a coordinator: nobody has taken what must not be missed, and the carer was told.
        Uncovered = "uncovered",
        /// To whoever runs the service, once a day: that it is at work. Its absence is the alarm.
        Figures = "figures",
    }
}

impl MailKind {
    /// Whether a mail of this kind may leave while its circle is in `state`. Looked up again when
    /// the mail is about to be sent.
    pub const fn may_leave(self, state: CircleState) -> bool {
        use CircleState as S;
        match self {
            Self::SignInCode | Self::AddressCode | Self::AddressChanged => true,
            Self::Invitation | Self::Named => {
                matches!(state, S::Forming | S::Active | S::NoCircle)
            }
            // Of several circles, each of which is looked at by itself, or of none.
            Self::Digest | Self::WeekAhead | Self::Concern | Self::Uncovered | Self::Figures => {
                matches!(state, S::NoCircle)
            }
            Self::Promised
            | Self::Reminder
            | Self::SomebodyNeeded
            | Self::PleaseConfirm
            | Self::NoWord
            | Self::NobodyYet
            | Self::MoveAsked
            | Self::CoverWanted
            | Self::GoesOn
            | Self::AsksToJoin => {
                matches!(state, S::Active)
            }
            Self::Paused => matches!(state, S::Paused),
            Self::Changed | Self::Cancelled | Self::CoverFound | Self::Told => {
                matches!(state, S::Active | S::Paused)
            }
        }
    }

    /// Whether it says that something which one promised is not as it was, or may not stay so: it is
    /// sent at night too where the slot is near.
    pub const fn is_change(self) -> bool {
        matches!(
            self,
            Self::Changed
                | Self::MoveAsked
                | Self::Cancelled
                | Self::CoverFound
                | Self::Paused
                | Self::GoesOn
                | Self::Told
        )
    }

    /// Whether the first of these mails to one person, about one circle or as staff, says what others
    /// that are due would say.
    pub const fn says_several(self) -> bool {
        matches!(self, Self::SomebodyNeeded | Self::Promised | Self::NobodyYet | Self::Uncovered)
    }

    /// Whether it must name no way out: a code is asked for and is no subscription, and whose mails go
    /// to another address hears of it.
    pub const fn is_security(self) -> bool {
        matches!(self, Self::SignInCode | Self::AddressCode | Self::AddressChanged)
    }
}

words! {
    /// What one person is told about a slot.
    pub enum Told {
        /// To whoever is asked by name: would you take this?
        SwapOffered = "swap_offered",
        /// To whoever offered the swap: the other said yes.
        SwapDone = "swap_done",
        /// To whoever offered the swap: it did not work out.
        SwapDeclined = "swap_declined",
        /// To the carers: whoever has the slot is on the way, and late.
        RunningLate = "running_late",
        /// To whoever asked for another time: everybody said yes, and it has moved.
        MoveAgreed = "move_agreed",
        /// To whoever asked for another time: somebody said no, and it stays.
        MoveDeclined = "move_declined",
        /// To those who were asked about another time: nobody asks any more, and it stays.
        MoveStays = "move_stays",
        /// To whoever said no to another time: it has moved without them. No need to go.
        Freed = "freed",
        /// To whoever promised each time: it comes at other times now, and no more is promised.
        StandingEnded = "standing_ended",
        /// To whoever promised each time: a date that was off the rota comes after all, and is theirs.
        ComesAfterAll = "comes_after_all",
        /// To those who were told that cover is wanted: somebody does it.
        Covered = "covered",
        /// To whoever is in charge: somebody else does what a member whom no e-mail reaches had
        /// promised, and wanted cover for. Tell them.
        CoveredTellThem = "covered_tell_them",
        /// To whoever is in charge: the hospice has noted that somebody comes.
        HospiceComing = "hospice_coming",
        /// To whoever is in charge: the hospice has noted that nobody can come.
        HospiceNobody = "hospice_nobody",
    }
}

words! {
    /// State of a mail.
    pub enum MailState {
        /// Waits for its time.
        Planned = "planned",
        /// Held by a worker until its lease ends. Nothing to do with a person's claim on a slot.
        Claimed = "claimed",
        /// Committed before it is handed to the relay; after a crash it may or may not have left.
        Sending = "sending",
        /// The relay took it.
        Sent = "sent",
        /// Waits to be tried again.
        Retry = "retry",
        /// Could not be sent; a person is told.
        Failed = "failed",
        /// No longer wanted.
        Cancelled = "cancelled",
        /// Would have come too late; a person is told.
        Expired = "expired",
    }
}

impl MailState {
    /// Whether we do nothing with it any more. One that was sent may still come back.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Sent | Self::Failed | Self::Cancelled | Self::Expired)
    }

    /// Whether a mail in this state may come to `next`.
    ///
    /// What is being sent cannot be cancelled, because the relay may have it: it is first counted
    /// as ambiguous and comes to `retry`.
    pub const fn may_become(self, next: Self) -> bool {
        use MailState as S;
        match self {
            S::Planned | S::Retry => {
                matches!(next, S::Claimed | S::Cancelled | S::Expired)
            }
            S::Claimed => matches!(
                next,
                S::Planned | S::Retry | S::Sending | S::Failed | S::Cancelled | S::Expired
            ),
            S::Sending => matches!(next, S::Sent | S::Retry | S::Failed | S::Expired),
            S::Sent => matches!(next, S::Failed),
            S::Failed | S::Cancelled | S::Expired => false,
        }
    }
}

words! {
    /// Why a mail ended without being sent.
    pub enum MailReason {
        /// The person no longer has the slot.
        ClaimDropped = "claim_dropped",
        /// The person is no longer in the circle.
        MembershipEnded = "membership_ended",
        /// The person no longer wants mails, or of this kind.
        ConsentWithdrawn = "consent_withdrawn",
        /// The circle is paused, frozen or closed.
        CircleNotActive = "circle_not_active",
        /// The slot was cancelled.
        SlotCancelled = "slot_cancelled",
        /// Somebody has taken the slot.
        SlotCovered = "slot_covered",
        /// The invitation was answered or taken back.
        Answered = "answered",
        /// A newer mail says it better.
        Superseded = "superseded",
        /// There is no address to send it to.
        NoAddress = "no_address",
        /// Nobody has shown yet that the person reads mail at the address.
        NotProved = "not_proved",
        /// Nobody is known at the address for which a code was asked.
        NobodyThere = "nobody_there",
        /// It would no longer be of use.
        TooLate = "too_late",
        /// It was due before an old copy of the database was put in place, and may have been sent.
        Restored = "restored",
        /// The mail server took it and said later that it could not deliver it.
        Bounced = "bounced",
        /// The mail server refused this recipient.
        RefusedByServer = "refused_by_server",
        /// It could not be written: what it needs cannot be opened.
        CannotBeWritten = "cannot_be_written",
    }
}

impl MailReason {
    /// The state in which such a mail ends.
    pub const fn ends_in(self) -> MailState {
        match self {
            Self::ClaimDropped
            | Self::MembershipEnded
            | Self::ConsentWithdrawn
            | Self::CircleNotActive
            | Self::SlotCancelled
            | Self::SlotCovered
            | Self::Answered
            | Self::NobodyThere
            | Self::Superseded => MailState::Cancelled,
            Self::TooLate | Self::Restored => MailState::Expired,
            Self::NoAddress
            | Self::NotProved
            | Self::Bounced
            | Self::RefusedByServer
            | Self::CannotBeWritten => MailState::Failed,
        }
    }
}

/// Minutes to wait after the first, second, ... attempt; the last counts for all that follow,
/// until the mail is no longer useful.
pub const RETRY_MINUTES: [u32; 7] = [1, 2, 5, 10, 20, 30, 60];

/// Most that a wait is lengthened or shortened by, in percent.
pub const RETRY_JITTER_PERCENT: i8 = 20;

/// Seconds to wait after `attempts` failed attempts (1 or more), with `jitter_percent` of it added
/// (-20 to 20, beyond is cut off). The caller brings the randomness.
pub fn retry_after_seconds(attempts: u32, jitter_percent: i8) -> i64 {
    let last = RETRY_MINUTES.len() - 1;
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(last).min(last);
    let minutes = i64::from(RETRY_MINUTES.get(index).copied().unwrap_or(60));
    let jitter = i64::from(jitter_percent.clamp(-RETRY_JITTER_PERCENT, RETRY_JITTER_PERCENT));
    minutes * 60 * (100 + jitter) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_final_stays() {
        for from in MailState::ALL {
            for to in MailState::ALL {
                let comes_back = (*from, *to) == (MailState::Sent, MailState::Failed);
                if (from.is_final() && !comes_back) || from == to {
                    assert!(!from.may_become(*to), "{from} to {to}");
                }
            }
            assert!(from.is_final() || MailState::ALL.iter().any(|to| from.may_become(*to)));
        }
    }

    #[test]
    fn only_what_was_being_sent_is_sent() {
        let may_be_sent =
            MailState::ALL.iter().filter(|s| s.may_become(MailState::Sent)).collect::<Vec<_>>();
        assert_eq!(may_be_sent, [&MailState::Sending]);
        let may_be_sending =
            MailState::ALL.iter().filter(|s| s.may_become(MailState::Sending)).collect::<Vec<_>>();
        assert_eq!(may_be_sending, [&MailState::Claimed]);
        assert!(!MailState::Sending.may_become(MailState::Cancelled));
    }

    #[test]
    fn every_reason_ends_a_mail_without_sending_it() {
        for reason in MailReason::ALL {
            assert!(reason.ends_in().is_final(), "{reason}");
            assert_ne!(reason.ends_in(), MailState::Sent);
            assert!(MailState::Claimed.may_become(reason.ends_in()), "{reason}");
        }
    }

    #[test]
    fn waits_grow_and_stay_at_an_hour() {
        let minutes: Vec<_> = (1..=9).map(|n| retry_after_seconds(n, 0) / 60).collect();
        assert_eq!(minutes, [1, 2, 5, 10, 20, 30, 60, 60, 60]);
        assert_eq!(retry_after_seconds(0, 0), 60);
        assert_eq!(retry_after_seconds(u32::MAX, 0), 3_600);
        assert_eq!(retry_after_seconds(1, 20), 72);
        assert_eq!(retry_after_seconds(1, -20), 48);
        assert_eq!(retry_after_seconds(1, 127), 72);
    }

    #[test]
    fn a_closed_circle_sends_nothing_but_codes() {
        use CircleState as S;
        for state in [S::Frozen, S::Restricted, S::Ending, S::Remembering, S::Erased] {
            for kind in MailKind::ALL {
                assert_eq!(kind.may_leave(state), kind.is_security(), "{kind} in {state}");
            }
        }
        for kind in MailKind::ALL {
            use MailKind as K;
            let of_several = [K::Digest, K::WeekAhead, K::Concern, K::Uncovered, K::Figures];
            let while_it_asks = !of_several.contains(kind) && *kind != K::Paused;
            assert_eq!(kind.may_leave(S::Active), while_it_asks, "{kind}");
        }
        assert!(!MailKind::Reminder.may_leave(S::Paused));
        assert!(MailKind::Cancelled.may_leave(S::Paused));
        assert!(MailKind::Paused.may_leave(S::Paused) && !MailKind::GoesOn.may_leave(S::Paused));
    }
}
